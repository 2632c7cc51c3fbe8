/* Long answers that a conversation follows: several at a time, each over a link of its
 * own, which the fan-out thread keeps. What comes goes to the worker in pieces, and is
 * cut into lines there. */
#ifndef POLL_FOLLOW_H
#define POLL_FOLLOW_H

#include "poll/target.h"

/* ---- on the worker's thread ---- */

struct follower;                /* a worker's */

struct follower *follower_new(void);
void follower_free(struct follower *f);
/* Forgets what it followed: a new poll() begins. */
void follower_reset(struct follower *f);
/* The number of the new stream; -1 with *err: there are too many. */
int follower_add(struct follower *f, struct target *t, const struct gw_ask *ask,
                 struct err *err);
void follower_hear(struct follower *f, size_t most_bytes, double wait_s,
                   struct gw_line *line);

/* ---- on the fan-out thread ---- */

void follow_begin(struct stream *s);            /* takes s */
/* The worker is back from poll(), or the console leaves: then it is told that all of them
 * are over. */
void follow_end(struct target *t, bool tell);

#endif
