/* Rows summed by what stands in one of their fields: "gpus by tag" has a row for each
 * tag, with how many GPUs have it, how many of these answer, and the sums of what adds up
 * (column.sums). Who has none is a group of its own. Where rows add up, a part of a row
 * in the same group, as a model's server, counts with that.
 *
 * A sum is of what is known and fresh: with gaps it is estimated, never filled in; where
 * all that is known is old, so is it. */
#ifndef SHOW_GROUP_H
#define SHOW_GROUP_H

#include "show/view.h"

struct groups;

/* The groups of these rows. `sums` ends with NULL; it, `by` and the model are
 * borrowed. */
struct groups *groups_new(const struct model *m, const struct view *v,
                          const struct column *by, const struct column *const *sums,
                          const uint32_t *rows, size_t count);
void groups_free(struct groups *g);
size_t groups_count(const struct groups *g);

/* NULL: that of those who have no value. */
const char *group_name(const struct groups *g, size_t group);
/* Of `by`, of one of the sums, or of one of the two columns below. */
struct cell group_cell(const struct groups *g, size_t group, const struct column *column);

/* The columns that every such table has: "count" and "coverage". NULL: `name` is
 * neither. */
const struct column *group_column(const char *name);

#endif
