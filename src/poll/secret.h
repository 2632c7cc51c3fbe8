/* A secret never stands in the configuration, on a command line, in a log or the cache:
 * only where it can be had from. Read when needed, wiped after use. */
#ifndef POLL_SECRET_H
#define POLL_SECRET_H

#include <stddef.h>

#include "base/err.h"
#include "poll/loop.h"

enum secret_from {
    SECRET_NONE, SECRET_FILE, SECRET_ENVIRONMENT, SECRET_COMMAND,
    SECRET_GIVEN                /* read already, by whoever wipes it: a kubeconfig's link.
                                 * Never configured */
};

struct secret {
    enum secret_from from;
    const char *where;          /* path (mode must not let others read), variable,
                                 * command that prints it; or the secret */
};

/* Reads it, without a trailing newline; a command runs beside the loop. `done` is called
 * once, perhaps before this returns (then with NULL as result); its text is wiped
 * afterwards (but where it was given), and NULL where there is none, with the reason:
 * what is wrong, never what was read. */
struct secret_wait;
typedef void secret_done(void *arg, const char *text, const struct err *why);
struct secret_wait *secret_read(struct loop *l, const struct secret *s, secret_done *done,
                                void *arg);
/* forgets it; also from inside done(), and NULL is fine */
void secret_wait_end(struct secret_wait *w);

void secret_wipe(char *text, size_t room);

#endif
