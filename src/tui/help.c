/* The help of the view one is in, from the same tables that the program runs on: the
 * keys, the columns, the views. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

enum { NAMES = 18, TWO_COLUMNS = 110, BETWEEN = 3 };

static void heading(struct page *p, const char *text)
{
    p->line++;
    page_prose(p, 0, STYLE_STRONG, text);
}

static void entry(struct page *p, enum style ink, const char *name, const char *help)
{
    int y = page_row(p);

    if (y >= 0)
        grid_text(p->grid, p->in.x + 1, y, NAMES - 1, ink, name);
    if (help && help[0])
        page_prose(p, NAMES + 1, STYLE_TEXT, help);
    else
        p->line++;
}

/* Keys that do the same stand together: "Up k". */
static void keys(struct page *p)
{
    heading(p, "keys");
    for (const struct key *k = keys_table; k->name;) {
        char names[64];
        const struct key *first = k++;

        snprintf(names, sizeof(names), "%s", first->name);
        for (; k->name && !k->help; k++)
            text_add(names, sizeof(names), "  %s", k->name);
        entry(p, STYLE_ACCENT, names, first->help);
    }
}

static void view_keys(struct page *p, const struct view *v)
{
    heading(p, "keys of this view");
    for (const struct view_key *k = v->keys; k->name; k++)
        entry(p, STYLE_ACCENT, k->name, k->help);
}

static void columns(struct page *p, const struct view *v)
{
    heading(p, "columns, and the fields of its queries");
    for (const struct column *c = v->columns; c->name; c++)
        entry(p, c->priority > 0 ? STYLE_ACCENT : STYLE_SECONDARY, c->name,
              column_help(c));
}

static void views(struct page *p)
{
    heading(p, "views");
    for (const struct view *const *v = views_all(); *v; v++) {
        char name[64];

        if ((*v)->off_screen)
            continue;
        snprintf(name, sizeof(name), "%c  %s", (*v)->key ? (*v)->key : ' ', (*v)->name);
        entry(p, STYLE_ACCENT, name, (*v)->help);
    }
}

static void marks(struct page *p)
{
    heading(p, "marks");
    entry(p, STYLE_OK, "●  ok", "what should answer does");
    entry(p, STYLE_ATTENTION, "◐  stale",
          "older than three of its intervals: the last value, dimmed");
    entry(p, STYLE_CRITICAL, "○  down", "does not answer, or never did");
    entry(p, STYLE_ATTENTION, "▲  at risk", "above a threshold, or likely to be");
    entry(p, STYLE_FAINT, "~  estimated", "worked out from its parts, not measured");
    entry(p, STYLE_FAINT, "?  out of range", "an impossible value was read and left out");
    entry(p, STYLE_FAINT, "·  never seen", "on the roster, and never heard of");
    entry(p, STYLE_FAINT, "—  unknown", "nobody says");
    entry(p, STYLE_SECONDARY, "½  two feeds", "fed twice, and half of it counts in each");
    entry(p, STYLE_SECONDARY, "━╍─  of the cap",
          "drawn now; how far it may climb within the hour; free");
    entry(p, STYLE_SECONDARY, ".27  p",
          "how probable a breach of the cap is; ~13:03 is the middle of when");
    entry(p, STYLE_SECONDARY, "↓  ↑  sorted", "the most first, or the least");
}

static void of_view(struct page *p, const struct view *v)
{
    if (v->columns)
        columns(p, v);
    marks(p);
}

static void below_each_other(struct page *p, const struct view *v)
{
    if (v->keys)
        view_keys(p, v);
    keys(p);
    of_view(p, v);
    views(p);
}

/* Keys and views to the left, what the view shows to the right. */
static void side_by_side(struct page *p, const struct view *v)
{
    struct page left = *p, right = *p;

    left.in.w = (p->in.w - BETWEEN) / 2;
    right.in.w = p->in.w - BETWEEN - left.in.w;
    right.in.x += left.in.w + BETWEEN;
    keys(&left);
    views(&left);
    if (v->keys)
        view_keys(&right, v);
    of_view(&right, v);
    p->line = left.line > right.line ? left.line : right.line;
}

void help_draw(struct ui *ui, struct rect area)
{
    const struct view *v = ui->place->view;
    struct page p;
    char title[64];

    snprintf(title, sizeof(title), "help: %s", v->title);
    p = page_open(ui->grid, area, title, &ui->overlay_first);
    page_prose(&p, 0, STYLE_TEXT, v->help);
    if (p.in.w >= TWO_COLUMNS)
        side_by_side(&p, v);
    else
        below_each_other(&p, v);
    page_close(&p, &ui->overlay_first);
}
