/* Ten consoles cost the site no more than one: a console (or a one-shot that goes on)
 * beside another gigawatch that polls the same and keeps the cache, a collector at best,
 * polls nothing and follows it. When that one is gone, it polls again. */
#include "app.h"
#include "base/clock.h"
#include "base/log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The writer keeps power of nodes and domains every 15 s, and writes a little later. */
enum {
    SUMS_ARE_KEPT_EVERY_S = 30,
    LOOKS_AT_OTHERS_EVERY_S = 10,
    TRIES_CACHE_EVERY_S = 5
};

/* Alerts it raises itself, from the same values. */
#define FOLLOWED_KINDS (((1u << GW_KINDS) - 1) & ~(1u << GW_ALERT))

/* ---- what a cache is worth ---- */

/* The site's own row is the configuration's. */
double app_youngest(const struct model *m)
{
    static const enum gw_kind kinds[] = { GW_SOURCE, GW_DOMAIN, GW_NODE, GW_GPU };
    double newest = -INFINITY;

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        newest = fmax(newest, model_newest(m, kinds[k]));
    return fmax(0, clock_wall() - newest);
}

double app_slowest_turn(const struct model *m)
{
    double slowest = SUMS_ARE_KEPT_EVERY_S;

    for (uint32_t row = 0; row < model_rows(m, GW_SOURCE); row++)
        slowest = fmax(slowest, 3 * model_number(m, M_SOURCE_INTERVAL, row));
    return slowest;
}

/* Does somebody poll everything that would be polled here? */
static bool is_told_all(const struct app *app, const struct model *m)
{
    const struct settings *s = app->settings;
    double limit = app_slowest_turn(m);

    for (size_t i = 0; i < s->target_count; i++) {
        uint32_t row = app_row_of_target(m, &s->targets[i]);

        if (row == GW_NONE || !(model_row_age(m, GW_SOURCE, row) <= limit))
            return false;
    }
    return s->target_count > 0 || app_youngest(m) <= limit;
}

static void take_in(void *arg, struct batch *b)
{
    model_apply(arg, b);
    batch_free(b);
}

/* The same of the cache, without a word to the model. */
static bool is_told_all_by_cache(const struct app *app)
{
    struct model *m = model_new(app->settings->site);
    struct err err;
    bool told;

    (void)store_recall(app->store, 1u << GW_SOURCE | 1u << GW_DOMAIN, take_in, m, &err);
    model_settle(m, clock_wall());
    told = is_told_all(app, m);
    model_free(m);
    return told;
}

static void start_writing(struct app *app)
{
    store_pace(app->store, app->settings->write_every_s);
    store_start(app->store, app->inbox);
}

/* ---- polling and following ---- */

/* Of whom the cache knows that they told of themselves to the last: what it keeps of the
 * past they need not tell again. Of one that was down, it is others' sums alone that are
 * known. */
void app_spare_known_past(struct app *app)
{
    double since, until;

    model_known_past(app->model, &since, &until);
    for (size_t i = 0; i < app->settings->target_count; i++) {
        uint32_t row = model_find(app->model, GW_SOURCE, app->settings->targets[i].name);
        const char *state = row == GW_NONE ? NULL
                                           : model_text(app->model, M_SOURCE_STATE, row);

        if (state && strcmp(state, "ok") == 0)
            poller_knows_past(app->poller, i, since, until);
    }
}

static void poll_here(struct app *app)
{
    struct err err;

    model_is_told_events(app->model, false);
    if (app->store && store_writes(app->store)) {
        start_writing(app);
        if (app->settings->target_count == 0)
            model_asks_nobody(app->model);
    }
    if (!app->poller && app_make_poller(app, &err) != 0)
        log_line("%s", err.text);
    if (app->poller && app->prompt)
        poll_set_prompt(app->poller, app->prompt, app->prompt_arg);
    if (app->poller) {
        app_spare_known_past(app);
        poller_start(app->poller);
    }
    app_start_forecasts(app);
}

/* A question of a target that is not asked any more gets a no. */
static void stop_polling(struct app *app)
{
    forecasting_free(app->forecasting);
    app->forecasting = NULL;
    if (app->prompt)
        questions_end(app->prompt_arg);
    app->hangs |= !poller_stop(app->poller);
    app->poller = NULL;
    if (app->prompt)
        questions_renew(app->prompt_arg);
}

/* Who polls instead of us; another may take its place. */
static void name_leader(struct app *app, const char *path)
{
    long collector = store_collector(path),
         writer = collector ? collector : store_writer(path);

    if (writer == 0 || writer == app->leader)
        return;
    app->leader = writer;
    snprintf(app->news, sizeof(app->news),
             "following the %s (process %ld): it polls, and nothing is polled here",
             collector ? "collector" : "console", writer);
}

static bool follow(struct app *app, const char *path)
{
    struct err err;

    app->follower = store_follow(path, FOLLOWED_KINDS, app->inbox, &err);
    if (!app->follower)
        return false;
    model_trust_cache(app->model, app_slowest_turn(app->model));
    model_is_told_events(app->model, true);
    app->leader = 0;
    name_leader(app, path);
    return true;
}

/* Only one that is known to write now is followed, and only if its cache may be used at
 * all. */
static bool may_follow(const struct app *app, const char *path)
{
    return path && app->store && !store_writes(app->store) &&
           app->settings->max_age_s > 0 && store_writer(path) != 0 &&
           is_told_all_by_cache(app);
}

void app_begin(struct app *app)
{
    const char *path = app_cache(app);

    app->next_look = clock_steady() + LOOKS_AT_OTHERS_EVERY_S;
    if (!may_follow(app, path) || !follow(app, path))
        poll_here(app);
}

/* ---- when others come and go ---- */

/* A collector wants to write: what is here is written out first. */
static void make_way(struct app *app, const char *path)
{
    struct err err;

    stop_polling(app);
    store_close(app->store);
    app->store = store_open(path, STORE_READ, &err);
    if (!app->store || !follow(app, path))
        poll_here(app);
}

/* False: somebody else was faster, the file cannot be written, or it is not ours to
 * write: a one-shot's that goes on. */
static bool take_over(struct app *app, const char *path)
{
    struct err err;
    struct store *store;

    if (app->cli->task == TASK_QUERY)
        return false;
    store = store_open(path, STORE_WRITE, &err);
    if (!store || !store_writes(store)) {
        store_close(store);
        return false;
    }
    store_close(app->store);
    app->store = store;
    if (app->follower)
        store_lends_anew(store, app->model);
    return true;
}

static void stop_following(struct app *app, const char *why)
{
    store_follow_end(app->follower);
    app->follower = NULL;
    poll_here(app);
    snprintf(app->news, sizeof(app->news), "%s; polling here", why);
}

static void look_at_leader(struct app *app, const char *path)
{
    model_trust_cache(app->model, app_slowest_turn(app->model));
    if (store_writer(path) == 0 && take_over(app, path))
        stop_following(app, "the one that polled is gone");
    else if (!is_told_all(app, app->model))
        stop_following(
            app, "the one that keeps the cache does not tell of every target any more");
    else
        name_leader(app, path);
}

/* One that polls and does not write: because somebody else does, who may go or poll the
 * same now. */
static void look_at_others(struct app *app, const char *path)
{
    if (clock_steady() < app->next_look)
        return;
    app->next_look = clock_steady() + LOOKS_AT_OTHERS_EVERY_S;
    if (store_writer(path) == 0) {
        if (take_over(app, path))
            start_writing(app);
    } else if (may_follow(app, path)) {
        stop_polling(app);
        if (!follow(app, path))
            poll_here(app);
    }
}

/* It could not be opened: the disk was full, the file another program's. What is wrong
 * may have been mended. */
static void try_cache_again(struct app *app)
{
    const char *path = settings_cache(app->settings);
    struct err err;

    if (clock_steady() < app->next_look)
        return;
    app->next_look = clock_steady() + TRIES_CACHE_EVERY_S;
    app->store = store_open(path, STORE_WRITE, &err);
    if (!app->store) {
        model_tell_cache(app->model, err.text);
        return;
    }
    app->lacks_cache = false;
    model_tell_cache(app->model, NULL);
    if (store_writes(app->store))
        start_writing(app);
    snprintf(app->news, sizeof(app->news), "%.400s: could be opened now", path);
}

void app_look_around(struct app *app)
{
    const char *path = app_cache(app);

    if (app->lacks_cache)
        try_cache_again(app);
    if (!path)
        return;
    if (app->follower)
        look_at_leader(app, path);
    else if (!store_writes(app->store))
        look_at_others(app, path);
    else if (store_collector(path))
        make_way(app, path);
}
