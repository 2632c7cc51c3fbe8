/* Sorting. Every column becomes a number that sorts as the column does; a radix sort,
 * which is stable, then runs from the last key to the first. Texts become their rank:
 * comparing names by their numbers is dear, so each distinct text is compared, not each
 * row. */
#include "show/table_sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3 };

struct item {
    uint32_t key, row;
};

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

static void take_floats(const float *column, bool down, struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].key = key_of_float(column[items[i].row], down);
}

/* ---- by digits ---- */

/* Moves the items to where their digits say: places[], where each digit begins. */
static void pass(const struct item *from, struct item *to, size_t count, unsigned shift,
                 uint32_t places[DIGITS])
{
    for (size_t i = 0; i < count; i++)
        to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* From how many items have a digit to where they begin; false where all have the same and nothing has to move. */
static bool find_places(uint32_t counts[DIGITS], size_t count)
{
    uint32_t place = 0;

    for (size_t i = 0; i < DIGITS; i++) {
        uint32_t here = counts[i];

        if (here == count)
            return false;
        counts[i] = place;
        place += here;
    }
    return true;
}

/* Where all keys agree in a digit its pass is not made. */
static void radix_sort(struct item *items, struct item *spare, size_t count)
{
    uint32_t places[PASSES][DIGITS] = { 0 };
    struct item *from = items, *to = spare;

    for (size_t i = 0; i < count; i++)
        for (unsigned p = 0; p < PASSES; p++)
            places[p][items[i].key >> p * DIGIT_BITS & (DIGITS - 1)]++;
    for (unsigned p = 0; p < PASSES; p++)
        if (count > 0 && find_places(places[p], count)) {
            struct item *sorted = to;

            pass(from, to, count, p * DIGIT_BITS, places[p]);
            to = from;
            from = sorted;
        }
    if (from != items)
        memcpy(items, from, count * sizeof(*items));
}

/* ---- texts ---- */

struct ranked {
    const char *text;
    uint32_t id; /* of an interned text, or its place among words */
};

static int by_text(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = text_natural(x->text, y->text);

    return order ? order : (x->id > y->id) - (x->id < y->id);
}

static size_t common_start(const struct ranked *texts, size_t count)
{
    size_t start = strlen(texts[0].text);

    for (size_t i = 1; i < count && start > 0; i++) {
        size_t same = text_same_start(texts[0].text, texts[i].text);

        start = same < start ? same : start;
    }
    return start;
}

/* Those with the same key stand together. */
static void sort_equals(struct ranked *sorted, const struct item *items, const uint64_t *keys, size_t count)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && keys[items[to].row] == keys[items[from].row];)
            to++;
        if (to - from > 1)
            qsort(sorted + from, to - from, sizeof(*sorted), by_text);
    }
}

/* Of a million texts the first few letters that differ tell nearly all apart, and sort as numbers. */
static void sort_by_letters(struct ranked *texts, size_t count)
{
    size_t start = common_start(texts, count);
    struct item *items = xrealloc(NULL, count, sizeof(*items)), *spare = xrealloc(NULL, count, sizeof(*spare));
    uint64_t *keys = xrealloc(NULL, count, sizeof(*keys));
    struct ranked *sorted = xrealloc(NULL, count, sizeof(*sorted));

    for (uint32_t i = 0; i < count; i++) {
        keys[i] = text_natural_key(texts[i].text + start);
        items[i].row = i;
    }
    for (unsigned shift = 0; shift < 64; shift += 32) {
        for (size_t i = 0; i < count; i++)
            items[i].key = (uint32_t)(keys[items[i].row] >> shift);
        radix_sort(items, spare, count);
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = texts[items[i].row];
    sort_equals(sorted, items, keys, count);
    memcpy(texts, sorted, count * sizeof(*texts));
    free(items);
    free(spare);
    free(keys);
    free(sorted);
}

/* Names mostly come in the order of the model, which is theirs: then there is nothing to
 * sort. */
static void sort_texts(struct ranked *texts, size_t count)
{
    enum { MANY = 4096 };
    size_t i = 1;

    while (i < count && text_natural(texts[i - 1].text, texts[i].text) <= 0)
        i++;
    if (i < count && count < MANY)
        qsort(texts, count, sizeof(*texts), by_text);
    else if (i < count)
        sort_by_letters(texts, count);
}

static uint32_t key_of_rank(uint32_t rank, uint32_t ranks, bool down)
{
    return down ? ranks - rank : rank;
}

/* A text column of the model: each distinct text is ranked once. */
static void take_interned(const struct model *m, const struct sort_key *k,
                          struct text_column column, struct item *items, size_t count)
{
    uint32_t largest = 0;
    struct ranked *texts = xcalloc(count, sizeof(*texts));
    uint32_t distinct = 0, *keys;

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
    sort_texts(texts, distinct);
    for (uint32_t i = 0; i < distinct; i++)
        keys[texts[i].id] = key_of_rank(i, distinct, k->down);
    keys[0] = unknown_key;
    for (size_t i = 0; i < count; i++)
        items[i].key = keys[text_in(column, items[i].row)];
    free(keys);
    free(texts);
}

/* Different texts, by where they lie: a word such as "busy" lies in one place for all rows, and a node's name for all
 * its GPUs. One that comes up again after others may be here twice; equal texts share a rank. */
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
                       struct item *items, size_t count)
{
    struct words words = { .texts = xcalloc(count, sizeof(*words.texts)) };
    uint32_t *keys, rank = 0;

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

/* No two rows of a kind have the same name. */
static void take_names(const struct model *m, enum gw_kind kind, bool down, struct item *items,
                       size_t count)
{
    const uint32_t *places = model_name_places(m, kind);

    for (size_t i = 0; i < count; i++)
        items[i].key = key_of_rank(places[items[i].row], (uint32_t)model_rows(m, kind), down);
}

/* False: its numbers have to be asked for one by one. */
static bool take_keys(const struct model *m, const struct sort_key *k, struct item *items,
                      size_t count)
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

/* Moves the unknown behind the known, both in their order; returns how many are known. The unknown would spoil with their
 * ones that all keys agree in a digit. */
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

static size_t rows_behind(const struct item *items, size_t count)
{
    uint32_t last = 0;

    for (size_t i = 0; i < count; i++)
        last = items[i].row > last ? items[i].row : last;
    return (size_t)last + 1;
}

/* What the column says of each item; false where floats do not tell all of that apart. */
static bool read_numbers(const struct model *m, const struct column *c, const struct item *items, size_t count,
                         double *numbers)
{
    bool are_floats = true;

    for (size_t i = 0; i < count; i++) {
        struct cell cell = column_value(c, m, items[i].row);

        numbers[i] = cell.type == CELL_NUMBER ? cell.number : NAN;
        are_floats &= isnan(numbers[i]) || (double)(float)numbers[i] == numbers[i];
    }
    return are_floats;
}

/* By halves, the lower first: a stable sort by the upper one keeps its order. Takes the
 * numbers: of a million rows they are 8 MB, as is each array that comes after them. */
static void sort_wide(double *numbers, bool down, struct item *items, struct item *spare,
                      size_t count)
{
    uint64_t *keys = xrealloc(NULL, rows_behind(items, count), sizeof(*keys)); /* by row */
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

static void sort_numbers(const struct model *m, const struct sort_key *k, struct item *items, struct item *spare,
                         size_t count)
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

void table_sort(const struct model *m, enum gw_kind kind, uint32_t *rows, size_t count,
                const struct sort_key *keys, size_t key_count)
{
    struct item *items, *spare;

    if (!key_count || count < 2)
        return;
    items = xrealloc(NULL, count, sizeof(*items));
    spare = xrealloc(NULL, count, sizeof(*spare));
    for (size_t i = 0; i < count; i++)
        items[i].row = rows[i];
    for (size_t k = key_count; k-- > 0;) {
        if (is_unsaid(m, keys[k].column))
            continue;
        if (keys[k].column->is_name)
            take_names(m, kind, keys[k].down, items, count);
        if (keys[k].column->is_name || take_keys(m, &keys[k], items, count))
            radix_sort(items, spare, part_unknown(items, spare, count));
        else
            sort_numbers(m, &keys[k], items, spare, count);
    }
    for (size_t i = 0; i < count; i++)
        rows[i] = items[i].row;
    free(items);
    free(spare);
}
