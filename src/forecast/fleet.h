/* Forecasts for a hundred thousand series at once: racks, nodes, whatever is too many for
 * a forecaster each.
 *
 * A series costs 126 bytes. Its level and damped trend (a critically damped filter), the
 * running median of what is left, how far that spreads up and down, how long it
 * remembers, how the level wanders, and a CUSUM that notices a change: the residual comes
 * back (Ornstein-Uhlenbeck) over a level that wanders. What all have in common - how
 * errors at a horizon really spread, how probabilities are off - is learned from a sample
 * of forecasts that is followed until it matures.
 *
 * Arithmetic only, deterministic to the bit. Caps on samples, means, blocks and thermal
 * trips are taken as what they are. To the safe side: a dwell is taken as a mean over it,
 * the highest of a window as each sample, and any other protective device as the thermal
 * trip that carries a quarter of overload as long when cold. */
#ifndef FORECAST_FLEET_H
#define FORECAST_FLEET_H

#include <stdbool.h>
#include <stddef.h>

#include "forecast/forecast.h"

struct fleet;

/* `step_s`: between observations. All memory is taken here. */
struct fleet *fleet_new(size_t capacity, double step_s);
void fleet_free(struct fleet *f);       /* NULL is fine */
/* Room for more series, about which nothing is known yet. Less: nothing happens. */
void fleet_grow(struct fleet *f, size_t capacity);

/* What series `row` is. Watts NAN: no cap; idle and nameplate NAN: unknown. Its past
 * stays. */
void fleet_set(struct fleet *f, size_t row, const struct forecast_cap *cap, double idle_w,
               double nameplate_w);
/* Forgets a series' past: something else stands there now. */
void fleet_forget(struct fleet *f, size_t row);
/* Its past is this instead: watts of `count` steps, oldest first, NAN where unknown, the
 * last of which ended at `end`, not after the newest time of all. */
void fleet_warm(struct fleet *f, size_t row, double end, const float *watts,
                size_t count);

/* Somebody changed something to avoid a breach of it: forecasts of it that are followed
 * teach nothing. */
void fleet_acted(struct fleet *f, size_t row);

/* The time of the newest; NAN: none yet. */
double fleet_time(const struct fleet *f);
/* The power of all at `time`: watts[row], NAN where unknown; `count` at most the
 * capacity. Not newer: ignored. Negative and impossible (1.3 times the nameplate) values
 * are dropped and counted. */
void fleet_observe(struct fleet *f, double time, const float *watts, size_t count);
size_t fleet_rejected(const struct fleet *f);
/* So many changed at once that a clock or a collector is suspected: nothing is being
 * learned. */
bool fleet_is_storm(const struct fleet *f);

/* Breach probabilities of all series at all of forecast_horizons[], from what was
 * observed last. */
void fleet_refresh(struct fleet *f);
/* P of a breach of `row` by the last refresh; NAN: no cap, fewer than three samples, or
 * half an hour without one. */
double fleet_p(const struct fleet *f, size_t row, unsigned horizon);
/* The whole of the last refresh: out[i * FORECAST_HORIZONS + h] for `count` series from
 * `first` on. */
void fleet_make(const struct fleet *f, size_t first, size_t count, struct forecast *out);

/* What all have in common, as forecaster_save() and forecaster_load(): how errors spread,
 * how probabilities are off. Of any number of series; each of them is told its past
 * again. */
size_t fleet_save(const struct fleet *f, void *to, size_t room);
bool fleet_load(struct fleet *f, const void *from, size_t size);
size_t fleet_bytes(const struct fleet *f);      /* of memory, all of it */

#endif
