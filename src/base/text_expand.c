/* Ranges of names, as clusters write them: rack[001-144], n[1-4,7]-gpu[0-7], feed-[A,B].
 */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NAMES = 1000000, LONGEST_NAME = 255, MOST_DIGITS = 9 };

/* What stands between two commas of a bracket: numbers from first to last, padded with
 * zeros to `width`; or one word. */
struct item {
    bool word;
    long first, last;
    int width;
    const char *text;
    size_t len;
};

static int digits_at(const char *text)
{
    return (int)strspn(text, "0123456789");
}

static long number_at(const char *text, int digits)
{
    long number = 0;

    for (int i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

static int refuse(char why[128], const char *what, const char *at)
{
    char clean[64];

    text_clean(clean, sizeof(clean), at, strnlen(at, 20));
    if (*at)
        snprintf(why, 128, "%s at \"%s\"", what, clean);
    else
        snprintf(why, 128, "%s, and the text ends; a range is written as n[1-64]", what);
    return -1;
}

/* Reads one item and moves *text past it. */
static int read_item(const char **text, struct item *item, char why[128])
{
    const char *start = *text, *at = start;
    int digits = digits_at(at), more;

    *item = (struct item){ .text = start };
    at += strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    item->len = (size_t)(at - start);
    if (item->len == 0)
        return refuse(why, "expected a number or a word", start);
    *text = at;
    if ((size_t)digits != item->len) {
        item->word = true;
        return 0;
    }
    if (digits > MOST_DIGITS)
        return refuse(why, "number too long", start);
    item->first = item->last = number_at(start, digits);
    item->width = digits;
    if (*at != '-')
        return 0;
    more = digits_at(++at);
    if (more == 0 || more > MOST_DIGITS)
        return refuse(why, "expected the end of the range", at);
    item->last = number_at(at, more);
    *text = at + more;
    if (item->last < item->first)
        return refuse(why, "range runs backwards", start);
    /* [1-144] counts 1, 2, …; only a written zero in front asks for padding. */
    if (start[0] != '0')
        item->width = 0;
    return 0;
}

/* How many names the bracket at *text ('[') stands for; moves past its ']'. */
static int64_t count_bracket(const char **text, char why[128])
{
    const char *start = *text;
    int64_t count = 0;
    struct item item;

    do {
        ++*text;
        if (read_item(text, &item, why) < 0)
            return -1;
        count += item.word ? 1 : item.last - item.first + 1;
    } while (**text == ',');
    if (**text != ']')
        return refuse(why, "expected , or ] after a range", **text ? *text : start);
    ++*text;
    return count;
}

/* Checks the whole pattern before the first name is given out. */
static int64_t count_names(const char *pattern, char why[128])
{
    int64_t count = 1;

    while (*pattern) {
        int64_t more;

        if (*pattern == ']')
            return refuse(why, "] without [", pattern);
        if (*pattern != '[') {
            pattern++;
            continue;
        }
        more = count_bracket(&pattern, why);
        if (more < 0)
            return -1;
        count *= more;
        if (count > MOST_NAMES) {
            snprintf(why, 128, "stands for more than %d names", MOST_NAMES);
            return -1;
        }
    }
    return count;
}

struct expansion {
    char name[LONGEST_NAME + 1];
    void (*each)(void *arg, const char *name);
    void *arg;
};

/* A name is never longer than its pattern, and that was checked. */
static size_t append(struct expansion *e, size_t len, const char *text, size_t more)
{
    assert(more <= LONGEST_NAME - len);
    memcpy(e->name + len, text, more);
    return len + more;
}

/* The rest of a checked pattern, behind the first len bytes of the name. */
static void expand(struct expansion *e, const char *pattern, size_t len)
{
    size_t literal = strcspn(pattern, "[");
    const char *rest;
    char why[128];
    struct item item;

    len = append(e, len, pattern, literal);
    pattern += literal;
    if (!*pattern) {
        e->name[len] = '\0';
        if (e->each)
            e->each(e->arg, e->name);
        return;
    }
    rest = strchr(pattern, ']') + 1;
    do {
        pattern++;
        if (read_item(&pattern, &item, why) < 0)
            return;
        if (item.word)
            expand(e, rest, append(e, len, item.text, item.len));
        for (long i = item.first; !item.word && i <= item.last; i++) {
            char number[24];
            int digits = snprintf(number, sizeof(number), "%0*ld", item.width, i);

            expand(e, rest, append(e, len, number, (size_t)digits));
        }
    } while (*pattern == ',');
}

int64_t text_expand(const char *pattern, void (*each)(void *arg, const char *name),
                    void *arg, char why[128])
{
    struct expansion e = { .each = each, .arg = arg };
    int64_t count = count_names(pattern, why);

    if (count < 0)
        return -1;
    if (strlen(pattern) > LONGEST_NAME) {
        snprintf(why, 128, "longer than %d bytes", LONGEST_NAME);
        return -1;
    }
    expand(&e, pattern, 0);
    return count;
}
