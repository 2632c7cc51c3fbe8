/* Answers of the API server: what it offers, lists in pages, and what it says where it
 * refuses. */
#ifndef PLUGINS_KUBE_SERVER_H
#define PLUGINS_KUBE_SERVER_H

#include "plugins/kube/claims.h"
#include "plugins/kube/jobs.h"
#include "plugins/kube/pods.h"
#include "plugins/kube/queues.h"
#include "plugins/kube/work.h"

static void (*const takers[RESOURCES])(struct kube *k, struct object *o,
                                       uint32_t item) = {
    [NODES] = take_node,
    [PODS] = take_pod,
    [NAMESPACES] = take_namespace,
    [QUOTAS] = take_quota,
    [JOBS] = take_job,
    [CLUSTER_QUEUES] = take_kueue_queue,
    [LOCAL_QUEUES] = take_kueue_queue,
    [WORKLOADS] = take_workload,
    [KAI_QUEUES] = take_kai_queue,
    [KAI_GROUPS] = take_pod_group,
    [VOLCANO_QUEUES] = take_volcano_queue,
    [VOLCANO_GROUPS] = take_pod_group,
    [CLAIMS] = take_claim,
    [SLICES] = take_slice,
};

/* ---- answers of the API server ---- */

/* The `message` of a Status, or what stands there instead. */
static void server_words(struct kube *k, const char *answer, size_t len, char *to,
                         size_t room)
{
    if (gw_json_read(&k->json, answer, len) &&
        gw_json_text(&k->json, gw_json_member(&k->json, 0, "message"), to, room))
        return;
    snprintf(to, room, "%.*s", (int)(len < 80 ? len : 80), answer);
}

static int refused(struct kube *k, const char *path, int status, const char *answer,
                   size_t len)
{
    char words[300];

    server_words(k, answer, len, words, sizeof(words));
    if (status == 401)
        return k->api->refuse(
            k->out,
            "%s: the API server does not know who we are (401 unauthorized); the token or the "
            "certificate is wrong, or has expired",
            path);
    if (status == 403)
        return k->api->refuse(
            k->out, "%s (403 forbidden); give this user the verbs get, list and watch",
            words);
    if (status == 429)
        return k->api->fail(
            k->out, "%s: asked too often (429 too many requests); raise interval:", path);
    return k->api->fail(k->out, "%s: answered with status %d: %s", path, status, words);
}

static int get(struct kube *k, const char *path, struct gw_reply *reply)
{
    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    return k->api->get(k->target, path, "application/json", reply, k->out);
}

static bool serves(const struct gw_json *j, uint32_t group, const char *version,
                   size_t len)
{
    uint32_t list = gw_json_member(j, group, "versions");
    char served[40];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i))
        if (gw_json_text(j, gw_json_member(j, i, "version"), served, sizeof(served)) ==
                len &&
            memcmp(served, version, len) == 0)
            return true;
    return false;
}

static void find_version(struct kube *k, uint32_t group, enum what what)
{
    const struct resource *r = &resources[what];

    for (const char *v = r->versions; *v; v += strcspn(v, " "), v += strspn(v, " "))
        if (serves(&k->json, group, v, strcspn(v, " "))) {
            snprintf(k->listings[what].path, sizeof(k->listings[what].path),
                     "/apis/%s/%.*s/%s", r->group, (int)strcspn(v, " "), v, r->name);
            return;
        }
}

/* What is installed. */
static int discover(struct kube *k)
{
    const struct gw_json *j = &k->json;
    struct gw_reply reply;
    uint32_t groups;

    if (get(k, "/apis", &reply) == GW_FAILED)
        return GW_FAILED;
    if (reply.status != 200)
        return refused(k, "/apis", reply.status, reply.text, reply.len);
    if (!gw_json_read(&k->json, reply.text, reply.len) ||
        !gw_json_is(j, gw_json_member(j, 0, "kind"), "APIGroupList"))
        return k->api->fail(k->out,
                            "what answers is no Kubernetes API: /apis lists no groups");
    groups = gw_json_member(j, 0, "groups");
    for (enum what w = 0; w < RESOURCES; w++) {
        k->listings[w] = (struct listing){ .stream = -1 };
        if (!resources[w].group[0])
            snprintf(k->listings[w].path, sizeof(k->listings[w].path), "/api/v1/%s",
                     resources[w].name);
        for (uint32_t g = gw_json_first(j, groups); g != GW_JSON_NONE;
             g = gw_json_next(j, groups, g))
            if (gw_json_is(j, gw_json_member(j, g, "name"), resources[w].group))
                find_version(k, g, w);
    }
    return GW_DONE;
}

static struct object *take_item(struct kube *k, enum what what, uint32_t item)
{
    bool changed = k->changed;
    struct object *o, *old;
    char full[520];

    if (!name_of(&k->json, item, full, sizeof(full)))
        return NULL;
    old = find(k, what, full);
    o = find_or_add(k, what, full);
    if (!o)
        return NULL;
    o->seen = true;
    takers[what](k, o, item);
    if (what == PODS && !is_some(o->gpus) && !o->claims) {
        forget(k, o);
        k->changed = changed || old;
        return NULL;
    }
    return o;
}

static void drop(struct kube *k, struct object *o)
{
    struct job *row = o->what == JOBS ? find_job(k, o->job) : NULL;

    if (row)
        row->deleted = o->phase == WAITS;
    if (o->what == SLICES)
        forget_devices(k, o->name);
    forget(k, o);
}

/* What is no longer in a list is gone. */
static void sweep(struct kube *k, enum what what)
{
    for (struct object *o = k->kinds[what], *next; o; o = next) {
        next = o->after;
        if (!o->seen)
            drop(k, o);
    }
}

/* Text as it may stand in a query. */
static void escape(char *to, size_t room, const char *from)
{
    size_t used = 0;

    for (; *from && used + 4 < room; from++) {
        if (isalnum((unsigned char)*from) || strchr("-._~", *from))
            to[used++] = *from;
        else
            used += (size_t)snprintf(to + used, room - used, "%%%02X",
                                     (unsigned char)*from);
    }
    to[used] = '\0';
}

static int refuse_more(struct kube *k, enum what what)
{
    return k->api->fail(
        k->out, "%s: more than %d objects; who may see fewer namespaces can be read",
        k->listings[what].path, MOST_OBJECTS);
}

/* One page; `next` is the token of the one after it, "" after the last. */
static int take_page(struct kube *k, enum what what, const struct gw_reply *reply,
                     char *next, size_t room)
{
    struct gw_json *j = &k->json;
    struct listing *l = &k->listings[what];
    uint32_t meta, items;

    if (!gw_json_read(j, reply->text, reply->len))
        return k->api->fail(k->out, "%s: its answer is no JSON at byte %u of %zu",
                            l->path, (unsigned)j->at, reply->len);
    items = gw_json_member(j, 0, "items");
    meta = gw_json_member(j, 0, "metadata");
    if (gw_json_kind(j, meta) != '{')
        return k->api->fail(k->out, "%s: its answer is no list", l->path);
    gw_json_text(j, gw_json_member(j, meta, "resourceVersion"), l->version,
                 sizeof(l->version));
    gw_json_text(j, gw_json_member(j, meta, "continue"), next, room);
    for (uint32_t i = gw_json_first(j, items); i != GW_JSON_NONE;
         i = gw_json_next(j, items, i))
        take_item(k, what, i);
    return k->object_count == MOST_OBJECTS ? refuse_more(k, what) : GW_DONE;
}

static int list_pages(struct kube *k, enum what what, bool *too_old)
{
    struct listing *l = &k->listings[what];
    const char *selector = resources[what].selector;
    char next[2000] = "", escaped[4000], path[6000];
    long page = strtol(option(k, "page"), NULL, 10), asked = 0;

    *too_old = false;
    unsee(k, what);
    do {
        struct gw_reply reply;

        escape(escaped, sizeof(escaped), next);
        snprintf(path, sizeof(path), "%s?limit=%ld%s%s%s%s", l->path, page,
                 selector ? "&fieldSelector=" : "", selector ? selector : "",
                 next[0] ? "&continue=" : "", escaped);
        if (get(k, path, &reply) == GW_FAILED)
            return GW_FAILED;
        *too_old = reply.status == 410;
        if (reply.status == 403) {
            if (!k->refusal[0])
                server_words(k, reply.text, reply.len, k->refusal, sizeof(k->refusal));
            l->refused = true;
        }
        if (reply.status == 404 && resources[what].group[0])
            l->path[0] = '\0';
        if (reply.status == 410 || reply.status == 403 || !l->path[0])
            return GW_DONE;
        if (reply.status != 200)
            return refused(k, l->path, reply.status, reply.text, reply.len);
        if (take_page(k, what, &reply, next, sizeof(next)) == GW_FAILED)
            return GW_FAILED;
        if (next[0] && (asked += page) > MOST_OBJECTS)
            return refuse_more(k, what);
        k->api->send(k->out);   /* it goes on: that is not silence */
    } while (next[0] && !k->api->stopping(k->target));
    sweep(k, what);
    return GW_DONE;
}

/* A list that takes longer than its version is kept begins again; the second time that is
 * a failure. */
static int list(struct kube *k, enum what what)
{
    struct listing *l = &k->listings[what];
    bool too_old;

    l->expired = false;
    for (int tries = 0; tries < 2; tries++) {
        if (list_pages(k, what, &too_old) == GW_FAILED)
            return GW_FAILED;
        if (!too_old)
            return GW_DONE;
    }
    return k->api->fail(
        k->out,
        "%s: it changes faster than it is listed (410 gone); raise page:", l->path);
}

static int list_all(struct kube *k)
{
    if (discover(k) == GW_FAILED)
        return GW_FAILED;
    k->refusal[0] = '\0';
    for (enum what w = 0; w < RESOURCES; w++)
        if (k->listings[w].path[0] && list(k, w) == GW_FAILED)
            return GW_FAILED;
    if (k->listings[NODES].refused && k->listings[PODS].refused)
        return k->api->refuse(
            k->out,
            "may read neither nodes nor pods: %s; give this user the verbs get, list and watch",
            k->refusal);
    k->listed_at = k->api->now(k->target);
    return GW_DONE;
}

#endif
