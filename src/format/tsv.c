/* -o tsv: tab-separated with a header, for cut and awk. What is unknown is empty. */
#include "show/format.h"
#include "show/print.h"

/* There is no way to quote a tab here, so it becomes a blank. */
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static void write_tsv(const struct table *t, FILE *out)
{
    print_header(out, t, "\t", "\n");
    for (size_t row = 0; row < t->row_count; row++) {
        const char *before = print_time(out, t, put_text) ? "\t" : "";

        for (size_t i = 0; i < t->column_count; i++) {
            struct cell cell;

            if (!print_has_place(t, i))
                continue;
            cell = table_cell(t, row, i);
            fputs(before, out);
            print_bare_cell(out, &cell, "", put_text);
            before = "\t";
        }
        fputc('\n', out);
    }
}

const struct format tsv_format = {
    .name = "tsv",
    .help = "tab-separated with a header; every field, trends where `show` names them; with --watch one header, and `at` first",
    .wide = true,
    .write = write_tsv,
};
