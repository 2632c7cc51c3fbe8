/* Telling of events: faults, prices, jobs. */
#ifndef PLUGINS_SIM_EVENTS_H
#define PLUGINS_SIM_EVENTS_H

#include "plugins/sim/past.h"

static const struct rack *rack_of(const struct sim *s, uint32_t gpu)
{
    size_t low = 0, high = s->rack_count;

    while (high - low > 1) {
        size_t mid = (low + high) / 2;

        if (s->racks[mid].first <= gpu)
            low = mid;
        else
            high = mid;
    }
    return &s->racks[low];
}

/* The name of the node that `gpu` is in; returns its length. */
static size_t node_name(char *to, size_t room, const struct sim *s, const struct rack *r,
                        uint32_t gpu)
{
    size_t len;

    rack_name(to, room, r);
    len = strlen(to);
    return len +
           (size_t)snprintf(to + len, room - len, "-n%02u",
                            (gpu - r->first) / s->halls[r->hall].machine->node_gpus + 1u);
}

/* subject: a row's name. */
static void tell_event(const struct say *y, double when, unsigned long about,
                       const char *subject, const char *level, const char *what)
{
    char name[64];
    uint32_t event;

    snprintf(name, sizeof(name), "%.0f-%lu", when, about);
    event = named(y, GW_EVENT, GW_NONE, name);
    text(y, event, EVENT_LEVEL, level);
    number(y, event, EVENT_TIME, wall_time(y->sim, when));
    text(y, event, EVENT_TEXT, what);
    text(y, event, EVENT_SUBJECT, subject);
}

static void tell_fault_events(const struct say *y)
{
    const struct sim *s = y->sim;

    for (size_t i = 0; i < s->fault_count; i++) {
        const struct fault *f = &s->faults[i];
        const struct rack *r;
        char name[64], what[128];
        size_t len;

        if (f->since <= s->before || (f->kind != NODE_DOWN && f->kind != GPU_LOST))
            continue;
        r = rack_of(s, f->where);
        len = node_name(name, sizeof(name), s, r, f->where);
        if (f->kind == GPU_LOST) {
            snprintf(name + len, sizeof(name) - len, "/%u",
                     (f->where - r->first) % s->halls[r->hall].machine->node_gpus);
            snprintf(what, sizeof(what),
                     "gpu %s XID 79, fallen off the bus; node drained", name);
        } else {
            snprintf(what, sizeof(what), "node %s down, not answering", name);
        }
        tell_event(y, f->since, f->where, name, "attention", what);
    }
}

/* A tariff is known beforehand: its next step is told an hour ahead, and the first poll
 * tells of the hour before, too. */
static void tell_price_events(const struct say *y, bool first_time)
{
    const struct sim *s = y->sim;
    double from = !first_time ? s->before + HOUR_S : s->now - HOUR_S,
           to = s->now + HOUR_S;

    for (double t = HOUR_S * (floor(from / HOUR_S) + 1); t <= to; t += HOUR_S) {
        double was = price_at(t - 1), is = price_at(t);
        char name[64], what[128];
        uint32_t event;

        if (was == is)
            continue;
        snprintf(name, sizeof(name), "price-%.0f", t);
        snprintf(what, sizeof(what), "price %.0f → %.0f KRW a kWh", was, is);
        event = named(y, GW_EVENT, GW_NONE, name);
        text(y, event, EVENT_LEVEL, "information");
        number(y, event, EVENT_TIME, wall_time(s, t));
        text(y, event, EVENT_TEXT, what);
        text(y, event, EVENT_KIND, "price");
    }
}

/* Starts and ends of what is large enough to be seen in the site's power. */
static void tell_job_events(const struct say *y)
{
    const struct sim *s = y->sim;

    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        const struct job *now = &s->shifts[i].job;
        struct job last;
        char what[128], name[24];

        if (at->work > ROBOTICS || at->tenant == UNALLOCATED || at->gpus < s->gpus / 60)
            continue;
        if (s->shifts[i].runs && now->start > s->before) {
            snprintf(what, sizeof(what), "job %lu of %s started on %u GPUs",
                     job_number(s, i, now->turn), tenants[at->tenant].name, now->gpus);
            snprintf(name, sizeof(name), "%lu", job_number(s, i, now->turn));
            tell_event(y, now->start, job_number(s, i, now->turn), name, "information",
                       what);
        }
        last = job_of(s, i, now->turn - 1);
        if (last.end > s->before && last.end <= s->now) {
            snprintf(what, sizeof(what), "job %lu of %s ended, %u GPUs free",
                     job_number(s, i, last.turn), tenants[at->tenant].name, last.gpus);
            snprintf(name, sizeof(name), "%lu", job_number(s, i, last.turn));
            tell_event(y, last.end, job_number(s, i, last.turn), name, "information",
                       what);
        }
    }
}

#endif
