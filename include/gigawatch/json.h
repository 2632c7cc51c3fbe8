/* JSON (RFC 8259) for who reads a moderate piece of it: an answer's page, one event, one
 * credential. A header only, so that a plugin needs nothing of the host's. What is very
 * large is scanned as it comes, not read with this.
 *
 * A text is read once into a flat list of marks, a mark a value, in the order of the
 * text: no tree, no copies, and the list is used again for the next text. A value is an
 * index into it. Asking for what is not there gives GW_JSON_NONE, and that may be asked,
 * too, so a path needs no checks on the way:
 *
 *     gw_json_number(j, gw_json_at(j, pod, "spec", "priority", NULL))
 */
#ifndef GIGAWATCH_JSON_H
#define GIGAWATCH_JSON_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GW_JSON_NONE UINT32_MAX

enum { GW_JSON_DEPTH = 64 };

struct gw_json_mark {
    uint32_t at, len;           /* in the text; of a string: without its quotes */
    uint32_t next;              /* the mark after this value and all that is in it */
    char kind;                  /* '{' '[' '"', '0' a number, 't' 'f' 'n' */
};

struct gw_json {
    const char *text;           /* borrowed */
    size_t len;
    struct gw_json_mark *marks;
    uint32_t count, room;
    uint32_t at;                /* how far it was read; where reading failed: the byte
                                 * that was not understood */
};

#define GW_JSON_CALL static inline __attribute__((unused))

/* ---- reading ---- */

GW_JSON_CALL void gw_json_skip_blanks(struct gw_json *j)
{
    while (j->at < j->len &&
           (j->text[j->at] == ' ' || (j->text[j->at] >= '\t' && j->text[j->at] <= '\r')))
        j->at++;
}

GW_JSON_CALL bool gw_json_take(struct gw_json *j, char c)
{
    gw_json_skip_blanks(j);
    if (j->at >= j->len || j->text[j->at] != c)
        return false;
    j->at++;
    return true;
}

/* The index of a new mark, GW_JSON_NONE: no memory. */
GW_JSON_CALL uint32_t gw_json_mark(struct gw_json *j, char kind)
{
    if (j->count == j->room) {
        uint32_t room = j->room ? j->room * 2 : 256;
        struct gw_json_mark *more = realloc(j->marks, room * sizeof(*more));

        if (!more)
            return GW_JSON_NONE;
        j->marks = more;
        j->room = room;
    }
    j->marks[j->count] = (struct gw_json_mark){ .at = j->at,
                                                .next = j->count + 1,
                                                .kind = kind };
    return j->count++;
}

GW_JSON_CALL bool gw_json_read_string(struct gw_json *j)
{
    uint32_t mark;

    if (!gw_json_take(j, '"') || (mark = gw_json_mark(j, '"')) == GW_JSON_NONE)
        return false;
    for (; j->at < j->len && j->text[j->at] != '"'; j->at++) {
        if (j->text[j->at] == '\\')
            j->at++;
        if (j->at >= j->len || (unsigned char)j->text[j->at] < ' ')
            return false;
    }
    if (j->at >= j->len)
        return false;
    j->marks[mark].len = j->at - j->marks[mark].at;
    j->at++;
    return true;
}

/* A number or a word: what it means is looked at when it is asked for. */
GW_JSON_CALL bool gw_json_read_word(struct gw_json *j)
{
    static const char *const words[] = { "true", "false", "null" };
    char first = j->text[j->at];
    uint32_t from = j->at,
             mark = gw_json_mark(
                 j, (first >= '0' && first <= '9') || first == '-' ? '0' : first);

    if (mark == GW_JSON_NONE)
        return false;
    if (j->marks[mark].kind == '0') {
        while (j->at < j->len && strchr("+-.0123456789eE", j->text[j->at]) &&
               j->text[j->at])
            j->at++;
        j->marks[mark].len = j->at - from;
        return true;
    }
    for (int i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);

        if (j->len - from >= len && memcmp(j->text + from, words[i], len) == 0) {
            j->marks[mark].len = (uint32_t)len;
            j->at += (uint32_t)len;
            return true;
        }
    }
    return false;
}

GW_JSON_CALL bool gw_json_read_value(struct gw_json *j, int depth)
{
    char open, close;
    uint32_t mark;

    gw_json_skip_blanks(j);
    if (j->at >= j->len || depth > GW_JSON_DEPTH)
        return false;
    open = j->text[j->at];
    if (open == '"')
        return gw_json_read_string(j);
    if (open != '{' && open != '[')
        return gw_json_read_word(j);
    close = open == '{' ? '}' : ']';
    mark = gw_json_mark(j, open);
    if (mark == GW_JSON_NONE)
        return false;
    j->at++;
    for (bool first = true; !gw_json_take(j, close); first = false) {
        if (!first && !gw_json_take(j, ','))
            return false;
        if (open == '{' && (!gw_json_read_string(j) || !gw_json_take(j, ':')))
            return false;
        if (!gw_json_read_value(j, depth + 1))
            return false;
    }
    j->marks[mark].len = j->at - j->marks[mark].at;
    j->marks[mark].next = j->count;
    return true;
}

/* Reads a text, which must stay as it is while it is asked about; value 0 is the whole.
 * False: no JSON, nested deeper than 64, or of 4 GiB; j->at says where. The struct begins
 * zeroed, and is used for one text after the other. */
GW_JSON_CALL bool gw_json_read(struct gw_json *j, const char *text, size_t len)
{
    j->text = text;
    j->len = len;
    j->count = j->at = 0;
    if (len >= UINT32_MAX || !gw_json_read_value(j, 0))
        return false;
    gw_json_skip_blanks(j);
    return j->at == len;
}

GW_JSON_CALL void gw_json_free(struct gw_json *j)
{
    free(j->marks);
    *j = (struct gw_json){ 0 };
}

/* ---- asking ---- */

/* '{' '[' '"' '0' 't' 'f' 'n', or 0: nothing is there. */
GW_JSON_CALL char gw_json_kind(const struct gw_json *j, uint32_t value)
{
    return value < j->count ? j->marks[value].kind : '\0';
}

/* The values of an array, and the keys of an object (whose values are gw_json_value()),
 * one after the other:
 *     for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE; i = gw_json_next(j, list, i))
 */
GW_JSON_CALL uint32_t gw_json_first(const struct gw_json *j, uint32_t container)
{
    char kind = gw_json_kind(j, container);

    return (kind == '{' || kind == '[') && j->marks[container].next > container + 1
               ? container + 1
               : GW_JSON_NONE;
}

GW_JSON_CALL uint32_t gw_json_value(const struct gw_json *j, uint32_t key)
{
    return key < j->count ? key + 1 : GW_JSON_NONE;
}

GW_JSON_CALL uint32_t gw_json_next(const struct gw_json *j, uint32_t container,
                                   uint32_t item)
{
    uint32_t last = gw_json_kind(j, container) == '{' ? item + 1 : item;

    return j->marks[last].next < j->marks[container].next ? j->marks[last].next
                                                          : GW_JSON_NONE;
}

/* Is it this string? Strings with escapes are equal to none. */
GW_JSON_CALL bool gw_json_is(const struct gw_json *j, uint32_t value, const char *text)
{
    return gw_json_kind(j, value) == '"' && j->marks[value].len == strlen(text) &&
           memcmp(j->text + j->marks[value].at, text, j->marks[value].len) == 0;
}

GW_JSON_CALL uint32_t gw_json_member(const struct gw_json *j, uint32_t object,
                                     const char *name)
{
    if (gw_json_kind(j, object) != '{')
        return GW_JSON_NONE;
    for (uint32_t key = gw_json_first(j, object); key != GW_JSON_NONE;
         key = gw_json_next(j, object, key))
        if (gw_json_is(j, key, name))
            return gw_json_value(j, key);
    return GW_JSON_NONE;
}

/* What stands at a path of members; the last name is followed by NULL. */
GW_JSON_CALL uint32_t __attribute__((sentinel))
gw_json_at(const struct gw_json *j, uint32_t value, ...)
{
    const char *name;
    va_list names;

    va_start(names, value);
    while ((name = va_arg(names, const char *)))
        value = gw_json_member(j, value, name);
    va_end(names);
    return value;
}

/* A number, or a string that is nothing but one; NAN where it is something else. */
GW_JSON_CALL double gw_json_number(const struct gw_json *j, uint32_t value)
{
    char kind = gw_json_kind(j, value), copy[64], *end;
    double number;

    if ((kind != '0' && kind != '"') || !j->marks[value].len ||
        j->marks[value].len >= sizeof(copy))
        return NAN;
    memcpy(copy, j->text + j->marks[value].at, j->marks[value].len);
    copy[j->marks[value].len] = '\0';
    if (!strchr("-0123456789", copy[0]))
        return NAN;
    number = strtod(copy, &end);
    return *end ? NAN : number;
}

GW_JSON_CALL uint32_t gw_json_hex4(const char *digits)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

        if (digit < 0)
            return UINT32_MAX;
        value = value << 4 | (uint32_t)digit;
    }
    return value;
}

/* The code point of "\uXXXX" at *from, which moves on; a zero and a half of a pair are
 * U+FFFD. */
GW_JSON_CALL uint32_t gw_json_point(const char **from, const char *end)
{
    uint32_t first, second;

    if (end - *from < 6 || (first = gw_json_hex4(*from + 2)) == UINT32_MAX) {
        *from += 2;
        return 0xfffd;
    }
    *from += 6;
    if (first < 0xd800 || first > 0xdfff)
        return first ? first : 0xfffd;
    if (first > 0xdbff || end - *from < 6 || (*from)[0] != '\\' || (*from)[1] != 'u')
        return 0xfffd;
    second = gw_json_hex4(*from + 2);
    if (second < 0xdc00 || second > 0xdfff)
        return 0xfffd;
    *from += 6;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

GW_JSON_CALL size_t gw_json_utf8(char to[4], uint32_t point)
{
    size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;

    if (!more) {
        to[0] = (char)point;
        return 1;
    }
    for (size_t i = more; i; i--, point >>= 6)
        to[i] = (char)(0x80 | (point & 0x3f));
    to[0] = (char)((0xff00 >> (more + 1) & 0xff) | point);
    return more + 1;
}

/* The string without its escapes, cut to `room` and ended by a 0; "" where it is none.
 * Returns its length. */
GW_JSON_CALL size_t gw_json_text(const struct gw_json *j, uint32_t value, char *to,
                                 size_t room)
{
    static const char escapes[] = "b\bf\fn\nr\rt\t";
    const char *from, *end;
    size_t used = 0;

    to[0] = '\0';
    if (gw_json_kind(j, value) != '"')
        return 0;
    from = j->text + j->marks[value].at;
    end = from + j->marks[value].len;
    while (from < end) {
        char bytes[4] = { *from };
        size_t n = 1;

        if (*from == '\\' && from + 1 < end && from[1] == 'u') {
            n = gw_json_utf8(bytes, gw_json_point(&from, end));
        } else if (*from == '\\' && from + 1 < end) {
            const char *known = strchr(escapes, from[1]);

            bytes[0] = known && (known - escapes) % 2 == 0 && *known ? known[1] : from[1];
            from += 2;
        } else {
            from++;
        }
        if (used + n >= room)
            break;
        memcpy(to + used, bytes, n);
        used += n;
    }
    to[used] = '\0';
    return used;
}

#endif
