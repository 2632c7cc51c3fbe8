/* --doctor NAME: asks the targets of that name, or of that source, once, and says of each
 * what was found, what came, what of its source did not, and what is amiss. What a source
 * found out on the way it says itself (note() of the plugin ABI). */
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

enum {
    MOST_AT_ONCE = 32,          /* targets asked at the same time */
    GRACE_S = 5                 /* until who missed its deadline says so, on a busy
                                 * machine */
};

/* One target that is asked, and what came of it. */
struct visit {
    const struct target_config *target;
    const struct gw_source *source;     /* NULL: none reads it */
    struct inbox *inbox;
    struct poller *poller;      /* NULL: it cannot be asked, */
    struct err why;             /* for this reason */
    struct model *model;
    size_t *told, *unknown;     /* by metric: how often, and how often only as not
                                 * known */
};

/* ---- asking ---- */

static void visit_begin(struct visit *v, const struct settings *s,
                        const struct target_config *t)
{
    *v = (struct visit){ .target = t,
                         .source = source_of_target(t),
                         .inbox = inbox_new(NULL) };
    v->model = model_new(s->site);
    v->poller = poller_new(t, 1, v->inbox, &v->why);
    /* The poller binds its source's metrics. */
    v->told = xcalloc(metric_count(), sizeof(*v->told));
    v->unknown = xcalloc(metric_count(), sizeof(*v->unknown));
    if (v->poller)
        poller_start_once(v->poller, s->timeout_s);
}

static void visit_end(struct visit *v)
{
    if (poller_stop(v->poller))
        inbox_free(v->inbox);
    model_free(v->model);
    free(v->told);
    free(v->unknown);
}

static void take(struct visit *v, struct batch *b)
{
    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *s = &b->samples[i];
        bool is_known = metric_at(s->metric)->type == GW_TEXT ? s->text != NULL
                                                              : !isnan(s->number);

        (is_known ? v->told : v->unknown)[s->metric]++;
    }
    model_apply(v->model, b);
    batch_free(b);
}

/* Until it answered or failed; what was told is in the inbox then. */
static void wait_for(struct visit *v, double until)
{
    struct batch *b;

    while (v->poller && !poller_done(v->poller) && clock_steady() < until)
        if ((b = inbox_wait(v->inbox, 50)))
            take(v, b);
    while ((b = inbox_take(v->inbox)))
        take(v, b);
    model_settle(v->model, clock_wall());
}

/* ---- telling ---- */

/* "found: A | B": a line each. */
static void print_notes(FILE *out, const struct model *m, uint32_t row)
{
    const char *at = row == GW_NONE ? NULL : model_text(m, M_SOURCE_NOTES, row);
    const char *title = "found";

    while (at && *at) {
        const char *bar = strstr(at, " | ");
        int len = bar ? (int)(bar - at) : (int)strlen(at);

        fprintf(out, "  %-10s  %.*s\n", title, len, at);
        title = "";
        at = bar ? bar + 3 : NULL;
    }
}

/* Of how many metrics of a kind its source knows something was told. */
struct share {
    size_t metrics, told, unknown;
};

enum telling { TOLD, UNKNOWN, UNTOLD };

static enum telling telling_of(const struct visit *v, const struct gw_metric *m)
{
    uint16_t id = metric_find(m->kind, m->name);

    if (id != METRIC_NONE && v->told[id] > 0)
        return TOLD;
    return id != METRIC_NONE && v->unknown[id] > 0 ? UNKNOWN : UNTOLD;
}

/* As the source lists them. */
static void print_metrics(FILE *out, const struct visit *v, enum gw_kind kind,
                          enum telling telling)
{
    const char *between = "";

    for (const struct gw_metric *m = v->source->metrics; m->name; m++)
        if (m->kind == kind && telling_of(v, m) == telling) {
            fprintf(out, "%s%s", between, m->name);
            between = ", ";
        }
    fprintf(out, "\n");
}

static void print_others(FILE *out, const struct visit *v, enum gw_kind kind,
                         const char *title, enum telling telling)
{
    fprintf(out, "  %-10s  ", title);
    print_metrics(out, v, kind, telling);
}

static void print_kind(FILE *out, const struct visit *v, enum gw_kind kind,
                       const struct share *s)
{
    fprintf(out, "  %-10s  %s (%zu): ", "came", kind_plural(kind),
            model_rows(v->model, kind));
    if (s->told)
        print_metrics(out, v, kind, TOLD);
    else
        fprintf(out, "names only\n");
    if (s->unknown)
        print_others(out, v, kind, "not known", UNKNOWN);
    if (s->told + s->unknown < s->metrics)
        print_others(out, v, kind, "not told", UNTOLD);
}

/* Rows of the site and of targets are there in any case: they came where something was
 * told of them. */
static bool has_come(const struct visit *v, enum gw_kind kind, const struct share *s)
{
    return s->told ||
           (kind != GW_SITE && kind != GW_SOURCE && model_rows(v->model, kind) > 0);
}

static void print_what_came(FILE *out, const struct visit *v)
{
    struct share shares[GW_KINDS] = { 0 };
    const char *none = "  none of     ";

    for (const struct gw_metric *m = v->source->metrics; m->name; m++) {
        shares[m->kind].metrics++;
        shares[m->kind].told += telling_of(v, m) == TOLD;
        shares[m->kind].unknown += telling_of(v, m) == UNKNOWN;
    }
    for (enum gw_kind kind = 0; kind < GW_KINDS; kind++)
        if (shares[kind].metrics && has_come(v, kind, &shares[kind]))
            print_kind(out, v, kind, &shares[kind]);
    for (enum gw_kind kind = 0; kind < GW_KINDS; kind++)
        if (shares[kind].metrics && !has_come(v, kind, &shares[kind])) {
            fprintf(out, "%s%s", none, kind_plural(kind));
            none = ", ";
        }
    if (*none == ',')
        fprintf(out, "\n");
}

static int print_visit(FILE *out, const struct visit *v)
{
    const struct model *m = v->model;
    uint32_t row = model_find(m, GW_SOURCE, v->target->name);
    const char *state = row == GW_NONE ? NULL : model_text(m, M_SOURCE_STATE, row);
    const char *reason = row == GW_NONE ? NULL : model_text(m, M_SOURCE_REASON, row);
    double latency = row == GW_NONE ? NAN : model_number(m, M_SOURCE_LATENCY, row);
    bool well = state && strcmp(state, "ok") == 0;
    char took[24];

    fprintf(out, "  %-10s  %s", "state", state ? state : "never answered");
    text_duration(took, sizeof(took), latency);
    if (latency == latency)
        fprintf(out, ", after %s", took);
    fprintf(out, "\n");
    if (reason && *reason)
        fprintf(out, "  %-10s  %s\n", well ? "remark" : "amiss", reason);
    print_notes(out, m, row);
    print_what_came(out, v);
    return !well;
}

static void print_title(FILE *out, const struct target_config *t,
                        const struct gw_source *source)
{
    char public[400], shown[400], name[200];

    url_public(public, sizeof(public), t->url);
    text_clean(shown, sizeof(shown), public, strlen(public));
    text_clean(name, sizeof(name), t->name, strlen(t->name));
    fprintf(out, "%s  %s  %s  %s\n", name, source ? source->name : "no source", shown,
            t->origin ? t->origin : "");
}

/* 1: something is amiss. */
static int print_result(FILE *out, const struct visit *v)
{
    print_title(out, v->target, v->source);
    fprintf(out, "  %-10s  every %g s (%s)\n", "asked", v->target->interval_s,
            v->target->interval_origin);
    if (v->poller)
        return print_visit(out, v);
    fprintf(out, "  %-10s  %s\n", "amiss", v->why.text);
    return 1;
}

/* ---- whom ---- */

static bool is_meant(const struct target_config *t, const char *name)
{
    const struct gw_source *source = source_of_target(t);

    return strcmp(t->name, name) == 0 || (source && strcmp(source->name, name) == 0);
}

static int print_unused(FILE *out, const struct gw_source *source)
{
    fprintf(out, "%s: %s\n", source->name, source->summary);
    if (source->missing)
        fprintf(out, "  does not work here: %s\n", source->missing);
    fprintf(out, "  no target of it is configured: give url: with %s%s, or source: %s\n",
            source->schemes ? "one of the schemes " : "any scheme",
            source->schemes ? source->schemes : "", source->name);
    return 1;
}

/* At the same time; told in their order. */
static int visit_all(FILE *out, const struct settings *s,
                     const struct target_config *const *targets, size_t count)
{
    struct visit *visits = xcalloc(count, sizeof(*visits));
    double until = clock_steady() + s->timeout_s + GRACE_S;
    int bad = 0;

    for (size_t i = 0; i < count; i++)
        visit_begin(&visits[i], s, targets[i]);
    for (size_t i = 0; i < count; i++) {
        wait_for(&visits[i], until);
        fprintf(out, "%s", i ? "\n" : "");
        bad |= print_result(out, &visits[i]);
        fflush(out);
        visit_end(&visits[i]);
    }
    free(visits);
    return bad;
}

/* What is wrong before anybody is asked; 1: something. */
static int tell_configuration(FILE *out, const struct settings *s)
{
    if (s->mistake_count == 0)
        return 0;
    fprintf(out, "configuration\n");
    app_tell_mistakes(out, s, 0);
    fprintf(out, "\n");
    return 1;
}

int app_doctor_of(FILE *out, struct settings *settings, const struct cli *cli,
                  struct err *err)
{
    const char *name = cli->doctor_of;
    const struct target_config *meant[MOST_AT_ONCE];
    const struct gw_source *source;
    size_t count = 0, before = 0;
    bool is_understood = settings->mistake_count == 0;
    int bad;

    (void)app_load_plugins(settings, err);      /* all mistakes are kept */
    bad = tell_configuration(out, settings);
    app_complete_targets(settings, cli);
    for (size_t i = 0; i < settings->target_count; i++) {
        if (is_meant(&settings->targets[i], name))
            meant[count++] = &settings->targets[i];
        if (count == MOST_AT_ONCE || (count && i + 1 == settings->target_count)) {
            fprintf(out, "%s", before ? "\n" : "");
            bad |= visit_all(out, settings, meant, count);
            before += count;
            count = 0;
        }
    }
    if (before)
        return is_understood ? bad : ERR_USAGE;
    source = source_find(name);
    if (source)
        return print_unused(out, source);
    return err_set_code(
        err, ERR_USAGE,
        "--doctor %.60s: no target and no source is called so; --doctor alone lists both",
        name);
}
