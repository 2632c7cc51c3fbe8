/* Watching what was listed. */
#ifndef PLUGINS_KUBE_WATCH_H
#define PLUGINS_KUBE_WATCH_H

#include "plugins/kube/server.h"
#include "plugins/kube/tell.h"

/* Watches end by themselves, not all at once. */
static int follow(struct kube *k, enum what what)
{
    struct listing *l = &k->listings[what];
    const char *selector = resources[what].selector;
    char path[600];

    snprintf(
        path, sizeof(path),
        "%s?watch=1&allowWatchBookmarks=true&timeoutSeconds=%d&resourceVersion=%s%s%s",
        l->path, 240 + 10 * (int)what, l->version, selector ? "&fieldSelector=" : "",
        selector ? selector : "");
    l->stream = k->api->follow(k->target, path, "application/json", k->out);
    return l->stream < 0 ? GW_FAILED : GW_DONE;
}

static int take_error(struct kube *k, enum what what, uint32_t object)
{
    char words[300];

    if (gw_json_number(&k->json, gw_json_member(&k->json, object, "code")) == 410) {
        k->listings[what].expired = true;
        return GW_DONE;
    }
    gw_json_text(&k->json, gw_json_member(&k->json, object, "message"), words,
                 sizeof(words));
    return k->api->fail(k->out, "%s: its watch says: %s", k->listings[what].path, words);
}

static int take_event(struct kube *k, enum what what, const char *line, size_t len)
{
    struct gw_json *j = &k->json;
    struct listing *l = &k->listings[what];
    uint32_t type, object;
    struct object *o;

    if (!gw_json_read(j, line, len))
        return k->api->fail(k->out, "%s: its watch brought no JSON: %.*s", l->path,
                            (int)(len < 60 ? len : 60), line);
    type = gw_json_member(j, 0, "type");
    object = gw_json_member(j, 0, "object");
    if (gw_json_is(j, type, "ERROR"))
        return take_error(k, what, object);
    gw_json_text(j, gw_json_at(j, object, "metadata", "resourceVersion", NULL),
                 l->version, sizeof(l->version));
    l->wait_s = 0;
    if (gw_json_is(j, type, "BOOKMARK"))
        return GW_DONE;
    o = take_item(k, what, object);
    if (o && gw_json_is(j, type, "DELETED"))
        drop(k, o);
    return k->object_count == MOST_OBJECTS ? refuse_more(k, what) : GW_DONE;
}

/* A watch ended: by itself, since its version is too old, or since the connection
 * broke. */
static int take_end_of_watch(struct kube *k, enum what what, const struct gw_line *line)
{
    struct listing *l = &k->listings[what];

    l->stream = -1;
    l->expired |= line->status == 410;
    if (line->status == 401)
        return refused(k, l->path, 401, line->text, line->len);
    if (line->status == 403) {
        server_words(k, line->text, line->len, k->refusal, sizeof(k->refusal));
        l->refused = true;
        return GW_DONE;
    }
    if (l->expired) {
        if (list(k, what) == GW_FAILED)
            return GW_FAILED;
        k->changed = true;
        return l->refused || !l->path[0] ? GW_DONE : follow(k, what);
    }
    /* One that ended well begins at once, unless it ends again and again; one that broke,
     * after a while that grows. */
    l->wait_s = line->status == 200 && l->wait_s == 0 ? 0.1
                                                      : fmin(30, fmax(1, 2 * l->wait_s));
    l->again_at = k->api->now(k->target) + l->wait_s;
    return GW_DONE;
}

static int take_line(struct kube *k, const struct gw_line *line)
{
    for (enum what w = 0; w < RESOURCES; w++)
        if (k->listings[w].stream == line->stream)
            return line->over ? take_end_of_watch(k, w, line)
                              : take_event(k, w, line->text, line->len);
    return GW_DONE;
}

static bool is_watched(const struct listing *l)
{
    return l->path[0] && !l->refused;
}

static int follow_ended(struct kube *k, double now)
{
    for (enum what w = 0; w < RESOURCES; w++) {
        struct listing *l = &k->listings[w];

        /* A clock that was set back must not hold it up. */
        if (is_watched(l) && l->stream < 0 &&
            (now >= l->again_at || l->again_at - now > 60) && follow(k, w) == GW_FAILED)
            return GW_FAILED;
    }
    return GW_DONE;
}

/* A watch is silent while nothing changes, when its server hangs, and for ever when what
 * the server keeps was set back to an older state, whose versions are smaller: the
 * difference is found out by asking for one object. Versions of one resource can be
 * compared as numbers
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */
static int check_server(struct kube *k)
{
    const struct listing *l = &k->listings[NAMESPACES];
    bool counts = is_watched(l) && l->version[0];
    struct gw_reply reply;
    char path[160];
    double version;

    snprintf(path, sizeof(path), counts ? "%s?limit=1" : "/version", l->path);
    if (get(k, path, &reply) == GW_FAILED)
        return GW_FAILED;
    if (reply.status != 200)
        return refused(k, path, reply.status, reply.text, reply.len);
    if (!gw_json_read(&k->json, reply.text, reply.len))
        return k->api->fail(k->out, "what answers is no Kubernetes API: %s is no JSON",
                            path);
    version = gw_json_number(
        &k->json, gw_json_at(&k->json, 0, "metadata", "resourceVersion", NULL));
    if (counts && version < strtod(l->version, NULL))
        k->listed_at = 0;
    return GW_DONE;
}

static int watch(struct kube *k)
{
    double began = k->api->now(k->target), told = began - k->target->interval_s;

    for (enum what w = 0; w < RESOURCES; w++)
        k->listings[w].stream = -1;
    while (!k->api->stopping(k->target)) {
        struct gw_line line = { .size = sizeof(line) };
        double now = k->api->now(k->target);
        bool beat = now - told >= k->target->interval_s || now < told;

        if (follow_ended(k, now) == GW_FAILED || (beat && check_server(k) == GW_FAILED))
            return GW_FAILED;
        if (k->listed_at == 0 || now - began > EVERYTHING_ANEW_S) {
            k->listed_at = 0;
            return GW_DONE;
        }
        if (beat || (k->changed && now - told >= 1)) {
            tell(k);
            k->api->send(k->out);
            told = now;
        }
        k->api->hear(k->target, k->changed ? 0.2 : 0.5, &line);
        if (line.stream >= 0 && take_line(k, &line) == GW_FAILED)
            return GW_FAILED;
    }
    return GW_DONE;
}

#endif
