/* A robust line and its own record.
 *
 * The line is a level (the last sample, or the median of the last three) and a Theil-Sen
 * slope, followed fully, damped or not at all. Which of these, and how wrong they are, is
 * read off the past: at up to 160 earlier moments of about the same power the same line
 * is drawn with what was known then, and its errors at the horizon, and those of the
 * highest power on the way, are the spread (spread.h). How high past windows went at all
 * counts as much as how far they swung (heights.h).
 *
 * A cap's own quantity (mean over a window, lasting a dwell) is made a series of its own
 * first: then a breach is the maximum of that series above the cap, whatever the cap is
 * made of. Blocks aligned to the clock are taken as sliding, which errs to the safe side.
 */
#include "forecast/forecast.h"

#include <math.h>
#include <stdio.h>

#include "forecast/course.h"
#include "forecast/heights.h"
#include "forecast/spread.h"

enum {
    MOST_SAMPLES = 2048, /* the newest; of 15 s, eight hours, of 10 minutes, two weeks */
    LINE_POINTS = 120,
    RECORD_POINTS = 8,
    CANDIDATES = 480,
    FEW_SIMILAR = 30,
    FEW_ORIGINS = 5,
    STRETCH = 16
};

const double forecast_horizons[FORECAST_HORIZONS] = { 60, 300, 900, 3600, 21600, 86400 };

void forecast_horizon_name(char to[16], double horizon_s)
{
    if (horizon_s < 3600)
        snprintf(to, 16, "%.0fm", horizon_s / 60);
    else
        snprintf(to, 16, "%.0fh", horizon_s / 3600);
}

/* What is known: samples without holes, and the cap's quantity beside each. */
struct past {
    double times[MOST_SAMPLES], watts[MOST_SAMPLES], quantity[MOST_SAMPLES];
    size_t count;
    double step_s, span_s;
    double floor_w; /* no spread is smaller: meters have a resolution */
};

/* How a line is drawn: six ways, the past decides. */
enum trend { TREND_NONE, TREND_DAMPED, TREND_FULL, TRENDS };
enum { LEVELS = 2, WAYS = TRENDS * LEVELS };

struct line {
    double level[LEVELS]; /* the last sample; the median of three */
    double slope;         /* watts per second */
    double memory_s;      /* of a damped trend */
};

/* ---- small arithmetic ---- */

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Of known numbers; fmax(), which minds the unknown, is a call. */
static double larger(double x, double y)
{
    return x > y ? x : y;
}

/* ---- the past ---- */

static void take_samples(const struct forecast_past *from, double origin, struct past *p)
{
    size_t end = from->count, kept = 0, first;

    while (end > 0 && from->times[end - 1] > origin)
        end--;
    for (first = end; first > 0 && kept < MOST_SAMPLES; first--)
        kept += !isnan(from->watts[first - 1]);
    p->count = 0;
    for (size_t i = first; i < end; i++)
        if (!isnan(from->watts[i])) {
            p->times[p->count] = from->times[i];
            p->watts[p->count++] = from->watts[i];
        }
}

/* The usual step, which gaps and bursts do not move. */
static double usual_step(const struct past *p)
{
    double steps[63];
    size_t n = p->count - 1 < 63 ? p->count - 1 : 63;

    for (size_t i = 0; i < n; i++)
        steps[i] = p->times[p->count - 1 - i] - p->times[p->count - 2 - i];
    spread_sort(steps, n);
    return fmax(steps[n / 2], 1e-3);
}

/* The mean over the window that ends at each sample, then the least of these over the
 * dwell. */
static void make_quantity(struct past *p, const struct forecast_cap *cap)
{
    double window = cap && cap->is_mean ? cap->window_s : 0,
           dwell = cap ? cap->dwell_s : 0;
    double means[MOST_SAMPLES], sum = 0;

    for (size_t i = 0, first = 0; i < p->count; i++) {
        sum += p->watts[i];
        while (first < i && p->times[first] <= p->times[i] - window)
            sum -= p->watts[first++];
        means[i] = first == i ? p->watts[i] : sum / (double)(i - first + 1);
    }
    for (size_t i = 0; i < p->count; i++) {
        p->quantity[i] = means[i];
        for (size_t k = i; dwell > 0 && k-- > 0 && p->times[k] >= p->times[i] - dwell;)
            p->quantity[i] = fmin(p->quantity[i], means[k]);
    }
}

/* Index of the last sample at or before a time; the first sample if there is none. */
static size_t sample_at(const struct past *p, double time)
{
    size_t low = 0, high = p->count;

    while (high - low > 1) {
        size_t mid = (low + high) / 2;

        if (p->times[mid] <= time)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* ---- the line ---- */

/* Theil-Sen: the median of the slopes between all pairs of up to `most` points. */
static double robust_slope(const struct past *p, size_t first, size_t last, size_t most)
{
    double slopes[LINE_POINTS * (LINE_POINTS - 1) / 2];
    size_t n = last - first + 1, points = n < most ? n : most, pairs = 0, at[LINE_POINTS];

    if (points < 2)
        return 0;
    for (size_t i = 0; i < points; i++)
        at[i] = first + i * (n - 1) / (points - 1);
    for (size_t i = 1; i < points; i++)
        for (size_t k = 0; k < i; k++) {
            double dt = p->times[at[i]] - p->times[at[k]];

            if (dt > 0)
                slopes[pairs++] = (p->watts[at[i]] - p->watts[at[k]]) / dt;
        }
    return pairs ? spread_nth(slopes, pairs, pairs / 2) : 0;
}

/* How far back a line looks for a horizon. */
static double lookback(const struct past *p, double horizon)
{
    return fmin(within(horizon, 12 * p->step_s, fmax(5400, 12 * p->step_s)),
                p->span_s / 2);
}

static struct line draw_line(const struct past *p, size_t last, double back,
                             size_t points)
{
    size_t first = sample_at(p, p->times[last] - back);
    struct line l = { .memory_s = back };
    double three[3];
    size_t n = last - first + 1 < 3 ? last - first + 1 : 3;

    for (size_t i = 0; i < n; i++)
        three[i] = p->watts[last - i];
    spread_sort(three, n);
    l.level[0] = p->watts[last];
    l.level[1] = n == 3 ? three[1] : p->watts[last];
    l.slope = robust_slope(p, first, last, points);
    return l;
}

static double line_at(const struct line *l, unsigned way, double ahead)
{
    double level = l->level[way / TRENDS];

    switch ((enum trend)(way % TRENDS)) {
    case TREND_FULL:
        return level + l->slope * ahead;
    case TREND_DAMPED:
        return level + l->slope * l->memory_s * -expm1(-ahead / l->memory_s);
    default:
        return level;
    }
}

/* Where the cap's quantity would be if power followed the line: a mean lags by half its
 * window. */
static double quantity_at(const struct line *l, unsigned way, double now,
                          const struct forecast_cap *cap, double ahead)
{
    double memory = cap ? (cap->is_mean ? cap->window_s : 0) + cap->dwell_s : 0;
    double lag = fmin(memory / 2, ahead / 2);
    double share = memory > ahead ? ahead / memory : 1;

    return memory > 0 ? now + share * (line_at(l, way, ahead - lag) - now)
                      : line_at(l, way, ahead);
}

/* ---- the spread ---- */

/* Too little past for a record: a random walk with the steps there were. */
static void guess_spread(const struct past *p, double horizon, struct spread *end,
                         struct heights *most)
{
    static const double ends[FEW_ORIGINS] = { -1.3, -.5, 0, .5, 1.3 };
    static const double mosts[FEW_ORIGINS] = { .1, .4, .7, 1.1, 1.8 };
    double steps[32], sigma;
    size_t n = p->count - 1 < 32 ? p->count - 1 : 32;

    for (size_t i = 0; i < n; i++)
        steps[i] = fabs(p->watts[p->count - 1 - i] - p->watts[p->count - 2 - i]);
    spread_sort(steps, n);
    sigma = (1.48 * steps[n / 2] + p->floor_w) * sqrt(fmax(horizon / p->step_s, 1));
    for (size_t i = 0; i < FEW_ORIGINS; i++) {
        end->errors[i] = ends[i] * sigma;
        most->swings.errors[i] = mosts[i] * sigma;
    }
    end->count = most->swings.count = FEW_ORIGINS;
    end->scale = most->swings.scale = 1;
    most->count = 0;
    most->windows = p->span_s / horizon;
}

/* One earlier moment: what was known, and what came. */
struct moment {
    struct line line;
    size_t at, end;  /* of the past's samples; the latter at the horizon */
    double now; /* the quantity then */
    double came, most,
        most_watts; /* power at the horizon; highest quantity and power on the way */
};

/* False where a gap hides what came. */
static bool look_back(const struct past *p, size_t at, double horizon, double back,
                      struct moment *m)
{
    size_t end = sample_at(p, p->times[at] + horizon);

    if (end <= at ||
        p->times[at] + horizon - p->times[end] > fmax(1.5 * p->step_s, .2 * horizon))
        return false;
    m->line = draw_line(p, at, back, RECORD_POINTS);
    m->at = at;
    m->end = end;
    m->now = p->quantity[at];
    m->came = p->watts[end];
    m->most = spread_highest(p->quantity + at + 1, end - at);
    return true;
}

/* What horizons share that look as far back, and ahead in the past: all from an hour on,
 * of two hours. */
struct hindsight {
    double horizon_s, back_s;   /* 0: nothing yet */
    struct line line;
    unsigned way;
    struct moment moments[SPREAD_MOST];
    size_t count;
    bool knows_power;           /* each moment's most_watts */
};

/* What one horizon rests on. */
struct record {
    struct line line;
    unsigned way;
    struct spread end;             /* around the line */
    struct heights most, quantity; /* its highest point; that of the quantity */
    double asked_s;
    double horizon_s; /* where the record was taken; the asked one if it can be */
    double age_s;     /* of the newest sample: from it, everything is further away */
    size_t origins, began[SPREAD_MOST]; /* the windows: after these samples */
};

/* A trend has to be worth it: of a level that stood still one is right by chance, and then
 * follows the first jump. */
static unsigned best_way(const struct moment *moments, size_t n, double horizon)
{
    const double tie = 1 - 1e-9, worth_a_trend = .95;
    unsigned best = 0;
    double least = INFINITY;

    for (unsigned way = 0; way < WAYS; way++) {
        double sum = 0;

        for (size_t i = 0; i < n; i++)
            sum += fabs(moments[i].came - line_at(&moments[i].line, way, horizon));
        if (sum < least * (way % TRENDS == TREND_NONE ? tie : worth_a_trend)) {
            least = sum;
            best = way;
        }
    }
    return best;
}

/* Earlier moments at about today's power: what follows a high is not what follows a low.
 * Of moments spread evenly over the past, the third that are nearest; all, where there
 * are few. */
static size_t pick_moments(const struct past *p, double horizon, double back,
                           struct moment moments[SPREAD_MOST])
{
    size_t first = sample_at(p, p->times[0] + fmin(back, p->span_s / 3));
    size_t last = sample_at(p, p->times[p->count - 1] - horizon);
    size_t at[CANDIDATES], count = 0, wanted, n = 0;
    double off[CANDIDATES], order[CANDIDATES], limit;

    for (size_t i = 0; i < CANDIDATES && last > first; i++) {
        size_t next = first + (last - first) * i / (CANDIDATES - 1);

        if (count && next == at[count - 1])
            continue;
        at[count] = next;
        off[count] = fabs(p->watts[next] - p->watts[p->count - 1]);
        order[count] = off[count];
        count++;
    }
    if (count == 0)
        return 0;
    wanted = count / 3 > FEW_SIMILAR ? count / 3
             : count < FEW_SIMILAR   ? count
                                     : FEW_SIMILAR;
    limit = spread_nth(order, count, wanted - 1);
    for (size_t i = 0; i < count && n < SPREAD_MOST; i++)
        if (off[i] <= limit && look_back(p, at[i], horizon, back, &moments[n]))
            n++;
    return n;
}

static void look(const struct past *p, double horizon, double back, struct hindsight *s)
{
    if (s->horizon_s == horizon && s->back_s == back)
        return;
    s->horizon_s = horizon;
    s->back_s = back;
    s->line = draw_line(p, p->count - 1, back, LINE_POINTS);
    s->count = pick_moments(p, horizon, back, s->moments);
    s->knows_power = false;
    s->way = s->count < FEW_ORIGINS ? TREND_DAMPED
                                    : best_way(s->moments, s->count, horizon);
}

/* Windows overlap, so there are fewer than it seems; and errors grow like those of a
 * random walk. */
static double widening(const struct past *p, const struct record *r)
{
    double widen = 1 + 2 * r->horizon_s / fmax(p->span_s, r->horizon_s);

    return widen * sqrt((r->asked_s + r->age_s) / r->horizon_s);
}

static void take_quantity(const struct past *p, const struct forecast_cap *cap,
                          const struct hindsight *s, struct record *r)
{
    r->quantity.count = r->quantity.swings.count = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const struct moment *m = &s->moments[i];

        r->began[i] = m->at;
        r->quantity.came[i] = m->most;
        r->quantity.swings.errors[i] =
            m->most -
            fmax(m->now, quantity_at(&m->line, r->way, m->now, cap, r->horizon_s));
    }
    spread_widen(&r->quantity.swings, widening(p, r));
    heights_look(&r->quantity, p->quantity, p->count, p->span_s, r->asked_s + r->age_s,
                 p->floor_w);
}

static void look_at_power(const struct past *p, struct hindsight *s)
{
    for (size_t i = 0; i < s->count && !s->knows_power; i++) {
        struct moment *m = &s->moments[i];

        m->most_watts = spread_highest(p->watts + m->at + 1, m->end - m->at);
    }
    s->knows_power = true;
}

static void take_ends(const struct past *p, struct hindsight *s, struct record *r)
{
    look_at_power(p, s);
    r->end.count = r->most.count = r->most.swings.count = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const struct moment *m = &s->moments[i];
        double end = line_at(&m->line, r->way, r->horizon_s);

        r->end.errors[i] = m->came - end;
        r->most.came[i] = m->most_watts;
        r->most.swings.errors[i] = m->most_watts - fmax(m->line.level[0], end);
    }
    spread_widen(&r->end, widening(p, r));
    spread_widen(&r->most.swings, widening(p, r));
    heights_look(&r->most, p->watts, p->count, p->span_s, r->asked_s + r->age_s,
                 p->floor_w);
    spread_settle(&r->most.swings, p->floor_w);
}

/* All but the record of power itself, which chances of a breach do not need. */
static void take_record(const struct past *p, const struct forecast_cap *cap,
                        double asked, double origin, struct hindsight *s,
                        struct record *r)
{
    double age = fmax(origin - p->times[p->count - 1], 0), horizon = asked + age;

    r->age_s = age;
    r->asked_s = asked;
    r->horizon_s = within(horizon, p->step_s, fmax(p->span_s / 3, p->step_s));
    look(p, r->horizon_s, lookback(p, horizon), s);
    r->line = s->line;
    r->way = s->way;
    r->origins = s->count;
    if (r->origins < FEW_ORIGINS)
        guess_spread(p, horizon, &r->end, &r->quantity);
    else
        take_quantity(p, cap, s, r);
    spread_settle(&r->quantity.swings, p->floor_w);
}

/* After take_record(). */
static void take_power(const struct past *p, struct hindsight *s, struct record *r)
{
    if (r->origins < FEW_ORIGINS)
        r->most = r->quantity;
    else
        take_ends(p, s, r);
    spread_settle(&r->end, p->floor_w);
}

/* How far ahead of the newest sample the line is read; beyond the horizon of the record a
 * trend fades. */
static double record_ahead(const struct record *r, double ahead)
{
    ahead += r->age_s;
    if (ahead <= r->horizon_s)
        return ahead;
    return r->horizon_s * (1 - expm1(-(ahead - r->horizon_s) / r->horizon_s));
}

/* ---- breach ---- */

/* The windows of the record as far as they have been followed from where they began. */
struct followed {
    struct heights heights;
    size_t upto[SPREAD_MOST]; /* the last sample */
};

static void follow_none(const struct record *r, struct followed *f)
{
    f->heights = r->quantity;
    for (size_t i = 0; i < r->quantity.count; i++) {
        f->heights.came[i] = -INFINITY;
        f->upto[i] = r->began[i];
    }
}

/* Through this share of the horizon, no less than before: windows that long, with swings
 * that shrink as those of a random walk. */
static void follow(const struct past *p, const struct record *r, double share,
                   struct followed *f)
{
    struct heights *h = &f->heights;

    h->swings.scale = r->quantity.swings.scale * sqrt(share);
    h->windows = r->quantity.windows / share;
    h->low = INFINITY;
    for (size_t i = 0; i < h->count; i++) {
        double until = p->times[r->began[i]] + share * r->horizon_s, came = h->came[i];
        size_t at = f->upto[i];

        for (; at + 1 < p->count && p->times[at + 1] <= until; at++)
            came = larger(came, p->quantity[at + 1]);
        f->upto[i] = at;
        h->came[i] = came;
        h->low = came < h->low ? came : h->low;
    }
}

/* The probability that the quantity is above the cap somewhere within `share` of the
 * horizon; `h`: windows that long. */
static double breach_within(const struct past *p, const struct record *r,
                            const struct forecast_cap *cap, double horizon, double share,
                            const struct heights *h)
{
    double now = p->quantity[p->count - 1];
    double ahead = share * (horizon + r->age_s) - r->age_s;
    double base =
        fmax(now, quantity_at(&r->line, r->way, now, cap, record_ahead(r, ahead)));

    return heights_breach(h, now, base, cap->watts, horizon);
}

/* How the chance grows from one horizon to the next, by the record of the latter; to no
 * more than is said of that. */
struct stretch {
    double times[STRETCH], reached[STRETCH];
    struct course course;
};

static void look_along(const struct past *p, const struct record *r,
                       const struct forecast_cap *cap, double since, double until,
                       double most, struct stretch *s)
{
    struct followed f;
    double before = 0;

    follow_none(r, &f);
    for (unsigned k = 0; k < STRETCH; k++) {
        /* Knots stand closer at the start, where it matters most. */
        double ahead = since + (until - since) * pow((double)k / (STRETCH - 1), 1.5);
        double share = (ahead + r->age_s) / (until + r->age_s);

        follow(p, r, share, &f);
        if (ahead > 0)
            before = fmax(before,
                          fmin(breach_within(p, r, cap, until, share, &f.heights), most));
        s->times[k] = ahead;
        s->reached[k] = before;
    }
    s->course = (struct course){ s->times, s->reached, STRETCH };
}

static double chance_of_breach(const struct past *p, const struct record *r,
                               const struct forecast_cap *cap, double nameplate_w,
                               double horizon)
{
    if (!cap || isnan(cap->watts))
        return NAN;
    return nameplate_w <= cap->watts
               ? 0
               : within(breach_within(p, r, cap, horizon, 1, &r->quantity), 0, 1);
}

/* `since`: the horizon before. */
static void judge_cap(const struct past *p, const struct record *r,
                      const struct forecast_cap *cap, double nameplate_w, double since,
                      struct forecast *f, struct stretch *s)
{
    f->cap_w = cap ? cap->watts : NAN;
    if (isnan(f->cap_w))
        return;
    f->p_breach = chance_of_breach(p, r, cap, nameplate_w, f->horizon_s);
    look_along(p, r, cap, since, f->horizon_s, f->p_breach, s);
}

/* ---- all together ---- */

/* The way is at least as high as its end. Of the last hundredth two hours know too little
 * to say so. */
static double end_quantile(const struct record *r, double now, double end, double p)
{
    double swung = end + spread_quantile(&r->end, p), top = fmax(now, end);

    return p > .95 || heights_above(&r->most, now, top, swung) >= 1 - p
               ? swung
               : heights_quantile(&r->most, now, top, p);
}

static void fill_quantiles(const struct past *p, const struct record *r, double idle_w,
                           double nameplate_w, struct forecast *f)
{
    double end = line_at(&r->line, r->way, record_ahead(r, f->horizon_s));
    double now = p->watts[p->count - 1], top = fmax(now, end);
    double low = isnan(idle_w) ? fmin(0, now) : idle_w;
    double high = isnan(nameplate_w) ? INFINITY : nameplate_w, least = low;
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
        *ends[i].to = least = fmax(
            within(end_quantile(r, now, end, ends[i].p), low, high), least);
    least = low;
    for (size_t i = 0; i < sizeof(mosts) / sizeof(mosts[0]); i++) {
        least = fmax(least, *mosts[i].least);
        *mosts[i].to = least = fmax(
            within(heights_quantile(&r->most, now, top, mosts[i].p), low, high), least);
    }
}

const struct forecast forecast_unknown = { .p_breach = NAN,
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
                                          .trend_w = NAN };

static struct forecast unknown_forecast(double horizon, const struct forecast_cap *cap,
                                        size_t samples)
{
    struct forecast f = forecast_unknown;

    f.horizon_s = horizon;
    f.cap_w = cap ? cap->watts : NAN;
    f.samples = samples;
    f.trust = FORECAST_LEARNING;
    return f;
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

static void fill_times(const struct past *p, const struct stretch *stretches,
                       struct forecast *out, size_t count)
{
    const struct course *between[FORECAST_HORIZONS];

    for (size_t i = 0; i < count; i++)
        between[i] = &stretches[i].course;
    course_fill_times(out, count, 1, between);
    for (size_t i = 0; i < count && p->quantity[p->count - 1] > out[i].cap_w; i++)
        course_is_above(&out[i]);
}

/* False: that says nothing. */
static bool take_past(const struct forecast_past *from, double origin,
                      const struct forecast_cap *cap, struct past *p)
{
    take_samples(from, origin, p);
    if (p->count < 3)
        return false;
    p->step_s = usual_step(p);
    p->span_s = fmax(p->times[p->count - 1] - p->times[0], p->step_s);
    p->floor_w = fmax(.5, 5e-4 * fabs(p->watts[p->count - 1]));
    make_quantity(p, cap);
    return true;
}

void forecast_chances(const struct forecast_past *past, double origin,
                      const struct forecast_cap *cap, double nameplate_w,
                      const double *horizons, size_t count, double *chances)
{
    struct past p;
    struct hindsight s;
    struct record r;
    bool known = take_past(past, origin, cap, &p);

    s.horizon_s = s.back_s = 0;
    for (size_t i = 0; i < count; i++) {
        chances[i] = NAN;
        if (!known)
            continue;
        take_record(&p, cap, horizons[i], origin, &s, &r);
        chances[i] = chance_of_breach(&p, &r, cap, nameplate_w, horizons[i]);
        if (i > 0)
            chances[i] = fmax(chances[i], chances[i - 1]);
    }
}

void forecast_make(const struct forecast_past *past, double origin,
                   const struct forecast_cap *cap, double idle_w, double nameplate_w,
                   const double *horizons, size_t count, struct forecast *out)
{
    struct stretch stretches[FORECAST_HORIZONS];
    struct past p;
    struct hindsight s;
    struct record r;
    bool known;

    s.horizon_s = s.back_s = 0;
    known = take_past(past, origin, cap, &p);
    for (size_t i = 0; i < count; i++)
        out[i] = unknown_forecast(horizons[i], cap, p.count);
    if (!known)
        return;
    for (size_t i = 0; i < count; i++) {
        struct forecast *f = &out[i];

        take_record(&p, cap, horizons[i], origin, &s, &r);
        take_power(&p, &s, &r);
        f->trend_w = line_at(&r.line, r.way, record_ahead(&r, horizons[i])) -
                     r.line.level[r.way / TRENDS];
        fill_quantiles(&p, &r, idle_w, nameplate_w, f);
        judge_cap(&p, &r, cap, nameplate_w, i ? horizons[i - 1] : 0, f, &stretches[i]);
        if (r.origins >= FEW_ORIGINS && p.span_s >= 2 * horizons[i])
            f->trust = FORECAST_TRUSTED;
    }
    make_monotone(out, count);
    fill_times(&p, stretches, out, count);
}

void forecast_bound(struct forecast *out, size_t count, bool is_above, double idle_w,
                    double nameplate_w)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h];
        double *quantiles[] = { &f->q05,     &f->q10,     &f->q25,     &f->q50,
                                &f->q75,     &f->q90,     &f->q95,     &f->q99,
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
