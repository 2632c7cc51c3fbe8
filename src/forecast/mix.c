/* Weights from discounted gains, each expert at its own learning rate. */
#include "forecast/mix.h"

#include <math.h>

static void find_rates(const struct mix *m, size_t count, float to[MIX_ROOM])
{
    float most = .5F / fmaxf(m->largest, 1e-30F), choice = logf((float)count);

    for (size_t i = 0; i < count; i++)
        to[i] = fminf(most, sqrtf(choice / fmaxf(m->squares[i], 1e-30F)));
}

void mix_weights(const struct mix *m, size_t count, const float *prior, float *to)
{
    float rates[MIX_ROOM], top = -INFINITY, sum = 0;

    find_rates(m, count, rates);
    for (size_t i = 0; i < count; i++) {
        to[i] = m->largest > 0 ? rates[i] * m->gain[i] : 0;
        if (prior[i] > 0)
            top = fmaxf(top, to[i]);
    }
    for (size_t i = 0; i < count; i++) {
        to[i] = prior[i] > 0 ? prior[i] * (m->largest > 0 ? rates[i] * m->largest : 1) *
                                   expf(to[i] - top)
                             : 0;
        sum += to[i];
    }
    for (size_t i = 0; i < count; i++)
        to[i] /= sum;
}

void mix_learn(struct mix *m, size_t count, const float *gains, float memory,
               float overlap)
{
    float rates[MIX_ROOM];

    m->largest *= memory;
    for (size_t i = 0; i < count; i++)
        m->largest = fmaxf(m->largest, fabsf(gains[i]));
    if (!(m->largest > 0))
        return;
    for (size_t i = 0; i < count; i++)
        m->squares[i] = memory * m->squares[i] + overlap * gains[i] * gains[i];
    find_rates(m, count, rates);
    for (size_t i = 0; i < count; i++) {
        m->gain[i] = memory * m->gain[i] + gains[i] -
                     rates[i] * overlap * gains[i] * gains[i];
    }
}
