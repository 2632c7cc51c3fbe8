/* Normal equations that fade. */
#include "forecast/ridge.h"

#include <math.h>

#include "forecast/solve.h"

static float clipped(float x, float most)
{
    return isnan(x) ? 0 : fminf(fmaxf(x, -most), most);
}

static void terms(const float x[FEATURES], float to[RIDGE_TERMS])
{
    for (unsigned i = 0; i < FEATURES; i++)
        to[i] = clipped(x[i], 8);
    to[FEATURES] = 1;
}

void ridge_learn(struct ridge *r, const float x[FEATURES], double y, double memory)
{
    float v[RIDGE_TERMS], target = clipped((float)y, 6), keep = (float)memory,
                          *at = r->pairs;

    terms(x, v);
    for (unsigned i = 0; i < RIDGE_TERMS; i++) {
        for (unsigned k = 0; k <= i; k++)
            at[k] = keep * at[k] + v[i] * v[k];
        at += i + 1;
        r->sums[i] = keep * r->sums[i] + v[i] * target;
    }
    r->rows++;
}

void ridge_solve(struct ridge *r, double penalty)
{
    double sums[RIDGE_TERMS], found[RIDGE_TERMS], room[RIDGE_PAIRS];

    for (unsigned i = 0; i < RIDGE_TERMS; i++)
        sums[i] = (double)r->sums[i];
    solve_symmetric(r->pairs, RIDGE_TERMS, penalty, sums, room, found);
    for (unsigned i = 0; i < RIDGE_TERMS; i++)
        r->weights[i] = (float)found[i];
}

double ridge_share(const struct ridge *r, const float x[FEATURES], unsigned first,
                   unsigned end)
{
    float v[RIDGE_TERMS];
    double sum = 0;

    terms(x, v);
    for (unsigned i = first; i < end; i++)
        sum += (double)(r->weights[i] * v[i]);
    return sum;
}

double ridge_predict(const struct ridge *r, const float x[FEATURES])
{
    return ridge_share(r, x, 0, RIDGE_TERMS);
}
