/* Misses of late beside those that are usual (stretch.h). */
#include "forecast/stretch.h"

#include <math.h>

#include "forecast/score.h"

/* windows; of the last, those of wild times */
static const float lately_memory = 12, usually_memory = 300, saved_memory = 50;
static const float begins = 1.7F, ends = 1;     /* misses lately, as a multiple of what
                                                 * is usual */
static const float more = 1.2F;         /* what grew may grow on, and twelve windows
                                         * lag behind */
static const float most = 8;

struct stretched stretch_apply(const struct stretch *s, float *levels, size_t count,
                               size_t middle)
{
    struct stretched done = { .by = 1, .is_done = s->saved >= 0 };

    if (s->is_wild)
        done.by = fminf(fmaxf(more * s->lately / s->usually, 1), most);
    for (size_t l = 0; l < count && done.is_done; l++)
        levels[l] = levels[middle] + (levels[l] - levels[middle]) * done.by;
    return done;
}

static double loss(const float *levels, const double *p, size_t count, size_t middle,
                   float came, float by)
{
    double sum = 0;

    for (size_t l = 0; l < count; l++)
        sum += score_pinball((double)(levels[middle] + (levels[l] - levels[middle]) * by),
                             p[l], (double)came);
    return sum;
}

void stretch_learn(struct stretch *s, struct stretched done, const float *levels,
                   const double *p, size_t count, size_t middle, float came, float usual,
                   float overlap)
{
    float back = done.is_done ? 1 / done.by : 1,
          band = (levels[middle + 2] - levels[middle - 2]) * back;
    float miss = fminf(fabsf(came - levels[middle]) / band, 20), saved;

    if (!(band > 0) || !(usual > 0))
        return;
    saved = (float)(loss(levels, p, count, middle, came, back) -
                    loss(levels, p, count, middle, came, back * done.by)) /
            usual;
    if (done.by > 1)
        s->saved += (saved - s->saved) / (saved_memory * overlap);
    if (!(s->usually > 0))
        s->lately = s->usually = miss + .01F;
    s->lately += (miss - s->lately) / (lately_memory * overlap);
    s->is_wild = s->lately > (s->is_wild ? ends : begins) * s->usually;
    if (!s->is_wild)
        s->usually += (miss - s->usually) / (usually_memory * overlap);
}
