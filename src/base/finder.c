/* Open addressing over the hashes; at most half full. Who asks mostly asks in the same
 * order again, so the number after the last one found is tried first. */
#include "base/finder.h"
#include "base/arena.h"

#include <stdlib.h>

void finder_clear(struct finder *f)
{
    free(f->hashes);
    free(f->slots);
    *f = (struct finder){ 0 };
}

static void enter(struct finder *f, uint32_t number)
{
    size_t at = f->hashes[number] & (f->slot_room - 1);

    while (f->slots[at])
        at = (at + 1) & (f->slot_room - 1);
    f->slots[at] = number + 1;
}

static void make_slots(struct finder *f)
{
    size_t room = f->slot_room ? f->slot_room : 64;

    while (room < 2 * (f->count + 1))
        room *= 2;
    free(f->slots);
    f->slots = xcalloc(room, sizeof(*f->slots));
    f->slot_room = room;
    f->left = 0;
    for (uint32_t i = 0; i < f->count; i++)
        enter(f, i);
}

uint32_t finder_add(struct finder *f, uint64_t hash)
{
    f->hashes = xgrow(f->hashes, &f->room, f->count + 1, sizeof(*f->hashes));
    f->hashes[f->count++] = hash;
    if (f->slots && 2 * f->count > f->slot_room)
        make_slots(f);
    else if (f->slots)
        enter(f, (uint32_t)f->count - 1);
    return (uint32_t)f->count - 1;
}

/* The old slot stays, and leads to a number with another hash: passed by. */
void finder_replace(struct finder *f, uint32_t number, uint64_t hash)
{
    f->hashes[number] = hash;
    if (!f->slots)
        return;
    if (++f->left > f->slot_room / 4)
        make_slots(f);
    else
        enter(f, number);
}

static bool is_number(const struct finder *f, uint32_t number, uint64_t hash,
                      bool (*is_it)(const void *arg, uint32_t number), const void *arg)
{
    return f->hashes[number] == hash && (!is_it || is_it(arg, number));
}

uint32_t finder_find(struct finder *f, uint64_t hash,
                     bool (*is_it)(const void *arg, uint32_t number), const void *arg)
{
    size_t at;

    if (f->next < f->count && is_number(f, f->next, hash, is_it, arg))
        return f->next++;
    if (!f->slots)
        make_slots(f);
    for (at = hash & (f->slot_room - 1); f->slots[at];
         at = (at + 1) & (f->slot_room - 1)) {
        uint32_t number = f->slots[at] - 1;

        if (is_number(f, number, hash, is_it, arg)) {
            f->next = number + 1;
            return number;
        }
    }
    return UINT32_MAX;
}
