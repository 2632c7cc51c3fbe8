/* EXPR: tests of fields, joined by and, or and not. A test is made for the column it is
 * about, so that judging rows needs no more looking up. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "show/query_parser.h"

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
    struct expr *whole = expr_new(p, EXPR_NOT);

    whole->parts = e;
    return whole;
}

/* ---- values ---- */

/* "kW", or "kw", which the complaint then guesses. */
static bool is_unit(const char *number, const char *word, size_t len, enum unit wanted)
{
    char both[64], meant[64];
    double scale;
    enum unit unit;

    if (unit_find(word, len, &unit, &scale))
        return true;
    if (!len || snprintf(both, sizeof(both), "%s%.*s", number, (int)len, word) >=
                    (int)sizeof(both))
        return false;
    unit_meant(meant, both, wanted);
    return meant[0] != '\0';
}

/* "100 kW": a unit that stands apart from its number belongs to it, for nothing else may
 * follow a number there. */
static void join_unit(struct parser *p, enum unit wanted)
{
    const char *next = p->lexer.text + p->lexer.at;
    double number;
    enum unit unit;
    size_t used = unit_parse(p->token.text, &number, &unit), blanks = strspn(next, " \t"),
           len;

    next += blanks;
    len = strcspn(next, " \t\n(),");
    if (!used || p->token.text[used] || unit != UNIT_NONE ||
        !is_unit(p->token.text, next, len, wanted))
        return;
    p->token.text = arena_printf(p->q->arena, "%s%.*s", p->token.text, (int)len, next);
    p->lexer.at += blanks + len;
}

/* "0.9cap" where only rows of other kinds have a cap. */
static const char *field_of_others(const struct parser *p, size_t used)
{
    const char *name = p->token.text + used + (used && p->token.text[used] == '*');

    for (const struct view *const *v = views_all(); *v; v++)
        if (column_find(*v, name))
            return name;
    return NULL;
}

/* A number in the column's unit; a bare one is in its base unit. */
static int parse_amount(struct parser *p, const struct column *c, double *number)
{
    enum unit unit;
    const char *other;
    char meant[64];
    size_t used;

    join_unit(p, c->unit);
    used = unit_parse(p->token.text, number, &unit);
    other = field_of_others(p, used);
    if (other)
        return parser_complain(p, p->token.at,
                               "%s have no %s to compare %s with: expected a value (%s)",
                               p->q->view->kind, other, c->name, unit_known(c->unit));
    unit_meant(meant, p->token.text, c->unit);
    if (!used || p->token.text[used])
        return parser_complain(p, p->token.at, "expected a value for %s (%s), got %s%s",
                               c->name, unit_known(c->unit), parser_here(p).text, meant);
    if (unit != UNIT_NONE && unit != c->unit)
        return parser_complain(p, p->token.at, "%s does not fit %s: expected %s%s",
                               parser_here(p).text, c->name, unit_known(c->unit), meant);
    /* Nothing here is ever drawn at more than twice its cap: 90 means 90 %, and must say
     * so. */
    if (c->unit == UNIT_RATIO && unit == UNIT_NONE && fabs(*number) > 2)
        return parser_complain(p, p->token.at, "%s is a ratio: write %s%% or %.4g",
                               c->name, p->token.text, *number / 100);
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
        parser_complain(p, p->token.at,
                        "%s and %s cannot be compared: they differ in unit", c->name,
                        other->name);
        return NULL;
    }
    e->column = c;
    e->op = op;
    e->other = other;
    e->number = factor;
    return parser_advance(p) < 0 ? NULL : e;
}

static struct expr *parse_moment(struct parser *p, const struct column *c, enum op op)
{
    struct expr *e = expr_new(p, EXPR_TIME);

    if (isnan(text_parse_time(p->token.text, 0))) {
        parser_complain(p, p->token.at,
                        "expected a time for %s (now, -15m, 14:05, RFC 3339), got %s",
                        c->name, parser_here(p).text);
        return NULL;
    }
    e->column = c;
    e->op = op;
    e->text = p->token.text;
    return parser_advance(p) < 0 ? NULL : e;
}

static struct expr *parse_number_value(struct parser *p, const struct column *c,
                                       enum op op)
{
    const struct column *other;
    struct expr *e;
    double factor;

    if (op == OP_CONTAINS || op == OP_MATCHES) {
        parser_complain(p, p->token.at,
                        "%s is a number: compare it with = != < <= > >=", c->name);
        return NULL;
    }
    if (!parser_at_text(p)) {
        parser_complain(p, p->token.at, "expected a value for %s (%s), got %s", c->name,
                        unit_known(c->unit), parser_here(p).text);
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
    if (parse_amount(p, c, &e->number) < 0 || parser_advance(p) < 0)
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
        return parser_complain(p, p->token.at, "not a regular expression: %s",
                               (const char *)why);
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

    if (!parser_at_text(p)) {
        parser_complain(p, p->token.at, "expected a text for %s, got %s", c->name,
                        parser_here(p).text);
        return NULL;
    }
    if (parser_is_range(&p->token) && (op == OP_EQUAL || op == OP_NOT_EQUAL)) {
        e = owner_new(p, EXPR_NAMES);
        e->names = name_set_new();
        if (parser_add_names(p, e->names) < 0)
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
    if (parser_advance(p) < 0)
        return NULL;
    return e->type == EXPR_NAMES && op == OP_NOT_EQUAL ? negated(p, e) : e;
}

/* ---- in (…) and is … ---- */

static int take_item(struct parser *p, struct expr *e, double **numbers, size_t *room)
{
    if (!parser_at_text(p))
        return parser_complain(p, p->token.at, "expected a value in this list, got %s",
                               parser_here(p).text);
    if (e->type == EXPR_NAMES)
        return parser_add_names(p, e->names);
    *numbers = xgrow(*numbers, room, e->number_count + 1, sizeof(**numbers));
    return parse_amount(p, e->column, &(*numbers)[e->number_count++]);
}

static int take_items(struct parser *p, struct expr *e, double **numbers)
{
    size_t room = 0;

    if (p->token.type != TOKEN_OPEN)
        return parser_complain(p, p->token.at, "expected ( after in, got %s",
                               parser_here(p).text);
    do {
        if (parser_advance(p) < 0 || take_item(p, e, numbers, &room) < 0 ||
            parser_advance(p) < 0)
            return -1;
    } while (p->token.type == TOKEN_COMMA);
    if (p->token.type != TOKEN_CLOSE)
        return parser_complain(p, p->token.at, "expected , or ) in this list, got %s",
                               parser_here(p).text);
    return parser_advance(p);
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
    } states[] = { { "null", EXPR_NULL },
                   { "stale", EXPR_STALE },
                   { "estimated", EXPR_ESTIMATED } };
    int is_not = parser_take_word(p, "not");
    struct expr *e;

    if (is_not < 0)
        return NULL;
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        int taken = parser_take_word(p, states[i].word);

        if (taken < 0)
            return NULL;
        if (!taken)
            continue;
        e = expr_new(p, states[i].type);
        e->column = c;
        return is_not ? negated(p, e) : e;
    }
    parser_complain(p, p->token.at, "expected null, stale or estimated after is, got %s",
                    parser_here(p).text);
    return NULL;
}

/* ---- terms ---- */

static struct expr *parse_after_field(struct parser *p, const struct column *c)
{
    enum op op = p->token.op;
    struct expr *e;
    int taken;

    if (p->token.type == TOKEN_OP) {
        if (parser_advance(p) < 0)
            return NULL;
        return c->text ? parse_text_value(p, c, op) : parse_number_value(p, c, op);
    }
    taken = parser_take_word(p, "in");
    if (taken)
        return taken < 0 ? NULL : parse_in(p, c);
    taken = parser_take_word(p, "is");
    if (taken)
        return taken < 0 ? NULL : parse_is(p, c);
    e = expr_new(p, EXPR_TRUE);
    e->column = c;
    return e;
}

/* Does the next word ask something of a field? */
static bool asks(const struct parser *p)
{
    return p->token.type == TOKEN_OP || parser_at_word(p, "in") ||
           parser_at_word(p, "is");
}

/* A field of jobs is called as the clause limit is: what stands before an operator is the
 * field. */
static bool at_asked_field(const struct parser *p)
{
    struct parser ahead = *p;
    struct err err;
    size_t column;

    ahead.err = &err;
    ahead.column = &column;
    return column_find(p->q->view, p->token.text) && parser_advance(&ahead) == 0 &&
           asks(&ahead);
}

/* A field with what follows it, or a bare word. */
static struct expr *parse_test(struct parser *p)
{
    struct token first = p->token;
    const struct column *c = NULL;
    struct expr *e;

    if (!parser_at_text(p) || (parser_at_clause(p) && !at_asked_field(p)) ||
        parser_at_word(p, "and") || parser_at_word(p, "or")) {
        parser_complain(p, p->token.at, "expected a field or a word to look for, got %s",
                        parser_here(p).text);
        return NULL;
    }
    if (first.type == TOKEN_WORD || at_asked_field(p))
        c = column_find(p->q->view, first.text);
    if (parser_advance(p) < 0)
        return NULL;
    if (c)
        return parse_after_field(p, c);
    /* An operator says that a field was meant; a word alone is looked for. */
    if (asks(p)) {
        parser_complain_unknown_field(p, first.at, first.text);
        return NULL;
    }
    e = owner_new(p, EXPR_ROW_CONTAINS);
    e->text = first.text;
    return e;
}

static struct expr *parse_group(struct parser *p)
{
    size_t open = p->token.at;
    struct expr *e;

    if (parser_advance(p) < 0)
        return NULL;
    e = parser_expr(p);
    if (!e)
        return NULL;
    if (p->token.type != TOKEN_CLOSE) {
        parser_complain(p, p->token.at, "expected ) for the ( at column %zu, got %s",
                        open + 1, parser_here(p).text);
        return NULL;
    }
    return parser_advance(p) < 0 ? NULL : e;
}

static struct expr *parse_unary(struct parser *p)
{
    struct expr *e;
    int is_not;

    if (++p->depth > QUERY_DEEPEST) {
        parser_complain(p, p->token.at, "nested too deeply: at most %d levels",
                        QUERY_DEEPEST);
        return NULL;
    }
    is_not = parser_take_word(p, "not");
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

    if (!first || !parser_at_word(p, word))
        return first;
    whole = expr_new(p, type);
    whole->parts = first;
    while ((taken = parser_take_word(p, word)) > 0) {
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

struct expr *parser_expr(struct parser *p)
{
    return parse_chain(p, "or", EXPR_ANY, parse_all);
}

struct expr *parser_both(struct parser *p, struct expr *a, struct expr *b)
{
    struct expr *whole;

    if (!a || !b)
        return a ? a : b;
    whole = expr_new(p, EXPR_ALL);
    whole->parts = a;
    a->next = b;
    return whole;
}
