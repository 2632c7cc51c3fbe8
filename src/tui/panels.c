/* Panels of the wall: each is a query, asked again as the model changes. */
#include "tui/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "show/query.h"
#include "show/table.h"

struct panels {
    struct panel items[MOST_PANELS];
    struct query *queries[MOST_PANELS];
    bool shows[MOST_PANELS]; /* a number of the first row, not how many there are */
    size_t count;
    uint64_t version;
    double asked; /* steady */
};

/* One panel from "title: query"; false with *err. */
static bool add(struct panels *p, char *text, struct err *err)
{
    char *query = strchr(text, ':');
    struct err why;
    size_t at;

    if (p->count == MOST_PANELS || !query)
        return err_set_code(err, ERR_USAGE, p->count == MOST_PANELS
                                                ? "a wall has room for %d panels"
                                                : "a panel is \"title: query\", and %d of them parted by \";\" are a wall's",
                            MOST_PANELS) == 0;
    *query++ = '\0';
    query += strspn(query, " ");
    p->queries[p->count] = query_parse(query, &why, &at);
    if (!p->queries[p->count])
        return err_set_code(err, ERR_USAGE, "panel \"%.40s\": %.300s, at \"%.40s\"", text, why.text, query + at) == 0;
    if (query_sums_by(p->queries[p->count])) {
        query_free(p->queries[p->count]);
        return err_set_code(err, ERR_USAGE, "panel \"%.40s\": rows are listed there, not summed", text) == 0;
    }
    p->shows[p->count] = strstr(query, " show ") != NULL;
    text_clean(p->items[p->count].title, sizeof(p->items[0].title), text, strlen(text));
    p->count++;
    return true;
}

struct panels *panels_new(const char *text, struct err *err)
{
    struct panels *p = xcalloc(1, sizeof(*p));
    char *copy = xstrdup(text), *rest = copy, *one;
    bool is_sound = true;

    while (is_sound && (one = strsep(&rest, ";"))) {
        one += strspn(one, " ");
        if (*one)
            is_sound = add(p, one, err);
    }
    free(copy);
    if (is_sound)
        return p;
    panels_free(p);
    return NULL;
}

void panels_free(struct panels *p)
{
    for (size_t i = 0; p && i < p->count; i++)
        query_free(p->queries[i]);
    free(p);
}

/* The first row's number, and whose it is. */
static void show_first(struct panel *to, const struct table *t)
{
    struct cell cell = { .type = CELL_NONE };
    const char *name = t->row_count ? model_name(t->model, t->view->rows, t->rows[0])
                                    : NULL;

    for (size_t i = 0; i < t->column_count && t->row_count && cell.type == CELL_NONE; i++)
        if (strcmp(t->columns[i]->name, "name") != 0)
            cell = table_cell(t, 0, i);
    cell_format(to->number, sizeof(to->number), &cell, 0);
    if (cell.type != CELL_NONE && cell.quality == GW_STALE)
        text_add(to->number, sizeof(to->number), " ◐");
    snprintf(to->words, sizeof(to->words), "%.100s",
             name ? name : "nothing answers to it");
    to->level = cell.level;
}

static void show_count(struct panel *to, const struct table *t)
{
    struct cell shown = cell_number((double)t->row_count, UNIT_NONE),
                total = cell_number((double)t->total, UNIT_NONE);
    char of[32];

    cell_format(to->number, sizeof(to->number), &shown, 0);
    cell_format(of, sizeof(of), &total, 0);
    if (t->unknown > 0)
        snprintf(to->words, sizeof(to->words), "of %s %s, %zu unknown", of,
                 t->view->title, t->unknown);
    else
        snprintf(to->words, sizeof(to->words), "of %s %s", of, t->view->title);
    to->level = LEVEL_PLAIN;
}

void panels_refresh(struct panels *p, const struct model *m, double steady)
{
    if (p->asked && (model_version(m) == p->version || fabs(steady - p->asked) < 1))
        return;
    p->version = model_version(m);
    p->asked = steady > 0 ? steady : 1;
    for (size_t i = 0; i < p->count; i++) {
        struct table *t = table_new(m, p->queries[i], false);

        (p->shows[i] ? show_first : show_count)(&p->items[i], t);
        table_free(t);
    }
}

const struct panel *panels_items(const struct panels *p, size_t *count)
{
    *count = p->count;
    return p->items;
}
