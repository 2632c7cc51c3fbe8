/* The state of a fleet, and what a new sample does to it: four series at once, without branches. */
#include "base/arena.h"
#include "forecast/change.h"
#include "forecast/fast.h"
#include "forecast/fleet_inside.h"
#include "forecast/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Memories, in seconds; fleet_inside.h has those that the outlook undoes. */
static const double trend_tau = 12000, spread_tau = 3600, wander_tau = 21600;
enum { BOOST = 10, FROZEN = 20, YOUNG = 10, WATCHED = 40 };

/* ---- making ---- */

static void clear_lane(struct lanes *l, unsigned i)
{
    l->level[i] = l->trend[i] = l->bias[i] = l->up[i] = l->down[i] = 0;
    l->c0[i] = l->c1[i] = l->x[i] = l->mid[i] = l->slow[i] = l->wander[i] = 0;
    l->cusum_up[i] = l->cusum_down[i] = l->last[i] = l->seen[i] = 0;
    l->boost[i] = l->same[i] = l->heat[i] = 0;
    l->watts[i] = NAN;
    for (int h = 0; h < FORECAST_HORIZONS; h++)
        l->p[h][i] = NAN;
}

static void clear_blocks(struct fleet *f, size_t from)
{
    for (size_t b = from; b < f->block_count; b++)
        for (unsigned i = 0; i < LANES; i++) {
            clear_lane(&f->blocks[b], i);
            f->blocks[b].cap[i] = f->blocks[b].idle[i] = f->blocks[b].nameplate[i] = NAN;
        }
}

struct fleet *fleet_new(size_t capacity, double step_s)
{
    struct fleet *f = xcalloc(1, sizeof(*f));

    f->capacity = capacity;
    f->block_count = (capacity + LANES - 1) / LANES;
    f->step_s = step_s;
    f->epoch = f->time = NAN;
    f->dice = 1;
    f->blocks = xcalloc(f->block_count + 1, sizeof(*f->blocks));
    f->open = xcalloc(f->block_count * LANES + 1, sizeof(*f->open));
    clear_blocks(f, 0);
    tail_init(&f->tail, 2.5);
    cells_init(f);
    f->common = common_of(f);
    return f;
}

void fleet_free(struct fleet *f)
{
    if (!f)
        return;
    free(f->blocks);
    free(f->open);
    free(f);
}

void fleet_grow(struct fleet *f, size_t capacity)
{
    size_t before = f->block_count, room = before + 1, open_room = 0;

    if (capacity <= f->capacity)
        return;
    f->capacity = capacity;
    f->block_count = (capacity + LANES - 1) / LANES;
    if (f->block_count == before)
        return;
    f->blocks = xgrow(f->blocks, &room, f->block_count + 1, sizeof(*f->blocks));
    f->open = xgrow(f->open, &open_room, f->block_count * LANES + 1, sizeof(*f->open));
    memset(f->blocks + before, 0, (f->block_count + 1 - before) * sizeof(*f->blocks));
    clear_blocks(f, before);
}

static enum fleet_kind kind_of(const struct forecast_cap *cap)
{
    if (cap->protection.kind != PROTECTION_NONE)
        return FLEET_TRIP;
    if (cap->is_mean && cap->window_s > 0)
        return cap->aligned ? FLEET_BLOCK : FLEET_MEAN;
    return cap->dwell_s > 0 ? FLEET_MEAN : FLEET_SAMPLE;
}

/* Of the thermal trip that carries r times the rating as long from cold: t = tau ln(r^2 / (r^2 - 1)). */
static double tau_of(const struct protection *p)
{
    const double r = 1.25;

    return p->kind == PROTECTION_THERMAL ? p->seconds
                                         : fmax(protection_carries(p, r), 1) / log(r * r / (r * r - 1));
}

/* Seconds of a mean or a block, or the time constant of a trip. */
static double window_of(const struct forecast_cap *cap, enum fleet_kind kind)
{
    if (kind == FLEET_TRIP)
        return tau_of(&cap->protection);
    return cap->is_mean && cap->window_s > 0 ? cap->window_s : cap->dwell_s;
}

void fleet_set(struct fleet *f, size_t row, const struct forecast_cap *cap, double idle_w,
               double nameplate_w)
{
    struct lanes *l = &f->blocks[row / LANES];
    unsigned i = row % LANES;
    enum fleet_kind kind = kind_of(cap);

    l->special += (kind != FLEET_SAMPLE) - (l->kind[i] != FLEET_SAMPLE);
    if (l->kind[i] != (int32_t)kind)
        l->heat[i] = kind == FLEET_TRIP ? l->watts[i] * l->watts[i] : l->watts[i];
    l->kind[i] = (int32_t)kind;
    l->cap[i] = (float)cap->watts;
    l->idle[i] = (float)idle_w;
    l->nameplate[i] = (float)nameplate_w;
    l->window[i] = (float)window_of(cap, kind);
}

void fleet_forget(struct fleet *f, size_t row)
{
    clear_lane(&f->blocks[row / LANES], row % LANES);
    for (int i = 0; i < PROBES; i++)
        if (f->probes[i].row == row)
            f->probes[i].due = 0;
}

double fleet_time(const struct fleet *f)
{
    return f->time;
}

size_t fleet_rejected(const struct fleet *f)
{
    return f->rejected;
}

bool fleet_is_storm(const struct fleet *f)
{
    return f->time < f->frozen_until;
}

/* ---- a sample ---- */

/* How much a sample counts, by the time since the one before. */
struct gains {
    float level, trend, turn, damp, spread, mid, slow, wander;
    float slow_samples;         /* in the memory of the slow mean */
    float step, now;            /* now: since the epoch */
};

static struct gains gains_of(const struct fleet *f, double time, double dt)
{
    /* Critically damped (Benedict & Bordner 1962; Bozic 1979): level 1 - k^2, trend (1 - k)^2. */
    double k = exp(-dt / level_tau);
    double learn = fleet_is_storm(f) ? 0 : 1;

    return (struct gains){
        .level = (float)(1 - k * k), .trend = (float)((1 - k) * (1 - k) / dt),
        /* While it re-adapts. Turned as fast as the level, a trend would overshoot a step; a storm's are steps. */
        .turn = (float)((learn > 0 ? 3 : 1) * (1 - k) * (1 - k) / dt),
        .damp = (float)exp(-dt / trend_tau),
        .spread = (float)(learn * -expm1(-dt / spread_tau)),
        .mid = (float)-expm1(-dt / mid_tau), .slow = (float)-expm1(-dt / slow_tau),
        .wander = (float)(learn * -expm1(-dt / wander_tau)),
        .slow_samples = (float)(slow_tau / f->step_s), .step = (float)dt,
        .now = (float)(time - f->epoch),
    };
}

/* Keeps what is there where nothing is known. */
static inline void put_if(four_bits known, float *to, four value)
{
    four_put(to, pick(known, value, four_at(to)));
}

/* The first sample, and the first after a long gap: a level, but no trend yet. Spreads stay. */
static void start_four(struct lanes *l, unsigned i, four v, const struct gains *g)
{
    four seen = four_at(l->seen + i), none = four_of(0);
    four_bits first = (v == v) & (seen == 0);
    four_bits starts = (v == v) & (first | (g->now - four_at(l->last + i) > (float)long_gap_s));
    /* Not knowing anything: a hundredth of its power, and about as much an hour. */
    four least = larger(least_spread(four_at(l->nameplate + i), v), .01f * v);

    if (!any_of(starts))        /* almost always */
        return;
    put_if(starts, l->level + i, v);
    put_if(starts, l->mid + i, v);
    put_if(starts, l->slow + i, v);
    put_if(starts, l->trend + i, none);
    put_if(starts, l->x + i, none);
    put_if(starts, l->cusum_up + i, none);
    put_if(starts, l->cusum_down + i, none);
    put_if(starts, l->last + i, four_of(g->now - g->step));
    put_if(first, l->up + i, least * least);
    put_if(first, l->down + i, least * least);
    put_if(first, l->c0 + i, least * least);
    put_if(first, l->c1 + i, .7f * least * least);
    put_if(first, l->wander + i, 5e-5f * v * v);
}

/* A sample beside what was expected of it. */
struct surprise {
    four v, expected, error;
    four left;                  /* of the error, above its median */
    four s_up, s_down, early;   /* early: one by the samples there are, this one with them */
    four_bits known, young, boosted, shifted;
};

static struct surprise expect(const struct lanes *l, unsigned i, four v, const struct gains *g)
{
    four elapsed = g->now - four_at(l->last + i), level = four_at(l->level + i);
    four least = least_spread(four_at(l->nameplate + i), level), seen = four_at(l->seen + i);
    struct surprise s = { .v = v, .known = v == v };

    s.s_up = larger(root(four_at(l->up + i)), least);
    s.s_down = larger(root(four_at(l->down + i)), least);
    s.expected = level + four_at(l->trend + i) * smaller(elapsed, four_of(3 * g->step));
    s.error = v - s.expected;
    s.left = s.error - four_at(l->bias + i);
    s.early = 1 / (seen + 1);
    s.young = seen < YOUNG;
    s.boosted = four_at(l->boost + i) > 0;
    return s;
}

/* change_add(), four at once. Returns how many have changed. */
static int watch_four(struct lanes *l, unsigned i, struct surprise *s)
{
    four none = four_of(0);
    four rho = within(four_at(l->c1 + i) / four_at(l->c0 + i), none, four_of(.98f));
    /* What was not to be expected from the residual before: white noise, or CUSUM is no test. */
    four news = s->left - rho * four_at(l->x + i);
    four z = news / (pick(news > 0, s->s_up, s->s_down) * root(1 - rho * rho));
    four up, down, boost = four_at(l->boost + i);

    /* One sample alone, however far out, is a dip or a spike and no change. */
    z = within(z, four_of(-6), four_of(6));
    up = larger(four_at(l->cusum_up + i) + z - change_slack, none);
    down = larger(four_at(l->cusum_down + i) - z - change_slack, none);
    /* Spreads that are not known well yet would cry all the time. */
    s->shifted = s->known & (four_at(l->seen + i) >= WATCHED) & ((up > change_limit) | (down > change_limit));
    put_if(s->known, l->cusum_up + i, pick(s->shifted, none, up));
    put_if(s->known, l->cusum_down + i, pick(s->shifted, none, down));
    put_if(s->known, l->boost + i,
           pick(s->shifted, four_of(BOOST), larger(boost - 1, none)));
    return any_of(s->shifted) ? -(s->shifted[0] + s->shifted[1] + s->shifted[2] + s->shifted[3]) : 0;
}

/* The level and its trend; a change is met halfway at once. */
static void lead_four(struct lanes *l, unsigned i, const struct surprise *s,
                      const struct gains *g)
{
    four_bits fast = s->boosted | s->young, none = s->young;
    four calm = 3 * smaller(s->s_up, s->s_down);        /* dips do not pull the level down */
    four soft = pick(fast, s->error, within(s->error, -calm, 3 * s->s_up));
    four gain = larger(pick(s->boosted, four_of(4 * g->level), four_of(g->level)), s->early);
    four turn = pick(s->boosted, four_of(g->turn), four_of(g->trend));
    four level = s->expected + smaller(gain, four_of(.9f)) * soft;
    four trend = g->damp * four_at(l->trend + i) + pick(none, four_of(0), turn) * soft;
    /* No more than half of it in half an hour, damped; noise aside. */
    four limit = larger(6.f / 900 * s->s_up, larger(s->expected, -s->expected) / 1800), far;
    /* Once the slow mean means something, what is seen soon outweighs what was guessed. */
    four learn = pick(four_at(l->seen + i) > g->slow_samples, larger(four_of(g->wander), s->early),
                      four_of(0));

    level = pick(s->shifted, s->expected + .5f * s->error, level);
    far = four_at(l->mid + i) - four_at(l->slow + i);
    learn = g->wander > 0 ? learn : four_of(0);
    put_if(s->known, l->level + i, level);
    put_if(s->known, l->trend + i, within(trend, -limit, limit));
    put_if(s->known, l->wander + i,
           four_at(l->wander + i) + learn * (far * far - four_at(l->wander + i)));
    /* After a change the means start anew, too. */
    put_if(s->known, l->mid + i,
           pick(fast | s->shifted, level, four_at(l->mid + i) + g->mid * (s->v - four_at(l->mid + i))));
    put_if(s->known, l->slow + i,
           pick(fast | s->shifted, level, four_at(l->slow + i) + g->slow * (s->v - four_at(l->slow + i))));
}

/* How what is left spreads, and how long it is remembered. */
static void spread_four(struct lanes *l, unsigned i, const struct surprise *s,
                        const struct gains *g)
{
    four none = four_of(0), up = four_at(l->up + i), down = four_at(l->down + i);
    four over = within(s->left, none, 6 * s->s_up), under = within(-s->left, none, 6 * s->s_down);
    four x = within(s->left, -3 * s->s_up, 6 * s->s_up), last = four_at(l->x + i);
    four same = pick(s->v == four_at(l->watts + i), four_at(l->same + i) + 1, none);
    four learn = pick(same > FROZEN, none, larger(four_of(g->spread), .5f * s->early));
    four jump = .25f * s->left * s->left, calm = smaller(s->s_up, s->s_down);

    learn = g->spread > 0 ? learn : none;
    up += learn * (2 * over * over - up);
    down += learn * (2 * under * under - down);
    up = pick(s->shifted & (s->left > 0), larger(up, smaller(jump, 4 * up)), up);
    down = pick(s->shifted & (s->left < 0), larger(down, smaller(jump, 4 * down)), down);
    put_if(s->known, l->up + i, up);
    put_if(s->known, l->down + i, down);
    put_if(s->known, l->bias + i,
           four_at(l->bias + i) + .005f * pick(s->left > 0, calm, -calm));
    put_if(s->known, l->c1 + i, four_at(l->c1 + i) + learn * (x * last - four_at(l->c1 + i)));
    put_if(s->known, l->c0 + i, four_at(l->c0 + i) + learn * (x * x - four_at(l->c0 + i)));
    put_if(s->known, l->x + i, x);
    put_if(s->known, l->same + i, same);
}

/* Returns how many have changed. */
static inline int update_four(struct lanes *l, unsigned i, const float *watts, const struct gains *g)
{
    four v = four_at(watts + i);
    struct surprise s;
    int changed;

    start_four(l, i, v, g);
    s = expect(l, i, v, g);
    changed = watch_four(l, i, &s);
    lead_four(l, i, &s, g);
    spread_four(l, i, &s, g);
    put_if(s.known, l->seen + i, smaller(four_at(l->seen + i) + 1, four_of(1e6f)));
    put_if(s.known, l->last + i, four_of(g->now));
    put_if(s.known, l->watts + i, v);
    return changed;
}

static int update_lanes(struct lanes *l, const float *watts, const struct gains *g)
{
    int changed = 0;

    for (unsigned i = 0; i < LANES; i += FOUR)
        changed += update_four(l, i, watts, g);
    return changed;
}

/* Means, blocks and trips, of the few that have them. */
static void update_special(struct lanes *l, const float *watts, const struct gains *g)
{
    for (unsigned i = 0; i < LANES; i++) {
        float v = watts[i], w = l->window[i], into;

        if (v != v || l->kind[i] == FLEET_SAMPLE)
            continue;
        if (l->seen[i] == 0 || l->heat[i] != l->heat[i])
            l->heat[i] = l->kind[i] == FLEET_TRIP ? v * v : v;
        if (l->kind[i] == FLEET_TRIP)
            l->heat[i] += -expm1f(-g->step / w) * (v * v - l->heat[i]);
        if (l->kind[i] == FLEET_MEAN)   /* remembers as long as a window on average does */
            l->heat[i] += -expm1f(-2 * g->step / w) * (v - l->heat[i]);
        if (l->kind[i] == FLEET_BLOCK) {
            into = g->now - floorf((g->now - .001f) / w) * w;
            l->heat[i] += (into > g->step ? g->step / into : 1) * (v - l->heat[i]);
        }
    }
}

/* The last block may be cut short. */
static size_t reject(const struct lanes *l, const float *watts, size_t count,
                     float clean[LANES])
{
    int rejected = 0;

    for (unsigned i = 0; i < LANES; i++)
        clean[i] = i < count ? watts[i] : NAN;
    for (unsigned i = 0; i < LANES; i += FOUR) {
        four v = four_at(clean + i);
        four_bits impossible = (v < 0) | (v > 1.3f * four_at(l->nameplate + i)) | (v > 1e15f);

        if (any_of(impossible))
            rejected -= impossible[0] + impossible[1] + impossible[2] + impossible[3];
        four_put(clean + i, pick(impossible, four_of(NAN), v));
    }
    return (size_t)rejected;
}

/* A sixty-fourth of the residuals, in turn, tell how long the upper tail is. */
static void look_at_tail(struct fleet *f, const struct lanes *l)
{
    for (unsigned i = 0; i < LANES; i++)
        if (l->seen[i] > 60 && l->watts[i] == l->watts[i] && l->same[i] == 0)
            tail_add(&f->tail, (double)(l->x[i] / sqrtf(l->up[i])));
}

void fleet_observe(struct fleet *f, double time, const float *watts, size_t count)
{
    double dt = time - f->time;
    struct gains g;
    size_t changed = 0;

    if (!isfinite(time) || time <= f->time || count > f->capacity)
        return;
    if (isnan(f->epoch))
        f->epoch = floor(time / 86400) * 86400;
    g = gains_of(f, time, isnan(dt) || dt > 3 * f->step_s ? f->step_s : dt);
    for (size_t b = 0; b * LANES < count; b++) {
        struct lanes *l = &f->blocks[b];
        float clean[LANES];

        f->rejected += reject(l, watts + b * LANES, count - b * LANES, clean);
        if (l->special)
            update_special(l, clean, &g);
        changed += (size_t)update_lanes(l, clean, &g);
        if (b % 64 == f->turn % 64 && g.spread > 0)
            look_at_tail(f, l);
    }
    f->turn++;
    f->time = time;
    if (change_is_storm(changed, count))
        f->frozen_until = time + 10 * f->step_s;
    probes_observe(f);
}

void fleet_warm(struct fleet *f, size_t row, double end, const float *watts, size_t count)
{
    struct lanes *l = &f->blocks[row / LANES];
    unsigned i = row % LANES, own = i / FOUR * FOUR;
    double time = end - (double)count * f->step_s;
    float one[LANES], clean[LANES];

    fleet_forget(f, row);
    if (!(end <= f->time))
        return;
    for (unsigned k = 0; k < LANES; k++)
        one[k] = NAN;           /* the neighbours stay as they are */
    for (size_t n = 0; n < count; n++) {
        struct gains g = gains_of(f, time += f->step_s, f->step_s);

        one[i] = watts[n];
        f->rejected += reject(l, one, LANES, clean);
        if (l->special)
            update_special(l, clean, &g);
        update_four(l, own, clean, &g);
    }
}

/* ---- saving ---- */

/* Plain bytes of this version on this machine. What stands in a series follows from its past, which others keep. */
struct saved {
    char what[8];
    double step_s;
    struct tail tail;
    struct cell cells[FORECAST_HORIZONS][RISKS];
};

static const char saved_as[8] = "fleet 3";

size_t fleet_save(const struct fleet *f, void *to, size_t room)
{
    struct saved s;

    if (room < sizeof(s))
        return sizeof(s);
    memset(&s, 0, sizeof(s));
    memcpy(s.what, saved_as, sizeof(s.what));
    s.step_s = f->step_s;
    s.tail = f->tail;
    memcpy(s.cells, f->cells, sizeof(s.cells));
    memcpy(to, &s, sizeof(s));
    return sizeof(s);
}

bool fleet_load(struct fleet *f, const void *from, size_t size)
{
    struct saved s;

    if (size != sizeof(s))
        return false;
    memcpy(&s, from, sizeof(s));
    if (memcmp(s.what, saved_as, sizeof(s.what)) != 0 || s.step_s != f->step_s)
        return false;
    f->tail = s.tail;
    memcpy(f->cells, s.cells, sizeof(f->cells));
    return true;
}

size_t fleet_bytes(const struct fleet *f)
{
    return sizeof(*f) + f->block_count * (sizeof(*f->blocks) + LANES * sizeof(*f->open));
}
