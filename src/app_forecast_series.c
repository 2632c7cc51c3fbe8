/* One domain of the forecasting thread: its newest past, the record of its forecasts, and a forecaster that learns where it
 * is near its cap. */
#include "app_forecast.h"
#include "base/clock.h"
#include "forecast/forecaster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Forecasts of one horizon that wait for their score. */
enum { OPEN_WATCHED = 60, OPEN_OTHERS = 6 };

/* How far back the cache is asked for a past. */
static const double longest_past_s = 7 * 86400.;

/* ---- making ---- */

static struct record *new_record(size_t open, double alarm_p)
{
    struct record_options options = { .step_s = TREND_STEP_S, .horizon_count = FORECAST_HORIZONS,
                                      .open = open, .alarm_p = alarm_p };

    memcpy(options.horizons, forecast_horizons, sizeof(options.horizons));
    return record_new(&options);
}

static struct forecaster *new_forecaster(const struct series *s)
{
    struct forecaster_options options = { .step_s = TREND_STEP_S,
                                          .horizon_count = FORECAST_HORIZONS, .cap = s->cap,
                                          .idle_w = NAN, .nameplate_w = NAN };

    options.cap.watts = NAN;    /* told with each question: another cap of the same kind is no other forecaster */
    memcpy(options.horizons, forecast_horizons, sizeof(forecast_horizons));
    return forecaster_new(&options);
}

/* Is the cap on more than each sample? Then its quantity has a past of its own: some 7 kB. */
static bool has_quantity(const struct forecast_cap *cap)
{
    return cap->window_s > TREND_STEP_S || cap->dwell_s > 0 || cap->protection.kind;
}

static void make_quantity(struct series *s)
{
    if (!s->quantity && has_quantity(&s->cap))
        s->quantity = xcalloc(1, sizeof(*s->quantity));
    if (s->quantity)
        quantity_init(s->quantity, &s->cap, TREND_STEP_S);
}

struct series *series_new(const struct question *q, double alarm_p)
{
    struct series *s = xcalloc(1, sizeof(*s));

    s->name = q->name;
    s->kind = q->kind;
    s->cap = q->cap;
    s->past = xcalloc(TREND_LENGTH + SERIES_SLACK, sizeof(*s->past));
    s->record = new_record(OPEN_OTHERS, alarm_p);
    make_quantity(s);
    return s;
}

void series_free(struct series *s)
{
    if (!s)
        return;
    free(s->past);
    free(s->quantity);
    forecaster_free(s->forecaster);
    record_free(s->record);
    free(s);
}

/* ---- samples ---- */

static void append(struct series *s, float watts)
{
    if (s->count == TREND_LENGTH + SERIES_SLACK) {
        s->count = TREND_LENGTH;
        memmove(s->past, s->past + SERIES_SLACK, s->count * sizeof(*s->past));
    }
    s->past[s->count++] = watts;
}

/* Unknown power changes nothing: a breach lasts until it is seen to be over. */
static void watch_cap(struct series *s, double time, double watts)
{
    double quantity = s->quantity ? quantity_observe(s->quantity, time, watts) : watts;

    if (!isnan(quantity) && !isnan(watts) && !isnan(s->cap.watts))
        s->breached = quantity > s->cap.watts;
}

/* From the beginning, for an older past has come to light. */
static void begin_anew(struct series *s)
{
    s->count = 0;
    s->first = s->end = s->known = 0;
    s->breached = false;
    make_quantity(s);
    if (!s->forecaster)
        return;
    forecaster_free(s->forecaster);
    s->forecaster = new_forecaster(s);
}

/* Scores begin with what is seen live: the past that comes with the first question is none of the record's. */
void series_take(struct series *s, const struct question *q, const float *watts)
{
    bool live = s->count > 0 && !q->anew;

    s->cap = q->cap;
    if (q->anew)
        begin_anew(s);
    if (s->quantity)
        quantity_set_watts(s->quantity, s->cap.watts);
    for (size_t i = 0; i < q->length; i++) {
        s->end = q->end - (double)(q->length - 1 - i) * TREND_STEP_S;
        s->first = s->first > 0 ? s->first : s->end;
        s->known = isnan(watts[i]) ? s->known : s->end;
        s->watts = isnan(watts[i]) ? s->watts : (double)watts[i];
        append(s, watts[i]);
        if (s->forecaster)
            forecaster_observe(s->forecaster, s->end, (double)watts[i]);
        watch_cap(s, s->end, (double)watts[i]);
        if (live)
            record_observe(s->record, s->end, (double)watts[i], s->breached);
    }
}

double series_nearness(const struct series *s)
{
    double share = s->known > 0 ? s->watts / s->cap.watts : NAN;

    if (s->kind == GW_SITE)
        return INFINITY;
    return isnan(share) ? -1 : share;
}

/* ---- what was learnt ---- */

/* Bytes in the cache: this, the forecaster's and the record's. A version that keeps something else has another tag. */
struct kept_head {
    char tag[8];
    double first, end;          /* of what was learnt from */
    size_t forecaster, record;  /* bytes */
};

static const char kept_tag[8] = "learnt1";

static char *kept_name(char to[320], const struct series *s)
{
    snprintf(to, 320, "%s %.255s", s->kind == GW_SITE ? "site" : "domain", s->name);
    return to;
}

void series_keep(struct series *s, struct store *store)
{
    struct kept_head head = { .first = s->first, .end = s->end };
    char name[320], *bytes;

    s->kept = clock_steady();
    if (!store || !s->forecaster || s->count == 0)
        return;
    memcpy(head.tag, kept_tag, sizeof(head.tag));
    head.forecaster = forecaster_save(s->forecaster, NULL, 0);
    head.record = record_save(s->record, NULL, 0);
    bytes = xcalloc(sizeof(head) + head.forecaster + head.record, 1);
    memcpy(bytes, &head, sizeof(head));
    forecaster_save(s->forecaster, bytes + sizeof(head), head.forecaster);
    record_save(s->record, bytes + sizeof(head) + head.forecaster, head.record);
    store_keep(store, kept_name(name, s), bytes, sizeof(head) + head.forecaster + head.record);
}

/* Loads what was kept, as far as it is of this version and later than nothing; `record` NULL: not wanted. Returns the time
 * of the last sample it knows; 0: nothing. */
static double load_kept(struct series *s, struct forecaster *f, struct record *record,
                        const char *cache)
{
    struct kept_head head;
    char name[320];
    size_t size = 0;
    char *bytes = cache ? store_kept(cache, kept_name(name, s), &size) : NULL;
    double end = 0;

    if (bytes && size >= sizeof(head)) {
        memcpy(&head, bytes, sizeof(head));
        if (memcmp(head.tag, kept_tag, sizeof(head.tag)) == 0 &&
            head.forecaster <= size && head.record <= size &&
            sizeof(head) + head.forecaster + head.record == size &&
            forecaster_load(f, bytes + sizeof(head), head.forecaster)) {
            end = head.end;
            s->first = s->first > 0 ? fmin(s->first, head.first) : head.first;
            if (record)
                record_load(record, bytes + sizeof(head) + head.forecaster, head.record);
        }
    }
    free(bytes);
    return end;
}

/* ---- watching ---- */

/* The steps that were told and are later than `after`. */
static void observe_past(const struct series *s, struct forecaster *f, double after)
{
    for (size_t i = 0; i < s->count; i++) {
        double time = s->end - (double)(s->count - 1 - i) * TREND_STEP_S;

        if (time > after)
            forecaster_observe(f, time, (double)s->past[i]);
    }
}

static double begin_of_past(const struct series *s)
{
    return s->end - (double)s->count * TREND_STEP_S;
}

void series_watch(struct series *s, const char *cache, double alarm_p)
{
    struct record *record = new_record(OPEN_WATCHED, alarm_p);
    double learnt;

    s->forecaster = new_forecaster(s);
    record_take_over(record, s->record);
    record_free(s->record);
    s->record = record;
    learnt = load_kept(s, s->forecaster, record, cache);
    observe_past(s, s->forecaster, learnt);
    s->wants_past = cache && learnt < begin_of_past(s) - 1;
    s->kept = clock_steady();
}

void series_unwatch(struct series *s, struct store *store, double alarm_p)
{
    struct record *record = new_record(OPEN_OTHERS, alarm_p);

    series_keep(s, store);
    record_take_over(record, s->record);
    record_free(s->record);
    s->record = record;
    forecaster_free(s->forecaster);
    s->forecaster = NULL;
    s->wants_past = false;
}

/* The past of a series on its way from the cache to a new forecaster. */
struct warming {
    struct series *series;
    struct forecaster *forecaster;
    double learnt, until;       /* what lies between is told */
};

static void tell_past(void *arg, const struct store_past *past)
{
    const struct warming *w = arg;

    for (size_t i = 0; i < past->count; i++) {
        double begin = past->last - (double)(past->count - 1 - i) * TREND_STEP_S;
        double end = begin + TREND_STEP_S;      /* a step of the history is told by its beginning */

        if (past->values[i] != past->values[i] || end <= w->learnt || end > w->until + 1)
            continue;
        forecaster_observe(w->forecaster, end, (double)past->values[i]);
        w->series->first = fmin(w->series->first, begin);
    }
}

void series_warm(struct series *s, const char *cache)
{
    struct forecaster *f = new_forecaster(s);
    double until = begin_of_past(s), learnt = load_kept(s, f, NULL, cache);
    struct warming w = { s, f, learnt, until };
    double begin = fmax(learnt, until - longest_past_s);
    struct err err;

    /* Without a past to be read there is one less to learn from, and nothing that somebody could mend. */
    (void)store_trends(cache, 1u << s->kind, s->name, STORE_POWER, until,
                       (size_t)fmax((until - begin) / TREND_STEP_S, 0) + 1, tell_past, &w, &err);
    observe_past(s, f, learnt);
    forecaster_free(s->forecaster);
    s->forecaster = f;
    s->wants_past = false;
}

/* ---- forecasts ---- */

/* A line through a few minutes says nothing of an hour: until the past is a quarter as long as the horizon, nothing
 * is claimed about a breach. */
static void claim_nothing(const struct series *s, struct forecast *f)
{
    if ((s->end - s->first) * 4 >= f->horizon_s || f->p_breach == 1)
        return;                 /* above its cap now is no forecast */
    f->p_breach = NAN;
    f->ttb_p10_s = f->ttb_p50_s = f->ttb_p90_s = NAN;
    f->trust = FORECAST_LEARNING;
}

/* Who has no forecaster is asked for a line through the past two hours. */
static void make_line(const struct series *s, double now, struct forecast *out)
{
    double times[TREND_LENGTH + SERIES_SLACK], watts[TREND_LENGTH + SERIES_SLACK];
    struct forecast_past past = { times, watts, 0 };

    for (size_t i = 0; i < s->count; i++) {
        if (isnan(s->past[i]))
            continue;
        times[past.count] = s->end - (double)(s->count - 1 - i) * TREND_STEP_S;
        watts[past.count++] = (double)s->past[i];
    }
    forecast_make(&past, now, &s->cap, NAN, NAN, forecast_horizons, FORECAST_HORIZONS, out);
}

void series_forecast(struct series *s, double now, struct forecast *out)
{
    bool fresh = s->known > 0 && s->end - s->known < 1 && now - s->end < 2 * TREND_STEP_S;

    if (s->forecaster)
        forecaster_make(s->forecaster, fresh ? s->end : now, &s->cap.watts, 1, out);
    else
        make_line(s, fresh ? s->end : now, out);
    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        claim_nothing(s, &out[h]);
    if (fresh)
        record_issue(s->record, out, s->past, s->count);
}
