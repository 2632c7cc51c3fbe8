/* A domain's forecast when a scheduler is known: what its jobs say and what its power
 * alone says, mixed by how well each has done of late, horizon by horizon, so that wrong
 * news of jobs can do little harm, and less as long as the domain has few samples beside
 * its jobs; then calibrated by what came.
 *
 *     forecaster_make(telemetry, origin, caps, n, out);       what the power alone says
 *     forecast_with_jobs(w, place, known, futures, caps, n, &room, out, horizons, basis);
 *                                                             out: the mixture of both
 *
 * Probabilities are mixed as such, quantiles as distributions. Learnt only from forecasts
 * whose horizon is over, not from those open when somebody acted; probabilities not from
 * those made above the cap either. */
#ifndef FORECAST_WITH_JOBS_H
#define FORECAST_WITH_JOBS_H

#include "forecast/calibration.h"
#include "forecast/forecaster.h"
#include "forecast/place.h"

/* What a row mostly rests on. */
enum forecast_basis { BASIS_POWER, BASIS_JOBS };
const char *forecast_basis_name(enum forecast_basis basis);     /* "power", "jobs" */

enum { WITH_JOBS_OPEN = 48 };   /* forecasts of a horizon that wait to be scored */

struct with_jobs_options {
    double step_s;              /* between samples */
    double horizons[FORECASTER_HORIZONS];
    size_t horizon_count;
    struct forecast_cap cap;    /* whose quantity it is */
    double doubt;               /* how much less jobs are believed at first, in log
                                 * odds: 0 where they have meters of their own */
    bool uncalibrated;          /* ablation */
};

/* One forecast that waits for what comes. */
struct open_forecast {
    double origin, cap_w;
    float p_jobs, p_telemetry, p_mixed;
    float jobs[12], telemetry[12];      /* quantiles at the horizon (8) and of the
                                         * maximum (4) */
    float last, most;           /* what came so far */
    float weight;               /* how much of its time no other has */
    uint32_t came;
    bool breached, was_above, acted;    /* was_above: made above the cap; acted:
                                         * somebody has since */
};

struct with_jobs_horizon {
    struct open_forecast open[WITH_JOBS_OPEN];
    uint32_t first, count;
    double made;                /* when the last one was kept */
    double p_lead, q_lead;      /* by how much jobs have done better of late: log loss,
                                 * pinball in units of its mean */
    double pinball;             /* mean of the telemetry's, watts */
    struct calibration calibration;
    double matured;
};

struct with_jobs {
    struct with_jobs_options options;
    struct place place;
    struct quantity quantity;
    double time;                /* of the latest sample; NAN */
    struct with_jobs_horizon horizons[FORECASTER_HORIZONS];
};

/* Plain bytes: a copy of it goes on as if it were the first. */
void with_jobs_start(struct with_jobs *w, const struct with_jobs_options *options);
/* A sample of the domain's power, when what is known of the jobs is as of about then;
 * options.cap.watts is the cap now. `beside`: what it draws at the moment that the jobs
 * are known at, where the sample is the mean of a step that ended before; NAN: that. */
void with_jobs_observe(struct with_jobs *w, uint32_t place,
                       const struct jobs_known *known, double time, double watts,
                       double beside);
/* The steps before the first sample, of which the last ended at `end`; NAN: not known. */
void with_jobs_recall(struct with_jobs *w, uint32_t place, const struct jobs_known *known,
                      double end, const float *watts, size_t count);
void with_jobs_acted(struct with_jobs *w);
/* As forecaster_begin_again(). */
void with_jobs_begin_again(struct with_jobs *w);

/* What is made as of known->time. `out` comes in with the telemetry's forecasts (p and
 * quantiles NAN: it has none) and leaves with the mixture: out[h * cap_count + c] as in
 * forecaster_make(); basis[h]. It may hold more horizons, after the options', which stay
 * the telemetry's. Learns of the first cap. */
void forecast_with_jobs(struct with_jobs *w, uint32_t place,
                        const struct jobs_known *known, const struct futures *futures,
                        const double *caps, size_t cap_count,
                        const struct place_options *options, struct place_room *room,
                        struct forecast *out, size_t horizon_count,
                        enum forecast_basis *basis);

#endif
