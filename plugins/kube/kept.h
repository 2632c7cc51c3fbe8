/* What is asked of the API server, and what is kept of its answers from poll to poll. */
#ifndef PLUGINS_KUBE_KEPT_H
#define PLUGINS_KUBE_KEPT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gigawatch/json.h"
#include "gigawatch/source.h"

/* ---- what is asked for ---- */

enum what {
    NODES,
    PODS,
    NAMESPACES,
    QUOTAS,
    JOBS,
    CLUSTER_QUEUES,
    LOCAL_QUEUES,
    WORKLOADS,
    KAI_QUEUES,
    KAI_GROUPS,
    VOLCANO_QUEUES,
    VOLCANO_GROUPS,
    CLAIMS,
    SLICES,
    RESOURCES,
    DEVICES,
    TENANTS, /* these two are made from the others */
    KINDS
};

/* Of several versions the first that is served is used. A resource that is not served is
 * no trouble. */
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
    double shared;              /* of a GPU that is shared in time: the node says in
                                 * how many parts */
    bool estimated;
};

enum phase { WAITS, RUNS, SUCCEEDED, FAILED };

enum { PLACES = 4 };
static const struct place {
    const char *type, *option;
} node_places[PLACES] = { { "rack", "rack_label" },
                          { "row", "row_label" },
                          { "hall", "hall_label" },
                          { "feed", "feed_label" } };

/* One object. Names are "NAMESPACE/NAME", or "NAME" where there is no namespace. Not all
 * members are of all kinds. */
struct object {
    struct object *next;        /* in its bucket */
    struct object *before, *after;      /* of its kind */
    enum what what;
    bool seen;                  /* in the list that is read now; TENANTS: while it is
                                 * told */
    char *name;
    size_t space_len;           /* of the namespace in it; 0: none */
    char *node, *job, *queue, *reason, *state, *user, *class, *qos, *image, *claims,
        *tenant, *parent, *uuid, *model;
    char *group;                /* PODS: its PodGroup */
    char *tag, *maintenance;    /* NODES: why it is kept out of use */
    char *places[PLACES];       /* NODES: the domains that it is in, from the smallest */
    struct gpus gpus;           /* NODES: capacity; PODS, JOBS, groups: of one pod;
                                 * QUOTAS: allowed; CLAIMS */
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
    const char *queue, *user, *reason, *class, *qos, *image, *outcome, *tag;
    double held, wanted;        /* GPUs */
    bool estimated;
    unsigned pods_running, pods_waiting, pods_refused;
    double submit, start, end, limit, priority;
    /* pods: without the namespace; not one that is called like the job */
    struct names {
        const char **all;
        size_t count, room;
    } nodes, pods;
};

enum {
    BUCKETS = 8192,
    MOST_OBJECTS = 1 << 21,
    LONG_AGO_S = 3600,
    EVERYTHING_ANEW_S = 3600
};

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

#endif
