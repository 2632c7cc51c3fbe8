/* Which keys the user's ssh-agent holds, asked without waiting: the agent may be hung, or
 * be at the end of a forwarded connection that died. */
#ifndef POLL_SSH_AGENT_H
#define POLL_SSH_AGENT_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stddef.h>

#include "poll/loop.h"

struct ssh_agent_keys;

/* `done` is called once, never from inside this call, when the keys are known or there
 * are none to have. */
struct ssh_agent_keys *ssh_agent_ask(struct loop *l, const char *socket,
                                     void (*done)(void *arg), void *arg);
void ssh_agent_end(struct ssh_agent_keys *a); /* NULL is fine */

/* After done: what is wrong with the agent; NULL: nothing. */
const char *ssh_agent_trouble(const struct ssh_agent_keys *a);
size_t ssh_agent_count(const struct ssh_agent_keys *a);
bool ssh_agent_has(const struct ssh_agent_keys *a, ssh_key public_key);

#endif
