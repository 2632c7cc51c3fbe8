/* Text as people see it: cleaning what comes from outside, its width on a screen,
 * numbers, times and durations as words, and the order in which n2 stands before n10. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies len bytes of anything to `to` as clean, NFC-normalised UTF-8: control characters
 * (C0, C1, DEL), format characters (bidirectional ones, those without width, tags) and
 * invalid bytes become U+FFFD ("?" where `to` is short), so that nothing reaches a
 * terminal unescaped. Cuts at a character's end. Returns the bytes written, without the
 * final 0. */
size_t text_clean(char *to, size_t room, const char *from, size_t len);
/* Of texts that were cleaned when they were put away, each with its 0: is there nothing
 * in them that text_clean() replaces? */
bool texts_are_clean(const char *texts, size_t len);
/* Of printable ASCII alone: cleaning leaves it as it is. */
bool text_is_plain(const char *text, size_t len);

/* Next code point of clean UTF-8; moves *text on; 0 at the end. Invalid bytes give
 * U+FFFD. */
uint32_t text_next(const char **text);
/* Writes a code point as UTF-8 (up to 4 bytes, no final 0); returns the bytes. */
size_t text_put(char to[4], uint32_t point);
int text_point_width(uint32_t point);           /* cells on a screen: 0, 1 or 2 */
int text_width(const char *text);
/* The longest start of `text` that fits `cells`; returns its bytes. */
size_t text_fit(const char *text, int cells);
/* Bytes of `text` that a line of so many cells holds, broken at a blank where there is
 * one. */
size_t text_line(const char *text, int cells);
bool text_begins(const char *text, const char *start);
bool text_ends(const char *text, const char *end);
/* Writes it behind what stands in `to`; what has no room is cut at a character's end. */
void text_add(char *to, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes the first of "a, b,c" off *list: its bytes, and how many. 0: there is no more. */
size_t text_item(const char **list, const char **item);

/* strcmp with numbers compared by value: n2 < n10 < n010x; equal only if equal byte for
 * byte. */
int text_natural(const char *a, const char *b);
/* How many bytes both begin with, without a number that goes on differently. */
size_t text_same_start(const char *a, const char *b);
/* A number from the first letters that sorts as text_natural() does: where two have the
 * same, that has to be asked. */
uint64_t text_natural_key(const char *text);
/* Is `part` in `text`? ASCII letters of either case match. */
bool text_contains(const char *text, const char *part);
/* Is all of `text` as `len` bytes of a pattern with * and ? have it? ASCII letters of
 * either case match; brackets are letters. */
bool text_matches(const char *pattern, size_t len, const char *text);
/* The same of many texts; borrows the part. */
enum { TEXT_LOOKED_FOR = 3 };
struct text_part {
    const char *text;
    /* the letters that are looked for first, without case, a blank being the bit that tells
     * it, and where in the part they are */
    unsigned char letters[TEXT_LOOKED_FOR], at[TEXT_LOOKED_FOR];
    bool is_told_by_letters; /* where they are, it is */
};
struct text_part text_part_of(const char *part);
bool text_has(const char *text, const struct text_part *p);
/* Where it first is in many texts that lie one after another, the last of which ends at
 * text[len]; NULL: in none. */
const char *text_find(const char *text, size_t len, const struct text_part *p);
uint64_t text_hash(const char *text, size_t len); /* of this process only; never 0 */
/* the same of printable ASCII alone; 0: it is not */
uint64_t text_plain_hash(const char *text, size_t len);

/* "rack[001-144]", "n[1-4,7]-gpu[0-7]", "feed-[A,B]": calls `each` for every name, in
 * order. Returns how many, or -1 with a sentence in why[] (bounded to a million names).
 * Without brackets, the text itself. */
int64_t text_expand(const char *pattern, void (*each)(void *arg, const char *name),
                    void *arg, char why[128]);

/* What to say of a word that is none of `known` (separated by commas, blanks or line
 * ends): "did you mean rack?" where one is near, by letters to change, else false and
 * "known: rack, row". */
bool text_meant(char *to, size_t room, const char *written, const char *known);

/* As it stands between double quotes in a query: \" and \\ for what would end them.
 * Returns the bytes; cut where there is no room. */
size_t text_escaped(char *to, size_t room, const char *text);
/* As one word of a shell, in single quotes; cut where there is no room. */
void text_shell_word(char *to, size_t room, const char *text);

/* A number in at most three significant digits, as tables show it: 412.6 -> "413", 54.83
 * -> "54.8", .0213 -> ".02" is text_probability(). NAN -> "—". */
size_t text_number(char *to, size_t room, double value);
size_t text_watts(char *to, size_t room, double watts);         /* 54.8 kW */
/* Per cent of what should be there, rounded down to tenths: 100 only of all of it, and
 * never 0 where some is. */
double text_share_percent(double share);
size_t text_probability(char *to, size_t room, double p);       /* .34, <.01, >.99, 1.0 */
size_t text_duration(char *to, size_t room, double seconds);    /* 8s 6m 2h04 3d */
/* RFC 3339, UTC, seconds */
size_t text_time(char *to, size_t room, double seconds);
size_t text_clock(char *to, size_t room, double seconds);       /* 14:05, in UTC */
/* The same as seen from `now`: "14:05" where no other 14:05 is nearer, "11-21 14:05"
 * else, "2025-11-21" in another year. */
size_t text_when(char *to, size_t room, double seconds, double now);
/* RFC 3339, "14:05" (today, UTC), "now", "-15m". NAN when not understood. */
double text_parse_time(const char *text, double now);
/* The same of what has been: "23:50" just after midnight is yesterday's. */
double text_parse_past(const char *text, double now);

#endif
