/* Who changes a cap or a limit acts: from the model to the record, forecasts in whose
 * time that was are not judged by p. */
#include "app.h"
#include "base/inbox.h"
#include "model/batch.h"
#include "model/metric.h"
#include "model/model.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct model *m;
static struct inbox *answers;
static struct forecasting *f;
static double now;

static void free_batch(void *batch)
{
    batch_free(batch);
}

static void set_up(void)
{
    now = 1.7e9;
    m = model_new("lab");
    answers = inbox_new(free_batch);
    f = forecasting_new(answers, NULL, NULL, .5);
}

static void tear_down(void)
{
    forecasting_free(f);
    inbox_free(answers);
    model_free(m);
}

/* A step of one rack with eight GPUs, whose limits are `limit_w` each. */
static void draw(double cap_w, double limit_w)
{
    const struct cap cap = { .unit = UNIT_W, .value = cap_w };
    struct batch *b = batch_new(BATCH_POLL, "meter", now);
    uint32_t rack = batch_entity(b, GW_DOMAIN, "rack", 4, GW_NONE),
             node = batch_entity(b, GW_NODE, "n1", 2, rack);

    batch_number(b, rack, M_DOMAIN_METER, 5e3 + 100 * sin(now * 1.7), GW_OK);
    for (char gpu[] = "n1/0"; gpu[3] < '8'; gpu[3]++) {
        uint32_t row = batch_entity(b, GW_GPU, gpu, 4, node);

        batch_number(b, row, M_GPU_POWER, 500, GW_OK);
        batch_number(b, row, M_GPU_POWER_LIMIT, limit_w, GW_OK);
    }
    model_apply(m, b);
    batch_free(b);
    model_set_cap(m, model_find(m, GW_DOMAIN, "rack"), &cap);
    model_settle(m, now);
    now += TREND_STEP_S;
}

static double number_of(const struct batch *b, const char *name, uint16_t metric)
{
    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == metric &&
            strcmp(b->entities[b->samples[i].entity].name, name) == 0)
            return b->samples[i].number;
    return NAN;
}

/* How many forecasts of a minute were scored, and of the breaches what is known. */
struct counted {
    double scored, hits;
};

static struct counted ask(void)
{
    struct counted t = { NAN, NAN };
    struct batch *b;

    forecasting_ask(f, m, now);
    do {
        b = inbox_wait(answers, 20000);
        ck_assert_ptr_nonnull(b);
        if (isnan(t.scored))
            t = (struct counted){ number_of(b, "rack@1m", M_FORECAST_SCORED),
                                  number_of(b, "rack@1m", M_FORECAST_HITS) };
        batch_free(b);
    } while (inbox_count(answers));
    return t;
}

/* A change in every third step, so that none of the windows of a minute is without
 * one. */
static struct counted live(double cap_change, double limit_change)
{
    struct counted t = { NAN, NAN };

    for (int i = 0; i < 300; i++)
        draw(8e3, 700);
    ask();
    for (int i = 0; i < 40; i++) {
        bool is_changed = i / 3 % 2;

        draw(8e3 * (is_changed ? 1 + cap_change : 1),
             700 * (is_changed ? 1 + limit_change : 1));
        t = ask();
    }
    ck_assert_double_gt(t.scored, 5);
    return t;
}

START_TEST(where_nobody_acts_breaches_are_counted)
{
    ck_assert_double_eq(live(0, 0).hits, 0);
}
END_TEST

START_TEST(who_changes_the_cap_acts)
{
    ck_assert(isnan(live(.02, 0).hits));
}
END_TEST

START_TEST(who_changes_limits_acts)
{
    ck_assert(isnan(live(0, -.02).hits));
}
END_TEST

START_TEST(a_tremble_is_no_act)
{
    ck_assert_double_eq(live(.002, .002).hits, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acts");
    TCase *c = tcase_create("acts");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 60);
    suite_add_tcase(suite, c);
    tcase_add_test(c, where_nobody_acts_breaches_are_counted);
    tcase_add_test(c, who_changes_the_cap_acts);
    tcase_add_test(c, who_changes_limits_acts);
    tcase_add_test(c, a_tremble_is_no_act);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
