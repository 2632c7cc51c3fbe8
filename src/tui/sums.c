/* ":gpus by tag": rows summed by a field, as a page over what is there. The query is
 * answered anew every second, for a sum has no row of its own that one could go into. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
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
    ui->overlay = OVERLAY_SUMS;
    ui->overlay_first = 0;
    return true;
}

enum { MOST_ROWS = 1000 };  /* nobody reads more, and the count says how many there are */

/* The answer as -o table writes it. */
static char *answer(const struct ui *ui)
{
    struct err err;
    size_t at, size = 0;
    char *text = NULL;
    struct query *q = query_parse(ui->sums.query, &err, &at);
    FILE *out = q ? open_memstream(&text, &size) : NULL;
    struct table *t = out ? table_new(ui->setup.model, q, false) : NULL;

    if (t && t->row_count > MOST_ROWS)
        t->row_count = MOST_ROWS;
    if (t)
        aligned_write(t, out);
    if (out)
        fclose(out);
    table_free(t);
    query_free(q);
    return text;
}

/* Every second, and of a site so large that it takes a while, less often: a tenth of the
 * time is for it. */
static void refresh(struct ui *ui)
{
    double from = clock_steady();

    if (ui->sums.text && ui->sums.made > 0 &&
        ui->steady - ui->sums.made < fmax(1, 10 * ui->sums.took_s))
        return;
    free(ui->sums.text);
    ui->sums.text = answer(ui);
    ui->sums.made = ui->steady;
    ui->sums.took_s = clock_steady() - from;
}

void sums_draw(struct ui *ui, struct rect area)
{
    struct page p = page_open(ui->grid, area, ui->sums.query, &ui->overlay_first);

    refresh(ui);
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
    ui_saw_site_age(ui);
}
