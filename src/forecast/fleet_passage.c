/* Breach probabilities of one series, by the theory in full, for each kind of cap. */
#include "forecast/fleet_inside.h"

#include <math.h>

static void sample_passage(const struct fleet *f, const struct outlook *o, double cap,
                           const struct common *c, double reached[KNOTS])
{
    double boundary[KNOTS], slope[KNOTS], distance = cap - o->now;
    double factor = fleet_factor(c, distance / sqrt(o->up)),
           shift = fleet_shift(f, &o->process);

    for (int i = 0; i < KNOTS; i++) {
        boundary[i] = factor * (distance - o->trend * (double)c->reach[i]) + shift;
        slope[i] = -factor * o->trend * (double)c->slope[i];
    }
    passage_exact(&o->process, c->knots.times, boundary, slope, KNOTS, reached);
}

/* A trip's heat follows the mean path; the noise around it hardly heats, and is
 * remembered as long as heat is. */
static void trip_passage(const struct outlook *o, double cap, double heat, double tau,
                         const struct knots *k, double reached[KNOTS])
{
    double boundary[KNOTS], slope[KNOTS], w = heat / (cap * cap), last = 0,
                                          r = o->now / cap;
    struct passage noise = {
        .theta = 1 / tau,
        .variance = trip_variance(fmax(r, 0), sqrt(o->up) / cap, o->process.theta, tau),
        /* A wandering level is a wandering heat. */
        .wander = 4 * r * r * o->process.wander / (cap * cap) / (1 + tau / 3600),
    };

    for (int i = 0; i < KNOTS; i++) {
        double dt = k->times[i] - last, before = w;

        r = mean_at(o, k->times[i] - dt / 2) / cap;
        w += (r * r - w) * -expm1(-dt / tau);
        boundary[i] = 1 - w;
        slope[i] = -(w - before) / dt;
        last = k->times[i];
    }
    passage_first(&noise, k->times, boundary, slope, KNOTS, reached);
}

/* A sliding mean: from what it is towards the level, crossing upwards as Rice says. */
static void mean_passage(const struct outlook *o, double cap, double mean, double window,
                         const struct knots *k, double reached[KNOTS])
{
    double sum = 0, last = 0, last_rate = 0, before = mean >= cap;

    for (int i = 0; i < KNOTS; i++) {
        double t = k->times[i], filled = fmin(t / window, 1);
        double x = o->process.theta * filled * window;
        double level = mean + (mean_at(o, t) - mean) * filled;
        double spread = sqrt(o->up * filled * filled * mean_variance(x) +
                             o->process.wander * t * filled / 3 +
                             o->floor_w * o->floor_w * 1e-4);
        double z = (cap - level) / spread;
        double rate = mean_crossings(z, o->process.theta, window) * filled;

        sum += (t - last) * (rate + last_rate) / 2;
        before = fmax(before, fmax(-expm1(-sum), normal_above(z)));
        reached[i] = before;
        last = t;
        last_rate = rate;
    }
}

/* Blocks of the clock: the one under way is exact; those after it count alone, but for
 * the wandering level. */
static void block_passage(const struct fleet *f, const struct outlook *o, double cap,
                          double mean, double window, const struct knots *k,
                          double reached[KNOTS])
{
    double into = fmod(f->time - f->epoch, window), left = window - into;
    double need = (cap - mean * into / window) / (left / window);
    double miss = 1 - passage_block(need, o->now + o->trend * trend_reach(left / 2),
                                    o->process.start, sqrt(o->up), o->process.theta,
                                    left);
    double end = left, theta = o->process.theta;
    double spread = o->up * mean_variance(theta * window);

    for (int i = 0; i < KNOTS; i++) {
        for (; end + window <= k->times[i]; end += window) {
            double z = (cap - mean_at(o, end + window / 2)) /
                       sqrt(spread + o->process.wander * (end + window / 2));

            /* Of a level that wanders, most of what is above was above before. */
            miss = fmin(miss, miss * (1 - normal_above(z) * spread /
                                      (spread + o->process.wander * end)));
            miss = fmin(miss, 1 - normal_above(z));
        }
        reached[i] = k->times[i] >= left ? 1 - miss : 0;
    }
}

void fleet_passage(const struct fleet *f, const struct common *c, size_t row,
                   double reached[KNOTS])
{
    const struct lanes *l = lanes_of(f, row);
    struct outlook o = outlook_of(f, row);
    double cap = (double)lane_of(l->cap, row), heat = (double)lane_of(l->heat, row);
    double window = (double)lane_of(l->window, row);

    switch ((enum fleet_kind)l->kind[row % LANES]) {
    case FLEET_TRIP:
        trip_passage(&o, cap, heat, window, &c->knots, reached);
        break;
    case FLEET_MEAN:
        mean_passage(&o, cap, heat, window, &c->knots, reached);
        break;
    case FLEET_BLOCK:
        block_passage(f, &o, cap, heat, window, &c->knots, reached);
        break;
    default:
        sample_passage(f, &o, cap, c, reached);
    }
}
