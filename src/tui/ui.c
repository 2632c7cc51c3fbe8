/* The console without a terminal: takes keys, keeps places, draws the frame. Everything
 * it draws goes into a grid in memory; it says whether a cell changed. */
#include "tui/ui.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tui/state.h"

/* 80x24 is what the screens are made for; down to this, they lose columns and lines but
 * nothing overlaps. */
enum { LEAST_WIDTH = 66, LEAST_HEIGHT = 7 };

static const struct view *first_view(const struct ui_setup *setup)
{
    const struct view *v = setup->wall ? view_find("wall") : NULL;

    return v ? v : view_find("overview");
}

int ui_check_view(const char *text, struct err *err)
{
    size_t at;
    struct place *p = place_of_text(text, err, &at);

    place_free(p);
    return p ? 0 : -1;
}

static struct place *first_place(const struct ui_setup *setup)
{
    struct place *p = NULL;
    struct err err;
    size_t at;

    if (!setup->wall && setup->view)
        p = place_of_text(setup->view, &err, &at);
    return p ? p : place_of_view(first_view(setup));
}

struct ui *ui_new(const struct ui_setup *setup)
{
    struct ui *ui = xcalloc(1, sizeof(*ui));

    ui->setup = *setup;
    ui->now = setup->now;
    ui->grid = grid_new(setup->w, setup->h);
    ui->shown = grid_new(setup->w, setup->h);
    ui->grid->ascii = ui->shown->ascii = setup->ascii;
    ui->touched = true;
    ui->panels = setup->wall && setup->panels ? panels_new(setup->panels, NULL) : NULL;
    ui->chord = setup->quit;
    ui_go(ui, first_place(setup));
    return ui;
}

void ui_free(struct ui *ui)
{
    if (!ui)
        return;
    while (ui->place) {
        struct place *below = ui->place->below;

        place_free(ui->place);
        ui->place = below;
    }
    visits_free(&ui->visits);
    prompt_free(&ui->prompt);
    explicit_bzero(&ui->question, sizeof(ui->question));
    panels_free(ui->panels);
    free(ui->sums.text);
    grid_free(ui->grid);
    grid_free(ui->shown);
    free(ui);
}

const struct grid *ui_grid(const struct ui *ui)
{
    return ui->shown;
}

const char *ui_asked(struct ui *ui)
{
    bool asks = ui->asks;

    ui->asks = false;
    return asks ? ui->asked : NULL;
}

const char *ui_copied(struct ui *ui)
{
    bool copies = ui->copies;

    ui->copies = false;
    return copies ? ui->copied : NULL;
}

const struct ui_export *ui_exported(struct ui *ui)
{
    bool exports = ui->exports;

    ui->exports = false;
    return exports ? &ui->export : NULL;
}

const char *ui_opened(const struct ui *ui, enum gw_kind *kind)
{
    *kind = ui->place->label_kind;
    return ui->place->label[0] && *kind != GW_SITE ? ui->place->label : NULL;
}

void ui_follow(struct ui *ui, bool follows)
{
    ui->follows = follows;
    ui->touched = true;
}

void ui_mono(struct ui *ui, bool mono)
{
    ui->setup.mono = mono;
}

bool ui_left(const struct ui *ui)
{
    return ui->left;
}

const char *ui_theme(const struct ui *ui)
{
    return ui->theme[0] ? ui->theme : NULL;
}

void ui_say(struct ui *ui, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ui->message, sizeof(ui->message), format, args);
    va_end(args);
    messages_keep(ui);
    ui->touched = true;
}

void ui_resize(struct ui *ui, int w, int h)
{
    if (w == ui->grid->w && h == ui->grid->h)
        return;
    grid_resize(ui->grid, w, h);
    grid_resize(ui->shown, w, h);
    ui->setup.w = w;
    ui->setup.h = h;
    if (ui->paused)
        ui_say(ui, "live again: the picture that stood still had another size");
    ui->paused = false;
    ui->touched = true;
}

/* ---- drawing ---- */

static const char *mode_word(const struct ui *ui)
{
    return ui->setup.replay ? "REPLAY" : ui->setup.demo ? "DEMO" : "RO";
}

struct screen ui_screen(struct ui *ui)
{
    struct place *p = ui->place;

    if (p->view->keep && !p->kept)
        p->kept = p->view->keep(p->below && p->below->view == p->view ? p->below->kept
                                                                      : NULL);
    return (struct screen){ .model = ui->setup.model,
                            .subject = p->label,
                            .subject_kind = p->label_kind,
                            .words = p->names,
                            .selected = p->spot,
                            .ascii = ui->setup.ascii,
                            .mono = ui->setup.mono,
                            .wall = ui->setup.wall,
                            .tick = ui->setup.alive_mark ? ui->steady : 0,
                            .mode = mode_word(ui),
                            .leave = ui->setup.quit ? ui->setup.quit : "Ctrl-C",
                            .spots = &ui->spots,
                            .kept = p->kept };
}

void ui_grant(struct ui *ui, const struct wish *wish)
{
    struct err err;
    struct place *p;
    size_t at;

    if (wish->say[0])
        ui_say(ui, "%s", wish->say);
    if (!wish->open[0])
        return;
    p = place_of_text(wish->open, &err, &at);
    if (!p) {
        ui_say(ui, "%s", err.text);
        return;
    }
    p->label_kind = wish->kind;
    ui_enter(ui, p, wish->name);
}

/* A drawn view shows the site's own numbers: as old as these. */
static void draw_view(struct ui *ui, struct rect area)
{
    struct screen s = ui_screen(ui);

    ui->spots.count = 0;
    if (ui->panels) {
        panels_refresh(ui->panels, ui->setup.model, ui->steady);
        s.panels = panels_items(ui->panels, &s.panel_count);
    }
    ui->place->view->draw(&s, ui->grid, area);
    ui_saw_site_age(ui);
    if (!ui->setup.wall)
        spots_paint(ui);
}

static void draw_overlay(struct ui *ui, struct rect area)
{
    switch (ui->overlay) {
    case OVERLAY_HELP:
        help_draw(ui, area);
        break;
    case OVERLAY_EXPLAIN:
        explain_draw(ui, area);
        break;
    case OVERLAY_COLUMNS:
        chooser_draw(ui, area);
        break;
    case OVERLAY_MESSAGES:
        messages_draw(ui, area);
        break;
    case OVERLAY_SUMS:
        sums_draw(ui, area);
        break;
    case OVERLAY_NONE:
        break;
    }
}

/* What stands still for weeks burns into a panel: all of it moves by a cell every ten
 * minutes, around a small square. */
static struct rect wall_area(const struct ui *ui)
{
    static const struct {
        int x, y;
    } path[] = { { 0, 0 }, { 1, 0 }, { 2, 0 }, { 2, 1 }, { 1, 1 }, { 0, 1 } };
    size_t step = (size_t)(ui->steady > 0 && ui->setup.alive_mark ? ui->steady / 600
                                                                  : 0) %
                  6;

    return (struct rect){ path[step].x, path[step].y, ui->grid->w - 2, ui->grid->h - 1 };
}

/* Where nothing else can be read, the one number can. */
static bool draw_too_small(struct ui *ui)
{
    const struct model *m = ui->setup.model;
    struct grid *g = ui->grid;
    struct cell power = cell_number(model_site_number(m, M_SITE_POWER), UNIT_W);
    char number[32];

    if (g->w >= LEAST_WIDTH && g->h >= LEAST_HEIGHT)
        return false;
    cell_format(number, sizeof(number), &power, 0);
    grid_printf(g, 0, 0, g->w, STYLE_STRONG, "%s %s %s", model_site(m), number,
                mode_word(ui));
    grid_printf(g, 0, 1, g->w, STYLE_ATTENTION, "%dx%d is too small:", g->w, g->h);
    grid_text(g, 0, 2, g->w, STYLE_ATTENTION, "needs 80x24");
    return true;
}

static void draw_frame(struct ui *ui)
{
    bool roomy = ui->grid->h >= 30;
    struct rect area = { 0, roomy ? 2 : 1, ui->grid->w,
                         ui->grid->h - (roomy ? 4 : 2) - (last_lines(ui) - 1) };

    if (draw_too_small(ui))
        return;
    if (ui->setup.wall) {
        draw_view(ui, wall_area(ui));
        return;
    }
    if (place_is_table(ui->place))
        table_box_draw(ui, ui->place, area);
    else
        draw_view(ui, area);
    draw_overlay(ui, area);
    status_draw(ui);
    last_line_draw(ui);
    tour_draw(ui);
    if (ui->prompt.kind)
        prompt_draw(ui);
}

/* Rows, columns and places to select are made while drawing; keys that come faster than
 * frames need them, too. */
static void prepare(struct ui *ui)
{
    ui->oldest_s = NAN;
    rows_refresh(ui, ui->place);
    grid_clear(ui->grid);
    draw_frame(ui);
    ui->touched = false;
}

/* A picture that stands still keeps its cells; only the mode and the last line tell of
 * it. */
static void draw_paused(struct ui *ui)
{
    struct grid *g = ui->grid;

    memcpy(g->cells, ui->shown->cells, (size_t)g->w * (size_t)g->h * sizeof(*g->cells));
    for (int x = 0; x < g->w; x++)
        grid_put(g, x, g->h - 1, STYLE_TEXT, ' ');
    status_draw_paused(ui, mode_word(ui));
    last_line_draw(ui);
    if (ui->prompt.kind)
        prompt_draw(ui);
}

/* ---- keys ---- */

static bool is_sideways(int key)
{
    return key == KEY_LEFT_ARROW || key == KEY_RIGHT_ARROW || key == 'h' || key == 'l';
}

static void overlay_key(struct ui *ui, int key)
{
    size_t page = ui->grid->h > 6 ? (size_t)ui->grid->h - 6 : 1;

    if (ui->overlay == OVERLAY_COLUMNS) {
        chooser_key(ui, key);
        return;
    }
    if (ui->overlay == OVERLAY_SUMS && is_sideways(key)) {
        sums_scroll(ui, key == KEY_LEFT_ARROW || key == 'h' ? -1 : 1);
        return;
    }
    switch (key) {
    case KEY_DOWN_ARROW:
    case 'j':
        ui->overlay_first++;
        break;
    case KEY_UP_ARROW:
    case 'k':
        ui->overlay_first -= ui->overlay_first > 0;
        break;
    case KEY_PAGE_DOWN:
    case ' ':
        ui->overlay_first += page;
        break;
    case KEY_PAGE_UP:
        ui->overlay_first -= ui->overlay_first > page ? page : ui->overlay_first;
        break;
    default:
        ui->overlay = OVERLAY_NONE;
    }
}

/* Whoever goes elsewhere from a page need not close it first. */
static bool leads_elsewhere(int key)
{
    return key == ':' || key == '/' || view_of_key(key);
}

/* What works on a picture that stands still: nothing that would need another picture. */
static bool works_paused(int key)
{
    return strchr("zLqyY,.@\f", key < 128 ? key : 'z') != NULL;
}

/* Where the picture stands still, time goes by where columns would. */
static int in_time(const struct ui *ui, int key)
{
    if (!ui->paused && !ui_is_past(ui))
        return key;
    return key == KEY_LEFT_ARROW ? ',' : key == KEY_RIGHT_ARROW ? '.' : key;
}

/* A key of the view one is in. False: it has no meaning of its own there. */
static bool view_key(struct ui *ui, int key)
{
    const struct view_key *k = ui->place->view->keys;
    struct wish wish = { .kind = GW_SITE };
    struct screen s;

    while (k && k->name && k->code != key)
        k++;
    if (!k || !k->name)
        return false;
    s = ui_screen(ui);
    s.wish = &wish;
    k->press(&s);
    ui_grant(ui, &wish);
    return true;
}

/* The wall obeys one thing: the keys of its chord, one after the other. Any other key
 * begins it anew. */
static void wall_key(struct ui *ui, int key)
{
    const char *rest = ui->chord;

    if (!rest || key == KEY_SCREEN_RESIZED)
        return;
    if (ui_next_key(&rest) != key) {
        rest = ui->setup.quit;
        if (ui_next_key(&rest) != key)
            rest = ui->setup.quit;
    }
    ui->chord = rest;
    rest += strspn(rest, " ");
    ui->left = !*rest;
}

void ui_key(struct ui *ui, int key)
{
    const struct key *k;

    if (ui->setup.wall)
        wall_key(ui, key);
    if (ui->setup.wall || key == KEY_SCREEN_RESIZED)
        return;
    if (question_key(ui, key)) {
        ui->touched = true;
        return;
    }
    if (ui->touched && !ui->paused)
        prepare(ui);
    ui->touched = true;
    ui->message[0] = '\0';
    if (ui->prompt.kind) {
        prompt_key(ui, key);
        return;
    }
    if (ui->overlay != OVERLAY_NONE) {
        overlay_key(ui, key);
        if (ui->overlay != OVERLAY_NONE || !leads_elsewhere(key))
            return;
    }
    key = in_time(ui, key);
    if (ui->paused && !works_paused(key)) {
        ui_say(ui, "the picture stands still; z or L goes on, Left looks back");
        return;
    }
    if (key == '\n')
        key = KEY_ENTER_KEY;
    if (tour_key(ui, key) || view_key(ui, key))
        return;
    k = key_find(key);
    if (k)
        k->press(ui);
    else if (view_of_key(key))
        ui_go(ui, place_of_view(view_of_key(key)));
    else
        ui_say(ui, "that key does nothing; ? shows those that do");
}

/* ---- frames ---- */

static bool same_cells(const struct grid *a, const struct grid *b)
{
    size_t count = (size_t)a->w * (size_t)a->h;

    for (size_t i = 0; i < count; i++)
        if (a->cells[i].point != b->cells[i].point ||
            a->cells[i].ink != b->cells[i].ink ||
            a->cells[i].paper != b->cells[i].paper ||
            a->cells[i].bold != b->cells[i].bold)
            return false;
    return true;
}

static bool show(struct ui *ui)
{
    bool changed = !same_cells(ui->grid, ui->shown);
    struct grid *drawn = ui->grid;

    ui->grid = ui->shown;
    ui->shown = drawn;
    return changed;
}

bool ui_draw(struct ui *ui, double now, double steady)
{
    if (ui->paused) {
        draw_paused(ui);
    } else {
        ui->now = now;
        ui->steady = steady;
        prepare(ui);
    }
    /* Over whatever is there, also where it is too small. */
    question_draw(ui);
    return show(ui);
}
