/* The end of a certificate's life, read from its DER (X.690) without a library: an API
 * server answers 401 to one that has expired, as it does to a stranger, and an operator
 * should not have to find out which. */
#include "config.h"

#include "poll/kubeconfig.h"
#include "base/base64.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct der {
    const unsigned char *at, *end;
};

/* Takes one element; its content is in *inside, its tag is returned. -1: there is
 * none. */
static int take(struct der *d, struct der *inside)
{
    size_t len, bytes;
    int tag;

    if (d->end - d->at < 2)
        return -1;
    tag = *d->at++;
    len = *d->at++;
    if (len & 0x80) {
        bytes = len & 0x7f;
        if (!bytes || bytes > 4 || (size_t)(d->end - d->at) < bytes)
            return -1;
        for (len = 0; bytes; bytes--)
            len = len << 8 | *d->at++;
    }
    if ((size_t)(d->end - d->at) < len)
        return -1;
    *inside = (struct der){ d->at, d->at + len };
    d->at += len;
    return tag;
}

static int two_digits(const unsigned char *c)
{
    bool digits = c[0] >= '0' && c[0] <= '9' && c[1] >= '0' && c[1] <= '9';

    return digits ? (c[0] - '0') * 10 + c[1] - '0' : -1;
}

/* UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ. */
static double read_time(int tag, const struct der *t)
{
    enum { UTC = 0x17, GENERALIZED = 0x18 };
    const unsigned char *c = t->at;
    size_t len = (size_t)(t->end - t->at);
    int parts[7] = { 0 };
    struct tm tm;

    if (!(tag == UTC && len == 13) && !(tag == GENERALIZED && len == 15))
        return NAN;
    for (int i = tag == UTC ? 1 : 0; i < 7; i++, c += 2)
        if ((parts[i] = two_digits(c)) < 0)
            return NAN;
    if (tag == UTC)
        parts[0] = parts[1] >= 50 ? 19 : 20;
    tm = (struct tm){ .tm_year = parts[0] * 100 + parts[1] - 1900,
                      .tm_mon = parts[2] - 1,
                      .tm_mday = parts[3],
                      .tm_hour = parts[4],
                      .tm_min = parts[5],
                      .tm_sec = parts[6] };
    return (double)timegm(&tm);
}

/* Certificate ::= SEQUENCE { tbs SEQUENCE { [0] version, serial, signature, issuer,
 * validity SEQUENCE { from, to }, … */
static double end_of_der(struct der d)
{
    enum { SEQUENCE = 0x30, VERSION_TAG = 0xa0 };
    struct der whole, part, times;

    if (take(&d, &whole) != SEQUENCE || take(&whole, &d) != SEQUENCE)
        return NAN;
    if (d.at < d.end && *d.at == VERSION_TAG)
        take(&d, &part);
    for (int i = 0; i < 3; i++)
        if (take(&d, &part) < 0)
            return NAN;
    if (take(&d, &times) != SEQUENCE || take(&times, &part) < 0)
        return NAN;
    return read_time(take(&times, &part), &part);
}

double certificate_end(const char *pem, size_t len)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *from = memmem(pem, len, begin, strlen(begin)), *to;
    unsigned char *der;
    double end = NAN;
    size_t bytes;

    if (!from)
        return NAN;
    from += strlen(begin);
    to = memchr(from, '-', len - (size_t)(from - pem));
    if (!to)
        return NAN;
    der = xcalloc(BASE64_BYTES((size_t)(to - from)), 1);
    if (base64_read(der, &bytes, from, (size_t)(to - from)))
        end = end_of_der((struct der){ der, der + bytes });
    free(der);
    return end;
}
