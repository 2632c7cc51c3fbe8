/* A steady climb is followed to its cap; what is none is not taken for one. */
#include "forecast/climb.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { STEP = 15 };

static struct past past;
static size_t told;

static void set_up(void)
{
    past = (struct past){ .count = 0 };
    past_start(&past, STEP);
    told = 0;
}

static void tell(double watts)
{
    past_add(&past, 1e9 + STEP * (double)told, watts);
    told++;
}

static double swing(void)
{
    return 700 * sin((double)told * 1.7) + 500 * sin((double)told * .61);
}

static void be_calm(size_t steps)
{
    for (size_t i = 0; i < steps; i++)
        tell(70e3 + swing());
}

static void climb_for(size_t steps)
{
    for (size_t i = 1; i <= steps; i++)
        tell(70e3 + 280 * (double)i + swing());
}

START_TEST(a_steady_climb_is_a_line_with_an_age)
{
    struct climb c;

    be_calm(480);
    climb_for(90);
    c = climb_look(&past);
    ck_assert_double_eq_tol(c.slope, 280. / STEP, 1);
    ck_assert_double_ge(c.age_s, 900);
    ck_assert_double_le(c.age_s, 1.3 * 90 * STEP);
    ck_assert_double_gt(climb_chance(&c, 5e3, 900), .7);
    ck_assert_double_lt(climb_chance(&c, 50e3, 900), .01);
}
END_TEST

START_TEST(as_far_again_is_as_likely_as_not)
{
    const struct climb c = { .age_s = 1200, .slope = 10, .spread = 100 };

    ck_assert_double_eq_tol(climb_chance(&c, 12000, 3600), .5, 1e-6);
    ck_assert_double_gt(climb_chance(&c, 6000, 3600), climb_chance(&c, 12000, 3600));
    ck_assert_double_ge(climb_chance(&c, 6000, 7200), climb_chance(&c, 6000, 3600));
}
END_TEST

START_TEST(what_is_calm_does_not_climb)
{
    be_calm(600);
    ck_assert_double_eq(climb_look(&past).age_s, 0);
    ck_assert_double_eq(climb_chance(&(struct climb){ 0 }, 1, 3600), 0);
}
END_TEST

START_TEST(a_step_is_no_climb)
{
    for (size_t after = 1; after < 200; after++) {
        set_up();
        be_calm(480);
        for (size_t i = 0; i < after; i++)
            tell(90e3 + swing());
        ck_assert_double_eq(climb_look(&past).age_s, 0);
    }
}
END_TEST

START_TEST(a_climb_that_is_over_is_none)
{
    be_calm(200);
    climb_for(100);
    for (int i = 0; i < 60; i++)
        tell(98e3 + swing());
    ck_assert_double_eq(climb_look(&past).age_s, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("climb");
    TCase *c = tcase_create("climb");
    SRunner *runner = srunner_create(s);
    int failed;

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, NULL);
    tcase_add_test(c, a_steady_climb_is_a_line_with_an_age);
    tcase_add_test(c, as_far_again_is_as_likely_as_not);
    tcase_add_test(c, what_is_calm_does_not_climb);
    tcase_add_test(c, a_step_is_no_climb);
    tcase_add_test(c, a_climb_that_is_over_is_none);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
