/* What a source may call, and how the host calls a source. Nothing a source passes in is
 * trusted: indices are checked against the batch and the source's own table. */
#include "poll/host.h"
#include "base/clock.h"
#include "base/text.h"
#include "model/metric.h"
#include "poll/url.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SLOWEST_PACE_S = 3600 };

static struct host_target *whole(const struct gw_target *seen)
{
    return (struct host_target *)seen;
}

/* ---- bugs of a source: counted, the first one told ---- */

static void refuse(struct gw_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct gw_out *out, const char *format, ...)
{
    va_list args;

    if (out->refusals++)
        return;
    va_start(args, format);
    vsnprintf(out->refusal, sizeof(out->refusal), format, args);
    va_end(args);
}

static bool is_entity(struct gw_out *out, uint32_t entity)
{
    if (entity < out->batch->entity_count)
        return true;
    refuse(out, "entity %lu is not of this answer", (unsigned long)entity);
    return false;
}

/* NULL: the source did not declare it, or not of this type. */
static const struct gw_metric *metric_of(struct gw_out *out, size_t metric, bool text)
{
    const struct gw_metric *m;

    if (metric >= out->source->metric_count) {
        refuse(out, "metric %zu of %zu does not exist", metric,
               out->source->metric_count);
        return NULL;
    }
    m = &out->source->source->metrics[metric];
    if ((m->type == GW_TEXT) == text)
        return m;
    refuse(out, "metric %s is %s", m->name, text ? "a number" : "text");
    return NULL;
}

/* Is this a value that the source declared, on the kind it declared? */
static bool is_value(struct gw_out *out, uint32_t entity, size_t metric, bool text)
{
    const struct gw_metric *m = metric_of(out, metric, text);

    if (!m || !is_entity(out, entity))
        return false;
    if (out->batch->entities[entity].kind != (uint32_t)m->kind) {
        refuse(out, "metric %s is not one of %s", m->name,
               kind_plural((enum gw_kind)out->batch->entities[entity].kind));
        return false;
    }
    return true;
}

/* ---- names of nodes ---- */

/* Without what only this target puts behind a node's name, so that it is the name that
 * others tell: n14.dc1.example, and n14.dc1.example/3 of a GPU, n14.dc1.example/3/0 of an
 * instance. `room` is for what is cut. */
static const char *common_name(const char *suffix, enum gw_kind kind, const char *name,
                               size_t *len, char room[NODE_NAME_ROOM])
{
    const char *index = kind == GW_GPU ? memchr(name, '/', *len) : NULL;
    size_t cut = suffix ? strlen(suffix) : 0, node = index ? (size_t)(index - name)
                                                     : kind == GW_GPU ? 0
                                                                      : *len;

    if (!cut || (kind != GW_NODE && kind != GW_GPU) || node <= cut ||
        *len >= NODE_NAME_ROOM || strncasecmp(name + node - cut, suffix, cut) != 0)
        return name;
    memcpy(room, name, node - cut);
    memcpy(room + node - cut, name + node, *len - node);
    *len -= cut;
    return room;
}

/* The same in a list of nodes, as schedulers write it: commas between names. */
static const char *common_names(const struct gw_out *out, const char *list, size_t *len)
{
    const char *suffix = out->target->config->node_suffix, *end = list + *len;
    char *room = arena_alloc(out->batch->arena, *len + 1), *to = room;
    size_t cut = strlen(suffix);

    while (list < end) {
        bool ends = (size_t)(end - list) >= cut && strncasecmp(list, suffix, cut) == 0 &&
                    (list + cut == end || list[cut] == ',');

        if (ends)
            list += cut;
        else
            *to++ = *list++;
    }
    *len = (size_t)(to - room);
    return room;
}

static const char *name_of_target(const struct target_config *t)
{
    return t->node ? t->node : t->name;
}

const char *node_of_target(const struct target_config *t, char room[NODE_NAME_ROOM])
{
    const struct gw_source *source = source_of_target(t);
    const char *name = name_of_target(t), *common;
    size_t len = strlen(name);

    if (!source || !source->is_node || len >= NODE_NAME_ROOM)
        return NULL;
    common = common_name(t->node_suffix, GW_NODE, name, &len, room);
    memmove(room, common, len);
    room[len] = '\0';
    return room;
}

/* ---- the api ---- */

static uint32_t add_entity(struct gw_out *out, enum gw_kind kind, const char *name,
                           size_t len, uint32_t parent)
{
    char room[NODE_NAME_ROOM];

    if ((unsigned)kind >= GW_KINDS || !name || !len) {
        refuse(out, "an entity without %s", !name || !len ? "a name" : "a known kind");
        return GW_NONE;
    }
    if (parent != GW_NONE && !is_entity(out, parent))
        parent = GW_NONE;
    if (out->target->config->node_suffix)
        name = common_name(out->target->config->node_suffix, kind, name, &len, room);
    return batch_entity(out->batch, kind, name, len, parent);
}

static void add_link(struct gw_out *out, uint32_t child, uint32_t parent)
{
    if (is_entity(out, child) && is_entity(out, parent))
        batch_link(out->batch, child, parent);
}

static void add_value(struct gw_out *out, uint32_t entity, size_t metric, double value,
                      enum gw_quality quality)
{
    if (!is_value(out, entity, metric, false))
        return;
    if (!isfinite(value))
        value = NAN;
    batch_number(out->batch, entity, out->source->ids[metric],
                 value * out->source->scales[metric], quality);
}

static void add_number(struct gw_out *out, uint32_t entity, size_t metric, double value)
{
    add_value(out, entity, metric, value, GW_OK);
}

static void add_numbers(struct gw_out *out, size_t metric,
                        const struct gw_number *numbers, size_t count)
{
    const struct gw_metric *m = metric_of(out, metric, false);
    const char *suffix = out->target->config->node_suffix;
    uint64_t *hashes;
    double *values;

    if (!m || !count)
        return;
    if (m->kind != GW_GPU) {
        refuse(out, "metric %s is not one of %s", m->name, kind_plural(GW_GPU));
        return;
    }
    hashes = arena_alloc(out->batch->arena, count * sizeof(*hashes));
    values = arena_alloc(out->batch->arena, count * sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        const struct gw_number *n = &numbers[i];
        char room[NODE_NAME_ROOM];
        size_t len = n->len;
        const char *name = suffix ? common_name(suffix, GW_GPU, n->name, &len, room)
                                  : n->name;

        hashes[i] = batch_hash_cleaned(GW_GPU, name, len);
        values[i] = isfinite(n->value) ? n->value * out->source->scales[metric] : NAN;
    }
    batch_numbers(out->batch, out->source->ids[metric], hashes, values, count);
}

static void add_estimate(struct gw_out *out, uint32_t entity, size_t metric, double value)
{
    add_value(out, entity, metric, value, GW_ESTIMATED);
}

static void add_text(struct gw_out *out, uint32_t entity, size_t metric, const char *text,
                     size_t len)
{
    if (!is_value(out, entity, metric, true))
        return;
    if (text && out->source->ids[metric] == M_JOB_NODELIST &&
        out->target->config->node_suffix)
        text = common_names(out, text, &len);
    batch_text(out->batch, entity, out->source->ids[metric], text ? text : "",
               text ? len : 0);
}

static void set_time(struct gw_out *out, double seconds)
{
    if (isfinite(seconds) && seconds >= 0)
        batch_time(out->batch, seconds);
    else
        refuse(out, "a time that is none");
}

static void set_past(struct gw_out *out, double seconds)
{
    if (isfinite(seconds) && seconds > 0)
        batch_past(out->batch, seconds);
    else
        refuse(out, "a past that is none");
}

static void __attribute__((format(printf, 2, 3)))
warn(struct gw_out *out, const char *format, ...)
{
    va_list args;

    if (out->warnings++)
        return;
    va_start(args, format);
    vsnprintf(out->warning, sizeof(out->warning), format, args);
    va_end(args);
}

static void __attribute__((format(printf, 3, 4)))
partial(struct gw_out *out, double missing, const char *format, ...)
{
    va_list args;

    /* Less than one is none that could be counted. */
    out->missing += missing >= 1 ? missing : NAN;
    if (out->gaps++)
        return;
    va_start(args, format);
    vsnprintf(out->gap, sizeof(out->gap), format, args);
    va_end(args);
}

static void __attribute__((format(printf, 2, 3)))
note(struct gw_out *out, const char *format, ...)
{
    size_t used = strlen(out->notes);
    va_list args;

    text_add(out->notes, sizeof(out->notes), "%s", used ? " | " : "");
    used = strlen(out->notes);
    va_start(args, format);
    vsnprintf(out->notes + used, sizeof(out->notes) - used, format, args);
    va_end(args);
}

static int __attribute__((format(printf, 2, 3)))
fail(struct gw_out *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->failure, sizeof(out->failure), format, args);
    va_end(args);
    return GW_FAILED;
}

static int __attribute__((format(printf, 2, 3)))
refuse_us(struct gw_out *out, const char *format, ...)
{
    va_list args;

    out->refused = true;
    va_start(args, format);
    vsnprintf(out->failure, sizeof(out->failure), format, args);
    va_end(args);
    return GW_FAILED;
}

static void pace(struct gw_out *out, double seconds)
{
    if (seconds > 0 && seconds <= SLOWEST_PACE_S)
        out->pace_s = seconds;
    else if (seconds > SLOWEST_PACE_S)
        out->pace_s = SLOWEST_PACE_S;
}

static const char *configured(const struct target_config *config, const char *name)
{
    const struct target_option *o = config->options;

    while (o && o->name && strcmp(o->name, name) != 0)
        o++;
    return o && o->name ? o->value : NULL;
}

static const char *get_option(const struct gw_target *target, const char *name)
{
    const struct host_target *t = whole(target);
    const struct gw_option *o = t->source->source->options;
    const char *value = configured(t->config, name);

    if (value)
        return value;
    while (o && o->name && strcmp(o->name, name) != 0)
        o++;
    return o && o->name ? o->fallback : NULL;
}

static const char *__attribute__((format(printf, 2, 3)))
print(const struct gw_target *target, const char *format, ...)
{
    struct host_target *t = whole(target);
    const char *text;
    va_list args;

    va_start(args, format);
    text = arena_vprintf(t->prints, format, args);
    va_end(args);
    return text;
}

static double now(const struct gw_target *target)
{
    const struct host_target *t = whole(target);

    return t->now > 0 ? t->now : clock_wall();
}

static bool stopping(const struct gw_target *target)
{
    struct host_target *t = whole(target);

    return t->calls && t->calls->stopping && t->calls->stopping(t);
}

static void send(struct gw_out *out)
{
    struct host_target *t = out->target;
    size_t entities = out->batch->entity_count, samples = out->batch->sample_count;

    if (!t->calls || !t->calls->send)
        return;
    t->calls->send(t, out);
    if (entities)
        batch_reserve(out->batch, entities, samples);
}

static int call(const struct gw_target *target, struct gw_ask *ask,
                const struct host_pieces *pieces, struct gw_reply *reply,
                struct gw_out *out)
{
    struct host_target *t = whole(target);
    struct gw_reply answer = { .size = sizeof(answer), .complaint = "" };
    struct err err;
    size_t room = reply->size;

    if (!room)
        /* a plugin that leaves it unset knows version 1's members */
        room = offsetof(struct gw_reply, complaint);

    if (!t->calls || !t->calls->call)
        return fail(out, "%s: may not ask from here", t->source->source->name);
    if (ask->how == GW_GET && !ask->path)
        ask->path = target->path;
    if (t->calls->call(t, ask, pieces, &answer, &err) < 0)
        return err.text[0] ? fail(out, "%s", err.text) : GW_FAILED;
    memcpy(reply, &answer, room < sizeof(answer) ? room : sizeof(answer));
    reply->size = room;
    return 0;
}

static int get(const struct gw_target *target, const char *path, const char *accept,
               struct gw_reply *reply, struct gw_out *out)
{
    struct gw_ask ask = {
        .size = sizeof(ask), .how = GW_GET, .path = path, .accept = accept
    };

    return call(target, &ask, NULL, reply, out);
}

static int get_pieces(const struct gw_target *target, const char *path,
                      const char *accept, gw_piece *piece, void *arg,
                      struct gw_reply *reply, struct gw_out *out)
{
    struct gw_ask ask = {
        .size = sizeof(ask), .how = GW_GET, .path = path, .accept = accept
    };
    struct host_pieces pieces = { .take = piece, .arg = arg };

    return call(target, &ask, &pieces, reply, out);
}

static int run(const struct gw_target *target, const char *command,
               struct gw_reply *reply, struct gw_out *out)
{
    struct gw_ask ask = { .size = sizeof(ask), .how = GW_RUN, .command = command };

    return call(target, &ask, NULL, reply, out);
}

static int follow(const struct gw_target *target, const char *path, const char *accept,
                  struct gw_out *out)
{
    struct host_target *t = whole(target);
    struct gw_ask ask = {
        .size = sizeof(ask), .how = GW_STREAM, .path = path, .accept = accept
    };
    struct err err;
    int number;

    if (!t->calls || !t->calls->follow)
        return fail(out, "%s: may not follow from here", t->source->source->name);
    number = t->calls->follow(t, &ask, &err);
    return number < 0 ? fail(out, "%s", err.text) : number;
}

static void hear(const struct gw_target *target, double wait_s, struct gw_line *line)
{
    struct host_target *t = whole(target);
    struct gw_line heard = { .size = sizeof(heard), .stream = -1, .text = "" };
    size_t room = line->size;

    if (t->calls && t->calls->hear)
        t->calls->hear(t, isfinite(wait_s) && wait_s > 0 ? wait_s : 0, &heard);
    memcpy(line, &heard, room && room < sizeof(heard) ? room : sizeof(heard));
    line->size = room;
}

static void limit(const struct gw_target *target, double seconds)
{
    struct host_target *t = whole(target);

    if (t->calls && t->calls->limit)
        t->calls->limit(t, isfinite(seconds) && seconds > 0 ? seconds : 0);
}

const struct gw_api host_api = {
    .size = sizeof(host_api),
    .entity = add_entity,
    .link = add_link,
    .number = add_number,
    .estimate = add_estimate,
    .text = add_text,
    .time = set_time,
    .warn = warn,
    .fail = fail,
    .option = get_option,
    .print = print,
    .now = now,
    .stopping = stopping,
    .send = send,
    .get = get,
    .run = run,
    .get_pieces = get_pieces,
    .refuse = refuse_us,
    .pace = pace,
    .follow = follow,
    .hear = hear,
    .partial = partial,
    .note = note,
    .limit = limit,
    .past = set_past,
    .numbers = add_numbers,
};

/* ---- targets ---- */

static bool knows_option(const struct gw_source *source, const char *name)
{
    const struct gw_option *o = source->options;

    while (o && o->name && strcmp(o->name, name) != 0)
        o++;
    return o && o->name;
}

static int refuse_option(const struct gw_source *source, const char *name,
                         struct err *err)
{
    char known[256] = "", meant[280];

    for (const struct gw_option *o = source->options; o && o->name; o++)
        text_add(known, sizeof(known), "%s%s", known[0] ? ", " : "", o->name);
    if (!known[0])
        return err_set_code(err, ERR_USAGE, "unknown option \"%.40s\": %s has none", name,
                            source->name);
    text_meant(meant, sizeof(meant), name, known);
    return err_set_code(err, ERR_USAGE, "unknown option \"%.40s\" of %s; %s", name, source->name, meant);
}

/* The node that its answers would be about; "": nobody knows. */
static const char *node_told_of(const struct target_config *t, const char *host,
                                char room[NODE_NAME_ROOM])
{
    const char *node = node_of_target(t, room);

    return node ? node : t->node ? t->node : host;
}

int host_target_start(struct host_target *t, const struct host_source *source,
                      const struct target_config *config, struct err *err)
{
    const struct gw_source *s = source->source;
    char shown[512], node[NODE_NAME_ROOM];
    struct url url;

    memset(t, 0, sizeof(*t));
    if (config->url && url_read(&url, config->url, err) < 0)
        return -1;
    for (const struct target_option *o = config->options; o && o->name; o++)
        if (!knows_option(s, o->name))
            return refuse_option(s, o->name, err);
    t->arena = arena_new();
    t->prints = arena_new();
    t->source = source;
    t->config = config;
    url_public(shown, sizeof(shown), config->url ? config->url : "");
    t->seen = (struct gw_target){
        .size = sizeof(t->seen),
        .name = name_of_target(config),
        .url = arena_strdup(t->arena, shown),
        .path = config->url ? url.path : "",
        .site = config->site,
        .interval_s = config->interval_s > 0 ? config->interval_s : s->interval_s,
        .state = arena_alloc(t->arena, s->state_size ? s->state_size : 1),
    };
    if (!(t->seen.interval_s > 0))
        t->seen.interval_s = 5;
    t->node = arena_strdup(
        t->arena, node_told_of(config, config->url && s->ask ? url.host : "", node));
    return 0;
}

void host_target_end(struct host_target *t)
{
    arena_free(t->arena);
    arena_free(t->prints);
    memset(t, 0, sizeof(*t));
}

/* ---- calling a source ---- */

void host_out_start(struct gw_out *out, struct host_target *t, struct batch *batch)
{
    memset(out, 0, sizeof(*out));
    out->batch = batch;
    out->target = t;
    out->source = t->source;
}

void host_out_go_on(struct gw_out *out, struct batch *batch)
{
    struct gw_out before = *out;

    host_out_start(out, before.target, batch);
    out->gaps = before.gaps;
    out->missing = before.missing;
    memcpy(out->gap, before.gap, sizeof(out->gap));
    memcpy(out->notes, before.notes, sizeof(out->notes));
}

void host_out_notes(const struct gw_out *out)
{
    const char *name = out->target->config->name;

    if (out->notes[0])
        batch_text(out->batch,
                   batch_entity(out->batch, GW_SOURCE, name, strlen(name), GW_NONE),
                   M_SOURCE_NOTES, out->notes, strlen(out->notes));
}

/* The first of several. */
static void add_first(char *to, size_t room, const char *text, size_t count)
{
    if (!count)
        return;
    text_add(to, room, "%s%s", to[0] ? "; " : "", text);
    if (count > 1)
        text_add(to, room, " (and %zu more)", count - 1);
}

void host_out_remark(const struct gw_out *out, char *to, size_t room)
{
    to[0] = '\0';
    add_first(to, room, out->gap, out->gaps);
    add_first(to, room, out->warning, out->warnings);
    if (out->refusals)
        text_add(to, room, "%s%zu value%s of %s refused: %s", to[0] ? "; " : "",
                 out->refusals, out->refusals == 1 ? "" : "s", out->source->source->name,
                 out->refusal);
}

static int told(struct gw_out *out, int result, const char *what)
{
    if (result != GW_DONE && result != GW_AGAIN)
        result = GW_FAILED;
    if (result == GW_FAILED && !out->failure[0])
        fail(out, "%s %s, and does not say why", out->source->source->name, what);
    return result;
}

int host_ask(struct host_target *t, struct gw_ask *ask, struct gw_out *out)
{
    const struct gw_source *s = t->source->source;

    arena_reset(t->prints);
    memset(ask, 0, sizeof(*ask));
    ask->size = sizeof(*ask);
    if (told(out, s->ask(&host_api, &t->seen, ask, out), "cannot ask") == GW_FAILED)
        return GW_FAILED;
    if ((unsigned)ask->how > GW_GET)
        return fail(out, "%s asks in a way that this version does not know", s->name);
    if (ask->how == GW_STREAM && !s->frame)
        return fail(out, "%s asks for a stream that it cannot cut", s->name);
    if (ask->how == GW_GET && !ask->path)
        ask->path = t->seen.path;
    if (ask->how != GW_GET && !ask->command)
        return fail(out, "%s asks for no command", s->name);
    return GW_DONE;
}

int host_parse(struct host_target *t, const char *text, size_t len, struct gw_out *out)
{
    int result = t->source->source->parse(&host_api, &t->seen, text, len, out);

    return told(out, result, "does not understand the answer");
}

int host_poll(struct host_target *t, struct gw_out *out)
{
    int result = t->source->source->poll(&host_api, &t->seen, out);

    return told(out, result, "failed");
}
