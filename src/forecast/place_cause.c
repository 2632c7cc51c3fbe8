/* What becomes of each job at a place between now and then (place.h). */
#include <math.h>

#include "forecast/place_inside.h"

/* Whose causes are looked for, and in what. */
struct caused {
    const struct place *place;
    uint32_t id;
    const struct jobs_known *known;
    const struct futures *futures;
};

/* Watts at the place of one that draws `watts` a GPU when up, started at `start`. */
static double drawn(const struct caused *w, const struct expectation *e, double watts,
                    double gpus, double start, double at_s)
{
    return w->place->per_watt * watts * gpus * job_warmth(e, at_s - start) +
           w->place->per_gpu * gpus;
}

/* Of what those that come would draw then, the share of what finds free GPUs: over all
 * futures, so that the causes add up. */
static double share_that_fits(const struct place_room *room, double at_s)
{
    size_t k = 0;

    while (k + 1 < room->looks && room->times[k] < at_s)
        k++;
    return room->looks && room->coming[k] > 0 ? room->fit[k] / room->coming[k] : 1;
}

static struct place_cause cause_of(const struct caused *w, uint32_t who, double share,
                                   double fits, double at_s)
{
    const struct futures *f = w->futures;
    const struct known_job *j = &w->known->jobs[who];
    bool runs = j->job.state == JOB_RUNNING;
    double gpus = j->job.gpus * share * (runs ? 1 : fits),
           now = runs ? place_model(w->place, j->estimate.now * gpus, gpus) : 0, sum = 0;
    struct place_cause cause = { .known = true, .job = j->job,
                                 .whole_w = place_model(w->place, j->estimate.watts * gpus, gpus) };

    for (uint32_t s = 0; s < f->count; s++) {
        double start = (double)f->start[s * f->jobs + who],
               end = (double)f->end[s * f->jobs + who];

        cause.chance += (runs ? end <= at_s : start <= at_s) ? 1 : 0;
        if (start <= at_s && end > at_s)
            sum += drawn(w, &j->expect, (double)f->watts[s * f->jobs + who], gpus, start,
                         at_s);
    }
    cause.watts = sum / f->count - now;
    cause.chance /= f->count;
    return cause;
}

static struct place_cause arrivals(const struct caused *w, uint32_t pool, double share,
                                   double at_s)
{
    const struct futures *f = w->futures;
    struct place_cause cause = { .known = false, .chance = 1 };

    for (size_t i = 0; i < f->first_imagined[f->count] && !f->busy[pool]; i++) {
        const struct imagined_job *j = &f->imagined[i];

        if (j->pool == pool && j->after == NOBODY && (double)j->start <= at_s &&
            (double)j->end > at_s)
            cause.watts += drawn(w, &f->kinds[j->kind], j->watts, j->gpus * share,
                                 (double)j->start, at_s) /
                           f->count;
    }
    cause.whole_w = cause.watts;
    return cause;
}

/* Those that follow known jobs on their GPUs: none of them has a name. */
static struct place_cause others(const struct caused *w, const struct place_room *room,
                                 double at_s)
{
    const struct futures *f = w->futures;
    struct place_cause cause = { .known = false, .chance = 1 };

    for (size_t i = 0; i < room->first_follower[f->count]; i++) {
        const struct imagined_job *j = &f->imagined[room->followers[i].imagined];

        if ((double)j->start <= at_s && (double)j->end > at_s)
            cause.watts += drawn(w, &w->known->jobs[j->after].expect, j->watts,
                                 j->gpus * room->followers[i].share, (double)j->start,
                                 at_s) /
                           f->count;
    }
    cause.whole_w = cause.watts;
    return cause;
}

static double add(const struct place_cause *cause, place_cause_take *take, void *context)
{
    take(context, cause);
    return cause->watts;
}

double place_causes(const struct place *p, uint32_t id, const struct jobs_known *known,
                    const struct futures *futures, const struct place_room *room,
                    double at_s, place_cause_take *take, void *context)
{
    const struct place_options options = { .without = NO_JOB };
    const struct caused w = { p, id, known, futures };
    const struct place_now now = place_look(known, id);
    const struct place_noise noise = place_noise(p, known, &now, &options);
    struct place_cause rest;
    double expected, fits;

    expected = p->level + place_model(p, now.told, now.gpus) +
               noise.x0 * pow(noise.rho, at_s / known->step_s);
    if (id >= known->place_count)
        return expected;
    fits = share_that_fits(room, at_s);
    for (size_t i = known->first[id]; i < known->first[id + 1]; i++) {
        struct place_cause cause = cause_of(&w, known->reaches[i].who,
                                            known->reaches[i].share, fits, at_s);

        expected += add(&cause, take, context);
    }
    for (size_t r = known->pool_first[id]; r < known->pool_first[id + 1]; r++) {
        uint32_t pool = known->pool_reaches[r].who;
        double share = known->pool_reaches[r].share;
        struct place_cause to_come = arrivals(&w, pool, share * fits, at_s);

        for (uint32_t i = (uint32_t)known->running; i < known->count; i++)
            if (known->jobs[i].job.pool == pool && !known->jobs[i].job.placement_count) {
                struct place_cause cause = cause_of(&w, i, share, fits, at_s);

                expected += add(&cause, take, context);
            }
        expected += add(&to_come, take, context);
    }
    rest = others(&w, room, at_s);
    expected += add(&rest, take, context);
    return expected;
}
