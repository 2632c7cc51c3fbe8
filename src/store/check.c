/* Is a cache file whole? What no start can afford to look at: every page, and every piece
 * of what is remembered. */
#include "store/db.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/tile.h"

#include <string.h>

static const char damaged[] =
    "%s: damaged (%s); move it away and gigawatch makes a new one";

/* SQLite's own look at its pages; it answers "ok", or says what is wrong. */
static int check_pages(sqlite3 *db, const char *path, struct err *err)
{
    sqlite3_stmt *stmt = db_prepare(db, "PRAGMA quick_check(1)", err);
    const char *said;
    int result = -1;

    if (!stmt)
        return -1;
    if (sqlite3_step(stmt) != SQLITE_ROW)
        db_fail(db, err);
    else if ((said = (const char *)sqlite3_column_text(stmt, 0)) &&
             strcmp(said, "ok") == 0)
        result = 0;
    else
        err_set(err, damaged, path, said ? said : "no page can be read");
    sqlite3_finalize(stmt);
    return result;
}

/* A page may be in its place and hold nonsense: so each tile of the history is
 * unpacked. */
static int check_tiles(sqlite3 *db, const char *path, struct err *err)
{
    static float values[TILE_SERIES * TILE_TICKS];
    sqlite3_stmt *stmt = db_prepare(db, "SELECT packed FROM tile", err);
    int step;

    if (!stmt)
        return -1;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW)
        if (tile_decode(sqlite3_column_blob(stmt, 0),
                        (size_t)sqlite3_column_bytes(stmt, 0), values) < 0)
            break;
    if (step == SQLITE_ROW)
        err_set(err, damaged, path, "a tile of the history is not readable");
    else if (step != SQLITE_DONE)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return step == SQLITE_DONE ? 0 : -1;
}

static void drop(void *arg, struct batch *b)
{
    (void)arg;
    batch_free(b);
}

int store_check(const char *path, struct err *err)
{
    sqlite3 *db = schema_read(path, err);
    struct store *s;
    int result;

    if (!db)
        return -1;
    result = check_pages(db, path, err) < 0 || check_tiles(db, path, err) < 0 ? -1 : 0;
    sqlite3_close(db);
    if (result < 0)
        return -1;
    s = store_open(path, STORE_READ, err);
    if (!s)
        return -1;
    result = store_recall(s, (1u << GW_KINDS) - 1, drop, NULL, err) < 0 ? -1 : 0;
    store_close(s);
    return result;
}
