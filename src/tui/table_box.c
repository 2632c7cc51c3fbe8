/* Draws the rows of a place as a table in a box: headings with the unit once, numbers at
 * the right, rails, trends, and for each value that is not fresh and certain a mark in
 * the gap behind it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

enum {
    MARGIN = 3,  /* cursor, row mark, a gap */
    PERCENT = 6, /* behind a rail: " 93.8%" */
    CELL_ROOM = 1024,
    SCROLL_SAMPLE = 32
};

void ui_saw_age(struct ui *ui, double age_s)
{
    if (!isnan(age_s) && !(ui->oldest_s >= age_s))
        ui->oldest_s = age_s;
}

void ui_saw_site_age(struct ui *ui)
{
    if (model_rows(ui->setup.model, GW_SITE) > 0)
        ui_saw_age(ui, model_age(ui->setup.model, M_SITE_POWER, 0));
}

/* ---- headings ---- */

/* -1: not by this one; 0: upwards; 1: downwards. */
static int sorted_by(const struct place *p, const struct column *c)
{
    const char *sort = p->sort[0] ? p->sort : p->view->sort ? p->view->sort : "";
    bool down = sort[0] == '-';
    size_t len;

    if (p->is_tree)
        return -1;
    sort += down;
    len = strcspn(sort, ",");
    return strlen(c->name) == len && strncmp(c->name, sort, len) == 0 ? down : -1;
}

static void draw_heading(struct grid *g, const struct place *p, const struct lane *lane,
                         int x, int y)
{
    const struct column *c = lane->column;
    const char *heading = c->heading ? c->heading : c->name;
    int unit = lane->unit[0] ? text_width(lane->unit) + 1 : 0;
    int width = text_width(heading), sorted = sorted_by(p, c);
    enum style ink = sorted >= 0 ? STYLE_ACCENT : STYLE_SECONDARY;

    if (!c->text && !c->bar && !c->trend && lane->width > width + unit)
        x += lane->width - width - unit;
    /* "power MW" and "cost M", but "M tok/s/MW", where the heading is a unit itself. */
    if (unit && c->unit == UNIT_NONE && strchr(heading, '/')) {
        x += 1 + grid_text(g, x, y, unit, STYLE_FAINT, lane->unit);
        unit = 0;
    } else if (unit) {
        grid_text(g, x + width + 1, y, unit, STYLE_FAINT, lane->unit);
    }
    grid_text(g, x, y, lane->width, ink, heading);
    if (sorted >= 0)
        grid_put(g, x + width + unit, y, STYLE_ACCENT,
                 sorted ? 0x2193 : 0x2191); /* ↓ ↑ */
}

/* ---- one cell ---- */

static enum style ink_of(const struct cell *cell)
{
    bool matters = cell->level == LEVEL_ATTENTION || cell->level == LEVEL_CRITICAL;

    if (cell->type == CELL_NONE)
        return STYLE_FAINT;
    if (cell->quality == GW_STALE && !matters)
        return STYLE_FAINT;
    return style_of_level(cell->level);
}

/* Thin and half a step at a time; the ink is green where all is well, as a rail that says
 * nothing is no rail. */
static void draw_rail(struct grid *g, const struct lane *lane, const struct cell *cell,
                      int x, int y, double second)
{
    bool plain = cell->level == LEVEL_PLAIN && cell->quality != GW_STALE;
    enum style ink = plain ? STYLE_OK : ink_of(cell);
    int cells = lane->width - PERCENT;
    char text[32];

    snprintf(text, sizeof(text), "%.*f%%", cell->number < .9995 ? 1 : 0,
             cell->number * 100);
    if (lane->column->ends)
        chart_rail_ends(g, x, y, cells, cell->number, second, ink, STYLE_ATTENTION);
    else
        chart_rail_reaching(g, x, y, cells, cell->number, second, ink);
    grid_right(g, x + lane->width - PERCENT, y, PERCENT, ink_of(cell), text);
}

static void draw_cell(struct grid *g, const struct lane *lane, const struct cell *cell,
                      int x, int y, double second)
{
    const struct column *c = lane->column;
    uint32_t doubt = cell_doubt_mark(cell);
    int end = x + lane->width;
    char text[CELL_ROOM];

    if (cell->type == CELL_TREND && chart_is_a_course(cell->values, cell->count)) {
        chart_spark(g, x, y, lane->width, cell->values, cell->count, STYLE_SECONDARY);
    } else if (cell->type == CELL_TREND) {
        end = x;
    } else if (c->bar && cell->type == CELL_NUMBER) {
        draw_rail(g, lane, cell, x, y, second);
    } else {
        struct cell fitted = *cell;
        int before = lane_format(lane, &fitted, text, sizeof(text));

        if (c->sentence)
            end = x + grid_sentence(g, x, y, lane->width, ink_of(cell), text);
        else if (c->text)
            end = x + grid_text(g, x, y, lane->width, ink_of(cell), text);
        else
            grid_right(g, x, y, lane->width - before, ink_of(cell), text);
        end -= c->text || c->sentence ? 0 : before;
    }
    if (doubt)
        grid_put(g, end, y, STYLE_FAINT, doubt);
}

/* ---- one row ---- */

struct row_look {
    size_t index;
    uint32_t id;
    int x, y, w;
};

static int draw_branch(const struct model *m, struct grid *g, const struct place *p,
                       const struct row_look *r, int x)
{
    int indent = 2 * p->depths[r->index];

    if (p->depths[r->index] > 0 &&
        model_second_parent(m, p->view->rows, r->id).id != GW_NONE &&
        !p->has_parts[r->index])
        grid_put(g, x + indent, r->y, STYLE_FAINT, 0xbd); /* ½ */
    if (p->has_parts[r->index])
        grid_put(g, x + indent, r->y, STYLE_FAINT,
                 tree_is_open(p, r->index) ? 0x25be : 0x25b8); /* ▾ ▸ */
    return indent + 2;
}

/* The margin: where the cursor is, what is marked, and the worst of what the row says. */
static void draw_margin(struct ui *ui, const struct place *p, const struct row_look *r,
                        enum level worst, enum gw_quality quality)
{
    struct grid *g = ui->grid;

    if (r->index == p->cursor)
        grid_put(g, r->x, r->y, STYLE_ACCENT, g->ascii ? '>' : 0x258c); /* ▌ */
    if (row_is_marked(ui, p, r->id))
        grid_put(g, r->x + 1, r->y, STYLE_ACCENT, '*');
    else if (worst == LEVEL_ATTENTION || worst == LEVEL_CRITICAL)
        grid_put(g, r->x + 1, r->y, style_of_level(worst), mark_of_level(worst));
    else if (quality == GW_STALE)
        grid_put(g, r->x + 1, r->y, STYLE_ATTENTION, 0x25d0); /* ◐ */
    else if (quality == GW_NEVER)
        grid_put(g, r->x + 1, r->y, STYLE_FAINT, 0xb7); /* · */
}

static enum level worse(enum level a, enum level b)
{
    if (a == LEVEL_CRITICAL || b == LEVEL_CRITICAL)
        return LEVEL_CRITICAL;
    return a == LEVEL_ATTENTION || b == LEVEL_ATTENTION ? LEVEL_ATTENTION : LEVEL_PLAIN;
}

/* What the columns say of a row at worst; those, too, that a narrow screen has no room
 * for: a row that asks for attention does so on any. */
static enum level level_of_row(const struct model *m, const struct place *p, uint32_t row)
{
    enum level worst = LEVEL_PLAIN;

    for (size_t i = 0; i < p->judge_count && worst != LEVEL_CRITICAL; i++)
        worst = worse(worst, column_cell(p->judges[i], m, row).level);
    return worst;
}

static void draw_row(struct ui *ui, const struct place *p, const struct row_look *r)
{
    const struct model *m = ui->setup.model;
    enum gw_quality quality = model_row_quality(m, p->view->rows, r->id);
    enum level worst = level_of_row(m, p, r->id);

    for (size_t i = 0; i < p->lane_count; i++) {
        const struct lane *lane = &p->lanes[i];
        struct cell cell = column_cell(lane->column, m, r->id);
        struct lane fitted = *lane;
        int x = r->x + MARGIN + lane->x;

        worst = worse(worst, cell.level);
        if (lane->x < 0 || lane->x + MARGIN >= r->w)
            continue;
        if (i == 0 && p->is_tree && p->is_branched) {
            int indent = draw_branch(m, ui->grid, p, r, x);

            x += indent;
            fitted.width -= indent;
        }
        if (i == 0 && cell.level == LEVEL_PLAIN && quality == GW_NEVER)
            cell.level = LEVEL_FAINT;
        if (x + fitted.width > r->x + r->w)
            fitted.width = r->x + r->w - x;
        draw_cell(ui->grid, &fitted, &cell, x, r->y,
                  fitted.column->second ? fitted.column->second(ui->setup.model, r->id)
                                        : NAN);
    }
    draw_margin(ui, p, r, worst, quality);
    if (r->index == p->cursor)
        grid_paper(ui->grid, (struct rect){ r->x, r->y, r->w, 1 }, STYLE_SELECTED);
    /* What is over does not get older by being shown. */
    if (!model_is_over(m, p->view->rows, r->id))
        ui_saw_age(ui, model_row_age(m, p->view->rows, r->id));
}

/* ---- the whole ---- */

/* "1,204 of 9,612 · 2 unknown · 3 marked": what is shown of what there is, so that
 * nothing is dropped silently. */
static void draw_count(struct grid *g, const struct place *p, struct rect area)
{
    struct cell rows = cell_number((double)p->table->row_count, UNIT_NONE);
    struct cell total = cell_number((double)p->table->total, UNIT_NONE);
    char shown[32], all[32], text[160];

    cell_format(shown, sizeof(shown), &rows, 0);
    cell_format(all, sizeof(all), &total, 0);
    if (p->table->row_count == p->table->total)
        snprintf(text, sizeof(text), " %s ", shown);
    else
        snprintf(text, sizeof(text), " %s of %s ", shown, all);
    if (p->table->unknown > 0)
        text_add(text, sizeof(text), "· %zu unknown ", p->table->unknown);
    if (p->mark_count > 0)
        text_add(text, sizeof(text), "· %zu marked ", p->mark_count);
    grid_right(g, area.x + 2, area.y + area.h - 1, area.w - 4, STYLE_FAINT, text);
}

/* What narrows the rows down, in the frame behind the title. */
static void draw_words(const struct ui *ui, const struct place *p, struct rect area)
{
    struct grid *g = ui->grid;
    bool follows = ui->follows && p->view->rows == GW_SOURCE;
    int x = area.x + 5 + text_width(p->view->title), room = area.w - 12 - (x - area.x);
    int used = 0;
    const struct {
        const char *sign, *words;
    } parts[] = { { "", follows ? "as another gigawatch polls them" : "" },
                  { "", p->names },
                  { "", p->where },
                  { "/", p->filter } };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].words[0] && room - used > 6)
            used += grid_printf(g, x + used, area.y, room - used, STYLE_INFORMATION,
                                " %s%s ", parts[i].sign, parts[i].words);
}

static void keep_cursor_in_sight(struct place *p, int page)
{
    size_t lines = page > 0 ? (size_t)page : 1;

    p->page = page;
    if (p->first + lines > p->row_count)
        p->first = p->row_count > lines ? p->row_count - lines : 0;
    if (p->cursor < p->first)
        p->first = p->cursor;
    if (p->cursor >= p->first + lines)
        p->first = p->cursor - lines + 1;
}

static bool all_answer(const struct model *m)
{
    size_t sources = model_rows(m, GW_SOURCE), answer = 0;

    for (uint32_t row = 0; row < sources; row++) {
        const char *state = model_text(m, M_SOURCE_STATE, row);

        answer += state && (strcmp(state, "ok") == 0 || strcmp(state, "partial") == 0);
    }
    return sources > 0 && answer == sources;
}

/* Why there are no rows, and what to do about it. */
static void draw_emptiness(struct grid *g, const struct model *m, const struct place *p,
                           struct rect in)
{
    if (p->table && model_is_then(m) && p->view->rows == GW_ALERT)
        grid_text(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT,
                  "none by the power and the events of then; L is live");
    else if (p->table && model_is_then(m))
        grid_printf(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT,
                    "of %s of then nothing is kept; L is live", p->view->kind);
    else if (!p->table)
        grid_text(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_ATTENTION,
                  p->complaint.text);
    else if (p->table->total > 0 && p->query && query_hint(p->query)[0])
        grid_text(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT,
                  query_hint(p->query));
    else if (p->table->total > 0)
        grid_printf(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT,
                    "none of %zu; Esc takes the filter away", p->table->total);
    else if (p->view->none && all_answer(m))
        grid_text(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT, p->view->none);
    else
        grid_printf(g, in.x + MARGIN, in.y + 1, in.w - MARGIN, STYLE_FAINT,
                    "no %s yet; 0 shows the sources and what they say", p->view->kind);
}

/* The right edge as a map of the whole table: where rows ask for attention, their stretch
 * of it is painted. Of long stretches some rows are looked at, evenly. */
static void paint_scroll(const struct ui *ui, const struct place *p, struct rect area,
                         int track)
{
    struct grid *g = ui->grid;

    for (int i = 0; i < track; i++) {
        size_t from = p->row_count * (size_t)i / (size_t)track,
               end = p->row_count * (size_t)(i + 1) / (size_t)track;
        size_t step = (end - from) / SCROLL_SAMPLE + 1;
        enum level worst = LEVEL_PLAIN;

        for (size_t row = from; row < end && worst != LEVEL_CRITICAL; row += step) {
            enum level level = level_of_row(ui->setup.model, p, p->rows[row]);

            worst = level == LEVEL_PLAIN ? worst : level;
        }
        if (worst == LEVEL_PLAIN || !grid_at(g, area.x + area.w - 1, area.y + 1 + i))
            continue;
        grid_at(g, area.x + area.w - 1, area.y + 1 + i)->ink = (uint8_t)style_of_level(
            worst);
        if (ui->setup.mono)
            grid_put(g, area.x + area.w - 1, area.y + 1 + i, style_of_level(worst), '!');
    }
}

static void draw_scroll(const struct ui *ui, const struct place *p, struct rect area,
                        int page)
{
    struct grid *g = ui->grid;
    int track = area.h - 2, length, from;

    if (p->row_count <= (size_t)page || track < 3)
        return;
    length = (int)((size_t)track * (size_t)page / p->row_count);
    length = length < 1 ? 1 : length;
    from = (int)((double)p->first / (double)(p->row_count - (size_t)page) *
                     (track - length) +
                 .5);
    for (int i = 0; i < length; i++)
        grid_put(g, area.x + area.w - 1, area.y + 1 + from + i, STYLE_SECONDARY,
                 g->ascii ? '#' : 0x2503); /* ┃ */
    paint_scroll(ui, p, area, track);
}

/* Two fifths of the screen, where all rows fit into the others: it comes and goes with
 * them, and does not grow. */
static int detail_height(const struct place *p, int h)
{
    enum { FRAME = 3 /* with the headings */, LEAST = 11 };
    int detail = h * 2 / 5 > LEAST ? h * 2 / 5 : LEAST;

    return p->view->detail && p->row_count > 0 && h > detail &&
                   p->row_count + FRAME <= (size_t)(h - detail)
               ? detail
               : 0;
}

static void draw_detail(struct ui *ui, const struct place *p, struct rect area)
{
    struct screen s = ui_screen(ui);

    s.spots = NULL;
    if (area.h > 0)
        p->view->detail(&s, ui->grid, area, p->rows[p->cursor]);
}

void table_box_draw(struct ui *ui, struct place *p, struct rect whole)
{
    int detail = detail_height(p, whole.h);
    struct rect area = { whole.x, whole.y, whole.w, whole.h - detail };
    char key[2] = { (char)p->view->key, '\0' };
    struct rect in = grid_box(ui->grid, area, p->view->title, p->view->key ? key : NULL);
    int page = in.h - 1;

    in.x -= 1;
    in.w += 2;
    draw_words(ui, p, area);
    if (!p->table || p->row_count == 0) {
        draw_emptiness(ui->grid, ui->setup.model, p, in);
        return;
    }
    lanes_lay_out(ui, p, in.w - MARGIN - 1); /* nothing touches the edge */
    for (size_t i = 0; i < p->lane_count; i++)
        if (p->lanes[i].x >= 0 && p->lanes[i].x + MARGIN < in.w)
            draw_heading(ui->grid, p, &p->lanes[i], in.x + MARGIN + p->lanes[i].x, in.y);
    keep_cursor_in_sight(p, page);
    p->rows_at = (struct rect){ in.x + MARGIN, in.y + 1, in.w - MARGIN, page };
    for (int i = 0; i < page && p->first + (size_t)i < p->row_count; i++) {
        size_t index = p->first + (size_t)i;

        draw_row(ui, p,
                 &(struct row_look){ index, p->rows[index], in.x, in.y + 1 + i, in.w });
    }
    /* Nothing but what is over: how fresh the screen is the site's own numbers say. */
    if (isnan(ui->oldest_s))
        ui_saw_site_age(ui);
    draw_count(ui->grid, p, area);
    draw_scroll(ui, p, area, page);
    draw_detail(ui, p, (struct rect){ whole.x, whole.y + area.h, whole.w, detail });
}
