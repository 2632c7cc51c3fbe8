/* When a series is not what it was: two-sided CUSUM (Page 1954) of standardised
 * residuals.
 *
 * With k = 0.5 and h = 8 it sees a shift of one standard deviation in about 16 samples,
 * of two in 6, and cries once in 19,000 samples a side (Siegmund 1985, 10.2) when nothing
 * happened: enough for re-adapting in silence. What an operator is shown needs h = 12. */
#ifndef FORECAST_CHANGE_H
#define FORECAST_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

static const float change_slack = .5f, change_limit = 8;

struct change {
    float up, down;
};

/* Takes a standardised residual. Above 0: it has shifted up; below: down; both sums then
 * start again. Inline, for it is done for each of a fleet. */
static inline int change_add(struct change *c, float z)
{
    float up = c->up + z - change_slack, down = c->down - z - change_slack;
    int side;

    up = up > 0 ? up : 0;
    down = down > 0 ? down : 0;
    side = (up > change_limit) - (down > change_limit);
    c->up = side ? 0 : up;
    c->down = side ? 0 : down;
    return side;
}

/* More than a twentieth of all at once is a clock or a collector, not the load: nothing
 * should be learned from it. */
static inline bool change_is_storm(size_t changed, size_t of)
{
    return of >= 20 && changed * 20 > of;
}

#endif
