/* Arenas, and the allocators that do not fail. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 256 << 10, FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t room, used;
    _Alignas(ALIGNMENT) char bytes[];
};

struct arena {
    struct block *newest, *first;
    size_t bytes;
};

static void no_memory(void)
{
    fputs("gigawatch: out of memory\n", stderr);
    abort();
}

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);

    if (!p)
        no_memory();
    return p;
}

void *xrealloc(void *old, size_t count, size_t size)
{
    void *p = reallocarray(old, count ? count : 1, size ? size : 1);

    if (!p)
        no_memory();
    return p;
}

char *xstrdup(const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        no_memory();
    return copy;
}

void *xgrow(void *old, size_t *room, size_t want, size_t size)
{
    size_t next = *room ? *room : 16;

    if (want <= *room)
        return old;
    while (next < want)
        next += next < LARGE / size ? next : next / 4 + 1;
    *room = next;
    return xrealloc(old, next, size);
}

static struct block *block_new(size_t room)
{
    struct block *b = malloc(sizeof(*b) + room);

    if (!b)
        no_memory();
    b->next = NULL;
    b->room = room;
    b->used = 0;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = xcalloc(1, sizeof(*a));

    a->newest = a->first = block_new(FIRST_BLOCK);
    a->bytes = FIRST_BLOCK;
    return a;
}

static void free_above_first(struct arena *a)
{
    while (a->newest != a->first) {
        struct block *b = a->newest;

        a->newest = b->next;
        a->bytes -= b->room;
        free(b);
    }
}

void arena_reset(struct arena *a)
{
    free_above_first(a);
    a->first->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    free_above_first(a);
    free(a->first);
    free(a);
}

void arena_each_block(const struct arena *a,
                      void (*each)(void *arg, const char *bytes, size_t size), void *arg)
{
    for (const struct block *b = a->newest; b; b = b->next)
        each(arg, b->bytes, b->used);
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}

static struct block *add_block(struct arena *a, size_t size)
{
    size_t room = a->newest->room * 2;
    struct block *b;

    if (room > LARGEST_BLOCK)
        room = LARGEST_BLOCK;
    if (room < size)
        room = size;
    b = block_new(room);
    b->next = a->newest;
    a->newest = b;
    a->bytes += room;
    return b;
}

/* Texts lie side by side: a hundred thousand names are twice as long when aligned. */
static inline void *take(struct arena *a, size_t size, size_t alignment)
{
    struct block *b = a->newest;
    size_t start = (b->used + alignment - 1) & ~(alignment - 1);

    if (start > b->room || b->room - start < size) {
        if (size > SIZE_MAX / 2)
            no_memory();
        b = add_block(a, size);
        start = 0;
    }
    b->used = start + size;
    return b->bytes + start;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return memset(take(a, size, ALIGNMENT), 0, size);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *copy = take(a, len + 1, 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        len = 0;
    text = take(a, (size_t)len + 1, 1);
    text[0] = '\0';
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}
