/* A place's meter, and what it teaches (place.h). */
#include "forecast/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/place_inside.h"

/* ---- what jobs lead one to expect now ---- */

struct place_now place_look(const struct jobs_known *k, uint32_t id)
{
    struct place_now n = { 0 };

    if (id >= k->place_count)
        return n;
    for (size_t i = k->first[id]; i < k->first[id + 1]; i++) {
        const struct known_job *j = &k->jobs[k->reaches[i].who];
        double gpus = j->job.gpus * k->reaches[i].share, noise = j->estimate.noise * gpus;

        if (j->job.state != JOB_RUNNING)
            continue;
        n.gpus += gpus;
        n.told += j->estimate.now * gpus;
        n.expected += gpus * (isnan(j->estimate.deviation)
                                  ? j->estimate.now
                                  : j->estimate.now - j->estimate.deviation);
        n.noise2 += noise * noise;
        n.noise_product += noise * noise * j->estimate.rho;
    }
    return n;
}

/* What part of each known job's GPUs is here. */
static void note_shares(const struct jobs_known *k, uint32_t id, struct place_room *room)
{
    room->shares = xgrow(room->shares, &room->share_room, k->count + 1,
                         sizeof(*room->shares));
    memset(room->shares, 0, k->count * sizeof(*room->shares));
    if (id >= k->place_count)
        return;
    for (size_t i = k->first[id]; i < k->first[id + 1]; i++)
        room->shares[k->reaches[i].who] = k->reaches[i].share;
}

static size_t add_follower(struct place_room *room, size_t count, size_t imagined,
                           double share)
{
    room->followers = xgrow(room->followers, &room->follower_room, count + 1,
                            sizeof(*room->followers));
    room->followers[count] = (struct place_follower){ (uint32_t)imagined, share };
    return count + 1;
}

void place_find_followers(const struct jobs_known *k, uint32_t id,
                          const struct futures *f, struct place_room *room)
{
    size_t count = 0;

    note_shares(k, id, room);
    room->first_follower = xgrow(room->first_follower, &room->first_room,
                                 (size_t)f->count + 1, sizeof(*room->first_follower));
    for (uint32_t s = 0; s < f->count; s++) {
        room->first_follower[s] = count;
        for (size_t i = f->first_imagined[s]; i < f->first_imagined[s + 1]; i++) {
            uint32_t after = f->imagined[i].after;

            if (after != NOBODY && room->shares[after] > 0)
                count = add_follower(room, count, i, room->shares[after]);
        }
    }
    room->first_follower[f->count] = count;
}

/* ---- the meter ---- */

static const double change_s = 300;     /* changes over so long teach how a job's watts
                                         * show here */
static const double level_s = 1800;     /* how long the level takes to follow */

void place_start(struct place *p)
{
    *p = (struct place){ .time = NAN,
                         .watts = NAN,
                         .level = NAN,
                         .rest = NAN,
                         .then_time = NAN,
                         .per_watt = 1 };
}

/* What a watt and a GPU add beyond one watt and nothing, by least squares with a lean
 * towards that: losses on the way, and GPUs that draw a little when no job has them. */
static void learn_changes(struct place *p, const struct place_now *n, double time,
                          double watts)
{
    double dt = n->told - p->then_told, dn = n->gpus - p->then_gpus,
           e = watts - p->then_watts - dt;
    double tt, nn, cross, fade = .999;

    if (fabs(dt) > 0 || fabs(dn) > 0) {
        p->tt = fade * p->tt + dt * dt;
        p->tn = fade * p->tn + dt * dn;
        p->nn = fade * p->nn + dn * dn;
        p->et = fade * p->et + e * dt;
        p->en = fade * p->en + e * dn;
        p->changes = fade * p->changes + 1;
    }
    p->then_time = time;
    p->then_watts = watts;
    p->then_told = n->told;
    p->then_gpus = n->gpus;
    tt = p->tt * (1 + 20 / (1 + p->changes)) + 1e-9;
    nn = p->nn * (1 + 20 / (1 + p->changes)) + 1e-9;
    cross = tt * nn - p->tn * p->tn;
    if (!(cross > 0))
        return;
    p->per_watt = 1 + fmin(fmax((p->et * nn - p->en * p->tn) / cross, -.3), .5);
    p->per_gpu = (p->en * tt - p->et * p->tn) / cross;
}

double place_model(const struct place *p, double told, double gpus)
{
    return p->per_watt * told + p->per_gpu * gpus;
}

/* To know better what a job's watt shows as moves no power: what the jobs gain, the level
 * loses. Without that the path would begin beside the meter, by a share of all that jobs
 * draw here, until the level has followed. */
static void learn_joined(struct place *p, const struct place_now *n, double time,
                         double watts)
{
    double before = place_model(p, n->told, n->gpus);

    learn_changes(p, n, time, watts);
    p->level += before - place_model(p, n->told, n->gpus);
}

static void learn_noise(struct place *p, double whole, double rest, double gap,
                        double step_s)
{
    double share = fmax(.003, 1 / (p->samples + 1)), up = fmax(whole, 0),
           down = fmax(-whole, 0);

    p->up2 += share * (2 * up * up - p->up2);
    p->down2 += share * (2 * down * down - p->down2);
    p->rest2 += share * (rest * rest - p->rest2);
    if (gap < 1.5 * step_s && !isnan(p->rest))
        p->rest_product += share * (rest * p->rest - p->rest_product);
    p->rest = rest;
}

void place_observe(struct place *p, uint32_t id, const struct jobs_known *known,
                   double time, double watts)
{
    struct place_now n;
    double left, gap = time - p->time, share;

    if (isnan(watts) || gap <= 0 || isnan(known->time) ||
        fabs(known->time - time) > 2 * known->step_s)
        return;
    n = place_look(known, id);
    if (isnan(p->then_time) || time - p->then_time > 4 * change_s) {
        p->then_time = time;
        p->then_watts = watts;
        p->then_told = n.told;
        p->then_gpus = n.gpus;
    } else if (time - p->then_time >= change_s) {
        learn_joined(p, &n, time, watts);
    }
    left = watts - place_model(p, n.told, n.gpus);
    p->level = isnan(p->level) ? left : p->level;
    learn_noise(p, watts - place_model(p, n.expected, n.gpus) - p->level, left - p->level,
                gap, known->step_s);
    /* of before its jobs were looked at, no sample tells a level */
    share = isnan(gap) ? 1
                       : fmax(-expm1(-gap / level_s), 1 / (p->samples - p->recalled + 1));
    p->level += share * (left - p->level);
    p->samples++;
    p->time = time;
    p->watts = watts;
    p->told = n.told;
}

double place_own_samples(const struct place *p)
{
    return p->samples - p->recalled;
}

bool place_is_told_anew(const struct place *p, uint32_t id,
                        const struct jobs_known *known, double watts)
{
    const double far = .1, shown = .25;
    double gained, rose = watts - p->watts;

    if (isnan(p->level) || isnan(watts) || place_own_samples(p) > PLACE_ENOUGH)
        return false;
    gained = place_look(known, id).told - p->told;
    return fabs(gained) > far * watts && fabs(gained - rose) > (1 - shown) * fabs(gained);
}

/* ---- before ---- */

static const double most_recalled = 60; /* samples that the past before counts for at
                                         * most */
enum { FEW = 5, MOST_LOOKED_AT = 512 };

/* Since when the same jobs run here: all that run now are up, and all that ran before are
 * gone. */
static double same_since(const struct jobs_known *k, uint32_t id)
{
    const double warm_s = 900;
    double since;

    if (id >= k->place_count)
        return -INFINITY;
    /* The mean of the step in which one ended still holds some of it. */
    since = k->ended_at[id] + k->step_s;
    for (size_t i = k->first[id]; i < k->first[id + 1]; i++) {
        const struct forecast_job *job = &k->jobs[k->reaches[i].who].job;

        if (job->state == JOB_RUNNING)
            since = fmax(since, job->start + warm_s);
    }
    return since;
}

static int by_watts(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

static double median_of(const float *watts, size_t count)
{
    float sorted[MOST_LOOKED_AT];

    memcpy(sorted, watts, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_watts);
    return (double)sorted[count / 2];
}

/* Of its median, for checkpoints pull a mean down, and what is usual would stand above
 * it. */
void place_recall(struct place *p, uint32_t id, const struct jobs_known *known,
                  double end, const float *watts, size_t count)
{
    double since = same_since(known, id), median, before = 0;
    float seen[MOST_LOOKED_AT];
    size_t n = 0;

    for (size_t i = count > MOST_LOOKED_AT ? count - MOST_LOOKED_AT : 0; i < count; i++)
        if (!isnan(watts[i]) && end - (double)(count - 1 - i) * known->step_s >= since)
            seen[n++] = watts[i];
    if (n < FEW)
        return;
    median = median_of(seen, n);
    for (size_t i = 0; i < n; i++) {
        double deviation = (double)seen[i] - median, up = fmax(deviation, 0),
               down = fmax(-deviation, 0);

        p->up2 += 2 * up * up / (double)n;
        p->down2 += 2 * down * down / (double)n;
        p->rest2 += deviation * deviation / (double)n;
        p->rest_product += deviation * before / (double)n;
        before = deviation;
    }
    p->samples = p->recalled = fmin((double)n, most_recalled);
    p->recalled2 = p->up2;
}
