/* The ready-made questions of promql, each of them: a played engine answers one question
 * with one series, grouped by the labels that the question groups by, and it must become
 * the value, of the one, that stands here. A question that has no row here fails. */
#ifdef HAVE_CONFIG_H
#include "config.h"             /* before any header of the system, for what promql.c takes of it */
#endif

#include <check.h>

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

#include "tests/lib/heard.h"

/* The table is nobody else's to see. */
#define promql_source source_of_sets
#include "plugins/promql.c"

#define OF_DCGM "\"Hostname\":\"n1\",\"gpu\":\"0\",\"UUID\":\"GPU-0\",\"namespace\":\"blue\",\"pod\":\"train-0\",\"rack\":\"r7\""
#define OF_IPMI "\"node\":\"n1\",\"instance\":\"bmc1:9290\",\"rack\":\"r7\""
#define OF_NODES "\"nodename\":\"n1\""
#define OF_KUBE "\"node\":\"n1\",\"namespace\":\"blue\""
#define OF_ENGINE "\"model_name\":\"m\",\"namespace\":\"blue\",\"pod\":\"serve-0\""
#define OF_TRITON "\"model\":\"m\",\"namespace\":\"blue\",\"pod\":\"serve-0\""
#define OF_KAI "\"queue_name\":\"kai\",\"namespace\":\"kai-scheduler\""
#define OF_KUEUE "\"cluster_queue\":\"cq\",\"namespace\":\"kueue-system\",\"resource\":\"nvidia.com/gpu\""
#define OF_SLURM "\"partition\":\"train\",\"account\":\"physics\",\"node\":\"n1\""
#define OF_DPS "\"hostname\":\"n1\",\"gpu\":\"0\",\"parameter\":\"total\",\"rack\":\"r7\""
#define POWER_FAMILY "DCGM_FI_DEV_POWER_USAGE"
#define FB "DCGM_FI_DEV_FB_"
#define ASKED_GPUS "kube_pod_container_resource_requests"
#define QUARANTINED "fault_quarantine_current_quarantined_nodes"

/* clang-format off */
static const struct expected {
    const char *set, *families; /* that the engine has */
    const char *part, *without; /* what the question says, and what it does not */
    const char *labels;         /* of the series it reads */
    const char *detail;
    enum gw_kind kind;
    const char *name, *metric;
    double number;              /* where the engine says 7 */
    const char *text;
    bool estimated;
} table[] = {
    { "dcgm", POWER_FAMILY, "hpc_job", NULL, OF_DCGM, "gpus", GW_GPU, "n1/0", "tenant", .text = "blue" },
    { "dcgm", FB "FREE " FB "USED " FB "RESERVED", FB "RESERVED{", NULL, OF_DCGM, "gpus", GW_GPU, "n1/0", "mem_total", 7 },
    { "dcgm", FB "FREE " FB "USED", FB "FREE{", NULL, OF_DCGM, "gpus", GW_GPU, "n1/0", "mem_total", 7, .estimated = true },
    { "dcgm", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "rate(DCGM_FI_DEV_TOTAL", NULL, OF_DCGM, "gpus", GW_GPU, "n1/0", "power_mean", 0.007 },
    { "dcgm", POWER_FAMILY, "query=sum by (hostname", NULL, OF_DCGM, "nodes", GW_NODE, "n1", "power", 7, .estimated = true },
    { "dcgm", POWER_FAMILY, "query=count by (hostname", NULL, OF_DCGM, "nodes", GW_NODE, "n1", "gpus_total", 7 },
    { "dcgm", "DCGM_FI_DEV_GPU_TEMP", "query=max by (hostname", NULL, OF_DCGM, "nodes", GW_NODE, "n1", "temp", 7 },
    { "dcgm", POWER_FAMILY, "query=sum by (rack)", NULL, OF_DCGM, "racks", GW_DOMAIN, "r7", "power", 7, .estimated = true },
    { "dcgm", POWER_FAMILY, "query=avg by (rack)", NULL, OF_DCGM, "racks", GW_DOMAIN, "r7", "coverage", 700 },
    { "dcgm", POWER_FAMILY, "query=sum by (namespace", "bool", OF_DCGM, "nodes", GW_TENANT, "blue", "power", 7, .estimated = true },
    { "dcgm", POWER_FAMILY, "query=sum by (namespace", " > 1)", OF_DCGM, "racks", GW_TENANT, "blue", "power", 7 },
    { "dcgm", POWER_FAMILY, " > bool -1)", NULL, OF_DCGM, "nodes", GW_TENANT, "blue", "gpus", 7 },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", " >= bool 1)", " or 0 * count(", OF_DCGM, "nodes", GW_TENANT, "blue", "busy", 7 },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", " < bool 1)", " or 0 * count(", OF_DCGM, "racks", GW_TENANT, "blue", "idle", 7 },
    { "dcgm", POWER_FAMILY, "query=sum((max by", NULL, OF_DCGM, "nodes", GW_TENANT, "unallocated", "power", 7 },
    { "dcgm", POWER_FAMILY, "query=count((max by", NULL, OF_DCGM, "nodes", GW_TENANT, "unallocated", "gpus", 7 },
    { "dcgm", POWER_FAMILY " DCGM_FI_DEV_GPU_UTIL", " >= bool 1) or 0 * count(", NULL, OF_DCGM, "racks", GW_TENANT, "unallocated", "busy", 7 },
    { "dcgm", POWER_FAMILY " DCGM_FI_DEV_GPU_UTIL", " < bool 1) or 0 * count(", NULL, OF_DCGM, "nodes", GW_TENANT, "unallocated", "idle", 7 },
    { "node", "ipmi_dcmi_power_consumption_watts", "query=max by", NULL, OF_IPMI, "gpus", GW_NODE, "n1", "meter", 7 },
    { "node", "node_uname_info", "node_boot_time_seconds", NULL, OF_NODES, "nodes", GW_NODE, "n1", "boot", 7 },
    { "kubernetes", "kube_node_status_condition", " == 1", NULL, OF_KUBE, "gpus", GW_NODE, "n1", "state", .text = "up" },
    { "kubernetes", "kube_node_status_condition", " == 0", NULL, OF_KUBE, "nodes", GW_NODE, "n1", "state", .text = "down" },
    { "kubernetes", "kube_node_spec_unschedulable", " == 1", NULL, OF_KUBE, "gpus", GW_NODE, "n1", "state", .text = "drain" },
    { "kubernetes", "kube_node_spec_unschedulable", " == 0", NULL, OF_KUBE, "gpus", GW_NODE, "n1", "maintenance", .text = "no" },
    { "kubernetes", "kube_node_spec_unschedulable", " == 1", NULL, OF_KUBE, "nodes", GW_NODE, "n1", "maintenance", .text = "cordoned" },
    { "kubernetes", "kube_node_spec_taint", "out-of-service", NULL, OF_KUBE, "nodes", GW_NODE, "n1", "maintenance", .text = "taint" },
    { "kubernetes", "kube_node_status_allocatable", "nvidia_com_(gpu|mig_.*)", NULL, OF_KUBE, "nodes", GW_NODE, "n1", "gpus_total", 7 },
    { "kubernetes", ASKED_GPUS, "query=sum by (node)", NULL, OF_KUBE, "gpus", GW_NODE, "n1", "gpus_held", 7 },
    { "kubernetes", "kube_resourcequota", "{type=\"hard\",", NULL, OF_KUBE, "racks", GW_TENANT, "blue", "quota", 7 },
    { "kubernetes", "kube_pod_owner", "{phase=\"Pending\"", NULL, OF_KUBE, "gpus", GW_TENANT, "blue", "pending", 7 },
    { "kubernetes", "kube_pod_owner", "{phase=\"Running\"", NULL, OF_KUBE, "racks", GW_TENANT, "blue", "jobs", 7 },
    { "kubernetes", ASKED_GPUS, "{phase=\"Pending\"", NULL, OF_KUBE, "nodes", GW_TENANT, "blue", "gpus_pending", 7 },
    { "dynamo", "dynamo_frontend_output_tokens_total", "rate(", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "dynamo", "dynamo_frontend_input_sequence_tokens_sum", "rate(", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "dynamo", "dynamo_frontend_inflight_requests", "sum by", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "running", 7 },
    { "dynamo", "dynamo_frontend_queued_requests", "sum by", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "dynamo", "dynamo_frontend_time_to_first_token_seconds_bucket", "quantile(0.5", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "ttft", 7 },
    { "dynamo", "dynamo_frontend_inter_token_latency_seconds_bucket", "quantile(0.5", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "dynamo", "dynamo_frontend_inflight_requests", "sum by", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "engine", .text = "dynamo" },
    { "vllm", "vllm:generation_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "vllm", "vllm:prompt_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "vllm", "vllm:num_requests_running", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "running", 7 },
    { "vllm", "vllm:num_requests_waiting", "sum by", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "vllm", "vllm:time_to_first_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "ttft", 7 },
    { "vllm", "vllm:time_per_output_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "vllm", "vllm:inter_token_latency_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "vllm", "vllm:num_requests_running", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "engine", .text = "vllm" },
    { "sglang", "sglang:generation_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "sglang", "sglang:realtime_tokens_total", "{mode=\"decode\"}", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "sglang", "sglang:prompt_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "sglang", "sglang:realtime_tokens_total", "{mode=~\"prefill.*\"}", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "sglang", "sglang:num_running_reqs", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "running", 7 },
    { "sglang", "sglang:num_queue_reqs", "sum by", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "sglang", "sglang:time_to_first_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "ttft", 7 },
    { "sglang", "sglang:inter_token_latency_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "sglang", "sglang:num_running_reqs", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "engine", .text = "sglang" },
    { "trtllm", "trtllm_generation_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "trtllm", "trtllm_prompt_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "trtllm", "trtllm_num_requests_running", "sum by", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "running", 7 },
    { "trtllm", "trtllm_num_requests_waiting", "sum by", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "trtllm", "trtllm_time_to_first_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "ttft", 7 },
    { "trtllm", "trtllm_time_per_output_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "trtllm", "trtllm_request_success_total", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "engine", .text = "trtllm" },
    { "nim", "generation_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens", 7 },
    { "nim", "prompt_tokens_total", "rate(", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "tokens_in", 7 },
    { "nim", "num_requests_running", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "running", 7 },
    { "nim", "num_requests_waiting", "sum by", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "nim", "time_to_first_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "ttft", 7 },
    { "nim", "time_per_output_token_seconds_bucket", "quantile(0.5", NULL, OF_ENGINE, "gpus", GW_MODEL, "m@blue", "itl", 7 },
    { "nim", "num_requests_running", "query=sum by", " * on (", OF_ENGINE, "gpus", GW_MODEL, "m@blue", "engine", .text = "nim" },
    { "serving", "nv_inference_request_success", "group_left () (sum by", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "power", 7 },
    { "serving", "vllm:num_requests_running", "group_left () (count by", NULL, OF_ENGINE, "nodes", GW_MODEL, "m@blue", "gpus", 7 },
    { "triton", "nv_inference_pending_request_count", "sum by", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "waiting", 7 },
    { "triton", "nv_inference_first_response_histogram_ms_bucket", "quantile(0.5", NULL, OF_TRITON, "gpus", GW_MODEL, "m@blue", "ttft", 0.007, .estimated = true },
    { "triton", "nv_inference_request_success", "query=sum by", " * on (", OF_TRITON, "gpus", GW_MODEL, "m@blue", "engine", .text = "triton" },
    { "kai", "queue_allocated_gpus", "max by", NULL, OF_KAI, "gpus", GW_QUEUE, "kai", "gpus_running", 7 },
    { "kai", "queue_deserved_gpus", "max by", NULL, OF_KAI, "racks", GW_QUEUE, "kai", "quota", 7 },
    { "kueue", "kueue_pending_workloads", "sum by", NULL, OF_KUEUE, "gpus", GW_QUEUE, "cq", "pending", 7 },
    { "kueue", "kueue_admitted_active_workloads", "sum by", NULL, OF_KUEUE, "gpus", GW_QUEUE, "cq", "running", 7 },
    { "kueue", "kueue_cluster_queue_resource_usage", "{resource=\"nvidia.com/gpu\"}", NULL, OF_KUEUE, "gpus", GW_QUEUE, "cq", "gpus_running", 7 },
    { "kueue", "kueue_cluster_queue_nominal_quota", "{resource=\"nvidia.com/gpu\"}", NULL, OF_KUEUE, "racks", GW_QUEUE, "cq", "quota", 7 },
    { "slurm", "slurm_partition_jobs_pending", "max by", NULL, OF_SLURM, "gpus", GW_QUEUE, "train", "pending", 7 },
    { "slurm", "slurm_partition_jobs_running", "max by", NULL, OF_SLURM, "gpus", GW_QUEUE, "train", "running", 7 },
    { "slurm", "slurm_partition_jobs_gpus_alloc", "max by", NULL, OF_SLURM, "gpus", GW_QUEUE, "train", "gpus_running", 7 },
    { "slurm", "slurm_partition_gpus", "max by", NULL, OF_SLURM, "racks", GW_QUEUE, "train", "quota", 7 },
    { "slurm", "slurm_account_jobs_pending", "max by", NULL, OF_SLURM, "gpus", GW_TENANT, "physics", "pending", 7 },
    { "slurm", "slurm_account_jobs_running", "max by", NULL, OF_SLURM, "gpus", GW_TENANT, "physics", "jobs", 7 },
    { "slurm", "slurm_account_jobs_gpus_alloc", "max by", NULL, OF_SLURM, "racks", GW_TENANT, "physics", "gpus", 7 },
    { "slurm", "slurm_node_gpus", "max by", NULL, OF_SLURM, "gpus", GW_NODE, "n1", "gpus_total", 7 },
    { "slurm", "slurm_node_gpus_alloc", "max by", NULL, OF_SLURM, "nodes", GW_NODE, "n1", "gpus_held", 7 },
    { "dps", "prs_power_draw", "{parameter=\"total\"}", NULL, OF_DPS, "nodes", GW_NODE, "n1", "power", 7, .estimated = true },
    { "dps", "prs_power_draw", "query=sum by (rack)", NULL, OF_DPS, "racks", GW_DOMAIN, "r7", "power", 7, .estimated = true },
    { "dps", "prs_power_draw", "gpu[0-9]+", NULL, OF_DPS, "gpus", GW_GPU, "n1/0", "power", 7 },
    { "dps", "prs_power_limit", "{parameter=\"total\"}", NULL, OF_DPS, "nodes", GW_NODE, "n1", "cap", 7 },
    { "dps", "prs_power_limit", "gpu[0-9]+", NULL, OF_DPS, "gpus", GW_GPU, "n1/0", "power_limit", 7 },
    { "dps", "prs_power_prediction", "{parameter=\"total\"}", NULL, OF_DPS, "gpus", GW_NODE, "n1", "power_predicted", 7 },
    { "dps", "prs_power_under_allocation", " == 0", NULL, OF_DPS, "nodes", GW_NODE, "n1", "near_limit", .text = "no" },
    { "dps", "prs_power_under_allocation", " > 0", NULL, OF_DPS, "gpus", GW_NODE, "n1", "near_limit", .text = "yes" },
    { "nvsentinel", QUARANTINED, " > 0", NULL, OF_KUBE, "nodes", GW_NODE, "n1", "state", .text = "drain" },
    { "nvsentinel", QUARANTINED, " > 0", NULL, OF_KUBE, "gpus", GW_NODE, "n1", "reason", .text = "quarantined by NVSentinel" },
};
/* clang-format on */

enum {
    ROWS = sizeof(table) / sizeof(*table),
    QUESTIONS = sizeof(questions) / sizeof(*questions) - 1
};

static const struct expected *row;
static char reply_text[4096];

static void decode(char *to, size_t room, const char *from)
{
    char *end = to + room - 1;

    for (; *from && to < end; to++) {
        unsigned code = 0;

        if (*from == '%' && sscanf(from + 1, "%2x", &code) == 1) {
            *to = (char)code;
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

static bool is_the_question(const char *text)
{
    return strstr(text, row->part) && !(row->without && strstr(text, row->without));
}

static void names_of_families(char *to, size_t room)
{
    const char *list = row->families;
    size_t used = (size_t)snprintf(to, room, "{\"status\":\"success\",\"data\":[\"up\"");

    for (struct slice name = next_word(&list); name.len; name = next_word(&list))
        used += (size_t)snprintf(to + used, room - used, ",\"%.*s\"", (int)name.len, name.text);
    snprintf(to + used, room - used, "]}");
}

/* LABEL":"VALUE" of the series, where `by`, "LABEL,LABEL,…)", has the label. */
static bool has_label(const char *by, const char *label, size_t len)
{
    for (; *by && *by != ')'; by += *by == ',') {
        size_t here = strcspn(by, ",)");

        if (here == len && memcmp(by, label, len) == 0)
            return true;
        by += here;
    }
    return false;
}

/* Of the series, the labels that the outermost aggregation keeps. */
static void one_series(char *to, size_t room, const char *question, int value)
{
    const char *by = strstr(question, " by (");
    bool keeps_none = strncmp(question, "sum(", 4) == 0 ||
                      strncmp(question, "count(", 6) == 0;
    size_t used = (size_t)snprintf(to, room, "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{");
    const char *comma = "";

    for (const char *at = row->labels; by && !keeps_none && *at == '"';) {
        size_t len = strcspn(at + 1, "\""), whole_len = strcspn(at, ",");

        if (has_label(by + 5, at + 1, len)) {
            used += (size_t)snprintf(to + used, room - used, "%s%.*s", comma,
                                     (int)whole_len, at);
            comma = ",";
        }
        at += whole_len + (at[whole_len] == ',');
    }
    snprintf(to + used, room - used, "},\"value\":[1795358944,\"%d\"]}]}}", value);
}

/* What is free is asked for only after a tenant was told of. */
static bool engine(struct gw_out *o, const char *path, struct gw_reply *reply)
{
    static char asked[QUERY_ROOM];
    const char *question;

    (void)o;
    decode(asked, sizeof(asked), path);
    question = strstr(asked, "query=");
    if (!question)
        names_of_families(reply_text, sizeof(reply_text));
    else if (is_the_question(asked))
        one_series(reply_text, sizeof(reply_text), question + 6, 7);
    else if (strcmp(row->name, "unallocated") == 0 &&
             strstr(asked, "query=sum by (namespace"))
        one_series(reply_text, sizeof(reply_text), question + 6, 3);
    else
        snprintf(reply_text, sizeof(reply_text), "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
    reply->status = 200;
    reply->text = reply_text;
    reply->len = strlen(reply_text);
    return true;
}

/* The questions that this row is about. */
static void tick_off(const struct promql *p, bool ticked[])
{
    static char text[QUERY_ROOM], prefixed[QUERY_ROOM + 8];

    for (size_t i = 0; i < p->asked_count; i++) {
        const struct question *is = &p->asked[i].is;

        decode(text, sizeof(text), p->asked[i].query);
        snprintf(prefixed, sizeof(prefixed), "query=%s", text);
        if (!is_the_question(prefixed) || strcmp(is->set, row->set) != 0 ||
            metrics[is->metric].kind != row->kind ||
            strcmp(metrics[is->metric].name, row->metric) != 0)
            continue;
        for (size_t q = 0; q < QUESTIONS; q++)
            ticked[q] |= questions[q].query == is->query &&
                         questions[q].needs == is->needs &&
                         questions[q].metric == is->metric &&
                         questions[q].flags == is->flags && questions[q].word == is->word;
    }
}

static void expect_row(bool ticked[])
{
    struct heard_option given[] = { { "detail", row->detail },
                                    { "sets", row->set },
                                    { 0 } };
    struct gw_out *out = heard_new(&source_of_sets, "engine", given);
    const struct heard_value *v;

    out->web = engine;
    out->clock = 1795358944;
    out->target.no_stream = true;       /* one-shots hear nothing of the past */
    ck_assert_msg(heard_poll(out) == GW_DONE && heard_poll(out) == GW_DONE, "%s: %s",
                  row->families, out->failure);
    v = heard_value(out, row->kind, row->name, row->metric);
    ck_assert_msg(v != NULL, "%s, %s: of %s no %s is told", row->families, row->part,
                  row->name, row->metric);
    if (row->text)
        ck_assert_str_eq(v->text, row->text);
    else
        ck_assert_msg(fabs(v->number - row->number) < 1e-9,
                      "%s, %s: %s of %s is %g, not %g", row->families, row->part,
                      row->metric, row->name, v->number, row->number);
    ck_assert_msg(v->estimated == row->estimated, "%s, %s: %s %s estimated",
                  row->families, row->part, row->metric,
                  row->estimated ? "is not" : "is");
    tick_off(out->target.state, ticked);
    heard_free(out);
}

START_TEST(every_ready_made_question_tells_its_value_of_its_own)
{
    bool ticked[QUESTIONS] = { false };

    for (row = table; row < table + ROWS; row++)
        expect_row(ticked);
    for (size_t q = 0; q < QUESTIONS; q++)
        ck_assert_msg(ticked[q], "%s: no row says what comes of %s (%s)",
                      questions[q].set, questions[q].needs, questions[q].query);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("promql_sets");
    Suite *suite = suite_create("promql_sets");
    SRunner *runner;
    int failed;

    setenv("TZ", "UTC", 1);
    tcase_add_test(c, every_ready_made_question_tells_its_value_of_its_own);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
