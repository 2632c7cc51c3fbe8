/* Scores: each beside its slow definition, over forecasts of known quality. */
#include "forecast/score.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 20000 };

static double p[N];
static bool came[N];
static struct score_chance s;
static uint64_t dice;

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

/* Rare breaches, well told apart; `stretch` 1 is calibrated in log odds. */
static void tell(double stretch)
{
    dice = 7;
    memset(&s, 0, sizeof(s));
    for (int i = 0; i < N; i++) {
        double logit = -4 + 3 * (chance() + chance() + chance() + chance() - 2) / .577;

        came[i] = chance() < 1 / (1 + exp(-logit));
        p[i] = 1 / (1 + exp(-stretch * logit));
        score_chance_add(&s, p[i], came[i]);
    }
}

START_TEST(pinball_is_least_at_the_quantile)
{
    double best = INFINITY, at = 0;

    for (double q = 0; q < 1; q += .01) {
        double sum = 0;

        for (int i = 0; i < 1000; i++)
            sum += score_pinball(q, .9, i / 1000.);
        if (sum < best) {
            best = sum;
            at = q;
        }
    }
    ck_assert_double_eq_tol(at, .9, .011);
    ck_assert_double_eq_tol(score_pinball(10, .9, 12), 1.8, 1e-12);
    ck_assert_double_eq_tol(score_pinball(10, .9, 8), .2, 1e-12);
}
END_TEST

/* The k-th of n levels of the standard normal, by bisection of erfc. */
static double normal_quantile(double level)
{
    double low = -9, high = 9;

    for (int i = 0; i < 60; i++) {
        double mid = (low + high) / 2;

        if (.5 * erfc(-mid / sqrt(2)) < level)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* Facts 3.13. */
START_TEST(the_crps_of_a_normal_is_what_theory_says)
{
    static const double oracle[] = { 0.2336949773, 0.6024413576, 1.4527918217 };
    static double levels[19999], said[19999];

    for (int i = 0; i < 19999; i++) {
        levels[i] = (i + 1) / 20000.;
        said[i] = normal_quantile(levels[i]);
    }
    for (int y = 0; y < 3; y++)
        ck_assert_double_eq_tol(score_crps(levels, said, 19999, y), oracle[y], 2e-6);
}
END_TEST

START_TEST(means_are_those_of_the_definitions)
{
    double brier = 0, loss = 0, said = 0, base = 0;

    tell(1);
    for (int i = 0; i < N; i++) {
        brier += (p[i] - came[i]) * (p[i] - came[i]) / N;
        loss -= log(fmin(fmax(came[i] ? p[i] : 1 - p[i], 1e-4), 1 - 1e-4)) / N;
        said += p[i] / N;
        base += (double)came[i] / N;
    }
    ck_assert_double_eq_tol(score_brier(&s), brier, 1e-12);
    ck_assert_double_eq_tol(score_mean_log_loss(&s), loss, 1e-7);
    ck_assert_double_eq_tol(score_bias(&s), said - base, 1e-12);
    ck_assert_double_eq_tol(score_brier_skill(&s), 1 - brier / (base * (1 - base)),
                            1e-12);
}
END_TEST

static int by_p(const void *a, const void *b)
{
    double x = p[*(const int *)a], y = p[*(const int *)b];

    return (x < y) - (x > y);
}

START_TEST(average_precision_is_the_area_under_precision_and_recall)
{
    static int order[N];
    double area = 0, hits = 0, all = 0;

    tell(1);
    for (int i = 0; i < N; i++) {
        order[i] = i;
        all += came[i];
    }
    qsort(order, N, sizeof(*order), by_p);
    for (int i = 0; i < N; i++) {
        hits += came[order[i]];
        area += came[order[i]] ? hits / (i + 1) : 0;
    }
    ck_assert_double_eq_tol(score_average_precision(&s), area / all, .01);
}
END_TEST

START_TEST(knowing_nothing_has_no_skill_and_finds_at_the_base_rate)
{
    tell(1);
    double base = score_base_rate(&s);

    memset(&s, 0, sizeof(s));
    for (int i = 0; i < N; i++)
        score_chance_add(&s, base, came[i]);
    ck_assert_double_eq_tol(score_brier_skill(&s), 0, 1e-9);
    ck_assert_double_eq_tol(score_average_precision(&s), base, 1e-9);
    ck_assert_double_eq_tol(score_calibration_error(&s), 0, 1e-9);
    ck_assert_double_eq_tol(score_corp(&s).discrimination, 0, 1e-9);
}
END_TEST

START_TEST(what_is_calibrated_shows_little_miscalibration_and_what_is_not_shows_it)
{
    double calibrated;

    tell(1);
    calibrated = score_calibration_error(&s);
    ck_assert_double_lt(calibrated, .006);
    ck_assert_double_lt(score_corp(&s).miscalibration, .002);
    tell(3);
    ck_assert_double_gt(score_calibration_error(&s), 3 * calibrated);
    ck_assert_double_gt(score_corp(&s).miscalibration, .005);
}
END_TEST

/* The parts sum to the Brier score, whatever the forecasts; recalibrating by a rising
 * function leaves discrimination. */
START_TEST(the_parts_of_the_brier_score_sum_to_it)
{
    struct score_corp one, other;

    tell(1);
    one = score_corp(&s);
    ck_assert_double_eq_tol(one.miscalibration - one.discrimination + one.uncertainty,
                            score_brier(&s), 1e-12);
    tell(.5);
    other = score_corp(&s);
    ck_assert_double_eq_tol(one.discrimination, other.discrimination, 1e-3);
    ck_assert_double_ge(other.miscalibration, 0);
}
END_TEST

START_TEST(parts_add_up_to_the_whole)
{
    struct score_chance half[2] = { 0 };

    tell(1);
    for (int i = 0; i < N; i++)
        score_chance_add(&half[i % 2], p[i], came[i]);
    score_chance_merge(&half[0], &half[1]);
    ck_assert_double_eq_tol(score_brier(&half[0]), score_brier(&s), 1e-12);
    ck_assert_double_eq(score_average_precision(&half[0]), score_average_precision(&s));
    ck_assert_double_eq_tol(score_calibration_error(&half[0]),
                            score_calibration_error(&s), 1e-12);
}
END_TEST

START_TEST(of_nothing_nothing_is_known)
{
    struct score_quantiles q = { 0 };
    struct score_warnings w;

    memset(&s, 0, sizeof(s));
    score_warnings_init(&w, 900, 15);
    score_chance_add(&s, NAN, true);
    ck_assert(isnan(score_brier(&s)) && isnan(score_brier_skill(&s)) &&
              isnan(score_average_precision(&s)) && isnan(score_calibration_error(&s)));
    ck_assert(isnan(score_coverage(&q)) && isnan(score_mean_pinball(&q)));
    ck_assert(isnan(score_recall(&w)) && isnan(score_false_alarms_per_day(&w)));
    score_chance_add(&s, .3, false);
    ck_assert(isnan(score_brier_skill(&s)));
}
END_TEST

START_TEST(extreme_probabilities_have_a_place)
{
    memset(&s, 0, sizeof(s));
    for (int i = 0; i < 10; i++) {
        score_chance_add(&s, 0, i == 0);
        score_chance_add(&s, 1, i != 0);
    }
    ck_assert_double_eq_tol(score_brier(&s), .1, 1e-12);
    ck_assert_double_eq_tol(score_mean_log_loss(&s),
                            (2 * -log(1e-4) - 18 * log(1 - 1e-4)) / 20, 1e-9);
}
END_TEST

START_TEST(quantiles_cover_what_they_say)
{
    struct score_quantiles q = { 0 };
    double said[SCORE_LEVELS], holed[SCORE_LEVELS];

    dice = 3;
    memcpy(said, score_levels, sizeof(said));
    memcpy(holed, said, sizeof(said));
    holed[4] = NAN;
    for (int i = 0; i < 100000; i++) {
        double x = chance();

        score_quantiles_add(&q, said, x);
        score_quantiles_add(&q, holed, x);
    }
    ck_assert_uint_eq(q.count, 100000);
    ck_assert_double_eq_tol(score_coverage(&q), .8, .004);
    ck_assert_double_eq_tol(score_exceedance(&q), .01, .001);
    /* Uniform: level (1 - level) / 2 each. */
    ck_assert_double_eq_tol(score_mean_pinball(&q), (.045 + .125 + .045 + .00495) / 4,
                            5e-4);
}
END_TEST

START_TEST(a_band_holds_its_edges)
{
    static const double said[SCORE_LEVELS] = { 4, 5, 6, 7, 8, 9, 10, 11 };
    static const double frozen[SCORE_LEVELS] = { 5, 5, 5, 5, 5, 5, 5, 5 };
    struct score_quantiles q = { 0 };

    score_quantiles_add(&q, said, 5);
    score_quantiles_add(&q, said, 9);
    score_quantiles_add(&q, frozen, 5);
    ck_assert_double_eq(score_coverage(&q), 1);
    ck_assert_double_eq(score_exceedance(&q), 0);
    score_quantiles_add(&q, said, 4.99);
    score_quantiles_add(&q, said, 9.01);
    ck_assert_double_eq(score_coverage(&q), .6);
}
END_TEST

/* ---- warnings ---- */

static struct score_warnings w;

/* A letter a minute: "." calm, "a" alarm, "X" above. */
static void play(const char *minutes)
{
    score_warnings_init(&w, 600, 60);
    for (int i = 0; minutes[i]; i++)
        score_warnings_add(&w, 60 * (i + 1), minutes[i] == 'X', minutes[i] == 'a');
}

START_TEST(an_episode_is_warned_of_by_an_alarm_before_it)
{
    play("....aaa..XX............");
    ck_assert_uint_eq(w.episodes, 1);
    ck_assert_double_eq(score_recall(&w), 1);
    ck_assert_double_eq(score_mean_lead_s(&w), 300);
    ck_assert_uint_eq(w.false_alarms, 0);
}
END_TEST

START_TEST(an_alarm_too_early_is_false_and_the_episode_missed)
{
    play("aa..............................XX........");
    ck_assert_uint_eq(w.episodes, 1);
    ck_assert_double_eq(score_recall(&w), 0);
    ck_assert_uint_eq(w.false_alarms, 1);
    ck_assert_double_eq_tol(score_false_alarms_per_day(&w), 86400 / (41 * 60.), 1e-9);
}
END_TEST

START_TEST(flicker_is_one_episode_and_one_alarm)
{
    play(".a.a.a.XX..X.XX.........................................a....a............a");
    ck_assert_uint_eq(w.episodes, 1);
    ck_assert_uint_eq(w.false_alarms, 0);       /* the last run may still come true */
    play("XXXX....");
    /* above from the start: nobody could warn */
    ck_assert_uint_eq(w.episodes, 0);
}
END_TEST

START_TEST(an_alarm_all_the_time_leads_by_the_horizon_at_most)
{
    play("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX");
    ck_assert_double_eq(score_mean_lead_s(&w), 600);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("score");
    TCase *t = tcase_create("score");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, t);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, pinball_is_least_at_the_quantile);
    tcase_add_test(t, the_crps_of_a_normal_is_what_theory_says);
    tcase_add_test(t, means_are_those_of_the_definitions);
    tcase_add_test(t, average_precision_is_the_area_under_precision_and_recall);
    tcase_add_test(t, knowing_nothing_has_no_skill_and_finds_at_the_base_rate);
    tcase_add_test(
        t, what_is_calibrated_shows_little_miscalibration_and_what_is_not_shows_it);
    tcase_add_test(t, the_parts_of_the_brier_score_sum_to_it);
    tcase_add_test(t, parts_add_up_to_the_whole);
    tcase_add_test(t, of_nothing_nothing_is_known);
    tcase_add_test(t, extreme_probabilities_have_a_place);
    tcase_add_test(t, quantiles_cover_what_they_say);
    tcase_add_test(t, a_band_holds_its_edges);
    tcase_add_test(t, an_episode_is_warned_of_by_an_alarm_before_it);
    tcase_add_test(t, an_alarm_too_early_is_false_and_the_episode_missed);
    tcase_add_test(t, flicker_is_one_episode_and_one_alarm);
    tcase_add_test(t, an_alarm_all_the_time_leads_by_the_horizon_at_most);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
