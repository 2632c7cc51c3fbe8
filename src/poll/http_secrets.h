/* The credentials of an HTTP link: read when it opens, beside the loop, and wiped when it
 * closes. */
#ifndef POLL_HTTP_SECRETS_H
#define POLL_HTTP_SECRETS_H

#include <curl/curl.h>

#include "poll/link.h"
#include "poll/secret.h"

struct http_secrets {
    const struct link *link;    /* whose target says which, and where they go */
    const char *user;           /* of the URL */
    CURL *easy;                 /* is told those that libcurl sends by itself */
    char *headers[2];           /* "Name: value" of token and user, where the source has
                                 * its own names for them; NULL */
    char *query;                /* "name=value", where it stands in the URL: of what is
                                 * sent, and nowhere else; NULL */
    struct secret_wait *wait;   /* NULL: nothing is read now */
    /* Called once, perhaps before http_secrets_read() returns; NULL: all is there. */
    void (*done)(void *arg, const struct err *why);
    void *arg;
};

/* Of a token and a password, the token. The caller has set link, user, easy, done and arg. */
void http_secrets_read(struct http_secrets *s);
void http_secrets_end(struct http_secrets *s);  /* what was never read is fine */

#endif
