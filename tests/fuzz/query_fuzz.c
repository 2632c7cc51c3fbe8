/* Any text may be typed as a query: it is parsed or refused with a sentence and a place
 * inside the text; what is parsed is run, and what is being typed is completed. */
#include <assert.h>
#include <stdio.h>

#include "tests/lib/gpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void run(const struct model *m, const struct query *q)
{
    struct table *t = table_new(m, q, true);

    assert(t->row_count + t->unknown <= t->total);
    for (size_t row = 0; row < t->row_count; row++)
        for (size_t i = 0; i < t->column_count; i++)
            table_cell(t, row, i);
    table_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct model *m;
    char *text = xcalloc(len + 1, 1);
    struct err err = { 0 };
    struct query *q;
    size_t column = 0;

    if (!m)
        m = test_model();
    memcpy(text, bytes, len);
    q = query_parse_views(text, test_views, &err, &column);
    if (q) {
        run(m, q);
    } else {
        assert(err.text[0] && column <= strlen(text));
        free(query_complaint(text, column, &err));
    }
    query_free(q);
    q = query_parse_filter(&test_view, text, &err, &column);
    query_free(q);
    free(query_complete(text, m));
    free(text);
    return 0;
}
