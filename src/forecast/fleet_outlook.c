/* A series of a fleet as the theory sees it: where its mean goes, and how far from it the
 * noise and the wandering level take it. */
#include "forecast/fast.h"
#include "forecast/fleet_inside.h"

#include <math.h>

static const double damping_per_s = .0202 / 60, trend_end_s = 1800;

double trend_reach(double seconds)
{
    /* Ends after half an hour, damped on the way. */
    return -expm1(-damping_per_s * fmin(seconds, trend_end_s)) / damping_per_s;
}

double trend_slope(double seconds)
{
    return seconds < trend_end_s ? exp(-damping_per_s * seconds) : 0;
}

/* What the noise alone does to the distance of two exponential means: s^2 (K(a,a) - 2
 * K(a,b) + K(b,b)), with K(a,b) = (a / (1 + theta a) + b / (1 + theta b)) / (a + b). */
static double noise_apart(double theta)
{
    double a = mid_tau / (1 + theta * mid_tau), b = slow_tau / (1 + theta * slow_tau);

    return a / mid_tau + b / slow_tau - 2 * (a + b) / (mid_tau + slow_tau);
}

/* Variance of the level's steps a second, from how far apart the means are: a random
 * walk's are by q (b - a)^2 / (2 (a + b)). The noise's own share is taken off. */
static double wander_of(double apart, double theta, double variance)
{
    double walked = apart - variance * noise_apart(theta);

    return fmax(walked, .05 * apart) * 2 * (mid_tau + slow_tau) /
           ((slow_tau - mid_tau) * (slow_tau - mid_tau));
}

/* How far what the level follows can be believed: of its trend, what noise alone would
 * not make (positive-part James & Stein 1961; the filter's slope under such noise has
 * variance s^2 theta / (2 tau (1 + theta tau)^2)). */
static double trend_share(double trend, const struct passage *p)
{
    double slower = 1 + p->theta * level_tau;
    double noise = p->variance * p->theta / (2 * level_tau * slower * slower);

    return fmax(0, 1 - 3 * noise / (trend * trend + 1e-300));
}

/* Of means with different memories, the one between whose memory is best: sqrt(noise
 * density / wander), as Wiener's filter of a random walk in noise has. */
static double best_level(const struct motion *m, unsigned i, const struct passage *p)
{
    double memory = sqrt(2 * p->variance / (p->theta * p->wander));
    double fast = (double)m->level[i] + (double)m->bias[i];
    double mid = (double)m->mid[i], slow = (double)m->slow[i], share;

    if (memory < mid_tau) {
        share = fmax(0, log(memory / level_tau) / log(mid_tau / level_tau));
        return fast + share * (mid - fast);
    }
    /* Young, the slow mean is mostly its first sample. */
    share = fmin(log(memory / mid_tau) / log(slow_tau / mid_tau), 1);
    share *= fmin(1, (double)m->seen[i] / 240);
    return mid + share * (slow - mid);
}

/* Noise beside a level that follows it: some is hidden, and what is left forgets faster.
 * Undone here, to first order. */
static struct passage process_of(const struct motion *m, unsigned i, double step_s,
                                 double up)
{
    double rho = (double)(m->c1[i] / m->c0[i]);
    double seen = -log(fmin(fmax(rho, .05), .98)) / step_s;
    double theta = fmax(seen - 2 / level_tau, .15 * seen);
    double variance = up * fmin(1 + 1 / (theta * level_tau), 2);

    return (struct passage){ .theta = theta, .variance = variance,
                             .wander = wander_of((double)m->wander[i], theta, variance) };
}

struct outlook outlook_of(const struct fleet *f, size_t row)
{
    const struct motion *m = motion_of(f, row);
    unsigned i = row % FOUR;
    double least = (double)least_spread(four_of(m->nameplate[i]),
                                        four_of(m->level[i]))[0];
    double up = fmax((double)m->up[i], least * least);
    double down = fmax((double)m->down[i], least * least);
    double trend = (double)m->trend[i], share, best;
    struct outlook o = { .floor_w = least, .process = process_of(m, i, f->step_s, up) };

    share = trend_share(trend, &o.process);
    best = best_level(m, i, &o.process);
    o.up = o.process.variance;
    o.down = o.up / up * down;
    o.trend = share * trend;
    o.now = best + share * ((double)m->level[i] + (double)m->bias[i] - best);
    o.process.start = fmax((double)m->watts[i] - o.now, -3 * sqrt(o.up));
    return o;
}

double spread_at(const struct outlook *o, double variance, double seconds)
{
    return sqrt(variance * -expm1(-2 * o->process.theta * seconds) +
                o->process.wander * seconds);
}

double mean_at(const struct outlook *o, double seconds)
{
    return o->now + o->trend * trend_reach(seconds) +
           o->process.start * exp(-o->process.theta * seconds);
}
