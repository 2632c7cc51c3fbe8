/* Energy since midnight, and what it cost: power added up over time, for tenants, classes and jobs. Where the console did
 * not look for a part of the day, what is shown is an estimate, for that part is missing. */
#include "base/arena.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WH_PER_KWH = 1000, S_PER_H = 3600 };

/* Of one row, since midnight. */
struct used {
    double joules, cost;
    double seconds; /* of these looked at */
    double since;   /* counted from then on; 0: nothing is yet */
    bool priced;    /* cost is known for some of it */
};

static const struct spender {
    enum gw_kind kind;
    uint16_t power, energy, cost, since;
} spenders[] = {
    { GW_TENANT, M_TENANT_POWER, M_TENANT_ENERGY, M_TENANT_COST, M_TENANT_COUNTED },
    { GW_CLASS, M_CLASS_POWER, M_CLASS_ENERGY, M_CLASS_COST, M_CLASS_COUNTED },
};
enum { SPENDERS = sizeof(spenders) / sizeof(spenders[0]) };

struct energy {
    struct used *used[SPENDERS];
    size_t room[SPENDERS];
    double midnight, last; /* 0: never */
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

/* Where the console runs. */
static double midnight_before(double now)
{
    time_t seconds = (time_t)now;
    struct tm day;

    if (!localtime_r(&seconds, &day))
        return now - fmod(now, 86400);
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    day.tm_isdst = -1;
    return (double)mktime(&day);
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
}

/* Whatever was counted before since when it was known is of the whole day. */
static void remember(struct energy *e, struct used *u, const struct spender *s, uint16_t metric, double value, double time, bool counted)
{
    if (metric == s->energy && u->seconds <= 0) {
        u->joules = value;
        u->since = e->midnight;
        u->seconds = counted ? time - e->midnight : 0;
    }
    if (metric == s->cost && !u->priced) {
        u->cost = value;
        u->priced = true;
    }
    if (metric == s->since && counted && u->since == e->midnight && value > e->midnight && value < time) {
        u->since = value;
        u->seconds = time - value;
    }
}

void remember_energy(struct model *m, uint16_t metric, uint32_t row, double value, double time, bool counted)
{
    struct energy *e = energy_of(m);

    if (e->midnight < midnight_before(time))
        turn_page(e, midnight_before(time));
    for (int kind = 0; kind < SPENDERS && time >= e->midnight; kind++)
        if (metric_at(metric)->kind == spenders[kind].kind)
            remember(e, used_at(e, kind, row), &spenders[kind], metric, value, time, counted);
}

/* Unless a source says it, as derive(). */
static void derive_time(struct model *m, uint16_t metric, uint32_t row, double time)
{
    const struct stamp *said = stamp_at(m, column_at(m, metric), row);
    struct stamp stamp = { .time = m->tick, .origin = FROM_HOST, .derived = 1, .quality = GW_OK };

    if (!said->time || said->derived || !is_fresh(m, said, m->tick))
        put_number(m, metric, row, time, stamp);
}

static void add_up(struct model *m, int kind, double seconds, double price, double today)
{
    const struct spender *s = &spenders[kind];
    struct energy *e = m->energy;

    for (uint32_t row = 0; row < m->rows[s->kind].count; row++) {
        double watts = fresh_number(m, s->power, row, m->tick);
        struct used *u = used_at(e, kind, row);
        enum gw_quality quality;

        if (row_is_vacant(entity_of(m, s->kind, row)))
            continue;
        if (!isnan(watts)) {
            u->since = u->since > 0 ? u->since : m->now - seconds;
            u->joules += watts * seconds;
            u->seconds += seconds;
            if (!isnan(price)) {
                u->cost += watts * seconds / WH_PER_KWH / S_PER_H * price;
                u->priced = true;
            }
        }
        if (u->seconds <= 0)
            continue;
        quality = u->seconds < .98 * today ? GW_ESTIMATED : GW_OK;
        derive(m, s->energy, row, u->joules, quality, m->tick);
        derive(m, s->cost, row, u->priced ? u->cost : NAN, quality, m->tick);
        derive_time(m, s->since, row, u->since);
    }
}

static void add_up_jobs(struct model *m, double seconds)
{
    const struct column *power = m->rows[GW_JOB].count ? column_with(m, M_JOB_POWER, 0) : NULL;

    for (uint32_t row = 0; power && row < m->rows[GW_JOB].count; row++) {
        double watts = fresh_number(m, M_JOB_POWER, row, m->tick), had = model_number(m, M_JOB_ENERGY, row);

        if (!(watts > 0))
            continue;
        if (isnan(had))
            derive_time(m, M_JOB_COUNTED, row, m->now - seconds);
        derive(m, M_JOB_ENERGY, row, (isnan(had) ? 0 : had) + watts * seconds, GW_ESTIMATED, m->tick);
    }
}

/* Of the time between two settles, as long as a value stays fresh at most: of longer gaps nobody knows. */
void sum_energy(struct model *m, double now)
{
    enum { LONGEST_S = 60 };
    struct energy *e = energy_of(m);
    double midnight = midnight_before(now), seconds = now - e->last;

    if (midnight > e->midnight || now < e->midnight) {
        turn_page(e, midnight);
        seconds = fmin(seconds, now - midnight);
    }
    if (e->last > 0 && seconds > 0 && seconds <= LONGEST_S) {
        double price = model_number(m, M_SITE_PRICE, 0);

        for (int kind = 0; kind < SPENDERS; kind++)
            add_up(m, kind, seconds, price, now - midnight);
        add_up_jobs(m, seconds);
    }
    e->last = now;
}
