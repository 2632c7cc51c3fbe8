/* The sources there are: built in, or loaded from a .so. A plugin is never trusted to be
 * of our size: what it recorded says how long its structs are, and everything is copied
 * into ours. */
#include "model/batch.h"
#include "model/metric.h"
#include "poll/host.h"
#include "poll/url.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LARGEST_STRUCT = 4096,      /* a size beyond it is garbage, not a newer version */
    MOST_METRICS = 1000, MOST_OPTIONS = 200,
    /* What every plugin must have: members up to parse, up to max, up to fallback. */
    LEAST_SOURCE = offsetof(struct gw_source, open),
    LEAST_METRIC = offsetof(struct gw_metric, help),
    LEAST_OPTION = offsetof(struct gw_option, help)
};

/* Filled before the first thread, and read only from then on. */
static struct {
    struct arena *arena;
    struct host_source **bound;         /* every source that was ever bound */
    const struct gw_source **given;     /* as it was passed in, to find it again */
    size_t bound_count, bound_room, given_room;
    const struct gw_source **all;       /* ends with NULL */
    size_t count, room;
} known;

/* ---- binding ---- */

static int check_sizes(const struct gw_source *s, struct err *err)
{
    if (s->abi != GW_SOURCE_ABI)
        return err_set(err,
                       "was built for version %lu of the plugin interface, and this is "
                       "version %d; build it against this gigawatch's source.h",
                       (unsigned long)s->abi, GW_SOURCE_ABI);
    if (s->size < LEAST_SOURCE || s->size > LARGEST_STRUCT)
        return err_set(err, "says its struct gw_source has %zu bytes, and that cannot be "
                       "(%d to %d)", s->size, (int)LEAST_SOURCE, LARGEST_STRUCT);
    if (s->metric_size < LEAST_METRIC || s->metric_size > LARGEST_STRUCT)
        return err_set(err, "says its struct gw_metric has %zu bytes, and that cannot be "
                       "(%d to %d)", s->metric_size, (int)LEAST_METRIC, LARGEST_STRUCT);
    if (s->options && (s->option_size < LEAST_OPTION || s->option_size > LARGEST_STRUCT))
        return err_set(err, "says its struct gw_option has %zu bytes, and that cannot be "
                       "(%d to %d)", s->option_size, (int)LEAST_OPTION, LARGEST_STRUCT);
    return 0;
}

/* An array of structs of `stride` bytes that begin with their name, as an array of `ours`
 * bytes each. */
static void *copy_array(const void *from, size_t stride, size_t ours, size_t most,
                        size_t *count)
{
    const char *bytes = from;
    char *copy;
    size_t n = 0;

    while (n < most) {
        const char *name;

        memcpy(&name, bytes + n * stride, sizeof(name));
        if (!name)
            break;
        n++;
    }
    copy = arena_alloc(known.arena, (n + 1) * ours);
    for (size_t i = 0; i < n; i++)
        memcpy(copy + i * ours, bytes + i * stride, stride < ours ? stride : ours);
    *count = n;
    return copy;
}

/* Of our size: what its own did not have is 0. */
static int check_members(const struct gw_source *s, struct err *err)
{
    if (s->api_size > sizeof(struct gw_api))
        return err_set(
            err,
            "was built for a newer gigawatch and may call what this one does not offer (%zu bytes of struct gw_api, "
            "of which there are %zu); build it against this gigawatch's source.h",
            s->api_size, sizeof(struct gw_api));
    if (!s->name || !s->name[0])
        return err_set(err, "has no name");
    if (!s->summary)
        return err_set(err, "has no summary");
    if (!s->metrics)
        return err_set(err, "has no metrics");
    if (!s->missing && !s->poll && !(s->ask && s->parse))
        return err_set(err, "offers neither ask and parse nor poll");
    if (s->poll && s->ask)
        return err_set(err, "offers both ask and poll; a source is one of the two");
    return 0;
}

static int bind_metrics(struct host_source *h, struct err *err)
{
    h->ids = arena_alloc(known.arena, (h->metric_count + 1) * sizeof(*h->ids));
    h->scales = arena_alloc(known.arena, (h->metric_count + 1) * sizeof(*h->scales));
    for (size_t i = 0; i < h->metric_count; i++) {
        h->ids[i] = metric_add(&h->source->metrics[i], &h->scales[i], err);
        if (h->ids[i] == METRIC_NONE)
            return err_wrap(err, "metric %s", h->source->metrics[i].name);
    }
    return 0;
}

static const struct host_source *find_bound(const struct gw_source *source)
{
    for (size_t i = 0; i < known.bound_count; i++)
        if (known.given[i] == source || known.bound[i]->source == source)
            return known.bound[i];
    return NULL;
}

static void remember(const struct gw_source *given, struct host_source *h)
{
    size_t n = known.bound_count++;

    known.bound = xgrow(known.bound, &known.bound_room, n + 1, sizeof(*known.bound));
    known.given = xgrow(known.given, &known.given_room, n + 1, sizeof(*known.given));
    known.bound[n] = h;
    known.given[n] = given;
}

const struct host_source *host_source(const struct gw_source *source, struct err *err)
{
    const struct host_source *old = find_bound(source);
    struct host_source *h;
    struct gw_source *copy;
    size_t options;

    if (old)
        return old;
    if (check_sizes(source, err) < 0)
        return NULL;
    if (!known.arena)
        known.arena = arena_new();
    copy = arena_alloc(known.arena, sizeof(*copy));
    memcpy(copy, source, source->size < sizeof(*copy) ? source->size : sizeof(*copy));
    if (check_members(copy, err) < 0)
        return NULL;
    h = arena_alloc(known.arena, sizeof(*h));
    h->source = copy;
    copy->metrics = copy_array(source->metrics, source->metric_size,
                               sizeof(*copy->metrics), MOST_METRICS, &h->metric_count);
    if (source->options)
        copy->options = copy_array(source->options, source->option_size,
                                   sizeof(*copy->options), MOST_OPTIONS, &options);
    if (bind_metrics(h, err) < 0)
        return NULL;
    remember(source, h);
    return h;
}

/* ---- the list ---- */

static void add(const struct gw_source *source)
{
    known.all = xgrow(known.all, &known.room, known.count + 2, sizeof(*known.all));
    known.all[known.count++] = source;
    known.all[known.count] = NULL;
}

int sources_set_builtin(const struct gw_source *const *list, struct err *err)
{
    for (; *list; list++) {
        const struct host_source *h = host_source(*list, err);

        if (!h)
            return err_wrap(err, "source %s", (*list)->name);
        if (!source_find(h->source->name))
            add(h->source);
    }
    return 0;
}

const struct gw_source *const *sources_all(void)
{
    static const struct gw_source *const none[] = { NULL };

    return known.all ? known.all : none;
}

const struct gw_source *source_find(const char *name)
{
    for (size_t i = 0; i < known.count; i++)
        if (strcmp(known.all[i]->name, name) == 0)
            return known.all[i];
    return NULL;
}

/* Is `word` one of the words of `list`, which are separated by blanks? */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (list && *list) {
        size_t n = strcspn(list, " ");

        if (n == len && memcmp(list, word, len) == 0)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

const struct gw_source *source_for_url(const char *url)
{
    struct url parts;

    if (url_read(&parts, url, NULL) < 0)
        return NULL;
    for (size_t i = 0; i < known.count; i++)
        if (has_word(known.all[i]->schemes, parts.scheme))
            return known.all[i];
    /* "prom+http" names the source itself. */
    parts.scheme[strcspn(parts.scheme, "+")] = '\0';
    return source_find(parts.scheme);
}

const struct gw_source *source_of_target(const struct target_config *t)
{
    return t->source ? source_find(t->source) : t->url ? source_for_url(t->url) : NULL;
}

/* ---- loading ---- */

/* NAME of dir/NAME.so; a name is what a C symbol can be. */
static int plugin_name(const char *path, char *name, size_t room, struct err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t len = strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789_");

    if (!len || len >= room - sizeof("_source") || strcmp(base + len, ".so") != 0)
        return err_set(err, "%s: a plugin is called NAME.so, with NAME of a-z, 0-9 and _",
                       path);
    snprintf(name, room, "%.*s", (int)len, base);
    return 0;
}

static int load(void *library, const char *path, const char *name, struct err *err)
{
    const struct gw_source *source;
    const struct host_source *h;
    char symbol[80];

    snprintf(symbol, sizeof(symbol), "%s_source", name);
    source = dlsym(library, symbol);
    if (!source)
        return err_set(err, "%s: is not a plugin: it has no %s", path, symbol);
    if (check_sizes(source, err) < 0)
        return err_wrap(err, "%s", path);
    if (source->name && strcmp(source->name, name) != 0)
        return err_set(err, "%s: calls itself \"%.40s\"; a plugin's name is its file's", path,
                       source->name);
    h = host_source(source, err);
    if (!h)
        return err_wrap(err, "%s", path);
    add(h->source);
    return 0;
}

/* dlerror() mostly begins with the path, which was said. */
static const char *without_path(const char *why, const char *path)
{
    size_t len = strlen(path);

    return strncmp(why, path, len) == 0 && strncmp(why + len, ": ", 2) == 0
               ? why + len + 2
               : why;
}

int source_load(const char *path, struct err *err)
{
    char name[64], *full;
    void *library;

    if (plugin_name(path, name, sizeof(name), err) < 0)
        return -1;
    if (source_find(name))
        return err_set(err, "%s: there is a source \"%s\" already; rename the plugin", path,
                       name);
    full = realpath(path, NULL);
    if (!full)
        return err_set(err, "%s: %m", path);
    library = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        err_set(err, "%s: cannot be loaded: %s", path, without_path(dlerror(), full));
    free(full);
    if (!library)
        return -1;
    if (load(library, path, name, err) < 0) {
        dlclose(library);
        return -1;
    }
    /* Kept open for ever: its functions are called until the end. */
    return 0;
}

/* ---- recorded answers ---- */

static void note_remark(const struct gw_out *out, const char *target)
{
    char remark[600];
    uint32_t row;

    host_out_remark(out, remark, sizeof(remark));
    if (!remark[0])
        return;
    row = batch_entity(out->batch, GW_SOURCE, target, strlen(target), GW_NONE);
    batch_text(out->batch, row, M_SOURCE_REASON, remark, strlen(remark));
    if (out->gaps)
        batch_number(out->batch, row, M_SOURCE_MISSING, out->missing, GW_OK);
}

/* A target of a test's own: what is not given is filled in. */
static int start_recorded(struct host_target *t, struct target_config *config,
                          const struct gw_source *source,
                          const struct target_config *given, struct err *err)
{
    const struct host_source *h = host_source(source, err);

    if (!h)
        return -1;
    if (h->source->missing)
        return err_set(err, "%s: this build lacks %s", h->source->name,
                       h->source->missing);
    *config = given ? *given : (struct target_config){ .name = "n1" };
    if (!config->name)
        config->name = "n1";
    return host_target_start(t, h, config, err);
}

struct batch *source_parse(const struct gw_source *source,
                           const struct target_config *target, const char *text,
                           size_t len, double now, struct err *err)
{
    struct target_config config;
    struct host_target t;
    struct gw_out out;
    struct batch *b;

    if (start_recorded(&t, &config, source, target, err) < 0)
        return NULL;
    t.now = now;
    b = batch_new(BATCH_POLL, config.name, now);
    host_out_start(&out, &t, b);
    if (host_parse(&t, text, len, &out) == GW_FAILED) {
        err_set(err, "%s", out.failure);
        batch_free(b);
        b = NULL;
    } else {
        note_remark(&out, config.name);
    }
    host_target_end(&t);
    return b;
}

struct recorded {
    struct host_target target;          /* first: the calls get back from it */
    source_answer *answer;
    void *arg;
    struct arena *arena;
    const char *followed[32];           /* what is still to be heard; NULL: over */
    int count;
    bool all_heard;
};

/* As small as never from a network, so that every seam is tried. */
static int hand_pieces(const struct host_pieces *pieces, struct gw_reply *reply,
                       struct err *err)
{
    enum { PIECE = 61 };

    for (size_t at = 0; at < reply->len; at += PIECE) {
        size_t left = reply->len - at;

        if (pieces->take(pieces->arg, reply->text + at, left < PIECE ? left : PIECE) ==
            GW_FAILED) {
            err->text[0] = '\0';
            return -1;
        }
    }
    reply->text = "";
    reply->len = 0;
    return 0;
}

static int answer_recorded(struct host_target *t, const struct gw_ask *ask,
                           const struct host_pieces *pieces, struct gw_reply *reply,
                           struct err *err)
{
    struct recorded *r = (struct recorded *)t;

    reply->text = r->answer(r->arg, ask, &reply->status);
    if (!reply->text)
        return err_set(err, "no answer");
    reply->len = strlen(reply->text);
    return pieces && reply->status / 100 == 2 ? hand_pieces(pieces, reply, err) : 0;
}

static int follow_recorded(struct host_target *t, const struct gw_ask *ask,
                           struct err *err)
{
    struct recorded *r = (struct recorded *)t;
    int status = 200;
    const char *text = r->answer(r->arg, ask, &status);

    if (!text || r->count == (int)(sizeof(r->followed) / sizeof(r->followed[0])))
        return err_set(err, "no answer");
    r->followed[r->count] = arena_strdup(r->arena, text);
    return r->count++;
}

/* Line by line, one answer after the other; then all have ended well, and there is
 * nothing to wait for. */
static void hear_recorded(struct host_target *t, double wait_s, struct gw_line *line)
{
    struct recorded *r = (struct recorded *)t;
    int i = 0;

    (void)wait_s;
    while (i < r->count && !r->followed[i])
        i++;
    r->all_heard = i == r->count;
    if (r->all_heard)
        return;
    line->stream = i;
    line->text = r->followed[i];
    line->len = strcspn(line->text, "\n");
    line->over = !line->text[line->len];
    line->status = line->over ? 200 : 0;
    r->followed[i] = line->over ? NULL : line->text + line->len + 1;
}

static bool is_all_heard(struct host_target *t)
{
    return ((struct recorded *)t)->all_heard;
}

struct batch *source_converse(const struct gw_source *source,
                              const struct target_config *target, source_answer *answer,
                              void *arg, double now, struct err *err)
{
    static const struct host_calls calls = {
        .call = answer_recorded, .follow = follow_recorded, .hear = hear_recorded, .stopping = is_all_heard
    };
    struct recorded r = { .answer = answer, .arg = arg, .arena = arena_new() };
    struct target_config config;
    const struct gw_source *s;
    struct gw_out out;
    struct batch *b;

    if (start_recorded(&r.target, &config, source, target, err) < 0) {
        arena_free(r.arena);
        return NULL;
    }
    s = r.target.source->source;
    r.target.now = now;
    r.target.calls = &calls;
    b = batch_new(BATCH_POLL, config.name, now);
    host_out_start(&out, &r.target, b);
    if ((s->open && s->open(&host_api, &r.target.seen, &out) == GW_FAILED) ||
        host_poll(&r.target, &out) == GW_FAILED) {
        err_set(err, "%s", out.failure);
        batch_free(b);
        b = NULL;
    } else {
        note_remark(&out, config.name);
    }
    if (s->close)
        s->close(&host_api, &r.target.seen);
    host_target_end(&r.target);
    arena_free(r.arena);
    return b;
}

int source_try(const struct gw_source *source, const struct target_config *target,
               struct err *err)
{
    struct host_target t;
    struct target_config config;
    const struct gw_source *s;
    struct gw_ask ask;
    struct gw_out out;
    struct batch *b;
    int result = 0;

    if (start_recorded(&t, &config, source, target, err) < 0)
        return -1;
    s = t.source->source;
    b = batch_new(BATCH_POLL, config.name, 0);
    host_out_start(&out, &t, b);
    if ((s->open && s->open(&host_api, &t.seen, &out) == GW_FAILED) ||
        (s->ask && host_ask(&t, &ask, &out) == GW_FAILED))
        result = err_set(err, "%s", out.failure);
    if (s->close)
        s->close(&host_api, &t.seen);
    batch_free(b);
    host_target_end(&t);
    return result;
}
