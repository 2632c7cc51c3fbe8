/* What the files of the fleet share. */
#ifndef FORECAST_FLEET_INSIDE_H
#define FORECAST_FLEET_INSIDE_H

#include <stdint.h>

#include "forecast/fast.h"
#include "forecast/fleet.h"
#include "forecast/passage.h"
#include "forecast/tail.h"

enum {
    LANES = 16,                 /* a cache line of floats */
    KNOTS = PASSAGE_KNOTS,
    END_LEVELS = 8,             /* q05 … q99 of power at the horizon */
    MAX_LEVELS = 4,             /* q10 q50 q90 q99 of the highest on the way */
    RISKS = 3,                  /* classes: a cap near, in sight, far, by p */
    PROBES = 4096
};

/* Memories of the level and of its two slower means, in seconds. */
static const double level_tau = 300, mid_tau = 600, slow_tau = 3600;
static const double long_gap_s = 1800;

enum fleet_kind { FLEET_SAMPLE, FLEET_MEAN, FLEET_BLOCK, FLEET_TRIP };

/* Four series: what a new sample changes, and no more beside it than is looked at for
 * that, since an update waits for memory first. Watts and seconds. */
struct motion {
    four level, trend;
    four bias;                  /* running median of the residual */
    four up, down;              /* its semi-variances */
    four c0, c1;                /* autocovariance, dips clipped */
    four x;                     /* newest residual above its median */
    four mid, slow;             /* means of ten minutes and of an hour */
    four wander;                /* mean square of their distance */
    four cusum_up, cusum_down;
    four watts;                 /* newest; NAN: none */
    four last;                  /* its time, since the fleet's epoch */
    four seen;                  /* samples */
    four boost;                 /* samples to go of re-adapting */
    four same;                  /* samples in a row that were equal to the bit */
    four nameplate;
};

/* Sixteen series: what they are held against, and what is forecast of them. */
struct lanes {
    float cap[LANES], idle[LANES];
    float window[LANES];        /* of a mean or block; time constant of a trip */
    float heat[LANES];          /* mean so far, or watts squared of a trip */
    float p[FORECAST_HORIZONS][LANES];
    int32_t kind[LANES];
};

/* What is common to forecasts at one horizon with a cap about as near. */
struct cell {
    float end[END_LEVELS], highest[MAX_LEVELS]; /* quantiles, in spreads */
    float end_size, highest_size;               /* mean size of errors: how large a
                                                 * step of learning is */
    float offset, slope;                        /* p' = sigma(offset + slope * logit p) */
    float plain_loss, learned_loss;             /* log loss, newest 500 or so */
    uint32_t matured, happened;
    float expected;             /* how many should have happened */
};

/* A forecast that is followed until its horizon has passed. */
struct probe {
    double due;                 /* seconds since 1970; 0: free */
    uint32_t row;
    uint8_t horizon, risk, was_above, is_counted;
    float mean, base, up, down; /* as forecast */
    float p, cap;
    float highest;              /* so far */
};

/* The same knots for all series; at[] are those of the horizons. */
struct knots {
    double times[KNOTS];
    unsigned at[FORECAST_HORIZONS];
};

/* What all series of a refresh share. */
struct common {
    struct knots knots;
    float times[KNOTS], reach[KNOTS], slope[KNOTS];     /* of a trend of 1 */
    float factors[64];          /* the tail's, at distances of half a spread each */
};

struct fleet {
    size_t capacity, block_count;
    double step_s;
    double epoch, time;         /* NAN: nothing yet. The epoch is a midnight, UTC:
                                 * blocks of the clock start there */
    uint64_t rejected;
    double frozen_until;        /* a storm */
    uint32_t dice;
    uint32_t turn;              /* which blocks' residuals are looked at for the tail */
    struct tail tail;
    struct common common;       /* of the last refresh */
    struct cell cells[FORECAST_HORIZONS][RISKS];
    struct probe probes[PROBES];
    struct motion *motions;     /* LANES / FOUR a block */
    struct lanes *blocks;
    uint8_t *special;           /* of each block: how many are not FLEET_SAMPLE */
    uint32_t *open;             /* room for all rows: which of them a refresh looks at
                                 * again */
};

/* A series as the theory sees it. */
struct outlook {
    double now;                 /* the level its mean is at, with the median */
    double trend;
    struct passage process;     /* residual and wandering level */
    double up, down;            /* semi-variances */
    double floor_w;
};

/* ---- fleet_outlook.c ---- */
struct outlook outlook_of(const struct fleet *f, size_t row);
/* How far a damped trend of 1 leads in a time, and its slope there. */
double trend_reach(double seconds);
double trend_slope(double seconds);
double spread_at(const struct outlook *o, double variance, double seconds);
/* Where the mean is at a horizon. */
double mean_at(const struct outlook *o, double seconds);

/* ---- fleet_refresh.c ---- */
struct knots fleet_knots(double step_s);
struct common common_of(const struct fleet *f);

/* Sixteen of them as arrays, for four at once. */
struct pack {
    float away[LANES];          /* of the cap from the level, at first, by the tail's
                                 * measure */
    float lean[LANES];          /* trend, by the same */
    float theta[LANES], variance[LANES], wander[LANES], start[LANES], shift[LANES];
    float reached[KNOTS][LANES];        /* P by each knot; of `full` ones, else at the
                                         * horizons only */
    uint32_t row[LANES];
    unsigned count;
};
/* What a distance of z spreads is multiplied by, for the tail; and how much further away
 * a boundary is that is looked at each step only. */
double fleet_factor(const struct common *c, double z);
double fleet_shift(const struct fleet *f, const struct passage *p);
/* Lays out a series that has a cap on samples. */
void pack_add(struct pack *p, const struct fleet *f, const struct common *c, size_t row,
              const struct outlook *o);
void pack_passage(struct pack *p, const struct common *c, bool full);

/* ---- fleet_passage.c ---- */
/* P of having reached the cap by each knot, by the theory alone: one series in full. */
void fleet_passage(const struct fleet *f, const struct common *c, size_t row,
                   double reached[KNOTS]);

/* ---- fleet_learn.c ---- */
void cells_init(struct fleet *f);
/* Of forecasts whose probability, by the theory, is about p. */
const struct cell *cell_of(const struct fleet *f, unsigned horizon, double p);
double cell_probability(const struct cell *c, double p);
/* Follows what came, learns from what has matured. */
void probes_observe(struct fleet *f);
/* New ones, of forecasts just made. */
void probes_plant(struct fleet *f, const struct common *c);

/* No spread is smaller than what meters resolve. */
static inline four least_spread(four nameplate, four level)
{
    return pick(nameplate == nameplate, .002f * nameplate,
                5e-4f * larger(level, -level) + 1e-6f);
}

static inline float lane_of(const float *field, size_t row)
{
    return field[row % LANES];
}

static inline const struct lanes *lanes_of(const struct fleet *f, size_t row)
{
    return &f->blocks[row / LANES];
}

static inline const struct motion *motion_of(const struct fleet *f, size_t row)
{
    return &f->motions[row / FOUR];
}

/* Not heard of for so long that nothing is known of where it stands. */
static inline bool is_lost(const struct fleet *f, size_t row)
{
    return f->time - f->epoch - (double)motion_of(f, row)->last[row % FOUR] > long_gap_s;
}

#endif
