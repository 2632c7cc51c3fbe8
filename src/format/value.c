/* -o value: nothing but the values, tab-separated, for `read` in a shell. The unknown is
 * "-", for a shell takes two tabs for one. */
#include "show/format.h"
#include "show/print.h"

static void put_text(FILE *out, const char *text)
{
    if (!*text)
        fputc('-', out);
    for (; *text; text++)
        fputc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static void write_value(const struct table *t, FILE *out)
{
    for (size_t row = 0; row < t->row_count; row++) {
        const char *before = "";

        for (size_t i = 0; i < t->column_count; i++) {
            struct cell cell;

            if (!print_has_place(t, i))
                continue;
            cell = table_cell(t, row, i);
            fputs(before, out);
            print_bare_cell(out, &cell, "-", put_text);
            before = "\t";
        }
        fputc('\n', out);
    }
}

const struct format value_format = {
    .name = "value",
    .help = "the values alone, tab-separated, without a header; trends where `show` names them",
    .write = write_value,
};
