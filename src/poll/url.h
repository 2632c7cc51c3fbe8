/* The parts of a target's URL (RFC 3986, as far as targets need it). */
#ifndef POLL_URL_H
#define POLL_URL_H

#include <stddef.h>

#include "base/err.h"

struct url {
    char scheme[32];            /* "http", "slurm+ssh"; a file without one: its
                                 * extension, "csv" */
    char carrier[32];           /* what carries it: "ssh" of "slurm+ssh", else the
                                 * scheme */
    char user[128], host[256];  /* "" where there is none; IPv6 without brackets */
    unsigned port;              /* 0: none given */
    const char *path;           /* what follows the authority; points into the text,
                                 * may be "" */
};

/* Refuses what cannot be a target, and a password in a URL: it would stand in process
 * lists. */
int url_read(struct url *url, const char *text, struct err *err);

/* The URL for people's eyes: without password, and without the values of query keys that
 * sound like secrets (token, key, secret, pass, auth, sig). */
void url_public(char *to, size_t room, const char *text);

#endif
