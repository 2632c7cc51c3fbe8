/* exec: what a program may print, and what is said of lines that it should not have. */
#include <check.h>

#include "tests/lib/heard.h"

extern const struct gw_source exec_source;

static struct gw_out *out;
static struct gw_ask ask;

static void set_up(void)
{
    out = heard_new(&exec_source, "script", NULL);
}

static void tear_down(void)
{
    heard_free(out);
}

START_TEST(a_line_is_a_row_with_its_values)
{
    ck_assert_int_eq(heard_parse(out, "# a comment\n\n"
                                      "gpu n14/3 power=412.5\tutil=0.93 temp=null xid=- tenant=\"blue \\\"team\\\"\" job=\n"
                                      "node n14 parent=r07 meter=5.21e3\r\n"
                                      "rack r07 parent=hall-2 meter=61500 cap=66000\n"
                                      "job 81201 state=running gpus=16 start=1700000000"), GW_DONE);
    ck_assert_double_eq(heard_number(out, GW_GPU, "n14/3", "power"), 412.5);
    ck_assert_double_eq(heard_number(out, GW_GPU, "n14/3", "util"), 0.93);
    ck_assert_double_nan(heard_number(out, GW_GPU, "n14/3", "temp"));
    ck_assert_double_nan(heard_number(out, GW_GPU, "n14/3", "xid"));
    ck_assert_str_eq(heard_text(out, GW_GPU, "n14/3", "tenant"), "blue \"team\"");
    ck_assert_str_eq(heard_text(out, GW_GPU, "n14/3", "job"), "");
    ck_assert_double_eq(heard_number(out, GW_NODE, "n14", "meter"), 5210);
    ck_assert_double_eq(heard_number(out, GW_DOMAIN, "r07", "cap"), 66000);
    ck_assert_str_eq(heard_text(out, GW_DOMAIN, "r07", "type"), "rack");
    ck_assert_double_eq(heard_number(out, GW_JOB, "81201", "start"), 1700000000);
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(a_gpu_belongs_to_the_node_before_its_slash)
{
    ck_assert_int_eq(heard_parse(out, "gpu n14/3 power=1\ngpu odd parent=n9 power=2\n"),
                     GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_NODE), 2);
    for (size_t i = 0; i < out->entity_count; i++) {
        const struct heard_entity *e = &out->entities[i];

        if (e->kind == GW_GPU)
            ck_assert_str_eq(out->entities[e->parent].name,
                             strcmp(e->name, "odd") == 0 ? "n9" : "n14");
    }
}
END_TEST

START_TEST(a_time_holds_for_the_lines_that_follow)
{
    ck_assert_int_eq(heard_parse(out,
                                 "node n1 meter=1\ntime 1700000000.5\nnode n2 meter=2\n"
                                 "node n3 meter=3 time=1700000001\n"),
                     GW_DONE);
    ck_assert_double_nan(heard_value(out, GW_NODE, "n1", "meter")->time);
    ck_assert_double_eq(heard_value(out, GW_NODE, "n2", "meter")->time, 1700000000.5);
    ck_assert_double_eq(heard_value(out, GW_NODE, "n3", "meter")->time, 1700000001);
}
END_TEST

static const struct {
    const char *line, *why;
} bad[] = {
    { "gpus n14/3 power=1", "unknown kind \"gpus\"; known: gpu, node, domain, rack, tenant, job, …" },
    { "gpu", "a gpu without a name" },
    { "gpu n14/3 watts=1", "a gpu has no \"watts\"; see --list fields" },
    { "node n14 tenant=blue", "a node has no \"tenant\"; see --list fields" },
    { "gpu n14/3 power=412,5", "power: expected a number in W, got \"412,5\"" },
    { "gpu n14/3 power=0x10", "power: expected a number in W, got \"0x10\"" },
    { "gpu n14/3 power=inf", "power: expected a number in W, got \"inf\"" },
    { "gpu n14/3 power=1e999", "power: expected a number in W, got \"1e999\"" },
    { "gpu n14/3 power=412.5W", "power: expected a number in W, got \"412.5W\"" },
    { "gpu n14/3 power=", "power: expected a number in W, got \"\"" },
    { "gpu n14/3 xid=many", "xid: expected a number in plain digits, got \"many\"" },
    { "gpu n14/3 power", "expected KEY=VALUE, got \"power\"" },
    { "gpu n14/3 =1", "expected KEY=VALUE, got \"\"" },
    { "gpu n14/3 tenant=\"blue", "a quote is not closed" },
    { "time soon", "time: expected seconds since 1970, got \"soon\"" },
    { "time 1700000000000", "time: expected seconds since 1970, got \"1700000000000\"" },
    { "\033[2J\033[H", "unknown kind \"?[2J?[H\"; known: gpu, node, domain, rack, tenant, job, …" },
};

START_TEST(a_bad_line_is_told_with_its_number_and_tells_nothing)
{
    char text[512], want[512];

    snprintf(text, sizeof(text), "node n1 meter=1\nnode n2 meter=2\n%s\n", bad[_i].line);
    snprintf(want, sizeof(want), "1 of 3 lines not understood; line 3: %s", bad[_i].why);
    ck_assert_int_eq(heard_parse(out, text), GW_DONE);
    ck_assert_str_eq(out->warning, want);
    ck_assert_uint_eq(out->value_count, 2);
    ck_assert_int_eq(heard_parse(out, bad[_i].line), GW_FAILED);
}
END_TEST

START_TEST(a_program_that_prints_nothing_useful_has_failed)
{
    ck_assert_int_eq(heard_parse(out, ""), GW_FAILED);
    ck_assert_str_eq(out->failure, "the program printed no samples");
    ck_assert_int_eq(heard_parse(out, "<html>\n<body>\nnode n1 meter=1\n"), GW_FAILED);
    ck_assert_str_eq(out->failure, "2 of 3 lines are not understood; line 1: unknown kind \"<html>\"; known: "
                                   "gpu, node, domain, rack, tenant, job, …");
}
END_TEST

START_TEST(a_gigantic_line_is_survived)
{
    size_t len = 4 << 20;
    char *text = malloc(len + 1);

    memset(text, 'x', len);
    text[len] = '\0';
    memcpy(text, "node ", 5);
    ck_assert_int_eq(heard_parse(out, text), GW_FAILED);
    ck_assert_str_eq(out->failure,
                     "1 of 1 lines are not understood; line 1: longer than 4096 bytes");
    free(text);
}
END_TEST

START_TEST(the_command_comes_from_the_option_or_the_url)
{
    static const struct heard_option command[] = { { "command", "echo" },
                                                   { "stream", "yes" },
                                                   { 0 } };
    static const struct heard_option bad_stream[] = { { "stream", "on" }, { 0 } };

    ck_assert_int_eq(heard_ask(out, &ask), GW_FAILED);
    ck_assert_str_eq(
        out->failure,
        "no program to run; give the option command, or exec:/path/to/program");
    out->target.url = "exec:/opt/power --all";
    out->target.path = "/opt/power --all";
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_RUN);
    ck_assert_str_eq(ask.command, "/opt/power --all");
    out->options = command;
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_STREAM);
    ck_assert_str_eq(ask.command, "echo");
    out->options = bad_stream;
    ck_assert_int_eq(heard_ask(out, &ask), GW_FAILED);
    ck_assert_str_eq(out->failure, "stream: expected yes or no, got \"on\"");
}
END_TEST

START_TEST(a_round_of_a_stream_ends_at_an_empty_line)
{
    static const char stream[] = "\nnode n1 meter=1\nnode n2 meter=2\n\nnode n1";

    ck_assert_uint_eq(exec_source.frame(&out->target, stream, 33), 0);
    ck_assert_uint_eq(exec_source.frame(&out->target, stream, strlen(stream)), 34);
    ck_assert_uint_eq(exec_source.frame(&out->target, stream + 34, strlen(stream) - 34),
                      0);
    ck_assert_uint_eq(exec_source.frame(&out->target, "a\r\n\r\n", 5), 5);
}
END_TEST

/* What was seen is overwritten with the end of a round: who looks there again takes it
 * for one. */
START_TEST(no_byte_of_a_stream_is_looked_at_for_every_byte_that_follows)
{
    enum { LEN = 20000 };
    static char text[LEN + 1];

    memset(text, 'x', LEN);
    strcpy(text + LEN - 2, "\n\n");
    text[2] = '\n';
    for (size_t n = 10; n < LEN; n += 7) {
        ck_assert_uint_eq(exec_source.frame(&out->target, text, n), 0);
        memset(text, '\n', n);
    }
    ck_assert_uint_eq(exec_source.frame(&out->target, text, LEN), LEN);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("exec");
    TCase *c = tcase_create("exec");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_line_is_a_row_with_its_values);
    tcase_add_test(c, a_gpu_belongs_to_the_node_before_its_slash);
    tcase_add_test(c, a_time_holds_for_the_lines_that_follow);
    tcase_add_loop_test(c, a_bad_line_is_told_with_its_number_and_tells_nothing, 0,
                        sizeof(bad) / sizeof(*bad));
    tcase_add_test(c, a_program_that_prints_nothing_useful_has_failed);
    tcase_add_test(c, a_gigantic_line_is_survived);
    tcase_add_test(c, the_command_comes_from_the_option_or_the_url);
    tcase_add_test(c, a_round_of_a_stream_ends_at_an_empty_line);
    tcase_add_test(c, no_byte_of_a_stream_is_looked_at_for_every_byte_that_follows);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
