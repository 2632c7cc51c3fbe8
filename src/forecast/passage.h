/* Reaching a boundary: the probability that a process is at or above it at some time up
 * to a horizon.
 *
 * Not the probability at the horizon's end: on the way there is more than one chance, and
 * the two differ by a factor of six on average. Units are the caller's own: watts and
 * seconds, or whatever. */
#ifndef FORECAST_PASSAGE_H
#define FORECAST_PASSAGE_H

#include <stddef.h>

/* Of the standard normal P(Z > z), its density, and z for the first: bisection in the
 * tails' logarithm, to 1e-12. */
double normal_above(double z);
double normal_density(double z);
double normal_score(double above);

/* P(max of mu t + sigma W(t) over (0, horizon] >= distance): the inverse Gaussian law
 * (Siegmund 1985, 3.2). The term that grows without bound is taken in logarithms. */
double passage_brownian(double distance, double mu, double sigma, double horizon);

/* Seen only every `step`, a maximum is a little less: the boundary is that much further
 * away (Broadie, Glasserman & Kou 1997, -zeta(1/2) / sqrt(2 pi)). `rate`: variance of the
 * process's increments a unit of time. */
double passage_shift(double rate, double step);

/* A residual that comes back, over a level that wanders: X(t) = OU(t) + W(t), OU starting
 * at `start`, W at 0. */
struct passage {
    double theta;               /* of the OU: its correlation falls as exp(-theta t) */
    double variance;            /* of the OU, when it has forgotten its start */
    double wander;              /* variance of W a unit of time */
    double start;
};

/* Knots for the two below: the first at `first`, or early mass is lost, then evenly in
 * log time, the last at `horizon`. */
void passage_knots(double *times, size_t count, double first, double horizon);

/* P(X reaches the boundary by each knot) into `reached`, which does not fall. The
 * boundary and its slope at the knots. Durbin's first-order density (Durbin 1985),
 * integrated; 0.3 us. Already above: 1. `marginal`, P(X above it at the knot), is a lower
 * bound that is kept. */
void passage_first(const struct passage *p, const double *times, const double *boundary,
                   const double *slope, size_t count, double *reached);
/* The same without taking crossings as independent: a Volterra equation of the second
 * kind (Buonocore, Nobile & Ricciardi 1987), on the knots; exact in the limit where
 * either part is nought. 24 knots at most. */
enum { PASSAGE_KNOTS = 24 };
void passage_exact(const struct passage *p, const double *times, const double *boundary,
                   const double *slope, size_t count, double *reached);

/* The same where noise forgets fast and the level wanders slowly, of which the two above
 * count one crossing again and again: the noise's crossings (Rice 1944) beside a level
 * that went evenly to where it is at the horizon, over all such ends; and once more, for
 * those that came back (reflection). `distance`: of the boundary, its shift included. */
double passage_apart(const struct passage *p, double distance, double horizon);

/* ---- other functionals of the same path; an OU of variance 1 ---- */

/* Variance of the mean over a window W: stationary, and given the start. x = theta W. */
double mean_variance(double x);
double mean_variance_from(double x);
/* P(the mean of what is left of a block exceeds `need`), the process at `start` above its
 * own mean `level`, which has standard deviation sd: exact. */
double passage_block(double need, double level, double start, double sd, double theta,
                     double left);
/* How often a sliding mean over W crosses `distance` standard deviations of its own
 * upwards, a unit of time (Rice 1944). */
double mean_crossings(double distance, double theta, double window);
/* Variance of w of a thermal trip (tau) around its path, at r times the rating with noise
 * of sd s_r: w low-passes 2 r dr. */
double trip_variance(double r, double s_r, double theta, double tau);

#endif
