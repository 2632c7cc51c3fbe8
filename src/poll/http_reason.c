/* libcurl's codes and words, told as an operator can use them: what, where, what to
 * do. */
#include "config.h"

#include "poll/http_reason.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int say_certificate(const struct http_trouble *h, struct err *err)
{
    const struct target_config *t = h->target;

    if (strstr(h->words, "subject name") || strstr(h->words, "does not match"))
        return err_set_code(err, ERR_AUTH,
                            "the certificate is not made out to %s; use the name "
                            "that stands in it",
                            t->server_name ? t->server_name : h->host);
    if (strstr(h->words, "expired"))
        return err_set_code(err, ERR_AUTH, "the certificate of %s has expired", h->host);
    if (strstr(h->words, "not yet valid"))
        return err_set_code(err, ERR_AUTH,
                            "the certificate of %s is not valid yet; is the "
                            "clock right?",
                            h->host);
    if (t->ca || t->ca_pem.text)
        return err_set_code(err, ERR_AUTH,
                            "the certificate of %s is not signed by the CA in %s",
                            h->host, t->ca ? t->ca : t->ca_pem.where);
    return err_set_code(err, ERR_AUTH,
                        "the certificate of %s is not signed by a CA that this "
                        "machine trusts; give ca: FILE",
                        h->host);
}

static int say_tls(const struct http_trouble *h, struct err *err)
{
    if (strstr(h->words, "wrong version") || strstr(h->words, "http request"))
        return err_set(err, "%s does not speak TLS at this port; is it http:// ?",
                       h->host);
    if (strstr(h->words, "certificate expired"))
        return err_set_code(err, ERR_AUTH,
                            "%s says that our client certificate has expired", h->host);
    if (strstr(h->words, "certificate required") || strstr(h->words, "bad certificate"))
        return err_set_code(
            err, ERR_AUTH, "%s wants a client certificate; give cert: and key:", h->host);
    return err_set(err, "no TLS with %s: %s", h->host, h->words);
}

static int say_connect(const struct http_trouble *h, struct err *err)
{
    long number = 0;

    curl_easy_getinfo(h->easy, CURLINFO_OS_ERRNO, &number);
    if (strstr(h->target->url, "unix:"))
        return err_set(err, "no connection to the socket in %s: %s", h->target->url,
                       number ? strerror((int)number) : h->words);
    if (number == ECONNREFUSED)
        return err_set(
            err, "%s refuses the connection; does the server run, and at this port?",
            h->base);
    if (number)
        return err_set(err, "no connection to %s: %s", h->base, strerror((int)number));
    return err_set(err, "no connection to %s", h->base);
}

/* Where TLS 1.3 asks for a client certificate, the server's word that it missed one comes
 * with the first answer, and is lost when the connection goes before it is read. */
static int say_broken_off(const struct http_trouble *h, struct err *err)
{
    const struct target_config *t = h->target;
    bool shows_one = t->cert || t->cert_pem.text;
    long headers = 0;

    curl_easy_getinfo(h->easy, CURLINFO_HEADER_SIZE, &headers);
    if (headers > 0)
        return err_set(err, "the connection to %s broke off in the middle of an answer",
                       h->base);
    if (strncmp(h->base, "https:", 6) == 0 && !shows_one)
        return err_set(
            err,
            "the connection to %s broke off before an answer came, as it may where the server wants a "
            "client certificate (cert: and key:)",
            h->base);
    return err_set(err, "the connection to %s broke off before an answer came", h->base);
}

int http_reason(const struct http_trouble *h, struct err *err)
{
    const struct target_config *t = h->target;

    switch (h->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return err_set(err, "the name %s is not known (DNS)", h->host);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return err_set(err, "the name of the proxy is not known (DNS); see http_proxy");
    case CURLE_COULDNT_CONNECT:
        return say_connect(h, err);
    case CURLE_OPERATION_TIMEDOUT:
        return err_set(err, "no connection to %s within %d s", h->base,
                       h->connect_wait_s);
    case CURLE_PEER_FAILED_VERIFICATION:
        return say_certificate(h, err);
    case CURLE_SSL_CACERT_BADFILE:
        return err_set_code(err, ERR_AUTH, "the CA file %s cannot be used",
                            t->ca            ? t->ca
                            : t->ca_pem.text ? t->ca_pem.where
                                             : "of this machine");
    case CURLE_SSL_CERTPROBLEM:
        return err_set_code(
            err, ERR_AUTH,
            "the client certificate %s, or its key, cannot be used: give PEM files, the key not encrypted",
            t->cert            ? t->cert
            : t->cert_pem.text ? t->cert_pem.where
                               : "");
    case CURLE_SSL_CONNECT_ERROR:
        return say_tls(h, err);
    case CURLE_GOT_NOTHING:
        return err_set(err, "%s closed the connection without an answer", h->base);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        if (strstr(h->words, "certificate"))
            return say_tls(h, err);
        return say_broken_off(h, err);
    case CURLE_BAD_CONTENT_ENCODING:
        return err_set(err, "%s sends compressed data that cannot be read", h->base);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return err_set(err, "what answers at %s does not speak HTTP", h->base);
    default:
        return err_set(err, "%s: %s", h->base,
                       h->words[0] ? h->words : curl_easy_strerror(h->code));
    }
}
