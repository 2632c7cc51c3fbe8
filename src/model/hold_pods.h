/* Jobs that pods are of: a scheduler of pods calls a job by who owns them, an exporter
 * names the pod. */
#ifndef MODEL_HOLD_PODS_H
#define MODEL_HOLD_PODS_H

#include "model/inside.h"

struct hold_pods;

/* Looks whether jobs have other pods now; NULL: nobody tells of pods. */
struct hold_pods *hold_pods_update(struct hold_pods *old, const struct model *m);
void hold_pods_forget(struct hold_pods *p); /* rows mean others now: looks again */
void hold_pods_free(struct hold_pods *p);
/* "NAMESPACE/POD"; GW_NONE */
uint32_t hold_pods_job(struct hold_pods *p, const char *pod);

#endif
