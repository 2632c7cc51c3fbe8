/* What state a node is in, and whose target does not answer. Which target would tell of a
 * node is known by the name that the target's declaration gives it (M_SOURCE_NODE), or by
 * what the target told of, if that was ever one node only: of an engine that fails nobody
 * knows whether its nodes do. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <math.h>

static void note_node(struct target *t, uint32_t node)
{
    if (t->node != node && t->tells_node)
        t->tells_nodes = true;
    t->node = node;
    t->tells_node = true;
}

void note_nodes_told(struct target *t, const struct batch *b, const uint32_t *rows)
{
    for (size_t i = 0; i < b->entity_count && !t->tells_nodes; i++)
        if (b->entities[i].kind == GW_NODE && rows[i] != GW_NONE)
            note_node(t, rows[i]);
}

static void mark(struct model *m, uint32_t node, uint32_t source)
{
    if (node != GW_NONE && node < m->rows[GW_NODE].count && !m->silent[node])
        m->silent[node] = source + 1;
}

void model_expect_node(struct model *m, const char *name)
{
    char clean[3 * 255 + 4]; /* a bad byte becomes three */

    text_clean(clean, sizeof(clean), name, strlen(name));
    rows_named(m, GW_NODE, clean);
    unsettle(m);
}

void settle_silence(struct model *m)
{
    size_t nodes = m->rows[GW_NODE].count;

    m->silent_count = nodes;
    if (!nodes)
        return;
    m->silent = xgrow(m->silent, &m->silent_room, nodes, sizeof(*m->silent));
    memset(m->silent, 0, nodes * sizeof(*m->silent));
    for (uint32_t row = 0; row < m->rows[GW_SOURCE].count; row++) {
        const char *name = entity_of(m, GW_SOURCE, row)->name,
                   *node = model_text(m, M_SOURCE_NODE, row);
        const struct target *t;

        if (!model_source_is_silent(m, row) || !model_is_fresh(m, M_SOURCE_STATE, row))
            continue;
        t = &m->targets[origin_of(m, name)];
        if (t->tells_node)
            mark(m, t->tells_nodes ? GW_NONE : t->node, row);
        else
            mark(m, model_find(m, GW_NODE, node ? node : name), row);
    }
}

uint32_t model_node_silence(const struct model *m, uint32_t node)
{
    if (node >= m->silent_count || !m->silent[node] ||
        model_row_quality(m, GW_NODE, node) == GW_OK)
        return GW_NONE;
    return m->silent[node] - 1;
}

const char *model_node_silent(const struct model *m, uint32_t node)
{
    const char *told = model_text(m, M_NODE_SILENCE, node);
    bool is_measured;

    if (!told || !model_is_fresh(m, M_NODE_SILENCE, node))
        return NULL;
    is_measured = !isnan(model_number(m, M_NODE_POWER, node)) &&
                  model_quality(m, M_NODE_POWER, node) != GW_STALE;
    return is_measured ? NULL : told;
}

const char *model_node_state(const struct model *m, uint32_t node)
{
    const char *told = model_text(m, M_NODE_STATE, node);
    bool answers = model_row_quality(m, GW_NODE, node) == GW_OK &&
                   model_quality(m, M_NODE_POWER, node) != GW_STALE;

    if (model_node_silence(m, node) != GW_NONE)
        return "down";
    if (!told && model_node_silent(m, node))
        return "down";
    /* Of then no state is kept: what answered may have been drained. */
    return told ? told : answers && !m->is_then ? "up" : NULL;
}

/* Schedulers add to it: "down*". */
bool says_down(const char *state)
{
    return state && strncmp(state, "down", 4) == 0;
}

/* `is_told`: its state is, and `told_down`: that it is down. */
static bool is_down(const struct model *m, uint32_t node, bool is_told, bool told_down)
{
    return told_down || model_node_silence(m, node) != GW_NONE ||
           (!is_told && model_node_silent(m, node));
}

bool model_node_is_down(const struct model *m, uint32_t node)
{
    const char *told = model_text(m, M_NODE_STATE, node);

    return is_down(m, node, told != NULL, says_down(told));
}

/* Neighbours mostly say the same. */
size_t model_nodes_down(const struct model *m, uint32_t *first, size_t most)
{
    const uint32_t *order = model_order(m, GW_NODE);
    struct text_column states = model_text_column(m, M_NODE_STATE);
    uint32_t last = 0;
    bool last_is_down = false;
    size_t count = 0;

    for (size_t i = 0; i < m->rows[GW_NODE].count; i++) {
        uint32_t node = order[i], state = states.lower ? text_in(states, node) : 0;

        if (state != last)
            last_is_down = says_down(model_text_of(m, state));
        last = state;
        if (row_is_vacant(entity_of(m, GW_NODE, node)) ||
            !is_down(m, node, state != 0, last_is_down))
            continue;
        if (count < most)
            first[count] = node;
        count++;
    }
    return count;
}
