/* Libraries that are loaded when they are first called: see late.h. */
#include "poll/late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

void *late_find(const char *library, const char *name)
{
    /* once; later it is counted */
    void *loaded = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    void *found = loaded ? dlsym(loaded, name) : NULL;

    if (!found) {
        fprintf(stderr, "gigawatch: %s cannot be loaded: install it again\n", dlerror());
        exit(127);
    }
    return found;
}
