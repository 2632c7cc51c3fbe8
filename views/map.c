/* The map: every rack at a place of its own, coloured by what one looks for. Enter zooms
 * into a hall, then into a rack's GPUs; a tenant, a job or a feed can be inked, and all
 * else recedes. */
#include "views/map_ramp.h"
#include "views/map_words.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const double survey_s = 5; /* so often, at least, what stands where is looked up */

/* What the map keeps between frames. */
struct kept {
    struct map *map;
    enum map_lens lens;
    struct row cursor, inked;   /* id GW_NONE: none */
    uint64_t cursor_key, inked_key;
    bool has_subject;           /* the row it was opened on was taken in, */
    struct map_words words;     /* and the words, but those of what is not known yet */
    bool has_words;
    struct row subject;         /* zoomed into; GW_NONE: the site */
    uint64_t version;           /* of the model, when it was looked at, */
    bool stale;                 /* or that the choice changed since */
    double surveyed;
    size_t rows;                /* of the model, when it was surveyed */
    struct rect lenses[MAP_LENSES];     /* where their names were drawn */
};

static void *keep(const void *before)
{
    const struct kept *from = before;
    struct kept *k = xcalloc(1, sizeof(*k));

    k->cursor.id = k->inked.id = k->subject.id = GW_NONE;
    if (from) {
        *k = *from;
        k->has_subject = k->has_words = false;
    }
    k->map = map_new();
    k->rows = SIZE_MAX;
    return k;
}

static void drop(void *kept)
{
    struct kept *k = kept;

    if (k)
        map_free(k->map);
    free(k);
}

/* ---- what it is opened on ---- */

/* Domains and nodes are zoomed into, a GPU's node is; tenants, jobs and classes are
 * inked. */
static void take_subject(const struct screen *s, struct kept *k)
{
    static const enum gw_kind kinds[] = { GW_DOMAIN, GW_NODE,  GW_TENANT,
                                          GW_JOB,    GW_CLASS, GW_GPU };
    const struct model *m = s->model;
    struct row row = { GW_SITE, GW_NONE };

    k->has_subject = true;
    for (size_t i = 0;
         i < sizeof(kinds) / sizeof(kinds[0]) && row.id == GW_NONE && s->subject[0]; i++)
        if (s->subject_kind == GW_SITE || s->subject_kind == kinds[i])
            row = (struct row){ kinds[i], model_find(m, kinds[i], s->subject) };
    if (row.id == GW_NONE)
        return;
    if (row.kind == GW_TENANT || row.kind == GW_JOB || row.kind == GW_CLASS) {
        k->inked = row;
        k->inked_key = model_key(m, row.kind, row.id);
    } else {
        k->subject = row.kind == GW_GPU ? model_parent(m, GW_GPU, row.id) : row;
        k->cursor = row;
        k->cursor_key = model_key(m, row.kind, row.id);
    }
}

/* At the start of a console nobody has told of what they name: it is looked for until it
 * is there. */
static void take_words(const struct screen *s, struct kept *k)
{
    struct map_words *w = &k->words;
    struct err err;
    uint32_t inked;

    if (!k->has_words && map_words_read(s->words, w, &err) && w->has_lens)
        k->lens = w->lens;
    k->has_words = true;
    inked = w->ink[0] ? model_find(s->model, w->ink_kind, w->ink) : GW_NONE;
    if (inked != GW_NONE) {
        k->inked = (struct row){ w->ink_kind, inked };
        k->inked_key = model_key(s->model, w->ink_kind, inked);
        k->stale = true;
        w->ink[0] = '\0';
    }
    for (enum gw_kind kind = GW_DOMAIN; w->in[0] && kind <= GW_NODE; kind++) {
        uint32_t in = model_find(s->model, kind, w->in);

        if (in == GW_NONE)
            continue;
        k->subject = (struct row){ kind, in };
        k->rows = SIZE_MAX;
        w->in[0] = '\0';
    }
}

/* Once what it was opened on, and then its words, as far as they were still looked
 * for. */
static void take(const struct screen *s, struct kept *k)
{
    if (!k->has_subject)
        take_subject(s, k);
    take_words(s, k);
}

static void say(const struct screen *s, char *to, size_t room)
{
    struct kept *k = s->kept;
    const struct model *m = s->model;
    struct map_words w;

    take(s, k);
    w = k->words;               /* what is still looked for */
    w.has_lens = k->lens != LENS_LOAD;
    w.lens = k->lens;

    if (k->subject.id != GW_NONE)
        snprintf(w.in, sizeof(w.in), "%s", model_name(m, k->subject.kind, k->subject.id));
    if (k->inked.id != GW_NONE && ink_words[k->inked.kind]) {
        w.ink_kind = k->inked.kind;
        snprintf(w.ink, sizeof(w.ink), "%s", model_name(m, k->inked.kind, k->inked.id));
    }
    map_words_say(&w, to, room);
}

static bool accepts(const char *words, struct err *err)
{
    struct map_words w;

    return map_words_read(words, &w, err);
}

static size_t rows_of(const struct model *m)
{
    return model_rows(m, GW_DOMAIN) + model_rows(m, GW_NODE) + model_rows(m, GW_GPU);
}

/* Racks; of a hall that was zoomed into, or whatever else is a single box, their GPUs
 * instead where there is room for each. */
static void lay_out(struct kept *k, const struct model *m, struct rect area, bool plain)
{
    enum { MOST_RACKS = 48 };

    map_survey(k->map, m, k->subject);
    if (k->subject.id != GW_NONE && k->map->kind == GW_DOMAIN &&
        k->map->group_count == 1 && k->map->count <= MOST_RACKS) {
        map_survey_gpus(k->map, m, k->subject);
        map_lay_out(k->map, area, plain);
        if (k->map->count > 0 && k->map->share == 1 && !k->map->flows &&
            k->map->cell_w >= 2)
            return;
        map_survey(k->map, m, k->subject);
    }
    map_lay_out(k->map, area, plain);
}

/* The map as it is now: surveyed, laid out and seen as far as something changed. */
static void refresh(const struct screen *s, struct kept *k, struct rect area)
{
    const struct model *m = s->model;
    bool anew;

    take(s, k);
    anew = k->rows != rows_of(m) ||
           (model_version(m) != k->version && model_now(m) - k->surveyed >= survey_s);
    if (k->inked.id != GW_NONE &&
        model_key(m, k->inked.kind, k->inked.id) != k->inked_key)
        k->inked.id = GW_NONE;  /* the job ended, and another is in its row */
    anew |= memcmp(&area, &k->map->area, sizeof(area)) != 0 ||
            k->map->plain != (s->ascii || s->mono);
    if (anew) {
        lay_out(k, m, area, s->ascii || s->mono);
        k->rows = rows_of(m);
        k->surveyed = model_now(m);
    }
    if (anew || k->stale || model_version(m) != k->version)
        map_see(k->map, m, k->lens, k->inked);
    k->version = model_version(m);
    k->stale = false;
}

/* ---- the cursor ---- */

/* The first that is in the box of that row. */
static size_t first_in_box(const struct map *map, struct row whole)
{
    for (size_t i = 0; i < map->count; i++)
        if (row_is(map->groups[map->lines[map->items[i].line].group].whole, whole))
            return i;
    return SIZE_MAX;
}

/* Climbs from the cursor's row until something is on the map: from a GPU to its rack,
 * when one comes back from it. Of a rack whose GPUs are on the map, the first. */
static size_t cursor_of(const struct model *m, const struct kept *k)
{
    struct row at = k->cursor;

    for (int i = 0; i < 4 && at.id != GW_NONE && at.kind != GW_SITE; i++) {
        if (at.kind == k->map->kind)
            return map_find(k->map, at.id);
        at = model_parent(m, at.kind, at.id);
    }
    return k->cursor.id == GW_NONE ? SIZE_MAX : first_in_box(k->map, k->cursor);
}

static size_t cursor_or_first(const struct model *m, const struct kept *k)
{
    size_t at = cursor_of(m, k);

    return at == SIZE_MAX && k->map->count > 0 ? 0 : at;
}

static void set_cursor(const struct model *m, struct kept *k, size_t item)
{
    k->cursor = (struct row){ k->map->kind, k->map->items[item].id };
    k->cursor_key = model_key(m, k->cursor.kind, k->cursor.id);
}

static void move(const struct screen *s, int dx, int dy)
{
    struct kept *k = s->kept;
    size_t at = cursor_of(s->model, k);

    if (k->map->count == 0)
        return;
    set_cursor(s->model, k, at == SIZE_MAX ? 0 : map_step(k->map, at, dx, dy));
}

/* A lens by its name, or the item under the mouse; where two share a cell, either of them
 * chosen is that one. */
static bool click(const struct screen *s, int x, int y)
{
    struct kept *k = s->kept;
    size_t chosen = cursor_of(s->model, k), at = map_at(k->map, x, y);
    struct rect cell = chosen == SIZE_MAX ? (struct rect){ 0 } : map_cell(k->map, chosen);

    for (int i = 0; i < MAP_LENSES; i++)
        if (y == k->lenses[i].y && x >= k->lenses[i].x &&
            x < k->lenses[i].x + k->lenses[i].w) {
            k->lens = (enum map_lens)i;
            k->stale = true;
            return false;
        }
    if (at == SIZE_MAX)
        return false;
    if (x >= cell.x && x < cell.x + cell.w && 2 * y + 1 >= cell.y &&
        2 * y < cell.y + cell.h)
        return true;
    set_cursor(s->model, k, at);
    return false;
}

static struct row row_at(const struct screen *s)
{
    struct kept *k = s->kept;
    size_t at = cursor_or_first(s->model, k);

    if (at != SIZE_MAX)
        set_cursor(s->model, k, at);
    return k->cursor;
}

/* ---- keys ---- */

static void turn_lens(const struct screen *s, int by)
{
    struct kept *k = s->kept;

    k->lens = (enum map_lens)((k->lens + MAP_LENSES + by) % MAP_LENSES);
    k->stale = true;
}

static void next_lens(const struct screen *s)
{
    turn_lens(s, 1);
}

static void previous_lens(const struct screen *s)
{
    turn_lens(s, -1);
}

static void zoom(const struct screen *s)
{
    struct kept *k = s->kept;
    const struct model *m = s->model;
    size_t at = cursor_or_first(m, k);
    struct row to, box;

    if (at == SIZE_MAX)
        return;
    set_cursor(m, k, at);
    to = k->cursor;
    box = k->map->groups[k->map->lines[k->map->items[at].line].group].whole;
    if (k->map->group_count > 1 && (k->map->kind == GW_DOMAIN || box.kind == GW_DOMAIN))
        to = box;
    if (to.kind == GW_GPU) {
        to = model_parent(m, GW_GPU, to.id);
        snprintf(s->wish->open, sizeof(s->wish->open),
                 to.id == GW_NONE ? "gpus" : "gpus where node = \"%s\"",
                 to.id == GW_NONE ? "" : model_name(m, to.kind, to.id));
    } else {
        snprintf(s->wish->open, sizeof(s->wish->open), "map");
    }
    s->wish->kind = to.kind;
    snprintf(s->wish->name, sizeof(s->wish->name), "%s",
             to.id == GW_NONE ? "" : model_name(m, to.kind, to.id));
}

/* The first GPU at the cursor that has such a text, and the row it names. */
static struct row holder_of(const struct model *m, struct row at, uint16_t metric,
                            enum gw_kind kind)
{
    for (uint32_t g = 0; g < model_rows(m, GW_GPU); g++) {
        struct row up = { GW_GPU, g };
        const char *text = model_text(m, metric, g);

        while (up.id != GW_NONE && up.kind != at.kind && up.kind != GW_SITE)
            up = model_parent(m, up.kind, up.id);
        if (text && text[0] && up.kind == at.kind && up.id == at.id)
            return (struct row){ kind, model_find(m, kind, text) };
    }
    return (struct row){ kind, GW_NONE };
}

/* Inks that row; the same once more, or nothing, takes the ink away. */
static void ink(const struct screen *s, struct row row, const char *none)
{
    struct kept *k = s->kept;
    bool off = row.id == GW_NONE || (k->inked.kind == row.kind && k->inked.id == row.id);

    if (row.id == GW_NONE)
        snprintf(s->wish->say, sizeof(s->wish->say), "%s", none);
    k->inked = off ? (struct row){ GW_SITE, GW_NONE } : row;
    k->inked_key = off ? 0 : model_key(s->model, row.kind, row.id);
    k->stale = true;
}

static void ink_tenant(const struct screen *s)
{
    ink(s, holder_of(s->model, row_at(s), M_GPU_TENANT, GW_TENANT),
        "no tenant is known to be there");
}

static void ink_job(const struct screen *s)
{
    ink(s, holder_of(s->model, row_at(s), M_GPU_JOB, GW_JOB),
        "no job is known to run there");
}

/* What feeds it directly, its other feed where it has one, then what feeds the first:
 * each press goes one on. */
static void ink_feed(const struct screen *s)
{
    struct kept *k = s->kept;
    struct row at = row_at(s), up, first = model_parent(s->model, at.kind, at.id),
               second = model_second_parent(s->model, at.kind, at.id);

    if (row_is(k->inked, first) && second.id != GW_NONE) {
        ink(s, second, "");
        return;
    }
    if (second.id != GW_NONE && row_is(k->inked, second))
        at = first;
    else if (k->inked.id != GW_NONE && k->inked.kind == GW_DOMAIN)
        at = k->inked;
    up = at.id == GW_NONE ? at : model_parent(s->model, at.kind, at.id);
    while (up.id != GW_NONE && up.kind == GW_NODE)
        up = model_parent(s->model, up.kind, up.id);
    if (up.kind != GW_DOMAIN)
        up.id = GW_NONE;
    ink(s, up, "nothing above it in the power graph: no ink");
}

static void no_ink(const struct screen *s)
{
    ink(s, (struct row){ GW_SITE, GW_NONE }, "");
}

static const struct view_key keys[] = {
    { '\t', "Tab", "lens", next_lens,
      "the next lens: power against cap, forecast, temperature, idle, tenant, age" },
    { 0x11000b, "S-Tab", NULL, previous_lens, "the lens before" },
    { '\r', "Enter", "zoom", zoom,
      "into the hall and its GPUs, then the rack; Esc comes back" },
    { 'T', "T", "ink tenant", ink_tenant, "ink what the tenant under the cursor holds" },
    { 'J', "J", "job", ink_job, "ink where the job under the cursor runs" },
    { 'F', "F", "feed", ink_feed,
      "ink what the same domain feeds; once more, its other feed, then the domain "
      "above" },
    { 'U', "U", NULL, no_ink, "no ink" },
    { 0 },
};

/* ---- the lines above and below ---- */

static const char *const item_words[] = {
    [GW_DOMAIN] = "racks", [GW_NODE] = "nodes", [GW_GPU] = "GPUs"
};

/* In so many cells of the screen. */
static void say_counts(const struct kept *k, char *to, size_t room, int cells)
{
    struct cell count = cell_number((double)k->map->count, UNIT_NONE);
    char number[32];

    cell_format(number, sizeof(number), &count, 0);
    if (k->map->share > 1)
        snprintf(to, room, "%s %s · %zu a cell, the worst shown", number,
                 item_words[k->map->kind], k->map->share);
    else
        snprintf(to, room, "%s %s", number, item_words[k->map->kind]);
    if (k->map->share > 1 && text_width(to) > cells)
        snprintf(to, room, "%s · %zu a cell", number, k->map->share);
}

/* At the right of them, how many there are, or how many of them are inked. False: there
 * is no room for that. */
static bool draw_lenses(struct kept *k, struct grid *g, struct rect area,
                        const char *inked)
{
    int x = area.x + 1, gap = area.w >= 90 ? 1 : 0, room;
    char counts[96];

    if (area.w >= 70)
        x += 1 + grid_text(g, x, area.y, -1, STYLE_SECONDARY, "lens");
    for (int i = 0; i < MAP_LENSES; i++) {
        bool chosen = i == (int)k->lens;
        int from = x;

        x += grid_printf(g, x, area.y, -1, chosen ? STYLE_CHIP : STYLE_SECONDARY,
                         chosen && g->ascii ? "[%s]" : " %s ",
                         map_lens_name((enum map_lens)i));
        k->lenses[i] = (struct rect){ from, area.y, x - from, 1 };
        grid_paper(g, k->lenses[i], chosen ? STYLE_CHIP : STYLE_BAND);
        x += gap;
    }
    room = area.x + area.w - x - 2;
    say_counts(k, counts, sizeof(counts), room);
    if (inked[0] && text_width(inked) <= room)
        grid_right(g, x + 1, area.y, room, STYLE_ACCENT, inked);
    else
        grid_right(g, x + 1, area.y, room, STYLE_FAINT, counts);
    return text_width(inked) <= room;
}

/* "96 of 2,260 racks: tenant sovereign-llm, 1.20 MW", as much of it as so many cells have
 * room for; "": nobody is chosen. */
static void say_inked(const struct screen *s, const struct kept *k, char *to, size_t room,
                      int cells)
{
    static const uint16_t powers[] = { [GW_DOMAIN] = M_DOMAIN_POWER,
                                       [GW_TENANT] = M_TENANT_POWER,
                                       [GW_JOB] = M_JOB_POWER,
                                       [GW_CLASS] = M_CLASS_POWER };
    const char *unit;
    char number[24], counts[96], where[128];
    double watts, scale;

    to[0] = '\0';
    if (k->inked.id == GW_NONE)
        return;
    watts = model_number(s->model, powers[k->inked.kind], k->inked.id);
    unit = unit_scale(UNIT_W, watts, &scale);
    text_number(number, sizeof(number), watts / scale);
    say_counts(k, counts, sizeof(counts), INT_MAX);
    if (k->map->knows_holders)
        snprintf(where, sizeof(where), "%zu of %s", k->map->inked, counts);
    else
        snprintf(where, sizeof(where), "%s not known", item_words[k->map->kind]);
    snprintf(to, room, "%s: %s %s, %s %s", where, ink_words[k->inked.kind],
             model_name(s->model, k->inked.kind, k->inked.id), number, unit);
    if (text_width(to) > cells)
        to[strlen(to) - strlen(unit) - strlen(number) - strlen(",  ")] = '\0';
    if (text_width(to) > cells)
        memmove(to, to + strlen(where) + 2, strlen(to) - strlen(where) - 1);
}

static int draw_hues(const struct screen *s, const struct kept *k, struct grid *g, int x,
                     int y, int right)
{
    int from = x;

    for (uint8_t i = 0; i < MAP_HUES && k->map->hues[i] && x + 6 < right; i++) {
        grid_put(g, x, y, map_ink(MAP_HUE, i),
                 s->ascii || s->mono ? map_letter(MAP_HUE, i) : 0x25a0); /* ■ */
        x += 2 + grid_text(g, x + 2, y, right - x - 2, STYLE_SECONDARY, k->map->hues[i]) +
             2;
    }
    return x - from;
}

static void draw_legend(const struct screen *s, const struct kept *k, struct grid *g,
                        int x, int y, int right, bool says_inked)
{
    size_t unknown = k->map->count - k->map->known;
    char low[48], high[48], inked[400];

    map_lens_ends(k->map, s->model, k->lens, low, high, sizeof(low));
    if (k->lens == LENS_TENANT) {
        x += draw_hues(s, k, g, x, y, right);
    } else {
        x += grid_text(g, x, y, -1, STYLE_SECONDARY, low) + 1;
        x += draw_ramp(s, g, x, y) + 1;
        x += grid_text(g, x, y, right - x, STYLE_SECONDARY, high) + 3;
    }
    if (unknown > 0 && x < right)
        x += grid_printf(g, x, y, right - x, STYLE_FAINT,
                         s->ascii || s->mono ? "?: %zu unknown" : "blank: %zu unknown",
                         unknown) +
             3;
    if (says_inked && x < right) {
        say_inked(s, k, inked, sizeof(inked), right - x);
        grid_text(g, x, y, right - x, STYLE_ACCENT, inked);
    }
}

static double number_at(const struct model *m, struct row at,
                        const uint16_t metrics[GW_KINDS])
{
    return metrics[at.kind] == METRIC_NONE ? NAN
                                           : model_number(m, metrics[at.kind], at.id);
}

/* "131.8 of 132 kW  99.8%" */
static int draw_load(const struct model *m, struct row at, struct grid *g, int x, int y,
                     int right)
{
    static const uint16_t powers[GW_KINDS] = { [GW_SITE] = METRIC_NONE,
                                               [GW_DOMAIN] = M_DOMAIN_POWER,
                                               [GW_NODE] = M_NODE_POWER,
                                               [GW_GPU] = M_GPU_POWER },
                          caps[GW_KINDS] = { [GW_SITE] = METRIC_NONE,
                                             [GW_DOMAIN] = M_DOMAIN_CAP,
                                             [GW_NODE] = M_NODE_CAP,
                                             [GW_GPU] = M_GPU_POWER_LIMIT };
    const struct thresholds *t = model_thresholds(m);
    double watts = number_at(m, at, powers), cap = number_at(m, at, caps),
           load = watts / cap, scale;
    const char *unit = unit_scale(UNIT_W, isnan(cap) ? watts : cap, &scale);
    char number[24], limit[24];

    text_number(number, sizeof(number), watts / scale);
    text_number(limit, sizeof(limit), cap / scale);
    x += grid_printf(g, x, y, right - x, STYLE_TEXT,
                     isnan(cap) ? "%s %.0s%s" : "%s of %s %s", number, limit, unit);
    if (!isnan(load))
        x += grid_printf(
            g, x, y, right - x,
            style_of_level(level_above(load, t->power_attention, t->power_critical)),
            "  %.1f%%", 100 * load);
    return x;
}

static int draw_risk(const struct model *m, struct row at, struct grid *g, int x, int y,
                     int right)
{
    double p = at.kind == GW_DOMAIN ? model_number(m, M_DOMAIN_P, at.id) : NAN;
    char text[24];

    text_probability(text, sizeof(text), p);
    return isnan(p)
               ? x
               : x + grid_printf(g, x, y, right - x, STYLE_TEXT, "  p(1 h) %s", text);
}

/* What the lens shows of it, where that is no power. */
static int draw_lens_value(const struct model *m, const struct kept *k,
                           const struct map_item *item, struct grid *g, int x, int y,
                           int right)
{
    static const uint16_t temps[GW_KINDS] = { [GW_SITE] = METRIC_NONE,
                                              [GW_DOMAIN] = METRIC_NONE,
                                              [GW_NODE] = M_NODE_TEMP,
                                              [GW_GPU] = M_GPU_TEMP };
    double temp = k->lens == LENS_TEMP
                      ? item->value
                      : number_at(m, (struct row){ k->map->kind, item->id }, temps);

    if (!isnan(temp))
        x += grid_printf(g, x, y, right - x, STYLE_TEXT, "  %.0f °C", temp);
    if (k->lens == LENS_IDLE && item->state == MAP_STEP && k->map->kind != GW_GPU)
        x += grid_printf(g, x, y, right - x, STYLE_TEXT, "  %.0f%% of held GPUs idle",
                         100 * item->value);
    return x;
}

static int draw_feeds(const struct model *m, struct row at, struct grid *g, int x, int y,
                      int right)
{
    struct row first = model_parent(m, at.kind, at.id),
               second = model_second_parent(m, at.kind, at.id);

    if (second.id != GW_NONE && x < right)
        x += grid_printf(g, x, y, right - x, STYLE_TEXT, "  fed by %s and %s",
                         model_name(m, first.kind, first.id),
                         model_name(m, second.kind, second.id));
    return x;
}

static void draw_holders(const struct model *m, struct row at, struct grid *g, int x,
                         int y, int right)
{
    struct row tenant = holder_of(m, at, M_GPU_TENANT, GW_TENANT),
               job = holder_of(m, at, M_GPU_JOB, GW_JOB);

    if (tenant.id != GW_NONE && x < right)
        x += grid_printf(g, x, y, right - x, STYLE_SECONDARY, "  %s",
                         model_name(m, GW_TENANT, tenant.id));
    if (job.id != GW_NONE && x < right)
        grid_printf(g, x, y, right - x, STYLE_SECONDARY, "  job %s",
                    model_name(m, GW_JOB, job.id));
}

/* "h2-r09-k26  131.8 of 132 kW  99.8%  p(1 h) .91  64 °C  sovereign-llm  job 81117": what
 * is under the cursor. */
static void draw_cursor(const struct screen *s, const struct kept *k, struct grid *g,
                        int x, int y, int right)
{
    const struct model *m = s->model;
    size_t cursor = cursor_of(m, k);
    const struct map_item *item = cursor == SIZE_MAX ? NULL : &k->map->items[cursor];
    struct row at = { k->map->kind, item ? item->id : GW_NONE };

    if (!item) {
        grid_text(g, x, y, right - x, STYLE_FAINT, "arrows choose");
        return;
    }
    x += grid_bold(g, x, y, right - x, STYLE_STRONG, model_name(m, at.kind, at.id)) + 2;
    x = draw_load(m, at, g, x, y, right);
    x = draw_risk(m, at, g, x, y, right);
    x = draw_lens_value(m, k, item, g, x, y, right);
    x = draw_feeds(m, at, g, x, y, right);
    draw_holders(m, at, g, x, y, right);
}

/* "": it is the whole site. */
static const char *zoomed_into(const struct screen *s, const struct kept *k)
{
    const char *name = k->subject.id == GW_NONE
                           ? NULL
                           : model_name(s->model, k->subject.kind, k->subject.id);

    return name ? name : "";
}

static void draw(const struct screen *s, struct grid *g, struct rect area)
{
    struct kept *k = s->kept;
    int above = area.h >= 30 ? 2 : 1, below = area.h >= 30 ? 3 : 2;
    struct rect map = { area.x, area.y + above, area.w, area.h - above - below };
    char inked[400];
    bool says_inked;

    if (!k || map.h < 3)
        return;
    refresh(s, k, map);
    say_inked(s, k, inked, sizeof(inked), area.w);
    says_inked = !draw_lenses(k, g, area, inked);
    if (k->map->count == 0) {
        grid_printf(g, area.x + 2, map.y + 1, area.w - 4, STYLE_FAINT,
                    zoomed_into(s, k)[0]
                        ? "nothing tells of nodes or GPUs of %s: Esc goes back"
                        : "no rack, node or GPU is known yet: 0 shows the sources%.0s",
                    zoomed_into(s, k));
        return;
    }
    map_paint(k->map, s->model, g, cursor_of(s->model, k));
    draw_legend(s, k, g, area.x + 1, area.y + area.h - 2, area.x + area.w - 1,
                says_inked);
    draw_cursor(s, k, g, area.x + 1, area.y + area.h - 1, area.x + area.w - 1);
}

const struct view map_view = {
    .name = "map",
    .title = "map",
    .help = "Every rack at a place of its own, by hall and row, coloured by one of six "
            "lenses. Enter zooms into the hall, "
            "whose GPUs are shown where there is room for them, then into the rack. T, J "
            "and F ink what a tenant holds, where a "
            "job runs and what a domain feeds; all "
            "else recedes. M in any table shows its row here. A click chooses a rack or "
            "a lens, a second one zooms.",
    .key = 'M',
    .linear = "racks, the closest to their caps first: racks sort -load limit 20\n"
              "racks at risk: racks where p > .1 sort -p limit 10\n",
    .list = "racks",
    .draw = draw,
    .say = say,
    .accepts = accepts,
    .keep = keep,
    .drop = drop,
    .move = move,
    .click = click,
    .row = row_at,
    .keys = keys,
};
