/* What a source tells of the past fills what the file does not know, and nothing else. */
#include "base/arena.h"
#include "store/db.h"
#include "store/history_key.h"
#include "store/history_step.h"
#include "store/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct known {
    sqlite3_stmt *tile, *row;
    float values[TILE_SERIES * TILE_TICKS];
};

static int by_number(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* The values of a block in a step; how many there are. */
static size_t values_in(const struct step *s, uint32_t block, float **values)
{
    size_t first = (size_t)block * TILE_SERIES;

    if (first >= s->count)
        return 0;
    *values = s->watts + first;
    return s->count - first < TILE_SERIES ? s->count - first : TILE_SERIES;
}

/* 1: there is one, and it is in k->values. */
static int get_tile(struct known *k, int64_t window, uint32_t block)
{
    int found = 0;

    sqlite3_bind_int64(k->tile, 1, tile_key(TIER_FINE, window, block));
    if (sqlite3_step(k->tile) == SQLITE_ROW)
        found = tile_decode(sqlite3_column_blob(k->tile, 0),
                            (size_t)sqlite3_column_bytes(k->tile, 0), k->values) == 0;
    return sqlite3_reset(k->tile) == SQLITE_OK ? found : -1;
}

static void leave_tile(const struct known *k, const struct step *s, uint32_t block)
{
    float *values;
    size_t count = values_in(s, block, &values), tick = (size_t)(s->number % TILE_TICKS);

    for (size_t i = 0; i < count; i++)
        if (!isnan(k->values[i * TILE_TICKS + tick]))
            values[i] = NAN;
}

static int leave_row(const struct known *k, const struct step *s, uint32_t block)
{
    float *values, watts;
    size_t count = values_in(s, block, &values);

    sqlite3_bind_int64(k->row, 1, journal_key(s->number, block));
    if (sqlite3_step(k->row) == SQLITE_ROW) {
        const char *row = sqlite3_column_blob(k->row, 0);
        size_t bytes = (size_t)sqlite3_column_bytes(k->row, 0);

        for (size_t i = 0; i < count && (i + 1) * sizeof(watts) <= bytes; i++) {
            memcpy(&watts, row + i * sizeof(watts), sizeof(watts));
            if (!isnan(watts))
                values[i] = NAN;
        }
    }
    return sqlite3_reset(k->row) == SQLITE_OK ? 0 : -1;
}

/* Steps of one window, so that each tile is read once. */
static int leave_window(struct known *k, const struct step *steps, size_t count)
{
    size_t series = 0;

    for (size_t i = 0; i < count; i++)
        series = steps[i].count > series ? steps[i].count : series;
    for (uint32_t block = 0; (size_t)block * TILE_SERIES < series; block++) {
        int found = get_tile(k, steps[0].number / TILE_TICKS, block);

        if (found < 0)
            return -1;
        for (size_t i = 0; i < count; i++) {
            if (found)
                leave_tile(k, &steps[i], block);
            if (leave_row(k, &steps[i], block) < 0)
                return -1;
        }
    }
    return 0;
}

int history_leave_known(sqlite3 *db, struct steps *steps, struct err *err)
{
    struct known *k = xcalloc(1, sizeof(*k));
    int failed;

    k->tile = db_prepare(db, "SELECT packed FROM tile WHERE id = ?1", err);
    k->row = k->tile ? db_prepare(db, "SELECT watts FROM journal WHERE id = ?1", err)
                     : NULL;
    failed = k->row ? 0 : -1;
    qsort(steps->all, steps->count, sizeof(*steps->all), by_number);
    for (size_t i = 0, next; i < steps->count && !failed; i = next) {
        for (next = i + 1; next < steps->count && steps->all[next].number / TILE_TICKS ==
                                                      steps->all[i].number / TILE_TICKS;)
            next++;
        failed = leave_window(k, &steps->all[i], next - i);
        if (failed)
            db_fail(db, err);
    }
    sqlite3_finalize(k->tile);
    sqlite3_finalize(k->row);
    free(k);
    return failed;
}
