/* What a domain's forecaster and record learnt, kept in the cache: a restart goes on as
 * if there had been none, and a domain that comes near its cap has a forecaster that
 * knows the days before. */
#include "app_forecast.h"
#include "base/arena.h"
#include "base/clock.h"
#include "forecast/forecaster.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far back the cache is asked for a past. */
static const double longest_past_s = 3 * 86400.;

/* ---- what was learnt ---- */

/* Bytes in the cache: this, the forecaster's and the record's. A version that keeps
 * something else has another tag. */
struct kept_head {
    char tag[8];
    double first, end;          /* of what was learnt from */
    size_t forecaster, record;  /* bytes */
};

static const char kept_tag[8] = "learnt1";

char *series_kept_name(char to[320], const struct series *s)
{
    snprintf(to, 320, "%s %.255s",
             s->kind == GW_SITE ? "site"
             : s->n1            ? "n-1"
                                : "domain",
             s->name);
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
    store_keep(store, series_kept_name(name, s), bytes,
               sizeof(head) + head.forecaster + head.record);
}

/* Loads what was kept, as far as it is of this version and later than nothing; `record`
 * NULL: not wanted. Returns the time of the last sample it knows; 0: nothing. */
static double load_kept(struct series *s, struct forecaster *f, struct record *record,
                        struct store_reader *cache)
{
    struct kept_head head;
    char name[320];
    size_t size = 0;
    char *bytes = store_read_kept(cache, series_kept_name(name, s), &size);
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

/* The steps that were told and are later than `after`. Returns how many. */
static size_t observe_past(const struct series *s, struct forecaster *f, double after)
{
    float past[TREND_LENGTH + SERIES_SLACK];
    size_t observed = 0;

    series_past(s, past);
    series_tell(s, f);
    for (size_t i = 0; i < s->count; i++) {
        double time = s->end - (double)(s->count - 1 - i) * TREND_STEP_S;

        if (time <= after)
            continue;
        forecaster_observe(f, time, (double)past[i]);
        observed++;
    }
    return observed;
}

static double begin_of_past(const struct series *s)
{
    return s->end - (double)s->count * TREND_STEP_S;
}

size_t series_watch(struct series *s, struct store_reader *cache, double alarm_p)
{
    struct forecaster *f = series_forecaster(s);
    struct record *record = series_record(RECORD_OPEN_WATCHED, alarm_p);
    double learnt;
    size_t observed;

    record_take_over(record, s->record);
    learnt = load_kept(s, f, s->remembers ? NULL : record, cache);
    s->remembers = true;
    s->forecaster = f;
    record_free(s->record);
    s->record = record;
    observed = observe_past(s, f, learnt);
    s->wants_past = cache && learnt < begin_of_past(s) - 1;
    s->kept = clock_steady();
    return observed;
}

void series_unwatch(struct series *s, struct store *store, double alarm_p)
{
    struct record *record = series_record(RECORD_OPEN_OTHERS, alarm_p);

    series_keep(s, store);
    record_take_over(record, s->record);
    record_free(s->record);
    s->record = record;
    forecaster_free(s->forecaster);
    s->forecaster = NULL;
    series_end_warming(s);
    s->wants_past = false;
}

/* ---- warming ---- */

/* A forecaster that is being made from the cache's history, beside the one in use. */
struct warming {
    struct forecaster *forecaster;
    float *values;
    size_t count, next;
    double last;                /* when the last of the values began */
    double learnt, until;       /* what lies between is told */
};

static void copy_past(void *arg, const struct store_past *past)
{
    struct warming *w = arg;

    if (w->values)
        return;
    w->values = xcalloc(past->count + 1, sizeof(*w->values));
    memcpy(w->values, past->values, past->count * sizeof(*w->values));
    w->count = past->count;
    w->last = past->last;
}

static void begin_warming(struct series *s, const char *cache)
{
    struct warming *w = xcalloc(1, sizeof(*w));
    struct store_reader *reader = store_reader_new(cache);
    double begin;
    struct err err;

    w->forecaster = series_forecaster(s);
    w->learnt = load_kept(s, w->forecaster, NULL, reader);
    store_reader_free(reader);
    w->until = begin_of_past(s);
    begin = fmax(w->learnt, w->until - longest_past_s);
    /* Without a past to be read there is one less to learn from, and nothing that
     * somebody could mend. */
    (void)store_trends(
        cache, 1u << s->kind, s->name, s->n1 ? STORE_POWER_N1 : STORE_POWER, w->until,
        (size_t)fmax((w->until - begin) / TREND_STEP_S, 0) + 1, NULL, copy_past, w, &err);
    s->warming = w;
}

void series_end_warming(struct series *s)
{
    s->wants_past = false;
    if (!s->warming)
        return;
    forecaster_free(s->warming->forecaster);
    free(s->warming->values);
    free(s->warming);
    s->warming = NULL;
}

/* The warm one takes the place of the one that knew only what was told. */
static void finish_warming(struct series *s)
{
    struct warming *w = s->warming;
    struct forecaster *cold = s->forecaster;

    observe_past(s, w->forecaster, fmax(w->learnt, w->until));
    s->forecaster = w->forecaster;
    w->forecaster = cold;
    series_end_warming(s);
}

void series_warm(struct series *s, const char *cache)
{
    enum { AT_ONCE = 100 };     /* some ten milliseconds, so that nobody waits */
    struct warming *w;

    if (!s->warming)
        begin_warming(s, cache);
    w = s->warming;
    series_tell(s, w->forecaster);
    for (int i = 0; i < AT_ONCE && w->next < w->count; i++, w->next++) {
        double begin = w->last - (double)(w->count - 1 - w->next) * TREND_STEP_S;
        /* a step of the history is told by its beginning */
        double end = begin + TREND_STEP_S;

        if (isnan(w->values[w->next]) || end <= w->learnt || end > w->until + 1)
            continue;
        forecaster_observe(w->forecaster, end, (double)w->values[w->next]);
        s->first = fmin(s->first, begin);
    }
    if (w->next >= w->count)
        finish_warming(s);
}
