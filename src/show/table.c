/* From a query and the model to rows in order. */
#include "show/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "show/query_inside.h"
#include "show/table_sort.h"

enum { MOST_ERRORS = 1000 };

/* ---- rows ---- */

static bool is_chosen_from(const struct query *q)
{
    return q && (q->where || q->named);
}

/* All rows of the view: in the order of the screen, but where most are left out before
 * anybody sees them. */
static void take_rows(struct table *t, const struct query *q)
{
    enum gw_kind kind = t->view->rows;
    size_t count = model_rows(t->model, kind);
    const uint32_t *order = is_chosen_from(q) ? NULL : model_order(t->model, kind);
    bool all = !t->view->is_row && model_is_full(t->model, kind);

    t->rows = xrealloc(NULL, count, sizeof(*t->rows));
    if (all && order && count) {
        memcpy(t->rows, order, count * sizeof(*order));
        t->row_count = count;
    }
    for (size_t i = t->row_count; i < count; i++) {
        uint32_t row = order ? order[i] : (uint32_t)i;

        if (all || (model_name(t->model, kind, row) &&
                    (!t->view->is_row || t->view->is_row(t->model, row))))
            t->rows[t->row_count++] = row;
    }
    t->total = t->row_count;
}

static void keep_named(struct table *t, struct name_set *names)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->row_count; i++)
        if (name_set_has(names, model_name(t->model, t->view->rows, t->rows[i])))
            t->rows[kept++] = t->rows[i];
    t->row_count = kept;
}

static void filter(struct table *t, const struct query *q)
{
    uint8_t *verdicts = xcalloc(t->row_count + 1, 1);
    size_t kept = 0;

    query_judge(q, t->model, t->rows, t->row_count, verdicts);
    for (size_t i = 0; i < t->row_count; i++) {
        t->unknown += verdicts[i] == VERDICT_UNKNOWN;
        t->rows[kept] = t->rows[i];
        kept += verdicts[i] == VERDICT_YES;
    }
    t->row_count = kept;
    free(verdicts);
}

/* The rows that the query means. */
static void choose_rows(struct table *t, const struct query *q)
{
    take_rows(t, q);
    if (!is_chosen_from(q))
        return;
    if (q->named)
        keep_named(t, q->named);
    if (q->where)
        filter(t, q);
    model_arrange(t->model, t->view->rows, t->rows, t->row_count);
}

/* ---- columns ---- */

static void take_columns(struct table *t, const struct query *q, bool wide)
{
    size_t count = 0;

    for (const struct column *c = t->view->columns; c && c->name; c++)
        count++;
    if (q && q->show)
        count = q->show_count;
    t->columns = xcalloc(count + 1, sizeof(*t->columns));
    if (q && q->show) {
        memcpy(t->columns, q->show, count * sizeof(*t->columns));
        t->column_count = count;
        t->is_chosen = true;
        return;
    }
    for (const struct column *c = t->view->columns; c && c->name; c++)
        if (wide || c->priority > 0)
            t->columns[t->column_count++] = c;
}

/* ---- sums ---- */

static void take_sums(struct table *t, const struct query *q, bool wide)
{
    size_t count = 0;

    for (const struct column *c = t->view->columns; c && c->name; c++)
        count++;
    t->sums = xcalloc(count + q->show_count + 1, sizeof(*t->sums));
    t->columns = xcalloc(count + q->show_count + 4, sizeof(*t->columns));
    count = 0;
    for (size_t i = 0; i < q->show_count; i++)
        t->sums[count++] = q->show[i];
    for (const struct column *c = q->show ? NULL : t->view->columns; c && c->name; c++)
        if (c->sums && (wide || c->priority > 0))
            t->sums[count++] = c;
    t->columns[0] = q->by;
    t->columns[1] = group_column("count");
    t->columns[2] = group_column("coverage");
    memcpy(t->columns + 3, t->sums, count * sizeof(*t->sums));
    t->column_count = count + 3;
}

/* A group on its way to its place: qsort() tells its comparison nothing but these. */
struct placed {
    const struct groups *of;
    const struct sort_key *keys;
    size_t key_count;
    uint32_t group;
};

/* The unknown last, whichever way. */
static int compare_cells(const struct cell *a, const struct cell *b, bool down)
{
    int order;

    if (a->type == CELL_NONE || b->type == CELL_NONE)
        return (a->type == CELL_NONE) - (b->type == CELL_NONE);
    order = a->type == CELL_TEXT ? text_natural(a->text, b->text)
                                 : (a->number > b->number) - (a->number < b->number);
    return down ? -order : order;
}

static int compare_groups(const void *x, const void *y)
{
    const struct placed *a = x, *b = y;
    int order = 0;

    for (size_t i = 0; i < a->key_count && order == 0; i++) {
        struct cell left = group_cell(a->of, a->group, a->keys[i].column),
                    right = group_cell(b->of, b->group, b->keys[i].column);

        order = compare_cells(&left, &right, a->keys[i].down);
    }
    return order ? order : (a->group > b->group) - (a->group < b->group);
}

static void sort_groups(struct table *t, const struct sort_key *keys, size_t key_count)
{
    struct placed *all = xcalloc(t->row_count + 1, sizeof(*all));

    for (uint32_t i = 0; i < t->row_count; i++)
        all[i] = (struct placed){ t->groups, keys, key_count, i };
    qsort(all, t->row_count, sizeof(*all), compare_groups);
    for (size_t i = 0; i < t->row_count; i++)
        t->rows[i] = all[i].group;
    free(all);
}

/* The rows become groups: no more than there were rows. Unless told otherwise, those that
 * add up to most come first. */
static void sum_rows(struct table *t, const struct query *q)
{
    const struct sort_key own[] = {
        { t->column_count > 3 ? t->columns[3] : t->columns[1], true }, { q->by, false }
    };

    t->summed = t->row_count;
    t->groups = groups_new(t->model, t->view, q->by, t->sums, t->rows, t->row_count);
    t->row_count = groups_count(t->groups);
    if (q->sort_count)
        sort_groups(t, q->sorts, q->sort_count);
    else
        sort_groups(t, own, 2);
}

/* ---- errors ---- */

static bool is_well(const char *state)
{
    static const char *const words[] = { "ok", "connecting", "never", "paused" };

    for (size_t i = 0; state && i < sizeof(words) / sizeof(*words); i++)
        if (strcmp(state, words[i]) == 0)
            return true;
    return !state;
}

static void add_error(struct table *t, const char *target, const char *text)
{
    if (t->error_count < MOST_ERRORS)
        t->errors[t->error_count++] = (struct table_error){ target, text };
}

static void take_errors(struct table *t, const struct query *q)
{
    size_t sources = model_rows(t->model, GW_SOURCE);
    const uint32_t *order = model_order(t->model, GW_SOURCE);

    t->errors = xcalloc(sources + (q ? q->name_count : 0), sizeof(*t->errors));
    for (size_t i = 0; i < sources; i++) {
        uint32_t row = order[i];
        const char *state = model_text(t->model, M_SOURCE_STATE, row);
        const char *reason = model_text(t->model, M_SOURCE_REASON, row);

        if (!is_well(state))
            add_error(t, model_name(t->model, GW_SOURCE, row),
                      reason && *reason ? reason : state);
    }
    /* A name that is not there is an answer that somebody did not get. */
    for (size_t i = 0; q && i < q->name_count; i++)
        if (model_find(t->model, t->view->rows, q->names[i]) == GW_NONE)
            add_error(t, q->names[i], "no row has this name");
}

/* ---- all ---- */

static struct table *table_start(const struct model *m, const struct view *v,
                                 const struct query *q)
{
    struct table *t = xcalloc(1, sizeof(*t));

    t->view = v;
    t->model = m;
    t->query = q;
    t->at = model_now(m);
    t->coverage = model_coverage(m);
    choose_rows(t, q);
    return t;
}

struct table *table_new(const struct model *m, const struct query *q, bool wide)
{
    struct table *t = table_start(m, q->view, q);
    struct sort_key own[QUERY_MOST_SORTS];
    size_t own_count = query_sorts(q->view, q->view->sort, own);

    if (q->by) {
        take_sums(t, q, wide);
        sum_rows(t, q);
    } else {
        table_sort(m, t->view->rows, t->rows, t->row_count,
                   q->sort_count ? q->sorts : own,
                   q->sort_count ? q->sort_count : own_count);
        take_columns(t, q, wide);
    }
    if (t->row_count > q->limit)
        t->row_count = q->limit;
    take_errors(t, q);
    return t;
}

struct table *table_of_view(const struct model *m, const struct view *v,
                            const struct query *q, const char *sort)
{
    struct table *t = table_start(m, v, q);
    struct sort_key keys[QUERY_MOST_SORTS];
    size_t key_count = query_sorts(v, sort ? sort : v->sort, keys);

    table_sort(m, t->view->rows, t->rows, t->row_count, keys, key_count);
    take_columns(t, NULL, false);
    take_errors(t, NULL);
    return t;
}

void table_turn_to(struct table *t, const struct model *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->row_count; i++) {
        uint32_t row = model_find(m, t->view->rows,
                                  model_name(t->model, t->view->rows, t->rows[i]));

        if (row != GW_NONE)
            t->rows[kept++] = row;
    }
    t->row_count = kept;
    t->model = m;
}

uint32_t *table_take_rows(struct table *t)
{
    uint32_t *rows = t->rows;

    t->rows = NULL;
    return rows;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    groups_free(t->groups);
    free(t->sums);
    free(t->columns);
    free(t->rows);
    free(t->errors);
    free(t);
}

const char *table_name(const struct table *t, size_t row)
{
    const char *name = t->groups ? group_name(t->groups, t->rows[row])
                                 : model_name(t->model, t->view->rows, t->rows[row]);

    return name ? name : "—";
}

struct cell table_cell(const struct table *t, size_t row, size_t column)
{
    if (t->groups) {
        struct cell cell = group_cell(t->groups, t->rows[row], t->columns[column]);

        cell.share = t->columns[column]->share;
        return cell;
    }
    return column_cell(t->columns[column], t->model, t->rows[row]);
}
