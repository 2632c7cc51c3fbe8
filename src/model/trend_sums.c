/* What sums drew before anybody looked: where the past of parts is told and that of what
 * feeds them is not, as of a recording of racks, it is what they add up to. A step of
 * which a part is not known is a gap, as are all of what feeds nodes: they have no past.
 * Whether a feed was lost nobody tells of then: what has two drew from both. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the parts of one whole add up to in a step. */
struct tally {
    double sum, extra;          /* W; with the other feeds lost, so much more */
    bool any, lacks, lacks_extra;
    bool is_hoped_for;          /* a part may be known */
};

struct sums {
    struct model *m;
    struct tally *domains, *blind;      /* by domain, and the site behind them; `blind`:
                                         * what is so in every step */
    uint32_t *seen;                     /* domains of which a step may be known, parts
                                         * before wholes: of thousands a few */
    size_t seen_count, done;            /* done: in all steps */
};

static float value_at(const struct model *m, int trace, uint32_t row, int64_t step)
{
    const struct ring *r = row < m->ring_room[trace] ? &m->rings[trace][row] : NULL;

    return r && r->count && step <= r->step && (uint64_t)(r->step - step) < r->count
               ? r->values[r->count - 1 - (size_t)(r->step - step)]
               : NAN;
}

static bool is_told(const struct model *m, int trace, uint32_t row)
{
    return row < m->ring_room[trace] && m->rings[trace][row].is_told;
}

/* Does it go back to a step that is over? */
static bool has_past(const struct model *m, uint32_t domain, int64_t last)
{
    const struct ring *r = domain < m->ring_room[GW_DOMAIN] ? &m->rings[GW_DOMAIN][domain]
                                                            : NULL;

    return r && r->count && r->step - (int64_t)r->count < last;
}

/* Has it a past, or a present? What has neither lacks in no sum. */
static bool counts(const struct model *m, uint32_t domain)
{
    return (domain < m->ring_room[GW_DOMAIN] && m->rings[GW_DOMAIN][domain].count) ||
           !isnan(fresh_number(m, M_DOMAIN_POWER, domain, m->tick));
}

static void add_extra(const struct sums *s, struct tally *to, struct row feed,
                      struct row other, double watts)
{
    while (feed.id != GW_NONE && feed.kind == GW_DOMAIN &&
           !row_is_below(s->m, other, feed)) {
        to[feed.id].lacks_extra |= isnan(watts);
        to[feed.id].extra += isnan(watts) ? 0 : watts;
        feed = entity_of(s->m, GW_DOMAIN, feed.id)->parent;
    }
}

static void add(struct tally *to, double watts)
{
    to->any = true;
    to->lacks |= isnan(watts);
    to->sum += isnan(watts) ? 0 : watts;
}

static void give(const struct sums *s, struct tally *to, struct row part, double watts)
{
    struct row one = entity_of(s->m, part.kind, part.id)->parent,
               other = second_of(s->m, part.kind, part.id);
    bool first = one.id != GW_NONE && one.kind == GW_DOMAIN,
         second = other.id != GW_NONE && other.kind == GW_DOMAIN;
    double share = first && second ? watts / 2 : watts;

    if (first)
        add(&to[one.id], share);
    if (second)
        add(&to[other.id], share);
    if (!first && !second)
        add(&to[s->m->rows[GW_DOMAIN].count], share);
    if (!first || !second)
        return;
    add_extra(s, to, one, other, share);
    add_extra(s, to, other, one, share);
}

static void find_blind(const struct sums *s)
{
    static const uint16_t powers[] = { M_NODE_POWER, M_GPU_POWER };
    struct model *m = s->m;

    for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
        struct row part = { metric_at(powers[i])->kind, 0 };

        for (; part.id < m->rows[part.kind].count; part.id++) {
            if (entity_of(m, part.kind, part.id)->parent.kind != GW_NODE &&
                !isnan(fresh_number(m, powers[i], part.id, m->tick)))
                give(s, s->blind, part, NAN);
            let_look(m, part.id);
        }
    }
}

static void hope_for(const struct sums *s, struct row whole)
{
    if (whole.id != GW_NONE && whole.kind == GW_DOMAIN)
        s->blind[whole.id].is_hoped_for = true;
}

/* Who has no past, nor parts of which all may be known, lacks in every step. */
static void find_seen(struct sums *s, int64_t last)
{
    struct model *m = s->m;
    const uint32_t *upward = tree_upward(m);

    for (uint32_t i = 0; i < m->rows[GW_DOMAIN].count; i++) {
        struct row row = { GW_DOMAIN, upward[i] };
        const struct tally *t = &s->blind[row.id];

        let_look(m, i);
        if (has_past(m, row.id, last) || (t->is_hoped_for && !t->lacks)) {
            s->seen[s->seen_count++] = row.id;
            hope_for(s, entity_of(m, GW_DOMAIN, row.id)->parent);
            hope_for(s, second_of(m, GW_DOMAIN, row.id));
        } else if (counts(m, row.id)) {
            give(s, s->blind, row, NAN);
        }
    }
}

/* Its power in the step, and for what feeds it, too, where nobody told of it. */
static double settle_past(const struct sums *s, int trace, uint32_t row,
                          const struct tally *t, int64_t step)
{
    double watts = (double)value_at(s->m, trace, row, step);

    if (!isnan(watts) || is_told(s->m, trace, row) || !t->any || t->lacks)
        return watts;
    note_trace(s->m, trace, row, (double)step * TREND_STEP_S, t->sum);
    return t->sum;
}

static void tell_step(struct sums *s, int64_t step)
{
    struct model *m = s->m;
    size_t site = m->rows[GW_DOMAIN].count;

    for (size_t i = 0; i < s->seen_count; i++)
        s->domains[s->seen[i]] = s->blind[s->seen[i]];
    s->domains[site] = s->blind[site];
    for (size_t i = 0; i < s->seen_count; i++) {
        struct row row = { GW_DOMAIN, s->seen[i] };
        const struct tally *t = &s->domains[row.id];
        double watts = settle_past(s, GW_DOMAIN, row.id, t, step);

        if (model_cap_is_n1(m, row.id) && !isnan(watts) && !t->lacks_extra &&
            isnan((double)value_at(m, TRACE_N1, row.id, step)))
            note_trace(m, TRACE_N1, row.id, (double)step * TREND_STEP_S,
                       watts + t->extra);
        if (counts(m, row.id))
            give(s, s->domains, row, watts);
        let_look(m, ++s->done);
    }
    settle_past(s, GW_SITE, 0, &s->domains[site], step);
}

void tell_past_of_sums(struct model *m, double now)
{
    int64_t last = (int64_t)floor(now / TREND_STEP_S) - 1; /* that of now is under way */
    size_t count = m->rows[GW_DOMAIN].count + 1;
    struct sums s = { .m = m };

    if (!m->has_past_of_domains || m->is_then || last < TREND_LENGTH ||
        trends_begin(m, now))
        return;
    m->has_past_of_domains = false;
    s.domains = xcalloc(count, sizeof(*s.domains));
    s.blind = xcalloc(count, sizeof(*s.blind));
    s.seen = xcalloc(count, sizeof(*s.seen));
    find_blind(&s);
    find_seen(&s, last);
    for (int64_t step = last - TREND_LENGTH + 1; step <= last; step++)
        tell_step(&s, step);
    free(s.domains);
    free(s.blind);
    free(s.seen);
}
