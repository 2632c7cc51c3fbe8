/* What exporters say, shared by the sources that read them: prom a page itself, promql
 * what an engine made of many. Here stand the metrics both tell, what families of
 * dcgm-exporter and others mean, what labels mean, how a rule of the configuration names
 * a metric, and how a number is written. */
#ifndef PLUGINS_EXPORTERS_H
#define PLUGINS_EXPORTERS_H

#include "gigawatch/source.h"
#include "gpu_metrics.h"
#include "words.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- metrics ---- */

enum {
    UUID,
    MODEL,
    INDEX,
    UTIL,
    MEM_USED,
    MEM_TOTAL,
    TEMP,
    MEM_TEMP,
    POWER,
    POWER_INSTANT,
    POWER_LIMIT,
    MODULE_POWER,
    ENERGY,
    SM_CLOCK,
    XID,
    THROTTLE,
    TENANT,
    JOB,
    MIG,
    NODE_METER,
    NODE_CAP,
    NODE_CPU_ENERGY,
    NODE_BOOT,
    DOMAIN_METER,
    DOMAIN_CAP,
    MODEL_TOKENS,
    QUEUE_PENDING,
    QUEUE_RUNNING,
    POWER_MEAN,
    NODE_POWER,
    NODE_TEMP,
    NODE_STATE,
    NODE_REASON,
    NODE_SILENCE,
    NODE_GPUS_TOTAL,
    NODE_GPUS_HELD,
    DOMAIN_POWER,
    SITE_POWER,
    TENANT_POWER,
    TENANT_GPUS,
    TENANT_BUSY,
    TENANT_IDLE,
    TENANT_QUOTA,
    QUEUE_GPUS_RUNNING,
    QUEUE_GPUS_PENDING,
    QUEUE_QUOTA,
    MODEL_TENANT,
    MODEL_ENGINE,
    TOKENS,
    TOKENS_IN,
    MODEL_RUNNING,
    MODEL_WAITING,
    TTFT,
    ITL,
    MODEL_TOKENS_IN,
    MODEL_JOB,
    MODEL_NODE,
    MODEL_POWER,
    MODEL_GPUS,
    MODEL_BOUNDARY,
    DOMAIN_COVERAGE,
    DOMAIN_TYPE,
    TENANT_BOUNDARY,
    TENANT_ENERGY,
    TENANT_COUNTED,
    TENANT_JOBS,
    TENANT_PENDING,
    TENANT_GPUS_PENDING,
    NODE_PREDICTED,
    NODE_NEAR_LIMIT,
    NODE_MAINTENANCE,
    METRICS
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    GPU_METRICS
    [ENERGY]          = { "energy", .kind = GW_GPU, .type = GW_ENERGY, .unit = "J", .help = "energy since the driver was loaded" },
    [XID]             = { "xid", .kind = GW_GPU, .unit = "", .max = 10000, .help = "last XID error; 0: none" },
    [TENANT]          = { "tenant", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "who holds it: the Kubernetes namespace" },
    [JOB]             = { "job", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "the job, or the pod, that runs on it" },
    [NODE_METER]      = { "meter", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "what the node's own meter reads" },
    [NODE_CAP]        = { "cap", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "the node's power limit" },
    [NODE_CPU_ENERGY] = { "cpu_energy", .kind = GW_NODE, .type = GW_COUNTER, .unit = "J", .help = "energy of its CPU packages (RAPL); not of the node" },
    [NODE_BOOT]       = { "boot", .kind = GW_NODE, .type = GW_TIME, .unit = "s", .help = "booted at" },
    [DOMAIN_METER]    = { "meter", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "what the domain's own meter reads" },
    [DOMAIN_CAP]      = { "cap", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "the cap in watts" },
    [MODEL_TOKENS]    = { "tokens_total", .kind = GW_MODEL, .type = GW_COUNTER, .unit = "", .help = "output tokens since its server started" },
    [QUEUE_PENDING]   = { "pending", .kind = GW_QUEUE, .unit = "", .help = "jobs that wait" },
    [QUEUE_RUNNING]   = { "running", .kind = GW_QUEUE, .unit = "", .help = "jobs that run" },
    [POWER_MEAN]      = { "power_mean", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "mean power between the last two energy readings" },
    [NODE_POWER]      = { "power", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "the node's own meter, else the sum of its GPUs (estimated)" },
    [NODE_TEMP]       = { "temp", .kind = GW_NODE, .unit = "C", .min = -50, .max = 200, .help = "hottest GPU" },
    [NODE_STATE]      = { "state", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "up, down, drain, … as the source says" },
    [NODE_REASON]     = { "reason", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "why it is drained or down, in the words of who did it" },
    [NODE_SILENCE]    = { "silence", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "that who measures it does not answer, in the words of who asks" },
    [NODE_GPUS_TOTAL] = { "gpus_total", .kind = GW_NODE, .unit = "", .help = "GPUs it has, as the scheduler counts" },
    [NODE_GPUS_HELD]  = { "gpus_held", .kind = GW_NODE, .unit = "", .help = "of these, given to jobs, as the scheduler counts" },
    [DOMAIN_POWER]    = { "power", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "its meter where fresh, else the sum of its parts" },
    [SITE_POWER]      = { "power", .kind = GW_SITE, .unit = "W", .max = 1e11, .help = "power drawn at the boundary the caps are set for" },
    [TENANT_POWER]    = { "power", .kind = GW_TENANT, .unit = "W", .max = 1e11, .help = "power of the GPUs it holds" },
    [TENANT_GPUS]     = { "gpus", .kind = GW_TENANT, .unit = "", .help = "GPUs it holds" },
    [TENANT_BUSY]     = { "busy", .kind = GW_TENANT, .unit = "", .help = "of these, busy" },
    [TENANT_IDLE]     = { "idle", .kind = GW_TENANT, .unit = "", .help = "of these, idle" },
    [TENANT_QUOTA]    = { "quota", .kind = GW_TENANT, .unit = "", .help = "GPUs it may hold" },
    [QUEUE_GPUS_RUNNING] = { "gpus_running", .kind = GW_QUEUE, .unit = "", .help = "GPUs that jobs hold" },
    [QUEUE_GPUS_PENDING] = { "gpus_pending", .kind = GW_QUEUE, .unit = "", .help = "GPUs that jobs wait for" },
    [QUEUE_QUOTA]     = { "quota", .kind = GW_QUEUE, .unit = "", .help = "GPUs its jobs may hold" },
    [MODEL_TENANT]    = { "tenant", .kind = GW_MODEL, .type = GW_TEXT, .unit = "", .help = "who serves it" },
    [MODEL_ENGINE]    = { "engine", .kind = GW_MODEL, .type = GW_TEXT, .unit = "", .help = "vllm, sglang, trtllm, dynamo, triton or nim" },
    [TOKENS]          = { "tokens", .kind = GW_MODEL, .unit = "/s", .help = "output tokens a second" },
    [TOKENS_IN]       = { "tokens_in", .kind = GW_MODEL, .unit = "/s", .help = "input tokens a second" },
    [MODEL_RUNNING]   = { "running", .kind = GW_MODEL, .unit = "", .help = "requests being answered" },
    [MODEL_WAITING]   = { "waiting", .kind = GW_MODEL, .unit = "", .help = "requests that wait" },
    [TTFT]            = { "ttft", .kind = GW_MODEL, .unit = "s", .help = "time to the first token, median" },
    [ITL]             = { "itl", .kind = GW_MODEL, .unit = "s", .help = "time between two tokens, median" },
    [MODEL_TOKENS_IN] = { "tokens_in_total", .kind = GW_MODEL, .type = GW_COUNTER, .unit = "", .help = "input tokens since its server started" },
    [MODEL_JOB]       = { "job", .kind = GW_MODEL, .type = GW_TEXT, .unit = "", .help = "the job or pod that serves it" },
    [MODEL_NODE]      = { "node", .kind = GW_MODEL, .type = GW_TEXT, .unit = "", .help = "the node that serves it" },
    [MODEL_POWER]     = { "power", .kind = GW_MODEL, .unit = "W", .max = 1e11, .help = "power of the GPUs of the pods that serve it" },
    [MODEL_GPUS]      = { "gpus", .kind = GW_MODEL, .unit = "", .help = "GPUs it is served from" },
    [MODEL_BOUNDARY]  = { "boundary", .kind = GW_MODEL, .type = GW_TEXT, .unit = "", .help = "where its power is measured" },
    [DOMAIN_COVERAGE] = { "coverage", .kind = GW_DOMAIN, .unit = "%", .max = 100, .help = "share of its roster the number comes from" },
    [DOMAIN_TYPE]     = { "type", .kind = GW_DOMAIN, .type = GW_TEXT, .unit = "", .help = "rack" },
    [TENANT_BOUNDARY] = { "boundary", .kind = GW_TENANT, .type = GW_TEXT, .unit = "", .help = "where its power is measured" },
    [TENANT_ENERGY]   = { "energy", .kind = GW_TENANT, .unit = "J", .help = "energy used since midnight" },
    [TENANT_COUNTED]  = { "energy_since", .kind = GW_TENANT, .type = GW_TIME, .unit = "s", .help = "its energy is counted from here on" },
    [TENANT_JOBS]     = { "jobs", .kind = GW_TENANT, .unit = "", .help = "its jobs that run, as the scheduler counts" },
    [TENANT_PENDING]  = { "pending", .kind = GW_TENANT, .unit = "", .help = "its jobs that wait, as the scheduler counts" },
    [TENANT_GPUS_PENDING] = { "gpus_pending", .kind = GW_TENANT, .unit = "", .help = "GPUs that its jobs wait for" },
    [NODE_PREDICTED]  = { "power_predicted", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "what whoever steers its power expects it to draw next" },
    [NODE_NEAR_LIMIT] = { "near_limit", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "yes: what it is allotted may hold it down" },
    [NODE_MAINTENANCE] = { "maintenance", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "cordoned, or a taint that says so; no: it is in use" },
    { 0 }
};
/* clang-format on */

/* ---- families ---- */

/* Whose value a line is: a GPU by its index or uuid, or the node itself. */
enum whose { OF_GPU, OF_NODE };

enum {
    DCGM      = 1 << 0,         /* blanks of DCGM are unknown */
    WHOLE     = 1 << 1,         /* a line of a MIG instance speaks of the instance only */
    SPARE     = 1 << 2,         /* kept until the end of the page; see finish_gpu() */
    BITS      = 1 << 3,         /* clocks event reasons */
    ADDED     = 1 << 4,         /* lines of one node are added up */
    ESTIMATED = 1 << 5,
    INSTANCE  = 1 << 6,         /* its label `instance` is a host name, not an address */
};

enum spare { FB_USED, FB_FREE, FB_RESERVED, LIMIT_ASKED, SPARES };

struct family {
    const char *name;
    size_t metric;
    double scale;               /* from what is sent to the metric's unit */
    enum whose whose;
    unsigned flags;
    enum spare spare;
};

/* In the order of strcmp(). Units are keyed by field, for the HELP text of dcgm-exporter
 * is not to be trusted. Field ids in dcgm_fields.h: 150, 155, 156, 157, 160, 164; each
 * with its name before and after DCGM 4.7. node_exporter's hwmon power is left out: on
 * some boards one such sensor is the node, on others a single CPU; the map can say
 * which. */
/* clang-format off */
static const struct family families[] = {
    { "DCGM_FI_DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS",  POWER_LIMIT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS", POWER_LIMIT, 1, OF_GPU, DCGM | SPARE, LIMIT_ASKED },
    { "DCGM_FI_DEV_BOARD_POWER_RAW_WATTS",   POWER_INSTANT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_BOARD_POWER_WATTS",       POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_CLOCKS_EVENT_REASONS",    THROTTLE, 1, OF_GPU, DCGM | BITS },
    { "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",  THROTTLE, 1, OF_GPU, DCGM | BITS },
    { "DCGM_FI_DEV_ENFORCED_POWER_LIMIT",    POWER_LIMIT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_FB_FREE",                 MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_FREE },
    { "DCGM_FI_DEV_FB_RESERVED",             MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_RESERVED },
    { "DCGM_FI_DEV_FB_TOTAL",                MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE },
    { "DCGM_FI_DEV_FB_USED",                 MEM_USED, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_USED },
    { "DCGM_FI_DEV_GPU_TEMP",                TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_GPU_TEMP_CELSIUS",        TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_GPU_UTIL",                UTIL, 1, OF_GPU, DCGM | WHOLE },
    { "DCGM_FI_DEV_MEMORY_TEMP",             MEM_TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_MODULE_POWER_WATTS",      MODULE_POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_POWER_MGMT_LIMIT",        POWER_LIMIT, 1, OF_GPU, DCGM | SPARE, LIMIT_ASKED },
    { "DCGM_FI_DEV_POWER_USAGE",             POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_POWER_USAGE_INSTANT",     POWER_INSTANT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_SM_CLOCK",                SM_CLOCK, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", ENERGY, 1e-3, OF_GPU, DCGM },         /* mJ */
    { "DCGM_FI_DEV_XID_ERRORS",              XID, 1, OF_GPU, DCGM },
    { "all_smi_chassis_power_watts",         NODE_METER, 1, OF_NODE, ESTIMATED | INSTANCE },  /* CPU + GPU, summed */
    { "all_smi_gpu_power_consumption_watts", POWER, 1, OF_GPU, INSTANCE },
    { "ipmi_dcmi_power_consumption_watts",   NODE_METER, 1, OF_NODE, 0 },
    { "node_boot_time_seconds",              NODE_BOOT, 1, OF_NODE, 0 },
    { "node_rapl_package_joules_total",      NODE_CPU_ENERGY, 1, OF_NODE, ADDED },
    { "nv_energy_consumption",               ENERGY, 1, OF_GPU, 0 },                /* J */
    { "nv_gpu_memory_total_bytes",           MEM_TOTAL, 1.0 / 1048576, OF_GPU, 0 },
    { "nv_gpu_memory_used_bytes",            MEM_USED, 1.0 / 1048576, OF_GPU, 0 },
    { "nv_gpu_power_limit",                  POWER_LIMIT, 1, OF_GPU, 0 },
    { "nv_gpu_power_usage",                  POWER, 1, OF_GPU, 0 },
    { "nv_gpu_utilization",                  UTIL, 100, OF_GPU, 0 },                /* 0 to 1 */
};
/* clang-format on */

/* ---- text ---- */

struct slice {
    const char *text;           /* NULL: there is none */
    size_t len;
};

static inline bool same(struct slice s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.text, text, s.len) == 0;
}

static inline bool are_words_equal(const char *a, const char *b)
{
    uint64_t in_a, in_b;

    memcpy(&in_a, a, sizeof(in_a));
    memcpy(&in_b, b, sizeof(in_b));
    return in_a == in_b;
}

/* Eight letters at a time, the last of which may be looked at twice: names are so short
 * that memcmp() takes longer to be called than they to be compared. */
static inline bool equal(struct slice a, struct slice b)
{
    size_t at = 0;

    if (a.len != b.len)
        return false;
    if (a.len >= sizeof(uint64_t)) {
        for (; at + sizeof(uint64_t) < a.len; at += sizeof(uint64_t))
            if (!are_words_equal(a.text + at, b.text + at))
                return false;
        at = a.len - sizeof(uint64_t);
        return are_words_equal(a.text + at, b.text + at);
    }
    while (at < a.len && a.text[at] == b.text[at])
        at++;
    return at == a.len;
}

/* Of a model's name, whatever its case; never 0. FNV-1a. */
static inline uint64_t hash_of(const char *text)
{
    uint64_t hash = 14695981039346656037u;

    for (; *text; text++)
        hash = (hash ^ (uint64_t)tolower((unsigned char)*text)) * 1099511628211u;
    return hash | 1;
}

static inline bool contains(struct slice s, const char *part)
{
    return s.len && memmem(s.text, s.len, part, strlen(part)) != NULL;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static inline bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

/* Reads a name of a family or label; empty where there is none. */
static inline struct slice read_name(const char **at, const char *end)
{
    const char *start = *at;

    if (*at < end && starts_name(**at))
        while (*at < end && (starts_name(**at) || (**at >= '0' && **at <= '9')))
            (*at)++;
    return (struct slice){ start, (size_t)(*at - start) };
}

/* ---- numbers and labels ---- */

enum { LABELS = 64 };

struct sample {
    struct slice name;
    struct slice label[LABELS], value[LABELS];
    size_t labels;
    bool same_labels;           /* as the sample before: only values differ */
    double number;
    double stamp;               /* as sent; NAN: none */
    char scratch[4096];         /* values that had escapes */
    size_t scratch_len;
};

static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* NaN, +Inf and the like, whatever their case. */
static inline bool read_special(struct slice s, double *value)
{
    bool minus = s.len && *s.text == '-';

    if (s.len && (*s.text == '-' || *s.text == '+'))
        s.text++, s.len--;
    if (s.len == 3 && strncasecmp(s.text, "nan", 3) == 0)
        *value = NAN;
    else if ((s.len == 3 && strncasecmp(s.text, "inf", 3) == 0) ||
             (s.len == 8 && strncasecmp(s.text, "infinity", 8) == 0))
        *value = minus ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

/* Decimal numbers up to 15 digits are exact in a double, and so are powers up to 10^22:
 * one multiplication or division rounds correctly. This is what is behind such a number
 * that has neither a sign nor an exponent, as nearly all are; NULL: it is another one. */
static inline const char *read_plain(const char *at, const char *end, double *value)
{
    const char *start = at, *point;
    uint64_t digits = 0;
    unsigned digit;

    for (end = end - at > 16 ? at + 16 : end;
         at < end && (digit = (unsigned char)(*at - '0')) < 10; at++)
        digits = digits * 10 + digit;
    if (at == end || *at != '.') {
        *value = (double)digits;
        return at > start && at - start < 16 ? at : NULL;
    }
    for (point = at++; at < end && (digit = (unsigned char)(*at - '0')) < 10; at++)
        digits = digits * 10 + digit;
    *value = (double)digits / powers[at - point - 1];
    return at - start > 1 && (at < end || at - start < 16) ? at : NULL;
}

/* The rest, a line in a thousand, goes to strtod(). */
static inline bool read_number(struct slice s, double *value)
{
    const char *at = s.text, *end = s.text + s.len;
    uint64_t digits = 0;
    int count = 0, scale = 0, exponent = 0;
    bool minus, minus_exponent = false;
    char copy[64];

    if (read_plain(at, end, value) == end)
        return true;
    minus = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (bool point = false;
         at < end && (isdigit((unsigned char)*at) || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        if (count < 19)
            digits = digits * 10 + (uint64_t)(*at - '0');
        count += digits > 0;    /* leading zeros do not count */
        scale -= point;
    }
    if (at == s.text ||
        !isdigit((unsigned char)(at[-1] == '.' && at - 1 > s.text ? at[-2] : at[-1])))
        return read_special(s, value);
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *first;

        at++;
        minus_exponent = at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        for (first = at; at < end && isdigit((unsigned char)*at); at++)
            exponent = exponent < 1000 ? exponent * 10 + (*at - '0') : exponent;
        if (at == first)
            return false;
    }
    if (at != end)
        return false;
    scale += minus_exponent ? -exponent : exponent;
    if (count <= 15 && scale >= -22 && scale <= 22) {
        *value = scale < 0 ? (double)digits / powers[-scale]
                           : (double)digits * powers[scale];
        *value = minus ? -*value : *value;
        return true;
    }
    if (s.len >= sizeof(copy))
        return false;
    memcpy(copy, s.text, s.len);
    copy[s.len] = '\0';
    *value = strtod(copy, NULL);
    return true;
}

/* ---- what labels mean ---- */

/* Labels of one meaning have had several names; the later in a row outranks the earlier:
 * Prometheus moves the label of a target to `exported_…` where it puts its own in its
 * place. */
enum meaning {
    A_NODE,
    AN_INDEX,
    A_UUID,
    A_MODEL,
    A_TENANT,
    A_POD,
    A_JOB,
    A_SLICE,
    A_PROFILE,
    OTHER_PART,
    A_RACK,
    A_MEMBER,
    MEANINGS
};

/* clang-format off */
#define NAME(text) text, sizeof(text) - 1
static const struct {
    const char *name;
    size_t len;
    enum meaning meaning;
} meanings[] = {
    { NAME("hostname"), A_NODE }, { NAME("Hostname"), A_NODE }, { NAME("exported_hostname"), A_NODE },
    { NAME("gpu"), AN_INDEX }, { NAME("index"), AN_INDEX }, { NAME("gpu_index"), AN_INDEX },
    { NAME("UUID"), A_UUID }, { NAME("uuid"), A_UUID }, { NAME("gpu_uuid"), A_UUID },
    { NAME("modelName"), A_MODEL }, { NAME("model_name"), A_MODEL },
    { NAME("namespace"), A_TENANT }, { NAME("pod_namespace"), A_TENANT }, { NAME("exported_namespace"), A_TENANT },
    { NAME("pod"), A_POD }, { NAME("pod_name"), A_POD }, { NAME("exported_pod"), A_POD },
    { NAME("hpc_job"), A_JOB },
    { NAME("GPU_I_ID"), A_SLICE }, { NAME("GPU_I_PROFILE"), A_PROFILE },
    { NAME("rack"), A_RACK },
    /* Of Kubernetes, whatever it is that exports; whoever exports by itself says it
     * better. */
    { NAME("kubernetes_node"), A_MEMBER }, { NAME("node"), A_MEMBER }, { NAME("exported_node"), A_MEMBER },
    { NAME("cpu"), OTHER_PART }, { NAME("nvswitch"), OTHER_PART }, { NAME("cpucore"), OTHER_PART },
};
#undef NAME
/* clang-format on */

struct reading {
    struct slice of[MEANINGS];
    uint8_t rank[MEANINGS];
};

static inline bool is_index(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.text[i]))
            return false;
    return s.len > 0 && s.len <= 4;
}

/* What the labels of the sample before meant: neighbours have the same ones in the same
 * places. */
struct recall {
    struct {
        char name[24];
        size_t len;             /* 0: nothing yet, or too long to be kept */
        unsigned which;         /* in meanings[], from 1; 0: it means nothing */
    } at[LABELS];
};

/* From 1; 0: it means nothing. */
static inline unsigned find_meaning(struct slice name)
{
    for (unsigned k = 0; k < sizeof(meanings) / sizeof(*meanings); k++)
        if (name.len == meanings[k].len &&
            memcmp(name.text, meanings[k].name, name.len) == 0)
            return k + 1;
    return 0;
}

static inline unsigned recall_meaning(struct recall *known, size_t place,
                                      struct slice name)
{
    unsigned which;

    if (name.len &&
        equal(name, (struct slice){ known->at[place].name, known->at[place].len }))
        return known->at[place].which;
    which = find_meaning(name);
    known->at[place].len = name.len <= sizeof(known->at[place].name) ? name.len : 0;
    memcpy(known->at[place].name, name.text, known->at[place].len);
    known->at[place].which = which;
    return which;
}

static inline void read_meanings(const struct sample *s, struct reading *r,
                                 struct recall *known)
{
    static const struct reading nothing;

    *r = nothing;               /* quicker than memset() of so little */
    for (size_t i = 0; i < s->labels; i++) {
        unsigned which;
        enum meaning m;

        which = s->same_labels ? known->at[i].which
                               : recall_meaning(known, i, s->label[i]);
        if (!which || s->value[i].len == 0)     /* an empty label is none */
            continue;
        m = meanings[which - 1].meaning;
        /* all-smi calls the product "gpu" */
        if (which > r->rank[m] && (m != AN_INDEX || is_index(s->value[i]))) {
            r->of[m] = s->value[i];
            r->rank[m] = (uint8_t)which;
        }
    }
}

static inline struct slice label(const struct sample *s, struct slice name)
{
    for (size_t i = 0; i < s->labels; i++)
        if (equal(s->label[i], name))
            return s->value[i];
    return (struct slice){ NULL, 0 };
}

/* ---- rules of the configuration ---- */

/* What the values of a rule are. Slices point into the rule's text. */
struct meant {
    struct slice by[2];         /* labels that name the entity */
    size_t metric;
    double scale;               /* from what is sent to the metric's unit */
};

/* clang-format off */
static const struct {
    const char *name;
    char dimension;
    double scale;
} units[] = {
    { "W", 'W', 1 }, { "kW", 'W', 1e3 }, { "MW", 'W', 1e6 }, { "mW", 'W', 1e-3 },
    { "J", 'J', 1 }, { "mJ", 'J', 1e-3 }, { "uJ", 'J', 1e-6 }, { "kJ", 'J', 1e3 }, { "MJ", 'J', 1e6 },
    { "Wh", 'J', 3600 }, { "kWh", 'J', 3.6e6 },
    { "B", 'B', 1 }, { "KiB", 'B', 1024 }, { "MiB", 'B', 1048576 }, { "GiB", 'B', 1073741824 },
    { "%", '%', 1 }, { "ratio", '%', 100 },
    { "C", 'C', 1 }, { "MHz", 'H', 1 }, { "Hz", 'H', 1e-6 }, { "GHz", 'H', 1e3 },
    { "s", 's', 1 }, { "ms", 's', 1e-3 }, { "/s", 'r', 1 },
    { 0 }
};

static const struct {
    enum gw_kind kind;
    const char *name;
} kinds[] = {
    { GW_GPU, "gpu" }, { GW_NODE, "node" }, { GW_DOMAIN, "domain" }, { GW_MODEL, "model" },
    { GW_QUEUE, "queue" }, { GW_TENANT, "tenant" }, { GW_SITE, "site" },
};
/* clang-format on */

/* Writes down what is wrong with a rule; always -1. */
__attribute__((format(printf, 2, 3))) static int wrong(char why[160], const char *format,
                                                       ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, 160, format, args);
    va_end(args);
    return -1;
}

static inline size_t find_unit(struct slice name)
{
    size_t i = 0;

    while (units[i].name && !same(name, units[i].name))
        i++;
    return i;
}

/* Its scale to the metric's unit. */
static inline int read_unit(struct slice name, struct meant *r, char why[160])
{
    char quoted[32];
    size_t from = find_unit(name);
    const char *unit = metrics[r->metric].unit;
    size_t to = find_unit((struct slice){ unit, strlen(unit) });

    if (!units[from].name)
        return wrong(why, "unknown unit \"%s\"", gw_quote(quoted, name.text, name.len));
    if (!units[to].name || units[from].dimension != units[to].dimension)
        return wrong(why, "%s cannot be in %s", metrics[r->metric].name,
                        units[from].name);
    r->scale = units[from].scale / units[to].scale;
    return 0;
}

/* KIND.METRIC */
static inline int read_metric(struct slice name, struct meant *r, char why[160])
{
    char quoted[32];

    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        size_t n = strlen(kinds[k].name);
        struct slice rest = { name.text + n + 1, name.len - n - 1 };

        if (name.len <= n || memcmp(name.text, kinds[k].name, n) != 0 ||
            name.text[n] != '.')
            continue;
        for (size_t m = 0; m < METRICS; m++) {
            if (metrics[m].kind != kinds[k].kind || !same(rest, metrics[m].name))
                continue;
            if (metrics[m].type == GW_TEXT)
                return wrong(why, "%s is text, and only numbers can be mapped",
                                metrics[m].name);
            r->metric = m;
            return 0;
        }
    }
    return wrong(why, "no metric \"%s\"; see --list fields",
                    gw_quote(quoted, name.text, name.len));
}

static inline struct slice read_word(const char **at, const char *end)
{
    const char *start = *at = skip_blanks(*at, end);

    while (*at < end && **at != ' ' && **at != '\t')
        (*at)++;
    return (struct slice){ start, (size_t)(*at - start) };
}

static inline int read_by(struct slice labels, struct meant *r, char why[160])
{
    const char *at = labels.text, *end = labels.text + labels.len;

    r->by[0] = read_name(&at, end);
    if (at < end && *at == '/') {
        at++;
        r->by[1] = read_name(&at, end);
    }
    if (at < end || r->by[0].len == 0 || (at[-1] == '/'))
        return wrong(why, "expected by LABEL or by LABEL/LABEL");
    return 0;
}

/* KIND.METRIC [by LABEL[/LABEL]] [in UNIT], what follows the arrow of a rule; 0, or why[]
 * says what is wrong. */
static inline int read_meant(const char *at, const char *end, struct meant *r,
                             char why[160])
{
    struct slice word;
    char quoted[32];

    r->scale = 1;
    if (read_metric(read_word(&at, end), r, why))
        return -1;
    while ((word = read_word(&at, end)).len) {
        if (same(word, "by") ? read_by(read_word(&at, end), r, why)
            : same(word, "in") ? read_unit(read_word(&at, end), r, why)
            : wrong(why, "expected by or in, got \"%s\"",
                       gw_quote(quoted, word.text, word.len)))
            return -1;
    }
    return 0;
}

/* ---- holders and values ---- */

/* Adds a name to "a, b" unless it is there. */
static inline void join(char *to, size_t room, struct slice name)
{
    const char *at = to;

    for (;;) {
        size_t n = strcspn(at, ",");

        if (equal((struct slice){ at, n }, name))
            return;
        if (at[n] == '\0')
            break;
        at += n + 1 + (at[n + 1] == ' ');
    }
    add_words(to, room, "%s%.*s", *to ? ", " : "", (int)name.len, name.text);
}

/* The exporter runs in a pod, too, and Prometheus may put that pod's labels on lines of
 * idle GPUs. */
static inline bool is_exporter(const struct reading *r)
{
    static const char *const homes[] = { "gpu-operator", "nvidia-gpu-operator",
                                         "gpu-operator-resources", NULL };

    if (contains(r->of[A_POD], "dcgm-exporter"))
        return true;
    for (size_t i = 0; r->of[A_TENANT].len && homes[i]; i++)
        if (same(r->of[A_TENANT], homes[i]))
            return true;
    return false;
}

/* DCGM's words for "unknown", as numbers: DCGM_INT64_BLANK, DCGM_INT32_BLANK and
 * DCGM_FP64_BLANK (dcgm_structs.h), and the three above each for not found, not supported
 * and not permitted. */
static inline bool is_blank(double v, bool counter)
{
    if (v >= 9223372036854775000.0)
        return true;
    if (counter)
        return false;           /* a counter may pass by the smaller ones */
    return (v >= 2147483632.0 && v <= 2147483647.0) || v == 4294967295.0 ||
           (v >= 140737488355328.0 && v <= 140737488355331.0);
}

/* Bits of DCGM_FI_DEV_CLOCKS_EVENT_REASONS, worst first. Idle (0x1), application clocks
 * (0x2) and display (0x100) hold nothing down against the will of who pays. */
static const struct {
    unsigned bit;
    const char *word;
} reasons[] = {
    { 0x80, "brake" }, { 0x40, "thermal" }, { 0x20, "thermal" }, { 0x04, "power" },
    { 0x200, "board limit" }, { 0x08, "slowdown" }, { 0x400, "reliability" }, { 0x10, "sync" },
    { 0 }
};

/* The worst of the reasons that a value of DCGM_FI_DEV_CLOCKS_EVENT_REASONS names,
 * "none", or NULL: it is no mask. */
static inline const char *reasons_word(double value)
{
    size_t i = 0;

    if (!(value >= 0 && value < 4294967296.0))
        return NULL;
    while (reasons[i].word && !((unsigned)value & reasons[i].bit))
        i++;
    return reasons[i].word ? reasons[i].word : "none";
}

#endif
