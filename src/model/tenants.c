/* Who holds the GPUs, what that draws, and how much of it does nothing. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A GPU that runs a kernel for less than this share of the time is idle. */
static const double idle_below = 0.01;

/* As many as there is room for GPUs. */
static void make_room(struct model *m)
{
    size_t old = m->last_busy_room;

    if (old >= m->rows[GW_GPU].room)
        return;
    m->last_busy_room = m->rows[GW_GPU].room;
    m->last_busy = xrealloc(m->last_busy, m->last_busy_room, sizeof(*m->last_busy));
    memset(m->last_busy + old, 0, (m->last_busy_room - old) * sizeof(*m->last_busy));
}

void note_busy(struct model *m, uint32_t gpu, double util, uint32_t tick)
{
    uint32_t *last;

    make_room(m);
    last = &m->last_busy[gpu];
    /* Idle when first seen: since then, as far as we know. */
    if ((util >= idle_below && tick > *last) || *last == 0)
        *last = tick;
}

enum doing { DOING_UNKNOWN, DOING_NOTHING, DOING_WORK };

static enum doing doing(const struct model *m, uint32_t gpu, uint32_t now)
{
    double util = fresh_number(m, M_GPU_UTIL, gpu, now);
    const char *state;

    if (!isnan(util))
        return util >= idle_below ? DOING_WORK : DOING_NOTHING;
    state = model_text(m, M_GPU_STATE, gpu);
    if (!state || model_quality(m, M_GPU_STATE, gpu) == GW_STALE)
        return DOING_UNKNOWN;
    if (strcmp(state, "busy") == 0)
        return DOING_WORK;
    return strcmp(state, "idle") == 0 ? DOING_NOTHING : DOING_UNKNOWN;
}

static double idle_for(struct model *m, uint32_t gpu, enum doing what, uint32_t now)
{
    if (what == DOING_UNKNOWN)
        return NAN;
    note_busy(m, gpu, what == DOING_WORK ? 1 : 0, now);
    if (what == DOING_WORK || now < m->last_busy[gpu])
        return 0;
    return (double)(now - m->last_busy[gpu]) / TICKS_PER_S;
}

/* ---- sums by tenant and by job ---- */

struct holding {
    double power;
    uint32_t gpus, busy, idle, oldest;
    bool estimated;
};

/* The row of a kind that a text names, remembered by the text's id. GW_NONE: no such row.
 */
static uint32_t row_of_text(struct model *m, uint32_t **rows, size_t *room,
                            enum gw_kind kind, uint32_t text, bool add)
{
    size_t old = *room;
    const char *name;
    uint32_t row;

    if (text < old && (*rows)[text])
        return (*rows)[text] - 1;
    *rows = xgrow(*rows, room, m->texts.count + 1, sizeof(**rows));
    memset(*rows + old, 0, (*room - old) * sizeof(**rows));
    name = text ? texts_of(&m->texts, text) : "unallocated";
    row = add ? rows_named(m, kind, name) : model_find(m, kind, name);
    if (row != GW_NONE)
        (*rows)[text] = row + 1;
    return row;
}

static void add_gpu(struct model *m, struct holding *h, uint32_t gpu, enum doing what,
                    uint32_t now)
{
    double power = fresh_number(m, M_GPU_POWER, gpu, now);

    h->gpus++;
    h->busy += what == DOING_WORK;
    h->idle += what == DOING_NOTHING;
    if (isnan(power)) {
        h->estimated = true;
        return;
    }
    h->power += power;
    if (h->oldest == 0 || m->columns[M_GPU_POWER].stamps[gpu].time < h->oldest)
        h->oldest = m->columns[M_GPU_POWER].stamps[gpu].time;
}

static void settle_tenants(struct model *m, const struct holding *held, size_t count,
                           uint32_t now)
{
    for (uint32_t row = 0; row < count; row++) {
        const struct holding *h = &held[row];
        struct entity *e = entity_of(m, GW_TENANT, row);

        if (row_is_vacant(e))
            continue;
        derive(m, M_TENANT_POWER, row, h->oldest || !h->gpus ? h->power : NAN,
               h->estimated ? GW_ESTIMATED : GW_OK, h->oldest ? h->oldest : now);
        derive(m, M_TENANT_GPUS, row, h->gpus, GW_OK, now);
        derive(m, M_TENANT_BUSY, row, h->busy || h->idle ? (double)h->busy : NAN, GW_OK,
               now);
        derive(m, M_TENANT_IDLE, row, h->busy || h->idle ? (double)h->idle : NAN, GW_OK,
               now);
        if (h->gpus && now > e->newest)
            e->newest = now;
    }
}

static void settle_jobs(struct model *m, const struct holding *held, size_t count)
{
    for (uint32_t row = 0; row < count; row++)
        if (held[row].gpus)
            derive(m, M_JOB_POWER, row, held[row].oldest ? held[row].power : NAN,
                   held[row].estimated ? GW_ESTIMATED : GW_OK, held[row].oldest);
}

static struct holding *holding_at(struct holding **all, size_t *room, uint32_t row)
{
    size_t old = *room;

    if (row < old)
        return &(*all)[row];
    *all = xgrow(*all, room, row + 1, sizeof(**all));
    memset(*all + old, 0, (*room - old) * sizeof(**all));
    return &(*all)[row];
}

void sum_tenants(struct model *m, uint32_t now)
{
    const uint32_t *tenants = model_text_column(m, M_GPU_TENANT);
    const uint32_t *jobs = model_text_column(m, M_GPU_JOB);
    size_t tenant_room = 0, job_room = 0;
    struct holding *by_tenant = NULL, *by_job = NULL;

    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        const struct entity *e = entity_of(m, GW_GPU, gpu);
        enum doing what;
        uint32_t row;

        if (row_is_vacant(e) || (e->parent.id != GW_NONE && e->parent.kind == GW_GPU))
            continue; /* of a MIG instance, its GPU counts */
        what = doing(m, gpu, now);
        derive(m, M_GPU_IDLE, gpu, idle_for(m, gpu, what, now), GW_OK, now);
        if (tenants) {
            row = row_of_text(m, &m->tenant_rows, &m->tenant_rows_room, GW_TENANT,
                              tenants[gpu], true);
            add_gpu(m, holding_at(&by_tenant, &tenant_room, row), gpu, what, now);
        }
        if (!jobs || !jobs[gpu])
            continue;
        row = row_of_text(m, &m->job_rows, &m->job_rows_room, GW_JOB, jobs[gpu], false);
        if (row != GW_NONE)
            add_gpu(m, holding_at(&by_job, &job_room, row), gpu, what, now);
    }
    if (tenants) {
        /* A tenant that let all its GPUs go holds none: that is known. */
        if (m->rows[GW_TENANT].count)
            holding_at(&by_tenant, &tenant_room, (uint32_t)m->rows[GW_TENANT].count - 1);
        settle_tenants(m, by_tenant, m->rows[GW_TENANT].count, now);
    }
    settle_jobs(m, by_job,
                job_room < m->rows[GW_JOB].count ? job_room : m->rows[GW_JOB].count);
    free(by_tenant);
    free(by_job);
}
