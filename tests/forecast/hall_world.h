/* A hall of 128 nodes that never was: jobs of six classes arrive by the hour of the day, wait their turn, start as FCFS
 * with EASY backfill lets them, come up, draw power that wavers, rest at checkpoints and end long before their limits.
 *
 * What the forecaster may see is world_watts() and world_view(); the rest is for an oracle. The world's chance is its own
 * and does not depend on who looks. */
#ifndef HALL_WORLD_H
#define HALL_WORLD_H

#include <stddef.h>

#include "forecast/jobs.h"

enum { WORLD_NODES = 128, WORLD_STEP_S = 60 };

struct world;

/* load: work that is submitted, as a share of what the hall could do. */
struct world *world_new(unsigned seed, double load);
void world_free(struct world *w);

void world_step(struct world *w);               /* a minute goes by */
double world_time(const struct world *w);
double world_watts(const struct world *w);      /* the hall's meter */
const struct job_view *world_view(const struct world *w);       /* what the scheduler tells */

/* For the oracle alone: what the hall draws now without the noise, and the noise's variance if it went on for ever. */
double world_mean_watts(const struct world *w);
double world_noise_variance(const struct world *w);
double world_noise_keep(void);                  /* autocorrelation over a minute */

#endif
