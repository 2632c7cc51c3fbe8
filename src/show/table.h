/* The answer to a query: rows in order, columns, and a cell for each pair. Cells are made
 * when asked for, so a table of a million rows costs its window. Borrows the model, and
 * is valid until the model's next apply. */
#ifndef SHOW_TABLE_H
#define SHOW_TABLE_H

#include "show/group.h"
#include "show/query.h"

struct table_error {
    const char *target, *text;
};

struct table {
    const struct view *view;
    const struct model *model;
    const struct column **columns;      /* ends with NULL */
    size_t column_count;
    uint32_t *rows;             /* of the model; of a table of sums: groups */
    size_t row_count;
    struct groups *groups;      /* the rows are sums ("by FIELD"); NULL: they are the
                                 * model's */
    size_t summed;              /* rows of the model that are in the groups */
    const struct column **sums; /* their columns, as groups_new() wants them */
    size_t total;               /* rows of the kind before the filter */
    size_t unknown;             /* rows the filter could not judge, because a field is
                                 * unknown */
    struct coverage coverage;
    struct table_error *errors; /* targets that fail now */
    size_t error_count;
    double at;                  /* time of the data */
    const struct query *query;  /* borrowed; may be NULL */
    bool is_watched;            /* one answer of several, each of its time, */
    bool goes_on;               /* and not the first */
    int fits;                   /* aligned for people: no wider, where columns can be
                                 * left out; 0: as wide as it takes */
    bool is_chosen;             /* the columns are those of the query's `show` */
};

/* `wide`: all columns; else those of priority above 0, or the query's own `show`. */
struct table *table_new(const struct model *m, const struct query *q, bool wide);
/* The rows of a view, filtered by `filter` (NULL: all) and sorted by "-power,name" (NULL:
 * the view's own, "" : the model's order). */
struct table *table_of_view(const struct model *m, const struct view *v,
                            const struct query *filter, const char *sort);
/* The same rows in another model, which knows them, too; borrows that one as well from
 * now on. */
void table_turn_to(struct table *t, const struct model *m);
/* Its row_count rows are the caller's from now on, who frees them, and asks for no cell
 * any more. */
uint32_t *table_take_rows(struct table *t);
void table_free(struct table *t);

/* What a row is called: of a sum, the value that its rows share, "—" where they have
 * none. */
const char *table_name(const struct table *t, size_t row);
struct cell table_cell(const struct table *t, size_t row, size_t column);

#endif
