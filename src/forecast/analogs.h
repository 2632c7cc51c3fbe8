/* A horizon's memory: how the present looked, as bytes, and what came of it; the newest half, and a fading choice of
 * what was before. With it a forest of random trees that says which of them look like now, whatever one then asks of
 * them (quantile regression forests, Meinshausen 2006; the trees are Geurts' extremely randomised ones, 2006). */
#ifndef FORECAST_ANALOGS_H
#define FORECAST_ANALOGS_H

#include "forecast/features.h"

#ifndef ROWS_N
#define ROWS_N 1024
#endif
#ifndef TREES_N
#define TREES_N 32
#endif
#ifndef LEAST_N
#define LEAST_N 6
#endif
enum { ROWS = ROWS_N, TREES = TREES_N, LEAF_LEAST = LEAST_N, NODES = 2 * (ROWS / LEAF_LEAST > 250 ? 250 : ROWS / LEAF_LEAST) };

/* What power came to be is told as its distance from each of these. */
enum centre { CENTRE_LAST, CENTRE_SMOOTH, CENTRE_RIDGE, CENTRE_DAY, CENTRES };

struct node {
    uint8_t feature, above;     /* to the second child where code > above */
    uint16_t child;             /* the first of two; 0: a leaf, and `above` is its number */
};

struct analogs {
    size_t count, recent;       /* kept; the place of the newest among the recent */
    size_t recent_count, old_count;
    uint64_t chance;
    uint8_t codes[ROWS][FEATURES];
    float error[CENTRES][ROWS]; /* power at the horizon less the centre, W */
    float most[CENTRES][ROWS];  /* the highest of the cap's quantity less the centre's, W */
    uint16_t sorted[CENTRES][ROWS];
    struct node trees[TREES][NODES];
    uint8_t leaf[TREES][ROWS];
    unsigned since_tree, next_tree, grown;
    float usual[2];             /* mean absolute error[LAST], [RIDGE]: */
};

struct analog {
    uint8_t codes[FEATURES];
    float error[CENTRES], most[CENTRES];
};

void analogs_add(struct analogs *r, const struct analog *row);
/* A weight per row, of those that share leaves with `codes`; returns their sum. */
float analogs_alike(const struct analogs *r, const uint8_t codes[FEATURES], uint16_t weights[ROWS]);
/* Quantiles of error[centre], weighted (NULL: all alike). */
void analogs_quantiles(const struct analogs *r, enum centre c, const uint16_t *weights, const double *levels, size_t count, float *to);
/* Quantiles of most[CENTRE_LAST], weighted. */
void analogs_most_quantiles(const struct analogs *r, const uint16_t *weights, const double *levels, size_t count, float *to);
/* The share of rows whose most[centre] is above, and how many rows that rests on. */
double analogs_above(const struct analogs *r, enum centre c, const uint16_t *weights, double watts);

#endif
