/* Jobs out of the model (app_jobs.h). */
#include "app_jobs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "forecast/chance.h"

struct jobs_copy {
    struct arena *arena;
    struct forecast_job *jobs;
    const char **names;         /* of jobs[] */
    size_t count, room, name_room;
    struct job_placement *placements;
    size_t placement_count, placement_room;
    struct job_place *places;   /* by row of the domain; the last one is the site */
    size_t place_count;
    struct job_pool *pools;     /* one a queue */
    uint64_t *pool_keys;
    size_t pool_count, pool_room, key_room;
};

/* ---- the power graph ---- */

static uint32_t place_of(const struct jobs_copy *c, struct row row)
{
    return row.id == GW_NONE || row.kind != GW_DOMAIN ? (uint32_t)c->place_count - 1 : row.id;
}

static void take_places(struct jobs_copy *c, const struct model *m)
{
    size_t domains = model_rows(m, GW_DOMAIN);

    c->place_count = domains + 1;
    c->places = xcalloc(c->place_count, sizeof(*c->places));
    for (uint32_t row = 0; row < domains; row++) {
        struct row second = model_second_parent(m, GW_DOMAIN, row);

        c->places[row].parents[0] = place_of(c, model_parent(m, GW_DOMAIN, row));
        c->places[row].parents[1] = second.id == GW_NONE ? NO_PLACE : place_of(c, second);
    }
    c->places[domains] = (struct job_place){ { NO_PLACE, NO_PLACE } };
}

/* ---- what a job is like ---- */

static uint64_t text_of(const struct model *m, uint16_t metric, uint32_t row, uint64_t before)
{
    const char *text = model_text(m, metric, row);

    return text ? chance_of_text(text, before) : chance_mix(before, 1);
}

/* Of a job's title what runs of the same thing share: without digits and what hangs on them ("sft-34b-seed7" is
 * "sft-b-seed"). */
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

static void take_classes(struct forecast_job *job, const struct model *m, uint32_t row)
{
    uint64_t queue = text_of(m, M_JOB_QUEUE, row, 1), tenant = text_of(m, M_JOB_TENANT, row, queue);

    job->classes[0] = chance_mix(stem_of(m, row, text_of(m, M_JOB_USER, row, tenant)), size_of(job->gpus)) | 1;
    job->classes[1] = tenant | 1;
    job->classes[2] = queue | 1;
    job->classes[3] = 1;
}

/* Words with which a scheduler says that a job waits for something other than its turn (squeue(1), "JOB REASON CODES"). */
static bool is_held(const struct model *m, uint32_t row)
{
    static const char *const reasons[] = { "JobHeld", "Dependency", "QOS", "Assoc", "JobArray", "Bad", "Invalid" };
    const char *reason = model_text(m, M_JOB_REASON, row);

    for (size_t i = 0; reason && i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strncmp(reason, reasons[i], strlen(reasons[i])) == 0)
            return true;
    return false;
}

static void take_times(struct forecast_job *job, const struct model *m, uint32_t row)
{
    const char *state = model_text(m, M_JOB_STATE, row), *reason = model_text(m, M_JOB_REASON, row);
    double start = model_number(m, M_JOB_START, row);
    bool waits = !state || strcmp(state, "pending") == 0;

    job->submit = model_number(m, M_JOB_SUBMIT, row);
    job->start = waits ? NAN : start;
    job->end = waits || (state && strcmp(state, "running") == 0) ? NAN : model_number(m, M_JOB_END, row);
    job->planned_start = waits ? start : NAN;
    job->plan = !waits || isnan(start) ? PLAN_NONE
                : reason && strcmp(reason, "BeginTime") == 0 ? PLAN_FIXED : PLAN_EXPECTED;
    job->state = waits ? JOB_PENDING : isnan(job->end) ? JOB_RUNNING : JOB_ENDED;
    job->held = waits && isnan(start) && is_held(m, row);
    if (isnan(job->submit))
        job->submit = isnan(job->start) ? model_now(m) : job->start;
}

/* ---- pools ---- */

/* How much of it there is nobody tells, so its plans are believed. */
static uint32_t pool_of(struct jobs_copy *c, uint64_t queue)
{
    for (size_t i = 0; i < c->pool_count; i++)
        if (c->pool_keys[i] == queue)
            return (uint32_t)i;
    c->pools = xgrow(c->pools, &c->pool_room, c->pool_count + 1, sizeof(*c->pools));
    c->pool_keys = xgrow(c->pool_keys, &c->key_room, c->pool_count + 1, sizeof(*c->pool_keys));
    c->pools[c->pool_count] = (struct job_pool){ .gpus = NAN };
    c->pool_keys[c->pool_count] = queue;
    return (uint32_t)c->pool_count++;
}

/* ---- jobs ---- */

static void place_job(struct jobs_copy *c, struct forecast_job *job, const struct model *m, uint32_t row)
{
    const char *place = model_text(m, M_JOB_PLACE, row);
    uint32_t domain = place ? model_find(m, GW_DOMAIN, place) : GW_NONE;

    job->first_placement = (uint32_t)c->placement_count;
    job->placement_count = 1;
    c->placements = xgrow(c->placements, &c->placement_room, c->placement_count + 1, sizeof(*c->placements));
    /* Where it is not known where, it is somewhere on the site. */
    c->placements[c->placement_count++] =
        (struct job_placement){ domain == GW_NONE ? (uint32_t)c->place_count - 1 : domain, 1 };
}

static void take_job(struct jobs_copy *c, const struct model *m, uint32_t row, const char *name)
{
    struct forecast_job job = { .id = chance_of_text(name, 0) | 1, .gpus = model_number(m, M_JOB_GPUS, row),
                                .limit_s = model_number(m, M_JOB_LIMIT, row) };

    if (isnan(job.gpus))
        job.gpus = model_number(m, M_JOB_NODES, row);
    if (!(job.gpus > 0))
        return;
    take_times(&job, m, row);
    take_classes(&job, m, row);
    job.order = job.submit;
    job.watts = job.state == JOB_RUNNING && model_quality(m, M_JOB_POWER, row) == GW_OK
                    ? model_number(m, M_JOB_POWER, row) : NAN;
    job.pool = pool_of(c, job.classes[2]);
    place_job(c, &job, m, row);
    c->jobs = xgrow(c->jobs, &c->room, c->count + 1, sizeof(*c->jobs));
    c->names = xgrow(c->names, &c->name_room, c->count + 1, sizeof(*c->names));
    c->names[c->count] = arena_strdup(c->arena, name);
    c->jobs[c->count++] = job;
}

/* ---- where GPUs say a job runs ---- */

static int by_id(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static uint32_t rack_of(const struct jobs_copy *c, const struct model *m, uint32_t gpu)
{
    struct row at = model_parent(m, GW_GPU, gpu);

    if (at.id != GW_NONE && at.kind == GW_NODE)
        at = model_parent(m, GW_NODE, at.id);
    return place_of(c, at);
}

/* One number a GPU: its job above, its rack below, so that sorting brings together what belongs together. */
static size_t pair_gpus(const struct jobs_copy *c, const struct model *m, uint64_t *pairs)
{
    const uint32_t *texts = model_text_column(m, M_GPU_JOB);
    size_t rows = model_rows(m, GW_GPU), n = 0;
    uint32_t last_text = 0, last_row = GW_NONE;

    for (uint32_t row = 0; row < rows && texts; row++) {
        if (!texts[row])
            continue;
        /* Neighbours mostly work on the same job. */
        if (texts[row] != last_text) {
            last_text = texts[row];
            last_row = model_find(m, GW_JOB, model_text_of(m, last_text));
        }
        if (last_row != GW_NONE)
            pairs[n++] = (uint64_t)last_row << 32 | rack_of(c, m, row);
    }
    qsort(pairs, n, sizeof(*pairs), by_id);
    return n;
}

static void place_by_gpus(struct jobs_copy *c, struct forecast_job *job, const uint64_t *pairs, size_t count)
{
    job->first_placement = (uint32_t)c->placement_count;
    job->placement_count = 0;
    for (size_t i = 0, k; i < count; i = k) {
        for (k = i; k < count && pairs[k] == pairs[i]; k++)
            ;
        c->placements = xgrow(c->placements, &c->placement_room, c->placement_count + 1, sizeof(*c->placements));
        c->placements[c->placement_count++] =
            (struct job_placement){ (uint32_t)pairs[i], (double)(k - i) / (double)count };
        job->placement_count++;
    }
}

static void place_running(struct jobs_copy *c, const struct model *m)
{
    uint64_t *pairs = xcalloc(model_rows(m, GW_GPU) + 1, sizeof(*pairs));
    size_t count = pair_gpus(c, m, pairs), at = 0;

    for (size_t i = 0; i < c->count; i++) {
        uint32_t row = model_find(m, GW_JOB, c->names[i]);
        size_t end;

        while (at < count && pairs[at] >> 32 < row)
            at++;
        for (end = at; end < count && pairs[end] >> 32 == row; end++)
            ;
        if (c->jobs[i].state == JOB_RUNNING && end > at)
            place_by_gpus(c, &c->jobs[i], pairs + at, end - at);
    }
    free(pairs);
}

/* ---- all together ---- */

struct jobs_copy *jobs_copy_new(const struct model *m)
{
    struct jobs_copy *c;

    if (!model_column(m, M_JOB_GPUS) && !model_column(m, M_JOB_NODES))
        return NULL;
    c = xcalloc(1, sizeof(*c));
    c->arena = arena_new();
    take_places(c, m);
    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        const char *name = model_name(m, GW_JOB, row);

        /* Of others nobody speaks any more: they are over, or all are old. */
        if (name && model_quality(m, M_JOB_STATE, row) == GW_OK)
            take_job(c, m, row, name);
    }
    if (c->count == 0) {
        jobs_copy_free(c);
        return NULL;
    }
    place_running(c, m);
    return c;
}

void jobs_copy_free(struct jobs_copy *c)
{
    if (!c)
        return;
    arena_free(c->arena);
    free(c->jobs);
    free(c->names);
    free(c->placements);
    free(c->places);
    free(c->pools);
    free(c->pool_keys);
    free(c);
}

struct job_view jobs_copy_view(const struct jobs_copy *c)
{
    return (struct job_view){ .jobs = c->jobs, .count = c->count, .placements = c->placements,
                              .placement_count = c->placement_count, .places = c->places,
                              .place_count = c->place_count, .pools = c->pools, .pool_count = c->pool_count };
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
            watts += c->jobs[i].watts;
            gpus += c->jobs[i].gpus;
        }
    return gpus > 0 ? watts / gpus : NAN;
}

const char *jobs_copy_name(void *copy, uint64_t id)
{
    const struct jobs_copy *c = copy;

    for (size_t i = 0; i < c->count; i++)
        if (c->jobs[i].id == id)
            return c->names[i];
    return NULL;
}
