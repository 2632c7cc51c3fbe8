/* Everything known of one kind as a batch, for the cache. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <string.h>

/* A batch has 256 times, a column as many as rows: ages are grouped, by the second for
 * the first two minutes, then each group wider by a tenth, up to about half a year.
 * Rounded to the older side. */
enum { BY_SECOND = 128 };

static double age_of_group(unsigned group)
{
    return group < BY_SECOND ? group
                             : BY_SECOND * pow(1.1, (double)(group - BY_SECOND + 1));
}

static uint8_t group_of_age(double age)
{
    double group;

    if (age <= BY_SECOND - 1)
        return (uint8_t)ceil(fmax(age, 0));
    group = BY_SECOND - 1 + ceil(log(age / BY_SECOND) / log(1.1));
    return (uint8_t)fmin(fmax(group, BY_SECOND), 255);
}

static uint32_t add_entity(const struct model *m, struct batch *b, struct row row)
{
    const char *name;

    if (row.id == GW_NONE)
        return GW_NONE;
    name = entity_of(m, row.kind, row.id)->name;
    return batch_entity(b, row.kind, name, strlen(name), GW_NONE);
}

static void add_column(const struct model *m, struct batch *b, uint16_t metric,
                       const uint32_t *entities)
{
    const struct column *c = &m->columns[metric];
    uint32_t last_time = 0;

    for (uint32_t row = 0; row < m->rows[metric_at(metric)->kind].count; row++) {
        const struct stamp *s = stamp_at(m, c, row);

        if (s->time == 0)
            continue;
        if (s->time != last_time) { /* neighbours are mostly of one age */
            last_time = s->time;
            b->now = group_of_age(b->time - time_of(m, s->time));
        }
        if (c->texts) {
            const char *text = texts_of(&m->texts, text_at(c, row));

            if (text)
                batch_text(b, entities[row], metric, text, strlen(text));
        } else {
            double value = c->wide ? c->wide[row] : (double)c->numbers[row];

            if (!isnan(value))
                batch_number(b, entities[row], metric, value,
                             (enum gw_quality)s->quality);
        }
    }
}

bool model_told(const struct model *m, uint16_t metric, uint32_t row,
                struct batch_sample *value, double *time)
{
    const struct column *c = column_with(m, metric, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;

    if (!s || s->time == 0 || s->origin == FROM_ROSTER || (s->derived && !c->texts))
        return false;
    *value = (struct batch_sample){ .metric = metric, .quality = (uint8_t)s->quality };
    *time = s->derived ? NAN : time_of(m, s->time);
    if (c->texts)
        value->text = s->derived ? NULL : texts_of(&m->texts, text_at(c, row));
    else
        value->number = c->wide ? c->wide[row] : (double)c->numbers[row];
    return true;
}

/* Names and hashes are as a batch makes them, for that is where they came from. */
static void tell_row(const struct model *m, struct batch *b, uint16_t metric,
                     uint32_t row, double number, enum gw_quality quality)
{
    enum gw_kind kind = metric_at(metric)->kind;
    const struct entity *e = entity_of(m, kind, row);

    b->samples[b->sample_count++] = (struct batch_sample){ .number = number,
                                                           .entity = (uint32_t)b->entity_count,
                                                           .metric = metric,
                                                           .quality = (uint8_t)quality,
                                                           .age = (uint8_t)b->now };
    b->entities[b->entity_count++] = (struct batch_entity){ .hash = e->hash,
                                                            .name = arena_strdup(b->arena, e->name),
                                                            .parent = GW_NONE,
                                                            .kind = kind };
}

static void make_room(struct batch *b, size_t rows)
{
    b->entities = xgrow(b->entities, &b->entity_room, b->entity_count + rows,
                        sizeof(*b->entities));
    b->samples = xgrow(b->samples, &b->sample_room, b->sample_count + rows,
                       sizeof(*b->samples));
}

static bool is_whole(const struct model *m, const struct column *c, uint32_t row)
{
    return !isnan(c->numbers[row]) && is_fresh(m, stamp_at(m, c, row), m->tick) &&
           !model_sum_lacks(m, c->kind, row);
}

/* Of sums that lack a part, and what was worked out of targets that are silent now. For
 * longer it is old anyway. */
static bool is_of_now(const struct model *m, const struct column *c, uint32_t row)
{
    enum { LATELY_S = 600 };
    const struct stamp *s = stamp_at(m, c, row);

    if (isnan(c->numbers[row]))
        return false;
    return (is_fresh(m, s, m->tick) && model_sum_lacks(m, c->kind, row)) ||
           (s->derived && s->quality == GW_STALE &&
            m->tick - s->time < LATELY_S * TICKS_PER_S);
}

/* A sum is as old as the oldest in it. */
static void tell_those(const struct model *m, struct batch *b, uint16_t metric,
                       bool (*is_told)(const struct model *m, const struct column *c,
                                       uint32_t row))
{
    const struct rows *r = &m->rows[metric_at(metric)->kind];
    const struct column *c = column_with(m, metric, 0);

    if (!c || !c->numbers)
        return;
    make_room(b, r->count);
    for (uint32_t row = 0; row < r->count; row++) {
        if (row_is_vacant(&r->entities[row]) || !is_told(m, c, row))
            continue;
        batch_time(b, time_of(m, stamp_at(m, c, row)->time));
        tell_row(m, b, metric, row, (double)c->numbers[row],
                 (enum gw_quality)stamp_at(m, c, row)->quality);
    }
    batch_time(b, b->time);
}

static void tell_sums(const struct model *m, struct batch *b, bool of_nodes,
                      bool (*is_told)(const struct model *m, const struct column *c,
                                      uint32_t row))
{
    tell_those(m, b, M_SITE_POWER, is_told);
    tell_those(m, b, M_DOMAIN_POWER, is_told);
    for (size_t i = 0; i < HELD_SUMS; i++) {
        const uint16_t metrics[] = { held_sums[i].power, held_sums[i].gpus,
                                     held_sums[i].busy, held_sums[i].idle };

        for (size_t k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++)
            tell_those(m, b, metrics[k], is_told);
    }
    if (!of_nodes)
        return;
    tell_those(m, b, M_NODE_POWER, is_told);
    tell_those(m, b, M_JOB_POWER, is_told);
}

void model_tell_sums(const struct model *m, struct batch *b, bool of_nodes)
{
    tell_sums(m, b, of_nodes, is_whole);
}

static bool is_of_a_part(const struct model *m, const struct column *c, uint32_t row)
{
    return c->numbers[row] < 1 && is_fresh(m, stamp_at(m, c, row), m->tick);
}

void model_tell_rest(const struct model *m, struct batch *b)
{
    tell_sums(m, b, true, is_of_now);
    tell_those(m, b, M_NODE_COVERAGE, is_of_a_part);
}

struct batch *model_snapshot(const struct model *m, enum gw_kind kind)
{
    const struct rows *r = &m->rows[kind];
    struct batch *b;
    uint32_t *entities;

    if (r->count == 0)
        return NULL;
    b = batch_new(BATCH_CACHE, "", fmax(m->now, m->newest));
    entities = arena_alloc(b->arena, r->count * sizeof(*entities));
    for (unsigned i = 1; i < 256; i++)
        b->times[i] = b->time - age_of_group(i);
    b->time_count = 256;
    for (size_t i = 0; i < r->count; i++) {
        /* Events oldest first, so that they are told again in their order. */
        uint32_t row =
            kind == GW_EVENT ? model_order(m, kind)[r->count - 1 - i] : (uint32_t)i;
        const struct entity *e = &r->entities[row];
        uint32_t parent = add_entity(m, b, e->parent),
                 second = add_entity(m, b, second_of(m, kind, row));

        /* Of a vacant row nothing is said: it has no name. */
        entities[row] = batch_entity(b, kind, e->name, strlen(e->name), parent);
        if (second != GW_NONE)
            batch_link(b, entities[row], second);
    }
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && metric_at(i)->kind == kind)
            add_column(m, b, i, entities);
    return b;
}
