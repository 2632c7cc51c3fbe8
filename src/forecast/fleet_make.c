/* A series' forecasts in full, for those that are looked at: quantiles from the theory's
 * spread and what was learned of it, the time to a breach from the passage. */
#include "forecast/course.h"
#include "forecast/fast.h"
#include "forecast/fleet_inside.h"

#include <math.h>

static double bounded(double watts, double idle, double nameplate)
{
    if (watts < idle)
        return idle;
    return watts > nameplate ? nameplate : watts;
}

struct bounds {
    double idle, nameplate;
};

static void put_quantiles(struct forecast *out, const struct cell *c, double mean,
                          double base, double up, double down, struct bounds b)
{
    double *ends[END_LEVELS] = { &out->q05, &out->q10, &out->q25, &out->q50,
                                 &out->q75, &out->q90, &out->q95, &out->q99 };
    double *most[MAX_LEVELS] = { &out->max_q10, &out->max_q50, &out->max_q90,
                                 &out->max_q99 };
    /* The highest is at least what it is at the end. */
    double *least[MAX_LEVELS] = { &out->q10, &out->q50, &out->q90, &out->q99 };

    for (int i = 0; i < END_LEVELS; i++) {
        double z = (double)c->end[i];

        *ends[i] = bounded(mean + z * (z > 0 ? up : down), b.idle, b.nameplate);
    }
    for (int i = 0; i < MAX_LEVELS; i++)
        *most[i] = fmax(bounded(base + (double)c->highest[i] * up, b.idle, b.nameplate),
                        *least[i]);
}

/* The theory's way through the knots, between what was learnt of the horizons. */
static void put_times(struct forecast out[FORECAST_HORIZONS], const struct knots *k,
                      const float reached[KNOTS][LANES], unsigned i)
{
    double at[KNOTS];
    const struct course course = { k->times, at, KNOTS };
    const struct course *between[FORECAST_HORIZONS];

    for (int n = 0; n < KNOTS; n++)
        at[n] = (double)reached[n][i];
    for (int h = 0; h < FORECAST_HORIZONS; h++)
        between[h] = &course;
    course_fill_times(out, FORECAST_HORIZONS, 1, between);
}

static void claim_nothing(struct forecast *out)
{
    out->q05 = out->q10 = out->q25 = out->q50 = out->q75 = out->q90 = out->q95 =
        out->q99 = NAN;
    out->max_q10 = out->max_q50 = out->max_q90 = out->max_q99 = NAN;
    out->ttb_p10_s = out->ttb_p50_s = out->ttb_p90_s = out->trend_w = NAN;
}

static struct forecast begin_one(const struct fleet *f, size_t row, unsigned h)
{
    double samples = (double)motion_of(f, row)->seen[row % FOUR],
           seconds = forecast_horizons[h];

    return (struct forecast){
        .horizon_s = seconds, .cap_w = (double)lane_of(lanes_of(f, row)->cap, row),
        .p_breach = fleet_p(f, row, h), .season_w = NAN, .samples = (size_t)samples,
        .trust = samples * f->step_s < fmax(1800, seconds / 4) ? FORECAST_LEARNING
                                                               : FORECAST_TRUSTED,
    };
}

/* Spreads at all horizons at once: an exponential for each is what they cost. */
static void decay_at(const struct outlook *o, float decay[2 * FOUR])
{
    float times[2 * FOUR] = { 0 };

    for (int h = 0; h < FORECAST_HORIZONS; h++)
        times[h] = (float)forecast_horizons[h];
    for (int i = 0; i < 2 * FOUR; i += FOUR)
        four_put(decay + i, fast_exp((float)-o->process.theta * four_at(times + i)));
}

static void make_one(const struct fleet *f, const struct common *c,
                     const struct pack *pack, unsigned i, const struct outlook *o,
                     struct forecast *out)
{
    size_t row = pack->row[i];
    const struct lanes *l = lanes_of(f, row);
    const struct motion *m = motion_of(f, row);
    struct bounds b = { (double)lane_of(l->idle, row), (double)m->nameplate[row % FOUR] };
    float decay[2 * FOUR];

    decay_at(o, decay);
    for (unsigned h = 0; h < FORECAST_HORIZONS; h++) {
        double d = (double)decay[h], gone = 1 - d * d;
        double wandered = o->process.wander * forecast_horizons[h];
        double mean = o->now + o->trend * (double)c->reach[c->knots.at[h]] +
                      o->process.start * d;

        out[h] = begin_one(f, row, h);
        if (out[h].samples < 3 || is_lost(f, row)) {
            claim_nothing(&out[h]);
            continue;
        }
        out[h].trend_w = o->trend * (double)c->reach[c->knots.at[h]];
        put_quantiles(&out[h], cell_of(f, h, out[h].p_breach), mean,
                      fmax(mean, o->now + o->process.start),
                      sqrt(o->up * gone + wandered), sqrt(o->down * gone + wandered), b);
    }
    if (out[0].samples < 3 || is_lost(f, row))
        return;
    put_times(out, &c->knots, pack->reached, i);
    for (unsigned h = 0; h < FORECAST_HORIZONS; h++)
        if (l->kind[row % LANES] == FLEET_SAMPLE &&
            m->watts[row % FOUR] > l->cap[row % LANES] && out[h].p_breach > 0)
            course_is_above(&out[h]);
}

/* Means, blocks and trips go their own way. */
static void make_special(const struct fleet *f, const struct common *c, struct pack *p)
{
    double reached[KNOTS];

    for (unsigned i = 0; i < p->count; i++) {
        if (lanes_of(f, p->row[i])->kind[p->row[i] % LANES] == FLEET_SAMPLE)
            continue;
        fleet_passage(f, c, p->row[i], reached);
        for (int k = 0; k < KNOTS; k++)
            p->reached[k][i] = (float)reached[k];
    }
}

void fleet_make(const struct fleet *f, size_t first, size_t count, struct forecast *out)
{
    const struct common *c = &f->common;

    for (size_t done = 0; done < count; done += LANES) {
        struct outlook outlooks[LANES];
        struct pack p = { .count = 0 };

        for (size_t row = first + done; row < first + count && p.count < LANES; row++) {
            outlooks[p.count] = outlook_of(f, row);
            pack_add(&p, f, c, row, &outlooks[p.count]);
        }
        pack_passage(&p, c, true);
        make_special(f, c, &p);
        for (unsigned i = 0; i < p.count; i++)
            make_one(f, c, &p, i, &outlooks[i], out + (done + i) * FORECAST_HORIZONS);
    }
}
