/* The recent past of power: one mean a step, for domains, tenants, classes and the site;
 * of domains with a cap of contingency n-1 also of their power with the other feed
 * lost. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A ring as a plain array that grows with its past: when all of it is full, the newest
 * TREND_LENGTH move to the front, so that readers see one piece, and a move is paid for
 * once in SLACK steps. */
enum { SLACK = 8, MOST_ROOM = TREND_LENGTH + SLACK, FIRST_ROOM = MOST_ROOM / 8 };

static const struct traced {
    int trace;
    enum gw_kind kind;
    uint16_t metric;
} traced[] = {
    { GW_SITE, GW_SITE, M_SITE_POWER },
    { GW_DOMAIN, GW_DOMAIN, M_DOMAIN_POWER },
    { GW_TENANT, GW_TENANT, M_TENANT_POWER },
    { GW_CLASS, GW_CLASS, M_CLASS_POWER },
    { TRACE_N1, GW_DOMAIN, M_DOMAIN_POWER_N1 },
};

static struct ring *ring_of(struct model *m, int trace, uint32_t row)
{
    size_t old = m->ring_room[trace];

    if (row >= old) {
        m->rings[trace] =
            xgrow(m->rings[trace], &m->ring_room[trace], row + 1, sizeof(struct ring));
        memset(m->rings[trace] + old, 0,
               (m->ring_room[trace] - old) * sizeof(struct ring));
    }
    return &m->rings[trace][row];
}

static void make_room(struct ring *r, size_t count)
{
    size_t room = r->room ? r->room : FIRST_ROOM;

    if (count <= r->room)
        return;
    while (room < count)
        room *= 2;
    r->values = xrealloc(r->values, room, sizeof(*r->values));
    r->room = room;
}

static void append(struct ring *r, float value)
{
    if (r->count == MOST_ROOM) {
        r->count = TREND_LENGTH - 1;
        memmove(r->values, r->values + SLACK + 1, r->count * sizeof(*r->values));
    }
    make_room(r, r->count + 1);
    r->values[r->count++] = value;
}

/* Opens the step that `now` is in; steps in which nobody looked are unknown. */
static void open_step(struct ring *r, int64_t step)
{
    if (r->count && step <= r->step)
        return;
    if (r->count && step - r->step > TREND_LENGTH)
        r->count = 0;
    while (r->count && r->step < step - 1) {
        append(r, NAN);
        r->step++;
    }
    append(r, NAN);
    r->step = step;
    r->sum = 0;
    r->samples = 0;
}

/* ---- sums that lack a part ---- */

/* A target that falls silent takes what it told of out of all sums above: that is no fall
 * of power, and its return no rise. As much may go as is no alert. What is silent for
 * long does not come back soon: then what is left is the power. */
enum { STARTING_S = 60, GONE_S = 300 };

/* How much of what the power sums up is known; NAN: it is no sum, or nobody can say. */
static double coverage_of(const struct model *m, const struct traced *t, uint32_t row,
                          uint32_t tick)
{
    if (!stamp_at(m, &m->columns[t->metric], row)->derived)
        return NAN;
    if (t->kind != GW_DOMAIN)
        return m->site_coverage;
    return isnan(fresh_number(m, M_DOMAIN_METER, row, tick))
               ? fresh_number(m, M_DOMAIN_COVERAGE, row, tick)
               : NAN;
}

static bool lacks_a_part(const struct model *m, struct ring *r, double coverage)
{
    double less = 1 - m->thresholds.coverage_attention;

    if (isnan(coverage))
        return false;
    if (coverage >= (double)r->covered - less) {
        r->covered = fmaxf(r->covered, (float)coverage);
        r->lacking_since = 0;
        return false;
    }
    r->lacking_since = r->lacking_since ? r->lacking_since : m->tick;
    if (m->tick - r->lacking_since < GONE_S * TICKS_PER_S)
        return true;
    r->covered = (float)coverage;
    r->lacking_since = 0;
    return false;
}

/* Has it been asked, and neither answered nor failed yet? */
static bool is_waited_for(const struct model *m, uint32_t source)
{
    return model_text(m, M_SOURCE_STATE, source) &&
           entity_of(m, GW_SOURCE, source)->origin != FROM_CACHE &&
           !model_source_is_silent(m, source) &&
           !(model_number(m, M_SOURCE_POLLS, source) > 0);
}

/* A sum without those is of whoever was faster. */
bool trends_begin(const struct model *m, double now)
{
    for (uint32_t row = 0; now - m->began < STARTING_S && row < m->rows[GW_SOURCE].count;
         row++)
        if (is_waited_for(m, row))
            return true;
    return false;
}

bool model_sum_lacks(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return row < m->ring_room[kind] && m->rings[kind][row].lacks;
}

/* ---- step by step ---- */

static void advance(struct model *m, const struct traced *t, uint32_t row, int64_t step,
                    bool starting)
{
    double power = fresh_number(m, t->metric, row, m->tick);
    double coverage = isnan(power) ? NAN : coverage_of(m, t, row, m->tick);
    struct ring *r;

    if (isnan(power) && row >= m->ring_room[t->trace])
        return;
    r = ring_of(m, t->trace, row);
    r->lacks = !isnan(coverage) && (lacks_a_part(m, r, coverage) || starting);
    if ((isnan(power) || r->lacks) && !r->values)
        return;
    open_step(r, step);
    if (isnan(power) || r->lacks || r->step != step)
        return;
    r->sum += power;
    r->samples++;
    r->values[r->count - 1] = (float)(r->sum / r->samples);
}

void advance_trends(struct model *m, double now)
{
    int64_t step = (int64_t)floor(now / TREND_STEP_S);
    bool starting = trends_begin(m, now);

    for (size_t i = 0; i < sizeof(traced) / sizeof(traced[0]); i++)
        for (uint32_t row = 0; row < m->rows[traced[i].kind].count; row++)
            if (traced[i].trace != TRACE_N1 || model_cap_is_n1(m, row))
                advance(m, &traced[i], row, step, starting);
}

/* Makes the ring as long as that, at its old end; TREND_LENGTH at most. */
static void reach_back(struct ring *r, size_t count)
{
    size_t more = count - r->count;

    make_room(r, count);
    memmove(r->values + more, r->values, r->count * sizeof(*r->values));
    for (size_t i = 0; i < more; i++)
        r->values[i] = NAN;
    r->count = count;
}

/* The step of now may be open already when the past is told: what is older comes before
 * it, and what was seen is kept. */
static void fill_gap(struct ring *r, int64_t step, double watts)
{
    size_t back = (size_t)(r->step - step);

    if (back >= TREND_LENGTH)
        return;
    if (back >= r->count)
        reach_back(r, back + 1);
    if (isnan(r->values[r->count - 1 - back]))
        r->values[r->count - 1 - back] = (float)watts;
}

void rewind_trends(struct model *m, double now)
{
    int64_t step = (int64_t)floor(now / TREND_STEP_S);

    for (int trace = 0; trace < TRACES; trace++)
        for (size_t row = 0; row < m->ring_room[trace]; row++) {
            struct ring *r = &m->rings[trace][row];
            int64_t after = r->count ? r->step - step : 0;

            if (after <= 0)
                continue;
            r->count = (size_t)after < r->count ? r->count - (size_t)after : 0;
            r->step = step;
            /* The mean of that step is kept as one sample of it. */
            r->sum = r->count ? (double)r->values[r->count - 1] : 0;
            r->samples = r->count > 0 && !isnan(r->sum);
            r->sum = r->samples ? r->sum : 0;
        }
}

void note_trace(struct model *m, int trace, uint32_t row, double time, double watts)
{
    int64_t step = (int64_t)floor(time / TREND_STEP_S);
    struct ring *r = ring_of(m, trace, row);

    if (r->count && step < r->step) {
        fill_gap(r, step, watts);
        return;
    }
    open_step(r, step);
    r->sum += watts;
    r->samples++;
    r->values[r->count - 1] = (float)(r->sum / r->samples);
}

void note_past(struct model *m, enum gw_kind kind, uint32_t row, double time,
               double watts)
{
    m->has_past_of_tenants |= kind == GW_TENANT;
    m->has_past_of_domains |= kind == GW_DOMAIN;
    note_trace(m, (int)kind, row, time, watts);
    m->rings[kind][row].is_told = true;
}

void forget_trend(struct model *m, enum gw_kind kind, uint32_t row)
{
    if (row >= m->ring_room[kind])
        return;
    free(m->rings[kind][row].values);
    m->rings[kind][row] = (struct ring){ 0 };
}

void free_trends(struct model *m)
{
    for (int trace = 0; trace < TRACES; trace++) {
        for (size_t i = 0; i < m->ring_room[trace]; i++)
            free(m->rings[trace][i].values);
        free(m->rings[trace]);
    }
    free(m->class_pasts);
}

size_t trend_bytes(const struct model *m)
{
    size_t bytes = 0;

    for (int trace = 0; trace < TRACES; trace++)
        for (size_t i = 0; i < m->ring_room[trace]; i++)
            bytes += sizeof(struct ring) + m->rings[trace][i].room * sizeof(float);
    return bytes;
}

static struct trend trend_of(const struct model *m, int trace, uint32_t row)
{
    const struct ring *r;
    size_t shown;

    if (trace < 0 || trace >= TRACES || row >= m->ring_room[trace] ||
        !m->rings[trace][row].count)
        return (struct trend){ .step_s = TREND_STEP_S };
    r = &m->rings[trace][row];
    shown = r->count < TREND_LENGTH ? r->count : TREND_LENGTH;
    return (struct trend){ .values = r->values + r->count - shown,
                           .count = shown,
                           .end = (double)r->step * TREND_STEP_S,
                           .step_s = TREND_STEP_S };
}

struct trend model_trend(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return trend_of(m, (int)kind, row);
}

void model_known_past(const struct model *m, double *since, double *until)
{
    struct trend t = model_trend(m, GW_SITE, 0);
    size_t end = t.count, first;

    while (end && isnan(t.values[end - 1]))
        end--;
    for (first = end; first && !isnan(t.values[first - 1]);)
        first--;
    *since = t.end + ((double)first - (double)t.count + 1) * t.step_s;
    *until = t.end + ((double)end - (double)t.count + 1) * t.step_s;
}

struct trend model_capped_trend(const struct model *m, uint32_t domain)
{
    return trend_of(m, model_cap_is_n1(m, domain) ? TRACE_N1 : GW_DOMAIN, domain);
}

/* Those from `first` on, which may lie before the beginning; NAN where there are none. */
static void place_values(float filled[TREND_LENGTH], const float *values, int64_t first,
                         int64_t count)
{
    int64_t from = first < 0 ? -first : 0,
            to = count - first < TREND_LENGTH ? count - first : TREND_LENGTH;

    memset(filled, 0xff, TREND_LENGTH * sizeof(*filled)); /* NAN */
    if (from < to)
        memcpy(filled + from, values + first + from,
               (size_t)(to - from) * sizeof(*filled));
}

static void fill(struct model *m, int trace, uint32_t row, double last,
                 const float *values, size_t count)
{
    int64_t told = (int64_t)floor(last / TREND_STEP_S), end, first;
    size_t own, unknown = 0;
    float filled[TREND_LENGTH];
    struct ring *r;

    assert_unseen(m);
    r = ring_of(m, trace, row);
    end = r->count ? r->step : told;
    /* of the values: its place in `filled` is 0 */
    first = (int64_t)count - (told - end) - TREND_LENGTH;
    place_values(filled, values, first, (int64_t)count);
    own = r->count < TREND_LENGTH ? r->count : TREND_LENGTH;
    for (size_t back = 1; back <= own; back++)
        if (!isnan(r->values[r->count - back]))
            filled[TREND_LENGTH - back] = r->values[r->count - back];
    while (unknown < TREND_LENGTH && isnan(filled[unknown]))
        unknown++;
    make_room(r, TREND_LENGTH - unknown);
    r->count = TREND_LENGTH - unknown;
    if (r->count)
        memcpy(r->values, filled + unknown, r->count * sizeof(*r->values));
    r->step = end;
}

void model_trend_fill(struct model *m, enum gw_kind kind, uint32_t row, double last,
                      const float *values, size_t count)
{
    m->has_past_of_tenants |= kind == GW_TENANT;
    if (count > 0 && (unsigned)kind < GW_KINDS && row < m->rows[kind].count)
        fill(m, (int)kind, row, last, values, count);
}

void model_trend_fill_n1(struct model *m, uint32_t domain, double last,
                         const float *values, size_t count)
{
    if (count > 0 && model_cap_is_n1(m, domain))
        fill(m, TRACE_N1, domain, last, values, count);
}

/* ---- over a window, for caps ---- */

/* Folds the last `steps` values that are known. NAN: none. */
static double fold(const struct model *m, uint32_t domain, size_t steps, bool mean)
{
    struct trend t = model_capped_trend(m, domain);
    double sum = 0, most = NAN;
    size_t known = 0;

    for (size_t i = t.count > steps ? t.count - steps : 0; i < t.count; i++) {
        if (isnan(t.values[i]))
            continue;
        sum += t.values[i];
        most = fmax(most, t.values[i]);
        known++;
    }
    if (!known)
        return NAN;
    return mean ? sum / (double)known : most;
}

double trend_mean(const struct model *m, uint32_t domain, size_t steps)
{
    return fold(m, domain, steps, true);
}

double trend_max(const struct model *m, uint32_t domain, size_t steps)
{
    return fold(m, domain, steps, false);
}
