/* Asking OpenSSH how to reach a host, without waiting: `ssh -G`, a few at a time, each
 * answer kept for a minute. */
#ifndef POLL_SSH_LOOKUP_H
#define POLL_SSH_LOOKUP_H

#include "poll/loop.h"
#include "poll/ssh_config.h"

struct ssh_lookup;

/* `done` is called once, never from inside this call: with the configuration, which it
 * takes, or with NULL and why. Only after that, or to give up, the lookup is ended. */
struct ssh_lookup *ssh_lookup_start(struct loop *l, const struct ssh_question *q,
                                    void (*done)(void *arg, struct ssh_config *c,
                                                 const struct err *why),
                                    void *arg);
void ssh_lookup_end(struct ssh_lookup *lookup); /* NULL is fine */

#endif
