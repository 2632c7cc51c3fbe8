/* Views that people make: a file NAME.yaml in a folder is a view of that name. It is a
 * query with a title, and a copy of the view of its kind in all else, so that every key
 * works there. Strict, as the configuration is. */
#include "settings_yaml.h"
#include "base/text.h"
#include "show/query.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VIEWS = 48, WORDS = 480 };

/* One file being read. */
struct making {
    struct view *view;
    const struct view *of;      /* the view of its kind */
    const char *columns, *sort, *filter;        /* as words of a query; "" */
    const yaml_node_t *root;
    struct column *own;         /* the columns, where some are bars; NULL: those of its
                                 * kind */
};

static const char *join(struct reading *r, const char *list, const char *word)
{
    return arena_printf(r->settings->arena, "%s%s%s", list, *list ? "," : "", word);
}

/* Does it to each of a list, or to the one there is. */
static int each_word(struct reading *r, const yaml_node_t *value, const char *what,
                     int (*take)(struct reading *r, const yaml_node_t *at,
                                 const char *word, struct making *m),
                     struct making *m)
{
    const char *word;

    if (value->type != YAML_SEQUENCE_NODE) {
        word = reading_scalar(r, value, what);
        return word ? take(r, value, word, m) : -1;
    }
    for (yaml_node_item_t *i = value->data.sequence.items.start;
         i < value->data.sequence.items.top; i++) {
        const yaml_node_t *at = reading_node(r, *i);

        word = reading_scalar(r, at, what);
        if (!word || take(r, at, word, m) != 0)
            return -1;
    }
    return 0;
}

static int no_field(struct reading *r, const yaml_node_t *at, const char *word,
                    const struct making *m)
{
    char clean[64];

    text_clean(clean, 41, word, strlen(word));
    return reading_fail(r, at, "no field \"%s\" of %s; see gigawatch --list fields %s", clean, m->of->kind, m->of->kind);
}

/* ---- the keys ---- */

static int read_kind(struct reading *r, const yaml_node_t *value, void *arg)
{
    /* read before all others: they are judged by it */
    (void)r, (void)value, (void)arg;
    return 0;
}

static int take_text(struct reading *r, const yaml_node_t *value, const char *what,
                     const char **to)
{
    const char *text = reading_scalar(r, value, what);
    char clean[512];

    if (!text)
        return -1;
    text_clean(clean, sizeof(clean), text, strlen(text));
    *to = arena_strdup(r->settings->arena, clean);
    return 0;
}

static int read_title(struct reading *r, const yaml_node_t *value, void *arg)
{
    return take_text(r, value, "a title", &((struct making *)arg)->view->title);
}

static int read_help(struct reading *r, const yaml_node_t *value, void *arg)
{
    return take_text(r, value, "a sentence", &((struct making *)arg)->view->help);
}

static int take_column(struct reading *r, const yaml_node_t *at, const char *word,
                       struct making *m)
{
    if (!column_find(m->of, word))
        return no_field(r, at, word, m);
    m->columns = join(r, m->columns, word);
    return 0;
}

static int read_columns(struct reading *r, const yaml_node_t *value, void *arg)
{
    return each_word(r, value, "a field", take_column, arg);
}

static int take_sort(struct reading *r, const yaml_node_t *at, const char *word,
                     struct making *m)
{
    if (!column_find(m->of, word + (word[0] == '-')))
        return no_field(r, at, word, m);
    m->sort = join(r, m->sort, word);
    return 0;
}

static int read_sort(struct reading *r, const yaml_node_t *value, void *arg)
{
    return each_word(r, value, "a field, with a \"-\" for the largest first", take_sort, arg);
}

/* A complaint about a place inside a scalar: its column, where the scalar stands on one
 * line. */
static int fail_inside(struct reading *r, const yaml_node_t *at, size_t column,
                       const char *text)
{
    bool quoted = at->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                  at->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;

    if (at->start_mark.line != at->end_mark.line)
        return reading_fail(r, at, "%s", text);
    return err_set_code(r->err, ERR_USAGE, "%s:%zu:%zu: %s", r->name,
                        at->start_mark.line + 1,
                        at->start_mark.column + 1 + column + quoted, text);
}

static int read_filter(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct making *m = arg;
    const char *text = reading_scalar(r, value, "an expression");
    struct query *q;
    struct err err;
    size_t column;

    if (!text)
        return -1;
    q = query_parse_filter(m->of, text, &err, &column);
    if (!q)
        return fail_inside(r, value, column, err.text);
    query_free(q);
    if (strchr(text, '\n'))
        return reading_fail(r, value, "an expression stands on one line");
    m->filter = arena_strdup(r->settings->arena, text);
    return 0;
}

/* "%s" is the row's name: with some name in its place it must be a query, or it is a
 * drawn view's name. */
static int read_enter(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct making *m = arg;
    const char *text = reading_scalar(r, value, "a query"), *hole;
    char tried[WORDS];
    struct query *q;
    struct err err;
    size_t column;

    if (!text)
        return -1;
    hole = strstr(text, "%s");
    if (strchr(text, '%') &&
        (!hole || strchr(hole + 1, '%') || strchr(text, '%') != hole))
        return reading_fail(r, value,
                            "%%s, the row's name, may stand there once, and no other %%");
    snprintf(tried, sizeof(tried), "%.*s%s%s",
             hole ? (int)(hole - text) : (int)strlen(text), text, hole ? "x1" : "",
             hole ? hole + 2 : "");
    if (!view_find(tried)) {
        q = query_parse(tried, &err, &column);
        if (!q)
            return fail_inside(r, value, column, err.text);
        query_free(q);
    }
    m->view->enter = arena_strdup(r->settings->arena, text);
    return 0;
}

static int take_bar(struct reading *r, const yaml_node_t *at, const char *word,
                    struct making *m)
{
    size_t count = 0, i;

    while (m->of->columns[count].name)
        count++;
    for (i = 0; i < count && strcmp(m->of->columns[i].name, word) != 0; i++)
        ;
    if (i == count)
        return no_field(r, at, word, m);
    if (m->of->columns[i].unit != UNIT_RATIO)
        return reading_fail(
            r, at, "%s cannot be a bar: it is no share; load and util are", word);
    if (!m->own) {
        m->own = arena_alloc(r->settings->arena, (count + 1) * sizeof(*m->own));
        memcpy(m->own, m->of->columns, (count + 1) * sizeof(*m->own));
        m->view->columns = m->own;
    }
    m->own[i].bar = true;
    m->own[i].probability = false;
    if (m->own[i].width < 14)
        m->own[i].width = 14;
    return 0;
}

static int read_bars(struct reading *r, const yaml_node_t *value, void *arg)
{
    return each_word(r, value, "a field", take_bar, arg);
}

static int read_view_key(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct making *m = arg;
    const char *text = reading_scalar(r, value, "a letter");

    if (!text)
        return -1;
    if (text[0] < '!' || text[0] > '~' || text[1])
        return reading_fail(r, value, "expected one letter or digit");
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->key == text[0])
            return reading_fail(r, value, "the key %s is that of the view %s", text,
                                (*v)->name);
    if (ui_key_is_taken(text[0]))
        return reading_fail(r, value,
                            "the key %s has a meaning already; see gigawatch --list keys",
                            text);
    m->view->key = text[0];
    return 0;
}

static const struct key keys[] = {
    { "kind", read_kind },     { "title", read_title },   { "help", read_help },
    { "key", read_view_key },  { "columns", read_columns }, { "sort", read_sort },
    { "filter", read_filter }, { "enter", read_enter },   { "bars", read_bars },
    { 0 },
};

/* ---- a file ---- */

/* The query that the view is. */
static const char *words_of(struct reading *r, const struct making *m)
{
    struct arena *a = r->settings->arena;

    return arena_printf(a, "%s%s%s%s%s%s%s", m->of->kind, *m->filter ? " where " : "",
                        m->filter, *m->columns ? " show " : "", m->columns,
                        *m->sort ? " sort " : "", m->sort);
}

int read_view(struct reading *r, const yaml_node_t *root, const char *name)
{
    struct making m = { .root = root, .columns = "", .sort = "", .filter = "" };
    const yaml_node_t *at;
    const char *word;

    if (reading_word(r, root, "a view", "kind", &word, &at) != 0)
        return -1;
    m.of = word ? view_of_kind(word) : NULL;
    if (word && !m.of)
        return reading_unknown(r, at, "kind", word);
    if (!m.of)
        return reading_fail(r, root, "of which kind? \"kind: racks\", or another of gigawatch --list kinds");
    m.view = arena_alloc(r->settings->arena, sizeof(*m.view));
    *m.view = *m.of;
    m.view->name = m.view->title = arena_strdup(r->settings->arena, name);
    m.view->key = 0;
    m.view->off_screen = m.view->tree = false;
    m.view->help = "";
    if (reading_keys(r, root, "a view", keys, &m) != 0)
        return -1;
    m.view->words = words_of(r, &m);
    if (strlen(m.view->words) >= WORDS)
        return reading_fail(
            r, root,
            "too long: filter, columns and order may have %d characters together", WORDS);
    if (!m.view->help[0])
        m.view->help = m.view->words;
    if (!views_add(m.view))
        return reading_fail(r, root, "too many views; %d may be added", MOST_VIEWS);
    return 0;
}
