/* One-shots: what of the cache an answer needs. A site of 100,000 GPUs remembers a million values; to choose sixty rows
 * takes one or two metrics, and what is shown of them is recalled for the sixty alone. */
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
    bool settled;               /* some of that is worked out by settling */
    bool later;                 /* what is shown is recalled for the chosen rows */
    bool trends_later;
};

/* ---- what is needed ---- */

/* Sums go up the graph, so a domain's needs no GPU when it was remembered, but rows below take their places from what
 * is above them. */
static unsigned kinds_for(enum gw_kind kind)
{
    static const unsigned above = 1u << GW_SITE | 1u << GW_DOMAIN | 1u << GW_SOURCE;

    switch (kind) {
    case GW_GPU:
    case GW_NODE:
        return above | 1u << GW_NODE | gpus;
    default:
        return above | 1u << GW_NODE | 1u << kind;
    }
}

/* Together or not at all: an idle GPU whose past is not known would be idle since now. */
static void add_idleness(bool *metrics)
{
    metrics[M_GPU_IDLE] = metrics[M_GPU_UTIL] = metrics[M_GPU_STATE] = true;
}

/* What the model works out of others. */
static void add_sources(bool *metrics)
{
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

/* All that other kinds know may be a sum, and idleness is counted. */
static bool reads_sums(const struct query_needs *needs)
{
    bool reads = needs->metrics[M_GPU_IDLE];

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

/* A cap's window may be longer than what the model has seen itself. */
static bool is_watched_over_time(enum gw_kind kind)
{
    return kind == GW_ALERT || kind == GW_EVENT;
}

struct need *need_new(const struct app *app, const struct query *q, bool wide)
{
    enum gw_kind kind = query_view(q)->rows;
    struct query_needs choosing = needs_of(q, false, wide), shown = needs_of(q, true, wide);
    struct need *n = xcalloc(1, sizeof(*n));

    n->query = q;
    n->wide = wide;
    n->kinds = kinds_for(kind);
    n->later = !choosing.anything && (query_limit(q) <= FEW_ROWS || query_chooses(q));
    n->metrics = metrics_of(n->later ? &choosing : &shown);
    n->trends = choosing.trends || (app->poller && is_watched_over_time(kind));
    n->trends_later = shown.trends && !n->trends;
    n->settled = choosing.anything || reads_sums(&choosing);
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
    n->trends = true;
    n->trends_later = false;
}

void need_free(struct need *n)
{
    if (!n)
        return;
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
           (model_column(m, M_GPU_UTIL) || model_text_column(m, M_GPU_STATE));
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

void need_asking(struct need *n, struct app *app)
{
    if (n->metrics || !(n->kinds & gpus))
        recall(app, gpus & kinds_for(query_view(n->query)->rows), NULL);
    /* Forecasts, made anew after a poll, rest on all of them. */
    if (!n->trends)
        app_warm_trends(app, TREND_KINDS);
    n->later = n->trends_later = false;
}

/* A node that was heard of, and whose power is that of its GPUs and was not remembered with it. */
static bool lacks_power(const struct model *m)
{
    for (uint32_t row = 0; row < model_rows(m, GW_NODE); row++) {
        enum gw_quality power = model_quality(m, M_NODE_POWER, row);

        if (model_row_quality(m, GW_NODE, row) == GW_OK && power != GW_OK &&
            power != GW_ESTIMATED)
            return true;
    }
    return false;
}

void need_what_is_not_told(struct need *n, struct app *app)
{
    if (query_view(n->query)->rows != GW_NODE || n->kinds & gpus || !lacks_power(app->model))
        return;
    n->kinds |= gpus;
    recall_to_choose(n, app, gpus);
    model_settle(app->model, clock_wall());
}

/* ---- what is shown of the chosen rows ---- */

static void add_hash(const struct model *m, struct row row, uint64_t **hashes, size_t *count,
                     size_t *room)
{
    *hashes = xgrow(*hashes, room, *count + 1, sizeof(**hashes));
    (*hashes)[(*count)++] = model_key(m, row.kind, row.id);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The rows of the table, or with `parts` the GPUs that are known of them. */
static uint64_t *hashes_of(const struct table *t, bool parts, size_t *count)
{
    uint64_t *hashes = NULL;
    size_t room = 0;

    *count = 0;
    for (size_t i = 0; i < t->row_count; i++) {
        struct row row = { t->view->rows, t->rows[i] }, part = { .id = GW_NONE };

        if (parts)
            part = model_first_part(t->model, row);
        else
            add_hash(t->model, row, &hashes, count, &room);
        for (; part.id != GW_NONE; part = model_next_part(t->model, row, part))
            if (part.kind == GW_GPU)
                add_hash(t->model, part, &hashes, count, &room);
    }
    if (*count)
        qsort(hashes, *count, sizeof(*hashes), by_hash);
    return hashes;
}

static void recall_few(const struct need *n, struct app *app, const struct table *t,
                       struct store_wish *wish)
{
    bool of_nodes = t->view->rows == GW_NODE, known = n->kinds & gpus;
    uint64_t *hashes = hashes_of(t, of_nodes && known, &wish->hash_count);

    wish->hashes = hashes;
    wish->of_wholes = of_nodes && !known;
    if (hashes)
        recall(app, gpus, wish);
    free(hashes);
}

static void complete_gpus(const struct need *n, struct app *app, const struct table *t)
{
    struct query_needs shown = needs_of(n->query, true, n->wide);
    bool *metrics = metrics_of(&shown);
    struct store_wish wish = { .metrics = metrics };

    if (t->row_count <= FEW_ROWS)
        recall_few(n, app, t, &wish);
    else
        recall(app, gpus, &wish);
    free(metrics);
    free(shown.metrics);
}

void need_of_chosen_rows(struct need *n, struct app *app)
{
    struct table *t;

    if (!n->later || n->settled || query_view(n->query)->rows != GW_GPU)
        return;
    model_set_now(app->model, clock_wall());
    t = table_new(app->model, n->query, n->wide);
    if (t->row_count)
        complete_gpus(n, app, t);
    table_free(t);
    n->later = false;
}

void need_showing(const struct need *n, struct app *app, const struct table *t)
{
    enum gw_kind kind = t->view->rows;

    if (n->later && t->row_count && (kind == GW_GPU || kind == GW_NODE)) {
        complete_gpus(n, app, t);
        model_settle(app->model, clock_wall());
    }
    if (n->trends_later)
        app_warm_trends_of(app, t);
}
