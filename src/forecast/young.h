/* What can be said before anything has been learned: how far power moves in a horizon, read off how far it has moved in
 * shorter ones. Wide, and it changes slowly. */
#ifndef FORECAST_YOUNG_H
#define FORECAST_YOUNG_H

#include <stddef.h>

#include "forecast/past.h"

struct young {
    double centre;              /* W, added to the present */
    double spread;              /* a standard deviation */
    double tries;               /* how many independent chances the horizon holds to be that far off */
    double thick;               /* tails: from how many samples the spread is known */
    double windows;             /* as long as the horizon that were seen */
    double usual;               /* share of such horizons with a breach, where no more is known */
};

/* False: fewer than three samples. */
bool young_look(const struct past *p, int64_t ahead, struct young *y);
double young_quantile(const struct young *y, double level);             /* less the present */
double young_max_quantile(const struct young *y, double level);
/* P(the highest > present + head). A breach is claimed only as far as the past is long enough to support it. */
double young_above(const struct young *y, double head);

#endif
