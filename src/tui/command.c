/* What one can type after ":": a view's name, a query of any kind, or one of a few
 * commands. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"
#include "tui/terminal.h"

/* A command that takes words, beside those of the keys. Runs with what follows its name; false with *err. */
struct command {
    const char *name;
    bool (*run)(struct ui *ui, const char *rest, struct err *err);
    const char *help;
};

static bool export_file(struct ui *ui, const char *rest, struct err *err)
{
    if (!rest[0]) {
        err_set(err, "to which file? its ending says how: csv, json, ndjson, tsv, txt");
        return false;
    }
    export_to(ui, rest);
    return true;
}

static bool messages(struct ui *ui, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    ui->overlay = OVERLAY_MESSAGES;
    ui->overlay_first = 0;
    return true;
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

/* "-power,name": every one of them must be a field. */
static bool is_order(const struct view *v, const char *text, char *wrong, size_t room)
{
    while (*text) {
        size_t len;

        text += *text == '-';
        len = strcspn(text, ",");
        snprintf(wrong, room, "%.*s", (int)len, text);
        if (!column_find(v, wrong))
            return false;
        text += len + (text[len] == ',');
    }
    return true;
}

static bool sort(struct ui *ui, const char *rest, struct err *err)
{
    struct place *p = ui->place;
    char wrong[64] = "";

    if (!p->view->columns || !is_order(p->view, rest, wrong, sizeof(wrong))) {
        err_set(err, "no field \"%.20s\" to sort %s by", wrong, p->view->name);
        return false;
    }
    snprintf(p->sort, sizeof(p->sort), "%s", rest);
    p->selected = GW_NONE;
    p->cursor = p->first = 0;
    p->outdated = true;
    return true;
}

static const struct command commands[] = {
    { "export", export_file, "write what is shown to a file, in the format of its ending" },
    { "messages", messages, "what the last line said" },
    { "sort", sort, "sort by fields: sort -load,name" },
    { "theme", theme, "other colours" },
    { 0 }
};

/* The key whose command has that name. */
static const struct key *key_of_command(const char *name, size_t len)
{
    for (const struct key *k = keys_table; k->name; k++)
        if (k->command && strlen(k->command) == len && strncmp(k->command, name, len) == 0)
            return k;
    return NULL;
}

static const struct view *screen_view(const char *name)
{
    const struct view *v = view_find(name);

    return v && !v->off_screen ? v : NULL;
}

/* "forecast hall-9": a drawn view of one. NULL: it is none. */
static const struct view *drawn_view(const char *text, size_t len)
{
    char name[32];
    const struct view *v;

    snprintf(name, sizeof(name), "%.*s", (int)len, text);
    v = screen_view(name);
    return v && v->draw && !v->kind ? v : NULL;
}

/* Of any kind: a drawn view says itself what it has of it. */
static bool is_known(const struct model *m, const char *name)
{
    for (enum gw_kind kind = GW_SITE; kind < GW_KINDS; kind++)
        if (model_find(m, kind, name) != GW_NONE)
            return true;
    return false;
}

/* What there is instead: the first few domains. */
static void complain_of(const struct model *m, const char *name, struct err *err)
{
    const uint32_t *order = model_order(m, GW_DOMAIN);
    char first[200] = "";
    size_t used = 0, domains = model_rows(m, GW_DOMAIN);

    for (size_t i = 0; i < domains && i < 4 && used < sizeof(first); i++)
        if (model_name(m, GW_DOMAIN, order[i]))
            used += (size_t)snprintf(first + used, sizeof(first) - used, "%s%.40s", i ? ", " : "",
                                     model_name(m, GW_DOMAIN, order[i]));
    if (domains == 0)
        err_set(err, "nothing is called \"%.40s\": no domain is known yet", name);
    else
        err_set(err, "nothing is called \"%.40s\"; of %zu domains the first are %s", name, domains, first);
}

static size_t add_name(char *to, size_t room, size_t used, const char *name,
                       const char *start)
{
    if (strncmp(name, start, strlen(start)) != 0 || used + strlen(name) + 2 > room)
        return used;
    return used + (size_t)snprintf(to + used, room - used, "%s\n", name);
}

/* The first word is no command, no view and no kind. */
static void complain_of_word(const char *text, size_t len, struct err *err)
{
    char known[2048], word[21], meant[2100];
    size_t used;

    command_complete("", known, sizeof(known));
    used = strlen(known);
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->kind)
            used = add_name(known, sizeof(known), used, (*v)->kind, "");
    snprintf(word, sizeof(word), "%.*s", (int)len, text);
    if (!text_meant(meant, sizeof(meant), word, known))
        snprintf(meant, sizeof(meant), "Tab shows what there is, Tab and ? help");
    err_set(err, "no view, command or kind \"%s\"; %s", word, meant);
}

bool command_run(struct ui *ui, const char *text, struct err *err, size_t *at)
{
    size_t len = strcspn(text, " ");
    const char *rest = text + len + strspn(text + len, " ");
    struct place *p;

    *at = (size_t)(rest - text);
    for (const struct command *c = commands; c->name; c++)
        if (strlen(c->name) == len && strncmp(c->name, text, len) == 0)
            if (rest[0] || !key_of_command(text, len))
                return c->run(ui, rest, err);
    if (!rest[0] && key_of_command(text, len)) {
        key_of_command(text, len)->press(ui);
        return true;
    }
    *at = 0;
    if (rest[0] && drawn_view(text, len)) {
        if (!is_known(ui->setup.model, rest)) {
            complain_of(ui->setup.model, rest, err);
            *at = (size_t)(rest - text);
            return false;
        }
        ui_enter(ui, place_of_view(drawn_view(text, len)), rest);
        return true;
    }
    if (!screen_view(text) && sums_open(ui, text))
        return true;
    p = screen_view(text) ? place_of_view(screen_view(text))
                          : place_of_text(text, err, at);
    if (p)
        ui_enter(ui, p, NULL);
    else if (*at == 0)
        complain_of_word(text, len, err);
    return p;
}

void command_complete(const char *text, char *to, size_t room)
{
    size_t used = 0;

    for (const struct view *const *v = views_all(); *v; v++)
        if (!(*v)->off_screen && (!(*v)->kind || strcmp((*v)->kind, (*v)->name) != 0))
            used = add_name(to, room, used, (*v)->name, text);
    for (const struct key *k = keys_table; k->name; k++)
        if (k->command)
            used = add_name(to, room, used, k->command, text);
    for (const struct command *c = commands; c->name; c++)
        if (!key_of_command(c->name, strlen(c->name)))
            used = add_name(to, room, used, c->name, text);
}

bool command_help(const char *word, char *to, size_t room)
{
    const struct key *k = key_of_command(word, strlen(word));
    const struct view *v = screen_view(word);

    to[0] = '\0';
    if (k)
        snprintf(to, room, "%s (%s): %s", word, k->name, k->help);
    else if (v && v->key)
        snprintf(to, room, "%s (%c): %s", word, v->key, v->help);
    else if (v)
        snprintf(to, room, "%s: %s", word, v->help);
    for (const struct command *c = commands; c->name && !to[0]; c++)
        if (strcmp(c->name, word) == 0)
            snprintf(to, room, "%s: %s", word, c->help);
    return to[0];
}
