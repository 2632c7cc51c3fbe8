/* A cap with contingency n-1, from the model to its forecast: everything said of it is
 * about what the domain would draw with the other feed lost. */
#include "app.h"
#include "model/batch.h"
#include "model/metric.h"
#include "model/model.h"

#include <check.h>
#include <math.h>
#include <string.h>

/* Two feeds share one busway, which draws `watts`: each has a half, and would have
 * all. */
static const double start = 1.7e9;
static struct model *m;
static double now;

static uint32_t domain(const char *name)
{
    return model_find(m, GW_DOMAIN, name);
}

static void declare(bool n1)
{
    struct cap cap = { .unit = UNIT_W, .value = 100e3, .window_s = 300, .n1 = n1 };
    struct batch *b = batch_new(BATCH_ROSTER, "", start);
    uint32_t a = batch_entity(b, GW_DOMAIN, "feed-A", 6, GW_NONE);
    uint32_t other = batch_entity(b, GW_DOMAIN, "feed-B", 6, GW_NONE);

    batch_link(b, batch_entity(b, GW_DOMAIN, "bus", 3, a), other);
    model_apply(m, b);
    batch_free(b);
    model_set_cap(m, domain("feed-A"), &cap);
}

static void draw(double watts)
{
    struct batch *b = batch_new(BATCH_POLL, "meter", now);

    batch_number(b, batch_entity(b, GW_DOMAIN, "bus", 3, GW_NONE), M_DOMAIN_METER, watts,
                 GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, now);
    now += TREND_STEP_S;
}

/* Two calm hours, then a climb towards the cap. */
static void climb(void)
{
    for (int i = 0; i < 480; i++)
        draw(60e3 + 500 * sin(i * 1.7));
    for (int i = 0; i < 100; i++)
        draw(60e3 + 350 * i + 500 * sin(i * 1.7));
}

static double told(const struct batch *b, const char *name, uint16_t metric)
{
    for (size_t i = 0; b && i < b->sample_count; i++)
        if (b->samples[i].metric == metric &&
            strcmp(b->entities[b->samples[i].entity].name, name) == 0)
            return b->samples[i].number;
    return NAN;
}

static void set_up(void)
{
    m = model_new("lab");
    now = start;
}

static void tear_down(void)
{
    model_free(m);
}

START_TEST(its_past_is_of_the_other_feed_lost)
{
    declare(true);
    draw(60e3);
    draw(62e3);
    ck_assert_uint_eq(model_capped_power(m, domain("feed-A")), M_DOMAIN_POWER_N1);
    ck_assert_float_eq(model_capped_trend(m, domain("feed-A")).values[1], 62e3f);
    ck_assert_float_eq(model_trend(m, GW_DOMAIN, domain("feed-A")).values[1], 31e3f);
    ck_assert_uint_eq(model_capped_power(m, domain("feed-B")), M_DOMAIN_POWER);
    ck_assert_float_eq(model_capped_trend(m, domain("feed-B")).values[1], 31e3f);
}
END_TEST

START_TEST(its_alarm_is_of_the_mean_over_its_window)
{
    declare(true);
    for (int i = 0; i < 20; i++)
        draw(60e3);
    draw(150e3);
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 0);
    for (int i = 0; i < 20; i++)
        draw(150e3);
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 1);
}
END_TEST

START_TEST(its_forecast_is_of_the_other_feed_lost)
{
    struct batch *b;
    double watts;

    declare(true);
    climb();
    watts = model_number(m, M_DOMAIN_POWER_N1, domain("feed-A"));
    b = forecasting_run(m, now, NULL);
    ck_assert_double_gt(told(b, "feed-A@1m", M_FORECAST_Q50), .9 * watts);
    ck_assert_double_gt(told(b, "feed-A@1h", M_FORECAST_P), .1);
    batch_free(b);
}
END_TEST

START_TEST(without_it_only_what_is_drawn_counts)
{
    struct batch *b;

    declare(false);
    climb();
    b = forecasting_run(m, now, NULL);
    ck_assert_double_lt(told(b, "feed-A@1m", M_FORECAST_Q90), 60e3);
    ck_assert_double_lt(told(b, "feed-A@1h", M_FORECAST_P), .1);
    batch_free(b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("contingency");
    TCase *tests = tcase_create("contingency");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, its_past_is_of_the_other_feed_lost);
    tcase_add_test(tests, its_alarm_is_of_the_mean_over_its_window);
    tcase_add_test(tests, its_forecast_is_of_the_other_feed_lost);
    tcase_add_test(tests, without_it_only_what_is_drawn_counts);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
