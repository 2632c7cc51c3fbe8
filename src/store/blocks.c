/* Blocks in the file. */
#include "store/blocks.h"
#include "base/arena.h"
#include "model/metric.h"
#include "store/db.h"

#include <stdlib.h>

static int read_one(sqlite3_stmt *stmt, enum gw_kind kind, const struct blocks_reader *r)
{
    int64_t number = sqlite3_column_int64(stmt, 0) - ((int64_t)kind << 32);
    const void *packed = sqlite3_column_blob(stmt, 1);
    size_t size = (size_t)sqlite3_column_bytes(stmt, 1);
    struct block *b;

    if (r->skips && r->skips(r->arg, number, packed, size))
        return 0;
    b = block_decode(kind, packed, size, r->wanted);
    return b ? r->each(r->arg, number, b) : -1;
}

static int fail(sqlite3 *db, enum gw_kind kind, struct err *err)
{
    err_set(err,
            "%s: damaged (the last state of %s is not readable); move it away and "
            "gigawatch makes a new one",
            sqlite3_db_filename(db, "main"), kind_plural(kind));
    return -1;
}

int blocks_read(sqlite3 *db, enum gw_kind kind, size_t from, size_t to,
                const struct blocks_reader *reader, struct err *err)
{
    int64_t first = (int64_t)kind << 32;
    sqlite3_stmt *stmt = db_prepare(
        db, "SELECT id, packed FROM state WHERE id BETWEEN ?1 AND ?2 ORDER BY id", err);
    int step = SQLITE_DONE, failed = 0;

    if (!stmt)
        return -1;
    sqlite3_bind_int64(stmt, 1, first + (int64_t)from);
    sqlite3_bind_int64(stmt, 2, first + (int64_t)to);
    while (!failed && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        failed = read_one(stmt, kind, reader);
    if (failed)
        (void)fail(db, kind, err);
    else if (step != SQLITE_DONE)
        failed = db_fail(db, err);
    sqlite3_finalize(stmt);
    return failed;
}

int blocks_write(sqlite3 *db, enum gw_kind kind, size_t number, const void *packed,
                 size_t size, struct err *err)
{
    sqlite3_stmt *stmt = db_prepare(db, "INSERT OR REPLACE INTO state VALUES(?1, ?2)",
                                    err);
    int failed;

    if (!stmt)
        return -1;
    sqlite3_bind_int64(stmt, 1, (int64_t)kind << 32 | (int64_t)number);
    sqlite3_bind_blob64(stmt, 2, packed, size, SQLITE_STATIC);
    failed = sqlite3_step(stmt) == SQLITE_DONE ? 0 : db_fail(db, err);
    sqlite3_finalize(stmt);
    return failed;
}

size_t blocks_count(sqlite3 *db, enum gw_kind kind)
{
    sqlite3_stmt *stmt =
        db_prepare(db, "SELECT max(id) FROM state WHERE id BETWEEN ?1 AND ?2", NULL);
    int64_t first = (int64_t)kind << 32, blocks = 0;

    if (!stmt)
        return 0;
    sqlite3_bind_int64(stmt, 1, first);
    sqlite3_bind_int64(stmt, 2, first + UINT32_MAX);
    if (sqlite3_step(stmt) == SQLITE_ROW &&
        sqlite3_column_type(stmt, 0) == SQLITE_INTEGER)
        blocks = sqlite3_column_int64(stmt, 0) - first + 1;
    sqlite3_finalize(stmt);
    return (size_t)blocks;
}

/* ---- their first bytes ---- */

struct bytes {
    uint8_t *at;
    size_t room;
};

/* NULL: damaged. */
static struct block *read_places(sqlite3_blob *blob, enum gw_kind kind,
                                 struct bytes *bytes)
{
    size_t all = (size_t)sqlite3_blob_bytes(blob), size;

    bytes->at = xgrow(bytes->at, &bytes->room, BLOCK_HEAD, 1);
    if (all < BLOCK_HEAD ||
        sqlite3_blob_read(blob, bytes->at, BLOCK_HEAD, 0) != SQLITE_OK)
        return NULL;
    size = block_places_size(bytes->at, BLOCK_HEAD);
    if (size == 0 || size > all)
        return NULL;
    bytes->at = xgrow(bytes->at, &bytes->room, size, 1);
    if (sqlite3_blob_read(blob, bytes->at, (int)size, 0) != SQLITE_OK)
        return NULL;
    return block_decode_places(kind, bytes->at, size);
}

int blocks_read_places(sqlite3 *db, enum gw_kind kind, const struct blocks_reader *reader,
                       struct err *err)
{
    int64_t first = (int64_t)kind << 32;
    sqlite3_stmt *stmt = db_prepare(
        db, "SELECT id FROM state WHERE id BETWEEN ?1 AND ?2 ORDER BY id", err);
    struct bytes bytes = { 0 };
    int step = SQLITE_DONE, failed = 0;

    if (!stmt)
        return -1;
    sqlite3_bind_int64(stmt, 1, first);
    sqlite3_bind_int64(stmt, 2, first + UINT32_MAX);
    while (!failed && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(stmt, 0);
        sqlite3_blob *blob = NULL;
        struct block *b = NULL;

        if (sqlite3_blob_open(db, "main", "state", "packed", id, 0, &blob) == SQLITE_OK)
            b = read_places(blob, kind, &bytes);
        failed = b ? reader->each(reader->arg, id - first, b) : fail(db, kind, err);
        sqlite3_blob_close(blob);
    }
    if (!failed && step != SQLITE_DONE)
        failed = db_fail(db, err);
    sqlite3_finalize(stmt);
    free(bytes.at);
    return failed;
}
