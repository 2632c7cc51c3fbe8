/* A simulated site: feeds, halls, busways, racks, nodes and GPUs, with tenants whose jobs
 * wait, start, step, checkpoint and end, inference that breathes with the day, and rare
 * faults. It is what --demo shows.
 *
 * Nothing is remembered between polls: whatever the site does at a moment is computed
 * from the seed and that moment alone. So a picture made with --now is the same on every
 * machine, a poll may be skipped, and a million GPUs take no memory. The trick is the
 * slot: a fixed run of GPUs on which one job follows another; when the k-th one starts is
 * a hash of (seed, slot, k), and a job waits from some time before that. */
#include "gigawatch/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_GPUS = 2000000,
    PIECE_GPUS = 288, /* a batch: so many GPUs, some 4,000 samples */
    PIECE_RACKS = 3000,
    PIECE_SLOTS = 400,  /* with a handful of jobs each */
    WHOLE_GPUS = 20000, /* up to here every poll tells of every GPU */
    ROUNDS = 4,         /* above, so many polls go once through the fleet */
    RACKS_IN_ROW = 24,
    MAX_FAULTS = 64
};

#define DAY_S 86400.0
#define HOUR_S 3600.0
/* The caps are set by what a day needs; any day would do, for they are all alike. */
#define CAP_DAY 1767225600.0

/* ---- what it tells ---- */

enum {
    SITE_POWER,
    SITE_CAP,
    SITE_PRICE,
    SITE_CARBON,
    SITE_CURRENCY,
    DOMAIN_TYPE,
    DOMAIN_METER,
    DOMAIN_CAP,
    NODE_METER,
    NODE_CAP,
    NODE_STATE,
    GPU_UUID,
    GPU_MODEL,
    GPU_INDEX,
    GPU_MEM_TOTAL,
    GPU_LIMIT,
    GPU_UTIL,
    GPU_MEM_USED,
    GPU_TEMP,
    GPU_MEM_TEMP,
    GPU_POWER,
    GPU_THROTTLE,
    GPU_XID,
    GPU_STATE,
    GPU_TENANT,
    GPU_JOB,
    GPU_IDLE,
    TENANT_POWER,
    TENANT_TOKENS,
    TENANT_TOKENS_IN,
    TENANT_QUOTA,
    TENANT_ENERGY,
    TENANT_COST,
    CLASS_POWER,
    CLASS_TOKENS,
    CLASS_TOKENS_IN,
    CLASS_ENERGY,
    CLASS_COST,
    JOB_TENANT,
    JOB_USER,
    JOB_TITLE,
    JOB_QUEUE,
    JOB_STATE,
    JOB_REASON,
    JOB_GPUS,
    JOB_NODES,
    JOB_POWER,
    JOB_PREDICTED,
    JOB_LOW,
    JOB_HIGH,
    JOB_CLASS,
    JOB_TAG,
    JOB_QOS,
    JOB_SUBMIT,
    JOB_START,
    JOB_END,
    JOB_LIMIT,
    JOB_PLACE,
    QUEUE_PENDING,
    QUEUE_RUNNING,
    MODEL_TENANT,
    MODEL_TOKENS,
    MODEL_TOKENS_IN,
    MODEL_ENGINE,
    MODEL_RUNNING,
    MODEL_WAITING,
    MODEL_TTFT,
    MODEL_ITL,
    MODEL_GPUS,
    MODEL_POWER,
    MODEL_CLASS,
    MODEL_BOUNDARY,
    EVENT_LEVEL,
    EVENT_TIME,
    EVENT_TEXT,
    EVENT_KIND,
    EVENT_SUBJECT,
    METRICS
};

/* clang-format off */
static const struct gw_metric sim_metrics[] = {
    [SITE_POWER]    = { "power",       GW_SITE,   GW_GAUGE, "W",   0, 1e11, "power drawn at the feeds" },
    [SITE_CAP]      = { "cap",         GW_SITE,   GW_GAUGE, "W",   0, 1e11, "contracted power" },
    [SITE_PRICE]    = { "price",       GW_SITE,   GW_GAUGE, "",    0, 0,    "price of a kWh now" },
    [SITE_CARBON]   = { "carbon",      GW_SITE,   GW_GAUGE, "",    0, 0,    "gCO2 a kWh now" },
    [SITE_CURRENCY] = { "currency",    GW_SITE,   GW_TEXT,  "",    0, 0,    "what prices are in" },
    [DOMAIN_TYPE]   = { "type",        GW_DOMAIN, GW_TEXT,  "",    0, 0,    "feed, hall, busway or rack" },
    [DOMAIN_METER]  = { "meter",       GW_DOMAIN, GW_GAUGE, "W",   0, 1e11, "what its meter reads" },
    [DOMAIN_CAP]    = { "cap",         GW_DOMAIN, GW_GAUGE, "W",   0, 1e11, "what it may draw" },
    [NODE_METER]    = { "meter",       GW_NODE,   GW_GAUGE, "W",   0, 2e5,  "what its power supplies draw" },
    [NODE_CAP]      = { "cap",         GW_NODE,   GW_GAUGE, "W",   0, 2e5,  "its power limit" },
    [NODE_STATE]    = { "state",       GW_NODE,   GW_TEXT,  "",    0, 0,    "up, drain or down" },
    [GPU_UUID]      = { "uuid",        GW_GPU,    GW_TEXT,  "",    0, 0,    "GPU-…" },
    [GPU_MODEL]     = { "model",       GW_GPU,    GW_TEXT,  "",    0, 0,    "product name" },
    [GPU_INDEX]     = { "index",       GW_GPU,    GW_GAUGE, "",    0, 1024, "index on its node" },
    [GPU_MEM_TOTAL] = { "mem_total",   GW_GPU,    GW_GAUGE, "MiB", 0, 1e7,  "memory fitted" },
    [GPU_LIMIT]     = { "power_limit", GW_GPU,    GW_GAUGE, "W",   0, 5000, "enforced limit" },
    [GPU_UTIL]      = { "util",        GW_GPU,    GW_GAUGE, "%",   0, 100,  "share of time a kernel ran" },
    [GPU_MEM_USED]  = { "mem_used",    GW_GPU,    GW_GAUGE, "MiB", 0, 1e7,  "memory in use" },
    [GPU_TEMP]      = { "temp",        GW_GPU,    GW_GAUGE, "C", -50, 200,  "temperature of the chip" },
    [GPU_MEM_TEMP]  = { "mem_temp",    GW_GPU,    GW_GAUGE, "C", -50, 200,  "temperature of its memory" },
    [GPU_POWER]     = { "power",       GW_GPU,    GW_GAUGE, "W",   0, 5000, "power, one-second average" },
    [GPU_THROTTLE]  = { "throttle",    GW_GPU,    GW_TEXT,  "",    0, 0,    "why the clocks are held down" },
    [GPU_XID]       = { "xid",         GW_GPU,    GW_GAUGE, "",    0, 10000, "last XID error" },
    [GPU_STATE]     = { "state",       GW_GPU,    GW_TEXT,  "",    0, 0,    "busy, idle or lost" },
    [GPU_TENANT]    = { "tenant",      GW_GPU,    GW_TEXT,  "",    0, 0,    "who holds it" },
    [GPU_JOB]       = { "job",         GW_GPU,    GW_TEXT,  "",    0, 0,    "the job that runs on it" },
    [GPU_IDLE]      = { "idle",        GW_GPU,    GW_GAUGE, "s",   0, 0,    "how long it has done nothing" },
    [TENANT_POWER]  = { "power",       GW_TENANT, GW_GAUGE, "W",   0, 1e11, "power of the GPUs it holds, and its part of what their nodes draw beside them" },
    [TENANT_TOKENS] = { "tokens",      GW_TENANT, GW_GAUGE, "/s", 0, 0,    "output tokens a second" },
    [TENANT_TOKENS_IN] = { "tokens_in", GW_TENANT, GW_GAUGE, "/s", 0, 0,    "input tokens a second" },
    [TENANT_QUOTA]  = { "quota",       GW_TENANT, GW_GAUGE, "",    0, 0,    "GPUs it may hold" },
    [TENANT_ENERGY] = { "energy",      GW_TENANT, GW_GAUGE, "J",   0, 0,    "energy used since midnight" },
    [TENANT_COST]   = { "cost",        GW_TENANT, GW_GAUGE, "",    0, 0,    "cost of that energy" },
    [CLASS_POWER]   = { "power",       GW_CLASS,  GW_GAUGE, "W",   0, 1e11, "power of the GPUs that work for it, and its part of what their nodes draw beside them" },
    [CLASS_TOKENS]  = { "tokens",      GW_CLASS,  GW_GAUGE, "/s",  0, 0,    "output tokens a second" },
    [CLASS_TOKENS_IN] = { "tokens_in", GW_CLASS,  GW_GAUGE, "/s",  0, 0,    "input tokens a second" },
    [CLASS_ENERGY]  = { "energy",      GW_CLASS,  GW_GAUGE, "J",   0, 0,    "energy used since midnight" },
    [CLASS_COST]    = { "cost",        GW_CLASS,  GW_GAUGE, "",    0, 0,    "cost of that energy" },
    [JOB_TENANT]    = { "tenant",      GW_JOB,    GW_TEXT,  "",    0, 0,    "who pays" },
    [JOB_USER]      = { "user",        GW_JOB,    GW_TEXT,  "",    0, 0,    "who submitted it" },
    [JOB_TITLE]     = { "title",       GW_JOB,    GW_TEXT,  "",    0, 0,    "the name its user gave it" },
    [JOB_QUEUE]     = { "queue",       GW_JOB,    GW_TEXT,  "",    0, 0,    "queue" },
    [JOB_STATE]     = { "state",       GW_JOB,    GW_TEXT,  "",    0, 0,    "pending, running or ended" },
    [JOB_REASON]    = { "reason",      GW_JOB,    GW_TEXT,  "",    0, 0,    "why it waits" },
    [JOB_GPUS]      = { "gpus",        GW_JOB,    GW_GAUGE, "",    0, 0,    "GPUs asked for or held" },
    [JOB_NODES]     = { "nodes",       GW_JOB,    GW_GAUGE, "",    0, 0,    "nodes asked for or held" },
    [JOB_POWER]     = { "power",       GW_JOB,    GW_GAUGE, "W",   0, 1e11, "power of its GPUs, and its part of what their nodes draw beside them" },
    [JOB_PREDICTED] = { "power_predicted", GW_JOB, GW_GAUGE, "W",  0, 1e11, "power it is expected to add" },
    [JOB_LOW]       = { "power_low",   GW_JOB,    GW_GAUGE, "W",   0, 1e11, "10 % quantile of power_predicted" },
    [JOB_HIGH]      = { "power_high",  GW_JOB,    GW_GAUGE, "W",   0, 1e11, "90 % quantile of power_predicted" },
    [JOB_CLASS]     = { "class",       GW_JOB,    GW_TEXT,  "",    0, 0,    "training, inference, agents or other" },
    [JOB_TAG]       = { "tag",         GW_JOB,    GW_TEXT,  "",    0, 0,    "the partition it is bound to" },
    [JOB_QOS]       = { "qos",         GW_JOB,    GW_TEXT,  "",    0, 0,    "quality of service" },
    [JOB_SUBMIT]    = { "submit",      GW_JOB,    GW_TIME,  "",    0, 0,    "submitted at" },
    [JOB_START]     = { "start",       GW_JOB,    GW_TIME,  "",    0, 0,    "started, or planned for" },
    [JOB_END]       = { "end",         GW_JOB,    GW_TIME,  "",    0, 0,    "ended at" },
    [JOB_LIMIT]     = { "limit",       GW_JOB,    GW_GAUGE, "s",   0, 0,    "time limit" },
    [JOB_PLACE]     = { "place",       GW_JOB,    GW_TEXT,  "",    0, 0,    "the hall it runs in, or is planned for" },
    [QUEUE_PENDING] = { "pending",     GW_QUEUE,  GW_GAUGE, "",    0, 0,    "jobs that wait" },
    [QUEUE_RUNNING] = { "running",     GW_QUEUE,  GW_GAUGE, "",    0, 0,    "jobs that run" },
    [MODEL_TENANT]  = { "tenant",      GW_MODEL,  GW_TEXT,  "",    0, 0,    "who serves it" },
    [MODEL_TOKENS]  = { "tokens",      GW_MODEL,  GW_GAUGE, "/s", 0, 0,    "output tokens a second" },
    [MODEL_TOKENS_IN] = { "tokens_in", GW_MODEL,  GW_GAUGE, "/s",  0, 0,    "input tokens a second" },
    [MODEL_ENGINE]  = { "engine",      GW_MODEL,  GW_TEXT,  "",    0, 0,    "what serves it" },
    [MODEL_RUNNING] = { "running",     GW_MODEL,  GW_GAUGE, "",    0, 0,    "requests being answered" },
    [MODEL_WAITING] = { "waiting",     GW_MODEL,  GW_GAUGE, "",    0, 0,    "requests that wait" },
    [MODEL_TTFT]    = { "ttft",        GW_MODEL,  GW_GAUGE, "s",   0, 0,    "time to the first token, median" },
    [MODEL_ITL]     = { "itl",         GW_MODEL,  GW_GAUGE, "s",   0, 0,    "time between two tokens, median" },
    [MODEL_GPUS]    = { "gpus",        GW_MODEL,  GW_GAUGE, "",    0, 0,    "GPUs it is served from" },
    [MODEL_POWER]   = { "power",       GW_MODEL,  GW_GAUGE, "W",   0, 1e11, "power of these GPUs" },
    [MODEL_CLASS]   = { "class",       GW_MODEL,  GW_TEXT,  "",    0, 0,    "inference or agents" },
    [MODEL_BOUNDARY] = { "boundary",   GW_MODEL,  GW_TEXT,  "",    0, 0,    "where its power is measured" },
    [EVENT_LEVEL]   = { "level",       GW_EVENT,  GW_TEXT,  "",    0, 0,    "information, cleared or attention" },
    [EVENT_TIME]    = { "time",        GW_EVENT,  GW_TIME,  "",    0, 0,    "when" },
    [EVENT_TEXT]    = { "text",        GW_EVENT,  GW_TEXT,  "",    0, 0,    "what happened" },
    [EVENT_KIND]    = { "kind",        GW_EVENT,  GW_TEXT,  "",    0, 0,    "price: a step of the tariff" },
    [EVENT_SUBJECT] = { "subject",    GW_EVENT,  GW_TEXT,  "",    0, 0,    "the node, GPU or job that it is about" },
    [METRICS]       = { 0 }
};

static const struct gw_option sim_options[] = {
    { "gpus",   "2304",   "GPUs of the site, 8 to 2000000" },
    { "seed",   "1",      "another seed is another site" },
    { "speed",  "1",      "simulated seconds in a second" },
    { "faults", "1",      "how often things break: 0 never, 10 ten times as often" },
    { "tick",   "1",      "the site moves in steps of so many seconds" },
    { "name",   NULL,     "name of the site; else that of the configuration" },
    { 0 }
};

/* ---- what it is made of ---- */

/* The hardware of a hall. A node draws base_w beside its GPUs, plus `share` of what these draw (processors, fans). */
static const struct machine {
    const char *model;
    uint32_t node_gpus, rack_gpus;
    float idle_w, limit_w, memory_mib, base_w, share;
    float coolant_c, rise_c;    /* temperature of a GPU at rest and its rise at the limit */
} machines[] = {
    { "NVIDIA GB300",     4, 72, 170, 1400, 294912, 620, .06f, 31, 33 },
    { "NVIDIA H200",      8, 32,  78,  700, 143771, 1500, .13f, 33, 42 },
};

/* How a kind of job behaves on its GPUs. */
enum work_kind { TRAINING, CAMPAIGN, ROBOTICS, AGENTS, SERVING, RESEARCH };
static const struct work {
    const char *queue;
    float load;                 /* of the way from idle to the limit */
    float wiggle;               /* share by which a training step moves all GPUs together */
    float day;                  /* share that follows the time of day */
    double cycle_s, rest_s;     /* one job follows another; and leaves its GPUs idle so long before it */
    double ramp_s;              /* until all its nodes have started */
    double wait_s;              /* in the queue, about */
    uint32_t pieces, slot_max;  /* a tenant's part of a hall is cut into so many slots */
} works[] = {
    [TRAINING] = { "train",       .86f, .030f, .00f, 26000,  240, 150, 5400, 2, 4096 },
    [CAMPAIGN] = { "train",       .93f, .020f, .00f,  2400,  960, 420, 1300, 1, 8192 },
    [ROBOTICS] = { "batch",       .74f, .050f, .00f,  7200,  300,  90, 2600, 2, 1024 },
    [AGENTS]   = { "serve",       .66f, .000f, .35f, 64000,   60,  60,  200, 4,  512 },
    [SERVING]  = { "serve",       .62f, .000f, .50f, 86000,   60,  60,  200, 4,  512 },
    [RESEARCH] = { "interactive", .58f, .040f, .15f,  3300,  700,  20,  900, 6,   96 },
};

enum { LLM, AGENTS_PROD, PHYSICAL, PUBLIC_API, LAB, UNALLOCATED, TENANTS };
static const struct tenant {
    const char *name;
    const char *titles[4], *users[3];
    float tokens_per_joule;     /* of power above idle; 0: not metered */
    float tokens_in;            /* for each that comes out */
    const char *class, *tag;    /* NULL: none */
} tenants[] = {
    [LLM]         = { "sovereign-llm", { "pretrain-70b", "pretrain-moe", "sft-34b", "dpo-8b" },
                      { "minjun", "seoyeon", "ada" }, 0, 0, "training", "sovereign" },
    [AGENTS_PROD] = { "agents-prod", { "coder-32b", "router-8b", "planner-70b", "rerank-4b" },
                      { "deploy", "deploy", "oncall" }, 2.9f, 9.5f, "agents", NULL },
    [PHYSICAL]    = { "physical-ai", { "world-model", "sim-warehouse", "policy-rl", "lidar-pre" },
                      { "haneul", "grace", "tomas" }, 0, 0, "training", NULL },
    [PUBLIC_API]  = { "public-api", { "chat-405b", "chat-70b", "embed-1b", "vision-12b" },
                      { "deploy", "deploy", "oncall" }, 2.4f, 3.2f, "inference", NULL },
    [LAB]         = { "research", { "notebook", "ablation", "eval-suite", "protein" },
                      { "jiwoo", "lena", "omar" }, 0, 0, "other", NULL },
    [UNALLOCATED] = { "unallocated", { 0 }, { 0 }, 0, 0, "unallocated", NULL },
};

/* How a hall is dealt out, in order; what is left is unallocated. Every other hall has a campaign: a large
 * job that comes and goes while one looks, and carries its hall up to the cap. */
static const struct plot {
    unsigned tenant;
    enum work_kind work;
    float share[2];             /* of a hall with an even, an odd index */
} plots[] = {
    { LLM,         CAMPAIGN, { .00f, .18f } },
    { LLM,         TRAINING, { .31f, .29f } },
    { AGENTS_PROD, AGENTS,   { .27f, .13f } },
    { PHYSICAL,    ROBOTICS, { .13f, .20f } },
    { PUBLIC_API,  SERVING,  { .19f, .08f } },
    { LAB,         RESEARCH, { .07f, .09f } },
};
/* clang-format on */

enum { PLOTS = sizeof(plots) / sizeof(plots[0]) };

/* Losses on the way up, as the meters see them: each reads more than the sum of its
 * parts. */
static const float rack_loss = 1.02f, bus_loss = 1.01f, hall_loss = 1.045f,
                   feed_loss = 1.01f;

struct rack {
    uint32_t first, gpus; /* its GPUs, numbered over the site */
    uint32_t node;        /* its first node, numbered over the site */
    uint16_t hall;
    uint16_t place; /* in its hall */
    float power;
};

struct hall {
    const struct machine *machine;
    uint32_t first, gpus;
    uint32_t first_rack, racks;
    uint16_t feed;
    float bus_share; /* of bus A; the supplies of a rack never share quite evenly */
    float cap, bus_cap[2];
    double power, bus_power[2];
    double racks_power;
};

struct slot {
    uint32_t first, gpus;
    uint16_t hall;
    uint8_t tenant, work;
};

/* One job of a slot. */
struct job {
    int64_t turn;  /* the how-manieth of its slot */
    uint64_t dice; /* everything about it that is chance */
    double submit, start, end;
    uint32_t gpus;
};

/* What a slot does now. */
struct shift {
    struct job job;
    bool runs;
    float load;   /* of the way from idle to the limit, all GPUs of the job alike */
    float parked; /* share of its GPUs that are held and do nothing */
    double power; /* measured: of the GPUs of the job, */
    double drawn; /* and with what their nodes draw beside them */
    uint32_t busy;
};

/* Something broken, from `since` to `until`. */
enum fault_kind {
    NODE_DOWN,
    GPU_LOST,
    RACK_SILENT,
    SENSOR_STUCK,
    VALUE_IMPOSSIBLE,
    FAULT_KINDS
};
struct fault {
    enum fault_kind kind;
    uint32_t where; /* a GPU or a rack */
    double since, until;
};

struct sim {
    const char *name;
    uint64_t seed;
    uint32_t gpus, nodes;
    double speed, tick, faults_rate;

    struct hall *halls;
    struct rack *racks;
    struct slot *slots;
    struct shift *shifts; /* of the slots */
    size_t hall_count, rack_count, slot_count, slot_room, feed_count;
    double feed_power[26], feed_cap[26], cap;

    bool started;
    double wall;        /* time of the first poll */
    double now, before; /* simulated time of this poll and the one before */
    uint64_t beat;      /* number of the tick */
    uint32_t cursor;    /* first rack of the next round */
    struct fault faults[MAX_FAULTS];
    size_t fault_count;
    struct tally {
        double power, tokens; /* power: with what the nodes draw beside the GPUs */
    } tallies[TENANTS];
};

/* What every telling needs. */
struct say {
    const struct gw_api *api;
    struct gw_out *out;
    const struct gw_target *target;
    const struct sim *sim;
};

/* ---- chance ---- */

/* The finish of splitmix64: a number that looks like chance, always the same for the same
 * two. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + (b + 1) * 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double share_of(uint64_t dice)
{
    return (double)(dice >> 11) * 0x1p-53;
}

/* The n-th 16 bits of a throw as [0, 1). */
static float small_share(uint64_t dice, unsigned n)
{
    return (float)((dice >> 16 * n) & 0xffff) * 0x1p-16f;
}

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* ---- building the site ---- */

static int read_number(const struct gw_api *api, const struct gw_target *target,
                       struct gw_out *out, const char *name, double low, double high,
                       double *to)
{
    const char *text = api->option(target, name);
    char *end;

    *to = strtod(text ? text : "", &end);
    if (!text || end == text || *end || !(*to >= low && *to <= high))
        return api->fail(out, "%s: expected a number from %.7g to %.7g, got \"%.20s\"", name,
                         low, high, text ? text : "");
    return GW_DONE;
}

static int read_options(const struct gw_api *api, const struct gw_target *target,
                        struct gw_out *out, struct sim *s)
{
    double gpus, seed;

    if (read_number(api, target, out, "gpus", 8, MAX_GPUS, &gpus) ||
        read_number(api, target, out, "seed", 0, 1e15, &seed) ||
        read_number(api, target, out, "speed", .001, 10000, &s->speed) ||
        read_number(api, target, out, "faults", 0, 1000, &s->faults_rate) ||
        read_number(api, target, out, "tick", .1, 3600, &s->tick))
        return GW_FAILED;
    s->gpus = (uint32_t)gpus;
    s->seed = mix((uint64_t)seed, 0);
    s->name = api->option(target, "name") ? api->option(target, "name") : target->site ? target->site : "demo";
    return GW_DONE;
}

static size_t halls_for(uint32_t gpus)
{
    if (gpus < 256)
        return 1;
    if (gpus < 1024)
        return 2;
    return gpus <= 100000 ? 4 : 2 * ((gpus + 49999) / 50000);
}

static void lay_out_halls(struct sim *s)
{
    uint32_t each = s->gpus / (uint32_t)s->hall_count / 8 * 8, first = 0;

    s->feed_count = s->hall_count == 1    ? 1
                    : s->hall_count <= 16 ? 2
                                          : (s->hall_count + 7) / 8;
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];

        h->machine = &machines[i % 2];
        h->first = first;
        h->gpus = i + 1 < s->hall_count ? each : s->gpus - first;
        h->racks = (h->gpus + h->machine->rack_gpus - 1) / h->machine->rack_gpus;
        h->first_rack = (uint32_t)s->rack_count;
        h->feed = (uint16_t)(i * s->feed_count / s->hall_count);
        h->bus_share = .4975f + .005f * (float)share_of(mix(s->seed, 77 + i));
        first += h->gpus;
        s->rack_count += h->racks;
    }
}

static void lay_out_racks(struct sim *s)
{
    for (size_t i = 0; i < s->hall_count; i++) {
        const struct hall *h = &s->halls[i];

        for (uint32_t k = 0; k < h->racks; k++) {
            struct rack *r = &s->racks[h->first_rack + k];
            uint32_t left = h->gpus - k * h->machine->rack_gpus;

            r->hall = (uint16_t)i;
            r->place = (uint16_t)k;
            r->first = h->first + k * h->machine->rack_gpus;
            r->gpus = left < h->machine->rack_gpus ? left : h->machine->rack_gpus;
            r->node = s->nodes;
            s->nodes += (r->gpus + h->machine->node_gpus - 1) / h->machine->node_gpus;
        }
    }
}

static int add_slot(struct sim *s, struct slot slot)
{
    if (s->slot_count == s->slot_room) {
        size_t room = s->slot_room ? 2 * s->slot_room : 128;
        struct slot *more = realloc(s->slots, room * sizeof(*more));

        if (!more)
            return -1;
        s->slots = more;
        s->slot_room = room;
    }
    s->slots[s->slot_count++] = slot;
    return 0;
}

/* Cuts `gpus` of a hall into slots of whole nodes. */
static int cut_plot(struct sim *s, size_t hall, uint32_t first, uint32_t gpus,
                    const struct plot *plot)
{
    uint32_t node = s->halls[hall].machine->node_gpus;
    const struct work *work = &works[plot->work];
    uint32_t piece = (gpus / work->pieces + node - 1) / node * node;

    if (piece < node)
        piece = node;           /* fewer GPUs than pieces */
    if (piece > work->slot_max)
        piece = work->slot_max;
    for (uint32_t done = 0; done < gpus; done += piece) {
        struct slot slot = { .first = first + done,
                             .hall = (uint16_t)hall,
                             .gpus = gpus - done < piece ? gpus - done : piece,
                             .tenant = (uint8_t)plot->tenant,
                             .work = (uint8_t)plot->work };

        if (add_slot(s, slot) < 0)
            return -1;
    }
    return 0;
}

static int deal_out(struct sim *s)
{
    for (size_t i = 0; i < s->hall_count; i++) {
        const struct hall *h = &s->halls[i];
        uint32_t node = h->machine->node_gpus, first = h->first, end = h->first + h->gpus;

        for (unsigned p = 0; p < PLOTS; p++) {
            uint32_t gpus =
                (uint32_t)lrintf(plots[p].share[i % 2] * (float)h->gpus / (float)node);

            gpus = gpus * node < end - first ? gpus * node : end - first;
            if (gpus > 0 && cut_plot(s, i, first, gpus, &plots[p]) < 0)
                return -1;
            first += gpus;
        }
        struct slot rest = { .first = first,
                             .gpus = end - first,
                             .hall = (uint16_t)i,
                             .tenant = UNALLOCATED };
        if (first < end && add_slot(s, rest) < 0)
            return -1;
    }
    return 0;
}

/* ---- jobs ---- */

/* When the turn-th job of a slot takes over its GPUs, before its rest. */
static double takes_over(const struct sim *s, size_t slot, int64_t turn)
{
    const struct work *w = &works[s->slots[slot].work];
    uint64_t own = mix(s->seed, slot * 4 + 1);
    double phase = share_of(own), jitter = .35;

    /* Campaigns come in turns, one hall after the other, so that one is never far. */
    if (s->slots[slot].work == CAMPAIGN) {
        phase = .5 * (s->slots[slot].hall / 2 % 2);
        jitter = .06;
    }
    return w->cycle_s *
           ((double)turn + phase + jitter * (share_of(mix(own, (uint64_t)turn)) - .5));
}

static struct job job_of(const struct sim *s, size_t slot, int64_t turn)
{
    const struct slot *at = &s->slots[slot];
    const struct work *w = &works[at->work];
    uint32_t node = s->halls[at->hall].machine->node_gpus,
             nodes = (at->gpus + node - 1) / node;
    struct job j = { .turn = turn,
                     .dice = mix(mix(s->seed, slot * 4 + 2), (uint64_t)turn) };
    double rest = w->rest_s * (.6 + .8 * small_share(j.dice, 0));

    if (at->work == CAMPAIGN)
        rest = w->rest_s;
    j.start = floor(takes_over(s, slot, turn) + rest);
    j.end = floor(takes_over(s, slot, turn + 1));
    j.submit = floor(j.start - w->wait_s * (.3 + 1.4 * small_share(j.dice, 1)));
    /* Most jobs take the whole slot; some ask for less. */
    if (small_share(j.dice, 2) > .6f && at->work != AGENTS && at->work != SERVING)
        nodes -= (uint32_t)((float)nodes * .3f * small_share(j.dice, 3));
    j.gpus = nodes * node < at->gpus ? nodes * node : at->gpus;
    return j;
}

static int64_t turn_at(const struct sim *s, size_t slot, double t)
{
    int64_t turn = (int64_t)floor(t / works[s->slots[slot].work].cycle_s) + 1;

    while (takes_over(s, slot, turn) > t)
        turn--;
    return turn;
}

/* A number like a scheduler's: rises with time and starts again after a week. A slot
 * takes a new job at most every ten minutes, so (ten minutes, slot) is unique. */
static unsigned long job_number(const struct sim *s, size_t slot, int64_t turn)
{
    uint64_t span = (uint64_t)(takes_over(s, slot, turn) / 600) % 1008;

    return (unsigned long)(10000 + span * s->slot_count + slot);
}

/* The site stands in Korea: busiest at three in the afternoon there, six o'clock UTC, and
 * least twelve hours later; with a second, smaller hump in the evening. */
static double time_of_day(double t)
{
    double x = 2 * M_PI * (fmod(t, DAY_S) / DAY_S);

    return within(.5 + .45 * sin(x) + .08 * sin(2 * x + 2.2), 0, 1);
}

/* A value that wanders between -1 and 1, smooth over `step` seconds. */
static double wander(uint64_t dice, double t, double step)
{
    double x = t / step, at = floor(x), f = x - at;
    double a = share_of(mix(dice, (uint64_t)at)),
           b = share_of(mix(dice, (uint64_t)at + 1));

    return 2 * (a + (b - a) * f * f * (3 - 2 * f)) - 1;
}

/* What the steps of a training job do to all its GPUs at once: compute and exchange in
 * turn, and a checkpoint now and then, during which they wait for the storage. */
static double step_factor(const struct work *w, const struct job *j, double t)
{
    double period = 2.3 + 7 * small_share(j->dice, 0),
           between = 700 + 900 * small_share(j->dice, 2);
    double since = fmod(t - j->start, between);

    if (t - j->start > 300 && since < 12 + 22 * small_share(j->dice, 3))
        return .48;
    return 1 + w->wiggle * (fmod(t, period) < .7 * period ? .6 : -1.4);
}

static float load_of(enum work_kind kind, const struct job *j, double t)
{
    const struct work *w = &works[kind];
    double load = w->load * (1 + .07 * (2 * small_share(j->dice, 1) - 1));

    if (w->day > 0)
        load *= 1 - w->day * (1 - time_of_day(t)) + .05 * wander(j->dice, t, 90) +
                .03 * wander(~j->dice, t, 11);
    if (w->wiggle > 0)
        load *= step_factor(w, j, t);
    return (float)within(load, 0, 1.1);
}

/* Replicas are parked in quiet hours; a notebook holds GPUs and leaves them alone. */
static float parked_share(enum work_kind kind, const struct job *j, double t)
{
    if (kind == AGENTS || kind == SERVING)
        return (float)(.02 + .15 * (1 - time_of_day(t)));
    if (kind == RESEARCH && small_share(j->dice, 2) < .3f)
        return .9f;
    return 0;
}

/* Since when the same GPUs are parked: replicas are dealt anew every quarter of an hour; what a notebook leaves alone,
 * it leaves for as long as it runs. */
static double parked_since(enum work_kind kind, const struct job *j, double t)
{
    double quarter = 900 * floor(t / 900);

    return kind == RESEARCH || j->start > quarter ? j->start : quarter;
}

static struct shift shift_at(const struct sim *s, size_t slot, double t)
{
    const struct slot *at = &s->slots[slot];
    struct shift now = { .job.gpus = 0 };

    if (at->tenant == UNALLOCATED)
        return now;
    now.job = job_of(s, slot, turn_at(s, slot, t));
    now.runs = t >= now.job.start && t < now.job.end;
    if (now.runs) {
        now.load = load_of(at->work, &now.job, t);
        now.parked = parked_share(at->work, &now.job, t);
    }
    return now;
}

/* ---- one GPU ---- */

struct reading {
    float power, util, warm; /* warm: how far its job has got it going, 0 to 1 */
    bool held, busy, at_limit;
};

static struct reading read_gpu(const struct sim *s, size_t slot, const struct shift *now,
                               uint32_t gpu)
{
    const struct machine *m = s->halls[s->slots[slot].hall].machine;
    const struct work *w = &works[s->slots[slot].work];
    uint64_t own = mix(s->seed, gpu), noise = mix(own, s->beat);
    float idle_w =
        m->idle_w * (.95f + .1f * small_share(own, 0) + .01f * small_share(noise, 0));
    struct reading r = { .power = idle_w,
                         .held =
                             now->runs && gpu - s->slots[slot].first < now->job.gpus };
    double joined = now->job.start + w->ramp_s * small_share(own, 1);

    if (!r.held || s->now <= joined)
        return r;
    if (now->parked > 0 &&
        share_of(mix(own, (uint64_t)(parked_since(s->slots[slot].work, &now->job, s->now) / 900))) < now->parked)
        return r;
    r.busy = true;
    r.warm = (float)within((s->now - joined) / 45, .1, 1);
    r.util = within(now->load * (1.08f + .08f * small_share(noise, 1)), 0, 1) * 100;
    r.power += (m->limit_w - m->idle_w) * now->load * r.warm *
               (.96f + .08f * small_share(own, 2) + .03f * (small_share(noise, 2) - .5f));
    if (r.power >= m->limit_w * .985f) {
        r.at_limit = true;
        r.power = m->limit_w * (.985f + .015f * small_share(noise, 3));
    }
    return r;
}

/* Chips follow their power within half a minute or so; what came before the job stands
 * for what came before at all. */
static double chip_temperature(const struct sim *s, size_t slot, const struct shift *now,
                               uint32_t gpu, const struct reading *r)
{
    const struct machine *m = s->halls[s->slots[slot].hall].machine;
    uint64_t own = mix(s->seed ^ 0x7e, gpu);
    double since = r->held ? s->now - now->job.start : s->now - now->job.end;
    double hot = (r->power - m->idle_w) / (m->limit_w - m->idle_w);
    double lag = now->job.gpus && since > 0 ? exp(-since / 40) : 0;

    if (r->held)
        hot *= 1 - lag;
    else if (gpu - s->slots[slot].first < now->job.gpus && since > 0)
        hot += lag * works[s->slots[slot].work].load;
    return m->coolant_c + 5 * small_share(own, 0) +
           hot * m->rise_c * (.93 + .14 * small_share(own, 1)) +
           .4 * wander(own, s->now, 20);
}

static double node_power(const struct machine *m, double gpus_w, uint32_t gpus)
{
    return m->base_w * gpus / m->node_gpus + gpus_w * (1 + m->share);
}

/* ---- faults ---- */

/* Each kind rolls its dice once a span; what it breaks, and for how long, hangs on the
 * throw. */
/* clang-format off */
static const struct {
    double span_s, chance;      /* a throw every so often, for every 2,000 GPUs */
    double least_s, most_s;
} breaks[FAULT_KINDS] = {
    [NODE_DOWN]        = {  1800, .90, 600, 1800 }, /* as on any site, one is mostly away */
    [GPU_LOST]         = {  7200, .50, 900, 3000 },
    [RACK_SILENT]      = {  3600, .50, 120,  400 },
    [SENSOR_STUCK]     = {  7200, .50, 1200, 3600 },
    [VALUE_IMPOSSIBLE] = {  1800, .50,  10,   40 },
};
/* clang-format on */

static bool draw_fault(const struct sim *s, enum fault_kind kind, int64_t span,
                       unsigned n, struct fault *f)
{
    uint64_t dice = mix(mix(s->seed ^ 0xfa01, (uint64_t)kind * 64 + n), (uint64_t)span);
    double length = breaks[kind].least_s +
                    (breaks[kind].most_s - breaks[kind].least_s) * small_share(dice, 0);

    if (small_share(dice, 1) >= breaks[kind].chance * s->faults_rate)
        return false;
    f->kind = kind;
    f->since = floor((double)span * breaks[kind].span_s +
                     small_share(dice, 2) * (breaks[kind].span_s - length));
    f->until = floor(f->since + length);
    f->where = (uint32_t)(mix(dice, 3) % (kind == RACK_SILENT ? s->rack_count : s->gpus));
    return s->now >= f->since && s->now < f->until;
}

/* A fault is a part of the picture, never all of it: a site of one rack does not lose its rack. */
static bool can_break(const struct sim *s, enum fault_kind kind)
{
    return kind == RACK_SILENT ? s->rack_count >= 8 : kind != NODE_DOWN || s->gpus >= 128;
}

static void find_faults(struct sim *s)
{
    unsigned throws = 1 + s->gpus / 20000;

    s->fault_count = 0;
    if (throws > MAX_FAULTS / FAULT_KINDS)
        throws = MAX_FAULTS / FAULT_KINDS;
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        for (unsigned n = 0; n < throws; n++) {
            int64_t span = (int64_t)floor(s->now / breaks[kind].span_s);

            if (can_break(s, kind) &&
                draw_fault(s, kind, span, n, &s->faults[s->fault_count]))
                s->fault_count++;
        }
}

static const struct fault *fault_in(const struct sim *s, enum fault_kind kind,
                                    uint32_t first, uint32_t count)
{
    for (size_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].kind == kind && s->faults[i].where - first < count)
            return &s->faults[i];
    return NULL;
}

/* ---- measuring ---- */

static void plan(struct sim *s)
{
    for (size_t i = 0; i < s->slot_count; i++)
        s->shifts[i] = shift_at(s, i, s->now);
}

/* Reads every GPU of a rack and adds it to its job, its tenant and its rack. */
static void measure_rack(struct sim *s, struct rack *r, size_t *slot)
{
    const struct hall *h = &s->halls[r->hall];
    double sum = 0;
    uint32_t dark = 0;

    for (uint32_t g = r->first; g < r->first + r->gpus; g++) {
        struct shift *now;
        struct reading one;
        double drawn;

        while (g >= s->slots[*slot].first + s->slots[*slot].gpus)
            ++*slot;
        now = &s->shifts[*slot];
        one = read_gpu(s, *slot, now, g);
        if (s->fault_count &&
            fault_in(s, NODE_DOWN, g - (g - r->first) % h->machine->node_gpus,
                     h->machine->node_gpus)) {
            dark++;
            one = (struct reading){ .held = one.held };
        }
        sum += one.power;
        drawn = one.power > 0 ? node_power(h->machine, (double)one.power, 1) : 0;
        s->tallies[one.held ? s->slots[*slot].tenant : UNALLOCATED].power += drawn;
        if (one.held) {
            now->power += one.power;
            now->drawn += drawn;
            now->busy += one.busy;
        }
    }
    r->power = (float)(rack_loss * node_power(h->machine, sum, r->gpus - dark));
}

static double hum(const struct sim *s, uint64_t meter)
{
    return 1 + .002 * (share_of(mix(mix(s->seed, meter), s->beat)) - .5);
}

/* From what the racks of each hall draw, up to the feeds. */
static void add_up(struct sim *s)
{
    memset(s->feed_power, 0, sizeof(s->feed_power));
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];
        double sum = h->racks_power;

        h->bus_power[0] = sum * h->bus_share * bus_loss * hum(s, 3 * i);
        h->bus_power[1] = sum * (1 - h->bus_share) * bus_loss * hum(s, 3 * i + 1);
        h->power = (h->bus_power[0] + h->bus_power[1]) * hall_loss * hum(s, 3 * i + 2);
        s->feed_power[h->feed] += h->power * feed_loss;
    }
}

static void measure_halls(struct sim *s)
{
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];

        h->racks_power = 0;
        for (uint32_t k = 0; k < h->racks; k++)
            h->racks_power += s->racks[h->first_rack + k].power;
    }
    add_up(s);
}

static void measure(struct sim *s)
{
    size_t slot = 0;

    memset(s->tallies, 0, sizeof(s->tallies));
    for (size_t i = 0; i < s->slot_count; i++)
        s->shifts[i].power = s->shifts[i].drawn = 0;
    for (size_t i = 0; i < s->rack_count; i++)
        measure_rack(s, &s->racks[i], &slot);
    measure_halls(s);
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        double idle_w = s->halls[at->hall].machine->idle_w * s->shifts[i].job.gpus;
        double above = s->shifts[i].power - idle_w;

        s->tallies[at->tenant].tokens +=
            above > 0 ? above * tenants[at->tenant].tokens_per_joule : 0;
    }
}

/* ---- caps ---- */

/* What a slot draws at a time, on average and without looking at its GPUs. */
static double slot_power(const struct sim *s, size_t slot, double t)
{
    const struct slot *at = &s->slots[slot];
    const struct machine *m = s->halls[at->hall].machine;
    struct shift now = shift_at(s, slot, t);
    double going;

    if (!now.runs)
        return (double)m->idle_w * at->gpus;
    going = within((t - now.job.start) / (works[at->work].ramp_s + 45), 0, 1);
    return (double)m->idle_w * at->gpus + (double)(m->limit_w - m->idle_w) * now.load *
                                              (1 - now.parked) * going * now.job.gpus;
}

/* Two leading digits and a half: 4150000, not 4137291.8. */
static double round_cap(double watts)
{
    double step = pow(10, floor(log10(watts)) - 2) * 5;

    return step * ceil(watts / step);
}

/* Caps that a site of this make would have: a hall with campaigns is sold to the brim and
 * touches its cap about when the campaign runs; the others and the feeds have some room.
 */
static int set_caps(struct sim *s)
{
    double *most = calloc(s->hall_count, sizeof(*most)),
           *sum = calloc(s->hall_count, sizeof(*sum));
    double feed_most[26] = { 0 }, site_most = 0;

    if (!most || !sum) {
        free(most);
        free(sum);
        return -1;
    }
    for (double t = CAP_DAY; t < CAP_DAY + DAY_S; t += 300) {
        double feeds[26] = { 0 }, site = 0;

        memset(sum, 0, s->hall_count * sizeof(*sum));
        for (size_t i = 0; i < s->slot_count; i++)
            sum[s->slots[i].hall] += slot_power(s, i, t);
        for (size_t i = 0; i < s->hall_count; i++) {
            const struct hall *h = &s->halls[i];
            double watts = node_power(h->machine, sum[i], h->gpus) * rack_loss * bus_loss;

            most[i] = fmax(most[i], watts);
            feeds[h->feed] += watts * hall_loss * feed_loss;
        }
        for (size_t f = 0; f < s->feed_count; f++) {
            feed_most[f] = fmax(feed_most[f], feeds[f]);
            site += feeds[f];
        }
        site_most = fmax(site_most, site);
    }
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];
        double room = i % 2 ? .99 : 1.04 + .05 * share_of(mix(s->seed, 900 + i));

        h->cap = (float)round_cap(most[i] * hall_loss * (room + .01));
        h->bus_cap[0] = (float)round_cap(most[i] * h->bus_share * (room + .015));
        h->bus_cap[1] = (float)round_cap(most[i] * (1 - h->bus_share) * room);
    }
    for (size_t f = 0; f < s->feed_count; f++)
        s->feed_cap[f] = round_cap(feed_most[f] * 1.035);
    s->cap = round_cap(site_most * 1.02);
    free(most);
    free(sum);
    return 0;
}

static double rack_cap(const struct machine *m, uint32_t gpus)
{
    return 1000 * ceil(rack_loss * node_power(m, (double)m->limit_w * gpus, gpus) / 1000);
}

/* ---- telling ---- */

static void number(const struct say *y, uint32_t entity, size_t metric, double value)
{
    y->api->number(y->out, entity, metric, value);
}

static void text(const struct say *y, uint32_t entity, size_t metric, const char *value)
{
    y->api->text(y->out, entity, metric, value, strlen(value));
}

static uint32_t named(const struct say *y, enum gw_kind kind, uint32_t parent,
                      const char *name)
{
    return y->api->entity(y->out, kind, name, strlen(name), parent);
}

/* Simulated time as the wall shows it. */
static double wall_time(const struct sim *s, double t)
{
    return s->wall + (t - s->wall) / s->speed;
}

static uint32_t feed_entity(const struct say *y, size_t feed)
{
    char name[16];

    snprintf(name, sizeof(name), "feed-%c", (char)('A' + feed));
    return named(y, GW_DOMAIN, named(y, GW_SITE, GW_NONE, y->sim->name), name);
}

static uint32_t hall_entity(const struct say *y, size_t hall)
{
    char name[32];

    snprintf(name, sizeof(name), "hall-%zu", hall + 1);
    return named(y, GW_DOMAIN, feed_entity(y, y->sim->halls[hall].feed), name);
}

static uint32_t bus_entity(const struct say *y, size_t hall, unsigned bus)
{
    char name[32];

    snprintf(name, sizeof(name), "bus-%zu%c", hall + 1, (char)('A' + bus));
    return named(y, GW_DOMAIN, hall_entity(y, hall), name);
}

static void rack_name(char *to, size_t room, const struct rack *r)
{
    snprintf(to, room, "h%u-r%02u-k%02u", r->hall + 1u, r->place / RACKS_IN_ROW + 1u,
             r->place % RACKS_IN_ROW + 1u);
}

static void tell_domain(const struct say *y, uint32_t entity, const char *type,
                        double watts, double cap)
{
    text(y, entity, DOMAIN_TYPE, type);
    number(y, entity, DOMAIN_METER, watts);
    number(y, entity, DOMAIN_CAP, cap);
}

/* The site stands in Korea. */
static double local(double t)
{
    return t + 9 * 3600;
}

/* By the hour of the day, as industry's tariffs have it: light, middle and heavy load; KRW a kWh. */
static double price_at(double t)
{
    static const double prices[24] = { 99, 99, 99, 99, 99, 99, 99, 99, 148, 148, 211, 211,
                                       148, 211, 211, 211, 211, 148, 148, 148, 148, 148, 99, 99 };

    return prices[(int)(fmod(local(t), DAY_S) / 3600) % 24];
}

/* The sun is out at noon. */
static double carbon_at(double t)
{
    return 428 - 46 * fmax(0, sin(2 * M_PI * (fmod(local(t), DAY_S) / DAY_S - .25)));
}

/* The mean price of today so far. */
static double price_today(double t)
{
    double midnight = t - fmod(local(t), DAY_S), sum = 0, hours = 0;

    for (double h = midnight; h < t; h += 3600) {
        double share = fmin(1, (t - h) / 3600);

        sum += price_at(h) * share;
        hours += share;
    }
    return hours > 0 ? sum / hours : price_at(t);
}

static void tell_site(const struct say *y)
{
    const struct sim *s = y->sim;
    uint32_t site = named(y, GW_SITE, GW_NONE, s->name);
    double watts = 0;

    for (size_t f = 0; f < s->feed_count; f++) {
        watts += s->feed_power[f];
        tell_domain(y, feed_entity(y, f), "feed", s->feed_power[f], s->feed_cap[f]);
    }
    number(y, site, SITE_POWER, watts);
    number(y, site, SITE_CAP, s->cap);
    number(y, site, SITE_PRICE, price_at(s->now));
    number(y, site, SITE_CARBON, carbon_at(s->now));
    text(y, site, SITE_CURRENCY, "KRW");
    for (size_t i = 0; i < s->hall_count; i++) {
        const struct hall *h = &s->halls[i];

        tell_domain(y, hall_entity(y, i), "hall", h->power, h->cap);
        for (unsigned b = 0; b < 2; b++)
            tell_domain(y, bus_entity(y, i, b), "busway", h->bus_power[b], h->bus_cap[b]);
    }
}

/* A rack hangs on both busways of its hall. `bus` is kept from one rack of the hall to
 * the next. */
static uint32_t rack_entity(const struct say *y, const struct rack *r,
                            const uint32_t bus[2])
{
    char name[40];
    uint32_t rack;

    rack_name(name, sizeof(name), r);
    rack = named(y, GW_DOMAIN, bus[0], name);
    y->api->link(y->out, rack, bus[1]);
    return rack;
}

/* NULL: the rack speaks, or did at that moment of the past. */
static const struct fault *silence_of(const struct sim *s, uint32_t rack)
{
    const struct fault *f = fault_in(s, RACK_SILENT, rack, 1);

    return f && s->now >= f->since ? f : NULL;
}

/* What follows is as old as the silence; NULL: it is of now again. */
static void be_old(const struct say *y, const struct fault *silence)
{
    y->api->time(y->out, silence ? wall_time(y->sim, silence->since) : 0);
}

/* What fell silent before anybody looked was heard of until then: so it is told once. */
static void tell_racks(const struct say *y, bool first_time)
{
    const struct sim *s = y->sim;
    uint32_t bus[2] = { GW_NONE, GW_NONE };
    size_t told = 0;

    for (size_t i = 0; i < s->rack_count; i++) {
        const struct rack *r = &s->racks[i];
        const struct fault *silence;

        if (told == PIECE_RACKS) {
            y->api->send(y->out);
            told = 0;
        }
        if (told++ == 0 || r->place == 0)
            for (unsigned b = 0; b < 2; b++)
                bus[b] = bus_entity(y, r->hall, b);
        silence = silence_of(s, (uint32_t)i);
        if (silence && !first_time)
            continue;
        if (silence)
            be_old(y, silence);
        tell_domain(y, rack_entity(y, r, bus), "rack", r->power,
                    rack_cap(s->halls[r->hall].machine, r->gpus));
        if (silence)
            be_old(y, NULL);
    }
}

/* Since midnight where the console runs, for its day is what it counts. */
static double seconds_of_today(const struct sim *s)
{
    time_t seconds = (time_t)s->now;
    struct tm day;

    return localtime_r(&seconds, &day) ? day.tm_hour * 3600 + day.tm_min * 60 + day.tm_sec : 0;
}

/* What was used before anybody looked, about; what follows is counted by who looks. */
static void tell_today(const struct say *y, uint32_t entity, size_t energy, size_t cost, double watts)
{
    double joules = .97 * watts * seconds_of_today(y->sim);

    y->api->estimate(y->out, entity, energy, joules);
    y->api->estimate(y->out, entity, cost, joules / 3.6e6 * price_today(y->sim->now));
}

/* What it was dealt, in round numbers. */
static double quota_of(const struct sim *s, unsigned tenant)
{
    double gpus = 0;

    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].tenant == tenant)
            gpus += s->slots[i].gpus;
    return 8 * ceil(gpus / 8);
}

/* What they hold and draw follows from the GPUs: whoever looks adds it up. */
static void tell_tenants(const struct say *y, bool first_time)
{
    for (unsigned i = 0; i < TENANTS; i++) {
        const struct tally *t = &y->sim->tallies[i];
        uint32_t tenant = named(y, GW_TENANT, GW_NONE, tenants[i].name);

        if (first_time)
            tell_today(y, tenant, TENANT_ENERGY, TENANT_COST, t->power);
        if (i != UNALLOCATED)
            number(y, tenant, TENANT_QUOTA, quota_of(y->sim, i));
        if (tenants[i].tokens_per_joule > 0) {
            number(y, tenant, TENANT_TOKENS, t->tokens);
            number(y, tenant, TENANT_TOKENS_IN, t->tokens * (double)tenants[i].tokens_in);
        }
    }
}

/* Losses above the nodes were there before anybody looked, too. */
static void tell_losses_today(const struct say *y)
{
    static const char name[] = "unexplained";
    double watts = 0;

    for (size_t f = 0; f < y->sim->feed_count; f++)
        watts += y->sim->feed_power[f];
    for (unsigned i = 0; i < TENANTS; i++)
        watts -= y->sim->tallies[i].power;
    tell_today(y, named(y, GW_TENANT, GW_NONE, name), TENANT_ENERGY, TENANT_COST, watts);
    tell_today(y, named(y, GW_CLASS, GW_NONE, name), CLASS_ENERGY, CLASS_COST, watts);
}

/* What all tenants of a class do together, once a class. */
static void tell_classes(const struct say *y, bool first_time)
{
    for (unsigned i = 0; i < TENANTS; i++) {
        struct tally sum = { 0 };
        double tokens_in = 0;
        bool before = false;
        uint32_t class;

        for (unsigned k = 0; k < TENANTS; k++) {
            const struct tally *t = &y->sim->tallies[k];

            if (strcmp(tenants[k].class, tenants[i].class) != 0)
                continue;
            before |= k < i;
            sum.power += t->power;
            sum.tokens += tenants[k].tokens_per_joule > 0 ? t->tokens : 0;
            tokens_in += t->tokens * (double)tenants[k].tokens_in;
        }
        if (before)
            continue;
        class = named(y, GW_CLASS, GW_NONE, tenants[i].class);
        if (first_time)
            tell_today(y, class, CLASS_ENERGY, CLASS_COST, sum.power);
        if (tenants[i].tokens_per_joule > 0) {
            number(y, class, CLASS_TOKENS, sum.tokens);
            number(y, class, CLASS_TOKENS_IN, tokens_in);
        }
    }
}

static const char *title_of(const struct slot *at, const struct job *j)
{
    const struct tenant *t = &tenants[at->tenant];

    /* A notebook is what is parked; see parked_share(). */
    if (at->work == RESEARCH)
        return t->titles[small_share(j->dice, 2) < .3f ? 0 : 1 + (j->dice >> 8) % 3];
    return t->titles[(j->dice >> 8) % 4];
}

/* The next in line waits for its GPUs, those behind for their turn; a few wait for
 * something else. */
static const char *reason_of(const struct sim *s, const struct job *j)
{
    if (small_share(j->dice, 0) < .07f)
        return "QOSGrpGRES";
    if (small_share(j->dice, 0) < .13f)
        return "BeginTime";
    return j->start - s->now < 1500 ? "Resources" : "Priority";
}

/* What a job adds when it has come up. */
static double predicted_power(const struct sim *s, const struct slot *at,
                              const struct job *j)
{
    const struct machine *m = s->halls[at->hall].machine;
    const struct work *w = &works[at->work];

    return (double)(m->limit_w - m->idle_w) * (1 + m->share) * rack_loss * w->load *
           (1 - .3 * w->day) * j->gpus;
}

static uint32_t tell_job(const struct say *y, size_t slot, const struct job *j,
                         const char *state)
{
    const struct sim *s = y->sim;
    const struct slot *at = &s->slots[slot];
    uint32_t node = s->halls[at->hall].machine->node_gpus, job;
    char name[32];

    snprintf(name, sizeof(name), "%lu", job_number(s, slot, j->turn));
    job = named(y, GW_JOB, GW_NONE, name);
    text(y, job, JOB_TENANT, tenants[at->tenant].name);
    text(y, job, JOB_USER, tenants[at->tenant].users[(j->dice >> 24) % 3]);
    text(y, job, JOB_TITLE, title_of(at, j));
    text(y, job, JOB_QUEUE, works[at->work].queue);
    text(y, job, JOB_STATE, state);
    number(y, job, JOB_GPUS, j->gpus);
    number(y, job, JOB_NODES, (j->gpus + node - 1) / node);
    number(y, job, JOB_SUBMIT, wall_time(s, j->submit));
    snprintf(name, sizeof(name), "hall-%u", at->hall + 1u);
    text(y, job, JOB_PLACE, name);
    number(y, job, JOB_PREDICTED, predicted_power(s, at, j));
    number(y, job, JOB_LOW, .9 * predicted_power(s, at, j));
    number(y, job, JOB_HIGH, 1.08 * predicted_power(s, at, j));
    text(y, job, JOB_CLASS, tenants[at->tenant].class);
    if (tenants[at->tenant].tag)
        text(y, job, JOB_TAG, tenants[at->tenant].tag);
    text(y, job, JOB_QOS, at->work == CAMPAIGN ? "high" : at->work == RESEARCH ? "low" : "normal");
    if (at->work != AGENTS && at->work != SERVING)
        number(y, job, JOB_LIMIT,
               1800 * ceil((j->end - j->start) * (1.1 + small_share(j->dice, 1)) / 1800));
    return job;
}

static void tell_running(const struct say *y, size_t slot, const struct shift *now)
{
    uint32_t job = tell_job(y, slot, &now->job, "running");

    number(y, job, JOB_START, wall_time(y->sim, now->job.start));
    text(y, job, JOB_REASON, "");
}

static void tell_ended(const struct say *y, size_t slot, const struct job *j)
{
    uint32_t job = tell_job(y, slot, j, "ended");

    number(y, job, JOB_START, wall_time(y->sim, j->start));
    number(y, job, JOB_END, wall_time(y->sim, j->end));
    number(y, job, JOB_POWER, 0);
}

static void tell_pending(const struct say *y, size_t slot, const struct job *j)
{
    uint32_t job = tell_job(y, slot, j, "pending");
    const char *reason = reason_of(y->sim, j);

    text(y, job, JOB_REASON, reason);
    /* A job held by a limit has no planned start. */
    number(y, job, JOB_START,
           strcmp(reason, "QOSGrpGRES") == 0 ? NAN : wall_time(y->sim, j->start));
}

struct line {
    const char *name;
    unsigned pending, running;
};

static struct line *line_of(struct line lines[4], const char *name)
{
    struct line *q = lines;

    while (q->name && strcmp(q->name, name) != 0)
        q++;
    q->name = name;
    return q;
}

static void tell_slot_jobs(const struct say *y, size_t slot, struct line lines[4])
{
    const struct sim *s = y->sim;
    const struct shift *now = &s->shifts[slot];
    struct line *q = line_of(lines, works[s->slots[slot].work].queue);
    struct job last = job_of(s, slot, now->job.turn - 1);

    if (s->now < last.end + 600)
        tell_ended(y, slot, &last);
    if (now->runs) {
        tell_running(y, slot, now);
        q->running++;
    }
    for (int64_t turn = now->job.turn; turn < now->job.turn + 4; turn++) {
        struct job j = job_of(s, slot, turn);

        if (s->now >= j.submit && s->now < j.start) {
            tell_pending(y, slot, &j);
            q->pending++;
        }
    }
}

/* ---- the past ---- */

/* Of so many racks the past is worth its time. */
enum { PAST_STEPS = 480, PAST_STEP_S = 15, PAST_STEPS_A_SEND = 120, PAST_RACKS = 128 };

/* What the halls' racks and the tenants drew at a time, from the jobs alone: quick enough for two hours at
 * once, and a few per cent off. */
static void estimate(struct sim *s, double t)
{
    for (size_t i = 0; i < s->hall_count; i++)
        s->halls[i].racks_power = 0;
    for (unsigned i = 0; i < TENANTS; i++)
        s->tallies[i].power = 0;
    for (size_t i = 0; i < s->slot_count; i++) {
        double watts = slot_power(s, i, t);

        s->halls[s->slots[i].hall].racks_power += watts;
        s->tallies[s->slots[i].tenant].power += watts;
    }
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];

        h->racks_power = rack_loss * node_power(h->machine, h->racks_power, h->gpus);
    }
}

/* The same of each rack: its share of every slot that reaches into it. */
static void estimate_racks(struct sim *s, double t)
{
    size_t at = 0;

    for (size_t i = 0; i < s->rack_count; i++)
        s->racks[i].power = 0;
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *slot = &s->slots[i];
        double watts = slot_power(s, i, t) / slot->gpus;

        for (uint32_t gpu = slot->first, next; gpu < slot->first + slot->gpus; gpu = next) {
            struct rack *r;

            while (gpu >= s->racks[at].first + s->racks[at].gpus)
                at++;
            r = &s->racks[at];
            next = r->first + r->gpus < slot->first + slot->gpus ? r->first + r->gpus : slot->first + slot->gpus;
            r->power += (float)(watts * (next - gpu));
        }
    }
    for (size_t i = 0; i < s->rack_count; i++) {
        struct rack *r = &s->racks[i];

        r->power = (float)(rack_loss * node_power(s->halls[r->hall].machine, r->power, r->gpus));
    }
}

/* How the estimate of now has to be scaled to meet what is measured now. */
struct scales {
    double *halls, *racks;      /* racks: NULL: their past is not told */
    double tenants[TENANTS];
};

static void find_scales(struct sim *s, struct scales *to)
{
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] = s->halls[i].racks_power;
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] = s->tallies[i].power;
    for (size_t i = 0; to->racks && i < s->rack_count; i++)
        to->racks[i] = s->racks[i].power;
    estimate(s, s->now);
    if (to->racks)
        estimate_racks(s, s->now);
    for (size_t i = 0; to->racks && i < s->rack_count; i++)
        to->racks[i] /= fmax(s->racks[i].power, 1);
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] /= fmax(s->halls[i].racks_power, 1);
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] /= fmax(s->tallies[i].power, 1);
}

static void tell_past_of_racks(const struct say *y, struct sim *s, const struct scales *scales, double t)
{
    estimate_racks(s, t);
    /* Scaled up, a rack at rest now would have drawn more than its cap when it was busy. */
    for (size_t i = 0; i < s->rack_count; i++)
        s->racks[i].power *= (float)fmin(scales->racks[i], 1);
    tell_racks(y, false);
}

static void tell_moment(const struct say *y, struct sim *s, const struct scales *scales,
                        double t)
{
    s->now = t;
    s->beat = (uint64_t)(t / s->tick);
    estimate(s, t);
    for (size_t i = 0; i < s->hall_count; i++)
        s->halls[i].racks_power *= scales->halls[i];
    add_up(s);
    y->api->time(y->out, t);
    tell_site(y);
    if (scales->racks)
        tell_past_of_racks(y, s, scales, t);
    for (unsigned i = 0; i < TENANTS; i++)
        number(y, named(y, GW_TENANT, GW_NONE, tenants[i].name), TENANT_POWER,
               s->tallies[i].power * scales->tenants[i]);
    for (unsigned i = 0; i < TENANTS; i++) {
        double watts = 0;
        bool before = false;

        for (unsigned k = 0; k < TENANTS; k++)
            if (strcmp(tenants[k].class, tenants[i].class) == 0) {
                watts += s->tallies[k].power * scales->tenants[k];
                before |= k < i;
            }
        if (!before)
            number(y, named(y, GW_CLASS, GW_NONE, tenants[i].class), CLASS_POWER, watts);
    }
}

/* The last two hours, so that a newcomer's first screen has a past. The site is left as it was before. */
static void tell_past(const struct say *y, struct sim *s)
{
    struct scales scales = { .halls = calloc(s->hall_count, sizeof(double)),
                             .racks = s->rack_count <= PAST_RACKS ? calloc(s->rack_count, sizeof(double)) : NULL };
    double now = s->now;
    uint64_t beat = s->beat;

    if (!scales.halls) {
        free(scales.racks);
        return;                 /* a past is a comfort, not a need */
    }
    find_scales(s, &scales);
    for (int i = PAST_STEPS; i > 0; i--) {
        tell_moment(y, s, &scales, now - i * PAST_STEP_S);
        if (i % PAST_STEPS_A_SEND == 1)
            y->api->send(y->out);
    }
    free(scales.halls);
    free(scales.racks);
    s->now = now;
    s->beat = beat;
    measure(s);
    y->api->time(y->out, y->api->now(y->target));
}

static void tell_jobs(const struct say *y)
{
    struct line lines[4] = { { 0 } };

    for (size_t i = 0; i < y->sim->slot_count; i++)
        if (y->sim->slots[i].tenant != UNALLOCATED) {
            tell_slot_jobs(y, i, lines);
            if (i % PIECE_SLOTS == PIECE_SLOTS - 1)
                y->api->send(y->out);
        }
    for (unsigned i = 0; i < 4 && lines[i].name; i++) {
        uint32_t queue = named(y, GW_QUEUE, GW_NONE, lines[i].name);

        number(y, queue, QUEUE_PENDING, lines[i].pending);
        number(y, queue, QUEUE_RUNNING, lines[i].running);
    }
}

/* One served model: the jobs of a tenant that have its title. */
struct serving {
    double tokens, power;
    uint32_t gpus;
};

/* Requests come as the tokens do: so many are under way as a token takes time (Little's law). */
static void tell_model(const struct say *y, unsigned tenant, unsigned k, const struct serving *v)
{
    static const double itl[4] = { .031, .012, .024, .008 }, ttft[4] = { .71, .19, .46, .11 };
    const struct tenant *t = &tenants[tenant];
    uint32_t model = named(y, GW_MODEL, GW_NONE, t->titles[k]);
    double busy = time_of_day(y->sim->now), running = v->tokens * itl[k];

    text(y, model, MODEL_TENANT, t->name);
    text(y, model, MODEL_CLASS, t->class);
    text(y, model, MODEL_ENGINE, k % 2 ? "vllm" : "dynamo");
    number(y, model, MODEL_TOKENS, v->tokens);
    number(y, model, MODEL_TOKENS_IN, v->tokens * (double)t->tokens_in);
    number(y, model, MODEL_GPUS, v->gpus);
    number(y, model, MODEL_POWER, v->power);
    text(y, model, MODEL_BOUNDARY, "nodes, by power");
    number(y, model, MODEL_RUNNING, floor(running));
    number(y, model, MODEL_WAITING, floor(.02 * running * busy));
    if (v->tokens > 0) {
        number(y, model, MODEL_TTFT, ttft[k] * (1 + .3 * busy));
        number(y, model, MODEL_ITL, itl[k] * (1 + .1 * busy));
    }
}

/* The served models are the jobs of the tenants whose tokens are metered. */
static void tell_models(const struct say *y)
{
    const struct sim *s = y->sim;
    struct serving all[TENANTS][4] = { { { 0 } } };

    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        const struct shift *now = &s->shifts[i];
        struct serving *v = &all[at->tenant][(now->job.dice >> 8) % 4];
        double above =
            now->power - s->halls[at->hall].machine->idle_w * (double)now->job.gpus;

        if (!now->runs || above <= 0)
            continue;
        v->tokens += above * (double)tenants[at->tenant].tokens_per_joule;
        v->power += now->drawn;
        v->gpus += now->job.gpus;
    }
    for (unsigned i = 0; i < TENANTS; i++)
        for (unsigned k = 0; tenants[i].tokens_per_joule > 0 && k < 4; k++)
            tell_model(y, i, k, &all[i][k]);
}

static const struct rack *rack_of(const struct sim *s, uint32_t gpu)
{
    size_t low = 0, high = s->rack_count;

    while (high - low > 1) {
        size_t mid = (low + high) / 2;

        if (s->racks[mid].first <= gpu)
            low = mid;
        else
            high = mid;
    }
    return &s->racks[low];
}

/* The name of the node that `gpu` is in; returns its length. */
static size_t node_name(char *to, size_t room, const struct sim *s, const struct rack *r,
                        uint32_t gpu)
{
    size_t len;

    rack_name(to, room, r);
    len = strlen(to);
    return len +
           (size_t)snprintf(to + len, room - len, "-n%02u",
                            (gpu - r->first) / s->halls[r->hall].machine->node_gpus + 1u);
}

/* subject: a row's name. */
static void tell_event(const struct say *y, double when, unsigned long about, const char *subject, const char *level,
                       const char *what)
{
    char name[64];
    uint32_t event;

    snprintf(name, sizeof(name), "%.0f-%lu", when, about);
    event = named(y, GW_EVENT, GW_NONE, name);
    text(y, event, EVENT_LEVEL, level);
    number(y, event, EVENT_TIME, wall_time(y->sim, when));
    text(y, event, EVENT_TEXT, what);
    text(y, event, EVENT_SUBJECT, subject);
}

static void tell_fault_events(const struct say *y)
{
    const struct sim *s = y->sim;

    for (size_t i = 0; i < s->fault_count; i++) {
        const struct fault *f = &s->faults[i];
        const struct rack *r;
        char name[64], what[128];
        size_t len;

        if (f->since <= s->before || (f->kind != NODE_DOWN && f->kind != GPU_LOST))
            continue;
        r = rack_of(s, f->where);
        len = node_name(name, sizeof(name), s, r, f->where);
        if (f->kind == GPU_LOST) {
            snprintf(name + len, sizeof(name) - len, "/%u",
                     (f->where - r->first) % s->halls[r->hall].machine->node_gpus);
            snprintf(what, sizeof(what),
                     "gpu %s XID 79, fallen off the bus; node drained", name);
        } else {
            snprintf(what, sizeof(what), "node %s down, not answering", name);
        }
        tell_event(y, f->since, f->where, name, "attention", what);
    }
}

/* A tariff is known beforehand: its next step is told an hour ahead, and the first poll tells of the hour before, too. */
static void tell_price_events(const struct say *y, bool first_time)
{
    const struct sim *s = y->sim;
    double from = !first_time ? s->before + HOUR_S : s->now - HOUR_S, to = s->now + HOUR_S;

    for (double t = HOUR_S * (floor(from / HOUR_S) + 1); t <= to; t += HOUR_S) {
        double was = price_at(t - 1), is = price_at(t);
        char name[64], what[128];
        uint32_t event;

        if (was == is)
            continue;
        snprintf(name, sizeof(name), "price-%.0f", t);
        snprintf(what, sizeof(what), "price %.0f → %.0f KRW a kWh", was, is);
        event = named(y, GW_EVENT, GW_NONE, name);
        text(y, event, EVENT_LEVEL, "information");
        number(y, event, EVENT_TIME, wall_time(s, t));
        text(y, event, EVENT_TEXT, what);
        text(y, event, EVENT_KIND, "price");
    }
}

/* Starts and ends of what is large enough to be seen in the site's power. */
static void tell_job_events(const struct say *y)
{
    const struct sim *s = y->sim;

    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        const struct job *now = &s->shifts[i].job;
        struct job last;
        char what[128], name[24];

        if (at->work > ROBOTICS || at->tenant == UNALLOCATED || at->gpus < s->gpus / 60)
            continue;
        if (s->shifts[i].runs && now->start > s->before) {
            snprintf(what, sizeof(what), "job %lu of %s started on %u GPUs",
                     job_number(s, i, now->turn), tenants[at->tenant].name, now->gpus);
            snprintf(name, sizeof(name), "%lu", job_number(s, i, now->turn));
            tell_event(y, now->start, job_number(s, i, now->turn), name, "information", what);
        }
        last = job_of(s, i, now->turn - 1);
        if (last.end > s->before && last.end <= s->now) {
            snprintf(what, sizeof(what), "job %lu of %s ended, %u GPUs free",
                     job_number(s, i, last.turn), tenants[at->tenant].name, last.gpus);
            snprintf(name, sizeof(name), "%lu", job_number(s, i, last.turn));
            tell_event(y, last.end, job_number(s, i, last.turn), name, "information", what);
        }
    }
}

/* ---- telling of nodes and GPUs ---- */

static void tell_identity(const struct say *y, uint32_t entity, const struct machine *m,
                          uint32_t gpu)
{
    uint64_t a = mix(y->sim->seed ^ 0x1d, gpu), b = mix(a, 1);
    char uuid[48];

    snprintf(uuid, sizeof(uuid), "GPU-%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xffff), (unsigned)(b >> 48),
             (unsigned long long)(b & 0xffffffffffff));
    text(y, entity, GPU_UUID, uuid);
    text(y, entity, GPU_MODEL, m->model);
}

/* Told every time, as nvidia-smi does: what is not said for a while is stale. */
static void tell_ratings(const struct say *y, uint32_t entity, const struct machine *m,
                         uint32_t index)
{
    number(y, entity, GPU_INDEX, index);
    number(y, entity, GPU_MEM_TOTAL, m->memory_mib);
    number(y, entity, GPU_LIMIT, m->limit_w);
}

static void tell_lost(const struct say *y, uint32_t entity)
{
    number(y, entity, GPU_XID, 79);
    text(y, entity, GPU_STATE, "lost");
    number(y, entity, GPU_POWER, NAN);
    number(y, entity, GPU_UTIL, NAN);
    number(y, entity, GPU_TEMP, NAN);
    number(y, entity, GPU_MEM_TEMP, NAN);
}

/* What is dealt to nobody was used for a moment a few days ago: each GPU in its turn. */
static double freed_at(const struct sim *s, uint32_t gpu)
{
    double span = 5 * DAY_S, phase = span * share_of(mix(s->seed ^ 0xf2, gpu));

    return span * floor((s->now - phase) / span) + phase;
}

static double idle_since(const struct sim *s, size_t slot, const struct shift *now,
                         uint32_t gpu, const struct reading *r)
{
    if (r->held)
        return now->parked > 0 ? parked_since(s->slots[slot].work, &now->job, s->now) : now->job.start;
    if (!now->job.gpus)
        return freed_at(s, gpu);
    return now->runs ? now->job.start : job_of(s, slot, now->job.turn - 1).end;
}

static void tell_readings(const struct say *y, uint32_t entity, size_t slot, uint32_t gpu,
                          const struct reading *r)
{
    const struct sim *s = y->sim;
    const struct shift *now = &s->shifts[slot];
    const struct machine *m = s->halls[s->slots[slot].hall].machine;
    uint64_t own = mix(s->seed ^ 0x3e, gpu);
    double temp = chip_temperature(s, slot, now, gpu, r);
    double used =
        r->held ? .35 + .6 * small_share(now->job.dice, 3) + .02 * small_share(own, 0)
                : .003;

    if (s->fault_count && fault_in(s, SENSOR_STUCK, gpu, 1))
        temp = 47;
    number(y, entity, GPU_POWER,
           s->fault_count && fault_in(s, VALUE_IMPOSSIBLE, gpu, 1) ? 65535 : r->power);
    number(y, entity, GPU_UTIL, r->util);
    number(y, entity, GPU_TEMP, floor(temp));
    number(y, entity, GPU_MEM_TEMP, floor(temp + 4 + 6 * small_share(own, 1)));
    number(y, entity, GPU_MEM_USED, floor(m->memory_mib * used));
    number(y, entity, GPU_IDLE,
           r->busy ? 0 : (s->now - idle_since(s, slot, now, gpu, r)) / s->speed);
    text(y, entity, GPU_STATE, r->busy ? "busy" : "idle");
    text(y, entity, GPU_THROTTLE, r->at_limit ? "power" : "none");
}

/* Where a walk over the GPUs stands. */
struct walk {
    size_t slot;
    char job[32];    /* number of the job of that slot */
    bool first_time; /* what never changes is told once */
};

static void step_slot(const struct sim *s, struct walk *w, uint32_t gpu)
{
    if (w->job[0] && gpu < s->slots[w->slot].first + s->slots[w->slot].gpus)
        return;
    while (gpu >= s->slots[w->slot].first + s->slots[w->slot].gpus)
        w->slot++;
    snprintf(w->job, sizeof(w->job), "%lu",
             job_number(s, w->slot, s->shifts[w->slot].job.turn));
}

/* Tells of one GPU; returns what it draws. */
static double tell_gpu(const struct say *y, uint32_t node, const char *name, size_t len,
                       struct walk *w, uint32_t gpu, uint32_t index)
{
    const struct sim *s = y->sim;
    const struct machine *machine;
    struct reading r;
    uint32_t entity;

    step_slot(s, w, gpu);
    r = read_gpu(s, w->slot, &s->shifts[w->slot], gpu);
    entity = y->api->entity(y->out, GW_GPU, name, len, node);
    machine = s->halls[s->slots[w->slot].hall].machine;
    if (w->first_time)
        tell_identity(y, entity, machine, gpu);
    tell_ratings(y, entity, machine, index);
    text(y, entity, GPU_TENANT,
         tenants[r.held ? s->slots[w->slot].tenant : UNALLOCATED].name);
    text(y, entity, GPU_JOB, r.held ? w->job : "");
    if (s->fault_count && fault_in(s, GPU_LOST, gpu, 1))
        tell_lost(y, entity);
    else
        tell_readings(y, entity, w->slot, gpu, &r);
    return r.power;
}

static void tell_node(const struct say *y, const struct rack *r, uint32_t rack,
                      uint32_t first, struct walk *w)
{
    const struct sim *s = y->sim;
    const struct machine *m = s->halls[r->hall].machine;
    uint32_t left = r->first + r->gpus - first,
             gpus = left < m->node_gpus ? left : m->node_gpus;
    char name[64];
    size_t len = node_name(name, sizeof(name) - 4, s, r, first);
    uint32_t node = y->api->entity(y->out, GW_NODE, name, len, rack);
    double sum = 0;

    number(y, node, NODE_CAP,
           100 * ceil(node_power(m, (double)m->limit_w * gpus, gpus) / 100));
    if (s->fault_count && fault_in(s, NODE_DOWN, first, gpus)) {
        text(y, node, NODE_STATE, "down");
        return; /* the scheduler says so; the node itself says nothing any more */
    }
    text(y, node, NODE_STATE,
         s->fault_count && fault_in(s, GPU_LOST, first, gpus) ? "drain" : "up");
    name[len] = '/';
    for (uint32_t i = 0; i < gpus; i++) {
        name[len + 1] = (char)('0' + i);
        sum += tell_gpu(y, node, name, len + 2, w, first + i, i);
    }
    number(y, node, NODE_METER, node_power(m, sum, gpus));
}

static void tell_rack_nodes(const struct say *y, const struct rack *r, struct walk *w)
{
    uint32_t bus[2] = { bus_entity(y, r->hall, 0), bus_entity(y, r->hall, 1) };
    uint32_t rack = rack_entity(y, r, bus),
             step = y->sim->halls[r->hall].machine->node_gpus;

    for (uint32_t g = r->first; g < r->first + r->gpus; g += step)
        tell_node(y, r, rack, g, w);
}

/* Tells of the racks from the cursor on; a large fleet goes round in several polls. */
static void tell_nodes(const struct say *y, struct sim *s, bool first_time)
{
    struct walk w = { .first_time = first_time };
    size_t share = first_time || s->gpus <= WHOLE_GPUS
                       ? s->rack_count
                       : (s->rack_count + ROUNDS - 1) / ROUNDS;
    uint32_t told = 0;

    for (size_t i = 0; i < share && !y->api->stopping(y->target); i++) {
        const struct rack *r = &s->racks[s->cursor];
        const struct fault *silence;

        if (s->cursor == 0)
            w = (struct walk){ .first_time = first_time };
        silence = silence_of(s, s->cursor);
        if (silence && first_time)
            be_old(y, silence);
        if (!silence || first_time) {
            tell_rack_nodes(y, r, &w);
            told += r->gpus;
        }
        if (silence && first_time)
            be_old(y, NULL);
        s->cursor = (uint32_t)((s->cursor + 1) % s->rack_count);
        if (told >= PIECE_GPUS - 72) {
            y->api->send(y->out);
            told = 0;
        }
    }
}

/* ---- the source ---- */

static void close_site(const struct gw_api *api, const struct gw_target *target)
{
    struct sim *s = target->state;

    (void)api;
    free(s->halls);
    free(s->racks);
    free(s->slots);
    free(s->shifts);
    memset(s, 0, sizeof(*s));
}

static int open_site(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct sim *s = target->state;

    memset(s, 0, sizeof(*s));
    if (read_options(api, target, out, s) < 0)
        return GW_FAILED;
    s->hall_count = halls_for(s->gpus);
    s->halls = calloc(s->hall_count, sizeof(*s->halls));
    if (!s->halls)
        return api->fail(out, "no memory for %zu halls", s->hall_count);
    lay_out_halls(s);
    s->racks = calloc(s->rack_count, sizeof(*s->racks));
    if (!s->racks || deal_out(s) < 0 ||
        !(s->shifts = calloc(s->slot_count, sizeof(*s->shifts))) || set_caps(s) < 0) {
        close_site(api, target);
        return api->fail(out, "no memory for a site of that many GPUs");
    }
    lay_out_racks(s);
    return GW_DONE;
}

/* Moves the site to the time of this poll. */
static void move_on(struct sim *s, double wall)
{
    if (!s->started) {
        s->wall = wall;
        s->now = wall -
                 900; /* the first poll tells what happened within a quarter of an hour */
    }
    s->before = s->now;
    s->now = s->tick * floor((s->wall + (wall - s->wall) * s->speed) / s->tick);
    s->beat = (uint64_t)(s->now / s->tick);
}

static int poll_site(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct sim *s = target->state;
    struct say y = { .api = api, .out = out, .target = target, .sim = s };
    bool first_time = !s->started;

    move_on(s, api->now(target));
    s->started = true;
    find_faults(s);
    plan(s);
    measure(s);
    if (first_time)
        tell_past(&y, s);
    tell_site(&y);
    tell_racks(&y, first_time);
    tell_tenants(&y, first_time);
    tell_classes(&y, first_time);
    if (first_time)
        tell_losses_today(&y);
    tell_models(&y);
    tell_fault_events(&y);
    tell_job_events(&y);
    tell_price_events(&y, first_time);
    api->send(out);
    tell_jobs(&y);
    api->send(out);
    tell_nodes(&y, s, first_time);
    return GW_DONE;
}

const struct gw_source sim_source = {
    GW_SOURCE_HEAD,
    .name = "sim",
    .summary =
        "a simulated site of any size: power, jobs, tenants and faults from a seed",
    .schemes = "sim",
    .metrics = sim_metrics,
    .options = sim_options,
    .state_size = sizeof(struct sim),
    .interval_s = 2,
    .open = open_site,
    .poll = poll_site,
    .close = close_site
};
