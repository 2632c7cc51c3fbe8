/* The probability that a path plus noise that falls back goes above a cap: the path in steps, the noise autoregressive
 * with a width that changes along the path, both looked at at given times only, as a meter does.
 *
 * passage.h has the same for a boundary that is smooth and noise whose width stays. Here a step takes at once what stands
 * between the old and the new boundary, and cuts the rest there, matched as a normal by mean and variance; between steps
 * the noise flows over by Durbin's first-order density. Off by a few hundredths of p at worst; 4 us for 240 looks. */
#ifndef FORECAST_CROSSING_H
#define FORECAST_CROSSING_H

#include <stddef.h>

/* path[k], variance[k] (of the noise if it had gone on for ever), keep[k] (autocorrelation since the look before): at
 * look k of count. x0: the noise at the start. Adds the probability of a first crossing at or before look k, times
 * `weight`, to crossed[k]. */
void crossing_add(const double *path, const double *variance, const double *keep, size_t count, double x0,
                  double cap, double weight, double *crossed);

#endif
