/* Where a name stands among all of its kind, and a text that is one row's alone among all
 * of its column. A million of them are compared once, and not each time a table is sorted
 * by them: in the midst of a settle, where somebody looks on who may ask for it, else
 * when it is asked for. It is kept until one of them changes. */
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
    bool in_pieces; /* between which others look */
};

static const char *text_of_row(const void *of, uint32_t row)
{
    const struct texts_of *t = of;

    return t->column ? texts_of(&t->model->texts, text_at(t->column, row))
                     : entity_of(t->model, t->kind, row)->name;
}

static void let_others_look(const void *of)
{
    const struct texts_of *t = of;

    if (t->in_pieces)
        look_now(t->model);
}

static void let_look_at(const struct texts_of *t, size_t done)
{
    if (t->in_pieces)
        let_look(t->model, done);
}

/* Rows that have a text: in the order of the screen, which mostly is that of the names,
 * too. */
static size_t take_rows(const struct texts_of *t, uint32_t *rows)
{
    const uint32_t *order = t->column ? NULL : model_order(t->model, t->kind);
    size_t count = t->model->rows[t->kind].count, known = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t row = order ? order[i] : (uint32_t)i;

        if (!t->column || text_at(t->column, row))
            rows[known++] = row;
        let_look_at(t, i);
    }
    return known;
}

/* ---- places ---- */

/* Of two texts in a row. No two rows of a kind have the same name. */
static bool are_same(const struct texts_of *t, uint32_t a, uint32_t b)
{
    return t->column && text_at(t->column, a) == text_at(t->column, b);
}

/* Who looks on may ask for them meanwhile, and find them himself: nothing is touched
 * before all is known. */
static void find_places(const struct texts_of *t, struct text_places *p)
{
    struct text_list list = { .text = text_of_row, .pause = let_others_look, .of = t };
    size_t count = t->model->rows[t->kind].count;
    uint32_t *rows = xrealloc(NULL, count, sizeof(*rows)), *by_row, place = 0;
    size_t known = take_rows(t, rows);

    text_sort(&list, rows, known);
    by_row = xrealloc(NULL, count, sizeof(*by_row));
    memset(by_row, 0xff, count * sizeof(*by_row));
    for (size_t i = 0; i < known; i++) {
        place += i && !are_same(t, rows[i - 1], rows[i]);
        by_row[rows[i]] = place;
        let_look_at(t, i);
    }
    free(rows);
    free(p->by_row);
    *p = (struct text_places){ .by_row = by_row,
                               .count = known ? place + 1 : 0,
                               .known = true };
    p->all_differ = p->count == known;
}

static struct places told(const struct text_places *p)
{
    return (struct places){ p->by_row, p->count, p->all_differ };
}

struct places model_name_places(const struct model *m, enum gw_kind kind)
{
    struct text_places *p = &m->name_places[kind];

    if (!p->known)
        find_places(&(struct texts_of){ m, NULL, kind, false }, p);
    return told(p);
}

struct places model_text_places(const struct model *m, uint16_t metric)
{
    struct column *c = metric < m->column_count ? &m->columns[metric] : NULL;

    if (!c || !c->stamps || !c->of_one)
        return (struct places){ 0 };
    if (!c->places.known)
        find_places(&(struct texts_of){ m, c, c->kind, false }, &c->places);
    return told(&c->places);
}

/* ---- before anybody asks ---- */

/* While rows come with every settle, it would be found for nothing. */
static void ripen(const struct texts_of *t, struct text_places *p)
{
    if (!p->changed && !p->known)
        find_places(t, p);
    p->changed = false;
}

void places_ripen(struct model *m)
{
    static const enum gw_kind many[] = { GW_NODE, GW_GPU };

    if (!m->onlooker)
        return;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        ripen(&(struct texts_of){ m, NULL, many[i], true }, &m->name_places[many[i]]);
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && m->columns[i].of_one)
            ripen(&(struct texts_of){ m, &m->columns[i], m->columns[i].kind, true },
                  &m->columns[i].places);
}
