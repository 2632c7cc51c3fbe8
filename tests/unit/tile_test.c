/* Tiles: what goes in comes out, within the bound that tile.h promises. */
#include "store/tile.h"
#include "tests/lib/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float in[TILE_SERIES * TILE_TICKS], out[TILE_SERIES * TILE_TICKS];
static uint8_t blob[TILE_ROOM];

static void forget(void)
{
    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = NAN;
}

/* Small, seeded, the same everywhere. */
static double chance(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (double)(x >> 11) / 9007199254740992.0;
}

static void assert_close(const float *series_in, const float *series_out)
{
    double largest = 0;

    for (int i = 0; i < TILE_TICKS; i++)
        if (!isnan(series_in[i]))
            largest = fmax(largest, fabs((double)series_in[i]));
    for (int i = 0; i < TILE_TICKS; i++) {
        double bound = fmax(1.0 / 16, ldexp(largest, -15));

        ck_assert_int_eq(isnan(series_in[i]) != 0, isnan(series_out[i]) != 0);
        if (!isnan(series_in[i]))
            ck_assert_double_le(fabs((double)series_in[i] - (double)series_out[i]),
                                bound);
    }
}

static size_t there_and_back(void)
{
    size_t len = tile_encode(blob, in, TILE_SERIES);
    float one[TILE_TICKS];

    ck_assert_uint_le(len, TILE_ROOM);
    ck_assert_int_eq(tile_decode(blob, len, out), 0);
    for (size_t s = 0; s < TILE_SERIES; s++) {
        assert_close(in + s * TILE_TICKS, out + s * TILE_TICKS);
        ck_assert_int_eq(tile_decode_series(blob, len, s, one), 0);
        ck_assert_mem_eq(one, out + s * TILE_TICKS, sizeof(one));
    }
    return len;
}

START_TEST(power_comes_back_within_the_bound)
{
    for (size_t s = 0; s < TILE_SERIES; s++) {
        double watts = pow(10, chance() * 9);

        for (int i = 0; i < TILE_TICKS; i++)
            in[s * TILE_TICKS + (size_t)i] = (float)(watts * (1 + 0.2 * chance()));
    }
    there_and_back();
}
END_TEST

START_TEST(gaps_stay_gaps)
{
    forget();
    for (size_t s = 0; s < TILE_SERIES; s += 2)
        for (int i = 0; i < TILE_TICKS; i++)
            if (chance() < s / 256.0)
                in[s * TILE_TICKS + (size_t)i] = (float)(chance() * 1e6);
    there_and_back();
}
END_TEST

START_TEST(one_known_value_is_enough)
{
    forget();
    in[5 * TILE_TICKS + 119] = 412.6f;
    in[6 * TILE_TICKS] = 0;
    there_and_back();
}
END_TEST

START_TEST(what_is_not_a_number_of_watts_is_unknown)
{
    float one[TILE_TICKS];
    size_t len;

    forget();
    in[0] = INFINITY;
    in[1] = -INFINITY;
    in[2] = 3;
    len = tile_encode(blob, in, 1);
    ck_assert_int_eq(tile_decode_series(blob, len, 0, one), 0);
    ck_assert(isnan(one[0]) && isnan(one[1]));
    ck_assert_float_eq(one[2], 3);
}
END_TEST

START_TEST(extreme_numbers_survive)
{
    forget();
    for (int i = 0; i < TILE_TICKS; i++) {
        in[i] = i % 2 ? 3.4e38f : -3.4e38f;
        in[TILE_TICKS + i] = i % 2 ? 1e-30f : -1e-30f;
        in[2 * TILE_TICKS + i] = (float)i * 1e10f;
        in[3 * TILE_TICKS + i] = i % 2 ? 4095.9f : -4095.9f;
    }
    there_and_back();
}
END_TEST

START_TEST(flat_series_take_next_to_nothing)
{
    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = 5200;
    ck_assert_uint_lt(there_and_back(), TILE_SERIES * 10);
}
END_TEST

START_TEST(a_ramp_takes_no_more_than_its_steps)
{
    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = 1000 + (float)(i % TILE_TICKS) * 8;
    ck_assert_uint_lt(there_and_back(), TILE_SERIES * 14);
}
END_TEST

START_TEST(series_the_tile_lacks_are_unknown)
{
    float one[TILE_TICKS];
    size_t len;

    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = 7;
    len = tile_encode(blob, in, 3);
    ck_assert_int_eq(tile_decode(blob, len, out), 0);
    ck_assert_float_eq(out[2 * TILE_TICKS], 7);
    ck_assert(isnan(out[3 * TILE_TICKS]));
    ck_assert_int_eq(tile_decode_series(blob, len, 200, one), 0);
    ck_assert(isnan(one[0]));
}
END_TEST

START_TEST(a_cut_tile_is_refused_wherever_it_is_cut)
{
    size_t len;

    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = (float)(chance() * 1000);
    len = tile_encode(blob, in, 4);
    for (size_t cut = 0; cut < len; cut++)
        ck_assert_int_eq(tile_decode(blob, cut, out), -1);
}
END_TEST

START_TEST(any_changed_byte_is_survived)
{
    size_t len;
    float one[TILE_TICKS];

    for (size_t i = 0; i < TILE_SERIES * TILE_TICKS; i++)
        in[i] = chance() < 0.1 ? NAN : (float)(chance() * 1000);
    len = tile_encode(blob, in, 8);
    for (size_t at = 0; at < len; at++) {
        blob[at] ^= 0xff;
        (void)tile_decode(blob, len, out);
        (void)tile_decode_series(blob, len, 7, one);
        blob[at] ^= 0xff;
    }
    ck_assert_int_eq(tile_decode(blob, len, out), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tile");
    TCase *tile = tcase_create("tile");
    SRunner *runner;
    int failed;

    tcase_add_test(tile, power_comes_back_within_the_bound);
    tcase_add_test(tile, gaps_stay_gaps);
    tcase_add_test(tile, one_known_value_is_enough);
    tcase_add_test(tile, what_is_not_a_number_of_watts_is_unknown);
    tcase_add_test(tile, extreme_numbers_survive);
    tcase_add_test(tile, flat_series_take_next_to_nothing);
    tcase_add_test(tile, a_ramp_takes_no_more_than_its_steps);
    tcase_add_test(tile, series_the_tile_lacks_are_unknown);
    tcase_add_test(tile, a_cut_tile_is_refused_wherever_it_is_cut);
    tcase_add_test(tile, any_changed_byte_is_survived);
    suite_add_tcase(suite, tile);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
