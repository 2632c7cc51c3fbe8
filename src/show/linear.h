/* What a screen shows, as lines to be read from top to bottom, one thing a line: for
 * screen readers and serial consoles. From the same tables, so it says the same. Numbers
 * carry their unit, doubts their word, and what is not known is named. */
#ifndef SHOW_LINEAR_H
#define SHOW_LINEAR_H

#include <stdio.h>

#include "show/table.h"

/* Who, how much, when, how sure, how fresh: the status line in a few sentences; `mode` is
 * RO, DEMO, … */
void linear_status(FILE *out, const struct model *m, const char *mode);
/* "racks, 52, the first 20:", then a row a line from `first` on, at most `count`; returns
 * the row after the last. */
size_t linear_table(FILE *out, const struct table *t, const char *title, size_t first,
                    size_t count);
/* Every field of one row, a line each, with what it means. */
void linear_row(FILE *out, const struct table *t, size_t row);
/* A view that is drawn, as the queries that say the same; false with *err: one of them is
 * none. */
bool linear_view(FILE *out, const struct model *m, const struct view *v, struct err *err);
/* Events newer than `since`, the oldest first, a line each; returns the time of the
 * newest. */
double linear_events(FILE *out, const struct model *m, double since);

#endif
