/* From drawn characters to plain ones. */
#define _GNU_SOURCE
#include "show/ascii.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/text.h"

static const struct stand_in {
    uint32_t point;
    char plain;
} stand_ins[] = {
    /* clang-format off */
    { 0x00a0, ' ' }, { 0x00b0, 'o' },  { 0x00b1, '~' },  { 0x00b5, 'u' },  { 0x00b7, '.' }, { 0x00bd, '/' },
    { 0x00d7, 'x' },
    { 0x2010, '-' }, { 0x2011, '-' },  { 0x2012, '-' },  { 0x2013, '-' },  { 0x2014, '-' },
    { 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' }, { 0x201d, '"' },
    { 0x2022, '*' }, { 0x2026, '.' },  { 0x203a, '>' },  { 0x203c, '!' },
    { 0x2190, '<' }, { 0x2191, '^' },  { 0x2192, '>' },  { 0x2193, 'v' },  { 0x2212, '-' },
    { 0x2248, '~' }, { 0x2264, '<' },  { 0x2265, '>' },  { 0x23ce, '<' },
    /* lines: thin, thick, dashed, double */
    { 0x2500, '-' }, { 0x2501, '=' },  { 0x2502, '|' },  { 0x2503, '|' },
    { 0x2504, '-' }, { 0x2506, ':' },  { 0x2508, '-' },  { 0x250a, ':' },
    { 0x254c, '-' }, { 0x254d, '~' }, { 0x254e, ':' },  { 0x2574, '-' },  { 0x2578, '-' },  { 0x257a, '-' },
    { 0x2550, '=' }, { 0x2551, '|' },
    /* triangles and marks */
    { 0x25aa, '.' }, { 0x25b2, '!' },  { 0x25b4, '^' },  { 0x25b8, '>' },  { 0x25be, 'v' },
    { 0x25c2, '<' }, { 0x25cb, 'x' },  { 0x25cf, 'o' },  { 0x25d0, '~' },  { 0x2713, 'v' },
    { 0x2717, 'x' },
    /* clang-format on */
    { 0 }
};

/* The upper dots of a braille cell are its first four in reading order: bits 0, 1, 3
 * and 4. */
static char of_braille(uint32_t dots)
{
    enum { UPPER = 0x1b, LOWER = 0xe4 };

    if (!dots)
        return ' ';
    if (!(dots & LOWER))
        return '\'';
    return dots & UPPER ? ':' : '.';
}

/* 2580 is the upper half, 2581 to 2588 grow upwards, 2589 to 258f shrink to the left. */
static char of_block(uint32_t point, enum style ink)
{
    static const char rising[] = "\".:-=+*%#", heat[] = " .:-=+*#%@", fan[] = ".:#";

    if (ink >= STYLE_HEAT0 && ink <= STYLE_HEAT9)
        return heat[ink - STYLE_HEAT0];
    if (ink >= STYLE_FAN_OUTER && ink <= STYLE_FAN_INNER)
        return fan[ink - STYLE_FAN_OUTER];
    if (point <= 0x2588)
        return rising[point - 0x2580];
    if (point <= 0x258c)
        return '#'; /* half full and more */
    return point <= 0x2590 ? ' ' : point == 0x2591 ? '.' : point == 0x2592 ? ':' : '#';
}

char ascii_of(uint32_t point, enum style ink)
{
    if (point >= 32 && point < 127)
        return (char)point;
    if (point >= 0x2800 && point <= 0x28ff)
        return of_braille(point - 0x2800);
    if (point >= 0x2580 && point <= 0x2593)
        return of_block(point, ink);
    for (const struct stand_in *s = stand_ins; s->point; s++)
        if (s->point == point)
            return s->plain;
    /* What is left of the lines are corners and crossings. */
    return point >= 0x2500 && point <= 0x257f ? '+' : '?';
}

static void put_point(FILE *out, uint32_t point)
{
    if (point == '\n')
        fputc('\n', out);
    for (int i = point == '\n' ? 0 : text_point_width(point); i > 0; i--)
        fputc(ascii_of(point, STYLE_TEXT), out);
}

void ascii_print(FILE *out, const char *text)
{
    while (*text)
        put_point(out, text_next(&text));
}

/* ---- a stream ---- */

/* A character may come in two pieces, so a line waits for its end. */
struct plain {
    FILE *out;
    char *line;
    size_t len, room;
};

/* Three dots take two cells from the next gap between columns. */
static void put_line(struct plain *p)
{
    enum { ELLIPSIS = 0x2026, GAP = 2 };
    const char *rest = p->line;
    int owed = 0, gap;

    p->line[p->len] = '\0';
    while (*rest) {
        uint32_t point = text_next(&rest);

        if (point == ELLIPSIS) {
            fputs("...", p->out);
            owed += 2;
        } else {
            put_point(p->out, point);
        }
        gap = (int)strspn(rest, " ");
        if (gap <= GAP)
            continue;
        rest += owed < gap - GAP ? owed : gap - GAP;
        owed = 0;
    }
    p->len = 0;
}

static ssize_t write_plain(void *cookie, const char *text, size_t size)
{
    struct plain *p = cookie;

    for (size_t i = 0; i < size; i++) {
        p->line = xgrow(p->line, &p->room, p->len + 2, 1);
        p->line[p->len++] = text[i];
        if (text[i] == '\n')
            put_line(p);
    }
    return ferror(p->out) ? 0 : (ssize_t)size;
}

static int close_plain(void *cookie)
{
    struct plain *p = cookie;

    if (p->len)
        put_line(p);
    free(p->line);
    free(p);
    return 0;
}

FILE *ascii_stream(FILE *out)
{
    struct plain *p = xcalloc(1, sizeof(*p));
    FILE *plain = fopencookie(
        p, "w", (cookie_io_functions_t){ .write = write_plain, .close = close_plain });

    if (!plain) {
        free(p);
        return NULL;
    }
    p->out = out;
    setvbuf(plain, NULL, _IOLBF, BUFSIZ);
    return plain;
}
