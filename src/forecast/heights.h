/* How high the next window goes: by how far past ones swung above where they began, and
 * by how high they went at all. What is made of so many machines comes back to about the
 * same height wherever it climbs from, and a swing that is added to the present leads
 * beyond it. */
#ifndef FORECAST_HEIGHTS_H
#define FORECAST_HEIGHTS_H

#include "forecast/spread.h"

/* Of windows as long as the horizon. Watts. */
struct heights {
    struct spread swings;       /* the highest above where it was, or a line led */
    double came[SPREAD_MOST];   /* the highest of those that began at about the present
                                 * power */
    size_t count;               /* 0: too young to know of any; then swings alone tell */
    double low, top;            /* the lowest of `came`; the highest of the whole past */
    double scale;               /* how fast the tail beyond what was seen falls */
    double windows;             /* that the past holds; 1 at least */
};

/* What follows from swings, `came` and `count`, which are there, and from the values of
 * the whole past, which lasted `span_s`. */
void heights_look(struct heights *h, const double *values, size_t count, double span_s,
                  double horizon_s, double floor_w);
/* The probability that the next window goes above x. From `now` a line leads to `base`,
 * which is not below: as far as such lines have been right, no past height holds it
 * back. */
double heights_above(const struct heights *h, double now, double base, double x);
double heights_quantile(const struct heights *h, double now, double base, double p);
/* What a chance of going above x that comes of swings is worth: `lead` (0 to 1) of it
 * comes of a trend. Without windows (`count` 0) only what is beyond all that was seen is
 * less likely for it. */
double heights_allow(const struct heights *h, double x, double swings, double lead,
                     double horizon_s);
/* P of a breach of a cap at x: as heights_above(), with the doubt that a past of few
 * windows leaves. */
double heights_breach(const struct heights *h, double now, double base, double x,
                      double horizon_s);

#endif
