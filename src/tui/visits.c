/* Where the operator was: "[" goes back, "]" forward again, "-" to the last place and
 * back. Of a visit all is kept that was chosen there, and none of its rows: going there
 * shows what is there now, looked at as it was then. */
#include <stdio.h>
#include <string.h>

#include "tui/state.h"

/* What keys of a drawn view changed is in its words then. The row that it was opened on
 * has its say before them: where they name it no more, it is left. */
static struct place *picture_of(struct ui *ui)
{
    struct place *p = place_copy(ui->place);
    struct screen s;

    if (!p->view->say)
        return p;
    s = ui_screen(ui);
    p->view->say(&s, p->names, sizeof(p->names));
    if (!strstr(p->names, p->label))
        p->label[0] = '\0';
    return p;
}

static bool is_same(const struct place *a, const struct place *b)
{
    return a->view == b->view && a->flat == b->flat && strcmp(a->label, b->label) == 0 &&
           strcmp(a->names, b->names) == 0 && strcmp(a->where, b->where) == 0 &&
           strcmp(a->filter, b->filter) == 0 && strcmp(a->show, b->show) == 0 &&
           strcmp(a->sort, b->sort) == 0 && strcmp(a->limit, b->limit) == 0;
}

void visits_leave(struct ui *ui)
{
    struct visits *v = &ui->visits;

    if (!ui->place || v->count == 0 || v->is_moving)
        return;
    place_free(v->items[v->at]);
    v->items[v->at] = picture_of(ui);
}

/* The first `from` stay. */
static void forget(struct visits *v, size_t from)
{
    for (size_t i = from; i < v->count; i++)
        place_free(v->items[i]);
    v->count = from;
}

void visits_arrive(struct ui *ui)
{
    struct visits *v = &ui->visits;
    struct place *now;

    if (v->is_moving)
        return;
    now = picture_of(ui);
    if (v->count > 0 && is_same(v->items[v->at], now)) {
        place_free(now);
        return;
    }
    if (v->count > 0)
        forget(v, v->at + 1);   /* what lay ahead is another past now */
    if (v->count == VISITS) {
        place_free(v->items[0]);
        memmove(v->items, v->items + 1, (VISITS - 1) * sizeof(v->items[0]));
        v->count--;
    }
    v->last = v->at;
    v->at = v->count;
    v->items[v->count++] = now;
}

void visits_free(struct visits *v)
{
    forget(v, 0);
}

static void visit(struct ui *ui, size_t at)
{
    struct visits *v = &ui->visits;

    visits_leave(ui);
    v->is_moving = true;
    ui_go(ui, place_copy(v->items[at]));
    v->is_moving = false;
    v->last = v->at;
    v->at = at;
}

void visits_back(struct ui *ui)
{
    if (ui->visits.at == 0)
        ui_say(ui, "nowhere before this");
    else
        visit(ui, ui->visits.at - 1);
}

void visits_forward(struct ui *ui)
{
    if (ui->visits.at + 1 >= ui->visits.count)
        ui_say(ui, "nowhere after this");
    else
        visit(ui, ui->visits.at + 1);
}

void visits_last(struct ui *ui)
{
    if (ui->visits.last >= ui->visits.count || ui->visits.last == ui->visits.at)
        ui_say(ui, "nowhere else so far");
    else
        visit(ui, ui->visits.last);
}
