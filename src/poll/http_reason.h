/* Why a fetch failed, in one sentence. */
#ifndef POLL_HTTP_REASON_H
#define POLL_HTTP_REASON_H

#include <curl/curl.h>

#include "base/err.h"
#include "poll/poll.h"

struct http_trouble {
    const struct target_config *target;
    const char *host, *base; /* that was asked; base: scheme://host:port */
    CURL *easy;
    CURLcode code;
    const char *words; /* libcurl's own, may be "" */
    int connect_wait_s;
};

int http_reason(const struct http_trouble *h, struct err *err); /* -1 */

#endif
