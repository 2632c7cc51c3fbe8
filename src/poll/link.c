/* What all kinds of link share: which one carries a target, how large an answer may be,
 * what a status means. */
#include "poll/link.h"
#include "poll/url.h"

#include <stdio.h>
#include <string.h>

static const struct carrier {
    const char *scheme;
    enum transport transport;
    const struct link_kind *kind;
} carriers[] = {
    { "local", TRANSPORT_LOCAL, &link_local },
    { "exec", TRANSPORT_LOCAL, &link_local },
    { "file", TRANSPORT_LOCAL, &link_local },
    { "ssh", TRANSPORT_SSH, &link_ssh },
    { "ssh", TRANSPORT_OPENSSH, &link_openssh },
    { "http", TRANSPORT_HTTP, &link_http },
    { "https", TRANSPORT_HTTP, &link_http },
    { "unix", TRANSPORT_HTTP, &link_http },
    { "kube", TRANSPORT_HTTP, &link_kube },
    { 0 }
};

int link_kind_for(const struct target_config *target, const struct link_kind **kind,
                  struct err *err)
{
    const struct carrier *c = carriers;
    struct url url;

    *kind = NULL;
    if (target->transport == TRANSPORT_NONE)
        return 0;
    if (url_read(&url, target->url ? target->url : "", err) < 0)
        return -1;
    if (target->transport == TRANSPORT_AUTO)
        while (c->scheme && strcmp(c->scheme, url.carrier) != 0)
            c++;
    else
        while (c->scheme && c->transport != target->transport)
            c++;
    *kind = c->kind;
    if (strcmp(url.carrier, "kube") == 0 && c->kind)
        *kind = &link_kube;
    else if (c->kind && c->kind != &link_local && !url.host[0] &&
             strcmp(url.carrier, "unix") != 0)
        return err_set_code(err, ERR_USAGE, "expected %s://HOST, got \"%.60s\"",
                            c->scheme, target->url);
    return 0;
}

size_t link_most_bytes(const struct target_config *target)
{
    double most = target->max_bytes;

    return most >= 1 && most < 1e12 ? (size_t)most : (size_t)64 << 20;
}

size_t link_limit(const struct link *l)
{
    return link_most_bytes(l->target);
}

int link_too_large(const struct link *l, struct err *err)
{
    size_t most = link_limit(l);

    if (most >= 1 << 20)
        return err_set(err, "answer larger than %zu MiB", most >> 20);
    return err_set(err, "answer larger than %zu bytes", most);
}

/* ---- what a status means ---- */

static int judge_http(const struct target_config *t, int status, struct err *err)
{
    bool tries = t->password.from != SECRET_NONE || t->token.from != SECRET_NONE ||
                 t->cert;

    if (status >= 200 && status < 300)
        return 0;
    switch (status) {
    case 400:
        return err_set(err, "does not understand our request (400 bad request)%s",
                       strstr(t->url, "https:") ? "" : "; is it https:// ?");
    case 401:
        if (tries)
            return err_set_code(err, ERR_AUTH, "refuses our %s (401 unauthorized)",
                                t->token.from != SECRET_NONE ? "token"
                                : t->password.from != SECRET_NONE
                                    ? "user and password"
                                    : "client certificate, or wants more than that");
        return err_set_code(err, ERR_AUTH,
                            "asks for a password or token (401 unauthorized); "
                            "give user: and password:, or token:");
    case 403:
        return err_set_code(
            err, ERR_AUTH,
            tries ? "does not let this user read it (403 forbidden)"
                  : "does not let us read it (403 forbidden); it may want a token "
                    "or a client certificate");
    case 404:
        return err_set(err,
                       "has nothing at this path (404 not found); check the URL's path");
    case 429:
        return err_set(err, "asked too often (429 too many requests); raise interval:");
    case 502: case 503: case 504:
        return err_set(err, "not ready (%d): the server itself, or a proxy before it",
                       status);
    }
    return err_set(err,
                   status >= 500 ? "has failed itself (%d)"
                                 : "answers with status %d, not with what was asked for",
                   status);
}

/* The last line is the one that says what went wrong. */
static void last_line(const char *text, const char **line, int *len)
{
    size_t end = strlen(text), start;

    while (end && strchr("\r\n ", text[end - 1]))
        end--;
    for (start = end; start && text[start - 1] != '\n'; start--)
        continue;
    *line = text + start;
    *len = end - start > 300 ? 300 : (int)(end - start);
}

static int judge_command(int status, size_t len, const char *complaint, struct err *err)
{
    const char *line = "";
    int n = 0;

    if (status == 0 || len)
        return 0;
    last_line(complaint ? complaint : "", &line, &n);
    if (status == 127 && !n)
        return err_set(err, "the command is not there (status 127)");
    return err_set(err, "the command failed (status %d)%s%.*s", status, n ? ": " : "", n,
                   line);
}

void link_remark(char *to, size_t room, enum gw_how how, int status,
                 const char *complaint)
{
    const char *line = "";
    int n = 0;

    to[0] = '\0';
    if (how == GW_GET || status == 0)
        return;
    last_line(complaint ? complaint : "", &line, &n);
    snprintf(to, room, "the command failed (status %d) after it had printed this%s%.*s",
             status, n ? ": " : "", n, line);
}

int link_judge(const struct target_config *target, enum gw_how how, int status,
               size_t len, const char *complaint, struct err *err)
{
    if (how == GW_GET)
        return judge_http(target, status, err);
    return judge_command(status, len, complaint, err);
}
