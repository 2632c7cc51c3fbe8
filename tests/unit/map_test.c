/* The map: what stands where, and how it fits. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/map.h"

static struct model *site;
static struct map *map;

/* Halls of rows of racks, a node each of two GPUs; rack h1-r01-k02 is missing. Every
 * second hall has so many rows. */
static void build_uneven(int halls, int rows, int racks, int other_rows)
{
    struct batch *b = batch_new(BATCH_POLL, "test", 1000);
    char name[64];

    for (int h = 1; h <= halls; h++) {
        uint32_t hall;

        snprintf(name, sizeof(name), "hall-%d", h);
        hall = batch_entity(b, GW_DOMAIN, name, strlen(name), GW_NONE);
        batch_text(b, hall, M_DOMAIN_TYPE, "hall", 4);
        for (int r = 1; r <= (h % 2 ? rows : other_rows); r++)
            for (int k = 1; k <= racks; k++) {
                uint32_t rack, node, gpu;

                if (h == 1 && r == 1 && k == 2)
                    continue;
                snprintf(name, sizeof(name), "h%d-r%02d-k%02d", h, r, k);
                rack = batch_entity(b, GW_DOMAIN, name, strlen(name), hall);
                batch_text(b, rack, M_DOMAIN_TYPE, "rack", 4);
                batch_number(b, rack, M_DOMAIN_METER, 50e3, GW_OK);
                snprintf(name, sizeof(name), "h%d-r%02d-k%02d-n1", h, r, k);
                node = batch_entity(b, GW_NODE, name, strlen(name), rack);
                for (int g = 0; g < 2; g++) {
                    snprintf(name, sizeof(name), "h%d-r%02d-k%02d-n1/%d", h, r, k, g);
                    gpu = batch_entity(b, GW_GPU, name, strlen(name), node);
                    batch_text(b, gpu, M_GPU_TENANT, k % 2 ? "odd" : "even",
                               k % 2 ? 3 : 4);
                }
            }
    }
    batch_entity(b, GW_TENANT, "odd", 3, GW_NONE);
    batch_entity(b, GW_TENANT, "even", 4, GW_NONE);
    model_apply(site, b);
    batch_free(b);
    model_settle(site, 1000);
}

static void build(int halls, int rows, int racks)
{
    build_uneven(halls, rows, racks, rows);
}

static void set_up(void)
{
    site = model_new("test");
    map = map_new();
}

static void tear_down(void)
{
    map_free(map);
    model_free(site);
}

static void survey(int w, int h, bool plain)
{
    map_survey(map, site, (struct row){ GW_SITE, GW_NONE });
    map_lay_out(map, (struct rect){ 0, 0, w, h }, plain);
}

static size_t item_of(const char *rack)
{
    return map_find(map, model_find(site, GW_DOMAIN, rack));
}

START_TEST(a_rack_keeps_its_place_when_its_neighbour_is_missing)
{
    struct rect third, other;

    build(2, 3, 6);
    survey(120, 30, false);
    third = map_cell(map, item_of("h1-r01-k03"));
    other = map_cell(map, item_of("h1-r02-k03"));
    ck_assert_int_eq(third.x, other.x);
    ck_assert_int_gt(other.y, third.y);
}
END_TEST

START_TEST(halls_are_boxes_and_rows_are_lines)
{
    build(3, 4, 5);
    survey(120, 30, false);
    ck_assert_uint_eq(map->group_count, 3);
    ck_assert_uint_eq(map->line_count, 12);
    ck_assert_str_eq(map->lines[0].label, "r01");
    ck_assert_uint_eq(map->count, 3 * 4 * 5 - 1);
}
END_TEST

/* No two items in one cell, none outside its box, whatever the size: unless they share a
 * cell on purpose. */
static void check_places(int w, int h, bool plain)
{
    unsigned char *taken = calloc((size_t)w * 2 * (size_t)h, 1);

    survey(w, h, plain);
    for (size_t i = 0; i < map->count; i++) {
        struct rect at = map_cell(map, i),
                    in = map->groups[map->lines[map->items[i].line].group].in;
        unsigned char *cell = &taken[(size_t)at.y * (size_t)w + (size_t)at.x];

        ck_assert_int_ge(at.x, in.x);
        ck_assert_int_le(at.x + at.w, in.x + in.w);
        ck_assert_int_ge(at.y, 2 * in.y);
        ck_assert_int_le(at.y + at.h, 2 * (in.y + in.h));
        if (map->share == 1)
            ck_assert_int_eq(*cell, 0);
        *cell = 1;
    }
    free(taken);
}

START_TEST(every_item_has_a_cell_of_its_own_inside_its_box)
{
    build(4, 9, 24);
    for (int w = 40; w <= 240; w += 25)
        for (int h = 14; h <= 60; h += 9) {
            check_places(w, h, false);
            check_places(w, h, true);
        }
}
END_TEST

START_TEST(ten_thousand_racks_fit_on_a_screen_of_240x60)
{
    build(10, 40, 25);
    ck_assert_uint_ge(model_rows(site, GW_DOMAIN), 10000);
    survey(240, 55, false);
    ck_assert_uint_eq(map->share, 1);
    ck_assert_int_gt(map->groups[9].area.w, 0);
}
END_TEST

/* Each as high as the fullest beside it, they would not fit with a line for a row. */
START_TEST(halls_of_different_sizes_take_what_they_need_and_rows_stay_lines)
{
    struct rect first, other;

    build_uneven(18, 15, 24, 32);
    survey(240, 51, false);
    ck_assert_uint_eq(map->share, 1);
    ck_assert(!map->flows);
    ck_assert_int_gt(map->groups[17].labels, 0);
    ck_assert_int_lt(map->groups[0].area.h, map->groups[1].area.h);
    first = map_cell(map, item_of("h2-r03-k05"));
    other = map_cell(map, item_of("h2-r04-k05"));
    ck_assert_int_eq(first.x, other.x);
    ck_assert_int_eq(first.y + first.h, other.y);
    check_places(240, 51, false);
}
END_TEST

START_TEST(boxes_that_fit_beside_each_other_are_aligned)
{
    build_uneven(2, 3, 6, 5);
    survey(120, 30, false);
    if (map->groups[0].area.y == map->groups[1].area.y)
        ck_assert_int_eq(map->groups[0].area.h, map->groups[1].area.h);
    else
        ck_assert_int_ge(map->groups[1].area.y,
                         map->groups[0].area.y + map->groups[0].area.h);
}
END_TEST

START_TEST(where_there_is_no_room_a_cell_is_the_worst_of_several)
{
    build(4, 20, 25);
    survey(60, 14, false);
    ck_assert_uint_gt(map->share, 1);
}
END_TEST

START_TEST(what_is_chosen_of_several_is_what_is_seen)
{
    size_t first = SIZE_MAX, second = SIZE_MAX;
    struct rect at = { 0 };

    build(4, 20, 25);
    survey(60, 14, false);
    for (size_t i = 0; i < map->count && second == SIZE_MAX; i++) {
        struct rect cell = map_cell(map, i);

        if (first != SIZE_MAX && cell.x == at.x && cell.y == at.y) {
            second = i;
        } else {
            first = i;
            at = cell;
        }
    }
    ck_assert(second != SIZE_MAX);
    for (size_t i = 0; i < map->count; i++)
        map->items[i].inked = false;
    map->items[first].state = map->items[second].state = MAP_STEP;
    map->items[first].step = 3;
    map->items[first].inked = true;
    map->items[second].step = 9;
    ck_assert_uint_eq(map_at(map, at.x, at.y / 2), first);
    map->items[first].inked = false;
    ck_assert_uint_ne(map_at(map, at.x, at.y / 2), first);
}
END_TEST

START_TEST(a_tenant_inks_the_racks_it_holds)
{
    build(1, 2, 6);
    survey(120, 30, false);
    map_see(map, site, LENS_TENANT,
            (struct row){ GW_TENANT, model_find(site, GW_TENANT, "even") });
    ck_assert(map->items[item_of("h1-r02-k02")].inked);
    ck_assert(!map->items[item_of("h1-r02-k03")].inked);
    ck_assert_uint_eq(map->inked, 5);   /* k02 of the first row is missing */
}
END_TEST

/* As of a time of which only power is known. */
START_TEST(a_rack_without_gpus_is_an_empty_map)
{
    struct batch *b = batch_new(BATCH_POLL, "test", 1000);
    uint32_t rack = batch_entity(b, GW_DOMAIN, "h1-r01-k01", 10, GW_NONE);

    batch_text(b, rack, M_DOMAIN_TYPE, "rack", 4);
    model_apply(site, b);
    batch_free(b);
    model_settle(site, 1000);
    map_survey_gpus(map, site, (struct row){ GW_DOMAIN, 0 });
    map_lay_out(map, (struct rect){ 0, 0, 80, 20 }, false);
    map_see(map, site, LENS_LOAD, (struct row){ GW_SITE, GW_NONE });
    ck_assert_uint_eq(map->count, 0);
}
END_TEST

START_TEST(who_holds_nothing_has_no_hue)
{
    struct batch *b;

    build(1, 2, 6);
    b = batch_new(BATCH_POLL, "test", 1000);
    batch_entity(b, GW_TENANT, "unexplained", 11, GW_NONE);
    model_apply(site, b);
    batch_free(b);
    model_settle(site, 1001);
    survey(120, 30, false);
    map_see(map, site, LENS_TENANT, (struct row){ GW_SITE, GW_NONE });
    ck_assert_str_eq(map->hues[0], "even");
    ck_assert_str_eq(map->hues[1], "odd");
    ck_assert_ptr_null(map->hues[2]);
}
END_TEST

static uint8_t step_at(double p)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", 1000);

    batch_number(b, batch_entity(b, GW_DOMAIN, "h1-r02-k02", 10, GW_NONE), M_DOMAIN_P, p,
                 GW_OK);
    model_apply(site, b);
    batch_free(b);
    map_see(map, site, LENS_RISK, (struct row){ GW_SITE, GW_NONE });
    return map->items[item_of("h1-r02-k02")].step;
}

START_TEST(a_forecast_is_amber_from_attention_on_and_red_from_critical_on)
{
    enum { AMBER = 6, RED = 8 };

    build(1, 2, 6);
    survey(120, 30, false);
    ck_assert_uint_eq(step_at(.01), 0);
    ck_assert_uint_lt(step_at(.05), 4);
    ck_assert_uint_eq(step_at(.099), AMBER - 1);
    ck_assert_uint_eq(step_at(.1001), AMBER);
    ck_assert_uint_eq(step_at(.499), RED - 1);
    ck_assert_uint_eq(step_at(.5), RED);
    ck_assert_uint_eq(step_at(1), MAP_STEPS - 1);
}
END_TEST

START_TEST(a_hall_inks_what_it_feeds)
{
    build(2, 2, 6);
    survey(120, 30, false);
    map_see(map, site, LENS_LOAD,
            (struct row){ GW_DOMAIN, model_find(site, GW_DOMAIN, "hall-2") });
    ck_assert_uint_eq(map->inked, 12);
}
END_TEST

START_TEST(whose_racks_are_not_known_inks_none_and_lets_none_recede)
{
    struct batch *b = batch_new(BATCH_POLL, "queue", 1000);

    build(1, 2, 6);
    survey(120, 30, false);
    batch_entity(b, GW_JOB, "4711", 4, GW_NONE);
    batch_entity(b, GW_TENANT, "nobody", 6, GW_NONE);
    model_apply(site, b);
    batch_free(b);
    map_see(map, site, LENS_LOAD,
            (struct row){ GW_TENANT, model_find(site, GW_TENANT, "nobody") });
    ck_assert(map->knows_holders); /* it has none: others hold all */
    ck_assert_uint_eq(map->inked, 0);
    map_see(map, site, LENS_LOAD,
            (struct row){ GW_JOB, model_find(site, GW_JOB, "4711") });
    ck_assert(!map->knows_holders);
    ck_assert_uint_eq(map->inked, map->count);
}
END_TEST

/* Racks 1 and 2 of a hall, each fed by both of its busways. */
START_TEST(a_hall_zoomed_into_is_one_box_of_what_both_its_busways_feed)
{
    struct batch *b = batch_new(BATCH_POLL, "test", 1000);
    uint32_t hall = batch_entity(b, GW_DOMAIN, "hall", 4, GW_NONE), busways[2];

    for (int i = 0; i < 2; i++) {
        busways[i] = batch_entity(b, GW_DOMAIN, i ? "bus-B" : "bus-A", 5, hall);
        batch_text(b, busways[i], M_DOMAIN_TYPE, "busway", 6);
    }
    batch_text(b, hall, M_DOMAIN_TYPE, "hall", 4);
    for (int i = 0; i < 2; i++) {
        uint32_t rack = batch_entity(b, GW_DOMAIN, i ? "k02" : "k01", 3, busways[0]);

        batch_link(b, rack, busways[1]);
        batch_text(b, rack, M_DOMAIN_TYPE, "rack", 4);
        batch_number(b, rack, M_DOMAIN_METER, 50e3, GW_OK);
    }
    model_apply(site, b);
    batch_free(b);
    model_settle(site, 1000);
    map_survey(map, site, (struct row){ GW_DOMAIN, model_find(site, GW_DOMAIN, "hall") });
    ck_assert_uint_eq(map->group_count, 1);
    ck_assert_uint_eq(map->count, 2);
    ck_assert_str_eq(model_name(site, map->groups[0].whole.kind, map->groups[0].whole.id),
                     "hall");
    map_survey(map, site,
               (struct row){ GW_DOMAIN, model_find(site, GW_DOMAIN, "bus-B") });
    ck_assert_uint_eq(map->count, 2);
}
END_TEST

/* No hall: the racks of two feeds are of neither. The power of k02 is not known. */
static void build_dual_fed(void)
{
    struct batch *b = batch_new(BATCH_POLL, "test", 1000);
    uint32_t feeds[2];

    for (int i = 0; i < 2; i++) {
        feeds[i] = batch_entity(b, GW_DOMAIN, i ? "feed-B" : "feed-A", 6, GW_NONE);
        batch_text(b, feeds[i], M_DOMAIN_TYPE, "feed", 4);
    }
    for (int i = 0; i < 2; i++) {
        uint32_t rack = batch_entity(b, GW_DOMAIN, i ? "k02" : "k01", 3, feeds[0]);

        batch_link(b, rack, feeds[1]);
        batch_text(b, rack, M_DOMAIN_TYPE, "rack", 4);
        batch_number(b, rack, M_DOMAIN_CAP, 60e3, GW_OK);
        if (i == 0)
            batch_number(b, rack, M_DOMAIN_METER, 50e3, GW_OK);
    }
    model_apply(site, b);
    batch_free(b);
    model_settle(site, 1000);
}

START_TEST(racks_of_two_feeds_without_a_hall_stand_in_the_sites_box)
{
    build_dual_fed();
    survey(60, 20, false);
    ck_assert_uint_eq(map->count, 2);
    ck_assert_uint_eq(map->group_count, 1);
    ck_assert_int_eq(map->groups[0].whole.kind, GW_SITE);
}
END_TEST

START_TEST(a_rack_of_unknown_power_has_its_name_too)
{
    struct grid *g = grid_new(60, 20);
    char *text;

    build_dual_fed();
    survey(60, 20, false);
    map_see(map, site, LENS_LOAD, (struct row){ GW_SITE, GW_NONE });
    map_paint(map, site, g, SIZE_MAX);
    text = grid_to_text(g);
    ck_assert_msg(strstr(text, "k01") && strstr(text, "k02"), "%s", text);
    free(text);
    grid_free(g);
}
END_TEST

START_TEST(a_rack_zoomed_into_shows_its_gpus_a_line_a_node)
{
    build(1, 1, 3);
    map_survey(map, site,
               (struct row){ GW_DOMAIN, model_find(site, GW_DOMAIN, "h1-r01-k03") });
    ck_assert_int_eq(map->kind, GW_GPU);
    ck_assert_uint_eq(map->count, 2);
    ck_assert_uint_eq(map->line_count, 1);
}
END_TEST

START_TEST(the_gpus_of_a_hall_stand_in_boxes_of_their_racks)
{
    build(2, 1, 3);
    map_survey_gpus(map, site,
                    (struct row){ GW_DOMAIN, model_find(site, GW_DOMAIN, "hall-2") });
    ck_assert_int_eq(map->kind, GW_GPU);
    ck_assert_uint_eq(map->count, 6);
    ck_assert_uint_eq(map->group_count, 3);
    ck_assert_str_eq(model_name(site, map->groups[0].whole.kind, map->groups[0].whole.id),
                     "h2-r01-k01");
}
END_TEST

START_TEST(what_is_not_known_is_unknown_and_not_cold)
{
    build(1, 1, 3);
    survey(80, 20, false);
    map_see(map, site, LENS_LOAD, (struct row){ GW_SITE, GW_NONE });
    ck_assert_uint_eq(map->known, 0);   /* there are no caps */
    ck_assert_int_eq(map->items[0].state, MAP_UNKNOWN);
}
END_TEST

START_TEST(where_nothing_fits_an_arrow_goes_nowhere)
{
    build(60, 1, 1);
    survey(12, 4, false);
    ck_assert_uint_eq(map_step(map, 0, 1, 0), 0);
    ck_assert_uint_eq(map_step(map, 0, 0, 1), 0);
}
END_TEST

START_TEST(boxes_that_can_never_fit_are_given_up_at_once)
{
    build(8000, 1, 1);
    survey(200, 58, false);
    ck_assert_int_eq(map->cell_w, 0);
}
END_TEST

START_TEST(arrows_reach_the_neighbours_and_stop_at_the_edge)
{
    size_t first, right;

    build(1, 2, 6);
    survey(120, 30, false);
    first = item_of("h1-r01-k01");
    right = map_step(map, first, 1, 0);
    ck_assert_uint_eq(right, item_of("h1-r01-k03"));
    ck_assert_uint_eq(map_step(map, first, -1, 0), first);
    ck_assert_uint_eq(map_step(map, first, 0, 1), item_of("h1-r02-k01"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("map");
    TCase *tests = tcase_create("map");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_rack_keeps_its_place_when_its_neighbour_is_missing);
    tcase_add_test(tests, halls_are_boxes_and_rows_are_lines);
    tcase_add_test(tests, every_item_has_a_cell_of_its_own_inside_its_box);
    tcase_add_test(tests, ten_thousand_racks_fit_on_a_screen_of_240x60);
    tcase_add_test(tests,
                   halls_of_different_sizes_take_what_they_need_and_rows_stay_lines);
    tcase_add_test(tests, boxes_that_fit_beside_each_other_are_aligned);
    tcase_add_test(tests, where_there_is_no_room_a_cell_is_the_worst_of_several);
    tcase_add_test(tests, what_is_chosen_of_several_is_what_is_seen);
    tcase_add_test(tests, a_tenant_inks_the_racks_it_holds);
    tcase_add_test(tests, a_rack_without_gpus_is_an_empty_map);
    tcase_add_test(tests, who_holds_nothing_has_no_hue);
    tcase_add_test(tests, a_forecast_is_amber_from_attention_on_and_red_from_critical_on);
    tcase_add_test(tests, a_hall_inks_what_it_feeds);
    tcase_add_test(tests, whose_racks_are_not_known_inks_none_and_lets_none_recede);
    tcase_add_test(tests, a_hall_zoomed_into_is_one_box_of_what_both_its_busways_feed);
    tcase_add_test(tests, racks_of_two_feeds_without_a_hall_stand_in_the_sites_box);
    tcase_add_test(tests, a_rack_of_unknown_power_has_its_name_too);
    tcase_add_test(tests, a_rack_zoomed_into_shows_its_gpus_a_line_a_node);
    tcase_add_test(tests, the_gpus_of_a_hall_stand_in_boxes_of_their_racks);
    tcase_add_test(tests, what_is_not_known_is_unknown_and_not_cold);
    tcase_add_test(tests, where_nothing_fits_an_arrow_goes_nowhere);
    tcase_add_test(tests, boxes_that_can_never_fit_are_given_up_at_once);
    tcase_add_test(tests, arrows_reach_the_neighbours_and_stop_at_the_edge);
    suite_add_tcase(s, tests);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
