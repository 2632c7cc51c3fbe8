/* The configuration: what the site is, what to poll, how to warn. Read strictly from
 * YAML, environment and flags; every value remembers where it came from
 * (gigawatch.yaml(5)). */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"
#include "poll/poll.h"

struct domain_cap {
    const char *domain;
    struct cap cap;
};

/* A theme whose file cannot be read: only who asks for it, or for all, is told. */
struct bad_theme {
    const char *name;
    struct err why;
    struct bad_theme *next;
};

struct settings {
    struct arena *arena;
    struct bad_theme *bad_themes;       /* in the order of their files */
    const char *file;           /* the configuration read; NULL: none */

    /* Scalars: one entry each in settings.c's table, which holds name, range, default and
     * help. */
    const char *site;
    double cap_w;               /* the site's own; NAN: none given */
    double refresh_s;           /* of the screen */
    double interval_s;          /* of targets that have none; the default: where their
                                 * source has none, either */
    double timeout_s;           /* deadline of one poll */
    double max_age_s;           /* one-shots answer from the cache when it is younger */
    const char *theme;
    bool ascii, color, mouse;
    const char *wall_panels, *wall_quit;        /* "title: query; …"; keys in a row.
                                                 * NULL: the wall's own; Ctrl-C */
    const char *cache;          /* path; NULL: the default place; "none": no cache */
    double write_every_s;       /* to the cache */
    const char *ssh_config;     /* NULL: ssh's own */
    const char *plugins;        /* directory of .so files; NULL: none */
    struct thresholds thresholds;
    double price, carbon;       /* of a kWh: money, gCO2; NAN: not known, or a source
                                 * tells */
    const char *currency;       /* NULL: not said */

    struct batch *roster;       /* domains, racks, nodes and links as declared; NULL:
                                 * none */
    struct domain_cap *caps;
    size_t cap_count, cap_room;
    struct target_config *targets;
    size_t target_count, target_room;
    struct class_rule *rules;   /* classes of work, in order */
    size_t rule_count, rule_room;

    bool says_all;              /* a mistake does not end the reading: --doctor says
                                 * all of them */
    struct err *mistakes;       /* those so far; of a code each, where scripts tell
                                 * them apart */
    size_t mistake_count, mistake_room;

    const char **origins;       /* of each scalar: "default", "gigawatch.yaml:3:1",
                                 * "GIGAWATCH_THEME", "--set" */
};

struct settings *settings_new(void);            /* the defaults */
void settings_free(struct settings *s);

/* After a mistake. True: all are to be said, so this one is kept, and *err has no text
 * any more: whoever goes on knows by it that the mistake is kept, and passes -1 up.
 * False: it ends the reading. */
bool settings_goes_on(struct settings *s, struct err *err);

/* Each later call wins: file, environment, flags. -1 with *err: "FILE:LINE:COLUMN: what
 * was expected". */
int settings_read_file(struct settings *s, const char *path, struct err *err);
/* The same from memory; `name` stands for the file in messages. */
int settings_read_text(struct settings *s, const char *text, size_t len, const char *name,
                       struct err *err);
/* Every NAME.yaml of $XDG_CONFIG_HOME/gigawatch/views (or ~/.config), then of
 * /etc/gigawatch/views, becomes a view (gigawatch.yaml(5), VIEWS), and of the folder
 * themes beside it, a theme: what is wrong with either stops nobody, and is kept: in
 * views_bad(), in bad_themes. */
void settings_read_own_views(struct settings *s);
void settings_read_own_themes(struct settings *s);
/* -1 with *err: a level that is worth a look is above the one that is critical. After all
 * of them are read. */
int settings_check_thresholds(struct settings *s, struct err *err);
/* Where a scalar's value comes from: "default", "gigawatch.yaml:3:1", …; NULL: there is
 * none of that name. */
const char *settings_origin(const struct settings *s, const char *name);
/* The next variable of the environment, from *at on, that begins with GIGAWATCH_ and that
 * no setting reads, nor a target as its secret, as NAME=VALUE; NULL: no more. */
const char *settings_stray_variable(const struct settings *s, size_t *at);
/* GIGAWATCH_NAME for every scalar: GIGAWATCH_SSH_CONFIG is ssh.config. */
int settings_read_environment(struct settings *s, struct err *err);
/* "KEY=VALUE"; `origin` is the flag, for messages and --doctor. */
int settings_set(struct settings *s, const char *key_value, const char *origin,
                 struct err *err);
/* A target from the command line: a URL with or without ranges, or a .csv file. */
int settings_add_target(struct settings *s, const char *url, struct err *err);
/* One that is made already: copied, its strings borrowed. */
void settings_keep_target(struct settings *s, const struct target_config *target);

/* The first that exists of $XDG_CONFIG_HOME/gigawatch/gigawatch.yaml (or ~/.config) and
 * /etc/gigawatch/gigawatch.yaml; NULL: neither. */
const char *settings_default_file(struct settings *s);
/* Where the cache is: the setting, else $XDG_CACHE_HOME/gigawatch/SITE.db (or ~/.cache),
 * or without a configuration one for just these targets; NULL: none wanted. */
const char *settings_cache(struct settings *s);

/* The setting, unless NO_COLOR is in the environment and not empty (no-color.org). */
bool settings_wants_color(const struct settings *s);

/* "name\tvalue\torigin\thelp\n" for every scalar: --doctor and the manual. Caller
 * frees. */
char *settings_describe(const struct settings *s);

#endif
