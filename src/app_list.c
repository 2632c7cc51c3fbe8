/* --list and --doctor: what there is, what is configured and where it came from. */
#include "app.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli_words.h"
#include "config.h"
#include "poll/kubeconfig.h"
#include "poll/url.h"
#include "show/format.h"
#include "tui/card.h"
#include "tui/terminal.h"
#include "tui/theme.h"
#include "tui/ui.h"

#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_MISTAKES = 100 };   /* of targets, that are told */

/* The columns that a cell takes, with the gap behind it. */
static int print_cell(FILE *out, const char *text, int width)
{
    enum { GAP = 2 };
    int taken = text_width(text);

    width = taken > width ? taken : width;
    fprintf(out, "%s%*s", text, width - taken + GAP, "");
    return width + GAP;
}

enum { NAME_CELL = 18, UNIT_CELL = 8 };

static void print_pair(FILE *out, const char *name, const char *help)
{
    cli_print_words(out, help, print_cell(out, name, NAME_CELL));
}

/* Text of tab-separated lines, as aligned columns; the last is as long as it likes. */
static void print_tabbed(FILE *out, char *text)
{
    char *rest = text, *line, *cell;

    while ((line = strsep(&rest, "\n")) && *line) {
        int left = 0;

        while ((cell = strsep(&line, "\t")) && line)
            left += print_cell(out, cell, NAME_CELL);
        cli_print_words(out, cell, left);
    }
    free(text);
}

static int list_views(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    for (const struct view *const *v = views_all(); *v; v++)
        if (!(*v)->off_screen)
            print_pair(out, (*v)->name, (*v)->help);
    return 0;
}

static int list_kinds(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->kind)
            print_pair(out, (*v)->kind, (*v)->help);
    return 0;
}

static int list_fields(FILE *out, const struct cli *cli, struct err *err)
{
    const struct view *v = view_of_kind(cli->list_of);

    if (!v)
        return err_set_code(err, ERR_USAGE, "unknown kind \"%.20s\"; see --list kinds",
                            cli->list_of);
    for (const struct column *c = v->columns; c->name; c++) {
        int left = print_cell(out, c->name, NAME_CELL);

        left += print_cell(out, c->text ? "text" : unit_name(c->unit), UNIT_CELL);
        cli_print_words(out, column_help(c), left);
    }
    return 0;
}

/* More of what was named above. */
__attribute__((format(printf, 2, 3))) static void print_below(FILE *out,
                                                              const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    print_pair(out, "", text);
}

static int list_sources(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    for (const struct gw_source *const *s = sources_all(); *s; s++) {
        print_pair(out, (*s)->name, (*s)->summary);
        if ((*s)->missing)
            print_below(out, "does not work here: %s", (*s)->missing);
        if ((*s)->schemes)
            print_below(out, "schemes: %s", (*s)->schemes);
        for (const struct gw_option *o = (*s)->options; o && o->name; o++)
            print_below(out, "%s%s%s: %s", o->name, o->fallback ? "=" : "",
                        o->fallback ? o->fallback : "", o->help);
    }
    return 0;
}

static int list_formats(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    for (const struct format *const *f = formats_all(); *f; f++)
        print_pair(out, (*f)->name, (*f)->help);
    return 0;
}

static int list_keys(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    print_tabbed(out, ui_list_keys());
    return 0;
}

static int list_themes(FILE *out, const struct cli *cli, struct err *err)
{
    (void)cli, (void)err;
    print_tabbed(out, terminal_list_themes());
    return 0;
}

int app_refuse_view(const char *name, struct err *err)
{
    char known[400] = "", meant[420];

    if (view_amiss(name))
        return err_set_code(err, ERR_USAGE, "%s", view_amiss(name));
    for (const struct view *const *v = views_all(); *v; v++)
        if (!(*v)->off_screen)
            text_add(known, sizeof(known), "%s ", (*v)->name);
    if (!text_meant(meant, sizeof(meant), name, known))
        snprintf(meant, sizeof(meant), "see --list views");
    return err_set_code(err, ERR_USAGE, "--view: unknown view \"%.20s\"; %s", name, meant);
}

/* Beside the good ones; the last is the error. */
static int tell_bad_themes(const struct settings *settings, struct err *err)
{
    const struct bad_theme *bad = settings->bad_themes;

    if (!bad)
        return 0;
    for (; bad->next; bad = bad->next)
        fprintf(stderr, "gigawatch: %s\n", bad->why.text);
    *err = bad->why;
    return -1;
}

static int tell_bad_views(const struct settings *settings, struct err *err)
{
    const struct bad_view *bad = views_bad();

    (void)settings;
    if (!bad)
        return 0;
    for (; bad->next; bad = bad->next)
        fprintf(stderr, "gigawatch: %s\n", bad->why);
    return err_set_code(err, ERR_USAGE, "%s", bad->why);
}

static const struct {
    const char *name;
    int (*print)(FILE *out, const struct cli *cli, struct err *err);
    /* NULL: none can be bad */
    int (*tell_bad)(const struct settings *settings, struct err *err);
} lists[] = {
    { "views", list_views, tell_bad_views },
    { "kinds", list_kinds, NULL },
    { "fields", list_fields, NULL },
    { "sources", list_sources, NULL },
    { "formats", list_formats, NULL },
    { "keys", list_keys, NULL },
    { "themes", list_themes, tell_bad_themes },
};

int app_list(FILE *out, const struct cli *cli, const struct settings *settings,
             struct err *err)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(lists[i].name, cli->list) == 0)
            return lists[i].print(out, cli, err) != 0 ? -1
                   : lists[i].tell_bad                ? lists[i].tell_bad(settings, err)
                                                      : 0;
    return err_set_code(err, ERR_USAGE,
                        "--list %.20s: expected views, kinds, fields KIND, "
                        "sources, formats, keys or themes",
                        cli->list);
}

/* ---- doctor ---- */

/* Without the folder of the configuration, which stands above. */
static const char *place_of(const struct settings *s, const char *origin)
{
    const char *slash = s->file ? strrchr(s->file, '/') : NULL;

    return slash && strncmp(origin, s->file, strlen(s->file)) == 0
               ? origin + (slash + 1 - s->file)
               : origin;
}

/* Which files ssh reads where none is named: it asks the password file where home is, not
 * $HOME. */
static char *own_ssh_configs(char *to, size_t room)
{
    const struct passwd *me = getpwuid(getuid());
    char own[400] = "";
    const char *const paths[] = { own, "/etc/ssh/ssh_config" };

    to[0] = '\0';
    if (me && me->pw_dir)
        snprintf(own, sizeof(own), "%s/.ssh/config", me->pw_dir);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (access(paths[i], R_OK) == 0)
            text_add(to, room, "%s%s", to[0] ? ", " : "", paths[i]);
    if (!to[0])
        snprintf(to, room, "none: no %s", own);
    return to;
}

static void print_settings(FILE *out, const struct settings *s)
{
    char own[900];

    char *text = settings_describe(s), *rest = text, *line, *value, *origin;

    while ((line = strsep(&rest, "\n")) && *line) {
        const char *name = strsep(&line, "\t");

        value = strsep(&line, "\t");
        origin = strsep(&line, "\t");
        if (strcmp(name, "ssh.config") == 0 && !s->ssh_config)
            value = own_ssh_configs(own, sizeof(own));
        fprintf(out, "  %-30s  %s%*s  %s\n", name, value,
                text_width(value) < 22 ? 22 - text_width(value) : 0, "",
                place_of(s, origin));
    }
    free(text);
}

/* What looks like a setting and is none: most likely a slip. */
static int print_stray_variables(FILE *out, const struct settings *s)
{
    const char *variable;
    int bad = 0;

    for (size_t at = 0; (variable = settings_stray_variable(s, &at)); bad = 1)
        fprintf(out, "  %.*s: no setting is called so; see gigawatch.yaml(5)\n",
                (int)strcspn(variable, "="), variable);
    return bad;
}

static bool is_demo(const struct settings *s)
{
    return s->target_count > 0 &&
           strcmp(s->targets[s->target_count - 1].origin, "--demo") == 0;
}

static int print_cache(FILE *out, struct settings *s)
{
    const char *path = settings_cache(s);
    struct err err;
    int bad = 0;

    if (!path) {
        fprintf(out, "  none\n");
        return 0;
    }
    if (is_demo(s) && !s->cache) {
        fprintf(out, "  none: a simulated site leaves no trace\n");
        return 0;
    }
    if (access(path, F_OK) != 0) {
        err_set(&err, "%s: not there yet; the console or --collect makes it", path);
    } else if (store_check(path, &err) != 0) {
        bad = 1;
    } else {
        err_set(&err, "%s: whole", path);
    }
    fprintf(out, "  %s\n", err.text);
    return bad;
}

/* ---- the record of the forecasts, from the cache ---- */

static void take_in(void *model, struct batch *b)
{
    model_apply(model, b);
    batch_free(b);
}

static bool says(const struct model *m, uint32_t forecast, const char *word)
{
    const char *trusted = model_text(m, M_FORECAST_TRUSTED, forecast);

    return trusted && text_begins(trusted, word);
}

/* Of the forecasts for the next hour: who is trusted. */
static void print_trust(FILE *out, const struct model *m)
{
    size_t yes = 0, learning = 0, silent = 0, no = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_FORECAST); row++) {
        if (model_number(m, M_FORECAST_HORIZON, row) != 3600)
            continue;
        yes += says(m, row, "yes");
        learning += says(m, row, "learning");
        silent += says(m, row, "silent");
        if (says(m, row, "no") && no++ < 20)
            fprintf(out, "  not trusted: %s\n", model_text(m, M_FORECAST_DOMAIN, row));
    }
    fprintf(out, "  %zu trusted, %zu still learning, %zu silent, %zu not trusted\n", yes,
            learning, silent, no);
}

static void print_rejected(FILE *out, const struct model *m)
{
    double rejected = model_number(m, M_SITE_REJECTED, 0);

    if (rejected > 0)
        fprintf(out, "  %.0f step%s of power not believed, and left out: -q 'events where \"do not believe\"' says whose\n",
                rejected, rejected == 1 ? "" : "s");
}

static void print_scores(FILE *out, const struct model *m)
{
    double scored = model_number(m, M_SITE_SCORED, 0),
           held = model_number(m, M_SITE_COVERAGE80, 0);
    double skill = model_number(m, M_SITE_SKILL, 0),
           hits = model_number(m, M_SITE_HITS, 0);

    print_rejected(out, m);
    if (!(scored > 0)) {
        fprintf(out, "  none scored yet\n");
        return;
    }
    fprintf(out, "  %.0f for the next hour scored in the last one to two weeks\n",
            scored);
    fprintf(out, "  %.1f %% were in the 80 %% band\n", held * 100);
    if (skill == skill)
        fprintf(out, "  Brier skill of p: %.2f\n", skill);
    if (hits == hits)
        fprintf(out, "  breaches: %.0f announced, %.0f not\n", hits,
                model_number(m, M_SITE_MISSES, 0));
    print_trust(out, m);
}

/* What the cache knows, as far as it is of use here. The caller frees. */
static struct model *remembered(struct settings *s)
{
    const char *path = settings_cache(s);
    struct model *m = model_new(s->site);
    struct err err;
    struct store *store = path && access(path, R_OK) == 0
                              ? store_open(path, STORE_READ, &err)
                              : NULL;

    if (store)
        (void)store_recall(store, 1u << GW_SITE | 1u << GW_FORECAST | 1u << GW_NODE,
                           take_in, m, &err);
    store_close(store);
    return m;
}

int app_tell_mistakes(FILE *out, const struct settings *s, size_t from)
{
    for (size_t i = from; i < s->mistake_count; i++)
        fprintf(out, "  %s\n", s->mistakes[i].text);
    return s->mistake_count > from;
}

/* A source that cannot work here is amiss only where a target needs it: print_targets()
 * says so. */
static int print_sources(FILE *out, struct settings *s)
{
    size_t before = s->mistake_count;
    struct err err;
    int bad;

    (void)app_load_plugins(s, &err);    /* all mistakes are kept */
    bad = app_tell_mistakes(out, s, before);
    for (const struct gw_source *const *source = sources_all(); *source; source++)
        fprintf(out, "  %-20s  %s%s\n", (*source)->name,
                (*source)->missing ? "lacks " : "works",
                (*source)->missing ? (*source)->missing : "");
    return bad;
}

/* What a context comes to, without asking anybody. */
static int print_context(FILE *out, const struct target_config *t)
{
    struct kube_access a;
    struct url url;
    struct err err;
    const char *how;

    if (strncmp(t->url, "kube:", 5) != 0 || url_read(&url, t->url, NULL) < 0)
        return 0;
    if (kubeconfig_read(&a, t->kubeconfig, url.host, &err) < 0) {
        fprintf(out, "  %-20s  %s\n", "", err.text);
        return 1;
    }
    how = a.token_file                ? a.token_file
          : a.token                   ? "a token"
          : a.exec.command            ? a.exec.command
          : a.cert || a.cert_pem.text ? "a client certificate"
                                      : "nobody";
    fprintf(out, "  %-20s  %s: %s%s, as %s%s\n", "", a.where, a.server, a.path, how,
            a.unverified ? ", NOT VERIFIED" : "");
    kubeconfig_end(&a);
    return 0;
}

static bool has_cache(struct settings *s)
{
    const char *path = settings_cache(s);

    return path && access(path, F_OK) == 0;
}

/* -1 where nobody would poll it. */
static int print_target(FILE *out, const struct settings *s,
                        const struct target_config *t)
{
    const struct gw_source *source = source_of_target(t);
    char public[400], shown[400], name[80], every[160];
    int bad;

    url_public(public, sizeof(public), t->url);
    text_clean(shown, sizeof(shown), public, strlen(public));
    text_clean(name, sizeof(name), t->name, strlen(t->name));
    snprintf(every, sizeof(every), "every %g s (%s)", t->interval_s,
             place_of(s, t->interval_origin));
    fprintf(out, "  %-20s  %-32s  %-8s  %-28s  %s\n", name, shown,
            source ? source->name : "no source", every, place_of(s, t->origin));
    bad = print_context(out, t);
    /* That none reads it the poller says. */
    if (source && source->missing)
        fprintf(out, "  %-20s  %s\n", "", source->missing);
    return bad || !source || source->missing;
}

/* So many follow that the same declaration made. */
static size_t count_alike(const struct settings *s, size_t first)
{
    size_t next = first + 1;

    while (next < s->target_count &&
           strcmp(s->targets[next].origin, s->targets[first].origin) == 0)
        next++;
    return next - first - 1;
}

/* Of many that one declaration made, the first. Without targets, a site or a cache there
 * is nothing to show. */
static int print_targets(FILE *out, struct settings *s)
{
    enum { SHOWN = 3 };
    int bad = 0;

    for (size_t i = 0; i < s->target_count; i++) {
        size_t alike = count_alike(s, i), end = i + alike;

        for (size_t shown = 0; i <= end && (shown < SHOWN || alike == SHOWN); shown++)
            bad |= print_target(out, s, &s->targets[i++]);
        if (i <= end)
            fprintf(out, "  … and %zu more like these, to %s\n", end + 1 - i,
                    s->targets[end].name);
        i = end;
    }
    if (s->target_count == 0)
        fprintf(
            out,
            "  none: name some in gigawatch.yaml or on the command line, or try --demo\n");
    return bad || (s->target_count == 0 && !s->roster && !has_cache(s));
}

/* Would these be polled? */
static bool is_polled(const struct target_config *targets, size_t count, struct err *err)
{
    struct inbox *inbox = inbox_new(NULL);
    struct poller *p = poller_new(targets, count, inbox, err);
    bool is_made = p != NULL;

    poller_stop(p);
    inbox_free(inbox);
    return is_made;
}

/* Of many that one declaration made, the first that is wrong is told. */
static void print_unpolled(FILE *out, const struct settings *s)
{
    const char *told = NULL;
    size_t count = 0;
    struct err err;

    for (size_t i = 0; i < s->target_count && count < MOST_MISTAKES; i++) {
        if (s->targets[i].origin == told || is_polled(&s->targets[i], 1, &err))
            continue;
        fprintf(out, "  %s\n", err.text);
        told = s->targets[i].origin;
        count++;
    }
}

static int print_poller(FILE *out, struct settings *s)
{
    size_t before = s->mistake_count;
    struct err err;
    bool bad = s->target_count && !is_polled(s->targets, s->target_count, &err);

    if (bad)
        print_unpolled(out, s);
    (void)app_check_options(s, &err);   /* all are kept */
    return app_tell_mistakes(out, s, before) || bad;
}

int app_doctor(FILE *out, struct settings *settings, const struct cli *cli)
{
    const char *term = getenv("TERM");
    struct model *m = remembered(settings);
    bool is_understood = settings->mistake_count == 0;
    int bad = !is_understood;

    fprintf(out, "gigawatch %s\n", PACKAGE_VERSION);
    fprintf(out, "\nterminal\n  TERM=%s, %s\n", term ? term : "(unset)",
            terminal_is_utf8() ? "UTF-8" : "not UTF-8: drawing in ASCII");
    fprintf(out, "\nconfiguration\n  file: %s\n",
            settings->file ? settings->file
                           : "none (looked in ~/.config/gigawatch and /etc/gigawatch)");
    app_tell_mistakes(out, settings, 0);
    print_settings(out, settings);
    bad |= print_stray_variables(out, settings);
    fprintf(out, "\nsources\n");
    bad |= print_sources(out, settings);
    fprintf(out, "\ncache\n");
    bad |= print_cache(out, settings);
    fprintf(out, "\nforecasts\n");
    print_scores(out, m);
    if (is_demo(settings))
        fprintf(
            out,
            "\nsite\n  simulated: it brings domains, racks, nodes and caps of its own\n");
    else
        fprintf(out, "\nsite\n  %zu declared domains, racks, nodes and GPUs, %zu caps\n",
                settings->roster ? settings->roster->entity_count : 0,
                settings->cap_count);
    app_tell_twins(out, m);
    model_free(m);
    fprintf(out, "\ntargets\n");
    app_complete_targets(settings, cli);
    bad |= print_targets(out, settings);
    bad |= app_tell_undeclared(out, settings);
    bad |= app_look_at_files(out, settings);
    bad |= print_poller(out, settings);
    if (bad)
        fprintf(out, "\nsomething is amiss; see above\n");
    else if (settings->target_count)
        fprintf(out, "\nnothing amiss; nobody was asked: --doctor %s does that\n",
                settings->targets[0].name);
    else
        fprintf(out, "\nnothing amiss\n");
    return is_understood ? bad : ERR_USAGE;
}

/* ---- --doctor terminal ---- */

static void print_card(const struct settings *s)
{
    struct card_facts facts = { getenv("TERM"), 0, terminal_is_utf8(), false, true };
    struct grid *g = grid_new(80, 24);
    char *text;

    g->ascii = s->ascii || !terminal_is_utf8();
    card_draw(g, &facts);
    grid_without_color(g);
    text = grid_to_text(g);
    fputs(text, stdout);
    free(text);
    grid_free(g);
}

/* Until a key is pressed; drawn anew after an answer of the terminal or a change of its
 * size. */
static void show_card(const struct settings *s, struct terminal *t)
{
    struct grid *g = grid_new(0, 0);
    struct pollfd fd = { .fd = terminal_fd(t), .events = POLLIN };
    int key = 0, w, h;

    g->ascii = s->ascii || !terminal_is_utf8();
    while (key == 0 || key == KEY_SCREEN_RESIZED) {
        struct card_facts facts = { getenv("TERM"), terminal_colors(t),
                                    terminal_is_utf8(), terminal_synchronises(t),
                                    terminal_is_mono(t) };

        terminal_size(t, &w, &h);
        if (w != g->w || h != g->h)
            grid_resize(g, w, h);
        card_draw(g, &facts);
        terminal_show(t, g);
        if (poll(&fd, 1, -1) < 0 || fd.revents & (POLLHUP | POLLERR))
            break;
        key = terminal_key(t);
    }
    grid_free(g);
}

int app_card(struct settings *settings, struct err *err)
{
    struct terminal_setup setup = { .theme = settings->theme,
                                    .color = settings_wants_color(settings) };
    struct terminal *t;

    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
        print_card(settings);
        return 0;
    }
    t = terminal_open(&setup, err);
    if (!t)
        return -1;
    show_card(settings, t);
    terminal_close(t);
    return 0;
}
