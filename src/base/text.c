/* Text as people see it: cleaning, width, order and search. What text_say.c and
 * text_expand.c hold is numbers as words, and ranges of names. */
#include "base/text.h"
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD };

/* ---- cleaning ---- */

static inline uint64_t word_at(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof(word));
    return word;
}

#define EACH_BYTE 0x0101010101010101u

/* Not 0 where there are any: a byte below a blank borrows from its highest bit, one above
 * a tilde carries into it or has it. */
static inline uint64_t odd_bytes(uint64_t word)
{
    return (((word - EACH_BYTE * ' ') & ~word) | (word + EACH_BYTE) | word) &
           (EACH_BYTE << 7);
}

/* Eight bytes at a time, the last of which may be looked at twice. */
bool text_is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i + 8 < len; i += 8)
        if (odd_bytes(word_at(text + i)))
            return false;
    if (len >= 8)
        return !odd_bytes(word_at(text + len - 8));
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)(text[i] - 0x20) > 0x7e - 0x20)
            return false;
    return true;
}

/* Controls, format characters (bidirectional overrides and isolates, zero-width ones,
 * tags) and line separators: everything that moves the cursor or changes how other text
 * reads. */
static bool is_harmless(utf8proc_int32_t point)
{
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    default:
        return true;
    }
}

/* One code point of anything; invalid and harmful ones as U+FFFD. Returns the bytes used.
 */
static size_t read_point(const char *text, size_t len, int32_t *point)
{
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, point);

    if (used <= 0 || !is_harmless(*point))
        *point = REPLACEMENT;
    return used > 0 ? (size_t)used : 1;
}

/* Writes points up to the end of the room; what does not fit is cut, save that a lone
 * replacement shrinks to "?". */
static size_t write_points(char *to, size_t room, const int32_t *points, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        size_t size = text_put(bytes, (uint32_t)points[i]);

        if (points[i] == REPLACEMENT && len + size >= room) {
            bytes[0] = '?';
            size = 1;
        }
        if (len + size >= room)
            break;
        memcpy(to + len, bytes, size);
        len += size;
    }
    to[len] = '\0';
    return len;
}

/* Decomposes into points[], where nothing is written past `room`; returns how many. */
static size_t decompose(const char *from, size_t len, int32_t *points, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < len;) {
        int32_t point;
        int last_class = 0;
        utf8proc_ssize_t more;

        i += read_point(from + i, len - i, &point);
        more = utf8proc_decompose_char(point, points + count,
                                       (utf8proc_ssize_t)(room - count),
                                       UTF8PROC_STABLE | UTF8PROC_COMPOSE, &last_class);
        if (more < 0 || (size_t)more > room - count)
            break;
        count += (size_t)more;
    }
    return count;
}

static int combining_class(int32_t point)
{
    return utf8proc_get_property(point)->combining_class;
}

/* The canonical order that composition needs: marks of one base by their class, stably.
 */
static void order_marks(int32_t *points, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int32_t point = points[i];
        int class = combining_class(point);
        size_t at = i;

        /* Bounded, for a run of a thousand marks on one letter is nobody's name. */
        for (; class && at > 0 && i - at < 32 && combining_class(points[at - 1]) > class;
             at--)
            points[at] = points[at - 1];
        points[at] = point;
    }
}

size_t text_clean(char *to, size_t room, const char *from, size_t len)
{
    int32_t stack[512], *points = stack;
    size_t points_room = sizeof(stack) / sizeof(stack[0]);
    utf8proc_ssize_t count;

    if (room == 0)
        return 0;
    if (text_is_plain(from, len)) {
        size_t fits = len < room ? len : room - 1;

        memcpy(to, from, fits);
        to[fits] = '\0';
        return fits;
    }
    /* No character shrinks to less than a fourth when composed, so more need not be read.
     */
    if (len / 4 > room)
        len = room * 4;
    if (len * 4 > points_room) {
        points_room = len * 4;
        points = xcalloc(points_room, sizeof(*points));
    }
    count = (utf8proc_ssize_t)decompose(from, len, points, points_room);
    order_marks(points, (size_t)count);
    count = utf8proc_normalize_utf32(points, count, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    len = write_points(to, room, points, count > 0 ? (size_t)count : 0);
    if (points != stack)
        free(points);
    return len;
}

/* Printable ASCII and the zeros between texts. In strides of a fixed length, which
 * compilers turn into a few instructions each. */
static bool are_plain(const unsigned char *texts, size_t len)
{
    enum { STRIDE = 64 };
    size_t i = 0;
    unsigned char odd = 0;

    for (; len - i >= STRIDE; i += STRIDE)
        for (size_t j = 0; j < STRIDE; j++)
            odd |= (unsigned char)(texts[i + j] - 1) < 0x1f || texts[i + j] > 0x7e;
    for (; i < len; i++)
        odd |= (unsigned char)(texts[i] - 1) < 0x1f || texts[i] > 0x7e;
    return !odd;
}

bool texts_are_clean(const char *texts, size_t len)
{
    if (are_plain((const unsigned char *)texts, len))
        return true;
    for (size_t i = 0; i < len;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)texts + i,
                                                 (utf8proc_ssize_t)(len - i), &point);

        if (used <= 0 || (point && !is_harmless(point)))
            return false;
        i += (size_t)used;
    }
    return true;
}

/* ---- code points and width ---- */

uint32_t text_next(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    utf8proc_ssize_t used;
    int32_t point;

    if (at[0] < 0x80) {
        *text += at[0] != 0;
        return at[0];
    }
    used = utf8proc_iterate(at, -1, &point);
    *text += used > 0 ? used : 1;
    return used > 0 ? (uint32_t)point : REPLACEMENT;
}

size_t text_put(char to[4], uint32_t point)
{
    if (point >= 0xD800 && (point < 0xE000 || point > 0x10FFFF))
        point = REPLACEMENT;
    return (size_t)utf8proc_encode_char((int32_t)point, (utf8proc_uint8_t *)to);
}

int text_point_width(uint32_t point)
{
    int width;

    if (point < 0x7f)
        return point >= 0x20;
    if (point > 0x10FFFF)
        return 1;
    width = utf8proc_charwidth((int32_t)point);
    return width < 0 ? 0 : width > 2 ? 2 : width;
}

int text_width(const char *text)
{
    int width = 0;

    while (*text)
        width += text_point_width(text_next(&text));
    return width;
}

size_t text_item(const char **list, const char **item)
{
    size_t len;

    *item = *list + strspn(*list, ", ");
    len = strcspn(*item, ",");
    *list = *item + len;
    return len;
}

bool text_begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool text_ends(const char *text, const char *end)
{
    size_t len = strlen(text), ends = strlen(end);

    return len >= ends && memcmp(text + len - ends, end, ends) == 0;
}

/* What was cut within a character ends before it. */
static void end_whole(char *text)
{
    size_t last = strlen(text);
    int32_t point;

    while (last > 0 && ((unsigned char)text[--last] & 0xc0) == 0x80)
        ;
    if (utf8proc_iterate((const utf8proc_uint8_t *)text + last, -1, &point) < 0)
        text[last] = '\0';
}

void text_add(char *to, size_t room, const char *format, ...)
{
    size_t used = strnlen(to, room);
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(to + used, room - used, format, args);
    va_end(args);
    if (used < room && len >= (int)(room - used))
        end_whole(to);
}

size_t text_line(const char *text, int cells)
{
    size_t fits = text_fit(text, cells), len = fits;

    if (!text[fits])
        return fits;
    while (len > 0 && text[len] != ' ')
        len--;
    return len > 0 ? len : fits > 0 ? fits : strlen(text);
}

size_t text_fit(const char *text, int cells)
{
    const char *end = text;
    int width = 0;

    while (*end) {
        const char *next = end;

        width += text_point_width(text_next(&next));
        if (width > cells)
            break;
        end = next;
    }
    return (size_t)(end - text);
}

/* ---- order, search, hash ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compares the numbers that *a and *b start with, by value, and moves past them. */
static int compare_numbers(const char **a, const char **b)
{
    size_t a_len = 0, b_len = 0;
    int order;

    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    while (is_digit((*a)[a_len]))
        a_len++;
    while (is_digit((*b)[b_len]))
        b_len++;
    if (a_len != b_len)
        return a_len < b_len ? -1 : 1;
    order = memcmp(*a, *b, a_len);
    *a += a_len;
    *b += b_len;
    return order;
}

/* How far both are the same, without a number that goes on differently: neighbours in an
 * order differ in their last letters, and are compared a hundred thousand at a time. */
size_t text_same_start(const char *a, const char *b)
{
    size_t same = 0;

    while (a[same] && a[same] == b[same])
        same++;
    while (same > 0 && is_digit(a[same - 1]))
        same--;
    return same;
}

int text_natural(const char *a, const char *b)
{
    size_t same = text_same_start(a, b);
    const char *x = a + same, *y = b + same;

    while (*x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            int order = compare_numbers(&x, &y);

            if (order)
                return order;
        } else {
            if (*x != *y)
                return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
            x++;
            y++;
        }
    }
    if (*x || *y)
        return *x ? 1 : -1;
    return strcmp(a, b); /* n1 and n01 are not the same name */
}

uint64_t text_natural_key(const char *text)
{
    enum { BYTES = sizeof(uint64_t), LONG = 9, LONGEST = 255 };
    unsigned char bytes[BYTES + 2];
    uint64_t key = 0;
    size_t used = 0, len;

    while (*text && used < BYTES) {
        if (!is_digit(*text)) {
            bytes[used++] = (unsigned char)*text++;
            continue;
        }
        text += strspn(text, "0");
        len = strspn(text, "0123456789");
        /* among other letters, a digit */
        bytes[used++] = (unsigned char)('0' + (len < LONG ? len : LONG));
        if (len >= LONG)
            bytes[used++] = (unsigned char)(len < LONGEST ? len : LONGEST);
        if (len >= LONGEST)
            break;
        for (; len > 0 && used < BYTES; len--)
            bytes[used++] = (unsigned char)*text++;
    }
    for (size_t i = 0; i < BYTES; i++)
        key = key << 8 | (i < used ? bytes[i] : 0);
    return key;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool starts_with(const char *text, const char *part)
{
    while (*part && lower(*text) == lower(*part)) {
        text++;
        part++;
    }
    return !*part;
}

/* A letter or digit, which with the bit that tells its case is like no other. */
static bool is_of_word(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

struct text_part text_part_of(const char *part)
{
    struct text_part p = { .text = part };
    size_t len;

    for (unsigned char i = 0; i < TEXT_LOOKED_FOR; i++) {
        if (i > 0)
            p.at[i] = part[p.at[i - 1]] && part[p.at[i - 1] + 1] ? i : p.at[i - 1];
        p.letters[i] = (unsigned char)part[p.at[i]] | ' ';
    }
    for (len = 0; is_of_word(part[len]);)
        len++;
    p.is_told_by_letters = len > 0 && len <= TEXT_LOOKED_FOR && !part[len];
    return p;
}

static inline const char *starts_in(const char *text, size_t end,
                                    const struct text_part *p)
{
    for (size_t i = 0; i < end; i++)
        if (((unsigned char)text[i] | ' ') == p->letters[0] &&
            starts_with(text + i, p->text))
            return text + i;
    return NULL;
}

/* Sixteen letters, as processors compare them at once. */
typedef unsigned char letters __attribute__((vector_size(16)));
enum { STRIDE = sizeof(letters), FAR = 4 * STRIDE };

static inline letters letters_at(const char *text)
{
    letters l;

    memcpy(&l, text, sizeof(l));
    return l;
}

/* Which of sixteen letters in a row may begin it? */
static inline letters starts_at(const char *text, const struct text_part *p)
{
    return (letters)((letters_at(text) | ' ') == p->letters[0]) &
           (letters)((letters_at(text + p->at[1]) | ' ') == p->letters[1]) &
           (letters)((letters_at(text + p->at[2]) | ' ') == p->letters[2]);
}

static inline bool is_any(letters l)
{
    uint64_t halves[2];

    memcpy(halves, &l, sizeof(halves));
    return halves[0] | halves[1];
}

/* How far ahead of `at` it begins nowhere. */
static inline size_t skip(const char *text, size_t at, size_t len,
                          const struct text_part *p)
{
    while (at + FAR < len &&
           !is_any(starts_at(text + at, p) | starts_at(text + at + STRIDE, p) |
                   starts_at(text + at + 2 * STRIDE, p) |
                   starts_at(text + at + 3 * STRIDE, p)))
        at += FAR;
    while (at + STRIDE < len && !is_any(starts_at(text + at, p)))
        at += STRIDE;
    return at;
}

/* Of a million texts, while somebody types. */
const char *text_find(const char *text, size_t len, const struct text_part *p)
{
    size_t at = 0;

    if (!p->text[0])
        return text;
    while ((at = skip(text, at, len, p)) + STRIDE < len) {
        const char *found = starts_in(text + at, STRIDE, p);

        if (found)
            return found;
        at += STRIDE;
    }
    /* One look at the last of it, and at some before that once more, is mostly enough. */
    if (len > STRIDE && !is_any(starts_at(text + len - STRIDE - 1, p)))
        at = len - 1;
    return starts_in(text + at, len - at, p);
}

/* Without a branch: where in a text it begins nobody can guess. */
static bool has_letters(const char *text, size_t len, const struct text_part *p)
{
    letters any = starts_at(text + len - STRIDE - p->at[2], p);

    for (size_t at = 0; at + STRIDE < len; at += STRIDE)
        any |= starts_at(text + at, p);
    return is_any(any);
}

bool text_has(const char *text, const struct text_part *p)
{
    size_t len = strlen(text);

    return p->is_told_by_letters && len >= STRIDE + TEXT_LOOKED_FOR
               ? has_letters(text, len, p)
               : text_find(text, len, p) != NULL;
}

/* Goes back to the last star only, so that it is never slow. */
bool text_matches(const char *pattern, size_t len, const char *text)
{
    const char *end = pattern + len, *star = NULL, *again = NULL;

    while (*text) {
        if (pattern < end && *pattern == '*') {
            star = ++pattern;
            again = text;
        } else if (pattern < end && (*pattern == '?' || lower(*pattern) == lower(*text))) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++again;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}

bool text_contains(const char *text, const char *part)
{
    struct text_part p = text_part_of(part);

    return text_has(text, &p);
}

/* Eight bytes at a time, the last of which may be taken twice. */
static inline uint64_t hash_words(const char *text, size_t len, uint64_t *odd)
{
    uint64_t hash = 0x9e3779b97f4a7c15u ^ len, word = 0;

    for (size_t i = 0; i + 8 < len; i += 8) {
        word = word_at(text + i);
        *odd |= odd_bytes(word);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    if (len >= 8) {
        word = word_at(text + len - 8);
        *odd |= odd_bytes(word);
    } else {
        word = 0;
        for (size_t i = 0; i < len; i++)
            word = word << 8 | (unsigned char)text[i];
        *odd |= odd_bytes(word | (EACH_BYTE * ' ' << 8 * len));
    }
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53u;
    hash ^= hash >> 33;
    return hash ? hash : 1;
}

uint64_t text_hash(const char *text, size_t len)
{
    uint64_t odd = 0;

    return hash_words(text, len, &odd);
}

uint64_t text_plain_hash(const char *text, size_t len)
{
    uint64_t odd = 0, hash = hash_words(text, len, &odd);

    return odd ? 0 : hash;
}
