/* A page of lines that may be longer than the box it is drawn in. */
#include "tui/page.h"

#include <string.h>

#include "base/text.h"

struct page page_open(struct grid *g, struct rect area, const char *title, size_t *first)
{
    struct rect in;

    for (int y = area.y; y < area.y + area.h; y++)
        for (int x = area.x; x < area.x + area.w; x++)
            grid_put(g, x, y, STYLE_TEXT, ' ');
    grid_paper(g, area, STYLE_NONE);
    in = grid_box(g, area, title, "Esc");
    return (struct page){ g, in, 0, (int)*first };
}

int page_column(const struct page *p, int x, int cells, enum style ink, const char *text)
{
    struct page at = *p;

    for (; *text; at.line++) {
        size_t len = text_line(text, cells);
        int y = page_row(&at);

        if (y >= 0)
            grid_printf(p->grid, p->in.x + x, y, cells, ink, "%.*s", (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
    return at.line - p->line;
}

void page_prose(struct page *p, int indent, enum style ink, const char *text)
{
    p->line += page_column(p, indent, p->in.w - indent, ink, text);
}

void page_above(struct grid *g, int end, const char *sentence)
{
    int y = end -
            grid_prose(g, (struct rect){ 2, 0, g->w - 4, 0 }, STYLE_ATTENTION, sentence);
    struct rect lines = { 0, y, g->w, end - y };

    for (; y < end; y++)
        for (int x = 0; x < g->w; x++)
            grid_put(g, x, y, STYLE_TEXT, ' ');
    grid_paper(g, lines, STYLE_BAND);
    grid_prose(g, (struct rect){ 2, lines.y, g->w - 4, lines.h }, STYLE_ATTENTION,
               sentence);
}

void page_close(const struct page *p, size_t *first)
{
    int most = p->line > p->in.h ? p->line - p->in.h : 0;

    if (*first > (size_t)most)
        *first = (size_t)most;
    if (p->line - p->first > p->in.h)
        grid_text(p->grid, p->in.x, p->in.y + p->in.h, -1, STYLE_FAINT, " more: j ");
}
