/* The mouse, where it is not turned off: a click selects a row or a place, a second one
 * on it is Enter, and one on a heading sorts by that column; on the map it chooses a rack
 * or a lens. Nothing is reached by it that no key reaches. */
#include <string.h>

#include "tui/state.h"

static bool is_in(struct rect r, int x, int y)
{
    return x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h;
}

static void press(struct ui *ui, int key)
{
    key_find(key)->press(ui);
}

static void click_heading(struct ui *ui, struct place *p, int x)
{
    for (size_t i = 0; i < p->lane_count; i++) {
        const struct lane *lane = &p->lanes[i];

        /* The gap behind a column is its own. */
        if (lane->x >= 0 && x >= lane->x && x < lane->x + lane->width + 2) {
            sort_by(ui, lane->column);
            return;
        }
    }
}

static void click_table(struct ui *ui, struct place *p, int x, int y)
{
    size_t index = p->first + (size_t)(y - p->rows_at.y);

    if (y == p->rows_at.y - 1 && x >= p->rows_at.x && x < p->rows_at.x + p->rows_at.w)
        click_heading(ui, p, x - p->rows_at.x);
    else if (!is_in(p->rows_at, x, y) || index >= p->row_count)
        return;
    else if (index == p->cursor)
        press(ui, KEY_ENTER_KEY);
    else
        rows_select(p, index);
}

/* What the view has under the mouse; chosen already, its Enter. */
static void click_view(struct ui *ui, const struct view *v, int x, int y)
{
    struct screen s = ui_screen(ui);

    if (v->click(&s, x, y))
        ui_key(ui, KEY_ENTER_KEY);
}

void ui_click(struct ui *ui, int x, int y)
{
    bool is_busy = ui->prompt.kind || ui->overlay != OVERLAY_NONE ||
                   ui->question.state == QUESTION_OPEN;

    if (ui->setup.wall || ui->paused || is_busy)
        return;
    ui->touched = true;
    ui->message[0] = '\0';
    if (place_is_table(ui->place))
        click_table(ui, ui->place, x, y);
    else if (ui->place->view->click)
        click_view(ui, ui->place->view, x, y);
    else
        spots_click(ui, x, y);
}
