/* What classes of work drew before anybody looked: where tenants are all that is known of
 * the work, a class is what the rules say of them, and its past the sum of theirs. Who
 * knows of jobs knows it of those of now, and not which ran then. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* By step modulo TREND_LENGTH: the step that is the sum of tenants, which more of them
 * may raise; others were seen. */
struct class_past {
    uint32_t steps[TREND_LENGTH];
};

struct sum {
    double watts[TREND_LENGTH]; /* NAN: nothing is known */
};

uint32_t class_of_tenant(struct model *m, uint32_t tenant)
{
    const char *name = entity_of(m, GW_TENANT, tenant)->name, *class, *tag;

    if (strcmp(name, unexplained) == 0)
        return GW_NONE;
    if (strcmp(name, unallocated) == 0)
        return model_find(m, GW_CLASS, unallocated);
    classify_tenant(m, name, &class, &tag);
    return model_find(m, GW_CLASS, class ? class : "other");
}

/* The last step of `to` is `last`. */
static void add_trend(struct sum *to, struct trend t, int64_t last)
{
    int64_t ends = (int64_t)llround(t.end / TREND_STEP_S);

    for (size_t i = 0; i < t.count; i++) {
        int64_t at = TREND_LENGTH - 1 - (last - ends) - (int64_t)(t.count - 1 - i);

        if (at < 0 || at >= TREND_LENGTH || isnan(t.values[i]))
            continue;
        to->watts[at] = (isnan(to->watts[at]) ? 0 : to->watts[at]) + (double)t.values[i];
    }
}

/* NULL: it has no such step. */
static float *step_in(struct ring *r, int64_t step)
{
    return r->count && step <= r->step && (uint64_t)(r->step - step) < r->count
               ? &r->values[r->count - 1 - (size_t)(r->step - step)]
               : NULL;
}

static void tell(struct model *m, uint32_t class, const struct sum *sum, int64_t last)
{
    struct class_past *past = &m->class_pasts[class];

    for (int64_t i = 0; i < TREND_LENGTH; i++) {
        int64_t step = last - (TREND_LENGTH - 1) + i;
        uint32_t *mark = &past->steps[step % TREND_LENGTH];
        float *known = class < m->ring_room[GW_CLASS]
                           ? step_in(&m->rings[GW_CLASS][class], step)
                           : NULL;

        if (isnan(sum->watts[i]) || (known && !isnan(*known) && *mark != (uint32_t)step))
            continue;
        if (known)
            *known = (float)sum->watts[i];
        else
            note_trace(m, GW_CLASS, class, (double)step * TREND_STEP_S, sum->watts[i]);
        *mark = (uint32_t)step;
    }
}

void tell_past_of_classes(struct model *m, double now)
{
    int64_t last = (int64_t)floor(now / TREND_STEP_S) - 1; /* that of now is under way */
    size_t classes = m->rows[GW_CLASS].count, old = m->class_past_room;
    struct sum *sums;

    if (!m->has_past_of_tenants || !m->rule_count || !classes || m->rows[GW_JOB].count ||
        last < TREND_LENGTH || trends_begin(m, now))
        return;
    m->has_past_of_tenants = false;
    m->class_pasts = xgrow(m->class_pasts, &m->class_past_room, classes,
                           sizeof(*m->class_pasts));
    memset(m->class_pasts + old, 0, (m->class_past_room - old) * sizeof(*m->class_pasts));
    sums = xcalloc(classes, sizeof(*sums));
    memset(sums, 0xff, classes * sizeof(*sums)); /* NAN */
    for (uint32_t tenant = 0; tenant < m->rows[GW_TENANT].count; tenant++) {
        uint32_t class = class_of_tenant(m, tenant);

        if (class != GW_NONE)
            add_trend(&sums[class], model_trend(m, GW_TENANT, tenant), last);
    }
    for (uint32_t class = 0; class < classes; class++)
        tell(m, class, &sums[class], last);
    free(sums);
}
