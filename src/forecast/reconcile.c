/* Forecasts that add up; reconcile.h has the theory. */
#include "forecast/reconcile.h"

#include <math.h>
#include <stdbool.h>

static bool is_leaf(const struct reconcile_row *r)
{
    return r->sum_variance < 0;
}

static bool is_known(double mean, double variance)
{
    return !isnan(mean) && isfinite(variance);
}

/* Its own forecast and what its children say, each by how sure it is. */
static void look_up(struct reconcile_row *r)
{
    bool own = is_known(r->mean, r->variance);
    double sum = r->sum + r->extra;
    bool below = !is_leaf(r) && is_known(sum, r->sum_variance);

    r->upward = own ? r->mean : below ? sum : NAN;
    r->upward_variance = own ? r->variance : below ? r->sum_variance : INFINITY;
    if (own && below && r->variance + r->sum_variance > 0) {
        double weight = r->variance / (r->variance + r->sum_variance);

        r->upward = r->mean + weight * (sum - r->mean);
        r->upward_variance = weight * r->sum_variance;
    }
}

static void tell_parent(struct reconcile_row *rows, const struct reconcile_row *r)
{
    struct reconcile_row *parent = &rows[r->parent];

    if (is_leaf(parent))
        parent->sum = parent->sum_variance = 0;
    parent->sum += r->share * r->upward;
    parent->sum_variance += r->share * r->share * r->upward_variance;
}

/* What the parent has become is shared out by how unsure each child is. */
static void look_down(const struct reconcile_row *rows, struct reconcile_row *r)
{
    const struct reconcile_row *parent;

    r->mean = r->upward;
    if (r->parent == RECONCILE_ROOT)
        return;
    parent = &rows[r->parent];
    if (parent->sum_variance > 0 && is_known(parent->sum, parent->sum_variance) &&
        !isnan(parent->mean))
        r->mean += r->share * r->upward_variance / parent->sum_variance *
                   (parent->mean - parent->extra - parent->sum);
}

void reconcile(struct reconcile_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i].sum = 0;
        rows[i].sum_variance = -1;
    }
    for (size_t i = count; i-- > 0;) {
        look_up(&rows[i]);
        if (rows[i].parent != RECONCILE_ROOT)
            tell_parent(rows, &rows[i]);
    }
    for (size_t i = 0; i < count; i++)
        look_down(rows, &rows[i]);
}
