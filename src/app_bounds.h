/* What a domain can draw at most and at least, from what its GPUs and nodes may: bounds
 * of its forecasts. And whether somebody has changed that. */
#ifndef APP_BOUNDS_H
#define APP_BOUNDS_H

#include "model/model.h"

/* Of one domain, or the site. */
struct bound {
    double limits_w;            /* power limits of its GPUs, of nodes with a limit of
                                 * their own those; parts with two feeds whole, for one
                                 * feed may have to carry them. NAN: not of all parts
                                 * known */
    double else_w;              /* drawn besides: what its meter says less what these
                                 * parts draw; NAN: unknown */
    double least_w;             /* drawn by so many GPUs when each draws as little as
                                 * the least of all does now; of those with two feeds,
                                 * the part that comes this way now. NAN: unknown */
    size_t limited;             /* parts whose limits were summed */
};

struct bounds;

/* As the model is now. Owned by the caller. */
struct bounds *bounds_new(const struct model *m);
void bounds_free(struct bounds *b);     /* NULL is fine */
struct bound bounds_of(const struct bounds *b, enum gw_kind kind, uint32_t row);

#endif
