/* The two lines that are always there. The first answers who, how much, when, how sure
 * and how fresh, each in its own cells in every view; the last holds the path and six
 * keys, or a message. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

enum {
    ROOMY = 142,
    WIDE = 130,
    MEDIUM = 104,
    TIGHT = 92,
    NARROW = 80,
    CLOCK = 10,
    AGE = 6,
    MODE = 8,
    TROUBLE_ROOM = 800
};

/* ---- when: the risk ---- */

struct interval {
    double now, early, late;    /* times, seconds since 1970; NAN */
};

static struct interval interval_of(const struct model *m, uint32_t forecast)
{
    if (forecast == GW_NONE)
        return (struct interval){ NAN, NAN, NAN };
    return (struct interval){
        model_now(m), model_now(m) + model_number(m, M_FORECAST_TTB_P10, forecast),
        model_now(m) + model_number(m, M_FORECAST_TTB_P90, forecast)
    };
}

/* "2m–13m", "2–13m" where both count the same. */
static void say_range(char *to, size_t room, double from_s, double to_s)
{
    char from[16], till[16];
    size_t digits;

    text_duration(from, sizeof(from), from_s);
    text_duration(till, sizeof(till), to_s);
    digits = strspn(from, "0123456789");
    if (digits < strlen(from) &&
        strcmp(from + digits, till + strspn(till, "0123456789")) == 0)
        from[digits] = '\0';
    snprintf(to, room, "%s–%s", from, till);
}

/* "14:28–14:46", or what of it is known; where there is no room for that, how long it is
 * until then: "2–13m". */
static void say_interval(char *to, size_t room, const struct interval *when, bool brief)
{
    char early[16], late[16];

    text_clock(early, sizeof(early), when->early);
    text_clock(late, sizeof(late), when->late);
    if (isnan(when->early))
        snprintf(to, room, brief ? "in 1h" : "within 1 h");
    else if (isnan(when->late) || strcmp(early, late) == 0)
        snprintf(to, room, "%s", early);
    else if (brief)
        say_range(to, room, when->early - when->now, when->late - when->now);
    else
        snprintf(to, room, "%s–%s", early, late);
}

/* "bus-2B 2–13m .34": where there is little room, the name stands before the times of the
 * interval: beside the site's power, a breach without a name would be the site's. */
static void draw_named_risk(struct grid *g, const char *name, const struct interval *when,
                            const char *p, enum style ink, int x, int cells)
{
    enum { NAME = 9 };          /* of a longer one, that much at least */
    char interval[48];
    int rest = cells - 1 - text_width(p), used,
        least = text_width(name) < NAME ? text_width(name) : NAME;

    say_interval(interval, sizeof(interval), when, false);
    if (text_width(name) + 1 + text_width(interval) > rest)
        say_interval(interval, sizeof(interval), when, true);
    if (least + 1 + text_width(interval) > rest)
        interval[0] = '\0';
    used = grid_bold(g, x, 0, rest - (interval[0] ? 1 + text_width(interval) : 0), ink,
                     name);
    if (interval[0])
        used += 1 + grid_bold(g, x + used + 1, 0, rest - used - 1, ink, interval);
    grid_printf(g, x + used, 0, cells - used, STYLE_TEXT, " %s", p);
}

static bool is_named(const struct model *m, const struct risk *risk)
{
    return risk->row.kind == GW_DOMAIN && risk->row.id != GW_NONE &&
           risk->p >= model_thresholds(m)->p_attention;
}

static void draw_risk(struct grid *g, const struct model *m, struct risk risk, int x,
                      int cells)
{
    const struct thresholds *t = model_thresholds(m);
    struct interval when = interval_of(m, risk.forecast);
    enum style ink = risk.p >= t->p_critical ? STYLE_CRITICAL : STYLE_ATTENTION;
    char interval[48], p[16];
    int used, rest;

    if (risk.row.id == GW_NONE) {
        grid_text(g, x, 0, cells, STYLE_FAINT,
                  cells < 20 ? "no forecast" : "no forecast yet");
        return;
    }
    text_probability(p, sizeof(p), risk.p);
    if (risk.p < t->p_attention) {
        grid_printf(g, x, 0, cells, STYLE_SECONDARY,
                    cells < 28 ? "✓ p %s in 1 h" : "✓ highest chance %s in 1 h", p);
        return;
    }
    grid_put(g, x, 0, ink, mark_of_level(LEVEL_CRITICAL));
    used = 2;
    say_interval(interval, sizeof(interval), &when, cells < 17);
    rest = cells - text_width(interval) - 1 - text_width(p);
    if (risk.row.kind == GW_DOMAIN &&
        (cells < 26 || text_width(risk.name) > rest - used - 1)) {
        draw_named_risk(g, risk.name, &when, p, ink, x + used, cells - used);
        return;
    }
    /* Whose breach it is: it stands beside the site's power, and need not be the
     * site's. */
    if (cells >= 26) {
        used += grid_bold(g, x + used, 0, rest - used - 1, ink,
                          risk.row.kind == GW_DOMAIN ? risk.name : "breach");
        used++;
    }
    rest -= used;
    used += grid_bold(g, x + used, 0, cells - used, ink, interval);
    if (rest >= 2)
        used += grid_text(g, x + used, 0, cells - used, STYLE_TEXT, " p");
    grid_printf(g, x + used, 0, cells - used, STYLE_TEXT, " %s", p);
}

/* ---- how much ---- */

/* In the unit of the power before it, unless it is so much less that this would be
 * noughts. */
static int draw_cap(struct grid *g, int x, double cap, const char *unit, double scale,
                    bool brief)
{
    char number[24];
    double own;
    const char *small = unit_scale(UNIT_W, cap, &own);
    bool alike = cap / scale >= .01;

    text_number(number, sizeof(number), cap / (alike ? scale : own));
    if (alike)
        return grid_printf(g, x, 0, -1, STYLE_SECONDARY, brief ? "/%s %s " : " of %s %s ",
                           number, unit);
    return grid_printf(g, x, 0, -1, STYLE_SECONDARY, " %s of %s %s ", unit, number,
                       small);
}

/* Power, cap and bar; returns the cells used. */
static int draw_power(struct ui *ui, int x, int bar)
{
    const struct model *m = ui->setup.model;
    struct grid *g = ui->grid;
    double power = model_site_number(m, M_SITE_POWER),
           cap = model_site_number(m, M_SITE_CAP), scale;
    const char *unit = unit_scale(UNIT_W, power, &scale);
    double load = power / cap;
    enum level level = load >= model_thresholds(m)->power_critical    ? LEVEL_CRITICAL
                       : load >= model_thresholds(m)->power_attention ? LEVEL_ATTENTION
                                                                      : LEVEL_PLAIN;
    char text[64];
    int from = x;

    if (isnan(power))
        return grid_text(g, x, 0, -1, STYLE_FAINT, "power —") + 1;
    snprintf(text, sizeof(text), "%.*f",
             power / scale < 9.995    ? 2
             : power / scale < 999.95 ? 1
                                      : 0,
             power / scale);
    x += grid_bold(g, x, 0, -1, STYLE_STRONG, text);
    if (model_quality(m, M_SITE_POWER, 0) == GW_ESTIMATED)
        x += grid_text(g, x, 0, -1, STYLE_SECONDARY, "~");
    else if (model_quality(m, M_SITE_POWER, 0) == GW_STALE)
        x += grid_text(g, x, 0, -1, STYLE_ATTENTION, "◐");
    if (isnan(cap))
        return x - from + grid_printf(g, x, 0, -1, STYLE_SECONDARY, " %s, no cap ", unit);
    x += draw_cap(g, x, cap, unit, scale, g->w < TIGHT);
    snprintf(text, sizeof(text), load < 9.9995 ? "%5.1f%%" : " >999%%", load * 100);
    bar -= bar > 0 && text[0] != ' '; /* or the one runs into the other */
    if (bar > 0)
        chart_bar(g, (struct rect){ x, 0, bar, 1 }, load,
                  level == LEVEL_PLAIN ? STYLE_OK : style_of_level(level));
    x += bar;
    if (bar > 0 && text[0] != ' ')
        x += grid_text(g, x, 0, 1, STYLE_TEXT, " ");
    x += grid_text(g, x, 0, -1, level == LEVEL_PLAIN ? STYLE_TEXT : style_of_level(level),
                   text);
    return x - from;
}

/* ---- how sure ---- */

static int draw_share(struct grid *g, int x, enum style ink, uint32_t mark, size_t count,
                      const char *word)
{
    struct cell cell = cell_number((double)count, UNIT_NONE);
    char text[32];
    int from = x;

    cell_format(text, sizeof(text), &cell, 0);
    grid_put(g, x, 0, ink, mark);
    x += 1 + (word ? 1 : 0);
    x += grid_text(g, x, 0, -1, ink, text);
    if (word)
        x += grid_printf(g, x, 0, -1, ink, " %s", word);
    return x - from + (word ? 2 : 1);
}

enum coverage_form { COVERAGE_BRIEF, COVERAGE_NUMBERS, COVERAGE_WORDS };

/* How wide each share is: every one has its place. In brief there is one place for the
 * worst. */
static const int ok_width[] = { [COVERAGE_NUMBERS] = 8, [COVERAGE_WORDS] = 11 },
                 bad_width[] = { [COVERAGE_NUMBERS] = 6, [COVERAGE_WORDS] = 12 };

/* Nobody has answered yet: that is not nought of them. */
static bool is_waiting(const struct coverage *c)
{
    return c->ok + c->stale + c->down == 0;
}

static void draw_well(struct grid *g, const struct coverage *c, int x, bool words)
{
    draw_share(g, x, STYLE_OK, 0x25cf, c->ok, words ? "" : NULL);
}

static void draw_stale(struct grid *g, const struct coverage *c, int x, bool words)
{
    if (c->stale > 0)
        draw_share(g, x, STYLE_ATTENTION, 0x25d0, c->stale, words ? "stale" : NULL);
}

static void draw_missing(struct grid *g, const struct coverage *c, int x, bool words)
{
    if (c->down > 0)
        draw_share(g, x, STYLE_CRITICAL, 0x25cb, c->down + c->never,
                   !words ? NULL : c->never > 0 ? "missing" : "down");
    else if (c->never > 0)
        draw_share(g, x, STYLE_ATTENTION, 0x00b7, c->never, words ? "never" : NULL);
}

/* A share that is nought stays empty, as all colour means something. */
static void draw_coverage(struct grid *g, const struct coverage *c, int x,
                          enum coverage_form form)
{
    bool words = form == COVERAGE_WORDS;

    if (is_waiting(c)) {
        grid_text(g, x, 0, -1, STYLE_SECONDARY, "· waiting");
    } else if (form != COVERAGE_BRIEF) {
        draw_well(g, c, x, words);
        draw_stale(g, c, x + ok_width[form], words);
        draw_missing(g, c, x + ok_width[form] + bad_width[form], words);
    } else if (c->down + c->never > 0) {
        draw_missing(g, c, x, false);
    } else if (c->stale > 0) {
        draw_stale(g, c, x, false);
    } else {
        draw_well(g, c, x, false);
    }
}

static int coverage_width(const struct coverage *c, enum coverage_form form)
{
    struct cell most = cell_number((double)c->expected, UNIT_NONE);
    char text[32];

    if (form != COVERAGE_BRIEF)
        return ok_width[form] + 2 * bad_width[form];
    if (is_waiting(c))
        return 9;
    cell_format(text, sizeof(text), &most, 0);
    return text_width(text) + 2; /* its mark, and a gap */
}

/* ---- the first line ---- */

static const char *mode_of(const struct ui *ui)
{
    if (ui->paused)
        return "PAUSED";
    if (ui->setup.replay)
        return "REPLAY";
    return ui->setup.demo ? "DEMO" : "RO";
}

/* In the places of the risk and the coverage, of which nothing is kept. */
static void draw_past(struct grid *g, double past, int x, int cells)
{
    char text[40];

    text_time(text, sizeof(text), past);
    if (strlen(text) == 20 && cells < 32)
        memmove(text, text + 11, 10);
    grid_printf(g, x, 0, cells, STYLE_ATTENTION, cells < 20 ? "%s" : "as it was %s",
                text);
}

static void draw_age(struct grid *g, double age_s, int x)
{
    char text[24];

    text_duration(text, sizeof(text), floor(age_s)); /* below a second is now */
    grid_right(g, x, 0, AGE - 1, age_s > 60 ? STYLE_ATTENTION : STYLE_SECONDARY,
               isnan(age_s) ? "—" : text);
}

/* Of the bar; `name`: of what is at risk, "": none, which needs its room more; `cells`:
 * for both. */
static int bar_of(int w, const char *name, int cells)
{
    enum { LEAST = 4, SHORTEST = 3, WHEN = 13 /* "▲ ", " 22–40m .81" */ };
    int most = w >= WIDE ? 20 : w >= MEDIUM ? 12 : 8;

    /* Where there is little room it does not come and go with the length of a name. */
    if (w < TIGHT)
        return w >= NARROW ? SHORTEST : 0;
    if (name[0] && w >= MEDIUM && w < ROOMY)
        most -= w >= WIDE ? 8 : 4;
    cells -= WHEN + (name[0] ? text_width(name) : 4);
    return cells >= most ? most : cells >= LEAST ? LEAST : 0;
}

void status_draw(struct ui *ui)
{
    struct grid *g = ui->grid;
    const struct model *m = ui->setup.model;
    struct coverage coverage = model_coverage(m);
    struct risk risk = risk_of(m);
    bool wide = g->w >= WIDE, medium = g->w >= MEDIUM;
    enum coverage_form form = wide     ? COVERAGE_WORDS
                              : medium ? COVERAGE_NUMBERS
                                       : COVERAGE_BRIEF;
    int right = g->w - CLOCK, x, bar;
    char clock[40];

    grid_paper(g, (struct rect){ 0, 0, g->w, 1 }, STYLE_BAND);
    x = grid_printf(g, 0, 0, wide ? 20 : 12, STYLE_CHIP, " %s ", model_site(m));
    grid_paper(g, (struct rect){ 0, 0, x, 1 }, STYLE_CHIP);
    x += 1;
    text_time(clock, sizeof(clock), ui->now);
    grid_right(g, right, 0, CLOCK - 1, STYLE_TEXT,
               strlen(clock) > 11 ? clock + 11 : clock);
    right -= AGE;
    draw_age(g, ui_is_past(ui) ? NAN : ui->oldest_s, right);
    right -= medium ? MODE : (int)strlen(mode_of(ui)) + 1;
    grid_bold(g, right + (medium ? MODE - (int)strlen(mode_of(ui)) : 1), 0, -1,
              ui->setup.demo || ui->paused || ui->setup.replay ? STYLE_ATTENTION
                                                               : STYLE_SECONDARY,
              mode_of(ui));
    right -= ui_is_past(ui) ? 0 : coverage_width(&coverage, form);
    bar = bar_of(g->w, is_named(m, &risk) ? risk.name : "",
                 right - x - draw_power(ui, x, 0) - 1 - (medium ? 2 : 1));
    x += draw_power(ui, x, bar) + (medium ? 2 : 1);
    if (ui_is_past(ui)) {
        draw_past(g, ui->past, x, right - x - 1);
        return;
    }
    draw_coverage(g, &coverage, right, form);
    draw_risk(g, m, risk, x, right - x - 1);
}

/* Where there is little room, the longer word takes the place of the age, which stands
 * still. */
void status_draw_paused(struct ui *ui, const char *mode)
{
    struct grid *g = ui->grid;
    bool medium = g->w >= MEDIUM;
    int age = g->w - CLOCK - AGE, from = age - (medium ? MODE : (int)strlen(mode)),
        to = medium ? age : age + AGE;

    for (int x = from; x < to; x++)
        grid_put(g, x, 0, STYLE_TEXT, ' ');
    grid_bold(g, medium ? age - 6 : age - 1, 0, 6, STYLE_ATTENTION, "PAUSED");
}

/* ---- the last line ---- */

static const char STEP[] = " › ";

/* What it is of; a forecast's name has its horizon behind it, which its chart says. */
static void add_label(const struct place *p, char *to, size_t room)
{
    const char *horizon = p->view->of_one ? strrchr(p->label, '@') : NULL;

    if (p->label[0])
        text_add(to, room, "%s%.*s", STEP,
                 horizon ? (int)(horizon - p->label) : (int)strlen(p->label), p->label);
}

/* Up to the place: "site › power › rack04": each table and what is of one row, and before
 * it the row that Enter was pressed on. What was typed begins anew. */
static void path_below(const struct place *p, char *to, size_t room)
{
    if (!p || p->is_typed || !p->below) {
        snprintf(to, room, "site");
        return;
    }
    path_below(p->below, to, room);
    add_label(p->below, to, room);
    if (place_is_table(p->below) || p->below->view->of_one)
        text_add(to, room, "%s%s", STEP, p->below->view->name);
}

/* And to the end: "… › rack04 › nodes", or of a drawn view what it shows, in the words
 * that open it, where there is room: "… › map in hall-2 lens tenant". */
static void path_text(struct ui *ui, char *to, size_t room, int cells)
{
    const struct place *p = ui->place;
    char words[1024] = "";

    path_below(p, to, room);
    if (p->view->say)
        place_words(ui, p, words, sizeof(words));
    if (words[0] && text_width(to) + text_width(STEP) + text_width(words) <= cells) {
        text_add(to, room, "%s%s", STEP, words);
        return;
    }
    add_label(p, to, room);
    text_add(to, room, "%s%s", STEP, p->view->name);
}

/* Where a step of the path begins, as far to the left as fits; the last is there in any
 * case. */
static const char *steps_that_fit(const char *path, int cells)
{
    const char *from = path, *next;

    while (text_width(from) > cells && (next = strstr(from + 1, STEP)))
        from = next;
    return from;
}

/* Of two, the first is "site", which everyone knows. */
static const char *last_two_steps(const char *path)
{
    const char *from = path, *next = strstr(path, STEP);

    for (; next && strstr(next + 1, STEP); next = strstr(next + 1, STEP))
        from = next;
    return from > path || !next ? from : next;
}

static const char *last_step(const char *path)
{
    for (const char *next = strstr(path, STEP); next; next = strstr(path, STEP))
        path = next + strlen(STEP);
    return path;
}

/* Labels of the keys that matter here; six of them. */
static const char *keys_here(const struct ui *ui)
{
    if (ui->overlay != OVERLAY_NONE)
        return "q";
    if (ui->place->view->keys)
        return "i?";
    return place_is_table(ui->place) ? "\r/:si?" : "/:zi?";
}

/* The keys from the right end of the line to the left; what would come before `left` is
 * not there. */
struct key_line {
    struct grid *g;
    int left, right;
};

static void draw_key(struct key_line *l, const char *name, const char *label)
{
    int x = l->right - text_width(name) - 1 - text_width(label), y = l->g->h - 1;

    if (x < l->left) {
        l->left = l->g->w; /* nor is any before it */
        return;
    }
    grid_text(l->g, x, y, -1, STYLE_ACCENT, name);
    grid_text(l->g, x + text_width(name) + 1, y, -1, STYLE_SECONDARY, label);
    l->right = x - 2;
}

/* The keys of the view itself, for the last line. */
static void draw_view_keys(const struct ui *ui, struct key_line *l)
{
    const struct view_key *keys = ui->place->view->keys, *k = keys;

    while (k->name)
        k++;
    while (k-- > keys)
        if (k->label)
            draw_key(l, k->code == KEY_ENTER_KEY && !ui->grid->ascii ? "⏎" : k->name,
                     k->label);
}

/* Returns where they begin. */
static int draw_keys(const struct ui *ui, int left)
{
    struct key_line l = { ui->grid, left, ui->grid->w - 1 };
    const char *keys = keys_here(ui);

    for (size_t i = strlen(keys); i-- > 0;) {
        const struct key *k = key_find(keys[i]);

        draw_key(&l, k->code == KEY_ENTER_KEY && !ui->grid->ascii ? "⏎" : k->name,
                 ui->overlay != OVERLAY_NONE && k->code == 'q' ? "close" : k->label);
    }
    if (ui->overlay == OVERLAY_NONE && ui->place->view->keys)
        draw_view_keys(ui, &l);
    else if (ui->overlay == OVERLAY_NONE && !place_is_table(ui->place))
        draw_key(&l, "0-9", "views");
    return l.right;
}

/* So many cells of the line are the path's before the keys get theirs: of its last two
 * steps, if that leaves half of it. */
static int least_of_path(struct ui *ui)
{
    char path[2048];
    int least;

    path_text(ui, path, sizeof(path), 0);
    least = text_width(last_two_steps(path)) + 1;
    return least <= ui->grid->w / 2 ? least : 0;
}

/* The end of the path is what matters: whole steps at its start make room. */
static void draw_path(struct ui *ui, int cells)
{
    char path[2048];
    const char *from = path, *last;
    int x = 1, y = ui->grid->h - 1;

    path_text(ui, path, sizeof(path), cells);
    if (text_width(path) > cells) {
        from = steps_that_fit(path, cells - 1);
        x += grid_text(ui->grid, x, y, -1, STYLE_FAINT, "…");
    }
    last = last_step(from);
    x += grid_printf(ui->grid, x, y, -1, STYLE_SECONDARY, "%.*s", (int)(last - from),
                     from);
    grid_bold(ui->grid, x, y, cells + 1 - x, STYLE_STRONG, last);
}

/* What is wrong with the source under the cursor, in full, and when it is tried again: a
 * table cuts it. False: nothing is. */
static bool say_trouble(const struct ui *ui, char *to, size_t room)
{
    const struct model *m = ui->setup.model;
    const struct place *p = ui->place;
    const char *reason;
    char wait[24];
    uint32_t row;
    double wait_s;

    if (ui->message[0] || ui->overlay != OVERLAY_NONE || !place_is_table(p) ||
        p->view->rows != GW_SOURCE || p->row_count == 0)
        return false;
    row = p->rows[p->cursor];
    reason = model_text(m, M_SOURCE_REASON, row);
    if (!reason || !reason[0])
        return false;
    wait_s = model_number(m, M_SOURCE_NEXT, row) - ui->now;
    text_duration(wait, sizeof(wait), wait_s);
    snprintf(to, room, "%s: %s%s%s", model_name(m, GW_SOURCE, row), reason,
             wait_s >= 0 ? "; next try in " : "", wait_s >= 0 ? wait : "");
    return true;
}

int last_lines(const struct ui *ui)
{
    char trouble[TROUBLE_ROOM];

    return say_trouble(ui, trouble, sizeof(trouble))
               ? grid_prose(ui->grid, (struct rect){ 0, 0, ui->grid->w - 4, 0 },
                            STYLE_TEXT, trouble)
               : 1;
}

void last_line_draw(struct ui *ui)
{
    char trouble[TROUBLE_ROOM];

    if (ui->message[0] && text_width(ui->message) > ui->grid->w - 2) {
        /* what was copied is there to be taken by hand, too */
        page_above(ui->grid, ui->grid->h, ui->message);
        return;
    }
    if (ui->message[0]) {
        grid_text(ui->grid, 1, ui->grid->h - 1, ui->grid->w - 2, STYLE_STRONG,
                  ui->message);
        return;
    }
    if (say_trouble(ui, trouble, sizeof(trouble))) {
        page_above(ui->grid, ui->grid->h, trouble);
        return;
    }
    draw_path(ui, draw_keys(ui, least_of_path(ui) + 3) - 1);
}
