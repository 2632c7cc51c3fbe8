/* From drawn characters to plain ones. */
#include "show/ascii.h"

#include <stddef.h>

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

void ascii_print(FILE *out, const char *text)
{
    while (*text) {
        uint32_t point = text_next(&text);

        if (point == '\n')
            fputc('\n', out);
        for (int i = point == '\n' ? 0 : text_point_width(point); i > 0; i--)
            fputc(ascii_of(point, STYLE_TEXT), out);
    }
}
