/* First passage of a stepped path with noise (crossing.h). */
#include "forecast/crossing.h"

#include <math.h>

#include "forecast/passage.h"

static const double far_away = 6;       /* standard deviations: nothing comes from there */

/* Mean and variance of what is left below z (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 13.10). */
static void cut(double z, double crossing, double *mean, double *variance)
{
    double ratio = normal_density(z) / (1 - crossing), sd = sqrt(*variance);

    *mean -= sd * ratio;
    *variance *= fmax(1 - z * ratio - ratio * ratio, 1e-3);
}

/* How much of the noise's flow over a boundary is seen as such: little of it has a memory where one look hardly knows of
 * the one before, and then each look stands for itself. */
static double memory_of(double keep)
{
    return keep < .3 ? 0 : keep > .6 ? 1 : (keep - .3) / .3;
}

/* Of those below `room` at the look before, the share that flows over it until this one: Durbin's first-order density of a
 * first passage (Durbin 1985) for noise that is normal with `mean` and `spread` now, the boundary moved away because it is
 * looked at only now and then. */
static double flow(double room, double mean, double spread, double variance, double keep)
{
    double theta = -log(keep), sd = sqrt(spread), boundary = room + passage_shift(2 * theta * variance, 1);
    double speed = theta * (2 * (boundary - mean) * variance / spread - boundary);

    return speed > 0 ? -expm1(-normal_density((boundary - mean) / sd) / sd * speed) : 0;
}

/* The noise of those that have not crossed: normal from the last step of the path on. */
struct noise {
    double mean, spread, alive;
    double alive_then;          /* at that step */
};

/* A step of the path takes the cap from `before` to `room`: who stands between has crossed, and the rest is cut there. */
static void step_up(struct noise *n, double before, double room, double memory)
{
    double sd = sqrt(n->spread), z = (room - n->mean) / sd, p = normal_above(z);
    double below = 1 - memory * normal_above((before - n->mean) / sd);

    n->alive *= below > 1e-9 ? fmin((1 - p) / below, 1) : 0;
    if (p < 1 - 1e-9)
        cut(z, p, &n->mean, &n->spread);
    n->alive_then = n->alive;
}

static void look(struct noise *n, double before, double room, double variance, double keep)
{
    double sd = sqrt(n->spread), p, memory = memory_of(keep);

    if (!(sd > 0)) {
        n->alive *= n->mean < room ? 1 : 0;
        return;
    }
    if ((fmin(room, before) - n->mean) / sd > far_away)
        return;
    if (memory > 0)
        n->alive *= 1 - memory * flow(fmax(room, before), n->mean, n->spread, variance, keep);
    if (room < before) {
        step_up(n, before, room, memory);
        return;
    }
    p = normal_above((room - n->mean) / sd);
    n->alive *= 1 - (1 - memory) * p;
    n->alive = fmin(n->alive, n->alive_then * (1 - p));
}

void crossing_add(const double *path, const double *variance, const double *keep, size_t count, double x0,
                  double cap, double weight, double *crossed)
{
    struct noise n = { .mean = x0, .alive = 1, .alive_then = 1 };

    for (size_t k = 0; k < count && n.alive > 1e-9; k++) {
        n.mean *= keep[k];
        n.spread = keep[k] * keep[k] * n.spread + (1 - keep[k] * keep[k]) * variance[k];
        look(&n, cap - path[k ? k - 1 : 0], cap - path[k], variance[k], k ? keep[k] : 0);
        crossed[k] += weight * (1 - n.alive);
        if (n.alive <= 1e-9)
            for (k++; k < count; k++)
                crossed[k] += weight;
    }
}
