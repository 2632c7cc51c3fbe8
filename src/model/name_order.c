/* The order of names alone, whatever is above a row. Found when it is asked for, and kept until rows come or go: a million
 * names are compared once, not each time a table is sorted by them. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdlib.h>

struct named {
    const char *name;
    uint32_t row;
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;

    return text_natural(x->name, y->name);
}

/* Mostly the order of the screen is that of the names, too: always where no row is below another. */
static bool are_by_name(const struct model *m, enum gw_kind kind, const uint32_t *order, size_t count)
{
    size_t i = 1;

    if (tree_is_list(m, kind))
        return true;
    while (i < count && text_natural(entity_of(m, kind, order[i - 1])->name, entity_of(m, kind, order[i])->name) <= 0)
        i++;
    return i >= count;
}

/* As they follow one another by name, into `places` by row. */
static void sort(const struct model *m, enum gw_kind kind, const uint32_t *order, size_t count, uint32_t *places)
{
    struct named *named = xrealloc(NULL, count, sizeof(*named));

    for (size_t i = 0; i < count; i++)
        named[i] = (struct named){ entity_of(m, kind, order[i])->name, order[i] };
    qsort(named, count, sizeof(*named), by_name);
    for (size_t i = 0; i < count; i++)
        places[named[i].row] = (uint32_t)i;
    free(named);
}

const uint32_t *model_name_places(const struct model *m, enum gw_kind kind)
{
    struct name_places *p = &m->name_places[kind];
    size_t count = m->rows[kind].count;
    const uint32_t *order;

    if (p->known)
        return p->places;
    order = model_order(m, kind);
    p->places = xrealloc(p->places, count, sizeof(*p->places));
    if (are_by_name(m, kind, order, count))
        for (size_t i = 0; i < count; i++)
            p->places[order[i]] = (uint32_t)i;
    else
        sort(m, kind, order, count, p->places);
    p->known = true;
    return p->places;
}
