/* Going about in the console: where one was, what one chose, what one takes along. */
#include <stdlib.h>
#include <string.h>

#include "show/query.h"
#include "show/view.h"
#include "tests/lib/check.h"
#include "tests/lib/site.h"
#include "tui/ui.h"

static struct model *model;
static struct ui *ui;
static double steady;

static void open_ui(void)
{
    struct ui_setup setup = {
        .model = model, .w = 120, .h = 36, .command = "gigawatch -c site.yaml"
    };

    ui_free(ui);
    ui = ui_new(&setup);
    ui_draw(ui, site_time, steady);
}

static void set_up(void)
{
    model = site_model();
    ui = NULL;
    steady = 100;
    open_ui();
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
    ck_assert_int_eq(key, 0);
    steady += 1;
    ui_draw(ui, site_time, steady);
}

static bool shows(const char *words)
{
    char *text = grid_to_text(ui_grid(ui));
    bool found = strstr(text, words);

    if (!found)
        fprintf(stderr, "%s", text);
    free(text);
    return found;
}

#define ck_shows(words) ck_assert_msg(shows(words), "not on the screen: %s", words)
#define ck_shows_not(words) ck_assert_msg(!shows(words), "on the screen: %s", words)

/* What Y says where those keys lead. */
static const char *copied_view(const char *keys)
{
    static const char before[] = "gigawatch -c site.yaml --view ";
    const char *copied;

    press(keys);
    press("Y");
    copied = ui_copied(ui);
    ck_assert_msg(copied && strncmp(copied, before, strlen(before)) == 0, "%s", copied);
    return copied + strlen(before);
}

START_TEST(brackets_go_where_one_was_with_its_filter)
{
    press("3 /h1 Enter 6 5");
    ck_shows("─ gpus ");
    press("[");
    ck_shows("─ tenants ");
    press("[");
    ck_shows("─ racks ");
    ck_shows("─ racks ─ /h1 ─");
    press("] ]");
    ck_shows("─ gpus ");
    press("]");
    ck_shows("nowhere after this");
}
END_TEST

/* Each node has GPUs of two jobs, so its own cell says "several". */
/* The site's own alerts: hall-2 may breach, and is nearly full. */
START_TEST(an_alert_opens_its_forecast_and_an_event_what_it_is_about)
{
    press("a /forecast Enter i");
    ck_shows("of a forecast by p");
    press("Esc Enter");
    ck_shows("› forecast");
    ck_shows("hall-2");
    press("9 /hall-2: Enter Enter");
    ck_shows("name = \"hall-2\"");
    press("9 /hall-2: Enter M");
    ck_shows("events › map in hall-2");
}
END_TEST

START_TEST(a_row_of_a_picture_is_shown_on_the_map)
{
    press("Down Down Down M");
    ck_shows("site › map in hall-2");
    press("Esc");
    ck_shows("overview");
    press("1 Tab Tab Tab M"); /* at risk */
    ck_shows("site › map in hall-2");
    press("1 Tab Tab Tab Tab Tab M");
    ck_shows("site › map ink job 81201 ");
    press("1 M");
    ck_shows("site › map ");
    ck_shows_not(" in hall-2");
    press(":forecast Space hall-2 Enter M");
    ck_shows("site › hall-2 › forecast › map in hall-2");
    press(":models Enter M"); /* has no racks */
    ck_shows_not("› models › map");
}
END_TEST

/* What is typed is in nothing; Esc leads back all the same. */
START_TEST(the_path_begins_anew_where_a_view_is_typed)
{
    press(":racks Enter :jobs Enter :nodes Enter");
    ck_shows(" site › nodes ");
    press("Enter");
    ck_shows(" site › nodes › n1 › gpus ");
    press("Esc Esc");
    ck_shows(" site › jobs ");
}
END_TEST

START_TEST(bands_have_a_legend_at_eighty_columns_and_below_a_table_too)
{
    press("a /forecast Enter");
    ck_shows("─ ▄▄ half the time  ▄▄ 8 of 10  ▄▄ 9 of 10 ─");
    ui_resize(ui, 80, 24);
    press("8 Enter");
    ck_shows("▄▄ 9 of 10");
    press("6"); /* nobody forecasts a tenant */
    ck_shows_not("▄▄ 9 of 10");
}
END_TEST

START_TEST(what_queue_and_events_do_not_need_racks_and_the_map_have)
{
    ui_resize(ui, 200, 60);
    press("1");
    ck_shows("─ fullest racks ─");
    ck_shows("  map   power/cap ");
    ck_shows("─ events ─");
    ui_resize(ui, 200, 40);
    press("1");
    ck_shows_not("fullest racks");
    ck_shows_not("  map   power/cap ");
}
END_TEST

START_TEST(the_path_is_cut_between_words)
{
    ui_resize(ui, 80, 24);
    press("3 Enter Enter");
    ck_shows("… › nodes › n13 › gpus ");
    press("8 Enter");
    ck_shows("… › hall-2 › forecast ");
    ck_shows("  ? help");
}
END_TEST

START_TEST(an_alert_of_nodes_opens_those_that_are_down)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", site_time);
    uint32_t node = site_entity(b, GW_NODE, "n6", GW_NONE);

    batch_text(b, node, M_NODE_STATE, "down", 4);
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    press("1");
    ck_shows("n6 down");
    press("a /down Enter Enter");
    ck_shows("state =~ \"^down\" and rack = \"rack02\"");
    ck_shows("n6");
}
END_TEST

/* The forecast was made when hall-2 drew 240 kW; it draws 247.7 now. */
START_TEST(a_forecast_page_is_of_the_moment_when_it_was_made)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", site_time);
    uint32_t row = site_entity(b, GW_FORECAST, "hall-2@1h", GW_NONE);

    batch_number(b, row, M_FORECAST_POWER, 240e3, GW_OK);
    batch_number(b, row, M_FORECAST_ORIGIN, site_time - 12, GW_OK);
    model_apply(model, b);
    batch_free(b);
    press("a /forecast Enter Enter");
    ck_shows("hall-2   240 kW");
    ck_shows("at 14:05:20             240 kW");
    ck_shows_not("248 kW");
}
END_TEST

START_TEST(nobody_has_no_jobs_but_gpus_or_words)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", site_time);

    site_tenant(b, "unallocated", 9e3, 4, 4, NAN);
    site_tenant(b, "unexplained", 9e3, NAN, NAN, NAN);
    model_apply(model, b);
    batch_free(b);
    press("6 /unallocated Enter Enter");
    ck_shows("› gpus");
    press("6 /unexplained Enter Enter");
    ck_shows("losses, cooling, what nobody measures");
}
END_TEST

START_TEST(a_class_is_inked_on_the_map)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", site_time);
    uint32_t node = site_entity(b, GW_NODE, "n9", GW_NONE);

    site_text(b, site_entity(b, GW_GPU, "n9/0", node), M_GPU_CLASS, "agents");
    site_entity(b, GW_CLASS, "agents", GW_NONE);
    model_apply(model, b);
    batch_free(b);
    press("C /agents Enter M");
    ck_shows("1 of 8 racks: class agents,");
}
END_TEST

START_TEST(a_filter_typed_into_a_drawn_view_filters_its_table_and_presses_no_key)
{
    press("1 /rack05 Enter");
    ck_shows("› power");
    ck_shows("rack05");
    ck_assert(!shows("rack04"));
    press("Esc Esc");
    ck_shows("› overview");
}
END_TEST

START_TEST(a_job_opens_its_nodes_and_these_their_gpus)
{
    press("7 /81093 Enter Enter");
    ck_shows("─ nodes ");
    ck_shows("several");
    ck_shows("› 81093");
    press("Enter");
    ck_shows("─ gpus ");
    ck_shows("81117");
    press("Esc Esc");
    ck_shows("─ jobs ");
}
END_TEST

START_TEST(a_tenant_opens_its_jobs_these_their_nodes_and_these_their_gpus_and_back)
{
    press("6 /research Enter Enter");
    ck_shows("─ jobs ");
    ck_shows("81093");
    ck_shows("81215");
    ck_shows_not("81117");              /* another's */
    press("/81093 Enter Enter");
    ck_shows("─ nodes ");
    ck_shows("› 81093");
    press("Enter");
    ck_shows("─ gpus ");
    press("Esc");
    ck_shows("─ nodes ");
    press("Esc");
    ck_shows("─ jobs ");
    press("Esc Esc");
    ck_shows("─ tenants ");
    press("Enter");                     /* the same row */
    ck_shows("81093");
    ck_shows_not("81117");
}
END_TEST

START_TEST(a_queue_and_a_class_open_their_jobs)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", site_time);

    site_entity(b, GW_QUEUE, "batch", GW_NONE);
    site_entity(b, GW_CLASS, "agents", GW_NONE);
    site_text(b, site_entity(b, GW_JOB, "81201", GW_NONE), M_JOB_QUEUE, "batch");
    site_text(b, site_entity(b, GW_JOB, "81117", GW_NONE), M_JOB_CLASS, "agents");
    model_apply(model, b);
    batch_free(b);
    model_settle(model, site_time);
    press("Q /batch Enter Enter");
    ck_shows("─ jobs ");
    ck_shows("81201");
    ck_shows_not("81117");
    press("C /agents Enter Enter");
    ck_shows("─ jobs ");
    ck_shows("81117");
    ck_shows_not("81201");
}
END_TEST

START_TEST(a_node_is_found_by_each_of_its_jobs)
{
    press(
        ":nodes Space where Space jobs Space = Space 81093 Space and Space jobs Space in Space (81117) Enter");
    ck_shows("several");
    press(":nodes Space where Space jobs Space != Space 81093 Enter");
    ck_assert(!shows("several"));
    press(":nodes Space where Space jobs Space != Space 4711 Enter");
    ck_shows("several");
}
END_TEST

START_TEST(minus_goes_to_the_last_place_and_back)
{
    press("3 6 -");
    ck_shows("─ racks ");
    press("-");
    ck_shows("─ tenants ");
}
END_TEST

START_TEST(what_lay_ahead_is_forgotten_when_one_goes_elsewhere)
{
    press("3 6 [ 5 ]");
    ck_shows("nowhere after this");
    press("[");
    ck_shows("─ racks ");
}
END_TEST

START_TEST(a_drawn_view_is_come_back_to_with_its_subject)
{
    press("6 M 3 [");
    ck_shows("› map");
    ck_shows("racks: tenant");
}
END_TEST

START_TEST(a_view_is_come_back_to_as_it_was)
{
    press(":map Space in Space hall-2 Enter Tab Tab F 3 [");
    ck_assert_str_eq(copied_view(""),
                     "'map in hall-2 lens temperature ink domain rack03'");
    press("U ] [");
    ck_assert_str_eq(copied_view(""), "'map in hall-2 lens temperature'");
    press("2 t 3 [");
    ck_assert_str_eq(copied_view(""), "'power flat'");
    press("t 3 [");
    ck_assert_str_eq(copied_view(""), "'domains'");
}
END_TEST

START_TEST(and_with_its_row_its_marks_and_its_branches)
{
    press("3 /rack0 Enter Down Space Down Down 6 [");
    ck_shows("* rack08 ");
    ck_shows("▌  rack05 ");
    press("Esc Esc"); /* the marks, then the filter, which is one still */
    ck_shows("─ racks ─────");
    press("2 Left 3");
    ck_shows_not("▸ feed-A");
    press("[");
    ck_shows("▸ feed-A");
}
END_TEST

/* What the ink was when one came is not what it was when one left. */
START_TEST(ink_that_was_taken_away_does_not_come_back)
{
    press("6 M U 3 [");
    ck_shows("map");
    ck_shows_not("racks: tenant");
}
END_TEST

START_TEST(a_filter_shows_its_rows_while_it_is_typed_and_how_many)
{
    press("3 /rack01");
    ck_shows("1 of 8");
    ck_shows("  rack01 ");
    press("Esc");
    ck_shows("  rack08 ");
}
END_TEST

START_TEST(half_a_filter_leaves_the_rows_alone)
{
    press("3 /load Space >");
    ck_shows("  rack01 ");
    ck_shows("  rack08 ");
}
END_TEST

START_TEST(every_key_with_a_name_is_a_command_of_the_palette)
{
    press("3 :mark-all Enter");
    ck_shows("8 marked");
    press(":unmark Enter :filter Enter");
    ck_shows("/");
    press("Esc :sort Space load,name Enter");
    ck_shows("  rack01 ");
    press(":sort Space -load,nam Enter");
    ck_shows("no field \"nam\" to sort racks by");
}
END_TEST

START_TEST(what_hands_type_elsewhere_leaves_and_helps_here_too)
{
    press(":h Enter");
    ck_shows("help: ");
    ck_assert(!ui_left(ui));
    press("Esc :wq Enter");
    ck_assert(ui_left(ui));
}
END_TEST

START_TEST(the_screen_is_drawn_anew_when_asked_to_also_where_the_picture_stands_still)
{
    press("j");
    ck_assert(!ui_takes_redraw(ui));
    press("C-l");
    ck_assert(ui_takes_redraw(ui));
    ck_assert(!ui_takes_redraw(ui));
    press("z C-l");
    ck_assert(ui_takes_redraw(ui));
}
END_TEST

START_TEST(the_palette_shows_while_one_types_what_there_is_with_its_key_and_meaning)
{
    press(":");
    ck_shows("overview         1      How much power is drawn");
    press("pau");
    ck_shows("pause            z      the picture stands still, or goes on");
    ck_shows_not("How much power is drawn");
    press("Tab");
    ck_shows(":pause");
    press("C-u gpus Space where Space tem");
    ck_shows("temp             temperature of the chip");
    press("Enter");
    ck_shows_not("temperature of the chip"); /* what is wrong is told instead */
}
END_TEST

START_TEST(rows_are_sorted_by_several_columns)
{
    press("3 s s +");
    ck_shows("sorted by ");
    press("Y");
    ck_shows("sort -");
    ck_shows(",");
}
END_TEST

START_TEST(copied_command_lines_begin_as_this_one_did)
{
    press("3 /h1 Enter y");
    ck_assert_str_eq(ui_copied(ui), "gigawatch -c site.yaml -q 'racks where h1' -o json");
    ck_assert_ptr_null(ui_copied(ui));
    press("Y");
    ck_assert_str_eq(ui_copied(ui), "gigawatch -c site.yaml --view 'racks where h1'");
    press("1 Y");
    ck_assert_str_eq(ui_copied(ui), "gigawatch -c site.yaml --view 'overview'");
}
END_TEST

START_TEST(a_copied_view_says_what_is_chosen_in_it)
{
    ck_assert_str_eq(copied_view("M"), "'map'");
    ck_assert_str_eq(copied_view("Tab"), "'map lens forecast'");
    press("6");
    ck_assert_ptr_nonnull(strstr(copied_view("M"), " ink tenant "));
    ck_assert_str_eq(copied_view("2 t"), "'power flat'");
    ck_assert_str_eq(copied_view("t"), "'domains'");
    ck_assert_str_eq(copied_view(":forecast Space hall-2 Enter"), "'forecast hall-2'");
}
END_TEST

START_TEST(and_what_it_says_brings_that_back)
{
    press(
        "M :map Space lens Space age Space in Space hall-2 Space ink Space domain Space rack01 Enter");
    ck_assert_str_eq(copied_view(""), "'map in hall-2 lens age ink domain rack01'");
    ck_shows(": domain rack01");
    press("2 :power Space flat Enter");
    ck_shows_not("▾");
    press("M :map Space lens Space hue Enter");
    ck_shows("no lens \"hue\"; known: power/cap, ");
    press("Esc :map Space nobody Enter");
    ck_shows("nothing is called \"nobody\"");
}
END_TEST

START_TEST(words_of_what_nobody_has_told_of_yet_wait_for_it)
{
    struct batch *b = batch_new(BATCH_POLL, "queue", site_time);

    press(":map Space ink Space job Space 9001 Space lens Space tenant Enter");
    ck_shows_not(": job 9001");
    ck_assert_str_eq(copied_view(""), "'map lens tenant ink job 9001'");
    site_entity(b, GW_JOB, "9001", GW_NONE);
    model_apply(model, b);
    batch_free(b);
    press("");
    ck_shows(": job 9001");
}
END_TEST

START_TEST(what_a_picture_s_cursor_is_on_is_copied_as_a_query)
{
    static const char before[] = "gigawatch -c site.yaml -q 'domains \"";
    char name[64] = "";
    const char *copied;

    press("M y");
    copied = ui_copied(ui);
    ck_assert_msg(copied && strncmp(copied, before, strlen(before)) == 0, "%s", copied);
    ck_assert_int_eq(sscanf(copied + strlen(before), "%63[^\"]", name), 1);
    ck_assert_uint_ne(model_find(model, GW_DOMAIN, name), GW_NONE);
    press("Right y");
    copied = ui_copied(ui);
    ck_assert_msg(copied && !strstr(copied, name), "%s", copied);
    press("1 y");
    ck_assert_str_eq(ui_copied(ui), "gigawatch -c site.yaml -q 'domains' -o json");
}
END_TEST

START_TEST(the_filters_that_a_view_proposes_are_filters_of_it)
{
    for (const struct view *const *v = views_all(); *v; v++) {
        const char *at = (*v)->filters;
        char filter[64];
        struct err err;
        size_t column;

        ck_assert_msg(at || !(*v)->kind, "%s proposes none", (*v)->name);
        while (at && *at) {
            const char *end = strstr(at, " · ");
            struct query *q;

            snprintf(filter, sizeof(filter), "%.*s",
                     end ? (int)(end - at) : (int)strlen(at), at);
            q = query_parse_filter(*v, filter, &err, &column);
            ck_assert_msg(q, "%s: %s: %s", (*v)->name, filter, q ? "" : err.text);
            query_free(q);
            at = end ? end + strlen(" · ") : NULL;
        }
    }
    press("5 /");
    ck_shows("Enter shows, Esc leaves, Tab completes    a word · power > 0.9power_limit");
}
END_TEST

START_TEST(a_key_that_leads_elsewhere_closes_a_page_and_is_obeyed)
{
    press(":gpus Space by Space node Space show Space power Enter");
    ck_shows("gpus by node show power");
    press(":");
    ck_shows("a view, a query (gpus where temp > 80C) or a command");
    press("Esc ? 3");
    ck_shows("site › racks");
    press("? /");
    ck_shows("Enter shows, Esc leaves");
    press("Esc ? q");
    ck_shows("site › racks");
    ck_assert(!ui_left(ui));
}
END_TEST

START_TEST(a_command_is_found_by_a_part_of_it_and_by_its_letters)
{
    press(":filter"); /* as a whole before as a part */
    ck_shows("filter           /      show only rows");
    ck_shows("no-filter        \\      all rows again");
    press("C-u thm Tab Enter");
    ck_shows_not("no view, command or kind");
    press("Esc :thm Tab Space Tab S-Tab");
    ck_shows(":theme mono");
    press("Enter");
    ck_assert_str_eq(ui_theme(ui), "mono");
}
END_TEST

START_TEST(what_follows_a_command_is_offered_too)
{
    press("3 :sort Space -lo Tab");
    ck_shows(":sort -load");
    press("C-u forecast Space hall-3 Tab Enter");
    ck_shows("hall-3");
    ck_shows("› forecast");
    press("3 /hall Tab");
    ck_shows("nothing known fits here");
    press("C-u p Tab");
    ck_shows("probability of a breach within the hour");
    ck_shows("/parent");
}
END_TEST

START_TEST(tab_in_an_empty_line_shows_what_there_is_and_writes_nothing)
{
    press(": Tab");
    ck_shows("overview");
    press("ten Tab");
    ck_shows(":tenants");
    press("C-u Tab Tab rac Tab Enter");
    ck_shows("site › racks");
}
END_TEST

START_TEST(forecasts_open_with_an_hour_and_a_query_has_its_own)
{
    press("8");
    ck_shows("forecasts ─ horizon = 1h ─");
    press(":forecasts Space where Space horizon Space > Space 0 Enter");
    ck_shows("forecasts ─ horizon > 0 ─");
    press("[");
    ck_shows("forecasts ─ horizon = 1h ─");
}
END_TEST

START_TEST(a_limit_is_a_clause_before_a_number_and_else_a_field)
{
    press(":jobs Space where Space limit Space > Space 2 h Enter");
    ck_shows("jobs ─ limit > 2h ─");
    press(
        ":jobs Space where Space gpus > 4 Space sort Space limit Space limit Space 3 Enter");
    ck_shows("jobs ─ gpus>4 ─");
    ck_shows("3 of ");
}
END_TEST

START_TEST(a_query_may_be_the_first_view)
{
    struct ui_setup setup = {
        .model = model, .w = 120, .h = 36, .view = "racks where h1"
    };

    ui_free(ui);
    ui = ui_new(&setup);
    ui_draw(ui, site_time, steady);
    ck_shows("─ racks ");
    ck_shows("─ racks ─ h1 ─");
}
END_TEST

START_TEST(export_asks_for_a_file_and_says_of_what)
{
    const struct ui_export *e;

    press("3 e");
    ck_shows(":export racks-2026-01-02T14-05-32.csv");
    press("Enter");
    e = ui_exported(ui);
    ck_assert_ptr_nonnull(e);
    ck_assert_str_eq(e->query, "racks");
    ck_assert_ptr_null(ui_exported(ui));
    press("1 :export Space shot.txt Enter");
    e = ui_exported(ui);
    ck_assert_ptr_nonnull(e);
    ck_assert_str_eq(e->query, "");
}
END_TEST

START_TEST(chosen_columns_and_what_was_typed_live_on)
{
    char *text;

    press("3 /h1 Enter c Down Down Space Esc");
    text = ui_memory(ui);
    ck_assert_ptr_nonnull(strstr(text, "columns racks name,"));
    ck_assert_ptr_nonnull(strstr(text, "/ h1\n"));
    open_ui();
    ui_remember(
        ui,
        "nonsense\ncolumns lamps a,b\ncolumns racks name,power,nothing,\n/ h1\n: gpus\n/ a\x1b[2Jb\n");
    press("3 / Up Up");
    ck_shows("/h1");
    press("Esc c");
    ck_shows("[x] power");
    ck_shows("[ ] cap");
    free(text);
}
END_TEST

START_TEST(a_picture_that_stands_still_goes_back_in_time)
{
    double at;

    press("3 Down Down ,");
    ck_assert(ui_looks_back(ui, &at));
    ck_assert_double_eq(at, site_time - 60);
    ck_assert(!ui_looks_back(ui, &at)); /* once */
    press("z Left");
    ck_assert(ui_looks_back(ui, &at));
    ck_assert_double_eq(at, site_time - 60);
    press("L @ -15m Enter");
    ck_assert(ui_looks_back(ui, &at));
    ck_assert_double_eq(at, site_time - 900);
    press("@ 15:05 Enter"); /* yesterday's */
    ck_assert(ui_looks_back(ui, &at));
    ck_assert(at > site_time - 86400 && at < site_time - 80000);
    press("@ 2099-01-01 Enter");
    ck_shows("not come yet");
    press("Esc @ teatime Enter");
    ck_shows("expected a time");
    press("Esc :racks Space at Space -15m Enter");
    ck_shows("all of the console goes back at once");
}
END_TEST

/* Another model of the same site: rack01 drew 97.3 kW. */
START_TEST(what_was_is_shown_until_one_is_live_again)
{
    struct model *then = site_model();
    struct batch *b = batch_new(BATCH_POLL, "history", site_time);
    double at;

    batch_number(b, site_entity(b, GW_DOMAIN, "rack01", GW_NONE), M_DOMAIN_METER, 97.3e3,
                 GW_OK);
    model_apply(then, b);
    batch_free(b);
    model_is_of_then(then);
    model_settle(then, site_time);
    press("M 3 ,");
    ck_assert(ui_looks_back(ui, &at));
    ui_show_past(ui, then, at);
    press("g");
    ck_shows("as it was 2026-01-02T14:04:32Z");
    ck_shows("97.3");
    press("Esc 3 y");
    ck_shows("racks at 2026-01-02T14:04:32Z");
    ck_assert_str_eq(copied_view(""), "'racks' --at 2026-01-02T14:04:32Z");
    press("Left"); /* goes on back */
    ck_assert(ui_looks_back(ui, &at));
    ck_assert_double_eq(at, site_time - 120);
    press("Right Right");
    ck_assert(ui_looks_back(ui, &at));
    ck_assert(isnan(at));
    ui_show_past(ui, model, NAN);
    model_free(then);
    press("g");
    ck_shows_not("as it was");
    ck_shows_not("97.3");
}
END_TEST

START_TEST(messages_are_kept)
{
    press("3 ] :messages Enter");
    ck_shows("nowhere after this");
}
END_TEST

START_TEST(the_tour_goes_through_the_views_and_ends)
{
    press("H");
    ck_shows("tour 1 of ");
    press("n");
    ck_shows("─ power ");
    ck_shows("tour 2 of ");
    press("N");
    ck_shows("tour 1 of ");
    press("Esc");
    press("3");
    ck_shows("─ racks ");
}
END_TEST

START_TEST(the_right_edge_is_painted_where_rows_ask_for_attention)
{
    const struct grid *g;
    int painted = 0, plain = 0;

    press(":gpus Space show Space name,state,held Enter");
    g = ui_grid(ui);
    for (int y = 4; y < g->h - 4; y++) {
        uint8_t ink = g->cells[y * g->w + g->w - 1].ink;

        painted += ink == STYLE_ATTENTION || ink == STYLE_CRITICAL;
        plain += ink == STYLE_LINE || ink == STYLE_SECONDARY;
    }
    ck_assert_int_gt(painted, 0);
    ck_assert_int_gt(painted + plain, 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("navigation");
    TCase *t = tcase_create("keys");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, brackets_go_where_one_was_with_its_filter);
    tcase_add_test(t, an_alert_opens_its_forecast_and_an_event_what_it_is_about);
    tcase_add_test(t, an_alert_of_nodes_opens_those_that_are_down);
    tcase_add_test(t, a_row_of_a_picture_is_shown_on_the_map);
    tcase_add_test(t, the_path_begins_anew_where_a_view_is_typed);
    tcase_add_test(t, bands_have_a_legend_at_eighty_columns_and_below_a_table_too);
    tcase_add_test(t, what_queue_and_events_do_not_need_racks_and_the_map_have);
    tcase_add_test(t, the_path_is_cut_between_words);
    tcase_add_test(t, a_forecast_page_is_of_the_moment_when_it_was_made);
    tcase_add_test(t, nobody_has_no_jobs_but_gpus_or_words);
    tcase_add_test(t, a_class_is_inked_on_the_map);
    tcase_add_test(t,
                   a_filter_typed_into_a_drawn_view_filters_its_table_and_presses_no_key);
    tcase_add_test(t, a_limit_is_a_clause_before_a_number_and_else_a_field);
    tcase_add_test(t, a_job_opens_its_nodes_and_these_their_gpus);
    tcase_add_test(
        t, a_tenant_opens_its_jobs_these_their_nodes_and_these_their_gpus_and_back);
    tcase_add_test(t, a_queue_and_a_class_open_their_jobs);
    tcase_add_test(t, a_node_is_found_by_each_of_its_jobs);
    tcase_add_test(t, minus_goes_to_the_last_place_and_back);
    tcase_add_test(t, what_lay_ahead_is_forgotten_when_one_goes_elsewhere);
    tcase_add_test(t, a_drawn_view_is_come_back_to_with_its_subject);
    tcase_add_test(t, a_view_is_come_back_to_as_it_was);
    tcase_add_test(t, and_with_its_row_its_marks_and_its_branches);
    tcase_add_test(t, ink_that_was_taken_away_does_not_come_back);
    tcase_add_test(t, a_filter_shows_its_rows_while_it_is_typed_and_how_many);
    tcase_add_test(t, half_a_filter_leaves_the_rows_alone);
    tcase_add_test(t, what_hands_type_elsewhere_leaves_and_helps_here_too);
    tcase_add_test(
        t, the_screen_is_drawn_anew_when_asked_to_also_where_the_picture_stands_still);
    tcase_add_test(t, every_key_with_a_name_is_a_command_of_the_palette);
    tcase_add_test(
        t, the_palette_shows_while_one_types_what_there_is_with_its_key_and_meaning);
    tcase_add_test(t, rows_are_sorted_by_several_columns);
    tcase_add_test(t, copied_command_lines_begin_as_this_one_did);
    tcase_add_test(t, a_copied_view_says_what_is_chosen_in_it);
    tcase_add_test(t, and_what_it_says_brings_that_back);
    tcase_add_test(t, words_of_what_nobody_has_told_of_yet_wait_for_it);
    tcase_add_test(t, what_a_picture_s_cursor_is_on_is_copied_as_a_query);
    tcase_add_test(t, the_filters_that_a_view_proposes_are_filters_of_it);
    tcase_add_test(t, a_key_that_leads_elsewhere_closes_a_page_and_is_obeyed);
    tcase_add_test(t, a_command_is_found_by_a_part_of_it_and_by_its_letters);
    tcase_add_test(t, what_follows_a_command_is_offered_too);
    tcase_add_test(t, tab_in_an_empty_line_shows_what_there_is_and_writes_nothing);
    tcase_add_test(t, forecasts_open_with_an_hour_and_a_query_has_its_own);
    tcase_add_test(t, a_query_may_be_the_first_view);
    tcase_add_test(t, export_asks_for_a_file_and_says_of_what);
    tcase_add_test(t, chosen_columns_and_what_was_typed_live_on);
    tcase_add_test(t, a_picture_that_stands_still_goes_back_in_time);
    tcase_add_test(t, what_was_is_shown_until_one_is_live_again);
    tcase_add_test(t, messages_are_kept);
    tcase_add_test(t, the_tour_goes_through_the_views_and_ends);
    tcase_add_test(t, the_right_edge_is_painted_where_rows_ask_for_attention);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
