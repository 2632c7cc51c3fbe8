/* Which families the engine has, and the text of queries on them. */
#ifndef PLUGINS_PROMQL_QUERIES_H
#define PLUGINS_PROMQL_QUERIES_H

#include "plugins/promql/talk.h"

/* ---- families ---- */

static int compare_slices(const void *left, const void *right)
{
    const struct slice *a = left, *b = right;
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static bool has_family(struct promql *p, struct slice name)
{
    const struct slice *found = bsearch(&name, p->families, p->family_count, sizeof(name),
                                        compare_slices);

    return found && p->has[found - p->families];
}

static void add_family(struct promql *p, struct slice name)
{
    for (size_t i = 0; i < p->family_count; i++)
        if (equal(p->families[i], name))
            return;
    if (p->family_count < MOST_FAMILIES)
        p->families[p->family_count++] = name;
}

static void add_families(struct promql *p)
{
    for (const struct question *q = questions; q->set; q++)
        for (const char *list = q->needs;;) {
            struct slice name = next_word(&list);

            if (!name.len)
                break;
            add_family(p, name);
        }
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        add_family(p, (struct slice){ families[i].name, strlen(families[i].name) });
    qsort(p->families, p->family_count, sizeof(*p->families), compare_slices);
}

static void note_family(void *arg, struct slice name)
{
    struct promql *p = arg;
    const struct slice *found = bsearch(&name, p->families, p->family_count, sizeof(name),
                                        compare_slices);

    if (found)
        p->has[found - p->families] = true;
    p->dps += !found && name.len > 4 &&
              (memcmp(name.text, "dps_", 4) == 0 || memcmp(name.text, "prs_", 4) == 0);
}

static bool any_there(const struct talk *t, const char *needs)
{
    for (;;) {
        struct slice name = next_word(&needs);

        if (!name.len)
            return false;
        if (has_family(t->kept, name))
            return true;
    }
}

/* ---- queries ---- */

struct text {
    char *at, *end;             /* room is left for the final zero */
    bool full;
};

static void put(struct text *to, const char *text, size_t len)
{
    if ((size_t)(to->end - to->at) <= len) {
        to->full = true;
        return;
    }
    memcpy(to->at, text, len);
    to->at += len;
    *to->at = '\0';
}

static void put_text(struct text *to, const char *text)
{
    put(to, text, strlen(text));
}

#define NODES "hostname,Hostname,exported_hostname,kubernetes_node,node,exported_node"
#define TENANTS "namespace,pod_namespace,exported_namespace,pod,pod_name,exported_pod"
#define SPACES "namespace,pod_namespace,exported_namespace"

/* Labels of one meaning have had several names; those that a series lacks do no harm in
 * `by`. */
static const struct {
    const char *name, *text, *option;
} placeholders[] = {
    { "$gpu", NODES ",gpu,index,gpu_index,UUID,uuid,gpu_uuid", "node_label" },
    { "$node", NODES, "node_label" },
    { "$holder", TENANTS ",hpc_job", NULL },
    { "$tenant", SPACES, NULL },
    { "$model", "model_name,model," SPACES, NULL },
    { "$rack", "", "rack_label" },
    { "$place", "", "rack_label" }, /* and what it is a part of */
    { "$device", "", "dps_label" },
    { "$match", "", "match" },
};

static void put_expanded(const struct talk *t, struct text *to, const char *needs,
                         const char *query, size_t len);

/* LABEL="VALUE", as PromQL quotes. */
static void put_equal(struct text *to, struct slice name, const char *value)
{
    put(to, name.text, name.len);
    put_text(to, "=\"");
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            put_text(to, "\\");
        put(to, *value == '\n' ? " " : value, 1);
    }
    put_text(to, "\"");
}

/* NAME{MATCHERS}, with what the option `match` adds; `only`: a label that must be that of
 * what is looked into. */
static void put_selector(const struct talk *t, struct text *to, struct slice name,
                         struct slice matchers, struct slice only)
{
    const char *match = option(t, "match");

    put(to, name.text, name.len);
    if (!matchers.len && !*match && !only.len)
        return;
    put_text(to, "{");
    put_expanded(t, to, "", matchers.text, matchers.len);
    put_text(to, matchers.len && *match ? "," : "");
    put_text(to, match);
    if (only.len) {
        put_text(to, matchers.len || *match ? "," : "");
        put_equal(to, only, t->target->opened);
    }
    put_text(to, "}");
}

static struct slice next_label(const char **list)
{
    return next_of(list, ",");
}

/* Of one family all that is wanted; which of the labels names a node is not known, so
 * each may. */
static void put_family(const struct talk *t, struct text *to, struct slice name,
                       struct slice matchers, const char *range)
{
    const char *before = *range ? "rate(" : "", *after = *range ? ")" : "";
    const char *list = NODES;
    struct slice only = { NULL, 0 };

    if (t->closely)
        only = t->target->opened_kind == GW_DOMAIN ? t->rack_label
               : t->node_label.len                 ? t->node_label
                                                   : next_label(&list);
    for (size_t count = 0; !count || only.len; count++) {
        put_text(to, count ? " or " : "");
        put_text(to, before);
        put_selector(t, to, name, matchers, only);
        put_text(to, range);
        put_text(to, after);
        if (!t->closely || t->target->opened_kind == GW_DOMAIN || t->node_label.len)
            break;
        only = next_label(&list);
    }
}

/* Of all that are there: "(A or B)", where each may be a rate. */
static void put_families(const struct talk *t, struct text *to, const char *needs,
                         struct slice matchers, bool rate)
{
    char range[40] = "";
    size_t count = 0;

    if (rate)
        snprintf(range, sizeof(range), "[%s]", t->window);
    put_text(to, "(");
    for (;;) {
        struct slice name = next_word(&needs);

        if (!name.len)
            break;
        if (!has_family(t->kept, name))
            continue;
        put_text(to, count++ ? " or " : "");
        put_family(t, to, name, matchers, range);
    }
    put_text(to, ")");
}

/* What a rack may be a part of, from the smallest. */
static const struct whole {
    const char *type, *option;
} wholes[] = { { "row", "row_label" },
               { "hall", "hall_label" },
               { "feed", "feed_label" } };
enum { WHOLES = sizeof(wholes) / sizeof(*wholes) };

static void put_wholes(const struct talk *t, struct text *to, bool follows)
{
    for (size_t i = 0; i < WHOLES; i++)
        if (*option(t, wholes[i].option)) {
            put_text(to, follows ? "," : "");
            put_text(to, option(t, wholes[i].option));
            follows = true;
        }
}

/* "$[ … $]": what is between, with the name of its node as gw_node, whatever label has
 * it; the later outranks, as in meanings[]. */
static void put_bracket(const struct talk *t, struct text *to, bool opens)
{
    const char *list = NODES, *given = option(t, "node_label");

    for (bool last = false; !last;) {
        struct slice name = next_label(&list);

        last = !name.len;
        if (last)
            name = whole(given);
        if (!name.len)
            break;
        put_text(to, opens ? "label_replace(" : ",\"gw_node\",\"$1\",\"");
        if (opens)
            continue;
        put(to, name.text, name.len);
        put_text(to, "\",\"(.+)\")");
    }
}

/* Writes what a $word at `at` stands for; returns behind it, or NULL: it stands for
 * itself. */
static const char *put_word(const struct talk *t, struct text *to, const char *needs,
                            const char *at, const char *end)
{
    struct slice matchers = whole("");

    for (size_t i = 0; i < sizeof(placeholders) / sizeof(*placeholders); i++) {
        size_t len = strlen(placeholders[i].name);
        const char *given = placeholders[i].option ? option(t, placeholders[i].option)
                                                   : "";

        if ((size_t)(end - at) < len || memcmp(at, placeholders[i].name, len) != 0)
            continue;
        put_text(to, placeholders[i].text);
        put_text(to, placeholders[i].text[0] && *given ? "," : "");
        put_text(to, given);
        if (strcmp(placeholders[i].name, "$place") == 0)
            put_wholes(t, to, *given != '\0');
        return at + len;
    }
    if (end - at >= 2 && (at[1] == '[' || at[1] == ']')) {
        put_bracket(t, to, at[1] == '[');
        return at + 2;
    }
    if (end - at >= 2 && at[1] == 'w') {
        put_text(to, t->window);
        return at + 2;
    }
    if (end - at < 2 || (at[1] != 'm' && at[1] != 'r'))
        return NULL;
    if (at + 2 < end && at[2] == '{') {
        const char *close = memchr(at + 2, '}', (size_t)(end - at - 2));

        matchers = (struct slice){ at + 3, (size_t)(close - at - 3) };
        put_families(t, to, needs, matchers, at[1] == 'r');
        return close + 1;
    }
    put_families(t, to, needs, matchers, at[1] == 'r');
    return at + 2;
}

static void put_expanded(const struct talk *t, struct text *to, const char *needs,
                         const char *query, size_t len)
{
    const char *end = query + len;

    while (query < end) {
        const char *dollar = memchr(query, '$', (size_t)(end - query)), *behind;

        put(to, query, (size_t)((dollar ? dollar : end) - query));
        if (!dollar)
            break;
        behind = put_word(t, to, needs, dollar, end);
        if (!behind)
            put(to, dollar, 1);
        query = behind ? behind : dollar + 1;
    }
}

/* As RFC 3986 has it; the caller frees. */
static char *encoded(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *url = calloc(3 * strlen(text) + 1, 1), *to = url;

    if (!url)
        abort();
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (isalnum(c) || strchr("-._~", c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    return url;
}

/* A query as it goes into a URL; NULL: it would be too long. The caller frees. */
static char *made_query(const struct talk *t, const char *needs, const char *query)
{
    char *room = malloc(QUERY_ROOM), *url;
    struct text to = { room, room + QUERY_ROOM, false };

    if (!room)
        abort();
    *room = '\0';
    put_expanded(t, &to, needs, query, strlen(query));
    url = to.full ? NULL : encoded(room);
    free(room);
    return url;
}

#endif
