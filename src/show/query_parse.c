/* From the words of a query to struct query: the kind, names, and clauses; a function
 * each. What is wrong is said at the first place where it is, with what was expected
 * there. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "show/group.h"
#include "show/query_parser.h"

/* ---- clauses ---- */

static int parse_where(struct parser *p)
{
    p->q->where = parser_expr(p);
    return p->q->where ? 0 : -1;
}

static int parse_by(struct parser *p)
{
    const struct column *c = parser_at_text(p) ? column_find(p->q->view, p->token.text)
                                               : NULL;

    if (!parser_at_text(p))
        return parser_complain(p, p->token.at, "expected a field to sum by, got %s",
                               parser_here(p).text);
    if (!c)
        return parser_complain_unknown_field(p, p->token.at, p->token.text);
    if (!c->text)
        return parser_complain(p, p->token.at,
                               "%s holds numbers; rows are summed by a field of text",
                               c->name);
    if (c->is_name || c->unique)
        return parser_complain(
            p, p->token.at,
            "%s differs from row to row, so there is nothing to sum by it", c->name);
    p->q->by = c;
    return parser_advance(p);
}

/* Behind a field of a list: 1, and the comma is taken; 0: it was the last. */
static int another_follows(struct parser *p)
{
    if (parser_advance(p) < 0)
        return -1;
    if (p->token.type != TOKEN_COMMA)
        return 0;
    return parser_advance(p) < 0 ? -1 : 1;
}

static int parse_show(struct parser *p)
{
    struct query *q = p->q;
    int more;

    q->show = arena_alloc(q->arena, (PARSER_MOST_FIELDS + 1) * sizeof(*q->show));
    q->show_at = arena_alloc(q->arena, PARSER_MOST_FIELDS * sizeof(*q->show_at));
    for (;;) {
        const struct column *c =
            parser_at_text(p) ? column_find(q->view, p->token.text) : NULL;

        if (!parser_at_text(p))
            return parser_complain(p, p->token.at, "expected a field to show, got %s",
                                   parser_here(p).text);
        c = c ? c : group_column(p->token.text);
        if (!c)
            return parser_complain_unknown_field(p, p->token.at, p->token.text);
        if (q->show_count == PARSER_MOST_FIELDS)
            return parser_complain(p, p->token.at, "at most %d fields can be shown",
                                   PARSER_MOST_FIELDS);
        q->show_at[q->show_count] = p->token.at;
        q->show[q->show_count++] = c;
        if ((more = another_follows(p)) <= 0)
            return more;
    }
}

static int parse_sort(struct parser *p)
{
    struct query *q = p->q;
    int more;

    for (;;) {
        const char *field = parser_at_text(p) ? p->token.text : "";
        bool down = *field == '-';
        const struct column *c = column_find(q->view, field + down);

        c = c ? c : group_column(field + down);

        if (!parser_at_text(p) || !field[down])
            return parser_complain(p, p->token.at, "expected a field to sort by, got %s",
                                   parser_here(p).text);
        if (!c)
            return parser_complain_unknown_field(p, p->token.at + down, field + down);
        if (q->sort_count == QUERY_MOST_SORTS)
            return parser_complain(p, p->token.at, "at most %d fields to sort by",
                                   QUERY_MOST_SORTS);
        q->sort_at[q->sort_count] = p->token.at + down;
        q->sorts[q->sort_count++] = (struct sort_key){ c, down };
        if ((more = another_follows(p)) <= 0)
            return more;
    }
}

static int parse_limit(struct parser *p)
{
    const char *digits = parser_at_text(p) ? p->token.text : "";
    size_t limit = 0;

    for (; *digits >= '0' && *digits <= '9' && limit < SIZE_MAX / 20; digits++)
        limit = limit * 10 + (size_t)(*digits - '0');
    if (!parser_at_text(p) || *digits || !*p->token.text)
        return parser_complain(p, p->token.at, "expected a number of rows, got %s",
                               parser_here(p).text);
    p->q->limit = limit;
    return parser_advance(p);
}

static int parse_at(struct parser *p)
{
    if (!parser_at_text(p) || isnan(text_parse_time(p->token.text, 0)))
        return parser_complain(p, p->token.at,
                               "expected a time (now, -15m, 14:05, RFC 3339), got %s",
                               parser_here(p).text);
    p->q->at = p->token.text;
    return parser_advance(p);
}

/* Is it among what a table of sums shows? */
static bool is_summed(const struct query *q, const struct column *c)
{
    bool shown = !q->show;

    for (size_t i = 0; i < q->show_count; i++)
        shown |= q->show[i] == c;
    return c == q->by || (c->sums && shown);
}

/* What every table of sums has, and what its rows are summed by, needs no place among
 * what is shown. */
static int check_shown(struct parser *p)
{
    struct query *q = p->q;
    size_t kept = 0;

    for (size_t i = 0; i < q->show_count; i++) {
        const struct column *c = q->show[i], *of_sums = group_column(c->name);

        if (!q->by && c == of_sums)
            return parser_complain_unknown_field(p, q->show_at[i], c->name);
        if (q->by && (of_sums || c == q->by))
            continue;
        if (q->by && !c->sums)
            return parser_complain(
                p, q->show_at[i],
                "%s does not add up, so it cannot be shown of rows that are summed",
                c->name);
        q->show_at[kept] = q->show_at[i];
        q->show[kept++] = c;
    }
    q->show_count = kept;
    if (q->show)
        q->show[kept] = NULL;
    return 0;
}

/* Clauses come in any order, so what fields mean is known at the end: of rows that are
 * summed only what adds up is shown, and they are sorted by that, by what they are summed
 * by, or by how many they are. */
static int check_fields(struct parser *p)
{
    struct query *q = p->q;

    if (check_shown(p) < 0)
        return -1;
    for (size_t i = 0; i < q->sort_count; i++) {
        const struct column *of_sums = group_column(q->sorts[i].column->name);

        if (q->by && of_sums)
            q->sorts[i].column = of_sums;
        else if (q->by && !is_summed(q, q->sorts[i].column))
            return parser_complain(p, q->sort_at[i], "%s is not among what is summed",
                                   q->sorts[i].column->name);
        else if (!q->by && of_sums == q->sorts[i].column)
            return parser_complain_unknown_field(p, q->sort_at[i], of_sums->name);
    }
    return 0;
}

/* Words of other languages, and how it is said here. */
static const struct {
    const char *word, *here;
} foreign[] = {
    { "desc", "sort -FIELD begins with the most" },
    { "asc", "sort FIELD begins with the least" },
    { "order", "sort FIELD sorts" },
    { "group", "by FIELD sums up" },
    { "like", "FIELD ~ TEXT finds a part, FIELD =~ PATTERN a pattern" },
    { "contains", "FIELD ~ TEXT finds a part" },
    { "matches", "FIELD =~ PATTERN finds a pattern" },
    { "between", "FIELD > 1 and FIELD < 2" },
};

static int complain_of_clause(struct parser *p, bool continues)
{
    const char *expected = continues ? "and, or, by, show, sort, limit or at"
                                     : "where, by, show, sort, limit or at";

    for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
        if (parser_at_text(p) && strcasecmp(p->token.text, foreign[i].word) == 0)
            return parser_complain(p, p->token.at, "%s is no word here: %s",
                                   parser_here(p).text, foreign[i].here);
    return parser_complain(p, p->token.at, "expected %s, got %s", expected,
                           parser_here(p).text);
}

/* In any order, each once. */
static int parse_clauses(struct parser *p)
{
    static const struct clause {
        const char *word;
        int (*parse)(struct parser *p);
    } clauses[] = {
        { "where", parse_where }, { "by", parse_by }, { "show", parse_show }, { "sort", parse_sort },
        { "limit", parse_limit }, { "at", parse_at },
    };
    unsigned seen = 0;

    while (p->token.type != TOKEN_END) {
        size_t i = 0, count = sizeof(clauses) / sizeof(*clauses);

        while (i < count && !parser_at_word(p, clauses[i].word))
            i++;
        if (i == count)
            return complain_of_clause(p, seen != 0);
        if (seen & 1u << i)
            return parser_complain(p, p->token.at, "there is a second %s here",
                                   clauses[i].word);
        seen |= 1u << i;
        if (parser_advance(p) < 0 || clauses[i].parse(p) < 0)
            return -1;
    }
    return check_fields(p);
}

static int parse_names(struct parser *p)
{
    struct query *q = p->q;
    size_t room = 0;

    for (;
         parser_at_text(p) && (p->token.type == TOKEN_STRING || !parser_at_clause(p));) {
        if (!q->named)
            q->named = name_set_new();
        if (parser_add_names(p, q->named) < 0)
            return -1;
        if (q->name_count + 2 > room) {
            const char **more =
                arena_alloc(q->arena, (room = 2 * room + 16) * sizeof(*more));

            if (q->names)
                memcpy(more, q->names, q->name_count * sizeof(*more));
            q->names = more;
        }
        /* Only plain names are kept: of a range nobody expects that every name is there.
         */
        if (!parser_is_range(&p->token))
            q->names[q->name_count++] = p->token.text;
        if (parser_advance(p) < 0)
            return -1;
    }
    return 0;
}

/* A view that a user made is of a kind that others are of, too. */
static bool is_among(const char *kind, const char *const *kinds, size_t count)
{
    while (count > 0 && strcmp(kinds[count - 1], kind) != 0)
        count--;
    return count > 0;
}

static int parse_kind(struct parser *p, const struct view *const *views)
{
    const char *kinds[PARSER_MOST_FIELDS];
    char known[PARSER_LIST_ROOM];
    size_t count = 0;

    for (const struct view *const *v = views; *v && count < PARSER_MOST_FIELDS; v++) {
        if (!(*v)->kind || !(*v)->columns)
            continue;
        /* `power` is the view of `domains`. */
        if (parser_at_text(p) && (strcasecmp(p->token.text, (*v)->kind) == 0 ||
                                  strcasecmp(p->token.text, (*v)->name) == 0)) {
            p->q->view = *v;
            return parser_advance(p);
        }
        if (!is_among((*v)->kind, kinds, count))
            kinds[count++] = (*v)->kind;
    }
    if (parser_at_text(p) && view_amiss(p->token.text))
        return parser_complain(p, p->token.at, "%s", view_amiss(p->token.text));
    if (parser_at_text(p))
        return parser_complain_unknown(p, p->token.at, "kind", p->token.text, kinds,
                                       count);
    parser_list_words(known, kinds, count);
    return parser_complain(p, p->token.at, "expected what to list, got %s; known: %s",
                           parser_here(p).text, known);
}

/* ---- views that users made ---- */

/* Such a view stands for its query, and what is asked of it is asked of those rows. That
 * query is left in `made`; its kind in p->q. */
static int parse_made(struct parser *p, const struct view *v,
                      const struct view *const *views, struct query *made)
{
    struct parser its = *p;

    its.lexer.text = v->words;
    its.lexer.at = 0;
    if (parser_advance(&its) < 0 || parse_kind(&its, views) < 0 ||
        parse_clauses(&its) < 0)
        return -1;
    *made = *p->q;
    p->q->where = NULL;
    p->q->show = NULL;
    p->q->show_count = p->q->sort_count = 0;
    return parser_advance(p);
}

/* Its rows; and its fields and order, where the question names no others. Of sums neither
 * is its own. */
static void take_made(struct parser *p, const struct query *made)
{
    struct query *q = p->q;

    q->where = parser_both(p, made->where, q->where);
    if (q->by)
        return;
    if (!q->show) {
        q->show = made->show;
        q->show_at = made->show_at;
        q->show_count = made->show_count;
    }
    if (!q->sort_count) {
        memcpy(q->sorts, made->sorts, sizeof(q->sorts));
        memcpy(q->sort_at, made->sort_at, sizeof(q->sort_at));
        q->sort_count = made->sort_count;
    }
}

static int parse_subject(struct parser *p, const struct view *const *views,
                         struct query *made)
{
    for (const struct view *const *v = views; *v; v++)
        if ((*v)->words && parser_at_text(p) && strcmp((*v)->name, p->token.text) == 0)
            return parse_made(p, *v, views, made);
    return parse_kind(p, views);
}

/* ---- in and out ---- */

static struct parser parser_new(const char *text, struct err *err, size_t *column)
{
    struct arena *arena = arena_new();
    struct query *q = arena_alloc(arena, sizeof(*q));

    q->arena = arena;
    q->limit = SIZE_MAX;
    *column = 0;
    return (struct parser){
        .lexer = { .text = text, .arena = arena }, .q = q, .err = err, .column = column
    };
}

static int check_length(struct parser *p)
{
    if (strnlen(p->lexer.text, QUERY_LONGEST + 1) > QUERY_LONGEST)
        return parser_complain(p, QUERY_LONGEST, "the query is longer than %d bytes",
                               QUERY_LONGEST);
    return 0;
}

static struct query *finish(struct parser *p, int result)
{
    if (result == 0)
        return p->q;
    query_free(p->q);
    return NULL;
}

struct query *query_parse_views(const char *text, const struct view *const *views,
                                struct err *err, size_t *column)
{
    struct parser p = parser_new(text, err, column);
    struct query made = { 0 };
    int result = check_length(&p);

    if (result == 0)
        result = parser_advance(&p);
    if (result == 0)
        result = parse_subject(&p, views, &made);
    if (result == 0)
        result = parse_names(&p);
    if (result == 0)
        result = parse_clauses(&p);
    if (result == 0)
        take_made(&p, &made);
    return finish(&p, result);
}

struct query *query_parse(const char *text, struct err *err, size_t *column)
{
    return query_parse_views(text, views_all(), err, column);
}

struct query *query_parse_filter(const struct view *v, const char *text, struct err *err,
                                 size_t *column)
{
    struct parser p = parser_new(text, err, column);
    int result = check_length(&p);

    p.q->view = v;
    if (result == 0)
        result = parser_advance(&p);
    /* An empty filter lets everything through. */
    if (result == 0 && p.token.type != TOKEN_END)
        result = parse_where(&p);
    if (result == 0 && p.token.type != TOKEN_END)
        result = parser_complain(&p, p.token.at, "expected and, or, or the end, got %s",
                                 parser_here(&p).text);
    return finish(&p, result);
}

size_t query_sorts(const struct view *v, const char *text,
                   struct sort_key keys[QUERY_MOST_SORTS])
{
    size_t count = 0;

    while (text && *text && count < QUERY_MOST_SORTS) {
        size_t len = strcspn(text, ",");
        bool down = *text == '-';
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)(len - down), text + down);
        keys[count] = (struct sort_key){ column_find(v, name), down };
        count += keys[count].column != NULL;
        text += len + (text[len] == ',');
    }
    return count;
}
