/* What an item of a list or watch says, whatever its kind: names, labels, GPUs; and which
 * job it is of. */
#ifndef PLUGINS_KUBE_ITEMS_H
#define PLUGINS_KUBE_ITEMS_H

#include "plugins/kube/objects.h"

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

    for (uint32_t key = gw_json_kind(j, list) == '{' ? gw_json_first(j, list)
                                                     : GW_JSON_NONE;
         key != GW_JSON_NONE; key = gw_json_next(j, list, key)) {
        size_t len = gw_json_text(j, key, name, sizeof(name));
        double n = quantity_of(j, gw_json_value(j, key)), slices;

        if (!(n > 0))
            continue;
        if (has_word(whole, name, len)) {
            to->whole += n;
        } else if (strncmp(name, mig, sizeof(mig) - 1) == 0) {
            /* "3g.40gb" is three sevenths of the compute; what it draws is not known so
             * exactly. */
            slices = strtod(name + sizeof(mig) - 1, NULL);
            to->whole += n * (slices >= 1 && slices <= 7 ? slices : 1) / 7;
            to->estimated = true;
        } else if (ends_in(name, shared) &&
                   has_word(whole, name, len - (sizeof(shared) - 1))) {
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
    add_resources(k,
                  limits != GW_JSON_NONE ? limits
                                         : gw_json_member(&k->json, resource, "requests"),
                  &g);
    return g;
}

/* What a pod needs at once: its containers together, or the greediest of those that run
 * before them. */
static struct gpus gpus_of_pod(struct kube *k, uint32_t spec)
{
    const struct gw_json *j = &k->json;
    uint32_t list = gw_json_member(j, spec, "containers");
    struct gpus sum = { 0 };

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
        struct gpus g = gpus_of_container(k, i);

        sum.whole += g.whole;
        sum.shared += g.shared;
        sum.estimated |= g.estimated;
    }
    list = gw_json_member(j, spec, "initContainers");
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
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

/* Behind others, once. */
static void add_image(const struct gw_json *j, uint32_t container, char *list,
                      size_t room)
{
    char image[512];
    size_t len = gw_json_text(j, gw_json_member(j, container, "image"), image,
                              sizeof(image)),
           used = strlen(list);

    for (const char *at = list; len && (at = strstr(at, image)); at += len)
        if ((at == list || at[-1] == ' ') && (at[len] == ',' || !at[len]))
            return;
    if (len && used + len + 3 <= room)
        snprintf(list + used, room - used, "%s%s", used ? ", " : "", image);
}

/* Of all containers, those that ask for GPUs first: what stands beside them, such as a
 * proxy, may be listed before them. */
static void take_images(struct kube *k, struct object *o, uint32_t spec)
{
    const struct gw_json *j = &k->json;
    uint32_t list = gw_json_member(j, spec, "containers");
    char images[1024] = "";

    for (int asks = 1; asks >= 0; asks--)
        for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
             i = gw_json_next(j, list, i)) {
            bool claims = gw_json_first(j, gw_json_at(j, i, "resources", "claims",
                                                      NULL)) != GW_JSON_NONE;

            if ((claims || is_some(gpus_of_container(k, i))) == asks)
                add_image(j, i, images, sizeof(images));
        }
    put_text(k, &o->image, images);
}

/* The condition of a type; GW_JSON_NONE: none. */
static uint32_t condition(const struct gw_json *j, uint32_t status, const char *type)
{
    uint32_t list = gw_json_member(j, status, "conditions");

    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i))
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

/* Jobs are told as "NAMESPACE/NAME", as their users call them; what is no job but runs
 * for long, with its kind, as kubectl takes it: "NAMESPACE/deployment/NAME". */
static void job_name(char *to, size_t room, const char *space, const char *kind,
                     const char *name)
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
static bool job_of_labels(struct kube *k, uint32_t labels, const char *space, char *to,
                          size_t room)
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
        if (gw_json_text(&k->json, gw_json_member(&k->json, labels, known[i].label), name,
                         sizeof(name))) {
            job_name(to, room, space, known[i].kind, name);
            return true;
        }
    return false;
}

/* The owner that controls it; "" and false: nobody. */
static bool owner_of(const struct gw_json *j, uint32_t item, char kind[64],
                     char name[256])
{
    uint32_t list = gw_json_member(j, metadata(j, item), "ownerReferences"),
             owner = gw_json_first(j, list);

    for (uint32_t i = owner; i != GW_JSON_NONE; i = gw_json_next(j, list, i))
        if (gw_json_kind(j, gw_json_member(j, i, "controller")) == 't')
            owner = i;
    gw_json_text(j, gw_json_member(j, owner, "kind"), kind, 64);
    return gw_json_text(j, gw_json_member(j, owner, "name"), name, 256) > 0;
}

/* By its owner, or by itself. A ReplicaSet stands for its Deployment. */
static void job_of_owner(struct kube *k, uint32_t item, const char *space,
                         const char *own_kind, char *to, size_t room)
{
    const struct gw_json *j = &k->json;
    char kind[64], name[256], hash[64];

    if (!owner_of(j, item, kind, name) || strcmp(kind, "CronJob") == 0 ||
        strcmp(kind, "Pod") == 0) {
        snprintf(kind, sizeof(kind), "%s", own_kind);
        gw_json_text(j, gw_json_member(j, metadata(j, item), "name"), name, sizeof(name));
    }
    gw_json_text(j, gw_json_at(j, metadata(j, item), "labels", "pod-template-hash", NULL),
                 hash, sizeof(hash));
    if (strcmp(kind, "ReplicaSet") == 0 && hash[0] && ends_in(name, hash) &&
        strlen(name) > strlen(hash) + 1) {
        name[strlen(name) - strlen(hash) - 1] = '\0';
        snprintf(kind, sizeof(kind), "Deployment");
    }
    job_name(to, room, space, kind, name);
}

static void space_of(const struct object *o, char to[256])
{
    snprintf(to, 256, "%.*s", (int)o->space_len, o->name);
}

/* ---- what pods, Jobs and groups say alike ---- */

static void add_words(char *to, size_t room, const char *words)
{
    size_t used = strlen(to);

    if (*words)
        snprintf(to + used, room - used, "%s%s", used ? "; " : "", words);
}

/* The value of the label that the option names; nothing without it. */
static void put_label(struct kube *k, char **to, uint32_t labels, const char *name)
{
    const char *label = option(k, name);

    put_json(k, to, label ? gw_json_member(&k->json, labels, label) : GW_JSON_NONE);
}

/* Words for the priority classes that KAI installs
 * (https://github.com/NVIDIA/KAI-Scheduler, docs/priority). */
static void take_class(struct kube *k, struct object *o, uint32_t labels, uint32_t spec)
{
    const struct gw_json *j = &k->json;
    const char *label = option(k, "class_label");
    uint32_t priority = gw_json_member(j, spec, "priorityClassName");

    put_json(k, &o->qos, priority);
    put_label(k, &o->tag, labels, "tag_label");
    if (label && gw_json_member(j, labels, label) != GW_JSON_NONE)
        put_json(k, &o->class, gw_json_member(j, labels, label));
    else
        put_text(k, &o->class, gw_json_is(j, priority, "train")       ? "training"
                               : gw_json_is(j, priority, "inference") ? "inference"
                               : gw_json_is(j, priority, "build")     ? "other" : NULL);
}

/* The queue that labels and annotations name: Kueue's is of the namespace, KAI's and
 * Volcano's of the cluster. */
static void take_queue(struct kube *k, struct object *o, uint32_t meta)
{
    const struct gw_json *j = &k->json;
    uint32_t labels = gw_json_member(j, meta, "labels"),
             annotations = gw_json_member(j, meta, "annotations");
    char queue[256], full[520] = "";

    if (gw_json_text(j, gw_json_member(j, labels, "kueue.x-k8s.io/queue-name"), queue,
                     sizeof(queue)))
        snprintf(full, sizeof(full), "%.*s/%s", (int)o->space_len, o->name, queue);
    else if (!gw_json_text(j, gw_json_member(j, labels, "kai.scheduler/queue"), full,
                           sizeof(full)))
        gw_json_text(j,
                     gw_json_member(j, annotations, "scheduling.volcano.sh/queue-name"),
                     full, sizeof(full));
    put_text(k, &o->queue, full);
}

#endif
