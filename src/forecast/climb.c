/* Lines through the newest samples (climb.h). */
#include "forecast/climb.h"

#include <math.h>

/* shorter ones are jobs that come up, longer ones the time of day */
static const double least_s = 900, most_s = 7200;
static const double steady = .06;       /* of the rise, most that power may swing
                                         * around the line: a step swings by .25 */

/* Least squares through the newest `count` slots. False: samples are missing, or it is no
 * steady climb. */
static bool try_line(const struct past *p, int64_t count, struct climb *to)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, now = p->watts, spread, rise,
           denominator;

    for (int64_t back = 0; back < count; back++) {
        double at = -(double)back, v = past_value(p, back) - now;

        if (isnan(v))
            continue;
        n++;
        x += at;
        y += v;
        xx += at * at;
        xy += at * v;
        yy += v * v;
    }
    denominator = n * xx - x * x;
    if (n < .8 * (double)count || !(denominator > 0))
        return false;
    rise = (n * xy - x * y) / denominator;
    spread = sqrt(fmax(yy - y * y / n - rise * rise * denominator / n, 0) / (n - 2));
    if (!(rise > 0) || spread > steady * rise * (double)count)
        return false;
    *to = (struct climb){ .age_s = (double)count * p->step_s,
                          .slope = rise / p->step_s,
                          .spread = spread };
    return true;
}

struct climb climb_look(const struct past *p)
{
    enum { LEAST = 30 };
    struct climb found = { .age_s = 0 };

    for (int64_t count = LEAST; count <= PAST_FINE && (double)count * p->step_s <= most_s;
         count += count / 2)
        if ((double)count * p->step_s >= least_s && !try_line(p, count, &found) &&
            found.age_s > 0)
            break;
    return found;
}

double climb_chance(const struct climb *c, double head, double horizon_s)
{
    double reach;

    if (!(c->age_s > 0) || head < 0)
        return 0;
    reach = head / c->slope;
    if (reach > c->age_s)
        return 0;
    return c->age_s / (c->age_s + reach) * .5 *
           erfc((head - c->slope * horizon_s) / (fmax(c->spread, 1e-9) * sqrt(2)));
}
