/* What may be typed where the cursor of the last line is. The first word of a command is
 * found by its beginning, by a part of it, or by letters in order: "thm" is theme. */
#include "tui/offers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "tui/state.h"

void offers_drop(struct offers *o)
{
    arena_free(o->arena);
    free(o->items);
    *o = (struct offers){ .arena = NULL };
}

void offers_add(struct offers *o, const char *word, const char *key, const char *help)
{
    o->items = xgrow(o->items, &o->room, o->count + 1, sizeof(*o->items));
    o->items[o->count++] =
        (struct offer){ arena_strdup(o->arena, word), arena_strdup(o->arena, key), help };
}

/* ---- how well a word fits what is typed ---- */

enum fit { FIT_WHOLE, FIT_START, FIT_PART, FIT_INSIDE, FIT_LETTERS, FITS };

static bool has_letters(const char *word, const char *typed)
{
    for (; *word && *typed; word++)
        typed += *word == *typed;
    return !*typed;
}

static enum fit fit_of(const char *word, const char *typed)
{
    size_t len = strlen(typed);
    const char *part = strchr(word, '-');

    if (strncasecmp(word, typed, len) == 0)
        return word[len] ? FIT_START : FIT_WHOLE;
    for (; part; part = strchr(part + 1, '-'))
        if (strncasecmp(part + 1, typed, len) == 0)
            return FIT_PART;
    if (strstr(word, typed))
        return FIT_INSIDE;
    return has_letters(word, typed) ? FIT_LETTERS : FITS;
}

/* Those that fit, the best first, of equals in the order they came in. */
static void rank(struct offers *o, const char *typed)
{
    struct offer *all = o->items;
    size_t count = o->count;

    if (!typed[0] || count == 0)
        return;
    o->items = NULL;
    o->count = o->room = 0;
    for (int fit = FIT_WHOLE; fit < FITS; fit++)
        for (size_t i = 0; i < count; i++)
            if (fit_of(all[i].word, typed) == (enum fit)fit)
                offers_add(o, all[i].word, all[i].key, all[i].help);
    free(all);
}

/* ---- what a word of a query means ---- */

static const char *clause_help(const char *word)
{
    static const struct {
        const char *word, *help;
    } clauses[] = { { "where", "only rows for which it holds" },
                    { "by", "what rows of the same text sum up to" },
                    { "show", "which fields" },
                    { "sort", "by which fields; - before one: the largest first" },
                    { "limit", "the first so many" },
                    { "at", "as it was then" },
                    { "and", "both hold" },
                    { "or", "one of them holds" },
                    { "not", "does not hold" },
                    { "in", "is one of (a, b)" },
                    { "is", "null, stale or estimated" } };

    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
        if (strcmp(clauses[i].word, word) == 0)
            return clauses[i].help;
    return "";
}

static const char *query_help(const struct view *v, const char *word)
{
    const struct column *c =
        v && v->columns ? column_find(v, word + (word[0] == '-')) : NULL;

    return c ? column_help(c) : clause_help(word);
}

static void offer_query(struct offers *o, const struct view *v, const char *query,
                        const struct model *m)
{
    char *words = query_complete(query, m);

    for (char *word = words, *end; *word; word = end + 1) {
        end = word + strcspn(word, "\n");
        *end = '\0';
        offers_add(o, word, "", query_help(v, word));
    }
    free(words);
}

static const struct view *view_of_query(const char *text)
{
    char kind[64];

    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(text, " "), text);
    return view_of_kind(kind);
}

/* ---- all ---- */

/* Where the word that is being typed starts. */
static size_t word_start(const char *text, size_t cursor)
{
    while (cursor > 0 && !strchr(" ,()<>=!~\"", text[cursor - 1]))
        cursor--;
    return cursor;
}

void offers_make(struct offers *o, struct ui *ui, int kind, const char *text,
                 size_t cursor)
{
    char line[2 * WORDS + 64], typed[WORDS];

    offers_drop(o);
    o->arena = arena_new();
    o->from = word_start(text, cursor);
    snprintf(typed, sizeof(typed), "%.*s", (int)(cursor - o->from), text + o->from);
    if (kind == '/') { /* it completes as the query that it is the end of */
        snprintf(line, sizeof(line), "%s where %.*s", ui->place->view->kind, (int)cursor,
                 text);
        offer_query(o, ui->place->view, line, ui->setup.model);
        return;
    }
    snprintf(line, sizeof(line), "%.*s", (int)cursor, text);
    if (!strchr(line, ' ')) {
        command_offer(o);
        rank(o, typed);
    } else if (command_offer_rest(o, ui, line)) {
        rank(o, typed);
    } else {
        offer_query(o, view_of_query(line), line, ui->setup.model);
    }
}

/* ---- drawing ---- */

enum { MOST_LINES = 10, WIDEST = 140, LEAST_WORD = 15, WIDEST_WORD = 24, KEY_W = 7 };

static int word_cells(const struct offers *o)
{
    int widest = LEAST_WORD;

    for (size_t i = 0; i < o->count; i++) {
        int w = text_width(o->items[i].word);

        widest = w > widest ? w : widest;
    }
    return widest < WIDEST_WORD ? widest : WIDEST_WORD;
}

static int key_cells(const struct offers *o)
{
    for (size_t i = 0; i < o->count; i++)
        if (o->items[i].key[0])
            return KEY_W;
    return 0;
}

static void draw_offer(struct grid *g, struct rect in, int y, const struct offer *offer,
                       int words, int keys, bool is_chosen)
{
    int x = in.x + words + 2;

    grid_text(g, in.x, y, words, is_chosen ? STYLE_ACCENT : STYLE_STRONG, offer->word);
    grid_text(g, x, y, keys, STYLE_ACCENT, offer->key);
    grid_sentence(g, x + keys, y, in.x + in.w - x - keys, STYLE_SECONDARY, offer->help);
    if (is_chosen)
        grid_paper(g, (struct rect){ in.x - 1, y, in.w + 2, 1 }, STYLE_SELECTED);
}

void offers_draw(const struct offers *o, struct grid *g, int end, size_t chosen)
{
    int room = (end - 2) / 2, lines = room < MOST_LINES ? room : MOST_LINES;
    int words = word_cells(o), keys = key_cells(o);
    size_t shown = o->count < (size_t)(lines > 0 ? lines : 0)
                       ? o->count
                       : (size_t)(lines > 0 ? lines : 0);
    size_t first = chosen < o->count && chosen >= shown ? chosen - shown + 1 : 0;
    struct rect area = { 0, end - (int)shown - 2, g->w < WIDEST ? g->w : WIDEST,
                         (int)shown + 2 },
                in;
    char more[32];

    if (shown == 0)
        return;
    for (int y = area.y; y < end; y++)
        for (int x = 0; x < area.w; x++)
            grid_put(g, x, y, STYLE_TEXT, ' ');
    grid_paper(g, area, STYLE_NONE);
    in = grid_box(g, area, "", "Tab");
    for (size_t i = 0; i < shown; i++)
        draw_offer(g, in, in.y + (int)i, &o->items[first + i], words, keys,
                   first + i == chosen);
    snprintf(more, sizeof(more), " +%zu more ", o->count - shown);
    if (o->count > shown)
        grid_right(g, area.x + 2, end - 1, area.w - 4, STYLE_FAINT, more);
}
