/* Keys by name: as --keys and wall.quit write them, and as --list keys prints them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

static int code_of_name(const char *name, size_t len)
{
    static const struct {
        const char *name;
        int code;
    } editing[] = { { "Del", KEY_DELETE_CHAR }, { "Resize", KEY_SCREEN_RESIZED } };

    for (const struct key *k = keys_table; k->name; k++)
        if (strlen(k->name) == len && strncmp(k->name, name, len) == 0)
            return k->code;
    for (size_t i = 0; i < sizeof(editing) / sizeof(editing[0]); i++)
        if (strlen(editing[i].name) == len && strncmp(editing[i].name, name, len) == 0)
            return editing[i].code;
    if (len == 3 && name[0] == 'C' && name[1] == '-' && isalpha((unsigned char)name[2]))
        return toupper((unsigned char)name[2]) - '@';
    return 0;
}

int ui_next_key(const char **keys)
{
    size_t len;
    int code;

    while (**keys == ' ')
        (*keys)++;
    if (!**keys)
        return 0;
    len = strcspn(*keys, " ");
    code = code_of_name(*keys, len);
    if (code) {
        *keys += len;
        return code;
    }
    code = (int)text_next(keys);
    return code == 0xfffd ? -1 : code;
}

static int complain_of_key(const char *word, size_t len, struct err *err)
{
    char known[1024] = "", name[21], meant[64];

    for (const struct key *k = keys_table; k->name; k++)
        text_add(known, sizeof(known), "%s ", k->name);
    snprintf(name, sizeof(name), "%.*s", (int)len, word);
    if (!text_meant(meant, sizeof(meant), name, known))
        snprintf(meant, sizeof(meant), "see --list keys");
    return err_set_code(err, ERR_USAGE, "--keys: unknown key \"%s\"; %s", name, meant);
}

int ui_check_keys(const char *keys, struct err *err)
{
    size_t len;

    for (const char *word = keys + strspn(keys, " "); *word;
         word += len + strspn(word + len, " ")) {
        len = strcspn(word, " ");
        if (len > 1 && isupper((unsigned char)*word) && !code_of_name(word, len))
            return complain_of_key(word, len, err);
    }
    return 0;
}

char *ui_list_keys(void)
{
    const char *said = "", *command = "";
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (const struct key *k = keys_table; k->name; k++) {
        if (k->help) {
            said = k->help;
            command = k->command;
        }
        fprintf(out, "%s\t%s\t%s\n", k->name, command, said);
    }
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->key && !(*v)->off_screen && !key_find((*v)->key))
            fprintf(out, "%c\t%s\tthe view of that name\n", (*v)->key, (*v)->name);
    for (const struct view *const *v = views_all(); *v; v++)
        for (const struct view_key *k = (*v)->keys; k && k->name; k++)
            fprintf(out, "%s\t\tin %s: %s\n", k->name, (*v)->name, k->help);
    fclose(out);
    return text;
}
