/* SQLite, with its failures in words. */
#include "store/db.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* What is no page of the file, such as the index of its log, fails as any input or
 * output. */
static bool is_out_of_room(sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xff, system = sqlite3_system_errno(db);

    return code == SQLITE_FULL ||
           (code == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
}

int db_fail(sqlite3 *db, struct err *err)
{
    const char *path = sqlite3_db_filename(db, "main");

    if (!path)
        path = "cache";
    if (is_out_of_room(db))
        return err_set(err, "%s: disk full", path);
    switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_set(err,
                       "%s: damaged (%s); move it away and gigawatch makes a new one",
                       path, sqlite3_errmsg(db));
    case SQLITE_READONLY:
        /* A reader cannot tidy up after a writer that was killed while it made the
         * file. */
        if (sqlite3_extended_errcode(db) == SQLITE_READONLY_ROLLBACK)
            return err_set(
                err,
                "%s: left in the middle of a change; the next console or collector "
                "mends it",
                path);
        return err_set(err, "%s: read-only: nothing can be kept there", path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(err, "%s: locked by another program", path);
    default:
        return err_set(err, "%s: %s", path, sqlite3_errmsg(db));
    }
}

int db_run(sqlite3 *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return db_fail(db, err);
    return 0;
}

sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql, struct err *err)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        db_fail(db, err);
    return stmt;
}

int db_number(sqlite3 *db, const char *sql, int64_t *value, struct err *err)
{
    sqlite3_stmt *stmt = db_prepare(db, sql, err);
    int step;

    if (!stmt)
        return -1;
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        *value = sqlite3_column_int64(stmt, 0);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : -1;
}
