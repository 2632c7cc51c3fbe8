/* A cap's own quantity; quantity.h says what each is. Constant power over a step is
 * integrated exactly. */
#include "forecast/quantity.h"

#include <math.h>
#include <string.h>

/* ---- the least, and the highest, of a window ---- */

/* Monotone queue: values rise from the oldest on, so the first is the least (Lemire 2006,
 * "Streaming maximum-minimum filter"). Entries closer than a part of the window share
 * one, which bounds their number. */
static void least_push(struct sliding_least *s, double time, double value)
{
    double part = s->window_s / (QUANTITY_LEASTS / 2 - 1);
    double since = time;

    while (s->count) {
        unsigned back = (s->first + s->count - 1) % QUANTITY_LEASTS;

        if (s->kept[back].value < value) {
            if (time - s->kept[back].since > part)
                break;
            value = s->kept[back].value;
            since = s->kept[back].since;
        }
        s->count--;
    }
    if (s->count == QUANTITY_LEASTS) {
        s->first = (s->first + 1) % QUANTITY_LEASTS;
        s->count--;
    }
    s->kept[(s->first + s->count++) % QUANTITY_LEASTS].value = value;
    s->kept[(s->first + s->count - 1) % QUANTITY_LEASTS].since = since;
    s->kept[(s->first + s->count - 1) % QUANTITY_LEASTS].until = time;
    while (s->count > 1 && s->kept[s->first].until < time - s->window_s) {
        s->first = (s->first + 1) % QUANTITY_LEASTS;
        s->count--;
    }
}

static double least(const struct sliding_least *s)
{
    return s->kept[s->first].value;
}

/* ---- means ---- */

/* Neighbours span more than this part of the window, so that it fits the slots. */
static double slot_span(const struct quantity *q)
{
    return q->cap.window_s / (QUANTITY_SLOTS / 2 - 1);
}

static void slot_push(struct quantity *q, double from, double to, double watts)
{
    unsigned back = (q->first + q->count - 1) % QUANTITY_SLOTS;
    double joules = (to - from) * watts;

    if (q->count && to - q->slots[back].from <= slot_span(q)) {
        q->slots[back].to = to;
        q->slots[back].joules += joules;
        q->slots[back].known_s += to - from;
        return;
    }
    if (q->count == QUANTITY_SLOTS) {
        q->first = (q->first + 1) % QUANTITY_SLOTS;
        q->count--;
    }
    back = (q->first + q->count++) % QUANTITY_SLOTS;
    q->slots[back].from = from;
    q->slots[back].to = to;
    q->slots[back].joules = joules;
    q->slots[back].known_s = to - from;
}

/* Summed afresh each time: a running sum would drift, and differ after a restart. */
static double sliding_mean(struct quantity *q, double from, double to, double watts)
{
    double begin = to - q->cap.window_s, joules = 0, known = 0;

    slot_push(q, from, to, watts);
    while (q->count > 1 && q->slots[q->first].to <= begin) {
        q->first = (q->first + 1) % QUANTITY_SLOTS;
        q->count--;
    }
    for (unsigned i = 0; i < q->count; i++) {
        unsigned at = (q->first + i) % QUANTITY_SLOTS;
        double share = 1;

        if (q->slots[at].from < begin)
            share = fmax(0, (q->slots[at].to - begin) /
                                (q->slots[at].to - q->slots[at].from));
        joules += share * q->slots[at].joules;
        known += share * q->slots[at].known_s;
    }
    return known > 0 ? joules / known : watts;
}

static double block_begin(const struct quantity *q, double time)
{
    return floor(time / q->cap.window_s) * q->cap.window_s;
}

static void block_open(struct quantity *q, double begin)
{
    q->block = begin;
    q->joules = q->known_s = 0;
}

static void block_add(struct quantity *q, double seconds, double watts)
{
    q->joules += seconds * watts;
    q->known_s += seconds;
}

/* What the block's mean will be at least: what is not known of it counts as what is. */
static double block_reached(const struct quantity *q, double time)
{
    return q->known_s > 0
               ? q->joules / q->known_s * fmin((time - q->block) / q->cap.window_s, 1)
               : 0;
}

/* The highest of the blocks that end on the way, and of what the last has reached. */
static double block_mean(struct quantity *q, double from, double to, double watts)
{
    double window = q->cap.window_s, highest = 0;

    if (!(q->block + window > from))
        block_open(q, block_begin(q, from));
    for (double end = q->block + window; end <= to; end = q->block + window) {
        block_add(q, end - from, watts);
        highest = fmax(highest, block_reached(q, end));
        block_open(q, end);
        from = end;
    }
    block_add(q, to - from, watts);
    return fmax(highest, block_reached(q, to));
}

struct quantity_block quantity_block(const struct quantity *q, double time)
{
    double begin = block_begin(q, time);
    struct quantity_block b = { .mean_w = NAN };

    b.elapsed = (time - begin) / q->cap.window_s;
    b.left_s = begin + q->cap.window_s - time;
    if (q->block == begin && q->known_s > 0)
        b.mean_w = q->joules / q->known_s;
    return b;
}

double block_rest(const struct quantity_block *b, double cap_w)
{
    double mean = isnan(b->mean_w) ? 0 : b->mean_w * b->elapsed;

    return (cap_w - mean) / (1 - b->elapsed);
}

/* ---- protective devices ---- */

double protection_carries(const struct protection *p, double r)
{
    if (p->kind == PROTECTION_I2T)
        return p->at * p->at * p->seconds / (r * r);
    if (p->kind == PROTECTION_CURVE)
        return p->a / (pow(r, p->p) - 1) + p->b;
    for (unsigned i = 0; i < p->rows; i++)
        if (r <= (double)p->table[i].share)
            return (double)p->table[i].seconds;
    return 0;
}

/* No more than this is remembered of an overload that went on and on. */
static const double most_heat = 2;

/* Electronic trips and UPS: of what is tolerated, the share that is used up. */
static double use_up(const struct quantity *q, double seconds, double watts)
{
    const struct protection *p = &q->cap.protection;
    double r = watts / q->cap.watts, time;

    if (!(r > 1))
        return q->heat * exp(-4 * seconds / p->forget_s);
    time = protection_carries(p, r);
    return fmin(time > 0 ? q->heat + seconds / time : most_heat, most_heat);
}

static double device_step(struct quantity *q, double seconds, double watts)
{
    if (q->cap.protection.kind == PROTECTION_THERMAL) {
        /* In watts squared, so that it does not depend on the rating. */
        q->heat += (watts * watts - q->heat) *
                   -expm1(-seconds / q->cap.protection.seconds);
        return sqrt(q->heat);
    }
    q->heat = use_up(q, seconds, watts);
    return q->cap.watts *
           (q->cap.protection.kind == PROTECTION_I2T ? sqrt(q->heat) : q->heat);
}

/* ---- the quantity ---- */

void quantity_init(struct quantity *q, const struct forecast_cap *cap, double step_s)
{
    memset(q, 0, sizeof(*q));
    q->cap = *cap;
    q->step_s = step_s;
    q->began = q->last = q->watts = q->value = NAN;
    q->block = -INFINITY;
    q->highest.window_s = cap->window_s;
    q->dwell.window_s = cap->dwell_s;
}

void quantity_set_watts(struct quantity *q, double watts)
{
    q->cap.watts = watts;
}

static bool is_device(const struct quantity *q)
{
    return q->cap.protection.kind != PROTECTION_NONE;
}

/* Before the dwell. */
static double step(struct quantity *q, double from, double to, double watts)
{
    if (is_device(q))
        return device_step(q, to - from, watts);
    if (!(q->cap.window_s > 0))
        return watts;
    if (!q->cap.is_mean) {
        least_push(&q->highest, to, -watts);
        return -least(&q->highest);
    }
    return q->cap.aligned ? block_mean(q, from, to, watts)
                          : sliding_mean(q, from, to, watts);
}

static void settle(struct quantity *q, double time, double value)
{
    if (q->cap.dwell_s > 0) {
        least_push(&q->dwell, time, value);
        value = time - q->began >= q->cap.dwell_s ? least(&q->dwell) : NAN;
    }
    q->value = value;
}

/* A device was as warm as this load keeps it. */
static void begin(struct quantity *q, double time, double watts)
{
    q->began = time;
    q->last = time - q->step_s;
    q->watts = watts;
    if (q->cap.protection.kind == PROTECTION_THERMAL)
        q->heat = watts * watts;
}

double quantity_observe(struct quantity *q, double time, double watts)
{
    double from;

    if (isnan(watts) || !isfinite(time) || time <= q->last)
        return q->value;
    if (isnan(q->began))
        begin(q, time, watts);
    from = q->last;
    if (time - from > 3 * q->step_s) {
        from = time - q->step_s;
        if (is_device(q))
            device_step(q, from - q->last, (q->watts + watts) / 2);
    }
    settle(q, time, step(q, from, time, watts));
    q->last = time;
    q->watts = watts;
    return q->value;
}

/* Inside a long step a mean may be higher than at its end: it is cut into parts of the
 * window. */
static double part_of(const struct quantity *q)
{
    enum { PARTS = 6 };
    double window = is_device(q) ? 0 : q->cap.window_s;
    double shorter = window > 0 && q->cap.dwell_s > 0 ? fmin(window, q->cap.dwell_s)
                                                      : fmax(window, q->cap.dwell_s);

    return shorter > 0 ? shorter / PARTS : INFINITY;
}

/* One step of a path: no gap, however long. */
static double follow(struct quantity *q, double to, double watts, double part)
{
    double from = q->last, highest = NAN;
    double parts = isfinite(part) ? fmin(ceil((to - from) / part), 4096) : 1;

    for (double i = 1; i <= parts; i++) {
        double until = i < parts ? from + (to - from) * i / parts : to;

        settle(q, until, step(q, q->last, until, watts));
        q->last = until;
        highest = fmax(highest, q->value);
    }
    q->watts = watts;
    return highest;
}

double quantity_along(const struct quantity *q, const double *times, const double *watts,
                      size_t count, double *out)
{
    struct quantity copy = *q;
    double part = part_of(q), highest = NAN;

    for (size_t i = 0; i < count; i++) {
        double here = copy.value;

        if (isnan(copy.began))
            here = quantity_observe(&copy, times[i], watts[i]);
        else if (times[i] > copy.last)
            here = follow(&copy, times[i], watts[i], part);
        if (out)
            out[i] = here;
        highest = fmax(highest, here);
    }
    return highest;
}
