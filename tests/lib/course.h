/* What is said of one domain is one function of time: p at each horizon, the times to a
 * breach and the quantiles contradict one another nowhere. */
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

/* Of `count` horizons, f[h * stride], at most 8. Above the cap everything happens at
 * once. */
static inline bool is_one_function_of_time(const struct forecast *f, size_t count,
                                           size_t stride)
{
    struct moment_said said[4 * 8];
    size_t n = 0;

    for (size_t h = 0; h < count; h++)
        n += take_moments(&f[h * stride], said + n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (!(said[i].time >= 0) ||
                (said[i].time < said[k].time * (1 - 1e-9) - 1e-9 &&
                 said[i].p > said[k].p + 1e-9))
                return false;
    return true;
}

/* Does p say at least that of the cap which a quantile at this level says? */
static inline bool is_borne_out(const struct forecast *f, double level, double watts)
{
    return !(watts > f->cap_w) || f->p_breach >= 1 - level - 1e-6;
}

/* One row by itself, of a cap on each sample. */
static inline bool quantiles_agree_in(const struct forecast *f)
{
    const double levels[8] = { .05, .1, .25, .5, .75, .9, .95, .99 };
    const double ends[8] = { f->q05, f->q10, f->q25, f->q50,
                             f->q75, f->q90, f->q95, f->q99 };
    const double mosts[8] = { NAN, f->max_q10, NAN, f->max_q50,
                              NAN, f->max_q90, NAN, f->max_q99 };

    for (int i = 0; i < 8; i++) {
        if (mosts[i] < ends[i] || (i > 0 && ends[i] < ends[i - 1]))
            return false;
        if (isnan(f->p_breach))
            continue;
        if (!is_borne_out(f, levels[i], ends[i]) ||
            !is_borne_out(f, levels[i], mosts[i]) ||
            (levels[i] > 1 - f->p_breach + 1e-6 && mosts[i] < f->cap_w))
            return false;
    }
    return !(f->max_q50 < f->max_q10 || f->max_q90 < f->max_q50 ||
             f->max_q99 < f->max_q90);
}

/* Of `count` rising horizons, f[h * stride]: within each, and the highest over a longer
 * one is no lower. */
static inline bool quantiles_agree(const struct forecast *f, size_t count, size_t stride)
{
    for (size_t h = 0; h < count; h++) {
        const struct forecast *now = &f[h * stride], *before = h ? now - stride : now;

        if (!quantiles_agree_in(now) || now->max_q10 < before->max_q10 ||
            now->max_q50 < before->max_q50 || now->max_q90 < before->max_q90 ||
            now->max_q99 < before->max_q99)
            return false;
    }
    return true;
}

#endif
