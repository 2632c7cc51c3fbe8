/* From a block of rows to a batch: column by column, without looking anything up, because
 * a first frame waits for it. */
#include "store/recall.h"
#include "base/arena.h"
#include "model/metric.h"

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
    const uint32_t *last = NULL; /* mostly they are the same for all */
    uint32_t newest = 0;

    for (size_t c = 0; c < block->column_count; c++) {
        const uint32_t *times = block_times(block, &block->columns[c]);

        for (uint32_t row = 0; times != last && row < block->rows; row++)
            newest = times[row] > newest ? times[row] : newest;
        last = times;
    }
    return newest;
}

static void widen_times(struct batch *b, unsigned slot)
{
    for (; b->time_count <= slot; b->time_count++)
        b->times[b->time_count] = b->time;
}

/* ---- rows ---- */

static void make_room(struct batch *b, const struct block *block)
{
    b->entity_room = block->rows;
    b->entity_room += block->parent.names ? block->rows : 0;
    b->entity_room += block->second.names ? block->rows : 0;
    b->link_room = block->second.names ? block->rows : 0;
    b->entities = xrealloc(NULL, b->entity_room, sizeof(*b->entities));
    b->columns = arena_alloc(b->arena, block->column_count * sizeof(*b->columns));
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

    if (!f->names[row])
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

/* rows: of the block, those that are told of. */
static void add_names(struct batch *b, const struct block *block, const char *text,
                      const uint64_t *hashes, const bool *chosen, uint32_t *rows)
{
    for (uint32_t row = 0; row < block->rows; row++) {
        if (chosen && !chosen[row])
            continue;
        rows[b->entity_count] = row;
        b->entities[b->entity_count++] =
            (struct batch_entity){ .hash = hashes[row],
                                   .name = text + block->names[row],
                                   .parent = GW_NONE,
                                   .kind = block->kind };
    }
    b->ordered = b->entity_count;
}

static void add_feeds(struct batch *b, const struct block *block, const char *text,
                      const uint32_t *rows)
{
    struct whole parent = { 0 }, second = { 0 };

    for (uint32_t i = 0; block->parent.names && i < b->ordered; i++)
        b->entities[i].parent = add_feed(b, &block->parent, rows[i], text, &parent);
    for (uint32_t i = 0; block->second.names && i < b->ordered; i++) {
        uint32_t feed = add_feed(b, &block->second, rows[i], text, &second);

        if (feed != GW_NONE)
            b->links[b->link_count++] = (struct batch_link){ i, feed };
    }
}

/* ---- values ---- */

/* Of all rows as they lie there, or of some. */
static const void *pick(struct batch *b, const struct block *block, const void *values,
                        size_t size, const uint32_t *rows)
{
    char *picked = arena_alloc(b->arena, b->ordered * size);

    if (b->ordered == block->rows)
        memcpy(picked, values, b->ordered * size);
    else
        for (size_t i = 0; i < b->ordered; i++)
            memcpy(picked + i * size, (const char *)values + rows[i] * size, size);
    return picked;
}

static const char *const *pick_texts(struct batch *b, const uint32_t *offsets,
                                     const char *text, const uint32_t *rows)
{
    const char **picked = arena_alloc(b->arena, b->ordered * sizeof(*picked));

    for (size_t i = 0; i < b->ordered; i++)
        picked[i] = offsets[rows[i]] ? text + offsets[rows[i]] : NULL;
    return picked;
}

static const uint8_t *pick_ages(struct batch *b, const uint32_t *times,
                                const uint32_t *rows)
{
    uint8_t *ages = arena_alloc(b->arena, b->ordered);
    uint32_t newest = (uint32_t)b->time, time = 0;
    unsigned slot = 0;

    for (size_t i = 0; i < b->ordered; i++) {
        if (times[rows[i]] && times[rows[i]] != time) {
            time = times[rows[i]];
            slot = slot_of(newest - time);
            if (slot >= b->time_count)
                widen_times(b, slot);
            if (time < b->times[slot])
                b->times[slot] = time;
        }
        ages[i] = (uint8_t)slot;
    }
    return ages;
}

static const uint8_t *pick_qualities(struct batch *b, const struct column *c,
                                     const uint32_t *times, const uint32_t *rows)
{
    uint8_t *qualities = arena_alloc(b->arena, b->ordered);

    for (size_t i = 0; i < b->ordered; i++) {
        uint8_t quality = c->qualities ? c->qualities[rows[i]] : GW_OK;

        qualities[i] = times[rows[i]] ? quality : GW_NEVER;
    }
    return qualities;
}

/* What the columns with the times of the rows have in common. */
struct common {
    const uint8_t *ages, *qualities;
};

static void add_stamps(struct batch *b, struct batch_column *to,
                       const struct block *block, const struct column *c,
                       const uint32_t *rows, struct common *common)
{
    const uint32_t *times = block_times(block, c);

    to->ages = c->times || !common->ages ? pick_ages(b, times, rows) : common->ages;
    to->qualities = c->times || c->qualities || !common->qualities
                        ? pick_qualities(b, c, times, rows)
                        : common->qualities;
    if (c->times)
        return;
    common->ages = to->ages;
    common->qualities = c->qualities ? common->qualities : to->qualities;
}

static void add_column(struct batch *b, const struct block *block, const struct column *c,
                       const char *text, const uint32_t *rows, struct common *common)
{
    struct batch_column *to = &b->columns[b->column_count++];

    *to = (struct batch_column){ .metric = c->metric };
    add_stamps(b, to, block, c, rows, common);
    if (metric_at(c->metric)->type == GW_TEXT)
        to->texts = pick_texts(b, c->values, text, rows);
    else if (c->width == 8)
        to->wide = pick(b, block, c->values, sizeof(double), rows);
    else
        to->numbers = pick(b, block, c->values, sizeof(float), rows);
}

struct batch *recall_block(struct block *block, const uint64_t *hashes, size_t before,
                           const bool *chosen)
{
    struct batch *b = batch_new(BATCH_CACHE, "", newest_in(block));
    const char *text = block->text;
    struct common common = { 0 };
    uint32_t rows[BLOCK_ROWS];

    make_room(b, block);
    b->before = before;
    add_names(b, block, text, hashes, chosen, rows);
    add_feeds(b, block, text, rows);
    for (size_t c = 0; c < block->column_count; c++)
        add_column(b, block, &block->columns[c], text, rows, &common);
    b->text = block->text;
    block->text = NULL;
    /* The model knows an event by its samples. */
    if (block->kind == GW_EVENT)
        batch_spread(b);
    return b;
}
