/* What one can type after ":": a view's name, a query of any kind, or one of a few
 * commands. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "tui/state.h"
#include "tui/terminal.h"
#include "tui/theme.h"

/* A command that takes words, beside those of the keys. Runs with what follows its name;
 * false with *err. */
struct command {
    const char *name;
    bool (*run)(struct ui *ui, const char *rest, struct err *err);
    const char *help;
    void (*offer)(struct offers *o, struct ui *ui,
                  const char *line); /* what may follow; NULL: not known */
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

static void offer_themes(struct offers *o, struct ui *ui, const char *line)
{
    (void)ui;
    (void)line;
    for (const struct theme **t = themes; *t; t++)
        offers_add(o, (*t)->name, "", (*t)->help);
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
    p->holds = false;
    p->cursor = p->first = 0;
    p->outdated = true;
    return true;
}

/* "-" of the word that is typed stays. */
static void offer_order(struct offers *o, struct ui *ui, const char *line)
{
    const char *sign = line[o->from] == '-' ? "-" : "";

    for (const struct column *c = ui->place->view->columns; c && c->name; c++)
        offers_add(o, arena_printf(o->arena, "%s%s", sign, c->name), "", column_help(c));
}

static void offer_domains(struct offers *o, const struct model *m)
{
    enum { MOST = 1000 };
    const uint32_t *order = model_order(m, GW_DOMAIN);

    for (size_t i = 0; i < model_rows(m, GW_DOMAIN) && o->count < MOST; i++)
        if (model_name(m, GW_DOMAIN, order[i]) && model_name(m, GW_DOMAIN, order[i])[0])
            offers_add(o, model_name(m, GW_DOMAIN, order[i]), "", "");
}

static bool look_back(struct ui *ui, const char *rest, struct err *err)
{
    return past_at(ui, rest, err);
}

static const struct command commands[] = {
    { "at", look_back, "as it was at a time: at -15m, at 14:05", NULL },
    { "export", export_file, "write what is shown to a file, in the format of its ending",
      NULL },
    { "messages", messages, "what the last line said", NULL },
    { "sort", sort, "sort by fields: sort -load,name", offer_order },
    { "theme", theme, "other colours", offer_themes },
    { 0 }
};

/* What hands type that come from elsewhere. */
static const struct {
    const char *typed, *meant;
} habits[] = { { "q", "quit" }, { "q!", "quit" },   { "qa", "quit" }, { "wq", "quit" },
               { "x", "quit" }, { "exit", "quit" }, { "h", "help" } };

static const char *by_habit(const char *text)
{
    for (size_t i = 0; i < sizeof(habits) / sizeof(*habits); i++)
        if (strcmp(habits[i].typed, text) == 0)
            return habits[i].meant;
    return text;
}

/* The key whose command has that name. */
static const struct key *key_of_command(const char *name, size_t len)
{
    for (const struct key *k = keys_table; k->name; k++)
        if (k->command && strlen(k->command) == len &&
            strncmp(k->command, name, len) == 0)
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
    size_t domains = model_rows(m, GW_DOMAIN);

    for (size_t i = 0; i < domains && i < 4; i++)
        if (model_name(m, GW_DOMAIN, order[i]))
            text_add(first, sizeof(first), "%s%.40s", i ? ", " : "",
                     model_name(m, GW_DOMAIN, order[i]));
    if (domains == 0)
        err_set(err, "nothing is called \"%.40s\": no domain is known yet", name);
    else
        err_set(err, "nothing is called \"%.40s\"; of %zu domains the first are %s", name,
                domains, first);
}

/* The first word is no command, no view and no kind. */
static void complain_of_word(const char *text, size_t len, struct err *err)
{
    struct offers o = { .arena = arena_new() };
    char known[4096] = "", word[21], meant[2100];

    command_offer(&o);
    for (size_t i = 0; i < o.count; i++)
        text_add(known, sizeof(known), "%s\n", o.items[i].word);
    offers_drop(&o);
    snprintf(word, sizeof(word), "%.*s", (int)len, text);
    if (!text_meant(meant, sizeof(meant), word, known))
        snprintf(meant, sizeof(meant), "Tab shows what there is, Tab and ? help");
    err_set(err, "no view, command or kind \"%s\"; %s", word, meant);
}

/* Esc leads back from it. */
static void enter_typed(struct ui *ui, struct place *p, const char *label)
{
    p->is_typed = true;
    ui_enter(ui, p, label);
}

/* "map lens tenant": words of the view's own. False: they are none, or a name. */
static bool run_words(struct ui *ui, const struct view *v, const char *text,
                      const char *rest, struct err *err)
{
    size_t at;

    if (!v->accepts || is_known(ui->setup.model, rest) || !v->accepts(rest, err))
        return false;
    enter_typed(ui, place_of_text(text, err, &at), NULL);
    return true;
}

/* Behind its name. */
static bool takes_row(const struct view *v)
{
    return v->of_one || v->accepts;
}

bool command_run(struct ui *ui, const char *typed, struct err *err, size_t *at)
{
    const char *text = by_habit(typed), *rest;
    size_t len = strcspn(text, " ");
    struct place *p;

    rest = text + len + strspn(text + len, " ");
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
        if (run_words(ui, drawn_view(text, len), text, rest, err))
            return true;
        if (!takes_row(drawn_view(text, len))) {
            place_free(place_of_text(text, err, at));
            return false;
        }
        if (!is_known(ui->setup.model, rest)) {
            if (!drawn_view(text, len)->accepts || !strchr(rest, ' '))
                complain_of(ui->setup.model, rest, err);
            *at = (size_t)(rest - text);
            return false;
        }
        enter_typed(ui, place_of_view(drawn_view(text, len)), rest);
        return true;
    }
    if (!screen_view(text) && sums_open(ui, text))
        return true;
    p = screen_view(text) ? place_of_view(screen_view(text))
                          : place_of_text(text, err, at);
    if (p)
        enter_typed(ui, p, NULL);
    else if (*at == 0)
        complain_of_word(text, len, err);
    return p;
}

/* ---- what may be typed ---- */

static void offer_view(struct offers *o, const struct view *v)
{
    char key[2] = { v->key && !v->off_screen ? (char)v->key : '\0', '\0' };
    const char *end = strstr(v->help, ". ");

    /* Its first sentence. */
    offers_add(o, v->name, key,
               end ? arena_strndup(o->arena, v->help, (size_t)(end - v->help)) : v->help);
}

/* As one counts: 1 to 9, 0, then letters, then those without a key. */
static void offer_views(struct offers *o)
{
    static const char digits[] = "1234567890";

    for (const char *d = digits; *d; d++)
        if (view_of_key(*d))
            offer_view(o, view_of_key(*d));
    for (int keyed = 1; keyed >= 0; keyed--)
        for (const struct view *const *v = views_all(); *v; v++)
            if (!(*v)->off_screen && ((*v)->key != 0) == (keyed == 1) &&
                !((*v)->key && strchr(digits, (*v)->key)))
                offer_view(o, *v);
}

/* What one asks about, where no view on the screen has that name. */
static void offer_kinds(struct offers *o)
{
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->kind && (*v)->columns && view_of_kind((*v)->kind) == *v &&
            !screen_view((*v)->kind))
            offers_add(o, (*v)->kind, "", (*v)->help);
}

void command_offer(struct offers *o)
{
    offer_views(o);
    offer_kinds(o);
    for (const struct command *c = commands; c->name; c++)
        if (!key_of_command(c->name, strlen(c->name)))
            offers_add(o, c->name, "", c->help);
    for (const struct key *k = keys_table; k->name; k++)
        if (k->command && !screen_view(k->command))
            offers_add(o, k->command, k->name, k->help);
}

static const struct command *command_of(const char *line, size_t len)
{
    for (const struct command *c = commands; c->name; c++)
        if (strlen(c->name) == len && strncmp(c->name, line, len) == 0)
            return c;
    return NULL;
}

bool command_offer_rest(struct offers *o, struct ui *ui, const char *line)
{
    size_t len = strcspn(line, " ");
    const struct command *c = command_of(line, len);

    if (c && c->offer)
        c->offer(o, ui, line);
    else if (!c && drawn_view(line, len) && takes_row(drawn_view(line, len)))
        offer_domains(o, ui->setup.model);
    return c || drawn_view(line, len);
}
