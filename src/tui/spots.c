/* The cursor of a drawn view: it moves between the places the view named while it was
 * drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/state.h"

static bool is_selected(const struct place *p, const struct spot *s)
{
    return p->spot_enter && strcmp(p->spot_enter, s->enter) == 0 &&
           strcmp(p->spot, s->name) == 0;
}

static const struct spot *selected(const struct ui *ui)
{
    for (size_t i = 0; i < ui->spots.count; i++)
        if (is_selected(ui->place, &ui->spots.items[i]))
            return &ui->spots.items[i];
    return NULL;
}

static void go_to(struct ui *ui, const struct spot *s)
{
    snprintf(ui->place->spot, sizeof(ui->place->spot), "%s", s->name);
    ui->place->spot_enter = s->enter;
}

/* Gap between two spans of a line; 0 where they overlap. */
static int gap(int a, int a_len, int b, int b_len)
{
    if (a + a_len <= b)
        return b - (a + a_len) + 1;
    return b + b_len <= a ? a - (b + b_len) + 1 : 0;
}

/* How far `to` lies from `from` that way; -1: not that way. Sideways steps cost more, as
 * a column of rows is one. */
static int distance(struct rect from, struct rect to, int dx, int dy)
{
    int along = dx ? (to.x - from.x) * dx : (to.y - from.y) * dy;
    int aside = dx ? gap(from.y, from.h, to.y, to.h) : gap(from.x, from.w, to.x, to.w);

    if (along <= 0 || (dx && gap(from.x, from.w, to.x, to.w) == 0))
        return -1;
    return along + 4 * aside;
}

void spots_move(struct ui *ui, int dx, int dy)
{
    const struct spot *from = selected(ui), *best = NULL;
    int least = 0;

    if (!from && ui->spots.count > 0)
        best = &ui->spots.items[0];
    for (size_t i = 0; from && i < ui->spots.count; i++) {
        int d = distance(from->area, ui->spots.items[i].area, dx, dy);

        if (d >= 0 && (!best || d < least)) {
            best = &ui->spots.items[i];
            least = d;
        }
    }
    if (best)
        go_to(ui, best);
}

void spots_next_box(struct ui *ui, int by)
{
    const struct spot *from = selected(ui);
    size_t count = ui->spots.count, at = from ? (size_t)(from - ui->spots.items) : 0;

    if (count == 0)
        return;
    for (size_t i = 1; from && i <= count; i++) {
        const struct spot *s =
            &ui->spots.items[(at + (by > 0 ? i : count - i % count)) % count];

        if (strcmp(s->enter, from->enter) != 0) {
            go_to(ui, s);
            return;
        }
    }
    if (!from)
        go_to(ui, &ui->spots.items[0]);
}

void spots_enter(struct ui *ui)
{
    const struct spot *s = selected(ui);
    struct err err;
    struct place *p;
    size_t at;

    if (!s) {
        ui_say(ui, "arrows choose what to open");
        return;
    }
    p = place_of_text(s->enter, &err, &at);
    if (!p) {
        ui_say(ui, "%s", err.text);
        return;
    }
    if (p->view->kind && s->name[0])
        rows_select_name(ui, p, s->name);
    ui_enter(ui, p, place_is_table(p) ? NULL : s->name);
}

void spots_click(struct ui *ui, int x, int y)
{
    for (size_t i = 0; i < ui->spots.count; i++) {
        const struct spot *s = &ui->spots.items[i];

        if (x < s->area.x || x >= s->area.x + s->area.w || y < s->area.y ||
            y >= s->area.y + s->area.h)
            continue;
        if (is_selected(ui->place, s))
            spots_enter(ui);
        else
            go_to(ui, s);
        return;
    }
}

struct row spots_row(const struct ui *ui)
{
    const struct spot *s = selected(ui);
    struct row none = { GW_SITE, GW_NONE };
    struct err err;
    size_t at;
    struct place *p = s ? place_of_text(s->enter, &err, &at) : NULL;
    enum gw_kind kind;

    if (!p)
        return none;
    /* Of the drawn views, one has rows: a forecast is what its chart is about. */
    kind = place_is_table(p) ? p->view->rows : GW_FORECAST;
    place_free(p);
    return (struct row){ kind, s->name[0] ? model_find(ui->setup.model, kind, s->name)
                                          : GW_NONE };
}

void spots_paint(struct ui *ui)
{
    const struct spot *s = selected(ui);

    if (!s)
        return;
    grid_paper(ui->grid, s->area, STYLE_SELECTED);
    grid_put(ui->grid, s->area.x, s->area.y, STYLE_ACCENT,
             ui->grid->ascii ? '>' : 0x258c);
}
