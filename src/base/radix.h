/* Sorting by numbers of 32 bits, a digit after the other from the last: equal ones keep their order. */
#ifndef BASE_RADIX_H
#define BASE_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct radix_item {
    uint32_t key, row;
};

/* spare: as much room again. Where all keys agree in a digit, nothing is moved by it. */
void radix_sort(struct radix_item *items, struct radix_item *spare, size_t count);

#endif
