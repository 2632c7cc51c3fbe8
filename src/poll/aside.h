/* Calls that must block (a name server, a person who types), made by a few threads beside
 * the loop. Their number is bounded; what waits for one of them waits in the loop, where
 * it can be withdrawn. */
#ifndef POLL_ASIDE_H
#define POLL_ASIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "poll/loop.h"

struct aside;

/* First in a struct of the caller's own, which nobody else may touch from aside_do()
 * until it was withdrawn or done() is called. */
struct aside_job {
    void (*work)(struct aside_job *job); /* in a thread */
    void (*done)(struct aside_job *job); /* in the loop; the job is the caller's again */
    bool doubtful;          /* may block for long: most threads are left to others */
    struct aside_job *next; /* the pool's */
};

struct aside *aside_new(struct loop *l, size_t most_threads);
void aside_do(struct aside *a, struct aside_job *job);
/* True: it has not begun, and is the caller's again. False: done() is still to come. */
bool aside_withdraw(struct aside *a, struct aside_job *job);
/* Before its loop ends. Jobs that come back within the patience get their done(); a
 * thread that does not is left behind with its job, for the end of the program. */
void aside_end(struct aside *a, double patience_s); /* NULL is fine */

#endif
