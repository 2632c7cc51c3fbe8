/* The only file that knows ncurses: shows a grid, reads keys. */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>

#include "base/err.h"
#include "show/grid.h"

struct terminal_setup {
    const char *theme;          /* "default", "light", "mono", … */
    bool color;                 /* false: NO_COLOR, --no-color */
    bool mouse;
    bool raw;                   /* Ctrl-C is a key like any other */
};

struct terminal;

struct terminal *terminal_open(const struct terminal_setup *setup, struct err *err);
/* restores the terminal; also safe after a crash of it */
void terminal_close(struct terminal *t);
/* Somebody else wrote on the screen: all of it is drawn anew. */
void terminal_forget(struct terminal *t);
/* where, of KEY_CLICKED */
void terminal_clicked(const struct terminal *t, int *x, int *y);
/* How many columns standard output has; 80 where it does not say; 0: no terminal. */
int terminal_columns(void);
void terminal_size(const struct terminal *t, int *w, int *h);
/* Where nobody types, no key tells that the window has another size: looks, and takes it.
 * False: it has the same. */
bool terminal_fit(struct terminal *t);
/* Another look from now on; an unknown name changes nothing. */
void terminal_theme(struct terminal *t, const char *name);
/* Shows the grid: only cells that changed, in one update. */
/* Into the clipboard of whoever sits there, where the terminal lets us (OSC 52). */
void terminal_copy(const struct terminal *t, const char *text);
void terminal_show(struct terminal *t, const struct grid *g);
int terminal_key(struct terminal *t);           /* a key of ui.h, or 0: none waits */
int terminal_fd(const struct terminal *t);      /* readable: a key waits */
int terminal_colors(const struct terminal *t);          /* 0: none, or none wanted */
bool terminal_synchronises(const struct terminal *t);   /* it said so */
/* it, or its theme, has no colour */
bool terminal_is_mono(const struct terminal *t);
/* by the locale, which main() has set: other threads read it */
bool terminal_is_utf8(void);
/* "name\thelp\n" lines of the themes. Caller frees. */
char *terminal_list_themes(void);
bool theme_exists(const char *name);

#endif
