/* Telling of the two hours before the first poll. */
#ifndef PLUGINS_SIM_PAST_H
#define PLUGINS_SIM_PAST_H

#include "plugins/sim/jobs.h"

/* Of so many racks the past is worth its time: each moment of it costs a poll. */
enum { PAST_STEPS = 480, PAST_STEP_S = 15, PAST_STEPS_A_SEND = 120, PAST_RACKS = 128 };

static bool is_small(const struct sim *s)
{
    return s->rack_count <= PAST_RACKS;
}

/* What the halls' racks and the tenants drew at a time, from the jobs alone: quick enough
 * for two hours at once, and a few per cent off. */
static void estimate(struct sim *s, double t)
{
    for (size_t i = 0; i < s->hall_count; i++)
        s->halls[i].racks_power = 0;
    for (unsigned i = 0; i < TENANTS; i++)
        s->tallies[i].power = 0;
    for (size_t i = 0; i < s->slot_count; i++) {
        double watts = slot_power(s, i, t);

        s->halls[s->slots[i].hall].racks_power += watts;
        s->tallies[s->slots[i].tenant].power += watts;
    }
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];

        h->racks_power = rack_loss * node_power(h->machine, h->racks_power, h->gpus);
    }
}

/* How the estimate of a moment has to be scaled to meet what is measured then. */
struct scales {
    double *halls;
    double tenants[TENANTS];
};

static void go_to(struct sim *s, double t)
{
    s->now = t;
    s->beat = (uint64_t)(t / s->tick);
    find_faults(s);
    plan(s);
    measure(s);
}

static void find_scales(struct sim *s, struct scales *to)
{
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] = s->halls[i].racks_power;
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] = s->tallies[i].power;
    estimate(s, s->now);
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] /= fmax(s->halls[i].racks_power, 1);
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] /= fmax(s->tallies[i].power, 1);
}

static void go_about_to(struct sim *s, const struct scales *scales, double t)
{
    s->now = t;
    s->beat = (uint64_t)(t / s->tick);
    estimate(s, t);
    for (size_t i = 0; i < s->hall_count; i++)
        s->halls[i].racks_power *= scales->halls[i];
    for (unsigned i = 0; i < TENANTS; i++)
        s->tallies[i].power *= scales->tenants[i];
    add_up(s);
}

static void tell_moment(const struct say *y, struct sim *s)
{
    y->api->past(y->out, s->now);
    tell_site(y);
    if (is_small(s))
        tell_racks(y, false);
    for (unsigned i = 0; i < TENANTS; i++)
        number(y, named(y, GW_TENANT, GW_NONE, tenants[i].name), TENANT_POWER,
               s->tallies[i].power);
    for (unsigned i = 0; i < TENANTS; i++) {
        double watts = 0;
        bool before = false;

        for (unsigned k = 0; k < TENANTS; k++)
            if (strcmp(tenants[k].class, tenants[i].class) == 0) {
                watts += s->tallies[k].power;
                before |= k < i;
            }
        if (!before)
            number(y, named(y, GW_CLASS, GW_NONE, tenants[i].class), CLASS_POWER, watts);
    }
}

/* The two hours before, so that a newcomer's first screen has a past: the middle of each
 * step of the clock, whenever the first poll was, so that all who look have the same. The
 * site is left as it was then. */
static void tell_past(const struct say *y, struct sim *s, double now)
{
    struct scales scales = { .halls = calloc(s->hall_count, sizeof(double)) };
    double step = PAST_STEP_S * floor(now / PAST_STEP_S);

    if (!scales.halls)
        return;                 /* a past is a comfort, not a need */
    go_to(s, step);
    find_scales(s, &scales);
    for (int i = PAST_STEPS; i > 0; i--) {
        double t = step - (i - .5) * PAST_STEP_S;

        if (is_small(s))
            go_to(s, t);
        else
            go_about_to(s, &scales, t);
        tell_moment(y, s);
        if (i % PAST_STEPS_A_SEND == 1)
            y->api->send(y->out);
    }
    free(scales.halls);
    y->api->time(y->out, y->api->now(y->target));
}

#endif
