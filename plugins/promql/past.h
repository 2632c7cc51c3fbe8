/* Power of the last hours, asked for at the start and after a gap. */
#ifndef PLUGINS_PROMQL_PAST_H
#define PLUGINS_PROMQL_PAST_H

#include "plugins/promql/choose.h"

#include <stddef.h>

enum {
    PAST_STEP_S = 15, PAST_PIECE_S = 3600, PAST_AGAIN_S = 30, PAST_SELDOM_S = 3600,
    PAST_LEAST_S = 1,           /* for it in a poll, be its interval shorter than twice that */
    LONGEST_HISTORY_S = 7200    /* what the model keeps without a cache */
};

/* Who is asked once does so mostly for what is now. */
static bool wants_past(const struct talk *t)
{
    bool knows = t->target->size >=
                 offsetof(struct gw_target, looks_back) + sizeof(t->target->looks_back);

    return !t->target->no_stream || (knows && t->target->looks_back);
}

/* From `told` on, which moves along; an engine that refuses is asked no more for now. */
static int tell_past_of(struct talk *t, const struct asked *asked, double from, double to,
                        double *told)
{
    size_t refused = t->refused;

    t->asked = asked;
    /* A piece has fewer points than a batch has room for times of its own. */
    for (double at = fmax(from, *told); at < to; at += PAST_PIECE_S) {
        double end = fmin(at + PAST_PIECE_S, to) - PAST_STEP_S,
               left = t->past_until - t->api->now(t->target);
        int result;

        if (left <= 0)
            return GW_FAILED;
        t->api->limit(t->target, left);
        result = ask_engine(
            t,
            t->api->print(t->target, "query_range?query=%s&start=%.0f&end=%.0f&step=%d",
                          asked->query, at, end, PAST_STEP_S),
            take_series);

        t->api->time(t->out, 0);
        if (result == GW_FAILED)
            return GW_FAILED;
        if (t->refused > refused)
            break;
        *told = end + PAST_STEP_S;
        t->past_goes_on = true;
        hand_over(t);
        hand_over_in_time(t);
    }
    return GW_DONE;
}

/* Before what the cache has, and after it. A question that the engine cannot work out
 * (400, 422) is not put to it again. */
static int tell_unknown_past_of(struct talk *t, const struct asked *asked, double length,
                                double *told)
{
    double now = floor(t->api->now(t->target) / PAST_STEP_S) * PAST_STEP_S,
           from = now - length;
    size_t refused = t->refused;

    if (tell_past_of(t, asked, from, fmin(now, t->target->known_since), told) ==
        GW_FAILED)
        return GW_FAILED;
    if (t->refused == refused &&
        tell_past_of(t, asked, fmax(from, t->target->known_until), now, told) ==
            GW_FAILED)
        return GW_FAILED;
    if (t->refused == refused || t->status == 400 || t->status == 422)
        *told = INFINITY;
    else
        t->past_is_left = true;
    return GW_DONE;
}

/* Rules that tell of what has a chart. */
static bool is_rule_of_power(const struct asked *asked)
{
    size_t metric = asked->is.metric;

    return asked->is.about == ABOUT_RULE &&
           (metric == SITE_POWER || metric == DOMAIN_METER || metric == DOMAIN_POWER ||
            metric == TENANT_POWER);
}

static int tell_past_of_rules(struct talk *t, double length)
{
    struct promql *p = t->kept;
    double *told = p->told;

    for (size_t i = 0; i < p->asked_count; i++)
        if (is_rule_of_power(&p->asked[i]) &&
            tell_unknown_past_of(t, &p->asked[i], length, told++) == GW_FAILED)
            return GW_FAILED;
    return GW_DONE;
}

/* A rule's meters are what the model sums to the site's power: the sum of GPUs is another
 * number. */
static bool has_better_past(const struct talk *t, const struct question *q)
{
    const struct promql *p = t->kept;

    if (q->about != ABOUT_SITE)
        return false;
    for (size_t i = 0; i < p->asked_count; i++)
        if (is_rule_of_power(&p->asked[i]) && p->asked[i].is.metric != TENANT_POWER)
            return true;
    return false;
}

static int tell_past_of_sums(struct talk *t, double length)
{
    int result = GW_DONE;

    for (const struct question *q = past; q->set && result != GW_FAILED; q++) {
        struct asked asked = { .is = *q };

        if (!is_wanted(t, q) || has_better_past(t, q) ||
            (q->about == ABOUT_NOBODY && !t->kept->tells_holders))
            continue;
        asked.query = made_query(t, q->needs, q->query);
        if (asked.query)
            result = tell_unknown_past_of(t, &asked, length,
                                          &t->kept->told_sums[q - past]);
        free(asked.query);
    }
    return result;
}

/* After the present, which is handed over before, and for half an interval: what is left
 * then is asked for in the next poll. An engine that does not tell is asked again, ever
 * more seldom, for what it has not told yet, as long as there is anything of it that was
 * not seen since. */
static void tell_past(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target), length = gw_seconds(option(t, "history"));
    int result;

    if (p->past_began == 0)
        p->past_began = now;
    if (!wants_past(t) || now < p->past_at || now - p->past_began >= length)
        return;
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->of_past = true;
    t->past_is_left = t->past_goes_on = false;
    t->answered = t->refused = 0;
    result = tell_past_of_rules(t, length);
    if (result != GW_FAILED)
        result = tell_past_of_sums(t, length);
    t->of_past = false;
    t->api->limit(t->target, 0);
    if (result == GW_FAILED && t->past_goes_on && t->api->now(t->target) >= t->past_until)
        return;                 /* its time was up */
    p->past_wait_s = fmin(fmax(2 * p->past_wait_s, PAST_AGAIN_S), PAST_SELDOM_S);
    p->past_at = result == GW_FAILED || t->past_is_left ? now + p->past_wait_s : INFINITY;
    if (isfinite(p->past_at))
        t->api->warn(
            t->out,
            "the past of power is not told yet, and asked for again in %.0f s%s%s",
            p->past_wait_s, t->refused ? ": " : "", t->refused ? t->refusal : "");
    else if (t->refused)
        t->api->warn(t->out, "the engine does not tell all of the past of power: %s",
                     t->refusal);
}

#endif
