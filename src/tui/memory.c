/* What a console remembers from one start to the next: which columns were chosen, and
 * what was typed. As lines of text:
 *
 *   columns VIEW FIELD,FIELD,…
 *   : TEXT
 *   / TEXT
 *
 * A line that is not understood is left out: another version wrote it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "tui/state.h"

enum { ROOM = 64 << 10 };

static size_t add_columns(const struct view *v, uint64_t chosen, char *to, size_t room)
{
    size_t used = (size_t)snprintf(to, room, "columns %s ", v->name);

    for (size_t i = 0; v->columns[i].name && i < COLUMNS && used < room; i++)
        if (chosen >> i & 1)
            used += (size_t)snprintf(to + used, room - used, "%s,", v->columns[i].name);
    if (used < room)
        used += (size_t)snprintf(to + used - 1, room - used + 1, "\n") - 1;
    return used;
}

char *ui_memory(struct ui *ui)
{
    char *text = xcalloc(ROOM, 1);
    size_t used = 0;

    for (const struct view *const *v = views_all(); *v && used + 4096 < ROOM; v++)
        if ((*v)->columns && *ui_chosen(ui, *v))
            used += add_columns(*v, *ui_chosen(ui, *v), text + used, ROOM - used);
    for (int kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < ui->prompt.history_count[kind] && used + WORDS + 4 < ROOM;
             i++)
            used += (size_t)snprintf(text + used, ROOM - used, "%c %s\n",
                                     kind ? '/' : ':', ui->prompt.history[kind][i]);
    return text;
}

static void take_columns(struct ui *ui, char *line)
{
    char *name = strsep(&line, " "), *field;
    const struct view *v = name ? view_find(name) : NULL;
    uint64_t chosen = 0;

    while (v && v->columns && (field = strsep(&line, ",")))
        for (size_t i = 0; v->columns[i].name && i < COLUMNS; i++)
            if (strcmp(v->columns[i].name, field) == 0)
                chosen |= (uint64_t)1 << i;
    if (chosen)
        *ui_chosen(ui, v) = chosen | 1;
}

void ui_remember(struct ui *ui, const char *text)
{
    char *copy = xstrdup(text), *rest = copy, *line;

    while ((line = strsep(&rest, "\n"))) {
        char clean[WORDS];

        if (strncmp(line, "columns ", 8) == 0) {
            take_columns(ui, line + 8);
        } else if ((line[0] == ':' || line[0] == '/') && line[1] == ' ') {
            text_clean(clean, sizeof(clean), line + 2, strlen(line + 2));
            prompt_remember(&ui->prompt, line[0], clean);
        }
    }
    free(copy);
}
