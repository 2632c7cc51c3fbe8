/* How to reach one host, as the user's OpenSSH would: what `ssh -G` prints, understood.
 *
 * OpenSSH itself is asked, wherever it is installed, because only it gets Host, Match,
 * Include, CanonicalizeHostname and the tokens exactly right. libssh's own reader is for
 * machines without it: it applies no `Host alias` block that follows an earlier block's
 * HostName, and turns ProxyJump into a call of the ssh binary. */
#ifndef POLL_SSH_CONFIG_H
#define POLL_SSH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* What to do with a host whose key no file knows. A changed key is refused always. */
enum ssh_unknown_host { SSH_UNKNOWN_REFUSE, SSH_UNKNOWN_ADD, SSH_UNKNOWN_ADD_WARNING };

struct ssh_list {
    const char **items;
    size_t count;
};

/* Strings are NULL where ssh_config(5) says "none" or nothing. Paths have their tokens
 * and ~ expanded. */
struct ssh_config {
    struct arena *arena;
    const char *alias; /* the name that was asked for */
    const char *hostname, *user;
    unsigned port;
    const char *host_key_alias;
    const char *proxy_jump;     /* "user@a:22,b": the last is the nearest to the host */
    const char *proxy_command;  /* for sh -c, tokens expanded */
    const char *identity_agent; /* a socket; NULL: none, or the environment says none */
    bool agent_refused;         /* IdentityAgent none */
    struct ssh_list identities, certificates, known_hosts; /* files, in order */
    size_t
        user_known_hosts; /* so many of known_hosts, the first ones, are the user's own */
    bool identities_only, hash_known_hosts, accepts_public_key;
    bool default_identities; /* nobody named any: missing files are no news */
    enum ssh_unknown_host unknown_host;
    double connect_timeout_s, alive_interval_s; /* 0: not said */
    const char *ciphers, *kex, *macs, *host_key_algorithms;
    const char
        *unsupported; /* a directive that we would have to honour and do not; NULL */
};

/* What is asked. file NULL: the user's own; port 0, user NULL: as configured. */
struct ssh_question {
    const char *file, *host, *user;
    unsigned port;
};

/* Reads the output of `ssh -G`; `q` is what was asked. NULL with a sentence. */
struct ssh_config *ssh_config_parse(const struct ssh_question *q, const char *text,
                                    size_t len, struct err *err);
void ssh_config_free(struct ssh_config *c);
/* One more key file, tried first. */
void ssh_config_add_identity(struct ssh_config *c, const char *path);

/* A host or user name that may stand on a command line and in a known_hosts file: not
 * empty, no leading "-", no space, quote, control character or anything that a shell
 * would read. -1 with a sentence; `what` is "host" or "user". */
int ssh_name_check(const char *what, const char *name, struct err *err);

/* One hop, "user@host:port" or "ssh://user@[v6]:port": cut into its parts in `a`. -1 with
 * a sentence. */
int ssh_hop_parse(struct arena *a, const char *text, size_t len, struct ssh_question *q,
                  struct err *err);

#endif
