/* The one-line editor at the bottom: "/" for a filter, ":" for a view, a query or a
 * command. Errors point at their place; Tab goes through what may stand there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

static int history_of(const struct prompt *p)
{
    return p->kind == '/';
}

void prompt_free(struct prompt *p)
{
    for (int kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < p->history_count[kind]; i++)
            free(p->history[kind][i]);
    offers_drop(&p->offers);
}

static void forget_offers(struct prompt *p)
{
    offers_drop(&p->offers);
    p->cycling = false;
}

static void set_text(struct prompt *p, const char *text)
{
    snprintf(p->text, sizeof(p->text), "%s", text);
    p->cursor = strlen(p->text);
    p->complaint.text[0] = '\0';
}

/* A command is offered while one types; a filter's rows are to be seen, and it is when
 * Tab asks. */
static void offer_live(struct ui *ui)
{
    struct prompt *p = &ui->prompt;

    if (p->kind == ':')
        offers_make(&p->offers, ui, p->kind, p->text, p->cursor);
}

void prompt_open(struct ui *ui, int kind, const char *text)
{
    struct prompt *p = &ui->prompt;

    p->kind = kind;
    snprintf(p->before, sizeof(p->before), "%s", kind == '/' ? ui->place->filter : "");
    p->history_at = p->history_count[history_of(p)];
    forget_offers(p);
    set_text(p, text);
    offer_live(ui);
}

/* ---- editing ---- */

static size_t before(const struct prompt *p, size_t at)
{
    while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t after(const struct prompt *p, size_t at)
{
    const char *next = p->text + at;

    text_next(&next);
    return (size_t)(next - p->text);
}

static void erase(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
    p->cursor = from;
}

static void insert(struct prompt *p, const char *bytes, size_t len)
{
    size_t used = strlen(p->text);

    if (used + len >= sizeof(p->text))
        return;
    memmove(p->text + p->cursor + len, p->text + p->cursor, used - p->cursor + 1);
    memcpy(p->text + p->cursor, bytes, len);
    p->cursor += len;
}

static void insert_point(struct prompt *p, uint32_t point)
{
    char bytes[4];

    insert(p, bytes, text_put(bytes, point));
}

static size_t word_before(const struct prompt *p)
{
    size_t at = p->cursor;

    while (at > 0 && p->text[at - 1] == ' ')
        at--;
    while (at > 0 && p->text[at - 1] != ' ')
        at--;
    return at;
}

/* ---- history ---- */

void prompt_remember(struct prompt *p, int key, const char *text)
{
    int kind = key == '/';
    size_t *count = &p->history_count[kind];

    if (!text[0] || (*count > 0 && strcmp(p->history[kind][*count - 1], text) == 0))
        return;
    if (*count == HISTORY) {
        free(p->history[kind][0]);
        memmove(&p->history[kind][0], &p->history[kind][1],
                (HISTORY - 1) * sizeof(p->history[kind][0]));
        (*count)--;
    }
    p->history[kind][(*count)++] = xstrdup(text);
}

static void recall(struct prompt *p, int by)
{
    int kind = history_of(p);
    size_t count = p->history_count[kind];

    if (by < 0 ? p->history_at == 0 : p->history_at >= count)
        return;
    p->history_at = by < 0 ? p->history_at - 1 : p->history_at + 1;
    set_text(p, p->history_at < count ? p->history[kind][p->history_at] : "");
}

/* ---- completion ---- */

/* Tab and Shift-Tab go through what is offered. In an empty line they write nothing: they
 * show what there is, and turn it on. */
static void complete(struct ui *ui, bool forwards)
{
    struct prompt *p = &ui->prompt;
    size_t count;

    if (!p->offers.arena)
        offers_make(&p->offers, ui, p->kind, p->text, p->cursor);
    count = p->offers.count;
    if (count == 0)
        return;
    if (p->cycling)
        p->offered = (p->offered + (forwards ? 1 : count - 1)) % count;
    else
        p->offered = forwards ? 0 : count - 1;
    p->cycling = true;
    if (!p->text[0])
        return;
    erase(p, p->offers.from, p->cursor);
    insert(p, p->offers.items[p->offered].word, strlen(p->offers.items[p->offered].word));
}

/* ---- Enter ---- */

/* A word that may become a field is none to look for yet. */
static bool starts_a_field(const struct view *v, const char *text)
{
    for (const struct column *c = v->columns; c->name; c++)
        if (strncmp(c->name, text, strlen(text)) == 0)
            return true;
    return false;
}

static bool is_filter(const struct view *v, const char *text, struct err *err, size_t *at)
{
    struct query *q = query_parse_filter(v, text, err, at);

    query_free(q);
    return q;
}

/* What stands before a word that is done with, and outside of quotes, does not mend
 * itself. */
static bool is_passed(const char *text, size_t at)
{
    bool is_quoted = false;

    for (const char *c = text; *c; c++)
        is_quoted ^= *c == '"';
    return !is_quoted && at < strlen(text) && strchr(text + at, ' ');
}

/* While one types, the rows follow; what cannot be understood yet leaves them as they
 * were, and what cannot become a filter any more is said at once. */
static void filter_live(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    const char *filter = p->text;
    struct err err;
    size_t at = 0;

    if (p->text[0] && starts_a_field(ui->place->view, p->text)) {
        filter = p->before;
    } else if (p->text[0] && !is_filter(ui->place->view, p->text, &err, &at)) {
        filter = p->before;
        if (is_passed(p->text, at)) {
            p->complaint = err;
            p->complaint_at = at;
        }
    }
    if (strcmp(ui->place->filter, filter) == 0)
        return;
    snprintf(ui->place->filter, sizeof(ui->place->filter), "%s", filter);
    ui->place->outdated = true;
}

static void apply_filter(struct ui *ui)
{
    struct prompt *p = &ui->prompt;
    struct query *q = NULL;

    if (p->text[0]) {
        q = query_parse_filter(ui->place->view, p->text, &p->complaint, &p->complaint_at);
        if (!q)
            return;
        query_free(q);
    }
    snprintf(ui->place->filter, sizeof(ui->place->filter), "%s", p->text);
    ui->place->outdated = true;
    prompt_remember(p, p->kind, p->text);
    p->kind = 0;
}

static void run_command(struct ui *ui)
{
    struct prompt *p = &ui->prompt;

    if (p->text[0] && !command_run(ui, p->text, &p->complaint, &p->complaint_at))
        return;
    prompt_remember(p, p->kind, p->text);
    p->kind = 0;
}

static void accept(struct ui *ui)
{
    ui->prompt.complaint.text[0] = '\0';
    if (ui->prompt.kind == '/')
        apply_filter(ui);
    else
        run_command(ui);
}

enum { CTRL_A = 1, CTRL_E = 5, CTRL_U = 21, CTRL_W = 23, CTRL_C = 3 };

/* Keys that move or delete; false: it is none of them. */
static bool edit(struct prompt *p, int key)
{
    switch (key) {
    case KEY_LEFT_ARROW:
        p->cursor = before(p, p->cursor);
        return true;
    case KEY_RIGHT_ARROW:
        p->cursor = after(p, p->cursor);
        return true;
    case KEY_TOP:
    case CTRL_A:
        p->cursor = 0;
        return true;
    case KEY_BOTTOM:
    case CTRL_E:
        p->cursor = strlen(p->text);
        return true;
    case KEY_DELETE_CHAR:
        erase(p, p->cursor, after(p, p->cursor));
        return true;
    case CTRL_U:
        erase(p, 0, p->cursor);
        return true;
    case CTRL_W:
        erase(p, word_before(p), p->cursor);
        return true;
    default:
        return false;
    }
}

void prompt_key(struct ui *ui, int key)
{
    struct prompt *p = &ui->prompt;

    if (key != KEY_TAB_KEY && key != KEY_SHIFT_TAB)
        forget_offers(p);
    if (key == KEY_ESCAPE_KEY || key == CTRL_C || (key == KEY_BACK && !p->text[0])) {
        if (p->kind == '/') {
            snprintf(ui->place->filter, sizeof(ui->place->filter), "%s", p->before);
            ui->place->outdated = true;
        }
        p->kind = 0;
        return;
    }
    if (key == KEY_TAB_KEY || key == KEY_SHIFT_TAB)
        complete(ui, key == KEY_TAB_KEY);
    else if (key == KEY_ENTER_KEY || key == '\n')
        accept(ui);
    else if (key == KEY_UP_ARROW || key == KEY_DOWN_ARROW)
        recall(p, key == KEY_UP_ARROW ? -1 : 1);
    else if (key == KEY_BACK)
        erase(p, before(p, p->cursor), p->cursor);
    else if (!edit(p, key) && key >= ' ' && key < KEY_UP_ARROW && key != 127)
        insert_point(p, (uint32_t)key);
    if (key != KEY_ENTER_KEY && key != '\n')
        p->complaint.text[0] = '\0';
    if (p->kind == '/')
        filter_live(ui);
    else if (!p->offers.arena)
        offer_live(ui);
}

/* ---- drawing ---- */

/* Cells between two bytes of what is typed. */
static int cells_between(const struct prompt *p, size_t from, size_t to)
{
    char part[WORDS];

    if (to <= from)
        return 0;
    snprintf(part, sizeof(part), "%.*s", (int)(to - from), p->text + from);
    return text_width(part);
}

/* The start of what is typed makes room for its cursor. */
static size_t first_shown(const struct prompt *p, int cells)
{
    size_t first = 0;

    while (first < p->cursor && cells_between(p, first, p->cursor) > cells)
        first = after(p, first);
    return first;
}

static void draw_complaint(struct grid *g, const struct prompt *p, size_t first)
{
    int x = 2 + cells_between(p, first, p->complaint_at),
        width = text_width(p->complaint.text) + 2;

    grid_put(g, x < g->w ? x : g->w - 1, g->h - 1, STYLE_CRITICAL, '^');
    /* The sentence stands at the caret where there is room, else before it, else
     * above. */
    if (x + width < g->w)
        grid_text(g, x + 2, g->h - 1, -1, STYLE_ATTENTION, p->complaint.text);
    else if (x >= width)
        grid_right(g, 0, g->h - 1, x - 1, STYLE_ATTENTION, p->complaint.text);
    else
        page_above(g, g->h - 2, p->complaint.text);
}

/* "41 of 9,612, 2 unknown": what the filter leaves, as far as it is typed. */
static void draw_count(const struct ui *ui, struct grid *g, int y)
{
    const struct table *t = ui->place->table;
    char text[96], shown[32], total[32];
    struct cell cell;

    if (!t || !ui->prompt.text[0] || strcmp(ui->place->filter, ui->prompt.text) != 0)
        return;
    cell = cell_number((double)t->row_count, UNIT_NONE);
    cell_format(shown, sizeof(shown), &cell, 0);
    cell = cell_number((double)t->total, UNIT_NONE);
    cell_format(total, sizeof(total), &cell, 0);
    snprintf(text, sizeof(text), t->unknown ? "%s of %s, %zu unknown" : "%s of %s", shown,
             total, t->unknown);
    grid_right(g, 0, y, g->w - 1, t->row_count ? STYLE_INFORMATION : STYLE_ATTENTION,
               text);
}

/* What one may type, in words that mean something in the view one is in. */
static void draw_hint(const struct ui *ui, struct grid *g)
{
    const char *filters = ui->place->view->filters;

    if (ui->prompt.offers.arena && ui->prompt.offers.count == 0 && ui->prompt.kind == '/')
        grid_text(g, 2, g->h - 1, -1, STYLE_FAINT, "nothing known fits here");
    else if (ui->prompt.kind == '/')
        grid_printf(g, 2, g->h - 1, g->w - 2, STYLE_FAINT,
                    "Enter shows, Esc leaves, Tab completes    a word%s%s",
                    filters ? " · " : "", filters ? filters : "");
    else
        grid_text(
            g, 2, g->h - 1, -1, STYLE_FAINT,
            "a view, a query (gpus where temp > 80C) or a command    Tab completes");
}

void prompt_draw(struct ui *ui)
{
    struct grid *g = ui->grid;
    const struct prompt *p = &ui->prompt;
    int y = g->h - 2, x;
    size_t first = first_shown(p, g->w - 6);

    for (int row = y; row < g->h; row++)
        for (int i = 0; i < g->w; i++)
            grid_put(g, i, row, STYLE_TEXT, ' ');
    grid_paper(g, (struct rect){ 0, y, g->w, 1 }, STYLE_BAND);
    grid_put(g, 1, y, STYLE_ACCENT, (uint32_t)p->kind);
    grid_text(g, 2, y, -1, STYLE_STRONG, p->text + first);
    x = 2 + cells_between(p, first, p->cursor);
    if (!p->text[p->cursor])
        grid_put(g, x, y, STYLE_ACCENT, g->ascii ? '_' : 0x2581); /* ▁ */
    grid_paper(g, (struct rect){ x, y, 1, 1 }, STYLE_SELECTED);
    if (p->kind == '/')
        draw_count(ui, g, y);
    if (p->complaint.text[0])
        draw_complaint(g, p, first);
    else
        draw_hint(ui, g);
    if (!p->complaint.text[0])
        offers_draw(&p->offers, g, y, p->cycling ? p->offered : p->offers.count);
}
