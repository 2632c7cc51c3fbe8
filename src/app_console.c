/* The console, the wall, --screen and --collect: one loop that waits for keys, batches
 * and the next second. */
#include "app.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "tui/terminal.h"
#include "show/query.h"
#include "tui/panels.h"
#include "tui/theme.h"
#include "tui/ui.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a first frame needs, and what may follow it. */
#define EARLY_KINDS                                                                      \
    (1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_TENANT | 1u << GW_JOB | 1u << GW_QUEUE | \
     1u << GW_CLASS | 1u << GW_FORECAST | 1u << GW_SOURCE | 1u << GW_EVENT)
/* Alerts go on as what they are about is known, and that may be a GPU. */
#define LATE_KINDS (1u << GW_NODE | 1u << GW_GPU | 1u << GW_MODEL | 1u << GW_ALERT)

static const double mail_budget_s = .004;       /* of a frame of 16 ms */
static const double frame_s = .1;               /* between frames that only data ask
                                                 * for */

/* Whom a pipe that closes does not end, either. */
static int open_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    return thread_open_signals();
}

/* ---- starting ---- */

static void recall_and_settle(struct app *app, unsigned kinds)
{
    app_recall(app, kinds);
    while (app_take_mail(app, 1))
        ;
    model_settle(app->model, clock_wall());
}

/* Those of the command line, else of the configuration. */
static const char *wall_panels(const struct app *app)
{
    const char *own = app->cli->wall_panels;

    return own && own[0] ? own : app->settings->wall_panels;
}

static int check_wall(const struct app *app, struct err *err)
{
    const char *keys = app->settings->wall_quit;
    struct panels *panels;
    int key = 1;

    if (!app->cli->wall)
        return 0;
    while (keys && key > 0)
        if ((key = ui_next_key(&keys)) < 0)
            return err_set_code(err, ERR_USAGE, "wall.quit: no key is called \"%.20s\"; see --list keys", keys);
    if (!wall_panels(app))
        return 0;
    panels = panels_new(wall_panels(app), err);
    panels_free(panels);
    return panels ? 0 : -1;
}

static struct ui *make_ui(struct app *app, int w, int h, bool ascii)
{
    struct ui_setup setup = {
        .model = app->model, .w = w, .h = h, .now = clock_wall(), .ascii = ascii, .wall = app->cli->wall,
        .demo = app->demo, .replay = app->replay, .view = app->cli->view,
        .remakes_past = app->demo && !app_cache(app),
        .alive_mark = app->cli->wall, .command = app_command(app),
        .panels = wall_panels(app), .quit = app->settings->wall_quit,
    };
    struct ui *ui = ui_new(&setup);

    if (app->notice[0])
        ui_say(ui, "%s", app->notice);
    else if (views_bad())
        ui_say(ui, "%s left out: %s",
               views_bad()->next ? "views are (all: --doctor)" : "a view is",
               views_bad()->why);
    else if (app_is_without_site(app))
        ui_say(
            ui,
            "no target is configured: this is what the cache remembers; gigawatch --demo shows a simulated site");
    return ui;
}

/* A screen on a file is nobody's screen. The wall reads no keys, so it needs no terminal
 * to type on. */
static int check_terminal(const struct cli *cli, struct err *err)
{
    if (isatty(STDOUT_FILENO) && (cli->wall || isatty(STDIN_FILENO)))
        return 0;
    return err_set_code(err, ERR_USAGE,
                        "the console needs a terminal; for scripts there is -q, "
                        "for one screen as text --screen 120x36");
}

static bool is_sum(const char *text)
{
    struct err why;
    size_t at;
    struct query *q = query_parse(text, &why, &at);
    bool sums = q && query_sums_by(q);

    query_free(q);
    return sums;
}

static int check_view(const struct cli *cli, struct err *err)
{
    struct err why;

    if (!cli->view || ui_check_view(cli->view, &why) == 0)
        return 0;
    if (!strchr(cli->view, ' '))
        return app_refuse_view(cli->view, err);
    if (is_sum(cli->view))
        return err_set_code(
            err, ERR_USAGE,
            "--view: rows are listed there; for sums there is -q, and : in the console");
    return err_set_code(err, ERR_USAGE, "--view: %s", why.text);
}

/* --at, which main has checked; NAN: now. */
static int opening_time(const struct cli *cli, double *at, struct err *err)
{
    double now = clock_wall();

    *at = cli->at ? text_parse_past(cli->at, now) : now;
    if (*at > now)
        return err_set_code(err, ERR_USAGE, "--at: that has not come yet");
    if (*at == now)
        *at = NAN;
    return 0;
}

/* ---- the loop ---- */

struct console {
    struct app *app;
    struct terminal *terminal;
    struct ui *ui;
    struct questions *questions;
    int signals;
    double next_frame;          /* steady: data wait until then, keys do not */
    double next_look;           /* steady: at who else polls */
    double opens_at;            /* wall: what is to be shown as soon as it is known,
                                 * NAN: nothing; */
    double opens_until;         /* steady: then it is not known */
    long shown_second;          /* of the clock in the status line */
    bool dirty;
    bool listens;               /* there is a terminal to type on */
    char opened[256];           /* the node or domain that targets were told of; "":
                                 * none */
};

static void draw(struct console *c, double steady)
{
    if (ui_theme(c->ui))
        terminal_theme(c->terminal, ui_theme(c->ui));
    ui_mono(c->ui, terminal_is_mono(c->terminal));
    if (ui_draw(c->ui, clock_wall(), steady))
        terminal_show(c->terminal, ui_grid(c->ui));
    c->dirty = false;
    c->next_frame = steady + frame_s;
    c->shown_second = (long)clock_wall();
}

/* Sources that sum where they can tell more of what is looked into. */
static void tell_opened(struct console *c)
{
    enum gw_kind kind;
    const char *name = ui_opened(c->ui, &kind);

    if (name && kind != GW_NODE && kind != GW_DOMAIN)
        name = NULL;
    if (!c->app->poller || strcmp(c->opened, name ? name : "") == 0)
        return;
    snprintf(c->opened, sizeof(c->opened), "%s", name ? name : "");
    poller_opened(c->app->poller, kind, name);
}

static bool take_keys(struct console *c)
{
    const char *target;
    bool any = false;
    int key, w, h;

    while (c->listens && (key = terminal_key(c->terminal))) {
        any = true;
        if (key == KEY_SCREEN_RESIZED) {
            terminal_size(c->terminal, &w, &h);
            ui_resize(c->ui, w, h);
        } else if (key == KEY_CLICKED) {
            terminal_clicked(c->terminal, &w, &h);
            ui_click(c->ui, w, h);
        } else {
            ui_key(c->ui, key);
        }
    }
    if (!c->listens && terminal_fit(c->terminal)) {
        any = true;
        terminal_size(c->terminal, &w, &h);
        ui_resize(c->ui, w, h);
    }
    if (ui_takes_redraw(c->ui)) {
        terminal_forget(c->terminal);
        terminal_show(c->terminal, ui_grid(c->ui));
    }
    app_look_back(c->app, c->ui);
    app_grant(c->app, c->ui, c->terminal);
    if (any)
        tell_opened(c);
    target = ui_asked(c->ui);
    if (target && c->app->poller)
        poller_ask_now(c->app->poller, *target ? target : NULL);
    return any;
}

/* Until the next second shows, or the next frame is due. */
static int wait_ms(const struct console *c)
{
    double wall = clock_wall(), second = 1 - (wall - floor(wall));
    double wait = c->dirty ? c->next_frame - clock_steady() : second;

    return wait <= 0 ? 0 : (int)ceil(fmin(wait, 1) * 1000);
}

static bool wait_for_something(struct console *c, bool more_mail)
{
    struct pollfd fds[] = {
        { .fd = c->listens ? terminal_fd(c->terminal) : -1, .events = POLLIN },
        { .fd = inbox_fd(c->app->inbox), .events = POLLIN },
        { .fd = c->signals, .events = POLLIN },
        { .fd = ui_can_ask(c->ui) ? questions_fd(c->questions) : -1, .events = POLLIN },
    };

    if (poll(fds, 4, more_mail ? 0 : wait_ms(c)) < 0)
        return true;            /* interrupted: look again */
    if (fds[0].revents & (POLLHUP | POLLERR))
        return false;           /* the terminal is gone */
    return !(fds[2].revents & POLLIN);
}

/* Whoever asks waits; the console goes on, with the question on its last lines. True:
 * those lines changed. */
static bool answer_questions(struct console *c)
{
    char answer[512];
    enum question_state state = ui_answer(c->ui, answer, sizeof(answer));
    const char *text;

    if (state == QUESTION_OPEN && questions_is_open(c->questions))
        return false;
    if (state == QUESTION_OPEN)
        ui_take_back_question(c->ui);   /* whoever asked is gone */
    if (state == QUESTION_ANSWERED || state == QUESTION_REFUSED)
        questions_reply(c->questions, state == QUESTION_ANSWERED ? answer : NULL);
    explicit_bzero(answer, sizeof(answer));
    text = ui_can_ask(c->ui) ? questions_next(c->questions) : NULL;
    if (text)
        ui_ask(c->ui, text);
    return text || state != QUESTION_NONE;
}

static bool key_waits(const struct console *c)
{
    struct pollfd fd = { .fd = terminal_fd(c->terminal), .events = POLLIN };

    return c->listens && poll(&fd, 1, 0) > 0;
}

/* Others that poll come and go: once a second is often enough to notice. */
static void look_around(struct console *c)
{
    struct app *app = c->app;

    if (clock_steady() >= c->next_look) {
        c->next_look = clock_steady() + 1;
        app_look_around(app);
    }
    if (!app->news[0])
        return;
    ui_follow(c->ui, app->follower != NULL);
    ui_say(c->ui, "%s", app->news);
    log_line("%s", app->news);
    app->news[0] = '\0';
    c->dirty = true;
}

/* What was may be told with the first answers, so it is asked for until they are due. */
static void open_then(struct console *c)
{
    struct err err;

    if (isnan(c->opens_at) ||
        (!ui_is_past(c->ui) && app_show_then(c->app, c->ui, c->opens_at, &err) != 0 &&
         clock_steady() < c->opens_until))
        return;
    if (!ui_is_past(c->ui))
        ui_say(c->ui, "--at: %s", err.text);
    c->opens_at = NAN;
}

/* Of a million GPUs a settling takes a tenth of a second. */
static void answer_keys_meanwhile(void *arg)
{
    struct console *c = arg;

    if (key_waits(c) && take_keys(c))
        draw(c, clock_steady());
}

/* The answer to a key waits for nothing but the one thing under way: a few milliseconds
 * of mail, a piece of a settling or a frame. */
static void run(struct console *c)
{
    bool more = false;

    model_let_look(c->app->model, answer_keys_meanwhile, c);

    while (!ui_left(c->ui) && wait_for_something(c, more)) {
        bool pressed = take_keys(c), answered = answer_questions(c);

        if (pressed || answered)
            draw(c, clock_steady());
        more = app_take_mail(c->app, mail_budget_s);
        if (key_waits(c))
            continue;
        if (app_tick(c->app) || (long)clock_wall() != c->shown_second) {
            open_then(c);
            c->dirty = true;
        }
        look_around(c);
        more |= app_has_more(c->app);
        if (c->dirty && clock_steady() >= c->next_frame && !key_waits(c))
            draw(c, clock_steady());
    }
    model_let_look(c->app->model, NULL, NULL);
}

/* A terminal that cannot place its cursor, as in an editor's shell. */
static bool prints_lines_only(void)
{
    const char *name = getenv("TERM");

    return name && strcmp(name, "dumb") == 0;
}

int app_console(struct app *app, struct err *err)
{
    const struct settings *s = app->settings;
    struct terminal_setup setup = {
        .theme = s->theme, .color = settings_wants_color(s), .mouse = s->mouse,
        .raw = app->cli->wall && s->wall_quit,
    };
    struct console c = { .app = app, .listens = isatty(STDIN_FILENO) };
    int w, h;

    if (check_terminal(app->cli, err) != 0 || check_view(app->cli, err) != 0 ||
        check_wall(app, err) != 0 || opening_time(app->cli, &c.opens_at, err) != 0)
        return -1;
    if (!app->cli->wall && prints_lines_only())
        return app_linear(app, err);
    c.signals = open_signals();
    c.questions = questions_new();
    if (isatty(STDIN_FILENO) && !app->cli->wall) {
        app->prompt = questions_ask;
        app->prompt_arg = c.questions;
    }
    c.terminal = terminal_open(&setup, err);
    if (!c.terminal) {
        questions_free(c.questions);
        return -1;
    }
    terminal_size(c.terminal, &w, &h);
    recall_and_settle(app, EARLY_KINDS);
    c.ui = make_ui(app, w, h, s->ascii || !terminal_is_utf8());
    app_remember(c.ui, app->cli->wall);
    draw(&c, clock_steady());
    app_warm_trends(app, TREND_KINDS);
    recall_and_settle(app, LATE_KINDS);
    app_begin(app);
    c.opens_until = clock_steady() + s->timeout_s;
    run(&c);
    app_memorise(c.ui, app->cli->wall);
    ui_free(c.ui);
    terminal_close(c.terminal);
    close(c.signals);
    questions_end(c.questions);
    app->questions = c.questions;       /* links may ask until the poller has stopped */
    return 0;
}

/* ---- --screen ---- */

/* As it is on a screen; without colour, what a terminal would put in its place. Caller
 * frees. */
static char *screen_text(const struct ui *ui, bool mono)
{
    const struct grid *shown = ui_grid(ui);
    struct grid *g;
    char *text;

    if (!mono)
        return grid_to_text(shown);
    g = grid_new(shown->w, shown->h);
    g->ascii = shown->ascii;
    memcpy(g->cells, shown->cells, (size_t)g->w * (size_t)g->h * sizeof(*g->cells));
    grid_without_color(g);
    text = grid_to_text(g);
    grid_free(g);
    return text;
}

int app_screen(struct app *app, struct err *err)
{
    const struct cli *cli = app->cli;
    const char *keys = cli->keys ? cli->keys : "";
    bool mono = !settings_wants_color(app->settings) ||
                (app->settings->theme && theme_is_mono(app->settings->theme));
    struct ui *ui;
    char *text;
    double at;
    int key, result = 0;

    if (check_view(cli, err) != 0 || check_wall(app, err) != 0 ||
        ui_check_keys(keys, err) != 0 || opening_time(cli, &at, err) != 0)
        return -1;
    recall_and_settle(app, EARLY_KINDS | LATE_KINDS);
    app_warm_trends(app, TREND_KINDS);
    app_poll_once(app, app->settings->timeout_s);
    app_forecast_once(app);
    ui = make_ui(app, cli->screen_w, cli->screen_h,
                 app->settings->ascii || !terminal_is_utf8());
    ui_mono(ui, mono);
    if (!isnan(at) && app_show_then(app, ui, at, err) != 0) {
        ui_free(ui);
        return -1;
    }
    ui_draw(ui, clock_wall(), 0);
    while ((key = ui_next_key(&keys)) > 0) {
        ui_key(ui, key);
        app_look_back(app, ui);
        ui_draw(ui, clock_wall(), 0);
    }
    if (key < 0) {
        result = err_set_code(err, ERR_USAGE, "--keys: \"%.20s\" is no UTF-8", keys);
    } else {
        text = screen_text(ui, mono);
        fputs(text, stdout);
        free(text);
    }
    ui_free(ui);
    return result;
}

/* ---- --collect ---- */

static void say_progress(struct app *app, double *next)
{
    struct coverage c = model_coverage(app->model);

    if (app->news[0])
        log_line("%s", app->news);
    app->news[0] = '\0';
    if (clock_steady() < *next)
        return;
    *next = clock_steady() + 60;
    log_line("%s: %zu ok, %zu stale, %zu down, %zu never seen", app->settings->site, c.ok,
             c.stale, c.down, c.never);
}

int app_collect(struct app *app, struct err *err)
{
    int signals = open_signals();
    double next = clock_steady() + 5;
    bool more = false;

    if (!app->store)
        return err_set(err, "--collect keeps the cache, and cannot: %s",
                       app->notice[0] ? app->notice : "none is configured");
    if (!app->poller)
        return err_set_code(err, ERR_USAGE, "--collect: no targets to poll; name some in "
                                            "gigawatch.yaml or on the command line");
    recall_and_settle(app, EARLY_KINDS | LATE_KINDS);
    app_warm_trends(app, TREND_KINDS);
    app_begin(app);
    for (;;) {
        struct pollfd fds[] = {
            { .fd = inbox_fd(app->inbox), .events = POLLIN },
            { .fd = signals, .events = POLLIN },
        };

        poll(fds, 2, more ? 0 : 1000);
        if (fds[1].revents & POLLIN)
            break;
        more = app_take_mail(app, .05);
        app_tick(app);
        more |= app_has_more(app);
        say_progress(app, &next);
    }
    close(signals);
    return 0;
}
