/* Times to a breach from the chances of one (course.h). */
#include "forecast/course.h"

#include <math.h>
#include <stddef.h>

#include "forecast/chance.h"

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
    double level, score;        /* score: the standard normal's of the level */
    size_t at;                  /* in a forecast */
};

enum { ENDS = 8, MOSTS = 4 };
static const struct quantile ends[ENDS] = {
    { .05, -1.6449, offsetof(struct forecast, q05) },
    { .1, -1.2816, offsetof(struct forecast, q10) },
    { .25, -.6745, offsetof(struct forecast, q25) },
    { .5, 0, offsetof(struct forecast, q50) },
    { .75, .6745, offsetof(struct forecast, q75) },
    { .9, 1.2816, offsetof(struct forecast, q90) },
    { .95, 1.6449, offsetof(struct forecast, q95) },
    { .99, 2.3263, offsetof(struct forecast, q99) },
};
static const struct quantile mosts[MOSTS] = {
    { .1, -1.2816, offsetof(struct forecast, max_q10) },
    { .5, 0, offsetof(struct forecast, max_q50) },
    { .9, 1.2816, offsetof(struct forecast, max_q90) },
    { .99, 2.3263, offsetof(struct forecast, max_q99) },
};
/* of the same levels as the highest */
static const size_t end_of[MOSTS] = {
    offsetof(struct forecast, q10),
    offsetof(struct forecast, q50),
    offsetof(struct forecast, q90),
    offsetof(struct forecast, q99),
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

/* A distribution by its known quantiles, straight between them by the normal's score.
 * Beyond them it goes on as between the last two, and reaches the cap within FAR. */
struct shape {
    double score[ENDS], watts[ENDS];
    size_t count;
    double below, above;        /* slopes beyond */
};

static const double far = 4;

static double slope_between(const struct shape *s, size_t i)
{
    return (s->watts[i + 1] - s->watts[i]) / (s->score[i + 1] - s->score[i]);
}

static void read_shape(struct forecast *f, const struct quantile *of, size_t count,
                       struct shape *s)
{
    s->count = 0;
    for (size_t i = 0; i < count; i++) {
        double watts = *number_at(f, of[i].at);

        if (isnan(watts))
            continue;
        s->score[s->count] = of[i].score;
        s->watts[s->count++] = watts;
    }
    if (s->count < 2)
        return;
    s->below = fmax(slope_between(s, 0), (s->watts[0] - f->cap_w) / far);
    s->above = fmax(slope_between(s, s->count - 2),
                    (f->cap_w - s->watts[s->count - 1]) / far);
}

/* The last piece that begins at or below a score or, by[] being watts, so many watts. */
static size_t piece_of(const struct shape *s, const double *by, double x)
{
    size_t i = 0;

    while (i + 2 < s->count && by[i + 1] <= x)
        i++;
    return i;
}

static double watts_at(const struct shape *s, double score)
{
    size_t last = s->count - 1, i = piece_of(s, s->score, score);

    if (score < s->score[0])
        return s->watts[0] + (score - s->score[0]) * s->below;
    if (score > s->score[last])
        return s->watts[last] + (score - s->score[last]) * s->above;
    return s->watts[i] + (score - s->score[i]) * slope_between(s, i);
}

static double score_of(const struct shape *s, double watts)
{
    size_t last = s->count - 1, i = piece_of(s, s->watts, watts);

    if (watts < s->watts[0])
        return s->score[0] - (s->below > 0 ? (s->watts[0] - watts) / s->below : far);
    if (watts >= s->watts[last])
        return s->score[last] + (s->above > 0 ? (watts - s->watts[last]) / s->above : far);
    return s->score[i] + (watts - s->watts[i]) / slope_between(s, i);
}

/* How far the scores near the cap have to move, and how much of that one so far from it
 * moves: less and less, so that what is far from the cap stays. On the side on which
 * they come together the way is longer, lest they meet. */
static double moved(double off, double score, double cap_score)
{
    const double near = .8, apart = 1.5;
    double away = score - cap_score;
    double width = (away < 0) == (off < 0) ? fmax(near, apart * fabs(off)) : near;

    return score + off * fmax(1 - fabs(away) / width, 0);
}

/* The cap comes to the level that p gives it, and the levels around it go along. Of power
 * at the end (`at_most`) p only says how much may be above. */
static void bend_to_p(struct forecast *f, const struct quantile *of, size_t count,
                      bool at_most)
{
    const double sure = .01;    /* no level that is told lies beyond */
    struct shape s;
    double cap_score, off;

    read_shape(f, of, count, &s);
    if (s.count < 2)
        return;
    cap_score = chance_normal(1 - fmin(fmax(f->p_breach, sure), 1 - sure));
    off = score_of(&s, f->cap_w) - cap_score;
    if (at_most && off >= 0)
        return;
    for (size_t i = 0; i < count; i++) {
        double *to = number_at(f, of[i].at);

        if (!isnan(*to))
            *to = watts_at(&s, moved(off, of[i].score, cap_score));
    }
}

static bool has_p(const struct forecast *f)
{
    return !isnan(f->p_breach) && !isnan(f->cap_w);
}

/* The last watt, which arithmetic leaves. */
static void settle(struct forecast *f)
{
    for (size_t i = 0; i < ENDS; i++)
        if (!is_beyond(ends[i].level, f->p_breach))
            draw_down_to(number_at(f, ends[i].at), f->cap_w);
    for (size_t i = 0; i < MOSTS; i++)
        (is_beyond(mosts[i].level, f->p_breach) ? raise_to : draw_down_to)(
            number_at(f, mosts[i].at), f->cap_w);
}

void course_agree(struct forecast *out, size_t count, size_t stride, bool is_power)
{
    for (size_t h = 0; h < count; h++) {
        struct forecast *f = &out[h * stride];

        if (is_power && has_p(f)) {
            bend_to_p(f, ends, ENDS, true);
            bend_to_p(f, mosts, MOSTS, false);
        }
        for (size_t i = 0; i < MOSTS; i++) {
            double *most = number_at(f, mosts[i].at);

            if (is_power)
                raise_to(most, *number_at(f, end_of[i]));
            if (h > 0)
                raise_to(most, *number_at(&out[(h - 1) * stride], mosts[i].at));
        }
        if (is_power && has_p(f))
            settle(f);
    }
}
