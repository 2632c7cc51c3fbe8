/* Energy since midnight, and what it cost: power added up over time, for tenants, classes
 * and jobs. Where the console did not look for a part of the day, what is shown is an
 * estimate, for that part is missing; unless a source says what was used since when: then
 * that counts, and is paid for at the price of now. What it says of tenants counts for
 * their classes, too, where the rules of tenants are all that classifies: as their past
 * does (trend_classes.c). */
#include "base/arena.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

enum { WH_PER_KWH = 1000, S_PER_H = 3600 };
static const double WELL_COVERED = .98;

/* Of one row, since midnight. */
struct used {
    double joules, cost;
    double seconds; /* of these looked at */
    double since;   /* counted from then on; 0: nothing is yet */
    bool priced;    /* cost is known for some of it */
    double told_since;  /* from when on a source tells what was used; 0: none does */
    double unpaid;      /* joules that it told, of before it was looked at here */
    bool told, coarse;  /* it did; it is in `joules` */
};

static const struct spender {
    enum gw_kind kind;
    uint16_t power, energy, cost, since;
} spenders[] = {
    { GW_TENANT, M_TENANT_POWER, M_TENANT_ENERGY, M_TENANT_COST, M_TENANT_COUNTED },
    { GW_CLASS, M_CLASS_POWER, M_CLASS_ENERGY, M_CLASS_COST, M_CLASS_COUNTED },
};
enum { TENANTS, CLASSES, SPENDERS = sizeof(spenders) / sizeof(spenders[0]) };

struct energy {
    struct used *used[SPENDERS];
    size_t room[SPENDERS];
    double midnight, last; /* 0: never */
    bool told_of_tenants; /* before they were looked at; their classes do not know it
                           * yet */
};

void free_energy(struct model *m)
{
    if (!m->energy)
        return;
    for (int i = 0; i < SPENDERS; i++)
        free(m->energy->used[i]);
    free(m->energy);
}

void forget_energy(struct model *m, enum gw_kind kind, uint32_t row)
{
    for (int i = 0; m->energy && i < SPENDERS; i++)
        if (spenders[i].kind == kind && row < m->energy->room[i])
            m->energy->used[i][row] = (struct used){ 0 };
}

static struct used *used_at(struct energy *e, int kind, uint32_t row)
{
    size_t old = e->room[kind];

    if (row >= old) {
        e->used[kind] = xgrow(e->used[kind], &e->room[kind], row + 1, sizeof(**e->used));
        memset(e->used[kind] + old, 0, (e->room[kind] - old) * sizeof(**e->used));
    }
    return &e->used[kind][row];
}

static struct energy *energy_of(struct model *m)
{
    if (!m->energy)
        m->energy = xcalloc(1, sizeof(*m->energy));
    return m->energy;
}

/* Another day: everything starts at nothing. */
static void turn_page(struct energy *e, double midnight)
{
    for (int kind = 0; kind < SPENDERS; kind++)
        if (e->room[kind])
            memset(e->used[kind], 0, e->room[kind] * sizeof(**e->used));
    e->midnight = midnight;
    e->told_of_tenants = false;
}

/* Since when comes before how much. It is believed where it is of more of the day than
 * was looked at here. */
static bool take_told(struct used *u, double joules, double time)
{
    double seconds = time - u->told_since;

    u->told = true;
    if (u->seconds >= WELL_COVERED * seconds)
        return false;
    u->unpaid = fmax(joules - (u->priced ? u->joules : 0), 0);
    u->joules = joules;
    u->since = u->told_since;
    u->seconds = seconds;
    u->coarse = true;
    return true;
}

/* Whatever was counted before since when it was known is of the whole day. */
static void remember(struct energy *e, struct used *u, const struct spender *s,
                     uint16_t metric, double value, double time, bool counted)
{
    if (metric == s->since && !counted)
        u->told_since = value >= e->midnight && value < time ? value : 0;
    if (metric == s->energy && !counted && u->told_since > 0)
        e->told_of_tenants |= take_told(u, value, time) && s->kind == GW_TENANT;
    if (metric == s->energy && u->seconds <= 0) {
        u->joules = value;
        u->since = e->midnight;
        u->seconds = counted ? time - e->midnight : 0;
    }
    if (metric == s->cost && !u->priced) {
        u->cost = value;
        u->priced = true;
    }
    if (metric == s->since && counted && u->since == e->midnight && value > e->midnight &&
        value < time) {
        u->since = value;
        u->seconds = time - value;
    }
}

void remember_energy(struct model *m, uint16_t metric, uint32_t row, double value,
                     double time, bool counted)
{
    struct energy *e = energy_of(m);

    if (e->midnight < gw_midnight(time))
        turn_page(e, gw_midnight(time));
    for (int kind = 0; kind < SPENDERS && time >= e->midnight; kind++)
        if (metric_at(metric)->kind == spenders[kind].kind)
            remember(e, used_at(e, kind, row), &spenders[kind], metric, value, time,
                     counted);
}

/* Unless a source says it, as derive(). */
static void derive_time(struct model *m, uint16_t metric, uint32_t row, double time)
{
    const struct stamp *said = stamp_at(m, column_at(m, metric), row);
    struct stamp stamp = {
        .time = m->tick, .origin = FROM_HOST, .derived = 1, .quality = GW_OK
    };

    if (!said->time || said->derived || !is_fresh(m, said, m->tick))
        put_number(m, metric, row, time, stamp);
}

/* What a source said was used until then is a part of it by now. */
static void write_used(struct model *m, const struct spender *s, uint32_t row,
                       const struct used *u, double today)
{
    enum gw_quality quality = u->coarse || u->seconds < WELL_COVERED * today
                                  ? GW_ESTIMATED
                                  : GW_OK;
    struct stamp stamp = {
        .time = m->tick, .origin = FROM_HOST, .derived = 1, .quality = (uint8_t)quality
    };
    double cost = u->priced ? u->cost : NAN;

    if (u->told) {
        put_number(m, s->energy, row, u->joules, stamp);
        put_number(m, s->cost, row, cost, stamp);
        put_number(m, s->since, row, u->since, stamp);
        return;
    }
    derive(m, s->energy, row, u->joules, quality, m->tick);
    derive(m, s->cost, row, cost, quality, m->tick);
    derive_time(m, s->since, row, u->since);
}

static void add_up(struct model *m, int kind, double seconds, double price, double today)
{
    const struct spender *s = &spenders[kind];
    struct energy *e = m->energy;

    for (uint32_t row = 0; row < m->rows[s->kind].count; row++) {
        double watts = fresh_number(m, s->power, row, m->tick);
        struct used *u = used_at(e, kind, row);

        if (row_is_vacant(entity_of(m, s->kind, row)) || (seconds <= 0 && !u->told))
            continue;
        if (seconds > 0 && !isnan(watts)) {
            u->since = u->since > 0 ? u->since : m->now - seconds;
            u->joules += watts * seconds;
            u->seconds += seconds;
            if (!isnan(price)) {
                u->cost += watts * seconds / WH_PER_KWH / S_PER_H * price;
                u->priced = true;
            }
        }
        if (u->unpaid > 0 && !isnan(price)) {
            u->cost += u->unpaid / WH_PER_KWH / S_PER_H * price;
            u->priced = true;
            u->unpaid = 0;
        }
        if (u->seconds > 0)
            write_used(m, s, row, u, today);
    }
}

/* All that its tenants used; since when, the one says of whom least is known. */
static void add_tenant(struct used *class, const struct used *tenant)
{
    class->joules += tenant->joules;
    class->unpaid += tenant->unpaid;
    class->cost += tenant->priced ? tenant->cost : 0;
    class->priced |= tenant->priced;
    class->coarse |= tenant->coarse;
    class->since = tenant->coarse ? fmax(class->since, tenant->since) : class->since;
}

/* A class of which a source says it has it from there. */
static void tell_classes(struct model *m, double today)
{
    struct energy *e = m->energy;
    size_t classes = m->rows[GW_CLASS].count;
    struct used *sums;

    if (!e->told_of_tenants || !m->rule_count || !classes || m->rows[GW_JOB].count)
        return;
    e->told_of_tenants = false;
    sums = xcalloc(classes, sizeof(*sums));
    for (uint32_t tenant = 0; tenant < m->rows[GW_TENANT].count; tenant++) {
        uint32_t class = row_is_vacant(entity_of(m, GW_TENANT, tenant))
                             ? GW_NONE
                             : class_of_tenant(m, tenant);

        if (class != GW_NONE)
            add_tenant(&sums[class], used_at(e, TENANTS, tenant));
    }
    for (uint32_t class = 0; class < classes; class++) {
        struct used *u = used_at(e, CLASSES, class);

        if (u->told || !sums[class].coarse)
            continue;
        sums[class].seconds = m->now - sums[class].since;
        *u = sums[class];
        write_used(m, &spenders[CLASSES], class, u, today);
    }
    free(sums);
}

static void add_up_jobs(struct model *m, double seconds)
{
    const struct column *power = m->rows[GW_JOB].count ? column_with(m, M_JOB_POWER, 0)
                                                       : NULL;

    for (uint32_t row = 0; power && row < m->rows[GW_JOB].count; row++) {
        double watts = fresh_number(m, M_JOB_POWER, row, m->tick),
               had = model_number(m, M_JOB_ENERGY, row);

        if (!(watts > 0))
            continue;
        if (isnan(had))
            derive_time(m, M_JOB_COUNTED, row, m->now - seconds);
        derive(m, M_JOB_ENERGY, row, (isnan(had) ? 0 : had) + watts * seconds,
               GW_ESTIMATED, m->tick);
    }
}

/* Of the time between two settles, as long as a value stays fresh at most: of longer gaps
 * nobody knows. */
void sum_energy(struct model *m, double now)
{
    enum { LONGEST_S = 60 };
    struct energy *e = energy_of(m);
    double midnight = gw_midnight(now), seconds = now - e->last;

    if (midnight > e->midnight || now < e->midnight) {
        turn_page(e, midnight);
        seconds = fmin(seconds, now - midnight);
    }
    if (e->last <= 0 || seconds <= 0 || seconds > LONGEST_S)
        seconds = 0;
    for (int kind = 0; kind < SPENDERS; kind++)
        add_up(m, kind, seconds, model_number(m, M_SITE_PRICE, 0), now - midnight);
    tell_classes(m, now - midnight);
    if (seconds > 0)
        add_up_jobs(m, seconds);
    e->last = now;
}
