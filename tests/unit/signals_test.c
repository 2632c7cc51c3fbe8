/* Caps, prices and carbon that change are events about whom they concern; what only
 * trembles is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "model/model.h"

static const double start = 1767362732; /* 2026-01-02T14:05:32Z */

static struct model *m;
static double now;

static uint32_t add(struct batch *b, enum gw_kind kind, const char *name)
{
    return batch_entity(b, kind, name, strlen(name), GW_NONE);
}

static void set_up(void)
{
    m = model_new("iad-3");
    now = start;
}

static void tear_down(void)
{
    model_free(m);
}

/* Of the site: what it pays for a kWh; of hall-1: what it may draw. */
static void say(double price, double cap)
{
    struct batch *b = batch_new(BATCH_POLL, "told", now += 120);

    batch_number(b, add(b, GW_SITE, "iad-3"), M_SITE_PRICE, price, GW_OK);
    batch_number(b, add(b, GW_DOMAIN, "hall-1"), M_DOMAIN_CAP, cap, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, now);
}

static size_t events_of(const char *kind)
{
    size_t count = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_EVENT); row++) {
        const char *is = model_text(m, M_EVENT_KIND, row);

        count += is && strcmp(is, kind) == 0;
    }
    return count;
}

static const char *newest(uint16_t metric)
{
    const char *text = model_text(m, metric, model_order(m, GW_EVENT)[0]);

    return text ? text : "";
}

START_TEST(a_step_of_the_price_is_an_event_of_the_site_and_a_tremble_is_none)
{
    say(100, 1e6);
    say(110, 1e6);
    say(122, 1e6);
    ck_assert_uint_eq(events_of("price"), 0);
    say(150, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
    ck_assert_str_eq(newest(M_EVENT_SUBJECT), "iad-3");
    ck_assert_ptr_nonnull(strstr(newest(M_EVENT_TEXT), "100 → 150"));
    say(150, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
}
END_TEST

START_TEST(a_price_of_nothing_or_less_steps_too)
{
    say(-5, 1e6);
    say(30, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
    ck_assert_ptr_nonnull(strstr(newest(M_EVENT_TEXT), "-5 → 30"));
    now += 600;
    say(0, 1e6);
    ck_assert_uint_eq(events_of("price"), 2);
    now += 600;
    say(80, 1e6);
    ck_assert_uint_eq(events_of("price"), 3);
}
END_TEST

START_TEST(a_price_of_hours_ago_did_not_step_now)
{
    struct batch *b = batch_new(BATCH_POLL, "told", now - 7200);

    batch_number(b, add(b, GW_SITE, "iad-3"), M_SITE_PRICE, 200, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, now);
    say(100, 1e6);
    ck_assert_uint_eq(events_of("price"), 0);
    say(200, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
}
END_TEST

START_TEST(a_price_that_was_configured_did_not_step)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", now);

    batch_number(b, add(b, GW_SITE, "iad-3"), M_SITE_PRICE, .11, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, now);
    say(99, 1e6);
    ck_assert_uint_eq(events_of("price"), 0);
    say(148, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
    ck_assert_ptr_nonnull(strstr(newest(M_EVENT_TEXT), "99 → 148"));
}
END_TEST

START_TEST(what_a_source_told_itself_is_not_said_twice)
{
    say(100, 1e6);
    model_event_about(m, now + 100, "price", NULL, "the tariff steps");
    say(200, 1e6);
    ck_assert_uint_eq(events_of("price"), 1);
    now += 3600;
    say(100, 1e6);
    ck_assert_uint_eq(events_of("price"), 2);
}
END_TEST

START_TEST(a_cap_that_changes_is_an_event_of_its_domain)
{
    say(100, 1e6);
    ck_assert_uint_eq(events_of("cap"), 0);
    say(100, .9e6);
    ck_assert_uint_eq(events_of("cap"), 1);
    ck_assert_str_eq(newest(M_EVENT_SUBJECT), "hall-1");
    ck_assert_str_eq(newest(M_EVENT_TEXT), "cap of hall-1 1 MW → 900 kW");
    model_event(m, now, "information", "something else");
    ck_assert_str_eq(newest(M_EVENT_KIND), "");
}
END_TEST

START_TEST(a_cap_that_flips_with_every_poll_is_said_once_a_minute)
{
    say(100, 1e6);
    say(100, 2e6);
    for (int i = 0; i < 10; i++) {
        now -= 119;
        say(100, i % 2 ? 2e6 : 1e6);
    }
    ck_assert_uint_eq(events_of("cap"), 1);
}
END_TEST

START_TEST(a_lower_cap_than_the_configured_is_an_event_and_a_higher_is_none)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", now);

    batch_number(b, add(b, GW_SITE, "iad-3"), M_SITE_CAP, 3e6, GW_OK);
    add(b, GW_DOMAIN, "hall-1");
    model_apply(m, b);
    batch_free(b);
    model_set_cap(m, model_find(m, GW_DOMAIN, "hall-1"),
                  &(struct cap){ .unit = UNIT_W, .value = 9e5 });
    say(100, 8e5);
    say(100, 8e5);
    ck_assert_uint_eq(events_of("cap"), 1);
    say(100, 1e6);
    ck_assert_uint_eq(events_of("cap"), 1);
    ck_assert_str_eq(newest(M_EVENT_SUBJECT), "hall-1");
    ck_assert_str_eq(
        newest(M_EVENT_TEXT),
        "told tells a lower cap of hall-1, 800 kW: the configured 900 kW holds");
    b = batch_new(BATCH_POLL, "utility", now += 120);
    batch_number(b, add(b, GW_SITE, "iad-3"), M_SITE_CAP, 2e6, GW_OK);
    model_apply(m, b);
    batch_free(b);
    model_settle(m, now);
    ck_assert_uint_eq(events_of("cap"), 2);
    ck_assert_str_eq(
        newest(M_EVENT_TEXT),
        "utility tells a lower cap of iad-3, 2 MW: the configured 3 MW holds");
}
END_TEST

START_TEST(caps_of_many_domains_are_few_events)
{
    for (int i = 0; i < 2; i++) {
        struct batch *b = batch_new(BATCH_POLL, "told", now += 120);
        char name[32];

        for (int d = 0; d < 100; d++) {
            snprintf(name, sizeof(name), "rack-%d", d);
            batch_number(b, add(b, GW_DOMAIN, name), M_DOMAIN_CAP, 1e5 * (i + 1), GW_OK);
        }
        model_apply(m, b);
        batch_free(b);
        model_settle(m, now);
    }
    ck_assert_uint_eq(events_of("cap"), 9);
    ck_assert_str_eq(newest(M_EVENT_TEXT), "caps of 92 more domains changed");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("signals");
    TCase *t = tcase_create("signals");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_step_of_the_price_is_an_event_of_the_site_and_a_tremble_is_none);
    tcase_add_test(t, a_price_of_nothing_or_less_steps_too);
    tcase_add_test(t, a_price_of_hours_ago_did_not_step_now);
    tcase_add_test(t, a_price_that_was_configured_did_not_step);
    tcase_add_test(t, what_a_source_told_itself_is_not_said_twice);
    tcase_add_test(t, a_cap_that_changes_is_an_event_of_its_domain);
    tcase_add_test(t, a_cap_that_flips_with_every_poll_is_said_once_a_minute);
    tcase_add_test(t, a_lower_cap_than_the_configured_is_an_event_and_a_higher_is_none);
    tcase_add_test(t, caps_of_many_domains_are_few_events);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
