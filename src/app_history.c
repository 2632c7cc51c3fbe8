/* The past out of the cache: trends for a console that just started, and the site as it
 * was at a time. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "show/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- trends ---- */

/* Whose past is wanted. */
struct trends {
    struct app *app;
    bool *chosen;               /* by row of the one kind that is asked for; NULL: all */
};

static bool wants_trend(void *arg, enum gw_kind kind, const char *name)
{
    struct trends *t = arg;
    uint32_t row = model_find(t->app->model, kind, name);

    return row != GW_NONE && (!t->chosen || t->chosen[row]);
}

static void fill_trend(void *arg, const struct store_past *past)
{
    struct trends *t = arg;
    struct model *m = t->app->model;

    model_trend_fill(m, past->kind, model_find(m, past->kind, past->name), past->last,
                     past->values, past->count);
}

static bool wants_n1(void *arg, enum gw_kind kind, const char *name)
{
    struct trends *t = arg;

    return wants_trend(arg, kind, name) &&
           model_cap_is_n1(t->app->model, model_find(t->app->model, kind, name));
}

static void fill_n1(void *arg, const struct store_past *past)
{
    struct trends *t = arg;
    struct model *m = t->app->model;

    model_trend_fill_n1(m, model_find(m, past->kind, past->name), past->last,
                        past->values, past->count);
}

static bool any_cap_is_n1(const struct model *m)
{
    uint32_t row = 0;

    while (row < model_rows(m, GW_DOMAIN) && !model_cap_is_n1(m, row))
        row++;
    return row < model_rows(m, GW_DOMAIN);
}

static void fill_trends(struct trends *t, unsigned kinds)
{
    struct app *app = t->app;
    const char *path = app_cache(app);
    unsigned with_n1 = kinds & 1u << GW_DOMAIN && any_cap_is_n1(app->model)
                           ? 1u << GW_DOMAIN
                           : 0;
    double now = clock_wall();
    struct err err;

    /* A site without a past is shown all the same: the trends start now. */
    if (path && kinds &&
        (store_trends(path, kinds, NULL, STORE_POWER, now, TREND_LENGTH, wants_trend,
                      fill_trend, t, &err) < 0 ||
         (with_n1 && store_trends(path, with_n1, NULL, STORE_POWER_N1, now, TREND_LENGTH,
                                  wants_n1, fill_n1, t, &err) < 0)))
        snprintf(app->notice, sizeof(app->notice), "no past to show: %.400s", err.text);
}

void app_warm_trends(struct app *app, unsigned kinds)
{
    struct trends t = { .app = app };

    fill_trends(&t, kinds);
}

void app_warm_trends_of(struct app *app, const struct table *table)
{
    struct trends t = { .app = app };

    t.chosen = xcalloc(model_rows(app->model, table->view->rows), sizeof(*t.chosen));
    for (size_t i = 0; i < table->row_count; i++)
        t.chosen[table->rows[i]] = true;
    fill_trends(&t, table->row_count ? TREND_KINDS & 1u << table->view->rows : 0);
    free(t.chosen);
}

/* ---- as it was ---- */

/* How long before the time asked for the last reading may be. */
enum { STEPS_BACK = 4 };

static uint16_t power_metric(enum gw_kind kind)
{
    switch (kind) {
    case GW_SITE:
        return M_SITE_POWER;
    case GW_DOMAIN:
        return M_DOMAIN_POWER;
    case GW_TENANT:
        return M_TENANT_POWER;
    case GW_CLASS:
        return M_CLASS_POWER;
    case GW_NODE:
        return M_NODE_POWER;
    default:
        return METRIC_NONE;
    }
}

/* What was drawn then: of each that is known one sample, in the order of the entities. A
 * mean over five minutes is no reading. */
static void take_power(void *arg, const struct store_past *past)
{
    struct batch *b = arg;
    uint16_t metric = power_metric(past->kind);

    for (size_t i = past->count; i > 0 && metric != METRIC_NONE; i--) {
        if (isnan(past->values[i - 1]))
            continue;
        batch_time(b, past->last - (double)(past->count - i) * TREND_STEP_S);
        batch_number(
            b, batch_entity(b, past->kind, past->name, strlen(past->name), GW_NONE),
            metric, (double)past->values[i - 1], past->means ? GW_ESTIMATED : GW_OK);
        return;
    }
}

/* Of these, which had been estimated. */
static void take_doubt(void *arg, const struct store_past *past)
{
    struct batch *b = arg;
    size_t known = b->entity_count;
    uint32_t e = batch_entity(b, past->kind, past->name, strlen(past->name), GW_NONE);
    size_t back;

    if (e >= known)
        return;                 /* a row without a sample */
    back = (size_t)((past->last - b->times[b->samples[e].age]) / TREND_STEP_S + .5);
    if (back < past->count && !isnan(past->values[past->count - 1 - back]))
        b->samples[e].quality = GW_ESTIMATED;
}

/* What was drawn at one time: who fell silent a step before has its power in no sum of
 * then, and parts of several times add up to nothing. */
static void drop_earlier(struct batch *b)
{
    double newest = -INFINITY;
    size_t kept = 0;

    for (size_t i = 0; i < b->sample_count; i++)
        newest = fmax(newest, b->times[b->samples[i].age]);
    for (size_t i = 0; i < b->sample_count; i++)
        if (b->times[b->samples[i].age] > newest - TREND_STEP_S / 2.)
            b->samples[kept++] = b->samples[i];
    b->sample_count = kept;
}

struct lasting {
    struct model *model;
    double at;
};

static void drop_later_events(struct batch *b, double at)
{
    bool *is_later = xcalloc(b->entity_count, sizeof(*is_later));
    size_t kept = 0;

    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == M_EVENT_TIME && !(b->samples[i].number <= at))
            is_later[b->samples[i].entity] = true;
    for (size_t i = 0; i < b->sample_count; i++)
        if (!is_later[b->samples[i].entity])
            b->samples[kept++] = b->samples[i];
    b->sample_count = kept;
    free(is_later);
}

/* Who feeds whom and what a domain is does not change from minute to minute, so it is
 * taken from what the cache remembers now; power is that of the time asked for, events
 * are those until then, and everything else is not known any more. */
static void take_what_lasts(void *arg, struct batch *b)
{
    const struct lasting *l = arg;
    size_t kept = 0;

    for (size_t i = 0; i < b->column_count; i++) {
        uint16_t metric = b->columns[i].metric;

        if (metric == M_DOMAIN_TYPE || metric == M_DOMAIN_CAP || metric == M_SITE_CAP ||
            metric == M_NODE_CAP || metric == M_GPU_MODEL || metric == M_GPU_UUID)
            b->columns[kept++] = b->columns[i];
    }
    b->column_count = kept;
    drop_later_events(b, l->at);
    model_apply(l->model, b);
    batch_free(b);
}

/* Before the beginning there is nothing to look for. */
static int refuse_then(const char *path, double at, struct err *err)
{
    double begins = store_begins(path);
    char since[32];

    if (isnan(begins))
        return err_set_code(err, ERR_NO_DATA, "nothing is recorded yet (%s)", path);
    text_when(since, sizeof(since), begins, clock_wall());
    return at < begins
               ? err_set_code(err, ERR_NO_DATA, "nothing was recorded before %s (%s)",
                              since, path)
               : err_set_code(
                     err, ERR_NO_DATA,
                     "nothing was recorded then, though since %s something was (%s)",
                     since, path);
}

static const unsigned kinds_then = TREND_KINDS | 1u << GW_NODE;

int app_power_then(const struct app *app, double at, struct batch *b, struct err *err)
{
    const char *path = app_cache(app);

    if (!path)
        return err_set_code(err, ERR_NO_DATA,
                            "the past is in the cache, and there is none%s%s",
                            app->notice[0] ? ": " : "", app->notice);
    if (store_trends(path, kinds_then, NULL, STORE_POWER, at, STEPS_BACK, NULL,
                     take_power, b, err) < 0 ||
        store_trends(path, kinds_then, NULL, STORE_ESTIMATED, at, STEPS_BACK, NULL,
                     take_doubt, b, err) < 0)
        return -1;
    if (b->sample_count == 0)
        return refuse_then(path, at, err);
    drop_earlier(b);
    return 0;
}

int app_as_it_was(struct app *app, double at, struct err *err)
{
    struct lasting lasting = { app->model, at };
    struct batch *power;
    int failed;

    if (at > clock_wall())
        return err_set_code(err, ERR_USAGE, "the time asked for has not come yet");
    if (app_cache(app) && store_recall(app->store, kinds_then | 1u << GW_EVENT,
                                       take_what_lasts, &lasting, err) < 0)
        return -1;
    power = batch_new(BATCH_POLL, "history", at);
    model_is_of_then(app->model);
    failed = app_power_then(app, at, power, err);
    if (failed == 0) {
        model_set_interval(app->model, "history", TREND_STEP_S * STEPS_BACK);
        model_apply(app->model, power);
        model_settle(app->model, at);
        model_raise_as_told(app->model);
    }
    batch_free(power);
    return failed;
}
