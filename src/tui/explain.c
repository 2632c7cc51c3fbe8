/* "i": every number of a row with where it came from, how old it is, how good, and what
 * it means. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

static const char *const quality_words[] = {
    [GW_OK] = "measured",         [GW_STALE] = "stale",
    [GW_ESTIMATED] = "estimated", [GW_OUT_OF_RANGE] = "out of range",
    [GW_NEVER] = "not told",
};

/* What somebody sets, nobody measures. */
static bool is_set(const struct column *c)
{
    static const uint16_t set[] = { M_SITE_CAP, M_DOMAIN_CAP, M_NODE_CAP,
                                    M_GPU_POWER_LIMIT };

    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
        if (c->metric == set[i])
            return true;
    return false;
}

static const char *word_of(const struct model *m, const struct column *c, uint32_t row)
{
    enum gw_quality quality = model_quality(m, c->metric, row);
    const char *origin = model_origin(m, c->metric, row);

    if (quality != GW_OK)
        return quality_words[quality];
    if (!origin || !origin[0])
        return "worked out";
    return c->text || is_set(c) ? "told" : quality_words[quality];
}

static bool is_made_here(const struct column *c)
{
    return !c->has_metric || c->cell;
}

static bool is_name(const struct model *m, const struct view *v, const struct cell *cell,
                    uint32_t row)
{
    const char *name = model_name(m, v->rows, row);

    return cell->type == CELL_TEXT && name && strcmp(cell->text, name) == 0;
}

/* "; 0 to 5,000 W are possible" */
static void add_range(char *to, size_t room, const struct metric *metric)
{
    struct cell least = cell_number(metric->min, metric->unit),
                most = cell_number(metric->max, metric->unit);
    char from[32], till[32];

    cell_format(from, sizeof(from), &least, 0);
    cell_format(till, sizeof(till), &most, 0);
    text_add(to, room, "; %s to %s are possible", from, till);
}

/* "measured 2s ago, n14"; what is unknown is left out. */
static void say_where_from(char *to, size_t room, const struct model *m,
                           const struct column *c, uint32_t row)
{
    const char *origin = c->has_metric ? model_origin(m, c->metric, row) : NULL;
    double age = c->has_metric ? model_age(m, c->metric, row) : NAN;
    char ago[24];

    if (!c->has_metric || (c->cell && model_quality(m, c->metric, row) == GW_OK)) {
        snprintf(to, room, "worked out");
        return;
    }
    if (model_is_declared(m, c->metric, row)) {
        snprintf(to, room, "declared in the configuration");
        return;
    }
    snprintf(to, room, "%s", word_of(m, c, row));
    if (!isnan(age)) {
        text_duration(ago, sizeof(ago), age);
        text_add(to, room, " %s ago", ago);
    }
    if (origin && origin[0])
        text_add(to, room, ", %s", origin);
    if (model_quality(m, c->metric, row) == GW_OUT_OF_RANGE)
        add_range(to, room, metric_at(c->metric));
}

static int max_of(int a, int b)
{
    return a > b ? a : b;
}

static bool is_wide(const struct page *p)
{
    return p->in.w > 110;
}

/* As wide as the longest name, but for a few that are broken. */
static int name_width(const struct view *v)
{
    int widest = 0;

    for (const struct column *c = v->columns; c->name; c++)
        if (text_width(c->name) > widest && text_width(c->name) < 24)
            widest = text_width(c->name);
    return widest + 2;
}

/* Name, value, where from and, where there is room, what it means; what is longer than
 * its place goes on below. */
static void explain_column(struct page *p, const struct model *m, const struct view *v,
                           const struct column *c, uint32_t row)
{
    enum { FROM_W = 34 };
    struct cell cell = column_cell(c, m, row);
    int name_w = name_width(v), value_w = is_wide(p) ? 26 : 16, from_x = name_w + value_w,
        help_x = from_x + FROM_W, lines = 1;
    char value[1024], from[160];
    bool fits;
    const int from_w = is_wide(p) ? FROM_W - 2 : p->in.w - from_x;

    cell_format(value, sizeof(value), &cell, 0);
    fits = text_width(value) < value_w;
    if (is_name(m, v, &cell, row) || (cell.type == CELL_NONE && is_made_here(c)))
        from[0] = '\0';
    else
        say_where_from(from, sizeof(from), m, c, row);
    if (page_row(p) >= 0)
        grid_text(p->grid, p->in.x, page_row(p), name_w - 1, STYLE_SECONDARY, c->name);
    if (fits && page_row(p) >= 0)
        grid_text(p->grid, p->in.x + name_w, page_row(p), value_w - 1,
                  cell.type == CELL_NONE ? STYLE_FAINT : STYLE_STRONG, value);
    lines = max_of(lines, page_column(p, from_x, from_w, STYLE_INFORMATION, from));
    if (is_wide(p))
        lines = max_of(
            lines, page_column(p, help_x, p->in.w - help_x, STYLE_FAINT, column_help(c)));
    p->line += lines;
    if (!fits)
        page_prose(p, name_w, STYLE_STRONG, value);
}

/* Every field, and what it means: beside it, or where there is no room below all of
 * them. */
static void explain_row(struct page *p, const struct model *m, const struct view *v,
                        uint32_t row)
{
    char text[512];

    for (const struct column *c = v->columns; c->name; c++)
        explain_column(p, m, v, c, row);
    if (is_wide(p))
        return;
    p->line++;
    for (const struct column *c = v->columns; c->name; c++) {
        snprintf(text, sizeof(text), "%s: %s", c->name, column_help(c));
        page_prose(p, 0, STYLE_FAINT, text);
    }
}

/* What a device makes of power above its rating. */
static void say_device(char *to, size_t room, const struct protection *p)
{
    char time[24];

    switch (p->kind) {
    case PROTECTION_THERMAL:
        text_duration(time, sizeof(time), p->seconds);
        snprintf(to, room, "rating of a thermal trip with a time constant of %s", time);
        break;
    case PROTECTION_I2T:
        text_duration(time, sizeof(time), p->seconds);
        snprintf(to, room, "rating of an I2t trip: %g times it for %s", p->at, time);
        break;
    case PROTECTION_CURVE:
        snprintf(to, room, "rating of a relay with inverse time, multiplier %g",
                 p->seconds);
        break;
    default:
        snprintf(to, room, "rating; carried:");
        for (unsigned i = 0; i < p->rows; i++) {
            text_duration(time, sizeof(time), (double)p->table[i].seconds);
            text_add(to, room, "%s %g%% for %s", i ? "," : "",
                     (double)p->table[i].share * 100, time);
        }
    }
}

/* A limit in full: a number without its window and its dwell says little. */
static void explain_cap(struct page *p, const struct model *m, uint32_t domain)
{
    const struct cap *cap = model_cap(m, domain);
    struct cell value;
    char number[48], window[24], dwell[24], over[240] = "at any moment", longer[48] = "",
         text[480];

    if (!cap)
        return;
    value = cell_number(cap->value, cap->unit);
    cell_format(number, sizeof(number), &value, 0);
    text_duration(window, sizeof(window), cap->window_s);
    text_duration(dwell, sizeof(dwell), cap->dwell_s);
    if (cap->protection.kind)
        say_device(over, sizeof(over), &cap->protection);
    else if (cap->window_s > 0)
        snprintf(over, sizeof(over), "%s over %s%s",
                 cap->aggregate == CAP_MEAN ? "the mean" : "the highest", window,
                 cap->aligned ? " by the clock" : "");
    if (cap->dwell_s > 0)
        snprintf(longer, sizeof(longer), ", for longer than %s", dwell);
    snprintf(text, sizeof(text), "cap %s: %s%s%s; from %s", number, over, longer,
             cap->n1 ? ", with the other feed lost" : "", cap->origin);
    page_prose(p, 0, STYLE_TEXT, text);
    p->line++;
}

/* The site's own two numbers, where there is no row to explain. */
static void explain_site(struct ui *ui, struct rect area)
{
    const struct view *v = view_of_kind("sites");
    struct page p =
        page_open(ui->grid, area, model_site(ui->setup.model), &ui->overlay_first);

    if (v && model_rows(ui->setup.model, GW_SITE) > 0)
        explain_row(&p, ui->setup.model, v, 0);
    page_close(&p, &ui->overlay_first);
}

/* What is under the cursor, in a table or in a drawn view that has one of its own. */
struct row row_at_cursor(struct ui *ui)
{
    const struct place *p = ui->place;
    struct row none = { GW_SITE, GW_NONE };
    struct screen s;

    if (place_is_table(p))
        return p->row_count ? (struct row){ p->view->rows, p->rows[p->cursor] } : none;
    if (!p->view->row)
        return spots_row(ui);
    s = ui_screen(ui);
    return p->view->row(&s);
}

void explain_draw(struct ui *ui, struct rect area)
{
    const struct place *place = ui->place;
    const struct model *m = ui->setup.model;
    struct row row = row_at_cursor(ui);
    const struct view *v = place_is_table(place) ? place->view
                           : row.id == GW_NONE   ? NULL
                                                 : view_of_kind(kind_plural(row.kind));
    struct page p;

    if (!v || row.id == GW_NONE) {
        explain_site(ui, area);
        return;
    }
    p = page_open(ui->grid, area, model_name(m, row.kind, row.id), &ui->overlay_first);
    if (row.kind == GW_DOMAIN)
        explain_cap(&p, m, row.id);
    explain_row(&p, m, v, row.id);
    page_close(&p, &ui->overlay_first);
}
