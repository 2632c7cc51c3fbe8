/* base64 (RFC 4648, section 4). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that the text of so many bytes needs, with its final 0; bytes that may come of a
 * text, and room for a 0 behind. */
#define BASE64_TEXT(bytes) (((bytes) + 2) / 3 * 4 + 1)
#define BASE64_BYTES(text) ((text) / 4 * 3 + 4)

/* Writes BASE64_TEXT(len) bytes; returns `to`. */
char *base64_write(char *to, const void *bytes, size_t len);

/* Reads a text, with or without line ends and padding, into BASE64_BYTES(text_len) bytes,
 * and puts a 0 behind them, which *len does not count. False: it is no base64. */
bool base64_read(void *to, size_t *len, const char *text, size_t text_len);

#endif
