/* The upper tail of standardised errors. */
#include "forecast/tail.h"
#include "forecast/passage.h"

#include <math.h>

static const double most_seen = 20000, most_excesses = 400;
static const double least_shape = -.5, most_shape = .3;

/* Mean and square of the excess of a standard normal over t: ratio and remainder of
 * Mills. */
void tail_init(struct tail *t, double threshold)
{
    double above = normal_above(threshold);
    double density = 0.39894228040143267794 * exp(-.5 * threshold * threshold);

    t->threshold = threshold;
    t->share = above;
    t->mean = density / above - threshold;
    t->square = 1 - threshold * t->mean;
    /* Worth a few observations. */
    t->excesses = 10;
    t->seen = t->excesses / above;
}

void tail_add(struct tail *t, double z)
{
    double over = z - t->threshold, rate;

    if (isnan(z))
        return;
    t->seen = fmin(t->seen + 1, most_seen);
    t->share += ((double)(over > 0) - t->share) / t->seen;
    if (!(over > 0))
        return;
    /* One error of a broken meter is not let to be the tail. */
    over = fmin(over, 10 * t->threshold);
    t->excesses = fmin(t->excesses + 1, most_excesses);
    rate = 1 / t->excesses;
    t->mean += rate * (over - t->mean);
    t->square += rate * (over * over - t->square);
}

struct pareto tail_fit(const struct tail *t)
{
    double spread = fmax(t->square - t->mean * t->mean, 1e-9 * t->square);
    double ratio = t->mean * t->mean / spread;
    double shape = fmin(fmax((1 - ratio) / 2, least_shape), most_shape);

    /* The scale that keeps the mean, whatever shape was allowed. */
    return (struct pareto){ .threshold = t->threshold, .share = fmax(t->share, 1e-9),
                            .shape = shape, .scale = t->mean * (1 - shape) };
}

double pareto_above(const struct pareto *p, double z)
{
    double over = (z - p->threshold) / p->scale;

    if (over <= 0)
        return fmin(normal_above(z) * p->share / normal_above(p->threshold), 1);
    if (fabs(p->shape) < 1e-6)
        return p->share * exp(-over);
    if (1 + p->shape * over <= 0)
        return 0;
    return p->share * pow(1 + p->shape * over, -1 / p->shape);
}

double pareto_quantile(const struct pareto *p, double above)
{
    double ratio = above / p->share;

    if (fabs(p->shape) < 1e-6)
        return p->threshold - p->scale * log(ratio);
    return p->threshold + p->scale / p->shape * (pow(ratio, -p->shape) - 1);
}

double tail_score(const struct pareto *p, double z)
{
    double least = .67 * p->threshold, bend, above;

    /* Below the threshold it bends towards what it is there, so that it never falls. */
    if (z <= p->threshold) {
        bend = fmax(normal_score(p->share), least) / p->threshold;
        return z <= 0 ? z : z * (1 + (bend - 1) * pow(z / p->threshold, 2));
    }
    above = pareto_above(p, z);
    return above > 1e-300 ? fmax(normal_score(above), least) : 37;
}
