/* The public record of one domain's forecasts: each is kept until its horizon has passed
 * and then scored against what was measured, so that nobody has to take a probability on
 * trust.
 *
 * Arithmetic only, in bounded memory: no clock, no I/O, no model, and no allocation but
 * for the first record_issue(), the first breach that was announced and the first week.
 * What is said is of the last one to two weeks. Definitions of the scores:
 * gigawatch-forecast(7). */
#ifndef FORECAST_RECORD_H
#define FORECAST_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forecast/forecast.h"

enum { RECORD_HORIZONS = FORECAST_HORIZONS, RECORD_PAST = 240 };

struct record_options {
    double step_s;              /* between samples */
    double horizons[RECORD_HORIZONS];   /* seconds, rising */
    size_t horizon_count;
    size_t open;                /* forecasts of one horizon that wait to be scored, at
                                 * most: where more are made, one in so many is kept,
                                 * at even distances */
    double alarm_p;             /* a breach is announced from this probability on */
};

struct record;

struct record *record_new(const struct record_options *options);
void record_free(struct record *r);                     /* NULL is fine */

/* What was measured in the step that ends at `time`: watts, NAN where unknown;
 * `breached`: the cap's own quantity was above the cap for longer than its dwell. Times
 * rise. */
void record_observe(struct record *r, double time, double watts, bool breached);
/* Somebody changed something to avoid a breach: forecasts that wait are not judged by
 * whether one came, and an announcement that stands is neither right nor wrong. */
void record_acted(struct record *r);
/* Forecasts were issued at the time of the last sample: out[h], a horizon each. `past`:
 * the watts of the steps up to it, oldest first, `count` of them, from which the last
 * value and the line of predict_linear (an hour, or what there is of it) are taken. */
void record_issue(struct record *r, const struct forecast *out, const float *past,
                  size_t count);

/* Sums over scored forecasts: of one horizon, of one domain or of many. */
struct record_tally {
    double from;                /* when the first of them was issued; 0: none yet */
    double seconds;             /* for which samples came */
    double scored, inside, above99;     /* forecasts; actual power within 10 to 90 %;
                                         * above the 99 % quantile */
    /* mean pinball loss at 10, 50, 90 and 99 % */
    double compared, loss, loss_last, loss_line;
    double judged, breaches, brier;     /* of those made while below the cap */
    double hits, misses, false_alarms;  /* episodes */
};

/* Adds a horizon's sums to *to. The losses are added in units of the last value's, so
 * that domains of any size may be summed. */
void record_add(const struct record *r, size_t horizon, struct record_tally *to);
/* Seconds from the first announcement of a breach to the breach, median of the last nine;
 * NAN: none. */
double record_lead(const struct record *r, size_t horizon);

/* What a tally says; NAN where it says nothing yet. */
struct record_score {
    double coverage80;          /* share of actual power within 10 to 90 % */
    double above99;             /* share above the 99 % quantile */
    double pinball_last, pinball_line;  /* loss as a share of the last value's and of
                                         * predict_linear's, each with the spread of
                                         * its own errors */
    double skill;               /* Brier, against the base rate known afterwards: 1
                                 * perfect, 0 knows nothing */
    double false_alarms_a_day;
};
struct record_score record_score_of(const struct record_tally *t);

/* When a horizon is trusted: not before 30 scored forecasts and 20 horizons of samples,
 * for one jump that nobody announced goes above the 99 % quantile of all forecasts that
 * wait for it; not when the 80 % band held less than 60 %, more than 5 % lay above the 99
 * % quantile, the loss is more than 1.15 of the last value's, or, with at least 3
 * breaches met, the skill is below -.1. */
enum forecast_trust record_trust(const struct record_tally *t, double horizon_s);

/* Goes on with what another record of the same horizons has scored; what waits in that
 * one is lost. */
void record_take_over(struct record *r, const struct record *from);

/* A copy without what waits for its score: a tenth of the size. Owned by the caller. */
struct record *record_without_waiting(const struct record *r);
/* As forecaster_begin_again(): what waits for its score is lost. */
void record_begin_again(struct record *r, double time);

/* As forecaster_save() and forecaster_load(). */
size_t record_save(const struct record *r, void *to, size_t room);
bool record_load(struct record *r, const void *from, size_t size);

#endif
