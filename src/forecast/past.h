/* What a forecaster remembers of one series: the newest samples on an even grid, and a
 * week of five-minute means and maxima. Uneven samples are binned, gaps stay NAN. A plain
 * value: copying it is saving it. */
#ifndef FORECAST_PAST_H
#define FORECAST_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAST_FINE = 1024, PAST_COARSE = 1024 };

struct past {
    double step_s, coarse_s;
    int64_t slot, coarse_slot;          /* of the newest; -1: none yet */
    double time, watts, quantity;       /* of the newest sample, as it came */
    float fine[PAST_FINE];              /* by slot, a mean each */
    float coarse[PAST_COARSE], coarse_max[PAST_COARSE];
    unsigned in_fine, in_coarse;        /* samples in the newest slot of each */
    double first_time;
    double count, mean, variance;       /* of all, the old fading */
    double step_size;                   /* mean absolute change from sample to sample */
};

void past_start(struct past *p, double step_s);
/* A sample later than all before. True: it opened a new slot. */
bool past_add(struct past *p, double time, double watts);
/* The value `back` slots ago, the mean of its five minutes where that is too long; NAN: a
 * gap. */
double past_value(const struct past *p, int64_t back);
/* The highest of `count` slots that begin `back` slots ago, from the five-minute maxima;
 * NAN: mostly gaps. */
double past_max(const struct past *p, int64_t back, int64_t count);
double past_scale(const struct past *p);        /* the standard deviation, never 0 */

struct past_window {
    double mean, max, min, sd;
};
/* Over the newest `seconds`; false: less than half of it is there. */
bool past_look(const struct past *p, double seconds, struct past_window *w);

#endif
