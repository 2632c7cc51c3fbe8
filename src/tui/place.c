/* Places: from words to a place, from a place to words, and the stack of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "tui/state.h"


void place_free(struct place *p)
{
    if (!p)
        return;
    if (p->view->drop)
        p->view->drop(p->kept);
    table_free(p->table);
    query_free(p->query);
    free(p->rows);
    free(p->depths);
    free(p->has_parts);
    free(p->marks);
    free(p->toggled);
    free(p);
}

static void *copy_of(const void *from, size_t bytes)
{
    return bytes ? memcpy(xrealloc(NULL, bytes, 1), from, bytes) : NULL;
}

struct place *place_copy(const struct place *p)
{
    struct place *copy = copy_of(p, sizeof(*p));

    copy->below = NULL;
    copy->query = NULL;
    copy->table = NULL;
    copy->rows = NULL;
    copy->depths = NULL;
    copy->has_parts = NULL;
    copy->row_count = copy->lane_count = 0;
    copy->laid_out_w = 0;
    copy->outdated = true;
    copy->marks = copy_of(p->marks, p->mark_room * sizeof(*p->marks));
    copy->toggled = copy_of(p->toggled, p->toggled_room);
    copy->kept = p->kept ? p->view->keep(p->kept) : NULL;
    return copy;
}

bool place_is_table(const struct place *p)
{
    return !p->view->draw;
}

/* ---- from words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word of a query, quoted parts and all. Returns its length, and moves *at to
 * its start. */
static size_t next_word(const char **at)
{
    const char *end;
    bool quoted = false;

    while (is_blank(**at))
        (*at)++;
    for (end = *at; *end && (quoted || !is_blank(*end)); end++) {
        if (*end == '\\' && quoted && end[1])
            end++;
        else if (*end == '"')
            quoted = !quoted;
    }
    return (size_t)(end - *at);
}

static void add_word(char *clause, const char *word, size_t len)
{
    text_add(clause, WORDS, "%s%.*s", clause[0] ? " " : "", (int)len, word);
}

/* Which clause a keyword opens; NULL: it is no keyword. */
static char *clause_of(struct place *p, const char *word, size_t len)
{
    const struct {
        const char *keyword;
        char *clause;
    } clauses[] = {
        { "where", p->where },
        { "show", p->show },
        { "sort", p->sort },
        { "limit", p->limit },
    };

    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
        if (strlen(clauses[i].keyword) == len &&
            strncmp(clauses[i].keyword, word, len) == 0)
            return clauses[i].clause;
    return NULL;
}

/* Jobs have a field of that name: a number follows the keyword. */
static bool is_field(const char *word, size_t len)
{
    const char *behind = word + len;

    while (is_blank(*behind))
        behind++;
    return len == 5 && strncmp(word, "limit", 5) == 0 &&
           !(*behind >= '0' && *behind <= '9');
}

/* The query is known to be sound, so cutting it at its keywords is enough. */
static void take_clauses(struct place *p, const char *text)
{
    char *clause = p->names;
    size_t len = next_word(&text);

    for (text += len; (len = next_word(&text)) > 0; text += len) {
        char *opened = is_field(text, len) ? NULL : clause_of(p, text, len);

        if (opened)
            clause = opened;
        else
            add_word(clause, text, len);
    }
}

static struct place *place_of_all(const struct view *v)
{
    struct place *p = xcalloc(1, sizeof(*p));

    p->view = v;
    p->selected = GW_NONE;
    p->outdated = true;
    return p;
}

struct place *place_of_view(const struct view *v)
{
    struct place *p = place_of_all(v);

    if (v->words || v->opening)
        take_clauses(p, v->words ? v->words : v->opening);
    return p;
}

/* The view whose name is the first word; *rest: what follows. NULL: it is none. */
static const struct view *first_word(const char *text, const char **rest)
{
    size_t len = strcspn(text, " ");
    char name[32];

    snprintf(name, sizeof(name), "%.*s", (int)len, text);
    *rest = text + len + strspn(text + len, " ");
    return (*rest)[0] && len < sizeof(name) ? view_find(name) : NULL;
}

/* "map lens tenant" has words of the view; of another, such as "forecast hall-1", they
 * are the row it is about. */
static struct place *place_of_drawn(const struct view *v, const char *words,
                                    struct err *err)
{
    struct place *p;

    if (v->accepts && !v->accepts(words, err))
        return NULL;
    if (!v->accepts && !v->of_one) {
        err_set(err, "nothing goes behind %s, got \"%.20s\"", v->name, words);
        return NULL;
    }
    p = place_of_view(v);
    if (v->accepts)
        snprintf(p->names, sizeof(p->names), "%s", words);
    else
        snprintf(p->label, sizeof(p->label), "%s", words);
    return p;
}

/* "power flat show name,load": the tree as a list. */
static struct place *place_of_flat(const struct view *v, const char *rest,
                                   struct err *err, size_t *at)
{
    char text[2 * WORDS];
    struct place *p;

    snprintf(text, sizeof(text), "%s%s", v->kind, rest + strlen("flat"));
    p = place_of_text(text, err, at);
    if (p)
        p->flat = true;
    return p;
}

struct place *place_of_text(const char *text, struct err *err, size_t *at)
{
    const struct view *v = view_find(text), *first;
    const char *rest;
    struct place *p;
    struct query *q;
    double time;

    *at = 0;
    if (v)
        return place_of_view(v);
    if (strlen(text) >= WORDS) {
        err_set(err, "too long: a query may have %d characters here", WORDS - 1);
        return NULL;
    }
    first = first_word(text, &rest);
    if (first && first->draw && !first->kind) {
        *at = (size_t)(rest - text);
        return place_of_drawn(first, rest, err);
    }
    if (first && first->tree && strncmp(rest, "flat", 4) == 0 &&
        (!rest[4] || is_blank(rest[4])))
        return place_of_flat(first, rest, err, at);
    q = query_parse(text, err, at);
    if (!q)
        return NULL;
    if (query_sums_by(q)) {
        query_free(q);
        err_set(err, "sums are answered after : and by gigawatch -q, of now");
        return NULL;
    }
    if (query_has_time(q, 0, &time)) {
        query_free(q);
        *at = strstr(text, " at ") ? (size_t)(strstr(text, " at ") + 1 - text) : 1;
        err_set(err, "all of the console goes back at once: at TIME alone, or @");
        return NULL;
    }
    p = place_of_all(query_view(q));
    query_free(q);
    take_clauses(p, text);
    return p;
}

/* ---- to words ---- */

static void append(char *to, size_t room, const char *before, const char *words,
                   const char *after)
{
    if (words[0])
        text_add(to, room, "%s%s%s", before, words, after);
}

void place_text(const struct place *p, char *to, size_t room)
{
    bool both = p->where[0] && p->filter[0];

    snprintf(to, room, "%s", p->view->kind ? p->view->kind : p->view->name);
    append(to, room, " ", p->names, "");
    append(to, room, both ? " where (" : " where ", p->where, both ? ")" : "");
    append(to, room, both ? " and (" : " where ", p->filter, both ? ")" : "");
    append(to, room, " show ", p->show, "");
    append(to, room, " sort ", p->sort, "");
    append(to, room, " limit ", p->limit, "");
}

/* Nothing but that word keeps it from being a tree. */
static bool needs_flat(const struct place *p)
{
    return p->view->tree && p->flat && !p->names[0] && !p->where[0] && !p->filter[0] &&
           !p->sort[0] && !p->limit[0];
}

void place_words(struct ui *ui, const struct place *p, char *to, size_t room)
{
    size_t used;

    if (needs_flat(p)) {
        used = (size_t)snprintf(to, room, "%s flat", p->view->name);
        append(to + used, room - used, " show ", p->show, "");
    } else if (place_is_table(p)) {
        place_text(p, to, room);
    } else {
        struct screen s = ui_screen(ui);

        used = (size_t)snprintf(to, room, "%s", p->view->name);
        if (p->view->say)
            p->view->say(&s, to + used, room - used);
        else
            append(to, room, " ", p->label, "");
    }
}

/* ---- the stack ---- */

static void put_on_top(struct ui *ui, struct place *p, const char *label)
{
    p->below = ui->place;
    if (label)
        snprintf(p->label, sizeof(p->label), "%s", label);
    ui->place = p;
    ui->touched = true;
    visits_arrive(ui);
}

void ui_enter(struct ui *ui, struct place *p, const char *label)
{
    visits_leave(ui);
    put_on_top(ui, p, label);
}

void ui_back(struct ui *ui)
{
    struct place *top = ui->place;

    if (!top->below)
        return;
    visits_leave(ui);
    ui->place = top->below;
    place_free(top);
    ui->touched = true;
    visits_arrive(ui);
}

void ui_go(struct ui *ui, struct place *p)
{
    visits_leave(ui);
    while (ui->place) {
        struct place *below = ui->place->below;

        place_free(ui->place);
        ui->place = below;
    }
    put_on_top(ui, p, NULL);
}
