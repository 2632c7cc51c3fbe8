/* A robust line through a short past, and its own record: what is said of a domain of which nothing was learnt.
 *
 * The line is a level (the last sample, or the median of the last three) and a Theil-Sen slope, followed fully, damped or
 * not at all. Which of these, and how wrong they are, is read off the past: at up to 160 earlier moments of about the
 * same power the same line is drawn with what was known then, and its errors at the horizon, and those of the highest
 * power on the way, are the swings. Where past windows ended, and how high they went, at all counts as much (heights.h).
 *
 * A cap's own quantity (quantity.h) is made a series of its own first: then a breach is the highest of that series above
 * the cap, whatever the cap is made of. Blocks aligned to the clock are taken as sliding, which errs to the safe side. */
#ifndef FORECAST_LINE_H
#define FORECAST_LINE_H

#include "forecast/forecast.h"
#include "forecast/heights.h"

enum { LINE_SAMPLES = 2048, LINE_LEVELS = 2 };  /* samples: the newest; of 15 s, eight hours, of 10 minutes, two weeks */

/* What is known: samples without holes, and the cap's quantity beside each. */
struct line_past {
    double times[LINE_SAMPLES], watts[LINE_SAMPLES], quantity[LINE_SAMPLES];
    size_t count;
    double step_s, span_s;
    double floor_w;             /* no spread is smaller: meters have a resolution */
};

/* Samples up to `origin`. Fewer than three are nothing to draw a line through. `cap` NULL: none; its watts matter to devices alone. */
void line_take(const struct forecast_past *from, double origin, const struct forecast_cap *cap, struct line_past *to);

struct line {
    double level[LINE_LEVELS];  /* the last sample; the median of three */
    double slope;               /* watts per second */
    double memory_s;            /* of a damped trend */
};

/* What is said of one horizon, and rests on. */
struct line_record {
    struct line line;
    unsigned way;               /* to follow it, of six */
    double now_w, now_quantity;
    struct heights end, most, quantity; /* of where windows ended, of the highest on the way, and of the quantity's */
    double horizon_s;           /* where the record was taken; the asked one if it can be */
    double age_s;               /* of the newest sample: from it, everything is further away */
    size_t origins, began[SPREAD_MOST]; /* the windows: after these samples; unset where they are too few */
    bool is_guess;              /* they are: `came` is the power there was */
};

/* For `horizon_s` after a moment `age_s` after the newest sample. */
void line_look(const struct line_past *p, const struct forecast_cap *cap, double horizon_s, double age_s, struct line_record *r);

/* Where the line leads to, and how much of that is its slope. Watts. */
double line_end(const struct line_record *r, double horizon_s);
double line_trend(const struct line_record *r, double horizon_s);
/* Quantiles of power at the horizon, and of the highest up to it. */
double line_quantile(const struct line_record *r, double horizon_s, double level);
double line_highest(const struct line_record *r, double horizon_s, double level);
/* The probability that the quantity is above the cap somewhere within `share` of the horizon. `h`: windows that long, with swings
 * of whole ones; of the whole, r->quantity. */
double line_breach(const struct line_record *r, const struct forecast_cap *cap, double horizon_s, double share, struct heights h);

#endif
