/* The model's jobs as the forecasting core takes them: pools of GPUs, and whose jobs are
 * known. */
#include "app_jobs.h"
#include "app_forecast.h"
#include "app_jobs_choice.h"
#include "base/arena.h"
#include "model/batch.h"
#include "model/metric.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double start = 1.7e9;
static struct model *m;
static struct jobs_copy *copy;

static uint32_t add(struct batch *b, enum gw_kind kind, const char *name, uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

/* Two racks of a node each, with four and twelve GPUs. */
static void set_up(void)
{
    struct batch *b = batch_new(BATCH_POLL, "nodes", start);

    m = model_new("lab");
    for (int i = 0; i < 2; i++) {
        char name[16];
        uint32_t node;

        snprintf(name, sizeof(name), "rack-%d", i);
        node = add(b, GW_DOMAIN, name, GW_NONE);
        snprintf(name, sizeof(name), "n%d", i);
        node = add(b, GW_NODE, name, node);
        batch_number(b, node, M_NODE_GPUS_TOTAL, i ? 12 : 4, GW_OK);
    }
    model_apply(m, b);
    batch_free(b);
}

static void tear_down(void)
{
    jobs_copy_free(copy);
    copy = NULL;
    model_free(m);
}

static void put_text(struct batch *b, uint32_t row, uint16_t metric, const char *text)
{
    batch_text(b, row, metric, text, strlen(text));
}

static uint32_t tell_job(struct batch *b, const char *name, const char *state,
                         double gpus, double age)
{
    uint32_t row = add(b, GW_JOB, name, GW_NONE);

    put_text(b, row, M_JOB_STATE, state);
    put_text(b, row, M_JOB_QUEUE, "batch");
    batch_number(b, row, M_JOB_GPUS, gpus, GW_OK);
    batch_number(b, row, M_JOB_SUBMIT, b->time - age, GW_OK);
    if (strcmp(state, "running") == 0)
        batch_number(b, row, M_JOB_START, b->time - age, GW_OK);
    return row;
}

static void take(struct batch *b)
{
    double time = b->time;

    model_apply(m, b);
    batch_free(b);
    model_settle(m, time);
    jobs_copy_free(copy);
    copy = jobs_copy_new(m);
    ck_assert_ptr_nonnull(copy);
}

START_TEST(a_queue_shares_the_gpus_of_all_nodes)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;

    tell_job(b, "1", "running", 8, 3600);
    tell_job(b, "2", "pending", 12, 3600);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_uint_eq(view.pool_count, 1);
    ck_assert_double_eq(view.pools[0].gpus, 16);
    /* What waits for a place may come to either rack, in proportion. */
    ck_assert_uint_eq(view.jobs[1].placement_count, 0);
    ck_assert_uint_eq(view.pools[0].placement_count, 2);
    ck_assert_double_eq(view.placements[view.pools[0].first_placement].share, .25);
    ck_assert_double_eq(view.placements[view.pools[0].first_placement + 1].share, .75);
}
END_TEST

/* Two feeds of a hall draw half of what a job in it draws each, wherever in the hall it
 * will be. */
START_TEST(a_job_planned_for_a_hall_is_on_gpus_of_it)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", start);
    uint32_t hall = add(b, GW_DOMAIN, "hall", GW_NONE), bus[2];
    struct job_view view;

    bus[0] = add(b, GW_DOMAIN, "bus-A", hall);
    bus[1] = add(b, GW_DOMAIN, "bus-B", hall);
    batch_link(b, add(b, GW_DOMAIN, "rack-1", bus[0]), bus[1]);
    add(b, GW_DOMAIN, "empty", GW_NONE);
    model_apply(m, b);
    batch_free(b);
    b = batch_new(BATCH_POLL, "slurm", start);
    put_text(b, tell_job(b, "1", "pending", 8, 60), M_JOB_PLACE, "hall");
    put_text(b, tell_job(b, "2", "pending", 4, 60), M_JOB_PLACE, "hall");
    put_text(b, tell_job(b, "3", "pending", 4, 60), M_JOB_PLACE, "empty");
    take(b);
    view = jobs_copy_view(copy);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(view.jobs[i].placement_count, 1);
        ck_assert_uint_eq(
            view.placements[view.jobs[i].first_placement].place,
            jobs_copy_place(copy, GW_DOMAIN, model_find(m, GW_DOMAIN, "rack-1")));
        ck_assert_double_eq(view.placements[view.jobs[i].first_placement].share, 1);
    }
    ck_assert_uint_eq(
        view.placements[view.jobs[2].first_placement].place,
        jobs_copy_place(copy, GW_DOMAIN, model_find(m, GW_DOMAIN, "empty")));
}
END_TEST

/* Four GPUs of 1200 W on n0, two of 700 W on n1. */
START_TEST(a_job_knows_what_the_gpus_are_let_draw_that_it_runs_on)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    uint32_t nodes[2] = { add(b, GW_NODE, "n0", GW_NONE),
                          add(b, GW_NODE, "n1", GW_NONE) };
    struct job_view view;

    for (int i = 0; i < 6; i++) {
        char name[16];
        uint32_t gpu;

        snprintf(name, sizeof(name), "n%d/%d", i / 4, i % 4);
        gpu = add(b, GW_GPU, name, nodes[i / 4]);
        batch_number(b, gpu, M_GPU_POWER_LIMIT, i < 4 ? 1200 : 700, GW_OK);
        put_text(b, gpu, M_GPU_JOB, i < 4 ? "1" : "2");
    }
    tell_job(b, "1", "running", 4, 600);
    tell_job(b, "2", "running", 2, 600);
    tell_job(b, "3", "pending", 4, 60);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_double_eq(view.jobs[0].limit_w, 1200);
    ck_assert_double_eq(view.jobs[1].limit_w, 700);
    ck_assert_double_gt(view.jobs[2].limit_w, 700); /* anywhere */
    ck_assert_double_lt(view.jobs[2].limit_w, 1200);
}
END_TEST

static void expect_shares(const struct forecast_job *job, double first, double second)
{
    const struct job_placement *at = jobs_copy_view(copy).placements +
                                     job->first_placement;
    double shares[2] = { 0 };

    for (uint32_t i = 0; i < job->placement_count; i++)
        shares[at[i].place ==
               jobs_copy_place(copy, GW_DOMAIN, model_find(m, GW_DOMAIN, "rack-1"))] +=
            at[i].share;
    ck_assert_double_eq(shares[0], first);
    ck_assert_double_eq(shares[1], second);
}

START_TEST(a_job_that_waits_is_where_gpus_are_vacant)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", start);
    uint32_t hall = add(b, GW_DOMAIN, "hall", GW_NONE), held;
    struct job_view view;

    add(b, GW_DOMAIN, "rack-0", hall);
    add(b, GW_DOMAIN, "rack-1", hall);
    model_apply(m, b);
    batch_free(b);
    b = batch_new(BATCH_POLL, "slurm", start);
    held = add(b, GW_NODE, "n0", GW_NONE);
    batch_number(b, held, M_NODE_GPUS_HELD, 0, GW_OK);
    held = add(b, GW_NODE, "n1", GW_NONE);
    batch_number(b, held, M_NODE_GPUS_HELD, 9, GW_OK);
    put_text(b, tell_job(b, "1", "pending", 4, 60), M_JOB_PLACE, "hall");
    put_text(b, tell_job(b, "2", "pending", 8, 60), M_JOB_PLACE, "hall");
    take(b);
    view = jobs_copy_view(copy);
    expect_shares(&view.jobs[0], 4. / 7, 3. / 7);       /* four and three are vacant */
    /* too few: anywhere, of four and twelve */
    expect_shares(&view.jobs[1], .25, .75);
}
END_TEST

START_TEST(a_queue_with_a_quota_has_a_pool_of_its_own)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;

    batch_number(b, add(b, GW_QUEUE, "batch", GW_NONE), M_QUEUE_QUOTA, 10, GW_OK);
    tell_job(b, "1", "running", 8, 3600);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_double_eq(view.pools[view.jobs[0].pool].gpus, 10);
    ck_assert_uint_eq(view.jobs[0].pool_key, view.pools[view.jobs[0].pool].key);
}
END_TEST

START_TEST(a_drained_node_takes_no_job)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);

    put_text(b, add(b, GW_NODE, "n1", GW_NONE), M_NODE_STATE, "drained");
    tell_job(b, "1", "running", 2, 3600);
    take(b);
    ck_assert_double_eq(jobs_copy_view(copy).pools[0].gpus, 4);
}
END_TEST

START_TEST(where_a_job_waits_beside_free_gpus_the_queue_is_not_simulated)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);

    tell_job(b, "1", "running", 8, 3600);
    tell_job(b, "2", "pending", 4, 60);         /* it has just come */
    take(b);
    ck_assert_double_eq(jobs_copy_view(copy).pools[0].gpus, 16);
    b = batch_new(BATCH_POLL, "slurm", start + 1);
    tell_job(b, "2", "pending", 4, 3600);
    take(b);
    ck_assert(isnan(jobs_copy_view(copy).pools[0].gpus));
}
END_TEST

/* A hundred thousand jobs cost no more than some thousand: the largest, and the first in
 * line; and it is said how many are not there. */
START_TEST(of_too_many_jobs_the_largest_and_the_first_in_line_are_taken)
{
    enum {
        RUN = MOST_JOBS_RUNNING + 500,
        WAIT = MOST_JOBS_WAITING + 300,
        END = MOST_JOBS_ENDED + 50
    };
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;
    double fewest = INFINITY, last = 0;

    for (int i = 0; i < RUN + WAIT + END; i++) {
        char name[16];
        const char *state = i < RUN ? "running" : i < RUN + WAIT ? "pending" : "ended";
        uint32_t row;

        snprintf(name, sizeof(name), "%d", i);
        row = tell_job(b, name, state, i < RUN ? 1 + i % 1000 : 4, 60 + i);
        if (i >= RUN + WAIT) {
            batch_number(b, row, M_JOB_START, start - 50, GW_OK);
            batch_number(b, row, M_JOB_END, start - 10, GW_OK);
        }
    }
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_uint_eq(view.count,
                      MOST_JOBS_RUNNING + MOST_JOBS_WAITING + MOST_JOBS_ENDED);
    ck_assert_uint_eq(view.left_out, 800);
    for (size_t i = 0; i < view.count; i++) {
        fewest = view.jobs[i].state == JOB_RUNNING ? fmin(fewest, view.jobs[i].gpus)
                                                   : fewest;
        last = view.jobs[i].state == JOB_PENDING ? fmax(last, view.jobs[i].order) : last;
    }
    ck_assert_double_ge(fewest, view.least_gpus);
    ck_assert_double_gt(view.least_gpus, 1);
    /* those who came last are not among them */
    ck_assert_double_lt(last, start - 60 - RUN - 300 + 1);
    /* Of a queue that is not known as a whole nothing is simulated. */
    ck_assert(isnan(view.pools[0].gpus));
}
END_TEST

START_TEST(queues_beyond_the_most_share_one_pool)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;

    for (int i = 0; i < 200; i++) {
        char name[16];
        uint32_t row;

        snprintf(name, sizeof(name), "q%d", i);
        batch_number(b, add(b, GW_QUEUE, name, GW_NONE), M_QUEUE_QUOTA, 10, GW_OK);
        row = tell_job(b, name, "running", 1, 3600);
        batch_text(b, row, M_JOB_QUEUE, name, strlen(name));
    }
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_uint_eq(view.count, 200);
    ck_assert_uint_eq(view.pool_count, 64);
    ck_assert_uint_eq(view.jobs[199].pool, 63);
}
END_TEST

START_TEST(who_has_priority_is_first)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;

    batch_number(b, tell_job(b, "1", "pending", 16, 3600), M_JOB_PRIORITY, 100, GW_OK);
    batch_number(b, tell_job(b, "2", "pending", 16, 60), M_JOB_PRIORITY, 200, GW_OK);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_double_lt(view.jobs[1].order, view.jobs[0].order);
}
END_TEST

START_TEST(the_jobs_of_a_scheduler_that_falls_silent_have_not_ended)
{
    struct batch *b = batch_new(BATCH_POLL, "east", start);

    tell_job(b, "e1", "running", 4, 3600);
    take(b);
    for (double time = start; time < start + 3600; time += 30) {
        b = batch_new(BATCH_POLL, "west", time);
        tell_job(b, "w1", "running", 4, 3600);
        take(b);
    }
    ck_assert_uint_ne(model_quality(m, M_JOB_STATE, model_find(m, GW_JOB, "e1")), GW_OK);
    ck_assert_uint_eq(jobs_copy_view(copy).count, 2);
    ck_assert_double_eq_tol(jobs_copy_view(copy).silent_s, 3570, 1);
    b = batch_new(BATCH_POLL, "east", start + 3600);
    tell_job(b, "e1", "running", 4, 3600);
    take(b);
    b = batch_new(BATCH_POLL, "west", start + 3600);
    tell_job(b, "w1", "running", 4, 3600);
    take(b);
    ck_assert_double_eq(jobs_copy_view(copy).silent_s, 0);
}
END_TEST

/* What ended stands as it did, however long ago that was told. */
START_TEST(who_is_silent_and_has_no_job_left_is_not_waited_for)
{
    struct batch *b = batch_new(BATCH_POLL, "east", start);

    tell_job(b, "e1", "ended", 4, 3600);
    batch_number(b, batch_entity(b, GW_JOB, "e1", 2, GW_NONE), M_JOB_END, start - 10,
                 GW_OK);
    take(b);
    for (double time = start; time < start + 600; time += 30) {
        b = batch_new(BATCH_POLL, "west", time);
        tell_job(b, "w1", "running", 4, 3600);
        take(b);
    }
    ck_assert_double_eq(jobs_copy_view(copy).silent_s, 0);
}
END_TEST

START_TEST(a_pod_runs_where_the_gpus_are_that_name_it)
{
    struct batch *b = batch_new(BATCH_POLL, "kube", start);
    uint32_t gpu = add(b, GW_GPU, "n1/0", add(b, GW_NODE, "n1", GW_NONE));
    struct job_view view;

    put_text(b, gpu, M_GPU_JOB, "vllm-0");
    put_text(b, gpu, M_GPU_TENANT, "prod");
    tell_job(b, "prod/vllm-0", "running", 1, 3600);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_uint_eq(view.jobs[0].placement_count, 1);
    ck_assert_uint_eq(
        view.placements[view.jobs[0].first_placement].place,
        jobs_copy_place(copy, GW_DOMAIN, model_find(m, GW_DOMAIN, "rack-1")));
}
END_TEST

START_TEST(an_array_that_waits_is_as_many_jobs_as_it_has_tasks)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    struct job_view view;

    tell_job(b, "r", "running", 12, 3600);
    batch_number(b, tell_job(b, "a", "pending", 4, 60), M_JOB_TASKS, 5, GW_OK);
    take(b);
    view = jobs_copy_view(copy);
    ck_assert_uint_eq(view.count, 6);
    for (size_t i = 1; i < view.count; i++) {
        ck_assert_double_eq(view.jobs[i].gpus, 4);
        ck_assert_str_eq(jobs_copy_name(copy, view.jobs[i].id), "a");
        ck_assert_int_eq(jobs_copy_unpriced(copy, i) != NULL, i == 1);
        ck_assert_uint_ne(view.jobs[i].id, view.jobs[i - 1].id);
    }
}
END_TEST

/* ---- prices in watts ---- */

struct price {
    double low, watts, high;
};

static struct price price_of(const struct batch *b, const char *name)
{
    struct price p = { NAN, NAN, NAN };

    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *v = &b->samples[i];

        if (strcmp(b->entities[v->entity].name, name) != 0)
            continue;
        *(v->metric == M_JOB_POWER_LOW    ? &p.low
          : v->metric == M_JOB_POWER_HIGH ? &p.high
                                          : &p.watts) = v->number;
    }
    return p;
}

static void tell_owned(struct batch *b, const char *name, const char *state,
                       const char *tenant, const char *class, double watts)
{
    uint32_t row = tell_job(b, name, state, 2, b->time - start);

    put_text(b, row, M_JOB_TENANT, tenant);
    put_text(b, row, M_JOB_CLASS, class);
    if (!isnan(watts))
        batch_number(b, row, M_JOB_POWER, 2 * watts, GW_OK);
}

/* For half an hour three jobs of each run: a tenant's training, its inference, and
 * another's training; then all have ended and one of each waits, and one of somebody who
 * is new. Each GPU of a job draws what its class does, within some watts. */
static const struct owner {
    const char *tenant, *class;
    double watts;
} owners[] = { { "acme", "training", 640 },
               { "acme", "inference", 240 },
               { "other", "training", 420 },
               { "new", "training", NAN } };

enum { OWNERS = sizeof(owners) / sizeof(*owners), EACH = 3, STEPS = 120 };

static void run_all(struct job_desk *desk, double time, const char *state)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", time);
    char name[16];

    for (int o = 0; o < OWNERS; o++) {
        for (int k = 0; k < EACH && !isnan(owners[o].watts); k++) {
            snprintf(name, sizeof(name), "%d-%d", o, k);
            tell_owned(b, name, state, owners[o].tenant, owners[o].class,
                       strcmp(state, "running") == 0 ? owners[o].watts + 15 * (k - 1)
                                                     : NAN);
        }
        snprintf(name, sizeof(name), "waits-%d", o);
        tell_owned(b, name, "pending", owners[o].tenant, owners[o].class, NAN);
    }
    take(b);
    job_desk_take(desk, copy, time, NULL);
}

START_TEST(a_job_that_waits_is_priced_by_its_tenants_and_its_classs_own_history)
{
    struct job_desk *desk = job_desk_new();
    struct batch *told = batch_new(BATCH_HOST, "", start);
    struct price p[OWNERS];

    for (int step = 0; step < STEPS; step++)
        run_all(desk, start + TREND_STEP_S * step, "running");
    run_all(desk, start + TREND_STEP_S * STEPS, "ended");
    job_desk_price(desk, told);
    for (int o = 0; o < OWNERS; o++) {
        char name[16];

        snprintf(name, sizeof(name), "waits-%d", o);
        p[o] = price_of(told, name);
        ck_assert_msg(p[o].low < p[o].watts && p[o].watts < p[o].high, "%s: %g %g %g",
                      name, p[o].low, p[o].watts, p[o].high);
    }
    for (int o = 0; o + 1 < OWNERS; o++) {
        ck_assert_msg(p[o].low < 2 * owners[o].watts && 2 * owners[o].watts < p[o].high,
                      "%d: %g to %g", o, p[o].low, p[o].high);
        /* Of somebody new less is known. */
        ck_assert_double_lt(p[o].high - p[o].low, p[OWNERS - 1].high - p[OWNERS - 1].low);
        for (int k = 0; k + 1 < OWNERS; k++)
            ck_assert(k == o || fabs(p[o].watts - 2 * owners[o].watts) <
                                    fabs(p[o].watts - 2 * owners[k].watts));
    }
    batch_free(told);
    job_desk_free(desk);
}
END_TEST

/* A scheduler says no more where a job was that has ended. */
START_TEST(jobs_that_end_take_nothing_off_the_price_of_those_like_them)
{
    enum { JOBS = 5, ROUNDS = 40 };
    const double limit_w = 500, watts = 480;
    struct job_desk *desk = job_desk_new();
    double time = start;

    for (int n = 0; n < JOBS; n++)
        for (int round = 0; round <= ROUNDS; round++, time += TREND_STEP_S) {
            struct batch *b = batch_new(BATCH_POLL, "slurm", time);
            char name[16];

            for (int i = 0; i < 4; i++) {
                snprintf(name, sizeof(name), "n0/%d", i);
                batch_number(b, add(b, GW_GPU, name, add(b, GW_NODE, "n0", GW_NONE)),
                             M_GPU_POWER_LIMIT, limit_w, GW_OK);
            }
            snprintf(name, sizeof(name), "%d", n);
            tell_owned(b, name, round < ROUNDS ? "running" : "ended", "acme", "training",
                       round < ROUNDS ? watts : NAN);
            tell_owned(b, "waits", "pending", "acme", "training", NAN);
            take(b);
            job_desk_take(desk, copy, time, NULL);
            if (round == ROUNDS) {
                struct batch *told = batch_new(BATCH_HOST, "", time);

                job_desk_price(desk, told);
                ck_assert_double_eq_tol(price_of(told, "waits").watts, 2 * watts,
                                        .02 * watts);
                batch_free(told);
            }
        }
    job_desk_free(desk);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("app_jobs");
    TCase *c = tcase_create("app_jobs");
    SRunner *runner = srunner_create(s);
    int failed;

    suite_add_tcase(s, c);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_queue_shares_the_gpus_of_all_nodes);
    tcase_add_test(c, a_job_planned_for_a_hall_is_on_gpus_of_it);
    tcase_add_test(c, a_job_knows_what_the_gpus_are_let_draw_that_it_runs_on);
    tcase_add_test(c, a_job_that_waits_is_where_gpus_are_vacant);
    tcase_add_test(c, jobs_that_end_take_nothing_off_the_price_of_those_like_them);
    tcase_add_test(c, a_queue_with_a_quota_has_a_pool_of_its_own);
    tcase_add_test(c, a_drained_node_takes_no_job);
    tcase_add_test(c, where_a_job_waits_beside_free_gpus_the_queue_is_not_simulated);
    tcase_add_test(c, of_too_many_jobs_the_largest_and_the_first_in_line_are_taken);
    tcase_add_test(c, queues_beyond_the_most_share_one_pool);
    tcase_add_test(c, who_has_priority_is_first);
    tcase_add_test(c, the_jobs_of_a_scheduler_that_falls_silent_have_not_ended);
    tcase_add_test(c, who_is_silent_and_has_no_job_left_is_not_waited_for);
    tcase_add_test(c, a_pod_runs_where_the_gpus_are_that_name_it);
    tcase_add_test(c, an_array_that_waits_is_as_many_jobs_as_it_has_tasks);
    tcase_add_test(c,
                   a_job_that_waits_is_priced_by_its_tenants_and_its_classs_own_history);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
