/* To bytes and back. */
#include "forecast/pack.h"

#include <stdint.h>
#include <string.h>

void pack_bytes(struct pack *p, void *these, size_t size)
{
    if (p->bytes && p->used <= p->room && size <= p->room - p->used) {
        if (p->reads)
            memcpy(these, p->bytes + p->used, size);
        else
            memcpy(p->bytes + p->used, these, size);
    }
    p->used += size;
}

void pack_count(struct pack *p, size_t *count, size_t most)
{
    uint16_t told = (uint16_t)*count;

    pack(p, told);
    if (!p->reads)
        return;
    if (told > most)
        p->used = p->room + 1;
    *count = told > most ? 0 : told;
}
