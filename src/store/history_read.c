/* Reading the history, all series of a while at once: the journal, tiles of 15 s, and
 * means of 5 min for the half hours of which nothing finer is kept. */
#include "base/arena.h"
#include "store/db.h"
#include "store/history.h"
#include "store/history_key.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One block's series in a row: what was read of each, step by step. Of days, it is one
 * series: all of a block would be tens of megabytes. */
struct sheet {
    size_t first, rows; /* series of the block that are read */
    float *values;      /* `rows` times `count` */
    size_t count;
    bool *fine;    /* by window from the first step's on: it is kept in steps of 15 s */
    bool means;    /* some values are means */
};

struct reading {
    sqlite3 *db;
    sqlite3_stmt *next; /* of tile or journal */
    struct err *err;
    uint32_t block;
    int64_t from, to; /* steps, both included */
    struct sheet sheet;
};

static size_t end_of(const struct reading *r)
{
    return r->sheet.first + r->sheet.rows;
}

static void put(struct reading *r, size_t series, int64_t step, float watts)
{
    if (step >= r->from && step <= r->to && !isnan(watts))
        r->sheet.values[(series - r->sheet.first) * r->sheet.count +
                        (size_t)(step - r->from)] = watts;
}

static bool *is_fine(const struct reading *r, int64_t step)
{
    return &r->sheet.fine[step / TILE_TICKS - r->from / TILE_TICKS];
}

/* The row of our block at `time` or the next after it, up to `last`: jumps over what
 * other blocks have there. Returns 1 and *time, 0: none, -1. The row is in r->next until
 * it is reset. */
static int seek(struct reading *r, int tier, int64_t *time, int64_t last)
{
    while (*time <= last) {
        int64_t key;
        int step;

        sqlite3_reset(r->next);
        sqlite3_bind_int64(r->next, 1, tile_key(tier, *time, r->block));
        sqlite3_bind_int64(r->next, 2, tile_key(tier, last, r->block));
        step = sqlite3_step(r->next);
        if (step == SQLITE_DONE)
            return 0;
        if (step != SQLITE_ROW)
            return db_fail(r->db, r->err);
        key = sqlite3_column_int64(r->next, 0);
        *time = key_time(key);
        if (key_block(key) == r->block)
            return 1;
        if (key_block(key) > r->block)
            ++*time;
    }
    return 0;
}

static int read_series(struct reading *r, size_t series, float values[TILE_TICKS])
{
    if (tile_decode_series(sqlite3_column_blob(r->next, 1),
                           (size_t)sqlite3_column_bytes(r->next, 1), series, values) < 0)
        return err_set(r->err, "%s: damaged (a tile of the history is not readable)",
                       sqlite3_db_filename(r->db, "main"));
    return 0;
}

static int read_fine(struct reading *r)
{
    float values[TILE_TICKS];
    int64_t window = r->from / TILE_TICKS;
    int found;

    for (; (found = seek(r, TIER_FINE, &window, r->to / TILE_TICKS)) > 0; window++) {
        *is_fine(r, window * TILE_TICKS) = true;
        for (size_t series = r->sheet.first; series < end_of(r); series++) {
            if (read_series(r, series, values) < 0)
                return -1;
            for (int i = 0; i < TILE_TICKS; i++)
                put(r, series, window * TILE_TICKS + i, values[i]);
        }
    }
    return found;
}

static int read_journal(struct reading *r)
{
    int64_t step = r->from;
    float watts;
    int found;

    for (; (found = seek(r, 0, &step, r->to)) > 0; step++) {
        const char *row = sqlite3_column_blob(r->next, 1);
        size_t bytes = (size_t)sqlite3_column_bytes(r->next, 1);

        *is_fine(r, step) = true;
        for (size_t i = r->sheet.first; i < end_of(r) && (i + 1) * sizeof(watts) <= bytes;
             i++) {
            memcpy(&watts, row + i * sizeof(watts), sizeof(watts));
            put(r, i, step, watts);
        }
    }
    return found;
}

/* A mean stands for each of its steps, but never in a gap of what is kept finer. */
static void put_mean(struct reading *r, size_t series, int64_t first, float watts)
{
    if (isnan(watts))
        return;
    for (int64_t step = first; step < first + HISTORY_COARSE_STEPS; step++)
        if (step >= r->from && step <= r->to && !*is_fine(r, step)) {
            put(r, series, step, watts);
            r->sheet.means = true;
        }
}

static int read_coarse(struct reading *r)
{
    const int64_t span = TILE_TICKS * HISTORY_COARSE_STEPS;
    int64_t window = r->from / span;
    float values[TILE_TICKS];
    int found;

    for (; (found = seek(r, TIER_COARSE, &window, r->to / span)) > 0; window++)
        for (size_t series = r->sheet.first; series < end_of(r); series++) {
            if (read_series(r, series, values) < 0)
                return -1;
            for (int i = 0; i < TILE_TICKS; i++)
                put_mean(r, series, window * span + i * HISTORY_COARSE_STEPS, values[i]);
        }
    return found;
}

static int read_table(struct reading *r, const char *sql, int (*read)(struct reading *r))
{
    int failed;

    r->next = db_prepare(r->db, sql, r->err);
    failed = r->next ? read(r) : -1;
    sqlite3_finalize(r->next);
    return failed;
}

static const char tile_sql[] =
    "SELECT id, packed FROM tile WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1";
static const char journal_sql[] =
    "SELECT id, watts FROM journal WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1";

static bool is_all_fine(const struct reading *r)
{
    for (int64_t window = r->from / TILE_TICKS; window <= r->to / TILE_TICKS; window++)
        if (!*is_fine(r, window * TILE_TICKS))
            return false;
    return true;
}

static int read_block(struct reading *r)
{
    for (size_t i = 0; i < r->sheet.rows * r->sheet.count; i++)
        r->sheet.values[i] = NAN;
    memset(r->sheet.fine, 0, r->sheet.count / TILE_TICKS + 2);
    r->sheet.means = false;
    if (read_table(r, tile_sql, read_fine) < 0 ||
        read_table(r, journal_sql, read_journal) < 0)
        return -1;
    return is_all_fine(r) ? 0 : read_table(r, tile_sql, read_coarse);
}

/* The number may have been another series' before. */
static void forget_before(struct reading *r, float *values, int64_t since)
{
    for (int64_t step = r->from; step <= r->to && step < since; step++)
        values[step - r->from] = NAN;
}

static void give(struct reading *r, sqlite3_stmt *series, store_each *each, void *arg)
{
    int64_t id = sqlite3_column_int64(series, 0);
    float *values = r->sheet.values +
                    ((size_t)(id % TILE_SERIES) - r->sheet.first) * r->sheet.count;
    struct store_past past = {
        .kind = (enum gw_kind)(sqlite3_column_int(series, 1) & ~HISTORY_OTHERS),
        .name = (const char *)sqlite3_column_text(series, 2),
        .last = (double)r->to * HISTORY_STEP_S,
        .values = values,
        .count = r->sheet.count,
        .means = r->sheet.means,
    };

    forget_before(r, values, sqlite3_column_int64(series, 3));
    if (past.name)
        each(arg, &past);
}

static bool is_wanted(sqlite3_stmt *series, store_wants *wants, void *arg)
{
    const char *name = (const char *)sqlite3_column_text(series, 2);

    return name &&
           wants(arg, (enum gw_kind)(sqlite3_column_int(series, 1) & ~HISTORY_OTHERS),
                 name);
}

static const int added_to_kind[] = {
    [STORE_POWER] = 0, [STORE_ESTIMATED] = HISTORY_ESTIMATED, [STORE_POWER_N1] = HISTORY_N1
};

/* The series in order of their numbers, so that each block is read once. */
static int read_sheets(struct reading *r, unsigned kinds, const char *name,
                       enum store_what what, store_wants *wants, store_each *each,
                       void *arg)
{
    sqlite3_stmt *series = db_prepare(r->db,
                                      "SELECT id, kind, name, since FROM series"
                                      " WHERE 1 << (kind - ?2) & ?1 AND (?3 IS NULL OR name = ?3)"
                                      " ORDER BY id",
                                      r->err);
    int64_t block = -1;
    int step = SQLITE_DONE;

    if (!series)
        return -1;
    sqlite3_bind_int64(series, 1, kinds);
    sqlite3_bind_int64(series, 2, added_to_kind[what]);
    if (name)
        sqlite3_bind_text(series, 3, name, -1, SQLITE_STATIC);
    while ((step = sqlite3_step(series)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(series, 0), of = id / TILE_SERIES;

        if (wants && !is_wanted(series, wants, arg))
            continue;
        if (of != block || name) {
            block = of;
            r->sheet.first = name ? (size_t)(id % TILE_SERIES) : 0;
            r->block = (uint32_t)block;
            if (read_block(r) < 0)
                break;
        }
        give(r, series, each, arg);
    }
    sqlite3_finalize(series);
    return step == SQLITE_DONE ? 0 : -1;
}

static int64_t step_of(double time)
{
    if (!(time > 0))
        return 0;
    return (int64_t)((time < 1e11 ? time : 1e11) / HISTORY_STEP_S);
}

int store_trends(const char *path, unsigned kinds, const char *name, enum store_what what,
                 double end, size_t count, store_wants *wants, store_each *each,
                 void *arg, struct err *err)
{
    struct reading r = { .err = err, .to = step_of(end),
                         .sheet = { .rows = name ? 1 : TILE_SERIES, .count = count } };
    int failed;

    err_set(err, "%s: damaged (its series are not readable)", path);
    r.from = r.to - (int64_t)count + 1;
    if (r.from < 0)
        return err_set(err, "%s: nothing was recorded before 1970", path);
    r.db = schema_read(path, err);
    if (!r.db)
        return -1;
    r.sheet.values = xcalloc(r.sheet.rows * count, sizeof(*r.sheet.values));
    r.sheet.fine = xcalloc(count / TILE_TICKS + 2, 1);
    /* One view of all tables, while the writer moves rows from one to the other. */
    failed = db_run(r.db, "BEGIN", err) < 0
                 ? -1
                 : read_sheets(&r, kinds, name, what, wants, each, arg);
    free(r.sheet.values);
    free(r.sheet.fine);
    sqlite3_close(r.db);
    return failed;
}

/* ---- where it begins ---- */

/* The first time of a table's rows, as its keys have it; -1: it has none. */
static int64_t first_key_time(sqlite3 *db, const char *query, int64_t from)
{
    struct err err;
    sqlite3_stmt *stmt = db_prepare(db, query, &err);
    int64_t time = -1;

    if (!stmt)
        return -1;
    sqlite3_bind_int64(stmt, 1, from);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        time = key_time(sqlite3_column_int64(stmt, 0));
    sqlite3_finalize(stmt);
    return time;
}

static double sooner(double a, int64_t steps)
{
    return steps < 0 ? a : fmin(a, (double)steps * HISTORY_STEP_S);
}

/* A window has room for steps before the first that was recorded; of all series one is as
 * old as the history. */
static double oldest_series(sqlite3 *db)
{
    struct err err;
    sqlite3_stmt *stmt = db_prepare(db, "SELECT MIN(since) FROM series", &err);
    double since = stmt && sqlite3_step(stmt) == SQLITE_ROW
                       ? (double)sqlite3_column_int64(stmt, 0) * HISTORY_STEP_S
                       : NAN;

    sqlite3_finalize(stmt);
    return since;
}

double store_begins(const char *path)
{
    static const char tiles[] = "SELECT id FROM tile WHERE id >= ?1 ORDER BY id LIMIT 1";
    static const char journal[] =
        "SELECT id FROM journal WHERE id >= ?1 ORDER BY id LIMIT 1";
    struct err err;
    sqlite3 *db = schema_read(path, &err);
    int64_t fine, coarse;
    double begins;

    if (!db)
        return NAN;
    fine = first_key_time(db, tiles, 0);
    coarse = first_key_time(db, tiles, tile_key(TIER_COARSE, 0, 0));
    begins = sooner(NAN, first_key_time(db, journal, 0));
    begins = sooner(begins, fine < 0 ? -1 : fine * TILE_TICKS);
    begins = sooner(begins, coarse < 0 ? -1 : coarse * TILE_TICKS * HISTORY_COARSE_STEPS);
    begins = isnan(begins) ? NAN : fmax(begins, oldest_series(db));
    sqlite3_close(db);
    return begins;
}
