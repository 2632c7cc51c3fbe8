/* Errors of earlier forecasts as a distribution: between the quartiles the record itself,
 * beyond them exponential tails, so that a probability is never exactly none for lack of
 * samples. Upper and lower side stand apart, for power falls otherwise than it rises. */
#ifndef FORECAST_SPREAD_H
#define FORECAST_SPREAD_H

#include <stddef.h>

enum { SPREAD_MOST = 160 };

struct spread {
    double errors[SPREAD_MOST]; /* W; sorted once it is settled */
    size_t count;               /* 1 at least */
    double low, high;           /* quartiles */
    double down, up;            /* mean excess beyond them */
    double scale;               /* all of it is stretched by */
};

/* Sorts the errors and finds what follows from them. Tails fall no faster than by
 * `floor_w`. */
void spread_settle(struct spread *s, double floor_w);
/* Less sure, but not further off: around its median, which a record of rising hours would
 * otherwise carry away. */
void spread_widen(struct spread *s, double by);
double spread_quantile(const struct spread *s, double p);
/* The probability of more than x: the inverse of spread_quantile(). */
double spread_above(const struct spread *s, double x);

/* Of n known numbers, one at least. */
double spread_highest(const double *x, size_t n);
/* Ascending. */
void spread_sort(double *x, size_t n);
/* Of numbers in that order, linear between them. */
double spread_sorted_quantile(const double *x, size_t n, double p);
/* The k-th smallest; reorders x (Hoare, Algorithm 65: Find, 1961). */
double spread_nth(double *x, size_t n, size_t k);

#endif
