/* The jobs of a backtest: a file of what a scheduler logged, read as far as was known at
 * each time, and the forecasts that know of them. */
#ifndef BACKTEST_JOBS_H
#define BACKTEST_JOBS_H

#include "backtest.h"
#include "forecast/with_jobs.h"

struct backtest_jobs;

/* `job_id,tenant,submit,start,end,gpus,state`, in order of submission, and whatever other
 * columns; of these `limit_s`, `planned_start` (as told at submission) and `nodes`, which
 * count where there are no GPUs, are used. step_s: of the samples. NULL and a message:
 * not such a file. */
struct backtest_jobs *backtest_jobs_open(const char *path, double step_s,
                                         const struct backtest_options *o,
                                         struct err *err);
void backtest_jobs_close(struct backtest_jobs *j);      /* NULL is fine */
/* A sample: what was submitted, started and ended by then is known from now on. cap_w: of
 * the first cap. -1: a bad line. */
int backtest_jobs_observe(struct backtest_jobs *j, double time, double watts,
                          double cap_w, struct err *err);
/* At the time of the sample: forecasts from power alone, as forecaster_make() has them,
 * become those that know of jobs. */
void backtest_jobs_mix(struct backtest_jobs *j, const double *caps, size_t cap_count,
                       struct forecast *out,
                       enum forecast_basis basis[FORECASTER_HORIZONS]);

#endif
