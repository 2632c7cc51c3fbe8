/* A map of probabilities (calibration.h). */
#include "forecast/calibration.h"

#include <math.h>

#include "forecast/odds.h"
#include "forecast/score.h"

/* log odds */
static const double places[CALIBRATION_KNOTS] = { -9.2, -5.5, -4, -3, -2,  -1, 0,
                                                  1,    2,    3,  4,  5.5, 9.2 };
static const double lean = 40;          /* windows: what was said counts for as many,
                                         * at each knot */
static const double memory = 2000, gain_memory = 100;           /* windows */
static const double most_lost = .005;   /* log loss a window */
/* of the line, a window */
static const double rate = .03, slope_rate = .0045, fade = .005;

/* ---- the line ---- */

static double on_line(const struct calibration *c, double p)
{
    return odds_chance((double)c->shift + (1 + (double)c->steeper) * odds_of(p));
}

/* Logistic regression by stochastic gradients, drawn towards what was said. */
static void learn_line(struct calibration *c, double p, bool came, double windows)
{
    double off = came - on_line(c, p), root = sqrt(windows),
           odds = fmin(fmax(odds_of(p), -4), 4);

    c->shift += (float)(rate * root * (off - fade * (double)c->shift));
    c->steeper += (float)(slope_rate * root * (off * odds - fade * (double)c->steeper));
    c->shift = fminf(fmaxf(c->shift, -2), 2);
    c->steeper = fminf(fmaxf(c->steeper, -.7F), 2);
}

/* ---- the knots ---- */

/* Between which two knots, and what part of the way to the second. */
static int find(double at, double *part)
{
    int i = 0;

    at = fmin(fmax(at, places[0]), places[CALIBRATION_KNOTS - 1]);
    while (i < CALIBRATION_KNOTS - 2 && at > places[i + 1])
        i++;
    *part = (at - places[i]) / (places[i + 1] - places[i]);
    return i;
}

/* The log odds of a knot as they came out, within a factor of four of what was said. */
static double came_out(const struct calibration *c, int i)
{
    double said = odds_chance(places[i]),
           came = said + (double)c->excess[i] / ((double)c->windows[i] + lean);

    return odds_of(fmin(fmax(came, .25 * said), 1 - .25 * (1 - said)));
}

static double by_knots(const struct calibration *c, double p)
{
    double part, low, high;
    int i = find(odds_of(p), &part);

    low = came_out(c, i);
    high = came_out(c, i + 1);
    for (int k = 0; k < i; k++)
        low = fmax(low, came_out(c, k));
    return odds_chance(low + part * (fmax(high, low) - low));
}

static void learn_knots(struct calibration *c, double p, bool came, double windows)
{
    double part, excess = (came - p) * windows;
    int i = find(odds_of(p), &part);

    for (int k = 0; k < CALIBRATION_KNOTS; k++) {
        c->windows[k] *= (float)(1 - windows / memory);
        c->excess[k] *= (float)(1 - windows / memory);
    }
    c->windows[i] += (float)((1 - part) * windows);
    c->windows[i + 1] += (float)(part * windows);
    c->excess[i] += (float)((1 - part) * excess);
    c->excess[i + 1] += (float)(part * excess);
}

/* ---- both ---- */

void calibration_learn(struct calibration *c, double p, bool came, double windows)
{
    double line = on_line(c, p),
           saved = score_log_loss(p, came) - score_log_loss(by_knots(c, line), came);

    c->gain += (float)(windows / gain_memory * (saved - (double)c->gain));
    learn_knots(c, line, came, windows);
    learn_line(c, p, came, windows);
}

double calibration_apply(const struct calibration *c, double p)
{
    return (double)c->gain > -most_lost && p > odds_least && p < 1 - odds_least
               ? by_knots(c, on_line(c, p))
               : p;
}
