/* What is kept of namespaces, quotas, Jobs, Workloads and PodGroups. */
#ifndef PLUGINS_KUBE_WORK_H
#define PLUGINS_KUBE_WORK_H

#include "plugins/kube/items.h"

static void take_namespace(struct kube *k, struct object *o, uint32_t item)
{
    uint32_t labels = gw_json_member(&k->json, metadata(&k->json, item), "labels");

    put_label(k, &o->tenant, labels, "tenant_label");
    put_label(k, &o->tag, labels, "tag_label");
}

static void take_quota(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t hard = gw_json_at(j, item, "spec", "hard", NULL),
             used = gw_json_at(j, item, "status", "used", NULL);
    double quota = NAN, taken = 0;
    char key[160];

    for (const char *word = option(k, "gpus"); *word;
         word += strcspn(word, " "), word += strspn(word, " ")) {
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

static void take_end(struct kube *k, struct object *o, uint32_t ended, enum phase phase,
                     uint32_t completion)
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
    uint32_t meta = metadata(j, item), spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t pod = gw_json_at(j, spec, "template", "spec", NULL);
    uint32_t complete = condition(j, status, "Complete"),
             failed = condition(j, status, "Failed");
    struct gpus gpus = gpus_of_pod(k, pod);
    bool suspended = gw_json_kind(j, gw_json_member(j, spec, "suspend")) == 't';
    char space[256], job[800];

    if (!is_some(gpus) &&
        gw_json_first(j, gw_json_member(j, pod, "resourceClaims")) != GW_JSON_NONE)
        gpus.whole = NAN;       /* its claims will say */
    space_of(o, space);
    if (!job_of_labels(k, gw_json_member(j, meta, "labels"), space, job, sizeof(job)))
        job_of_owner(k, item, space, "Job", job, sizeof(job));
    put_text(k, &o->job, job);
    put_gpus(k, &o->gpus, gpus);
    put_number(k, &o->count, parallelism(j, spec, status));
    put_number(k, &o->submit, time_of(j, gw_json_member(j, meta, "creationTimestamp")));
    put_number(k, &o->start, time_of(j, gw_json_member(j, status, "startTime")));
    put_number(k, &o->limit,
               gw_json_number(j, gw_json_member(j, spec, "activeDeadlineSeconds")));
    put_text(k, &o->state, suspended ? "suspended" : NULL);
    take_images(k, o, pod);
    take_class(k, o, gw_json_at(j, spec, "template", "metadata", "labels", NULL), pod);
    take_queue(k, o, meta);
    if (is_status(j, complete, "True"))
        take_end(k, o, complete, SUCCEEDED, gw_json_member(j, status, "completionTime"));
    else
        take_end(k, o, is_status(j, failed, "True") ? failed : GW_JSON_NONE, FAILED,
                 GW_JSON_NONE);
}

/* Kueue's. Its reasons are the best there are: they name what is short. */
static void take_workload(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t sets = gw_json_member(j, spec, "podSets"),
             reserved = condition(j, status, "QuotaReserved");
    struct gpus all = { 0 };
    char space[256], job[800], queue[256], full[520] = "", words[1000] = "";
    bool finished = is_status(j, condition(j, status, "Finished"), "True");

    for (uint32_t i = gw_json_first(j, sets); i != GW_JSON_NONE;
         i = gw_json_next(j, sets, i)) {
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
    put_text(k, &o->state,
             finished                         ? "ended"
             : is_status(j, reserved, "True") ? "running"
                                              : "pending");
    put_gpus(k, &o->gpus, all);
    put_number(k, &o->priority, gw_json_number(j, gw_json_member(j, spec, "priority")));
    put_number(k, &o->submit,
               time_of(j, gw_json_member(j, metadata(j, item), "creationTimestamp")));
}

/* The last thing a scheduler said of why a group waits: Volcano's condition
 * Unschedulable, KAI's schedulingConditions. */
static void take_pod_group(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t words_at = condition(j, status, "Unschedulable");
    uint32_t list = gw_json_member(j, status, "schedulingConditions");
    char space[256], job[800], words[1000] = "";

    if (!is_status(j, words_at, "True"))
        words_at = GW_JSON_NONE;
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i))
        words_at = i;
    if (words_at != GW_JSON_NONE)
        words_of(j, words_at, words, sizeof(words));
    space_of(o, space);
    job_of_owner(k, item, space, "", job, sizeof(job));
    put_text(k, &o->job, job);
    put_json(k, &o->queue, gw_json_member(j, spec, "queue"));
    put_text(k, &o->reason, words);
}

#endif
