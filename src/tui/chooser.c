/* "c": which columns a view shows. Nothing chosen means: as many as fit, the important
 * ones first. */
#include <string.h>

#include "tui/page.h"
#include "tui/state.h"

static size_t column_count(const struct view *v)
{
    size_t count = 0;

    while (v->columns[count].name && count < COLUMNS)
        count++;
    return count;
}

static bool is_shown(const struct place *p, uint64_t chosen, size_t index)
{
    if (chosen)
        return chosen >> index & 1;
    for (size_t i = 0; i < p->lane_count; i++)
        if (p->lanes[i].column == &p->view->columns[index])
            return true;
    return false;
}

/* The first choice starts from what is on the screen. The first column is the row's name
 * and stays. */
static void toggle(struct ui *ui, struct place *p, size_t index)
{
    uint64_t *chosen = ui_chosen(ui, p->view);

    if (!*chosen)
        for (size_t i = 0; i < column_count(p->view); i++)
            *chosen |= (uint64_t)is_shown(p, 0, i) << i;
    if (index > 0)
        *chosen ^= (uint64_t)1 << index;
    *chosen |= 1;
    p->show[0] = '\0';
    p->outdated = true;
}

void chooser_key(struct ui *ui, int key)
{
    struct place *p = ui->place;
    size_t count = column_count(p->view);

    switch (key) {
    case KEY_UP_ARROW:
    case 'k':
        ui->overlay_cursor -= ui->overlay_cursor > 0;
        break;
    case KEY_DOWN_ARROW:
    case 'j':
        ui->overlay_cursor += ui->overlay_cursor + 1 < count;
        break;
    case ' ':
    case KEY_ENTER_KEY:
        toggle(ui, p, ui->overlay_cursor);
        break;
    case '0':
        *ui_chosen(ui, p->view) = 0;
        p->outdated = true;
        break;
    default:
        ui->overlay = OVERLAY_NONE;
    }
}

void chooser_draw(struct ui *ui, struct rect area)
{
    const struct place *place = ui->place;
    uint64_t chosen = *ui_chosen(ui, place->view);
    size_t count = column_count(place->view);
    struct page p;

    if (ui->overlay_cursor >= ui->overlay_first + (size_t)area.h - 4)
        ui->overlay_first = ui->overlay_cursor - ((size_t)area.h - 4) + 1;
    if (ui->overlay_cursor < ui->overlay_first)
        ui->overlay_first = ui->overlay_cursor;
    p = page_open(ui->grid, area, "columns", &ui->overlay_first);
    for (size_t i = 0; i < count; i++, p.line++) {
        const struct column *c = &place->view->columns[i];
        bool shown = is_shown(place, chosen, i);
        int y = page_row(&p);

        if (y < 0)
            continue;
        grid_text(p.grid, p.in.x, y, 3, shown ? STYLE_OK : STYLE_FAINT,
                  shown ? "[x]" : "[ ]");
        grid_text(p.grid, p.in.x + 4, y, 17, STYLE_TEXT, c->name);
        grid_text(p.grid, p.in.x + 22, y, p.in.w - 22, STYLE_FAINT,
                  column_help(c));
        if (i == ui->overlay_cursor)
            grid_paper(p.grid, (struct rect){ p.in.x - 1, y, p.in.w + 2, 1 },
                       STYLE_SELECTED);
    }
    grid_text(p.grid, p.in.x, p.in.y + p.in.h, -1, STYLE_FAINT,
              " Space shows or hides · 0 as many as fit ");
}
