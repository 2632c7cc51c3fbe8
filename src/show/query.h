/* The query: one grammar everywhere (gigawatch-query(7)).
 *
 *   KIND [NAME...] [where EXPR] [by FIELD] [show FIELD,...] [sort [-]FIELD,...] [limit N] [at TIME]
 */
#ifndef SHOW_QUERY_H
#define SHOW_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "show/view.h"

struct query;

/* Parses and resolves names of fields against the views. NULL with *err, whose text is
 * the message, and in *column (0-based byte offset in `text`) where it points: the caller
 * prints the query with a caret. */
struct query *query_parse(const char *text, struct err *err, size_t *column);
/* Only an EXPR, for a filter typed in a view of this kind. */
struct query *query_parse_filter(const struct view *v, const char *text, struct err *err,
                                 size_t *column);
void query_free(struct query *q);

const struct view *query_view(const struct query *q);
/* "by FIELD": rows are summed; NULL: they are listed */
const struct column *query_sums_by(const struct query *q);
size_t query_limit(const struct query *q);      /* SIZE_MAX: none */
/* What to say where no row was found, of a text that another tool would take for a
 * pattern ("name = h2*"). "": nothing. */
const char *query_hint(const struct query *q);
bool query_chooses(const struct query *q);      /* it names rows, or has a "where" */
struct query_needs {
    bool *metrics;              /* by id: read; filled in by the caller with false */
    bool anything;              /* a view does not say what it reads: these may not be
                                 * all */
    bool trends;                /* the past is read */
};
/* What is read to choose and sort the rows, and with `shown` what is shown, too. */
void query_reads(const struct query *q, bool shown, bool wide, struct query_needs *needs);
bool query_has_time(const struct query *q, double now, double *at);     /* "at TIME" */
/* The message, the query and a caret under the place, as one text; caller frees. */
char *query_complaint(const char *text, size_t column, const struct err *err);

/* ---- completion for the palette: words that may stand at the end of `text`; ""
 * separated by newlines ---- */
char *query_complete(const char *text, const struct model *m);

#endif
