/* The plain character that stands for a drawn one, where a terminal has no more than
 * ASCII. */
#ifndef SHOW_ASCII_H
#define SHOW_ASCII_H

#include <stdint.h>
#include <stdio.h>

#include "show/grid.h"

/* Always printable, 32 to 126. Full and half blocks in the ink of the heat ramp or the
 * fan become the character of that step, so that a map and a forecast keep their
 * meaning. */
char ascii_of(uint32_t point, enum style ink);
/* Clean UTF-8 in plain characters of the same width, line by line. */
void ascii_print(FILE *out, const char *text);
/* What is written to it comes out on `out` in plain characters, a whole line at a time,
 * "…" as three dots: for text that has no columns to keep. Closing it leaves `out` open.
 */
FILE *ascii_stream(FILE *out);

#endif
