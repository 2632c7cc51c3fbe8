/* What an engine can be asked: one table of ready-made questions for all exporters, by
 * their sets. */
#ifndef PLUGINS_PROMQL_QUESTIONS_H
#define PLUGINS_PROMQL_QUESTIONS_H

#include "../exporters.h"
#include "../promql_answer.h"

/* Whom the labels of a series name. */
enum about {
    ABOUT_GPU,
    ABOUT_HOLDERS,
    ABOUT_NODE,
    ABOUT_RACK,
    ABOUT_TENANT,
    ABOUT_NOBODY,
    ABOUT_MODEL,
    ABOUT_QUEUE,
    ABOUT_SITE,
    ABOUT_RULE
};

/* How far down the engine is asked, a bit each. */
enum detail { BY_GPU = 1, BY_NODE = 2, BY_RACK = 4 };

enum {
    SUMMED = 1 << 0,            /* a sum that leaves something out, as that of GPUs the
                                 * rest of a node: an estimate */
    BLANKS = 1 << 1,            /* blanks of DCGM are unknown */
    MASK = 1 << 2,              /* clocks event reasons */
    UNLIMITED = 1 << 3          /* below 0 is no limit, and no number */
};

struct question {
    const char *set;
    const char *needs;          /* families, one of which must be there; $m is those
                                 * that are */
    const char *query;
    enum about about;
    size_t metric;
    unsigned at;                /* details at which it is asked; 0: all */
    unsigned flags;
    const char *word;           /* what a text metric becomes, of every series */
    const char *label;          /* by which a queue, or a tenant, is named; of a tenant
                                 * NULL: as ever */
    const char *also;           /* only where one of these families is there, too */
    const char *unless;         /* not where this family is there: another question
                                 * says it better */
    double scale;               /* 0: 1 */
};

#define POWERS "DCGM_FI_DEV_POWER_USAGE DCGM_FI_DEV_BOARD_POWER_WATTS"
#define OTHER_POWERS "all_smi_gpu_power_consumption_watts nv_gpu_power_usage"
#define METERS "ipmi_dcmi_power_consumption_watts"
#define LIMITS "DCGM_FI_DEV_ENFORCED_POWER_LIMIT DCGM_FI_DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS DCGM_FI_DEV_POWER_MGMT_LIMIT " \
    "DCGM_FI_DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS nv_gpu_power_limit"
/* Of DPS: all that it steers in a node, which is no meter of the node; and its GPUs, by
 * the number in "gpu0". */
#define STEERED "max by ($node,$place) ($m{$device=\"total\"})"
#define STEERED_GPUS "max by ($gpu) (label_replace($m{$device=~\"gpu[0-9]+\"},\"gpu\",\"$1\",\"$device\",\"gpu([0-9]+)\"))"
#define MEGABYTES(which) "max by ($gpu) (DCGM_FI_DEV_FB_" which "{GPU_I_ID=\"\",$match})"
#define MEDIAN(buckets) "histogram_quantile(0.5, sum by (le,$model) (" buckets "))"
/* The holders' sums leave out who exports: the labels of its own pod stand where no other
 * is (honorLabels). */
#define OPERATORS "(nvidia-)?gpu-operator(-resources)?"
#define HELD "(max by ($gpu,$tenant) ($m{exported_namespace!=\"\",exported_namespace!~\"" OPERATORS "\"}) or max by ($gpu,$tenant) " \
             "($m{exported_namespace=\"\",namespace!=\"\",namespace!~\"" OPERATORS "\",pod!~\".*dcgm-exporter.*\"}))"
/* Of a GPU that several tenants hold, by MIG or in turns, each has an equal part: nobody
 * measures more. */
#define SHARED "count by ($gpu) (" HELD ")"
#define BY_TENANT(OF) "sum by ($tenant) (" SHARES_OF(OF) ")"
#define OF_SHARERS " and on ($tenant) group by ($tenant) (" HELD " and on ($gpu) (" SHARED " > 1))"
#define FREE "(max by ($gpu) ($m) unless on ($gpu) " HELD ")"
/* Each GPU as much more as its node's meter reads above the node's GPUs: the model gives
 * what a node draws beside them to who holds these. Of a node without a meter nothing
 * more is known. Nodes have many labels: $[ … $] adds gw_node, the name of any. */
#define NODE_GPUS "sum by (gw_node) ($[max by ($gpu) ($m)$])"
#define NODE_METERS "max by (gw_node) ($[label_replace(max by ($node,instance) (" METERS "{$match}),\"gw_node\",\"$1\",\"instance\"," \
    "\"([^:]+).*\")$])"
#define AS_METERED(GPUS) "$[" GPUS "$] * on (gw_node) group_left () (clamp_min(" NODE_METERS " / " NODE_GPUS ", 1) or " NODE_GPUS " * 0 + 1)"
#define SHARES_OF(OF) "(" OF ") / on ($gpu) group_left () " SHARED
/* Pods that serve a model, by what their engines tell of themselves, and what the GPUs of
 * each pod draw: joined by namespace and pod, which dcgm-exporter calls exported_ where
 * the scrape keeps its own labels. A pod of several models gives each an equal part; what
 * a MIG instance draws nobody measures. OF_PODS is sum or count. */
#define SERVERS "group by (namespace,pod,$model) ($m{pod!=\"\"})"
#define OF_MODELS(OF_PODS) "sum by ($model) (" SERVERS " * on (namespace,pod) group_left () (" OF_PODS " by (namespace,pod) " \
    "(max by ($gpu,namespace,pod) (label_replace(label_replace(" GPU_WATTS("exported_pod!=\"\"") "," \
    "\"namespace\",\"$1\",\"exported_namespace\",\"(.+)\"),\"pod\",\"$1\",\"exported_pod\",\"(.+)\") " \
    "or " GPU_WATTS("exported_pod=\"\",pod!=\"\",pod!~\".*dcgm-exporter.*\"") ")) / on (namespace,pod) " \
    "count by (namespace,pod) (" SERVERS ")))"
/* By their count of energy, over the window that tokens are counted over; of a GPU that
 * does not count, by its power. */
#define GPU_WATTS(OF) "(rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{GPU_I_ID=\"\"," OF ",$match}[$w])/1000 or " \
    "{__name__=~\"DCGM_FI_DEV_POWER_USAGE|DCGM_FI_DEV_BOARD_POWER_WATTS\",GPU_I_ID=\"\"," OF ",$match})"
#define ENGINES "vllm:num_requests_running sglang:num_running_reqs trtllm_request_success_total num_requests_running " \
                "nv_inference_request_success"
#define BY_MODE(mode) "sum by ($model) ($r{mode=\"\"}) or sum by ($model) ($r{mode" mode "})"
/* By pods, of kube-state-metrics: the GPUs that each asks for, and what each is a part
 * of, which is what others call a job. */
#define GPUS_ASKED "max by (namespace,pod,container,resource) (kube_pod_container_resource_requests{" GPU_RESOURCE ",$match})"
#define IN_PHASE(phase) " * on (namespace,pod) group_left () max by (namespace,pod) (kube_pod_status_phase{phase=\"" phase "\",$match})"
#define WITH_GPUS " and on (namespace,pod) " GPUS_ASKED
#define OWNERS "max by (namespace,pod,owner_kind,owner_name) ($m{owner_name!~\"<none>|\"} or " \
    "label_replace($m{owner_name=~\"<none>|\"},\"owner_name\",\"$1\",\"pod\",\"(.+)\"))"
#define JOBS_IN(phase) "sum by (namespace) (max by (namespace,owner_kind,owner_name) (" OWNERS IN_PHASE(phase) WITH_GPUS "))"
#define GPU_RESOURCE "resource=~\"nvidia_com_(gpu|mig_.*)\""

/* $m: the families that are there; $r: the rate of these; $gpu $node $rack $tenant
 * $holder $model: labels of that meaning; $match: the option. Single values of GPUs
 * follow from `families` (exporters.h) and are not repeated here. */
/* clang-format off */
static const struct question questions[] = {
    /* dcgm-exporter, its names of before and after DCGM 4.7 */
    { "dcgm", POWERS " DCGM_FI_DEV_GPU_UTIL DCGM_FI_DEV_GPU_TEMP",
      "max by ($gpu,$holder,$place,modelName,GPU_I_ID) ($m)", ABOUT_HOLDERS, TENANT, BY_GPU },
    { "dcgm", "DCGM_FI_DEV_FB_RESERVED", MEGABYTES("USED") "+" MEGABYTES("FREE") "+" MEGABYTES("RESERVED"), ABOUT_GPU, MEM_TOTAL, BY_GPU, BLANKS },
    { "dcgm", "DCGM_FI_DEV_FB_FREE", MEGABYTES("USED") "+" MEGABYTES("FREE"), ABOUT_GPU, MEM_TOTAL, BY_GPU, BLANKS | SUMMED, .unless = "DCGM_FI_DEV_FB_RESERVED" },
    { "dcgm", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "max by ($gpu) ($r and $m)", ABOUT_GPU, POWER_MEAN, BY_GPU, .scale = 1e-3 },
    { "dcgm", POWERS, "sum by ($node,$place) (max by ($gpu,$place) ($m))", ABOUT_NODE, NODE_POWER, BY_NODE, SUMMED, .unless = METERS },
    { "dcgm", POWERS, "count by ($node,$place) (max by ($gpu,$place) ($m))", ABOUT_NODE, NODE_GPUS_TOTAL, BY_NODE },
    { "dcgm", "DCGM_FI_DEV_GPU_TEMP DCGM_FI_DEV_GPU_TEMP_CELSIUS", "max by ($node) ($m)", ABOUT_NODE, NODE_TEMP, BY_NODE, BLANKS },
    { "dcgm", POWERS, "sum by ($place) (max by ($gpu,$place) ($m))", ABOUT_RACK, DOMAIN_POWER, BY_RACK, SUMMED },
    { "dcgm", POWERS, "avg by ($place) (up{$rack!=\"\",$match} and on (job) $m)", ABOUT_RACK, DOMAIN_COVERAGE, BY_RACK, .scale = 100 },
    { "dcgm", POWERS, BY_TENANT(HELD), ABOUT_TENANT, TENANT_POWER, BY_NODE | BY_RACK },
    { "dcgm", POWERS, BY_TENANT(HELD) OF_SHARERS, ABOUT_TENANT, TENANT_POWER, BY_NODE | BY_RACK, SUMMED },
    { "dcgm", POWERS, BY_TENANT(HELD " > bool -1"), ABOUT_TENANT, TENANT_GPUS, BY_NODE | BY_RACK },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", BY_TENANT(HELD " >= bool 1"), ABOUT_TENANT, TENANT_BUSY, BY_NODE | BY_RACK },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", BY_TENANT(HELD " < bool 1"), ABOUT_TENANT, TENANT_IDLE, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "sum(" FREE ") or 0 * count($m)", ABOUT_NOBODY, TENANT_POWER, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "count(" FREE ") or 0 * count($m)", ABOUT_NOBODY, TENANT_GPUS, BY_NODE | BY_RACK },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", "sum(" FREE " >= bool 1) or 0 * count($m)", ABOUT_NOBODY, TENANT_BUSY, BY_NODE | BY_RACK },
    { "dcgm", "DCGM_FI_DEV_GPU_UTIL", "sum(" FREE " < bool 1) or 0 * count($m)", ABOUT_NOBODY, TENANT_IDLE, BY_NODE | BY_RACK },
    /* node_exporter and the IPMI exporter */
    { "node", METERS, "max by ($node,instance,$place) ($m)", ABOUT_NODE, NODE_METER, BY_GPU | BY_NODE },
    { "node", "node_uname_info", "max by (nodename) (node_boot_time_seconds * on (job,instance) group_left (nodename) $m)", ABOUT_NODE, NODE_BOOT, BY_GPU | BY_NODE },
    /* kube-state-metrics */
    { "kubernetes", "kube_node_status_condition", "max by (node) ($m{condition=\"Ready\",status=\"true\"}) == 1", ABOUT_NODE, NODE_STATE, BY_GPU | BY_NODE, .word = "up" },
    { "kubernetes", "kube_node_status_condition", "max by (node) ($m{condition=\"Ready\",status=\"true\"}) == 0", ABOUT_NODE, NODE_STATE, BY_GPU | BY_NODE, .word = "down" },
    { "kubernetes", "kube_node_spec_unschedulable", "max by (node) ($m) == 1", ABOUT_NODE, NODE_STATE, BY_GPU | BY_NODE, .word = "drain" },
    { "kubernetes", "kube_node_spec_unschedulable", "max by (node) ($m) == 0", ABOUT_NODE, NODE_MAINTENANCE, BY_GPU | BY_NODE, .word = "no" },
    { "kubernetes", "kube_node_spec_unschedulable", "max by (node) ($m) == 1", ABOUT_NODE, NODE_MAINTENANCE, BY_GPU | BY_NODE, .word = "cordoned" },
    { "kubernetes", "kube_node_spec_taint", "group by (node) ($m{key=~\"(?i:.*maintenance.*)|node.kubernetes.io/out-of-service\"})", ABOUT_NODE, NODE_MAINTENANCE, BY_GPU | BY_NODE, .word = "taint" },
    { "kubernetes", "kube_node_status_allocatable", "sum by (node) (max by (node,resource) ($m{" GPU_RESOURCE "}))", ABOUT_NODE, NODE_GPUS_TOTAL, BY_GPU | BY_NODE },
    { "kubernetes", "kube_pod_container_resource_requests", "sum by (node) (max by (node,namespace,pod,container,resource) ($m{" GPU_RESOURCE ",node!=\"\"})"
      " * on (namespace,pod) group_left () max by (namespace,pod) (kube_pod_status_phase{phase=\"Running\",$match}))", ABOUT_NODE, NODE_GPUS_HELD, BY_GPU | BY_NODE },
    { "kubernetes", "kube_resourcequota", "max by ($tenant) ($m{type=\"hard\",resource=~\"(requests.)?nvidia.com/gpu\"})", ABOUT_TENANT, TENANT_QUOTA },
    { "kubernetes", "kube_pod_owner", JOBS_IN("Pending"), ABOUT_TENANT, TENANT_PENDING },
    { "kubernetes", "kube_pod_owner", JOBS_IN("Running"), ABOUT_TENANT, TENANT_JOBS },
    { "kubernetes", "kube_pod_container_resource_requests", "sum by (namespace) (" GPUS_ASKED IN_PHASE("Pending") ")", ABOUT_TENANT, TENANT_GPUS_PENDING },
    /* served models: output tokens are counted once, at the frontend where there is
     * one */
    { "dynamo", "dynamo_frontend_output_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS },
    { "dynamo", "dynamo_frontend_input_sequence_tokens_sum", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS_IN },
    { "dynamo", "dynamo_frontend_inflight_requests", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_RUNNING },
    { "dynamo", "dynamo_frontend_queued_requests", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "dynamo", "dynamo_frontend_time_to_first_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT },
    { "dynamo", "dynamo_frontend_inter_token_latency_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, ITL },
    { "dynamo", "dynamo_frontend_inflight_requests", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "dynamo" },
    { "vllm", "vllm:generation_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS },
    { "vllm", "vllm:prompt_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS_IN },
    { "vllm", "vllm:num_requests_running", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_RUNNING },
    { "vllm", "vllm:num_requests_waiting", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "vllm", "vllm:time_to_first_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT },
    { "vllm", "vllm:inter_token_latency_seconds_bucket vllm:time_per_output_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, ITL },
    { "vllm", "vllm:num_requests_running", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "vllm" },
    /* newer ones count by mode, some beside what they counted before: of a model the one
     * or the other */
    { "sglang", "sglang:generation_tokens_total sglang:realtime_tokens_total", BY_MODE("=\"decode\""), ABOUT_MODEL, TOKENS },
    { "sglang", "sglang:prompt_tokens_total sglang:realtime_tokens_total", BY_MODE("=~\"prefill.*\""), ABOUT_MODEL, TOKENS_IN },
    { "sglang", "sglang:num_running_reqs", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_RUNNING },
    { "sglang", "sglang:num_queue_reqs", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "sglang", "sglang:time_to_first_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT },
    { "sglang", "sglang:inter_token_latency_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, ITL },
    { "sglang", "sglang:num_running_reqs", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "sglang" },
    { "trtllm", "trtllm_generation_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS },
    { "trtllm", "trtllm_prompt_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS_IN },
    { "trtllm", "trtllm_num_requests_running", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_RUNNING },
    { "trtllm", "trtllm_num_requests_waiting", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "trtllm", "trtllm_time_to_first_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT },
    { "trtllm", "trtllm_time_per_output_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, ITL },
    { "trtllm", "trtllm_request_success_total", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "trtllm" },
    { "nim", "generation_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS },
    { "nim", "prompt_tokens_total", "sum by ($model) ($r)", ABOUT_MODEL, TOKENS_IN },
    { "nim", "num_requests_running", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_RUNNING },
    { "nim", "num_requests_waiting", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "nim", "time_to_first_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT },
    { "nim", "time_per_output_token_seconds_bucket", MEDIAN("$r"), ABOUT_MODEL, ITL },
    { "nim", "num_requests_running", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "nim" },
    { "serving", ENGINES, OF_MODELS("sum"), ABOUT_MODEL, MODEL_POWER },
    { "serving", ENGINES, OF_MODELS("count"), ABOUT_MODEL, MODEL_GPUS },
    /* Triton counts requests, not tokens, and not those that it answers just now; where
     * it streams, its first response is near the first token */
    { "triton", "nv_inference_pending_request_count", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_WAITING },
    { "triton", "nv_inference_first_response_histogram_ms_bucket", MEDIAN("$r"), ABOUT_MODEL, TTFT, .flags = SUMMED, .scale = 1e-3 },
    { "triton", "nv_inference_request_success", "sum by ($model) ($m)", ABOUT_MODEL, MODEL_ENGINE, .word = "triton" },
    /* queues */
    { "kai", "queue_allocated_gpus", "max by (queue_name) ($m)", ABOUT_QUEUE, QUEUE_GPUS_RUNNING, .label = "queue_name" },
    { "kai", "queue_deserved_gpus", "max by (queue_name) ($m)", ABOUT_QUEUE, QUEUE_QUOTA, .flags = UNLIMITED, .label = "queue_name" },
    { "kueue", "kueue_pending_workloads", "sum by (cluster_queue) ($m)", ABOUT_QUEUE, QUEUE_PENDING, .label = "cluster_queue" },
    { "kueue", "kueue_admitted_active_workloads", "sum by (cluster_queue) ($m)", ABOUT_QUEUE, QUEUE_RUNNING, .label = "cluster_queue" },
    { "kueue", "kueue_cluster_queue_resource_usage", "sum by (cluster_queue) ($m{resource=\"nvidia.com/gpu\"})", ABOUT_QUEUE, QUEUE_GPUS_RUNNING, .label = "cluster_queue" },
    { "kueue", "kueue_cluster_queue_nominal_quota", "sum by (cluster_queue) ($m{resource=\"nvidia.com/gpu\"})", ABOUT_QUEUE, QUEUE_QUOTA, .label = "cluster_queue" },
    /* Slurm's own since 25.11; of its sums only those are taken that do not wrap at
     * 65,536 */
    { "slurm", "slurm_partition_jobs_pending", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_PENDING, .label = "partition" },
    { "slurm", "slurm_partition_jobs_running", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_RUNNING, .label = "partition" },
    { "slurm", "slurm_partition_jobs_gpus_alloc", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_GPUS_RUNNING, .label = "partition" },
    { "slurm", "slurm_partition_gpus", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_QUOTA, .label = "partition" },
    { "slurm", "slurm_account_jobs_pending", "max by (account) ($m)", ABOUT_TENANT, TENANT_PENDING, .label = "account" },
    { "slurm", "slurm_account_jobs_running", "max by (account) ($m)", ABOUT_TENANT, TENANT_JOBS, .label = "account" },
    { "slurm", "slurm_account_jobs_gpus_alloc", "max by (account) ($m)", ABOUT_TENANT, TENANT_GPUS, .label = "account" },
    { "slurm", "slurm_node_gpus", "max by (node) ($m)", ABOUT_NODE, NODE_GPUS_TOTAL, BY_GPU | BY_NODE },
    { "slurm", "slurm_node_gpus_alloc", "max by (node) ($m)", ABOUT_NODE, NODE_GPUS_HELD, BY_GPU | BY_NODE },
    /* NVIDIA's DPS, by the names of its power steering (PRS). How far ahead it predicts
     * is its own affair: its loop is of 90 s */
    { "dps", "prs_power_draw", STEERED, ABOUT_NODE, NODE_POWER, BY_GPU | BY_NODE, SUMMED, .unless = METERS " " POWERS " " OTHER_POWERS },
    { "dps", "prs_power_draw", "sum by ($place) (" STEERED ")", ABOUT_RACK, DOMAIN_POWER, BY_RACK, SUMMED, .unless = METERS " " POWERS " " OTHER_POWERS },
    { "dps", "prs_power_draw", STEERED_GPUS, ABOUT_GPU, POWER, BY_GPU, .unless = POWERS " " OTHER_POWERS },
    { "dps", "prs_power_limit", STEERED, ABOUT_NODE, NODE_CAP, BY_GPU | BY_NODE },
    { "dps", "prs_power_limit", STEERED_GPUS, ABOUT_GPU, POWER_LIMIT, BY_GPU, .unless = LIMITS },
    { "dps", "prs_power_prediction", STEERED, ABOUT_NODE, NODE_PREDICTED, BY_GPU | BY_NODE },
    { "dps", "prs_power_under_allocation", STEERED " == 0", ABOUT_NODE, NODE_NEAR_LIMIT, BY_GPU | BY_NODE, .word = "no" },
    { "dps", "prs_power_under_allocation", STEERED " > 0", ABOUT_NODE, NODE_NEAR_LIMIT, BY_GPU | BY_NODE, .word = "yes" },
    /* NVSentinel: what it took out of service, after what Kubernetes says of the node */
    { "nvsentinel", "fault_quarantine_current_quarantined_nodes", "max by (node) ($m{node!=\"\"}) > 0", ABOUT_NODE, NODE_STATE, BY_GPU | BY_NODE, .word = "drain" },
    { "nvsentinel", "fault_quarantine_current_quarantined_nodes", "max by (node) ($m{node!=\"\"}) > 0", ABOUT_NODE, NODE_REASON, BY_GPU | BY_NODE, .word = "quarantined by NVSentinel" },
    { 0 }
};

/* The past of what the model sums, by the meters that it would take: of nodes where there
 * are such, else of GPUs. For charts and forecasts. What a rule of the configuration
 * tells has its own past. */
static const struct question past[] = {
    { "node", METERS, "sum by ($place) (max by ($node,instance,$place) ($m{$rack!=\"\"}))", ABOUT_RACK, DOMAIN_POWER, BY_GPU | BY_NODE, SUMMED },
    { "node", METERS, "sum(max by ($node,instance) ($m))", ABOUT_SITE, SITE_POWER, BY_GPU | BY_NODE, SUMMED },
    { "dcgm", POWERS, "sum by ($place) (max by ($gpu,$place) ($m{$rack!=\"\"}))", ABOUT_RACK, DOMAIN_POWER, BY_GPU | BY_NODE, SUMMED, .unless = METERS },
    { "dcgm", POWERS, "sum by ($place) (max by ($gpu,$place) ($m{$rack!=\"\"}))", ABOUT_RACK, DOMAIN_POWER, BY_RACK, SUMMED },
    { "dcgm", POWERS, BY_TENANT(HELD), ABOUT_TENANT, TENANT_POWER, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "sum(" FREE ")", ABOUT_NOBODY, TENANT_POWER, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "sum by ($tenant) (" AS_METERED(SHARES_OF(HELD)) ")", ABOUT_TENANT, TENANT_POWER, BY_GPU, SUMMED, .also = METERS },
    { "dcgm", POWERS, "sum(" AS_METERED(FREE) ")", ABOUT_NOBODY, TENANT_POWER, BY_GPU, SUMMED, .also = METERS },
    { "dcgm", POWERS, BY_TENANT(HELD), ABOUT_TENANT, TENANT_POWER, BY_GPU, SUMMED, .unless = METERS },
    { "dcgm", POWERS, "sum(" FREE ")", ABOUT_NOBODY, TENANT_POWER, BY_GPU, SUMMED, .unless = METERS },
    { "dcgm", POWERS, "sum(max by ($gpu) ($m))", ABOUT_SITE, SITE_POWER, BY_GPU | BY_NODE, SUMMED, .unless = METERS },
    { "dcgm", POWERS, "sum(max by ($gpu) ($m))", ABOUT_SITE, SITE_POWER, BY_RACK, SUMMED },
    { "dcgm", OTHER_POWERS, "sum(max by ($gpu,instance) ($m))", ABOUT_SITE, SITE_POWER, BY_GPU, SUMMED, .unless = POWERS " " METERS },
    { "dps", "prs_power_draw", "sum by ($place) (max by ($node,$place) ($m{$device=\"total\",$rack!=\"\"}))", ABOUT_RACK, DOMAIN_POWER, 0, SUMMED, .unless = METERS " " POWERS " " OTHER_POWERS },
    { "dps", "prs_power_draw", "sum(" STEERED ")", ABOUT_SITE, SITE_POWER, 0, SUMMED, .unless = METERS " " POWERS " " OTHER_POWERS },
    { 0 }
};

/* What tenants have drawn since midnight, for nobody else counted before the console did:
 * at the boundary of their power, which is the engine's where it sums, and where there
 * are rows of GPUs the model's, with what nodes draw beside these. */
static const struct question today[] = {
    { "dcgm", POWERS, BY_TENANT(HELD), ABOUT_TENANT, TENANT_ENERGY, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "sum(" FREE ")", ABOUT_NOBODY, TENANT_ENERGY, BY_NODE | BY_RACK },
    { "dcgm", POWERS, "sum by ($tenant) (" AS_METERED(SHARES_OF(HELD)) ")", ABOUT_TENANT, TENANT_ENERGY, BY_GPU, .also = METERS },
    { "dcgm", POWERS, "sum(" AS_METERED(FREE) ")", ABOUT_NOBODY, TENANT_ENERGY, BY_GPU, .also = METERS },
    { "dcgm", POWERS, BY_TENANT(HELD), ABOUT_TENANT, TENANT_ENERGY, BY_GPU, .unless = METERS },
    { "dcgm", POWERS, "sum(" FREE ")", ABOUT_NOBODY, TENANT_ENERGY, BY_GPU, .unless = METERS },
    { 0 }
};
/* clang-format on */

#endif
