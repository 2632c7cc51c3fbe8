/* Reads Kubernetes: nodes with their GPUs, who holds them, what waits and why, queues and quotas.
 *
 * A conversation: what the API server offers is found out (/apis), each resource that matters is listed in pages, and then
 * watched (https://kubernetes.io/docs/reference/using-api/api-concepts/, "Efficient detection of changes"): a watch that ends
 * or breaks goes on from the last version it told, and one whose version is too old (410) is listed anew. Only what matters is
 * kept of an object; a change that changes none of it (a heartbeat) tells nothing.
 *
 * GPUs are counted from the device plugin's resources (nvidia.com/gpu; nvidia.com/mig-* as shares of a GPU, estimated) and from
 * ResourceClaims (DRA), for which the device plugin's count is zero. Pods are grouped into jobs by the labels that controllers
 * put on them, by the owner of their PodGroup, or by their own owner. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gigawatch/json.h"
#include "gigawatch/source.h"

enum {
    NODE_STATE, NODE_REASON, NODE_TENANT, NODE_JOB, NODE_TOTAL, NODE_HELD, NODE_ALLOCATABLE,
    GPU_UUID, GPU_MODEL, GPU_INDEX, GPU_TENANT, GPU_JOB,
    JOB_TENANT, JOB_USER, JOB_TITLE, JOB_QUEUE, JOB_STATE, JOB_OUTCOME, JOB_REASON, JOB_GPUS, JOB_NODES, JOB_SUBMIT,
    JOB_START, JOB_END, JOB_LIMIT, JOB_PRIORITY, JOB_QOS, JOB_CLASS, JOB_NODELIST, JOB_IMAGE,
    TENANT_GPUS, TENANT_QUOTA,
    QUEUE_PENDING, QUEUE_RUNNING, QUEUE_GPUS_PENDING, QUEUE_GPUS_RUNNING, QUEUE_WAIT, QUEUE_STATE, QUEUE_QUOTA,
    QUEUE_PARENT, QUEUE_TENANT
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [NODE_STATE] =          { "state", GW_NODE, GW_TEXT, "", 0, 0, "up, down (not ready) or drain (cordoned)" },
    [NODE_REASON] =         { "reason", GW_NODE, GW_TEXT, "", 0, 0, "why it is not ready, drained or short of GPUs" },
    [NODE_TENANT] =         { "tenant", GW_NODE, GW_TEXT, "", 0, 0, "who holds all of its GPUs" },
    [NODE_JOB] =            { "job", GW_NODE, GW_TEXT, "", 0, 0, "the job that holds all of its GPUs" },
    [NODE_TOTAL] =          { "gpus_total", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs it has, as the scheduler says" },
    [NODE_HELD] =           { "gpus_held", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs that are given to somebody, as the scheduler says" },
    [NODE_ALLOCATABLE] =    { "gpus_allocatable", GW_NODE, GW_GAUGE, "", 0, 0, "GPUs that can be given, as the scheduler says" },
    [GPU_UUID] =            { "uuid", GW_GPU, GW_TEXT, "", 0, 0, "GPU-…" },
    [GPU_MODEL] =           { "model", GW_GPU, GW_TEXT, "", 0, 0, "product name" },
    [GPU_INDEX] =           { "index", GW_GPU, GW_GAUGE, "", 0, 1024, "index on its node" },
    [GPU_TENANT] =          { "tenant", GW_GPU, GW_TEXT, "", 0, 0, "who holds it" },
    [GPU_JOB] =             { "job", GW_GPU, GW_TEXT, "", 0, 0, "the job that runs on it" },
    [JOB_TENANT] =          { "tenant", GW_JOB, GW_TEXT, "", 0, 0, "who pays" },
    [JOB_USER] =            { "user", GW_JOB, GW_TEXT, "", 0, 0, "who submitted it" },
    [JOB_TITLE] =           { "title", GW_JOB, GW_TEXT, "", 0, 0, "the name its user gave it" },
    [JOB_QUEUE] =           { "queue", GW_JOB, GW_TEXT, "", 0, 0, "queue or partition" },
    [JOB_STATE] =           { "state", GW_JOB, GW_TEXT, "", 0, 0, "pending, running, ended" },
    [JOB_OUTCOME] =         { "outcome", GW_JOB, GW_TEXT, "", 0, 0, "completed, failed or deleted" },
    [JOB_REASON] =          { "reason", GW_JOB, GW_TEXT, "", 0, 0, "why it waits" },
    [JOB_GPUS] =            { "gpus", GW_JOB, GW_GAUGE, "", 0, 0, "GPUs asked for or held" },
    [JOB_NODES] =           { "nodes", GW_JOB, GW_GAUGE, "", 0, 0, "nodes asked for or held" },
    [JOB_SUBMIT] =          { "submit", GW_JOB, GW_TIME, "", 0, 0, "submitted at" },
    [JOB_START] =           { "start", GW_JOB, GW_TIME, "", 0, 0, "started, or expected to start, at" },
    [JOB_END] =             { "end", GW_JOB, GW_TIME, "", 0, 0, "ended at" },
    [JOB_LIMIT] =           { "limit", GW_JOB, GW_GAUGE, "s", 0, 0, "time limit" },
    [JOB_PRIORITY] =        { "priority", GW_JOB, GW_GAUGE, "", 0, 0, "priority" },
    [JOB_QOS] =             { "qos", GW_JOB, GW_TEXT, "", 0, 0, "quality of service, or priority class" },
    [JOB_CLASS] =           { "class", GW_JOB, GW_TEXT, "", 0, 0, "training, inference, agents or other" },
    [JOB_NODELIST] =        { "nodelist", GW_JOB, GW_TEXT, "", 0, 0, "its nodes, as n[1-4,7]" },
    [JOB_IMAGE] =           { "image", GW_JOB, GW_TEXT, "", 0, 0, "container image" },
    [TENANT_GPUS] =         { "gpus", GW_TENANT, GW_GAUGE, "", 0, 0, "GPUs it holds" },
    [TENANT_QUOTA] =        { "quota", GW_TENANT, GW_GAUGE, "", 0, 0, "GPUs it may hold" },
    [QUEUE_PENDING] =       { "pending", GW_QUEUE, GW_GAUGE, "", 0, 0, "jobs that wait" },
    [QUEUE_RUNNING] =       { "running", GW_QUEUE, GW_GAUGE, "", 0, 0, "jobs that run" },
    [QUEUE_GPUS_PENDING] =  { "gpus_pending", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs that its waiting jobs ask for" },
    [QUEUE_GPUS_RUNNING] =  { "gpus_running", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs that its running jobs hold" },
    [QUEUE_WAIT] =          { "wait", GW_QUEUE, GW_GAUGE, "s", 0, 0, "how long the longest has waited" },
    [QUEUE_STATE] =         { "state", GW_QUEUE, GW_TEXT, "", 0, 0, "open, or why not" },
    [QUEUE_QUOTA] =         { "quota", GW_QUEUE, GW_GAUGE, "", 0, 0, "GPUs it may give" },
    [QUEUE_PARENT] =        { "parent", GW_QUEUE, GW_TEXT, "", 0, 0, "the queue it belongs to" },
    [QUEUE_TENANT] =        { "tenant", GW_QUEUE, GW_TEXT, "", 0, 0, "whose it is" },
    { 0 }
};
/* clang-format on */

static const struct gw_option options[] = {
    { "gpus", "nvidia.com/gpu", "resources that count as whole GPUs, separated by blanks" },
    { "tenant_label", NULL, "label of a namespace that names its tenant; without it the namespace is the tenant" },
    { "class_label", NULL, "label of a pod that says its class: training, inference, agents or other" },
    { "user_label", NULL, "label of a pod that names its user" },
    { "cluster", NULL, "a word before the names of jobs, tenants and queues, where several clusters are read" },
    { "watch", "yes", "no: list everything every interval, where something between breaks long answers" },
    { "page", "250", "objects a page of a list" },
    { 0 }
};

/* ---- what is asked for ---- */

enum what { NODES, PODS, NAMESPACES, QUOTAS, JOBS, CLUSTER_QUEUES, LOCAL_QUEUES, WORKLOADS, KAI_QUEUES, KAI_GROUPS,
            VOLCANO_QUEUES, VOLCANO_GROUPS, CLAIMS, SLICES, RESOURCES,
            DEVICES, TENANTS,         /* these two are made from the others */
            KINDS };

/* Of several versions the first that is served is used. A resource that is not served is no trouble. */
static const struct resource {
    const char *group;          /* "": the core */
    const char *versions;
    const char *name;
    const char *selector;       /* of fields, as it stands in a query; NULL: all */
} resources[RESOURCES] = {
    [NODES] = { "", "v1", "nodes", NULL },
    /* What has ended is told when it leaves the selection. */
    [PODS] = { "", "v1", "pods", "status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed" },
    [NAMESPACES] = { "", "v1", "namespaces", NULL },
    [QUOTAS] = { "", "v1", "resourcequotas", NULL },
    [JOBS] = { "batch", "v1", "jobs", NULL },
    [CLUSTER_QUEUES] = { "kueue.x-k8s.io", "v1 v1beta2 v1beta1", "clusterqueues", NULL },
    [LOCAL_QUEUES] = { "kueue.x-k8s.io", "v1 v1beta2 v1beta1", "localqueues", NULL },
    [WORKLOADS] = { "kueue.x-k8s.io", "v1 v1beta2 v1beta1", "workloads", NULL },
    [KAI_QUEUES] = { "scheduling.run.ai", "v2", "queues", NULL },
    [KAI_GROUPS] = { "scheduling.run.ai", "v2alpha2", "podgroups", NULL },
    [VOLCANO_QUEUES] = { "scheduling.volcano.sh", "v1beta1", "queues", NULL },
    [VOLCANO_GROUPS] = { "scheduling.volcano.sh", "v1beta1", "podgroups", NULL },
    [CLAIMS] = { "resource.k8s.io", "v1 v1beta2 v1beta1", "resourceclaims", NULL },
    [SLICES] = { "resource.k8s.io", "v1 v1beta2 v1beta1", "resourceslices", NULL },
};

/* What is known of one resource. */
struct listing {
    char path[128];             /* "/apis/batch/v1/jobs"; "": not served */
    char version[64];           /* resourceVersion to go on from; "": not listed */
    bool refused;               /* 403 */
    int stream;                 /* -1: not watched */
    bool expired;               /* its version is too old: to be listed anew */
    double again_at, wait_s;    /* when a watch that broke is begun again */
};

/* ---- what is kept ---- */

struct gpus {
    double whole;               /* and shares of MIG; NAN: as many as there are */
    double shared;              /* of a GPU that is shared in time: the node says in how many parts */
    bool estimated;
};

enum phase { WAITS, RUNS, SUCCEEDED, FAILED };

/* One object. Names are "NAMESPACE/NAME", or "NAME" where there is no namespace. Not all members are of all kinds. */
struct object {
    struct object *next;        /* in its bucket */
    struct object *before, *after;      /* of its kind */
    enum what what;
    bool seen;                  /* in the list that is read now; TENANTS: while it is told */
    char *name;
    size_t space_len;           /* of the namespace in it; 0: none */
    char *node, *job, *queue, *reason, *state, *user, *class, *qos, *image, *claims, *tenant, *parent, *uuid, *model;
    char *group;                /* PODS: its PodGroup */
    struct gpus gpus;           /* NODES: capacity; PODS, JOBS, groups: of one pod; QUOTAS: allowed; CLAIMS */
    double allocatable, replicas;       /* NODES */
    double count;               /* JOBS, groups: pods */
    double used;                /* QUOTAS */
    double quota, pending, running;     /* queues; NAN: it does not say */
    double submit, start, end, limit, priority, index;
    enum phase phase;
    bool ended_told;
    /* While it is told: */
    double held;
    struct object *holder;      /* NODES: the tenant */
    struct job *row;            /* the job that holds it, or that it is of */
    bool mixed_tenants, mixed_jobs, counted;
    unsigned waiting_jobs, running_jobs;
    double waiting_gpus, running_gpus, longest;
};

/* A row of jobs, for as long as it lives. */
struct job {
    struct job *next;           /* in its bucket */
    struct job *after;          /* all, in the order they were met */
    char *name;                 /* "acme/llm-pretrain" */
    size_t space_len;
    bool lives;                 /* met in this round */
    bool deleted;               /* its Job was, before it ended */
    const char *queue, *user, *reason, *class, *qos, *image, *outcome;
    double held, wanted;        /* GPUs */
    bool estimated;
    unsigned pods_running, pods_waiting, pods_refused;
    double submit, start, end, limit, priority;
    const char **nodes;
    size_t node_count, node_room;
};

enum { BUCKETS = 8192, MOST_OBJECTS = 1 << 21, LONG_AGO_S = 3600, EVERYTHING_ANEW_S = 3600 };

struct kube {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    struct gw_json json;
    struct listing listings[RESOURCES];
    struct object **objects;    /* BUCKETS */
    struct object *kinds[KINDS];        /* all of each, in no order */
    size_t object_count;
    struct job **jobs;          /* BUCKETS */
    struct job *first, **last;
    bool changed;               /* since it was told */
    char refusal[400];          /* the first 403 in the server's words */
    double listed_at;           /* 0: not yet */
};

/* ---- small things ---- */

static size_t bucket_of(unsigned kind, const char *name, size_t len)
{
    uint64_t hash = 14695981039346656037u + kind;       /* FNV-1a */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32) % BUCKETS;
}

static char *copy_of(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* NULL or "" is nothing. */
static void put_text(struct kube *k, char **to, const char *text)
{
    if (text && !*text)
        text = NULL;
    if (same(*to, text))
        return;
    free(*to);
    *to = text ? copy_of(text, strlen(text)) : NULL;
    k->changed = true;
}

static void put_json(struct kube *k, char **to, uint32_t value)
{
    char text[1024];

    gw_json_text(&k->json, value, text, sizeof(text));
    put_text(k, to, text);
}

static void put_number(struct kube *k, double *to, double value)
{
    if (*to == value || (isnan(*to) && isnan(value)))
        return;
    *to = value;
    k->changed = true;
}

static void put_gpus(struct kube *k, struct gpus *to, struct gpus value)
{
    put_number(k, &to->whole, value.whole);
    put_number(k, &to->shared, value.shared);
    to->estimated = value.estimated;
}

/* RFC 3339 in UTC, as the API server writes it; NAN: none. */
static double time_of(const struct gw_json *j, uint32_t value)
{
    struct tm tm = { 0 };
    char text[40];

    gw_json_text(j, value, text, sizeof(text));
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec) != 6)
        return NAN;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (double)timegm(&tm);
}

/* A quantity (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/) of something countable. */
static double quantity_of(const struct gw_json *j, uint32_t value)
{
    char text[40], *end;
    double number;

    if (gw_json_kind(j, value) == '0')
        return gw_json_number(j, value);
    if (!gw_json_text(j, value, text, sizeof(text)) || !strchr("-0123456789", text[0]))
        return NAN;
    number = strtod(text, &end);
    if (strcmp(end, "m") == 0)
        return number / 1000;
    if (strcmp(end, "k") == 0)
        return number * 1000;
    return *end ? NAN : number;
}

static bool has_word(const char *list, const char *word, size_t len)
{
    while (list && *list) {
        size_t n = strcspn(list, " ");

        if (n == len && memcmp(list, word, len) == 0)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);

    return len >= n && strcmp(text + len - n, end) == 0;
}

static const char *option(struct kube *k, const char *name)
{
    return k->api->option(k->target, name);
}

/* ---- objects ---- */

static struct object *find(struct kube *k, enum what what, const char *name)
{
    struct object *o = name ? k->objects[bucket_of(what, name, strlen(name))] : NULL;

    while (o && (o->what != what || strcmp(o->name, name) != 0))
        o = o->next;
    return o;
}

static void object_free(struct object *o)
{
    char *texts[] = { o->name, o->node, o->job, o->queue, o->reason, o->state, o->user, o->class, o->qos, o->image,
                      o->claims, o->tenant, o->parent, o->uuid, o->model, o->group };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(texts[i]);
    free(o);
}

static struct object *find_or_add(struct kube *k, enum what what, const char *name)
{
    struct object *o = find(k, what, name), **bucket;
    const char *slash = strchr(name, '/');

    if (o || k->object_count == MOST_OBJECTS)
        return o;
    o = calloc(1, sizeof(*o));
    if (!o)
        return NULL;
    o->what = what;
    o->name = copy_of(name, strlen(name));
    if (!o->name) {
        free(o);
        return NULL;
    }
    o->space_len = slash ? (size_t)(slash - name) : 0;
    o->allocatable = o->replicas = o->count = o->quota = o->pending = o->running = NAN;
    o->submit = o->start = o->end = o->limit = o->priority = o->index = NAN;
    bucket = &k->objects[bucket_of(what, name, strlen(name))];
    o->next = *bucket;
    *bucket = o;
    o->after = k->kinds[what];
    if (o->after)
        o->after->before = o;
    k->kinds[what] = o;
    k->object_count++;
    k->changed = true;
    return o;
}

static void forget(struct kube *k, struct object *o)
{
    struct object **at = &k->objects[bucket_of(o->what, o->name, strlen(o->name))];

    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    *(o->before ? &o->before->after : &k->kinds[o->what]) = o->after;
    if (o->after)
        o->after->before = o->before;
    object_free(o);
    k->object_count--;
    k->changed = true;
}

static void unsee(struct kube *k, enum what what)
{
    for (struct object *o = k->kinds[what]; o; o = o->after)
        o->seen = false;
}

/* ---- what an item says ---- */

static uint32_t metadata(const struct gw_json *j, uint32_t item)
{
    return gw_json_member(j, item, "metadata");
}

/* "NAMESPACE/NAME" or "NAME". Returns false for an item without a name. */
static bool name_of(const struct gw_json *j, uint32_t item, char *to, size_t room)
{
    uint32_t m = metadata(j, item);
    size_t len = gw_json_text(j, gw_json_member(j, m, "namespace"), to, room - 2);

    if (len)
        to[len++] = '/';
    return gw_json_text(j, gw_json_member(j, m, "name"), to + len, room - len) > 0;
}

/* What all GPUs of a list of resources are. */
static void add_resources(struct kube *k, uint32_t list, struct gpus *to)
{
    static const char mig[] = "nvidia.com/mig-", shared[] = ".shared";
    const struct gw_json *j = &k->json;
    const char *whole = option(k, "gpus");
    char name[128];

    for (uint32_t key = gw_json_kind(j, list) == '{' ? gw_json_first(j, list) : GW_JSON_NONE; key != GW_JSON_NONE;
         key = gw_json_next(j, list, key)) {
        size_t len = gw_json_text(j, key, name, sizeof(name));
        double n = quantity_of(j, gw_json_value(j, key)), slices;

        if (!(n > 0))
            continue;
        if (has_word(whole, name, len)) {
            to->whole += n;
        } else if (strncmp(name, mig, sizeof(mig) - 1) == 0) {
            /* "3g.40gb" is three sevenths of the compute; what it draws is not known so exactly. */
            slices = strtod(name + sizeof(mig) - 1, NULL);
            to->whole += n * (slices >= 1 && slices <= 7 ? slices : 1) / 7;
            to->estimated = true;
        } else if (ends_in(name, shared) && has_word(whole, name, len - (sizeof(shared) - 1))) {
            to->shared += n;
            to->estimated = true;
        }
    }
}

static struct gpus gpus_of_container(struct kube *k, uint32_t container)
{
    uint32_t resource = gw_json_member(&k->json, container, "resources");
    uint32_t limits = gw_json_member(&k->json, resource, "limits");
    struct gpus g = { 0 };

    /* Of what cannot be divided, the limit is the request. */
    add_resources(k, limits != GW_JSON_NONE ? limits : gw_json_member(&k->json, resource, "requests"), &g);
    return g;
}

/* What a pod needs at once: its containers together, or the greediest of those that run before them. */
static struct gpus gpus_of_pod(struct kube *k, uint32_t spec)
{
    const struct gw_json *j = &k->json;
    uint32_t list = gw_json_member(j, spec, "containers");
    struct gpus sum = { 0 };

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
        struct gpus g = gpus_of_container(k, i);

        sum.whole += g.whole;
        sum.shared += g.shared;
        sum.estimated |= g.estimated;
    }
    list = gw_json_member(j, spec, "initContainers");
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
        struct gpus g = gpus_of_container(k, i);

        if (gw_json_is(j, gw_json_member(j, i, "restartPolicy"), "Always"))
            sum.whole += g.whole;       /* a sidecar: it goes on beside them */
        else if (g.whole > sum.whole)
            sum.whole = g.whole;
    }
    return sum;
}

static bool is_some(struct gpus g)
{
    return g.whole > 0 || g.shared > 0 || isnan(g.whole);
}

/* The condition of a type; GW_JSON_NONE: none. */
static uint32_t condition(const struct gw_json *j, uint32_t status, const char *type)
{
    uint32_t list = gw_json_member(j, status, "conditions");

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i))
        if (gw_json_is(j, gw_json_member(j, i, "type"), type))
            return i;
    return GW_JSON_NONE;
}

static bool is_status(const struct gw_json *j, uint32_t condition, const char *status)
{
    return gw_json_is(j, gw_json_member(j, condition, "status"), status);
}

/* "Unschedulable: 0/8 nodes are available: …", or what of it there is. */
static void words_of(const struct gw_json *j, uint32_t condition, char *to, size_t room)
{
    char reason[100], message[800];

    gw_json_text(j, gw_json_member(j, condition, "reason"), reason, sizeof(reason));
    gw_json_text(j, gw_json_member(j, condition, "message"), message, sizeof(message));
    snprintf(to, room, "%s%s%s", reason, reason[0] && message[0] ? ": " : "", message);
}

/* ---- which job something is of ---- */

/* Jobs are told as "NAMESPACE/NAME", as their users call them; what is no job but runs for long, with its kind, as kubectl
 * takes it: "NAMESPACE/deployment/NAME". */
static void job_name(char *to, size_t room, const char *space, const char *kind, const char *name)
{
    char lower[64];
    size_t n = 0;

    for (; kind[n] && n < sizeof(lower) - 1; n++)
        lower[n] = (char)tolower((unsigned char)kind[n]);
    lower[n] = '\0';
    if (ends_in(lower, "job") || ends_in(lower, "jobset") || !*kind)
        snprintf(to, room, "%s/%s", space, name);
    else
        snprintf(to, room, "%s/%s/%s", space, lower, name);
}

/* Labels that controllers put on the pods (and Jobs) of a whole; the outermost first. */
static bool job_of_labels(struct kube *k, uint32_t labels, const char *space, char *to, size_t room)
{
    static const struct {
        const char *label, *kind;
    } known[] = {
        { "jobset.sigs.k8s.io/jobset-name", "" },
        { "training.kubeflow.org/job-name", "" },
        { "trainer.kubeflow.org/trainjob-name", "" },
        { "ray.io/originated-from-cr-name", "" },
        { "volcano.sh/job-name", "" },
        { "nvidia.com/dynamo-graph-deployment-name", "DynamoGraphDeployment" },
        { "leaderworkerset.sigs.k8s.io/name", "LeaderWorkerSet" },
        { "batch.kubernetes.io/job-name", "" },
        { "job-name", "" },
        { 0 }
    };
    char name[256];

    for (size_t i = 0; known[i].label; i++)
        if (gw_json_text(&k->json, gw_json_member(&k->json, labels, known[i].label), name, sizeof(name))) {
            job_name(to, room, space, known[i].kind, name);
            return true;
        }
    return false;
}

/* The owner that controls it; "" and false: nobody. */
static bool owner_of(const struct gw_json *j, uint32_t item, char kind[64], char name[256])
{
    uint32_t list = gw_json_member(j, metadata(j, item), "ownerReferences"), owner = gw_json_first(j, list);

    for (uint32_t i = owner; i != GW_JSON_NONE; i = gw_json_next(j, list, i))
        if (gw_json_kind(j, gw_json_member(j, i, "controller")) == 't')
            owner = i;
    gw_json_text(j, gw_json_member(j, owner, "kind"), kind, 64);
    return gw_json_text(j, gw_json_member(j, owner, "name"), name, 256) > 0;
}

/* By its owner, or by itself. A ReplicaSet stands for its Deployment. */
static void job_of_owner(struct kube *k, uint32_t item, const char *space, const char *own_kind, char *to, size_t room)
{
    const struct gw_json *j = &k->json;
    char kind[64], name[256], hash[64];

    if (!owner_of(j, item, kind, name) || strcmp(kind, "CronJob") == 0 || strcmp(kind, "Pod") == 0) {
        snprintf(kind, sizeof(kind), "%s", own_kind);
        gw_json_text(j, gw_json_member(j, metadata(j, item), "name"), name, sizeof(name));
    }
    gw_json_text(j, gw_json_at(j, metadata(j, item), "labels", "pod-template-hash", NULL), hash, sizeof(hash));
    if (strcmp(kind, "ReplicaSet") == 0 && hash[0] && ends_in(name, hash) && strlen(name) > strlen(hash) + 1) {
        name[strlen(name) - strlen(hash) - 1] = '\0';
        snprintf(kind, sizeof(kind), "Deployment");
    }
    job_name(to, room, space, kind, name);
}

static void space_of(const struct object *o, char to[256])
{
    snprintf(to, 256, "%.*s", (int)o->space_len, o->name);
}

/* ---- takers: what is kept of an item ---- */

static const struct {
    const char *begin, *end;
} bad_conditions[] = {          /* of a node: those that are bad where they are true */
    { "", "Pressure" }, { "NetworkUnavailable", "" }, { "Gpu", "" }, { "SysLogs", "" }, { "NVSwitch", "" },
    { "", "Problem" }, { "KernelDeadlock", "" }, { "ReadonlyFilesystem", "" }, { NULL, NULL }
};

static bool is_bad(const char *type)
{
    for (size_t i = 0; bad_conditions[i].begin; i++)
        if (strncmp(type, bad_conditions[i].begin, strlen(bad_conditions[i].begin)) == 0 &&
            ends_in(type, bad_conditions[i].end))
            return true;
    return false;
}

static void add_words(char *to, size_t room, const char *words)
{
    size_t used = strlen(to);

    if (*words)
        snprintf(to + used, room - used, "%s%s", used ? "; " : "", words);
}

static void add_bad_conditions(const struct gw_json *j, uint32_t status, char *to, size_t room)
{
    uint32_t list = gw_json_member(j, status, "conditions");
    char type[100], words[500], both[640];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
        gw_json_text(j, gw_json_member(j, i, "type"), type, sizeof(type));
        if (!is_status(j, i, "True") || !is_bad(type))
            continue;
        gw_json_text(j, gw_json_member(j, i, "message"), words, sizeof(words));
        snprintf(both, sizeof(both), "%s%s%s", type, words[0] ? ": " : "", words);
        add_words(to, room, both);
    }
}

/* Taints that say more than the node's state does. One that keeps others off GPU nodes is no trouble. */
static void add_taints(struct kube *k, uint32_t spec, char *to, size_t room)
{
    const struct gw_json *j = &k->json;
    uint32_t list = gw_json_member(j, spec, "taints");
    char key[160], value[80], words[300];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
        size_t len = gw_json_text(j, gw_json_member(j, i, "key"), key, sizeof(key));

        if (!len || strncmp(key, "node.kubernetes.io/", 19) == 0 || has_word(option(k, "gpus"), key, len) ||
            gw_json_is(j, gw_json_member(j, i, "effect"), "PreferNoSchedule"))
            continue;
        gw_json_text(j, gw_json_member(j, i, "value"), value, sizeof(value));
        snprintf(words, sizeof(words), "taint %s%s%s", key, value[0] ? "=" : "", value);
        add_words(to, room, words);
    }
}

static void take_node(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t labels = gw_json_member(j, metadata(j, item), "labels"), ready = condition(j, status, "Ready");
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
    put_text(k, &o->state, !is_status(j, ready, "True") ? "down" : cordoned ? "drain" : "up");
    put_text(k, &o->reason, words);
    put_number(k, &o->replicas, gw_json_number(j, gw_json_member(j, labels, "nvidia.com/gpu.replicas")));
    put_json(k, &o->model, gw_json_member(j, labels, "nvidia.com/gpu.product"));
    put_gpus(k, &o->gpus, capacity);
    put_number(k, &o->allocatable, allocatable.whole + (o->replicas >= 1 ? allocatable.shared / o->replicas : 0));
    put_number(k, &o->count, gw_json_number(j, gw_json_member(j, labels, "nvidia.com/gpu.count")));
}

/* Why a pod that has a node does not run yet. */
static bool waiting_words(const struct gw_json *j, uint32_t status, char *to, size_t room)
{
    uint32_t list = gw_json_member(j, status, "containerStatuses");

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
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

        for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
            size_t used = strlen(names);

            if (gw_json_text(j, gw_json_member(j, i, "resourceClaimName"), name, sizeof(name)))
                snprintf(names + used, sizeof(names) - used, "%.*s/%s\n", (int)o->space_len, o->name, name);
        }
    }
    put_text(k, &o->claims, names);
}

/* Words for the priority classes that KAI installs (https://github.com/NVIDIA/KAI-Scheduler, docs/priority). */
static void take_class(struct kube *k, struct object *o, uint32_t labels, uint32_t spec)
{
    const struct gw_json *j = &k->json;
    const char *label = option(k, "class_label");
    uint32_t priority = gw_json_member(j, spec, "priorityClassName");

    put_json(k, &o->qos, priority);
    if (label && gw_json_member(j, labels, label) != GW_JSON_NONE)
        put_json(k, &o->class, gw_json_member(j, labels, label));
    else
        put_text(k, &o->class, gw_json_is(j, priority, "train")       ? "training"
                               : gw_json_is(j, priority, "inference") ? "inference"
                               : gw_json_is(j, priority, "build")     ? "other" : NULL);
}

/* The queue that labels and annotations name: Kueue's is of the namespace, KAI's and Volcano's of the cluster. */
static void take_queue(struct kube *k, struct object *o, uint32_t meta)
{
    const struct gw_json *j = &k->json;
    uint32_t labels = gw_json_member(j, meta, "labels"), annotations = gw_json_member(j, meta, "annotations");
    char queue[256], full[520] = "";

    if (gw_json_text(j, gw_json_member(j, labels, "kueue.x-k8s.io/queue-name"), queue, sizeof(queue)))
        snprintf(full, sizeof(full), "%.*s/%s", (int)o->space_len, o->name, queue);
    else if (!gw_json_text(j, gw_json_member(j, labels, "kai.scheduler/queue"), full, sizeof(full)))
        gw_json_text(j, gw_json_member(j, annotations, "scheduling.volcano.sh/queue-name"), full, sizeof(full));
    put_text(k, &o->queue, full);
}

/* KAI's, Volcano's and Kueue's names for the group a pod starts with. */
static void take_group(struct kube *k, struct object *o, uint32_t meta)
{
    const struct gw_json *j = &k->json;
    uint32_t labels = gw_json_member(j, meta, "labels"), annotations = gw_json_member(j, meta, "annotations");
    const uint32_t places[] = {
        gw_json_member(j, annotations, "pod-group-name"), gw_json_member(j, labels, "pod-group.scheduling.run.ai/name"),
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

    if (phase == WAITS && !waiting_words(j, status, words, sizeof(words)) && is_status(j, scheduled, "False"))
        words_of(j, scheduled, words, sizeof(words));
    put_text(k, &o->reason, words);
    k->changed |= o->phase != phase;
    o->phase = phase;
    put_number(k, &o->start, phase == WAITS ? NAN : time_of(j, gw_json_member(j, status, "startTime")));
}

static void take_pod(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t meta = metadata(j, item), spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t labels = gw_json_member(j, meta, "labels"), annotations = gw_json_member(j, meta, "annotations");
    double part = gw_json_number(j, gw_json_member(j, annotations, "gpu-fraction"));
    double devices = gw_json_number(j, gw_json_member(j, annotations, "gpu-fraction-num-devices"));
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
    put_json(k, &o->image, gw_json_at(j, gw_json_first(j, gw_json_member(j, spec, "containers")), "image", NULL));
    put_number(k, &o->priority, gw_json_number(j, gw_json_member(j, spec, "priority")));
    put_number(k, &o->submit, time_of(j, gw_json_member(j, meta, "creationTimestamp")));
    put_json(k, &o->user, option(k, "user_label") ? gw_json_member(j, labels, option(k, "user_label")) : GW_JSON_NONE);
    take_class(k, o, labels, spec);
    take_queue(k, o, meta);
    take_group(k, o, meta);
    take_pod_state(k, o, status);
}

static void take_namespace(struct kube *k, struct object *o, uint32_t item)
{
    const char *label = option(k, "tenant_label");

    if (label)
        put_json(k, &o->tenant, gw_json_at(&k->json, metadata(&k->json, item), "labels", label, NULL));
}

static void take_quota(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t hard = gw_json_at(j, item, "spec", "hard", NULL), used = gw_json_at(j, item, "status", "used", NULL);
    double quota = NAN, taken = 0;
    char key[160];

    for (const char *word = option(k, "gpus"); *word; word += strcspn(word, " "), word += strspn(word, " ")) {
        double n;

        snprintf(key, sizeof(key), "requests.%.*s", (int)strcspn(word, " "), word);
        n = quantity_of(j, gw_json_member(j, hard, key));
        if (isnan(n))
            continue;
        quota = (isnan(quota) ? 0 : quota) + n;
        n = quantity_of(j, gw_json_member(j, used, key));
        taken += n > 0 ? n : 0;
    }
    put_number(k, &o->quota, quota);
    put_number(k, &o->used, taken);
}

/* How many pods of a Job are to run at once. */
static double parallelism(const struct gw_json *j, uint32_t spec, uint32_t status)
{
    double at_once = gw_json_number(j, gw_json_member(j, spec, "parallelism"));
    double wanted = gw_json_number(j, gw_json_member(j, spec, "completions"));
    double done = gw_json_number(j, gw_json_member(j, status, "succeeded"));

    if (isnan(at_once))
        at_once = 1;
    if (isnan(wanted))
        return at_once;
    return fmin(at_once, fmax(0, wanted - (isnan(done) ? 0 : done)));
}

static void take_end(struct kube *k, struct object *o, uint32_t ended, enum phase phase, uint32_t completion)
{
    const struct gw_json *j = &k->json;
    double end = time_of(j, completion);
    char words[1000] = "";

    if (ended == GW_JSON_NONE)
        phase = WAITS;
    else if (isnan(end))
        end = time_of(j, gw_json_member(j, ended, "lastTransitionTime"));
    if (phase == FAILED)
        words_of(j, ended, words, sizeof(words));
    put_text(k, &o->reason, words);
    put_number(k, &o->end, phase == WAITS ? NAN : end);
    if (o->phase != phase)
        o->ended_told = false;
    k->changed |= o->phase != phase;
    o->phase = phase;
}

static void take_job(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t meta = metadata(j, item), spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t pod = gw_json_at(j, spec, "template", "spec", NULL);
    uint32_t complete = condition(j, status, "Complete"), failed = condition(j, status, "Failed");
    struct gpus gpus = gpus_of_pod(k, pod);
    bool suspended = gw_json_kind(j, gw_json_member(j, spec, "suspend")) == 't';
    char space[256], job[800];

    if (!is_some(gpus) && gw_json_first(j, gw_json_member(j, pod, "resourceClaims")) != GW_JSON_NONE)
        gpus.whole = NAN;       /* its claims will say */
    space_of(o, space);
    if (!job_of_labels(k, gw_json_member(j, meta, "labels"), space, job, sizeof(job)))
        job_of_owner(k, item, space, "Job", job, sizeof(job));
    put_text(k, &o->job, job);
    put_gpus(k, &o->gpus, gpus);
    put_number(k, &o->count, parallelism(j, spec, status));
    put_number(k, &o->submit, time_of(j, gw_json_member(j, meta, "creationTimestamp")));
    put_number(k, &o->start, time_of(j, gw_json_member(j, status, "startTime")));
    put_number(k, &o->limit, gw_json_number(j, gw_json_member(j, spec, "activeDeadlineSeconds")));
    put_text(k, &o->state, suspended ? "suspended" : NULL);
    put_json(k, &o->image, gw_json_at(j, gw_json_first(j, gw_json_member(j, pod, "containers")), "image", NULL));
    take_class(k, o, gw_json_at(j, spec, "template", "metadata", "labels", NULL), pod);
    take_queue(k, o, meta);
    if (is_status(j, complete, "True"))
        take_end(k, o, complete, SUCCEEDED, gw_json_member(j, status, "completionTime"));
    else
        take_end(k, o, is_status(j, failed, "True") ? failed : GW_JSON_NONE, FAILED, GW_JSON_NONE);
}

/* Kueue's. Its reasons are the best there are: they name what is short. */
static void take_workload(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t sets = gw_json_member(j, spec, "podSets"), reserved = condition(j, status, "QuotaReserved");
    struct gpus all = { 0 };
    char space[256], job[800], queue[256], full[520] = "", words[1000] = "";
    bool finished = is_status(j, condition(j, status, "Finished"), "True");

    for (uint32_t i = gw_json_first(j, sets); i != GW_JSON_NONE; i = gw_json_next(j, sets, i)) {
        struct gpus each = gpus_of_pod(k, gw_json_at(j, i, "template", "spec", NULL));
        double count = gw_json_number(j, gw_json_member(j, i, "count"));

        all.whole += each.whole * (isnan(count) ? 1 : count);
        all.shared += each.shared * (isnan(count) ? 1 : count);
        all.estimated |= each.estimated;
    }
    space_of(o, space);
    job_of_owner(k, item, space, "", job, sizeof(job));
    if (gw_json_text(j, gw_json_member(j, spec, "queueName"), queue, sizeof(queue)))
        snprintf(full, sizeof(full), "%s/%s", space, queue);
    if (gw_json_kind(j, gw_json_member(j, spec, "active")) == 'f')
        snprintf(words, sizeof(words), "held: its Workload is not active");
    else if (!is_status(j, reserved, "True"))
        words_of(j, reserved, words, sizeof(words));
    put_text(k, &o->job, job);
    put_text(k, &o->queue, full);
    put_text(k, &o->reason, words);
    put_text(k, &o->state, finished ? "ended" : is_status(j, reserved, "True") ? "running" : "pending");
    put_gpus(k, &o->gpus, all);
    put_number(k, &o->priority, gw_json_number(j, gw_json_member(j, spec, "priority")));
    put_number(k, &o->submit, time_of(j, gw_json_member(j, metadata(j, item), "creationTimestamp")));
}

/* The last thing a scheduler said of why a group waits: Volcano's condition Unschedulable, KAI's schedulingConditions. */
static void take_pod_group(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t words_at = condition(j, status, "Unschedulable");
    uint32_t list = gw_json_member(j, status, "schedulingConditions");
    char space[256], job[800], words[1000] = "";

    if (!is_status(j, words_at, "True"))
        words_at = GW_JSON_NONE;
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i))
        words_at = i;
    if (words_at != GW_JSON_NONE)
        words_of(j, words_at, words, sizeof(words));
    space_of(o, space);
    job_of_owner(k, item, space, "", job, sizeof(job));
    put_text(k, &o->job, job);
    put_json(k, &o->queue, gw_json_member(j, spec, "queue"));
    put_text(k, &o->reason, words);
}

static double or_unknown(double value)
{
    return value >= 0 ? value : NAN;    /* KAI's -1 is "no limit" */
}

static void take_kai_queue(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec");

    put_number(k, &o->quota, or_unknown(gw_json_number(j, gw_json_at(j, spec, "resources", "gpu", "quota", NULL))));
    put_json(k, &o->parent, gw_json_member(j, spec, "parentQueue"));
    put_text(k, &o->state, "open");
}

static void take_volcano_queue(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    struct gpus capability = { 0 };
    char state[64];

    add_resources(k, gw_json_at(j, item, "spec", "capability", NULL), &capability);
    gw_json_text(j, gw_json_at(j, item, "status", "state", NULL), state, sizeof(state));
    for (char *c = state; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    put_number(k, &o->quota, is_some(capability) ? capability.whole : NAN);
    put_json(k, &o->parent, gw_json_at(j, item, "spec", "parent", NULL));
    put_text(k, &o->state, state);
}

/* nominalQuota of the resources that are GPUs, over all flavors. */
static double nominal_quota(struct kube *k, uint32_t groups)
{
    const struct gw_json *j = &k->json;
    double sum = NAN;
    char name[128];

    for (uint32_t g = gw_json_first(j, groups); g != GW_JSON_NONE; g = gw_json_next(j, groups, g)) {
        uint32_t flavors = gw_json_member(j, g, "flavors");

        for (uint32_t f = gw_json_first(j, flavors); f != GW_JSON_NONE; f = gw_json_next(j, flavors, f)) {
            uint32_t list = gw_json_member(j, f, "resources");

            for (uint32_t r = gw_json_first(j, list); r != GW_JSON_NONE; r = gw_json_next(j, list, r)) {
                size_t len = gw_json_text(j, gw_json_member(j, r, "name"), name, sizeof(name));
                double n = quantity_of(j, gw_json_member(j, r, "nominalQuota"));

                if (has_word(option(k, "gpus"), name, len) && !isnan(n))
                    sum = (isnan(sum) ? 0 : sum) + n;
            }
        }
    }
    return sum;
}

static void take_kueue_queue(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"), status = gw_json_member(j, item, "status");
    uint32_t active = condition(j, status, "Active"), stop = gw_json_member(j, spec, "stopPolicy");
    char words[1000] = "open";

    if (gw_json_kind(j, stop) == '"' && !gw_json_is(j, stop, "None"))
        snprintf(words, sizeof(words), "stopped");
    else if (is_status(j, active, "False"))
        words_of(j, active, words, sizeof(words));
    put_text(k, &o->state, words);
    put_json(k, &o->parent, gw_json_member(j, spec, o->what == LOCAL_QUEUES ? "clusterQueue" : "cohort"));
    put_number(k, &o->quota, nominal_quota(k, gw_json_member(j, spec, "resourceGroups")));
    put_number(k, &o->pending, gw_json_number(j, gw_json_member(j, status, "pendingWorkloads")));
    put_number(k, &o->running, gw_json_number(j, gw_json_member(j, status, "admittedWorkloads")));
}

/* GPUs of a DRA request: device classes are named after the driver. MIG devices without a size are the smallest. */
static double gpus_of_request(struct kube *k, uint32_t request, bool *estimated)
{
    const struct gw_json *j = &k->json;
    uint32_t exactly = gw_json_member(j, request, "exactly");
    uint32_t first = gw_json_first(j, gw_json_member(j, request, "firstAvailable"));
    uint32_t at = exactly != GW_JSON_NONE ? exactly : first != GW_JSON_NONE ? first : request;
    double count = gw_json_number(j, gw_json_member(j, at, "count"));
    char class[128];

    gw_json_text(j, gw_json_member(j, at, "deviceClassName"), class, sizeof(class));
    if (gw_json_is(j, gw_json_member(j, at, "allocationMode"), "All"))
        count = NAN;
    else if (isnan(count))
        count = 1;
    if (ends_in(class, "gpu.nvidia.com"))
        return count;
    *estimated |= ends_in(class, "mig.nvidia.com");
    return ends_in(class, "mig.nvidia.com") ? count / 7 : 0;
}

/* One device that was given. "gpu-0" is whole; "gpu-0-mig-2g.35gb-0" is two sevenths. */
static double gpus_of_device(const char *device, bool *estimated)
{
    const char *mig = strstr(device, "mig");
    double slices;
    char *end;

    if (!mig)
        return 1;
    *estimated = true;
    slices = strtod(mig + 3 + (mig[3] == '-'), &end);
    return *end == 'g' && slices >= 1 && slices <= 7 ? slices / 7 : 1.0 / 7;
}

static void take_claim(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t requests = gw_json_at(j, item, "spec", "devices", "requests", NULL);
    uint32_t results = gw_json_at(j, item, "status", "allocation", "devices", "results", NULL);
    uint32_t user = gw_json_first(j, gw_json_at(j, item, "status", "reservedFor", NULL));
    char devices[2048] = "", pool[256], device[256], pod[256], full[520] = "";
    struct gpus gpus = { 0 };

    for (uint32_t i = gw_json_first(j, results); i != GW_JSON_NONE; i = gw_json_next(j, results, i)) {
        size_t used = strlen(devices);

        if (!gw_json_is(j, gw_json_member(j, i, "driver"), "gpu.nvidia.com"))
            continue;
        gw_json_text(j, gw_json_member(j, i, "pool"), pool, sizeof(pool));
        gw_json_text(j, gw_json_member(j, i, "device"), device, sizeof(device));
        gpus.whole += gpus_of_device(device, &gpus.estimated);
        snprintf(devices + used, sizeof(devices) - used, "%s/%s\n", pool, device);
    }
    for (uint32_t i = results == GW_JSON_NONE ? gw_json_first(j, requests) : GW_JSON_NONE; i != GW_JSON_NONE;
         i = gw_json_next(j, requests, i))
        gpus.whole += gpus_of_request(k, i, &gpus.estimated);
    if (gw_json_text(j, gw_json_member(j, user, "name"), pod, sizeof(pod)))
        snprintf(full, sizeof(full), "%.*s/%s", (int)o->space_len, o->name, pod);
    put_gpus(k, &o->gpus, gpus);
    put_text(k, &o->claims, devices);
    put_text(k, &o->parent, full);
}

static uint32_t attribute(const struct gw_json *j, uint32_t device, const char *name, const char *type)
{
    uint32_t basic = gw_json_member(j, device, "basic");        /* until v1beta1 */

    return gw_json_at(j, basic == GW_JSON_NONE ? device : basic, "attributes", name, type, NULL);
}

static void forget_devices(struct kube *k, const char *slice)
{
    for (struct object *o = k->kinds[DEVICES], *next; o; o = next) {
        next = o->after;
        if (same(o->parent, slice))
            forget(k, o);
    }
}

static void take_slice(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"), list = gw_json_member(j, spec, "devices");
    char pool[256], name[520], device[256];

    forget_devices(k, o->name);
    if (!gw_json_is(j, gw_json_member(j, spec, "driver"), "gpu.nvidia.com"))
        return;
    gw_json_text(j, gw_json_at(j, spec, "pool", "name", NULL), pool, sizeof(pool));
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i)) {
        struct object *d;
        double index = gw_json_number(j, attribute(j, i, "index", "int"));

        gw_json_text(j, gw_json_member(j, i, "name"), device, sizeof(device));
        if (gw_json_is(j, attribute(j, i, "type", "string"), "mig"))
            continue;
        if (isnan(index) && sscanf(device, "gpu-%lf", &index) != 1)
            continue;
        snprintf(name, sizeof(name), "%s/%s", pool, device);
        d = find_or_add(k, DEVICES, name);
        if (!d)
            continue;
        put_text(k, &d->parent, o->name);
        put_number(k, &d->index, index);
        put_json(k, &d->node, gw_json_member(j, spec, "nodeName"));
        put_json(k, &d->uuid, attribute(j, i, "uuid", "string"));
        put_json(k, &d->model, attribute(j, i, "productName", "string"));
    }
}

static void (*const takers[RESOURCES])(struct kube *k, struct object *o, uint32_t item) = {
    [NODES] = take_node, [PODS] = take_pod, [NAMESPACES] = take_namespace, [QUOTAS] = take_quota, [JOBS] = take_job,
    [CLUSTER_QUEUES] = take_kueue_queue, [LOCAL_QUEUES] = take_kueue_queue, [WORKLOADS] = take_workload,
    [KAI_QUEUES] = take_kai_queue, [KAI_GROUPS] = take_pod_group, [VOLCANO_QUEUES] = take_volcano_queue,
    [VOLCANO_GROUPS] = take_pod_group, [CLAIMS] = take_claim, [SLICES] = take_slice,
};

/* ---- jobs, made anew from the objects each time they are told ---- */

static struct job *find_job(struct kube *k, const char *name)
{
    struct job *j = name ? k->jobs[bucket_of(0, name, strlen(name))] : NULL;

    while (j && strcmp(j->name, name) != 0)
        j = j->next;
    return j;
}

static struct job *job_named(struct kube *k, const char *name)
{
    struct job *j = find_job(k, name), **bucket;

    if (j || !name)
        return j;
    bucket = &k->jobs[bucket_of(0, name, strlen(name))];
    j = calloc(1, sizeof(*j));
    if (!j)
        return NULL;
    j->name = copy_of(name, strlen(name));
    j->space_len = strcspn(name, "/");
    if (!j->name) {
        free(j);
        return NULL;
    }
    j->submit = j->start = j->end = j->limit = j->priority = NAN;
    j->next = *bucket;
    *bucket = j;
    *k->last = j;
    k->last = &j->after;
    return j;
}

static void job_free(struct job *j)
{
    free(j->nodes);
    free(j->name);
    free(j);
}

static void begin_jobs(struct kube *k)
{
    for (struct job *j = k->first; j; j = j->after) {
        j->lives = j->estimated = false;
        j->queue = j->user = j->reason = j->class = j->qos = j->image = j->outcome = NULL;
        j->held = j->wanted = 0;
        j->pods_running = j->pods_waiting = j->pods_refused = 0;
        j->end = j->limit = j->priority = NAN;
        j->node_count = 0;
    }
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct object *o = k->objects[i]; o; o = o->next) {
            o->held = o->waiting_gpus = o->running_gpus = o->longest = 0;
            o->waiting_jobs = o->running_jobs = 0;
            o->holder = NULL;
            o->row = NULL;
            o->mixed_tenants = o->mixed_jobs = o->counted = false;
        }
}

static void earliest(double *to, double time)
{
    if (!isnan(time) && !(*to <= time))
        *to = time;
}

static void first_text(const char **to, const char *text)
{
    if (!*to)
        *to = text;
}

/* What all kinds of objects may say of the job they are of. */
static void say(struct job *row, const struct object *o)
{
    first_text(&row->queue, o->queue);
    first_text(&row->user, o->user);
    first_text(&row->class, o->class);
    first_text(&row->qos, o->qos);
    first_text(&row->image, o->image);
    earliest(&row->submit, o->submit);
    if (!isnan(o->priority))
        row->priority = o->priority;
    if (!isnan(o->limit))
        row->limit = o->limit;
}

/* The tenant of a namespace. */
static struct object *tenant_of(struct kube *k, const char *name, size_t space_len)
{
    char space[256];
    const struct object *n;
    struct object *tenant;

    snprintf(space, sizeof(space), "%.*s", (int)space_len, name);
    n = find(k, NAMESPACES, space);
    tenant = space[0] ? find_or_add(k, TENANTS, n && n->tenant ? n->tenant : space) : NULL;
    if (tenant)
        tenant->seen = true;
    return tenant;
}

static struct object *group_of(struct kube *k, const char *name)
{
    struct object *o = find(k, KAI_GROUPS, name);

    if (!o)
        o = find(k, VOLCANO_GROUPS, name);
    return o ? o : find(k, WORKLOADS, name);
}

/* A pod's job: by its labels, by its group's owner, by its own owner. */
static const char *job_of_pod(struct kube *k, const struct object *pod)
{
    const struct object *group = pod->group ? group_of(k, pod->group) : NULL;

    if (pod->job)
        return pod->job;
    if (group && group->job)
        return group->job;
    return pod->group ? pod->group : pod->parent;
}

/* The object of the kind that the next line names; *lines moves on. */
static struct object *of_line(struct kube *k, enum what what, const char **lines)
{
    size_t len = strcspn(*lines, "\n");
    char name[520];

    snprintf(name, sizeof(name), "%.*s", (int)len, *lines);
    *lines += len + ((*lines)[len] == '\n');
    return find(k, what, name);
}

/* GPUs of its claims, whoever shares them. */
static double claimed(struct kube *k, const struct object *pod)
{
    double sum = 0;

    for (const char *at = pod->claims; at && *at;) {
        const struct object *claim = of_line(k, CLAIMS, &at);

        sum += claim ? claim->gpus.whole : 0;
    }
    return sum;
}

/* Takes a claim, and the devices it was given, for the job. A claim that several pods share counts once. */
static void add_claims(struct kube *k, const struct object *pod, struct job *row, struct gpus *to)
{
    for (const char *at = pod->claims; at && *at;) {
        struct object *claim = of_line(k, CLAIMS, &at), *device;

        if (!claim || claim->counted)
            continue;
        claim->counted = true;
        to->whole += claim->gpus.whole;
        to->estimated |= claim->gpus.estimated;
        for (const char *d = claim->claims; d && *d;)
            if ((device = of_line(k, DEVICES, &d)))
                device->row = row;
    }
}

static void add_node(struct job *row, const char *node)
{
    for (size_t i = row->node_count; i-- > 0;)
        if (strcmp(row->nodes[i], node) == 0)
            return;
    if (row->node_count == row->node_room) {
        size_t room = row->node_room ? row->node_room * 2 : 8;
        const char **more = realloc(row->nodes, room * sizeof(*more));

        if (!more)
            return;
        row->nodes = more;
        row->node_room = room;
    }
    row->nodes[row->node_count++] = node;
}

static void hold(struct kube *k, const struct object *pod, struct job *row, double gpus)
{
    struct object *node = find(k, NODES, pod->node), *tenant = tenant_of(k, pod->name, pod->space_len);

    row->held += gpus;
    add_node(row, pod->node);
    if (tenant)
        tenant->held += gpus;
    if (!node)
        return;
    node->held += gpus;
    node->mixed_tenants |= node->holder && node->holder != tenant;
    node->mixed_jobs |= node->row && node->row != row;
    node->holder = tenant;
    node->row = row;
}

static void count_pod(struct kube *k, struct object *pod)
{
    const struct object *node = find(k, NODES, pod->node);
    const char *name = job_of_pod(k, pod);
    struct job *row = find_job(k, name);
    struct gpus g = pod->gpus;
    double gpus;

    if (pod->phase == SUCCEEDED || pod->phase == FAILED)
        return;                 /* not asked for, but a server that knows no field selectors tells of it */
    if (!is_some(g) && claimed(k, pod) == 0)
        return;                 /* what it claims are no GPUs */
    if (!row && !(row = job_named(k, name)))
        return;
    add_claims(k, pod, row, &g);
    gpus = g.whole + g.shared / (node && node->replicas >= 1 ? node->replicas : 1);
    row->lives = true;
    row->estimated |= g.estimated;
    say(row, pod);
    if (pod->phase == RUNS) {
        row->pods_running++;
        earliest(&row->start, pod->start);
    } else {
        row->pods_waiting++;
        first_text(&row->reason, pod->reason);
    }
    if (pod->node)
        hold(k, pod, row, gpus);
    else
        row->wanted += gpus;
}

/* A Job says how many pods there should be, and how it ended. */
static void count_job(struct kube *k, struct object *o, double now)
{
    struct job *row;

    if (!is_some(o->gpus))
        return;
    /* What ended long before we looked is no news. */
    if (o->phase != WAITS && (o->ended_told || (now - o->end > LONG_AGO_S && !find_job(k, o->job))))
        return;
    row = job_named(k, o->job);
    if (!row)
        return;
    say(row, o);
    if (o->phase != WAITS) {
        row->outcome = o->phase == SUCCEEDED ? "completed" : "failed";
        row->reason = o->reason;
        row->end = o->end;
        earliest(&row->start, o->start);
        o->ended_told = true;
        return;
    }
    row->lives = true;
    first_text(&row->reason, o->state ? "suspended: its queue has not let it start" : NULL);
    o->row = row;
}

/* Pods that a Job should have and has not: a quota refused them, or its controller is about to make them. */
static void count_missing_pods(struct kube *k, struct object *job)
{
    struct job *row = job->row;
    double pods, missing;

    if (!row || isnan(job->count) || isnan(job->gpus.whole))
        return;
    pods = row->pods_running + row->pods_waiting;
    missing = job->count - pods;
    if (!(missing > 0))
        return;
    row->wanted += missing * job->gpus.whole;
    if (job->state)
        return;
    for (struct object *q = k->kinds[QUOTAS]; q; q = q->after)
        if (q->space_len == job->space_len && strncmp(q->name, job->name, q->space_len) == 0 &&
            q->used + job->gpus.whole > q->quota) {
            row->pods_refused = (unsigned)missing;
            first_text(&row->reason, q->state);
        }
}

/* Of several in a namespace the least holds. */
static bool is_least(struct kube *k, const struct object *quota)
{
    for (struct object *q = k->kinds[QUOTAS]; q; q = q->after)
        if (q != quota && q->space_len == quota->space_len && strncmp(q->name, quota->name, q->space_len) == 0 &&
            (q->quota < quota->quota || (q->quota == quota->quota && strcmp(q->name, quota->name) < 0)))
            return false;
    return true;
}

/* "quota: 16 of 16 GPUs of ResourceQuota gpus are used" is kept with the quota while it is told. */
static void word_quotas(struct kube *k)
{
    char words[400];

    for (struct object *q = k->kinds[QUOTAS]; q; q = q->after) {
        struct object *tenant = isnan(q->quota) ? NULL : tenant_of(k, q->name, q->space_len);

        if (!tenant)
            continue;
        snprintf(words, sizeof(words), "quota: %g of %g GPUs of ResourceQuota %.200s are used", q->used, q->quota,
                 q->name + q->space_len + 1);
        put_text(k, &q->state, words);
        if (!is_least(k, q))
            continue;
        if (!tenant->counted || isnan(tenant->quota))
            tenant->quota = 0;
        tenant->counted = true;
        tenant->quota += q->quota;
    }
}

/* Workloads and PodGroups know queues and reasons. A Workload with GPUs is a job before it has pods. */
static void count_group(struct kube *k, struct object *o)
{
    struct job *row = find_job(k, o->job);
    bool waits = o->state && strcmp(o->state, "pending") == 0;

    if (!row && waits && is_some(o->gpus))
        row = job_named(k, o->job);
    if (!row || (o->state && strcmp(o->state, "ended") == 0))
        return;
    say(row, o);
    if (waits && is_some(o->gpus)) {
        row->lives = true;
        if (!row->pods_running && !row->pods_waiting && !row->wanted)
            row->wanted = o->gpus.whole;
    }
    if (o->reason)
        row->reason = o->reason;
}

static void each_group(struct kube *k, enum what what)
{
    for (struct object *o = k->kinds[what]; o; o = o->after)
        count_group(k, o);
}

static bool runs(const struct job *row)
{
    return row->pods_running > 0;
}

static struct object *queue_named(struct kube *k, const char *name)
{
    static const enum what kinds[] = { LOCAL_QUEUES, KAI_QUEUES, VOLCANO_QUEUES };
    struct object *q = NULL;

    for (size_t i = 0; name && !q && i < sizeof(kinds) / sizeof(*kinds); i++)
        q = find(k, kinds[i], name);
    return q;
}

static struct object *parent_queue(struct kube *k, const struct object *q)
{
    return find(k, q->what == LOCAL_QUEUES ? CLUSTER_QUEUES : q->what, q->parent);
}

/* In its queue, and in those above. */
static void count_in_queues(struct kube *k, const struct job *row, double now)
{
    struct object *q = queue_named(k, row->queue);

    for (int depth = 0; q && depth < 8; depth++, q = parent_queue(k, q)) {
        q->running_gpus += row->held;
        q->waiting_gpus += isnan(row->wanted) ? 0 : row->wanted;
        q->running_jobs += runs(row);
        q->waiting_jobs += !runs(row);
        if (!runs(row) && now - row->submit > q->longest)
            q->longest = now - row->submit;
    }
}

static void count_all(struct kube *k, double now)
{
    static const enum what groups[] = { WORKLOADS, KAI_GROUPS, VOLCANO_GROUPS };

    begin_jobs(k);
    unsee(k, TENANTS);
    word_quotas(k);
    for (struct object *o = k->kinds[JOBS]; o; o = o->after)
        count_job(k, o, now);
    for (struct object *o = k->kinds[PODS]; o; o = o->after)
        count_pod(k, o);
    for (struct object *o = k->kinds[JOBS]; o; o = o->after)
        count_missing_pods(k, o);
    for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
        each_group(k, groups[i]);
    for (struct job *row = k->first; row; row = row->after)
        if (row->lives)
            count_in_queues(k, row, now);
}

/* ---- telling ---- */

static uint32_t entity(struct kube *k, enum gw_kind kind, const char *name)
{
    const char *cluster = option(k, "cluster");
    char full[600];

    snprintf(full, sizeof(full), "%s%s%s", cluster ? cluster : "", cluster ? "/" : "", name);
    return k->api->entity(k->out, kind, full, strlen(full), GW_NONE);
}

static void text(struct kube *k, uint32_t e, size_t metric, const char *words)
{
    k->api->text(k->out, e, metric, words ? words : "", words ? strlen(words) : 0);
}

/* The name of a row of jobs, tenants or queues, as a value. */
static void name(struct kube *k, uint32_t e, size_t metric, const char *words)
{
    const char *cluster = option(k, "cluster");
    char full[600];

    snprintf(full, sizeof(full), "%s%s%s", cluster && words ? cluster : "", cluster && words ? "/" : "", words ? words : "");
    text(k, e, metric, full);
}

static void number(struct kube *k, uint32_t e, size_t metric, double value)
{
    k->api->number(k->out, e, metric, value);
}

static void gpus(struct kube *k, uint32_t e, size_t metric, double value, bool estimated)
{
    if (estimated)
        k->api->estimate(k->out, e, metric, value);
    else
        number(k, e, metric, value);
}

static bool is_of_gpus(const struct object *node)
{
    return is_some(node->gpus) || !isnan(node->count) || node->held > 0;
}

static void tell_node(struct kube *k, const struct object *o)
{
    double total = o->gpus.whole + (o->replicas >= 1 ? o->gpus.shared / o->replicas : 0);
    char words[1300];
    uint32_t e;
    bool full;

    if (!is_of_gpus(o))
        return;
    e = k->api->entity(k->out, GW_NODE, o->name, strlen(o->name), GW_NONE);
    full = o->held > 0 && o->held > o->allocatable - 1e-6;
    snprintf(words, sizeof(words), "%s", o->reason ? o->reason : "");
    if (o->allocatable < total || (o->count > total && total == 0)) {
        char fewer[80];

        snprintf(fewer, sizeof(fewer), "%g of %g GPUs can be used", o->allocatable, total > 0 ? total : o->count);
        add_words(words, sizeof(words), fewer);
    }
    text(k, e, NODE_STATE, o->state);
    text(k, e, NODE_REASON, words);
    number(k, e, NODE_TOTAL, total);
    number(k, e, NODE_ALLOCATABLE, o->allocatable);
    gpus(k, e, NODE_HELD, o->held, o->gpus.estimated);
    name(k, e, NODE_TENANT, full && !o->mixed_tenants && o->holder ? o->holder->name : NULL);
    name(k, e, NODE_JOB, full && !o->mixed_jobs && o->row ? o->row->name : NULL);
}

/* GPUs themselves are known where ResourceSlices tell of them. */
static void tell_device(struct kube *k, const struct object *d)
{
    struct object *tenant = d->row ? tenant_of(k, d->row->name, d->row->space_len) : NULL;
    char gpu[300];
    uint32_t e;

    if (!d->node)
        return;
    snprintf(gpu, sizeof(gpu), "%.255s/%.0f", d->node, d->index);
    e = k->api->entity(k->out, GW_NODE, d->node, strlen(d->node), GW_NONE);
    e = k->api->entity(k->out, GW_GPU, gpu, strlen(gpu), e);
    number(k, e, GPU_INDEX, d->index);
    if (d->uuid)
        text(k, e, GPU_UUID, d->uuid);
    if (d->model)
        text(k, e, GPU_MODEL, d->model);
    name(k, e, GPU_TENANT, tenant ? tenant->name : NULL);
    name(k, e, GPU_JOB, d->row ? d->row->name : NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Splits "n014" into "n" and 14; digits: how many. */
static size_t stem_of(const char *node, size_t *digits, unsigned long *number)
{
    size_t end = strlen(node), stem = end;

    while (stem && end - stem < 9 && isdigit((unsigned char)node[stem - 1]))
        stem--;
    *digits = end - stem;
    *number = *digits ? strtoul(node + stem, NULL, 10) : 0;
    return stem;
}

static bool continues(const char *one, const char *next, unsigned long by)
{
    size_t digits, more;
    unsigned long a, b;
    size_t stem = stem_of(one, &digits, &a);

    return stem_of(next, &more, &b) == stem && digits && digits == more && strncmp(one, next, stem) == 0 && b == a + by;
}

/* "gpu-[001-003],n7", as a scheduler writes it; cut where there is no room. */
static void list_nodes(struct job *row, char *to, size_t room)
{
    size_t used = 0, digits;
    unsigned long number;

    to[0] = '\0';
    if (row->node_count)
        qsort(row->nodes, row->node_count, sizeof(*row->nodes), by_name);
    for (size_t i = 0, n; i < row->node_count && used < room; i += n) {
        const char *node = row->nodes[i];
        size_t stem = stem_of(node, &digits, &number);

        for (n = 1; i + n < row->node_count && continues(node, row->nodes[i + n], n); n++)
            continue;
        if (used + strlen(node) + digits + 6 > room - 4) {
            snprintf(to + used, room - used, ",…");
            return;
        }
        used += (size_t)snprintf(to + used, room - used, n > 1 ? "%s%.*s[%s-%s]" : "%s%.*s%s", used ? "," : "",
                                 (int)stem, node, node + stem, row->nodes[i + n - 1] + stem);
    }
}

static void tell_reason(struct kube *k, uint32_t e, const struct job *row)
{
    unsigned waits = row->pods_waiting + row->pods_refused;
    char words[1200];

    if (!row->lives || !runs(row) || !waits)
        text(k, e, JOB_REASON, row->lives && runs(row) ? NULL : row->reason);
    else {
        snprintf(words, sizeof(words), "%u of %u pods wait%s%.1000s", waits, waits + row->pods_running,
                 row->reason ? ": " : "", row->reason ? row->reason : "");
        text(k, e, JOB_REASON, words);
    }
}

static void tell_job(struct kube *k, struct job *row, double now)
{
    struct object *tenant = tenant_of(k, row->name, row->space_len);
    uint32_t e = entity(k, GW_JOB, row->name);
    char nodes[1000];

    name(k, e, JOB_TENANT, tenant ? tenant->name : NULL);
    text(k, e, JOB_TITLE, row->name + row->space_len + (row->name[row->space_len] == '/'));
    text(k, e, JOB_STATE, !row->lives ? "ended" : runs(row) ? "running" : "pending");
    tell_reason(k, e, row);
    number(k, e, JOB_SUBMIT, row->submit);
    number(k, e, JOB_START, row->start);
    if (!row->lives) {
        text(k, e, JOB_OUTCOME, row->outcome ? row->outcome : row->deleted ? "deleted" : NULL);
        number(k, e, JOB_END, isnan(row->end) ? now : row->end);
        return;
    }
    list_nodes(row, nodes, sizeof(nodes));
    name(k, e, JOB_QUEUE, row->queue);
    text(k, e, JOB_USER, row->user);
    gpus(k, e, JOB_GPUS, runs(row) ? row->held : row->held + row->wanted, row->estimated);
    number(k, e, JOB_NODES, row->node_count ? (double)row->node_count : NAN);
    text(k, e, JOB_NODELIST, nodes);
    number(k, e, JOB_LIMIT, row->limit);
    number(k, e, JOB_PRIORITY, row->priority);
    text(k, e, JOB_QOS, row->qos);
    text(k, e, JOB_CLASS, row->class);
    text(k, e, JOB_IMAGE, row->image);
}

/* Those that ended are told once, and forgotten. */
static void tell_jobs(struct kube *k, double now)
{
    struct job **at = &k->first;

    while (*at) {
        struct job *row = *at, **in_bucket;

        tell_job(k, row, now);
        if (row->lives) {
            at = &row->after;
            continue;
        }
        *at = row->after;
        if (k->last == &row->after)
            k->last = at;
        in_bucket = &k->jobs[bucket_of(0, row->name, strlen(row->name))];
        while (*in_bucket != row)
            in_bucket = &(*in_bucket)->next;
        *in_bucket = row->next;
        job_free(row);
    }
}

/* A controller that counts its workloads knows better than we, who look at those with GPUs. */
static void tell_queue(struct kube *k, const struct object *q)
{
    struct object *parent = parent_queue(k, q), *tenant = tenant_of(k, q->name, q->space_len);
    uint32_t e = entity(k, GW_QUEUE, q->name);

    number(k, e, QUEUE_PENDING, isnan(q->pending) ? q->waiting_jobs : q->pending);
    number(k, e, QUEUE_RUNNING, isnan(q->running) ? q->running_jobs : q->running);
    number(k, e, QUEUE_GPUS_PENDING, q->waiting_gpus);
    number(k, e, QUEUE_GPUS_RUNNING, q->running_gpus);
    number(k, e, QUEUE_WAIT, q->waiting_jobs ? q->longest : NAN);
    number(k, e, QUEUE_QUOTA, q->quota);
    text(k, e, QUEUE_STATE, q->state);
    name(k, e, QUEUE_PARENT, parent ? parent->name : q->what == CLUSTER_QUEUES ? NULL : q->parent);
    name(k, e, QUEUE_TENANT, q->space_len && tenant ? tenant->name : NULL);
}

static void tell_tenant(struct kube *k, const struct object *t)
{
    uint32_t e = entity(k, GW_TENANT, t->name);

    number(k, e, TENANT_GPUS, t->held);
    number(k, e, TENANT_QUOTA, t->counted ? t->quota : NAN);
}

/* One that nothing is of any more is told once that it holds nothing. */
static void tell_tenants(struct kube *k)
{
    for (struct object *t = k->kinds[TENANTS], *next; t; t = next) {
        next = t->after;
        tell_tenant(k, t);
        if (!t->seen)
            forget(k, t);
    }
}

static bool any_gpus(struct kube *k)
{
    struct object *o;

    for (o = k->kinds[NODES]; o && !is_of_gpus(o); o = o->after)
        continue;
    return o;
}

static void tell_refusals(struct kube *k)
{
    char names[300] = "";

    for (size_t i = 0; i < RESOURCES; i++)
        if (k->listings[i].refused) {
            size_t used = strlen(names);

            snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", resources[i].name);
        }
    if (names[0])
        k->api->warn(k->out, "may not list %s: %s", names, k->refusal);
    else if (!any_gpus(k))
        k->api->warn(k->out, "no node has GPUs");
}

/* Of each resource whether it is listed, for --doctor. */
static void note_resources(struct kube *k)
{
    static const char *const titles[] = { "lists", "may not list", "not installed" };
    char names[3][700] = { "", "", "" };

    for (enum what w = 0; w < RESOURCES; w++) {
        const struct listing *l = &k->listings[w];
        const char *group = resources[w].group;
        int which = !l->path[0] ? 2 : l->refused ? 1 : 0;
        size_t used = strlen(names[which]);

        /* "/apis/batch/v1/jobs" says the version, too. */
        snprintf(names[which] + used, sizeof(names[which]) - used, "%s%s%s%s", used ? ", " : "",
                 l->path[0] ? l->path + (group[0] ? 6 : 8) : group, l->path[0] ? "" : "/", l->path[0] ? "" : resources[w].name);
    }
    for (int i = 0; i < 3; i++)
        if (names[i][0])
            k->api->note(k->out, "%s: %s", titles[i], names[i]);
}

static void tell(struct kube *k)
{
    static const enum what queues[] = { CLUSTER_QUEUES, LOCAL_QUEUES, KAI_QUEUES, VOLCANO_QUEUES };
    double now = k->api->now(k->target);

    count_all(k, now);
    for (struct object *o = k->kinds[NODES]; o; o = o->after)
        tell_node(k, o);
    for (struct object *o = k->kinds[DEVICES]; o; o = o->after)
        tell_device(k, o);
    tell_jobs(k, now);
    for (size_t i = 0; i < sizeof(queues) / sizeof(*queues); i++)
        for (struct object *o = k->kinds[queues[i]]; o; o = o->after)
            tell_queue(k, o);
    tell_tenants(k);
    tell_refusals(k);
    note_resources(k);
    k->changed = false;
}

/* ---- answers of the API server ---- */

/* The `message` of a Status, or what stands there instead. */
static void server_words(struct kube *k, const char *answer, size_t len, char *to, size_t room)
{
    if (gw_json_read(&k->json, answer, len) && gw_json_text(&k->json, gw_json_member(&k->json, 0, "message"), to, room))
        return;
    snprintf(to, room, "%.*s", (int)(len < 80 ? len : 80), answer);
}

static int refused(struct kube *k, const char *path, int status, const char *answer, size_t len)
{
    char words[300];

    server_words(k, answer, len, words, sizeof(words));
    if (status == 401)
        return k->api->refuse(k->out, "%s: the API server does not know who we are (401 unauthorized); the token or the "
                              "certificate is wrong, or has expired", path);
    if (status == 403)
        return k->api->refuse(k->out, "%s (403 forbidden); give this user the verbs get, list and watch", words);
    if (status == 429)
        return k->api->fail(k->out, "%s: asked too often (429 too many requests); raise interval:", path);
    return k->api->fail(k->out, "%s: answered with status %d: %s", path, status, words);
}

static int get(struct kube *k, const char *path, struct gw_reply *reply)
{
    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    return k->api->get(k->target, path, "application/json", reply, k->out);
}

static bool serves(const struct gw_json *j, uint32_t group, const char *version, size_t len)
{
    uint32_t list = gw_json_member(j, group, "versions");
    char served[40];

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i))
        if (gw_json_text(j, gw_json_member(j, i, "version"), served, sizeof(served)) == len &&
            memcmp(served, version, len) == 0)
            return true;
    return false;
}

static void find_version(struct kube *k, uint32_t group, enum what what)
{
    const struct resource *r = &resources[what];

    for (const char *v = r->versions; *v; v += strcspn(v, " "), v += strspn(v, " "))
        if (serves(&k->json, group, v, strcspn(v, " "))) {
            snprintf(k->listings[what].path, sizeof(k->listings[what].path), "/apis/%s/%.*s/%s", r->group,
                     (int)strcspn(v, " "), v, r->name);
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
    if (!gw_json_read(&k->json, reply.text, reply.len) || !gw_json_is(j, gw_json_member(j, 0, "kind"), "APIGroupList"))
        return k->api->fail(k->out, "what answers is no Kubernetes API: /apis lists no groups");
    groups = gw_json_member(j, 0, "groups");
    for (enum what w = 0; w < RESOURCES; w++) {
        k->listings[w] = (struct listing){ .stream = -1 };
        if (!resources[w].group[0])
            snprintf(k->listings[w].path, sizeof(k->listings[w].path), "/api/v1/%s", resources[w].name);
        for (uint32_t g = gw_json_first(j, groups); g != GW_JSON_NONE; g = gw_json_next(j, groups, g))
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
            used += (size_t)snprintf(to + used, room - used, "%%%02X", (unsigned char)*from);
    }
    to[used] = '\0';
}

static int refuse_more(struct kube *k, enum what what)
{
    return k->api->fail(k->out, "%s: more than %d objects; who may see fewer namespaces can be read", k->listings[what].path,
                        MOST_OBJECTS);
}

/* One page; `next` is the token of the one after it, "" after the last. */
static int take_page(struct kube *k, enum what what, const struct gw_reply *reply, char *next, size_t room)
{
    struct gw_json *j = &k->json;
    struct listing *l = &k->listings[what];
    uint32_t meta, items;

    if (!gw_json_read(j, reply->text, reply->len))
        return k->api->fail(k->out, "%s: its answer is no JSON at byte %u of %zu", l->path, (unsigned)j->at, reply->len);
    items = gw_json_member(j, 0, "items");
    meta = gw_json_member(j, 0, "metadata");
    if (gw_json_kind(j, meta) != '{')
        return k->api->fail(k->out, "%s: its answer is no list", l->path);
    gw_json_text(j, gw_json_member(j, meta, "resourceVersion"), l->version, sizeof(l->version));
    gw_json_text(j, gw_json_member(j, meta, "continue"), next, room);
    for (uint32_t i = gw_json_first(j, items); i != GW_JSON_NONE; i = gw_json_next(j, items, i))
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
                 selector ? "&fieldSelector=" : "", selector ? selector : "", next[0] ? "&continue=" : "", escaped);
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

/* A list that takes longer than its version is kept begins again; the second time that is a failure. */
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
    return k->api->fail(k->out, "%s: it changes faster than it is listed (410 gone); raise page:", l->path);
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
        return k->api->refuse(k->out, "may read neither nodes nor pods: %s; give this user the verbs get, list and watch",
                              k->refusal);
    k->listed_at = k->api->now(k->target);
    return GW_DONE;
}

/* ---- watching ---- */

/* Watches end by themselves, not all at once. */
static int follow(struct kube *k, enum what what)
{
    struct listing *l = &k->listings[what];
    const char *selector = resources[what].selector;
    char path[600];

    snprintf(path, sizeof(path), "%s?watch=1&allowWatchBookmarks=true&timeoutSeconds=%d&resourceVersion=%s%s%s", l->path,
             240 + 10 * (int)what, l->version, selector ? "&fieldSelector=" : "", selector ? selector : "");
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
    gw_json_text(&k->json, gw_json_member(&k->json, object, "message"), words, sizeof(words));
    return k->api->fail(k->out, "%s: its watch says: %s", k->listings[what].path, words);
}

static int take_event(struct kube *k, enum what what, const char *line, size_t len)
{
    struct gw_json *j = &k->json;
    struct listing *l = &k->listings[what];
    uint32_t type, object;
    struct object *o;

    if (!gw_json_read(j, line, len))
        return k->api->fail(k->out, "%s: its watch brought no JSON: %.*s", l->path, (int)(len < 60 ? len : 60), line);
    type = gw_json_member(j, 0, "type");
    object = gw_json_member(j, 0, "object");
    if (gw_json_is(j, type, "ERROR"))
        return take_error(k, what, object);
    gw_json_text(j, gw_json_at(j, object, "metadata", "resourceVersion", NULL), l->version, sizeof(l->version));
    l->wait_s = 0;
    if (gw_json_is(j, type, "BOOKMARK"))
        return GW_DONE;
    o = take_item(k, what, object);
    if (o && gw_json_is(j, type, "DELETED"))
        drop(k, o);
    return k->object_count == MOST_OBJECTS ? refuse_more(k, what) : GW_DONE;
}

/* A watch ended: by itself, since its version is too old, or since the connection broke. */
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
    /* One that ended well begins at once, unless it ends again and again; one that broke, after a while that grows. */
    l->wait_s = line->status == 200 && l->wait_s == 0 ? 0.1 : fmin(30, fmax(1, 2 * l->wait_s));
    l->again_at = k->api->now(k->target) + l->wait_s;
    return GW_DONE;
}

static int take_line(struct kube *k, const struct gw_line *line)
{
    for (enum what w = 0; w < RESOURCES; w++)
        if (k->listings[w].stream == line->stream)
            return line->over ? take_end_of_watch(k, w, line) : take_event(k, w, line->text, line->len);
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
        if (is_watched(l) && l->stream < 0 && (now >= l->again_at || l->again_at - now > 60) && follow(k, w) == GW_FAILED)
            return GW_FAILED;
    }
    return GW_DONE;
}

/* A watch is silent while nothing changes, when its server hangs, and for ever when what the server keeps was set back to an
 * older state, whose versions are smaller: the difference is found out by asking for one object. Versions of one resource can
 * be compared as numbers (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */
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
        return k->api->fail(k->out, "what answers is no Kubernetes API: %s is no JSON", path);
    version = gw_json_number(&k->json, gw_json_at(&k->json, 0, "metadata", "resourceVersion", NULL));
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

/* ---- the source ---- */

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

static int kube_open(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct kube *k = target->state;
    const char *watches = api->option(target, "watch"), *page = api->option(target, "page");
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

static int kube_poll(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct kube *k = target->state;
    bool can_follow = api->size >= offsetof(struct gw_api, hear) + sizeof(api->hear);
    bool watches = can_follow && !target->no_stream && strcmp(api->option(target, "watch"), "yes") == 0;
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
