/* -o value: nothing but the values, tab-separated, for `read` in a shell. The unknown is
 * "-", for a shell takes two tabs for one. */
#include "show/format.h"
#include "show/print.h"

static void put_text(FILE *out, const char *text)
{
    if (!*text)
        fputc('-', out);
    print_unquoted(out, text);
}

static void write_value(const struct table *t, FILE *out)
{
    print_rows(out, t,
               &(struct print_form){
                   .between = "\t", .end = "\n", .unknown = "-", .put_text = put_text });
}

const struct format value_format = {
    .name = "value",
    .help = "the values alone, tab-separated, without a header; trends where `show` names them",
    .write = write_value,
};
