/* -o name: a name a line, for xargs and clush. */
#include "show/format.h"

static void write_name(const struct table *t, FILE *out)
{
    for (size_t row = 0; row < t->row_count; row++)
        fprintf(out, "%s\n", table_name(t, row));
}

const struct format name_format = {
    .name = "name",
    .help = "a name a line",
    .write = write_name,
};
