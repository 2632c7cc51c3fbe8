/* The forecasting core: what a domain's power will be, and when its cap is breached.
 *
 * Arithmetic on arrays: no clock, no I/O, no model, no allocation. Deterministic to the
 * bit. A robust line (Theil-Sen) through the recent past, and the spread from its own
 * errors at that horizon. */
#ifndef FORECAST_FORECAST_H
#define FORECAST_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/protection.h"

enum { FORECAST_HORIZONS = 6 };
/* 60 300 900 3600 21600 86400 s */
extern const double forecast_horizons[FORECAST_HORIZONS];
/* "5m", "1h": as they are written everywhere. */
void forecast_horizon_name(char to[16], double horizon_s);

/* More than this no meter can have meant, whatever is known of what it measures. */
static const float forecast_most_w = 1e15f;

/* The past of one domain: watts at rising times. Gaps and irregular steps are allowed;
 * NAN is ignored. */
struct forecast_past {
    const double *times;
    const double *watts;
    size_t count;
};

/* What the cap is a limit on: power, its mean or maximum over a window, or what a
 * protective device makes of it; for longer than the dwell. quantity.h makes a series of
 * it. */
struct forecast_cap {
    double watts;               /* NAN: no cap */
    bool is_mean;               /* of a window; else its highest, and without a window
                                 * each sample */
    double window_s, dwell_s;
    bool aligned;               /* the window is a block of the clock, as a utility's
                                 * meter has them */
    struct protection protection;       /* of a kind: there is no window */
};

enum forecast_trust { FORECAST_LEARNING, FORECAST_TRUSTED, FORECAST_NOT_TRUSTED };

struct forecast {
    double horizon_s, cap_w;
    double p_breach;            /* anywhere in the horizon; NAN: no cap */
    /* of power at origin + horizon */
    double q05, q10, q25, q50, q75, q90, q95, q99;
    /* of the maximum over (origin, origin + horizon] */
    double max_q10, max_q50, max_q90, max_q99;
    /* given a breach (course.h); NAN: none in sight */
    double ttb_p10_s, ttb_p50_s, ttb_p90_s;
    double season_w, trend_w;   /* what of q50 less the power now is due to the time of
                                 * day and week, and to going on as of late; NAN: not
                                 * told apart */
    double climb_w_per_s;       /* of a steady climb on which p_breach rests; 0: on
                                 * none */
    size_t samples;             /* it rests on */
    enum forecast_trust trust;
};

/* One of which nothing is known: NAN. */
extern const struct forecast forecast_unknown;

/* Forecasts at `origin`, using only samples up to it, for `count` rising horizons, at
 * most FORECAST_HORIZONS. `idle_w` and `nameplate_w` bound what is possible (NAN:
 * unknown). Fewer than three samples: quantiles NAN, FORECAST_LEARNING. */
void forecast_make(const struct forecast_past *past, double origin,
                   const struct forecast_cap *cap, double idle_w, double nameplate_w,
                   const double *horizons, size_t count, struct forecast *out);
/* Their p_breach alone, to the bit, for a part of the work. */
void forecast_chances(const struct forecast_past *past, double origin,
                      const struct forecast_cap *cap, double nameplate_w,
                      const double *horizons, size_t count, double *chances);
/* Quantiles and probabilities within what is possible: never lower than idle, never
 * higher than the nameplate, and no breach of a cap that cannot be reached, unless it
 * `is_above` now. NAN: not known. */
void forecast_bound(struct forecast *out, size_t count, bool is_above, double idle_w,
                    double nameplate_w);

#endif
