/* GPUs by number; an entity's hash stands for its name. */
#include "poll/tellers.h"
#include "base/arena.h"
#include "base/finder.h"

#include <stdlib.h>

struct tellers {
    struct finder finder;
    struct target **who; /* by number */
    size_t room;
};

struct tellers *tellers_new(void)
{
    return xcalloc(1, sizeof(struct tellers));
}

void tellers_free(struct tellers *t)
{
    if (!t)
        return;
    finder_clear(&t->finder);
    free(t->who);
    free(t);
}

struct target *tellers_note(struct tellers *t, struct target *who, const struct batch *b,
                            const char **gpu)
{
    struct target *other = NULL;

    for (size_t i = 0; i < b->entity_count; i++) {
        const struct batch_entity *e = &b->entities[i];
        uint32_t number;

        if (e->kind != GW_GPU)
            continue;
        number = finder_find(&t->finder, e->hash, NULL, NULL);
        if (number == UINT32_MAX) {
            number = finder_add(&t->finder, e->hash);
            t->who = xgrow(t->who, &t->room, number + 1, sizeof(*t->who));
            t->who[number] = who;
        } else if (t->who[number] != who && !other) {
            other = t->who[number];
            *gpu = e->name;
        }
    }
    return other;
}
