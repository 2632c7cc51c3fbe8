/* One GPU that two sources call by different names, as by its index and by its UUID, is
 * one row: the first that was there stays, and the other's name leads to it. Only what
 * different sources say at the same time is joined: two of one source are two, whatever
 * UUID it gives them, and a GPU that moved to another node has left its old row. */
#include "base/arena.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

/* Another name of a row; good as long as it is the same GPU's. */
struct alias {
    char *name;
    uint64_t hash, whole; /* of the name, and of the row's */
    uint32_t row;
};

struct aliases {
    struct alias *all;
    size_t count, room;
    struct finder finder; /* by name */
    bool is_told; /* some GPU's UUID is new */
};

static struct aliases *aliases_of(struct model *m)
{
    if (!m->aliases)
        m->aliases = xcalloc(1, sizeof(*m->aliases));
    return m->aliases;
}

void free_aliases(struct model *m)
{
    if (!m->aliases)
        return;
    for (size_t i = 0; i < m->aliases->count; i++)
        free(m->aliases->all[i].name);
    free(m->aliases->all);
    finder_clear(&m->aliases->finder);
    free(m->aliases);
}

/* ---- names ---- */

struct called {
    const struct aliases *aliases;
    const char *name;
};

static bool is_called(const void *arg, uint32_t number)
{
    const struct called *c = arg;
    const struct alias *a = &c->aliases->all[number];

    return a->row != GW_NONE && (!c->name || strcmp(a->name, c->name) == 0);
}

uint32_t gpu_called(const struct model *m, uint64_t hash, const char *name)
{
    struct aliases *a = m->aliases;
    uint32_t number = a ? finder_find(&a->finder, hash, is_called,
                                      &(struct called){ a, name })
                        : UINT32_MAX;
    const struct alias *found = number == UINT32_MAX ? NULL : &a->all[number];

    return found && entity_of(m, GW_GPU, found->row)->hash == found->whole ? found->row
                                                                           : GW_NONE;
}

static void index_aliases(struct aliases *a)
{
    finder_clear(&a->finder);
    for (size_t i = 0; i < a->count; i++)
        finder_add(&a->finder, a->all[i].hash);
}

/* Whoever calls a GPU otherwise with every word would fill memory: of more names than a
 * few for each GPU, the oldest go. One that is in use is told again, and joined again. */
static void drop_oldest(const struct model *m, struct aliases *a)
{
    size_t most = 4 * m->rows[GW_GPU].count + 64,
           over = a->count > most ? a->count - most : 0;

    for (size_t i = 0; i < over; i++)
        free(a->all[i].name);
    if (over)
        memmove(a->all, a->all + over, most * sizeof(*a->all));
    a->count -= over;
}

/* Those of rows that are others' now make room. */
static void drop_dead(const struct model *m, struct aliases *a)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->count; i++) {
        struct alias of = a->all[i];

        if (of.row != GW_NONE && entity_of(m, GW_GPU, of.row)->hash == of.whole)
            a->all[kept++] = of;
        else
            free(of.name);
    }
    a->count = kept;
}

static void add_alias(struct model *m, uint32_t row, uint32_t other)
{
    struct aliases *a = m->aliases;

    a->all = xgrow(a->all, &a->room, a->count + 1, sizeof(*a->all));
    a->all[a->count++] = (struct alias){ .name = xstrdup(
                                             entity_of(m, GW_GPU, other)->name),
                                         .hash = entity_of(m, GW_GPU, other)->hash,
                                         .whole = entity_of(m, GW_GPU, row)->hash,
                                         .row = row };
}

/* Its UUID is another now, so those who called it differently may mean another GPU. */
static void forget_aliases(struct aliases *a, uint32_t row)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->all[i].row == row)
            a->all[i].row = GW_NONE;
}

void note_uuid(struct model *m, uint32_t gpu, bool is_new)
{
    struct aliases *a = aliases_of(m);

    a->is_told = true;
    if (!is_new)
        forget_aliases(a, gpu);
}

/* ---- joining ---- */

static bool is_spoken_of(const struct model *m, const struct entity *e, uint32_t now)
{
    struct stamp heard = { .time = e->newest, .origin = e->origin & 0x7FFFFF };

    return e->origin >= FIRST_TARGET && is_fresh(m, &heard, now);
}

static bool are_one(const struct model *m, uint32_t a, uint32_t b, uint32_t now)
{
    const struct entity *x = entity_of(m, GW_GPU, a), *y = entity_of(m, GW_GPU, b);

    return x->origin != y->origin && is_spoken_of(m, x, now) && is_spoken_of(m, y, now);
}

/* What is younger, or not known of the row that stays; a counter goes on as it began. */
static void take_values(struct model *m, uint32_t row, uint32_t other)
{
    for (uint16_t i = 0; i < m->column_count; i++) {
        struct column *c = &m->columns[i];

        if (!c->stamps || c->kind != GW_GPU ||
            stamp_at(m, c, other)->time <= stamp_at(m, c, row)->time ||
            (c->wide && stamp_at(m, c, row)->time))
            continue;
        if (c->texts)
            set_text(m, c, row, text_at(c, other));
        else if (c->wide)
            c->wide[row] = c->wide[other];
        else
            c->numbers[row] = c->numbers[other];
        set_stamp(m, c, row, *stamp_at(m, c, other));
    }
}

static void join(struct model *m, uint32_t row, uint32_t other)
{
    struct row part = { GW_GPU, row }, whole = entity_of(m, GW_GPU, other)->parent;

    take_values(m, row, other);
    /* Declared by either name, it is declared. */
    entity_of(m, GW_GPU, row)->in_roster |= entity_of(m, GW_GPU, other)->in_roster;
    if (entity_of(m, GW_GPU, row)->parent.id == GW_NONE && whole.id != GW_NONE)
        rows_place(m, part, whole, TOLD_BY_SOURCE);
    add_alias(m, row, other);
    row_vacate(m, GW_GPU, other);
}

/* The row with each UUID, by its text; is there one that two have? *waits: two of which
 * not both are spoken of now. */
static bool join_twins(struct model *m, struct text_column uuids, uint32_t now,
                       bool *waits)
{
    uint32_t *rows = xcalloc(m->texts.count, sizeof(*rows));
    bool any = false;

    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        uint32_t uuid = text_in(uuids, gpu), *first = &rows[uuid];

        if (!uuid || row_is_vacant(entity_of(m, GW_GPU, gpu)))
            continue;
        if (*first && are_one(m, *first - 1, gpu, now)) {
            join(m, *first - 1, gpu);
            uuids = model_text_column(m, M_GPU_UUID);
            any = true;
        } else {
            *waits |= *first != 0;
            if (!*first || !is_spoken_of(m, entity_of(m, GW_GPU, *first - 1), now))
                *first = gpu + 1;
        }
    }
    free(rows);
    return any;
}

void join_gpus(struct model *m, uint32_t now)
{
    struct text_column uuids = model_text_column(m, M_GPU_UUID);

    if (!m->aliases || !m->aliases->is_told || !uuids.lower)
        return;
    m->aliases->is_told = false;
    if (!join_twins(m, uuids, now, &m->aliases->is_told))
        return;
    drop_dead(m, m->aliases);
    drop_oldest(m, m->aliases);
    index_aliases(m->aliases);
    rows_index_anew(&m->rows[GW_GPU]);
    tree_cut(m, GW_GPU);
    unsettle(m);
}

uint32_t model_taken_row(const struct model *m, const struct batch *b, uint32_t entity)
{
    return m->taken == b ? m->taken_rows[entity] : GW_NONE;
}

void model_name_known(const struct model *m, struct batch *b)
{
    uint32_t at = (uint32_t)b->entity_count;

    for (size_t k = 0; k < b->known_count; k++) {
        const struct batch_known *from = &b->known[k];

        b->now = from->age;
        for (size_t i = 0; i < from->count; i++) {
            uint32_t row = model_taken_row(m, b, at++);
            const char *name = row == GW_NONE ? "" : entity_of(m, GW_GPU, row)->name;

            batch_number(b, batch_entity(b, GW_GPU, name, strlen(name), GW_NONE),
                         from->metric, from->numbers[i], from->qualities[i]);
        }
    }
    b->known_count = b->known_numbers = 0;
}

/* Of the batch that was taken in last its rows are known: of 100,000 GPUs no name is
 * looked up. */
void model_call_gpus(const struct model *m, struct batch *b)
{
    const uint32_t *rows = m->taken == b ? m->taken_rows : NULL;

    for (size_t i = 0; i < b->entity_count && m->aliases; i++) {
        struct batch_entity *e = &b->entities[i];
        uint32_t row;

        if (e->kind != GW_GPU)
            continue;
        row = rows ? rows[i] : gpu_called(m, e->hash, e->name);
        if (row == GW_NONE || entity_of(m, GW_GPU, row)->hash == e->hash)
            continue;
        e->name = arena_strdup(b->arena, entity_of(m, GW_GPU, row)->name);
        e->hash = entity_of(m, GW_GPU, row)->hash;
        e->parent = GW_NONE; /* its node is called otherwise there, too */
    }
}
