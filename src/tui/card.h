/* The test card of --doctor terminal. */
#ifndef TUI_CARD_H
#define TUI_CARD_H

#include "show/grid.h"

/* What is known of the terminal without looking at it. */
struct card_facts {
    const char *term;           /* $TERM */
    int colors;                 /* 0: none */
    bool utf8, synchronised, mono;
};

/* Every character and colour that a screen uses, with what it should look like and what
 * to set where it does not. */
void card_draw(struct grid *g, const struct card_facts *facts);

#endif
