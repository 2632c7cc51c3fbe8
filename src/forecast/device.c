/* A device along the quantiles of power (device.h). */
#include "forecast/device.h"

#include <math.h>

#include "forecast/course.h"

enum { LEVELS = 8, PARTS = 8, KNOTS = FORECAST_HORIZONS * PARTS };

static const double levels[LEVELS] = { .05, .1, .25, .5, .75, .9, .95, .99 };

struct way {
    double times[KNOTS];        /* after now */
    double hottest[LEVELS][KNOTS];      /* the quantity, up to then */
};

static double quantile_of(const struct forecast *f, int level)
{
    const double at[LEVELS] = { f->q05, f->q10, f->q25, f->q50,
                                f->q75, f->q90, f->q95, f->q99 };

    return at[level];
}

static void choose_times(const struct forecast *out, size_t count, struct way *w)
{
    for (size_t h = 0; h < count; h++) {
        double since = h ? out[h - 1].horizon_s : 0;

        for (int i = 0; i < PARTS; i++)
            w->times[h * PARTS + (size_t)i] = since + (out[h].horizon_s - since) *
                                                          (i + 1) / PARTS;
    }
}

/* From one horizon's quantile to the next in a straight line. */
static void follow(const struct quantity *q, double now_w, const struct forecast *out,
                   size_t count, int level, struct way *w)
{
    double times[KNOTS], watts[KNOTS], before = now_w, most = -INFINITY;

    for (size_t k = 0; k < count * PARTS; k++) {
        double then = quantile_of(&out[k / PARTS], level);

        times[k] = q->last + w->times[k];
        watts[k] = before + (then - before) * (double)(k % PARTS + 1) / PARTS;
        if (k % PARTS == PARTS - 1)
            before = then;
    }
    quantity_along(q, times, watts, count * PARTS, w->hottest[level]);
    for (size_t k = 0; k < count * PARTS; k++)
        w->hottest[level][k] = most = fmax(most, w->hottest[level][k]);
}

/* The share of ways that are above the cap by a knot: between two levels in a straight
 * line. */
static double share_above(const struct way *w, size_t k, double cap)
{
    double below = w->hottest[0][k], above;

    if (below > cap)
        return 1;
    for (int i = 1; i < LEVELS; i++, below = above) {
        above = w->hottest[i][k];
        if (above > cap)
            return 1 - (levels[i - 1] +
                        (levels[i] - levels[i - 1]) * (cap - below) / (above - below));
    }
    return 0;
}

void device_trips(const struct quantity *q, double now_w, size_t count,
                  struct forecast *out)
{
    const struct course *between[FORECAST_HORIZONS];
    struct way w;
    double reached[KNOTS], before = 0;
    const struct course course = { w.times, reached, count * PARTS };

    if (isnan(q->began) || isnan(q->cap.watts) || isnan(out[0].q50))
        return;
    choose_times(out, count, &w);
    for (int i = 0; i < LEVELS; i++)
        follow(q, now_w, out, count, i, &w);
    for (size_t k = 0; k < count * PARTS; k++)
        reached[k] = before = fmax(before, share_above(&w, k, q->cap.watts));
    for (size_t h = 0; h < count; h++) {
        out[h].p_breach = fmin(out[h].p_breach, reached[h * PARTS + PARTS - 1]);
        between[h] = &course;
    }
    course_fill_times(out, count, 1, between);
    for (size_t h = 0; h < count && q->value > q->cap.watts; h++)
        course_is_above(&out[h]);
}
