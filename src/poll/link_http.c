/* HTTP and HTTPS by libcurl; http over a unix socket, too, whose path is the URL's
 * ("unix:///run/slurmrestd.sock").
 *
 * libcurl would keep a thread for every name it looks up, so it looks up none: a transfer
 * that needs a name, be it the host's or the proxy's, is stopped, names.c finds the
 * addresses, and it begins again with them.
 *
 * Redirects are followed here and not by libcurl, so that one rule can be seen and told:
 * at most three, and with credentials never to another scheme, host or port. */
#include "config.h"

#include "base/arena.h"
#include "base/text.h"
#include "poll/curl_loop.h"
#include "poll/http_reason.h"
#include "poll/http_secrets.h"
#include "poll/link.h"
#include "poll/names.h"
#include "poll/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_REDIRECTS = 3, CONNECT_WAIT_MS = 5000,
    /* Text packs 10 to 50 fold, deflate 1032 fold at most (zlib.net/zlib_tech.html): what
     * grows more than so many fold, beyond so much, is made to fill memory and time. */
    MOST_FOLD = 200, UNPACKED_FREELY = 16 << 20
};

struct http {
    struct link link;           /* first */
    struct curl_transfer transfer;
    struct curl_slist *headers;
    struct curl_slist *addresses;       /* told to libcurl */
    struct http_secrets secrets;
    char *base;                 /* scheme://host:port */
    struct url url, at;         /* as configured; where redirects led */
    struct name_question *name; /* looked up now */
    char sought[300];           /* the latest name, host:port */
    bool wants_name, may_look_up;       /* libcurl */
    bool large;                 /* answer too large */
    bool bomb;                  /* it unpacks to too many times what was sent */
    bool web_page;              /* and pieces of something else were wanted */
    bool in_pieces, paused;     /* the answer is told as it comes; not now */
    bool waits;                 /* asked, and its secrets are not read yet */
    bool broken;                /* its secrets cannot be had: told */
    struct gw_ask asked;
    unsigned redirects;
    char *text;
    size_t len, room;
    char trouble[CURL_ERROR_SIZE];
};

static void tell_failed(struct http *h, const struct err *err)
{
    h->link.events->failed(h->link.arg, err);
}

static void tell_name_unknown(struct http *h, const struct err *why)
{
    struct err err = *why;

    if (strncmp(h->sought, h->at.host, strlen(h->at.host)) != 0)
        err_wrap(&err, "the proxy; see http_proxy");
    tell_failed(h, &err);
}

/* ---- redirects ---- */

static unsigned port_of(const struct url *u)
{
    if (u->port)
        return u->port;
    return strcmp(u->carrier, "https") == 0 ? 443 : 80;
}

static bool is_socket(const struct http *h)
{
    return strcmp(h->url.carrier, "unix") == 0;
}

static bool has_credentials(const struct target_config *t)
{
    return t->password.from != SECRET_NONE || t->token.from != SECRET_NONE || t->cert ||
           t->cert_pem.text || t->headers;
}

/* Reads where to into h->at. */
static int may_follow(struct http *h, const char *to, struct err *err)
{
    char shown[200];
    struct url u;

    if (h->redirects == MOST_REDIRECTS)
        return err_set(err, "redirects more than %d times", MOST_REDIRECTS);
    url_public(shown, sizeof(shown), to);
    if (h->secrets.query)
        /* it may repeat the key, whatever that is called */
        shown[strcspn(shown, "?")] = '\0';
    if (url_read(&u, to, NULL) < 0 || strncmp(u.carrier, "http", 4) != 0)
        return err_set(err, "redirects to %s, which is not followed", shown);
    if (strcmp(u.carrier, "http") == 0 && strcmp(h->url.carrier, "https") == 0)
        return err_set(err, "redirects from TLS to %s, which is not followed", shown);
    if (has_credentials(h->link.target) &&
        (strcmp(u.carrier, h->url.carrier) != 0 || strcasecmp(u.host, h->url.host) != 0 ||
         port_of(&u) != port_of(&h->url)))
        return err_set_code(err, ERR_AUTH,
                            "redirects to %s; a password is not carried to another "
                            "place: put that address into the configuration",
                            shown);
    h->at = u;
    return 0;
}

/* ---- names ---- */

static void begin(struct http *h);

/* libcurl is about to look up a name. */
static int before_look_up(void *resolver, void *reserved, void *arg)
{
    struct http *h = arg;

    (void)resolver, (void)reserved;
    h->wants_name = !h->may_look_up;
    return h->wants_name;
}

/* As libcurl-env(3) says; NULL: none. That no_proxy may spare a host the proxy is
 * libcurl's to know. */
static const char *proxy_for(const char *scheme)
{
    bool tls = strcmp(scheme, "https") == 0;
    const char *const names[] = { tls ? "https_proxy" : "http_proxy",
                                  tls ? "HTTPS_PROXY" : "http_proxy", "all_proxy",
                                  "ALL_PROXY" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *proxy = getenv(names[i]);

        if (proxy && *proxy)
            return proxy;
    }
    return NULL;
}

/* False: it has no name. */
static bool proxy_name(const char *proxy, char *host, size_t room, unsigned *port)
{
    enum { LENIENT = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME };
    char *name = NULL, *number = NULL;
    CURLU *u = curl_url();
    bool found = u && curl_url_set(u, CURLUPART_URL, proxy, LENIENT) == CURLUE_OK &&
                 curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK &&
                 strlen(name) < room;

    if (found) {
        memcpy(host, name, strlen(name) + 1);
        /* libcurl's own port of a proxy that has none. */
        *port = strncmp(proxy, "https:", 6) == 0 ? 443 : 1080;
        if (curl_url_get(u, CURLUPART_PORT, &number, 0) == CURLUE_OK)
            *port = (unsigned)strtoul(number, NULL, 10);
    }
    curl_free(name);
    curl_free(number);
    curl_url_cleanup(u);
    return found;
}

/* The host that libcurl is told: a server that has another name in its certificate is
 * called by that. */
static const char *told_host(const struct http *h)
{
    const char *name = h->link.target->server_name;

    return name && strcmp(h->at.host, h->url.host) == 0 ? name : h->at.host;
}

static void set_addresses(struct http *h, struct curl_slist *list)
{
    curl_easy_setopt(h->transfer.easy, CURLOPT_RESOLVE, list);
    curl_slist_free_all(h->addresses);
    h->addresses = list;
}

static void on_addresses(void *arg, const struct addrinfo *list, const struct err *why)
{
    enum { ENOUGH = 16 };
    struct http *h = arg;
    char line[sizeof(h->sought) + ENOUGH * (INET6_ADDRSTRLEN + 3)],
        text[INET6_ADDRSTRLEN];
    bool of_host = strncmp(h->sought, h->at.host, strlen(h->at.host)) == 0;

    if (!list) {
        tell_name_unknown(h, why);
        return;
    }
    snprintf(line, sizeof(line), "%s%s:", of_host ? told_host(h) : "",
             h->sought + (of_host ? strlen(h->at.host) : 0));
    for (int n = 0; list && n < ENOUGH; list = list->ai_next, n++) {
        bool six = list->ai_family == AF_INET6;

        if (getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), NULL, 0,
                        NI_NUMERICHOST) == 0)
            text_add(line, sizeof(line), six ? "%s[%s]" : "%s%s", n ? "," : "", text);
    }
    name_end(h->name);
    h->name = NULL;
    set_addresses(h, curl_slist_append(NULL, line));
    begin(h);
}

/* A name that libcurl still asks for after it was told (an international one, which it
 * spells otherwise; an IPv6 address) it may look up itself. */
static void find_name(struct http *h, bool of_proxy)
{
    const char *proxy = of_proxy ? proxy_for(h->at.carrier) : NULL;
    char host[256], sought[sizeof(h->sought)];
    unsigned port = port_of(&h->at);

    snprintf(host, sizeof(host), "%s", h->at.host);
    if (of_proxy && (!proxy || !proxy_name(proxy, host, sizeof(host), &port)))
        host[0] = '\0';
    snprintf(sought, sizeof(sought), "%s:%u", host, port);
    if (!host[0] || strchr(host, ':') || strcmp(sought, h->sought) == 0) {
        h->may_look_up = true;
        begin(h);
        return;
    }
    memcpy(h->sought, sought, sizeof(sought));
    h->name = name_ask(h->link.loop, host, port, on_addresses, h);
}

/* Names are looked up once and kept; a link that is opened (again) asks anew, for the
 * host may have moved. */
static void forget_addresses(struct http *h)
{
    struct curl_slist *list = NULL;
    const char *proxy = proxy_for(h->url.carrier);
    char host[256], entry[300];
    unsigned port;

    if (!strchr(told_host(h), ':')) {
        snprintf(entry, sizeof(entry), "-%s:%u", told_host(h), port_of(&h->url));
        list = curl_slist_append(list, entry);
    }
    if (proxy && proxy_name(proxy, host, sizeof(host), &port) && !strchr(host, ':')) {
        snprintf(entry, sizeof(entry), "-%s:%u", host, port);
        list = curl_slist_append(list, entry);
    }
    set_addresses(h, list);
}

/* ---- answers ---- */

/* Of what nobody keeps, more may come, unless somebody said how much. */
static size_t limit_of(const struct http *h)
{
    return h->in_pieces && !(h->link.target->max_bytes >= 1) ? (size_t)4 << 30
                                                             : link_limit(&h->link);
}

static bool is_web_page(struct http *h, long status)
{
    const char *type = NULL;

    curl_easy_getinfo(h->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
    return status >= 200 && status < 300 && type &&
           strncasecmp(type, "text/html", 9) == 0 &&
           !(h->asked.accept && strstr(h->asked.accept, "html"));
}

static bool is_bomb(const struct http *h, size_t unpacked)
{
    curl_off_t received = 0;

    if (unpacked <= UNPACKED_FREELY)
        return false;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
    return unpacked / MOST_FOLD > (size_t)received;
}

/* Nothing is noted of what is not taken, for it comes again. */
static size_t take_piece(struct http *h, const char *text, size_t len)
{
    if (h->len == 0 && is_web_page(h, 200)) {
        h->web_page = true;
        return 0;
    }
    if (!h->link.events->piece(h->link.arg, text, len)) {
        h->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    h->len += len;
    return len;
}

/* Is what comes handed on piece by piece? What a failure says is kept whole. */
static bool is_streamed(struct http *h)
{
    long status = 0;

    if (h->asked.how != GW_STREAM)
        return false;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

static size_t take_text(char *text, size_t size, size_t count, void *arg)
{
    struct http *h = arg;
    size_t len = size * count;
    long status = 0;

    if (is_streamed(h)) {
        h->link.events->bytes(h->link.arg, text, len);
        return len;
    }
    if (len > limit_of(h) - h->len) {
        h->large = true;
        return 0;
    }
    if (is_bomb(h, h->len + len)) {
        h->bomb = true;
        return 0;
    }
    if (h->in_pieces) {
        curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200 && status < 300)
            return take_piece(h, text, len);
    }
    h->text = xgrow(h->text, &h->room, h->len + len + 1, 1);
    memcpy(h->text + h->len, text, len);
    h->len += len;
    return len;
}

static void begin(struct http *h)
{
    h->len = 0;
    h->large = h->bomb = h->web_page = h->paused = false;
    h->trouble[0] = '\0';
    h->wants_name = false;
    curl_transfer_begin(&h->transfer);
}

/* An address needs no looking up, unless a proxy is before it. */
static void go_to(struct http *h, const char *url)
{
    bool is_address = name_is_address(h->at.host);
    char entry[600];

    if (is_address && told_host(h) != h->at.host) {
        snprintf(entry, sizeof(entry),
                 strchr(h->at.host, ':') ? "%s:%u:[%s]" : "%s:%u:%s", told_host(h),
                 port_of(&h->at), h->at.host);
        set_addresses(h, curl_slist_append(NULL, entry));
    }
    curl_easy_setopt(h->transfer.easy, CURLOPT_URL, url);
    h->sought[0] = '\0';
    h->may_look_up = is_socket(h) || (is_address && !proxy_for(h->at.carrier));
    begin(h);
}

static void tell_web_page(struct http *h)
{
    struct err err;

    err_set(&err, "a web page came where metrics were expected; check the URL's path");
    tell_failed(h, &err);
}

/* Whoever is asked too much may say when it wants to be asked again (RFC 9110,
 * 10.2.3). */
static void note_wish(struct http *h, long status)
{
    curl_off_t seconds = 0;

    if (status == 429 || status == 503)
        curl_easy_getinfo(h->transfer.easy, CURLINFO_RETRY_AFTER, &seconds);
    h->link.retry_after_s = (double)seconds;
}

static void take_answer(struct http *h)
{
    const char *to = NULL;
    long status = 0;
    struct err err;

    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(h->transfer.easy, CURLINFO_REDIRECT_URL, &to);
    if (to && status >= 300 && status < 400) {
        if (may_follow(h, to, &err) < 0) {
            tell_failed(h, &err);
            return;
        }
        h->redirects++;
        go_to(h, to);
        return;
    }
    note_wish(h, status);
    if (is_web_page(h, status)) {
        tell_web_page(h);
        return;
    }
    if (h->in_pieces && status >= 200 && status < 300)
        h->len = 0;             /* told already */
    h->text = xgrow(h->text, &h->room, h->len + 1, 1);
    h->text[h->len] = '\0';
    h->link.events->answer(h->link.arg, (int)status, h->text, h->len, "");
}

static void tell_why(struct http *h, CURLcode code)
{
    struct http_trouble trouble = {
        .target = h->link.target, .host = h->at.host, .base = h->base, .easy = h->transfer.easy,
        .code = code, .words = h->trouble, .connect_wait_s = CONNECT_WAIT_MS / 1000
    };
    struct err err;

    if (h->large || code == CURLE_FILESIZE_EXCEEDED)
        link_too_large(&h->link, &err);
    else if (h->bomb)
        err_set(
            &err,
            "a compressed answer that unpacks to more than %d times its size is not read",
            MOST_FOLD);
    else
        http_reason(&trouble, &err);
    tell_failed(h, &err);
}

static void on_finished(void *arg, CURLcode code)
{
    struct http *h = arg;

    if (code == CURLE_OK)
        take_answer(h);
    else if (h->web_page)
        tell_web_page(h);
    else if (h->wants_name)
        find_name(h, code == CURLE_COULDNT_RESOLVE_PROXY);
    else
        tell_why(h, code);
}

/* ---- asking ---- */

static void fetch(struct http *h)
{
    const char *path = h->asked.path ? h->asked.path : "";
    const char *secret = h->secrets.query ? h->secrets.query : "";
    size_t room = strlen(h->base) + strlen(path) + strlen(secret) + 3;
    char *url = xcalloc(room, 1), accept[420];

    snprintf(url, room, "%s%s%s%s%s", h->base, *path == '/' ? "" : "/", path,
             !*secret            ? ""
             : strchr(path, '?') ? "&"
                                 : "?",
             secret);
    curl_slist_free_all(h->headers);
    h->headers = NULL;
    if (h->asked.accept) {
        snprintf(accept, sizeof(accept), "Accept: %s", h->asked.accept);
        h->headers = curl_slist_append(NULL, accept);
    }
    for (const char *const *line = h->link.target->headers; line && *line; line++)
        h->headers = curl_slist_append(h->headers, *line);
    for (int i = 0; i < 2; i++)
        if (h->secrets.headers[i])
            h->headers = curl_slist_append(h->headers, h->secrets.headers[i]);
    if (h->link.target->server_name) {
        snprintf(accept, sizeof(accept), "Host: %s",
                 strstr(h->link.target->url, "://") + 3);
        h->headers = curl_slist_append(h->headers, accept);
    }
    curl_easy_setopt(h->transfer.easy, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(h->transfer.easy, CURLOPT_MAXFILESIZE_LARGE,
                     h->asked.how == GW_STREAM ? (curl_off_t)0 : (curl_off_t)limit_of(h));
    /* Streams of one target share a connection, where it speaks HTTP/2. */
    curl_easy_setopt(h->transfer.easy, CURLOPT_PIPEWAIT,
                     h->asked.how == GW_STREAM ? 1L : 0L);
    h->redirects = 0;
    h->at = h->url;
    go_to(h, url);
    explicit_bzero(url, room);
    free(url);
}

static void ask_for(struct http *h, const struct gw_ask *ask, bool in_pieces)
{
    struct err err;

    h->asked = *ask;
    h->in_pieces = in_pieces;
    if (ask->how != GW_GET && !(ask->how == GW_STREAM && ask->path)) {
        err_set(&err,
                "an http:// target cannot run commands; give an ssh:// or local: URL");
        tell_failed(h, &err);
        return;
    }
    if (h->broken)
        return;                 /* told already */
    h->waits = h->secrets.wait != NULL;
    if (!h->waits && !h->transfer.busy)
        fetch(h);
}

static void http_ask(struct link *link, const struct gw_ask *ask)
{
    ask_for((struct http *)link, ask, false);
}

static void http_ask_pieces(struct link *link, const struct gw_ask *ask)
{
    ask_for((struct http *)link, ask, true);
}

static void http_more(struct link *link)
{
    struct http *h = (struct http *)link;
    CURLcode code;

    if (!h->paused || !h->transfer.busy)
        return;
    h->paused = false;
    code = curl_easy_pause(h->transfer.easy, CURLPAUSE_CONT);
    if (code != CURLE_OK)
        tell_why(h, code);      /* libcurl does not end the transfer by itself */
}

/* ---- opening ---- */

static void on_secrets(void *arg, const struct err *why)
{
    struct http *h = arg;
    bool waits = h->waits;

    h->waits = false;
    if (why) {
        h->broken = true;
        tell_failed(h, why);
    } else if (waits) {
        fetch(h);
    }
}

static void set_pem(CURL *easy, CURLoption option, const struct pem *pem)
{
    struct curl_blob blob = { (void *)(uintptr_t)pem->text, pem->len, CURL_BLOB_COPY };

    if (pem->text)
        curl_easy_setopt(easy, option, &blob);
}

static void set_tls(CURL *easy, const struct target_config *t)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, t->unverified ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, t->unverified ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set_pem(easy, CURLOPT_CAINFO_BLOB, &t->ca_pem);
    set_pem(easy, CURLOPT_SSLCERT_BLOB, &t->cert_pem);
    set_pem(easy, CURLOPT_SSLKEY_BLOB, &t->key_pem);
    if (t->ca_pem.text)
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (t->ca) {
        /* Its own CA, and no other. */
        curl_easy_setopt(easy, CURLOPT_CAINFO, t->ca);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (t->cert)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, t->cert);
    if (t->key)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, t->key);
    /* An encrypted key is refused: without this OpenSSL would ask on the terminal, and
     * everybody wait. */
    curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

static void set_options(struct http *h)
{
    const struct target_config *t = h->link.target;
    CURL *easy = h->transfer.easy;

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, h->trouble);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_text);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, before_look_up);
    curl_easy_setopt(easy, CURLOPT_RESOLVER_START_DATA, h);
    /* a slow DNS must not hold up close() */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "gigawatch/" PACKAGE_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_WAIT_MS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    set_tls(easy, t);
}

static void http_open(struct link *link)
{
    struct http *h = (struct http *)link;
    char base[400];
    struct err err;

    if (url_read(&h->url, link->target->url, &err) < 0) {
        h->broken = true;
        tell_failed(h, &err);
        return;
    }
    h->at = h->url;
    if (is_socket(h))
        snprintf(base, sizeof(base), "http://localhost");
    else
        snprintf(base, sizeof(base), strchr(told_host(h), ':') ? "%s://[%s]" : "%s://%s",
                 h->url.carrier, told_host(h));
    if (h->url.port)
        text_add(base, sizeof(base), ":%u", h->url.port);
    h->base = xstrdup(base);
    h->transfer.finished = on_finished;
    h->transfer.arg = h;
    curl_transfer_open(&h->transfer, link->loop);
    set_options(h);
    if (is_socket(h)) {
        curl_easy_setopt(h->transfer.easy, CURLOPT_UNIX_SOCKET_PATH, h->url.path);
        curl_easy_setopt(h->transfer.easy, CURLOPT_PROXY, "");
    } else
        forget_addresses(h);
    h->secrets = (struct http_secrets){ .link = link,
                                        .user = h->url.user,
                                        .easy = h->transfer.easy,
                                        .done = on_secrets,
                                        .arg = h };
    http_secrets_read(&h->secrets);
}

static void http_close(struct link *link)
{
    struct http *h = (struct http *)link;

    http_secrets_end(&h->secrets);
    curl_transfer_close(&h->transfer);
    name_end(h->name);
    h->name = NULL;
    curl_slist_free_all(h->headers);
    curl_slist_free_all(h->addresses);
    h->headers = h->addresses = NULL;
    free(h->text);
    free(h->base);
    h->text = h->base = NULL;
}

const struct link_kind link_http = {
    .name = "http",
    .size = sizeof(struct http),
    .open = http_open,
    .ask = http_ask,
    .close = http_close,
    .ask_pieces = http_ask_pieces,
    .more = http_more,
};
