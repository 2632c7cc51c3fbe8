/* Scores the forecaster on recorded power: what it would have said at earlier times,
 * beside what came. gigawatch(1), --backtest, has the format. */
#ifndef BACKTEST_H
#define BACKTEST_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "forecast/forecaster.h"

enum { BACKTEST_HORIZONS = FORECASTER_HORIZONS, BACKTEST_CAPS = FORECASTER_CAPS };

/* One of: watts; a quantile of the samples before `from`; a quantile of the `window_s`
 * before each origin. */
struct backtest_cap {
    double watts, quantile, window_s;   /* NAN: not so */
};

struct backtest_options {
    struct backtest_cap caps[BACKTEST_CAPS];
    size_t cap_count;
    double from;         /* first origin, seconds since 1970; NAN: the first sample */
    double step_s;       /* between origins */
    double horizons[BACKTEST_HORIZONS]; /* rising */
    size_t horizon_count;
    double idle_w, nameplate_w; /* bounds; NAN: unknown */
    const char *warm, *save;    /* files of states to start from and to leave; NULL:
                                 * none */
    const char *jobs;           /* a log of jobs, backtest_jobs.h; NULL: none. Then
                                 * rows end with what they rest on */
};

/* No cap, from the start, every 15 minutes, 5 min, 15 min and 1 h ahead. */
extern const struct backtest_options backtest_defaults;

/* The values of --cap ("5.2MW", "q0.98", "q0.98@7d", several with commas) and --horizon
 * ("5m,15m,1h"). */
int backtest_read_cap(struct backtest_options *o, const char *text, struct err *err);
int backtest_read_horizons(struct backtest_options *o, const char *text, struct err *err);

/* Reads files of `unix_seconds,watts` (header line; rising times; gaps, an empty value
 * and uneven steps allowed) and writes a row per origin, horizon and cap to `out` as CSV;
 * unknown is an empty cell. A forecast sees no sample after its origin, which is the time
 * of a sample. The closing table goes to `summary`. Memory is bounded by the longest
 * horizon, not by the file, except that a cap by quantile holds the samples before
 * `from`, or its window. */
int backtest_run(const char *const *files, size_t count, const struct backtest_options *o,
                 FILE *out, FILE *summary, struct err *err);

#endif
