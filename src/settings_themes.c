/* Themes that people make: a file NAME.yaml in a folder is a theme of that name. It
 * begins as one of the built-in ones and gives roles other colours. Strict, as the
 * configuration is. */
#include "settings_yaml.h"
#include "base/text.h"
#include "tui/theme.h"

#include <stdio.h>
#include <string.h>

/* What a colour alone means for a role. */
enum ground { INK, INK_ON_PAPER, BOTH, PAPER };

static const struct role {
    const char *name;
    enum style first;
    int count;                  /* of styles: a list of so many colours */
    enum ground ground;
} roles[] = {
    { "text", STYLE_TEXT, 1, INK },           { "strong", STYLE_STRONG, 1, INK },
    { "secondary", STYLE_SECONDARY, 1, INK }, { "faint", STYLE_FAINT, 1, INK },
    { "lines", STYLE_LINE, 1, INK },          { "accent", STYLE_ACCENT, 1, INK },
    { "chip", STYLE_CHIP, 1, INK_ON_PAPER },           { "ok", STYLE_OK, 1, BOTH },
    { "attention", STYLE_ATTENTION, 1, BOTH }, { "critical", STYLE_CRITICAL, 1, BOTH },
    { "information", STYLE_INFORMATION, 1, BOTH }, { "fan", STYLE_FAN_OUTER, 3, BOTH },
    { "heat", STYLE_HEAT0, 10, BOTH },        { "hues", STYLE_HUE0, 8, BOTH },
    { "track", STYLE_TRACK, 1, BOTH },        { "band", STYLE_BAND, 1, PAPER },
    { "selected", STYLE_SELECTED, 1, PAPER }, { "background", STYLE_NONE, 1, PAPER },
    { 0 }
};

static int bad_colour(struct reading *r, const yaml_node_t *at, const char *word)
{
    char clean[64];

    text_clean(clean, 41, word, strlen(word));
    return reading_fail(r, at, "\"%s\" is no colour: a name (red, bright-red, default), 0 to 255 or \"#rrggbb\"", clean);
}

static int read_half(struct reading *r, const yaml_node_t *at, const char *word,
                     short *rich, short *plain)
{
    return color_of_word(word, rich, plain) ? 0 : bad_colour(r, at, word);
}

/* "INK", "INK on PAPER" where there is a paper of its own, either with " bold": all that
 * the theme it is like had is gone. */
static int read_look(struct reading *r, const yaml_node_t *at, enum ground ground,
                     struct look *rich, struct look *plain)
{
    const char *text = reading_scalar(r, at, "a colour");
    char words[4][32] = { "" }, rest[2];
    int count = text ? sscanf(text, "%31s %31s %31s %31s %1s", words[0], words[1],
                              words[2], words[3], rest)
                     : -1;
    bool is_bold = count >= 2 && count <= 4 && strcmp(words[count - 1], "bold") == 0;

    if (!text)
        return -1;
    count -= is_bold;
    if (count != 1 && !(count == 3 && strcmp(words[1], "on") == 0))
        return reading_fail(r, at, "expected a colour, and bold behind it if it is to be; of the chip \"INK on PAPER\"");
    if (count == 3 && ground != INK_ON_PAPER)
        return reading_fail(r, at, "one colour is enough: %s",
                            ground == INK ? "what it is written on is the background's"
                            : ground == PAPER ? "what is written on it has its own"
                                              : "it is ink and paper alike");
    rich->attributes = plain->attributes = is_bold ? ATTRIBUTE_BOLD : 0;
    if (read_half(r, at, words[0], ground == PAPER ? &rich->paper : &rich->ink,
                  ground == PAPER ? &plain->paper : &plain->ink) != 0)
        return -1;
    if (ground == BOTH) {
        rich->paper = rich->ink;
        plain->paper = plain->ink;
    }
    return count == 3 ? read_half(r, at, words[2], &rich->paper, &plain->paper) : 0;
}

static int read_list(struct reading *r, const yaml_node_t *value, const struct role *role,
                     struct theme *t)
{
    int given = value->type == YAML_SEQUENCE_NODE
                    ? (int)(value->data.sequence.items.top -
                            value->data.sequence.items.start)
                    : 0;

    if (given != role->count)
        return reading_fail(r, value, "%s wants a list of %d colours", role->name,
                            role->count);
    for (int i = 0; i < given; i++)
        if (read_look(r, reading_node(r, value->data.sequence.items.start[i]),
                      role->ground, &t->rich[(int)role->first + i],
                      &t->plain[(int)role->first + i]) != 0)
            return -1;
    return 0;
}

static int read_help(struct reading *r, const yaml_node_t *value, struct theme *t)
{
    const char *text = reading_scalar(r, value, "a sentence");
    char clean[200];

    if (!text)
        return -1;
    text_clean(clean, sizeof(clean), text, strlen(text));
    t->help = arena_strdup(r->settings->arena, clean);
    return 0;
}

static int read_key(struct reading *r, const yaml_node_t *name, const yaml_node_t *value,
                    void *arg)
{
    const char *word = (const char *)name->data.scalar.value, *known = "like, help";
    struct theme *t = arg;
    char clean[64], meant[1024];

    if (strcmp(word, "like") == 0)
        return 0;               /* read before all others: they change it */
    if (strcmp(word, "help") == 0)
        return read_help(r, value, t);
    for (const struct role *role = roles; role->name; role++)
        if (strcmp(role->name, word) == 0)
            return role->count > 1
                       ? read_list(r, value, role, t)
                       : read_look(r, value, role->ground, &t->rich[role->first],
                                   &t->plain[role->first]);
    for (const struct role *role = roles; role->name; role++)
        known = arena_printf(r->settings->arena, "%s, %s", known, role->name);
    text_clean(clean, 41, word, strlen(word));
    if (!text_meant(meant, sizeof(meant), word, known))
        snprintf(meant, sizeof(meant), "see gigawatch.yaml(5), THEMES");
    return reading_fail(r, name, "unknown key \"%s\" of a theme; %s", clean, meant);
}

int read_theme(struct reading *r, const yaml_node_t *root, const char *name)
{
    const yaml_node_t *at;
    const struct theme *like;
    const char *word;
    struct theme *t;

    if (reading_word(r, root, "a theme", "like", &word, &at) != 0)
        return -1;
    like = word ? theme_find(word) : themes[0];
    if (!like)
        return reading_unknown(r, at, "theme", word);
    if (like->is_mono)
        return reading_fail(r, at, "%s has no colours to begin with", like->name);
    t = arena_alloc(r->settings->arena, sizeof(*t));
    *t = *like;
    t->name = arena_strdup(r->settings->arena, name);
    t->help = arena_printf(r->settings->arena, "from %s", r->name);
    t->is_made = true;
    if (reading_names(r, root, "a theme", read_key, t) != 0)
        return -1;
    return themes_add(t) ? 0 : reading_fail(r, root, "too many themes");
}
