/* Themes: what each role of a grid looks like, by what a terminal can do. */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>

#include "show/grid.h"

enum {
    ATTRIBUTE_BOLD = 1,
    ATTRIBUTE_DIM = 2,
    ATTRIBUTE_REVERSE = 4,
    ATTRIBUTE_UNDERLINE = 8,
    COLOR_DEFAULT = -1 /* the terminal's own */
};

struct look {
    short ink, paper; /* colour numbers of a palette of 256, or of 16 */
    unsigned attributes;
};

struct theme {
    const char *name, *help;
    struct look rich[STYLES];  /* 256 colours */
    struct look plain[STYLES]; /* 16 colours; of 8, the brighter ones fall back */
    bool is_mono;              /* attributes and shapes only, whatever the terminal can */
    bool is_made;              /* by a user */
};

extern const struct theme *themes[]; /* ends with NULL; the first is the default */
/* Makes a user's theme known; it must stay. Only before the first thread. False: too
 * many. */
bool themes_add(const struct theme *t);
/* A colour by its name ("red", "bright-red", "default"), its number (0 to 255) or as
 * "#rrggbb": the nearest of 256 and of 16. False: it is none. */
bool color_of_word(const char *word, short *rich, short *plain);
/* Black or white, whichever can be read on it; on the terminal's own, its own. */
short color_on(short paper, bool rich);
const struct theme *theme_find(const char *name); /* NULL: unknown */
extern const unsigned mono_attributes[STYLES];

/* The same glyph where there is no colour to tell: the fan in shades, the heat ramp as
 * characters, a critical mark doubled. */
struct glyph glyph_without_color(struct glyph glyph, bool ascii);
/* Has it no colour at all? Of a name; false: unknown. */
bool theme_is_mono(const char *name);
/* A whole grid as a terminal without colour shows it: for --screen. */
void grid_without_color(struct grid *g);

#endif
