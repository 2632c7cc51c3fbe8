/* JSON in one pass, for answers too large for gigawatch/json.h's marks (squeue --json of
 * 24.11 writes 20 KB a job): whole values and members one after the other. And what
 * Slurm's numbers mean, of either generation. */
#ifndef PLUGINS_SLURM_SCAN_H
#define PLUGINS_SLURM_SCAN_H

#include "plugins/slurm/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- JSON ---- */

struct json {
    const char *at, *end;
    bool broken;
};

/* As isspace() in any locale of JSON's, without a call for every letter. */
static bool is_gap(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char peek(struct json *j)
{
    while (j->at < j->end && is_gap(*j->at))
        j->at++;
    return j->at < j->end ? *j->at : '\0';
}

static bool enter(struct json *j, char open)
{
    if (peek(j) != open)
        return false;
    j->at++;
    return true;
}

/* Is there one more in what was entered? Its end is passed. */
static bool more(struct json *j, char close)
{
    if (j->broken)
        return false;
    if (peek(j) == ',')
        j->at++;
    if (peek(j) == close) {
        j->at++;
        return false;
    }
    j->broken = j->at >= j->end;
    return !j->broken;
}

static void skip_string(struct json *j)
{
    for (j->at++; j->at < j->end && *j->at != '"'; j->at++)
        if (*j->at == '\\')
            j->at++;
    if (j->at >= j->end) {
        j->at = j->end;
        j->broken = true;
    } else {
        j->at++;
    }
}

/* The next value, whole. */
static struct text value(struct json *j)
{
    static const bool ends_word[256] = {
        [','] = true,  [':'] = true,  [']'] = true,  ['}'] = true,
        ['{'] = true,  ['['] = true,  ['"'] = true,  [' '] = true,
        ['\t'] = true, ['\r'] = true, ['\n'] = true, ['\0'] = true
    };
    struct text t = { .len = 0 };
    size_t depth = 0;

    peek(j);
    t.at = j->at;
    do {
        switch (peek(j)) {
        case '\0':
            j->broken = true;
            break;
        case '"':
            skip_string(j);
            break;
        case '{': case '[':
            depth++;
            j->at++;
            break;
        case '}': case ']':
            j->broken |= !depth;
            depth -= depth > 0;
            j->at++;
            break;
        case ',': case ':':
            j->broken |= !depth;
            j->at++;
            break;
        default:
            while (j->at < j->end && !ends_word[(unsigned char)*j->at])
                j->at++;
        }
    } while (depth && !j->broken);
    t.len = (size_t)(j->at - t.at);
    return t;
}

/* The next member's name, without quotes, up to its value. */
static struct text key(struct json *j)
{
    struct text t = { j->at, 0 };

    if (peek(j) != '"') {
        j->broken = true;
        return t;
    }
    t.at = j->at + 1;
    skip_string(j);
    t.len = j->broken ? 0 : (size_t)(j->at - t.at) - 1;
    if (peek(j) == ':')
        j->at++;
    else
        j->broken = true;
    return t;
}

/* ---- numbers ---- */

/* Slurm's "no value" and "infinite" of 16, 32 and 64 bits, where an old version writes
 * them as they are. */
static double sane(double n)
{
    return n == 65534 || n == 65535 || n == 4294967294.0 || n == 4294967295.0 ||
                   n >= 1.8446744073709550e19
               ? NAN
               : n;
}

static double plain_number(struct text t)
{
    char copy[40], *end;
    double n;

    if (t.len >= 2 && t.at[0] == '"')
        t = (struct text){ t.at + 1, t.len - 2 };
    if (is_none(t) || t.len >= sizeof(copy))
        return NAN;
    memcpy(copy, t.at, t.len);
    copy[t.len] = '\0';
    if (!isdigit((unsigned char)copy[0]) && copy[0] != '-')
        return NAN;
    n = strtod(copy, &end);
    return end == copy || *end ? NAN : sane(n);
}

/* Either generation's; NAN: not set, or infinite. */
static double number(struct text t)
{
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };
    double n = NAN;
    bool known = true;

    if (!t.at || !enter(&j, '{'))
        return plain_number(t);
    while (more(&j, '}')) {
        struct text name = key(&j), v = value(&j);

        if (is_text(name, "number"))
            n = plain_number(v);
        else if (is_text(name, "set"))
            known &= is_text(v, "true");
        else if (is_text(name, "infinite"))
            known &= !is_text(v, "true");
    }
    return known && !j.broken ? n : NAN;
}

/* "infinite": true, or "inf". */
static bool is_infinite(struct text t)
{
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };

    if (!t.at || !enter(&j, '{'))
        return t.at && is_text(t, "inf");
    while (more(&j, '}')) {
        struct text name = key(&j), v = value(&j);

        if (is_text(name, "infinite") && is_text(v, "true"))
            return true;
    }
    return false;
}

/* Seconds since 1970; 0 is "never". */
static double when(struct text t)
{
    double n = number(t);

    return n > 0 && n < 1e11 ? n : NAN;
}

/* JSON tells minutes, a text [days-]hours:minutes:seconds. */
static double limit_s(struct text t)
{
    char copy[40];
    unsigned days, h, m, s;

    if (t.at && t.len && (t.at[0] == '{' || !memchr(t.at, ':', t.len)) &&
        !memchr(t.at, '-', t.len))
        return number(t) * 60;
    plain(t, copy, sizeof(copy));
    if (sscanf(copy, "%5u-%2u:%2u:%2u", &days, &h, &m, &s) == 4)
        return days * 86400. + h * 3600. + m * 60. + s;
    if (sscanf(copy, "%5u:%2u:%2u", &h, &m, &s) == 3)
        return h * 3600. + m * 60. + s;
    return NAN;
}

#endif
