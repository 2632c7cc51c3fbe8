/* The forecasting thread's desk: whoever has a cap is forecast, by a forecaster of its
 * own, by a line or as one of the fleet, and goes on from the one to the other. */
#include "app_forecast.h"
#include "base/arena.h"
#include "base/inbox.h"
#include "model/metric.h"
#include "store/store.h"
#include "tests/lib/check.h"
#include "tests/lib/course.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_RACKS = 2000 };

/* A site, and racks with a cap of 40 kW each. */
static struct desk *desk;
static char names[MOST_RACKS + 1][16];
static double level[MOST_RACKS];        /* what they draw, but for some noise */
static double noise_w;                  /* ... from the lowest to the highest */
static double now;
static bool is_anew;                   /* the past that is told is another */
static struct bound racks_bound;        /* of each rack */
static bool has_acted;
static double meanwhile_w;      /* what racks draw after the last step; NAN: as in it */
static struct protection racks_protection;      /* what their cap is a limit on; of no
                                                 * kind: each sample */
static int silent;                      /* the rack of which nothing is heard; 0: none */
static bool is_stale;                   /* and what is known of it is shown as stale,
                                         * not as unknown */
static uint64_t dice;

static void open_desk(void)
{
    desk_free(desk);
    desk = desk_new(NULL, NULL, .5);
}

static void set_up(void)
{
    now = 1.7e9 - fmod(1.7e9, TREND_STEP_S);
    dice = 1;
    noise_w = 400;
    is_anew = has_acted = is_stale = false;
    silent = 0;
    meanwhile_w = NAN;
    racks_bound = (struct bound){ NAN, NAN, NAN, 0 };
    racks_protection = (struct protection){ .kind = PROTECTION_NONE };
    for (int i = 0; i <= MOST_RACKS; i++) {
        snprintf(names[i], sizeof(names[i]), i ? "rack-%d" : "site", i);
        level[i ? i - 1 : 0] = 20e3 + 5 * i;
    }
    open_desk();
}

static void tear_down(void)
{
    desk_free(desk);
    desk = NULL;
}

static double chance(void)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (double)(dice >> 11) * 0x1p-53;
}

static void draw(struct round *r, size_t racks, size_t steps)
{
    for (size_t n = 0; n < steps; n++) {
        float sum = 0;

        for (size_t i = 1; i <= racks; i++) {
            float watts = (float)(level[i - 1] + noise_w * (chance() - .5));

            r->watts[i * steps + n] = (int)i == silent ? (float)NAN : watts;
            sum += watts;
        }
        r->watts[n] = sum;
    }
}

/* So many steps go by; then all are asked. The caller frees what is answered. */
static struct batch *tell(size_t racks, size_t steps)
{
    struct round *r = xcalloc(1, sizeof(*r));
    struct batch *b;

    now += (double)steps * TREND_STEP_S;
    r->now = now + 1;
    r->count = racks + 1;
    r->questions = xcalloc(r->count, sizeof(*r->questions));
    r->watts = xcalloc(r->count * steps + 1, sizeof(*r->watts));
    draw(r, racks, steps);
    for (size_t i = 0; i < r->count; i++)
        r->questions[i] = (struct question){
            .name = names[i], .kind = i ? GW_DOMAIN : GW_SITE, .row = (uint32_t)(i ? i - 1 : 0), .anew = is_anew,
            .cap = { .watts = i ? 40e3 : 40e3 * (double)racks, .protection = i ? racks_protection : (struct protection){ .kind = PROTECTION_NONE } }, .first = i * steps, .length = steps,
            .end = now, .bound = i ? racks_bound : (struct bound){ NAN, NAN, NAN, 0 }, .acted = has_acted, .stale = (int)i == silent && silent && is_stale,
            .watts = steps ? (double)r->watts[(i + 1) * steps - 1] : NAN,
        };
    for (size_t i = 1; i < r->count && !isnan(meanwhile_w); i++)
        r->questions[i].watts = meanwhile_w;
    desk_take(desk, r);
    b = desk_answer(desk, r, 0, r->count);
    round_free(r);
    return b;
}

static const struct batch_sample *sample_of(const struct batch *b, const char *name,
                                            uint16_t metric)
{
    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == metric &&
            strcmp(b->entities[b->samples[i].entity].name, name) == 0)
            return &b->samples[i];
    return NULL;
}

static double number_of(const struct batch *b, const char *name, uint16_t metric)
{
    const struct batch_sample *s = sample_of(b, name, metric);

    return s ? s->number : NAN;
}

static const char *text_of(const struct batch *b, const char *name, uint16_t metric)
{
    const struct batch_sample *s = sample_of(b, name, metric);

    ck_assert_msg(s != NULL, "%s has no such text", name);
    return s->text;
}

static const char *event_of(const struct batch *b)
{
    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == M_EVENT_TEXT)
            return b->samples[i].text;
    return "";
}

static bool is_of_the_fleet(const struct batch *b, const char *name)
{
    return strcmp(text_of(b, name, M_FORECAST_METHOD), "fleet") == 0;
}

static bool has_forecaster(const struct batch *b, const char *name)
{
    return strcmp(text_of(b, name, M_FORECAST_METHOD), "full") == 0;
}

START_TEST(thousands_are_all_forecast)
{
    struct batch *b = tell(MOST_RACKS, TREND_LENGTH);
    size_t asked = 0, known = 0, middles = 0;

    for (size_t i = 0; i < b->sample_count; i++) {
        const struct batch_sample *s = &b->samples[i];

        asked += s->metric == M_FORECAST_P;
        known += s->metric == M_FORECAST_P && !isnan(s->number);
        middles += s->metric == M_FORECAST_Q50 && s->number > 0;
    }
    ck_assert_uint_eq(asked, FORECAST_HORIZONS * (MOST_RACKS + 1));
    ck_assert_uint_eq(middles, asked);
    /* Two hours tell nothing of a day, and the rest they do. */
    ck_assert_uint_eq(known, asked - (MOST_RACKS + 1));
    ck_assert(is_of_the_fleet(b, "rack-7@1h"));
    ck_assert_str_eq(text_of(b, "rack-7@1h", M_FORECAST_BASIS), "power");
    /* of the fleet and of a forecaster: the terms make the median */
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "site@15m" : "rack-7@15m";
        double season = number_of(b, name, M_FORECAST_SEASON);

        ck_assert_double_eq_tol(
            number_of(b, name, M_FORECAST_POWER) + number_of(b, name, M_FORECAST_TREND) +
                (isnan(season) ? 0 : season) + number_of(b, name, M_FORECAST_UNEXPLAINED),
            number_of(b, name, M_FORECAST_Q50), 1e-3);
    }
    batch_free(b);
}
END_TEST

START_TEST(power_that_nobody_can_draw_is_said_to_be_left_out)
{
    struct batch *b;

    racks_bound = (struct bound){
        .limits_w = 30e3, .else_w = 1e3, .least_w = 19.9e3, .limited = 8
    };
    b = tell(5, 100);
    ck_assert(!(number_of(b, "site", M_SITE_REJECTED) > 0));
    batch_free(b);
    noise_w = 0;
    level[2] = 90e3;
    b = tell(5, 2);
    ck_assert_double_eq(number_of(b, "site", M_SITE_REJECTED), 2);
    ck_assert_str_eq(
        event_of(b),
        "rack-3: forecasts do not believe 90.0 kW, for its GPUs' limits allow 32 kW");
    batch_free(b);
    level[2] = 20e3;
    b = tell(5, 2);
    ck_assert_double_eq(number_of(b, "site", M_SITE_REJECTED), 2);
    ck_assert_str_eq(event_of(b), "");          /* it is told once */
    batch_free(b);
}
END_TEST

START_TEST(what_is_not_known_yet_is_said_to_be_learnt)
{
    struct batch *b = tell(20, 2);

    ck_assert(isnan(number_of(b, "rack-3@1m", M_FORECAST_P)));
    ck_assert_str_eq(text_of(b, "rack-3@1m", M_FORECAST_TRUSTED),
                     "learning, 0 minutes of data; p needs 1 minute");
    ck_assert_str_eq(text_of(b, "rack-3@1h", M_FORECAST_TRUSTED),
                     "learning, 0 minutes of data; p needs 15 minutes");
    ck_assert_str_eq(text_of(b, "rack-3@24h", M_FORECAST_WHY),
                     text_of(b, "rack-3@24h", M_FORECAST_TRUSTED));
    ck_assert_str_eq(text_of(b, "rack-3@24h", M_FORECAST_WHY),
                     "learning, 0 minutes of data; p needs 6 hours");
    batch_free(b);
    b = tell(20, 40);
    ck_assert(!isnan(number_of(b, "rack-3@15m", M_FORECAST_P)));
    ck_assert(isnan(number_of(b, "rack-3@1h", M_FORECAST_P)));
    ck_assert_str_eq(text_of(b, "rack-3@1h", M_FORECAST_TRUSTED),
                     "learning, 10 minutes of data; p needs 15 minutes");
    ck_assert_str_eq(text_of(b, "rack-3@1m", M_FORECAST_TRUSTED),
                     "learning, 10 minutes of data");
    batch_free(b);
}
END_TEST

START_TEST(who_comes_later_is_told_its_whole_past)
{
    struct batch *b = tell(3, 100), *late;

    /* 16 minutes on, racks 4 to 10 appear, with as much of a past */
    late = tell(10, 100);
    ck_assert(!isnan(number_of(late, "rack-9@15m", M_FORECAST_P)));
    ck_assert_double_eq_tol(number_of(late, "rack-9@15m", M_FORECAST_Q50), level[8], 150);
    ck_assert(isnan(number_of(b, "rack-9@15m", M_FORECAST_Q50)));
    batch_free(b);
    batch_free(late);
}
END_TEST

START_TEST(above_its_cap_it_is_certain)
{
    struct batch *b;

    level[4] = 45e3;
    b = tell(10, 200);
    ck_assert_double_eq(number_of(b, "rack-5@1m", M_FORECAST_P), 1);
    ck_assert_double_eq(number_of(b, "rack-5@24h", M_FORECAST_P), 1);
    ck_assert_double_lt(number_of(b, "rack-6@1h", M_FORECAST_P), .01);
    batch_free(b);
}
END_TEST

START_TEST(above_its_cap_before_the_step_is_over_it_is_certain_too)
{
    struct batch *b;

    meanwhile_w = 40.1e3;
    b = tell(10, 200);
    ck_assert_double_eq(number_of(b, "rack-6@1h", M_FORECAST_P), 1);
    ck_assert_double_eq(number_of(b, "rack-6@1h", M_FORECAST_TTB_P50), 0);
    batch_free(b);
    meanwhile_w = 39.9e3;
    b = tell(10, 1);
    ck_assert_double_lt(number_of(b, "rack-6@1h", M_FORECAST_P), 1);
    batch_free(b);
}
END_TEST

/* A breaker is warm for a while; what it draws now is not what trips it. */
START_TEST(what_lasts_too_shortly_is_no_breach)
{
    struct batch *b;

    racks_protection = (struct protection){ .kind = PROTECTION_THERMAL, .seconds = 600 };
    meanwhile_w = 40.1e3;
    b = tell(10, 200);
    ck_assert_double_lt(number_of(b, "rack-6@1h", M_FORECAST_P), 1);
    batch_free(b);
}
END_TEST

START_TEST(no_more_is_foreseen_than_can_be_drawn_and_no_less)
{
    struct batch *b;

    racks_bound = (struct bound){
        .limits_w = 19e3, .else_w = 1e3, .least_w = 19.9e3, .limited = 8
    };
    b = tell(140, 400);
    /* with a forecaster, a line and in the fleet */
    for (int i = 1; i <= 140; i += 100) {
        char name[24];

        snprintf(name, sizeof(name), "rack-%d@24h", i);
        ck_assert_double_le(number_of(b, name, M_FORECAST_MAX_Q99), 21e3 + 1);
        ck_assert_double_ge(number_of(b, name, M_FORECAST_Q05), 19.9e3 - 1);
        snprintf(name, sizeof(name), "rack-%d@1h", i);
        /* 40 kW cannot be reached */
        ck_assert_double_eq(number_of(b, name, M_FORECAST_P), 0);
    }
    batch_free(b);
}
END_TEST

/* With a forecaster, a line and in the fleet; what is stale at once, what is unknown
 * after three steps; until it is heard again. */
START_TEST(who_is_silent_is_not_forecast)
{
    enum { RACKS = 260 };
    static const int places[] = { 1, 150, 250 };

    batch_free(tell(RACKS, 90));
    for (int i = 0; i < 6; i++) {
        char name[24];
        struct batch *b;

        silent = places[i / 2];
        is_stale = i % 2;
        snprintf(name, sizeof(name), "rack-%d@1h", silent);
        b = tell(RACKS, is_stale ? 1 : 2);
        ck_assert(isnan(number_of(b, name, M_FORECAST_P)) == is_stale);
        batch_free(b);
        b = tell(RACKS, 2);
        ck_assert(isnan(number_of(b, name, M_FORECAST_P)));
        ck_assert(isnan(number_of(b, name, M_FORECAST_Q50)) &&
                  isnan(number_of(b, name, M_FORECAST_MAX_Q99)));
        *strchr(name, '@') = '\0';
        ck_assert(isnan(number_of(b, name, M_DOMAIN_P)));
        strcat(name, "@1h");
        ck_assert_ptr_nonnull(strstr(text_of(b, name, M_FORECAST_WHY), "no forecast"));
        ck_assert_ptr_nonnull(strstr(text_of(b, name, M_FORECAST_TRUSTED), "silent, "));
        batch_free(b);
        silent = 0;
        b = tell(RACKS, 1);
        ck_assert(!isnan(number_of(b, name, M_FORECAST_P)));
        batch_free(b);
    }
}
END_TEST

/* At a tenth above its rating this breaker is hot enough after 6^2 * 12 / 1.1^2 s.
 * Whoever forecasts it: its own forecaster, a line and the fleet. */
START_TEST(a_breaker_trips_when_it_has_been_hot_for_long_enough)
{
    static const struct {
        size_t racks, at;
        const char *method;
    } whose[] = { { 3, 2, "full" }, { 250, 90, "line" }, { 250, 150, "fleet" } };
    const size_t rack = whose[_i].at, trips = (size_t)ceil(432 / 1.21 / TREND_STEP_S);
    char in_1m[24], in_15m[24];
    struct batch *b;

    snprintf(in_1m, sizeof(in_1m), "rack-%zu@1m", rack);
    snprintf(in_15m, sizeof(in_15m), "rack-%zu@15m", rack);
    racks_protection = (struct protection){
        .kind = PROTECTION_I2T, .at = 6, .seconds = 12, .forget_s = 1200
    };
    for (size_t i = 0; i < whose[_i].racks; i++)
        level[i] = 38e3 - 40 * (double)i;
    batch_free(tell(whose[_i].racks, 394));
    for (int i = 0; i < 5; i++)     /* until all that have a forecaster have one */
        batch_free(tell(whose[_i].racks, 1));
    b = tell(whose[_i].racks, 1);
    ck_assert_str_eq(text_of(b, in_15m, M_FORECAST_METHOD), whose[_i].method);
    ck_assert_double_lt(number_of(b, in_15m, M_FORECAST_P), .05);
    batch_free(b);
    level[rack - 1] = 44e3;
    for (size_t i = 1; i <= trips + 2; i++) {
        double left = ((double)trips - (double)i) * TREND_STEP_S;

        b = tell(whose[_i].racks, 1);
        if (left >= 120)
            ck_assert_double_lt(number_of(b, in_1m, M_FORECAST_P), .05);
        if (i >= 12)
            ck_assert_double_gt(number_of(b, in_15m, M_FORECAST_P), .5);
        if (i >= 12 && i < trips)
            ck_assert_double_eq_tol(number_of(b, in_15m, M_FORECAST_TTB_P50), left, 45);
        if (i == 12)
            ck_assert_ptr_nonnull(
                strstr(text_of(b, in_15m, M_FORECAST_WHY), " kW; a breach in "));
        if (i == 1)
            ck_assert_ptr_nonnull(
                strstr(text_of(b, in_1m, M_FORECAST_WHY), " kW; no breach in sight"));
        if (i >= trips - 2)
            ck_assert_double_gt(number_of(b, in_1m, M_FORECAST_P), .5);
        if (i > trips)
            ck_assert_double_eq(number_of(b, in_1m, M_FORECAST_P), 1);
        batch_free(b);
    }
}
END_TEST

/* Every fourth step is above the rating, and cools down in those after it. */
START_TEST(noise_above_a_rating_trips_no_breaker)
{
    struct batch *b;

    racks_protection = (struct protection){
        .kind = PROTECTION_I2T, .at = 6, .seconds = 12, .forget_s = 1200
    };
    noise_w = 6000;
    level[1] = 38.5e3;
    b = tell(3, 480);
    ck_assert(has_forecaster(b, "rack-2@15m"));
    ck_assert_double_gt(number_of(b, "rack-2@15m", M_FORECAST_Q95), 40e3);
    ck_assert_double_lt(number_of(b, "rack-2@15m", M_FORECAST_P), .05);
    batch_free(b);
}
END_TEST

START_TEST(what_somebody_acted_on_is_not_judged)
{
    double scored, judged;
    struct batch *b;

    batch_free(tell(3, 400));
    for (int i = 0; i < 100; i++) {
        has_acted = i % 3 == 0;         /* in every window of a minute */
        batch_free(tell(3, 1));
    }
    has_acted = true;
    b = tell(3, 1);
    scored = number_of(b, "rack-2@1m", M_FORECAST_SCORED);
    judged = number_of(b, "rack-2@1m", M_FORECAST_HITS);
    ck_assert_double_gt(scored, 10);
    ck_assert(isnan(judged));
    batch_free(b);
}
END_TEST

START_TEST(a_clock_that_goes_back_begins_anew)
{
    struct batch *b;

    batch_free(tell(10, 200));
    now -= 86400;
    level[2] = 35e3;
    is_anew = true;
    b = tell(10, 100);
    ck_assert_double_eq_tol(number_of(b, "rack-3@5m", M_FORECAST_Q50), 35e3, 200);
    ck_assert_ptr_nonnull(
        strstr(text_of(b, "rack-3@24h", M_FORECAST_TRUSTED), "20 minutes"));
    batch_free(b);
}
END_TEST

static void remove_cache(const char *folder)
{
    static const char *const files[] = { "cache", "cache-wal", "cache-shm",
                                         "cache-writer" };
    char path[96];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

/* The records of all, with and without a forecaster. */
START_TEST(a_restart_forgets_no_record)
{
    enum { RACKS = 140 };
    char folder[] = "/tmp/desk_test_XXXXXX", path[64];
    struct inbox *notices = inbox_new(NULL);
    double scored[2] = { 0 };
    struct store *store;
    struct batch *b;
    struct err err;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/cache", folder);
    for (int run = 0; run < 2; run++) {
        store = store_open(path, STORE_WRITE, &err);
        ck_assert_msg(store != NULL, "%s", err.text);
        store_start(store, notices);
        desk_free(desk);
        desk = desk_new(path, store, .5);
        batch_free(tell(RACKS, run ? 1 : 100));
        for (int i = 0; i < (run ? 20 : 60); i++)
            batch_free(tell(RACKS, 1));
        b = tell(RACKS, 1);
        for (int k = 0; k < 2; k++) {
            double now_scored = number_of(b, k ? "rack-139@1m" : "rack-1@1m",
                                          M_FORECAST_SCORED);

            ck_assert_double_gt(now_scored, run ? scored[k] : 0);
            scored[k] = now_scored;
        }
        batch_free(b);
        desk_keep_all(desk);
        store_close(store);
    }
    inbox_free(notices);
    remove_cache(folder);
}
END_TEST

/* A clock that was wrong for an hour costs the hour, not what was learnt of weeks. */
START_TEST(a_clock_that_is_set_back_takes_nothing_of_what_was_learnt)
{
    double scored;
    struct batch *b;

    batch_free(tell(3, 400));
    for (int i = 0; i < 200; i++)
        batch_free(tell(3, 1));
    b = tell(3, 1);
    scored = number_of(b, "rack-2@1m", M_FORECAST_SCORED);
    ck_assert_double_gt(scored, 20);
    batch_free(b);
    now -= 3600;
    is_anew = true;
    batch_free(tell(3, 100));
    is_anew = false;
    for (int i = 0; i < 60; i++)
        batch_free(tell(3, 1));
    b = tell(3, 1);
    /* And it goes on at once, not when the old time has come again. */
    ck_assert_double_gt(number_of(b, "rack-2@1m", M_FORECAST_SCORED), scored + 5);
    batch_free(b);
}
END_TEST

/* More racks than forecasters: one that comes near its cap is given one, and goes on from
 * what the fleet said; whose it was goes on with the fleet, which has followed it. */
/* The rows of a batch as forecasts, by their place in it. */
static struct forecast *read_forecasts(const struct batch *b)
{
    static const struct {
        uint16_t metric;
        size_t at;
    } fields[] = {
        { M_FORECAST_HORIZON, offsetof(struct forecast, horizon_s) },
        { M_FORECAST_CAP, offsetof(struct forecast, cap_w) },
        { M_FORECAST_P, offsetof(struct forecast, p_breach) },
        { M_FORECAST_Q05, offsetof(struct forecast, q05) },
        { M_FORECAST_Q10, offsetof(struct forecast, q10) },
        { M_FORECAST_Q25, offsetof(struct forecast, q25) },
        { M_FORECAST_Q50, offsetof(struct forecast, q50) },
        { M_FORECAST_Q75, offsetof(struct forecast, q75) },
        { M_FORECAST_Q90, offsetof(struct forecast, q90) },
        { M_FORECAST_Q95, offsetof(struct forecast, q95) },
        { M_FORECAST_Q99, offsetof(struct forecast, q99) },
        { M_FORECAST_MAX_Q10, offsetof(struct forecast, max_q10) },
        { M_FORECAST_MAX_Q50, offsetof(struct forecast, max_q50) },
        { M_FORECAST_MAX_Q90, offsetof(struct forecast, max_q90) },
        { M_FORECAST_MAX_Q99, offsetof(struct forecast, max_q99) },
        { M_FORECAST_TTB_P10, offsetof(struct forecast, ttb_p10_s) },
        { M_FORECAST_TTB_P50, offsetof(struct forecast, ttb_p50_s) },
        { M_FORECAST_TTB_P90, offsetof(struct forecast, ttb_p90_s) },
    };
    struct forecast *f = xcalloc(b->entity_count + 1, sizeof(*f));

    for (size_t i = 0; i < b->entity_count; i++)
        for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++)
            *(double *)((char *)&f[i] + fields[k].at) = NAN;
    for (size_t i = 0; i < b->sample_count; i++)
        for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++)
            if (b->samples[i].metric == fields[k].metric)
                *(double *)((char *)&f[b->samples[i].entity] +
                            fields[k].at) = b->samples[i].number;
    return f;
}

/* Racks near their caps, below and above, by whatever method each is forecast: at no
 * moment does a window or a quantile say otherwise than a p. */
START_TEST(no_window_and_no_quantile_contradicts_a_p)
{
    enum { RACKS = 260, MOMENTS = 24 };
    size_t seen = 0, timed = 0;

    for (int i = 0; i < RACKS; i++)
        level[i] = 40.4e3 - 12 * i;
    batch_free(tell(RACKS, 90));
    for (int n = 0; n < MOMENTS; n++) {
        struct batch *b;
        struct forecast *f;

        for (int i = 0; i < RACKS; i++)
            level[i] += (i % 3 == 0 ? 60 : 0) + (chance() < .02 ? 800 : 0) -
                        (level[i] > 40.5e3 ? 900 : 0);
        b = tell(RACKS, 1);
        f = read_forecasts(b);
        for (size_t i = 0; i < b->entity_count; i++) {
            /* the first of its domain's rows */
            if (f[i].horizon_s != forecast_horizons[0])
                continue;
            ck_assert_msg(is_one_function_of_time(&f[i], FORECAST_HORIZONS, 1), "%s",
                          b->entities[i].name);
            ck_assert_msg(quantiles_agree(&f[i], FORECAST_HORIZONS, 1), "%s",
                          b->entities[i].name);
            seen++;
            timed += !isnan(f[i].ttb_p50_s);
        }
        free(f);
        batch_free(b);
    }
    ck_assert_uint_eq(seen, MOMENTS * (RACKS + 1));
    ck_assert_uint_gt(timed, 100);
}
END_TEST

START_TEST(who_changes_sides_goes_on)
{
    enum { RACKS = 140 };
    struct batch *before, *after;
    char out[24] = "";

    for (int i = 0; i < RACKS; i++)
        level[i] = 30e3 - 40 * i;
    batch_free(tell(RACKS, 40));
    before = tell(RACKS, 1);
    ck_assert(has_forecaster(before, "rack-1@5m"));
    ck_assert(!has_forecaster(before, "rack-140@5m"));
    for (int i = 0; i < 60; i++) {
        level[RACKS - 1] += 150;
        after = tell(RACKS, 1);
        if (has_forecaster(after, "rack-140@5m"))
            break;
        batch_free(before);
        before = after;
    }
    ck_assert(before != after);
    ck_assert_double_eq_tol(number_of(after, "rack-140@1m", M_FORECAST_Q50),
                            number_of(before, "rack-140@1m", M_FORECAST_Q50), 1200);
    for (int i = 1; i < RACKS && !*out; i++) {
        char name[24];

        snprintf(name, sizeof(name), "rack-%d@1m", i);
        if (!has_forecaster(after, name))
            memcpy(out, name, sizeof(out));
    }
    ck_assert_double_eq_tol(number_of(after, out, M_FORECAST_Q50),
                            number_of(before, out, M_FORECAST_Q50), 400);
    batch_free(before);
    batch_free(after);
}
END_TEST

static size_t forecasters_after(size_t racks, size_t steps)
{
    struct batch *b = tell(racks, steps);
    size_t count = 0;

    for (size_t i = 0; i < b->sample_count; i++)
        count += b->samples[i].metric == M_FORECAST_METHOD &&
                 strcmp(b->samples[i].text, "full") == 0;
    batch_free(b);
    return count / FORECAST_HORIZONS;
}

/* What a forecaster takes is a third of a megabyte: of a large site's memory the model
 * needs the rest. */
START_TEST(few_domains_have_a_forecaster_each_and_of_many_the_nearest)
{
    size_t few = forecasters_after(40, 1), many;

    ck_assert_uint_eq(few, 41);
    many = forecasters_after(MOST_RACKS, 1);
    ck_assert_uint_ge(many, 8);
    ck_assert_uint_le(many, 20);
}
END_TEST

/* To learn from two hours takes a forecaster 10 ms: nobody waits for forty of them. */
START_TEST(those_that_have_a_past_to_learn_from_come_a_dozen_a_round)
{
    ck_assert_uint_eq(forecasters_after(40, TREND_LENGTH), 12);
    ck_assert_uint_eq(forecasters_after(40, 1), 24);
    (void)forecasters_after(40, 1);
    ck_assert_uint_eq(forecasters_after(40, 1), 41);
}
END_TEST

START_TEST(the_others_learn_before_the_next_round)
{
    open_desk();
    (void)forecasters_after(40, TREND_LENGTH);
    while (desk_work(desk))
        ;
    ck_assert_uint_eq(forecasters_after(40, 1), 41);
}
END_TEST

static void set_levels(size_t racks, double watts)
{
    for (size_t i = 0; i < racks; i++)
        level[i] = watts - 5 * (double)i;
}

/* Racks that come from 10 kW back to their usual 35 kW, of a cap of 40 kW: also of the
 * many that are but one of a fleet. */
START_TEST(who_climbs_to_its_usual_height_is_not_said_to_pass_it)
{
    enum { RACKS = 150, CLIMB = 24 };
    struct batch *b = NULL;
    size_t fleet = 0;

    set_levels(RACKS, 35e3);
    batch_free(tell(RACKS, 240));
    set_levels(RACKS, 10e3);
    batch_free(tell(RACKS, 40));
    for (size_t up = 1; up <= 5; up++) {
        batch_free(b);
        set_levels(RACKS, 10e3 + 25e3 * (double)(4 * up) / CLIMB);
        b = tell(RACKS, 4);
        for (size_t i = 1; i <= RACKS; i++) {
            char name[24];

            snprintf(name, sizeof(name), "%s@1h", names[i]);
            if (!is_of_the_fleet(b, name))
                continue;
            ck_assert_msg(number_of(b, name, M_FORECAST_P) < .5, "%s: %g", name,
                          number_of(b, name, M_FORECAST_P));
            fleet++;
        }
    }
    batch_free(b);
    ck_assert_uint_gt(fleet, 10);
}
END_TEST

/* Racks that did the same for six hours, at heights 5 W apart: a fleet's own p falls by
 * and by. */
START_TEST(who_draws_less_of_the_same_cap_is_not_said_to_pass_it_rather)
{
    enum { RACKS = 180, SIX_HOURS = 1440 };
    struct batch *b;
    double least = 1;
    size_t fleet = 0;

    set_levels(RACKS, 39.4e3);
    batch_free(tell(RACKS, SIX_HOURS));
    b = tell(RACKS, 1);
    for (size_t i = 1; i <= RACKS; i++) {
        char name[24];
        double p;

        snprintf(name, sizeof(name), "%s@24h", names[i]);
        if (!is_of_the_fleet(b, name))
            continue;
        p = number_of(b, name, M_FORECAST_P);
        ck_assert_msg(p < least + 1e-3, "%s: %g, and who draws more %g", name, p, least);
        least = fmin(least, p);
        fleet++;
    }
    batch_free(b);
    ck_assert_uint_gt(fleet, 50);
}
END_TEST

/* A rack that was above its cap an hour ago, and of which a fleet says that a breach
 * comes soon or not at all: held against its past it is less likely, and when it comes is
 * as before. */
START_TEST(what_the_past_takes_from_a_p_leaves_the_time_to_a_breach)
{
    struct question q = { .name = "rack",
                          .kind = GW_DOMAIN,
                          .cap = { .watts = 40e3 },
                          .length = TREND_LENGTH,
                          .end = now,
                          .bound = { NAN, NAN, NAN, 0 } };
    struct series *s = series_new(&q, .5);
    struct forecast out[FORECAST_HORIZONS];
    float watts[TREND_LENGTH];

    for (size_t i = 0; i < TREND_LENGTH; i++)
        watts[i] = i == TREND_LENGTH / 2 ? 41e3f : 30e3f;
    series_take(s, &q, watts);
    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        out[h] = (struct forecast){ .horizon_s = forecast_horizons[h],
                                    .cap_w = 40e3,
                                    .p_breach = .8,
                                    .ttb_p10_s = 2,
                                    .ttb_p50_s = 10,
                                    .ttb_p90_s = 20 };
    series_forecast(s, now, out);
    ck_assert_double_lt(out[0].p_breach, .8);
    ck_assert_double_eq_tol(out[0].ttb_p10_s, 2, 1e-6);
    ck_assert_double_eq_tol(out[0].ttb_p50_s, 10, 1e-6);
    ck_assert_double_eq_tol(out[0].ttb_p90_s, 20, 1e-6);
    ck_assert(is_one_function_of_time(out, FORECAST_HORIZONS, 1));
    series_free(s);
}
END_TEST

enum { SWINGS = 300 };

/* Its past is what a random walk of sorts drew. */
static struct series *series_that_swings(float watts[SWINGS])
{
    struct question q = { .name = "r1",
                          .kind = GW_DOMAIN,
                          .cap = { .watts = NAN },
                          .length = SWINGS,
                          .end = SWINGS * TREND_STEP_S };
    struct series *s = series_new(&q, .5);
    uint32_t random = 1;

    ck_assert(isnan(series_swing(s, 900).watts));
    for (size_t i = 0; i < SWINGS; i++) {
        random = random * 1664525u + 1013904223u;
        watts[i] = random >> 28 == 0
                       ? NAN
                       : (float)(random >> 16) + (i > 200 ? 3000.F * (float)i : 0);
    }
    series_take(s, &q, watts);
    return s;
}

START_TEST(the_past_is_kept_within_a_four_thousandth_and_what_was_unknown_stays_so)
{
    float watts[SWINGS], kept[TREND_LENGTH + SERIES_SLACK];
    struct series *s = series_that_swings(watts);

    series_past(s, kept);
    ck_assert_uint_eq(s->count, SWINGS);
    for (size_t i = 0; i < SWINGS; i++)
        if (isnan(watts[i]))
            ck_assert(isnan(kept[i]));
        else
            ck_assert_float_le(fabsf(kept[i] - watts[i]), fmaxf(watts[i] / 4000, 2));
    series_free(s);
}
END_TEST

START_TEST(the_past_of_a_large_site_is_kept_as_well)
{
    const float watts[] = { 3, 4, 250, 2e6f, 2.3e9f, 1.7e10f, 4e10f };
    enum { COUNT = sizeof(watts) / sizeof(*watts) };
    struct question q = { .name = "site",
                          .kind = GW_SITE,
                          .cap = { .watts = NAN },
                          .length = COUNT,
                          .end = 1e9 };
    struct series *s = series_new(&q, .5);
    float kept[TREND_LENGTH + SERIES_SLACK];

    series_take(s, &q, watts);
    series_past(s, kept);
    for (size_t i = 0; i + 1 < COUNT; i++)
        ck_assert_float_le(fabsf(kept[i] - watts[i]), fmaxf(watts[i] / 4000, 2));
    /* more than all the world's power stations of today have on one site */
    ck_assert(isnan(kept[COUNT - 1]));
    series_free(s);
}
END_TEST

/* Against the plain way: every pair of samples that lie no further apart. */
START_TEST(the_largest_swing_is_that_of_any_two_samples_within_the_time)
{
    float watts[TREND_LENGTH + SERIES_SLACK];
    struct series *s = series_that_swings(watts);

    series_past(s, watts);
    for (size_t steps = 1; steps < 400; steps = 2 * steps + 1) {
        struct swing most = { NAN, NAN },
                     told = series_swing(s, (double)steps * TREND_STEP_S);

        for (size_t k = 0; k < s->count; k++)
            for (size_t i = k > steps ? k - steps : 0; i < k; i++)
                if (!isnan(watts[i]) && !isnan(watts[k]) &&
                    !((double)watts[k] - (double)watts[i] < most.watts))
                    most = (struct swing){ (double)watts[k] - (double)watts[i],
                                           (double)(s->count - 1 - k) * TREND_STEP_S };
        ck_assert_double_eq(told.watts, most.watts);
        ck_assert_double_eq(told.ago_s, most.ago_s);
    }
    series_free(s);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("desk");
    TCase *c = tcase_create("desk");
    SRunner *runner = srunner_create(s);
    int failed;

    suite_add_tcase(s, c);
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, thousands_are_all_forecast);
    tcase_add_test(c, who_climbs_to_its_usual_height_is_not_said_to_pass_it);
    tcase_add_test(c, who_draws_less_of_the_same_cap_is_not_said_to_pass_it_rather);
    tcase_add_test(c, what_the_past_takes_from_a_p_leaves_the_time_to_a_breach);
    tcase_add_test(
        c, the_past_is_kept_within_a_four_thousandth_and_what_was_unknown_stays_so);
    tcase_add_test(c, the_past_of_a_large_site_is_kept_as_well);
    tcase_add_test(c, the_largest_swing_is_that_of_any_two_samples_within_the_time);
    tcase_add_test(c, power_that_nobody_can_draw_is_said_to_be_left_out);
    tcase_add_test(c, what_is_not_known_yet_is_said_to_be_learnt);
    tcase_add_test(c, who_comes_later_is_told_its_whole_past);
    tcase_add_test(c, above_its_cap_it_is_certain);
    tcase_add_test(c, above_its_cap_before_the_step_is_over_it_is_certain_too);
    tcase_add_test(c, what_lasts_too_shortly_is_no_breach);
    tcase_add_test(c, no_more_is_foreseen_than_can_be_drawn_and_no_less);
    tcase_add_test(c, who_is_silent_is_not_forecast);
    tcase_add_loop_test(c, a_breaker_trips_when_it_has_been_hot_for_long_enough, 0, 3);
    tcase_add_test(c, noise_above_a_rating_trips_no_breaker);
    tcase_add_test(c, what_somebody_acted_on_is_not_judged);
    tcase_add_test(c, a_clock_that_goes_back_begins_anew);
    tcase_add_test(c, a_restart_forgets_no_record);
    tcase_add_test(c, a_clock_that_is_set_back_takes_nothing_of_what_was_learnt);
    tcase_add_test(c, no_window_and_no_quantile_contradicts_a_p);
    tcase_add_test(c, who_changes_sides_goes_on);
    tcase_add_test(c, few_domains_have_a_forecaster_each_and_of_many_the_nearest);
    tcase_add_test(c, those_that_have_a_past_to_learn_from_come_a_dozen_a_round);
    tcase_add_test(c, the_others_learn_before_the_next_round);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
