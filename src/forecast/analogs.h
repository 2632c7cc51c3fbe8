/* A horizon's memory: how the present looked, as bytes, and what came of it; the newest half, and a fading choice of
 * what was before. With it a forest of random trees that says which of them look like now, whatever one then asks of
 * them (quantile regression forests, Meinshausen 2006; the trees are Geurts' extremely randomised ones, 2006). */
#ifndef FORECAST_ANALOGS_H
#define FORECAST_ANALOGS_H

#include "forecast/features.h"

enum {
    ROWS = 512,                 /* a multiple of 16: loops go over all, several at once */
    TREES = 24,
    LEAF_LEAST = 6,
    LEAVES = ROWS / LEAF_LEAST, /* at most 255: a leaf's number is a byte */
    NODES = 2 * LEAVES,
    KEEP_ONE_IN = 3             /* of what leaves the recent half */
};

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
    float usual[2];             /* mean absolute error[LAST], [RIDGE] */
};

struct analog {
    uint8_t codes[FEATURES];
    float error[CENTRES], most[CENTRES];
};

void analogs_add(struct analogs *r, const struct analog *row);
/* How much each row counts: those that look like the present, or all of them alike. */
struct weights {
    uint16_t of[ROWS];
    uint32_t sum, most_sum;     /* most_sum: of those whose `most` is known */
    double rests_on;            /* as many rows of equal weight would say as much (Kish 1965) */
    bool is_even;
};

/* Of those that share leaves with `codes`; all alike where there is no forest yet. */
void analogs_alike(const struct analogs *r, const uint8_t codes[FEATURES], struct weights *to);
void analogs_all(const struct analogs *r, struct weights *to);
/* Quantiles of error[centre]. */
void analogs_quantiles(const struct analogs *r, enum centre c, const struct weights *w, const double *levels, size_t count, float *to);
/* Quantiles of most[CENTRE_LAST]; NAN: none. */
void analogs_most_quantiles(const struct analogs *r, const struct weights *w, const double *levels, size_t count, float *to);
/* The share of rows whose most[centre] is above, a little towards one half where it rests on few. */
double analogs_above(const struct analogs *r, enum centre c, const struct weights *w, double watts);

#endif
