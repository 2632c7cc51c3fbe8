/* A horizon's memory: how the present looked, as bytes, and what came of it; the newest
 * half, and a fading choice of what was before. With it a forest of random trees that
 * says which of them look like now, whatever one then asks of them (quantile regression
 * forests, Meinshausen 2006; the trees are Geurts' extremely randomised ones, 2006). */
#ifndef FORECAST_ANALOGS_H
#define FORECAST_ANALOGS_H

#include "forecast/features.h"
#include "forecast/half.h"
#include "forecast/pack.h"

enum {
    ROWS = 256,                 /* a multiple of 16: loops go over all, several at
                                 * once; a row's number is a byte */
    TREES = 16,
    LEAF_LEAST = 6,
    LEAVES = ROWS / LEAF_LEAST, /* 2 * LEAVES at most 255: a node is a byte */
    NODES = 2 * LEAVES,
    NODE_LEAF = 255,            /* is no feature */
    KEEP_ONE_IN = 3             /* of what leaves the recent half */
};

/* What power came to be is told as its distance from each of these. */
enum centre { CENTRE_LAST, CENTRE_SMOOTH, CENTRE_RIDGE, CENTRE_DAY, CENTRES };

/* Children stand in pairs, the first of which is node 1. */
struct node {
    uint8_t feature, above;     /* to the second child where code > above; of a leaf,
                                 * its number */
    uint8_t pair;
};

typedef uint8_t row_number;

struct analogs {
    uint16_t count, recent;     /* kept; the place of the newest among the recent */
    uint16_t recent_count;
    uint16_t since_tree, next_tree, grown;
    uint64_t chance;
    float usual[2];             /* mean absolute error[LAST], [RIDGE] */
    uint8_t codes[ROWS][FEATURES];
    half error[CENTRES][ROWS];  /* power at the horizon less the centre, W */
    half most[CENTRES][ROWS];   /* the highest of the cap's quantity less the centre's,
                                 * W */
    struct node trees[TREES][NODES];
    uint8_t used[TREES];        /* nodes */
    /* What follows from the above. */
    row_number sorted[CENTRES + 1][ROWS];  /* rows by error[], and by most[CENTRE_LAST] */
    uint8_t leaf[TREES][ROWS];
};

struct analog {
    uint8_t codes[FEATURES];
    half error[CENTRES], most[CENTRES];
};

void analogs_add(struct analogs *r, const struct analog *row);
/* All that does not follow from the rest, to or from bytes. */
/* False: these are not the bytes of such a one. */
bool analogs_pack(struct analogs *r, struct pack *p);

/* How much each row counts: those that look like the present, or all of them alike. */
struct weights {
    uint16_t of[ROWS];
    uint32_t sum, most_sum;     /* most_sum: of those whose `most` is known */
    double rests_on;            /* as many rows of equal weight would say as much (Kish
                                 * 1965) */
    bool is_even;
};

/* Of those that share leaves with `codes`; all alike where there is no forest yet. */
void analogs_alike(const struct analogs *r, const uint8_t codes[FEATURES],
                   struct weights *to);
void analogs_all(const struct analogs *r, struct weights *to);
/* Quantiles of error[centre]. */
void analogs_quantiles(const struct analogs *r, enum centre c, const struct weights *w,
                       const double *levels, size_t count, float *to);
/* Quantiles of most[CENTRE_LAST]; NAN: none. */
void analogs_most_quantiles(const struct analogs *r, const struct weights *w,
                            const double *levels, size_t count, float *to);
/* The share of rows whose most[centre] is above, a little towards one half where it rests
 * on few. */
double analogs_above(const struct analogs *r, enum centre c, const struct weights *w,
                     double watts);

#endif
