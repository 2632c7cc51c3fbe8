/* Sorting. Every column becomes a number that sorts as the column does; a radix sort,
 * which is stable, then runs from the last key to the first. Texts become their rank:
 * comparing names by their numbers is dear, so each distinct text is compared, not each
 * row. */
#include "show/table_sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/radix.h"
#include "base/text_sort.h"

static const uint32_t unknown_key = UINT32_MAX;
static const uint64_t unknown_wide_key = UINT64_MAX;

/* ---- from values to keys ---- */

/* IEEE doubles sort as integers once the negative ones are turned over and the positive
 * ones lifted above them. */
static uint64_t key_of_number(double number, bool down)
{
    uint64_t bits;

    if (isnan(number))
        return unknown_wide_key;
    number += 0.0; /* -0 is 0 */
    memcpy(&bits, &number, sizeof(bits));
    bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return down ? ~bits : bits;
}

static uint32_t key_of_float(float number, bool down)
{
    uint32_t bits;

    if (isnan(number))
        return unknown_key;
    number += 0.0f;
    memcpy(&bits, &number, sizeof(bits));
    bits = bits >> 31 ? ~bits : bits | (uint32_t)1 << 31;
    return down ? ~bits : bits;
}

static void take_floats(const float *column, bool down, struct radix_item *items,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].key = key_of_float(column[items[i].row], down);
}

/* ---- texts ---- */

struct ranked {
    const char *text;
    uint32_t id; /* of an interned text, or its place among words */
};

static const char *text_of_ranked(const void *of, uint32_t i)
{
    return ((const struct ranked *)of)[i].text;
}

/* Their numbers in order; caller frees. */
static uint32_t *sort_texts(const struct ranked *texts, size_t count)
{
    uint32_t *order = xrealloc(NULL, count, sizeof(*order));

    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    text_sort(&(struct text_list){ .text = text_of_ranked, .of = texts }, order, count);
    return order;
}

static uint32_t key_of_rank(uint32_t rank, uint32_t ranks, bool down)
{
    return down ? ranks - rank : rank;
}

/* A text column of the model: each distinct text is ranked once. */
static void take_interned(const struct model *m, const struct sort_key *k,
                          struct text_column column, struct radix_item *items,
                          size_t count)
{
    uint32_t largest = 0;
    struct ranked *texts = xcalloc(count, sizeof(*texts));
    uint32_t distinct = 0, *keys, *order;

    for (size_t i = 0; i < count; i++) {
        uint32_t id = text_in(column, items[i].row);

        largest = id > largest ? id : largest;
    }
    keys = xcalloc((size_t)largest + 1, sizeof(*keys));
    for (size_t i = 0; i < count; i++) {
        uint32_t id = text_in(column, items[i].row);

        if (id && !keys[id]) {
            keys[id] = 1;
            texts[distinct++] = (struct ranked){ model_text_of(m, id), id };
        }
    }
    order = sort_texts(texts, distinct);
    for (uint32_t i = 0; i < distinct; i++)
        keys[texts[order[i]].id] = key_of_rank(i, distinct, k->down);
    keys[0] = unknown_key;
    for (size_t i = 0; i < count; i++)
        items[i].key = keys[text_in(column, items[i].row)];
    free(keys);
    free(order);
    free(texts);
}

/* Different texts, by where they lie: a word such as "busy" lies in one place for all
 * rows, and a node's name for all its GPUs. One that comes up again after others may be
 * here twice; equal texts share a rank. */
struct words {
    struct ranked *texts;
    uint32_t count;
    uint32_t recent[1024]; /* where some lie in texts[], by their address */
};

static uint32_t word_of(struct words *w, const char *text)
{
    uint32_t *at = &w->recent[((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15)) >> 54];

    if (*at < w->count && w->texts[*at].text == text)
        return *at;
    *at = w->count;
    w->texts[w->count] = (struct ranked){ text, w->count };
    return w->count++;
}

/* Texts that a column makes itself, such as names. */
static void take_texts(const struct model *m, const struct sort_key *k,
                       struct radix_item *items, size_t count)
{
    struct words words = { .texts = xcalloc(count, sizeof(*words.texts)) };
    uint32_t *keys, *order, rank = 0;

    for (size_t i = 0; i < count; i++) {
        const char *text = column_text(k->column, m, items[i].row);

        items[i].key = text ? word_of(&words, text) : unknown_key;
    }
    order = sort_texts(words.texts, words.count);
    keys = xcalloc(words.count, sizeof(*keys));
    for (size_t i = 0; i < words.count; i++) {
        /* Equal texts share a rank, or the key after this one would never be asked. */
        rank += i &&
                strcmp(words.texts[order[i - 1]].text, words.texts[order[i]].text) != 0;
        keys[order[i]] = key_of_rank(rank, words.count, k->down);
    }
    for (size_t i = 0; i < count; i++)
        if (items[i].key != unknown_key)
            items[i].key = keys[items[i].key];
    free(keys);
    free(order);
    free(words.texts);
}

/* False: its numbers have to be asked for one by one. */
static bool take_keys(const struct model *m, const struct sort_key *k,
                      struct radix_item *items, size_t count)
{
    const struct column *c = k->column;
    const float *numbers = column_is_exact(c) ? model_column(m, c->metric) : NULL;
    struct text_column texts = { NULL, NULL };

    if (c->text && column_is_plain(c))
        texts = model_text_column(m, c->metric);
    if (numbers)
        take_floats(numbers, k->down, items, count);
    else if (texts.lower)
        take_interned(m, k, texts, items, count);
    else if (c->text)
        take_texts(m, k, items, count);
    return numbers || c->text;
}

/* A metric that no row was told: all are equal. */
static bool is_unsaid(const struct model *m, const struct column *c)
{
    return column_is_plain(c) && c->text && !model_text_column(m, c->metric).lower;
}

/* ---- the sort ---- */

/* Moves the unknown behind the known, both in their order; returns how many are known.
 * The unknown would spoil with their ones that all keys agree in a digit. */
static size_t part_unknown(struct radix_item *items, struct radix_item *spare,
                           size_t count)
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

static size_t rows_behind(const struct radix_item *items, size_t count)
{
    uint32_t last = 0;

    for (size_t i = 0; i < count; i++)
        last = items[i].row > last ? items[i].row : last;
    return (size_t)last + 1;
}

/* What the column says of each item; false where floats do not tell all of that apart. */
static bool read_numbers(const struct model *m, const struct column *c,
                         const struct radix_item *items, size_t count, double *numbers)
{
    bool are_floats = true;

    for (size_t i = 0; i < count; i++) {
        numbers[i] = column_number(c, m, items[i].row);
        are_floats &= isnan(numbers[i]) || (double)(float)numbers[i] == numbers[i];
    }
    return are_floats;
}

/* By halves, the lower first: a stable sort by the upper one keeps its order. Takes the
 * numbers: of a million rows they are 8 MB, as is each array that comes after them. */
static void sort_wide(double *numbers, bool down, struct radix_item *items,
                      struct radix_item *spare, size_t count)
{
    /* by row */
    uint64_t *keys = xrealloc(NULL, rows_behind(items, count), sizeof(*keys));
    size_t known;

    for (size_t i = 0; i < count; i++) {
        uint64_t key = key_of_number(numbers[i], down);

        keys[items[i].row] = key;
        items[i].key = key == unknown_wide_key ? unknown_key : 0;
    }
    free(numbers);
    known = part_unknown(items, spare, count);
    for (unsigned shift = 0; shift < 64; shift += 32) {
        for (size_t i = 0; i < known; i++)
            items[i].key = (uint32_t)(keys[items[i].row] >> shift);
        radix_sort(items, spare, known);
    }
    free(keys);
}

static void sort_numbers(const struct model *m, const struct sort_key *k,
                         struct radix_item *items, struct radix_item *spare, size_t count)
{
    double *numbers = xrealloc(NULL, count, sizeof(*numbers));

    if (!read_numbers(m, k->column, items, count, numbers)) {
        sort_wide(numbers, k->down, items, spare, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        items[i].key = key_of_float((float)numbers[i], k->down);
    free(numbers);
    radix_sort(items, spare, part_unknown(items, spare, count));
}

/* ---- by places ---- */

/* Of few rows of many, these alone are compared. */
static struct places places_of(const struct model *m, enum gw_kind kind,
                               const struct column *c, size_t count)
{
    if (count < model_rows(m, kind) / 8)
        return (struct places){ 0 };
    if (c->is_name)
        return model_name_places(m, kind);
    return column_is_plain(c) ? model_text_places(m, c->metric) : (struct places){ 0 };
}

static void sort_by_keys_of(const struct places *p, bool down, struct radix_item *items,
                            struct radix_item *spare, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t place = p->by_row[items[i].row];

        items[i].key = place == unknown_key ? unknown_key
                                            : key_of_rank(place, p->count, down);
    }
    radix_sort(items, spare, part_unknown(items, spare, count));
}

/* Where no two rows share a place, each goes there at once. */
static void sort_by_places(const struct places *p, bool down, struct radix_item *items,
                           struct radix_item *spare, size_t count)
{
    uint32_t *placed = (uint32_t *)spare;
    size_t unknown = 0, known = 0;

    if (!p->all_differ || p->count > 2 * count) {
        sort_by_keys_of(p, down, items, spare, count);
        return;
    }
    memset(placed, 0xff, p->count * sizeof(*placed));
    for (size_t i = 0; i < count; i++) {
        uint32_t place = p->by_row[items[i].row];

        if (place == unknown_key)
            items[unknown++].row = items[i].row;
        else
            placed[key_of_rank(place, p->count - 1, down)] = items[i].row;
    }
    memmove(items + (count - unknown), items, unknown * sizeof(*items));
    for (size_t i = 0; i < p->count; i++)
        if (placed[i] != GW_NONE)
            items[known++].row = placed[i];
}

/* ---- all keys ---- */

void table_sort(const struct model *m, enum gw_kind kind, uint32_t *rows, size_t count,
                const struct sort_key *keys, size_t key_count)
{
    struct radix_item *items, *spare;

    if (!key_count || count < 2)
        return;
    items = xrealloc(NULL, count, sizeof(*items));
    spare = xrealloc(NULL, count, sizeof(*spare));
    for (size_t i = 0; i < count; i++)
        items[i].row = rows[i];
    for (size_t k = key_count; k-- > 0;) {
        struct places places = places_of(m, kind, keys[k].column, count);

        if (is_unsaid(m, keys[k].column))
            continue;
        if (places.by_row)
            sort_by_places(&places, keys[k].down, items, spare, count);
        else if (take_keys(m, &keys[k], items, count))
            radix_sort(items, spare, part_unknown(items, spare, count));
        else
            sort_numbers(m, &keys[k], items, spare, count);
    }
    for (size_t i = 0; i < count; i++)
        rows[i] = items[i].row;
    free(items);
    free(spare);
}
