/* Sorting many texts at once, n2 before n10. */
#ifndef BASE_TEXT_SORT_H
#define BASE_TEXT_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Texts by number: they may lie anywhere. */
struct text_list {
    const char *(*text)(const void *of, uint32_t number);
    /* called every fraction of a millisecond; NULL: nobody waits */
    void (*pause)(const void *of);
    const void *of;
};

/* Puts the numbers in the order of text_natural(), those of equal texts in their own.
 * Beside them it takes 16 bytes of memory for each, while it runs. */
void text_sort(const struct text_list *l, uint32_t *numbers, size_t count);

#endif
