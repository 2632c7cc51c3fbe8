/* Which row a series is about, by its labels, and who holds a GPU. */
#ifndef PLUGINS_PROMQL_ENTITIES_H
#define PLUGINS_PROMQL_ENTITIES_H

#include "plugins/promql/queries.h"

/* ---- entities ---- */

/* HOST of HOST:PORT. */
static struct slice host_of(struct slice instance)
{
    const char *colon = memrchr(instance.text, ':', instance.len);

    return colon ? (struct slice){ instance.text, (size_t)(colon - instance.text) }
                 : instance;
}

/* Neighbours are often of the same node. */
static bool is_node_before(const struct talk *t, struct slice name)
{
    return name.len && equal(name, (struct slice){ t->node, t->node_len });
}

/* Eight letters at a time, and then one by one: they are few, and where a compiler knows
 * how many there may be at most it makes of memcpy() what pays for many only. */
static size_t put_letters(char *to, size_t at, struct slice s, size_t most)
{
    size_t len = s.len < most ? s.len : most, i = 0;

    for (; len - i >= 8; i += 8)
        memcpy(to + at + i, s.text + i, 8);
    for (; i < len; i++)
        to[at + i] = s.text[i];
    return at + len;
}

/* Whoever exports says on which node, but where it calls itself by its own pod; the label
 * `instance` is an address, and the last resort. */
static struct slice node_name(const struct talk *t, const struct sample *s,
                              const struct reading *r)
{
    struct slice name = { NULL, 0 };

    if (t->node_label.len)
        name = label(s, t->node_label);
    if (!name.len &&
        (is_node_before(t, r->of[A_NODE]) || !contains(r->of[A_NODE], "dcgm-exporter")))
        name = r->of[A_NODE];
    if (!name.len)
        name = r->of[A_MEMBER];
    if (!name.len)
        name = label(s, whole("nodename"));
    if (!name.len) {
        name = label(s, whole("instance"));
        name = name.len ? host_of(name) : name;
    }
    return name;
}

/* The smallest of these that the labels name, in the others. What they are is said in the
 * present. */
static uint32_t whole_of_rack(struct talk *t, const struct sample *s)
{
    uint32_t domain = GW_NONE;

    for (size_t i = WHOLES; i-- > 0;) {
        const char *by = option(t, wholes[i].option);
        struct slice name = *by ? label(s, whole(by)) : whole("");

        if (!name.len)
            continue;
        domain = t->api->entity(t->out, GW_DOMAIN, name.text, name.len, domain);
        if (!t->of_past)
            t->api->text(t->out, domain, DOMAIN_TYPE, wholes[i].type,
                         strlen(wholes[i].type));
    }
    return domain;
}

/* A rack, where the label says so: it may name rows as well. Neighbours are often of the
 * same, and what it is was just said. */
static uint32_t rack_of(struct talk *t, const struct sample *s)
{
    struct slice name = label(s, t->rack_label);
    uint32_t rack = t->has_wholes ? whole_of_rack(t, s) : GW_NONE;

    rack = name.len ? t->api->entity(t->out, GW_DOMAIN, name.text, name.len, rack) : rack;
    if (!name.len || t->of_past || !contains(t->rack_label, "rack") ||
        equal(name, (struct slice){ t->rack, t->rack_len }))
        return rack;
    t->api->text(t->out, rack, DOMAIN_TYPE, "rack", 4);
    t->rack_len = name.len <= sizeof(t->rack)
                      ? put_letters(t->rack, 0, name, sizeof(t->rack))
                      : 0;
    return rack;
}

static uint32_t node_named(struct talk *t, const struct sample *s, struct slice name)
{
    if (!name.len)
        return GW_NONE;
    if (is_node_before(t, name))
        return t->node_entity;
    t->node_entity = t->api->entity(t->out, GW_NODE, name.text, name.len, rack_of(t, s));
    t->node_len = name.len <= LONGEST_NODE ? put_letters(t->node, 0, name, LONGEST_NODE)
                                           : 0;
    return t->node_entity;
}

static void note_naming(struct talk *t, const struct sample *s, struct slice node,
                        struct slice part)
{
    if (!t->has_wholes)
        t->answer.naming = (struct naming){ node, part, label(s, t->rack_label) };
}

static uint32_t node_of(struct talk *t, const struct sample *s, const struct reading *r)
{
    struct slice name = node_name(t, s, r);

    note_naming(t, s, name, (struct slice){ NULL, 0 });
    return node_named(t, s, name);
}

/* Behind the `len` bytes of the first. */
static struct slice print_second(char to[256], size_t len, struct slice b)
{
    to[len++] = '/';
    len = put_letters(to, len, b, 70);
    to[len] = '\0';
    return (struct slice){ to, len };
}

static struct slice print_pair(char to[256], struct slice a, struct slice b)
{
    return print_second(to, put_letters(to, 0, a, LONGEST_NODE), b);
}

/* Named in t->node, where its node's name mostly stands. */
static uint32_t part_of(struct talk *t, struct slice of, uint32_t node, struct slice part)
{
    struct slice name;

    if (node == GW_NONE)
        return GW_NONE;
    name = t->node_len ? print_second(t->node, t->node_len, part)
                       : print_pair(t->node, of, part);
    return t->api->entity(t->out, GW_GPU, name.text, name.len, node);
}

/* NODE/INDEX, or NODE/UUID; then that stands in t->node. */
static uint32_t gpu_of(struct talk *t, const struct sample *s, const struct reading *r)
{
    struct slice part = r->of[AN_INDEX].len ? r->of[AN_INDEX] : r->of[A_UUID], of;

    if (!part.len || r->of[OTHER_PART].len)
        return GW_NONE;
    of = node_name(t, s, r);
    note_naming(t, s, of, part);
    return part_of(t, of, node_named(t, s, of), part);
}

/* Is this of engines behind a frontend, which counts the same tokens of the same model?
 * That is told first. */
static bool is_fronted(struct talk *t, const char *part)
{
    const struct question *q = &t->asked->is;
    bool is_frontend = strcmp(q->set, "dynamo") == 0;
    uint64_t hash = hash_of(part);
    size_t i = 0;

    if (strcmp(q->set, "serving") == 0)
        return false;           /* it is the engines that draw power */
    while (i < t->fronted_count && t->fronted[i] != hash)
        i++;
    if (is_frontend && q->metric == TOKENS && i == t->fronted_count && i < MOST_FRONTED)
        t->fronted[t->fronted_count++] = hash;
    return !is_frontend && i < t->fronted_count;
}

/* MODEL@TENANT, all servers of that tenant, as a part of the model: two tenants may serve
 * the same. */
static uint32_t model_of(struct talk *t, const struct reading *r, const struct sample *s)
{
    struct slice name = label(s, whole("model_name")), tenant = r->of[A_TENANT];
    char part[512];
    int len;

    if (!name.len)
        name = label(s, whole("model"));
    if (!name.len)
        return GW_NONE;
    if (!tenant.len)
        tenant = whole(t->target->name);
    len = snprintf(part, sizeof(part), "%.*s@%.*s",
                   (int)(name.len < 300 ? name.len : 300), name.text,
                   (int)(tenant.len < 200 ? tenant.len : 200), tenant.text);
    if (is_fronted(t, part))
        return GW_NONE;
    return t->api->entity(t->out, GW_MODEL, part, (size_t)len,
                          t->api->entity(t->out, GW_MODEL, name.text, name.len, GW_NONE));
}

static uint32_t tenant_of(const struct talk *t, const struct reading *r)
{
    struct slice name = r->of[A_TENANT];

    return name.len && !is_exporter(r)
               ? t->api->entity(t->out, GW_TENANT, name.text, name.len, GW_NONE)
               : GW_NONE;
}

static uint32_t named(const struct talk *t, enum gw_kind kind, struct slice name)
{
    return name.len ? t->api->entity(t->out, kind, name.text, name.len, GW_NONE)
                    : GW_NONE;
}

/* What the labels of a rule name. */
static uint32_t by_rule(struct talk *t, const struct sample *s, const struct reading *r)
{
    const struct meant *m = &t->asked->rule;
    struct slice a = label(s, m->by[0]), b = label(s, m->by[1]);
    enum gw_kind kind = metrics[m->metric].kind;
    char name[256];

    if (!m->by[0].len)
        return kind == GW_GPU    ? gpu_of(t, s, r)
               : kind == GW_NODE ? node_of(t, s, r)
                                 : GW_NONE;
    if (!a.len || (m->by[1].len && !b.len))
        return GW_NONE;
    if (b.len)
        a = print_pair(name, a, b);
    return named(t, kind, a);
}

static uint32_t entity_of(struct talk *t, const struct sample *s, const struct reading *r)
{
    switch (t->asked->is.about) {
    case ABOUT_GPU:
    case ABOUT_HOLDERS:
        return gpu_of(t, s, r);
    case ABOUT_NODE:
        return node_of(t, s, r);
    case ABOUT_RACK:
        return label(s, t->rack_label).len ? rack_of(t, s) : GW_NONE;
    case ABOUT_TENANT:
        return t->asked->is.label
                   ? named(t, GW_TENANT, label(s, whole(t->asked->is.label)))
                   : tenant_of(t, r);
    case ABOUT_NOBODY:
        return t->kept->tells_holders ? named(t, GW_TENANT, whole("unallocated"))
                                      : GW_NONE;
    case ABOUT_MODEL:
        return model_of(t, r, s);
    case ABOUT_QUEUE:
        return named(t, GW_QUEUE, label(s, whole(t->asked->is.label)));
    case ABOUT_SITE:
        return named(t, GW_SITE, whole(t->target->site ? t->target->site : ""));
    case ABOUT_RULE:
        return by_rule(t, s, r);
    }
    return GW_NONE;
}

/* ---- holders ---- */

static void tell_text(const struct talk *t, uint32_t entity, size_t metric,
                      struct slice text)
{
    t->api->text(t->out, entity, metric, text.text ? text.text : "", text.len);
}

static struct shared *shared_of(struct talk *t, const char *gpu)
{
    struct shared *s;

    for (size_t i = 0; i < t->shared_count; i++)
        if (strcmp(t->shared[i].gpu, gpu) == 0)
            return &t->shared[i];
    if (t->shared_count == MOST_SHARED)
        return NULL;
    if (!t->shared)
        t->shared = calloc(MOST_SHARED, sizeof(*t->shared));
    if (!t->shared)
        abort();
    s = &t->shared[t->shared_count++];
    snprintf(s->gpu, sizeof(s->gpu), "%s", gpu);
    return s;
}

/* What a GPU is, and who holds it. */
static void tell_holders(struct talk *t, const struct sample *s, const struct reading *r)
{
    bool held = r->of[A_TENANT].len || r->of[A_POD].len || r->of[A_JOB].len,
         exporter = is_exporter(r);
    struct slice none = { NULL, 0 }, tenant = exporter ? none : r->of[A_TENANT];
    struct slice job = r->of[A_JOB].len ? r->of[A_JOB] : exporter ? none : r->of[A_POD];
    struct shared *shared;
    uint32_t gpu = gpu_of(t, s, r);

    if (gpu == GW_NONE)
        return;
    if (r->of[A_UUID].len)
        tell_text(t, gpu, UUID, r->of[A_UUID]);
    if (r->of[A_MODEL].len)
        tell_text(t, gpu, MODEL, r->of[A_MODEL]);
    if (r->of[AN_INDEX].len)
        t->api->number(t->out, gpu, INDEX,
                       (double)strtoul(r->of[AN_INDEX].text, NULL, 10));
    t->kept->tells_holders |= held;
    shared = r->of[A_SLICE].len || r->of[A_JOB].len ? shared_of(t, t->node) : NULL;
    if (shared) {
        if (tenant.len)
            join(shared->tenant, sizeof(shared->tenant), tenant);
        if (job.len)
            join(shared->job, sizeof(shared->job), job);
    } else if (t->kept->tells_holders) {
        tell_text(t, gpu, TENANT, tenant);
        tell_text(t, gpu, JOB, job);
    }
}

static void tell_shared(struct talk *t)
{
    for (size_t i = 0; i < t->shared_count; i++) {
        const struct shared *s = &t->shared[i];
        uint32_t gpu = t->api->entity(t->out, GW_GPU, s->gpu, strlen(s->gpu), GW_NONE);

        tell_text(t, gpu, TENANT, whole(s->tenant));
        tell_text(t, gpu, JOB, whole(s->job));
    }
    t->shared_count = 0;
}

#endif
