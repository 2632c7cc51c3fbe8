/* A TCP connection to a host by name, without waiting: not for the name server, not for
 * the host. */
#ifndef POLL_TCP_H
#define POLL_TCP_H

#include "base/err.h"
#include "poll/loop.h"

struct tcp;

/* `done` is called once, never from inside this call: with a connected, non-blocking
 * descriptor, which is then the caller's, or with -1 and why. Addresses are tried in
 * their order. There is no deadline but tcp_end(). */
struct tcp *tcp_start(struct loop *l, const char *host, unsigned port,
                      void (*done)(void *arg, int fd, const struct err *why), void *arg);
void tcp_end(struct tcp *t); /* NULL is fine; a descriptor handed over stays */

#endif
