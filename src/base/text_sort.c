/* Texts are mostly told apart by the first letters that differ. Those are packed into 32
 * bits, which sort as numbers; where two have the same, the texts are compared. */
#include "base/text_sort.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/radix.h"
#include "base/text.h"

enum { FEW = 4096 };

struct numbered {
    const char *text;
    uint32_t number;
};

static void pause_now(const void *list)
{
    const struct text_list *l = list;

    if (l->pause)
        l->pause(l->of);
}

static void pause_at(const struct text_list *l, size_t done)
{
    enum { EVERY = 1 << 13 };

    if (done % EVERY == 0)
        pause_now(l);
}

/* ---- few ---- */

static int by_text(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    int order = text_natural(x->text, y->text);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void compare_all(const struct text_list *l, uint32_t *numbers, size_t count)
{
    struct numbered *few = xrealloc(NULL, count, sizeof(*few));

    for (size_t i = 0; i < count; i++)
        few[i] = (struct numbered){ l->text(l->of, numbers[i]), numbers[i] };
    qsort(few, count, sizeof(*few), by_text);
    for (size_t i = 0; i < count; i++)
        numbers[i] = few[i].number;
    free(few);
}

/* ---- many ---- */

static size_t common_start(const struct text_list *l, const uint32_t *numbers,
                           size_t count)
{
    const char *first = l->text(l->of, numbers[0]);
    size_t start = strlen(first);

    for (size_t i = 1; i < count && start > 0; i++) {
        size_t same = text_same_start(first, l->text(l->of, numbers[i]));

        start = same < start ? same : start;
        pause_at(l, i);
    }
    return start;
}

/* The eight letters of text_natural_key(): of each only some are used, which are
 * numbered. */
enum { LETTERS = 8 };
struct alphabet {
    uint32_t codes[LETTERS][256]; /* in the key */
};

static unsigned letter_of(uint64_t key, unsigned place)
{
    return (unsigned)(key >> (LETTERS - 1 - place) * 8 & 0xff);
}

/* As many of the first letters as 32 bits can tell apart; the others are all 0. */
static void number_letters(struct alphabet *a)
{
    uint64_t worth = UINT64_C(1) << 32; /* of a step in this place */

    for (unsigned place = 0; place < LETTERS; place++) {
        uint32_t used = 0;

        for (unsigned letter = 0; letter < 256; letter++)
            used += a->codes[place][letter];
        worth = used ? worth / used : 0;
        for (unsigned letter = 0, code = 0; letter < 256; letter++) {
            bool is_used = a->codes[place][letter];

            a->codes[place][letter] = (uint32_t)(code * worth);
            code += is_used;
        }
    }
}

static uint32_t pack(const struct alphabet *a, uint64_t key)
{
    uint32_t packed = 0;

    for (unsigned place = 0; place < LETTERS; place++)
        packed += a->codes[place][letter_of(key, place)];
    return packed;
}

/* Twice over all texts: to keep what the first finds would take as much memory again as
 * the sorting. */
static void take_keys(const struct text_list *l, const uint32_t *numbers, size_t count,
                      struct radix_item *items)
{
    size_t start = common_start(l, numbers, count);
    struct alphabet a = { { { 0 } } };

    for (size_t i = 0; i < count; i++) {
        uint64_t key = text_natural_key(l->text(l->of, numbers[i]) + start);

        for (unsigned place = 0; place < LETTERS; place++)
            a.codes[place][letter_of(key, place)] = 1;
        pause_at(l, i);
    }
    number_letters(&a);
    for (size_t i = 0; i < count; i++) {
        const char *text = l->text(l->of, numbers[i]);

        items[i] = (struct radix_item){ pack(&a, text_natural_key(text + start)),
                                        numbers[i] };
        pause_at(l, i);
    }
}

static void sort_by_letters(const struct text_list *l, uint32_t *numbers, size_t count)
{
    struct radix_item *items = xrealloc(NULL, count, sizeof(*items)),
                      *spare = xrealloc(NULL, count, sizeof(*spare));

    take_keys(l, numbers, count, items);
    for (unsigned pass = 0; pass < RADIX_PASSES; pass++) {
        if (radix_pass(items, spare, count, pass, pause_now, l)) {
            struct radix_item *sorted = spare;

            spare = items;
            items = sorted;
        }
    }
    free(spare);
    for (size_t i = 0; i < count; i++)
        numbers[i] = items[i].row;
    pause_now(l);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && items[to].key == items[from].key;)
            to++;
        if (to - from > 1)
            compare_all(l, numbers + from, to - from);
        pause_at(l, from);
    }
    free(items);
}

/* ---- all ---- */

/* Names mostly come in the order of the model, which is theirs: then there is nothing to
 * sort. */
static bool are_sorted(const struct text_list *l, const uint32_t *numbers, size_t count)
{
    const char *last = l->text(l->of, numbers[0]);

    for (size_t i = 1; i < count; i++) {
        const char *text = l->text(l->of, numbers[i]);
        int order = text_natural(last, text);

        if (order > 0 || (order == 0 && numbers[i - 1] > numbers[i]))
            return false;
        last = text;
        pause_at(l, i);
    }
    return true;
}

void text_sort(const struct text_list *l, uint32_t *numbers, size_t count)
{
    if (count < 2 || are_sorted(l, numbers, count))
        return;
    if (count < FEW)
        compare_all(l, numbers, count);
    else
        sort_by_letters(l, numbers, count);
}
