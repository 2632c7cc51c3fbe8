/* known_hosts lines. The format wants HMAC-SHA-1 of the name (FIPS 180-4, RFC 2104) and
 * base64 (RFC 4648); libssh lends neither, and its own reader knows one user's file, no
 * markers and no negated pattern. SHA-1 hides a name here and proves nothing. */
#include "poll/known_hosts.h"
#include "base/base64.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- SHA-1 ---- */

static uint32_t turn(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static void sha1_block(uint32_t sum[5], const uint8_t block[64])
{
    uint32_t w[80], a = sum[0], b = sum[1], c = sum[2], d = sum[3], e = sum[4], f, k,
                    next;

    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        if (i < 20) {
            f = (b & c) | (~b & d);
            k = 0x5a827999;
        } else if (i < 40 || i >= 60) {
            f = b ^ c ^ d;
            k = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
        } else {
            f = (b & c) | (b & d) | (c & d);
            k = 0x8f1bbcdc;
        }
        next = turn(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = turn(b, 30);
        b = a;
        a = next;
    }
    sum[0] += a;
    sum[1] += b;
    sum[2] += c;
    sum[3] += d;
    sum[4] += e;
}

/* Of a first whole block and then `len` bytes: all that HMAC needs. */
static void sha1_after(const uint8_t first[64], const uint8_t *text, size_t len,
                       uint8_t out[20])
{
    uint32_t sum[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    uint64_t bits = (64 + (uint64_t)len) * 8;
    uint8_t last[128] = { 0 };
    size_t rest;

    sha1_block(sum, first);
    for (; len >= 64; text += 64, len -= 64)
        sha1_block(sum, text);
    memcpy(last, text, len);
    last[len] = 0x80;
    rest = len < 56 ? 64 : 128;
    for (int i = 0; i < 8; i++)
        last[rest - 1 - (size_t)i] = (uint8_t)(bits >> (8 * i));
    sha1_block(sum, last);
    if (rest == 128)
        sha1_block(sum, last + 64);
    for (int i = 0; i < 20; i++)
        out[i] = (uint8_t)(sum[i / 4] >> (24 - 8 * (i % 4)));
}

static void hmac_sha1(const uint8_t salt[20], const char *text, uint8_t out[20])
{
    uint8_t inner[64], outer[64], hash[20];

    for (int i = 0; i < 64; i++) {
        inner[i] = (i < 20 ? salt[i] : 0) ^ 0x36;
        outer[i] = (i < 20 ? salt[i] : 0) ^ 0x5c;
    }
    sha1_after(inner, (const uint8_t *)text, strlen(text), hash);
    sha1_after(outer, hash, sizeof(hash), out);
}

/* ---- names ---- */

void known_host_name(char *to, size_t room, const char *host, unsigned port)
{
    if (port == 22)
        snprintf(to, room, "%s", host);
    else
        snprintf(to, room, "[%s]:%u", host, port);
    for (; *to; to++)
        *to = (char)tolower((unsigned char)*to);
}

void known_host_hash(char to[80], const char *host, const uint8_t salt[20])
{
    char salt_text[BASE64_TEXT(20)], hash_text[BASE64_TEXT(20)];
    uint8_t hash[20];

    hmac_sha1(salt, host, hash);
    snprintf(to, 80, "|1|%s|%s", base64_write(salt_text, salt, 20),
             base64_write(hash_text, hash, 20));
}

static bool hash_matches(const char *text, size_t len, const char *host)
{
    uint8_t salt[BASE64_BYTES(28)], want[BASE64_BYTES(28)], have[20];
    size_t salt_len, want_len;

    if (len != 60 || text[31] != '|' || !base64_read(salt, &salt_len, text + 3, 28) ||
        salt_len != 20 || !base64_read(want, &want_len, text + 32, 28) || want_len != 20)
        return false;
    hmac_sha1(salt, host, have);
    return memcmp(want, have, sizeof(have)) == 0;
}

/* A negated name that matches outweighs all others in its line. */
static bool names_match(const char *names, size_t len, const char *host)
{
    const char *end = names + len, *comma;
    bool found = false, negated;

    if (len > 3 && strncmp(names, "|1|", 3) == 0)
        return hash_matches(names, len, host);
    for (; names < end; names = comma + 1) {
        comma = memchr(names, ',', (size_t)(end - names));
        if (!comma)
            comma = end;
        negated = names < comma && *names == '!';
        if (!text_matches(names + negated, (size_t)(comma - names - negated), host))
            continue;
        if (negated)
            return false;
        found = true;
    }
    return found;
}

/* ---- lines ---- */

/* The next word, and *text after it. */
static const char *word(const char **text, const char *end, size_t *len)
{
    const char *start = *text;

    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    *text = start;
    while (*text < end && **text != ' ' && **text != '\t')
        ++*text;
    *len = (size_t)(*text - start);
    return start;
}

static bool is_word(const char *text, size_t len, const char *wanted)
{
    return len == strlen(wanted) && strncmp(text, wanted, len) == 0;
}

static bool take(const char *text, const char *end, const char *host,
                 struct known_line *line)
{
    size_t len;
    const char *names = word(&text, end, &len);

    line->marker = KNOWN_KEY;
    if (len == 0 || *names == '#')
        return false;
    if (*names == '@') {
        if (is_word(names, len, "@revoked"))
            line->marker = KNOWN_REVOKED;
        else if (is_word(names, len, "@cert-authority"))
            line->marker = KNOWN_AUTHORITY;
        else
            return false;
        names = word(&text, end, &len);
    }
    if (!names_match(names, len, host))
        return false;
    line->type = word(&text, end, &line->type_len);
    line->key = word(&text, end, &line->key_len);
    return line->type_len > 0 && line->key_len > 0;
}

bool known_hosts_next(const char **text, const char *end, unsigned *number,
                      const char *host, struct known_line *line)
{
    const char *start, *eol;

    while (*text < end) {
        start = *text;
        eol = memchr(start, '\n', (size_t)(end - start));
        if (!eol)
            eol = end;
        *text = eol < end ? eol + 1 : end;
        line->number = ++*number;
        if (eol > start && eol[-1] == '\r')
            eol--;
        if (take(start, eol, host, line))
            return true;
    }
    return false;
}
