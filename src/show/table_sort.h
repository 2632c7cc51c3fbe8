/* Sorting the rows of a table. Inside show/ only. */
#ifndef SHOW_TABLE_SORT_H
#define SHOW_TABLE_SORT_H

#include "show/query_inside.h"

/* Sorts rows by the keys, the first one first; equal rows keep their order, unknown ones
 * come last either way. */
void table_sort(const struct model *m, enum gw_kind kind, uint32_t *rows, size_t count,
                const struct sort_key *keys, size_t key_count);

#endif
