/* Jobs, made anew from the objects each time they are told. */
#ifndef PLUGINS_KUBE_JOBS_H
#define PLUGINS_KUBE_JOBS_H

#include "plugins/kube/items.h"

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
    free(j->nodes.all);
    free(j->pods.all);
    free(j->name);
    free(j);
}

static void begin_jobs(struct kube *k)
{
    for (struct job *j = k->first; j; j = j->after) {
        j->lives = j->estimated = false;
        j->queue = j->user = j->reason = j->class = j->qos = j->image = j->outcome =
            j->tag = NULL;
        j->held = j->wanted = 0;
        j->pods_running = j->pods_waiting = j->pods_refused = 0;
        j->end = j->limit = j->priority = NAN;
        j->nodes.count = j->pods.count = 0;
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
    first_text(&row->tag, o->tag);
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
    tenant = space[0] ? find_or_add(k, TENANTS, n && n->tenant ? n->tenant : space)
                      : NULL;
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

/* Takes a claim, and the devices it was given, for the job. A claim that several pods
 * share counts once. */
static void add_claims(struct kube *k, const struct object *pod, struct job *row,
                       struct gpus *to)
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

static void add_name(struct names *to, const char *name)
{
    if (to->count == to->room) {
        size_t room = to->room ? to->room * 2 : 8;
        const char **more = realloc(to->all, room * sizeof(*more));

        if (!more)
            return;
        to->all = more;
        to->room = room;
    }
    to->all[to->count++] = name;
}

static void add_node(struct job *row, const char *node)
{
    for (size_t i = row->nodes.count; i-- > 0;)
        if (strcmp(row->nodes.all[i], node) == 0)
            return;
    add_name(&row->nodes, node);
}

static void hold(struct kube *k, const struct object *pod, struct job *row, double gpus)
{
    struct object *node = find(k, NODES, pod->node),
                  *tenant = tenant_of(k, pod->name, pod->space_len);

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
        return;                 /* not asked for, but a server that knows no field
                                 * selectors tells of it */
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
        if (strcmp(pod->name, row->name) != 0)
            add_name(&row->pods, pod->name + pod->space_len + 1);
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
    if (o->phase != WAITS &&
        (o->ended_told || (now - o->end > LONG_AGO_S && !find_job(k, o->job))))
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
    first_text(&row->reason,
               o->state ? "suspended: its queue has not let it start" : NULL);
    o->row = row;
}

/* Pods that a Job should have and has not: a quota refused them, or its controller is
 * about to make them. */
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
        if (q->space_len == job->space_len &&
            strncmp(q->name, job->name, q->space_len) == 0 &&
            q->used + job->gpus.whole > q->quota) {
            row->pods_refused = (unsigned)missing;
            first_text(&row->reason, q->state);
        }
}

/* Of several in a namespace the least holds. */
static bool is_least(struct kube *k, const struct object *quota)
{
    for (struct object *q = k->kinds[QUOTAS]; q; q = q->after)
        if (q != quota && q->space_len == quota->space_len &&
            strncmp(q->name, quota->name, q->space_len) == 0 &&
            (q->quota < quota->quota ||
             (q->quota == quota->quota && strcmp(q->name, quota->name) < 0)))
            return false;
    return true;
}

/* "quota: 16 of 16 GPUs of ResourceQuota gpus are used" is kept with the quota while it
 * is told. */
static void word_quotas(struct kube *k)
{
    char words[400];

    for (struct object *q = k->kinds[QUOTAS]; q; q = q->after) {
        struct object *tenant = isnan(q->quota) ? NULL
                                                : tenant_of(k, q->name, q->space_len);

        if (!tenant)
            continue;
        snprintf(words, sizeof(words),
                 "quota: %g of %g GPUs of ResourceQuota %.200s are used", q->used,
                 q->quota, q->name + q->space_len + 1);
        put_text(k, &q->state, words);
        if (!is_least(k, q))
            continue;
        if (!tenant->counted || isnan(tenant->quota))
            tenant->quota = 0;
        tenant->counted = true;
        tenant->quota += q->quota;
    }
}

/* Workloads and PodGroups know queues and reasons. A Workload with GPUs is a job before
 * it has pods. */
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

#endif
