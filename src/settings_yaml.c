/* Reads gigawatch.yaml: strict, and every complaint says file, line and column, what
 * stood there and what was expected. */
#include "settings_yaml.h"
#include "base/file.h"
#include "base/text.h"
#include "base/yaml_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 16 << 20, MAX_DEPTH = 16 };

const char *reading_place(struct reading *r, const yaml_node_t *at)
{
    return arena_printf(r->settings->arena, "%s:%zu:%zu", r->name,
                        at->start_mark.line + 1, at->start_mark.column + 1);
}

int reading_fail(struct reading *r, const yaml_node_t *at, const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return err_set_code(r->err, ERR_USAGE, "%s: %s", reading_place(r, at), text);
}

const yaml_node_t *reading_node(struct reading *r, yaml_node_item_t index)
{
    return yaml_document_get_node(r->document, index);
}

/* What a node is, in words. */
static const char *form_of(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a mapping"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a value";
}

const char *reading_scalar(struct reading *r, const yaml_node_t *node, const char *what)
{
    if (node->type != YAML_SCALAR_NODE) {
        reading_fail(r, node, "expected %s, got %s", what, form_of(node));
        return NULL;
    }
    if (strlen((const char *)node->data.scalar.value) != node->data.scalar.length) {
        reading_fail(r, node, "expected %s, got text with a zero byte", what);
        return NULL;
    }
    return (const char *)node->data.scalar.value;
}

int reading_text(struct reading *r, const yaml_node_t *value, const char *what,
                 const char **to)
{
    const char *text = reading_scalar(r, value, what);

    if (!text)
        return -1;
    if (!*text)
        return reading_fail(r, value, "expected %s, got nothing", what);
    *to = arena_strdup(r->settings->arena, text);
    return 0;
}

/* The user's text as it may stand in a message: clean and short. */
static const char *quoted(struct reading *r, const char *text)
{
    char clean[64];

    text_clean(clean, 41, text, strlen(text));
    return arena_strdup(r->settings->arena, clean);
}

/* With what unit was written: UNIT_NONE, where none was. */
static int read_number(struct reading *r, const yaml_node_t *node, enum unit unit,
                       double min, double max, double *value, enum unit *written)
{
    const char *text = reading_scalar(r, node, "a number");
    char meant[64];
    size_t used;

    if (!text)
        return -1;
    used = unit_parse_plate(text, value, written);
    unit_meant(meant, text, unit);
    if (used == 0 || text[used])
        return reading_fail(r, node, "expected %s%s, got \"%s\"%s",
                            unit == UNIT_NONE ? "" : "a number with its unit: ",
                            unit_known(unit), quoted(r, text), meant);
    if (*written != UNIT_NONE && *written != unit)
        return reading_fail(r, node, "wrong unit in \"%s\": expected %s%s", quoted(r, text),
                            unit == UNIT_NONE ? "" : "one of ", unit_known(unit));
    if (!(*value >= min && *value <= max))
        return reading_fail(r, node, "%s is out of range: %g to %g%s%s", quoted(r, text),
                            min, max, unit == UNIT_NONE ? "" : " ", unit_name(unit));
    return 0;
}

int reading_number(struct reading *r, const yaml_node_t *node, enum unit unit, double min,
                   double max, double *value)
{
    enum unit written;
    char advice[64];

    if (read_number(r, node, unit, min, max, value, &written) != 0)
        return -1;
    if (written != UNIT_NONE || !unit_is_needed(unit, *value))
        return 0;
    unit_advice(advice, unit, *value);
    return reading_fail(r, node, "%s of what? write the unit: %s",
                        quoted(r, reading_scalar(r, node, "a number")), advice);
}

int reading_seconds(struct reading *r, const yaml_node_t *node, double min, double max,
                    double *value)
{
    enum unit written;

    return read_number(r, node, UNIT_S, min, max, value, &written);
}

int reading_bool(struct reading *r, const yaml_node_t *node, bool *value)
{
    const char *text = reading_scalar(r, node, "yes or no");

    if (!text)
        return -1;
    if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0) {
        *value = true;
    } else if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) {
        *value = false;
    } else {
        return reading_fail(r, node, "expected yes or no, got \"%s\"", quoted(r, text));
    }
    return 0;
}

static int said_before(struct reading *r, const yaml_node_pair_t *first,
                       const yaml_node_pair_t *now)
{
    const yaml_node_t *key = reading_node(r, now->key), *other;

    for (const yaml_node_pair_t *p = first; p < now; p++) {
        other = reading_node(r, p->key);
        if (other->type == YAML_SCALAR_NODE &&
            other->data.scalar.length == key->data.scalar.length &&
            memcmp(other->data.scalar.value, key->data.scalar.value,
                   key->data.scalar.length) == 0)
            return reading_fail(r, key, "\"%s\" stands twice; first at line %zu",
                                quoted(r, (const char *)key->data.scalar.value),
                                other->start_mark.line + 1);
    }
    return 0;
}

typedef int read_pair_of(struct reading *r, const yaml_node_t *name,
                         const yaml_node_t *value, void *arg);

static int read_pair(struct reading *r, const yaml_node_pair_t *first,
                     const yaml_node_pair_t *p, read_pair_of *each, void *arg)
{
    const yaml_node_t *key = reading_node(r, p->key);

    if (!reading_scalar(r, key, "a key"))
        return -1;
    /* Long lists of names are declared with ranges; a quadratic check of a few hundred is
     * cheap. */
    if (p - first < 4096 && said_before(r, first, p) != 0)
        return -1;
    return each(r, key, reading_node(r, p->value), arg);
}

int reading_names(struct reading *r, const yaml_node_t *mapping, const char *what,
                  int (*each)(struct reading *r, const yaml_node_t *name,
                              const yaml_node_t *value, void *arg),
                  void *arg)
{
    yaml_node_pair_t *first, *p;
    int result = 0;

    if (mapping->type != YAML_MAPPING_NODE)
        return reading_fail(r, mapping, "expected %s as a mapping of keys, got %s", what,
                            form_of(mapping));
    first = mapping->data.mapping.pairs.start;
    for (p = first; p < mapping->data.mapping.pairs.top; p++)
        if (read_pair(r, first, p, each, arg) != 0) {
            if (!settings_goes_on(r->settings, r->err))
                return -1;
            result = -1;
        }
    return result;
}

int reading_list(struct reading *r, const yaml_node_t *list,
                 int (*each)(struct reading *r, const yaml_node_t *item))
{
    const yaml_node_item_t *item;
    int result = 0;

    for (item = list->data.sequence.items.start; item < list->data.sequence.items.top;
         item++)
        if (each(r, reading_node(r, *item)) != 0) {
            if (!settings_goes_on(r->settings, r->err))
                return -1;
            result = -1;
        }
    return result;
}

struct word_search {
    const char *key, *word;
    const yaml_node_t *at;
};

static int find_word(struct reading *r, const yaml_node_t *name, const yaml_node_t *value,
                     void *arg)
{
    struct word_search *search = arg;

    if (strcmp((const char *)name->data.scalar.value, search->key) != 0)
        return 0;
    search->at = value;
    search->word = reading_scalar(r, value, search->key);
    return search->word ? 0 : -1;
}

int reading_word(struct reading *r, const yaml_node_t *mapping, const char *what,
                 const char *key, const char **word, const yaml_node_t **at)
{
    struct word_search search = { .key = key };
    int result = reading_names(r, mapping, what, find_word, &search);

    *word = search.word;
    *at = search.at;
    return result;
}

int reading_unknown(struct reading *r, const yaml_node_t *at, const char *thing,
                    const char *word)
{
    char clean[64];

    text_clean(clean, 41, word, strlen(word));
    return reading_fail(r, at, "unknown %s \"%s\"; see gigawatch --list %ss", thing, clean, thing);
}

int reading_choice(struct reading *r, const yaml_node_t *at, const char *thing,
                   const char *word, const char *const *known)
{
    const char *list = "";
    char clean[64], meant[512];

    for (size_t i = 0; known[i]; i++) {
        if (strcmp(known[i], word) == 0)
            return 0;
        list = arena_printf(r->settings->arena, "%s%s%s", list, i ? ", " : "", known[i]);
    }
    text_clean(clean, 21, word, strlen(word));
    text_meant(meant, sizeof(meant), word, list);
    return reading_fail(r, at, "unknown %s \"%s\"; %s", thing, clean, meant);
}

struct key_search {
    const char *what;
    const struct key *keys;
    void *arg;
};

static const char *names_of(struct reading *r, const struct key *keys)
{
    const char *names = "";

    for (const struct key *k = keys; k->name; k++)
        names = arena_printf(r->settings->arena, "%s%s%s", names, *names ? ", " : "",
                             k->name);
    return names;
}

static int read_key(struct reading *r, const yaml_node_t *name, const yaml_node_t *value,
                    void *arg)
{
    const struct key_search *search = arg;
    const char *text = (const char *)name->data.scalar.value;
    char meant[1024];

    for (const struct key *k = search->keys; k->name; k++)
        if (strcmp(k->name, text) == 0)
            return k->read(r, value, search->arg);
    text_meant(meant, sizeof(meant), text, names_of(r, search->keys));
    return reading_fail(r, name, "unknown key \"%s\" in %s; %s", quoted(r, text), search->what, meant);
}

int reading_keys(struct reading *r, const yaml_node_t *mapping, const char *what,
                 const struct key *keys, void *arg)
{
    struct key_search search = { what, keys, arg };

    return reading_names(r, mapping, what, read_key, &search);
}

/* ---- the top level ---- */

static const struct key sections[] = {
    { "domains", read_domains },
    { "racks", read_racks },
    { "nodes", read_nodes },
    { "targets", read_targets },
    { "classes", read_classes },
    { 0 },
};

struct group {
    const char *prefix;         /* "thresholds.power", or "" */
    int depth;
};

static int read_setting(struct reading *r, const yaml_node_t *name,
                        const yaml_node_t *value, void *arg)
{
    const struct group *group = arg;
    const char *word = (const char *)name->data.scalar.value;
    const char *full = arena_printf(r->settings->arena, "%s%s%s", group->prefix,
                                    *group->prefix ? "." : "", word);
    const char *text;
    char meant[2048];
    struct err why;
    bool known;

    for (const struct key *k = sections; !*group->prefix && k->name; k++)
        if (strcmp(k->name, word) == 0)
            return k->read(r, value, NULL);
    if (settings_has_group(full)) {
        struct group inner = { full, group->depth + 1 };

        if (inner.depth > MAX_DEPTH)
            return reading_fail(r, value, "nested too deep");
        return reading_names(r, value, full, read_setting, &inner);
    }
    text = value->type == YAML_SCALAR_NODE ? reading_scalar(r, value, "a value") : "";
    if (!text)
        return -1;
    if (settings_read_scalar(r->settings, full, text, reading_place(r, name), &known,
                             &why) != 0)
        return reading_fail(r, value, "%s", why.text);
    if (!known) {
        text_meant(meant, sizeof(meant), word,
                   arena_printf(r->settings->arena, "%s%s%s",
                                *group->prefix ? "" : names_of(r, sections),
                                *group->prefix ? "" : ", ",
                                settings_members(r->settings->arena, group->prefix)));
        return reading_fail(r, name, "unknown key \"%s\"; %s", quoted(r, full), meant);
    }
    if (value->type != YAML_SCALAR_NODE)
        return reading_fail(r, value, "expected a value for %s, got %s", full,
                            form_of(value));
    return 0;
}

/* What a user made: a view or a theme, as its file is called. */
struct made {
    const char *name, *thing;
    int (*read)(struct reading *r, const yaml_node_t *root, const char *name);
};

/* What a document is read as: the configuration, or what a user made. */
static int read_document(struct settings *s, yaml_document_t *document, const char *name,
                         const struct made *made, struct err *err)
{
    struct reading r = { s, document, name, err, NULL };
    struct group top = { "", 0 };
    const yaml_node_t *root = yaml_document_get_root_node(document);
    int result;

    if (!root && made)
        return err_set_code(err, ERR_USAGE, "%s:1:1: an empty file is no %s", name,
                            made->thing);
    if (!root)
        return 0;               /* an empty file says nothing */
    if (made)
        return made->read(&r, root, made->name);
    result = reading_names(&r, root, "the configuration", read_setting, &top);
    if ((result == 0 || s->says_all) && check_graph(&r) != 0)
        result = -1;
    reading_end(&r);
    return result;
}

static int read_text(struct settings *s, const char *text, size_t len, const char *name,
                     const struct made *made, struct err *err)
{
    yaml_document_t document;
    int result;

    if (yaml_text_read(&document, text, len, name, err) != 0)
        return -1;
    result = read_document(s, &document, arena_strdup(s->arena, name), made, err);
    yaml_text_end(&document);
    return result;
}

int settings_read_text(struct settings *s, const char *text, size_t len, const char *name,
                       struct err *err)
{
    return read_text(s, text, len, name, NULL, err);
}

int settings_read_made(struct settings *s, const char *text, size_t len, const char *file,
                       const char *name, const char *thing,
                       int (*read)(struct reading *r, const yaml_node_t *root,
                                   const char *name),
                       struct err *err)
{
    return read_text(s, text, len, file, &(struct made){ name, thing, read }, err);
}

int settings_read_file(struct settings *s, const char *path, struct err *err)
{
    FILE *in = file_open(path);
    char *text;
    size_t len;
    int result;

    if (!in)
        return err_set_code(err, ERR_USAGE, "%s: %s", path, strerror(errno));
    text = xcalloc(1, MAX_FILE + 1);
    len = fread(text, 1, MAX_FILE + 1, in);
    if (ferror(in))
        result = err_set_code(err, ERR_USAGE, "%s: %s", path, strerror(errno));
    else if (len > MAX_FILE)
        result = err_set_code(err, ERR_USAGE,
                              "%s: larger than %d MiB; not a configuration", path,
                              MAX_FILE >> 20);
    else
        result = settings_read_text(s, text, len, path, err);
    fclose(in);
    free(text);
    if (result == 0 || s->says_all)
        s->file = arena_strdup(s->arena, path);
    return result;
}
