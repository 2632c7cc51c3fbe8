/* Chances on the scale of log odds. Nothing is surer than one in ten thousand. */
#ifndef FORECAST_ODDS_H
#define FORECAST_ODDS_H

#include <math.h>

static const double odds_least = 1e-4;

static inline double odds_clip(double p)
{
    return fmin(fmax(p, odds_least), 1 - odds_least);
}

/* ln(p / (1 - p)), and back. */
static inline double odds_of(double p)
{
    p = odds_clip(p);
    return log(p / (1 - p));
}

static inline double odds_chance(double log_odds)
{
    return 1 / (1 + exp(-log_odds));
}

#endif
