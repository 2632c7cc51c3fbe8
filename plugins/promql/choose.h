/* What is worth asking: by the families that there are, and by how much there is of
 * them. */
#ifndef PLUGINS_PROMQL_CHOOSE_H
#define PLUGINS_PROMQL_CHOOSE_H

#include "plugins/promql/ask.h"

static void forget_asked(struct promql *p)
{
    for (size_t i = 0; i < p->asked_count; i++)
        free(p->asked[i].query);
    p->asked_count = 0;
}

static void add_asked(struct talk *t, const struct question *q, const char *needs)
{
    struct promql *p = t->kept;
    struct asked *a = &p->asked[p->asked_count];

    if (p->asked_count == MOST_ASKED)
        return;
    *a = (struct asked){ .is = *q, .query = made_query(t, needs, q->query) };
    p->asked_count += a->query != NULL;
}

static bool is_set_wanted(const struct talk *t, const char *set)
{
    const char *sets = t->api->option(t->target, "sets");

    if (!sets)
        return true;
    for (;;) {
        struct slice name = next_word(&sets);

        if (!name.len)
            return false;
        if (same(name, set))
            return true;
    }
}

/* Single values of GPUs: of each metric the families that are there; dcgm-exporter's
 * before another's, for two would name the same GPU differently. */
static void add_metric(struct talk *t, size_t metric)
{
    const struct family *first = NULL;
    char needs[512];
    struct text to = { needs, needs + sizeof(needs), false };

    *needs = '\0';
    for (unsigned pass = 0; pass < 2 && !first; pass++)
        for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
            const struct family *f = &families[i];

            if (f->metric != metric || f->whose != OF_GPU ||
                ((f->flags & DCGM) == 0) != (pass == 1) ||
                ((f->flags & SPARE) && f->spare != FB_USED &&
                 (first || f->spare != LIMIT_ASKED)) ||
                (first && first->scale != f->scale) ||
                !has_family(t->kept, whole(f->name)))
                continue;
            if (!first)
                first = f;
            put_text(&to, *needs ? " " : "");
            put_text(&to, f->name);
        }
    if (!first)
        return;
    add_asked(t, &(struct question){
        .set = "dcgm", .query = !(first->flags & DCGM)     ? "max by ($gpu,instance) ($m)"
                                : first->flags & WHOLE     ? "max by ($gpu) ($m{GPU_I_ID=\"\"})"
                                                           : "max by ($gpu) ($m)",
        .about = ABOUT_GPU, .metric = metric, .scale = first->scale,
        .flags = (first->flags & DCGM ? BLANKS : 0) | (first->flags & BITS ? MASK : 0) }, needs);
}

/* Can it be asked of a single node or rack? */
static bool is_of_part(const struct question *q)
{
    return strcmp(q->set, "dcgm") == 0 && q->about != ABOUT_TENANT &&
           q->metric != MEM_TOTAL;
}

static bool is_wanted(const struct talk *t, const struct question *q)
{
    return (!q->at || (q->at & t->kept->detail)) && any_there(t, q->needs) &&
           is_set_wanted(t, q->set) && !(q->also && !any_there(t, q->also)) &&
           !(q->unless && any_there(t, q->unless));
}

static void add_ready_made(struct talk *t)
{
    if (t->kept->detail == BY_GPU && is_set_wanted(t, "dcgm"))
        for (size_t m = 0; m < METRICS; m++)
            /* Energy that is asked for more often than it is scraped would stand still:
             * its rate does not. */
            if (metrics[m].kind == GW_GPU && metrics[m].type != GW_ENERGY)
                add_metric(t, m);
    for (const struct question *q = questions; q->set; q++)
        if (is_wanted(t, q) && (!t->closely || is_of_part(q)))
            add_asked(t, q, q->needs);
}

/* QUERY -> KIND.METRIC [by LABEL[/LABEL]] [in UNIT] */
static int add_rule(struct talk *t, const char *at, const char *end, unsigned number)
{
    static const struct question of_user = { .set = "queries", .about = ABOUT_RULE };
    const char *arrow = NULL;
    struct promql *p = t->kept;
    struct asked *a = &p->asked[p->asked_count];
    char why[160], text[QUERY_ROOM];

    for (const char *c = at; c + 1 < end; c++)
        if (c[0] == '-' && c[1] == '>')
            arrow = c;
    if (!arrow || arrow - at >= QUERY_ROOM || p->asked_count == MOST_ASKED)
        return t->api->fail(
            t->out,
            "queries: line %u: expected QUERY -> KIND.METRIC, and no more than %d",
            number, MOST_ASKED);
    *a = (struct asked){ .is = of_user };
    if (read_meant(arrow + 2, end, &a->rule, why))
        return t->api->fail(t->out, "queries: line %u: %s", number, why);
    if (metrics[a->rule.metric].kind != GW_GPU &&
        metrics[a->rule.metric].kind != GW_NODE && !a->rule.by[0].len)
        return t->api->fail(
            t->out, "queries: line %u: say by which label it is named: by LABEL", number);
    a->is.metric = a->rule.metric;
    a->is.scale = a->rule.scale;
    snprintf(text, sizeof(text), "%.*s", (int)(arrow - at), at);
    a->query = encoded(text);
    p->asked_count++;
    return GW_DONE;
}

static int add_rules(struct talk *t)
{
    const char *at = option(t, "queries");

    for (unsigned number = 1; *at; number++) {
        const char *start = at + strspn(at, " \t\r"), *end = at + strcspn(at, "\n");

        at = end + (*end == '\n');
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        if (start < end && *start != '#' && add_rule(t, start, end, number) == GW_FAILED)
            return GW_FAILED;
    }
    return GW_DONE;
}

/* As far down as is wanted, or as the limits allow. */
static int choose_detail(struct talk *t)
{
    static const struct {
        const char *name;
        unsigned detail;
    } details[] = { { "gpus", BY_GPU }, { "nodes", BY_NODE }, { "racks", BY_RACK } };
    const char *wanted = option(t, "detail");
    double gpus, nodes;

    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++)
        if (strcmp(wanted, details[i].name) == 0) {
            t->kept->detail = details[i].detail;
            return GW_DONE;
        }
    t->kept->detail = BY_GPU;
    if (!any_there(t, POWERS))
        return GW_DONE;
    if (ask_number(t, POWERS, "count(max by ($gpu) ($m))", &gpus) == GW_FAILED ||
        ask_number(t, POWERS, "count(max by ($node) ($m))", &nodes) == GW_FAILED)
        return GW_FAILED;
    if (gpus > strtod(option(t, "gpu_limit"), NULL))
        t->kept->detail = nodes > strtod(option(t, "node_limit"), NULL) ? BY_RACK
                                                                        : BY_NODE;
    return GW_DONE;
}

/* Engines of this kind say it all in one form; who does not is none the worse for it. */
static void find_version(struct talk *t)
{
    static const char key[] = "\"version\":\"";
    struct gw_reply reply = { .size = sizeof(reply) };
    const char *at;

    t->kept->version[0] = '\0';
    if (t->api->get(t->target, api_path(t, "status/buildinfo"), "application/json",
                    &reply, t->out) == GW_FAILED ||
        reply.status != 200)
        return;
    at = memmem(reply.text, reply.len, key, sizeof(key) - 1);
    if (at)
        snprintf(t->kept->version, sizeof(t->kept->version), "%.*s",
                 (int)strcspn(at + sizeof(key) - 1, "\""), at + sizeof(key) - 1);
}

/* Which families there are, and so what to ask. Where an engine does not tell, all are
 * asked for: what is not there costs it little. */
static int probe(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target);

    if (!p->family_count)
        add_families(p);
    memset(p->has, 0, sizeof(p->has));
    p->dps = 0;
    t->asked = NULL;
    if (ask_engine(t,
                   t->api->print(t->target, "label/__name__/values?start=%.0f&end=%.0f",
                                 now - 3600, now),
                   NULL) == GW_FAILED)
        return GW_FAILED;
    if (t->refused)
        memset(p->has, true, sizeof(p->has));
    t->refused = 0;
    forget_asked(p);
    if (choose_detail(t) == GW_FAILED)
        return GW_FAILED;
    add_ready_made(t);
    if (add_rules(t) == GW_FAILED)
        return GW_FAILED;
    find_version(t);
    p->probed_at = now;
    return GW_DONE;
}

static const char *const sets[] = { "dcgm",   "node",    "kubernetes", "vllm",
                                    "sglang", "trtllm",  "dynamo",     "triton",
                                    "nim",    "serving", "kai",        "kueue",
                                    "slurm",  "dps",     "nvsentinel", "queries" };

/* For --doctor: which sets the engine has, with the number of their queries, and which it
 * has not. */
static void note_sets(struct talk *t)
{
    char has[400] = "", lacks[400] = "";

    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        size_t count = 0;

        for (size_t k = 0; k < t->kept->asked_count; k++)
            count += strcmp(t->kept->asked[k].is.set, sets[i]) == 0;
        if (count)
            add_words(has, sizeof(has), "%s%s (%zu)", *has ? ", " : "", sets[i], count);
        else
            add_words(lacks, sizeof(lacks), "%s%s", *lacks ? ", " : "", sets[i]);
    }
    t->api->note(t->out, "sets, with their queries: %s", *has ? has : "none");
    if (*lacks)
        t->api->note(t->out, "nothing for: %s", lacks);
}

static void note_findings(struct talk *t)
{
    static const char old[] = "DCGM_FI_DEV_POWER_USAGE",
                      new[] = "DCGM_FI_DEV_BOARD_POWER_WATTS";
    bool has_old = has_family(t->kept, (struct slice){ old, sizeof(old) - 1 });
    bool has_new = has_family(t->kept, (struct slice){ new, sizeof(new) - 1 });

    if (t->kept->version[0])
        t->api->note(t->out, "version %s", t->kept->version);
    t->api->note(t->out, "asked for each %s",
                 t->kept->detail == BY_GPU    ? "GPU"
                 : t->kept->detail == BY_NODE ? "node"
                                              : "rack");
    if (has_old || has_new)
        t->api->note(t->out, "dcgm-exporter's names of %s",
                     has_old && has_new ? "before and after DCGM 4.7"
                     : has_old          ? "before DCGM 4.7"
                                        : "DCGM 4.7 and later");
    note_sets(t);
    if (t->kept->dps)
        t->api->note(
            t->out,
            "%zu families of DPS (dps_, prs_), which no ready-made query knows: see the option queries",
            t->kept->dps);
}

#endif
