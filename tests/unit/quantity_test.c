/* A cap's own quantity: a breach is quantity > cap, whatever the cap is made of. */
#include "forecast/quantity.h"
#include "tests/lib/check.h"

#include <math.h>
#include <string.h>

static struct quantity q;

static void make(struct forecast_cap cap, double step)
{
    if (isnan(cap.watts) || cap.watts == 0)
        cap.watts = 100;
    quantity_init(&q, &cap, step);
}

static double feed(double from, double to, double step, double watts)
{
    double value = NAN;

    for (double t = from; t < to - step / 2; t += step)
        value = quantity_observe(&q, t + step, watts);
    return value;
}

START_TEST(without_a_window_each_sample_counts)
{
    make((struct forecast_cap){ 0 }, 10);
    ck_assert(isnan(q.value));
    ck_assert_double_eq(quantity_observe(&q, 1000, 90), 90);
    ck_assert_double_eq(quantity_observe(&q, 1010, 110), 110);
    ck_assert_double_eq(quantity_observe(&q, 1010, 500), 110);      /* double */
    ck_assert_double_eq(quantity_observe(&q, 1005, 500), 110);      /* late */
    ck_assert_double_eq(quantity_observe(&q, 1020, NAN), 110);
}
END_TEST

/* Against the plain mean of all samples of the window, at any step. */
START_TEST(a_sliding_mean_is_the_mean_of_its_window)
{
    static const double windows[] = { 60, 300, 900, 7200 };
    static const double steps[] = { 1, 5, 15, 60 };
    double window = windows[_i / 4], step = steps[_i % 4], all[8000];

    make((struct forecast_cap){ .is_mean = true, .window_s = window }, step);
    for (size_t n = 0; n < 8000; n++) {
        size_t length = (size_t)fmax(1, window / step),
               first = n + 1 > length ? n + 1 - length : 0;
        double mean = 0, got;

        all[n] = 100 + 50 * sin((double)n * .37) + (double)(n % 97);
        got = quantity_observe(&q, 1e9 + (double)n * step, all[n]);
        for (size_t i = first; i <= n; i++)
            mean += all[i] / (double)(n - first + 1);
        /* A slot of many samples leaves the window bit by bit, as if it were level. */
        ck_assert_double_eq_tol(got, mean, window / step < 63 ? 1e-6 : 2);
    }
}
END_TEST

START_TEST(uneven_samples_weigh_as_much_as_the_time_they_stand_for)
{
    make((struct forecast_cap){ .is_mean = true, .window_s = 60 }, 10);
    quantity_observe(&q, 10, 100);
    quantity_observe(&q, 20, 100);
    quantity_observe(&q, 40, 400);
    ck_assert_double_eq_tol(quantity_observe(&q, 50, 100), (3 * 100 + 2 * 400) / 5.,
                            1e-9);
    /* After a gap a sample stands for one step: (20,40] 400, (40,50] 100 has left at
     * 1000. */
    ck_assert_double_eq_tol(quantity_observe(&q, 1000, 50), 50, 1e-9);
}
END_TEST

START_TEST(a_highest_over_a_window_falls_when_it_has_left)
{
    make((struct forecast_cap){ .window_s = 60 }, 10);
    feed(0, 100, 10, 80);
    ck_assert_double_eq(quantity_observe(&q, 110, 120), 120);
    ck_assert_double_eq(feed(110, 160, 10, 70), 120);
    ck_assert_double_eq(feed(160, 240, 10, 70), 70);
}
END_TEST

START_TEST(a_block_is_above_its_cap_only_when_that_is_certain)
{
    struct quantity_block b;

    make((struct forecast_cap){ .is_mean = true, .aligned = true, .window_s = 900 }, 10);
    ck_assert_double_eq_tol(feed(900, 1500, 10, 98), 98 * 2 / 3., 1e-9);
    b = quantity_block(&q, 1500);
    ck_assert_double_eq_tol(b.mean_w, 98, 1e-9);
    ck_assert_double_eq_tol(b.elapsed, 2 / 3., 1e-12);
    ck_assert_double_eq(b.left_s, 300);
    /* Facts 3.13: C = 100, a = 98, f = 2/3: the rest must average 104. */
    ck_assert_double_eq_tol(block_rest(&b, 100), 104, 1e-9);
    ck_assert_double_eq_tol(feed(1500, 1790, 10, 104), (98 * 600 + 104 * 290) / 900.,
                            1e-9);
    ck_assert_double_eq_tol(feed(1790, 1800, 10, 104), 100, 1e-9);
    ck_assert_double_eq_tol(feed(1800, 1810, 10, 500), 500 / 90., 1e-9);
    b = quantity_block(&q, 2700);
    ck_assert(isnan(b.mean_w));
    ck_assert_double_eq(block_rest(&b, 100), 100);
}
END_TEST

START_TEST(a_block_with_a_gap_counts_what_is_known)
{
    make((struct forecast_cap){ .is_mean = true, .aligned = true, .window_s = 900 }, 10);
    feed(0, 300, 10, 50);
    quantity_observe(&q, 890, 50);
    ck_assert_double_eq_tol(quantity_observe(&q, 900, 50), 50, 1e-9);
    quantity_observe(&q, 10000, 70);
    ck_assert_double_eq_tol(q.value, 70 * (10000 - 9900) / 900., 1e-9);
}
END_TEST

START_TEST(a_dwell_must_be_held)
{
    make((struct forecast_cap){ .dwell_s = 120 }, 10);
    ck_assert(isnan(feed(0, 110, 10, 90)));
    ck_assert_double_eq(feed(110, 300, 10, 90), 90);
    ck_assert_double_eq(feed(300, 420, 10, 110), 90);
    ck_assert_double_eq(feed(420, 430, 10, 110), 110);
    ck_assert_double_eq(feed(430, 440, 10, 60), 60);
}
END_TEST

/* The least of thousands of samples a dwell, in 64 places: late by a thirtieth at
 * most. */
START_TEST(a_long_dwell_of_short_steps_is_late_by_a_thirtieth_at_most)
{
    double low = 0;

    make((struct forecast_cap){ .dwell_s = 3600 }, 1);
    feed(0, 4000, 1, 90);
    for (int t = 4000; t < 9000; t++) {
        double value = quantity_observe(&q, t + 1, 100 + t * 1e-3);

        if (value <= 90)
            low = t + 1;
        ck_assert_double_le(value, 100 + t * 1e-3);
        if (t > 4000 + 3600 * 31 / 30 + 60)
            ck_assert_double_ge(value, 100 + (t - 3600 * 31 / 30 - 60) * 1e-3);
    }
    ck_assert_double_ge(low, 7600);
    ck_assert_double_le(low, 7600 + 121);
}
END_TEST

/* ---- devices: oracles of facts 3.13 ---- */

/* Seconds until the device acts at r times its rating. */
static double time_to_act(struct protection p, double r, double step)
{
    make((struct forecast_cap){ .protection = p }, step);
    for (double t = step;; t += step)
        if (!(quantity_observe(&q, t, 100 * r) <= 100))
            return t;
}

static const struct {
    double r, cold, warm;
} trips[] = {
    { 1.05, 1425.284, 904.070 }, { 1.1, 1050.761, 599.117 }, { 1.2, 711.374, 358.702 },
    { 1.35, 477.370, 217.823 },  { 1.5, 352.672, 151.854 },  { 2, 172.609, 67.997 },
    { 3, 70.670, 26.410 },       { 6, 16.903, 6.140 },
};

static double thermal_trip(double w0, double r, double step)
{
    make((struct forecast_cap){ .protection = { .kind = PROTECTION_THERMAL,
                                                .seconds = 600 } },
         step);
    quantity_observe(&q, 0, 100 * sqrt(w0));
    for (double t = step;; t += step)
        if (quantity_observe(&q, t, 100 * r) >= 100)
            return t;
}

START_TEST(a_thermal_trip_acts_when_its_formula_says)
{
    ck_assert_double_eq_tol(thermal_trip(0, trips[_i].r, .01), trips[_i].cold, .02);
    ck_assert_double_eq_tol(thermal_trip(.64, trips[_i].r, .01), trips[_i].warm, .02);
    /* Exact at any step. */
    ck_assert_double_eq_tol(thermal_trip(0, trips[_i].r, 5), trips[_i].cold, 5);
}
END_TEST

START_TEST(a_steady_load_is_its_own_equivalent)
{
    make((struct forecast_cap){ .protection = { .kind = PROTECTION_THERMAL,
                                                .seconds = 600 } },
         10);
    ck_assert_double_eq_tol(feed(0, 600, 10, 80), 80, 1e-9);
    ck_assert_double_eq_tol(feed(600, 20000, 10, 95), 95, 1e-9);
}
END_TEST

START_TEST(an_i2t_trip_acts_when_its_formula_says)
{
    static const struct {
        double r, seconds;
    } oracle[] = { { 1.1, 357.025 }, { 1.5, 192 }, { 2, 108 }, { 3, 48 }, { 6, 12 } };

    for (size_t i = 0; i < 5; i++)
        ck_assert_double_eq_tol(time_to_act((struct protection){ .kind = PROTECTION_I2T,
                                                                 .at = 6,
                                                                 .seconds = 12,
                                                                 .forget_s = 1200 },
                                            oracle[i].r, .01),
                                oracle[i].seconds, .03);
}
END_TEST

START_TEST(inverse_time_relays_act_when_the_standards_say)
{
    static const struct {
        double a, b, p, seconds;
    } oracle[] = {
        { .14, 0, .02, 10.029 },       { 13.5, 0, 1, 13.5 },     { 80, 0, 2, 26.667 },
        { .0515, .1140, .02, 3.803 },  { 19.61, .491, 2, 7.028 }, { 28.2, .1217, 2, 9.522 },
    };

    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq_tol(
            time_to_act((struct protection){ .kind = PROTECTION_CURVE, .a = oracle[i].a,
                                             .b = oracle[i].b, .p = oracle[i].p, .forget_s = 1200 },
                        2, .001),
            oracle[i].seconds, .003);
}
END_TEST

static const struct protection ups = {
    .kind = PROTECTION_TABLE, .forget_s = 1200, .rows = 3,
    .table = { { 1.1, 600 }, { 1.25, 30 }, { 1.5, 10 } },
};

START_TEST(a_ups_carries_what_its_table_says_and_forgets_slowly)
{
    ck_assert_double_eq_tol(time_to_act(ups, 1.05, .1), 600, .3);
    ck_assert_double_eq_tol(time_to_act(ups, 1.25, .1), 30, .2);
    ck_assert_double_eq_tol(time_to_act(ups, 1.3, .1), 10, .2);
    ck_assert_double_eq_tol(time_to_act(ups, 1.6, .1), .1, 1e-9);
    /* Half used up, half an hour of rest: nearly all is back. After a minute it is
     * not. */
    make((struct forecast_cap){ .protection = ups }, 1);
    ck_assert_double_eq_tol(feed(0, 15, 1, 120), 50, 1e-6);
    ck_assert_double_eq_tol(feed(15, 75, 1, 80), 50 * exp(-.2), 1e-6);
    ck_assert_double_lt(feed(75, 1875, 1, 80), .2);
}
END_TEST

START_TEST(a_device_lives_through_a_gap)
{
    make((struct forecast_cap){ .protection = { .kind = PROTECTION_THERMAL,
                                                .seconds = 600 } },
         10);
    feed(0, 100, 10, 80);
    ck_assert_double_eq_tol(quantity_observe(&q, 1e6, 120),
                            sqrt(1e4 + (144e2 - 1e4) * -expm1(-10 / 600.)), 1e-6);
}
END_TEST

/* ---- paths ---- */

static const struct forecast_cap kinds[] = {
    { .watts = 100 },
    { .watts = 100, .is_mean = true, .window_s = 300 },
    { .watts = 100, .is_mean = true, .window_s = 900, .aligned = true },
    { .watts = 100, .window_s = 300 },
    { .watts = 100, .dwell_s = 60 },
    { .watts = 100, .is_mean = true, .window_s = 300, .dwell_s = 60 },
    { .watts = 100, .protection = { .kind = PROTECTION_THERMAL, .seconds = 600 } },
    { .watts = 100, .protection = { .kind = PROTECTION_I2T, .at = 6, .seconds = 12, .forget_s = 1200 } },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static double wave(int i)
{
    return 90 + 25 * sin(i * .11) + 5 * sin(i * 1.7);
}

/* What the future was going to be is what it becomes; and looking changes nothing. */
START_TEST(a_path_becomes_what_the_same_samples_become)
{
    double times[120], watts[120], out[120], highest = -INFINITY;
    struct quantity before;

    make(kinds[_i], 10);
    for (int i = 0; i < 200; i++)
        quantity_observe(&q, 1e6 + i * 10, wave(i));
    for (int i = 0; i < 120; i++) {
        times[i] = 1e6 + (200 + i) * 10;
        watts[i] = wave(200 + i);
    }
    memcpy(&before, &q, sizeof(q));
    double along = quantity_along(&q, times, watts, 120, out);
    ck_assert_mem_eq(&before, &q, sizeof(q));
    for (int i = 0; i < 120; i++) {
        double came = quantity_observe(&q, times[i], watts[i]);

        ck_assert_double_eq_tol(out[i], came, 1e-9);
        highest = fmax(highest, came);
    }
    ck_assert_double_eq_tol(along, highest, 1e-9);
}
END_TEST

/* The same power said in few long steps or many short ones. */
START_TEST(a_coarse_path_reaches_what_a_fine_one_does)
{
    static const double hours[] = { 3600, 7200, 10800 }, levels[] = { 90, 130, 70 };
    double fine_times[1080], fine[1080];

    make(kinds[_i], 10);
    for (int i = 0; i < 200; i++)
        quantity_observe(&q, (i - 199) * 10, wave(i));
    for (int i = 0; i < 1080; i++) {
        fine_times[i] = (i + 1) * 10;
        fine[i] = levels[i / 360];
    }
    ck_assert_double_eq_tol(quantity_along(&q, hours, levels, 3, NULL),
                            quantity_along(&q, fine_times, fine, 1080, NULL), .6);
}
END_TEST

START_TEST(a_copy_goes_on_as_if_nothing_had_happened)
{
    struct quantity saved;

    make(kinds[_i], 10);
    for (int i = 0; i < 137; i++)
        quantity_observe(&q, 1e6 + i * 10, wave(i));
    memcpy(&saved, &q, sizeof(q));
    for (int i = 137; i < 400; i++) {
        double a = quantity_observe(&q, 1e6 + i * 10, wave(i));
        double b = quantity_observe(&saved, 1e6 + i * 10, wave(i));

        ck_assert(memcmp(&a, &b, sizeof(a)) == 0);
    }
}
END_TEST

/* In kilowatts it is the same in kilowatts. */
START_TEST(watts_or_kilowatts_are_the_same)
{
    struct forecast_cap small = kinds[_i];
    struct quantity other;

    small.watts /= 1000;
    make(kinds[_i], 10);
    quantity_init(&other, &small, 10);
    for (int i = 0; i < 300; i++) {
        double big = quantity_observe(&q, i * 10, wave(i));
        double little = quantity_observe(&other, i * 10, wave(i) / 1000);

        ck_assert(isnan(big) ? isnan(little)
                             : fabs(big - 1000 * little) < 1e-9 * fabs(big) + 1e-12);
    }
}
END_TEST

START_TEST(another_rating_counts_from_now_on)
{
    make((struct forecast_cap){ .protection = ups }, 1);
    feed(0, 15, 1, 120);
    quantity_set_watts(&q, 200);
    ck_assert_double_lt(feed(15, 100, 1, 120), 100);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("quantity");
    TCase *t = tcase_create("quantity");
    SRunner *runner;
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, without_a_window_each_sample_counts);
    tcase_add_loop_test(t, a_sliding_mean_is_the_mean_of_its_window, 0, 16);
    tcase_add_test(t, uneven_samples_weigh_as_much_as_the_time_they_stand_for);
    tcase_add_test(t, a_highest_over_a_window_falls_when_it_has_left);
    tcase_add_test(t, a_block_is_above_its_cap_only_when_that_is_certain);
    tcase_add_test(t, a_block_with_a_gap_counts_what_is_known);
    tcase_add_test(t, a_dwell_must_be_held);
    tcase_add_test(t, a_long_dwell_of_short_steps_is_late_by_a_thirtieth_at_most);
    tcase_add_loop_test(t, a_thermal_trip_acts_when_its_formula_says, 0, 8);
    tcase_add_test(t, a_steady_load_is_its_own_equivalent);
    tcase_add_test(t, an_i2t_trip_acts_when_its_formula_says);
    tcase_add_test(t, inverse_time_relays_act_when_the_standards_say);
    tcase_add_test(t, a_ups_carries_what_its_table_says_and_forgets_slowly);
    tcase_add_test(t, a_device_lives_through_a_gap);
    tcase_add_loop_test(t, a_path_becomes_what_the_same_samples_become, 0, KINDS);
    tcase_add_loop_test(t, a_coarse_path_reaches_what_a_fine_one_does, 0, KINDS);
    tcase_add_loop_test(t, a_copy_goes_on_as_if_nothing_had_happened, 0, KINDS);
    tcase_add_loop_test(t, watts_or_kilowatts_are_the_same, 0, KINDS);
    tcase_add_test(t, another_rating_counts_from_now_on);
    runner = srunner_create(s);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
