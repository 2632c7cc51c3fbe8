/* A line's forecasts (line.h): quantiles within what is possible, chances that rise with the horizon, and when. */
#include "forecast/forecast.h"

#include <math.h>
#include <stdio.h>

#include "forecast/course.h"
#include "forecast/line.h"
#include "forecast/young.h"

enum { STRETCH = 16 };

const double forecast_horizons[FORECAST_HORIZONS] = { 60, 300, 900, 3600, 21600, 86400 };

void forecast_horizon_name(char to[16], double horizon_s)
{
    if (horizon_s < 3600)
        snprintf(to, 16, "%.0fm", horizon_s / 60);
    else
        snprintf(to, 16, "%.0fh", horizon_s / 3600);
}

/* ---- a breach, along the way ---- */

/* The windows of the record as far as they have been followed from where they began. */
struct followed {
    struct heights heights;
    size_t upto[SPREAD_MOST]; /* the last sample */
};

static void follow_none(const struct line_record *r, struct followed *f)
{
    f->heights = r->quantity;
    for (size_t i = 0; i < r->quantity.count && !r->is_guess; i++) {
        f->heights.came[i] = -INFINITY;
        f->upto[i] = r->began[i];
    }
}

/* To so many seconds after they began, no fewer than before. */
static void follow(const struct line_past *p, const struct line_record *r, double seconds,
                   struct followed *f)
{
    struct heights *h = &f->heights;

    if (r->is_guess)            /* there are no windows: what came is the power there was */
        return;
    h->low = INFINITY;
    for (size_t i = 0; i < h->count; i++) {
        double until = p->times[r->began[i]] + seconds;

        for (; f->upto[i] + 1 < p->count && p->times[f->upto[i] + 1] <= until; f->upto[i]++)
            h->came[i] = fmax(h->came[i], p->quantity[f->upto[i] + 1]);
        h->low = fmin(h->low, h->came[i]);
    }
}

/* How the chance grows from one horizon to the next, by the record of the latter; to no more than is said of that. */
struct stretch {
    double times[STRETCH], reached[STRETCH];
    struct course course;
};

static void look_along(const struct line_past *p, const struct line_record *r, const struct forecast_cap *cap, double since,
                       double until, double most, struct stretch *s)
{
    struct followed f;
    double before = 0;

    follow_none(r, &f);
    for (unsigned k = 0; k < STRETCH; k++) {
        /* Knots stand closer at the start, where it matters most. */
        double ahead = since + (until - since) * pow((double)k / (STRETCH - 1), 1.5);
        double share = (ahead + r->age_s) / (until + r->age_s);

        follow(p, r, share * r->horizon_s, &f);
        if (ahead > 0)
            before = fmax(before, fmin(line_breach(r, cap, until, share, f.heights), most));
        s->times[k] = ahead;
        s->reached[k] = before;
    }
    s->course = (struct course){ s->times, s->reached, STRETCH };
}

/* `since`: the horizon before. */
static void judge_cap(const struct line_past *p, const struct line_record *r, const struct forecast_cap *cap, double nameplate_w,
                      double since, struct forecast *f, struct stretch *s)
{
    f->cap_w = cap ? cap->watts : NAN;
    if (isnan(f->cap_w))
        return;
    f->p_breach = nameplate_w <= f->cap_w ? 0 : line_breach(r, cap, f->horizon_s, 1, r->quantity);
    look_along(p, r, cap, since, f->horizon_s, f->p_breach, s);
}

/* ---- all together ---- */

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static void fill_quantiles(const struct line_record *r, double idle_w, double nameplate_w, struct forecast *f)
{
    double low = isnan(idle_w) ? fmin(0, r->now_w) : idle_w, high = isnan(nameplate_w) ? INFINITY : nameplate_w, least = low;
    const struct {
        double *to;
        double p;
    } ends[] = { { &f->q05, .05 }, { &f->q10, .1 }, { &f->q25, .25 }, { &f->q50, .5 },
                 { &f->q75, .75 }, { &f->q90, .9 }, { &f->q95, .95 }, { &f->q99, .99 } };
    const struct {
        double *to, *least; /* the way is at least as high as its end */
        double p;
    } mosts[] = { { &f->max_q10, &f->q10, .1 },
                  { &f->max_q50, &f->q50, .5 },
                  { &f->max_q90, &f->q90, .9 },
                  { &f->max_q99, &f->q99, .99 } };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        *ends[i].to = least = fmax(within(line_quantile(r, f->horizon_s, ends[i].p), low, high), least);
    least = low;
    for (size_t i = 0; i < sizeof(mosts) / sizeof(mosts[0]); i++) {
        least = fmax(least, *mosts[i].least);
        *mosts[i].to = least = fmax(within(line_highest(r, f->horizon_s, mosts[i].p), low, high), least);
    }
}

static struct forecast unknown_forecast(double horizon, const struct forecast_cap *cap,
                                        size_t samples)
{
    return (struct forecast){ .horizon_s = horizon,
                              .cap_w = cap ? cap->watts : NAN,
                              .p_breach = NAN,
                              .q05 = NAN,
                              .q10 = NAN,
                              .q25 = NAN,
                              .q50 = NAN,
                              .q75 = NAN,
                              .q90 = NAN,
                              .q95 = NAN,
                              .q99 = NAN,
                              .max_q10 = NAN,
                              .max_q50 = NAN,
                              .max_q90 = NAN,
                              .max_q99 = NAN,
                              .ttb_p10_s = NAN,
                              .ttb_p50_s = NAN,
                              .ttb_p90_s = NAN,
                              .season_w = NAN,
                              .trend_w = NAN,
                              .samples = samples,
                              .trust = FORECAST_LEARNING };
}

/* What happens within five minutes happens within an hour. */
static void make_monotone(struct forecast *f, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        f[i].p_breach = fmax(f[i].p_breach, f[i - 1].p_breach);
        f[i].max_q10 = fmax(f[i].max_q10, f[i - 1].max_q10);
        f[i].max_q50 = fmax(f[i].max_q50, f[i - 1].max_q50);
        f[i].max_q90 = fmax(f[i].max_q90, f[i - 1].max_q90);
        f[i].max_q99 = fmax(f[i].max_q99, f[i - 1].max_q99);
    }
}

static void fill_times(const struct line_past *p, const struct stretch *stretches, struct forecast *out, size_t count)
{
    const struct course *between[FORECAST_HORIZONS];

    for (size_t i = 0; i < count; i++)
        between[i] = &stretches[i].course;
    course_fill_times(out, count, 1, between);
    for (size_t i = 0; i < count && p->quantity[p->count - 1] > out[i].cap_w; i++)
        course_is_above(&out[i]);
}

void forecast_make(const struct forecast_past *past, double origin,
                   const struct forecast_cap *cap, double idle_w, double nameplate_w,
                   const double *horizons, size_t count, struct forecast *out)
{
    struct stretch stretches[FORECAST_HORIZONS];
    struct line_past p;
    struct line_record r;

    line_take(past, origin, cap, &p);
    for (size_t i = 0; i < count; i++)
        out[i] = unknown_forecast(horizons[i], cap, p.count);
    if (p.count < 3)
        return;
    for (size_t i = 0; i < count; i++) {
        struct forecast *f = &out[i];

        line_look(&p, cap, horizons[i], fmax(origin - p.times[p.count - 1], 0), &r);
        if (i && out[i - 1].p_breach >= 0)
            r.quantity.usual = young_usual_after(out[i - 1].p_breach, horizons[i - 1], horizons[i]);
        f->trend_w = line_trend(&r, horizons[i]);
        fill_quantiles(&r, idle_w, nameplate_w, f);
        judge_cap(&p, &r, cap, nameplate_w, i ? horizons[i - 1] : 0, f, &stretches[i]);
        if (!r.is_guess && p.span_s >= 2 * horizons[i])
            f->trust = FORECAST_TRUSTED;
    }
    make_monotone(out, count);
    fill_times(&p, stretches, out, count);
}

void forecast_bound(struct forecast *out, size_t count, bool is_above, double idle_w, double nameplate_w)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h];
        double *quantiles[] = { &f->q05, &f->q10, &f->q25, &f->q50, &f->q75, &f->q90, &f->q95, &f->q99,
                                &f->max_q10, &f->max_q50, &f->max_q90, &f->max_q99 };

        for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
            *quantiles[i] = *quantiles[i] < idle_w ? idle_w : *quantiles[i];
            *quantiles[i] = *quantiles[i] > nameplate_w ? nameplate_w : *quantiles[i];
        }
        if (is_above || isnan(f->p_breach) || !(nameplate_w <= f->cap_w))
            continue;
        f->p_breach = 0;
        f->ttb_p10_s = f->ttb_p50_s = f->ttb_p90_s = NAN;
    }
}
