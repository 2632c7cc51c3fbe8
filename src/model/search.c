/* Which names and texts a part is in. They lie one after another in memory, so that a
 * million of them are searched as one long text, and only those that have it are looked
 * at singly. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdlib.h>

enum { FEW = 1024 };

/* Where what has it begins, as it lies in memory. */
struct found {
    const char **texts;
    size_t count, room;
    size_t next; /* the first that does not lie before the last one asked for: mostly they
                    are asked for in a row */
};

struct text_search {
    unsigned char *texts, *rows[GW_KINDS]; /* by id, which have it; NULL: none */
};

struct stretch {
    const char *bytes;
    size_t size;
};

struct stretches {
    struct stretch *of;
    size_t count, room;
};

/* ---- where they lie ---- */

static void add_stretch(void *arg, const char *bytes, size_t size)
{
    struct stretches *s = arg;

    s->of = xgrow(s->of, &s->room, s->count + 1, sizeof(*s->of));
    s->of[s->count++] = (struct stretch){ bytes, size };
}

static int by_address(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;

    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* ---- the search ---- */

static void add_text(struct found *f, const char *text)
{
    f->texts = xgrow(f->texts, &f->room, f->count + 1, sizeof(*f->texts));
    f->texts[f->count++] = text;
}

/* The rest of a name that a shorter one took the place of may be found, too, and is
 * nobody's. */
static void search_stretch(struct found *f, struct stretch in, const char *part)
{
    const char *at = in.bytes, *end = in.bytes + in.size, *found;

    while (at < end && (found = text_find(at, (size_t)(end - at - 1), part))) {
        while (found > at && found[-1])
            found--;
        add_text(f, found);
        at = found + strlen(found) + 1;
    }
}

/* Takes the stretches. */
static struct found search(struct stretches in, const char *part)
{
    struct found f = { 0 };

    qsort(in.of, in.count, sizeof(*in.of), by_address);
    for (size_t i = 0; i < in.count; i++)
        search_stretch(&f, in.of[i], part);
    free(in.of);
    return f;
}

static struct found search_names(const struct model *m, const char *part)
{
    struct stretches in = { 0 };

    arena_each_block(m->names, add_stretch, &in);
    return search(in, part);
}

static struct found search_texts(const struct model *m, const char *part)
{
    struct stretches in = { 0 };

    texts_each_block(&m->texts, add_stretch, &in);
    return search(in, part);
}

/* ---- what was found ---- */

/* The first that does not lie before the text. */
static size_t first_from(const struct found *f, const char *text)
{
    size_t first = 0, end = f->count;

    while (first < end) {
        size_t middle = first + (end - first) / 2;

        if (f->texts[middle] < text)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

static bool is_first_from(const struct found *f, size_t at, const char *text)
{
    return (at == f->count || f->texts[at] >= text) &&
           (at == 0 || f->texts[at - 1] < text);
}

static bool was_found(struct found *f, const char *text)
{
    if (!is_first_from(f, f->next, text)) {
        f->next += f->next < f->count;
        if (!is_first_from(f, f->next, text))
            f->next = first_from(f, text);
    }
    return f->next < f->count && f->texts[f->next] == text;
}

/* ---- what has it, by id ---- */

static void mark_found_texts(const struct texts *t, const struct found *f,
                             unsigned char *marks)
{
    for (size_t i = 0; i < f->count; i++)
        marks[texts_find(t, f->texts[i])] = 1;
    marks[0] = 0; /* what was swept has no id */
}

static void mark_each_text(const struct texts *t, struct found *f, unsigned char *marks)
{
    for (uint32_t id = 1; id < t->count; id++)
        marks[id] = t->places[id] && was_found(f, text_kept(&t->pool, t->places[id]));
}

static unsigned char *mark_texts(const struct texts *t, struct found *f)
{
    unsigned char *marks = f->count ? xcalloc(t->count, 1) : NULL;

    if (f->count && f->count <= FEW)
        mark_found_texts(t, f, marks);
    else if (f->count)
        mark_each_text(t, f, marks);
    return marks;
}

static void mark_row(unsigned char **marks, const struct rows *r, uint32_t row)
{
    if (!*marks)
        *marks = xcalloc(r->count, 1);
    (*marks)[row] = 1;
}

static void mark_found_rows(const struct model *m, const struct found *f,
                            unsigned char *marks[GW_KINDS])
{
    for (size_t i = 0; i < f->count; i++)
        for (int kind = 0; kind < GW_KINDS; kind++) {
            const char *name = f->texts[i];
            uint32_t row = rows_find(m, kind, batch_hash(kind, name, strlen(name)), name);

            if (row != GW_NONE && m->rows[kind].entities[row].name == name)
                mark_row(&marks[kind], &m->rows[kind], row);
        }
}

static void mark_each_row(const struct model *m, struct found *f,
                          unsigned char *marks[GW_KINDS])
{
    for (int kind = 0; kind < GW_KINDS; kind++)
        for (size_t row = 0; kind != GW_JOB && row < m->rows[kind].count; row++)
            if (was_found(f, m->rows[kind].entities[row].name))
                mark_row(&marks[kind], &m->rows[kind], (uint32_t)row);
}

/* ---- for those who ask ---- */

struct text_search *text_search_new(const struct model *m, const char *part)
{
    struct text_search *s = xcalloc(1, sizeof(*s));
    struct found texts = search_texts(m, part), names = search_names(m, part);

    s->texts = mark_texts(&m->texts, &texts);
    if (names.count <= FEW)
        mark_found_rows(m, &names, s->rows);
    else
        mark_each_row(m, &names, s->rows);
    free(texts.texts);
    free(names.texts);
    return s;
}

void text_search_free(struct text_search *s)
{
    if (!s)
        return;
    for (int kind = 0; kind < GW_KINDS; kind++)
        free(s->rows[kind]);
    free(s->texts);
    free(s);
}

const unsigned char *text_search_texts(const struct text_search *s)
{
    return s->texts;
}

const unsigned char *text_search_rows(const struct text_search *s, enum gw_kind kind)
{
    return s->rows[kind];
}
