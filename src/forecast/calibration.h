/* From the chance that was said to the share that came, in two steps on the scale of log
 * odds: a line, which few windows teach (Platt 1999), then what the line leaves: at each
 * of a row of knots is counted how many more came than were said near it, and between
 * knots the log odds go straight, never falling (a reliability diagram as a map:
 * Zadrozny, Elkan 2002, with bins that overlap). Both lean on what was said, so that
 * where little has come it stays.
 *
 * All zero is empty: whatever is said stays. */
#ifndef FORECAST_CALIBRATION_H
#define FORECAST_CALIBRATION_H

#include <stdbool.h>

enum { CALIBRATION_KNOTS = 13 };

struct calibration {
    float shift, steeper;               /* of the line; steeper than 1 by */
    float windows[CALIBRATION_KNOTS];   /* that have come near each */
    float excess[CALIBRATION_KNOTS];    /* breaches in them, less those that the line
                                         * said */
    float gain;                         /* log loss that both have saved lately, a
                                         * window */
};

/* p in [0, 1] was said, and then it came or not. `windows`: 1 where nothing else looks at
 * the same time, a share of 1 where others do. */
void calibration_learn(struct calibration *c, double p, bool came, double windows);
/* p itself while the map has done worse. */
double calibration_apply(const struct calibration *c, double p);

#endif
