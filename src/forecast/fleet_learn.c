/* What all series of a fleet have in common: how errors at a horizon spread, and how
 * probabilities are off.
 *
 * A sample of forecasts is followed until each has matured (facts: delayed labels, none
 * from the future). Quantiles are tracked (conformal PID without the I: Angelopoulos,
 * Candes & Tibshirani 2023), probabilities recalibrated by two numbers, which are used
 * only while they win. */
#include "forecast/fleet_inside.h"

#include <math.h>
#include <string.h>

#include "forecast/odds.h"
#include "forecast/score.h"

static const float end_levels[END_LEVELS] = { .05f, .10f, .25f, .50f,
                                              .75f, .90f, .95f, .99f };
static const float max_levels[MAX_LEVELS] = { .10f, .50f, .90f, .99f };
static const float learning = .02f;
enum { ENOUGH = 30, REMEMBERED = 500 };

void cells_init(struct fleet *f)
{
    for (int h = 0; h < FORECAST_HORIZONS; h++)
        for (int r = 0; r < RISKS; r++) {
            struct cell *c = &f->cells[h][r];

            memset(c, 0, sizeof(*c));
            for (int i = 0; i < END_LEVELS; i++)
                c->end[i] = (float)normal_score(1 - (double)end_levels[i]);
            /* The highest of Brownian motion: |Z|. */
            for (int i = 0; i < MAX_LEVELS; i++)
                c->highest[i] = (float)normal_score((1 - (double)max_levels[i]) / 2);
            c->end_size = c->highest_size = .8f;
            c->slope = 1;
        }
}

static int risk_of(double p)
{
    return p >= .2 ? 0 : p >= .01 ? 1 : 2;
}

const struct cell *cell_of(const struct fleet *f, unsigned horizon, double p)
{
    return &f->cells[horizon][risk_of(p)];
}

static double learned(const struct cell *c, double p)
{
    return odds_chance((double)c->offset + (double)c->slope * odds_of(p));
}

double cell_probability(const struct cell *c, double p)
{
    if (fmax(c->happened, (double)c->expected) < ENOUGH ||
        c->learned_loss >= c->plain_loss || p < odds_least || p >= 1)
        return p;
    return learned(c, p);
}

/* ---- learning ---- */

static void track(float *quantiles, const float *levels, int count, float *size,
                  float came)
{
    *size += learning * (fabsf(came) - *size);
    for (int i = 0; i < count; i++)
        quantiles[i] += learning * *size * ((came > quantiles[i]) - (1 - levels[i]));
    for (int i = 1; i < count; i++) /* they do not cross */
        quantiles[i] = fmaxf(quantiles[i], quantiles[i - 1]);
}

static void learn_probability(struct cell *c, double p, bool happened)
{
    double x = odds_of(p), now = learned(c, p), off = (double)happened - now;
    float rate;

    c->matured++;
    c->happened += happened;
    c->expected += (float)p;
    rate = 1 / fminf((float)c->matured, REMEMBERED);
    c->plain_loss += rate * ((float)score_log_loss(p, happened) - c->plain_loss);
    c->learned_loss += rate * ((float)score_log_loss(now, happened) - c->learned_loss);
    c->offset += (float)(.01 * off - 1e-4 * (double)c->offset);
    c->slope += (float)(.001 * off * x - 1e-4 * ((double)c->slope - 1));
    c->slope = fminf(fmaxf(c->slope, .3f), 3);
}

static void mature(struct fleet *f, const struct probe *p, float came)
{
    struct cell *c = &f->cells[p->horizon][p->risk];
    float off = came - p->mean;

    track(c->end, end_levels, END_LEVELS, &c->end_size,
          off / (off > 0 ? p->up : p->down));
    track(c->highest, max_levels, MAX_LEVELS, &c->highest_size,
          (p->highest - p->base) / p->up);
    if (p->is_counted)
        learn_probability(c, (double)p->p, p->highest > p->cap);
}

static bool is_silent(const struct fleet *f, size_t row)
{
    return f->time - f->epoch - (double)motion_of(f, row)->last[row % FOUR] >= f->step_s;
}

void fleet_acted(struct fleet *f, size_t row)
{
    for (int i = 0; i < PROBES; i++)
        if (f->probes[i].row == row)
            f->probes[i].due = 0;
}

void probes_observe(struct fleet *f)
{
    bool storm = fleet_is_storm(f);

    for (int i = 0; i < PROBES; i++) {
        struct probe *p = &f->probes[i];
        float watts;

        if (p->due == 0)
            continue;
        watts = motion_of(f, p->row)->watts[p->row % FOUR];
        /* Of one that has fallen silent nothing more is known: its last value is no
         * news. */
        if (storm || watts != watts || is_silent(f, p->row))
            p->due = 0;
        else
            p->highest = fmaxf(p->highest, watts);
        if (p->due != 0 && f->time >= p->due - .5 * f->step_s) {
            mature(f, p, watts);
            p->due = 0;
        }
    }
}

/* ---- planting ---- */

static uint32_t throw_dice(struct fleet *f)
{
    f->dice = f->dice * 1664525u + 1013904223u;
    return f->dice >> 8;
}

static void plant(const struct fleet *f, const struct common *c, struct probe *p,
                  uint32_t row, unsigned horizon)
{
    const struct lanes *l = lanes_of(f, row);
    const struct motion *m = motion_of(f, row);
    struct outlook o = outlook_of(f, row);
    double seconds = forecast_horizons[horizon];
    double mean = mean_at(&o, seconds), up = spread_at(&o, o.up, seconds);
    double cap = (double)lane_of(l->cap, row);
    double watts = (double)m->watts[row % FOUR], theory = NAN;

    /* As the theory has it, before what was learned is put to it. */
    if (!isnan(cap)) {
        double reached[KNOTS];

        fleet_passage(f, c, row, reached);
        theory = reached[c->knots.at[horizon]];
    }
    *p = (struct probe){
        .due = f->time + seconds, .row = row, .horizon = (uint8_t)horizon,
        .mean = (float)mean, .base = (float)fmax(mean, o.now + o.process.start),
        .up = (float)up, .down = (float)spread_at(&o, o.down, seconds),
        .p = (float)theory, .risk = (uint8_t)risk_of(theory), .cap = (float)cap,
        .highest = -INFINITY,
        /* Being above is no forecast; and a mean or a trip is not what the highest sample
         * tells. */
        .is_counted = watts < cap && l->kind[row % LANES] == FLEET_SAMPLE,
    };
}

void probes_plant(struct fleet *f, const struct common *c)
{
    enum { AT_ONCE = 64 };

    if (f->capacity == 0 || fleet_is_storm(f))
        return;
    for (int i = 0; i < AT_ONCE; i++) {
        uint32_t at = throw_dice(f) % PROBES, row = throw_dice(f) % (uint32_t)f->capacity;

        if (f->probes[at].due == 0 && motion_of(f, row)->seen[row % FOUR] >= 60 &&
            !is_silent(f, row))
            plant(f, c, &f->probes[at], row, at % FORECAST_HORIZONS);
    }
}
