/* Charts, bars and sparklines, as pictures a reader can see. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "show/chart.h"

static void expect(struct grid *g, const char *picture)
{
    char *text = grid_to_text(g);

    ck_assert_str_eq(text, picture);
    free(text);
    grid_free(g);
}

START_TEST(a_rail_grows_by_half_cells)
{
    struct grid *g = grid_new(10, 6);

    chart_rail(g, 0, 0, 10, 0, STYLE_OK);
    chart_rail(g, 0, 1, 10, .01, STYLE_OK);
    chart_rail(g, 0, 2, 10, .5, STYLE_OK);
    chart_rail(g, 0, 3, 10, .999, STYLE_OK);
    chart_rail(g, 0, 4, 10, 1.7, STYLE_OK);
    chart_rail(g, 0, 5, 10, NAN, STYLE_OK);
    expect(g, "──────────\n"
              "╸─────────\n"
              "━━━━━─────\n"
              "━━━━━━━━━╸\n"
              "━━━━━━━━━━\n"
              "──────────\n");
}
END_TEST

START_TEST(a_rail_is_dotted_on_to_where_it_may_climb)
{
    struct grid *g = grid_new(10, 4);

    chart_rail_reaching(g, 0, 0, 10, .55, .8, STYLE_OK);
    chart_rail_reaching(g, 0, 1, 10, .5, 1.3, STYLE_OK);
    chart_rail_reaching(g, 0, 2, 10, .5, .2, STYLE_OK);
    chart_rail_reaching(g, 0, 3, 10, .5, NAN, STYLE_OK);
    ck_assert_int_eq(grid_at(g, 7, 0)->ink, STYLE_FAN_MIDDLE);
    expect(g, "━━━━━╍╍╍──\n"
              "━━━━━╍╍╍╍╍\n"
              "━━━━━─────\n"
              "━━━━━─────\n");
}
END_TEST

START_TEST(a_rail_without_room_is_none)
{
    struct grid *g = grid_new(20, 3);
    char *text;

    for (int cells = -4; cells <= 0; cells++) {
        chart_rail_reaching(g, 8, 0, cells, 2, NAN, STYLE_OK);
        chart_rail_reaching(g, 8, 1, cells, 2, .8, STYLE_OK);
        chart_rail_ends(g, 8, 2, cells, 2, .5, STYLE_OK, STYLE_FAINT);
    }
    text = grid_to_text(g);
    ck_assert_uint_eq(strspn(text, " \n"), strlen(text));
    free(text);
    grid_free(g);
}
END_TEST

START_TEST(a_rail_with_two_ends_leaves_between_them_what_is_neither)
{
    struct grid *g = grid_new(10, 6);

    chart_rail_ends(g, 0, 5, 10, .84, .16, STYLE_OK, STYLE_ATTENTION);
    chart_rail_ends(g, 0, 0, 10, .6, .2, STYLE_OK, STYLE_ATTENTION);
    chart_rail_ends(g, 0, 1, 10, .93, .07, STYLE_OK, STYLE_ATTENTION);
    chart_rail_ends(g, 0, 2, 10, 0, .01, STYLE_OK, STYLE_ATTENTION);
    chart_rail_ends(g, 0, 3, 10, 1, NAN, STYLE_OK, STYLE_ATTENTION);
    g->ascii = true;
    chart_rail_ends(g, 0, 4, 10, .5, .3, STYLE_OK, STYLE_ATTENTION);
    ck_assert_int_eq(grid_at(g, 9, 0)->ink, STYLE_ATTENTION);
    g->ascii = false;
    expect(g, "━━━━━━──╍╍\n"
              "━━━━━━━━━╍\n"
              "─────────╍\n"
              "━━━━━━━━━━\n"
              "=====--~~~\n"
              "━━━━━━━━╍╍\n");
}
END_TEST

START_TEST(a_signed_rail_grows_from_its_middle)
{
    struct grid *g = grid_new(9, 5);

    chart_rail_signed(g, 0, 0, 9, 1, STYLE_OK, STYLE_ATTENTION);
    chart_rail_signed(g, 0, 1, 9, -.4, STYLE_OK, STYLE_ATTENTION);
    chart_rail_signed(g, 0, 2, 9, 0, STYLE_OK, STYLE_ATTENTION);
    chart_rail_signed(g, 0, 3, 9, NAN, STYLE_OK, STYLE_ATTENTION);
    chart_rail_signed(g, 0, 4, 9, -.01, STYLE_OK, STYLE_ATTENTION);
    ck_assert_int_eq(grid_at(g, 5, 0)->ink, STYLE_ATTENTION);
    ck_assert_int_eq(grid_at(g, 3, 1)->ink, STYLE_OK);
    expect(g, "────│━━━━\n"
              "──╺━│────\n"
              "────│────\n"
              "────│────\n"
              "───╺│────\n");
}
END_TEST

START_TEST(a_bar_grows_by_eighths)
{
    struct grid *g = grid_new(10, 2);

    chart_bar(g, (struct rect){ 0, 0, 10, 2 }, .938, STYLE_ATTENTION);
    ck_assert_int_eq(grid_at(g, 9, 0)->paper, STYLE_TRACK);
    expect(g, "█████████▍\n█████████▍\n");
}
END_TEST

START_TEST(bars_and_rails_have_plain_characters_in_ascii)
{
    struct grid *g = grid_new(10, 3);
    const float values[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

    g->ascii = true;
    chart_bar(g, (struct rect){ 0, 0, 10, 1 }, .75, STYLE_OK);
    chart_rail(g, 0, 1, 10, .75, STYLE_OK);
    chart_spark(g, 0, 2, 10, values, 8, STYLE_OK);
    expect(g, "########..\n=======---\n  .:-==+*%\n");
}
END_TEST

START_TEST(a_spark_runs_from_its_lowest_to_its_highest)
{
    struct grid *g = grid_new(8, 1);
    const float values[] = { 100, 110, 120, 130, 140, 150, 160, 160 };

    chart_spark(g, 0, 0, 8, values, 8, STYLE_INFORMATION);
    expect(g, "▁▂▃▄▅▆▇▇\n");
}
END_TEST

START_TEST(a_spark_that_hardly_swings_lies_low)
{
    struct grid *g = grid_new(8, 1);
    const float values[] = { 100, 101, 100, 101, 100, 101, 100, 101 };

    chart_spark(g, 0, 0, 8, values, 8, STYLE_INFORMATION);
    expect(g, "▁▂▁▂▁▂▁▂\n");
}
END_TEST

START_TEST(a_spark_with_more_values_than_cells_shows_their_means)
{
    struct grid *g = grid_new(4, 3);
    const float values[] = { 0, 2, 10, 12, 20, 22, 36, 36 };
    const float gaps[] = { 1, NAN, 2, NAN };

    chart_spark(g, 0, 0, 4, values, 8, STYLE_INFORMATION);
    chart_spark(g, 0, 1, 4, gaps, 4, STYLE_INFORMATION);
    chart_spark(g, 0, 2, 4, NULL, 0, STYLE_INFORMATION);
    expect(g, "▁▃▄▇\n▁ ▇\n\n");
}
END_TEST

START_TEST(a_flat_spark_lies_low)
{
    struct grid *g = grid_new(4, 1);
    const float values[] = { 7, 7 };

    chart_spark(g, 0, 0, 4, values, 2, STYLE_INFORMATION);
    expect(g, "  ▁▁\n");
}
END_TEST

START_TEST(big_digits_can_be_read_from_afar)
{
    struct grid *g = grid_new(48, 5);

    ck_assert_int_eq(chart_digits(g, 0, 0, 1, STYLE_STRONG, "4.6"), 27);
    expect(g, "███   ███         █████████\n"
              "███   ███         ███\n"
              "█████████         █████████\n"
              "      ███         ███   ███\n"
              "      ███   ███   █████████\n");
}
END_TEST

/* 412 MW rising to 432 within the hour, under a cap of 440. */
static struct chart an_hour(float past[60], struct fan fan[2])
{
    for (int i = 0; i < 60; i++)
        past[i] = (float)(400e6 + i * .2e6);
    fan[0] = (struct fan){ 1800, 412e6, 414e6, 418e6, 422e6, 426e6, 430e6, 433e6 };
    fan[1] = (struct fan){ 3600, 414e6, 418e6, 426e6, 432e6, 438e6, 445e6, 450e6 };
    return (struct chart){ .past = past,
                           .past_count = 60,
                           .past_end = 50400,
                           .step_s = 60,
                           .fan = fan,
                           .fan_count = 2,
                           .past_s = 3600,
                           .ahead_s = 3600,
                           .cap = 440e6,
                           .unit = UNIT_W };
}

START_TEST(the_past_is_a_line_and_the_future_a_fan_under_the_cap)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct chart_note note = { 50400 + 600, "81201 starts", STYLE_INFORMATION };
    struct grid *g = grid_new(60, 12);

    c.notes = &note;
    c.note_count = 1;
    chart_draw(g, (struct rect){ 0, 0, 60, 12 }, &c);
    expect(g, "450                             ┊   ◂ 81201 starts         ▄\n"
              "                                ┊                      ▄▄██▀\n"
              "440 ╌ cap 440 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌\n"
              "                                ┊              ▄▄▀▀▀███▀▀▀██\n"
              "430                             ┊          ▄▄▀▀██▀▀▀████████\n"
              "                                ┊       ▄▄▀█▀▀██████████▀▀▀▀\n"
              "420                             ┊    ▄▀▀▀██████▀▀▀▀▀████████\n"
              "                                ┊▄▄▀▀▀▀▀▀▀██▀▀▀▀▀▀▀▀▀▀████▀▀\n"
              "410                   ⣀⣀⣀⠤⠤⠤⠒⠒⠒⠉┊\n"
              "          ⢀⣀⣀⠤⠤⠤⠔⠒⠒⠉⠉⠉          ┊\n"
              "400 ⠔⠒⠒⠊⠉⠉⠁                     ┊   ▴\n"
              " MW 13:00       13:30          now          14:30      15:00\n");
}
END_TEST

START_TEST(the_band_behind_the_cap_stays_in_sight)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct grid *g = grid_new(60, 12);

    chart_draw(g, (struct rect){ 0, 0, 60, 12 }, &c);
    ck_assert_int_eq(grid_at(g, 59, 2)->ink, STYLE_CRITICAL);
    ck_assert_int_eq(grid_at(g, 59, 2)->paper, grid_at(g, 58, 2)->paper);
    ck_assert_int_ge(grid_at(g, 59, 2)->paper, STYLE_FAN_OUTER);
    ck_assert_int_le(grid_at(g, 59, 2)->paper, STYLE_FAN_INNER);
    ck_assert_int_eq(grid_at(g, 40, 2)->paper, STYLE_NONE);
    grid_free(g);
}
END_TEST

/* The row of the first cell that is braille, in a column; -1: none. */
static int line_in(struct grid *g, int x)
{
    for (int y = 0; y < g->h; y++)
        if (grid_at(g, x, y)->point > 0x2800 && grid_at(g, x, y)->point <= 0x28ff)
            return y;
    return -1;
}

/* 31.3 and 32.6 of 32 kW, where a row is worth 5 kW. */
START_TEST(what_is_below_the_cap_stands_below_its_line_and_what_is_above_it_above)
{
    float past[60];
    struct chart c = { .past = past,
                       .past_count = 60,
                       .past_end = 50400,
                       .step_s = 60,
                       .past_s = 3600,
                       .ahead_s = 600,
                       .cap = 32e3,
                       .unit = UNIT_W };
    struct grid *g = grid_new(60, 9);
    char *text;
    int cap = 0;

    for (int i = 0; i < 60; i++)
        past[i] = i < 5 ? 0 : i < 30 ? 31.3e3F : 32.6e3F;
    chart_draw(g, (struct rect){ 0, 0, 60, 9 }, &c);
    text = grid_to_text(g);
    while (cap < 9 && grid_at(g, 6, cap)->point != 'a') /* of "cap" */
        cap++;
    ck_assert_msg(cap < 9 && line_in(g, 20) == cap + 1 && line_in(g, 40) == cap - 1 &&
                      grid_at(g, 1, cap)->point == ' ',
                  "%s", text);
    ck_assert_msg(strstr(text, " cap 32 ") && !strstr(text, "30 ╌"), "%s", text);
    free(text);
    grid_free(g);
}
END_TEST

START_TEST(what_has_no_room_for_its_words_is_marked_on_the_axis)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct chart_note notes[] = { { 50400 - 1800, "price 99 → 148", STYLE_INFORMATION },
                                  { 50400 + 1200, "a sentence that is much too long for any chart of this size", STYLE_INFORMATION } };
    struct grid *g = grid_new(60, 12);

    c.notes = notes;
    c.note_count = 2;
    g->ascii = true;
    chart_draw(g, (struct rect){ 0, 0, 60, 12 }, &c);
    ck_assert_int_eq(grid_at(g, 18, 10)->point, '^');
    ck_assert_int_eq(grid_at(g, 41, 10)->point, '^');
    grid_free(g);
}
END_TEST

START_TEST(a_chart_in_ascii_keeps_its_shape)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct grid *g = grid_new(60, 12);

    g->ascii = true;
    chart_draw(g, (struct rect){ 0, 0, 60, 12 }, &c);
    expect(g, "450                             :                          .\n"
              "                                :                      .....\n"
              "440 - cap 440 ----------------------------------------------\n"
              "                                :              .....::::::##\n"
              "430                             :          ....:::::########\n"
              "                                :       .:.:::##############\n"
              "420                             :    :.::###########::::::::\n"
              "                                :##:######::::::::::::......\n"
              "410                   ......'''':\n"
              "          ......:'''''          :\n"
              "400 :''''''                     :\n"
              " MW 13:00       13:30          now          14:30      15:00\n");
}
END_TEST

START_TEST(a_far_cap_is_named_at_the_edge)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct grid *g = grid_new(40, 6);

    c.cap = 900e6;
    c.fan_count = 0;
    c.ahead_s = 0;
    chart_draw(g, (struct rect){ 0, 0, 40, 6 }, &c);
    expect(g, "     cap 900 ↑                         ⢀\n"
              "410                          ⢀⣀⣀⠤⠤⠔⠒⠒⠊⠉⠁\n"
              "                   ⢀⣀⣀⡠⠤⠔⠒⠒⠉⠉⠁\n"
              "         ⢀⣀⣀⠤⠤⠔⠒⠒⠉⠉⠁\n"
              "400 ⠐⠒⠒⠊⠉⠁\n"
              " MW 13:00           13:30          14:00\n");
}
END_TEST

/* In rows between two labels at the left edge; -1: not as many everywhere. */
static int rows_between_ticks(struct grid *g)
{
    int last = -1, apart = 0;

    for (int y = 0; y < g->h - 1; y++) {
        bool is_tick = false;

        for (int x = 0; x < 5; x++)
            is_tick |= grid_at(g, x, y)->point != ' ' &&
                       grid_at(g, x, y)->ink == STYLE_FAINT;
        if (!is_tick)
            continue;
        if (last >= 0 && apart > 0 && y - last != apart)
            return -1;
        apart = last >= 0 ? y - last : apart;
        last = y;
    }
    return apart;
}

START_TEST(ticks_are_as_many_rows_apart_everywhere)
{
    float past[60];
    struct fan fan[2];

    for (int h = 8; h < 40; h++)
        for (double top = 411e6; top < 900e6; top *= 1.07) {
            struct chart c = an_hour(past, fan);
            struct grid *g = grid_new(60, h);

            c.cap = NAN;
            fan[1].q95 = top;
            chart_draw(g, (struct rect){ 0, 0, 60, h }, &c);
            ck_assert_msg(rows_between_ticks(g) >= 2, "%d rows to %.0f", h, top);
            grid_free(g);
        }
}
END_TEST

START_TEST(a_gap_stays_a_gap)
{
    float past[60];
    struct fan fan[2];
    struct chart c = an_hour(past, fan);
    struct grid *g = grid_new(40, 5);

    for (int i = 20; i < 40; i++)
        past[i] = NAN;
    c.cap = NAN;
    c.fan = NULL;
    c.fan_count = 0;
    c.ahead_s = 0;
    chart_draw(g, (struct rect){ 0, 0, 40, 5 }, &c);
    expect(g, "410                         ⢀⣀⣀⠤⠤⠤⠤⠒⠒⠒⠊⠉\n"
              "            ⣀⣀⣀⣀⠄\n"
              "400 ⠠⠒⠒⠒⠊⠉⠉⠉\n"
              "\n"
              " MW 13:00           13:30          14:00\n");
}
END_TEST

START_TEST(without_a_number_there_is_no_chart)
{
    float past[3] = { NAN, NAN, NAN };
    struct chart c = {
        .past = past, .past_count = 3, .past_end = 100, .step_s = 1, .past_s = 60
    };
    struct grid *g = grid_new(40, 2);

    chart_draw(g, (struct rect){ 0, 0, 40, 2 }, &c);
    chart_draw(g, (struct rect){ 0, 0, 3, 1 }, &c);
    expect(g, "\n\n");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chart");
    TCase *t = tcase_create("chart");
    SRunner *r;
    int failed;

    tcase_add_test(t, a_rail_grows_by_half_cells);
    tcase_add_test(t, a_rail_is_dotted_on_to_where_it_may_climb);
    tcase_add_test(t, a_rail_without_room_is_none);
    tcase_add_test(t, a_rail_with_two_ends_leaves_between_them_what_is_neither);
    tcase_add_test(t, a_signed_rail_grows_from_its_middle);
    tcase_add_test(t, a_bar_grows_by_eighths);
    tcase_add_test(t, bars_and_rails_have_plain_characters_in_ascii);
    tcase_add_test(t, a_spark_runs_from_its_lowest_to_its_highest);
    tcase_add_test(t, a_spark_with_more_values_than_cells_shows_their_means);
    tcase_add_test(t, a_spark_that_hardly_swings_lies_low);
    tcase_add_test(t, a_flat_spark_lies_low);
    tcase_add_test(t, big_digits_can_be_read_from_afar);
    tcase_add_test(t, the_band_behind_the_cap_stays_in_sight);
    tcase_add_test(t, the_past_is_a_line_and_the_future_a_fan_under_the_cap);
    tcase_add_test(t, what_is_below_the_cap_stands_below_its_line_and_what_is_above_it_above);
    tcase_add_test(t, what_has_no_room_for_its_words_is_marked_on_the_axis);
    tcase_add_test(t, a_chart_in_ascii_keeps_its_shape);
    tcase_add_test(t, a_far_cap_is_named_at_the_edge);
    tcase_add_test(t, ticks_are_as_many_rows_apart_everywhere);
    tcase_add_test(t, a_gap_stays_a_gap);
    tcase_add_test(t, without_a_number_there_is_no_chart);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
