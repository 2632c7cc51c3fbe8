/* When power begins to swing much farther than it did, the experts learn it within
 * hundreds of windows, and their bands hold too little until then. Misses in units of the
 * band tell it within a dozen: once they are far above what they usually are, bands are
 * stretched by as much, until the misses within the bands that the experts say are as
 * usual again. Only while it wins.
 *
 * All zero is empty: nothing is stretched. */
#ifndef FORECAST_STRETCH_H
#define FORECAST_STRETCH_H

#include <stdbool.h>
#include <stddef.h>

struct stretch {
    float lately, usually;      /* mean misses, in widths of the band that was said
                                 * without it */
    float saved;                /* pinball loss it has saved, or would have, in mean
                                 * misses */
    bool is_wild;
};

/* What was done to a forecast. */
struct stretched {
    float by;                   /* 1: nothing */
    bool is_done;               /* or only what would have been */
};

/* Quantiles levels[] around the one in the `middle`, which two at least are below and
 * above. */
struct stretched stretch_apply(const struct stretch *s, float *levels, size_t count,
                               size_t middle);
/* What came of quantiles that stretch_apply() left, at levels p[]. `usual`: the mean
 * miss, W; `overlap`: how many of the latest forecasts look at the same thing. */
void stretch_learn(struct stretch *s, struct stretched done, const float *levels,
                   const double *p, size_t count, size_t middle, float came, float usual,
                   float overlap);

#endif
