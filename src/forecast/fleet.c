/* The state of a fleet, and what a new sample does to it: four series at once, without
 * branches. */
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
/* Of a block; blocks ahead for which memory is asked; bytes that come at once. */
enum { FOURS = LANES / FOUR, AHEAD = 2, CACHE_LINE = 64 };

/* ---- making ---- */

static void clear_row(struct fleet *f, size_t row)
{
    struct motion *m = &f->motions[row / FOUR];
    struct lanes *l = &f->blocks[row / LANES];
    unsigned i = row % FOUR;

    m->level[i] = m->trend[i] = m->bias[i] = m->up[i] = m->down[i] = 0;
    m->c0[i] = m->c1[i] = m->x[i] = m->mid[i] = m->slow[i] = m->wander[i] = 0;
    m->cusum_up[i] = m->cusum_down[i] = m->last[i] = m->seen[i] = 0;
    m->boost[i] = m->same[i] = 0;
    m->watts[i] = NAN;
    l->heat[row % LANES] = 0;
    for (int h = 0; h < FORECAST_HORIZONS; h++)
        l->p[h][row % LANES] = NAN;
}

/* Blocks for so many series. About the new ones nothing is known yet. */
static void make_room(struct fleet *f, size_t capacity)
{
    size_t from = f->block_count, count = (capacity + LANES - 1) / LANES;

    f->capacity = capacity;
    f->block_count = count;
    f->motions = xrealloc(f->motions, (count + AHEAD) * FOURS, sizeof(*f->motions));
    f->blocks = xrealloc(f->blocks, count + 1, sizeof(*f->blocks));
    f->special = xrealloc(f->special, count + 1, sizeof(*f->special));
    f->open = xrealloc(f->open, count * LANES + 1, sizeof(*f->open));
    memset(f->blocks + from, 0, (count - from) * sizeof(*f->blocks));
    memset(f->special + from, 0, (count - from) * sizeof(*f->special));
    for (size_t row = from * LANES; row < count * LANES; row++) {
        clear_row(f, row);
        f->motions[row / FOUR].nameplate[row % FOUR] = NAN;
        f->blocks[row / LANES].cap[row % LANES] =
            f->blocks[row / LANES].idle[row % LANES] = NAN;
    }
}

struct fleet *fleet_new(size_t capacity, double step_s)
{
    struct fleet *f = xcalloc(1, sizeof(*f));

    make_room(f, capacity);
    f->step_s = step_s;
    f->epoch = f->time = NAN;
    f->dice = 1;
    tail_init(&f->tail, 2.5);
    cells_init(f);
    f->common = common_of(f);
    return f;
}

void fleet_free(struct fleet *f)
{
    if (!f)
        return;
    free(f->motions);
    free(f->blocks);
    free(f->special);
    free(f->open);
    free(f);
}

void fleet_grow(struct fleet *f, size_t capacity)
{
    if (capacity > f->capacity)
        make_room(f, capacity);
}

static enum fleet_kind kind_of(const struct forecast_cap *cap)
{
    if (cap->protection.kind != PROTECTION_NONE)
        return FLEET_TRIP;
    if (cap->is_mean && cap->window_s > 0)
        return cap->aligned ? FLEET_BLOCK : FLEET_MEAN;
    return cap->dwell_s > 0 ? FLEET_MEAN : FLEET_SAMPLE;
}

/* Of the thermal trip that carries r times the rating as long from cold: t = tau ln(r^2 /
 * (r^2 - 1)). */
static double tau_of(const struct protection *p)
{
    const double r = 1.25;

    return p->kind == PROTECTION_THERMAL
               ? p->seconds
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
    struct motion *m = &f->motions[row / FOUR];
    unsigned i = row % LANES;
    enum fleet_kind kind = kind_of(cap);
    float watts = m->watts[row % FOUR];

    f->special[row / LANES] += (kind != FLEET_SAMPLE) - (l->kind[i] != FLEET_SAMPLE);
    if (l->kind[i] != (int32_t)kind)
        l->heat[i] = kind == FLEET_TRIP ? watts * watts : watts;
    l->kind[i] = (int32_t)kind;
    l->cap[i] = (float)cap->watts;
    l->idle[i] = (float)idle_w;
    m->nameplate[row % FOUR] = (float)nameplate_w;
    l->window[i] = (float)window_of(cap, kind);
}

void fleet_forget(struct fleet *f, size_t row)
{
    clear_row(f, row);
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

/* How much a sample counts, by the time since the one before: the same for all, four
 * times over. */
struct gains {
    four level, trend, turn, damp, spread, mid, slow, wander;
    four slow_samples;          /* in the memory of the slow mean */
    four step, now;             /* now: since the epoch */
    bool learns;
};

static struct gains gains_of(const struct fleet *f, double time, double dt)
{
    /* Critically damped (Benedict & Bordner 1962; Bozic 1979): level 1 - k^2, trend (1 -
     * k)^2. */
    double k = exp(-dt / level_tau);
    bool learns = !fleet_is_storm(f);

    return (struct gains){
        .level = four_of((float)(1 - k * k)), .trend = four_of((float)((1 - k) * (1 - k) / dt)),
        /* While it re-adapts. Turned as fast as the level, a trend would overshoot a
         * step; a storm's are steps. */
        .turn = four_of((float)((learns ? 3 : 1) * (1 - k) * (1 - k) / dt)),
        .damp = four_of((float)exp(-dt / trend_tau)),
        .spread = four_of((float)-expm1(-dt / spread_tau)),
        .mid = four_of((float)-expm1(-dt / mid_tau)), .slow = four_of((float)-expm1(-dt / slow_tau)),
        .wander = four_of((float)-expm1(-dt / wander_tau)),
        .slow_samples = four_of((float)(slow_tau / f->step_s)), .step = four_of((float)dt),
        .now = four_of((float)(time - f->epoch)), .learns = learns,
    };
}

/* The first sample, and the first after a long gap: a level, but no trend yet. Spreads
 * stay. */
static void start_four(struct motion *m, four v, const struct gains *g)
{
    four none = four_of(0), least;
    four_bits first = (v == v) & (m->seen == 0);
    four_bits starts = (v == v) & (first | (g->now - m->last > (float)long_gap_s));

    if (!any_of(starts))        /* almost always */
        return;
    /* Not knowing anything: a hundredth of its power, and about as much an hour. */
    least = larger(least_spread(m->nameplate, v), .01f * v);
    m->level = pick(starts, v, m->level);
    m->mid = pick(starts, v, m->mid);
    m->slow = pick(starts, v, m->slow);
    m->trend = pick(starts, none, m->trend);
    m->x = pick(starts, none, m->x);
    m->cusum_up = pick(starts, none, m->cusum_up);
    m->cusum_down = pick(starts, none, m->cusum_down);
    m->last = pick(starts, g->now - g->step, m->last);
    m->up = pick(first, least * least, m->up);
    m->down = pick(first, least * least, m->down);
    m->c0 = pick(first, least * least, m->c0);
    m->c1 = pick(first, .7f * least * least, m->c1);
    m->wander = pick(first, 5e-5f * v * v, m->wander);
}

/* A sample beside what was expected of it. */
struct surprise {
    four v, expected, error;
    four left;                  /* of the error, above its median */
    four s_up, s_down, early;   /* early: one by the samples there are, this one with
                                 * them */
    four_bits young, boosted, shifted;
};

static struct surprise expect(const struct motion *m, four v, const struct gains *g)
{
    four least = least_spread(m->nameplate, m->level);
    struct surprise s = { .v = v };

    s.s_up = larger(root(m->up), least);
    s.s_down = larger(root(m->down), least);
    s.expected = m->level + m->trend * smaller(g->now - m->last, 3 * g->step);
    s.error = v - s.expected;
    s.left = s.error - m->bias;
    s.early = 1 / (m->seen + 1);
    s.young = m->seen < YOUNG;
    s.boosted = m->boost > 0;
    return s;
}

/* change_add(), four at once. */
static void watch_four(struct motion *m, struct surprise *s)
{
    four none = four_of(0), rho = within(m->c1 / m->c0, none, four_of(.98f));
    /* What was not to be expected from the residual before: white noise, or CUSUM is no
     * test. */
    four news = s->left - rho * m->x;
    four z = news / (pick(news > 0, s->s_up, s->s_down) * root(1 - rho * rho));
    four up, down;

    /* One sample alone, however far out, is a dip or a spike and no change. */
    z = within(z, four_of(-6), four_of(6));
    up = larger(m->cusum_up + z - change_slack, none);
    down = larger(m->cusum_down - z - change_slack, none);
    /* Spreads that are not known well yet would cry all the time. */
    s->shifted = (s->v == s->v) & (m->seen >= WATCHED) &
                 ((up > change_limit) | (down > change_limit));
    m->cusum_up = pick(s->shifted, none, up);
    m->cusum_down = pick(s->shifted, none, down);
    m->boost = pick(s->shifted, four_of(BOOST), larger(m->boost - 1, none));
}

/* The level and its trend; a change is met halfway at once. */
static void lead_four(struct motion *m, const struct surprise *s, const struct gains *g)
{
    four none = four_of(0);
    four_bits fast = s->boosted | s->young, anew = fast | s->shifted;
    /* dips do not pull the level down */
    four calm = 3 * smaller(s->s_up, s->s_down);
    four soft = pick(fast, s->error, within(s->error, -calm, 3 * s->s_up));
    four gain = larger(pick(s->boosted, 4 * g->level, g->level), s->early);
    four turn = pick(s->young, none, pick(s->boosted, g->turn, g->trend));
    /* No more than half of it in half an hour, damped; noise aside. */
    four limit = larger(6.f / 900 * s->s_up, larger(s->expected, -s->expected) / 1800);
    four far = m->mid - m->slow;
    /* Once the slow mean means something, what is seen soon outweighs what was
     * guessed. */
    four learn = pick(m->seen > g->slow_samples, larger(g->wander, s->early), none);

    m->level = pick(s->shifted, s->expected + .5f * s->error,
                    s->expected + smaller(gain, four_of(.9f)) * soft);
    m->trend = within(g->damp * m->trend + turn * soft, -limit, limit);
    if (g->learns)
        m->wander += learn * (far * far - m->wander);
    /* After a change the means start anew, too. */
    m->mid = pick(anew, m->level, m->mid + g->mid * (s->v - m->mid));
    m->slow = pick(anew, m->level, m->slow + g->slow * (s->v - m->slow));
}

/* How what is left spreads, and how long it is remembered. */
static void spread_four(struct motion *m, const struct surprise *s, const struct gains *g)
{
    four none = four_of(0), up = m->up, down = m->down;
    four over = within(s->left, none, 6 * s->s_up),
         under = within(-s->left, none, 6 * s->s_down);
    four x = within(s->left, -3 * s->s_up, 6 * s->s_up);
    four same = pick(s->v == m->watts, m->same + 1, none);
    four learn = pick(same > FROZEN, none, larger(g->spread, .5f * s->early));
    four jump = .25f * s->left * s->left, calm = smaller(s->s_up, s->s_down);

    learn = g->learns ? learn : none;
    up += learn * (2 * over * over - up);
    down += learn * (2 * under * under - down);
    m->up = pick(s->shifted & (s->left > 0), larger(up, smaller(jump, 4 * up)), up);
    m->down = pick(s->shifted & (s->left < 0), larger(down, smaller(jump, 4 * down)),
                   down);
    m->bias += .005f * pick(s->left > 0, calm, -calm);
    m->c1 += learn * (x * m->x - m->c1);
    m->c0 += learn * (x * x - m->c0);
    m->x = x;
    m->same = same;
}

/* Of series that are not known nothing changes. */
static void keep(struct motion *m, four_bits known, const struct motion *before)
{
    four *now = &m->level;
    const four *was = &before->level;

    for (size_t n = 0; n < sizeof(*m) / sizeof(four); n++)
        now[n] = pick(known, now[n], was[n]);
}

/* Returns how many have changed. */
static size_t update_four(struct motion *m, four v, const struct gains *g)
{
    bool is_partial = any_of(v != v);
    struct motion before;
    struct surprise s;

    if (is_partial)
        before = *m;
    start_four(m, v, g);
    s = expect(m, v, g);
    watch_four(m, &s);
    lead_four(m, &s, g);
    spread_four(m, &s, g);
    m->seen = smaller(m->seen + 1, four_of(1e6f));
    m->last = g->now;
    m->watts = v;
    if (is_partial)
        keep(m, v == v, &before);
    return count_of(s.shifted);
}

/* Means, blocks and trips, of the few that have them. */
static void update_special(struct fleet *f, size_t block, const float watts[LANES],
                           const struct gains *g)
{
    struct lanes *l = &f->blocks[block];
    float step = g->step[0], now = g->now[0];

    for (unsigned i = 0; i < LANES; i++) {
        float v = watts[i], w = l->window[i], into;

        if (v != v || l->kind[i] == FLEET_SAMPLE)
            continue;
        if (motion_of(f, block * LANES + i)->seen[i % FOUR] == 0 ||
            l->heat[i] != l->heat[i])
            l->heat[i] = l->kind[i] == FLEET_TRIP ? v * v : v;
        if (l->kind[i] == FLEET_TRIP)
            l->heat[i] += -expm1f(-step / w) * (v * v - l->heat[i]);
        /* remembers as long as a window on average does */
        if (l->kind[i] == FLEET_MEAN)
            l->heat[i] += -expm1f(-2 * step / w) * (v - l->heat[i]);
        if (l->kind[i] == FLEET_BLOCK) {
            into = now - floorf((now - .001f) / w) * w;
            l->heat[i] += (into > step ? step / into : 1) * (v - l->heat[i]);
        }
    }
}

/* What no meter can have meant is not known. */
static void reject_four(struct fleet *f, const struct motion *m, float *watts)
{
    four v = four_at(watts);
    four_bits impossible = (v < 0) | (v > 1.3f * m->nameplate) | (v > forecast_most_w);

    if (!any_of(impossible))    /* almost always */
        return;
    f->rejected += count_of(impossible);
    four_put(watts, pick(impossible, four_of(NAN), v));
}

/* Returns how many have changed. */
static size_t update_block(struct fleet *f, size_t block, float watts[LANES],
                           const struct gains *g)
{
    struct motion *m = &f->motions[block * FOURS];
    const char *later = (const char *)(m + AHEAD * FOURS);
    size_t changed = 0;

    /* Memory takes longer to come than a block to be updated. */
    for (size_t at = 0; at < FOURS * sizeof(*m); at += CACHE_LINE)
        __builtin_prefetch(later + at, 1);
    for (unsigned i = 0; i < LANES; i += FOUR)
        reject_four(f, &m[i / FOUR], watts + i);
    if (f->special[block])
        update_special(f, block, watts, g);
    for (unsigned i = 0; i < LANES; i += FOUR)
        changed += update_four(&m[i / FOUR], four_at(watts + i), g);
    return changed;
}

/* The last block may be cut short. */
static void take_watts(float to[LANES], const float *watts, size_t count)
{
    if (count >= LANES) {
        memcpy(to, watts, LANES * sizeof(*to));
        return;
    }
    for (unsigned i = 0; i < LANES; i++)
        to[i] = i < count ? watts[i] : NAN;
}

/* A sixty-fourth of the residuals, in turn, tell how long the upper tail is. */
static void look_at_tail(struct fleet *f, size_t block)
{
    for (size_t row = block * LANES; row < (block + 1) * LANES; row++) {
        const struct motion *m = motion_of(f, row);
        unsigned i = row % FOUR;

        if (m->seen[i] > 60 && m->watts[i] == m->watts[i] && m->same[i] == 0)
            tail_add(&f->tail, (double)(m->x[i] / sqrtf(m->up[i])));
    }
}

/* Times of a sample are floats since the epoch: after weeks those would not tell seconds
 * apart. By whole days, for blocks of the clock begin there. */
static void move_epoch(struct fleet *f, double time)
{
    const double most_s = 8 * 86400.;       /* to a sixteenth of a second */
    double ahead = floor((time - f->epoch) / 86400) * 86400;

    if (!(ahead > most_s))
        return;
    f->epoch += ahead;
    for (size_t i = 0; i < f->block_count * FOURS; i++)
        f->motions[i].last -= four_of((float)ahead);
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
    move_epoch(f, time);
    g = gains_of(f, time, isnan(dt) || dt > 3 * f->step_s ? f->step_s : dt);
    for (size_t b = 0; b * LANES < count; b++) {
        float told[LANES];

        take_watts(told, watts + b * LANES, count - b * LANES);
        changed += update_block(f, b, told, &g);
        if (b % 64 == f->turn % 64 && g.learns)
            look_at_tail(f, b);
    }
    f->turn++;
    f->time = time;
    if (change_is_storm(changed, count))
        f->frozen_until = time + 10 * f->step_s;
    probes_observe(f);
}

void fleet_warm(struct fleet *f, size_t row, double end, const float *watts, size_t count)
{
    struct motion *m = &f->motions[row / FOUR];
    unsigned own = row % LANES / FOUR * FOUR;
    double time = end - (double)count * f->step_s;
    float told[LANES];

    fleet_forget(f, row);
    if (!(end <= f->time))
        return;
    take_watts(told, NULL, 0);  /* the neighbours stay as they are */
    for (size_t n = 0; n < count; n++) {
        struct gains g = gains_of(f, time += f->step_s, f->step_s);

        told[row % LANES] = watts[n];
        reject_four(f, m, told + own);
        if (f->special[row / LANES])
            update_special(f, row / LANES, told, &g);
        update_four(m, four_at(told + own), &g);
    }
}

/* ---- saving ---- */

/* Plain bytes of this version on this machine. What stands in a series follows from its
 * past, which others keep. */
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
    return sizeof(*f) +
           f->block_count * (sizeof(*f->blocks) + sizeof(*f->special) +
                             FOURS * sizeof(*f->motions) + LANES * sizeof(*f->open));
}
