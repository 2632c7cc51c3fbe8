/* Reading the history: tiles of 15 s first, means of 5 min where those are forgotten, and
 * the journal for what is not packed yet; all summed into as many steps as there is room
 * for points. */
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

struct mean {
    double watts, time, weight; /* sums */
};

struct reading {
    sqlite3 *db;
    sqlite3_stmt *next; /* of tile or journal */
    struct err *err;
    uint32_t block;   /* the series' */
    size_t series;    /* in the block */
    int64_t from, to; /* steps, both included */
    int64_t steps_per_mean;
    struct mean *means;
    int64_t *windows; /* with a fine tile, in order */
    size_t window_count, window_room;
};

static void add(struct reading *r, int64_t step, float watts, double weight)
{
    struct mean *m;

    if (isnan(watts) || step < r->from || step > r->to)
        return;
    m = &r->means[(step - r->from) / r->steps_per_mean];
    m->watts += (double)watts * weight;
    m->time += (double)step * HISTORY_STEP_S * weight;
    m->weight += weight;
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

static int read_series(struct reading *r, float values[TILE_TICKS])
{
    if (tile_decode_series(sqlite3_column_blob(r->next, 1),
                           (size_t)sqlite3_column_bytes(r->next, 1), r->series,
                           values) < 0)
        return err_set(r->err, "%s: damaged (a tile of the history is not readable)",
                       sqlite3_db_filename(r->db, "main"));
    return 0;
}

static int read_fine(struct reading *r)
{
    float values[TILE_TICKS];
    int64_t window = r->from / TILE_TICKS;
    int found;

    while ((found = seek(r, TIER_FINE, &window, r->to / TILE_TICKS)) > 0) {
        if (read_series(r, values) < 0)
            return -1;
        for (int i = 0; i < TILE_TICKS; i++)
            add(r, window * TILE_TICKS + i, values[i], 1);
        r->windows =
            xgrow(r->windows, &r->window_room, r->window_count + 1, sizeof(int64_t));
        r->windows[r->window_count++] = window++;
    }
    return found;
}

static int compare_windows(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* A mean stands in the middle of its steps, and weighs as much as they did. */
static int read_coarse(struct reading *r)
{
    const int64_t span = TILE_TICKS * HISTORY_COARSE_STEPS;
    float values[TILE_TICKS];
    int64_t window = r->from / span;
    int found;

    for (; (found = seek(r, TIER_COARSE, &window, r->to / span)) > 0; window++) {
        if (read_series(r, values) < 0)
            return -1;
        for (int i = 0; i < TILE_TICKS; i++) {
            int64_t step =
                window * span + i * HISTORY_COARSE_STEPS + HISTORY_COARSE_STEPS / 2;
            int64_t fine = step / TILE_TICKS;

            if (r->window_count == 0 || !bsearch(&fine, r->windows, r->window_count,
                                                 sizeof(fine), compare_windows))
                add(r, step, values[i], HISTORY_COARSE_STEPS);
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

        if ((r->series + 1) * sizeof(watts) > bytes)
            continue;
        memcpy(&watts, row + r->series * sizeof(watts), sizeof(watts));
        add(r, step, watts, 1);
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

static int read_all(struct reading *r)
{
    if (read_table(r, tile_sql, read_fine) < 0 || read_table(r, tile_sql, read_coarse) < 0)
        return -1;
    return read_table(r, journal_sql, read_journal);
}

/* ---- what there is ---- */

/* 1, 0: nobody ever heard of it, or -1. */
static int find_series(struct reading *r, enum gw_kind kind, const char *name)
{
    sqlite3_stmt *stmt =
        db_prepare(r->db, "SELECT id FROM series WHERE kind = ?1 AND name = ?2", r->err);
    int found;

    if (!stmt)
        return -1;
    sqlite3_bind_int(stmt, 1, (int)kind);
    sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC);
    found = sqlite3_step(stmt) == SQLITE_ROW;
    if (found) {
        r->block = (uint32_t)(sqlite3_column_int64(stmt, 0) / TILE_SERIES);
        r->series = (size_t)(sqlite3_column_int64(stmt, 0) % TILE_SERIES);
    }
    if (sqlite3_finalize(stmt) != SQLITE_OK)
        return db_fail(r->db, r->err);
    return found;
}

/* Narrows the time asked for to that recorded, so that "everything" does not thin what
 * there is. */
static int narrow(struct reading *r)
{
    static const struct {
        const char *sql;
        int64_t steps; /* of a key's unit */
    } ends[] = {
        { "SELECT min(id) FROM journal", 1 },
        { "SELECT max(id) FROM journal", 1 },
        { "SELECT min(id) FROM tile WHERE id < 1 << 56", TILE_TICKS },
        { "SELECT max(id) FROM tile WHERE id < 1 << 56", TILE_TICKS },
    };
    const int64_t coarse = TILE_TICKS * HISTORY_COARSE_STEPS;
    int64_t first = INT64_MAX, last = 0, key = -1;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++, key = -1) {
        if (db_number(r->db, ends[i].sql, &key, r->err) < 0)
            return -1;
        if (key < 0)
            continue;
        key = key_time(key) * ends[i].steps;
        first = key < first ? key : first;
        last = key + ends[i].steps - 1 > last ? key + ends[i].steps - 1 : last;
    }
    /* Means of a window that still has its steps say nothing new. */
    if (db_number(r->db, "SELECT min(id) FROM tile WHERE id >= 1 << 56", &key, r->err) <
        0)
        return -1;
    if (key >= 0 && key_time(key) < first / coarse)
        first = key_time(key) * coarse;
    r->from = r->from > first ? r->from : first;
    r->to = r->to < last ? r->to : last;
    return 0;
}

static long points_of(const struct reading *r, struct history_point *points, size_t room)
{
    long count = 0;

    for (size_t i = 0; i < room && r->from + (int64_t)i * r->steps_per_mean <= r->to;
         i++) {
        const struct mean *m = &r->means[i];

        if (m->weight > 0)
            points[count++] = (struct history_point){ m->time / m->weight,
                                                      (float)(m->watts / m->weight) };
    }
    return count;
}

static long read_history(struct reading *r, enum gw_kind kind, const char *name,
                         struct history_point *points, size_t room)
{
    int found = find_series(r, kind, name);
    long count = 0;

    if (found <= 0 || narrow(r) < 0)
        return found <= 0 ? found : -1;
    if (r->from > r->to || room == 0)
        return 0;
    r->steps_per_mean = (r->to - r->from + (int64_t)room) / (int64_t)room;
    r->means = xcalloc(room, sizeof(*r->means));
    count = read_all(r) < 0 ? -1 : points_of(r, points, room);
    free(r->means);
    free(r->windows);
    return count;
}

static int64_t step_of(double time)
{
    if (!(time > 0))
        return 0;
    return (int64_t)((time < 1e11 ? time : 1e11) / HISTORY_STEP_S);
}

long store_history(const char *path, enum gw_kind kind, const char *name, double from,
                   double to, struct history_point *points, size_t room, struct err *err)
{
    struct reading r = { .err = err, .from = step_of(from), .to = step_of(to) };
    long count;

    r.db = schema_read(path, err);
    if (!r.db)
        return -1;
    /* One view of all tables, while the writer moves rows from one to the other. */
    count =
        db_run(r.db, "BEGIN", err) < 0 ? -1 : read_history(&r, kind, name, points, room);
    sqlite3_close(r.db);
    return count;
}

/* ---- all series of a while at once ---- */

/* One block's series in a row: what was read of each, step by step. */
struct sheet {
    float *values;              /* TILE_SERIES rows of `count` */
    size_t count;
};

static void put(struct sheet *sheet, size_t series, int64_t at, float watts)
{
    if (at >= 0 && at < (int64_t)sheet->count && !isnan(watts))
        sheet->values[series * sheet->count + (size_t)at] = watts;
}

static int read_tiles_of_block(struct reading *r, struct sheet *sheet)
{
    float values[TILE_TICKS];
    int64_t window = r->from / TILE_TICKS;
    int found;

    for (; (found = seek(r, TIER_FINE, &window, r->to / TILE_TICKS)) > 0; window++)
        for (r->series = 0; r->series < TILE_SERIES; r->series++) {
            if (read_series(r, values) < 0)
                return -1;
            for (int i = 0; i < TILE_TICKS; i++)
                put(sheet, r->series, window * TILE_TICKS + i - r->from, values[i]);
        }
    return found;
}

static int read_journal_of_block(struct reading *r, struct sheet *sheet)
{
    int64_t step = r->from;
    float watts;
    int found;

    for (; (found = seek(r, 0, &step, r->to)) > 0; step++) {
        const char *row = sqlite3_column_blob(r->next, 1);
        size_t bytes = (size_t)sqlite3_column_bytes(r->next, 1);

        for (size_t i = 0; i < TILE_SERIES && (i + 1) * sizeof(watts) <= bytes; i++) {
            memcpy(&watts, row + i * sizeof(watts), sizeof(watts));
            put(sheet, i, step - r->from, watts);
        }
    }
    return found;
}

static int read_block(struct reading *r, struct sheet *sheet)
{
    int failed;

    for (size_t i = 0; i < TILE_SERIES * sheet->count; i++)
        sheet->values[i] = NAN;
    r->next = db_prepare(r->db, tile_sql, r->err);
    failed = r->next ? read_tiles_of_block(r, sheet) : -1;
    sqlite3_finalize(r->next);
    if (failed < 0)
        return -1;
    r->next = db_prepare(r->db, journal_sql, r->err);
    failed = r->next ? read_journal_of_block(r, sheet) : -1;
    sqlite3_finalize(r->next);
    return failed;
}

/* The series in order of their numbers, so that each block is read once. */
static int read_sheets(struct reading *r, unsigned kinds, struct sheet *sheet,
                       store_each *each, void *arg)
{
    sqlite3_stmt *series = db_prepare(
        r->db, "SELECT id, kind, name FROM series WHERE 1 << kind & ?1 ORDER BY id", r->err);
    int64_t block = -1;
    int step = SQLITE_DONE;

    if (!series)
        return -1;
    sqlite3_bind_int64(series, 1, kinds);
    while ((step = sqlite3_step(series)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(series, 0);

        if (id / TILE_SERIES != block) {
            block = id / TILE_SERIES;
            r->block = (uint32_t)block;
            if (read_block(r, sheet) < 0)
                break;
        }
        each(arg, (enum gw_kind)sqlite3_column_int(series, 1),
             (const char *)sqlite3_column_text(series, 2), (double)r->to * HISTORY_STEP_S,
             sheet->values + (size_t)(id % TILE_SERIES) * sheet->count, sheet->count);
    }
    sqlite3_finalize(series);
    return step == SQLITE_DONE ? 0 : -1;
}

int store_trends(const char *path, unsigned kinds, double end, size_t count,
                 store_each *each, void *arg, struct err *err)
{
    struct reading r = { .err = err, .to = step_of(end) };
    struct sheet sheet = { .count = count };
    int failed;

    err_set(err, "%s: damaged (its series are not readable)", path);
    r.from = r.to - (int64_t)count + 1;
    r.db = schema_read(path, err);
    if (!r.db)
        return -1;
    sheet.values = xcalloc(TILE_SERIES * count, sizeof(*sheet.values));
    failed = db_run(r.db, "BEGIN", err) < 0 ? -1 : read_sheets(&r, kinds, &sheet, each, arg);
    free(sheet.values);
    sqlite3_close(r.db);
    return failed;
}
