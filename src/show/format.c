/* Output formats by name. */
#include "show/format.h"

#include <string.h>

const struct format *format_find(const char *name)
{
    for (const struct format *const *f = formats_all(); *f; f++)
        if (strcmp((*f)->name, name) == 0)
            return *f;
    return NULL;
}
