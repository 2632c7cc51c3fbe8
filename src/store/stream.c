/* The last state straight from the file. */
#include "store/stream.h"
#include "base/arena.h"
#include "base/text.h"
#include "store/blocks.h"
#include "store/recall.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BLOCKS = 1 << 12 };

/* Of all rows, BLOCK_ROWS a block; 0: none. So that rows wished for later are found
 * without reading all blocks again. */
struct seen {
    uint64_t *hashes;
    size_t blocks, room;
    uint64_t *sums; /* for those that follow: of each block's bytes */
    size_t sum_room;
};

struct stream {
    struct seen seen[GW_KINDS];
};

struct stream *stream_new(void)
{
    return xcalloc(1, sizeof(struct stream));
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    for (int kind = 0; kind < GW_KINDS; kind++) {
        free(s->seen[kind].hashes);
        free(s->seen[kind].sums);
    }
    free(s);
}

/* ---- what is wished for ---- */

/* What is read of one kind, on its way to who wants it. */
struct passing {
    void (*take)(void *arg, struct batch *b);
    void *arg;
    const struct store_wish *wish;
    uint64_t bits[64]; /* by the last bits of a hash: may be wished for */
    struct seen *seen;
    size_t rows;
    size_t *numbers; /* of blocks with parts of wholes */
    size_t number_count, number_room;
    int batches;
};

static void note_wishes(struct passing *to)
{
    for (size_t i = 0; i < to->wish->hash_count; i++)
        to->bits[to->wish->hashes[i] >> 6 & 63] |= UINT64_C(1)
                                                   << (to->wish->hashes[i] & 63);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool is_wished(const struct passing *to, uint64_t hash)
{
    return to->bits[hash >> 6 & 63] >> (hash & 63) & 1 &&
           bsearch(&hash, to->wish->hashes, to->wish->hash_count, sizeof(hash), by_hash);
}

static void note_seen(struct seen *s, int64_t number, const uint64_t *hashes,
                      size_t count)
{
    size_t at = (size_t)number, old = s->blocks;

    if (at >= old) {
        s->blocks = at + 1;
        s->hashes = xgrow(s->hashes, &s->room, s->blocks * BLOCK_ROWS,
                          sizeof(*s->hashes));
        memset(s->hashes + old * BLOCK_ROWS, 0,
               (s->blocks - old) * BLOCK_ROWS * sizeof(*s->hashes));
    }
    memcpy(s->hashes + at * BLOCK_ROWS, hashes, count * sizeof(*hashes));
}

static bool was_seen_in(const struct passing *to, size_t block)
{
    const uint64_t *seen = to->seen->hashes + block * BLOCK_ROWS;

    for (size_t i = 0; i < BLOCK_ROWS && seen[i]; i++)
        if (is_wished(to, seen[i]))
            return true;
    return false;
}

/* The parts of the wholes that are wished for. */
static size_t choose_parts(const struct passing *to, const struct block *b, bool *chosen)
{
    const struct feeds *f = &b->parent;
    size_t count = 0;

    for (uint32_t row = 0; f->names && row < b->rows; row++) {
        const char *name = b->text + f->names[row];

        if (row > 0 && f->names[row] == f->names[row - 1])
            chosen[row] = chosen[row - 1];
        else
            chosen[row] = f->names[row] &&
                          is_wished(to, batch_hash(f->kinds[row], name, strlen(name)));
        count += chosen[row];
    }
    return count;
}

static size_t choose_rows(const struct passing *to, const uint64_t *hashes, size_t rows,
                          bool *chosen)
{
    size_t count = 0;

    for (size_t row = 0; row < rows; row++)
        count += chosen[row] = is_wished(to, hashes[row]);
    return count;
}

static void pass_batch(struct passing *to, int64_t number, struct block *b)
{
    uint64_t hashes[BLOCK_ROWS];
    bool chosen[BLOCK_ROWS], some = to->wish && to->wish->hashes;
    struct batch *batch;

    if (some && to->wish->of_wholes && !choose_parts(to, b, chosen))
        return;
    block_hashes(b, hashes);
    if (some && !to->wish->of_wholes && !choose_rows(to, hashes, b->rows, chosen))
        return;
    if (to->wish && !some && number < MOST_BLOCKS)
        note_seen(to->seen, number, hashes, b->rows);
    batch = recall_block(b, hashes, (size_t)number * BLOCK_ROWS, some ? chosen : NULL);
    batch->rows_to_come = some ? 0 : to->rows;
    to->take(to->arg, batch);
    to->batches++;
}

static int pass_block(void *arg, int64_t number, struct block *b)
{
    pass_batch(arg, number, b);
    block_free(b);
    return 0;
}

/* Notes the blocks that have parts of what is wished for. */
static int note_block(void *arg, int64_t number, struct block *b)
{
    struct passing *to = arg;
    bool chosen[BLOCK_ROWS];

    if (choose_parts(to, b, chosen)) {
        to->numbers = xgrow(to->numbers, &to->number_room, to->number_count + 1,
                            sizeof(*to->numbers));
        to->numbers[to->number_count++] = (size_t)number;
    }
    block_free(b);
    return 0;
}

static int pass_parts(struct passing *to, sqlite3 *db, enum gw_kind kind,
                      const struct blocks_reader *reader, struct err *err)
{
    struct blocks_reader places = { .each = note_block, .arg = to };
    int failed = blocks_read_places(db, kind, &places, err);

    for (size_t i = 0; !failed && i < to->number_count; i++)
        failed = blocks_read(db, kind, to->numbers[i], to->numbers[i], reader, err);
    free(to->numbers);
    return failed;
}

/* As many rows as there are blocks for; 0 for so few that it is not worth while. */
static size_t rows_of(sqlite3 *db, enum gw_kind kind)
{
    size_t blocks = blocks_count(db, kind);

    return blocks >= 8 && blocks < MOST_BLOCKS ? blocks * BLOCK_ROWS : 0;
}

int stream_kind(struct stream *s, sqlite3 *db, enum gw_kind kind,
                const struct store_wish *wish,
                void (*take)(void *arg, struct batch *b), void *arg, struct err *err)
{
    struct seen *seen = &s->seen[kind];
    struct passing to = { .take = take, .arg = arg, .wish = wish, .seen = seen };
    struct blocks_reader reader = { .wanted = wish ? wish->metrics : NULL,
                                    .each = pass_block,
                                    .arg = &to };
    bool all = !wish || !wish->hashes;
    int failed = 0;

    if (all)
        to.rows = rows_of(db, kind);
    else
        note_wishes(&to);
    if (all)
        failed = blocks_read(db, kind, 0, UINT32_MAX, &reader, err);
    else if (wish->of_wholes)
        failed = pass_parts(&to, db, kind, &reader, err);
    for (size_t i = 0; !all && !wish->of_wholes && i < seen->blocks; i++)
        if (was_seen_in(&to, i))
            failed |= blocks_read(db, kind, i, i, &reader, err);
    return failed < 0 ? -1 : to.batches;
}

/* ---- what is new ---- */

static bool is_the_same(void *arg, int64_t number, const void *packed, size_t size)
{
    struct seen *seen = ((struct passing *)arg)->seen;
    size_t at = (size_t)number, old = seen->sum_room;
    uint64_t sum = text_hash(packed, size);

    if (number >= MOST_BLOCKS)
        return false;
    if (at >= old) {
        seen->sums = xgrow(seen->sums, &seen->sum_room, at + 1, sizeof(*seen->sums));
        memset(seen->sums + old, 0, (seen->sum_room - old) * sizeof(*seen->sums));
    }
    if (seen->sums[at] == sum)
        return true;
    seen->sums[at] = sum;
    return false;
}

int stream_changes(struct stream *s, sqlite3 *db, enum gw_kind kind,
                   void (*take)(void *arg, struct batch *b), void *arg, struct err *err)
{
    struct passing to = { .take = take, .arg = arg, .seen = &s->seen[kind] };
    struct blocks_reader reader = { .skips = is_the_same,
                                    .each = pass_block,
                                    .arg = &to };

    if (!to.seen->sums)
        to.rows = rows_of(db, kind);
    return blocks_read(db, kind, 0, UINT32_MAX, &reader, err) < 0 ? -1 : to.batches;
}
