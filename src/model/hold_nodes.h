/* Jobs joined to nodes, where a scheduler tells no GPUs: a job that holds all of a node,
 * or part of it. */
#ifndef MODEL_HOLD_NODES_H
#define MODEL_HOLD_NODES_H

#include "model/hold.h"

struct node_seats;

/* Looks again at who holds which node, as far as anything has changed. `old` may be NULL;
 * NULL: nobody tells. */
struct node_seats *node_seats_update(struct node_seats *old, const struct model *m);
/* texts or rows mean others now: looks again */
void node_seats_forget(struct node_seats *n);
void node_seats_free(struct node_seats *n);
/* Who holds a node: jobs or a tenant, with shares of each of its GPUs. The classes are
 * left out. */
size_t node_seats_of(const struct node_seats *n, uint32_t node,
                     struct seat seats[MOST_SEATS]);
/* Of a node without GPUs: how many hold it, and each of them: its part of the GPUs that
 * the node is told to have, else an equal one. */
size_t node_seats_count(const struct node_seats *n, uint32_t node);
/* gpus: that it is told to have */
struct seat node_seat_at(const struct node_seats *n, uint32_t node, size_t i,
                         double gpus);

#endif
