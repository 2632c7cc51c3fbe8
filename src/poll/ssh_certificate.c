/* A public key is its type and its numbers; a certificate is its type, a nonce, the same
 * numbers, and more (RFC 4253 section 6.6, OpenSSH's PROTOCOL.certkeys). */
#include "config.h"

#include "poll/ssh_certificate.h"
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    unsigned char *all, *at;
    size_t left;
};

static int digit(char c)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(letters, c) : NULL;

    return found ? (int)(found - letters) : -1;
}

/* As it goes over the wire; nothing left: it cannot be had. */
static struct bytes wire(ssh_key key)
{
    struct bytes b = { 0 };
    char *text = NULL;
    uint32_t bits = 0;
    int have = 0;

    if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK)
        return b;
    b.all = b.at = xcalloc(strlen(text) + 1, 1);
    for (const char *c = text; digit(*c) >= 0; c++) {
        bits = bits << 6 | (uint32_t)digit(*c);
        have += 6;
        if (have >= 8)
            b.all[b.left++] = (unsigned char)(bits >> (have -= 8));
    }
    ssh_string_free_char(text);
    return b;
}

/* Past a string, which begins with its length. */
static bool skip(struct bytes *b)
{
    size_t len;

    if (b->left < 4)
        return false;
    len = (size_t)b->at[0] << 24 | (size_t)b->at[1] << 16 | (size_t)b->at[2] << 8 |
          b->at[3];
    if (len > b->left - 4)
        return false;
    b->at += 4 + len;
    b->left -= 4 + len;
    return true;
}

bool ssh_certificate_is_for(ssh_key certificate, ssh_key public_key)
{
    struct bytes c = wire(certificate), k = wire(public_key);
    bool same = skip(&c) && skip(&c) && skip(&k) && k.left > 0 && c.left > k.left &&
                memcmp(c.at, k.at, k.left) == 0;

    free(c.all);
    free(k.all);
    return same;
}
