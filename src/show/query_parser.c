/* What every rule of the grammar needs: the next token, sets of names, and complaints
 * that say what was expected. */
#include "show/query_parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { QUOTED = 20, NO_NAMES_ROOM = 128 };

/* ---- complaints ---- */

int parser_complain(struct parser *p, size_t at, const char *format, ...)
{
    char text[sizeof(((struct err *)0)->text)];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *p->column = at;
    return err_set_code(p->err, ERR_USAGE, "%s", text);
}

static struct quote quoted(const char *text, size_t len)
{
    struct quote q = { { 0 } };
    size_t kept = len;

    if (len > QUOTED)
        for (kept = QUOTED; kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80;
             kept--)
            ; /* not within a character */
    q.text[0] = '"';
    kept = text_clean(q.text + 1, sizeof(q.text) - 8, text, kept);
    snprintf(q.text + 1 + kept, sizeof(q.text) - 1 - kept, "%s",
             len > QUOTED ? "…\"" : "\"");
    return q;
}

struct quote parser_here(const struct parser *p)
{
    if (p->token.type == TOKEN_END)
        return (struct quote){ "the end" };
    if (p->token.text)
        return quoted(p->token.text, strlen(p->token.text));
    return quoted(p->lexer.text + p->token.at, p->token.len);
}

void parser_list_words(char to[PARSER_LIST_ROOM], const char *const *words, size_t count)
{
    to[0] = '\0';
    for (size_t i = 0; i < count && strlen(to) + strlen(words[i]) + 1 < PARSER_LIST_ROOM;
         i++)
        text_add(to, PARSER_LIST_ROOM, "%s%s", i ? " " : "", words[i]);
}

int parser_complain_unknown(struct parser *p, size_t at, const char *what,
                            const char *written, const char *const *words, size_t count)
{
    char list[PARSER_LIST_ROOM], meant[PARSER_LIST_ROOM + 8];

    parser_list_words(list, words, count);
    text_meant(meant, sizeof(meant), written, list);
    return parser_complain(p, at, "unknown %s %s; %s", what,
                           quoted(written, strlen(written)).text, meant);
}

int parser_complain_unknown_field(struct parser *p, size_t at, const char *written)
{
    const char *words[PARSER_MOST_FIELDS];
    size_t count = 0;

    for (const struct column *c = p->q->view->columns;
         c->name && count < PARSER_MOST_FIELDS; c++)
        words[count++] = c->name;
    return parser_complain_unknown(p, at, "field", written, words, count);
}

/* ---- tokens ---- */

int parser_advance(struct parser *p)
{
    return query_lex(&p->lexer, &p->token, p->err, p->column);
}

bool parser_at_word(const struct parser *p, const char *word)
{
    return p->token.type == TOKEN_WORD && strcasecmp(p->token.text, word) == 0;
}

int parser_take_word(struct parser *p, const char *word)
{
    if (!parser_at_word(p, word))
        return 0;
    return parser_advance(p) < 0 ? -1 : 1;
}

bool parser_at_clause(const struct parser *p)
{
    return parser_at_word(p, "where") || parser_at_word(p, "by") ||
           parser_at_word(p, "show") || parser_at_word(p, "sort") ||
           parser_at_word(p, "limit") || parser_at_word(p, "at");
}

bool parser_at_text(const struct parser *p)
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

int parser_add_names(struct parser *p, struct name_set *set)
{
    struct expansion e = { p, set };
    char why[NO_NAMES_ROOM];

    if (p->token.type == TOKEN_STRING)
        add_name(&e, p->token.text);
    else if (text_expand(p->token.text, add_name, &e, why) < 0)
        return parser_complain(p, p->token.at, "%s", why);
    if (p->names >= QUERY_MOST_NAMES)
        return parser_complain(p, p->token.at,
                               "these ranges stand for more than %d names", QUERY_MOST_NAMES);
    return 0;
}

bool parser_is_range(const struct token *token)
{
    return token->type == TOKEN_WORD && strchr(token->text, '[');
}
