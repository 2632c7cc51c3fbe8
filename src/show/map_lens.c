/* What is worth a colour on a map: one number an item, and who it belongs to. A rack's
 * comes from its nodes and GPUs where it has none of its own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "show/map.h"

static const double idle_from_s = 300;  /* between two steps of a job a GPU is not idle */
static const double cold_c = 30;

/* Where a step of the ramp begins, for what is not spread evenly. */
/* The last but one is where attention begins, the last is above the cap. */
static const double load_steps[] = { .1, .3, .5, .6, .7, .8, .9, .95, 1 };
static const double age_steps[] = { 5, 10, 30, 60, 120, 300, 600, 1800, 3600 };
static const double idle_steps[] = {
    60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400
};

static uint8_t step_of(const double *steps, double value)
{
    uint8_t step = 0;

    while (step < MAP_STEPS - 1 && value >= steps[step])
        step++;
    return step;
}

static uint8_t even_step(double value, double low, double high)
{
    double at = (value - low) / (high - low) * MAP_STEPS;

    return at <= 0 ? 0 : at >= MAP_STEPS ? MAP_STEPS - 1 : (uint8_t)at;
}

/* ---- from nodes and GPUs to items ---- */

/* Which item a node or a GPU is in; UINT32_MAX: none. */
struct belonging {
    uint32_t *of_node, *of_gpu; /* by row */
};

static void find_belonging(const struct map *map, const struct model *m,
                           struct belonging *b)
{
    size_t nodes = model_rows(m, GW_NODE), gpus = model_rows(m, GW_GPU),
           rows = model_rows(m, map->kind);
    uint32_t *own = xcalloc(rows + 1, sizeof(*own));

    memset(own, 0xff, (rows + 1) * sizeof(*own));
    for (size_t i = 0; i < map->count; i++)
        own[map->items[i].id] = (uint32_t)i;
    b->of_node = xcalloc(nodes + 1, sizeof(*b->of_node));
    b->of_gpu = xcalloc(gpus + 1, sizeof(*b->of_gpu));
    for (uint32_t n = 0; n < nodes; n++) {
        struct row up = model_parent(m, GW_NODE, n);

        b->of_node[n] =
            map->kind == GW_NODE ? own[n]
            : map->kind == GW_DOMAIN && up.kind == GW_DOMAIN && up.id != GW_NONE
                ? own[up.id]
                : UINT32_MAX;
    }
    for (uint32_t g = 0; g < gpus; g++) {
        struct row node = model_parent(m, GW_GPU, g);

        b->of_gpu[g] = map->kind == GW_GPU                          ? own[g]
                       : node.id != GW_NONE && node.kind == GW_NODE ? b->of_node[node.id]
                                                                    : UINT32_MAX;
    }
    free(own);
}

static void drop_belonging(struct belonging *b)
{
    free(b->of_node);
    free(b->of_gpu);
}

/* ---- lenses ---- */

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static double load_of(const struct map *map, const struct model *m, uint32_t id)
{
    switch (map->kind) {
    case GW_DOMAIN:
        return ratio(model_number(m, M_DOMAIN_POWER, id),
                     model_number(m, M_DOMAIN_CAP, id));
    case GW_NODE:
        return ratio(model_number(m, M_NODE_POWER, id), model_number(m, M_NODE_CAP, id));
    default:
        return ratio(model_number(m, M_GPU_POWER, id),
                     model_number(m, M_GPU_POWER_LIMIT, id));
    }
}

static void see_load(struct map *map, const struct model *m)
{
    for (size_t i = 0; i < map->count; i++) {
        map->items[i].value = load_of(map, m, map->items[i].id);
        map->items[i].step = step_of(load_steps, map->items[i].value);
    }
}

/* Grey where nothing is to be seen, green below attention, amber from there on, red from
 * critical on. */
static void make_risk_steps(const struct model *m, double steps[MAP_STEPS - 1])
{
    static const double below[] = { .2, .35, .5, .7, .85, 1 };
    const struct thresholds *t = model_thresholds(m);
    size_t count = sizeof(below) / sizeof(below[0]);

    for (size_t i = 0; i < count; i++)
        steps[i] = below[i] * t->p_attention;
    steps[count] = .5 * (t->p_attention + t->p_critical);
    steps[count + 1] = t->p_critical;
    steps[count + 2] = .5 * (1 + t->p_critical);
}

static void see_risk(struct map *map, const struct model *m)
{
    double steps[MAP_STEPS - 1];

    make_risk_steps(m, steps);
    for (size_t i = 0; i < map->count; i++) {
        map->items[i].value =
            map->kind == GW_DOMAIN ? model_number(m, M_DOMAIN_P, map->items[i].id) : NAN;
        map->items[i].step = step_of(steps, map->items[i].value);
    }
}

static void see_temp(struct map *map, const struct model *m, const struct belonging *b)
{
    bool gpus = map->kind == GW_GPU;

    for (size_t i = 0; i < map->count; i++)
        map->items[i].value = gpus ? model_number(m, M_GPU_TEMP, map->items[i].id) : NAN;
    for (uint32_t n = 0; !gpus && n < model_rows(m, GW_NODE); n++)
        if (b->of_node[n] != UINT32_MAX)
            map->items[b->of_node[n]].value =
                fmax(map->items[b->of_node[n]].value, model_number(m, M_NODE_TEMP, n));
    for (size_t i = 0; i < map->count; i++)
        map->items[i].step = even_step(map->items[i].value, cold_c,
                                       model_thresholds(m)->gpu_temp_critical);
}

static bool is_held(const struct model *m, uint32_t gpu)
{
    const char *job = model_text(m, M_GPU_JOB, gpu),
               *tenant = model_text(m, M_GPU_TENANT, gpu);

    return (job && job[0]) || (tenant && tenant[0] && strcmp(tenant, "unallocated") != 0);
}

/* Of GPUs, how long what is held has been idle; of racks and nodes, the share of their
 * held GPUs that is. */
static void see_idle(struct map *map, const struct model *m, const struct belonging *b)
{
    uint32_t *held = xcalloc(map->count + 1, sizeof(*held)),
             *idle = xcalloc(map->count + 1, sizeof(*idle)),
             *known = xcalloc(map->count + 1, sizeof(*known));

    for (uint32_t g = 0; g < model_rows(m, GW_GPU); g++) {
        double s = model_number(m, M_GPU_IDLE, g);
        uint32_t i = b->of_gpu[g];

        if (i == UINT32_MAX || isnan(s))
            continue;
        known[i]++;
        held[i] += is_held(m, g);
        idle[i] += is_held(m, g) && s >= idle_from_s;
        map->items[i].value = s;
    }
    for (size_t i = 0; i < map->count; i++) {
        struct map_item *it = &map->items[i];

        it->state = known[i] == 0 ? MAP_UNKNOWN : held[i] == 0 ? MAP_FREE : MAP_STEP;
        if (map->kind != GW_GPU)
            it->value = held[i] ? (double)idle[i] / (double)held[i] : NAN;
        it->step = map->kind == GW_GPU ? step_of(idle_steps, it->value)
                                       : even_step(it->value, 0, 1);
    }
    free(held);
    free(idle);
    free(known);
}

static void see_age(struct map *map, const struct model *m)
{
    for (size_t i = 0; i < map->count; i++) {
        map->items[i].value = model_row_age(m, map->kind, map->items[i].id);
        map->items[i].step = step_of(age_steps, map->items[i].value);
    }
}

/* ---- tenants ---- */

/* The eight that hold the most, in the order of their names: a hue does not wander when
 * two of them change places. What holds nothing, as what no source explains, has none. */
static void choose_hues(struct map *map, const struct model *m)
{
    const uint32_t *order = model_order(m, GW_TENANT);
    size_t rows = model_rows(m, GW_TENANT), count = 0;

    memset(map->hues, 0, sizeof(map->hues));
    for (size_t i = 0; i < rows && count < MAP_HUES; i++) {
        double gpus = model_number(m, M_TENANT_GPUS, order[i]);
        const char *name = model_name(m, GW_TENANT, order[i]);
        size_t larger = 0;

        for (uint32_t other = 0; other < rows; other++)
            larger += model_number(m, M_TENANT_GPUS, other) > gpus;
        if (name && gpus > 0 && strcmp(name, "unallocated") != 0 && larger < MAP_HUES)
            map->hues[count++] = name;
    }
}

static uint8_t hue_of(const struct map *map, const char *tenant)
{
    uint8_t hue = 0;

    while (hue < MAP_HUES - 1 && !(map->hues[hue] && strcmp(map->hues[hue], tenant) == 0))
        hue++;
    return hue;
}

/* Who holds most of an item, by majority vote: what is left when each GPU of another
 * tenant takes one away. */
static void see_tenant(struct map *map, const struct model *m, const struct belonging *b)
{
    const char **holder = xcalloc(map->count + 1, sizeof(*holder));
    uint32_t *votes = xcalloc(map->count + 1, sizeof(*votes));

    choose_hues(map, m);
    for (uint32_t g = 0; g < model_rows(m, GW_GPU); g++) {
        const char *tenant = model_text(m, M_GPU_TENANT, g);
        uint32_t i = b->of_gpu[g];

        if (i == UINT32_MAX || !tenant || !tenant[0])
            continue;
        if (votes[i] == 0)
            holder[i] = tenant;
        votes[i] +=
            strcmp(holder[i], tenant) == 0 ? 1 : UINT32_MAX; /* one more, or one less */
    }
    for (size_t i = 0; i < map->count; i++) {
        struct map_item *it = &map->items[i];

        it->value = NAN;
        it->state = !holder[i]                              ? MAP_UNKNOWN
                    : strcmp(holder[i], "unallocated") == 0 ? MAP_FREE
                                                            : MAP_HUE;
        it->step = it->state == MAP_HUE ? hue_of(map, holder[i]) : 0;
    }
    free(holder);
    free(votes);
}

/* ---- ink ---- */

/* GPUs whose text is the name of a tenant or a job. Where no GPU has one, as when one
 * looks back, nobody knows where it is, and nothing recedes. */
static void ink_holder(struct map *map, const struct model *m, const struct belonging *b,
                       uint16_t metric, const char *name)
{
    struct text_column texts = model_text_column(m, metric);
    uint32_t other = UINT32_MAX; /* the text seen last that is not it */

    map->knows_holders = false;
    for (size_t i = 0; i < map->count; i++)
        map->items[i].inked = false;
    for (uint32_t g = 0; texts.lower && name && g < model_rows(m, GW_GPU); g++) {
        const char *text;

        if (b->of_gpu[g] == UINT32_MAX || text_in(texts, g) == other)
            continue;
        text = model_text(m, metric, g);
        map->knows_holders |= text && text[0];
        if (text && strcmp(text, name) == 0)
            map->items[b->of_gpu[g]].inked = true;
        else
            other = text_in(texts, g);
    }
    for (size_t i = 0; i < map->count && !map->knows_holders; i++)
        map->items[i].inked = true;
}

static bool is_below(const struct model *m, struct row part, struct row whole, int depth)
{
    struct row ups[2];

    if (part.kind == whole.kind && part.id == whole.id)
        return true;
    if (part.id == GW_NONE || part.kind == GW_SITE || depth > 16)
        return false;
    ups[0] = model_parent(m, part.kind, part.id);
    ups[1] = model_second_parent(m, part.kind, part.id);
    return (ups[0].id != GW_NONE && is_below(m, ups[0], whole, depth + 1)) ||
           (ups[1].id != GW_NONE && is_below(m, ups[1], whole, depth + 1));
}

static void ink(struct map *map, const struct model *m, const struct belonging *b,
                struct row inked)
{
    map->knows_holders = true;
    if (inked.id != GW_NONE && inked.kind == GW_TENANT)
        ink_holder(map, m, b, M_GPU_TENANT, model_name(m, GW_TENANT, inked.id));
    else if (inked.id != GW_NONE && inked.kind == GW_CLASS)
        ink_holder(map, m, b, M_GPU_CLASS, model_name(m, GW_CLASS, inked.id));
    else if (inked.id != GW_NONE && inked.kind == GW_JOB)
        ink_holder(map, m, b, M_GPU_JOB, model_name(m, GW_JOB, inked.id));
    else
        for (size_t i = 0; i < map->count; i++)
            map->items[i].inked =
                inked.id == GW_NONE ||
                is_below(m, (struct row){ map->kind, map->items[i].id }, inked, 0);
    map->inked = 0;
    for (size_t i = 0; i < map->count; i++)
        map->inked += map->items[i].inked;
}

void map_see(struct map *map, const struct model *m, enum map_lens lens, struct row inked)
{
    struct belonging b;

    map->lens = lens;
    find_belonging(map, m, &b);
    switch (lens) {
    case LENS_RISK:
        see_risk(map, m);
        break;
    case LENS_TEMP:
        see_temp(map, m, &b);
        break;
    case LENS_IDLE:
        see_idle(map, m, &b);
        break;
    case LENS_TENANT:
        see_tenant(map, m, &b);
        break;
    case LENS_AGE:
        see_age(map, m);
        break;
    default:
        see_load(map, m);
    }
    map->known = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (lens != LENS_IDLE && lens != LENS_TENANT)
            map->items[i].state = isnan(map->items[i].value) ? MAP_UNKNOWN : MAP_STEP;
        map->known += map->items[i].state != MAP_UNKNOWN;
    }
    ink(map, m, &b, inked);
    drop_belonging(&b);
}

void map_value(const struct map *map, const struct map_item *item, char *to, size_t room)
{
    bool is_share =
        map->lens == LENS_LOAD || (map->lens == LENS_IDLE && map->kind != GW_GPU);

    snprintf(to, room, "%s", item->state == MAP_UNKNOWN ? "—" : "");
    if (item->state != MAP_STEP || isnan(item->value))
        return;
    if (map->lens == LENS_RISK)
        text_probability(to, room, item->value);
    else if (is_share || map->lens == LENS_TEMP)
        snprintf(to, room, "%.0f", is_share ? 100 * item->value : item->value);
    else
        text_duration(to, room, floor(item->value));
}

const char *map_lens_name(enum map_lens lens)
{
    static const char *const names[MAP_LENSES] = { "power/cap", "forecast", "temperature",
                                                   "idle",      "tenant",   "age" };

    return names[lens];
}

void map_lens_ends(const struct map *map, const struct model *m, enum map_lens lens,
                   char *low, char *high, size_t room)
{
    bool gpus = map->kind == GW_GPU;
    char p[16];

    switch (lens) {
    case LENS_LOAD:
        snprintf(low, room, "0%%");
        snprintf(high, room, gpus ? "above the limit" : "above the cap");
        break;
    case LENS_RISK:
        snprintf(low, room, "p 0");
        text_probability(p, sizeof(p), model_thresholds(m)->p_attention);
        snprintf(high, room, "1 in 1 h, amber from %s", p);
        break;
    case LENS_TEMP:
        snprintf(low, room, "%.0f °C", cold_c);
        snprintf(high, room, "%.0f °C", model_thresholds(m)->gpu_temp_critical);
        break;
    case LENS_IDLE:
        snprintf(low, room, gpus ? "busy" : "0%%");
        snprintf(high, room, gpus ? "idle 1 d" : "100%% of held GPUs idle");
        break;
    case LENS_AGE:
        snprintf(low, room, "now");
        snprintf(high, room, "1 h old");
        break;
    default:
        low[0] = high[0] = '\0';
    }
}
