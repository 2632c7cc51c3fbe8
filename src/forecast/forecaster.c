/* Samples in, through the past and the cap's quantity, to what each horizon learns;
 * forecasts out, bounded by what is possible, rising with the horizon and falling with
 * the cap. */
#include "forecast/forecaster.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/climb.h"
#include "forecast/course.h"
#include "forecast/horizon.h"
#include "forecast/quantity.h"
#include "forecast/spread.h"
#include "forecast/young.h"

_Static_assert((int)FORECASTER_CAPS == (int)WATCHED,
               "a horizon learns of as many caps as are watched");

enum {
    WINDOW_EVERY = 8,           /* slots */
    GROWN_UP = 64               /* matured forecasts from which on what was learnt
                                 * stands alone */
};

struct forecaster {
    struct forecaster_options options;
    struct past past;
    struct quantity quantity;
    struct features_state state;
    struct present now;
    unsigned slots_seen;
    size_t dropped;
    double idle_w, nameplate_w;
    struct horizon horizons[];
};

static size_t size_of(const struct forecaster_options *o)
{
    return sizeof(struct forecaster) + o->horizon_count * sizeof(struct horizon);
}

struct forecaster *forecaster_new(const struct forecaster_options *options)
{
    struct forecaster *f = xcalloc(1, size_of(options));

    f->options = *options;
    past_start(&f->past, options->step_s);
    quantity_init(&f->quantity, &options->cap, options->step_s);
    for (size_t h = 0; h < options->horizon_count; h++)
        horizon_start(&f->horizons[h], options->horizons[h], options->step_s);
    forecaster_watch(f, &options->cap.watts, 1);
    f->idle_w = f->nameplate_w = NAN;
    return f;
}

void forecaster_free(struct forecaster *f)
{
    free(f);
}

void forecaster_watch(struct forecaster *f, const double *caps, size_t cap_count)
{
    f->now.cap_count = cap_count < WATCHED ? cap_count : WATCHED;
    memcpy(f->now.caps, caps, f->now.cap_count * sizeof(*caps));
}

void forecaster_begin_again(struct forecaster *f)
{
    struct quantity fresh = { .began = NAN };

    memset(&f->past, 0, sizeof(f->past));
    past_start(&f->past, f->options.step_s);
    f->quantity = fresh;
    quantity_init(&f->quantity, &f->options.cap, f->options.step_s);
    memset(&f->state, 0, sizeof(f->state));
    f->slots_seen = 0;
    for (size_t h = 0; h < f->options.horizon_count; h++)
        f->horizons[h].count = 0;
}

void forecaster_bound(struct forecaster *f, double idle_w, double nameplate_w)
{
    f->idle_w = idle_w;
    f->nameplate_w = nameplate_w;
}

size_t forecaster_bytes(const struct forecaster *f)
{
    return size_of(&f->options);
}

size_t forecaster_dropped(const struct forecaster *f)
{
    return f->dropped;
}

double forecaster_time(const struct forecaster *f)
{
    return f->past.slot < 0 ? -INFINITY : f->past.time;
}

/* ---- learning ---- */

static bool is_believed(struct forecaster *f, double time, double watts)
{
    double most = f->nameplate_w;

    if (isnan(watts) || !isfinite(time))
        return false;
    if ((f->past.slot >= 0 && time <= f->past.time) || watts < 0 ||
        watts > (double)forecast_most_w || (most > 0 && watts > 1.3 * most)) {
        f->dropped++;
        return false;
    }
    return true;
}

/* Quantiles of the newest `span` slots, of at most so many evenly taken. */
static void look_back(const struct past *p, int64_t span, double to[LEVELS])
{
    enum { MOST = 192 };
    double v[MOST];
    size_t n = 0;
    int64_t step = span / MOST < 1 ? 1 : span / MOST;

    for (int64_t back = 0; back < span && n < MOST; back += step) {
        double x = past_value(p, back);

        if (!isnan(x))
            v[n++] = x;
    }
    if (n == 0)                 /* of steps longer than the window */
        v[n++] = p->watts;
    spread_sort(v, n);
    for (unsigned l = 0; l < LEVELS; l++) {
        double at = horizon_levels[l] * (double)(n - 1);
        size_t k = (size_t)at;

        to[l] = k + 1 < n ? v[k] + (at - (double)k) * (v[k + 1] - v[k]) : v[n - 1];
    }
}

/* Levels smoothed slowly and fast, and the last large step. */
static void smooth(struct features_state *s, const struct past *p)
{
    static const double gains[SMOOTHS] = { .1, .3, .6 };
    double before = past_value(p, 1);

    for (unsigned i = 0; i < SMOOTHS; i++)
        s->smooth[i] = p->count <= 1
                           ? p->watts
                           : s->smooth[i] + gains[i] * (p->watts - s->smooth[i]);
    s->since_slots++;
    if (p->count <= 1)
        s->before_watts = p->watts;
    else if (!isnan(before) &&
             fabs(p->watts - before) > fmax(4 * p->step_size, .1 * past_scale(p))) {
        s->since_slots = 0;
        s->before_watts = before;
    }
}

static void look_at_present(struct forecaster *f)
{
    struct present *now = &f->now;
    const struct past *p = &f->past;

    now->slot = p->slot;
    now->watts = p->watts;
    now->quantity = isnan(f->quantity.value) ? p->watts : f->quantity.value;
    now->scale = past_scale(p);
    memcpy(now->smooth, f->state.smooth, sizeof(now->smooth));
    if (f->slots_seen % WINDOW_EVERY == 0)
        look_back(p, 192, now->windows[0]);
    if (f->slots_seen == 0 || f->slots_seen % WINDOW_EVERY == WINDOW_EVERY / 2)
        look_back(p, (int64_t)(86400 / p->step_s), now->windows[1]);
    f->slots_seen++;
}

static void open_horizons(struct forecaster *f)
{
    bool is_looked_at = false;

    for (size_t h = 0; h < f->options.horizon_count; h++) {
        if (!horizon_is_due(&f->horizons[h], f->past.slot))
            continue;
        if (!is_looked_at)
            features_common(&f->past, &f->state, f->now.common);
        is_looked_at = true;
        horizon_open(&f->horizons[h], &f->past, &f->now);
    }
}

void forecaster_observe(struct forecaster *f, double time, double watts)
{
    bool opened;
    double quantity;

    if (!is_believed(f, time, watts))
        return;
    opened = past_add(&f->past, time, watts);
    quantity = quantity_observe(&f->quantity, time, watts);
    if (isnan(quantity))
        quantity = watts;
    for (size_t h = 0; h < f->options.horizon_count; h++)
        horizon_observe(&f->horizons[h], f->past.slot, opened, watts, quantity);
    if (opened)
        smooth(&f->state, &f->past);
    look_at_present(f);
    if (opened)
        open_horizons(f);
}

void forecaster_acted(struct forecaster *f)
{
    for (size_t h = 0; h < f->options.horizon_count; h++)
        horizon_acted(&f->horizons[h]);
}

/* ---- forecasting ---- */

static const double alike_s = 900;
/* Of so many breaches the experts have learnt what they come of. */
static const double breaches_enough = 3;

/* What is known of one horizon, before caps are looked at. */
struct outlook {
    struct said said;
    struct sight sight;
    struct young young;
    double learnt;              /* weight of what was learnt: 0 to 1 */
    double wider;               /* the newest sample is old */
    double max[4];
};

static void bound(double *v, double low, double high)
{
    *v = isnan(low) ? *v : fmax(*v, low);
    *v = isnan(high) ? *v : fmin(*v, high);
}

/* Where too much of every window was missing, nothing is learnt of the highest. */
static void find_highest(const struct forecaster *f, const struct horizon *h,
                         struct outlook *o)
{
    static const double levels[4] = { .1, .5, .9, .99 };
    float found[4] = { NAN, NAN, NAN, NAN };
    double learnt;

    if (o->learnt > 0)
        analogs_most_quantiles(&h->analogs, &o->sight.alike, levels, 4, found);
    learnt = isnan(found[0]) ? 0 : o->learnt;
    if (learnt < 1)
        young_look(&f->past, h->slots, &o->young);
    for (unsigned i = 0; i < 4; i++)
        o->max[i] = (learnt > 0 ? learnt * (double)found[i] : 0) +
                    (learnt < 1 ? (1 - learnt) * young_max_quantile(&o->young, levels[i])
                                : 0);
}

static void look_ahead(const struct forecaster *f, size_t i, double age,
                       struct outlook *o)
{
    const struct horizon *h = &f->horizons[i];
    double horizon_s = f->options.horizons[i];

    horizon_say(h, &f->past, &f->now, &o->said, &o->sight);
    o->learnt = isnan(o->said.level[0])
                    ? 0
                    : fmin(1, ((double)h->analogs.count - 8) / (GROWN_UP - 8));
    o->wider = sqrt(1 + fmax(0, age - 1.5 * f->past.step_s) / horizon_s);
    find_highest(f, h, o);
}

static void fill_power(const struct forecaster *f, const struct outlook *o,
                       struct forecast *to)
{
    double *at[LEVELS] = { &to->q05, &to->q10, &to->q25, &to->q50,
                           &to->q75, &to->q90, &to->q95, &to->q99 };
    double *max[4] = { &to->max_q10, &to->max_q50, &to->max_q90, &to->max_q99 };
    double quantity = f->now.quantity - f->now.watts, centre;
    /* No sample below 0 is believed, so none is foreseen. */
    double v[LEVELS], low = fmax(f->idle_w, 0);

    for (unsigned l = 0; l < LEVELS; l++) {
        double young = o->learnt < 1 ? young_quantile(&o->young, horizon_levels[l]) : 0;

        v[l] = (o->learnt > 0 ? o->learnt * (double)o->said.level[l] : 0) +
               (1 - o->learnt) * young;
    }
    centre = v[3];
    for (unsigned l = 0; l < LEVELS; l++) {
        *at[l] = f->now.watts + centre + o->wider * (v[l] - centre);
        bound(at[l], low, f->nameplate_w);
    }
    for (unsigned i = 0; i < 4; i++) {
        *max[i] = f->now.watts + quantity + o->max[1] +
                  o->wider * (o->max[i] - o->max[1]);
        bound(max[i], low, f->nameplate_w);
    }
    /* Of power itself the highest is at least where it ends. */
    if (!f->options.cap.is_mean && f->options.cap.protection.kind == 0 &&
        !(f->options.cap.dwell_s > 0)) {
        to->max_q10 = fmax(to->max_q10, to->q10);
        to->max_q50 = fmax(fmax(to->max_q50, to->q50), to->max_q10);
        to->max_q90 = fmax(fmax(to->max_q90, to->q90), to->max_q50);
        to->max_q99 = fmax(fmax(to->max_q99, to->q99), to->max_q90);
    }
}

/* Where few breaches were met, a steady climb is believed to go on. */
static double follow_climb(const struct forecaster *f, size_t h,
                           const struct climb *climb, double p, struct forecast *to)
{
    double head = to->cap_w - f->now.quantity,
           climbs = climb_chance(climb, head, f->options.horizons[h]);

    if (!(climbs > p) ||
        horizon_breaches(&f->horizons[h], &f->now, to->cap_w) >= breaches_enough)
        return p;
    to->climb_w_per_s = climb->slope;
    return climbs;
}

static double chance(const struct forecaster *f, size_t h, const struct outlook *o,
                     const struct climb *climb, struct forecast *to)
{
    double cap = to->cap_w, head = cap - f->now.quantity, p, young;

    if (isnan(cap))
        return NAN;
    if (head < 0)
        return 1;
    if (f->nameplate_w <= cap)
        return 0;
    p = o->learnt > 0
            ? (double)horizon_chance(&f->horizons[h], &f->now, &o->said, &o->sight, cap)
            : 0;
    young = o->learnt < 1 ? young_above(&o->young, head) : 0;
    p = o->learnt * p + (1 - o->learnt) * young;
    /* Whoever never saw a breach knows little of how they come: minutes are like those
     * beside them. */
    if (horizon_breaches(&f->horizons[h], &f->now, cap) < 1)
        p = young_claim(p,
                        (f->past.time - f->past.first_time) /
                            fmax(f->options.horizons[h], alike_s),
                        f->options.horizons[h]);
    p = follow_climb(f, h, climb, p, to);
    /* An old sample: towards what is usual. */
    return p + (1 - 1 / o->wider) * (young_usual(f->options.horizons[h]) - p) * .5;
}

/* Higher caps are not breached more often, longer horizons not less often: whatever was
 * learnt of each. */
static void make_monotone(const struct forecaster *f, const double *caps, size_t count,
                          struct forecast *out)
{
    for (size_t h = 1; h < f->options.horizon_count; h++)
        for (size_t c = 0; c < count; c++)
            out[h * count + c].p_breach = fmax(out[h * count + c].p_breach,
                                               out[(h - 1) * count + c].p_breach);
    for (size_t h = 0; h < f->options.horizon_count; h++)
        for (size_t c = 0; c < count; c++)
            for (size_t k = 0; k < count; k++)
                if (caps[k] > caps[c] &&
                    out[h * count + k].p_breach > out[h * count + c].p_breach)
                    out[h * count + c].p_breach = out[h * count + k].p_breach;
}

static void fill_times(const struct forecaster *f, size_t count, struct forecast *out)
{
    size_t horizons = f->options.horizon_count;

    for (size_t c = 0; c < count; c++) {
        course_fill_times(out + c, horizons, count, NULL);
        for (size_t h = 0;
             h < horizons && f->now.quantity > out[c].cap_w && !isnan(out[c].p_breach);
             h++)
            course_is_above(&out[h * count + c]);
    }
}

void forecaster_make(struct forecaster *f, double origin, const double *caps,
                     size_t cap_count, struct forecast *out)
{
    struct climb climb = climb_look(&f->past);
    struct outlook o;

    features_common(&f->past, &f->state, f->now.common);
    for (size_t h = 0; h < f->options.horizon_count; h++) {
        bool is_known = f->past.count >= 3;

        if (is_known)
            look_ahead(f, h, origin - f->past.time, &o);
        for (size_t c = 0; c < cap_count; c++) {
            struct forecast *to = &out[h * cap_count + c];

            *to = forecast_unknown;
            to->horizon_s = f->options.horizons[h];
            to->cap_w = caps[c];
            if (!is_known)
                continue;
            fill_power(f, &o, to);
            to->p_breach = chance(f, h, &o, &climb, to);
            /* Who has not seen a day knows of none. */
            to->season_w = f->past.time - f->past.first_time < 86400
                               ? NAN
                               : o.learnt * o.said.season;
            to->trend_w = o.learnt * o.said.trend;
            to->samples = f->horizons[h].analogs.count;
            to->trust = o.learnt < 1 ? FORECAST_LEARNING : FORECAST_TRUSTED;
        }
    }
    make_monotone(f, caps, cap_count, out);
    fill_times(f, cap_count, out);
}

/* ---- the state ---- */

/* All of it, in one order. */
static bool walk(struct forecaster *f, struct pack *p)
{
    static const char version[8] = "fore 7";
    char told[8];
    struct forecaster_options of = f->options;

    memcpy(told, version, sizeof(told));
    pack(p, told);
    pack(p, of);
    if (p->used > p->room && p->reads)
        return false;
    if (memcmp(told, version, sizeof(told)) != 0 ||
        memcmp(&of, &f->options, sizeof(of)) != 0)
        return false;
    pack(p, f->past);
    pack(p, f->quantity);
    pack_bytes(p, &f->state,
               offsetof(struct forecaster, horizons) -
                   offsetof(struct forecaster, state));
    for (size_t h = 0; h < f->options.horizon_count; h++)
        if (!horizon_pack(&f->horizons[h], p))
            return false;
    return true;
}

size_t forecaster_save(const struct forecaster *f, void *to, size_t room)
{
    struct pack p = { .bytes = to, .room = room };

    /* Nothing is written into f: the walk only reads. */
    walk((struct forecaster *)f, &p);
    return p.used;
}

bool forecaster_load(struct forecaster *f, const void *from, size_t size)
{
    struct pack p = { .bytes = (unsigned char *)from, .room = size, .reads = true };
    struct forecaster *loaded = forecaster_new(&f->options);
    bool is_one = walk(loaded, &p) && p.used == size;

    if (is_one)
        memcpy(f, loaded, size_of(&f->options));
    forecaster_free(loaded);
    return is_one;
}
