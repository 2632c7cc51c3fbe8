/* Served models: tokens out of what power. A model's parts are the servers that answer
 * for it, each with the job or the node it runs on. What a frontend counts its engines
 * count again, and a query engine sums up all that a tenant has: of each tenant only
 * those are believed that speak for the most. */
#include "base/arena.h"
#include "model/hold.h"

#include <stdlib.h>
#include <string.h>

enum { METERS = 4 };

/* Where power is measured: by power or by energy, of GPUs only, of some nodes, of all. */
static const char *const boundaries[2][3] = {
    { "GPUs, by power", "GPUs and some nodes, by power", "nodes, by power" },
    { "GPUs, by energy", "GPUs and some nodes, by energy", "nodes, GPUs by energy" }
};

/* Numbers that add up, and those that are medians: of these the mean, weighted by
 * tokens. */
static const uint16_t sums[METERS] = { M_MODEL_TOKENS, M_MODEL_TOKENS_IN, M_MODEL_RUNNING,
                                       M_MODEL_WAITING };
static const uint16_t medians[] = { M_MODEL_TTFT, M_MODEL_ITL };

/* For whom one speaks: for itself, for the engines behind it, for all servers of its
 * tenant. */
enum rank { ENGINE, FRONTEND, SUM };

/* What is known of one server, or of a model that has no parts. */
struct server {
    uint32_t row, whole, job, node, tenant, class;
    enum rank rank;
    bool counts; /* nobody speaks for it */
};

/* Who speaks for the servers of a tenant, of one model. */
struct voice {
    enum rank highest;
    bool has_power; /* a sum that knows what they draw */
};

struct served {
    struct model *m;
    struct hold *hold;
    uint32_t now;
    struct server *servers;
    size_t count, tenants;
    uint32_t *models_of_job, *models_of_node; /* by row: how many models it serves */
    uint32_t *drawn_of_job, *drawn_of_node;   /* by row: one plus the model that it was
                                               * last added to */
    struct voice *voices;                     /* by tenant, then of no known one, then
                                               * of any */
};

/* ---- tokens a second from counters ---- */

void take_tokens(struct model *m, uint16_t rate, uint32_t row, const struct column *c,
                 double tokens, struct stamp stamp)
{
    uint32_t last = stamp_at(m, c, row)->time;
    double seconds = ((double)stamp.time - last) / TICKS_PER_S,
           more = tokens - c->wide[row];
    const struct column *known;
    const struct stamp *said;

    /* A counter that fell was started again; a rate over a gap is none of now. */
    if (last == 0 || seconds < .5 ||
        seconds * TICKS_PER_S > m->stale_after[stamp.origin] || !(more >= 0))
        return;
    known = column_with(m, rate, row);
    said = known ? stamp_at(m, known, row) : NULL;
    if (said && said->time && !said->derived && said->origin != FROM_CACHE &&
        is_fresh(m, said, stamp.time))
        return; /* a source says it */
    stamp.quality = GW_OK;
    stamp.derived = 1;
    put_number(m, rate, row, more / seconds, stamp);
}

/* ---- who serves ---- */

/* By row: those with parts are none. The tree knows, too, but sorts all jobs and tenants
 * to do so. Caller frees. */
static bool *find_wholes(const struct model *m)
{
    size_t rows = m->rows[GW_MODEL].count;
    bool *wholes = xcalloc(rows + 1, sizeof(*wholes));

    for (uint32_t row = 0; row < rows; row++) {
        const struct entity *e = entity_of(m, GW_MODEL, row);

        if (!row_is_vacant(e) && e->parent.id != GW_NONE && e->parent.kind == GW_MODEL)
            wholes[e->parent.id] = true;
    }
    return wholes;
}

static uint32_t class_of(const struct served *s, const struct server *at)
{
    const char *class = model_text(s->m, M_MODEL_CLASS, at->row);

    if (!hold_has_classes(s->hold))
        return GW_NONE;
    if (class)
        return hold_class_named(s->hold, class);
    return at->job != GW_NONE && model_text(s->m, M_JOB_CLASS, at->job)
               ? hold_class_of(s->hold, at->job)
               : hold_class_named(s->hold, "inference");
}

/* Who says neither on which node nor for which job is a sum of servers; who is silent
 * speaks for nobody. */
static enum rank rank_of(const struct served *s, uint32_t row, bool is_part)
{
    const struct model *m = s->m;
    const char *engine = model_text(m, M_MODEL_ENGINE, row);

    if (is_part && !model_text(m, M_MODEL_NODE, row) && !model_text(m, M_MODEL_JOB, row))
        for (int i = 0; i < METERS; i++)
            if (!isnan(fresh_number(m, sums[i], row, s->now)))
                return SUM;
    return engine && strcmp(engine, "dynamo") == 0 &&
                   !isnan(fresh_number(m, M_MODEL_TOKENS, row, s->now))
               ? FRONTEND
               : ENGINE;
}

static struct server server_at(const struct served *s, uint32_t row)
{
    struct model *m = s->m;
    const char *tenant = model_text(m, M_MODEL_TENANT, row),
               *node = model_text(m, M_MODEL_NODE, row);
    struct row whole = entity_of(m, GW_MODEL, row)->parent;
    struct server at = { .row = row, .node = GW_NONE, .tenant = GW_NONE };

    at.whole = whole.id != GW_NONE && whole.kind == GW_MODEL ? whole.id : row;
    at.job = hold_job_named(s->hold, model_text(m, M_MODEL_JOB, row), tenant);
    if (at.job == GW_NONE && node)
        at.node = model_find(m, GW_NODE, node);
    if (tenant)
        at.tenant = rows_named(m, GW_TENANT, tenant);
    else if (at.job != GW_NONE)
        at.tenant = hold_tenant_of(s->hold, at.job);
    at.class = class_of(s, &at);
    at.rank = rank_of(s, row, at.whole != row);
    return at;
}

static int by_whole(const void *a, const void *b)
{
    const struct server *x = a, *y = b;

    return x->whole != y->whole ? (x->whole < y->whole ? -1 : 1)
           : x->row < y->row    ? -1
                                : x->row > y->row;
}

static void find_servers(struct served *s)
{
    struct model *m = s->m;
    size_t rows = m->rows[GW_MODEL].count;
    bool *wholes = find_wholes(m);

    s->servers = xcalloc(rows, sizeof(*s->servers));
    for (uint32_t row = 0; row < rows; row++)
        if (!wholes[row])
            s->servers[s->count++] = server_at(s, row);
    free(wholes);
    qsort(s->servers, s->count, sizeof(*s->servers), by_whole);
}

/* ---- what they draw ---- */

/* By row of that kind, jobs or nodes. */
static uint32_t *count_models(const struct served *s, enum gw_kind kind)
{
    size_t rows = s->m->rows[kind].count;
    uint32_t *models = xcalloc(rows + 1, sizeof(*models)),
             *last = xcalloc(rows + 1, sizeof(*last));

    for (size_t i = 0; i < s->count; i++) {
        const struct server *at = &s->servers[i];
        uint32_t on = kind == GW_JOB ? at->job : at->node;

        if (on == GW_NONE || last[on] == at->whole + 1)
            continue;
        last[on] = at->whole + 1;
        models[on]++;
    }
    free(last);
    return models;
}

static struct job_load load_of_node(const struct served *s, uint32_t node)
{
    const struct model *m = s->m;
    struct job_load l = { .watts = NAN, .estimated = true };
    const struct node_rest *rest = &m->node_rests[node];
    struct row whole = { GW_NODE, node };

    for (struct row gpu = model_first_part(m, whole); gpu.id != GW_NONE;
         gpu = model_next_part(m, whole, gpu)) {
        double watts = gpu.kind == GW_GPU ? fresh_number(m, M_GPU_POWER, gpu.id, s->now)
                                          : NAN;

        l.gpus += gpu.kind == GW_GPU;
        if (!isnan(watts))
            l.watts = (isnan(l.watts) ? 0 : l.watts) + watts;
    }
    /* Of GPUs that have no rows a source may tell the sum, which is no meter of the
     * node. */
    if (rest->bare) {
        double gpus = model_number(m, M_NODE_GPUS_TOTAL, node);

        l.gpus = gpus > 0 ? gpus : 0;
        if (!rest->metered) {
            l.watts = (double)rest->watts;
            return l;
        }
        l.rest = isnan(rest->watts) ? 0 : (double)rest->watts;
        l.metered = l.gpus;
    } else if (!isnan(rest->watts)) {
        l.rest = (double)rest->watts * fmax(l.gpus, 1);
        l.metered = l.gpus;
    }
    return l;
}

static struct job_load part_of(struct job_load l, uint32_t models)
{
    l.watts /= models;
    l.gpus /= models;
    l.rest /= models;
    l.metered /= models;
    l.estimated |= models > 1;
    return l;
}

/* What a source says itself. */
static struct job_load load_told(const struct served *s, uint32_t row)
{
    const char *boundary = model_text(s->m, M_MODEL_BOUNDARY, row);
    double gpus = fresh_number(s->m, M_MODEL_GPUS, row, s->now);

    return (struct job_load){ .watts = fresh_number(s->m, M_MODEL_POWER, row, s->now),
                              .gpus = isnan(gpus) ? 0 : gpus,
                              .by_energy = boundary && strcmp(boundary, boundaries[1][0]) == 0 };
}

/* A job or node that serves several models gives each an equal part: nobody measures
 * more. */
static struct job_load load_of(const struct served *s, const struct server *at)
{
    if (at->job != GW_NONE && at->job < s->m->job_load_room)
        return part_of(s->m->job_loads[at->job], s->models_of_job[at->job]);
    if (at->node != GW_NONE)
        return part_of(load_of_node(s, at->node), s->models_of_node[at->node]);
    return load_told(s, at->row);
}

/* At the nodes only if all of them have a meter. */
static const char *boundary_of(const struct job_load *l)
{
    return boundaries[l->by_energy][l->rest <= 0                  ? 0
                                    : l->metered < l->gpus * .999 ? 1
                                                                  : 2];
}

void settle_boundary(struct model *m, uint16_t power, uint16_t boundary, uint32_t row,
                     const struct job_load *l, uint32_t now)
{
    const struct column *c = column_with(m, power, row);
    const struct stamp *s = c ? stamp_at(m, c, row) : NULL;

    if (s && (s->derived || s->origin != FROM_CACHE))
        derive_text(m, boundary, row, l && s->derived ? boundary_of(l) : NULL, now);
}

/* Of GPUs that nobody measures a node's meter speaks. */
static double power_of(const struct job_load *l)
{
    if (isnan(l->watts))
        return l->rest > 0 ? l->rest : NAN;
    return l->watts + l->rest;
}

static void settle_load(struct model *m, uint32_t row, const struct job_load *l,
                        uint32_t now)
{
    enum gw_quality quality = l->estimated || l->rest_estimated ? GW_ESTIMATED : GW_OK;

    derive(m, M_MODEL_POWER, row, power_of(l), quality, now);
    derive(m, M_MODEL_GPUS, row, l->gpus > 0 ? l->gpus : NAN, quality, now);
    settle_boundary(m, M_MODEL_POWER, M_MODEL_BOUNDARY, row,
                    isnan(power_of(l)) ? NULL : l, now);
}

static struct voice louder(struct voice a, struct voice b)
{
    return (struct voice){ a.highest > b.highest ? a.highest : b.highest,
                           a.has_power || b.has_power };
}

/* servers[first] to [last - 1] are of one model: a look at each, not at each pair, of
 * which 10,000 servers have too many. */
static void hear(const struct served *s, size_t first, size_t last)
{
    struct voice *nobody = &s->voices[s->tenants], *any = nobody + 1;

    for (size_t i = first; i < last; i++)
        if (s->servers[i].tenant != GW_NONE)
            s->voices[s->servers[i].tenant] = (struct voice){ ENGINE, false };
    *nobody = *any = (struct voice){ ENGINE, false };
    for (size_t i = first; i < last; i++) {
        const struct server *at = &s->servers[i];
        struct voice *of = at->tenant != GW_NONE ? &s->voices[at->tenant] : nobody;
        struct voice own = { at->rank,
                             at->rank == SUM && !isnan(fresh_number(s->m, M_MODEL_POWER,
                                                                    at->row, s->now)) };

        *of = louder(*of, own);
        *any = louder(*any, own);
    }
}

/* Of whom no tenant is known is whoever else serves the model. */
static struct voice voice_for(const struct served *s, const struct server *at)
{
    const struct voice *nobody = &s->voices[s->tenants];

    return at->tenant != GW_NONE ? louder(s->voices[at->tenant], *nobody) : nobody[1];
}

/* Is what the server draws drawn by another? Those that share a job or a node draw its
 * power once, and a sum has it all. */
static bool is_drawn_by_another(const struct served *s, const struct server *at)
{
    uint32_t *drawn = at->job != GW_NONE    ? &s->drawn_of_job[at->job]
                      : at->node != GW_NONE ? &s->drawn_of_node[at->node]
                                            : NULL;

    if (drawn && *drawn == at->whole + 1)
        return true;
    if (drawn)
        *drawn = at->whole + 1;
    if (at->rank == SUM)
        return isnan(fresh_number(s->m, M_MODEL_POWER, at->row, s->now));
    return voice_for(s, at).has_power;
}

static void add_load(struct job_load *to, const struct job_load *l)
{
    if (isnan(power_of(l))) {
        to->estimated = true;
        return;
    }
    to->by_energy = isnan(to->watts) ? l->by_energy : to->by_energy && l->by_energy;
    to->watts = (isnan(to->watts) ? 0 : to->watts) + (isnan(l->watts) ? 0 : l->watts);
    to->gpus += l->gpus;
    to->rest += l->rest;
    to->metered += l->metered;
    to->estimated |= l->estimated;
    to->rest_estimated |= l->rest_estimated;
}

/* ---- a model from its servers ---- */

static void settle_sum(const struct served *s, uint16_t metric, size_t first, size_t last)
{
    double sum = NAN;

    for (size_t i = first; i < last; i++) {
        double value = fresh_number(s->m, metric, s->servers[i].row, s->now);

        if (!isnan(value) && s->servers[i].counts)
            sum = (isnan(sum) ? 0 : sum) + value;
    }
    derive(s->m, metric, s->servers[first].whole, sum, GW_OK, s->now);
}

static void settle_median(const struct served *s, uint16_t metric, size_t first,
                          size_t last)
{
    double sum = 0, weights = 0;
    size_t count = 0;

    for (size_t i = first; i < last; i++) {
        double value = fresh_number(s->m, metric, s->servers[i].row, s->now),
               tokens = fresh_number(s->m, M_MODEL_TOKENS, s->servers[i].row, s->now);
        double weight = tokens > 0 ? tokens : 1e-6;

        if (isnan(value) || !s->servers[i].counts)
            continue;
        sum += value * weight;
        weights += weight;
        count++;
    }
    derive(s->m, metric, s->servers[first].whole, count ? sum / weights : NAN,
           count > 1 ? GW_ESTIMATED : GW_OK, s->now);
}

/* The engine, the tenant and the tag of all. */
static void settle_word(const struct served *s, uint16_t metric, size_t first,
                        size_t last)
{
    uint32_t whole = s->servers[first].whole;
    const char *word = NULL;

    for (size_t i = first; i < last; i++) {
        const char *text = model_text(s->m, metric, s->servers[i].row);

        if (!text || (metric == M_MODEL_ENGINE && !s->servers[i].counts))
            continue;
        word = word && strcmp(word, text) != 0 ? "several" : text;
    }
    derive_text(s->m, metric, whole, word, s->now);
}

/* The job's tag, or the tenant's. */
static void settle_tag(const struct served *s, const struct server *at)
{
    bool has_job = at->job != GW_NONE && !model_is_over(s->m, GW_JOB, at->job);
    const char *tag = has_job ? model_text(s->m, M_JOB_TAG, at->job) : NULL;

    if (!tag && at->tenant != GW_NONE)
        tag = model_text(s->m, M_TENANT_TAG, at->tenant);
    derive_text(s->m, M_MODEL_TAG, at->row, tag, s->now);
}

/* servers[first] to [last - 1] are of one model. */
static void settle_model(const struct served *s, size_t first, size_t last)
{
    struct job_load all = { .watts = NAN };
    struct entity *e = entity_of(s->m, GW_MODEL, s->servers[first].whole);

    hear(s, first, last);
    for (size_t i = first; i < last; i++) {
        struct server *at = &s->servers[i];
        struct job_load l = load_of(s, at);
        uint32_t newest = entity_of(s->m, GW_MODEL, at->row)->newest;

        if (at->job != GW_NONE || at->node != GW_NONE)
            settle_load(s->m, at->row, &l, s->now);
        settle_tag(s, at);
        if (!is_drawn_by_another(s, at))
            add_load(&all, &l);
        at->counts = voice_for(s, at).highest <= at->rank;
        e->newest = newest > e->newest ? newest : e->newest;
    }
    if (s->servers[first].whole == s->servers[first].row)
        return;
    settle_load(s->m, s->servers[first].whole, &all, s->now);
    for (int i = 0; i < METERS; i++)
        settle_sum(s, sums[i], first, last);
    for (size_t i = 0; i < sizeof(medians) / sizeof(medians[0]); i++)
        settle_median(s, medians[i], first, last);
    settle_word(s, M_MODEL_ENGINE, first, last);
    settle_word(s, M_MODEL_TENANT, first, last);
    settle_word(s, M_MODEL_TAG, first, last);
}

/* ---- tokens of tenants and of classes ---- */

static void add_tokens(double *of, uint32_t row, double tokens)
{
    if (row != GW_NONE && !isnan(tokens))
        of[row] = (isnan(of[row]) ? 0 : of[row]) + tokens;
}

static double *unknown(size_t rows)
{
    double *all = xcalloc(rows + 1, sizeof(*all));

    for (size_t i = 0; i <= rows; i++)
        all[i] = NAN;
    return all;
}

static void sum_tokens(struct served *s, enum gw_kind kind, const uint16_t to[2])
{
    size_t rows = s->m->rows[kind].count;

    for (int way = 0; way < 2; way++) {
        double *tokens = unknown(rows);

        for (size_t i = 0; i < s->count; i++) {
            const struct server *at = &s->servers[i];

            if (at->counts)
                add_tokens(tokens, kind == GW_TENANT ? at->tenant : at->class,
                           fresh_number(s->m, sums[way], at->row, s->now));
        }
        for (uint32_t row = 0; row < rows; row++)
            derive(s->m, to[way], row, tokens[row], GW_OK, s->now);
        free(tokens);
    }
}

void sum_models(struct model *m, uint32_t now)
{
    static const uint16_t tenants[2] = { M_TENANT_TOKENS, M_TENANT_TOKENS_IN },
                          classes[2] = { M_CLASS_TOKENS, M_CLASS_TOKENS_IN };
    struct served s = { .m = m, .hold = m->hold, .now = now };

    if (!m->rows[GW_MODEL].count)
        return;
    find_servers(&s);
    s.models_of_job = count_models(&s, GW_JOB);
    s.models_of_node = count_models(&s, GW_NODE);
    s.drawn_of_job = xcalloc(m->rows[GW_JOB].count + 1, sizeof(*s.drawn_of_job));
    s.drawn_of_node = xcalloc(m->rows[GW_NODE].count + 1, sizeof(*s.drawn_of_node));
    s.tenants = m->rows[GW_TENANT].count;
    s.voices = xcalloc(s.tenants + 2, sizeof(*s.voices));
    for (size_t i = 0, k; i < s.count; i = k) {
        for (k = i; k < s.count && s.servers[k].whole == s.servers[i].whole; k++)
            ;
        settle_model(&s, i, k);
    }
    sum_tokens(&s, GW_TENANT, tenants);
    if (hold_has_classes(s.hold))
        sum_tokens(&s, GW_CLASS, classes);
    free(s.servers);
    free(s.models_of_job);
    free(s.models_of_node);
    free(s.drawn_of_job);
    free(s.drawn_of_node);
    free(s.voices);
}
