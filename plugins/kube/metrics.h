/* What the source kube tells. */
#ifndef PLUGINS_KUBE_METRICS_H
#define PLUGINS_KUBE_METRICS_H

#include "gigawatch/source.h"

enum {
    NODE_STATE, NODE_REASON, NODE_MAINTENANCE, NODE_TENANT, NODE_JOB, NODE_TOTAL, NODE_HELD, NODE_ALLOCATABLE,
    GPU_UUID, GPU_MODEL, GPU_INDEX, GPU_TENANT, GPU_JOB,
    JOB_TENANT, JOB_USER, JOB_TITLE, JOB_QUEUE, JOB_STATE, JOB_OUTCOME, JOB_REASON, JOB_GPUS, JOB_NODES, JOB_SUBMIT,
    JOB_START, JOB_END, JOB_LIMIT, JOB_PRIORITY, JOB_QOS, JOB_CLASS, JOB_NODELIST, JOB_PODS, JOB_IMAGE, JOB_TAG,
    TENANT_GPUS, TENANT_QUOTA,
    QUEUE_PENDING, QUEUE_RUNNING, QUEUE_GPUS_PENDING, QUEUE_GPUS_RUNNING, QUEUE_WAIT, QUEUE_STATE, QUEUE_QUOTA,
    QUEUE_PARENT, QUEUE_TENANT, DOMAIN_TYPE
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [NODE_STATE] =          { "state", GW_NODE, GW_TEXT, "", 0, 0, "up, down (not ready) or drain (cordoned)" },
    [NODE_REASON] =         { "reason", GW_NODE, GW_TEXT, "", 0, 0, "why it is not ready, drained or short of GPUs" },
    [NODE_MAINTENANCE] =    { "maintenance", GW_NODE, GW_TEXT, "", 0, 0, "cordoned, or the taint or condition that says so; no: it is in use" },
    [NODE_TENANT] =         { "tenant", GW_NODE, GW_TEXT, "", 0, 0, "who holds all of its GPUs" },
    [NODE_JOB] =            { "job", GW_NODE, GW_TEXT, "", 0, 0, "the job that holds all of its GPUs" },
    [NODE_TOTAL] =          { "gpus_total", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs it has, as the scheduler says" },
    [NODE_HELD] =           { "gpus_held", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs that are given to somebody, as the scheduler says" },
    [NODE_ALLOCATABLE] =    { "gpus_allocatable", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs that can be given, as the scheduler says" },
    [GPU_UUID] =            { "uuid", GW_GPU, GW_TEXT, "", 0, 0, "GPU-…" },
    [GPU_MODEL] =           { "model", GW_GPU, GW_TEXT, "", 0, 0, "product name" },
    [GPU_INDEX] =           { "index", GW_GPU, GW_GAUGE, "", 0, 1024, "index on its node" },
    [GPU_TENANT] =          { "tenant", GW_GPU, GW_TEXT, "", 0, 0, "who holds it" },
    [GPU_JOB] =             { "job", GW_GPU, GW_TEXT, "", 0, 0, "the job that runs on it" },
    [JOB_TENANT] =          { "tenant", GW_JOB, GW_TEXT, "", 0, 0, "who pays" },
    [JOB_USER] =            { "user", GW_JOB, GW_TEXT, "", 0, 0, "who submitted it" },
    [JOB_TITLE] =           { "title", GW_JOB, GW_TEXT, "", 0, 0, "the name its user gave it" },
    [JOB_QUEUE] =           { "queue", GW_JOB, GW_TEXT, "", 0, 0, "queue or partition" },
    [JOB_STATE] =           { "state", GW_JOB, GW_TEXT, "", 0, 0, "pending, running, ended" },
    [JOB_OUTCOME] =         { "outcome", GW_JOB, GW_TEXT, "", 0, 0, "completed, failed or deleted" },
    [JOB_REASON] =          { "reason", GW_JOB, GW_TEXT, "", 0, 0, "why it waits" },
    [JOB_GPUS] =            { "gpus", GW_JOB, GW_GAUGE, "", 0, 0, "GPUs asked for or held" },
    [JOB_NODES] =           { "nodes", GW_JOB, GW_GAUGE, "", 0, 0, "nodes asked for or held" },
    [JOB_SUBMIT] =          { "submit", GW_JOB, GW_TIME, "", 0, 0, "submitted at" },
    [JOB_START] =           { "start", GW_JOB, GW_TIME, "", 0, 0, "started, or expected to start, at" },
    [JOB_END] =             { "end", GW_JOB, GW_TIME, "", 0, 0, "ended at" },
    [JOB_LIMIT] =           { "limit", GW_JOB, GW_GAUGE, "s", 0, 0, "time limit" },
    [JOB_PRIORITY] =        { "priority", GW_JOB, GW_GAUGE, "", 0, 0, "priority" },
    [JOB_QOS] =             { "qos", GW_JOB, GW_TEXT, "", 0, 0, "quality of service, or priority class" },
    [JOB_CLASS] =           { "class", GW_JOB, GW_TEXT, "", 0, 0, "training, inference, agents or other" },
    [JOB_NODELIST] =        { "nodelist", GW_JOB, GW_TEXT, "", 0, 0, "its nodes, as n[1-4,7]" },
    [JOB_PODS] =            { "pods", GW_JOB, GW_TEXT, "", 0, 0, "its pods, as acme/train-[x2b9c,k8s2d]" },
    [JOB_IMAGE] =           { "image", GW_JOB, GW_TEXT, "", 0, 0, "images of its containers, those with GPUs first" },
    [JOB_TAG] =             { "tag", GW_JOB, GW_TEXT, "", 0, 0, "what a label calls it, such as a partition" },
    [TENANT_GPUS] =         { "gpus", GW_TENANT, GW_GAUGE, "", 0, 0, "GPUs it holds" },
    [TENANT_QUOTA] =        { "quota", GW_TENANT, GW_GAUGE, "", 0, 0, "GPUs it may hold" },
    [QUEUE_PENDING] =       { "pending", GW_QUEUE, GW_GAUGE, "", 0, 0, "jobs that wait" },
    [QUEUE_RUNNING] =       { "running", GW_QUEUE, GW_GAUGE, "", 0, 0, "jobs that run" },
    [QUEUE_GPUS_PENDING] =  { "gpus_pending", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs that its waiting jobs ask for" },
    [QUEUE_GPUS_RUNNING] =  { "gpus_running", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs that its running jobs hold" },
    [QUEUE_WAIT] =          { "wait", GW_QUEUE, GW_GAUGE, "s", 0, 0, "how long the longest has waited" },
    [QUEUE_STATE] =         { "state", GW_QUEUE, GW_TEXT, "", 0, 0, "open, or why not" },
    [QUEUE_QUOTA] =         { "quota", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs it may give" },
    [QUEUE_PARENT] =        { "parent", GW_QUEUE, GW_TEXT, "", 0, 0, "the queue it belongs to" },
    [QUEUE_TENANT] =        { "tenant", GW_QUEUE, GW_TEXT, "", 0, 0, "whose it is" },
    [DOMAIN_TYPE] =         { "type", GW_DOMAIN, GW_TEXT, "", 0, 0, "rack, row, hall or feed" },
    { 0 }
};
/* clang-format on */

#endif
