/* Any Prometheus text exposition (0.0.4) or OpenMetrics (1.0) page: dcgm-exporter under its old and new
 * names, node_exporter, the IPMI exporter, Triton, all-smi, Slurm's controller, and whatever the option `map` teaches.
 *
 * The page is scanned line by line where it lies: no tree, no copy, no allocation per line. What a family means
 * stands in one table. A type is never guessed from a name's ending: names lie (`_total` histograms, gauges in
 * bytes per second), so a family that is in neither the table nor the map is skipped. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "exporters.h"

static const struct gw_option options[] = {
    { "map", NULL,
      "more families, one rule a line: FAMILY[{LABEL=\"VALUE\",…}] -> KIND.METRIC [by LABEL[/LABEL]] "
      "[in UNIT]; for example: pdu_power_kw{feed=\"A\"} -> domain.meter by rack in kW" },
    { "tenant", NULL, "who serves the models of this page, where its lines do not say a namespace" },
    { "job", NULL, "the job or pod that serves them, by which their GPUs and watts are found" },
    { "command", NULL, "run this on the target and read what it prints, instead of HTTP" },
    { 0 }
};

/* ---- the map ---- */

enum { RULES = 32, FILTERS = 4 };

struct rule {
    struct slice family;
    struct slice label[FILTERS], value[FILTERS];
    size_t filters;
    struct meant is;            /* a queue that no label names is the page's: its target's name */
};

/* Slurm's own pages since 25.11, /metrics/partitions, /metrics/nodes, /metrics/jobs and /metrics/jobs-users-accts of
 * slurmctld (slurm.schedmd.com/metrics.html). Of its sums only those are taken that do not wrap at 65,536. */
/* clang-format off */
#define WORD(text) { text, sizeof(text) - 1 }
static const struct rule slurm_rules[] = {
    { WORD("slurm_account_jobs_gpus_alloc"),   .is = { { WORD("account") }, TENANT_GPUS, 1 } },
    { WORD("slurm_account_jobs_pending"),      .is = { { WORD("account") }, TENANT_PENDING, 1 } },
    { WORD("slurm_account_jobs_running"),      .is = { { WORD("account") }, TENANT_JOBS, 1 } },
    { WORD("slurm_jobs_gpus_alloc"),           .is = { .metric = QUEUE_GPUS_RUNNING, .scale = 1 } },
    { WORD("slurm_jobs_pending"),              .is = { .metric = QUEUE_PENDING, .scale = 1 } },
    { WORD("slurm_jobs_running"),              .is = { .metric = QUEUE_RUNNING, .scale = 1 } },
    { WORD("slurm_node_gpus"),                 .is = { { WORD("node") }, NODE_GPUS_TOTAL, 1 } },
    { WORD("slurm_node_gpus_alloc"),           .is = { { WORD("node") }, NODE_GPUS_HELD, 1 } },
    { WORD("slurm_partition_gpus"),            .is = { { WORD("partition") }, QUEUE_QUOTA, 1 } },
    { WORD("slurm_partition_jobs_gpus_alloc"), .is = { { WORD("partition") }, QUEUE_GPUS_RUNNING, 1 } },
    { WORD("slurm_partition_jobs_pending"),    .is = { { WORD("partition") }, QUEUE_PENDING, 1 } },
    { WORD("slurm_partition_jobs_running"),    .is = { { WORD("partition") }, QUEUE_RUNNING, 1 } },
};
/* clang-format on */

/* Models whose latencies are known by what came since the last answer; buckets of a histogram. */
enum { KEPT_MODELS = 4, BUCKETS = 48 };
enum latency { FIRST_TOKEN, BETWEEN, LATENCIES };

struct past {
    uint64_t model;             /* hash of its name; 0: free */
    uint32_t count[LATENCIES];  /* of buckets; 0: none seen yet */
    double below[LATENCIES][BUCKETS];
};

/* What a target keeps between answers. Slices point into the option, which lives as long. */
struct prom {
    struct past past[KEPT_MODELS];
    struct rule rules[RULES];
    size_t rule_count;
    bool rules_read;
    bool tells_pods, tells_jobs;        /* it does; so a GPU without is free */
};

/* {LABEL="VALUE",…} */
static int read_filters(const char **at, const char *end, struct rule *r, char why[160])
{
    while (*at < end && **at != '}') {
        const char *close;

        (*at)++;                /* the brace or a comma */
        *at = skip_blanks(*at, end);
        if (r->filters == FILTERS)
            return wrong(why, "more than %d labels", FILTERS);
        r->label[r->filters] = read_name(at, end);
        if (r->label[r->filters].len == 0 || end - *at < 2 || (*at)[0] != '=' || (*at)[1] != '"')
            return wrong(why, "expected {LABEL=\"VALUE\"}");
        *at += 2;
        close = memchr(*at, '"', (size_t)(end - *at));
        if (!close)
            return wrong(why, "a quote is not closed");
        r->value[r->filters++] = (struct slice){ *at, (size_t)(close - *at) };
        *at = skip_blanks(close + 1, end);
        if (*at < end && **at != ',' && **at != '}')
            return wrong(why, "expected , or } after a label");
    }
    if (*at == end)
        return wrong(why, "a brace is not closed");
    (*at)++;
    return 0;
}

/* 0, or why[] says what is wrong with the rule. */
static int read_rule(const char *at, const char *end, struct rule *r, char why[160])
{
    char quoted[32];
    struct slice word;

    *r = (struct rule){ 0 };
    r->family = read_name(&at, end);
    if (r->family.len == 0)
        return wrong(why, "expected the name of a family, got \"%s\"",
                        gw_quote(quoted, at, (size_t)(end - at)));
    if (at < end && *at == '{' && read_filters(&at, end, r, why))
        return -1;
    word = read_word(&at, end);
    if (!same(word, "->"))
        return wrong(why, "expected -> after the family, got \"%s\"",
                        gw_quote(quoted, word.text, word.len));
    if (read_meant(at, end, &r->is, why))
        return -1;
    if (metrics[r->is.metric].kind != GW_GPU && metrics[r->is.metric].kind != GW_NODE && !r->is.by[0].len)
        return wrong(why, "say by which label it is named: by LABEL");
    return 0;
}

/* Reads the option once. Rules stand one a line, or between semicolons. */
static int read_map(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct prom *p = target->state;
    const char *at = api->option(target, "map");
    unsigned number = 0;
    char why[160];

    if (p->rules_read || !at)
        return GW_DONE;
    for (p->rule_count = 0; *at; at += strspn(at, "\n;")) {
        const char *start = at + strspn(at, " \t\r"), *end;

        at += strcspn(at, "\n;");
        end = at;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        number++;
        if (end <= start || *start == '#')
            continue;
        if (p->rule_count == RULES)
            return api->fail(out, "map: more than %d rules", RULES);
        if (read_rule(start, end, &p->rules[p->rule_count++], why) != 0)
            return api->fail(out, "map, rule %u: %s", number, why);
    }
    p->rules_read = true;
    return GW_DONE;
}

/* ---- one line ---- */

/* A label's value with \\, \" and \n. Most have none, and stay where they are. */
static bool read_value(struct sample *s, const char **at, const char *end, struct slice *value)
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

static int compare_family(const void *key, const void *member)
{
    const struct slice *name = key;
    const struct family *f = member;
    int order = strncmp(name->text, f->name, name->len);

    return order ? order : -(f->name[name->len] != '\0');
}

static const struct family *find_family(struct page *p, struct slice name)
{
    if (!p->last_name.text || !equal(p->last_name, name)) {
        p->last_name = name;
        p->last_family = bsearch(&name, families, sizeof(families) / sizeof(*families),
                                 sizeof(*families), compare_family);
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

/* Is this the first time? Several lines of one GPU are one GPU: a line for each HPC job or each MIG instance. */
static bool first(struct thing *t, size_t metric)
{
    uint64_t bit = 1ull << metric % 64, *seen = &t->seen[metric / 64];
    bool is_first = !(*seen & bit);

    *seen |= bit;
    return is_first;
}

static struct slice node_name(const struct page *p, const struct reading *r, unsigned flags)
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
    len = snprintf(name, sizeof(name), "%.*s/%.*s", (int)(node.len < 180 ? node.len : 180),
                   node.text, (int)(part.len < 70 ? part.len : 70), part.text);
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
    snprintf(c->profile, sizeof(c->profile), "%.*s", (int)(profile.len < 23 ? profile.len : 23),
             profile.len ? profile.text : "");
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
        stamp = 0;              /* a line that tells no time is of its arrival, whatever the one before told */
    if (stamp == p->stamp)
        return;
    p->stamp = stamp;
    p->api->time(p->out, stamp);
}

static void tell(struct page *p, uint32_t entity, size_t metric, double value, bool estimated)
{
    (estimated ? p->api->estimate : p->api->number)(p->out, entity, metric, value);
}

static void tell_once(struct page *p, struct thing *t, const struct family *f, double value)
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
        p->api->number(p->out, gpu, INDEX, (double)strtoul(r.of[AN_INDEX].text, NULL, 10));
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
        return p->api->entity(p->out, kind, p->target->name, strlen(p->target->name), GW_NONE);
    if (!r->is.by[0].len) {
        read_meanings(&p->sample, &labels, &p->recall);
        return kind == GW_GPU ? gpu_of(p, &labels, 0) : node_of(p, node_name(p, &labels, 0));
    }
    if (!a.len)
        return GW_NONE;
    if (!r->is.by[1].len)
        return p->api->entity(p->out, kind, a.text, a.len, GW_NONE);
    b = label(&p->sample, r->is.by[1]);
    if (!b.len)
        return GW_NONE;
    len = snprintf(name, sizeof(name), "%.*s/%.*s", (int)(a.len < 120 ? a.len : 120), a.text,
                   (int)(b.len < 120 ? b.len : 120), b.text);
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
        if (entity != GW_NONE && first(thing_of(p, entity, metrics[r->is.metric].kind == GW_GPU), r->is.metric)) {
            tell_time(p);
            p->api->number(p->out, entity, r->is.metric, p->sample.number * r->is.scale);
            p->mapped++;
        }
        return true;
    }
    return false;
}

/* ---- inference servers ---- */

enum said { OUT, OUT_OF_MODE, OUT_AT_END, IN, IN_AT_END, RUNNING, WAITING, LAST_NUMBER = WAITING, BUCKET, LIVES };
enum { SERVED = 64 };

/* One model of this page. Lines of several engines (label engine, rank, …) add up. */
struct served {
    char name[192], tenant[128], job[128];
    const char *engine;
    double number[LAST_NUMBER + 1];     /* NAN: not told */
    struct histogram {
        double le[BUCKETS], below[BUCKETS];
        uint32_t count;
        const char *family;     /* the newer of two names wins: the first seen stays */
    } latency[LATENCIES];
};

/* In the order of strcmp(). dynamo: docs/observability of ai-dynamo/dynamo; sglang: its production metrics; vllm: its metrics
 * design page, time_per_output_token_seconds is the older name; trtllm: tensorrt_llm/metrics/collector.py, whose tokens are
 * counted by newer ones only, else by the frontend; nim: vllm's without the prefix; nv_: Triton, which counts requests, not tokens. OUT_AT_END and IN_AT_END are told when a request ends, and serve where nothing is told live. */
/* clang-format off */
static const struct served_family {
    const char *name, *engine;
    enum said said;
    enum latency latency;
} served_families[] = {
    { "dynamo_frontend_inflight_requests",                  "dynamo", RUNNING },
    { "dynamo_frontend_input_sequence_tokens_sum",          "dynamo", IN_AT_END },
    { "dynamo_frontend_inter_token_latency_seconds_bucket", "dynamo", BUCKET, BETWEEN },
    { "dynamo_frontend_output_sequence_tokens_sum",         "dynamo", OUT_AT_END },
    { "dynamo_frontend_output_tokens_total",                "dynamo", OUT },
    { "dynamo_frontend_queued_requests",                    "dynamo", WAITING },
    { "dynamo_frontend_time_to_first_token_seconds_bucket", "dynamo", BUCKET, FIRST_TOKEN },
    { "generation_tokens_total",                            "nim", OUT },
    { "num_requests_running",                               "nim", RUNNING },
    { "num_requests_waiting",                               "nim", WAITING },
    { "nv_inference_pending_request_count",                 "triton", WAITING },
    { "nv_inference_request_success",                       "triton", LIVES },
    { "prompt_tokens_total",                                "nim", IN },
    { "sglang:generation_tokens_total",                     "sglang", OUT },
    { "sglang:inter_token_latency_seconds_bucket",          "sglang", BUCKET, BETWEEN },
    { "sglang:num_queue_reqs",                              "sglang", WAITING },
    { "sglang:num_running_reqs",                            "sglang", RUNNING },
    { "sglang:prompt_tokens_total",                         "sglang", IN },
    { "sglang:realtime_tokens_total",                       "sglang", OUT_OF_MODE },
    { "sglang:time_per_output_token_seconds_bucket",        "sglang", BUCKET, BETWEEN },
    { "sglang:time_to_first_token_seconds_bucket",          "sglang", BUCKET, FIRST_TOKEN },
    { "time_per_output_token_seconds_bucket",               "nim", BUCKET, BETWEEN },
    { "time_to_first_token_seconds_bucket",                 "nim", BUCKET, FIRST_TOKEN },
    { "trtllm_generation_tokens_total",                     "trtllm", OUT },
    { "trtllm_num_requests_running",                        "trtllm", RUNNING },
    { "trtllm_num_requests_waiting",                        "trtllm", WAITING },
    { "trtllm_prompt_tokens_total",                         "trtllm", IN },
    { "trtllm_request_success_total",                       "trtllm", LIVES },
    { "trtllm_time_per_output_token_seconds_bucket",        "trtllm", BUCKET, BETWEEN },
    { "trtllm_time_to_first_token_seconds_bucket",          "trtllm", BUCKET, FIRST_TOKEN },
    { "vllm:generation_tokens_total",                       "vllm", OUT },
    { "vllm:inter_token_latency_seconds_bucket",            "vllm", BUCKET, BETWEEN },
    { "vllm:num_requests_running",                          "vllm", RUNNING },
    { "vllm:num_requests_waiting",                          "vllm", WAITING },
    { "vllm:prompt_tokens_total",                           "vllm", IN },
    { "vllm:time_per_output_token_seconds_bucket",          "vllm", BUCKET, BETWEEN },
    { "vllm:time_to_first_token_seconds_bucket",            "vllm", BUCKET, FIRST_TOKEN },
};
/* clang-format on */

static int compare_served_family(const void *key, const void *member)
{
    const struct slice *name = key;
    const struct served_family *f = member;
    int order = strncmp(name->text, f->name, name->len);

    return order ? order : -(f->name[name->len] != '\0');
}

static const struct served_family *find_served(struct page *p)
{
    if (!p->last_other.text || !equal(p->last_other, p->sample.name)) {
        p->last_other = p->sample.name;
        p->last_served = bsearch(&p->sample.name, served_families, sizeof(served_families) / sizeof(*served_families),
                                 sizeof(*served_families), compare_served_family);
    }
    return p->last_served;
}

static struct slice word(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void copy(char *to, size_t room, struct slice from)
{
    snprintf(to, room, "%.*s", (int)(from.len < room ? from.len : room - 1), from.len ? from.text : "");
}

/* The model of this line, whatever the case of its name; NULL: it names none, or there are too many. */
static struct served *served_of(struct page *p, const struct served_family *f)
{
    struct slice name = label(&p->sample, word("model_name"));
    struct served *m;
    char key[sizeof(m->name)];

    name = name.len ? name : label(&p->sample, word("model"));
    if (!name.len)
        return NULL;
    copy(key, sizeof(key), name);
    for (size_t i = 0; i < p->served_count; i++)
        if (strcasecmp(p->served[i].name, key) == 0)
            return &p->served[i];
    if (p->served_count == SERVED)
        return NULL;
    if (!p->served && !(p->served = calloc(SERVED, sizeof(*p->served))))
        abort();
    m = &p->served[p->served_count++];
    memcpy(m->name, key, sizeof(key));
    m->engine = f->engine;
    for (int i = 0; i <= LAST_NUMBER; i++)
        m->number[i] = NAN;
    return m;
}

static void add_number(struct served *m, enum said said, double value)
{
    if (!isnan(value) && value >= 0)
        m->number[said] = (isnan(m->number[said]) ? 0 : m->number[said]) + value;
}

/* Lines of one histogram come in order of le, and those of another engine add to them. */
static void add_bucket(struct page *p, struct served *m, const struct served_family *f, double below)
{
    struct histogram *h = &m->latency[f->latency];
    struct slice le = label(&p->sample, word("le"));
    uint32_t i = 0;
    double bound;

    if (!read_number(le, &bound) || isnan(bound) || !(below >= 0) || (h->family && h->family != f->name))
        return;
    h->family = f->name;
    while (i < h->count && h->le[i] != bound)
        i++;
    if (i == BUCKETS)
        return;
    if (i == h->count) {
        h->le[h->count] = bound;
        h->below[h->count++] = 0;
    }
    h->below[i] += below;
}

/* What sglang counts live, by what it does: decode is output, the rest of the modes are input. */
static enum said side_of_mode(const struct page *p)
{
    return same(label(&p->sample, word("mode")), "decode") ? OUT_OF_MODE : IN_AT_END;
}

static void read_pod(struct page *p, struct served *m)
{
    struct reading r;

    if (m->tenant[0] || m->job[0])
        return;
    read_meanings(&p->sample, &r, &p->recall);
    copy(m->tenant, sizeof(m->tenant), r.of[A_TENANT]);
    copy(m->job, sizeof(m->job), r.of[A_POD]);
}

static void read_served(struct page *p)
{
    const struct served_family *f = find_served(p);
    struct served *m = f ? served_of(p, f) : NULL;

    if (!m)
        return;
    p->mapped++;
    read_pod(p, m);
    if (f->said == BUCKET)
        add_bucket(p, m, f, p->sample.number);
    else if (f->said == OUT_OF_MODE)
        add_number(m, side_of_mode(p), p->sample.number);
    else if (f->said != LIVES)
        add_number(m, f->said, p->sample.number);
}

/* ---- what a page says of a model ---- */

/* The median of a histogram, each bucket spread evenly, as histogram_quantile() has it; NAN: nothing in it. */
static double median(const struct histogram *h, const double *before)
{
    double from = 0, had = 0, half = 0;

    for (uint32_t i = 0; i < h->count; i++)
        half = fmax(half, (h->below[i] - (before ? before[i] : 0)) / 2);
    for (uint32_t i = 0; half > 0 && i < h->count; i++) {
        double below = h->below[i] - (before ? before[i] : 0);

        if (below >= half)
            return isinf(h->le[i]) ? from : from + (h->le[i] - from) * (half - had) / (below - had);
        had = below;
        from = h->le[i];
    }
    return NAN;
}

/* Where this model's last answer is kept; NULL: there are too many. */
static struct past *past_of(struct prom *kept, uint64_t model)
{
    for (int i = 0; i < KEPT_MODELS; i++)
        if (kept->past[i].model == model || kept->past[i].model == 0)
            return &kept->past[i];
    return NULL;
}

/* Since the last answer; of the first since the server started, which is an estimate of now. */
static void tell_latency(struct page *p, uint32_t entity, size_t metric, const struct histogram *h, enum latency which,
                         struct past *past)
{
    bool again = past && past->count[which] == h->count && h->count > 0;
    double value;

    if (!h->count)
        return;
    for (uint32_t i = 0; again && i < h->count; i++)
        again = h->below[i] >= past->below[which][i];   /* else the server was started again */
    value = median(h, again ? past->below[which] : NULL);
    tell(p, entity, metric, value, !again);
    if (!past)
        return;
    past->count[which] = h->count;
    for (uint32_t i = 0; i < h->count; i++)
        past->below[which][i] = h->below[i];
}

static void tell_word(struct page *p, uint32_t entity, size_t metric, const char *text, const char *option)
{
    const char *fallback = option ? p->api->option(p->target, option) : NULL;

    text = *text ? text : fallback ? fallback : "";
    if (*text)
        p->api->text(p->out, entity, metric, text, strlen(text));
}

/* Live counts before those made at the end of a request. */
static double first_known(const double *number, enum said a, enum said b, enum said c)
{
    return !isnan(number[a]) ? number[a] : !isnan(number[b]) ? number[b] : number[c];
}

/* Of one model several servers answer: each is a part of it, named after where it was heard. */
static void tell_served(struct page *p, const struct served *m)
{
    uint32_t whole = p->api->entity(p->out, GW_MODEL, m->name, strlen(m->name), GW_NONE), part;
    struct past *past = past_of(p->kept, hash_of(m->name));
    double out = first_known(m->number, OUT, OUT_OF_MODE, OUT_AT_END), in = first_known(m->number, IN, IN_AT_END, IN);
    struct slice node = p->nodename.len ? p->nodename : word(p->target->name);
    const char *colon = memchr(node.text, ':', node.len);
    char name[512];
    int len = snprintf(name, sizeof(name), "%s@%s", m->name, m->job[0] ? m->job : p->target->name);

    part = p->api->entity(p->out, GW_MODEL, name, (size_t)len, whole);
    tell_word(p, part, MODEL_ENGINE, m->engine, NULL);
    tell_word(p, part, MODEL_TENANT, m->tenant, "tenant");
    tell_word(p, part, MODEL_JOB, m->job, "job");
    p->api->text(p->out, part, MODEL_NODE, node.text, colon ? (size_t)(colon - node.text) : node.len);
    if (!isnan(out))
        p->api->number(p->out, part, MODEL_TOKENS, out);
    if (!isnan(in))
        p->api->number(p->out, part, MODEL_TOKENS_IN, in);
    if (!isnan(m->number[RUNNING]))
        p->api->number(p->out, part, MODEL_RUNNING, m->number[RUNNING]);
    if (!isnan(m->number[WAITING]))
        p->api->number(p->out, part, MODEL_WAITING, m->number[WAITING]);
    if (past)
        past->model = hash_of(m->name);
    tell_latency(p, part, TTFT, &m->latency[FIRST_TOKEN], FIRST_TOKEN, past);
    tell_latency(p, part, ITL, &m->latency[BETWEEN], BETWEEN, past);
}

static void take_sample(struct page *p)
{
    const struct family *f;
    double value = p->sample.number;

    if (read_by_rules(p, p->kept->rules, p->kept->rule_count))
        return;
    f = find_family(p, p->sample.name);
    if (!f && p->sample.name.len > 6 && memcmp(p->sample.name.text, "slurm_", 6) == 0) {
        read_by_rules(p, slurm_rules, sizeof(slurm_rules) / sizeof(*slurm_rules));
        return;
    }
    if (!f) {
        read_served(p);
        return;
    }
    tell_time(p);
    if ((f->flags & DCGM) && is_blank(value, metrics[f->metric].type == GW_ENERGY))
        value = NAN;
    (f->whose == OF_GPU ? read_gpu : read_node)(p, f, value * f->scale);
}

static void take_line(struct page *p, const char *line, const char *end, unsigned number)
{
    if (end > line && end[-1] == '\r')
        end--;
    line = skip_blanks(line, end);
    if (line == end || *line == '#')
        return;
    p->lines++;
    if (read_sample(&p->sample, line, end)) {
        take_sample(p);
        return;
    }
    if (p->bad++ == 0) {
        p->first_bad_line = number;
        gw_quote(p->first_bad, line, (size_t)(end - line));
    }
}

/* ---- the end of a page ---- */

static int compare_cuts(const void *left, const void *right)
{
    const struct cut *a = left, *b = right;

    if (a->entity != b->entity)
        return a->entity < b->entity ? -1 : 1;
    return -strcmp(a->profile, b->profile);
}

/* "3g.40gb ×2, 1g.10gb" for every GPU that has instances. */
static void tell_cuts(struct page *p)
{
    size_t i = 0;

    if (p->cut_count)
        qsort(p->cuts, p->cut_count, sizeof(*p->cuts), compare_cuts);
    while (i < p->cut_count) {
        uint32_t entity = p->cuts[i].entity;
        char text[512];
        size_t at = 0;

        while (i < p->cut_count && p->cuts[i].entity == entity) {
            size_t k = i;

            while (k < p->cut_count && compare_cuts(&p->cuts[k], &p->cuts[i]) == 0)
                k++;
            if (at + 48 < sizeof(text))
                at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", at ? ", " : "",
                                       p->cuts[i].profile);
            if (k - i > 1 && at + 24 < sizeof(text))
                at += (size_t)snprintf(text + at, sizeof(text) - at, " ×%zu", k - i);
            i = k;
        }
        p->api->text(p->out, entity, MIG, text, at);
    }
}

/* What follows from several lines: memory fitted where only its parts are told (an estimate without the reserved part,
 * that older exporters leave out), and the limit that was asked for where the enforced one is not told. */
static void finish_gpu(struct page *p, struct thing *t)
{
    double total = t->spare[FB_USED] + t->spare[FB_FREE];
    bool reserved = !isnan(t->spare[FB_RESERVED]);

    if (!isnan(total) && first(t, MEM_TOTAL))
        tell(p, t->entity, MEM_TOTAL, total + (reserved ? t->spare[FB_RESERVED] : 0), !reserved);
    if (!isnan(t->spare[LIMIT_ASKED]) && first(t, POWER_LIMIT))
        p->api->number(p->out, t->entity, POWER_LIMIT, t->spare[LIMIT_ASKED]);
    if (t->tenant[0] || p->kept->tells_pods)
        p->api->text(p->out, t->entity, TENANT, t->tenant, strlen(t->tenant));
    if (t->job[0] || p->kept->tells_pods || p->kept->tells_jobs)
        p->api->text(p->out, t->entity, JOB, t->job, strlen(t->job));
}

static void finish_things(struct page *p)
{
    for (size_t i = 0; i < p->thing_room; i++) {
        struct thing *t = &p->things[i];

        if (!t->used)
            continue;
        if (t->is_gpu)
            finish_gpu(p, t);
        if (t->sum_metric)
            p->api->number(p->out, t->entity, t->sum_metric, t->sum);
    }
    tell_cuts(p);
}

static int judge(struct page *p, bool cut_off, unsigned lines)
{
    p->api->note(p->out, "%u of %u samples mean something here%s%s", p->mapped, p->lines,
                 p->power ? "; power of GPUs is " : "", p->power ? p->power : "");
    if (2 * p->bad > p->lines)
        return p->api->fail(p->out, "not a page of metrics: %u of %u lines are not understood, "
                                    "first line %u: \"%s\"", p->bad, p->lines, p->first_bad_line,
                            p->first_bad);
    if (p->bad)
        p->api->warn(p->out, "%u line%s not understood, first line %u: \"%s\"", p->bad,
                     p->bad == 1 ? "" : "s", p->first_bad_line, p->first_bad);
    else if (cut_off)
        p->api->partial(p->out, NAN, "the page is cut off in line %u", lines);
    else if (p->mapped == 0)
        p->api->partial(p->out, NAN, "none of %u samples means anything here; see the option map", p->lines);
    return GW_DONE;
}

/* OpenMetrics ends in "# EOF"; the older format does not, and counts time in milliseconds. */
static bool is_openmetrics(const char *text, size_t len)
{
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    return len >= 5 && memcmp(text + len - 5, "# EOF", 5) == 0;
}

/* node_exporter says its host's name near the end, but every line before needs it. */
static void find_nodename(struct page *p, const char *text, size_t len)
{
    static const char name[] = "\nnode_uname_info{";
    const char *at = memmem(text, len, name, sizeof(name) - 1), *end;

    if (!at)
        return;
    at++;
    end = memchr(at, '\n', (size_t)(text + len - at));
    if (end && read_sample(&p->sample, at, end))
        p->nodename = label(&p->sample, (struct slice){ "nodename", 8 });
    /* a name in need of unescaping is no host's */
    if (p->nodename.text >= p->sample.scratch &&
        p->nodename.text < p->sample.scratch + sizeof(p->sample.scratch))
        p->nodename.len = 0;
}

static int parse_page(struct page *p, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    unsigned number = 0;
    bool cut_off = false;

    p->seconds = is_openmetrics(text, len);
    find_nodename(p, text, len);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        number++;
        if (!newline) {
            /* Both formats end every line: half a number must not pass for a whole one. */
            at = skip_blanks(at, end);
            cut_off = at < end && *at != '#';
            break;
        }
        take_line(p, at, newline, number);
        at = newline + 1;
    }
    if (p->lines == 0 && !cut_off)
        return p->api->fail(p->out, "the page has no samples");
    finish_things(p);
    for (size_t i = 0; i < p->served_count; i++)
        tell_served(p, &p->served[i]);
    return judge(p, cut_off, number);
}

/* ---- the source ---- */

static int prom_parse(const struct gw_api *api, const struct gw_target *target, const char *text,
                      size_t len, struct gw_out *out)
{
    struct page *p;
    size_t blank = 0;
    int result;

    if (read_map(api, target, out) == GW_FAILED)
        return GW_FAILED;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, len -= 3;
    while (blank < len && isspace((unsigned char)text[blank]))
        blank++;
    if (blank == len)
        return api->fail(out, "an empty answer instead of metrics");
    if (text[blank] == '<')
        return api->fail(out, "a web page instead of metrics; is the path right? often it is /metrics");
    if (text[blank] == '{' || text[blank] == '[')
        return api->fail(out, "JSON instead of metrics; is the path right? often it is /metrics");
    p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    p->api = api;
    p->target = target;
    p->out = out;
    p->kept = target->state;
    result = parse_page(p, text, len);
    free(p->things);
    free(p->cuts);
    free(p->served);
    free(p);
    return result;
}

/* 'it'\''s' */
static const char *shell_quoted(char *to, size_t room, const char *text)
{
    size_t at = 0;

    to[at++] = '\'';
    for (; *text && at + 6 < room; text++)
        at += (size_t)snprintf(to + at, room - at, *text == '\'' ? "'\\''" : "%c", *text);
    snprintf(to + at, room - at, "'");
    return *text ? NULL : to;
}

static int prom_ask(const struct gw_api *api, const struct gw_target *target, struct gw_ask *ask,
                    struct gw_out *out)
{
    const char *command = api->option(target, "command");
    char quoted[4096];

    if (read_map(api, target, out) == GW_FAILED)
        return GW_FAILED;
    if (command) {
        ask->how = GW_RUN;
        ask->command = command;
        return GW_DONE;
    }
    if (strncmp(target->url, "file:", 5) == 0) {
        if (!shell_quoted(quoted, sizeof(quoted), target->path))
            return api->fail(out, "the path of the file is too long");
        ask->how = GW_RUN;
        ask->command = api->print(target, "cat -- %s", quoted);
        return GW_DONE;
    }
    ask->how = GW_GET;
    if (!target->path || !*target->path || strcmp(target->path, "/") == 0)
        ask->path = "/metrics";
    /* The older format first: OpenMetrics libraries rename counters that lack _total. */
    ask->accept = "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";
    return GW_DONE;
}

const struct gw_source prom_source = {
    GW_SOURCE_HEAD,
    .name = "prom",
    .summary = "any Prometheus or OpenMetrics page: dcgm-exporter, node_exporter, inference servers, others by a map",
    .schemes = "http https",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct prom),
    .interval_s = 15,
    .ask = prom_ask,
    .parse = prom_parse,
};
