/* -o csv: RFC 4180, with a header; what is unknown is empty. */
#include <string.h>

#include "show/format.h"
#include "show/print.h"

static void put_text(FILE *out, const char *text)
{
    if (*text && !strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    /* An empty text is quoted, so that it is not taken for an unknown one. */
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_csv(const struct table *t, FILE *out)
{
    print_header(out, t, ",", "\r\n");
    for (size_t row = 0; row < t->row_count; row++) {
        const char *before = print_time(out, t, put_text) ? "," : "";

        for (size_t i = 0; i < t->column_count; i++) {
            struct cell cell;

            if (!print_has_place(t, i))
                continue;
            cell = table_cell(t, row, i);
            fputs(before, out);
            print_bare_cell(out, &cell, "", put_text);
            before = ",";
        }
        fputs("\r\n", out);
    }
}

const struct format csv_format = {
    .name = "csv",
    .help = "comma-separated with a header (RFC 4180); every field, trends where `show` names them; with --watch one header, and `at` first",
    .wide = true,
    .write = write_csv,
};
