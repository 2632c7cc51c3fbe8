/* The configuration: what the site is, what to poll, how to warn. Read from YAML, strictly, and from
 * environment and flags; every value remembers where it came from (gigawatch.yaml(5)). */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/model.h"
#include "poll/poll.h"

/* A scalar setting, as --set, GIGAWATCH_* and the file's top level know it. One table entry holds name, range, default
 * and help: settings.c. */
struct settings {
    struct arena *arena;
    const char *file;           /* the configuration read; NULL: none */

    const char *site;
    double refresh_s;           /* of the screen */
    double interval_s;          /* of targets that have none */
    double timeout_s;
    const char *theme;
    bool ascii, color, mouse;
    const char *cache;          /* path; "" : none */
    const char *ssh_config;
    const char *plugins;        /* directory of .so files */
    double max_age_s;           /* one-shots read the cache when it is younger than this */
    struct thresholds thresholds;

    struct batch *roster;       /* domains, racks, nodes and links as declared; NULL: none */
    struct domain_cap {
        const char *domain;
        struct cap cap;
    } *caps;
    size_t cap_count;
    struct target_config *targets;
    size_t target_count;
};

struct settings *settings_new(void);            /* the defaults */
void settings_free(struct settings *s);
/* Each later one wins: file, environment, flags. */
int settings_read_file(struct settings *s, const char *path, struct err *err);
int settings_read_text(struct settings *s, const char *text, size_t len, const char *name,
                       struct err *err);        /* the same on memory: tests and the fuzzer */
int settings_read_environment(struct settings *s, struct err *err);
int settings_set(struct settings *s, const char *key_value, const char *origin, struct err *err);
/* A target from the command line: URL or CSV file. */
int settings_add_target(struct settings *s, const char *url, struct err *err);
/* The first that exists of $XDG_CONFIG_HOME/gigawatch/gigawatch.yaml and /etc/gigawatch/gigawatch.yaml; NULL. */
const char *settings_default_file(struct settings *s);
/* Every scalar with its value and where it came from, a line each: --doctor. Caller frees. */
char *settings_describe(const struct settings *s);

#endif
