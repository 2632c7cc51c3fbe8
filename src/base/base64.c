/* Six bits a digit, the highest first. */
#include "base/base64.h"

#include <ctype.h>
#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_write(char *to, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    char *at = to;

    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        unsigned bits = 0;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? from[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *at++ = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    *at = '\0';
    return to;
}

bool base64_read(void *to, size_t *len, const char *text, size_t text_len)
{
    unsigned char *bytes = to;
    unsigned bits = 0;
    size_t count = 0, n = 0, i;

    for (i = 0; i < text_len && text[i] != '='; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

        if (isspace((unsigned char)text[i]))
            continue;
        if (!digit)
            return false;
        bits = bits << 6 | (unsigned)(digit - digits);
        /* The first of four digits makes no byte yet; the second, third and fourth leave
         * 4, 2 and 0 bits over. */
        if (++count % 4 != 1)
            bytes[n++] = (unsigned char)(bits >> (4 - count % 4) % 4 * 2);
    }
    for (; i < text_len; i++)
        if (text[i] != '=' && !isspace((unsigned char)text[i]))
            return false;
    bytes[n] = '\0';
    *len = n;
    return count % 4 != 1;
}
