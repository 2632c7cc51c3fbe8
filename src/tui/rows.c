/* The rows of a place: built from its words, kept while nothing changed, and the cursor
 * that sticks to one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tui/state.h"

/* Data change twice a second on the screen, no more: faster cannot be read, and keys must
 * be instant. */
static const double refresh_s = .5;

bool bit_is_set(const unsigned char *bits, size_t room, uint32_t id)
{
    return id / 8 < room && (bits[id / 8] >> (id % 8) & 1);
}

void bit_flip(unsigned char **bits, size_t *room, uint32_t id)
{
    size_t want = (size_t)id / 8 + 1, had = *room;

    if (want > had) {
        *bits = xgrow(*bits, room, want, 1);
        memset(*bits + had, 0, *room - had);
    }
    (*bits)[id / 8] ^= (unsigned char)(1u << (id % 8));
}

/* ---- marks ---- */

/* Where the mark stands; mark_count: nowhere. Marks are set by hand, so there are few. */
static size_t find_mark(const struct place *p, uint64_t key)
{
    size_t i = 0;

    while (i < p->mark_count && p->marks[i] != key)
        i++;
    return i;
}

bool row_is_marked(const struct ui *ui, const struct place *p, uint32_t id)
{
    return p->mark_count &&
           find_mark(p, model_key(ui->setup.model, p->view->rows, id)) < p->mark_count;
}

void row_mark(struct ui *ui, struct place *p, uint32_t id)
{
    uint64_t key = model_key(ui->setup.model, p->view->rows, id);
    size_t at = find_mark(p, key);

    if (at < p->mark_count) {
        p->marks[at] = p->marks[--p->mark_count];
        return;
    }
    p->marks = xgrow(p->marks, &p->mark_room, p->mark_count + 1, sizeof(*p->marks));
    p->marks[p->mark_count++] = key;
}

/* What is gone is not marked any more. Of nearly all rows the last bits of the key tell
 * that it is none of the marked. */
static void drop_marks(const struct model *m, struct place *p)
{
    uint64_t maybe = 0;
    size_t kept = 0;

    for (size_t i = 0; i < p->mark_count; i++)
        maybe |= UINT64_C(1) << (p->marks[i] & 63);
    for (uint32_t id = 0; p->mark_count && id < model_rows(m, p->view->rows); id++) {
        uint64_t key = model_key(m, p->view->rows, id);
        size_t at;

        if (!(maybe >> (key & 63) & 1))
            continue;
        at = find_mark(p, key);
        if (at < kept || at == p->mark_count)
            continue;
        p->marks[at] = p->marks[kept];
        p->marks[kept++] = key;
    }
    p->mark_count = kept;
}

/* ---- the cursor ---- */

static void put_cursor(struct place *p, size_t index)
{
    if (p->row_count == 0) {
        p->cursor = 0;
        return;
    }
    p->cursor = index < p->row_count ? index : p->row_count - 1;
    p->selected = p->rows[p->cursor];
    p->selected_key = model_key(p->table->model, p->view->rows, p->selected);
}

void rows_hold(struct place *p)
{
    p->holds = p->row_count > 0;
}

void rows_select(struct place *p, size_t index)
{
    put_cursor(p, index);
    rows_hold(p);
}

void rows_move(struct place *p, long by)
{
    long to = (long)p->cursor + by;

    rows_select(p, to < 0 ? 0 : (size_t)to);
}

void rows_select_name(struct ui *ui, struct place *p, const char *name)
{
    uint32_t id = model_find(ui->setup.model, p->view->rows, name);

    if (id == GW_NONE)
        return;
    p->selected = id;
    p->selected_key = model_key(ui->setup.model, p->view->rows, id);
    p->holds = true;
    if (p->view->tree)
        tree_reveal(ui, p, id);
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

/* After a rebuild: the same row stays under the cursor, and on the same line of the
 * screen. Where a tree lists it twice, the nearest. Where nobody chose one, what comes
 * first now is what one came to see: the newest event, the fullest rack. */
static void find_cursor(struct place *p)
{
    bool is_same = model_key(p->table->model, p->view->rows, p->selected) ==
                   p->selected_key;
    size_t at = SIZE_MAX;

    for (size_t i = 0; i < p->row_count && is_same && p->holds; i++)
        if (p->rows[i] == p->selected &&
            (at == SIZE_MAX || distance(i, p->cursor) < distance(at, p->cursor)))
            at = i;
    if (at == SIZE_MAX) {
        put_cursor(p, p->cursor);
        return;
    }
    if (at >= p->cursor)
        p->first += at - p->cursor;
    else
        p->first = p->first > p->cursor - at ? p->first - (p->cursor - at) : 0;
    p->cursor = at;
}

/* ---- building ---- */

static struct table *make_table(const struct model *m, struct place *p)
{
    char text[6 * WORDS];
    size_t at;

    p->is_tree = p->view->tree && !p->flat && !p->names[0] && !p->where[0] &&
                 !p->filter[0] && !p->sort[0] && !p->limit[0];
    if (!p->names[0] && !p->where[0] && !p->filter[0] && !p->show[0] && !p->limit[0])
        return table_of_view(m, p->view, NULL,
                             p->is_tree   ? ""
                             : p->sort[0] ? p->sort
                                          : NULL);
    place_text(p, text, sizeof(text));
    p->query = query_parse(text, &p->complaint, &at);
    return p->query ? table_new(m, p->query, false) : NULL;
}

static void build(struct ui *ui, struct place *p)
{
    table_free(p->table);
    query_free(p->query);
    p->table = NULL;
    p->query = NULL;
    p->complaint.text[0] = '\0';
    free(p->rows); /* of a million they are 4 MB */
    p->rows = NULL;
    p->row_count = 0;
    p->table = make_table(ui->setup.model, p);
    if (!p->table)
        return;
    if (p->is_tree) {
        tree_rows(ui, p);
    } else {
        p->row_count = p->table->row_count;
        p->rows = table_take_rows(p->table);
    }
    find_cursor(p);
    drop_marks(ui->setup.model, p);
}

void rows_refresh(struct ui *ui, struct place *p)
{
    uint64_t version = model_version(ui->setup.model);
    bool changed = version != p->version && fabs(ui->steady - p->built) >= refresh_s;

    if (!place_is_table(p) ||
        !(p->outdated || changed || (!p->table && version != p->version)))
        return;
    build(ui, p);
    p->version = version;
    p->built = ui->steady;
    p->outdated = false;
    p->laid_out_w = 0;
}
