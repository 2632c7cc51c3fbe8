/* Of a forecaster, a fleet and a record all memory is taken when they are made: no step takes any. */
#include "forecast/fleet.h"
#include "forecast/forecaster.h"
#include "forecast/record.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Instruments have an allocator of their own, which cannot stand behind another. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
enum { IS_COUNTED = 0 };
#else
enum { IS_COUNTED = 1 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
#endif

static size_t taken;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
void *malloc(size_t size)
{
    taken++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    taken++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    taken++;
    return __libc_realloc(old, size);
}
#endif

enum { STEPS = 1500, SERIES = 300 };

static const double step_s = 60, first = 1e9;

/* Swings, jumps and now and then nothing. */
static double power_at(int i, int series)
{
    return i % 97 == 13 ? NAN : 1e6 + 1e5 * sin(i / 9. + series) + (i / 200 % 2 ? 2e5 : 0) + 1e3 * (i * 7919 % 13);
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
    const struct forecaster_options options = { .step_s = step_s, .horizons = { 60, 900, 3600 }, .horizon_count = 3,
                                                .cap = { .watts = 1.25e6, .is_mean = true, .window_s = 300 } };
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

START_TEST(no_step_of_a_record_takes_memory)
{
    const struct record_options options = { .step_s = step_s, .horizons = { 60, 900 }, .horizon_count = 2, .open = 40,
                                            .alarm_p = .5 };
    const float past[3] = { 1e6F, 1e6F, 1e6F };
    struct forecast said[2] = { { .horizon_s = 60, .cap_w = 1.25e6, .p_breach = .6, .q10 = 9e5, .q50 = 1e6, .q90 = 1.1e6, .q99 = 1.2e6 },
                                { .horizon_s = 900, .cap_w = 1.25e6, .p_breach = .3, .q10 = 8e5, .q50 = 1e6, .q90 = 1.2e6, .q99 = 1.3e6 } };
    struct record *r = record_new(&options);
    struct record_tally tally = { 0 };
    size_t before = taken, after;

    for (int i = 0; i < STEPS; i++) {
        record_observe(r, first + step_s * i, power_at(i, 0), power_at(i, 0) > 1.25e6);
        record_issue(r, said, past, 3);
        record_add(r, 0, &tally);
    }
    after = taken;
    ck_assert(tally.scored > 0);
    ck_assert_uint_eq(after, before);
    record_free(r);
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
    tcase_add_test(claims, no_step_of_a_record_takes_memory);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
