/* Model to forecast and back: trends out to arrays, forecasts in as batches. A thread of its own does the arithmetic. */
#include "app.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "forecast/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One domain's cap, and where in the round its past is. */
struct question {
    const char *name;           /* the model's, which keeps the names of rows for good */
    enum gw_kind kind;
    struct forecast_cap cap;
    size_t first, length;
    double end, step_s;         /* as in struct trend */
};

/* What is asked at one time: trends copied, so that the thread needs no model, as they are, for there are thousands. */
struct round {
    double origin;
    struct question *questions;
    float *watts;
    size_t count, room, watt_count, watt_room;
};

/* What is known of one past: told apart while it is worked on. */
struct past {
    double times[TREND_LENGTH], watts[TREND_LENGTH];
    size_t count;
};

struct forecasting {
    pthread_t thread;
    bool started;
    struct inbox *in, *out;
    struct inbox *stopping;     /* not empty: leave. Only ever looked at */
};

static void round_free(void *item)
{
    struct round *r = item;

    if (!r)
        return;
    free(r->questions);
    free(r->watts);
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

static void add_question(struct round *r, const struct model *m, enum gw_kind kind,
                         uint32_t row, struct forecast_cap cap)
{
    struct trend trend = model_trend(m, kind, row);

    if (trend.count == 0)
        return;
    r->questions = xgrow(r->questions, &r->room, r->count + 1, sizeof(*r->questions));
    r->questions[r->count++] = (struct question){
        .name = model_name(m, kind, row), .kind = kind, .cap = cap, .first = r->watt_count,
        .length = trend.count, .end = trend.end, .step_s = trend.step_s,
    };
    r->watts = xgrow(r->watts, &r->watt_room, r->watt_count + trend.count, sizeof(*r->watts));
    memcpy(r->watts + r->watt_count, trend.values, trend.count * sizeof(*r->watts));
    r->watt_count += trend.count;
}

static struct round *make_round(const struct model *m, double now)
{
    struct round *r = xcalloc(1, sizeof(*r));

    r->origin = now;
    for (uint32_t row = 0; row < model_rows(m, GW_SITE); row++)
        add_question(r, m, GW_SITE, row,
                     (struct forecast_cap){ .watts = model_number(m, M_SITE_CAP, row) });
    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++)
        if (model_cap(m, row))
            add_question(r, m, GW_DOMAIN, row, cap_of(model_cap(m, row)));
    return r;
}

/* ---- into a batch ---- */

static const char *word_of_trust(enum forecast_trust trust)
{
    return trust == FORECAST_TRUSTED ? "yes" : trust == FORECAST_LEARNING ? "learning" : "no";
}

static const char *horizon_name(char to[16], double horizon_s)
{
    if (horizon_s < 3600)
        snprintf(to, 16, "%.0fm", horizon_s / 60);
    else
        snprintf(to, 16, "%.0fh", horizon_s / 3600);
    return to;
}

/* A line through a few minutes says nothing of an hour: until the past is a quarter as long as the horizon, nothing
 * is claimed about a breach. */
static bool is_too_young(const struct past *past, double horizon_s)
{
    return past->count < 3 ||
           (past->times[past->count - 1] - past->times[0]) * 4 < horizon_s;
}

static void claim_nothing(const struct past *past, struct forecast *f)
{
    if (!is_too_young(past, f->horizon_s) || f->p_breach == 1)
        return;                 /* above its cap now is no forecast */
    f->p_breach = NAN;
    f->ttb_p10_s = f->ttb_p50_s = f->ttb_p90_s = NAN;
    f->trust = FORECAST_LEARNING;
}

static size_t say_why(char *to, size_t room, const struct past *past,
                      const struct forecast *f)
{
    char known[32];

    if (f->p_breach == f->p_breach || f->cap_w != f->cap_w)
        return forecast_why(to, room, f,
                            past->count ? past->watts[past->count - 1] : NAN);
    text_duration(known, sizeof(known),
                  past->count ? past->times[past->count - 1] - past->times[0] : 0);
    return (size_t)snprintf(to, room, "learning: %s of data", known);
}

/* What the forecast was asked for is no estimate. */
static bool is_given(uint16_t metric)
{
    return metric == M_FORECAST_HORIZON || metric == M_FORECAST_ORIGIN ||
           metric == M_FORECAST_CAP;
}

static void add_row(struct batch *b, const struct question *q, const struct past *past,
                    const struct forecast *f, double origin)
{
    const struct {
        uint16_t metric;
        double value;
    } numbers[] = {
        { M_FORECAST_HORIZON, f->horizon_s }, { M_FORECAST_ORIGIN, origin },
        { M_FORECAST_CAP, f->cap_w },         { M_FORECAST_P, f->p_breach },
        { M_FORECAST_Q05, f->q05 },           { M_FORECAST_Q10, f->q10 },
        { M_FORECAST_Q25, f->q25 },           { M_FORECAST_Q50, f->q50 },
        { M_FORECAST_Q75, f->q75 },           { M_FORECAST_Q90, f->q90 },
        { M_FORECAST_Q95, f->q95 },           { M_FORECAST_Q99, f->q99 },
        { M_FORECAST_MAX_Q10, f->max_q10 },   { M_FORECAST_MAX_Q50, f->max_q50 },
        { M_FORECAST_MAX_Q90, f->max_q90 },   { M_FORECAST_MAX_Q99, f->max_q99 },
        { M_FORECAST_TTB_P10, f->ttb_p10_s }, { M_FORECAST_TTB_P50, f->ttb_p50_s },
        { M_FORECAST_TTB_P90, f->ttb_p90_s },
    };
    char name[300], horizon[16], why[256];
    const char *trust = word_of_trust(f->trust);
    int len = snprintf(name, sizeof(name), "%s@%s", q->name,
                       horizon_name(horizon, f->horizon_s));
    uint32_t row = batch_entity(b, GW_FORECAST, name, (size_t)len, GW_NONE);

    batch_text(b, row, M_FORECAST_DOMAIN, q->name, strlen(q->name));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        batch_number(b, row, numbers[i].metric, numbers[i].value,
                     is_given(numbers[i].metric) ? GW_OK : GW_ESTIMATED);
    batch_text(b, row, M_FORECAST_TRUSTED, trust, strlen(trust));
    batch_text(b, row, M_FORECAST_WHY, why, say_why(why, sizeof(why), past, f));
}

/* What the power view shows of it: the hour's probability, and the time to breach. */
static void add_summary(struct batch *b, const struct question *q, const struct forecast *f)
{
    uint32_t row;

    if (q->kind != GW_DOMAIN)
        return;
    row = batch_entity(b, GW_DOMAIN, q->name, strlen(q->name), GW_NONE);
    batch_number(b, row, M_DOMAIN_P, f->p_breach, GW_ESTIMATED);
    batch_number(b, row, M_DOMAIN_TTB, f->p_breach >= .05 ? f->ttb_p50_s : NAN, GW_ESTIMATED);
}

static void lay_out(struct past *past, const struct round *r, const struct question *q)
{
    const float *watts = r->watts + q->first;

    past->count = 0;
    for (size_t i = 0; i < q->length && past->count < TREND_LENGTH; i++) {
        if (watts[i] != watts[i])
            continue;
        past->times[past->count] = q->end - (double)(q->length - 1 - i) * q->step_s;
        past->watts[past->count++] = (double)watts[i];
    }
}

static void answer_one(struct batch *b, const struct round *r, const struct question *q)
{
    enum { HOUR = 3 };          /* in forecast_horizons[] */
    struct forecast out[FORECAST_HORIZONS];
    struct forecast_past samples;
    struct past past;

    lay_out(&past, r, q);
    samples = (struct forecast_past){ past.times, past.watts, past.count };
    forecast_make(&samples, r->origin, &q->cap, NAN, NAN, forecast_horizons,
                  FORECAST_HORIZONS, out);
    for (int h = 0; h < FORECAST_HORIZONS; h++) {
        claim_nothing(&past, &out[h]);
        add_row(b, q, &past, &out[h], r->origin);
    }
    add_summary(b, q, &out[HOUR]);
}

/* To some of the questions, from `from` on. */
static struct batch *answer(const struct round *r, size_t from, size_t count)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", r->origin);

    for (size_t i = from; i < r->count && i - from < count; i++)
        answer_one(b, r, &r->questions[i]);
    return b;
}

/* ---- the thread ---- */

/* A few at a time: the answers to thousands, in one batch, would take as much memory as the model has for them. */
static void answer_all(struct forecasting *f, const struct round *r)
{
    enum { AT_ONCE = 128 };

    for (size_t i = 0; i < r->count && !inbox_count(f->stopping); i += AT_ONCE)
        inbox_put(f->out, answer(r, i, AT_ONCE));
}

static void *forecasting_thread(void *arg)
{
    struct forecasting *f = arg;

    while (!inbox_count(f->stopping)) {
        struct round *r = inbox_wait(f->in, -1);

        if (r && r->count)
            answer_all(f, r);
        round_free(r);
    }
    return NULL;
}

struct forecasting *forecasting_new(struct inbox *out)
{
    struct forecasting *f = xcalloc(1, sizeof(*f));

    f->in = inbox_new(round_free);
    f->stopping = inbox_new(NULL);
    f->out = out;
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
    free(f);
}

bool forecasting_ask(struct forecasting *f, const struct model *m, double now)
{
    struct round *r;
    bool any;

    if (inbox_count(f->in) > 0)
        return true;
    r = make_round(m, now);
    any = r->count > 0;
    inbox_put(f->in, r);
    return any;
}

struct batch *forecasting_run(const struct model *m, double now)
{
    struct round *r = make_round(m, now);
    struct batch *b = r->count ? answer(r, 0, r->count) : NULL;

    round_free(r);
    return b;
}
