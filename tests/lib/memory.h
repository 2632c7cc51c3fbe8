/* What a process still holds: texts that ought to be wiped. */
#ifndef TESTS_LIB_MEMORY_H
#define TESTS_LIB_MEMORY_H

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sanitizers have a heap of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { HEAP_IS_HIDDEN = 1 };
#else
enum { HEAP_IS_HIDDEN = 0 };
#endif

/* Whether a text stands anywhere in the stack or the heap ("[stack]", "[heap]"), also
 * where it is not used now. The test's own copies have to be static. */
static inline bool is_in_memory(const char *where, const char *text)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    unsigned long from = 0, to = 0;
    static char line[400];
    bool found = false;

    while (maps && fgets(line, sizeof(line), maps))
        if (strstr(line, where) && sscanf(line, "%lx-%lx", &from, &to) == 2) {
            char *copy = malloc(to - from);
            ssize_t got = pread(memory, copy, to - from, (off_t)from);

            ck_assert_int_gt(got, 0);
            found |= memmem(copy, (size_t)got, text, strlen(text)) != NULL;
            explicit_bzero(copy, to - from);
            free(copy);
        }
    ck_assert_msg(to > 0, "no %s is known", where);
    fclose(maps);
    close(memory);
    return found;
}

/* In the heap free() writes over the first bytes of all that is freed. */
static inline bool is_in_the_heap(const char *text)
{
    return is_in_memory("[heap]", text + 2 * sizeof(void *));
}

#endif
