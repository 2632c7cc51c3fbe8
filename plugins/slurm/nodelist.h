/* Lists of nodes as Slurm writes them: "gpu-[001-003,007],login-1". */
#ifndef PLUGINS_SLURM_NODELIST_H
#define PLUGINS_SLURM_NODELIST_H

#include "plugins/slurm/state.h"

typedef void take_name(void *arg, const char *name, size_t len, size_t place);

struct names {
    take_name *take;
    void *arg;
    size_t place, *left;        /* names so far; steps that all lists of a poll may
                                 * still take: one may be endless */
};

static void expand(struct names *to, char *name, size_t used, struct text rest);

/* One of "001-004,007" in brackets. */
static void expand_range(struct names *to, char *name, size_t used, struct text range,
                         struct text rest)
{
    const char *dash = range.len ? memchr(range.at, '-', range.len) : NULL;
    int width = (int)(dash ? dash - range.at : (ptrdiff_t)range.len);
    unsigned long first, last;
    char copy[40];

    if (width < 1 || width > 9 || range.len >= sizeof(copy))
        return;
    memcpy(copy, range.at, range.len);
    copy[range.len] = '\0';
    first = strtoul(copy, NULL, 10);
    last = dash ? strtoul(copy + width + 1, NULL, 10) : first;
    for (unsigned long i = first; i <= last && *to->left; i++) {
        int n = snprintf(name + used, NAME_ROOM - used, "%0*lu", width, i);

        --*to->left;
        if (n > 0 && used + (size_t)n < NAME_ROOM)
            expand(to, name, used + (size_t)n, rest);
    }
}

static void expand(struct names *to, char *name, size_t used, struct text rest)
{
    struct text literal = until(rest, "["), inside, range;

    if (used + literal.len >= NAME_ROOM)
        return;
    memcpy(name + used, literal.at, literal.len);
    used += literal.len;
    if (literal.len == rest.len) {
        if (used && to->place < MOST_NODES)
            to->take(to->arg, name, used, to->place++);
        return;
    }
    rest = (struct text){ rest.at + literal.len + 1, rest.len - literal.len - 1 };
    inside = until(rest, "]");
    rest.at += inside.len + (inside.len < rest.len);
    rest.len -= inside.len + (inside.len < rest.len);
    while (next_piece(&inside, ',', &range))
        expand_range(to, name, used, range, rest);
}

/* "gpu-[001-003,007],login-1": each name with its place in the list. */
static void each_name(struct slurm *s, struct text list, take_name *take, void *arg)
{
    struct names to = { take, arg, 0, &s->names_left };
    char name[NAME_ROOM];
    struct text piece;

    while (next_piece(&list, ',', &piece))
        expand(&to, name, 0, trimmed(piece));
}

#endif
