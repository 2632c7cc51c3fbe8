/* Judging rows. A block of rows at a time goes through the whole expression, so that each
 * test is one loop over an array of floats and nothing is allocated per row.
 *
 * What is unknown is neither true nor false: an unknown power is not above a cap and not
 * below it. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "show/query_inside.h"

enum {
    BLOCK = 1024,
    MEMO_BITS = 8,
    MEMO = 1 << MEMO_BITS,
    MANY = 1 << 16,
    FEW = 4 /* one of so many is looked at sooner than all are searched */
};

/* Some rows of one kind, and the verdicts on them. */
struct block {
    const struct query *q;
    const struct model *m;
    const uint32_t *rows;
    size_t count;
};

static void judge(const struct block *b, const struct expr *e, uint8_t *verdicts);

static void judge_all_as(const struct block *b, uint8_t *verdicts, enum verdict verdict)
{
    memset(verdicts, (int)verdict, b->count);
}

/* ---- and, or, not ---- */

static bool all_are(const struct block *b, const uint8_t *verdicts, enum verdict verdict)
{
    for (size_t i = 0; i < b->count; i++)
        if (verdicts[i] != verdict)
            return false;
    return true;
}

static void judge_chain(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    enum verdict settled = e->type == EXPR_ALL ? VERDICT_NO : VERDICT_YES;
    uint8_t next[BLOCK];

    judge(b, e->parts, verdicts);
    for (const struct expr *part = e->parts->next; part; part = part->next) {
        if (all_are(b, verdicts, settled))
            return;
        judge(b, part, next);
        if (e->type == EXPR_ALL)
            for (size_t i = 0; i < b->count; i++)
                verdicts[i] = next[i] < verdicts[i] ? next[i] : verdicts[i];
        else
            for (size_t i = 0; i < b->count; i++)
                verdicts[i] = next[i] > verdicts[i] ? next[i] : verdicts[i];
    }
}

static void judge_not(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    judge(b, e->parts, verdicts);
    for (size_t i = 0; i < b->count; i++)
        verdicts[i] = (uint8_t)(VERDICT_YES - verdicts[i]);
}

/* ---- numbers ---- */

/* What a column says of each row; NAN: unknown. A plain metric is read from its array. */
static void numbers_of(const struct block *b, const struct column *c, double *numbers)
{
    const float *column = column_is_exact(c) ? model_column(b->m, c->metric) : NULL;

    if (column) {
        for (size_t i = 0; i < b->count; i++)
            numbers[i] = (double)column[b->rows[i]];
        return;
    }
    for (size_t i = 0; i < b->count; i++)
        numbers[i] = column_is_plain(c) ? model_number(b->m, c->metric, b->rows[i])
                                        : column_number(c, b->m, b->rows[i]);
}

/* clang-format off */
#define COMPARE_EACH(op)                                                                 \
    for (size_t i = 0; i < count; i++)                                                   \
        verdicts[i] = isnan(a[i]) | isnan(z[i * step])                                   \
                          ? VERDICT_UNKNOWN                                              \
                          : (uint8_t)(VERDICT_YES * (a[i] op z[i * step]))
/* clang-format on */

/* Each a against its z (`step` 1) or all against one (`step` 0). */
static void compare(enum op op, const double *a, const double *z, size_t step,
                    size_t count, uint8_t *verdicts)
{
    switch (op) {
    case OP_EQUAL:
        COMPARE_EACH(==);
        break;
    case OP_NOT_EQUAL:
        COMPARE_EACH(!=);
        break;
    case OP_LESS:
        COMPARE_EACH(<);
        break;
    case OP_LESS_EQUAL:
        COMPARE_EACH(<=);
        break;
    case OP_GREATER:
        COMPARE_EACH(>);
        break;
    case OP_GREATER_EQUAL:
        COMPARE_EACH(>=);
        break;
    case OP_CONTAINS:
    case OP_MATCHES:
        break; /* not of numbers: the parser refused it */
    }
}

/* The model holds floats, and 412.6 as a float is not 412.6: what is compared with one is
 * rounded like one. */
static double as_kept(const struct column *c, double number)
{
    return column_is_exact(c) ? (double)(float)number : number;
}

static void judge_number(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    double numbers[BLOCK], against = as_kept(e->column, e->number);

    if (e->type == EXPR_TIME)
        against = text_parse_time(e->text, model_now(b->m));
    numbers_of(b, e->column, numbers);
    compare(e->op, numbers, &against, 0, b->count, verdicts);
}

static void judge_share(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    double numbers[BLOCK], others[BLOCK];

    numbers_of(b, e->column, numbers);
    numbers_of(b, e->other, others);
    for (size_t i = 0; i < b->count; i++)
        others[i] = as_kept(e->column, e->number * others[i]);
    compare(e->op, numbers, others, 1, b->count, verdicts);
}

static void judge_numbers(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    double numbers[BLOCK];

    numbers_of(b, e->column, numbers);
    for (size_t i = 0; i < b->count; i++) {
        verdicts[i] = isnan(numbers[i]) ? VERDICT_UNKNOWN : VERDICT_NO;
        for (size_t j = 0; j < e->number_count && verdicts[i] == VERDICT_NO; j++)
            if (numbers[i] == as_kept(e->column, e->numbers[j]))
                verdicts[i] = VERDICT_YES;
    }
}

/* ---- texts ---- */

static bool compare_text(enum op op, const char *a, const char *z)
{
    switch (op) {
    case OP_EQUAL:
        return strcmp(a, z) == 0;
    case OP_NOT_EQUAL:
        return strcmp(a, z) != 0;
    case OP_LESS:
        return text_natural(a, z) < 0;
    case OP_LESS_EQUAL:
        return text_natural(a, z) <= 0;
    case OP_GREATER:
        return text_natural(a, z) > 0;
    case OP_GREATER_EQUAL:
        return text_natural(a, z) >= 0;
    case OP_CONTAINS:
    case OP_MATCHES:
        break; /* other expressions */
    }
    return false;
}

static enum verdict match(const struct expr *e, const char *text)
{
    int result = pcre2_match(e->regex, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0,
                             e->match, e->limits);

    if (result >= 0)
        return VERDICT_YES;
    return result == PCRE2_ERROR_NOMATCH ? VERDICT_NO : VERDICT_UNKNOWN;
}

/* A field alone is a claim; these words deny it. */
static bool denies(const char *text)
{
    static const char *const words[] = { "", "no", "none", "false", "off", "free", "0" };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static enum verdict judge_one_text(const struct expr *e, const char *text)
{
    bool is = false;

    if (!text)
        return e->type == EXPR_ROW_CONTAINS ? VERDICT_NO : VERDICT_UNKNOWN;
    if (e->type == EXPR_MATCHES)
        return match(e, text);
    if (e->type == EXPR_TEXT)
        is = compare_text(e->op, text, e->text);
    else if (e->type == EXPR_NAMES)
        is = name_set_has(e->names, text);
    else if (e->type == EXPR_TRUE)
        is = !denies(text);
    else
        is = text_contains(text, e->text);
    return is ? VERDICT_YES : VERDICT_NO;
}

static void judge_searched_names(const struct block *b, const struct expr *e,
                                 uint8_t *verdicts)
{
    const unsigned char *has = text_search_rows(e->search, b->q->view->rows);

    for (size_t i = 0; i < b->count; i++)
        verdicts[i] = has && has[b->rows[i]] ? VERDICT_YES : VERDICT_NO;
}

/* Texts that a column makes itself. Rows share a word such as "busy", or the name of
 * their node, and it lies in one place for all. */
static void judge_made(const struct block *b, const struct expr *e,
                       const struct column *c, uint8_t *verdicts)
{
    const char *asked[MEMO] = { NULL };
    uint8_t said[MEMO], unknown = (uint8_t)judge_one_text(e, NULL);

    for (size_t i = 0; i < b->count; i++) {
        const char *text = column_text(c, b->m, b->rows[i]);
        size_t slot = ((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15)) >>
                      (64 - MEMO_BITS);

        if (text && asked[slot] != text) {
            asked[slot] = text;
            said[slot] = (uint8_t)judge_one_text(e, text);
        }
        verdicts[i] = text ? said[slot] : unknown;
    }
}

/* A metric that no row was told. */
static bool is_unsaid(const struct model *m, const struct column *c)
{
    return column_is_plain(c) && !model_text_column(m, c->metric).lower;
}

/* The cell, and all that it stands for: one is enough, but to be none of them takes
 * all. */
static enum verdict judge_each(const struct expr *e, const struct column *c,
                               const struct model *m, uint32_t row)
{
    struct cell cell = column_value(c, m, row);
    bool denial = e->type == EXPR_TEXT && e->op == OP_NOT_EQUAL,
         is_known = cell.type == CELL_TEXT;
    enum verdict verdict = judge_one_text(e, is_known ? cell.text : NULL);
    const char *text, *last = NULL;

    for (size_t i = 0; (text = c->each(m, row, i)); i++) {
        enum verdict one;

        if (text == last)
            continue; /* the next GPU of the same job */
        last = text;
        one = judge_one_text(e, text);
        if (!is_known || (denial ? one < verdict : one > verdict))
            verdict = one;
        is_known = true;
    }
    return verdict;
}

/* Interned texts: what was said of one goes for its equals, and a thousand rows share a
 * few. */
static void judge_interned(const struct block *b, const struct expr *e,
                           const struct column *c, struct text_column column,
                           uint8_t *verdicts)
{
    uint32_t asked[MEMO] = { 0 };
    uint8_t said[MEMO];

    said[0] = (uint8_t)judge_one_text(e, NULL); /* 0 is the unknown text */
    for (size_t i = 0; i < b->count; i++) {
        uint32_t text = text_in(column, b->rows[i]), slot = text % MEMO;

        if (asked[slot] != text) {
            asked[slot] = text;
            said[slot] = (uint8_t)(text && c->each
                                       ? judge_each(e, c, b->m, b->rows[i])
                                       : judge_one_text(
                                             e, text ? model_text_of(b->m, text) : NULL));
        }
        verdicts[i] = said[slot];
    }
}

/* Texts that were searched before. */
static void judge_searched_texts(const struct block *b, const struct expr *e,
                                 struct text_column column, uint8_t *verdicts)
{
    const unsigned char *has = text_search_texts(e->search, column);
    uint8_t unknown = (uint8_t)judge_one_text(e, NULL);

    for (size_t i = 0; i < b->count; i++) {
        uint32_t text = text_in(column, b->rows[i]);
        uint8_t known = (uint8_t)(has[text] * VERDICT_YES);

        verdicts[i] = text ? known : unknown;
    }
}

static void judge_known_text(const struct block *b, const struct expr *e,
                             const struct column *c, uint8_t *verdicts)
{
    struct text_column column = { NULL, NULL };

    if (column_is_plain(c))
        column = model_text_column(b->m, c->metric);
    if (column.lower && e->search && !c->each) {
        judge_searched_texts(b, e, column, verdicts);
        return;
    }
    if (column.lower) {
        judge_interned(b, e, c, column, verdicts);
        return;
    }
    if (c->each)
        for (size_t i = 0; i < b->count; i++)
            verdicts[i] = (uint8_t)judge_each(e, c, b->m, b->rows[i]);
    else if (c->is_name && e->search && b->count > BLOCK / FEW)
        judge_searched_names(b, e, verdicts);
    else
        judge_made(b, e, c, verdicts);
}

/* Of whom it is known that there is none, as of a node without a job, it is none of what
 * is asked for. */
static void judge_text(const struct block *b, const struct expr *e,
                       const struct column *c, uint8_t *verdicts)
{
    bool denial = e->type == EXPR_TEXT && e->op == OP_NOT_EQUAL;

    judge_known_text(b, e, c, verdicts);
    for (size_t i = 0; c->has_none && i < b->count; i++)
        if (verdicts[i] == VERDICT_UNKNOWN && !column_text(c, b->m, b->rows[i]) &&
            c->has_none(b->m, b->rows[i]))
            verdicts[i] = denial ? VERDICT_YES : VERDICT_NO;
}

/* The rows of a block that have the word in none of the texts looked at, and their places
 * in it. */
struct left {
    struct block block;
    uint32_t rows[BLOCK];
    uint16_t places[BLOCK];
};

static void judge_left(struct left *left, const struct expr *e, const struct column *c,
                       uint8_t *verdicts)
{
    uint8_t next[BLOCK];
    size_t kept = 0;

    judge_text(&left->block, e, c, next);
    if (!memchr(next, VERDICT_YES, left->block.count))
        return; /* as nearly always */
    for (size_t i = 0; i < left->block.count; i++) {
        verdicts[left->places[i]] = next[i] == VERDICT_YES ? VERDICT_YES : VERDICT_NO;
        left->rows[kept] = left->rows[i];
        left->places[kept] = left->places[i];
        kept += next[i] != VERDICT_YES;
    }
    left->block.count = kept;
}

static bool any_whole_has(struct text_search *s)
{
    return text_search_rows(s, GW_SITE) || text_search_rows(s, GW_DOMAIN) ||
           text_search_rows(s, GW_NODE);
}

static bool may_contain(const struct model *m, const struct column *c,
                        const struct expr *e)
{
    if (e->search && c->is_whole_name)
        return any_whole_has(e->search);
    if (e->search && column_is_plain(c) && !c->each)
        return text_search_may_find(e->search, model_text_column(m, c->metric));
    for (size_t i = 0; c->words && c->words[i]; i++)
        if (text_contains(c->words[i], e->text))
            return true;
    return !c->words;
}

/* What it costs to ask a column of each row: texts that many share the least, then those
 * that each row has for itself, which are searched at once, names, which are, too, and
 * those that are made. */
enum cost { COMMON, UNIQUE, NAMES, MADE, COSTS };

static enum cost cost_of(const struct model *m, const struct column *c)
{
    if (!column_is_plain(c))
        return c->is_name ? NAMES : MADE;
    return model_text_column(m, c->metric).upper ? UNIQUE : COMMON;
}

/* Is the word in any text of the row? Who has it in one is asked no more, and what is
 * cheap to ask comes first. */
static void judge_row(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    struct left left = { .block = { b->q, b->m, left.rows, b->count } };

    judge_all_as(b, verdicts, VERDICT_NO);
    memcpy(left.rows, b->rows, b->count * sizeof(*left.rows));
    for (size_t i = 0; i < b->count; i++)
        left.places[i] = (uint16_t)i;
    for (enum cost cost = 0; cost < COSTS; cost++)
        for (const struct column *c = b->q->view->columns; c->name && left.block.count;
             c++)
            if (c->text && cost_of(b->m, c) == cost && !is_unsaid(b->m, c) &&
                may_contain(b->m, c, e))
                judge_left(&left, e, c, verdicts);
}

/* ---- null, stale, estimated; a field alone ---- */

static void judge_state(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    for (size_t i = 0; i < b->count; i++) {
        struct cell cell = column_cell(e->column, b->m, b->rows[i]);
        bool is = e->type == EXPR_NULL
                      ? cell.type == CELL_NONE
                      : cell_doubt(&cell) ==
                            (e->type == EXPR_STALE ? GW_STALE : GW_ESTIMATED);

        verdicts[i] = is ? VERDICT_YES : VERDICT_NO;
    }
}

static void judge_claim(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    double numbers[BLOCK], zero = 0;

    if (e->column->text) {
        judge_text(b, e, e->column, verdicts);
        return;
    }
    numbers_of(b, e->column, numbers);
    compare(OP_NOT_EQUAL, numbers, &zero, 0, b->count, verdicts);
}

/* ---- all ---- */

static void judge(const struct block *b, const struct expr *e, uint8_t *verdicts)
{
    switch (e->type) {
    case EXPR_ALL:
    case EXPR_ANY:
        judge_chain(b, e, verdicts);
        break;
    case EXPR_NOT:
        judge_not(b, e, verdicts);
        break;
    case EXPR_NUMBER:
    case EXPR_TIME:
        judge_number(b, e, verdicts);
        break;
    case EXPR_SHARE:
        judge_share(b, e, verdicts);
        break;
    case EXPR_NUMBERS:
        judge_numbers(b, e, verdicts);
        break;
    case EXPR_TEXT:
    case EXPR_NAMES:
    case EXPR_CONTAINS:
    case EXPR_MATCHES:
        judge_text(b, e, e->column, verdicts);
        break;
    case EXPR_NULL:
    case EXPR_STALE:
    case EXPR_ESTIMATED:
        judge_state(b, e, verdicts);
        break;
    case EXPR_TRUE:
        judge_claim(b, e, verdicts);
        break;
    case EXPR_ROW_CONTAINS:
        judge_row(b, e, verdicts);
        break;
    }
}

/* Where nearly each row has texts of its own, one search of all that there are is quicker
 * than many. */
static bool wants_search(const struct query *q, const struct expr *e)
{
    if (e->type == EXPR_CONTAINS)
        return e->column->is_name || e->column->unique;
    for (const struct column *c = q->view->columns;
         e->type == EXPR_ROW_CONTAINS && c->name; c++)
        if (c->is_name)
            return true;
    return false;
}

static void search(const struct query *q, const struct model *m)
{
    for (struct expr *e = q->owners; e; e = e->next_owner)
        if (e->text && e->text[0] && wants_search(q, e))
            e->search = text_search_new(m, e->text);
}

static void forget_search(const struct query *q)
{
    for (struct expr *e = q->owners; e; e = e->next_owner) {
        text_search_free(e->search);
        e->search = NULL;
    }
}

void query_judge(const struct query *q, const struct model *m, const uint32_t *rows,
                 size_t count, uint8_t *verdicts)
{
    if (count >= MANY)
        search(q, m);
    for (size_t from = 0; from < count; from += BLOCK) {
        size_t left = count - from;
        struct block b = { q, m, rows + from, left < BLOCK ? left : BLOCK };

        if (q->where)
            judge(&b, q->where, verdicts + from);
        else
            judge_all_as(&b, verdicts + from, VERDICT_YES);
    }
    forget_search(q);
}
