/* A page as it is read: its lines, the GPUs and nodes on it, and what a line tells of
 * them. */
#ifndef PLUGINS_PROM_PAGE_H
#define PLUGINS_PROM_PAGE_H

#include "plugins/prom/map.h"

/* ---- one line ---- */

/* A label's value with \\, \" and \n. Most have none, and stay where they are. */
static bool read_value(struct sample *s, const char **at, const char *end,
                       struct slice *value)
{
    const char *start = ++*at;
    size_t from = s->scratch_len;

    while (*at < end && **at != '"' && **at != '\\')
        (*at)++;
    *value = (struct slice){ start, (size_t)(*at - start) };
    if (*at < end && **at == '\\') {
        for (*at = start; *at < end && **at != '"'; (*at)++) {
            char c = **at;

            if (c == '\\' && ++*at < end)
                c = **at == 'n' ? '\n' : **at;
            if (*at < end && s->scratch_len < sizeof(s->scratch))
                s->scratch[s->scratch_len++] = c;
        }
        *value = (struct slice){ s->scratch + from, s->scratch_len - from };
    }
    if (*at >= end)
        return false;
    (*at)++;
    return true;
}

static bool read_labels(struct sample *s, const char **at, const char *end)
{
    for ((*at)++;; (*at)++) {
        struct slice name, value;

        *at = skip_blanks(*at, end);
        if (*at < end && **at == '}')
            break;
        name = read_name(at, end);
        *at = skip_blanks(*at, end);
        if (name.len == 0 || *at == end || **at != '=')
            return false;
        *at = skip_blanks(*at + 1, end);
        if (*at == end || **at != '"' || !read_value(s, at, end, &value))
            return false;
        if (s->labels < LABELS) {
            s->label[s->labels] = name;
            s->value[s->labels++] = value;
        }
        *at = skip_blanks(*at, end);
        if (*at < end && **at == '}')
            break;
        if (*at == end || **at != ',')
            return false;
    }
    (*at)++;
    return true;
}

/* NAME{LABELS} VALUE [TIMESTAMP] [# EXEMPLAR]; false: malformed. */
static bool read_sample(struct sample *s, const char *at, const char *end)
{
    struct slice number, stamp;

    s->labels = s->scratch_len = 0;
    s->stamp = NAN;
    s->name = read_name(&at, end);
    if (s->name.len == 0)
        return false;
    at = skip_blanks(at, end);
    if (at < end && *at == '{' && !read_labels(s, &at, end))
        return false;
    number = read_word(&at, end);
    if (number.len == 0 || !read_number(number, &s->number))
        return false;
    stamp = read_word(&at, end);
    if (stamp.len && *stamp.text == '#')
        return true;
    if (stamp.len && !read_number(stamp, &s->stamp))
        return false;
    at = skip_blanks(at, end);
    return at == end || *at == '#';
}

/* ---- a page ---- */

/* A GPU or node of this page, and what must wait for its end. */
struct thing {
    uint32_t entity;            /* GW_NONE: a free place */
    uint32_t used;
    uint64_t seen[(METRICS + 63) / 64];  /* metrics told, a bit each */
    uint64_t instances;         /* MIG instances seen, a bit each */
    double sum;                 /* of ADDED lines; one metric a kind of thing */
    size_t sum_metric;
    double spare[SPARES];       /* NAN: not told */
    bool is_gpu;
    char tenant[128], job[128]; /* "a, b" where several share it */
};

struct cut {
    uint32_t entity;
    char profile[24];
};

struct page {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    struct prom *kept;
    bool seconds;               /* timestamps are in seconds: OpenMetrics */
    double stamp;
    struct slice nodename;      /* of node_uname_info */
    struct thing *things;       /* open addressing by entity; a power of two */
    size_t thing_count, thing_room;
    struct cut *cuts;           /* MIG instances */
    size_t cut_count, cut_room;
    struct served *served;      /* models, where there are any */
    struct slice last_other;    /* a family that is not in the table of GPUs and nodes */
    const struct served_family *last_served;
    size_t served_count;
    struct slice last_name;     /* lines of a family stand together */
    const struct family *last_family;
    const char *power;          /* the family that told the power of GPUs; NULL: none */
    unsigned lines, bad, mapped, first_bad_line;
    char first_bad[32];
    struct sample sample;
    struct recall recall;
};

/* Of a family of either table: its name stands first in both. */
static int compare_name(const void *key, const void *member)
{
    const struct slice *name = key;
    const char *known = *(const char *const *)member;
    int order = strncmp(name->text, known, name->len);

    return order ? order : -(known[name->len] != '\0');
}

static const struct family *find_family(struct page *p, struct slice name)
{
    if (!p->last_name.text || !equal(p->last_name, name)) {
        p->last_name = name;
        p->last_family = bsearch(&name, families, sizeof(families) / sizeof(*families),
                                 sizeof(*families), compare_name);
    }
    return p->last_family;
}

static struct thing *place_of(struct thing *things, size_t room, uint32_t entity)
{
    size_t at = (entity * 2654435769u) & (room - 1);

    while (things[at].used && things[at].entity != entity)
        at = (at + 1) & (room - 1);
    return &things[at];
}

static void grow_things(struct page *p)
{
    size_t room = p->thing_room ? 2 * p->thing_room : 64;
    struct thing *things = calloc(room, sizeof(*things));

    if (!things)
        abort();
    for (size_t i = 0; i < p->thing_room; i++)
        if (p->things[i].used)
            *place_of(things, room, p->things[i].entity) = p->things[i];
    free(p->things);
    p->things = things;
    p->thing_room = room;
}

static struct thing *thing_of(struct page *p, uint32_t entity, bool is_gpu)
{
    struct thing *t;

    if (2 * p->thing_count >= p->thing_room)
        grow_things(p);
    t = place_of(p->things, p->thing_room, entity);
    if (!t->used) {
        p->thing_count++;
        t->used = 1;
        t->entity = entity;
        t->is_gpu = is_gpu;
        for (size_t i = 0; i < SPARES; i++)
            t->spare[i] = NAN;
    }
    return t;
}

/* Is this the first time? Several lines of one GPU are one GPU: a line for each HPC job
 * or each MIG instance. */
static bool first(struct thing *t, size_t metric)
{
    uint64_t bit = 1ull << metric % 64, *seen = &t->seen[metric / 64];
    bool is_first = !(*seen & bit);

    *seen |= bit;
    return is_first;
}

static struct slice node_name(const struct page *p, const struct reading *r,
                              unsigned flags)
{
    struct slice instance = label(&p->sample, (struct slice){ "instance", 8 });

    if (r->of[A_NODE].len)
        return r->of[A_NODE];
    if ((flags & INSTANCE) && instance.len && !memchr(instance.text, ':', instance.len))
        return instance;
    if (p->nodename.len)
        return p->nodename;
    return (struct slice){ p->target->name, strlen(p->target->name) };
}

static uint32_t node_of(struct page *p, struct slice name)
{
    return p->api->entity(p->out, GW_NODE, name.text, name.len, GW_NONE);
}

/* NODE/INDEX, or NODE/UUID where no index is told. GW_NONE: neither. */
static uint32_t gpu_of(struct page *p, const struct reading *r, unsigned flags)
{
    struct slice node = node_name(p, r, flags);
    struct slice part = r->of[AN_INDEX].len ? r->of[AN_INDEX] : r->of[A_UUID];
    char name[256];
    int len;

    if (!part.len)
        return GW_NONE;
    len = snprintf(name, sizeof(name), "%.*s/%.*s",
                   (int)(node.len < 180 ? node.len : 180), node.text,
                   (int)(part.len < 70 ? part.len : 70), part.text);
    return p->api->entity(p->out, GW_GPU, name, (size_t)len, node_of(p, node));
}

static void read_holder(struct page *p, struct thing *t, const struct reading *r)
{
    bool pod = r->of[A_TENANT].len || r->of[A_POD].len, job = r->of[A_JOB].len;

    p->kept->tells_pods |= pod;
    p->kept->tells_jobs |= job;
    if (job)
        join(t->job, sizeof(t->job), r->of[A_JOB]);
    if (!pod || is_exporter(r))
        return;
    if (r->of[A_TENANT].len)
        join(t->tenant, sizeof(t->tenant), r->of[A_TENANT]);
    if (r->of[A_POD].len && !job)
        join(t->job, sizeof(t->job), r->of[A_POD]);
}

static void read_slice(struct page *p, struct thing *t, const struct reading *r)
{
    struct slice id = r->of[A_SLICE], profile = r->of[A_PROFILE];
    uint64_t bit;
    struct cut *c;

    if (!is_index(id))
        return;
    bit = 1ull << (strtoul(id.text, NULL, 10) & 63);
    if (t->instances & bit)
        return;
    t->instances |= bit;
    if (p->cut_count == p->cut_room) {
        p->cut_room = p->cut_room ? 2 * p->cut_room : 64;
        p->cuts = realloc(p->cuts, p->cut_room * sizeof(*p->cuts));
        if (!p->cuts)
            abort();
    }
    c = &p->cuts[p->cut_count++];
    c->entity = t->entity;
    snprintf(c->profile, sizeof(c->profile), "%.*s",
             (int)(profile.len < 23 ? profile.len : 23), profile.len ? profile.text : "");
}

/* ---- values ---- */

static void tell_reasons(struct page *p, uint32_t gpu, double value)
{
    const char *word = reasons_word(value);

    if (word)
        p->api->text(p->out, gpu, THROTTLE, word, strlen(word));
}

static void tell_time(struct page *p)
{
    double stamp = p->seconds ? p->sample.stamp : p->sample.stamp / 1000;

    if (!(stamp > 0) || !isfinite(stamp))
        /* a line that tells no time is of its arrival, whatever the one before told */
        stamp = 0;
    if (stamp == p->stamp)
        return;
    p->stamp = stamp;
    p->api->time(p->out, stamp);
}

static void tell(struct page *p, uint32_t entity, size_t metric, double value,
                 bool estimated)
{
    (estimated ? p->api->estimate : p->api->number)(p->out, entity, metric, value);
}

static void tell_once(struct page *p, struct thing *t, const struct family *f,
                      double value)
{
    if (f->flags & SPARE)
        t->spare[f->spare] = isnan(t->spare[f->spare]) ? value : t->spare[f->spare];
    if ((f->flags & SPARE) && f->spare != FB_USED)
        return;
    if (!first(t, f->metric))
        return;
    if (f->flags & BITS)
        tell_reasons(p, t->entity, value);
    else
        tell(p, t->entity, f->metric, value, f->flags & ESTIMATED);
}

static void read_gpu(struct page *p, const struct family *f, double value)
{
    struct reading r;
    struct thing *t;
    uint32_t gpu;

    read_meanings(&p->sample, &r, &p->recall);
    if (r.of[OTHER_PART].len)
        return;                 /* a CPU or an NVSwitch under a GPU's field name */
    gpu = gpu_of(p, &r, f->flags);
    if (gpu == GW_NONE)
        return;
    t = thing_of(p, gpu, true);
    if (r.of[A_UUID].len && first(t, UUID))
        p->api->text(p->out, gpu, UUID, r.of[A_UUID].text, r.of[A_UUID].len);
    if (r.of[A_MODEL].len && first(t, MODEL))
        p->api->text(p->out, gpu, MODEL, r.of[A_MODEL].text, r.of[A_MODEL].len);
    if (r.of[AN_INDEX].len && first(t, INDEX))
        p->api->number(p->out, gpu, INDEX,
                       (double)strtoul(r.of[AN_INDEX].text, NULL, 10));
    read_holder(p, t, &r);
    read_slice(p, t, &r);
    if (r.of[A_SLICE].len && (f->flags & WHOLE))
        return;
    tell_once(p, t, f, value);
    p->power = f->metric == POWER ? f->name : p->power;
    p->mapped++;
}

static void read_node(struct page *p, const struct family *f, double value)
{
    struct reading r;
    struct thing *t;

    read_meanings(&p->sample, &r, &p->recall);
    t = thing_of(p, node_of(p, node_name(p, &r, f->flags)), false);
    p->mapped++;
    if (f->flags & ADDED) {
        t->sum += value;
        t->sum_metric = f->metric;
    } else if (first(t, f->metric)) {
        tell(p, t->entity, f->metric, value, f->flags & ESTIMATED);
    }
}

static bool fits(const struct rule *r, const struct sample *s)
{
    if (!equal(r->family, s->name))
        return false;
    for (size_t i = 0; i < r->filters; i++) {
        struct slice v = label(s, r->label[i]);

        if (v.len != r->value[i].len || (v.len && !equal(v, r->value[i])))
            return false;
    }
    return true;
}

/* The entity that a rule's labels name; GW_NONE: the line lacks one. */
static uint32_t named_by(struct page *p, const struct rule *r)
{
    enum gw_kind kind = metrics[r->is.metric].kind;
    struct slice a = label(&p->sample, r->is.by[0]), b;
    struct reading labels;
    char name[256];
    int len;

    if (!r->is.by[0].len && kind == GW_QUEUE)
        return p->api->entity(p->out, kind, p->target->name, strlen(p->target->name),
                              GW_NONE);
    if (!r->is.by[0].len) {
        read_meanings(&p->sample, &labels, &p->recall);
        return kind == GW_GPU ? gpu_of(p, &labels, 0)
                              : node_of(p, node_name(p, &labels, 0));
    }
    if (!a.len)
        return GW_NONE;
    if (!r->is.by[1].len)
        return p->api->entity(p->out, kind, a.text, a.len, GW_NONE);
    b = label(&p->sample, r->is.by[1]);
    if (!b.len)
        return GW_NONE;
    len = snprintf(name, sizeof(name), "%.*s/%.*s", (int)(a.len < 120 ? a.len : 120),
                   a.text, (int)(b.len < 120 ? b.len : 120), b.text);
    return p->api->entity(p->out, kind, name, (size_t)len,
                          kind == GW_GPU ? node_of(p, a) : GW_NONE);
}

/* True: a rule took the line. */
static bool read_by_rules(struct page *p, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct rule *r = &rules[i];
        uint32_t entity;

        if (!fits(r, &p->sample))
            continue;
        entity = named_by(p, r);
        if (entity != GW_NONE &&
            first(thing_of(p, entity, metrics[r->is.metric].kind == GW_GPU),
                  r->is.metric)) {
            tell_time(p);
            p->api->number(p->out, entity, r->is.metric, p->sample.number * r->is.scale);
            p->mapped++;
        }
        return true;
    }
    return false;
}

#endif
