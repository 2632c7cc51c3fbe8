/* What is known of a cluster's jobs at one moment, and what has been learned from those
 * before: the only way from a source's array of jobs into a forecast. */
#ifndef FORECAST_JOBS_KNOWN_H
#define FORECAST_JOBS_KNOWN_H

#include "forecast/arrivals.h"
#include "forecast/job_track.h"
#include "forecast/jobs.h"
#include "forecast/signature.h"

/* A job that runs or waits. */
struct known_job {
    struct forecast_job job;
    struct expectation expect;
    struct job_estimate estimate;       /* of one that waits: what its class leads one
                                         * to expect */
};

/* Of one pool, at one look: who had waited since before, and those of whom some were to
 * be expected that have come since. */
struct pool_queue {
    double work;                /* backlog.h */
    double came;
};

/* A job's, or a pool's, share at a place. */
struct reach {
    uint32_t who;
    double share;
};

struct jobs_known {
    double step_s;
    double time;                /* as of when; NAN: nothing has been seen */
    struct known_job *jobs;     /* those that run, then those that wait, in their order */
    size_t count, running, room;
    size_t left_out;            /* as in the view, */
    double silent_s;            /* and this, too */
    struct reach *reaches, *pool_reaches;       /* by place: from first[place] to
                                                 * first[place + 1] */
    size_t *first, *pool_first;
    double *gpus;               /* that jobs can have, by place, its parts' too; 0: not
                                 * known */
    double *ended_at;           /* when the last job of those that are still told of
                                 * ended, by place; -INFINITY: none */
    size_t place_count, place_room, reach_room, pool_reach_room;
    struct job_pool *pools;
    struct pool_queue *queues;  /* by pool */
    size_t pool_count, pool_room, queue_room;
    /* How right expected starts have been: the wait that came over the wait that was
     * told, mean and variance. */
    double plan_ratio, plan_ratio2, plans;
    struct signatures *signatures;
    struct arrivals *arrivals;
    double counted_until;       /* whoever was submitted by then was counted in an earlier
                                 * run, of which no tracks were kept; NAN: there was
                                 * none */
    struct job_track *tracks;   /* by id */
    size_t track_count, track_room;
    double round;
    /* Those without meters of their own that ended at the latest look, and whether others
     * started then. */
    struct forecast_job *ended;
    size_t ended_count, ended_room;
    bool started;
    double meter_w, meter_time;
};

/* step_s: between two looks at the jobs. nominal_w: as in signatures_new(). */
struct jobs_known *jobs_known_new(double step_s, double nominal_w);
void jobs_known_free(struct jobs_known *k);

/* The jobs as a source tells them at `time`: those that ended teach, the rest is what is
 * known now. A job that is no longer told of has ended; after a gap nobody knows when,
 * and it teaches nothing, nor does one that may have been left out. */
void jobs_known_observe(struct jobs_known *k, double time, const struct job_view *view);

/* The clock was set back: nothing is known of the jobs any more, and all that was learnt
 * of their classes is. */
void jobs_known_set_back(struct jobs_known *k, double by_s);
/* What all of them together draw now, as one meter says, for jobs that have none of their
 * own: what is gone with those that have just ended was theirs. */
void jobs_known_meter(struct jobs_known *k, double watts);

/* Bytes written, or if `room` is too small how many it takes. Who loads all goes on to
 * the bit; what was learnt of classes, without the jobs that run, is much smaller. */
size_t jobs_known_save(const struct jobs_known *k, void *to, size_t room);
size_t jobs_known_save_classes(const struct jobs_known *k, void *to, size_t room);
bool jobs_known_load(struct jobs_known *k, const void *from, size_t size);

#endif
