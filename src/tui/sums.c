/* ":gpus by tag": rows summed by a field, as a page over what is there. The query is
 * answered anew every second, for a sum has no row of its own that one could go into. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "show/aligned.h"
#include "tui/page.h"
#include "tui/state.h"

bool sums_open(struct ui *ui, const char *text)
{
    struct err err;
    size_t at;
    double time;
    struct query *q = query_parse(text, &err, &at);
    bool sums = q && query_sums_by(q) && !query_has_time(q, 0, &time) &&
                strlen(text) < sizeof(ui->sums.query);

    query_free(q);
    if (!sums)
        return false;
    snprintf(ui->sums.query, sizeof(ui->sums.query), "%s", text);
    ui->sums.made = 0;
    ui->sums.from = 1;
    ui->overlay = OVERLAY_SUMS;
    ui->overlay_first = 0;
    return true;
}

enum {
    MOST_ROWS = 1000, /* nobody reads more, and the count says how many there are */
    MOST_CELLS = 4096
};

/* As -o table writes it; NULL: there is no memory for it. */
static char *text_of(const struct table *t)
{
    size_t size = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    aligned_write(t, out);
    fclose(out);
    return text;
}

static int width_of(const char *text)
{
    char line[MOST_CELLS];

    snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
    return text_width(line);
}

/* Less the column at `at`. */
static void leave_out(struct table *t, size_t at)
{
    memmove(&t->columns[at], &t->columns[at + 1],
            (t->column_count - at - 1) * sizeof(*t->columns));
    t->column_count--;
}

/* The first column and those from `from` on, as many as fit into so many cells; *more:
 * how many are to the right of these. */
static char *text_from(struct table *t, size_t from, int cells, size_t *more)
{
    char *text;

    for (size_t i = 1; i < from && t->column_count > 2; i++)
        leave_out(t, 1);
    for (*more = 0;; ++*more) {
        text = text_of(t);
        if (!text || width_of(text) <= cells || t->column_count <= 2)
            return text;
        free(text);
        t->column_count--;
    }
}

/* Answers the query for so many cells. */
static void answer(struct ui *ui, int cells)
{
    struct err err;
    size_t at;
    struct query *q = query_parse(ui->sums.query, &err, &at);
    struct table *t = q ? table_new(ui->setup.model, q, false) : NULL;

    free(ui->sums.text);
    ui->sums.text = NULL;
    if (t) {
        t->row_count = t->row_count > MOST_ROWS ? MOST_ROWS : t->row_count;
        ui->sums.text = text_from(t, ui->sums.from, cells, &ui->sums.more);
    }
    ui->sums.cells = cells;
    table_free(t);
    query_free(q);
}

void sums_scroll(struct ui *ui, int dx)
{
    if ((dx < 0 && ui->sums.from <= 1) || (dx > 0 && ui->sums.more == 0))
        return;
    ui->sums.from += (size_t)dx;
    ui->sums.made = 0;
}

/* Every second, and of a site so large that it takes a while, less often: a tenth of the
 * time is for it. */
static void refresh(struct ui *ui, int cells)
{
    double from = clock_steady();

    if (ui->sums.text && ui->sums.made > 0 && ui->sums.cells == cells &&
        ui->steady - ui->sums.made < fmax(1, 10 * ui->sums.took_s))
        return;
    answer(ui, cells);
    ui->sums.made = ui->steady;
    ui->sums.took_s = clock_steady() - from;
}

void sums_draw(struct ui *ui, struct rect area)
{
    struct page p = page_open(ui->grid, area, ui->sums.query, &ui->overlay_first);

    refresh(ui, p.in.w);
    for (const char *line = ui->sums.text; line && *line; p.line++) {
        size_t len = strcspn(line, "\n");
        int y = page_row(&p);

        if (y >= 0)
            grid_printf(ui->grid, p.in.x, y, p.in.w,
                        p.line == 0 ? STYLE_SECONDARY : STYLE_TEXT, "%.*s", (int)len,
                        line);
        line += len + (line[len] == '\n');
    }
    page_close(&p, &ui->overlay_first);
    if (ui->sums.more > 0)
        grid_right(ui->grid, p.in.x, p.in.y + p.in.h, p.in.w, STYLE_FAINT, " more: Right ");
    else if (ui->sums.from > 1)
        grid_right(ui->grid, p.in.x, p.in.y + p.in.h, p.in.w, STYLE_FAINT, " more: Left ");
    ui_saw_site_age(ui);
}
