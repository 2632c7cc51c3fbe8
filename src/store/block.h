/* A block: up to 1024 rows of one kind, their latest values in columns, their names and
 * texts packed. The cache's unit of memory and of writing: in the file it is one blob,
 * read and written almost as it lies here.
 *
 * Numbers are kept as floats, except times and counters (double: a float would be a
 * minute off in this century); times in whole seconds, rounded down, so that nothing ever
 * looks fresher than it is. Metrics go by name in the file, for their ids are another in
 * every process; a column of a metric nobody knows any more is dropped.
 *
 * Private to store/. */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gigawatch/source.h"
#include "model/batch.h"

enum { BLOCK_ROWS = 1024 };

struct column {
    uint16_t metric;
    uint8_t width;   /* of a value: 4, or 8 for doubles */
    uint32_t told;   /* block.visits when it last got a value */
    uint32_t *times; /* seconds since 1970; 0: nobody ever said a word. NULL: those of
                      * the rows */
    void *values;    /* float, double, or uint32_t: a text's offset; 0: not known */
    uint8_t *qualities; /* NULL: all GW_OK */
};

/* Who feeds a row: a name of a kind. */
struct feeds {
    uint32_t *names; /* offsets in text[]; 0: nobody known. NULL: nobody at all */
    uint8_t *kinds;
};

struct block {
    enum gw_kind kind;
    uint32_t rows, room;
    enum { BLOCK_SAVED, BLOCK_CHANGED, BLOCK_WRITTEN /* but not yet committed */ } state;
    char *text; /* texts one after the other, each with its 0; text[0] is "" */
    size_t text_len, text_room;
    size_t text_live; /* text_len when it was last packed */
    uint32_t *names;  /* offsets in text[] */
    uint32_t *times;  /* when a row was last told of: mostly all of it at once, so that
                       * most columns have no times of their own */
    uint32_t visits;  /* calls of block_tell() */
    struct feeds parent, second;
    struct column *columns;
    size_t column_count;
};

struct block *block_new(enum gw_kind kind);
void block_free(struct block *b);
void block_free_column(struct column *c); /* what is in it */
size_t block_bytes(const struct block *b);

/* The next row; the block is not full. */
uint32_t block_add(struct block *b, const char *name);
const char *block_name(const struct block *b, uint32_t row);
/* batch_hash() of each of its rows. */
void block_hashes(const struct block *b, uint64_t hashes[BLOCK_ROWS]);
/* The first who feeds the row is its parent, another its second feed. */
void block_feed(struct block *b, uint32_t row, enum gw_kind kind, const char *name);
void block_reparent(struct block *b, uint32_t row, enum gw_kind kind, const char *name);

/* What was told of a row at one time: keeps each value unless a newer one is there.
 * `hint` remembers the column between calls. `now` tells a time in the future, left by a
 * clock that jumped back, from a newer one. */
void block_tell(struct block *b, uint32_t row, const struct batch_sample *values,
                size_t count, double time, double now, size_t *hint);
/* The same of what is worked out from what is known, and told after all else: it stands,
 * be what it was worked out from older than what stood there, as when other GPUs are in a
 * sum. */
void block_tell_last(struct block *b, uint32_t row, const struct batch_sample *values,
                     size_t count, double time, size_t *hint);
static inline const uint32_t *block_times(const struct block *b, const struct column *c)
{
    return c->times ? c->times : b->times;
}
/* Columns whose times are those of the rows have none of their own any more. */
void block_share_times(struct block *b);
/* Time of the row's newest value; 0: none. */
uint32_t block_newest(const struct block *b, uint32_t row);
/* Copies a row with all its values to the end of another block. */
void block_copy(struct block *to, const struct block *from, uint32_t row);

/* Drops the texts that nobody refers to any more. */
void block_pack(struct block *b);
/* The blob: *to is grown as needed. Returns its length. */
size_t block_encode(struct block *b, uint8_t **to, size_t *room);
/* NULL: not a whole block of that kind. wanted: metrics by id, NULL: all. Of the others
 * only those come along that hold the newest value of a row: how old a row is stays
 * known. */
struct block *block_decode(enum gw_kind kind, const uint8_t *from, size_t len,
                           const bool *wanted);
/* The first bytes of a blob, BLOCK_HEAD of them at least, say how many of its bytes tell
 * what its rows are called and what they are in (0: it is none), and these are enough for
 * a block without values. */
enum { BLOCK_HEAD = 20 };
size_t block_places_size(const uint8_t *from, size_t len);
struct block *block_decode_places(enum gw_kind kind, const uint8_t *from, size_t len);

#endif
