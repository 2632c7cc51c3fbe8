/* One horizon: experts for power and for breaches, their mixtures, and what each matured
 * forecast teaches them. */
#include "forecast/horizon.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "forecast/odds.h"
#include "forecast/solve.h"

const double horizon_levels[LEVELS] = { .05, .1, .25, .5, .75, .9, .95, .99 };

static const enum centre uniform_of[] = { CENTRE_LAST, CENTRE_SMOOTH, CENTRE_RIDGE,
                                          CENTRE_DAY };
static const enum centre alike_of[] = { CENTRE_LAST, CENTRE_SMOOTH, CENTRE_RIDGE,
                                        CENTRE_DAY };

/* Lessons fade over a thousand; the conformal shifts follow over a hundred. */
static const float MEMORY = .999F, SHIFT_GAIN = .01F;
static const double STACK_PENALTY = 5, RIDGE_PENALTY = 5;
/* Of a cap of which nothing is known: counts as one forecast. */
static const double BASE_BEFORE = .5;
enum {
    MEDIAN = 3,                 /* of horizon_levels[] */
    RIDGE_MEMORY = 5000,
    RIDGE_LEAST = 30,
    RIDGE_EVERY = 32,
    ROWS_LEAST = 8
};

/* The experts on a breach, in their order. */
enum {
    SHARE_OF_ALL,
    SHARE_OF_ALIKE = CENTRES,
    BASE_RATE = SHARE_OF_ALIKE + 3,
    NET,
    STACK
};
_Static_assert((int)NETS_LEVELS == (int)LEVELS, "the networks say the same quantiles");
_Static_assert((int)STACK + 1 == (int)BREACH_EXPERTS,
               "every expert on a breach has a name");

void horizon_start(struct horizon *h, double horizon_s, double step_s)
{
    h->slots = (int64_t)(horizon_s / step_s + 1e-6);
    h->slots = h->slots < 1 ? 1 : h->slots;
    h->stride = (h->slots + OPEN - 3) / (OPEN - 2);
    /* Nothing is learnt from what is nearly the same. */
    h->stride = (int64_t)fmax((double)h->stride,
                              ceil(fmin((double)h->slots, 60 / step_s) - 1e-6));
    h->analogs.chance = 88172645463325252U;
    nets_start(&h->nets);
    for (unsigned c = 0; c < WATCHED; c++) {
        for (unsigned i = 0; i < STACK; i++)
            h->watched[c].stack[i] = 1.F / STACK;
    }
}

/* Forecasts open at the same time look at the same thing; the root of their number splits
 * the difference between counting each and counting one. */
static float overlap(const struct horizon *h)
{
    return sqrtf((float)((h->slots + h->stride - 1) / h->stride));
}

static unsigned best_smooth(const struct horizon *h)
{
    unsigned best = 0;

    for (unsigned i = 1; i < SMOOTHS; i++)
        if (h->smooth_loss[i] < h->smooth_loss[best])
            best = i;
    return best;
}

static void find_centres(const struct horizon *h, const struct present *now,
                         struct said *to)
{
    float *own = to->features + FEATURE_COMMON;
    double whole = h->ridge.rows >= RIDGE_LEAST ? ridge_predict(&h->ridge, to->features)
                                                : 0;
    double ridge = fmin(fmax(whole, -6), 6) * now->scale,
           kept = whole == 0 ? 0 : ridge / whole;

    to->ridge_season = kept *
                       ridge_share(&h->ridge, to->features, FEATURE_CLOCK, FEATURES);
    to->ridge_trend = kept * ridge_share(&h->ridge, to->features, 0, FEATURE_LAGS);
    to->centre[CENTRE_LAST] = to->most_centre[CENTRE_LAST] = 0;
    to->centre[CENTRE_SMOOTH] = to->most_centre[CENTRE_SMOOTH] =
        now->smooth[best_smooth(h)] - now->watts;
    to->centre[CENTRE_RIDGE] = to->most_centre[CENTRE_RIDGE] = ridge;
    to->centre[CENTRE_DAY] = isnan(own[0])
                                 ? 0
                                 : (double)(own[0] - (isnan(own[1]) ? 0 : own[1])) *
                                       now->scale;
    to->most_centre[CENTRE_DAY] = isnan(own[2]) ? 0 : (double)own[2] * now->scale;
}

/* How much of the median the time of day, and what was going on of late, are trusted
 * with. */
static void tell_terms(const struct horizon *h, const float *prior, struct said *to)
{
    float trust[POWER_EXPERTS];

    mix_weights(&h->power[MEDIAN], POWER_EXPERTS, prior, trust);
    for (unsigned i = 0; i < 8; i++) {
        enum centre c = i < 4 ? uniform_of[i] : alike_of[i - 4];

        to->season += (double)trust[i] * (c == CENTRE_DAY     ? to->centre[c]
                                          : c == CENTRE_RIDGE ? to->ridge_season
                                                              : 0);
        to->trend += (double)trust[i] * (c == CENTRE_RIDGE ? to->ridge_trend : 0);
    }
    to->season += (double)trust[POWER_EXPERTS - 1] * nets_season(&h->nets, to->features);
}

static void say_power(const struct horizon *h, const struct present *now,
                      const struct sight *sight, struct said *to)
{
    static const float prior[MIX_ROOM] = { 1, 1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 2 };
    unsigned n = 0;

    for (unsigned i = 0; i < 4; i++, n++) {
        analogs_quantiles(&h->analogs, uniform_of[i], &sight->all, horizon_levels, LEVELS,
                          to->expert[n]);
        for (unsigned l = 0; l < LEVELS; l++)
            to->expert[n][l] += (float)to->centre[uniform_of[i]];
    }
    for (unsigned i = 0; i < 4; i++, n++) {
        analogs_quantiles(&h->analogs, alike_of[i], &sight->alike, horizon_levels, LEVELS,
                          to->expert[n]);
        for (unsigned l = 0; l < LEVELS; l++)
            to->expert[n][l] += (float)to->centre[alike_of[i]];
    }
    for (unsigned l = 0; l < LEVELS; l++)
        to->expert[n][l] = 0;
    n++;
    for (unsigned i = 0; i < WINDOWS; i++, n++)
        for (unsigned l = 0; l < LEVELS; l++)
            to->expert[n][l] = (float)(now->windows[i][l] - now->watts);
    nets_quantiles(&h->nets, to->features, to->expert[n]);
    for (unsigned l = 0; l < LEVELS; l++) {
        float trust[POWER_EXPERTS], sum = 0;

        mix_weights(&h->power[l], POWER_EXPERTS, prior, trust);
        for (unsigned i = 0; i < POWER_EXPERTS; i++)
            sum += trust[i] * to->expert[i][l];
        to->mixed[l] = sum;
        to->level[l] = sum + h->shift[l] * h->usual;
    }
    for (unsigned l = 1; l < LEVELS; l++)
        to->level[l] = fmaxf(to->level[l], to->level[l - 1]);
    to->stretched = stretch_apply(&h->stretch, to->level, LEVELS, MEDIAN);
    tell_terms(h, prior, to);
}

/* What the stack weighs: the log odds of the others, how far the cap is, and 1. */
static void stack_terms(const float odds[BREACH_EXPERTS], double head, double scale,
                        float to[STACK_TERMS])
{
    memcpy(to, odds, (BREACH_EXPERTS - 1) * sizeof(*to));
    to[BREACH_EXPERTS - 1] = (float)sqrt(fmin(fmax(head, 0) / scale, 16));
    to[BREACH_EXPERTS] = 1;
}

/* What each expert says of a cap, and the mixture. */
static float ask_experts(const struct horizon *h, const struct present *now,
                         const struct watched *w, double cap, const struct said *s,
                         const struct sight *sight, float p[BREACH_EXPERTS])
{
    static const float prior[MIX_ROOM] = { 1, 1, 1, 1, 2, 1, 2, 2, 1, 1 };
    double head = cap - now->quantity, score = 0;
    float odds[BREACH_EXPERTS], x[STACK_TERMS], trust[BREACH_EXPERTS], sum = 0;
    unsigned n = 0;

    for (unsigned i = 0; i < CENTRES; i++)
        p[n++] = (float)analogs_above(&h->analogs, (enum centre)i, &sight->all,
                                      head - s->most_centre[i]);
    for (unsigned i = 0; i < 3; i++)
        p[n++] = (float)analogs_above(&h->analogs, (enum centre)i, &sight->alike,
                                      head - s->most_centre[i]);
    p[n++] = (float)((w->base * w->seen + BASE_BEFORE) / (w->seen + 1));
    p[n++] = (float)nets_chance(&h->nets, s->features, head, now->scale);
    for (unsigned i = 0; i + 1 < BREACH_EXPERTS; i++)
        if (isnan(p[i]))
            p[i] = p[BASE_RATE];
    for (unsigned i = 0; i + 1 < BREACH_EXPERTS; i++)
        odds[i] = (float)odds_of((double)p[i]);
    stack_terms(odds, head, now->scale, x);
    for (unsigned i = 0; i < STACK_TERMS; i++)
        score += (double)(w->stack[i] * x[i]);
    p[n++] = (float)odds_chance(fmin(fmax(score, -9), 9));
    mix_weights(&w->mix, BREACH_EXPERTS, prior, trust);
    for (unsigned i = 0; i < BREACH_EXPERTS; i++)
        sum += trust[i] * p[i];
    return sum;
}

static const struct watched *watched_of(const struct horizon *h,
                                        const struct present *now, double cap)
{
    const struct watched *w = &h->watched[0];
    double nearest = INFINITY;

    for (size_t c = 0; c < now->cap_count; c++)
        if (fabs(now->caps[c] - cap) < nearest) {
            nearest = fabs(now->caps[c] - cap);
            w = &h->watched[c];
        }
    return w;
}

double horizon_chance(const struct horizon *h, const struct present *now,
                      const struct said *said, const struct sight *sight, double cap)
{
    const struct watched *w = watched_of(h, now, cap);
    float p[BREACH_EXPERTS];

    return calibration_apply(&w->calibration,
                             (double)ask_experts(h, now, w, cap, said, sight, p));
}

double horizon_breaches(const struct horizon *h, const struct present *now, double cap)
{
    const struct watched *w = watched_of(h, now, cap);

    return w->base * w->seen;
}

void horizon_say(const struct horizon *h, const struct past *p, const struct present *now,
                 struct said *to, struct sight *sight)
{
    uint8_t codes[FEATURES];

    memset(to, 0, sizeof(*to));
    memcpy(to->features, now->common, sizeof(now->common));
    features_own(p, h->slots, to->features + FEATURE_COMMON);
    find_centres(h, now, to);
    if (h->analogs.count < ROWS_LEAST) {
        for (unsigned l = 0; l < LEVELS; l++)
            to->level[l] = to->mixed[l] = NAN;
        return;
    }
    for (unsigned i = 0; i < FEATURES; i++)
        codes[i] = features_code(to->features[i]);
    analogs_all(&h->analogs, &sight->all);
    analogs_alike(&h->analogs, codes, &sight->alike);
    say_power(h, now, sight, to);
}

bool horizon_is_due(const struct horizon *h, int64_t slot)
{
    return slot % h->stride == 0 && h->count < OPEN;
}

static void keep_said(struct open *o, const struct said *s)
{
    for (unsigned i = 0; i < FEATURES; i++)
        o->features[i] = half_of(s->features[i]);
    for (unsigned c = 0; c < CENTRES; c++) {
        o->centre[c] = (float)s->centre[c];
        o->most_centre[c] = (float)s->most_centre[c];
    }
    memcpy(o->mixed, s->mixed, sizeof(o->mixed));
    memcpy(o->level, s->level, sizeof(o->level));
    o->stretched = s->stretched;
    for (unsigned i = 0; i < POWER_EXPERTS; i++)
        for (unsigned l = 0; l < LEVELS; l++)
            o->expert[i][l] = half_of(s->expert[i][l] - s->mixed[l]);
}

static void keep_breaches(struct open *o, const struct horizon *h,
                          const struct present *now, const struct said *s,
                          const struct sight *sight)
{
    float p[BREACH_EXPERTS];

    for (unsigned c = 0; c < WATCHED; c++) {
        o->mixed_breach[c] = NAN;
        if (c >= now->cap_count || isnan(now->caps[c]) || h->analogs.count < ROWS_LEAST)
            continue;
        o->mixed_breach[c] = ask_experts(h, now, &h->watched[c], now->caps[c], s, sight,
                                         p);
        for (unsigned i = 0; i < BREACH_EXPERTS; i++)
            o->breach[c][i] = half_of((float)odds_of((double)p[i]));
    }
}

void horizon_open(struct horizon *h, const struct past *p, const struct present *now)
{
    struct open *o = &h->open[h->count];
    struct said said;
    struct sight sight;

    if (!horizon_is_due(h, now->slot))
        return;
    h->count++;
    memset(o, 0, sizeof(*o));
    horizon_say(h, p, now, &said, &sight);
    keep_said(o, &said);
    keep_breaches(o, h, now, &said, &sight);
    o->slot = now->slot;
    o->watts = now->watts;
    o->quantity = now->quantity;
    o->end = o->most = NAN;
    o->scale = (float)now->scale;
    o->cap_count = (uint8_t)now->cap_count;
    memcpy(o->caps, now->caps, sizeof(o->caps));
    for (unsigned i = 0; i < SMOOTHS; i++)
        o->smooth[i] = (float)(now->smooth[i] - now->watts);
}

static void learn_power(struct horizon *h, const struct open *o)
{
    double came = o->end - o->watts;

    stretch_learn(&h->stretch, o->stretched, o->level, horizon_levels, LEVELS, MEDIAN,
                  (float)came, h->usual, overlap(h));
    h->usual = h->usual > 0
                   ? h->usual + .01F * (fabsf((float)came - o->mixed[3]) - h->usual)
                   : fabsf((float)came);
    for (unsigned l = 0; l < LEVELS; l++) {
        /* The slope of the pinball loss where the mixture stood. */
        float slope = (came < (double)o->mixed[l] ? 1 : 0) - (float)horizon_levels[l],
              gains[POWER_EXPERTS];

        for (unsigned i = 0; i < POWER_EXPERTS; i++)
            gains[i] = -slope * half_value(o->expert[i][l]);
        mix_learn(&h->power[l], POWER_EXPERTS, gains, MEMORY, overlap(h));
        h->shift[l] += SHIFT_GAIN *
                       ((came > (double)o->level[l]) - (1 - (float)horizon_levels[l]));
    }
}

/* Logistic regression by online Newton steps (Hazan, Agarwal & Kale 2007), the old
 * fading. */
static void learn_stack(struct watched *w, const float odds[BREACH_EXPERTS], double head,
                        double scale, bool came, float overlap)
{
    float x[STACK_TERMS];
    double said = odds_chance((double)odds[STACK]), steep[STACK_TERMS], step[STACK_TERMS],
           room[STACK_PAIRS];
    double bend = fmax(said * (1 - said), 1e-3) / (double)overlap;

    stack_terms(odds, head, scale, x);
    for (unsigned i = 0, row = 0; i < STACK_TERMS; row += ++i) {
        steep[i] = (came - said) / (double)overlap * (double)x[i];
        for (unsigned k = 0; k <= i; k++)
            w->curve[row + k] = MEMORY * w->curve[row + k] + (float)bend * x[i] * x[k];
    }
    solve_symmetric(w->curve, STACK_TERMS, STACK_PENALTY, steep, room, step);
    for (unsigned i = 0; i < STACK_TERMS; i++)
        w->stack[i] += (float)step[i];
}

static void learn_breach(struct horizon *h, const struct open *o, unsigned c)
{
    struct watched *w = &h->watched[c];
    bool came = o->most > o->caps[c];
    float odds[BREACH_EXPERTS], gains[BREACH_EXPERTS],
        slope = 2 * (o->mixed_breach[c] - (float)came);

    if (!(o->quantity <= o->caps[c]))
        return;
    for (unsigned i = 0; i < BREACH_EXPERTS; i++) {
        odds[i] = half_value(o->breach[c][i]);
        gains[i] = slope * (o->mixed_breach[c] - (float)odds_chance((double)odds[i]));
    }
    mix_learn(&w->mix, BREACH_EXPERTS, gains, MEMORY, overlap(h));
    w->seen = fmin(w->seen + 1, 2000);
    w->base += (came - w->base) / w->seen;
    calibration_learn(&w->calibration, (double)o->mixed_breach[c], came,
                      1 / (double)(overlap(h) * overlap(h)));
    learn_stack(w, odds, o->caps[c] - o->quantity, (double)o->scale, came, overlap(h));
}

static void learn_rise(struct horizon *h, const struct open *o,
                       const float features[FEATURES])
{
    double heads[WATCHED];

    for (unsigned c = 0; c < o->cap_count; c++)
        heads[c] = o->caps[c] - o->quantity;
    nets_learn_chance(&h->nets, &h->analogs, features, heads, o->cap_count,
                      o->most - o->quantity, (double)o->scale);
}

static void keep_row(struct horizon *h, const struct open *o)
{
    struct analog row;

    for (unsigned i = 0; i < FEATURES; i++)
        row.codes[i] = features_code(half_value(o->features[i]));
    for (unsigned c = 0; c < CENTRES; c++) {
        row.error[c] = half_of((float)(o->end - o->watts - (double)o->centre[c]));
        row.most[c] = half_of((float)(o->most - o->quantity - (double)o->most_centre[c]));
    }
    analogs_add(&h->analogs, &row);
}

/* Its end has come: what it teaches. */
static void close_open(struct horizon *h, struct open *o)
{
    bool is_known = 5 * (int64_t)o->came >= 4 * h->slots;
    float features[FEATURES];

    for (unsigned c = 0; c < o->cap_count; c++)
        if (!o->acted && !isnan(o->mixed_breach[c]) && (is_known || o->most > o->caps[c]))
            learn_breach(h, o, c);
    if (isnan(o->end))
        return;
    if (!isnan(o->level[0]) && !o->acted)
        learn_power(h, o);
    for (unsigned i = 0; i < SMOOTHS; i++)
        h->smooth_loss[i] += .003 * (fabs(o->end - o->watts - (double)o->smooth[i]) -
                                     h->smooth_loss[i]);
    for (unsigned i = 0; i < FEATURES; i++)
        features[i] = half_value(o->features[i]);
    ridge_learn(&h->ridge, features, (o->end - o->watts) / (double)o->scale,
                1 - 1 / fmin(h->ridge.rows + 10., RIDGE_MEMORY));
    if (h->ridge.rows % RIDGE_EVERY == 0 || h->ridge.rows == RIDGE_LEAST)
        ridge_solve(&h->ridge, RIDGE_PENALTY);
    nets_learn_power(&h->nets, &h->analogs, horizon_levels, features, o->end - o->watts);
    if (!is_known || o->acted)
        o->most = NAN;
    else
        learn_rise(h, o, features);
    keep_row(h, o);
}

void horizon_observe(struct horizon *h, int64_t slot, bool opened, double watts,
                     double quantity)
{
    while (opened && h->count && slot > h->open[0].slot + h->slots) {
        close_open(h, &h->open[0]);
        h->count--;
        memmove(h->open, h->open + 1, h->count * sizeof(h->open[0]));
    }
    for (size_t i = 0; i < h->count; i++) {
        struct open *o = &h->open[i];

        o->most = fmax(o->most, quantity);
        o->came += opened;
        if (slot == o->slot + h->slots)
            o->end = watts;
    }
}

void horizon_acted(struct horizon *h)
{
    for (size_t i = 0; i < h->count; i++)
        h->open[i].acted = true;
}

bool horizon_pack(struct horizon *h, struct pack *p)
{
    pack_bytes(p, h->smooth_loss,
               offsetof(struct horizon, analogs) - offsetof(struct horizon, smooth_loss));
    if (!analogs_pack(&h->analogs, p))
        return false;
    pack_count(p, &h->count, OPEN);
    pack_bytes(p, h->open, h->count * sizeof(h->open[0]));
    for (size_t i = 0; i < h->count; i++)
        if (h->open[i].cap_count > WATCHED)
            return false;
    return true;
}
