/* csv: recorded power replayed by a clock that the test sets, and files that are none. */
#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/heard.h"

extern const struct gw_source csv_source;

static struct gw_out *out;
static char path[] = "/tmp/gw-csv-test-XXXXXX";
static int file;

static void set_up(void)
{
    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    out = heard_new(&csv_source, "hall-2", NULL);
    out->target.path = path;
    out->clock = 5000;
}

static void tear_down(void)
{
    csv_source.close(&heard_api, &out->target);
    close(file);
    unlink(path);
    heard_free(out);
}

static int open_text(const char *text)
{
    ck_assert_int_eq(ftruncate(file, 0), 0);
    ck_assert_int_eq((int)pwrite(file, text, strlen(text), 0), (int)strlen(text));
    return csv_source.open(&heard_api, &out->target, out);
}

/* What is due `seconds` after the replay began. */
static void poll_at(double seconds)
{
    heard_forget(out);
    out->clock = 5000 + seconds;
    ck_assert_int_eq(csv_source.poll(&heard_api, &out->target, out), GW_DONE);
}

static double watts(const char *domain)
{
    return heard_number(out, GW_DOMAIN, domain, "meter");
}

static const char plain[] =
    "unix_seconds,watts\n1000,100\n1001,110\n1002.5,120\n\n# pause\n1010,130\n";

START_TEST(a_pipe_is_refused_at_once)
{
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(csv_source.open(&heard_api, &out->target, out), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "a recording is a file"));
}
END_TEST

START_TEST(rows_come_when_they_are_due)
{
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_uint_eq(out->value_count, 1);
    ck_assert_double_eq(watts("hall-2"), 100);
    poll_at(0.5);
    ck_assert_uint_eq(out->value_count, 0);
    poll_at(3);
    ck_assert_uint_eq(out->value_count, 2);
    ck_assert_double_eq(watts("hall-2"), 120);
    ck_assert_double_eq(heard_value(out, GW_DOMAIN, "hall-2", "meter")->time, 5002.5);
    poll_at(9.9);
    ck_assert_uint_eq(out->value_count, 0);
    poll_at(10);
    ck_assert_double_eq(watts("hall-2"), 130);
    ck_assert_str_eq(out->warning, "the recording has ended");
    poll_at(99);
    ck_assert_uint_eq(out->value_count, 0);
    ck_assert_uint_eq(out->warnings, 1);
}
END_TEST

START_TEST(a_faster_replay_is_denser_in_time)
{
    static const struct heard_option fast[] = { { "speed", "10" }, { 0 } };

    out->options = fast;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    poll_at(0.25);
    ck_assert_uint_eq(out->value_count, 2);
    ck_assert_double_eq(heard_value(out, GW_DOMAIN, "hall-2", "meter")->time, 5000.25);
    poll_at(1);
    ck_assert_double_eq(watts("hall-2"), 130);
}
END_TEST

START_TEST(at_speed_max_all_come_at_once_and_the_last_is_of_now)
{
    static const struct heard_option max[] = { { "speed", "max" }, { 0 } };

    out->options = max;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_uint_eq(out->value_count, 4);
    ck_assert_double_eq(out->values[0].time, 4990);
    ck_assert_double_eq(out->values[3].time, 5000);
}
END_TEST

START_TEST(a_long_backlog_is_handed_over_in_parts)
{
    static const struct heard_option max[] = { { "speed", "max" }, { 0 } };
    char *text = calloc(1, 64000);
    size_t at = (size_t)snprintf(text, 64000, "unix_seconds,watts\n");

    for (unsigned i = 0; i < 1000; i++)
        at += (size_t)snprintf(text + at, 64000 - at, "%u,%u\n", 1000 + i, i);
    out->options = max;
    ck_assert_int_eq(open_text(text), GW_DONE);
    poll_at(0);
    ck_assert_uint_eq(out->value_count, 1000);
    ck_assert_uint_eq(out->sent, 4);
    free(text);
}
END_TEST

START_TEST(the_times_of_the_file_are_kept_when_asked)
{
    static const struct heard_option none[] = { { "shift", "none" }, { 0 } };

    out->options = none;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(out->values[0].time, 1000);
}
END_TEST

START_TEST(a_loop_begins_anew_one_step_after_the_end)
{
    static const struct heard_option loop[] = { { "loop", "yes" }, { 0 } };

    out->options = loop;
    ck_assert_int_eq(open_text("t,w\n1000,1\n1002,2\n1004,3\n"), GW_DONE);
    poll_at(0);
    poll_at(5.9);
    ck_assert_double_eq(watts("hall-2"), 3);
    poll_at(6);
    ck_assert_double_eq(watts("hall-2"), 1);
    ck_assert_double_eq(out->values[0].time, 5006);
    poll_at(60);
    ck_assert_uint_eq(out->value_count, 27);
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(from_skips_the_beginning)
{
    static const struct heard_option offset[] = { { "from", "+2" }, { 0 } };
    static const struct heard_option absolute[] = { { "from", "1002" }, { 0 } };
    static const struct heard_option late[] = { { "from", "2000" }, { 0 } };

    out->options = offset;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("hall-2"), 120);
    out->options = absolute;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("hall-2"), 120);
    out->options = late;
    ck_assert_int_eq(open_text(plain), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "ends before"));
}
END_TEST

START_TEST(columns_are_named_by_the_header_and_a_gap_is_unknown)
{
    static const struct heard_option gpu[] = { { "as", "gpu" }, { 0 } };

    ck_assert_int_eq(open_text("\xef\xbb\xbfunix_seconds, feed-A ,\"feed, \"\"B\"\"\"\r\n1000,5e6,\r\n"), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("feed-A"), 5e6);
    ck_assert_double_nan(watts("feed, \"B\""));
    out->options = gpu;
    ck_assert_int_eq(open_text("t,n1/0,n1/1\n1000,412.5,70\n"), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(heard_number(out, GW_GPU, "n1/1", "power"), 70);
}
END_TEST

START_TEST(watts_before_other_columns_are_the_sites)
{
    ck_assert_int_eq(open_text("unix_seconds,watts,feed-A,hall-1\n1000,7,6,5\n"),
                     GW_DONE);
    poll_at(0);
    ck_assert_uint_eq(out->value_count, 3);
    ck_assert_double_eq(heard_number(out, GW_SITE, ".", "power"), 7);
    ck_assert_double_eq(watts("feed-A"), 6);
    ck_assert_double_eq(watts("hall-1"), 5);
    ck_assert_int_eq(open_text("unix_seconds,feed-A,watts\n1000,6,7\n"), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("watts"), 7);
}
END_TEST

START_TEST(a_single_column_may_be_named)
{
    static const struct heard_option name[] = { { "name", "r07" },
                                                { "as", "node" },
                                                { 0 } };

    out->options = name;
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(heard_number(out, GW_NODE, "r07", "meter"), 100);
    ck_assert_int_eq(open_text("t,a,b\n1,2,3\n"), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "names its 2 columns itself"));
    out->options = NULL;
    ck_assert_int_eq(open_text("t,feed-A\n1,2\n"), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("feed-A"), 2);
}
END_TEST

START_TEST(watts_below_zero_are_left_for_the_host_to_refuse)
{
    ck_assert_int_eq(open_text("t,w\n1000,-5\n"), GW_DONE);
    poll_at(0);
    ck_assert_double_eq(watts("hall-2"), -5);
    ck_assert_double_eq(
        csv_source.metrics[heard_value(out, GW_DOMAIN, "hall-2", "meter")->metric].min,
        0);
}
END_TEST

static const struct {
    const char *line, *why;
} bad[] = {
    { "soon,1", "line 3: expected seconds since 1970, got \"soon\"" },
    { "1700000000000,1", "line 3: 1700000000000 are milliseconds, not seconds" },
    { "1000,1", "line 3: the time does not rise" },
    { "999,1", "line 3: the time does not rise" },
    { "1001", "line 3: 1 columns, expected 2" },
    { "1001,5210,5", "line 3: more than 2 columns" },
    { "1001,much", "line 3: expected watts, got \"much\"" },
    { "1001,0x10", "line 3: expected watts, got \"0x10\"" },
    { "1001,1e999", "line 3: expected watts, got \"1e999\"" },
    { "1001,\"\033[2J\"", "line 3: expected watts, got \"?[2J\"" },
};

START_TEST(a_bad_line_is_told_with_its_number_and_skipped)
{
    char text[256];

    snprintf(text, sizeof(text), "t,w\n1000,100\n%s\n1002,120\n", bad[_i].line);
    ck_assert_int_eq(open_text(text), GW_DONE);
    poll_at(2);
    poll_at(4);
    ck_assert_double_eq(watts("hall-2"), 120);
    /* the row after the first was read ahead with it */
    ck_assert_int_eq(open_text(text), GW_DONE);
    poll_at(0);
    ck_assert_ptr_nonnull(strstr(out->warning, bad[_i].why));
}
END_TEST

static const struct {
    const char *text, *why;
} no_files[] = {
    { "", ":0: expected a header such as unix_seconds,watts, got \"\"" },
    { "1000,100\n1001,110\n", ":1: expected a header such as unix_seconds,watts, got \"1000,100\"" },
    { "<html><body>login</body></html>\n", ":1: expected a header such as unix_seconds,watts, got \"<html><body>login</b…\"" },
    { "a,b\n1,2\n", ":1: expected a header whose first column is of time, such as unix_seconds, got \"a\"" },
    { "unix_seconds;watts\n1;2\n", ":1: expected a header such as unix_seconds,watts, got \"unix_seconds;watts\"" },
    { "t,\n1,2\n", ":1: column 2 has no name" },
    { "t,a,,b\n", ":1: column 3 has no name" },
    { "t,w\n", ": no line with a time and watts" },
    { "t,w\nx,1\n", ": no line with a time and watts; the first says: expected seconds since 1970, got \"x\"" },
};

START_TEST(what_is_no_recording_is_said_in_words)
{
    ck_assert_int_eq(open_text(no_files[_i].text), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, no_files[_i].why));
}
END_TEST

START_TEST(a_missing_file_is_said_in_words)
{
    out->target.path = "/proc/none/power.csv";
    ck_assert_int_eq(csv_source.open(&heard_api, &out->target, out), GW_FAILED);
    ck_assert_str_eq(out->failure,
                     "/proc/none/power.csv: cannot be read: No such file or directory");
}
END_TEST

static const struct {
    struct heard_option options[3];
    const char *why;
} bad_options[] = {
    { { { "as", "rack" } }, "as: expected domain, node or gpu, got \"rack\"" },
    { { { "speed", "0" } }, "speed: expected a number up to 1000000, or max, got \"0\"" },
    { { { "speed", "fast" } }, "speed: expected a number up to 1000000, or max, got \"fast\"" },
    { { { "loop", "1" } }, "loop: expected yes or no, got \"1\"" },
    { { { "shift", "today" } }, "shift: expected now or none, got \"today\"" },
    { { { "loop", "yes" }, { "speed", "max" } }, "loop: goes neither with speed: max nor with shift: none" },
    { { { "from", "monday" } }, "from: expected seconds since 1970 or +SECONDS, got \"monday\"" },
};

START_TEST(options_are_checked)
{
    out->options = bad_options[_i].options;
    ck_assert_int_eq(open_text(plain), GW_FAILED);
    ck_assert_str_eq(out->failure, bad_options[_i].why);
}
END_TEST

START_TEST(a_clock_that_is_set_back_does_not_stop_the_replay)
{
    ck_assert_int_eq(open_text(plain), GW_DONE);
    poll_at(0);
    poll_at(-3600);
    ck_assert_double_eq(watts("hall-2"), 110);
    poll_at(-3598.5);
    ck_assert_double_eq(watts("hall-2"), 120);
}
END_TEST

START_TEST(a_gigantic_line_is_skipped)
{
    size_t len = 3 << 20;
    char *text = malloc(len + 64);

    memset(text, '7', len);
    memcpy(text, "t,w\n1000,100\n", 13);
    memcpy(text + len, "\n1002,120\n", 11);
    ck_assert_int_eq(open_text(text), GW_DONE);
    poll_at(0);
    ck_assert_ptr_nonnull(strstr(out->warning, "line 3: longer than 1048576 bytes"));
    poll_at(2);
    ck_assert_double_eq(watts("hall-2"), 120);
    free(text);
}
END_TEST

#define LOOP(name, rows) tcase_add_loop_test(c, name, 0, sizeof(rows) / sizeof(*rows))

int main(void)
{
    Suite *s = suite_create("csv");
    TCase *c = tcase_create("csv");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_pipe_is_refused_at_once);
    tcase_add_test(c, rows_come_when_they_are_due);
    tcase_add_test(c, a_faster_replay_is_denser_in_time);
    tcase_add_test(c, at_speed_max_all_come_at_once_and_the_last_is_of_now);
    tcase_add_test(c, a_long_backlog_is_handed_over_in_parts);
    tcase_add_test(c, the_times_of_the_file_are_kept_when_asked);
    tcase_add_test(c, a_loop_begins_anew_one_step_after_the_end);
    tcase_add_test(c, from_skips_the_beginning);
    tcase_add_test(c, columns_are_named_by_the_header_and_a_gap_is_unknown);
    tcase_add_test(c, watts_before_other_columns_are_the_sites);
    tcase_add_test(c, a_single_column_may_be_named);
    tcase_add_test(c, watts_below_zero_are_left_for_the_host_to_refuse);
    LOOP(a_bad_line_is_told_with_its_number_and_skipped, bad);
    LOOP(what_is_no_recording_is_said_in_words, no_files);
    tcase_add_test(c, a_missing_file_is_said_in_words);
    LOOP(options_are_checked, bad_options);
    tcase_add_test(c, a_clock_that_is_set_back_does_not_stop_the_replay);
    tcase_add_test(c, a_gigantic_line_is_skipped);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
