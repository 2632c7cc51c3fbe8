/* Solves (A + penalty I) x = b for a symmetric A, given by the rows of its lower triangle
 * (Cholesky). `room`: as many doubles as the triangle has. A direction that A says
 * nothing of is left at about nothing. */
#ifndef FORECAST_SOLVE_H
#define FORECAST_SOLVE_H

void solve_symmetric(const float *triangle, unsigned size, double penalty,
                     const double *b, double *room, double *x);

#endif
