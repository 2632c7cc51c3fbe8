/* Rows of one kind and their latest values, in memory. */
#include "store/block.h"
#include "base/arena.h"
#include "model/batch.h"
#include "model/metric.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16, MORE_TEXT = 512, TIME_SLACK_S = 60, MOST_WASTE = 1 << 18 };

struct block *block_new(enum gw_kind kind)
{
    struct block *b = xcalloc(1, sizeof(*b));

    b->kind = kind;
    b->text = xgrow(NULL, &b->text_room, 1, 1);
    b->text[0] = '\0';
    b->text_len = b->text_live = 1;
    return b;
}

void block_free_column(struct column *c)
{
    free(c->times);
    free(c->values);
    free(c->qualities);
}

void block_free(struct block *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->column_count; i++)
        block_free_column(&b->columns[i]);
    free(b->columns);
    free(b->parent.names);
    free(b->parent.kinds);
    free(b->second.names);
    free(b->second.kinds);
    free(b->names);
    free(b->times);
    free(b->text);
    free(b);
}

size_t block_bytes(const struct block *b)
{
    size_t bytes = sizeof(*b) + b->text_room +
                   b->room * (sizeof(*b->names) + sizeof(*b->times)) +
                   b->column_count * sizeof(*b->columns);

    bytes += b->parent.names ? b->room * 5 : 0;
    bytes += b->second.names ? b->room * 5 : 0;
    for (size_t i = 0; i < b->column_count; i++)
        bytes += b->room * ((b->columns[i].times ? 4u : 0) + b->columns[i].width +
                            (b->columns[i].qualities ? 1u : 0));
    return bytes;
}

/* ---- texts ---- */

static uint32_t add_text(struct block *b, const char *text)
{
    size_t size = strlen(text) + 1, at = b->text_len;

    /* By a little, not by doubling: of a hundred blocks, each would have half a block to
     * spare. */
    if (at + size > b->text_room) {
        b->text_room = at + size + MORE_TEXT;
        b->text = xrealloc(b->text, b->text_room, 1);
    }
    memcpy(b->text + at, text, size);
    b->text_len += size;
    return (uint32_t)at;
}

/* Neighbours mostly say the same (a tenant, a rack, a product), so a text is looked for
 * in the row above before it is added. What is replaced stays behind until the block is
 * packed. */
static uint32_t keep_text(struct block *b, const uint32_t *offsets, uint32_t row,
                          const char *text)
{
    if (!*text)
        return 0;
    if (offsets[row] && strcmp(b->text + offsets[row], text) == 0)
        return offsets[row];
    if (row > 0 && offsets[row - 1] && strcmp(b->text + offsets[row - 1], text) == 0)
        return offsets[row - 1];
    return add_text(b, text);
}

/* ---- rows ---- */

static void *widen(void *old, uint32_t before, uint32_t after, size_t size)
{
    char *wide = xrealloc(old, after, size);

    memset(wide + before * size, 0, (after - before) * size);
    return wide;
}

static void widen_feeds(struct feeds *f, uint32_t before, uint32_t after)
{
    f->names = widen(f->names, before, after, sizeof(*f->names));
    f->kinds = widen(f->kinds, before, after, sizeof(*f->kinds));
}

static void widen_block(struct block *b)
{
    uint32_t before = b->room, after = before ? 2 * before : FIRST_ROOM;

    b->room = after;
    b->names = widen(b->names, before, after, sizeof(*b->names));
    b->times = widen(b->times, before, after, sizeof(*b->times));
    if (b->parent.names)
        widen_feeds(&b->parent, before, after);
    if (b->second.names)
        widen_feeds(&b->second, before, after);
    for (size_t i = 0; i < b->column_count; i++) {
        struct column *c = &b->columns[i];

        if (c->times)
            c->times = widen(c->times, before, after, sizeof(*c->times));
        c->values = widen(c->values, before, after, c->width);
        if (c->qualities)
            c->qualities = widen(c->qualities, before, after, 1);
    }
}

uint32_t block_add(struct block *b, const char *name)
{
    if (b->rows == b->room)
        widen_block(b);
    b->names[b->rows] = add_text(b, name);
    b->state = BLOCK_CHANGED;
    return b->rows++;
}

const char *block_name(const struct block *b, uint32_t row)
{
    return b->text + b->names[row];
}

void block_hashes(const struct block *b, uint64_t hashes[BLOCK_ROWS])
{
    for (uint32_t row = 0; row < b->rows; row++) {
        const char *name = block_name(b, row);

        hashes[row] = batch_hash(b->kind, name, strlen(name));
    }
}

static bool fed_by(const struct block *b, const struct feeds *f, uint32_t row,
                   enum gw_kind kind, const char *name)
{
    return f->names && f->names[row] && f->kinds[row] == kind &&
           strcmp(b->text + f->names[row], name) == 0;
}

static void set_feed(struct block *b, struct feeds *f, uint32_t row, enum gw_kind kind,
                     const char *name)
{
    if (fed_by(b, f, row, kind, name))
        return;
    if (!f->names)
        widen_feeds(f, 0, b->room);
    f->names[row] = keep_text(b, f->names, row, name);
    f->kinds[row] = (uint8_t)kind;
    b->state = BLOCK_CHANGED;
}

void block_reparent(struct block *b, uint32_t row, enum gw_kind kind, const char *name)
{
    set_feed(b, &b->parent, row, kind, name);
}

void block_feed(struct block *b, uint32_t row, enum gw_kind kind, const char *name)
{
    if (!b->parent.names || !b->parent.names[row])
        set_feed(b, &b->parent, row, kind, name);
    else if (!fed_by(b, &b->parent, row, kind, name))
        set_feed(b, &b->second, row, kind, name);
}

/* ---- values ---- */

static uint8_t width_of(enum gw_type type)
{
    return type == GW_TIME || type == GW_COUNTER || type == GW_ENERGY ? 8 : 4;
}

static bool is_told_of(const struct block *b)
{
    for (uint32_t row = 0; row < b->rows; row++)
        if (b->times[row])
            return true;
    return false;
}

static struct column *column_of(struct block *b, uint16_t metric, size_t *hint)
{
    struct column *c;

    /* Samples come in the same order for every row: the next column is the likely one. */
    for (size_t i = 0; i < b->column_count; i++) {
        size_t at = (*hint + i) % b->column_count;

        if (b->columns[at].metric == metric) {
            *hint = at + 1;
            return &b->columns[at];
        }
    }
    b->columns = xrealloc(b->columns, b->column_count + 1, sizeof(*c));
    c = &b->columns[b->column_count++];
    *hint = b->column_count;
    *c = (struct column){ .metric = metric, .width = width_of(metric_at(metric)->type) };
    if (is_told_of(b))
        c->times = xcalloc(b->room, sizeof(*c->times));
    c->values = xcalloc(b->room, c->width);
    return c;
}

static void set_quality(struct block *b, struct column *c, uint32_t row, uint8_t quality)
{
    if (!c->qualities && quality == GW_OK)
        return;
    if (!c->qualities)
        c->qualities = xcalloc(b->room, 1);
    c->qualities[row] = quality;
}

static void put_value(struct block *b, struct column *c, uint32_t row,
                      const struct batch_sample *value)
{
    set_quality(b, c, row, value->quality);
    if (metric_at(value->metric)->type == GW_TEXT) {
        uint32_t *texts = c->values;

        /* Mostly the writing packs; here it is for when nothing can be written. */
        if (b->text_len > 4 * b->text_live + MOST_WASTE)
            block_pack(b);
        texts[row] = keep_text(b, texts, row, value->text ? value->text : "");
    } else if (c->width == 8) {
        ((double *)c->values)[row] = value->number;
    } else {
        ((float *)c->values)[row] = (float)value->number;
    }
    b->state = BLOCK_CHANGED;
}

static uint32_t *own_times(const struct block *b, struct column *c)
{
    if (!c->times) {
        c->times = xrealloc(NULL, b->room, sizeof(*c->times));
        memcpy(c->times, b->times, b->room * sizeof(*c->times));
    }
    return c->times;
}

static bool are_all_told(const struct block *b)
{
    for (size_t i = 0; i < b->column_count; i++)
        if (!b->columns[i].times && b->columns[i].told != b->visits)
            return false;
    return true;
}

/* Notes the time of what this visit told. The row has it, too, if nothing newer is known
 * of it; the columns that were not told then keep their own. */
static void note_time(struct block *b, uint32_t row, uint32_t seconds)
{
    bool of_row = seconds >= b->times[row] || are_all_told(b);

    for (size_t i = 0; i < b->column_count && seconds != b->times[row]; i++) {
        struct column *c = &b->columns[i];

        if (!c->times && (c->told == b->visits) != of_row)
            own_times(b, c);
    }
    for (size_t i = 0; i < b->column_count; i++)
        if (b->columns[i].told == b->visits && b->columns[i].times)
            b->columns[i].times[row] = seconds;
    if (of_row)
        b->times[row] = seconds;
}

static uint32_t seconds_of(double time)
{
    return time >= 1 && time < UINT32_MAX ? (uint32_t)time : 1;
}

/* Of what is stale nothing new is known but that. */
static void mark_stale(struct block *b, struct column *c, uint32_t row)
{
    if (c->qualities && c->qualities[row] == GW_STALE)
        return;
    set_quality(b, c, row, GW_STALE);
    b->state = BLOCK_CHANGED;
}

void block_tell(struct block *b, uint32_t row, const struct batch_sample *values,
                size_t count, double time, double now, size_t *hint)
{
    uint32_t seconds = seconds_of(time);
    bool told = false;

    b->visits++;
    for (size_t i = 0; i < count; i++) {
        struct column *c = column_of(b, values[i].metric, hint);
        uint32_t known = block_times(b, c)[row];

        if (known && values[i].quality == GW_STALE) {
            mark_stale(b, c, row);
            continue;
        }
        if (seconds < known && known <= now + TIME_SLACK_S)
            continue;
        put_value(b, c, row, &values[i]);
        c->told = b->visits;
        told = true;
    }
    if (told)
        note_time(b, row, seconds);
}

void block_tell_last(struct block *b, uint32_t row, const struct batch_sample *values,
                     size_t count, double time, size_t *hint)
{
    b->visits++;
    for (size_t i = 0; i < count; i++) {
        struct column *c = column_of(b, values[i].metric, hint);

        put_value(b, c, row, &values[i]);
        c->told = b->visits;
    }
    note_time(b, row, seconds_of(time));
}

void block_share_times(struct block *b)
{
    for (size_t i = 0; i < b->column_count; i++) {
        struct column *c = &b->columns[i];

        if (!c->times || memcmp(c->times, b->times, b->rows * sizeof(*b->times)) != 0)
            continue;
        free(c->times);
        c->times = NULL;
    }
}

uint32_t block_newest(const struct block *b, uint32_t row)
{
    uint32_t newest = 0;

    for (size_t i = 0; i < b->column_count; i++)
        if (block_times(b, &b->columns[i])[row] > newest)
            newest = block_times(b, &b->columns[i])[row];
    return newest;
}

static struct batch_sample value_at(const struct block *b, const struct column *c,
                                    uint32_t row)
{
    struct batch_sample s = { .metric = c->metric,
                              .quality = c->qualities ? c->qualities[row] : GW_OK };

    if (metric_at(c->metric)->type == GW_TEXT)
        s.text = b->text + ((const uint32_t *)c->values)[row];
    else if (c->width == 8)
        s.number = ((const double *)c->values)[row];
    else
        s.number = (double)((const float *)c->values)[row];
    return s;
}

/* What was told of the row at once stays together. */
static void copy_values(struct block *to, uint32_t copy, const struct block *from,
                        uint32_t row)
{
    struct batch_sample *values = xcalloc(from->column_count, sizeof(*values));
    size_t count = 0, hint = 0;

    for (size_t i = 0; i < from->column_count; i++)
        if (!from->columns[i].times && from->times[row])
            values[count++] = value_at(from, &from->columns[i], row);
    block_tell(to, copy, values, count, from->times[row], from->times[row], &hint);
    for (size_t i = 0; i < from->column_count; i++) {
        const struct column *c = &from->columns[i];

        if (!c->times || !c->times[row])
            continue;
        values[0] = value_at(from, c, row);
        block_tell(to, copy, values, 1, c->times[row], c->times[row], &hint);
    }
    free(values);
}

void block_copy(struct block *to, const struct block *from, uint32_t row)
{
    uint32_t copy = block_add(to, block_name(from, row));

    if (from->parent.names && from->parent.names[row])
        set_feed(to, &to->parent, copy, from->parent.kinds[row],
                 from->text + from->parent.names[row]);
    if (from->second.names && from->second.names[row])
        set_feed(to, &to->second, copy, from->second.kinds[row],
                 from->text + from->second.names[row]);
    copy_values(to, copy, from, row);
}
