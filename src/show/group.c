/* A table of sums: finds the group of each row, adds up, and gives the cells. */
#include "show/group.h"

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
    size_t count, room, total_room;
    uint32_t *slots; /* hash table by name: groups plus one */
    size_t slot_room;
};

/* ---- the columns of every such table ---- */

static const struct column own_columns[] = {
    { .name = "count", .width = 7, .help = "rows of the group" },
    { .name = "coverage", .width = 8, .unit = UNIT_RATIO, .help = "share of them that answers" },
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

static uint64_t hash_of(const char *name)
{
    return name ? text_hash(name, strlen(name)) : 0;
}

static bool is_called(const struct group *g, const char *name)
{
    return g->name && name ? strcmp(g->name, name) == 0 : g->name == name;
}

static size_t slot_of(const struct groups *g, const char *name)
{
    size_t at = hash_of(name) & (g->slot_room - 1);

    while (g->slots[at] && !is_called(&g->all[g->slots[at] - 1], name))
        at = (at + 1) & (g->slot_room - 1);
    return at;
}

static void grow_index(struct groups *g)
{
    free(g->slots);
    g->slot_room = g->slot_room ? 2 * g->slot_room : 64;
    g->slots = xcalloc(g->slot_room, sizeof(*g->slots));
    for (uint32_t i = 0; i < g->count; i++)
        g->slots[slot_of(g, g->all[i].name)] = i + 1;
}

static size_t group_of(struct groups *g, const char *name)
{
    size_t at;

    if (2 * g->count >= g->slot_room)
        grow_index(g);
    at = slot_of(g, name);
    if (!g->slots[at]) {
        g->all = xgrow(g->all, &g->room, g->count + 1, sizeof(*g->all));
        g->totals = xgrow(g->totals, &g->total_room, (g->count + 1) * g->sum_count + 1, sizeof(*g->totals));
        g->all[g->count] = (struct group){ .name = name };
        memset(g->totals + g->count * g->sum_count, 0, g->sum_count * sizeof(*g->totals));
        g->slots[at] = (uint32_t)++g->count;
    }
    return g->slots[at] - 1;
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

struct groups *groups_new(const struct model *m, const struct view *v, const struct column *by, const struct column *const *sums,
                          const uint32_t *rows, size_t count)
{
    struct groups *g = xcalloc(1, sizeof(*g));

    g->by = by;
    g->sums = sums;
    while (sums[g->sum_count])
        g->sum_count++;
    for (size_t i = 0; i < count; i++) {
        struct cell value = column_value(by, m, rows[i]);
        size_t at = group_of(g, value.type == CELL_TEXT && *value.text ? value.text : NULL);
        double times = v->rows == GW_JOB ? model_job_tasks(m, rows[i]) : 1;

        g->all[at].rows += times;
        g->all[at].answering += model_row_quality(m, v->rows, rows[i]) == GW_OK ? times : 0;
        for (size_t c = 0; c < g->sum_count; c++) {
            struct cell cell = column_cell(sums[c], m, rows[i]);

            add(&g->totals[at * g->sum_count + c], &cell, times);
        }
    }
    return g;
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    free(g->all);
    free(g->totals);
    free(g->slots);
    free(g);
}

size_t groups_count(const struct groups *g)
{
    return g->count;
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
