/* From the path of power to the path of what a cap is a limit on (place_inside.h). The
 * path itself goes through quantity.h; the noise on it shrinks as that of a mean over the
 * window does, and the quantity remembers it for longer. */
#include <math.h>
#include <string.h>

#include "forecast/place_inside.h"

/* Over how long noise is averaged before it can breach anything. */
static double averaged_over(const struct forecast_cap *cap)
{
    /* a trip low-passes over minutes; its own time comes in by the path */
    const double device_s = 120;

    if (cap->protection.kind != PROTECTION_NONE)
        return device_s;
    return fmax(cap->is_mean ? cap->window_s : 0, cap->dwell_s);
}

/* Variance of the mean of an AR(1) of variance 1 over x times its memory (Papoulis 1965,
 * 9-5). */
static double variance_of_mean(double x)
{
    return x < 1e-3 ? 1 - x / 3 : 2 / x * (1 - -expm1(-x) / x);
}

static void average_noise(const struct place_making *m, double window_s,
                          struct place_quantity *to)
{
    double memory_s = m->noise.rho > 0 ? -m->known->step_s / log(m->noise.rho)
                                       : m->known->step_s * .2;

    to->x0 = 0;                 /* it is in the path */
    to->variance = to->own_variance;
    to->keep = to->own_keep;
    for (size_t k = 0; k < m->looks; k++) {
        double since = fmin(m->times[k], window_s), share = since / window_s;
        double width = m->times[k] - (k ? m->times[k - 1] : 0);

        to->own_variance[k] = m->variance[k] * share * share *
                              variance_of_mean(since / memory_s);
        to->own_keep[k] = exp(-width / (window_s / 2 + memory_s));
    }
}

void place_quantity(const struct place_making *m, const struct quantity *quantity,
                    struct place_quantity *to)
{
    double window_s = quantity ? averaged_over(&quantity->cap) : 0, times[PLACE_LOOKS],
           watts[PLACE_LOOKS], x = m->x0;

    to->path = m->path;
    to->variance = m->variance;
    to->keep = m->keep;
    to->x0 = m->x0;
    if (!(window_s > 0))
        return;
    for (size_t k = 0; k < m->looks; k++) {
        x *= m->keep[k];
        times[k] = m->futures->origin + m->times[k];
        watts[k] = m->path[k] + x;
    }
    quantity_along(quantity, times, watts, m->looks, to->own_path);
    for (size_t k = 0; k < m->looks; k++)
        /* not known yet: no breach */
        to->own_path[k] = isnan(to->own_path[k]) ? -INFINITY : to->own_path[k];
    to->path = to->own_path;
    average_noise(m, window_s, to);
}
