/* One-shots: poll once, or read a cache that is young enough, print, exit. */
#include "app.h"
#include "base/clock.h"
#include "base/text.h"
#include "show/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The collector keeps power of nodes and domains every 15 s, and writes a little later. */
enum { SUMS_ARE_KEPT_EVERY_S = 30 };

#define ALL_KINDS ((1u << GW_KINDS) - 1)

/* What a question about `kind` needs to know: sums go up the graph, so a domain's needs no GPU when it was
 * remembered, but rows below take their places from what is above them. */
static unsigned kinds_for(enum gw_kind kind)
{
    static const unsigned above = 1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_SOURCE;

    switch (kind) {
    case GW_GPU:
        return above | 1u << GW_NODE | 1u << GW_GPU;
    case GW_NODE:
        return above | 1u << GW_NODE | 1u << GW_GPU;
    default:
        return above | 1u << GW_NODE | 1u << kind;
    }
}

/* The youngest of what targets said: how old the cache is. The site's own row is the configuration's. */
static double age_of_what_is_known(const struct model *m)
{
    static const enum gw_kind kinds[] = { GW_SOURCE, GW_DOMAIN, GW_NODE, GW_GPU };
    double youngest = INFINITY;

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        for (uint32_t row = 0; row < model_rows(m, kinds[k]); row++)
            youngest = fmin(youngest, model_row_age(m, kinds[k], row));
    return youngest;
}

/* How much older than the youngest a value may be that is still told regularly. */
static double slowest_turn(const struct model *m)
{
    double slowest = SUMS_ARE_KEPT_EVERY_S;

    for (uint32_t row = 0; row < model_rows(m, GW_SOURCE); row++)
        slowest = fmax(slowest, 3 * model_number(m, M_SOURCE_INTERVAL, row));
    return slowest;
}

/* Does the cache know every target that would be asked? One just added is not in it. */
static bool knows_targets(const struct app *app)
{
    const struct settings *s = app->settings;

    for (size_t i = 0; i < s->target_count; i++) {
        uint32_t row = model_find(app->model, GW_SOURCE, s->targets[i].name);
        const char *url = row == GW_NONE ? NULL : model_text(app->model, M_SOURCE_URL, row);

        if (!url || strcmp(url, s->targets[i].url) != 0)
            return false;
    }
    return true;
}

static void take_all(struct app *app)
{
    while (app_take_mail(app, 1))
        ;
    model_settle(app->model, clock_wall());
}

/* From the cache alone when it is young enough or there is nothing to ask; else the targets are asked, and the
 * cache fills in, with its age, what did not answer. */
static void learn(struct app *app, enum gw_kind kind)
{
    double max_age = app->settings->max_age_s;
    double age;

    app_recall(app, app->poller && max_age <= 0 ? ALL_KINDS : kinds_for(kind));
    take_all(app);
    /* Forecasts, made anew after a poll, rest on all of them. */
    app_warm_trends(app, app->poller ? TREND_KINDS : TREND_KINDS & 1u << kind);
    age = age_of_what_is_known(app->model);
    if (max_age > 0 && age <= max_age && knows_targets(app)) {
        model_trust_cache(app->model, age + slowest_turn(app->model));
        model_settle(app->model, clock_wall());
    } else if (app->poller) {
        app_poll_once(app, app->settings->timeout_s);
    }
}

static const struct format *format_for(const struct cli *cli, struct err *err)
{
    const char *name = cli->output ? cli->output : isatty(STDOUT_FILENO) ? "table" : "json";
    const struct format *format = format_find(name);

    if (!format)
        err_set_code(err, ERR_USAGE, "-o %.20s: unknown format; see --list formats", name);
    return format;
}

/* Does any row hold more than what the configuration announced? The site's own row always has its cap. */
static bool is_known(const struct model *m, enum gw_kind kind)
{
    for (uint32_t row = 0; row < model_rows(m, kind); row++)
        if (!isnan(kind == GW_SITE ? model_number(m, M_SITE_POWER, row)
                                   : model_row_age(m, kind, row)))
            return true;
    return false;
}

/* Why there may be nothing: 4 where a key or password was refused, 3 where nothing is known. */
static int exit_code(const struct app *app, const struct table *t)
{
    const struct coverage *c = &t->coverage;
    bool refused = false;

    for (uint32_t row = 0; row < model_rows(app->model, GW_SOURCE); row++) {
        const char *state = model_text(app->model, M_SOURCE_STATE, row);

        refused |= state && strcmp(state, "refused") == 0;
    }
    if (app->cli->strict && (c->stale || c->down || c->never || t->error_count))
        return refused ? ERR_AUTH : ERR_NO_DATA;
    if (c->ok + c->stale > 0 || is_known(app->model, t->view->rows))
        return 0;
    return refused ? ERR_AUTH : app->poller || t->error_count ? ERR_NO_DATA : 0;
}

static void say_errors(const struct table *t)
{
    char target[300], text[600];

    for (size_t i = 0; i < t->error_count; i++) {
        text_clean(target, sizeof(target), t->errors[i].target, strlen(t->errors[i].target));
        text_clean(text, sizeof(text), t->errors[i].text, strlen(t->errors[i].text));
        fprintf(stderr, "gigawatch: %s: %s\n", target, text);
    }
}

static int answer(struct app *app, const struct query *q, const struct format *format)
{
    struct table *t;
    int code;

    t = table_new(app->model, q, format->wide);
    format->write(t, stdout);
    say_errors(t);
    code = exit_code(app, t);
    table_free(t);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "gigawatch: the answer could not be written\n");
        return ERR_FAILED;
    }
    return code;
}

static int complain_of_query(const char *text, size_t column, const struct err *err)
{
    char *complaint = query_complaint(text, column, err);

    fprintf(stderr, "gigawatch: %s\n", complaint);
    free(complaint);
    return ERR_USAGE;
}

/* --watch: polled like the console, printed every so often, until the reader goes away. */
static int watch(struct app *app, const struct query *q, const struct format *format)
{
    int code = 0;

    app_recall(app, ALL_KINDS);
    if (app->poller)
        poller_start(app->poller);
    while (code != ERR_FAILED) {
        double until = clock_steady() + app->cli->watch_s, left;

        while ((left = until - clock_steady()) > 0) {
            struct batch *b = inbox_wait(app->inbox, (int)(fmin(left, 1) * 1000) + 1);

            if (b)
                app_take(app, b);
        }
        model_settle(app->model, clock_wall());
        code = answer(app, q, format);
    }
    return code;
}

/* "at TIME" of the query, or --at, which main has checked. "now" is no past. */
static bool asks_past(const struct query *q, const struct cli *cli, double *at)
{
    double now = clock_wall();

    if (!query_has_time(q, now, at)) {
        if (!cli->at)
            return false;
        *at = text_parse_time(cli->at, now);
    }
    return *at != now;
}

static int answer_of_the_past(struct app *app, const struct query *q,
                              const struct format *format, double at)
{
    struct err err = { .code = ERR_FAILED };

    if (app_as_it_was(app, at, &err) == 0)
        return answer(app, q, format);
    fprintf(stderr, "gigawatch: %s\n", err.text);
    return (int)err.code;
}

int app_query(struct app *app)
{
    const struct cli *cli = app->cli;
    struct err err;
    size_t column = 0;
    struct query *q = query_parse(cli->query, &err, &column);
    const struct format *format;
    double at = NAN;
    int code;

    if (!q)
        return complain_of_query(cli->query, column, &err);
    format = format_for(cli, &err);
    if (!format) {
        fprintf(stderr, "gigawatch: %s\n", err.text);
        query_free(q);
        return ERR_USAGE;
    }
    if (app->notice[0])
        fprintf(stderr, "gigawatch: %s\n", app->notice);
    if (asks_past(q, cli, &at)) {
        code = answer_of_the_past(app, q, format, at);
    } else if (cli->watch_s == cli->watch_s) {
        code = watch(app, q, format);
    } else {
        learn(app, query_view(q)->rows);
        code = answer(app, q, format);
    }
    query_free(q);
    return code;
}
