/* --linear: the console as lines. What is typed is a view's name, a query or one of a few
 * words; what changes is said as it happens. On a terminal it goes on until "quit"; else
 * it asks every target once, answers all of standard input, and ends. */
#include "app.h"
#include "base/clock.h"
#include "base/thread.h"
#include "show/linear.h"
#include "show/query.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PAGE = 20, LINE = 1024 };

struct reader {
    struct app *app;
    char last[LINE];            /* what was asked for last; an empty line asks again */
    size_t next;                /* row, for "next" */
    double said;                /* the time of the newest event that was; NAN: nothing
                                 * was said yet */
    bool left;
};

static const char *mode_of(const struct app *app)
{
    return app->replay ? "A replay" : app->demo ? "A demo" : "Read only";
}

static void status(struct reader *r)
{
    linear_status(stdout, r->app->model, mode_of(r->app));
}

/* ---- what is asked for ---- */

static void complain(const char *text, size_t column, const struct err *err)
{
    char *said = query_complaint(text, column, err);

    printf("%s\n", said);
    free(said);
}

/* From row `first` of a query on; with `whole`, all fields of its first row. */
static void answer_query(struct reader *r, const char *text, size_t first, bool whole)
{
    struct err err;
    size_t column;
    struct query *q = query_parse(text, &err, &column);
    struct table *t;

    if (!q) {
        complain(text, column, &err);
        return;
    }
    t = table_new(r->app->model, q, whole);
    if (whole && t->row_count > 0)
        linear_row(stdout, t, 0);
    else
        r->next = linear_table(stdout, t, t->view->title, first, PAGE);
    table_free(t);
    query_free(q);
}

/* "power flat where load > 90%": the tree as a list, which it is here in any case. */
static const char *without_flat(const char *text, char to[LINE])
{
    size_t len = strcspn(text, " ");
    const char *rest = text + len + strspn(text + len, " ");
    const struct view *v;

    snprintf(to, LINE, "%.*s", (int)len, text);
    v = view_find(to);
    if (!v || !v->tree || strncmp(rest, "flat", 4) != 0 || (rest[4] && rest[4] != ' '))
        return text;
    snprintf(to, LINE, "%s%s", v->name, rest + 4);
    return to;
}

/* "queue", of which one speaks, is the view of queues. */
static const char *of_many(const char *text, char to[LINE])
{
    size_t len = strcspn(text, " ");

    snprintf(to, LINE, "%.*s", (int)len, text);
    if (len == 0 || view_find(to))
        return text;
    snprintf(to, LINE, "%.*ss", (int)len, text);
    if (!view_find(to))
        return text;
    snprintf(to, LINE, "%.*ss%s", (int)len, text, text + len);
    return to;
}

/* The drawn view whose name is the first word; *rest: what follows, "" for nothing. */
static const struct view *drawn_view(const char *text, const char **rest)
{
    size_t len = strcspn(text, " ");
    const struct view *v;
    char name[LINE];

    snprintf(name, sizeof(name), "%.*s", (int)len, text);
    *rest = text + len + strspn(text + len, " ");
    v = view_find(name);
    return v && v->draw ? v : NULL;
}

static void show_picture(struct reader *r, const struct view *v)
{
    struct err err;

    status(r);
    if (!v->linear)
        printf("%s is a picture; its numbers are in the other views.\n", v->title);
    else if (!linear_view(stdout, r->app->model, v, &err))
        printf("%s\n", err.text);
}

/* "hall-2", or "hall-2@6h" as a forecast is called. */
static void answer_of_one(struct reader *r, const struct view *v, const char *name,
                          size_t first)
{
    char text[3 * LINE], escaped[2 * LINE];

    text_escaped(escaped, sizeof(escaped), name);
    snprintf(text, sizeof(text), "%s where %s = \"%s\"%s", v->linear_of,
             strchr(name, '@') ? "name" : "domain", escaped,
             strchr(name, '@') ? "" : " sort horizon");
    answer_query(r, text, first, false);
}

/* Words behind a picture choose its colours: its numbers are the same. */
static void answer_drawn(struct reader *r, const struct view *v, const char *words,
                         size_t first)
{
    struct err err;

    if (words[0] && v->linear_of)
        answer_of_one(r, v, words, first);
    else if (words[0] && !v->accepts)
        printf("nothing goes behind %s, got \"%.20s\"\n", v->name, words);
    else if (words[0] && !v->accepts(words, &err))
        printf("%s\n", err.text);
    else
        show_picture(r, v);
}

static void answer(struct reader *r, const char *asked, size_t first)
{
    char many[LINE], flat[LINE];
    const char *text = without_flat(of_many(asked, many), flat), *words;
    const struct view *v = view_find(text), *drawn = drawn_view(text, &words);

    if (drawn)
        answer_drawn(r, drawn, words, first);
    else
        answer_query(r,
                     v && v->words     ? v->words
                     : v && v->opening ? v->opening
                                       : text,
                     first, false);
}

/* ---- words ---- */

static void next(struct reader *r, const char *rest)
{
    (void)rest;
    answer(r, r->last, r->next);
}

static void explain(struct reader *r, const char *rest)
{
    answer_query(r, rest, 0, true);
}

static void say_status(struct reader *r, const char *rest)
{
    (void)rest;
    status(r);
}

static void views(struct reader *r, const char *rest)
{
    (void)r, (void)rest;
    for (const struct view *const *v = views_all(); *v; v++)
        if (!(*v)->off_screen)
            printf("%s: %s\n", (*v)->name, (*v)->help);
}

static void quit(struct reader *r, const char *rest)
{
    (void)rest;
    r->left = true;
}

static void help(struct reader *r, const char *rest);

static const struct word {
    const char *name;
    void (*run)(struct reader *r, const char *rest);
    const char *help;
} words[] = {
    { "help", help, "this" },
    { "status", say_status, "power, cap, risk and coverage" },
    { "views", views, "what there is to see" },
    { "next", next, "the next rows of what was asked last" },
    { "explain", explain, "every field of a row and what it means: explain racks r01-k02" },
    { "quit", quit, "leave" },
    { "?", help, NULL },        /* as in the console */
    { "q", quit, NULL },
    { "exit", quit, NULL },
    { 0 }
};

static void help(struct reader *r, const char *rest)
{
    (void)r, (void)rest;
    puts(
        "A view's name shows it, a query answers it: racks where load > 90% sort -load. An empty line asks again.");
    for (const struct word *w = words; w->name; w++)
        if (w->help)
            printf("%s: %s.\n", w->name, w->help);
}

static void take_line(struct reader *r, char *line)
{
    size_t len;

    line[strcspn(line, "\r\n")] = '\0';
    line += strspn(line, " \t:");
    len = strcspn(line, " ");
    for (const struct word *w = words; w->name; w++)
        if (strlen(w->name) == len && strncmp(w->name, line, len) == 0) {
            w->run(r, line + len + strspn(line + len, " "));
            return;
        }
    if (*line)
        snprintf(r->last, sizeof(r->last), "%s", line);
    answer(r, r->last, 0);
}

/* ---- the loop ---- */

/* Every target has answered or says why not: the first page is not of half a site. Whom
 * the cache alone knows nobody asks. Nor is it of the past alone, which some tell before
 * the present. */
static bool all_answered(const struct app *app)
{
    const struct model *m = app->model;
    bool is_past = model_rows(m, GW_SITE) > 0 &&
                   !isnan(model_number(m, M_SITE_POWER, 0)) &&
                   model_quality(m, M_SITE_POWER, 0) == GW_STALE;

    for (size_t i = 0; i < app->settings->target_count; i++) {
        uint32_t row = model_find(m, GW_SOURCE, app->settings->targets[i].name);
        const char *state = row == GW_NONE ? NULL : model_text(m, M_SOURCE_STATE, row);

        if (!state || strcmp(state, "connecting") == 0 ||
            !model_is_fresh(m, M_SOURCE_STATE, row))
            return false;
        if (is_past && strcmp(state, "ok") == 0)
            return false;
    }
    return true;
}

/* One that tells of much tells it in pieces: the first page waits until what is known has
 * not grown for a while. */
struct growth {
    size_t rows;
    double since;               /* steady */
};

static bool has_settled(struct growth *g, const struct model *m)
{
    static const double quiet_s = .5;
    size_t rows = 0;

    for (enum gw_kind kind = 0; kind < GW_KINDS; kind++)
        rows += model_rows(m, kind);
    if (rows != g->rows)
        *g = (struct growth){ rows, clock_steady() };
    return clock_steady() - g->since >= quiet_s;
}

static void live(struct reader *r)
{
    struct app *app = r->app;
    int signals = thread_open_signals();
    struct growth growth = { 0 };
    bool more = false;
    char line[LINE];
    /* then what is there has to do */
    double until = clock_steady() + app->settings->timeout_s;

    app_begin(app);
    setvbuf(stdin, NULL, _IONBF, 0); /* what is read must not hide from poll() */
    while (!r->left) {
        struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                                { .fd = inbox_fd(app->inbox), .events = POLLIN },
                                { .fd = signals, .events = POLLIN } };

        poll(fds, 3, more ? 0 : isnan(r->said) ? 100 : 1000);
        if (fds[2].revents & POLLIN)
            break;
        if (fds[0].revents && !fgets(line, sizeof(line), stdin))
            break;
        if (fds[0].revents)
            take_line(r, line);
        more = app_take_mail(app, .05);
        app_tick(app);
        app_tell_news(app);
        more |= app_has_more(app);
        if (isnan(r->said) &&
            ((has_settled(&growth, app->model) && !more && all_answered(app)) ||
             clock_steady() > until)) {
            model_settle(app->model, clock_wall());
            answer(r, r->last, 0);
            r->said = model_now(app->model);
        }
        if (!isnan(r->said))
            r->said = linear_events(stdout, app->model, r->said);
        fflush(stdout);
    }
    close(signals);
}

int app_linear(struct app *app, struct err *err)
{
    struct reader r = { .app = app };
    char line[LINE];

    if (app->cli->at)
        return err_set_code(
            err, ERR_USAGE,
            "--at: lines tell what is now; for what was there are -q and a console with a screen");
    if (app->cli->view && !view_find(app->cli->view))
        return app_refuse_view(app->cli->view, err);
    snprintf(r.last, sizeof(r.last), "%s", app->cli->view ? app->cli->view : "overview");
    app_recall(app, ALL_KINDS);
    puts("gigawatch, line by line. Type help, a view's name or a query.");
    if (isatty(STDIN_FILENO)) {
        r.said = NAN;
        live(&r);
        return 0;
    }
    app_poll_once(app, app->settings->timeout_s);
    app_forecast_once(app);
    answer(&r, r.last, 0);
    while (!r.left && fgets(line, sizeof(line), stdin))
        take_line(&r, line);
    return 0;
}
