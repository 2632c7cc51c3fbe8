/* What forecasts cost. Of a hundred thousand series: an update and a refresh of all
 * horizons, beside predict_linear over the same windows and a plain Holt-Winters, which
 * is what is usual. Of one: a forecaster, beside the same two. Of a site: a round of the
 * forecasting thread. Ratios of medians of alternating runs; and the budgets in
 * milliseconds, which say as much of the machine. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app_forecast.h"
#include "base/arena.h"
#include "forecast/fleet.h"
#include "forecast/forecaster.h"

enum { SERIES = 100000, STEP = 15, WINDOW = 240, WARM = 480, RUNS = 9, SEASON = 24 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t dice = 1;

static float chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (float)(dice >> 40) * 0x1p-24f;
}

static float noise(void)
{
    return (chance() + chance() + chance() + chance() - 2) * 1.73f;
}

/* Racks at 60 to 100 kW: noise that comes back, over a level that wanders, and now and
 * then a job. */
struct world {
    float *level, *residual, *watts;
};

static struct world make_world(void)
{
    struct world w = { xcalloc(SERIES, sizeof(float)), xcalloc(SERIES, sizeof(float)),
                       xcalloc(SERIES, sizeof(float)) };

    for (int i = 0; i < SERIES; i++)
        w.level[i] = 60e3f + 40e3f * chance();
    return w;
}

static void live(struct world *w)
{
    for (int i = 0; i < SERIES; i++) {
        w->residual[i] = .9f * w->residual[i] + 250 * noise();
        w->level[i] += 15 * noise();
        if (chance() < 2e-5f)
            w->level[i] = 60e3f + 40e3f * chance();
        w->watts[i] = w->level[i] + w->residual[i];
    }
}

/* ---- the usual ---- */

/* Prometheus' predict_linear: least squares with Kahan sums over the window. */
struct kahan {
    double sum, lost;
};

static void add(struct kahan *k, double x)
{
    double t = k->sum + x;

    k->lost += fabs(k->sum) >= fabs(x) ? (k->sum - t) + x : (x - t) + k->sum;
    k->sum = t;
}

static double predict_linear(const float *past, unsigned newest, double ahead)
{
    struct kahan x = { 0, 0 }, y = { 0, 0 }, xy = { 0, 0 }, xx = { 0, 0 };
    double n = WINDOW, slope, intercept;

    for (unsigned i = 0; i < WINDOW; i++) {
        double at = -(double)i * STEP, v = (double)past[(newest + WINDOW - i) % WINDOW];

        add(&x, at);
        add(&y, v);
        add(&xy, at * v);
        add(&xx, at * at);
    }
    slope = ((xy.sum + xy.lost) - (x.sum + x.lost) * (y.sum + y.lost) / n) /
            ((xx.sum + xx.lost) - (x.sum + x.lost) * (x.sum + x.lost) / n);
    intercept = (y.sum + y.lost) / n - slope * (x.sum + x.lost) / n;
    return intercept + slope * ahead;
}

/* Additive Holt-Winters with a season, one series after the other. */
struct holt_winters {
    double level, trend, season[SEASON];
    unsigned at;
};

static void holt_winters_add(struct holt_winters *s, double v)
{
    double before = s->level;

    s->level = .2 * (v - s->season[s->at]) + .8 * (s->level + s->trend);
    s->trend = .1 * (s->level - before) + .9 * s->trend;
    s->season[s->at] = .1 * (v - s->level) + .9 * s->season[s->at];
    s->at = (s->at + 1) % SEASON;
}

static double holt_winters_at(const struct holt_winters *s, unsigned steps)
{
    return s->level + s->trend * steps + s->season[(s->at + steps) % SEASON];
}

/* ---- the race ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x)
{
    qsort(x, RUNS, sizeof(*x), by_size);
    return x[RUNS / 2];
}

struct race {
    struct world world;
    struct fleet *fleet;
    struct holt_winters *usual;
    float *past;                /* WINDOW of each */
    unsigned newest;
    double time;
};

static void set_caps(struct race *r, double margin)
{
    for (size_t i = 0; i < SERIES; i++)
        fleet_set(r->fleet, i,
                  &(struct forecast_cap){
                      .watts = (double)r->world.level[i] * (1 + margin) + 1500 },
                  10e3, 140e3);
}

static void tick(struct race *r)
{
    live(&r->world);
    r->time += STEP;
    r->newest = (r->newest + 1) % WINDOW;
    for (size_t i = 0; i < SERIES; i++)
        r->past[i * WINDOW + r->newest] = r->world.watts[i];
}

static double time_update(struct race *r)
{
    double start = now_ms();

    fleet_observe(r->fleet, r->time, r->world.watts, SERIES);
    return now_ms() - start;
}

static double time_usual_update(struct race *r)
{
    double start = now_ms();

    for (size_t i = 0; i < SERIES; i++)
        holt_winters_add(&r->usual[i], (double)r->world.watts[i]);
    return now_ms() - start;
}

static double time_refresh(struct race *r)
{
    double start = now_ms();

    fleet_refresh(r->fleet);
    return now_ms() - start;
}

static double time_make(struct race *r, struct forecast *out)
{
    double start = now_ms();

    for (size_t i = 0; i < SERIES; i += 100)
        fleet_make(r->fleet, i, 100, out);
    return now_ms() - start;
}

static volatile double sink;

static double time_predict_linear(struct race *r)
{
    double start = now_ms(), sum = 0;

    /* One horizon; the other five would cost as much again each, as queries do. */
    for (size_t i = 0; i < SERIES; i++)
        sum += predict_linear(r->past + i * WINDOW, r->newest, 3600);
    sink = sum;
    return now_ms() - start;
}

static double time_usual_forecast(struct race *r)
{
    double start = now_ms(), sum = 0;

    for (size_t i = 0; i < SERIES; i++)
        for (int h = 0; h < FORECAST_HORIZONS; h++)
            sum += holt_winters_at(&r->usual[i], (unsigned)(forecast_horizons[h] / STEP));
    sink = sum;
    return now_ms() - start;
}

static void warm_up(struct race *r)
{
    for (int i = 0; i < WARM; i++) {
        tick(r);
        time_update(r);
        time_usual_update(r);
    }
}

/* How many are at risk decides what a refresh costs. */
static double at_risk(const struct race *r)
{
    size_t count = 0;

    for (size_t i = 0; i < SERIES; i++)
        count += fleet_p(r->fleet, i, FORECAST_HORIZONS - 1) >= 1e-3;
    return 100. * (double)count / SERIES;
}

static void run(struct race *r, const char *name, double budget)
{
    double update[RUNS], usual[RUNS], refresh[RUNS], linear[RUNS], usual_forecast[RUNS],
        make[RUNS];
    struct forecast *out = xcalloc(100 * FORECAST_HORIZONS, sizeof(*out));

    for (int i = 0; i < RUNS; i++) {
        tick(r);
        update[i] = time_update(r);
        usual[i] = time_usual_update(r);
        refresh[i] = time_refresh(r);
        linear[i] = time_predict_linear(r);
        usual_forecast[i] = time_usual_forecast(r);
        make[i] = time_make(r, out);
    }
    free(out);
    printf("%s: %.0f %% of %d series have a breach in sight within a day\n", name,
           at_risk(r), SERIES);
    printf("  update      %6.2f ms, budget 2 %s; Holt-Winters / ours   %.2f\n",
           median(update), median(update) < 2 ? "kept" : "EXCEEDED",
           median(usual) / median(update));
    printf(
        "  refresh     %6.1f ms, budget %.0f %s; predict_linear of one horizon / ours of six "
        "%.2f; Holt-Winters' points / ours %.2f\n",
        median(refresh), budget, median(refresh) < budget ? "kept" : "EXCEEDED",
        median(linear) / median(refresh), median(usual_forecast) / median(refresh));
    printf("  in full     %6.1f ms for all quantiles and times of all\n", median(make));
}

/* ---- one forecaster ---- */

static struct forecaster *new_forecaster(void)
{
    struct forecaster_options o = { .step_s = STEP, .horizon_count = FORECAST_HORIZONS,
                                    .cap = { .watts = 105e3 } };

    memcpy(o.horizons, forecast_horizons, sizeof(forecast_horizons));
    return forecaster_new(&o);
}

/* A day of one series; then the cost of a sample, and of a forecast of all horizons. */
static void run_one(struct race *r)
{
    enum { DAY = 5760, LOOKS = 200 };
    struct forecaster *f = new_forecaster();
    struct forecast out[FORECAST_HORIZONS];
    float level = 80e3f, residual = 0;
    double start, observe = 0, make, linear, usual, cap = 105e3, time = 1.7e9;

    for (int i = 0; i < DAY; i++) {
        residual = .9f * residual + 250 * noise();
        level += 15 * noise();
        start = now_ms();
        forecaster_observe(f, time += STEP, (double)(level + residual));
        observe += now_ms() - start;
    }
    start = now_ms();
    for (int i = 0; i < LOOKS; i++)
        forecaster_make(f, time, &cap, 1, out);
    make = (now_ms() - start) / LOOKS;
    usual = time_usual_update(r) / SERIES;
    linear = 6 * time_predict_linear(r) / SERIES;
    printf(
        "a forecaster: %.1f us a sample, %.0f Holt-Winters; %.0f us a forecast of all horizons, %.1f "
        "predict_linear\n",
        1e3 * observe / DAY, observe / DAY / usual, 1e3 * make, make / linear);
    forecaster_free(f);
}

/* ---- a round of the forecasting thread ---- */

enum { DOMAINS = 1500, AT_ONCE = 128 };

/* The first domain is the site; all get `steps` new samples. */
static double time_round(struct desk *d, struct race *r, char names[][16], size_t steps)
{
    struct round *round = xcalloc(1, sizeof(*round));
    double start;

    round->count = DOMAINS;
    round->questions = xcalloc(DOMAINS, sizeof(*round->questions));
    round->watts = xcalloc(DOMAINS * steps, sizeof(*round->watts));
    for (size_t n = 0; n < steps; n++) {
        tick(r);
        for (size_t i = 0; i < DOMAINS; i++)
            round->watts[i * steps + n] = r->world.watts[i];
    }
    for (size_t i = 0; i < DOMAINS; i++)
        round->questions[i] = (struct question){
            .name = names[i], .kind = i ? GW_DOMAIN : GW_SITE, .row = (uint32_t)(i ? i - 1 : 0),
            .cap = { .watts = (double)r->world.level[i] * 1.1 }, .first = i * steps, .length = steps,
            .end = r->time, .watts = (double)r->world.watts[i] };
    round->now = r->time + 1;
    start = now_ms();
    desk_take(d, round);
    for (size_t i = 0; i < DOMAINS; i += AT_ONCE)
        batch_free(desk_answer(d, round, i, AT_ONCE));
    start = now_ms() - start;
    round_free(round);
    return start;
}

static void run_rounds(struct race *r)
{
    static char names[DOMAINS][16];
    struct desk *d = desk_new(NULL, NULL, .5);  /* nobody is watched: the fleet alone */
    double first, later[RUNS];

    for (int i = 0; i < DOMAINS; i++)
        snprintf(names[i], sizeof(names[i]), "domain-%d", i);
    r->time = floor(r->time / STEP) * STEP;
    first = time_round(d, r, names, TREND_LENGTH);
    for (int i = 0; i < RUNS; i++)
        later[i] = time_round(d, r, names, 1);
    printf(
        "a round: %.1f us a domain, of %d, rows and record with it; the first, with two hours of each, %.1f us\n",
        1e3 * median(later) / DOMAINS, DOMAINS, 1e3 * first / DOMAINS);
    desk_free(d);
}

int main(void)
{
    struct race r = { .world = make_world(), .fleet = fleet_new(SERIES, STEP),
                      .usual = xcalloc(SERIES, sizeof(*r.usual)),
                      .past = xcalloc((size_t)SERIES * WINDOW, sizeof(float)), .time = 1.7e9 };

    set_caps(&r, .6);
    warm_up(&r);
    set_caps(&r, .25);
    run(&r, "typical", 60);
    set_caps(&r, .02);
    run(&r, "worst", 150);
    run_one(&r);
    run_rounds(&r);
    printf("state: %.0f bytes a series\n", (double)fleet_bytes(r.fleet) / SERIES);
    fleet_free(r.fleet);
    free(r.usual);
    free(r.past);
    free(r.world.level);
    free(r.world.residual);
    free(r.world.watts);
    return 0;
}
