/* Blocks as blobs. Arrays lie in the machine's own order, so that they are copied and not
 * converted: a file that comes from a machine of the other order is refused by the mark
 * in its blocks.
 *
 *     u32 mark, u32 rows, u32 columns, u32 bytes of text,
 *     u8 with parents, u8 with second feeds, u16 with times
 *
 *     the text; u32 name[rows];
 *     parents and second feeds, where there are: u32 name[rows], u8 kind[rows]
 *     u32 time[rows], where there are: since version 6 of the schema
 *
 *     each column: u8 length of its name, the name, u8 type, u8 with qualities (1), with
 *     the times of the rows (2), u32 time[rows] where it has its own, value[rows],
 *     u8 quality[rows] where there are */
#include "store/block.h"
#include "base/arena.h"
#include "base/text.h"
#include "model/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARK = 0x314b4c42,
    MOST_COLUMNS = 1024,
    MOST_TEXT = 1 << 26,
    MOST_LEFT_BEHIND = 4096,
    WITH_QUALITIES = 1,
    WITH_TIMES_OF_ROWS = 2
};

struct head {
    uint32_t mark, rows, columns, text_len;
    uint8_t with_parents, with_seconds;
    uint16_t with_times;
};

/* ---- packing the texts ---- */

/* Moves a text to the new pool. Neighbours that shared one go on sharing. */
static uint32_t move_text(const struct block *b, char *pool, size_t *len,
                          const uint32_t *old, const uint32_t *moved, uint32_t row)
{
    size_t size;
    uint32_t at = (uint32_t)*len;

    if (!old[row])
        return 0;
    if (row > 0 && old[row] == old[row - 1])
        return moved[row - 1];
    size = strlen(b->text + old[row]) + 1;
    memcpy(pool + at, b->text + old[row], size);
    *len += size;
    return at;
}

static size_t moved_bytes(const struct block *b, const uint32_t *offsets)
{
    size_t bytes = 0;

    for (uint32_t row = 0; offsets && row < b->rows; row++)
        if (offsets[row] && (row == 0 || offsets[row] != offsets[row - 1]))
            bytes += strlen(b->text + offsets[row]) + 1;
    return bytes;
}

static void move_texts(const struct block *b, char *pool, size_t *len, uint32_t *offsets)
{
    uint32_t moved[BLOCK_ROWS];

    if (!offsets)
        return;
    for (uint32_t row = 0; row < b->rows; row++)
        moved[row] = move_text(b, pool, len, offsets, moved, row);
    memcpy(offsets, moved, b->rows * sizeof(*offsets));
}

static bool is_text(const struct column *c)
{
    return metric_at(c->metric)->type == GW_TEXT;
}

void block_pack(struct block *b)
{
    size_t room = 1, len = 1;
    char *pool;

    room += moved_bytes(b, b->names) + moved_bytes(b, b->parent.names) +
            moved_bytes(b, b->second.names);
    for (size_t i = 0; i < b->column_count; i++)
        if (is_text(&b->columns[i]))
            room += moved_bytes(b, b->columns[i].values);
    pool = xcalloc(room, 1);
    move_texts(b, pool, &len, b->names);
    move_texts(b, pool, &len, b->parent.names);
    move_texts(b, pool, &len, b->second.names);
    for (size_t i = 0; i < b->column_count; i++)
        if (is_text(&b->columns[i]))
            move_texts(b, pool, &len, b->columns[i].values);
    free(b->text);
    b->text = pool;
    b->text_len = b->text_live = len;
    b->text_room = room;
}

/* ---- to a blob ---- */

static uint8_t *append(uint8_t *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

static uint8_t *append_feeds(uint8_t *to, const struct block *b, const struct feeds *f)
{
    if (!f->names)
        return to;
    to = append(to, f->names, b->rows * sizeof(*f->names));
    return append(to, f->kinds, b->rows);
}

static uint8_t *append_column(uint8_t *to, const struct block *b, const struct column *c)
{
    const struct metric *m = metric_at(c->metric);
    size_t name = strlen(m->name);

    *to++ = (uint8_t)name;
    to = append(to, m->name, name);
    *to++ = (uint8_t)m->type;
    *to++ = (c->qualities ? WITH_QUALITIES : 0) | (c->times ? 0 : WITH_TIMES_OF_ROWS);
    if (c->times)
        to = append(to, c->times, b->rows * sizeof(*c->times));
    to = append(to, c->values, b->rows * (size_t)c->width);
    return c->qualities ? append(to, c->qualities, b->rows) : to;
}

size_t block_encode(struct block *b, uint8_t **to, size_t *room)
{
    struct head head = { .mark = MARK,
                         .rows = b->rows,
                         .columns = (uint32_t)b->column_count,
                         .with_times = 1 };
    uint8_t *end;

    if (b->text_len > b->text_live + MOST_LEFT_BEHIND)
        block_pack(b);
    block_share_times(b);
    head.text_len = (uint32_t)b->text_len;
    head.with_parents = b->parent.names != NULL;
    head.with_seconds = b->second.names != NULL;
    *to = xgrow(*to, room, sizeof(head) + block_bytes(b) + b->column_count * 260, 1);
    end = append(*to, &head, sizeof(head));
    end = append(end, b->text, b->text_len);
    end = append(end, b->names, b->rows * sizeof(*b->names));
    end = append_feeds(end, b, &b->parent);
    end = append_feeds(end, b, &b->second);
    end = append(end, b->times, b->rows * sizeof(*b->times));
    for (size_t i = 0; i < b->column_count; i++)
        end = append_column(end, b, &b->columns[i]);
    return (size_t)(end - *to);
}

/* ---- and back ---- */

struct reader {
    const uint8_t *at;
    size_t left;
};

/* The next `size` bytes; NULL: the blob ends before. */
static const void *take(struct reader *r, size_t size)
{
    const void *from = r->at;

    if (size > r->left)
        return NULL;
    r->at += size;
    r->left -= size;
    return from;
}

/* A copy of the next array, of b->room items. */
static void *take_array(struct reader *r, const struct block *b, size_t size)
{
    const void *from = take(r, b->rows * size);
    char *copy;

    if (!from)
        return NULL;
    copy = xrealloc(NULL, b->room, size);
    memcpy(copy, from, b->rows * size);
    memset(copy + b->rows * size, 0, (b->room - b->rows) * size);
    return copy;
}

static bool all_below(const uint32_t *numbers, uint32_t count, uint32_t bound)
{
    uint32_t largest = 0;

    for (uint32_t i = 0; i < count; i++)
        largest = numbers[i] > largest ? numbers[i] : largest;
    return largest < bound;
}

static bool bytes_below(const uint8_t *bytes, uint32_t count, uint8_t bound)
{
    uint8_t largest = 0;

    for (uint32_t i = 0; i < count; i++)
        largest = bytes[i] > largest ? bytes[i] : largest;
    return largest < bound;
}

/* In the middle of a character, what follows is not the text that was looked at. */
static bool begin_characters(const uint32_t *offsets, const struct block *b)
{
    bool middle = false;

    for (uint32_t i = 0; i < b->rows; i++)
        middle |= ((unsigned char)b->text[offsets[i]] & 0xc0) == 0x80;
    return !middle;
}

static bool take_offsets(struct reader *r, const struct block *b, uint32_t **offsets)
{
    *offsets = take_array(r, b, sizeof(**offsets));
    return *offsets && all_below(*offsets, b->rows, (uint32_t)b->text_len) &&
           begin_characters(*offsets, b);
}

static bool take_feeds(struct reader *r, const struct block *b, struct feeds *f)
{
    if (!take_offsets(r, b, &f->names))
        return false;
    f->kinds = take_array(r, b, 1);
    return f->kinds && bytes_below(f->kinds, b->rows, GW_KINDS);
}

static bool take_text(struct reader *r, struct block *b, uint32_t len)
{
    const char *text = take(r, len);

    if (!text || len == 0 || len > MOST_TEXT || text[0] || text[len - 1])
        return false;
    /* What was stored was clean: anything else is damage. */
    if (!texts_are_clean(text, len))
        return false;
    b->text = xrealloc(b->text, len, 1); /* no more: it seldom grows */
    b->text_room = len;
    memcpy(b->text, text, len);
    b->text_len = b->text_live = len;
    return true;
}

static bool take_values(struct reader *r, const struct block *b, struct column *c,
                        bool text, uint8_t with)
{
    if (!(with & WITH_TIMES_OF_ROWS) && !(c->times = take_array(r, b, sizeof(*c->times))))
        return false;
    if (text) {
        uint32_t *texts = NULL;
        bool good = take_offsets(r, b, &texts);

        c->values = texts;
        if (!good)
            return false;
    } else {
        c->values = take_array(r, b, c->width);
    }
    if (with & WITH_QUALITIES)
        c->qualities = take_array(r, b, 1);
    return c->values &&
           (!(with & WITH_QUALITIES) ||
            (c->qualities && bytes_below(c->qualities, b->rows, GW_NEVER + 1)));
}

/* A column's head, and where its arrays start. */
struct found {
    uint16_t metric; /* METRIC_NONE: nobody knows it any more */
    enum gw_type type;
    uint8_t width, with;
    struct reader arrays;
};

static const void *times_of(const struct block *b, const struct found *f)
{
    return f->with & WITH_TIMES_OF_ROWS ? (const void *)b->times : f->arrays.at;
}

static bool find_column(struct reader *r, const struct block *b, struct found *f)
{
    const uint8_t *len = take(r, 1), *type, *with;
    const char *name = len ? take(r, *len) : NULL;
    char word[256];

    type = take(r, 1);
    with = take(r, 1);
    if (!name || !type || !with || *type > GW_TIME ||
        *with > (WITH_QUALITIES | WITH_TIMES_OF_ROWS))
        return false;
    memcpy(word, name, *len);
    word[*len] = '\0';
    *f = (struct found){ .metric = metric_find(b->kind, word),
                         .type = (enum gw_type)*type,
                         .with = *with,
                         .arrays = *r };
    f->width = *type == GW_TIME || *type == GW_COUNTER || *type == GW_ENERGY ? 8 : 4;
    if (f->metric != METRIC_NONE && metric_at(f->metric)->type != f->type)
        f->metric = METRIC_NONE;
    return take(r, b->rows * ((f->with & WITH_TIMES_OF_ROWS ? 0 : 4u) + f->width +
                              (f->with & WITH_QUALITIES))) != NULL;
}

static bool take_column(struct block *b, struct found *f)
{
    struct column *c = &b->columns[b->column_count++];

    *c = (struct column){ .metric = f->metric, .width = f->width };
    return take_values(&f->arrays, b, c, f->type == GW_TEXT, f->with);
}

/* ---- no more than is wanted ---- */

static bool is_known(const struct column *c, bool text, uint32_t row)
{
    if (text)
        return ((const uint32_t *)c->values)[row] != 0;
    return c->width == 8 ? !isnan(((const double *)c->values)[row])
                         : !isnan(((const float *)c->values)[row]);
}

/* Of each row the newest time at which something is known, and the newest time of all:
 * ages are told against it. */
struct newest {
    uint32_t known[BLOCK_ROWS], any;
};

/* Is something in the column newer than all so far? */
static bool raises(struct newest *newest, const struct block *b, const struct column *c)
{
    const uint32_t *times = block_times(b, c);
    bool text = is_text(c), raised = false;

    for (uint32_t row = 0; row < b->rows; row++) {
        uint32_t time = times[row];

        if (time > newest->any) {
            newest->any = time;
            raised = true;
        }
        if (time > newest->known[row] && is_known(c, text, row)) {
            newest->known[row] = time;
            raised = true;
        }
    }
    return raised;
}

/* Nearly always not, and then nothing of the column is copied but this. In strides, as
 * texts_are_clean(). */
static bool may_raise(const struct newest *newest, const void *from, uint32_t rows)
{
    enum { STRIDE = 64 };
    uint32_t times[BLOCK_ROWS], newer = 0, end = (rows + STRIDE - 1) / STRIDE * STRIDE;

    memcpy(times, from, rows * sizeof(*times));
    memset(times + rows, 0, (end - rows) * sizeof(*times));
    for (uint32_t row = 0; row < end; row += STRIDE)
        for (uint32_t i = row; i < row + STRIDE; i++)
            newer |= times[i] > newest->known[i];
    return newer;
}

static bool take_others(struct block *b, struct found *others, size_t count)
{
    struct newest newest = { .any = 0 };
    const void *old = NULL; /* times that raise nothing: neighbours mostly share theirs */

    for (size_t i = 0; i < b->column_count; i++)
        (void)raises(&newest, b, &b->columns[i]);
    for (size_t i = 0; i < count; i++) {
        const void *times = times_of(b, &others[i]);

        if (old && (old == times || memcmp(old, times, b->rows * sizeof(uint32_t)) == 0))
            continue;
        if (!may_raise(&newest, times, b->rows)) {
            old = times;
            continue;
        }
        if (!take_column(b, &others[i]))
            return false;
        if (!raises(&newest, b, &b->columns[b->column_count - 1]))
            block_free_column(&b->columns[--b->column_count]);
    }
    return true;
}

static bool take_columns(struct reader *r, struct block *b, uint32_t count,
                         const bool *wanted)
{
    struct found *others = xcalloc(count, sizeof(*others)), f;
    size_t other_count = 0;
    bool good = true;

    b->columns = xcalloc(count, sizeof(*b->columns));
    for (uint32_t i = 0; good && i < count; i++) {
        good = find_column(r, b, &f);
        if (!good || f.metric == METRIC_NONE)
            continue;
        if (wanted && !wanted[f.metric])
            others[other_count++] = f;
        else
            good = take_column(b, &f);
    }
    good = good && (other_count == 0 || take_others(b, others, other_count));
    free(others);
    return good;
}

static bool take_head(struct reader *r, struct head *head)
{
    const void *from = take(r, sizeof(*head));

    if (!from)
        return false;
    memcpy(head, from, sizeof(*head));
    return head->mark == MARK && head->rows > 0 && head->rows <= BLOCK_ROWS &&
           head->columns <= MOST_COLUMNS && head->with_parents <= 1 &&
           head->with_seconds <= 1 && head->with_times <= 1;
}

/* What the rows are called and what they are in. */
static bool take_places(struct reader *r, struct block *b, struct head *head)
{
    if (!take_head(r, head) || !take_text(r, b, head->text_len))
        return false;
    b->rows = b->room = head->rows;
    return take_offsets(r, b, &b->names) &&
           (!head->with_parents || take_feeds(r, b, &b->parent));
}

static bool take_block(struct reader *r, struct block *b, const bool *wanted)
{
    struct head head;

    if (!take_places(r, b, &head) || (head.with_seconds && !take_feeds(r, b, &b->second)))
        return false;
    b->times = head.with_times ? take_array(r, b, sizeof(*b->times))
                               : xcalloc(b->room, sizeof(*b->times));
    if (!b->times)
        return false;
    return take_columns(r, b, head.columns, wanted) && r->left == 0;
}

struct block *block_decode(enum gw_kind kind, const uint8_t *from, size_t len,
                           const bool *wanted)
{
    struct block *b = block_new(kind);
    struct reader r = { from, len };

    if (take_block(&r, b, wanted))
        return b;
    block_free(b);
    return NULL;
}

size_t block_places_size(const uint8_t *from, size_t len)
{
    struct reader r = { from, len };
    struct head head;

    if (!take_head(&r, &head))
        return 0;
    return sizeof(head) + head.text_len + head.rows * (head.with_parents ? 9u : 4u);
}

struct block *block_decode_places(enum gw_kind kind, const uint8_t *from, size_t len)
{
    struct block *b = block_new(kind);
    struct reader r = { from, len };
    struct head head;

    if (take_places(&r, b, &head))
        return b;
    block_free(b);
    return NULL;
}
