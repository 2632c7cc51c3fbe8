/* A cap's own quantity, made a series: what is compared with the cap, as power arrives.
 *
 * Always in watts, so that a breach is `quantity > cap`, whatever the cap is made of:
 *   a sample              power itself
 *   a sliding mean, max   of the window that ends now; of what is known of it while it is not full
 *   a block of the clock  what its mean has reached: the energy so far over the whole
 *                         block. It rises from 0 to the block's mean at its end, and is
 *                         above the cap only when that is certain
 *   a thermal trip        dw/dt = (r^2 - w) / tau: rating * sqrt(w), the steady load that
 *                         would heat it so
 *   an electronic I2t     A += r^2 dt above the rating, trips at at^2 * seconds:
 *                         rating * sqrt(A / trip)
 *   a table or a curve    damage adds up (Miner 1945): dD/dt = 1 / allowed(r) above the
 *                         rating: rating * D
 * The last two forget exponentially while power is at most the rating. Then, for all: the
 * least of it over the dwell.
 *
 * A sample stands for the time since the one before; after a gap, only for one step.
 * Devices live through a gap at the mean of its ends. The struct is plain bytes: copied,
 * it goes on from where it was; saved and loaded, too. */
#ifndef FORECAST_QUANTITY_H
#define FORECAST_QUANTITY_H

#include "forecast/forecast.h"

enum { QUANTITY_SLOTS = 128, QUANTITY_LEASTS = 64 };

/* The least of a window that slides, in bounded memory: exact, or late by at most a
 * thirtieth of the window. */
struct sliding_least {
    double window_s;
    struct {
        double since, until, value;
    } kept[QUANTITY_LEASTS];    /* rising values */
    unsigned first, count;
};

struct quantity {
    struct forecast_cap cap;
    double step_s;              /* the usual one: three of them without a sample are a
                                 * gap */
    double began, last;         /* first and newest sample; NAN: none */
    double watts;               /* of the newest */
    double value;               /* NAN: not known yet */
    struct {
        double from, to, joules, known_s;
    } slots[QUANTITY_SLOTS];    /* of a sliding mean */
    unsigned first, count;
    double joules, known_s;     /* of the block so far */
    double block;               /* when it began */
    double heat;                /* thermal: w in watts squared; i2t: r^2 t; table,
                                 * curve: D */
    struct sliding_least highest, dwell;
};

void quantity_init(struct quantity *q, const struct forecast_cap *cap, double step_s);
/* Another rating or limit, of the same kind. */
void quantity_set_watts(struct quantity *q, double watts);

/* Power was `watts` until `time`. Returns the quantity: the highest since the sample
 * before, NAN while it is not known (a dwell that is longer than the past). Samples that
 * are NAN or not newer are ignored. */
double quantity_observe(struct quantity *q, double time, double watts);

/* For how many seconds a device from cold carries r times its rating, r above 1; not of a
 * thermal trip. 0: not at all. A table is read to the safe side: from one row to the
 * next, the shorter time. */
double protection_carries(const struct protection *p, double r);

/* What the quantity would become if power went along this path: watts[i] until times[i],
 * which rise. Fills `out`, unless NULL, and returns its highest; q itself stays. NAN for
 * an empty path. */
double quantity_along(const struct quantity *q, const double *times, const double *watts,
                      size_t count, double *out);

/* The block of the clock under way at `time`, at or after the newest sample. */
struct quantity_block {
    double mean_w;              /* so far; NAN: nothing is known of it */
    double elapsed;             /* share of the block, 0 to 1 */
    double left_s;
};
struct quantity_block quantity_block(const struct quantity *q, double time);
/* What the rest of the block must average for the whole to reach the cap. */
double block_rest(const struct quantity_block *b, double cap_w);

#endif
