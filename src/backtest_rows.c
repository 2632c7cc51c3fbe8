/* What came is filled in as it comes; a line is written when nothing can be added to
 * it. */
#include "backtest_rows.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

static const char header[] =
    "series,origin,horizon_s,cap_w,p_breach,q05,q10,q25,q50,q75,q90,q95,q99,"
    "max_q10,max_q50,max_q90,max_q99,ttb_p10_s,ttb_p50_s,ttb_p90_s,actual_w,actual_max_w,breached";

void open_rows_write_header(FILE *out, bool has_basis)
{
    fprintf(out, "%s%s\n", header, has_basis ? ",basis" : "");
}

struct open_row *open_rows_add(struct open_rows *r)
{
    if (r->head > 1024 && r->head > r->count / 2) {
        memmove(r->rows, r->rows + r->head, (r->count - r->head) * sizeof(*r->rows));
        r->count -= r->head;
        r->head = 0;
    }
    r->rows = xgrow(r->rows, &r->room, r->count + 1, sizeof(*r->rows));
    return &r->rows[r->count++];
}

/* The horizon is over: what is known of it now is all there will be. */
static void close_row(struct open_row *row)
{
    double end = row->origin + row->f.horizon_s;
    bool over = row->most_w > row->f.cap_w;

    row->done = true;
    if (end - row->last > 1.5 * row->step_s)
        row->actual_w = NAN;
    /* With a fifth of it missing the maximum is not known, unless it was above the cap
     * anyway. */
    if ((double)row->came < .8 * floor(row->f.horizon_s / row->step_s) && !over)
        row->most_w = NAN;
}

void open_rows_tell(struct open_rows *r, double time, double watts,
                    void (*closed)(void *, const struct open_row *), void *with)
{
    for (size_t i = r->head; i < r->count; i++) {
        struct open_row *row = &r->rows[i];

        if (row->done)
            continue;
        if (time > row->origin + row->f.horizon_s) {
            close_row(row);
            closed(with, row);
        } else if (!isnan(watts)) {
            row->actual_w = watts;
            row->last = time;
            row->most_w = fmax(row->most_w, watts);
            row->came++;
        }
    }
}

void open_rows_finish(struct open_rows *r, double end,
                      void (*closed)(void *, const struct open_row *), void *with)
{
    for (size_t i = r->head; i < r->count; i++) {
        struct open_row *row = &r->rows[i];

        if (row->done)
            continue;
        if (end < row->origin + row->f.horizon_s) {
            row->done = true;
            row->actual_w = row->most_w = NAN;
        } else {
            close_row(row);
            closed(with, row);
        }
    }
}

/* Two decimals are enough for watts and for seconds. */
static void write_cell(FILE *out, double value)
{
    if (isnan(value))
        fputc(',', out);
    else
        fprintf(out, ",%.2f", value);
}

static void write_row(FILE *out, const char *name, const struct open_row *row)
{
    const struct forecast *f = &row->f;
    const double cells[] = { f->q05,       f->q10,       f->q25,       f->q50,
                             f->q75,       f->q90,       f->q95,       f->q99,
                             f->max_q10,   f->max_q50,   f->max_q90,   f->max_q99,
                             f->ttb_p10_s, f->ttb_p50_s, f->ttb_p90_s, row->actual_w,
                             row->most_w };

    fprintf(out, "%s,%.15g,%.15g", name, row->origin, f->horizon_s);
    write_cell(out, f->cap_w);
    if (isnan(f->p_breach))
        fputc(',', out);
    else
        fprintf(out, ",%.6f", f->p_breach);
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        write_cell(out, cells[i]);
    if (isnan(row->most_w) || isnan(f->cap_w))
        fputc(',', out);
    else
        fprintf(out, ",%d", row->most_w > f->cap_w);
    fprintf(out, row->basis ? ",%s\n" : "\n", row->basis);
}

void open_rows_write(struct open_rows *r, FILE *out, const char *name)
{
    for (; r->head < r->count && r->rows[r->head].done; r->head++)
        write_row(out, name, &r->rows[r->head]);
}
