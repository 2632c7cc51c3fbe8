/* Names to addresses without waiting: getaddrinfo(3), in a bounded number of threads
 * however many names no server answers for. */
#ifndef POLL_NAMES_H
#define POLL_NAMES_H

#include <netdb.h>
#include <stdbool.h>

#include "base/err.h"
#include "poll/loop.h"

struct name_question;

bool name_is_address(const char *host);

/* `done` is called once, never from inside this call: with the addresses, which are good
 * until name_end(), or with NULL and why. */
struct name_question *name_ask(struct loop *l, const char *host, unsigned port,
                               void (*done)(void *arg, const struct addrinfo *list,
                                            const struct err *why),
                               void *arg);
void name_end(struct name_question *q); /* also from inside done(); NULL is fine */

#endif
