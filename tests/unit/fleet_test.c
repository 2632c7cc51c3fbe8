/* A fleet of series: what its forecasts claim, and how they come. */
#include "forecast/fast.h"
#include "forecast/fleet_inside.h"
#include "tests/lib/check.h"
#include "tests/lib/course.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1000, STEP = 15 };
enum { MINUTE, FIVE, QUARTER, HOUR, SIX, DAY };

static struct fleet *f;
static float watts[MANY];
static double now;
static uint64_t dice;
static struct forecast out[FORECAST_HORIZONS];

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

static double noise(void)
{
    return sqrt(-2 * log(chance() + 1e-300)) * cos(6.283185307179586 * chance());
}

static void set_up(void)
{
    dice = 3;
    now = 1.7e9;
    f = NULL;
}

static void tear_down(void)
{
    fleet_free(f);
}

static void cap_of(size_t row, double cap)
{
    fleet_set(f, row, &(struct forecast_cap){ .watts = cap }, NAN, NAN);
}

/* One series alone. */
static void alone(double cap)
{
    f = fleet_new(1, STEP);
    cap_of(0, cap);
}

static void tell(double value)
{
    watts[0] = (float)value;
    fleet_observe(f, now += STEP, watts, 1);
}

static struct forecast *ask(void)
{
    fleet_refresh(f);
    fleet_make(f, 0, 1, out);
    return out;
}

static void tell_steady(int samples, double level, double spread)
{
    for (int i = 0; i < samples; i++)
        tell(level + spread * noise());
}

/* ---- arithmetic ---- */

START_TEST(fast_is_nearly_exact)
{
    for (float x = -80; x < 80; x += .0137f)
        ck_assert_double_eq_tol((double)fast_exp(four_of(x))[0] / exp((double)x), 1,
                                5e-7);
    ck_assert_double_eq((double)fast_exp(four_of(-1000))[0], 0);
    ck_assert(isfinite(fast_exp(four_of(1000))[0]));
    for (float z = -8; z < 12; z += .0113f)
        ck_assert_double_eq_tol((double)fast_normal_above(four_of(z))[0] /
                                    normal_above((double)z),
                                1, z < 5 ? 3e-6 : 1e-5);
}
END_TEST

START_TEST(a_series_costs_less_than_two_hundred_bytes)
{
    ck_assert_uint_le(sizeof(struct motion) * LANES / FOUR + sizeof(struct lanes),
                      200 * LANES);
}
END_TEST

START_TEST(sixteen_at_once_are_what_one_is)
{
    f = fleet_new(LANES, STEP);
    struct common c = common_of(f);
    double times[KNOTS], boundary[KNOTS], slope[KNOTS], want[KNOTS];
    struct pack p = { .count = LANES };

    for (int run = 0; run < 50; run++) {
        for (int i = 0; i < LANES; i++) {
            p.theta[i] = (float)exp(log(.001) + chance() * log(200));
            p.variance[i] = 1e4f;
            p.wander[i] = (float)(chance() * 5);
            p.start[i] = (float)(100 * (chance() - .5));
            p.away[i] = p.start[i] + (float)(50 + 500 * chance());
            p.lean[i] = (float)(chance() - .5) * .05f;
            p.shift[i] = 0;
        }
        pack_passage(&p, &c, true);
        for (int i = 0; i < LANES; i++) {
            struct passage one = { .theta = (double)p.theta[i],
                                   .variance = (double)p.variance[i],
                                   .wander = (double)p.wander[i],
                                   .start = (double)p.start[i] };

            for (int k = 0; k < KNOTS; k++) {
                times[k] = c.knots.times[k];
                boundary[k] = (double)p.away[i] -
                              (double)p.lean[i] * trend_reach(times[k]);
                slope[k] = -(double)p.lean[i] * trend_slope(times[k]);
            }
            passage_first(&one, times, boundary, slope, KNOTS, want);
            for (int k = 0; k < KNOTS; k++)
                ck_assert_double_eq_tol((double)p.reached[k][i], want[k], .01);
        }
    }
}
END_TEST

START_TEST(knots_rise_and_hold_the_horizons)
{
    for (double step = 1; step <= 600; step *= 2) {
        struct knots k = fleet_knots(step);

        for (int i = 1; i < KNOTS; i++)
            ck_assert_double_gt(k.times[i], k.times[i - 1]);
        for (int h = 0; h < FORECAST_HORIZONS; h++)
            ck_assert_double_eq(k.times[k.at[h]], forecast_horizons[h]);
        ck_assert_uint_eq(k.at[FORECAST_HORIZONS - 1], KNOTS - 1);
    }
}
END_TEST

/* ---- what one is told ---- */

START_TEST(without_a_cap_or_a_past_nothing_is_claimed)
{
    alone(NAN);
    ck_assert(isnan(ask()[HOUR].p_breach) && isnan(out[HOUR].q50));
    tell_steady(100, 1000, 5);
    ck_assert(isnan(ask()[HOUR].p_breach));
    ck_assert(out[HOUR].q10 <= out[HOUR].q50 && out[HOUR].q50 <= out[HOUR].q90);
    ck_assert_double_eq_tol(out[HOUR].q50, 1000, 10);
    fleet_free(f);
    alone(1e6);
    tell(1000);
    tell(1000);
    ck_assert(isnan(ask()[HOUR].p_breach) && isnan(out[HOUR].max_q99));
}
END_TEST

START_TEST(far_below_is_none_at_the_edge_is_likely_above_is_certain)
{
    alone(2000);
    tell_steady(400, 1000, 10);
    ck_assert_double_lt(ask()[HOUR].p_breach, 1e-3);
    cap_of(0, 1015);
    ck_assert_double_gt(ask()[HOUR].p_breach, .9);
    cap_of(0, 900);
    ck_assert_double_eq(ask()[MINUTE].p_breach, 1);
    ck_assert_double_eq(out[MINUTE].ttb_p50_s, 0);
    fleet_set(f, 0, &(struct forecast_cap){ .watts = 1015 }, 100, 1012);
    ck_assert_double_eq(ask()[DAY].p_breach, 0);        /* it cannot */
    ck_assert_double_le(out[DAY].max_q99, 1012);
}
END_TEST

START_TEST(a_ramp_is_seen_and_timed)
{
    struct forecast *a;

    alone(2000);
    tell_steady(240, 1000, 3);
    for (int i = 1; i <= 80; i++)       /* 10 W a sample: 2000 W after 100 of them */
        tell(1000 + 10 * i + 3 * noise());
    a = ask();
    ck_assert_double_gt(a[QUARTER].trend_w, .5 * 10 * 900 / STEP);   /* a damped trend */
    ck_assert_double_lt(a[QUARTER].trend_w, 1.3 * 10 * 900 / STEP);
    ck_assert_double_gt(a[QUARTER].p_breach, .9);
    ck_assert_double_lt(a[MINUTE].p_breach, .1);
    ck_assert_double_eq_tol(a[QUARTER].ttb_p50_s, 20 * STEP, .3 * 20 * STEP);
    ck_assert(a[QUARTER].ttb_p10_s <= a[QUARTER].ttb_p50_s &&
              a[QUARTER].ttb_p50_s <= a[QUARTER].ttb_p90_s);
}
END_TEST

START_TEST(a_step_is_met_within_a_minute)
{
    alone(5000);
    tell_steady(400, 1000, 10);
    tell_steady(6, 1500, 10);
    ck_assert_double_eq_tol(ask()[MINUTE].q50, 1500, 60);
    tell_steady(200, 1500, 10);
    ck_assert_double_eq_tol(ask()[MINUTE].q50, 1500, 15);
    ck_assert_double_lt(fabs(out[MINUTE].trend_w), 6);
}
END_TEST

/* Dips do not make a breach likelier. */
START_TEST(dips_are_no_reason_to_fear_a_rise)
{
    double plain;

    alone(1100);
    tell_steady(1000, 1000, 10);
    plain = ask()[HOUR].p_breach;
    fleet_free(f);
    set_up();
    alone(1100);
    for (int i = 0; i < 1000; i++)
        tell(i % 40 == 0 ? 700 : 1000 + 10 * noise());
    ck_assert_double_lt(ask()[HOUR].p_breach, fmax(4 * plain, .1));
}
END_TEST

START_TEST(what_is_impossible_is_dropped_and_counted)
{
    alone(2000);
    fleet_set(f, 0, &(struct forecast_cap){ .watts = 2000 }, NAN, 3000);
    tell_steady(100, 1000, 5);
    tell(-4);
    tell(5000);
    tell(NAN);
    ck_assert_uint_eq(fleet_rejected(f), 2);
    ck_assert_double_eq_tol(ask()[MINUTE].q50, 1000, 10);
}
END_TEST

/* Steps of another length than the float's there, which is 2 s after 194 days. */
static double climbed_after(double days)
{
    double q50;

    dice = 3;
    now = 1.7e9 - days * 86400;
    alone(1e6);
    tell_steady(100, 1e5, 50);
    now = 1.7e9;
    for (int i = 0; i < 400; i++) {
        now += i % 3 - 1;       /* steps of 14, 15 and 16 s */
        tell(1e5 + 20 * (now - 1.7e9));
    }
    q50 = ask()[MINUTE].q50;
    fleet_free(f);
    f = NULL;
    return q50;
}

START_TEST(a_fleet_of_years_tells_seconds_apart_like_one_of_yesterday)
{
    double young = climbed_after(1);

    ck_assert_double_eq_tol(climbed_after(30), young, .05);
    ck_assert_double_eq_tol(climbed_after(1000), young, .05);
    ck_assert_double_eq_tol(climbed_after(10000), young, .05);
}
END_TEST

/* Of the last of `rows`, when the fleet has stood for `days` at the midnight that falls
 * in the middle of it. */
static double climbed_over_midnight(size_t rows, int days)
{
    double begin = 86400. * (20000 - days), q50;

    f = fleet_new(rows, STEP);
    cap_of(rows - 1, 1e6);
    watts[rows - 1] = NAN;
    fleet_observe(f, begin, watts, rows);
    now = 86400. * 20000 - 100 * STEP;
    for (int i = 0; i < 200; i++) {
        watts[rows - 1] = (float)(1e5 + 20 * STEP * i);
        fleet_observe(f, now += STEP, watts, rows);
    }
    fleet_refresh(f);
    fleet_make(f, rows - 1, 1, out);
    q50 = out[MINUTE].q50;
    fleet_free(f);
    f = NULL;
    return q50;
}

/* Of each number of rows, for they are four together; five years are 1827 days. */
START_TEST(no_night_of_five_years_is_seen_in_a_forecast)
{
    size_t rows = (size_t)_i;
    double young = climbed_over_midnight(rows, 1);

    ck_assert_double_gt(young, 1e5 + 190 * 20 * STEP);
    for (int days = 2; days < 30; days++)
        ck_assert_double_eq(climbed_over_midnight(rows, days), young);
    ck_assert_double_eq(climbed_over_midnight(rows, 1827), young);
}
END_TEST

START_TEST(a_gap_keeps_what_was_learned_and_a_long_one_starts_the_level_anew)
{
    double before;

    alone(1100);
    tell_steady(400, 1000, 10);
    before = ask()[MINUTE].q90 - out[MINUTE].q50;
    now += 86400;
    tell_steady(3, 600, 10);
    ck_assert_double_eq_tol(ask()[MINUTE].q50, 600, 30);
    ck_assert_double_eq_tol(out[MINUTE].q90 - out[MINUTE].q50, before, .7 * before);
    ck_assert(fabs(out[MINUTE].trend_w) < 30);
}
END_TEST

START_TEST(old_news_is_no_news)
{
    struct forecast before[FORECAST_HORIZONS];

    alone(1100);
    tell_steady(100, 1000, 10);
    memcpy(before, ask(), sizeof(before));
    watts[0] = 5;
    fleet_observe(f, now, watts, 1);
    fleet_observe(f, now - 100, watts, 1);
    fleet_observe(f, NAN, watts, 1);
    for (int h = 0; h < FORECAST_HORIZONS; h++)
        ck_assert_double_eq(ask()[h].q50, before[h].q50);
}
END_TEST

START_TEST(a_frozen_sensor_does_not_unlearn_its_spread)
{
    double before;

    alone(1100);
    tell_steady(400, 1000, 10);
    before = ask()[MINUTE].q90 - out[MINUTE].q50;
    tell_steady(1000, 1000, 0);
    ck_assert_double_gt(ask()[MINUTE].q90 - out[MINUTE].q50, .5 * before);
}
END_TEST

/* ---- kinds of caps ---- */

static void protect(struct forecast_cap cap)
{
    fleet_set(f, 0, &cap, NAN, NAN);
}

START_TEST(a_mean_forgives_what_a_sample_does_not)
{
    double sample;

    alone(1030);
    tell_steady(1000, 1000, 10);
    sample = ask()[QUARTER].p_breach;
    protect((struct forecast_cap){ .watts = 1030, .is_mean = true, .window_s = 900 });
    tell_steady(400, 1000, 10);
    ck_assert_double_lt(ask()[QUARTER].p_breach, .2 * sample);
    tell_steady(80, 1060, 10);
    ck_assert_double_gt(ask()[QUARTER].p_breach, .9);
}
END_TEST

START_TEST(a_block_is_decided_by_what_is_already_in_it)
{
    alone(1000);
    protect((struct forecast_cap){
        .watts = 1000, .is_mean = true, .aligned = true, .window_s = 900 });
    now = 1.7e9 - fmod(1.7e9, 900);
    tell_steady(240, 960, 5);           /* to the end of a block */
    tell_steady(40, 1100, 5);
    /* 600 s of 1100 W: the rest must be 800 W */
    ck_assert_double_gt(ask()[QUARTER].p_breach, .95);
    tell_steady(20, 760, 5);
    tell_steady(10, 960, 5);            /* a new block */
    ck_assert_double_lt(ask()[FIVE].p_breach, .05);
}
END_TEST

START_TEST(a_trip_acts_on_what_lasts)
{
    struct forecast_cap trip = {
        .watts = 1000, .protection = { .kind = PROTECTION_THERMAL, .seconds = 600 }
    };
    struct forecast *a;

    alone(1000);
    protect(trip);
    tell_steady(600, 900, 10);
    ck_assert_double_lt(ask()[HOUR].p_breach, .05);
    /* four minutes; trips after 10 ln((1.44-.81)/.44) = 3.6 … */
    tell_steady(16, 1200, 10);
    a = ask();
    ck_assert_double_gt(a[FIVE].p_breach, .5);
}
END_TEST

START_TEST(a_young_trip_is_not_tripped_by_a_moment)
{
    alone(1000);
    protect((struct forecast_cap){
        .watts = 1000, .protection = { .kind = PROTECTION_THERMAL, .seconds = 600 } });
    tell_steady(600, 700, 10);
    tell(1400);
    tell_steady(2, 700, 10);
    ck_assert_double_lt(ask()[MINUTE].p_breach, .05);
}
END_TEST

/* ---- many ---- */

/* A world of the theory's own kind: noise that comes back over a level that wanders. */
struct world {
    double level[MANY], residual[MANY], scale;
};

static struct world world;

static void make_world(void)
{
    f = fleet_new(MANY, STEP);
    world.scale = 1;
    for (int i = 0; i < MANY; i++) {
        world.level[i] = 1000;
        world.residual[i] = 0;
        cap_of((size_t)i, 1000 + 20 + .06 * i);
    }
}

static void live(void)
{
    for (int i = 0; i < MANY; i++) {
        world.residual[i] = .9 * world.residual[i] +
                            sqrt(1 - .81) * 10 * world.scale * noise();
        world.level[i] += .2 * noise();
        watts[i] = (float)(world.level[i] + world.residual[i]);
    }
    fleet_observe(f, now += STEP, watts, MANY);
}

/* Follows all forecasts of one horizon, made at once. */
struct tally {
    double p, happened, brier, inside, beyond, count;
};

static struct tally follow(unsigned horizon)
{
    static struct forecast made[MANY][FORECAST_HORIZONS];
    static bool above[MANY], breached[MANY];
    struct tally t = { 0 };

    fleet_refresh(f);
    for (size_t i = 0; i < MANY; i++) {
        fleet_make(f, i, 1, made[i]);
        above[i] = watts[i] > made[i][0].cap_w;
        breached[i] = false;
    }
    for (int s = 0; s < forecast_horizons[horizon] / STEP; s++) {
        live();
        for (size_t i = 0; i < MANY; i++)
            breached[i] |= (double)watts[i] > made[i][0].cap_w;
    }
    for (size_t i = 0; i < MANY; i++) {
        const struct forecast *one = &made[i][horizon];

        t.count++;
        t.inside += (double)watts[i] >= one->q10 && (double)watts[i] <= one->q90;
        t.beyond += (double)watts[i] > one->q99;
        if (above[i])
            continue;
        t.p += one->p_breach;
        t.happened += breached[i];
        t.brier += pow(one->p_breach - breached[i], 2);
    }
    return t;
}

START_TEST(in_a_world_of_its_own_kind_it_is_calibrated)
{
    static const unsigned horizons[] = { MINUTE, FIVE, QUARTER };
    struct tally t = { 0 };
    unsigned horizon = horizons[_i];

    make_world();
    for (int i = 0; i < 700; i++) {
        live();
        if (i % 4 == 0)
            fleet_refresh(f);
    }
    for (int i = 0; i < 4; i++) {
        struct tally one = follow(horizon);

        t.p += one.p, t.happened += one.happened, t.brier += one.brier;
        t.inside += one.inside, t.beyond += one.beyond, t.count += one.count;
    }
    printf("# %g s: said %.3f, came %.3f; skill %.2f; 80 %% band %.3f, above q99 %.4f\n",
           forecast_horizons[horizon], t.p / t.count, t.happened / t.count,
           1 - t.brier / (t.happened * (1 - t.happened / t.count)), t.inside / t.count,
           t.beyond / t.count);
    fflush(stdout);
    ck_assert_double_eq_tol(t.p / t.count, t.happened / t.count, .04);
    ck_assert_double_lt(t.brier, .95 * t.happened * (1 - t.happened / t.count));
    ck_assert_double_eq_tol(t.inside / t.count, .8, .04);
    ck_assert_double_eq_tol(t.beyond / t.count, .01, .007);
}
END_TEST

START_TEST(after_everything_is_three_times_as_wild_the_band_holds_again)
{
    struct tally t;

    make_world();
    for (int i = 0; i < 400; i++) {
        live();
        if (i % 4 == 0)
            fleet_refresh(f);
    }
    world.scale = 3;
    for (int i = 0; i < 300; i++) {
        live();
        fleet_refresh(f);
    }
    t = follow(MINUTE);
    ck_assert_double_eq_tol(t.inside / t.count, .8, .05);
}
END_TEST

START_TEST(a_storm_teaches_nothing)
{
    size_t size = fleet_save(f, NULL, 0);
    char *before = malloc(size), *after = malloc(size);

    make_world();
    for (int i = 0; i < 200; i++) {
        live();
        fleet_refresh(f);
    }
    ck_assert(!fleet_is_storm(f));
    for (int i = 0; i < MANY; i++)
        world.level[i] += 500;
    for (int i = 0; i < 5 && !fleet_is_storm(f); i++)
        live();
    ck_assert(fleet_is_storm(f));
    fleet_save(f, before, size);
    for (int i = 0; i < 20 && fleet_is_storm(f); i++) {
        fleet_refresh(f);
        live();
        fleet_save(f, after, size);
        ck_assert_mem_eq(before, after, size);
    }
    ck_assert(!fleet_is_storm(f));
    for (int i = 0; i < 20; i++) {
        fleet_refresh(f);
        live();
    }
    fleet_save(f, after, size);
    ck_assert_int_ne(memcmp(before, after, size), 0);
    free(before);
    free(after);
}
END_TEST

/* All that is common to all is learnt from probes, and somebody acts on each before it is
 * ripe. */
START_TEST(what_somebody_acted_on_teaches_nothing)
{
    /* stand last */
    size_t size = fleet_save(f, NULL, 0), cells = size - 16 - sizeof(struct tail);
    char *before = malloc(size), *after = malloc(size);

    make_world();
    fleet_save(f, before, size);
    for (int i = 0; i < 150; i++) {
        live();
        fleet_refresh(f);
        for (size_t row = 0; row < MANY; row++)
            fleet_acted(f, row);
    }
    fleet_save(f, after, size);
    ck_assert_mem_eq(before + size - cells, after + size - cells, cells);
    free(before);
    free(after);
}
END_TEST

/* ---- properties ---- */

START_TEST(longer_is_likelier_and_quantiles_are_in_order)
{
    make_world();
    for (int i = 0; i < 200; i++)
        live();
    fleet_refresh(f);
    for (size_t i = 0; i < MANY; i++) {
        fleet_make(f, i, 1, out);
        for (int h = 0; h < FORECAST_HORIZONS; h++) {
            const struct forecast *a = &out[h];

            ck_assert(a->p_breach >= 0 && a->p_breach <= 1);
            ck_assert(h == 0 || a->p_breach >= out[h - 1].p_breach);
            ck_assert(a->q05 <= a->q10 && a->q10 <= a->q25 && a->q25 <= a->q50 &&
                      a->q50 <= a->q75 && a->q75 <= a->q90 && a->q90 <= a->q95 &&
                      a->q95 <= a->q99);
            ck_assert(a->max_q10 >= a->q10 && a->max_q10 <= a->max_q50 &&
                      a->max_q50 <= a->max_q90 && a->max_q90 <= a->max_q99);
        }
        ck_assert(is_one_function_of_time(out, FORECAST_HORIZONS, 1));
    }
}
END_TEST

/* Rows of neighbours, in full or one by one, are the same. */
START_TEST(rows_made_together_are_those_made_alone)
{
    static struct forecast all[MANY][FORECAST_HORIZONS];

    make_world();
    for (int i = 0; i < 200; i++)
        live();
    fleet_refresh(f);
    fleet_make(f, 0, MANY, all[0]);
    for (size_t i = 0; i < MANY; i += 7) {
        fleet_make(f, i, 1, out);
        ck_assert_mem_eq(out, all[i], sizeof(out));
        ck_assert_double_eq(out[HOUR].p_breach, fleet_p(f, i, HOUR));
    }
}
END_TEST

/* Of some that share their four and their sixteen with series that come later, or are
 * silent. */
START_TEST(one_is_forecast_alike_whoever_stands_beside_it)
{
    enum { FEW = 3, LATER = 40 };
    struct fleet *wide = fleet_new(LATER, STEP);
    const struct forecast_cap block = {
        .watts = 1030, .is_mean = true, .window_s = 900, .aligned = true
    };
    struct forecast beside[FORECAST_HORIZONS];

    f = fleet_new(FEW, STEP);
    fleet_set(f, 1, &block, NAN, NAN);
    fleet_set(wide, 1, &block, NAN, NAN);
    cap_of(2, 1030);
    fleet_set(wide, 2, &(struct forecast_cap){ .watts = 1030 }, NAN, NAN);
    for (int n = 0; n < 100; n++) {
        for (int i = 0; i < LATER; i++)
            watts[i] = i < FEW || (n > 60 && i % 3) ? (float)(1000 + 10 * noise()) : NAN;
        if (n == 50)
            fleet_grow(f, LATER);
        fleet_observe(f, now += STEP, watts, n < 50 ? FEW : LATER);
        fleet_observe(wide, now, watts, LATER);
    }
    fleet_refresh(f);
    fleet_refresh(wide);
    for (size_t row = 0; row < LATER; row++) {
        fleet_make(f, row, 1, out);
        fleet_make(wide, row, 1, beside);
        ck_assert_mem_eq(out, beside, sizeof(out));
        ck_assert(row == 0 || row >= FEW || out[HOUR].p_breach > 0);
    }
    fleet_free(wide);
}
END_TEST

START_TEST(what_all_have_learnt_survives_a_restart)
{
    size_t size = fleet_save(f, NULL, 0);
    char *saved = malloc(size), *again = malloc(size);
    struct fleet *restarted;

    make_world();
    for (int i = 0; i < 150; i++) {
        live();
        fleet_refresh(f);
    }
    ck_assert_uint_eq(fleet_save(f, saved, size), size);
    restarted = fleet_new(3, STEP);
    fleet_save(restarted, again, size);
    ck_assert_mem_ne(saved, again, size);
    ck_assert(fleet_load(restarted, saved, size));
    fleet_save(restarted, again, size);
    ck_assert_mem_eq(saved, again, size);
    saved[3] ^= 1;
    ck_assert(!fleet_load(restarted, saved, size));
    ck_assert(!fleet_load(restarted, again, size - 1));
    fleet_free(restarted);
    free(saved);
    free(again);
}
END_TEST

START_TEST(watts_or_kilowatts_are_the_same)
{
    float small[MANY];
    struct fleet *kilo = fleet_new(MANY, STEP);

    make_world();
    for (size_t i = 0; i < MANY; i++)
        fleet_set(kilo, i,
                  &(struct forecast_cap){ .watts = (1020 + .06 * (double)i) / 1024 }, NAN,
                  NAN);
    for (int i = 0; i < 200; i++) {
        live();
        for (int k = 0; k < MANY; k++)
            small[k] = watts[k] / 1024;         /* exact in binary */
        fleet_observe(kilo, now, small, MANY);
    }
    fleet_refresh(f);
    fleet_refresh(kilo);
    for (size_t i = 0; i < MANY; i++)
        ck_assert_double_eq_tol(fleet_p(f, i, QUARTER), fleet_p(kilo, i, QUARTER), 2e-3);
    fleet_free(kilo);
}
END_TEST

START_TEST(one_gone_is_forgotten_and_another_takes_its_place)
{
    make_world();
    for (int i = 0; i < 100; i++)
        live();
    fleet_forget(f, 5);
    fleet_refresh(f);
    ck_assert(isnan(fleet_p(f, 5, HOUR)));
    ck_assert(!isnan(fleet_p(f, 4, HOUR)));
    fleet_make(f, 5, 1, out);
    ck_assert_uint_eq(out[HOUR].samples, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fleet");
    TCase *t = tcase_create("fleet");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, t);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, fast_is_nearly_exact);
    tcase_add_test(t, a_series_costs_less_than_two_hundred_bytes);
    tcase_add_test(t, sixteen_at_once_are_what_one_is);
    tcase_add_test(t, knots_rise_and_hold_the_horizons);
    tcase_add_test(t, without_a_cap_or_a_past_nothing_is_claimed);
    tcase_add_test(t, far_below_is_none_at_the_edge_is_likely_above_is_certain);
    tcase_add_test(t, a_ramp_is_seen_and_timed);
    tcase_add_test(t, a_step_is_met_within_a_minute);
    tcase_add_test(t, dips_are_no_reason_to_fear_a_rise);
    tcase_add_test(t, what_is_impossible_is_dropped_and_counted);
    tcase_add_test(t, a_fleet_of_years_tells_seconds_apart_like_one_of_yesterday);
    tcase_add_loop_test(t, no_night_of_five_years_is_seen_in_a_forecast, 1, 6);
    tcase_add_test(t, a_gap_keeps_what_was_learned_and_a_long_one_starts_the_level_anew);
    tcase_add_test(t, old_news_is_no_news);
    tcase_add_test(t, a_frozen_sensor_does_not_unlearn_its_spread);
    tcase_add_test(t, a_mean_forgives_what_a_sample_does_not);
    tcase_add_test(t, a_block_is_decided_by_what_is_already_in_it);
    tcase_add_test(t, a_trip_acts_on_what_lasts);
    tcase_add_test(t, a_young_trip_is_not_tripped_by_a_moment);
    tcase_add_loop_test(t, in_a_world_of_its_own_kind_it_is_calibrated, 0, 3);
    tcase_add_test(t, after_everything_is_three_times_as_wild_the_band_holds_again);
    tcase_add_test(t, a_storm_teaches_nothing);
    tcase_add_test(t, what_somebody_acted_on_teaches_nothing);
    tcase_add_test(t, longer_is_likelier_and_quantiles_are_in_order);
    tcase_add_test(t, rows_made_together_are_those_made_alone);
    tcase_add_test(t, one_is_forecast_alike_whoever_stands_beside_it);
    tcase_add_test(t, what_all_have_learnt_survives_a_restart);
    tcase_add_test(t, watts_or_kilowatts_are_the_same);
    tcase_add_test(t, one_gone_is_forgotten_and_another_takes_its_place);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
