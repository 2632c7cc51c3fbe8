/* From a source's jobs to what is known of them (jobs_known.h). */
#include "forecast/jobs_known.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct jobs_known *jobs_known_new(double step_s, double nominal_w)
{
    struct jobs_known *k = xcalloc(1, sizeof(*k));

    k->step_s = step_s;
    k->time = k->meter_time = k->meter_w = k->counted_until = NAN;
    k->plan_ratio = 1;
    k->plan_ratio2 = .01;
    k->signatures = signatures_new(nominal_w);
    k->arrivals = arrivals_new();
    k->track_room = 64;
    k->tracks = xcalloc(k->track_room, sizeof(*k->tracks));
    return k;
}

void jobs_known_free(struct jobs_known *k)
{
    if (!k)
        return;
    signatures_free(k->signatures);
    arrivals_free(k->arrivals);
    free(k->jobs);
    free(k->reaches);
    free(k->pool_reaches);
    free(k->first);
    free(k->pool_first);
    free(k->gpus);
    free(k->ended_at);
    free(k->pools);
    free(k->queues);
    free(k->tracks);
    free(k->ended);
    free(k);
}

/* steps: after more of them nobody knows what happened when */
enum { LONGEST_GAP = 10 };

/* ---- tracks, by id ---- */

static struct job_track *slot_of(struct job_track *tracks, size_t room, uint64_t id)
{
    size_t at = (size_t)(id * 0x9e3779b97f4a7c15u) & (room - 1);

    while (tracks[at].id && tracks[at].id != id)
        at = (at + 1) & (room - 1);
    return &tracks[at];
}

/* Into a table of its own size, without those not seen in this round: so nothing is ever
 * taken out of its middle. */
static void rebuild(struct jobs_known *k, size_t room)
{
    struct job_track *old = k->tracks;
    size_t old_room = k->track_room;

    k->tracks = xcalloc(room, sizeof(*k->tracks));
    k->track_room = room;
    k->track_count = 0;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].id && old[i].mark == k->round) {
            *slot_of(k->tracks, room, old[i].id) = old[i];
            k->track_count++;
        }
    free(old);
}

static struct job_track *track_of(struct jobs_known *k, const struct forecast_job *job)
{
    uint64_t id = job->id ? job->id : 1;
    struct job_track *t = slot_of(k->tracks, k->track_room, id);

    if (t->id)
        return t;
    if ((k->track_count + 1) * 2 > k->track_room) {
        struct job_track *old = k->tracks;
        size_t old_room = k->track_room;

        k->track_room *= 2;
        k->tracks = xcalloc(k->track_room, sizeof(*k->tracks));
        for (size_t i = 0; i < old_room; i++)
            if (old[i].id)
                *slot_of(k->tracks, k->track_room, old[i].id) = old[i];
        free(old);
        t = slot_of(k->tracks, k->track_room, id);
    }
    k->track_count++;
    *t = (struct job_track){ .id = id,
                             .last_time = -INFINITY,
                             .last_deviation = NAN,
                             .dip_began = NAN,
                             .before_dip = NAN,
                             .last_dip = NAN,
                             .told_at = NAN,
                             .told_start = NAN,
                             .mark = -1 };
    return t;
}

/* ---- learning ---- */

static void learn(struct jobs_known *k, struct job_track *t)
{
    enum { FEW = 5 };
    struct forecast_job like = t->job;
    bool measured = t->record.steady >= FEW;

    if (!measured) {
        k->ended = xgrow(k->ended, &k->ended_room, k->ended_count + 1, sizeof(*k->ended));
        k->ended[k->ended_count++] = t->job;
    }
    signatures_learn(k->signatures, &t->job, measured ? &t->record : NULL);
    like.watts = measured ? t->record.watts * t->job.gpus : NAN;
    arrivals_ended(k->arrivals, &like);
}

/* A start was expected, and now it has come: was it as told? Waits of minutes say
 * little. */
static void learn_plan(struct jobs_known *k, const struct job_track *t, double start)
{
    const double least_s = 300;
    double told = t->told_start - t->told_at, ratio, share = 1 / fmin(k->plans + 1, 50);

    if (isnan(told) || told < least_s)
        return;
    ratio = fmin(fmax((start - t->told_at) / told, 0), 3);
    k->plans++;
    k->plan_ratio += share * (ratio - k->plan_ratio);
    k->plan_ratio2 += share * ((ratio - k->plan_ratio) * (ratio - k->plan_ratio) -
                               k->plan_ratio2);
}

static void follow_plan(struct jobs_known *k, struct job_track *t,
                        const struct forecast_job *job)
{
    if (job->state == JOB_PENDING && job->plan == PLAN_EXPECTED && isnan(t->told_at)) {
        t->told_at = k->time;
        t->told_start = job->planned_start;
    } else if (job->state == JOB_RUNNING && t->job.state == JOB_PENDING) {
        learn_plan(k, t, job->start);
    }
}

static void follow(struct jobs_known *k, struct job_track *t,
                   const struct forecast_job *job)
{
    struct expectation e;
    bool over = t->mark >= 0 && t->job.state == JOB_ENDED;
    double limit_w = t->job.limit_w;

    t->mark = k->round;
    if (over)
        return;
    follow_plan(k, t, job);
    k->started |= job->state == JOB_RUNNING && t->job.state != JOB_RUNNING;
    t->job = *job;
    if (job->state == JOB_ENDED && limit_w > 0)
        /* who has ended is nowhere any more, or anywhere */
        t->job.limit_w = limit_w;
    if (job->state == JOB_RUNNING) {
        signatures_expect(k->signatures, job, &e);
        job_track_sample(t, k->time, k->step_s, &e);
        signatures_learn_running(k->signatures, job, &t->record);
    } else if (job->state == JOB_ENDED && !isnan(job->start)) {
        learn(k, t);
    }
}

/* Those of the last round that nobody told of in this one; `gap`: between the two; of
 * those with so many GPUs or fewer nobody knows whether they have ended. */
static void end_the_vanished(struct jobs_known *k, double gap, double least_gpus)
{
    size_t gone = 0;

    for (size_t i = 0; i < k->track_room; i++) {
        struct job_track *t = &k->tracks[i];

        if (!t->id || t->mark == k->round)
            continue;
        gone++;
        if (t->job.state == JOB_RUNNING && gap <= LONGEST_GAP * k->step_s &&
            t->job.gpus > least_gpus) {
            t->job.state = JOB_ENDED;
            t->job.end = k->time;
            learn(k, t);
        }
    }
    if (gone > 0)
        rebuild(k, k->track_room);
}

/* ---- what is known ---- */

static int by_order(const void *a, const void *b)
{
    const struct known_job *x = a, *y = b;

    if (x->job.state != y->job.state)
        return x->job.state == JOB_RUNNING ? -1 : 1;
    if (x->job.state == JOB_PENDING && x->job.order != y->job.order)
        return x->job.order < y->job.order ? -1 : 1;
    if (x->job.submit != y->job.submit)
        return x->job.submit < y->job.submit ? -1 : 1;
    return x->job.id < y->job.id ? -1 : x->job.id > y->job.id;
}

/* What waits was there before those came who have come since the last look, or so: it is
 * theirs to see. Of one heard of much later nobody knows what it saw. */
static void note_queue(struct jobs_known *k, const struct forecast_job *job, bool is_new)
{
    bool expected = is_new && !job->of_array && arrivals_submitted(k->arrivals, job);

    if (job->pool >= k->pool_count)
        return;
    if (is_new)
        k->queues[job->pool].came += expected &&
                                     k->time - job->submit <= LONGEST_GAP * k->step_s;
    else if (job->state == JOB_PENDING && !job->held && job->plan != PLAN_FIXED)
        k->queues[job->pool].work += backlog_work(job->gpus, job->limit_s);
}

static void take_job(struct jobs_known *k, const struct forecast_job *told)
{
    struct known_job *to;
    struct forecast_job job;
    struct job_track *t;

    if (!jobs_known_at(told, k->time, &job) || !(job.gpus > 0))
        return;
    t = track_of(k, &job);
    note_queue(k, &job, t->mark < 0 && !(job.submit <= k->counted_until));
    follow(k, t, &job);
    if (job.state == JOB_ENDED || job.held)
        return;
    k->jobs = xgrow(k->jobs, &k->room, k->count + 1, sizeof(*k->jobs));
    to = &k->jobs[k->count++];
    to->job = job;
    k->running += job.state == JOB_RUNNING;
}

static void estimate(struct jobs_known *k, struct known_job *j)
{
    const struct job_track *t = slot_of(k->tracks, k->track_room,
                                        j->job.id ? j->job.id : 1);

    signatures_expect(k->signatures, &j->job, &j->expect);
    for (int i = 0; i < WARM_STEPS && job_was_up(t); i++)
        j->expect.warm[i] = 1;
    if (j->job.state == JOB_RUNNING)
        job_track_estimate(t, k->time, k->step_s, &j->expect, &j->estimate);
    else
        j->estimate = (struct job_estimate){ .watts = j->expect.watts,
                                             .spread = j->expect.spread,
                                             .noise = j->expect.noise * j->expect.watts,
                                             .rho = j->expect.rho,
                                             .deviation = NAN,
                                             .now = 0,
                                             .dip_left_s = NAN,
                                             .rhythm = { .next_s = NAN } };
}

/* ---- places ---- */

/* A list of reaches in order of who, to be put in order of places. */
struct reaching {
    struct reach *reaches;
    uint32_t *places;
    size_t count, reach_room, place_room;
    size_t *last; /* of each place, the reach that was noted last, plus one */
    uint32_t who;
};

/* What one has at a place by several ways is one: a large job's nodes mostly share what
 * is above them. */
static void note_reach(void *context, uint32_t place, double share)
{
    struct reaching *r = context;
    size_t last = r->last[place];

    if (last && r->reaches[last - 1].who == r->who) {
        r->reaches[last - 1].share += share;
        return;
    }
    r->reaches = xgrow(r->reaches, &r->reach_room, r->count + 1, sizeof(*r->reaches));
    r->places = xgrow(r->places, &r->place_room, r->count + 1, sizeof(*r->places));
    r->reaches[r->count] = (struct reach){ r->who, share };
    r->places[r->count++] = place;
    r->last[place] = r->count;
}

static void climb_all(struct reaching *r, const struct job_view *view, uint32_t first,
                      uint32_t count)
{
    for (uint32_t i = first; i < first + count && i < view->placement_count; i++)
        jobs_climb(view, view->placements[i].place, view->placements[i].share, note_reach,
                   r);
}

/* A counting sort by place; nothing is left of the list. */
static void put_in_order(struct reaching *r, size_t places, struct reach **to,
                         size_t *room, size_t *first)
{
    *to = xgrow(*to, room, r->count + 1, sizeof(**to));
    memset(first, 0, (places + 2) * sizeof(*first));
    for (size_t i = 0; i < r->count; i++)
        first[r->places[i] + 2]++;
    for (size_t p = 2; p < places + 2; p++)
        first[p] += first[p - 1];
    for (size_t i = 0; i < r->count; i++)
        (*to)[first[r->places[i] + 1]++] = r->reaches[i];
    free(r->reaches);
    free(r->places);
    free(r->last);
}

static void note_gpus(void *context, uint32_t place, double gpus)
{
    ((double *)context)[place] += gpus;
}

static void count_gpus(struct jobs_known *k, const struct job_view *view)
{
    memset(k->gpus, 0, view->place_count * sizeof(*k->gpus));
    for (uint32_t i = 0; i < view->place_count; i++)
        if (view->places[i].gpus > 0)
            jobs_climb(view, i, view->places[i].gpus, note_gpus, k->gpus);
}

struct ending {
    double *at;
    double time;
};

static void note_end(void *context, uint32_t place, double share)
{
    const struct ending *e = context;

    (void)share;
    e->at[place] = fmax(e->at[place], e->time);
}

/* Who ran nobody knows where says nothing of any place. */
static void note_ends(struct jobs_known *k, const struct job_view *view)
{
    for (size_t p = 0; p < view->place_count; p++)
        k->ended_at[p] = -INFINITY;
    for (size_t i = 0; i < view->count; i++) {
        struct forecast_job job;
        struct ending e = { .at = k->ended_at };

        if (!jobs_known_at(&view->jobs[i], k->time, &job) || job.state != JOB_ENDED ||
            isnan(job.start))
            continue;
        e.time = job.end;
        for (uint32_t n = job.first_placement;
             n < job.first_placement + job.placement_count && n < view->placement_count;
             n++)
            jobs_climb(view, view->placements[n].place, view->placements[n].share,
                       note_end, &e);
    }
}

static void find_places(struct jobs_known *k, const struct job_view *view)
{
    struct reaching jobs = { .last = xcalloc(view->place_count + 1, sizeof(*jobs.last)) };
    struct reaching pools = { .last = xcalloc(view->place_count + 1,
                                              sizeof(*pools.last)) };
    size_t room = k->place_room, gpu_room = k->place_room, end_room = k->place_room;

    for (size_t i = 0; i < k->count; i++) {
        const struct forecast_job *job = &k->jobs[i].job;

        jobs.who = (uint32_t)i;
        if (job->placement_count)
            climb_all(&jobs, view, job->first_placement, job->placement_count);
        else if (job->state == JOB_RUNNING && job->pool < view->pool_count)
            climb_all(&jobs, view, view->pools[job->pool].first_placement,
                      view->pools[job->pool].placement_count);
    }
    for (size_t i = 0; i < view->pool_count; i++) {
        pools.who = (uint32_t)i;
        climb_all(&pools, view, view->pools[i].first_placement,
                  view->pools[i].placement_count);
    }
    k->place_count = view->place_count;
    k->first = xgrow(k->first, &k->place_room, view->place_count + 2, sizeof(*k->first));
    k->pool_first = xgrow(k->pool_first, &room, view->place_count + 2,
                          sizeof(*k->pool_first));
    k->gpus = xgrow(k->gpus, &gpu_room, view->place_count + 2, sizeof(*k->gpus));
    k->ended_at = xgrow(k->ended_at, &end_room, view->place_count + 2,
                        sizeof(*k->ended_at));
    count_gpus(k, view);
    note_ends(k, view);
    put_in_order(&jobs, view->place_count, &k->reaches, &k->reach_room, k->first);
    put_in_order(&pools, view->place_count, &k->pool_reaches, &k->pool_reach_room,
                 k->pool_first);
}

static void take_pools(struct jobs_known *k, const struct job_view *view)
{
    k->pools = xgrow(k->pools, &k->pool_room, view->pool_count + 1, sizeof(*k->pools));
    k->queues = xgrow(k->queues, &k->queue_room, view->pool_count + 1,
                      sizeof(*k->queues));
    if (view->pool_count)
        memcpy(k->pools, view->pools, view->pool_count * sizeof(*k->pools));
    memset(k->queues, 0, view->pool_count * sizeof(*k->queues));
    k->pool_count = view->pool_count;
}

/* After a gap nobody knows what waited when those came who came in it. */
static void learn_queues(struct jobs_known *k, double gap)
{
    for (uint32_t i = 0; i < k->pool_count && gap <= LONGEST_GAP * k->step_s; i++)
        if (k->pools[i].gpus > 0)
            arrivals_waited(k->arrivals, i, k->pools[i].key,
                            backlog_class(k->queues[i].work, k->pools[i].gpus),
                            k->queues[i].came, gap);
}

void jobs_known_observe(struct jobs_known *k, double time, const struct job_view *view)
{
    double gap = time - k->time;

    if (gap <= 0)
        return;
    k->time = time;
    k->round++;
    k->count = k->running = k->ended_count = 0;
    k->left_out = view->left_out;
    k->silent_s = view->silent_s;
    k->started = false;
    arrivals_pass(k->arrivals, time);
    take_pools(k, view);
    for (size_t i = 0; i < view->count; i++)
        take_job(k, &view->jobs[i]);
    learn_queues(k, gap);
    end_the_vanished(k, gap, view->least_gpus);
    if (k->count > 1)
        qsort(k->jobs, k->count, sizeof(*k->jobs), by_order);
    for (size_t i = 0; i < k->count; i++)
        estimate(k, &k->jobs[i]);
    find_places(k, view);
}

void jobs_known_set_back(struct jobs_known *k, double by_s)
{
    k->time = k->meter_time = NAN;
    k->counted_until -= by_s;
    k->count = k->running = k->ended_count = k->track_count = 0;
    if (k->tracks)
        memset(k->tracks, 0, k->track_room * sizeof(*k->tracks));
    arrivals_set_back(k->arrivals, by_s);
}

/* One that starts comes up slowly and would hide what is gone; several that end together
 * share by what was expected. */
void jobs_known_meter(struct jobs_known *k, double watts)
{
    double gone = k->meter_w - watts, gap = k->time - k->meter_time, expected = 0;
    struct expectation e;

    k->meter_w = watts;
    k->meter_time = k->time;
    if (k->started || !(gap <= 1.5 * k->step_s) || isnan(gone))
        return;
    for (size_t i = 0; i < k->ended_count; i++) {
        signatures_expect(k->signatures, &k->ended[i], &e);
        expected += e.watts * k->ended[i].gpus;
    }
    for (size_t i = 0; i < k->ended_count; i++) {
        signatures_expect(k->signatures, &k->ended[i], &e);
        signatures_learn_watts(k->signatures, &k->ended[i],
                               fmax(e.watts * gone / expected, 0));
    }
}

/* ---- keeping ---- */

enum { SAVED_NUMBERS = 6 };

static size_t save(const struct jobs_known *k, size_t tracks, void *to, size_t room)
{
    size_t head[3] = { signatures_save(k->signatures, NULL, 0),
                       arrivals_save(k->arrivals, NULL, 0), tracks };
    const double numbers[SAVED_NUMBERS] = { k->time,       k->round,       k->step_s,
                                            k->plan_ratio, k->plan_ratio2, k->plans };
    size_t size = sizeof(head) + sizeof(numbers) + head[0] + head[1] +
                  tracks * sizeof(*k->tracks);
    char *at = to;

    if (size > room)
        return size;
    memcpy(at, head, sizeof(head));
    memcpy(at += sizeof(head), numbers, sizeof(numbers));
    signatures_save(k->signatures, at += sizeof(numbers), head[0]);
    arrivals_save(k->arrivals, at += head[0], head[1]);
    at += head[1];
    for (size_t i = 0; i < k->track_room && tracks > 0; i++)
        if (k->tracks[i].id) {
            memcpy(at, &k->tracks[i], sizeof(*k->tracks));
            at += sizeof(*k->tracks);
        }
    return size;
}

size_t jobs_known_save(const struct jobs_known *k, void *to, size_t room)
{
    return save(k, k->track_count, to, room);
}

size_t jobs_known_save_classes(const struct jobs_known *k, void *to, size_t room)
{
    return save(k, 0, to, room);
}

static void load_tracks(struct jobs_known *k, const char *from, size_t count)
{
    free(k->tracks);
    for (k->track_room = 64; k->track_room < 2 * (count + 1);)
        k->track_room *= 2;
    k->tracks = xcalloc(k->track_room, sizeof(*k->tracks));
    k->track_count = count;
    for (size_t i = 0; i < count; i++) {
        struct job_track one;

        memcpy(&one, from + i * sizeof(one), sizeof(one));
        *slot_of(k->tracks, k->track_room, one.id) = one;
    }
}

bool jobs_known_load(struct jobs_known *k, const void *from, size_t size)
{
    const char *at = from;
    double numbers[SAVED_NUMBERS];
    size_t head[3];

    if (size < sizeof(head) + sizeof(numbers))
        return false;
    memcpy(head, at, sizeof(head));
    memcpy(numbers, at + sizeof(head), sizeof(numbers));
    size -= sizeof(head) + sizeof(numbers);
    at += sizeof(head) + sizeof(numbers);
    if (numbers[2] != k->step_s || head[0] > size || head[1] > size - head[0] ||
        head[2] != (size - head[0] - head[1]) / sizeof(*k->tracks) ||
        signatures_load(k->signatures, at, head[0]) != head[0] ||
        arrivals_load(k->arrivals, at + head[0], head[1]) != head[1])
        return false;
    load_tracks(k, at + head[0] + head[1], head[2]);
    k->time = numbers[0];
    k->counted_until = head[2] ? NAN : k->time;
    k->round = numbers[1];
    k->plan_ratio = numbers[3];
    k->plan_ratio2 = numbers[4];
    k->plans = numbers[5];
    k->count = k->running = 0;
    return true;
}
