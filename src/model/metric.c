/* The table of metrics: the core's from the list in metric.h, then what sources add at
 * load. */
#include "model/metric.h"
#include "base/arena.h"

#include <string.h>

enum { METRICS_MAX = 2048 };

/* The end of the year 9999: what is later cannot be written as a time, and was
 * milliseconds most likely. */
#define LATEST_TIME 253402300799.0

/* Does not change after load, so every thread may read it. */
static struct metric metrics[METRICS_MAX] = {
#define X(id, k, n, t, u, lowest, highest, words)                                        \
    { .name = n,                                                                         \
      .kind = k,                                                                         \
      .type = t,                                                                         \
      .unit = u,                                                                         \
      .min = lowest,                                                                     \
      .max = (t) == GW_TIME ? LATEST_TIME : (highest),                                   \
      .help = words },
    CORE_METRICS(X)
#undef X
};
static uint16_t count = CORE_METRIC_COUNT;

static const char *const plurals[GW_KINDS] = {
    [GW_SITE] = "sites",   [GW_DOMAIN] = "domains", [GW_NODE] = "nodes",
    [GW_GPU] = "gpus",     [GW_TENANT] = "tenants", [GW_JOB] = "jobs",
    [GW_QUEUE] = "queues", [GW_ALERT] = "alerts",   [GW_FORECAST] = "forecasts",
    [GW_MODEL] = "models", [GW_SOURCE] = "sources", [GW_EVENT] = "events",
    [GW_CLASS] = "classes",
};

uint16_t metric_count(void)
{
    return count;
}

const struct metric *metric_at(uint16_t id)
{
    return &metrics[id];
}

uint16_t metric_find(enum gw_kind kind, const char *name)
{
    for (uint16_t i = 0; i < count; i++)
        if (metrics[i].kind == kind && strcmp(metrics[i].name, name) == 0)
            return i;
    return METRIC_NONE;
}

static bool is_name(const char *name)
{
    if (!name || !*name || strlen(name) > 64)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* The dimension and scale of what a source sends. */
static int find_unit(const struct gw_metric *m, enum unit *unit, double *scale,
                     struct err *err)
{
    const char *name = m->unit ? m->unit : "";

    if (!unit_find(name, strlen(name), unit, scale))
        return err_set(err, "metric %s: unknown unit \"%.20s\"", m->name, name);
    if (m->type == GW_TEXT && *unit != UNIT_NONE)
        return err_set(err, "metric %s: a text has no unit, got \"%.20s\"", m->name,
                       name);
    if (m->type != GW_TIME)
        return 0;
    /* "" and "s" alike: seconds since 1970. */
    if (*unit != UNIT_NONE && *unit != UNIT_S && *unit != UNIT_TIME)
        return err_set(err, "metric %s: a time is in s or ms, got \"%.20s\"", m->name,
                       name);
    *unit = UNIT_TIME;
    return 0;
}

static int check(const struct gw_metric *m, struct err *err)
{
    if (!is_name(m->name))
        return err_set(err, "metric \"%.20s\": expected a name of a-z, 0-9 and _",
                       m->name ? m->name : "");
    if ((unsigned)m->kind >= GW_KINDS)
        return err_set(err, "metric %s: unknown kind %d", m->name, (int)m->kind);
    if ((unsigned)m->type > GW_TIME)
        return err_set(err, "metric %s: unknown type %d", m->name, (int)m->type);
    return 0;
}

static uint16_t share(uint16_t id, const struct gw_metric *m, enum unit unit,
                      struct err *err)
{
    const struct metric *known = &metrics[id];

    if (known->unit != unit) {
        err_set(err, "metric %s of %s is in %s, not in \"%s\"", m->name,
                kind_plural(m->kind),
                *unit_name(known->unit) ? unit_name(known->unit) : "no unit",
                m->unit ? m->unit : "");
        return METRIC_NONE;
    }
    if (known->type != m->type) {
        static const char *const types[] = { "gauge", "counter", "energy counter", "text",
                                             "time" };

        err_set(err, "metric %s of %s is a %s, not a %s", m->name, kind_plural(m->kind),
                types[known->type], types[m->type]);
        return METRIC_NONE;
    }
    return id;
}

uint16_t metric_add(const struct gw_metric *m, double *scale, struct err *err)
{
    enum unit unit;
    uint16_t id;

    if (check(m, err) < 0 || find_unit(m, &unit, scale, err) < 0)
        return METRIC_NONE;
    id = metric_find(m->kind, m->name);
    if (id != METRIC_NONE)
        return share(id, m, unit, err);
    if (count == METRICS_MAX) {
        err_set(err, "metric %s: more than %d metrics", m->name, METRICS_MAX);
        return METRIC_NONE;
    }
    metrics[count] = (struct metric){
        .name = xstrdup(m->name),
        .kind = m->kind,
        .type = m->type,
        .unit = unit,
        .min = m->type == GW_TIME ? 0 : m->min * *scale,
        .max = m->type == GW_TIME ? LATEST_TIME : m->max * *scale,
        .help = xstrdup(m->help ? m->help : ""),
    };
    return count++;
}

const char *kind_plural(enum gw_kind kind)
{
    return (unsigned)kind < GW_KINDS ? plurals[kind] : NULL;
}
