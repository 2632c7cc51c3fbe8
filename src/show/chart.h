/* Charts, bars and sparklines, drawn into a grid with an ASCII fallback each. */
#ifndef SHOW_CHART_H
#define SHOW_CHART_H

#include "show/grid.h"

/* A thin rail, `━` on `─` in half-cell steps: for tables. */
void chart_rail(struct grid *g, int x, int y, int cells, double ratio, enum style ink);
/* The same, and dotted on from there to `reach`, in the hue of the future: how far it may
 * climb. NAN: not known. */
void chart_rail_reaching(struct grid *g, int x, int y, int cells, double ratio,
                         double reach, enum style ink);
/* Two ends: `ratio` from the left, `far` from the right, dotted, and what is left of the
 * whole between them. */
void chart_rail_ends(struct grid *g, int x, int y, int cells, double ratio, double far,
                     enum style ink, enum style far_ink);
/* From an axis in the middle to the left or to the right, -1 to 1. */
void chart_rail_signed(struct grid *g, int x, int y, int cells, double ratio,
                       enum style below, enum style above);
/* Blocks in eighths over every row of the area, on a track: for the status line and the
 * wall. */
void chart_bar(struct grid *g, struct rect area, double ratio, enum style ink);
/* One value is no past. */
bool chart_is_a_course(const float *values, size_t count);
/* One cell high, the newest at the right, the mean of its share of the values in each
 * cell (fewer values than cells leave the left free); scaled from its own lowest to
 * highest (the lowest block if flat); unknown: a blank. */
void chart_spark(struct grid *g, int x, int y, int cells, const float *values,
                 size_t count, enum style ink);
/* The same as text, `cells` characters of UTF-8. Returns bytes. */
size_t chart_spark_text(char *to, size_t room, int cells, const float *values,
                        size_t count);
/* Big digits in a 3x5 font of "0123456789.:-%", for the wall; a pixel is `scale` rows of
 * 3 * `scale` cells. Returns cells used. */
int chart_digits(struct grid *g, int x, int y, int scale, enum style ink,
                 const char *text);
int chart_digits_width(int scale, const char *text);

/* Quantiles of power at one horizon. */
struct fan {
    double ahead_s;
    double q05, q10, q25, q50, q75, q90, q95;
};
struct chart_note {
    double at;                  /* seconds since 1970 */
    const char *text;
    enum style ink;
};

/* The past as a braille line, now as a thin rule, the future as half-block bands, the cap
 * as a dashed line, notes where they happen; round ticks, the unit in the corner. What is
 * NULL, NAN or 0 is left out. A cap too far from everything else to share its scale is
 * written at the edge it lies beyond. */
struct chart {
    const float *past;          /* one value a step, oldest first, NAN: gap */
    size_t past_count;
    double past_end, step_s;
    const struct fan *fan;      /* rising ahead_s */
    size_t fan_count;
    double past_s, ahead_s;     /* how much of each to show */
    double cap;
    double window_from, window_to;      /* when it is likely to be passed: marked on
                                         * the axis */
    enum unit unit;
    bool is_then;               /* the past does not end now */
    const struct chart_note *notes;
    size_t note_count;
};
void chart_draw(struct grid *g, struct rect area, const struct chart *c);

#endif
