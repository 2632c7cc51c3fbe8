/* The forecasting core: numbers that an operator may act on, whatever the past looks
 * like. */
#include "forecast/forecast.h"
#include "forecast/spread.h"
#include "forecast/why.h"
#include "tests/lib/course.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4000 };

static const struct forecast_cap no_cap = { .watts = NAN };

/* A past to be filled by each test. */
static double times[ROOM], watts[ROOM];
static struct forecast_past past = { .times = times, .watts = watts };

static uint64_t dice;

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

/* About normal, with a spread of one. */
static double noise(void)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += chance();
    return sum;
}

static void set_up(void)
{
    dice = 42;
    past.count = 0;
}

static void add(double time, double value)
{
    times[past.count] = time;
    watts[past.count++] = value;
}

static void add_line(size_t count, double step, double start, double slope, double spread)
{
    for (size_t i = 0; i < count; i++)
        add(1e9 + (double)i * step, start + slope * (double)i * step + spread * noise());
}

static double origin(void)
{
    return times[past.count - 1];
}

static struct forecast make(struct forecast_cap cap, double horizon)
{
    struct forecast f;

    forecast_make(&past, origin(), &cap, NAN, NAN, &horizon, 1, &f);
    return f;
}

static void check_order(const struct forecast *f)
{
    const double q[] = { f->q05, f->q10, f->q25, f->q50, f->q75, f->q90, f->q95, f->q99 };
    const double max[] = { f->max_q10, f->max_q50, f->max_q90, f->max_q99 };

    for (size_t i = 0; i < 8; i++) {
        ck_assert(isfinite(q[i]));
        ck_assert(i == 0 || q[i - 1] <= q[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        ck_assert(isfinite(max[i]));
        ck_assert(i == 0 || max[i - 1] <= max[i]);
    }
    ck_assert(f->max_q10 >= f->q10 && f->max_q50 >= f->q50);
    ck_assert(f->max_q90 >= f->q90 && f->max_q99 >= f->q99);
    if (isnan(f->cap_w))
        return;
    ck_assert(f->p_breach >= 0 && f->p_breach <= 1);
    if (!isnan(f->ttb_p50_s))
        ck_assert(f->ttb_p10_s >= 0 && f->ttb_p10_s <= f->ttb_p50_s &&
                  f->ttb_p50_s <= f->ttb_p90_s && f->ttb_p90_s <= f->horizon_s);
}

START_TEST(a_flat_line_never_breaches)
{
    struct forecast f;

    add_line(480, 15, 5e6, 0, 0);
    f = make((struct forecast_cap){ .watts = 6e6 }, 3600);
    ck_assert_double_lt(f.p_breach, 1e-6);
    ck_assert(isnan(f.ttb_p50_s));
    ck_assert_double_eq_tol(f.q50, 5e6, 5e3);
    f = make((struct forecast_cap){ .watts = 6e6 }, 86400);
    ck_assert_double_lt(f.p_breach, 1e-3);
}
END_TEST

START_TEST(a_noisy_flat_line_does_not_reach_twenty_sigma)
{
    struct forecast f;

    add_line(480, 15, 5e6, 0, 1e4);
    f = make((struct forecast_cap){ .watts = 5.2e6 }, 3600);
    ck_assert_double_lt(f.p_breach, .01);
    ck_assert_double_lt(f.max_q99, 5.2e6);
    ck_assert_double_eq_tol(f.q50, 5e6, 3e4);
}
END_TEST

START_TEST(a_steep_ramp_breaches_when_the_line_says)
{
    struct forecast f;

    add_line(480, 15, 4e6, 200, 2e3);
    f = make((struct forecast_cap){ .watts = watts[past.count - 1] + 200 * 600 }, 3600);
    ck_assert_double_gt(f.p_breach, .95);
    ck_assert_double_eq_tol(f.ttb_p50_s, 600, 150);
    ck_assert_double_eq_tol(f.trend_w, 200 * 3600, .1 * 200 * 3600);
    ck_assert_int_eq(f.trust, FORECAST_LEARNING);
    f = make((struct forecast_cap){ .watts = 9e6 }, 900);
    ck_assert_double_lt(f.p_breach, .01);
    ck_assert_int_eq(f.trust, FORECAST_TRUSTED);
}
END_TEST

/* A rack at 9 kW for ten minutes, climbing to 30 kW within six, and there until the 50
 * minutes are over; again and again, for two hours that end `into` the last climb. */
static void add_climbs(double into)
{
    const double period = 3000, rests = 600, climbs = 360;

    for (size_t i = 0; i < 480; i++) {
        double at = fmod(10 * period + rests + into - 15. * (double)(479 - i), period);
        double up = fmin(fmax((at - rests) / climbs, 0), 1);

        add(1e9 + 15. * (double)i, 9e3 + 21e3 * up + 100 * noise());
    }
}

START_TEST(a_rack_that_climbs_to_its_usual_height_does_not_pass_it)
{
    for (double into = 0; into < 300; into += 45) {
        set_up();
        add_climbs(into);
        ck_assert_double_lt(make((struct forecast_cap){ .watts = 32e3 }, 3600).p_breach,
                            .2);
        ck_assert_double_lt(make((struct forecast_cap){ .watts = 32e3 }, 900).p_breach,
                            .2);
        ck_assert_double_gt(make((struct forecast_cap){ .watts = 28e3 }, 3600).p_breach,
                            .5);
        ck_assert_double_lt(make(no_cap, 3600).max_q90, 32e3);
    }
}
END_TEST

/* Power that changes between 900 and 1100 W every two minutes, for two hours, and has
 * been low for `low` seconds. */
static void add_square_wave(double low)
{
    for (size_t i = 0; i < 480; i++)
        add(1e9 + 15. * (double)i,
            fmod(240 * 40 + low - 15. * (double)(479 - i), 240) < 120 ? 900 : 1100);
}

/* It knows no phase: of moments at the low level, the next breach is up to two minutes
 * away, and as likely early as late. */
/* A rack of the simulated site, in tens of watts, each 15 s: a job with pauses for
 * checkpoints, nothing for six minutes, then the next job. */
static const unsigned short came_back[] = {
    2577, 2580, 2580, 2576, 2583, 2579, 2580, 2581, 2577, 2580, 2578, 2576,
    2578, 2581, 2574, 2584, 2582, 2576, 2581, 2579, 2418, 2416, 2421, 2410,
    2418, 2411, 2413, 2417, 2578, 2583, 2582, 2577, 2581, 2581, 2582, 2578,
    2579, 1682, 1680, 2577, 2581, 2581, 2578, 2576, 2579, 2579, 2578, 2581,
    2417, 2416, 2417, 2415, 2416, 2418, 2415, 2414, 2416, 2577, 2581, 2580,
    2578, 2575, 2581, 2580, 2579, 2575, 2584, 2576, 2577, 2580, 2578, 2577,
    2579, 2580, 2579, 2578, 2576, 2415, 2418, 2414, 2417, 2418, 2415, 2419,
    2415, 2417, 2581, 2581, 2572, 2580, 2578, 2580, 2575, 2576, 2576, 2583,
    2577, 2577, 2574, 2578, 2578, 2579, 2579, 2579, 2578, 2574, 2418, 2416,
    2416, 2415, 2417, 1682, 1684, 2419, 2575, 2578, 2581, 2575, 2575, 2577,
    2572, 2579, 2579, 2577, 2576, 2580, 2584, 2577, 2581, 2581, 2578, 2578,
    2580, 2577, 2411, 2422, 2416, 2416, 2416, 2416, 2416, 2415, 2416, 2578,
    2578, 2577, 2578, 2576, 2580, 2580, 2581, 2573, 2576, 2580, 2574, 2578,
    2580, 2578, 2580, 2584, 2574, 2578, 2582, 2419, 2413, 2415, 2418, 2415,
    2413, 2420, 2416, 2415, 2579, 2580, 2578, 2577, 2578, 2577, 2576, 2578,
    2578, 2575, 2577, 2581, 1684, 1682, 2580, 2580, 2581, 2586, 2574, 2576,
    2417, 2414, 2414, 2419, 2416, 2416, 2416, 2413, 2580, 2581, 2573, 2580,
    2579, 2579, 2580, 2577, 2582, 2580, 2577, 2577, 2578, 2580, 2581, 2576,
    2577, 2578, 2581, 2577, 2417, 2412, 2418, 2418, 2413, 2416, 2414, 2416,
    2418, 2574, 2581, 2583, 2577, 2580, 2580, 2579, 2577, 2580, 2578, 2578,
    2581, 2576, 2577, 2579, 2576, 2578, 2580, 2579, 2576, 2413, 2414, 2415,
    2413, 2421, 2415, 2419, 2415, 2411, 1683, 1683, 2580, 2577, 2582, 2578,
    2576, 2577, 2577, 2582, 2580, 2577, 2580, 2578, 2581, 2579, 2580, 2582,
    2581, 2580, 2416, 2413, 2418, 2413, 2414, 2417, 2415, 2415, 2580, 2584,
    2577, 2577, 2577, 2579, 2580, 2574, 2581, 2581, 2579, 2580, 2578, 2578,
    2577, 2580, 2576, 2579, 2582, 2583, 2411, 2411, 2414, 2413, 2412, 2417,
    2418, 2420, 2418, 2586, 2576, 2579, 2580, 2581, 2582, 2581, 2577, 2577,
    2584, 2576, 2572, 2579, 2575, 2575, 2581, 1685, 1684, 2580, 2576, 2416,
    2414, 2416, 2415, 2413, 2418, 2418, 2420, 2419, 2582, 2578, 2579, 2575,
    2580, 2578, 2579, 2579, 2577, 2579, 2578, 2578, 2573, 2581, 2573, 2579,
    2574, 2578, 2578, 2578, 2415, 2417, 2421, 2419, 2414, 2418, 2418, 2416,
    2576, 2578, 2575, 2582, 2583, 2579, 2582, 2581, 2577, 2580, 2580, 2581,
    2578, 2576, 2579, 2578, 2574, 2577, 2575, 2578, 2416, 2417, 2414, 2417,
    2411, 2415, 2418, 2416, 2416, 2581, 2580, 2580, 2574, 1684, 1685, 2578,
    2577, 2576, 2576, 2579, 2579, 2580, 2581, 901, 902, 901, 901, 902,
    902, 901, 902, 901, 901, 901, 902, 902, 902, 901, 901, 901,
    902, 901, 902, 901, 902, 901, 901, 901, 912, 993, 1187, 1479,
    1705, 1958, 2340, 2540, 2617, 2627, 2622, 2458, 2458, 2622, 2622, 2626,
    2625, 2622, 2460, 2461, 2624, 2630, 2626, 2623, 2628, 2459, 2463, 2628,
    2622, 2628, 2623, 2628, 2458, 2462, 2627, 2629, 2627, 2629, 2461, 2624,
};

/* A slope that was worth next to nothing before is not followed. */
START_TEST(who_comes_back_to_its_level_is_not_said_to_rise_on)
{
    for (size_t i = 0; i < sizeof(came_back) / sizeof(came_back[0]); i++)
        add(1e9 + 15. * (double)i, 10. * came_back[i]);
    for (int n = 0; n < 12; n++, past.count--) {
        struct forecast f = make((struct forecast_cap){ .watts = 32e3 }, 900);

        ck_assert_double_le(f.q50, 27e3);
        ck_assert_double_lt(f.p_breach, .3);
    }
}
END_TEST

START_TEST(what_swings_is_above_its_cap_when_it_was_in_the_past_and_not_at_once)
{
    const double horizons[] = { 300, 900 };

    for (double low = 0; low < 120; low += 30) {
        struct forecast f[2];

        set_up();
        add_square_wave(low);
        forecast_make(&past, origin(), &(struct forecast_cap){ .watts = 1050 }, NAN, NAN,
                      horizons, 2, f);
        for (size_t h = 0; h < 2; h++) {
            ck_assert_double_gt(f[h].p_breach, .9);
            ck_assert_double_gt(f[h].ttb_p10_s, 5);
            ck_assert_double_eq_tol(f[h].ttb_p50_s, 90, 60);
            ck_assert_double_lt(f[h].ttb_p90_s, 240);
        }
        ck_assert(is_one_function_of_time(f, 2, 1));
    }
}
END_TEST

START_TEST(above_the_cap_is_a_breach_now)
{
    struct forecast f;

    add_line(100, 15, 5e6, 0, 1e3);
    f = make((struct forecast_cap){ .watts = 4.9e6 }, 300);
    ck_assert_double_eq(f.p_breach, 1);
    ck_assert_double_eq(f.ttb_p10_s, 0);
    ck_assert_double_eq(f.ttb_p50_s, 0);
    ck_assert_double_eq(f.ttb_p90_s, 0);
}
END_TEST

START_TEST(two_samples_say_nothing)
{
    struct forecast f;

    add(1e9, 5e6);
    add(1e9 + 15, 5e6);
    f = make((struct forecast_cap){ .watts = 4e6 }, 300);
    ck_assert(isnan(f.q05) && isnan(f.q99) && isnan(f.max_q50) && isnan(f.p_breach));
    ck_assert_int_eq(f.trust, FORECAST_LEARNING);
    ck_assert_uint_eq(f.samples, 2);
}
END_TEST

START_TEST(no_past_at_all_is_fine)
{
    struct forecast f;
    double horizon = 60;

    forecast_make(&past, 1e9, &no_cap, NAN, NAN, &horizon, 1, &f);
    ck_assert(isnan(f.q50));
    ck_assert_uint_eq(f.samples, 0);
}
END_TEST

START_TEST(three_samples_say_something)
{
    struct forecast f;

    add(1e9, 5e6);
    add(1e9 + 15, 5.01e6);
    add(1e9 + 30, 5e6);
    f = make((struct forecast_cap){ .watts = 7e6 }, 60);
    check_order(&f);
    ck_assert_int_eq(f.trust, FORECAST_LEARNING);
}
END_TEST

START_TEST(quantiles_are_ordered_whatever_came)
{
    for (int run = 0; run < 60; run++) {
        struct forecast f[FORECAST_HORIZONS];
        struct forecast_cap cap = { .watts = 5e6 * (.8 + chance()),
                                    .is_mean = run % 3 == 0,
                                    .window_s = run % 3 == 0 ? 900 : 0,
                                    .dwell_s = run % 4 == 0 ? 60 : 0 };
        double level = 5e6, time = 1e9;

        past.count = 0;
        for (size_t i = 0; i < 3 + (size_t)run * 37; i++) {
            level += 2e4 * noise();
            time += chance() < .02 ? 3000 : 1 + 30 * chance();
            add(time, chance() < .1 ? NAN : chance() < .05 ? level * .5 : level);
        }
        forecast_make(&past, origin() + 20 * chance(), &cap, 0, 2e7, forecast_horizons,
                      FORECAST_HORIZONS, f);
        for (int i = 0; i < FORECAST_HORIZONS; i++) {
            if (f[i].samples < 3)
                continue;
            check_order(&f[i]);
            ck_assert(i == 0 || f[i].p_breach >= f[i - 1].p_breach);
            ck_assert(i == 0 || f[i].max_q99 >= f[i - 1].max_q99);
        }
        ck_assert(is_one_function_of_time(f, FORECAST_HORIZONS, 1));
    }
}
END_TEST

START_TEST(a_higher_cap_is_breached_less)
{
    double before = 1;

    add_line(400, 15, 5e6, 5, 3e4);
    for (double cap = 5e6; cap < 5.6e6; cap += 2e4) {
        struct forecast f = make((struct forecast_cap){ .watts = cap }, 900);

        ck_assert_double_le(f.p_breach, before);
        before = f.p_breach;
    }
    ck_assert_double_lt(before, .01);
}
END_TEST

START_TEST(a_mean_over_a_window_breaches_less_than_its_samples)
{
    struct forecast_cap cap = { .watts = 5.06e6 };
    double sample, mean, lasting;

    add_line(480, 15, 5e6, 0, 3e4);
    watts[past.count - 1] = 5e6;
    sample = make(cap, 900).p_breach;
    cap.dwell_s = 120;
    lasting = make(cap, 900).p_breach;
    cap.dwell_s = 0;
    cap.is_mean = true;
    cap.window_s = 900;
    mean = make(cap, 900).p_breach;
    ck_assert_double_gt(sample, .5);
    ck_assert_double_lt(lasting, .05);
    ck_assert_double_lt(mean, .05);
}
END_TEST

START_TEST(nothing_exceeds_the_nameplate_or_falls_below_idle)
{
    struct forecast_cap cap = { .watts = 5.6e6 };
    double horizon = 3600;
    struct forecast f;

    add_line(480, 15, 4e6, 200, 2e5);
    forecast_make(&past, origin(), &cap, 4.9e6, 5.6e6, &horizon, 1, &f);
    ck_assert_double_le(f.max_q99, 5.6e6);
    ck_assert_double_ge(f.q05, 4.9e6);
    ck_assert(f.p_breach == 0 || watts[past.count - 1] > cap.watts);
}
END_TEST

START_TEST(samples_after_the_origin_are_not_seen)
{
    struct forecast before, after;
    double horizon = 300;

    add_line(300, 15, 5e6, 0, 1e4);
    before = make(no_cap, 300);
    add_line(300, 15, 9e6, 0, 1e4);
    for (size_t i = 300; i < 600; i++)
        times[i] += 300 * 15;
    forecast_make(&past, times[299], &no_cap, NAN, NAN, &horizon, 1, &after);
    ck_assert_mem_eq(&before.q05, &after.q05, 12 * sizeof(double));
}
END_TEST

START_TEST(watts_and_kilowatts_give_the_same_answer)
{
    struct forecast w, kw;

    add_line(400, 15, 5e6, 3, 3e4);
    w = make((struct forecast_cap){ .watts = 5.1e6 }, 900);
    for (size_t i = 0; i < past.count; i++)
        watts[i] *= 1000;
    kw = make((struct forecast_cap){ .watts = 5.1e9 }, 900);
    ck_assert_double_eq_tol(w.p_breach, kw.p_breach, 1e-9);
    ck_assert_double_eq_tol(w.q90 * 1000, kw.q90, 1);
}
END_TEST

START_TEST(the_chances_alone_are_those_of_the_whole)
{
    static const struct forecast_cap caps[] = {
        { .watts = 5.08e6 }, { .watts = 5.08e6, .is_mean = true, .window_s = 900 }, { .watts = NAN }, { .watts = 9e6 },
    };
    struct forecast whole[FORECAST_HORIZONS];
    double chances[FORECAST_HORIZONS];

    add_line(480, 15, 5e6, 3, 3e4);
    for (size_t c = 0; c < sizeof(caps) / sizeof(*caps); c++)
        for (past.count = 2; past.count <= 480; past.count += past.count < 50 ? 1 : 86) {
            forecast_make(&past, origin() + 7, &caps[c], NAN, 8e6, forecast_horizons,
                          FORECAST_HORIZONS, whole);
            forecast_chances(&past, origin() + 7, &caps[c], 8e6, forecast_horizons,
                             FORECAST_HORIZONS, chances);
            for (size_t h = 0; h < FORECAST_HORIZONS; h++)
                ck_assert(isnan(chances[h]) ? isnan(whole[h].p_breach)
                                            : chances[h] == whole[h].p_breach);
        }
}
END_TEST

/* A rack that swings between 29.1 and 30.4 kW, and no window of an hour is over, for it
 * was not looked at, or has hardly begun: of a cap that it never came near it is not
 * sure. */
START_TEST(who_is_young_is_wide_and_not_sure)
{
    static const struct forecast_cap cap = { .watts = 32e3 };
    static const int steps[] = { 264, 20 };
    double hour = 3600;

    for (int i = 0; i < 2; i++) {
        double at[280], drawn[280];
        struct forecast_past young = { at, drawn, 0 };
        struct forecast f;

        for (int n = 0; n < steps[i]; n++) {
            at[young.count] = 15 * n;
            drawn[young.count++] = n % 3 ? 30.4e3 + n % 7 : 29.1e3;
        }
        at[young.count] = 15 * steps[i] + (i ? 0 : 3600);
        drawn[young.count++] = 29.5e3;
        forecast_make(&young, at[young.count - 1], &cap, NAN, NAN, &hour, 1, &f);
        ck_assert_double_le(f.p_breach, .25);
        ck_assert_double_gt(f.p_breach, 0);
        ck_assert_double_gt(f.max_q90 - f.max_q10, 1e3);
    }
}
END_TEST

START_TEST(a_gap_is_bridged_and_widens)
{
    struct forecast fresh, old;
    double horizon = 300;

    add_line(400, 15, 5e6, 0, 2e4);
    fresh = make(no_cap, 300);
    forecast_make(&past, origin() + 1800, &no_cap, NAN, NAN, &horizon, 1, &old);
    check_order(&old);
    ck_assert_double_ge(old.q90 - old.q10, .9 * (fresh.q90 - fresh.q10));
}
END_TEST

/* Many that are equal, too, as of a rack that stands still. */
START_TEST(the_nth_is_the_nth_of_those_sorted)
{
    double sorted[200], x[200];

    for (size_t n = 1; n <= 200; n++)
        for (int kinds = 1; kinds <= 1000; kinds *= 10) {
            for (size_t i = 0; i < n; i++)
                x[i] = sorted[i] = floor(chance() * kinds);
            spread_sort(sorted, n);
            for (size_t k = 0; k < n; k += 1 + n / 7)
                ck_assert(spread_nth(x, n, k) == sorted[k]);
        }
}
END_TEST

START_TEST(the_band_holds_about_what_it_says)
{
    size_t inside = 0, all = 0, over = 0;
    double level = 5e6;

    for (size_t i = 0; i < ROOM; i++) {
        level += 1e4 * noise() + .002 * (5e6 - level);
        add(1e9 + 15.0 * (double)i, level);
    }
    for (size_t i = 600; i + 60 < ROOM; i += 23) {
        struct forecast_past known = { .times = times, .watts = watts, .count = i + 1 };
        double horizon = 900, most = 0;
        struct forecast f;

        forecast_make(&known, times[i], &no_cap, NAN, NAN, &horizon, 1, &f);
        for (size_t k = i + 1; k <= i + 60; k++)
            most = fmax(most, watts[k]);
        inside += watts[i + 60] >= f.q10 && watts[i + 60] <= f.q90;
        over += most > f.max_q90;
        all++;
    }
    ck_assert_double_eq_tol((double)inside / (double)all, .8, .1);
    ck_assert_double_eq_tol((double)over / (double)all, .1, .07);
}
END_TEST

/* The sentence as it is said of power alone, where a scheduler tells of jobs that have no
 * part in it. */
static size_t say_why(char *to, size_t room, const struct forecast *f, double now_w)
{
    struct forecast_reason why;

    why_without_jobs(f, 0, now_w, &why);
    why.has_jobs = true;
    return why_say(to, room, &why, NULL, NULL, 0);
}

START_TEST(the_reason_is_a_sentence)
{
    char why[200], tiny[8];
    struct forecast f;

    add_line(480, 15, 4e6, 200, 2e3);
    f = make((struct forecast_cap){ .watts = 6e6 }, 3600);
    say_why(why, sizeof(why), &f, watts[past.count - 1]);
    ck_assert_msg(strncmp(why, "may pass 6 MW in ", 17) == 0, "%s", why);
    ck_assert_msg(strstr(why, "free, rising ") && strstr(why, " an hour"), "%s", why);
    f.ttb_p50_s = 0;
    say_why(why, sizeof(why), &f, watts[past.count - 1]);
    ck_assert_msg(strncmp(why, "may pass 6 MW at any moment: ", 29) == 0, "%s", why);
    f = make((struct forecast_cap){ .watts = 5e6 }, 3600);
    say_why(why, sizeof(why), &f, 5.44e6);
    ck_assert_str_eq(why, "over 5 MW now, by 440 kW");
    f = make((struct forecast_cap){ .watts = 50e6 }, 900);
    say_why(why, sizeof(why), &f, 5.44e6);
    ck_assert_str_eq(why, "stays under 50 MW for 15m: 44.6 MW free");
    f.p_breach = .2;
    say_why(why, sizeof(why), &f, 5.44e6);
    ck_assert_str_eq(why, "likely stays under 50 MW for 15m: 44.6 MW free");
    ck_assert_uint_eq(say_why(tiny, sizeof(tiny), &f, 5.44e6), 7);
    past.count = 2;
    f = make(no_cap, 900);
    say_why(why, sizeof(why), &f, 5.44e6);
    ck_assert_str_eq(why, "too few samples to say: 2");
}
END_TEST

/* 12 kW are free, and 9 have swung. */
static const struct forecast_reason may_pass = {
    .cap_w = 32e3, .now_w = 20e3, .then_w = 21e3, .horizon_s = 3600, .p = .2,
    .at_s = 600,   .early_s = 300, .late_s = 900, .swing_w = 9e3
};

START_TEST(swings_are_named_as_they_were_seen)
{
    struct forecast_reason r = may_pass;
    char why[200];

    r.swing_w = 12.1e3;
    r.swing_ago_s = 1520;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why, "may pass 32 kW in 10m: 12 kW free, it rose 12.1 kW 25m ago");
    r.swing_w = 9e3;
    r.swing_ago_s = 45;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why,
                     "may pass 32 kW in 10m: 12 kW free, it rose 9 kW just now");
    r.swing_w = NAN;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why, "may pass 32 kW in 10m: 12 kW free");
    r.p = .03;                                  /* a time would look like an alarm */
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why, "may pass 32 kW: 12 kW free");
    r.samples = 214;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why,
                     "may pass 32 kW: 12 kW free; no job data: from 214 similar windows");
    r.has_jobs = true;                          /* then it is not for lack of them */
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_str_eq(why, "may pass 32 kW: 12 kW free");
    r.basis = BASIS_JOBS;
    r.p_without = NAN;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(
        strstr(why, "may pass 32 kW: 12 kW free, no planned job takes it there") == why,
        "%s", why);
    r.p = .2;
    r.p_without = NAN;
    r.swing_w = 9e3;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(
        strstr(
            why,
            ": 12 kW free, no planned job takes it there, it rose 9 kW just now"),
        "%s", why);
    r.terms.starts_w = 14e3;    /* of many, of which none alone is the cause */
    r.terms.ends_w = -20e3;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(
        strstr(
            why,
            ": 12 kW free, jobs that start +14 kW in 1h00 and those that end -20 kW, in no sure order, it rose"),
        "%s", why);
    r.terms.starts_w = 5e3;     /* too little to take it there */
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(strstr(why, ": 12 kW free, no planned job takes it there, it rose"),
                  "%s", why);
    ck_assert_msg(strstr(why, "may pass 32 kW at 00:10 ±5m: ") == why, "%s", why);
    r.late_s = 7200;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(strstr(why, "may pass 32 kW between 00:05 and 02:00: ") == why, "%s",
                  why);
    ck_assert_ptr_null(strstr(why, "silent"));
    r.jobs_silent_s = 420;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(strstr(why, "just now; a scheduler has been silent for 7m"), "%s",
                  why);
    r.early_s = r.late_s = NAN;                 /* none in sight: nothing may pass */
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(strstr(why, "stays under 32 kW for 1h00: 12 kW free") == why, "%s",
                  why);
}
END_TEST

START_TEST(a_reason_is_parts_round_what_is_free)
{
    struct forecast_reason r = may_pass;
    size_t at, length;
    char why[200];

    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert(why_says_free(&r, why, &at, &length));
    why[at + length] = 0;
    ck_assert_str_eq(why + at, "12 kW");
    ck_assert_msg(!why_says_free(&r, why, &at, &length), "a sentence that is cut there");
    r.basis = BASIS_JOBS;
    r.p_without = NAN;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(why_says_free(&r, why, &at, &length), "%s", why);
    ck_assert_msg(strncmp(why + at, "12 kW", length) == 0, "%s", why);
    /* what a job does is no question of what is free */
    r.p_without = .01;
    r.part_count = 1;
    r.parts[0] = (struct why_part){
        .term = WHY_STARTS, .job = 7, .watts = 13e3, .whole_w = 13e3, .chance = 1
    };
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(!why_says_free(&r, why, &at, &length), "%s", why);
    r.now_w = 33e3;
    why_say(why, sizeof(why), &r, NULL, NULL, 0);
    ck_assert_msg(why_says_free(&r, why, &at, &length), "%s", why);
    ck_assert_msg(strncmp(why + at, "1 kW", length) == 0, "%s", why);
}
END_TEST

START_TEST(the_terms_of_a_forecast_make_its_median)
{
    struct forecast_reason why;
    struct forecast f;

    add_line(480, 15, 4e6, 200, 2e3);
    f = make(no_cap, 900);
    why_without_jobs(&f, 0, watts[past.count - 1], &why);
    ck_assert_double_gt(why.terms.trend_w, .8 * 200 * 900);
    ck_assert(isnan(why.terms.season_w));       /* two hours know of no day */
    ck_assert(isnan(why.terms.starts_w));
    ck_assert_double_eq_tol(
        watts[past.count - 1] + why.terms.trend_w + why.terms.unexplained_w, f.q50, 1e-3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forecast");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(claims, set_up, NULL);
    tcase_set_timeout(claims, 60);
    suite_add_tcase(suite, claims);
    tcase_add_test(claims, a_flat_line_never_breaches);
    tcase_add_test(claims, a_noisy_flat_line_does_not_reach_twenty_sigma);
    tcase_add_test(claims, a_steep_ramp_breaches_when_the_line_says);
    tcase_add_test(claims, a_rack_that_climbs_to_its_usual_height_does_not_pass_it);
    tcase_add_test(claims, who_comes_back_to_its_level_is_not_said_to_rise_on);
    tcase_add_test(claims,
                   what_swings_is_above_its_cap_when_it_was_in_the_past_and_not_at_once);
    tcase_add_test(claims, above_the_cap_is_a_breach_now);
    tcase_add_test(claims, two_samples_say_nothing);
    tcase_add_test(claims, no_past_at_all_is_fine);
    tcase_add_test(claims, three_samples_say_something);
    tcase_add_test(claims, quantiles_are_ordered_whatever_came);
    tcase_add_test(claims, a_higher_cap_is_breached_less);
    tcase_add_test(claims, a_mean_over_a_window_breaches_less_than_its_samples);
    tcase_add_test(claims, nothing_exceeds_the_nameplate_or_falls_below_idle);
    tcase_add_test(claims, samples_after_the_origin_are_not_seen);
    tcase_add_test(claims, watts_and_kilowatts_give_the_same_answer);
    tcase_add_test(claims, the_chances_alone_are_those_of_the_whole);
    tcase_add_test(claims, who_is_young_is_wide_and_not_sure);
    tcase_add_test(claims, a_gap_is_bridged_and_widens);
    tcase_add_test(claims, the_nth_is_the_nth_of_those_sorted);
    tcase_add_test(claims, the_band_holds_about_what_it_says);
    tcase_add_test(claims, the_reason_is_a_sentence);
    tcase_add_test(claims, swings_are_named_as_they_were_seen);
    tcase_add_test(claims, a_reason_is_parts_round_what_is_free);
    tcase_add_test(claims, the_terms_of_a_forecast_make_its_median);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
