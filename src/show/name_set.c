/* A set of names: what "in (…)" and ranges like rack[01-14] compile to. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "show/query_inside.h"

struct name_set *name_set_new(void)
{
    return xcalloc(1, sizeof(struct name_set));
}

void name_set_free(struct name_set *s)
{
    if (!s)
        return;
    finder_clear(&s->finder);
    free(s->names);
    free(s);
}

struct called {
    const struct name_set *set;
    const char *name;
};

static bool is_called(const void *arg, uint32_t number)
{
    const struct called *c = arg;

    return strcmp(c->set->names[number], c->name) == 0;
}

bool name_set_has(struct name_set *s, const char *name)
{
    return finder_find(&s->finder, text_hash(name, strlen(name)), is_called,
                       &(struct called){ s, name }) != UINT32_MAX;
}

void name_set_add(struct name_set *s, const char *name, struct arena *arena)
{
    if (name_set_has(s, name))
        return;
    s->names = xgrow(s->names, &s->room, s->finder.count + 1, sizeof(*s->names));
    s->names[finder_add(&s->finder, text_hash(name, strlen(name)))] = arena_strdup(arena,
                                                                                   name);
}
