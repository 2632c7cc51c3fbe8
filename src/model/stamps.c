/* Which stamps the values of a block of rows have. Numbers of stamps that no value has
 * any more are given out again once a block has none left. */
#include "base/arena.h"
#include "model/inside.h"
#include "model/metric.h"

#include <stdlib.h>

/* A byte numbers as many as OF_A_BYTE: a block stays there while an eighth of it can be
 * given out again. */
enum {
    FIRST_ROOM = 8,
    OF_A_BYTE = UINT8_MAX + 1,
    MOST_OF_A_BYTE = OF_A_BYTE - OF_A_BYTE / 8,
    MOST_STAMPS = UINT16_MAX,
    LOOK_BACK = 8
};

static size_t blocks_of(size_t rows)
{
    return (rows + STAMP_ROWS - 1) / STAMP_ROWS;
}

void stamps_follow(struct rows *r, size_t old_room)
{
    size_t count = blocks_of(r->room);

    r->stamps = xrealloc(r->stamps, count, sizeof(*r->stamps));
    for (size_t i = blocks_of(old_room); i < count; i++)
        r->stamps[i] = (struct stamp_block){ .stamps = xcalloc(FIRST_ROOM,
                                                               sizeof(struct stamp)),
                                             .count = 1,
                                             .room = FIRST_ROOM };
}

void set_upper(struct model *m, struct column *c, uint32_t row, uint8_t upper)
{
    if (!c->upper)
        c->upper = xcalloc(m->rows[c->kind].room, sizeof(*c->upper));
    c->upper[row] = upper;
}

/* Calls use() for the values of every column in the block: rows from `row` to
 * `behind`. */
static void each_column(struct model *m, enum gw_kind kind, size_t block,
                        uint16_t *numbers,
                        void (*use)(struct model *m, struct column *c, uint32_t row,
                                    uint32_t behind, uint16_t *numbers))
{
    size_t first = block * STAMP_ROWS, behind = first + STAMP_ROWS;

    behind = behind < m->rows[kind].room ? behind : m->rows[kind].room;
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && m->columns[i].kind == kind)
            use(m, &m->columns[i], (uint32_t)first, (uint32_t)behind, numbers);
}

static void mark(struct model *m, struct column *c, uint32_t row, uint32_t behind,
                 uint16_t *marks)
{
    (void)m;
    for (; row < behind; row++)
        marks[number_at(c, row)] = 1;
}

static void renumber(struct model *m, struct column *c, uint32_t row, uint32_t behind,
                     uint16_t *numbers)
{
    for (; row < behind; row++)
        set_number(m, c, row, numbers[number_at(c, row)]);
}

static uint16_t room_for(size_t left, size_t room)
{
    while (room < 2 * left && (room < OF_A_BYTE || left > MOST_OF_A_BYTE))
        room *= 2;
    return (uint16_t)(room < MOST_STAMPS ? room : MOST_STAMPS);
}

/* Leaves those that a value has, and room for as many again, or for fewer where that
 * keeps them in a byte. There is always room for one more: all 2048 metrics that there
 * may be are of several kinds, so that a block has less than 2048 * 32 values. */
static void sweep(struct model *m, enum gw_kind kind, size_t block)
{
    struct stamp_block *b = &m->rows[kind].stamps[block];
    uint16_t *numbers = xcalloc(b->count, sizeof(*numbers)), left = 1;

    each_column(m, kind, block, numbers, mark);
    for (uint16_t i = 1; i < b->count; i++)
        if (numbers[i]) {
            b->stamps[left] = b->stamps[i];
            numbers[i] = left++;
        }
    numbers[0] = 0;
    each_column(m, kind, block, numbers, renumber);
    free(numbers);
    b->count = left;
    b->last = 0;
    b->room = room_for(left, b->room);
    b->stamps = xrealloc(b->stamps, b->room, sizeof(*b->stamps));
}

void stamp_number(struct model *m, enum gw_kind kind, size_t block, struct stamp stamp)
{
    struct stamp_block *b = &m->rows[kind].stamps[block];
    uint16_t oldest = b->count > LOOK_BACK ? b->count - LOOK_BACK : 0;

    if (stamp.time == 0) {
        b->last = 0;
        return;
    }
    for (uint16_t i = b->count; i-- > oldest;)
        if (are_same_stamps(&b->stamps[i], &stamp)) {
            b->last = i;
            return;
        }
    if (b->count == b->room)
        sweep(m, kind, block);
    b->last = b->count++;
    b->stamps[b->last] = stamp;
}

void stamps_not_after(struct rows *r, uint32_t tick)
{
    for (size_t block = 0; block < blocks_of(r->room); block++)
        for (uint16_t i = 0; i < r->stamps[block].count; i++)
            if (r->stamps[block].stamps[i].time > tick)
                r->stamps[block].stamps[i].time = tick;
}

uint32_t stamps_grow_old(const struct model *m, enum gw_kind kind, uint32_t tick,
                         uint32_t first)
{
    const struct rows *r = &m->rows[kind];

    for (size_t block = 0; block < blocks_of(r->room); block++)
        for (uint16_t i = 1; i < r->stamps[block].count; i++) {
            const struct stamp *s = &r->stamps[block].stamps[i];
            uint32_t stands = m->stale_after[s->origin];

            if (is_fresh(m, s, tick) && stands < first && s->time < first - stands)
                first = s->time + stands + 1;
        }
    return first;
}

size_t stamps_bytes(const struct rows *r)
{
    size_t bytes = blocks_of(r->room) * sizeof(*r->stamps);

    for (size_t block = 0; block < blocks_of(r->room); block++)
        bytes += r->stamps[block].room * sizeof(struct stamp);
    return bytes;
}

void stamps_free(struct rows *r)
{
    for (size_t block = 0; block < blocks_of(r->room); block++)
        free(r->stamps[block].stamps);
    free(r->stamps);
}
