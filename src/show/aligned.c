/* Tables for people without a screen. */
#include "show/aligned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { CELL_ROOM = 512, HEADING_ROOM = 96, COUNT_ROOM = 32 };

struct layout {
    char heading[HEADING_ROOM];
    double scale; /* of its numbers; 0: each as it reads best */
    int width;
    bool right; /* numbers are aligned at their right */
    bool left_out;
};

/* Durations, times, probabilities and plain counts say their own unit or have none. */
static bool has_unit(const struct column *c)
{
    return !c->text && !c->trend && !c->probability && c->unit != UNIT_NONE &&
           c->unit != UNIT_S && c->unit != UNIT_TIME;
}

/* How the numbers of one unit are written, in all columns alike, so that they compare. */
struct writing {
    double least, largest; /* not 0 */
    double scale;
    const char *unit;
};

static void measure(const struct table *t, size_t column, struct writing *w)
{
    for (size_t row = 0; row < t->row_count; row++) {
        struct cell cell = table_cell(t, row, column);
        double size = cell.type == CELL_NUMBER ? fabs(cell.number) : 0;

        if (!(size > 0))
            continue;
        w->largest = fmax(w->largest, size);
        w->least = w->least > 0 ? fmin(w->least, size) : size;
    }
}

/* The prefix of the largest, or a smaller one where the least would lose its digits in
 * hundredths; five places are enough for the largest. */
static void choose_prefix(struct writing *w, enum unit unit)
{
    w->unit = unit_scale(unit, w->largest, &w->scale);
    while (w->least < .1 * w->scale) {
        double scale;
        const char *name = unit_scale(unit, .9 * w->scale, &scale);

        if (!(scale < w->scale) || w->largest / scale >= 99999.5)
            return;
        w->unit = name;
        w->scale = scale;
    }
}

static void choose_units(const struct table *t, struct writing writings[UNITS])
{
    for (size_t i = 0; i < t->column_count; i++)
        if (has_unit(t->columns[i]))
            measure(t, i, &writings[t->columns[i]->unit]);
    for (enum unit unit = 0; unit < UNITS; unit++)
        choose_prefix(&writings[unit], unit);
}

static void lay_out(const struct table *t, size_t column, const struct writing *writing,
                    struct layout *l)
{
    const struct column *c = t->columns[column];
    const char *unit = has_unit(c) ? writing->unit : "";
    char text[CELL_ROOM];

    l->scale = has_unit(c) ? writing->scale : 0;
    /* The field's name, not the screen's heading: it is what one writes into the next
     * query. */
    snprintf(l->heading, sizeof(l->heading), "%s%s%s", c->name, *unit ? " " : "", unit);
    l->width = text_width(l->heading);
    l->right = !c->text;
    for (size_t row = 0; row < t->row_count; row++) {
        struct cell cell = table_cell(t, row, column);
        int width;

        cell_format(text, sizeof(text), &cell, l->scale);
        width = text_width(text);
        l->width = width > l->width ? width : l->width;
        l->right = l->right && cell.type != CELL_TREND;
    }
}

/* `doubt`: a mark behind what it is about, for which the blanks between columns leave
 * room; 0: none. */
static void put(FILE *out, const struct layout *l, const char *text, uint32_t doubt,
                bool last)
{
    int blanks = l->width - text_width(text);
    char mark[5] = " ";

    if (doubt)
        mark[text_put(mark, doubt)] = '\0';
    fprintf(out, "%*s%s", l->right ? blanks : 0, "", text);
    /* No blanks at the end of a line. */
    if (last)
        fprintf(out, "%s\n", doubt ? mark : "");
    else
        fprintf(out, "%s%*s ", mark, l->right ? 0 : blanks, "");
}

/* What matters least goes first, of equals the one to the right, until the rest fits.
 * What was asked for by name stays. */
static size_t leave_out(const struct table *t, struct layout *layouts)
{
    size_t count = 0;
    int width = 0;

    for (size_t i = 0; i < t->column_count; i++)
        width += layouts[i].width + (i ? 2 : 0);
    while (t->fits && width > t->fits && !t->is_chosen && !t->groups &&
           count + 1 < t->column_count) {
        size_t least = 0;

        for (size_t i = 1; i < t->column_count; i++)
            if (!layouts[i].left_out &&
                t->columns[i]->priority >= t->columns[least]->priority)
                least = i;
        if (least == 0)
            break;
        layouts[least].left_out = true;
        width -= layouts[least].width + 2;
        count++;
    }
    return count;
}

static size_t last_of(const struct table *t, const struct layout *layouts)
{
    size_t last = t->column_count;

    while (last > 0 && layouts[last - 1].left_out)
        last--;
    return last;
}

static void write_rows(const struct table *t, const struct layout *layouts, FILE *out)
{
    size_t end = last_of(t, layouts);
    char text[CELL_ROOM];

    for (size_t row = 0; row < t->row_count; row++)
        for (size_t i = 0; i < end; i++) {
            struct cell cell;

            if (layouts[i].left_out)
                continue;
            cell = table_cell(t, row, i);
            cell_format(text, sizeof(text), &cell, layouts[i].scale);
            put(out, &layouts[i], text, cell_doubt_mark(&cell), i + 1 == end);
        }
}

static const char *count_of(char to[COUNT_ROOM], size_t count)
{
    struct cell cell = cell_number((double)count, UNIT_NONE);

    cell_format(to, COUNT_ROOM, &cell, 0);
    return to;
}

/* "41 of 9,612 racks, 2 unknown"; "4 groups of 756 of 2,304 gpus" */
static void write_summary(const struct table *t, size_t left_out, FILE *out)
{
    char shown[COUNT_ROOM], total[COUNT_ROOM], unknown[COUNT_ROOM];
    size_t rows = t->groups ? t->summed : t->row_count;

    if (t->groups && t->row_count < groups_count(t->groups))
        fprintf(out, "%s of ", count_of(shown, t->row_count));
    if (t->groups)
        fprintf(out, "%s group%s of ", count_of(shown, groups_count(t->groups)),
                groups_count(t->groups) == 1 ? "" : "s");
    fputs(count_of(shown, rows), out);
    if (rows != t->total)
        fprintf(out, " of %s", count_of(total, t->total));
    /* Every kind is a plural in "s". */
    fprintf(out, " %.*s", (int)(strlen(t->view->kind) - (t->total == 1)), t->view->kind);
    if (t->unknown)
        fprintf(out, ", %s unknown", count_of(unknown, t->unknown));
    if (left_out)
        fprintf(out, "; %zu field%s no room: -o wide has all", left_out,
                left_out > 1 ? "s had" : " had");
    fputc('\n', out);
}

void aligned_write(const struct table *t, FILE *out)
{
    struct layout *layouts = xcalloc(t->column_count, sizeof(*layouts));
    struct writing writings[UNITS] = { 0 };
    size_t left_out, end;

    choose_units(t, writings);
    for (size_t i = 0; i < t->column_count; i++)
        lay_out(t, i, &writings[t->columns[i]->unit], &layouts[i]);
    left_out = leave_out(t, layouts);
    end = last_of(t, layouts);
    for (size_t i = 0; t->row_count && i < end; i++)
        if (!layouts[i].left_out)
            put(out, &layouts[i], layouts[i].heading, 0, i + 1 == end);
    write_rows(t, layouts, out);
    write_summary(t, t->row_count ? left_out : 0, out);
    free(layouts);
}
