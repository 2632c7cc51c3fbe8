/* The record: every forecast is scored by what came, and nothing else. */
#include "forecast/record.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 15, HORIZON = 300, LONGEST = 20000 };

static const double start = 1.7e9;

static struct record *record;
static float past[LONGEST];
static size_t steps;
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

static struct record_options options_of(size_t open)
{
    return (struct record_options){ .step_s = STEP, .horizons = { HORIZON, 3600 },
                                    .horizon_count = 2, .open = open, .alarm_p = .5 };
}

static void set_up(void)
{
    struct record_options options = options_of(60);

    record = record_new(&options);
    steps = 0;
    dice = 7;
}

static void tear_down(void)
{
    record_free(record);
}

static double now(void)
{
    return start + (double)steps * STEP;
}

static void measure(double watts, bool breached)
{
    past[steps++] = (float)watts;
    record_observe(record, now(), watts, breached);
}

/* Forecasts of both horizons alike: quantiles of a normal around `middle`, and a
 * probability. */
static void issue(double middle, double spread, double p)
{
    struct forecast f = { .p_breach = p, .q10 = middle - 1.2816 * spread, .q50 = middle,
                          .q90 = middle + 1.2816 * spread, .q99 = middle + 2.3263 * spread };
    struct forecast both[2] = { f, f };

    record_issue(record, both, past, steps);
}

static struct record_tally tally(void)
{
    struct record_tally t = { 0 };

    record_add(record, 0, &t);
    return t;
}

static struct record_score score(void)
{
    struct record_tally t = tally();

    return record_score_of(&t);
}

START_TEST(nothing_is_scored_before_its_horizon_has_passed)
{
    measure(100, false);
    issue(100, 1, .1);
    for (int i = 0; i < HORIZON / STEP; i++)
        measure(100, false);
    ck_assert_double_eq(tally().scored, 0);
    measure(100, false);
    ck_assert_double_eq(tally().scored, 1);
    ck_assert_double_eq(tally().judged, 1);
}
END_TEST

START_TEST(bands_of_the_truth_hold_what_they_say)
{
    for (int i = 0; i < 15000; i++) {
        measure(1000 + 10 * noise(), false);
        issue(1000, 10, .01);
    }
    ck_assert_double_gt(tally().scored, 10000);
    ck_assert_double_eq_tol(score().coverage80, .8, .02);
    ck_assert_double_eq_tol(score().above99, .01, .004);
    /* Better than the last value, whose errors have twice the variance, and than a line
     * through noise. */
    ck_assert_double_lt(score().pinball_last, .85);
    ck_assert_double_lt(score().pinball_line, 1);
}
END_TEST

START_TEST(narrow_bands_lose_trust_and_true_ones_win_it)
{
    struct record_tally t;

    for (int i = 0; i < 1000; i++) {
        measure(1000 + 10 * noise(), false);
        issue(1000, 2, .01);
    }
    t = tally();
    ck_assert_int_eq(record_trust(&t, HORIZON), FORECAST_NOT_TRUSTED);
    tear_down();
    set_up();
    for (int i = 0; i < 1000; i++) {
        t = tally();
        if (i == 100)
            ck_assert_int_eq(record_trust(&t, HORIZON), FORECAST_LEARNING);
        measure(1000 + 10 * noise(), false);
        issue(1000, 10, .01);
    }
    ck_assert_int_eq(record_trust(&t, HORIZON), FORECAST_TRUSTED);
}
END_TEST

/* Each reason alone, of a horizon that is old enough. */
START_TEST(each_kind_of_bad_record_loses_trust)
{
    const struct record_tally good = { .seconds = 1e6,
                                       .scored = 1000,
                                       .inside = 800,
                                       .above99 = 10,
                                       .compared = 1000,
                                       .loss = 90,
                                       .loss_last = 100,
                                       .loss_line = 100,
                                       .judged = 1000,
                                       .breaches = 100,
                                       .brier = 50,
                                       .hits = 2 };
    struct record_tally bad[4] = { good, good, good, good }, few = good;

    ck_assert_int_eq(record_trust(&good, 3600), FORECAST_TRUSTED);
    bad[0].inside = 590;
    bad[1].above99 = 51;
    bad[2].loss = 116;
    bad[3].brier = 100;
    bad[3].misses = 1;
    for (int i = 0; i < 4; i++)
        ck_assert_msg(record_trust(&bad[i], 3600) == FORECAST_NOT_TRUSTED, "%d", i);
    few.brier = 100;            /* two breaches say little of a skill */
    ck_assert_int_eq(record_trust(&few, 3600), FORECAST_TRUSTED);
    few.seconds = 19 * 3600;
    ck_assert_int_eq(record_trust(&few, 3600), FORECAST_LEARNING);
}
END_TEST

/* A breach every two hours, for five minutes. */
static bool breach_at(size_t step)
{
    return step % 480 >= 460;
}

START_TEST(skill_is_one_for_a_seer_and_nought_for_the_base_rate)
{
    for (size_t i = 0; i < 10000; i++) {
        bool comes = false;

        measure(100, breach_at(steps));
        for (size_t k = 0; k < HORIZON / STEP; k++)
            comes |= breach_at(steps + k);
        issue(100, 1, comes ? 1 : 0);
    }
    ck_assert_double_gt(tally().breaches, 100);
    ck_assert_double_eq_tol(score().skill, 1, 1e-9);
    tear_down();
    set_up();
    for (size_t i = 0; i < 10000; i++) {
        measure(100, breach_at(steps));
        issue(100, 1, 20. / 460);
    }
    ck_assert_double_eq_tol(score().skill, 0, .01);
}
END_TEST

START_TEST(episodes_are_hits_misses_and_false_alarms)
{
    for (size_t i = 0; i < 480 * 3; i++) {
        size_t at = i % 480;
        /* the first, three minutes before */
        bool warned = i < 480 && at >= 448 && at < 460;
        bool cries = i >= 960 && at == 100;                     /* one for nothing */

        measure(100, breach_at(i));
        issue(100, 1, warned || cries ? .9 : .01);
    }
    ck_assert_double_eq(tally().hits, 1);
    ck_assert_double_eq(tally().misses, 2);
    ck_assert_double_eq(tally().false_alarms, 1);
    ck_assert_double_eq_tol(record_lead(record, 0), 12 * STEP, STEP);
    ck_assert_double_gt(score().false_alarms_a_day, 0);
}
END_TEST

START_TEST(who_is_above_the_cap_is_not_judged)
{
    measure(100, true);
    issue(100, 1, 1);
    for (int i = 0; i < HORIZON; i += STEP)
        measure(100, true);
    measure(100, true);
    ck_assert_double_eq(tally().scored, 1);
    ck_assert_double_eq(tally().judged, 0);
}
END_TEST

START_TEST(what_nobody_measured_is_not_scored)
{
    measure(100, false);
    issue(100, 1, .5);
    for (int i = 0; i < 2 * HORIZON; i += STEP)
        measure(NAN, false);
    measure(100, false);
    ck_assert_double_eq(tally().scored, 0);
    ck_assert_double_eq(tally().judged, 0);
    ck_assert(isnan(score().coverage80));
    ck_assert(isnan(record_lead(record, 0)));
}
END_TEST

/* Two are announced, both come to nothing, of one because somebody acted. */
START_TEST(what_was_avoided_is_no_false_alarm)
{
    for (int i = 0; i < 400; i++) {
        measure(100, false);
        issue(100, 1, i == 100 || i == 250 ? .9 : .01);
        if (i == 105)
            record_acted(record);
    }
    ck_assert_double_eq(tally().false_alarms, 1);
    ck_assert_double_eq(tally().hits, 0);
}
END_TEST

/* Half of the samples are missing: a breach would have been seen in the other half, or
 * not. */
START_TEST(where_too_little_was_measured_no_probability_is_judged)
{
    for (int i = 0; i < 400; i++) {
        measure(i % 2 ? NAN : 100, false);
        issue(100, 1, .01);
    }
    ck_assert_double_gt(tally().scored, 10);
    ck_assert_double_eq(tally().judged, 0);
}
END_TEST

START_TEST(who_said_nothing_missed_nothing)
{
    for (size_t i = 0; i < 480 * 3; i++) {
        measure(100, breach_at(i));
        issue(100, 1, NAN);
    }
    ck_assert_double_eq(tally().misses, 0);
}
END_TEST

START_TEST(a_day_is_kept_in_few_forecasts)
{
    struct record_options options = options_of(8);
    struct record_tally t = { 0 };

    record_free(record);
    record = record_new(&options);
    for (int i = 0; i < 960; i++) {
        measure(100, false);
        issue(100, 1, .01);
    }
    record_add(record, 1, &t);
    /* Three hours of origins that are old enough, eight an hour. */
    ck_assert_double_ge(t.scored, 22);
    ck_assert_double_le(t.scored, 26);
}
END_TEST

START_TEST(a_kept_record_goes_on_as_if_it_had_never_stopped)
{
    struct record_options options = options_of(60), others = options_of(30);
    struct record *other = record_new(&options), *foreign = record_new(&others);
    size_t size = record_save(record, NULL, 0);
    char *before = malloc(size), *after = malloc(size);

    for (int i = 0; i < 300; i++) {
        measure(1000 + noise(), i % 50 == 49);
        issue(1000, 1, chance());
    }
    ck_assert_uint_eq(record_save(record, before, size), size);
    ck_assert(!record_load(foreign, before, size));
    ck_assert(!record_load(other, before, size - 1));
    ck_assert(record_load(other, before, size));
    for (int i = 0; i < 100; i++) {
        measure(1000 + i, false);
        issue(1000, 1, .3);
    }
    record_save(record, after, size);
    steps -= 100;
    record_free(record);
    record = other;
    for (int i = 0; i < 100; i++) {
        measure(1000 + i, false);
        issue(1000, 1, .3);
    }
    record_save(record, before, size);
    ck_assert_mem_eq(before, after, size);
    record_free(foreign);
    free(before);
    free(after);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record");
    TCase *c = tcase_create("record");
    SRunner *runner = srunner_create(s);
    int failed;

    suite_add_tcase(s, c);
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, nothing_is_scored_before_its_horizon_has_passed);
    tcase_add_test(c, bands_of_the_truth_hold_what_they_say);
    tcase_add_test(c, narrow_bands_lose_trust_and_true_ones_win_it);
    tcase_add_test(c, each_kind_of_bad_record_loses_trust);
    tcase_add_test(c, what_was_avoided_is_no_false_alarm);
    tcase_add_test(c, where_too_little_was_measured_no_probability_is_judged);
    tcase_add_test(c, who_said_nothing_missed_nothing);
    tcase_add_test(c, skill_is_one_for_a_seer_and_nought_for_the_base_rate);
    tcase_add_test(c, episodes_are_hits_misses_and_false_alarms);
    tcase_add_test(c, who_is_above_the_cap_is_not_judged);
    tcase_add_test(c, what_nobody_measured_is_not_scored);
    tcase_add_test(c, a_day_is_kept_in_few_forecasts);
    tcase_add_test(c, a_kept_record_goes_on_as_if_it_had_never_stopped);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
