/* A kept connection to one host: found, reached (directly, through jump hosts, or a
 * ProxyCommand), checked, logged in, kept alive. A target has one of its own; jump hosts
 * are shared by all that go through them, opened once and closed with the last. Nothing
 * here waits, and nothing is called back from inside a call. */
#ifndef POLL_SSH_HOST_H
#define POLL_SSH_HOST_H

#include <libssh/libssh.h>

#include "poll/loop.h"
#include "poll/poll.h"
#include "poll/ssh_config.h"

struct ssh_host;

/* How to get there. Strings are borrowed until the host is left; those of a jump are
 * copied. */
struct ssh_host_how {
    struct ssh_question question;
    const char
        *jump; /* hops instead of the configured ones: "a,b"; NULL: as configured */
    const char *identity; /* a key file beside those of the configuration; NULL */
    const struct secret *password; /* NULL: none */
    poll_prompt *prompt;           /* may be NULL */
    void *prompt_arg;
    int depth; /* of jumps through jumps */
};

/* Who uses a host. Each may leave from inside its own call. */
struct ssh_user {
    void (*ready)(void *arg); /* logged in: channels can be opened */
    void (*turn)(void *arg);  /* marked, or eager and something came in */
    void (*lost)(void *arg,
                 const struct err *why); /* it is gone: free the channels and leave */
    void *arg;
    bool eager;  /* waits for the answer to a request of its own */
    bool marked; /* its channel callbacks saw something: set there, cleared by the turn */
    bool told;
    struct ssh_user *next;
};

struct ssh_host *ssh_host_join(struct loop *l, const struct ssh_host_how *how,
                               struct ssh_user *user);
/* The same for a jump host: another's connection to the same host is shared. */
struct ssh_host *ssh_host_share(struct loop *l, const struct ssh_host_how *how,
                                struct ssh_user *user);
void ssh_host_leave(struct ssh_host *h, struct ssh_user *user);

bool ssh_host_is_ready(const struct ssh_host *h);
ssh_session ssh_host_session(const struct ssh_host *h);
const char *ssh_host_name(const struct ssh_host *h);
/* A person is being asked for a passphrase on the way there: deadlines should stand
 * still. */
bool ssh_host_waits_for_person(const struct ssh_host *h);
/* After any call to libssh from outside turn(): what it left to write, or took in by the
 * way, is looked after. */
void ssh_host_touched(struct ssh_host *h);

#endif
