/* What the source slurm tells. */
#ifndef PLUGINS_SLURM_METRICS_H
#define PLUGINS_SLURM_METRICS_H

#include "gigawatch/source.h"

enum metric {
    NODE_STATE, NODE_REASON, NODE_MAINTENANCE, NODE_TENANT, NODE_JOB, NODE_GPUS, NODE_HELD, NODE_METER,
    GPU_INDEX, GPU_JOB, GPU_TENANT,
    JOB_TENANT, JOB_USER, JOB_TITLE, JOB_QUEUE, JOB_STATE, JOB_OUTCOME, JOB_REASON, JOB_GPUS, JOB_NODES, JOB_SUBMIT,
    JOB_START, JOB_END, JOB_LIMIT, JOB_QOS, JOB_PRIORITY, JOB_ARRAY, JOB_TASKS, JOB_HET, JOB_NODELIST, JOB_IMAGE,
    TENANT_QUOTA, TENANT_SHARES, TENANT_FAIRSHARE,
    QUEUE_PENDING, QUEUE_RUNNING, QUEUE_GPUS_PENDING, QUEUE_GPUS_RUNNING, QUEUE_WAIT, QUEUE_STATE, QUEUE_QUOTA,
    EVENT_LEVEL, EVENT_TIME, EVENT_TEXT, EVENT_KEY
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [NODE_STATE] = { "state", GW_NODE, GW_TEXT, "", .help = "up, down, drain, … as the source says" },
    [NODE_REASON] = { "reason", GW_NODE, GW_TEXT, "", .help = "why it is drained or down" },
    [NODE_MAINTENANCE] = { "maintenance", GW_NODE, GW_TEXT, "", .help = "the reservation for it that has begun; yes: one that is not told; no" },
    [NODE_TENANT] = { "tenant", GW_NODE, GW_TEXT, "", .help = "where one holds all of it" },
    [NODE_JOB] = { "job", GW_NODE, GW_TEXT, "", .help = "where one holds all of it" },
    [NODE_GPUS] = { "gpus_total", GW_NODE, GW_GAUGE, "", .help = "GPUs that its scheduler knows of" },
    [NODE_HELD] = { "gpus_held", GW_NODE, GW_GAUGE, "", .help = "of these, given to jobs" },
    [NODE_METER] = { "meter", GW_NODE, GW_GAUGE, "W", 0, 2e5, "what the node's own meter reads" },
    [GPU_INDEX] = { "index", GW_GPU, GW_GAUGE, "", 0, 1024, "index on its node" },
    [GPU_JOB] = { "job", GW_GPU, GW_TEXT, "", .help = "the job that runs on it" },
    [GPU_TENANT] = { "tenant", GW_GPU, GW_TEXT, "", .help = "who holds it" },
    [JOB_TENANT] = { "tenant", GW_JOB, GW_TEXT, "", .help = "who pays" },
    [JOB_USER] = { "user", GW_JOB, GW_TEXT, "", .help = "who submitted it" },
    [JOB_TITLE] = { "title", GW_JOB, GW_TEXT, "", .help = "the name its user gave it" },
    [JOB_QUEUE] = { "queue", GW_JOB, GW_TEXT, "", .help = "queue or partition" },
    [JOB_STATE] = { "state", GW_JOB, GW_TEXT, "", .help = "pending, running, ended" },
    [JOB_OUTCOME] = { "outcome", GW_JOB, GW_TEXT, "", .help = "how it ended: completed, failed, cancelled, timeout, …" },
    [JOB_REASON] = { "reason", GW_JOB, GW_TEXT, "", .help = "why it waits" },
    [JOB_GPUS] = { "gpus", GW_JOB, GW_GAUGE, "", .help = "GPUs asked for or held" },
    [JOB_NODES] = { "nodes", GW_JOB, GW_GAUGE, "", .help = "nodes asked for or held" },
    [JOB_SUBMIT] = { "submit", GW_JOB, GW_TIME, "s", .help = "submitted at" },
    [JOB_START] = { "start", GW_JOB, GW_TIME, "s", .help = "started, or expected to start, at" },
    [JOB_END] = { "end", GW_JOB, GW_TIME, "s", .help = "ended at" },
    [JOB_LIMIT] = { "limit", GW_JOB, GW_GAUGE, "s", .help = "time limit" },
    [JOB_QOS] = { "qos", GW_JOB, GW_TEXT, "", .help = "quality of service it was submitted with" },
    [JOB_PRIORITY] = { "priority", GW_JOB, GW_GAUGE, "", .help = "the scheduler's: the highest is next" },
    [JOB_ARRAY] = { "array", GW_JOB, GW_TEXT, "", .help = "the array it belongs to" },
    [JOB_TASKS] = { "tasks", GW_JOB, GW_GAUGE, "", .help = "tasks of an array that wait as one row; its GPUs are those of one" },
    [JOB_HET] = { "het", GW_JOB, GW_TEXT, "", .help = "the heterogeneous job it is a part of" },
    [JOB_NODELIST] = { "nodelist", GW_JOB, GW_TEXT, "", .help = "nodes it runs on, or is planned for, as the scheduler writes them" },
    [JOB_IMAGE] = { "image", GW_JOB, GW_TEXT, "", .help = "container image" },
    [TENANT_QUOTA] = { "quota", GW_TENANT, GW_GAUGE, "", .help = "GPUs it may hold at a time" },
    [TENANT_SHARES] = { "shares", GW_TENANT, GW_GAUGE, "", .help = "its share, against those of its siblings" },
    [TENANT_FAIRSHARE] = { "fairshare", GW_TENANT, GW_GAUGE, "ratio", .help = "the scheduler's fair-share factor: 1 used nothing of its share" },
    [QUEUE_PENDING] = { "pending", GW_QUEUE, GW_GAUGE, "", .help = "jobs that wait" },
    [QUEUE_RUNNING] = { "running", GW_QUEUE, GW_GAUGE, "", .help = "jobs that run" },
    [QUEUE_GPUS_PENDING] = { "gpus_pending", GW_QUEUE, GW_GAUGE, "", .help = "GPUs that its waiting jobs ask for" },
    [QUEUE_GPUS_RUNNING] = { "gpus_running", GW_QUEUE, GW_GAUGE, "", .help = "GPUs that its running jobs hold" },
    [QUEUE_WAIT] = { "wait", GW_QUEUE, GW_GAUGE, "s", .help = "longest wait of a job whose turn it could be" },
    [QUEUE_STATE] = { "state", GW_QUEUE, GW_TEXT, "", .help = "up, down, drain or inactive" },
    [QUEUE_QUOTA] = { "quota", GW_QUEUE, GW_GAUGE, "", .help = "GPUs it has, or may use" },
    [EVENT_LEVEL] = { "level", GW_EVENT, GW_TEXT, "", .help = "information, cleared, attention or critical" },
    [EVENT_TIME] = { "time", GW_EVENT, GW_TIME, "s", .help = "when" },
    [EVENT_TEXT] = { "text", GW_EVENT, GW_TEXT, "", .help = "what happened" },
    [EVENT_KEY] = { "key", GW_EVENT, GW_TEXT, "", .help = "where it may be told again: what tells it from others" },
    { 0 }
};
/* clang-format on */

#endif
