/* Lines through the past, and what is read off them (line.h). */
#include "forecast/line.h"

#include <math.h>
#include <string.h>

#include "forecast/quantity.h"
#include "forecast/young.h"

enum {
    LINE_POINTS = 120,
    RECORD_POINTS = 8,
    CANDIDATES = 480,
    FEW_SIMILAR = 30,
    FEW_ORIGINS = 5
};

/* ---- small arithmetic ---- */

static double within(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* ---- the past ---- */

static void take_samples(const struct forecast_past *from, double origin, struct line_past *p)
{
    size_t end = from->count, kept = 0, first;

    while (end > 0 && from->times[end - 1] > origin)
        end--;
    for (first = end; first > 0 && kept < LINE_SAMPLES; first--)
        kept += !isnan(from->watts[first - 1]);
    p->count = 0;
    for (size_t i = first; i < end; i++)
        if (!isnan(from->watts[i])) {
            p->times[p->count] = from->times[i];
            p->watts[p->count++] = from->watts[i];
        }
}

/* The usual step, which gaps and bursts do not move. */
static double usual_step(const struct line_past *p)
{
    double steps[63];
    size_t n = p->count - 1 < 63 ? p->count - 1 : 63;

    for (size_t i = 0; i < n; i++)
        steps[i] = p->times[p->count - 1 - i] - p->times[p->count - 2 - i];
    spread_sort(steps, n);
    return fmax(steps[n / 2], 1e-3);
}

/* Of what is not known yet, the least so far tells. */
static void make_quantity(struct line_past *p, const struct forecast_cap *cap)
{
    struct forecast_cap sliding = cap ? *cap : (struct forecast_cap){ .watts = NAN };
    struct quantity q;

    sliding.aligned = false;
    quantity_init(&q, &sliding, p->step_s);
    for (size_t i = 0; i < p->count; i++) {
        quantity_observe(&q, p->times[i], p->watts[i]);
        p->quantity[i] = isnan(q.value) ? fmin(p->watts[i], i ? p->quantity[i - 1] : INFINITY) : q.value;
    }
}

/* Index of the last sample at or before a time; the first sample if there is none. */
static size_t sample_at(const struct line_past *p, double time)
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

void line_take(const struct forecast_past *from, double origin, const struct forecast_cap *cap, struct line_past *to)
{
    take_samples(from, origin, to);
    if (to->count < 3)
        return;
    to->step_s = usual_step(to);
    to->span_s = fmax(to->times[to->count - 1] - to->times[0], to->step_s);
    to->floor_w = fmax(.5, 5e-4 * fabs(to->watts[to->count - 1]));
    make_quantity(to, cap);
}

/* ---- the line ---- */

/* How a line is followed. */
enum trend { TREND_NONE, TREND_DAMPED, TREND_FULL, TRENDS };
enum { WAYS = TRENDS * LINE_LEVELS };


/* Theil-Sen: the median of the slopes between all pairs of up to `most` points. */
static double robust_slope(const struct line_past *p, size_t first, size_t last, size_t most)
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
static double lookback(const struct line_past *p, double horizon)
{
    return fmin(within(horizon, 12 * p->step_s, fmax(5400, 12 * p->step_s)),
                p->span_s / 2);
}

static struct line draw_line(const struct line_past *p, size_t last, double back,
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

    if (cap && cap->protection.kind)
        return now;
    return memory > 0 ? now + share * (line_at(l, way, ahead - lag) - now)
                      : line_at(l, way, ahead);
}

/* ---- the spread ---- */

/* Too little past for a record: a random walk with the steps there were, beside the power there was. */
static void guess(const struct line_past *p, double horizon, struct line_record *r)
{
    static const double ends[FEW_ORIGINS] = { -1.3, -.5, 0, .5, 1.3 };
    static const double mosts[FEW_ORIGINS] = { .1, .4, .7, 1.1, 1.8 };
    double steps[32], sigma;
    size_t n = p->count - 1 < 32 ? p->count - 1 : 32;

    for (size_t i = 0; i < n; i++) {
        r->end.came[i] = r->most.came[i] = p->watts[p->count - 1 - i];
        r->quantity.came[i] = p->quantity[p->count - 1 - i];
        steps[i] = fabs(p->watts[p->count - 1 - i] - p->watts[p->count - 2 - i]);
    }
    spread_sort(steps, n);
    sigma = (1.48 * steps[n / 2] + p->floor_w) * sqrt(fmax(horizon / p->step_s, 1));
    for (size_t i = 0; i < FEW_ORIGINS; i++) {
        r->end.swings.errors[i] = ends[i] * sigma;
        r->most.swings.errors[i] = r->quantity.swings.errors[i] = mosts[i] * sigma;
    }
    r->end.count = r->most.count = r->quantity.count = n;
    r->end.swings.count = r->most.swings.count = r->quantity.swings.count = FEW_ORIGINS;
    r->end.swings.scale = r->most.swings.scale = r->quantity.swings.scale = 1;
}

/* One earlier moment: what was known, and what came. */
struct moment {
    struct line line;
    size_t at;  /* of the past's samples */
    double now; /* the quantity then */
    double came, most,
        most_watts; /* power at the horizon; highest quantity and power on the way */
};

/* False where a gap hides what came. */
static bool look_back(const struct line_past *p, size_t at, double horizon, double back,
                      struct moment *m)
{
    size_t end = sample_at(p, p->times[at] + horizon);

    if (end <= at ||
        p->times[at] + horizon - p->times[end] > fmax(1.5 * p->step_s, .2 * horizon))
        return false;
    m->line = draw_line(p, at, back, RECORD_POINTS);
    m->at = at;
    m->now = p->quantity[at];
    m->came = p->watts[end];
    m->most = p->quantity[at + 1];
    m->most_watts = p->watts[at + 1];
    for (size_t i = at + 1; i <= end; i++) {
        m->most = fmax(m->most, p->quantity[i]);
        m->most_watts = fmax(m->most_watts, p->watts[i]);
    }
    return true;
}

static unsigned best_way(const struct moment *moments, size_t n, double horizon)
{
    unsigned best = 0;
    double least = INFINITY;

    for (unsigned way = 0; way < WAYS; way++) {
        double sum = 0;

        for (size_t i = 0; i < n; i++)
            sum += fabs(moments[i].came - line_at(&moments[i].line, way, horizon));
        /* A tie goes to the plainer. */
        if (sum < least * (1 - 1e-9)) {
            least = sum;
            best = way;
        }
    }
    return best;
}

/* Earlier moments at about today's power: what follows a high is not what follows a low.
 * Of moments spread evenly over the past, the third that are nearest; all, where there
 * are few. */
static size_t pick_moments(const struct line_past *p, double horizon, double back,
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

/* Sets what windows that began at those moments came to, beside what the line then said. */
static void take_windows(const struct moment *moments, size_t n, const struct forecast_cap *cap, struct line_record *r)
{
    for (size_t i = 0; i < n; i++) {
        const struct moment *m = &moments[i];
        double end = line_at(&m->line, r->way, r->horizon_s);

        r->began[i] = m->at;
        r->end.came[i] = m->came;
        r->end.swings.errors[i] = m->came - end;
        r->most.came[i] = m->most_watts;
        r->most.swings.errors[i] = m->most_watts - fmax(m->line.level[0], end);
        r->quantity.came[i] = m->most;
        r->quantity.swings.errors[i] = m->most - fmax(m->now, quantity_at(&m->line, r->way, m->now, cap, r->horizon_s));
    }
    r->end.count = r->most.count = r->quantity.count = n;
    r->end.swings.count = r->most.swings.count = r->quantity.swings.count = n;
}

/* Windows overlap, so there are fewer than it seems; and errors grow like those of a random walk. */
static void widen(const struct line_past *p, double horizon_s, struct line_record *r)
{
    double by = (1 + 2 * r->horizon_s / fmax(p->span_s, r->horizon_s)) * sqrt(horizon_s / r->horizon_s);

    spread_widen(&r->end.swings, by);
    spread_widen(&r->most.swings, by);
    spread_widen(&r->quantity.swings, by);
}

/* How many of the windows that came do not overlap. */
static double apart(const struct line_past *p, const struct line_record *r)
{
    double count = 0, until = -INFINITY;

    for (size_t i = 0; i < r->origins; i++)
        if (p->times[r->began[i]] >= until) {
            until = p->times[r->began[i]] + r->horizon_s;
            count++;
        }
    return fmax(count, 1);
}

/* Of few windows that began at about the present power the ends say little: beside them count, as two more, what power was at all. */
static void take_all(const struct line_past *p, double windows, struct heights *end)
{
    double came[SPREAD_MOST];
    size_t own = (size_t)(SPREAD_MOST * windows / (windows + 2)), others = SPREAD_MOST - own;

    memcpy(came, end->came, end->count * sizeof(*came));
    for (size_t i = 0; i < own; i++)
        end->came[i] = came[i * end->count / own];
    for (size_t i = 0; i < others; i++)
        end->came[own + i] = p->watts[i * p->count / others];
    end->count = SPREAD_MOST;
}

static void settle(const struct line_past *p, double horizon_s, struct line_record *r)
{
    double length = r->is_guess ? horizon_s : r->horizon_s;     /* of the windows that came */
    double windows = r->is_guess ? 1 : apart(p, r);

    spread_settle(&r->end.swings, p->floor_w);
    spread_settle(&r->most.swings, p->floor_w);
    spread_settle(&r->quantity.swings, p->floor_w);
    take_all(p, windows, &r->end);
    heights_look(&r->end, p->watts, p->count, p->span_s, length, p->floor_w);
    heights_look(&r->most, p->watts, p->count, p->span_s, length, p->floor_w);
    heights_look(&r->quantity, p->quantity, p->count, p->span_s, length, p->floor_w);
    r->end.windows = 2 * (windows + 2);
    r->quantity.usual = young_usual(horizon_s);
    /* Neighbours are alike; the root splits the difference between counting each and counting one. */
    r->most.parts = r->quantity.parts = sqrt(horizon_s / length);
}

void line_look(const struct line_past *p, const struct forecast_cap *cap, double horizon_s, double age_s, struct line_record *r)
{
    struct moment moments[SPREAD_MOST];
    double horizon = horizon_s + age_s, back = lookback(p, horizon);

    r->age_s = age_s;
    r->now_w = p->watts[p->count - 1];
    r->now_quantity = p->quantity[p->count - 1];
    r->horizon_s = within(horizon, p->step_s, fmax(p->span_s / 3, p->step_s));
    r->line = draw_line(p, p->count - 1, back, LINE_POINTS);
    r->origins = pick_moments(p, r->horizon_s, back, moments);
    r->is_guess = r->origins < FEW_ORIGINS;
    r->way = r->is_guess ? TREND_DAMPED : best_way(moments, r->origins, r->horizon_s);
    if (r->is_guess) {
        guess(p, horizon, r);
    } else {
        take_windows(moments, r->origins, cap, r);
        widen(p, horizon, r);
    }
    settle(p, horizon, r);
}

/* How far ahead of the newest sample the line is read; beyond the horizon of the record a
 * trend fades. */
static double record_ahead(const struct line_record *r, double ahead)
{
    ahead += r->age_s;
    if (ahead <= r->horizon_s)
        return ahead;
    return r->horizon_s * (1 - expm1(-(ahead - r->horizon_s) / r->horizon_s));
}

/* ---- what it says ---- */

double line_end(const struct line_record *r, double horizon_s)
{
    return line_at(&r->line, r->way, record_ahead(r, horizon_s));
}

double line_trend(const struct line_record *r, double horizon_s)
{
    return line_end(r, horizon_s) - r->line.level[r->way / TRENDS];
}

double line_highest(const struct line_record *r, double horizon_s, double level)
{
    return heights_quantile(&r->most, r->now_w, fmax(r->now_w, line_end(r, horizon_s)), level);
}

/* The way is at least as high as its end. Of the last hundredth two hours know too little to say so. */
double line_quantile(const struct line_record *r, double horizon_s, double level)
{
    double end = line_end(r, horizon_s), found = heights_quantile(&r->end, r->now_w, end, level);

    return level > .95 || heights_above(&r->most, r->now_w, fmax(r->now_w, end), found) >= 1 - level
               ? found
               : line_highest(r, horizon_s, level);
}

double line_breach(const struct line_record *r, const struct forecast_cap *cap, double horizon_s, double share, struct heights h)
{
    double ahead = share * (horizon_s + r->age_s) - r->age_s;
    double base = fmax(r->now_quantity, quantity_at(&r->line, r->way, r->now_quantity, cap, record_ahead(r, ahead)));

    h.swings.scale *= sqrt(share);
    h.windows /= share;
    return within(heights_breach(&h, r->now_quantity, base, cap->watts), 0, 1);
}
