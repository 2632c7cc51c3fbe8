/* The jobs of a cluster, and the power graph they run on, as a forecast sees them: plain
 * arrays that sources fill.
 *
 * A forecast may use a job's start and end only once they have come: everything in here
 * reads jobs as jobs_known_at() gives them, which takes the rest away. */
#ifndef FORECAST_JOBS_H
#define FORECAST_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOB_CLASSES = 4 };

enum job_state { JOB_PENDING, JOB_RUNNING, JOB_ENDED };

/* What is known of a start to come. */
enum job_plan {
    PLAN_NONE,
    PLAN_EXPECTED,              /* the scheduler's own guess: mostly too late, for jobs end
                                 * before their limits */
    PLAN_FIXED                  /* a reservation, a begin time: not before, and then at
                                 * once */
};

struct forecast_job {
    uint64_t id;                /* hash of its name */
    uint64_t classes[JOB_CLASSES];      /* hashes, the most specific first; unused ones
                                         * at the end are 0 */
    double gpus;                /* or nodes, if the whole cluster is counted in these */
    double submit, start, end;  /* seconds since 1970; NAN: not known */
    double limit_s;             /* it is ended after so long; NAN: none */
    double planned_start;       /* NAN: none */
    enum job_plan plan;
    enum job_state state;
    bool held;                  /* waits for something other than its turn */
    bool service;               /* never ends by itself */
    bool of_array;              /* a task that has no name of its own yet: that it is
                                 * there is no arrival */
    double order;               /* of those waiting, the lowest is first */
    double watts;               /* measured now; NAN: not measured */
    double limit_w;             /* that a GPU where it runs, or may, is let draw; 0:
                                 * not known */
    uint32_t pool;              /* whose GPUs it takes */
    uint64_t pool_key;          /* the same for the same queue at all times; 0: the
                                 * pool's number is */
    uint32_t first_placement, placement_count;  /* where it runs, or will; none:
                                                 * anywhere in its pool */
};

/* A share of a job's GPUs that draws its power at a place. */
struct job_placement {
    uint32_t place;
    double share;
};

enum { PLACE_PARENTS = 2 };
#define NO_PLACE UINT32_MAX

/* A domain of the power graph; with two parents each carries half. */
struct job_place {
    uint32_t parents[PLACE_PARENTS];
    double gpus;                /* that jobs can have right here, not in its parts; 0
                                 * of all places: not known */
};

/* GPUs that one queue of jobs is given out of: a partition. */
struct job_pool {
    uint64_t key;               /* as its jobs' pool_key */
    double gpus;                /* NAN: not known; then plans are believed, and nothing
                                 * is simulated */
    uint32_t first_placement, placement_count;  /* its shares by place */
};

/* What is known of a cluster at one time. Borrowed for the call. */
struct job_view {
    const struct forecast_job *jobs;
    size_t count;
    const struct job_placement *placements;
    size_t placement_count;
    const struct job_place *places;
    size_t place_count;
    const struct job_pool *pools;
    size_t pool_count;
    /* Jobs that run or wait and are not among these, for there are too many; none that
     * runs and is missing has more GPUs. */
    size_t left_out;
    double least_gpus;
    double silent_s;            /* for so long nothing was heard of some: they stand as
                                 * they were; 0: of none */
};

/* The job as it was known at a time: what came later is not. False: it was not even
 * submitted. */
bool jobs_known_at(const struct forecast_job *job, double origin,
                   struct forecast_job *known);

/* What part of each place's power a placement reaches: calls back for the place and all
 * above it. */
typedef void jobs_reach(void *context, uint32_t place, double share);
void jobs_climb(const struct job_view *view, uint32_t place, double share,
                jobs_reach *reach, void *context);

#endif
