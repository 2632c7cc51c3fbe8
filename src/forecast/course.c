/* Times to a breach from the chances of one (course.h). */
#include "forecast/course.h"

#include <math.h>
#include <stddef.h>

const double course_in_sight = .02;

static double reached_by(const struct course *c, double time)
{
    double since = 0, before = 0;

    for (size_t k = 0; k < c->count; k++) {
        if (c->times[k] >= time)
            return c->times[k] > since
                       ? before + (c->reached[k] - before) * (time - since) /
                                      (c->times[k] - since)
                       : c->reached[k];
        since = c->times[k];
        before = c->reached[k];
    }
    return before;
}

/* When the share of what is reached between two moments is reached. */
static double time_between(const struct course *c, double from, double until,
                           double share)
{
    double before = c ? reached_by(c, from) : 0, end = c ? reached_by(c, until) : 0,
           want = before + share * (end - before);
    double since = from;

    if (!(end > before + 1e-9))
        return from + share * (until - from);
    for (size_t k = 0; k < c->count && c->times[k] < until; k++) {
        if (c->times[k] <= from)
            continue;
        if (c->reached[k] >= want)
            return since +
                   (c->times[k] - since) * (want - before) / (c->reached[k] - before);
        since = c->times[k];
        before = c->reached[k];
    }
    return since + (until - since) * fmin((want - before) / (end - before), 1);
}

static double time_to(const struct forecast *out, size_t h, size_t stride,
                      const struct course *const *between, double share)
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

void course_fill_times(struct forecast *out, size_t count, size_t stride,
                       const struct course *const *between)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h * stride];
        bool none = !(f->p_breach >= course_in_sight);

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

/* ---- p and the quantiles ---- */

struct quantile {
    double level;
    size_t at;                  /* in a forecast */
};

static const struct quantile ends[] = {
    { .05, offsetof(struct forecast, q05) }, { .1, offsetof(struct forecast, q10) }, { .25, offsetof(struct forecast, q25) },
    { .5, offsetof(struct forecast, q50) },  { .75, offsetof(struct forecast, q75) }, { .9, offsetof(struct forecast, q90) },
    { .95, offsetof(struct forecast, q95) }, { .99, offsetof(struct forecast, q99) },
};
static const struct most {
    struct quantile most;
    size_t end;                 /* of the same level */
} mosts[] = {
    { { .1, offsetof(struct forecast, max_q10) }, offsetof(struct forecast, q10) },
    { { .5, offsetof(struct forecast, max_q50) }, offsetof(struct forecast, q50) },
    { { .9, offsetof(struct forecast, max_q90) }, offsetof(struct forecast, q90) },
    { { .99, offsetof(struct forecast, max_q99) }, offsetof(struct forecast, q99) },
};

static double *number_at(struct forecast *f, size_t at)
{
    return (double *)((char *)f + at);
}

/* What is not known stays so. */
static void raise_to(double *to, double least)
{
    if (*to < least)
        *to = least;
}

static void draw_down_to(double *to, double most)
{
    if (*to > most)
        *to = most;
}

/* Is more than the cap at this level as likely as p says? */
static bool is_beyond(double level, double p)
{
    return level > 1 - p + 1e-9;
}

static void agree_with_p(struct forecast *f)
{
    if (isnan(f->p_breach) || isnan(f->cap_w))
        return;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (!is_beyond(ends[i].level, f->p_breach))
            draw_down_to(number_at(f, ends[i].at), f->cap_w);
    for (size_t i = 0; i < sizeof(mosts) / sizeof(*mosts); i++)
        (is_beyond(mosts[i].most.level, f->p_breach) ? raise_to : draw_down_to)(
            number_at(f, mosts[i].most.at), f->cap_w);
}

void course_agree(struct forecast *out, size_t count, size_t stride, bool is_power)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h * stride];

        for (size_t i = 0; i < sizeof(mosts) / sizeof(*mosts); i++) {
            double *most = number_at(f, mosts[i].most.at);

            if (is_power)
                raise_to(most, *number_at(f, mosts[i].end));
            if (h > 0)
                raise_to(most, *number_at(&out[(h - 1) * stride], mosts[i].most.at));
        }
        if (is_power)
            agree_with_p(f);
    }
}
