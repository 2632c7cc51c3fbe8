/* The hall's own odds (hall_ceiling.h). */
#include "hall_ceiling.h"

#include <math.h>
#include <string.h>

#include "forecast/chance.h"

static double noise_of(double q)
{
    return q * (1 - q) / (CEILING_FUTURES - 1);
}

/* Steps until it is above the cap; `most` and one more: not by then. */
static size_t steps_to_breach(struct world *w, double cap_w, size_t most)
{
    for (size_t i = 1; i <= most; i++) {
        world_step(w);
        if (world_watts(w) > cap_w)
            return i;
    }
    return most + 1;
}

void ceiling_ask(const struct world *now, struct world *room, double cap_w,
                 const double horizons[CEILING_HORIZONS], uint64_t luck,
                 struct ceiling_odds to[CEILING_HORIZONS])
{
    double longest = horizons[CEILING_HORIZONS - 1];

    memset(to, 0, CEILING_HORIZONS * sizeof(*to));
    for (uint64_t f = 0; f < CEILING_FUTURES; f++) {
        double after_s;

        world_become(room, now);
        world_redraw(room, chance_mix(luck, f));
        after_s = (double)steps_to_breach(room, cap_w, (size_t)(longest / WORLD_STEP_S)) *
                  WORLD_STEP_S;
        for (int k = 0; k < CEILING_HORIZONS; k++)
            if (after_s <= horizons[k]) {
                to[k].all += 1. / CEILING_FUTURES;
                to[k].halves[f % 2] += 2. / CEILING_FUTURES;
            }
    }
}

/* ---- the score of the odds themselves ---- */

void ceiling_add(struct ceiling_score *s, const struct ceiling_odds *odds, bool happened)
{
    score_chance_add(&s->chance, odds->all, happened);
    s->noise += noise_of(odds->all);
    for (int half = 0; half < 2; half++) {
        int bin = (int)fmin(odds->halves[half] * SCORE_COARSE, SCORE_COARSE - 1);

        s->off[bin] += .5 * (odds->halves[1 - half] - (double)happened);
    }
}

void ceiling_merge(struct ceiling_score *to, const struct ceiling_score *from)
{
    score_chance_merge(&to->chance, &from->chance);
    to->noise += from->noise;
    for (int i = 0; i < SCORE_COARSE; i++)
        to->off[i] += from->off[i];
}

static double unsureness(const struct score_chance *s)
{
    double base = score_base_rate(s);

    return base * (1 - base);
}

double ceiling_skill(const struct ceiling_score *s)
{
    double noise = s->noise / (double)s->chance.count;

    return 1 - (score_brier(&s->chance) - noise) / unsureness(&s->chance);
}

/* The Brier score of p is p(1 - p) in the mean, which q(1 - q) K / (K - 1) is, too. */
double ceiling_expected_skill(const struct ceiling_score *s)
{
    double brier = CEILING_FUTURES * s->noise / (double)s->chance.count;

    return 1 - brier / unsureness(&s->chance);
}

double ceiling_error(const struct ceiling_score *s)
{
    double sum = 0;

    for (int i = 0; i < SCORE_COARSE; i++)
        sum += fabs(s->off[i]);
    return sum / (double)s->chance.count;
}

/* ---- who stays below ---- */

void ceiling_compare(struct ceiling_below *b, const struct ceiling_odds *odds, double p,
                     bool happened)
{
    double off = p - odds->all;

    score_chance_add(&b->chance, p, happened);
    b->lost += off * off - noise_of(odds->all);
}

void ceiling_below_merge(struct ceiling_below *to, const struct ceiling_below *from)
{
    score_chance_merge(&to->chance, &from->chance);
    to->lost += from->lost;
}

double ceiling_lost(const struct ceiling_below *b)
{
    return b->lost / (double)b->chance.count / unsureness(&b->chance);
}
