/* A set of names: what "in (…)" and ranges like rack[01-14] compile to. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "show/query_inside.h"

enum { FIRST_ROOM = 16 };

struct name_set *name_set_new(void)
{
    struct name_set *s = xcalloc(1, sizeof(*s));

    s->room = FIRST_ROOM;
    s->slots = xcalloc(s->room, sizeof(*s->slots));
    return s;
}

void name_set_free(struct name_set *s)
{
    if (!s)
        return;
    free(s->slots);
    free(s);
}

/* The slot that holds the name, or the free one where it would stand. */
static const char **slot_of(const struct name_set *s, const char *name)
{
    size_t i = text_hash(name, strlen(name)) & (s->room - 1);

    while (s->slots[i] && strcmp(s->slots[i], name) != 0)
        i = (i + 1) & (s->room - 1);
    return &s->slots[i];
}

static void grow(struct name_set *s)
{
    const char **old = s->slots;
    size_t room = s->room;

    s->room *= 2;
    s->slots = xcalloc(s->room, sizeof(*s->slots));
    for (size_t i = 0; i < room; i++)
        if (old[i])
            *slot_of(s, old[i]) = old[i];
    free(old);
}

void name_set_add(struct name_set *s, const char *name, struct arena *arena)
{
    if (2 * s->count >= s->room)
        grow(s);
    if (*slot_of(s, name))
        return;
    *slot_of(s, name) = arena_strdup(arena, name);
    s->count++;
}

bool name_set_has(const struct name_set *s, const char *name)
{
    return *slot_of(s, name) != NULL;
}
