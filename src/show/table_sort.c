/* Sorting. Every column becomes a number that sorts as the column does; a radix sort,
 * which is stable, then runs from the last key to the first. Texts become their rank:
 * comparing names by their numbers is dear, so each distinct text is compared, not each
 * row. */
#include "show/table_sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, KEY_BITS = 64 };

struct item {
    uint64_t key;
    uint32_t row;
};

static const uint64_t unknown_key = UINT64_MAX;

/* ---- from values to keys ---- */

/* IEEE doubles sort as integers once the negative ones are turned over and the positive
 * ones lifted above them. */
static uint64_t key_of_number(double number, bool down)
{
    uint64_t bits;

    if (isnan(number))
        return unknown_key;
    number += 0.0; /* -0 is 0 */
    memcpy(&bits, &number, sizeof(bits));
    bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return down ? ~bits : bits;
}

/* The same in the upper half alone, for a float fits there and three passes are fewer
 * than six. */
static uint64_t key_of_float(float number, bool down)
{
    uint32_t bits;

    if (isnan(number))
        return unknown_key;
    number += 0.0f;
    memcpy(&bits, &number, sizeof(bits));
    bits = bits >> 31 ? ~bits : bits | (uint32_t)1 << 31;
    return down ? (uint32_t)~bits : bits;
}

static bool is_plain(const struct column *c)
{
    return c->has_metric && !c->cell && c->unit != UNIT_TIME;
}

static void take_numbers(const struct model *m, const struct sort_key *k,
                         struct item *items, size_t count)
{
    const float *column = is_plain(k->column) ? model_column(m, k->column->metric) : NULL;

    for (size_t i = 0; i < count; i++) {
        struct cell cell;

        if (column) {
            items[i].key = key_of_float(column[items[i].row], k->down);
            continue;
        }
        cell = column_value(k->column, m, items[i].row);
        items[i].key =
            cell.type == CELL_NUMBER ? key_of_number(cell.number, k->down) : unknown_key;
    }
}

/* ---- texts ---- */

struct ranked {
    const char *text;
    uint64_t id; /* of an interned text, or its place among words */
};

static int by_text(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = text_natural(x->text, y->text);

    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* Names mostly come in the order of the model, which is theirs: then there is nothing to
 * sort. */
static void sort_texts(struct ranked *texts, size_t count)
{
    size_t i = 1;

    while (i < count && text_natural(texts[i - 1].text, texts[i].text) <= 0)
        i++;
    if (i < count)
        qsort(texts, count, sizeof(*texts), by_text);
}

static uint64_t key_of_rank(uint64_t rank, uint64_t ranks, bool down)
{
    return down ? ranks - rank : rank;
}

/* A text column of the model: each distinct text is ranked once. */
static void take_interned(const struct model *m, const struct sort_key *k,
                          const uint32_t *column, struct item *items, size_t count)
{
    uint32_t largest = 0;
    struct ranked *texts = xcalloc(count, sizeof(*texts));
    size_t distinct = 0;
    uint64_t *keys;

    for (size_t i = 0; i < count; i++)
        largest = column[items[i].row] > largest ? column[items[i].row] : largest;
    keys = xcalloc((size_t)largest + 1, sizeof(*keys));
    for (size_t i = 0; i < count; i++) {
        uint32_t id = column[items[i].row];

        if (id && !keys[id]) {
            keys[id] = 1;
            texts[distinct++] = (struct ranked){ model_text_of(m, id), id };
        }
    }
    sort_texts(texts, distinct);
    for (size_t i = 0; i < distinct; i++)
        keys[texts[i].id] = key_of_rank(i, distinct, k->down);
    keys[0] = unknown_key;
    for (size_t i = 0; i < count; i++)
        items[i].key = keys[column[items[i].row]];
    free(keys);
    free(texts);
}

/* Different texts, by where they lie: a word such as "busy" lies in one place for all rows, and a node's name for all
 * its GPUs. One that comes up again after others may be here twice; equal texts share a rank. */
struct words {
    struct ranked *texts;
    size_t count;
    uint32_t recent[1024]; /* where some lie in texts[], by their address */
};

static uint64_t word_of(struct words *w, const char *text)
{
    uint32_t *at = &w->recent[((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15)) >> 54];

    if (*at < w->count && w->texts[*at].text == text)
        return *at;
    *at = (uint32_t)w->count;
    w->texts[w->count] = (struct ranked){ text, w->count };
    return w->count++;
}

/* Texts that a column makes itself, such as names. */
static void take_texts(const struct model *m, const struct sort_key *k,
                       struct item *items, size_t count)
{
    struct words words = { .texts = xcalloc(count, sizeof(*words.texts)) };
    uint64_t *keys, rank = 0;

    for (size_t i = 0; i < count; i++) {
        struct cell cell = column_value(k->column, m, items[i].row);

        items[i].key = cell.type == CELL_TEXT ? word_of(&words, cell.text) : unknown_key;
    }
    sort_texts(words.texts, words.count);
    keys = xcalloc(words.count, sizeof(*keys));
    for (size_t i = 0; i < words.count; i++) {
        /* Equal texts share a rank, or the key after this one would never be asked. */
        rank += i && strcmp(words.texts[i - 1].text, words.texts[i].text) != 0;
        keys[words.texts[i].id] = key_of_rank(rank, words.count, k->down);
    }
    for (size_t i = 0; i < count; i++)
        if (items[i].key != unknown_key)
            items[i].key = keys[items[i].key];
    free(keys);
    free(words.texts);
}

static void take_keys(const struct model *m, const struct sort_key *k, struct item *items,
                      size_t count)
{
    const struct column *c = k->column;
    const uint32_t *column = NULL;

    if (c->text && c->has_metric && !c->cell)
        column = model_text_column(m, c->metric);
    if (column)
        take_interned(m, k, column, items, count);
    else if (c->text)
        take_texts(m, k, items, count);
    else
        take_numbers(m, k, items, count);
}

/* ---- the sort ---- */

/* One pass on one digit; false where all have the same and nothing had to move. */
static bool pass(const struct item *from, struct item *to, size_t count, unsigned shift)
{
    size_t places[DIGITS] = { 0 }, place = 0;

    for (size_t i = 0; i < count; i++)
        places[from[i].key >> shift & (DIGITS - 1)]++;
    if (places[from[0].key >> shift & (DIGITS - 1)] == count)
        return false;
    for (size_t i = 0; i < DIGITS; i++) {
        size_t here = places[i];

        places[i] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

/* Where all keys agree in a digit its pass is not made. The unknown would spoil that with
 * their ones everywhere: they are set apart first, and the digits of the known alone
 * decide. */
static struct item *radix_sort(struct item *items, struct item *spare, size_t count)
{
    for (unsigned shift = 0; count > 0 && shift < KEY_BITS; shift += DIGIT_BITS)
        if (pass(items, spare, count, shift)) {
            struct item *sorted = spare;

            spare = items;
            items = sorted;
        }
    return items;
}

/* Moves the unknown behind the known, both in their order; returns how many are known. */
static size_t part_unknown(struct item *items, struct item *spare, size_t count)
{
    size_t known = 0, unknown = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].key == unknown_key)
            spare[unknown++] = items[i];
        else
            items[known++] = items[i];
    }
    if (unknown)
        memcpy(items + known, spare, unknown * sizeof(*items));
    return known;
}

void table_sort(const struct model *m, uint32_t *rows, size_t count,
                const struct sort_key *keys, size_t key_count)
{
    struct item *items, *spare;

    if (!key_count || count < 2)
        return;
    items = xcalloc(count, sizeof(*items));
    spare = xcalloc(count, sizeof(*spare));
    for (size_t i = 0; i < count; i++)
        items[i].row = rows[i];
    for (size_t k = key_count; k-- > 0;) {
        struct item *sorted;
        size_t known;

        take_keys(m, &keys[k], items, count);
        known = part_unknown(items, spare, count);
        sorted = radix_sort(items, spare, known);
        if (sorted != items)
            memcpy(items, sorted, known * sizeof(*items));
    }
    for (size_t i = 0; i < count; i++)
        rows[i] = items[i].row;
    free(items);
    free(spare);
}
