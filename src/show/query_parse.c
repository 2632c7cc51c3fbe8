/* From the words of a query to struct query. The grammar is in query.h; a function each. What is wrong is said at
 * the first place where it is, with what was expected there. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "show/query_inside.h"

enum { MOST_FIELDS = 256, LIST_ROOM = 360, NO_NAMES_ROOM = 128 };

struct parser {
    struct lexer lexer;
    struct token token;         /* the next one, not yet taken */
    struct query *q;
    struct err *err;
    size_t *column;
    unsigned depth;
    size_t names;               /* in all sets so far */
};

/* ---- complaints ---- */

static int complain(struct parser *p, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int complain(struct parser *p, size_t at, const char *format, ...)
{
    char text[sizeof(((struct err *)0)->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *p->column = at;
    return err_set_code(p->err, ERR_USAGE, "%s", text);
}

/* What stands here, to be quoted in a complaint: cut and clean. */
struct quote {
    char text[64];
};

static struct quote quoted(const char *text, size_t len)
{
    struct quote q = { { 0 } };
    size_t kept = len, most = 20;

    if (len > most)
        for (kept = most; kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80; kept--)
            ;                   /* not within a character */
    q.text[0] = '"';
    kept = text_clean(q.text + 1, sizeof(q.text) - 8, text, kept);
    snprintf(q.text + 1 + kept, sizeof(q.text) - 1 - kept, "%s", len > most ? "…\"" : "\"");
    return q;
}

static struct quote here(const struct parser *p)
{
    if (p->token.type == TOKEN_END)
        return (struct quote){ "the end" };
    if (p->token.text)
        return quoted(p->token.text, strlen(p->token.text));
    return quoted(p->lexer.text + p->token.at, p->token.len);
}

static void list_words(char to[LIST_ROOM], const char *const *words, size_t count)
{
    size_t used = 0;

    to[0] = '\0';
    for (size_t i = 0; i < count && used + strlen(words[i]) + 6 < LIST_ROOM; i++)
        used += (size_t)snprintf(to + used, LIST_ROOM - used, "%s%s", i ? " " : "", words[i]);
}

/* unknown field "powr"; did you mean power? */
static int complain_unknown(struct parser *p, size_t at, const char *what, const char *written,
                            const char *const *words, size_t count)
{
    const char *nearest = query_nearest(written, words, count);
    char list[LIST_ROOM];

    if (nearest)
        return complain(p, at, "unknown %s %s; did you mean %s?", what, quoted(written, strlen(written)).text, nearest);
    list_words(list, words, count);
    return complain(p, at, "unknown %s %s; known: %s", what, quoted(written, strlen(written)).text, list);
}

static int complain_unknown_field(struct parser *p, size_t at, const char *written)
{
    const char *words[MOST_FIELDS];
    size_t count = 0;

    for (const struct column *c = p->q->view->columns; c->name && count < MOST_FIELDS; c++)
        words[count++] = c->name;
    return complain_unknown(p, at, "field", written, words, count);
}

/* ---- tokens ---- */

static int advance(struct parser *p)
{
    return query_lex(&p->lexer, &p->token, p->err, p->column);
}

static bool at_word(const struct parser *p, const char *word)
{
    return p->token.type == TOKEN_WORD && strcasecmp(p->token.text, word) == 0;
}

/* Takes the word if it is next: 1; 0 if it is not; -1 where the token after it is wrong. */
static int take_word(struct parser *p, const char *word)
{
    if (!at_word(p, word))
        return 0;
    return advance(p) < 0 ? -1 : 1;
}

static bool at_clause(const struct parser *p)
{
    return at_word(p, "where") || at_word(p, "show") || at_word(p, "sort") ||
           at_word(p, "limit") || at_word(p, "at");
}

static bool at_text(const struct parser *p)
{
    return p->token.type == TOKEN_WORD || p->token.type == TOKEN_STRING;
}

/* ---- sets of names ---- */

struct expansion {
    struct parser *p;
    struct name_set *set;
};

static void add_name(void *arg, const char *name)
{
    struct expansion *e = arg;

    if (e->p->names >= QUERY_MOST_NAMES)
        return;
    e->p->names++;
    name_set_add(e->set, name, e->p->q->arena);
}

/* The token's text, or the names its range stands for; in quotes a bracket is a bracket. */
static int add_names(struct parser *p, struct name_set *set)
{
    struct expansion e = { p, set };
    char why[NO_NAMES_ROOM];

    if (p->token.type == TOKEN_STRING)
        add_name(&e, p->token.text);
    else if (text_expand(p->token.text, add_name, &e, why) < 0)
        return complain(p, p->token.at, "%s", why);
    if (p->names >= QUERY_MOST_NAMES)
        return complain(p, p->token.at, "these ranges stand for more than a million names");
    return 0;
}

static bool is_range(const struct token *token)
{
    return token->type == TOKEN_WORD && strchr(token->text, '[');
}

/* ---- expressions: building ---- */

static struct expr *expr_new(struct parser *p, enum expr_type type)
{
    struct expr *e = arena_alloc(p->q->arena, sizeof(*e));

    e->type = type;
    return e;
}

static struct expr *owner_new(struct parser *p, enum expr_type type)
{
    struct expr *e = expr_new(p, type);

    e->next_owner = p->q->owners;
    p->q->owners = e;
    return e;
}

static struct expr *negated(struct parser *p, struct expr *e)
{
    struct expr *not = expr_new(p, EXPR_NOT);

    not->parts = e;
    return not;
}

/* ---- values ---- */

/* A number in the column's unit; a bare one is in its base unit. */
static int parse_amount(struct parser *p, const struct column *c, double *number)
{
    enum unit unit;
    size_t used = unit_parse(p->token.text, number, &unit);

    if (!used || p->token.text[used])
        return complain(p, p->token.at, "expected a value for %s (%s), got %s", c->name,
                        unit_known(c->unit), here(p).text);
    if (unit != UNIT_NONE && unit != c->unit)
        return complain(p, p->token.at, "%s does not fit %s: expected %s", here(p).text, c->name,
                        unit_known(c->unit));
    /* Nothing here is ever drawn at more than twice its cap: 90 means 90 %, and must say so. */
    if (c->unit == UNIT_RATIO && unit == UNIT_NONE && fabs(*number) > 2)
        return complain(p, p->token.at, "%s is a ratio: write %s%% or %.4g", c->name,
                        p->token.text, *number / 100);
    return 0;
}

/* "0.9cap", "0.9*cap" or "cap": a share of another field; NULL where it is none. */
static const struct column *find_share(const struct parser *p, double *factor)
{
    const char *text = p->token.text;
    enum unit unit;
    size_t used = unit_parse(text, factor, &unit);

    if (p->token.type != TOKEN_WORD || unit != UNIT_NONE)
        return NULL;
    if (!used)
        *factor = 1;
    else if (text[used] == '*')
        used++;
    return text[used] ? column_find(p->q->view, text + used) : NULL;
}

static struct expr *parse_share(struct parser *p, const struct column *c, enum op op,
                                const struct column *other, double factor)
{
    struct expr *e = expr_new(p, EXPR_SHARE);

    if (other->text || other->unit != c->unit) {
        complain(p, p->token.at, "%s and %s cannot be compared: they differ in unit", c->name,
                 other->name);
        return NULL;
    }
    e->column = c;
    e->op = op;
    e->other = other;
    e->number = factor;
    return advance(p) < 0 ? NULL : e;
}

static struct expr *parse_moment(struct parser *p, const struct column *c, enum op op)
{
    struct expr *e = expr_new(p, EXPR_TIME);

    if (isnan(text_parse_time(p->token.text, 0))) {
        complain(p, p->token.at, "expected a time for %s (now, -15m, 14:05, RFC 3339), got %s",
                 c->name, here(p).text);
        return NULL;
    }
    e->column = c;
    e->op = op;
    e->text = p->token.text;
    return advance(p) < 0 ? NULL : e;
}

static struct expr *parse_number_value(struct parser *p, const struct column *c, enum op op)
{
    const struct column *other;
    struct expr *e;
    double factor;

    if (op == OP_CONTAINS || op == OP_MATCHES) {
        complain(p, p->token.at, "%s is a number: compare it with = != < <= > >=", c->name);
        return NULL;
    }
    if (!at_text(p)) {
        complain(p, p->token.at, "expected a value for %s (%s), got %s", c->name,
                 unit_known(c->unit), here(p).text);
        return NULL;
    }
    other = find_share(p, &factor);
    if (other)
        return parse_share(p, c, op, other, factor);
    if (c->unit == UNIT_TIME)
        return parse_moment(p, c, op);
    e = expr_new(p, EXPR_NUMBER);
    e->column = c;
    e->op = op;
    if (parse_amount(p, c, &e->number) < 0 || advance(p) < 0)
        return NULL;
    return e;
}

static int compile(struct parser *p, struct expr *e)
{
    enum { STEPS = 100000, DEPTH = 1000, KIBIBYTES = 1024 };
    int number;
    size_t at;

    e->regex = pcre2_compile((PCRE2_SPTR)e->text, PCRE2_ZERO_TERMINATED,
                             PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &number, &at, NULL);
    if (!e->regex) {
        PCRE2_UCHAR why[128];

        pcre2_get_error_message(number, why, sizeof(why));
        return complain(p, p->token.at, "not a regular expression: %s", (const char *)why);
    }
    /* A pattern that runs away is stopped, and the row counted as unknown. */
    e->match = pcre2_match_data_create(1, NULL);
    e->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(e->limits, STEPS);
    pcre2_set_depth_limit(e->limits, DEPTH);
    pcre2_set_heap_limit(e->limits, KIBIBYTES);
    return 0;
}

static struct expr *parse_text_value(struct parser *p, const struct column *c, enum op op)
{
    struct expr *e;

    if (!at_text(p)) {
        complain(p, p->token.at, "expected a text for %s, got %s", c->name, here(p).text);
        return NULL;
    }
    if (is_range(&p->token) && (op == OP_EQUAL || op == OP_NOT_EQUAL)) {
        e = owner_new(p, EXPR_NAMES);
        e->names = name_set_new();
        if (add_names(p, e->names) < 0)
            return NULL;
    } else {
        e = owner_new(p, op == OP_CONTAINS  ? EXPR_CONTAINS
                         : op == OP_MATCHES ? EXPR_MATCHES
                                            : EXPR_TEXT);
        e->text = p->token.text;
        e->op = op;
        if (op == OP_MATCHES && compile(p, e) < 0)
            return NULL;
    }
    e->column = c;
    if (advance(p) < 0)
        return NULL;
    return e->type == EXPR_NAMES && op == OP_NOT_EQUAL ? negated(p, e) : e;
}

/* ---- in (…) and is … ---- */

static int take_item(struct parser *p, struct expr *e, double **numbers, size_t *room)
{
    if (!at_text(p))
        return complain(p, p->token.at, "expected a value in this list, got %s", here(p).text);
    if (e->type == EXPR_NAMES)
        return add_names(p, e->names);
    *numbers = xgrow(*numbers, room, e->number_count + 1, sizeof(**numbers));
    return parse_amount(p, e->column, &(*numbers)[e->number_count++]);
}

static int take_items(struct parser *p, struct expr *e, double **numbers)
{
    size_t room = 0;

    if (p->token.type != TOKEN_OPEN)
        return complain(p, p->token.at, "expected ( after in, got %s", here(p).text);
    do {
        if (advance(p) < 0 || take_item(p, e, numbers, &room) < 0 || advance(p) < 0)
            return -1;
    } while (p->token.type == TOKEN_COMMA);
    if (p->token.type != TOKEN_CLOSE)
        return complain(p, p->token.at, "expected , or ) in this list, got %s", here(p).text);
    return advance(p);
}

static struct expr *parse_in(struct parser *p, const struct column *c)
{
    struct expr *e = owner_new(p, c->text ? EXPR_NAMES : EXPR_NUMBERS);
    double *numbers = NULL, *kept;
    int result;

    e->column = c;
    if (c->text)
        e->names = name_set_new();
    result = take_items(p, e, &numbers);
    kept = arena_alloc(p->q->arena, e->number_count * sizeof(*kept));
    if (numbers)
        memcpy(kept, numbers, e->number_count * sizeof(*kept));
    e->numbers = kept;
    free(numbers);
    return result < 0 ? NULL : e;
}

static struct expr *parse_is(struct parser *p, const struct column *c)
{
    static const struct {
        const char *word;
        enum expr_type type;
    } states[] = { { "null", EXPR_NULL }, { "stale", EXPR_STALE }, { "estimated", EXPR_ESTIMATED } };
    int is_not = take_word(p, "not");
    struct expr *e;

    if (is_not < 0)
        return NULL;
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        int taken = take_word(p, states[i].word);

        if (taken < 0)
            return NULL;
        if (!taken)
            continue;
        e = expr_new(p, states[i].type);
        e->column = c;
        return is_not ? negated(p, e) : e;
    }
    complain(p, p->token.at, "expected null, stale or estimated after is, got %s", here(p).text);
    return NULL;
}

/* ---- terms ---- */

static struct expr *parse_after_field(struct parser *p, const struct column *c)
{
    enum op op = p->token.op;
    struct expr *e;
    int taken;

    if (p->token.type == TOKEN_OP) {
        if (advance(p) < 0)
            return NULL;
        return c->text ? parse_text_value(p, c, op) : parse_number_value(p, c, op);
    }
    taken = take_word(p, "in");
    if (taken)
        return taken < 0 ? NULL : parse_in(p, c);
    taken = take_word(p, "is");
    if (taken)
        return taken < 0 ? NULL : parse_is(p, c);
    e = expr_new(p, EXPR_TRUE);
    e->column = c;
    return e;
}

/* A field with what follows it, or a bare word. */
static struct expr *parse_test(struct parser *p)
{
    struct token first = p->token;
    const struct column *c = NULL;
    struct expr *e;

    if (!at_text(p) || at_clause(p)) {
        complain(p, p->token.at, "expected a field or a word to look for, got %s", here(p).text);
        return NULL;
    }
    if (first.type == TOKEN_WORD)
        c = column_find(p->q->view, first.text);
    if (advance(p) < 0)
        return NULL;
    if (c)
        return parse_after_field(p, c);
    /* An operator says that a field was meant; a word alone is looked for. */
    if (p->token.type == TOKEN_OP || at_word(p, "in") || at_word(p, "is")) {
        complain_unknown_field(p, first.at, first.text);
        return NULL;
    }
    e = expr_new(p, EXPR_ROW_CONTAINS);
    e->text = first.text;
    return e;
}

static struct expr *parse_any(struct parser *p);

static struct expr *parse_group(struct parser *p)
{
    size_t open = p->token.at;
    struct expr *e;

    if (advance(p) < 0)
        return NULL;
    e = parse_any(p);
    if (!e)
        return NULL;
    if (p->token.type != TOKEN_CLOSE) {
        complain(p, p->token.at, "expected ) for the ( at column %zu, got %s", open + 1, here(p).text);
        return NULL;
    }
    return advance(p) < 0 ? NULL : e;
}

static struct expr *parse_unary(struct parser *p)
{
    struct expr *e;
    int is_not;

    if (++p->depth > QUERY_DEEPEST) {
        complain(p, p->token.at, "nested too deeply: at most %d levels", QUERY_DEEPEST);
        return NULL;
    }
    is_not = take_word(p, "not");
    if (is_not < 0)
        return NULL;
    if (is_not) {
        e = parse_unary(p);
        e = e ? negated(p, e) : NULL;
    } else {
        e = p->token.type == TOKEN_OPEN ? parse_group(p) : parse_test(p);
    }
    p->depth--;
    return e;
}

/* Parts joined by one word, as one expression with a list: long chains are not deep. */
static struct expr *parse_chain(struct parser *p, const char *word, enum expr_type type,
                                struct expr *(*part)(struct parser *p))
{
    struct expr *first = part(p), *last = first, *whole;
    int taken;

    if (!first || !at_word(p, word))
        return first;
    whole = expr_new(p, type);
    whole->parts = first;
    while ((taken = take_word(p, word)) > 0) {
        last->next = part(p);
        if (!last->next)
            return NULL;
        last = last->next;
    }
    return taken < 0 ? NULL : whole;
}

static struct expr *parse_all(struct parser *p)
{
    return parse_chain(p, "and", EXPR_ALL, parse_unary);
}

static struct expr *parse_any(struct parser *p)
{
    return parse_chain(p, "or", EXPR_ANY, parse_all);
}

/* ---- clauses ---- */

static int parse_where(struct parser *p)
{
    p->q->where = parse_any(p);
    return p->q->where ? 0 : -1;
}

static int parse_show(struct parser *p)
{
    struct query *q = p->q;

    q->show = arena_alloc(q->arena, (MOST_FIELDS + 1) * sizeof(*q->show));
    for (;;) {
        const struct column *c = at_text(p) ? column_find(q->view, p->token.text) : NULL;

        if (!at_text(p))
            return complain(p, p->token.at, "expected a field to show, got %s", here(p).text);
        if (!c)
            return complain_unknown_field(p, p->token.at, p->token.text);
        if (q->show_count == MOST_FIELDS)
            return complain(p, p->token.at, "at most %d fields can be shown", MOST_FIELDS);
        q->show[q->show_count++] = c;
        if (advance(p) < 0)
            return -1;
        if (p->token.type != TOKEN_COMMA)
            return 0;
        if (advance(p) < 0)
            return -1;
    }
}

static int parse_sort(struct parser *p)
{
    struct query *q = p->q;

    for (;;) {
        const char *field = at_text(p) ? p->token.text : "";
        bool down = *field == '-';
        const struct column *c = column_find(q->view, field + down);

        if (!at_text(p))
            return complain(p, p->token.at, "expected a field to sort by, got %s", here(p).text);
        if (!c)
            return complain_unknown_field(p, p->token.at + down, field + down);
        if (q->sort_count == QUERY_MOST_SORTS)
            return complain(p, p->token.at, "at most %d fields to sort by", QUERY_MOST_SORTS);
        q->sorts[q->sort_count++] = (struct sort_key){ c, down };
        if (advance(p) < 0)
            return -1;
        if (p->token.type != TOKEN_COMMA)
            return 0;
        if (advance(p) < 0)
            return -1;
    }
}

static int parse_limit(struct parser *p)
{
    const char *digits = at_text(p) ? p->token.text : "";
    size_t limit = 0;

    for (; *digits >= '0' && *digits <= '9' && limit < SIZE_MAX / 20; digits++)
        limit = limit * 10 + (size_t)(*digits - '0');
    if (!at_text(p) || *digits || !*p->token.text)
        return complain(p, p->token.at, "expected a number of rows, got %s", here(p).text);
    p->q->limit = limit;
    return advance(p);
}

static int parse_at(struct parser *p)
{
    if (!at_text(p) || isnan(text_parse_time(p->token.text, 0)))
        return complain(p, p->token.at, "expected a time (now, -15m, 14:05, RFC 3339), got %s",
                        here(p).text);
    p->q->at = p->token.text;
    return advance(p);
}

/* In any order, each once. */
static int parse_clauses(struct parser *p)
{
    static const struct clause {
        const char *word;
        int (*parse)(struct parser *p);
    } clauses[] = {
        { "where", parse_where }, { "show", parse_show }, { "sort", parse_sort },
        { "limit", parse_limit }, { "at", parse_at },
    };
    unsigned seen = 0;

    while (p->token.type != TOKEN_END) {
        size_t i = 0, count = sizeof(clauses) / sizeof(*clauses);

        while (i < count && !at_word(p, clauses[i].word))
            i++;
        if (i == count)
            return complain(p, p->token.at, "expected %s, got %s",
                            seen ? "and, or, show, sort, limit or at" : "where, show, sort, limit or at",
                            here(p).text);
        if (seen & 1u << i)
            return complain(p, p->token.at, "there is a second %s here", clauses[i].word);
        seen |= 1u << i;
        if (advance(p) < 0 || clauses[i].parse(p) < 0)
            return -1;
    }
    return 0;
}

static int parse_names(struct parser *p)
{
    struct query *q = p->q;
    size_t room = 0;

    for (; at_text(p) && (p->token.type == TOKEN_STRING || !at_clause(p));) {
        if (!q->named)
            q->named = name_set_new();
        if (add_names(p, q->named) < 0)
            return -1;
        if (q->name_count + 2 > room) {
            const char **more = arena_alloc(q->arena, (room = 2 * room + 16) * sizeof(*more));

            if (q->names)
                memcpy(more, q->names, q->name_count * sizeof(*more));
            q->names = more;
        }
        /* Only plain names are kept: of a range nobody expects that every name is there. */
        if (!is_range(&p->token))
            q->names[q->name_count++] = p->token.text;
        if (advance(p) < 0)
            return -1;
    }
    return 0;
}

static int parse_kind(struct parser *p, const struct view *const *views)
{
    const char *kinds[MOST_FIELDS];
    char known[LIST_ROOM];
    size_t count = 0;

    for (const struct view *const *v = views; *v && count < MOST_FIELDS; v++) {
        if (!(*v)->kind || !(*v)->columns)
            continue;
        if (at_text(p) && strcasecmp(p->token.text, (*v)->kind) == 0) {
            p->q->view = *v;
            return advance(p);
        }
        kinds[count++] = (*v)->kind;
    }
    if (at_text(p))
        return complain_unknown(p, p->token.at, "kind", p->token.text, kinds, count);
    list_words(known, kinds, count);
    return complain(p, p->token.at, "expected what to list, got %s; known: %s", here(p).text, known);
}

/* ---- in and out ---- */

static struct parser parser_new(const char *text, struct err *err, size_t *column)
{
    struct arena *arena = arena_new();
    struct query *q = arena_alloc(arena, sizeof(*q));

    q->arena = arena;
    q->limit = SIZE_MAX;
    *column = 0;
    return (struct parser){ .lexer = { .text = text, .arena = arena },
                            .q = q,
                            .err = err,
                            .column = column };
}

static int check_length(struct parser *p)
{
    if (strnlen(p->lexer.text, QUERY_LONGEST + 1) > QUERY_LONGEST)
        return complain(p, QUERY_LONGEST, "the query is longer than %d bytes", QUERY_LONGEST);
    return 0;
}

static struct query *finish(struct parser *p, int result)
{
    if (result == 0)
        return p->q;
    query_free(p->q);
    return NULL;
}

struct query *query_parse_views(const char *text, const struct view *const *views, struct err *err,
                                size_t *column)
{
    struct parser p = parser_new(text, err, column);
    int result = check_length(&p);

    if (result == 0)
        result = advance(&p);
    if (result == 0)
        result = parse_kind(&p, views);
    if (result == 0)
        result = parse_names(&p);
    if (result == 0)
        result = parse_clauses(&p);
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
        result = advance(&p);
    /* An empty filter lets everything through. */
    if (result == 0 && p.token.type != TOKEN_END)
        result = parse_where(&p);
    if (result == 0 && p.token.type != TOKEN_END)
        result = complain(&p, p.token.at, "expected and, or, or the end, got %s", here(&p).text);
    return finish(&p, result);
}

size_t query_sorts(const struct view *v, const char *text, struct sort_key keys[QUERY_MOST_SORTS])
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
