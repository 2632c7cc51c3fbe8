/* What one can type after ":": a view's name, a query of any kind, or one of a few
 * commands. */
#include <stdio.h>
#include <string.h>

#include "tui/state.h"
#include "tui/terminal.h"

/* Runs with what follows its name; false with *err. */
struct command {
    const char *name;
    bool (*run)(struct ui *ui, const char *rest, struct err *err);
};

static bool press(struct ui *ui, int code)
{
    key_find(code)->press(ui);
    return true;
}

static bool quit(struct ui *ui, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    return press(ui, 'q');
}

static bool columns(struct ui *ui, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    return press(ui, 'c');
}

static bool help(struct ui *ui, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    return press(ui, '?');
}

static bool pause_picture(struct ui *ui, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    return press(ui, 'z');
}

static bool theme(struct ui *ui, const char *rest, struct err *err)
{
    if (!theme_exists(rest)) {
        err_set(err, "no theme \"%.20s\"; gigawatch --list themes", rest);
        return false;
    }
    snprintf(ui->theme, sizeof(ui->theme), "%s", rest);
    return true;
}

static bool sort(struct ui *ui, const char *rest, struct err *err)
{
    struct place *p = ui->place;
    const char *name = rest[0] == '-' ? rest + 1 : rest;

    if (!p->view->columns || (name[0] && !column_find(p->view, name))) {
        err_set(err, "no field \"%.20s\" to sort %s by", name, p->view->name);
        return false;
    }
    snprintf(p->sort, sizeof(p->sort), "%s", rest);
    p->selected = GW_NONE;
    p->cursor = p->first = 0;
    p->outdated = true;
    return true;
}

static const struct command commands[] = { { "columns", columns },
                                           { "help", help },
                                           { "pause", pause_picture },
                                           { "quit", quit },
                                           { "sort", sort },
                                           { "theme", theme },
                                           { 0 } };

static const struct view *screen_view(const char *name)
{
    const struct view *v = view_find(name);

    return v && !v->off_screen ? v : NULL;
}

bool command_run(struct ui *ui, const char *text, struct err *err, size_t *at)
{
    size_t len = strcspn(text, " ");
    const char *rest = text + len + strspn(text + len, " ");
    struct place *p;

    *at = (size_t)(rest - text);
    for (const struct command *c = commands; c->name; c++)
        if (strlen(c->name) == len && strncmp(c->name, text, len) == 0)
            return c->run(ui, rest, err);
    *at = 0;
    p = screen_view(text) ? place_of_view(screen_view(text))
                          : place_of_text(text, err, at);
    if (p)
        ui_enter(ui, p, NULL);
    return p;
}

static size_t add_name(char *to, size_t room, size_t used, const char *name,
                       const char *start)
{
    if (strncmp(name, start, strlen(start)) != 0 || used + strlen(name) + 2 > room)
        return used;
    return used + (size_t)snprintf(to + used, room - used, "%s\n", name);
}

void command_complete(const char *text, char *to, size_t room)
{
    size_t used = 0;

    for (const struct view *const *v = views_all(); *v; v++)
        if (!(*v)->off_screen && (!(*v)->kind || strcmp((*v)->kind, (*v)->name) != 0))
            used = add_name(to, room, used, (*v)->name, text);
    for (const struct command *c = commands; c->name; c++)
        used = add_name(to, room, used, c->name, text);
}
