/* -o tsv: tab-separated with a header, for cut and awk. What is unknown is empty. */
#include "show/format.h"
#include "show/print.h"

static void write_tsv(const struct table *t, FILE *out)
{
    print_header(out, t, "\t", "\n");
    print_rows(out, t,
               &(struct print_form){ .between = "\t",
                                     .end = "\n",
                                     .unknown = "",
                                     .timed = true,
                                     .put_text = print_unquoted });
}

const struct format tsv_format = {
    .name = "tsv",
    .help = "tab-separated with a header; every field, trends where `show` names them; with --watch one header, and `at` first",
    .wide = true,
    .write = write_tsv,
};
