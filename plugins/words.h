/* What sources say in words of their own: lists in a room of a fixed size. */
#ifndef PLUGINS_WORDS_H
#define PLUGINS_WORDS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Writes it behind what stands in `to`, or, where it has no room, leaves that as it is:
 * half a name is none. */
static inline void add_words(char *to, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline void add_words(char *to, size_t room, const char *format, ...)
{
    size_t used = strlen(to);
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(to + used, room - used, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= room - used)
        to[used] = '\0';
}

#endif
