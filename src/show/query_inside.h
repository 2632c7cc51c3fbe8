/* A query, taken apart: what query_parse.c builds, query_eval.c judges rows with, and
 * table.c obeys. Nobody outside show/ includes this. */
#ifndef SHOW_QUERY_INSIDE_H
#define SHOW_QUERY_INSIDE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/arena.h"
#include "base/finder.h"
#include "show/query.h"

enum {
    QUERY_LONGEST = 4096,       /* bytes */
    QUERY_DEEPEST = 48,         /* parentheses and nots within each other */
    QUERY_MOST_NAMES = 200000, /* that all its ranges stand for together */
    QUERY_MOST_SORTS = 8
};

/* ---- words ---- */

enum token_type {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_STRING,
    TOKEN_OP,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA
};

enum op {
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_CONTAINS,
    OP_MATCHES
};

struct token {
    enum token_type type;
    enum op op;
    size_t at, len;             /* where it stands in the query, quotes included */
    const char *text;           /* of words and strings, without quotes and escapes */
};

struct lexer {
    const char *text;
    size_t at;
    struct arena *arena;
};

/* The next token, or -1 with *err and *column. */
int query_lex(struct lexer *l, struct token *token, struct err *err, size_t *column);

/* ---- texts that stand for many ---- */

struct name_set {
    const char **names;
    size_t room;
    struct finder finder;       /* of their numbers */
};

struct name_set *name_set_new(void);
void name_set_free(struct name_set *s);
void name_set_add(struct name_set *s, const char *name, struct arena *arena);
bool name_set_has(struct name_set *s, const char *name);

/* ---- expressions ---- */

enum expr_type {
    EXPR_ALL, EXPR_ANY, EXPR_NOT,       /* of the parts */
    EXPR_NUMBER,                /* column op number */
    EXPR_TIME,                  /* column op time, which `text` says relative to now */
    EXPR_SHARE,                 /* column op number * other */
    EXPR_NUMBERS,               /* column in (numbers) */
    EXPR_TEXT,                  /* column op text, in natural order */
    EXPR_NAMES,                 /* column in (texts) */
    EXPR_CONTAINS, EXPR_MATCHES,        /* column ~ text, column =~ regex */
    EXPR_NULL, EXPR_STALE, EXPR_ESTIMATED,
    EXPR_TRUE,                  /* a field alone */
    EXPR_ROW_CONTAINS           /* a bare word: in any text of the row */
};

struct expr {
    enum expr_type type;
    enum op op;
    struct expr *parts, *next;  /* first part; the next part of the same whole */
    const struct column *column, *other;
    double number;
    const double *numbers;
    size_t number_count;
    const char *text;
    struct text_search *search; /* for `text`, while many rows are judged */
    struct name_set *names;
    pcre2_code *regex;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    struct expr *next_owner;    /* see query.owners */
};

struct sort_key {
    const struct column *column;
    bool down;
};

struct query {
    struct arena *arena;
    const struct view *view;
    const char **names;         /* rows asked for by name, as written; ends with NULL */
    size_t name_count;
    struct name_set *named;     /* the same with ranges expanded; NULL: all rows */
    struct expr *where;         /* NULL: every row */
    const struct column *by;    /* rows are summed by it; NULL: they are listed */
    const struct column **show; /* ends with NULL; NULL: the view's */
    size_t show_count;
    struct sort_key sorts[QUERY_MOST_SORTS];
    size_t sort_count;
    size_t *show_at, sort_at[QUERY_MOST_SORTS]; /* where they stand in the query */
    size_t limit;               /* SIZE_MAX: none */
    const char *at;             /* NULL: now */
    struct expr *owners;        /* of sets, regexes and searches, which no arena holds */
};

/* query_parse() against other views than the registry's: for tests. `views` ends with
 * NULL. */
struct query *query_parse_views(const char *text, const struct view *const *views,
                                struct err *err, size_t *column);

/* "-power,name" for a view. Fields it does not have are left out. */
size_t query_sorts(const struct view *v, const char *text,
                   struct sort_key keys[QUERY_MOST_SORTS]);

/* Three-valued logic in an order that makes "and" the smaller, "or" the larger and "not"
 * the distance to the top. */
enum verdict { VERDICT_NO, VERDICT_UNKNOWN, VERDICT_YES };

/* Judges rows: one verdict each. */
void query_judge(const struct query *q, const struct model *m, const uint32_t *rows,
                 size_t count, uint8_t *verdicts);

#endif
