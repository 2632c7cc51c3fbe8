/* Forecasts that add up: a domain's mean and those of what it feeds, made consistent.
 *
 * MinT with a diagonal of variances (Wickramasuriya, Athanasopoulos & Hyndman 2019), which on a tree is two passes. The
 * power graph has dual feeds; what is reconciled is the tree of primary parents, and a row gives its parent `share` of
 * its power (1; .5 where two feeds carry half each). The other feed keeps its own forecast. */
#ifndef FORECAST_RECONCILE_H
#define FORECAST_RECONCILE_H

#include <stddef.h>
#include <stdint.h>

enum { RECONCILE_ROOT = 0xffffffff };

struct reconcile_row {
    uint32_t parent;            /* an earlier row; RECONCILE_ROOT: none */
    double share;               /* of its power that the parent delivers */
    double extra;               /* drawn besides its children: meters less sum, now; what is not metered, losses */
    double mean;                /* its own forecast; becomes the reconciled one */
    double variance;            /* of its error; INFINITY: no forecast of its own */
    double sum, sum_variance;   /* of the children: working place */
    double upward, upward_variance;
};

/* In place. A row without any forecast, its own or its children's, is left NAN. */
void reconcile(struct reconcile_row *rows, size_t count);

#endif
