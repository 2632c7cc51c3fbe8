/* What two small networks learn of a horizon: quantiles of the power to come, from the
 * slopes of the pinball loss, and the chance that the cap's quantity rises by so much,
 * whatever it is that one asks for (a distribution as the answers to many questions:
 * Foresi & Peracchi 1995). Where the analogs remember some hundred windows, these have
 * learnt from all. */
#ifndef FORECAST_NETS_H
#define FORECAST_NETS_H

#include <stdint.h>

#include "forecast/analogs.h"
#include "forecast/features.h"
#include "forecast/net.h"

enum {
    NETS_HARMONICS = 3,         /* of the day, beside the first that the features have */
    NETS_LEVELS = 8,            /* as horizon_levels[] */
    NETS_POWER_TERMS = FEATURES + 2 * NETS_HARMONICS + 1,
    NETS_CHANCE_TERMS = NETS_POWER_TERMS + 3,
    NETS_POWER_WEIGHTS = NET_WEIGHTS(NETS_POWER_TERMS, NETS_LEVELS),
    NETS_CHANCE_WEIGHTS = NET_WEIGHTS(NETS_CHANCE_TERMS, 1)
};

struct nets {
    float power_now[NETS_POWER_WEIGHTS], power_mean[NETS_POWER_WEIGHTS];
    float chance_now[NETS_CHANCE_WEIGHTS], chance_mean[NETS_CHANCE_WEIGHTS];
    uint16_t power_squares[NETS_POWER_WEIGHTS], chance_squares[NETS_CHANCE_WEIGHTS];
    uint32_t power_lessons, chance_lessons;
    float usual;                /* mean change of power over the horizon, W: what the
                                 * first says is in these */
    uint64_t draws;
};

void nets_start(struct nets *n);

/* Of the change of power, W, rising; and what of its median is due to the time of day and
 * week. */
void nets_quantiles(const struct nets *n, const float features[FEATURES],
                    float to[NETS_LEVELS]);
double nets_season(const struct nets *n, const float features[FEATURES]);
/* The chance of a rise of more than `head`, where power swings by `scale`; NAN: too
 * little was learnt. */
double nets_chance(const struct nets *n, const float features[FEATURES], double head,
                   double scale);

/* Power has changed by `came`. With it, some of what the analogs remember is learnt
 * again. */
void nets_learn_power(struct nets *n, const struct analogs *r,
                      const double levels[NETS_LEVELS], const float features[FEATURES],
                      double came);
/* The cap's quantity rose by `most` at most: was that more than each of heads[], and than
 * rises that came before? */
void nets_learn_chance(struct nets *n, const struct analogs *r,
                       const float features[FEATURES], const double *heads,
                       unsigned count, double most, double scale);

#endif
