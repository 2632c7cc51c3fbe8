/* A table as a tree: parts under their whole, branches opened and closed. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tui/state.h"

/* By itself, the top of a tree is open, and below it as many levels as there is room
 * for. */
static bool is_open(const struct place *p, uint32_t id, unsigned depth)
{
    return (depth < p->levels) != bit_is_set(p->toggled, p->toggled_room, id);
}

/* How many are open: racks are many, and stay closed. Once somebody opens or closes a
 * branch, that is left alone. */
static void choose_levels(struct ui *ui, struct place *p)
{
    enum { DEEP = 8, AROUND = 6 };      /* lines of the screen that are no rows */
    const struct model *m = ui->setup.model;
    size_t at_depth[DEEP] = { 0 }, racks[DEEP] = { 0 },
           room = ui->grid->h > AROUND ? (size_t)(ui->grid->h - AROUND) : 0, sum;

    if (p->toggled)
        return;
    for (uint32_t id = 0; id < model_rows(m, p->view->rows); id++) {
        unsigned depth = model_depth(m, p->view->rows, id);
        const char *type = p->view->rows == GW_DOMAIN ? model_text(m, M_DOMAIN_TYPE, id)
                                                      : NULL;

        if (depth >= DEEP || !model_name(m, p->view->rows, id))
            continue;
        at_depth[depth] += 1 + (model_second_parent(m, p->view->rows, id).id != GW_NONE);
        racks[depth] += type && strcmp(type, "rack") == 0;
    }
    sum = at_depth[0] + at_depth[1];
    for (p->levels = 1;
         p->levels + 1 < DEEP && at_depth[p->levels + 1] > 0 && racks[p->levels + 1] == 0;
         p->levels++) {
        sum += at_depth[p->levels + 1];
        if (sum > room)
            return;
    }
}

bool tree_has_parts(const struct model *m, struct row whole)
{
    for (struct row part = model_first_part(m, whole); part.id != GW_NONE;
         part = model_next_part(m, whole, part))
        if (part.kind == whole.kind)
            return true;
    return false;
}

/* A tree while its rows are listed. */
struct listing {
    const struct model *m;
    struct place *p;
    uint32_t *ranks;            /* by id: where the table has it; UINT32_MAX: it does
                                 * not */
    size_t room;                /* of the place's rows */
};

enum { DEEPEST = 32 };

static void list(struct listing *l, uint32_t id, unsigned depth);

static int by_rank(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Under each that feeds it: what has two feeds is listed twice, as half of it is drawn
 * from either. */
static void list_parts(struct listing *l, struct row whole, unsigned depth)
{
    uint64_t *parts = NULL;     /* rank and id */
    size_t count = 0, room = 0;

    for (struct row part = model_first_part(l->m, whole); part.id != GW_NONE;
         part = model_next_part(l->m, whole, part)) {
        if (part.kind != whole.kind || l->ranks[part.id] == UINT32_MAX)
            continue;
        parts = xgrow(parts, &room, count + 1, sizeof(*parts));
        parts[count++] = (uint64_t)l->ranks[part.id] << 32 | part.id;
    }
    if (count > 0)
        qsort(parts, count, sizeof(*parts), by_rank);
    for (size_t i = 0; i < count; i++)
        list(l, (uint32_t)parts[i], depth);
    free(parts);
}

static void list(struct listing *l, uint32_t id, unsigned depth)
{
    struct place *p = l->p;
    struct row row = { p->view->rows, id };
    size_t at = p->row_count++;

    if (at == l->room) {
        p->rows = xgrow(p->rows, &l->room, at + 1, sizeof(*p->rows));
        p->depths = xrealloc(p->depths, l->room, sizeof(*p->depths));
        p->has_parts = xrealloc(p->has_parts, l->room, sizeof(*p->has_parts));
    }
    p->rows[at] = id;
    p->depths[at] = (uint8_t)depth;
    p->has_parts[at] = tree_has_parts(l->m, row);
    p->is_branched |= p->has_parts[at];
    if (is_open(p, id, depth) && depth < DEEPEST)
        list_parts(l, row, depth + 1);
}

void tree_rows(struct ui *ui, struct place *p)
{
    const struct model *m = ui->setup.model;
    size_t count = p->table->row_count, rows = model_rows(m, p->view->rows);
    struct listing l = {
        .m = m, .p = p, .ranks = xcalloc(rows + 1, sizeof(*l.ranks)), .room = count + 1
    };

    p->rows = xrealloc(p->rows, l.room, sizeof(*p->rows));
    p->depths = xrealloc(p->depths, l.room, sizeof(*p->depths));
    p->has_parts = xrealloc(p->has_parts, l.room, sizeof(*p->has_parts));
    p->row_count = 0;
    p->is_branched = false;
    choose_levels(ui, p);
    memset(l.ranks, 0xff, (rows + 1) * sizeof(*l.ranks));
    for (size_t i = 0; i < count; i++)
        l.ranks[p->table->rows[i]] = (uint32_t)i;
    for (size_t i = 0; i < count; i++)
        if (model_depth(m, p->view->rows, p->table->rows[i]) == 0)
            list(&l, p->table->rows[i], 0);
    free(l.ranks);
}

bool tree_is_open(const struct place *p, size_t index)
{
    return is_open(p, p->rows[index], p->depths[index]);
}

void tree_set_open(struct place *p, size_t index, bool open)
{
    if (index >= p->row_count || tree_is_open(p, index) == open)
        return;
    bit_flip(&p->toggled, &p->toggled_room, p->rows[index]);
    p->outdated = true;
}

void tree_reveal(struct ui *ui, struct place *p, uint32_t id)
{
    const struct model *m = ui->setup.model;
    enum gw_kind kind = p->view->rows;
    struct row up = model_parent(m, kind, id);

    choose_levels(ui, p);
    for (unsigned depth = model_depth(m, kind, id); depth-- > 0 && up.id != GW_NONE;
         up = model_parent(m, kind, up.id))
        if (up.kind == kind && !is_open(p, up.id, depth)) {
            bit_flip(&p->toggled, &p->toggled_room, up.id);
            p->outdated = true;
        }
}

void tree_to_parent(struct place *p)
{
    for (size_t i = p->cursor; i > 0; i--)
        if (p->depths[i - 1] < p->depths[p->cursor]) {
            rows_select(p, i - 1);
            return;
        }
}
