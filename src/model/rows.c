/* Rows: found by hash, never moved, placed under their wholes. */
#include "base/text.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64, MANY_ROWS = 1 << 16, MOST_AHEAD = 1 << 14 };

static void put_into_slot(struct row_index *x, uint64_t hash, uint32_t row)
{
    size_t at = hash & (x->room - 1);

    while (x->slots[at])
        at = (at + 1) & (x->room - 1);
    x->slots[at] = row + 1;
}

/* Anew, for `count` rows, at most half full. */
static void make_slots(struct row_index *x, size_t count)
{
    size_t room = x->room ? x->room : 64;

    while (room < 2 * count)
        room *= 2;
    free(x->slots);
    x->slots = xcalloc(room, sizeof(*x->slots));
    x->room = room;
    x->count = 0;
}

void rows_index_anew(struct rows *r)
{
    make_slots(r->index, r->count);
}

/* Rows are put in when one is looked for: a cache of 100,000 is read and shown without
 * that. */
static const struct row_index *index_of(const struct rows *r)
{
    struct row_index *x = r->index;

    if (2 * r->count > x->room)
        make_slots(x, r->count);
    for (; x->count < r->count; x->count++)
        if (!row_is_vacant(&r->entities[x->count]))
            put_into_slot(x, r->entities[x->count].hash, (uint32_t)x->count);
    return x;
}

uint32_t rows_find(const struct model *m, enum gw_kind kind, uint64_t hash,
                   const char *name)
{
    const struct rows *r = &m->rows[kind];
    const struct row_index *x;

    if (r->count == 0)
        return GW_NONE;
    x = index_of(r);
    for (size_t at = hash & (x->room - 1); x->slots[at]; at = (at + 1) & (x->room - 1)) {
        uint32_t row = x->slots[at] - 1;

        if (r->entities[row].hash == hash && strcmp(r->entities[row].name, name) == 0)
            return row;
    }
    return kind == GW_GPU ? gpu_called(m, hash, name) : GW_NONE;
}

/* The one that has the hash: mostly it has the name. */
static uint32_t row_with(const struct rows *r, uint64_t hash)
{
    const struct row_index *x = r->index;

    if (r->count == 0)
        return GW_NONE;
    for (size_t at = hash & (x->room - 1); x->slots[at]; at = (at + 1) & (x->room - 1))
        if (r->entities[x->slots[at] - 1].hash == hash)
            return x->slots[at] - 1;
    return GW_NONE;
}

static const struct entity *entity_found(const struct model *m,
                                         const struct batch_entity *of, uint32_t row)
{
    return row == GW_NONE ? NULL : &m->rows[of->kind].entities[row];
}

static inline void fetch_entity(const struct entity *e)
{
    __builtin_prefetch(&e->hash);
    /* may be in the next line of the cache */
    __builtin_prefetch(&e->newest);
}

/* To look for one out of order is to wait for memory several times; many wait together. A
 * row of which the same target spoke last is told by the hash alone, as where rows come
 * in an order that is known. */
void rows_find_all(const struct model *m, uint32_t origin, const struct batch_entity *of,
                   size_t count, uint32_t *found)
{
    for (size_t i = 0; i < count; i++) {
        const struct rows *r = &m->rows[of[i].kind];
        const struct row_index *x = r->count ? index_of(r) : NULL;

        if (x)
            __builtin_prefetch(&x->slots[of[i].hash & (x->room - 1)]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct rows *r = &m->rows[of[i].kind];
        uint32_t slot = r->count ? r->index->slots[of[i].hash & (r->index->room - 1)] : 0;

        if (slot)
            fetch_entity(&r->entities[slot - 1]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct entity *e;

        found[i] = row_with(&m->rows[of[i].kind], of[i].hash);
        e = entity_found(m, &of[i], found[i]);
        if (e && e->origin != origin)
            __builtin_prefetch(e->name);
    }
    for (size_t i = 0; i < count; i++) {
        const struct entity *e = entity_found(m, &of[i], found[i]);

        if (e && e->origin != origin && strcmp(e->name, of[i].name) != 0)
            found[i] = GW_NONE;
    }
}

void rows_find_gpus(const struct model *m, const uint64_t *hashes, size_t count,
                    uint32_t *found)
{
    const struct rows *r = &m->rows[GW_GPU];
    const struct row_index *x = r->count ? index_of(r) : NULL;

    for (size_t i = 0; x && i < count; i++)
        __builtin_prefetch(&x->slots[hashes[i] & (x->room - 1)]);
    for (size_t i = 0; x && i < count; i++) {
        uint32_t slot = x->slots[hashes[i] & (x->room - 1)];

        if (slot)
            fetch_entity(&r->entities[slot - 1]);
    }
    for (size_t i = 0; i < count; i++) {
        found[i] = row_with(r, hashes[i]);
        if (found[i] == GW_NONE)
            found[i] = gpu_called(m, hashes[i], NULL);
    }
}

static void grow_rows(struct model *m, enum gw_kind kind, size_t room)
{
    struct rows *r = &m->rows[kind];
    size_t old_room = r->room;

    r->room = room;
    r->entities = xrealloc(r->entities, room, sizeof(*r->entities));
    if (r->seconds)
        r->seconds = xrealloc(r->seconds, room, sizeof(*r->seconds));
    stamps_follow(r, old_room);
    columns_follow(m, kind, old_room);
}

void rows_reserve(struct model *m, enum gw_kind kind, size_t count)
{
    struct rows *r = &m->rows[kind];

    if (count > r->room)
        grow_rows(m, kind, count);
}

/* Jobs come and go by the thousand, so that each has its own name to free; another row
 * that was given up leaves the place of its name, but for the first letter. */
static const char *name_of(struct model *m, enum gw_kind kind, const char *left,
                           const char *name)
{
    size_t len = strlen(name);

    if (kind == GW_JOB)
        return xstrdup(name);
    if (!left || strlen(left + 1) + 1 < len)
        return arena_strdup(m->names, name);
    memcpy((char *)left, name, len + 1);
    return left;
}

/* By a quarter, and of many rows by a sixteenth or less, not by doubling: all columns of
 * the kind are as long, and half empty ones cost tens of megabytes. */
static size_t rows_ahead(size_t room)
{
    size_t ahead = room / (room < MANY_ROWS ? 4 : 16) + 64;

    return ahead < MOST_AHEAD ? ahead : MOST_AHEAD;
}

/* *left: the name of who was there; NULL: nobody was. */
static uint32_t vacant_row(struct model *m, enum gw_kind kind, const char **left)
{
    struct rows *r = &m->rows[kind];

    *left = NULL;
    if (r->vacant_count) {
        uint32_t row = r->vacant[--r->vacant_count];

        *left = r->entities[row].name;
        return row;
    }
    if (r->count == r->room)
        grow_rows(m, kind, r->room + rows_ahead(r->room));
    return (uint32_t)r->count++;
}

uint32_t rows_add(struct model *m, enum gw_kind kind, uint64_t hash, const char *name)
{
    const struct row nobody = { .id = GW_NONE };
    struct rows *r = &m->rows[kind];
    const char *left;
    uint32_t row = vacant_row(m, kind, &left);

    r->entities[row] = (struct entity){ .name = name_of(m, kind, left, name),
                                        .hash = hash,
                                        .parent = nobody };
    rows_set_second(r, row, nobody);
    if (row < r->index->count)  /* it was vacant */
        put_into_slot(r->index, hash, row);
    tree_cut(m, kind);
    return row;
}

void rows_set_second(struct rows *r, uint32_t row, struct row second)
{
    if (!r->seconds && second.id == GW_NONE)
        return;
    if (!r->seconds) {
        r->seconds = xcalloc(r->room, sizeof(*r->seconds));
        for (size_t i = 0; i < r->count; i++)
            r->seconds[i].id = GW_NONE;
    }
    r->seconds[row] = second;
}

uint32_t rows_named(struct model *m, enum gw_kind kind, const char *name)
{
    uint64_t hash = batch_hash(kind, name, strlen(name));
    uint32_t row = rows_find(m, kind, hash, name);

    return row == GW_NONE ? rows_add(m, kind, hash, name) : row;
}

void rows_init(struct rows *r)
{
    r->index = xcalloc(1, sizeof(*r->index));
}

void rows_free(struct rows *r, enum gw_kind kind)
{
    for (size_t row = 0; kind == GW_JOB && row < r->count; row++)
        if (!row_is_vacant(&r->entities[row]))
            free((void *)r->entities[row].name);
    free(r->entities);
    free(r->seconds);
    stamps_free(r);
    free(r->index->slots);
    free(r->index);
    free(r->vacant);
}

/* ---- wholes and parts ---- */

/* Is `whole` the row `part`, or below it? A graph so deep or tangled that the answer
 * takes thousands of steps is no power graph, and counts as a circle. */
static bool is_below(const struct model *m, struct row whole, struct row part,
                     unsigned *steps)
{
    const struct entity *e;

    if (whole.id == GW_NONE)
        return false;
    if (row_is(whole, part) || ++*steps > 5000)
        return true;
    e = entity_of(m, whole.kind, whole.id);
    return is_below(m, e->parent, part, steps) ||
           is_below(m, second_of(m, whole.kind, whole.id), part, steps);
}

bool row_is_below(const struct model *m, struct row row, struct row whole)
{
    unsigned steps = 0;

    return is_below(m, row, whole, &steps);
}

/* Who has no parts is nobody's whole: nearly always, for most rows are GPUs. */
static bool may_be_whole(const struct entity *e, struct row part, struct row whole)
{
    return e->has_parts || row_is(part, whole);
}

static bool goes_in_a_circle(struct model *m, struct row part, struct row whole)
{
    if (!row_is_below(m, whole, part))
        return false;
    model_event(
        m, m->newest, "attention", "%s cannot be a part of %s: it is its whole; left out",
        entity_of(m, part.kind, part.id)->name, entity_of(m, whole.kind, whole.id)->name);
    return true;
}

void rows_place(struct model *m, struct row part, struct row whole, enum told told)
{
    struct entity *e = entity_of(m, part.kind, part.id);

    if (row_is(e->parent, whole) || row_is(second_of(m, part.kind, part.id), whole)) {
        e->told = told > e->told ? (uint8_t)told : e->told;
        return;
    }
    if (told < e->told ||
        (may_be_whole(e, part, whole) && goes_in_a_circle(m, part, whole)))
        return;
    e = entity_of(m, part.kind, part.id); /* an event may have moved it */
    e->parent = whole;
    e->told = (uint8_t)told;
    entity_of(m, whole.kind, whole.id)->has_parts = true;
    tree_cut(m, part.kind);
}

void rows_feed(struct model *m, struct row part, struct row second)
{
    struct entity *e = entity_of(m, part.kind, part.id);
    struct row known = second_of(m, part.kind, part.id);

    if (row_is(e->parent, second) || row_is(known, second))
        return;
    /* Two feeds it is; a third is not counted. */
    if (known.id != GW_NONE ||
        (may_be_whole(e, part, second) && goes_in_a_circle(m, part, second)))
        return;
    e = entity_of(m, part.kind, part.id);
    entity_of(m, second.kind, second.id)->has_parts = true;
    if (e->parent.id == GW_NONE)
        e->parent = second;
    else
        rows_set_second(&m->rows[part.kind], part.id, second);
    tree_cut(m, part.kind);
}

/* ---- targets ---- */

struct called {
    const struct model *m;
    const char *name;
};

static bool is_called(const void *arg, uint32_t target)
{
    const struct called *c = arg;

    return strcmp(c->m->targets[target].name, c->name) == 0;
}

uint32_t origin_of(struct model *m, const char *name)
{
    uint64_t hash = text_hash(name, strlen(name));
    uint32_t target = finder_find(&m->target_names, hash, is_called,
                                  &(struct called){ m, name });

    if (target != UINT32_MAX)
        return target;
    target = finder_add(&m->target_names, hash);
    m->targets = xgrow(m->targets, &m->target_room, target + 1, sizeof(*m->targets));
    m->stale_after = xgrow(m->stale_after, &m->stale_room, target + 1,
                           sizeof(*m->stale_after));
    m->targets[target] = (struct target){ .name = xstrdup(name) };
    m->stale_after[target] = 15 * TICKS_PER_S;
    m->target_count = target + 1;
    return target;
}

/* ---- what others may ask ---- */

size_t model_rows(const struct model *m, enum gw_kind kind)
{
    return m->rows[kind].count;
}

size_t model_vacant_rows(const struct model *m, enum gw_kind kind)
{
    return m->rows[kind].vacant_count;
}

bool model_is_full(const struct model *m, enum gw_kind kind)
{
    return m->rows[kind].vacant_count == 0;
}

uint32_t model_find(const struct model *m, enum gw_kind kind, const char *name)
{
    return rows_find(m, kind, batch_hash(kind, name, strlen(name)), name);
}

const char *model_name(const struct model *m, enum gw_kind kind, uint32_t row)
{
    if (row >= m->rows[kind].count || row_is_vacant(entity_of(m, kind, row)))
        return NULL;
    return entity_of(m, kind, row)->name;
}

uint64_t model_key(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return row < m->rows[kind].count ? m->rows[kind].entities[row].hash : 0;
}

struct row model_parent(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return row < m->rows[kind].count ? entity_of(m, kind, row)->parent
                                     : (struct row){ .id = GW_NONE };
}

struct row model_second_parent(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return row < m->rows[kind].count ? second_of(m, kind, row)
                                     : (struct row){ .id = GW_NONE };
}

bool model_has_second_parents(const struct model *m, enum gw_kind kind)
{
    const struct rows *r = &m->rows[kind];

    for (size_t row = 0; r->seconds && row < r->count; row++)
        if (r->seconds[row].id != GW_NONE)
            return true;
    return false;
}

unsigned model_depth(const struct model *m, enum gw_kind kind, uint32_t row)
{
    struct row at = model_parent(m, kind, row);
    unsigned depth = 0;

    for (; at.id != GW_NONE && at.kind == kind && depth < DEEPEST;
         at = model_parent(m, kind, at.id))
        depth++;
    return depth;
}
