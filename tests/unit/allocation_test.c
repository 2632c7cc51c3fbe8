/* Of a forecaster, a fleet and a record all memory is taken when they are made: no step
 * takes any. What a query engine answers is read as it arrives: however many series there
 * are, little is held. */
#include "forecast/fleet.h"
#include "forecast/forecaster.h"
#include "forecast/record.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

#include "tests/lib/heard.h"

/* Instruments have an allocator of their own, which cannot stand behind another. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
enum { IS_COUNTED = 0 };
#else
#include <malloc.h>

enum { IS_COUNTED = 1 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *old);
#endif

/* A compiler that knows malloc() takes it for granted that it counts nothing. */
static volatile size_t taken;
static volatile size_t held, most_held; /* bytes */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
static void *hold(void *room)
{
    taken++;
    held += malloc_usable_size(room);
    most_held = held > most_held ? held : most_held;
    return room;
}

void *malloc(size_t size)
{
    return hold(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return hold(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    held -= malloc_usable_size(old);
    return hold(__libc_realloc(old, size));
}

void free(void *old)
{
    held -= malloc_usable_size(old);
    __libc_free(old);
}
#endif

enum { STEPS = 1500, SERIES = 300 };

static const double step_s = 60, first = 1e9;

/* Swings, jumps and now and then nothing. */
static double power_at(int i, int series)
{
    return i % 97 == 13 ? NAN
                        : 1e6 + 1e5 * sin(i / 9. + series) + (i / 200 % 2 ? 2e5 : 0) +
                              1e3 * (i * 7919 % 13);
}

START_TEST(what_is_counted_is_counted)
{
    size_t before = taken, after;
    void *volatile one = malloc(100);

    after = taken;
    free(one);
    ck_assert_uint_eq(after - before, IS_COUNTED);
}
END_TEST

START_TEST(no_step_of_a_forecaster_takes_memory)
{
    const struct forecaster_options options = {
        .step_s = step_s,
        .horizons = { 60, 900, 3600 },
        .horizon_count = 3,
        .cap = { .watts = 1.25e6, .is_mean = true, .window_s = 300 }
    };
    const double caps[] = { 1.25e6, 1.3e6 };
    struct forecaster *f = forecaster_new(&options);
    struct forecast out[6] = { 0 };
    size_t before = taken, after;

    forecaster_watch(f, caps, 2);
    for (int i = 0; i < STEPS; i++) {
        forecaster_observe(f, first + step_s * i, power_at(i, 0));
        forecaster_make(f, first + step_s * i, caps, 2, out);
        if (i % 500 == 99)
            forecaster_acted(f);
    }
    after = taken;
    ck_assert(out[5].p_breach > 0);
    ck_assert_uint_eq(after, before);
    forecaster_free(f);
}
END_TEST

START_TEST(no_step_of_a_fleet_takes_memory)
{
    static struct forecast made[SERIES * FORECAST_HORIZONS];
    static float watts[SERIES];
    const struct forecast_cap cap = { .watts = 1.25e6 };
    struct fleet *f = fleet_new(SERIES, step_s);
    size_t before, after;

    for (size_t i = 0; i < SERIES; i++)
        fleet_set(f, i, &cap, NAN, NAN);
    before = taken;
    for (int i = 0; i < STEPS / 4; i++) {
        for (int s = 0; s < SERIES; s++)
            watts[s] = (float)power_at(i, s);
        fleet_observe(f, first + step_s * i, watts, SERIES);
        fleet_refresh(f);
        fleet_make(f, 0, SERIES, made);
    }
    after = taken;
    ck_assert(made[0].q50 > 0);
    ck_assert_uint_eq(after, before);
    fleet_free(f);
}
END_TEST

/* But the first, which makes the room to wait, of a domain that is silent none; and the
 * first breach that was announced. */
START_TEST(a_record_takes_memory_once_when_a_breach_was_announced)
{
    const struct record_options options = { .step_s = step_s,
                                            .horizons = { 60, 900 },
                                            .horizon_count = 2,
                                            .open = 40,
                                            .alarm_p = .5 };
    const float past[3] = { 1e6F, 1e6F, 1e6F };
    struct forecast said[2] = { { .horizon_s = 60,
                                  .cap_w = 1.25e6,
                                  .p_breach = .6,
                                  .q10 = 9e5,
                                  .q50 = 1e6,
                                  .q90 = 1.1e6,
                                  .q99 = 1.2e6 },
                                { .horizon_s = 900,
                                  .cap_w = 1.25e6,
                                  .p_breach = .3,
                                  .q10 = 8e5,
                                  .q50 = 1e6,
                                  .q90 = 1.2e6,
                                  .q99 = 1.3e6 } };
    struct record *r = record_new(&options);
    struct record_tally tally = { 0 };
    size_t before = taken, after;

    for (int i = 0; i < STEPS; i++) {
        before = i == 1 ? taken : before;
        record_observe(r, first + step_s * i, power_at(i, 0), power_at(i, 0) > 1.25e6);
        record_issue(r, said, past, 3);
        record_add(r, 0, &tally);
    }
    after = taken;
    ck_assert(tally.scored > 0);
    ck_assert(!isnan(record_lead(r, 0)));
    ck_assert_uint_eq(after, before + IS_COUNTED);
    record_free(r);
}
END_TEST

/* ---- a query engine ---- */

extern const struct gw_source promql_source;

enum { MANY_SERIES = IS_COUNTED ? 1000000 : 20000, PIECE = 16384, MOST_BYTES = 20000000 };

static size_t told_numbers;

static uint32_t no_entity(struct gw_out *out, enum gw_kind kind, const char *name,
                          size_t len, uint32_t parent)
{
    (void)out, (void)kind, (void)name, (void)len, (void)parent;
    return 0;
}

static void count_number(struct gw_out *out, uint32_t entity, size_t metric, double value)
{
    (void)out, (void)entity, (void)metric;
    told_numbers += value > 0;
}

static void no_text(struct gw_out *out, uint32_t entity, size_t metric, const char *text,
                    size_t len)
{
    (void)out, (void)entity, (void)metric, (void)text, (void)len;
}

/* So many series, as long as those of dcgm-exporter are, each of a GPU of its own. */
static int stream_series(size_t count, gw_piece *piece, void *arg)
{
    static char text[PIECE + 1024];
    size_t used = (size_t)snprintf(text, sizeof(text), "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[");

    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(
            text + used, sizeof(text) - used,
            "%s{\"metric\":{\"Hostname\":\"node-%06zu\",\"gpu\":\"%zu\",\"UUID\":\"GPU-%036zu\","
            "\"namespace\":\"team-%zu\",\"pod\":\"train-%zu\"},\"value\":[1795358944.5,\"%zu\"]}",
            i ? "," : "", i / 8, i % 8, i, i % 500, i / 64, 30 + i % 50);
        if (used < PIECE)
            continue;
        if (piece(arg, text, PIECE) == GW_FAILED)
            return GW_FAILED;
        used -= PIECE;
        memmove(text, text + PIECE, used);
    }
    used += (size_t)snprintf(text + used, sizeof(text) - used, "]}}");
    return piece(arg, text, used);
}

/* The temperature of all, and of some who holds them. */
static int stream(const struct gw_target *target, const char *path, const char *accept,
                  gw_piece *piece, void *arg, struct gw_reply *reply, struct gw_out *out)
{
    static const char names[] = "{\"status\":\"success\",\"data\":[\"DCGM_FI_DEV_GPU_TEMP\"]}";

    (void)target, (void)accept, (void)out;
    reply->status = 200;
    if (strstr(path, "__name__/values"))
        return piece(arg, names, sizeof(names) - 1);
    return stream_series(strstr(path, "hpc_job")    ? MANY_SERIES / 20
                         : strstr(path, "GPU_TEMP") ? MANY_SERIES
                                                    : 0,
                         piece, arg);
}

START_TEST(a_million_series_are_read_in_less_than_20_MB)
{
    static const struct heard_option gpus[] = { { "detail", "gpus" }, { 0 } };
    struct gw_out *out = heard_new(&promql_source, "engine", gpus);
    struct gw_api api = heard_api;
    size_t before = held;

    api.entity = no_entity;
    api.number = api.estimate = count_number;
    api.text = no_text;
    api.get_pieces = stream;
    out->clock = 1795358944;
    out->target.no_stream = true;
    most_held = held;
    ck_assert_msg(promql_source.poll(&api, &out->target, out) == GW_DONE, "%s",
                  out->failure);
    ck_assert_uint_ge(told_numbers, MANY_SERIES);
    ck_assert_uint_ge(most_held - before, IS_COUNTED);
    ck_assert_uint_lt(most_held - before, MOST_BYTES);
    heard_free(out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allocation");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, claims);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, what_is_counted_is_counted);
    tcase_add_test(claims, no_step_of_a_forecaster_takes_memory);
    tcase_add_test(claims, no_step_of_a_fleet_takes_memory);
    tcase_add_test(claims, a_record_takes_memory_once_when_a_breach_was_announced);
    tcase_add_test(claims, a_million_series_are_read_in_less_than_20_MB);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
