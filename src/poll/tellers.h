/* Who tells of which GPU. One that two targets tell of (a node that is read over SSH and
 * over HTTP) is one row, and somebody may not have meant that: it is said. */
#ifndef POLL_TELLERS_H
#define POLL_TELLERS_H

#include "model/batch.h"

struct target;
struct tellers;

struct tellers *tellers_new(void);
void tellers_free(struct tellers *t);

/* Notes that `who` tells of the batch's GPUs. The target that told of one of them before,
 * with the GPU's name, which is the batch's; NULL: nobody else did. */
struct target *tellers_note(struct tellers *t, struct target *who, const struct batch *b,
                            const char **gpu);

#endif
