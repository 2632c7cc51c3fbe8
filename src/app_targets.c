/* Targets: those that a simulated site or a recording is, whether their options are
 * right, how often they tell something, and what a model knows of them. */
#include "app.h"
#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- from flags ---- */

/* "gpus=100000,seed=7" as options of a source; `first` is what a part without "="
 * means. */
static struct target_option *options_of(struct arena *arena, const char *text,
                                        const char *first)
{
    struct target_option *options;
    size_t count = 2;           /* the last ends them */

    for (const char *c = text; *c; c++)
        count += *c == ',';
    options = arena_alloc(arena, count * sizeof(*options));
    count = 0;
    while (*text) {
        size_t len = strcspn(text, ",");
        const char *equals = memchr(text, '=', len);
        size_t name = equals ? (size_t)(equals - text) : 0;

        options[count++] = (struct target_option){
            .name = equals ? arena_strndup(arena, text, name) : first,
            .value = equals ? arena_strndup(arena, equals + 1, len - name - 1)
                            : arena_strndup(arena, text, len),
        };
        text += len;
        text += *text == ',';
    }
    return options;
}

static void add_demo(struct settings *s, const char *specification)
{
    struct target_config demo = {
        .name = "demo", .url = "sim:", .source = "sim", .origin = "--demo",
        .options = options_of(s->arena, specification, "gpus"),
    };

    s->target_count = 0;        /* a simulated site is not mixed with a real one */
    settings_keep_target(s, &demo);
    settings_set(s, "site=demo", "--demo", NULL);
}

/* The clock runs at most so many times as fast: more, and a step of a trend passes
 * between two looks. */
enum { MOST_SPEED = 600 };

/* Ages, windows and horizons are those of the recorded time then; the source itself has
 * nothing to hurry. */
static void hasten(struct settings *s, struct target_config *replay,
                   struct target_option *speed)
{
    char *end;
    double times = strtod(speed->value, &end);

    if (*end || !(times > 1 && times <= MOST_SPEED))
        return;                 /* "max", and what is wrong, is the source's to say */
    clock_hasten(times);
    speed->value = "1";
    replay->interval_s = fmax(.02, 5 / times);
    s->target_count = 0;        /* what is live is not mixed with a clock that is not */
}

/* What is of then is not mixed with what is of now, but for a target that was named
 * beside it. */
static void leave_out_configured(struct settings *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->target_count; i++)
        if (strcmp(s->targets[i].origin, "command line") == 0)
            s->targets[kept++] = s->targets[i];
    s->target_count = kept;
}

static void add_replay(struct settings *s, const char *specification)
{
    size_t len = strcspn(specification, ",");
    struct target_option *options = options_of(
        s->arena, specification + len + (specification[len] == ','), "speed");
    struct target_config replay = {
        .name = "replay", .source = "csv", .origin = "--replay", .options = options,
        .url = arena_strndup(s->arena, specification, len),
    };

    leave_out_configured(s);
    for (struct target_option *o = options; o->name; o++)
        if (strcmp(o->name, "speed") == 0)
            hasten(s, &replay, o);
    settings_keep_target(s, &replay);
}

void app_add_flagged_targets(const struct cli *cli, struct settings *settings)
{
    if (cli->demo)
        add_demo(settings, cli->demo);
    if (cli->replay)
        add_replay(settings, cli->replay);
}

/* ---- options ---- */

/* What the command line asks for by name is wrong at once, or right: a console without it
 * would be an empty one. */
int app_try_flagged_targets(const struct app *app, struct err *err)
{
    const struct settings *s = app->settings;
    struct err why;

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];
        bool is_asked_for = (app->cli->replay && strcmp(t->origin, "--replay") == 0) ||
                            (app->cli->demo && app->cli->demo[0] &&
                             strcmp(t->origin, "--demo") == 0);

        if (strcmp(t->origin, "--replay") == 0 && access(t->url, R_OK) != 0)
            return err_set_code(err, ERR_USAGE, "--replay: %s: cannot be read: %s",
                                t->url, strerror(errno));
        if (is_asked_for && source_try(source_find(t->source), t, &why) != 0)
            return err_set_code(err, ERR_USAGE, "%s: %s", t->origin, why.text);
    }
    return 0;
}

/* The place of the option that a source complains of, which it does as "NAME: what was
 * expected"; NULL: of something else. */
static const char *place_of_option(const struct target_config *t, const char *complaint)
{
    for (size_t i = 0; t->options[i].name; i++) {
        size_t len = strlen(t->options[i].name);

        if (strncmp(complaint, t->options[i].name, len) == 0 && complaint[len] == ':')
            return t->option_places[i];
    }
    return NULL;
}

int app_check_options(struct settings *s, struct err *err)
{
    const struct target_option *checked = NULL;
    struct err why;

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];
        const struct gw_source *source = source_of_target(t);
        const char *place;

        /* Those of one declaration share them. */
        if (!source || !t->option_places || t->options == checked)
            continue;
        checked = t->options;
        place = source_try(source, t, &why) != 0 ? place_of_option(t, why.text) : NULL;
        if (!place)
            continue;
        err_set_code(err, ERR_USAGE, "%s: %s", place, why.text);
        if (!settings_goes_on(s, err))
            return -1;
    }
    return 0;
}

/* ---- what is left open ---- */

/* Its own stands above the setting where somebody gave that one, and that above the
 * source's. What is simulated or recorded has a pace of its own. */
static void complete_interval(const struct settings *s, struct target_config *t,
                              const struct gw_source *source)
{
    const char *origin = settings_origin(s, "interval");
    bool is_given = strcmp(origin, "default") != 0 && strncmp(t->origin, "--", 2) != 0;

    if (t->interval_s > 0)
        return;
    if (is_given || !source || !(source->interval_s > 0)) {
        t->interval_s = s->interval_s;
        t->interval_origin = origin;
    } else {
        t->interval_s = source->interval_s;
        t->interval_origin = arena_printf(s->arena, "default of %s", source->name);
    }
}

void app_complete_targets(struct settings *s, const struct cli *cli)
{
    for (size_t i = 0; i < s->target_count; i++) {
        struct target_config *t = &s->targets[i];
        const struct gw_source *source = source_of_target(t);

        complete_interval(s, t, source);
        if (t->timeout_s <= 0 || cli->timeout)
            t->timeout_s = s->timeout_s;
        if (!t->ssh_config)
            t->ssh_config = s->ssh_config;
        t->site = s->site && *s->site ? s->site : "site";     /* as model_new() has it */
    }
}

/* Between the first rows of a recording, of which one of a thousand domains is 10 kB;
 * NAN: it has no two. */
static double recorded_step(const char *path)
{
    FILE *in = file_open(path);
    double before = NAN, step = NAN;
    char *line = NULL;
    size_t room = 0;

    for (int i = 0; in && i < 16 && getline(&line, &room, in) > 0; i++) {
        char *end;
        double time = strtod(line, &end);

        if (end == line)
            continue;
        step = fmin(step, time - before > 0 ? time - before : NAN);
        before = time;
    }
    free(line);
    if (in)
        fclose(in);
    return step;
}

double app_told_every(const struct target_config *target, const struct gw_source *source)
{
    bool recorded = source && strcmp(source->name, "csv") == 0;
    double every = target->interval_s * clock_speed();

    /* A row stands until the next. */
    return recorded ? fmax(every, recorded_step(target->url)) : every;
}

/* ---- in a model ---- */

uint32_t app_row_of_target(const struct model *m, const struct target_config *t)
{
    uint32_t row = model_find(m, GW_SOURCE, t->name);
    const char *url = row == GW_NONE ? NULL : model_text(m, M_SOURCE_URL, row);

    return url && strcmp(url, t->url) == 0 ? row : GW_NONE;
}

bool app_has_heard_targets(const struct app *app, const struct model *m)
{
    for (size_t i = 0; i < app->settings->target_count; i++) {
        uint32_t row = app_row_of_target(m, &app->settings->targets[i]);

        if (row == GW_NONE || !(model_number(m, M_SOURCE_POLLS, row) +
                                    model_number(m, M_SOURCE_FAILURES, row) >
                                0))
            return false;
    }
    return true;
}

bool app_knows_targets(const struct app *app, const struct model *m)
{
    for (size_t i = 0; i < app->settings->target_count; i++)
        if (app_row_of_target(m, &app->settings->targets[i]) == GW_NONE)
            return false;
    return true;
}
