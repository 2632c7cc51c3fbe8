/* Reasons (why.h): the terms. */
#include "forecast/why.h"

#include <math.h>
#include <string.h>

#include "forecast/course.h"

/* ---- the terms ---- */

/* The largest are kept, in order; what is pushed out goes to the rest. */
static void add_part(struct forecast_reason *to, struct why_part part)
{
    if (part.watts == 0)
        return;
    for (size_t i = 0; i < WHY_TERMS; i++) {
        struct why_part other = to->parts[i];

        if (i == to->part_count) {
            to->parts[to->part_count++] = part;
            return;
        }
        if (fabs(part.watts) > fabs(other.watts)) {
            to->parts[i] = part;
            part = other;
        }
    }
    to->rest_w += part.watts;
}

static double known_or_0(double watts)
{
    return isnan(watts) ? 0 : watts;
}

/* What is left between the median and the power now. */
static void add_up(const struct forecast *f, double now_w, struct forecast_terms *t)
{
    t->unexplained_w = f->q50 - now_w - known_or_0(t->starts_w) - known_or_0(t->ends_w) -
                       known_or_0(t->season_w) - known_or_0(t->trend_w);
}

static void begin(struct forecast_reason *to, const struct forecast *f, double origin,
                  double now_w, enum forecast_basis basis)
{
    *to = (struct forecast_reason){
        .basis = basis, .origin = origin, .horizon_s = f->horizon_s, .cap_w = f->cap_w, .now_w = now_w,
        .terms = { .starts_w = NAN, .ends_w = NAN, .season_w = NAN, .trend_w = NAN, .unexplained_w = NAN },
        .p = f->p_breach, .p_without = NAN, .at_s = isnan(f->ttb_p50_s) ? f->horizon_s : f->ttb_p50_s,
        .early_s = f->ttb_p10_s, .late_s = f->ttb_p90_s, .then_w = f->q50, .climb_w_per_s = f->climb_w_per_s, .swing_w = NAN,
        .swing_ago_s = NAN,
        .samples = f->samples,
    };
}

void why_without_jobs(const struct forecast *f, double origin, double now_w,
                      struct forecast_reason *to)
{
    begin(to, f, origin, now_w, BASIS_POWER);
    if (isnan(f->q50))
        return;
    to->terms.season_w = f->season_w;
    to->terms.trend_w = f->trend_w;
    add_up(f, now_w, &to->terms);
    add_part(to, (struct why_part){
                     .term = WHY_TREND, .watts = known_or_0(f->trend_w), .chance = 1 });
    add_part(to, (struct why_part){
                     .term = WHY_SEASON, .watts = known_or_0(f->season_w), .chance = 1 });
    to->rest_w = to->terms.unexplained_w;
}

/* The sign of what a term does has to be that of what it is called. */
static enum why_term term_of(const struct place_cause *c)
{
    if (!c->known)
        return WHY_ARRIVALS;
    return c->job.state == JOB_PENDING      ? WHY_STARTS
           : c->chance > .5 || c->watts < 0 ? WHY_ENDS
                                            : WHY_COMES_UP;
}

double why_said_w(const struct why_part *part)
{
    return part->term == WHY_STARTS && part->chance > .5 ? part->whole_w : part->watts;
}

static void take_cause(void *context, const struct place_cause *cause)
{
    struct forecast_reason *to = context;
    struct why_part part = { .term = term_of(cause),
                             .job = cause->known ? cause->job.id : 0,
                             .watts = cause->watts,
                             .whole_w = cause->whole_w,
                             .chance = cause->chance };

    if (part.term == WHY_STARTS)
        to->starts_w += fmax(why_said_w(&part), 0);
    add_part(to, part);
}

static void take_term(void *context, const struct place_cause *cause)
{
    struct forecast_terms *t = context;

    *(term_of(cause) == WHY_ENDS ? &t->ends_w : &t->starts_w) += cause->watts;
}

/* Where the moment explained is the horizon. */
static void take_both(void *context, const struct place_cause *cause)
{
    struct forecast_reason *to = context;

    take_cause(to, cause);
    take_term(&to->terms, cause);
}

/* ---- what the breach hangs on ---- */

enum { MOST_TRIED = 2 };        /* each is a forecast of its own */

static uint32_t number_of(const struct jobs_known *known, uint64_t id)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->jobs[i].job.id == id)
            return (uint32_t)i;
    return NO_JOB;
}

static bool is_likely(const struct forecast_reason *r)
{
    return r->p >= course_in_sight && r->now_w <= r->cap_w;
}

static bool is_one_of(const uint64_t *jobs, size_t count, uint64_t job)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i] == job)
            return true;
    return false;
}

/* The largest announced steps up: the same at all horizons, so that one question answers
 * for all. */
static size_t find_suspects(const struct forecast_reason *r, size_t count,
                            uint64_t to[MOST_TRIED])
{
    size_t found = 0;

    for (size_t rank = 0; rank < WHY_TERMS; rank++)
        for (size_t h = 0; h < count && found < MOST_TRIED; h++) {
            const struct why_part *part = &r[h].parts[rank];

            if (is_likely(&r[h]) && rank < r[h].part_count && part->term == WHY_STARTS &&
                part->watts > 0 && !is_one_of(to, found, part->job))
                to[found++] = part->job;
        }
    return found;
}

/* By what hangs on it, not by its watts. */
static void put_first(struct forecast_reason *r, uint64_t job)
{
    for (size_t i = 0; i < r->part_count; i++) {
        struct why_part part = r->parts[i];

        if (part.job != job)
            continue;
        memmove(r->parts + 1, r->parts, i * sizeof(*r->parts));
        r->parts[0] = part;
    }
}

/* Where the chance without a job is the least, that job is the cause; of the mixture's p
 * it is as much. */
static void compare(struct forecast_reason *r, size_t count, const struct forecast *with,
                    const struct forecast *without, uint64_t job)
{
    for (size_t h = 0; h < count; h++) {
        double less = with[h].p_breach - without[h].p_breach;
        double before = isnan(r[h].p_without) ? .01 : r[h].p - r[h].p_without;
        bool is_part = false;

        for (size_t i = 0; i < r[h].part_count; i++)
            is_part |= r[h].parts[i].job == job;
        if (!is_likely(&r[h]) || !is_part || !(less > before))
            continue;
        r[h].p_without = fmax(r[h].p - less, 0);
        put_first(&r[h], job);
    }
}

/* With all jobs, the room still has the answer. */
static void find_cause(const struct with_jobs *w, uint32_t place,
                       const struct jobs_known *known, const struct futures *futures,
                       size_t count, struct place_room *room, struct forecast_reason *to)
{
    double horizons[FORECASTER_HORIZONS], cap = to[0].cap_w;
    struct place_options options = { .chances_only = true };
    struct forecast with[FORECASTER_HORIZONS];
    uint64_t suspects[MOST_TRIED];
    size_t tried = find_suspects(to, count, suspects);

    for (size_t h = 0; h < count; h++)
        horizons[h] = to[h].horizon_s;
    if (tried == 0)
        return;
    memcpy(with, room->out, count * sizeof(*with));
    for (size_t i = 0; i < tried; i++) {
        options.without = number_of(known, suspects[i]);
        place_forecast(&w->place, place, known, futures, &options, &w->quantity, horizons,
                       count, &cap, 1, room);
        compare(to, count, with, room->out, suspects[i]);
    }
}

/* ---- with jobs ---- */

static void explain(const struct with_jobs *w, uint32_t place,
                    const struct jobs_known *known, const struct futures *futures,
                    const struct place_room *room, const struct forecast *f,
                    struct forecast_reason *to)
{
    bool is_at_end;

    begin(to, f, known->time, w->place.watts, BASIS_JOBS);
    to->has_jobs = true;
    to->jobs_left_out = known->left_out;
    to->jobs_silent_s = known->silent_s;
    /* The look at which it is above: what starts then has started. */
    to->at_s = fmin(ceil(to->at_s / known->step_s) * known->step_s, f->horizon_s);
    is_at_end = to->at_s >= f->horizon_s;
    to->terms.starts_w = to->terms.ends_w = 0;
    to->then_w = place_causes(&w->place, place, known, futures, room, to->at_s,
                              is_at_end ? take_both : take_cause, to);
    to->rest_w = to->then_w - to->now_w;
    for (size_t i = 0; i < to->part_count; i++)
        to->rest_w -= to->parts[i].watts;
    if (!is_at_end)
        place_causes(&w->place, place, known, futures, room, f->horizon_s, take_term,
                     &to->terms);
    add_up(f, to->now_w, &to->terms);
}

void why_with_jobs(const struct with_jobs *w, uint32_t place,
                   const struct jobs_known *known, const struct futures *futures,
                   const struct forecast *f, size_t count, struct place_room *room,
                   struct forecast_reason *to)
{
    for (size_t h = 0; h < count; h++)
        explain(w, place, known, futures, room, &f[h], &to[h]);
    find_cause(w, place, known, futures, count, room, to);
}
