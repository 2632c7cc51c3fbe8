/* What the parts of a place's forecast share: the moments that are looked at, and the
 * path through one future. */
#ifndef FORECAST_PLACE_INSIDE_H
#define FORECAST_PLACE_INSIDE_H

#include "forecast/place.h"

/* What its jobs lead one to expect of a place now. */
struct place_now {
    double told;                /* watts of its jobs: measured, else expected */
    double expected;            /* the same, but for the noise of those that are up */
    double gpus;
    double noise2, noise_product;       /* variance of the jobs' own noise, and its
                                         * product over a step */
};

struct place_now place_look(const struct jobs_known *k, uint32_t id);
/* Fills room->followers: of all that are imagined, a rack has a few. */
void place_find_followers(const struct jobs_known *k, uint32_t id,
                          const struct futures *f, struct place_room *room);
/* Watts of a place's power that so many watts and GPUs of jobs make. */
double place_model(const struct place *p, double told, double gpus);

/* How the noise goes on from now. */
struct place_noise {
    double x0, rest2;           /* what it is, and its variance on the upper side */
    double low_side;            /* so many times as wide below */
    double rho;                 /* autocorrelation over a step */
    double jobs;                /* what the noise of jobs that run counts for: 1, or
                                 * less where the meter swings less */
};

struct place_noise place_noise(const struct place *p, const struct jobs_known *known,
                               const struct place_now *now,
                               const struct place_options *options);

/* What jobs draw and hold at each look, or what becomes of that from the look before. */
struct place_load {
    double watts[PLACE_LOOKS + 1], variance[PLACE_LOOKS + 1], gpus[PLACE_LOOKS + 1];
};

struct place_making {
    const struct place *place;
    uint32_t id;
    const struct jobs_known *known;
    const struct futures *futures;
    const struct place_options *options;
    const struct place_room *room;      /* with its followers */
    /* after the origin; autocorrelation since the look before */
    double times[PLACE_LOOKS], keep[PLACE_LOOKS];
    /* In the future that is looked at: those that run and who follows them on their GPUs,
     * and those that come on free ones. */
    struct place_load here, coming;
    double path[PLACE_LOOKS], variance[PLACE_LOOKS];    /* of both together, */
    double fits[PLACE_LOOKS];   /* of those that come, the part that finds free GPUs */
    double x0;                  /* the noise now, if the jobs that run draw in the mean
                                 * what they do in this future */
    bool any_come;              /* in this future: else `coming` is all 0, and not
                                 * filled */
    size_t looks;
    struct place_noise noise;
    double fine_a_s;            /* so many of the first looks a second, */
    size_t fine;                /* and in all */
};

/* Chooses the moments, up to until_s, and finds how the noise goes on from now. */
void place_begin(struct place_making *m, double until_s);
/* The first look at or after a time; `looks` where there is none. */
size_t place_look_at(const struct place_making *m, double t);
/* The path, and the noise's variance along it, in future s. */
void place_path(struct place_making *m, uint32_t s);

/* The path, noise and all, of a cap's quantity instead of the power's. */
struct place_quantity {
    const double *path, *variance, *keep;       /* the power's, or its own: */
    double own_path[PLACE_LOOKS], own_variance[PLACE_LOOKS], own_keep[PLACE_LOOKS];
    double x0;
};
/* `quantity` NULL, or of power itself: the power's own. */
void place_quantity(const struct place_making *m, const struct quantity *quantity,
                    struct place_quantity *to);

#endif
