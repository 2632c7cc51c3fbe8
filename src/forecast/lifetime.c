/* How long jobs last (lifetime.h). */
#include "forecast/lifetime.h"

#include <math.h>
#include <stdbool.h>

static const double shortest_s = 30, log_width = .13976194237515868; /* ln 1.15 */
static const double lean = 12;          /* jobs: what the class above counts for */
static const double keep = .995;        /* of what is known, when another job ends */

/* ---- the scale ---- */

/* Where a length stands, in bins: 3.5 is the middle of the fourth. */
static double place_of(double seconds)
{
    double at = log(fmax(seconds, 1e-3) / shortest_s) / log_width;

    return at < 0 ? 0 : at > LIFETIME_BINS - 1e-6 ? LIFETIME_BINS - 1e-6 : at;
}

static double slack_place_of(double limit_s, double seconds)
{
    double at = log(limit_s / fmax(seconds, 1e-3)) / log_width;

    return at < 0 ? 0 : at > LIFETIME_BINS - 1e-6 ? LIFETIME_BINS - 1e-6 : at;
}

static double length_at(double place)
{
    return shortest_s * exp(place * log_width);
}

/* One more, spread over its neighbours: few jobs say little about which bin is the right
 * one. */
static void count_one(float bins[LIFETIME_BINS], double place)
{
    static const float kernel[] = { 1 / 9.f, 2 / 9.f, 3 / 9.f, 2 / 9.f, 1 / 9.f };
    int at = (int)place;

    for (int i = 0; i < LIFETIME_BINS; i++)
        bins[i] *= (float)keep;
    for (int k = -2; k <= 2; k++) {
        int to = at + k < 0 ? 0 : at + k >= LIFETIME_BINS ? LIFETIME_BINS - 1 : at + k;

        bins[to] += kernel[k + 2];
    }
}

/* ---- what is known ---- */

static void lean_on(double to[LIFETIME_BINS], const float bins[LIFETIME_BINS])
{
    double sum = lean;

    for (int i = 0; i < LIFETIME_BINS; i++)
        sum += (double)bins[i];
    for (int i = 0; i < LIFETIME_BINS; i++)
        to[i] = (lean * to[i] + (double)bins[i]) / sum;
}

void lifetime_shape(struct lifetime_shape *to, const struct lifetime *const *classes,
                    size_t count)
{
    enum { ENOUGH = 5 };
    const struct lifetime *judge = NULL;

    for (int i = 0; i < LIFETIME_BINS; i++) {
        to->durations[i] = 1. / LIFETIME_BINS;
        to->slacks[i] = i < 16 ? 1. / 16 : 1e-6;        /* up to ten times too much */
    }
    to->at_limit = .1;
    to->way = LIFETIME_LIMIT;
    for (size_t c = count; c-- > 0;) {
        const struct lifetime *l = classes[c];

        lean_on(to->durations, l->durations);
        lean_on(to->slacks, l->slacks);
        to->at_limit = (lean * to->at_limit + (double)l->at_limit) /
                       (lean + (double)l->with_limit);
        if (l->count >= ENOUGH)
            judge = l;
    }
    for (int way = 0; judge && way < LIFETIME_WAYS; way++)
        if (judge->losses[way] < judge->losses[to->way])
            to->way = (enum lifetime_way)way;
}

/* ---- one job's probabilities ---- */

/* Of bin i, and of ending at the limit; not yet scaled to sum to one. */
struct ends {
    double bins[LIFETIME_BINS];
    double at_limit;
    int first, last;            /* bins that may still come */
};

static double slack_density(const struct lifetime_shape *shape, double limit_place,
                            int bin)
{
    /* slack at the middle of the bin, less half: interpolated between middles */
    double at = limit_place - bin - 1;
    int i = (int)floor(at);
    double part = at - i,
           low = i >= -1 && i < LIFETIME_BINS ? shape->slacks[i < 0 ? 0 : i] : 0,
           high = i + 1 >= 0 && i + 1 < LIFETIME_BINS ? shape->slacks[i + 1] : 0;

    return low + part * (high - low) + 1e-9;
}

static double limit_place(double limit_s)
{
    return log(limit_s / shortest_s) / log_width;
}

static void find_ends(const struct lifetime_shape *shape, double age, double limit_s,
                      enum lifetime_way way, struct ends *to)
{
    double age_at = place_of(age),
           limit_at = isnan(limit_s) ? LIFETIME_BINS : limit_place(limit_s);
    double total = 0, beyond = 0;

    if (isnan(limit_s))
        way = LIFETIME_DURATION;
    to->first = (int)age_at;
    to->last = to->first - 1;
    for (int i = 0; i < LIFETIME_BINS; i++) {
        double low = fmax(i, age_at), high = fmin(i + 1, limit_at), p = 1;

        if (way != LIFETIME_LIMIT)
            p *= shape->durations[i] + 1e-6;
        if (way == LIFETIME_DURATION && i + 1 > limit_at)
            beyond += p *
                      (i + 1 - fmax(fmax(i, limit_at), age_at < i + 1 ? age_at : i + 1));
        if (way != LIFETIME_DURATION)
            p *= slack_density(shape, limit_at, i);
        total += fmin(i + 1, limit_at) > i ? p * (fmin(i + 1, limit_at) - i) : 0;
        to->bins[i] = high > low ? p * (high - low) : 0;
        if (high > low)
            to->last = i;
    }
    /* What was going to last longer, and what the limit is known to end, end there. */
    to->at_limit = isnan(limit_s) ? 0
                   : way == LIFETIME_DURATION
                       ? fmax(beyond, 0)
                       : total * shape->at_limit / fmax(1 - shape->at_limit, .01);
}

static double sum_of(const struct ends *e)
{
    double sum = e->at_limit;

    for (int i = e->first; i <= e->last; i++)
        sum += e->bins[i];
    return sum;
}

void lifetime_draw(const struct lifetime_shape *shape, double age, double limit_s,
                   const double *u, size_t count, double *to)
{
    double age_at = place_of(age),
           limit_at = isnan(limit_s) ? LIFETIME_BINS : limit_place(limit_s);
    struct ends e;
    double sum;

    find_ends(shape, age, limit_s, shape->way, &e);
    sum = sum_of(&e);
    for (size_t k = 0; k < count; k++) {
        double left = u[k] * sum;
        int i = e.first;

        while (i <= e.last && left > e.bins[i])
            left -= e.bins[i++];
        if (i > e.last) {
            to[k] = isnan(limit_s) ? length_at(LIFETIME_BINS) : limit_s;
        } else {
            double low = fmax(i, age_at), high = fmin(i + 1, limit_at);

            to[k] = length_at(low + (high - low) * left / e.bins[i]);
        }
        to[k] = fmax(to[k], age);
    }
}

double lifetime_survival(const struct lifetime_shape *shape, double age, double limit_s,
                         double seconds)
{
    struct ends now, then;

    if (seconds <= age)
        return 1;
    if (seconds >= limit_s)
        return 0;
    find_ends(shape, age, limit_s, shape->way, &now);
    find_ends(shape, seconds, limit_s, shape->way, &then);
    return sum_of(&now) > 0 ? sum_of(&then) / sum_of(&now) : 0;
}

/* ---- learning ---- */

static double loss_of(const struct lifetime_shape *shape, double seconds, double limit_s,
                      enum lifetime_way way)
{
    struct ends e;
    int at = (int)place_of(seconds);

    find_ends(shape, 0, limit_s, way, &e);
    return -log(fmax(seconds >= .99 * limit_s ? e.at_limit : e.bins[at], 1e-12) /
                fmax(sum_of(&e), 1e-12));
}

void lifetime_learn(struct lifetime *l, double seconds, double limit_s,
                    const struct lifetime_shape *shape)
{
    double share = fmax(1 / ((double)l->count + 1), .03);
    bool limited = seconds >= .99 * limit_s;

    for (int way = 0; way < LIFETIME_WAYS; way++)
        l->losses[way] += (float)(share * (loss_of(shape, seconds, limit_s,
                                                   (enum lifetime_way)way) -
                                           (double)l->losses[way]));
    l->count = l->count * (float)keep + 1;
    if (!limited)
        count_one(l->durations, place_of(seconds));
    if (isnan(limit_s))
        return;
    l->with_limit = l->with_limit * (float)keep + 1;
    l->at_limit = l->at_limit * (float)keep + (limited ? 1 : 0);
    if (!limited)
        count_one(l->slacks, slack_place_of(limit_s, seconds));
}
