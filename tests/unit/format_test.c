/* What each output format prints, to the byte. */
#include <math.h>
#include <stdio.h>

#include "show/format.h"
#include "show/print.h"
#include "tests/lib/check.h"
#include "tests/lib/gpus.h"

/* What is printed `later` seconds after the last poll. */
static void expect_later(double later, const char *format, const char *query,
                         const char *output)
{
    struct err err;
    size_t column, len;
    struct model *m = test_model();
    struct query *q = query_parse_views(query, test_views, &err, &column);
    const struct format *f = format_find(format);
    struct table *t;
    char *text;
    FILE *out = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(q);
    ck_assert_ptr_nonnull(f);
    model_settle(m, NOON + later);
    t = table_new(m, q, f->wide);
    f->write(t, out);
    fclose(out);
    ck_assert_str_eq(text, output);
    free(text);
    table_free(t);
    query_free(q);
    model_free(m);
}

static void expect(const char *format, const char *query, const char *output)
{
    expect_later(0, format, query, output);
}

START_TEST(json_is_one_object_with_its_coverage_and_errors)
{
    expect("json", "gpus where name = n1/0 show name,power,temp,xid,tenant,util",
           "{\"schema\":\"gigawatch.gpus/1\",\"at\":\"2023-11-20T12:00:00Z\",\"site\":\"iad-3\","
           "\"coverage\":{\"expected\":3,\"ok\":3,\"stale\":0,\"down\":0,\"never\":0},"
           "\"errors\":[],\"items\":[\n"
           "{\"name\":\"n1/0\",\"power_w\":412.6,\"temp_c\":61,\"xid\":null,\"tenant\":\"acme\","
           "\"util\":0.98,\"quality\":{}}\n"
           "]}\n");
}
END_TEST

START_TEST(a_name_that_is_not_there_is_an_error_in_json)
{
    expect("json", "gpus n9/9 show name",
           "{\"schema\":\"gigawatch.gpus/1\",\"at\":\"2023-11-20T12:00:00Z\",\"site\":\"iad-3\","
           "\"coverage\":{\"expected\":3,\"ok\":3,\"stale\":0,\"down\":0,\"never\":0},"
           "\"errors\":[{\"target\":\"n9/9\",\"error\":\"no row has this name\"}],\"items\":[]}\n");
}
END_TEST

START_TEST(ndjson_is_an_object_a_line)
{
    expect("ndjson", "gpus where power < 100 show name,idle,since,held sort name",
           "{\"name\":\"n2/0\",\"idle_s\":1200,\"since\":\"2023-11-20T11:40:00Z\",\"held\":\"held\","
           "\"quality\":{}}\n"
           "{\"name\":\"n10/1\",\"idle_s\":60,\"since\":\"2023-11-20T11:59:00Z\",\"held\":\"free\","
           "\"quality\":{}}\n");
}
END_TEST

START_TEST(a_trend_is_an_array_with_nulls)
{
    expect("ndjson", "gpus n1/0 show trend", "{\"trend\":[1.5,null,412.6],\"quality\":{}}\n");
    expect("value", "gpus n1/0 show trend,name", "1.5 - 412.6\tn1/0\n");
}
END_TEST

START_TEST(json_names_what_is_to_be_doubted_and_no_more)
{
    expect("ndjson", "gpus n10/0 n2/1 show name,power,temp sort -power",
           "{\"name\":\"n10/0\",\"power_w\":350.5,\"temp_c\":55,"
           "\"quality\":{\"power_w\":\"estimated\"}}\n"
           "{\"name\":\"n2/1\",\"power_w\":null,\"temp_c\":null,\"quality\":{}}\n");
    expect_later(60, "ndjson", "gpus n10/0 show name,power,temp,xid",
                 "{\"name\":\"n10/0\",\"power_w\":350.5,\"temp_c\":55,\"xid\":null,"
                 "\"quality\":{\"power_w\":\"stale\",\"temp_c\":\"stale\"}}\n");
}
END_TEST

START_TEST(a_filter_and_the_quality_in_json_agree)
{
    expect("ndjson", "gpus where power is estimated show power",
           "{\"power_w\":350.5,\"quality\":{\"power_w\":\"estimated\"}}\n");
    expect("ndjson", "gpus where power is stale show power", "");
    /* Old, it is not said to be estimated, too: in no place. */
    expect_later(60, "ndjson", "gpus n10/0 where power is stale show power",
                 "{\"power_w\":350.5,\"quality\":{\"power_w\":\"stale\"}}\n");
    expect_later(60, "ndjson", "gpus where power is estimated show power", "");
    /* The unknown is null, and not stale besides. */
    expect_later(60, "ndjson", "gpus n2/1 where power is stale show power", "");
}
END_TEST

START_TEST(an_impossible_value_is_null_and_says_why)
{
    struct model *m = test_model();
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);
    struct cell cell;

    batch_number(b, batch_entity(b, GW_GPU, "n1/0", 4, GW_NONE), M_GPU_TEMP, 4000, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, NOON);
    cell = column_cell(column_find(&test_view, "temp"), m, model_find(m, GW_GPU, "n1/0"));
    ck_assert_int_eq(cell.type, CELL_NONE);
    ck_assert_str_eq(cell_doubt_word(&cell), "out-of-range");
    model_free(m);
}
END_TEST

START_TEST(a_table_marks_what_is_to_be_doubted)
{
    expect("table", "gpus n10/0 show name,power,temp,tenant",
           "name   power W  temp C  tenant\n"
           "n10/0      350~     55  zeta, \"inc\"\n"
           "1 of 6 gpus\n");
    expect_later(60, "table", "gpus n10/0 show tenant,power",
                 "tenant       power W\n"
                 "zeta, \"inc\"◐     350◐\n"
                 "1 of 6 gpus\n");
    expect_later(60, "table", "gpus n1/0 n10/0 show tenant,name",
                 "tenant       name\n"
                 "acme◐        n1/0\n"
                 "zeta, \"inc\"◐ n10/0\n"
                 "2 of 6 gpus\n");
}
END_TEST

START_TEST(an_old_number_is_no_gauge)
{
    expect_later(60, "prom", "gpus show name,power", "");
}
END_TEST

START_TEST(csv_quotes_as_rfc_4180_says)
{
    expect("csv", "gpus where zeta show name,tenant,power,xid",
           "name,tenant,power_w,xid\r\n"
           "n10/0,\"zeta, \"\"inc\"\"\",350.5,\r\n");
}
END_TEST

START_TEST(tsv_has_a_header_and_tabs)
{
    expect("tsv", "gpus n2/1 n2/0 show name,power,mem_used,state",
           "name\tpower_w\tmem_used_bytes\tstate\n"
           "n2/0\t90\t\tidle\n"
           "n2/1\t\t\tlost\n");
}
END_TEST

START_TEST(prom_has_a_gauge_for_every_number_that_is_known)
{
    expect("prom", "gpus n2/0 n2/1 show name,power,tenant,mem_used,util",
           "# HELP gigawatch_gpu_power_w power, one-second average where the device tells\n"
           "# TYPE gigawatch_gpu_power_w gauge\n"
           "gigawatch_gpu_power_w{name=\"n2/0\"} 90\n"
           "# HELP gigawatch_gpu_util share of time a kernel ran\n"
           "# TYPE gigawatch_gpu_util gauge\n"
           "gigawatch_gpu_util{name=\"n2/0\"} 0\n");
}
END_TEST

START_TEST(name_is_a_name_a_line_and_value_nothing_but_values)
{
    expect("name", "gpus where state = idle", "n2/0\nn10/1\n");
    expect("value", "gpus n2/1 n1/0 show power,state", "412.6\tbusy\n-\tlost\n");
}
END_TEST

START_TEST(a_table_is_aligned_and_says_what_it_left_out)
{
    expect("table",
           "gpus where power > 100 show name,state,util,power,idle,tenant sort -power",
           "name   state  util %  power W  idle  tenant\n"
           "n1/1   busy       99      690    0s  acme\n"
           "n1/0   busy       98      413    0s  acme\n"
           "n10/0  busy       50      350~   0s  zeta, \"inc\"\n"
           "3 of 6 gpus, 1 unknown\n");
}
END_TEST

START_TEST(an_empty_table_is_only_its_summary)
{
    expect("table", "gpus where nobody", "0 of 6 gpus\n");
    expect("csv", "gpus where nobody show name", "name\r\n");
    expect("ndjson", "gpus where nobody", "");
}
END_TEST

START_TEST(wide_shows_every_field)
{
    expect("wide", "gpus n2/1",
           "name  node  state  util %  temp C  mem_used B  power W  power_limit W  load %  xid  idle  "
           "since  held  tenant  trend\n"
           "n2/1  n2    lost        —       —           —        —            700       —    —     —  "
           "    —  free  —           —\n"
           "1 of 6 gpus\n");
}
END_TEST

static void expect_number(double number, const char *text)
{
    char to[PRINT_NUMBER_ROOM];

    print_number(to, number);
    ck_assert_str_eq(to, text);
}

START_TEST(numbers_take_the_fewest_digits_that_give_them_back)
{
    expect_number((double)412.6f, "412.6");
    expect_number((double).1f, "0.1");
    expect_number((double)16777.217f, "16777.217");
    expect_number(412600000, "412600000");
    expect_number(-0.0, "0");
    expect_number(1.0 / 3, "0.333333333");
    expect_number((double)3.4e38f, "3.4e+38");
    expect_number((double)1e-7f, "1e-07");
}
END_TEST

/* By printf() alone. */
static void print_slowly(char to[PRINT_NUMBER_ROOM], double number)
{
    bool is_float = (double)(float)number == number;
    int digits = is_float ? 6 : 9;

    if (number == trunc(number) && fabs(number) < 1e15) {
        snprintf(to, PRINT_NUMBER_ROOM, "%lld", (long long)number);
        return;
    }
    snprintf(to, PRINT_NUMBER_ROOM, "%.*g", digits, number);
    while (digits < 9 && (float)strtod(to, NULL) != (float)number)
        snprintf(to, PRINT_NUMBER_ROOM, "%.*g", ++digits, number);
}

static void expect_as_printf(double number)
{
    char quick[PRINT_NUMBER_ROOM], slow[PRINT_NUMBER_ROOM];

    print_number(quick, number);
    print_slowly(slow, number);
    ck_assert_str_eq(quick, slow);
    print_number(quick, -number);
    print_slowly(slow, -number);
    ck_assert_str_eq(quick, slow);
}

/* Of every size, floats and others, near every power of ten and at the halves that
 * rounding is about. */
START_TEST(numbers_are_those_of_printf)
{
    uint64_t seed = 88172645463325252ULL;

    for (int i = 0; i < 40000; i++) {
        double number;

        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        number = ldexp(1 + (double)(seed >> 12) / 0x1p52, (int)(seed % 48) - 20);
        expect_as_printf(number);
        expect_as_printf((double)(float)number);
        expect_as_printf(trunc(number * 1000) / 1000);
        expect_as_printf((double)(float)(trunc(number * 8) / 8));
    }
    for (int power = -7; power < 17; power++) {
        double ten = pow(10, power);

        expect_as_printf(ten);
        expect_as_printf(nextafter(ten, 0));
        expect_as_printf(nextafter(ten, HUGE_VAL));
        expect_as_printf((double)(float)ten);
        expect_as_printf((double)nextafterf((float)ten, 0));
        expect_as_printf((double)nextafterf((float)ten, HUGE_VALF));
        expect_as_printf(ten - ten * 4e-10);
        expect_as_printf(ten - ten * 5e-7);
    }
}
END_TEST

START_TEST(strings_are_escaped)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    print_json_string(out, "a \"b\" \\ \t\x1b日\xff");
    fclose(out);
    ck_assert_str_eq(text, "\"a \\\"b\\\" \\\\ \\u0009\\u001b日\xef\xbf\xbd\"");
    free(text);
}
END_TEST

START_TEST(json_names_carry_the_base_unit_once)
{
    const struct column power = { .name = "power", .unit = UNIT_W },
                        age = { .name = "power_w", .unit = UNIT_W },
                        share = { .name = "util", .unit = UNIT_RATIO };
    char name[32];

    column_json_name(name, sizeof(name), &power);
    ck_assert_str_eq(name, "power_w");
    column_json_name(name, sizeof(name), &age);
    ck_assert_str_eq(name, "power_w");
    column_json_name(name, sizeof(name), &share);
    ck_assert_str_eq(name, "util");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        json_is_one_object_with_its_coverage_and_errors,
        a_name_that_is_not_there_is_an_error_in_json,
        ndjson_is_an_object_a_line,
        a_trend_is_an_array_with_nulls,
        json_names_what_is_to_be_doubted_and_no_more,
        a_filter_and_the_quality_in_json_agree,
        an_impossible_value_is_null_and_says_why,
        a_table_marks_what_is_to_be_doubted,
        an_old_number_is_no_gauge,
        csv_quotes_as_rfc_4180_says,
        tsv_has_a_header_and_tabs,
        prom_has_a_gauge_for_every_number_that_is_known,
        name_is_a_name_a_line_and_value_nothing_but_values,
        a_table_is_aligned_and_says_what_it_left_out,
        an_empty_table_is_only_its_summary,
        wide_shows_every_field,
        numbers_take_the_fewest_digits_that_give_them_back,
        numbers_are_those_of_printf,
        strings_are_escaped,
        json_names_carry_the_base_unit_once,
    };
    Suite *s = suite_create("format");
    TCase *t = tcase_create("format");
    SRunner *r;
    int failed;

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
