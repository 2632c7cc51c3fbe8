/* What is said of one domain is one function of time: p at each horizon and the times to a breach contradict one another nowhere. */
#ifndef TESTS_LIB_COURSE_H
#define TESTS_LIB_COURSE_H

#include <math.h>

#include "forecast/forecast.h"

/* A moment, and the chance of a breach by then. */
struct moment_said {
    double time, p;
};

static inline size_t take_moments(const struct forecast *f, struct moment_said to[4])
{
    size_t n = 0;

    if (isnan(f->p_breach))
        return 0;
    to[n++] = (struct moment_said){ f->horizon_s, f->p_breach };
    if (isnan(f->ttb_p50_s))
        return n;
    to[n++] = (struct moment_said){ f->ttb_p10_s, .1 * f->p_breach };
    to[n++] = (struct moment_said){ f->ttb_p50_s, .5 * f->p_breach };
    to[n++] = (struct moment_said){ f->ttb_p90_s, .9 * f->p_breach };
    return n;
}

/* Of `count` horizons, f[h * stride], at most 8. Above the cap everything happens at once. */
static inline bool is_one_function_of_time(const struct forecast *f, size_t count, size_t stride)
{
    struct moment_said said[4 * 8];
    size_t n = 0;

    for (size_t h = 0; h < count; h++)
        n += take_moments(&f[h * stride], said + n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (!(said[i].time >= 0) || (said[i].time < said[k].time * (1 - 1e-9) - 1e-9 && said[i].p > said[k].p + 1e-9))
                return false;
    return true;
}

#endif
