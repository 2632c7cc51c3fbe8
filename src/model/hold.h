/* Who holds what: GPUs joined to jobs, tenants and classes of work. A source says it of a
 * GPU (its job, its tenant); of a node, all of whose GPUs one job holds; or of a job, by
 * the list of its nodes. Where several share a GPU, or nobody knows which GPUs of a node
 * are whose, each has a share, and what follows is an estimate. */
#ifndef MODEL_HOLD_H
#define MODEL_HOLD_H

#include "model/inside.h"

/* A share of a GPU; rows, or GW_NONE. */
struct seat {
    uint32_t job, tenant, class;
    float share;
};
enum { MOST_SEATS = 8 }; /* as a GPU has seven MIG instances */

/* Of the GPU asked for last, if another whose texts are the same has the same one seat:
 * neighbours mostly are of one job. */
struct hold_last {
    struct text_column jobs, tenants; /* by GPU */
    uint32_t job, tenant;
    bool repeats;
};
const struct hold_last *hold_last(const struct hold *h);
static inline bool hold_repeats(const struct hold_last *last, uint32_t gpu)
{
    return last->repeats &&
           (!last->tenants.lower || text_in(last->tenants, gpu) == last->tenant) &&
           (!last->jobs.lower || text_in(last->jobs, gpu) == last->job);
}

/* the model's own; good for one settle */
struct hold *hold_begin(struct model *m, uint32_t now);
/* Does anybody say who holds GPUs? And of what class work is? */
bool hold_is_told(const struct hold *h);
bool hold_has_classes(const struct hold *h);
/* Who shares a GPU: so many seats, until the next call; 0: nobody holds it. What is left
 * of 1 is nobody's. Writes the GPU's job, tenant, class and tag where they follow from
 * another word. */
size_t hold_seats(struct hold *h, uint32_t gpu, const struct seat **seats);
/* Of a node without GPUs: how many hold it, and each of them: by the GPUs that are its
 * where both numbers are told, else an equal part, for nobody says more. */
size_t hold_count_on(const struct hold *h, uint32_t node);
struct seat hold_on(struct hold *h, uint32_t node, size_t i);
uint32_t hold_tenant_of(const struct hold *h, uint32_t job); /* GW_NONE */
/* GW_NONE: nobody tells of classes */
uint32_t hold_class_of(const struct hold *h, uint32_t job);
/* The job that a text names, and the tenant that may stand before it; GW_NONE. */
uint32_t hold_job_named(struct hold *h, const char *job, const char *tenant);
uint32_t hold_class_named(struct hold *h, const char *class);
/* of a tenant of whose jobs nothing is known */
uint32_t hold_class_by_rules(struct hold *h, uint32_t tenant);

#endif
