/* What a domain can draw, from what its GPUs and nodes may. */
#include "app_bounds.h"
#include "model/batch.h"
#include "model/metric.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two feeds share a busway with two racks; a third rack hangs in feed A alone. A node
 * each, of two GPUs. */
static struct model *m;
static uint32_t node[3];

static uint32_t add(struct batch *b, enum gw_kind kind, const char *name, uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

static void tell_gpu(struct batch *b, uint32_t at, int n, double watts, double limit)
{
    char name[24];
    uint32_t gpu;

    snprintf(name, sizeof(name), "n%d/%d", n / 2, n % 2);
    gpu = add(b, GW_GPU, name, at);
    batch_number(b, gpu, M_GPU_POWER, watts, GW_OK);
    batch_number(b, gpu, M_GPU_POWER_LIMIT, limit, GW_OK);
}

static void set_up(void)
{
    struct batch *b = batch_new(BATCH_POLL, "lab", 1.7e9);
    uint32_t feed_a, feed_b, bus, rack;

    m = model_new("lab");
    feed_a = add(b, GW_DOMAIN, "feed-A", GW_NONE);
    feed_b = add(b, GW_DOMAIN, "feed-B", GW_NONE);
    bus = add(b, GW_DOMAIN, "bus", feed_a);
    batch_link(b, bus, feed_b);
    for (int i = 0; i < 3; i++) {
        char name[24];

        snprintf(name, sizeof(name), "rack-%d", i);
        rack = add(b, GW_DOMAIN, name, i < 2 ? bus : feed_a);
        batch_number(b, rack, M_DOMAIN_METER, 1500, GW_OK);
        snprintf(name, sizeof(name), "n%d", i);
        node[i] = add(b, GW_NODE, name, rack);
        tell_gpu(b, node[i], 2 * i, 500, 700);
        tell_gpu(b, node[i], 2 * i + 1, 60 + i, 700);
    }
    model_apply(m, b);
    batch_free(b);
    model_settle(m, 1.7e9);
}

static void tear_down(void)
{
    model_free(m);
}

static struct bound bound(const char *name)
{
    struct bounds *b = bounds_new(m);
    struct bound of = bounds_of(b, GW_DOMAIN, model_find(m, GW_DOMAIN, name));

    bounds_free(b);
    return of;
}

START_TEST(a_rack_can_draw_what_its_gpus_may_and_else)
{
    ck_assert_double_eq_tol(bound("rack-0").limits_w, 1400, 1e-6);
    ck_assert_double_eq_tol(bound("rack-0").else_w, 1500 - 560, 1);
    ck_assert_double_eq_tol(bound("rack-0").least_w, 2 * 60, 1e-3);
}
END_TEST

START_TEST(either_feed_may_have_to_carry_all)
{
    ck_assert_double_eq_tol(bound("feed-A").limits_w, 3 * 1400, 1e-6);
    ck_assert_double_eq_tol(bound("feed-B").limits_w, 2 * 1400, 1e-6);
}
END_TEST

START_TEST(a_feed_draws_at_least_its_part_of_the_least)
{
    struct batch *b = batch_new(BATCH_POLL, "lab", 1.7e9);

    ck_assert_double_eq_tol(bound("feed-B").least_w, 4 * 60 / 2., 1e-3);
    ck_assert_double_eq_tol(bound("feed-A").least_w, (4 / 2. + 2) * 60, 1e-3);
    /* One that waits for the other to fail draws nothing. */
    batch_number(b, add(b, GW_DOMAIN, "feed-B", GW_NONE), M_DOMAIN_METER, 0, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, 1.7e9 + 1);
    ck_assert_double_eq_tol(bound("feed-B").least_w, 0, 1e-3);
}
END_TEST

START_TEST(where_a_limit_is_not_known_there_is_no_bound)
{
    struct batch *b = batch_new(BATCH_POLL, "lab", 1.7e9);

    tell_gpu(b, add(b, GW_NODE, "n0", GW_NONE), 0, 500, NAN);
    model_apply(m, b);
    batch_free(b);
    ck_assert(isnan(bound("rack-0").limits_w));
    ck_assert(isnan(bound("feed-B").limits_w));
    ck_assert_double_eq_tol(bound("rack-2").limits_w, 1400, 1e-6);
}
END_TEST

START_TEST(a_nodes_own_limit_counts_before_those_of_its_gpus)
{
    struct batch *b = batch_new(BATCH_POLL, "lab", 1.7e9);
    uint32_t n = add(b, GW_NODE, "n2", GW_NONE);

    batch_number(b, n, M_NODE_CAP, 1000, GW_OK);
    batch_number(b, n, M_NODE_METER, 900, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, 1.7e9 + 1);
    ck_assert_double_eq_tol(bound("rack-2").limits_w, 1000, 1e-6);
    ck_assert_double_eq_tol(bound("rack-2").else_w, 600, 1);
}
END_TEST

START_TEST(a_domain_that_feeds_nothing_known_is_without_bound)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", 1.7e9);

    add(b, GW_DOMAIN, "cooling", add(b, GW_DOMAIN, "feed-B", GW_NONE));
    model_apply(m, b);
    batch_free(b);
    ck_assert(isnan(bound("feed-B").limits_w));
    ck_assert(!isnan(bound("bus").limits_w));
}
END_TEST

static void count(void *looks)
{
    ++*(unsigned *)looks;
}

START_TEST(a_key_is_answered_among_many_nodes)
{
    enum { NODES = 10000, MOST_TO_A_LOOK = 4096 };
    struct batch *b = batch_new(BATCH_ROSTER, "", 1.7e9);
    uint32_t rack = add(b, GW_DOMAIN, "rack-0", GW_NONE);
    unsigned looks = 0;
    char name[24];

    for (int i = 0; i < NODES; i++) {
        snprintf(name, sizeof(name), "x%d", i);
        add(b, GW_NODE, name, rack);
    }
    model_apply(m, b);
    batch_free(b);
    model_let_look(m, count, &looks);
    bounds_free(bounds_new(m));
    ck_assert_uint_ge(looks, NODES / MOST_TO_A_LOOK);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bounds");
    TCase *c = tcase_create("bounds");
    SRunner *runner = srunner_create(s);
    int failed;

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_rack_can_draw_what_its_gpus_may_and_else);
    tcase_add_test(c, either_feed_may_have_to_carry_all);
    tcase_add_test(c, a_feed_draws_at_least_its_part_of_the_least);
    tcase_add_test(c, where_a_limit_is_not_known_there_is_no_bound);
    tcase_add_test(c, a_nodes_own_limit_counts_before_those_of_its_gpus);
    tcase_add_test(c, a_domain_that_feeds_nothing_known_is_without_bound);
    tcase_add_test(c, a_key_is_answered_among_many_nodes);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
