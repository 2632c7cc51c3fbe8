/* By eleven bits at a time: three passes, whose 2048 places to write to stay near. */
#include "base/radix.h"

#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static unsigned digit_of(const struct radix_item *item, unsigned pass)
{
    return item->key >> pass * DIGIT_BITS & (DIGITS - 1);
}

/* Moves the items to where their digits say: places[], where each digit begins. */
static void move(const struct radix_item *from, struct radix_item *to, size_t count,
                 unsigned pass, uint32_t places[DIGITS])
{
    for (size_t i = 0; i < count; i++)
        to[places[digit_of(&from[i], pass)]++] = from[i];
}

/* From how many items have a digit to where they begin; false where all have the same and
 * nothing has to move. */
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

static void count_digits(const struct radix_item *items, size_t count, unsigned pass,
                         uint32_t counts[DIGITS])
{
    for (size_t i = 0; i < count; i++)
        counts[digit_of(&items[i], pass)]++;
}

static size_t piece_at(size_t at, size_t count)
{
    enum { PIECE = 1 << 14 };

    return count - at < PIECE ? count - at : PIECE;
}

bool radix_pass(const struct radix_item *from, struct radix_item *to, size_t count,
                unsigned pass, void (*pause)(const void *of), const void *of)
{
    uint32_t places[DIGITS] = { 0 };

    for (size_t at = 0, n; at < count; at += n) {
        n = piece_at(at, count);
        count_digits(from + at, n, pass, places);
        pause(of);
    }
    if (!find_places(places, count))
        return false;
    for (size_t at = 0, n; at < count; at += n) {
        n = piece_at(at, count);
        move(from + at, to, n, pass, places);
        pause(of);
    }
    return true;
}

/* All digits are counted at once. */
void radix_sort(struct radix_item *items, struct radix_item *spare, size_t count)
{
    uint32_t places[RADIX_PASSES][DIGITS] = { 0 };
    struct radix_item *from = items, *to = spare;

    for (size_t i = 0; i < count; i++)
        for (unsigned p = 0; p < RADIX_PASSES; p++)
            places[p][digit_of(&items[i], p)]++;
    for (unsigned p = 0; p < RADIX_PASSES; p++)
        if (count > 0 && find_places(places[p], count)) {
            struct radix_item *sorted = to;

            move(from, to, count, p, places[p]);
            to = from;
            from = sorted;
        }
    if (from != items)
        memcpy(items, from, count * sizeof(*items));
}
