/* Who holds the GPUs, what that draws, and how much of it does nothing; by tenant, job and class of work. What nobody
 * holds is "unallocated", what nothing explains of the site's power "unexplained": the parts add up to the meter. */
#include "base/arena.h"
#include "model/hold.h"

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

/* ---- sums ---- */

/* What one row holds. Shares of GPUs make fractions. */
struct holding {
    double power, mean; /* W; mean: between the last readings of energy counters, where there are any */
    double gpus, busy, idle;
    uint32_t oldest;
    bool estimated, by_energy;
};

struct holdings {
    struct holding *all; /* by row */
    size_t room;
};

/* Of what each GPU adds. */
struct load {
    double power, mean;
    uint32_t tick;
    enum doing what;
    bool has_energy;
};

struct sums {
    struct model *m;
    struct hold *hold;
    struct holdings tenants, jobs, classes;
    uint32_t now, nobody, no_class; /* the rows "unallocated" */
    struct holding *tenant;         /* of a GPU like the last one, that no job is told of; NULL: ask */
};

static struct holding *holding_at(struct holdings *h, uint32_t row)
{
    size_t old = h->room;

    if (row < old)
        return &h->all[row];
    h->all = xgrow(h->all, &h->room, row + 1, sizeof(*h->all));
    memset(h->all + old, 0, (h->room - old) * sizeof(*h->all));
    return &h->all[row];
}

static inline void add_to(struct holding *h, const struct load *l, double share)
{
    h->gpus += share;
    if (l->what == DOING_WORK)
        h->busy += share;
    else if (l->what == DOING_NOTHING)
        h->idle += share;
    h->estimated |= share < 1;
    if (isnan(l->power)) {
        h->estimated = true;
        return;
    }
    h->power += l->power * share;
    h->mean += l->mean * share;
    h->by_energy |= l->has_energy;
    if (h->oldest == 0 || l->tick < h->oldest)
        h->oldest = l->tick;
}

static inline void add(struct holdings *to, uint32_t row, const struct load *l, double share)
{
    add_to(holding_at(to, row), l, share);
}

static inline struct load load_of(const struct model *m, uint32_t gpu, enum doing what, uint32_t now)
{
    struct load l = { .power = fresh_number(m, M_GPU_POWER, gpu, now), .what = what };

    if (isnan(l.power))
        return l;
    l.tick = m->columns[M_GPU_POWER].stamps[gpu].time;
    l.mean = l.power;
    return l;
}

/* Only what a job draws is asked for by its energy. */
static void measure_energy(const struct model *m, uint32_t gpu, struct load *l, uint32_t now)
{
    double mean = fresh_number(m, M_GPU_POWER_MEAN, gpu, now);

    l->has_energy = !isnan(mean);
    l->mean = l->has_energy ? mean : l->power;
}

static void give_out(struct sums *s, uint32_t gpu, const struct load *load)
{
    struct load l = *load;
    const struct seat *seats;
    size_t n = hold_seats(s->hold, gpu, &seats);
    double rest = 1;

    for (size_t i = 0; i < n; i++) {
        double share = (double)seats[i].share;

        rest -= share;
        add(&s->tenants, seats[i].tenant == GW_NONE ? s->nobody : seats[i].tenant, &l, share);
        if (seats[i].job != GW_NONE) {
            measure_energy(s->m, gpu, &l, s->now);
            add(&s->jobs, seats[i].job, &l, share);
        }
        if (seats[i].class != GW_NONE)
            add(&s->classes, seats[i].class, &l, share);
    }
    s->tenant = n == 1 && seats[0].job == GW_NONE && seats[0].tenant != GW_NONE ? holding_at(&s->tenants, seats[0].tenant) : NULL;
    if (rest < 1e-6)
        return;
    add(&s->tenants, s->nobody, &l, rest);
    if (s->no_class != GW_NONE)
        add(&s->classes, s->no_class, &l, rest);
}

static void take_gpus(struct sums *s)
{
    struct model *m = s->m;
    const struct hold_last *last = hold_last(s->hold);
    bool told = hold_is_told(s->hold);

    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        const struct entity *e = entity_of(m, GW_GPU, gpu);
        struct load l;
        enum doing what;

        if (row_is_vacant(e) || (e->parent.id != GW_NONE && e->parent.kind == GW_GPU))
            continue; /* of a MIG instance, its GPU counts */
        what = doing(m, gpu, s->now);
        derive(m, M_GPU_IDLE, gpu, idle_for(m, gpu, what, s->now), GW_OK, s->now);
        if (!told)
            continue;
        l = load_of(m, gpu, what, s->now);
        if (s->tenant && hold_repeats(last, gpu))
            add_to(s->tenant, &l, 1);
        else
            give_out(s, gpu, &l);
    }
}

/* ---- what a sum is written to ---- */

/* The same four metrics of tenants and of classes. */
static const struct summed {
    enum gw_kind kind;
    uint16_t power, gpus, busy, idle;
} summed[] = {
    { GW_TENANT, M_TENANT_POWER, M_TENANT_GPUS, M_TENANT_BUSY, M_TENANT_IDLE },
    { GW_CLASS, M_CLASS_POWER, M_CLASS_GPUS, M_CLASS_BUSY, M_CLASS_IDLE },
};

static const char unexplained[] = "unexplained";

static void settle_row(struct model *m, const struct summed *to, uint32_t row, const struct holding *h, uint32_t now)
{
    enum gw_quality quality = h->estimated ? GW_ESTIMATED : GW_OK;
    bool is_known = h->busy > 0 || h->idle > 0;
    struct entity *e = entity_of(m, to->kind, row);

    derive(m, to->power, row, h->oldest || h->gpus <= 0 ? h->power : NAN, quality, h->oldest ? h->oldest : now);
    derive(m, to->gpus, row, h->gpus, GW_OK, now);
    derive(m, to->busy, row, is_known ? h->busy : NAN, GW_OK, now);
    derive(m, to->idle, row, is_known ? h->idle : NAN, GW_OK, now);
    if (h->gpus > 0 && now > e->newest)
        e->newest = now;
}

/* A source may have said the power of a row itself, so what is added up is what is shown. */
static void explain_rest(struct model *m, const struct summed *to, uint32_t now)
{
    double rest = fresh_number(m, M_SITE_POWER, 0, now);
    uint32_t row = isnan(rest) ? model_find(m, to->kind, unexplained) : rows_named(m, to->kind, unexplained);
    enum gw_quality quality = model_quality(m, M_SITE_POWER, 0);

    if (row == GW_NONE)
        return;
    for (uint32_t other = 0; other < m->rows[to->kind].count; other++) {
        double watts = fresh_number(m, to->power, other, now);

        if (other == row || isnan(watts))
            continue;
        rest -= watts;
        if (m->columns[to->power].stamps[other].quality == GW_ESTIMATED)
            quality = GW_ESTIMATED;
    }
    derive(m, to->power, row, rest, quality == GW_ESTIMATED ? GW_ESTIMATED : GW_OK, now);
    if (!isnan(rest) && now > entity_of(m, to->kind, row)->newest)
        entity_of(m, to->kind, row)->newest = now;
}

static void settle_kind(struct model *m, const struct summed *to, struct holdings *h, uint32_t now)
{
    size_t rows = m->rows[to->kind].count;
    uint32_t skip = model_find(m, to->kind, unexplained);

    /* Who let all GPUs go holds none: that is known. */
    if (rows)
        holding_at(h, (uint32_t)rows - 1);
    for (uint32_t row = 0; row < rows; row++)
        if (row != skip && !row_is_vacant(entity_of(m, to->kind, row)))
            settle_row(m, to, row, &h->all[row], now);
    explain_rest(m, to, now);
}

/* Where sources tell what tenants draw, and nobody tells of GPUs. */
static void settle_told(struct model *m, const struct summed *to, uint32_t now)
{
    for (uint32_t row = 0; row < m->rows[to->kind].count; row++)
        if (!isnan(fresh_number(m, to->power, row, now)) && strcmp(entity_of(m, to->kind, row)->name, unexplained) != 0) {
            explain_rest(m, to, now);
            return;
        }
}

static void settle_jobs(struct sums *s)
{
    struct model *m = s->m;
    size_t count = s->jobs.room < m->rows[GW_JOB].count ? s->jobs.room : m->rows[GW_JOB].count;

    for (uint32_t row = 0; row < count; row++) {
        const struct holding *h = &s->jobs.all[row];

        if (h->gpus > 0)
            derive(m, M_JOB_POWER, row, h->oldest ? h->power : NAN, h->estimated ? GW_ESTIMATED : GW_OK, h->oldest);
    }
}

/* For served.c: what a job's GPUs draw, by their energy where they count it. */
static void keep_loads(struct sums *s)
{
    struct model *m = s->m;
    size_t jobs = m->rows[GW_JOB].count;

    m->job_loads = xgrow(m->job_loads, &m->job_load_room, jobs, sizeof(*m->job_loads));
    for (uint32_t job = 0; job < jobs; job++) {
        const struct holding none = { 0 }, *h = job < s->jobs.room ? &s->jobs.all[job] : &none;

        m->job_loads[job] = (struct job_load){ .gpus = h->gpus, .watts = h->oldest ? h->mean : NAN,
                                               .estimated = h->estimated, .by_energy = h->by_energy };
    }
}

void sum_tenants(struct model *m, uint32_t now)
{
    struct sums s = { .m = m, .now = now, .hold = hold_begin(m, now), .nobody = GW_NONE, .no_class = GW_NONE };
    bool told = hold_is_told(s.hold), classes = told && hold_has_classes(s.hold);

    if (told)
        s.nobody = rows_named(m, GW_TENANT, "unallocated");
    if (classes)
        s.no_class = rows_named(m, GW_CLASS, "unallocated");
    take_gpus(&s);
    if (told)
        settle_kind(m, &summed[0], &s.tenants, now);
    else
        settle_told(m, &summed[0], now);
    if (classes)
        settle_kind(m, &summed[1], &s.classes, now);
    settle_jobs(&s);
    keep_loads(&s);
    free(s.tenants.all);
    free(s.jobs.all);
    free(s.classes.all);
}
