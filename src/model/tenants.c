/* Who holds the GPUs, what that draws, and how much of it does nothing; by tenant, job
 * and class of work. What a node draws beside its GPUs goes to who holds these, each GPU
 * alike. What nobody holds is "unallocated", what nothing explains of the site's power,
 * above the nodes, "unexplained": the parts add up to the meter. */
#include "base/arena.h"
#include "model/hold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char unallocated[] = "unallocated", unexplained[] = "unexplained";

/* No holder has so small a part of a GPU: what is less is what fractions leave. */
static const double least_share = 1e-3;

/* A GPU that runs a kernel for less than this share of the time is idle. As exact as
 * utilisation is kept: 1 % is not below it. */
static const double idle_below = (double)0.01f;

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
    struct last_busy *last;

    make_room(m);
    last = &m->last_busy[gpu];
    if (util >= idle_below && tick > last->tick)
        *last = (struct last_busy){ .tick = tick & INT32_MAX };
    else if (last->tick == 0)
        *last = (struct last_busy){ .tick = tick & INT32_MAX, .is_first = 1 };
}

void recall_busy(struct model *m, uint32_t gpu, uint32_t tick, bool is_first)
{
    struct last_busy *last;

    make_room(m);
    last = &m->last_busy[gpu];
    if (last->tick == 0 || (is_first ? last->is_first && tick < last->tick
                                     : last->is_first || tick > last->tick))
        *last = (struct last_busy){ .tick = tick & INT32_MAX, .is_first = is_first };
}

enum doing { DOING_UNKNOWN, DOING_NOTHING, DOING_WORK };

static enum doing doing(const struct model *m, uint32_t gpu, uint32_t now)
{
    double util = fresh_number(m, M_GPU_UTIL, gpu, now);
    const char *state;

    if (!isnan(util))
        return util >= idle_below ? DOING_WORK : DOING_NOTHING;
    state = model_is_fresh(m, M_GPU_STATE, gpu) ? model_text(m, M_GPU_STATE, gpu) : NULL;
    if (!state)
        return DOING_UNKNOWN;
    if (strcmp(state, "busy") == 0)
        return DOING_WORK;
    return strcmp(state, "idle") == 0 ? DOING_NOTHING : DOING_UNKNOWN;
}

/* NAN: when it is seen for the first time. `*quality`: estimated, where it is that long
 * at least. */
static double idle_for(struct model *m, uint32_t gpu, enum doing what, uint32_t now,
                       enum gw_quality *quality)
{
    struct last_busy last;

    *quality = GW_OK;
    if (what == DOING_UNKNOWN)
        return NAN;
    note_busy(m, gpu, what == DOING_WORK ? 1 : 0, now);
    last = m->last_busy[gpu];
    if (what == DOING_WORK || now < last.tick)
        return 0;
    if (last.is_first && last.tick == now)
        return NAN;
    *quality = last.is_first ? GW_ESTIMATED : GW_OK;
    return (double)(now - last.tick) / TICKS_PER_S;
}

double model_idle_at(const struct model *m, uint32_t gpu, double time,
                     enum gw_quality *quality)
{
    struct last_busy last = gpu < m->last_busy_room ? m->last_busy[gpu]
                                                    : (struct last_busy){ 0 };

    *quality = last.is_first ? GW_ESTIMATED : GW_OK;
    return last.tick ? fmax(time - time_of(m, last.tick), 0) : NAN;
}

/* ---- sums ---- */

/* What one row holds. Shares of GPUs make fractions. */
struct holding {
    double power, mean; /* W, of GPUs; mean: between the last readings of energy
                         * counters, where there are any */
    double rest;        /* W, of what their nodes draw beside them */
    double gpus, busy, idle;
    double read;    /* W, of these of GPUs that are read, */
    double bare;    /* of nodes whose GPUs have no rows, and of GPUs with rows that are
                     * not read, */
    double plain;   /* and of nodes without any GPU */
    double unread, unread_busy, unread_idle; /* GPUs with rows that are not read, */
    double counted;                          /* and without: of nodes, as a scheduler
                                              * or an engine counts them */
    double metered; /* GPUs whose nodes have a meter */
    uint32_t oldest;
    bool estimated, rest_estimated, by_energy;
    bool lacks_gpus; /* it holds some that nobody counts */
};

struct holdings {
    struct holding *all; /* by row */
    size_t room;
};

/* Of what each GPU adds. */
struct load {
    double power, mean, rest; /* rest: NAN: its node has no meter */
    uint32_t tick;
    enum doing what;
    bool has_energy, estimated;
};

struct sums {
    struct model *m;
    struct hold *hold;
    struct holdings tenants, jobs, classes;
    uint32_t now, nobody, no_class; /* the rows "unallocated" */
    bool serves;                    /* models: energy over energy is asked for */
    uint32_t tenant;                /* of a GPU like the last one, that no job is told
                                     * of; GW_NONE: ask */
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

static inline void note_tick(struct holding *h, uint32_t tick)
{
    if (h->oldest == 0 || tick < h->oldest)
        h->oldest = tick;
}

static inline void add_rest(struct holding *h, const struct load *l, double share)
{
    h->rest += l->rest * share;
    h->metered += share;
    h->rest_estimated |= l->estimated;
    note_tick(h, l->tick);
}

static void add_unread(struct holding *h, const struct load *l, double share)
{
    h->estimated = true;
    h->unread += share;
    if (l->what == DOING_WORK)
        h->unread_busy += share;
    else if (l->what == DOING_NOTHING)
        h->unread_idle += share;
    if (!isnan(l->rest))
        h->bare += l->rest * share;
}

static inline void add_to(struct holding *h, const struct load *l, double share)
{
    h->gpus += share;
    if (!isnan(l->rest))
        add_rest(h, l, share);
    if (l->what == DOING_WORK)
        h->busy += share;
    else if (l->what == DOING_NOTHING)
        h->idle += share;
    h->estimated |= share < 1;
    if (isnan(l->power)) {
        add_unread(h, l, share);
        return;
    }
    h->power += l->power * share;
    h->mean += l->mean * share;
    h->by_energy |= l->has_energy;
    note_tick(h, l->tick);
}

static inline void add(struct holdings *to, uint32_t row, const struct load *l,
                       double share)
{
    add_to(holding_at(to, row), l, share);
}

static struct node_rest *rest_at(const struct model *m, uint32_t node)
{
    return node < m->node_rest_room && !isnan(m->node_rests[node].watts)
               ? &m->node_rests[node]
               : NULL;
}

/* NULL: it has no node, or this no meter. */
static struct node_rest *rest_with(const struct model *m, uint32_t gpu)
{
    struct row node = entity_of(m, GW_GPU, gpu)->parent;

    return node.id != GW_NONE && node.kind == GW_NODE ? rest_at(m, node.id) : NULL;
}

/* Its node is told of as a whole, and none of its GPUs is read any more: who held them
 * then need not hold them now. */
static bool is_told_by_node(const struct model *m, uint32_t gpu)
{
    const struct node_rest *rest = rest_with(m, gpu);

    return rest && rest->bare;
}

static inline struct load load_of(const struct model *m, uint32_t gpu, enum doing what,
                                  uint32_t now)
{
    struct load l = { .power = fresh_number(m, M_GPU_POWER, gpu, now),
                      .rest = NAN,
                      .what = what };
    const struct node_rest *rest = rest_with(m, gpu);

    if (!isnan(l.power)) {
        l.tick = stamp_at(m, &m->columns[M_GPU_POWER], gpu)->time;
        l.mean = l.power;
    }
    if (rest) {
        l.tick = l.tick && l.tick < rest->tick ? l.tick : rest->tick;
        l.rest = (double)rest->watts;
        l.estimated = rest->estimated;
    }
    return l;
}

/* What several share of a node's rest nobody measures. `first`: who came first; GW_NONE:
 * nobody. */
static void share_rest(struct holdings *of, uint32_t *first, uint32_t row)
{
    if (*first == row)
        return;
    if (*first == NOT_ASKED) {
        *first = row;
        return;
    }
    if (*first != GW_NONE)
        holding_at(of, *first)->rest_estimated = true;
    if (row != GW_NONE)
        holding_at(of, row)->rest_estimated = true;
}

static void note_holder(struct sums *s, struct node_rest *rest, uint32_t tenant,
                        uint32_t job, uint32_t class)
{
    if (!rest || rest->watts <= 0)
        return;
    share_rest(&s->tenants, &rest->tenant, tenant);
    share_rest(&s->jobs, &rest->job, job);
    share_rest(&s->classes, &rest->class, class);
}

/* Only what a job draws is asked for by its energy, and where tokens are counted, all. */
static void measure_energy(const struct model *m, uint32_t gpu, struct load *l,
                           uint32_t now)
{
    double mean = fresh_number(m, M_GPU_POWER_MEAN, gpu, now);

    l->has_energy = !isnan(mean);
    l->mean = l->has_energy ? mean : l->power;
}

static void give_nobody(struct sums *s, const struct load *l, double share,
                        struct node_rest *rest)
{
    add(&s->tenants, s->nobody, l, share);
    if (s->no_class != GW_NONE)
        add(&s->classes, s->no_class, l, share);
    note_holder(s, rest, s->nobody, GW_NONE, s->no_class);
}

/* Does a source say itself what the tenant draws? Then that is of all its GPUs, those
 * that have rows among them. */
static bool is_told(const struct sums *s, uint32_t tenant)
{
    const struct column *c = column_with(s->m, M_TENANT_POWER, tenant);

    return tenant != s->nobody && c && !stamp_at(s->m, c, tenant)->derived &&
           !isnan(fresh_number(s->m, M_TENANT_POWER, tenant, s->now));
}

static void give_out(struct sums *s, uint32_t gpu, const struct load *load)
{
    struct load l = *load;
    const struct seat *seats;
    size_t n = hold_seats(s->hold, gpu, &seats);
    struct node_rest *rest = rest_with(s->m, gpu);
    double left = 1;

    for (size_t i = 0; i < n; i++) {
        double share = (double)seats[i].share;
        uint32_t tenant = seats[i].tenant == GW_NONE ? s->nobody : seats[i].tenant;

        left -= share;
        add(&s->tenants, tenant, &l, share);
        if (seats[i].job != GW_NONE) {
            struct load of_job = l;

            if (!s->serves)
                measure_energy(s->m, gpu, &of_job, s->now);
            add(&s->jobs, seats[i].job, &of_job, share);
        }
        if (seats[i].class != GW_NONE && !(isnan(l.power) && is_told(s, tenant)))
            add(&s->classes, seats[i].class, &l, share);
        note_holder(s, rest, tenant, seats[i].job, seats[i].class);
    }
    s->tenant = n == 1 && seats[0].job == GW_NONE ? seats[0].tenant : GW_NONE;
    if (left >= 1e-6)
        give_nobody(s, &l, left, rest);
}

/* Of one that has the same one seat as the last. */
static void give_again(struct sums *s, uint32_t gpu, const struct load *l)
{
    add(&s->tenants, s->tenant, l, 1);
    note_holder(s, rest_with(s->m, gpu), s->tenant, GW_NONE, GW_NONE);
}

static enum doing settle_doing(struct model *m, uint32_t gpu, uint32_t now)
{
    enum doing what = doing(m, gpu, now);
    enum gw_quality quality;
    double idle_s = idle_for(m, gpu, what, now, &quality);

    derive(m, M_GPU_IDLE, gpu, idle_s, quality, now);
    return what;
}

/* Of a MIG instance, its GPU counts. */
static bool counts(const struct entity *gpu)
{
    return !row_is_vacant(gpu) &&
           (gpu->parent.id == GW_NONE || gpu->parent.kind != GW_GPU);
}

void settle_idleness(struct model *m, uint32_t now)
{
    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++)
        if (counts(entity_of(m, GW_GPU, gpu)))
            (void)settle_doing(m, gpu, now);
}

static void take_gpus(struct sums *s)
{
    struct model *m = s->m;
    const struct hold_last *last = hold_last(s->hold);
    bool told = hold_is_told(s->hold);

    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        struct load l;
        enum doing what;

        let_look(m, gpu);
        if (!counts(entity_of(m, GW_GPU, gpu)))
            continue;
        what = settle_doing(m, gpu, s->now);
        if (!told)
            continue;
        l = load_of(m, gpu, what, s->now);
        if (isnan(l.power) && is_told_by_node(m, gpu))
            continue;
        if (s->serves)
            measure_energy(m, gpu, &l, s->now);
        if (s->tenant != GW_NONE && hold_repeats(last, gpu))
            give_again(s, gpu, &l);
        else
            give_out(s, gpu, &l);
    }
}

/* ---- nodes without rows of GPUs that are read ---- */

struct bare_node {
    const struct node_rest *rest;
    bool has_gpus;              /* which an engine sums, or a scheduler counts: */
    double gpus;                /* NAN: not counted */
};

static void add_node(struct holdings *to, uint32_t row, const struct bare_node *node,
                     double share)
{
    struct holding *h = holding_at(to, row);
    const struct node_rest *rest = node->rest;
    double watts = (double)rest->watts * share;

    *(node->has_gpus ? &h->bare : &h->plain) += watts;
    h->lacks_gpus |= node->has_gpus && isnan(node->gpus);
    h->counted += node->has_gpus && !isnan(node->gpus) ? node->gpus * share : 0;
    h->rest_estimated |= share < 1 || rest->estimated;
    note_tick(h, rest->tick);
    if (rest->metered) {
        h->rest += watts;
        return;
    }
    h->power += watts;
    h->mean += watts;
}

/* An engine that sums the GPUs of a node counts them, too; what has a meter, and nobody
 * counts GPUs in, has none. */
static bool has_gpus(const struct sums *s, uint32_t node)
{
    double total = model_number(s->m, M_NODE_GPUS_TOTAL, node);

    return isnan(total) ? isnan(fresh_number(s->m, M_NODE_METER, node, s->now))
                        : total > 0;
}

static void give_node(struct sums *s, const struct seat *seat,
                      const struct bare_node *node, double share)
{
    uint32_t class = seat->class == GW_NONE ? s->no_class : seat->class;
    uint32_t tenant = seat->tenant == GW_NONE ? s->nobody : seat->tenant;

    add_node(&s->tenants, tenant, node, share);
    if (seat->job != GW_NONE)
        add_node(&s->jobs, seat->job, node, share);
    if (class != GW_NONE && !is_told(s, tenant))
        add_node(&s->classes, class, node, share);
}

static void take_bare_nodes(struct sums *s)
{
    static const struct seat nobody = { GW_NONE, GW_NONE, GW_NONE, 1 };

    for (uint32_t node = 0; node < s->m->rows[GW_NODE].count; node++) {
        const struct node_rest *rest = rest_at(s->m, node);
        struct bare_node bare = { .rest = rest };
        size_t n;
        double left = 1;

        if (!rest || !rest->bare)
            continue;
        bare.has_gpus = has_gpus(s, node);
        bare.gpus = model_number(s->m, M_NODE_GPUS_TOTAL, node);
        n = hold_count_on(s->hold, node);
        for (size_t i = 0; i < n; i++) {
            struct seat seat = hold_on(s->hold, node, i);
            double share = fmin((double)seat.share, left);

            left -= share;
            if (share > 0)
                give_node(s, &seat, &bare, share);
        }
        if (left >= 1e-6)
            give_node(s, &nobody, &bare, left);
    }
}

/* ---- tenants whose power a source tells ---- */

/* What an engine tells of GPUs that nobody holds; NAN: nothing. It is worked with below,
 * so what was told is kept. */
static double told_free(struct model *m, uint32_t nobody, uint32_t now)
{
    const struct column *c = column_with(m, M_TENANT_POWER, nobody);

    /* The cache has what was worked out here, too, and of GPUs that have rows. */
    if (c && !stamp_at(m, c, nobody)->derived &&
        stamp_at(m, c, nobody)->origin != FROM_CACHE) {
        m->free_told = c->numbers[nobody];
        m->free_stamp = *stamp_at(m, c, nobody);
    }
    return m->free_stamp.time && is_fresh(m, &m->free_stamp, now) ? (double)m->free_told
                                                                  : NAN;
}

/* Of what a tenant, or nobody, is told to draw: what its GPUs that are read do not
 * draw. */
static double not_read(const struct sums *s, uint32_t tenant, double told)
{
    return fmax(told - (tenant < s->tenants.room ? s->tenants.all[tenant].read : 0), 0);
}

/* What a source tells; NAN where it is worked out here. */
static double told_number(const struct sums *s, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(s->m, metric, row);

    return c && !stamp_at(s->m, c, row)->derived ? fresh_number(s->m, metric, row, s->now)
                                                 : NAN;
}

/* What a tenant is told to have, and its GPUs that are read have not given to classes
 * yet. */
struct remainder {
    double power, gpus, busy, idle; /* NAN, but power: nobody tells */
};

static double less(double told, double given)
{
    return isnan(told) ? told : fmax(told - given, 0);
}

static struct remainder remainder_of(const struct sums *s, uint32_t tenant)
{
    const struct holding none = { 0 },
                         *h = tenant < s->tenants.room ? &s->tenants.all[tenant] : &none;

    return (struct remainder){
        .power = not_read(s, tenant, fresh_number(s->m, M_TENANT_POWER, tenant, s->now)),
        .gpus = less(told_number(s, M_TENANT_GPUS, tenant), h->gpus - h->unread),
        .busy = less(told_number(s, M_TENANT_BUSY, tenant), h->busy - h->unread_busy),
        .idle = less(told_number(s, M_TENANT_IDLE, tenant), h->idle - h->unread_idle)
    };
}

/* GPUs without rows that are nobody's: as an engine says, else what tenants that it sums
 * leave of those of nodes. */
static void count_nobodys(struct sums *s, bool is_told_free)
{
    struct holding *nobody = holding_at(&s->tenants, s->nobody), *classless = NULL;
    struct remainder left = remainder_of(s, s->nobody);
    double counted = nobody->counted;
    bool lacks = nobody->lacks_gpus || (is_told_free && isnan(left.gpus));

    for (uint32_t row = 0; isnan(left.gpus) && row < s->m->rows[GW_TENANT].count; row++) {
        double has = is_told(s, row) ? remainder_of(s, row).gpus : 0;

        counted -= isnan(has) ? 0 : has;
        counted += is_told(s, row) && row < s->tenants.room ? s->tenants.all[row].counted
                                                            : 0;
        lacks |= isnan(has);
    }
    /* Its GPUs that are not read have rows, too. */
    counted = isnan(left.gpus) ? fmax(counted, 0) : less(left.gpus, nobody->unread);
    if (s->no_class != GW_NONE) {
        classless = holding_at(&s->classes, s->no_class);
        classless->lacks_gpus = isnan(left.gpus) && lacks;
        classless->counted = counted;
        classless->busy += isnan(left.busy) ? 0 : less(left.busy, nobody->unread_busy);
        classless->idle += isnan(left.idle) ? 0 : less(left.idle, nobody->unread_idle);
    }
    nobody->counted = counted;
    nobody->lacks_gpus = lacks;
}

/* Who is told to draw so much draws it on nodes that are shared out, too, whoever is
 * found to hold these: so much less is nobody's. And what an engine calls nobody's may be
 * of jobs that only a scheduler knows. That is of nodes with GPUs: what others draw is in
 * no sum of an engine, so what its tenants have of these is in nobody's. */
static void take_from_nobody(struct sums *s)
{
    struct model *m = s->m;
    struct holding *nobody = holding_at(&s->tenants, s->nobody), *classless;
    double before = nobody->bare, after = before, told = told_free(m, s->nobody, s->now),
           found = 0, plain = 0;

    for (uint32_t row = 0; row < m->rows[GW_TENANT].count; row++) {
        const struct holding none = { 0 },
                             *h = row < s->tenants.room ? &s->tenants.all[row] : &none;

        if (is_told(s, row)) {
            after += h->bare -
                     not_read(s, row, fresh_number(m, M_TENANT_POWER, row, s->now));
            plain += h->plain;
        } else if (row != s->nobody) {
            found += h->bare;
        }
    }
    after = isnan(told) ? after : not_read(s, s->nobody, told) - found;
    count_nobodys(s, !isnan(told));
    after = fmax(after, 0) + plain;
    if (before <= 0 && plain <= 0 && isnan(told))
        return;
    for (int i = 0; i < 2 && after != before; i++) {
        classless = i == 0                   ? nobody
                    : s->no_class == GW_NONE ? NULL
                                             : holding_at(&s->classes, s->no_class);
        if (!classless)
            continue;
        /* Of power first, which may be told; the rest is of meters. */
        classless->power += after - before;
        classless->mean = fmax(classless->mean + after - before, 0);
        if (classless->power < 0) {
            classless->rest = fmax(classless->rest + classless->power, 0);
            classless->power = 0;
        }
        classless->rest_estimated = true;
        if (!isnan(told))
            note_tick(classless, m->free_stamp.time);
    }
    if (!isnan(told)) {
        struct column *c = column_at(m, M_TENANT_POWER);
        struct stamp stamp = m->free_stamp;

        stamp.derived = 1;
        set_stamp(m, c, s->nobody, stamp);
    }
}

static void give_class(struct sums *s, uint32_t class, uint32_t tenant, double share)
{
    const struct model *m = s->m;
    struct holding *h = holding_at(&s->classes, class);
    struct remainder left = remainder_of(s, tenant);

    h->power += share * left.power;
    h->mean += share * left.power;
    h->gpus += isnan(left.gpus) ? 0 : share * left.gpus;
    h->lacks_gpus |= isnan(left.gpus);
    h->busy += isnan(left.busy) ? 0 : share * left.busy;
    h->idle += isnan(left.idle) ? 0 : share * left.idle;
    h->estimated |= share < 1 ||
                    stamp_at(m, &m->columns[M_TENANT_POWER], tenant)->quality ==
                        GW_ESTIMATED;
    note_tick(h, stamp_at(m, &m->columns[M_TENANT_POWER], tenant)->time);
}

/* GPUs of a job that are not read; NAN: it is not known to hold any. */
static double unread_of(const struct sums *s, uint32_t job)
{
    const struct holding none = { 0 },
                         *h = job < s->jobs.room ? &s->jobs.all[job] : &none;
    const char *state = model_text(s->m, M_JOB_STATE, job);
    double held = model_number(s->m, M_JOB_GPUS, job);

    return held > 0 && state && strcmp(state, "running") == 0
               ? fmax(held - (h->gpus - h->unread), 0)
               : NAN;
}

/* What a tenant is told to draw, and none of its GPUs is read to, is of the classes of
 * its jobs, by their GPUs that are not; of whom no such job is known, of what the rules
 * say. */
static void give_told(struct sums *s)
{
    struct model *m = s->m;
    size_t tenants = m->rows[GW_TENANT].count;
    double *gpus = xcalloc(tenants + 1, sizeof(*gpus));

    for (int pass = 0; pass < 2; pass++)
        for (uint32_t job = 0; job < m->rows[GW_JOB].count; job++) {
            uint32_t of = hold_tenant_of(s->hold, job),
                     class = hold_class_of(s->hold, job);
            double held = unread_of(s, job);

            if (of >= tenants || class == GW_NONE || !(held > 0))
                continue;
            if (pass == 0)
                gpus[of] += held;
            else if (is_told(s, of))
                give_class(s, class, of, held / gpus[of]);
        }
    for (uint32_t row = 0; row < tenants; row++) {
        const char *name = entity_of(m, GW_TENANT, row)->name;

        if (gpus[row] > 0 || !is_told(s, row) || strcmp(name, unexplained) == 0)
            continue;
        give_class(s,
                   strcmp(name, unallocated) == 0 ? rows_named(m, GW_CLASS, unallocated)
                                                  : hold_class_by_rules(s->hold, row),
                   row, 1);
    }
    free(gpus);
}

/* ---- what a sum is written to ---- */

static enum gw_quality quality_of(const struct holding *h)
{
    return h->estimated || h->rest_estimated ? GW_ESTIMATED : GW_OK;
}

const struct held_sums held_sums[HELD_SUMS] = {
    { GW_TENANT, M_TENANT_POWER, M_TENANT_MEAN, M_TENANT_GPUS, M_TENANT_BUSY, M_TENANT_IDLE, M_TENANT_BOUNDARY },
    { GW_CLASS, M_CLASS_POWER, M_CLASS_MEAN, M_CLASS_GPUS, M_CLASS_BUSY, M_CLASS_IDLE, M_CLASS_BOUNDARY },
};

/* Not what a source tells, which may be of other GPUs. */
static bool is_added_up(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c && stamp_at(m, c, row)->derived;
}

static void settle_row(struct model *m, const struct held_sums *to, uint32_t row,
                       const struct holding *h, uint32_t now)
{
    enum gw_quality quality = quality_of(h);
    bool is_known = h->busy > 0 || h->idle > 0, has_none;
    double gpus = h->gpus + h->counted;
    enum gw_quality of_doing = h->busy + h->idle < gpus - least_share ? GW_ESTIMATED : GW_OK;
    struct entity *e = entity_of(m, to->kind, row);
    const struct job_load l = { .gpus = h->gpus, .rest = h->rest, .metered = h->metered };

    derive(m, to->power, row, h->oldest || h->gpus <= 0 ? h->power + h->rest : NAN,
           quality, h->oldest ? h->oldest : now);
    derive(m, to->mean, row,
           h->by_energy && h->oldest && is_added_up(m, to->power, row) ? h->mean + h->rest
                                                                       : NAN,
           quality, h->oldest);
    settle_boundary(m, to->power, to->boundary, row, h->oldest ? &l : NULL, now);
    derive(m, to->gpus, row, h->lacks_gpus && gpus <= 0 ? NAN : gpus,
           h->lacks_gpus ? GW_ESTIMATED : GW_OK, now);
    has_none = gpus <= 0 && !h->lacks_gpus && is_added_up(m, to->gpus, row);
    derive(m, to->busy, row, is_known || has_none ? h->busy : NAN, of_doing, now);
    derive(m, to->idle, row, is_known || has_none ? h->idle : NAN, of_doing, now);
    if (h->gpus > 0 || h->rest > 0 || h->power > 0)
        note_worked_out(e, now);
}

/* A source may have said the power of a row itself, so what is added up is what is shown.
 * Numbers of 32 bits do not add up to the last of them: that is nobody's power. */
static void explain_rest(struct model *m, const struct held_sums *to, uint32_t now)
{
    double site = fresh_number(m, M_SITE_POWER, 0, now), rest = site;
    uint32_t row = isnan(rest) ? model_find(m, to->kind, unexplained)
                               : rows_named(m, to->kind, unexplained);
    enum gw_quality quality = model_quality(m, M_SITE_POWER, 0);

    if (row == GW_NONE)
        return;
    for (uint32_t other = 0; other < m->rows[to->kind].count; other++) {
        double watts = fresh_number(m, to->power, other, now);

        if (other == row || isnan(watts))
            continue;
        rest -= watts;
        if (stamp_at(m, &m->columns[to->power], other)->quality == GW_ESTIMATED)
            quality = GW_ESTIMATED;
    }
    if (fabs(rest) < site * 1e-6)
        rest = 0;
    derive(m, to->power, row, rest, quality == GW_ESTIMATED ? GW_ESTIMATED : GW_OK, now);
    if (!isnan(rest))
        note_worked_out(entity_of(m, to->kind, row), now);
}

static void settle_kind(struct model *m, const struct held_sums *to, struct holdings *h,
                        uint32_t now)
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

/* Do sources tell what tenants draw? */
static bool any_told(const struct model *m, uint32_t now)
{
    for (uint32_t row = 0; row < m->rows[GW_TENANT].count; row++)
        if (!isnan(fresh_number(m, M_TENANT_POWER, row, now)) &&
            strcmp(entity_of(m, GW_TENANT, row)->name, unexplained) != 0)
            return true;
    return false;
}

static void settle_jobs(struct sums *s)
{
    struct model *m = s->m;
    const struct column *power = m->rows[GW_JOB].count ? column_with(m, M_JOB_POWER, 0)
                                                       : NULL;

    for (uint32_t row = 0; row < m->rows[GW_JOB].count; row++) {
        const struct holding none = { 0 },
                             *h = row < s->jobs.room ? &s->jobs.all[row] : &none;

        if (h->gpus > 0 || h->oldest)
            derive(m, M_JOB_POWER, row, h->oldest ? h->power + h->rest : NAN,
                   quality_of(h), h->oldest);
        else if (power && stamp_at(s->m, power, row)->derived &&
                 !isnan(power->numbers[row]))
            derive(m, M_JOB_POWER, row, 0, GW_OK, s->now); /* it let all go */
    }
}

/* For served.c: what a job draws, its GPUs by their energy where they count it. */
static void keep_loads(struct sums *s)
{
    struct model *m = s->m;
    size_t jobs = m->rows[GW_JOB].count;

    m->job_loads = xgrow(m->job_loads, &m->job_load_room, jobs, sizeof(*m->job_loads));
    for (uint32_t job = 0; job < jobs; job++) {
        const struct holding none = { 0 },
                             *h = job < s->jobs.room ? &s->jobs.all[job] : &none;

        m->job_loads[job] = (struct job_load){ .gpus = h->gpus,
                                               .watts = h->oldest ? h->mean : NAN,
                                               .rest = h->rest,
                                               .metered = h->metered,
                                               .estimated = h->estimated,
                                               .rest_estimated = h->rest_estimated,
                                               .by_energy = h->by_energy };
    }
}

/* What a rule calls a tenant, or the tag that its jobs share, of those that run or
 * wait. */
static void settle_tags(struct sums *s)
{
    struct model *m = s->m;
    size_t tenants = m->rows[GW_TENANT].count;
    const char **tags, *class;

    if (!m->rule_count && !model_text_column(m, M_JOB_TAG).lower &&
        !model_text_column(m, M_TENANT_TAG).lower)
        return;
    tags = xcalloc(tenants + 1, sizeof(*tags));
    for (uint32_t job = 0; job < m->rows[GW_JOB].count; job++) {
        const char *tag = model_text(m, M_JOB_TAG, job);
        uint32_t of = tag && !model_is_over(m, GW_JOB, job) ? hold_tenant_of(s->hold, job)
                                                            : GW_NONE;

        if (of < tenants)
            tags[of] = tags[of] && strcmp(tags[of], tag) != 0 ? "several" : tag;
    }
    for (uint32_t row = 0; row < tenants; row++) {
        const struct entity *tenant = entity_of(m, GW_TENANT, row);

        if (!tags[row] && !row_is_vacant(tenant))
            classify_tenant(m, tenant->name, &class, &tags[row]);
        derive_text(m, M_TENANT_TAG, row, tags[row], s->now);
    }
    free(tags);
}

/* Whose power an engine tells, and not how many GPUs. */
static void note_uncounted(struct sums *s)
{
    for (uint32_t row = 0; row < s->m->rows[GW_TENANT].count; row++)
        if (is_told(s, row) && isnan(told_number(s, M_TENANT_GPUS, row)))
            holding_at(&s->tenants, row)->lacks_gpus = true;
}

void sum_tenants(struct model *m, uint32_t now)
{
    struct sums s = { .m = m,
                      .now = now,
                      .hold = hold_begin(m, now),
                      .nobody = GW_NONE,
                      .no_class = GW_NONE,
                      .serves = m->rows[GW_MODEL].count > 0,
                      .tenant = GW_NONE };
    bool told = hold_is_told(s.hold), of_tenants = any_told(m, now);
    bool classes = (told || of_tenants) && hold_has_classes(s.hold);

    if (told)
        s.nobody = rows_named(m, GW_TENANT, unallocated);
    if (classes)
        s.no_class = rows_named(m, GW_CLASS, unallocated);
    take_gpus(&s);
    for (size_t row = 0; row < s.tenants.room; row++)
        s.tenants.all[row].read = s.tenants.all[row].power;
    if (told) {
        take_bare_nodes(&s);
        take_from_nobody(&s);
        note_uncounted(&s);
    }
    if (classes && of_tenants)
        give_told(&s);
    if (told)
        settle_kind(m, &held_sums[0], &s.tenants, now);
    else if (of_tenants)
        explain_rest(m, &held_sums[0], now);
    if (classes)
        settle_kind(m, &held_sums[1], &s.classes, now);
    settle_tags(&s);
    settle_jobs(&s);
    keep_loads(&s);
    free(s.tenants.all);
    free(s.jobs.all);
    free(s.classes.all);
}

double model_job_gpu_power(const struct model *m, uint32_t job)
{
    const struct job_load *l = job < m->job_load_room ? &m->job_loads[job] : NULL;

    if (l && l->gpus > 0)
        return l->estimated ? NAN : l->watts;
    return model_quality(m, M_JOB_POWER, job) == GW_OK ? model_number(m, M_JOB_POWER, job)
                                                       : NAN;
}
