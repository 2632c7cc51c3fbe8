/* When a cap is breached: the chances of a breach by each horizon, and the times to it,
 * are one function of time, F, so that no window can contradict a p. At a horizon F is
 * p_breach; between two it goes as a model sees it go there, or evenly. */
#ifndef FORECAST_COURSE_H
#define FORECAST_COURSE_H

#include "forecast/forecast.h"

/* P of a breach by some moments, as a model sees it: both rise, from none at 0.
 * Borrowed. */
struct course {
    const double *times;        /* seconds after the origin */
    const double *reached;
    size_t count;
};

/* The least p at which a breach is in sight: below, no time is told, and neither a
 * sentence nor a screen speaks of one. */
extern const double course_in_sight;

/* The three times to a breach of `count` rising horizons, out[h * stride], whose p_breach
 * does not fall: within horizon h the times when F reaches .1, .5 and .9 of its p. NAN
 * where p is less than course_in_sight or not known. between[h]: how F goes from the
 * horizon before to h; NULL, or where that stands still: evenly. `between` NULL: evenly
 * everywhere. */
void course_fill_times(struct forecast *out, size_t count, size_t stride,
                       const struct course *const *between);
/* It is above its cap now: that is certain, and at once. */
void course_is_above(struct forecast *f);
/* p and the quantiles of `count` rising horizons, out[h * stride], made one distribution:
 * the highest over a longer horizon is no lower. Where the cap is a limit on each sample
 * (`is_power`), the highest is also no lower than the end, and by p: of the highest, the
 * cap stands at level 1 - p, and of power at the end there or below; the levels around it
 * are bent along, less the farther they are, so that none stops at the cap. p itself
 * stays, for whoever is young claims less than the record of a few hours would. Of a p
 * that is not known nothing follows. */
void course_agree(struct forecast *out, size_t count, size_t stride, bool is_power);

#endif
