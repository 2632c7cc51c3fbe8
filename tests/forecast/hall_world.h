/* A hall of 128 nodes that never was: jobs of six classes arrive by the hour of the day,
 * wait their turn, start as FCFS with EASY backfill lets them, come up, draw power that
 * wavers, rest at checkpoints and end long before their limits.
 *
 * What the forecaster may see is world_watts() and world_view(); the rest is for an
 * oracle. The world's chance is its own and does not depend on who looks. */
#ifndef HALL_WORLD_H
#define HALL_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "forecast/jobs.h"

enum { WORLD_NODES = 128, WORLD_STEP_S = 60 };

struct world;

/* load: work that is submitted, as a share of what the hall could do. */
struct world *world_new(unsigned seed, double load);
void world_free(struct world *w);

void world_step(struct world *w);               /* a minute goes by */
double world_time(const struct world *w);
double world_watts(const struct world *w);      /* the hall's meter */
/* what the scheduler tells */
const struct job_view *world_view(const struct world *w);

/* `to` is as `from` is now, and goes on as it does. */
void world_become(struct world *to, const struct world *from);
/* What nobody can know now is drawn again: how long jobs last, of those whose limit it is
 * and that have lasted so long; what those that wait will draw; who comes; the noise to
 * come. What jobs draw that run, and when they rest, stays. */
void world_redraw(struct world *w, uint64_t luck);
/* For a test of that: how long the i-th job of the view lasts in all. */
double world_length(const struct world *w, size_t i);

/* For the oracle alone: what the hall draws now without the noise, and the noise's
 * variance if it went on for ever. */
double world_mean_watts(const struct world *w);
double world_noise_variance(const struct world *w);
double world_noise_keep(void);                  /* autocorrelation over a minute */

#endif
