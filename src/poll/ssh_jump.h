/* Through a jump host, inside this program: a direct-tcpip channel of the jump host's
 * session, pumped into one end of a socket pair whose other end is the next session's
 * connection. (libssh 0.10 would run the ssh binary instead, which knows neither our
 * configuration file nor our keys.) */
#ifndef POLL_SSH_JUMP_H
#define POLL_SSH_JUMP_H

#include "poll/ssh_host.h"

struct ssh_jump;

/* `via` says how to reach the jump host. `done` is called once: with a descriptor, which
 * is then the caller's, or with -1 and why. */
struct ssh_jump *ssh_jump_start(struct loop *l, const struct ssh_host_how *via,
                                const char *host, unsigned port,
                                void (*done)(void *arg, int fd, const struct err *why),
                                void *arg);
void ssh_jump_end(struct ssh_jump *j); /* NULL is fine */
/* Why the way broke after done; NULL: it did not break here. */
const struct err *ssh_jump_trouble(const struct ssh_jump *j);
/* The jump host; NULL once it is lost. `j` may be NULL, here and below. */
const struct ssh_host *ssh_jump_via(const struct ssh_jump *j);
bool ssh_jump_waits_for_person(const struct ssh_jump *j);

#endif
