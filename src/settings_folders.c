/* The folders beside the configuration whose files are what users made: views and themes,
 * a file NAME.yaml each. */
#include "settings_yaml.h"
#include "base/file.h"
#include "show/view.h"
#include "tui/theme.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 48, MOST_BYTES = 64 << 10 };

/* Is the name somebody's? */
enum taken { TAKEN_NOT, TAKEN_BY_USER, TAKEN_BY_US };

static enum taken view_taken(const char *name)
{
    const struct view *v = view_find(name);

    return v && v->words             ? TAKEN_BY_USER
           : v || view_of_kind(name) ? TAKEN_BY_US
                                     : TAKEN_NOT;
}

static enum taken theme_taken(const char *name)
{
    const struct theme *t = theme_find(name);

    return !t ? TAKEN_NOT : t->is_made ? TAKEN_BY_USER : TAKEN_BY_US;
}

static void keep_bad_view(struct settings *s, const char *name, const struct err *why)
{
    struct bad_view *bad = arena_alloc(s->arena, sizeof(*bad));

    *bad = (struct bad_view){ name, arena_strdup(s->arena, why->text), NULL };
    views_add_bad(bad);
}

static void keep_bad_theme(struct settings *s, const char *name, const struct err *why)
{
    struct bad_theme *bad = arena_alloc(s->arena, sizeof(*bad)), **last = &s->bad_themes;

    *bad = (struct bad_theme){ name, *why, NULL };
    while (*last)
        last = &(*last)->next;
    *last = bad;
}

static const struct folder {
    const char *name, *thing;
    int (*read)(struct reading *r, const yaml_node_t *root, const char *name);
    enum taken (*taken)(const char *name);
    /* A bad file stops only who asks for it. */
    void (*keep_bad)(struct settings *s, const char *name, const struct err *why);
} views_folder = { "views", "view", read_view, view_taken, keep_bad_view },
  themes_folder = { "themes", "theme", read_theme, theme_taken, keep_bad_theme };

static bool is_name(const char *name, size_t len)
{
    return len > 0 && len < 32 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= len;
}

static int read_file(struct settings *s, const struct folder *of, const char *path,
                     const char *name, struct err *err)
{
    char *text = xcalloc(1, MOST_BYTES + 1);
    /* A pipe has no end, and its beginning may never come. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *in = fd >= 0 ? fdopen(fd, "rb") : NULL;
    struct stat is = { .st_mode = 0 };
    size_t len = in && fstat(fd, &is) == 0 && S_ISREG(is.st_mode)
                     ? fread(text, 1, MOST_BYTES + 1, in)
                     : 0;
    int result;

    if (in && !S_ISREG(is.st_mode))
        result = err_set_code(err, ERR_USAGE, "%s: no file; a %s is one", path,
                              of->thing);
    else if (!in || ferror(in))
        result = err_set_code(err, ERR_USAGE, "%s: %s", path, strerror(errno));
    else if (len > MOST_BYTES)
        result = err_set_code(err, ERR_USAGE, "%s: larger than %d KiB; not a %s", path,
                              MOST_BYTES >> 10, of->thing);
    else
        result = settings_read_made(s, text, len, path, name, of->thing, of->read, err);
    if (in)
        fclose(in);
    else if (fd >= 0)
        close(fd);
    free(text);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the files in a folder, in order; a folder that is not there has none.
 * NULL-terminated, the caller's. */
static char **list_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0, room = 0;
    char **names = xgrow(NULL, &room, 1, sizeof(*names));

    while (dir && (entry = readdir(dir))) {
        size_t len = strlen(entry->d_name);

        if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0 ||
            entry->d_name[0] == '.')
            continue;
        names = xgrow(names, &room, count + 2, sizeof(*names));
        names[count++] = xstrdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof(*names), by_name);
    names[count] = NULL;
    return names;
}

/* Whose name is taken by a file read before is left out: the user's own goes before the
 * machine's. */
static int read_named(struct settings *s, const struct folder *of, const char *folder,
                      const char *file, struct err *err)
{
    size_t len = strlen(file) - strlen(".yaml");
    const char *path = arena_printf(s->arena, "%s/%s", folder, file);
    const char *name = arena_strndup(s->arena, file, len);
    enum taken taken = of->taken(name);

    if (!is_name(file, len))
        return err_set_code(err, ERR_USAGE, "%s: a %s's file is called NAME.yaml, of a to z, digits, \"_\" and \"-\"", path,
                            of->thing);
    if (taken == TAKEN_BY_USER)
        return 0;
    if (taken == TAKEN_BY_US)
        return err_set_code(err, ERR_USAGE, "%s: \"%s\" is a %s of gigawatch's own; choose another name", path, name, of->thing);
    return read_file(s, of, path, name, err);
}

static void read_folder(struct settings *s, const struct folder *of, const char *folder)
{
    char **names = list_folder(folder);

    for (size_t i = 0; names[i]; i++) {
        struct err err;
        int result = i < MOST_FILES
                         ? read_named(s, of, folder, names[i], &err)
                         : err_set_code(
                               &err, ERR_USAGE,
                               "%s: %s is one too many; %d files of %ss are read", folder,
                               names[i], MOST_FILES, of->thing);

        if (result != 0) {
            (void)settings_goes_on(s, &err);
            of->keep_bad(
                s, arena_strndup(s->arena, names[i], strlen(names[i]) - strlen(".yaml")),
                &err);
        }
        free(names[i]);
    }
    free(names);
}

/* The user's own, then the machine's. */
static void read_own(struct settings *s, const struct folder *of)
{
    const char *rest = arena_printf(s->arena, "gigawatch/%s", of->name);
    const char *own = file_under(s->arena, "XDG_CONFIG_HOME", ".config", rest);

    if (own)
        read_folder(s, of, own);
    read_folder(s, of, arena_printf(s->arena, GW_SYSCONF_DIR "/%s", rest));
    if (strcmp(GW_SYSCONF_DIR, "/etc") != 0)
        read_folder(s, of, arena_printf(s->arena, "/etc/%s", rest));
}

void settings_read_own_views(struct settings *s)
{
    read_own(s, &views_folder);
}

void settings_read_own_themes(struct settings *s)
{
    read_own(s, &themes_folder);
}
