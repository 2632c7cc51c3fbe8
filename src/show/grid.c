/* A screen in memory, and what every view draws with: text, lines, boxes. Nothing here
 * knows a terminal; a cell outside is simply not there, so callers need no check. */
#include "show/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "show/ascii.h"

enum { LARGEST_SIDE = 4096, PRINTED_TEXT = 1024 };

static const struct glyph blank = { ' ', STYLE_TEXT, STYLE_NONE, false };

static int within(int value, int lowest, int highest)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

struct grid *grid_new(int w, int h)
{
    struct grid *g = xcalloc(1, sizeof(*g));

    grid_resize(g, w, h);
    return g;
}

void grid_free(struct grid *g)
{
    if (!g)
        return;
    free(g->cells);
    free(g);
}

void grid_resize(struct grid *g, int w, int h)
{
    g->w = within(w, 0, LARGEST_SIDE);
    g->h = within(h, 0, LARGEST_SIDE);
    g->cells = xrealloc(g->cells, (size_t)g->w * (size_t)g->h, sizeof(*g->cells));
    grid_clear(g);
}

void grid_clear(struct grid *g)
{
    for (size_t i = 0; i < (size_t)g->w * (size_t)g->h; i++)
        g->cells[i] = blank;
}

struct glyph *grid_at(struct grid *g, int x, int y)
{
    if (x < 0 || y < 0 || x >= g->w || y >= g->h)
        return NULL;
    return &g->cells[(size_t)y * (size_t)g->w + (size_t)x];
}

/* Half a wide character says nothing: when one half is overwritten, the other becomes a
 * blank. */
static void spare_halves(struct grid *g, int x, int y)
{
    struct glyph *left = grid_at(g, x - 1, y), *right = grid_at(g, x + 1, y);

    if (left && grid_at(g, x, y)->point == 0)
        left->point = ' ';
    if (right && right->point == 0)
        right->point = ' ';
}

static void put_cell(struct grid *g, int x, int y, enum style ink, uint32_t point,
                     bool bold)
{
    struct glyph *cell = grid_at(g, x, y);

    if (!cell)
        return;
    spare_halves(g, x, y);
    cell->point = point;
    cell->ink = (uint8_t)ink;
    cell->bold = bold;
}

static int put_point(struct grid *g, int x, int y, enum style ink, uint32_t point,
                     bool bold)
{
    int width = text_point_width(point);

    if (width <= 0)
        return 0;
    if (g->ascii)
        point = ascii_of(point, ink);
    if (width == 2 && x + 1 >= g->w)
        point = ' '; /* its right half would be outside */
    put_cell(g, x, y, ink, point, bold);
    if (width == 2)
        put_cell(g, x + 1, y, ink, x < 0 ? ' ' : g->ascii ? point : 0, bold);
    return width;
}

void grid_put(struct grid *g, int x, int y, enum style ink, uint32_t point)
{
    put_point(g, x, y, ink, point, false);
}

static int write_text(struct grid *g, int x, int y, int cells, enum style ink,
                      const char *text, bool bold)
{
    int room = cells < 0 || cells > g->w - x ? g->w - x : cells;
    bool cut = false;
    const char *end;
    int used = 0;

    if (room <= 0 || !text)
        return 0;
    end = text + text_fit(text, room);
    if (*end) {
        cut = true;
        end = text + text_fit(text, room - 1);
    }
    while (text < end)
        used += put_point(g, x + used, y, ink, text_next(&text), bold);
    if (cut)
        used += put_point(g, x + used, y, ink, 0x2026, bold); /* … */
    return used;
}

int grid_text(struct grid *g, int x, int y, int cells, enum style ink, const char *text)
{
    return write_text(g, x, y, cells, ink, text, false);
}

enum { LONGEST_SENTENCE = 1024 };

/* Where the last clause ends that fits into `room`; NULL: none does, or too little would
 * be left. */
static const char *last_clause(const char *text, int room)
{
    const char *fits = text + text_fit(text, room), *end = NULL;
    int width = 0;

    while (text <= fits) {     /* a comma may be the first that does not fit */
        const char *here = text;
        uint32_t point = text_next(&text);

        if ((point == ',' || point == ':' || point == ';') && *text == ' ' &&
            2 * width >= room)
            end = here;
        width += text_point_width(point);
    }
    return end;
}

/* "may pass 32 kW between 20:53 and 21:10" is "may pass 32 kW 20:53–21:10" where there is
 * little room: a time that is cut is none. False: it says no such thing. */
static bool shorten_times(char *to, size_t room, const char *text)
{
    static const char before[] = " between ", among[] = " and ";
    enum { CLOCK = 5 };         /* "20:53" */
    const char *from = strstr(text, before), *until;

    if (!from || strlen(from) < strlen(before) + CLOCK + strlen(among) + CLOCK)
        return false;
    until = from + strlen(before) + CLOCK;
    if (until[-3] != ':' || strncmp(until, among, strlen(among)) != 0)
        return false;
    snprintf(to, room, "%.*s %.*s–%s", (int)(from - text), text, CLOCK, until - CLOCK,
             until + strlen(among));
    return true;
}

int grid_sentence(struct grid *g, int x, int y, int cells, enum style ink,
                  const char *text)
{
    int room = cells < 0 || cells > g->w - x ? g->w - x : cells;
    bool is_long = text && room > 0 && text_width(text) > room;
    const char *end = is_long ? last_clause(text, room) : NULL;
    char brief[LONGEST_SENTENCE];

    if (is_long && !end && shorten_times(brief, sizeof(brief), text))
        return grid_sentence(g, x, y, cells, ink, brief);
    if (!end)
        return write_text(g, x, y, cells, ink, text, false);
    return grid_printf(g, x, y, cells, ink, "%.*s", (int)(end - text), text);
}

int grid_prose(struct grid *g, struct rect in, enum style ink, const char *text)
{
    int lines = 0;

    for (; *text; lines++) {
        size_t len = text_line(text, in.w);

        if (lines < in.h)
            grid_printf(g, in.x, in.y + lines, in.w, ink, "%.*s", (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
    return lines;
}

int grid_bold(struct grid *g, int x, int y, int cells, enum style ink, const char *text)
{
    return write_text(g, x, y, cells, ink, text, true);
}

void grid_right(struct grid *g, int x, int y, int cells, enum style ink, const char *text)
{
    int width = text_width(text);

    if (width > cells)
        width = cells;
    grid_text(g, x + cells - width, y, width < 0 ? 0 : width, ink, text);
}

int grid_printf(struct grid *g, int x, int y, int cells, enum style ink,
                const char *format, ...)
{
    char text[PRINTED_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return grid_text(g, x, y, cells, ink, text);
}

void grid_paper(struct grid *g, struct rect area, enum style paper)
{
    int right = within(area.x + area.w, 0, g->w),
        bottom = within(area.y + area.h, 0, g->h);

    for (int y = within(area.y, 0, g->h); y < bottom; y++)
        for (int x = within(area.x, 0, g->w); x < right; x++)
            grid_at(g, x, y)->paper = (uint8_t)paper;
}

/* ---- boxes ---- */

static void draw_frame(struct grid *g, struct rect area)
{
    int right = area.x + area.w - 1, bottom = area.y + area.h - 1;

    for (int x = area.x + 1; x < right; x++) {
        grid_put(g, x, area.y, STYLE_LINE, 0x2500); /* ─ */
        grid_put(g, x, bottom, STYLE_LINE, 0x2500);
    }
    for (int y = area.y + 1; y < bottom; y++) {
        grid_put(g, area.x, y, STYLE_LINE, 0x2502); /* │ */
        grid_put(g, right, y, STYLE_LINE, 0x2502);
    }
    grid_put(g, area.x, area.y, STYLE_LINE, 0x256d); /* ╭ */
    grid_put(g, right, area.y, STYLE_LINE, 0x256e);  /* ╮ */
    grid_put(g, area.x, bottom, STYLE_LINE, 0x2570); /* ╰ */
    grid_put(g, right, bottom, STYLE_LINE, 0x256f);  /* ╯ */
}

/* " title " from x on, its first letter accented. */
static void draw_title(struct grid *g, int x, int y, int cells, const char *title)
{
    int used;

    if (cells < 3 || !title || !*title)
        return;
    used = grid_bold(g, x + 1, y, cells - 2, STYLE_STRONG, title);
    grid_put(g, x, y, STYLE_LINE, ' ');
    grid_put(g, x + 1 + used, y, STYLE_LINE, ' ');
    if (grid_at(g, x + 1, y))
        grid_at(g, x + 1, y)->ink = STYLE_ACCENT;
}

struct rect grid_box(struct grid *g, struct rect area, const char *title, const char *key)
{
    struct rect inside = { area.x + 2, area.y + 1, area.w - 4, area.h - 2 };
    int title_cells = title ? text_width(title) + 2 : 0;
    int key_cells = key && *key ? text_width(key) + 2 : 0;

    inside.w = inside.w < 0 ? 0 : inside.w;
    inside.h = inside.h < 0 ? 0 : inside.h;
    if (area.w < 2 || area.h < 2)
        return inside;
    draw_frame(g, area);
    /* Corner and one line at either end, one line between title and key: or the key is
     * left out. */
    if (title_cells + key_cells + 5 > area.w)
        key_cells = 0;
    draw_title(g, area.x + 2, area.y, title_cells < area.w - 4 ? title_cells : area.w - 4,
               title);
    if (key_cells)
        grid_printf(g, area.x + area.w - 2 - key_cells, area.y, key_cells, STYLE_FAINT,
                    " %s ", key);
    return inside;
}

/* ---- levels ---- */

enum style style_of_level(enum level level)
{
    switch (level) {
    case LEVEL_OK:
        return STYLE_OK;
    case LEVEL_INFORMATION:
        return STYLE_INFORMATION;
    case LEVEL_ATTENTION:
        return STYLE_ATTENTION;
    case LEVEL_CRITICAL:
        return STYLE_CRITICAL;
    case LEVEL_FAINT:
        return STYLE_FAINT;
    case LEVEL_PLAIN:
        break;
    }
    return STYLE_TEXT;
}

uint32_t mark_of_level(enum level level)
{
    switch (level) {
    case LEVEL_OK:
    case LEVEL_INFORMATION:
        return 0x25cf; /* ● */
    case LEVEL_ATTENTION:
    case LEVEL_CRITICAL:
        return 0x25b2; /* ▲ */
    case LEVEL_PLAIN:
    case LEVEL_FAINT:
        break;
    }
    return 0xb7; /* · */
}

/* ---- text ---- */

static char *row_to_text(const struct grid *g, int y, char *to)
{
    const struct glyph *row = &g->cells[(size_t)y * (size_t)g->w];
    int end = g->w;

    while (end > 0 && row[end - 1].point == ' ')
        end--;
    for (int x = 0; x < end; x++)
        if (row[x].point)
            to += text_put(to, row[x].point);
    *to++ = '\n';
    return to;
}

char *grid_to_text(const struct grid *g)
{
    char *text = xcalloc((size_t)g->h * ((size_t)g->w * 4 + 1) + 1, 1);
    char *to = text;

    for (int y = 0; y < g->h; y++)
        to = row_to_text(g, y, to);
    *to = '\0';
    return text;
}
