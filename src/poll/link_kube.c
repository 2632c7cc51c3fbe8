/* kube://CONTEXT: the way to a cluster's API server as a kubeconfig says. It finds out
 * where the server is, whom to trust and who we are there; an HTTP link beneath does the
 * rest. What may change while the console runs (a token's file, the credential that a
 * command prints) is looked at again before a question, and then the link beneath is
 * opened anew. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "poll/kube_credential.h"
#include "poll/link.h"
#include "poll/secret.h"
#include "poll/url.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_FILE_S = 60 };     /* so long a token that was read from a file is used */

struct kube {
    struct link link;           /* first */
    struct kube_access access;
    struct kube_question *question;
    struct target_config config;        /* what the link beneath is told */
    struct link *beneath;
    struct arena *arena;        /* of the credentials in use */
    char *token, *key;          /* in use, the key from a command; in that arena, to be
                                 * wiped */
    double until;               /* wall clock: then the credentials are too old */
    bool waits;                 /* asked, and the credentials are not there yet */
    bool broken;                /* told that it cannot work */
    struct gw_ask asked;
    char *path;                 /* the whole of it, as it was asked last */
    char notice[200];
};

static void on_answer(void *arg, int status, const char *text, size_t len,
                      const char *complaint)
{
    struct kube *k = arg;

    if (status == 401)
        kube_credential_forget(k->link.loop, &k->access);
    k->link.retry_after_s = k->beneath->retry_after_s;
    k->link.events->answer(k->link.arg, status, text, len, complaint);
}

static void on_bytes(void *arg, const char *text, size_t len)
{
    struct kube *k = arg;

    k->link.events->bytes(k->link.arg, text, len);
}

static void tell_failed(void *arg, const struct err *why)
{
    struct kube *k = arg;

    k->broken = true;
    k->waits = false;
    k->link.events->failed(k->link.arg, why);
}

/* ---- the link beneath ---- */

static void close_beneath(struct kube *k)
{
    if (k->beneath)
        k->beneath->kind->close(k->beneath);
    free(k->beneath);
    k->beneath = NULL;
    if (k->token)
        secret_wipe(k->token, strlen(k->token));
    k->token = NULL;
    if (k->key)
        secret_wipe(k->key, strlen(k->key));
    k->key = NULL;
    arena_free(k->arena);
    k->arena = NULL;
}

static void pass_on(struct kube *k)
{
    size_t room = strlen(k->access.path) + strlen(k->asked.path ? k->asked.path : "") + 2;
    char *path = xcalloc(1, room);

    snprintf(path, room, "%s%s", k->access.path, k->asked.path ? k->asked.path : "/");
    free(k->path);
    k->path = path;
    k->asked.path = path;
    k->waits = false;
    link_http.ask(k->beneath, &k->asked);
}

/* A server takes a certificate that has expired for that of a stranger. */
static int check_certificate(struct kube *k, struct err *err)
{
    struct pem pem = k->config.cert_pem;
    char when[40];
    double end;

    if (!pem.text && k->config.cert)
        pem.text = kubeconfig_file(k->arena, k->config.cert, &pem.len, err);
    if (!pem.text)
        return k->config.cert ? -1 : 0;
    end = certificate_end(pem.text, pem.len);
    if (isnan(end) || end > clock_wall())
        return 0;
    text_time(when, sizeof(when), end);
    return err_set_code(err, ERR_AUTH,
                        "the client certificate (%s) expired at %s; get a new one",
                        k->config.cert ? k->config.cert : pem.where, when);
}

static const char *copied(struct kube *k, const char *text)
{
    return text ? arena_strdup(k->arena, text) : NULL;
}

static void use_token(struct kube *k, const char *token)
{
    k->token = token ? arena_strdup(k->arena, token) : NULL;
    if (k->token)
        k->config.token = (struct secret){ SECRET_GIVEN, k->token };
}

static void open_beneath(struct kube *k)
{
    static const struct link_events events = { .answer = on_answer,
                                               .bytes = on_bytes,
                                               .failed = tell_failed };
    struct err err;

    if (check_certificate(k, &err) < 0) {
        tell_failed(k, &err);
        return;
    }
    k->beneath = xcalloc(1, link_http.size);
    *k->beneath = (struct link){ .kind = &link_http,
                                 .target = &k->config,
                                 .loop = k->link.loop,
                                 .events = &events,
                                 .arg = k };
    link_http.open(k->beneath);
    if (k->waits && !k->broken)
        pass_on(k);
}

/* ---- credentials ---- */

static void take_credential(void *arg, const struct kube_credential *c,
                            const struct err *why)
{
    struct kube *k = arg;

    k->question = NULL;
    if (!c) {
        tell_failed(k, why);
        return;
    }
    use_token(k, c->token);
    if (c->cert_pem.text) {
        k->config.cert_pem = (struct pem){ copied(k, c->cert_pem.text), c->cert_pem.len,
                                           copied(k, c->cert_pem.where) };
        k->key = arena_strdup(k->arena, c->key_pem.text);
        k->config.key_pem = (struct pem){ k->key, c->key_pem.len,
                                          copied(k, c->key_pem.where) };
        k->config.cert = k->config.key = NULL;
    }
    k->until = c->until;
    open_beneath(k);
}

static void use_token_file(struct kube *k)
{
    struct err err;
    size_t len;
    char *token = kubeconfig_file(k->arena, k->access.token_file, &len, &err);

    if (!token && !k->access.token) {
        tell_failed(k, &err);
        return;
    }
    use_token(k, token ? token : k->access.token);
    if (token)
        secret_wipe(token, len);
    k->until = clock_wall() + TOKEN_FILE_S;
    open_beneath(k);
}

static void begin(struct kube *k)
{
    const struct kube_access *a = &k->access;

    k->arena = arena_new();
    k->until = INFINITY;
    k->config = *k->link.target;
    k->config.url = a->server;
    k->config.user = NULL;
    k->config.server_name = a->server_name;
    k->config.unverified = a->unverified;
    k->config.ca_pem = a->ca_pem;
    k->config.cert_pem = a->cert_pem;
    k->config.key_pem = a->key_pem;
    k->config.ca = a->ca_pem.text ? NULL : a->ca;
    k->config.cert = a->cert_pem.text ? NULL : a->cert;
    k->config.key = a->key_pem.text ? NULL : a->key;
    if (a->token_file) {
        use_token_file(k);
    } else if (a->exec.command && !a->token) {
        struct kube_question *q = kube_credential_ask(k->link.loop, a, take_credential,
                                                      k);

        if (q)
            k->question = q;
    } else {
        use_token(k, a->token);
        open_beneath(k);
    }
}

/* ---- the kind ---- */

static int refuse_doubles(const struct target_config *t, struct err *err)
{
    if (!t->ca && !t->cert && !t->key && t->token.from == SECRET_NONE &&
        t->password.from == SECRET_NONE)
        return 0;
    return err_set_code(
        err, ERR_AUTH,
        "a kube:// target has its certificates and tokens from the kubeconfig; to give "
        "them here use url: https://HOST:6443 with source: kube");
}

static void kube_open(struct link *link)
{
    struct kube *k = (struct kube *)link;
    struct url url;
    struct err err;

    if (url_read(&url, link->target->url, &err) < 0 ||
        refuse_doubles(link->target, &err) < 0 ||
        kubeconfig_read(&k->access, link->target->kubeconfig, url.host, &err) < 0) {
        tell_failed(k, &err);
        return;
    }
    if (k->access.unverified) {
        snprintf(k->notice, sizeof(k->notice),
                 "NOT VERIFIED: whoever answers at %.60s is taken for the server "
                 "(insecure-skip-tls-verify)",
                 k->access.server);
        link->notice = k->notice;
    }
    begin(k);
}

static void kube_ask(struct link *link, const struct gw_ask *ask)
{
    struct kube *k = (struct kube *)link;
    struct err err;

    if (k->broken)
        return;                 /* told already */
    if (ask->how != GW_GET && ask->how != GW_STREAM) {
        err_set(&err,
                "a kube:// target cannot run commands; give an ssh:// or local: URL");
        tell_failed(k, &err);
        return;
    }
    k->asked = *ask;
    k->waits = true;
    if (k->beneath && clock_wall() > k->until) {
        close_beneath(k);
        begin(k);
        return;
    }
    if (k->beneath)
        pass_on(k);
}

static void kube_close(struct link *link)
{
    struct kube *k = (struct kube *)link;

    kube_question_end(k->question);
    k->question = NULL;
    close_beneath(k);
    free(k->path);
    k->path = NULL;
    kubeconfig_end(&k->access);
}

const struct link_kind link_kube = {
    .name = "kube",
    .size = sizeof(struct kube),
    .open = kube_open,
    .ask = kube_ask,
    .close = kube_close,
};
