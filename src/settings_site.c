/* The site as declared: domains, racks and nodes, by name or range, and who feeds whom.
 * All is collected first and becomes the roster at the end, wholes before their parts,
 * which also finds what feeds itself. */
#include "settings_yaml.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEEDS = 2 };

/* One thing of the roster. */
struct declared {
    const char *name;
    enum gw_kind kind;
    const char *type;
    const char *feeds[FEEDS];   /* names; NULL: none */
    const char *place;          /* of its declaration, */
    const char *feeds_place;    /* and of its feeds */
    struct cap cap;             /* of a domain; value NAN: none */
    double cap_w;               /* of a node */
    unsigned gpus;              /* of a node */
    enum { UNSEEN, OPEN, DONE, BAD } visit;
    uint32_t entity;            /* in the roster, once DONE */
};

struct declarations {
    struct declared *all;
    size_t count, room;
    struct declared **sorted;   /* by kind and name, once everything is read */
    bool lacks_names;           /* some could not be read: who feeds is not known */
};

/* A list of names made from a pattern. */
struct names {
    struct reading *r;
    const char **all;
    size_t count, room;
};

/* What a declaration says, before its range is unrolled. */
struct entry {
    const char *type;
    struct names feeds[FEEDS];
    const yaml_node_t *feeds_at;
    struct cap cap;
    double cap_w, gpus;
};

static struct declarations *declarations(struct reading *r)
{
    if (!r->declarations)
        r->declarations = arena_alloc(r->settings->arena, sizeof(struct declarations));
    return r->declarations;
}

static void add_name(void *arg, const char *name)
{
    struct names *names = arg;

    names->all = xgrow(names->all, &names->room, names->count + 1, sizeof(*names->all));
    names->all[names->count++] = arena_strdup(names->r->settings->arena, name);
}

/* Names go into commands, queries and files: what could be taken for something else is
 * refused. */
static bool is_plain_name(const char *name)
{
    if (!*name || *name == '-' || strlen(name) > 255)
        return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("\"'\\,()=<>!~\x7f", *c))
            return false;
    return true;
}

/* As it will be in the model: letters with their marks may be written in two ways, and
 * are one name. */
static const char *cleaned(struct reading *r, const char *name)
{
    char clean[3 * 255 + 4]; /* a bad byte becomes three */

    text_clean(clean, sizeof(clean), name, strlen(name));
    return arena_strdup(r->settings->arena, clean);
}

static int expand(struct reading *r, const yaml_node_t *at, struct names *names)
{
    const char *pattern = reading_scalar(r, at, "a name or range");
    char why[128];

    if (!pattern)
        return -1;
    names->r = r;
    if (text_expand(pattern, add_name, names, why) < 0)
        return reading_fail(r, at, "%s", why);
    for (size_t i = 0; i < names->count; i++) {
        if (is_plain_name(names->all[i]))
            names->all[i] = cleaned(r, names->all[i]);
        else
            return reading_fail(r, at, "a name must not be empty, start with \"-\" or hold "
                                       "blanks, quotes or any of \\,()=<>!~");
    }
    return 0;
}

/* ---- the keys of a declaration ---- */

static int read_type(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const char *const types[] = { "feed", "switchboard", "ups",  "busway", "pdu",
                                         "hall", "row",         "rack", NULL };
    struct entry *e = arg;

    e->type = reading_scalar(r, value, "a type of domain");
    return e->type ? reading_choice(r, value, "type", e->type, types) : -1;
}

static int read_feeds(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;
    const yaml_node_item_t *item;
    int count = 0;

    e->feeds_at = value;
    if (value->type == YAML_SCALAR_NODE)
        return expand(r, value, &e->feeds[0]);
    if (value->type != YAML_SEQUENCE_NODE)
        return reading_fail(r, value, "expected a name or a list of two names");
    for (item = value->data.sequence.items.start; item < value->data.sequence.items.top;
         item++) {
        if (count == FEEDS)
            return reading_fail(r, value, "at most two feeds are understood");
        if (expand(r, reading_node(r, *item), &e->feeds[count++]) != 0)
            return -1;
    }
    return 0;
}

static int read_cap(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_cap(r, value, &((struct entry *)arg)->cap);
}

static int read_node_cap(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_W, 1, 2e5, &((struct entry *)arg)->cap_w);
}

static int read_gpus(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_NONE, 0, 1024, &((struct entry *)arg)->gpus);
}

static const struct key domain_keys[] = {
    { "type", read_type }, { "fed_by", read_feeds }, { "cap", read_cap }, { 0 },
};
static const struct key rack_keys[] = {
    { "fed_by", read_feeds }, { "cap", read_cap }, { 0 },
};
static const struct key node_keys[] = {
    { "rack", read_feeds }, { "gpus", read_gpus }, { "cap", read_node_cap }, { 0 },
};

/* ---- unrolling ---- */

/* Which of `feeds` feeds the i-th of `count`: they are spread in order, evenly. */
static const char *feed_of(const struct names *feeds, size_t i, size_t count)
{
    return feeds->count ? feeds->all[i / (count / feeds->count)] : NULL;
}

static bool spreads(const struct names *feeds, size_t count)
{
    return feeds->count == 0 || (feeds->count <= count && count % feeds->count == 0);
}

static int check_spread(struct reading *r, const struct entry *e, size_t count)
{
    for (int f = 0; f < FEEDS; f++)
        if (!spreads(&e->feeds[f], count))
            return reading_fail(r, e->feeds_at,
                                "%zu names cannot be spread evenly over %zu", count,
                                e->feeds[f].count);
    return 0;
}

static void declare(struct reading *r, enum gw_kind kind, const struct names *names,
                    const struct entry *e, const char *place)
{
    struct declarations *d = declarations(r);
    const char *feeds_place = e->feeds_at ? reading_place(r, e->feeds_at) : place;

    for (size_t i = 0; i < names->count; i++) {
        struct declared *one;

        d->all = xgrow(d->all, &d->room, d->count + 1, sizeof(*d->all));
        one = &d->all[d->count++];
        *one = (struct declared){ .name = names->all[i], .kind = kind, .type = e->type,
                                  .place = place, .feeds_place = feeds_place, .cap = e->cap, .cap_w = e->cap_w,
                                  .gpus = (unsigned)e->gpus };
        for (int f = 0; f < FEEDS; f++)
            one->feeds[f] = feed_of(&e->feeds[f], i, names->count);
    }
}

struct section {
    enum gw_kind kind;
    const char *what, *type;
    const struct key *keys;
    const char *name, *example;
};

static void forget_uneven_feeds(struct entry *e, size_t count)
{
    for (int f = 0; f < FEEDS; f++)
        if (!spreads(&e->feeds[f], count))
            e->feeds[f].count = 0;
}

static int read_entry(struct reading *r, const yaml_node_t *name,
                      const yaml_node_t *value, void *arg)
{
    const struct section *section = arg;
    struct entry e = { .type = section->type, .cap.value = NAN, .cap_w = NAN };
    struct names names = { 0 };
    int result = -1;

    if (expand(r, name, &names) != 0) {
        declarations(r)->lacks_names = true;
    } else {
        if (reading_keys(r, value, section->what, section->keys, &e) == 0)
            result = check_spread(r, &e, names.count);
        /* Others may be fed by what has a mistake. */
        forget_uneven_feeds(&e, names.count);
        declare(r, section->kind, &names, &e, reading_place(r, name));
    }
    free(names.all);
    for (int f = 0; f < FEEDS; f++)
        free(e.feeds[f].all);
    return result;
}

static int read_section(struct reading *r, const yaml_node_t *value,
                        struct section *section)
{
    declarations(r)->lacks_names |= value->type != YAML_MAPPING_NODE;
    if (value->type == YAML_SEQUENCE_NODE)
        return reading_fail(
            r, value,
            "expected %s as a mapping of names or ranges, such as \"%s\", got a list",
            section->name, section->example);
    return reading_names(r, value, section->name, read_entry, section);
}

int read_domains(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct section section = { GW_DOMAIN,
                               .what = "a domain",
                               .type = "domain",
                               .keys = domain_keys,
                               .name = "domains",
                               .example = "feed-A: {type: feed, cap: 1MW}" };

    (void)arg;
    return read_section(r, value, &section);
}

int read_racks(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct section section = { GW_DOMAIN,
                               .what = "a rack",
                               .type = "rack",
                               .keys = rack_keys,
                               .name = "racks",
                               .example = "r[01-16]: {cap: 40kW}" };

    (void)arg;
    return read_section(r, value, &section);
}

int read_nodes(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct section section = { GW_NODE,
                               .what = "a node",
                               .keys = node_keys,
                               .name = "nodes",
                               .example = "n[001-064]: {gpus: 8}" };

    (void)arg;
    return read_section(r, value, &section);
}

/* ---- the graph ---- */

static int compare(const void *a, const void *b)
{
    const struct declared *x = *(struct declared *const *)a,
                          *y = *(struct declared *const *)b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->name, y->name);
}

static struct declared *find(const struct declarations *d, enum gw_kind kind,
                             const char *name)
{
    struct declared wanted = { .name = name, .kind = kind }, *key = &wanted, **found;

    found = bsearch(&key, d->sorted, d->count, sizeof(*d->sorted), compare);
    return found ? *found : NULL;
}

static int complain(struct reading *r, const struct declared *one, const char *format,
                    const char *name, const char *more)
{
    char text[300];

    /* The formats are literals of this file, each with two names. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof(text), format, name, more);
#pragma GCC diagnostic pop
    return err_set_code(r->err, ERR_USAGE, "%s: %s", one->place, text);
}

static int sort_declarations(struct reading *r, struct declarations *d)
{
    d->sorted = arena_alloc(r->settings->arena, (d->count + 1) * sizeof(*d->sorted));
    for (size_t i = 0; i < d->count; i++)
        d->sorted[i] = &d->all[i];
    qsort(d->sorted, d->count, sizeof(*d->sorted), compare);
    for (size_t i = 1; i < d->count; i++)
        if (compare(&d->sorted[i - 1], &d->sorted[i]) == 0)
            return complain(r, d->sorted[i], "\"%.60s\" is declared twice; also at %s",
                            d->sorted[i]->name, d->sorted[i - 1]->place);
    return 0;
}

static void add_gpus(struct batch *b, const struct declared *node)
{
    char name[280];

    for (unsigned i = 0; i < node->gpus; i++) {
        int len = snprintf(name, sizeof(name), "%s/%u", node->name, i);
        uint32_t gpu = batch_entity(b, GW_GPU, name, (size_t)len, node->entity);

        batch_number(b, gpu, M_GPU_INDEX, i, GW_OK);
    }
}

static void add_cap(struct settings *s, const struct declared *one)
{
    s->caps = xgrow(s->caps, &s->cap_room, s->cap_count + 1, sizeof(*s->caps));
    s->caps[s->cap_count++] = (struct domain_cap){ one->name, one->cap };
}

static void add_to_roster(struct settings *s, struct declared *one, uint32_t first,
                          uint32_t second)
{
    struct batch *b = s->roster;

    one->entity = batch_entity(b, one->kind, one->name, strlen(one->name), first);
    if (second != GW_NONE)
        batch_link(b, one->entity, second);
    if (one->type)
        batch_text(b, one->entity, M_DOMAIN_TYPE, one->type, strlen(one->type));
    if (one->cap.value == one->cap.value)
        add_cap(s, one);
    if (one->cap_w == one->cap_w)
        batch_number(b, one->entity, M_NODE_CAP, one->cap_w, GW_OK);
    add_gpus(b, one);
}

/* Wholes first; a whole met again while it is still open feeds itself. */
static int visit(struct reading *r, struct declared *one, int depth)
{
    uint32_t feeds[FEEDS] = { GW_NONE, GW_NONE };

    if (one->visit == DONE)
        return 0;
    if (one->visit == BAD)      /* said before */
        return -1;
    if (one->visit == OPEN || depth > 64)
        return complain(r, one, "\"%.60s\" feeds itself, through %s: the domains must not "
                                "form a circle", one->name, one->feeds[0]);
    one->visit = OPEN;
    for (int f = 0; f < FEEDS; f++) {
        struct declared *feed;

        if (!one->feeds[f])
            continue;
        feed = find(r->declarations, GW_DOMAIN, one->feeds[f]);
        if (!feed)
            return err_set_code(
                r->err, ERR_USAGE,
                "%s: \"%.60s\" %s \"%.60s\", which is not declared under domains or racks",
                one->feeds_place, one->name,
                one->kind == GW_NODE ? "stands in" : "is fed by", one->feeds[f]);
        if (visit(r, feed, depth + 1) != 0)
            return -1;
        feeds[f] = feed->entity;
    }
    add_to_roster(r->settings, one, feeds[0], feeds[1]);
    one->visit = DONE;
    return 0;
}

/* Of many that one declaration made, the first that is wrong is said. */
static bool is_said(const struct declarations *d, size_t i)
{
    return i > 0 && d->all[i - 1].visit == BAD &&
           strcmp(d->all[i - 1].place, d->all[i].place) == 0;
}

static int visit_all(struct reading *r, struct declarations *d)
{
    int result = 0;

    for (size_t i = 0; i < d->count; i++) {
        if (visit(r, &d->all[i], 0) == 0)
            continue;
        d->all[i].visit = BAD;
        if (is_said(d, i))
            r->err->text[0] = '\0';
        if (!settings_goes_on(r->settings, r->err))
            return -1;
        result = -1;
    }
    return result;
}

static int build_roster(struct reading *r, struct declarations *d)
{
    if (sort_declarations(r, d) != 0)
        return -1;
    r->settings->roster = batch_new(BATCH_ROSTER, "", 0);
    return visit_all(r, d);
}

int check_graph(struct reading *r)
{
    struct declarations *d = r->declarations;

    return d && d->count && !d->lacks_names ? build_roster(r, d) : 0;
}

void reading_end(struct reading *r)
{
    if (r->declarations)
        free(r->declarations->all);
}
