/* Where the operator was: "[" goes back, "]" forward again, "-" to the last place and back. A visit is kept as the words
 * of its place, so that going there shows what is there now. */
#include <stdio.h>
#include <string.h>

#include "tui/state.h"

static void say_place(const struct place *p, struct visit *to)
{
    *to = (struct visit){ .label_kind = p->label_kind };
    if (place_is_table(p) && !p->view->words)
        place_text(p, to->words, sizeof(to->words));
    else
        snprintf(to->words, sizeof(to->words), "%s", p->view->name);
    snprintf(to->label, sizeof(to->label), "%s", p->label);
}

void visits_leave(struct ui *ui)
{
    struct visits *v = &ui->visits;

    /* Filter and order may have changed since one came. */
    if (ui->place && v->count > 0 && !v->is_moving)
        say_place(ui->place, &v->items[v->at]);
}

void visits_arrive(struct ui *ui)
{
    struct visits *v = &ui->visits;
    struct visit now;

    if (v->is_moving)
        return;
    say_place(ui->place, &now);
    if (v->count > 0 && strcmp(v->items[v->at].words, now.words) == 0 && strcmp(v->items[v->at].label, now.label) == 0)
        return;
    v->count = v->count ? v->at + 1 : 0;        /* what lay ahead is another past now */
    if (v->count == VISITS) {
        memmove(v->items, v->items + 1, (VISITS - 1) * sizeof(v->items[0]));
        v->count--;
    }
    v->last = v->at;
    v->at = v->count;
    v->items[v->count++] = now;
}

static void visit(struct ui *ui, size_t at)
{
    struct visits *v = &ui->visits;
    struct err err;
    size_t column;
    struct place *p = place_of_text(v->items[at].words, &err, &column);

    if (!p) {
        ui_say(ui, "%s", err.text);
        return;
    }
    visits_leave(ui);
    v->is_moving = true;
    p->label_kind = v->items[at].label_kind;
    ui_go(ui, p);
    snprintf(ui->place->label, sizeof(ui->place->label), "%s", v->items[at].label);
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
