/* What a source said, kept so that a test can look at it: the api of the plugin ABI
 * without a host, a network or a clock. A test gives the target's options, lets the
 * source ask and parse, and asks what was heard, in the units the source sends.
 * Conversations get a clock that the test sets. */
#ifndef TESTS_LIB_HEARD_H
#define TESTS_LIB_HEARD_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gigawatch/source.h"

struct heard_entity {
    enum gw_kind kind;
    char name[256];
    uint32_t parent;
};

struct heard_value {
    uint32_t entity;
    size_t metric;
    double number;              /* NAN for a text */
    char *text;                 /* NULL for a number */
    double time;                /* NAN: of arrival */
    bool estimated, past;
};

/* The first member of a test's target options; ends with { 0 }. */
struct heard_option {
    const char *name, *value;
};

/* Stands for what a conversation asks: fills the reply for a path or a command, or
 * returns GW_FAILED. */
typedef int heard_answer(void *arg, const struct gw_ask *ask, struct gw_reply *reply);

struct gw_out {
    const struct gw_source *source;
    heard_answer *answer;
    void *answer_arg;
    double pace, limit;         /* the last */
    bool refused;
    struct gw_target target;
    const struct heard_option *options;
    struct heard_entity *entities;
    struct heard_value *values;
    size_t entity_count, value_count, entity_room, value_room;
    size_t alone;               /* numbers that were told by names alone */
    double time;                /* of the next values */
    bool past;                  /* so they were then */
    double clock;               /* what now() says */
    size_t sent;                /* how often send() was called */
    unsigned warnings;
    char warning[1024];         /* the last */
    bool partial;
    char notes[4096];           /* of note(), a line each */
    double missing;             /* of partial(), added up */
    char gap[1024];             /* the last */
    char failure[1024];
    char printed[8][16384];
    size_t printed_count;
    /* Answers a conversation's get_pieces(): false: nobody there. In parts of so many
     * bytes; 0: in one. */
    bool (*web)(struct gw_out *out, const char *path, struct gw_reply *reply);
    size_t piece;
};

static struct gw_out *heard_by_target(const struct gw_target *target)
{
    return (struct gw_out *)((char *)target - offsetof(struct gw_out, target));
}

static uint32_t heard_add_entity(struct gw_out *out, enum gw_kind kind, const char *name,
                                 size_t len, uint32_t parent)
{
    struct heard_entity *e;
    size_t kept = len < sizeof(e->name) ? len : sizeof(e->name) - 1;

    for (size_t i = 0; i < out->entity_count; i++) {
        e = &out->entities[i];
        if (e->kind == kind && strlen(e->name) == kept &&
            memcmp(e->name, name, kept) == 0)
            return (uint32_t)i;
    }
    if (out->entity_count == out->entity_room) {
        out->entity_room = out->entity_room ? 2 * out->entity_room : 64;
        out->entities = realloc(out->entities, out->entity_room * sizeof(*e));
    }
    e = &out->entities[out->entity_count];
    memset(e, 0, sizeof(*e));
    memcpy(e->name, name, kept);
    e->kind = kind;
    e->parent = parent;
    return (uint32_t)out->entity_count++;
}

static void heard_link(struct gw_out *out, uint32_t child, uint32_t parent)
{
    (void)out, (void)child, (void)parent;
}

static struct heard_value *heard_add(struct gw_out *out, uint32_t entity, size_t metric)
{
    struct heard_value *v;

    if (out->value_count == out->value_room) {
        out->value_room = out->value_room ? 2 * out->value_room : 256;
        out->values = realloc(out->values, out->value_room * sizeof(*v));
    }
    v = &out->values[out->value_count++];
    *v = (struct heard_value){ .entity = entity, .metric = metric, .number = NAN,
                               .time = out->time, .past = out->past };
    if (entity >= out->entity_count || !out->source->metrics[metric].name ||
        out->source->metrics[metric].kind != out->entities[entity].kind)
        abort();                /* a bug of the source, as the host would say */
    return v;
}

static void heard_add_number(struct gw_out *out, uint32_t entity, size_t metric,
                             double value)
{
    heard_add(out, entity, metric)->number = value;
    if (out->source->metrics[metric].type == GW_TEXT)
        abort();
}

static void heard_add_estimate(struct gw_out *out, uint32_t entity, size_t metric,
                               double value)
{
    heard_add_number(out, entity, metric, value);
    out->values[out->value_count - 1].estimated = true;
}

static void heard_numbers(struct gw_out *out, size_t metric,
                          const struct gw_number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        heard_add_number(out,
                         heard_add_entity(out, GW_GPU, numbers[i].name, numbers[i].len,
                                          GW_NONE),
                         metric, numbers[i].value);
    out->alone += count;
}

static void heard_add_text(struct gw_out *out, uint32_t entity, size_t metric,
                           const char *text, size_t len)
{
    struct heard_value *v = heard_add(out, entity, metric);

    if (out->source->metrics[metric].type != GW_TEXT)
        abort();
    v->text = strndup(text, len);
}

static void heard_time(struct gw_out *out, double seconds)
{
    out->time = seconds > 0 ? seconds : NAN;
    out->past = false;
}

static void heard_past(struct gw_out *out, double seconds)
{
    if (!(seconds > 0))
        abort();
    out->time = seconds;
    out->past = true;
}

__attribute__((format(printf, 2, 3))) static void heard_warn(struct gw_out *out,
                                                             const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->warning, sizeof(out->warning), format, args);
    va_end(args);
    out->warnings++;
}

__attribute__((format(printf, 3, 4))) static void heard_partial(struct gw_out *out,
                                                                double missing,
                                                                const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->gap, sizeof(out->gap), format, args);
    va_end(args);
    out->partial = true;
    out->missing += missing >= 1 ? missing : NAN;
}

__attribute__((format(printf, 2, 3))) static void heard_note(struct gw_out *out,
                                                             const char *format, ...)
{
    size_t used = strlen(out->notes);
    va_list args;

    va_start(args, format);
    vsnprintf(out->notes + used, sizeof(out->notes) - used - 1, format, args);
    va_end(args);
    strcat(out->notes, "\n");
}

__attribute__((format(printf, 2, 3))) static int heard_fail(struct gw_out *out,
                                                            const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->failure, sizeof(out->failure), format, args);
    va_end(args);
    return GW_FAILED;
}

static const char *heard_option(const struct gw_target *target, const char *name)
{
    const struct gw_out *out = heard_by_target(target);

    for (const struct heard_option *o = out->options; o && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o->value;
    for (const struct gw_option *o = out->source->options; o && o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o->fallback;
    return NULL;
}

__attribute__((format(printf, 2, 3))) static const char *
heard_print(const struct gw_target *target, const char *format, ...)
{
    struct gw_out *out = heard_by_target(target);
    char *text = out->printed[out->printed_count++ % 8];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof(out->printed[0]), format, args) >=
        (int)sizeof(out->printed[0]))
        abort();
    va_end(args);
    return text;
}

static double heard_now(const struct gw_target *target)
{
    return heard_by_target(target)->clock;
}

static bool heard_stopping(const struct gw_target *target)
{
    (void)target;
    return false;
}

static void heard_send(struct gw_out *out)
{
    out->sent++;
    out->failure[0] = '\0';     /* as the host does */
}

static int heard_get_pieces(const struct gw_target *target, const char *path,
                            const char *accept, gw_piece *piece, void *arg,
                            struct gw_reply *reply, struct gw_out *out)
{
    size_t step, left;
    char *copy;
    int result = GW_DONE;

    (void)target, (void)accept;
    if (!out->web || !out->web(out, path, reply))
        return heard_fail(out, "nobody there");
    if (reply->status / 100 != 2)
        return GW_DONE;
    step = out->piece ? out->piece : reply->len;
    for (size_t at = 0; at < reply->len && result == GW_DONE; at += step) {
        left = reply->len - at < step ? reply->len - at : step;
        /* so that a sanitizer sees reading past the end, or later */
        copy = malloc(left);
        memcpy(copy, reply->text + at, left);
        result = piece(arg, copy, left);
        free(copy);
    }
    reply->text = "";
    reply->len = 0;
    return result;
}

__attribute__((format(printf, 2, 3))) static int heard_refuse(struct gw_out *out,
                                                              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->failure, sizeof(out->failure), format, args);
    va_end(args);
    out->refused = true;
    return GW_FAILED;
}

static void heard_pace(struct gw_out *out, double seconds)
{
    out->pace = seconds;
}

static void heard_limit(const struct gw_target *target, double seconds)
{
    heard_by_target(target)->limit = seconds;
}

static int heard_call(const struct gw_target *target, struct gw_ask ask,
                      struct gw_reply *reply, struct gw_out *out)
{
    (void)target;
    *reply = (struct gw_reply){ .size = sizeof(*reply), .text = "", .complaint = "" };
    if (!out->answer || out->answer(out->answer_arg, &ask, reply) == GW_FAILED)
        return heard_fail(out, "no answer");
    return GW_DONE;
}

static int heard_get(const struct gw_target *target, const char *path, const char *accept,
                     struct gw_reply *reply, struct gw_out *out)
{
    return heard_call(target,
                      (struct gw_ask){ .how = GW_GET, .path = path, .accept = accept },
                      reply, out);
}

static int heard_run(const struct gw_target *target, const char *command,
                     struct gw_reply *reply, struct gw_out *out)
{
    return heard_call(target, (struct gw_ask){ .how = GW_RUN, .command = command }, reply,
                      out);
}

static const struct gw_api heard_api = {
    .size = sizeof(struct gw_api),
    .entity = heard_add_entity, .link = heard_link, .number = heard_add_number,
    .estimate = heard_add_estimate, .text = heard_add_text, .time = heard_time, .past = heard_past,
    .warn = heard_warn, .fail = heard_fail, .option = heard_option, .print = heard_print,
    .now = heard_now, .stopping = heard_stopping, .send = heard_send, .get = heard_get, .run = heard_run,
    .get_pieces = heard_get_pieces, .refuse = heard_refuse, .pace = heard_pace, .partial = heard_partial,
    .note = heard_note, .limit = heard_limit, .numbers = heard_numbers,
};

/* A target named `name` of `source`, that has said nothing yet. Free with
 * heard_free(). */
static inline struct gw_out *heard_new(const struct gw_source *source, const char *name,
                                       const struct heard_option *options)
{
    struct gw_out *out = calloc(1, sizeof(*out));

    out->source = source;
    out->options = options;
    out->time = NAN;
    out->target = (struct gw_target){ .size = sizeof(struct gw_target),
                                      .name = name,
                                      .url = "",
                                      .path = "",
                                      .interval_s = 5,
                                      .state = calloc(1, source->state_size + 1) };
    return out;
}

/* Forgets what was said; the state of the source stays. */
static inline void heard_forget(struct gw_out *out)
{
    for (size_t i = 0; i < out->value_count; i++)
        free(out->values[i].text);
    out->value_count = out->entity_count = 0;
    out->time = NAN;
    out->warnings = 0;
    out->alone = 0;
    out->refused = out->partial = false;
    out->missing = 0;
    out->notes[0] = out->gap[0] = '\0';
    out->warning[0] = out->failure[0] = '\0';
}

static inline void heard_free(struct gw_out *out)
{
    heard_forget(out);
    if (out->source->close)
        out->source->close(&heard_api, &out->target);
    free(out->entities);
    free(out->values);
    free(out->target.state);
    free(out);
}

static inline int heard_ask(struct gw_out *out, struct gw_ask *ask)
{
    *ask = (struct gw_ask){ .size = sizeof(*ask) };
    return out->source->ask(&heard_api, &out->target, ask, out);
}

/* One poll of a conversation. */
static inline int heard_poll(struct gw_out *out)
{
    heard_forget(out);
    return out->source->poll(&heard_api, &out->target, out);
}

/* Parses a copy without a byte to spare, so that a sanitizer sees reading past the
 * end. */
static inline int heard_parse_bytes(struct gw_out *out, const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);
    int result;

    memcpy(copy, text, len);
    heard_forget(out);
    result = out->source->parse(&heard_api, &out->target, copy, len, out);
    free(copy);
    return result;
}

static inline int heard_parse(struct gw_out *out, const char *text)
{
    return heard_parse_bytes(out, text, strlen(text));
}

/* Reads a file below the folder that an environment variable names: SRCDIR (where it is
 * unset, the current folder) or GW_SERVERS. NULL if it is not there. The caller frees. */
static inline char *heard_file(const char *variable, const char *path, size_t *len)
{
    const char *folder = getenv(variable);
    char whole[4096];
    char *text;
    FILE *in;
    long size;

    if ((!folder || !*folder) && strcmp(variable, "SRCDIR") != 0)
        return NULL;
    if (snprintf(whole, sizeof(whole), "%s/%s", folder && *folder ? folder : ".", path) >=
        (int)sizeof(whole))
        abort();
    in = fopen(whole, "rb");
    if (!in)
        return NULL;
    fseek(in, 0, SEEK_END);
    size = ftell(in);
    rewind(in);
    text = calloc(1, (size_t)size + 1);
    *len = fread(text, 1, (size_t)size, in);
    fclose(in);
    return text;
}

/* The last value heard of a metric of an entity; NULL: none. */
static inline const struct heard_value *heard_value(const struct gw_out *out,
                                                    enum gw_kind kind, const char *name,
                                                    const char *metric)
{
    for (size_t i = out->value_count; i-- > 0;) {
        const struct heard_value *v = &out->values[i];
        const struct heard_entity *e = &out->entities[v->entity];

        if (e->kind == kind && strcmp(e->name, name) == 0 &&
            strcmp(out->source->metrics[v->metric].name, metric) == 0)
            return v;
    }
    return NULL;
}

/* Its number; NAN: unknown; -1e99: never spoken of. */
static inline double heard_number(const struct gw_out *out, enum gw_kind kind,
                                  const char *name, const char *metric)
{
    const struct heard_value *v = heard_value(out, kind, name, metric);

    return v ? v->number : -1e99;
}

/* Its text; "(never)": never spoken of. */
static inline const char *heard_text(const struct gw_out *out, enum gw_kind kind,
                                     const char *name, const char *metric)
{
    const struct heard_value *v = heard_value(out, kind, name, metric);

    return v && v->text ? v->text : "(never)";
}

static inline size_t heard_count(const struct gw_out *out, enum gw_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < out->entity_count; i++)
        count += out->entities[i].kind == kind;
    return count;
}

#endif
