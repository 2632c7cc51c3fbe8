/* What the site is made of: machines, tenants, halls, racks and the slots that they are
 * dealt out in. */
#ifndef PLUGINS_SIM_SITE_H
#define PLUGINS_SIM_SITE_H

#include "plugins/sim/metrics.h"

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

/* ---- what it is made of ---- */

/* The hardware of a hall. A node draws base_w beside its GPUs, plus `share` of what these
 * draw (processors, fans). */
static const struct machine {
    const char *model;
    uint32_t node_gpus, rack_gpus;
    float idle_w, limit_w, memory_mib, base_w, share;
    float coolant_c, rise_c;    /* temperature of a GPU at rest and its rise at the
                                 * limit */
} machines[] = {
    { "NVIDIA GB300",     4, 72, 170, 1400, 294912, 620, .06f, 31, 33 },
    { "NVIDIA H200",      8, 32,  78,  700, 143771, 1500, .13f, 33, 42 },
};

/* How a kind of job behaves on its GPUs. */
enum work_kind { TRAINING, CAMPAIGN, ROBOTICS, AGENTS, SERVING, RESEARCH };
static const struct work {
    const char *queue;
    float load;                 /* of the way from idle to the limit */
    float wiggle;               /* share by which a training step moves all GPUs
                                 * together */
    float day;                  /* share that follows the time of day */
    double cycle_s, rest_s;     /* one job follows another; and leaves its GPUs idle so
                                 * long before it */
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

/* How a hall is dealt out, in order; what is left is unallocated. Every other hall has a
 * campaign: a large job that comes and goes while one looks, and carries its hall up to
 * the cap. */
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
    s->name = api->option(target, "name") ? api->option(target, "name")
              : target->site              ? target->site
                                          : "demo";
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

#endif
