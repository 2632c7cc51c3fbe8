/* What is gone for good: rows that nobody speaks of any more make room for others, so
 * that weeks of a changing site take no more memory than days. What the roster declares
 * stays for ever. */
#include "base/arena.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

enum {
    DAY_S = 86400,
    WEEK_S = 7 * DAY_S,
    LOOKED_THROUGH_EVERY_S = 600,
    FIRST_AFTER_S = 60
};

/* How long after its last word, while others of its kind are spoken of. A node may be
 * away for a few days. */
static const struct lifetime {
    enum gw_kind kind;
    uint32_t seconds;
} lifetimes[] = {
    { GW_JOB, DAY_S },   { GW_FORECAST, 2 * DAY_S }, { GW_GPU, WEEK_S },
    { GW_NODE, WEEK_S }, { GW_TENANT, WEEK_S },      { GW_ALERT, WEEK_S },
};

void row_vacate(struct model *m, enum gw_kind kind, uint32_t row)
{
    const struct row nobody = { .id = GW_NONE };
    struct rows *r = &m->rows[kind];
    const char *name = r->entities[row].name;

    forget_alarms(m, kind, row);
    forget_values(m, kind, row);
    forget_trend(m, kind, row);
    forget_energy(m, kind, row);
    if (kind == GW_GPU && row < m->last_busy_room)
        m->last_busy[row] = (struct last_busy){ 0 };
    if (kind == GW_GPU)
        forget_counter(m, row);
    /* A job's name is its own; the others' are in the arena, and the next name in this
     * row takes the place. */
    if (kind == GW_JOB) {
        free((void *)name);
        name = "";
    } else {
        ((char *)name)[0] = '\0';
    }
    r->entities[row] = (struct entity){ .name = name, .parent = nobody };
    rows_set_second(r, row, nobody);
    r->vacant = xgrow(r->vacant, &r->vacant_room, r->vacant_count + 1,
                      sizeof(*r->vacant));
    r->vacant[r->vacant_count++] = row;
}

/* When each origin last spoke of a row of the kind, and in the place of the cache's own:
 * when any did. What is compared with it is not "now": where a source does not answer for
 * a day, what it told of is old, but not gone. */
static uint32_t *last_words(const struct model *m, enum gw_kind kind)
{
    const struct rows *r = &m->rows[kind];
    uint32_t *last = xcalloc(m->target_count, sizeof(*last)), *any = &last[FROM_CACHE];

    for (size_t row = 0; row < r->count; row++) {
        const struct entity *e = &r->entities[row];

        if (e->newest > last[e->origin])
            last[e->origin] = e->newest;
        if (e->newest > *any)
            *any = e->newest;
    }
    return last;
}

/* Who is a whole of anything now. The caller frees it. */
static bool *wholes_of(const struct model *m, enum gw_kind kind)
{
    bool *is_whole = xcalloc(m->rows[kind].count + 1, sizeof(*is_whole));

    for (int k = 0; k < GW_KINDS; k++)
        for (uint32_t row = 0; row < m->rows[k].count; row++) {
            struct row first = entity_of(m, (enum gw_kind)k, row)->parent,
                       second = second_of(m, (enum gw_kind)k, row);

            if (first.id != GW_NONE && first.kind == kind)
                is_whole[first.id] = true;
            if (second.id != GW_NONE && second.kind == kind)
                is_whole[second.id] = true;
        }
    return is_whole;
}

/* A row that was only ever named, as a whole of others, goes with them; a job may be
 * named before anything is told of it. What is raised is not over, however old. */
static bool is_over(const struct model *m, const struct lifetime *of, uint32_t row,
                    const uint32_t *last)
{
    const struct entity *e = entity_of(m, of->kind, row);
    const char *state;

    if (row_is_vacant(e) || e->in_roster)
        return false;
    if (e->newest == 0)
        return of->kind != GW_JOB && e->has_parts;
    if (last[e->origin] - e->newest <= of->seconds * TICKS_PER_S)
        return false;
    state = of->kind == GW_ALERT ? model_text(m, M_ALERT_STATE, row) : NULL;
    return !state || strcmp(state, "raised") != 0;
}

/* A whole stays while it has parts: it goes the next time. */
static bool forget_kind(struct model *m, const struct lifetime *of)
{
    uint32_t *last = last_words(m, of->kind);
    struct rows *r = &m->rows[of->kind];
    size_t before = r->vacant_count;
    bool *is_whole = NULL;

    m->last_words[of->kind] = last[FROM_CACHE];
    for (uint32_t row = 0; row < r->count; row++) {
        if (!is_over(m, of, row, last))
            continue;
        if (r->entities[row].has_parts && !is_whole)
            is_whole = wholes_of(m, of->kind);
        if (!r->entities[row].has_parts || !is_whole[row])
            row_vacate(m, of->kind, row);
    }
    free(is_whole);
    free(last);
    if (r->vacant_count == before)
        return false;
    rows_index_anew(r);
    tree_cut(m, of->kind);
    return true;
}

void forget_rows(struct model *m)
{
    bool any = false;

    /* The first time when what the cache remembers has been followed by some news. */
    if (m->forgot == 0)
        m->forgot = m->tick - (LOOKED_THROUGH_EVERY_S - FIRST_AFTER_S) * TICKS_PER_S;
    /* Also when the clock was set back. */
    if (m->tick - m->forgot < LOOKED_THROUGH_EVERY_S * TICKS_PER_S)
        return;
    m->forgot = m->tick;
    for (size_t i = 0; i < sizeof(lifetimes) / sizeof(lifetimes[0]); i++)
        any |= forget_kind(m, &lifetimes[i]);
    if (!any)
        return;
    forget_names(m); /* which text names which row is found again */
    unsettle(m);
}

bool was_forgotten(const struct model *m, enum gw_kind kind, uint32_t newest)
{
    for (size_t i = 0; i < sizeof(lifetimes) / sizeof(lifetimes[0]); i++)
        if (lifetimes[i].kind == kind)
            return m->last_words[kind] > newest &&
                   m->last_words[kind] - newest > lifetimes[i].seconds * TICKS_PER_S;
    return false;
}
