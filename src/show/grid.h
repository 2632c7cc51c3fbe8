/* A screen in memory: cells with a character and a style. Views draw into it; one file of
 * tui/ shows it; tests read it. Drawing outside is cut off, so nobody needs to check. */
#ifndef SHOW_GRID_H
#define SHOW_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "show/cell.h"

/* Roles, not colours: a theme says what each looks like (tui/theme.c). */
enum style {
    STYLE_TEXT,
    STYLE_STRONG,
    STYLE_SECONDARY,
    STYLE_FAINT,
    STYLE_LINE,
    STYLE_ACCENT,
    STYLE_CHIP,
    STYLE_OK,
    STYLE_ATTENTION,
    STYLE_CRITICAL,
    STYLE_INFORMATION,
    STYLE_FAN_OUTER,
    STYLE_FAN_MIDDLE,
    STYLE_FAN_INNER,
    STYLE_HEAT0,
    STYLE_HEAT1,
    STYLE_HEAT2,
    STYLE_HEAT3,
    STYLE_HEAT4,
    STYLE_HEAT5,
    STYLE_HEAT6,
    STYLE_HEAT7,
    STYLE_HEAT8,
    STYLE_HEAT9,
    STYLE_HUE0,
    STYLE_HUE1,
    STYLE_HUE2,
    STYLE_HUE3, /* who is who: tenants on a map */
    STYLE_HUE4,
    STYLE_HUE5,
    STYLE_HUE6,
    STYLE_HUE7,
    STYLE_TRACK, /* the empty part of a bar or rail */
    STYLE_BAND, /* background of the status line */
    STYLE_SELECTED, /* background of the row under the cursor */
    STYLE_NONE, /* the terminal's own background */
    STYLE_ON, /* black or white: what can be read on the paper,
                                 * whichever theme chose that */
    STYLES
};

struct glyph {
    uint32_t point;             /* 0: right half of a wide character */
    uint8_t ink, paper;         /* enum style: foreground, background (its colour as
                                 * background) */
    bool bold;
};

struct rect {
    int x, y, w, h;
};

struct grid {
    int w, h;
    bool ascii;                 /* draw with characters below 127 only: grid_put()
                                 * translates */
    struct glyph *cells;        /* h rows of w */
};

struct grid *grid_new(int w, int h);
void grid_free(struct grid *g);
void grid_resize(struct grid *g, int w, int h);         /* and clears */
void grid_clear(struct grid *g);
struct glyph *grid_at(struct grid *g, int x, int y);    /* NULL: outside */

/* Writes clean UTF-8 from x on, at most `cells` wide (-1: to the edge); returns the cells
 * used. Cut text ends in "…". The paper stays as it is. */
int grid_text(struct grid *g, int x, int y, int cells, enum style ink, const char *text);
int grid_bold(struct grid *g, int x, int y, int cells, enum style ink, const char *text);
/* The same for a sentence: cut, it loses its last clauses rather than end in the midst of
 * a word. */
int grid_sentence(struct grid *g, int x, int y, int cells, enum style ink,
                  const char *text);
/* The same in lines broken at blanks, as many as `in` is high. Returns how many all of it
 * takes. */
int grid_prose(struct grid *g, struct rect in, enum style ink, const char *text);
/* Right-aligned: ends before x + cells. */
void grid_right(struct grid *g, int x, int y, int cells, enum style ink,
                const char *text);
int grid_printf(struct grid *g, int x, int y, int cells, enum style ink,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
void grid_put(struct grid *g, int x, int y, enum style ink, uint32_t point);
void grid_paper(struct grid *g, struct rect area, enum style paper);
/* A box with rounded corners, its title (first letter accented) and its key at the right
 * end. Returns the inside. */
struct rect grid_box(struct grid *g, struct rect area, const char *title,
                     const char *key);

enum style style_of_level(enum level level);
/* "●" ok, "◐" stale, "○" down, "·" never, "▲" at risk, "✓" cleared: shape beside
 * colour. */
uint32_t mark_of_level(enum level level);

/* The grid as text: one line a row, without trailing blanks; for tests, --screen and
 * --linear. Caller frees. */
char *grid_to_text(const struct grid *g);

#endif
