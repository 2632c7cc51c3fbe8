/* A site read through an engine that already knows it: Prometheus, VictoriaMetrics, Thanos, Mimir, whatever answers the
 * Prometheus HTTP API (prometheus.io/docs/prometheus/latest/querying/api).
 *
 * It is asked once which families there are; from these follow the queries, one table for all exporters. Sums are the
 * engine's: single GPUs are asked for where they are few, else nodes or racks. Values are those of the moment of the
 * evaluation; that a series ended is the engine's to notice. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "exporters.h"
#include "promql_answer.h"

#include <stddef.h>

static const struct gw_option options[] = {
    { "detail", "auto", "how far down it is asked: gpus, nodes, racks, or auto: as far as the limits allow" },
    { "gpu_limit", "4096", "auto: single GPUs are asked for up to so many" },
    { "node_limit", "20000", "auto: single nodes are asked for up to so many" },
    { "sets", NULL, "only these ready-made sets, by name: dcgm node kubernetes vllm sglang trtllm dynamo triton nim kai "
                    "kueue nvsentinel slurm dps serving; none" },
    { "queries", NULL, "queries of your own, one a line: QUERY -> KIND.METRIC [by LABEL[/LABEL]] [in UNIT]; "
                       "for example: sum by (feed) (pdu_kw) -> domain.meter by feed in kW" },
    { "match", NULL, "labels that every ready-made query asks for, as PromQL writes them: cluster=\"iad-3\"" },
    { "node_label", NULL, "the label that names a node, where it is none of the usual" },
    { "rack_label", "rack", "the label that names a rack" },
    { "row_label", NULL, "the label that names what a rack is a part of" },
    { "hall_label", NULL, "the label that names what a row is a part of, or without one a rack" },
    { "feed_label", NULL, "the label that names what feeds a hall, or the next of these there is" },
    { "dps_label", "parameter", "the label by which DPS's families name a device of a node, as gpu0, or all of it, as total" },
    { "window", "2m", "over which rates are taken; at least four times the scrape interval" },
    { "history", "2h", "how far back power is asked for at the start, but for what the cache has; 2h at most, which is what a chart holds; 0: not" },
    { 0 }
};

/* ---- what can be asked ---- */

/* Whom the labels of a series name. */
enum about {
    ABOUT_GPU, ABOUT_HOLDERS, ABOUT_NODE, ABOUT_RACK, ABOUT_TENANT, ABOUT_NOBODY, ABOUT_MODEL, ABOUT_QUEUE, ABOUT_SITE, ABOUT_RULE
};

/* How far down the engine is asked, a bit each. */
enum detail { BY_GPU = 1, BY_NODE = 2, BY_RACK = 4 };

enum {
    SUMMED = 1 << 0,            /* a sum that leaves something out, as that of GPUs the rest of a node: an estimate */
    BLANKS = 1 << 1,            /* blanks of DCGM are unknown */
    MASK = 1 << 2,              /* clocks event reasons */
    UNLIMITED = 1 << 3          /* below 0 is no limit, and no number */
};

struct question {
    const char *set;
    const char *needs;          /* families, one of which must be there; $m is those that are */
    const char *query;
    enum about about;
    size_t metric;
    unsigned at;                /* details at which it is asked; 0: all */
    unsigned flags;
    const char *word;           /* what a text metric becomes, of every series */
    const char *label;          /* by which a queue, or a tenant, is named; of a tenant NULL: as ever */
    const char *also;           /* only where one of these families is there, too */
    const char *unless;         /* not where this family is there: another question says it better */
    double scale;               /* 0: 1 */
};

#define POWERS "DCGM_FI_DEV_POWER_USAGE DCGM_FI_DEV_BOARD_POWER_WATTS"
#define OTHER_POWERS "all_smi_gpu_power_consumption_watts nv_gpu_power_usage"
#define METERS "ipmi_dcmi_power_consumption_watts"
#define LIMITS "DCGM_FI_DEV_ENFORCED_POWER_LIMIT DCGM_FI_DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS DCGM_FI_DEV_POWER_MGMT_LIMIT " \
    "DCGM_FI_DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS nv_gpu_power_limit"
/* Of DPS: all that it steers in a node, which is no meter of the node; and its GPUs, by the number in "gpu0". */
#define STEERED "max by ($node,$place) ($m{$device=\"total\"})"
#define STEERED_GPUS "max by ($gpu) (label_replace($m{$device=~\"gpu[0-9]+\"},\"gpu\",\"$1\",\"$device\",\"gpu([0-9]+)\"))"
#define MEGABYTES(which) "max by ($gpu) (DCGM_FI_DEV_FB_" which "{GPU_I_ID=\"\",$match})"
#define MEDIAN(buckets) "histogram_quantile(0.5, sum by (le,$model) (" buckets "))"
/* The holders' sums leave out who exports: the labels of its own pod stand where no other is (honorLabels). */
#define OPERATORS "(nvidia-)?gpu-operator(-resources)?"
#define HELD "(max by ($gpu,$tenant) ($m{exported_namespace!=\"\",exported_namespace!~\"" OPERATORS "\"}) or max by ($gpu,$tenant) " \
             "($m{exported_namespace=\"\",namespace!=\"\",namespace!~\"" OPERATORS "\",pod!~\".*dcgm-exporter.*\"}))"
/* Of a GPU that several tenants hold, by MIG or in turns, each has an equal part: nobody measures more. */
#define SHARED "count by ($gpu) (" HELD ")"
#define BY_TENANT(OF) "sum by ($tenant) (" SHARES_OF(OF) ")"
#define OF_SHARERS " and on ($tenant) group by ($tenant) (" HELD " and on ($gpu) (" SHARED " > 1))"
#define FREE "(max by ($gpu) ($m) unless on ($gpu) " HELD ")"
/* Each GPU as much more as its node's meter reads above the node's GPUs: the model gives what a node draws beside them to who holds
 * these. Of a node without a meter nothing more is known. Nodes have many labels: $[ … $] adds gw_node, the name of any. */
#define NODE_GPUS "sum by (gw_node) ($[max by ($gpu) ($m)$])"
#define NODE_METERS "max by (gw_node) ($[label_replace(max by ($node,instance) (" METERS "{$match}),\"gw_node\",\"$1\",\"instance\"," \
    "\"([^:]+).*\")$])"
#define AS_METERED(GPUS) "$[" GPUS "$] * on (gw_node) group_left () (clamp_min(" NODE_METERS " / " NODE_GPUS ", 1) or " NODE_GPUS " * 0 + 1)"
#define SHARES_OF(OF) "(" OF ") / on ($gpu) group_left () " SHARED
/* Pods that serve a model, by what their engines tell of themselves, and what the GPUs of each pod draw: joined by namespace
 * and pod, which dcgm-exporter calls exported_ where the scrape keeps its own labels. A pod of several models gives each an
 * equal part; what a MIG instance draws nobody measures. OF_PODS is sum or count. */
#define SERVERS "group by (namespace,pod,$model) ($m{pod!=\"\"})"
#define OF_MODELS(OF_PODS) "sum by ($model) (" SERVERS " * on (namespace,pod) group_left () (" OF_PODS " by (namespace,pod) " \
    "(max by ($gpu,namespace,pod) (label_replace(label_replace(" GPU_WATTS("exported_pod!=\"\"") "," \
    "\"namespace\",\"$1\",\"exported_namespace\",\"(.+)\"),\"pod\",\"$1\",\"exported_pod\",\"(.+)\") " \
    "or " GPU_WATTS("exported_pod=\"\",pod!=\"\",pod!~\".*dcgm-exporter.*\"") ")) / on (namespace,pod) " \
    "count by (namespace,pod) (" SERVERS ")))"
/* By their count of energy, over the window that tokens are counted over; of a GPU that does not count, by its power. */
#define GPU_WATTS(OF) "(rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{GPU_I_ID=\"\"," OF ",$match}[$w])/1000 or " \
    "{__name__=~\"DCGM_FI_DEV_POWER_USAGE|DCGM_FI_DEV_BOARD_POWER_WATTS\",GPU_I_ID=\"\"," OF ",$match})"
#define ENGINES "vllm:num_requests_running sglang:num_running_reqs trtllm_request_success_total num_requests_running " \
                "nv_inference_request_success"
#define BY_MODE(mode) "sum by ($model) ($r{mode=\"\"}) or sum by ($model) ($r{mode" mode "})"
/* By pods, of kube-state-metrics: the GPUs that each asks for, and what each is a part of, which is what others call a job. */
#define GPUS_ASKED "max by (namespace,pod,container,resource) (kube_pod_container_resource_requests{" GPU_RESOURCE ",$match})"
#define IN_PHASE(phase) " * on (namespace,pod) group_left () max by (namespace,pod) (kube_pod_status_phase{phase=\"" phase "\",$match})"
#define WITH_GPUS " and on (namespace,pod) " GPUS_ASKED
#define OWNERS "max by (namespace,pod,owner_kind,owner_name) ($m{owner_name!~\"<none>|\"} or " \
    "label_replace($m{owner_name=~\"<none>|\"},\"owner_name\",\"$1\",\"pod\",\"(.+)\"))"
#define JOBS_IN(phase) "sum by (namespace) (max by (namespace,owner_kind,owner_name) (" OWNERS IN_PHASE(phase) WITH_GPUS "))"
#define GPU_RESOURCE "resource=~\"nvidia_com_(gpu|mig_.*)\""

/* $m: the families that are there; $r: the rate of these; $gpu $node $rack $tenant $holder $model: labels of that meaning; $match:
 * the option. Single values of GPUs follow from `families` (exporters.h) and are not repeated here. */
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
    /* served models: output tokens are counted once, at the frontend where there is one */
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
    /* newer ones count by mode, some beside what they counted before: of a model the one or the other */
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
    /* Triton counts requests, not tokens, and not those that it answers just now; where it streams, its first response is near the first token */
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
    /* Slurm's own since 25.11; of its sums only those are taken that do not wrap at 65,536 */
    { "slurm", "slurm_partition_jobs_pending", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_PENDING, .label = "partition" },
    { "slurm", "slurm_partition_jobs_running", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_RUNNING, .label = "partition" },
    { "slurm", "slurm_partition_jobs_gpus_alloc", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_GPUS_RUNNING, .label = "partition" },
    { "slurm", "slurm_partition_gpus", "max by (partition) ($m)", ABOUT_QUEUE, QUEUE_QUOTA, .label = "partition" },
    { "slurm", "slurm_account_jobs_pending", "max by (account) ($m)", ABOUT_TENANT, TENANT_PENDING, .label = "account" },
    { "slurm", "slurm_account_jobs_running", "max by (account) ($m)", ABOUT_TENANT, TENANT_JOBS, .label = "account" },
    { "slurm", "slurm_account_jobs_gpus_alloc", "max by (account) ($m)", ABOUT_TENANT, TENANT_GPUS, .label = "account" },
    { "slurm", "slurm_node_gpus", "max by (node) ($m)", ABOUT_NODE, NODE_GPUS_TOTAL, BY_GPU | BY_NODE },
    { "slurm", "slurm_node_gpus_alloc", "max by (node) ($m)", ABOUT_NODE, NODE_GPUS_HELD, BY_GPU | BY_NODE },
    /* NVIDIA's DPS, by the names of its power steering (PRS). How far ahead it predicts is its own affair: its loop is of 90 s */
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

/* The past of what the model sums, by the meters that it would take: of nodes where there are such, else of GPUs. For charts
 * and forecasts. What a rule of the configuration tells has its own past. */
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

/* What tenants have drawn since midnight, for nobody else counted before the console did: at the boundary of their power, which is
 * the engine's where it sums, and where there are rows of GPUs the model's, with what nodes draw beside these. */
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

/* ---- what is asked of this engine ---- */

enum {
    MOST_FAMILIES = 256, MOST_ASKED = 224, MOST_SHARED = 1024, MOST_FRONTED = 1024, MOST_DRAWERS = 1024,
    QUERY_ROOM = 16384, LONGEST_NODE = 180, MANY = 4096,     /* series: then what is there is handed over */
    HOPELESS = 5,               /* refusals, and no answer: another question is of no use */
    PROBES_EVERY_S = 600, PAST_STEP_S = 15, PAST_PIECE_S = 3600, PAST_AGAIN_S = 30, PAST_SELDOM_S = 3600,
    PAST_LEAST_S = 1,           /* for it in a poll, be its interval shorter than twice that */
    LONGEST_HISTORY_S = 7200,   /* what the model keeps without a cache */
    DAY_STEP_S = 300, DAY_GAP_S = 120, DAY_AGAIN_S = 600
};

struct asked {
    struct question is;
    struct meant rule;          /* ABOUT_RULE */
    char *query;                /* ours; encoded for a URL */
};

/* Kept between polls. */
struct promql {
    struct slice families[MOST_FAMILIES];       /* that mean something; sorted */
    bool has[MOST_FAMILIES];
    size_t family_count;
    struct asked asked[MOST_ASKED];
    size_t asked_count;
    double probed_at;           /* 0: not yet */
    unsigned detail;
    bool tells_holders;         /* so a GPU without one is free */
    struct drawer {
        char name[256];
        bool seen;
    } *drawers;                 /* tenants that draw power */
    size_t drawer_count;
    double past_began;          /* when it was asked for first; 0: not yet */
    double past_at, past_wait_s;        /* not before then; INFINITY: it was told */
    double told[MOST_ASKED];    /* of each rule of power, the past up to then; INFINITY: all that is told */
    double told_sums[sizeof(past) / sizeof(*past)];
    struct today {
        double midnight;        /* of which day; 0: of none yet */
        double added_to[sizeof(today) / sizeof(*today)];    /* of each question, the day up to then */
        double again_at;        /* INFINITY: it was told */
        struct spent {
            char name[256];
            double joules, piece; /* piece: of the answer that is being read */
        } *spent;               /* by tenant */
        size_t count;
    } today;
    double polled_at;           /* well; 0: never */
    struct known known;         /* series of the large answers before */
    size_t dps;                 /* families of NVIDIA's DPS that no ready-made query knows */
    char version[64];           /* of the engine; "": it does not say */
};

/* A GPU that is spoken of in several series: one for each MIG instance, or each job. */
struct shared {
    char gpu[256], tenant[128], job[128];
};

/* One poll. */
struct talk {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    struct promql *kept;
    const struct asked *asked;
    struct answer answer;
    size_t fresh;               /* series since something was handed over */
    double handed_over_at;
    bool of_past, past_is_left;
    double of_day;              /* seconds that a point of today stands for; 0: it is not asked for */
    bool past_goes_on;          /* some of it was told now */
    double past_until;          /* the next present shall not wait for it */
    int status;                 /* of the answer before */
    double number;              /* of a lone series */
    struct slice node_label, rack_label;        /* from the options; empty: none */
    bool has_wholes;            /* an option names a label of what racks are parts of */
    char window[24];            /* in whole seconds, for engines that know no fractions */
    bool closely;               /* only what is looked into is asked for */
    struct recall recall;
    struct sample few;          /* the labels that count, of a series that is known */
    char node[256];             /* of the series before, as a row of what is to be handed over; behind it a part of it */
    size_t node_len;            /* 0: none */
    uint32_t node_entity;
    char rack[64];              /* of the series before */
    size_t rack_len;            /* 0: none */
    uint64_t fronted[MOST_FRONTED];     /* models whose tokens a frontend counts */
    size_t fronted_count;
    struct shared *shared;      /* in this answer */
    size_t shared_count;
    size_t answered, refused;
    char refusal[300];          /* the first */
};

static struct slice whole(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static const char *option(const struct talk *t, const char *name)
{
    const char *value = t->api->option(t->target, name);

    return value ? value : "";
}

/* The next of words with blanks between them; empty: no more. */
static struct slice next_word(const char **list)
{
    const char *word = *list + strspn(*list, " ");
    size_t len = strcspn(word, " ");

    *list = word + len;
    return (struct slice){ word, len };
}

/* ---- families ---- */

static int compare_slices(const void *left, const void *right)
{
    const struct slice *a = left, *b = right;
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static bool has_family(struct promql *p, struct slice name)
{
    const struct slice *found = bsearch(&name, p->families, p->family_count, sizeof(name), compare_slices);

    return found && p->has[found - p->families];
}

static void add_family(struct promql *p, struct slice name)
{
    for (size_t i = 0; i < p->family_count; i++)
        if (equal(p->families[i], name))
            return;
    if (p->family_count < MOST_FAMILIES)
        p->families[p->family_count++] = name;
}

static void add_families(struct promql *p)
{
    for (const struct question *q = questions; q->set; q++)
        for (const char *list = q->needs;;) {
            struct slice name = next_word(&list);

            if (!name.len)
                break;
            add_family(p, name);
        }
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
        add_family(p, (struct slice){ families[i].name, strlen(families[i].name) });
    qsort(p->families, p->family_count, sizeof(*p->families), compare_slices);
}

static void note_family(void *arg, struct slice name)
{
    struct promql *p = arg;
    const struct slice *found = bsearch(&name, p->families, p->family_count, sizeof(name), compare_slices);

    if (found)
        p->has[found - p->families] = true;
    p->dps += !found && name.len > 4 && (memcmp(name.text, "dps_", 4) == 0 || memcmp(name.text, "prs_", 4) == 0);
}

static bool any_there(const struct talk *t, const char *needs)
{
    for (;;) {
        struct slice name = next_word(&needs);

        if (!name.len)
            return false;
        if (has_family(t->kept, name))
            return true;
    }
}

/* ---- queries ---- */

struct text {
    char *at, *end;             /* room is left for the final zero */
    bool full;
};

static void put(struct text *to, const char *text, size_t len)
{
    if ((size_t)(to->end - to->at) <= len) {
        to->full = true;
        return;
    }
    memcpy(to->at, text, len);
    to->at += len;
    *to->at = '\0';
}

static void put_text(struct text *to, const char *text)
{
    put(to, text, strlen(text));
}

#define NODES "hostname,Hostname,exported_hostname,kubernetes_node,node,exported_node"
#define TENANTS "namespace,pod_namespace,exported_namespace,pod,pod_name,exported_pod"
#define SPACES "namespace,pod_namespace,exported_namespace"

/* Labels of one meaning have had several names; those that a series lacks do no harm in `by`. */
static const struct {
    const char *name, *text, *option;
} placeholders[] = {
    { "$gpu", NODES ",gpu,index,gpu_index,UUID,uuid,gpu_uuid", "node_label" },
    { "$node", NODES, "node_label" },
    { "$holder", TENANTS ",hpc_job", NULL },
    { "$tenant", SPACES, NULL },
    { "$model", "model_name,model," SPACES, NULL },
    { "$rack", "", "rack_label" },
    { "$place", "", "rack_label" }, /* and what it is a part of */
    { "$device", "", "dps_label" },
    { "$match", "", "match" },
};

static void put_expanded(const struct talk *t, struct text *to, const char *needs, const char *query, size_t len);

/* LABEL="VALUE", as PromQL quotes. */
static void put_equal(struct text *to, struct slice name, const char *value)
{
    put(to, name.text, name.len);
    put_text(to, "=\"");
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            put_text(to, "\\");
        put(to, *value == '\n' ? " " : value, 1);
    }
    put_text(to, "\"");
}

/* NAME{MATCHERS}, with what the option `match` adds; `only`: a label that must be that of what is looked into. */
static void put_selector(const struct talk *t, struct text *to, struct slice name, struct slice matchers, struct slice only)
{
    const char *match = option(t, "match");

    put(to, name.text, name.len);
    if (!matchers.len && !*match && !only.len)
        return;
    put_text(to, "{");
    put_expanded(t, to, "", matchers.text, matchers.len);
    put_text(to, matchers.len && *match ? "," : "");
    put_text(to, match);
    if (only.len) {
        put_text(to, matchers.len || *match ? "," : "");
        put_equal(to, only, t->target->opened);
    }
    put_text(to, "}");
}

/* The next of words with commas between them; empty: no more. */
static struct slice next_label(const char **list)
{
    const char *word = *list + strspn(*list, ",");
    size_t len = strcspn(word, ",");

    *list = word + len;
    return (struct slice){ word, len };
}

/* Of one family all that is wanted; which of the labels names a node is not known, so each may. */
static void put_family(const struct talk *t, struct text *to, struct slice name, struct slice matchers, const char *range)
{
    const char *before = *range ? "rate(" : "", *after = *range ? ")" : "";
    const char *list = NODES;
    struct slice only = { NULL, 0 };

    if (t->closely)
        only = t->target->opened_kind == GW_DOMAIN ? t->rack_label : t->node_label.len ? t->node_label : next_label(&list);
    for (size_t count = 0; !count || only.len; count++) {
        put_text(to, count ? " or " : "");
        put_text(to, before);
        put_selector(t, to, name, matchers, only);
        put_text(to, range);
        put_text(to, after);
        if (!t->closely || t->target->opened_kind == GW_DOMAIN || t->node_label.len)
            break;
        only = next_label(&list);
    }
}

/* Of all that are there: "(A or B)", where each may be a rate. */
static void put_families(const struct talk *t, struct text *to, const char *needs, struct slice matchers, bool rate)
{
    char range[40] = "";
    size_t count = 0;

    if (rate)
        snprintf(range, sizeof(range), "[%s]", t->window);
    put_text(to, "(");
    for (;;) {
        struct slice name = next_word(&needs);

        if (!name.len)
            break;
        if (!has_family(t->kept, name))
            continue;
        put_text(to, count++ ? " or " : "");
        put_family(t, to, name, matchers, range);
    }
    put_text(to, ")");
}

/* What a rack may be a part of, from the smallest. */
static const struct whole {
    const char *type, *option;
} wholes[] = { { "row", "row_label" }, { "hall", "hall_label" }, { "feed", "feed_label" } };
enum { WHOLES = sizeof(wholes) / sizeof(*wholes) };

static void put_wholes(const struct talk *t, struct text *to, bool follows)
{
    for (size_t i = 0; i < WHOLES; i++)
        if (*option(t, wholes[i].option)) {
            put_text(to, follows ? "," : "");
            put_text(to, option(t, wholes[i].option));
            follows = true;
        }
}

/* "$[ … $]": what is between, with the name of its node as gw_node, whatever label has it; the later outranks, as in meanings[]. */
static void put_bracket(const struct talk *t, struct text *to, bool opens)
{
    const char *list = NODES, *given = option(t, "node_label");

    for (bool last = false; !last;) {
        struct slice name = next_label(&list);

        last = !name.len;
        if (last)
            name = whole(given);
        if (!name.len)
            break;
        put_text(to, opens ? "label_replace(" : ",\"gw_node\",\"$1\",\"");
        if (opens)
            continue;
        put(to, name.text, name.len);
        put_text(to, "\",\"(.+)\")");
    }
}

/* Writes what a $word at `at` stands for; returns behind it, or NULL: it stands for itself. */
static const char *put_word(const struct talk *t, struct text *to, const char *needs, const char *at, const char *end)
{
    struct slice matchers = { NULL, 0 };

    for (size_t i = 0; i < sizeof(placeholders) / sizeof(*placeholders); i++) {
        size_t len = strlen(placeholders[i].name);
        const char *given = placeholders[i].option ? option(t, placeholders[i].option) : "";

        if ((size_t)(end - at) < len || memcmp(at, placeholders[i].name, len) != 0)
            continue;
        put_text(to, placeholders[i].text);
        put_text(to, placeholders[i].text[0] && *given ? "," : "");
        put_text(to, given);
        if (strcmp(placeholders[i].name, "$place") == 0)
            put_wholes(t, to, *given != '\0');
        return at + len;
    }
    if (end - at >= 2 && (at[1] == '[' || at[1] == ']')) {
        put_bracket(t, to, at[1] == '[');
        return at + 2;
    }
    if (end - at >= 2 && at[1] == 'w') {
        put_text(to, t->window);
        return at + 2;
    }
    if (end - at < 2 || (at[1] != 'm' && at[1] != 'r'))
        return NULL;
    if (at + 2 < end && at[2] == '{') {
        const char *close = memchr(at + 2, '}', (size_t)(end - at - 2));

        matchers = (struct slice){ at + 3, (size_t)(close - at - 3) };
        put_families(t, to, needs, matchers, at[1] == 'r');
        return close + 1;
    }
    put_families(t, to, needs, matchers, at[1] == 'r');
    return at + 2;
}

static void put_expanded(const struct talk *t, struct text *to, const char *needs, const char *query, size_t len)
{
    const char *end = query + len;

    while (query < end) {
        const char *dollar = memchr(query, '$', (size_t)(end - query)), *behind;

        put(to, query, (size_t)((dollar ? dollar : end) - query));
        if (!dollar)
            break;
        behind = put_word(t, to, needs, dollar, end);
        if (!behind)
            put(to, dollar, 1);
        query = behind ? behind : dollar + 1;
    }
}

/* As RFC 3986 has it; the caller frees. */
static char *encoded(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *url = calloc(3 * strlen(text) + 1, 1), *to = url;

    if (!url)
        abort();
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (isalnum(c) || strchr("-._~", c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    return url;
}

/* A query as it goes into a URL; NULL: it would be too long. The caller frees. */
static char *made_query(const struct talk *t, const char *needs, const char *query)
{
    char *room = malloc(QUERY_ROOM), *url;
    struct text to = { room, room + QUERY_ROOM, false };

    if (!room)
        abort();
    *room = '\0';
    put_expanded(t, &to, needs, query, strlen(query));
    url = to.full ? NULL : encoded(room);
    free(room);
    return url;
}

/* ---- entities ---- */

/* HOST of HOST:PORT. */
static struct slice host_of(struct slice instance)
{
    const char *colon = memrchr(instance.text, ':', instance.len);

    return colon ? (struct slice){ instance.text, (size_t)(colon - instance.text) } : instance;
}

/* Neighbours are often of the same node. */
static bool is_node_before(const struct talk *t, struct slice name)
{
    return name.len && name.len == t->node_len && memcmp(name.text, t->node, name.len) == 0;
}

/* Whoever exports says on which node, but where it calls itself by its own pod; the label `instance` is an address, and
 * the last resort. */
static struct slice node_name(const struct talk *t, const struct sample *s, const struct reading *r)
{
    struct slice name = { NULL, 0 };

    if (t->node_label.len)
        name = label(s, t->node_label);
    if (!name.len && (is_node_before(t, r->of[A_NODE]) || !contains(r->of[A_NODE], "dcgm-exporter")))
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

/* The smallest of these that the labels name, in the others. What they are is said in the present. */
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
            t->api->text(t->out, domain, DOMAIN_TYPE, wholes[i].type, strlen(wholes[i].type));
    }
    return domain;
}

/* A rack, where the label says so: it may name rows as well. Neighbours are often of the same, and what it is was just said. */
static uint32_t rack_of(struct talk *t, const struct sample *s)
{
    struct slice name = label(s, t->rack_label);
    uint32_t rack = t->has_wholes ? whole_of_rack(t, s) : GW_NONE;

    rack = name.len ? t->api->entity(t->out, GW_DOMAIN, name.text, name.len, rack) : rack;
    if (!name.len || t->of_past || !contains(t->rack_label, "rack") ||
        (name.len == t->rack_len && memcmp(name.text, t->rack, name.len) == 0))
        return rack;
    t->api->text(t->out, rack, DOMAIN_TYPE, "rack", 4);
    t->rack_len = name.len <= sizeof(t->rack) ? name.len : 0;
    memcpy(t->rack, name.text, t->rack_len);
    return rack;
}

static uint32_t node_named(struct talk *t, const struct sample *s, struct slice name)
{
    if (!name.len)
        return GW_NONE;
    if (is_node_before(t, name))
        return t->node_entity;
    t->node_entity = t->api->entity(t->out, GW_NODE, name.text, name.len, rack_of(t, s));
    t->node_len = name.len <= LONGEST_NODE ? name.len : 0;
    memcpy(t->node, name.text, t->node_len);
    return t->node_entity;
}

static void note_naming(struct talk *t, const struct sample *s, struct slice node, struct slice part)
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

/* Letter by letter: they are few, and where a compiler knows how many there may be at most it makes of memcpy() what pays
 * for many only. */
static size_t put_letters(char *to, size_t at, struct slice s, size_t most)
{
    for (size_t i = 0; i < s.len && i < most; i++)
        to[at++] = s.text[i];
    return at;
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
    name = t->node_len ? print_second(t->node, t->node_len, part) : print_pair(t->node, of, part);
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

/* Is this of engines behind a frontend, which counts the same tokens of the same model? That is told first. */
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

/* MODEL@TENANT, all servers of that tenant, as a part of the model: two tenants may serve the same. */
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
    len = snprintf(part, sizeof(part), "%.*s@%.*s", (int)(name.len < 300 ? name.len : 300), name.text,
                   (int)(tenant.len < 200 ? tenant.len : 200), tenant.text);
    if (is_fronted(t, part))
        return GW_NONE;
    return t->api->entity(t->out, GW_MODEL, part, (size_t)len, t->api->entity(t->out, GW_MODEL, name.text, name.len, GW_NONE));
}

static uint32_t tenant_of(const struct talk *t, const struct reading *r)
{
    struct slice name = r->of[A_TENANT];

    return name.len && !is_exporter(r) ? t->api->entity(t->out, GW_TENANT, name.text, name.len, GW_NONE)
                                       : GW_NONE;
}

static uint32_t named(const struct talk *t, enum gw_kind kind, struct slice name)
{
    return name.len ? t->api->entity(t->out, kind, name.text, name.len, GW_NONE) : GW_NONE;
}

/* What the labels of a rule name. */
static uint32_t by_rule(struct talk *t, const struct sample *s, const struct reading *r)
{
    const struct meant *m = &t->asked->rule;
    struct slice a = label(s, m->by[0]), b = label(s, m->by[1]);
    enum gw_kind kind = metrics[m->metric].kind;
    char name[256];

    if (!m->by[0].len)
        return kind == GW_GPU ? gpu_of(t, s, r) : kind == GW_NODE ? node_of(t, s, r) : GW_NONE;
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
        return t->asked->is.label ? named(t, GW_TENANT, label(s, whole(t->asked->is.label))) : tenant_of(t, r);
    case ABOUT_NOBODY:
        return t->kept->tells_holders ? named(t, GW_TENANT, whole("unallocated")) : GW_NONE;
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

static void tell_text(const struct talk *t, uint32_t entity, size_t metric, struct slice text)
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
    bool held = r->of[A_TENANT].len || r->of[A_POD].len || r->of[A_JOB].len, exporter = is_exporter(r);
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
        t->api->number(t->out, gpu, INDEX, (double)strtoul(r->of[AN_INDEX].text, NULL, 10));
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

/* ---- values ---- */

/* Where the power of a model is measured; as served.c of the model says it of single servers. */
static const char *boundary(const struct talk *t)
{
    return any_there(t, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION") ? "GPUs, by energy" : "GPUs, by power";
}

static void tell_value(const struct talk *t, uint32_t entity, double value)
{
    const struct question *q = &t->asked->is;
    const char *word = q->flags & MASK ? reasons_word(value) : NULL;

    if (q->flags & MASK) {
        if (word)
            t->api->text(t->out, entity, q->metric, word, strlen(word));
        return;
    }
    if ((q->flags & UNLIMITED) && value < 0)
        return;
    if ((q->flags & BLANKS) && is_blank(value, false))
        value = NAN;
    if (q->metric == MODEL_POWER)
        tell_text(t, entity, MODEL_BOUNDARY, whole(boundary(t)));
    if (q->metric == TENANT_POWER && q->about != ABOUT_RULE && !t->of_past)
        tell_text(t, entity, TENANT_BOUNDARY, whole("GPUs, by power"));
    (q->flags & SUMMED ? t->api->estimate : t->api->number)(t->out, entity, q->metric,
                                                           value * (q->scale != 0 ? q->scale : 1));
}

static void tell_word(const struct talk *t, uint32_t entity, const struct reading *r)
{
    const struct question *q = &t->asked->is;

    t->api->text(t->out, entity, q->metric, q->word, strlen(q->word));
    if (q->about == ABOUT_MODEL && r->of[A_TENANT].len)
        tell_text(t, entity, MODEL_TENANT, r->of[A_TENANT]);
}

/* Who tells of a million series hands them over as they come. */
static void hand_over(struct talk *t)
{
    if (t->fresh)
        t->api->send(t->out);
    t->fresh = t->node_len = 0;
}

/* Who asks a slow engine many questions hands over at least every second, be it nothing: that is not silence. */
static void hand_over_in_time(struct talk *t)
{
    double now = t->api->now(t->target);

    if (now - t->handed_over_at < 1 && now >= t->handed_over_at)
        return;
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->handed_over_at = now;
}

/* Of the questions for what tenants draw, the one that names them all. */
static bool asks_who_draws(const struct talk *t)
{
    const struct question *q = &t->asked->is;

    return q->about == ABOUT_TENANT && q->metric == TENANT_POWER && !q->flags && !t->of_past;
}

static void note_drawer(struct talk *t, struct slice tenant)
{
    struct promql *p = t->kept;
    size_t i = 0;

    p->tells_holders = true;
    while (i < p->drawer_count && !same(tenant, p->drawers[i].name))
        i++;
    if (i == MOST_DRAWERS)
        return;
    if (!p->drawers)
        p->drawers = calloc(MOST_DRAWERS, sizeof(*p->drawers));
    if (!p->drawers)
        abort();
    if (i == p->drawer_count)
        snprintf(p->drawers[p->drawer_count++].name, sizeof(p->drawers->name), "%.*s", (int)(tenant.len < 255 ? tenant.len : 255), tenant.text);
    p->drawers[i].seen = true;
}

/* Who let all go is in no answer any more, like one whose exporters are silent: what it draws is not known. What is free now must not
 * be its, too, until that grows stale. */
static void tell_gone(struct talk *t)
{
    static const size_t unknown[] = { TENANT_POWER, TENANT_GPUS, TENANT_BUSY, TENANT_IDLE };
    struct promql *p = t->kept;

    for (size_t i = p->drawer_count; i-- > 0;) {
        uint32_t tenant;

        if (p->drawers[i].seen) {
            p->drawers[i].seen = false;
            continue;
        }
        tenant = named(t, GW_TENANT, whole(p->drawers[i].name));
        for (size_t m = 0; m < sizeof(unknown) / sizeof(*unknown); m++)
            t->api->number(t->out, tenant, unknown[m], NAN);
        p->drawers[i] = p->drawers[--p->drawer_count];
    }
}

/* For so many series or points. False: the console leaves. */
static bool make_room(struct talk *t, size_t count)
{
    if (t->fresh + count > MANY) {
        if (t->api->stopping(t->target))
            return false;
        hand_over(t);
    }
    t->fresh += count;
    return true;
}

static bool take_series(void *arg, const struct sample *labels, const struct point *points, size_t count)
{
    struct talk *t = arg;
    struct reading r;
    uint32_t entity;

    if (!make_room(t, t->of_past ? count : 1))
        return false;
    read_meanings(labels, &r, &t->recall);
    if (t->asked->is.about == ABOUT_HOLDERS) {
        tell_holders(t, labels, &r);
        return true;
    }
    entity = entity_of(t, labels, &r);
    if (entity == GW_NONE)
        return true;
    if (asks_who_draws(t))
        note_drawer(t, r.of[A_TENANT]);
    if (t->asked->is.word)
        tell_word(t, entity, &r);
    for (size_t i = 0; i < count && !t->asked->is.word; i++) {
        if (t->of_past)
            t->api->time(t->out, points[i].time);
        tell_value(t, entity, points[i].value);
    }
    return true;
}

static struct slice letters(const char *text, struct spot spot)
{
    return (struct slice){ text + spot.at, spot.len };
}

/* The node or GPU of a series that is known: it may be that only the rack has to be looked for. */
static uint32_t entity_again(struct talk *t, const char *text, const struct way *way)
{
    struct slice node = letters(text, way->node);
    uint32_t whole;

    t->few.labels = way->rack.len > 0;
    t->few.label[0] = t->rack_label;
    t->few.value[0] = letters(text, way->rack);
    whole = node_named(t, &t->few, node);
    return way->part.len ? part_of(t, node, whole, letters(text, way->part)) : whole;
}

static bool take_again(void *arg, const char *text, const struct way *way, const struct point *point)
{
    struct talk *t = arg;
    uint32_t entity;

    if (!make_room(t, 1))
        return false;
    entity = entity_again(t, text, way);
    if (entity != GW_NONE)
        tell_value(t, entity, point->value);
    return true;
}

/* Are the series many, of GPUs or nodes that are named by labels of theirs, and is nothing but a value told of each? */
static bool is_known_again(const struct talk *t)
{
    const struct question *q = &t->asked->is;

    return !q->word && (q->about == ABOUT_GPU || q->about == ABOUT_NODE || (q->about == ABOUT_RULE && !t->asked->rule.by[0].len));
}

/* The same labels name the same node, or GPU, whatever is asked of it. */
static void know_again(struct talk *t)
{
    bool of_node = t->asked->is.about == ABOUT_RULE ? metrics[t->asked->rule.metric].kind == GW_NODE : t->asked->is.about == ABOUT_NODE;

    t->answer.again = take_again;
    t->answer.known = &t->kept->known;
    t->answer.key = t->kept->known.key ^ (of_node ? 0xaaaaaaaaaaaaaaaau : 0);
}

/* What a tenant drew in some of the day. */
static bool take_spent(void *arg, const struct sample *labels, const struct point *points, size_t count)
{
    struct talk *t = arg;
    struct today *day = &t->kept->today;
    struct slice name = whole("unallocated");
    struct reading r;
    size_t i = 0;

    if (t->api->stopping(t->target))
        return false;
    read_meanings(labels, &r, &t->recall);
    if (t->asked->is.about == ABOUT_TENANT)
        name = is_exporter(&r) ? (struct slice){ NULL, 0 } : r.of[A_TENANT];
    while (i < day->count && !same(name, day->spent[i].name))
        i++;
    if (!name.len || i == MOST_DRAWERS)
        return true;
    if (!day->spent)
        day->spent = calloc(MOST_DRAWERS, sizeof(*day->spent));
    if (!day->spent)
        abort();
    if (i == day->count)
        snprintf(day->spent[day->count++].name, sizeof(day->spent->name), "%.*s", (int)(name.len < 255 ? name.len : 255), name.text);
    for (size_t k = 0; k < count; k++)
        day->spent[i].piece += points[k].value >= 0 ? points[k].value * t->of_day : 0;
    return true;
}

static bool take_lone(void *arg, const struct sample *labels, const struct point *points, size_t count)
{
    struct talk *t = arg;

    (void)labels;
    if (count)
        t->number = points[count - 1].value;
    return true;
}

/* ---- asking ---- */

static int take_piece(void *arg, const char *text, size_t len)
{
    struct talk *t = arg;

    if (answer_take(&t->answer, text, len))
        return GW_DONE;
    return t->api->fail(t->out, "%s", t->answer.trouble[0] ? t->answer.trouble : "the console leaves");
}

static void note_refusal(struct talk *t, int status)
{
    const char *why = t->answer.error;

    if (t->refused++)
        return;
    if (*why)
        snprintf(t->refusal, sizeof(t->refusal), "%s%s%.200s", t->asked ? t->asked->is.set : "", t->asked ? ": " : "", why);
    else
        snprintf(t->refusal, sizeof(t->refusal), "%s%sthe engine answers with status %d", t->asked ? t->asked->is.set : "",
                 t->asked ? ": " : "", status);
}

/* An answer that is none. GW_FAILED where asking for more is of no use. */
static int take_failure(struct talk *t, const struct gw_reply *reply)
{
    switch (reply->status) {
    case 401:
        if (contains((struct slice){ reply->text, reply->len }, "no org id"))   /* Mimir, and whoever else serves several */
            return t->api->refuse(t->out, "does not say which tenant asks (401 no org id); see headers: with X-Scope-OrgID");
        return t->api->refuse(t->out, "is not let in (401 unauthorized); see user: and password:, or token:");
    case 403:
        return t->api->refuse(t->out, "may not read this (403 forbidden); see token:, cert: and headers:");
    case 404:
        return t->api->fail(t->out, "no Prometheus API at this path (404 not found); the URL ends before /api/v1");
    case 429:
        return t->api->fail(t->out, "asks too often (429 too many requests); raise interval:");
    default:
        break;
    }
    answer_take(&t->answer, reply->text, reply->len);
    note_refusal(t, reply->status);
    if (t->answered || t->refused < HOPELESS)
        return GW_DONE;
    return t->api->fail(t->out, "%s", t->refusal);
}

/* PATH/api/v1/WHAT, with what the URL has behind its path. */
static const char *api_path(const struct talk *t, const char *what)
{
    const char *path = t->target->path ? t->target->path : "", *more = strchr(path, '?');
    size_t kept = more ? (size_t)(more - path) : strlen(path);

    while (kept && path[kept - 1] == '/')
        kept--;
    return t->api->print(t->target, "%.*s/api/v1/%s%s%s", (int)kept, path, what, !more ? "" : strchr(what, '?') ? "&" : "?",
                         more ? more + 1 : "");
}

/* Asks for PATH/api/v1/WHAT; series go to `series`. GW_FAILED ends the poll. */
static int ask_engine(struct talk *t, const char *what, bool (*series)(void *, const struct sample *,
                      const struct point *, size_t))
{
    struct gw_reply reply = { .size = sizeof(reply) };
    struct answer *a = &t->answer;
    int result;

    answer_free(a);
    *a = (struct answer){ .series = series, .name = series ? NULL : note_family,
                          .arg = series ? (void *)t : (void *)t->kept };
    if (series == take_series && !t->of_past && is_known_again(t))
        know_again(t);
    result = t->api->get_pieces(t->target, api_path(t, what), "application/json", take_piece, t, &reply, t->out);
    if (result == GW_FAILED)
        return GW_FAILED;
    t->status = reply.status;
    if (reply.status / 100 != 2)
        return take_failure(t, &reply);
    if (!answer_is_whole(a))
        return t->api->fail(t->out, "%s", a->trouble);
    if (a->is_error) {
        note_refusal(t, reply.status);
        return GW_DONE;
    }
    t->answered++;
    /* Of names alone it is none: stores behind an engine that tell of series may not know how to list these. */
    if (series && (a->warnings || a->partial))
        t->api->partial(t->out, NAN, "a partial answer%s%s", a->warnings ? ": " : "", a->warning);
    return GW_DONE;
}

/* One number; NAN: none. */
static int ask_number(struct talk *t, const char *needs, const char *query, double *number)
{
    char *url = made_query(t, needs, query);
    int result;

    *number = t->number = NAN;
    t->asked = NULL;
    if (!url)
        return GW_DONE;
    result = ask_engine(t, t->api->print(t->target, "query?query=%s", url), take_lone);
    *number = t->number;
    free(url);
    return result;
}

/* ---- what there is ---- */

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

/* Single values of GPUs: of each metric the families that are there; dcgm-exporter's before another's, for two would
 * name the same GPU differently. */
static void add_metric(struct talk *t, size_t metric)
{
    const struct family *first = NULL;
    char needs[512];
    struct text to = { needs, needs + sizeof(needs), false };

    *needs = '\0';
    for (unsigned pass = 0; pass < 2 && !first; pass++)
        for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
            const struct family *f = &families[i];

            if (f->metric != metric || f->whose != OF_GPU || ((f->flags & DCGM) == 0) != (pass == 1) ||
                ((f->flags & SPARE) && f->spare != FB_USED && (first || f->spare != LIMIT_ASKED)) ||
                (first && first->scale != f->scale) || !has_family(t->kept, whole(f->name)))
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
    return strcmp(q->set, "dcgm") == 0 && q->about != ABOUT_TENANT && q->metric != MEM_TOTAL;
}

static bool is_wanted(const struct talk *t, const struct question *q)
{
    return (!q->at || (q->at & t->kept->detail)) && any_there(t, q->needs) && is_set_wanted(t, q->set) &&
           !(q->also && !any_there(t, q->also)) && !(q->unless && any_there(t, q->unless));
}

static void add_ready_made(struct talk *t)
{
    if (t->kept->detail == BY_GPU && is_set_wanted(t, "dcgm"))
        for (size_t m = 0; m < METRICS; m++)
            /* Energy that is asked for more often than it is scraped would stand still: its rate does not. */
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
        return t->api->fail(t->out, "queries: line %u: expected QUERY -> KIND.METRIC, and no more than %d", number,
                            MOST_ASKED);
    *a = (struct asked){ .is = of_user };
    if (read_meant(arrow + 2, end, &a->rule, why))
        return t->api->fail(t->out, "queries: line %u: %s", number, why);
    if (metrics[a->rule.metric].kind != GW_GPU && metrics[a->rule.metric].kind != GW_NODE && !a->rule.by[0].len)
        return t->api->fail(t->out, "queries: line %u: say by which label it is named: by LABEL", number);
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
        t->kept->detail = nodes > strtod(option(t, "node_limit"), NULL) ? BY_RACK : BY_NODE;
    return GW_DONE;
}

/* Engines of this kind say it all in one form; who does not is none the worse for it. */
static void find_version(struct talk *t)
{
    static const char key[] = "\"version\":\"";
    struct gw_reply reply = { .size = sizeof(reply) };
    const char *at;

    t->kept->version[0] = '\0';
    if (t->api->get(t->target, api_path(t, "status/buildinfo"), "application/json", &reply, t->out) == GW_FAILED || reply.status != 200)
        return;
    at = memmem(reply.text, reply.len, key, sizeof(key) - 1);
    if (at)
        snprintf(t->kept->version, sizeof(t->kept->version), "%.*s", (int)strcspn(at + sizeof(key) - 1, "\""), at + sizeof(key) - 1);
}

/* Which families there are, and so what to ask. Where an engine does not tell, all are asked for: what is not there costs
 * it little. */
static int probe(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target);

    if (!p->family_count)
        add_families(p);
    memset(p->has, 0, sizeof(p->has));
    p->dps = 0;
    t->asked = NULL;
    if (ask_engine(t, t->api->print(t->target, "label/__name__/values?start=%.0f&end=%.0f", now - 3600, now), NULL) ==
        GW_FAILED)
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

static const char *const sets[] = { "dcgm", "node", "kubernetes", "vllm", "sglang", "trtllm", "dynamo", "triton", "nim", "serving", "kai", "kueue",
                                    "slurm", "dps", "nvsentinel", "queries" };

/* For --doctor: which sets the engine has, with the number of their queries, and which it has not. */
static void note_sets(struct talk *t)
{
    char has[400] = "", lacks[400] = "";

    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        size_t count = 0, used;

        for (size_t k = 0; k < t->kept->asked_count; k++)
            count += strcmp(t->kept->asked[k].is.set, sets[i]) == 0;
        used = strlen(count ? has : lacks);
        if (count)
            snprintf(has + used, sizeof(has) - used, "%s%s (%zu)", used ? ", " : "", sets[i], count);
        else
            snprintf(lacks + used, sizeof(lacks) - used, "%s%s", used ? ", " : "", sets[i]);
    }
    t->api->note(t->out, "sets, with their queries: %s", *has ? has : "none");
    if (*lacks)
        t->api->note(t->out, "nothing for: %s", lacks);
}

static void note_findings(struct talk *t)
{
    static const char old[] = "DCGM_FI_DEV_POWER_USAGE", new[] = "DCGM_FI_DEV_BOARD_POWER_WATTS";
    bool has_old = has_family(t->kept, (struct slice){ old, sizeof(old) - 1 });
    bool has_new = has_family(t->kept, (struct slice){ new, sizeof(new) - 1 });

    if (t->kept->version[0])
        t->api->note(t->out, "version %s", t->kept->version);
    t->api->note(t->out, "asked for each %s", t->kept->detail == BY_GPU ? "GPU" : t->kept->detail == BY_NODE ? "node" : "rack");
    if (has_old || has_new)
        t->api->note(t->out, "dcgm-exporter's names of %s", has_old && has_new ? "before and after DCGM 4.7" : has_old ? "before DCGM 4.7"
                                                                                                       : "DCGM 4.7 and later");
    note_sets(t);
    if (t->kept->dps)
        t->api->note(t->out, "%zu families of DPS (dps_, prs_), which no ready-made query knows: see the option queries", t->kept->dps);
}

/* ---- the past ---- */

/* Who is asked once does so mostly for what is now. */
static bool wants_past(const struct talk *t)
{
    bool knows = t->target->size >= offsetof(struct gw_target, looks_back) + sizeof(t->target->looks_back);

    return !t->target->no_stream || (knows && t->target->looks_back);
}

/* From `told` on, which moves along; an engine that refuses is asked no more for now. */
static int tell_past_of(struct talk *t, const struct asked *asked, double from, double to, double *told)
{
    size_t refused = t->refused;

    t->asked = asked;
    /* A piece has fewer points than a batch has room for times of its own. */
    for (double at = fmax(from, *told); at < to; at += PAST_PIECE_S) {
        double end = fmin(at + PAST_PIECE_S, to) - PAST_STEP_S, left = t->past_until - t->api->now(t->target);
        int result;

        if (left <= 0)
            return GW_FAILED;
        t->api->limit(t->target, left);
        result = ask_engine(t, t->api->print(t->target, "query_range?query=%s&start=%.0f&end=%.0f&step=%d", asked->query,
                                                 at, end, PAST_STEP_S), take_series);

        t->api->time(t->out, 0);
        if (result == GW_FAILED)
            return GW_FAILED;
        if (t->refused > refused)
            break;
        *told = end + PAST_STEP_S;
        t->past_goes_on = true;
        hand_over(t);
        hand_over_in_time(t);
    }
    return GW_DONE;
}

/* Before what the cache has, and after it. A question that the engine cannot work out (400, 422) is not put to it again. */
static int tell_unknown_past_of(struct talk *t, const struct asked *asked, double length, double *told)
{
    double now = floor(t->api->now(t->target) / PAST_STEP_S) * PAST_STEP_S, from = now - length;
    size_t refused = t->refused;

    if (tell_past_of(t, asked, from, fmin(now, t->target->known_since), told) == GW_FAILED)
        return GW_FAILED;
    if (t->refused == refused && tell_past_of(t, asked, fmax(from, t->target->known_until), now, told) == GW_FAILED)
        return GW_FAILED;
    if (t->refused == refused || t->status == 400 || t->status == 422)
        *told = INFINITY;
    else
        t->past_is_left = true;
    return GW_DONE;
}

/* Rules that tell of what has a chart. */
static bool is_rule_of_power(const struct asked *asked)
{
    size_t metric = asked->is.metric;

    return asked->is.about == ABOUT_RULE &&
           (metric == SITE_POWER || metric == DOMAIN_METER || metric == DOMAIN_POWER || metric == TENANT_POWER);
}

static int tell_past_of_rules(struct talk *t, double length)
{
    struct promql *p = t->kept;
    double *told = p->told;

    for (size_t i = 0; i < p->asked_count; i++)
        if (is_rule_of_power(&p->asked[i]) && tell_unknown_past_of(t, &p->asked[i], length, told++) == GW_FAILED)
            return GW_FAILED;
    return GW_DONE;
}

/* A rule's meters are what the model sums to the site's power: the sum of GPUs is another number. */
static bool has_better_past(const struct talk *t, const struct question *q)
{
    const struct promql *p = t->kept;

    if (q->about != ABOUT_SITE)
        return false;
    for (size_t i = 0; i < p->asked_count; i++)
        if (is_rule_of_power(&p->asked[i]) && p->asked[i].is.metric != TENANT_POWER)
            return true;
    return false;
}

static int tell_past_of_sums(struct talk *t, double length)
{
    int result = GW_DONE;

    for (const struct question *q = past; q->set && result != GW_FAILED; q++) {
        struct asked asked = { .is = *q };

        if (!is_wanted(t, q) || has_better_past(t, q) || (q->about == ABOUT_NOBODY && !t->kept->tells_holders))
            continue;
        asked.query = made_query(t, q->needs, q->query);
        if (asked.query)
            result = tell_unknown_past_of(t, &asked, length, &t->kept->told_sums[q - past]);
        free(asked.query);
    }
    return result;
}

/* After the present, which is handed over before, and for half an interval: what is left then is asked for in the next poll. An
 * engine that does not tell is asked again, ever more seldom, for what it has not told yet, as long as there is anything of it that
 * was not seen since. */
static void tell_past(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target), length = gw_seconds(option(t, "history"));
    int result;

    if (p->past_began == 0)
        p->past_began = now;
    if (!wants_past(t) || now < p->past_at || now - p->past_began >= length)
        return;
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->of_past = true;
    t->past_is_left = t->past_goes_on = false;
    t->answered = t->refused = 0;
    result = tell_past_of_rules(t, length);
    if (result != GW_FAILED)
        result = tell_past_of_sums(t, length);
    t->of_past = false;
    t->api->limit(t->target, 0);
    if (result == GW_FAILED && t->past_goes_on && t->api->now(t->target) >= t->past_until)
        return;                 /* its time was up */
    p->past_wait_s = fmin(fmax(2 * p->past_wait_s, PAST_AGAIN_S), PAST_SELDOM_S);
    p->past_at = result == GW_FAILED || t->past_is_left ? now + p->past_wait_s : INFINITY;
    if (isfinite(p->past_at))
        t->api->warn(t->out, "the past of power is not told yet, and asked for again in %.0f s%s%s", p->past_wait_s,
                     t->refused ? ": " : "", t->refused ? t->refusal : "");
    else if (t->refused)
        t->api->warn(t->out, "the engine does not tell all of the past of power: %s", t->refusal);
}

/* ---- today's energy ---- */

static void forget_today(struct today *day)
{
    free(day->spent);
    *day = (struct today){ 0 };
}

static void begin_day(struct today *day, double midnight)
{
    forget_today(day);
    day->midnight = midnight;
    for (size_t i = 0; i < sizeof(day->added_to) / sizeof(*day->added_to); i++)
        day->added_to[i] = midnight;
}

/* An answer that breaks off is asked for again: what it said until then does not count. */
static void begin_piece(struct today *day)
{
    for (size_t i = 0; i < day->count; i++)
        day->spent[i].piece = 0;
}

static void end_piece(struct today *day)
{
    for (size_t i = 0; i < day->count; i++)
        day->spent[i].joules += day->spent[i].piece;
}

/* From *from on, which moves along, to `to`: a point at the end of each step stands for the step. */
static int add_up_day(struct talk *t, const struct asked *asked, double step, double to, double *from)
{
    size_t refused = t->refused;

    t->asked = asked;
    t->of_day = step;
    while (*from + step <= to) {
        double end = fmin(*from + fmax(t->target->no_stream ? 86400 : PAST_PIECE_S, step), to), left = t->past_until - t->api->now(t->target);

        if (left <= 0)
            return GW_FAILED;
        if (isfinite(left))
            t->api->limit(t->target, left);
        end = *from + floor((end - *from) / step) * step;
        begin_piece(&t->kept->today);
        if (ask_engine(t, t->api->print(t->target, "query_range?query=%s&start=%.3f&end=%.3f&step=%.3f", asked->query, *from + step,
                                        end, step), take_spent) == GW_FAILED || t->refused > refused)
            return GW_FAILED;
        end_piece(&t->kept->today);
        *from = end;
        hand_over_in_time(t);
    }
    return GW_DONE;
}

static void tell_spent(struct talk *t)
{
    struct today *day = &t->kept->today;

    for (size_t i = 0; i < day->count; i++) {
        uint32_t tenant = named(t, GW_TENANT, whole(day->spent[i].name));

        t->api->number(t->out, tenant, TENANT_COUNTED, day->midnight);
        t->api->estimate(t->out, tenant, TENANT_ENERGY, day->spent[i].joules);
    }
}

static int add_up_today(struct talk *t, double now)
{
    struct today *day = &t->kept->today;
    int result = GW_DONE;

    for (const struct question *q = today; q->set && result != GW_FAILED; q++) {
        struct asked asked = { .is = *q };
        double *from = &day->added_to[q - today];

        if (!is_wanted(t, q) || (q->about == ABOUT_NOBODY && !t->kept->tells_holders))
            continue;
        asked.query = made_query(t, q->needs, q->query);
        if (!asked.query)
            continue;
        result = add_up_day(t, &asked, DAY_STEP_S, now, from);
        if (result != GW_FAILED && now - *from >= 1)
            result = add_up_day(t, &asked, now - *from, now, from);     /* what is left is less than a step */
        free(asked.query);
    }
    return result;
}

/* What tenants used since midnight, in so much of a poll as the past may take, once; and again where the polls had a gap. From then
 * on the model counts. */
static void tell_today(struct talk *t)
{
    struct today *day = &t->kept->today;
    double now = t->api->now(t->target), midnight = gw_midnight(now);
    bool is_counted = t->kept->polled_at > 0 && now - t->kept->polled_at < fmax(DAY_GAP_S, 3 * t->target->interval_s);

    if (t->kept->detail == BY_GPU && !t->kept->tells_holders)
        return;                 /* another source does, and then the engine cannot tell whose it was */
    if (!wants_past(t) || (is_counted && (now < day->again_at || midnight > day->midnight)))
        return;
    if (!is_counted || midnight > day->midnight)
        begin_day(day, midnight);
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->answered = t->refused = 0;
    if (add_up_today(t, now) != GW_FAILED) {
        tell_spent(t);
        forget_today(day);
        day->midnight = midnight;
        day->again_at = INFINITY;
    } else if (t->refused) {
        day->again_at = now + DAY_AGAIN_S;
        t->api->warn(t->out, "what tenants used since midnight is not told: %s", t->refusal);
    }
    t->api->limit(t->target, 0);
}

/* ---- the source ---- */

static int ask_from(struct talk *t, size_t first)
{
    struct promql *p = t->kept;
    size_t refused;

    for (size_t i = first; i < p->asked_count; i++) {
        t->asked = &p->asked[i];
        if (t->api->stopping(t->target))
            return GW_DONE;
        if (t->asked->is.about == ABOUT_NOBODY && !p->tells_holders)
            continue;           /* what is free where nobody says what is not? */
        refused = t->refused;
        if (ask_engine(t, t->api->print(t->target, "query?query=%s", t->asked->query), take_series) == GW_FAILED)
            return GW_FAILED;
        tell_shared(t);
        if (asks_who_draws(t) && t->refused == refused)
            tell_gone(t);
        hand_over_in_time(t);
    }
    return GW_DONE;
}

/* GPUs of the node, or nodes of the rack, that somebody looks into, where they are not asked for anyhow. */
static int ask_closely(struct talk *t)
{
    struct promql *p = t->kept;
    unsigned detail = p->detail, wanted = t->target->opened_kind == GW_NODE ? BY_GPU : BY_NODE;
    size_t first = p->asked_count;
    int result;

    if (!t->target->opened || detail <= wanted || (wanted == BY_NODE && !t->rack_label.len))
        return GW_DONE;
    t->closely = true;
    p->detail = wanted;
    add_ready_made(t);
    p->detail = detail;
    result = ask_from(t, first);
    t->closely = false;
    while (p->asked_count > first)
        free(p->asked[--p->asked_count].query);
    return result;
}

/* Exporters that the engine itself does not reach. */
static int tell_missing(struct talk *t)
{
    double down;

    if (!any_there(t, POWERS))
        return GW_DONE;
    if (ask_number(t, POWERS, "count(up == 0 and on (job) $m)", &down) == GW_FAILED)
        return GW_FAILED;
    if (down > 0)
        t->api->partial(t->out, down, "%.0f exporter%s of GPUs do%s not answer the engine (up == 0)", down, down > 1 ? "s" : "",
                        down > 1 ? "" : "es");
    return GW_DONE;
}

static int talk_to(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target);

    if (!(p->probed_at > 0 && now - p->probed_at < PROBES_EVERY_S && now >= p->probed_at) && probe(t) == GW_FAILED)
        return GW_FAILED;
    note_findings(t);
    if (p->asked_count == 0) {
        t->api->warn(t->out, "the engine has no family that means anything here; see the option queries");
        return GW_DONE;
    }
    t->answered = t->refused = 0;
    if (ask_from(t, 0) == GW_FAILED || ask_closely(t) == GW_FAILED || tell_missing(t) == GW_FAILED)
        return GW_FAILED;
    if (!t->answered && t->refused)
        return t->api->fail(t->out, "%s", t->refusal);
    if (t->refused)
        t->api->warn(t->out, "%zu of %zu queries failed; %s", t->refused, t->refused + t->answered, t->refusal);
    t->past_until = t->api->now(t->target) + fmax(t->target->interval_s / 2, PAST_LEAST_S);
    tell_past(t);
    tell_today(t);
    p->polled_at = now;
    return GW_DONE;
}

static struct talk *talk_new(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct talk *t = calloc(1, sizeof(*t));

    if (!t)
        abort();
    *t = (struct talk){ .api = api, .target = target, .out = out, .kept = target->state };
    t->node_label = whole(option(t, "node_label"));
    t->rack_label = whole(option(t, "rack_label"));
    for (size_t i = 0; i < WHOLES; i++)
        t->has_wholes |= *option(t, wholes[i].option) != '\0';
    snprintf(t->window, sizeof(t->window), "%.0fs", fmax(1, round(gw_seconds(option(t, "window")))));
    return t;
}

static int promql_poll(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct talk *t = talk_new(api, target, out);
    int result;

    t->handed_over_at = api->now(target);
    known_begin(&t->kept->known);
    result = talk_to(t);
    if (result == GW_FAILED)
        t->kept->probed_at = 0; /* another engine may come back */
    answer_free(&t->answer);
    free(t->shared);
    free(t);
    return result;
}

/* ---- options ---- */

static int try_number(struct talk *t, const char *name)
{
    const char *text = option(t, name);
    char *end;
    double number = strtod(text, &end);

    if (end > text && !*end && number >= 0)
        return GW_DONE;
    return t->api->fail(t->out, "%s: expected a number, got \"%.20s\"", name, text);
}

static int try_sets(struct talk *t)
{
    const char *list = t->api->option(t->target, "sets");

    while (list) {
        struct slice name = next_word(&list);
        size_t i = 0;

        if (!name.len)
            break;
        while (i < sizeof(sets) / sizeof(*sets) && !same(name, sets[i]))
            i++;
        if (i == sizeof(sets) / sizeof(*sets) && !same(name, "none"))
            return t->api->fail(t->out, "sets: there is none called \"%.*s\"; gigawatch --list sources names them",
                                (int)(name.len < 20 ? name.len : 20), name.text);
    }
    return GW_DONE;
}

static int try_words(struct talk *t)
{
    static const char *const details[] = { "auto", "gpus", "nodes", "racks" };
    size_t i = 0;

    while (i < sizeof(details) / sizeof(*details) && strcmp(option(t, "detail"), details[i]) != 0)
        i++;
    if (i == sizeof(details) / sizeof(*details))
        return t->api->fail(t->out, "detail: expected auto, gpus, nodes or racks, got \"%.20s\"", option(t, "detail"));
    if (!(gw_seconds(option(t, "window")) > 0))
        return t->api->fail(t->out, "window: expected a time such as 2m, got \"%.20s\"", option(t, "window"));
    if (!(gw_seconds(option(t, "history")) <= LONGEST_HISTORY_S))
        return t->api->fail(t->out, "history: expected a time up to 2h, which is what a chart holds, or 0, got \"%.20s\"", option(t, "history"));
    return try_sets(t);
}

/* Whatever is wrong with options is said before anything is asked. */
static int promql_open(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct talk *t = talk_new(api, target, out);
    int result = try_words(t);

    if (result != GW_FAILED && (try_number(t, "gpu_limit") == GW_FAILED || try_number(t, "node_limit") == GW_FAILED))
        result = GW_FAILED;
    if (result != GW_FAILED)
        result = add_rules(t);
    forget_asked(t->kept);
    free(t);
    return result;
}

static void promql_close(const struct gw_api *api, const struct gw_target *target)
{
    struct promql *p = target->state;

    (void)api;
    forget_asked(p);
    free(p->drawers);
    known_clear(&p->known);
    forget_today(&p->today);
    p->polled_at = 0;
    p->drawers = NULL;
    p->drawer_count = 0;
}

const struct gw_source promql_source = {
    GW_SOURCE_HEAD,
    .name = "promql",
    .summary = "a site through Prometheus, VictoriaMetrics, Thanos or Mimir, summed there",
    .schemes = "prom+http prom+https promql+http promql+https",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct promql),
    .interval_s = 15,
    .open = promql_open,
    .poll = promql_poll,
    .close = promql_close,
    .asks_closely = true,
};
