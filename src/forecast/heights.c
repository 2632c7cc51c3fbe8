/* Heights of past windows, and what they make of swings (heights.h). */
#include "forecast/heights.h"

#include <math.h>

#include "forecast/young.h"

void heights_look(struct heights *h, const double *values, size_t count, double span_s,
                  double horizon_s, double floor_w)
{
    double sum = 0;

    h->low = INFINITY;
    for (size_t i = 0; i < h->count; i++)
        h->low = h->came[i] < h->low ? h->came[i] : h->low;    /* fmin() is a call */
    h->top = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        h->top = values[i] > h->top ? values[i] : h->top;
    }
    /* Of n values, those of an exponential tail reach scale * log(n) above their mean. */
    h->scale = fmax((h->top - sum / (double)count) / log(fmax((double)count, 3)),
                    floor_w);
    h->windows = fmax(span_s / horizon_s, 1);
}

/* By heights alone: of n + 1 windows in any order, the last is the highest with 1 / (n +
 * 1), and the lowest as likely (ranks of exchangeable values: Chandler 1952); how far
 * beyond what was seen it goes is up to the tail. */
static double came_above(const struct heights *h, double x)
{
    double above = 0, alone = 1 / (h->windows + 1);

    if (x >= h->top)
        return alone * exp(-(x - h->top) / h->scale);
    if (x <= h->low)
        return 1 - alone * exp(-(h->low - x) / h->scale);
    for (size_t i = 0; i < h->count; i++)
        above += h->came[i] > x;
    return alone + (1 - 2 * alone) * above / (double)h->count;
}

/* Beyond all that was seen, swings and heights have to allow it; of what was seen before,
 * either tells. */
static double mixed(const struct heights *h, double x, double swings)
{
    double came = came_above(h, x);

    if (h->count == 0 && x < h->top)
        return swings;
    return x >= h->top ? fmin(came, swings) : (came + swings) / 2;
}

/* How far the line is to be believed: what it rises by, beside how wrong such lines
 * were. */
static double lead_of(const struct heights *h, double rise)
{
    double off = spread_quantile(&h->swings, .9) - spread_quantile(&h->swings, .1);

    return rise > 0 ? rise / (rise + off) : 0;
}

double heights_above(const struct heights *h, double now, double base, double x)
{
    double swings = spread_above(&h->swings, x - base), lead = lead_of(h, base - now);

    return h->count == 0 ? swings : lead * swings + (1 - lead) * mixed(h, x, swings);
}

/* One window more may be like none that was seen: then what is usual comes. Of what was
 * never seen, swings alone claim less. */
static double doubted(const struct heights *h, double x, double p, double horizon_s)
{
    double usual = young_usual(horizon_s);

    if (x >= h->top)
        return young_claim(p, h->windows, horizon_s);
    return p > usual ? (p * h->windows + usual) / (h->windows + 1) : p;
}

double heights_allow(const struct heights *h, double x, double swings, double lead,
                     double horizon_s)
{
    return lead * swings +
           (1 - lead) * mixed(h, x, doubted(h, x, swings, horizon_s));
}

double heights_breach(const struct heights *h, double now, double base, double x,
                      double horizon_s)
{
    double swings = spread_above(&h->swings, x - base), lead = lead_of(h, base - now);

    /* No window is over yet: how wide they are is a guess, and no reason to be sure. */
    return h->count == 0 ? lead * swings +
                               (1 - lead) * young_claim(swings, h->windows, horizon_s)
                         : heights_allow(h, x, swings, lead, horizon_s);
}

double heights_quantile(const struct heights *h, double now, double base, double p)
{
    double swung = base + spread_quantile(&h->swings, p), low, high;

    if (h->count == 0)
        return swung;
    /* Between these, both agree that it lies: a tail beyond what came falls at least so
     * fast. */
    low = fmin(swung, h->low + h->scale * log(p));
    high = fmax(swung, h->top - h->scale * log(1 - p));
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;

        if (heights_above(h, now, base, middle) > 1 - p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
