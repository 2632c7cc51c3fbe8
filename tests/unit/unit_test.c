/* Units: what is understood, and how values are written large. */
#include "base/unit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static double scale_of(const char *name, enum unit want)
{
    enum unit unit;
    double scale;

    ck_assert_msg(unit_find(name, strlen(name), &unit, &scale), "%s", name);
    ck_assert_int_eq(unit, want);
    return scale;
}

START_TEST(names_give_dimension_and_scale)
{
    ck_assert_double_eq(scale_of("mJ", UNIT_J), 1e-3);
    ck_assert_double_eq(scale_of("MiB", UNIT_BYTES), 1048576);
    ck_assert_double_eq(scale_of("%", UNIT_RATIO), 0.01);
    ck_assert_double_eq(scale_of("kW", UNIT_W), 1e3);
    ck_assert_double_eq(scale_of("mW", UNIT_W), 1e-3);
    ck_assert_double_eq(scale_of("MHz", UNIT_HZ), 1e6);
    ck_assert_double_eq(scale_of("ns", UNIT_S), 1e-9);
    ck_assert_double_eq(scale_of("us", UNIT_S), 1e-6);
    ck_assert_double_eq(scale_of("ms", UNIT_S), 1e-3);
    ck_assert_double_eq(scale_of("", UNIT_NONE), 1);
}
END_TEST

START_TEST(unknown_names_are_refused)
{
    enum unit unit;
    double scale;

    ck_assert(!unit_find("watts!", 6, &unit, &scale));
    ck_assert(!unit_find("kw", 2, &unit, &scale));
    ck_assert(unit_find("kWh", 2, &unit, &scale)); /* only two bytes of it */
    ck_assert_int_eq(unit, UNIT_W);
}
END_TEST

static void parses(const char *text, size_t used, double value, enum unit unit)
{
    enum unit found;
    double number;

    ck_assert_uint_eq(unit_parse(text, &number, &found), used);
    if (used == 0)
        return;
    ck_assert_double_eq(number, value);
    ck_assert_int_eq(found, unit);
}

START_TEST(numbers_with_units_are_exact)
{
    parses("5.2MW", 5, 5.2e6, UNIT_W);
    parses("90%", 3, 0.9, UNIT_RATIO);
    parses("15m", 3, 900, UNIT_S);
    parses("80C", 3, 80, UNIT_C);
    parses("-1.5e3", 6, -1500, UNIT_NONE);
    parses(".5", 2, .5, UNIT_NONE);
    parses("5.2 MW", 3, 5.2, UNIT_NONE);
    parses("16GiB,", 5, 17179869184., UNIT_BYTES);
    parses("0.9cap", 3, 0.9, UNIT_NONE);
    parses("1e", 1, 1, UNIT_NONE);
}
END_TEST

START_TEST(what_is_no_number_is_not_understood)
{
    parses("MW", 0, 0, UNIT_NONE);
    parses("inf", 0, 0, UNIT_NONE);
    parses("nan", 0, 0, UNIT_NONE);
    parses("-", 0, 0, UNIT_NONE);
    parses(".", 0, 0, UNIT_NONE);
    parses("1e999", 0, 0, UNIT_NONE);
    parses("", 0, 0, UNIT_NONE);
    parses("0x10", 1, 0, UNIT_NONE);
}
END_TEST

START_TEST(large_values_get_a_prefix)
{
    double scale;

    ck_assert_str_eq(unit_scale(UNIT_W, 412.6e6, &scale), "MW");
    ck_assert_double_eq(scale, 1e6);
    ck_assert_str_eq(unit_scale(UNIT_W, 999.7, &scale), "kW");
    ck_assert_str_eq(unit_scale(UNIT_W, 700, &scale), "W");
    ck_assert_str_eq(unit_scale(UNIT_W, -5e3, &scale), "kW");
    ck_assert_str_eq(unit_scale(UNIT_W, 5e13, &scale), "GW");
    ck_assert_str_eq(unit_scale(UNIT_BYTES, 85899345920., &scale), "GiB");
    ck_assert_str_eq(unit_scale(UNIT_RATIO, 0.5, &scale), "%");
    ck_assert_double_eq(scale, 0.01);
    for (int unit = 0; unit < UNITS; unit++) {
        ck_assert_ptr_nonnull(unit_scale((enum unit)unit, 1, &scale));
        ck_assert_double_gt(scale, 0);
        ck_assert_ptr_nonnull(unit_name((enum unit)unit));
        ck_assert_ptr_nonnull(unit_suffix((enum unit)unit));
        ck_assert_ptr_nonnull(unit_known((enum unit)unit));
    }
}
END_TEST

static const char *meant(const char *text, enum unit unit)
{
    static char to[64];

    unit_meant(to, text, unit);
    return to;
}

START_TEST(a_unit_in_another_case_or_after_a_blank_is_guessed)
{
    ck_assert_str_eq(meant("6kw", UNIT_W), "; did you mean 6kW?");
    /* not mW: nobody counts a site in it */
    ck_assert_str_eq(meant("1.5 mw", UNIT_W), "; did you mean 1.5MW?");
    ck_assert_str_eq(meant("80c", UNIT_C), "; did you mean 80C?");
    ck_assert_str_eq(meant("6x", UNIT_W), "");
    ck_assert_str_eq(meant("6kw", UNIT_S), "");
    ck_assert_str_eq(meant("kW", UNIT_W), "");
    ck_assert_str_eq(meant("111111111111111111111111111111kw", UNIT_W), "");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("unit");
    TCase *c = tcase_create("unit");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(c, names_give_dimension_and_scale);
    tcase_add_test(c, unknown_names_are_refused);
    tcase_add_test(c, numbers_with_units_are_exact);
    tcase_add_test(c, what_is_no_number_is_not_understood);
    tcase_add_test(c, a_unit_in_another_case_or_after_a_blank_is_guessed);
    tcase_add_test(c, large_values_get_a_prefix);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
