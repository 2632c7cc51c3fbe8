/* Futures of a whole cluster: in each, every job that runs ends at some time, those that
 * wait start when the scheduler would let them, others arrive, and each draws what it
 * may. One set serves every place of the power graph, so what is said of a hall agrees
 * with what is said of its rows. The same job has the same luck in the same future at
 * every refresh. */
#ifndef FORECAST_FUTURES_H
#define FORECAST_FUTURES_H

#include "forecast/jobs_known.h"
#include "forecast/schedule.h"

struct futures_options {
    uint32_t count;             /* a power of two: 64 to refresh, 256 to look closely */
    double until_s;             /* how far */
    double pass_s;              /* how often the scheduler decides */
    /* What may be left out, to see what it is worth. */
    bool no_queue;              /* nothing that waits ever starts */
    bool no_arrivals;           /* nothing more is submitted */
    bool always_eager;          /* as much is submitted however much waits */
    bool ends_at_limits;        /* jobs last as long as they may */
};

/* Jobs that are not known yet, in all futures together: 10 MB. Where more are to be
 * expected of a pool, it is taken to stay as busy as it is, and those that follow on the
 * same GPUs become one that draws what they would in the mean. */
enum { FUTURES_MOST_IMAGINED = 262144 };

/* A job that is not known yet, in one future. */
struct imagined_job {
    double gpus, watts;         /* watts: a GPU, when up */
    float start, end;           /* seconds after the origin */
    uint32_t pool, kind;        /* of kinds[] */
    uint32_t after;             /* the known job whose GPUs it takes, and is like; then
                                 * kind is none. NOBODY: any of the pool */
};
#define NOBODY UINT32_MAX

struct futures {
    double origin, until_s;
    uint32_t count;
    size_t jobs;                /* as many as are known, in their order */
    float *start, *end, *watts; /* [future * jobs + job]: seconds after the origin,
                                 * INFINITY: later; watts a GPU */
    float *next;                /* how long one like it lasts */
    struct imagined_job *imagined;
    size_t *first_imagined;     /* of each future, and the end */
    struct expectation *kinds;  /* of imagined jobs */
    uint64_t *kind_classes;
    size_t kind_count;
    /* memory kept from one to the next */
    size_t start_room, end_room, watts_room, next_room, turn_room, imagined_room,
        first_room, kind_room, class_room, plan_room, who_room, busy_room;
    struct schedule_job *plan;
    struct turn *turns;
    uint32_t *who;
    double eagerness[BACKLOG_CLASSES];  /* of those to come (backlog.h) */
    bool *busy;                 /* of each pool: it is taken to stay as busy as it is;
                                 * all imagined there follow a known job */
    struct schedule_room schedule;
};

/* Fills `to`, which all zero is empty, from what is known at its time. */
void futures_imagine(struct futures *to, const struct jobs_known *known,
                     const struct futures_options *options);
void futures_free(struct futures *f);   /* what it holds */

#endif
