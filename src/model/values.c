/* Values: columns, their stamps, and what they look like from outside. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- times ---- */

/* The epoch lies years before the first time seen, so that what a cache or a recording
 * remembers is after it; 2^32 tenths of a second are 13 years. */
enum { YEARS_BEFORE_S = 6 * 365 * 86400 };

uint32_t tick_of(struct model *m, double time)
{
    double tick;

    if (!(time > 0) || isinf(time))
        return 1; /* before any clock was read: older than everything */
    if (m->epoch == 0)
        m->epoch = floor(time) - YEARS_BEFORE_S;
    tick = (time - m->epoch) * TICKS_PER_S;
    return tick < 1                          ? 1
           : tick > (double)(UINT32_MAX - 1) ? UINT32_MAX - 1
                                             : (uint32_t)(tick + 0.5);
}

double time_of(const struct model *m, uint32_t tick)
{
    return m->epoch + (double)tick / TICKS_PER_S;
}

/* ---- columns ---- */

static bool is_wide(const struct metric *metric)
{
    return metric->type == GW_TIME || metric->type == GW_COUNTER ||
           metric->type == GW_ENERGY;
}

/* Memory that is new from the system is zero, and taken only where it is written to. */
static void *grow_zeroed(void *old_items, size_t old, size_t room, size_t size)
{
    char *items;

    if (!old_items)
        return xcalloc(room, size);
    items = xrealloc(old_items, room, size);
    memset(items + old * size, 0, (room - old) * size);
    return items;
}

/* All bits set is NAN, and that is how memory is filled fastest. */
static void *grow_unknown(void *old_items, size_t old, size_t room, size_t size)
{
    char *items = xrealloc(old_items, room, size);

    memset(items + old * size, 0xff, (room - old) * size);
    return items;
}

/* Gives a column room for `room` rows; those from `old` on are unknown. */
static void resize(struct column *c, const struct metric *metric, size_t old, size_t room)
{
    c->stamps = grow_zeroed(c->stamps, old, room, sizeof(*c->stamps));
    if (c->upper)
        c->upper = grow_zeroed(c->upper, old, room, sizeof(*c->upper));
    if (metric->type == GW_TEXT) {
        c->texts = grow_zeroed(c->texts, old, room, sizeof(*c->texts));
        if (c->upper_texts)
            c->upper_texts = grow_zeroed(c->upper_texts, old, room,
                                         sizeof(*c->upper_texts));
    } else if (is_wide(metric)) {
        c->wide = grow_unknown(c->wide, old, room, sizeof(*c->wide));
    } else {
        c->numbers = grow_unknown(c->numbers, old, room, sizeof(*c->numbers));
    }
}

void columns_follow(struct model *m, enum gw_kind kind, size_t old_room)
{
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps && metric_at(i)->kind == kind)
            resize(&m->columns[i], metric_at(i), old_room, m->rows[kind].room);
}

static bool is_watched(uint16_t metric)
{
    static const uint16_t watched[] = {
        M_GPU_ENERGY,
        M_GPU_UTIL,
        M_GPU_IDLE,
        M_SOURCE_INTERVAL,
        M_DOMAIN_CAP,
        M_DOMAIN_METER,
        M_SITE_POWER,
        M_TENANT_POWER,
        M_DOMAIN_POWER,
        M_TENANT_ENERGY,
        M_TENANT_COST,
        M_MODEL_TOKENS_TOTAL,
        M_MODEL_TOKENS_IN_TOTAL,
        M_CLASS_ENERGY,
        M_CLASS_COST,
        M_CLASS_POWER,
        M_GPU_UUID,
        M_SOURCE_STATE,
        M_ALERT_STATE,
        M_TENANT_COUNTED,
        M_CLASS_COUNTED,
    };

    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        if (watched[i] == metric)
            return true;
    return false;
}

struct column *column_at(struct model *m, uint16_t metric)
{
    struct column *c;

    if (metric < m->column_count && m->columns[metric].stamps)
        return &m->columns[metric];
    if (metric >= m->column_count) {
        uint16_t count = metric_count();

        m->columns = xrealloc(m->columns, count, sizeof(*m->columns));
        memset(m->columns + m->column_count, 0,
               (size_t)(count - m->column_count) * sizeof(*m->columns));
        m->column_count = count;
    }
    c = &m->columns[metric];
    c->kind = metric_at(metric)->kind;
    c->watched = is_watched(metric);
    c->of_one = metric == M_GPU_UUID;
    resize(c, metric_at(metric), 0, m->rows[metric_at(metric)->kind].room);
    return c;
}

void put_number(struct model *m, uint16_t metric, uint32_t row, double value,
                struct stamp stamp)
{
    struct column *c = column_at(m, metric);

    if (c->wide)
        c->wide[row] = value;
    else
        c->numbers[row] = (float)value;
    set_stamp(m, c, row, stamp);
}

void set_upper_text(struct model *m, struct column *c, uint32_t row, uint16_t upper)
{
    if (!c->upper_texts)
        c->upper_texts = xcalloc(m->rows[c->kind].room, sizeof(*c->upper_texts));
    c->upper_texts[row] = upper;
}

void put_text(struct model *m, uint16_t metric, uint32_t row, const char *text,
              struct stamp stamp)
{
    struct column *c = column_at(m, metric);

    set_text(m, c, row, texts_id(&m->texts, text));
    set_stamp(m, c, row, stamp);
}

static void doubt_number(struct model *m, struct column *c, uint32_t row, uint32_t origin)
{
    struct stamp stamp = *stamp_at(m, c, row);

    if (stamp.origin != origin || stamp.quality != GW_OK)
        return;
    stamp.quality = GW_ESTIMATED;
    set_stamp(m, c, row, stamp);
}

void doubt_numbers(struct model *m, uint32_t origin)
{
    for (uint16_t i = 0; i < m->column_count; i++) {
        struct column *c = &m->columns[i];

        if (!c->stamps || c->texts || !is_partial(m, c->kind, origin))
            continue;
        for (uint32_t row = 0; row < m->rows[c->kind].count; row++)
            doubt_number(m, c, row, origin);
    }
}

void derive(struct model *m, uint16_t metric, uint32_t row, double value,
            enum gw_quality quality, uint32_t tick)
{
    const struct stamp *s;
    struct column *c;

    if (isnan(value) && !column_with(m, metric, row))
        return;
    c = column_at(m, metric);
    s = stamp_at(m, c, row);
    if (s->time && !s->derived && is_fresh(m, s, m->tick) && !isnan(c->numbers[row]))
        return;
    if (isnan(value)) {
        if (s->derived && s->quality != GW_STALE)
            set_stamp(m, c, row, (struct stamp){ s->time, s->origin, 1, GW_STALE });
        return;
    }
    c->numbers[row] = (float)value;
    set_stamp(m, c, row,
              (struct stamp){
                  .time = tick, .origin = FROM_HOST, .derived = 1, .quality = quality });
}

void derive_none(struct model *m, uint16_t metric, uint32_t row, uint32_t tick)
{
    const struct column *c = column_with(m, metric, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;

    if (!c || (!s->derived && s->origin != FROM_CACHE) || isnan(c->numbers[row]))
        return;
    put_number(m, metric, row, NAN,
               (struct stamp){ .time = tick, .origin = FROM_HOST, .derived = 1 });
}

void derive_text(struct model *m, uint16_t metric, uint32_t row, const char *text,
                 uint32_t tick)
{
    const struct column *c = column_with(m, metric, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;

    if (!text && (!c || !text_at(c, row) || (!s->derived && s->origin != FROM_CACHE)))
        return;
    put_text(m, metric, row, text,
             (struct stamp){ .time = tick, .origin = FROM_HOST, .derived = 1 });
}

void forget_values(struct model *m, enum gw_kind kind, uint32_t row)
{
    for (uint16_t i = 0; i < m->column_count; i++) {
        struct column *c = &m->columns[i];

        if (!c->stamps || c->kind != kind)
            continue;
        set_stamp(m, c, row, (struct stamp){ 0 });
        if (c->texts)
            set_text(m, c, row, 0);
        else if (c->wide)
            c->wide[row] = NAN;
        else
            c->numbers[row] = NAN;
    }
}

void sweep_texts(struct model *m)
{
    unsigned char *marks;

    if (!texts_want_sweep(&m->texts))
        return;
    marks = xcalloc(m->texts.count, 1);
    for (uint16_t i = 0; i < m->column_count; i++) {
        const struct column *c = &m->columns[i];

        for (uint32_t row = 0; c->texts && row < m->rows[metric_at(i)->kind].count; row++) {
            marks[text_at(c, row)] = 1;
            let_look(m, row);
        }
    }
    texts_sweep(&m->texts, marks);
    free(marks);
    /* The ids that these lists go by may mean other texts now. */
    forget_names(m);
}

/* ---- what others may ask ---- */

double model_number(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    if (!c || c->texts)
        return NAN;
    return c->wide ? c->wide[row] : (double)c->numbers[row];
}

double model_site_number(const struct model *m, uint16_t metric)
{
    return model_rows(m, GW_SITE) > 0 ? model_number(m, metric, 0) : NAN;
}

const char *model_text(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c && c->texts ? texts_of(&m->texts, text_at(c, row)) : NULL;
}

bool model_is_over(const struct model *m, enum gw_kind kind, uint32_t row)
{
    const char *state = kind == GW_JOB ? model_text(m, M_JOB_STATE, row) : NULL;

    return kind == GW_EVENT || kind == GW_ALERT || (state && strcmp(state, "ended") == 0);
}

/* What a thing is does not change under its name, and what is over does not change at
 * all: neither is doubtful because nobody says it again. */
static bool lasts(const struct model *m, uint16_t metric, uint32_t row, bool remembered)
{
    static const uint16_t lasting[] = { M_GPU_UUID, M_GPU_MODEL, M_GPU_INDEX,
                                        M_GPU_MEM_TOTAL };

    /* An alert is told when it changes; who trusts the cache takes it for what whoever
     * keeps that knows. */
    if (remembered)
        return metric_at(metric)->kind == GW_ALERT && m->stale_after[FROM_CACHE] > 0;
    for (size_t i = 0; i < sizeof(lasting) / sizeof(lasting[0]); i++)
        if (lasting[i] == metric)
            return true;
    return model_is_over(m, metric_at(metric)->kind, row);
}

/* A GPU's, or that of the GPU that an instance is a part of. GW_NONE: nobody knows. */
static uint32_t node_of(const struct model *m, enum gw_kind kind, uint32_t row)
{
    enum { DEEPEST = 4 };
    struct row at = { kind, row };

    for (int i = 0; i < DEEPEST && at.id != GW_NONE && at.kind == GW_GPU; i++)
        at = entity_of(m, GW_GPU, at.id)->parent;
    return at.kind == GW_NODE ? at.id : GW_NONE;
}

/* The one who wrote the cache knew that the node had fallen silent: what it was told no
 * later, of the node or its GPUs, is no younger. What others told of them since is. */
static bool was_silent_since(const struct model *m, enum gw_kind kind, uint32_t row,
                             const struct stamp *told)
{
    enum { SLACK = 2 * TICKS_PER_S };
    const struct column *c;
    const struct stamp *power;
    uint32_t node;

    if (told->origin != FROM_CACHE || (kind != GW_NODE && kind != GW_GPU))
        return false;
    node = node_of(m, kind, row);
    c = node == GW_NONE ? NULL : column_with(m, M_NODE_POWER, node);
    power = c ? stamp_at(m, c, node) : NULL;
    return power && power->origin == FROM_CACHE && power->quality == GW_STALE &&
           told->time <= power->time + SLACK;
}

static bool is_word_fresh(const struct model *m, enum gw_kind kind, uint32_t row,
                          const struct stamp *told)
{
    return is_fresh(m, told, m->tick) && !was_silent_since(m, kind, row, told);
}

bool model_is_fresh(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c && is_word_fresh(m, c->kind, row, stamp_at(m, c, row));
}

enum gw_quality model_quality(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;

    if (!s || s->time == 0)
        return GW_NEVER;
    /* What the cache remembers was said to another run. */
    if (is_word_fresh(m, c->kind, row, s) || s->quality == GW_OUT_OF_RANGE ||
        lasts(m, metric, row, s->origin == FROM_CACHE))
        return (enum gw_quality)s->quality;
    return GW_STALE;
}

static double age_of(const struct model *m, uint32_t tick)
{
    if (tick == 0)
        return NAN;
    return fmax(0, m->now - time_of(m, tick));
}

double model_age(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c ? age_of(m, stamp_at(m, c, row)->time) : NAN;
}

const char *model_origin(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    if (!c || stamp_at(m, c, row)->time == 0 ||
        stamp_at(m, c, row)->origin < FIRST_TARGET)
        return NULL;
    return m->targets[stamp_at(m, c, row)->origin].name;
}

bool model_is_declared(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c && stamp_at(m, c, row)->time != 0 &&
           stamp_at(m, c, row)->origin == FROM_ROSTER;
}

double model_row_age(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return row < m->rows[kind].count ? age_of(m, entity_of(m, kind, row)->newest) : NAN;
}

double model_newest(const struct model *m, enum gw_kind kind)
{
    uint32_t newest = 0;

    for (uint32_t row = 0; row < m->rows[kind].count; row++) {
        uint32_t tick = entity_of(m, kind, row)->newest;

        newest = tick > newest ? tick : newest;
    }
    return newest ? time_of(m, newest) : NAN;
}

enum gw_quality model_row_quality(const struct model *m, enum gw_kind kind, uint32_t row)
{
    const struct entity *e;
    struct stamp s;

    if (row >= m->rows[kind].count || entity_of(m, kind, row)->newest == 0)
        return GW_NEVER;
    e = entity_of(m, kind, row);
    s = (struct stamp){ .time = e->newest,
                        .origin = e->origin & 0x7FFFFF,
                        .quality = GW_OK };
    if (is_word_fresh(m, kind, row, &s) ||
        (e->origin != FROM_CACHE && model_is_over(m, kind, row)))
        return GW_OK;
    return GW_STALE;
}

const float *model_column(const struct model *m, uint16_t metric)
{
    return metric < m->column_count ? m->columns[metric].numbers : NULL;
}

struct text_column model_text_column(const struct model *m, uint16_t metric)
{
    const struct column *c = metric < m->column_count ? &m->columns[metric] : NULL;

    return c ? (struct text_column){ c->texts, c->upper_texts }
             : (struct text_column){ NULL, NULL };
}

const char *model_text_of(const struct model *m, uint32_t text)
{
    return texts_of(&m->texts, text);
}
