/* What callers see of a query: its view, its time, complaints, and the end of it. */
#include "show/query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "show/query_inside.h"

static void free_expr(struct expr *e)
{
    name_set_free(e->names);
    pcre2_code_free(e->regex);
    pcre2_match_data_free(e->match);
    pcre2_match_context_free(e->limits);
}

void query_free(struct query *q)
{
    if (!q)
        return;
    for (struct expr *e = q->owners; e; e = e->next_owner)
        free_expr(e);
    name_set_free(q->named);
    arena_free(q->arena); /* the query itself lives in it */
}

const struct view *query_view(const struct query *q)
{
    return q->view;
}

const struct column *query_sums_by(const struct query *q)
{
    return q->by;
}

size_t query_limit(const struct query *q)
{
    return q->limit;
}

/* ---- what it reads ---- */

static void column_reads(const struct column *c, struct query_needs *needs)
{
    if (!c)
        return;
    needs->anything |= (c->cell || c->says) && !c->reads;
    needs->trends |= c->trend;
    if (c->has_metric)
        needs->metrics[c->metric] = true;
    for (const uint16_t *metric = c->reads; metric && *metric != METRIC_NONE; metric++)
        needs->metrics[*metric] = true;
}

static void texts_read(const struct view *v, struct query_needs *needs)
{
    for (const struct column *c = v->columns; c && c->name; c++)
        if (c->text)
            column_reads(c, needs);
}

static void expr_reads(const struct query *q, const struct expr *e,
                       struct query_needs *needs)
{
    if (e->type == EXPR_ROW_CONTAINS)
        texts_read(q->view, needs);
    for (const struct expr *part = e->parts; part; part = part->next)
        expr_reads(q, part, needs);
    column_reads(e->column, needs);
    column_reads(e->other, needs);
}

static void sorting_reads(const struct query *q, struct query_needs *needs)
{
    struct sort_key own[QUERY_MOST_SORTS];
    const struct sort_key *keys = q->sort_count ? q->sorts : own;
    size_t count = q->sort_count ? q->sort_count
                                 : query_sorts(q->view, q->view->sort, own);

    for (size_t i = 0; i < count; i++)
        column_reads(keys[i].column, needs);
}

static void showing_reads(const struct query *q, bool wide, struct query_needs *needs)
{
    for (size_t i = 0; q->show && i < q->show_count; i++)
        column_reads(q->show[i], needs);
    for (const struct column *c = q->show ? NULL : q->view->columns; c && c->name; c++)
        if ((wide || c->priority > 0) && (!q->by || c->sums))
            column_reads(c, needs);
    column_reads(q->by, needs);
}

static bool has_star(const struct expr *e)
{
    bool is_text = e->type == EXPR_TEXT || e->type == EXPR_CONTAINS ||
                   e->type == EXPR_ROW_CONTAINS;

    for (const struct expr *part = e->parts; part; part = part->next)
        if (has_star(part))
            return true;
    return is_text && e->text && strchr(e->text, '*');
}

const char *query_hint(const struct query *q)
{
    bool stars = q->where && has_star(q->where);

    for (size_t i = 0; i < q->name_count; i++)
        stars |= strchr(q->names[i], '*') != NULL;
    return stars ? "* stands for itself; name ~ h2 finds a part, name =~ ^h2 a pattern"
                 : "";
}

bool query_chooses(const struct query *q)
{
    return q->where || q->named;
}

void query_reads(const struct query *q, bool shown, bool wide, struct query_needs *needs)
{
    needs->anything |= q->view->is_row != NULL;
    if (q->where)
        expr_reads(q, q->where, needs);
    sorting_reads(q, needs);
    if (shown)
        showing_reads(q, wide, needs);
}

bool query_has_time(const struct query *q, double now, double *at)
{
    if (!q->at)
        return false;
    *at = text_parse_past(q->at, now);
    return !isnan(*at);
}

char *query_complaint(const char *text, size_t column, const struct err *err)
{
    struct arena *a = arena_new();
    size_t len = strlen(text);
    char *line = arena_alloc(a, 3 * len + 1), *start = arena_alloc(a, 3 * len + 1),
         *complaint;
    int before;

    if (column > len)
        column = len;
    text_clean(line, 3 * len + 1, text, len);
    text_clean(start, 3 * len + 1, text, column);
    before = text_width(start);
    complaint =
        xstrdup(arena_printf(a, "%s\n  %s\n  %*s^\n", err->text, line, before, ""));
    arena_free(a);
    return complaint;
}
