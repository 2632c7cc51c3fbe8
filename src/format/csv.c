/* -o csv: RFC 4180, with a header; what is unknown is empty. A spreadsheet runs a text
 * that begins as a formula does, and tenants name their jobs: such a text has a ' before
 * it. Numbers are numbers. */
#include <string.h>

#include "show/format.h"
#include "show/print.h"

static const char *before(const char *text)
{
    return *text && strchr("=+-@", *text) ? "'" : "";
}

static void put_text(FILE *out, const char *text)
{
    if (*text && !strpbrk(text, ",\"\r\n")) {
        fprintf(out, "%s%s", before(text), text);
        return;
    }
    /* An empty text is quoted, so that it is not taken for an unknown one. */
    fprintf(out, "\"%s", before(text));
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
    print_rows(out, t,
               &(struct print_form){ .between = ",",
                                     .end = "\r\n",
                                     .unknown = "",
                                     .timed = true,
                                     .put_text = put_text });
}

const struct format csv_format = {
    .name = "csv",
    .help = "comma-separated with a header (RFC 4180); every field, trends where `show` names them; with --watch one header, and `at` first",
    .wide = true,
    .write = write_csv,
};
