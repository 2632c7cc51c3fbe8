/* What may be typed where the cursor of the last line is: words, each with its key and
 * what it means, the likeliest first. */
#ifndef TUI_OFFERS_H
#define TUI_OFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "show/grid.h"

struct ui;

struct offer {
    const char *word, *key, *help; /* key and help: "" where there is none */
};

struct offers {
    struct arena *arena; /* of the words; NULL: none were made */
    struct offer *items;
    size_t count, room;
    size_t from; /* the byte where the word that is being typed starts */
};

/* Of a line of that kind (':' or '/'), typed up to `cursor`. */
void offers_make(struct offers *o, struct ui *ui, int kind, const char *text,
                 size_t cursor);
void offers_drop(struct offers *o);
void offers_add(struct offers *o, const char *word, const char *key, const char *help);
/* A box above row `end`; `chosen`: which one is written into the line, count: none. */
void offers_draw(const struct offers *o, struct grid *g, int end, size_t chosen);

#endif
