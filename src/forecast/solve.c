/* A = L L', then two triangles. */
#include "forecast/solve.h"

#include <math.h>

static void factor(const float *a, unsigned size, double penalty, double *l)
{
    for (unsigned i = 0, row = 0; i < size; row += ++i)
        for (unsigned k = 0, other = 0; k <= i; other += ++k) {
            double sum = (double)a[row + k] + (i == k ? penalty : 0);

            for (unsigned j = 0; j < k; j++)
                sum -= l[row + j] * l[other + j];
            l[row + k] = i == k ? sqrt(fmax(sum, 1e-9)) : sum / l[other + k];
        }
}

void solve_symmetric(const float *triangle, unsigned size, double penalty,
                     const double *b, double *room, double *x)
{
    const double *l = room;

    factor(triangle, size, penalty, room);
    for (unsigned i = 0, row = 0; i < size; row += ++i) {
        x[i] = b[i];
        for (unsigned k = 0; k < i; k++)
            x[i] -= l[row + k] * x[k];
        x[i] /= l[row + i];
    }
    for (unsigned i = size; i-- > 0;) {
        for (unsigned k = i + 1; k < size; k++)
            x[i] -= l[k * (k + 1) / 2 + i] * x[k];
        x[i] /= l[i * (i + 1) / 2 + i];
    }
}
