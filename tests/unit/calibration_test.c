/* The map from chances that were said to shares that came: it mends what is off, keeps
 * order, and leaves alone what is right. */
#include "forecast/calibration.h"
#include "forecast/chance.h"
#include "tests/lib/check.h"

#include <math.h>
#include <stdlib.h>

enum { MANY = 20000 };

static double share(double odds)
{
    return 1 / (1 + exp(-odds));
}

/* What was said goes over -5 to 5 in log odds; what comes is as likely as `truth` has
 * it. */
static void teach(struct calibration *c, double (*truth)(double said))
{
    for (uint64_t i = 0; i < MANY; i++) {
        double said = share(10 * chance_share(chance_mix(1, i)) - 5);

        calibration_learn(c, said, chance_share(chance_mix(2, i)) < truth(said), 1);
    }
}

static double as_said(double said)
{
    return said;
}

/* Too high where it is low, too low where it is high: no shift and no slope of the log
 * odds mends both. */
static double bent(double said)
{
    return said * said * (3 - 2 * said);
}

START_TEST(who_has_seen_nothing_says_what_was_said)
{
    const struct calibration c = { 0 };

    for (double p = 0; p <= 1; p += .01)
        ck_assert_double_eq_tol(calibration_apply(&c, p), p, 1e-12);
    ck_assert(isnan(calibration_apply(&c, NAN)));
}
END_TEST

START_TEST(what_is_off_is_mended)
{
    struct calibration c = { 0 };
    double before = 0, after = 0;

    teach(&c, bent);
    for (double p = .02; p < .99; p += .01) {
        before += fabs(p - bent(p));
        after += fabs(calibration_apply(&c, p) - bent(p));
    }
    ck_assert_double_lt(after, .5 * before);
}
END_TEST

START_TEST(what_is_right_stays)
{
    struct calibration c = { 0 };

    teach(&c, as_said);
    for (double p = .02; p < .99; p += .01)
        ck_assert_double_eq_tol(calibration_apply(&c, p), p, .06);
}
END_TEST

/* Where a map from few labels would fall: all low ones came, and none of the high
 * ones. */
START_TEST(what_was_likelier_stays_likelier)
{
    struct calibration c = { .gain = 1 };
    double last = 0;

    for (int i = 0; i < 200; i++) {
        calibration_learn(&c, .1, true, 1);
        calibration_learn(&c, .7, false, 1);
    }
    c.gain = 1;
    for (double p = 0; p <= 1; p += .001) {
        double now = calibration_apply(&c, p);

        ck_assert(now >= last - 1e-4 && now <= 1);
        last = now;
    }
}
END_TEST

START_TEST(a_map_that_loses_is_not_used)
{
    struct calibration c = { 0 };

    for (int i = 0; i < 1000; i++)
        calibration_learn(&c, .2, i % 2 == 0, 1);
    ck_assert_double_gt(calibration_apply(&c, .2), .3);
    /* As after a change for the worse. */
    c.gain = -.1F;
    ck_assert_double_eq(calibration_apply(&c, .2), .2);
}
END_TEST

/* Labels that look at the same window tell less than as many that do not. */
START_TEST(windows_that_overlap_tell_less)
{
    struct calibration apart = { 0 }, overlapping = { 0 };

    for (int i = 0; i < 50; i++) {
        calibration_learn(&apart, .5, true, 1);
        calibration_learn(&overlapping, .5, true, .1);
    }
    ck_assert_double_gt(calibration_apply(&overlapping, .5), .5);
    ck_assert_double_gt(calibration_apply(&apart, .5),
                        calibration_apply(&overlapping, .5) + .05);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, claims);
    tcase_add_test(claims, who_has_seen_nothing_says_what_was_said);
    tcase_add_test(claims, what_is_off_is_mended);
    tcase_add_test(claims, what_is_right_stays);
    tcase_add_test(claims, what_was_likelier_stays_likelier);
    tcase_add_test(claims, a_map_that_loses_is_not_used);
    tcase_add_test(claims, windows_that_overlap_tell_less);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
