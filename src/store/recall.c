/* From a block of rows to a batch: column by column, without looking anything up, because
 * a first frame waits for it. */
#include "store/recall.h"
#include "base/arena.h"
#include "model/metric.h"

#include <stdlib.h>
#include <string.h>

enum { EXACT_S = 128, EXACT_BITS = 7, SPANS = 8, SPAN_BITS = 3 };

/* ---- times ---- */

/* Which of the 256 times a value of this age has: a second each at first, then eight to
 * each doubling; the last is for everything beyond 90 days. */
static unsigned slot_of(uint32_t age)
{
    unsigned doubling, slot;

    if (age < EXACT_S)
        return age;
    doubling = 31u - (unsigned)__builtin_clz(age);
    slot = EXACT_S + (doubling - EXACT_BITS) * SPANS +
           (age >> (doubling - SPAN_BITS) & (SPANS - 1));
    return slot < 255 ? slot : 255;
}

static uint32_t newest_in(const struct block *block)
{
    uint32_t newest = 0;

    for (size_t c = 0; c < block->column_count; c++)
        for (uint32_t row = 0; row < block->rows; row++) {
            uint32_t time = block->columns[c].times[row];

            newest = time > newest ? time : newest;
        }
    return newest;
}

static void widen_times(struct batch *b, unsigned slot)
{
    for (; b->time_count <= slot; b->time_count++)
        b->times[b->time_count] = b->time;
}

/* ---- rows ---- */

static size_t count_values(const struct block *block)
{
    size_t count = 0;

    for (size_t c = 0; c < block->column_count; c++)
        for (uint32_t row = 0; row < block->rows; row++)
            count += block->columns[c].times[row] != 0;
    return count;
}

static void make_room(struct batch *b, const struct block *block)
{
    b->entity_room = block->rows;
    b->entity_room += block->parent.names ? block->rows : 0;
    b->entity_room += block->second.names ? block->rows : 0;
    b->link_room = block->second.names ? block->rows : 0;
    b->sample_room = count_values(block);
    b->entities = xrealloc(NULL, b->entity_room, sizeof(*b->entities));
    b->samples = xrealloc(NULL, b->sample_room, sizeof(*b->samples));
    if (b->link_room)
        b->links = xrealloc(NULL, b->link_room, sizeof(*b->links));
}

/* The last whole that was told of: neighbours mostly share it. */
struct whole {
    uint32_t name, entity;
    uint8_t kind;
};

/* Who feeds the row, as an entity behind all rows. */
static uint32_t add_feed(struct batch *b, const struct feeds *f, uint32_t row,
                         const char *text, struct whole *last)
{
    const char *name;

    if (!f->names || !f->names[row])
        return GW_NONE;
    if (f->names[row] == last->name && f->kinds[row] == last->kind)
        return last->entity;
    name = text + f->names[row];
    *last = (struct whole){ f->names[row], (uint32_t)b->entity_count, f->kinds[row] };
    b->entities[b->entity_count++] =
        (struct batch_entity){ .hash = batch_hash(f->kinds[row], name, strlen(name)),
                               .name = name,
                               .parent = GW_NONE,
                               .kind = f->kinds[row] };
    return last->entity;
}

static void add_names(struct batch *b, const struct block *block, const char *text,
                      const uint64_t *hashes, const bool *chosen, uint32_t *entities)
{
    for (uint32_t row = 0; row < block->rows; row++) {
        entities[row] = GW_NONE;
        if (chosen && !chosen[row])
            continue;
        entities[row] = (uint32_t)b->entity_count;
        b->entities[b->entity_count++] =
            (struct batch_entity){ .hash = hashes[row],
                                   .name = text + block->names[row],
                                   .parent = GW_NONE,
                                   .kind = block->kind };
    }
    b->ordered = b->entity_count;
}

static void add_feeds(struct batch *b, const struct block *block, const char *text,
                      const uint32_t *entities)
{
    struct whole parent = { 0 }, second = { 0 };

    for (uint32_t row = 0; row < block->rows; row++) {
        uint32_t feed;

        if (entities[row] == GW_NONE)
            continue;
        feed = add_feed(b, &block->parent, row, text, &parent);
        b->entities[entities[row]].parent = feed;
        feed = add_feed(b, &block->second, row, text, &second);
        if (feed != GW_NONE)
            b->links[b->link_count++] = (struct batch_link){ entities[row], feed };
    }
}

/* ---- values ---- */

static void set_value(struct batch_sample *to, const struct column *c, bool text,
                      const char *texts, uint32_t row)
{
    uint32_t offset;

    if (text) {
        offset = ((const uint32_t *)c->values)[row];
        to->text = offset ? texts + offset : NULL;
    } else if (c->width == 8) {
        to->number = ((const double *)c->values)[row];
    } else {
        to->number = (double)((const float *)c->values)[row];
    }
}

static void add_column(struct batch *b, const struct block *block, const struct column *c,
                       const char *texts, const uint32_t *entities)
{
    bool text = metric_at(c->metric)->type == GW_TEXT;
    uint32_t newest = (uint32_t)b->time, time = 0;
    unsigned slot = 0;

    for (uint32_t row = 0; row < block->rows; row++) {
        struct batch_sample *to = &b->samples[b->sample_count];

        if (!c->times[row] || entities[row] == GW_NONE)
            continue;
        if (c->times[row] != time) {
            time = c->times[row];
            slot = slot_of(newest - time);
            if (slot >= b->time_count)
                widen_times(b, slot);
            if (time < b->times[slot])
                b->times[slot] = time;
        }
        b->sample_count++;
        to->entity = entities[row];
        to->metric = c->metric;
        to->quality = c->qualities ? c->qualities[row] : GW_OK;
        to->age = (uint8_t)slot;
        set_value(to, c, text, texts, row);
    }
}

struct batch *recall_block(const struct block *block, const uint64_t *hashes, size_t before,
                           const bool *chosen)
{
    struct batch *b = batch_new(BATCH_CACHE, "", newest_in(block));
    char *text = arena_alloc(b->arena, block->text_len);
    uint32_t entities[BLOCK_ROWS];

    make_room(b, block);
    memcpy(text, block->text, block->text_len);
    b->before = before;
    add_names(b, block, text, hashes, chosen, entities);
    add_feeds(b, block, text, entities);
    for (size_t c = 0; c < block->column_count; c++)
        add_column(b, block, &block->columns[c], text, entities);
    return b;
}
