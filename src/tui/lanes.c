/* Which columns of a place are shown, how wide, and in which unit. Worked out when rows
 * or width change, never while scrolling, so that nothing jumps under the cursor. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

enum {
    SAMPLE = 256,
    GAP = 2,
    WIDEST = 24,
    LONGEST_RAIL = 40,
    CELL_ROOM = 512,
    LEAST_PRIORITY = 15
};

uint64_t *ui_chosen(struct ui *ui, const struct view *v)
{
    const struct view *const *all = views_all();
    size_t i = 0;

    while (all[i] && all[i] != v && i < VIEWS - 1)
        i++;
    return &ui->chosen[i];
}

/* ---- one lane ---- */

/* Every row of a short table, some of a long one, evenly spread. */
static size_t sample_step(const struct place *p)
{
    return p->row_count / SAMPLE + 1;
}

static bool has_scale(const struct column *c)
{
    return !c->trend && !c->text && !c->bar && !c->probability && c->unit != UNIT_S &&
           c->unit != UNIT_TIME;
}

static double largest_of(const struct model *m, const struct place *p,
                         const struct column *c, bool *is_counted)
{
    double largest = 0;

    *is_counted = true;
    for (size_t i = 0; i < p->row_count; i += sample_step(p)) {
        struct cell cell = column_cell(c, m, p->rows[i]);

        if (cell.type != CELL_NUMBER)
            continue;
        *is_counted = *is_counted && cell.number == floor(cell.number);
        largest = fmax(largest, fabs(cell.number));
    }
    return largest;
}

/* Feeds and racks in one table: 2150 and 29.8 kW, not 2.15 and 0.030 MW, where at least a
 * quarter of the numbers would lose digits, and as long as the largest stays readable. */
static bool wants_smaller(const struct model *m, const struct place *p, double largest,
                          double scale)
{
    size_t known = 0, below = 0;
    double smaller;

    unit_scale(UNIT_W, scale / 2, &smaller);
    for (size_t l = 0; l < p->lane_count; l++)
        for (size_t i = 0; i < p->row_count && p->lanes[l].column->unit == UNIT_W;
             i += sample_step(p)) {
            struct cell cell = column_cell(p->lanes[l].column, m, p->rows[i]);

            known += cell.type == CELL_NUMBER && cell.number != 0;
            below += cell.type == CELL_NUMBER && cell.number != 0 &&
                     fabs(cell.number) < .0995 * scale;
        }
    return known > 0 && 4 * below >= known && largest / smaller < 99999.5;
}

static const char *currency_of(const struct model *m)
{
    const char *currency = model_rows(m, GW_SITE) > 0 ? model_text(m, M_SITE_CURRENCY, 0)
                                                      : NULL;

    return currency ? currency : "";
}

/* "MW"; of money "M KRW", or "KRW". */
static void say_unit(struct lane *lane, const char *unit, const char *currency)
{
    snprintf(lane->unit, sizeof(lane->unit), "%s%s%.12s", unit,
             unit[0] && currency[0] ? " " : "", currency);
}

/* All columns of power have one unit, so that they compare; any other has its own. */
static void choose_units(const struct model *m, struct place *p)
{
    double most = 0, watts;
    const char *unit;

    for (size_t l = 0; l < p->lane_count; l++) {
        struct lane *lane = &p->lanes[l];
        bool is_counted;        /* whole numbers are written to the last one */
        double largest;

        lane->scale = 0;
        lane->unit[0] = '\0';
        if (!has_scale(lane->column))
            continue;
        largest = largest_of(m, p, lane->column, &is_counted);
        unit = unit_scale(lane->column->unit, largest, &lane->scale);
        if (lane->column->unit == UNIT_NONE && largest >= 1e6 && !is_counted) {
            unit = "M";
            lane->scale = 1e6;
        }
        say_unit(lane, unit, lane->column->money ? currency_of(m) : "");
        most = lane->column->unit == UNIT_W ? fmax(most, largest) : most;
    }
    unit = unit_scale(UNIT_W, most, &watts);
    if (wants_smaller(m, p, most, watts))
        unit = unit_scale(UNIT_W, watts / 2, &watts);
    for (size_t l = 0; l < p->lane_count; l++)
        if (has_scale(p->lanes[l].column) && p->lanes[l].column->unit == UNIT_W) {
            say_unit(&p->lanes[l], unit, "");
            p->lanes[l].scale = watts;
        }
}

static int heading_width(const struct lane *lane)
{
    int unit = text_width(lane->unit);

    return text_width(lane->column->heading ? lane->column->heading
                                            : lane->column->name) +
           (unit > 0 ? unit + 1 : 0);
}

static int indent_of(const struct place *p, size_t i)
{
    return p->is_tree && p->is_branched ? 2 * p->depths[i] + 2 : 0;
}

/* From its point on; of a word, a duration or a probability, nothing. */
static int fraction_of(const struct column *c, const char *text)
{
    const char *point = has_scale(c) ? strchr(text, '.') : NULL;

    return point && strspn(text, "-0123456789,<>.") == strlen(text) ? text_width(point)
                                                                   : 0;
}

int lane_format(const struct lane *lane, struct cell *cell, char *to, size_t room)
{
    int own;

    cell->has_fractions = lane->has_fractions;
    cell_format(to, room, cell, lane->scale);
    own = fraction_of(lane->column, to);
    return cell->type == CELL_NUMBER && own < lane->fraction ? lane->fraction - own : 0;
}

/* Points line up as far as the lane has room for it as it is: nothing is left out for
 * it. */
static void line_up(const struct model *m, const struct place *p, struct lane *lane)
{
    int longest = 0, room = lane->width;
    char text[CELL_ROOM];

    for (size_t i = 0; lane->has_fractions && i < p->row_count; i += sample_step(p)) {
        struct cell cell = column_cell(lane->column, m, p->rows[i]);
        int fraction, whole;

        if (cell.type != CELL_NUMBER)
            continue;
        lane_format(lane, &cell, text, sizeof(text));
        fraction = fraction_of(lane->column, text);
        whole = text_width(text) - fraction;
        longest = fraction > longest ? fraction : longest;
        room = lane->width - whole < room ? lane->width - whole : room;
    }
    lane->fraction = longest < room ? longest : room;
}

static void measure(const struct model *m, const struct place *p, struct lane *lane,
                    bool is_first)
{
    const struct column *c = lane->column;
    bool fits_contents = c->width == 0 || (!c->text && !c->bar);
    char text[CELL_ROOM];

    lane->fraction = 0;
    lane->has_fractions = false;

    lane->width = heading_width(lane) > c->width ? heading_width(lane) : c->width;
    for (size_t i = 0; fits_contents && i < p->row_count; i += sample_step(p)) {
        struct cell cell = column_cell(c, m, p->rows[i]);
        int width;

        if (cell.type == CELL_TREND)
            continue;
        cell_format(text, sizeof(text), &cell, lane->scale);
        lane->has_fractions = lane->has_fractions || fraction_of(c, text) > 0;
        width = text_width(text) + (is_first ? indent_of(p, i) : 0);
        if (width > WIDEST)
            width = WIDEST;
        if (width > lane->width)
            lane->width = width;
    }
    line_up(m, p, lane);
}

/* ---- which ---- */

static bool is_chosen(uint64_t chosen, const struct column *c, size_t index)
{
    return chosen ? chosen >> index & 1 : c->priority > 0;
}

/* A view that a user made may draw a column of its kind in another way. */
static const struct column *own_column(const struct place *p, const struct column *c)
{
    const struct column *own = p->view->words ? column_find(p->view, c->name) : NULL;

    return own ? own : c;
}

static void take_columns(struct ui *ui, struct place *p)
{
    uint64_t chosen = *ui_chosen(ui, p->view);

    p->lane_count = 0;
    if (p->show[0] && p->table) {
        for (size_t i = 0; i < p->table->column_count && i < COLUMNS; i++)
            p->lanes[p->lane_count++].column = own_column(p, p->table->columns[i]);
        return;
    }
    for (size_t i = 0; p->view->columns[i].name && i < COLUMNS; i++)
        if (is_chosen(chosen, &p->view->columns[i], i))
            p->lanes[p->lane_count++].column = &p->view->columns[i];
}

static void take_judges(struct place *p)
{
    p->judge_count = 0;
    for (size_t i = 0; i < p->lane_count; i++)
        if (p->lanes[i].column->level)
            p->judges[p->judge_count++] = p->lanes[i].column;
}

static int total_width(const struct place *p)
{
    int total = 0;

    for (size_t i = 0; i < p->lane_count; i++)
        total += p->lanes[i].is_out ? 0 : p->lanes[i].width + GAP;
    return total;
}

/* The important columns come first, and of the rest whatever still fits beside those that
 * are kept. */
static void fill(const struct place *p, bool kept[COLUMNS], int cells)
{
    int used = 0;

    for (size_t i = 0; i < p->lane_count; i++)
        used += kept[i] && !p->lanes[i].is_out ? p->lanes[i].width + GAP : 0;
    for (int priority = 0; priority <= LEAST_PRIORITY; priority++)
        for (size_t i = 0; i < p->lane_count; i++) {
            const struct lane *lane = &p->lanes[i];

            if (kept[i] || lane->column->priority != priority)
                continue;
            kept[i] = priority <= 1 || used + lane->width <= cells;
            used += kept[i] ? lane->width + GAP : 0;
        }
}

/* The next goes out at the left, and what did not fit comes in; false: all has been
 * seen. */
static bool scroll_out(struct place *p, bool kept[COLUMNS], int cells)
{
    size_t next = 1, left_out = 0;

    for (size_t i = 0; i < p->lane_count; i++)
        left_out += !kept[i];
    while (next < p->lane_count && (!kept[next] || p->lanes[next].is_out))
        next++;
    if (!left_out || next >= p->lane_count)
        return false;
    p->lanes[next].is_out = true;
    fill(p, kept, cells);
    return true;
}

static void keep_what_fits(struct place *p, int cells)
{
    bool kept[COLUMNS] = { false };
    size_t count = 0;
    int shift = 0;

    fill(p, kept, cells);
    while (shift < p->shift && scroll_out(p, kept, cells))
        shift++;
    p->shift = shift;
    for (size_t i = 0; i < p->lane_count; i++)
        if (kept[i])
            p->lanes[count++] = p->lanes[i];
    p->lane_count = count;
}

/* Who chose columns has them all, whether they fit or not. */
static void keep_all(struct place *p)
{
    if (p->shift >= (int)p->lane_count)
        p->shift = p->lane_count > 0 ? (int)p->lane_count - 1 : 0;
    for (size_t i = 1; i < p->lane_count; i++)
        p->lanes[i].is_out = (int)i <= p->shift;
}

/* What is left of the width goes to the last column of prose, or where there is none, to
 * rails and trends. */
static void stretch(struct place *p, int cells)
{
    int left = cells + GAP - total_width(p);

    for (size_t i = p->lane_count; left > 0 && i-- > 0;)
        if (!p->lanes[i].is_out && p->lanes[i].column->text &&
            p->lanes[i].column->width >= WIDEST) {
            p->lanes[i].width += left;
            return;
        }
    for (size_t i = 0; i < p->lane_count && left > 1; i++) {
        struct lane *lane = &p->lanes[i];
        int more = !lane->is_out && (lane->column->bar || lane->column->trend)
                       ? LONGEST_RAIL - lane->width
                       : 0;

        more = more > left - 1 ? left - 1 : more; /* a blank before the frame */
        lane->width += more > 0 ? more : 0;
        left -= more > 0 ? more : 0;
    }
}

void lanes_lay_out(struct ui *ui, struct place *p, int cells)
{
    int x = 0;

    if (p->laid_out_w == cells)
        return;
    take_columns(ui, p);
    take_judges(p);
    choose_units(ui->setup.model, p);
    for (size_t i = 0; i < p->lane_count; i++) {
        measure(ui->setup.model, p, &p->lanes[i], i == 0);
        p->lanes[i].is_out = false;
    }
    if (!p->show[0] && !*ui_chosen(ui, p->view))
        keep_what_fits(p, cells);
    else
        keep_all(p);
    stretch(p, cells);
    for (size_t i = 0; i < p->lane_count; i++) {
        bool is_out = p->lanes[i].is_out;

        p->lanes[i].x = is_out ? -1 : x;
        x += is_out ? 0 : p->lanes[i].width + GAP;
    }
    p->laid_out_w = cells;
}
