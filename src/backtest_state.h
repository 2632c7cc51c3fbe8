/* States of forecasters in a file, one a series, to start warm from: `gigawatch states
 * 1`, then name, size, bytes. */
#ifndef BACKTEST_STATE_H
#define BACKTEST_STATE_H

#include "base/err.h"
#include "forecast/forecaster.h"

/* NULL: no file is asked for. Before a long run: may it be written? What is there is left
 * as it is, or nothing. */
int backtest_state_try(const char *path, struct err *err);
/* 0: loaded; 1: no file is asked for, or it has none of that name; -1: the file is not
 * such a one. */
int backtest_state_load(const char *path, const char *name, struct forecaster *f,
                        struct err *err);
int backtest_state_save(const char *path, bool is_first, const char *name,
                        const struct forecaster *f, struct err *err);

#endif
