/* The blocks of a kind in the file: one row each, id = kind << 32 | number. Private to
 * store/. */
#ifndef STORE_BLOCKS_H
#define STORE_BLOCKS_H

#include "store/block.h"
#include "store/db.h"

/* What is done with them. */
struct blocks_reader {
    const bool *wanted; /* of each: block_decode() */
    /* Is it left out, by its bytes in the file? NULL: none is. */
    bool (*skips)(void *arg, int64_t number, const void *packed, size_t size);
    int (*each)(void *arg, int64_t number, struct block *b); /* takes the block */
    void *arg;
};

/* Reads those from number `from` to `to`. -1 with *err: damaged, or each() failed. */
int blocks_read(sqlite3 *db, enum gw_kind kind, size_t from, size_t to,
                const struct blocks_reader *reader, struct err *err);
/* As blocks_read(), of all that are there, without their values: so much less of the file
 * is read. Of the reader only each() is asked. */
int blocks_read_places(sqlite3 *db, enum gw_kind kind, const struct blocks_reader *reader,
                       struct err *err);
/* In the place of the one that had the number. -1 with *err. */
int blocks_write(sqlite3 *db, enum gw_kind kind, size_t number, const void *packed,
                 size_t size, struct err *err);
/* One more than the highest number; 0 where there is none. */
size_t blocks_count(sqlite3 *db, enum gw_kind kind);

#endif
