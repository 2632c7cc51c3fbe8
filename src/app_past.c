/* The site as it was, for a console that looks back. Who feeds whom and what caps there
 * are is of now; power and events are of then, from memory, or from the cache where that
 * does not reach; everything else is not known any more. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "tui/ui.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Without an "at" that the trends reach, a sample of the cache may be so much older. */
enum { STEPS = 4 };

struct past {
    const struct model *live;
    struct model *then;
    double at;
};

/* ---- what lasts ---- */

static void lasts_text(struct batch *b, uint32_t entity, const struct model *m,
                       uint16_t metric, uint32_t row)
{
    const char *text = model_text(m, metric, row);

    if (text)
        batch_text(b, entity, metric, text, strlen(text));
}

static void lasts_number(struct batch *b, uint32_t entity, const struct model *m,
                         uint16_t metric, uint32_t row)
{
    double value = model_number(m, metric, row);

    if (!isnan(value))
        batch_number(b, entity, metric, value, GW_OK);
}

static bool is_row(const struct model *m, struct row row)
{
    const char *name = row.id == GW_NONE ? NULL : model_name(m, row.kind, row.id);

    return name && name[0];
}

static uint32_t name_row(struct batch *b, const struct model *m, struct row row)
{
    const char *name = model_name(m, row.kind, row.id);

    return batch_entity(b, row.kind, name, strlen(name), GW_NONE);
}

static bool is_domain(const struct model *m, struct row row)
{
    return is_row(m, row) && row.kind == GW_DOMAIN;
}

/* An entity of the row, below what feeds it; that has its own turn. */
static uint32_t tell_row(struct batch *b, const struct model *m, struct row row)
{
    struct row up = model_parent(m, row.kind, row.id),
               second = model_second_parent(m, row.kind, row.id);
    uint32_t parent = is_domain(m, up) ? name_row(b, m, up) : GW_NONE;
    const char *name = model_name(m, row.kind, row.id);
    uint32_t entity = batch_entity(b, row.kind, name, strlen(name), parent);

    if (is_domain(m, second))
        batch_link(b, entity, name_row(b, m, second));
    return entity;
}

static void tell_what_lasts(const struct past *p)
{
    static const enum gw_kind kinds[] = { GW_SITE, GW_DOMAIN, GW_NODE, GW_TENANT,
                                          GW_CLASS };
    static const uint16_t caps[GW_KINDS] = {
        [GW_SITE] = M_SITE_CAP, [GW_NODE] = M_NODE_CAP
    };
    struct batch *b = batch_new(BATCH_ROSTER, "", p->at);

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (uint32_t id = 0; id < model_rows(p->live, kinds[k]); id++) {
            struct row row = { kinds[k], id };
            uint32_t entity;

            if (!is_row(p->live, row))
                continue;
            entity = tell_row(b, p->live, row);
            if (row.kind == GW_DOMAIN)
                lasts_text(b, entity, p->live, M_DOMAIN_TYPE, id);
            if (caps[row.kind])
                lasts_number(b, entity, p->live, caps[row.kind], id);
        }
    model_apply(p->then, b);
    batch_free(b);
    for (uint32_t id = 0; id < model_rows(p->live, GW_DOMAIN); id++)
        if (model_cap(p->live, id) && is_row(p->live, (struct row){ GW_DOMAIN, id }))
            model_set_cap(
                p->then,
                model_find(p->then, GW_DOMAIN, model_name(p->live, GW_DOMAIN, id)),
                model_cap(p->live, id));
}

/* ---- what was ---- */

/* The place of the time in a trend; t->count: it is none of its. */
static size_t step_at(const struct trend *t, double at)
{
    double first = t->end - ((double)t->count - 1) * t->step_s,
           step = floor((at - first) / t->step_s);

    return t->count == 0 || step < 0 || step >= (double)t->count ? t->count
                                                                 : (size_t)step;
}

/* Power then, and before: false, where the trends do not reach back so far. */
static bool tell_power_of(const struct past *p, struct batch *b, enum gw_kind kind,
                          uint16_t metric)
{
    bool any = false;

    for (uint32_t id = 0; id < model_rows(p->live, kind); id++) {
        struct trend t = model_trend(p->live, kind, id);
        size_t step = step_at(&t, p->at);
        const char *name = model_name(p->live, kind, id);

        if (step == t.count || isnan(t.values[step]) ||
            !is_row(p->live, (struct row){ kind, id }))
            continue;
        any = true;
        batch_number(b, batch_entity(b, kind, name, strlen(name), GW_NONE), metric,
                     (double)t.values[step], GW_OK);
        model_trend_fill(p->then, kind, model_find(p->then, kind, name), p->at, t.values,
                         step + 1);
    }
    return any;
}

static bool tell_power(const struct past *p, struct batch *b)
{
    bool any = tell_power_of(p, b, GW_SITE, M_SITE_POWER);

    any |= tell_power_of(p, b, GW_DOMAIN, M_DOMAIN_POWER);
    tell_power_of(p, b, GW_TENANT, M_TENANT_POWER);
    tell_power_of(p, b, GW_CLASS, M_CLASS_POWER);
    return any;
}

static void tell_event(const struct past *p, uint32_t row)
{
    double time = model_number(p->live, M_EVENT_TIME, row);
    const char *level = model_text(p->live, M_EVENT_LEVEL, row);
    const char *text = model_text(p->live, M_EVENT_TEXT, row);
    const char *subject = model_text(p->live, M_EVENT_SUBJECT, row);
    const char *alert = model_text(p->live, M_EVENT_ALERT, row);

    if (!(time <= p->at) || !text)
        return;
    if (subject)
        model_event_of(p->then, time, level ? level : "information", subject, "%s", text);
    else
        model_event(p->then, time, level ? level : "information", "%s", text);
    if (alert)
        model_event_alert(p->then, alert);
}

/* NULL with *err: nothing is known of then. */
static struct model *model_then(const struct app *app, double at, struct err *err)
{
    struct past p = { app->model, model_new(model_site(app->model)), at };
    struct batch *b = batch_new(BATCH_POLL, "history", at);
    bool known;

    model_set_thresholds(p.then, model_thresholds(app->model));
    model_is_of_then(p.then);
    tell_what_lasts(&p);
    known = tell_power(&p, b) || app_power_then(app, at, b, err) == 0;
    if (known) {
        model_set_interval(p.then, "history", TREND_STEP_S * STEPS);
        model_apply(p.then, b);
        model_settle(p.then, at);
        for (uint32_t row = 0; row < model_rows(app->model, GW_EVENT); row++)
            tell_event(&p, row);
        model_settle(p.then, at);
        model_raise_as_told(p.then);
    } else {
        model_free(p.then);
    }
    batch_free(b);
    return known ? p.then : NULL;
}

int app_show_then(struct app *app, struct ui *ui, double at, struct err *err)
{
    struct model *before = app->past, *then = isnan(at) ? NULL : model_then(app, at, err);

    if (!isnan(at) && !then)
        return -1;
    app->past = then;
    ui_show_past(ui, then ? then : app->model, at);
    model_free(before);
    return 0;
}

void app_look_back(struct app *app, struct ui *ui)
{
    struct err err;
    double at;

    if (ui_looks_back(ui, &at) && app_show_then(app, ui, at, &err) != 0)
        ui_say(ui, "%s", err.text);
}
