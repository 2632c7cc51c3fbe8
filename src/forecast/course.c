/* Times to a breach from the chances of one (course.h). */
#include "forecast/course.h"

#include <math.h>

/* Less is called none. */
static const double least_p = 1e-3;

static double reached_by(const struct course *c, double time)
{
    double since = 0, before = 0;

    for (size_t k = 0; k < c->count; k++) {
        if (c->times[k] >= time)
            return c->times[k] > since ? before + (c->reached[k] - before) * (time - since) / (c->times[k] - since)
                                       : c->reached[k];
        since = c->times[k];
        before = c->reached[k];
    }
    return before;
}

/* When the share of what is reached between two moments is reached. */
static double time_between(const struct course *c, double from, double until, double share)
{
    double before = c ? reached_by(c, from) : 0, end = c ? reached_by(c, until) : 0, want = before + share * (end - before);
    double since = from;

    if (!(end > before + 1e-9))
        return from + share * (until - from);
    for (size_t k = 0; k < c->count && c->times[k] < until; k++) {
        if (c->times[k] <= from)
            continue;
        if (c->reached[k] >= want)
            return since + (c->times[k] - since) * (want - before) / (c->reached[k] - before);
        since = c->times[k];
        before = c->reached[k];
    }
    return since + (until - since) * fmin((want - before) / (end - before), 1);
}

static double time_to(const struct forecast *out, size_t h, size_t stride, const struct course *const *between, double share)
{
    double want = share * out[h * stride].p_breach, before = 0, since = 0;
    size_t i = 0;

    for (; i < h && !(out[i * stride].p_breach >= want); i++) {
        before = out[i * stride].p_breach;
        since = out[i * stride].horizon_s;
    }
    return time_between(between ? between[i] : NULL, since, out[i * stride].horizon_s,
                        (want - before) / (out[i * stride].p_breach - before));
}

void course_fill_times(struct forecast *out, size_t count, size_t stride, const struct course *const *between)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h * stride];
        bool none = !(f->p_breach >= least_p);

        f->ttb_p10_s = none ? NAN : time_to(out, h, stride, between, .1);
        f->ttb_p50_s = none ? NAN : time_to(out, h, stride, between, .5);
        f->ttb_p90_s = none ? NAN : time_to(out, h, stride, between, .9);
    }
}

void course_is_above(struct forecast *f)
{
    f->p_breach = 1;
    f->ttb_p10_s = f->ttb_p50_s = f->ttb_p90_s = 0;
}
