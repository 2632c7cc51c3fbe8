/* Rails, bars, sparklines and the wall's digits. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "show/chart.h"

enum { EIGHTHS = 8, RISING_BLOCK = 0x2580, LEFT_BLOCK = 0x2590, FULL_BLOCK = 0x2588 };

/* The share of `steps` that is covered: at least one where there is anything, all only
 * when full. */
static int steps_of(double ratio, int steps)
{
    int covered;

    if (!(ratio > 0) || steps <= 0) /* a column that is cut has no room for any */
        return 0;
    if (ratio >= 1)
        return steps;
    covered = (int)(ratio * steps + 1e-9);
    return covered > 0 ? covered : 1;
}

void chart_rail(struct grid *g, int x, int y, int cells, double ratio, enum style ink)
{
    int halves = steps_of(ratio, 2 * cells);

    for (int i = 0; i < cells; i++) {
        if (2 * i + 2 <= halves)
            grid_put(g, x + i, y, ink, 0x2501); /* ━ */
        else if (2 * i + 1 <= halves)
            grid_put(g, x + i, y, ink, 0x2578); /* ╸ */
        else
            grid_put(g, x + i, y, STYLE_TRACK, 0x2500); /* ─ */
    }
}

enum { DOTTED = 0x254d /* ╍ */ };

void chart_rail_reaching(struct grid *g, int x, int y, int cells, double ratio,
                         double reach, enum style ink)
{
    int from = steps_of(ratio, 2 * cells) / 2, to = (steps_of(reach, 2 * cells) + 1) / 2;

    chart_rail(g, x, y, cells, ratio, ink);
    /* Half a cell would leave a gap before the dots: it is dotted, too. */
    if (to <= from + 1)
        return;
    for (int i = from; i < to; i++)
        grid_put(g, x + i, y, STYLE_FAN_MIDDLE, DOTTED);
}

void chart_rail_ends(struct grid *g, int x, int y, int cells, double ratio, double far,
                     enum style ink, enum style far_ink)
{
    int from = (steps_of(ratio, 2 * cells) + 1) / 2, dotted = steps_of(far, cells);

    /* No gap where nothing is between them. */
    if (ratio + far > .9995)
        dotted = cells - from;
    chart_rail(g, x, y, cells, ratio, ink);
    for (int i = cells - dotted; i < cells; i++)
        if (i >= from)
            grid_put(g, x + i, y, far_ink, DOTTED);
}

void chart_rail_signed(struct grid *g, int x, int y, int cells, double ratio,
                       enum style below, enum style above)
{
    int side = (cells - 1) / 2, halves = steps_of(fabs(ratio), 2 * side),
        way = ratio < 0 ? -1 : 1;

    for (int i = -side; i <= side; i++)
        grid_put(g, x + side + i, y, STYLE_TRACK, 0x2500);      /* ─ */
    for (int i = 0; 2 * i < halves; i++)
        grid_put(g, x + side + way * (i + 1), y, way < 0 ? below : above,
                 2 * i + 2 <= halves ? 0x2501 : way < 0 ? 0x257a : 0x2578);     /* ━ ╺ ╸ */
    grid_put(g, x + side, y, STYLE_FAINT, 0x2502);      /* │ */
}

void chart_bar(struct grid *g, struct rect area, double ratio, enum style ink)
{
    int covered = steps_of(ratio, EIGHTHS * area.w);

    grid_paper(g, area, STYLE_TRACK);
    for (int y = area.y; y < area.y + area.h; y++)
        for (int i = 0; i < area.w; i++) {
            int here = covered - EIGHTHS * i;

            if (here >= EIGHTHS)
                grid_put(g, area.x + i, y, ink, FULL_BLOCK);
            else if (here > 0)
                grid_put(g, area.x + i, y, ink, (uint32_t)(LEFT_BLOCK - here));
            else
                grid_put(g, area.x + i, y, STYLE_TRACK, g->ascii ? '.' : ' ');
        }
}

/* ---- sparklines ---- */

/* From the lowest to the highest; what swings by less is drawn with as little as it
 * swings. */
static const double LEAST_SWING = .1;

/* A cell's share of the values, for any number of both. The highest leaves an eighth of
 * its cell free: sparklines below each other are lines, not a block. */
struct spark {
    const float *values;
    size_t count;
    int cells, free; /* blanks at the left */
    double lowest, highest;
};

static double mean_of_cell(const struct spark *s, int cell)
{
    size_t shown = (size_t)(s->cells - s->free), at = (size_t)(cell - s->free);
    size_t from = at * s->count / shown, to = (at + 1) * s->count / shown, known = 0;
    double sum = 0;

    for (size_t i = from; i < to; i++)
        if (!isnan(s->values[i])) {
            sum += (double)s->values[i];
            known++;
        }
    return known ? sum / (double)known : NAN;
}

static struct spark spark_of(int cells, const float *values, size_t count)
{
    struct spark s = { values, values ? count : 0, cells, 0, INFINITY, -INFINITY };

    if ((size_t)cells > s.count)
        s.free = cells - (int)s.count;
    for (int i = s.free; i < cells; i++) {
        double mean = mean_of_cell(&s, i);

        if (mean < s.lowest)
            s.lowest = mean;
        if (mean > s.highest)
            s.highest = mean;
    }
    return s;
}

static uint32_t block_of(const struct spark *s, int cell)
{
    double mean = cell < s->free ? NAN : mean_of_cell(s, cell);
    double span = fmax(s->highest - s->lowest, LEAST_SWING * fabs(s->highest));

    if (isnan(mean))
        return ' ';
    if (!(span > 0))
        return RISING_BLOCK + 1;
    return RISING_BLOCK + 1 + (uint32_t)((mean - s->lowest) / span * (EIGHTHS - 2) + .5);
}

bool chart_is_a_course(const float *values, size_t count)
{
    size_t known = 0;

    for (size_t i = 0; i < count && known < 2; i++)
        known += !isnan(values[i]);
    return known > 1;
}

void chart_spark(struct grid *g, int x, int y, int cells, const float *values,
                 size_t count, enum style ink)
{
    struct spark s;

    if (cells <= 0)
        return;
    s = spark_of(cells, values, count);
    for (int i = 0; i < cells; i++)
        grid_put(g, x + i, y, ink, block_of(&s, i));
}

size_t chart_spark_text(char *to, size_t room, int cells, const float *values,
                        size_t count)
{
    struct spark s;
    size_t used = 0;

    if (cells > 0)
        s = spark_of(cells, values, count);
    for (int i = 0; i < cells; i++) {
        char bytes[4];
        size_t len = text_put(bytes, block_of(&s, i));

        if (used + len >= room)
            break;
        memcpy(to + used, bytes, len);
        used += len;
    }
    if (room)
        to[used] = '\0';
    return used;
}

/* ---- big digits ---- */

enum { FONT_ROWS = 5, PIXEL_CELLS = 3 };

static const struct shape {
    char character;
    int width;
    const char *rows[FONT_ROWS];
} font[] = {
    /* clang-format off */
    { '0', 3, { "###", "# #", "# #", "# #", "###" } },
    { '1', 3, { "## ", " # ", " # ", " # ", "###" } },
    { '2', 3, { "###", "  #", "###", "#  ", "###" } },
    { '3', 3, { "###", "  #", "###", "  #", "###" } },
    { '4', 3, { "# #", "# #", "###", "  #", "  #" } },
    { '5', 3, { "###", "#  ", "###", "  #", "###" } },
    { '6', 3, { "###", "#  ", "###", "# #", "###" } },
    { '7', 3, { "###", "  #", "  #", "  #", "  #" } },
    { '8', 3, { "###", "# #", "###", "# #", "###" } },
    { '9', 3, { "###", "# #", "###", "  #", "###" } },
    { '.', 1, { " ",   " ",   " ",   " ",   "#"   } },
    { ':', 1, { " ",   " ",   "#",   " ",   "#"   } },
    { '-', 3, { "   ", "   ", "###", "   ", "   " } },
    { '%', 3, { "# #", "  #", " # ", "#  ", "# #" } },
    { ' ', 1, { " ",   " ",   " ",   " ",   " "   } },
    { 'd', 3, { "  #", "  #", "###", "# #", "###" } },
    { 'h', 3, { "#  ", "#  ", "###", "# #", "# #" } },
    { 'm', 5, { "     ", "     ", "#####", "# # #", "# # #" } },
    { 'E', 3, { "###", "#  ", "## ", "#  ", "###" } },
    { 'N', 4, { "#  #", "## #", "# ##", "#  #", "#  #" } },
    { 'O', 3, { "###", "# #", "# #", "# #", "###" } },
    { 'S', 3, { "###", "#  ", "###", "  #", "###" } },
    { 'Y', 3, { "# #", "# #", "###", " # ", " # " } },
    { 's', 3, { "   ", " ##", "#  ", "  #", "## " } },
    /* clang-format on */
    { 0 }
};

static const struct shape *shape_of(char character)
{
    const struct shape *s = font;

    while (s->character && s->character != character)
        s++;
    return s->character ? s : NULL;
}

static void draw_pixel(struct grid *g, int x, int y, int scale, enum style ink)
{
    for (int j = 0; j < scale; j++)
        for (int i = 0; i < PIXEL_CELLS * scale; i++)
            grid_put(g, x + i, y + j, ink, FULL_BLOCK);
}

int chart_digits_width(int scale, const char *text)
{
    int step = PIXEL_CELLS * scale, used = 0;

    for (; *text; text++)
        if (shape_of(*text))
            used += (used ? step : 0) + shape_of(*text)->width * step;
    return used;
}

int chart_digits(struct grid *g, int x, int y, int scale, enum style ink,
                 const char *text)
{
    int step = PIXEL_CELLS * scale, used = 0;

    for (; *text; text++) {
        const struct shape *s = shape_of(*text);

        if (!s)
            continue;
        used += used ? step : 0; /* a pixel's gap between two shapes */
        for (int row = 0; row < FONT_ROWS; row++)
            for (int i = 0; i < s->width; i++)
                if (s->rows[row][i] == '#')
                    draw_pixel(g, x + used + i * step, y + row * scale, scale, ink);
        used += s->width * step;
    }
    return used;
}
