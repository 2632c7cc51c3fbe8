/* A steady climb, and how likely it goes on until it reaches a cap: for those who have
 * never seen where climbs end. */
#ifndef FORECAST_CLIMB_H
#define FORECAST_CLIMB_H

#include "forecast/past.h"

struct climb {
    double age_s;               /* for so long power has followed a rising line; 0: it
                                 * does not */
    double slope;               /* W/s */
    double spread;              /* around the line, W */
};

/* The longest of some windows up to now over which power has kept to a line that rises
 * far more than power swings around it. */
struct climb climb_look(const struct past *p);
/* P that `head` watts more are reached within a horizon. What has gone on for so long
 * goes on for as long again with one half, for t more with age / (age + t); farther than
 * that it is not followed (Gott, Implications of the Copernican principle for our future
 * prospects, Nature 363, 1993). */
double climb_chance(const struct climb *c, double head, double horizon_s);

#endif
