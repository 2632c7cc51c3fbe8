/* The parser of queries, shared by its files: query_parser.c holds what every rule needs,
 * query_expr.c the rules of EXPR, query_parse.c those of the clauses around it. Inside
 * show/ only. */
#ifndef SHOW_QUERY_PARSER_H
#define SHOW_QUERY_PARSER_H

#include "show/query_inside.h"

enum { PARSER_MOST_FIELDS = 256, PARSER_LIST_ROOM = 2048 };

struct parser {
    struct lexer lexer;
    struct token token; /* the next one, not yet taken */
    struct query *q;
    struct err *err;
    size_t *column;
    unsigned depth;
    size_t names; /* in all sets so far */
};

/* ---- complaints: -1 with the sentence, and its place ---- */

int parser_complain(struct parser *p, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What stands next, to be quoted in a complaint: cut and clean. */
struct quote {
    char text[64];
};
struct quote parser_here(const struct parser *p);

/* Unknown field "powr"; did you mean power? */
int parser_complain_unknown(struct parser *p, size_t at, const char *what,
                            const char *written, const char *const *words, size_t count);
int parser_complain_unknown_field(struct parser *p, size_t at, const char *written);
void parser_list_words(char to[PARSER_LIST_ROOM], const char *const *words, size_t count);

/* ---- tokens ---- */

int parser_advance(struct parser *p);
/* Words of the grammar are the same in either case. */
bool parser_at_word(const struct parser *p, const char *word);
/* Takes the word if it is next: 1; 0 if it is not; -1 where the token after it is wrong.
 */
int parser_take_word(struct parser *p, const char *word);
bool parser_at_clause(const struct parser *p); /* where, by, show, sort, limit or at */
bool parser_at_text(const struct parser *p);   /* a word or a string */

/* ---- names ---- */

/* Adds the next token's text, or the names its range stands for; in quotes a bracket is a
 * bracket. */
int parser_add_names(struct parser *p, struct name_set *set);
bool parser_is_range(const struct token *token);

/* ---- EXPR ---- */

struct expr *parser_expr(struct parser *p); /* NULL: complained */
/* That both hold; NULL holds always. */
struct expr *parser_both(struct parser *p, struct expr *a, struct expr *b);

#endif
