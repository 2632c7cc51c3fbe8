/* Where a name stands among all of its kind, and a text that is one row's alone among all of its column. A million of them
 * are compared once, and not each time a table is sorted by them: in the midst of a settle, where somebody looks on who may
 * ask for it, else when it is asked for. It is kept until one of them changes. */
#include "base/arena.h"
#include "base/text_sort.h"
#include "model/inside.h"

#include <stdlib.h>

void places_free(struct text_places *p)
{
    free(p->by_row);
}

void places_forget(struct text_places *p)
{
    p->known = false;
    p->changed = true;
}

/* ---- what is sorted ---- */

struct texts_of {
    const struct model *model;
    const struct column *column; /* NULL: names */
    enum gw_kind kind;
};

static const char *text_of_row(const void *of, uint32_t row)
{
    const struct texts_of *t = of;

    return t->column ? texts_of(&t->model->texts, text_at(t->column, row)) : entity_of(t->model, t->kind, row)->name;
}

static void let_others_look(const void *of, size_t done)
{
    let_look(((const struct texts_of *)of)->model, done);
}

/* Rows that have a text: in the order of the screen, which mostly is that of the names, too. */
static size_t take_rows(const struct texts_of *t, uint32_t *rows)
{
    const uint32_t *order = t->column ? NULL : model_order(t->model, t->kind);
    size_t count = t->model->rows[t->kind].count, known = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t row = order ? order[i] : (uint32_t)i;

        if (text_of_row(t, row))
            rows[known++] = row;
    }
    return known;
}

/* ---- places ---- */

/* Equal texts share a place. */
static void take_places(const struct texts_of *t, const uint32_t *rows, size_t known, struct text_places *p)
{
    size_t count = t->model->rows[t->kind].count;
    uint32_t place = 0;

    p->by_row = xrealloc(p->by_row, count, sizeof(*p->by_row));
    memset(p->by_row, 0xff, count * sizeof(*p->by_row));
    for (size_t i = 0; i < known; i++) {
        place += i && strcmp(text_of_row(t, rows[i - 1]), text_of_row(t, rows[i])) != 0;
        p->by_row[rows[i]] = place;
    }
    p->count = known ? place + 1 : 0;
    p->all_differ = p->count == known;
    p->known = true;
}

static void find_places(const struct texts_of *t, struct text_places *p, bool in_pieces)
{
    uint32_t *rows = xrealloc(NULL, t->model->rows[t->kind].count, sizeof(*rows));
    size_t known = take_rows(t, rows);

    text_sort(&(struct text_list){ .text = text_of_row, .pause = in_pieces ? let_others_look : NULL, .of = t }, rows, known);
    take_places(t, rows, known, p);
    free(rows);
}

static struct places told(const struct text_places *p)
{
    return (struct places){ p->by_row, p->count, p->all_differ };
}

struct places model_name_places(const struct model *m, enum gw_kind kind)
{
    struct text_places *p = &m->name_places[kind];

    if (!p->known)
        find_places(&(struct texts_of){ m, NULL, kind }, p, false);
    return told(p);
}

struct places model_text_places(const struct model *m, uint16_t metric)
{
    struct column *c = metric < m->column_count ? &m->columns[metric] : NULL;

    if (!c || !c->stamps || !c->of_one)
        return (struct places){ 0 };
    if (!c->places.known)
        find_places(&(struct texts_of){ m, c, c->kind }, &c->places, false);
    return told(&c->places);
}

/* ---- before anybody asks ---- */

/* While rows come with every settle, it would be found for nothing. */
static void ripen(const struct texts_of *t, struct text_places *p)
{
    if (!p->changed && !p->known)
        find_places(t, p, true);
    p->changed = false;
}

void places_ripen(struct model *m)
{
    static const enum gw_kind many[] = { GW_NODE, GW_GPU };

    if (!m->onlooker)
        return;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        ripen(&(struct texts_of){ m, NULL, many[i] }, &m->name_places[many[i]]);
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && m->columns[i].of_one)
            ripen(&(struct texts_of){ m, &m->columns[i], m->columns[i].kind }, &m->columns[i].places);
}
