/* The history of power: taking steps in and appending them. history_pack.c packs. */
#include "store/history.h"
#include "base/arena.h"
#include "model/metric.h"
#include "store/db.h"
#include "store/finder.h"
#include "store/history_key.h"
#include "store/history_pack.h"
#include "store/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    const char *name;
    enum gw_kind kind;
};

struct step {
    int64_t number; /* of HISTORY_STEP_S since 1970 */
    float *watts;   /* by series; NAN: unknown */
    size_t count;
    bool written; /* but not yet committed */
};

struct history {
    struct arena *names;
    struct finder finder;
    struct series *series;
    size_t series_room;
    size_t named;         /* how many of the series the file knows, */
    size_t naming;        /* and will, once the transaction is committed */
    struct step *waiting; /* oldest first */
    size_t waiting_count, waiting_room, waiting_bytes;
    int64_t now;  /* the newest step taken in; 0: none yet */
    bool packing; /* there may be more to pack or to forget */
};

struct history *history_new(void)
{
    struct history *h = xcalloc(1, sizeof(*h));

    h->names = arena_new();
    h->packing = true;
    return h;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->waiting_count; i++)
        free(h->waiting[i].watts);
    free(h->waiting);
    free(h->series);
    finder_clear(&h->finder);
    arena_free(h->names);
    free(h);
}

/* ---- series ---- */

static uint32_t add_series(struct history *h, enum gw_kind kind, const char *name,
                           uint64_t hash)
{
    h->series =
        xgrow(h->series, &h->series_room, h->finder.count + 1, sizeof(*h->series));
    h->series[h->finder.count] = (struct series){ arena_strdup(h->names, name), kind };
    return finder_add(&h->finder, hash);
}

static bool is_series(const void *arg, uint32_t number)
{
    const struct history *h = ((const void *const *)arg)[0];
    const struct batch_entity *e = ((const void *const *)arg)[1];

    return h->series[number].kind == e->kind &&
           strcmp(h->series[number].name, e->name) == 0;
}

/* UINT32_MAX: there are too many already. */
static uint32_t series_of(struct history *h, const struct batch_entity *e)
{
    const void *both[] = { h, e };
    uint32_t number = finder_find(&h->finder, e->hash, is_series, both);

    if (number == UINT32_MAX && h->finder.count < HISTORY_MOST_SERIES)
        number = add_series(h, e->kind, e->name, e->hash);
    return number;
}

int history_load(struct history *h, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *stmt =
        db_prepare(db, "SELECT id, kind, name FROM series ORDER BY id", err);
    int step;

    if (!stmt)
        return -1;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 2);
        int kind = sqlite3_column_int(stmt, 1);

        if (!name || sqlite3_column_int64(stmt, 0) != (int64_t)h->finder.count ||
            kind < 0 || kind >= GW_KINDS)
            break;
        add_series(h, (enum gw_kind)kind, name, batch_hash(kind, name, strlen(name)));
    }
    h->named = h->finder.count;
    if (step == SQLITE_ROW)
        err_set(err,
                "%s: damaged (names of the history); move it away and gigawatch makes a "
                "new one",
                sqlite3_db_filename(db, "main"));
    else if (step != SQLITE_DONE)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return step == SQLITE_DONE ? 0 : -1;
}

static int save_names(struct history *h, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *stmt;

    h->naming = h->finder.count;
    if (h->naming == h->named)
        return 0;
    stmt = db_prepare(db, "INSERT INTO series VALUES(?1, ?2, ?3)", err);
    if (!stmt)
        return -1;
    for (size_t i = h->named; i < h->naming; i++) {
        sqlite3_bind_int64(stmt, 1, (int64_t)i);
        sqlite3_bind_int(stmt, 2, (int)h->series[i].kind);
        sqlite3_bind_text(stmt, 3, h->series[i].name, -1, SQLITE_STATIC);
        sqlite3_step(stmt);
        if (sqlite3_reset(stmt) != SQLITE_OK) {
            db_fail(db, err);
            sqlite3_finalize(stmt);
            return -1;
        }
    }
    sqlite3_finalize(stmt);
    return 0;
}

/* ---- steps ---- */

static struct step *step_at(struct history *h, int64_t number)
{
    for (size_t i = h->waiting_count; i-- > 0;)
        if (h->waiting[i].number == number)
            return &h->waiting[i];
    h->waiting =
        xgrow(h->waiting, &h->waiting_room, h->waiting_count + 1, sizeof(struct step));
    h->waiting[h->waiting_count] = (struct step){ .number = number };
    return &h->waiting[h->waiting_count++];
}

static void set_watts(struct history *h, struct step *s, uint32_t series, double watts)
{
    if (series >= s->count) {
        s->watts = xrealloc(s->watts, h->finder.count, sizeof(*s->watts));
        h->waiting_bytes += (h->finder.count - s->count) * sizeof(*s->watts);
        for (; s->count < h->finder.count; s->count++)
            s->watts[s->count] = NAN;
    }
    s->watts[series] = (float)watts;
}

static void drop_oldest(struct history *h)
{
    h->waiting_bytes -= h->waiting[0].count * sizeof(float);
    free(h->waiting[0].watts);
    memmove(h->waiting, h->waiting + 1, --h->waiting_count * sizeof(*h->waiting));
}

static bool is_history(const struct batch_sample *v)
{
    return (v->metric == M_SITE_POWER || v->metric == M_DOMAIN_POWER ||
            v->metric == M_TENANT_POWER || v->metric == M_NODE_POWER) &&
           isfinite(v->number) && (v->quality == GW_OK || v->quality == GW_ESTIMATED);
}

int history_take(struct history *h, const struct batch *b)
{
    struct step *step = NULL;
    int dropped = 0;

    if (b->origin != BATCH_HOST || !(b->time >= HISTORY_STEP_S && b->time < 1e11))
        return 0;
    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *v = &b->samples[i];
        uint32_t series;

        if (!is_history(v))
            continue;
        series = series_of(h, &b->entities[v->entity]);
        if (series == UINT32_MAX)
            continue;
        if (!step)
            step = step_at(h, (int64_t)(b->time / HISTORY_STEP_S));
        set_watts(h, step, series, v->number);
    }
    if (step)
        h->now = step->number;
    for (; h->waiting_bytes > HISTORY_MOST_WAITING && h->waiting_count > 1; dropped++)
        drop_oldest(h);
    return dropped;
}

/* ---- appending ---- */

/* Lays what the file already has of this step under the new values. */
static void lay_under(float *watts, const void *old, size_t bytes)
{
    for (size_t i = 0; i < TILE_SERIES && (i + 1) * sizeof(float) <= bytes; i++)
        if (isnan(watts[i]))
            memcpy(&watts[i], (const char *)old + i * sizeof(float), sizeof(float));
}

/* One row of the journal. Rows are as long as they need be. */
static int append_row(sqlite3_stmt *get, sqlite3_stmt *put, int64_t key,
                      const float *from, size_t count)
{
    float watts[TILE_SERIES];
    size_t used = 0;

    for (size_t i = 0; i < TILE_SERIES; i++)
        watts[i] = i < count ? from[i] : NAN;
    sqlite3_bind_int64(get, 1, key);
    if (sqlite3_step(get) == SQLITE_ROW)
        lay_under(watts, sqlite3_column_blob(get, 0),
                  (size_t)sqlite3_column_bytes(get, 0));
    sqlite3_reset(get);
    for (size_t i = 0; i < TILE_SERIES; i++)
        if (!isnan(watts[i]))
            used = i + 1;
    if (used == 0)
        return 0;
    sqlite3_bind_int64(put, 1, key);
    sqlite3_bind_blob(put, 2, watts, (int)(used * sizeof(float)), SQLITE_TRANSIENT);
    sqlite3_step(put);
    return sqlite3_reset(put) == SQLITE_OK ? 0 : -1;
}

static int append_steps(struct history *h, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *get, *put;
    int failed = 0;

    if (h->waiting_count == 0)
        return 0;
    get = db_prepare(db, "SELECT watts FROM journal WHERE id = ?1", err);
    put =
        get ? db_prepare(db, "INSERT OR REPLACE INTO journal VALUES(?1, ?2)", err) : NULL;
    if (!put)
        failed = -1;
    for (size_t i = 0; i < h->waiting_count && !failed; i++) {
        struct step *s = &h->waiting[i];

        for (size_t at = 0; at < s->count && !failed; at += TILE_SERIES)
            failed =
                append_row(get, put, journal_key(s->number, (uint32_t)(at / TILE_SERIES)),
                           s->watts + at, s->count - at);
        if (failed)
            db_fail(db, err);
        s->written = true;
    }
    sqlite3_finalize(get);
    sqlite3_finalize(put);
    return failed;
}

int history_save(struct history *h, sqlite3 *db, struct err *err)
{
    int more;

    if (save_names(h, db, err) < 0 || append_steps(h, db, err) < 0)
        return -1;
    if (h->now == 0 || !(h->packing || h->waiting_count > 0))
        return 0;
    more = history_pack(db, h->now, h->finder.count, err);
    if (more >= 0)
        h->packing = more > 0;
    return more < 0 ? -1 : 0;
}

void history_settle(struct history *h, bool committed)
{
    if (!committed) {
        h->packing = true;
        return;
    }
    h->named = h->naming;
    while (h->waiting_count > 0 && h->waiting[0].written)
        drop_oldest(h);
}
