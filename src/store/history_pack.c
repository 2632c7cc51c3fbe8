/* From the journal to tiles, and from tiles to nothing. What has to be done is read from
 * the tables each time, so that a crash between two steps is no case of its own. */
#include "store/history_pack.h"
#include "base/arena.h"
#include "store/db.h"
#include "store/history.h"
#include "store/history_key.h"
#include "store/tile.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PACKED_AT_ONCE = 16, FORGOTTEN_AT_ONCE = 64 };

struct pack {
    sqlite3 *db;
    sqlite3_stmt *row, *drop, *get, *put;
    size_t series;
    float fine[TILE_SERIES * TILE_TICKS], coarse[TILE_SERIES * TILE_TICKS];
    uint8_t blob[TILE_ROOM];
};

/* ---- packing ---- */

/* The tile as it is; all unknown where there is none. A damaged one is made anew from
 * what is known. */
static void get_tile(struct pack *p, int64_t key, float *values)
{
    bool found = false;

    sqlite3_bind_int64(p->get, 1, key);
    if (sqlite3_step(p->get) == SQLITE_ROW)
        found = tile_decode(sqlite3_column_blob(p->get, 0),
                            (size_t)sqlite3_column_bytes(p->get, 0), values) == 0;
    sqlite3_reset(p->get);
    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS && !found; i++)
        values[i] = NAN;
}

static int put_tile(struct pack *p, int64_t key, const float *values)
{
    size_t first = (size_t)key_block(key) * TILE_SERIES;
    size_t series = p->series > first ? p->series - first : 0;
    size_t len =
        tile_encode(p->blob, values, series < TILE_SERIES ? series : TILE_SERIES);

    sqlite3_bind_int64(p->put, 1, key);
    sqlite3_bind_blob(p->put, 2, p->blob, (int)len, SQLITE_STATIC);
    sqlite3_step(p->put);
    return sqlite3_reset(p->put) == SQLITE_OK ? 0 : -1;
}

static void lay_over(struct pack *p, size_t tick, const void *row, size_t bytes)
{
    float watts;

    for (size_t i = 0; i < TILE_SERIES && (i + 1) * sizeof(watts) <= bytes; i++) {
        memcpy(&watts, (const char *)row + i * sizeof(watts), sizeof(watts));
        if (!isnan(watts))
            p->fine[i * TILE_TICKS + tick] = watts;
    }
}

/* Moves the rows of a window and a block from the journal into p->fine. */
static int move_rows(struct pack *p, int64_t window, uint32_t block)
{
    for (size_t tick = 0; tick < TILE_TICKS; tick++) {
        int64_t key = journal_key(window * TILE_TICKS + (int64_t)tick, block);

        sqlite3_bind_int64(p->row, 1, key);
        if (sqlite3_step(p->row) == SQLITE_ROW)
            lay_over(p, tick, sqlite3_column_blob(p->row, 0),
                     (size_t)sqlite3_column_bytes(p->row, 0));
        if (sqlite3_reset(p->row) != SQLITE_OK)
            return -1;
        sqlite3_bind_int64(p->drop, 1, key);
        sqlite3_step(p->drop);
        if (sqlite3_reset(p->drop) != SQLITE_OK)
            return -1;
    }
    return 0;
}

static float mean_of(const float *values, size_t count)
{
    double sum = 0;
    size_t known = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i])) {
            sum += (double)values[i];
            known++;
        }
    return known ? (float)(sum / (double)known) : NAN;
}

/* Enters the means of a fine window into the coarse tile it is a part of. */
static void enter_means(struct pack *p, int64_t window)
{
    const size_t means = TILE_TICKS / HISTORY_COARSE_STEPS;
    size_t first = (size_t)(window % HISTORY_COARSE_STEPS) * means;

    for (size_t series = 0; series < TILE_SERIES; series++)
        for (size_t i = 0; i < means; i++)
            p->coarse[series * TILE_TICKS + first + i] =
                mean_of(p->fine + series * TILE_TICKS + i * HISTORY_COARSE_STEPS,
                        HISTORY_COARSE_STEPS);
}

static int pack_window(struct pack *p, int64_t window, uint32_t block)
{
    int64_t fine = tile_key(TIER_FINE, window, block);
    int64_t coarse = tile_key(TIER_COARSE, window / HISTORY_COARSE_STEPS, block);

    get_tile(p, fine, p->fine);
    if (move_rows(p, window, block) < 0 || put_tile(p, fine, p->fine) < 0)
        return -1;
    get_tile(p, coarse, p->coarse);
    enter_means(p, window);
    return put_tile(p, coarse, p->coarse);
}

/* A row of the journal that belongs to no window still open: 1 and *key, 0 or -1. The
 * clock may have jumped, so both ends are looked at. */
static int find_closed(sqlite3 *db, int64_t now, int64_t *key, struct err *err)
{
    static const char *const ends[] = { "SELECT min(id) FROM journal",
                                        "SELECT max(id) FROM journal" };

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        *key = -1;
        if (db_number(db, ends[i], key, err) < 0)
            return -1;
        if (*key >= 0 && key_time(*key) / TILE_TICKS != now / TILE_TICKS)
            return 1;
    }
    return 0;
}

static int pack_some(struct pack *p, int64_t now, struct err *err)
{
    int64_t key;
    int found = 0;

    for (int i = 0; i < PACKED_AT_ONCE; i++) {
        found = find_closed(p->db, now, &key, err);
        if (found <= 0)
            break;
        if (pack_window(p, key_time(key) / TILE_TICKS, key_block(key)) < 0)
            return db_fail(p->db, err);
    }
    return found;
}

/* ---- forgetting ---- */

/* Windows of a tier, counted by jumping from one to the next; *oldest is the first. */
static int count_windows(sqlite3 *db, int tier, int64_t *oldest, struct err *err)
{
    int64_t end = tile_key(tier + 1, 0, 0), key = tile_key(tier, 0, 0);
    sqlite3_stmt *next =
        db_prepare(db, "SELECT min(id) FROM tile WHERE id >= ?1 AND id < ?2", err);
    int windows = 0;

    if (!next)
        return -1;
    for (;; windows++) {
        sqlite3_bind_int64(next, 1, key);
        sqlite3_bind_int64(next, 2, end);
        if (sqlite3_step(next) != SQLITE_ROW ||
            sqlite3_column_type(next, 0) == SQLITE_NULL)
            break;
        key = sqlite3_column_int64(next, 0);
        if (windows == 0)
            *oldest = key_time(key);
        key = tile_key(tier, key_time(key) + 1, 0);
        sqlite3_reset(next);
    }
    if (sqlite3_finalize(next) != SQLITE_OK)
        return db_fail(db, err);
    return windows;
}

/* 1: there are still too many. */
static int forget_some(sqlite3 *db, int tier, struct err *err)
{
    int64_t oldest = 0;
    char sql[192];

    for (int forgotten = 0; forgotten < FORGOTTEN_AT_ONCE;
         forgotten += sqlite3_changes(db)) {
        int windows = count_windows(db, tier, &oldest, err);

        if (windows <= HISTORY_WINDOWS)
            return windows < 0 ? -1 : 0;
        sqlite3_snprintf(
            sizeof(sql), sql,
            "DELETE FROM tile WHERE id IN (SELECT id FROM tile WHERE id BETWEEN "
            "%lld AND %lld LIMIT %d)",
            tile_key(tier, oldest, 0), tile_key(tier, oldest + 1, 0) - 1,
            FORGOTTEN_AT_ONCE - forgotten);
        if (db_run(db, sql, err) < 0)
            return -1;
    }
    return 1;
}

/* ---- both ---- */

static int prepare(struct pack *p, struct err *err)
{
    static const char *const sql[] = { "SELECT watts FROM journal WHERE id = ?1",
                                       "DELETE FROM journal WHERE id = ?1",
                                       "SELECT packed FROM tile WHERE id = ?1",
                                       "INSERT OR REPLACE INTO tile VALUES(?1, ?2)" };
    sqlite3_stmt **const to[] = { &p->row, &p->drop, &p->get, &p->put };

    for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
        if (!(*to[i] = db_prepare(p->db, sql[i], err)))
            return -1;
    return 0;
}

int history_pack(sqlite3 *db, int64_t now, size_t series, struct err *err)
{
    struct pack *p;
    int64_t key;
    int more = find_closed(db, now, &key, err), forgot = 0;

    if (more <= 0)
        goto forget;
    p = xcalloc(1, sizeof(*p));
    p->db = db;
    p->series = series;
    more = prepare(p, err) < 0 ? -1 : pack_some(p, now, err);
    sqlite3_finalize(p->row);
    sqlite3_finalize(p->drop);
    sqlite3_finalize(p->get);
    sqlite3_finalize(p->put);
    free(p);
forget:
    for (int tier = 0; tier < TIERS && more >= 0; tier++) {
        int some = forget_some(db, tier, err);

        if (some < 0)
            return -1;
        forgot |= some;
    }
    return more < 0 ? -1 : more | forgot;
}
