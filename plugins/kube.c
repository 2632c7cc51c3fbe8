/* Reads Kubernetes: nodes with their GPUs, who holds them, what waits and why, queues and
 * quotas.
 *
 * A conversation: what the API server offers is found out (/apis), each resource that
 * matters is listed in pages, and then watched
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/, "Efficient detection of
 * changes"): a watch that ends or breaks goes on from the last version it told, and one
 * whose version is too old (410) is listed anew. Only what matters is kept of an object;
 * a change that changes none of it (a heartbeat) tells nothing.
 *
 * GPUs are counted from the device plugin's resources (nvidia.com/gpu; nvidia.com/mig-*
 * as shares of a GPU, estimated) and from ResourceClaims (DRA), for which the device
 * plugin's count is zero. Pods are grouped into jobs by the labels that controllers put
 * on them, by the owner of their PodGroup, or by their own owner.
 *
 * The parts are headers in kube/, from what they need least to most: metrics, kept,
 * objects, items; pods, work, queues, claims (what is kept of each kind); jobs, tell;
 * server, watch. Here is when what is asked. */
#include "plugins/kube/watch.h"

static const struct gw_option options[] = {
    { "gpus", "nvidia.com/gpu", "resources that count as whole GPUs, separated by blanks" },
    { "tenant_label", NULL, "label of a namespace that names its tenant; without it the namespace is the tenant" },
    { "class_label", NULL, "label of a pod that says its class: training, inference, agents or other" },
    { "user_label", NULL, "label of a pod that names its user" },
    { "tag_label", NULL, "label of a pod, or of its namespace, that is its tag, such as a sovereign partition" },
    { "rack_label", NULL, "label of a node that names its rack, such as topology.kubernetes.io/rack; row_label, hall_label and feed_label likewise" },
    { "row_label", NULL, "what the rack is a part of" },
    { "hall_label", NULL, "what the row is a part of, or without one the rack" },
    { "feed_label", NULL, "what feeds the hall, or the next of these there is" },
    { "cluster", NULL, "a word before the names of jobs, tenants and queues, where several clusters are read" },
    { "watch", "yes", "no: list everything every interval, where something between breaks long answers" },
    { "page", "250", "objects a page of a list" },
    { 0 }
};

static void kube_close(const struct gw_api *api, const struct gw_target *target)
{
    struct kube *k = target->state;

    (void)api;
    for (size_t i = 0; k->objects && i < BUCKETS; i++)
        while (k->objects[i]) {
            struct object *o = k->objects[i];

            k->objects[i] = o->next;
            object_free(o);
        }
    while (k->first) {
        struct job *row = k->first;

        k->first = row->after;
        job_free(row);
    }
    free(k->objects);
    free(k->jobs);
    gw_json_free(&k->json);
    *k = (struct kube){ 0 };
}

static int kube_open(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct kube *k = target->state;
    const char *watches = api->option(target, "watch"),
               *page = api->option(target, "page");
    char *end;
    long size = strtol(page, &end, 10);

    if (strcmp(watches, "yes") != 0 && strcmp(watches, "no") != 0)
        return api->fail(out, "watch: expected yes or no, got \"%.20s\"", watches);
    if (*end || size < 1 || size > 10000)
        return api->fail(out, "page: expected a number from 1 to 10000, got \"%.20s\"", page);
    k->objects = calloc(BUCKETS, sizeof(*k->objects));
    k->jobs = calloc(BUCKETS, sizeof(*k->jobs));
    k->last = &k->first;
    if (k->objects && k->jobs)
        return GW_DONE;
    kube_close(api, target);
    return api->fail(out, "no memory");
}

static int kube_poll(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct kube *k = target->state;
    bool can_follow = api->size >= offsetof(struct gw_api, hear) + sizeof(api->hear);
    bool watches = can_follow && !target->no_stream &&
                   strcmp(api->option(target, "watch"), "yes") == 0;
    double age;

    k->api = api;
    k->target = target;
    k->out = out;
    age = api->now(target) - k->listed_at;
    if (!watches || !(age >= 0 && age < EVERYTHING_ANEW_S))
        k->listed_at = 0;
    /* What was watched until lately goes on from there, once the server answers. */
    if (k->listed_at > 0 && check_server(k) == GW_FAILED)
        return GW_FAILED;
    if (k->listed_at == 0 && list_all(k) == GW_FAILED)
        return GW_FAILED;
    if (watches)
        return watch(k);
    tell(k);
    return GW_DONE;
}

const struct gw_source kube_source = {
    GW_SOURCE_HEAD,
    .name = "kube",
    .summary = "Kubernetes: nodes, GPUs by pod and claim, jobs, queues (Kueue, KAI, Volcano) and quotas",
    .schemes = "kube",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct kube),
    .interval_s = 10,
    .open = kube_open,
    .poll = kube_poll,
    .close = kube_close,
};
