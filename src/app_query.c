/* One-shots: poll once, or read a cache that is young enough, print, exit. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "show/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- no more of the cache than the answer needs ---- */

/* So few rows are completed once they are chosen; of more, what is shown is recalled at once. */
enum { FEW_ROWS = 1024 };

struct need {
    const struct query *query;
    bool wide;
    bool *metrics;              /* by id: recalled; NULL: all */
    bool later;                 /* what is shown is recalled for the chosen rows alone */
};

/* Together or not at all: an idle GPU whose past is not known would be idle since now. */
static void add_idleness(bool *metrics)
{
    metrics[M_GPU_IDLE] = metrics[M_GPU_UTIL] = metrics[M_GPU_STATE] = true;
}

/* What the model works out of others. */
static void add_sources(bool *metrics)
{
    metrics[M_GPU_POWER] = true;        /* sums and coverage */
    metrics[M_GPU_TEMP] |= metrics[M_NODE_TEMP];
    if (metrics[M_GPU_IDLE] || metrics[M_GPU_UTIL] || metrics[M_GPU_STATE])
        add_idleness(metrics);
}

/* Of GPUs, that is: there are so many more of them than of all else. NULL: all. */
static bool *needed(const struct query *q, bool shown, bool wide)
{
    bool *metrics = xcalloc(metric_count(), sizeof(*metrics));

    if (!query_reads(q, shown, wide, metrics)) {
        free(metrics);
        return NULL;
    }
    add_sources(metrics);
    for (uint16_t i = 0; i < metric_count(); i++)
        metrics[i] |= metric_at(i)->kind != GW_GPU;
    return metrics;
}

static struct need need_of(const struct query *q, bool wide)
{
    bool later = query_limit(q) <= FEW_ROWS;

    return (struct need){ q, wide, needed(q, !later, wide), later };
}

static void add_hash(const struct model *m, enum gw_kind kind, uint32_t row,
                     uint64_t **hashes, size_t *count, size_t *room)
{
    const char *name = model_name(m, kind, row);

    *hashes = xgrow(*hashes, room, *count + 1, sizeof(**hashes));
    (*hashes)[(*count)++] = batch_hash(kind, name, strlen(name));
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The GPUs that the table's rows are, or have. */
static uint64_t *gpus_of(const struct table *t, size_t *count)
{
    uint64_t *hashes = NULL;
    size_t room = 0;

    *count = 0;
    for (size_t i = 0; i < t->row_count; i++) {
        struct row row = { t->view->rows, t->rows[i] };

        if (row.kind == GW_GPU)
            add_hash(t->model, GW_GPU, row.id, &hashes, count, &room);
        for (struct row part = model_first_part(t->model, row);
             row.kind == GW_NODE && part.id != GW_NONE;
             part = model_next_part(t->model, row, part))
            if (part.kind == GW_GPU)
                add_hash(t->model, GW_GPU, part.id, &hashes, count, &room);
    }
    if (*count)
        qsort(hashes, *count, sizeof(*hashes), by_hash);
    return hashes;
}

static void take_all(struct app *app)
{
    while (app_take_mail(app, 1))
        ;
    model_settle(app->model, clock_wall());
}

/* The chosen rows get the rest of what is shown. */
static void complete(struct app *app, const struct need *need, const struct table *t)
{
    struct store_wish wish = { .metrics = needed(need->query, true, need->wide) };
    uint64_t *hashes = gpus_of(t, &wish.hash_count);

    if (wish.hash_count) {
        wish.hashes = hashes;
        app_recall_some(app, 1u << GW_GPU, &wish);
        take_all(app);
    }
    free((void *)wish.metrics);
    free(hashes);
}

/* From the cache alone when it is young enough or there is nothing to ask; else the targets are asked, and the
 * cache fills in, with its age, what did not answer. */
static void learn(struct app *app, struct need *need)
{
    enum gw_kind kind = query_view(need->query)->rows;
    double max_age = app->settings->max_age_s;
    struct store_wish wish = { .metrics = need->metrics };
    double age;

    app_recall_some(app, app->poller && max_age <= 0 ? ALL_KINDS : kinds_for(kind), &wish);
    /* They may have come along unasked, as the newest that is known of a row. */
    if (need->metrics && !need->metrics[M_GPU_IDLE] &&
        (model_column(app->model, M_GPU_UTIL) || model_text_column(app->model, M_GPU_STATE))) {
        add_idleness(need->metrics);
        app_recall_some(app, 1u << GW_GPU, &wish);
    }
    take_all(app);
    /* Forecasts, made anew after a poll, rest on all of them. */
    app_warm_trends(app, app->poller ? TREND_KINDS : TREND_KINDS & 1u << kind);
    age = app_youngest(app->model);
    if (max_age > 0 && age <= max_age && app_knows_targets(app, app->model)) {
        model_trust_cache(app->model, age + app_slowest_turn(app->model));
        model_settle(app->model, clock_wall());
    } else if (app->poller) {
        if (need->metrics)
            app_recall(app, 1u << GW_GPU & kinds_for(kind));
        need->later = false;
        app_poll_once(app, app->settings->timeout_s);
    }
}

void app_learn(struct app *app, const struct query *q, bool wide)
{
    struct need need = need_of(q, wide);

    learn(app, &need);
    free(need.metrics);
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

static int answer(struct app *app, const struct query *q, const struct format *format,
                  const struct need *need)
{
    struct table *t;
    int code;

    t = table_new(app->model, q, format->wide);
    if (need && need->metrics && need->later)
        complete(app, need, t);
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
        code = answer(app, q, format, NULL);
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
    if (app->notice[0])
        fprintf(stderr, "gigawatch: %s\n", app->notice);
    if (asks_past(q, cli, &at)) {
        code = answer_of_the_past(app, q, format, at);
    } else if (cli->watch_s == cli->watch_s) {
        code = watch(app, q, format);
    } else {
        struct need need = need_of(q, format->wide);

        learn(app, &need);
        code = answer(app, q, format, &need);
        free(need.metrics);
    }
    query_free(q);
    return code;
}
