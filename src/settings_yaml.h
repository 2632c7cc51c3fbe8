/* Between the files of the configuration: a parsed document, and the helpers that
 * complain with its lines. */
#ifndef SETTINGS_YAML_H
#define SETTINGS_YAML_H

#include <yaml.h>

#include "settings.h"

struct declarations;

/* One document being read. */
struct reading {
    struct settings *settings;
    yaml_document_t *document;
    const char *name;           /* of the file */
    struct err *err;
    struct declarations *declarations;      /* settings_site.c's own; NULL before the
                                             * first */
};

/* What may stand under a mapping. `read` gets the value's node; `arg` is whatever the
 * mapping is about. */
struct key {
    const char *name;
    int (*read)(struct reading *r, const yaml_node_t *value, void *arg);
};

/* -1, with "FILE:LINE:COLUMN: …" of the node. */
int reading_fail(struct reading *r, const yaml_node_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "FILE:LINE:COLUMN" of the node, in the settings' arena. */
const char *reading_place(struct reading *r, const yaml_node_t *at);

/* Walks a mapping: every key must stand in `keys` (ends with { 0 }) and only once. `what`
 * names the mapping in messages ("a domain"). */
int reading_keys(struct reading *r, const yaml_node_t *mapping, const char *what,
                 const struct key *keys, void *arg);
/* Walks a mapping whose keys are names given by the user. */
int reading_names(struct reading *r, const yaml_node_t *mapping, const char *what,
                  int (*each)(struct reading *r, const yaml_node_t *name,
                              const yaml_node_t *value, void *arg),
                  void *arg);
/* Each of a list, which the caller knows it to be. Like reading_names(), after a mistake
 * only where settings_goes_on(). */
int reading_list(struct reading *r, const yaml_node_t *list,
                 int (*each)(struct reading *r, const yaml_node_t *item));
/* The word under one key of a mapping, which the others depend on, and where it stands;
 * NULL: the key is not there. */
int reading_word(struct reading *r, const yaml_node_t *mapping, const char *what,
                 const char *key, const char **word, const yaml_node_t **at);
/* Unknown theme "dark"; see gigawatch --list themes */
int reading_unknown(struct reading *r, const yaml_node_t *at, const char *thing,
                    const char *word);
/* A word that must be one of `known`, which ends with NULL. */
int reading_choice(struct reading *r, const yaml_node_t *at, const char *thing,
                   const char *word, const char *const *known);
const yaml_node_t *reading_node(struct reading *r, yaml_node_item_t index);
/* The text of a scalar; NULL after a complaint that a `what` was expected. */
const char *reading_scalar(struct reading *r, const yaml_node_t *node, const char *what);
/* A copy of it, that is not empty. */
int reading_text(struct reading *r, const yaml_node_t *node, const char *what,
                 const char **to);
/* A number in `unit`, converted to the base unit and within [min, max]. */
int reading_number(struct reading *r, const yaml_node_t *node, enum unit unit, double min,
                   double max, double *value);
/* Of a key that says the unit itself, as "seconds: 12" does. */
int reading_seconds(struct reading *r, const yaml_node_t *node, double min, double max,
                    double *value);
int reading_bool(struct reading *r, const yaml_node_t *node, bool *value);

/* A scalar setting found in settings.c's table by its dotted name; *known is false when
 * there is none of that name. */
int settings_read_scalar(struct settings *s, const char *name, const char *value,
                         const char *origin, bool *known, struct err *err);
/* Is there a scalar setting that starts with "name."? */
bool settings_has_group(const char *name);
/* The path with a leading "~/" written out; in the arena. */
const char *settings_path(struct arena *arena, const char *path);
/* What stands directly in a group, "" being the top: "power, gpu_temp, …" of
 * "thresholds". In the arena. */
const char *settings_members(struct arena *arena, const char *group);

/* settings_cap.c: a cap in full, converted to watts. */
int reading_cap(struct reading *r, const yaml_node_t *value, struct cap *cap);

/* settings_views.c: a view made by a user becomes one of views_all(); settings_themes.c:
 * a theme one of themes. */
int read_view(struct reading *r, const yaml_node_t *root, const char *name);
int read_theme(struct reading *r, const yaml_node_t *root, const char *name);
/* The text of such a file, called `name`, by one of these; `thing` says in messages what
 * it is. */
int settings_read_made(struct settings *s, const char *text, size_t len, const char *file,
                       const char *name, const char *thing,
                       int (*read)(struct reading *r, const yaml_node_t *root,
                                   const char *name),
                       struct err *err);

/* settings_site.c and settings_targets.c: the sections. */
int read_domains(struct reading *r, const yaml_node_t *value, void *arg);
int read_racks(struct reading *r, const yaml_node_t *value, void *arg);
int read_nodes(struct reading *r, const yaml_node_t *value, void *arg);
/* settings_classes.c */
int read_classes(struct reading *r, const yaml_node_t *value, void *arg);
int read_targets(struct reading *r, const yaml_node_t *value, void *arg);
/* After all sections: makes the roster; finds unknown feeds, circles, names declared
 * twice. */
int check_graph(struct reading *r);
void reading_end(struct reading *r);            /* frees what the sections collected */

#endif
