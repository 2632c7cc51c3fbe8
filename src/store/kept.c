/* What was learnt: one piece of bytes a name. */
#include "store/kept.h"
#include "base/arena.h"
#include "base/inbox.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nobody asks any more for what was not renewed in so long. */
static const double forget_s = 40 * 86400.;

struct piece {
    struct piece *next;
    void *bytes;
    size_t size;
    char name[];
};

struct kept {
    struct inbox *in;
    struct piece *pending;      /* not yet committed, the newest first */
};

static void free_piece(void *item)
{
    struct piece *p = item;

    free(p->bytes);
    free(p);
}

struct kept *kept_new(void)
{
    struct kept *k = xcalloc(1, sizeof(*k));

    k->in = inbox_new(free_piece);
    return k;
}

static void free_pending(struct kept *k)
{
    while (k->pending) {
        struct piece *p = k->pending;

        k->pending = p->next;
        free_piece(p);
    }
}

void kept_free(struct kept *k)
{
    if (!k)
        return;
    free_pending(k);
    inbox_free(k->in);
    free(k);
}

void kept_put(struct kept *k, const char *name, void *bytes, size_t size)
{
    struct piece *p = xcalloc(1, sizeof(*p) + strlen(name) + 1);

    memcpy(p->name, name, strlen(name));
    p->bytes = bytes;
    p->size = size;
    inbox_put(k->in, p);
}

bool kept_waits(const struct kept *k)
{
    return k->pending || inbox_count(k->in) > 0;
}

/* The newest of a name is enough: a disk that stays full does not fill the memory. */
static void forget_older(struct kept *k, const struct piece *newest)
{
    for (struct piece **at = &k->pending; *at; at = &(*at)->next)
        if (*at != newest && strcmp((*at)->name, newest->name) == 0) {
            struct piece *old = *at;

            *at = old->next;
            free_piece(old);
            return;
        }
}

static void collect(struct kept *k)
{
    struct piece *p;

    while ((p = inbox_take(k->in))) {
        p->next = k->pending;
        k->pending = p;
        forget_older(k, p);
    }
}

static int write_piece(sqlite3_stmt *stmt, const struct piece *p, double now)
{
    sqlite3_reset(stmt);
    sqlite3_bind_text(stmt, 1, p->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, (int64_t)now);
    sqlite3_bind_blob64(stmt, 3, p->bytes, p->size, SQLITE_STATIC);
    return sqlite3_step(stmt) == SQLITE_DONE ? 0 : -1;
}

int kept_save(struct kept *k, sqlite3 *db, double now, struct err *err)
{
    char sql[96];
    sqlite3_stmt *stmt;
    int failed = 0;

    collect(k);
    if (!k->pending)
        return 0;
    snprintf(sql, sizeof(sql), "DELETE FROM learnt WHERE time < %lld",
             (long long)(now - forget_s));
    if (db_run(db, sql, err) < 0)
        return -1;
    stmt = db_prepare(db,
                      "INSERT INTO learnt(name, time, bytes) VALUES(?1, ?2, ?3)"
                      " ON CONFLICT(name) DO UPDATE SET time = ?2, bytes = ?3",
                      err);
    if (!stmt)
        return -1;
    for (const struct piece *p = k->pending; p && !failed; p = p->next)
        failed = write_piece(stmt, p, now);
    if (failed)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return failed;
}

void kept_settle(struct kept *k, bool committed)
{
    if (committed)
        free_pending(k);
}

/* ---- reading ---- */

static void *copy_piece(sqlite3_stmt *stmt, size_t *size)
{
    void *bytes;

    *size = (size_t)sqlite3_column_bytes(stmt, 0);
    bytes = xcalloc(*size + 1, 1);
    if (*size)
        memcpy(bytes, sqlite3_column_blob(stmt, 0), *size);
    return bytes;
}

void *store_kept(const char *path, const char *name, size_t *size)
{
    struct err err;
    sqlite3 *db = schema_read(path, &err);
    sqlite3_stmt *stmt = db ? db_prepare(db, "SELECT bytes FROM learnt WHERE name = ?1", &err)
                            : NULL;
    void *bytes = NULL;

    if (stmt) {
        sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            bytes = copy_piece(stmt, size);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return bytes;
}
