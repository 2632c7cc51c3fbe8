/* Telling of the two hours before the first poll. */
#ifndef PLUGINS_SIM_PAST_H
#define PLUGINS_SIM_PAST_H

#include "plugins/sim/jobs.h"

/* Of so many racks the past is worth its time. */
enum { PAST_STEPS = 480, PAST_STEP_S = 15, PAST_STEPS_A_SEND = 120, PAST_RACKS = 128 };

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

/* The same of each rack: its share of every slot that reaches into it. */
static void estimate_racks(struct sim *s, double t)
{
    size_t at = 0;

    for (size_t i = 0; i < s->rack_count; i++)
        s->racks[i].power = 0;
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *slot = &s->slots[i];
        double watts = slot_power(s, i, t) / slot->gpus;

        for (uint32_t gpu = slot->first, next; gpu < slot->first + slot->gpus;
             gpu = next) {
            struct rack *r;

            while (gpu >= s->racks[at].first + s->racks[at].gpus)
                at++;
            r = &s->racks[at];
            next = r->first + r->gpus < slot->first + slot->gpus
                       ? r->first + r->gpus
                       : slot->first + slot->gpus;
            r->power += (float)(watts * (next - gpu));
        }
    }
    for (size_t i = 0; i < s->rack_count; i++) {
        struct rack *r = &s->racks[i];

        r->power = (float)(rack_loss *
                           node_power(s->halls[r->hall].machine, r->power, r->gpus));
    }
}

/* How the estimate of now has to be scaled to meet what is measured now. */
struct scales {
    double *halls, *racks;      /* racks: NULL: their past is not told */
    double tenants[TENANTS];
};

static void find_scales(struct sim *s, struct scales *to)
{
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] = s->halls[i].racks_power;
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] = s->tallies[i].power;
    for (size_t i = 0; to->racks && i < s->rack_count; i++)
        to->racks[i] = s->racks[i].power;
    estimate(s, s->now);
    if (to->racks)
        estimate_racks(s, s->now);
    for (size_t i = 0; to->racks && i < s->rack_count; i++)
        to->racks[i] /= fmax(s->racks[i].power, 1);
    for (size_t i = 0; i < s->hall_count; i++)
        to->halls[i] /= fmax(s->halls[i].racks_power, 1);
    for (unsigned i = 0; i < TENANTS; i++)
        to->tenants[i] /= fmax(s->tallies[i].power, 1);
}

static void tell_past_of_racks(const struct say *y, struct sim *s,
                               const struct scales *scales, double t)
{
    estimate_racks(s, t);
    /* Scaled up, a rack at rest now would have drawn more than its cap when it was
     * busy. */
    for (size_t i = 0; i < s->rack_count; i++)
        s->racks[i].power *= (float)fmin(scales->racks[i], 1);
    tell_racks(y, false);
}

static void tell_moment(const struct say *y, struct sim *s, const struct scales *scales,
                        double t)
{
    s->now = t;
    s->beat = (uint64_t)(t / s->tick);
    estimate(s, t);
    for (size_t i = 0; i < s->hall_count; i++)
        s->halls[i].racks_power *= scales->halls[i];
    add_up(s);
    y->api->time(y->out, t);
    tell_site(y);
    if (scales->racks)
        tell_past_of_racks(y, s, scales, t);
    for (unsigned i = 0; i < TENANTS; i++)
        number(y, named(y, GW_TENANT, GW_NONE, tenants[i].name), TENANT_POWER,
               s->tallies[i].power * scales->tenants[i]);
    for (unsigned i = 0; i < TENANTS; i++) {
        double watts = 0;
        bool before = false;

        for (unsigned k = 0; k < TENANTS; k++)
            if (strcmp(tenants[k].class, tenants[i].class) == 0) {
                watts += s->tallies[k].power * scales->tenants[k];
                before |= k < i;
            }
        if (!before)
            number(y, named(y, GW_CLASS, GW_NONE, tenants[i].class), CLASS_POWER, watts);
    }
}

/* The last two hours, so that a newcomer's first screen has a past. The site is left as
 * it was before. */
static void tell_past(const struct say *y, struct sim *s)
{
    struct scales scales = { .halls = calloc(s->hall_count, sizeof(double)),
                             .racks = s->rack_count <= PAST_RACKS ? calloc(s->rack_count, sizeof(double)) : NULL };
    double now = s->now;
    uint64_t beat = s->beat;

    if (!scales.halls) {
        free(scales.racks);
        return;                 /* a past is a comfort, not a need */
    }
    find_scales(s, &scales);
    for (int i = PAST_STEPS; i > 0; i--) {
        tell_moment(y, s, &scales, now - i * PAST_STEP_S);
        if (i % PAST_STEPS_A_SEND == 1)
            y->api->send(y->out);
    }
    free(scales.halls);
    free(scales.racks);
    s->now = now;
    s->beat = beat;
    measure(s);
    y->api->time(y->out, y->api->now(y->target));
}

#endif
