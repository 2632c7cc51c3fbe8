/* What is learned for one horizon: where power will be, and whether the cap's quantity
 * goes above a cap on the way. */
#ifndef FORECAST_HORIZON_H
#define FORECAST_HORIZON_H

#include "forecast/calibration.h"
#include "forecast/features.h"
#include "forecast/mix.h"
#include "forecast/nets.h"
#include "forecast/ridge.h"
#include "forecast/stretch.h"
#include "forecast/analogs.h"

enum {
    LEVELS = 8,                 /* .05 .1 .25 .5 .75 .9 .95 .99 */
    WINDOWS = 2,                /* short and a day, whose own quantiles are experts */
    POWER_EXPERTS = 10 + WINDOWS,
    BREACH_EXPERTS = 10,
    STACK_TERMS = BREACH_EXPERTS + 1, STACK_PAIRS = STACK_TERMS * (STACK_TERMS + 1) / 2,
    WATCHED = 4,                /* caps */
    OPEN = 18,                  /* forecasts that wait for their end */
    SMOOTHS = 3
};
extern const double horizon_levels[LEVELS];

/* The present, the same for all horizons. */
struct present {
    int64_t slot;
    double watts, quantity;
    float common[FEATURE_COMMON];
    double smooth[SMOOTHS];     /* W */
    double windows[WINDOWS][LEVELS];
    double caps[WATCHED];
    size_t cap_count;
    double scale;
};

/* What was said, expert by expert. */
struct said {
    float features[FEATURES];
    double centre[CENTRES], most_centre[CENTRES];   /* added to the present */
    float expert[POWER_EXPERTS][LEVELS];            /* less the present, W */
    /* before and after conformal shifts and what follows */
    float mixed[LEVELS], level[LEVELS];
    struct stretched stretched;
    double ridge_season, ridge_trend;               /* of centre[CENTRE_RIDGE] */
    double season, trend;                           /* of the median */
};

/* What is remembered, as the present sees it, for as long as it is looked at. */
struct sight {
    struct weights all, alike;
};

/* What was said and waits for its end: as much of it as there is to learn from. */
struct open {
    int64_t slot;
    double watts, quantity, end, most;
    double caps[WATCHED];
    float smooth[SMOOTHS], scale;       /* smooth: less watts */
    float centre[CENTRES], most_centre[CENTRES];
    float mixed[LEVELS], level[LEVELS], mixed_breach[WATCHED];
    struct stretched stretched;
    half features[FEATURES];
    half expert[POWER_EXPERTS][LEVELS];         /* less the mixture */
    half breach[WATCHED][BREACH_EXPERTS];       /* log odds */
    uint32_t came;
    uint8_t cap_count;
    bool acted;
};

struct watched {
    struct mix mix;
    /* its weights, and how sure they are */
    float stack[STACK_TERMS], curve[STACK_PAIRS];
    double base, seen;          /* share of breaches */
    struct calibration calibration;
};

struct horizon {
    int64_t slots, stride;
    double smooth_loss[SMOOTHS];
    struct mix power[LEVELS];
    float shift[LEVELS], usual;
    struct stretch stretch;
    struct ridge ridge;
    struct nets nets;
    struct watched watched[WATCHED];
    struct analogs analogs;
    size_t count;
    struct open open[OPEN];     /* the oldest first */
};

void horizon_start(struct horizon *h, double horizon_s, double step_s);
/* To or from bytes. False: they are not of such a one. */
bool horizon_pack(struct horizon *h, struct pack *p);
/* Is a forecast due that is to be learnt from? */
bool horizon_is_due(const struct horizon *h, int64_t slot);
/* A sample has come: open forecasts learn from it. */
void horizon_observe(struct horizon *h, int64_t slot, bool opened, double watts,
                     double quantity);
/* The same for the present: what would be said now. */
void horizon_say(const struct horizon *h, const struct past *p, const struct present *now,
                 struct said *to, struct sight *sight);
/* The chance that the cap's quantity goes above `cap`, which is not below the present. */
double horizon_chance(const struct horizon *h, const struct present *now,
                      const struct said *said, const struct sight *sight, double cap);
/* How many of the windows that were learnt from held a breach of the watched cap nearest
 * to `cap`. */
double horizon_breaches(const struct horizon *h, const struct present *now, double cap);
/* Somebody acted: what is open teaches nothing about breaches, nor how far bands
 * reach. */
void horizon_acted(struct horizon *h);
/* Opens a forecast where one is due. */
void horizon_open(struct horizon *h, const struct past *p, const struct present *now);

#endif
