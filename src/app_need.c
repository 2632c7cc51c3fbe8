/* One-shots: what of the cache an answer needs. A site of 100,000 GPUs remembers a
 * million values; to choose sixty rows takes one or two metrics, and what is shown of
 * them is recalled for the sixty alone. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "show/table.h"

#include <stdlib.h>
#include <string.h>

/* So few rows are completed one by one; of more, whole columns are recalled. */
enum { FEW_ROWS = 1024 };

static const unsigned gpus = 1u << GW_GPU;

struct need {
    const struct query *query;
    bool wide;
    unsigned kinds;             /* to choose by: 1u << enum gw_kind, */
    bool *metrics;              /* by id; NULL: all, */
    bool trends;                /* the past, too */
    bool settled;               /* some of that is worked out by settling, */
    bool idleness;              /* or how long GPUs have been idle */
    bool later;                 /* what is shown is recalled for the chosen rows */
    bool trends_later;
    bool forecasts;             /* shows what they tell */
    bool looks_back;            /* shows what the past tells: trends, forecasts, what
                                 * was used today */
    double trusted_s;           /* how old the cache may be */
    struct model *few;          /* of the chosen rows alone; NULL: they are shown from
                                 * the whole */
};

/* ---- what is needed ---- */

/* Sums go up the graph, so a domain's needs no GPU when it was remembered, but rows below
 * take their places from what is above them. */
static unsigned kinds_for(enum gw_kind kind)
{
    static const unsigned above = 1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_SOURCE;

    switch (kind) {
    case GW_GPU:
    case GW_NODE:
        return above | 1u << GW_NODE | gpus;
    case GW_TENANT:
    case GW_QUEUE:      /* their jobs are counted */
        return above | 1u << GW_NODE | 1u << kind | 1u << GW_JOB;
    case GW_ALERT:      /* of a breach to come it says what the forecast does, */
    case GW_EVENT:      /* and what is an alert already is no event once more */
        return above | 1u << GW_NODE | 1u << kind | 1u << GW_ALERT | 1u << GW_FORECAST;
    default:
        return above | 1u << GW_NODE | 1u << kind;
    }
}

/* Together or not at all: an idle GPU whose past is not known would be idle since now. */
static void add_idleness(bool *metrics)
{
    metrics[M_GPU_IDLE] = metrics[M_GPU_UTIL] = metrics[M_GPU_STATE] = true;
}

/* What a GPU works for follows from its tenant and its job, by the configuration's
 * rules. */
static bool reads_class(const struct query_needs *needs)
{
    return needs->anything || needs->metrics[M_GPU_CLASS] || needs->metrics[M_GPU_TAG];
}

/* What the model works out of others. */
static void add_sources(bool *metrics)
{
    if (metrics[M_GPU_CLASS] || metrics[M_GPU_TAG])
        metrics[M_GPU_TENANT] = metrics[M_GPU_JOB] = true;
    metrics[M_GPU_POWER] = true;        /* sums and coverage */
    metrics[M_GPU_TEMP] |= metrics[M_NODE_TEMP];
    if (metrics[M_GPU_IDLE] || metrics[M_GPU_UTIL] || metrics[M_GPU_STATE])
        add_idleness(metrics);
}

static bool reads_gpus(const struct query_needs *needs)
{
    bool reads = needs->anything || needs->metrics[M_NODE_TEMP];

    for (uint16_t i = 0; i < metric_count(); i++)
        reads |= needs->metrics[i] && metric_at(i)->kind == GW_GPU;
    return reads;
}

/* All that other kinds know may be a sum. */
static bool reads_sums(const struct query_needs *needs)
{
    bool reads = false;

    for (uint16_t i = 0; i < metric_count(); i++)
        reads |= needs->metrics[i] && metric_at(i)->kind != GW_GPU;
    return reads;
}

/* Of GPUs no more than is read: there are so many more of them than of all else. */
static bool *metrics_of(const struct query_needs *needs)
{
    bool *metrics;

    if (needs->anything)
        return NULL;
    metrics = xcalloc(metric_count(), sizeof(*metrics));
    memcpy(metrics, needs->metrics, metric_count() * sizeof(*metrics));
    add_sources(metrics);
    for (uint16_t i = 0; i < metric_count(); i++)
        metrics[i] |= metric_at(i)->kind != GW_GPU;
    return metrics;
}

static struct query_needs needs_of(const struct query *q, bool shown, bool wide)
{
    struct query_needs needs = { .metrics = xcalloc(metric_count(), sizeof(bool)) };

    query_reads(q, shown, wide, &needs);
    return needs;
}

static bool reads_any(const struct query_needs *needs, const uint16_t *metrics,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (needs->metrics[metrics[i]])
            return true;
    return false;
}

/* Of the past, be it only what forecasts are made from. */
static bool is_of_past(const struct query_needs *needs)
{
    static const uint16_t metrics[] = { M_DOMAIN_P,    M_DOMAIN_TTB,   M_TENANT_ENERGY,
                                        M_TENANT_COST, M_CLASS_ENERGY, M_CLASS_COST };

    return needs->trends || reads_any(needs, metrics, sizeof(metrics) / sizeof(*metrics));
}

/* All that forecasts tell but their own rows. */
static bool is_forecast(const struct query_needs *needs)
{
    static const uint16_t metrics[] = {
        M_DOMAIN_P,          M_DOMAIN_TTB,   M_JOB_PREDICTED,   M_JOB_POWER_LOW,
        M_JOB_POWER_HIGH,    M_SITE_SCORED,  M_SITE_COVERAGE80, M_SITE_PINBALL,
        M_SITE_PINBALL_LINE, M_SITE_SKILL,   M_SITE_HITS,       M_SITE_MISSES,
        M_SITE_FALSE_ALARMS, M_SITE_REJECTED
    };

    return needs->anything ||
           reads_any(needs, metrics, sizeof(metrics) / sizeof(*metrics));
}

/* A cap's window may be longer than what the model has seen itself. */
static bool is_watched_over_time(enum gw_kind kind)
{
    return kind == GW_ALERT || kind == GW_EVENT;
}

/* And then nothing is added up before they are chosen. */
static bool chooses_by_gpus_alone(const struct need *n)
{
    return n->later && !n->settled && query_view(n->query)->rows == GW_GPU;
}

struct need *need_new(const struct app *app, const struct query *q, bool wide)
{
    enum gw_kind kind = query_view(q)->rows;
    struct query_needs choosing = needs_of(q, false, wide),
                       shown = needs_of(q, true, wide);
    struct need *n = xcalloc(1, sizeof(*n));

    n->query = q;
    n->wide = wide;
    n->kinds = kinds_for(kind);
    n->later = !query_sums_by(q) && !choosing.anything &&
               (query_limit(q) <= FEW_ROWS || query_chooses(q));
    n->metrics = metrics_of(n->later ? &choosing : &shown);
    n->trends = choosing.trends || (app->poller && is_watched_over_time(kind));
    n->trends_later = shown.trends && !n->trends;
    n->looks_back = kind == GW_FORECAST || is_of_past(&choosing) || is_of_past(&shown);
    n->forecasts = kind == GW_FORECAST || is_watched_over_time(kind) ||
                   is_forecast(&choosing) || is_forecast(&shown);
    n->settled = reads_class(&choosing) || reads_sums(&choosing);
    n->idleness = choosing.metrics[M_GPU_IDLE];
    if (n->idleness && chooses_by_gpus_alone(n))
        n->metrics[M_GPU_POWER] = choosing.metrics[M_GPU_POWER];
    if (kind == GW_GPU && (reads_class(&choosing) || reads_class(&shown)))
        n->kinds |= 1u << GW_JOB;
    if (kind == GW_NODE && choosing.metrics[M_JOB_NODELIST])
        n->kinds |= 1u << GW_JOB;
    if (kind == GW_JOB && (choosing.metrics[M_QUEUE_PARENT] || choosing.anything))
        n->kinds |= 1u << GW_QUEUE;
    if (kind == GW_NODE && n->later && !reads_gpus(&choosing))
        n->kinds &= ~gpus;
    if (app->poller && app->settings->max_age_s <= 0)
        n->kinds = ALL_KINDS;
    free(choosing.metrics);
    free(shown.metrics);
    return n;
}

void need_watching(struct need *n)
{
    n->settled = n->looks_back = true;
    n->trends = n->forecasts = true;
    n->trends_later = false;
}

void need_free(struct need *n)
{
    if (!n)
        return;
    model_free(n->few);
    free(n->metrics);
    free(n);
}

/* ---- recalling it ---- */

static void recall(struct app *app, unsigned kinds, const struct store_wish *wish)
{
    app_recall_some(app, kinds, wish);
    while (app_take_mail(app, 1))
        ;
}

/* The other half may have come along unasked, as the newest that is known of a row. */
static bool knows_half_of_idleness(const struct need *n, const struct model *m)
{
    return n->metrics && !n->metrics[M_GPU_IDLE] &&
           (model_column(m, M_GPU_UTIL) || model_text_column(m, M_GPU_STATE).lower);
}

static void recall_to_choose(const struct need *n, struct app *app, unsigned kinds)
{
    struct store_wish wish = { .metrics = n->metrics };

    recall(app, kinds, &wish);
    if (!(kinds & gpus) || !knows_half_of_idleness(n, app->model))
        return;
    add_idleness(n->metrics);
    recall(app, gpus, &wish);
}

void need_choosing(const struct need *n, struct app *app)
{
    recall_to_choose(n, app, n->kinds);
    if (n->trends)
        app_warm_trends(app, TREND_KINDS);
}

void need_trusting(struct need *n, struct app *app, double seconds)
{
    n->trusted_s = seconds;
    model_trust_cache(app->model, seconds);
}

/* GPUs that are chosen by what was read of them are settled with all that is shown of
 * them, without the others. */
void need_settling(const struct need *n, struct app *app)
{
    if (!chooses_by_gpus_alone(n))
        model_settle(app->model, clock_wall());
    else if (n->idleness)
        model_settle_idleness(app->model, clock_wall());
    else
        model_set_now(app->model, clock_wall());
}

/* Whoever tells of alerts after a poll tells which GPUs are told of no more. */
void need_asking(struct need *n, struct app *app)
{
    enum gw_kind kind = query_view(n->query)->rows;

    if (n->metrics || !(n->kinds & gpus))
        recall(app, is_watched_over_time(kind) ? gpus : gpus & kinds_for(kind), NULL);
    /* Forecasts, made anew after a poll, rest on all of them. */
    if (!n->trends)
        app_warm_trends(app, TREND_KINDS);
    n->later = n->trends_later = false;
    if (!n->looks_back)
        return;
    app_spare_known_past(app);
    poller_looks_back(app->poller);
}

void need_forecasting(const struct need *n, struct app *app)
{
    if (n->forecasts)
        app_forecast_once(app);
}

/* ---- what is shown of the chosen rows ---- */

struct hashes {
    uint64_t *all;
    size_t count, room;
};

static void add_hash(struct hashes *h, const struct model *m, struct row row)
{
    h->all = xgrow(h->all, &h->room, h->count + 1, sizeof(*h->all));
    h->all[h->count++] = model_key(m, row.kind, row.id);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The GPU, or of a MIG instance its GPU, is in: GW_NONE: none. */
static struct row node_of(const struct model *m, uint32_t gpu)
{
    struct row node = model_parent(m, GW_GPU, gpu);

    while (node.id != GW_NONE && node.kind == GW_GPU)
        node = model_parent(m, GW_GPU, node.id);
    return node.kind == GW_NODE ? node : (struct row){ .id = GW_NONE };
}

/* All that is in the marked nodes. */
static void add_gpus_of(struct hashes *h, const struct model *m, const bool *marked)
{
    for (uint32_t gpu = 0; gpu < model_rows(m, GW_GPU); gpu++) {
        struct row node = node_of(m, gpu);

        if (node.id != GW_NONE && marked[node.id])
            add_hash(h, m, (struct row){ GW_GPU, gpu });
    }
}

static void recall_rows(struct app *app, enum gw_kind kind, struct store_wish *wish,
                        struct hashes *h)
{
    if (h->count)
        qsort(h->all, h->count, sizeof(*h->all), by_hash);
    wish->hashes = h->all;
    wish->hash_count = h->count;
    if (h->count)
        recall(app, 1u << kind, wish);
    free(h->all);
}

/* A node that was heard of and is up, and whose power is that of its GPUs and was not
 * remembered with it. */
static bool lacks_power(const struct model *m, uint32_t node)
{
    enum gw_quality power = model_quality(m, M_NODE_POWER, node);

    return model_row_quality(m, GW_NODE, node) == GW_OK && power != GW_OK &&
           power != GW_ESTIMATED && !model_node_is_down(m, node);
}

void need_what_is_not_told(struct need *n, struct app *app)
{
    struct store_wish wish = { .metrics = n->metrics, .of_wholes = true };
    struct hashes lacking = { 0 };

    if (query_view(n->query)->rows != GW_NODE || n->kinds & gpus)
        return;
    for (uint32_t node = 0; node < model_rows(app->model, GW_NODE); node++)
        if (lacks_power(app->model, node))
            add_hash(&lacking, app->model, (struct row){ GW_NODE, node });
    if (!lacking.count)
        return;
    if (lacking.count <= FEW_ROWS) {
        recall_rows(app, GW_GPU, &wish, &lacking);
    } else {
        free(lacking.all);
        n->kinds |= gpus;
        recall_to_choose(n, app, gpus);
    }
    model_settle(app->model, clock_wall());
}

/* The chosen nodes, and what they are shown with: their GPUs. */
static void recall_nodes_and_gpus(const struct need *n, struct app *app,
                                  const struct table *t, struct store_wish *wish)
{
    bool *marked = xcalloc(model_rows(t->model, GW_NODE) + 1, sizeof(*marked));
    struct hashes nodes = { 0 }, parts = { 0 };

    for (size_t i = 0; i < t->row_count; i++) {
        marked[t->rows[i]] = true;
        add_hash(&nodes, t->model, (struct row){ GW_NODE, t->rows[i] });
    }
    if (n->kinds & gpus)
        add_gpus_of(&parts, t->model, marked);
    else
        for (size_t i = 0; i < nodes.count; i++)
            add_hash(&parts, t->model, (struct row){ GW_NODE, t->rows[i] });
    free(marked);
    recall_rows(app, GW_NODE, wish, &nodes);
    wish->of_wholes = !(n->kinds & gpus);
    recall_rows(app, GW_GPU, wish, &parts);
}

/* The chosen GPUs, the nodes they are in, and what else is in these: what one of them
 * does may follow from what its node has. */
static void recall_gpus_and_nodes(struct app *app, const struct table *t,
                                  struct store_wish *wish)
{
    bool *marked = xcalloc(model_rows(t->model, GW_NODE) + 1, sizeof(*marked));
    struct hashes nodes = { 0 }, parts = { 0 };

    for (size_t i = 0; i < t->row_count; i++) {
        struct row row = { GW_GPU, t->rows[i] }, node = node_of(t->model, row.id);

        if (node.id == GW_NONE) {
            add_hash(&parts, t->model, row);
        } else if (!marked[node.id]) {
            marked[node.id] = true;
            add_hash(&nodes, t->model, node);
        }
    }
    add_gpus_of(&parts, t->model, marked);
    free(marked);
    recall_rows(app, GW_NODE, wish, &nodes);
    recall_rows(app, GW_GPU, wish, &parts);
}

/* The chosen rows in a model of their own: to hold all that is shown of so few, and to
 * settle it, takes a thousandth of what it would take beside all others. */
static void show_few(struct need *n, struct app *app, struct table *t,
                     struct store_wish *wish)
{
    struct model *whole = app->model;

    app_declare(app);
    n->few = app->model;
    model_trust_cache(n->few, n->trusted_s);
    recall(app, n->kinds & ~(gpus | 1u << GW_NODE), wish);
    if (t->view->rows == GW_GPU)
        recall_gpus_and_nodes(app, t, wish);
    else
        recall_nodes_and_gpus(n, app, t, wish);
    model_settle(n->few, clock_wall());
    table_turn_to(t, n->few);
    app->model = whole;
}

static void complete(struct need *n, struct app *app, struct table *t)
{
    struct query_needs shown = needs_of(n->query, true, n->wide);
    bool *metrics = metrics_of(&shown), few = t->row_count <= FEW_ROWS;
    struct store_wish wish = { .metrics = metrics };

    if (few) {
        show_few(n, app, t, &wish);
    } else {
        recall(app, gpus, &wish);
        model_settle(app->model, clock_wall());
    }
    free(metrics);
    free(shown.metrics);
}

void need_showing(struct need *n, struct app *app, struct table *t)
{
    enum gw_kind kind = t->view->rows;

    if (n->later && t->row_count && (kind == GW_GPU || kind == GW_NODE))
        complete(n, app, t);
    if (n->trends_later)
        app_warm_trends_of(app, t);
}
