/* The model: batches come in, sums and alerts are worked out, and others look. What is
 * behind each of these is in the files beside this one; inside.h says which. */
#include "model/model.h"
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct thresholds default_thresholds = {
    .power_attention = 0.95,
    .power_critical = 1.0,
    .gpu_temp_attention = 85,
    .gpu_temp_critical = 92,
    .coverage_attention = 0.95,
    .p_attention = 0.10,
    .p_critical = 0.50,
    .hold_s = 60,
};

struct model *model_new(const char *site)
{
    struct model *m = xcalloc(1, sizeof(*m));

    m->names = arena_new();
    m->tree = tree_new();
    m->name_places = xcalloc(GW_KINDS, sizeof(*m->name_places));
    for (int kind = 0; kind < GW_KINDS; kind++)
        rows_init(&m->rows[kind]);
    m->thresholds = default_thresholds;
    /* The reserved origins, in the order of their names in inside.h. No target can be
     * called so. */
    origin_of(m, "\001host");
    origin_of(m, "\001roster");
    origin_of(m, "\001cache");
    m->stale_after[FROM_HOST] = m->stale_after[FROM_ROSTER] = UINT32_MAX;
    m->stale_after[FROM_CACHE] = 0;
    m->said_price = m->said_carbon = m->site_coverage = NAN;
    rows_named(m, GW_SITE, site && *site ? site : "site");
    entity_of(m, GW_SITE, 0)->in_roster = true;
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (int kind = 0; kind < GW_KINDS; kind++) {
        rows_free(&m->rows[kind], (enum gw_kind)kind);
        places_free(&m->name_places[kind]);
    }
    free(m->name_places);
    for (uint16_t i = 0; i < m->column_count; i++) {
        free(m->columns[i].numbers);
        free(m->columns[i].wide);
        free(m->columns[i].texts);
        free(m->columns[i].upper_texts);
        free(m->columns[i].stamps);
        free(m->columns[i].upper);
        places_free(&m->columns[i].places);
    }
    for (size_t i = 0; i < m->target_count; i++) {
        free(m->targets[i].name);
        free(m->targets[i].rows);
    }
    for (int i = 0; i < WATCHES; i++) {
        free(m->alarms[i]);
        free(m->lower_since[i]);
    }
    crowd_free(m);
    free_trends(m);
    texts_free(&m->texts);
    tree_free(m->tree);
    free(m->columns);
    free(m->targets);
    free(m->stale_after);
    finder_clear(&m->target_names);
    free(m->scratch);
    free(m->last_busy);
    free(m->standing);
    free(m->silent);
    free(m->tenant_jobs);
    free_hold(m);
    free_energy(m);
    free_aliases(m);
    free(m->limits);
    free(m->onlooker);
    arena_free(m->names);
    free(m);
}

/* ---- taking in a batch ---- */

enum { AT_ONCE = 32 };

struct intake {
    const struct batch *b;
    uint32_t origin;
    uint32_t *rows;      /* by entity of the batch; at first, of the last batch: */
    size_t predicted;    /* so many of these are likely the same */
    size_t next;         /* the likely row where a batch tells of them in order */
    uint32_t *after;    /* by kind: the row after the last that was told of, */
    uint32_t behind[GW_KINDS];  /* of whom nobody else tells */
    uint32_t found[AT_ONCE];    /* where entities come out of order, the rows of so
                                 * many, up to */
    size_t found_until;         /* this one */
    uint32_t ticks[256]; /* of batch->times */
    uint32_t *ages;      /* of what the cache tells, by entity; NULL: none is too old */
    enum told told;
    const char *text; /* the last one, and its id: neighbours in the cache share theirs */
    uint32_t text_id;
    bool has_events;
};

static uint32_t reserved_origin(const struct batch *b)
{
    switch (b->origin) {
    case BATCH_ROSTER:
        return FROM_ROSTER;
    case BATCH_CACHE:
        return FROM_CACHE;
    case BATCH_HOST:
        return FROM_HOST;
    default:
        return FIRST_TARGET;
    }
}

/* What a clock that was ahead has stamped would look newest for hours: it is as old as
 * the jump. */
static void restart_ages(struct model *m, double time)
{
    uint32_t now = tick_of(m, time);

    for (int kind = 0; kind < GW_KINDS; kind++) {
        stamps_not_after(&m->rows[kind], now);
        for (uint32_t row = 0; row < m->rows[kind].count; row++)
            if (m->rows[kind].entities[row].newest > now)
                m->rows[kind].entities[row].newest = now;
    }
    for (size_t i = 0; i < m->last_busy_room; i++)
        if (m->last_busy[i].tick > now)
            m->last_busy[i].tick = now & INT32_MAX;
    rewind_trends(m, time);
}

/* Batches are compared with batches and settles with settles: what waited in the inbox
 * while nobody read it, as when a person typed a passphrase, is older than the last
 * settle without any clock having jumped. */
static void notice_clock(struct model *m, double time, double last)
{
    char by[32];

    if (time < last - 60) {
        text_duration(by, sizeof(by), last - time);
        restart_ages(m, time);
        m->newest = m->now = m->settled = time;
        m->tick = tick_of(m, time);
        model_event(m, time, "attention", "the clock jumped back by %s; ages start again",
                    by);
    }
}

/* Where a batch tells of rows in their order, a row is mostly the next one; where it is
 * not, the rest of the batch is not expected there either. */
static uint32_t row_in_order(struct intake *in, const struct rows *r, uint64_t hash)
{
    enum { FAR = 1024 };

    for (size_t row = in->next; row < r->count && row - in->next < FAR; row++)
        if (r->entities[row].hash == hash) {
            in->next = row + 1;
            return (uint32_t)row;
        }
    in->next = SIZE_MAX;
    return GW_NONE;
}

static uint32_t row_of(struct model *m, struct intake *in, uint32_t i)
{
    const struct batch_entity *e = &in->b->entities[i];
    const struct rows *r = &m->rows[e->kind];
    bool ordered = i < in->b->ordered;
    uint32_t row = GW_NONE;

    /* A source that does not know what the site is called says "." */
    if (e->kind == GW_SITE && strcmp(e->name, ".") == 0)
        return 0;
    /* There are as many as were told of before, each once: this one is new. */
    if (ordered && in->b->rows_to_come && r->count == in->b->before + i)
        return rows_add(m, e->kind, e->hash, e->name);
    /* The same target says the same things in the same order, batch after batch. */
    if (i < in->found_until)
        row = in->found[i % AT_ONCE];
    else if (i < in->predicted)
        row = in->rows[i];
    else if (ordered)
        row = row_in_order(in, r, e->hash);
    if (row < r->count && r->entities[row].hash == e->hash)
        return row;
    /* A piece of a long answer: its rows were made in this order, if not from the same
     * place on. */
    row = in->after[e->kind];
    if (row < r->count && r->entities[row].hash == e->hash)
        return row;
    row = rows_find(m, e->kind, e->hash, e->name);
    if (row == GW_NONE && !(in->ages && was_forgotten(m, e->kind, in->ages[i])))
        row = rows_add(m, e->kind, e->hash, e->name);
    return row;
}

static void add_ages(const struct intake *in, const struct batch_column *column,
                     uint32_t *ages)
{
    for (uint32_t i = 0; i < in->b->ordered; i++) {
        uint32_t told = in->ticks[column->ages[i]];

        if (column->qualities[i] != GW_NEVER && told > ages[i])
            ages[i] = told;
    }
}

/* How young the cache's word of each entity is, of a batch in which any is so old that
 * the model may have given it up since: then it is not taken in again. A whole is as
 * young as its parts. The caller frees it; NULL: all are younger. */
static uint32_t *ages_of(const struct model *m, const struct intake *in)
{
    const struct batch *b = in->b;
    uint32_t *ages, oldest = UINT32_MAX;
    bool any = false;

    for (unsigned i = 0; i < b->time_count; i++)
        oldest = in->ticks[i] < oldest ? in->ticks[i] : oldest;
    for (int kind = 0; kind < GW_KINDS; kind++)
        any |= was_forgotten(m, (enum gw_kind)kind, oldest);
    if (!any)
        return NULL;
    ages = xcalloc(b->entity_count + 1, sizeof(*ages));
    for (size_t i = 0; i < b->sample_count; i++) {
        uint32_t *age = &ages[b->samples[i].entity], told = in->ticks[b->samples[i].age];

        *age = told > *age ? told : *age;
    }
    for (size_t c = 0; c < b->column_count; c++)
        add_ages(in, &b->columns[c], ages);
    for (size_t i = b->entity_count; i-- > 0;) {
        uint32_t whole = b->entities[i].parent;

        if (whole != GW_NONE && ages[whole] < ages[i])
            ages[whole] = ages[i];
    }
    return ages;
}

/* Whoever spoke last of a row is its origin; what the cache remembers gives way to any
 * word. */
static void note_word(struct entity *e, uint32_t origin, uint32_t tick)
{
    if (tick < e->newest && e->origin != FROM_CACHE)
        return;
    e->newest = tick;
    e->origin = origin & 0x7FFFFF;
}

/* A batch whose samples have times of their own makes no row younger than these; a whole
 * is as young as the youngest of its parts, and who is only named as the youngest of
 * all. */
static void note_words(struct model *m, const struct intake *in)
{
    const struct batch *b = in->b;
    uint32_t *ticks = xcalloc(b->entity_count + 1, sizeof(*ticks)), youngest = 0;

    for (size_t i = 0; i < b->sample_count; i++) {
        uint32_t *tick = &ticks[b->samples[i].entity],
                 told = in->ticks[b->samples[i].age];

        *tick = told > *tick ? told : *tick;
        youngest = told > youngest ? told : youngest;
    }
    for (size_t i = b->entity_count; i-- > 0;) {
        uint32_t whole = b->entities[i].parent;

        if (whole != GW_NONE && ticks[whole] < ticks[i])
            ticks[whole] = ticks[i];
    }
    for (uint32_t i = 0; i < b->entity_count; i++)
        if (in->rows[i] != GW_NONE)
            note_word(entity_of(m, b->entities[i].kind, in->rows[i]), in->origin,
                      ticks[i] ? ticks[i] : youngest ? youngest : in->ticks[0]);
    free(ticks);
}

/* A forecast is a word of itself: what it is about may have been silent for long. */
static bool is_word_of(const struct batch *b, enum gw_kind kind)
{
    return b->origin != BATCH_FORECAST || kind == GW_FORECAST;
}

static bool is_row_of(const struct model *m, const struct batch_entity *e, uint32_t row)
{
    return row < m->rows[e->kind].count &&
           entity_of(m, (enum gw_kind)e->kind, row)->hash == e->hash;
}

/* Of every so many entities the first says whether they come in an order that is
 * known. */
static void look_ahead(const struct model *m, struct intake *in, uint32_t i)
{
    const struct batch_entity *e = &in->b->entities[i];
    size_t left = in->b->entity_count - i, count = left < AT_ONCE ? left : AT_ONCE;

    if (i < in->b->ordered || (i < in->predicted && is_row_of(m, e, in->rows[i])) ||
        is_row_of(m, e, in->after[e->kind]))
        return;
    rows_find_all(m, in->origin, e, count, in->found);
    in->found_until = i + count;
}

static void take_entities(struct model *m, struct intake *in)
{
    const struct batch *b = in->b;
    bool heard = in->told == TOLD_BY_SOURCE, at_once = b->time_count == 1;

    for (uint32_t i = 0; i < b->entity_count; i++) {
        const struct batch_entity *e = &b->entities[i];
        struct entity *entity;

        if (i % AT_ONCE == 0)
            look_ahead(m, in, i);
        if (e->kind == GW_EVENT) { /* has its own way: take_events() */
            in->has_events = true;
            in->rows[i] = GW_NONE;
            continue;
        }
        in->rows[i] = row_of(m, in, i);
        if (in->rows[i] == GW_NONE)
            continue;
        in->after[e->kind] = in->rows[i] + 1;
        entity = entity_of(m, e->kind, in->rows[i]);
        if (heard && at_once && is_word_of(b, e->kind))
            note_word(entity, in->origin, in->ticks[0]);
        else if (in->told == TOLD_BY_ROSTER)
            entity->in_roster = true;
    }
    if (heard && !at_once)
        note_words(m, in);
}

static struct row row_in(const struct intake *in, uint32_t entity)
{
    return (struct row){ (enum gw_kind)in->b->entities[entity].kind, in->rows[entity] };
}

/* Whoever calls a GPU otherwise calls its node so, too: it stays where its own name has
 * it. */
static bool is_called_otherwise(const struct model *m, const struct intake *in,
                                uint32_t i)
{
    const struct batch_entity *e = &in->b->entities[i];

    return e->kind == GW_GPU && entity_of(m, GW_GPU, in->rows[i])->hash != e->hash &&
           entity_of(m, GW_GPU, in->rows[i])->parent.id != GW_NONE;
}

static void take_parent(struct model *m, const struct intake *in, uint32_t i)
{
    struct row part = row_in(in, i), whole = row_in(in, in->b->entities[i].parent);
    const struct entity *e;

    if (part.id == GW_NONE || whole.id == GW_NONE)
        return;
    e = entity_of(m, part.kind, part.id);
    if (row_is(e->parent, whole) && e->told >= in->told)
        return; /* as nearly always */
    if (!is_called_otherwise(m, in, i))
        rows_place(m, part, whole, in->told);
}

static void take_links(struct model *m, const struct intake *in)
{
    const struct batch *b = in->b;

    for (uint32_t i = 0; i < b->entity_count; i++)
        if (b->entities[i].parent != GW_NONE)
            take_parent(m, in, i);
    for (size_t i = 0; i < b->link_count; i++)
        if (in->rows[b->links[i].child] != GW_NONE &&
            in->rows[b->links[i].parent] != GW_NONE)
            rows_feed(m, row_in(in, b->links[i].child), row_in(in, b->links[i].parent));
}

static uint32_t stands_for(double interval_s)
{
    return (uint32_t)(fmin(fmax(10, 3 * interval_s), 1e7) * TICKS_PER_S);
}

/* A target may be asked more slowly than it was configured, and never stands for less: a
 * row of a recording stands until the next, however often its file is looked at. */
static void slow_down(struct model *m, const char *target, double interval_s)
{
    uint32_t origin = origin_of(m, target), told = stands_for(interval_s);

    m->stale_after[origin] = told > m->targets[origin].stands ? told
                                                              : m->targets[origin].stands;
}

static bool has_trend(uint16_t metric)
{
    static const uint16_t with_trend[] = { M_SITE_POWER, M_DOMAIN_METER, M_DOMAIN_POWER,
                                           M_TENANT_POWER, M_CLASS_POWER };

    for (size_t i = 0; i < sizeof(with_trend) / sizeof(with_trend[0]); i++)
        if (with_trend[i] == metric)
            return true;
    return false;
}

/* Power of what has a trend, where a source tells what it was. */
static void note_power(struct model *m, const struct intake *in, uint16_t metric,
                       uint32_t row, double value, uint32_t tick)
{
    double time = time_of(m, tick);

    if (in->told == TOLD_BY_SOURCE && has_trend(metric) &&
        time < in->b->time - TREND_STEP_S)
        note_past(m, metric_at(metric)->kind, row, time, value);
}

/* What more than its own column a number is good for. */
static void note_number(struct model *m, const struct intake *in, uint16_t metric,
                        uint32_t row, double value, struct stamp stamp)
{
    switch (metric) {
    case M_GPU_ENERGY:
        take_energy(m, row, &m->columns[metric], value, stamp);
        break;
    case M_GPU_UTIL:
        if (in->told == TOLD_BY_SOURCE)
            note_busy(m, row, value, stamp.time);
        break;
    case M_GPU_IDLE:
        if (in->told == TOLD_BY_CACHE && value * TICKS_PER_S < stamp.time)
            recall_busy(m, row, stamp.time - (uint32_t)(value * TICKS_PER_S),
                        stamp.quality == GW_ESTIMATED);
        break;
    case M_MODEL_TOKENS_TOTAL:
        take_tokens(m, M_MODEL_TOKENS, row, &m->columns[metric], value, stamp);
        break;
    case M_MODEL_TOKENS_IN_TOTAL:
        take_tokens(m, M_MODEL_TOKENS_IN, row, &m->columns[metric], value, stamp);
        break;
    case M_TENANT_ENERGY:
    case M_TENANT_COST:
    case M_TENANT_COUNTED:
    case M_CLASS_ENERGY:
    case M_CLASS_COST:
    case M_CLASS_COUNTED:
        if (in->told == TOLD_BY_CACHE || in->told == TOLD_BY_SOURCE)
            remember_energy(m, metric, row, value, time_of(m, stamp.time),
                            in->told == TOLD_BY_CACHE);
        break;
    case M_SOURCE_INTERVAL:
        if (value > 0 && in->told != TOLD_BY_CACHE)
            slow_down(m, entity_of(m, GW_SOURCE, row)->name, value);
        break;
    case M_DOMAIN_CAP:
        if (value > 0 && in->told != TOLD_BY_ROSTER)
            note_cap(m, row, value, in->b->target);
        break;
    default:
        note_power(m, in, metric, row, value, stamp.time);
        break;
    }
}

static void note_text(struct model *m, uint16_t metric, uint32_t row, const char *text,
                      bool is_new)
{
    if (metric == M_GPU_UUID && text)
        note_uuid(m, row, is_new);
    if (metric == M_SOURCE_STATE) {
        uint32_t target = origin_of(m, entity_of(m, GW_SOURCE, row)->name);
        bool partial = text && strcmp(text, "partial") == 0,
             was_partial = m->targets[target].partial;

        m->targets[target].partial = partial;
        m->partial_count += (size_t)partial - (size_t)was_partial;
        if (partial && !was_partial)
            doubt_numbers(m, target);
    }
    if (metric == M_ALERT_STATE)
        m->adopt = true;
}

/* The same for what the cache tells. What another gigawatch keeps up to date is as good
 * as what was polled here, that something is not known any more included. */
static bool stays_as_remembered(const struct model *m, const struct stamp *old,
                                struct stamp stamp, bool known)
{
    if (old->time == 0)
        return !known;
    if (m->stale_after[FROM_CACHE] == 0)
        return !known || old->origin != FROM_CACHE || old->time > stamp.time;
    if (old->derived)
        return !known || !is_fresh(m, &stamp, m->tick);
    return old->time > stamp.time;
}

/* Does what is known stay? It is newer, or a derived value where the source knows none.
 */
static inline bool stays(const struct model *m, const struct stamp *old,
                         struct stamp stamp, bool known)
{
    if (stamp.origin == FROM_CACHE)
        return stays_as_remembered(m, old, stamp, known);
    if (old->time == 0 || old->origin == FROM_CACHE)
        return false;
    if (!known && old->derived && is_fresh(m, old, stamp.time))
        return true;
    return old->time > stamp.time && !old->derived;
}

/* A row that is only remembered is as old as the youngest of what is. */
static void note_remembered(struct entity *e, uint32_t time)
{
    if (time <= e->newest)
        return;
    e->newest = time;
    e->origin = FROM_CACHE;
}

/* Two who count the same do not begin at the same moment: the first that counts goes on
 * while it does. */
static bool is_anothers_count(const struct model *m, const struct column *c,
                              uint16_t metric, uint32_t row, struct stamp stamp)
{
    const struct stamp *old = stamp_at(m, c, row);

    return metric == M_GPU_ENERGY && old->origin != stamp.origin &&
           old->origin >= FIRST_TARGET && !isnan(c->wide[row]) &&
           is_fresh(m, old, stamp.time);
}

/* Takes in all of a value but itself. False: what is known stays. */
static inline bool takes_over(struct model *m, const struct intake *in, uint16_t metric,
                              uint32_t row, struct stamp stamp, bool known, double number)
{
    struct column *c = &m->columns[metric];

    /* of this nobody said a word yet, as of all when a cache is read */
    if (number_at(c, row) == 0) {
        if (!known && in->told == TOLD_BY_CACHE)
            return false;
    } else if (stays(m, stamp_at(m, c, row), stamp, known) ||
               (c->wide && is_anothers_count(m, c, metric, row, stamp))) {
        if (c->watched && known)
            /* a trend may have a gap there */
            note_power(m, in, metric, row, number, stamp.time);
        return false;
    }
    if (c->watched && known) {
        note_number(m, in, metric, row, number, stamp);
        c = &m->columns[metric]; /* a new column may have moved it */
    }
    set_stamp(m, c, row, stamp);
    if (in->told == TOLD_BY_CACHE)
        note_remembered(entity_of(m, c->kind, row), stamp.time);
    return true;
}

/* The configuration's word, as a domain's type and a cap, stands above a source's. */
static bool is_declared(const struct model *m, const struct intake *in, uint16_t metric,
                        uint32_t row)
{
    const struct column *c = &m->columns[metric];

    return in->told != TOLD_BY_ROSTER && (c->kind == GW_DOMAIN || metric == M_SITE_CAP) &&
           stamp_at(m, c, row)->origin == FROM_ROSTER && stamp_at(m, c, row)->time != 0;
}

static inline void take_number(struct model *m, const struct intake *in, uint16_t metric,
                               uint32_t row, struct stamp stamp, double number)
{
    /* That a number is impossible is remembered, too. */
    bool known = !isnan(number) ||
                 (in->told == TOLD_BY_CACHE && stamp.quality == GW_OUT_OF_RANGE);
    struct column *c;

    if (is_declared(m, in, metric, row)) {
        if (in->told == TOLD_BY_SOURCE)
            hear_cap(m, m->columns[metric].kind, row, number, stamp.origin);
        return;
    }
    if (!takes_over(m, in, metric, row, stamp, known, number))
        return;
    c = &m->columns[metric];
    if (c->wide)
        c->wide[row] = number;
    else
        c->numbers[row] = (float)number;
}

static inline uint32_t id_of_text(struct model *m, struct intake *in,
                                  const struct column *c, const char *text)
{
    if (c->of_one)
        return texts_id_of_one(&m->texts, text);
    if (text != in->text) {
        in->text = text;
        in->text_id = texts_id(&m->texts, text);
    }
    return in->text_id;
}

static void take_text(struct model *m, struct intake *in, uint16_t metric, uint32_t row,
                      struct stamp stamp, const char *text)
{
    struct column *c = &m->columns[metric];
    const char *old = texts_of(&m->texts, text_at(c, row));

    if (is_declared(m, in, metric, row) ||
        !takes_over(m, in, metric, row, stamp, text != NULL, NAN) ||
        (old && text && strcmp(old, text) == 0))
        return; /* as nearly always */
    set_text(m, c, row, id_of_text(m, in, c, text));
    note_text(m, metric, row, text, !old);
}

/* Where its values go; NULL: it is no metric of this kind. */
static const struct column *column_for(struct model *m, uint16_t metric,
                                       enum gw_kind kind)
{
    const struct column *c = metric < m->column_count ? &m->columns[metric] : NULL;

    if (c && c->stamps)
        return c->kind == kind ? c : NULL;
    return metric_at(metric)->kind == kind ? column_at(m, metric) : NULL;
}

static struct stamp stamp_told(const struct intake *in, uint8_t age, uint8_t quality)
{
    return (struct stamp){ .time = in->ticks[age],
                           .origin = in->origin & 0x7FFFFF,
                           .quality = quality };
}

/* What samples some places ahead are weighed against, and written to, is on its way from
 * memory, first of that from which the rest is found. Inlined always: gcc leaves out a
 * call that has no other effect. */
static inline __attribute__((always_inline)) void fetch_values(const struct model *m,
                                                               const struct intake *in,
                                                               size_t next)
{
    const struct batch_sample *near = &in->b->samples[next], *far = near + AT_ONCE / 2;
    const struct column *c = column_with(m, far->metric, in->rows[far->entity]);

    if (c) {
        uint32_t row = in->rows[far->entity];

        __builtin_prefetch(&c->stamps[row]);
        if (c->numbers)
            __builtin_prefetch(&c->numbers[row]);
        __builtin_prefetch(&m->rows[c->kind].stamps[row / STAMP_ROWS]);
    }
    c = column_with(m, near->metric, in->rows[near->entity]);
    if (c)
        __builtin_prefetch(
            m->rows[c->kind].stamps[in->rows[near->entity] / STAMP_ROWS].stamps);
}

static void take_samples(struct model *m, struct intake *in)
{
    const struct batch *b = in->b;
    struct stamp told = stamp_told(in, 0, GW_OK);
    uint8_t age = 0, quality = GW_OK;

    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *s = &b->samples[i];
        uint32_t row = in->rows[s->entity];
        const struct column *c;
        struct stamp stamp;

        if (in->found_until && i + AT_ONCE < b->sample_count)
            fetch_values(m, in, i + AT_ONCE / 2);
        if (row == GW_NONE)
            continue;
        /* else it need not be put together again */
        if (s->age != age || s->quality != quality)
            told = stamp_told(in, age = s->age, quality = s->quality);
        stamp = told;
        /* which may be of parts that have rows: it is no word of now */
        if (b->past[s->age]) {
            if (metric_at(s->metric)->type != GW_TEXT && !isnan(s->number))
                note_power(m, in, s->metric, row, s->number, stamp.time);
            continue;
        }
        if (stamp.quality == GW_OK && !b->whole &&
            is_partial(m, (enum gw_kind)b->entities[s->entity].kind, in->origin))
            stamp.quality = GW_ESTIMATED;
        c = column_for(m, s->metric, (enum gw_kind)b->entities[s->entity].kind);
        if (c && c->texts)
            take_text(m, in, s->metric, row, stamp, s->text);
        else if (c)
            take_number(m, in, s->metric, row, stamp, s->number);
    }
}

/* What numbers of rows that come out of order are weighed against, and written to, is on
 * its way from memory. Inlined always: gcc leaves out a call that has no other effect. */
static inline __attribute__((always_inline)) void
fetch_cells(const struct model *m, const struct column *c, const uint32_t *rows,
            size_t count)
{
    const struct rows *r = &m->rows[c->kind];

    for (size_t i = 0; i < count; i++) {
        uint32_t row = rows[i];

        if (row == GW_NONE)
            continue;
        __builtin_prefetch(&r->stamps[row / STAMP_ROWS]);
        __builtin_prefetch(&c->stamps[row]);
        if (c->numbers)
            __builtin_prefetch(&c->numbers[row]);
        if (r->entities[row].parent.id != GW_NONE)
            __builtin_prefetch(&entity_of(m, r->entities[row].parent.kind,
                                          r->entities[row].parent.id)->newest);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i] != GW_NONE)
            __builtin_prefetch(r->stamps[rows[i] / STAMP_ROWS].stamps);
}

/* Their rows: mostly one after the other, from the one after the last. */
static void find_known(const struct model *m, struct intake *in, const uint64_t *hashes,
                       size_t count, const struct column *c, uint32_t *rows)
{
    const struct rows *r = &m->rows[GW_GPU];
    uint32_t next = in->after[GW_GPU];
    size_t i = 0;

    for (; i < count && next < r->count && r->entities[next].hash == hashes[i]; i++)
        rows[i] = next++;
    if (i < count) {
        rows_find_gpus(m, hashes + i, count - i, rows + i);
        fetch_cells(m, c, rows + i, count - i);
    }
    in->after[GW_GPU] = rows[count - 1] + 1;
}

/* Who is told of by a hash alone has its node named by nobody: it lives. */
static void note_gpu(struct model *m, const struct intake *in, uint32_t row,
                     uint32_t tick)
{
    struct entity *gpu = entity_of(m, GW_GPU, row);

    note_word(gpu, in->origin, tick);
    if (gpu->parent.id != GW_NONE && gpu->parent.kind == GW_NODE)
        note_word(entity_of(m, GW_NODE, gpu->parent.id), in->origin, tick);
}

/* At most AT_ONCE. */
static void take_some_known(struct model *m, struct intake *in,
                            const struct batch_known *from, size_t first, size_t count,
                            uint32_t *rows)
{
    uint32_t tick = in->ticks[from->age];

    find_known(m, in, from->hashes + first, count, column_for(m, from->metric, GW_GPU),
               rows);
    for (size_t i = 0; i < count; i++) {
        if (rows[i] == GW_NONE)
            continue;
        note_gpu(m, in, rows[i], tick);
        take_number(m, in, from->metric, rows[i],
                    stamp_told(in, from->age, from->qualities[first + i]),
                    from->numbers[first + i]);
    }
}

static void take_known(struct model *m, struct intake *in)
{
    uint32_t *rows = in->rows + in->b->entity_count;

    for (size_t i = 0; i < in->b->known_count; i++) {
        const struct batch_known *from = &in->b->known[i];

        for (size_t at = 0, some; at < from->count; at += some) {
            some = from->count - at < AT_ONCE ? from->count - at : AT_ONCE;
            take_some_known(m, in, from, at, some, rows + at);
        }
        rows += from->count;
    }
}

/* A value of which nobody said a word yet, as of nearly all when a cache is read, is
 * weighed against nothing. */
static inline bool is_first(const struct intake *in, const struct column *c, uint32_t row)
{
    return in->told == TOLD_BY_CACHE && number_at(c, row) == 0;
}

/* The last value of a column: its neighbours were mostly told of at once, and have its
 * stamp. */
struct told_last {
    size_t block; /* of rows */
    uint16_t ageing; /* its age and quality */
    uint16_t stamp;
};

static inline void remember(struct model *m, const struct intake *in, struct column *c,
                            uint32_t row, struct told_last *last, uint8_t age,
                            uint8_t quality)
{
    uint16_t ageing = (uint16_t)(age << 8 | quality);
    uint32_t tick = in->ticks[age];

    if (c->watched || last->block != row / STAMP_ROWS || last->ageing != ageing) {
        set_stamp(m, c, row, stamp_told(in, age, quality));
        *last = (struct told_last){ row / STAMP_ROWS, ageing, number_at(c, row) };
    }
    set_number(m, c, row, last->stamp);
    note_remembered(entity_of(m, c->kind, row), tick);
}

static void take_texts(struct model *m, struct intake *in,
                       const struct batch_column *from)
{
    struct column *c = &m->columns[from->metric];
    struct told_last last = { .block = SIZE_MAX };

    for (uint32_t i = 0; i < in->b->ordered; i++) {
        uint32_t row = in->rows[i];

        if (from->qualities[i] == GW_NEVER || row == GW_NONE)
            continue;
        if (!is_first(in, c, row) || c->watched) {
            take_text(m, in, from->metric, row,
                      stamp_told(in, from->ages[i], from->qualities[i]), from->texts[i]);
            last.block = SIZE_MAX; /* stamps may have other numbers now */
        } else if (from->texts[i]) {
            remember(m, in, c, row, &last, from->ages[i], from->qualities[i]);
            set_text(m, c, row, id_of_text(m, in, c, from->texts[i]));
        }
    }
}

static void take_numbers(struct model *m, struct intake *in,
                         const struct batch_column *from)
{
    struct column *c = &m->columns[from->metric];
    struct told_last last = { .block = SIZE_MAX };
    bool wide = c->wide;

    for (uint32_t i = 0; i < in->b->ordered; i++) {
        uint32_t row = in->rows[i];
        double number;

        if (from->qualities[i] == GW_NEVER || row == GW_NONE)
            continue;
        number = wide ? from->wide[i] : (double)from->numbers[i];
        if (!is_first(in, c, row)) {
            take_number(m, in, from->metric, row,
                        stamp_told(in, from->ages[i], from->qualities[i]), number);
            last.block = SIZE_MAX;
        } else if (!isnan(number) || from->qualities[i] == GW_OUT_OF_RANGE) {
            if (c->watched && !isnan(number))
                note_number(m, in, from->metric, row, number,
                            stamp_told(in, from->ages[i], from->qualities[i]));
            c = &m->columns[from->metric];
            remember(m, in, c, row, &last, from->ages[i], from->qualities[i]);
            if (wide)
                c->wide[row] = number;
            else
                c->numbers[row] = (float)number;
        }
        c = &m->columns[from->metric]; /* a new column may have moved it */
    }
}

/* A source speaks of a node by its GPUs: what the cache remembers of a node is as young
 * as what it remembers of these. */
static void note_nodes(struct model *m, const struct intake *in)
{
    for (uint32_t i = 0; i < in->b->entity_count && in->b->entities[i].kind == GW_GPU;
         i++) {
        const struct entity *gpu = in->rows[i] == GW_NONE
                                       ? NULL
                                       : entity_of(m, GW_GPU, in->rows[i]);

        if (gpu && gpu->origin == FROM_CACHE && gpu->parent.id != GW_NONE &&
            gpu->parent.kind == GW_NODE)
            note_remembered(entity_of(m, GW_NODE, gpu->parent.id), gpu->newest);
    }
}

static void take_column(struct model *m, struct intake *in,
                        const struct batch_column *from)
{
    const struct column *c = column_for(m, from->metric,
                                        (enum gw_kind)in->b->entities[0].kind);

    if (c && c->texts)
        take_texts(m, in, from);
    else if (c)
        take_numbers(m, in, from);
}

/* Who follows another gigawatch sees for itself much of what that one tells. */
static bool is_told(const struct model *m, const char *text, double time)
{
    for (uint32_t row = 0; row < m->rows[GW_EVENT].count; row++)
        if (fabs(model_number(m, M_EVENT_TIME, row) - time) < 120 &&
            strcmp(model_text(m, M_EVENT_TEXT, row), text) == 0)
            return true;
    return false;
}

static bool has_key(const struct model *m, const char *key)
{
    for (uint32_t row = 0; row < m->rows[GW_EVENT].count; row++) {
        const char *known = model_text(m, M_EVENT_KEY, row);

        if (known && strcmp(known, key) == 0)
            return true;
    }
    return false;
}

/* Events that others tell of (a full disk, or what the cache remembers) join the ring as
 * if they were ours. */
static void take_events(struct model *m, const struct batch *b)
{
    bool again = b->origin == BATCH_CACHE && m->recalled > 0;
    double recalled = m->recalled;

    struct told_event {
        const char *level, *text, *kind, *subject, *key, *alert;
        double time;
    } *events = NULL;

    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *s = &b->samples[i];
        struct told_event *e;

        if (b->entities[s->entity].kind != GW_EVENT)
            continue;
        if (!events)
            events = xcalloc(b->entity_count, sizeof(*events));
        e = &events[s->entity];
        if (e->time == 0)
            e->time = b->times[s->age];
        if (s->metric == M_EVENT_TIME && !isnan(s->number))
            e->time = s->number;
        else if (s->metric == M_EVENT_LEVEL)
            e->level = s->text;
        else if (s->metric == M_EVENT_TEXT)
            e->text = s->text;
        else if (s->metric == M_EVENT_KIND)
            e->kind = s->text;
        else if (s->metric == M_EVENT_SUBJECT)
            e->subject = s->text;
        else if (s->metric == M_EVENT_KEY)
            e->key = s->text;
        else if (s->metric == M_EVENT_ALERT)
            e->alert = s->text;
    }
    for (size_t i = 0; events && i < b->entity_count; i++) {
        if (!events[i].text)
            continue;
        if (again &&
            (events[i].time <= recalled || is_told(m, events[i].text, events[i].time)))
            continue;
        if (events[i].key && has_key(m, events[i].key))
            continue;
        if (events[i].kind)
            model_event_about(m, events[i].time, events[i].kind, events[i].subject, "%s",
                              events[i].text);
        else
            model_event_of(m, events[i].time,
                           events[i].level ? events[i].level : "information",
                           events[i].subject, "%s", events[i].text);
        if (events[i].key)
            model_event_key(m, events[i].key);
        if (events[i].alert)
            model_event_alert(m, events[i].alert);
        if (b->origin == BATCH_CACHE)
            m->recalled = fmax(m->recalled, events[i].time);
    }
    free(events);
}

/* Where this batch's rows go: the target's own list, which predicts its next batch. What
 * comes once is not worth remembering. */
static void prepare_rows(struct model *m, struct intake *in)
{
    size_t count = in->b->entity_count, all = count + in->b->known_numbers;

    in->next = in->b->before;
    if (in->origin < FIRST_TARGET) {
        m->scratch = xgrow(m->scratch, &m->scratch_room, all, sizeof(*m->scratch));
        in->rows = m->scratch;
        in->after = in->behind;
    } else {
        struct target *t = &m->targets[in->origin];

        in->predicted = t->row_count < count ? t->row_count : count;
        t->rows = xgrow(t->rows, &t->row_room, all, sizeof(*t->rows));
        t->row_count = count;
        in->rows = t->rows;
        in->after = t->after;
    }
}

void model_apply(struct model *m, const struct batch *b)
{
    struct intake in = { .b = b, .origin = reserved_origin(b) };

    assert_unseen(m);
    in.told = b->origin == BATCH_ROSTER  ? TOLD_BY_ROSTER
              : b->origin == BATCH_CACHE ? TOLD_BY_CACHE
                                         : TOLD_BY_SOURCE;
    if (in.told == TOLD_BY_SOURCE) {
        notice_clock(m, b->time, m->newest);
        m->newest = fmax(m->newest, b->time);
    }
    if (in.origin == FIRST_TARGET)
        in.origin = origin_of(m, b->target);
    /* Forecasts are made every minute or so, by nobody's interval. */
    if (b->origin == BATCH_FORECAST && m->stale_after[in.origin] < 300 * TICKS_PER_S)
        m->stale_after[in.origin] = 300 * TICKS_PER_S;
    for (unsigned i = 0; i < b->time_count; i++)
        in.ticks[i] = tick_of(m, b->times[i]);
    if (b->rows_to_come && b->entity_count)
        rows_reserve(m, b->entities[0].kind, b->rows_to_come);
    prepare_rows(m, &in);
    if (in.told == TOLD_BY_CACHE)
        in.ages = ages_of(m, &in);
    take_entities(m, &in);
    if (in.origin >= FIRST_TARGET && in.told == TOLD_BY_SOURCE)
        note_nodes_told(&m->targets[in.origin], b, in.rows);
    free(in.ages);
    take_links(m, &in);
    take_samples(m, &in);
    take_known(m, &in);
    for (size_t i = 0; i < b->column_count; i++)
        take_column(m, &in, &b->columns[i]);
    if (in.told == TOLD_BY_CACHE)
        note_nodes(m, &in);
    if (in.has_events)
        take_events(m, b);
    m->taken = b;
    m->taken_rows = in.rows;
    if (b->origin == BATCH_FORECAST)
        m->dirty = true;
    else
        unsettle(m);
}

/* ---- settling ---- */

static void set_now(struct model *m, double now)
{
    assert_unseen(m);
    m->now = now;
    m->tick = tick_of(m, now);
}

/* The first tick after the sums at which something that was fresh in them is so no
 * more. */
static uint32_t sums_grow_old(struct model *m)
{
    if (m->sums_old == 0) {
        m->sums_old = UINT32_MAX;
        for (int kind = 0; kind < GW_KINDS; kind++)
            m->sums_old = stamps_grow_old(m, (enum gw_kind)kind, tick_of(m, m->summed),
                                          m->sums_old);
    }
    return m->sums_old;
}

/* Forecasts are no part of the sums: while they alone come, as they do in many pieces,
 * these stand for a few seconds. Where nothing comes, they stand until something in them
 * grows old: for a minute, for how long a GPU is idle is in them, too; for ten where all
 * is old. */
static bool do_sums_stand(struct model *m, double now)
{
    enum { BESIDE_FORECASTS_S = 5, ALONE_S = 60, OLD_S = 600 };

    if (m->unsummed || now < m->summed)
        return false;
    if (m->dirty)
        return now - m->summed < BESIDE_FORECASTS_S;
    return now - m->summed < (sums_grow_old(m) < UINT32_MAX ? ALONE_S : OLD_S) &&
           m->tick < sums_grow_old(m);
}

/* What is worked out of what was told. */
static void sum_up(struct model *m, double now)
{
    m->unsummed = false;
    m->summed = now;
    m->sums_old = 0;
    sum_power(m, m->tick);
    classify_jobs(m, m->tick);
    sum_tenants(m, m->tick);
    sum_models(m, m->tick);
    sum_queues(m, m->tick);
    count_tenant_jobs(m);
    sum_energy(m, now);
}

bool model_settle(struct model *m, double now)
{
    struct coverage coverage;
    uint64_t events = m->events;
    bool changed = m->dirty, stand;

    assert_unseen(m);
    notice_clock(m, now, m->settled);
    if (m->settled > 0 && now - m->settled < 1 && !m->dirty)
        return false;
    m->began = m->began > 0 ? m->began : now;
    m->settled = now;
    set_now(m, now);
    forget_rows(m);
    join_gpus(m, m->tick);
    tree_settle(m);
    stand = do_sums_stand(m, now);
    if (!stand)
        sum_up(m, now);
    settle_silence(m);
    coverage = count_coverage(m);
    changed = changed || memcmp(&coverage, &m->coverage, sizeof(coverage)) != 0;
    m->coverage = coverage;
    advance_trends(m, now);
    tell_past_of_sums(m, now);
    tell_past_of_classes(m, now);
    watch_all(m, now, !stand);
    watch_signals(m);
    sweep_texts(m);
    tree_ripen(m, GW_FORECAST);
    places_ripen(m);
    changed = changed || m->dirty || m->events != events;
    m->dirty = false;
    m->version += changed;
    return changed;
}

void model_let_look(struct model *m, void (*look)(void *arg), void *arg)
{
    free(m->onlooker);
    m->onlooker = NULL;
    if (!look)
        return;
    m->onlooker = xcalloc(1, sizeof(*m->onlooker));
    *m->onlooker = (struct onlooker){ .look = look, .arg = arg };
}

void model_pause(const struct model *m, size_t row)
{
    let_look(m, row);
}

void model_set_now(struct model *m, double now)
{
    set_now(m, now);
    if (m->unsummed || now < m->summed || m->tick >= sums_grow_old(m))
        m->coverage = count_coverage(m);
}

void model_settle_idleness(struct model *m, double now)
{
    model_set_now(m, now);
    settle_idleness(m, m->tick);
}

const char *model_site(const struct model *m)
{
    return entity_of(m, GW_SITE, 0)->name;
}

double model_now(const struct model *m)
{
    return m->now;
}

uint64_t model_version(const struct model *m)
{
    return m->version;
}

void model_set_interval(struct model *m, const char *target, double interval_s)
{
    uint32_t origin = origin_of(m, target);

    assert_unseen(m);
    m->targets[origin].stands = m->stale_after[origin] = stands_for(interval_s);
    unsettle(m);
}

void model_trust_cache(struct model *m, double seconds)
{
    m->stale_after[FROM_CACHE] = (uint32_t)(fmin(fmax(seconds, 0), 1e7) * TICKS_PER_S);
    unsettle(m);
}

void model_is_of_then(struct model *m)
{
    assert_unseen(m);
    m->is_then = true;
}

void model_is_recorded(struct model *m)
{
    assert_unseen(m);
    m->is_recorded = true;
}

void model_all_answered(struct model *m)
{
    assert_unseen(m);
    m->all_answered = true;
}

bool model_is_then(const struct model *m)
{
    return m->is_then;
}

void model_is_told_events(struct model *m, bool told)
{
    m->events_are_told = told;
}

void model_asks_nobody(struct model *m)
{
    m->asks_nobody = true;
    unsettle(m);
}

void model_set_thresholds(struct model *m, const struct thresholds *t)
{
    assert_unseen(m);
    m->thresholds = *t;
}

const struct thresholds *model_thresholds(const struct model *m)
{
    return &m->thresholds;
}

size_t model_bytes(const struct model *m)
{
    size_t bytes = sizeof(*m) + arena_bytes(m->names) + tree_bytes(m);

    for (int kind = 0; kind < GW_KINDS; kind++)
        bytes += stamps_bytes(&m->rows[kind]) +
                 m->rows[kind].room * (sizeof(struct entity) +
                                       (m->rows[kind].seconds ? sizeof(struct row) : 0)) +
                 (m->rows[kind].index->room + m->rows[kind].vacant_room) *
                     sizeof(uint32_t);
    for (size_t row = 0; row < m->rows[GW_JOB].count; row++)
        bytes += strlen(m->rows[GW_JOB].entities[row].name) + 1;
    bytes += trend_bytes(m);
    for (uint16_t i = 0; i < m->column_count; i++)
        if (m->columns[i].stamps)
            bytes += m->rows[metric_at(i)->kind].room *
                     ((m->columns[i].upper ? 2 : 1) * sizeof(*m->columns[i].stamps) +
                      /* a text's id is as long, or half */
                      (m->columns[i].wide ? sizeof(double) : sizeof(float)));
    for (size_t i = 0; i < m->target_count; i++)
        bytes += sizeof(struct target) + m->targets[i].row_room * sizeof(uint32_t);
    bytes += texts_bytes(&m->texts);
    return bytes + m->last_busy_room * sizeof(*m->last_busy) +
           m->silent_room * sizeof(uint32_t) +
           m->tenant_job_room * sizeof(*m->tenant_jobs);
}
