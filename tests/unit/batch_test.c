/* Metrics and batches: what sources say, checked on its way in. */
#include "model/batch.h"
#include "model/metric.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(core_metrics_are_where_their_ids_say)
{
    ck_assert_str_eq(metric_at(M_GPU_POWER)->name, "power");
    ck_assert_uint_eq(metric_find(GW_GPU, "power"), M_GPU_POWER);
    ck_assert_uint_eq(metric_find(GW_NODE, "power"), M_NODE_POWER);
    ck_assert_uint_eq(metric_find(GW_NODE, "wattage"), METRIC_NONE);
    for (uint16_t i = 0; i < CORE_METRIC_COUNT; i++)
        ck_assert_uint_eq(metric_find(metric_at(i)->kind, metric_at(i)->name), i);
}
END_TEST

START_TEST(a_kind_has_a_plural)
{
    ck_assert_str_eq(kind_plural(GW_DOMAIN), "domains");
    ck_assert_ptr_null(kind_plural(GW_KINDS));
}
END_TEST

static double added(struct gw_metric m, uint16_t *id)
{
    struct err err;
    double scale;

    *id = metric_add(&m, &scale, &err);
    ck_assert_msg(*id != METRIC_NONE, "%s", err.text);
    return scale;
}

START_TEST(a_source_keeps_its_unit_and_shares_the_metric)
{
    uint16_t id;

    ck_assert_double_eq(
        added((struct gw_metric){ "energy", GW_GPU, GW_ENERGY, "mJ" }, &id), 1e-3);
    ck_assert_uint_eq(id, M_GPU_ENERGY);
    ck_assert_double_eq(
        added((struct gw_metric){ "mem_used", GW_GPU, GW_GAUGE, "MiB" }, &id), 1048576);
    ck_assert_double_eq(
        added((struct gw_metric){ "util", GW_GPU, GW_GAUGE, "%", 0, 100 }, &id), .01);
    ck_assert_double_eq(
        added((struct gw_metric){ "sm_clock", GW_GPU, GW_GAUGE, "MHz", 0, 5000, "clock" },
              &id),
        1e6);
    ck_assert_uint_ge(id, CORE_METRIC_COUNT);
    ck_assert_double_eq(metric_at(id)->max, 5e9);
    ck_assert_uint_eq(metric_find(GW_GPU, "sm_clock"), id);
    ck_assert_double_eq(added((struct gw_metric){ "start", GW_JOB, GW_TIME, "ms" }, &id),
                        1e-3);
    ck_assert_uint_eq(id, M_JOB_START);
}
END_TEST

static const char *refusal(struct gw_metric m)
{
    static struct err err;
    double scale;

    ck_assert_uint_eq(metric_add(&m, &scale, &err), METRIC_NONE);
    return err.text;
}

START_TEST(what_does_not_fit_is_refused_in_words)
{
    ck_assert_str_eq(refusal((struct gw_metric){ "power", GW_GPU, GW_GAUGE, "watts" }),
                     "metric power: unknown unit \"watts\"");
    ck_assert_str_eq(refusal((struct gw_metric){ "power", GW_GPU, GW_GAUGE, "C" }),
                     "metric power of gpus is in W, not in \"C\"");
    ck_assert_str_eq(refusal((struct gw_metric){ "power", GW_GPU, GW_COUNTER, "W" }),
                     "metric power of gpus is a gauge, not a counter");
    ck_assert_str_eq(refusal((struct gw_metric){ "Power!", GW_GPU, GW_GAUGE, "W" }),
                     "metric \"Power!\": expected a name of a-z, 0-9 and _");
    ck_assert_str_eq(refusal((struct gw_metric){ "x", (enum gw_kind)99, GW_GAUGE, "W" }),
                     "metric x: unknown kind 99");
    ck_assert_str_eq(refusal((struct gw_metric){ "word", GW_GPU, GW_TEXT, "W" }),
                     "metric word: a text has no unit, got \"W\"");
}
END_TEST

static struct batch *b;

static void set_up(void)
{
    b = batch_new(BATCH_POLL, "n1", 1000);
}

static void tear_down(void)
{
    batch_free(b);
}

START_TEST(an_entity_is_known_by_kind_and_name)
{
    uint32_t node = batch_entity(b, GW_NODE, "n1", 2, GW_NONE);

    ck_assert_uint_ne(batch_entity(b, GW_DOMAIN, "n1", 2, GW_NONE), node);
    ck_assert_uint_eq(batch_entity(b, GW_NODE, "n1xyz", 2, GW_NONE), node);
    ck_assert_uint_eq(b->entities[node].hash, batch_hash(GW_NODE, "n1", 2));
    ck_assert_uint_eq(batch_entity(b, GW_NODE, "", 0, GW_NONE), GW_NONE);
    for (int i = 0; i < 1000; i++) {
        char name[16];
        size_t len = (size_t)snprintf(name, sizeof(name), "n1/%d", i);
        uint32_t gpu = batch_entity(b, GW_GPU, name, len, node);

        ck_assert_uint_eq(batch_entity(b, GW_GPU, name, len, GW_NONE), gpu);
        ck_assert_uint_eq(b->entities[gpu].parent, node);
    }
    ck_assert_uint_eq(b->entity_count, 1002);
}
END_TEST

START_TEST(room_made_ahead_changes_nothing_that_is_known)
{
    static const size_t rooms[] = { 0, 1, 40, 1000, 10 };
    char name[16];

    for (uint32_t i = 0; i < 500; i++) {
        if (i % 100 == 0)
            batch_reserve(b, rooms[i / 100], rooms[i / 100]);
        ck_assert_uint_eq(batch_entity(b, GW_GPU, name,
                                       (size_t)snprintf(name, sizeof(name), "n1/%u", i),
                                       GW_NONE),
                          i);
        batch_number(b, i, M_GPU_POWER, i, GW_OK);
    }
    for (uint32_t i = 0; i < 500; i++) {
        ck_assert_uint_eq(batch_entity(b, GW_GPU, name,
                                       (size_t)snprintf(name, sizeof(name), "n1/%u", i),
                                       GW_NONE),
                          i);
        ck_assert_double_eq(b->samples[i].number, i);
    }
    ck_assert_uint_eq(b->entity_count, 500);
}
END_TEST

START_TEST(a_parent_told_later_is_learnt)
{
    uint32_t gpu = batch_entity(b, GW_GPU, "n1/0", 4, GW_NONE);
    uint32_t node = batch_entity(b, GW_NODE, "n1", 2, GW_NONE);

    batch_entity(b, GW_GPU, "n1/0", 4, node);
    ck_assert_uint_eq(b->entities[gpu].parent, node);
    batch_entity(b, GW_NODE, "n1", 2, node);
    ck_assert_uint_eq(b->entities[node].parent, GW_NONE);
}
END_TEST

START_TEST(names_and_texts_are_cleaned_and_cut)
{
    char longer[300];
    uint32_t e = batch_entity(b, GW_NODE, "a\033b", 3, GW_NONE);

    ck_assert_str_eq(b->entities[e].name, "a\xEF\xBF\xBD"
                                          "b");
    memset(longer, 'x', sizeof(longer));
    e = batch_entity(b, GW_NODE, longer, sizeof(longer), GW_NONE);
    ck_assert_uint_eq(strlen(b->entities[e].name), 255);
    batch_text(b, e, M_NODE_STATE, "up\n", 3);
    ck_assert_str_eq(b->samples[0].text, "up\xEF\xBF\xBD");
    batch_text(b, e, M_NODE_STATE, "", 0);
    ck_assert_ptr_null(b->samples[1].text);
}
END_TEST

START_TEST(impossible_values_are_unknown_never_clamped)
{
    uint32_t e = batch_entity(b, GW_GPU, "n1/0", 4, GW_NONE);

    batch_number(b, e, M_GPU_POWER, -5, GW_OK);
    batch_number(b, e, M_GPU_POWER, 1e9, GW_OK);
    batch_number(b, e, M_GPU_IDLE, INFINITY, GW_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_double_nan(b->samples[i].number);
        ck_assert_int_eq(b->samples[i].quality, GW_OUT_OF_RANGE);
    }
    batch_number(b, e, M_GPU_POWER, 700, GW_ESTIMATED);
    ck_assert_double_eq(b->samples[3].number, 700);
    ck_assert_int_eq(b->samples[3].quality, GW_ESTIMATED);
    batch_number(b, e, M_GPU_POWER, NAN, GW_OK);
    ck_assert_int_eq(b->samples[4].quality, GW_OK);
}
END_TEST

/* As a time would be written in JSON; what was told in milliseconds is none. */
START_TEST(a_time_that_no_calendar_has_is_unknown)
{
    uint32_t job = batch_entity(b, GW_JOB, "7", 1, GW_NONE);

    batch_number(b, job, M_JOB_START, 1790000000e3, GW_OK);
    batch_number(b, job, M_JOB_END, -1, GW_OK);
    for (int i = 0; i < 2; i++) {
        ck_assert_double_nan(b->samples[i].number);
        ck_assert_int_eq(b->samples[i].quality, GW_OUT_OF_RANGE);
    }
    batch_number(b, job, M_JOB_START, 1790000000, GW_OK);
    ck_assert_double_eq(b->samples[2].number, 1790000000);
}
END_TEST

START_TEST(what_points_nowhere_is_ignored)
{
    uint32_t e = batch_entity(b, GW_GPU, "n1/0", 4, 77);

    ck_assert_uint_eq(b->entities[e].parent, GW_NONE);
    batch_number(b, GW_NONE, M_GPU_POWER, 1, GW_OK);
    batch_number(b, e, METRIC_NONE, 1, GW_OK);
    batch_text(b, 5, M_GPU_UUID, "x", 1);
    batch_link(b, e, 9);
    batch_link(b, e, e);
    ck_assert_uint_eq(b->sample_count, 0);
    ck_assert_uint_eq(b->link_count, 0);
}
END_TEST

START_TEST(samples_carry_the_systems_own_time)
{
    uint32_t e = batch_entity(b, GW_GPU, "n1/0", 4, GW_NONE);

    batch_time(b, 990);
    batch_number(b, e, M_GPU_POWER, 1, GW_OK);
    batch_time(b, 5000); /* a clock ahead of ours */
    batch_number(b, e, M_GPU_TEMP, 1, GW_OK);
    ck_assert_double_eq(b->times[b->samples[0].age], 990);
    ck_assert_double_eq(b->times[b->samples[1].age], 1000);
    for (int i = 1; i < 900; i++)
        batch_time(b, i);
    batch_number(b, e, M_GPU_TEMP, 1, GW_OK);
    ck_assert_uint_eq(b->time_count, 255);
    ck_assert_double_le(b->times[b->samples[2].age], 990);
    /* What was has a place of its own in the fullest batch, be it of the same time. */
    for (int i = 990; i > 980; i--) {
        batch_past(b, i);
        batch_number(b, e, M_GPU_TEMP, 1, GW_OK);
    }
    ck_assert_uint_eq(b->time_count, 256);
    ck_assert_double_eq(b->times[b->samples[12].age], 990);
    for (size_t i = 0; i < b->sample_count; i++)
        ck_assert_int_eq(b->past[b->samples[i].age], i >= 3);
    batch_past(b, 5000);
    batch_number(b, e, M_GPU_TEMP, 1, GW_OK);
    ck_assert(!b->past[b->samples[13].age]);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("batch");
    TCase *c = tcase_create("batch");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, core_metrics_are_where_their_ids_say);
    tcase_add_test(c, a_kind_has_a_plural);
    tcase_add_test(c, a_source_keeps_its_unit_and_shares_the_metric);
    tcase_add_test(c, what_does_not_fit_is_refused_in_words);
    tcase_add_test(c, an_entity_is_known_by_kind_and_name);
    tcase_add_test(c, room_made_ahead_changes_nothing_that_is_known);
    tcase_add_test(c, a_parent_told_later_is_learnt);
    tcase_add_test(c, names_and_texts_are_cleaned_and_cut);
    tcase_add_test(c, impossible_values_are_unknown_never_clamped);
    tcase_add_test(c, a_time_that_no_calendar_has_is_unknown);
    tcase_add_test(c, what_points_nowhere_is_ignored);
    tcase_add_test(c, samples_carry_the_systems_own_time);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
