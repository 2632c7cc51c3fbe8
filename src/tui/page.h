/* A page of lines that may be longer than the box it is drawn in: help and
 * explanations. */
#ifndef TUI_PAGE_H
#define TUI_PAGE_H

#include "show/grid.h"

struct page {
    struct grid *grid;
    struct rect in;
    int line;  /* of the page, where the next text goes */
    int first; /* scrolled away */
};

/* The screen's row of the current line; -1: out of sight. */
static inline int page_row(const struct page *p)
{
    int y = p->line - p->first;

    return y >= 0 && y < p->in.h ? p->in.y + y : -1;
}

/* Clears the box, frames it and starts a page. */
struct page page_open(struct grid *g, struct rect area, const char *title, size_t *first);
/* `text` in a column of so many cells, from the current line on, broken at blanks;
 * returns its lines. */
int page_column(const struct page *p, int x, int cells, enum style ink, const char *text);
/* `text` in lines of the page's width less `indent`, broken at blanks. */
void page_prose(struct page *p, int indent, enum style ink, const char *text);
/* A sentence too long for one line, in as many as it takes, over what is there: the last
 * is above row `end`. */
void page_above(struct grid *g, int end, const char *sentence);
/* After the last line: keeps `first` such that the page's end stays at the bottom at
 * most. */
void page_close(const struct page *p, size_t *first);

#endif
