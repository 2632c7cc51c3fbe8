/* The wall: nobody can leave it by chance, what is critical takes over, nothing stands
 * still for ever. */
#include <stdlib.h>
#include <string.h>

#include "show/view.h"
#include "tests/lib/check.h"
#include "tests/lib/site.h"
#include "tui/panels.h"
#include "tui/ui.h"

static struct model *model;
static struct ui *ui;

static void open_wall_of(int w, int h, const char *quit, const char *panels)
{
    struct ui_setup setup = { .model = model,
                              .w = w,
                              .h = h,
                              .wall = true,
                              .alive_mark = true,
                              .quit = quit,
                              .panels = panels };

    ui_free(ui);
    ui = ui_new(&setup);
    ui_draw(ui, site_time, 1);
}

static void open_wall(const char *quit, const char *panels)
{
    open_wall_of(160, 48, quit, panels);
}

static void set_up(void)
{
    model = site_model();
    ui = NULL;
}

static void tear_down(void)
{
    ui_free(ui);
    model_free(model);
    ui = NULL;
}

static void press(const char *keys)
{
    int key;

    while ((key = ui_next_key(&keys)) > 0)
        ui_key(ui, key);
}

static bool shows(const char *words)
{
    char *text = grid_to_text(ui_grid(ui));
    bool found = strstr(text, words);

    free(text);
    return found;
}

START_TEST(no_key_leaves_it_without_a_chord)
{
    open_wall(NULL, NULL);
    press("q Esc Enter : q u i t Enter C-c");
    ck_assert(!ui_left(ui));
}
END_TEST

START_TEST(only_its_own_keys_in_a_row_leave_it)
{
    open_wall("q u i t", NULL);
    press("q u i x t q u q u i");
    ck_assert(!ui_left(ui));
    press("t");
    ck_assert(ui_left(ui));
}
END_TEST

START_TEST(it_says_how_to_leave_it)
{
    open_wall(NULL, NULL);
    ck_assert(shows("─ Ctrl-C leaves ─"));
    open_wall("q u i t", NULL);
    ck_assert(shows("─ q u i t leaves ─"));
}
END_TEST

START_TEST(panels_are_numbers_from_queries)
{
    open_wall(
        NULL,
        "idle: gpus where state = idle; hottest: gpus sort -temp show temp limit 1");
    ck_assert(shows("─ idle ─"));
    ck_assert(shows("of 256 gpus"));
    ck_assert(shows("─ hottest ─"));
    ck_assert(!shows("─ queue ─"));
}
END_TEST

START_TEST(a_panel_of_what_is_old_says_so)
{
    open_wall_of(80, 24, NULL, "top: domains sort -power show power limit 1");
    ck_assert(!shows("kW ◐"));
    model_settle(model, site_time + 600);
    open_wall_of(80, 24, NULL, "top: domains sort -power show power limit 1");
    ck_assert(shows("kW ◐"));
}
END_TEST

START_TEST(on_a_small_wall_panels_are_lines_and_those_without_room_are_counted)
{
    open_wall_of(80, 24, NULL, "all: gpus; hottest: gpus sort -temp show temp");
    ck_assert(shows(" all "));
    ck_assert(shows(" of 256 gpus"));
    ck_assert(shows(" hottest "));
    ck_assert(!shows("more"));
    open_wall_of(80, 24, NULL, "a: gpus; b: nodes; c: jobs; d: tenants; e: domains");
    ck_assert(shows(" more\n"));
}
END_TEST

START_TEST(a_panel_that_is_none_is_refused_in_words)
{
    struct err err;

    ck_assert_ptr_null(panels_new("gpus", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "title: query"));
    ck_assert_ptr_null(panels_new("hot: gpus where tmp > 80C", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "did you mean temp?"));
    ck_assert_int_eq(err.code, ERR_USAGE);
}
END_TEST

/* A hall far above its cap. */
static void overload(void)
{
    struct batch *b = batch_new(BATCH_POLL, "meter", site_time);
    const char *name = NULL;

    for (uint32_t row = 0; row < model_rows(model, GW_DOMAIN) && !name; row++)
        if (strcmp(model_text(model, M_DOMAIN_TYPE, row), "hall") == 0)
            name = model_name(model, GW_DOMAIN, row);
    ck_assert_ptr_nonnull(name);
    batch_number(b, site_entity(b, GW_DOMAIN, name, GW_NONE), M_DOMAIN_METER, 9e9, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time + 2);
}

START_TEST(what_is_critical_takes_over_and_the_large_numbers_stay)
{
    open_wall(NULL, NULL);
    overload();
    ui_draw(ui, site_time + 2, 3);
    ck_assert(shows("─ ALARM ─"));
    ck_assert(!shows("─ next hour ─"));
    ck_assert(shows("POWER "));
}
END_TEST

START_TEST(what_is_likely_is_told_by_when_it_comes_and_what_has_no_room_is_counted)
{
    struct batch *b = batch_new(BATCH_POLL, "forecast", site_time);
    char *text;

    for (int rack = 1; rack <= SITE_RACKS; rack++) {
        uint32_t row;
        char name[16];

        snprintf(name, sizeof(name), "rack%02d", rack);
        row = site_entity(b, GW_DOMAIN, name, GW_NONE);
        batch_number(b, row, M_DOMAIN_P, .6 + .04 * (rack * 5 % 8), GW_OK);
        batch_number(b, row, M_DOMAIN_TTB, 240 + 300 * (7 - rack * 3 % 8), GW_OK);
    }
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time + 2);
    open_wall_of(160, 36, NULL, NULL);
    text = grid_to_text(ui_grid(ui));
    text = memmove(text, strstr(text, "─ alarms "),
                   strlen(strstr(text, "─ alarms ")) + 1);
    ck_assert_msg(strstr(text, "rack05") < strstr(text, "rack02") &&
                      strstr(text, "rack02") < strstr(text, "rack07"),
                  "%s", text);
    ck_assert_msg(!strstr(text, "rack08") && strstr(text, " more ─"), "%s", text);
    free(text);
}
END_TEST

/* hall-2's forecast was critical, and is held for a while yet. */
START_TEST(an_alarm_that_is_only_held_says_that_it_falls)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);

    open_wall(NULL, NULL);
    ck_assert(!shows(", falling"));
    batch_number(b, site_entity(b, GW_DOMAIN, "hall-2", GW_NONE), M_DOMAIN_P, .3,
                 GW_ESTIMATED);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time + 1);
    open_wall(NULL, NULL);
    ck_assert(shows("p .30, falling: "));
}
END_TEST

START_TEST(a_panel_keeps_within_its_frame_whatever_its_number)
{
    struct panel wide = { .title = "hot", .words = "of it" };
    struct screen s = { .model = model, .mode = "RO", .panels = &wide, .panel_count = 1 };

    snprintf(wide.number, sizeof(wide.number), "%s", "179.325 kW");
    for (int w = 104; w < 160; w++) {
        struct grid *g = grid_new(w, 40);
        bool inside = false;
        char *text;

        view_find("wall")->draw(&s, g, (struct rect){ 0, 0, w, 40 });
        text = grid_to_text(g);
        ck_assert_msg(strstr(text, " kW "), "%s", text);
        for (int y = 0, right = w - 1 - (w >= 120 ? 4 : 1); y < 40; y++) {
            uint32_t edge = grid_at(g, right, y)->point;

            /* │ ╯ */
            ck_assert_msg(!inside || edge == 0x2502 || edge == 0x256f,
                          "a hole in the frame\n%s", text);
            inside = edge == 0x256e || (inside && edge != 0x256f); /* ╮ */
        }
        free(text);
        grid_free(g);
    }
}
END_TEST

/* The column of the first word in the second row. */
static int column_of(const char *words)
{
    char *text = grid_to_text(ui_grid(ui)), *found = strstr(text, words), *line = found;
    int column = -1;

    while (line && line > text && line[-1] != '\n')
        line--;
    if (found)
        column = (int)(found - line);
    free(text);
    return column;
}

START_TEST(all_of_it_moves_now_and_then)
{
    int before, after;

    open_wall(NULL, NULL);
    before = column_of("POWER ");
    ui_draw(ui, site_time, 601);
    after = column_of("POWER ");
    ck_assert_int_eq(after, before + 1);
    ui_draw(ui, site_time, 3601);
    ck_assert_int_eq(column_of("POWER "), before);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wall");
    TCase *t = tcase_create("wall");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, no_key_leaves_it_without_a_chord);
    tcase_add_test(t, only_its_own_keys_in_a_row_leave_it);
    tcase_add_test(t, it_says_how_to_leave_it);
    tcase_add_test(t, panels_are_numbers_from_queries);
    tcase_add_test(t, a_panel_of_what_is_old_says_so);
    tcase_add_test(t,
                   on_a_small_wall_panels_are_lines_and_those_without_room_are_counted);
    tcase_add_test(t, a_panel_that_is_none_is_refused_in_words);
    tcase_add_test(t, what_is_critical_takes_over_and_the_large_numbers_stay);
    tcase_add_test(
        t, what_is_likely_is_told_by_when_it_comes_and_what_has_no_room_is_counted);
    tcase_add_test(t, an_alarm_that_is_only_held_says_that_it_falls);
    tcase_add_test(t, a_panel_keeps_within_its_frame_whatever_its_number);
    tcase_add_test(t, all_of_it_moves_now_and_then);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
