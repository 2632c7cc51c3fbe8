/* One-shots: poll once, or read a cache that is young enough, print, exit. */
#include "app.h"
#include "base/clock.h"
#include "base/text.h"
#include "show/ascii.h"
#include "show/format.h"
#include "tui/terminal.h"

#include <math.h>
#include <stdio_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From the cache alone when it is young enough or there is nothing to ask; else the
 * targets are asked, and the cache fills in, with its age, what did not answer. */
static void learn(struct app *app, struct need *need)
{
    double max_age = app->settings->max_age_s, age;

    need_choosing(need, app);
    age = app_youngest(app->model);
    if (max_age > 0 && age <= max_age && app_knows_targets(app, app->model)) {
        need_trusting(need, app, age + app_slowest_turn(app->model));
    } else if (app->poller) {
        need_asking(need, app);
        app_poll_once(app, app->settings->timeout_s);
        need_forecasting(need, app);
        return;
    }
    model_all_answered(app->model);
    need_settling(need, app);
    need_what_is_not_told(need, app);
}

void app_learn(struct app *app, const struct query *q, bool wide)
{
    struct need *need = need_new(app, q, wide);

    need_watching(need);
    learn(app, need);
    need_free(need);
}

static const struct format *format_for(const struct cli *cli, struct err *err)
{
    const char *name = cli->output             ? cli->output
                       : isatty(STDOUT_FILENO) ? "table"
                                               : "json";
    const struct format *format = format_find(name);
    char known[256] = "", meant[280];

    if (format)
        return format;
    for (const struct format *const *f = formats_all(); *f; f++)
        text_add(known, sizeof(known), "%s%s", known[0] ? ", " : "", (*f)->name);
    text_meant(meant, sizeof(meant), name, known);
    err_set_code(err, ERR_USAGE, "-o %.20s: unknown format; %s", name, meant);
    return NULL;
}

/* Does any row hold more than what the configuration announced? The site's own row always
 * has its cap. */
static bool is_known(const struct model *m, enum gw_kind kind)
{
    bool known = kind != GW_SITE && !isnan(model_newest(m, kind));

    for (uint32_t row = 0; kind == GW_SITE && row < model_rows(m, kind); row++)
        known |= !isnan(model_number(m, M_SITE_POWER, row));
    return known;
}

/* A target may answer, and tell nothing. */
static bool is_anything_told(const struct model *m)
{
    size_t sources = model_rows(m, GW_SOURCE);
    bool told = sources == 0;

    for (uint32_t row = 0; row < sources; row++) {
        double entities = model_number(m, M_SOURCE_ENTITIES, row);

        told |= entities > 0 || (isnan(entities) && !model_source_is_silent(m, row));
    }
    return told;
}

/* Why there may be nothing: 4 where a key or password was refused, 3 where nothing is
 * known. */
static int exit_code(const struct app *app, const struct table *t)
{
    const struct coverage *c = &t->coverage;
    bool refused = false;

    if (model_is_then(app->model))
        return 0;               /* else it would have been refused */
    for (uint32_t row = 0; row < model_rows(app->model, GW_SOURCE); row++) {
        const char *state = model_text(app->model, M_SOURCE_STATE, row);

        refused |= state && strcmp(state, "refused") == 0;
    }
    if (app->cli->strict && (c->stale || c->down || c->never || t->error_count))
        return refused ? ERR_AUTH : ERR_NO_DATA;
    if ((c->ok + c->stale > 0 && is_anything_told(app->model)) ||
        is_known(app->model, t->view->rows))
        return 0;
    return refused ? ERR_AUTH : app->poller || t->error_count ? ERR_NO_DATA : 0;
}

static void say_errors(const struct table *t)
{
    char target[300], text[600];

    for (size_t i = 0; i < t->error_count; i++) {
        text_clean(target, sizeof(target), t->errors[i].target,
                   strlen(t->errors[i].target));
        text_clean(text, sizeof(text), t->errors[i].text, strlen(t->errors[i].text));
        /* A file that complains of itself has said its name. */
        if (strncmp(text, target, strlen(target)) == 0 && text[strlen(target)] == ':')
            fprintf(stderr, "gigawatch: %s\n", text);
        else
            fprintf(stderr, "gigawatch: %s: %s\n", target, text);
    }
}

/* A table for people follows --ascii and the locale, as the screen does. */
static void write_answer(const struct app *app, const struct format *format,
                         const struct table *t)
{
    char *text = NULL;
    size_t len;
    FILE *plain;

    if (!format->drawn || (!app->settings->ascii && terminal_is_utf8())) {
        format->write(t, stdout);
        return;
    }
    plain = open_memstream(&text, &len);
    format->write(t, plain);
    fclose(plain);
    ascii_print(stdout, text);
    free(text);
}

/* What is amiss with the cache, which may be known only once it was read. */
static void say_notice(const struct app *app)
{
    if (app->notice[0])
        fprintf(stderr, "gigawatch: %s\n", app->notice);
}

static int answer(struct app *app, const struct query *q, const struct format *format,
                  struct need *need)
{
    struct table *t = table_new(app->model, q, format->wide);
    int code;

    if (need)
        need_showing(need, app, t);
    t->is_watched = app->cli->watch_s == app->cli->watch_s;
    t->goes_on = app->answers > 0;
    if (format->drawn && !format->wide)
        t->fits = terminal_columns();
    __fsetlocking(stdout, FSETLOCKING_BYCALLER); /* nobody else writes to it */
    if (app->answers == 0)
        say_notice(app);
    write_answer(app, format, t);
    say_errors(t);
    if (t->row_count == 0 && query_hint(q)[0] && app->answers == 0)
        fprintf(stderr, "gigawatch: %s\n", query_hint(q));
    code = exit_code(app, t);
    table_free(t);
    app->answers++;
    /* main() says so. */
    return fflush(stdout) != 0 || ferror(stdout) ? ERR_FAILED : code;
}

static int complain_of_query(const char *text, size_t column, const struct err *err)
{
    char *complaint = query_complaint(text, column, err);

    fprintf(stderr, "gigawatch: %s\n", complaint);
    free(complaint);
    return ERR_USAGE;
}

/* Takes in what comes, from targets or from the one whose cache is followed. */
static void live(struct app *app, double seconds, double *next_look)
{
    double until = clock_steady() + seconds, left;

    while ((left = until - clock_steady()) > 0) {
        bool more = app_take_mail(app, .05);
        struct batch *b;

        app_tick(app);
        app_tell_news(app);
        more |= app_has_more(app);
        b = inbox_wait(app->inbox, more ? 0 : (int)(fmin(left, 1) * 1000) + 1);
        if (b)
            app_take(app, b);
        if (clock_steady() < *next_look)
            continue;
        *next_look = clock_steady() + 1;
        app_look_around(app);
    }
}

/* --watch: polls or follows like the console, and prints every so often, until the reader
 * goes away. Who asks to hear every hour hears first what the targets say now. */
static int watch(struct app *app, const struct query *q, const struct format *format)
{
    double next_look = 0, wait = fmin(app->cli->watch_s, 2);
    int code = 0;

    app_recall(app, ALL_KINDS);
    model_settle(app->model, clock_wall());
    app_warm_trends(app, TREND_KINDS);
    app_begin(app);
    while (code != ERR_FAILED) {
        live(app, wait, &next_look);
        model_settle(app->model, clock_wall());
        code = answer(app, q, format, NULL);
        wait = app->cli->watch_s;
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
        *at = text_parse_past(cli->at, now);
    }
    return *at != now;
}

static int answer_of_the_past(struct app *app, const struct query *q,
                              const struct format *format, double at)
{
    struct err err = { .code = ERR_FAILED };

    if (app_as_it_was(app, at, &err) == 0)
        return answer(app, q, format, NULL);
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
    if (app_needs_something(app, &err) != 0) {
        say_notice(app);
        fprintf(stderr, "gigawatch: %s\n", err.text);
        query_free(q);
        return ERR_USAGE;
    }
    if (asks_past(q, cli, &at)) {
        code = answer_of_the_past(app, q, format, at);
    } else if (cli->watch_s == cli->watch_s) {
        code = watch(app, q, format);
    } else {
        struct need *need = need_new(app, q, format->wide);

        learn(app, need);
        code = answer(app, q, format, need);
        need_free(need);
    }
    query_free(q);
    return code;
}
