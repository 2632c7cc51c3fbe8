/* gigawatch/json.h: what is read, what is refused, and what a missing value answers. */
#include <check.h>
#include <stdio.h>

#include "gigawatch/json.h"

static struct gw_json j;

static bool reads(const char *text)
{
    return gw_json_read(&j, text, strlen(text));
}

static const char *text_of(uint32_t value)
{
    static char text[64];

    gw_json_text(&j, value, text, sizeof(text));
    return text;
}

START_TEST(a_path_leads_to_a_value)
{
    ck_assert(reads(" {\"spec\": {\"priority\": -3, \"queue\": \"main\"}, \"status\": {\"ready\": true, \"none\": null}} \n"));
    ck_assert_double_eq(gw_json_number(&j, gw_json_at(&j, 0, "spec", "priority", NULL)),
                        -3);
    ck_assert_str_eq(text_of(gw_json_at(&j, 0, "spec", "queue", NULL)), "main");
    ck_assert_int_eq(gw_json_kind(&j, gw_json_at(&j, 0, "status", "ready", NULL)), 't');
    ck_assert_int_eq(gw_json_kind(&j, gw_json_at(&j, 0, "status", "none", NULL)), 'n');
}
END_TEST

START_TEST(what_is_not_there_may_be_asked)
{
    ck_assert(reads("{\"a\": [1]}"));
    ck_assert_uint_eq(gw_json_at(&j, 0, "b", "c", "d", NULL), GW_JSON_NONE);
    ck_assert_uint_eq(gw_json_at(&j, 0, "a", "c", NULL), GW_JSON_NONE);
    ck_assert_double_nan(gw_json_number(&j, GW_JSON_NONE));
    ck_assert_str_eq(text_of(GW_JSON_NONE), "");
    ck_assert_uint_eq(gw_json_first(&j, GW_JSON_NONE), GW_JSON_NONE);
    ck_assert_int_eq(gw_json_kind(&j, GW_JSON_NONE), 0);
    ck_assert(!gw_json_is(&j, GW_JSON_NONE, ""));
}
END_TEST

START_TEST(arrays_and_objects_are_walked_in_their_order)
{
    char seen[256] = "";

    ck_assert(reads("[{\"k\": [1, {\"x\": []}], \"l\": 2}, [], \"m\", {}]"));
    for (uint32_t i = gw_json_first(&j, 0); i != GW_JSON_NONE;
         i = gw_json_next(&j, 0, i)) {
        snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%c",
                 gw_json_kind(&j, i));
        for (uint32_t key = gw_json_kind(&j, i) == '{' ? gw_json_first(&j, i)
                                                       : GW_JSON_NONE;
             key != GW_JSON_NONE; key = gw_json_next(&j, i, key))
            snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "(%.8s%c)",
                     text_of(key), gw_json_kind(&j, gw_json_value(&j, key)));
    }
    ck_assert_str_eq(seen, "{(k[)(l0)[\"{");
}
END_TEST

START_TEST(escapes_become_what_they_mean)
{
    ck_assert(reads("[\"a\\n\\t\\\"\\\\\\/\\u00e9\\uD55C\\ud83d\\ude00.\", \"\\ud83dx\\u0000\\uzzzz\"]"));
    ck_assert_str_eq(text_of(1), "a\n\t\"\\/é한😀.");
    ck_assert_str_eq(text_of(2), "\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbdzzzz");
}
END_TEST

START_TEST(a_text_is_cut_where_the_room_ends)
{
    char small[4];

    ck_assert(reads("\"한국\""));
    ck_assert_uint_eq(gw_json_text(&j, 0, small, sizeof(small)), 3);
    ck_assert_str_eq(small, "\xed\x95\x9c");
}
END_TEST

START_TEST(numbers_are_numbers_as_strings_too)
{
    ck_assert(reads("[\"12\", 1e3, \"12Gi\", \"nan\", \"\", true, 0.5]"));
    ck_assert_double_eq(gw_json_number(&j, 1), 12);
    ck_assert_double_eq(gw_json_number(&j, 2), 1000);
    ck_assert_double_nan(gw_json_number(&j, 3));
    ck_assert_double_nan(gw_json_number(&j, 4));
    ck_assert_double_nan(gw_json_number(&j, 5));
    ck_assert_double_nan(gw_json_number(&j, 6));
    ck_assert_double_eq(gw_json_number(&j, 7), 0.5);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    static const char *const bad[] = { "", "{", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "\"open", "\"\\", "tru", "[1 2]",
                                       "{} {}", "\"\n\"", "<html>", "'x'" };
    char deep[200];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!reads(bad[i]), "took %s", bad[i]);
    /* a zero byte is none, behind a backslash neither */
    ck_assert(!gw_json_read(&j, "\"\\\0\"", 4));
    memset(deep, '[', 100);
    memset(deep + 100, ']', 99);
    deep[199] = '\0';
    ck_assert(!reads(deep));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("json");
    TCase *c = tcase_create("all");
    SRunner *runner;
    int failed;

    tcase_add_test(c, a_path_leads_to_a_value);
    tcase_add_test(c, what_is_not_there_may_be_asked);
    tcase_add_test(c, arrays_and_objects_are_walked_in_their_order);
    tcase_add_test(c, escapes_become_what_they_mean);
    tcase_add_test(c, a_text_is_cut_where_the_room_ends);
    tcase_add_test(c, numbers_are_numbers_as_strings_too);
    tcase_add_test(c, what_is_no_json_is_refused);
    suite_add_tcase(s, c);
    runner = srunner_create(s);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    gw_json_free(&j);
    return failed ? 1 : 0;
}
