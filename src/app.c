/* Batches in, model and cache up to date. */
#include "app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HISTORY_EVERY_S = TREND_STEP_S };

static void discard(void *item)
{
    batch_free(item);
}

/* ---- opening ---- */

int app_load_plugins(struct settings *settings, struct err *err)
{
    const char *directory = settings->plugins;
    DIR *dir = directory ? opendir(directory) : NULL;
    struct dirent *entry;
    char path[4096];
    int result = 0;

    if (directory && !dir) {
        err_set(err, "plugins: %s cannot be read", directory);
        return settings_goes_on(settings, err) ? 0 : -1;
    }
    while (dir && result == 0 && (entry = readdir(dir))) {
        size_t len = strlen(entry->d_name);

        if (len < 4 || strcmp(entry->d_name + len - 3, ".so") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        result = source_load(path, err);
        if (result != 0 && settings_goes_on(settings, err))
            result = 0;
    }
    if (dir)
        closedir(dir);
    return result;
}

static void declare_roster(struct app *app)
{
    struct settings *s = app->settings;

    model_set_thresholds(app->model, &s->thresholds);
    model_set_rules(app->model, s->rules, s->rule_count);
    if (app->cli->replay)
        model_is_recorded(app->model);
    if (s->roster && !app->demo)
        model_apply(app->model, s->roster);
    for (size_t i = 0; i < s->cap_count && !app->demo; i++) {
        uint32_t row = model_find(app->model, GW_DOMAIN, s->caps[i].domain);

        if (row != GW_NONE)
            model_set_cap(app->model, row, &s->caps[i].cap);
    }
}

static void declare_site_cap(struct app *app)
{
    struct batch *b;
    const char *site = app->settings->site;

    if (!(app->settings->cap_w > 0) || app->demo)
        return;
    b = batch_new(BATCH_ROSTER, "", clock_wall());
    batch_number(b, batch_entity(b, GW_SITE, site, strlen(site), GW_NONE), M_SITE_CAP,
                 app->settings->cap_w, GW_OK);
    model_apply(app->model, b);
    batch_free(b);
}

static void declare_prices(struct app *app)
{
    const struct settings *s = app->settings;
    struct batch *b;
    uint32_t site;

    /* A simulated site has a tariff of its own. */
    if (app->demo || (isnan(s->price) && isnan(s->carbon) && !s->currency))
        return;
    b = batch_new(BATCH_ROSTER, "", clock_wall());
    site = batch_entity(b, GW_SITE, model_site(app->model),
                        strlen(model_site(app->model)), GW_NONE);
    if (!isnan(s->price))
        batch_number(b, site, M_SITE_PRICE, s->price, GW_OK);
    if (!isnan(s->carbon))
        batch_number(b, site, M_SITE_CARBON, s->carbon, GW_OK);
    if (s->currency)
        batch_text(b, site, M_SITE_CURRENCY, s->currency, strlen(s->currency));
    model_apply(app->model, b);
    batch_free(b);
}

/* Who names hosts expects them to be there, also those that never answer. */
static void expect_nodes(struct app *app)
{
    char room[NODE_NAME_ROOM];

    for (size_t i = 0; i < app->settings->target_count; i++) {
        const char *node = node_of_target(&app->settings->targets[i], room);

        if (node)
            model_expect_node(app->model, node);
    }
}

bool app_is_without_site(const struct app *app)
{
    return !app->poller && !app->settings->roster;
}

int app_needs_something(const struct app *app, struct err *err)
{
    if (!app_is_without_site(app) || app->store)
        return 0;
    return err_set_code(
        err, ERR_USAGE,
        "nothing to show: name a target (gigawatch ssh://n14, gigawatch local:), write "
        "~/.config/gigawatch/gigawatch.yaml, or look around with gigawatch --demo");
}

void app_declare(struct app *app)
{
    app->model = model_new(app->settings->site);
    declare_roster(app);
    declare_site_cap(app);
    declare_prices(app);
    expect_nodes(app);
}

static void open_cache(struct app *app, enum store_mode mode)
{
    const char *path = settings_cache(app->settings);
    struct err err;

    /* A simulated site or a recorded one leaves no trace, unless a cache is asked for by
     * name. */
    if (!path || ((app->demo || app->cli->replay) && !app->settings->cache))
        return;
    /* Nothing is polled, nothing is declared and nothing was kept: a cache would be
     * empty, too. */
    if (mode == STORE_WRITE && app_is_without_site(app) && access(path, F_OK) != 0)
        return;
    app->store = store_open(path, mode, &err);
    if (app->store)
        store_lends(app->store, app->model);
    /* Who only reads, and can ask instead or has nothing at all, does not miss a cache
     * that nobody made yet. */
    if (!app->store &&
        !(mode == STORE_READ && (app->poller || app_is_without_site(app)) &&
          access(path, F_OK) != 0))
        snprintf(app->notice, sizeof(app->notice), "%s", err.text);
    if (!app->store && mode == STORE_WRITE) {
        app->lacks_cache = true;
        model_set_now(app->model, clock_wall());
        model_tell_cache(app->model, err.text);
    }
}

int app_make_poller(struct app *app, struct err *err)
{
    struct settings *s = app->settings;

    app_complete_targets(s, app->cli);
    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];
        const struct gw_source *source = source_of_target(t);

        /* What was recorded is never taken for live. */
        app->replay |= source && strcmp(source->name, "csv") == 0;
        model_set_interval(app->model, t->name, app_told_every(t, source));
    }
    if (s->target_count == 0)
        return 0;
    app->poller = poller_new(s->targets, s->target_count, app->inbox, err);
    return app->poller ? 0 : -1;
}

int app_open(struct app *app, const struct cli *cli, struct settings *settings,
             enum store_mode mode, struct err *err)
{
    *app = (struct app){ .cli = cli, .settings = settings, .demo = cli->demo != NULL,
                         .replay = cli->replay != NULL };
    app->inbox = inbox_new(discard);
    app_declare(app);
    if (app_try_flagged_targets(app, err) != 0 ||
        app_check_options(app->settings, err) != 0 || app_make_poller(app, err) != 0)
        return -1;
    if (cli->record && !(app->recording = recording_new(cli->record, err)))
        return -1;
    open_cache(app, mode);
    return 0;
}

bool app_close(struct app *app)
{
    bool stopped;

    store_follow_end(app->follower);
    forecasting_free(app->forecasting);
    recording_free(app->recording);
    stopped = poller_stop(app->poller) && !app->hangs;
    if (app->store)
        store_close(app->store);
    model_free(app->past);
    model_free(app->model);
    /* A source that hangs in a call of its own still holds its target and may yet write
     * to the inbox. */
    if (!stopped)
        return false;
    inbox_free(app->inbox);
    questions_free(app->questions);
    return true;
}

static void take_remembered(void *arg, struct batch *b)
{
    app_take(arg, b);
}

void app_recall(struct app *app, unsigned kinds)
{
    app_recall_some(app, kinds, NULL);
}

void app_recall_some(struct app *app, unsigned kinds, const struct store_wish *wish)
{
    struct err err;

    if (app->store &&
        store_recall_some(app->store, kinds, wish, take_remembered, app, &err) < 0)
        snprintf(app->notice, sizeof(app->notice), "%s", err.text);
}

/* It may be read from any thread. */
const char *app_cache(const struct app *app)
{
    return app->store ? settings_cache(app->settings) : NULL;
}

void app_start_forecasts(struct app *app)
{
    bool keeps = app->store && store_writes(app->store);

    app->forecasting = forecasting_new(app->inbox, keeps ? app->store : NULL,
                                       app_cache(app),
                                       model_thresholds(app->model)->p_critical);
    /* The first answers, and the past that some sources tell, come in pieces: what is
     * said at first is soon said again. */
    app->next_forecast = clock_steady() + 1 / clock_speed();
    app->first_forecasts_end = clock_steady() + 3 / clock_speed();
}

/* ---- running ---- */

/* The batch's way ends in the store, which frees it; what came from there does not go
 * back. */
static void keep(struct app *app, struct batch *b)
{
    if (!app->store || b->origin == BATCH_CACHE || !store_writes(app->store)) {
        batch_free(b);
        return;
    }
    if (!store_lends_gpus(app->store))
        model_name_known(app->model, b);
    store_put(app->store, b);
}

/* Who has no screen reads the log: that the cache cannot be written, say. */
static void log_events(const struct batch *b)
{
    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == M_EVENT_TEXT && b->samples[i].text)
            log_line("%s", b->samples[i].text);
}

void app_take(struct app *app, struct batch *b)
{
    if (b->origin == BATCH_HOST && app->cli->task == TASK_COLLECT)
        log_events(b);
    model_apply(app->model, b);
    model_call_gpus(app->model, b);
    if (app->store)
        store_told(app->store, b);
    app->told = true;
    keep(app, b);
}

bool app_take_mail(struct app *app, double budget_s)
{
    double until = clock_steady() + budget_s;
    struct batch *b;

    while ((b = inbox_take(app->inbox))) {
        app_take(app, b);
        if (clock_steady() > until)
            return inbox_count(app->inbox) > 0;
    }
    return false;
}

/* Of domains whose cap must hold with the other feed lost, the past of that, too: it is
 * what is forecast. */
static void add_n1(const struct model *m, struct batch *b)
{
    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++) {
        double watts = model_cap_is_n1(m, row) ? model_number(m, M_DOMAIN_POWER_N1, row)
                                               : NAN;
        const char *name = model_name(m, GW_DOMAIN, row);
        enum gw_quality quality = model_quality(m, M_DOMAIN_POWER_N1, row);

        if (!isnan(watts) && quality != GW_STALE && !model_sum_lacks(m, GW_DOMAIN, row))
            batch_number(b, batch_entity(b, GW_DOMAIN, name, strlen(name), GW_NONE),
                         M_DOMAIN_POWER_N1, watts, quality);
    }
}

/* False: there is nothing. */
static bool put(struct app *app, struct batch *b)
{
    if (b->sample_count == 0) {
        batch_free(b);
        return false;
    }
    store_put(app->store, b);
    return true;
}

/* The cache keeps its history from this, for what the model works out is in no source's
 * batch. False: there is nothing yet. */
static bool put_history(struct app *app)
{
    struct batch *b = batch_new(BATCH_HOST, "", model_now(app->model));

    model_tell_sums(app->model, b, true);
    add_n1(app->model, b);
    return put(app, b);
}

static struct batch *batch_of_now(const struct app *app)
{
    struct batch *b = batch_new(BATCH_HOST, "", model_now(app->model));

    b->of_now = true;
    return b;
}

/* Between the steps of the history, for whoever reads the cache: sums as young as what is
 * told of GPUs. So many nodes are not gone through so often. */
static void put_sums(struct app *app)
{
    enum { MANY_NODES = 20000 };
    struct batch *b = batch_of_now(app);

    model_tell_sums(app->model, b, model_rows(app->model, GW_NODE) <= MANY_NODES);
    (void)put(app, b);
}

/* And whoever reads the cache sees by this what is lacking. */
static void put_rest(struct app *app)
{
    struct batch *b = batch_of_now(app);

    model_tell_rest(app->model, b);
    (void)put(app, b);
}

/* Alerts and events are the model's own words, too. They go to the cache when there is a
 * new one. */
static void put_events(struct app *app)
{
    static const enum gw_kind kinds[] = { GW_ALERT, GW_EVENT };

    if (app->kept_events == model_event_count(app->model))
        return;
    app->kept_events = model_event_count(app->model);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct batch *b = model_snapshot(app->model, kinds[i]);

        if (!b)
            continue;
        b->origin = BATCH_JOURNAL;
        store_put(app->store, b);
    }
}

static bool is_due(double *next, double now, double every_s)
{
    if (now < *next)
        return false;
    *next = now + every_s;
    return true;
}

/* As soon as a step of the trends is over: it is what forecasters learn from. */
static void ask_forecasts(struct app *app, double steady)
{
    double step = floor(model_now(app->model) / TREND_STEP_S);

    if (!app->forecasting || steady < app->next_forecast || step == app->asked_step ||
        !forecasting_ask(app->forecasting, app->model, model_now(app->model)))
        return;
    /* What is known of the past may still be on its way: then once more, not a step
     * later. */
    if (steady < app->first_forecasts_end)
        app->next_forecast = app->first_forecasts_end;
    else
        app->asked_step = step;
}

/* With a clock in a hurry many steps of the trends may have passed since the last
 * look. */
static bool settle(struct app *app)
{
    enum { MOST = 400 };
    double now = clock_wall(), step = model_now(app->model) + TREND_STEP_S;
    bool changed = false;

    if (clock_speed() > 1 && now - step < (double)MOST * TREND_STEP_S)
        for (; step < now; step += TREND_STEP_S)
            changed |= model_settle(app->model, step);
    return model_settle(app->model, now) || changed;
}

static bool keeps_history(const struct app *app)
{
    return app->store && store_writes(app->store);
}

/* Where nothing was told, values only grow older: so they do, but what is summed up of
 * 100,000 rows is so every few seconds only, or when a target or node falls silent. */
static bool only_ages(struct app *app, double steady, const struct coverage *before)
{
    struct coverage after;

    if (app->told || clock_speed() > 1 || steady >= app->settle_by)
        return false;
    model_set_now(app->model, clock_wall());
    after = model_coverage(app->model);
    return memcmp(before, &after, sizeof(after)) == 0;
}

/* Returns whether anything visible changed. */
static bool settle_or_age(struct app *app, double steady)
{
    enum { QUIET_S = 10, SOON_S = 3 };
    struct coverage before = model_coverage(app->model), after;
    struct err err;
    bool changed;

    if (only_ages(app, steady, &before))
        return false;
    changed = settle(app);
    after = model_coverage(app->model);
    /* Who reads the cache sees soon what is lacking, and what is there again. */
    if (memcmp(&before, &after, sizeof(after)) != 0)
        app->next_history = fmin(app->next_history, app->last_history + SOON_S);
    if (recording_take(app->recording, app, &err) < 0)
        snprintf(app->news, sizeof(app->news), "%s", err.text);
    app->told = false;
    app->settle_by = steady + QUIET_S;
    if (keeps_history(app))
        put_events(app);
    app->settled = true;
    return changed || memcmp(&before, &after, sizeof(after)) != 0;
}

/* A little of what was told, so that no key waits for it; where that was all, what comes
 * meanwhile is told together. */
static void lend(struct app *app, double steady)
{
    static const double next_s = .5;

    if (keeps_history(app) && steady >= app->next_lend)
        app->next_lend = steady + (store_lend(app->store)
                                       ? fmin(next_s, app->settings->write_every_s / 2)
                                       : app->settings->write_every_s / 2) /
                                      clock_speed();
}

bool app_tick(struct app *app)
{
    double steady = clock_steady(), speed = clock_speed();

    lend(app, steady);
    if (is_due(&app->next_settle, steady,
               fmax(fmin(app->settings->refresh_s, 1) / speed, .02)))
        return settle_or_age(app, steady);
    if (keeps_history(app) &&
        is_due(&app->next_history, steady, HISTORY_EVERY_S / speed)) {
        app->last_history = steady;
        if (!put_history(app))
            app->next_history = steady + 1 / speed;
        put_rest(app);
    } else if (keeps_history(app) && app->settled &&
               is_due(&app->next_sums, steady,
                      app->settings->write_every_s / 2 / speed)) {
        put_sums(app);
    } else if (app->settled) {
        app->settled = false;
        ask_forecasts(app, steady);
    }
    return false;
}

void app_tell_news(struct app *app)
{
    char clean[sizeof(app->news) * 4];

    if (!app->news[0])
        return;
    clean[text_clean(clean, sizeof(clean), app->news, strlen(app->news))] = '\0';
    fprintf(stderr, "gigawatch: %s\n", clean);
    app->news[0] = '\0';
}

bool app_has_more(const struct app *app)
{
    return app->settled || (keeps_history(app) && clock_steady() >= app->next_history);
}
