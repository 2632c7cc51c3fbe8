/* Inference servers: families of the engines, gathered by model, and what a page says of
 * each. */
#ifndef PLUGINS_PROM_SERVED_H
#define PLUGINS_PROM_SERVED_H

#include "plugins/prom/page.h"

enum said {
    OUT,
    OUT_OF_MODE,
    OUT_AT_END,
    IN,
    IN_AT_END,
    RUNNING,
    WAITING,
    LAST_NUMBER = WAITING,
    BUCKET,
    LIVES
};
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

/* In the order of strcmp(). dynamo: docs/observability of ai-dynamo/dynamo; sglang: its
 * production metrics; vllm: its metrics design page, time_per_output_token_seconds is the
 * older name; trtllm: tensorrt_llm/metrics/collector.py, whose tokens are counted by
 * newer ones only, else by the frontend; nim: vllm's without the prefix; nv_: Triton,
 * which counts requests, not tokens. OUT_AT_END and IN_AT_END are told when a request
 * ends, and serve where nothing is told live. */
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

static const struct served_family *find_served(struct page *p)
{
    if (!p->last_other.text || !equal(p->last_other, p->sample.name)) {
        p->last_other = p->sample.name;
        p->last_served = bsearch(&p->sample.name, served_families,
                                 sizeof(served_families) / sizeof(*served_families),
                                 sizeof(*served_families), compare_name);
    }
    return p->last_served;
}

static struct slice word(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void copy(char *to, size_t room, struct slice from)
{
    snprintf(to, room, "%.*s", (int)(from.len < room ? from.len : room - 1),
             from.len ? from.text : "");
}

/* The model of this line, whatever the case of its name; NULL: it names none, or there
 * are too many. */
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
static void add_bucket(struct page *p, struct served *m, const struct served_family *f,
                       double below)
{
    struct histogram *h = &m->latency[f->latency];
    struct slice le = label(&p->sample, word("le"));
    uint32_t i = 0;
    double bound;

    if (!read_number(le, &bound) || isnan(bound) || !(below >= 0) ||
        (h->family && h->family != f->name))
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

/* What sglang counts live, by what it does: decode is output, the rest of the modes are
 * input. */
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

/* The median of a histogram, each bucket spread evenly, as histogram_quantile() has it;
 * NAN: nothing in it. */
static double median(const struct histogram *h, const double *before)
{
    double from = 0, had = 0, half = 0;

    for (uint32_t i = 0; i < h->count; i++)
        half = fmax(half, (h->below[i] - (before ? before[i] : 0)) / 2);
    for (uint32_t i = 0; half > 0 && i < h->count; i++) {
        double below = h->below[i] - (before ? before[i] : 0);

        if (below >= half)
            return isinf(h->le[i])
                       ? from
                       : from + (h->le[i] - from) * (half - had) / (below - had);
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

/* Since the last answer; of the first since the server started, which is an estimate of
 * now. */
static void tell_latency(struct page *p, uint32_t entity, size_t metric,
                         const struct histogram *h, enum latency which, struct past *past)
{
    bool again = past && past->count[which] == h->count && h->count > 0;
    double value;

    if (!h->count)
        return;
    for (uint32_t i = 0; again && i < h->count; i++)
        /* else the server was started again */
        again = h->below[i] >= past->below[which][i];
    value = median(h, again ? past->below[which] : NULL);
    tell(p, entity, metric, value, !again);
    if (!past)
        return;
    past->count[which] = h->count;
    for (uint32_t i = 0; i < h->count; i++)
        past->below[which][i] = h->below[i];
}

static void tell_word(struct page *p, uint32_t entity, size_t metric, const char *text,
                      const char *option)
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

/* Of one model several servers answer: each is a part of it, named after where it was
 * heard. */
static void tell_served(struct page *p, const struct served *m)
{
    uint32_t whole = p->api->entity(p->out, GW_MODEL, m->name, strlen(m->name), GW_NONE),
             part;
    struct past *past = past_of(p->kept, hash_of(m->name));
    double out = first_known(m->number, OUT, OUT_OF_MODE, OUT_AT_END),
           in = first_known(m->number, IN, IN_AT_END, IN);
    struct slice node = p->nodename.len ? p->nodename : word(p->target->name);
    const char *colon = memchr(node.text, ':', node.len);
    char name[512];
    int len = snprintf(name, sizeof(name), "%s@%s", m->name,
                       m->job[0] ? m->job : p->target->name);

    part = p->api->entity(p->out, GW_MODEL, name, (size_t)len, whole);
    tell_word(p, part, MODEL_ENGINE, m->engine, NULL);
    tell_word(p, part, MODEL_TENANT, m->tenant, "tenant");
    tell_word(p, part, MODEL_JOB, m->job, "job");
    p->api->text(p->out, part, MODEL_NODE, node.text,
                 colon ? (size_t)(colon - node.text) : node.len);
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

#endif
