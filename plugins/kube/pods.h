/* What is kept of nodes and pods. */
#ifndef PLUGINS_KUBE_PODS_H
#define PLUGINS_KUBE_PODS_H

#include "plugins/kube/items.h"

#include <strings.h>

static const struct {
    const char *begin, *end;
} bad_conditions[] = {          /* of a node: those that are bad where they are true */
    { "", "Pressure" }, { "NetworkUnavailable", "" }, { "Gpu", "" }, { "SysLogs", "" }, { "NVSwitch", "" },
    { "", "Problem" }, { "KernelDeadlock", "" }, { "ReadonlyFilesystem", "" }, { NULL, NULL }
};

static bool is_bad(const char *type)
{
    for (size_t i = 0; bad_conditions[i].begin; i++)
        if (strncmp(type, bad_conditions[i].begin, strlen(bad_conditions[i].begin)) ==
                0 &&
            ends_in(type, bad_conditions[i].end))
            return true;
    return false;
}

static void add_bad_conditions(const struct gw_json *j, uint32_t status, char *to,
                               size_t room)
{
    uint32_t list = gw_json_member(j, status, "conditions");
    char type[100], words[500], both[640];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
        gw_json_text(j, gw_json_member(j, i, "type"), type, sizeof(type));
        if (!is_status(j, i, "True") || !is_bad(type))
            continue;
        gw_json_text(j, gw_json_member(j, i, "message"), words, sizeof(words));
        snprintf(both, sizeof(both), "%s%s%s", type, words[0] ? ": " : "", words);
        add_words(to, room, both);
    }
}

/* Taints that say more than the node's state does. One that keeps others off GPU nodes is
 * no trouble. */
static void add_taints(struct kube *k, uint32_t spec, char *to, size_t room)
{
    const struct gw_json *j = &k->json;
    uint32_t list = gw_json_member(j, spec, "taints");
    char key[160], value[80], words[300];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
        size_t len = gw_json_text(j, gw_json_member(j, i, "key"), key, sizeof(key));

        if (!len || strncmp(key, "node.kubernetes.io/", 19) == 0 ||
            has_word(option(k, "gpus"), key, len) ||
            gw_json_is(j, gw_json_member(j, i, "effect"), "PreferNoSchedule"))
            continue;
        gw_json_text(j, gw_json_member(j, i, "value"), value, sizeof(value));
        snprintf(words, sizeof(words), "taint %s%s%s", key, value[0] ? "=" : "", value);
        add_words(to, room, words);
    }
}

static bool speaks_of_maintenance(const char *name)
{
    static const char word[] = "maintenance";

    while (*name && strncasecmp(name, word, sizeof(word) - 1) != 0)
        name++;
    return *name;
}

/* Somebody keeps it out of use: by a cordon, a taint or a condition that says so. */
static void take_maintenance(struct kube *k, struct object *o, uint32_t spec,
                             uint32_t status, bool cordoned)
{
    static const char out_of_service[] = "node.kubernetes.io/out-of-service";
    const struct gw_json *j = &k->json;
    uint32_t taints = gw_json_member(j, spec, "taints"),
             conditions = gw_json_member(j, status, "conditions");
    char name[160], words[400] = "";

    if (cordoned)
        add_words(words, sizeof(words), "cordoned");
    for (uint32_t i = gw_json_first(j, taints); i != GW_JSON_NONE;
         i = gw_json_next(j, taints, i)) {
        gw_json_text(j, gw_json_member(j, i, "key"), name, sizeof(name));
        if (speaks_of_maintenance(name) || strcmp(name, out_of_service) == 0)
            add_words(words, sizeof(words), name);
    }
    for (uint32_t i = gw_json_first(j, conditions); i != GW_JSON_NONE;
         i = gw_json_next(j, conditions, i)) {
        gw_json_text(j, gw_json_member(j, i, "type"), name, sizeof(name));
        if (speaks_of_maintenance(name) && is_status(j, i, "True"))
            add_words(words, sizeof(words), name);
    }
    put_text(k, &o->maintenance, words[0] ? words : "no");
}

static void take_node(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t labels = gw_json_member(j, metadata(j, item), "labels"),
             ready = condition(j, status, "Ready");
    struct gpus capacity = { 0 }, allocatable = { 0 };
    bool cordoned = gw_json_kind(j, gw_json_member(j, spec, "unschedulable")) == 't';
    char words[1024] = "";

    if (!is_status(j, ready, "True"))
        words_of(j, ready, words, sizeof(words));
    if (cordoned)
        add_words(words, sizeof(words), "cordoned");
    add_bad_conditions(j, status, words, sizeof(words));
    add_taints(k, spec, words, sizeof(words));
    add_resources(k, gw_json_member(j, status, "capacity"), &capacity);
    add_resources(k, gw_json_member(j, status, "allocatable"), &allocatable);
    put_text(k, &o->state,
             !is_status(j, ready, "True") ? "down"
             : cordoned                   ? "drain"
                                          : "up");
    put_text(k, &o->reason, words);
    take_maintenance(k, o, spec, status, cordoned);
    for (size_t i = 0; i < PLACES; i++)
        put_label(k, &o->places[i], labels, node_places[i].option);
    put_number(k, &o->replicas,
               gw_json_number(j, gw_json_member(j, labels, "nvidia.com/gpu.replicas")));
    put_json(k, &o->model, gw_json_member(j, labels, "nvidia.com/gpu.product"));
    put_gpus(k, &o->gpus, capacity);
    put_number(k, &o->allocatable,
               allocatable.whole +
                   (o->replicas >= 1 ? allocatable.shared / o->replicas : 0));
    put_number(k, &o->count,
               gw_json_number(j, gw_json_member(j, labels, "nvidia.com/gpu.count")));
}

/* Why a pod that has a node does not run yet. */
static bool waiting_words(const struct gw_json *j, uint32_t status, char *to, size_t room)
{
    uint32_t list = gw_json_member(j, status, "containerStatuses");

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
        words_of(j, gw_json_at(j, i, "state", "waiting", NULL), to, room);
        if (to[0])
            return true;
    }
    return false;
}

static enum phase phase_of(const struct gw_json *j, uint32_t status)
{
    uint32_t phase = gw_json_member(j, status, "phase");

    return gw_json_is(j, phase, "Running")     ? RUNS
           : gw_json_is(j, phase, "Succeeded") ? SUCCEEDED
           : gw_json_is(j, phase, "Failed")    ? FAILED : WAITS;
}

/* The claims a pod uses, by name, a line each. */
static void take_claims(struct kube *k, struct object *o, uint32_t spec, uint32_t status)
{
    static const char *const lists[] = { "resourceClaims", "resourceClaimStatuses" };
    const struct gw_json *j = &k->json;
    char names[1024] = "", name[256];

    for (int l = 0; l < 2; l++) {
        uint32_t list = gw_json_member(j, l ? status : spec, lists[l]);

        for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
             i = gw_json_next(j, list, i)) {
            size_t used = strlen(names);

            if (gw_json_text(j, gw_json_member(j, i, "resourceClaimName"), name,
                             sizeof(name)))
                snprintf(names + used, sizeof(names) - used, "%.*s/%s\n",
                         (int)o->space_len, o->name, name);
        }
    }
    put_text(k, &o->claims, names);
}

/* KAI's, Volcano's and Kueue's names for the group a pod starts with. */
static void take_group(struct kube *k, struct object *o, uint32_t meta)
{
    const struct gw_json *j = &k->json;
    uint32_t labels = gw_json_member(j, meta, "labels"),
             annotations = gw_json_member(j, meta, "annotations");
    const uint32_t places[] = {
        gw_json_member(j, annotations, "pod-group-name"),
        gw_json_member(j, labels, "pod-group.scheduling.run.ai/name"),
        gw_json_member(j, annotations, "scheduling.k8s.io/group-name"),
        gw_json_member(j, labels, "kueue.x-k8s.io/pod-group-name"),
    };
    char group[256], full[520] = "";

    for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !full[0]; i++)
        if (gw_json_text(j, places[i], group, sizeof(group)))
            snprintf(full, sizeof(full), "%.*s/%s", (int)o->space_len, o->name, group);
    put_text(k, &o->group, full);
}

static void take_pod_state(struct kube *k, struct object *o, uint32_t status)
{
    const struct gw_json *j = &k->json;
    uint32_t scheduled = condition(j, status, "PodScheduled");
    enum phase phase = phase_of(j, status);
    char words[1000] = "";

    if (phase == WAITS && !waiting_words(j, status, words, sizeof(words)) &&
        is_status(j, scheduled, "False"))
        words_of(j, scheduled, words, sizeof(words));
    put_text(k, &o->reason, words);
    k->changed |= o->phase != phase;
    o->phase = phase;
    put_number(k, &o->start,
               phase == WAITS ? NAN : time_of(j, gw_json_member(j, status, "startTime")));
}

static void take_pod(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t meta = metadata(j, item), spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t labels = gw_json_member(j, meta, "labels"),
             annotations = gw_json_member(j, meta, "annotations");
    double part = gw_json_number(j, gw_json_member(j, annotations, "gpu-fraction"));
    double devices = gw_json_number(
        j, gw_json_member(j, annotations, "gpu-fraction-num-devices"));
    struct gpus gpus = gpus_of_pod(k, spec);
    char space[256], job[800];

    take_claims(k, o, spec, status);
    if (part > 0 && part < 1 && !is_some(gpus))         /* KAI's shares of a GPU */
        gpus.whole = part * (devices >= 1 ? devices : 1);
    put_gpus(k, &o->gpus, gpus);
    if (!is_some(gpus) && !o->claims)
        return;
    space_of(o, space);
    put_text(k, &o->job, job_of_labels(k, labels, space, job, sizeof(job)) ? job : NULL);
    job_of_owner(k, item, space, "Pod", job, sizeof(job));
    put_text(k, &o->parent, job);
    put_json(k, &o->node, gw_json_member(j, spec, "nodeName"));
    take_images(k, o, spec);
    put_number(k, &o->priority, gw_json_number(j, gw_json_member(j, spec, "priority")));
    put_number(k, &o->submit, time_of(j, gw_json_member(j, meta, "creationTimestamp")));
    put_label(k, &o->user, labels, "user_label");
    take_class(k, o, labels, spec);
    take_queue(k, o, meta);
    take_group(k, o, meta);
    take_pod_state(k, o, status);
}

#endif
