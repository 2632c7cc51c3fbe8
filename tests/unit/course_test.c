/* The times to a breach: where F is known at the horizons, and how it goes between
 * them. */
#include "forecast/course.h"
#include "tests/lib/check.h"
#include "tests/lib/course.h"

#include <stdint.h>
#include <stdlib.h>

enum { H = 4 };

static const double horizons[H] = { 60, 900, 3600, 21600 };
static struct forecast out[H];
static uint64_t dice;

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

static void say(double a, double b, double c, double d)
{
    const double p[H] = { a, b, c, d };

    for (size_t h = 0; h < H; h++)
        out[h] = (struct forecast){ .horizon_s = horizons[h], .p_breach = p[h] };
}

START_TEST(between_two_horizons_it_is_as_likely_at_any_time)
{
    say(0, .4, .4, .8);
    course_fill_times(out, H, 1, NULL);
    ck_assert(isnan(out[0].ttb_p10_s) && isnan(out[0].ttb_p90_s));
    ck_assert_double_eq_tol(out[1].ttb_p50_s, 60 + 840 * .5, 1e-9);
    ck_assert_double_eq_tol(out[2].ttb_p90_s, 60 + 840 * .9, 1e-9);
    ck_assert_double_eq_tol(out[3].ttb_p10_s, 60 + 840 * .2, 1e-9);
    ck_assert_double_eq_tol(out[3].ttb_p50_s, 900, 1e-9);
    ck_assert_double_eq_tol(out[3].ttb_p90_s, 3600 + 18000 * .8, 1e-9);
}
END_TEST

START_TEST(a_model_says_when_but_not_how_likely)
{
    const double times[] = { 60, 600, 660, 900, 3600 }, reached[] = { 0, 0, .1, .1, .3 };
    const struct course course = { times, reached, 5 };
    const struct course *between[H] = { &course, &course, NULL, &course };

    say(0, .8, .8, .9);
    course_fill_times(out, H, 1, between);
    /* it has but .1; of that */
    ck_assert_double_eq_tol(out[1].ttb_p10_s, 606, 1e-6);
    ck_assert_double_eq_tol(out[1].ttb_p50_s, 630, 1e-6);
    ck_assert_double_eq_tol(out[2].ttb_p90_s, 654, 1e-6);
    /* Beyond its last moment it knows nothing: evenly. */
    ck_assert_double_eq_tol(out[3].ttb_p90_s, 3600 + 18000 * .1, 1e-6);
}
END_TEST

START_TEST(a_horizon_of_which_nothing_is_claimed_changes_nothing)
{
    say(.1, .5, NAN, NAN);
    course_fill_times(out, H, 1, NULL);
    ck_assert(isnan(out[2].ttb_p50_s) && isnan(out[3].ttb_p50_s));
    ck_assert_double_eq_tol(out[1].ttb_p90_s, 60 + 840 * .875, 1e-9);
    course_is_above(&out[1]);
    ck_assert(out[1].p_breach >= 1 && out[1].ttb_p90_s <= 0);
}
END_TEST

/* Any p that rise, and any course, even one that stands still or is steep. */
START_TEST(no_window_contradicts_a_p)
{
    enum { KNOTS = 12 };

    dice = 1;
    for (int run = 0; run < 20000; run++) {
        double times[KNOTS], reached[KNOTS], t = 0, r = 0, p[H], last = 0;
        const struct course course = { times, reached, KNOTS };
        const struct course *between[H];

        for (int k = 0; k < KNOTS; k++) {
            times[k] = t += chance() < .2 ? horizons[k % H] : 3000 * chance();
            reached[k] = r += chance() < .5 ? 0 : (1 - r) * chance() * chance();
        }
        for (int h = 0; h < H; h++) {
            p[h] = last += chance() < .3 ? 0 : (1 - last) * chance() * chance();
            between[h] = chance() < .3 ? NULL : &course;
        }
        say(p[0], p[1], p[2], p[3]);
        course_fill_times(out, H, 1, between);
        ck_assert(is_one_function_of_time(out, H, 1));
        for (int h = 0; h < H; h++)
            ck_assert(isnan(out[h].ttb_p90_s) ? p[h] < course_in_sight
                                              : out[h].ttb_p90_s <= horizons[h]);
    }
}
END_TEST

/* Any row at all. */
static struct forecast draw_row(double horizon_s, double p)
{
    struct forecast f = { .horizon_s = horizon_s, .cap_w = 100, .p_breach = p };
    double *const ends[] = { &f.q05, &f.q10, &f.q25, &f.q50,
                             &f.q75, &f.q90, &f.q95, &f.q99 };
    double *const mosts[] = { &f.max_q10, &f.max_q50, &f.max_q90, &f.max_q99 };
    double watts = 60 + 30 * chance();

    for (size_t i = 0; i < 8; i++)
        *ends[i] = watts += 12 * chance();
    watts = 60 + 30 * chance();
    for (size_t i = 0; i < 4; i++)
        *mosts[i] = watts += 24 * chance();
    return f;
}

START_TEST(no_quantile_contradicts_a_p)
{
    for (int n = 0; n < 20000; n++) {
        double p = 0;

        for (size_t h = 0; h < H; h++) {
            p += chance() < .5 ? (1 - p) * chance() * chance() : 0;
            out[h] = draw_row(horizons[h], h == 3 && n % 5 == 0 ? NAN : p);
        }
        course_agree(out, H, 1, true);
        ck_assert(quantiles_agree(out, H, 1));
    }
}
END_TEST

/* Quantiles of a normal distribution around 480 W, and p says that 500 W are not often
 * passed: the levels bend, and none stops at the cap. */
START_TEST(no_quantile_is_cut_off_at_the_cap)
{
    static const double sds[] = { 10, 40, 160 }, chances[] = { .01, .07, .2, .4 };

    for (size_t i = 0; i < 12; i++) {
        double sd = sds[i / 4], p = chances[i % 4];
        struct forecast f = { .cap_w = 500, .p_breach = p,
                              .q05 = 480 - 1.6449 * sd, .q10 = 480 - 1.2816 * sd,
                              .q25 = 480 - .6745 * sd, .q50 = 480,
                              .q75 = 480 + .6745 * sd, .q90 = 480 + 1.2816 * sd,
                              .q95 = 480 + 1.6449 * sd, .q99 = 480 + 2.3263 * sd,
                              .max_q10 = 480 - sd, .max_q50 = 480 + .3 * sd,
                              .max_q90 = 480 + 1.6 * sd, .max_q99 = 480 + 2.6 * sd };
        double raw = f.q05;
        const double *const told[] = { &f.q05, &f.q10, &f.q25, &f.q50,
                                       &f.q75, &f.q90, &f.q95, &f.q99 };
        const double *const most[] = { &f.max_q10, &f.max_q50, &f.max_q90, &f.max_q99 };

        course_agree(&f, 1, 1, true);
        ck_assert(quantiles_agree(&f, 1, 1));
        for (size_t k = 1; k < 8; k++)
            ck_assert_double_gt(*told[k], *told[k - 1] + .01 * sd);
        for (size_t k = 1; k < 4; k++)
            ck_assert_double_gt(*most[k], *most[k - 1] + .01 * sd);
        /* what is far from the cap stays about where it was */
        ck_assert_double_eq_tol(f.q05, raw, .35 * sd);
        if (p == .01)           /* the level that p names is the cap */
            ck_assert_double_eq_tol(f.max_q99, 500, .01);
    }
}
END_TEST

/* Of a mean the highest may be lower than power at the end, and power above the cap is no
 * breach. */
START_TEST(of_another_quantity_power_says_nothing)
{
    struct forecast before[H];

    for (size_t h = 0; h < H; h++)
        before[h] = out[h] = draw_row(horizons[h], .3);
    course_agree(out, H, 1, false);
    for (size_t h = 0; h < H; h++) {
        ck_assert_double_eq(out[h].q99, before[h].q99);
        ck_assert_double_ge(out[h].max_q50, before[h].max_q50);
        ck_assert(h == 0 || out[h].max_q50 >= out[h - 1].max_q50);
    }
}
END_TEST

START_TEST(what_is_not_known_stays_so)
{
    for (size_t h = 0; h < H; h++) {
        out[h] = draw_row(horizons[h], .3);
        if (h > 0)
            out[h].q10 = out[h].q99 = out[h].max_q10 = out[h].max_q99 = NAN;
    }
    course_agree(out, H, 1, true);
    ck_assert(isnan(out[1].q10) && isnan(out[1].q99) && isnan(out[2].max_q10) &&
              isnan(out[3].max_q99));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("course");
    TCase *tc = tcase_create("course");
    SRunner *runner;
    int failed;

    tcase_add_test(tc, between_two_horizons_it_is_as_likely_at_any_time);
    tcase_add_test(tc, a_model_says_when_but_not_how_likely);
    tcase_add_test(tc, a_horizon_of_which_nothing_is_claimed_changes_nothing);
    tcase_add_test(tc, no_window_contradicts_a_p);
    tcase_add_test(tc, no_quantile_contradicts_a_p);
    tcase_add_test(tc, no_quantile_is_cut_off_at_the_cap);
    tcase_add_test(tc, of_another_quantity_power_says_nothing);
    tcase_add_test(tc, what_is_not_known_stays_so);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
