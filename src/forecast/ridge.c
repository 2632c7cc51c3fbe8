/* Normal equations that fade, and their Cholesky factor. */
#include "forecast/ridge.h"

#include <math.h>

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
    float v[RIDGE_TERMS], target = clipped((float)y, 6), keep = (float)memory, *at = r->pairs;

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
    double l[RIDGE_PAIRS], z[RIDGE_TERMS];

    for (unsigned i = 0, row = 0; i < RIDGE_TERMS; row += ++i)
        for (unsigned k = 0, other = 0; k <= i; other += ++k) {
            double sum = (double)r->pairs[row + k] + (i == k ? penalty : 0);

            for (unsigned j = 0; j < k; j++)
                sum -= l[row + j] * l[other + j];
            l[row + k] = i == k ? sqrt(fmax(sum, 1e-9)) : sum / l[other + k];
        }
    for (unsigned i = 0, row = 0; i < RIDGE_TERMS; row += ++i) {
        z[i] = (double)r->sums[i];
        for (unsigned k = 0; k < i; k++)
            z[i] -= l[row + k] * z[k];
        z[i] /= l[row + i];
    }
    for (unsigned i = RIDGE_TERMS; i-- > 0;) {
        for (unsigned k = i + 1; k < RIDGE_TERMS; k++)
            z[i] -= l[k * (k + 1) / 2 + i] * z[k];
        z[i] /= l[i * (i + 1) / 2 + i];
        r->weights[i] = (float)z[i];
    }
}

double ridge_predict(const struct ridge *r, const float x[FEATURES])
{
    float v[RIDGE_TERMS];
    double sum = 0;

    terms(x, v);
    for (unsigned i = 0; i < RIDGE_TERMS; i++)
        sum += (double)(r->weights[i] * v[i]);
    return sum;
}
