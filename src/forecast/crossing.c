/* First passage of a stepped path with noise (crossing.h). */
#include "forecast/crossing.h"

#include <math.h>
#include <stdbool.h>

#include "forecast/passage.h"
#include "forecast/spread.h"

static const double far_away = 6;       /* standard deviations: nothing comes from
                                         * there */

/* The noise of those that have not crossed: normal. */
struct noise {
    double mean, spread, alive;
};

/* Mean and variance of what is left below z (Johnson, Kotz, Balakrishnan, Continuous
 * Univariate Distributions 1, 13.10). */
static void cut(struct noise *n, double sd, double z, double crossing)
{
    double ratio = normal_density(z) / (1 - crossing);

    n->mean -= sd * ratio;
    n->spread *= fmax(1 - z * ratio - ratio * ratio, 1e-3);
}

/* Of what a normal distribution has above a boundary z away, the share that has crossed:
 * just below the boundary there are fewer than it says where noise goes there in many
 * small steps, for these have crossed before: the more steps of the latest's variance,
 * `push`, its width is made of. Fitted to 400 exact first passages (the density carried
 * on from look to look on a grid): keep .5 to .99, boundaries from .5 below to 3.5 above,
 * half of them in steps. */
static double share_new(double z, double sd, double push)
{
    const double near = 2.02;
    double steps;

    if (!(z > near))
        return 1;
    steps = sd / sqrt(push);
    return steps > 1 ? 1 / (1 + .146 * sqrt(z * z - near * near) * (steps - 1)) : 1;
}

/* So far that the exact bound, a division and a root later, is not near. */
static bool is_far(const struct noise *n, double room)
{
    const double further = far_away + .01;
    double away = room - n->mean;

    return away > 0 && away * away > further * further * n->spread;
}

/* The path has taken the cap from `before` to `room`: who stands between has crossed, and
 * so has who went over both; the rest is cut there, matched as a normal. `push`: the
 * variance that came since the look before. */
static void look(struct noise *n, double before, double room, double push)
{
    double sd, z, z_before, p, beyond;

    if (is_far(n, before < room ? before : room))
        return;
    sd = sqrt(n->spread);
    z = (room - n->mean) / sd;
    z_before = (before - n->mean) / sd;
    if (!(sd > 0)) {
        n->alive *= n->mean < room ? 1 : 0;
        return;
    }
    if (z > far_away && z_before > far_away)
        return;
    p = normal_above(z);
    beyond = z_before > z ? normal_above(z_before) : p;
    n->alive *= 1 - (p - beyond) -
                beyond * share_new(z_before > z ? z_before : z, sd, push);
    if (p < 1 - 1e-9)
        cut(n, sd, z, p);
}

/* The noise is never wider than at its widest, nor its mean above where it begins: from
 * there, look() sees nothing come. */
static bool is_out_of_reach(const double *path, const double *variance, size_t count,
                            double x0, double cap)
{
    double highest = spread_highest(path, count),
           widest = spread_highest(variance, count);

    return cap - highest - (x0 > 0 ? x0 : 0) > (far_away + .01) * sqrt(widest);
}

void crossing_add(const double *path, const double *variance, const double *keep,
                  size_t count, double x0, double cap, double weight, double *crossed)
{
    struct noise n = { .mean = x0, .alive = 1 };

    if (is_out_of_reach(path, variance, count, x0, cap))
        return;
    for (size_t k = 0; k < count && n.alive > 1e-9; k++) {
        double push = (1 - keep[k] * keep[k]) * variance[k];

        n.mean *= keep[k];
        n.spread = keep[k] * keep[k] * n.spread + push;
        look(&n, cap - path[k ? k - 1 : 0], cap - path[k], push);
        crossed[k] += weight * (1 - n.alive);
        if (n.alive <= 1e-9)
            for (k++; k < count; k++)
                crossed[k] += weight;
    }
}
