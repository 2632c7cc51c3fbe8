/* Series that the engine answers become samples. */
#ifndef PLUGINS_PROMQL_VALUES_H
#define PLUGINS_PROMQL_VALUES_H

#include "plugins/promql/entities.h"

/* Where the power of a model is measured; as served.c of the model says it of single
 * servers. */
static const char *boundary(const struct talk *t)
{
    return any_there(t, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION") ? "GPUs, by energy"
                                                                : "GPUs, by power";
}

static void tell_value(const struct talk *t, uint32_t entity, double value)
{
    const struct question *q = &t->asked->is;
    const char *word = q->flags & MASK ? reasons_word(value) : NULL;

    if (q->flags & MASK) {
        if (word)
            t->api->text(t->out, entity, q->metric, word, strlen(word));
        return;
    }
    if ((q->flags & UNLIMITED) && value < 0)
        return;
    if ((q->flags & BLANKS) && is_blank(value, false))
        value = NAN;
    if (q->metric == MODEL_POWER)
        tell_text(t, entity, MODEL_BOUNDARY, whole(boundary(t)));
    if (q->metric == TENANT_POWER && q->about != ABOUT_RULE && !t->of_past)
        tell_text(t, entity, TENANT_BOUNDARY, whole("GPUs, by power"));
    (q->flags & SUMMED ? t->api->estimate : t->api->number)(
        t->out, entity, q->metric, value * (q->scale != 0 ? q->scale : 1));
}

static void tell_word(const struct talk *t, uint32_t entity, const struct reading *r)
{
    const struct question *q = &t->asked->is;

    t->api->text(t->out, entity, q->metric, q->word, strlen(q->word));
    if (q->about == ABOUT_MODEL && r->of[A_TENANT].len)
        tell_text(t, entity, MODEL_TENANT, r->of[A_TENANT]);
}

static void tell_numbers(struct talk *t)
{
    if (t->number_count)
        t->api->numbers(t->out, t->asked->is.metric, t->numbers, t->number_count);
    t->number_count = t->letter_count = 0;
}

/* Who tells of a million series hands them over as they come. */
static void hand_over(struct talk *t)
{
    tell_numbers(t);
    if (t->fresh)
        t->api->send(t->out);
    t->fresh = t->node_len = 0;
}

/* Who asks a slow engine many questions hands over at least every second, be it nothing:
 * that is not silence. */
static void hand_over_in_time(struct talk *t)
{
    double now = t->api->now(t->target);

    if (now - t->handed_over_at < 1 && now >= t->handed_over_at)
        return;
    t->api->send(t->out);
    t->fresh = t->node_len = 0;
    t->handed_over_at = now;
}

/* Of the questions for what tenants draw, the one that names them all. */
static bool asks_who_draws(const struct talk *t)
{
    const struct question *q = &t->asked->is;

    return q->about == ABOUT_TENANT && q->metric == TENANT_POWER && !q->flags &&
           !t->of_past;
}

static void note_drawer(struct talk *t, struct slice tenant)
{
    struct promql *p = t->kept;
    size_t i = 0;

    p->tells_holders = true;
    while (i < p->drawer_count && !same(tenant, p->drawers[i].name))
        i++;
    if (i == MOST_DRAWERS)
        return;
    if (!p->drawers)
        p->drawers = calloc(MOST_DRAWERS, sizeof(*p->drawers));
    if (!p->drawers)
        abort();
    if (i == p->drawer_count)
        snprintf(p->drawers[p->drawer_count++].name, sizeof(p->drawers->name), "%.*s",
                 (int)(tenant.len < 255 ? tenant.len : 255), tenant.text);
    p->drawers[i].seen = true;
}

/* Who let all go is in no answer any more, like one whose exporters are silent: what it
 * draws is not known. What is free now must not be its, too, until that grows stale. */
static void tell_gone(struct talk *t)
{
    static const size_t unknown[] = { TENANT_POWER, TENANT_GPUS, TENANT_BUSY,
                                      TENANT_IDLE };
    struct promql *p = t->kept;

    for (size_t i = p->drawer_count; i-- > 0;) {
        uint32_t tenant;

        if (p->drawers[i].seen) {
            p->drawers[i].seen = false;
            continue;
        }
        tenant = named(t, GW_TENANT, whole(p->drawers[i].name));
        for (size_t m = 0; m < sizeof(unknown) / sizeof(*unknown); m++)
            t->api->number(t->out, tenant, unknown[m], NAN);
        p->drawers[i] = p->drawers[--p->drawer_count];
    }
}

/* For so many series or points. False: the console leaves. */
static bool make_room(struct talk *t, size_t count)
{
    if (t->fresh + count > MANY) {
        if (t->api->stopping(t->target))
            return false;
        hand_over(t);
    }
    t->fresh += count;
    return true;
}

/* Before 1970 nobody drew anything. */
static bool is_moment(double seconds)
{
    return seconds > 0 && isfinite(seconds);
}

static bool take_series(void *arg, const struct sample *labels,
                        const struct point *points, size_t count)
{
    struct talk *t = arg;
    struct reading r;
    uint32_t entity;

    if (!make_room(t, t->of_past ? count : 1))
        return false;
    read_meanings(labels, &r, &t->recall);
    if (t->asked->is.about == ABOUT_HOLDERS) {
        tell_holders(t, labels, &r);
        return true;
    }
    entity = entity_of(t, labels, &r);
    if (entity == GW_NONE)
        return true;
    if (asks_who_draws(t))
        note_drawer(t, r.of[A_TENANT]);
    if (t->asked->is.word)
        tell_word(t, entity, &r);
    for (size_t i = 0; i < count && !t->asked->is.word; i++) {
        if (t->of_past && !is_moment(points[i].time))
            continue;
        if (t->of_past)
            t->api->past(t->out, points[i].time);
        tell_value(t, entity, points[i].value);
    }
    return true;
}

static struct slice letters(const char *text, struct spot spot)
{
    return (struct slice){ text + spot.at, spot.len };
}

static const struct sample *rack_label_of(struct talk *t, const char *text,
                                          const struct way *way)
{
    t->few.labels = way->rack.len > 0;
    t->few.label[0] = t->rack_label;
    t->few.value[0] = letters(text, way->rack);
    return &t->few;
}

/* The node or GPU of a series that is known: it may be that only the rack has to be
 * looked for. */
static uint32_t entity_again(struct talk *t, const char *text, const struct way *way)
{
    struct slice node = letters(text, way->node);
    uint32_t whole = node_named(t, rack_label_of(t, text, way), node);

    return way->part.len ? part_of(t, node, whole, letters(text, way->part)) : whole;
}

/* Of a GPU that was named before. Racks are few, and named as ever. */
static void note_number(struct talk *t, const char *text, const struct way *way,
                        double number)
{
    struct gw_number *n = &t->numbers[t->number_count++];
    char *name = t->letters + t->letter_count;

    if (way->rack.len &&
        !equal(letters(text, way->rack), (struct slice){ t->rack, t->rack_len }))
        rack_of(t, rack_label_of(t, text, way));
    n->name = name;
    n->len = print_pair(name, letters(text, way->node), letters(text, way->part)).len;
    n->value = number;
    t->letter_count += n->len;
    if (t->number_count == NUMBERS_AT_ONCE ||
        sizeof(t->letters) - t->letter_count < LONGEST_NAME)
        tell_numbers(t);
}

static bool take_again(void *arg, const char *text, const struct way *way,
                       const struct point *point)
{
    struct talk *t = arg;
    double number = point->value * t->scale;
    uint32_t entity;

    if (!make_room(t, 1))
        return false;
    if (t->blanks && is_blank(point->value, false))
        number = NAN;
    if (t->are_named && way->part.len) {
        note_number(t, text, way, number);
        return true;
    }
    entity = entity_again(t, text, way);
    if (entity == GW_NONE)
        return true;
    if (t->number_alone)
        t->api->number(t->out, entity, t->asked->is.metric, number);
    else
        tell_value(t, entity, point->value);
    return true;
}

/* Are the series many, of GPUs or nodes that are named by labels of theirs, and is
 * nothing but a value told of each? */
static bool is_known_again(const struct talk *t)
{
    const struct question *q = &t->asked->is;

    return !q->word && (q->about == ABOUT_GPU || q->about == ABOUT_NODE ||
                        (q->about == ABOUT_RULE && !t->asked->rule.by[0].len));
}

/* Is what is told of a series its value as it is, in the metric's unit or another, or
 * that it is blank? */
static bool tells_number_alone(const struct question *q)
{
    return !(q->flags & (MASK | UNLIMITED | SUMMED)) &&
           q->metric != MODEL_POWER && q->metric != TENANT_POWER;
}

/* The same labels name the same node, or GPU, whatever is asked of it. */
static void know_again(struct talk *t)
{
    bool of_node = t->asked->is.about == ABOUT_RULE
                       ? metrics[t->asked->rule.metric].kind == GW_NODE
                       : t->asked->is.about == ABOUT_NODE;

    t->number_alone = tells_number_alone(&t->asked->is);
    t->are_named = t->number_alone && t->kept->are_named;
    t->blanks = t->asked->is.flags & BLANKS;
    t->scale = t->asked->is.scale != 0 ? t->asked->is.scale : 1;
    t->answer.again = take_again;
    t->answer.known = &t->kept->known;
    t->answer.key = t->kept->known.key ^ (of_node ? 0xaaaaaaaaaaaaaaaau : 0);
}

/* What a tenant drew in some of the day. */
static bool take_spent(void *arg, const struct sample *labels, const struct point *points,
                       size_t count)
{
    struct talk *t = arg;
    struct today *day = &t->kept->today;
    struct slice name = whole("unallocated");
    struct reading r;
    size_t i = 0;

    if (t->api->stopping(t->target))
        return false;
    read_meanings(labels, &r, &t->recall);
    if (t->asked->is.about == ABOUT_TENANT)
        name = is_exporter(&r) ? (struct slice){ NULL, 0 } : r.of[A_TENANT];
    while (i < day->count && !same(name, day->spent[i].name))
        i++;
    if (!name.len || i == MOST_DRAWERS)
        return true;
    if (!day->spent)
        day->spent = calloc(MOST_DRAWERS, sizeof(*day->spent));
    if (!day->spent)
        abort();
    if (i == day->count)
        snprintf(day->spent[day->count++].name, sizeof(day->spent->name), "%.*s",
                 (int)(name.len < 255 ? name.len : 255), name.text);
    for (size_t k = 0; k < count; k++)
        day->spent[i].piece += points[k].value >= 0 ? points[k].value * t->of_day : 0;
    return true;
}

static bool take_lone(void *arg, const struct sample *labels, const struct point *points,
                      size_t count)
{
    struct talk *t = arg;

    (void)labels;
    if (count)
        t->number = points[count - 1].value;
    return true;
}

#endif
