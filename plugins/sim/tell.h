/* Telling of the whole: the site, domains, tenants and classes. */
#ifndef PLUGINS_SIM_TELL_H
#define PLUGINS_SIM_TELL_H

#include "plugins/sim/work.h"

static void number(const struct say *y, uint32_t entity, size_t metric, double value)
{
    y->api->number(y->out, entity, metric, value);
}

static void text(const struct say *y, uint32_t entity, size_t metric, const char *value)
{
    y->api->text(y->out, entity, metric, value, strlen(value));
}

static uint32_t named(const struct say *y, enum gw_kind kind, uint32_t parent,
                      const char *name)
{
    return y->api->entity(y->out, kind, name, strlen(name), parent);
}

/* Simulated time as the wall shows it. */
static double wall_time(const struct sim *s, double t)
{
    return s->wall + (t - s->wall) / s->speed;
}

static uint32_t feed_entity(const struct say *y, size_t feed)
{
    char name[16];

    snprintf(name, sizeof(name), "feed-%c", (char)('A' + feed));
    return named(y, GW_DOMAIN, named(y, GW_SITE, GW_NONE, y->sim->name), name);
}

static uint32_t hall_entity(const struct say *y, size_t hall)
{
    char name[32];

    snprintf(name, sizeof(name), "hall-%zu", hall + 1);
    return named(y, GW_DOMAIN, feed_entity(y, y->sim->halls[hall].feed), name);
}

static uint32_t bus_entity(const struct say *y, size_t hall, unsigned bus)
{
    char name[32];

    snprintf(name, sizeof(name), "bus-%zu%c", hall + 1, (char)('A' + bus));
    return named(y, GW_DOMAIN, hall_entity(y, hall), name);
}

static void rack_name(char *to, size_t room, const struct rack *r)
{
    snprintf(to, room, "h%u-r%02u-k%02u", r->hall + 1u, r->place / RACKS_IN_ROW + 1u,
             r->place % RACKS_IN_ROW + 1u);
}

static void tell_domain(const struct say *y, uint32_t entity, const char *type,
                        double watts, double cap)
{
    text(y, entity, DOMAIN_TYPE, type);
    number(y, entity, DOMAIN_METER, watts);
    number(y, entity, DOMAIN_CAP, cap);
}

/* The site stands in Korea. */
static double local(double t)
{
    return t + 9 * 3600;
}

/* By the hour of the day, as industry's tariffs have it: light, middle and heavy load;
 * KRW a kWh. */
static double price_at(double t)
{
    static const double prices[24] = { 99,  99,  99,  99,  99,  99,  99,  99,
                                       148, 148, 211, 211, 148, 211, 211, 211,
                                       211, 148, 148, 148, 148, 148, 99,  99 };

    return prices[(int)(fmod(local(t), DAY_S) / 3600) % 24];
}

/* The sun is out at noon. */
static double carbon_at(double t)
{
    return 428 - 46 * fmax(0, sin(2 * M_PI * (fmod(local(t), DAY_S) / DAY_S - .25)));
}

/* The mean price of today so far. */
static double price_today(double t)
{
    double midnight = t - fmod(local(t), DAY_S), sum = 0, hours = 0;

    for (double h = midnight; h < t; h += 3600) {
        double share = fmin(1, (t - h) / 3600);

        sum += price_at(h) * share;
        hours += share;
    }
    return hours > 0 ? sum / hours : price_at(t);
}

static void tell_site(const struct say *y)
{
    const struct sim *s = y->sim;
    uint32_t site = named(y, GW_SITE, GW_NONE, s->name);
    double watts = 0;

    for (size_t f = 0; f < s->feed_count; f++) {
        watts += s->feed_power[f];
        tell_domain(y, feed_entity(y, f), "feed", s->feed_power[f], s->feed_cap[f]);
    }
    number(y, site, SITE_POWER, watts);
    number(y, site, SITE_CAP, s->cap);
    number(y, site, SITE_PRICE, price_at(s->now));
    number(y, site, SITE_CARBON, carbon_at(s->now));
    text(y, site, SITE_CURRENCY, "KRW");
    for (size_t i = 0; i < s->hall_count; i++) {
        const struct hall *h = &s->halls[i];

        tell_domain(y, hall_entity(y, i), "hall", h->power, h->cap);
        for (unsigned b = 0; b < 2; b++)
            tell_domain(y, bus_entity(y, i, b), "busway", h->bus_power[b], h->bus_cap[b]);
    }
}

/* A rack hangs on both busways of its hall. `bus` is kept from one rack of the hall to
 * the next. */
static uint32_t rack_entity(const struct say *y, const struct rack *r,
                            const uint32_t bus[2])
{
    char name[40];
    uint32_t rack;

    rack_name(name, sizeof(name), r);
    rack = named(y, GW_DOMAIN, bus[0], name);
    y->api->link(y->out, rack, bus[1]);
    return rack;
}

/* NULL: the rack speaks, or did at that moment of the past. */
static const struct fault *silence_of(const struct sim *s, uint32_t rack)
{
    const struct fault *f = fault_in(s, RACK_SILENT, rack, 1);

    return f && s->now >= f->since ? f : NULL;
}

/* What follows is as old as the silence; NULL: it is of now again. */
static void be_old(const struct say *y, const struct fault *silence)
{
    y->api->time(y->out, silence ? wall_time(y->sim, silence->since) : 0);
}

/* What fell silent before anybody looked was heard of until then: so it is told once. */
static void tell_racks(const struct say *y, bool first_time)
{
    const struct sim *s = y->sim;
    uint32_t bus[2] = { GW_NONE, GW_NONE };
    size_t told = 0;

    for (size_t i = 0; i < s->rack_count; i++) {
        const struct rack *r = &s->racks[i];
        const struct fault *silence;

        if (told == PIECE_RACKS) {
            y->api->send(y->out);
            told = 0;
        }
        if (told++ == 0 || r->place == 0)
            for (unsigned b = 0; b < 2; b++)
                bus[b] = bus_entity(y, r->hall, b);
        silence = silence_of(s, (uint32_t)i);
        if (silence && !first_time)
            continue;
        if (silence)
            be_old(y, silence);
        tell_domain(y, rack_entity(y, r, bus), "rack", r->power,
                    rack_cap(s->halls[r->hall].machine, r->gpus));
        if (silence)
            be_old(y, NULL);
    }
}

/* Since midnight where the console runs, for its day is what it counts. */
static double seconds_of_today(const struct sim *s)
{
    time_t seconds = (time_t)s->now;
    struct tm day;

    return localtime_r(&seconds, &day) ? day.tm_hour * 3600 + day.tm_min * 60 + day.tm_sec
                                       : 0;
}

/* What was used before anybody looked, about; what follows is counted by who looks. */
static void tell_today(const struct say *y, uint32_t entity, size_t energy, size_t cost,
                       double watts)
{
    double joules = .97 * watts * seconds_of_today(y->sim);

    y->api->estimate(y->out, entity, energy, joules);
    y->api->estimate(y->out, entity, cost, joules / 3.6e6 * price_today(y->sim->now));
}

/* What it was dealt, in round numbers. */
static double quota_of(const struct sim *s, unsigned tenant)
{
    double gpus = 0;

    for (size_t i = 0; i < s->slot_count; i++)
        if (s->slots[i].tenant == tenant)
            gpus += s->slots[i].gpus;
    return 8 * ceil(gpus / 8);
}

/* What they hold and draw follows from the GPUs: whoever looks adds it up. */
static void tell_tenants(const struct say *y, bool first_time)
{
    for (unsigned i = 0; i < TENANTS; i++) {
        const struct tally *t = &y->sim->tallies[i];
        uint32_t tenant = named(y, GW_TENANT, GW_NONE, tenants[i].name);

        if (first_time)
            tell_today(y, tenant, TENANT_ENERGY, TENANT_COST, t->power);
        if (i != UNALLOCATED)
            number(y, tenant, TENANT_QUOTA, quota_of(y->sim, i));
        if (tenants[i].tokens_per_joule > 0) {
            number(y, tenant, TENANT_TOKENS, t->tokens);
            number(y, tenant, TENANT_TOKENS_IN, t->tokens * (double)tenants[i].tokens_in);
        }
    }
}

/* Losses above the nodes were there before anybody looked, too. */
static void tell_losses_today(const struct say *y)
{
    static const char name[] = "unexplained";
    double watts = 0;

    for (size_t f = 0; f < y->sim->feed_count; f++)
        watts += y->sim->feed_power[f];
    for (unsigned i = 0; i < TENANTS; i++)
        watts -= y->sim->tallies[i].power;
    tell_today(y, named(y, GW_TENANT, GW_NONE, name), TENANT_ENERGY, TENANT_COST, watts);
    tell_today(y, named(y, GW_CLASS, GW_NONE, name), CLASS_ENERGY, CLASS_COST, watts);
}

/* What all tenants of a class do together, once a class. */
static void tell_classes(const struct say *y, bool first_time)
{
    for (unsigned i = 0; i < TENANTS; i++) {
        struct tally sum = { 0 };
        double tokens_in = 0;
        bool before = false;
        uint32_t class;

        for (unsigned k = 0; k < TENANTS; k++) {
            const struct tally *t = &y->sim->tallies[k];

            if (strcmp(tenants[k].class, tenants[i].class) != 0)
                continue;
            before |= k < i;
            sum.power += t->power;
            sum.tokens += tenants[k].tokens_per_joule > 0 ? t->tokens : 0;
            tokens_in += t->tokens * (double)tenants[k].tokens_in;
        }
        if (before)
            continue;
        class = named(y, GW_CLASS, GW_NONE, tenants[i].class);
        if (first_time)
            tell_today(y, class, CLASS_ENERGY, CLASS_COST, sum.power);
        if (tenants[i].tokens_per_joule > 0) {
            number(y, class, CLASS_TOKENS, sum.tokens);
            number(y, class, CLASS_TOKENS_IN, tokens_in);
        }
    }
}

#endif
