/* -o json: one object with what was asked, how complete the answer is, and the rows.
 * Fields are only ever added while the number behind the schema's name stays the same. */
#include "show/format.h"
#include "show/print.h"

static void write_coverage(const struct coverage *c, FILE *out)
{
    fprintf(out, "{\"expected\":%zu,\"ok\":%zu,\"stale\":%zu,\"down\":%zu,\"never\":%zu}",
            c->expected, c->ok, c->stale, c->down, c->never);
}

static void write_errors(const struct table *t, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; i < t->error_count; i++) {
        fputs(i ? ",{\"target\":" : "{\"target\":", out);
        print_json_string(out, t->errors[i].target);
        fputs(",\"error\":", out);
        print_json_string(out, t->errors[i].text);
        fputc('}', out);
    }
    fputc(']', out);
}

static void write_json(const struct table *t, FILE *out)
{
    struct cell at = cell_number(t->at, UNIT_TIME),
                site = cell_string(model_site(t->model));

    fprintf(out, "{\"schema\":\"gigawatch.%s%s%s/1\",\"at\":", t->view->kind, t->groups ? "_by_" : "",
            t->groups ? t->columns[0]->name : "");
    print_json_cell(out, &at);
    fputs(",\"site\":", out);
    print_json_cell(out, &site);
    fputs(",\"coverage\":", out);
    write_coverage(&t->coverage, out);
    fputs(",\"errors\":", out);
    write_errors(t, out);
    fputs(",\"items\":[", out);
    for (size_t row = 0; row < t->row_count; row++) {
        fputs(row ? ",\n" : "\n", out);
        print_json_row(out, t, row);
    }
    fputs(t->row_count ? "\n]}\n" : "]}\n", out);
}

const struct format json_format = {
    .name = "json",
    .help = "one object: schema, time, coverage, errors and the items; every field",
    .wide = true,
    .write = write_json,
};
