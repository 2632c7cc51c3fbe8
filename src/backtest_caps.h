/* The caps of a backtest in watts: fixed, or a quantile of what came before. */
#ifndef BACKTEST_CAPS_H
#define BACKTEST_CAPS_H

#include "backtest.h"

struct backtest_caps {
    const struct backtest_options *options;
    double watts[BACKTEST_CAPS];        /* now; NAN: not known yet */
    /* The samples of the longest window, a ring. */
    double *times, *known, *order;
    size_t first, count, room;
    double window_s, began, step_s;
    long turn;                          /* of sixteen steps, when rolling caps were
                                         * last looked at */
};

int backtest_caps_start(struct backtest_caps *c, const struct backtest_options *o,
                        const char *path, double step_s, struct err *err);
/* A sample has come: rolling caps move every sixteen steps. */
void backtest_caps_observe(struct backtest_caps *c, double time, double watts);
void backtest_caps_stop(struct backtest_caps *c);

#endif
