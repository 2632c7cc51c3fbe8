/* A hash table of GPUs; an entity's hash stands for its name. */
#include "poll/tellers.h"
#include "base/arena.h"

#include <stdlib.h>

struct teller {
    uint64_t gpu;
    struct target *who;         /* NULL: an empty place */
};

struct tellers {
    struct teller *places;
    size_t room, count;         /* room: a power of two */
};

struct tellers *tellers_new(void)
{
    struct tellers *t = xcalloc(1, sizeof(*t));

    t->room = 64;
    t->places = xcalloc(t->room, sizeof(*t->places));
    return t;
}

void tellers_free(struct tellers *t)
{
    if (!t)
        return;
    free(t->places);
    free(t);
}

static struct teller *place_of(struct tellers *t, uint64_t gpu)
{
    size_t at = gpu & (t->room - 1);

    while (t->places[at].who && t->places[at].gpu != gpu)
        at = (at + 1) & (t->room - 1);
    return &t->places[at];
}

static void grow(struct tellers *t)
{
    struct tellers old = *t;

    t->room *= 2;
    t->places = xcalloc(t->room, sizeof(*t->places));
    for (size_t i = 0; i < old.room; i++)
        if (old.places[i].who)
            *place_of(t, old.places[i].gpu) = old.places[i];
    free(old.places);
}

struct target *tellers_note(struct tellers *t, struct target *who, const struct batch *b, const char **gpu)
{
    struct target *other = NULL;

    for (size_t i = 0; i < b->entity_count; i++) {
        const struct batch_entity *e = &b->entities[i];
        struct teller *place;

        if (e->kind != GW_GPU)
            continue;
        if ((t->count + 1) * 2 > t->room)
            grow(t);
        place = place_of(t, e->hash);
        if (!place->who) {
            *place = (struct teller){ e->hash, who };
            t->count++;
        } else if (place->who != who && !other) {
            other = place->who;
            *gpu = e->name;
        }
    }
    return other;
}
