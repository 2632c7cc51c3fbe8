/* Reading an HTTP link's password or token, and putting it where it goes: to libcurl, into
 * a header of the source's own, into the URL. */
#include "poll/http_secrets.h"
#include "base/arena.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void end_wait(struct http_secrets *s)
{
    secret_wait_end(s->wait);
    s->wait = NULL;
}

static void are_read(struct http_secrets *s)
{
    end_wait(s);
    s->done(s->arg, NULL);
}

static void is_missing(struct http_secrets *s, const char *what, const struct err *why)
{
    struct err err = *why;

    err_wrap(&err, "%s", what);
    end_wait(s);
    s->done(s->arg, &err);
}

/* ---- as they are sent ---- */

static char *header(const char *name, const char *value)
{
    size_t room = strlen(name) + strlen(value) + 3;
    char *line = xcalloc(room, 1);

    snprintf(line, room, "%s: %s", name, value);
    return line;
}

/* NAME=VALUE, the value as RFC 3986 wants it; one that is written so already, as
 * data.go.kr hands keys out, stays. */
static char *query_member(const char *name, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(name);
    char *member = xcalloc(len + 3 * strlen(value) + 2, 1), *to = member + len + 1;
    bool written = strchr(value, '%') != NULL;

    memcpy(member, name, len);
    member[len] = '=';
    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;

        if (written || isalnum(c) || strchr("-._~", c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    return member;
}

/* ---- reading ---- */

static const char *user_of(const struct http_secrets *s)
{
    const char *configured = s->link->target->user;

    return configured ? configured : s->user;
}

static void take_token(void *arg, const char *text, const struct err *why)
{
    struct http_secrets *s = arg;
    const struct target_config *t = s->link->target;
    const char *name = t->token_header ? t->token_header : s->link->token_header;

    if (!text) {
        is_missing(s, "token", why);
        return;
    }
    if (t->token_query) {
        s->query = query_member(t->token_query, text);
    } else if (name) {
        s->headers[0] = header(name, text);
        if (s->link->user_header && user_of(s)[0])
            s->headers[1] = header(s->link->user_header, user_of(s));
    } else {
        curl_easy_setopt(s->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(s->easy, CURLOPT_XOAUTH2_BEARER, text);
    }
    are_read(s);
}

static void take_password(void *arg, const char *text, const struct err *why)
{
    struct http_secrets *s = arg;

    if (!text) {
        is_missing(s, "password", why);
        return;
    }
    curl_easy_setopt(s->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(s->easy, CURLOPT_USERNAME, user_of(s));
    curl_easy_setopt(s->easy, CURLOPT_PASSWORD, text);
    are_read(s);
}

void http_secrets_read(struct http_secrets *s)
{
    const struct target_config *t = s->link->target;
    bool sends_token = t->token.from != SECRET_NONE;
    const struct secret *secret = sends_token ? &t->token : &t->password;
    struct secret_wait *wait;

    if (secret->from == SECRET_NONE) {
        are_read(s);
        return;
    }
    wait = secret_read(s->link->loop, secret, sends_token ? take_token : take_password,
                       s);
    if (wait)
        s->wait = wait;
}

/* ---- forgetting ---- */

static void forget(char **text)
{
    if (*text)
        secret_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void http_secrets_end(struct http_secrets *s)
{
    end_wait(s);
    for (int i = 0; i < 2; i++)
        forget(&s->headers[i]);
    forget(&s->query);
}
