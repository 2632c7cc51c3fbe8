/* A page of all that screens are made of: what a person sees is compared with what the
 * page says. */
#include "tui/card.h"

#include <string.h>

#include "base/text.h"
#include "show/chart.h"
#include "show/map.h"

/* All fits 80 columns: a label, the sample, what to do about it. */
enum { LABELS = 20, SAMPLES = 27 };

static void label(struct grid *g, int y, const char *text)
{
    grid_text(g, 2, y, LABELS - 1, STYLE_SECONDARY, text);
}

/* What to do when the line above is not as it should be. */
static void remedy(struct grid *g, int y, const char *text)
{
    grid_text(g, LABELS + SAMPLES, y, g->w - LABELS - SAMPLES, STYLE_FAINT, text);
}

static void line_of_facts(struct grid *g, int y, const struct card_facts *f)
{
    label(g, y, "this terminal");
    grid_printf(g, LABELS, y, g->w - LABELS, STYLE_TEXT,
                "TERM=%s, %d x %d, %d colours, %s", f->term ? f->term : "(none)", g->w,
                g->h, f->colors, f->utf8 ? "UTF-8" : "not UTF-8");
    if (f->synchronised)
        grid_text(g, LABELS, y + 1, g->w - LABELS, STYLE_TEXT,
                  "draws a frame at once (synchronised output)");
}

static void line_of_edges(struct grid *g, int y)
{
    label(g, y, "lines");
    grid_text(g, LABELS, y, -1, STYLE_LINE, "╭─┬─╮│┊╌╌━━╸──");
    remedy(g, y, "unbroken; else --ascii, see below");
}

static void line_of_blocks(struct grid *g, int y)
{
    label(g, y, "blocks in eighths");
    for (int i = 1; i <= 8; i++) {
        grid_put(g, LABELS + i - 1, y, STYLE_OK, (uint32_t)(0x2580 + i));
        grid_put(g, LABELS + 9 + i, y, STYLE_OK, (uint32_t)(0x2590 - i));
    }
    grid_text(g, LABELS + 20, y, -1, STYLE_OK, "▀▄");
    remedy(g, y, "even steps; else another font");
}

static void line_of_braille(struct grid *g, int y)
{
    label(g, y, "braille");
    grid_text(g, LABELS, y, -1, STYLE_TEXT, "⠁⠃⠇⡇⣇⣧⣷⣿ ⢀⣀⡠⠤⠒⠊⠉");
    remedy(g, y, "dots; if boxes: another font");
}

static void line_of_states(struct grid *g, int y)
{
    int x = LABELS;

    label(g, y, "states");
    x += grid_text(g, x, y, -1, STYLE_OK, "● ok ");
    x += grid_text(g, x, y, -1, STYLE_ATTENTION, "◐ stale ");
    x += grid_text(g, x, y, -1, STYLE_CRITICAL, "○ down ");
    x += grid_text(g, x, y, -1, STYLE_ATTENTION, "▲ ");
    grid_text(g, x, y, -1, STYLE_OK, "✓");
    remedy(g, y, "shapes differ, without colour too");
}

static void line_of_inks(struct grid *g, int y)
{
    int x = LABELS;

    label(g, y, "inks");
    x += grid_text(g, x, y, -1, STYLE_TEXT, "text ");
    x += grid_bold(g, x, y, -1, STYLE_STRONG, "strong ");
    x += grid_text(g, x, y, -1, STYLE_SECONDARY, "less ");
    x += grid_text(g, x, y, -1, STYLE_FAINT, "faint ");
    grid_text(g, x, y, -1, STYLE_ACCENT, "key");
    remedy(g, y, "all readable; or --theme light");
}

static void line_of_heat(struct grid *g, int y, const struct card_facts *f)
{
    label(g, y, "ramp of the map");
    for (uint8_t i = 0; i < MAP_STEPS; i++)
        for (int j = 0; j < 2; j++)
            grid_put(g, LABELS + 2 * i + j, y, map_ink(MAP_STEP, i),
                     f->mono ? map_letter(MAP_STEP, i) : 0x2588);
    remedy(g, y, "ten; fewer: TERM=xterm-256color");
}

static void line_of_hues(struct grid *g, int y, const struct card_facts *f)
{
    label(g, y, "hues of tenants");
    for (uint8_t i = 0; i < MAP_HUES; i++)
        for (int j = 0; j < 2; j++)
            grid_put(g, LABELS + 3 * i + j, y, map_ink(MAP_HUE, i),
                     f->mono ? map_letter(MAP_HUE, i) : 0x2588);
    remedy(g, y, "eight that can be told apart");
}

static void line_of_fan(struct grid *g, int y)
{
    static const enum style inks[] = { STYLE_FAN_OUTER, STYLE_FAN_MIDDLE, STYLE_FAN_INNER,
                                       STYLE_FAN_MIDDLE, STYLE_FAN_OUTER };

    label(g, y, "fan of forecasts");
    for (int i = 0; i < 20; i++)
        grid_put(g, LABELS + i, y, inks[i / 4], 0x2588);
    remedy(g, y, "three shades, brightest inside");
}

/* Each ends at a bar: where the bars do not stand in line, the terminal counts the cells
 * of that text in another way. */
static void lines_of_widths(struct grid *g, int y)
{
    static const char *const texts[] = { "plain text", "日本語 wide", "é ä accents",
                                         "≈ ± — …" };

    label(g, y, "widths");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        grid_text(g, LABELS, y + (int)i, -1, STYLE_TEXT, texts[i]);
        grid_put(g, LABELS + 20, y + (int)i, STYLE_ACCENT, 0x2502);
    }
    remedy(g, y, "bars in line; if not, set the");
    remedy(g, y + 1, "terminal's ambiguous width narrow");
}

void card_draw(struct grid *g, const struct card_facts *facts)
{
    int y = 1;

    grid_clear(g);
    grid_bold(g, 2, 0, -1, STYLE_STRONG, "gigawatch: test card");
    line_of_facts(g, ++y, facts);
    line_of_edges(g, y += 2);
    line_of_blocks(g, ++y);
    line_of_braille(g, ++y);
    line_of_states(g, ++y);
    line_of_inks(g, ++y);
    line_of_heat(g, ++y, facts);
    line_of_hues(g, ++y, facts);
    line_of_fan(g, ++y);
    label(g, ++y, "bar and rail");
    chart_bar(g, (struct rect){ LABELS, y, 12, 1 }, .72, STYLE_ATTENTION);
    chart_rail(g, LABELS + 14, y, 12, .55, STYLE_OK);
    remedy(g, y, "two lengths on two tracks");
    lines_of_widths(g, ++y);
    y += 5;
    grid_text(g, 2, y++, g->w - 4, STYLE_SECONDARY,
              "letters instead of lines: NCURSES_NO_UTF8_ACS=1 in the environment");
    grid_text(g, 2, y, g->w - 4, STYLE_SECONDARY,
              "also: --no-color, --no-mouse, --ascii, --theme NAME, --linear; q leaves");
}
