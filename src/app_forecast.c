/* Model to forecasting thread: what is new of every trend goes out, a copy; forecasts
 * come back as batches. */
#include "app_bounds.h"
#include "app_forecast.h"
#include "app_jobs.h"
#include "base/log.h"
#include "base/thread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the thread was told of one row's trend. */
struct said {
    double from, end;           /* of its steps; 0: nothing yet */
    double cap_w, limits_w;     /* of the round before */
    size_t limited;
    double acts;                /* share of rounds with a change, of late */
};

struct forecasting {
    pthread_t thread;
    bool started;
    struct inbox *in, *out;
    struct inbox *stopping;     /* not empty: leave. Only ever looked at */
    struct desk *desk;          /* the thread's */
    struct said *said[GW_KINDS];        /* the main thread's, by kind and row */
    size_t said_room[GW_KINDS];
    double asked;               /* the main thread's: of the round before, */
    bool was_silent;            /* and whether nobody's power was known in it */
};

void round_free(void *round)
{
    struct round *r = round;

    if (!r)
        return;
    free(r->questions);
    free(r->watts);
    jobs_copy_free(r->jobs);
    free(r);
}

/* ---- out of the model ---- */

static struct forecast_cap cap_of(const struct cap *cap)
{
    if (!cap)
        return (struct forecast_cap){ .watts = NAN };
    return (struct forecast_cap){
        .watts = cap->value, .is_mean = cap->aggregate == CAP_MEAN && cap->window_s > 0,
        .window_s = cap->window_s, .dwell_s = cap->dwell_s, .aligned = cap->aligned,
        .protection = cap->protection,
    };
}

static struct said *said_of(struct forecasting *f, enum gw_kind kind, uint32_t row)
{
    size_t old = f->said_room[kind];

    f->said[kind] = xgrow(f->said[kind], &f->said_room[kind], row + 1,
                          sizeof(struct said));
    memset(f->said[kind] + old, 0, (f->said_room[kind] - old) * sizeof(struct said));
    return &f->said[kind][row];
}

static bool has_moved(double now, double before)
{
    return now > 0 && before > 0 && fabs(now - before) > .005 * before;
}

/* Has somebody changed the cap, or what the same GPUs may draw? Where that goes on all
 * the time it is how the site is run, and there is nobody to be waited for. */
static bool has_acted(struct said *said, double cap_w, const struct bound *b)
{
    enum { USUAL = 200 };     /* rounds */
    const double often = .1;
    bool moved = has_moved(cap_w, said->cap_w) ||
                 (b->limited == said->limited && has_moved(b->limits_w, said->limits_w));
    bool acted = moved && said->acts < often;

    said->acts += (moved - said->acts) / USUAL;
    said->cap_w = cap_w;
    said->limits_w = b->limits_w;
    said->limited = b->limited;
    return acted;
}

static void add_samples(struct round *r, const float *watts, size_t count)
{
    r->watts = xgrow(r->watts, &r->watt_room, r->watt_count + count + 1,
                     sizeof(*r->watts));
    memcpy(r->watts + r->watt_count, watts, count * sizeof(*watts));
    r->watt_count += count;
}

/* The steps that are over and were not told yet; all of them where the past was filled in
 * later. Of a cap that must hold with the other feed lost, they are of what would be
 * drawn then. */
static void add_question(struct forecasting *f, struct round *r, const struct model *m,
                         const struct bounds *bounds, enum gw_kind kind, uint32_t row,
                         struct forecast_cap cap)
{
    bool is_site = kind == GW_SITE;
    uint16_t power = is_site ? M_SITE_POWER : model_capped_power(m, row);
    struct trend trend = is_site ? model_trend(m, kind, row) : model_capped_trend(m, row);
    struct said *said = said_of(f, kind, row);
    size_t whole = trend.count, fresh;
    double end = trend.end, from;

    /* The last step is still under way. */
    if (whole > 0 && end + trend.step_s > r->now) {
        whole--;
        end -= trend.step_s;
    }
    if (whole == 0)
        return;
    end += trend.step_s;
    from = end - (double)whole * trend.step_s;
    fresh = (size_t)fmin(fmax((end - said->end) / trend.step_s + .5, 0), (double)whole);
    struct question q = { .name = model_name(m, kind, row),
                          .kind = kind,
                          .row = row,
                          .cap = cap,
                          .n1 = !is_site && model_cap_is_n1(m, row),
                          .first = r->watt_count,
                          .end = end,
                          .watts = model_number(m, power, row),
                          .stale = model_quality(m, power, row) == GW_STALE };

    q.bound = bounds_of(bounds, kind, row);
    q.acted = has_acted(said, cap.watts, &q.bound);
    q.anew = said->end > 0 && (from < said->from - 1 || end < said->end - 1);
    q.length = q.anew ? whole : fresh;
    add_samples(r, trend.values + whole - q.length, q.length);
    r->questions = xgrow(r->questions, &r->room, r->count + 1, sizeof(*r->questions));
    r->questions[r->count++] = q;
    said->from = said->end > 0 && !q.anew ? said->from : from;
    said->end = end;
}

static struct round *make_round(struct forecasting *f, const struct model *m, double now)
{
    enum { GPUS_WORTH = 16 }; /* a domain takes as long */
    struct round *r = xcalloc(1, sizeof(*r));
    struct bounds *bounds;

    r->now = now;
    /* takes more memory than it keeps, and so do the questions */
    r->jobs = jobs_copy_new(m);
    bounds = bounds_new(m);
    for (uint32_t row = 0; row < model_rows(m, GW_SITE); row++)
        add_question(f, r, m, bounds, GW_SITE, row,
                     (struct forecast_cap){ .watts = model_number(m, M_SITE_CAP, row) });
    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++) {
        model_pause(m, row * GPUS_WORTH);
        if (model_cap(m, row))
            add_question(f, r, m, bounds, GW_DOMAIN, row, cap_of(model_cap(m, row)));
    }
    bounds_free(bounds);
    return r;
}

/* ---- the thread ---- */

/* A few at a time, and no more before they are read: the answers to thousands would take
 * as much memory as the model has for them. */
static void answer_all(struct forecasting *f, const struct round *r)
{
    enum { AT_ONCE = 32, MOST_UNREAD = 4, WAITS_US = 2000 };

    desk_take(f->desk, r);
    for (size_t i = 0; i < r->count; i += AT_ONCE) {
        while (inbox_count(f->out) > MOST_UNREAD && !inbox_count(f->stopping))
            usleep(WAITS_US);
        if (inbox_count(f->stopping))
            return;
        inbox_put(f->out, desk_answer(f->desk, r, i, AT_ONCE));
    }
}

/* What can wait is done while nobody asks. */
static void *forecasting_thread(void *arg)
{
    struct forecasting *f = arg;
    bool more = false;

    while (!inbox_count(f->stopping)) {
        struct round *r = more ? inbox_take(f->in) : inbox_wait(f->in, -1);

        if (r)
            answer_all(f, r);
        round_free(r);
        more = !inbox_count(f->stopping) && desk_work(f->desk);
    }
    desk_keep_all(f->desk);
    return NULL;
}

static struct forecasting *make(struct inbox *out, struct store *store, const char *cache,
                                double alarm_p)
{
    struct forecasting *f = xcalloc(1, sizeof(*f));

    f->in = inbox_new(round_free);
    f->stopping = inbox_new(NULL);
    f->out = out;
    f->desk = desk_new(cache, store, alarm_p);
    return f;
}

struct forecasting *forecasting_new(struct inbox *out, struct store *store,
                                    const char *cache, double alarm_p)
{
    struct forecasting *f = make(out, store, cache, alarm_p);

    f->started = thread_start(&f->thread, forecasting_thread, f);
    if (!f->started)
        log_line("forecasts: no thread could be started; nothing is forecast");
    return f;
}

void forecasting_free(struct forecasting *f)
{
    if (!f)
        return;
    inbox_put(f->stopping, f);
    inbox_put(f->in, xcalloc(1, sizeof(struct round)));     /* wakes it */
    if (f->started)
        pthread_join(f->thread, NULL);
    inbox_free(f->in);
    inbox_free(f->stopping);
    desk_free(f->desk);
    for (int kind = 0; kind < GW_KINDS; kind++)
        free(f->said[kind]);
    free(f);
}

static bool is_power_known(const struct model *m, uint16_t power, uint32_t row)
{
    return !isnan(model_number(m, power, row)) &&
           model_quality(m, power, row) != GW_STALE;
}

enum { SAID_AGAIN_S = 240 };    /* before a forecast grows stale */

/* Nobody's power is known, and no job was told of since the round before, or at the
 * first, of late. */
static bool is_all_silent(const struct forecasting *f, const struct model *m, double now)
{
    if (model_newest(m, GW_JOB) > (f->asked > 0 ? f->asked : now - SAID_AGAIN_S))
        return false;
    for (uint32_t row = 0; row < model_rows(m, GW_SITE); row++)
        if (is_power_known(m, M_SITE_POWER, row))
            return false;
    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++)
        if (model_cap(m, row) && is_power_known(m, model_capped_power(m, row), row))
            return false;
    return true;
}

/* Silence is said again only so that it does not grow stale. */
static bool says_nothing_new(struct forecasting *f, const struct model *m, double now)
{
    bool was_silent = f->was_silent,
         is_early = now >= f->asked && now - f->asked < SAID_AGAIN_S;

    f->was_silent = is_all_silent(f, m, now);
    return was_silent && f->was_silent && is_early;
}

bool forecasting_ask(struct forecasting *f, const struct model *m, double now)
{
    struct round *r;
    bool any;

    if (inbox_count(f->in) > 0 || says_nothing_new(f, m, now))
        return true;
    r = make_round(f, m, now);
    any = r->count > 0;
    f->asked = now;
    inbox_put(f->in, r);
    return any;
}

struct batch *forecasting_run(const struct model *m, double now, const char *cache)
{
    struct forecasting *f = make(NULL, NULL, cache, model_thresholds(m)->p_critical);
    struct round *r = make_round(f, m, now);
    struct batch *b = NULL;

    if (r->count) {
        desk_take(f->desk, r);
        b = desk_answer(f->desk, r, 0, r->count);
    }
    round_free(r);
    forecasting_free(f);
    return b;
}
