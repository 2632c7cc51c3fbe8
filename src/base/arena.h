/* What lives together dies together: memory given out in a row and freed at once.
 * Allocation never fails: out of memory ends the program with a sentence. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
/* Makes room for `want` items in a growing array: *room and the result follow. By
 * doubling, and above 256 KiB by a quarter. */
void *xgrow(void *old, size_t *room, size_t want, size_t size);

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
/* Of each block what was given out, the newest first. */
void arena_each_block(const struct arena *a,
                      void (*each)(void *arg, const char *bytes, size_t size), void *arg);
void arena_reset(struct arena *a);      /* forgets everything, keeps the first block */
size_t arena_bytes(const struct arena *a);

/* zeroed, aligned for any type */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
