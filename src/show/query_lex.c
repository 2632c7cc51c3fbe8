/* The words of a query. A word is any run without blanks, quotes, commas, parentheses and
 * operators, so that names like h2-r14-n07/3, times like 14:05 and shares like 0.9cap
 * need no quotes; in brackets a comma belongs to it. */
#include <string.h>

#include "show/query_inside.h"

static const struct spelling {
    const char *text;
    enum op op;
} ops[] = {
    /* the longer ones first */
    { "!=", OP_NOT_EQUAL },     { "<=", OP_LESS_EQUAL },
    { ">=", OP_GREATER_EQUAL }, { "=~", OP_MATCHES },
    { "==", OP_EQUAL },         { "=", OP_EQUAL },
    { "<", OP_LESS },           { ">", OP_GREATER },
    { "~", OP_CONTAINS },       { 0 }
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_word(char c)
{
    return !c || is_blank(c) || strchr("(),\"=!<>~", c);
}

static bool lex_op(struct lexer *l, struct token *token)
{
    for (const struct spelling *s = ops; s->text; s++) {
        size_t len = strlen(s->text);

        if (strncmp(l->text + l->at, s->text, len) == 0) {
            token->type = TOKEN_OP;
            token->op = s->op;
            l->at += len;
            return true;
        }
    }
    return false;
}

/* "…" with \" and \\ inside. */
static int lex_string(struct lexer *l, struct token *token, struct err *err,
                      size_t *column)
{
    const char *from = l->text + l->at + 1;
    char *to = arena_alloc(l->arena, strlen(from) + 1);

    token->type = TOKEN_STRING;
    token->text = to;
    for (; *from && *from != '"'; from++) {
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        *to++ = *from;
    }
    if (!*from) {
        *column = l->at;
        return err_set_code(err, ERR_USAGE, "expected a closing quote for this text");
    }
    l->at = (size_t)(from - l->text) + 1;
    return 0;
}

static void lex_word(struct lexer *l, struct token *token)
{
    size_t start = l->at, bracket = 0;

    for (; l->text[l->at]; l->at++) {
        char c = l->text[l->at];

        if (c == '[')
            bracket = 1;
        else if (c == ']')
            bracket = 0;
        if (ends_word(c) && !(bracket && c == ','))
            break;
    }
    token->type = TOKEN_WORD;
    token->text = arena_strndup(l->arena, l->text + start, l->at - start);
}

int query_lex(struct lexer *l, struct token *token, struct err *err, size_t *column)
{
    static const struct {
        char text;
        enum token_type type;
    } marks[] = { { '(', TOKEN_OPEN }, { ')', TOKEN_CLOSE }, { ',', TOKEN_COMMA } };

    while (is_blank(l->text[l->at]))
        l->at++;
    *token = (struct token){ .type = TOKEN_END, .at = l->at };
    if (!l->text[l->at])
        return 0;
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (l->text[l->at] == marks[i].text) {
            token->type = marks[i].type;
            token->len = 1;
            l->at++;
            return 0;
        }
    if (l->text[l->at] == '"') {
        if (lex_string(l, token, err, column) < 0)
            return -1;
    } else if (!lex_op(l, token)) {
        if (ends_word(l->text[l->at])) {
            *column = l->at;
            return err_set_code(err, ERR_USAGE,
                                "expected != after \"!\", or the word not");
        }
        lex_word(l, token);
    }
    token->len = l->at - token->at;
    return 0;
}
