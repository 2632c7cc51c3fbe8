/* What can be said before anything has been learned: how far power moves in a horizon,
 * read off how far it has moved in shorter ones. Wide, and it changes slowly. */
#ifndef FORECAST_YOUNG_H
#define FORECAST_YOUNG_H

#include <stddef.h>

#include "forecast/past.h"

struct young {
    double centre;              /* W, added to the present */
    double spread;              /* a standard deviation */
    double tries;               /* how many independent chances the horizon holds to be
                                 * that far off */
    double thick;               /* tails: from how many samples the spread is known */
    double windows;             /* as long as the horizon that were seen */
    double top, scale;          /* the highest that was seen, less the present; how
                                 * fast the tail above it falls */
    double walk;                /* 1: like a random walk, which forgets where it was;
                                 * 0: noise around a level */
};

/* False: fewer than three samples. */
bool young_look(const struct past *p, int64_t ahead, struct young *y);
/* less the present */
double young_quantile(const struct young *y, double level);
double young_max_quantile(const struct young *y, double level);
/* P(the highest > present + head). */
double young_above(const struct young *y, double head);
/* What of a probability of a breach within a horizon can be claimed when the past is as
 * long as so many of them: of a few windows one swing is most, so beyond the usual share
 * of breaches it is drawn towards that. NAN stays. */
double young_claim(double p, double windows, double seconds);
/* Share of horizons with a breach among domains near their caps: what is said where
 * nothing else is known. */
double young_usual(double seconds);

#endif
