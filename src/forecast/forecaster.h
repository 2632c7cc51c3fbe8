/* One domain's forecaster: learns from each sample as it comes, forecasts at any time,
 * and is scored by what follows.
 *
 * Arithmetic only: no clock, no I/O, no model. Deterministic to the bit: the same samples
 * give the same forecasts, and a forecaster that was saved and loaded goes on as if it
 * had never stopped. */
#ifndef FORECAST_FORECASTER_H
#define FORECAST_FORECASTER_H

#include <stdbool.h>
#include <stddef.h>

#include "forecast/forecast.h"

enum { FORECASTER_HORIZONS = 8, FORECASTER_CAPS = 4 };

struct forecaster_options {
    double step_s;              /* between samples; uneven ones are binned */
    double horizons[FORECASTER_HORIZONS];       /* seconds, rising */
    size_t horizon_count;
    struct forecast_cap cap;    /* whose quantity is learned; its watts may change at
                                 * any time */
};

struct forecaster;

/* Owned by the caller, who frees it; all memory it will ever need is taken here. */
struct forecaster *forecaster_new(const struct forecaster_options *options);
void forecaster_free(struct forecaster *f);             /* NULL is fine */

/* A sample: watts, NAN where the meter said nothing. Late, double and impossible ones are
 * dropped and counted. One that stands still is believed: recorded nodes that idle say
 * the same watt for hours. */
void forecaster_observe(struct forecaster *f, double time, double watts);
/* Somebody changed something to avoid a breach: windows open now teach nothing about
 * breaches, nor how far bands reach. */
void forecaster_acted(struct forecaster *f);
/* What comes is of another time: the clock was set back, or an older past has come to
 * light. What was learnt stays, the samples and the windows that are open go. */
void forecaster_begin_again(struct forecaster *f);
/* What is possible; NAN, as at first: not known. May change at any time. */
void forecaster_bound(struct forecaster *f, double idle_w, double nameplate_w);

/* The caps whose breaches are learnt, at most FORECASTER_CAPS, each in its own place from
 * call to call; they may move. At first the options' cap alone. Of those that are NAN
 * nothing is learnt. */
void forecaster_watch(struct forecaster *f, const double *caps, size_t cap_count);

/* Forecasts at `origin`, not before the last sample, one a horizon, against each of
 * `cap_count` caps in watts of the same quantity: p_breach differs, the quantiles do not.
 * out[h * cap_count + c]. A cap that is not watched is told what was learnt of the
 * nearest one that is. */
void forecaster_make(struct forecaster *f, double origin, const double *caps,
                     size_t cap_count, struct forecast *out);

/* The state, to go on from later, in a form of this version alone. Returns the bytes it
 * takes; writes them where they fit into `room`. Loading returns false and leaves the
 * forecaster as it was where the bytes are not of such a one with the same options. */
size_t forecaster_bytes(const struct forecaster *f);    /* of memory, all of it */
/* samples that were not believed */
size_t forecaster_dropped(const struct forecaster *f);
/* of the last sample; -INFINITY: none */
double forecaster_time(const struct forecaster *f);

size_t forecaster_save(const struct forecaster *f, void *to, size_t room);
bool forecaster_load(struct forecaster *f, const void *from, size_t size);

#endif
