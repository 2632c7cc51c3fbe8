/* Reaching a boundary; passage.h names the theory. */
#include "forecast/passage.h"
#include "forecast/fast.h"

#include <math.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

static const double root_half = 0.70710678118654752440, bgk = 0.5825971579390106;

double normal_above(double z)
{
    return .5 * erfc(z * root_half);
}

double normal_density(double z)
{
    return 0.39894228040143267794 * exp(-.5 * z * z);
}

/* ln P(Z > z), where P itself is nought in any floating point: Mills' ratio as a
 * continued fraction (Laplace). */
static double log_normal_above(double z)
{
    double fraction = z;

    if (z < 12)
        return log(normal_above(z));
    for (int k = 12; k > 0; k--)
        fraction = z + k / fraction;
    return -.5 * z * z - log(fraction) - .91893853320467274178;
}

double normal_score(double above)
{
    double low = -9, high = 40, wanted = log(above);

    if (above > .5)
        return above >= 1 ? -INFINITY : -normal_score(1 - above);
    for (int i = 0; i < 60; i++) {
        double mid = (low + high) / 2;

        if (log_normal_above(mid) > wanted)
            low = mid;
        else
            high = mid;
    }
    return (low + high) / 2;
}

double passage_brownian(double distance, double mu, double sigma, double horizon)
{
    double spread = sigma * sqrt(horizon), direct, reflected;

    if (distance <= 0)
        return 1;
    if (!(spread > 0))
        return mu * horizon >= distance;
    direct = normal_above((distance - mu * horizon) / spread);
    reflected = exp(2 * mu * distance / (sigma * sigma) +
                    log_normal_above((distance + mu * horizon) / spread));
    return fmin(direct + reflected, 1);
}

double passage_shift(double rate, double step)
{
    return bgk * sqrt(rate * step);
}

void passage_knots(double *times, size_t count, double first, double horizon)
{
    double ratio = log(horizon / first) / (double)(count - 1);

    for (size_t i = 0; i < count; i++)
        times[i] = i + 1 < count ? first * exp(ratio * (double)i) : horizon;
}

/* ---- Durbin's density ---- */

/* A Gaussian process at one time: how far its mean is below the boundary, how fast that
 * changes, its variance, and the slope of its covariance in the earlier time (which is
 * what makes a path cross rather than be there). */
struct moment {
    double away, slope, variance, turn;
};

/* f(boundary) * (away / variance * turn - slope of away): Durbin 1985, first order. */
static double crossing_density(const struct moment *m)
{
    double sd = sqrt(m->variance);

    return normal_density(m->away / sd) / sd *
           (m->away / m->variance * m->turn - m->slope);
}

static struct moment moment_at(const struct passage *p, double time, double boundary,
                               double slope)
{
    double decay = exp(-p->theta * time), gone = -expm1(-2 * p->theta * time);

    return (struct moment){
        .away = boundary - decay * p->start,
        .slope = slope + p->theta * decay * p->start,
        .variance = p->variance * gone + p->wander * time,
        .turn = p->variance * p->theta * (2 - gone) + p->wander,
    };
}

static void settle_reached(const struct passage *p, const double *times,
                           const double *boundary, size_t count, double *reached)
{
    double before = 0;

    for (size_t i = 0; i < count; i++) {
        struct moment m = moment_at(p, times[i], boundary[i], 0);
        double there = normal_above(m.away / sqrt(m.variance));

        reached[i] = before = fmin(fmax(fmax(reached[i], there), before), 1);
    }
}

static int is_above(const struct passage *p, const double *boundary, const double *slope,
                    const double *times, size_t count, double *reached)
{
    if (p->start < boundary[0] - slope[0] * times[0] &&
        p->variance * p->theta + p->wander > 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        reached[i] = p->start >= boundary[0] - slope[0] * times[0] ||
                     p->start >= boundary[i];
    return 1;
}

/* How far the process remembers a crossing: 1 for a random walk, which stays there, so
 * that densities add up; 0 for noise, whose crossings are independent. That noise forgets
 * with a quarter of its rate was fitted to the exact maxima of AR(1): RMS .036; with its
 * own rate .068, at once .079. */
static double memory(const struct passage *p, double time)
{
    double ou = p->variance * -expm1(-2 * p->theta * time);

    return 1 - ou * -expm1(-.25 * p->theta * time) / (ou + p->wander * time);
}

/* Before the first knot: the reflection principle, with the spread it has there. */
static double reached_early(const struct moment *m)
{
    return 2 * normal_above(fmax(m->away / sqrt(m->variance), 0));
}

void passage_first(const struct passage *p, const double *times, const double *boundary,
                   const double *slope, size_t count, double *reached)
{
    double sum = 0, last_time = 0, last = 0;

    if (is_above(p, boundary, slope, times, count, reached))
        return;
    for (size_t i = 0; i < count; i++) {
        struct moment m = moment_at(p, times[i], boundary[i], slope[i]);
        double now = fmax(crossing_density(&m), 0), kept = memory(p, times[i]);

        sum += i ? (times[i] - last_time) * (last + now) / 2
                 : reached_early(&m);
        last_time = times[i];
        last = now;
        reached[i] = kept * fmin(sum, 1) + (1 - kept) * -expm1(-sum);
    }
    settle_reached(p, times, boundary, count, reached);
}

/* The process after it was at the boundary at an earlier knot. Of what it was above its
 * mean then, the OU's share comes back and the level's stays; how it was shared is known
 * only to a variance. */
static struct moment moment_after(const struct passage *p, double from, double there,
                                  double from_boundary, double boundary, double slope)
{
    double first = exp(-p->theta * from);
    double ou = p->variance * -expm1(-2 * p->theta * from), level = p->wander * from;
    double share = ou + level > 0 ? ou / (ou + level) : 0;
    double unsure = ou + level > 0 ? ou * level / (ou + level) : 0;
    double above = from_boundary - first * p->start;
    double at_ou = first * p->start + share * above, at_level = (1 - share) * above;
    double decay = exp(-p->theta * there), gone = -expm1(-2 * p->theta * there);

    return (struct moment){
        .away = boundary - at_level - decay * at_ou,
        .slope = slope + p->theta * decay * at_ou,
        .variance = unsure * (1 - decay) * (1 - decay) + p->variance * gone +
                    p->wander * there,
        .turn = unsure * p->theta * decay * (1 - decay) + p->variance * p->theta * (2 - gone) +
                p->wander,
    };
}

void passage_exact(const struct passage *p, const double *times, const double *boundary,
                   const double *slope, size_t count, double *reached)
{
    double g[PASSAGE_KNOTS], sum = 0;

    if (is_above(p, boundary, slope, times, count, reached))
        return;
    for (size_t k = 0; k < count; k++) {
        struct moment m = moment_at(p, times[k], boundary[k], slope[k]);

        g[k] = crossing_density(&m);
        for (size_t j = 0; j < k; j++) {
            double weight = (times[j + 1] - (j ? times[j - 1] : 0)) / 2;
            struct moment after = moment_after(p, times[j], times[k] - times[j],
                                               boundary[j], boundary[k], slope[k]);

            g[k] -= weight * g[j] * crossing_density(&after);
        }
        g[k] = fmax(g[k], 0);
        sum += k ? (times[k] - times[k - 1]) * (g[k] + g[k - 1]) / 2
                 : reached_early(&m);
        reached[k] = fmin(sum, 1);
    }
    settle_reached(p, times, boundary, count, reached);
}

/* ---- other functionals ---- */

double mean_variance(double x)
{
    return x < .001 ? 1 - x / 3 : 2 / x * (1 + expm1(-x) / x);
}

double mean_variance_from(double x)
{
    double e = exp(-x);

    if (x < .02)                /* the terms cancel: their series */
        return x * (2. / 3 - x * (.5 - x * (7. / 30)));
    return 2 / x - (3 - 4 * e + e * e) / (x * x);
}

double passage_block(double need, double level, double start, double sd, double theta,
                     double left)
{
    double x = theta * left, share = x > 0 ? -expm1(-x) / x : 1;
    double spread = sd * sqrt(mean_variance_from(x)), away = need - level - start * share;

    if (!(spread > 0))
        return away < 0;
    return normal_above(away / spread);
}

double mean_crossings(double distance, double theta, double window)
{
    double x = theta * window;
    double rate = sqrt(2 * -expm1(-x)) / window / sqrt(mean_variance(x));

    return rate / (2 * M_PI) * exp(-.5 * distance * distance);
}

double trip_variance(double r, double s_r, double theta, double tau)
{
    return 4 * r * r * s_r * s_r / (1 + theta * tau);
}

/* Crossings by noise of variance 1 and theta 1 while the boundary comes nearer, from a to
 * a - end, as a level that is stretched by the root of time does: a diffusion's rate, d
 * phi(d), averaged. Four ends at once. */
static inline four crossings(float a, four end)
{
    enum { POINTS = 4 };
    static const float share[POINTS] = { .35355f, .61237f, .79057f, .93541f };
    four sum = four_of(0);

    for (int i = 0; i < POINTS; i++) {
        four d = larger(a - end * share[i], four_of(1));

        sum += d * fast_exp(-.5f * d * d);
    }
    return sum * (.39894228f / POINTS);
}

double passage_apart(const struct passage *p, double distance, double horizon)
{
    /* The normal distribution in slices. */
    enum { ENDS = 12 };
    static const float end[ENDS] = { -2.75f, -2.25f, -1.75f, -1.25f, -.75f, -.25f,
                                     .25f,   .75f,   1.25f,  1.75f,  2.25f, 2.75f };
    static const float weight[ENDS] = { .00621f, .01654f, .04406f, .09185f,
                                        .14988f, .19146f, .19146f, .14988f,
                                        .09185f, .04406f, .01654f, .00621f };
    float sd = (float)sqrt(p->variance), wandered = (float)sqrt(p->wander * horizon) / sd;
    four reached = four_of(0);
    double miss;

    for (int i = 0; i < ENDS; i += FOUR) {
        four rate = crossings((float)distance / sd, wandered * four_at(end + i));

        reached += four_at(weight + i) *
                   (1 - fast_exp((float)(-p->theta * horizon) * rate));
    }
    miss = 1 - (double)(reached[0] + reached[1] + reached[2] + reached[3]);
    return 1 - miss * miss;
}
