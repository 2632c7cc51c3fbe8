/* Colours as people write them, and the nearest that a terminal has: of a palette of 256,
 * which xterm laid down and all follow, and of 16, whose shades are the terminal's
 * own. */
#include <stdlib.h>
#include <string.h>

#include "tui/theme.h"

struct rgb {
    int r, g, b;
};

enum {
    NAMED = 16,
    CUBE = 6,
    GREYS = 24,
    FIRST_GREY = 232,
    RICH = 256,
    BLACK = 16,
    WHITE = 231
};

static const char *const names[NAMED] = {
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
};

/* xterm's: 256colres.pl for what lies above the 16, and its defaults for these. */
static struct rgb rgb_of(int color)
{
    static const struct rgb plain[NAMED] = {
        { 0, 0, 0 },       { 205, 0, 0 },   { 0, 205, 0 },   { 205, 205, 0 },   { 0, 0, 238 },    { 205, 0, 205 },
        { 0, 205, 205 },   { 229, 229, 229 }, { 127, 127, 127 }, { 255, 0, 0 },   { 0, 255, 0 },    { 255, 255, 0 },
        { 92, 92, 255 },   { 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 },
    };
    static const int levels[CUBE] = { 0, 95, 135, 175, 215, 255 };
    int cube = color - NAMED, grey = 8 + 10 * (color - FIRST_GREY);

    if (color < NAMED)
        return plain[color];
    if (color >= FIRST_GREY)
        return (struct rgb){ grey, grey, grey };
    return (struct rgb){ levels[cube / (CUBE * CUBE)], levels[cube / CUBE % CUBE],
                         levels[cube % CUBE] };
}

/* Eyes tell greens apart best, then reds. */
static int distance(struct rgb a, struct rgb b)
{
    return 3 * (a.r - b.r) * (a.r - b.r) + 6 * (a.g - b.g) * (a.g - b.g) +
           2 * (a.b - b.b) * (a.b - b.b);
}

static short nearest(struct rgb wanted, int from, int to)
{
    int best = from;

    for (int i = from; i < to; i++)
        if (distance(rgb_of(i), wanted) < distance(rgb_of(best), wanted))
            best = i;
    return (short)best;
}

short color_on(short paper, bool rich)
{
    struct rgb rgb;

    if (paper == COLOR_DEFAULT)
        return COLOR_DEFAULT;
    rgb = rgb_of(paper);
    if (299 * rgb.r + 587 * rgb.g + 114 * rgb.b > 110 * 1000)
        return rich ? BLACK : 0;
    return rich ? WHITE : NAMED - 1;
}

static bool is_hex(const char *word, struct rgb *rgb)
{
    unsigned long value;
    char *end;

    if (word[0] != '#' || strlen(word) != 7 ||
        strspn(word + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    value = strtoul(word + 1, &end, 16);
    *rgb = (struct rgb){ (int)(value >> 16), (int)(value >> 8 & 255),
                         (int)(value & 255) };
    return true;
}

bool color_of_word(const char *word, short *rich, short *plain)
{
    struct rgb rgb;
    char *end;
    long number;

    if (strcmp(word, "default") == 0) {
        *rich = *plain = COLOR_DEFAULT;
        return true;
    }
    for (short i = 0; i < NAMED; i++)
        if (strcmp(word, names[i]) == 0) {
            *rich = *plain = i;
            return true;
        }
    if (is_hex(word, &rgb)) {
        *rich = nearest(rgb, NAMED, RICH);
        *plain = nearest(rgb, 0, NAMED);
        return true;
    }
    number = strtol(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || number >= RICH)
        return false;
    *rich = (short)number;
    *plain = number < NAMED ? (short)number : nearest(rgb_of((int)number), 0, NAMED);
    return true;
}
