/* What a scheduler tells, for the forecasting thread: one set of futures of all jobs a
 * round, asked for each domain that has a forecaster; what is learnt of classes of jobs
 * is kept in the cache. */
#include "app_forecast.h"
#include "app_jobs.h"
#include "base/arena.h"
#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double usual_gpu_w = 700; /* where none that runs is measured */
static const double keep_every_s = 1800;
static const char kept_name[] = "job classes";
/* What is learnt of jobs is not worth more of the cache than this. */
static const size_t most_kept = 4 << 20;
/* Of tomorrow the jobs of today say nothing that the power's own past does not: up to six
 * hours. */
enum { JOB_HORIZONS = FORECAST_HORIZONS - 1 };
/* Futures times jobs in them: a round takes a fraction of a second, and some megabytes,
 * however many jobs there are. */
enum { MOST_IMAGINED = 32768, MOST_FUTURES = 64, FEWEST_FUTURES = 8 };

struct job_desk {
    struct jobs_known *known;     /* NULL: no scheduler told of jobs yet */
    const struct jobs_copy *copy; /* the round's; NULL: none in this round */
    struct futures futures;
    struct place_room room;
    bool imagined; /* the futures are this round's */
    double kept;   /* steady */
};

struct job_desk *job_desk_new(void)
{
    return xcalloc(1, sizeof(struct job_desk));
}

void job_desk_free(struct job_desk *d)
{
    if (!d)
        return;
    jobs_known_free(d->known);
    futures_free(&d->futures);
    place_room_free(&d->room);
    free(d);
}

/* ---- what is known ---- */

static void begin(struct job_desk *d, const struct jobs_copy *copy, const char *cache)
{
    double watts = jobs_copy_usual_watts(copy);
    size_t size = 0;
    void *bytes = cache ? store_kept(cache, kept_name, &size) : NULL;

    jobs_known_free(d->known);
    d->known = jobs_known_new(TREND_STEP_S, isnan(watts) ? usual_gpu_w : watts);
    if (bytes) /* of another version: then it is learnt anew */
        jobs_known_load(d->known, bytes, size);
    free(bytes);
    d->kept = clock_steady();
}

void job_desk_take(struct job_desk *d, const struct jobs_copy *copy, double now,
                   const char *cache)
{
    struct job_view view;

    d->copy = copy;
    d->imagined = false;
    if (!copy)
        return;
    if (!d->known)
        begin(d, copy, cache);
    if (now < d->known->time - 1)
        jobs_known_set_back(d->known, d->known->time - now);
    view = jobs_copy_view(copy);
    jobs_known_observe(d->known, now, &view);
}

bool job_desk_keep(struct job_desk *d, struct store *store, bool at_once)
{
    size_t size;
    void *bytes;

    if (!d->known || !store || (!at_once && clock_steady() - d->kept < keep_every_s))
        return false;
    d->kept = clock_steady();
    size = jobs_known_save_classes(d->known, NULL, 0);
    if (size > most_kept)
        return false;
    bytes = xcalloc(1, size);
    jobs_known_save_classes(d->known, bytes, size);
    store_keep(store, kept_name, bytes, size);
    return true;
}

/* ---- prices in watts ---- */

void job_desk_price(const struct job_desk *d, struct batch *b)
{
    static const double z90 = 1.2816; /* of the normal distribution */
    struct job_view view;

    if (!d->copy || !d->known)
        return;
    view = jobs_copy_view(d->copy);
    for (size_t i = 0; i < view.count; i++) {
        const struct forecast_job *job = &view.jobs[i];
        const char *name = jobs_copy_unpriced(d->copy, i);
        struct expectation e;
        uint32_t row;

        if (!name || job->state != JOB_PENDING)
            continue;
        signatures_expect(d->known->signatures, job, &e);
        row = batch_entity(b, GW_JOB, name, strlen(name), GW_NONE);
        batch_number(b, row, M_JOB_PREDICTED, e.watts * job->gpus, GW_ESTIMATED);
        batch_number(b, row, M_JOB_POWER_LOW,
                     fmax(0, e.watts - z90 * e.spread) * job->gpus, GW_ESTIMATED);
        batch_number(b, row, M_JOB_POWER_HIGH, (e.watts + z90 * e.spread) * job->gpus,
                     GW_ESTIMATED);
    }
}

/* ---- one domain ---- */

static struct with_jobs *make_mixture(const struct series *s)
{
    struct with_jobs_options o = { .step_s = TREND_STEP_S,
                                   .horizon_count = JOB_HORIZONS,
                                   .cap = s->cap };
    struct with_jobs *w = xcalloc(1, sizeof(*w));

    memcpy(o.horizons, forecast_horizons, JOB_HORIZONS * sizeof(*forecast_horizons));
    with_jobs_start(w, &o);
    return w;
}

/* A cap of another kind is another quantity: what was learnt of the old one is nothing
 * worth. */
static bool is_of_cap(const struct with_jobs *w, const struct forecast_cap *cap)
{
    const struct forecast_cap *had = &w->options.cap;

    return had->is_mean == cap->is_mean && had->window_s == cap->window_s &&
           had->dwell_s == cap->dwell_s && had->aligned == cap->aligned &&
           had->protection.kind == cap->protection.kind;
}

/* From its past it knows how its power swings, before its jobs have shown how theirs
 * does. */
static struct with_jobs *begin_mixture(const struct job_desk *d, const struct series *s,
                                       uint32_t place)
{
    struct with_jobs *w = make_mixture(s);
    float past[TREND_LENGTH + SERIES_SLACK];

    with_jobs_recall(w, place, d->known, s->end - TREND_STEP_S, series_past(s, past),
                     s->count - 1);
    return w;
}

static void end_mixture(struct series *s)
{
    free(s->jobs);
    s->jobs = NULL;
}

/* Jobs are told with what they draw now, and in a step a checkpoint begins and ends: the
 * domain beside them is taken at the same moment. */
void job_desk_tell(const struct job_desk *d, struct series *s, const struct question *q)
{
    double beside = q->stale ? NAN : q->watts;
    uint32_t place;

    if (!s->forecaster || (s->jobs && !is_of_cap(s->jobs, &s->cap)))
        end_mixture(s);
    /* With a feed lost, a job's share of each domain is another: of that the futures know
     * nothing. */
    if (!s->forecaster || s->n1 || !d->copy || s->count == 0 || s->known < s->end)
        return;
    place = jobs_copy_place(d->copy, s->kind, q->row);
    if (s->jobs && place_is_told_anew(&s->jobs->place, place, d->known,
                                      isnan(beside) ? s->watts : beside))
        end_mixture(s);
    if (!s->jobs)
        s->jobs = begin_mixture(d, s, place);
    s->jobs->options.cap.watts = s->cap.watts;
    quantity_set_watts(&s->jobs->quantity, s->cap.watts);
    with_jobs_observe(s->jobs, place, d->known, s->end, s->watts, beside);
}

/* A power of two: with many jobs, each future is an average of much already. */
static uint32_t futures_for(const struct jobs_known *k, double until_s)
{
    uint32_t count = MOST_FUTURES;
    double come = 0;

    for (uint32_t pool = 0; pool < k->pool_count; pool++)
        come += arrivals_expected(k->arrivals, k->time, k->time + until_s, pool,
                                  k->pools[pool].key);
    while (count > FEWEST_FUTURES && (count * k->count > MOST_IMAGINED ||
                                      (double)count * come > FUTURES_MOST_IMAGINED / 2))
        count /= 2;
    return count;
}

static void imagine(struct job_desk *d)
{
    const double until_s = forecast_horizons[JOB_HORIZONS - 1];
    const struct futures_options o = { .count = futures_for(d->known, until_s),
                                       .until_s = until_s,
                                       .pass_s = 60 };

    if (!d->imagined)
        futures_imagine(&d->futures, d->known, &o);
    d->imagined = true;
}

void job_desk_mix(struct job_desk *d, struct series *s, uint32_t row,
                  struct forecast *out, enum forecast_basis basis[FORECAST_HORIZONS])
{
    const struct place_options nothing = { .without = NO_JOB };

    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        basis[h] = BASIS_POWER;
    if (!d->copy || !s->jobs)
        return;
    imagine(d);
    forecast_with_jobs(s->jobs, jobs_copy_place(d->copy, s->kind, row), d->known,
                       &d->futures, &s->cap.watts, 1, &nothing, &d->room, out,
                       FORECAST_HORIZONS, basis);
}

void job_desk_explain(struct job_desk *d, const struct series *s, uint32_t row,
                      const struct forecast *out,
                      const enum forecast_basis basis[FORECAST_HORIZONS],
                      struct forecast_reason *why)
{
    struct forecast_reason of_jobs[JOB_HORIZONS];
    bool any = false;

    for (size_t h = 0; h < JOB_HORIZONS; h++)
        any |= basis[h] == BASIS_JOBS;
    if (!any)
        return;
    why_with_jobs(s->jobs, jobs_copy_place(d->copy, s->kind, row), d->known, &d->futures,
                  out, JOB_HORIZONS, &d->room, of_jobs);
    for (size_t h = 0; h < JOB_HORIZONS; h++)
        if (basis[h] == BASIS_JOBS)
            why[h] = of_jobs[h];
}
