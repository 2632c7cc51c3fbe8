/* The backtest: the columns, no look into the future, and its complaints. */
#include "backtest.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

static char path[] = "/tmp/gw-backtest-XXXXXX";
static char jobs_path[] = "/tmp/gw-backtest-XXXXXX";
static char *csv, *summary;
static struct err err;

static void make_file(char name[])
{
    int fd;

    memcpy(name + strlen(name) - 6, "XXXXXX", 6);
    fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void set_up(void)
{
    make_file(path);
    make_file(jobs_path);
    csv = summary = NULL;
    memset(&err, 0, sizeof(err));
}

static void tear_down(void)
{
    unlink(path);
    unlink(jobs_path);
    free(csv);
    free(summary);
}

static void write_to(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void write_file(const char *text)
{
    write_to(path, text);
}

/* A sawtooth, a sample a minute. */
static void write_series(size_t count, size_t changed_from)
{
    FILE *f = fopen(path, "w");

    fputs("unix_seconds,watts\n", f);
    for (size_t i = 0; i < count; i++)
        fprintf(f, "%zu,%zu\n", 1000000 + 60 * i,
                (i >= changed_from ? 9000 : 5000) + i % 20 * 10 + i * 7919 % 13);
    fclose(f);
}

static int run(const struct backtest_options *o)
{
    const char *const files[] = { path };
    size_t len;
    FILE *out, *said;
    int result;

    free(csv);
    free(summary);
    out = open_memstream(&csv, &len);
    said = open_memstream(&summary, &len);
    result = backtest_run(files, 1, o, out, said, &err);
    fclose(out);
    fclose(said);
    return result;
}

static char *row(size_t n)
{
    char *at = csv;

    for (; n > 0; n--) {
        at = strchr(at, '\n');
        ck_assert_ptr_nonnull(at);
        at++;
    }
    return at;
}

/* The n-th cell of a row; NAN where it is empty. */
static double cell(const char *at, size_t n)
{
    for (; n > 0; n--)
        at = strchr(at, ',') + 1;
    return *at == ',' || *at == '\n' ? NAN : strtod(at, NULL);
}

static size_t lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

START_TEST(the_columns_are_those_of_the_manual)
{
    struct backtest_options o = backtest_defaults;

    write_series(100, 1000);
    ck_assert_int_eq(run(&o), 0);
    row(1)[-1] = 0;
    ck_assert_str_eq(
        csv, "series,origin,horizon_s,cap_w,p_breach,q05,q10,q25,q50,q75,q90,q95,q99,"
             "max_q10,max_q50,max_q90,max_q99,ttb_p10_s,ttb_p50_s,ttb_p90_s,"
             "actual_w,actual_max_w,breached");
}
END_TEST

START_TEST(every_origin_has_a_row_for_every_horizon)
{
    struct backtest_options o = backtest_defaults;

    write_series(121, 1000);
    ck_assert_int_eq(run(&o), 0);
    /* 0, 15, … 120 min: nine origins, three horizons, a header. */
    ck_assert_uint_eq(lines(csv), 28);
    ck_assert_double_eq(cell(row(1), 1), 1000000);
    ck_assert_double_eq(cell(row(1), 2), 300);
    ck_assert_double_eq(cell(row(4), 1), 1000900);
    ck_assert_double_eq(cell(row(6), 2), 3600);
}
END_TEST

START_TEST(what_came_stands_beside_what_was_said)
{
    struct backtest_options o = backtest_defaults;

    o.from = 1000000 + 60 * 90;
    ck_assert_int_eq(backtest_read_cap(&o, "5205", &err), 0);
    write_series(200, 95);
    ck_assert_int_eq(run(&o), 0);
    ck_assert_double_eq(cell(row(1), 1), 1005400);
    ck_assert_double_eq(cell(row(1), 20), 9000 + 15 * 10 + 95 * 7919 % 13);
    ck_assert_double_gt(cell(row(1), 21), 9000);
    ck_assert_double_eq(cell(row(1), 22), 1);
    /* The last hour is not over when the file ends. */
    ck_assert(isnan(cell(row(lines(csv) - 1), 20)));
    ck_assert(isnan(cell(row(lines(csv) - 1), 22)));
}
END_TEST

START_TEST(the_future_changes_no_forecast)
{
    struct backtest_options o = backtest_defaults;
    double said[12];

    o.from = 1000000 + 60 * 90;
    write_series(300, 1000);
    ck_assert_int_eq(run(&o), 0);
    for (size_t i = 0; i < 12; i++)
        said[i] = cell(row(1), 5 + i);
    write_series(300, 91);
    ck_assert_int_eq(run(&o), 0);
    for (size_t i = 0; i < 12; i++)
        ck_assert_double_eq(cell(row(1), 5 + i), said[i]);
}
END_TEST

START_TEST(a_cap_by_quantile_is_of_the_samples_before)
{
    struct backtest_options o = backtest_defaults;

    ck_assert_int_eq(backtest_read_cap(&o, "q1", &err), 0);
    o.from = 1000000 + 60 * 90;
    write_series(300, 91);
    ck_assert_int_eq(run(&o), 0);
    ck_assert_double_gt(cell(row(1), 3), 5190);
    ck_assert_double_lt(cell(row(1), 3), 5210);
    o.from = NAN;
    ck_assert_int_eq(run(&o), -1);
    ck_assert_msg(strstr(err.text, "needs --from") != NULL, "%s", err.text);
}
END_TEST

/* Rows are what a console would have shown: by p, no quantile says otherwise. Several
 * caps each have their own. */
START_TEST(the_quantiles_of_a_row_do_not_contradict_its_p)
{
    static const double levels[] = {
        .05, .1, .25, .5, .75, .9, .95, .99, .1, .5, .9, .99
    };
    struct backtest_options o = backtest_defaults;
    size_t near = 0;

    o.from = 1000000 + 60 * 90;
    ck_assert_int_eq(backtest_read_cap(&o, "5150,5192,5203", &err), 0);
    write_series(600, 1000);
    ck_assert_int_eq(run(&o), 0);
    for (size_t n = 1; n < lines(csv); n++) {
        const char *at = row(n);
        double cap = cell(at, 3), p = cell(at, 4);

        for (size_t i = 0; i < 12 && !isnan(p); i++) {
            double q = cell(at, 5 + i);
            bool is_highest = i >= 8;

            /* The end may be below a cap that was passed on the way. */
            if (levels[i] < 1 - p - 1e-6)
                ck_assert_msg(q <= cap + .01, "row %zu, p %g: quantile %g is %g", n, p,
                              levels[i], q);
            else if (is_highest && levels[i] > 1 - p + 1e-6)
                ck_assert_msg(q >= cap - .01, "row %zu, p %g: the highest at %g is %g", n,
                              p, levels[i], q);
        }
        near += p > .05 && p < .95;
    }
    ck_assert_uint_gt(near, 10);
}
END_TEST

START_TEST(a_gap_leaves_its_cells_empty)
{
    struct backtest_options o = backtest_defaults;
    FILE *f;

    write_series(91, 1000);
    f = fopen(path, "a");
    fprintf(f, "1005460,\n1020000,5100\n1020060,5100\n");
    fclose(f);
    o.from = 1005400;
    ck_assert_int_eq(run(&o), 0);
    ck_assert(isnan(cell(row(1), 20)) && isnan(cell(row(1), 21)) &&
              isnan(cell(row(1), 22)));
    ck_assert(!isnan(cell(row(1), 8)));
}
END_TEST

START_TEST(the_summary_says_how_good_it_was)
{
    struct backtest_options o = backtest_defaults;

    ck_assert_int_eq(backtest_read_cap(&o, "5195", &err), 0);
    write_series(3000, 100000);
    ck_assert_int_eq(run(&o), 0);
    ck_assert_msg(strstr(summary, ", cap 5195 W\n") && strstr(summary, "in 80 %"), "%s",
                  summary);
    ck_assert_uint_eq(lines(summary), 5);
}
END_TEST

START_TEST(options_are_read_with_units)
{
    struct backtest_options o = backtest_defaults;

    ck_assert_int_eq(backtest_read_cap(&o, "5.2MW", &err), 0);
    ck_assert_double_eq_tol(o.caps[0].watts, 5.2e6, 1e-3);
    ck_assert_int_eq(backtest_read_horizons(&o, "5m,15m,1h", &err), 0);
    ck_assert_uint_eq(o.horizon_count, 3);
    ck_assert_double_eq(o.horizons[2], 3600);
    ck_assert_int_eq(backtest_read_horizons(&o, "5m,,1h", &err), -1);
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_int_eq(backtest_read_horizons(&o, "5MW", &err), -1);
    ck_assert_int_eq(backtest_read_cap(&o, "q2", &err), -1);
    ck_assert_int_eq(backtest_read_cap(&o, "5h", &err), -1);
    ck_assert_int_eq(backtest_read_cap(&o, "", &err), -1);
    ck_assert_int_eq(backtest_read_cap(&o, "much", &err), -1);
    ck_assert_str_eq(err.text,
                     "cap: expected watts (5.2MW) or a quantile (q0.98, q0.98@7d), got \"much\"");
}
END_TEST

START_TEST(a_bad_file_is_refused_with_its_line)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", ":1: expected the header line unix_seconds,watts" },
        { "time,power\n1,2\n", ":1: expected the header line unix_seconds,watts" },
        { "unix_seconds,watts\n10,5\nnoon,5\n",
          ":3: expected seconds,watts, got \"noon,5\"" },
        { "unix_seconds,watts\n10,5kW\n", ":2: expected seconds,watts, got \"10,5kW\"" },
        { "unix_seconds,watts\n10,inf\n", ":2: expected seconds,watts, got \"10,inf\"" },
        { "unix_seconds,watts\n10\n", ":2: expected seconds,watts, got \"10\"" },
        { "unix_seconds,watts\n10,5\n10,6\n",
          ":3: expected a later time than in the line before, got \"10,6\"" },
        { "unix_seconds,watts\n\033[2J,5\n",
          ":2: expected seconds,watts, got \"�[2J,5\"" },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        write_file(bad[i].text);
        ck_assert_int_eq(run(&backtest_defaults), -1);
        ck_assert_str_eq(err.text + strlen(path), bad[i].says);
    }
    unlink(path);
    ck_assert_int_eq(run(&backtest_defaults), -1);
    ck_assert_str_eq(err.text + strlen(path), ": No such file or directory");
}
END_TEST

START_TEST(an_empty_series_is_no_data)
{
    write_file("unix_seconds,watts\r\n");
    ck_assert_int_eq(run(&backtest_defaults), -1);
    ck_assert_int_eq(err.code, ERR_NO_DATA);
    ck_assert_str_eq(csv, "");
}
END_TEST

/* ---- with jobs ---- */

enum { RUNS = 30, BEGAN = 1000000, STEP = 60 };
static const struct backtest_options jobs_options = { .caps = { { 7500, NAN, NAN } },
                                                      .cap_count = 1,
                                                      .from = NAN,
                                                      .step_s = 900,
                                                      .horizons = { 300, 900, 3600 },
                                                      .horizon_count = 3,
                                                      .idle_w = NAN,
                                                      .nameplate_w = NAN,
                                                      .jobs = jobs_path };

/* When the n-th job starts: an hour of 4 kW, and then a rest of no rule. */
static int start_of(int n)
{
    int at = BEGAN + 1800;

    for (int i = 0; i < n; i++)
        at += 3600 + (2 + i * 7919 % 13) * 600;
    return at;
}

static bool runs_at(int time)
{
    for (int n = 0; n < RUNS; n++)
        if (time >= start_of(n) && time < start_of(n) + 3600)
            return true;
    return false;
}

/* Each is told half an hour before; the last one ends `late` seconds after its hour,
 * which its power does not show. */
static void write_jobs(int late)
{
    FILE *f = fopen(jobs_path, "w"), *power = fopen(path, "w");

    fputs("job_id,tenant,submit,start,end,gpus,state,limit_s,planned_start\n", f);
    for (int n = 0; n < RUNS; n++)
        fprintf(f, "%d,a,%d,%d,%d,8,COMPLETED,7200,%d\n", n, start_of(n) - 1800,
                start_of(n), start_of(n) + 3600 + (n + 1 < RUNS ? 0 : late), start_of(n));
    fclose(f);
    fputs("unix_seconds,watts\n", power);
    for (int i = BEGAN; i < start_of(RUNS); i += STEP)
        fprintf(power, "%d,%d\n", i, (runs_at(i) ? 9000 : 5000) + i / STEP * 7919 % 13);
    fclose(power);
}

START_TEST(with_jobs_rows_say_what_they_rest_on)
{
    size_t jobs = 0;
    double told = 1, untold = 0;

    write_jobs(0);
    ck_assert_msg(run(&jobs_options) == 0, "%s", err.text);
    ck_assert_ptr_nonnull(strstr(csv, "actual_max_w,breached,basis\n"));
    for (char *at = row(lines(csv) / 2), *end; (end = strchr(at, '\n')); at = end + 1) {
        bool breaches = cell(at, 22) > .5;

        jobs += strncmp(end - 5, ",jobs", 5) == 0;
        if (cell(at, 2) > 1000 || isnan(cell(at, 22)) || runs_at((int)cell(at, 1)))
            continue;
        if (breaches)
            told = fmin(told, cell(at, 4));
        else
            untold = fmax(untold, cell(at, 4));
    }
    ck_assert_uint_gt(jobs, lines(csv) / 4);
    /* Every start was told: those within the horizon are foreseen, and no other. */
    ck_assert_double_gt(told, .7);
    ck_assert_double_lt(untold, .3);
}
END_TEST

START_TEST(what_becomes_of_a_job_changes_no_earlier_forecast)
{
    char *before, first_after[32];
    int ends = start_of(RUNS - 1) + 3600;

    write_jobs(0);
    ck_assert_int_eq(run(&jobs_options), 0);
    before = xstrdup(csv);
    write_jobs(600);
    ck_assert_int_eq(run(&jobs_options), 0);
    snprintf(first_after, sizeof(first_after), ",%d,",
             BEGAN + (ends - BEGAN + 899) / 900 * 900);
    ck_assert_ptr_nonnull(strstr(before, first_after));
    ck_assert_int_eq(strncmp(before, csv, (size_t)(strstr(before, first_after) - before)),
                     0);
    free(before);
}
END_TEST

static const struct {
    const char *text, *says;
} bad_jobs[] = {
    { "job_id,tenant,submit,start,end,state\n", ":1: no column gpus: expected the header line" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,1000000,soon,1,8,X\n", ":2: expected a number as start, got \"soon\"" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,1000000,-1,,8\n", ":2: expected as many cells as in the header" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,1000000,900000,,8,X\n", ":2: expected a start not before" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,1000000,1000000,999999,8,X\n", ":2: expected an end not before" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,1000060,,,8,X\nb,t,1000000,,,8,X\n",
      ":3: expected jobs in order of submission" },
    { "job_id,tenant,submit,start,end,gpus,state\na,t,,,,8,X\n", ":2: expected when it was submitted" },
};

START_TEST(a_bad_log_of_jobs_is_refused_with_its_line)
{
    write_series(100, 1000);
    write_to(jobs_path, bad_jobs[_i].text);
    ck_assert_int_eq(run(&jobs_options), -1);
    ck_assert_msg(strncmp(err.text, jobs_path, strlen(jobs_path)) == 0 &&
                      strncmp(err.text + strlen(jobs_path), bad_jobs[_i].says,
                              strlen(bad_jobs[_i].says)) == 0,
                  "%s", err.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backtest");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(claims, set_up, tear_down);
    tcase_set_timeout(claims, 120);     /* sanitizers, on a machine that has more to do */
    suite_add_tcase(suite, claims);
    tcase_add_test(claims, the_columns_are_those_of_the_manual);
    tcase_add_test(claims, every_origin_has_a_row_for_every_horizon);
    tcase_add_test(claims, what_came_stands_beside_what_was_said);
    tcase_add_test(claims, the_future_changes_no_forecast);
    tcase_add_test(claims, a_cap_by_quantile_is_of_the_samples_before);
    tcase_add_test(claims, the_quantiles_of_a_row_do_not_contradict_its_p);
    tcase_add_test(claims, a_gap_leaves_its_cells_empty);
    tcase_add_test(claims, the_summary_says_how_good_it_was);
    tcase_add_test(claims, options_are_read_with_units);
    tcase_add_test(claims, a_bad_file_is_refused_with_its_line);
    tcase_add_test(claims, an_empty_series_is_no_data);
    tcase_add_test(claims, with_jobs_rows_say_what_they_rest_on);
    tcase_add_test(claims, what_becomes_of_a_job_changes_no_earlier_forecast);
    tcase_add_loop_test(claims, a_bad_log_of_jobs_is_refused_with_its_line, 0,
                        sizeof(bad_jobs) / sizeof(bad_jobs[0]));
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
