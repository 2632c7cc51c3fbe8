/* One future of a pool's queue: who starts when, if the jobs last as long as given. First
 * come, first served in order of priority, with EASY backfill: the first that does not
 * fit is promised the earliest time at which it must, by the limits of those running, and
 * another may go before it only where that does not move the promise (Lifka, The ANL/IBM
 * SP scheduling system, 1995). */
#ifndef FORECAST_SCHEDULE_H
#define FORECAST_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forecast/backlog.h"

struct schedule_job {
    double gpus;
    double earliest;            /* submitted, arrives, or is planned: not before */
    double work;                /* that it adds to what waits (backlog.h) */
    double reluctance;          /* comes only where the eagerness is above it; 0: it
                                 * has come */
    double length, limit;       /* seconds it runs; it may, as the scheduler knows it */
    double start, end;          /* out; INFINITY: not within the time looked at.
                                 * Running ones: given */
    bool running;
    bool fixed;                 /* starts at `earliest` whatever runs */
};

/* Memory of a simulation, to be kept from one to the next. All zero is empty. */
struct schedule_room {
    uint32_t *queue;
    struct schedule_use *uses;
    size_t queue_room, use_room;
};
void schedule_room_free(struct schedule_room *room);

/* Times from 0 to `until`. The jobs stand in order of priority, those to come in order of
 * arrival behind them; a pass of the scheduler is made every `pass_s`. `capacity`: GPUs,
 * those running included. `eagerness`: by how much waits (backlog.h); one who does not
 * come does not start within the time looked at. */
void schedule_run(struct schedule_job *jobs, size_t count, double capacity, double until,
                  double pass_s, const double eagerness[BACKLOG_CLASSES],
                  struct schedule_room *room);

#endif
