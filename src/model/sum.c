/* Power, summed up the graph from what is fresh; what is missing is counted, never filled
 * in.
 *
 * A part with two feeds gives half to each, as balanced power supplies do, or all to the
 * one that is left when the other is lost. A meter is believed before a sum. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the parts of one whole add up to. */
struct tally {
    double sum;               /* W, each part by its share */
    double extra;             /* W, what would come if feeds outside of it were lost */
    double expected, fresh;   /* leaves; part of one, where it says so */
    uint32_t parts;
    uint32_t oldest; /* tick of the oldest number in it; 0: nothing known */
    bool estimated;
    bool unsure; /* part of it was summed by who says that something is lacking: how
                  * much of it is fresh is not known */
};

/* What the GPUs of a node do. */
struct gpus {
    double sum; /* W */
    uint32_t count, fresh;
    uint32_t oldest;    /* as above */
    float hottest;      /* C; NAN: none is known */
    bool heard;         /* something in it is a source's word of now, and not
                         * remembered */
};

/* What one part gives. */
struct draw {
    double power; /* NAN: not known now */
    double expected, fresh;
    uint32_t tick;
    bool estimated, unsure;
};

struct sums {
    struct model *m;
    uint32_t now;
    struct tally *domains, site;
    struct gpus *nodes;
    unsigned char *lost; /* by domain */
    bool roster;         /* there is one that names nodes */
    bool unasked;        /* and nobody is asked about them */
};

static void add_draw(struct tally *t, const struct draw *d, double share)
{
    t->expected += d->expected;
    t->fresh += d->fresh;
    t->parts++;
    t->unsure = t->unsure || d->unsure;
    if (isnan(d->power)) {
        t->estimated = t->estimated || d->expected > 0;
        return;
    }
    t->sum += d->power * share;
    t->estimated = t->estimated || d->estimated;
    if (t->oldest == 0 || d->tick < t->oldest)
        t->oldest = d->tick;
}

/* If the other feed of a dual-fed part were lost, `watts` more would come through `feed`
 * and all that feeds it, up to what feeds both: there they are counted already. */
static void add_extra(struct sums *s, struct row feed, struct row other, double watts)
{
    while (feed.id != GW_NONE && feed.kind == GW_DOMAIN &&
           !row_is_below(s->m, other, feed)) {
        s->domains[feed.id].extra += watts;
        feed = entity_of(s->m, GW_DOMAIN, feed.id)->parent;
    }
}

/* Gives what a part draws to its wholes; the parts of nobody are the site's. */
static void give(struct sums *s, struct row part, const struct draw *d)
{
    struct row one = entity_of(s->m, part.kind, part.id)->parent,
               other = second_of(s->m, part.kind, part.id);
    bool first = one.id != GW_NONE && one.kind == GW_DOMAIN,
         second = other.id != GW_NONE && other.kind == GW_DOMAIN;
    double share = second ? 0.5 : 1;

    if (first && second && s->lost[one.id] != s->lost[other.id])
        share = s->lost[one.id] ? 0 : 1;
    if (first)
        add_draw(&s->domains[one.id], d, share);
    if (second)
        add_draw(&s->domains[other.id], d, first ? 1 - share : 1);
    if (!first && !second)
        add_draw(&s->site, d, 1);
    if (first && second && !isnan(d->power)) {
        add_extra(s, one, other, d->power * (1 - share));
        add_extra(s, other, one, d->power * share);
    }
}

/* A stamp's tick, or now where there is none. */
static uint32_t tick_at(const struct model *m, uint16_t metric, uint32_t row,
                        uint32_t now)
{
    return metric < m->column_count && m->columns[metric].stamps
               ? stamp_at(m, &m->columns[metric], row)->time
               : now;
}

static bool is_estimated(const struct model *m, uint16_t metric, uint32_t row)
{
    return stamp_at(m, &m->columns[metric], row)->quality == GW_ESTIMATED;
}

/* A MIG instance is a part of a GPU: its power is in the GPU's already. */
static bool is_instance(const struct entity *gpu)
{
    return gpu->parent.id != GW_NONE && gpu->parent.kind == GW_GPU;
}

static void add_gpu(const struct sums *s, struct gpus *to, uint32_t row,
                    const struct draw *d)
{
    float temp = (float)fresh_number(s->m, M_GPU_TEMP, row, s->now);

    to->count++;
    if (!isnan(temp) && !(temp <= to->hottest))
        to->hottest = temp;
    if (isnan(d->power))
        return;
    to->sum += d->power;
    to->fresh++;
    to->heard |= stamp_at(s->m, &s->m->columns[M_GPU_POWER], row)->origin != FROM_CACHE;
    if (to->oldest == 0 || d->tick < to->oldest)
        to->oldest = d->tick;
}

static void take_gpu(struct sums *s, uint32_t row)
{
    const struct entity *e = entity_of(s->m, GW_GPU, row);
    struct draw d = { .power = fresh_number(s->m, M_GPU_POWER, row, s->now) };

    if (row_is_vacant(e) || is_instance(e))
        return;
    if (!isnan(d.power)) {
        d.tick = tick_at(s->m, M_GPU_POWER, row, s->now);
        d.estimated = is_estimated(s->m, M_GPU_POWER, row);
    }
    if (e->parent.id == GW_NONE || e->parent.kind != GW_NODE) {
        give(s, (struct row){ GW_GPU, row }, &d);
        return;
    }
    add_gpu(s, &s->nodes[e->parent.id], row, &d);
}

/* What a source says that the node draws; NAN: it has a better number, or its GPUs that
 * are read have. */
static double told_power(const struct sums *s, uint32_t row)
{
    const struct column *c = column_with(s->m, M_NODE_POWER, row);

    return c && !stamp_at(s->m, c, row)->derived && s->nodes[row].fresh == 0
               ? fresh_number(s->m, M_NODE_POWER, row, s->now)
               : NAN;
}

/* A meter that reads less than the GPUs was read at another time, or sees a part of the
 * node: nothing is left then. */
static struct node_rest rest_of(const struct sums *s, uint32_t row, double meter)
{
    const struct gpus *gpus = &s->nodes[row];
    uint16_t by = isnan(meter) ? M_NODE_POWER : M_NODE_METER;
    double watts = isnan(meter) ? told_power(s, row) : meter;
    struct node_rest rest = { .watts = NAN,
                              .bare = gpus->count == 0 ||
                                      (gpus->fresh == 0 && isnan(meter)),
                              .tenant = NOT_ASKED,
                              .job = NOT_ASKED,
                              .class = NOT_ASKED };

    if (isnan(watts))
        return rest;
    rest.watts = (float)(fmax(watts - gpus->sum, 0) / (rest.bare ? 1 : gpus->count));
    rest.estimated = gpus->fresh < gpus->count || is_estimated(s->m, by, row);
    rest.metered = by == M_NODE_METER || !rest.estimated;
    rest.tick = tick_at(s->m, by, row, s->now);
    return rest;
}

/* The one who wrote the cache knew that the node had fallen silent: what else it
 * remembers of it is no younger. */
static bool is_remembered_as_stale(const struct sums *s, uint32_t row)
{
    const struct column *c = column_with(s->m, M_NODE_POWER, row);

    return c && !s->nodes[row].heard && stamp_at(s->m, c, row)->origin == FROM_CACHE &&
           stamp_at(s->m, c, row)->quality == GW_STALE;
}

/* The node's meter; without it, its GPUs: only a part of what a node draws, hence
 * estimated. */
static void settle_node(struct sums *s, uint32_t row)
{
    const struct gpus *gpus = &s->nodes[row];
    double meter = fresh_number(s->m, M_NODE_METER, row, s->now);

    s->m->node_rests[row] = rest_of(s, row, meter);
    if (is_remembered_as_stale(s, row) &&
        (isnan(meter) ||
         stamp_at(s->m, &s->m->columns[M_NODE_METER], row)->origin == FROM_CACHE))
        return;
    if (!isnan(meter))
        derive(s->m, M_NODE_POWER, row, meter,
               is_estimated(s->m, M_NODE_METER, row) ? GW_ESTIMATED : GW_OK,
               tick_at(s->m, M_NODE_METER, row, s->now));
    else
        derive(s->m, M_NODE_POWER, row, gpus->oldest ? gpus->sum : NAN, GW_ESTIMATED,
               gpus->oldest);
    derive(s->m, M_NODE_TEMP, row, (double)gpus->hottest, GW_OK, s->now);
}

/* With a roster, it alone says what is expected. */
static bool is_expected(const struct sums *s, const struct entity *e)
{
    return (e->in_roster || !s->roster) && !s->unasked;
}

/* How much of the node its power is of. Who answers from the cache may read no GPUs, and
 * how many there are is remembered. */
static double share_known(const struct sums *s, uint32_t row)
{
    const struct gpus *gpus = &s->nodes[row];
    const struct stamp *told = stamp_at(s->m, &s->m->columns[M_NODE_POWER], row);
    double remembered = fresh_number(s->m, M_NODE_COVERAGE, row, s->now);

    if (!told->derived)
        return told->origin == FROM_CACHE && !isnan(remembered) ? remembered : 1;
    return isnan(fresh_number(s->m, M_NODE_METER, row, s->now)) && gpus->count
               ? (double)gpus->fresh / gpus->count
               : 1;
}

static void take_node(struct sums *s, uint32_t row)
{
    const struct entity *e = entity_of(s->m, GW_NODE, row);
    struct draw d = { 0 };
    double share;

    s->m->node_rests[row] = (struct node_rest){ .watts = NAN };
    if (row_is_vacant(e))
        return;
    settle_node(s, row);
    d.power = fresh_number(s->m, M_NODE_POWER, row, s->now);
    d.expected = is_expected(s, e);
    share = isnan(d.power) ? NAN : share_known(s, row);
    derive(s->m, M_NODE_COVERAGE, row, share, GW_OK, s->now);
    d.fresh = d.expected > 0 && !isnan(share) ? share : 0;
    if (!isnan(d.power)) {
        d.tick = tick_at(s->m, M_NODE_POWER, row, s->now);
        d.estimated = is_estimated(s->m, M_NODE_POWER, row);
    }
    give(s, (struct row){ GW_NODE, row }, &d);
}

/* Does the number come from a target that lacks something? Whom the cache has it from it
 * does not say. */
static bool is_told_in_part(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct stamp *s = stamp_at(m, &m->columns[metric], row);

    if (s->origin == FROM_CACHE)
        return m->partial_count > 0 && s->quality == GW_ESTIMATED;
    return is_partial(m, m->columns[metric].kind, s->origin);
}

/* Nothing but its own number speaks for it, and who told that may say how much is in
 * it. */
static void settle_leaf(const struct sums *s, uint32_t row, uint16_t power)
{
    const struct column *c = column_with(s->m, M_DOMAIN_COVERAGE, row);
    double told = c && !stamp_at(s->m, c, row)->derived
                      ? fresh_number(s->m, M_DOMAIN_COVERAGE, row, s->now)
                      : NAN;
    struct tally *t = &s->domains[row];

    t->expected = 1;
    t->fresh = !isnan(fresh_number(s->m, power, row, s->now));
    t->unsure = t->fresh > 0 && is_told_in_part(s->m, power, row);
    t->fresh = t->fresh > 0 && !isnan(told) ? told : t->fresh;
}

/* A meter that was recorded is all that is to be heard of what hangs below it. */
static bool is_leaf(const struct sums *s, const struct tally *t, double meter)
{
    return t->parts == 0 || (s->m->is_recorded && (!isnan(meter) || t->expected <= 0));
}

static void settle_domain(struct sums *s, uint32_t row, double meter)
{
    struct tally *t = &s->domains[row];
    struct model *m = s->m;
    /* Of then each number is kept for itself: what has none had lost a part, and what is
     * left of it is no sum. */
    bool is_part = m->is_then && !(t->fresh >= t->expected);
    double sum = t->oldest && !is_part ? t->sum : NAN;
    enum gw_quality quality = t->estimated ? GW_ESTIMATED : GW_OK;

    derive(m, M_DOMAIN_SUM, row, sum, quality, t->oldest);
    if (!isnan(meter))
        derive(m, M_DOMAIN_POWER, row, meter,
               is_estimated(m, M_DOMAIN_METER, row) ? GW_ESTIMATED : GW_OK,
               tick_at(m, M_DOMAIN_METER, row, s->now));
    else
        derive(m, M_DOMAIN_POWER, row, sum, quality, t->oldest);
    if (is_leaf(s, t, meter))
        settle_leaf(s, row, isnan(meter) ? M_DOMAIN_POWER : M_DOMAIN_METER);
    /* Who answered then nobody has kept. */
    derive(m, M_DOMAIN_COVERAGE, row,
           t->expected > 0 && !t->unsure && !m->is_then ? t->fresh / t->expected : NAN,
           GW_OK, s->now);
}

static void take_domain(struct sums *s, uint32_t row)
{
    struct model *m = s->m;
    struct entity *e = entity_of(m, GW_DOMAIN, row);
    struct tally *t = &s->domains[row];
    double meter = fresh_number(m, M_DOMAIN_METER, row, s->now);
    struct draw d = { 0 };

    settle_domain(s, row, meter);
    d.power = fresh_number(m, M_DOMAIN_POWER, row, s->now);
    d.expected = t->expected;
    d.fresh = t->fresh;
    d.unsure = t->unsure;
    if (!isnan(d.power)) {
        d.tick = tick_at(m, M_DOMAIN_POWER, row, s->now);
        d.estimated = is_estimated(m, M_DOMAIN_POWER, row);
        note_worked_out(e, d.tick);
    }
    derive(m, M_DOMAIN_POWER_N1, row, d.power + t->extra,
           d.estimated ? GW_ESTIMATED : GW_OK, d.tick);
    give(s, (struct row){ GW_DOMAIN, row }, &d);
}

/* A domain is lost if it says so, or if all that feeds it is. Its feeds were asked
 * before. */
static bool is_lost(const struct sums *s, uint32_t row)
{
    const struct entity *e = entity_of(s->m, GW_DOMAIN, row);
    struct row second = second_of(s->m, GW_DOMAIN, row);
    const char *state = model_text(s->m, M_DOMAIN_STATE, row);

    if (state && strcmp(state, "lost") == 0)
        return true;
    if (e->parent.id == GW_NONE || e->parent.kind != GW_DOMAIN || !s->lost[e->parent.id])
        return false;
    return second.id == GW_NONE || second.kind != GW_DOMAIN || s->lost[second.id];
}

/* What was said of the cap holds until something else is said: no other number stands in
 * for it when it grows stale. */
bool cap_was_told(const struct model *m)
{
    const struct column *c = column_with(m, M_SITE_CAP, 0);

    return c && stamp_at(m, c, 0)->time && !stamp_at(m, c, 0)->derived &&
           !isnan(c->numbers[0]);
}

/* The site's cap where nobody gave one: what its roots may carry together, if all have a
 * cap. */
static double sum_of_caps(const struct model *m)
{
    double sum = NAN;

    for (uint32_t row = 0; row < m->rows[GW_DOMAIN].count; row++) {
        struct row parent = entity_of(m, GW_DOMAIN, row)->parent;
        const struct cap *cap = model_cap(m, row);

        if (parent.id != GW_NONE && parent.kind == GW_DOMAIN)
            continue;
        if (!cap || cap->unit != UNIT_W)
            return NAN;
        sum = (isnan(sum) ? 0 : sum) + cap->value;
    }
    return sum;
}

static void settle_site(struct sums *s)
{
    const struct tally *t = &s->site;
    bool is_part = s->m->is_then && !(t->fresh >= t->expected);

    s->m->site_coverage = t->expected > 0 && !t->unsure ? t->fresh / t->expected : NAN;
    derive(s->m, M_SITE_POWER, 0, t->oldest && !is_part ? t->sum : NAN,
           t->estimated ? GW_ESTIMATED : GW_OK, t->oldest);
    if (!cap_was_told(s->m))
        derive(s->m, M_SITE_CAP, 0, sum_of_caps(s->m), GW_OK, s->now);
    if (t->oldest)
        entity_of(s->m, GW_SITE, 0)->newest = t->oldest;
}

static bool roster_names_nodes(const struct model *m)
{
    for (uint32_t row = 0; row < m->rows[GW_NODE].count; row++)
        if (entity_of(m, GW_NODE, row)->in_roster)
            return true;
    return false;
}

/* A recording of domains, and none of nodes or GPUs, has no word of those that are
 * declared. */
static bool nodes_are_unasked(const struct model *m)
{
    static const enum gw_kind kinds[] = { GW_NODE, GW_GPU };

    if (!m->is_recorded)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (uint32_t row = 0; row < m->rows[kinds[i]].count; row++)
            if (model_row_quality(m, kinds[i], row) != GW_NEVER)
                return false;
    return true;
}

void sum_power(struct model *m, uint32_t now)
{
    size_t domains = m->rows[GW_DOMAIN].count, nodes = m->rows[GW_NODE].count;
    const uint32_t *upward = tree_upward(m);
    struct sums s = { .m = m,
                      .now = now,
                      .roster = roster_names_nodes(m),
                      .unasked = nodes_are_unasked(m) };

    s.domains = xcalloc(domains, sizeof(*s.domains));
    s.nodes = xcalloc(nodes, sizeof(*s.nodes));
    s.lost = xcalloc(domains, 1);
    m->node_rests = xgrow(m->node_rests, &m->node_rest_room, nodes,
                          sizeof(*m->node_rests));
    for (size_t i = 0; i < nodes; i++)
        s.nodes[i].hottest = NAN;
    for (size_t i = domains; i-- > 0;)
        s.lost[upward[i]] = is_lost(&s, upward[i]);
    for (uint32_t row = 0; row < m->rows[GW_GPU].count; row++) {
        take_gpu(&s, row);
        let_look(m, row);
    }
    for (uint32_t row = 0; row < nodes; row++) {
        take_node(&s, row);
        let_look(m, row);
    }
    for (size_t i = 0; i < domains; i++) {
        take_domain(&s, upward[i]);
        let_look(m, i);
    }
    settle_site(&s);
    free(s.domains);
    free(s.nodes);
    free(s.lost);
}

/* ---- coverage ---- */

struct stamp gpu_heard_of(const struct model *m, uint32_t gpu)
{
    static const uint16_t measured[] = { M_GPU_POWER, M_GPU_UTIL };
    const struct entity *e = entity_of(m, GW_GPU, gpu);
    struct stamp heard = { .time = 0 };

    for (size_t i = 0; i < sizeof(measured) / sizeof(*measured); i++) {
        const struct column *c = column_with(m, measured[i], gpu);

        if (c && stamp_at(m, c, gpu)->time > heard.time)
            heard = *stamp_at(m, c, gpu);
    }
    /* What told the impossible was heard of. */
    if (heard.quality == GW_OUT_OF_RANGE)
        heard.quality = GW_OK;
    return heard.time ? heard
                      : (struct stamp){ .time = e->newest, .origin = e->origin & 0x7FFFFF };
}

bool model_answers(const struct model *m, enum gw_kind kind, uint32_t row)
{
    struct stamp heard;

    if (kind == GW_NODE)
        return model_coverage_below(m, kind, row).ok > 0;
    if (kind != GW_GPU || row >= m->rows[kind].count)
        return model_row_quality(m, kind, row) == GW_OK;
    heard = gpu_heard_of(m, row);
    return is_fresh(m, &heard, m->tick);
}

/* What is measured answers, whatever is said of it. */
static void count_node(const struct model *m, uint32_t row, struct coverage *c)
{
    enum gw_quality heard = model_row_quality(m, GW_NODE, row);
    bool has_power = !isnan(model_number(m, M_NODE_POWER, row));
    bool measured = has_power && !isnan(fresh_number(m, M_NODE_POWER, row, m->tick));
    double share = measured ? fresh_number(m, M_NODE_COVERAGE, row, m->tick) : NAN;

    c->expected++;
    c->lacking += isnan(share) ? 0 : 1 - share;
    if (!measured && model_node_is_down(m, row))
        c->down++;
    else if (has_power ? measured : heard == GW_OK)
        c->ok++;
    else if (has_power || heard != GW_NEVER)
        c->stale++;
    else
        c->never++;
}

struct coverage model_coverage_below(const struct model *m, enum gw_kind kind,
                                     uint32_t row)
{
    struct coverage sum = { 0 };
    struct row whole = { kind, row };

    if (kind == GW_SITE)
        return m->coverage;
    if (row >= m->rows[kind].count)
        return sum;
    if (kind == GW_NODE) {
        count_node(m, row, &sum);
        return sum;
    }
    for (struct row part = model_first_part(m, whole); part.id != GW_NONE;
         part = model_next_part(m, whole, part)) {
        struct coverage c;

        if (part.kind != GW_NODE && part.kind != GW_DOMAIN)
            continue;
        c = model_coverage_below(m, part.kind, part.id);
        sum.expected += c.expected;
        sum.ok += c.ok;
        sum.stale += c.stale;
        sum.down += c.down;
        sum.never += c.never;
        sum.lacking += c.lacking;
    }
    return sum;
}

/* How many things a partial target should tell of, and cannot; where it does not know how
 * many, one. */
static size_t count_missing(const struct model *m, uint32_t source)
{
    const char *state = model_text(m, M_SOURCE_STATE, source);
    double missing = model_number(m, M_SOURCE_MISSING, source);

    if (!state || strcmp(state, "partial") != 0)
        return 0;
    return missing > 1 ? (size_t)fmin(missing, UINT32_MAX) : 1;
}

/* Who tells this number, and lacks something. NULL: nobody. */
static const char *partial_teller(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;
    uint32_t source = 0;

    if (!s || s->time == 0 || s->derived || !is_told_in_part(m, metric, row))
        return NULL;
    if (s->origin != FROM_CACHE)
        return m->targets[s->origin].name;
    while (source < m->rows[GW_SOURCE].count && !count_missing(m, source))
        source++;
    return source < m->rows[GW_SOURCE].count ? model_name(m, GW_SOURCE, source) : NULL;
}

static bool is_in(const struct model *m, struct row part, struct row whole)
{
    return whole.kind == GW_SITE || (part.kind == whole.kind && part.id == whole.id) ||
           row_is_below(m, part, whole);
}

const char *model_told_in_part(const struct model *m, struct row whole)
{
    static const uint16_t powers[] = { M_SITE_POWER, M_DOMAIN_METER, M_DOMAIN_POWER,
                                       M_NODE_METER, M_NODE_POWER };
    const char *teller = NULL;

    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]) && !teller; i++) {
        struct row part = { metric_at(powers[i])->kind, 0 };

        for (; part.id < m->rows[part.kind].count && !teller; part.id++) {
            teller = partial_teller(m, powers[i], part.id);
            teller = teller && is_in(m, part, whole) ? teller : NULL;
        }
    }
    return teller;
}

bool model_source_is_silent(const struct model *m, uint32_t source)
{
    const char *state = model_text(m, M_SOURCE_STATE, source);

    return state && (!strcmp(state, "down") || !strcmp(state, "refused"));
}

static void count_source(const struct model *m, uint32_t row, struct coverage *c)
{
    const char *state = model_text(m, M_SOURCE_STATE, row);

    c->expected++;
    if (state && (!strcmp(state, "ok") || !strcmp(state, "partial")))
        c->ok++;
    else if (state && strcmp(state, "late") == 0)
        c->stale++;
    else if (model_source_is_silent(m, row))
        c->down++;
    else
        c->never++;
}

/* Where no roster names the nodes, a target that never answered stands for those it would
 * have told of: what is missing must not vanish because others answer. */
static bool never_answered(const struct model *m, uint32_t source)
{
    const char *node = model_text(m, M_SOURCE_NODE, source);

    return model_source_is_silent(m, source) &&
           !(model_number(m, M_SOURCE_POLLS, source) > 0) &&
           model_find(m, GW_NODE, node ? node : model_name(m, GW_SOURCE, source)) ==
               GW_NONE;
}

/* A target that the cache knows from before, and nobody is told to ask any more. */
static bool is_only_remembered(const struct model *m, uint32_t source)
{
    return m->stale_after[FROM_CACHE] == 0 &&
           entity_of(m, GW_SOURCE, source)->origin == FROM_CACHE;
}

/* Nodes that are fresh still, and that who told of them told of no more when it last
 * spoke of others: they are among what it lacks, and answer for a moment yet. */
static size_t count_fading(const struct model *m)
{
    uint32_t *last = xcalloc(m->target_count, sizeof(*last));
    size_t fading = 0;

    for (uint32_t row = 0; row < m->rows[GW_NODE].count; row++) {
        const struct entity *e = entity_of(m, GW_NODE, row);

        last[e->origin] = e->newest > last[e->origin] ? e->newest : last[e->origin];
    }
    for (uint32_t row = 0; row < m->rows[GW_NODE].count; row++) {
        const struct entity *e = entity_of(m, GW_NODE, row);
        bool is_asked = e->origin >= FIRST_TARGET ? m->targets[e->origin].partial
                                                  : e->origin == FROM_CACHE;

        fading += !row_is_vacant(e) && is_asked &&
                  model_row_quality(m, GW_NODE, row) == GW_OK &&
                  last[e->origin] - e->newest > m->stale_after[e->origin] / 6;
    }
    free(last);
    return fading;
}

struct coverage count_coverage(const struct model *m)
{
    enum gw_kind kind = m->rows[GW_NODE].count && !nodes_are_unasked(m) ? GW_NODE
                                                                         : GW_SOURCE;
    struct coverage c = { 0 };
    bool roster = kind == GW_NODE && roster_names_nodes(m);
    size_t missing = 0, known;

    /* Who answered then nobody has kept. */
    if (m->is_then)
        return c;

    for (uint32_t row = 0; row < m->rows[kind].count; row++) {
        if (kind == GW_SOURCE && !is_only_remembered(m, row))
            count_source(m, row, &c);
        else if (kind != GW_SOURCE && !row_is_vacant(entity_of(m, kind, row)) &&
                 (!roster || entity_of(m, kind, row)->in_roster))
            count_node(m, row, &c);
        let_look(m, row);
    }
    if (kind == GW_NODE && !roster)
        for (uint32_t row = 0; row < m->rows[GW_SOURCE].count; row++)
            if (never_answered(m, row) && !is_only_remembered(m, row))
                count_source(m, row, &c);
    /* Nodes that grew old may be those that a target lacks; a roster has them all. */
    for (uint32_t row = 0; !roster && row < m->rows[GW_SOURCE].count; row++)
        missing += count_missing(m, row);
    known = kind == GW_NODE ? c.stale + c.down + c.never : 0;
    known += missing > known && kind == GW_NODE ? count_fading(m) : 0;
    c.expected += missing > known ? missing - known : 0;
    c.down += missing > known ? missing - known : 0;
    return c;
}

struct coverage model_coverage(const struct model *m)
{
    return m->coverage;
}

double model_coverage_share(const struct coverage *c)
{
    return c->expected > 0 ? ((double)c->ok - c->lacking) / (double)c->expected : NAN;
}
