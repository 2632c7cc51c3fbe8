/* libcurl, loaded when it is first called. */
#define CURL_STATICLIB /* its declarations say nothing of visibility */
#define CURL_DISABLE_TYPECHECK
#pragma GCC visibility push(hidden)
#include <curl/curl.h>

#include "poll/late.h"

#include <stdarg.h>
#include <stdbool.h>

#undef curl_multi_setopt
#define LATE_LIBRARY "libcurl.so.4"

LATE_VOID(curl_easy_cleanup, (CURL *curl), (curl))
LATE(CURL *, curl_easy_init, (void), ())
LATE(CURLcode, curl_easy_pause, (CURL *handle, int bitmask), (handle, bitmask))
LATE(const char *, curl_easy_strerror, (CURLcode code), (code))
LATE_VOID(curl_free, (void *p), (p))
LATE(CURLcode, curl_global_init_mem,
     (long flags, curl_malloc_callback take, curl_free_callback give,
      curl_realloc_callback move, curl_strdup_callback copy, curl_calloc_callback clear),
     (flags, take, give, move, copy, clear))
LATE(CURLMcode, curl_multi_add_handle, (CURLM * multi_handle, CURL *curl_handle),
     (multi_handle, curl_handle))
LATE(CURLMcode, curl_multi_assign,
     (CURLM * multi_handle, curl_socket_t sockfd, void *sockp),
     (multi_handle, sockfd, sockp))
LATE(CURLMcode, curl_multi_cleanup, (CURLM *multi_handle), (multi_handle))
LATE(CURLMsg *, curl_multi_info_read, (CURLM * multi_handle, int *msgs_in_queue),
     (multi_handle, msgs_in_queue))
LATE(CURLM *, curl_multi_init, (void), ())
LATE(CURLMcode, curl_multi_remove_handle, (CURLM * multi_handle, CURL *curl_handle),
     (multi_handle, curl_handle))
LATE(CURLMcode, curl_multi_socket_action,
     (CURLM *multi_handle, curl_socket_t s, int ev_bitmask, int *running_handles),
     (multi_handle, s, ev_bitmask, running_handles))
LATE(struct curl_slist *, curl_slist_append, (struct curl_slist * list, const char *data),
     (list, data))
LATE_VOID(curl_slist_free_all, (struct curl_slist *list), (list))
LATE(CURLU *, curl_url, (void), ())
LATE_VOID(curl_url_cleanup, (CURLU *handle), (handle))
LATE(CURLUcode, curl_url_get,
     (CURLU * handle, CURLUPart what, char **part, unsigned int flags),
     (handle, what, part, flags))
LATE(CURLUcode, curl_url_set,
     (CURLU * handle, CURLUPart what, const char *part, unsigned int flags),
     (handle, what, part, flags))

/* What these set or ask for is one word each: a pointer, a function or a long; but for
 * sizes. */

CURLcode curl_easy_setopt(CURL *handle, CURLoption which, ...)
{
    static _Atomic(void *) found;
    __typeof__(curl_easy_setopt) *f = late_function(&found, LATE_LIBRARY,
                                                    "curl_easy_setopt");
    va_list rest;
    curl_off_t size = 0;
    void *value = NULL;
    bool is_size = which >= CURLOPTTYPE_OFF_T && which < CURLOPTTYPE_BLOB;

    va_start(rest, which);
    if (is_size)
        size = va_arg(rest, curl_off_t);
    else
        value = va_arg(rest, void *);
    va_end(rest);
    return is_size ? f(handle, which, size) : f(handle, which, value);
}

CURLcode curl_easy_getinfo(CURL *handle, CURLINFO which, ...)
{
    static _Atomic(void *) found;
    __typeof__(curl_easy_getinfo) *f = late_function(&found, LATE_LIBRARY,
                                                     "curl_easy_getinfo");
    va_list rest;
    void *value;

    va_start(rest, which);
    value = va_arg(rest, void *);
    va_end(rest);
    return f(handle, which, value);
}

CURLMcode curl_multi_setopt(CURLM *handle, CURLMoption which, ...)
{
    static _Atomic(void *) found;
    __typeof__(curl_multi_setopt) *f = late_function(&found, LATE_LIBRARY,
                                                     "curl_multi_setopt");
    va_list rest;
    void *value;

    va_start(rest, which);
    value = va_arg(rest, void *);
    va_end(rest);
    return f(handle, which, value);
}
