/* Values as nvidia-smi writes them, in CSV and XML alike, and the many words for not
 * knowing one. */
#ifndef PLUGINS_NVSMI_VALUES_H
#define PLUGINS_NVSMI_VALUES_H

#include "plugins/nvsmi/card.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool contains(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

static void trim(const char **text, size_t *len)
{
    while (*len && isspace((unsigned char)**text))
        (*text)++, (*len)--;
    while (*len && isspace((unsigned char)(*text)[*len - 1]))
        (*len)--;
}

/* The many words for "not known". Newer drivers put them into brackets. */
static bool is_unknown(const char *text, size_t len)
{
    static const char *const words[] = { "N/A", "ERR!", "Unknown Error", "Not Supported",
                                         "Not Available", "GPU is lost", "GPU requires reset",
                                         "Insufficient Permissions", "deprecated", "None", NULL };

    if (len == 0 || text[0] == '[')
        return true;
    for (size_t i = 0; words[i]; i++)
        if (contains(text, len, words[i]))
            return true;
    return false;
}

/* A plain decimal with, where `unit` is not "", perhaps that unit behind it: "67.03 W".
 * NAN where it is not known or not understood; the latter is noted. A decimal comma is
 * not understood: it must never become a thousandth. */
static double read_number(struct answer *a, const char *what, const char *text,
                          size_t len, const char *unit)
{
    char copy[64];
    char *end;
    double value;

    if (is_unknown(text, len))
        return NAN;
    if (len < sizeof(copy) && strchr("+-.0123456789", text[0])) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        value = strtod(copy, &end);
        if (end != copy && *end == ' ')
            end++;
        if (end != copy && isfinite(value) && copy[1] != 'x' &&
            (*end == '\0' || (unit[0] && strcmp(end, unit) == 0)))
            return value;
    }
    note_odd(a, what, text, len);
    return NAN;
}

static void read_text(char *to, size_t room, const char *text, size_t len)
{
    if (is_unknown(text, len))
        return;
    snprintf(to, room, "%.*s", (int)(len < room ? len : room - 1), text);
}

/* What a bad GPU says in place of its values. */
static void read_ailment(struct card *c, const char *text, size_t len)
{
    c->lost |= contains(text, len, "GPU is lost");
    c->needs_reset |= contains(text, len, "requires reset");
}

#endif
