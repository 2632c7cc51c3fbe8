/* --doctor NAME: asks the targets of that name, or of that source, once, and says of each what was found, what came, what of
 * its source did not, and what is amiss. What a source found out on the way it says itself (note() of the plugin ABI). */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "model/metric.h"
#include "poll/url.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_WAIT_S = 60 };

/* What came of one target: how often each metric was told. */
struct visit {
    const struct target_config *target;
    const struct gw_source *source;
    struct model *model;
    size_t *told;               /* by metric */
};

/* ---- asking ---- */

static void take(struct visit *v, struct batch *b)
{
    for (size_t i = 0; i < b->sample_count; i++)
        v->told[b->samples[i].metric]++;
    model_apply(v->model, b);
    batch_free(b);
}

/* Until it answered or failed, which is at its deadline at the latest; what was told is in the inbox then. */
static void ask(struct visit *v, struct poller *p, struct inbox *inbox)
{
    double until = clock_steady() + LONGEST_WAIT_S;
    struct batch *b;

    poller_start_once(p, 0);
    while (!poller_done(p) && clock_steady() < until)
        if ((b = inbox_wait(inbox, 50)))
            take(v, b);
    while ((b = inbox_take(inbox)))
        take(v, b);
}

/* ---- telling ---- */

/* "found: A | B": a line each. */
static void print_notes(const struct model *m, uint32_t row)
{
    const char *at = row == GW_NONE ? NULL : model_text(m, M_SOURCE_NOTES, row);
    const char *title = "found";

    while (at && *at) {
        const char *bar = strstr(at, " | ");
        int len = bar ? (int)(bar - at) : (int)strlen(at);

        printf("  %-10s  %.*s\n", title, len, at);
        title = "";
        at = bar ? bar + 3 : NULL;
    }
}

/* The metrics of a kind that were told, or those that were not, as the source lists them. */
static size_t print_metrics(const struct visit *v, enum gw_kind kind, bool told)
{
    size_t count = 0;

    for (const struct gw_metric *m = v->source->metrics; m && m->name; m++) {
        uint16_t id = m->kind == kind ? metric_find(kind, m->name) : METRIC_NONE;

        if (id != METRIC_NONE && (v->told[id] > 0) == told)
            printf("%s%s", count++ ? ", " : "", m->name);
    }
    return count;
}

static bool lacks_metric(const struct visit *v, enum gw_kind kind)
{
    for (const struct gw_metric *m = v->source->metrics; m && m->name; m++)
        if (m->kind == kind && metric_find(kind, m->name) != METRIC_NONE && !v->told[metric_find(kind, m->name)])
            return true;
    return false;
}

static bool tells_kind(const struct gw_source *s, enum gw_kind kind)
{
    for (const struct gw_metric *m = s->metrics; m && m->name; m++)
        if (m->kind == kind)
            return true;
    return false;
}

/* Rows of a kind of which something was told, but for the site's own and the targets'. */
static size_t rows_that_came(const struct visit *v, enum gw_kind kind)
{
    size_t told = 0;

    for (const struct gw_metric *m = v->source->metrics; m && m->name; m++)
        if (m->kind == kind && metric_find(kind, m->name) != METRIC_NONE)
            told += v->told[metric_find(kind, m->name)];
    return told || (kind != GW_SITE && kind != GW_SOURCE) ? model_rows(v->model, kind) : 0;
}

static void print_what_came(const struct visit *v)
{
    for (enum gw_kind kind = 0; kind < GW_KINDS; kind++) {
        size_t rows = rows_that_came(v, kind);

        if (!rows || !tells_kind(v->source, kind))
            continue;
        printf("  %-10s  %s (%zu): ", "came", kind_plural(kind), rows);
        if (!print_metrics(v, kind, true))
            printf("names only");
        if (lacks_metric(v, kind)) {
            printf("\n  %-10s  ", "not told");
            print_metrics(v, kind, false);
        }
        printf("\n");
    }
    for (enum gw_kind kind = 0, none = 0; kind < GW_KINDS; kind++)
        if (tells_kind(v->source, kind) && !rows_that_came(v, kind))
            printf("%s%s", none++ ? ", " : "  none of     ", kind_plural(kind));
    printf("\n");
}

/* 1: something is amiss. */
static int print_visit(const struct visit *v)
{
    const struct model *m = v->model;
    uint32_t row = model_find(m, GW_SOURCE, v->target->name);
    const char *state = row == GW_NONE ? NULL : model_text(m, M_SOURCE_STATE, row);
    const char *reason = row == GW_NONE ? NULL : model_text(m, M_SOURCE_REASON, row);
    double latency = row == GW_NONE ? NAN : model_number(m, M_SOURCE_LATENCY, row);
    bool well = state && strcmp(state, "ok") == 0;
    char took[24];

    printf("  %-10s  %s", "state", state ? state : "never answered");
    text_duration(took, sizeof(took), latency);
    if (latency == latency)
        printf(", after %s", took);
    printf("\n");
    if (reason && *reason)
        printf("  %-10s  %s\n", well ? "remark" : "amiss", reason);
    print_notes(m, row);
    print_what_came(v);
    return !well;
}

static void print_title(const struct target_config *t, const struct gw_source *source)
{
    char public[400], shown[400], name[200];

    url_public(public, sizeof(public), t->url);
    text_clean(shown, sizeof(shown), public, strlen(public));
    text_clean(name, sizeof(name), t->name, strlen(t->name));
    printf("%s  %s  %s  %s\n", name, source ? source->name : "no source", shown, t->origin ? t->origin : "");
}

static int visit(const struct settings *s, const struct target_config *t)
{
    struct inbox *inbox = inbox_new(NULL);
    struct visit v = { .target = t, .source = source_of_target(t) };
    struct err err;
    struct poller *p;
    int bad = 1;

    print_title(t, v.source);
    p = poller_new(t, 1, inbox, &err);
    if (!p) {
        printf("  %-10s  %s\n", "amiss", err.text);
        inbox_free(inbox);
        return 1;
    }
    v.model = model_new(s->site);
    v.told = xcalloc(metric_count(), sizeof(*v.told));
    ask(&v, p, inbox);
    model_settle(v.model, clock_wall());
    bad = print_visit(&v);
    if (poller_stop(p))
        inbox_free(inbox);
    model_free(v.model);
    free(v.told);
    return bad;
}

/* ---- whom ---- */

static bool is_meant(const struct target_config *t, const char *name)
{
    const struct gw_source *source = source_of_target(t);

    return strcmp(t->name, name) == 0 || (source && strcmp(source->name, name) == 0);
}

static int print_unused(const struct gw_source *source)
{
    printf("%s: %s\n", source->name, source->summary);
    if (source->missing)
        printf("  does not work here: %s\n", source->missing);
    printf("  no target of it is configured: give url: with %s%s, or source: %s\n", source->schemes ? "one of the schemes " : "any scheme",
           source->schemes ? source->schemes : "", source->name);
    return 1;
}

int app_doctor_of(const struct settings *settings, const char *name, struct err *err)
{
    const struct gw_source *source;
    size_t found = 0;
    int bad = 0;

    if (app_load_plugins(settings, err) != 0)
        return -1;
    for (size_t i = 0; i < settings->target_count; i++)
        if (is_meant(&settings->targets[i], name)) {
            printf("%s", found++ ? "\n" : "");
            bad |= visit(settings, &settings->targets[i]);
            fflush(stdout);
        }
    if (found)
        return bad;
    source = source_find(name);
    if (source)
        return print_unused(source);
    return err_set_code(err, ERR_USAGE, "--doctor %.60s: no target and no source is called so; --doctor alone lists both", name);
}
