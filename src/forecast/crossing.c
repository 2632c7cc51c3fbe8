/* First passage of a stepped path with noise (crossing.h). */
#include "forecast/crossing.h"

#include <math.h>

static const double far_away = 6;       /* standard deviations: nothing comes from there */

/* Of a standard normal: the part above z, and the density there. */
static double above(double z)
{
    return .5 * erfc(z * M_SQRT1_2);
}

static double density(double z)
{
    return .39894228040143268 * exp(-.5 * z * z);
}

/* Mean and variance of what is left below z (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 13.10). */
static void cut(double z, double crossing, double *mean, double *variance)
{
    double ratio = density(z) / (1 - crossing), sd = sqrt(*variance);

    *mean -= sd * ratio;
    *variance *= fmax(1 - z * ratio - ratio * ratio, 1e-3);
}

void crossing_add(const double *path, const double *variance, const double *keep, size_t count, double x0,
                  double cap, double weight, double *crossed)
{
    double mean = x0, spread = 0, alive = 1;

    for (size_t k = 0; k < count; k++) {
        double room = cap - path[k], sd, z;

        mean *= keep[k];
        spread = keep[k] * keep[k] * spread + (1 - keep[k] * keep[k]) * variance[k];
        sd = sqrt(spread);
        z = sd > 0 ? (room - mean) / sd : room - mean < 0 ? -INFINITY : INFINITY;
        if (z < far_away && alive > 0) {
            double p = above(z);

            alive *= 1 - p;
            if (p < 1 - 1e-9 && sd > 0)
                cut(z, p, &mean, &spread);
            else
                alive = p < 1 ? alive : 0;
        }
        crossed[k] += weight * (1 - alive);
    }
}
