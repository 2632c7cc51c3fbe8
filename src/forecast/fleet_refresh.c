/* Breach probabilities of a whole fleet. Three tiers: what cannot breach, or is too far,
 * by a bound; the rest by first passage, sixteen at a time; the most probable again, by
 * the integral equation. */
#include "base/arena.h"
#include "forecast/fast.h"
#include "forecast/fleet_inside.h"
#include "forecast/odds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT_AT_MOST = 1500, YOUNG = 3, BINS = 64 };

/* ---- knots ---- */

struct knots fleet_knots(double step_s)
{
    /* How many come between one horizon and the next. */
    static const unsigned between[FORECAST_HORIZONS] = { 3, 3, 2, 3, 3, 3 };
    struct knots k;
    double from = fmin(.25 * step_s, 30);
    unsigned n = 0;

    k.times[n++] = from;
    for (unsigned h = 0; h < FORECAST_HORIZONS; h++) {
        double ratio = pow(forecast_horizons[h] / from, 1. / (between[h] + 1));

        for (unsigned i = 0; i < between[h]; i++, n++)
            k.times[n] = k.times[n - 1] * ratio;
        k.at[h] = n;
        k.times[n++] = from = forecast_horizons[h];
    }
    return k;
}

/* ---- where the boundary is ---- */

/* How much further than it looks, by the tail of all residuals: the factor a distance of
 * z spreads is multiplied by. */
static float tail_factor(const struct pareto *p, double z)
{
    return z > 1 && z < 30 ? (float)(tail_score(p, z) / z) : 1;
}

/* Seen each step, a maximum is a little less than of a line. */
double fleet_shift(const struct fleet *f, const struct passage *p)
{
    return passage_shift(2 * p->theta * p->variance + p->wander, f->step_s);
}

struct common common_of(const struct fleet *f)
{
    struct common c = { .knots = fleet_knots(f->step_s) };
    struct pareto tail = tail_fit(&f->tail);

    for (int i = 0; i < KNOTS; i++) {
        c.times[i] = (float)c.knots.times[i];
        c.reach[i] = (float)trend_reach(c.knots.times[i]);
        c.slope[i] = (float)trend_slope(c.knots.times[i]);
    }
    for (unsigned i = 0; i < BINS; i++)
        c.factors[i] = tail_factor(&tail, (i + .5) / 2);
    return c;
}

double fleet_factor(const struct common *c, double z)
{
    return z > 0 && z < BINS / 2 ? (double)c->factors[(unsigned)(z * 2)] : 1;
}

/* With what was learned; rises with the horizon. Nothing that has not happened is
 * certain. */
static void settle(const struct fleet *f, float p[FORECAST_HORIZONS])
{
    float before = 0;

    for (unsigned h = 0; h < FORECAST_HORIZONS; h++) {
        double most = fmin((double)p[h], 1 - odds_least);

        p[h] = (float)cell_probability(cell_of(f, h, most), most);
        p[h] = before = fmaxf(p[h], before);
    }
}

/* ---- sixteen at a time ---- */

void pack_add(struct pack *p, const struct fleet *f, const struct common *c, size_t row,
              const struct outlook *o)
{
    double away = (double)lane_of(lanes_of(f, row)->cap, row) - o->now;
    double z = away / sqrt(o->up);
    float factor = (float)fleet_factor(c, z);
    unsigned i = p->count++;

    p->away[i] = (float)away * factor;
    p->lean[i] = (float)o->trend * factor;
    p->theta[i] = (float)o->process.theta;
    p->variance[i] = (float)o->process.variance;
    p->wander[i] = (float)o->process.wander;
    p->start[i] = (float)o->process.start;
    p->shift[i] = (float)fleet_shift(f, &o->process);
    p->row[i] = (uint32_t)row;
}

/* How far four have come on their way. */
struct progress {
    four sum, last, before;
};

static inline void pass_knot(struct pack *p, unsigned i, struct progress *s,
                             const struct common *c, unsigned k, bool asked)
{
    float t = c->times[k], dt = k ? t - c->times[k - 1] : 0;
    four theta = four_at(p->theta + i), noise = four_at(p->variance + i);
    four wander = four_at(p->wander + i), start = four_at(p->start + i);
    four lean = four_at(p->lean + i);
    four decay = fast_exp(-theta * t), gone = 1 - decay * decay, ou = noise * gone;
    four variance = ou + wander * t + 1e-20f, inverse = 1 / variance, sd = root(variance);
    four turn = noise * theta * (2 - gone) + wander;
    four away = four_at(p->away + i) + four_at(p->shift + i) - lean * c->reach[k] -
                decay * start;
    four slope = theta * decay * start - lean * c->slope[k], z = away / sd;
    four now = .39894228f * fast_exp(-.5f * z * z) / sd * (away * inverse * turn - slope);

    now = larger(now, four_of(0));
    s->sum = k ? s->sum + .5f * dt * (s->last + now)
               : 2 * fast_normal_above(larger(z, four_of(0)));
    s->last = now;
    if (asked) {
        four kept = 1 - ou * inverse * (1 - root(root(decay)));
        four reached = kept * smaller(s->sum, four_of(1)) +
                       (1 - kept) * (1 - fast_exp(-s->sum));

        s->before = larger(s->before, larger(reached, fast_normal_above(z)));
        four_put(p->reached[k] + i, s->before);
    }
}

/* passage_first(), four at once; the test holds them together. */
void pack_passage(struct pack *p, const struct common *c, bool full)
{
    for (unsigned i = 0; i < p->count; i += FOUR) {
        struct progress s = { { 0 }, { 0 }, { 0 } };
        unsigned h = 0;

        for (unsigned k = 0; k < KNOTS; k++) {
            bool is_horizon = h < FORECAST_HORIZONS && k == c->knots.at[h];

            pass_knot(p, i, &s, c, k, full || is_horizon);
            h += is_horizon;
        }
    }
}

static void put_p(struct fleet *f, size_t row, const float p[FORECAST_HORIZONS])
{
    struct lanes *l = &f->blocks[row / LANES];

    for (int h = 0; h < FORECAST_HORIZONS; h++)
        l->p[h][row % LANES] = p[h];
}

static void put_same(struct fleet *f, size_t row, float p)
{
    float all[FORECAST_HORIZONS];

    for (int h = 0; h < FORECAST_HORIZONS; h++)
        all[h] = p;
    put_p(f, row, all);
}

/* A refresh under way. */
struct refresh {
    struct fleet *f;
    struct common common;
    struct pack pack;
    uint32_t *open;             /* rows whose probability is neither none nor all */
    size_t open_count;
    size_t histogram[BINS];     /* of the hour's p */
};

enum { HOUR = 3 };              /* in forecast_horizons[] */

static unsigned bin_of(float p)
{
    return (unsigned)(p * (BINS - 1));
}

static void note_open(struct refresh *r, uint32_t row, const float p[FORECAST_HORIZONS])
{
    if (p[FORECAST_HORIZONS - 1] < 1e-3f || p[0] > .999f)
        return;
    r->open[r->open_count++] = row;
    r->histogram[bin_of(p[HOUR])]++;
}

static void flush_pack(struct refresh *r)
{
    pack_passage(&r->pack, &r->common, false);
    for (unsigned i = 0; i < r->pack.count; i++) {
        float p[FORECAST_HORIZONS];

        for (int h = 0; h < FORECAST_HORIZONS; h++)
            p[h] = r->pack.reached[r->common.knots.at[h]][i];
        note_open(r, r->pack.row[i], p);
        put_p(r->f, r->pack.row[i], p);
    }
    r->pack.count = 0;
}

/* More than any path can be likely to reach in a day: Rice's bound for the noise, the
 * reflection principle for the level. */
static bool is_out_of_reach(const struct outlook *o, double cap)
{
    double day = forecast_horizons[FORECAST_HORIZONS - 1];
    double lead = fmax(o->trend, 0) * trend_reach(day) + fmax(o->process.start, 0);
    double spread = sqrt(o->up + o->process.wander * day),
           z = (cap - o->now - lead) / spread;

    if (z < 3)
        return false;
    /* the tail may be longer than the normal's */
    z = z > 3.5 ? 3.5 + .6 * (z - 3.5) : z;
    if (z > 9)
        return true;
    return 2 * normal_above(z) + o->process.theta * o->up / (spread * spread) * day * z *
                                     .4 * exp(-.5 * z * z) <
           odds_least;
}

static void refresh_special(struct refresh *r, size_t row)
{
    double reached[KNOTS];
    float p[FORECAST_HORIZONS];

    fleet_passage(r->f, &r->common, row, reached);
    for (unsigned h = 0; h < FORECAST_HORIZONS; h++)
        p[h] = (float)reached[r->common.knots.at[h]];
    settle(r->f, p);
    put_p(r->f, row, p);
}

static void refresh_row(struct refresh *r, size_t row)
{
    const struct lanes *l = lanes_of(r->f, row);
    const struct motion *m = motion_of(r->f, row);
    unsigned i = row % FOUR;
    float cap = lane_of(l->cap, row);
    struct outlook o;

    if (isnan(cap) || is_lost(r->f, row) ||
        (m->seen[i] < YOUNG && !(m->nameplate[i] <= cap))) {
        put_same(r->f, row, NAN);
        return;
    }
    if (m->nameplate[i] <= cap) {         /* it cannot */
        put_same(r->f, row, 0);
        return;
    }
    if (l->kind[row % LANES] != FLEET_SAMPLE) {
        refresh_special(r, row);
        return;
    }
    if (m->watts[i] > cap) {              /* it has */
        put_same(r->f, row, 1);
        return;
    }
    o = outlook_of(r->f, row);
    if (is_out_of_reach(&o, (double)cap)) {
        put_same(r->f, row, 0);
        return;
    }
    pack_add(&r->pack, r->f, &r->common, row, &o);
    if (r->pack.count == LANES)
        flush_pack(r);
}

/* What is likely is not made more so by crossings that are counted again and again; but
 * never less than at the end. */
static void bound(const struct refresh *r, size_t row, float p[FORECAST_HORIZONS])
{
    const double likely = .2, apart = 10;
    const struct common *c = &r->common;
    struct outlook o = outlook_of(r->f, row);
    double away = (double)lane_of(lanes_of(r->f, row)->cap, row) - o.now;
    double factor = fleet_factor(c, away / sqrt(o.up)),
           shift = fleet_shift(r->f, &o.process);

    for (unsigned h = 0; h < FORECAST_HORIZONS; h++) {
        double t = forecast_horizons[h], left, most;

        if ((double)p[h] < likely || o.process.theta * t < apart)
            continue;
        left = factor * (away - fmax(o.trend, 0) * (double)c->reach[c->knots.at[h]]);
        most = fmax(passage_apart(&o.process, left + shift, t),
                    normal_above(left / sqrt(o.up + o.process.wander * t)));
        p[h] = fminf(p[h], (float)most);
    }
}

/* The most probable few again, without the shortcut; then all by what was learned. */
static void settle_open(struct refresh *r)
{
    size_t wanted = 0;
    unsigned least = BINS;

    while (least > 0 && wanted + r->histogram[least - 1] <= EXACT_AT_MOST)
        wanted += r->histogram[--least];
    for (size_t n = 0; n < r->open_count; n++) {
        uint32_t row = r->open[n];
        float p[FORECAST_HORIZONS];

        for (int h = 0; h < FORECAST_HORIZONS; h++)
            p[h] = r->f->blocks[row / LANES].p[h][row % LANES];
        if (bin_of(p[HOUR]) >= least) {
            double reached[KNOTS];

            fleet_passage(r->f, &r->common, row, reached);
            for (int h = 0; h < FORECAST_HORIZONS; h++)
                p[h] = (float)reached[r->common.knots.at[h]];
        }
        bound(r, row, p);
        settle(r->f, p);
        put_p(r->f, row, p);
    }
}

void fleet_refresh(struct fleet *f)
{
    struct refresh r = { .f = f, .open = f->open };

    if (isnan(f->time))
        return;
    r.common = f->common = common_of(f);
    for (size_t row = 0; row < f->capacity; row++)
        refresh_row(&r, row);
    if (r.pack.count)
        flush_pack(&r);
    settle_open(&r);
    probes_plant(f, &r.common);
}

double fleet_p(const struct fleet *f, size_t row, unsigned horizon)
{
    return (double)lane_of(lanes_of(f, row)->p[horizon], row);
}
