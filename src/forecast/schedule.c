/* FCFS with EASY backfill (schedule.h). */
#include "forecast/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { MOST_LOOKED_AT = 100 };  /* behind the first that waits, as schedulers do */

/* A job that runs, sorted by when its limit ends it. */
struct schedule_use {
    double by, end, gpus;       /* by: the scheduler's view; end: the truth of this
                                 * future */
};

struct pass {
    struct schedule_job *jobs;
    uint32_t *queue;
    struct schedule_use *uses;
    size_t waiting, running;
    double now, free, capacity, work;   /* work: that waits */
    const double *eagerness;
};

void schedule_room_free(struct schedule_room *room)
{
    free(room->queue);
    free(room->uses);
    *room = (struct schedule_room){ 0 };
}

static void use(struct pass *p, double gpus, double by, double end)
{
    size_t i = p->running++;

    for (; i > 0 && p->uses[i - 1].by > by; i--)
        p->uses[i] = p->uses[i - 1];
    p->uses[i] = (struct schedule_use){ by, end, gpus };
    p->free -= gpus;
}

static void start(struct pass *p, struct schedule_job *job)
{
    job->start = p->now;
    job->end = p->now + job->length;
    use(p, job->gpus, p->now + job->limit, job->end);
}

static double next_end(const struct pass *p)
{
    double next = INFINITY;

    for (size_t i = 0; i < p->running; i++)
        next = fmin(next, p->uses[i].end);
    return next;
}

static void end_jobs(struct pass *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->running; i++)
        if (p->uses[i].end <= p->now)
            p->free += p->uses[i].gpus;
        else
            p->uses[kept++] = p->uses[i];
    p->running = kept;
}

/* When the limits leave room for the job, and what is over then. */
static double promise(const struct pass *p, double gpus, double *spare)
{
    double room = p->free;

    for (size_t i = 0; i < p->running; i++) {
        room += p->uses[i].gpus;
        if (room >= gpus) {
            *spare = room - gpus;
            return fmax(p->uses[i].by, p->now);
        }
    }
    *spare = INFINITY;          /* it never fits: it holds up nobody */
    return INFINITY;
}

static void take_out(struct pass *p, size_t at)
{
    p->work -= p->jobs[p->queue[at]].work;
    memmove(p->queue + at, p->queue + at + 1, (p->waiting - at - 1) * sizeof(*p->queue));
    p->waiting--;
    if (p->waiting == 0)        /* and nothing is left of rounding */
        p->work = 0;
}

static void schedule(struct pass *p)
{
    double by, spare;

    while (p->waiting && p->jobs[p->queue[0]].gpus <= p->free) {
        start(p, &p->jobs[p->queue[0]]);
        take_out(p, 0);
    }
    if (p->waiting < 2 || p->free <= 0)
        return;
    by = promise(p, p->jobs[p->queue[0]].gpus, &spare);
    for (size_t i = 1; i < p->waiting && i < MOST_LOOKED_AT && p->free > 0;) {
        struct schedule_job *job = &p->jobs[p->queue[i]];
        bool in_time = p->now + job->limit <= by;

        if (job->gpus > p->free || (!in_time && job->gpus > spare)) {
            i++;
            continue;
        }
        if (!in_time)
            spare -= job->gpus;
        start(p, job);
        take_out(p, i);
    }
}

static void take_running(struct pass *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct schedule_job *job = &p->jobs[i];

        if (job->running)
            use(p, job->gpus, fmax(job->start + job->limit, 0), job->end);
        else
            job->start = job->end = INFINITY;
    }
}

static void put_in(struct pass *p, uint32_t at)
{
    struct schedule_job *job = &p->jobs[at];

    if (job->reluctance >= p->eagerness[backlog_class(p->work, p->capacity)])
        return;
    p->queue[p->waiting++] = at;
    p->work += job->work;
}

/* Those whose time has come: into the queue, or at once where their start is fixed. */
static void let_in(struct pass *p, size_t count, size_t *next)
{
    for (; *next < count && (p->jobs[*next].running || p->jobs[*next].earliest <= p->now);
         ++*next) {
        struct schedule_job *job = &p->jobs[*next];

        if (job->running || job->start <= p->now)
            continue;
        if (job->fixed)
            start(p, job);
        else
            put_in(p, (uint32_t)*next);
    }
}

void schedule_run(struct schedule_job *jobs, size_t count, double capacity, double until,
                  double pass_s, const double eagerness[BACKLOG_CLASSES],
                  struct schedule_room *room)
{
    struct pass p = {
        .jobs = jobs, .free = capacity, .capacity = capacity, .eagerness = eagerness
    };
    size_t next = 0;

    room->queue = xgrow(room->queue, &room->queue_room, count + 1, sizeof(*room->queue));
    room->uses = xgrow(room->uses, &room->use_room, count + 1, sizeof(*room->uses));
    p.queue = room->queue;
    p.uses = room->uses;
    take_running(&p, count);
    for (;;) {
        double event;

        end_jobs(&p);
        let_in(&p, count, &next);
        schedule(&p);
        event = fmin(next_end(&p), next < count ? jobs[next].earliest : INFINITY);
        if (!(event <= until))
            return;
        p.now = fmax(p.now + pass_s, ceil(event / pass_s) * pass_s);
    }
}
