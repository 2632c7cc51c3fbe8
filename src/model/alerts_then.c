/* Alerts of then, as the events tell that were recorded until then: which rose and were
 * not cleared. What the power of then says itself is said in numbers of then; the events
 * know since when. Who came near their caps in a crowd are in one event, without their
 * names: of them power alone tells. */
#include "base/arena.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

struct past_event {
    double time;
    uint32_t row;
};

static int by_time(const void *a, const void *b)
{
    const struct past_event *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static bool is_raised(const struct model *m, uint32_t alert)
{
    const char *state = model_text(m, M_ALERT_STATE, alert);

    return state && strcmp(state, "raised") == 0;
}

/* "r2: n3 down" of r2 is "n3 down". */
static const char *without_subject(const char *text, const char *subject)
{
    size_t length = strlen(subject);

    return strncmp(text, subject, length) == 0 && strncmp(text + length, ": ", 2) == 0
               ? text + length + 2
               : text;
}

struct raising {
    struct model *m;
    bool *by_power;             /* by alert: it stands by the power of then, */
    bool *has_risen;            /* and by the events, and was not cleared */
};

static void clear(const struct raising *r, uint32_t alert, struct stamp stamp)
{
    r->has_risen[alert] = false;
    if (r->by_power[alert])     /* since when again, nobody told */
        put_number(r->m, M_ALERT_SINCE, alert, NAN, stamp);
    else
        put_text(r->m, M_ALERT_STATE, alert, "cleared", stamp);
}

static void take_event(const struct raising *r, uint32_t event)
{
    struct model *m = r->m;
    struct stamp stamp = { .time = m->tick, .origin = FROM_HOST, .quality = GW_OK };
    const char *level = model_text(m, M_EVENT_LEVEL, event);
    const char *text = model_text(m, M_EVENT_TEXT, event);
    const char *subject = model_text(m, M_EVENT_SUBJECT, event);
    uint32_t row = model_find(m, GW_ALERT, model_text(m, M_EVENT_ALERT, event));

    if (!level || !text || !subject)
        return;
    entity_of(m, GW_ALERT, row)->newest = m->tick;
    if (strcmp(level, "cleared") == 0) {
        clear(r, row, stamp);
        return;
    }
    if (!r->has_risen[row])
        put_number(m, M_ALERT_SINCE, row, model_number(m, M_EVENT_TIME, event), stamp);
    r->has_risen[row] = true;
    if (r->by_power[row])
        return;
    put_text(m, M_ALERT_SUBJECT, row, subject, stamp);
    put_text(m, M_ALERT_STATE, row, "raised", stamp);
    put_text(m, M_ALERT_LEVEL, row, level, stamp);
    put_text(m, M_ALERT_TEXT, row, without_subject(text, subject), stamp);
}

static struct past_event *events_in_order(const struct model *m, size_t *count)
{
    struct past_event *all = xcalloc(m->rows[GW_EVENT].count + 1, sizeof(*all));

    *count = 0;
    for (uint32_t row = 0; row < m->rows[GW_EVENT].count; row++)
        if (model_text(m, M_EVENT_ALERT, row))
            all[(*count)++] = (struct past_event){ model_number(m, M_EVENT_TIME, row), row };
    qsort(all, *count, sizeof(*all), by_time);
    return all;
}

void model_raise_as_told(struct model *m)
{
    struct raising r = { .m = m };
    struct past_event *all;
    size_t count, alerts;

    assert_unseen(m);
    all = events_in_order(m, &count);
    for (size_t i = 0; i < count; i++)  /* each has a row before any is taken */
        rows_named(m, GW_ALERT, model_text(m, M_EVENT_ALERT, all[i].row));
    alerts = m->rows[GW_ALERT].count;
    r.by_power = xcalloc(alerts + 1, sizeof(*r.by_power));
    r.has_risen = xcalloc(alerts + 1, sizeof(*r.has_risen));
    for (uint32_t row = 0; row < alerts; row++)
        r.by_power[row] = is_raised(m, row);
    for (size_t i = 0; i < count; i++)
        take_event(&r, all[i].row);
    free(r.by_power);
    free(r.has_risen);
    free(all);
    m->dirty = true;
}
