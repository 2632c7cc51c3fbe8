/* The structure function: the mean absolute change over a lag, for noise flat, for a
 * random walk rising with the root of the lag. Its rise where it is known says how much
 * further to go, and how far the present is to be believed (Mandelbrot & van Ness 1968:
 * the exponent is 0 for noise, 1/2 for a random walk). */
#include "forecast/young.h"

#include <math.h>

enum { LOOKED_AT = 240 };

/* Mean absolute change over `lag` slots; NAN: too few. */
static double change_over(const struct past *p, int64_t lag, int64_t span)
{
    double sum = 0;
    unsigned n = 0;

    for (int64_t i = 0; i + lag < span; i++) {
        double v = fabs(past_value(p, i) - past_value(p, i + lag));

        if (!isnan(v)) {
            sum += v;
            n++;
        }
    }
    return n ? sum / n : NAN;
}

/* Domains near a cap at their 97th percentile breached it in 1.9, 3.3, 5.8 and 10.6 % of
 * 5, 15, 60 and 240 minutes (a simulated hall): about so. */
double young_usual(double seconds)
{
    return fmin(.019 * pow(fmax(seconds, 60) / 300, .44), .25);
}

double young_claim(double p, double windows, double seconds)
{
    /* windows: what is usual counts as much as so many that were seen */
    const double doubt = 8;
    double usual = young_usual(seconds);

    return p <= usual ? p : usual + windows / (windows + doubt) * (p - usual);
}

/* The tail of what was seen: of n values, those of an exponential tail reach scale *
 * log(n) above their mean. */
static void find_tail(const struct past *p, int64_t span, struct young *y)
{
    double sum = 0, top = -INFINITY;
    unsigned n = 0;

    for (int64_t i = 0; i < span; i++) {
        double v = past_value(p, i);

        if (!isnan(v)) {
            sum += v;
            top = fmax(top, v);
            n++;
        }
    }
    y->top = n ? top - p->watts : 0;
    y->scale = n > 2 ? fmax((top - sum / n) / log(n), 1e-3 * fabs(p->watts)) : y->spread;
}

bool young_look(const struct past *p, int64_t ahead, struct young *y)
{
    double seen = p->count, rise = .25, far, near, mean = 0;
    double all = (p->time - p->first_time) / p->step_s + 1.5;
    int64_t span = (int64_t)fmin(all, LOOKED_AT), lag = span / 3, known = 0;

    if (seen < 3 || span < 3)
        return false;
    lag = lag > ahead ? ahead : lag < 1 ? 1 : lag;
    far = change_over(p, lag, span);
    near = change_over(p, lag > 3 ? lag / 4 : 1, span);
    if (isnan(far))
        far = isnan(near) ? past_scale(p) : near;
    if (lag > 3 && near > 0 && far > 0)
        rise = fmin(fmax(log(far / near) / log((double)lag / (double)(lag / 4)), 0), .5);
    /* Few samples say little of the rise. */
    rise = (rise * (double)span + .25 * 12) / ((double)span + 12);
    for (int64_t i = 0; i < span && i < 16; i++)
        if (!isnan(past_value(p, i))) {
            mean += past_value(p, i) - p->watts;
            known++;
        }
    y->centre = known ? (1 - 2 * rise) * mean / (double)known : 0;
    /* A mean absolute change is 2 / sqrt(pi) standard deviations of noise, sqrt(2 / pi)
     * of a walk. */
    y->spread = far * 1.1 * pow((double)ahead / (double)lag, rise);
    y->spread = fmax(y->spread, fmax(1e-3 * fabs(p->watts), 1e-9));
    y->tries = 2 * pow((double)ahead / 2 + .5, 1 - 2 * rise);
    y->tries = fmax(y->tries, 1);
    y->thick = 1 + 2 / seen;
    y->windows = all / (double)ahead;
    y->walk = fmin(2 * rise, 1);
    find_tail(p, span, y);
    return true;
}

/* Of the standard normal, Acklam's would be closer; this is within 5e-4 (Abramowitz &
 * Stegun 26.2.23). */
static double normal_quantile(double level)
{
    double tail = fmin(level, 1 - level), t = sqrt(-2 * log(tail)),
           z = t - (2.515517 + .802853 * t + .010328 * t * t) /
                       (1 + 1.432788 * t + .189269 * t * t + .001308 * t * t * t);

    return level < .5 ? -z : z;
}

static double normal_above(double z)
{
    return .5 * erfc(z / M_SQRT2);
}

double young_quantile(const struct young *y, double level)
{
    return y->centre + y->spread * y->thick * normal_quantile(level);
}

double young_max_quantile(const struct young *y, double level)
{
    return y->centre + y->spread * y->thick * normal_quantile(pow(level, 1 / y->tries));
}

/* Of n + 1 windows in any order, the last holds the highest of all with 1 / (n + 1); how
 * far beyond it goes is up to the tail (records of exchangeable values: Chandler
 * 1952). */
static double record_above(const struct young *y, double head)
{
    return fmin(exp(-(head - y->top) / y->scale) / (y->windows + 1), 1);
}

static double walk_above(const struct young *y, double head)
{
    return -expm1(y->tries *
                  log1p(-fmin(normal_above((head - y->centre) / (y->spread * y->thick)),
                              1 - 1e-12)));
}

double young_above(const struct young *y, double head)
{
    double walk = walk_above(y, head), record = fmin(record_above(y, head), walk);

    return y->walk * walk + (1 - y->walk) * record;
}
