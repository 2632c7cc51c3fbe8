/* Telling: nodes and their GPUs, jobs, queues, tenants. */
#ifndef PLUGINS_KUBE_TELL_H
#define PLUGINS_KUBE_TELL_H

#include "plugins/kube/jobs.h"
#include "plugins/kube/metrics.h"

static uint32_t entity(struct kube *k, enum gw_kind kind, const char *name)
{
    const char *cluster = option(k, "cluster");
    char full[600];

    snprintf(full, sizeof(full), "%s%s%s", cluster ? cluster : "", cluster ? "/" : "",
             name);
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

    snprintf(full, sizeof(full), "%s%s%s", cluster && words ? cluster : "",
             cluster && words ? "/" : "", words ? words : "");
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

/* The smallest domain that its labels name, in the others. */
static uint32_t domain_of(struct kube *k, const struct object *node)
{
    uint32_t domain = GW_NONE;

    for (size_t i = PLACES; i-- > 0;) {
        const char *name = node->places[i];

        if (!name)
            continue;
        domain = k->api->entity(k->out, GW_DOMAIN, name, strlen(name), domain);
        text(k, domain, DOMAIN_TYPE, node_places[i].type);
    }
    return domain;
}

static void tell_node(struct kube *k, const struct object *o)
{
    double total = o->gpus.whole + (o->replicas >= 1 ? o->gpus.shared / o->replicas : 0);
    char words[1300];
    uint32_t e;
    bool full;

    if (!is_of_gpus(o))
        return;
    e = k->api->entity(k->out, GW_NODE, o->name, strlen(o->name), domain_of(k, o));
    full = o->held > 0 && o->held > o->allocatable - 1e-6;
    snprintf(words, sizeof(words), "%s", o->reason ? o->reason : "");
    if (o->allocatable < total || (o->count > total && total == 0)) {
        char fewer[80];

        snprintf(fewer, sizeof(fewer), "%g of %g GPUs can be used", o->allocatable,
                 total > 0 ? total : o->count);
        add_words(words, sizeof(words), fewer);
    }
    text(k, e, NODE_STATE, o->state);
    text(k, e, NODE_REASON, words);
    text(k, e, NODE_MAINTENANCE, o->maintenance);
    number(k, e, NODE_TOTAL, total);
    number(k, e, NODE_ALLOCATABLE, o->allocatable);
    gpus(k, e, NODE_HELD, o->held, o->gpus.estimated);
    name(k, e, NODE_TENANT,
         full && !o->mixed_tenants && o->holder ? o->holder->name : NULL);
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

    return stem_of(next, &more, &b) == stem && digits && digits == more &&
           strncmp(one, next, stem) == 0 && b == a + by;
}

/* "gpu-[001-003],n7", as a scheduler writes it; cut where there is no room. */
static void list_nodes(struct job *row, char *to, size_t room)
{
    size_t used = 0, digits;
    unsigned long number;

    to[0] = '\0';
    if (row->nodes.count)
        qsort(row->nodes.all, row->nodes.count, sizeof(*row->nodes.all), by_name);
    for (size_t i = 0, n; i < row->nodes.count && used < room; i += n) {
        const char *node = row->nodes.all[i];
        size_t stem = stem_of(node, &digits, &number);

        for (n = 1; i + n < row->nodes.count && continues(node, row->nodes.all[i + n], n);
             n++)
            continue;
        if (used + strlen(node) + digits + 6 > room - 4) {
            snprintf(to + used, room - used, ",…");
            return;
        }
        used += (size_t)snprintf(
            to + used, room - used, n > 1 ? "%s%.*s[%s-%s]" : "%s%.*s%s", used ? "," : "",
            (int)stem, node, node + stem, row->nodes.all[i + n - 1] + stem);
    }
}

/* How far two names are alike up to and with a dash: what a controller puts behind it is
 * short. */
static size_t stem_of_pod(const char *pod)
{
    const char *dash = strrchr(pod, '-');

    return dash ? (size_t)(dash - pod) + 1 : 0;
}

/* "acme/train-[x2b9c,k8s2d],acme/eval-*": by the names that exporters give, a star where
 * there is no room for all; cut where there is none at all, as lists of nodes are. */
static void list_pods(struct job *row, char *to, size_t room)
{
    static const char cut[] = ",…";
    const char **pods = row->pods.all;
    size_t used = 0;

    to[0] = '\0';
    if (row->pods.count)
        qsort(pods, row->pods.count, sizeof(*pods), by_name);
    for (size_t i = 0, n; i < row->pods.count; i += n) {
        size_t stem = stem_of_pod(pods[i]), len = 0, head = stem + row->space_len + 5;

        for (n = 0;
             i + n < row->pods.count && (n == 0 || stem) &&
             stem_of_pod(pods[i + n]) == stem && strncmp(pods[i], pods[i + n], stem) == 0;
             n++)
            len += strlen(pods[i + n] + stem) + 1;
        if (used + head + (stem && n > 1 ? 2 : len) + sizeof(cut) > room) {
            snprintf(to + used, room - used, "%s", cut + !used);
            return;
        }
        used += (size_t)snprintf(to + used, room - used, "%s%.*s/%.*s", used ? "," : "",
                                 (int)row->space_len, row->name, (int)stem, pods[i]);
        if (stem && used + len + 2 + sizeof(cut) > room) {
            used += (size_t)snprintf(to + used, room - used, "*");
            continue;
        }
        for (size_t k = 0; k < n; k++)
            used += (size_t)snprintf(to + used, room - used, "%s%s",
                                     n == 1 ? ""
                                     : k    ? ","
                                            : "[",
                                     pods[i + k] + stem);
        used += (size_t)snprintf(to + used, room - used, "%s", n > 1 ? "]" : "");
    }
}

static void tell_reason(struct kube *k, uint32_t e, const struct job *row)
{
    unsigned waits = row->pods_waiting + row->pods_refused;
    char words[1200];

    if (!row->lives || !runs(row) || !waits)
        text(k, e, JOB_REASON, row->lives && runs(row) ? NULL : row->reason);
    else {
        snprintf(words, sizeof(words), "%u of %u pods wait%s%.1000s", waits,
                 waits + row->pods_running, row->reason ? ": " : "",
                 row->reason ? row->reason : "");
        text(k, e, JOB_REASON, words);
    }
}

static const char *tag_of_space(struct kube *k, const struct job *row)
{
    char space[256];
    const struct object *n;

    snprintf(space, sizeof(space), "%.*s", (int)row->space_len, row->name);
    n = find(k, NAMESPACES, space);
    return n ? n->tag : NULL;
}

static void tell_job(struct kube *k, struct job *row, double now)
{
    struct object *tenant = tenant_of(k, row->name, row->space_len);
    uint32_t e = entity(k, GW_JOB, row->name);
    const char *tag = row->tag ? row->tag : tag_of_space(k, row);
    char nodes[1000], pods[4000];

    name(k, e, JOB_TENANT, tenant ? tenant->name : NULL);
    text(k, e, JOB_TITLE,
         row->name + row->space_len + (row->name[row->space_len] == '/'));
    text(k, e, JOB_STATE, !row->lives ? "ended" : runs(row) ? "running" : "pending");
    tell_reason(k, e, row);
    number(k, e, JOB_SUBMIT, row->submit);
    number(k, e, JOB_START, row->start);
    if (!row->lives) {
        text(k, e, JOB_OUTCOME,
             row->outcome   ? row->outcome
             : row->deleted ? "deleted"
                            : NULL);
        number(k, e, JOB_END, isnan(row->end) ? now : row->end);
        return;
    }
    list_nodes(row, nodes, sizeof(nodes));
    name(k, e, JOB_QUEUE, row->queue);
    text(k, e, JOB_USER, row->user);
    gpus(k, e, JOB_GPUS, runs(row) ? row->held : row->held + row->wanted, row->estimated);
    number(k, e, JOB_NODES, row->nodes.count ? (double)row->nodes.count : NAN);
    text(k, e, JOB_NODELIST, nodes);
    list_pods(row, pods, sizeof(pods));
    text(k, e, JOB_PODS, pods);
    number(k, e, JOB_LIMIT, row->limit);
    number(k, e, JOB_PRIORITY, row->priority);
    text(k, e, JOB_QOS, row->qos);
    text(k, e, JOB_CLASS, row->class);
    if (tag || option(k, "tag_label"))
        text(k, e, JOB_TAG, tag);
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

/* A controller that counts its workloads knows better than we, who look at those with
 * GPUs. */
static void tell_queue(struct kube *k, const struct object *q)
{
    struct object *parent = parent_queue(k, q),
                  *tenant = tenant_of(k, q->name, q->space_len);
    uint32_t e = entity(k, GW_QUEUE, q->name);

    number(k, e, QUEUE_PENDING, isnan(q->pending) ? q->waiting_jobs : q->pending);
    number(k, e, QUEUE_RUNNING, isnan(q->running) ? q->running_jobs : q->running);
    number(k, e, QUEUE_GPUS_PENDING, q->waiting_gpus);
    number(k, e, QUEUE_GPUS_RUNNING, q->running_gpus);
    number(k, e, QUEUE_WAIT, q->waiting_jobs ? q->longest : NAN);
    number(k, e, QUEUE_QUOTA, q->quota);
    text(k, e, QUEUE_STATE, q->state);
    name(k, e, QUEUE_PARENT,
         parent                      ? parent->name
         : q->what == CLUSTER_QUEUES ? NULL
                                     : q->parent);
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

            snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
                     resources[i].name);
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
        snprintf(names[which] + used, sizeof(names[which]) - used, "%s%s%s%s",
                 used ? ", " : "", l->path[0] ? l->path + (group[0] ? 6 : 8) : group,
                 l->path[0] ? "" : "/", l->path[0] ? "" : resources[w].name);
    }
    for (int i = 0; i < 3; i++)
        if (names[i][0])
            k->api->note(k->out, "%s: %s", titles[i], names[i]);
}

static void tell(struct kube *k)
{
    static const enum what queues[] = { CLUSTER_QUEUES, LOCAL_QUEUES, KAI_QUEUES,
                                        VOLCANO_QUEUES };
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

#endif
