/* -o prom: gauges in the Prometheus text exposition format, for a textfile collector.
 * Texts and trends have no place in it; times are seconds since 1970; what is unknown or
 * stale is left out, as scrapers expect: there is no mark for it, and a scraper would
 * take an old number for one of now.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#include <string.h>

#include "show/format.h"
#include "show/print.h"

static void put_escaped(FILE *out, const char *text, bool quotes)
{
    for (; *text; text++) {
        if (*text == '\\' || (quotes && *text == '"'))
            fprintf(out, "\\%c", *text);
        else if (*text == '\n')
            fputs("\\n", out);
        else
            fputc(*text, out);
    }
}

/* gigawatch_gpu_power_w, gigawatch_class_energy_j: of one of the kind */
static void print_metric_name(char *to, size_t room, const struct table *t,
                              const struct column *c)
{
    size_t len = strlen(t->view->kind);
    char field[PRINT_NAME_ROOM];

    if (len > 2 && strcmp(t->view->kind + len - 3, "ses") == 0)
        len -= 2;
    else if (len && t->view->kind[len - 1] == 's')
        len--;
    column_json_name(field, sizeof(field), c);
    snprintf(to, room, "gigawatch_%.*s_%s", (int)len, t->view->kind, field);
}

static void write_head(const char *name, const struct column *c, FILE *out)
{
    const char *help = column_help(c);

    fprintf(out, "# HELP %s ", name);
    put_escaped(out, *help ? help : c->name, false);
    fprintf(out, "\n# TYPE %s gauge\n", name);
}

static void write_gauge(const struct table *t, size_t column, FILE *out)
{
    char name[2 * PRINT_NAME_ROOM], number[PRINT_NUMBER_ROOM];
    bool headed = false;

    print_metric_name(name, sizeof(name), t, t->columns[column]);
    for (size_t row = 0; row < t->row_count; row++) {
        struct cell cell = table_cell(t, row, column);

        if (cell.type != CELL_NUMBER || cell_doubt(&cell) == GW_STALE)
            continue;
        if (!headed)
            write_head(name, t->columns[column], out);
        headed = true;
        print_number(number, cell_printed(&cell));
        fprintf(out, "%s{%s=\"", name, t->groups ? t->columns[0]->name : "name");
        /* To Prometheus, a label that is empty is none. */
        put_escaped(
            out,
            t->groups && !group_name(t->groups, t->rows[row]) ? "" : table_name(t, row),
            true);
        fprintf(out, "\"} %s\n", number);
    }
}

static void write_prom(const struct table *t, FILE *out)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (!t->columns[i]->text)
            write_gauge(t, i, out);
}

const struct format prom_format = {
    .name = "prom",
    .help = "Prometheus text exposition: a gauge for every number",
    .wide = true,
    .write = write_prom,
};
