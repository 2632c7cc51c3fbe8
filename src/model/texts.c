/* Every different text once, by number, one after another in a pool: half of a GPU's
 * number would be malloc's. A console that runs for weeks sees new reasons and messages
 * all the time, so texts that no column holds any more are swept away. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- the pool ---- */

/* With room for a text. */
static struct text_block *last_block(struct text_pool *p, size_t size)
{
    if (!p->count || p->blocks[p->count - 1].used + size > TEXT_BLOCK) {
        p->blocks = xgrow(p->blocks, &p->room, p->count + 1, sizeof(*p->blocks));
        p->blocks[p->count++] = (struct text_block){
            .bytes = xrealloc(NULL, size > TEXT_BLOCK ? size : TEXT_BLOCK, 1)
        };
    }
    return &p->blocks[p->count - 1];
}

static uint32_t keep(struct text_pool *p, const char *text, size_t size)
{
    struct text_block *b = last_block(p, size);
    size_t at = b->used;

    memcpy(b->bytes + at, text, size);
    b->used += size;
    return (uint32_t)((p->count - 1) << TEXT_BLOCK_BITS | at) + 1;
}

static void pool_free(struct text_pool *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->blocks[i].bytes);
    free(p->blocks);
}

void texts_each_block(const struct texts *t,
                      void (*each)(void *arg, const char *bytes, size_t size), void *arg)
{
    for (size_t i = 0; i < t->pool.count; i++)
        each(arg, t->pool.blocks[i].bytes, t->pool.blocks[i].used);
}

size_t texts_bytes(const struct texts *t)
{
    return t->pool.count * TEXT_BLOCK + t->room * sizeof(*t->places) +
           t->slot_room * sizeof(*t->slots);
}

/* ---- ids ---- */

/* A slot has an id and, above it, the upper bits of its text's hash: few texts of another
 * hash are looked at. */
enum { ID_BITS = 27 };

static uint32_t upper_hash(const char *text, size_t len)
{
    return (uint32_t)(text_hash(text, len) >> 32);
}

static uint32_t id_in(uint32_t slot)
{
    return slot & ((UINT32_C(1) << ID_BITS) - 1);
}

static uint32_t slot_with(uint32_t id, uint32_t hash)
{
    return hash >> ID_BITS << ID_BITS | id;
}

static void rebuild_slots(struct texts *t, size_t room)
{
    free(t->slots);
    t->slots = xcalloc(room, sizeof(*t->slots));
    t->slot_room = room;
    for (uint32_t id = 1; id < t->count; id++) {
        const char *text = texts_of(t, id);
        uint32_t hash = text ? upper_hash(text, strlen(text)) : 0;
        size_t at = hash & (room - 1);

        if (!text)
            continue;
        while (t->slots[at])
            at = (at + 1) & (room - 1);
        t->slots[at] = slot_with(id, hash);
    }
}

/* Grows to hold the id. */
static void reach(struct texts *t, uint32_t id)
{
    if (id < t->count)
        return;
    t->places = xgrow(t->places, &t->room, id + 1, sizeof(*t->places));
    memset(t->places + t->count, 0, (id + 1 - t->count) * sizeof(*t->places));
    t->count = id + 1;
}

static struct text_ids *ids_for(struct texts *t, bool of_one)
{
    if (t->of_many.next == 0) {
        t->of_many.next = 1; /* 0 is unknown */
        t->of_one.next = IDS_OF_MANY;
    }
    return of_one || (t->of_many.next == IDS_OF_MANY && !t->of_many.unused_count)
               ? &t->of_one
               : &t->of_many;
}

static uint32_t unused_id(struct texts *t, bool of_one)
{
    struct text_ids *ids = ids_for(t, of_one);
    uint32_t id = ids->unused_count ? ids->unused[--ids->unused_count] : ids->next++;

    reach(t, id);
    return id;
}

static void give_back(struct text_ids *ids, uint32_t id)
{
    ids->unused = xgrow(ids->unused, &ids->unused_room, ids->unused_count + 1,
                        sizeof(*ids->unused));
    ids->unused[ids->unused_count++] = id;
}

static bool is_in_slot(const struct texts *t, uint32_t slot, const char *text,
                       uint32_t hash)
{
    return slot_with(id_in(slot), hash) == slot &&
           strcmp(text_kept(&t->pool, t->places[id_in(slot)]), text) == 0;
}

/* Where in the table the text is, or would be: there is an empty slot. */
static size_t slot_of(const struct texts *t, const char *text, uint32_t hash)
{
    size_t at = hash & (t->slot_room - 1);

    while (t->slots[at] && !is_in_slot(t, t->slots[at], text, hash))
        at = (at + 1) & (t->slot_room - 1);
    return at;
}

static size_t home_of(const struct texts *t, uint32_t slot)
{
    const char *text = texts_of(t, id_in(slot));

    return upper_hash(text, strlen(text)) & (t->slot_room - 1);
}

/* What comes behind it moves up, where that is no nearer than its hash says. */
static void empty_slot(struct texts *t, size_t at)
{
    size_t last = t->slot_room - 1;

    for (size_t next = (at + 1) & last; t->slots[next]; next = (next + 1) & last) {
        size_t home = home_of(t, t->slots[next]);

        if (((next - home) & last) < ((next - at) & last))
            continue;
        t->slots[at] = t->slots[next];
        at = next;
    }
    t->slots[at] = 0;
}

uint32_t texts_find(const struct texts *t, const char *text)
{
    uint32_t hash = upper_hash(text, strlen(text));

    return t->slot_room ? id_in(t->slots[slot_of(t, text, hash)]) : 0;
}

static uint32_t find_id(struct texts *t, const char *text, bool of_one)
{
    size_t len, at;
    uint32_t id, hash;

    if (!text)
        return 0;
    len = strlen(text);
    hash = upper_hash(text, len);
    /* At most two thirds full: of a million texts it is half as large then. */
    if ((t->live + 1) * 3 > t->slot_room * 2)
        rebuild_slots(t, t->slot_room ? t->slot_room * 2 : 256);
    at = slot_of(t, text, hash);
    if (t->slots[at])
        return id_in(t->slots[at]);
    id = unused_id(t, of_one);
    t->places[id] = keep(&t->pool, text, len + 1);
    t->slots[at] = slot_with(id, hash);
    t->live++;
    t->bytes += len + 1;
    return id;
}

uint32_t texts_id(struct texts *t, const char *text)
{
    return find_id(t, text, false);
}

uint32_t texts_id_of_one(struct texts *t, const char *text)
{
    return find_id(t, text, true);
}

bool texts_want_sweep(const struct texts *t)
{
    return t->replaced > t->live_after_sweep + 1000;
}

/* What is left moves together, once an eighth as much was swept away. */
static void pack(struct texts *t)
{
    struct text_pool old = t->pool;

    if (t->swept <= t->bytes / 8)
        return;
    t->pool = (struct text_pool){ 0 };
    for (uint32_t id = 1; id < t->count; id++)
        if (t->places[id]) {
            const char *text = text_kept(&old, t->places[id]);

            t->places[id] = keep(&t->pool, text, strlen(text) + 1);
        }
    pool_free(&old);
    t->swept = 0;
}

void texts_sweep(struct texts *t, const unsigned char *marks)
{
    for (uint32_t id = 1; id < t->count; id++) {
        const char *text = marks[id] ? NULL : texts_of(t, id);
        size_t len;

        if (!text)
            continue;
        len = strlen(text);
        empty_slot(t, slot_of(t, text, upper_hash(text, len)));
        t->bytes -= len + 1;
        t->swept += len + 1;
        t->places[id] = 0;
        give_back(id < IDS_OF_MANY ? &t->of_many : &t->of_one, id);
        t->live--;
    }
    t->live_after_sweep = t->live;
    t->replaced = 0;
    pack(t);
}

void texts_free(struct texts *t)
{
    pool_free(&t->pool);
    free(t->places);
    free(t->slots);
    free(t->of_many.unused);
    free(t->of_one.unused);
}
