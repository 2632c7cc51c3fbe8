/* What is chosen on the map, in words: "in hall-2 lens tenant ink job 4711". Behind the
 * view's name they bring it back, in --view, behind ":" and along "[" and "]". */
#include "views/columns.h"

#include <string.h>

struct map_words {
    char in[256];               /* what is zoomed into; "": the site */
    bool has_lens;
    enum map_lens lens;
    enum gw_kind ink_kind;
    char ink[256];              /* ""; nothing */
};

/* What can be inked. */
static const char *const ink_words[GW_KINDS] = {
    [GW_DOMAIN] = "domain", [GW_TENANT] = "tenant", [GW_JOB] = "job", [GW_CLASS] = "class"
};

/* The next word, without the quotes that it may stand in; "": there is none. */
static void take_word(const char **at, char *to, size_t room)
{
    size_t used = 0;
    bool quoted;

    *at += strspn(*at, " ");
    quoted = **at == '"';
    *at += quoted;
    while (**at && **at != (quoted ? '"' : ' ')) {
        if (quoted && **at == '\\' && (*at)[1])
            (*at)++;
        if (used + 1 < room)
            to[used++] = **at;
        (*at)++;
    }
    *at += quoted && **at;
    to[used] = '\0';
}

static bool read_lens(const char **at, struct map_words *w, struct err *err)
{
    char word[256], known[128] = "";
    size_t used = 0;

    take_word(at, word, sizeof(word));
    for (int i = 0; i < MAP_LENSES; i++) {
        const char *name = map_lens_name((enum map_lens)i);

        used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
                                 i > 0 ? ", " : "", name);
        if (strcmp(name, word) != 0)
            continue;
        w->has_lens = true;
        w->lens = (enum map_lens)i;
        return true;
    }
    err_set(err, "no lens \"%.20s\"; known: %s", word, known);
    return false;
}

static bool read_in(const char **at, struct map_words *w, struct err *err)
{
    take_word(at, w->in, sizeof(w->in));
    return w->in[0] || err_set(err, "in what? a hall, a rack or a node") == 0;
}

static bool read_ink(const char **at, struct map_words *w, struct err *err)
{
    char word[256];

    take_word(at, word, sizeof(word));
    take_word(at, w->ink, sizeof(w->ink));
    for (enum gw_kind kind = 0; kind < GW_KINDS; kind++)
        if (ink_words[kind] && strcmp(ink_words[kind], word) == 0 && w->ink[0]) {
            w->ink_kind = kind;
            return true;
        }
    err_set(err, "ink what? domain, tenant, job or class, and its name");
    return false;
}

/* False with *err, where it is given: they are none. */
static bool map_words_read(const char *text, struct map_words *w, struct err *err)
{
    char word[16];

    *w = (struct map_words){ .ink_kind = GW_SITE };
    for (;;) {
        bool is_sound = true;

        take_word(&text, word, sizeof(word));
        if (!word[0])
            return true;
        if (strcmp(word, "in") == 0)
            is_sound = read_in(&text, w, err);
        else if (strcmp(word, "lens") == 0)
            is_sound = read_lens(&text, w, err);
        else if (strcmp(word, "ink") == 0)
            is_sound = read_ink(&text, w, err);
        else
            is_sound = err_set(err, "the map takes: in NAME, lens LENS, ink KIND NAME; not \"%.15s\"", word) == 0;
        if (!is_sound)
            return false;
    }
}

/* A name with a blank or a quote is quoted. */
static size_t say_word(char *to, size_t room, const char *before, const char *name)
{
    bool quotes = !name[0] || strpbrk(name, " \"\\");
    size_t used = (size_t)snprintf(to, room, "%s%s", before, quotes ? "\"" : "");

    used += quotes ? text_escaped(to + used, room - used, name)
                   : (size_t)snprintf(to + used, room - used, "%s", name);
    return used + (size_t)snprintf(to + used, room - used, "%s", quotes ? "\"" : "");
}

static void map_words_say(const struct map_words *w, char *to, size_t room)
{
    char before[24];
    size_t used = 0;

    to[0] = '\0';
    if (w->in[0])
        used += say_word(to, room, " in ", w->in);
    if (w->has_lens)
        used += (size_t)snprintf(to + used, room - used, " lens %s",
                                 map_lens_name(w->lens));
    snprintf(before, sizeof(before), " ink %s ", w->ink[0] ? ink_words[w->ink_kind] : "");
    if (w->ink[0])
        say_word(to + used, room - used, before, w->ink);
}
