/* A state to bytes and back, by one and the same walk through it, so that the two cannot
 * differ. */
#ifndef FORECAST_PACK_H
#define FORECAST_PACK_H

#include <stdbool.h>
#include <stddef.h>

struct pack {
    unsigned char *bytes;       /* NULL: only counts */
    size_t room, used;          /* used above room: it did not fit, or they were too
                                 * few */
    bool reads;                 /* from the bytes into the state */
};

/* The next `size` bytes are these. */
void pack_bytes(struct pack *p, void *these, size_t size);
#define pack(p, these) pack_bytes(p, &(these), sizeof(these))
/* A count that says how much follows: read, never above `most`. */
void pack_count(struct pack *p, size_t *count, size_t most);

#endif
