/* Forecasts of a backtest that wait for what comes, and the lines they become. */
#ifndef BACKTEST_ROWS_H
#define BACKTEST_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "forecast/forecast.h"

/* A forecast whose horizon is not over yet. */
struct open_row {
    struct forecast f;
    double origin, now_w, step_s;
    unsigned horizon, cap;              /* places in the options */
    const char *basis;                  /* NULL: not written */
    double actual_w, most_w, last;      /* what came so far, and when */
    size_t came;
    bool done;
};

/* Oldest first; those before `head` are gone. */
struct open_rows {
    struct open_row *rows;
    size_t head, count, room;
};

/* `has_basis`: rows end with it. */
void open_rows_write_header(FILE *out, bool has_basis);

struct open_row *open_rows_add(struct open_rows *r);
/* What a sample says about the forecasts made before it; `closed` is called with each
 * whose horizon is over. */
void open_rows_tell(struct open_rows *r, double time, double watts,
                    void (*closed)(void *, const struct open_row *), void *with);
/* The end of the series: a horizon may be over to the second, or not: then nothing is
 * known of it. */
void open_rows_finish(struct open_rows *r, double end,
                      void (*closed)(void *, const struct open_row *), void *with);
/* Rows leave in the order of their origins, so a short horizon waits for a long one
 * before it. */
void open_rows_write(struct open_rows *r, FILE *out, const char *name);

#endif
