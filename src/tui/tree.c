/* A table as a tree: parts under their whole, branches opened and closed. */
#include <limits.h>
#include <stdlib.h>

#include "base/arena.h"
#include "tui/state.h"

/* By itself, only the top of a tree is open. */
static bool is_open(const struct place *p, uint32_t id, unsigned depth)
{
    return (depth == 0) != bit_is_set(p->toggled, p->toggled_room, id);
}

/* As a tree shows them: what a feed stands by for is under its first feed. */
bool tree_has_parts(const struct model *m, struct row whole)
{
    for (struct row part = model_first_part(m, whole); part.id != GW_NONE;
         part = model_next_part(m, whole, part)) {
        struct row up = model_parent(m, part.kind, part.id);

        if (part.kind == whole.kind && up.kind == whole.kind && up.id == whole.id)
            return true;
    }
    return false;
}

void tree_rows(struct ui *ui, struct place *p)
{
    const struct model *m = ui->setup.model;
    size_t count = p->table->row_count;
    unsigned closed_above = UINT_MAX; /* rows deeper than this are hidden */

    p->rows = xrealloc(p->rows, count + 1, sizeof(*p->rows));
    p->depths = xrealloc(p->depths, count + 1, sizeof(*p->depths));
    p->has_parts = xrealloc(p->has_parts, count + 1, sizeof(*p->has_parts));
    p->row_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t id = p->table->rows[i];
        unsigned depth = model_depth(m, p->view->rows, id);
        size_t at = p->row_count;

        if (depth > closed_above)
            continue;
        p->rows[at] = id;
        p->depths[at] = (uint8_t)depth;
        p->has_parts[at] = tree_has_parts(m, (struct row){ p->view->rows, id });
        p->row_count++;
        closed_above = is_open(p, id, depth) ? UINT_MAX : depth;
    }
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
