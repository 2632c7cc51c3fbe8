/* Which names and texts a part is in. Texts that many rows share are few, and are looked
 * at at once; names, and texts that are one row's alone, when they are asked for. They lie
 * one after another in memory, so that a million of them are searched as one long text;
 * where many have it, each is looked at instead. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdlib.h>

enum {
    FEW = 1024,
    AHEAD = 16 /* texts are on their way from memory */
};

/* Where what has it begins, as it lies in memory. */
struct found {
    const char *texts[FEW];
    size_t count;
    bool are_more;
};

struct text_search {
    const struct model *model;
    struct text_part part;
    bool knows_texts, knows_names, knows_rows[GW_KINDS];
    bool any_common;
    struct found names;
    unsigned char *texts, *rows[GW_KINDS]; /* by id, which have it; rows NULL: none */
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

/* ---- the search ---- */

/* The rest of a name that a shorter one took the place of may be found, too, and is
 * nobody's. */
static void search_stretch(struct found *f, struct stretch in,
                           const struct text_part *part)
{
    const char *at = in.bytes, *end = in.bytes + in.size, *found;

    while (at < end && (found = text_find(at, (size_t)(end - at - 1), part))) {
        while (found > at && found[-1])
            found--;
        f->are_more = f->count == FEW;
        if (f->are_more)
            return;
        f->texts[f->count++] = found;
        at = found + strlen(found) + 1;
    }
}

/* Takes the stretches. */
static void search(struct found *f, struct stretches in, const struct text_part *part)
{
    for (size_t i = 0; i < in.count && !f->are_more; i++)
        search_stretch(f, in.of[i], part);
    free(in.of);
}

/* ---- texts ---- */

static bool look_at_texts(struct text_search *s, uint32_t id, size_t end)
{
    const struct texts *t = &s->model->texts;
    bool any = false;

    end = end < t->count ? end : t->count;
    for (; id < end; id++) {
        if (id + AHEAD < end && t->places[id + AHEAD])
            __builtin_prefetch(text_kept(&t->pool, t->places[id + AHEAD]));
        s->texts[id] = t->places[id] &&
                       text_has(text_kept(&t->pool, t->places[id]), &s->part);
        any |= s->texts[id];
    }
    return any;
}

static void mark_texts(struct text_search *s)
{
    const struct texts *t = &s->model->texts;
    struct stretches in = { 0 };
    struct found f = { .count = 0 };

    texts_each_block(t, add_stretch, &in);
    search(&f, in, &s->part);
    if (f.are_more)
        (void)look_at_texts(s, IDS_OF_MANY, t->count);
    for (size_t i = 0; i < f.count && !f.are_more; i++) {
        uint32_t id = texts_find(t, f.texts[i]); /* 0: it was swept */

        s->texts[id] = id > 0;
    }
}

/* ---- names ---- */

static void mark_row(struct text_search *s, enum gw_kind kind, uint32_t row)
{
    if (!s->rows[kind])
        s->rows[kind] = xcalloc(s->model->rows[kind].count, 1);
    s->rows[kind][row] = 1;
}

static void mark_found_rows(struct text_search *s, enum gw_kind kind)
{
    const struct model *m = s->model;

    for (size_t i = 0; i < s->names.count; i++) {
        const char *name = s->names.texts[i];
        uint32_t row = rows_find(m, kind, batch_hash(kind, name, strlen(name)), name);

        if (row != GW_NONE && m->rows[kind].entities[row].name == name)
            mark_row(s, kind, row);
    }
}

static void look_at_rows(struct text_search *s, enum gw_kind kind)
{
    const struct rows *r = &s->model->rows[kind];

    for (uint32_t row = 0; row < r->count; row++) {
        if (row + AHEAD < r->count)
            __builtin_prefetch(r->entities[row + AHEAD].name);
        if (text_has(r->entities[row].name, &s->part))
            mark_row(s, kind, row);
    }
}

static void search_names(struct text_search *s)
{
    struct stretches in = { 0 };

    arena_each_block(s->model->names, add_stretch, &in);
    search(&s->names, in, &s->part);
    s->knows_names = true;
}

/* Names of jobs are not with those of the others. */
static void mark_rows(struct text_search *s, enum gw_kind kind)
{
    if (kind != GW_JOB && !s->knows_names)
        search_names(s);
    if (kind == GW_JOB || s->names.are_more)
        look_at_rows(s, kind);
    else
        mark_found_rows(s, kind);
}

/* ---- for those who ask ---- */

struct text_search *text_search_new(const struct model *m, const char *part)
{
    struct text_search *s = xcalloc(1, sizeof(*s));

    s->model = m;
    s->part = text_part_of(part);
    s->texts = xcalloc(m->texts.count + 1, 1);
    s->any_common = look_at_texts(s, 1, IDS_OF_MANY);
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

const unsigned char *text_search_texts(struct text_search *s, struct text_column column)
{
    if (column.upper && !s->knows_texts) {
        mark_texts(s);
        s->knows_texts = true;
    }
    return s->texts;
}

bool text_search_may_find(const struct text_search *s, struct text_column column)
{
    return column.upper || s->any_common;
}

const unsigned char *text_search_rows(struct text_search *s, enum gw_kind kind)
{
    if (!s->knows_rows[kind])
        mark_rows(s, kind);
    s->knows_rows[kind] = true;
    return s->rows[kind];
}
