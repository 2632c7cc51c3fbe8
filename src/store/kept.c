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

/* What is watched is renewed every half hour: a console that was closed for a week still
 * finds it. What comes and goes near its cap leaves more and more behind, of which the
 * newest have this room. */
static const double forget_s = 8 * 86400.;
enum { MOST_BYTES = 32 << 20 };

/* Above what a console watches. While nothing can be written, what is new is dropped: it
 * is learnt again, and each piece is a hundred kilobytes. */
enum { MOST_WAITING = 160 };

struct piece {
    void *bytes;
    size_t size;
    char name[];
};

struct kept {
    struct inbox *in;
};

static void free_piece(void *item)
{
    struct piece *p = item;

    if (p)
        free(p->bytes);
    free(p);
}

struct kept *kept_new(void)
{
    struct kept *k = xcalloc(1, sizeof(*k));

    k->in = inbox_new(free_piece);
    return k;
}

void kept_free(struct kept *k)
{
    if (!k)
        return;
    inbox_free(k->in);
    free(k);
}

void kept_put(struct kept *k, const char *name, void *bytes, size_t size)
{
    struct piece *p = xcalloc(1, sizeof(*p) + strlen(name) + 1);

    memcpy(p->name, name, strlen(name));
    p->bytes = bytes;
    p->size = size;
    if (inbox_count(k->in) < MOST_WAITING)
        inbox_put(k->in, p);
    else
        free_piece(p);
}

bool kept_waits(const struct kept *k)
{
    return inbox_count(k->in) > 0;
}

static int write_piece(sqlite3_stmt *stmt, const struct piece *p, double now)
{
    sqlite3_reset(stmt);
    sqlite3_bind_text(stmt, 1, p->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, (int64_t)now);
    sqlite3_bind_blob64(stmt, 3, p->bytes, p->size, SQLITE_STATIC);
    return sqlite3_step(stmt) == SQLITE_DONE ? 0 : -1;
}

static int forget(sqlite3 *db, double now, struct err *err)
{
    char sql[320];

    snprintf(sql, sizeof(sql),
             "DELETE FROM learnt WHERE time < %lld OR id IN (SELECT id FROM (SELECT id,"
             " sum(length(bytes)) OVER (ORDER BY time DESC, id DESC) AS bytes FROM learnt)"
             " WHERE bytes > %d)",
             (long long)(now - forget_s), MOST_BYTES);
    return db_run(db, sql, err);
}

int kept_save(struct kept *k, sqlite3 *db, double now, struct err *err)
{
    sqlite3_stmt *stmt;
    int failed = 0;

    if (!kept_waits(k))
        return 0;
    stmt = db_prepare(db,
                      "INSERT INTO learnt(name, time, bytes) VALUES(?1, ?2, ?3)"
                      " ON CONFLICT(name) DO UPDATE SET time = ?2, bytes = ?3",
                      err);
    if (!stmt)
        return -1;
    while (!failed && kept_waits(k)) {
        struct piece *p = inbox_take(k->in);

        failed = write_piece(stmt, p, now);
        free_piece(p);
    }
    if (failed)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return failed ? failed : forget(db, now, err);
}

/* ---- reading ---- */

/* Straight into the memory of who asked. */
static void *read_piece(sqlite3 *db, int64_t id, size_t *size)
{
    sqlite3_blob *blob = NULL;
    void *bytes = NULL;

    if (sqlite3_blob_open(db, "main", "learnt", "bytes", id, 0, &blob) == SQLITE_OK) {
        *size = (size_t)sqlite3_blob_bytes(blob);
        bytes = xcalloc(*size + 1, 1);
        if (sqlite3_blob_read(blob, bytes, (int)*size, 0) != SQLITE_OK) {
            free(bytes);
            bytes = NULL;
        }
    }
    sqlite3_blob_close(blob);
    return bytes;
}

struct store_reader {
    sqlite3 *db; /* NULL: it cannot be read */
    sqlite3_stmt *find;
};

struct store_reader *store_reader_new(const char *path)
{
    struct store_reader *r = xcalloc(1, sizeof(*r));
    struct err err;

    r->db = schema_read(path, &err);
    r->find = r->db ? db_prepare(r->db, "SELECT id FROM learnt WHERE name = ?1", &err)
                    : NULL;
    return r;
}

void store_reader_free(struct store_reader *r)
{
    if (!r)
        return;
    sqlite3_finalize(r->find);
    sqlite3_close(r->db);
    free(r);
}

void *store_read_kept(struct store_reader *r, const char *name, size_t *size)
{
    void *bytes = NULL;

    if (!r || !r->find)
        return NULL;
    sqlite3_bind_text(r->find, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(r->find) == SQLITE_ROW)
        bytes = read_piece(r->db, sqlite3_column_int64(r->find, 0), size);
    sqlite3_reset(r->find);
    return bytes;
}

void *store_kept(const char *path, const char *name, size_t *size)
{
    struct store_reader *r = store_reader_new(path);
    void *bytes = store_read_kept(r, name, size);

    store_reader_free(r);
    return bytes;
}
