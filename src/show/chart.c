/* The chart of a domain's power: what was, now, and what may come.
 *
 * Rows of cells are cut finer: a braille cell has four dots upwards and two across, a
 * half block two halves. Layers are drawn from the back: rule, fan, cap, past, then
 * words. */
#include "show/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/text.h"

enum {
    LABEL_ROOM = 48,
    LEAST_PLOT = 8,
    TIME_LABEL_CELLS = 14,
    DASH = 0x254c,              /* ╌ */
    NOW = 0x250a                /* ┊ */
};

/* Where the plot lies and what its edges mean. */
struct plot {
    struct grid *g;
    const struct chart *c;
    struct rect area; /* of the plot alone, without its labels */
    struct rect whole;
    double low, high;   /* values of the lower and upper edge */
    double start, end;  /* times of the left and right edge */
    int now;            /* the column of now */
    bool cap_fits;      /* the cap lies within the scale */
    double scale, step; /* of the labels' unit; between ticks, in base units */
    const char *unit;
};

static double time_of_column(const struct plot *p, double column)
{
    return p->start + column / p->area.w * (p->end - p->start);
}

static int column_of_time(const struct plot *p, double at)
{
    return (int)floor((at - p->start) / (p->end - p->start) * p->area.w);
}

/* How many rows below the upper edge, in parts of a row; may lie outside. */
static double depth_of(const struct plot *p, double value)
{
    return (p->high - value) / (p->high - p->low) * p->area.h;
}

/* Within the plot, if the cap fits. */
static int cap_row(const struct plot *p)
{
    int row = (int)depth_of(p, p->c->cap);

    return row < 0 ? 0 : row >= p->area.h ? p->area.h - 1 : row;
}

/* The cap has its row for itself: what is not above it stands below that row, and what is
 * above it above, where there are such rows, however little is between them. */
static double beside_cap(const struct plot *p, double value)
{
    double row = (p->high - p->low) / p->area.h, hair = 1e-6 * row;
    int at = cap_row(p);

    if (!(p->c->cap > 0) || !p->cap_fits || (int)depth_of(p, value) != at)
        return value;
    if (value > p->c->cap)
        return at > 0 ? p->high - at * row + hair : value;
    return at + 1 < p->area.h ? p->high - (at + 1) * row - hair : value;
}

/* ---- scale ---- */

struct range {
    double low, high;
};

static void include(struct range *r, double value)
{
    if (!isfinite(value))
        return;
    r->low = fmin(r->low, value);
    r->high = fmax(r->high, value);
}

static struct range range_of(const struct chart *c)
{
    struct range r = { INFINITY, -INFINITY };

    for (size_t i = 0; i < c->past_count; i++)
        if (c->past_end - (double)(c->past_count - 1 - i) * c->step_s >=
            c->past_end - c->past_s)
            include(&r, (double)c->past[i]);
    for (size_t i = 0; i < c->fan_count && c->fan[i].ahead_s <= c->ahead_s; i++) {
        include(&r, c->fan[i].q05);
        include(&r, c->fan[i].q50);
        include(&r, c->fan[i].q95);
    }
    return r;
}

/* The cap belongs into the picture while it does not press everything else into a
 * line. */
static bool cap_is_near(const struct chart *c, const struct range *r)
{
    double reach = fmax(4 * (r->high - r->low), .1 * fabs(r->high));

    return c->cap > 0 && c->cap < r->high + reach && c->cap > r->low - reach;
}

/* Ticks are round numbers and stand as many rows apart everywhere: a row is worth a part
 * of a round step, the least that shows the whole range. */
static double value_of_row(double least, int rows, double *step)
{
    static const double steps[] = { 1, 2, 2.5, 5, 10, 20, 25, 50 };
    enum { FEWEST_APART = 2, MOST_APART = 5 };
    double power = pow(10, floor(log10(least))), best = INFINITY;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        for (int apart = FEWEST_APART;
             apart <= MOST_APART && (apart == FEWEST_APART || 2 * apart < rows + 2);
             apart++)
            if (steps[i] * power / apart >= least * (1 - 1e-9) &&
                steps[i] * power / apart < best) {
                best = steps[i] * power / apart;
                *step = steps[i] * power;
            }
    return best;
}

static bool set_scale(struct plot *p, int rows)
{
    struct range r = range_of(p->c);
    /* nothing measured here is below zero, so neither is the axis */
    bool is_above = r.low >= 0;
    double margin, row = 0, above = 0;

    if (r.low > r.high && p->c->cap > 0)
        include(&r, p->c->cap);
    if (r.low > r.high)
        return false;
    p->cap_fits = cap_is_near(p->c, &r);
    if (p->cap_fits) {
        double over = r.high - p->c->cap;

        include(&r, p->c->cap);
        if (over > 0) /* and a row above it */
            include(&r, p->c->cap + 1.5 * (r.high - r.low) / rows);
    }
    margin = r.high > r.low ? .02 * (r.high - r.low) : fmax(.05 * fabs(r.high), 1e-9);
    r.low -= is_above && r.low < margin ? r.low : margin;
    r.high += margin;
    p->unit = unit_scale(p->c->unit, fmax(fabs(r.high), fabs(r.low)), &p->scale);
    /* A tick stands in the middle of its row, which may take a row more than the range
     * fills. */
    for (int fill = rows; fill == rows || (fill > 0 && p->low > r.low); fill--) {
        row = value_of_row((r.high - r.low) / p->scale / fill, rows, &p->step) * p->scale;
        above = ceil((r.high - .5 * row) / row - 1e-9);
        p->low = (above + .5 - rows) * row;
    }
    p->step *= p->scale;
    /* what is not filled is below and above */
    above += floor((r.low - p->low) / row / 2);
    if (is_above && above < rows - 1)
        above = rows - 1;
    p->high = (above + .5) * row;
    p->low = p->high - rows * row;
    return true;
}

static void print_tick(const struct plot *p, double value, char to[LABEL_ROOM])
{
    double step = p->step / p->scale;
    int decimals = 0;

    while (decimals < 6 && fabs(step - round(step)) > 1e-6 * step) {
        step *= 10;
        decimals++;
    }
    /* never "-0" */
    snprintf(to, LABEL_ROOM, "%.*f", decimals,
             fabs(value) < 1e-6 * p->step ? 0 : value / p->scale);
}

/* ---- the frame: labels, rule and cap ---- */

static int label_cells(const struct plot *p)
{
    char label[LABEL_ROOM];
    int widest = text_width(p->unit);

    for (double v = ceil(p->low / p->step) * p->step; v <= p->high; v += p->step) {
        print_tick(p, v, label);
        widest = (int)strlen(label) > widest ? (int)strlen(label) : widest;
    }
    return widest;
}

/* Of the row of the cap there is one number: the cap's. */
static bool is_of_row(const struct plot *p, double value, int row)
{
    return !(p->c->cap > 0) || !p->cap_fits || row != cap_row(p) ||
           fabs(value - p->c->cap) < 1e-6 * p->step;
}

static void draw_ticks(const struct plot *p)
{
    int cells = p->area.x - p->whole.x - 1;
    char label[LABEL_ROOM];

    for (double v = ceil(p->low / p->step - 1e-9) * p->step; v <= p->high; v += p->step) {
        int row = (int)depth_of(p, v);

        if (row < 0 || row >= p->area.h || !is_of_row(p, v, row))
            continue;
        print_tick(p, v, label);
        grid_right(p->g, p->whole.x, p->area.y + row, cells, STYLE_FAINT, label);
    }
}

static bool has_future(const struct plot *p)
{
    return p->now < p->area.w;
}

static void draw_now(const struct plot *p)
{
    for (int y = 0; has_future(p) && y < p->area.h; y++)
        grid_put(p->g, p->area.x + p->now, p->area.y + y, STYLE_FAINT, NOW);
}

static void draw_cap(const struct plot *p)
{
    double value = p->c->cap / p->scale;
    int row = cap_row(p);
    char number[LABEL_ROOM];

    if (!(p->c->cap > 0))
        return;
    text_number(number, sizeof(number), value);
    if (!p->cap_fits) {
        bool above = p->c->cap > p->high;

        grid_printf(p->g, p->area.x + 1, p->area.y + (above ? 0 : p->area.h - 1),
                    p->area.w - 1, STYLE_CRITICAL, "cap %s %s", number,
                    above ? "↑" : "↓");
        return;
    }
    for (int x = 0; x < p->area.w; x++)
        grid_put(p->g, p->area.x + x, p->area.y + row, STYLE_CRITICAL, DASH);
}

static bool is_dashed(const struct plot *p, int x, int row, int cells)
{
    for (int i = 0; i < cells; i++) {
        const struct glyph *cell = grid_at(p->g, p->area.x + x + i, p->area.y + row);

        if (!cell || (cell->point != DASH && cell->point != '-'))
            return false;
    }
    return true;
}

/* The cap's number stands in its line, where nothing crosses it if there is such a
 * place. */
static void label_cap(const struct plot *p)
{
    int row = cap_row(p), width, x = 1;
    char number[LABEL_ROOM], label[LABEL_ROOM + 8];

    if (!(p->c->cap > 0) || !p->cap_fits || p->area.w <= 20)
        return;
    text_number(number, sizeof(number), p->c->cap / p->scale);
    snprintf(label, sizeof(label), " cap %s ", number);
    width = text_width(label);
    while (x + width < p->area.w && !is_dashed(p, x - 1, row, width + 2))
        x++;
    grid_text(p->g, p->area.x + (x + width < p->area.w ? x : 1), p->area.y + row, width,
              STYLE_CRITICAL, label);
}

/* When the cap may be passed: a piece of the axis itself. */
static void draw_window(const struct plot *p)
{
    int from = column_of_time(p, p->c->window_from),
        to = column_of_time(p, p->c->window_to);

    if (!(p->c->window_to > 0) || to < from)
        return;
    for (int x = from < 0 ? 0 : from; x <= to && x < p->area.w; x++)
        /* ▁ */
        grid_put(p->g, p->area.x + x, p->area.y + p->area.h - 1, STYLE_CRITICAL, 0x2581);
}

/* ---- time ---- */

/* Places a label round `column`, where it lies within and touches no other; returns
 * whether it did. */
static bool put_label(const struct plot *p, int column, enum style ink, const char *text)
{
    int y = p->area.y + p->area.h, width = text_width(text);
    int x = p->area.x + column - width / 2, right = p->area.x + p->area.w;

    if (x + width > right)
        x = right - width;
    if (x < p->area.x)
        x = p->area.x;
    for (int i = -1; i <= width; i++) {
        const struct glyph *cell = grid_at(p->g, x + i, y);

        if (cell && cell->point != ' ' && x + i >= p->area.x)
            return false;
    }
    return grid_text(p->g, x, y, width, ink, text) > 0;
}

static double round_time_step(double least)
{
    static const double steps[] = { 1,     5,     10,    30,    60,     120,
                                    300,   600,   900,   1800,  3600,   7200,
                                    10800, 21600, 43200, 86400, 172800, 604800 };
    size_t i = 0;

    while (i < sizeof(steps) / sizeof(*steps) - 1 && steps[i] < least)
        i++;
    return steps[i];
}

static void print_moment(double at, double step, char to[LABEL_ROOM])
{
    time_t seconds = (time_t)floor(at + .5);
    struct tm parts;

    if (!gmtime_r(&seconds, &parts)) {
        to[0] = '\0';
        return;
    }
    if (step >= 86400)
        strftime(to, LABEL_ROOM, "%d %b", &parts);
    else if (step >= 60)
        strftime(to, LABEL_ROOM, "%H:%M", &parts);
    else
        strftime(to, LABEL_ROOM, "%H:%M:%S", &parts);
}

static void draw_times(const struct plot *p)
{
    double a_label = TIME_LABEL_CELLS * (p->end - p->start) / p->area.w;
    double step = round_time_step(a_label);
    char label[LABEL_ROOM];

    grid_right(p->g, p->whole.x, p->area.y + p->area.h, p->area.x - p->whole.x - 1,
               STYLE_FAINT, p->unit);
    if (has_future(p)) {
        text_clock(label, sizeof(label), p->c->past_end);
        put_label(p, p->now, STYLE_TEXT, p->c->is_then ? label : "now");
    }
    for (double at = ceil(p->start / step) * step; at <= p->end; at += step) {
        print_moment(at, step, label);
        put_label(p, column_of_time(p, at), STYLE_FAINT, label);
    }
}

/* ---- the past: braille ---- */

struct dots {
    uint8_t *cells; /* braille bits of each cell of the plot */
    int w, h;       /* in dots */
    int stride;     /* cells in a row */
};

static void set_dot(struct dots *d, int x, int y)
{
    static const uint8_t bits[4][2] = {
        { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 }
    };

    if (x >= 0 && x < d->w && y >= 0 && y < d->h)
        d->cells[(y / 4) * d->stride + x / 2] |= bits[y % 4][x % 2];
}

/* The mean of the values that fall in [from, to), or, between two values, what lies on
 * the line from one to the next; NAN across a gap. */
static double past_between(const struct chart *c, double from, double to)
{
    double last = (double)(c->past_count - 1), sum = 0;
    double a = last + (from - c->past_end) / c->step_s,
           b = last + (to - c->past_end) / c->step_s;
    double middle = (a + b) / 2;
    int known = 0;

    for (double i = fmax(ceil(a), 0); i < b && i <= last; i++)
        if (!isnan(c->past[(size_t)i])) {
            sum += (double)c->past[(size_t)i];
            known++;
        }
    if (known)
        return sum / known;
    /* Values were there and unknown: a gap. None was there: the line between its
     * neighbours. */
    if (ceil(a) < b || middle < 0 || middle > last)
        return NAN;
    a = (double)c->past[(size_t)floor(middle)];
    b = (double)c->past[(size_t)ceil(middle)];
    return a + (b - a) * (middle - floor(middle));
}

static void trace_past(const struct plot *p, struct dots *d)
{
    int before = -1;

    for (int x = 0; x < d->w; x++) {
        double value = past_between(p->c, time_of_column(p, x / 2.0),
                                    time_of_column(p, (x + 1) / 2.0));
        int y;

        if (isnan(value)) {
            before = -1;
            continue;
        }
        y = (int)(depth_of(p, beside_cap(p, value)) * 4);
        y = y < 0 ? 0 : y >= d->h ? d->h - 1 : y;
        set_dot(d, x, y);
        /* A jump is a line, not two points: it joins this dot to the one before. */
        for (int i = before; before >= 0 && abs(i - y) > 1;)
            set_dot(d, x, i += i < y ? 1 : -1);
        before = y;
    }
}

static void draw_past(const struct plot *p)
{
    int columns = has_future(p) ? p->now : p->area.w;
    struct dots d = { NULL, columns * 2, p->area.h * 4, columns };

    if (columns < 1 || !p->c->past || !p->c->past_count || !(p->c->step_s > 0))
        return;
    d.cells = xcalloc((size_t)columns * (size_t)p->area.h, 1);
    trace_past(p, &d);
    for (int y = 0; y < p->area.h; y++)
        for (int x = 0; x < columns; x++)
            if (d.cells[y * columns + x])
                grid_put(p->g, p->area.x + x, p->area.y + y, STYLE_TEXT,
                         0x2800u + d.cells[y * columns + x]);
    free(d.cells);
}

/* ---- the future: half blocks ---- */

static double between(double a, double b, double share)
{
    return a + (b - a) * share;
}

/* The quantiles at a time ahead, beside the cap, on lines from now through the fan's own
 * horizons; false: beyond the last. */
static bool fan_at(const struct plot *p, double ahead, struct fan *f)
{
    const struct chart *c = p->c;
    double now = c->past_count ? (double)c->past[c->past_count - 1] : NAN;
    struct fan here = { 0, now, now, now, now, now, now, now };
    size_t i = 0;
    double share;

    while (i < c->fan_count && c->fan[i].ahead_s < ahead)
        i++;
    if (i == c->fan_count)
        return false;
    if (i > 0)
        here = c->fan[i - 1];
    else if (isnan(now))
        here = c->fan[0];
    share = c->fan[i].ahead_s > here.ahead_s
                ? (ahead - here.ahead_s) / (c->fan[i].ahead_s - here.ahead_s)
                : 1;
    f->q05 = beside_cap(p, between(here.q05, c->fan[i].q05, share));
    f->q10 = beside_cap(p, between(here.q10, c->fan[i].q10, share));
    f->q25 = beside_cap(p, between(here.q25, c->fan[i].q25, share));
    f->q50 = beside_cap(p, between(here.q50, c->fan[i].q50, share));
    f->q75 = beside_cap(p, between(here.q75, c->fan[i].q75, share));
    f->q90 = beside_cap(p, between(here.q90, c->fan[i].q90, share));
    f->q95 = beside_cap(p, between(here.q95, c->fan[i].q95, share));
    return true;
}

/* The ink of half a row, counted from the top; the half that holds the median is always
 * drawn. */
static enum style ink_of_half(const struct plot *p, const struct fan *f, int half)
{
    double each = (p->high - p->low) / (2 * p->area.h);
    double top = p->high - half * each, middle = top - each / 2;

    if ((middle >= f->q25 && middle <= f->q75) || (f->q50 <= top && f->q50 > top - each))
        return STYLE_FAN_INNER;
    if (middle >= f->q10 && middle <= f->q90)
        return STYLE_FAN_MIDDLE;
    if (middle >= f->q05 && middle <= f->q95)
        return STYLE_FAN_OUTER;
    return STYLE_NONE;
}

static void draw_halves(const struct plot *p, int x, int y, enum style upper,
                        enum style lower)
{
    struct glyph *cell = grid_at(p->g, x, y);

    if (!cell || (upper == STYLE_NONE && lower == STYLE_NONE))
        return;
    if (upper == lower)
        grid_put(p->g, x, y, upper, 0x2588); /* █ */
    else if (upper == STYLE_NONE)
        grid_put(p->g, x, y, lower, 0x2584); /* ▄ */
    else
        grid_put(p->g, x, y, upper, 0x2580); /* ▀ */
    if (upper != lower && upper != STYLE_NONE && lower != STYLE_NONE)
        cell->paper = (uint8_t)lower;
}

static void draw_fan(const struct plot *p)
{
    for (int x = p->now + 1; x < p->area.w; x++) {
        double ahead = time_of_column(p, x + .5) - p->c->past_end;
        struct fan f;

        if (!fan_at(p, ahead, &f) || isnan(f.q50))
            continue;
        for (int y = 0; y < p->area.h; y++)
            draw_halves(p, p->area.x + x, p->area.y + y, ink_of_half(p, &f, 2 * y),
                        ink_of_half(p, &f, 2 * y + 1));
    }
}

static bool is_whole(const struct glyph *cell)
{
    return cell->point == 0x2588 || cell->paper != STYLE_NONE;
}

/* The cap over the fan: the band stays in sight around the dashes, as their paper. In
 * ASCII there are dashes alone. */
static void draw_cap_over_fan(const struct plot *p)
{
    if (!(p->c->cap > 0) || !p->cap_fits)
        return;
    for (int x = p->now + 1; x < p->area.w; x++) {
        int at = p->area.x + x, y = p->area.y + cap_row(p);
        struct glyph *cell = grid_at(p->g, at, y);

        if (cell)
            cell->paper = is_whole(cell) ? cell->ink : STYLE_NONE;
        grid_put(p->g, at, y, STYLE_CRITICAL, DASH);
    }
}

/* ---- notes ---- */

/* The rule of now may be crossed: it goes on below. */
static bool is_rule(const struct plot *p, int x, const struct glyph *cell)
{
    return x == p->area.x + p->now && (cell->point == NOW || cell->point == ':');
}

static bool is_free(const struct plot *p, int x, int y, int cells)
{
    for (int i = -1; i <= cells; i++) {
        const struct glyph *cell = grid_at(p->g, x + i, y);

        if (cell && cell->point != ' ' && !is_rule(p, x + i, cell) &&
            x + i >= p->area.x && x + i < p->area.x + p->area.w)
            return false;
    }
    return true;
}

/* On the axis, where nothing stands there: what has no room for its words has happened,
 * too. */
static void mark_moment(const struct plot *p, int column, enum style ink)
{
    int x = p->area.x + column, y = p->area.y + p->area.h - 1;
    const struct glyph *cell = grid_at(p->g, x, y);

    if (cell && (cell->point == ' ' || is_rule(p, x, cell)))
        grid_put(p->g, x, y, ink, 0x25b4); /* ▴ */
}

/* A note points at its moment from the right, or from the left where the right has no
 * room; it takes the highest row with nothing in its way, and is left out where there is
 * none. */
static void draw_note(const struct plot *p, const struct chart_note *note)
{
    int column = column_of_time(p, note->at), width = text_width(note->text) + 2;
    bool at_right = column + width <= p->area.w;
    int x = p->area.x + (at_right ? column : column - width + 1);

    if (column < 0 || column >= p->area.w)
        return;
    mark_moment(p, column, note->ink);
    if (x < p->area.x)
        return;
    for (int y = p->area.y; y < p->area.y + p->area.h; y++) {
        if (!is_free(p, x, y, width))
            continue;
        grid_printf(p->g, x, y, width, note->ink, "%s%s%s", at_right ? "◂ " : "",
                    note->text, at_right ? "" : " ▸");
        return;
    }
}

/* ---- all ---- */

static bool lay_out(struct plot *p, struct rect area)
{
    const struct chart *c = p->c;
    int rows = area.h > 2 ? area.h - 1 : area.h, labels;
    double ahead = c->ahead_s > 0 ? c->ahead_s : 0, past = c->past_s > 0 ? c->past_s : 0;

    if (rows < 1 || past + ahead <= 0 || !set_scale(p, rows))
        return false;
    labels = label_cells(p) + 1;
    p->whole = area;
    p->area = (struct rect){ area.x + labels, area.y, area.w - labels, rows };
    if (p->area.w < LEAST_PLOT)
        return false;
    p->start = c->past_end - past;
    p->end = c->past_end + ahead;
    p->now = ahead > 0 ? column_of_time(p, c->past_end) : p->area.w;
    return true;
}

void chart_draw(struct grid *g, struct rect area, const struct chart *c)
{
    struct plot p = { .g = g, .c = c };

    if (!lay_out(&p, area))
        return;
    draw_ticks(&p);
    draw_now(&p);
    draw_cap(&p);
    draw_fan(&p);
    draw_cap_over_fan(&p);
    draw_past(&p);
    label_cap(&p);
    draw_window(&p);
    for (size_t i = 0; i < c->note_count; i++)
        draw_note(&p, &c->notes[i]);
    if (p.area.h < area.h)
        draw_times(&p);
}
