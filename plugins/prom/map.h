/* Families and what they mean beside the table: rules of the option `map`, and those of
 * Slurm's own pages; and what a target keeps from answer to answer. */
#ifndef PLUGINS_PROM_MAP_H
#define PLUGINS_PROM_MAP_H

#include "../exporters.h"

enum { RULES = 32, FILTERS = 4 };

struct rule {
    struct slice family;
    struct slice label[FILTERS], value[FILTERS];
    size_t filters;
    struct meant is;            /* a queue that no label names is the page's: its
                                 * target's name */
};

/* Slurm's own pages since 25.11, /metrics/partitions, /metrics/nodes, /metrics/jobs and
 * /metrics/jobs-users-accts of slurmctld (slurm.schedmd.com/metrics.html). Of its sums
 * only those are taken that do not wrap at 65,536. */
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

/* Models whose latencies are known by what came since the last answer; buckets of a
 * histogram. */
enum { KEPT_MODELS = 4, BUCKETS = 48 };
enum latency { FIRST_TOKEN, BETWEEN, LATENCIES };

struct past {
    uint64_t model;             /* hash of its name; 0: free */
    uint32_t count[LATENCIES];  /* of buckets; 0: none seen yet */
    double below[LATENCIES][BUCKETS];
};

/* What a target keeps between answers. Slices point into the option, which lives as
 * long. */
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
        if (r->label[r->filters].len == 0 || end - *at < 2 || (*at)[0] != '=' ||
            (*at)[1] != '"')
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
    if (metrics[r->is.metric].kind != GW_GPU && metrics[r->is.metric].kind != GW_NODE &&
        !r->is.by[0].len)
        return wrong(why, "say by which label it is named: by LABEL");
    return 0;
}

/* Reads the option once. Rules stand one a line, or between semicolons. */
static int read_map(const struct gw_api *api, const struct gw_target *target,
                    struct gw_out *out)
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

#endif
