/* Weeks of uptime on the simulated site: jobs come and go by the thousand, and memory
 * stays. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"
#include "poll/poll.h"

extern const struct gw_source sim_source;

static const double start = 1790000000;
enum { HOUR = 3600, DAY = 24 * HOUR };

static struct model *m;

static void set_up(void)
{
    m = model_new("demo");
    /* Of events there are a thousand at most: from the start, here. */
    for (int i = 0; i < 1000; i++)
        model_event(m, start, "information", "rack %d of hall %d does not say a word", i,
                    i);
}

static void tear_down(void)
{
    model_free(m);
}

static void poll_at(double time)
{
    static const struct target_option options[] = { { "gpus", "128" }, { 0 } };
    const struct target_config demo = {
        .name = "demo", .url = "sim:", .source = "sim", .options = options
    };
    struct err err;
    struct batch *b = source_converse(&sim_source, &demo, NULL, NULL, time, &err);

    ck_assert_msg(b != NULL, "%s", err.text);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, time);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

START_TEST(weeks_of_jobs_take_no_more_memory_than_days)
{
    size_t rows[2] = { 0 }, bytes[2] = { 0 }; /* at most: in the first weeks, and after */

    for (double t = 0; t < 56 * DAY; t += 3 * HOUR) {
        int after = t >= 28 * DAY;

        poll_at(start + t);
        rows[after] = larger(rows[after], model_rows(m, GW_JOB));
        bytes[after] = larger(bytes[after], model_bytes(m));
    }
    ck_assert_uint_gt(rows[0], 50);
    /* What runs and waits varies by the hour and the day of the week. */
    ck_assert_uint_le(rows[1], rows[0] + rows[0] / 4);
    ck_assert_uint_le(bytes[1], bytes[0] + bytes[0] / 10);
}
END_TEST

/* A site of clouds: each hour a node of its own, with two GPUs and a tenant, beside one
 * that stays. */
static void lease_at(double time, int hour)
{
    struct batch *b = batch_new(BATCH_POLL, "cloud", time);
    char name[64], gpu[80];

    for (int i = 0; i < 2; i++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "i-%08x", i ? 0 : hour + 1);
        uint32_t node = batch_entity(b, GW_NODE, name, len, GW_NONE), row;

        for (int n = 0; n < 2; n++) {
            snprintf(gpu, sizeof(gpu), "%s/%d", name, n);
            row = batch_entity(b, GW_GPU, gpu, strlen(gpu), node);
            batch_text(b, row, M_GPU_TENANT, name, len);
            batch_number(b, row, M_GPU_POWER, 400, GW_OK);
        }
    }
    model_apply(m, b);
    batch_free(b);
    model_settle(m, time);
}

START_TEST(weeks_of_nodes_that_come_and_go_take_no_more_memory_than_days)
{
    size_t rows = 0, bytes = 0;

    for (int hour = 0; hour < 60 * 24; hour++) {
        lease_at(start + hour * HOUR, hour);
        if (hour == 15 * 24) {
            rows = model_rows(m, GW_NODE) + model_rows(m, GW_GPU) +
                   model_rows(m, GW_TENANT);
            bytes = model_bytes(m);
        }
    }
    ck_assert_uint_le(model_rows(m, GW_NODE) + model_rows(m, GW_GPU) +
                          model_rows(m, GW_TENANT),
                      rows + 8);
    ck_assert_uint_le(model_bytes(m), bytes + bytes / 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("weeks");
    TCase *t = tcase_create("weeks");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, weeks_of_nodes_that_come_and_go_take_no_more_memory_than_days);
    tcase_add_test(t, weeks_of_jobs_take_no_more_memory_than_days);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? 0 : 1;
}
