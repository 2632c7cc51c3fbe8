/* Pieces of what Slurm answers: words, lists and lines, where they lie. */
#ifndef PLUGINS_SLURM_TEXT_H
#define PLUGINS_SLURM_TEXT_H

#include "gigawatch/json.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A piece of an answer: a whole JSON value, or plain text. at NULL: not there. */
struct text {
    const char *at;
    size_t len;
};

static bool is_text(struct text t, const char *word)
{
    size_t len = strlen(word);

    return t.len == len && memcmp(t.at, word, len) == 0;
}

static bool begins(struct text t, const char *with)
{
    return t.len >= strlen(with) && memcmp(t.at, with, strlen(with)) == 0;
}

static bool is_none(struct text t)
{
    static const char *const nothing[] = { "", "null", "\"\"", "(null)", "N/A", "n/a", "None", "Unknown", "[]", "{}" };

    if (t.at && t.len > strlen("Unknown"))      /* the longest */
        return false;
    for (size_t i = 0; t.at && i < sizeof(nothing) / sizeof(nothing[0]); i++)
        if (is_text(t, nothing[i]))
            return true;
    return !t.at;
}

static struct text trimmed(struct text t)
{
    while (t.len && isspace((unsigned char)t.at[0]))
        t.at++, t.len--;
    while (t.len && isspace((unsigned char)t.at[t.len - 1]))
        t.len--;
    return t;
}

/* Up to the first of `ends`. */
static struct text until(struct text t, const char *ends)
{
    for (size_t i = 0; i < t.len; i++)
        if (strchr(ends, t.at[i]) && t.at[i]) {
            t.len = i;
            break;
        }
    return t;
}

/* Takes the next piece up to `by` off `rest`, where not within brackets. False: there is
 * none. */
static bool next_piece(struct text *rest, char by, struct text *piece)
{
    size_t i, depth = 0;

    if (!rest->len)
        return false;
    for (i = 0; i < rest->len && (rest->at[i] != by || depth); i++) {
        if (rest->at[i] == '[' || rest->at[i] == '(')
            depth++;
        else if ((rest->at[i] == ']' || rest->at[i] == ')') && depth)
            depth--;
    }
    *piece = (struct text){ rest->at, i };
    i += i < rest->len;
    rest->at += i;
    rest->len -= i;
    return true;
}

static bool next_line(struct text *rest, struct text *line)
{
    const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

    if (!rest->len)
        return false;
    *line = (struct text){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
    rest->at += line->len + (end != NULL);
    rest->len -= line->len + (end != NULL);
    return true;
}

/* Looks for the next run of letters; words of a list, of "IDLE+DRAIN", of one string. */
static bool next_word(struct text *rest, struct text *word)
{
    size_t i = 0, k;

    while (i < rest->len && !isalpha((unsigned char)rest->at[i]))
        i++;
    for (k = i;
         k < rest->len && (isalpha((unsigned char)rest->at[k]) || rest->at[k] == '_');
         k++)
        ;
    *word = (struct text){ rest->at + i, k - i };
    rest->at += k;
    rest->len -= k;
    return word->len > 0;
}

static bool has_word(struct text t, const char *wanted)
{
    struct text word;

    while (t.at && next_word(&t, &word))
        if (word.len == strlen(wanted) && strncasecmp(word.at, wanted, word.len) == 0)
            return true;
    return false;
}

/* A text as it is meant: without JSON's quotes and escapes, "" where it says nothing. Cut
 * to fit. */
static size_t plain(struct text t, char *to, size_t room)
{
    struct gw_json_mark string = {
        .at = 1, .len = (uint32_t)t.len - 2, .next = 1, .kind = '"'
    };
    struct gw_json json = { .text = t.at, .len = t.len, .marks = &string, .count = 1 };
    size_t used;

    if (is_none(t))
        t.len = 0;
    if (t.len >= 2 && t.len < UINT32_MAX && t.at[0] == '"')
        return gw_json_text(&json, 0, to, room);
    used = t.len < room ? t.len : room - 1;
    memcpy(to, t.at ? t.at : "", used);
    to[used] = '\0';
    return used;
}

/* What stands within quotes, as it was written. */
static struct text inner(struct text t)
{
    return t.len >= 2 && t.at[0] == '"' ? (struct text){ t.at + 1, t.len - 2 } : t;
}

#endif
