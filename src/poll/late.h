/* Libraries that are loaded when they are first called. libcurl and libssh bring thirty
 * others with them, which is more work than all else that a one-shot does, and most of
 * what a console does before its first frame; only who polls needs them. The functions of
 * late_curl.c and late_ssh.c have the names and types of theirs, so that callers include
 * the libraries' own headers and know nothing of it. They are hidden, so that a plugin
 * with another libcurl keeps that. */
#ifndef POLL_LATE_H
#define POLL_LATE_H

#include <stdatomic.h>

/* From any thread: a function of a library. Ends the program with a message where there
 * is none, as the loader does for a library that a program is linked to. */
void *late_find(const char *library, const char *name);

/* As late_find(), which is asked once: *found remembers, and two threads at once remember
 * the same. */
static inline void *late_function(_Atomic(void *) *found, const char *library,
                                  const char *name)
{
    void *f = atomic_load_explicit(found, memory_order_acquire);

    if (!f) {
        f = late_find(library, name);
        atomic_store_explicit(found, f, memory_order_release);
    }
    return f;
}

#define LATE(type, name, parameters, arguments)                                                    \
    type name parameters                                                                           \
    {                                                                                              \
        static _Atomic(void *) found;                                                              \
        __typeof__(name) *f = late_function(&found, LATE_LIBRARY, #name);                         \
                                                                                                   \
        return f arguments;                                                                        \
    }

#define LATE_VOID(name, parameters, arguments)                                                     \
    void name parameters                                                                           \
    {                                                                                              \
        static _Atomic(void *) found;                                                              \
        __typeof__(name) *f = late_function(&found, LATE_LIBRARY, #name);                         \
                                                                                                   \
        f arguments;                                                                               \
    }

#endif
