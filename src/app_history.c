/* The past out of the cache: trends for a console that just started, and the site as it was at a time. */
#include "app.h"
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- trends ---- */

static void fill_trend(void *arg, enum gw_kind kind, const char *name, double last,
                       const float *values, size_t count)
{
    struct app *app = arg;
    uint32_t row = model_find(app->model, kind, name);
    double times[TREND_LENGTH];

    if (row == GW_NONE)
        return;
    for (size_t i = 0; i < count; i++)
        times[i] = last - (double)(count - 1 - i) * TREND_STEP_S;
    model_trend_fill(app->model, kind, row, times, values, count);
}

void app_warm_trends(struct app *app, unsigned kinds)
{
    const char *path = app_cache(app);
    struct err err;

    /* A site without a past is shown all the same: the trends start now. */
    if (path && kinds && store_trends(path, kinds, clock_wall(), TREND_LENGTH, fill_trend, app,
                             &err) < 0)
        snprintf(app->notice, sizeof(app->notice), "no past to show: %.400s", err.text);
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
        return M_DOMAIN_METER;
    case GW_TENANT:
        return M_TENANT_POWER;
    case GW_NODE:
        return M_NODE_METER;
    default:
        return METRIC_NONE;
    }
}

static void take_power(void *arg, enum gw_kind kind, const char *name, double last,
                       const float *values, size_t count)
{
    struct batch *b = arg;              /* what was drawn then */
    uint16_t metric = power_metric(kind);

    for (size_t i = count; i > 0 && metric != METRIC_NONE; i--) {
        if (isnan(values[i - 1]))
            continue;
        batch_time(b, last - (double)(count - i) * TREND_STEP_S);
        batch_number(b, batch_entity(b, kind, name, strlen(name), GW_NONE), metric,
                     (double)values[i - 1], GW_OK);
        return;
    }
}

/* Who feeds whom and what a domain is does not change from minute to minute, so it is taken from what the cache
 * remembers now; power is that of the time asked for, and everything else is not known any more. */
static void keep_what_lasts(struct model *m, struct batch *b)
{
    size_t kept = 0;

    for (size_t i = 0; i < b->sample_count; i++) {
        uint16_t metric = b->samples[i].metric;

        if (metric == M_DOMAIN_TYPE || metric == M_DOMAIN_CAP || metric == M_SITE_CAP ||
            metric == M_NODE_CAP || metric == M_GPU_MODEL || metric == M_GPU_UUID)
            b->samples[kept++] = b->samples[i];
    }
    b->sample_count = kept;
    model_apply(m, b);
}

int app_as_it_was(struct app *app, double at, struct err *err)
{
    const char *path = app_cache(app);
    struct batch *b, *power;
    int failed;

    if (at > clock_wall())
        return err_set_code(err, ERR_USAGE, "the time asked for has not come yet");
    if (!path)
        return err_set_code(err, ERR_NO_DATA, "the past is in the cache, and there is none%s%s",
                            app->notice[0] ? ": " : "", app->notice);
    app_recall(app, 1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_NODE | 1u << GW_TENANT);
    while ((b = inbox_take(app->inbox))) {
        keep_what_lasts(app->model, b);
        batch_free(b);
    }
    power = batch_new(BATCH_POLL, "history", at);
    failed = store_trends(path, 1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_NODE | 1u << GW_TENANT,
                          at, STEPS_BACK, take_power, power, err);
    if (failed == 0 && power->sample_count == 0)
        failed = err_set_code(err, ERR_NO_DATA, "%s: nothing was recorded then", path);
    if (failed == 0) {
        model_set_interval(app->model, "history", TREND_STEP_S * STEPS_BACK);
        model_apply(app->model, power);
        model_settle(app->model, at);
    }
    batch_free(power);
    return failed;
}
