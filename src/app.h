/* What joins the layers: batches from sources, cache and forecaster into the model, and
 * on to the store. Everything here runs on the main thread. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli.h"
#include "settings.h"
#include "store/store.h"

struct forecasting;
struct recording;
struct questions;
struct need;
struct query;
struct table;

struct ui;

struct app {
    const struct cli *cli;
    struct settings *settings;
    struct model *model;
    struct model *past;         /* of what a console looks back to; NULL: it shows the
                                 * other */
    struct inbox *inbox;        /* every batch arrives here */
    struct store *store;        /* NULL: no cache */
    struct poller *poller;      /* NULL: no targets */
    struct forecasting *forecasting;
    struct recording *recording;        /* NULL: none was asked for */
    struct questions *questions;        /* of the console's links; NULL: none were to
                                         * be asked */
    bool demo, replay;
    size_t answers;             /* of a one-shot, so far */
    bool lacks_cache;           /* it could not be opened to be written, and is tried
                                 * again */
    char notice[512];           /* what the operator should know at the start; "" */
    poll_prompt *prompt;        /* how a person is asked for a passphrase; NULL: nobody
                                 * is there */
    void *prompt_arg;
    struct follower *follower;  /* of another gigawatch that polls; NULL: polls itself,
                                 * if at all */
    long leader;                /* its process, as it was said to be */
    double next_look;           /* steady: for such a one */
    bool hangs;                 /* a source did not come back: it still has the
                                 * settings */
    char news[512];             /* that this changed; "" */
    uint64_t kept_events;       /* model_event_count() when the cache was told of them */
    /* steady seconds */
    double next_settle, next_history, last_history, next_sums, next_lend, next_forecast;
    bool told;                  /* something, since the model was settled */
    double settle_by;           /* steady: at last, where nothing is */
    bool settled;               /* and forecasters were not asked since */
    double first_forecasts_end;
    double asked_step;          /* of the trends: the newest that forecasts were asked
                                 * of */
};

/* Loads the sources that the settings name besides the built-in ones; before anything
 * asks for a source. -1 with *err. */
int app_load_plugins(struct settings *settings, struct err *err);
/* Prints which files that the configuration names cannot be read; 1: some. */
int app_look_at_files(FILE *out, const struct settings *s);
/* app_record.c. --record: NULL with *err where the file is there already or cannot be
 * made. Borrows the path. */
struct recording *recording_new(const char *path, struct err *err);
void recording_free(struct recording *r);
/* After settling: writes a row where one is due. -1 with *err, once: it cannot be
 * written, and ends. r may be NULL. */
int recording_take(struct recording *r, const struct app *app, struct err *err);
/* Builds the model and its roster, opens the cache, makes the poller. Nothing is started
 * yet. The cache is opened for `mode`; trouble with it is a notice, never a failure. -1
 * with *err. */
int app_open(struct app *app, const struct cli *cli, struct settings *settings,
             enum store_mode mode, struct err *err);
/* Another model instead, of what the configuration declares and no more. The one before
 * is whose who keeps it. */
void app_declare(struct app *app);
/* False: a source hangs and could not be stopped; the settings must outlive it, so leave
 * without freeing them. */
bool app_close(struct app *app);
/* Nothing is polled and nothing is declared: there is only what a cache remembers. */
bool app_is_without_site(const struct app *app);
/* -1: no target, no roster and no cache; what to do */
int app_needs_something(const struct app *app, struct err *err);

/* Takes in what the cache remembers; kinds: 1u << enum gw_kind. */
#define ALL_KINDS ((1u << GW_KINDS) - 1)
void app_recall(struct app *app, unsigned kinds);
void app_recall_some(struct app *app, unsigned kinds, const struct store_wish *wish);
void app_take(struct app *app, struct batch *b);        /* takes b */
/* Takes batches for at most `budget_s`; returns whether there are more. */
bool app_take_mail(struct app *app, double budget_s);
/* One thing that is due: settling the model, history to the cache, forecasts. With
 * 100,000 GPUs each takes milliseconds, and a key may wait between two. Returns whether
 * the model changed. */
bool app_tick(struct app *app);
/* on standard error, where no screen and no log has them */
void app_tell_news(struct app *app);
bool app_has_more(const struct app *app);               /* something is due still */
const char *app_cache(const struct app *app);         /* the file; NULL: no cache */
void app_start_forecasts(struct app *app);
/* Makes the poller from the targets of the settings; none without targets. -1 with
 * *err. */
int app_make_poller(struct app *app, struct err *err);

/* app_targets.c. Puts the targets of --demo and --replay in: with a speed, the program's
 * clock runs as fast as the recording. */
void app_add_flagged_targets(const struct cli *cli, struct settings *settings);
/* Those that the command line asks for and that cannot be had: -1 with *err. */
int app_try_flagged_targets(const struct app *app, struct err *err);
/* Option values that their source does not take: -1, with file, line and column. After
 * the plugins. */
int app_check_options(struct settings *s, struct err *err);
/* What a target leaves open, as its interval, its source or the settings say; --timeout
 * counts for all. */
void app_complete_targets(struct settings *settings, const struct cli *cli);
/* How often a target tells something new, in wall seconds: its interval, or the step of a
 * recording. */
double app_told_every(const struct target_config *target, const struct gw_source *source);
/* The row of a target that is told as it is configured here; GW_NONE: there is none. And
 * has every target one? Of a model that the cache filled: whoever would be asked was
 * asked by another. */
uint32_t app_row_of_target(const struct model *m, const struct target_config *t);
bool app_knows_targets(const struct app *app, const struct model *m);
/* Has each answered or failed? A target that is polled has a row before. */
bool app_has_heard_targets(const struct app *app, const struct model *m);

/* app_follow.c. Lets targets tell no past that the model has from the cache. */
void app_spare_known_past(struct app *app);
/* Begins to poll, or to follow another gigawatch that polls the same and keeps the
 * cache. */
void app_begin(struct app *app);
/* Once a second at most: begins or ends to follow, and makes way for a collector. Says so
 * in app->news. */
void app_look_around(struct app *app);
/* How old what targets said is, and at most how much older than the youngest a value may
 * be that is told regularly: of a model that the cache filled. */
double app_youngest(const struct model *m);
double app_slowest_turn(const struct model *m);

/* app_history.c. Fills the trends of some kinds from the cache: 1u << GW_SITE, GW_DOMAIN,
 * GW_TENANT. */
#define TREND_KINDS (1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_TENANT | 1u << GW_CLASS)
void app_warm_trends(struct app *app, unsigned kinds);
/* of the rows of a table alone */
void app_warm_trends_of(struct app *app, const struct table *t);
/* Makes the model that of an earlier time, as far as the cache's history knows it. -1
 * with *err. */
int app_as_it_was(struct app *app, double at, struct err *err);
/* Adds what the cache knows was drawn then. -1 with *err: nothing. */
int app_power_then(const struct app *app, double at, struct batch *b, struct err *err);
/* app_past.c: shows what the operator wants to see of what was, or says why not. */
void app_look_back(struct app *app, struct ui *ui);
/* Shows the site as it was; NAN: as it is. -1 with *err: nothing is known of then. */
int app_show_then(struct app *app, struct ui *ui, double at, struct err *err);

/* app_console.c */
int app_linear(struct app *app, struct err *err);       /* app_linear.c: --linear */
/* app_grant.c: what a console does for the operator beside showing: the clipboard and
 * files; what it remembers from one start to the next; and the command line that started
 * it, in the arena of the settings. */
struct terminal;
void app_grant(struct app *app, struct ui *ui, struct terminal *t);
void app_remember(struct ui *ui, bool wall);
void app_memorise(struct ui *ui, bool wall);
const char *app_command(const struct app *app);
int app_console(struct app *app, struct err *err);
int app_screen(struct app *app, struct err *err);       /* --screen */
int app_collect(struct app *app, struct err *err);
/* app_once.c. Asks every target once and takes in what comes, until all answered or the
 * time is over. */
void app_poll_once(struct app *app, double timeout_s);
void app_forecast_once(struct app *app);        /* from what is known now */
/* app_query.c: returns the exit code. */
int app_query(struct app *app);
/* What the query needs to know, from the cache where that is young enough, else by asking
 * every target once. */
void app_learn(struct app *app, const struct query *q, bool wide);
/* app_check.c: prints the line of --check; returns its exit code. */
int app_check(struct app *app);

/* app_need.c: of the cache, no more is recalled than the answer needs; called in this
 * order. */
struct need *need_new(const struct app *app, const struct query *q, bool wide);
void need_free(struct need *n);
/* caps over their windows, too */
void need_watching(struct need *n);
/* what rows are chosen and sorted by */
void need_choosing(const struct need *n, struct app *app);
/* all there is, for the targets will be asked */
void need_asking(struct need *n, struct app *app);
/* once they answered: forecasts, where the answer shows what they tell */
void need_forecasting(const struct need *n, struct app *app);
/* model_trust_cache(), of what is recalled later, too */
void need_trusting(struct need *n, struct app *app, double seconds);
/* as far as rows are chosen by it */
void need_settling(const struct need *n, struct app *app);
/* of what sums stand on, if they were not remembered */
void need_what_is_not_told(struct need *n, struct app *app);
/* the table may be of another model then, the need's */
void need_showing(struct need *n, struct app *app, struct table *t);

/* app_list.c */
int app_list(FILE *out, const struct cli *cli, const struct settings *settings,
             struct err *err);
/* -1: no view is called so, and which is meant */
int app_refuse_view(const char *name, struct err *err);
/* app_backtest.c */
int app_backtest(const struct cli *cli, struct err *err);
/* --doctor: the exit code, that of other commands where the configuration was not
 * understood. */
int app_doctor(FILE *out, struct settings *settings, const struct cli *cli);
/* Prints the mistakes that were kept, from one on; 1: there were some. */
int app_tell_mistakes(FILE *out, const struct settings *s, size_t from);
/* app_doctor.c. --doctor NAME: the exit code, likewise; -1 with *err: nothing is called
 * so. */
int app_doctor_of(FILE *out, struct settings *settings, const struct cli *cli,
                  struct err *err);
/* app_twins.c. For --doctor: says which nodes may be one. */
void app_tell_twins(FILE *out, const struct model *m);
/* Targets about nodes that are not declared, where nodes are; 1: some. */
int app_tell_undeclared(FILE *out, const struct settings *s);
/* --doctor terminal: the test card, on the terminal until a key is pressed, or as text
 * where there is none. */
int app_card(struct settings *settings, struct err *err);

/* app_question.c. questions_ask() is the poll_prompt, with the questions as its
 * argument. */
struct questions *questions_new(void);
void questions_free(struct questions *q);
bool questions_ask(void *arg, const char *text, char *answer, size_t room);
int questions_fd(const struct questions *q);            /* readable: one waits */
/* asks on /dev/tty, without an echo; false: none waited */
bool questions_answer(struct questions *q);
/* For who asks elsewhere: the next question (borrowed until the reply) or NULL, and its
 * answer; NULL: there is none. */
const char *questions_next(struct questions *q);
void questions_reply(struct questions *q, const char *answer);
/* one was taken by questions_next() and has no reply */
bool questions_is_open(const struct questions *q);
/* whoever asks from now on is told no */
void questions_end(struct questions *q);
/* after an end, once nobody asks any more: as new */
void questions_renew(struct questions *q);

/* app_forecast.c: a thread that keeps a forecaster and a record of what is near its cap,
 * and turns new samples into forecasts. `cache`: the file it learns from what was before,
 * and `store` what keeps what it learns; NULL: none. A breach is announced from `alarm_p`
 * on. */
struct forecasting *forecasting_new(struct inbox *out, struct store *store,
                                    const char *cache, double alarm_p);
void forecasting_free(struct forecasting *f);
/* Copies what is new of the trends of the site and of every domain with a cap; skips the
 * round when the last is not done. False: nothing has a past yet. */
bool forecasting_ask(struct forecasting *f, const struct model *m, double now);
/* The same at once, on this thread: one-shots and --screen. Returns the batch; NULL:
 * nothing to forecast. */
struct batch *forecasting_run(const struct model *m, double now, const char *cache);

#endif
