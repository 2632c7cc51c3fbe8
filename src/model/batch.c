/* Filling a batch: entities found by hash, names and texts cleaned, impossible values
 * turned into unknown ones. */
#include "model/batch.h"
#include "base/text.h"
#include "model/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 256, TEXT_ROOM = 4096 };

struct batch *batch_new(enum batch_origin origin, const char *target, double time)
{
    struct batch *b = xcalloc(1, sizeof(*b));

    b->arena = arena_new();
    b->origin = origin;
    b->target = arena_strdup(b->arena, target ? target : "");
    b->time = time;
    b->times[0] = time;
    b->time_count = 1;
    return b;
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    free(b->entities);
    free(b->samples);
    free(b->links);
    free(b->known);
    free(b->index);
    free(b->text);
    arena_free(b->arena);
    free(b);
}

static uint64_t hash_of_kind(enum gw_kind kind, uint64_t hash)
{
    hash ^= (uint64_t)(kind + 1) * 0x9E3779B97F4A7C15u;
    return hash ? hash : 1;
}

uint64_t batch_hash(enum gw_kind kind, const char *name, size_t len)
{
    return hash_of_kind(kind, text_hash(name, len));
}

static void make_index(struct batch *b, size_t room)
{
    free(b->index);
    b->index = xcalloc(room, sizeof(*b->index));
    b->index_room = room;
    for (uint32_t i = 0; i < b->entity_count; i++) {
        size_t at = b->entities[i].hash & (room - 1);

        while (b->index[at])
            at = (at + 1) & (room - 1);
        b->index[at] = i + 1;
    }
}

void batch_reserve(struct batch *b, size_t entities, size_t samples)
{
    size_t room = 64;

    while (room < 2 * entities)
        room *= 2;
    if (room > b->index_room)
        make_index(b, room);
    b->entities = xgrow(b->entities, &b->entity_room, entities, sizeof(*b->entities));
    b->samples = xgrow(b->samples, &b->sample_room, samples, sizeof(*b->samples));
}

/* The place of an entity in the index: its own, or the empty one where it belongs. */
static size_t find_slot(const struct batch *b, uint64_t hash, enum gw_kind kind,
                        const char *name, size_t len)
{
    size_t at = hash & (b->index_room - 1);

    for (; b->index[at]; at = (at + 1) & (b->index_room - 1)) {
        const struct batch_entity *e = &b->entities[b->index[at] - 1];

        if (e->hash == hash && e->kind == kind && strncmp(e->name, name, len) == 0 &&
            !e->name[len])
            break;
    }
    return at;
}

/* The same server writes qwen/qwen3 in one line and Qwen/Qwen3 in the next: the case of
 * models' names means nothing. */
static void lower(char *text)
{
    for (; *text; text++)
        *text = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
}

/* The hash of a name, cleaned: in `clean`, unless it was so before. */
static inline uint64_t clean_name(enum gw_kind kind, const char **name, size_t *len,
                                  char clean[NAME_ROOM])
{
    uint64_t hash = kind == GW_MODEL || *len >= NAME_ROOM ? 0
                                                          : text_plain_hash(*name, *len);

    if (!hash) {
        *len = text_clean(clean, NAME_ROOM, *name, *len);
        *name = clean;
        if (kind == GW_MODEL)
            lower(clean);
        hash = text_hash(*name, *len);
    }
    return hash_of_kind(kind, hash);
}

uint64_t batch_hash_cleaned(enum gw_kind kind, const char *name, size_t len)
{
    char clean[NAME_ROOM];

    return clean_name(kind, &name, &len, clean);
}

uint32_t batch_entity(struct batch *b, enum gw_kind kind, const char *name, size_t len,
                      uint32_t parent)
{
    char clean[NAME_ROOM];
    struct batch_entity *e;
    uint64_t hash = clean_name(kind, &name, &len, clean);
    size_t at;

    if (len == 0 || (unsigned)kind >= GW_KINDS)
        return GW_NONE;
    if (parent >= b->entity_count)
        parent = GW_NONE;
    if ((b->entity_count + 1) * 2 > b->index_room)
        make_index(b, b->index_room ? b->index_room * 4 : 64);
    at = find_slot(b, hash, kind, name, len);
    if (b->index[at]) {
        uint32_t known = b->index[at] - 1;

        if (b->entities[known].parent == GW_NONE && parent != known)
            b->entities[known].parent = parent;
        return known;
    }
    if (b->entity_count == b->entity_room)
        b->entities = xgrow(b->entities, &b->entity_room, b->entity_count + 1,
                            sizeof(*e));
    e = &b->entities[b->entity_count];
    *e = (struct batch_entity){ .hash = hash,
                                .name = arena_strndup(b->arena, name, len),
                                .parent = parent,
                                .kind = kind };
    b->index[at] = (uint32_t)++b->entity_count;
    return b->index[at] - 1;
}

void batch_link(struct batch *b, uint32_t child, uint32_t parent)
{
    if (child >= b->entity_count || parent >= b->entity_count || child == parent)
        return;
    b->links = xgrow(b->links, &b->link_room, b->link_count + 1, sizeof(*b->links));
    b->links[b->link_count++] = (struct batch_link){ .child = child, .parent = parent };
}

enum { MOST_TIMES = sizeof(((struct batch *)NULL)->times) / sizeof(double) };

/* The time nearest to one that no longer finds room: seconds matter, hundreds of clocks
 * do not. MOST_TIMES: there is none of the past. */
static unsigned nearest_time(const struct batch *b, double seconds, bool past)
{
    unsigned best = MOST_TIMES;

    for (unsigned i = 0; i < b->time_count; i++)
        if (b->past[i] == past &&
            (best == MOST_TIMES ||
             fabs(b->times[i] - seconds) < fabs(b->times[best] - seconds)))
            best = i;
    return best;
}

static void set_time(struct batch *b, double seconds, bool past)
{
    /* one is always left for the past */
    unsigned nearest, most = past ? MOST_TIMES : MOST_TIMES - 1;

    if (!(seconds > 0 && seconds < b->time)) {
        b->now = 0;
        return;
    }
    if (b->times[b->now] == seconds && b->past[b->now] == past)
        return;
    nearest = nearest_time(b, seconds, past);
    if ((nearest == MOST_TIMES || b->times[nearest] != seconds) && b->time_count < most) {
        nearest = b->time_count++;
        b->times[nearest] = seconds;
        b->past[nearest] = past;
        b->tells_past |= past;
    }
    b->now = nearest;
}

void batch_time(struct batch *b, double seconds)
{
    set_time(b, seconds, false);
}

void batch_past(struct batch *b, double seconds)
{
    set_time(b, seconds, true);
}

/* Where the clock has gone back meanwhile, nothing in it is of the future. */
void batch_arrives(struct batch *b, double time)
{
    for (unsigned i = 0; i < b->time_count; i++)
        b->times[i] = fmin(b->times[i], time);
    b->time = time;
}

static inline struct batch_sample *add_sample(struct batch *b, uint32_t entity,
                                              uint16_t metric)
{
    struct batch_sample *s;

    if (entity >= b->entity_count || metric >= metric_count())
        return NULL;
    if (b->sample_count == b->sample_room)
        b->samples = xgrow(b->samples, &b->sample_room, b->sample_count + 1, sizeof(*s));
    s = &b->samples[b->sample_count++];
    s->entity = entity;
    s->metric = metric;
    s->quality = GW_OK;
    s->age = (uint8_t)b->now;
    return s;
}

/* One value of a column. False: not a word about this entity. */
static bool value_of(const struct batch_column *c, uint32_t entity,
                     struct batch_sample *value)
{
    *value = (struct batch_sample){ .entity = entity,
                                    .metric = c->metric,
                                    .quality = c->qualities[entity],
                                    .age = c->ages[entity] };
    if (value->quality == GW_NEVER)
        return false;
    switch (metric_at(c->metric)->type) {
    case GW_TEXT:
        value->text = c->texts[entity];
        break;
    case GW_TIME:
    case GW_COUNTER:
    case GW_ENERGY:
        value->number = c->wide[entity];
        break;
    default:
        value->number = (double)c->numbers[entity];
    }
    return true;
}

void batch_spread(struct batch *b)
{
    for (size_t c = 0; c < b->column_count; c++)
        for (uint32_t i = 0; i < b->ordered; i++) {
            b->samples = xgrow(b->samples, &b->sample_room, b->sample_count + 1,
                               sizeof(*b->samples));
            b->sample_count += value_of(&b->columns[c], i, &b->samples[b->sample_count]);
        }
    b->column_count = 0;
}

static inline bool is_possible(const struct metric *m, double value)
{
    return !isinf(value) && !(m->min != m->max && (value < m->min || value > m->max));
}

void batch_number(struct batch *b, uint32_t entity, uint16_t metric, double value,
                  enum gw_quality quality)
{
    struct batch_sample *s = add_sample(b, entity, metric);
    bool possible;

    if (!s)
        return;
    possible = is_possible(metric_at(metric), value);
    s->number = possible ? value : NAN;
    s->quality = (uint8_t)(possible ? quality : GW_OUT_OF_RANGE);
}

void batch_numbers(struct batch *b, uint16_t metric, const uint64_t *hashes,
                   double *numbers, size_t count)
{
    const struct metric *m = metric_at(metric);
    uint8_t *qualities;

    if (b->past[b->now])
        return;
    qualities = arena_alloc(b->arena, count);
    for (size_t i = 0; i < count; i++) {
        bool possible = is_possible(m, numbers[i]);

        numbers[i] = possible ? numbers[i] : NAN;
        qualities[i] = possible ? GW_OK : GW_OUT_OF_RANGE;
    }
    b->known = xgrow(b->known, &b->known_room, b->known_count + 1, sizeof(*b->known));
    b->known[b->known_count++] = (struct batch_known){ .hashes = hashes,
                                                       .numbers = numbers,
                                                       .qualities = qualities,
                                                       .count = count,
                                                       .metric = metric,
                                                       .age = (uint8_t)b->now };
    b->known_numbers += count;
}

/* One number of each is counted: those of the first metric. */
size_t batch_things(const struct batch *b)
{
    size_t things = b->entity_count;

    for (size_t i = 0; i < b->known_count; i++)
        if (b->known[i].metric == b->known[0].metric)
            things += b->known[i].count;
    return things;
}

void batch_text(struct batch *b, uint32_t entity, uint16_t metric, const char *text,
                size_t len)
{
    struct batch_sample *s = add_sample(b, entity, metric);
    char clean[TEXT_ROOM];

    if (!s)
        return;
    len = text ? text_clean(clean, sizeof(clean), text, len) : 0;
    s->text = len ? arena_strndup(b->arena, clean, len) : NULL;
}
