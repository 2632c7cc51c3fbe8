/* A table in aligned columns, as -o table and -o wide print it. */
#ifndef SHOW_ALIGNED_H
#define SHOW_ALIGNED_H

#include <stdio.h>

#include "show/table.h"

/* Heading with the unit once, numbers to the right in three significant digits, texts to
 * the left, the mark of a doubt (cell_doubt_mark()) behind, and a last line that says how
 * many rows these are, of how many, and how many could not be judged. */
void aligned_write(const struct table *t, FILE *out);

#endif
