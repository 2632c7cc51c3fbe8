/* Telling of nodes and GPUs. */
#ifndef PLUGINS_SIM_NODES_H
#define PLUGINS_SIM_NODES_H

#include "plugins/sim/events.h"

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
        return now->parked > 0 ? parked_since(s->slots[slot].work, &now->job, s->now)
                               : now->job.start;
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

#endif
