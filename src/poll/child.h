/* A program beside us: started in a session of its own, so that it never touches the
 * terminal, its output watched by the loop, and its whole process group killed when it is
 * no longer wanted. */
#ifndef POLL_CHILD_H
#define POLL_CHILD_H

#include <stddef.h>

#include "base/err.h"
#include "poll/loop.h"

struct child;

/* Any of these may call child_end(), from inside, too. Each may be NULL. */
struct child_events {
    void (*output)(void *arg, const char *text, size_t len);
    void (*complaint)(void *arg, const char *text, size_t len); /* its standard error */
    /* It has exited, and what it had written was handed over. `status` as a shell has it:
     * 128 + signal. What it left running in the background, with our pipes open, is not
     * waited for. */
    void (*ended)(void *arg, int status);
};

/* Children of this loop do not inherit the variable: it holds a secret, and they have no
 * need of it. */
void child_hide(struct loop *l, const char *variable);

/* Starts argv[0], found along PATH. `socket`: becomes its standard input and output (a
 * ProxyCommand), and stays the caller's; -1: input is /dev/null and output is a pipe.
 * NULL with a sentence. */
struct child *child_start(struct loop *l, const char *const argv[], int socket,
                          const struct child_events *events, void *arg, struct err *err);
/* The same with more in its environment: "NAME=VALUE", ends with NULL; before what we
 * have of that name. */
struct child *child_start_with(struct loop *l, const char *const argv[],
                               const char *const variables[], int socket,
                               const struct child_events *events, void *arg,
                               struct err *err);
/* Hands over now what it has complained of so far: its other end was seen to close, and
 * that has a reason. */
void child_hear(struct child *c);
void child_end(struct child *c); /* kills, reaps, frees; NULL is fine */

#endif
