/* Ridge regression that learns a row at a time and forgets (recursive least squares by
 * normal equations, Hoerl and Kennard 1970; solved now and then by Cholesky). */
#ifndef FORECAST_RIDGE_H
#define FORECAST_RIDGE_H

#include "forecast/features.h"

enum { RIDGE_TERMS = FEATURES + 1, RIDGE_PAIRS = RIDGE_TERMS * (RIDGE_TERMS + 1) / 2 };

struct ridge {
    float pairs[RIDGE_PAIRS];   /* the lower triangle of X'X, by rows */
    float sums[RIDGE_TERMS];    /* X'y */
    float weights[RIDGE_TERMS];
    unsigned rows;
};

/* X'X and X'y fade by `memory`, then take the row in, y held within 6; the weights solve
 * (X'X + penalty I) w = X'y. */
void ridge_learn(struct ridge *r, const float x[FEATURES], double y, double memory);
void ridge_solve(struct ridge *r, double penalty);
double ridge_predict(const struct ridge *r, const float x[FEATURES]);
/* What of the prediction is due to the features from `first` on, before `end`. */
double ridge_share(const struct ridge *r, const float x[FEATURES], unsigned first,
                   unsigned end);

#endif
