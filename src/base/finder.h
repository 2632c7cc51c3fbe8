/* Finds a number by hash: the index over names that are kept elsewhere. Numbers are given
 * in a row from 0. */
#ifndef BASE_FINDER_H
#define BASE_FINDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct finder {
    uint64_t *hashes; /* of each number */
    size_t count, room;
    uint32_t next;   /* the likely one */
    uint32_t *slots; /* number + 1; made when first looked into */
    size_t slot_room, left; /* slots that led to what was replaced */
};

void finder_clear(struct finder *f);
/* Gives the next number to the hash. */
uint32_t finder_add(struct finder *f, uint64_t hash);
/* Gives a number that was given before to another hash. */
void finder_replace(struct finder *f, uint32_t number, uint64_t hash);
/* The first number with this hash for which is_it() holds, NULL: where the hash is
 * enough; UINT32_MAX: none. */
uint32_t finder_find(struct finder *f, uint64_t hash,
                     bool (*is_it)(const void *arg, uint32_t number), const void *arg);

#endif
