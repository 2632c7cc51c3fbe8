/* What may stand at the end of a query that is being typed. The words before the last one
 * decide what is expected there; the last one, as far as it goes, what of it is
 * offered. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "show/query_inside.h"

enum {
    MOST_OFFERS = 64,
    MOST_VALUES = 24,
    MOST_ROWS_READ = 200000,
    MOST_CELLS_READ = 30000
};

/* What is expected next. */
/* clang-format off */
enum state {
    AT_KIND, AT_NAMES,
    AT_TEST, AT_OPERATOR, AT_VALUE, AT_LIST, AT_STATE, AT_NEXT,
    AT_BY, AT_SUMMED, AT_SHOW, AT_SHOWN, AT_SORT, AT_SORTED,
    AT_NUMBER, AT_TIME, AT_NOTHING
};
/* clang-format on */

struct completion {
    const struct model *m;
    const struct view *view;
    const struct column *column; /* the last field named */
    enum state state;
    const char *start; /* of the last word, as far as it is typed */
    struct arena *arena;
    char *offers;
    size_t used, room, count;
};

/* ---- from the words before to the state ---- */

static bool is_word(const struct token *token, const char *word)
{
    return token->type == TOKEN_WORD && strcasecmp(token->text, word) == 0;
}

static bool enter_clause(struct completion *c, const struct token *token)
{
    static const struct {
        const char *word;
        enum state state;
    } clauses[] = { { "where", AT_TEST },
                    { "by", AT_BY },
                    { "show", AT_SHOW },
                    { "sort", AT_SORT },
                    { "limit", AT_NUMBER },
                    { "at", AT_TIME } };

    for (size_t i = 0; i < sizeof(clauses) / sizeof(*clauses); i++)
        if (is_word(token, clauses[i].word)) {
            c->state = clauses[i].state;
            return true;
        }
    return false;
}

static enum state after_test(struct completion *c, const struct token *token)
{
    if (token->type == TOKEN_OPEN || is_word(token, "not"))
        return AT_TEST;
    c->column = token->type == TOKEN_WORD ? column_find(c->view, token->text) : NULL;
    return c->column ? AT_OPERATOR : AT_NEXT;
}

static enum state after_operator(const struct token *token)
{
    if (token->type == TOKEN_OP)
        return AT_VALUE;
    if (is_word(token, "in"))
        return AT_LIST;
    if (is_word(token, "is"))
        return AT_STATE;
    if (is_word(token, "and") || is_word(token, "or"))
        return AT_TEST;
    return token->type == TOKEN_CLOSE ? AT_NEXT : AT_NOTHING;
}

static enum state after_next(const struct token *token)
{
    if (is_word(token, "and") || is_word(token, "or"))
        return AT_TEST;
    return token->type == TOKEN_CLOSE ? AT_NEXT : AT_NOTHING;
}

static void step(struct completion *c, const struct token *token)
{
    if (c->state == AT_KIND) {
        c->view = token->type == TOKEN_WORD ? view_of_kind(token->text) : NULL;
        c->state = c->view ? AT_NAMES : AT_NOTHING;
        return;
    }
    if (c->state != AT_NOTHING && c->state != AT_TEST && c->state != AT_VALUE &&
        enter_clause(c, token))
        return;
    switch (c->state) {
    case AT_TEST:
        c->state = after_test(c, token);
        break;
    case AT_OPERATOR:
        c->state = after_operator(token);
        break;
    case AT_LIST:
        c->state = token->type == TOKEN_CLOSE ? AT_NEXT : AT_LIST;
        break;
    case AT_STATE:
        c->state = is_word(token, "not") ? AT_STATE : AT_NEXT;
        break;
    case AT_NEXT:
        c->state = after_next(token);
        break;
    case AT_VALUE:
        c->state = AT_NEXT;
        break;
    case AT_BY:
        c->state = AT_SUMMED;
        break;
    case AT_SHOW:
    case AT_SORT:
        c->state = c->state == AT_SHOW ? AT_SHOWN : AT_SORTED;
        break;
    case AT_SHOWN:
    case AT_SORTED:
        c->state = token->type != TOKEN_COMMA ? AT_NOTHING
                   : c->state == AT_SHOWN     ? AT_SHOW
                                              : AT_SORT;
        break;
    case AT_NAMES:
        break;
    default:
        c->state = AT_NOTHING;
        break;
    }
}

/* ---- offers ---- */

/* False: enough were made. */
static bool offer(struct completion *c, const char *word)
{
    size_t len = strlen(word);

    if (c->count >= MOST_OFFERS)
        return false;
    if (strncasecmp(word, c->start, strlen(c->start)) != 0)
        return true;
    c->offers = xgrow(c->offers, &c->room, c->used + len + 2, 1);
    memcpy(c->offers + c->used, word, len);
    c->used += len;
    c->offers[c->used++] = '\n';
    c->offers[c->used] = '\0';
    c->count++;
    return true;
}

/* A word that would be read as several needs quotes. */
static bool offer_text(struct completion *c, const char *text)
{
    char escaped[600];

    if (!*text || strpbrk(text, " (),\"=!<>~[\\")) {
        text_escaped(escaped, sizeof(escaped), text);
        return offer(c, arena_printf(c->arena, "\"%s\"", escaped));
    }
    return offer(c, text);
}

static void offer_words(struct completion *c, const char *const *words)
{
    while (*words)
        offer(c, *words++);
}

static void offer_kinds(struct completion *c)
{
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->kind && (*v)->columns && view_of_kind((*v)->kind) == *v)
            offer(c, (*v)->kind);
}

static void offer_fields(struct completion *c, const char *before)
{
    for (const struct column *column = c->view->columns; column->name; column++)
        offer(c, arena_printf(c->arena, "%s%s", before, column->name));
}

/* Fields to sum by. */
static void offer_texts(struct completion *c)
{
    for (const struct column *column = c->view->columns; column->name; column++)
        if (column->text && !column->is_name && !column->unique)
            offer(c, column->name);
}

/* Texts that the column holds now: of very many rows, those that stand evenly among
 * them. */
static void offer_values(struct completion *c)
{
    size_t rows = model_rows(c->m, c->view->rows), step = rows / MOST_CELLS_READ + 1;
    const uint32_t *order = model_order(c->m, c->view->rows);
    struct name_set *seen = name_set_new();

    for (size_t i = 0; i < rows && seen->finder.count < MOST_VALUES; i += step) {
        struct cell cell;

        if (c->view->is_row && !c->view->is_row(c->m, order[i]))
            continue;
        cell = column_cell(c->column, c->m, order[i]);
        if (cell.type != CELL_TEXT || name_set_has(seen, cell.text) ||
            strncasecmp(cell.text, c->start, strlen(c->start)) != 0)
            continue;
        name_set_add(seen, cell.text, c->arena);
        offer_text(c, cell.text);
    }
    name_set_free(seen);
}

static void offer_value(struct completion *c)
{
    if (c->column && c->column->text) {
        offer_values(c);
        return;
    }
    /* A number may be compared with another field of its unit. */
    for (const struct column *column = c->view->columns; c->column && column->name;
         column++)
        if (!column->text && column != c->column && column->unit == c->column->unit)
            offer(c, column->name);
}

static void offer_names(struct completion *c)
{
    size_t rows = model_rows(c->m, c->view->rows), offered = c->count;
    const uint32_t *order = model_order(c->m, c->view->rows);

    for (size_t i = 0; i < rows && i < MOST_ROWS_READ && c->count < offered + MOST_VALUES;
         i++)
        if (model_name(c->m, c->view->rows, order[i]) &&
            (!c->view->is_row || c->view->is_row(c->m, order[i])))
            offer_text(c, model_name(c->m, c->view->rows, order[i]));
}

static void make_offers(struct completion *c)
{
    static const char *const clauses[] = { "where", "by", "show", "sort",
                                           "limit", "at", NULL };
    static const char *const joins[] = {
        "and", "or", "by", "show", "sort", "limit", "at", NULL
    };
    static const char *const after_field[] = { "in", "is", "and", "or", NULL };
    static const char *const states[] = { "null", "stale", "estimated", "not", NULL };

    switch (c->state) {
    case AT_KIND:
        offer_kinds(c);
        break;
    case AT_NAMES:
        offer_words(c, clauses);
        offer_names(c);
        break;
    case AT_TEST:
        offer_fields(c, "");
        offer(c, "not");
        break;
    case AT_OPERATOR:
        offer_words(c, after_field);
        break;
    case AT_VALUE:
    case AT_LIST:
        offer_value(c);
        break;
    case AT_STATE:
        offer_words(c, states);
        break;
    case AT_NEXT:
        offer_words(c, joins);
        break;
    case AT_BY:
        offer_texts(c);
        break;
    case AT_SHOW:
        offer_fields(c, "");
        break;
    case AT_SORT:
        offer_fields(c, c->start[0] == '-' ? "-" : "");
        break;
    case AT_SUMMED:
    case AT_SHOWN:
    case AT_SORTED:
        offer_words(c, clauses);
        break;
    case AT_TIME:
        offer(c, "now");
        break;
    case AT_NUMBER:
    case AT_NOTHING:
        break;
    }
}

/* ---- all ---- */

char *query_complete(const char *text, const struct model *m)
{
    struct completion c = { .m = m, .arena = arena_new() };
    size_t len = strnlen(text, QUERY_LONGEST), start = len, column;
    struct lexer lexer = { .arena = c.arena };
    struct token token;
    struct err err;

    while (start > 0 && !strchr(" ,()<>=!~\"", text[start - 1]))
        start--;
    c.start = arena_strndup(c.arena, text + start, len - start);
    lexer.text = arena_strndup(c.arena, text, start);
    while (query_lex(&lexer, &token, &err, &column) == 0) {
        if (token.type == TOKEN_END) {
            make_offers(&c);
            break;
        }
        step(&c, &token);
    }
    arena_free(c.arena);
    return c.offers ? c.offers : xcalloc(1, 1);
}
