/* Scalar settings: one table, from which the file, the environment, --set, --doctor and
 * the manual are served. */
#include "settings.h"
#include "settings_yaml.h"
#include "base/file.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum form { FORM_TEXT, FORM_PATH, FORM_BOOL, FORM_QUANTITY };

struct scalar {
    const char *name;
    enum form form;
    size_t offset;              /* in struct settings */
    const char *fallback;       /* as it would be written; NULL: unset */
    enum unit unit;             /* FORM_QUANTITY */
    double min, max;
    const char *help;
};

extern char **environ;         /* POSIX: in no header */

#define AT(member) offsetof(struct settings, member)

/* clang-format off */
static const struct scalar scalars[] = {
    { "site", FORM_TEXT, AT(site), "site", .help = "the site's name, at the left of every screen" },
    { "cap", FORM_QUANTITY, AT(cap_w), NULL, UNIT_W, 1, 1e11, "the site's cap; else the sum of its outermost domains' caps" },
    { "refresh", FORM_QUANTITY, AT(refresh_s), "1s", UNIT_S, .05, 3600, "how often the screen looks for news" },
    { "interval", FORM_QUANTITY, AT(interval_s), "5s", UNIT_S, .1, 86400, "how often a target is asked that has no interval of its own; where not given, as its source has it" },
    { "timeout", FORM_QUANTITY, AT(timeout_s), "10s", UNIT_S, .1, 3600, "deadline of one answer" },
    { "max-age", FORM_QUANTITY, AT(max_age_s), "15s", UNIT_S, 0, 1e9, "one-shots answer from the cache when it is younger than this" },
    { "theme", FORM_TEXT, AT(theme), "default", .help = "colours: see --list themes" },
    { "ascii", FORM_BOOL, AT(ascii), "no", .help = "draw with ASCII only" },
    { "color", FORM_BOOL, AT(color), "yes", .help = "use colours (NO_COLOR wins)" },
    { "mouse", FORM_BOOL, AT(mouse), "yes", .help = "let the wheel scroll and clicks select" },
    { "wall.panels", FORM_TEXT, AT(wall_panels), NULL, .help = "numbers on the wall: \"title: query; title: query\"" },
    { "wall.quit", FORM_TEXT, AT(wall_quit), NULL, .help = "keys that leave the wall, pressed in a row: \"q u i t\"; else Ctrl-C" },
    { "cache", FORM_PATH, AT(cache), NULL, .help = "the cache file, or none" },
    { "write-every", FORM_QUANTITY, AT(write_every_s), "5s", UNIT_S, .01, 3600, "how often what is new goes to the cache" },
    { "plugins", FORM_PATH, AT(plugins), NULL, .help = "a directory of further sources (.so)" },
    { "ssh.config", FORM_PATH, AT(ssh_config), NULL, .help = "an ssh_config(5) instead of ~/.ssh/config" },
    { "energy.price", FORM_QUANTITY, AT(price), NULL, UNIT_NONE, 0, 1e9, "price of a kWh where no source tells it; costs follow" },
    { "energy.currency", FORM_TEXT, AT(currency), NULL, .help = "what prices and costs are in: KRW, EUR, …" },
    { "energy.carbon", FORM_QUANTITY, AT(carbon), NULL, UNIT_NONE, 0, 1e5, "gCO2 a kWh where no source tells it" },
    { "thresholds.power.attention", FORM_QUANTITY, AT(thresholds.power_attention), "95%", UNIT_RATIO, .01, 10, "share of a cap that is worth a look" },
    { "thresholds.power.critical", FORM_QUANTITY, AT(thresholds.power_critical), "100%", UNIT_RATIO, .01, 10, "share of a cap that is a breach" },
    { "thresholds.gpu_temp.attention", FORM_QUANTITY, AT(thresholds.gpu_temp_attention), "85C", UNIT_C, 0, 200, "a GPU this hot is worth a look" },
    { "thresholds.gpu_temp.critical", FORM_QUANTITY, AT(thresholds.gpu_temp_critical), "92C", UNIT_C, 0, 200, "a GPU this hot is in danger" },
    { "thresholds.coverage.attention", FORM_QUANTITY, AT(thresholds.coverage_attention), "95%", UNIT_RATIO, 0, 1, "below this share of the roster, sums are doubtful" },
    { "thresholds.breach.attention", FORM_QUANTITY, AT(thresholds.p_attention), "10%", UNIT_RATIO, 0, 1, "probability of a breach within the hour that is worth a look" },
    { "thresholds.breach.critical", FORM_QUANTITY, AT(thresholds.p_critical), "50%", UNIT_RATIO, 0, 1, "probability of a breach within the hour that calls for action" },
    { "thresholds.hold", FORM_QUANTITY, AT(thresholds.hold_s), "1m", UNIT_S, 0, 86400, "an alert falls when it has been lower for so long; a forecast's, five times" },
    { 0 }
};
/* clang-format on */

static void *member(struct settings *s, const struct scalar *scalar)
{
    return (char *)s + scalar->offset;
}

const char *settings_path(struct arena *arena, const char *path)
{
    const char *home = getenv("HOME");

    if (path[0] == '~' && path[1] == '/' && home)
        return arena_printf(arena, "%s%s", home, path + 1);
    return arena_strdup(arena, path);
}

static int read_bool(const char *value, bool *to)
{
    static const char *const words[] = {
        "no", "yes", "false", "true", "off", "on", NULL
    };

    for (int i = 0; words[i]; i++) {
        if (strcmp(value, words[i]) != 0)
            continue;
        *to = i % 2;
        return 0;
    }
    return -1;
}

static int read_quantity(const struct scalar *scalar, const char *value, double *to,
                         struct err *err)
{
    enum unit unit;
    char advice[64];
    double number;
    size_t used = unit_parse_plate(value, &number, &unit);

    unit_meant(advice, value, scalar->unit);
    if (used == 0 || value[used])
        return err_set(err, scalar->unit == UNIT_NONE ? "%s: expected %s, got \"%.20s\"%s"
                                : "%s: expected a number with its unit (%s), got \"%.20s\"%s",
                       scalar->name, unit_known(scalar->unit), value, advice);
    unit_advice(advice, scalar->unit, number);
    if (unit == UNIT_NONE && unit_is_needed(scalar->unit, number))
        return err_set(err, "%s: %.20s of what? write the unit: %s", scalar->name, value,
                       advice);
    if (unit != UNIT_NONE && unit != scalar->unit)
        return err_set(err, "%s: \"%.20s\" has the wrong unit; expected %s%s",
                       scalar->name, value, scalar->unit == UNIT_NONE ? "" : "one of ",
                       unit_known(scalar->unit));
    if (!(number >= scalar->min && number <= scalar->max))
        return err_set(err, "%s: %.20s is out of range (%g to %g%s%s)", scalar->name,
                       value, scalar->min, scalar->max,
                       scalar->unit == UNIT_NONE ? "" : " ", unit_name(scalar->unit));
    *to = number;
    return 0;
}

/* Words of the configuration are shown everywhere, like those from outside. */
static const char *clean_copy(struct arena *arena, const char *text)
{
    size_t len = strlen(text), room = 3 * len + 4;      /* a bad byte becomes three */
    char *copy = arena_alloc(arena, room);

    text_clean(copy, room, text, len);
    return copy;
}

static int store_value(struct settings *s, const struct scalar *scalar, const char *value,
                       struct err *err)
{
    void *to = member(s, scalar);

    switch (scalar->form) {
    case FORM_TEXT:
        if (!*value)
            return err_set(err, "%s: expected a word, got nothing", scalar->name);
        *(const char **)to = clean_copy(s->arena, value);
        return 0;
    case FORM_PATH:
        *(const char **)to = *value ? settings_path(s->arena, value) : NULL;
        return 0;
    case FORM_BOOL:
        if (read_bool(value, to) != 0)
            return err_set(err, "%s: expected yes or no, got \"%.20s\"", scalar->name, value);
        return 0;
    case FORM_QUANTITY:
        return read_quantity(scalar, value, to, err);
    }
    return -1;
}

int settings_read_scalar(struct settings *s, const char *name, const char *value,
                         const char *origin, bool *known, struct err *err)
{
    for (size_t i = 0; scalars[i].name; i++) {
        if (strcmp(scalars[i].name, name) != 0)
            continue;
        *known = true;
        if (store_value(s, &scalars[i], value, err) != 0)
            return -1;
        s->origins[i] = arena_strdup(s->arena, origin);
        return 0;
    }
    *known = false;
    return 0;
}

bool settings_has_group(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; scalars[i].name; i++)
        if (strncmp(scalars[i].name, name, len) == 0 && scalars[i].name[len] == '.')
            return true;
    return false;
}

/* "site, cap, refresh, …" */
static const char *scalar_names(struct arena *arena)
{
    const char *names = "";

    for (size_t i = 0; scalars[i].name; i++)
        names = arena_printf(arena, "%s%s%s", names, i ? ", " : "", scalars[i].name);
    return names;
}

const char *settings_members(struct arena *arena, const char *group)
{
    const char *names = "", *last = "";
    size_t skip = *group ? strlen(group) + 1 : 0, last_len = 0;

    for (size_t i = 0; scalars[i].name; i++) {
        const char *member;
        size_t len;

        if (*group && (strncmp(scalars[i].name, group, skip - 1) != 0 ||
                       scalars[i].name[skip - 1] != '.'))
            continue;
        member = scalars[i].name + skip;
        len = strcspn(member, ".");
        /* The members of a group stand together. */
        if (len == last_len && strncmp(member, last, len) == 0)
            continue;
        names = arena_printf(arena, "%s%s%.*s", names, *names ? ", " : "", (int)len,
                             member);
        last = member;
        last_len = len;
    }
    return names;
}

struct settings *settings_new(void)
{
    struct settings *s = xcalloc(1, sizeof(*s));
    struct err err;
    bool known;

    s->arena = arena_new();
    s->origins = arena_alloc(s->arena,
                             sizeof(scalars) / sizeof(scalars[0]) * sizeof(char *));
    s->cap_w = s->price = s->carbon = NAN;
    for (size_t i = 0; scalars[i].name; i++) {
        s->origins[i] = "default";
        if (scalars[i].fallback)
            settings_read_scalar(s, scalars[i].name, scalars[i].fallback, "default",
                                 &known, &err);
    }
    return s;
}

bool settings_goes_on(struct settings *s, struct err *err)
{
    if (!s->says_all)
        return false;
    if (err->text[0]) {
        s->mistakes = xgrow(s->mistakes, &s->mistake_room, s->mistake_count + 1,
                            sizeof(*s->mistakes));
        s->mistakes[s->mistake_count++] = *err;
    }
    err->text[0] = '\0';
    return true;
}

void settings_free(struct settings *s)
{
    if (!s)
        return;
    batch_free(s->roster);
    free(s->caps);
    free(s->targets);
    free(s->rules);
    free(s->mistakes);
    arena_free(s->arena);
    free(s);
}

static void environment_name(char *to, size_t room, const char *name)
{
    size_t used = (size_t)snprintf(to, room, "GIGAWATCH_%s", name);

    for (size_t i = 0; i < used && i < room; i++)
        to[i] = to[i] == '.' || to[i] == '-' ? '_' : (char)toupper((unsigned char)to[i]);
}

int settings_read_environment(struct settings *s, struct err *err)
{
    char variable[128];
    const char *value;
    bool known;

    for (size_t i = 0; scalars[i].name; i++) {
        environment_name(variable, sizeof(variable), scalars[i].name);
        value = getenv(variable);
        if (value &&
            settings_read_scalar(s, scalars[i].name, value, variable, &known, err) != 0) {
            err_wrap(err, "%s", variable);
            if (!settings_goes_on(s, err))
                return -1;
        }
    }
    return 0;
}

/* `variable` as NAME=VALUE. */
static bool is_called(const char *variable, const char *name)
{
    return strcspn(variable, "=") == strlen(name) &&
           strncmp(variable, name, strlen(name)) == 0;
}

static bool is_read_by(const char *variable, const struct secret *s)
{
    return s->from == SECRET_ENVIRONMENT && is_called(variable, s->where);
}

static bool is_read(const struct settings *s, const char *variable)
{
    char name[128];

    for (size_t i = 0; scalars[i].name; i++) {
        environment_name(name, sizeof(name), scalars[i].name);
        if (is_called(variable, name))
            return true;
    }
    for (size_t i = 0; i < s->target_count; i++)
        if (is_read_by(variable, &s->targets[i].password) ||
            is_read_by(variable, &s->targets[i].token))
            return true;
    return false;
}

const char *settings_stray_variable(const struct settings *s, size_t *at)
{
    for (; environ[*at]; ++*at)
        if (strncmp(environ[*at], "GIGAWATCH_", strlen("GIGAWATCH_")) == 0 &&
            !is_read(s, environ[*at]))
            return environ[(*at)++];
    return NULL;
}

const char *settings_origin(const struct settings *s, const char *name)
{
    for (size_t i = 0; scalars[i].name; i++)
        if (strcmp(scalars[i].name, name) == 0)
            return s->origins[i];
    return NULL;
}

static int check_levels(const struct settings *s, size_t attention, struct err *err)
{
    const struct scalar *low = &scalars[attention], *high = low + 1;
    double a = *(const double *)((const char *)s + low->offset),
           c = *(const double *)((const char *)s + high->offset);
    size_t said = strcmp(s->origins[attention], "default") != 0 ? attention
                                                                : attention + 1;
    double scale = low->unit == UNIT_RATIO ? 100 : 1;
    const char *unit = low->unit == UNIT_RATIO ? "%" : unit_name(low->unit);

    if (a <= c)
        return 0;
    return err_set_code(
        err, ERR_USAGE,
        "%s: %s, %g%s, is above %s, %g%s: expected attention before what is critical",
        s->origins[said], low->name, a * scale, unit, high->name, c * scale, unit);
}

int settings_check_thresholds(struct settings *s, struct err *err)
{
    /* The two levels of one thing stand together in the table. */
    for (size_t i = 0; scalars[i + 1].name; i++)
        if (text_ends(scalars[i].name, ".attention") &&
            text_ends(scalars[i + 1].name, ".critical") && check_levels(s, i, err) != 0 &&
            !settings_goes_on(s, err))
            return -1;
    return 0;
}

int settings_set(struct settings *s, const char *key_value, const char *origin,
                 struct err *err)
{
    const char *equals = strchr(key_value, '=');
    char *name, meant[2048];
    bool known;

    if (!equals)
        return err_set_code(err, ERR_USAGE, "%s: expected KEY=VALUE, got \"%.40s\"", origin,
                            key_value);
    name = arena_strndup(s->arena, key_value, (size_t)(equals - key_value));
    if (settings_read_scalar(s, name, equals + 1, origin, &known, err) != 0) {
        bool has_name = strncmp(origin, "--", 2) == 0 && strcmp(origin + 2, name) == 0;

        err->code = ERR_USAGE;
        return has_name ? err_set_code(err, ERR_USAGE, "--%s",
                                       arena_strdup(s->arena, err->text))
                        : err_wrap(err, "%s", origin);
    }
    if (!known) {
        text_meant(meant, sizeof(meant), name, scalar_names(s->arena));
        return err_set_code(err, ERR_USAGE, "%s: unknown setting \"%.40s\"; %s", origin, name, meant);
    }
    return 0;
}

const char *settings_default_file(struct settings *s)
{
    const char *own = file_under(s->arena, "XDG_CONFIG_HOME", ".config",
                                 "gigawatch/gigawatch.yaml");

    if (own && access(own, F_OK) == 0)
        return own;
    if (access(GW_SYSCONF_DIR "/gigawatch/gigawatch.yaml", F_OK) == 0)
        return GW_SYSCONF_DIR "/gigawatch/gigawatch.yaml";
    if (access("/etc/gigawatch/gigawatch.yaml", F_OK) == 0)
        return "/etc/gigawatch/gigawatch.yaml";
    return NULL;
}

/* A site's name becomes a file's name: what would leave the folder becomes "_". */
static char *file_part(struct arena *arena, const char *name)
{
    char *part = arena_strdup(arena, name);

    for (char *c = part; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ' || (c == part && *c == '.'))
            *c = '_';
    return part;
}

/* Targets named on the command line alone are no site: what one call remembers is nothing
 * to a call with others. */
static const char *name_of_targets(struct settings *s)
{
    uint64_t all = 0;

    for (size_t i = 0; i < s->target_count; i++)
        all ^= text_hash(s->targets[i].url, strlen(s->targets[i].url));
    return arena_printf(s->arena, "targets-%016llx", (unsigned long long)all);
}

bool settings_wants_color(const struct settings *s)
{
    const char *none = getenv("NO_COLOR");

    return s->color && !(none && *none);
}

const char *settings_cache(struct settings *s)
{
    const char *name = s->file || s->target_count == 0 || strcmp(s->site, "site") != 0
                           ? file_part(s->arena, s->site)
                           : name_of_targets(s);

    if (s->cache)
        return strcmp(s->cache, "none") == 0 ? NULL : s->cache;
    return file_under(s->arena, "XDG_CACHE_HOME", ".cache",
                      arena_printf(s->arena, "gigawatch/%s.db", name));
}

/* A path is used as it was written, and shown as everything is. */
static void print_text(FILE *out, const char *text)
{
    char clean[1024];

    text_clean(clean, sizeof(clean), text, strlen(text));
    fputs(clean, out);
}

static void print_value(FILE *out, const struct settings *s, const struct scalar *scalar)
{
    const void *at = (const char *)s + scalar->offset;
    double number, scale = 1;
    const char *unit;

    switch (scalar->form) {
    case FORM_TEXT:
    case FORM_PATH:
        print_text(out, *(const char *const *)at ? *(const char *const *)at : "—");
        return;
    case FORM_BOOL:
        fputs(*(const bool *)at ? "yes" : "no", out);
        return;
    case FORM_QUANTITY:
        number = *(const double *)at;
        if (number != number) {
            fputs("—", out);
        } else if (scalar->unit == UNIT_RATIO) {
            fprintf(out, "%g %%", number * 100);
        } else {
            unit = unit_scale(scalar->unit, number, &scale);
            fprintf(out, "%g %s", number / scale, unit);
        }
    }
}

char *settings_describe(const struct settings *s)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (size_t i = 0; scalars[i].name; i++) {
        fprintf(out, "%s\t", scalars[i].name);
        print_value(out, s, &scalars[i]);
        fprintf(out, "\t%s\t%s\n", s->origins[i], scalars[i].help);
    }
    fclose(out);
    return text;
}
