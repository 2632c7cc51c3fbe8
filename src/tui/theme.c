/* Themes: few colours, one accent, three colours of state, one hue for the future, greys
 * for everything else. */
#include "tui/theme.h"

#include <string.h>

#include "tui/terminal.h"

/* clang-format off */
#define INK(color)              { (color), COLOR_DEFAULT, 0 }
#define BOLD(color)             { (color), COLOR_DEFAULT, ATTRIBUTE_BOLD }
#define BOTH(color)             { (color), (color), 0 }
#define PAPER(color)            { COLOR_DEFAULT, (color), 0 }

/* The 16 colours every terminal has: their shades are the terminal's, so one table does
 * for dark and light. */
#define PLAIN_LOOKS {                                                                             \
    [STYLE_TEXT] = INK(COLOR_DEFAULT), [STYLE_STRONG] = BOLD(COLOR_DEFAULT),                      \
    [STYLE_SECONDARY] = INK(COLOR_DEFAULT), [STYLE_FAINT] = INK(8), [STYLE_LINE] = INK(8),        \
    [STYLE_ACCENT] = INK(6), [STYLE_CHIP] = { 0, 6, 0 },                                          \
    [STYLE_OK] = BOTH(2), [STYLE_ATTENTION] = BOTH(3), [STYLE_CRITICAL] = BOTH(1),                \
    [STYLE_INFORMATION] = BOTH(4),                                                                \
    [STYLE_FAN_OUTER] = BOTH(4), [STYLE_FAN_MIDDLE] = BOTH(12), [STYLE_FAN_INNER] = BOTH(6),      \
    [STYLE_HEAT0] = BOTH(8), [STYLE_HEAT1] = BOTH(4), [STYLE_HEAT2] = BOTH(4),                    \
    [STYLE_HEAT3] = BOTH(6), [STYLE_HEAT4] = BOTH(2), [STYLE_HEAT5] = BOTH(2),                    \
    [STYLE_HEAT6] = BOTH(3), [STYLE_HEAT7] = BOTH(3), [STYLE_HEAT8] = BOTH(1),                    \
    [STYLE_HEAT9] = BOTH(1),                                                                      \
    [STYLE_HUE0] = BOTH(4), [STYLE_HUE1] = BOTH(3), [STYLE_HUE2] = BOTH(6), [STYLE_HUE3] = BOTH(5), \
    [STYLE_HUE4] = BOTH(2), [STYLE_HUE5] = BOTH(1), [STYLE_HUE6] = BOTH(7), [STYLE_HUE7] = BOTH(8), \
    [STYLE_TRACK] = BOTH(8), [STYLE_BAND] = PAPER(COLOR_DEFAULT),                                 \
    [STYLE_SELECTED] = { COLOR_DEFAULT, COLOR_DEFAULT, ATTRIBUTE_REVERSE },                       \
    [STYLE_NONE] = PAPER(COLOR_DEFAULT),                                                          \
}

static const struct theme default_theme = {
    .name = "default",
    .help = "for a dark background: greys, and colour where something is worth looking at",
    .rich = {
        [STYLE_TEXT] = INK(252), [STYLE_STRONG] = BOLD(255), [STYLE_SECONDARY] = INK(245),
        [STYLE_FAINT] = INK(240), [STYLE_LINE] = INK(238), [STYLE_ACCENT] = INK(80),
        [STYLE_CHIP] = { 16, 80, ATTRIBUTE_BOLD },
        [STYLE_OK] = BOTH(108), [STYLE_ATTENTION] = BOTH(179), [STYLE_CRITICAL] = BOTH(203),
        [STYLE_INFORMATION] = BOTH(110),
        [STYLE_FAN_OUTER] = BOTH(24), [STYLE_FAN_MIDDLE] = BOTH(31), [STYLE_FAN_INNER] = BOTH(38),
        [STYLE_HEAT0] = BOTH(236), [STYLE_HEAT1] = BOTH(23), [STYLE_HEAT2] = BOTH(29),
        [STYLE_HEAT3] = BOTH(65), [STYLE_HEAT4] = BOTH(107), [STYLE_HEAT5] = BOTH(143),
        [STYLE_HEAT6] = BOTH(179), [STYLE_HEAT7] = BOTH(173), [STYLE_HEAT8] = BOTH(167),
        [STYLE_HEAT9] = BOTH(203),
        [STYLE_HUE0] = BOTH(74), [STYLE_HUE1] = BOTH(214), [STYLE_HUE2] = BOTH(36), [STYLE_HUE3] = BOTH(175),
        [STYLE_HUE4] = BOTH(221), [STYLE_HUE5] = BOTH(137), [STYLE_HUE6] = BOTH(61), [STYLE_HUE7] = BOTH(243),
        [STYLE_TRACK] = BOTH(237), [STYLE_BAND] = PAPER(235), [STYLE_SELECTED] = PAPER(236),
        [STYLE_NONE] = PAPER(COLOR_DEFAULT),
    },
    .plain = PLAIN_LOOKS,
};

static const struct theme light_theme = {
    .name = "light",
    .help = "for a light background",
    .rich = {
        [STYLE_TEXT] = INK(236), [STYLE_STRONG] = BOLD(16), [STYLE_SECONDARY] = INK(242),
        [STYLE_FAINT] = INK(246), [STYLE_LINE] = INK(250), [STYLE_ACCENT] = INK(30),
        [STYLE_CHIP] = { 231, 30, ATTRIBUTE_BOLD },
        [STYLE_OK] = BOTH(65), [STYLE_ATTENTION] = BOTH(136), [STYLE_CRITICAL] = BOTH(160),
        [STYLE_INFORMATION] = BOTH(25),
        [STYLE_FAN_OUTER] = BOTH(153), [STYLE_FAN_MIDDLE] = BOTH(110), [STYLE_FAN_INNER] = BOTH(67),
        [STYLE_HEAT0] = BOTH(254), [STYLE_HEAT1] = BOTH(152), [STYLE_HEAT2] = BOTH(115),
        [STYLE_HEAT3] = BOTH(108), [STYLE_HEAT4] = BOTH(143), [STYLE_HEAT5] = BOTH(179),
        [STYLE_HEAT6] = BOTH(173), [STYLE_HEAT7] = BOTH(167), [STYLE_HEAT8] = BOTH(160),
        [STYLE_HEAT9] = BOTH(124),
        [STYLE_HUE0] = BOTH(25), [STYLE_HUE1] = BOTH(172), [STYLE_HUE2] = BOTH(29), [STYLE_HUE3] = BOTH(133),
        [STYLE_HUE4] = BOTH(178), [STYLE_HUE5] = BOTH(130), [STYLE_HUE6] = BOTH(68), [STYLE_HUE7] = BOTH(246),
        [STYLE_TRACK] = BOTH(252), [STYLE_BAND] = PAPER(254), [STYLE_SELECTED] = PAPER(253),
        [STYLE_NONE] = PAPER(COLOR_DEFAULT),
    },
    .plain = PLAIN_LOOKS,
};

static const struct theme high_contrast_theme = {
    .name = "high-contrast",
    .help = "nothing dim, states in pure colours: for bright rooms and tired eyes",
    .rich = {
        [STYLE_TEXT] = INK(231), [STYLE_STRONG] = BOLD(231), [STYLE_SECONDARY] = INK(252),
        [STYLE_FAINT] = INK(250), [STYLE_LINE] = INK(246), [STYLE_ACCENT] = BOLD(51),
        [STYLE_CHIP] = { 16, 51, ATTRIBUTE_BOLD },
        [STYLE_OK] = BOTH(46), [STYLE_ATTENTION] = { 226, 226, ATTRIBUTE_BOLD },
        [STYLE_CRITICAL] = { 197, 197, ATTRIBUTE_BOLD }, [STYLE_INFORMATION] = BOTH(123),
        [STYLE_FAN_OUTER] = BOTH(25), [STYLE_FAN_MIDDLE] = BOTH(33), [STYLE_FAN_INNER] = BOTH(51),
        [STYLE_HEAT0] = BOTH(236), [STYLE_HEAT1] = BOTH(23), [STYLE_HEAT2] = BOTH(29),
        [STYLE_HEAT3] = BOTH(34), [STYLE_HEAT4] = BOTH(112), [STYLE_HEAT5] = BOTH(184),
        [STYLE_HEAT6] = BOTH(226), [STYLE_HEAT7] = BOTH(214), [STYLE_HEAT8] = BOTH(202),
        [STYLE_HEAT9] = BOTH(197),
        [STYLE_HUE0] = BOTH(39), [STYLE_HUE1] = BOTH(214), [STYLE_HUE2] = BOTH(48), [STYLE_HUE3] = BOTH(207),
        [STYLE_HUE4] = BOTH(227), [STYLE_HUE5] = BOTH(202), [STYLE_HUE6] = BOTH(159), [STYLE_HUE7] = BOTH(250),
        [STYLE_TRACK] = BOTH(240), [STYLE_BAND] = PAPER(17), [STYLE_SELECTED] = PAPER(19),
        [STYLE_NONE] = PAPER(16),
    },
    .plain = PLAIN_LOOKS,
};
/* Blue to orange instead of green to red, told apart by protan, deutan and tritan eyes:
 * states differ in lightness, too. */
static const struct theme colour_blind_safe_theme = {
    .name = "colour-blind-safe",
    .help = "blue to orange instead of green to red, states apart in lightness, too",
    .rich = {
        [STYLE_TEXT] = INK(252), [STYLE_STRONG] = BOLD(255), [STYLE_SECONDARY] = INK(245),
        [STYLE_FAINT] = INK(240), [STYLE_LINE] = INK(238), [STYLE_ACCENT] = INK(117),
        [STYLE_CHIP] = { 16, 117, ATTRIBUTE_BOLD },
        [STYLE_OK] = BOTH(67), [STYLE_ATTENTION] = BOTH(221), [STYLE_CRITICAL] = { 208, 208, ATTRIBUTE_BOLD },
        [STYLE_INFORMATION] = BOTH(146),
        [STYLE_FAN_OUTER] = BOTH(24), [STYLE_FAN_MIDDLE] = BOTH(31), [STYLE_FAN_INNER] = BOTH(38),
        [STYLE_HEAT0] = BOTH(17), [STYLE_HEAT1] = BOTH(18), [STYLE_HEAT2] = BOTH(24),
        [STYLE_HEAT3] = BOTH(60), [STYLE_HEAT4] = BOTH(102), [STYLE_HEAT5] = BOTH(144),
        [STYLE_HEAT6] = BOTH(180), [STYLE_HEAT7] = BOTH(179), [STYLE_HEAT8] = BOTH(214),
        [STYLE_HEAT9] = BOTH(208),
        [STYLE_HUE0] = BOTH(74), [STYLE_HUE1] = BOTH(214), [STYLE_HUE2] = BOTH(36), [STYLE_HUE3] = BOTH(175),
        [STYLE_HUE4] = BOTH(227), [STYLE_HUE5] = BOTH(166), [STYLE_HUE6] = BOTH(25), [STYLE_HUE7] = BOTH(243),
        [STYLE_TRACK] = BOTH(237), [STYLE_BAND] = PAPER(235), [STYLE_SELECTED] = PAPER(236),
        [STYLE_NONE] = PAPER(COLOR_DEFAULT),
    },
    .plain = PLAIN_LOOKS,
};
/* clang-format on */

static const struct theme mono_theme = {
    .name = "mono",
    .help = "no colour: bold, dim and reverse, and shapes that say the rest",
    .is_mono = true,
};

const unsigned mono_attributes[STYLES] = {
    [STYLE_STRONG] = ATTRIBUTE_BOLD,      [STYLE_FAINT] = ATTRIBUTE_DIM,
    [STYLE_LINE] = ATTRIBUTE_DIM,         [STYLE_TRACK] = ATTRIBUTE_DIM,
    [STYLE_ACCENT] = ATTRIBUTE_UNDERLINE, [STYLE_CHIP] = ATTRIBUTE_REVERSE,
    [STYLE_CRITICAL] = ATTRIBUTE_BOLD,    [STYLE_SELECTED] = ATTRIBUTE_REVERSE,
};

enum { BUILT_IN = 5, ADDED = 48 };

const struct theme *themes[BUILT_IN + ADDED + 1] = { &default_theme, &light_theme,
                                                     &high_contrast_theme,
                                                     &colour_blind_safe_theme,
                                                     &mono_theme };

bool themes_add(const struct theme *t)
{
    size_t count = 0;

    while (themes[count])
        count++;
    if (count == BUILT_IN + ADDED)
        return false;
    themes[count] = t;
    return true;
}

const struct theme *theme_find(const char *name)
{
    for (const struct theme **t = themes; *t; t++)
        if (strcmp((*t)->name, name) == 0)
            return *t;
    return NULL;
}

bool theme_exists(const char *name)
{
    return theme_find(name) != NULL;
}

static bool is_block(uint32_t point)
{
    return point >= 0x2580 && point <= 0x259f;
}

struct glyph glyph_without_color(struct glyph glyph, bool ascii)
{
    static const uint32_t shades[] = { 0x2591, 0x2592, 0x2593 }; /* ░ ▒ ▓ */
    static const char heat[] = " .:-=+*#%@";

    if (ascii)
        return glyph; /* its characters differ already */
    if (is_block(glyph.point) && glyph.ink >= STYLE_FAN_OUTER &&
        glyph.ink <= STYLE_FAN_INNER)
        glyph.point = shades[glyph.ink - STYLE_FAN_OUTER];
    else if (is_block(glyph.point) && glyph.ink >= STYLE_HEAT0 &&
             glyph.ink <= STYLE_HEAT9)
        glyph.point = (uint32_t)heat[glyph.ink - STYLE_HEAT0];
    else if (glyph.point == 0x25b2)                               /* ▲ */
        glyph.point = glyph.ink == STYLE_CRITICAL ? 0x203c : '!'; /* ‼ */
    else if (glyph.point == ' ' && glyph.paper == STYLE_TRACK)
        glyph.point = 0x2591;
    return glyph;
}

bool theme_is_mono(const char *name)
{
    const struct theme *t = theme_find(name);

    return t && t->is_mono;
}

void grid_without_color(struct grid *g)
{
    for (size_t i = 0; i < (size_t)g->w * (size_t)g->h; i++)
        g->cells[i] = glyph_without_color(g->cells[i], g->ascii);
}
