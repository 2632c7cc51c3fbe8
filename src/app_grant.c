/* What a console does for the operator beside showing: the clipboard, files, and a memory
 * from one start to the next. None of it touches what is watched. */
#include "app.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "show/format.h"
#include "show/query.h"
#include "tui/terminal.h"
#include "tui/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_MEMORY = 256 << 10 };

/* ---- files ---- */

static const struct format *format_of(const char *file)
{
    const char *dot = strrchr(file, '.');

    for (const struct format *const *f = formats_all(); dot && *f; f++)
        if (strcmp((*f)->name, dot + 1) == 0)
            return *f;
    return NULL;
}

static void write_query(const struct app *app, const struct ui_export *e,
                        const struct format *format, FILE *out)
{
    struct err err;
    size_t at;
    struct query *q = query_parse(e->query, &err, &at);
    struct table *t;

    if (!q)
        return;
    t = table_new(app->past ? app->past : app->model, q, format->wide);
    format->write(t, out);
    table_free(t);
    query_free(q);
}

static void export(const struct app *app, struct ui *ui, const struct ui_export *e)
{
    const struct format *format = format_of(e->file);
    FILE *out;
    int fd;

    if (e->query[0] && !format) {
        ui_say(
            ui,
            "%.80s: the ending says how: csv, json, ndjson, tsv or prom; txt is the screen",
            e->file);
        return;
    }
    fd = open(e->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) {
        ui_say(ui, "%.200s: %s%s", e->file, strerror(errno),
               errno == EEXIST ? "; nothing is written over" : "");
        return;
    }
    if (e->query[0]) {
        write_query(app, e, format, out);
    } else {
        char *text = grid_to_text(ui_grid(ui));

        fputs(text, out);
        free(text);
    }
    ui_say(ui, file_end(out) == 0 ? "written to %.200s" : "%.200s could not be written",
           e->file);
}

void app_grant(struct app *app, struct ui *ui, struct terminal *t)
{
    const struct ui_export *e = ui_exported(ui);
    const char *copied = ui_copied(ui);

    if (e)
        export(app, ui, e);
    if (copied)
        terminal_copy(t, copied);
}

/* ---- memory ---- */

/* NULL: there is no place for it. */
static const char *memory_path(struct arena *a)
{
    return file_under(a, "XDG_STATE_HOME", ".local/state", "gigawatch/console");
}

static void read_memory(struct ui *ui, const char *path)
{
    FILE *in = path ? fopen(path, "re") : NULL;
    char *text;

    if (!in)
        return;
    text = xcalloc(MOST_MEMORY + 1, 1);
    if (fread(text, 1, MOST_MEMORY, in) > 0)
        ui_remember(ui, text);
    free(text);
    fclose(in);
}

void app_remember(struct ui *ui, bool wall)
{
    struct arena *a = arena_new();

    if (!wall)
        read_memory(ui, memory_path(a));
    arena_free(a);
}

/* What cannot be written is no loss but of convenience; what was written before stays
 * then. */
static void write_memory(struct ui *ui, const char *path, const char *next)
{
    char *text;
    FILE *out;
    int fd;

    file_make_folders(path);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out)
        return;
    text = ui_memory(ui);
    fputs(text, out);
    free(text);
    if (file_end(out) != 0 || rename(next, path) != 0)
        unlink(next);
}

void app_memorise(struct ui *ui, bool wall)
{
    struct arena *a = arena_new();
    const char *path = wall ? NULL : memory_path(a);

    if (path)
        write_memory(ui, path, arena_printf(a, "%s.new", path));
    arena_free(a);
}

/* ---- the command line ---- */

/* As a shell takes it. */
static const char *quoted(struct arena *a, const char *text)
{
    size_t room = 4 * strlen(text) + 8;
    char *word;

    if (*text && !text[strcspn(text, " \t\r\n'\"\\$&|;<>()*?[]#~!`{}")])
        return text;
    word = arena_alloc(a, room);
    text_shell_word(word, room, text);
    return word;
}

const char *app_command(const struct app *app)
{
    const struct cli *cli = app->cli;
    struct arena *a = app->settings->arena;
    const char *line = "gigawatch";

    if (cli->config)
        line = arena_printf(a, "%s -c %s", line, quoted(a, cli->config));
    if (cli->cache)
        line = arena_printf(a, "%s --cache %s", line, quoted(a, cli->cache));
    for (size_t i = 0; i < cli->set_count; i++)
        line = arena_printf(a, "%s --set %s", line, quoted(a, cli->sets[i]));
    if (cli->demo)
        line = arena_printf(a, *cli->demo ? "%s --demo=%s" : "%s --demo%s", line,
                            *cli->demo ? quoted(a, cli->demo) : "");
    if (cli->replay)
        line = arena_printf(a, "%s --replay %s", line, quoted(a, cli->replay));
    for (size_t i = 0; i < cli->argument_count; i++)
        line = arena_printf(a, "%s %s", line, quoted(a, cli->arguments[i]));
    return line;
}
