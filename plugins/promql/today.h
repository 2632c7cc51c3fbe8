/* What tenants used since midnight, before anybody looked. */
#ifndef PLUGINS_PROMQL_TODAY_H
#define PLUGINS_PROMQL_TODAY_H

#include "plugins/promql/past.h"

enum { DAY_STEP_S = 300, DAY_GAP_S = 120, DAY_AGAIN_S = 600 };

static void forget_today(struct today *day)
{
    free(day->spent);
    *day = (struct today){ 0 };
}

static void begin_day(struct today *day, double midnight)
{
    forget_today(day);
    day->midnight = midnight;
    for (size_t i = 0; i < sizeof(day->added_to) / sizeof(*day->added_to); i++)
        day->added_to[i] = midnight;
}

/* An answer that breaks off is asked for again: what it said until then does not
 * count. */
static void begin_piece(struct today *day)
{
    for (size_t i = 0; i < day->count; i++)
        day->spent[i].piece = 0;
}

static void end_piece(struct today *day)
{
    for (size_t i = 0; i < day->count; i++)
        day->spent[i].joules += day->spent[i].piece;
}

/* From *from on, which moves along, to `to`: a point at the end of each step stands for
 * the step. */
static int add_up_day(struct talk *t, const struct asked *asked, double step, double to,
                      double *from)
{
    size_t refused = t->refused;

    t->asked = asked;
    t->of_day = step;
    while (*from + step <= to) {
        double end = fmin(*from + fmax(t->target->no_stream ? 86400 : PAST_PIECE_S, step),
                          to),
               left = t->past_until - t->api->now(t->target);

        if (left <= 0)
            return GW_FAILED;
        if (isfinite(left))
            t->api->limit(t->target, left);
        end = *from + floor((end - *from) / step) * step;
        begin_piece(&t->kept->today);
        if (ask_engine(t,
                       t->api->print(t->target,
                                     "query_range?query=%s&start=%.3f&end=%.3f&step=%.3f",
                                     asked->query, *from + step, end, step),
                       take_spent) == GW_FAILED ||
            t->refused > refused)
            return GW_FAILED;
        end_piece(&t->kept->today);
        *from = end;
        hand_over_in_time(t);
    }
    return GW_DONE;
}

static void tell_spent(struct talk *t)
{
    struct today *day = &t->kept->today;

    for (size_t i = 0; i < day->count; i++) {
        uint32_t tenant = named(t, GW_TENANT, whole(day->spent[i].name));

        t->api->number(t->out, tenant, TENANT_COUNTED, day->midnight);
        t->api->estimate(t->out, tenant, TENANT_ENERGY, day->spent[i].joules);
    }
}

static int add_up_today(struct talk *t, double now)
{
    struct today *day = &t->kept->today;
    int result = GW_DONE;

    for (const struct question *q = today; q->set && result != GW_FAILED; q++) {
        struct asked asked = { .is = *q };
        double *from = &day->added_to[q - today];

        if (!is_wanted(t, q) || (q->about == ABOUT_NOBODY && !t->kept->tells_holders))
            continue;
        asked.query = made_query(t, q->needs, q->query);
        if (!asked.query)
            continue;
        result = add_up_day(t, &asked, DAY_STEP_S, now, from);
        if (result != GW_FAILED && now - *from >= 1)
            /* what is left is less than a step */
            result = add_up_day(t, &asked, now - *from, now, from);
        free(asked.query);
    }
    return result;
}

/* What tenants used since midnight, in so much of a poll as the past may take, once; and
 * again where the polls had a gap. From then on the model counts. */
static void tell_today(struct talk *t)
{
    struct today *day = &t->kept->today;
    double now = t->api->now(t->target), midnight = gw_midnight(now);
    bool is_counted = t->kept->polled_at > 0 &&
                      now - t->kept->polled_at <
                          fmax(DAY_GAP_S, 3 * t->target->interval_s);

    if (t->kept->detail == BY_GPU && !t->kept->tells_holders)
        return;                 /* another source does, and then the engine cannot tell
                                 * whose it was */
    if (!wants_past(t) ||
        (is_counted && (now < day->again_at || midnight > day->midnight)))
        return;
    if (!is_counted || midnight > day->midnight)
        begin_day(day, midnight);
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->answered = t->refused = 0;
    if (add_up_today(t, now) != GW_FAILED) {
        tell_spent(t);
        forget_today(day);
        day->midnight = midnight;
        day->again_at = INFINITY;
    } else if (t->refused) {
        day->again_at = now + DAY_AGAIN_S;
        t->api->warn(t->out, "what tenants used since midnight is not told: %s",
                     t->refusal);
    }
    t->api->limit(t->target, 0);
}

#endif
