/* Where the cells of a map are on a screen, and painting them. */
#include "show/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { FRAME = 2, INSET = 4, GAP = 1, NARROWEST = 16 /* box */ };

struct map *map_new(void)
{
    return xcalloc(1, sizeof(struct map));
}

void map_free(struct map *map)
{
    if (!map)
        return;
    free(map->items);
    free(map->lines);
    free(map->groups);
    free(map);
}

/* ---- laying out ---- */

/* A way to lay all out, to be tried. */
struct plan {
    int cell_w, cell_h, across; /* `across`: boxes side by side */
    size_t share;
    bool flows;
};

static int box_width(const struct map *map, int across)
{
    return (map->area.w - (across - 1) * GAP) / across;
}

static uint32_t shared(uint32_t items, const struct plan *plan)
{
    return (uint32_t)((items + plan->share - 1) / plan->share);
}

/* How wide the longest line is, in cells of the map. */
static int longest_line(const struct map *map, const struct map_group *g,
                        const struct plan *plan)
{
    uint32_t longest = 1;

    for (uint32_t i = g->first_line; i < g->first_line + g->lines; i++)
        if (shared(map->lines[i].columns, plan) > longest)
            longest = shared(map->lines[i].columns, plan);
    return (int)longest;
}

/* Lines under each other, in as many stacks side by side as there is room for. Half lines
 * of the highest. */
static uint32_t stack_lines(struct map *map, struct map_group *g, int room,
                            const struct plan *plan)
{
    int longest = longest_line(map, g, plan),
        wide = g->labels + longest * plan->cell_w + 1;
    int stacks = (room + 1) / wide > 1 ? (room + 1) / wide : 1;
    uint32_t each = (g->lines + (uint32_t)stacks - 1) / (uint32_t)stacks, halves = 0,
             highest = 0;

    g->across = stacks > 1 || longest < (room - g->labels) / plan->cell_w
                    ? longest
                    : (room - g->labels) / plan->cell_w;
    for (uint32_t i = 0; i < g->lines && g->across > 0; i++) {
        struct map_line *line = &map->lines[g->first_line + i];
        uint32_t folds = (shared(line->columns, plan) + (uint32_t)g->across - 1) /
                         (uint32_t)g->across;

        halves = i % each ? halves : 0;
        line->first = halves;
        line->left = i / each * (uint32_t)wide;
        halves += folds * (uint32_t)plan->cell_h;
        if (halves > highest)
            highest = halves;
    }
    return highest;
}

/* Lines of text inside a group's box; -1: it cannot be that narrow. Writes where its
 * lines begin. */
static int group_height(struct map *map, struct map_group *g, int box_w,
                        const struct plan *plan)
{
    int room = box_w - INSET;
    uint32_t halves;

    if (plan->flows) {
        g->across = room / plan->cell_w;
        halves = g->across > 0 ? (shared(g->items, plan) + (uint32_t)g->across - 1) /
                                     (uint32_t)g->across
                               : 0;
        halves *= (uint32_t)plan->cell_h;
    } else {
        halves = stack_lines(map, g, room, plan);
    }
    return g->across > 0 ? (int)((halves + 1) / 2) : -1;
}

/* Writes how high every box has to be; false: one cannot be that narrow. */
static bool measure(struct map *map, const struct plan *plan)
{
    int box_w = box_width(map, plan->across);

    for (size_t i = 0; i < map->group_count; i++) {
        int h = group_height(map, &map->groups[i], box_w, plan);

        if (h < 0)
            return false;
        map->groups[i].height = h + FRAME;
    }
    return true;
}

static void put_box(struct map *map, struct map_group *g, const struct plan *plan,
                    size_t column, int y, int h)
{
    int box_w = box_width(map, plan->across);

    g->area = (struct rect){ map->area.x + (int)column * (box_w + GAP), y, box_w, h };
    g->in = (struct rect){ g->area.x + INSET / 2, y + 1, box_w - INSET, h - FRAME };
}

/* In rows, each as high as the fullest box in it, `apart` lines between them; false: they
 * are too high. */
static bool set_rows(struct map *map, const struct plan *plan, int apart)
{
    size_t across = (size_t)plan->across;
    int y = map->area.y, end = map->area.y + map->area.h;

    for (size_t first = 0; first < map->group_count; first += across) {
        int highest = 0;

        for (size_t i = first; i < first + across && i < map->group_count; i++)
            highest = map->groups[i].height > highest ? map->groups[i].height : highest;
        for (size_t i = first; i < first + across && i < map->group_count; i++)
            put_box(map, &map->groups[i], plan, i - first, y, highest);
        y += highest;
        if (y > end)
            return false;
        y += apart;
    }
    return true;
}

/* Down the columns, each box as high as it has to be; false: a column would be higher
 * than `limit`. */
static bool fill_columns(struct map *map, const struct plan *plan, int apart, int limit)
{
    size_t column = 0;
    int y = 0;

    for (size_t i = 0; i < map->group_count; i++) {
        int h = map->groups[i].height;

        if (y > 0 && y + h > limit) {
            column++;
            y = 0;
        }
        if (h > limit || column >= (size_t)plan->across)
            return false;
        put_box(map, &map->groups[i], plan, column, map->area.y + y, h);
        y += h + apart;
    }
    return true;
}

/* Columns as low as they can be. */
static bool set_columns(struct map *map, const struct plan *plan, int apart)
{
    for (int limit = FRAME; limit <= map->area.h; limit++)
        if (fill_columns(map, plan, apart, limit))
            return true;
    return false;
}

/* Puts every group in its place; false: it does not fit. Boxes beside each other are
 * aligned where that leaves room for all. */
static bool follow(struct map *map, const struct plan *plan)
{
    if (!measure(map, plan) || !(set_rows(map, plan, 1) || set_rows(map, plan, 0) ||
                                 set_columns(map, plan, 1) || set_columns(map, plan, 0)))
        return false;
    map->cell_w = plan->cell_w;
    map->cell_h = plan->cell_h;
    map->share = plan->share;
    map->flows = plan->flows;
    return true;
}

/* Is every line in one piece? A folded one is harder to read than a smaller one. */
static bool folds(const struct map *map)
{
    for (size_t i = 0; i < map->line_count; i++)
        if (map->lines[i].columns > (uint32_t)map->groups[map->lines[i].group].across)
            return true;
    return false;
}

static bool try_across(struct map *map, struct plan plan, bool may_fold)
{
    int most = map->area.w / NARROWEST;

    for (plan.across = 1; plan.across <= most && plan.across <= (int)map->group_count;
         plan.across++)
        if (follow(map, &plan) && (may_fold || !folds(map)))
            return true;
    return false;
}

/* Large cells first; half lines need colour above and below. */
static bool try_sizes(struct map *map, bool flows, bool may_fold)
{
    static const struct {
        int w, h;
    } sizes[] = { { 22, 20 }, { 18, 18 }, { 16, 16 }, { 14, 16 }, { 12, 16 }, { 10, 16 },
                  { 14, 12 }, { 12, 12 }, { 10, 14 }, { 10, 12 }, { 14, 8 },  { 10, 10 },
                  { 8, 12 },  { 12, 6 },  { 8, 10 },  { 10, 6 },  { 8, 8 },   { 6, 10 },
                  { 6, 8 },   { 8, 6 },   { 6, 6 },   { 8, 4 },   { 7, 4 },   { 6, 4 },
                  { 4, 6 },   { 5, 4 },   { 4, 4 },   { 6, 2 },   { 3, 4 },   { 5, 2 },
                  { 4, 2 },   { 3, 2 },   { 2, 2 },   { 2, 1 },   { 1, 2 },   { 1, 1 } };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct plan plan = {
            .cell_w = sizes[i].w, .cell_h = sizes[i].h, .share = 1, .flows = flows
        };

        if (map->plain && plan.cell_h % 2)
            continue;
        if (try_across(map, plan, may_fold))
            return true;
    }
    return false;
}

/* Several items share a cell, as few as may be. */
static bool try_shares(struct map *map)
{
    struct plan plan = { .cell_w = 1, .cell_h = map->plain ? 2 : 1 };

    for (plan.share = 2; plan.share < map->count; plan.share++)
        for (int flows = 0; flows < 2; flows++) {
            plan.flows = flows;
            if (try_across(map, plan, flows))
                return true;
        }
    return false;
}

/* For boxes of one line each. Of ten thousand racks that are no halls, it takes minutes
 * to try all else. */
static bool may_fit(const struct map *map)
{
    size_t across = (size_t)(map->area.w / NARROWEST),
           down = (size_t)(map->area.h / (FRAME + 1));

    return map->group_count <= across * down;
}

void map_lay_out(struct map *map, struct rect area, bool plain)
{
    map->area = area;
    map->plain = plain;
    if (map->count == 0 ||
        (may_fit(map) && (try_sizes(map, false, false) || try_sizes(map, false, true) ||
                          try_sizes(map, true, true) || try_shares(map))))
        return;
    map->cell_w = map->cell_h = 0; /* not even a box fits */
    map->share = 1;
    for (size_t i = 0; i < map->group_count; i++)
        map->groups[i].area = map->groups[i].in = (struct rect){ 0 };
}

/* ---- places ---- */

/* The item's number in its group. */
static size_t number_of(const struct map *map, size_t item)
{
    size_t first = item, group = map->lines[map->items[item].line].group;

    for (size_t i = 0, from = 0; i < map->group_count; from += map->groups[i].items, i++)
        if (i == group)
            first = from;
    return item - first;
}

struct rect map_cell(const struct map *map, size_t item)
{
    const struct map_item *it = &map->items[item];
    const struct map_line *line = &map->lines[it->line];
    const struct map_group *g = &map->groups[line->group];
    size_t across = g->across > 0 ? (size_t)g->across : 1;
    size_t at = (map->flows ? number_of(map, item) : it->column) / map->share;
    int left = map->flows ? 0 : (int)line->left + g->labels;

    return (struct rect){ g->in.x + left + (int)(at % across) * map->cell_w,
                          2 * g->in.y + (map->flows ? 0 : (int)line->first) +
                              (int)(at / across) * map->cell_h,
                          map->cell_w, map->cell_h };
}

size_t map_find(const struct map *map, uint32_t id)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->items[i].id == id)
            return i;
    return SIZE_MAX;
}

static bool covers(struct rect r, int x, int half)
{
    return x >= r.x && x < r.x + r.w && half >= r.y && half < r.y + r.h;
}

/* What is seen of an item on a screen. */
struct dot {
    uint8_t is_there, state, step, dimmed, selected;
};

static struct dot dot_of(const struct map_item *item, bool selected)
{
    return (struct dot){ 1, item->state, item->step, !item->inked, selected };
}

static bool is_worse(const struct dot *a, const struct dot *b)
{
    if (a->selected != b->selected)
        return a->selected;
    if (a->dimmed != b->dimmed)
        return b->dimmed;
    return a->state != b->state ? a->state == MAP_STEP : a->step > b->step;
}

size_t map_at(const struct map *map, int x, int y)
{
    for (int half = 2 * y; half <= 2 * y + 1; half++) {
        size_t found = SIZE_MAX;
        struct dot seen = { 0 };

        for (size_t i = 0; i < map->count; i++) {
            struct dot dot = dot_of(&map->items[i], false);

            if (covers(map_cell(map, i), x, half) &&
                (found == SIZE_MAX || is_worse(&dot, &seen))) {
                found = i;
                seen = dot;
            }
        }
        if (found != SIZE_MAX)
            return found;
    }
    return SIZE_MAX;
}

size_t map_step(const struct map *map, size_t from, int dx, int dy)
{
    struct rect here = map_cell(map, from);
    size_t best = from;
    long least = 0;

    if (here.w < 1 || here.h < 1)
        return from; /* nothing fits, so nothing is beside it */
    for (size_t i = 0; i < map->count; i++) {
        struct rect there = map_cell(map, i);
        long right = (there.x - here.x) / here.w, down = (there.y - here.y) / here.h;
        long along = dx ? right * dx : down * dy, aside = labs(dx ? down : right);

        if (along > 0 && (best == from || along + 6 * aside < least)) {
            least = along + 6 * aside;
            best = i;
        }
    }
    return best;
}

/* ---- painting ---- */

enum style map_ink(uint8_t state, uint8_t step)
{
    switch (state) {
    case MAP_STEP:
        return (enum style)(STYLE_HEAT0 + step);
    case MAP_HUE:
        return (enum style)(STYLE_HUE0 + step);
    default:
        return STYLE_FAINT;
    }
}

uint32_t map_letter(uint8_t state, uint8_t step)
{
    switch (state) {
    case MAP_STEP:
        return (uint32_t) "_.:-=+*#%@"[step];
    case MAP_HUE:
        return (uint32_t)('A' + step);
    case MAP_FREE:
        return 0xb7; /* · */
    default:
        return '?';
    }
}

/* Half lines of the screen as they are to be painted: what is seen of the worst item
 * there. */
struct canvas {
    int w, h;                   /* h half lines */
    struct dot *dots;
};

static void put_dot(struct canvas *c, int x, int y, struct dot dot)
{
    struct dot *to;

    if (x < 0 || y < 0 || x >= c->w || y >= c->h)
        return;
    to = &c->dots[(size_t)y * (size_t)c->w + (size_t)x];
    if (!to->is_there || is_worse(&dot, to))
        *to = dot;
}

static void put_item(const struct map *map, struct canvas *c, size_t item, bool selected)
{
    struct rect at = map_cell(map, item);
    struct dot dot = dot_of(&map->items[item], selected);
    /* Large cells stand apart. */
    int w = at.w >= 3 ? at.w - 1 : at.w, h = at.h >= 4 && !map->plain ? at.h - 1 : at.h;

    for (int y = at.y - 2 * map->area.y; y < at.y + h - 2 * map->area.y; y++)
        for (int x = at.x - map->area.x; x < at.x + w - map->area.x; x++)
            put_dot(c, x, y, dot);
}

static enum style dot_ink(const struct dot *dot)
{
    if (!dot->is_there || (dot->state == MAP_UNKNOWN && !dot->selected))
        return STYLE_NONE;
    if (dot->selected)
        return STYLE_STRONG;
    return dot->dimmed || dot->state == MAP_FREE ? STYLE_TRACK
                                                 : map_ink(dot->state, dot->step);
}

static void put_letter(struct grid *g, int x, int y, const struct dot *dot)
{
    uint32_t letter = dot->selected ? 'X'
                      : dot->dimmed && dot->state != MAP_UNKNOWN
                          ? ' '
                          : map_letter(dot->state, dot->step);

    if (dot->is_there)
        grid_put(g, x, y, dot->selected ? STYLE_STRONG : map_ink(dot->state, dot->step),
                 letter);
}

/* Two half lines in one cell of the screen. The strong role has no paper, so it is always
 * the ink. */
static void put_halves(struct grid *g, int x, int y, enum style upper, enum style lower)
{
    bool swap = lower == STYLE_STRONG || upper == STYLE_NONE;

    if (upper == STYLE_NONE && lower == STYLE_NONE)
        return;
    /* █ ▄ ▀ */
    grid_put(g, x, y, swap ? lower : upper,
             upper == lower ? 0x2588
             : swap         ? 0x2584
                            : 0x2580);
    if (upper != lower && grid_at(g, x, y))
        grid_at(g, x, y)->paper = (uint8_t)(swap ? upper : lower);
}

static void paint_canvas(const struct map *map, struct grid *g, const struct canvas *c)
{
    for (int y = 0; y < c->h; y += 2)
        for (int x = 0; x < c->w; x++) {
            const struct dot *upper = &c->dots[(size_t)y * (size_t)c->w + (size_t)x],
                             *lower = upper + c->w;

            if (map->plain)
                put_letter(g, map->area.x + x, map->area.y + y / 2, upper);
            else
                put_halves(g, map->area.x + x, map->area.y + y / 2, dot_ink(upper),
                           dot_ink(lower));
        }
}

static void paint_cells(const struct map *map, struct grid *g, size_t selected)
{
    struct canvas c = { .w = map->area.w, .h = 2 * map->area.h };

    if (c.w <= 0 || c.h <= 0)
        return;
    c.dots = xcalloc((size_t)c.w * (size_t)c.h, sizeof(*c.dots));
    for (size_t i = 0; i < map->count; i++)
        put_item(map, &c, i, i == selected);
    paint_canvas(map, g, &c);
    free(c.dots);
}

/* "98.4 of 110 MW"; "" where nothing is known. */
static void say_load(char *to, size_t room, const struct model *m, struct row whole)
{
    static const uint16_t
        powers[] = { [GW_SITE] = M_SITE_POWER,
                     [GW_DOMAIN] = M_DOMAIN_POWER,
                     [GW_NODE] = M_NODE_POWER },
        caps[] = {
            [GW_SITE] = M_SITE_CAP, [GW_DOMAIN] = M_DOMAIN_CAP, [GW_NODE] = M_NODE_CAP
        };
    double power, cap, scale;
    char number[24], limit[24];
    const char *unit;

    to[0] = '\0';
    if (whole.kind > GW_NODE || whole.id == GW_NONE ||
        whole.id >= model_rows(m, whole.kind))
        return;
    power = model_number(m, powers[whole.kind], whole.id);
    cap = model_number(m, caps[whole.kind], whole.id);
    unit = unit_scale(UNIT_W, cap == cap ? cap : power, &scale);
    text_number(number, sizeof(number), power / scale);
    text_number(limit, sizeof(limit), cap / scale);
    if (power == power)
        snprintf(to, room, cap == cap ? "%s of %s %s" : "%s %.0s%s", number, limit, unit);
}

/* Two lines of the map may share one of the screen, and then the first has its label; the
 * chosen one is always named. */
static void paint_labels(const struct map *map, const struct map_group *group,
                         struct grid *g, size_t selected)
{
    uint32_t chosen = selected < map->count ? map->items[selected].line : UINT32_MAX;

    for (uint32_t i = group->first_line;
         i < group->first_line + group->lines && !map->flows; i++) {
        const struct map_line *line = &map->lines[i];
        bool is_chosen = i == chosen,
             next_is = i + 1 == chosen && map->lines[chosen].first == line->first + 1;

        if (group->labels > 0 && (is_chosen || (line->first % 2 == 0 && !next_is)))
            grid_text(g, group->in.x + (int)line->left,
                      group->in.y + (int)line->first / 2, group->labels - 1,
                      is_chosen ? STYLE_ACCENT : STYLE_FAINT, line->label);
    }
}

static void paint_words(const struct map *map, struct grid *g, struct rect cell, int y,
                        const struct map_item *it, bool selected, const char *words)
{
    bool is_empty = it->state == MAP_UNKNOWN || it->state == MAP_FREE;
    enum style paper = map->plain                 ? STYLE_NONE
                       : selected                 ? STYLE_SELECTED
                       : it->state == MAP_UNKNOWN ? STYLE_NONE
                       : it->state == MAP_FREE    ? STYLE_TRACK
                                                  : map_ink(it->state, it->step);
    int width = text_width(words), x = cell.x + (cell.w - 1 - width) / 2;

    if (width == 0 || width > cell.w - 1)
        return;
    grid_paper(g, (struct rect){ x, y, width, 1 }, paper);
    grid_text(g, x, y, width,
              map->plain || selected ? STYLE_STRONG
              : is_empty             ? STYLE_FAINT
                                     : STYLE_ON,
              words);
}

/* "k03" of "h1-r01-k03": the line says the rest. */
static const char *last_part(const char *name)
{
    size_t at = name ? strlen(name) : 0;

    while (at > 0 && !strchr("-_./:", name[at - 1]))
        at--;
    return name ? name + at : "";
}

/* In cells that are large enough, the number itself, and above it whose it is. */
static void paint_values(const struct map *map, const struct model *m, struct grid *g,
                         size_t selected)
{
    for (size_t i = 0; i < map->count && map->cell_w >= 4 && map->share == 1; i++) {
        const struct map_item *it = &map->items[i];
        struct rect at = map_cell(map, i);
        bool is_named = map->cell_h >= 8 && !map->plain;
        int y = at.y / 2 + (at.h / 2 - 1 - is_named) / 2;
        char text[16];

        map_value(map, it, text, sizeof(text));
        if (!it->inked || at.y % 2 ||
            (map->plain && (it->state == MAP_UNKNOWN || it->state == MAP_FREE)))
            continue;
        if (is_named)
            paint_words(map, g, at, y++, it, i == selected,
                        last_part(model_name(m, map->kind, it->id)));
        paint_words(map, g, at, y, it, i == selected, text);
    }
}

void map_paint(const struct map *map, const struct model *m, struct grid *g,
               size_t selected)
{
    for (size_t i = 0; i < map->group_count; i++) {
        const struct map_group *group = &map->groups[i];
        const char *name = model_name(m, group->whole.kind, group->whole.id);
        char load[64];

        if (group->area.w < INSET)
            continue;
        say_load(load, sizeof(load), m, group->whole);
        grid_box(g, group->area, name ? name : model_site(m), load);
        paint_labels(map, group, g, selected);
    }
    if (map->group_count > 0 && map->groups[0].area.w > 0)
        paint_cells(map, g, selected);
    paint_values(map, m, g, selected);
}
