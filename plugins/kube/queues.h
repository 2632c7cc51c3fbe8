/* What is kept of queues: of KAI, Volcano and Kueue. */
#ifndef PLUGINS_KUBE_QUEUES_H
#define PLUGINS_KUBE_QUEUES_H

#include "plugins/kube/items.h"

static double or_unknown(double value)
{
    return value >= 0 ? value : NAN;    /* KAI's -1 is "no limit" */
}

static void take_kai_queue(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec");

    put_number(k, &o->quota,
               or_unknown(gw_json_number(
                   j, gw_json_at(j, spec, "resources", "gpu", "quota", NULL))));
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

    for (uint32_t g = gw_json_first(j, groups); g != GW_JSON_NONE;
         g = gw_json_next(j, groups, g)) {
        uint32_t flavors = gw_json_member(j, g, "flavors");

        for (uint32_t f = gw_json_first(j, flavors); f != GW_JSON_NONE;
             f = gw_json_next(j, flavors, f)) {
            uint32_t list = gw_json_member(j, f, "resources");

            for (uint32_t r = gw_json_first(j, list); r != GW_JSON_NONE;
                 r = gw_json_next(j, list, r)) {
                size_t len = gw_json_text(j, gw_json_member(j, r, "name"), name,
                                          sizeof(name));
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
    uint32_t spec = gw_json_member(j, item, "spec"),
             status = gw_json_member(j, item, "status");
    uint32_t active = condition(j, status, "Active"),
             stop = gw_json_member(j, spec, "stopPolicy");
    char words[1000] = "open";

    if (gw_json_kind(j, stop) == '"' && !gw_json_is(j, stop, "None"))
        snprintf(words, sizeof(words), "stopped");
    else if (is_status(j, active, "False"))
        words_of(j, active, words, sizeof(words));
    put_text(k, &o->state, words);
    put_json(
        k, &o->parent,
        gw_json_member(j, spec, o->what == LOCAL_QUEUES ? "clusterQueue" : "cohort"));
    put_number(k, &o->quota, nominal_quota(k, gw_json_member(j, spec, "resourceGroups")));
    put_number(k, &o->pending,
               gw_json_number(j, gw_json_member(j, status, "pendingWorkloads")));
    put_number(k, &o->running,
               gw_json_number(j, gw_json_member(j, status, "admittedWorkloads")));
}

#endif
