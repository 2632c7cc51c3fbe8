/* Tails, changes and sums: each beside its theory or a slow solver. */
#include "forecast/change.h"
#include "forecast/passage.h"
#include "forecast/tail.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t dice;

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
    dice = 9;
}

/* ---- tails ---- */

/* Facts 3.13: N = 10,000, 200 above 10, scale 2. */
START_TEST(a_pareto_tail_is_what_theory_says)
{
    struct pareto p = { .threshold = 10, .share = .02, .scale = 2, .shape = .1 };

    ck_assert_double_eq_tol(pareto_quantile(&p, 1e-4), 23.97292929, 1e-7);
    ck_assert_double_eq_tol(pareto_above(&p, 23.97292929), 1e-4, 1e-12);
    p.shape = 0;
    ck_assert_double_eq_tol(pareto_quantile(&p, 1e-4), 20.59663473, 1e-7);
    ck_assert_double_eq_tol(pareto_above(&p, 20.59663473), 1e-4, 1e-12);
}
END_TEST

START_TEST(a_fresh_tail_is_the_normals)
{
    struct tail t;
    struct pareto p;

    tail_init(&t, 2.5);
    p = tail_fit(&t);
    for (double z = 0; z < 4; z += .1)
        ck_assert_double_eq_tol(tail_score(&p, z), z, .05);
}
END_TEST

/* Excesses of a Pareto law are found again; a mean of 400 of them is known to a
 * twentieth. */
START_TEST(the_law_of_a_tail_is_learned)
{
    struct tail t;
    struct pareto p;
    double shape = _i ? -.25 : .15, scale = .8;

    tail_init(&t, 2.5);
    for (int i = 0; i < 200000; i++) {
        double u = chance();

        tail_add(&t, u < .03 ? 2.5 + scale / shape * (pow(chance(), -shape) - 1) : 0);
    }
    p = tail_fit(&t);
    ck_assert_double_eq_tol(p.share, .03, .004);
    ck_assert_double_eq_tol(p.shape, shape, .12);
    ck_assert_double_eq_tol(p.scale, scale, .15);
    /* Three in a hundred, not six in a thousand, are above 2.5: it is nearer than it
     * looks. */
    ck_assert_double_lt(tail_score(&p, 2.6), 2.1);
}
END_TEST

START_TEST(nothing_breaks_a_tail)
{
    struct tail t;
    struct pareto p;

    tail_init(&t, 2.5);
    for (int i = 0; i < 1000; i++)
        tail_add(&t, i % 3 ? 3 : NAN);          /* no spread at all */
    p = tail_fit(&t);
    ck_assert(p.shape >= -.5 && p.scale > 0);
    ck_assert(pareto_above(&p, 100) >= 0 && tail_score(&p, 1e6) <= 40);
    tail_add(&t, 1e30);
    ck_assert_double_le(t.mean, 25);
    for (double z = 0, last = -1; z < 20; z += .1) {
        double score = tail_score(&p, z);

        ck_assert(score >= last - 1e-9);
        last = score;
    }
}
END_TEST

/* ---- changes ---- */

/* Siegmund 1985: (exp(-2 D b) + 2 D b - 1) / (2 D^2), b = h + 1.166, D = shift - k. */
static double run_length(double shift, double h)
{
    double d = shift - .5, b = h + 1.166;

    return (exp(-2 * d * b) + 2 * d * b - 1) / (2 * d * d);
}

static double simulated(double shift, int runs)
{
    double sum = 0;

    for (int i = 0; i < runs; i++) {
        struct change c = { 0 };
        int side = 0;

        for (int n = 1; side == 0; n++) {
            /* One side of the two: the other cannot pass. */
            c.down = 0;
            side = change_add(&c, (float)(shift + noise()));
            sum += side ? n : 0;
        }
    }
    return sum / runs;
}

START_TEST(a_shift_is_found_as_fast_as_theory_says)
{
    ck_assert_double_eq_tol(run_length(0, 4), 338, 1);
    ck_assert_double_eq_tol(run_length(0, 5), 938, 1);
    ck_assert_double_eq_tol(run_length(0, 8), 19112, 20);
    ck_assert_double_eq_tol(run_length(1, 4), 8.34, .01);
    ck_assert_double_eq_tol(run_length(1, 5), 10.34, .01);
    ck_assert_double_eq_tol(run_length(1, 8), 16.33, .01);
    ck_assert_double_eq_tol(simulated(1, 4000), 16.33, .5);
    ck_assert_double_eq_tol(simulated(0, 150), 19112, 19112 * .3);
}
END_TEST

START_TEST(a_change_tells_its_side_and_starts_again)
{
    struct change c = { 0 };
    int side = 0;

    for (int i = 0; i < 10 && !side; i++)
        side = change_add(&c, -3);
    ck_assert_int_eq(side, -1);
    ck_assert(c.up == 0 && c.down == 0);
    ck_assert_int_eq(change_add(&c, 100), 1);
}
END_TEST

START_TEST(a_storm_is_more_than_a_twentieth)
{
    ck_assert(!change_is_storm(3, 10));
    ck_assert(!change_is_storm(5000, 100000));
    ck_assert(change_is_storm(5001, 100000));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("theory");
    TCase *t = tcase_create("theory");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, t);
    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_pareto_tail_is_what_theory_says);
    tcase_add_test(t, a_fresh_tail_is_the_normals);
    tcase_add_loop_test(t, the_law_of_a_tail_is_learned, 0, 2);
    tcase_add_test(t, nothing_breaks_a_tail);
    tcase_add_test(t, a_shift_is_found_as_fast_as_theory_says);
    tcase_add_test(t, a_change_tells_its_side_and_starts_again);
    tcase_add_test(t, a_storm_is_more_than_a_twentieth);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
