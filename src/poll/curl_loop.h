/* libcurl, its descriptors and timers in our loop. */
#ifndef POLL_CURL_LOOP_H
#define POLL_CURL_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>

#include "poll/loop.h"

/* One easy handle that is used again and again, so its connection, TLS session and
 * credentials are kept. */
struct curl_transfer {
    struct shard *shard;        /* NULL: not open */
    CURL *easy;
    bool busy;                  /* begun, and not finished */
    void (*finished)(void *arg, CURLcode code); /* set these two before opening */
    void *arg;
};

void curl_transfer_open(struct curl_transfer *t, struct loop *l);
void curl_transfer_begin(struct curl_transfer *t);
void curl_transfer_close(struct curl_transfer *t);      /* not open: fine */

#endif
