/* Sorting by numbers of 32 bits, a digit after the other from the last: equal ones keep
 * their order. */
#ifndef BASE_RADIX_H
#define BASE_RADIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct radix_item {
    uint32_t key, row;
};

/* By one of the digits, the last first, and into `to`. False: all keys agree in it, and
 * nothing was moved. Calls `pause` every fraction of a millisecond. */
enum { RADIX_PASSES = 3 };
bool radix_pass(const struct radix_item *from, struct radix_item *to, size_t count,
                unsigned pass, void (*pause)(const void *of), const void *of);
/* By all. spare: as much room again. Where all keys agree in a digit, nothing is moved by
 * it. */
void radix_sort(struct radix_item *items, struct radix_item *spare, size_t count);

#endif
