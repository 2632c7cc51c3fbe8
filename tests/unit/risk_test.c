/* The risk: which breaches are named, when, and that every view names the same. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "show/risk.h"
#include "tests/lib/check.h"
#include "tests/lib/site.h"
#include "tui/ui.h"

static struct model *model;

static void set_up(void)
{
    model = site_model();
}

static void tear_down(void)
{
    model_free(model);
}

/* Says how likely a domain is to breach within the hour; returns its row. */
static uint32_t is_likely(const char *domain, double p)
{
    struct batch *b = batch_new(BATCH_POLL, "forecast", site_time);
    char key[64];
    uint32_t forecast;

    snprintf(key, sizeof(key), "%s@1h", domain);
    forecast = site_entity(b, GW_FORECAST, key, GW_NONE);
    site_text(b, forecast, M_FORECAST_DOMAIN, domain);
    batch_number(b, forecast, M_FORECAST_HORIZON, 3600, GW_OK);
    batch_number(b, forecast, M_FORECAST_P, p, GW_OK);
    batch_number(b, site_entity(b, GW_DOMAIN, domain, GW_NONE), M_DOMAIN_P, p, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    return model_find(model, GW_DOMAIN, domain);
}

static const char *hall_of(const char *rack)
{
    struct row up = model_parent(model, GW_DOMAIN, model_find(model, GW_DOMAIN, rack));

    return model_name(model, up.kind, up.id);
}

START_TEST(a_rack_is_told_by_its_whole_only_where_that_is_as_likely_to_breach)
{
    uint32_t rack = is_likely("rack03", .2);

    is_likely(hall_of("rack03"), .2);
    ck_assert(risk_is_told_by_whole(model, rack));
    is_likely(hall_of("rack03"), .19);
    ck_assert(!risk_is_told_by_whole(model, rack));
    is_likely("rack03", .05);
    ck_assert(risk_is_told_by_whole(model, rack));
    is_likely(hall_of("rack03"), .02);
    ck_assert_msg(!risk_is_told_by_whole(model, rack),
                  "what has no line of its own tells of nothing");
}
END_TEST

/* The first line of a screen. */
static void first_line(int w, char *to, size_t room)
{
    struct ui_setup setup = { .model = model, .w = w, .h = 24 };
    struct ui *ui = ui_new(&setup);
    char *text;

    ui_draw(ui, site_time, 1);
    text = grid_to_text(ui_grid(ui));
    snprintf(to, room, "%.*s", (int)strcspn(text, "\n"), text);
    free(text);
    ui_free(ui);
}

START_TEST(where_there_is_no_room_for_the_times_of_an_interval_it_is_how_long_until_then)
{
    uint32_t forecast = model_find(model, GW_FORECAST, "hall-2@1h");
    char wide[400], narrow[400], early[16], about[24];
    double from = model_number(model, M_FORECAST_TTB_P10, forecast),
           to = model_number(model, M_FORECAST_TTB_P90, forecast);

    text_clock(early, sizeof(early), site_time + from);
    first_line(160, wide, sizeof(wide));
    first_line(72, narrow, sizeof(narrow));
    ck_assert_msg(strstr(wide, early), "%s", wide);
    snprintf(about, sizeof(about), " %.0f–%.0fm ", floor(from / 60), floor(to / 60));
    ck_assert_msg(strstr(narrow, about) && !strstr(narrow, early), "%s", narrow);
}
END_TEST

/* Says that a domain breaches its cap now, by so many watts. */
static uint32_t is_over(const char *domain, double by_w)
{
    struct batch *b = batch_new(BATCH_POLL, "meters", site_time);
    uint32_t row = is_likely(domain, 1);

    batch_number(b, site_entity(b, GW_DOMAIN, domain, GW_NONE), M_DOMAIN_METER,
                 model_number(model, M_DOMAIN_CAP, row) + by_w, GW_OK);
    batch_number(b, site_entity(b, GW_DOMAIN, domain, GW_NONE), M_DOMAIN_TTB, 0, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    return row;
}

/* Says why hall-2 may pass its cap, in a sentence of parts round what is free; NULL: it
 * does not say what is. */
static uint32_t is_told(const char *why, const char *before, const char *after)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    uint32_t row = site_entity(b, GW_FORECAST, "hall-2@1h", GW_NONE);

    site_text(b, row, M_FORECAST_DOMAIN, "hall-2");
    site_text(b, row, M_FORECAST_WHY, why);
    site_text(b, row, M_FORECAST_WHY_BEFORE, before ? before : "");
    site_text(b, row, M_FORECAST_WHY_AFTER, after ? after : "");
    batch_number(b, row, M_FORECAST_CAP, 250e3, GW_OK);
    model_apply(model, b);
    batch_free(b);
    return model_find(model, GW_FORECAST, "hall-2@1h");
}

START_TEST(what_is_free_is_said_as_it_is_now)
{
    char why[640];

    model_forecast_why(
        model,
        is_told("may pass 250 kW in 5m: 12.3 kW free, it rose 14.1 kW 25m ago",
                "may pass 250 kW in 5m: ", " free, it rose 14.1 kW 25m ago"),
        why, sizeof(why));
    ck_assert_str_eq(why,
                     "may pass 250 kW in 5m: 2.30 kW free, it rose 14.1 kW 25m ago");
    model_forecast_why(model,
                       is_told("may pass 250 kW: 81201 starts, +12.0 kW", NULL, NULL),
                       why, sizeof(why));
    ck_assert_str_eq(why, "may pass 250 kW: 81201 starts, +12.0 kW");
    /* What was over its cap need not be so any more. */
    model_forecast_why(model,
                       is_told("over 250 kW now, by 82.3 W; a breach in 3m",
                               "over 250 kW now, by ", "; a breach in 3m"),
                       why, sizeof(why));
    ck_assert_str_eq(why, "back under 250 kW: 2.30 kW free; a breach in 3m");
    is_over("hall-2", 500);
    model_forecast_why(model,
                       is_told("over 250 kW now, by 82.3 W", "over 250 kW now, by ", ""),
                       why, sizeof(why));
    ck_assert_str_eq(why, "over 250 kW now, by 500 W");
    model_forecast_why(model, GW_NONE, why, sizeof(why));
    ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(of_two_that_are_over_their_caps_the_one_further_over_is_named)
{
    const char *names[] = { "rack03", "hall-2" };

    for (int i = 0; i < 2; i++) {
        is_over(names[i], 3000);
        is_over(names[1 - i], 10);
        ck_assert_str_eq(risk_of(model).name, names[i]);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("risk");
    TCase *c = tcase_create("risk");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_rack_is_told_by_its_whole_only_where_that_is_as_likely_to_breach);
    tcase_add_test(
        c, where_there_is_no_room_for_the_times_of_an_interval_it_is_how_long_until_then);
    tcase_add_test(c, what_is_free_is_said_as_it_is_now);
    tcase_add_test(c, of_two_that_are_over_their_caps_the_one_further_over_is_named);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
