/* The last state of everything, as its one writer has it. */
#include "store/state.h"
#include "base/arena.h"
#include "model/metric.h"
#include "store/block.h"
#include "store/blocks.h"
#include "store/db.h"
#include "base/finder.h"

#include <stdlib.h>
#include <string.h>

enum { TIDY_ROWS = 4096, DAY_S = 86400 };

struct rows {
    struct block **blocks;
    size_t block_count, block_room;
    struct finder finder; /* row: block * BLOCK_ROWS + row in the block */
    bool loaded;
    bool is_left; /* to others */
    bool shrunk;    /* the file may have more blocks than there are */
    size_t tidy_at; /* look for rows to forget when there are so many */
    size_t cursor;  /* where the next writing goes on */
};

struct state {
    struct rows kinds[GW_KINDS];
    uint32_t *map; /* of a batch's entities to rows */
    size_t map_room;
    uint8_t *blob;
    size_t blob_room;
};

const enum gw_kind state_order[GW_KINDS] = { GW_SITE,   GW_DOMAIN, GW_NODE,     GW_TENANT,
                                             GW_CLASS,  GW_JOB,    GW_QUEUE,    GW_ALERT,
                                             GW_SOURCE, GW_MODEL,  GW_FORECAST, GW_EVENT,
                                             GW_GPU };

/* How long a row is remembered after its last value, against the newest of its kind. */
static const uint32_t keep_s[GW_KINDS] = {
    [GW_SITE] = 40 * DAY_S,  [GW_DOMAIN] = 40 * DAY_S, [GW_NODE] = 40 * DAY_S,
    [GW_GPU] = 40 * DAY_S,   [GW_TENANT] = 40 * DAY_S, [GW_JOB] = 2 * DAY_S,
    [GW_QUEUE] = 40 * DAY_S, [GW_ALERT] = 2 * DAY_S,   [GW_FORECAST] = 2 * DAY_S,
    [GW_MODEL] = 40 * DAY_S, [GW_SOURCE] = 7 * DAY_S,  [GW_EVENT] = 7 * DAY_S,
    [GW_CLASS] = 40 * DAY_S,
};

struct state *state_new(void)
{
    return xcalloc(1, sizeof(struct state));
}

static void clear_rows(struct rows *r)
{
    for (size_t i = 0; i < r->block_count; i++)
        block_free(r->blocks[i]);
    free(r->blocks);
    finder_clear(&r->finder);
    *r = (struct rows){ 0 };
}

void state_free(struct state *s)
{
    if (!s)
        return;
    for (int kind = 0; kind < GW_KINDS; kind++)
        clear_rows(&s->kinds[kind]);
    free(s->map);
    free(s->blob);
    free(s);
}

size_t state_bytes(const struct state *s)
{
    size_t bytes = sizeof(*s) + s->map_room * sizeof(*s->map) + s->blob_room;

    for (int kind = 0; kind < GW_KINDS; kind++) {
        const struct rows *r = &s->kinds[kind];

        bytes +=
            r->finder.room * 8 + r->finder.slot_room * 4 + r->block_room * sizeof(void *);
        for (size_t i = 0; i < r->block_count; i++)
            bytes += block_bytes(r->blocks[i]);
    }
    return bytes;
}

/* ---- rows ---- */

struct wanted {
    const struct rows *rows;
    const char *name;
};

static bool has_name(const void *arg, uint32_t number)
{
    const struct wanted *w = arg;

    return strcmp(block_name(w->rows->blocks[number / BLOCK_ROWS], number % BLOCK_ROWS),
                  w->name) == 0;
}

static void add_block(struct rows *r, struct block *b)
{
    r->blocks =
        xgrow(r->blocks, &r->block_room, r->block_count + 1, sizeof(struct block *));
    r->blocks[r->block_count++] = b;
}

static struct block *block_with_room(struct rows *r, enum gw_kind kind)
{
    if (r->block_count == 0 || r->blocks[r->block_count - 1]->rows == BLOCK_ROWS)
        add_block(r, block_new(kind));
    return r->blocks[r->block_count - 1];
}

static uint32_t row_of(struct rows *r, const struct batch_entity *e)
{
    struct wanted w = { r, e->name };
    uint32_t row = finder_find(&r->finder, e->hash, has_name, &w);

    if (row != UINT32_MAX)
        return row;
    block_add(block_with_room(r, e->kind), e->name);
    return finder_add(&r->finder, e->hash);
}

/* ---- from the file ---- */

static void hash_names(struct rows *r, const struct block *b)
{
    uint64_t hashes[BLOCK_ROWS];

    block_hashes(b, hashes);
    for (uint32_t row = 0; row < b->rows; row++)
        finder_add(&r->finder, hashes[row]);
}

/* Where writing stopped between two blocks, one that has filled up since may be short in
 * the file, or missing: the rows of later ones move up, and everything is written anew.
 */
static void move_up(struct rows *r, const struct block *b)
{
    uint64_t hashes[BLOCK_ROWS];

    block_hashes(b, hashes);
    for (uint32_t row = 0; row < b->rows; row++) {
        struct wanted w = { r, block_name(b, row) };

        if (finder_find(&r->finder, hashes[row], has_name, &w) != UINT32_MAX)
            continue;
        block_copy(block_with_room(r, b->kind), b, row);
        finder_add(&r->finder, hashes[row]);
    }
    for (size_t i = 0; i < r->block_count; i++)
        r->blocks[i]->state = BLOCK_CHANGED;
    r->shrunk = true;
}

static int take_block(void *arg, int64_t number, struct block *b)
{
    struct rows *r = arg;

    if (number != (int64_t)r->block_count ||
        (number > 0 && r->blocks[number - 1]->rows < BLOCK_ROWS)) {
        move_up(r, b);
        block_free(b);
        return 0;
    }
    add_block(r, b);
    hash_names(r, b);
    return 0;
}

void state_leave(struct state *s, enum gw_kind kind)
{
    s->kinds[kind].is_left = true;
}

int state_load(struct state *s, sqlite3 *db, enum gw_kind kind, struct err *err)
{
    struct rows *r = &s->kinds[kind];
    struct blocks_reader reader = { .each = take_block, .arg = r };

    if (r->loaded || r->is_left)
        return 0;
    r->loaded = true;
    if (blocks_read(db, kind, 0, UINT32_MAX, &reader, err) == 0)
        return 0;
    clear_rows(r);
    r->loaded = r->shrunk = true;
    return -1;
}

/* ---- forgetting ---- */

static uint32_t newest_of(const struct rows *r)
{
    uint32_t newest = 0;

    for (size_t i = 0; i < r->block_count; i++)
        for (uint32_t row = 0; row < r->blocks[i]->rows; row++) {
            uint32_t time = block_newest(r->blocks[i], row);

            newest = time > newest ? time : newest;
        }
    return newest;
}

static bool is_past(const struct block *b, uint32_t row, uint32_t oldest)
{
    uint32_t newest = block_newest(b, row);

    return newest > 0 && newest < oldest;
}

/* Jobs come and go for ever: rows that are long past are left behind as their kind grows.
 */
static void tidy(struct rows *r, enum gw_kind kind)
{
    uint32_t newest = newest_of(r),
             oldest = newest > keep_s[kind] ? newest - keep_s[kind] : 0;
    struct rows kept = { .loaded = true, .shrunk = true };
    size_t past = 0;

    for (size_t i = 0; i < r->block_count; i++)
        for (uint32_t row = 0; row < r->blocks[i]->rows; row++)
            past += is_past(r->blocks[i], row, oldest);
    if (past * 8 > r->finder.count) {
        for (size_t i = 0; i < r->finder.count; i++) {
            const struct block *b = r->blocks[i / BLOCK_ROWS];

            if (is_past(b, i % BLOCK_ROWS, oldest))
                continue;
            block_copy(block_with_room(&kept, kind), b, i % BLOCK_ROWS);
            finder_add(&kept.finder, r->finder.hashes[i]);
        }
        clear_rows(r);
        *r = kept;
    }
    r->tidy_at = r->finder.count < TIDY_ROWS / 2 ? TIDY_ROWS : 2 * r->finder.count;
}

/* ---- from batches ---- */

/* The model gives each event a place of its own, and they come as it keeps them: what a
 * source said of one would be a second row of it. */
static bool is_kept(const struct state *s, const struct batch *b, uint32_t entity)
{
    enum gw_kind kind = b->entities[entity].kind;

    return !s->kinds[kind].is_left && (kind != GW_EVENT || b->origin == BATCH_JOURNAL);
}

static void map_entities(struct state *s, const struct batch *b)
{
    s->map = xgrow(s->map, &s->map_room, b->entity_count, sizeof(*s->map));
    for (size_t i = 0; i < b->entity_count; i++) {
        struct rows *r = &s->kinds[b->entities[i].kind];

        if (r->finder.count >= r->tidy_at)
            tidy(r, b->entities[i].kind);
    }
    for (uint32_t i = 0; i < b->entity_count; i++)
        if (is_kept(s, b, i))
            s->map[i] = row_of(&s->kinds[b->entities[i].kind], &b->entities[i]);
}

static struct block *block_of(struct state *s, const struct batch *b, uint32_t entity)
{
    return s->kinds[b->entities[entity].kind].blocks[s->map[entity] / BLOCK_ROWS];
}

static void merge_feeds(struct state *s, const struct batch *b)
{
    for (uint32_t i = 0; i < b->entity_count; i++) {
        uint32_t parent = b->entities[i].parent;

        if (parent < b->entity_count && is_kept(s, b, i))
            block_reparent(block_of(s, b, i), s->map[i] % BLOCK_ROWS,
                           b->entities[parent].kind, b->entities[parent].name);
    }
    for (size_t i = 0; i < b->link_count; i++) {
        const struct batch_entity *parent = &b->entities[b->links[i].parent];
        uint32_t child = b->links[i].child;

        if (is_kept(s, b, child))
            block_feed(block_of(s, b, child), s->map[child] % BLOCK_ROWS, parent->kind,
                       parent->name);
    }
}

/* Where the samples of the same entity and time end. */
static size_t told_at_once(const struct batch *b, size_t i)
{
    const struct batch_sample *first = &b->samples[i];

    while (i < b->sample_count && b->samples[i].entity == first->entity &&
           b->samples[i].age == first->age)
        i++;
    return i;
}

void state_merge(struct state *s, const struct batch *b)
{
    size_t hint = 0;

    map_entities(s, b);
    merge_feeds(s, b);
    for (size_t i = 0, next; i < b->sample_count; i = next) {
        const struct batch_sample *v = &b->samples[i];

        next = told_at_once(b, i);
        if (!is_kept(s, b, v->entity) || b->past[v->age])
            continue;
        if (b->of_now)
            block_tell_last(block_of(s, b, v->entity), s->map[v->entity] % BLOCK_ROWS, v,
                            next - i, b->times[v->age], &hint);
        else
            block_tell(block_of(s, b, v->entity), s->map[v->entity] % BLOCK_ROWS, v,
                       next - i, b->times[v->age], b->time, &hint);
    }
}

/* ---- to the file ---- */

static int save_block(struct state *s, sqlite3_stmt *stmt, int64_t id, struct block *b)
{
    size_t len = block_encode(b, &s->blob, &s->blob_room);

    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_blob64(stmt, 2, s->blob, len, SQLITE_STATIC);
    sqlite3_step(stmt);
    if (sqlite3_reset(stmt) != SQLITE_OK)
        return -1;
    b->state = BLOCK_WRITTEN;
    return (int)len;
}

/* Goes round, so that with little room every block has its turn. */
static long save_kind(struct state *s, enum gw_kind kind, sqlite3_stmt *stmt, size_t most)
{
    struct rows *r = &s->kinds[kind];
    size_t written = 0;

    /* Rows that changed their places are written together or not at all. */
    if (r->shrunk)
        most = SIZE_MAX;
    for (size_t i = 0; i < r->block_count && written < most; i++) {
        size_t at = (r->cursor + i) % r->block_count;
        int len;

        if (r->blocks[at]->state != BLOCK_CHANGED)
            continue;
        len = save_block(s, stmt, (int64_t)kind << 32 | (int64_t)at, r->blocks[at]);
        if (len < 0)
            return -1;
        written += (size_t)len;
        if (written >= most)
            r->cursor = at + 1;
    }
    return (long)written;
}

static int drop_surplus(struct state *s, sqlite3 *db, struct err *err)
{
    char sql[128];

    for (int kind = 0; kind < GW_KINDS; kind++) {
        if (!s->kinds[kind].shrunk)
            continue;
        sqlite3_snprintf(sizeof(sql), sql,
                         "DELETE FROM state WHERE id BETWEEN %lld AND %lld",
                         ((int64_t)kind << 32) + (int64_t)s->kinds[kind].block_count,
                         ((int64_t)kind << 32) + UINT32_MAX);
        if (db_run(db, sql, err) < 0)
            return -1;
    }
    return 0;
}

long state_save(struct state *s, sqlite3 *db, size_t most, struct err *err)
{
    sqlite3_stmt *stmt =
        db_prepare(db, "INSERT OR REPLACE INTO state VALUES(?1, ?2)", err);
    size_t written = 0;

    if (!stmt || drop_surplus(s, db, err) < 0) {
        sqlite3_finalize(stmt);
        return -1;
    }
    for (int i = 0; i < GW_KINDS && written < most; i++) {
        long bytes = save_kind(s, state_order[i], stmt, most - written);

        if (bytes < 0) {
            db_fail(db, err);
            sqlite3_finalize(stmt);
            return -1;
        }
        written += (size_t)bytes;
    }
    sqlite3_finalize(stmt);
    return (long)written;
}

void state_settle(struct state *s, bool committed)
{
    for (int kind = 0; kind < GW_KINDS; kind++) {
        struct rows *r = &s->kinds[kind];

        for (size_t i = 0; i < r->block_count; i++)
            if (r->blocks[i]->state == BLOCK_WRITTEN)
                r->blocks[i]->state = committed ? BLOCK_SAVED : BLOCK_CHANGED;
        if (committed)
            r->shrunk = false;
    }
}
