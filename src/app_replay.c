/* A recording replayed: as live, or with the whole program's clock in a hurry. */
#include "app.h"
#include "base/clock.h"
#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The clock runs at most so many times as fast: more, and a step of a trend passes between two looks. */
enum { MOST_SPEED = 600 };

/* Ages, windows and horizons are those of the recorded time then; the source itself has nothing to hurry. */
static void hasten(struct settings *s, struct target_config *replay, struct target_option *speed)
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

void app_add_replay(struct settings *s, const char *specification)
{
    size_t len = strcspn(specification, ",");
    struct target_option *options =
        app_options(s->arena, specification + len + (specification[len] == ','), "speed");
    struct target_config replay = {
        .name = "replay", .source = "csv", .origin = "--replay", .options = options,
        .url = arena_strndup(s->arena, specification, len),
    };

    for (struct target_option *o = options; o->name; o++)
        if (strcmp(o->name, "speed") == 0)
            hasten(s, &replay, o);
    settings_keep_target(s, &replay);
}

/* Between the first rows of a recording, of which one of a thousand domains is 10 kB; NAN: it has no two. */
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
