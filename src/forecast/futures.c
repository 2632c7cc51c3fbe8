/* Drawing futures (futures.h). */
#include "forecast/futures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/chance.h"

/* What one future is made of. */
struct making {
    struct futures *to;
    const struct jobs_known *known;
    const struct futures_options *options;
};

enum { FOR_LENGTH = 1, FOR_WATTS = 2, FOR_START = 3, FOR_NEXT = 4, FOR_REST = 5 };

void futures_free(struct futures *f)
{
    free(f->start);
    free(f->end);
    free(f->watts);
    free(f->next);
    free(f->turns);
    free(f->imagined);
    free(f->first_imagined);
    free(f->kinds);
    free(f->kind_classes);
    free(f->plan);
    free(f->who);
    free(f->busy);
    schedule_room_free(&f->schedule);
    *f = (struct futures){ 0 };
}

static void make_room(struct futures *f, size_t jobs, uint32_t count)
{
    size_t cells = jobs * count + 1;

    f->start = xgrow(f->start, &f->start_room, cells, sizeof(*f->start));
    f->end = xgrow(f->end, &f->end_room, cells, sizeof(*f->end));
    f->watts = xgrow(f->watts, &f->watts_room, cells, sizeof(*f->watts));
    f->next = xgrow(f->next, &f->next_room, cells, sizeof(*f->next));
    f->first_imagined = xgrow(f->first_imagined, &f->first_room, (size_t)count + 1,
                              sizeof(*f->first_imagined));
    f->jobs = jobs;
    f->count = count;
}

/* ---- one job in all futures ---- */

/* How long it lasts in all, in each future, and one like it; a service for ever. */
static void draw_lengths(const struct making *m, const struct known_job *j, double *to,
                         double *next)
{
    enum { MOST = 1024 };
    const struct forecast_job *job = &j->job;
    double age = job->state == JOB_RUNNING ? m->known->time - job->start : 0, u[MOST],
           v[MOST];
    struct lifetime_shape shape;
    uint32_t count = m->to->count;

    for (uint32_t s = 0; s < count; s++) {
        if (job->service)
            to[s] = next[s] = INFINITY;
        else if (m->options->ends_at_limits && !isnan(job->limit_s))
            to[s] = next[s] = fmax(job->limit_s, age);
        u[s] = chance_stratum(job->id ^ FOR_LENGTH, s, count);
        v[s] = chance_stratum(job->id ^ (uint64_t)FOR_NEXT << 32, s, count);
    }
    if (job->service || (m->options->ends_at_limits && !isnan(job->limit_s)))
        return;
    signatures_lifetime(m->known->signatures, job, &shape);
    lifetime_draw(&shape, age, job->limit_s, u, count, to);
    lifetime_draw(&shape, 0, job->limit_s, v, count, next);
}

static void draw_job(const struct making *m, size_t i)
{
    enum { MOST = 1024 };
    struct futures *f = m->to;
    const struct known_job *j = &m->known->jobs[i];
    double lengths[MOST], next[MOST],
        most_w = j->job.limit_w > 0 ? fmax(j->job.limit_w, j->estimate.watts) : INFINITY;
    double passed = j->job.state == JOB_RUNNING ? m->known->time - j->job.start : 0;

    draw_lengths(m, j, lengths, next);
    for (uint32_t s = 0; s < f->count; s++) {
        size_t at = s * f->jobs + i;
        double z = chance_normal(
            chance_stratum(j->job.id ^ ((uint64_t)FOR_WATTS << 32), s, f->count));

        f->watts[at] = (float)fmin(
            fmax(j->estimate.watts + z * j->estimate.spread, .2 * j->estimate.watts),
            most_w);
        f->start[at] = j->job.state == JOB_RUNNING ? (float)-passed : INFINITY;
        /* of one that waits: its length, until it has a start */
        f->end[at] = (float)fmax(lengths[s] - passed, 0);
        f->next[at] = (float)next[s];
    }
}

/* ---- those to come ---- */

static uint32_t kind_of(const struct making *m, const struct forecast_job *like)
{
    struct futures *f = m->to;
    uint64_t class = chance_mix(like->classes[0], (uint64_t)like->limit_w);

    for (size_t i = 0; i < f->kind_count; i++)
        if (f->kind_classes[i] == class)
            return (uint32_t)i;
    f->kinds = xgrow(f->kinds, &f->kind_room, f->kind_count + 1, sizeof(*f->kinds));
    f->kind_classes = xgrow(f->kind_classes, &f->class_room, f->kind_count + 1,
                            sizeof(*f->kind_classes));
    signatures_expect(m->known->signatures, like, &f->kinds[f->kind_count]);
    f->kind_classes[f->kind_count] = class;
    return (uint32_t)f->kind_count++;
}

struct arriving {
    const struct making *m;
    uint32_t pool;
    size_t count;               /* in plan[] and who[] */
};

/* Into the plan with its number among the imagined ones. */
static void take_arrival(void *context, const struct forecast_job *like, double time,
                         double reluctance, uint64_t dice)
{
    struct arriving *a = context;
    struct futures *f = a->m->to;
    size_t n = f->first_imagined[0];    /* all so far */
    uint32_t kind;
    double watts, length;

    /* find_busy() has seen to it, but for rare chances */
    if (n >= FUTURES_MOST_IMAGINED)
        return;
    kind = kind_of(a->m, like);
    watts = isnan(like->watts) ? f->kinds[kind].watts : like->watts / like->gpus;
    length = (like->end - like->start) *
             exp(.2 * chance_normal(chance_share(chance_mix(dice, 1))));

    f->imagined = xgrow(f->imagined, &f->imagined_room, n + 1, sizeof(*f->imagined));
    f->imagined[n] = (struct imagined_job){
        .gpus = like->gpus,
        .watts = watts,
        .start = (float)(time - f->origin),
        .end = (float)fmin(length, isnan(like->limit_s) ? length : like->limit_s),
        .pool = a->pool,
        .kind = kind,
        .after = NOBODY
    };
    f->plan = xgrow(f->plan, &f->plan_room, a->count + 1, sizeof(*f->plan));
    f->who = xgrow(f->who, &f->who_room, a->count + 1, sizeof(*f->who));
    f->plan[a->count] = (struct schedule_job){
        .gpus = like->gpus, .earliest = time - f->origin, .length = (double)f->imagined[n].end,
        .limit = isnan(like->limit_s) ? 2 * length : like->limit_s,
        .work = backlog_work(like->gpus, like->limit_s), .reluctance = reluctance,
    };
    f->who[a->count++] = (uint32_t)n;
    f->first_imagined[0]++;
}

/* ---- one future ---- */

static double limit_of(const struct known_job *j, double length)
{
    return isnan(j->job.limit_s) ? fmax(length, 1) : j->job.limit_s;
}

/* One that waits, as told. */
static double planned_start(const struct known_job *j, double origin)
{
    return isnan(j->job.planned_start) ? INFINITY
                                       : fmax(j->job.planned_start - origin, 0);
}

/* The same, as wrong as such news has been. */
static double likely_start(const struct making *m, const struct known_job *j, uint32_t s)
{
    double told = planned_start(j, m->to->origin),
           u = chance_stratum(j->job.id ^ FOR_START, s, m->to->count);

    if (j->job.plan != PLAN_EXPECTED || isinf(told))
        return told;
    return told *
           fmax(m->known->plan_ratio + chance_normal(u) * sqrt(m->known->plan_ratio2), 0);
}

/* The known jobs of a pool, into the plan. Those whose start is fixed for later stand
 * behind, with the arrivals. */
static size_t plan_known(const struct making *m, uint32_t pool, uint32_t s)
{
    struct futures *f = m->to;
    size_t n = 0;

    f->plan = xgrow(f->plan, &f->plan_room, f->jobs + 1, sizeof(*f->plan));
    f->who = xgrow(f->who, &f->who_room, f->jobs + 1, sizeof(*f->who));
    for (int later = 0; later < 2; later++)
        for (size_t i = 0; i < f->jobs; i++) {
            const struct known_job *j = &m->known->jobs[i];
            bool running = j->job.state == JOB_RUNNING, fixed = j->job.plan == PLAN_FIXED;
            double length = (double)f->end[s * f->jobs + i];

            if (j->job.pool != pool || fixed != later ||
                (m->options->no_queue && !running))
                continue;
            f->plan[n] = (struct schedule_job){
                .gpus = j->job.gpus, .running = running, .fixed = fixed,
                .start = running ? (double)f->start[s * f->jobs + i] : INFINITY, .end = length, .length = length,
                .limit = limit_of(j, running ? length - (double)f->start[s * f->jobs + i] : length),
                .earliest = fixed ? planned_start(j, f->origin) : 0,
                .work = backlog_work(j->job.gpus, j->job.limit_s),
            };
            f->who[n++] = (uint32_t)i;
        }
    return n;
}

struct planned {
    struct schedule_job job;
    uint32_t who;
    bool known;
};

static int by_time(const void *a, const void *b)
{
    const struct planned *x = a, *y = b;

    if (x->job.earliest != y->job.earliest)
        return x->job.earliest < y->job.earliest ? -1 : 1;
    return x->who < y->who ? -1 : x->who > y->who;
}

static void sort_later(struct futures *f, size_t first, size_t count, size_t known)
{
    struct planned few[256],
        *all = count - first <= 256 ? few : xcalloc(count - first, sizeof(*all));

    for (size_t i = first; i < count; i++)
        all[i - first] = (struct planned){ f->plan[i], f->who[i], i < known };
    qsort(all, count - first, sizeof(*all), by_time);
    for (size_t i = first; i < count; i++) {
        f->plan[i] = all[i - first].job;
        f->who[i] = all[i - first].who | (all[i - first].known ? 0 : 1u << 31);
    }
    if (all != few)
        free(all);
}

static void keep_starts(const struct making *m, size_t count, uint32_t s)
{
    struct futures *f = m->to;

    for (size_t i = 0; i < count; i++) {
        const struct schedule_job *p = &f->plan[i];
        uint32_t who = f->who[i];

        if (p->running)
            continue;
        if (who >> 31) {
            f->imagined[who & 0x7fffffff].start = (float)p->start;
            f->imagined[who & 0x7fffffff].end = (float)p->end;
        } else {
            f->start[s * f->jobs + who] = (float)p->start;
            f->end[s * f->jobs + who] = (float)p->end;
        }
    }
}

/* ---- a pool of unknown size ---- */

/* GPUs that come free, or are taken by one whose start is planned. */
struct turn {
    float time;
    bool starts;
    uint32_t who;
};

static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;

    if (x->time < y->time || y->time < x->time)
        return x->time < y->time ? -1 : 1;
    return x->who < y->who ? -1 : x->who > y->who;
}

static void add_turn(struct futures *f, size_t *count, double time, bool starts,
                     size_t who)
{
    if (time >= f->until_s)
        return;
    f->turns = xgrow(f->turns, &f->turn_room, *count + 1, sizeof(*f->turns));
    f->turns[(*count)++] = (struct turn){ (float)time, starts, (uint32_t)who };
}

/* How many may follow one another, so that all find room. */
static size_t most_others(const struct futures *f)
{
    enum { MOST = 64 };
    size_t room = (size_t)FUTURES_MOST_IMAGINED / f->count / (f->jobs + 1);

    return room > MOST ? MOST : room > 1 ? room : 1;
}

/* One after the other on the same GPUs, each as long as chance has it for this future,
 * after some minutes of rest. The last one there is room for stands for all that would
 * follow it: it draws as they would in the mean, rests and all. */
static void imagine_others(const struct making *m, uint32_t who, uint32_t s)
{
    const double rest_s = 480;
    struct futures *f = m->to;
    const struct forecast_job *job = &m->known->jobs[who].job;
    size_t at = s * f->jobs + who, most = most_others(f);
    double end = (double)f->end[at], lasts = fmax((double)f->next[at], 60);

    for (size_t i = 0; i < most && end < f->until_s; i++) {
        uint64_t dice = chance_mix(chance_mix(job->id, (uint64_t)FOR_REST << 32 | s),
                                   (uint64_t)i);
        double start = end + rest_s * chance_share(dice), busy = 1;
        size_t n = f->first_imagined[0]++;

        end = start + lasts;
        if (i + 1 == most && end < f->until_s) {
            busy = lasts / (lasts + .5 * rest_s);
            end = 2 * f->until_s;
        }
        f->imagined = xgrow(f->imagined, &f->imagined_room, n + 1, sizeof(*f->imagined));
        f->imagined[n] = (struct imagined_job){ .gpus = busy * job->gpus,
                                                .watts = (double)f->watts[at],
                                                .start = (float)start,
                                                .end = (float)end,
                                                .pool = job->pool,
                                                .after = who };
    }
}

/* The pool stays as busy as it is: what comes free goes to those whose start is planned
 * for soon after, and else to another like the one before. */
static void fill_again(const struct making *m, uint32_t pool, uint32_t s)
{
    /* GPUs are kept free for a start so long before it */
    const double reserved_s = 1800;
    struct futures *f = m->to;
    double promised = 0;
    size_t count = 0;

    for (size_t i = 0; i < f->jobs; i++) {
        const struct known_job *j = &m->known->jobs[i];

        if (j->job.pool != pool)
            continue;
        add_turn(f, &count, (double)f->end[s * f->jobs + i], false, i);
        if (j->job.state != JOB_RUNNING)
            add_turn(f, &count, (double)f->start[s * f->jobs + i] - reserved_s, true, i);
    }
    if (count > 1)
        qsort(f->turns, count, sizeof(*f->turns), by_turn);
    for (size_t i = 0; i < count; i++) {
        double gpus = m->known->jobs[f->turns[i].who].job.gpus;

        if (f->turns[i].starts)
            promised += gpus;
        else if (promised >= .5 * gpus)
            promised = fmax(promised - gpus, 0);
        else
            imagine_others(m, f->turns[i].who, s);
    }
}

/* Without a capacity no queue can be simulated: what the plan says is believed. */
static void believe_plans(const struct making *m, uint32_t pool, uint32_t s)
{
    struct futures *f = m->to;

    for (size_t i = 0; i < f->jobs; i++) {
        const struct known_job *j = &m->known->jobs[i];
        size_t at = s * f->jobs + i;

        if (j->job.pool != pool || j->job.state == JOB_RUNNING || m->options->no_queue)
            continue;
        f->start[at] = (float)likely_start(m, j, s);
        f->end[at] += f->start[at];
    }
}

/* Pools of unknown size, and those whose jobs to come find no room beside those of the
 * pools before, half of it being for chance: these are as busy as they are. */
static void find_busy(const struct making *m)
{
    struct futures *f = m->to;
    double room = (double)(FUTURES_MOST_IMAGINED / 2) / f->count;

    for (uint32_t pool = 0; pool < m->known->pool_count; pool++) {
        double come = m->options->no_arrivals
                          ? 0
                          : arrivals_expected(m->known->arrivals, f->origin,
                                              f->origin + f->until_s, pool,
                                              m->known->pools[pool].key);

        f->busy[pool] = isnan(m->known->pools[pool].gpus) || come > room;
        room -= come > room ? 0 : come;
    }
}

static void find_eagerness(const struct making *m)
{
    arrivals_eagerness(m->known->arrivals, m->to->eagerness);
    for (int i = 0; i < BACKLOG_CLASSES && m->options->always_eager; i++)
        m->to->eagerness[i] = 1;
}

static void make_future(const struct making *m, uint32_t s)
{
    struct futures *f = m->to;

    for (uint32_t pool = 0; pool < m->known->pool_count; pool++) {
        size_t known, later = 0;
        struct arriving a = { .m = m, .pool = pool };

        if (f->busy[pool]) {
            believe_plans(m, pool, s);
            if (!m->options->no_arrivals)
                fill_again(m, pool, s);
            continue;
        }
        a.count = known = plan_known(m, pool, s);
        while (later < known && !f->plan[later].fixed)
            later++;
        if (!m->options->no_arrivals)
            arrivals_imagine(m->known->arrivals, f->origin, f->origin + f->until_s, pool,
                             m->known->pools[pool].key, s, take_arrival, &a);
        sort_later(f, later, a.count, known);
        schedule_run(f->plan, a.count, m->known->pools[pool].gpus, f->until_s,
                     m->options->pass_s, f->eagerness, &f->schedule);
        keep_starts(m, a.count, s);
    }
}

void futures_imagine(struct futures *to, const struct jobs_known *known,
                     const struct futures_options *options)
{
    const struct making m = { to, known, options };
    size_t imagined = 0;

    to->origin = known->time;
    to->until_s = options->until_s;
    make_room(to, known->count, options->count);
    to->busy = xgrow(to->busy, &to->busy_room, known->pool_count + 1, sizeof(*to->busy));
    find_busy(&m);
    find_eagerness(&m);
    to->kind_count = 0;
    for (size_t i = 0; i < known->count; i++)
        draw_job(&m, i);
    /* The first place counts all that were imagined so far, and gets its own value
     * last. */
    to->first_imagined[0] = 0;
    for (uint32_t s = 0; s < to->count; s++) {
        make_future(&m, s);
        imagined = to->first_imagined[0];
        if (s + 1 < to->count)
            to->first_imagined[s + 1] = imagined;
    }
    to->first_imagined[to->count] = imagined;
    to->first_imagined[0] = 0;
}
