/* Lines instead of a screen. */
#include "show/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { FEW = 20, EVENTS = 64 };

/* ---- the status ---- */

static void say(char *to, size_t room, double number, enum unit unit)
{
    struct cell cell = cell_number(number, unit);

    cell_format(to, room, &cell, 0);
}

static void say_risk(FILE *out, const struct model *m)
{
    struct risk risk = risk_of(m);
    char p[16], ttb[24];

    if (risk.row.id == GW_NONE) {
        fputs("No forecast yet.\n", out);
        return;
    }
    text_probability(p, sizeof(p), risk.p);
    text_duration(ttb, sizeof(ttb), risk.ttb_s);
    if (risk.p < model_thresholds(m)->p_attention)
        fprintf(out, "No breach in sight within the hour: the highest p is %s, of %s.\n",
                p, risk.name);
    else if (isnan(risk.ttb_s))
        fprintf(out, "Most at risk: %s, p %s of a breach within the hour.\n", risk.name,
                p);
    else
        fprintf(
            out,
            "Most at risk: %s, p %s of a breach within the hour, in %s if it comes.\n",
            risk.name, p, ttb);
}

void linear_status(FILE *out, const struct model *m, const char *mode)
{
    double power = model_site_number(m, M_SITE_POWER),
           cap = model_site_number(m, M_SITE_CAP);
    struct coverage c = model_coverage(m);
    char number[48], limit[48], age[24], time[40];

    say(number, sizeof(number), power, UNIT_W);
    say(limit, sizeof(limit), cap, UNIT_W);
    text_duration(age, sizeof(age),
                  model_rows(m, GW_SITE) > 0 ? floor(model_age(m, M_SITE_POWER, 0))
                                             : NAN);
    text_time(time, sizeof(time), model_now(m));
    if (isnan(power))
        fprintf(out, "%s: power is not known.\n", model_site(m));
    else if (isnan(cap))
        fprintf(out, "%s: power %s, no cap.\n", model_site(m), number);
    else
        fprintf(out, "%s: power %s of %s, %.1f%%.\n", model_site(m), number, limit,
                100 * power / cap);
    say_risk(out, m);
    fprintf(
        out,
        "%zu answer, %zu stale, %zu down, %zu never seen. %s. Newest sum %s old. %s\n",
        c.ok, c.stale, c.down, c.never, mode, age, time);
}

/* ---- tables ---- */

static const char *label_of(const struct column *c)
{
    return c->heading && strcmp(c->heading, "of") != 0 ? c->heading : c->name;
}

static void say_cell(FILE *out, const char *label, const struct cell *cell)
{
    char value[512];
    const char *doubt = cell_doubt_mark(cell) ? cell_doubt_word(cell) : NULL;

    cell_format(value, sizeof(value), cell, 0);
    fprintf(out, "%s %s%s%s", label, value, doubt ? " " : "", doubt ? doubt : "");
}

static void say_row(FILE *out, const struct table *t, size_t row)
{
    const char *unknown = "", *between = ": ";

    for (size_t i = 0; i < t->column_count; i++) {
        struct cell cell = table_cell(t, row, i);

        if (cell.type == CELL_TREND || (cell.type == CELL_NONE && i > 0))
            continue;
        if (i == 0) {
            char first[512];

            cell_format(first, sizeof(first), &cell, 0);
            fputs(first, out);
        } else {
            fputs(between, out);
            between = ", ";
            say_cell(out, label_of(t->columns[i]), &cell);
        }
    }
    for (size_t i = 1; i < t->column_count; i++)
        if (table_cell(t, row, i).type == CELL_NONE && !t->columns[i]->trend) {
            fprintf(out, "%s %s",
                    *unknown ? "," : "; not known:", label_of(t->columns[i]));
            unknown = ",";
        }
    fputs(".\n", out);
}

size_t linear_table(FILE *out, const struct table *t, const char *title, size_t first,
                    size_t count)
{
    size_t end = first < t->row_count ? first + count : t->row_count;

    if (end > t->row_count)
        end = t->row_count;
    if (t->row_count == 0)
        fprintf(out, "%s: none of %zu.\n", title, t->total);
    else if (first >= t->row_count)
        fprintf(out, "%s: no more than these %zu.\n", title, t->row_count);
    else
        fprintf(out, "%s: %zu to %zu of %zu.\n", title, first + 1, end, t->row_count);
    if (t->unknown > 0 && first == 0)
        fprintf(out, "%zu more could not be judged: a field is not known.\n", t->unknown);
    for (size_t row = first; row < end; row++)
        say_row(out, t, row);
    if (end < t->row_count)
        fprintf(out, "%zu more: next.\n", t->row_count - end);
    return end;
}

void linear_row(FILE *out, const struct table *t, size_t row)
{
    for (size_t i = 0; i < t->column_count; i++) {
        struct cell cell = table_cell(t, row, i);
        const char *help = column_help(t->columns[i]);

        if (cell.type == CELL_TREND)
            continue;
        if (cell.type == CELL_NONE)
            fprintf(out, "%s: not known", t->columns[i]->name);
        else
            say_cell(out, t->columns[i]->name, &cell);
        fprintf(out, "%s%s.\n", help[0] ? "; " : "", help);
    }
}

/* ---- drawn views ---- */

static bool say_part(FILE *out, const struct model *m, const char *title,
                     const char *words, struct err *err)
{
    size_t at;
    struct query *q = query_parse(words, err, &at);
    struct table *t;

    if (!q)
        return false;
    t = table_new(m, q, false);
    linear_table(out, t, title, 0, FEW);
    table_free(t);
    query_free(q);
    return true;
}

bool linear_view(FILE *out, const struct model *m, const struct view *v, struct err *err)
{
    char *parts = xstrdup(v->linear ? v->linear : ""), *rest = parts, *line;
    bool is_sound = true;

    while (is_sound && (line = strsep(&rest, "\n")) && *line) {
        char *title = strsep(&line, ":");

        is_sound = line && say_part(out, m, title, line + strspn(line, " "), err);
    }
    free(parts);
    return is_sound;
}

/* ---- events ---- */

double linear_events(FILE *out, const struct model *m, double since)
{
    uint32_t rows[EVENTS];
    size_t count = 0;
    double newest = since;

    for (uint32_t row = 0; row < model_rows(m, GW_EVENT); row++) {
        double time = model_number(m, M_EVENT_TIME, row);

        if (!(time > since))
            continue;
        if (count == EVENTS)
            memmove(rows, rows + 1, --count * sizeof(*rows));
        rows[count++] = row;
        newest = time > newest ? time : newest;
    }
    for (size_t i = 0; i < count; i++) {
        const char *level = model_text(m, M_EVENT_LEVEL, rows[i]),
                   *text = model_text(m, M_EVENT_TEXT, rows[i]);
        char clock[24];

        text_when(clock, sizeof(clock), model_number(m, M_EVENT_TIME, rows[i]),
                  model_now(m));
        fprintf(out, "%s: %s, %s.\n", level ? level : "event", text ? text : "", clock);
    }
    return newest;
}
