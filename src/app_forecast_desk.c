/* All that the forecasting thread knows: a series a domain, some of them watched by a
 * forecaster. Forecasters are large, so only those nearest to their caps have one; a line
 * serves the next, and the fleet all others. */
#include "app_forecast.h"
#include "base/clock.h"
#include "base/text.h"
#include "forecast/course.h"
#include "forecast/fleet.h"
#include "forecast/forecaster.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3 /* in forecast_horizons[] */, MOST_WATCHED = 128, LEAST_WATCHED = 4, LINES = 64 };

/* For the site's forecaster and those of the domains nearest to their caps: a quarter of
 * the 100 MB that a console may take where domains are few, and less for each of them,
 * down to a twentieth for a site of 100,000 GPUs, whose model takes the rest. */
static const size_t watch_bytes = 24000000, less_a_domain = 12000, least_bytes = 5300000;

/* Those that begin learn from the two hours that were told, 10 ms each; an answer waits
 * for so many steps of them, and the others come while nobody asks, a few at a time:
 * fifty at once are half a second. So whoever began a moment earlier has the same
 * forecasters. */
enum { LEARNT_A_ROUND = 12 * TREND_LENGTH, LEARNT_BETWEEN = 2 * TREND_LENGTH };

/* A domain takes another's forecaster when it is nearer to its cap by this share. */
static const double nearer = .03;
/* What a forecaster learnt goes to the cache so often, each at its own time. */
static const double keep_every_s = 1800;

struct desk {
    const char *cache;
    struct store *store;
    double alarm_p;
    struct series **all;        /* each has its place in the fleet, too */
    size_t count, room;
    struct fleet *fleet;
    float *drawn;               /* of all in one step: what the fleet is told */
    size_t drawn_room;
    struct series **by_row[GW_KINDS];   /* the same, NULL where nothing was told of a
                                         * row */
    size_t row_room[GW_KINDS];
    size_t watched;             /* have a forecaster, */
    size_t forecaster_bytes;    /* and it takes so much; 0: not known yet */
    size_t rejected;            /* steps that were not believed, */
    const struct series *doubted;       /* the last of them, of which nothing was told
                                         * yet; NULL: all is told, */
    double doubted_w;           /* which should have drawn so much */
    struct job_desk *jobs;
    struct desk_memory *memory; /* of an earlier run */
    double kept;                /* steady: when what all have in common was */
};

struct desk *desk_new(const char *cache, struct store *store, double alarm_p)
{
    struct desk *d = xcalloc(1, sizeof(*d));

    d->cache = cache;
    d->store = store;
    d->alarm_p = alarm_p;
    d->jobs = job_desk_new();
    d->fleet = fleet_new(0, TREND_STEP_S);
    d->memory = desk_memory_new(cache, d->fleet);
    d->kept = clock_steady();
    return d;
}

void desk_free(struct desk *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++)
        series_free(d->all[i]);
    for (int kind = 0; kind < GW_KINDS; kind++)
        free(d->by_row[kind]);
    free(d->all);
    job_desk_free(d->jobs);
    desk_memory_free(d->memory);
    free(d->drawn);
    fleet_free(d->fleet);
    free(d);
}

static struct series *series_of(struct desk *d, const struct question *q)
{
    size_t old = d->row_room[q->kind];
    struct series **slot;

    d->by_row[q->kind] = xgrow(d->by_row[q->kind], &d->row_room[q->kind], q->row + 1,
                               sizeof(slot));
    memset(d->by_row[q->kind] + old, 0, (d->row_room[q->kind] - old) * sizeof(slot));
    slot = &d->by_row[q->kind][q->row];
    if (!*slot) {
        *slot = series_new(q, d->alarm_p);
        (*slot)->place = d->count;
        desk_memory_recall(d->memory, *slot, d->alarm_p);
        d->all = xgrow(d->all, &d->room, d->count + 1, sizeof(*d->all));
        d->all[d->count++] = *slot;
    }
    return *slot;
}

/* ---- who is watched ---- */

/* The nearest to its cap of those without a forecaster, or the farthest of those with
 * one; NULL: none. */
static struct series *nearest_unwatched(const struct desk *d)
{
    struct series *best = NULL;

    for (size_t i = 0; i < d->count; i++)
        if (!d->all[i]->forecaster &&
            (!best || series_nearness(d->all[i]) > series_nearness(best)))
            best = d->all[i];
    return best;
}

static struct series *farthest_watched(const struct desk *d)
{
    struct series *worst = NULL;

    for (size_t i = 0; i < d->count; i++)
        if (d->all[i]->forecaster &&
            (!worst || series_nearness(d->all[i]) < series_nearness(worst)))
            worst = d->all[i];
    return worst;
}

static size_t most_watched(const struct desk *d)
{
    size_t others = d->count * less_a_domain;
    size_t bytes = others + least_bytes < watch_bytes ? watch_bytes - others
                                                      : least_bytes;
    size_t room = d->forecaster_bytes > 0 ? bytes / d->forecaster_bytes : LEAST_WATCHED;

    return room > MOST_WATCHED    ? MOST_WATCHED
           : room < LEAST_WATCHED ? LEAST_WATCHED
                                  : room;
}

/* *reader: opened for the first, for dozens are watched at once when a console begins.
 * Returns how many steps were learnt from. */
static size_t watch(struct desk *d, struct series *s, struct store_reader **reader)
{
    size_t learnt;

    if (!*reader && d->cache)
        *reader = store_reader_new(d->cache);
    learnt = series_watch(s, *reader, d->alarm_p);
    d->forecaster_bytes = forecaster_bytes(s->forecaster);
    d->watched++;
    return learnt;
}

static void unwatch(struct desk *d, struct series *s)
{
    series_unwatch(s, d->store, d->alarm_p);
    d->watched--;
}

/* As long as there is room, and not much more than so many steps to learn from. Returns
 * how many began. */
static size_t watch_more(struct desk *d, size_t steps, struct store_reader **reader)
{
    struct series *in = nearest_unwatched(d);
    size_t learnt = 0, began = 0;

    for (; in && d->watched < most_watched(d) && learnt < steps;
         in = nearest_unwatched(d), began++) {
        learnt += watch(d, in, reader);
        /* The first turn comes at its own time: not all at once. */
        in->kept -= keep_every_s * (double)d->watched / (double)most_watched(d);
    }
    return began;
}

static void choose_watched(struct desk *d)
{
    struct series *in, *out;
    struct store_reader *reader = NULL;

    (void)watch_more(d, LEARNT_A_ROUND, &reader);
    in = nearest_unwatched(d);
    while (d->watched > most_watched(d))    /* domains have come */
        unwatch(d, farthest_watched(d));
    out = in && d->watched == most_watched(d) ? farthest_watched(d) : NULL;
    if (out && series_nearness(in) >= series_nearness(out) + nearer) {
        unwatch(d, out);
        (void)watch(d, in, &reader);
    }
    store_reader_free(reader);
}

/* Who has a line keeps it until another is nearer by a share of its cap: at the edge
 * methods would change at every step. */
static double nearness_of_line(const struct series *s)
{
    return series_nearness(s) + (s->is_near ? nearer : 0);
}

static int by_nearness(const void *a, const void *b)
{
    double x = nearness_of_line(*(struct series *const *)a);
    double y = nearness_of_line(*(struct series *const *)b);

    return x < y ? 1 : x > y ? -1 : 0;
}

/* The next after those with a forecaster. On recorded power of servers, whose level
 * jumps, a line is less wrong than the fleet, and costs a thousand times as much. */
static void choose_near(struct desk *d)
{
    struct series **others = xcalloc(d->count + 1, sizeof(struct series *));
    size_t n = 0;

    for (size_t i = 0; i < d->count; i++) {
        if (d->all[i]->forecaster)
            d->all[i]->is_near = false;
        else
            others[n++] = d->all[i];
    }
    qsort(others, n, sizeof(struct series *), by_nearness);
    for (size_t i = 0; i < n; i++)
        others[i]->is_near = i < LINES;
    free(others);
}

/* ---- the fleet ---- */

/* How far from what it can draw: what was left out is the farthest. */
static double strangeness(const struct series *s, double watts)
{
    return watts < 0 ? INFINITY : watts / s->nameplate_w;
}

static void note_rejected(struct desk *d, size_t count)
{
    double most = 1;            /* within its limits it would have been believed */

    d->rejected += count;
    for (size_t i = 0; i < d->count && count > 0; i++) {
        double strange = strangeness(d->all[i], (double)d->drawn[i]);

        if (!(strange > most))
            continue;
        most = strange;
        d->doubted = d->all[i];
        d->doubted_w = (double)d->drawn[i];
    }
}

static void tell_step(struct desk *d, double time)
{
    size_t before = fleet_rejected(d->fleet);

    d->drawn = xgrow(d->drawn, &d->drawn_room, d->count + 1, sizeof(*d->drawn));
    for (size_t i = 0; i < d->count; i++)
        d->drawn[i] = d->all[i]->anew ? NAN : series_at(d->all[i], time);
    fleet_observe(d->fleet, time, d->drawn, d->count);
    note_rejected(d, fleet_rejected(d->fleet) - before);
}

/* The clock has gone back: what stands in it is of another time, what all have in common
 * is not. */
static void set_fleet_back(struct desk *d)
{
    struct fleet *before = d->fleet;
    size_t size = fleet_save(before, NULL, 0);
    void *bytes = xcalloc(1, size);

    fleet_save(before, bytes, size);
    d->fleet = fleet_new(d->count, TREND_STEP_S);
    fleet_load(d->fleet, bytes, size);
    free(bytes);
    fleet_free(before);
    for (size_t i = 0; i < d->count; i++)
        d->all[i]->anew = true;
}

/* Every step that is over, for all at once; then the whole past of those of whom it knows
 * nothing. */
static void tell_fleet(struct desk *d)
{
    double newest = 0, time = fleet_time(d->fleet);

    fleet_grow(d->fleet, d->count);
    for (size_t i = 0; i < d->count; i++)
        newest = fmax(newest, d->all[i]->end);
    if (newest < time - 1)
        set_fleet_back(d);
    if (!(newest - time <= TREND_LENGTH * TREND_STEP_S) || newest < time - 1)
        time = newest - TREND_STEP_S;
    for (time += TREND_STEP_S; time < newest + 1; time += TREND_STEP_S)
        tell_step(d, time);
    for (size_t i = 0; i < d->count; i++) {
        float past[TREND_LENGTH + SERIES_SLACK];
        struct series *s = d->all[i];

        fleet_set(d->fleet, i, &s->cap, s->idle_w, s->nameplate_w);
        if (s->acted)
            fleet_acted(d->fleet, i);
        if (s->anew)
            fleet_warm(d->fleet, i, s->end, series_past(s, past), s->count);
        s->anew = false;
    }
    fleet_refresh(d->fleet);
}

/* ---- a round ---- */

void desk_take(struct desk *d, const struct round *r)
{
    if (r->count == 0)
        return;                 /* who stops it wakes it so */
    for (size_t i = 0; i < r->count; i++)
        series_take(series_of(d, &r->questions[i]), &r->questions[i],
                    r->watts + r->questions[i].first);
    tell_fleet(d);
    choose_watched(d);
    choose_near(d);
    job_desk_take(d->jobs, r->jobs, r->now, d->cache);
    for (size_t i = 0; i < r->count; i++)
        job_desk_tell(d->jobs, series_of(d, &r->questions[i]), &r->questions[i]);
}

static const char *method_of(const struct series *s)
{
    return s->forecaster ? "full" : s->is_near ? "line" : "fleet";
}

/* What the power alone says, and where jobs weigh more, what they say. */
static void explain(struct desk *d, const struct series *s, const struct question *q,
                    const struct round *r, const struct forecast *out,
                    const enum forecast_basis *basis, struct forecast_reason *why)
{
    /* as it is shown */
    double now_w = isnan(q->watts) && s->known > 0 ? s->watts : q->watts;

    for (size_t h = 0; h < FORECAST_HORIZONS; h++) {
        why_without_jobs(&out[h], r->now, now_w, &why[h]);
        why[h].has_jobs = r->jobs != NULL;
        if (!s->forecaster)
            why[h].samples = 0;
    }
    job_desk_explain(d->jobs, s, q->row, out, basis, why);
    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        if (!isnan(why[h].early_s)) {   /* none in sight: nothing is said of swings */
            const struct swing most = series_swing(s, out[h].horizon_s);

            why[h].swing_w = most.watts;
            why[h].swing_ago_s = most.ago_s;
        }
}

static void forecast_one(struct desk *d, struct series *s, const struct question *q,
                         double now, struct forecast *out, enum forecast_basis *basis)
{
    if (series_wants_fleet(s))
        fleet_make(d->fleet, s->place, 1, out);
    series_forecast(s, now, out);
    job_desk_mix(d->jobs, s, q->row, out, basis);
    forecast_bound(out, FORECAST_HORIZONS, s->breached, s->idle_w, s->nameplate_w);
    for (size_t h = 0; h < FORECAST_HORIZONS && series_is_over(s, q); h++)
        course_is_above(&out[h]);
    series_issue(s, now, out);
}

static void answer_one(struct batch *b, struct desk *d, const struct question *q,
                       const struct round *r)
{
    struct series *s = series_of(d, q);
    struct forecast out[FORECAST_HORIZONS];
    struct forecast_reason why[FORECAST_HORIZONS];
    enum forecast_basis basis[FORECAST_HORIZONS] = { BASIS_POWER };
    struct told told = { .name = s->name,
                         .kind = s->kind,
                         .method = method_of(s),
                         .n1 = s->n1,
                         .silent_s = series_silence(s, q, r->now),
                         .origin = r->now,
                         .why = why,
                         .jobs = r->jobs,
                         .data_s = s->end - s->first,
                         .record = s->record };

    if (told.silent_s > 0)
        series_say_nothing(s, r->now, out);
    else
        forecast_one(d, s, q, r->now, out, basis);
    explain(d, s, q, r, out, basis, why);
    told_add(b, &told, out);
}

static void add_sum(struct batch *b, const struct desk *d, const char *site)
{
    struct record_tally sum = { 0 };
    double longest = 0;

    for (size_t i = 0; i < d->count; i++) {
        double before = sum.seconds;

        record_add(d->all[i]->record, HOUR, &sum);
        longest = fmax(longest, sum.seconds - before);
    }
    sum.seconds = longest;      /* false alarms a day of them all, not of each */
    told_add_sum(b, site, &sum, d->rejected);
}

/* Once a day of each: whoever looks for the reason of odd forecasts finds it among the
 * events. */
static void add_doubt(struct batch *b, struct desk *d, double now)
{
    const struct series *s = d->doubted;
    char drawn[24], most[24], key[300], text[400];

    if (!s)
        return;
    d->doubted = NULL;
    text_watts(drawn, sizeof(drawn), d->doubted_w);
    text_watts(most, sizeof(most), s->nameplate_w);
    snprintf(key, sizeof(key), "not believed %s %.0f", s->name, floor(now / 86400));
    if (d->doubted_w < 0)
        snprintf(text, sizeof(text), "%s: forecasts do not believe %s, which is below 0",
                 s->name, drawn);
    else
        snprintf(text, sizeof(text),
                 "%s: forecasts do not believe %s, for its GPUs' limits allow %s",
                 s->name, drawn, most);
    told_add_event(b, s->name, key, text);
}

struct batch *desk_answer(struct desk *d, const struct round *r, size_t from,
                          size_t count)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", r->now);

    for (size_t i = from; i < r->count && i - from < count; i++)
        answer_one(b, d, &r->questions[i], r);
    if (from == 0)
        job_desk_price(d->jobs, b);
    if (from + count >= r->count && r->questions[0].kind == GW_SITE)
        add_sum(b, d, r->questions[0].name);
    add_doubt(b, d, r->now);
    return b;
}

/* ---- what can wait ---- */

static bool watch_between(struct desk *d)
{
    struct store_reader *reader = NULL;
    bool any = watch_more(d, LEARNT_BETWEEN, &reader) > 0;

    store_reader_free(reader);
    return any;
}

bool desk_work(struct desk *d)
{
    double now = clock_steady();

    if (watch_between(d))
        return true;
    for (size_t i = 0; i < d->count; i++) {
        struct series *s = d->all[i];

        if (s->wants_past) {
            series_warm(s, d->cache);
            return true;
        }
        if (s->forecaster && d->store && now - s->kept >= keep_every_s) {
            series_keep(s, d->store);
            return true;
        }
    }
    if (d->store && now - d->kept >= keep_every_s) {
        d->kept = now;
        desk_memory_keep(d->store, d->fleet, d->all, d->count);
        return true;
    }
    return job_desk_keep(d->jobs, d->store, false);
}

void desk_keep_all(struct desk *d)
{
    job_desk_keep(d->jobs, d->store, true);
    desk_memory_keep(d->store, d->fleet, d->all, d->count);
    /* Its state takes the place of the forecaster, so that the last minute needs no more
     * memory than those before. */
    for (size_t i = 0; i < d->count; i++) {
        series_keep(d->all[i], d->store);
        forecaster_free(d->all[i]->forecaster);
        d->all[i]->forecaster = NULL;
    }
    d->watched = 0;
}
