/* What was meant by a word that nobody knows (text.h). */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_WORD = 32, FEWEST_TOO_MANY = 3 };

static const char separators[] = ", \n";

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters to insert, take away, change or swap with their neighbour (optimal string
 * alignment). */
static size_t edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][LONGEST_WORD + 1], *before = rows[0], *last = rows[1], *now = rows[2];

    if (a_len > LONGEST_WORD || b_len > LONGEST_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *free_row = before;

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            now[j] = least(last[j - 1] + (a[i - 1] != b[j - 1]),
                           least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        before = last;
        last = now;
        now = free_row;
    }
    return last[b_len];
}

bool text_meant(char *to, size_t room, const char *written, const char *known)
{
    const char *nearest = NULL;
    size_t fewest = FEWEST_TOO_MANY, nearest_len = 0, len;

    for (const char *word = known + strspn(known, separators); *word;
         word += len + strspn(word + len, separators)) {
        size_t needed;

        len = strcspn(word, separators);
        needed = edits(written, strlen(written), word, len);
        /* Half of a short word changed is another word, and who makes two mistakes does
         * not begin with one. */
        if (needed < fewest && 2 * needed <= len &&
            (needed < 2 || written[0] == word[0])) {
            fewest = needed;
            nearest = word;
            nearest_len = len;
        }
    }
    if (nearest)
        snprintf(to, room, "did you mean %.*s?", (int)nearest_len, nearest);
    else
        snprintf(to, room, "known: %s", known);
    return nearest;
}
