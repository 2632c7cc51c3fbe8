/* How good forecasts were: proper scores, and what an operator asks. The same for
 * recorded power and for live.
 *
 * Everything streams: structs are sums, plain bytes, that can be kept, copied and added
 * up; 0 is a fresh one. Nothing is known of none: means of nothing are NAN. */
#ifndef FORECAST_SCORE_H
#define FORECAST_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- one forecast ---- */

/* Pinball (quantile) loss in the unit of its arguments: Koenker & Bassett 1978. */
double score_pinball(double said, double level, double came);
/* -ln of what was given to what happened; p is clipped to [1e-4, 1 - 1e-4]. */
double score_log_loss(double p, bool happened);
/* Continuous ranked probability score of a distribution known by quantiles at rising
 * levels: twice the pinball loss, integrated over the levels (Gneiting & Ranjan 2011);
 * outside of them it is taken to go linearly to none. */
double score_crps(const double *levels, const double *said, size_t count, double came);

/* ---- probabilities of breaches ---- */

enum { SCORE_BINS = 128, SCORE_COARSE = 10 };

/* Sums over forecasts that have matured. Only of origins that were not in breach already,
 * or knowing nothing looks brilliant. Bins are even in log odds from 1e-4 to 1 - 1e-4. */
struct score_chance {
    uint64_t count, happened;
    double brier, log_loss, said;       /* sums */
    uint32_t in[SCORE_BINS], hits[SCORE_BINS];
    uint32_t coarse_in[SCORE_COARSE], coarse_hits[SCORE_COARSE];        /* even in p */
    double coarse_said[SCORE_COARSE];
};

/* p was said, and it happened or not. Merged sums are those of all forecasts together. */
void score_chance_add(struct score_chance *s, double p, bool happened);
void score_chance_merge(struct score_chance *to, const struct score_chance *from);

/* The share that happened, and the mean of (p - came)^2, came being 1 or 0 (Brier
 * 1950). */
double score_base_rate(const struct score_chance *s);
double score_brier(const struct score_chance *s);
/* Brier skill against the base rate of these very forecasts, which nobody knew before:
 * the harder reference. NAN where all happened, or none. */
double score_brier_skill(const struct score_chance *s);
double score_mean_log_loss(const struct score_chance *s);
/* Mean p less the base rate: above 0, it cries wolf. */
double score_bias(const struct score_chance *s);
/* Expected calibration error: |mean p - share that happened| in ten bins of p, weighted
 * (Naeini et al. 2015). */
double score_calibration_error(const struct score_chance *s);
/* Area under precision and recall, stepwise, ties as one; as exact as the bins are
 * narrow. */
double score_average_precision(const struct score_chance *s);

/* Brier = miscalibration - discrimination + uncertainty, by isotonic recalibration (CORP:
 * Dimitriadis, Gneiting & Jordan 2021) over the bins. */
struct score_corp {
    double miscalibration, discrimination, uncertainty;
};
struct score_corp score_corp(const struct score_chance *s);

/* ---- quantiles ---- */

enum { SCORE_LEVELS = 8 };
/* .05 .10 .25 .50 .75 .90 .95 .99 */
extern const double score_levels[SCORE_LEVELS];

struct score_quantiles {
    uint64_t count;
    double pinball[SCORE_LEVELS], crps; /* sums */
    /* How often what came was at most the quantile; under the median, less than it, so
     * that a band holds its edges. */
    uint64_t below[SCORE_LEVELS];
};

/* `said` at score_levels[]; forecasts with a NAN among them are not counted. */
void score_quantiles_add(struct score_quantiles *s, const double said[SCORE_LEVELS],
                         double came);
void score_quantiles_merge(struct score_quantiles *to,
                           const struct score_quantiles *from);
/* Mean over .10, .50, .90 and .99, which the public scorer takes. */
double score_mean_pinball(const struct score_quantiles *s);
double score_mean_crps(const struct score_quantiles *s);
/* Share between q.10 and q.90 (ideal .80), and above q.99 (ideal .01). */
double score_coverage(const struct score_quantiles *s);
double score_exceedance(const struct score_quantiles *s);

/* ---- warnings ---- */

enum { SCORE_RUNS = 16 };

/* Breaches as episodes and alarms as runs, at one horizon. Episodes nearer than half an
 * hour (two steps) are one; alarms nearer than a quarter (one step) are one. An episode
 * was warned of by an alarm in the horizon before it. */
struct score_warnings {
    double horizon_s, step_s;
    double began, now;                  /* first and newest time; 0: none */
    double over_last;                   /* newest time above the cap; 0: never */
    bool was_known_below;
    struct {
        double first, last;
        bool breached;
    } runs[SCORE_RUNS];                 /* of alarms, the newest that may still matter */
    uint32_t run_count;
    uint64_t episodes, warned, false_alarms;
    double lead_s;                      /* sum over those warned of */
};

void score_warnings_init(struct score_warnings *s, double horizon_s, double step_s);
/* A moment, later than the one before: is the quantity above its cap, and would it be
 * warned of? While it is above, nothing is. */
void score_warnings_add(struct score_warnings *s, double time, bool above, bool alarm);
/* Episodes warned of over all; alarms that no breach followed, a day of what was seen;
 * mean time from alarm to episode. NAN: none. */
double score_recall(const struct score_warnings *s);
double score_false_alarms_per_day(const struct score_warnings *s);
double score_mean_lead_s(const struct score_warnings *s);

#endif
