/* Looking back: a picture that stands still may be one of before. Whoever shows the
 * console has the model of that time (ui_looks_back(), ui_show_past()). */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

static const double step_s = 60, now_s = 15; /* closer to now than that is now */

static double shown(const struct ui *ui)
{
    return ui_is_past(ui) ? ui->past : ui->now;
}

bool ui_is_past(const struct ui *ui)
{
    return ui->past > 0;
}

void past_leave(struct ui *ui)
{
    ui->wanted = NAN;
    ui->looks = ui_is_past(ui);
}

static void look(struct ui *ui, double at)
{
    if (ui->now - at < now_s) {
        past_leave(ui);
        ui->paused = false;
        ui_say(ui, "live again");
        return;
    }
    ui->wanted = at;
    ui->looks = true;
}

void past_earlier(struct ui *ui)
{
    look(ui, shown(ui) - step_s);
}

void past_later(struct ui *ui)
{
    if (ui_is_past(ui))
        look(ui, ui->past + step_s);
    else
        ui_say(ui, "this is now; , goes back by a minute, @ to a time");
}

bool past_at(struct ui *ui, const char *text, struct err *err)
{
    double at = text_parse_past(text, ui->now);

    if (isnan(at) || at > ui->now) {
        err_set(err, isnan(at) ? "expected a time: -15m, 14:05 or RFC 3339"
                               : "that has not come yet");
        return false;
    }
    look(ui, at);
    return true;
}

bool ui_looks_back(struct ui *ui, double *at)
{
    bool looks = ui->looks;

    *at = ui->wanted;
    ui->looks = false;
    return looks;
}

/* Rows are another model's: nothing that was worked out from the one before stands, but
 * what it is called. */
static void start_anew(const struct model *before, struct place *p)
{
    void *kept = p->kept;
    struct screen s = { .model = before,
                        .subject = p->label,
                        .subject_kind = p->label_kind,
                        .words = p->names,
                        .selected = "",
                        .kept = kept };

    p->outdated = true;
    if (!kept)
        return;
    if (p->view->say)
        p->view->say(&s, p->names, sizeof(p->names));
    p->kept = p->view->keep(kept);
    p->view->drop(kept);
}

void ui_show_past(struct ui *ui, struct model *m, double at)
{
    char clock[40];

    for (struct place *p = ui->place; p; p = p->below)
        start_anew(ui->setup.model, p);
    for (size_t i = 0; i < ui->visits.count; i++)
        start_anew(ui->setup.model, ui->visits.items[i]);
    ui->setup.model = m;
    ui->past = isnan(at) ? 0 : at;
    ui->touched = true;
    if (!ui_is_past(ui))
        return;
    ui->paused = false;
    text_time(clock, sizeof(clock), at);
    ui_say(ui,
           "as it was at %.8s: power, caps and events; , . a minute, @ a time, L live",
           strlen(clock) > 11 ? clock + 11 : clock);
}
