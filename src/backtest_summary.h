/* The closing table of a backtest: how good, beside the last value with its own
 * errors. */
#ifndef BACKTEST_SUMMARY_H
#define BACKTEST_SUMMARY_H

#include "backtest.h"
#include "backtest_rows.h"
#include "forecast/score.h"

enum { NAIVE_ROOM = 400 };

/* What the last value alone would have said: itself, with the quantiles of its own latest
 * errors. */
struct naive {
    double errors[NAIVE_ROOM];
    size_t count, next;
};

struct backtest_summary {
    struct score_quantiles power[BACKTEST_HORIZONS];
    /* of those that the last value answered, too */
    double loss[BACKTEST_HORIZONS], naive_loss[BACKTEST_HORIZONS];
    size_t compared[BACKTEST_HORIZONS];
    struct score_chance breach[BACKTEST_HORIZONS][BACKTEST_CAPS];
    struct naive naive[BACKTEST_HORIZONS];
    double least_w;             /* of all samples; NAN: there were none */
    size_t impossible;          /* samples left out */
};

/* A row whose horizon is over. */
void backtest_summary_add(struct backtest_summary *s, const struct open_row *row);
void backtest_summary_write(const struct backtest_summary *s,
                            const struct backtest_options *o, const char *name,
                            const double *caps, FILE *to);

#endif
