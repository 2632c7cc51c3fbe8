/* Jobs out of the model (app_jobs.h). */
#include "app_jobs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app_jobs_choice.h"
#include "base/arena.h"
#include "base/text.h"
#include "forecast/chance.h"
#include "forecast/signature.h"

/* Queues with a quota beyond these share one pool with all others, as if they had
 * none. */
enum { MOST_POOLS = 64 };

/* Where the GPUs in a place are, or those that nobody holds. */
enum spread { SPREAD_OF_ALL, SPREAD_OF_VACANT, SPREADS };

struct jobs_copy {
    struct arena *arena;
    struct forecast_job *jobs;
    const char **names;         /* of jobs[] */
    bool *priced;               /* a source says what it will draw */
    size_t count, room, name_room, priced_room;
    struct job_placement *placements;
    size_t placement_count, placement_room;
    struct job_place *places;   /* by row of the domain; the last one is the site */
    struct range {
        uint32_t first, count;  /* of placements[]; count 0: not looked for yet */
        double gpus;            /* so many are vacant */
    } *spreads[SPREADS];        /* by place */
    double *vacant;             /* GPUs that nobody holds, by place */
    size_t place_count;
    size_t tasks;               /* of arrays, but for their first */
    struct job_pool pools[MOST_POOLS];  /* one for each queue that may hold so many
                                         * GPUs, and one for all others */
    bool crowded[MOST_POOLS];   /* jobs of it were left out */
    size_t pool_count;
    size_t left_out;            /* as in jobs_choice */
    double least_gpus, silent_s;
    double gpus;                /* that jobs can have; NAN: nobody tells */
    double *limits;             /* that a GPU is let draw, by place: the mean; 0:
                                 * nobody tells */
    uint32_t first_gpus, gpus_count;    /* of placements[]: where these are */
};

/* ---- the power graph ---- */

static uint32_t place_of(const struct jobs_copy *c, struct row row)
{
    return row.id == GW_NONE || row.kind != GW_DOMAIN ? (uint32_t)c->place_count - 1
                                                      : row.id;
}

static void take_places(struct jobs_copy *c, const struct model *m)
{
    size_t domains = model_rows(m, GW_DOMAIN);

    c->place_count = domains + 1;
    c->places = xcalloc(c->place_count, sizeof(*c->places));
    for (int i = 0; i < SPREADS; i++)
        c->spreads[i] = xcalloc(c->place_count, sizeof(**c->spreads));
    c->vacant = xcalloc(c->place_count, sizeof(*c->vacant));
    c->limits = xcalloc(c->place_count, sizeof(*c->limits));
    for (uint32_t row = 0; row < domains; row++) {
        struct row second = model_second_parent(m, GW_DOMAIN, row);

        c->places[row].parents[0] = place_of(c, model_parent(m, GW_DOMAIN, row));
        c->places[row].parents[1] = second.id == GW_NONE ? NO_PLACE : place_of(c, second);
    }
    c->places[domains] = (struct job_place){ .parents = { NO_PLACE, NO_PLACE } };
}

/* ---- what a job is like ---- */

static uint64_t text_of(const struct model *m, uint16_t metric, uint32_t row,
                        uint64_t before)
{
    const char *text = model_text(m, metric, row);

    return text ? chance_of_text(text, before) : chance_mix(before, 1);
}

/* Of a job's title what runs of the same thing share: without digits and what hangs on
 * them ("sft-34b-seed7" is "sft-b-seed"). */
static uint64_t stem_of(const struct model *m, uint32_t row, uint64_t before)
{
    const char *title = model_text(m, M_JOB_NAME, row);
    char stem[64];
    size_t n = 0;

    for (; title && *title && n < sizeof(stem) - 1; title++)
        if (*title < '0' || *title > '9')
            stem[n++] = *title;
    stem[n] = 0;
    return chance_of_text(stem, before);
}

/* Jobs of about the same size: the power of two below. */
static uint64_t size_of(double gpus)
{
    return gpus >= 1 ? (uint64_t)floor(log2(gpus)) : 0;
}

/* What a tenant trains and what it serves differ. */
static void take_classes(struct forecast_job *job, const struct model *m, uint32_t row)
{
    uint64_t queue = text_of(m, M_JOB_QUEUE, row, 1),
             work = text_of(m, M_JOB_CLASS, row, text_of(m, M_JOB_TENANT, row, queue));

    job->classes[0] = chance_mix(stem_of(m, row, text_of(m, M_JOB_USER, row, work)),
                                 size_of(job->gpus)) |
                      1;
    job->classes[1] = work | 1;
    job->classes[2] = queue | 1;
    job->classes[3] = 1;
}

/* Words with which a scheduler says that a job waits for something other than its turn
 * (squeue(1), "JOB REASON CODES"). */
static bool is_held(const struct model *m, uint32_t row)
{
    static const char *const reasons[] = { "JobHeld",  "Dependency", "QOS",    "Assoc",
                                           "JobArray", "Bad",        "Invalid" };
    const char *reason = model_text(m, M_JOB_REASON, row);

    for (size_t i = 0; reason && i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strncmp(reason, reasons[i], strlen(reasons[i])) == 0)
            return true;
    return false;
}

static void take_times(struct forecast_job *job, const struct model *m, uint32_t row)
{
    const char *state = model_text(m, M_JOB_STATE, row),
               *reason = model_text(m, M_JOB_REASON, row);
    double start = model_number(m, M_JOB_START, row);
    bool waits = !state || strcmp(state, "pending") == 0;

    job->submit = model_number(m, M_JOB_SUBMIT, row);
    job->start = waits ? NAN : start;
    job->end = waits || (state && strcmp(state, "running") == 0)
                   ? NAN
                   : model_number(m, M_JOB_END, row);
    job->planned_start = waits ? start : NAN;
    job->plan = !waits || isnan(start) ? PLAN_NONE
                : reason && strcmp(reason, "BeginTime") == 0 ? PLAN_FIXED : PLAN_EXPECTED;
    job->state = waits ? JOB_PENDING : isnan(job->end) ? JOB_RUNNING : JOB_ENDED;
    job->held = waits && isnan(start) && is_held(m, row);
    if (isnan(job->submit))
        job->submit = isnan(job->start) ? model_now(m) : job->start;
}

/* ---- pools ---- */

/* The GPUs of all that names no quota. */
static const uint64_t common_pool = 1;

/* A node that gets no more jobs. */
static bool is_out(const struct model *m, uint32_t node)
{
    static const char *const states[] = {
        "down", "drain", "maint", "fail", "lost", "off"
    };
    const char *state = model_text(m, M_NODE_STATE, node);

    for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
        if (strncasecmp(state, states[i], strlen(states[i])) == 0)
            return true;
    return false;
}

/* By node: its GPUs, and those that jobs hold; what these are let draw in all, and how
 * many tell that. */
struct node_gpus {
    double all, held, limits_w, limited;
};

static double told_or(const struct model *m, uint16_t metric, uint32_t node,
                      double counted)
{
    double told = model_number(m, metric, node);

    return isnan(told) ? counted : told;
}

/* As the scheduler counts them, else as many as there are rows of. */
static struct node_gpus *count_gpus(const struct model *m)
{
    struct node_gpus *nodes = xcalloc(model_rows(m, GW_NODE) + 1, sizeof(*nodes));

    for (uint32_t row = 0; row < model_rows(m, GW_GPU); row++) {
        struct row at = model_parent(m, GW_GPU, row);
        double limit_w = model_number(m, M_GPU_POWER_LIMIT, row);

        model_pause(m, row);
        if (!model_key(m, GW_GPU, row) || at.id == GW_NONE || at.kind != GW_NODE)
            continue;
        nodes[at.id].limits_w += limit_w > 0 ? limit_w : 0;
        nodes[at.id].limited += limit_w > 0;
        nodes[at.id].all++;
        nodes[at.id].held += model_text(m, M_GPU_JOB, row) != NULL;
    }
    for (uint32_t node = 0; node < model_rows(m, GW_NODE); node++) {
        nodes[node].all = told_or(m, M_NODE_GPUS_TOTAL, node, nodes[node].all);
        nodes[node].held = told_or(m, M_NODE_GPUS_HELD, node, nodes[node].held);
    }
    return nodes;
}

static void add_placement(struct jobs_copy *c, uint32_t place, double share)
{
    c->placements = xgrow(c->placements, &c->placement_room, c->placement_count + 1,
                          sizeof(*c->placements));
    c->placements[c->placement_count++] = (struct job_placement){ place, share };
}

/* By rack; of the site, of all: where a job may be that has no place. */
static void take_limits(struct jobs_copy *c, const struct model *m,
                        const struct node_gpus *nodes)
{
    size_t site = c->place_count - 1;
    double *limited = xcalloc(c->place_count, sizeof(*limited)), all_w = 0, all = 0;

    for (uint32_t node = 0; node < model_rows(m, GW_NODE); node++) {
        uint32_t rack = place_of(c, model_parent(m, GW_NODE, node));

        model_pause(m, node);
        c->limits[rack] += nodes[node].limits_w;
        limited[rack] += nodes[node].limited;
        all_w += nodes[node].limits_w;
        all += nodes[node].limited;
    }
    for (size_t place = 0; place < site; place++)
        c->limits[place] /= fmax(limited[place], 1);
    c->limits[site] = all_w / fmax(all, 1);
    free(limited);
}

/* Where the GPUs are, in shares of all of them: a job that has no place yet is likely
 * there. */
static void take_gpus(struct jobs_copy *c, const struct model *m)
{
    struct node_gpus *nodes = count_gpus(m);
    double *racks = xcalloc(c->place_count + 1, sizeof(*racks)), all = 0;

    c->gpus = 0;
    for (uint32_t node = 0; node < model_rows(m, GW_NODE); node++) {
        uint32_t rack = place_of(c, model_parent(m, GW_NODE, node));
        double usable = is_out(m, node) ? 0 : nodes[node].all;
        /* of a rack that is out; 0 is not known */
        const double next_to_none = 1e-6;

        model_pause(m, node);
        racks[rack] += nodes[node].all;
        all += nodes[node].all;
        /* Who drains still runs what it has: that takes nobody's place. */
        c->places[rack].gpus += nodes[node].all > 0
                                    ? fmax(fmax(usable, nodes[node].held), next_to_none)
                                    : 0;
        c->vacant[rack] += fmax(usable - nodes[node].held, 0);
        c->gpus += usable;
    }
    c->first_gpus = (uint32_t)c->placement_count;
    for (uint32_t place = 0; place < c->place_count && all > 0; place++)
        if (racks[place] > 0)
            add_placement(c, place, racks[place] / all);
    if (!(all > 0)) {
        add_placement(c, (uint32_t)c->place_count - 1, 1);
        c->gpus = NAN;
    }
    c->gpus_count = (uint32_t)c->placement_count - c->first_gpus;
    take_limits(c, m, nodes);
    free(nodes);
    free(racks);
}

static uint32_t pool_with(struct jobs_copy *c, uint64_t key, double gpus)
{
    for (size_t i = 0; i < c->pool_count; i++)
        if (c->pools[i].key == key)
            return (uint32_t)i;
    /* The last place is for all others. */
    if (key != common_pool && c->pool_count >= MOST_POOLS - 1)
        return pool_with(c, common_pool, c->gpus);
    c->pools[c->pool_count] = (struct job_pool){ .key = key,
                                                 .gpus = gpus,
                                                 .first_placement = c->first_gpus,
                                                 .placement_count = c->gpus_count };
    return (uint32_t)c->pool_count++;
}

static uint32_t pool_of(struct jobs_copy *c, const struct model *m, uint32_t job,
                        uint64_t queue)
{
    const char *name = model_text(m, M_JOB_QUEUE, job);
    uint32_t row = name ? model_find(m, GW_QUEUE, name) : GW_NONE;
    double quota = row == GW_NONE ? NAN : model_number(m, M_QUEUE_QUOTA, row);

    return quota > 0 ? pool_with(c, queue | 2, quota)
                     : pool_with(c, common_pool, c->gpus);
}

static double used_of(const struct jobs_copy *c, uint32_t pool)
{
    double used = 0;

    for (size_t i = 0; i < c->count; i++)
        used += c->jobs[i].pool == pool && c->jobs[i].state == JOB_RUNNING
                    ? c->jobs[i].gpus
                    : 0;
    return used;
}

/* Has a job waited for minutes although there is room for it? Then something else than
 * GPUs decides, and of a queue that is run by rules we do not know the plans are believed
 * instead. */
static bool is_run_otherwise(const struct jobs_copy *c, uint32_t pool, double free,
                             double now)
{
    const double minutes = 300;

    for (size_t i = 0; i < c->count; i++) {
        const struct forecast_job *j = &c->jobs[i];

        if (j->pool == pool && j->state == JOB_PENDING && !j->held &&
            j->plan != PLAN_FIXED && j->gpus <= free && now - j->submit > minutes)
            return true;
    }
    return false;
}

/* Of a queue that is not known as a whole, or that other rules decide, nothing is
 * simulated. */
static void judge_pools(struct jobs_copy *c, double now)
{
    for (uint32_t pool = 0; pool < c->pool_count; pool++) {
        double used = used_of(c, pool), *gpus = &c->pools[pool].gpus;

        if (c->crowded[pool] || used > *gpus ||
            is_run_otherwise(c, pool, *gpus - used, now))
            *gpus = NAN;
    }
}

/* ---- jobs ---- */

static bool is_within(const struct jobs_copy *c, uint32_t place, uint32_t whole,
                      unsigned depth)
{
    if (place == whole || place == NO_PLACE || depth == 0)
        return place == whole;
    return is_within(c, c->places[place].parents[0], whole, depth - 1) ||
           is_within(c, c->places[place].parents[1], whole, depth - 1);
}

static double weight_at(const struct jobs_copy *c, struct job_placement of_all,
                        enum spread spread)
{
    return spread == SPREAD_OF_VACANT ? c->vacant[of_all.place] : of_all.share;
}

/* The shares of the GPUs below a domain, or of those that are vacant; where none are, the
 * domain's own. */
static struct range spread_over(struct jobs_copy *c, const struct model *m,
                                uint32_t domain, enum spread spread)
{
    enum { DEEPEST = 12,        /* two parents each: a graph has few steps */
           GPUS_WORTH = 4 };    /* a way up takes as long */
    struct range r = { (uint32_t)c->placement_count, 0, 0 };
    double sum = 0;

    for (uint32_t i = 0; i < c->gpus_count; i++) {
        struct job_placement p = c->placements[c->first_gpus + i];
        double weight = weight_at(c, p, spread);

        model_pause(m, i * GPUS_WORTH);
        if (!(weight > 0) || !is_within(c, p.place, domain, DEEPEST))
            continue;
        add_placement(c, p.place, weight);
        sum += weight;
    }
    r.count = (uint32_t)c->placement_count - r.first;
    r.gpus = spread == SPREAD_OF_VACANT ? sum : 0;
    for (uint32_t i = 0; i < r.count; i++)
        c->placements[r.first + i].share /= sum;
    if (r.count == 0) {
        add_placement(c, domain, 1);
        r.count = 1;
    }
    return r;
}

static const struct range *spread_of(struct jobs_copy *c, const struct model *m,
                                     uint32_t domain, enum spread spread)
{
    struct range *r = &c->spreads[spread][domain];

    if (r->count == 0)
        *r = spread_over(c, m, domain, spread);
    return r;
}

/* A job that is planned for a hall will be on vacant GPUs of it, and where these are too
 * few on any: what feeds a part of the hall will feed a part of the job. */
static void place_in(struct jobs_copy *c, struct forecast_job *job, const struct model *m,
                     uint32_t domain)
{
    bool finds_room = job->state == JOB_PENDING &&
                      spread_of(c, m, domain, SPREAD_OF_VACANT)->gpus >= job->gpus;
    enum spread spread = finds_room ? SPREAD_OF_VACANT : SPREAD_OF_ALL;
    const struct range *r = spread_of(c, m, domain, spread);

    job->first_placement = r->first;
    job->placement_count = r->count;
}

/* One that waits for a place yet has its pool's. */
static void place_job(struct jobs_copy *c, struct forecast_job *job,
                      const struct model *m, uint32_t row)
{
    const char *place = model_text(m, M_JOB_PLACE, row);
    uint32_t domain = place ? model_find(m, GW_DOMAIN, place) : GW_NONE;

    job->first_placement = (uint32_t)c->placement_count;
    if (domain == GW_NONE && job->state == JOB_PENDING)
        return;
    if (domain != GW_NONE) {
        place_in(c, job, m, domain);
        return;
    }
    job->placement_count = 1;
    add_placement(c, (uint32_t)c->place_count - 1, 1);
}

/* By somebody else than the forecaster, which is a target without a name. */
static bool is_priced(const struct model *m, uint32_t row)
{
    const char *origin = model_origin(m, M_JOB_PREDICTED, row);

    return origin && *origin && !isnan(model_number(m, M_JOB_PREDICTED, row));
}

static void add_job(struct jobs_copy *c, const struct forecast_job *job, const char *name,
                    bool is_priced)
{
    c->jobs = xgrow(c->jobs, &c->room, c->count + 1, sizeof(*c->jobs));
    c->names = xgrow(c->names, &c->name_room, c->count + 1, sizeof(*c->names));
    c->priced = xgrow(c->priced, &c->priced_room, c->count + 1, sizeof(*c->priced));
    c->names[c->count] = name;
    c->priced[c->count] = is_priced;
    c->jobs[c->count++] = *job;
}

/* The other tasks of the array whose first is the last job: each starts by itself. Of
 * very many those that come first. */
static void add_tasks(struct jobs_copy *c, double tasks)
{
    enum { MOST_TASKS = 64 };
    struct forecast_job job = c->jobs[c->count - 1];
    const char *name = c->names[c->count - 1];
    uint64_t id = job.id;

    job.of_array = true;
    for (unsigned task = 1;
         task < MOST_TASKS && task < tasks && c->tasks < MOST_JOBS_WAITING; task++) {
        c->tasks++;
        job.id = chance_mix(id, task) | 1;
        add_job(c, &job, name, true); /* the row is priced once, by its first task */
    }
}

static void take_job(struct jobs_copy *c, const struct model *m, uint32_t row,
                     const char *name)
{
    struct forecast_job job = { .id = chance_of_text(name, 0) | 1,
                                .gpus = jobs_gpus(m, row),
                                .limit_s = model_number(m, M_JOB_LIMIT, row) };

    take_times(&job, m, row);
    take_classes(&job, m, row);
    job.order = jobs_order(m, row, job.submit);
    job.watts = job.state == JOB_RUNNING ? model_job_gpu_power(m, row) : NAN;
    job.pool = pool_of(c, m, row, job.classes[2]);
    job.pool_key = c->pools[job.pool].key;
    place_job(c, &job, m, row);
    add_job(c, &job, arena_strdup(c->arena, name), is_priced(m, row));
    add_tasks(c, model_job_tasks(m, row));
}

/* ---- where GPUs say a job runs ---- */

/* GPUs of a job in a rack. */
struct gathered {
    uint32_t job, rack;
    uint32_t gpus;
};

static int by_job_and_rack(const void *a, const void *b)
{
    const struct gathered *x = a, *y = b;

    if (x->job != y->job)
        return x->job < y->job ? -1 : 1;
    return x->rack < y->rack ? -1 : x->rack > y->rack;
}

static uint32_t rack_of(const struct jobs_copy *c, const struct model *m, uint32_t gpu)
{
    struct row at = model_parent(m, GW_GPU, gpu);

    if (at.id != GW_NONE && at.kind == GW_NODE)
        at = model_parent(m, GW_NODE, at.id);
    return place_of(c, at);
}

struct gathering {
    struct gathered *all;
    size_t count, room;
};

/* Neighbours mostly work on the same job in the same rack. */
static void gather(struct gathering *g, uint32_t job, uint32_t rack)
{
    struct gathered *last = g->count ? &g->all[g->count - 1] : NULL;

    if (last && last->job == job && last->rack == rack) {
        last->gpus++;
        return;
    }
    g->all = xgrow(g->all, &g->room, g->count + 1, sizeof(*g->all));
    g->all[g->count++] = (struct gathered){ job, rack, 1 };
}

static struct gathering gather_gpus(const struct jobs_copy *c, const struct model *m)
{
    struct text_column texts = model_text_column(m, M_GPU_JOB),
                       tenants = model_text_column(m, M_GPU_TENANT);
    uint32_t last_text = 0, last_tenant = 0, job = GW_NONE;
    struct gathering g = { 0 };

    for (uint32_t row = 0; texts.lower && row < model_rows(m, GW_GPU); row++) {
        uint32_t text = text_in(texts, row), tenant = text_in(tenants, row);

        model_pause(m, row);
        if (!text)
            continue;
        if (text != last_text || tenant != last_tenant) {
            last_text = text;
            last_tenant = tenant;
            job = model_gpu_job(m, row);
        }
        if (job != GW_NONE)
            gather(&g, job, rack_of(c, m, row));
    }
    if (g.count)
        qsort(g.all, g.count, sizeof(*g.all), by_job_and_rack);
    return g;
}

static void place_by_gpus(struct jobs_copy *c, struct forecast_job *job,
                          const struct gathered *of, size_t count)
{
    double gpus = 0;

    for (size_t i = 0; i < count; i++)
        gpus += of[i].gpus;
    job->first_placement = (uint32_t)c->placement_count;
    job->placement_count = 0;
    for (size_t i = 0, k; i < count; i = k) {
        double here = 0;

        for (k = i; k < count && of[k].rack == of[i].rack; k++)
            here += of[k].gpus;
        add_placement(c, of[i].rack, here / gpus);
        job->placement_count++;
    }
}

static void place_running(struct jobs_copy *c, const struct model *m)
{
    struct gathering g = gather_gpus(c, m);
    size_t at = 0;

    for (size_t i = 0; i < c->count; i++) {
        uint32_t row = model_find(m, GW_JOB, c->names[i]);
        size_t end;

        while (at < g.count && g.all[at].job < row)
            at++;
        for (end = at; end < g.count && g.all[end].job == row; end++)
            ;
        if (c->jobs[i].state == JOB_RUNNING && end > at)
            place_by_gpus(c, &c->jobs[i], g.all + at, end - at);
    }
    free(g.all);
}

/* What a GPU is let draw where it runs, or may. */
static double limit_of(const struct jobs_copy *c, const struct forecast_job *job)
{
    const struct job_pool *pool = &c->pools[job->pool];
    uint32_t first = job->placement_count ? job->first_placement : pool->first_placement;
    uint32_t count = job->placement_count ? job->placement_count : pool->placement_count;
    double watts = 0, known = 0;

    for (uint32_t i = first; i < first + count; i++) {
        double limit_w = c->limits[c->placements[i].place],
               share = c->placements[i].share;

        watts += share * limit_w;
        known += limit_w > 0 ? share : 0;
    }
    return known > 0 ? watts / known : 0;
}


/* ---- all together ---- */

static void take_jobs(struct jobs_copy *c, const struct model *m,
                      const struct jobs_choice *choice)
{
    enum { GPUS_WORTH = 32 }; /* a job takes as long */

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        model_pause(m, row * GPUS_WORTH);
        if (choice->of_row[row] == JOB_TAKEN)
            take_job(c, m, row, model_name(m, GW_JOB, row));
        else if (choice->of_row[row] == JOB_LEFT_OUT)
            c->crowded[pool_of(c, m, row, text_of(m, M_JOB_QUEUE, row, 1) | 1)] = true;
    }
}

struct jobs_copy *jobs_copy_new(const struct model *m)
{
    struct jobs_choice choice;
    struct jobs_copy *c;

    if (!model_column(m, M_JOB_GPUS) && !model_column(m, M_JOB_NODES))
        return NULL;
    if (!jobs_choose(m, &choice))
        return NULL;
    c = xcalloc(1, sizeof(*c));
    c->arena = arena_new();
    c->left_out = choice.left_out;
    c->least_gpus = choice.least_gpus;
    c->silent_s = choice.silent_s;
    take_places(c, m);
    take_gpus(c, m);
    take_jobs(c, m, &choice);
    jobs_choice_free(&choice);
    if (c->count == 0) {
        jobs_copy_free(c);
        return NULL;
    }
    judge_pools(c, model_now(m));
    place_running(c, m);
    for (size_t i = 0; i < c->count; i++)
        c->jobs[i].limit_w = limit_of(c, &c->jobs[i]);
    return c;
}

void jobs_copy_free(struct jobs_copy *c)
{
    if (!c)
        return;
    arena_free(c->arena);
    free(c->jobs);
    free(c->names);
    free(c->priced);
    free(c->placements);
    free(c->places);
    for (int i = 0; i < SPREADS; i++)
        free(c->spreads[i]);
    free(c->vacant);
    free(c->limits);
    free(c);
}

struct job_view jobs_copy_view(const struct jobs_copy *c)
{
    return (struct job_view){ .jobs = c->jobs,
                              .count = c->count,
                              .placements = c->placements,
                              .placement_count = c->placement_count,
                              .places = c->places,
                              .place_count = c->place_count,
                              .pools = c->pools,
                              .pool_count = c->pool_count,
                              .left_out = c->left_out,
                              .least_gpus = c->least_gpus,
                              .silent_s = c->silent_s };
}

uint32_t jobs_copy_place(const struct jobs_copy *c, enum gw_kind kind, uint32_t row)
{
    return place_of(c, (struct row){ kind, row });
}

double jobs_copy_usual_watts(const struct jobs_copy *c)
{
    double watts = 0, gpus = 0;

    for (size_t i = 0; i < c->count; i++)
        if (c->jobs[i].state == JOB_RUNNING && !isnan(c->jobs[i].watts)) {
            watts += c->jobs[i].watts / signature_per_limit(&c->jobs[i]);
            gpus += c->jobs[i].gpus;
        }
    return gpus > 0 ? watts / gpus : NAN;
}

const char *jobs_copy_unpriced(const struct jobs_copy *c, size_t i)
{
    return c->priced[i] ? NULL : c->names[i];
}

const char *jobs_copy_name(void *copy, uint64_t id)
{
    const struct jobs_copy *c = copy;

    for (size_t i = 0; i < c->count; i++)
        if (c->jobs[i].id == id)
            return c->names[i];
    return NULL;
}
