/* A table of sums: finds the group of each row, adds up, and gives the cells. */
#include "show/group.h"

#include "base/finder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of one column, over the rows of a group. */
struct sum {
    double total, old; /* of what is fresh; of what is stale */
    size_t fresh, stale, unknown;
    bool estimated;
};

struct group {
    const char *name; /* borrowed; NULL: no value */
    double rows, answering;
};

struct groups {
    const struct column *by;
    const struct column *const *sums;
    size_t sum_count;
    struct group *all;
    struct sum *totals; /* sum_count of each */
    size_t room, total_room;
    struct finder finder; /* by name */
};

/* ---- the columns of every such table ---- */

static const struct column own_columns[] = {
    { .name = "count", .width = 7, .help = "rows of the group" },
    { .name = "coverage", .width = 8, .unit = UNIT_RATIO, .share = true, .help = "share of them that answers" },
    { 0 }
};
enum { COUNT, COVERAGE };

const struct column *group_column(const char *name)
{
    for (const struct column *c = own_columns; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* ---- finding a row's group ---- */

struct called {
    const struct groups *groups;
    const char *name;
};

static bool is_called(const void *arg, uint32_t group)
{
    const struct called *c = arg;
    const char *name = c->groups->all[group].name;

    return name && c->name ? strcmp(name, c->name) == 0 : name == c->name;
}

static uint32_t group_of(struct groups *g, const char *name)
{
    uint64_t hash = name ? text_hash(name, strlen(name)) : 0;
    uint32_t group = finder_find(&g->finder, hash, is_called,
                                 &(struct called){ g, name });

    if (group != UINT32_MAX)
        return group;
    group = finder_add(&g->finder, hash);
    g->all = xgrow(g->all, &g->room, group + 1, sizeof(*g->all));
    g->totals = xgrow(g->totals, &g->total_room, (group + 1) * g->sum_count + 1,
                      sizeof(*g->totals));
    g->all[group] = (struct group){ .name = name };
    memset(g->totals + group * g->sum_count, 0, g->sum_count * sizeof(*g->totals));
    return group;
}

/* ---- summing ---- */

/* `times`: an array's tasks that wait are one row, and its numbers are those of one. */
static void add(struct sum *s, const struct cell *cell, double times)
{
    /* What has a word of its own for it, as "not metered", misses nothing. */
    if (cell->type == CELL_NONE) {
        s->unknown += !cell->text;
    } else if (cell->quality == GW_STALE) {
        s->old += cell->number * times;
        s->stale++;
    } else {
        s->total += cell->number * times;
        s->estimated |= cell->quality == GW_ESTIMATED;
        s->fresh++;
    }
}

static void add_row(struct groups *g, const struct model *m, const struct view *v,
                    uint32_t row, size_t group)
{
    double times = v->rows == GW_JOB ? model_job_tasks(m, row) : 1;

    g->all[group].rows += times;
    g->all[group].answering += model_answers(m, v->rows, row) ? times : 0;
    for (size_t c = 0; c < g->sum_count; c++) {
        struct cell cell;

        if (g->sums[c]->counts && !g->sums[c]->counts(m, row))
            continue;
        cell = column_cell(g->sums[c], m, row);
        add(&g->totals[group * g->sum_count + c], &cell, times);
    }
}

/* What a model's server or a MIG instance has, its model or GPU has, too: in one group
 * with it, it would count twice. */
static bool is_in_whole(const struct model *m, enum gw_kind kind, uint32_t row,
                        const uint32_t *groups)
{
    struct row up = { kind, row };

    for (unsigned left = model_depth(m, kind, row); left > 0; left--) {
        up = model_parent(m, kind, up.id);
        if (up.id != GW_NONE && up.kind == kind && groups[up.id] == groups[row])
            return true;
    }
    return false;
}

/* Of domains, none of whose columns does, each is counted. */
static bool adds_up(const struct view *v)
{
    for (const struct column *c = v->columns; c->name; c++)
        if (c->sums)
            return true;
    return false;
}

struct groups *groups_new(const struct model *m, const struct view *v,
                          const struct column *by, const struct column *const *sums,
                          const uint32_t *rows, size_t count)
{
    struct groups *g = xcalloc(1, sizeof(*g));
    /* by row: its group plus one */
    uint32_t *at = xcalloc(model_rows(m, v->rows) + 1, sizeof(*at));

    g->by = by;
    g->sums = sums;
    while (sums[g->sum_count])
        g->sum_count++;
    for (size_t i = 0; i < count; i++) {
        struct cell value = column_value(by, m, rows[i]);

        at[rows[i]] = group_of(g, value.type == CELL_TEXT && *value.text ? value.text
                                                                         : NULL) +
                      1;
    }
    for (size_t i = 0; i < count; i++)
        if (!adds_up(v) || !is_in_whole(m, v->rows, rows[i], at))
            add_row(g, m, v, rows[i], at[rows[i]] - 1);
    free(at);
    return g;
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    free(g->all);
    free(g->totals);
    finder_clear(&g->finder);
    free(g);
}

size_t groups_count(const struct groups *g)
{
    return g->finder.count;
}

const char *group_name(const struct groups *g, size_t group)
{
    return g->all[group].name;
}

static struct cell sum_cell(const struct sum *s, enum unit unit)
{
    struct cell cell = cell_number(s->fresh ? s->total : s->stale ? s->old : NAN, unit);

    if (!s->fresh && s->stale)
        cell.quality = GW_STALE;
    else if (s->estimated || s->stale || s->unknown)
        cell.quality = GW_ESTIMATED;
    return cell;
}

struct cell group_cell(const struct groups *g, size_t group, const struct column *column)
{
    const struct group *of = &g->all[group];

    if (column == g->by)
        return cell_string(of->name);
    if (column == &own_columns[COUNT])
        return cell_number(of->rows, UNIT_NONE);
    if (column == &own_columns[COVERAGE])
        return cell_number(of->answering / of->rows, UNIT_RATIO);
    for (size_t c = 0; c < g->sum_count; c++)
        if (g->sums[c] == column)
            return sum_cell(&g->totals[group * g->sum_count + c], column->unit);
    return cell_string(NULL);
}
