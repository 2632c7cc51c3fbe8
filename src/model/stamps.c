/* Which stamps the values of a block of rows have. Numbers of stamps that no value has any more are given out again once a
 * block has none left. */
#include "base/arena.h"
#include "model/inside.h"
#include "model/metric.h"

#include <stdlib.h>

enum { FIRST_ROOM = 8, MOST_STAMPS = UINT16_MAX, LOOK_BACK = 8 };

static size_t blocks_of(size_t rows)
{
    return (rows + STAMP_ROWS - 1) / STAMP_ROWS;
}

void stamps_follow(struct rows *r, size_t old_room)
{
    size_t count = blocks_of(r->room);

    r->stamps = xrealloc(r->stamps, count, sizeof(*r->stamps));
    for (size_t i = blocks_of(old_room); i < count; i++)
        r->stamps[i] = (struct stamp_block){ .stamps = xcalloc(FIRST_ROOM, sizeof(struct stamp)),
                                             .count = 1,
                                             .room = FIRST_ROOM };
}

/* Calls use() with the numbers of every column's values of the block. */
static void each_column(struct model *m, enum gw_kind kind, size_t block, uint16_t *numbers,
                        void (*use)(uint16_t *stamps, size_t rows, uint16_t *numbers))
{
    size_t first = block * STAMP_ROWS, rows = m->rows[kind].room - first;

    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && m->columns[i].kind == kind)
            use(m->columns[i].stamps + first, rows < STAMP_ROWS ? rows : STAMP_ROWS, numbers);
}

static void mark(uint16_t *stamps, size_t rows, uint16_t *marks)
{
    for (size_t i = 0; i < rows; i++)
        marks[stamps[i]] = 1;
}

static void renumber(uint16_t *stamps, size_t rows, uint16_t *numbers)
{
    for (size_t i = 0; i < rows; i++)
        stamps[i] = numbers[stamps[i]];
}

/* Leaves those that a value has, and room for as many again. There is always room for one more: all 2048 metrics that there
 * may be are of several kinds, so that a block has less than 2048 * 32 values. */
static void sweep(struct model *m, enum gw_kind kind, size_t block)
{
    struct stamp_block *b = &m->rows[kind].stamps[block];
    uint16_t *numbers = xcalloc(b->count, sizeof(*numbers)), left = 1;
    size_t room = b->room;

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
    while (room < 2 * (size_t)left)
        room *= 2;
    b->room = (uint16_t)(room < MOST_STAMPS ? room : MOST_STAMPS);
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
