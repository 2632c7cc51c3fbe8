/* The names of things measured. Interned once, at load, so that the hot path compares
 * small numbers. The core's metrics have fixed ids; sources append theirs. After load the
 * table does not change. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/unit.h"
#include "gigawatch/source.h"

/* X(ID, kind, "name", type, unit, min, max, "help"): the core's own, in base units.
 * metric.c builds the table from this list, so an id, a name and its help stand in one
 * line. */
/* clang-format off */
#define CORE_METRICS(X) \
    X(SITE_POWER,        GW_SITE,   "power",        GW_GAUGE, UNIT_W,     0, 1e11, "power drawn at the boundary the caps are set for") \
    X(SITE_CAP,          GW_SITE,   "cap",          GW_GAUGE, UNIT_W,     0, 1e11, "the site's own cap") \
    X(SITE_PRICE,        GW_SITE,   "price",          GW_GAUGE, UNIT_NONE,   0, 0,   "price of a kWh now, in the currency of the configuration") \
    X(SITE_CARBON,       GW_SITE,   "carbon",         GW_GAUGE, UNIT_NONE,   0, 0,   "carbon intensity of the grid now, in gCO2 a kWh") \
    X(SITE_MARGINAL,     GW_SITE,   "carbon_marginal",GW_GAUGE, UNIT_NONE,   0, 0,   "gCO2 of one kWh more: not of the mean, so never on one axis with carbon") \
    X(SITE_CURRENCY,     GW_SITE,   "currency",       GW_TEXT,  UNIT_NONE,   0, 0,   "what prices and costs are in") \
    X(SITE_SCORED,       GW_SITE,   "forecasts_scored",  GW_GAUGE, UNIT_NONE,  0, 0, "forecasts for the next hour of all domains that were scored in the last one to two weeks") \
    X(SITE_COVERAGE80,   GW_SITE,   "forecasts_coverage80",GW_GAUGE,UNIT_RATIO,0, 1, "of these, how many the 10 to 90% band held; .8 is right") \
    X(SITE_PINBALL,      GW_SITE,   "forecasts_pinball", GW_GAUGE, UNIT_NONE,  0, 0, "their loss as a share of the last value's") \
    X(SITE_PINBALL_LINE, GW_SITE,   "forecasts_pinball_line",GW_GAUGE,UNIT_NONE,0,0, "their loss as a share of predict_linear's") \
    X(SITE_SKILL,        GW_SITE,   "forecasts_skill",   GW_GAUGE, UNIT_NONE,  0, 0, "Brier skill of their p against the base rate") \
    X(SITE_HITS,         GW_SITE,   "forecasts_hits",    GW_GAUGE, UNIT_NONE,  0, 0, "breaches of all domains that were announced within the hour") \
    X(SITE_MISSES,       GW_SITE,   "forecasts_misses",  GW_GAUGE, UNIT_NONE,  0, 0, "breaches that were not") \
    X(SITE_FALSE_ALARMS, GW_SITE,   "forecasts_false_alarms",GW_GAUGE,UNIT_NONE,0,0, "announcements a day that nothing followed, of all domains") \
    X(SITE_REJECTED,     GW_SITE,   "forecasts_rejected",GW_GAUGE, UNIT_NONE,  0, 0, "steps of power that forecasts left out since they began, for no domain can draw so much or so little") \
    X(DOMAIN_TYPE,       GW_DOMAIN, "type",         GW_TEXT,  UNIT_NONE,  0, 0,    "feed, switchboard, ups, busway, pdu, hall, row or rack") \
    X(DOMAIN_STATE,      GW_DOMAIN, "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "up, or lost: its parts draw from their other feed") \
    X(DOMAIN_METER,      GW_DOMAIN, "meter",        GW_GAUGE, UNIT_W,     0, 1e11, "what the domain's own meter reads") \
    X(DOMAIN_SUM,        GW_DOMAIN, "sum",          GW_GAUGE, UNIT_W,     0, 1e11, "sum of its parts") \
    X(DOMAIN_POWER,      GW_DOMAIN, "power",        GW_GAUGE, UNIT_W,     0, 1e11, "its meter where fresh, else the sum of its parts") \
    X(DOMAIN_POWER_N1,   GW_DOMAIN, "power_n1",     GW_GAUGE, UNIT_W,     0, 1e11, "what it would carry if the other feed of its dual-fed parts were lost") \
    X(DOMAIN_CAP,        GW_DOMAIN, "cap",          GW_GAUGE, UNIT_W,     0, 1e11, "the cap in watts") \
    X(DOMAIN_COVERAGE,   GW_DOMAIN, "coverage",     GW_GAUGE, UNIT_RATIO, 0, 1,    "share of its roster the number comes from") \
    X(DOMAIN_P,          GW_DOMAIN, "p",            GW_GAUGE, UNIT_RATIO, 0, 1,    "probability of a breach within the hour") \
    X(DOMAIN_TTB,        GW_DOMAIN, "ttb",          GW_GAUGE, UNIT_S,     0, 1e9,  "time to breach, median") \
    X(NODE_POWER,        GW_NODE,   "power",        GW_GAUGE, UNIT_W,     0, 2e5,  "the node's own meter, else the sum of its GPUs (estimated)") \
    X(NODE_METER,        GW_NODE,   "meter",        GW_GAUGE, UNIT_W,     0, 2e5,  "what the node's own meter reads") \
    X(NODE_CAP,          GW_NODE,   "cap",          GW_GAUGE, UNIT_W,     0, 2e5,  "the node's power limit") \
    X(NODE_PREDICTED,    GW_NODE,   "power_predicted",GW_GAUGE, UNIT_W,     0, 2e5,  "what whoever steers its power expects it to draw next, such as NVIDIA's DPS") \
    X(NODE_NEAR_LIMIT,   GW_NODE,   "near_limit",     GW_TEXT,  UNIT_NONE,  0, 0,    "yes: who steers its power says that what it is allotted may hold it down") \
    X(NODE_TEMP,         GW_NODE,   "temp",         GW_GAUGE, UNIT_C,   -50, 200,  "hottest GPU") \
    X(NODE_STATE,        GW_NODE,   "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "up, down, drain, … as the source says") \
    X(NODE_REASON,       GW_NODE,   "reason",         GW_TEXT,  UNIT_NONE,   0, 0,   "why it is drained or down, in the words of who did it") \
    X(NODE_SILENCE,      GW_NODE,   "silence",        GW_TEXT,  UNIT_NONE,   0, 0,   "that who measures it does not answer, in the words of who asks") \
    X(NODE_MAINTENANCE,  GW_NODE,   "maintenance",    GW_TEXT,  UNIT_NONE,   0, 0,   "why it is kept out of use on purpose: the reservation, cordoned, a taint; yes; no: it is not") \
    X(NODE_TENANT,       GW_NODE,   "tenant",         GW_TEXT,  UNIT_NONE,   0, 0,   "who holds all of it") \
    X(NODE_JOB,          GW_NODE,   "job",            GW_TEXT,  UNIT_NONE,   0, 0,   "the job that holds all of it") \
    X(NODE_GPUS_TOTAL,   GW_NODE,   "gpus_total",     GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs it has, as the scheduler counts") \
    X(NODE_GPUS_HELD,    GW_NODE,   "gpus_held",      GW_GAUGE, UNIT_NONE,   0, 0,   "of these, given to jobs, as the scheduler counts") \
    X(NODE_COVERAGE,     GW_NODE,   "coverage",       GW_GAUGE, UNIT_RATIO,  0, 1,   "share of its GPUs its power comes from; 1 where a meter or a source tells it of the whole node") \
    X(GPU_UUID,          GW_GPU,    "uuid",         GW_TEXT,  UNIT_NONE,  0, 0,    "GPU-…") \
    X(GPU_MODEL,         GW_GPU,    "model",        GW_TEXT,  UNIT_NONE,  0, 0,    "product name") \
    X(GPU_INDEX,         GW_GPU,    "index",        GW_GAUGE, UNIT_NONE,  0, 1024, "index on its node") \
    X(GPU_UTIL,          GW_GPU,    "util",         GW_GAUGE, UNIT_RATIO, 0, 1,    "share of time a kernel ran") \
    X(GPU_MEM_USED,      GW_GPU,    "mem_used",     GW_GAUGE, UNIT_BYTES, 0, 1e13, "memory in use") \
    X(GPU_MEM_TOTAL,     GW_GPU,    "mem_total",    GW_GAUGE, UNIT_BYTES, 0, 1e13, "memory fitted") \
    X(GPU_TEMP,          GW_GPU,    "temp",         GW_GAUGE, UNIT_C,   -50, 200,  "temperature of the chip") \
    X(GPU_MEM_TEMP,      GW_GPU,    "mem_temp",     GW_GAUGE, UNIT_C,   -50, 200,  "temperature of its memory") \
    X(GPU_POWER,         GW_GPU,    "power",        GW_GAUGE, UNIT_W,     0, 5000, "power, one-second average where the device tells") \
    X(GPU_POWER_INSTANT, GW_GPU,    "power_instant",GW_GAUGE, UNIT_W,     0, 10000,"power this instant") \
    X(GPU_POWER_MEAN,    GW_GPU,    "power_mean",   GW_GAUGE, UNIT_W,     0, 5000, "mean power between the last two energy readings") \
    X(GPU_POWER_LIMIT,   GW_GPU,    "power_limit",  GW_GAUGE, UNIT_W,     0, 5000, "enforced limit") \
    X(GPU_ENERGY,        GW_GPU,    "energy",       GW_ENERGY,UNIT_J,     0, 0,    "energy since the driver was loaded") \
    X(GPU_THROTTLE,      GW_GPU,    "throttle",     GW_TEXT,  UNIT_NONE,  0, 0,    "why the clocks are held down: power, thermal, brake, …") \
    X(GPU_XID,           GW_GPU,    "xid",          GW_GAUGE, UNIT_NONE,  0, 10000,"last XID error; 0: none") \
    X(GPU_STATE,         GW_GPU,    "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "busy, idle, lost, …") \
    X(GPU_TENANT,        GW_GPU,    "tenant",       GW_TEXT,  UNIT_NONE,  0, 0,    "who holds it") \
    X(GPU_JOB,           GW_GPU,    "job",          GW_TEXT,  UNIT_NONE,  0, 0,    "the job that runs on it") \
    X(GPU_CLASS,         GW_GPU,    "class",          GW_TEXT,  UNIT_NONE,   0, 0,   "what it works for: training, inference, agents or other") \
    X(GPU_TAG,           GW_GPU,    "tag",            GW_TEXT,  UNIT_NONE,   0, 0,   "what a rule of the configuration calls it, such as a partition") \
    X(GPU_IDLE,          GW_GPU,    "idle",         GW_GAUGE, UNIT_S,     0, 0,    "how long it has done nothing; an estimate, at least so long, where it has done nothing since it was first seen") \
    X(GPU_MIG,           GW_GPU,    "mig",          GW_TEXT,  UNIT_NONE,  0, 0,    "MIG profiles it is cut into") \
    X(TENANT_POWER,      GW_TENANT, "power",        GW_GAUGE, UNIT_W,     0, 1e11, "power of the GPUs it holds, and its part of what their nodes draw beside them") \
    X(TENANT_MEAN,       GW_TENANT, "power_mean",   GW_GAUGE, UNIT_W,     0, 1e11, "mean of its power between the last readings of energy counters, where GPUs have them and models are served: tokens a megawatt are of it") \
    X(TENANT_GPUS,       GW_TENANT, "gpus",         GW_GAUGE, UNIT_NONE,  0, 0,    "GPUs it holds") \
    X(TENANT_BUSY,       GW_TENANT, "busy",         GW_GAUGE, UNIT_NONE,  0, 0,    "of these, busy") \
    X(TENANT_IDLE,       GW_TENANT, "idle",         GW_GAUGE, UNIT_NONE,  0, 0,    "of these, idle") \
    X(TENANT_JOBS,       GW_TENANT, "jobs",           GW_GAUGE, UNIT_NONE,   0, 0,   "its jobs that run, as an engine or the scheduler counts, where nobody tells of single ones") \
    X(TENANT_PENDING,    GW_TENANT, "pending",        GW_GAUGE, UNIT_NONE,   0, 0,   "its jobs that wait, counted likewise") \
    X(TENANT_GPUS_PENDING, GW_TENANT, "gpus_pending", GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs that its jobs wait for, counted likewise") \
    X(TENANT_TOKENS,     GW_TENANT, "tokens",       GW_GAUGE, UNIT_PER_S, 0, 0,    "output tokens a second; unknown: not metered") \
    X(TENANT_TOKENS_IN,  GW_TENANT, "tokens_in",      GW_GAUGE, UNIT_PER_S,  0, 0,   "input tokens a second; unknown: not metered") \
    X(TENANT_QUOTA,      GW_TENANT, "quota",          GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs it may hold") \
    X(TENANT_FAIRSHARE,  GW_TENANT, "fairshare",      GW_GAUGE, UNIT_RATIO,  0, 0,   "the scheduler's fair-share factor: 1 used nothing of its share, 0 far too much") \
    X(TENANT_SHARES,     GW_TENANT, "shares",         GW_GAUGE, UNIT_NONE,   0, 0,   "shares of the cluster it is granted") \
    X(TENANT_ENERGY,     GW_TENANT, "energy",         GW_GAUGE, UNIT_J,      0, 0,   "energy used since midnight") \
    X(TENANT_COST,       GW_TENANT, "cost",           GW_GAUGE, UNIT_NONE,   0, 0,   "cost of that energy, in the currency of the configuration") \
    X(TENANT_COUNTED,    GW_TENANT, "energy_since",   GW_TIME,  UNIT_TIME,   0, 0,   "its energy and cost are counted from here on: midnight, or where nobody looked before, later") \
    X(TENANT_TAG,        GW_TENANT, "tag",            GW_TEXT,  UNIT_NONE,   0, 0,   "the tag that its jobs share, or what a rule of the configuration calls it; several: they differ") \
    X(TENANT_BOUNDARY,   GW_TENANT, "boundary",       GW_TEXT,  UNIT_NONE,   0, 0,   "where its power is measured: GPUs, nodes, or some nodes; tokens a megawatt are of the same, by energy counters where there are such (power_mean)") \
    X(CLASS_POWER,       GW_CLASS,  "power",          GW_GAUGE, UNIT_W,      0, 1e11,"power of the GPUs that work for it, and its part of what their nodes draw beside them") \
    X(CLASS_MEAN,        GW_CLASS,  "power_mean",   GW_GAUGE, UNIT_W,     0, 1e11, "mean of its power between the last readings of energy counters, where GPUs have them and models are served: tokens a megawatt are of it") \
    X(CLASS_GPUS,        GW_CLASS,  "gpus",           GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs that work for it") \
    X(CLASS_BUSY,        GW_CLASS,  "busy",           GW_GAUGE, UNIT_NONE,   0, 0,   "of these, busy") \
    X(CLASS_IDLE,        GW_CLASS,  "idle",           GW_GAUGE, UNIT_NONE,   0, 0,   "of these, idle") \
    X(CLASS_BOUNDARY,    GW_CLASS,  "boundary",       GW_TEXT,  UNIT_NONE,   0, 0,   "where its power is measured: GPUs, nodes, or some nodes; tokens a megawatt are of the same, by energy counters where there are such (power_mean)") \
    X(CLASS_TOKENS,      GW_CLASS,  "tokens",         GW_GAUGE, UNIT_PER_S,  0, 0,   "output tokens a second; unknown: not metered") \
    X(CLASS_TOKENS_IN,   GW_CLASS,  "tokens_in",      GW_GAUGE, UNIT_PER_S,  0, 0,   "input tokens a second; unknown: not metered") \
    X(CLASS_ENERGY,      GW_CLASS,  "energy",         GW_GAUGE, UNIT_J,      0, 0,   "energy used since midnight") \
    X(CLASS_COST,        GW_CLASS,  "cost",           GW_GAUGE, UNIT_NONE,   0, 0,   "cost of that energy, in the currency of the configuration") \
    X(CLASS_COUNTED,     GW_CLASS,  "energy_since",   GW_TIME,  UNIT_TIME,   0, 0,   "its energy and cost are counted from here on: midnight, or where nobody looked before, later") \
    X(JOB_TENANT,        GW_JOB,    "tenant",       GW_TEXT,  UNIT_NONE,  0, 0,    "who pays") \
    X(JOB_USER,          GW_JOB,    "user",         GW_TEXT,  UNIT_NONE,  0, 0,    "who submitted it") \
    X(JOB_NAME,          GW_JOB,    "title",        GW_TEXT,  UNIT_NONE,  0, 0,    "the name its user gave it") \
    X(JOB_QUEUE,         GW_JOB,    "queue",        GW_TEXT,  UNIT_NONE,  0, 0,    "queue or partition") \
    X(JOB_STATE,         GW_JOB,    "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "pending, running, ended") \
    X(JOB_REASON,        GW_JOB,    "reason",       GW_TEXT,  UNIT_NONE,  0, 0,    "why it waits") \
    X(JOB_OUTCOME,       GW_JOB,    "outcome",        GW_TEXT,  UNIT_NONE,   0, 0,   "how it ended: completed, failed, cancelled, timeout, …") \
    X(JOB_GPUS,          GW_JOB,    "gpus",         GW_GAUGE, UNIT_NONE,  0, 0,    "GPUs asked for or held") \
    X(JOB_NODES,         GW_JOB,    "nodes",        GW_GAUGE, UNIT_NONE,  0, 0,    "nodes asked for or held") \
    X(JOB_POWER,         GW_JOB,    "power",        GW_GAUGE, UNIT_W,     0, 1e11, "power of its GPUs, and its part of what their nodes draw beside them") \
    X(JOB_PREDICTED,     GW_JOB,    "power_predicted",GW_GAUGE,UNIT_W,    0, 1e11, "power it is expected to add") \
    X(JOB_POWER_LOW,     GW_JOB,    "power_low",      GW_GAUGE, UNIT_W,      0, 1e11,"10% quantile of power_predicted") \
    X(JOB_POWER_HIGH,    GW_JOB,    "power_high",     GW_GAUGE, UNIT_W,      0, 1e11,"90% quantile of power_predicted") \
    X(JOB_ENERGY,        GW_JOB,    "energy",         GW_GAUGE, UNIT_J,      0, 0,   "energy it has used while somebody looked: energy_since says from when on") \
    X(JOB_COUNTED,       GW_JOB,    "energy_since",   GW_TIME,  UNIT_TIME,   0, 0,   "its energy is counted from here on: its start, or where nobody looked then, later") \
    X(JOB_SUBMIT,        GW_JOB,    "submit",       GW_TIME,  UNIT_TIME,  0, 0,    "submitted at") \
    X(JOB_START,         GW_JOB,    "start",        GW_TIME,  UNIT_TIME,  0, 0,    "started, or expected to start, at") \
    X(JOB_END,           GW_JOB,    "end",          GW_TIME,  UNIT_TIME,  0, 0,    "ended at") \
    X(JOB_LIMIT,         GW_JOB,    "limit",        GW_GAUGE, UNIT_S,     0, 0,    "time limit") \
    X(JOB_PLACE,         GW_JOB,    "place",        GW_TEXT,  UNIT_NONE,  0, 0,    "the domain it runs in, or is planned for") \
    X(JOB_ORDER,         GW_JOB,    "order",          GW_GAUGE, UNIT_NONE,   0, 0,   "place among those that wait: the lowest starts next") \
    X(JOB_AFTER,         GW_JOB,    "power_after",    GW_GAUGE, UNIT_W,      0, 1e11,"what the site would draw once it and all before it have started") \
    X(JOB_CLASS,         GW_JOB,    "class",          GW_TEXT,  UNIT_NONE,   0, 0,   "training, inference, agents or other") \
    X(JOB_TAG,           GW_JOB,    "tag",            GW_TEXT,  UNIT_NONE,   0, 0,   "what a rule of the configuration calls it, such as a partition") \
    X(JOB_QOS,           GW_JOB,    "qos",            GW_TEXT,  UNIT_NONE,   0, 0,   "quality of service") \
    X(JOB_PRIORITY,      GW_JOB,    "priority",       GW_GAUGE, UNIT_NONE,   0, 0,   "priority, higher starts first") \
    X(JOB_ARRAY,         GW_JOB,    "array",          GW_TEXT,  UNIT_NONE,   0, 0,   "the array it belongs to") \
    X(JOB_TASKS,         GW_JOB,    "tasks",          GW_GAUGE, UNIT_NONE,   0, 0,   "tasks of an array that wait as one row; its GPUs and watts are those of one") \
    X(JOB_HET,           GW_JOB,    "het",            GW_TEXT,  UNIT_NONE,   0, 0,   "the heterogeneous job it is a part of") \
    X(JOB_PODS,          GW_JOB,    "pods",           GW_TEXT,  UNIT_NONE,   0, 0,   "its pods that are called otherwise than it: acme/train-[x2b9c,k8s2d],acme/eval-*") \
    X(JOB_NODELIST,      GW_JOB,    "nodelist",       GW_TEXT,  UNIT_NONE,   0, 0,   "the nodes it runs on, as the scheduler writes them") \
    X(JOB_IMAGE,         GW_JOB,    "image",          GW_TEXT,  UNIT_NONE,   0, 0,   "the container image it runs") \
    X(QUEUE_PENDING,     GW_QUEUE,  "pending",      GW_GAUGE, UNIT_NONE,  0, 0,    "jobs that wait") \
    X(QUEUE_RUNNING,     GW_QUEUE,  "running",      GW_GAUGE, UNIT_NONE,  0, 0,    "jobs that run") \
    X(QUEUE_GPUS_PENDING, GW_QUEUE,  "gpus_pending",   GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs that jobs wait for") \
    X(QUEUE_GPUS_RUNNING, GW_QUEUE,  "gpus_running",   GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs that jobs hold") \
    X(QUEUE_WAIT,        GW_QUEUE,  "wait",           GW_GAUGE, UNIT_S,      0, 0,   "longest wait of a job that is pending") \
    X(QUEUE_STATE,       GW_QUEUE,  "state",          GW_TEXT,  UNIT_NONE,   0, 0,   "up, or why it starts nothing") \
    X(QUEUE_QUOTA,       GW_QUEUE,  "quota",          GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs its jobs may hold") \
    X(QUEUE_PARENT,      GW_QUEUE,  "parent",         GW_TEXT,  UNIT_NONE,   0, 0,   "the queue it is a part of") \
    X(QUEUE_TENANT,      GW_QUEUE,  "tenant",         GW_TEXT,  UNIT_NONE,   0, 0,   "whose it is") \
    X(ALERT_STATE,       GW_ALERT,  "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "raised or cleared") \
    X(ALERT_SUBJECT,     GW_ALERT,  "subject",      GW_TEXT,  UNIT_NONE,  0, 0,    "the domain, GPU, target or site it is about") \
    X(ALERT_LEVEL,       GW_ALERT,  "level",        GW_TEXT,  UNIT_NONE,  0, 0,    "attention or critical; of a forecast by p alone, where --check also asks how near the breach is") \
    X(ALERT_SINCE,       GW_ALERT,  "since",        GW_TIME,  UNIT_TIME,  0, 0,    "when it was raised; estimated: it stood already when one began to look, and its past tells no more") \
    X(ALERT_TEXT,        GW_ALERT,  "text",         GW_TEXT,  UNIT_NONE,  0, 0,    "what is wrong") \
    X(FORECAST_DOMAIN,   GW_FORECAST, "domain",     GW_TEXT,  UNIT_NONE,  0, 0,    "of which domain") \
    X(FORECAST_HORIZON,  GW_FORECAST, "horizon",    GW_GAUGE, UNIT_S,     0, 0,    "how far ahead") \
    X(FORECAST_ORIGIN,   GW_FORECAST, "origin",     GW_TIME,  UNIT_TIME,  0, 0,    "made at") \
    X(FORECAST_CAP,      GW_FORECAST, "cap",        GW_GAUGE, UNIT_W,     0, 0,    "the cap it is about") \
    X(FORECAST_P,        GW_FORECAST, "p",          GW_GAUGE, UNIT_RATIO, 0, 1,    "probability that the cap is breached anywhere in the horizon") \
    X(FORECAST_Q05,      GW_FORECAST, "q05",        GW_GAUGE, UNIT_W,     0, 0,    "5% quantile of power at the horizon") \
    X(FORECAST_Q10,      GW_FORECAST, "q10",        GW_GAUGE, UNIT_W,     0, 0,    "10% quantile of power at the horizon") \
    X(FORECAST_Q25,      GW_FORECAST, "q25",        GW_GAUGE, UNIT_W,     0, 0,    "25% quantile of power at the horizon") \
    X(FORECAST_Q50,      GW_FORECAST, "q50",        GW_GAUGE, UNIT_W,     0, 0,    "median of power at the horizon") \
    X(FORECAST_Q75,      GW_FORECAST, "q75",        GW_GAUGE, UNIT_W,     0, 0,    "75% quantile of power at the horizon") \
    X(FORECAST_Q90,      GW_FORECAST, "q90",        GW_GAUGE, UNIT_W,     0, 0,    "90% quantile of power at the horizon") \
    X(FORECAST_Q95,      GW_FORECAST, "q95",        GW_GAUGE, UNIT_W,     0, 0,    "95% quantile of power at the horizon") \
    X(FORECAST_Q99,      GW_FORECAST, "q99",        GW_GAUGE, UNIT_W,     0, 0,    "99% quantile of power at the horizon") \
    X(FORECAST_MAX_Q10,  GW_FORECAST, "max_q10",    GW_GAUGE, UNIT_W,     0, 0,    "10% quantile of the highest power on the way, or of what a cap on a mean or with a dwell is held against") \
    X(FORECAST_MAX_Q50,  GW_FORECAST, "max_q50",    GW_GAUGE, UNIT_W,     0, 0,    "median of the highest power on the way, or of what a cap on a mean or with a dwell is held against") \
    X(FORECAST_MAX_Q90,  GW_FORECAST, "max_q90",    GW_GAUGE, UNIT_W,     0, 0,    "90% quantile of the highest power on the way, or of what a cap on a mean or with a dwell is held against") \
    X(FORECAST_MAX_Q99,  GW_FORECAST, "max_q99",    GW_GAUGE, UNIT_W,     0, 0,    "99% quantile of the highest power on the way, or of what a cap on a mean or with a dwell is held against") \
    X(FORECAST_TTB_P10,  GW_FORECAST, "ttb_p10",    GW_GAUGE, UNIT_S,     0, 0,    "time to breach, early end") \
    X(FORECAST_TTB_P50,  GW_FORECAST, "ttb",        GW_GAUGE, UNIT_S,     0, 0,    "time to breach, median") \
    X(FORECAST_TTB_P90,  GW_FORECAST, "ttb_p90",    GW_GAUGE, UNIT_S,     0, 0,    "time to breach, late end") \
    X(FORECAST_WHY,      GW_FORECAST, "why",        GW_TEXT,  UNIT_NONE,  0, 0,    "the reason, as a sentence") \
    X(FORECAST_WHY_BEFORE, GW_FORECAST, "why_before", GW_TEXT, UNIT_NONE, 0, 0,    "of the hour's reason, where it says what is free: what stands before that") \
    X(FORECAST_WHY_AFTER, GW_FORECAST, "why_after", GW_TEXT, UNIT_NONE,   0, 0,    "and what stands behind it") \
    X(FORECAST_TRUSTED,  GW_FORECAST, "trusted",    GW_TEXT,  UNIT_NONE,  0, 0,    "yes, no, learning or silent, and for how long") \
    X(FORECAST_BASIS,    GW_FORECAST, "basis",      GW_TEXT,  UNIT_NONE,  0, 0,    "what it rests on: power, or jobs") \
    X(FORECAST_METHOD,   GW_FORECAST, "method",     GW_TEXT,  UNIT_NONE,  0, 0,    "how the power is forecast: full (a forecaster of its own), line (through two hours) or fleet (one of many)") \
    X(FORECAST_POWER,    GW_FORECAST, "power",      GW_GAUGE, UNIT_W,     0, 0,    "power at the origin; with the terms it makes q50") \
    X(FORECAST_STARTS,   GW_FORECAST, "starts",     GW_GAUGE, UNIT_W,     0, 0,    "of q50 less power: jobs that start or come up") \
    X(FORECAST_ENDS,     GW_FORECAST, "ends",       GW_GAUGE, UNIT_W,     0, 0,    "of q50 less power: jobs that end") \
    X(FORECAST_SEASON,   GW_FORECAST, "season",     GW_GAUGE, UNIT_W,     0, 0,    "of q50 less power: the time of day and week") \
    X(FORECAST_TREND,    GW_FORECAST, "trend",      GW_GAUGE, UNIT_W,     0, 0,    "of q50 less power: what was going on of late") \
    X(FORECAST_UNEXPLAINED,GW_FORECAST,"unexplained",GW_GAUGE,UNIT_W,     0, 0,    "of q50 less power: all else") \
    X(FORECAST_P_WITHOUT,GW_FORECAST, "p_without",  GW_GAUGE, UNIT_RATIO, 0, 1,    "p, had the cause not been") \
    X(FORECAST_CAUSE,    GW_FORECAST, "cause",      GW_TEXT,  UNIT_NONE,  0, 0,    "the job on which the breach hangs most") \
    X(FORECAST_CONTINGENCY,GW_FORECAST,"contingency",GW_TEXT,UNIT_NONE,  0, 0,    "n-1: its power is what it would draw with the other feed lost, as its cap is held against") \
    X(FORECAST_SCORED,   GW_FORECAST, "scored",     GW_GAUGE, UNIT_NONE,  0, 0,    "forecasts of this domain and horizon scored in the last one to two weeks") \
    X(FORECAST_COVERAGE80,GW_FORECAST,"coverage80", GW_GAUGE, UNIT_RATIO, 0, 1,    "of these, how many the 10 to 90% band held; .8 is right") \
    X(FORECAST_ABOVE99,  GW_FORECAST, "above99",    GW_GAUGE, UNIT_RATIO, 0, 1,    "of these, how many lay above the 99% quantile; .01 is right") \
    X(FORECAST_PINBALL,  GW_FORECAST, "pinball",    GW_GAUGE, UNIT_NONE,  0, 0,    "loss of the quantiles as a share of the last value's; below 1 is better") \
    X(FORECAST_PINBALL_LINE,GW_FORECAST,"pinball_line",GW_GAUGE,UNIT_NONE,0, 0,    "the same as a share of predict_linear's") \
    X(FORECAST_SKILL,    GW_FORECAST, "skill",      GW_GAUGE, UNIT_NONE,  0, 0,    "Brier skill of p against the base rate: 1 is perfect, 0 knows nothing") \
    X(FORECAST_HITS,     GW_FORECAST, "hits",       GW_GAUGE, UNIT_NONE,  0, 0,    "breaches that were announced within the horizon") \
    X(FORECAST_MISSES,   GW_FORECAST, "misses",     GW_GAUGE, UNIT_NONE,  0, 0,    "breaches that were not") \
    X(FORECAST_FALSE_ALARMS,GW_FORECAST,"false_alarms",GW_GAUGE,UNIT_NONE,0, 0,    "announcements a day that nothing followed") \
    X(FORECAST_LEAD,     GW_FORECAST, "lead",       GW_GAUGE, UNIT_S,     0, 0,    "from the announcement to the breach, median") \
    X(MODEL_TENANT,      GW_MODEL,  "tenant",       GW_TEXT,  UNIT_NONE,  0, 0,    "who serves it") \
    X(MODEL_TOKENS,      GW_MODEL,  "tokens",       GW_GAUGE, UNIT_PER_S, 0, 0,    "output tokens a second") \
    X(MODEL_TOKENS_IN,   GW_MODEL,  "tokens_in",      GW_GAUGE, UNIT_PER_S,  0, 0,   "input tokens a second") \
    X(MODEL_TOKENS_TOTAL, GW_MODEL,  "tokens_total",   GW_COUNTER, UNIT_NONE,   0, 0,   "output tokens since its server started") \
    X(MODEL_TOKENS_IN_TOTAL, GW_MODEL,  "tokens_in_total", GW_COUNTER, UNIT_NONE,   0, 0,   "input tokens since its server started") \
    X(MODEL_JOB,         GW_MODEL,  "job",            GW_TEXT,  UNIT_NONE,   0, 0,   "the job or pod that serves it") \
    X(MODEL_NODE,        GW_MODEL,  "node",           GW_TEXT,  UNIT_NONE,   0, 0,   "the node that serves it") \
    X(MODEL_CLASS,       GW_MODEL,  "class",          GW_TEXT,  UNIT_NONE,   0, 0,   "what its tokens are for: inference or agents") \
    X(MODEL_TAG,         GW_MODEL,  "tag",            GW_TEXT,  UNIT_NONE,   0, 0,   "the tag of the jobs that serve it, or of its tenant") \
    X(MODEL_BOUNDARY,    GW_MODEL,  "boundary",       GW_TEXT,  UNIT_NONE,   0, 0,   "where its power is measured: nodes, or GPUs where nodes have no meter") \
    X(MODEL_ENGINE,      GW_MODEL,  "engine",         GW_TEXT,  UNIT_NONE,   0, 0,   "vllm, sglang, trtllm, dynamo, triton or nim") \
    X(MODEL_RUNNING,     GW_MODEL,  "running",        GW_GAUGE, UNIT_NONE,   0, 0,   "requests being answered") \
    X(MODEL_WAITING,     GW_MODEL,  "waiting",        GW_GAUGE, UNIT_NONE,   0, 0,   "requests that wait") \
    X(MODEL_TTFT,        GW_MODEL,  "ttft",           GW_GAUGE, UNIT_S,      0, 0,   "time to the first token, median") \
    X(MODEL_ITL,         GW_MODEL,  "itl",            GW_GAUGE, UNIT_S,      0, 0,   "time between two tokens, median") \
    X(MODEL_GPUS,        GW_MODEL,  "gpus",           GW_GAUGE, UNIT_NONE,   0, 0,   "GPUs it is served from") \
    X(MODEL_POWER,       GW_MODEL,  "power",          GW_GAUGE, UNIT_W,      0, 1e11,"power of these GPUs and their nodes; boundary says where it is measured") \
    X(SOURCE_PLUGIN,     GW_SOURCE, "source",       GW_TEXT,  UNIT_NONE,  0, 0,    "the plugin that reads it") \
    X(SOURCE_URL,        GW_SOURCE, "url",          GW_TEXT,  UNIT_NONE,  0, 0,    "where it reads, without secrets") \
    X(SOURCE_NODE,       GW_SOURCE, "node",         GW_TEXT,  UNIT_NONE,  0, 0,    "the node it is asked about, unless its answer names others") \
    X(SOURCE_STATE,      GW_SOURCE, "state",        GW_TEXT,  UNIT_NONE,  0, 0,    "ok, partial, connecting, late, down or refused") \
    X(SOURCE_REASON,     GW_SOURCE, "reason",       GW_TEXT,  UNIT_NONE,  0, 0,    "what is wrong, and what to do") \
    X(SOURCE_POLLS,      GW_SOURCE, "polls",        GW_COUNTER, UNIT_NONE,0, 0,    "answers so far") \
    X(SOURCE_FAILURES,   GW_SOURCE, "failures",     GW_COUNTER, UNIT_NONE,0, 0,    "failures so far") \
    X(SOURCE_LATENCY,    GW_SOURCE, "latency",      GW_GAUGE, UNIT_S,     0, 0,    "how long the last answer took") \
    X(SOURCE_ENTITIES,   GW_SOURCE, "entities",     GW_GAUGE, UNIT_NONE,  0, 0,    "rows in the last answer; of one that came in parts, in the largest") \
    X(SOURCE_MISSING,    GW_SOURCE, "missing",      GW_GAUGE, UNIT_NONE,  0, 0,    "of partial: things it should tell of that do not answer it") \
    X(SOURCE_NOTES,      GW_SOURCE, "notes",        GW_TEXT,  UNIT_NONE,  0, 0,    "what its source found there, such as versions and what it asks for") \
    X(SOURCE_NEXT,       GW_SOURCE, "next",         GW_TIME,  UNIT_TIME,  0, 0,    "when it is asked again") \
    X(SOURCE_INTERVAL,   GW_SOURCE, "interval",     GW_GAUGE, UNIT_S,     0, 0,    "how often it is asked") \
    X(EVENT_LEVEL,       GW_EVENT,  "level",        GW_TEXT,  UNIT_NONE,  0, 0,    "information, cleared, attention or critical") \
    X(EVENT_TIME,        GW_EVENT,  "time",         GW_TIME,  UNIT_TIME,  0, 0,    "when") \
    X(EVENT_TEXT,        GW_EVENT,  "text",         GW_TEXT,  UNIT_NONE,  0, 0,    "what happened") \
    X(EVENT_KIND,        GW_EVENT,  "kind",         GW_TEXT,  UNIT_NONE,  0, 0,    "cap, price, carbon or grid, where it is one of these: charts show them") \
    X(EVENT_SUBJECT,     GW_EVENT,  "subject",      GW_TEXT,  UNIT_NONE,  0, 0,    "the site, domain, node, GPU or job that it is about") \
    X(EVENT_KEY,         GW_EVENT,  "key",          GW_TEXT,  UNIT_NONE,  0, 0,    "where it may be told again, in other words or at another time: what tells it from others") \
    X(EVENT_ALERT,       GW_EVENT,  "alert",        GW_TEXT,  UNIT_NONE,  0, 0,    "the alert that rose, changed or was cleared")
/* clang-format on */

enum {
#define X(id, kind, name, type, unit, min, max, help) M_##id,
    CORE_METRICS(X)
#undef X
    CORE_METRIC_COUNT
};

struct metric {
    const char *name;
    enum gw_kind kind;
    enum gw_type type;
    enum unit unit;             /* base unit */
    double min, max;            /* possible range in base units; min == max: unbounded */
    const char *help;
};

#define METRIC_NONE UINT16_MAX

uint16_t metric_count(void);
const struct metric *metric_at(uint16_t id);
/* METRIC_NONE: not known */
uint16_t metric_find(enum gw_kind kind, const char *name);

/* Makes a source's metric known and returns its id, and in *scale what to multiply its
 * values with. METRIC_NONE with *err: unknown unit, or another dimension or type than the
 * metric of that name. Only before the first thread. Copies what it keeps. */
uint16_t metric_add(const struct gw_metric *metric, double *scale, struct err *err);

/* "gpus" for GW_GPU: the word of queries, schemas and views. NULL: not a kind. */
const char *kind_plural(enum gw_kind kind);

#endif
