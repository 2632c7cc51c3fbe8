/* Which expert to trust: Bernstein online aggregation (Wintenberger, Optimal learning
 * with Bernstein online aggregation, Machine Learning 106, 2017) on the linearised loss,
 * the old fading, so that the mixture does as well as the best fixed mixture of late. */
#ifndef FORECAST_MIX_H
#define FORECAST_MIX_H

#include <stddef.h>

enum { MIX_ROOM = 16 };

struct mix {
    float gain[MIX_ROOM], squares[MIX_ROOM];
    float largest;
};

/* Weights that sum to 1. `prior` as well. Experts with usable[i] == 0 get none. */
void mix_weights(const struct mix *m, size_t count, const float *prior, float *to);
/* How much less each expert lost than the mixture, in the linearised loss. */
/* `overlap`: how many of the latest lessons look at the same thing. */
void mix_learn(struct mix *m, size_t count, const float *gains, float memory,
               float overlap);

#endif
