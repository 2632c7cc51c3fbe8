/* An output format is one file, format/NAME.c, that ends in `const struct format
 * NAME_format`. */
#ifndef SHOW_FORMAT_H
#define SHOW_FORMAT_H

#include <stdio.h>

#include "show/table.h"

struct format {
    const char *name;           /* of -o */
    const char *help;
    bool wide;                  /* wants every column */
    bool drawn;                 /* for people: with drawn characters, where the
                                 * terminal has them */
    void (*write)(const struct table *t, FILE *out);
};

const struct format *const *formats_all(void);  /* ends with NULL; the registry's */
const struct format *format_find(const char *name);

#endif
