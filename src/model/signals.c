/* What comes from outside and changes what may be drawn, or what it costs: caps that are
 * set anew, prices and the grid's carbon that step. Each is an event about whom it
 * concerns, so that charts show it where it happened. */
#include "base/unit.h"
#include "model/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Prices of five minutes tremble: said is what is a quarter away from what was said last.
 * A source may have told of it itself, shortly before or after. */
static const double step_share = .25, same_moment_s = 300;
/* A cap that two sources tell differently flips with every poll. */
static const double cap_rest_s = 60;
enum { MOST_CAPS = 8 };

static bool is_said(const struct model *m, const char *kind)
{
    for (uint32_t row = 0; row < m->rows[GW_EVENT].count; row++) {
        const char *said = model_text(m, M_EVENT_KIND, row);

        if (said && strcmp(said, kind) == 0 &&
            fabs(model_number(m, M_EVENT_TIME, row) - m->now) < same_moment_s)
            return true;
    }
    return false;
}

/* What was said of the site last; the first word is none that changed anything. */
static void watch_step(struct model *m, uint16_t metric, const char *kind,
                       const char *unit, double *said)
{
    double value = m->rows[GW_SITE].count > 0 ? model_number(m, metric, 0) : NAN;

    /* What is told of the past did not change now, and what was configured stands for
     * what nobody told yet. */
    if (isnan(value) || model_quality(m, metric, 0) == GW_STALE ||
        model_is_declared(m, metric, 0))
        return;
    if (value != *said && fabs(value - *said) >= step_share * fabs(*said) &&
        !is_said(m, kind))
        model_event_about(m, m->now, kind, model_site(m), "%s %.4g → %.4g %s", kind,
                          *said, value, unit);
    if (isnan(*said) || fabs(value - *said) >= step_share * fabs(*said))
        *said = value;
}

static void watch_price(struct model *m)
{
    const char *currency = m->rows[GW_SITE].count > 0 ? model_text(m, M_SITE_CURRENCY, 0)
                                                      : NULL;
    char unit[40];

    snprintf(unit, sizeof(unit), "%.20s a kWh", currency ? currency : "money");
    watch_step(m, M_SITE_PRICE, "price", unit, &m->said_price);
    watch_step(m, M_SITE_CARBON, "carbon", "g a kWh", &m->said_carbon);
}

/* In four digits, for a cap that changes by little is news, too. */
static void say_cap(char *to, size_t room, double watts)
{
    double scale;
    const char *unit = unit_scale(UNIT_W, watts, &scale);

    snprintf(to, room, "%.4g %s", watts / scale, unit);
}

/* True: it has changed, and `said` holds what it is now. */
static bool cap_changed(struct model *m, struct said_cap *said, double watts)
{
    bool changed = said->watts > 0 && fabs(watts - said->watts) > 1e-4 * said->watts;

    if (isnan(watts) ||
        (changed && m->now - said->time < cap_rest_s && m->now >= said->time))
        return false;
    if (changed || !(said->watts > 0)) {
        said->watts = watts;
        said->time = changed ? m->now : 0;
    }
    return changed;
}

static void watch_cap_of(struct model *m, const char *name, struct said_cap *said,
                         double watts, size_t *changes)
{
    double before = said->watts;
    char from[32], to[32];

    if (!cap_changed(m, said, watts) || ++*changes > MOST_CAPS)
        return;
    say_cap(from, sizeof(from), before);
    say_cap(to, sizeof(to), watts);
    model_event_about(m, m->now, "cap", name, "cap of %.200s %s → %s", name, from, to);
}

static struct said_cap *said_of(struct model *m, enum gw_kind kind, uint32_t row)
{
    return kind == GW_SITE       ? &m->said_cap
           : row < m->limit_room ? &m->limits[row].said
                                 : NULL;
}

void hear_cap(struct model *m, enum gw_kind kind, uint32_t row, double watts,
              uint32_t origin)
{
    struct said_cap *said = said_of(m, kind, row);

    if (!said || !(watts > 0))
        return;
    said->heard = watts;
    said->heard_from = origin;
}

/* A source knows of a limit below the one that is watched. */
static void watch_heard(struct model *m, const char *name, struct said_cap *said,
                        double watts, size_t *changes)
{
    char lower[32], holds[32];

    if (said->heard == said->heard_said ||
        (said->heard_said > 0 && m->now - said->heard_time < cap_rest_s &&
         m->now >= said->heard_time))
        return;
    said->heard_said = said->heard;
    said->heard_time = m->now;
    if (!(said->heard < watts * (1 - 1e-4)) || ++*changes > MOST_CAPS)
        return;
    say_cap(lower, sizeof(lower), said->heard);
    say_cap(holds, sizeof(holds), watts);
    model_event_about(m, m->now, "cap", name,
                      "%.100s tells a lower cap of %.150s, %s: the configured %s holds",
                      m->targets[said->heard_from].name, name, lower, holds);
}

static void watch_cap(struct model *m, const char *name, struct said_cap *said,
                      double watts, size_t *changes)
{
    watch_cap_of(m, name, said, watts, changes);
    watch_heard(m, name, said, watts, changes);
}

void watch_signals(struct model *m)
{
    size_t changes = 0;

    watch_price(m);
    /* What is the sum of others' caps changes when one of these does. */
    if (cap_was_told(m))
        watch_cap(m, model_site(m), &m->said_cap, model_number(m, M_SITE_CAP, 0),
                  &changes);
    for (uint32_t row = 0; row < m->rows[GW_DOMAIN].count && row < m->limit_room; row++)
        if (m->limits[row].set && m->limits[row].cap.unit == UNIT_W)
            watch_cap(m, entity_of(m, GW_DOMAIN, row)->name, &m->limits[row].said,
                      m->limits[row].cap.value, &changes);
    if (changes > MOST_CAPS)
        model_event_about(m, m->now, "cap", model_site(m),
                          "caps of %zu more domains changed", changes - MOST_CAPS);
}
