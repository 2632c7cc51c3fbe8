/* One place of the power graph, whose power is what its jobs draw, a level for all else,
 * and noise: what its meter teaches about the last two, and what the futures of the jobs
 * make of it. */
#ifndef FORECAST_PLACE_H
#define FORECAST_PLACE_H

#include "forecast/course.h"
#include "forecast/forecast.h"
#include "forecast/futures.h"
#include "forecast/quantity.h"

/* What a place's meter has taught. All in watts; the upper and the lower side of the
 * noise stand apart, for checkpoints and waits make power fall as it never rises. */
struct place {
    double time, watts;         /* of the latest sample; NAN: none yet */
    double level;               /* what is left of the power when its jobs are taken
                                 * away */
    double samples;
    double recalled, recalled2; /* so many of them are of before its jobs were looked
                                 * at; then up2 was that */
    double up2, down2;          /* variance of the whole deviation from what jobs lead
                                 * one to expect, by side */
    double rest2, rest_product; /* variance and product over a step of what no job's
                                 * own meter explains */
    double rest;                /* the latest of that */
    /* How a watt or a GPU of a job shows here: sums of a regression on changes over some
     * minutes. */
    double tt, tn, nn, et, en, changes;
    double then_time, then_watts, then_told, then_gpus;
    double per_watt, per_gpu;
    double told;                /* what its jobs drew at the latest sample */
};

void place_start(struct place *p);
/* A sample at `time`, when what is known of the jobs is as of about then. */
void place_observe(struct place *p, uint32_t id, const struct jobs_known *known,
                   double time, double watts);
/* Of so many own samples its level is known. */
enum { PLACE_ENOUGH = 20 };
/* Samples since its jobs are looked at. */
double place_own_samples(const struct place *p);
/* Before a sample is told: it has few, and what its jobs are told to draw is now far from
 * what it was then, by what the meter does not show. It had begun when not all was told
 * (jobs without their nodes, nodes without their watts): what it has learnt is wrong. */
bool place_is_told_anew(const struct place *p, uint32_t id,
                        const struct jobs_known *known, double watts);
/* To a place that has no samples yet, the steps before, of which the last ended at `end`
 * (NAN: not known): how its power swung since all that runs here now has run. */
void place_recall(struct place *p, uint32_t id, const struct jobs_known *known,
                  double end, const float *watts, size_t count);

enum { PLACE_LOOKS = 512 };     /* at most so many moments of the future */

/* One who follows a known job on its GPUs, in one future: what share of them is at the
 * place. */
struct place_follower {
    uint32_t imagined;          /* of futures->imagined[] */
    double share;
};

/* What a forecast is made with, kept from one to the next. All zero is empty. */
struct place_room {
    double *crossed;
    float *normals, *maxima, *ends;
    struct forecast *out;       /* of place_forecast() */
    double times[PLACE_LOOKS];  /* of its looks: P by each of a cap is crossed[cap *
                                 * PLACE_LOOKS + look] */
    /* watts of jobs that come, in all futures, and of those that find GPUs */
    double coming[PLACE_LOOKS], fit[PLACE_LOOKS];
    size_t looks;
    struct place_follower *followers;   /* in all futures, in their order; */
    size_t *first_follower;     /* of each future, and the end */
    double *shares;             /* of each known job */
    size_t follower_room, first_room, share_room;
    size_t crossed_room, normal_room, maximum_room, end_room, out_room;
    uint32_t normal_count;
};
void place_room_free(struct place_room *room);

struct place_options {
    bool marginal;              /* ablation: the probability at the end, not anywhere
                                 * before */
    bool symmetric;             /* ablation: the width from both sides together */
    bool chances_only;          /* of a breach: nobody asks for quantiles, and none are
                                 * made */
    uint32_t without;           /* a known job that is thought away: one that waits
                                 * never starts; NO_JOB: none */
};
#define NO_JOB UINT32_MAX

/* As forecaster_make(): room->out[h * cap_count + c], as of known->time, for horizons
 * that rise. `quantity` is what the caps are limits on, as it stands now; NULL: power
 * itself. */
void place_forecast(const struct place *p, uint32_t id, const struct jobs_known *known,
                    const struct futures *futures, const struct place_options *options,
                    const struct quantity *quantity, const double *horizons,
                    size_t horizon_count, const double *caps, size_t cap_count,
                    struct place_room *room);

/* How the chance of a breach of the c-th cap grows in what place_forecast() made last. */
struct course place_course(const struct place_room *room, size_t c);

/* What becomes of one job, or of all that nobody has submitted yet, between now and a
 * moment: means over the futures. */
struct place_cause {
    bool known;
    struct forecast_job job;
    double watts;               /* the change of the place's power */
    double whole_w;             /* what it draws here when it does */
    double chance;              /* that it has started by then, of one that waits; that
                                 * it has ended, of one that runs */
};
typedef void place_cause_take(void *context, const struct place_cause *cause);

/* Calls back for each cause of a change up to `at_s` after now; returns the power
 * expected then. What the causes do not account for is noise that fades. `room`: what the
 * place was forecast with last, with all jobs. */
double place_causes(const struct place *p, uint32_t id, const struct jobs_known *known,
                    const struct futures *futures, const struct place_room *room,
                    double at_s, place_cause_take *take, void *context);

#endif
