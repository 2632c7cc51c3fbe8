/* One running job, sample by sample: what it draws when it is up, whether it is in a dip,
 * and how far it is from what is expected of it now. */
#ifndef FORECAST_JOB_TRACK_H
#define FORECAST_JOB_TRACK_H

#include "forecast/signature.h"

struct job_track {
    uint64_t id;                /* 0: an empty place */
    struct forecast_job job;    /* as last seen */
    struct job_record record;
    double last_time, last_deviation;   /* of the sample before, if it was up and not
                                         * in a dip */
    double dip_began;           /* NAN: not in one */
    double before_dip;          /* the deviation of the sample before it; NAN: not
                                 * known */
    double last_dip;            /* when the last one began; NAN: none */
    double told_at, told_start; /* when a start was first expected of it, and for when;
                                 * NAN: never */
    double mark;                /* the round in which it was seen */
};

/* What a job is thought to draw from here on. Watts a GPU. */
struct job_estimate {
    double watts, spread;       /* when up: mean, and how sure that is */
    double noise, rho;          /* watts a GPU; over a step */
    double deviation;           /* of the latest sample from what was expected of it; in a
                                   dip what is left of that before it; NAN: not known */
    double now;                 /* drawn now: measured, else expected */
    /* in a dip, and for so long yet, give or take; NAN: in none */
    double dip_left_s, dip_left_sd;
    struct rhythm {             /* of dips to come */
        /* the next begins in so long, give or take; NAN: nobody knows */
        double next_s, every_s, sd_s;
        double lasts_s, share;  /* how long each is, and what part of its watts is left */
    } rhythm;
};

/* A sample at `time`, `step_s` after the one before where there was one. */
void job_track_sample(struct job_track *t, double time, double step_s,
                      const struct expectation *e);
void job_track_estimate(const struct job_track *t, double time, double step_s,
                        const struct expectation *e, struct job_estimate *to);
/* It was seen as high as its class, or as old as others were when they had come up: it is
 * not expected to climb on. */
bool job_was_up(const struct job_track *t);
/* Share of its steady watts that a job of this age draws, before noise. */
double job_warmth(const struct expectation *e, double age);

#endif
