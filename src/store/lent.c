/* Blocks of the cache, made from the model where it stands. */
#include "store/lent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/metric.h"
#include "store/blocks.h"
#include "store/db.h"

struct lender {
    const struct model *model;
    enum gw_kind kind;
    struct part { /* by block */
        bool told;       /* something, since it was lent */
        uint16_t vacant; /* rows, when they were counted last */
    } *parts;
    size_t count, room;
    size_t vacant; /* rows of all */
    size_t next; /* a block: goes round */
    bool anew;   /* from the first to the last, and what is left behind them is dropped
                  * then */
    /* Of the row that is told of: */
    uint16_t *metrics;
    size_t metric_count;
    uint16_t looked_at; /* of all metrics: there may be more by now */
    struct batch_sample *values, *at_once;
    double *times; /* of values[]; NAN: it is in the block */
};

struct lender *lender_new(const struct model *m, enum gw_kind kind)
{
    struct lender *l = xcalloc(1, sizeof(*l));

    l->model = m;
    l->kind = kind;
    return l;
}

void lender_free(struct lender *l)
{
    if (!l)
        return;
    free(l->parts);
    free(l->metrics);
    free(l->values);
    free(l->at_once);
    free(l->times);
    free(l);
}

void lent_free(struct lent *lent)
{
    if (!lent)
        return;
    block_free(lent->block);
    free(lent);
}

/* ---- what has to be written ---- */

static void reach(struct lender *l, size_t blocks)
{
    if (blocks <= l->count)
        return;
    l->parts = xgrow(l->parts, &l->room, blocks, sizeof(*l->parts));
    memset(l->parts + l->count, 0, (blocks - l->count) * sizeof(*l->parts));
    l->count = blocks;
}

static size_t blocks_of(size_t rows)
{
    return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

void lender_move(struct lender *l)
{
    reach(l, blocks_of(model_rows(l->model, l->kind)));
    for (size_t i = 0; i < l->count; i++)
        l->parts[i].told = true;
    l->next = 0;
    l->anew = true;
}

/* Of what the model forgot no batch says a word. */
static void note_forgotten(struct lender *l)
{
    size_t vacant = model_vacant_rows(l->model, l->kind),
           rows = model_rows(l->model, l->kind);

    if (vacant == l->vacant)
        return;
    l->vacant = vacant;
    reach(l, blocks_of(rows));
    for (size_t i = 0; i < l->count; i++) {
        uint16_t here = 0;

        model_pause(l->model, i * BLOCK_ROWS);
        for (size_t row = i * BLOCK_ROWS; row < (i + 1) * BLOCK_ROWS && row < rows; row++)
            here += !model_name(l->model, l->kind, (uint32_t)row);
        l->parts[i].told |= here != l->parts[i].vacant;
        l->parts[i].vacant = here;
    }
}

static void note_told(struct lender *l, uint32_t row)
{
    if (row == GW_NONE)
        return;
    reach(l, row / BLOCK_ROWS + 1);
    l->parts[row / BLOCK_ROWS].told = true;
}

bool lender_note(struct lender *l, const struct batch *b)
{
    bool stand = true;

    for (uint32_t i = 0; i < b->entity_count; i++) {
        uint32_t row = b->entities[i].kind == l->kind ? model_taken_row(l->model, b, i)
                                                      : GW_NONE;

        if (b->entities[i].kind == l->kind && b->origin == BATCH_CACHE)
            stand &= i >= b->ordered || row == b->before + i;
        else
            note_told(l, row);
    }
    for (size_t i = 0; l->kind == GW_GPU && i < b->known_numbers; i++)
        note_told(l, model_taken_row(l->model, b, (uint32_t)(b->entity_count + i)));
    return stand;
}

/* ---- from the model to blocks ---- */

static void find_metrics(struct lender *l)
{
    uint16_t count = metric_count();

    if (count == l->looked_at)
        return;
    l->metrics = xrealloc(l->metrics, count, sizeof(*l->metrics));
    l->values = xrealloc(l->values, count, sizeof(*l->values));
    l->at_once = xrealloc(l->at_once, count, sizeof(*l->at_once));
    l->times = xrealloc(l->times, count, sizeof(*l->times));
    for (uint16_t metric = l->looked_at; metric < count; metric++)
        if (metric_at(metric)->kind == l->kind)
            l->metrics[l->metric_count++] = metric;
    l->looked_at = count;
}

/* When it was last told whether the GPU works; NAN: never. Who holds it may have been
 * told long after that. */
static double work_told(const struct lender *l, size_t count)
{
    double newest = NAN;

    for (size_t i = 0; i < count; i++)
        if (l->values[i].metric == M_GPU_UTIL || l->values[i].metric == M_GPU_STATE)
            newest = fmax(newest, l->times[i]);
    return newest;
}

/* How long it had been idle then: nobody tells that, and who reads the file cannot work
 * it out. */
static size_t add_idleness(struct lender *l, uint32_t gpu, size_t count)
{
    enum gw_quality quality;
    double told = work_told(l, count),
           idle_s = isnan(told) ? NAN : model_idle_at(l->model, gpu, told, &quality);
    size_t at = 0;

    if (isnan(idle_s))
        return count;
    while (at < count && l->values[at].metric != M_GPU_IDLE)
        at++;
    l->values[at] = (struct batch_sample){ .metric = M_GPU_IDLE,
                                           .number = idle_s,
                                           .quality = (uint8_t)quality };
    l->times[at] = told;
    return at < count ? count : count + 1;
}

/* What sources said of the row last, each with its time; returns how many. Of a text that
 * is worked out it is that they said nothing, when they spoke of the row. */
static size_t take_values(struct lender *l, uint32_t row)
{
    size_t count = 0;
    double newest = 0;

    for (size_t i = 0; i < l->metric_count; i++) {
        if (!model_told(l->model, l->metrics[i], row, &l->values[count],
                        &l->times[count]))
            continue;
        newest = fmax(newest, l->times[count]); /* NAN: worked out */
        count++;
    }
    if (!(newest > 0))
        return 0;
    if (l->kind == GW_GPU)
        count = add_idleness(l, row, count);
    for (size_t i = 0; i < count; i++)
        l->times[i] = floor(isnan(l->times[i]) ? newest : l->times[i]);
    return count;
}

/* Those that are left and of the same second as the first of them; returns how many. */
static size_t take_at_once(struct lender *l, size_t first, size_t count)
{
    double time = l->times[first];
    size_t taken = 0;

    for (size_t i = first; i < count; i++)
        if (l->times[i] == time) {
            l->at_once[taken++] = l->values[i];
            l->times[i] = NAN;
        }
    return taken;
}

static void add_feeds(const struct lender *l, struct block *b, uint32_t at, uint32_t row)
{
    struct row parent = model_parent(l->model, l->kind, row),
               second = model_second_parent(l->model, l->kind, row);

    if (parent.id != GW_NONE)
        block_reparent(b, at, parent.kind, model_name(l->model, parent.kind, parent.id));
    if (second.id != GW_NONE)
        block_feed(b, at, second.kind, model_name(l->model, second.kind, second.id));
}

/* Not of one that is vacant, or of which nobody said a word. */
static void add_row(struct lender *l, struct block *b, uint32_t row)
{
    const char *name = model_name(l->model, l->kind, row);
    size_t count = name ? take_values(l, row) : 0, hint = 0;
    uint32_t at;

    if (!count)
        return;
    at = block_add(b, name);
    add_feeds(l, b, at, row);
    for (size_t i = 0; i < count; i++)
        if (!isnan(l->times[i])) {
            double time = l->times[i];
            size_t told = take_at_once(l, i, count);

            block_tell(b, at, l->at_once, told, time, time, &hint);
        }
}

static struct lent *lend(const struct lender *l, size_t number, struct block *b)
{
    struct lent *lent = xcalloc(1, sizeof(*lent));

    *lent = (struct lent){ l->kind, number, b };
    return lent;
}

static struct lent *lend_block(struct lender *l, size_t number)
{
    enum { ROWS_WORTH = 64 }; /* that are only looked at */
    struct block *b = block_new(l->kind);
    size_t end = (number + 1) * BLOCK_ROWS, rows = model_rows(l->model, l->kind);

    find_metrics(l);
    for (size_t row = number * BLOCK_ROWS; row < end && row < rows; row++) {
        model_pause(l->model, row * ROWS_WORTH);
        add_row(l, b, (uint32_t)row);
    }
    l->parts[number].told = false;
    return lend(l, number, b);
}

struct lent *lender_next(struct lender *l)
{
    note_forgotten(l);
    for (size_t i = 0; i <= l->count; i++) {
        if (l->next < l->count && l->parts[l->next].told)
            return lend_block(l, l->next++);
        if (l->next++ < l->count)
            continue;
        l->next = 0;
        if (l->anew) {
            l->anew = false;
            return lend(l, l->count, NULL);
        }
    }
    return NULL;
}

/* ---- what is not lent ---- */

static bool has_lent(const struct batch *b, const bool is_lent[GW_KINDS])
{
    for (size_t i = 0; i < b->entity_count; i++)
        if (is_lent[b->entities[i].kind])
            return true;
    return is_lent[GW_GPU] && b->known_count > 0;
}

/* map: of the entities, in the other batch; GW_NONE: it is left out. */
static void copy_entities(struct batch *to, const struct batch *b,
                          const bool is_lent[GW_KINDS], uint32_t *map)
{
    for (size_t i = 0; i < b->entity_count; i++) {
        struct batch_entity *e;

        map[i] = is_lent[b->entities[i].kind] ? GW_NONE : (uint32_t)to->entity_count;
        if (map[i] == GW_NONE)
            continue;
        e = &to->entities[to->entity_count++];
        *e = b->entities[i];
        e->name = arena_strdup(to->arena, e->name);
    }
    for (size_t i = 0; i < to->entity_count; i++)
        if (to->entities[i].parent != GW_NONE)
            to->entities[i].parent = map[to->entities[i].parent];
}

static void copy_samples(struct batch *to, const struct batch *b, const uint32_t *map)
{
    for (size_t i = 0; i < b->sample_count; i++) {
        struct batch_sample *s;

        if (map[b->samples[i].entity] == GW_NONE)
            continue;
        s = &to->samples[to->sample_count++];
        *s = b->samples[i];
        s->entity = map[s->entity];
        if (metric_at(s->metric)->type == GW_TEXT && s->text)
            s->text = arena_strdup(to->arena, s->text);
    }
}

static void copy_links(struct batch *to, const struct batch *b, const uint32_t *map)
{
    for (size_t i = 0; i < b->link_count; i++)
        if (map[b->links[i].child] != GW_NONE && map[b->links[i].parent] != GW_NONE)
            batch_link(to, map[b->links[i].child], map[b->links[i].parent]);
}

static size_t count_unlent(const struct batch *b, const uint32_t *map)
{
    size_t count = 0;

    for (size_t i = 0; i < b->sample_count; i++)
        count += map[b->samples[i].entity] != GW_NONE;
    return count;
}

struct batch *lent_left_out(struct batch *b, const bool is_lent[GW_KINDS])
{
    struct batch *to;
    uint32_t *map;

    if (!has_lent(b, is_lent))
        return b;
    to = batch_new(b->origin, b->target, b->time);
    memcpy(to->times, b->times, sizeof(to->times));
    memcpy(to->past, b->past, sizeof(to->past));
    to->time_count = b->time_count;
    to->tells_past = b->tells_past;
    to->of_now = b->of_now;
    map = xcalloc(b->entity_count, sizeof(*map));
    to->entities = xcalloc(b->entity_count, sizeof(*to->entities));
    copy_entities(to, b, is_lent, map);
    to->entity_room = to->entity_count + 1;
    to->entities = xrealloc(to->entities, to->entity_room, sizeof(*to->entities));
    to->sample_room = count_unlent(b, map) + 1;
    to->samples = xcalloc(to->sample_room, sizeof(*to->samples));
    copy_samples(to, b, map);
    copy_links(to, b, map);
    free(map);
    batch_free(b);
    return to;
}

/* ---- to the file ---- */

static int drop_from(const struct lent *lent, sqlite3 *db, bool only_it, struct err *err)
{
    int64_t first = (int64_t)lent->kind << 32;
    char sql[128];

    sqlite3_snprintf(sizeof(sql), sql, "DELETE FROM state WHERE id BETWEEN %lld AND %lld",
                     first + (int64_t)lent->number,
                     first + (only_it ? (int64_t)lent->number : UINT32_MAX));
    return db_run(db, sql, err);
}

long lent_save(const struct lent *lent, sqlite3 *db, struct err *err)
{
    uint8_t *blob = NULL;
    size_t room = 0, len;
    int failed;

    if (!lent->block || lent->block->rows == 0)
        return drop_from(lent, db, lent->block != NULL, err);
    len = block_encode(lent->block, &blob, &room);
    failed = blocks_write(db, lent->kind, lent->number, blob, len, err);
    free(blob);
    return failed ? -1 : (long)len;
}
