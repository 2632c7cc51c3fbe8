/* The state of targets, as rows of GW_SOURCE: what changed is told at once, what merely
 * goes on once a second. */
#include "base/clock.h"
#include "model/batch.h"
#include "model/metric.h"
#include "poll/target.h"

#include <math.h>
#include <string.h>

static const double SOON_S = 0.02, SELDOM_S = 1;

static void number(struct batch *b, uint32_t row, uint16_t metric, double value)
{
    batch_number(b, row, metric, value, GW_OK);
}

static void text(struct batch *b, uint32_t row, uint16_t metric, const char *value)
{
    batch_text(b, row, metric, value, strlen(value));
}

static void add_row(struct batch *b, const struct target *t)
{
    static const char *const states[] = {
        [TARGET_CONNECTING] = "connecting", [TARGET_OK] = "ok", [TARGET_PARTIAL] = "partial",
        [TARGET_LATE] = "late", [TARGET_DOWN] = "down", [TARGET_REFUSED] = "refused"
    };
    const char *name = t->host.config->name;
    uint32_t row = batch_entity(b, GW_SOURCE, name, strlen(name), GW_NONE);

    text(b, row, M_SOURCE_PLUGIN, t->host.source->source->name);
    text(b, row, M_SOURCE_URL, t->host.seen.url);
    if (t->host.node[0])
        text(b, row, M_SOURCE_NODE, t->host.node);
    text(b, row, M_SOURCE_STATE, states[t->state]);
    text(b, row, M_SOURCE_REASON, t->reason);
    number(b, row, M_SOURCE_POLLS, (double)t->polls);
    number(b, row, M_SOURCE_FAILURES, (double)t->failures);
    number(b, row, M_SOURCE_LATENCY, t->latency_s);
    number(b, row, M_SOURCE_ENTITIES, t->entities);
    number(b, row, M_SOURCE_MISSING, t->missing);
    number(b, row, M_SOURCE_INTERVAL, target_interval(t));
    number(b, row, M_SOURCE_NEXT,
           t->next_at > 0 ? clock_wall() + t->next_at - clock_steady() : NAN);
}

void report_now(struct poller *p)
{
    struct batch *b;

    timer_end(p->report);
    p->report = NULL;
    p->report_soon = false;
    if (!p->changed)
        return;
    b = batch_new(BATCH_HOST, "", clock_wall());
    while (p->changed) {
        struct target *t = p->changed;

        p->changed = t->next_changed;
        t->changed = false;
        add_row(b, t);
    }
    inbox_put(p->out, b);
}

static void report(void *arg)
{
    struct poller *p = arg;

    if (inbox_count(p->out) <= MOST_UNREAD) {
        report_now(p);
        return;
    }
    timer_end(p->report);
    p->report = loop_timer(p->loop, clock_steady() + SELDOM_S, report, p);
}

void report_change(struct target *t, bool soon)
{
    struct poller *p = t->poller;

    if (!t->changed) {
        t->changed = true;
        t->next_changed = p->changed;
        p->changed = t;
    }
    if (p->report && (p->report_soon || !soon))
        return;
    timer_end(p->report);
    p->report_soon = soon;
    p->report = loop_timer(p->loop, clock_steady() + (soon ? SOON_S : SELDOM_S), report,
                           p);
}
