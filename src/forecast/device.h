/* When a protective device trips: it carries more than its rating for a while, so neither
 * the power now nor the highest on the way says so, but how hot the way makes it. */
#ifndef FORECAST_DEVICE_H
#define FORECAST_DEVICE_H

#include "forecast/quantity.h"

/* p and the times of `count` rising horizons, at most FORECAST_HORIZONS, whose quantiles
 * of power are known: the device is led along each quantile from `now_w` on, as if power
 * that is high stayed so. What wavers about its level hardly heats: then that is too
 * much, and what the theory of noise says (passage.h), which comes in as p, is less; the
 * lesser stays. */
void device_trips(const struct quantity *q, double now_w, size_t count,
                  struct forecast *out);

#endif
