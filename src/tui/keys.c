/* The keys: one table that the console obeys, the help prints, and scripts name keys by
 * (key_names.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

enum { MOST_MARKS = 1000 };

/* ---- moving ---- */

static void scroll_columns(struct place *p, int dx)
{
    if (p->shift + dx < 0 || p->shift + dx >= (int)p->lane_count)
        return;
    p->shift += dx;
    p->laid_out_w = 0;
}

/* Where there is nothing to open, the columns move. */
static void move_in_tree(struct place *p, int dx)
{
    bool is_open = tree_is_open(p, p->cursor);

    rows_hold(p);
    if (dx > 0 && p->has_parts[p->cursor] && !is_open)
        tree_set_open(p, p->cursor, true);
    else if (dx > 0)
        scroll_columns(p, dx);
    else if (p->has_parts[p->cursor] && is_open)
        tree_set_open(p, p->cursor, false);
    else
        tree_to_parent(p);
}

static void move(struct ui *ui, int dx, int dy)
{
    struct place *p = ui->place;

    if (p->view->move) {
        struct screen s = ui_screen(ui);

        p->view->move(&s, dx, dy);
    } else if (!place_is_table(p)) {
        spots_move(ui, dx, dy);
    } else if (dy) {
        rows_move(p, dy);
    } else if (p->is_tree && p->row_count > 0 && !(dx < 0 && p->shift > 0)) {
        move_in_tree(p, dx);
    } else {
        scroll_columns(p, dx);
    }
}

static void up(struct ui *ui)
{
    move(ui, 0, -1);
}

static void down(struct ui *ui)
{
    move(ui, 0, 1);
}

static void left(struct ui *ui)
{
    move(ui, -1, 0);
}

static void right(struct ui *ui)
{
    move(ui, 1, 0);
}

static void page_up(struct ui *ui)
{
    rows_move(ui->place, -(ui->place->page > 1 ? ui->place->page - 1 : 1));
}

static void page_down(struct ui *ui)
{
    rows_move(ui->place, ui->place->page > 1 ? ui->place->page - 1 : 1);
}

static void top(struct ui *ui)
{
    rows_select(ui->place, 0);
}

static void bottom(struct ui *ui)
{
    rows_select(ui->place, ui->place->row_count);
}

static void next_box(struct ui *ui)
{
    spots_next_box(ui, 1);
}

static void previous_box(struct ui *ui)
{
    spots_next_box(ui, -1);
}

/* ---- in and out ---- */

/* "%s" of a view's `enter`, with the quotes in a name escaped as in a query. */
static void fill_in(char *to, size_t room, const char *pattern, const char *name)
{
    const char *hole = strstr(pattern, "%s");
    size_t used;

    if (!hole) {
        snprintf(to, room, "%s", pattern);
        return;
    }
    used = (size_t)snprintf(to, room, "%.*s", (int)(hole - pattern), pattern);
    used += text_escaped(to + used, room - used, name);
    snprintf(to + used, room - used, "%s", hole + 2);
}

static void open_row(struct ui *ui, const char *pattern, const char *name)
{
    char text[2 * WORDS];
    struct err err;
    struct place *p;
    size_t at;

    fill_in(text, sizeof(text), pattern, name);
    p = place_of_text(text, &err, &at);
    if (p) {
        p->label_kind = ui->place->view->rows;
        ui_enter(ui, p, name);
    } else {
        ui_say(ui, "%s", err.text);
    }
}

/* A domain with domains below it opens as a list where there is no tree, and so does a
 * feed that only stands by for some. NULL: neither. */
static const char *branch_of(const struct ui *ui, const struct place *p)
{
    struct row whole = { p->view->rows, p->rows[p->cursor] };
    struct row part = model_first_part(ui->setup.model, whole);

    if (!p->view->tree || part.id == GW_NONE || part.kind != whole.kind)
        return NULL;
    return tree_has_parts(ui->setup.model, whole) ? "domains where parent = \"%s\""
                                                  : "domains where second_parent = \"%s\"";
}

static void enter(struct ui *ui)
{
    struct place *p = ui->place;
    struct wish wish = { .open = "" };
    const char *name;

    if (!place_is_table(p)) {
        spots_enter(ui);
        return;
    }
    if (p->row_count == 0)
        return;
    rows_hold(p);
    name = model_name(ui->setup.model, p->view->rows, p->rows[p->cursor]);
    if (p->view->enter_row)
        p->view->enter_row(ui->setup.model, p->rows[p->cursor], &wish);
    if (wish.open[0] || wish.say[0])
        ui_grant(ui, &wish);
    else if (p->is_tree && p->has_parts[p->cursor])
        tree_set_open(p, p->cursor, !tree_is_open(p, p->cursor));
    else if (branch_of(ui, p))
        open_row(ui, branch_of(ui, p), name);
    else if (p->view->enter)
        open_row(ui, p->view->enter, name);
    else
        ui_say(ui, "nothing below %s; i explains it", name);
}

/* The row under the cursor, or, of a drawn view without one, what it was opened on. */
static struct row row_meant(struct ui *ui)
{
    static const enum gw_kind kinds[] = { GW_FORECAST, GW_DOMAIN };
    const struct place *p = ui->place;
    struct row row = row_at_cursor(ui);

    for (size_t i = 0; i < 2 && row.id == GW_NONE && p->view->of_one && p->label[0]; i++)
        row = (struct row){ kinds[i], model_find(ui->setup.model, kinds[i], p->label) };
    return row;
}

/* The row's racks among all others: it, or what it is about, is the subject of the map.
 * Where a picture has nothing chosen, and of what has no racks, the map of all. */
static void on_map(struct ui *ui)
{
    static const bool has_racks[GW_KINDS] = { [GW_DOMAIN] = true, [GW_NODE] = true,
                                              [GW_GPU] = true,    [GW_TENANT] = true,
                                              [GW_JOB] = true,    [GW_CLASS] = true };
    struct place *p = ui->place;
    struct wish wish = { .open = "map" };
    struct row row;

    rows_hold(p);
    row = view_subject(ui->setup.model, row_meant(ui));
    if (row.id == GW_NONE && place_is_table(p)) {
        ui_say(ui, "no row to show on the map");
        return;
    }
    if (row.id == GW_NONE || p->view->move || !has_racks[row.kind]) {
        ui_go(ui, place_of_view(view_find("map")));
        return;
    }
    wish.kind = row.kind;
    snprintf(wish.name, sizeof(wish.name), "%s",
             model_name(ui->setup.model, row.kind, row.id));
    ui_grant(ui, &wish);
}

/* Who looked for a row by a filter finds it among all. */
static void no_filter(struct ui *ui)
{
    rows_hold(ui->place);
    ui->place->filter[0] = '\0';
    ui->place->outdated = true;
}

static void back(struct ui *ui)
{
    struct place *p = ui->place;

    if (p->filter[0]) {
        no_filter(ui);
    } else if (p->below) {
        ui_back(ui);
    } else if (p->spot_enter) {
        p->spot_enter = NULL;
    } else {
        ui_say(ui, "this is the first place; q leaves");
    }
}

static void redraw(struct ui *ui)
{
    ui->redraws = true;
}

bool ui_takes_redraw(struct ui *ui)
{
    bool redraws = ui->redraws;

    ui->redraws = false;
    return redraws;
}

static void quit(struct ui *ui)
{
    ui->left = true;
}

/* ---- the words of a place ---- */

/* From a drawn view: of the table that the selected box opens, or that the view itself
 * names. */
static void filter(struct ui *ui)
{
    struct wish wish = { .open = "" };
    const struct place *p = ui->place;

    if (!place_is_table(p)) {
        const struct view *selected = p->spot_enter ? view_find(p->spot_enter) : NULL;
        const char *list = selected && selected->columns ? selected->name : p->view->list;

        snprintf(wish.open, sizeof(wish.open), "%s", list ? list : "");
        if (list)
            ui_grant(ui, &wish);
    }
    if (place_is_table(ui->place))
        prompt_open(ui, '/', ui->place->filter);
    else
        ui_say(ui, "a filter is for tables: 2 to 9 open one");
}

static void palette(struct ui *ui)
{
    prompt_open(ui, ':', "");
}

/* The lane that the place is sorted by; -1: none of them. */
static int sorted_lane(const struct place *p)
{
    const char *sort = p->sort[0] ? p->sort : p->view->sort ? p->view->sort : "";
    size_t len;

    sort += sort[0] == '-';
    len = strcspn(sort, ",");
    for (size_t i = 0; i < p->lane_count; i++)
        if (strlen(p->lanes[i].column->name) == len &&
            strncmp(p->lanes[i].column->name, sort, len) == 0)
            return (int)i;
    return -1;
}

/* Who sorts wants to see what comes first, not where the old row went. */
static void sort_changed(struct place *p)
{
    p->selected = GW_NONE;
    p->holds = false;
    p->cursor = p->first = 0;
    p->outdated = true;
}

static void sort_reverse(struct ui *ui)
{
    struct place *p = ui->place;
    char sort[WORDS];

    if (!place_is_table(p))
        return;
    snprintf(sort, sizeof(sort), "%s",
             p->sort[0]      ? p->sort
             : p->view->sort ? p->view->sort
                             : "");
    if (!sort[0] && p->lane_count > 0)
        snprintf(sort, sizeof(sort), "%s", p->lanes[0].column->name);
    if (sort[0] == '-')
        snprintf(p->sort, sizeof(p->sort), "%s", sort + 1);
    else
        snprintf(p->sort, sizeof(p->sort), "-%.*s", WORDS - 2, sort);
    sort_changed(p);
}

void sort_by(struct ui *ui, const struct column *c)
{
    struct place *p = ui->place;
    int lane = sorted_lane(p);

    if (lane >= 0 && p->lanes[lane].column == c) {
        sort_reverse(ui);
        return;
    }
    /* Of numbers, the largest matter; words are read from A. */
    snprintf(p->sort, sizeof(p->sort), "%s%s", c->text ? "" : "-", c->name);
    sort_changed(p);
    ui_say(ui, "sorted by %s, %s", c->name, c->text ? "from A" : "the largest first");
}

static void sort_next(struct ui *ui)
{
    struct place *p = ui->place;

    if (place_is_table(p) && p->lane_count > 0)
        sort_by(ui, p->lanes[(size_t)(sorted_lane(p) + 1) % p->lane_count].column);
}

/* The column after the one that the order ends with. */
static void sort_also(struct ui *ui)
{
    struct place *p = ui->place;
    const char *last;
    size_t at = 0;

    if (!place_is_table(p) || p->lane_count == 0)
        return;
    if (!p->sort[0]) {
        sort_next(ui);
        return;
    }
    last = strrchr(p->sort, ',') ? strrchr(p->sort, ',') + 1 : p->sort;
    last += *last == '-';
    while (at < p->lane_count && strcmp(p->lanes[at].column->name, last) != 0)
        at++;
    at = (at + 1) % p->lane_count;
    text_add(p->sort, sizeof(p->sort), ",%s%s", p->lanes[at].column->text ? "" : "-",
             p->lanes[at].column->name);
    sort_changed(p);
    ui_say(ui, "sorted by %s", p->sort);
}

static void tree_or_flat(struct ui *ui)
{
    struct place *p = ui->place;

    if (!p->view->tree) {
        ui_say(ui, "only the power view is a tree");
        return;
    }
    p->flat = p->is_tree;
    if (!p->flat)
        p->sort[0] = p->filter[0] = '\0';
    p->outdated = true;
}

static void mark(struct ui *ui)
{
    struct place *p = ui->place;

    if (!place_is_table(p) || p->row_count == 0)
        return;
    row_mark(ui, p, p->selected);
    rows_move(p, 1);
}

static void mark_all(struct ui *ui)
{
    struct place *p = ui->place;

    if (!place_is_table(p))
        return;
    for (size_t i = 0; i < p->row_count && i < MOST_MARKS; i++)
        if (!row_is_marked(ui, p, p->rows[i]))
            row_mark(ui, p, p->rows[i]);
    ui_say(ui,
           p->row_count > MOST_MARKS ? "marked the first %zu: more is a query's work"
                                     : "marked all %zu",
           p->row_count > MOST_MARKS ? (size_t)MOST_MARKS : p->row_count);
}

static void unmark(struct ui *ui)
{
    ui->place->mark_count = 0;
}

/* ---- the picture ---- */

static void live(struct ui *ui)
{
    ui_say(ui, "%s", ui->paused || ui_is_past(ui) ? "live again" : "live already");
    ui->paused = false;
    past_leave(ui);
}

static void pause_picture(struct ui *ui)
{
    if (ui_is_past(ui)) {
        live(ui);
        return;
    }
    ui->paused = !ui->paused;
    ui_say(ui, "%s",
           ui->paused ? "the picture stands still; z or L goes on, Left looks back"
                      : "live again");
}

/* A time to look back to: the command, with its place for one. */
static void ask_time(struct ui *ui)
{
    prompt_open(ui, ':', "at ");
}

/* Where the sources are, the one under the cursor; elsewhere, all. */
static void ask_now(struct ui *ui)
{
    struct place *p = ui->place;
    bool one = place_is_table(p) && p->view->rows == GW_SOURCE && p->row_count > 0;
    const char *name = one ? model_name(ui->setup.model, GW_SOURCE, p->selected) : NULL;

    if (ui->follows) {
        ui_say(ui, "another gigawatch polls: it asks when it is time");
        return;
    }
    ui->asks = true;
    snprintf(ui->asked, sizeof(ui->asked), "%s", name ? name : "");
    ui_say(ui, "asking %s now", name ? name : "every target");
}

static void open_overlay(struct ui *ui, enum overlay overlay)
{
    ui->overlay = overlay;
    ui->overlay_first = ui->overlay_cursor = 0;
}

static void help(struct ui *ui)
{
    open_overlay(ui, OVERLAY_HELP);
}

static void explain(struct ui *ui)
{
    if (place_is_table(ui->place) && ui->place->row_count == 0) {
        ui_say(ui, "no row to explain");
    } else {
        rows_hold(ui->place);
        open_overlay(ui, OVERLAY_EXPLAIN);
    }
}

static void columns(struct ui *ui)
{
    if (place_is_table(ui->place))
        open_overlay(ui, OVERLAY_COLUMNS);
    else
        ui_say(ui, "columns are for tables: 2 to 9 open one");
}

/* clang-format off */
const struct key keys_table[] = {
    { KEY_UP_ARROW, "Up", NULL, "up", up, "a row up" },
    { 'k', "k", NULL, NULL, up, NULL },
    { KEY_DOWN_ARROW, "Down", NULL, "down", down, "a row down" },
    { 'j', "j", NULL, NULL, down, NULL },
    { KEY_LEFT_ARROW, "Left", NULL, "left", left, "close a branch, or go to its whole; columns to the left" },
    { 'h', "h", NULL, NULL, left, NULL },
    { KEY_RIGHT_ARROW, "Right", NULL, "right", right, "open a branch; columns to the right" },
    { 'l', "l", NULL, NULL, right, NULL },
    { KEY_PAGE_UP, "PgUp", NULL, "page-up", page_up, "a page up" },
    { 2, "C-b", NULL, NULL, page_up, NULL },
    { KEY_PAGE_DOWN, "PgDn", NULL, "page-down", page_down, "a page down" },
    { 6, "C-f", NULL, NULL, page_down, NULL },
    { KEY_TOP, "Home", NULL, "top", top, "the first row" },
    { 'g', "g", NULL, NULL, top, NULL },
    { KEY_BOTTOM, "End", NULL, "bottom", bottom, "the last row" },
    { 'G', "G", NULL, NULL, bottom, NULL },
    { KEY_TAB_KEY, "Tab", NULL, "next-box", next_box, "the next box" },
    { KEY_SHIFT_TAB, "S-Tab", NULL, "box-before", previous_box, "the box before" },
    { KEY_ENTER_KEY, "Enter", "open", "open", enter, "into the row: its parts, its nodes, its GPUs" },
    { KEY_ESCAPE_KEY, "Esc", "back", "back", back, "back to where Enter was pressed" },
    { KEY_BACK, "Backspace", NULL, NULL, back, NULL },
    { '[', "[", NULL, "before", visits_back, "the place before this one, however one came" },
    { ']', "]", NULL, "after", visits_forward, "and forward again" },
    { '-', "-", NULL, "last", visits_last, "the last place, and back" },
    { '/', "/", "filter", "filter", filter, "show only rows that match, such as state = down, or a word" },
    { '\\', "\\", NULL, "no-filter", no_filter, "all rows again" },
    { ':', ":", "command", "command", palette, "a view, a query of any kind, or a command; Tab completes" },
    { 's', "s", "sort", "sort", sort_next, "sort by the next column" },
    { 'S', "S", NULL, "reverse", sort_reverse, "the other way round" },
    { '+', "+", NULL, "sort-also", sort_also, "where rows are equal, by the next column, too" },
    { 'c', "c", "columns", "columns", columns, "choose columns; kept for the next start" },
    { ' ', "Space", "mark", "mark", mark, "mark the row, for y" },
    { '*', "*", NULL, "mark-all", mark_all, "mark all rows shown" },
    { 'u', "u", NULL, "unmark", unmark, "no marks" },
    { 'M', "M", "map", "on-map", on_map, "the map; from a row, where it is: a tenant's, job's or feed's racks are inked" },
    { 't', "t", "tree", "tree", tree_or_flat, "as a tree or as a list" },
    { 'z', "z", "pause", "pause", pause_picture, "the picture stands still, or goes on" },
    { ',', ",", NULL, "earlier", past_earlier, "as it was a minute before; Left, too, where the picture stands still" },
    { '.', ".", NULL, "later", past_later, "and a minute later; Right, too" },
    { '@', "@", NULL, "look-back", ask_time, "as it was at a time: at -15m, at 14:05" },
    { 'L', "L", "live", "live", live, "live again" },
    { 'r', "r", "ask", "ask", ask_now, "ask every target now, or where the sources are, the one in this row" },
    { 'y', "y", "copy", "copy", copy_query, "copy what is shown, or what the cursor of a picture is on, as a command line that prints it" },
    { 'Y', "Y", NULL, "copy-view", copy_view, "copy the command line that opens the console here" },
    { 'e', "e", "export", "export", export_ask, "write what is shown to a file: csv, json, ndjson, tsv; or the screen as txt" },
    { 'i', "i", "explain", "explain", explain, "where each number comes from, how old it is and what it means" },
    { '?', "?", "help", "help", help, "this page" },
    { 'H', "H", NULL, "tour", tour_start, "a tour of five minutes" },
    { 'L' - '@', "C-l", NULL, "redraw", redraw, "draw all of the screen anew, where something else wrote on it" },
    { 'q', "q", "quit", "quit", quit, "leave" },
    { 0 }
};
/* clang-format on */

const struct key *key_find(int code)
{
    for (const struct key *k = keys_table; k->name; k++)
        if (k->code == code)
            return k;
    return NULL;
}

bool ui_key_is_taken(int code)
{
    return key_find(code) != NULL;
}

const struct view *view_of_key(int code)
{
    const struct view *const *v = views_all();

    while (*v && ((*v)->key != code || (*v)->off_screen))
        v++;
    return *v;
}
