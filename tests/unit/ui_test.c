/* Keys in, a grid out: what a person at the console sees. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/site.h"
#include "tui/theme.h"
#include "tui/ui.h"

static struct model *model;
static struct ui *ui;
static double steady;

static void open_ui(int w, int h, struct ui_setup setup)
{
    setup.model = model;
    setup.w = w;
    setup.h = h;
    ui_free(ui);
    ui = ui_new(&setup);
    ui_draw(ui, site_time, steady);
}

static void setup_site(void)
{
    model = site_model();
    ui = NULL;
    steady = 100;
    open_ui(120, 36, (struct ui_setup){ 0 });
}

static void forget_site(void)
{
    ui_free(ui);
    model_free(model);
    ui = NULL;
}

/* Presses keys as --keys does and draws. */
static void press(const char *keys)
{
    int key;

    while ((key = ui_next_key(&keys)) > 0)
        ui_key(ui, key);
    ck_assert_int_eq(key, 0);
    steady += 1;
    ui_draw(ui, site_time, steady);
}

static bool row_shows(int y, const char *words)
{
    struct grid row = *ui_grid(ui);
    char *text;
    bool found;

    row.cells += (size_t)y * (size_t)row.w;
    row.h = 1;
    text = grid_to_text(&row);
    found = strstr(text, words);
    free(text);
    return found;
}

static int row_with(const char *words)
{
    for (int y = 0; y < ui_grid(ui)->h; y++)
        if (row_shows(y, words))
            return y;
    return -1;
}

/* The row of the screen that shows the words; -1: none. */
static bool shows(const char *words)
{
    return row_with(words) >= 0;
}

static const char *screen_text(void)
{
    static char *text;

    free(text);
    text = grid_to_text(ui_grid(ui));
    return text;
}

/* The screen itself is the best explanation of a failure; it is too long for a message of
 * Check. */
static bool shows_or_tells(const char *words)
{
    if (!shows(words))
        fprintf(stderr, "%s", screen_text());
    return shows(words);
}

#define ck_shows(words)                                                                  \
    ck_assert_msg(shows_or_tells(words), "not on the screen: %s", words)
#define ck_shows_not(words) ck_assert_msg(!shows(words), "on the screen: %s", words)

/* The row with the cursor. */
static int cursor_row(void)
{
    const struct grid *g = ui_grid(ui);

    for (int y = 1; y < g->h - 1; y++)
        for (int x = 0; x < g->w; x++)
            if (g->cells[y * g->w + x].paper == STYLE_SELECTED)
                return y;
    return -1;
}

static void say_again(double time)
{
    struct batch *b = site_batch(time);

    model_apply(model, b);
    batch_free(b);
    model_settle(model, time);
}

/* ---- what is there at first ---- */

START_TEST(the_overview_says_who_how_much_when_how_sure_and_how_fresh)
{
    ck_assert(row_shows(0, "iad-3"));
    ck_assert(row_shows(0, "950.2 of 1020 kW"));
    ck_assert(row_shows(0, "93.2%"));
    ck_assert(row_shows(0, "14:27–14:46"));
    ck_assert(row_shows(0, "p .81"));
    ck_assert(row_shows(0, "●32"));
    ck_assert(row_shows(0, "RO"));
    ck_assert(row_shows(0, "2s"));
    ck_assert(row_shows(0, "14:05:32Z"));
    ck_shows("over 250 kW at 14:31 ±5m: 81201 starts, +36 kW");
    ck_shows("if nothing ends first, the queue crosses the cap here");
}
END_TEST

/* Two that start at once: who comes first in the line is added first, there as in
 * `jobs`. */
START_TEST(the_crossing_is_at_the_job_that_the_list_says_it_is_at)
{
    struct batch *b = batch_new(BATCH_POLL, "t", site_time);
    uint32_t first = site_entity(b, GW_JOB, "81231", GW_NONE),
             second = site_entity(b, GW_JOB, "81201", GW_NONE);

    batch_number(b, first, M_JOB_START, site_time + 1200, GW_OK);
    batch_number(b, first, M_JOB_PRIORITY, 10, GW_OK);
    batch_number(b, second, M_JOB_START, site_time + 1200, GW_OK);
    batch_number(b, second, M_JOB_PRIORITY, 5, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    ui_draw(ui, site_time, ++steady);
    ck_assert_int_eq(row_with("81231     research"),
                     row_with("the queue crosses the cap here") + 1);
    ck_assert_int_lt(row_with("81231     research"), row_with("81201     sov"));
}
END_TEST

START_TEST(eighty_columns_keep_the_tree_the_sentence_and_the_keys)
{
    open_ui(80, 24, (struct ui_setup){ .demo = true });
    ck_assert(row_shows(0, "950.2/1020 kW ██▊ 93.2%"));
    ck_assert(row_shows(0, "▲ hall-2 22–40m .81"));
    ck_assert(row_shows(0, "DEMO"));
    ck_assert(row_shows(0, "14:05:32Z"));
    ck_shows("feed-B");
    ck_shows("over 250 kW at 14:31");
    ck_assert(row_shows(23, "? help"));
}
END_TEST

START_TEST(a_screen_of_one_cell_is_drawn_too)
{
    static const int sizes[][2] = {
        { 1, 1 }, { 3, 2 }, { 20, 5 }, { 79, 23 }, { 300, 100 }
    };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        ui_resize(ui, sizes[i][0], sizes[i][1]);
        press("1 j j ? Esc 2 j l Enter i Esc c j Space Esc 5 G / x Esc : g Tab Esc Esc");
        ck_assert_int_eq(ui_grid(ui)->w, sizes[i][0]);
    }
}
END_TEST

START_TEST(ascii_has_no_character_above_126)
{
    static const char *const views[] = { "1", "2", "4", "5", "8", "9", "0", "a", "?" };

    open_ui(120, 36, (struct ui_setup){ .ascii = true });
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        press(views[i]);
        for (const char *c = screen_text(); *c; c++)
            ck_assert_msg((*c >= ' ' && *c <= '~') || *c == '\n', "\\x%02x in %s",
                          (unsigned char)*c, screen_text());
    }
    press("Esc 1");
    ck_shows("hall-2");
}
END_TEST

/* ---- moving ---- */

START_TEST(enter_goes_down_to_the_gpus_and_escape_comes_back_to_the_row)
{
    press("2 j j Enter j");
    ck_assert(row_shows(cursor_row(), "rack03"));
    press("Enter");
    ck_shows("rack = \"rack03\"");
    ck_assert(row_shows(35, "site › power › rack03 › nodes"));
    press("j Enter");
    ck_shows("node = \"n10\"");
    ck_shows("n10/7");
    ck_shows_not("n11/0");
    press("Esc");
    ck_assert(row_shows(cursor_row(), "n10 "));
    press("Esc");
    ck_assert(row_shows(cursor_row(), "rack03"));
}
END_TEST

START_TEST(a_branch_opens_and_closes)
{
    press("2");
    ck_shows_not("rack01");
    press("j Right");
    ck_shows("rack01");
    ck_shows_not("rack03");
    press("j Left");
    ck_assert(row_shows(cursor_row(), "hall-1"));
    press("Left");
    ck_shows_not("rack01");
    press("t");
    ck_shows("rack08");
    press("t");
    ck_shows_not("rack08");
}
END_TEST

/* The node that drew the least draws the most. */
static void raise_node(const char *name, double time)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", time);

    batch_number(b, site_entity(b, GW_NODE, name, GW_NONE), M_NODE_METER, 32.9e3, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, time);
}

START_TEST(what_has_two_feeds_stands_under_both_and_the_cursor_stays_where_it_is)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", site_time);
    uint32_t rack = site_entity(b, GW_DOMAIN, "rack01",
                                site_entity(b, GW_DOMAIN, "hall-1", GW_NONE));
    int row;

    batch_link(b, rack, site_entity(b, GW_DOMAIN, "hall-2", GW_NONE));
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    press("2 j Right j j j Right j");
    row = cursor_row();
    ck_assert(row_shows(row, "½ rack01"));
    ck_assert(row_shows(row - 1, "hall-2"));
    ck_assert_int_lt(row_with("½ rack01"), row - 1);
    raise_node("n1", site_time + 1);
    press("");
    ck_assert_int_eq(cursor_row(), row);
}
END_TEST

START_TEST(a_domain_in_trouble_has_one_line_in_the_overview)
{
    int lines = 0;

    press("a");
    ck_shows("99.1% of its cap");
    ck_shows("p .81: ");
    press("1");
    for (int y = row_with("at risk"); y < row_with("queue"); y++)
        lines += row_shows(y, " hall-2 ");
    ck_assert_int_eq(lines, 1);
}
END_TEST


/* Its place in the box of what is at risk; 0: it has none. */
static int place_at_risk(const char *words)
{
    int from = row_with("at risk");

    for (int y = from; y < row_with("queue"); y++)
        if (row_shows(y, words))
            return y - from;
    return 0;
}

static void tell_p(const char *domain, double p)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);

    batch_number(b, site_entity(b, GW_DOMAIN, domain, GW_NONE), M_DOMAIN_P, p, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
}

/* Else a hall of full racks hides all that is at risk. */
START_TEST(racks_near_their_caps_are_told_together_from_four_on)
{
    struct batch *b = batch_new(BATCH_POLL, "", site_time);
    uint32_t hall = site_entity(b, GW_DOMAIN, "hall-3", GW_NONE);
    char name[16];

    for (int i = 1; i <= 3; i++) {
        snprintf(name, sizeof(name), "spare%d", i);
        site_domain(b, name, "rack", hall, 97e3 + 100 * i, 100e3);
    }
    model_apply(model, b);
    model_settle(model, site_time);
    press("1");
    ck_assert_int_gt(place_at_risk(" spare1 "), 0);
    site_domain(b, "spare4", "rack", hall, 96.5e3, 100e3);
    model_apply(model, b);
    model_settle(model, site_time);
    press("2 1");
    ck_assert_int_eq(place_at_risk(" spare1 "), 0);
    ck_shows("4 racks near their caps: spare3 at 97.3%");
    /* what is over its cap is told by itself */
    site_domain(b, "spare3", "rack", hall, 101e3, 100e3);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    press("2 1");
    ck_assert_int_gt(place_at_risk(" spare3 "), 0);
}
END_TEST

/* hall-4 has racks at risk, too; the feeds and halls have their lines anyway. */
START_TEST(the_tree_of_the_overview_has_room_for_a_busway_before_the_racks_of_another)
{
    struct batch *b = batch_new(BATCH_POLL, "", site_time);
    uint32_t first = site_domain(
        b, "bus-1", "busway", site_entity(b, GW_DOMAIN, "hall-1", GW_NONE), 90e3, 100e3);
    char name[16];

    site_domain(b, "bus-9", "busway", site_entity(b, GW_DOMAIN, "hall-4", GW_NONE), 90e3,
                100e3);
    for (int i = 1; i <= 60; i++) {
        snprintf(name, sizeof(name), "full%d", i);
        site_domain(b, name, "rack", first, 99e3, 100e3);
    }
    model_apply(model, b);
    batch_free(b);
    tell_p("bus-9", .9);
    press("1");
    ck_assert_int_lt(row_with("bus-9"), row_with("at risk"));
}
END_TEST

START_TEST(a_likely_breach_comes_before_what_is_only_close_to_its_cap)
{
    press("1");
    /* 98.9% of its cap, and nothing is known of what is to come */
    ck_assert_int_gt(place_at_risk(" rack04 "), 0);
    tell_p("rack04", .02);
    tell_p("hall-3", .3);
    press("2 1");
    ck_assert_int_gt(place_at_risk(" hall-3 "), 0);
    ck_assert(place_at_risk(" rack04 ") == 0 ||
              place_at_risk(" rack04 ") > place_at_risk(" hall-3 "));
}
END_TEST

/* The name in the row with the cursor. */
static const char *cursor_name(void)
{
    static char name[16];
    const struct grid *g = ui_grid(ui);
    size_t used = 0;

    for (int x = 4;
         used + 1 < sizeof(name) && g->cells[cursor_row() * g->w + x].point != ' '; x++)
        name[used++] = (char)g->cells[cursor_row() * g->w + x].point;
    name[used] = '\0';
    return name;
}

START_TEST(the_cursor_stays_on_its_row_and_the_row_on_its_line_when_data_change)
{
    char name[16];
    int row;

    open_ui(120, 18, (struct ui_setup){ 0 });
    press("4 : s o r t Space - p o w e r Enter");
    press("j j j j j j j j j j j j j j j j");
    row = cursor_row();
    snprintf(name, sizeof(name), "%s", cursor_name());
    raise_node("n1", site_time + 1);
    press("");
    ck_assert_int_gt(row, 0);
    ck_assert_str_eq(cursor_name(), name);
    ck_assert_int_eq(cursor_row(), row);
}
END_TEST

START_TEST(before_a_key_means_a_row_the_cursor_is_on_the_first_line_whatever_comes_above)
{
    press("4 : s o r t Space - p o w e r Enter");
    ck_assert_str_ne(cursor_name(), "n1");
    raise_node("n1", site_time + 1);
    press("");
    ck_assert_str_eq(cursor_name(), "n1");
}
END_TEST

START_TEST(a_row_that_was_opened_keeps_the_cursor)
{
    char name[16];

    press("4 : s o r t Space - p o w e r Enter");
    snprintf(name, sizeof(name), "%s", cursor_name());
    press("Enter");
    raise_node("n1", site_time + 1);
    press("Esc");
    ck_assert_str_ne(name, "n1");
    ck_assert_str_eq(cursor_name(), name);
}
END_TEST

START_TEST(data_move_rows_twice_a_second_at_most)
{
    int row;

    press("4 : s o r t Space - p o w e r Enter");
    row = row_with(" n1 ");
    raise_node("n1", site_time + 1);
    ui_draw(ui, site_time + 1, steady + .1);
    ck_assert_int_eq(row_with(" n1 "), row);
    ui_draw(ui, site_time + 1, steady + .6);
    ck_assert_int_ne(row_with(" n1 "), row);
}
END_TEST

START_TEST(arrows_in_the_overview_choose_and_enter_opens_what_they_chose)
{
    press("Down Down Down Enter");
    ck_assert(row_shows(cursor_row(), "hall-2"));
    ck_assert(row_shows(35, "power"));
    press("Esc Tab Enter");
    ck_assert(!row_shows(35, "overview"));
}
END_TEST

/* ---- filters and queries ---- */

static void tell_of_source(const char *name, const char *reason, double next)
{
    struct batch *b = batch_new(BATCH_HOST, "", site_time);
    uint32_t row = batch_entity(b, GW_SOURCE, name, strlen(name), GW_NONE);

    batch_text(b, row, M_SOURCE_STATE, "down", 4);
    batch_text(b, row, M_SOURCE_REASON, reason, strlen(reason));
    batch_number(b, row, M_SOURCE_NEXT, next, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
}

START_TEST(what_is_wrong_with_a_source_is_told_in_full_with_the_next_try)
{
    tell_of_source("n14", "no route to host", site_time + 8);
    press("0");
    ck_shows("n14: no route to host; next try in 8s");
    tell_of_source(
        "n14",
        "host key not known: ED25519 SHA256:4BWSZ3e/5Blm1gvYqjZkXgU0; if it is right, run "
        "ssh-keyscan -p 2411 127.0.0.3 >> known_hosts",
        site_time + 8);
    ui_resize(ui, 80, 24);
    press("");
    ck_assert(row_shows(23, "next try in 8s"));
    ck_assert(row_shows(22, "ssh-keyscan -p 2411 127.0.0.3") ||
              row_shows(23, "ssh-keyscan -p 2411 127.0.0.3"));
    press("i");
    ck_shows("ED25519");
    ck_shows("known_hosts");
}
END_TEST

START_TEST(what_is_said_before_the_first_frame_has_its_time)
{
    struct ui_setup setup = { .model = model, .w = 100, .h = 24, .now = site_time };

    ui_free(ui);
    ui = ui_new(&setup);
    ui_say(ui, "the cache is read-only");
    press(":messages Enter");
    ck_shows("14:05:32  the cache is read-only");
}
END_TEST

START_TEST(a_passphrase_is_typed_unseen_while_the_console_lives_on)
{
    char answer[64] = "";

    press("5 /idle");
    ck_assert(!ui_can_ask(ui)); /* what is being typed never becomes an answer */
    press("Esc");
    ck_assert(ui_can_ask(ui));
    ui_ask(ui, "passphrase for key k1: ");
    press("");
    ck_shows("passphrase for key k1:");
    press("opem Backspace n Space sesame");
    ck_shows_not("sesame");
    ck_shows("n1/0");
    ck_assert_int_eq(ui_answer(ui, answer, sizeof(answer)), QUESTION_OPEN);
    press("Enter");
    ck_assert_int_eq(ui_answer(ui, answer, sizeof(answer)), QUESTION_ANSWERED);
    ck_assert_str_eq(answer, "open sesame");
    ck_assert_int_eq(ui_answer(ui, answer, sizeof(answer)), QUESTION_NONE);
    ui_ask(ui, "passphrase for key k2: ");
    press("secret Esc");
    ck_assert_int_eq(ui_answer(ui, answer, sizeof(answer)), QUESTION_REFUSED);
    press("z");
    ck_assert(!ui_can_ask(ui)); /* nor is a picture that stands still drawn over */
    press("z");
    ui_ask(ui, "passphrase for key k3: ");
    ui_take_back_question(ui);
    press("");
    ck_shows_not("k3");
    ck_assert(ui_can_ask(ui));
    ck_assert(!ui_left(ui));
}
END_TEST

START_TEST(a_click_selects_a_second_one_opens_and_one_on_a_heading_sorts)
{
    int y;

    press("4");
    y = row_with("n3 ");
    ui_click(ui, 10, y);
    press("");
    ck_assert_int_eq(cursor_row(), y);
    ui_click(ui, 10, y);
    press("");
    ck_shows("n3/0");
    press("Esc");
    ui_click(ui, 6, row_with("temp") < 0 ? 3 : row_with("temp"));
    press("");
    ck_shows("sorted by name, from A");
    ui_click(ui, 0, 0);
    ui_click(ui, 500, 500);
    press("1");
    y = row_with("hall-1");
    ui_click(ui, 10, y);
    press("");
    ck_assert_int_eq(cursor_row(), y);
    ui_click(ui, 10, y);
    press("");
    ck_shows("site › power");
}
END_TEST

/* The first cell below the map's lenses that is of a rack. */
static bool first_block(int *x, int *y)
{
    for (*y = 4; *y < 30; ++*y)
        for (*x = 0; *x < 120; ++*x) {
            uint32_t point = grid_at((struct grid *)ui_grid(ui), *x, *y)->point;

            if (point == 0x2580 || point == 0x2584 || point == 0x2588)
                return true;
        }
    return false;
}

START_TEST(
    a_click_on_the_map_chooses_a_rack_a_second_one_goes_in_and_one_on_a_lens_turns_it)
{
    int x, y;

    press("M Down Down Right");
    ck_shows_not(" rack01 ");
    ck_assert(first_block(&x, &y));
    ui_click(ui, x, y);
    press("");
    ck_shows(" rack01 ");
    ui_click(ui, x, y);
    press("");
    ck_shows("site › map in hall-1");
    press("Esc");
    ck_shows_not("1 in 1 h, amber from .10");
    y = row_with(" forecast ");
    ui_click(ui, 20, y);
    press("");
    ck_shows("1 in 1 h, amber from .10");
    ui_click(ui, 0, 35);
    ui_click(ui, 500, 500);
}
END_TEST

START_TEST(a_filter_counts_what_it_leaves_out)
{
    press("5 /idle>15m Enter");
    ck_shows("/idle>15m");
    ck_shows("of 256");
    ck_shows("n5/5");
    ck_shows_not("n5/4");
    press("Esc k");
    ck_assert(row_shows(cursor_row(), "n5/4"));
}
END_TEST

START_TEST(an_error_in_a_filter_stands_under_its_place)
{
    press("5 /power>wat Enter");
    ck_assert(row_shows(34, "/power>wat"));
    ck_assert(row_shows(35, "^"));
    ck_assert(row_shows(35, "wat"));
    press("Esc");
    ck_shows("? help");
}
END_TEST

START_TEST(what_cannot_become_a_filter_any_more_is_said_while_one_types)
{
    press("5 /power>5GiB");
    ck_assert(!row_shows(35, "^")); /* 5GiB may become something yet */
    press("Space");
    ck_assert(row_shows(35, "^"));
    ck_assert(row_shows(35, "does not fit power"));
    press("Backspace Backspace Backspace Backspace");
    ck_assert(!row_shows(35, "^"));
    press("Space and Space tenant~\"a Space b Space");
    ck_assert(!row_shows(35, "^")); /* nor is a quote that is open an error yet */
    press("Esc");
}
END_TEST

START_TEST(the_palette_opens_views_and_queries)
{
    press(":jobs Enter");
    ck_shows("81201");
    press(":gpus Space where Space node Space = Space n3 Space show Space name,power "
          "Enter");
    ck_shows("n3/7");
    ck_shows_not("util");
    press("Esc");
    ck_shows("81201");
    press(":nonsense Enter");
    ck_shows("^");
}
END_TEST

START_TEST(what_is_shown_can_be_copied_as_a_command)
{
    press("4 /power>29kW Enter S y");
    ck_shows("gigawatch -q 'nodes where power>29kW sort -name' -o json");
    press("4 j Space y");
    ck_shows("gigawatch -q 'nodes \"n2\"' -o json");
}
END_TEST

START_TEST(quotes_in_a_name_are_escaped)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", site_time + 1);
    static const char name[] = "n\"0'1\\";

    batch_number(b, batch_entity(b, GW_NODE, name, strlen(name), GW_NONE), M_NODE_METER,
                 1e5, GW_OK);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time + 1);
    press("4 End Enter");
    ck_shows_not("closing quote");
    ck_shows("n\\\"0'1\\\\");
    press("Esc End Space y");
    ck_shows("'nodes \"n\\\"0'\\''1\\\\\"' -o json");
}
END_TEST

/* Other jobs, for so long that the site's are forgotten, and that many that one of them
 * has its row. */
static void other_jobs(void)
{
    for (double t = 0; t <= 2 * 86400; t += 43200) {
        struct batch *b = batch_new(BATCH_POLL, "sim", site_time + t);

        for (int i = 0; i < (t < 2 * 86400 ? 1 : 20); i++) {
            char name[16];

            snprintf(name, sizeof(name), "%d", 90001 + i);
            site_job(b, name, "research", "pending", 8, 8e3, site_time + t + 3600);
        }
        model_apply(model, b);
        batch_free(b);
        model_settle(model, site_time + t);
    }
}

START_TEST(a_mark_and_the_cursor_never_go_over_to_the_job_that_has_the_row_now)
{
    uint32_t row = model_find(model, GW_JOB, "81201");

    press("7 S S /81201 Enter Space Esc");
    ck_shows("1 marked");
    other_jobs();
    ck_assert_uint_eq(model_find(model, GW_JOB, "81201"), GW_NONE);
    ck_assert_ptr_nonnull(model_name(model, GW_JOB, row));      /* another's now */
    press("Home");
    ck_shows("90001");
    ck_shows_not("81201");
    ck_shows_not("marked");
    press("y");
    ck_shows("gigawatch -q 'jobs sort");
}
END_TEST

START_TEST(targets_can_be_asked_now_one_or_all)
{
    struct batch *b = batch_new(BATCH_HOST, "", site_time);

    site_text(b, site_entity(b, GW_SOURCE, "sim", GW_NONE), M_SOURCE_STATE, "ok");
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    ck_assert_ptr_null(ui_asked(ui));
    press("r");
    ck_shows("asking every target now");
    ck_assert_str_eq(ui_asked(ui), "");
    ck_assert_ptr_null(ui_asked(ui));
    press("0 r");
    ck_assert_str_eq(ui_asked(ui), "sim");
    ui_follow(ui, true);
    press("r");
    ck_shows("another gigawatch polls");
    ck_shows("as another gigawatch polls them");
    ck_assert_ptr_null(ui_asked(ui));
}
END_TEST

START_TEST(sorting_by_the_next_column_and_the_other_way_round)
{
    press("4 s");
    ck_shows("node↑");
    press("S");
    ck_shows("node↓");
    ck_assert(row_shows(4, "n32"));
}
END_TEST

START_TEST(a_word_that_is_nothing_is_guessed_among_views_commands_and_kinds)
{
    press(":overveiw Enter");
    ck_shows("did you mean overview?");
    press("Esc :messagse Enter");
    ck_shows("did you mean messages?");
    press("Esc :gpsu Enter");
    ck_shows("did you mean gpus?");
    press("Esc :qwertz Enter");
    ck_shows("no view, command or kind \"qwertz\"");
}
END_TEST

START_TEST(what_is_declared_is_not_measured)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", site_time - 86400);

    site_text(b, site_entity(b, GW_DOMAIN, "spare", GW_NONE), M_DOMAIN_TYPE, "busway");
    model_apply(model, b);
    batch_free(b);
    press("2 /spare Enter i");
    ck_assert(row_shows(row_with("kind"), "declared in the configuration"));
    ck_shows_not("1d ago");
}
END_TEST

/* feed-A's p is .02. */
START_TEST(the_time_of_a_breach_that_hardly_comes_is_faint)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    const struct grid *g;
    int row, x = 0;

    batch_number(b, site_entity(b, GW_DOMAIN, "feed-A", GW_NONE), M_DOMAIN_TTB, 47,
                 GW_OK);
    model_apply(model, b);
    batch_free(b);
    press("2");
    row = row_with("47s");
    ck_assert(row_shows(row, "feed-A"));
    g = ui_grid(ui);
    while (x < g->w && !(g->cells[row * g->w + x].point == '4' &&
                         g->cells[row * g->w + x + 2].point == 's'))
        x++;
    ck_assert_int_eq(g->cells[row * g->w + x].ink, STYLE_FAINT);
}
END_TEST

/* A node that was never heard of, and two racks that may breach, the second more
 * likely. */
static void worry_racks(void)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    uint32_t first = site_entity(b, GW_DOMAIN, "rack01", GW_NONE),
             second = site_entity(b, GW_DOMAIN, "rack02", GW_NONE);

    batch_number(b, first, M_DOMAIN_P, .2, GW_ESTIMATED);
    batch_number(b, second, M_DOMAIN_P, .4, GW_ESTIMATED);
    model_apply(model, b);
    batch_free(b);
    b = batch_new(BATCH_ROSTER, "", site_time);
    site_entity(b, GW_NODE, "n99", site_entity(b, GW_DOMAIN, "rack06", GW_NONE));
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
}

START_TEST(a_row_asks_for_attention_whether_there_is_room_for_the_reason_or_not)
{
    worry_racks();
    open_ui(160, 36, (struct ui_setup){ .demo = true });
    press("3");
    ck_shows("cover %");
    ck_shows("▲ rack06");
    open_ui(80, 24, (struct ui_setup){ .demo = true });
    press("3");
    ck_shows_not("cover %");
    ck_shows("▲ rack06");
}
END_TEST

START_TEST(of_alerts_as_grave_the_likeliest_comes_first)
{
    int first, second;

    worry_racks();
    open_ui(120, 36, (struct ui_setup){ .demo = true });
    press("a");
    first = row_with("rack01 ");
    second = row_with("rack02 ");
    ck_assert_msg(second > 0 && second < first, "%s", screen_text());
}
END_TEST

START_TEST(the_first_line_never_cuts_a_probability)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    uint32_t busway = site_domain(b, "h4-r01-k01", "busway", GW_NONE, 99e3, 100e3);

    batch_number(b, busway, M_DOMAIN_P, .97, GW_ESTIMATED);
    batch_number(b, busway, M_DOMAIN_TTB, 600, GW_ESTIMATED);
    site_forecast(b, "h4-r01-k01", "1h", 3600, .97, 99e3, 4e3);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    for (int w = 80; w <= 200; w++) {
        open_ui(w, 24, (struct ui_setup){ .demo = w % 2 });
        ck_assert_msg(row_shows(0, "h4-r01-k01") && row_shows(0, " .97 "),
                      "%d columns: %.300s", w, screen_text());
    }
}
END_TEST

START_TEST(racks_need_no_column_that_says_rack)
{
    press("3");
    ck_shows_not("kind");
    press("2");
    ck_shows("kind");
}
END_TEST

START_TEST(columns_can_be_chosen)
{
    press("3");
    ck_shows("cover %");
    press("5");
    ck_shows_not("uuid");
    press("c j j j Space Esc");
    ck_shows("uuid");
    press("3");
    ck_shows("cover %"); /* each view has its own, */
    ck_shows_not("parent");
    press("5");
    ck_shows("uuid"); /* and keeps them */
    press("c 0 Esc");
    ck_shows_not("uuid");
}
END_TEST

START_TEST(columns_that_were_chosen_are_copied)
{
    press("3 Y");
    ck_shows("--view 'racks'");
    press("c j j Space Esc Y");
    ck_shows("--view 'racks show name,");
    press("Space Y");
    ck_shows("\" show name,"); /* of the row that is marked */
}
END_TEST

START_TEST(what_a_filter_cannot_judge_is_counted_while_one_types)
{
    worry_racks();
    open_ui(120, 36, (struct ui_setup){ .demo = true });
    press("4 /power>1kW");
    ck_assert_msg(row_shows(34, "32 of 33, 1 unknown"), "%s", screen_text());
    press("Esc");
}
END_TEST

/* ---- doubt ---- */

START_TEST(what_is_stale_says_so)
{
    model_settle(model, site_time + 300);
    steady += 1;
    ui_draw(ui, site_time + 300, steady);
    ck_assert(row_shows(0, "◐ of"));
    ck_shows("◐     128 "); /* the tenants' */
    press("4");
    ck_shows("◐");
    ck_assert(row_shows(0, "5m"));
}
END_TEST

START_TEST(a_site_without_data_draws_everywhere)
{
    struct model *full = model;

    ui_free(ui);
    ui = NULL;
    model = model_new("empty");
    model_settle(model, site_time);
    open_ui(140, 40, (struct ui_setup){ 0 });
    ck_assert(row_shows(0, "waiting"));
    ck_shows_not("coverage");
    press("1 2 i Esc 3 4 5 6 7 8 9 0 a m Q ? Esc y Enter Space s S t c Esc 1 Down Enter");
    press("5");
    ck_shows("no gpus yet");
    open_ui(160, 45, (struct ui_setup){ .wall = true });
    ck_shows("NO DATA");
    ui_free(ui);
    ui = NULL;
    model_free(model);
    model = full;
}
END_TEST

START_TEST(a_paused_picture_stands_still)
{
    press("z");
    ck_assert(row_shows(0, "PAUSED"));
    say_again(site_time + 60);
    steady += 1;
    ui_draw(ui, site_time + 60, steady);
    ck_assert(row_shows(0, "14:05:32Z"));
    press("L");
    steady += 1;
    ui_draw(ui, site_time + 60, steady);
    ck_assert(row_shows(0, "14:06:32Z"));
    ck_assert(!row_shows(0, "PAUSED"));
}
END_TEST

START_TEST(nothing_new_is_no_new_frame)
{
    ck_assert(!ui_draw(ui, site_time, steady + 5));
    ck_assert(ui_draw(ui, site_time + 1, steady + 6));
}
END_TEST

/* ---- the wall ---- */

START_TEST(the_wall_takes_no_key_and_shows_that_it_lives)
{
    char *before;

    open_ui(160, 45, (struct ui_setup){ .wall = true, .alive_mark = true });
    ck_shows("TIME TO BREACH");
    ck_shows("data 2s old");
    before = strdup(screen_text());
    ui_key(ui, 'q');
    ui_key(ui, '5');
    ck_assert(!ui_left(ui));
    ui_draw(ui, site_time, steady + 1);
    ck_assert_str_ne(before, screen_text());
    ck_shows("TIME TO BREACH");
    free(before);
}
END_TEST

/* What the forecaster says of the site alone; NAN: it is learning. */
static void forecast_of_site(double p, double ttb)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    char name[64];
    uint32_t row;

    snprintf(name, sizeof(name), "%s@1h", model_site(model));
    row = batch_entity(b, GW_FORECAST, name, strlen(name), GW_NONE);
    batch_text(b, row, M_FORECAST_DOMAIN, model_site(model), strlen(model_site(model)));
    batch_number(b, row, M_FORECAST_HORIZON, 3600, GW_ESTIMATED);
    batch_number(b, row, M_FORECAST_P, p, GW_ESTIMATED);
    batch_number(b, row, M_FORECAST_TTB_P50, ttb, GW_ESTIMATED);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
}

START_TEST(a_wall_says_no_breach_only_of_what_is_forecast)
{
    static const int sizes[][2] = { { 160, 45 }, { 80, 24 } };
    struct batch *b;

    for (int i = 0; i < 2; i++) {
        forget_site();
        model = model_new("bare");
        b = batch_new(BATCH_POLL, "n1", site_time);
        batch_number(b, batch_entity(b, GW_NODE, "n1", 2, GW_NONE), M_NODE_METER, 500,
                     GW_OK);
        model_apply(model, b);
        batch_free(b);
        open_ui(sizes[i][0], sizes[i][1], (struct ui_setup){ .wall = true });
        forecast_of_site(NAN, NAN);
        ui_draw(ui, site_time, steady);
        ck_shows("no forecast yet");
        forecast_of_site(.01, NAN);
        ui_draw(ui, site_time, steady);
        ck_shows("in sight within the hour");
        forecast_of_site(.4, NAN);
        ui_draw(ui, site_time, steady);
        ck_shows("bare");
        ck_shows("p .40");
        ck_shows_not("in sight");
    }
}
END_TEST

/* Where a sentence may say when the cap is passed, no tick stands above it. */
START_TEST(a_forecast_is_calm_only_where_no_breach_is_in_sight)
{
    struct batch *b;

    forget_site();
    model = model_new("bare");
    b = batch_new(BATCH_POLL, "n1", site_time);
    batch_number(b, batch_entity(b, GW_NODE, "n1", 2, GW_NONE), M_NODE_METER, 500, GW_OK);
    model_apply(model, b);
    batch_free(b);
    open_ui(120, 36, (struct ui_setup){ 0 });
    forecast_of_site(.05, 600);
    press(":forecast Enter");
    ck_shows("a breach is possible, but unlikely");
    ck_shows_not("no breach in sight");
    forecast_of_site(.01, NAN);
    ui_draw(ui, site_time, steady);
    ck_shows("✓ no breach in sight");
    ck_shows_not("possible");
}
END_TEST

START_TEST(a_wall_with_old_data_hatches_its_numbers)
{
    open_ui(160, 45, (struct ui_setup){ .wall = true });
    ck_shows_not("╱");
    model_settle(model, site_time + 200);
    ui_draw(ui, site_time + 200, steady + 1);
    ck_shows("╱");
    ck_shows("this is not the present");
}
END_TEST

/* ---- keys and themes ---- */

START_TEST(every_key_has_a_name_that_scripts_can_use)
{
    char *list = ui_list_keys();
    const char *line = list;

    while (*line) {
        char name[32];
        const char *at = name;
        size_t len = strcspn(line, "\t");

        snprintf(name, sizeof(name), "%.*s", (int)len, line);
        ck_assert_int_gt(ui_next_key(&at), 0);
        ck_assert_msg(!*at, "%s is more than one key", name);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    free(list);
}
END_TEST

START_TEST(typed_words_are_letters_and_named_keys_are_keys)
{
    const char *keys = "/ab Enter C-f Space";
    static const int expected[] = { '/', 'a', 'b', KEY_ENTER_KEY, 6, ' ', 0 };

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        ck_assert_int_eq(ui_next_key(&keys), expected[i]);
}
END_TEST

START_TEST(a_colour_in_hex_is_the_nearest_that_a_terminal_has)
{
    static const int levels[] = { 0, 95, 135, 175, 215, 255 };
    short rich, plain;
    char word[16];

    /* Of the palette's own, each is itself. */
    for (int i = 0; i < 216; i++) {
        snprintf(word, sizeof(word), "#%02x%02x%02x", (unsigned)levels[i / 36],
                 (unsigned)levels[i / 6 % 6], (unsigned)levels[i % 6]);
        ck_assert(color_of_word(word, &rich, &plain));
        ck_assert_int_eq(rich, 16 + i);
        ck_assert_int_lt(plain, 16);
    }
    for (int i = 0; i < 24; i++) {
        snprintf(word, sizeof(word), "#%02x%02x%02x", (unsigned)(8 + 10 * i),
                 (unsigned)(8 + 10 * i), (unsigned)(8 + 10 * i));
        ck_assert(color_of_word(word, &rich, &plain));
        ck_assert_int_eq(rich, 232 + i);
    }
    ck_assert(color_of_word("bright-red", &rich, &plain));
    ck_assert_int_eq(rich, plain);
    ck_assert(color_of_word("default", &rich, &plain));
    ck_assert_int_eq(plain, COLOR_DEFAULT);
    ck_assert(!color_of_word("256", &rich, &plain));
    ck_assert(!color_of_word("#12345", &rich, &plain));
    ck_assert(!color_of_word("", &rich, &plain));
}
END_TEST

START_TEST(words_on_a_colour_are_black_or_white_as_they_can_be_read)
{
    ck_assert_int_eq(color_on(226, true), 16);  /* yellow */
    ck_assert_int_eq(color_on(152, true), 16);  /* pale blue */
    ck_assert_int_eq(color_on(23, true), 231);  /* petrol */
    ck_assert_int_eq(color_on(2, false), 0);    /* green */
    ck_assert_int_eq(color_on(4, false), 15);   /* blue */
    ck_assert_int_eq(color_on(COLOR_DEFAULT, true), COLOR_DEFAULT);
}
END_TEST

START_TEST(without_color_critical_and_attention_still_differ)
{
    struct glyph bad = { 0x25b2, STYLE_CRITICAL, STYLE_NONE, false };
    struct glyph odd = { 0x25b2, STYLE_ATTENTION, STYLE_NONE, false };
    struct glyph inner = { 0x2588, STYLE_FAN_INNER, STYLE_NONE, false };
    struct glyph outer = { 0x2588, STYLE_FAN_OUTER, STYLE_NONE, false };

    ck_assert_uint_eq(glyph_without_color(bad, false).point, 0x203c);
    ck_assert_uint_eq(glyph_without_color(odd, false).point, '!');
    ck_assert_uint_ne(glyph_without_color(inner, false).point,
                      glyph_without_color(outer, false).point);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ui");
    TCase *screen = tcase_create("screen");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(screen, setup_site, forget_site);
    tcase_set_timeout(screen, 60);
    tcase_add_test(screen, the_overview_says_who_how_much_when_how_sure_and_how_fresh);
    tcase_add_test(screen, the_crossing_is_at_the_job_that_the_list_says_it_is_at);
    tcase_add_test(screen, eighty_columns_keep_the_tree_the_sentence_and_the_keys);
    tcase_add_test(screen, a_screen_of_one_cell_is_drawn_too);
    tcase_add_test(screen, ascii_has_no_character_above_126);
    tcase_add_test(screen, enter_goes_down_to_the_gpus_and_escape_comes_back_to_the_row);
    tcase_add_test(screen, a_branch_opens_and_closes);
    tcase_add_test(screen,
                   what_has_two_feeds_stands_under_both_and_the_cursor_stays_where_it_is);
    tcase_add_test(screen, a_domain_in_trouble_has_one_line_in_the_overview);
    tcase_add_test(screen, words_on_a_colour_are_black_or_white_as_they_can_be_read);
    tcase_add_test(
        screen,
        the_tree_of_the_overview_has_room_for_a_busway_before_the_racks_of_another);
    tcase_add_test(screen, racks_near_their_caps_are_told_together_from_four_on);
    tcase_add_test(screen, a_likely_breach_comes_before_what_is_only_close_to_its_cap);
    tcase_add_test(screen,
                   the_cursor_stays_on_its_row_and_the_row_on_its_line_when_data_change);
    tcase_add_test(
        screen,
        before_a_key_means_a_row_the_cursor_is_on_the_first_line_whatever_comes_above);
    tcase_add_test(screen, a_row_that_was_opened_keeps_the_cursor);
    tcase_add_test(screen, data_move_rows_twice_a_second_at_most);
    tcase_add_test(screen, arrows_in_the_overview_choose_and_enter_opens_what_they_chose);
    tcase_add_test(screen, what_is_wrong_with_a_source_is_told_in_full_with_the_next_try);
    tcase_add_test(screen, what_is_said_before_the_first_frame_has_its_time);
    tcase_add_test(screen, a_passphrase_is_typed_unseen_while_the_console_lives_on);
    tcase_add_test(screen, a_click_selects_a_second_one_opens_and_one_on_a_heading_sorts);
    tcase_add_test(
        screen,
        a_click_on_the_map_chooses_a_rack_a_second_one_goes_in_and_one_on_a_lens_turns_it);
    tcase_add_test(screen, a_filter_counts_what_it_leaves_out);
    tcase_add_test(screen, an_error_in_a_filter_stands_under_its_place);
    tcase_add_test(screen, what_cannot_become_a_filter_any_more_is_said_while_one_types);
    tcase_add_test(screen, the_palette_opens_views_and_queries);
    tcase_add_test(screen, what_is_shown_can_be_copied_as_a_command);
    tcase_add_test(screen, quotes_in_a_name_are_escaped);
    tcase_add_test(screen,
                   a_mark_and_the_cursor_never_go_over_to_the_job_that_has_the_row_now);
    tcase_add_test(screen, targets_can_be_asked_now_one_or_all);
    tcase_add_test(screen, sorting_by_the_next_column_and_the_other_way_round);
    tcase_add_test(screen,
                   a_word_that_is_nothing_is_guessed_among_views_commands_and_kinds);
    tcase_add_test(screen, what_is_declared_is_not_measured);
    tcase_add_test(screen, the_time_of_a_breach_that_hardly_comes_is_faint);
    tcase_add_test(screen,
                   a_row_asks_for_attention_whether_there_is_room_for_the_reason_or_not);
    tcase_add_test(screen, of_alerts_as_grave_the_likeliest_comes_first);
    tcase_add_test(screen, the_first_line_never_cuts_a_probability);
    tcase_add_test(screen, racks_need_no_column_that_says_rack);
    tcase_add_test(screen, columns_can_be_chosen);
    tcase_add_test(screen, columns_that_were_chosen_are_copied);
    tcase_add_test(screen, what_a_filter_cannot_judge_is_counted_while_one_types);
    tcase_add_test(screen, what_is_stale_says_so);
    tcase_add_test(screen, a_site_without_data_draws_everywhere);
    tcase_add_test(screen, a_paused_picture_stands_still);
    tcase_add_test(screen, nothing_new_is_no_new_frame);
    tcase_add_test(screen, the_wall_takes_no_key_and_shows_that_it_lives);
    tcase_add_test(screen, a_wall_says_no_breach_only_of_what_is_forecast);
    tcase_add_test(screen, a_forecast_is_calm_only_where_no_breach_is_in_sight);
    tcase_add_test(screen, a_wall_with_old_data_hatches_its_numbers);
    tcase_add_test(screen, every_key_has_a_name_that_scripts_can_use);
    tcase_add_test(screen, typed_words_are_letters_and_named_keys_are_keys);
    tcase_add_test(screen, a_colour_in_hex_is_the_nearest_that_a_terminal_has);
    tcase_add_test(screen, without_color_critical_and_attention_still_differ);
    suite_add_tcase(suite, screen);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
