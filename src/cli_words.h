/* Text for people on standard output. */
#ifndef GIGAWATCH_CLI_WORDS_H
#define GIGAWATCH_CLI_WORDS_H

#include <stdio.h>

/* The rest of a line whose first `left` columns are taken: broken at words, to the
 * terminal's width; a line a thing for whoever cuts them. NULL: no words. Ends it. */
void cli_print_words(FILE *out, const char *words, int left);

#endif
