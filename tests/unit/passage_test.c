/* Reaching a boundary: the oracles of the design's notes, and an exact solver beside the
 * approximations. */
#include "forecast/passage.h"
#include "tests/lib/check.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t dice;

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

static const struct {
    double b, mu, s, t, p;
} brownian[] = {
    { 1, 0, 1, 1, 0.3173105079 },      { 2, 0, 1, 1, 0.0455002639 },
    { 3, 0, 1, 1, 0.0026997961 },      { 1, .5, 1, 1, 0.4901383399 },
    { 1, -.5, 1, 1, 0.1803118186 },    { 2, 1, 1, 4, 0.9150466813 },
    { 5, .1, .5, 60, 0.7249565875 },   { 100, 2, 10, 30, 0.3277964174 },
    { 100, 0, 10, 30, 0.0678891549 },  { 50, -1, 8, 60, 0.1561811850 },
};

START_TEST(brownian_motion_reaches_as_theory_says)
{
    ck_assert_double_eq_tol(
        passage_brownian(brownian[_i].b, brownian[_i].mu, brownian[_i].s, brownian[_i].t),
        brownian[_i].p, 1e-9);
}
END_TEST

START_TEST(without_drift_it_is_twice_as_likely_on_the_way_as_at_the_end)
{
    for (double b = .1; b < 9; b *= 1.3)
        ck_assert_double_eq_tol(passage_brownian(b, 0, 1, 2) / normal_above(b / sqrt(2)),
                                2, 1e-9);
    /* With a fall it is more than that. */
    ck_assert_double_eq_tol(normal_above((50 + 60) / (8 * sqrt(60))), .0379, 5e-5);
}
END_TEST

/* E tau = b / mu, sd = sqrt(b s^2 / mu^3). */
static void check_mean_passage(double b, double mu, double s, double mean, double sd)
{
    double first = 0, second = 0, step = mean / 5000;

    for (double t = step / 2; t < 60 * mean; t += step) {
        double above = 1 - passage_brownian(b, mu, s, t);

        first += above * step;
        second += 2 * t * above * step;
    }
    ck_assert_double_eq_tol(first, mean, mean * 1e-4);
    ck_assert_double_eq_tol(sqrt(second - first * first), sd, sd * 1e-3);
}

START_TEST(the_mean_time_to_a_boundary_is_what_theory_says)
{
    check_mean_passage(2, 1, 1, 2, sqrt(2));
    check_mean_passage(5, .1, .5, 50, 35.3553);
}
END_TEST

START_TEST(nothing_overflows)
{
    ck_assert_double_eq_tol(passage_brownian(1e9, 1e6, 1, 1e5), 1, 1e-12);
    ck_assert_double_eq_tol(passage_brownian(1e9, -1e6, 1, 1e5), 0, 1e-12);
    ck_assert_double_eq_tol(passage_brownian(30, 40, 1, 1), 1, 1e-9);
    ck_assert_double_eq(passage_brownian(1, 2, 0, 1), 1);
    ck_assert_double_eq(passage_brownian(3, 2, 0, 1), 0);
    ck_assert_double_eq(passage_brownian(-1, -5, 1, 1), 1);
    for (double p = 1e-250; p < .999; p *= 7)
        ck_assert_double_eq_tol(normal_above(normal_score(p)) / p, 1, 1e-9);
}
END_TEST

START_TEST(seen_now_and_then_a_maximum_is_less)
{
    double shifted = 100 + passage_shift(100, 1);

    ck_assert_double_eq_tol(passage_brownian(shifted, 0, 10, 30), .05335, 1e-5);
    ck_assert_double_eq_tol(passage_brownian(shifted, 0, 10, 30), .05428, .0012);
}
END_TEST

/* ---- the exact maximum of AR(1), on a grid ---- */

enum { GRID = 600 };

/* P(max of X_1..X_n >= c_k | X_0 = x0), unit stationary variance: the density below the
 * boundary, carried on step by step by Simpson's rule. */
static double ar1_max(double x0, double a, size_t n, const double *boundary)
{
    static double now[GRID + 1], next[GRID + 1];
    double sd = sqrt(1 - a * a), low = -7, high = boundary[0], old_high = 0, mass = 0;

    for (size_t k = 0; k < n; k++) {
        double width, old_width = (old_high - low) / GRID;

        high = boundary[k];
        width = (high - low) / GRID;
        for (int i = 0; i <= GRID; i++) {
            double y = low + i * width, sum = 0;

            if (k == 0) {
                next[i] = exp(-.5 * pow((y - a * x0) / sd, 2)) / sd / sqrt(2 * M_PI);
                continue;
            }
            /* What is further than eight spreads adds nothing. */
            int from = a > 0 ? (int)floor(((y - 8 * sd) / a - low) / old_width) : 0;
            int to = a > 0 ? (int)ceil(((y + 8 * sd) / a - low) / old_width) : GRID;

            for (int j = from < 0 ? 0 : from; j <= (to > GRID ? GRID : to); j++) {
                double x = low + j * old_width, z = (y - a * x) / sd;
                double weight = j == 0 || j == GRID ? 1 : j % 2 ? 4 : 2;

                sum += weight * now[j] * exp(-.5 * z * z);
            }
            next[i] = sum * old_width / 3 / sd / sqrt(2 * M_PI);
        }
        for (int i = 0; i <= GRID; i++)
            now[i] = next[i];
        old_high = high;
    }
    for (int i = 0; i <= GRID; i++)
        mass += now[i] * (i == 0 || i == GRID ? 1 : i % 2 ? 4 : 2);
    return 1 - mass * (high - low) / GRID / 3;
}

static const struct {
    double x0, a;
    size_t n;
    double c, p;
} ar1[] = {
    { 0, .9, 60, 2, .304884 },    { 0, .9, 60, 3, .030107 },    { 0, .99, 60, 2, .021837 },
    { 1, .99, 60, 2, .143455 },   { 1.5, .99, 60, 2, .347971 }, { 0, .99, 360, 3, .025820 },
    { 0, .5, 60, 3, .071336 },    { 0, 0, 60, 3, .0778511 },
};

static double level[400], flat[PASSAGE_KNOTS];

static void fill(double *x, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        x[i] = value;
}

START_TEST(the_exact_solver_is_exact)
{
    fill(level, ar1[_i].n, ar1[_i].c);
    ck_assert_double_eq_tol(ar1_max(ar1[_i].x0, ar1[_i].a, ar1[_i].n, level), ar1[_i].p,
                            ar1[_i].a > .9 ? 2e-5 : 2e-6);
}
END_TEST

/* A step of AR(1) is a unit of time; the last cases are beyond what a continuous process
 * can stand for. */
START_TEST(first_passage_is_near_the_exact_maximum)
{
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], one[PASSAGE_KNOTS],
        two[PASSAGE_KNOTS];
    struct passage p = { .theta = -log(ar1[_i].a), .variance = 1, .start = ar1[_i].x0 };

    passage_knots(times, PASSAGE_KNOTS, .25, (double)ar1[_i].n);
    fill(boundary, PASSAGE_KNOTS, ar1[_i].c + passage_shift(2 * p.theta, 1));
    passage_first(&p, times, boundary, flat, PASSAGE_KNOTS, one);
    passage_exact(&p, times, boundary, flat, PASSAGE_KNOTS, two);
    ck_assert_double_eq_tol(one[PASSAGE_KNOTS - 1], ar1[_i].p, .02 + .1 * ar1[_i].p);
    ck_assert_double_eq_tol(two[PASSAGE_KNOTS - 1], ar1[_i].p, .02 + .1 * ar1[_i].p);
}
END_TEST

/* Moving boundaries, any start: errors over many cases. */
struct errors {
    double square, log_ratio, worst;
    int within, count;
};

static void take_error(struct errors *e, double got, double exact)
{
    double off = fabs(got - exact);

    e->square += off * off;
    if (exact > 1e-6 && got > 0)
        e->log_ratio += fabs(log(got / exact));
    e->worst = fmax(e->worst, off);
    e->within += off <= .02 + .1 * exact;
    e->count++;
}

START_TEST(over_many_moving_boundaries_the_errors_are_small)
{
    struct errors end = { 0 }, first = { 0 }, exact = { 0 };
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], slope[PASSAGE_KNOTS],
        got[PASSAGE_KNOTS];

    dice = 11;
    for (int run = 0; run < 60; run++) {
        size_t n = 30 + (size_t)(chance() * 90);
        double a = exp(-exp(log(.01) + chance() * log(20))), x0 = 2 * chance() - 1;
        double b0 = x0 + .6 + 2.5 * chance(), rise = (chance() - .5) * 2 / (double)n;
        struct passage p = { .theta = -log(a), .variance = 1, .start = x0 };

        for (size_t k = 0; k < n; k++)
            level[k] = b0 + rise * (double)(k + 1);
        double truth = ar1_max(x0, a, n, level);

        passage_knots(times, PASSAGE_KNOTS, .25, (double)n);
        for (size_t k = 0; k < PASSAGE_KNOTS; k++) {
            boundary[k] = b0 + rise * times[k] + passage_shift(2 * p.theta, 1);
            slope[k] = rise;
        }
        passage_first(&p, times, boundary, slope, PASSAGE_KNOTS, got);
        take_error(&first, got[PASSAGE_KNOTS - 1], truth);
        passage_exact(&p, times, boundary, slope, PASSAGE_KNOTS, got);
        take_error(&exact, got[PASSAGE_KNOTS - 1], truth);
        take_error(&end, normal_above((level[n - 1] - x0 * pow(a, (double)n)) /
                                      sqrt(1 - pow(a, 2. * (double)n))), truth);
    }
    printf(
        "# RMS %.3f at the end, %.3f first, %.3f exact; log ratio %.2f %.3f %.3f; within %d %d "
        "of %d; worst %.2f %.2f\n",
        sqrt(end.square / end.count), sqrt(first.square / first.count),
        sqrt(exact.square / exact.count), end.log_ratio / end.count,
        first.log_ratio / first.count, exact.log_ratio / exact.count, first.within,
        exact.within, exact.count, first.worst, exact.worst);
    ck_assert_double_lt(sqrt(first.square / first.count), .045);
    ck_assert_double_lt(sqrt(exact.square / exact.count), .012);
    ck_assert_int_ge(first.within, first.count * 9 / 10);
    ck_assert_int_ge(exact.within, exact.count * 97 / 100);
}
END_TEST

/* A random walk alone is Brownian motion, and a straight boundary is exact there. */
START_TEST(a_wandering_level_alone_is_brownian_motion)
{
    for (size_t i = 0; i < sizeof(brownian) / sizeof(brownian[0]); i++) {
        double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], slope[PASSAGE_KNOTS],
            got[PASSAGE_KNOTS];
        struct passage p = { .wander = brownian[i].s * brownian[i].s };

        passage_knots(times, PASSAGE_KNOTS, brownian[i].t / 400, brownian[i].t);
        for (size_t k = 0; k < PASSAGE_KNOTS; k++) {
            boundary[k] = brownian[i].b - brownian[i].mu * times[k];
            slope[k] = -brownian[i].mu;
        }
        passage_exact(&p, times, boundary, slope, PASSAGE_KNOTS, got);
        ck_assert_double_eq_tol(got[PASSAGE_KNOTS - 1], brownian[i].p, .01);
        passage_first(&p, times, boundary, slope, PASSAGE_KNOTS, got);
        ck_assert_double_eq_tol(got[PASSAGE_KNOTS - 1], brownian[i].p, .01);
    }
}
END_TEST

/* Both parts together, beside a simulation of the sum. */
START_TEST(noise_over_a_wandering_level_is_near_its_simulation)
{
    static const struct {
        double theta, wander, c;
    } cases[] = {
        { .1, .02, 2.5 }, { .02, .005, 2.5 }, { .05, .05, 3 }, { .03, .002, 2 }
    };
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], got[PASSAGE_KNOTS];
    int hits = 0, runs = 40000;
    struct passage p = { .theta = cases[_i].theta,
                         .variance = 1,
                         .wander = cases[_i].wander };
    double a = exp(-p.theta), sd = sqrt(1 - a * a);

    dice = 5;
    for (int run = 0; run < runs; run++) {
        double x = 0, w = 0;

        for (int k = 0; k < 60; k++) {
            double r = sqrt(-2 * log(chance() + 1e-300)), turn = 2 * M_PI * chance();

            x = a * x + sd * r * cos(turn);
            w += sqrt(p.wander) * r * sin(turn);
            if (x + w >= cases[_i].c) {
                hits++;
                break;
            }
        }
    }
    passage_knots(times, PASSAGE_KNOTS, .25, 60);
    fill(boundary, PASSAGE_KNOTS, cases[_i].c + passage_shift(2 * p.theta + p.wander, 1));
    passage_exact(&p, times, boundary, flat, PASSAGE_KNOTS, got);
    ck_assert_double_eq_tol(got[PASSAGE_KNOTS - 1], (double)hits / runs, .025);
    passage_first(&p, times, boundary, flat, PASSAGE_KNOTS, got);
    ck_assert_double_eq_tol(got[PASSAGE_KNOTS - 1], (double)hits / runs, .065);
}
END_TEST

/* An hour of fast noise over a level that hardly wanders: of crossings counted one by one
 * there would be more than 1. */
START_TEST(fast_noise_over_a_slow_level_is_no_certainty)
{
    enum { RUNS = 400, STEPS = 3600 };
    struct passage p = { .theta = .1, .variance = 1, .wander = 2. / STEPS };
    double a = exp(-p.theta), sd = sqrt(1 - a * a), share;
    int hits = 0;

    dice = 7;
    for (int run = 0; run < RUNS; run++) {
        double x = 0, w = 0;

        for (int k = 0; k < STEPS && x + w < 5; k++) {
            double r = sqrt(-2 * log(chance() + 1e-300)), turn = 2 * M_PI * chance();

            x = a * x + sd * r * cos(turn);
            w += sqrt(p.wander) * r * sin(turn);
        }
        hits += x + w >= 5;
    }
    share = (double)hits / RUNS;
    ck_assert_double_eq_tol(
        passage_apart(&p, 5 + passage_shift(2 * p.theta + p.wander, 1), STEPS), share,
        .15);
    ck_assert_double_ge(passage_apart(&p, .5, STEPS), .99);
    ck_assert_double_le(passage_apart(&p, 30, STEPS), 1e-9);
}
END_TEST

/* The mean time to a boundary, integrated over what the passage says: facts 3.13. */
START_TEST(the_mean_first_passage_of_noise_is_what_theory_says)
{
    static const double oracle[] = { 2.09340665, 10.42840940, 86.93161989, 2018.39238 };
    double b = _i + 1, mean = oracle[_i], horizon = b > 2 ? 30 : 6 * mean, sum = 0,
           last = 0, last_p = 0;
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], got[PASSAGE_KNOTS];
    struct passage p = { .theta = 1, .variance = 1 };

    passage_knots(times, PASSAGE_KNOTS, .02, horizon);
    fill(boundary, PASSAGE_KNOTS, b);
    passage_exact(&p, times, boundary, flat, PASSAGE_KNOTS, got);
    /* Late knots stand further apart than the noise remembers: a fifth is what they can
     * do. */
    if (b > 2) {                /* rare: as good as memoryless after a while */
        ck_assert_double_eq_tol(-log1p(-got[PASSAGE_KNOTS - 1]) / (horizon - 1.5) * mean,
                                1, .2);
        return;
    }
    for (int i = 0; i < PASSAGE_KNOTS; i++) {
        sum += (times[i] - last) * (2 - last_p - got[i]) / 2;
        last = times[i];
        last_p = got[i];
    }
    ck_assert_double_eq_tol(sum, mean, .2 * mean);
}
END_TEST

START_TEST(a_mean_over_a_window_varies_as_theory_says)
{
    static const double x[] = { .1, 1, 10, 100 };
    static const double oracle[] = { 0.9674836072, 0.7357588823, 0.1800009080, 0.0198 };

    for (int i = 0; i < 4; i++)
        ck_assert_double_eq_tol(mean_variance(x[i]), oracle[i], 1e-10);
    /* The series meets the formula. */
    ck_assert_double_eq_tol(mean_variance(.00099999), mean_variance(.00100001), 1e-7);
    ck_assert_double_eq_tol(mean_variance_from(.0199999) / mean_variance_from(.0200001),
                            1, 2e-5);
}
END_TEST

START_TEST(a_demand_block_is_exact)
{
    ck_assert_double_eq_tol(25 * mean_variance_from(1), 8.40456204, 1e-8);
    ck_assert_double_eq_tol(passage_block(104, 101, 0, 5, 1 / 300., 300), 0.15037710,
                            1e-8);
    /* A stationary start is more spread. */
    ck_assert_double_eq_tol(normal_above(3 / (5 * sqrt(mean_variance(1)))), 0.24212193,
                            1e-8);
    ck_assert_double_eq(passage_block(104, 105, 0, 0, 1, 300), 1);
}
END_TEST

START_TEST(a_sliding_mean_crosses_as_rice_says)
{
    ck_assert_double_eq_tol(mean_crossings(2, 1, 1), .028234, 1e-6);
    ck_assert_double_eq_tol(mean_crossings(2, .01, 100) * 100, .028234, 1e-6);
}
END_TEST

START_TEST(noise_hardly_heats_a_trip)
{
    ck_assert_double_eq_tol(trip_variance(.9, 1, 1 / 30., 600), .154286, 1e-6);
}
END_TEST

/* ---- properties ---- */

static double reached(double away, double theta, double wander, double mean_slope,
                      double horizon)
{
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], slope[PASSAGE_KNOTS],
        got[PASSAGE_KNOTS];
    struct passage p = { .theta = theta, .variance = 1, .wander = wander };

    passage_knots(times, PASSAGE_KNOTS, .25, horizon);
    for (int i = 0; i < PASSAGE_KNOTS; i++) {
        boundary[i] = away - mean_slope * times[i];
        slope[i] = -mean_slope;
    }
    passage_first(&p, times, boundary, slope, PASSAGE_KNOTS, got);
    for (int i = 1; i < PASSAGE_KNOTS; i++)
        ck_assert_double_ge(got[i], got[i - 1]);
    return got[PASSAGE_KNOTS - 1];
}

/* ---- the law of the highest ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double normal(void)
{
    return sqrt(-2 * log(1 - chance())) * cos(2 * M_PI * chance());
}

/* P(the highest of n looks at an AR(1) of unit variance from x0 on is above `most`). */
static double said_of_highest(double x0, double a, size_t n, double most)
{
    struct passage p = { .theta = -log(a), .variance = 1, .start = x0 };
    double times[PASSAGE_KNOTS], boundary[PASSAGE_KNOTS], got[PASSAGE_KNOTS];

    passage_knots(times, PASSAGE_KNOTS, .25, (double)n);
    fill(boundary, PASSAGE_KNOTS, most + passage_shift(2 * p.theta, 1));
    passage_exact(&p, times, boundary, flat, PASSAGE_KNOTS, got);
    return got[PASSAGE_KNOTS - 1];
}

/* What was said of the cap that just would not have been passed is as likely to be one
 * number as another (Kolmogorov 1933: 1.63 / sqrt n is p = .01), and nine in ten lie
 * between .05 and .95: what is nearly certain is known less well, by .02. */
START_TEST(the_highest_falls_evenly_into_what_was_foreseen)
{
    enum { RUNS = 2000, LOOKS = 600 };
    const double a = .995;
    double said[RUNS], apart = 0;
    size_t inside = 0;

    dice = 7;
    for (size_t run = 0; run < RUNS; run++) {
        double x0 = .5 * normal(), x = x0, most = -INFINITY;

        for (size_t look = 0; look < LOOKS; look++) {
            x = a * x + sqrt(1 - a * a) * normal();
            most = fmax(most, x);
        }
        said[run] = said_of_highest(x0, a, LOOKS, most);
        inside += said[run] > .05 && said[run] < .95;
    }
    qsort(said, RUNS, sizeof(*said), by_size);
    for (size_t i = 0; i < RUNS; i++)
        apart = fmax(apart,
                     fmax((double)(i + 1) / RUNS - said[i], said[i] - (double)i / RUNS));
    ck_assert_double_lt(apart, 1.63 / sqrt(RUNS));
    ck_assert_double_eq_tol((double)inside / RUNS, .9, .03);
}
END_TEST

START_TEST(further_away_is_less_likely_and_longer_more)
{
    dice = 1;
    for (int i = 0; i < 300; i++) {
        double away = .5 + 4 * chance(), theta = .001 + chance(), wander = chance() * .02;
        double p = reached(away, theta, wander, 0, 60);

        /* To the accuracy of the knots; what is nearly certain is known less well. */
        ck_assert(p >= 0 && p <= 1);
        if (p > .8)
            continue;
        ck_assert_double_le(reached(away + .1, theta, wander, 0, 60), p + .01);
        ck_assert_double_ge(reached(away, theta, wander, 0, 120), p - .01);
        ck_assert_double_ge(reached(away, theta, wander, .01, 60), p - .01);
    }
}
END_TEST

START_TEST(already_above_is_certain)
{
    ck_assert_double_eq(reached(-.1, .1, 0, 0, 60), 1);
    ck_assert_double_eq(reached(0, .1, 0, 0, 60), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("passage");
    TCase *t = tcase_create("passage");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, t);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, brownian_motion_reaches_as_theory_says, 0, 10);
    tcase_add_test(t, without_drift_it_is_twice_as_likely_on_the_way_as_at_the_end);
    tcase_add_test(t, the_mean_time_to_a_boundary_is_what_theory_says);
    tcase_add_test(t, nothing_overflows);
    tcase_add_test(t, seen_now_and_then_a_maximum_is_less);
    tcase_add_loop_test(t, the_exact_solver_is_exact, 0, 8);
    tcase_add_loop_test(t, first_passage_is_near_the_exact_maximum, 0, 7);
    tcase_add_test(t, over_many_moving_boundaries_the_errors_are_small);
    tcase_add_test(t, a_wandering_level_alone_is_brownian_motion);
    tcase_add_loop_test(t, noise_over_a_wandering_level_is_near_its_simulation, 0, 4);
    tcase_add_test(t, fast_noise_over_a_slow_level_is_no_certainty);
    tcase_add_loop_test(t, the_mean_first_passage_of_noise_is_what_theory_says, 0, 4);
    tcase_add_test(t, a_mean_over_a_window_varies_as_theory_says);
    tcase_add_test(t, a_demand_block_is_exact);
    tcase_add_test(t, a_sliding_mean_crosses_as_rice_says);
    tcase_add_test(t, noise_hardly_heats_a_trip);
    tcase_add_test(t, the_highest_falls_evenly_into_what_was_foreseen);
    tcase_add_test(t, further_away_is_less_likely_and_longer_more);
    tcase_add_test(t, already_above_is_certain);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
