/* The probability that a path plus noise that falls back goes above a cap: the path in steps, the noise autoregressive
 * with a width that changes along the path, both looked at at given times only, as a meter does.
 *
 * The noise that has not crossed yet is kept as a normal distribution, cut at the cap at every look and matched again by
 * mean and variance (assumed density filtering: Maybeck 1982). Against simulation it is off by a few hundredths of p
 * at worst; a step of any size costs nothing extra. */
#ifndef FORECAST_CROSSING_H
#define FORECAST_CROSSING_H

#include <stddef.h>

/* path[k], variance[k] (of the noise if it had gone on for ever), keep[k] (autocorrelation since the look before): at
 * look k of count. x0: the noise at the start. Adds the probability of a first crossing at or before look k, times
 * `weight`, to crossed[k]. */
void crossing_add(const double *path, const double *variance, const double *keep, size_t count, double x0,
                  double cap, double weight, double *crossed);

#endif
