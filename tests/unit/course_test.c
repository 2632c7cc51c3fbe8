/* The times to a breach: where F is known at the horizons, and how it goes between them. */
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
    ck_assert_double_eq_tol(out[1].ttb_p10_s, 606, 1e-6);       /* it has but .1; of that */
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
            ck_assert(isnan(out[h].ttb_p90_s) ? p[h] < 1e-3 : out[h].ttb_p90_s <= horizons[h]);
    }
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
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
