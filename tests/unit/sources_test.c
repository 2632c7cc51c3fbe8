/* The built-in sources through the real host: their metrics fit together, and what they
 * send arrives in base units. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/batch.h"
#include "model/metric.h"
#include "poll/poll.h"
#include "registry.h"

static struct batch *parse(const char *source, const char *url, const char *text)
{
    struct target_config target = { .name = "n14", .url = url, .source = source };
    struct err err = { .text = "" };
    struct batch *b = source_parse(source_find(source), &target, text, strlen(text),
                                   1.8e9, &err);

    ck_assert_msg(b != NULL, "%s: %s", source, err.text);
    return b;
}

static const struct batch_sample *sample(const struct batch *b, const char *metric)
{
    for (size_t i = 0; i < b->sample_count; i++)
        if (strcmp(metric_at(b->samples[i].metric)->name, metric) == 0)
            return &b->samples[i];
    ck_abort_msg("no %s", metric);
    return NULL;
}

START_TEST(millijoules_and_mebibytes_arrive_as_joules_and_bytes)
{
    struct batch *b = parse("prom", "http://n14:9400/metrics",
                            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\"} 1500000\n"
                            "DCGM_FI_DEV_FB_USED{gpu=\"0\"} 2\nDCGM_FI_DEV_GPU_UTIL{gpu=\"0\"} 50\n");

    ck_assert_double_eq_tol(sample(b, "energy")->number, 1500, 1e-9);
    ck_assert_double_eq(sample(b, "mem_used")->number, 2 * 1048576.0);
    ck_assert_double_eq(sample(b, "util")->number, 0.5);
    batch_free(b);
}
END_TEST

START_TEST(impossible_watts_are_unknown_with_a_reason)
{
    struct batch *b = parse("prom", "http://n14/metrics", "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 1e9\n");

    ck_assert_double_nan(sample(b, "power")->number);
    ck_assert_int_eq(sample(b, "power")->quality, GW_OUT_OF_RANGE);
    batch_free(b);
    b = parse("exec", "exec:/bin/true", "node n14 meter=-5\n");
    ck_assert_double_nan(sample(b, "meter")->number);
    ck_assert_int_eq(sample(b, "meter")->quality, GW_OUT_OF_RANGE);
    batch_free(b);
}
END_TEST

START_TEST(escape_sequences_in_names_do_not_survive)
{
    struct batch *b = parse("prom", "http://n14/metrics",
                            "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",Hostname=\"a\033[2Jb\",namespace=\"\233x\"} 1\n");

    for (size_t i = 0; i < b->entity_count; i++)
        ck_assert_ptr_null(strchr(b->entities[i].name, '\033'));
    ck_assert_ptr_null(strchr(sample(b, "tenant")->text, '\233'));
    batch_free(b);
}
END_TEST

START_TEST(a_time_that_the_page_tells_is_kept)
{
    struct batch *b = parse("prom", "http://n14/metrics",
                            "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 1 1700000000000\n");

    ck_assert_double_eq(b->times[sample(b, "power")->age], 1.7e9);
    batch_free(b);
}
END_TEST

START_TEST(a_url_chooses_its_source)
{
    ck_assert_str_eq(source_for_url("ssh://n14")->name, "nvsmi");
    ck_assert_str_eq(source_for_url("local:")->name, "nvsmi");
    ck_assert_str_eq(source_for_url("http://n14:9400/metrics")->name, "prom");
    ck_assert_str_eq(source_for_url("runs/hall-2.csv")->name, "csv");
    ck_assert_str_eq(source_for_url("exec:/opt/power --all")->name, "exec");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("sources");
    TCase *c = tcase_create("sources");
    struct err err;
    SRunner *r;
    int failed;

    if (sources_set_builtin(registry_sources, &err) < 0) {
        printf("Bail out! %s\n", err.text);
        return EXIT_FAILURE;
    }
    tcase_add_test(c, millijoules_and_mebibytes_arrive_as_joules_and_bytes);
    tcase_add_test(c, impossible_watts_are_unknown_with_a_reason);
    tcase_add_test(c, escape_sequences_in_names_do_not_survive);
    tcase_add_test(c, a_time_that_the_page_tells_is_kept);
    tcase_add_test(c, a_url_chooses_its_source);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
