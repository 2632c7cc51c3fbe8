/* Exporters that the engine itself does not reach: which, and of which nodes. */
#ifndef PLUGINS_PROMQL_GONE_H
#define PLUGINS_PROMQL_GONE_H

#include "plugins/promql/choose.h"

static struct gone *gone_called(const struct promql *p, struct slice instance)
{
    for (size_t i = 0; i < p->gone_count; i++)
        if (same(instance, p->gone[i].instance))
            return &p->gone[i];
    return NULL;
}

static void note_gone(struct promql *p, struct slice instance)
{
    struct gone *g = gone_called(p, instance);

    if (!p->gone)
        p->gone = calloc(MOST_KEPT_GONE, sizeof(*p->gone));
    if (!p->gone)
        abort();
    if (!g && p->gone_count < MOST_KEPT_GONE && instance.len < sizeof(g->instance)) {
        g = &p->gone[p->gone_count++];
        *g = (struct gone){ .asked = false };
        memcpy(g->instance, instance.text, instance.len);
    }
    if (g)
        g->seen = true;
}

static bool take_instance(void *arg, const struct sample *labels,
                          const struct point *points, size_t count)
{
    struct talk *t = arg;
    struct slice name = label(labels, whole("instance"));

    (void)points;
    (void)count;
    if (!name.len)
        return true;
    note_gone(t->kept, name);
    if (t->gone_count++ < MOST_GONE)
        add_words(t->gone, sizeof(t->gone), "%s%.*s", t->gone[0] ? ", " : "",
                  (int)(name.len < 64 ? name.len : 64), name.text);
    return true;
}

static void forget_who_is_back(struct promql *p)
{
    size_t left = 0;

    for (size_t i = 0; i < p->gone_count; i++) {
        if (!p->gone[i].seen)
            continue;
        p->gone[left] = p->gone[i];
        p->gone[left++].seen = false;
    }
    p->gone_count = left;
}

/* ": 10.1.2.3:9400, 10.1.2.4:9400 and 5 more" in t->gone; "" where the engine does not
 * say. */
static int ask_who_is_gone(struct talk *t, double down)
{
    char *url = made_query(t, POWERS, "up == 0 and on (job) $m");
    int result;

    if (!url)
        return GW_DONE;
    t->asked = NULL;
    result = ask_engine(t, t->api->print(t->target, "query?query=%s", url),
                        take_instance);
    free(url);
    forget_who_is_back(t->kept);
    if (t->gone[0] && down > MOST_GONE)
        add_words(t->gone, sizeof(t->gone), " and %.0f more", down - MOST_GONE);
    return result;
}

static bool take_node_of(void *arg, const struct sample *labels,
                         const struct point *points, size_t count)
{
    struct talk *t = arg;
    struct gone *g = gone_called(t->kept, label(labels, whole("instance")));
    struct reading r;
    struct slice node;

    (void)points;
    (void)count;
    /* of each series, for the next one may have the same labels */
    read_meanings(labels, &r, &t->recall);
    if (!g)
        return true;
    node = node_name(t, labels, &r);
    if (node.len < sizeof(g->node))
        snprintf(g->node, sizeof(g->node), "%.*s", (int)node.len, node.text);
    return true;
}

/* A name as a regular expression that fits it: what is found is compared as a whole. */
static void put_as_regex(struct text *to, const char *name)
{
    for (; *name; name++)
        put(to, isalnum((unsigned char)*name) || *name == '-' ? name : ".", 1);
}

/* Of one that fell silent the engine remembers for a while what it said of itself; of
 * these alone, for who asks for an hour of all asks for much. */
static int ask_whose_they_are(struct talk *t)
{
    struct promql *p = t->kept;
    char query[MOST_KEPT_GONE * sizeof(p->gone->instance) + 256], *url;
    struct text to = { query, query + sizeof(query), false };
    bool any = false;
    int result;

    put_text(&to, "group by ($node,instance) (last_over_time($m{instance=~\"");
    for (size_t i = 0; i < p->gone_count; i++) {
        if (p->gone[i].asked)
            continue;
        put_text(&to, any ? "|" : "");
        put_as_regex(&to, p->gone[i].instance);
        p->gone[i].asked = any = true;
    }
    put_text(&to, "\"}[1h:1m]))");
    put(&to, "", 1);
    url = any ? made_query(t, POWERS, query) : NULL;
    if (!url)
        return GW_DONE;
    result = ask_engine(t, t->api->print(t->target, "query?query=%s", url), take_node_of);
    free(url);
    return result;
}

static void tell_nodes_of_gone(struct talk *t)
{
    const struct promql *p = t->kept;
    char text[128];

    for (size_t i = 0; i < p->gone_count; i++) {
        if (!p->gone[i].node[0])
            continue;
        snprintf(text, sizeof(text), "its exporter %s does not answer the engine",
                 p->gone[i].instance);
        tell_text(t, named(t, GW_NODE, whole(p->gone[i].node)), NODE_SILENCE,
                  whole(text));
    }
}

static int tell_missing(struct talk *t)
{
    struct promql *p = t->kept;
    double down;

    if (!any_there(t, POWERS))
        return GW_DONE;
    if (ask_number(t, POWERS, "count(up == 0 and on (job) $m)", &down) == GW_FAILED)
        return GW_FAILED;
    if (!(down > 0)) {
        p->gone_count = 0;
        return GW_DONE;
    }
    if (ask_who_is_gone(t, down) == GW_FAILED ||
        (p->detail != BY_RACK && ask_whose_they_are(t) == GW_FAILED))
        return GW_FAILED;
    tell_nodes_of_gone(t);
    t->api->partial(
        t->out, down, "%.0f exporter%s of GPUs do%s not answer the engine (up == 0)%s%s",
        down, down > 1 ? "s" : "", down > 1 ? "" : "es", t->gone[0] ? ": " : "", t->gone);
    return GW_DONE;
}

#endif
