/* Every target asked once, for whom one answer is all: one-shots, --screen, and lines
 * from a file. */
#include "app.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How long a person took to type. */
static double answer_for(struct questions *q)
{
    double began = clock_steady();

    while (q && questions_answer(q))
        ;
    return clock_steady() - began;
}

/* Whom it still waits for when its time is over: somebody types a passphrase, or a
 * machine is too busy to notice. Their own deadlines would have told. */
static void tell_awaited(struct app *app, double timeout_s)
{
    const struct settings *s = app->settings;
    struct batch *b = batch_new(BATCH_HOST, "", clock_wall());
    char why[80];

    snprintf(why, sizeof(why), "no answer within %.3g s; it was still waited for",
             timeout_s);
    for (size_t i = 0; i < s->target_count; i++) {
        const char *name = s->targets[i].name;
        uint32_t row = model_find(app->model, GW_SOURCE, name);
        const char *state = row == GW_NONE ? NULL
                                           : model_text(app->model, M_SOURCE_STATE, row);

        if (state && strcmp(state, "connecting") != 0)
            continue;
        row = batch_entity(b, GW_SOURCE, name, strlen(name), GW_NONE);
        batch_text(b, row, M_SOURCE_STATE, "down", 4);
        batch_text(b, row, M_SOURCE_REASON, why, strlen(why));
    }
    app_take(app, b);
}

/* Asks every target once, and takes in what comes until all answered or the time is over,
 * which stands still while somebody types. */
void app_poll_once(struct app *app, double timeout_s)
{
    double until = clock_steady() + timeout_s + .5;

    if (app->poller && isatty(STDIN_FILENO)) {
        app->questions = questions_new();
        poll_set_prompt(app->poller, questions_ask, app->questions);
    }
    if (app->poller)
        poller_start_once(app->poller, timeout_s);
    while (app->poller && !poller_done(app->poller) && clock_steady() < until) {
        struct batch *b = inbox_wait(app->inbox, 20);

        if (b)
            app_take(app, b);
        until += answer_for(app->questions);
    }
    if (app->questions)
        questions_end(app->questions);
    while (app_take_mail(app, 1))
        ;
    if (app->poller && !poller_done(app->poller))
        tell_awaited(app, timeout_s);
    model_all_answered(app->model);
    model_settle(app->model, clock_wall());
}

void app_forecast_once(struct app *app)
{
    struct batch *forecast = forecasting_run(app->model, clock_wall(), app_cache(app));

    if (!forecast)
        return;
    model_apply(app->model, forecast);
    batch_free(forecast);
    model_settle(app->model, clock_wall());
}
