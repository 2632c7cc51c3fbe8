/* -o ndjson: an object a line, for streams and jq. */
#include "show/format.h"
#include "show/print.h"

static void write_ndjson(const struct table *t, FILE *out)
{
    for (size_t row = 0; row < t->row_count; row++) {
        print_json_row(out, t, row);
        fputc('\n', out);
    }
}

const struct format ndjson_format = {
    .name = "ndjson",
    .help = "an object a line; every field",
    .wide = true,
    .write = write_ndjson,
};
