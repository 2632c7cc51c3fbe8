/* What jobs of a class are like: watts a GPU, how they come up, dip and waver, how long
 * they last. A class learns from jobs that have ended, at first also from those that run;
 * one that has seen few leans on the class above it. */
#ifndef FORECAST_SIGNATURE_H
#define FORECAST_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forecast/jobs.h"
#include "forecast/lifetime.h"

enum { WARM_STEPS = 12 };
extern const double warm_ages[WARM_STEPS + 1];  /* seconds: where each step of coming
                                                 * up begins; the last: it is up */

/* What one job was seen to do: filled while it runs. Watts a GPU. */
struct job_record {
    double steady, watts;       /* how many samples, and their mean, when up and not in
                                 * a dip */
    double first, last;         /* of these */
    double squares, products;   /* sums over the deviations from the mean so far, and
                                 * over pairs a step apart */
    double pairs, singles;
    double warm[WARM_STEPS], warm_count[WARM_STEPS];    /* sums while it came up */
    double dip_watts, dip_samples;
    double dips, dip_seconds, dip_squares;      /* that are over: how long they were,
                                                 * summed, and the squares of that */
    /* from the beginning of one to that of the next */
    double dip_gaps, dip_gap_seconds, dip_gap_squares;
    bool watts_told, noise_told;        /* its classes have learnt these while it ran */
};

struct signature {
    uint64_t key;
    float count;                /* jobs it learned watts from; the latest weigh most */
    float watts, spread2;       /* mean and variance over jobs, watts a GPU */
    float noise2, rho, noise_count;     /* relative variance within a job, and its
                                         * autocorrelation over a step */
    float warm[WARM_STEPS], warm_count; /* share of the steady watts */
    float dips;                 /* jobs that dipped at all, of `count` */
    /* how long, how far apart, how deep: share left */
    float dip_seconds, dip_gap_seconds, dip_share;
    float dip_squares, dip_gap_squares; /* means of squares of the first two */
    struct lifetime life;
};

/* What is expected of one job. */
struct expectation {
    double watts, spread;       /* a GPU: mean, standard deviation between jobs */
    double noise, rho;          /* standard deviation as a share of the watts;
                                 * autocorrelation over a step */
    double warm[WARM_STEPS];
    double dip_seconds, dip_gap_seconds, dip_share;     /* NAN: none known */
    double dip_sd, dip_gap_sd;  /* standard deviations of the first two */
};

struct signatures;

/* Where it is known what GPUs are let draw, watts are compared as if each were let draw
 * this. */
#define SIGNATURE_LIMIT_W 1000.

/* What a GPU of the job is let draw, as a share of that: classes keep watts divided by
 * it, for the same work draws another share of another machine. 1 where it is not
 * known. */
double signature_per_limit(const struct forecast_job *job);

/* nominal_w: what a GPU (let draw SIGNATURE_LIMIT_W) draws of which nothing is known,
 * with half of that as its spread. Owned by the caller. */
struct signatures *signatures_new(double nominal_w);
void signatures_free(struct signatures *all);

void signatures_expect(const struct signatures *all, const struct forecast_job *job,
                       struct expectation *to);
void signatures_lifetime(const struct signatures *all, const struct forecast_job *job,
                         struct lifetime_shape *to);
/* A job has ended; record NULL: nothing was measured. */
void signatures_learn(struct signatures *all, const struct forecast_job *job,
                      const struct job_record *record);
/* A job that runs, for a class of which few have ended: once it has for some minutes,
 * what it draws is learnt, and once for a quarter of an hour, how that wavers. */
void signatures_learn_running(struct signatures *all, const struct forecast_job *job,
                              struct job_record *record);
/* The same of a job that had no meter of its own, when it ended: watts a GPU, by what was
 * left without it. */
void signatures_learn_watts(struct signatures *all, const struct forecast_job *job,
                            double watts);

size_t signatures_save(const struct signatures *all, void *to, size_t room);
/* bytes used; 0: not of these */
size_t signatures_load(struct signatures *all, const void *from, size_t size);

#endif
