/* What the present looks like, as numbers a regression and a tree can use: recent
 * changes, where the present stands in the windows behind it, the same time yesterday and
 * last week, and the clock. All in standard deviations. */
#ifndef FORECAST_FEATURES_H
#define FORECAST_FEATURES_H

#include <stdint.h>

#include "forecast/past.h"

enum {
    FEATURE_LAGS = 7,
    FEATURE_WINDOWS = 4,
    FEATURE_COMMON = FEATURE_LAGS + 10 + 10,
    FEATURE_CLOCK = FEATURE_COMMON - 4,     /* the first of those of the time of day and
                                             * week, to the end */
    FEATURE_OWN = 5,            /* of a horizon */
    FEATURES = FEATURE_COMMON + FEATURE_OWN
};

/* NAN: not known. `smooth` is the level smoothed slowly and fast, `since` slots and watts
 * since the last large step. */
struct features_state {
    double smooth[3];
    double since_slots, before_watts;
};

/* Those that all horizons share: the present less earlier values, less what was smoothed,
 * and where it stands in windows behind it; sine and cosine of the time of day and week
 * (a season as its first harmonics: Harvey, Forecasting, structural time series models
 * and the Kalman filter, 1989). */
void features_common(const struct past *p, const struct features_state *s,
                     float to[FEATURE_COMMON]);
/* Those of the horizon `ahead` slots long: what came after the same time yesterday and a
 * week ago, at its end and at the highest, less the present. */
void features_own(const struct past *p, int64_t ahead, float to[FEATURE_OWN]);
/* A byte that keeps the order: sign, octave and eighth of an octave. 0: not known. */
uint8_t features_code(float x);
/* The middle of what has this code. */
float features_value(uint8_t code);

#endif
