/* Splitting URLs, and hiding what must not be shown. */
#include "poll/url.h"
#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int copy_part(char *to, size_t room, const char *from, size_t len,
                     const char *what, struct err *err)
{
    if (len >= room)
        return err_set(err, "the %s \"%.20s…\" is longer than %zu characters", what, from,
                       room - 1);
    memcpy(to, from, len);
    to[len] = '\0';
    return 0;
}

/* The length of the scheme in front of a ':', 0 where there is none. */
static size_t scheme_length(const char *text)
{
    size_t n = 0;

    if (!isalpha((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("+-.", text[n])))
        n++;
    return text[n] == ':' ? n : 0;
}

static int read_port(struct url *url, const char *text, size_t len, struct err *err)
{
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]) || url->port > 65535)
            return err_set(err, "expected a port from 1 to 65535, got \"%.*s\"",
                           len < 20 ? (int)len : 20, text);
        url->port = url->port * 10 + (unsigned)(text[i] - '0');
    }
    if (len && (url->port < 1 || url->port > 65535))
        return err_set(err, "expected a port from 1 to 65535, got %u", url->port);
    return 0;
}

static int read_host(struct url *url, const char *text, size_t len, struct err *err)
{
    const char *end = text + len, *colon;

    if (len && text[0] == '[') {
        const char *bracket = memchr(text, ']', len);

        if (!bracket)
            return err_set(err, "an IPv6 address lacks its \"]\"");
        colon = bracket + 1;
        if (colon < end && *colon != ':')
            return err_set(err, "expected a \":\" and a port after \"]\", got \"%.*s\"",
                           end - colon < 20 ? (int)(end - colon) : 20, colon);
        text++;
        if (copy_part(url->host, sizeof(url->host), text, (size_t)(bracket - text),
                      "host", err) < 0)
            return -1;
    } else {
        colon = memchr(text, ':', len);
        if (!colon)
            colon = end;
        if (copy_part(url->host, sizeof(url->host), text, (size_t)(colon - text), "host",
                      err) < 0)
            return -1;
    }
    return colon < end ? read_port(url, colon + 1, (size_t)(end - colon - 1), err) : 0;
}

/* The '@' that ends the user of an authority; NULL: none. */
static const char *find_at(const char *text, size_t len)
{
    while (len--)
        if (text[len] == '@')
            return text + len;
    return NULL;
}

static int read_authority(struct url *url, const char *text, size_t len, struct err *err)
{
    const char *at = find_at(text, len);

    if (at) {
        size_t user = (size_t)(at - text);

        if (memchr(text, ':', user))
            return err_set_code(err, ERR_USAGE, "a password does not belong into a URL; "
                                "give user: and password: in gigawatch.yaml");
        if (copy_part(url->user, sizeof(url->user), text, user, "user", err) < 0)
            return -1;
        len -= user + 1;
        text = at + 1;
    }
    return read_host(url, text, len, err);
}

/* A file has no scheme; its extension says what it is. */
static int read_file_name(struct url *url, const char *text, struct err *err)
{
    const char *slash = strrchr(text, '/'), *dot = strrchr(slash ? slash : text, '.');

    url->path = text;
    if (!dot || !dot[1])
        return err_set(err,
                       "expected a URL such as ssh://n14 or http://n14:9400/metrics, "
                       "or a file such as power.csv");
    return copy_part(url->scheme, sizeof(url->scheme), dot + 1, strlen(dot + 1),
                     "extension", err);
}

int url_read(struct url *url, const char *text, struct err *err)
{
    size_t scheme = scheme_length(text), len;
    const char *plus;

    memset(url, 0, sizeof(*url));
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            return err_set(err, "a URL has no control characters");
    if (!scheme)
        return read_file_name(url, text, err);
    if (copy_part(url->scheme, sizeof(url->scheme), text, scheme, "scheme", err) < 0)
        return -1;
    for (char *c = url->scheme; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    plus = strchr(url->scheme, '+');
    snprintf(url->carrier, sizeof(url->carrier), "%s", plus ? plus + 1 : url->scheme);
    text += scheme + 1;
    if (strncmp(text, "//", 2) != 0) {
        url->path = text;
        return 0;
    }
    text += 2;
    /* A context is one name, whatever it is made of:
     * "arn:aws:eks:eu-west-1:1:cluster/lab", "admin@lab"; none is the current. */
    if (strcmp(url->scheme, "kube") == 0) {
        url->path = text + strlen(text);
        return copy_part(url->host, sizeof(url->host), text, strlen(text), "context",
                         err);
    }
    len = strcspn(text, "/?#");
    url->path = text + len;
    if (read_authority(url, text, len, err) < 0)
        return -1;
    if (!url->host[0] && !url->path[0])
        return err_set(err, "\"%s://\" names no host", url->scheme);
    return 0;
}

static bool sounds_secret(const char *key, size_t len)
{
    static const char *const words[] = { "token", "key", "secret", "pass",
                                         "auth",  "sig", NULL };

    for (size_t w = 0; words[w]; w++)
        for (size_t i = 0; i + strlen(words[w]) <= len; i++)
            if (strncasecmp(key + i, words[w], strlen(words[w])) == 0)
                return true;
    return false;
}

void url_public(char *to, size_t room, const char *text)
{
    const char *authority = strstr(text, "://"), *at = NULL, *rest = text;

    to[0] = '\0';
    if (authority == text + 4 && strncasecmp(text, "kube", 4) == 0) {
        /* a context is a name: it has neither user nor query */
        text_add(to, room, "%s", text);
        return;
    }
    if (authority) {
        authority += 3;
        at = find_at(authority, strcspn(authority, "/?#"));
    }
    if (at) {
        text_add(to, room, "%.*s",
                 (int)((size_t)(authority - text) + strcspn(authority, ":@")), text);
        rest = at;
    }
    text_add(to, room, "%.*s", (int)strcspn(rest, "?"), rest);
    rest += strcspn(rest, "?");
    while (*rest) {
        size_t pair = 1 + strcspn(rest + 1, "&"), key = strcspn(rest, "=");

        if (key < pair && sounds_secret(rest, key)) {
            text_add(to, room, "%.*s…", (int)key + 1, rest);
        } else {
            text_add(to, room, "%.*s", (int)pair, rest);
        }
        rest += pair;
    }
}
