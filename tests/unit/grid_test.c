/* What is drawn into a grid, seen as text. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "show/grid.h"

static void expect(struct grid *g, const char *picture)
{
    char *text = grid_to_text(g);

    ck_assert_str_eq(text, picture);
    free(text);
    grid_free(g);
}

START_TEST(a_box_has_round_corners_and_its_key_at_the_right)
{
    struct grid *g = grid_new(24, 3);
    struct rect in = grid_box(g, (struct rect){ 0, 0, 24, 3 }, "power", "2");

    grid_text(g, in.x, in.y, in.w, STYLE_TEXT, "feed-A");
    ck_assert_int_eq(in.w, 20);
    ck_assert_int_eq(grid_at(g, 3, 0)->ink, STYLE_ACCENT);
    ck_assert_int_eq(grid_at(g, 4, 0)->ink, STYLE_STRONG);
    ck_assert(grid_at(g, 4, 0)->bold);
    expect(g, "╭─ power ────────── 2 ─╮\n"
              "│ feed-A               │\n"
              "╰──────────────────────╯\n");
}
END_TEST

START_TEST(a_narrow_box_gives_up_its_key_and_then_its_title)
{
    struct grid *g = grid_new(12, 4);

    grid_box(g, (struct rect){ 0, 0, 12, 2 }, "power", "2");
    grid_box(g, (struct rect){ 0, 2, 9, 2 }, "forecast", NULL);
    expect(g, "╭─ power ──╮\n"
              "╰──────────╯\n"
              "╭─ fo… ─╮\n"
              "╰───────╯\n");
}
END_TEST

START_TEST(a_box_without_room_draws_nothing)
{
    struct grid *g = grid_new(3, 1);
    struct rect in = grid_box(g, (struct rect){ 0, 0, 1, 1 }, "power", "2");

    ck_assert_int_eq(in.w, 0);
    ck_assert_int_eq(in.h, 0);
    expect(g, "\n");
}
END_TEST

START_TEST(a_time_is_shortened_before_it_is_cut)
{
    struct grid *g = grid_new(34, 2);

    grid_sentence(g, 0, 0, 34, STYLE_TEXT,
                  "may pass 32 kW between 20:53 and 21:10: 2.44 kW free");
    grid_sentence(g, 0, 1, 34, STYLE_TEXT, "may pass 32 kW between two and three feeds");
    expect(g, "may pass 32 kW 20:53–21:10\n"
              "may pass 32 kW between two and th…\n");
}
END_TEST

START_TEST(cut_text_ends_in_an_ellipsis)
{
    struct grid *g = grid_new(10, 4);

    ck_assert_int_eq(grid_text(g, 0, 0, 6, STYLE_TEXT, "sovereign"), 6);
    ck_assert_int_eq(grid_text(g, 0, 1, 9, STYLE_TEXT, "sovereign"), 9);
    ck_assert_int_eq(grid_text(g, 5, 2, -1, STYLE_TEXT, "sovereign"), 5);
    ck_assert_int_eq(grid_text(g, 0, 3, 0, STYLE_TEXT, "sovereign"), 0);
    expect(g, "sover…\nsovereign\n     sove…\n\n");
}
END_TEST

START_TEST(a_sentence_loses_whole_clauses_first)
{
    static const char why[] = "may pass 1 kW in 2 min: 3 W free, rising";
    struct grid *g = grid_new(40, 4);

    ck_assert_int_eq(grid_sentence(g, 0, 0, -1, STYLE_TEXT, why), 40);
    ck_assert_int_eq(grid_sentence(g, 0, 1, 39, STYLE_TEXT, why), 32);
    ck_assert_int_eq(grid_sentence(g, 0, 2, 30, STYLE_TEXT, why), 22);
    ck_assert_int_eq(grid_sentence(g, 0, 3, 10, STYLE_TEXT, why), 10);
    expect(g, "may pass 1 kW in 2 min: 3 W free, rising\n"
              "may pass 1 kW in 2 min: 3 W free\nmay pass 1 kW in 2 min\nmay pass …\n");
}
END_TEST

START_TEST(wide_characters_take_two_cells)
{
    struct grid *g = grid_new(6, 3);

    ck_assert_int_eq(grid_text(g, 0, 0, -1, STYLE_TEXT, "日本a"), 5);
    ck_assert_int_eq(grid_text(g, 0, 1, 4, STYLE_TEXT, "日本語"), 3);
    ck_assert_uint_eq(grid_at(g, 1, 0)->point, 0);
    grid_put(g, 5, 2, STYLE_TEXT, 0x65e5);
    expect(g, "日本a\n日…\n\n");
}
END_TEST

START_TEST(half_a_wide_character_is_never_left)
{
    struct grid *g = grid_new(6, 2);

    grid_text(g, 0, 0, -1, STYLE_TEXT, "日本");
    grid_put(g, 1, 0, STYLE_TEXT, 'x');
    grid_text(g, 0, 1, -1, STYLE_TEXT, "日本");
    grid_put(g, 2, 1, STYLE_TEXT, 'y');
    expect(g, " x本\n日y\n");
}
END_TEST

START_TEST(right_aligned_text_ends_at_its_edge)
{
    struct grid *g = grid_new(8, 2);

    grid_right(g, 0, 0, 8, STYLE_TEXT, "412.6");
    grid_right(g, 0, 1, 4, STYLE_TEXT, "412.6");
    expect(g, "   412.6\n412…\n");
}
END_TEST

START_TEST(nothing_is_drawn_outside)
{
    struct grid *g = grid_new(4, 2);

    grid_text(g, -3, 0, -1, STYLE_TEXT, "abcdefghij");
    grid_text(g, 0, -1, -1, STYLE_TEXT, "above");
    grid_text(g, 0, 2, -1, STYLE_TEXT, "below");
    grid_text(g, 9, 1, -1, STYLE_TEXT, "right");
    grid_put(g, -1, 1, STYLE_TEXT, 0x65e5);
    grid_paper(g, (struct rect){ -2, -2, 99, 99 }, STYLE_BAND);
    grid_box(g, (struct rect){ 10, 10, 5, 5 }, "out", "x");
    ck_assert_ptr_null(grid_at(g, 4, 0));
    ck_assert_ptr_null(grid_at(g, 0, -1));
    ck_assert_int_eq(grid_at(g, 3, 1)->paper, STYLE_BAND);
    expect(g, "def…\n\n");
}
END_TEST

START_TEST(text_keeps_the_paper_it_is_written_on)
{
    struct grid *g = grid_new(3, 1);

    grid_paper(g, (struct rect){ 0, 0, 3, 1 }, STYLE_SELECTED);
    grid_text(g, 0, 0, -1, STYLE_OK, "n14");
    ck_assert_int_eq(grid_at(g, 1, 0)->paper, STYLE_SELECTED);
    ck_assert_int_eq(grid_at(g, 1, 0)->ink, STYLE_OK);
    grid_free(g);
}
END_TEST

START_TEST(in_ascii_every_character_is_below_127)
{
    struct grid *g = grid_new(24, 4);

    g->ascii = true;
    grid_box(g, (struct rect){ 0, 0, 24, 4 }, "at risk", "why");
    grid_text(g, 2, 1, -1, STYLE_TEXT, "● ◐ ○ · ▲ ✓ — … │ ▾ ▸");
    grid_text(g, 2, 2, -1, STYLE_TEXT, "±3 ━╸─ ⠉⣀⣿ 日 ₩");
    for (int y = 0; y < g->h; y++)
        for (int x = 0; x < g->w; x++)
            ck_assert(grid_at(g, x, y)->point >= 32 && grid_at(g, x, y)->point < 127);
    expect(g, "+- at risk ------ why -+\n"
              "| o ~ x . ! v - . | v >|\n"
              "| ~3 =-- '.: ?? ?      |\n"
              "+----------------------+\n");
}
END_TEST

START_TEST(a_map_keeps_its_steps_in_ascii)
{
    struct grid *g = grid_new(13, 1);

    g->ascii = true;
    for (int i = 0; i < 10; i++)
        grid_put(g, i, 0, (enum style)(STYLE_HEAT0 + i), 0x2580);
    for (int i = 0; i < 3; i++)
        grid_put(g, 10 + i, 0, (enum style)(STYLE_FAN_OUTER + i), 0x2588);
    expect(g, " .:-=+*#%@.:#\n");
}
END_TEST

START_TEST(resizing_clears)
{
    struct grid *g = grid_new(4, 1);

    grid_text(g, 0, 0, -1, STYLE_TEXT, "old");
    grid_resize(g, 6, 2);
    ck_assert_int_eq(g->w, 6);
    expect(g, "\n\n");
}
END_TEST

START_TEST(a_grid_without_cells_is_harmless)
{
    struct grid *g = grid_new(0, -3);

    grid_text(g, 0, 0, -1, STYLE_TEXT, "x");
    grid_box(g, (struct rect){ 0, 0, 10, 10 }, "x", "y");
    expect(g, "");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grid");
    TCase *t = tcase_create("grid");
    SRunner *r;
    int failed;

    tcase_add_test(t, a_box_has_round_corners_and_its_key_at_the_right);
    tcase_add_test(t, a_narrow_box_gives_up_its_key_and_then_its_title);
    tcase_add_test(t, a_box_without_room_draws_nothing);
    tcase_add_test(t, a_time_is_shortened_before_it_is_cut);
    tcase_add_test(t, cut_text_ends_in_an_ellipsis);
    tcase_add_test(t, a_sentence_loses_whole_clauses_first);
    tcase_add_test(t, wide_characters_take_two_cells);
    tcase_add_test(t, half_a_wide_character_is_never_left);
    tcase_add_test(t, right_aligned_text_ends_at_its_edge);
    tcase_add_test(t, nothing_is_drawn_outside);
    tcase_add_test(t, text_keeps_the_paper_it_is_written_on);
    tcase_add_test(t, in_ascii_every_character_is_below_127);
    tcase_add_test(t, a_map_keeps_its_steps_in_ascii);
    tcase_add_test(t, resizing_clears);
    tcase_add_test(t, a_grid_without_cells_is_harmless);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
