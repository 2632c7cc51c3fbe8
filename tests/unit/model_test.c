/* The model: what is known, what is summed, what is said about it. */
#include "model/model.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model *m;
static struct batch *b;
static const double start = 1790000010; /* a multiple of 15 */

static void set_up(void)
{
    m = model_new("iad-3");
    b = NULL;
}

static void tear_down(void)
{
    model_free(m);
}

/* ---- batches in a line ---- */

static void begin(enum batch_origin origin, const char *target, double time)
{
    b = batch_new(origin, target, time);
}

static void end(void)
{
    model_apply(m, b);
    batch_free(b);
    b = NULL;
}

static uint32_t add(enum gw_kind kind, const char *name, uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

static void say(enum gw_kind kind, const char *name, uint16_t metric, double value)
{
    batch_number(b, add(kind, name, GW_NONE), metric, value, GW_OK);
}

static void word(enum gw_kind kind, const char *name, uint16_t metric, const char *text)
{
    batch_text(b, add(kind, name, GW_NONE), metric, text, strlen(text));
}

/* One value in a batch of its own, from a target of the entity's name. */
static void tell(double time, enum gw_kind kind, const char *name, uint16_t metric,
                 double value)
{
    begin(BATCH_POLL, name, time);
    say(kind, name, metric, value);
    end();
}

static uint32_t row(enum gw_kind kind, const char *name)
{
    uint32_t found = model_find(m, kind, name);

    ck_assert_msg(found != GW_NONE, "no row %s", name);
    return found;
}

static double number(enum gw_kind kind, const char *name, uint16_t metric)
{
    return model_number(m, metric, row(kind, name));
}

static enum gw_quality quality(enum gw_kind kind, const char *name, uint16_t metric)
{
    return model_quality(m, metric, row(kind, name));
}

/* feed-A and feed-B; rack-1 fed by both, rack-2 by A alone; two nodes each. */
static void declare_site(void)
{
    uint32_t feed_a, feed_b, rack;

    begin(BATCH_ROSTER, "", start);
    feed_a = add(GW_DOMAIN, "feed-A", GW_NONE);
    feed_b = add(GW_DOMAIN, "feed-B", GW_NONE);
    rack = add(GW_DOMAIN, "rack-1", feed_a);
    batch_link(b, rack, feed_b);
    add(GW_NODE, "n1", rack);
    add(GW_NODE, "n2", rack);
    rack = add(GW_DOMAIN, "rack-2", feed_a);
    add(GW_NODE, "n3", rack);
    add(GW_NODE, "n10", rack);
    end();
}

static void meter_nodes(double time)
{
    tell(time, GW_NODE, "n1", M_NODE_METER, 1000);
    tell(time, GW_NODE, "n2", M_NODE_METER, 2000);
    tell(time, GW_NODE, "n3", M_NODE_METER, 3000);
    tell(time, GW_NODE, "n10", M_NODE_METER, 4000);
}

static const char *newest_event(void)
{
    ck_assert_uint_gt(model_rows(m, GW_EVENT), 0);
    return model_text(m, M_EVENT_TEXT, model_order(m, GW_EVENT)[0]);
}

static const char *alert_state(const char *alert)
{
    uint32_t found = model_find(m, GW_ALERT, alert);

    return found == GW_NONE ? "never" : model_text(m, M_ALERT_STATE, found);
}

/* ---- rows ---- */

START_TEST(what_the_configuration_calls_a_domain_stands_above_a_source)
{
    begin(BATCH_ROSTER, "", start);
    word(GW_DOMAIN, "A", M_DOMAIN_TYPE, "busway");
    end();
    begin(BATCH_POLL, "engine", start + 1);
    word(GW_DOMAIN, "A", M_DOMAIN_TYPE, "rack");
    word(GW_DOMAIN, "B", M_DOMAIN_TYPE, "rack");
    end();
    ck_assert_str_eq(model_text(m, M_DOMAIN_TYPE, row(GW_DOMAIN, "A")), "busway");
    ck_assert_str_eq(model_text(m, M_DOMAIN_TYPE, row(GW_DOMAIN, "B")), "rack");
}
END_TEST

START_TEST(a_target_that_only_the_cache_knows_is_not_expected_to_answer)
{
    begin(BATCH_CACHE, "", start);
    word(GW_SOURCE, "gone", M_SOURCE_STATE, "ok");
    end();
    begin(BATCH_HOST, "", start + 1);
    word(GW_SOURCE, "here", M_SOURCE_STATE, "ok");
    end();
    model_settle(m, start + 2);
    ck_assert_uint_eq(model_coverage(m).expected, 1);
    ck_assert_uint_eq(model_coverage(m).ok, 1);
}
END_TEST

static void past_event(double time, const char *level, const char *text, const char *alert)
{
    model_event_of(m, time, level, "rack-1", "rack-1: %s", text);
    model_event_alert(m, alert);
}

START_TEST(alerts_of_then_are_what_events_tell_and_the_power_of_then)
{
    struct cap cap = { .unit = UNIT_W, .value = 1000 };
    uint32_t alert;

    declare_site();
    model_is_of_then(m);
    model_set_cap(m, row(GW_DOMAIN, "rack-1"), &cap);
    tell(start, GW_DOMAIN, "rack-1", M_DOMAIN_POWER, 1100);
    past_event(start - 900, "attention", "960 W of 1 kW", "rack-1 power");
    past_event(start - 300, "critical", "1.05 kW of 1 kW", "rack-1 power");
    past_event(start - 800, "attention", "n1 down", "rack-1 nodes");
    past_event(start - 700, "cleared", "no node down", "rack-1 nodes");
    past_event(start - 600, "critical", "n2 down", "rack-1 nodes");
    past_event(start - 500, "attention", "it was warm", "n1 temperature");
    past_event(start - 400, "cleared", "it is not", "n1 temperature");
    model_settle(m, start);
    model_raise_as_told(m);
    alert = row(GW_ALERT, "rack-1 power");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert), "1.10 kW of 1 kW, 110.0% of its cap");
    ck_assert_double_eq(model_number(m, M_ALERT_SINCE, alert), start - 900);
    alert = row(GW_ALERT, "rack-1 nodes");
    ck_assert_str_eq(alert_state("rack-1 nodes"), "raised");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert), "n2 down");
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "critical");
    ck_assert_double_eq(model_number(m, M_ALERT_SINCE, alert), start - 600);
    ck_assert_str_eq(alert_state("n1 temperature"), "cleared");
}
END_TEST

/* Of feed-A, that is, and of rack-2; of rack-1 there is a gap. */
START_TEST(what_was_recorded_of_domains_lacks_no_node)
{
    declare_site();
    begin(BATCH_POLL, "replay", start);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_METER, 5000);
    say(GW_DOMAIN, "rack-1", M_DOMAIN_METER, NAN);
    say(GW_DOMAIN, "rack-2", M_DOMAIN_METER, 3000);
    end();
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "replay", M_SOURCE_STATE, "ok");
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_COVERAGE), 0);
    ck_assert_uint_eq(model_coverage(m).never, 4);
    model_is_recorded(m);
    tell(start + 5, GW_DOMAIN, "rack-2", M_DOMAIN_METER, 3000);
    model_settle(m, start + 5);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_COVERAGE), 1);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_COVERAGE), 1);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_COVERAGE), 0);
    ck_assert_uint_eq(model_coverage(m).expected, 1);
    ck_assert_uint_eq(model_coverage(m).ok, 1);
    /* where nodes were, it says which of them are missing */
    tell(start + 10, GW_NODE, "n1", M_NODE_METER, 1000);
    model_settle(m, start + 10);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_COVERAGE), .5);
    ck_assert_uint_eq(model_coverage(m).never, 3);
}
END_TEST

static void tell_past(double time, const char *domain, double watts)
{
    batch_time(b, time);
    say(GW_DOMAIN, domain, M_DOMAIN_METER, watts);
}

static double past_of(enum gw_kind kind, const char *name, double time)
{
    struct trend t = model_trend(m, kind, row(kind, name));
    double back = (t.end - time) / t.step_s;

    return back >= 0 && back < (double)t.count ? (double)t.values[t.count - 1 - (size_t)back]
                                               : NAN;
}

/* rack-1 hangs on both feeds; of rack-2 a step is not known. */
START_TEST(the_past_of_what_feeds_recorded_racks_is_what_they_add_up_to)
{
    struct cap cap = { .unit = UNIT_W, .value = 9000, .n1 = true };

    declare_site();
    model_is_recorded(m);
    model_set_cap(m, row(GW_DOMAIN, "feed-B"), &cap);
    begin(BATCH_POLL, "replay", start);
    for (int i = 4; i >= 0; i--) {
        tell_past(start - i * TREND_STEP_S, "rack-1", 1000 + 100 * i);
        if (i != 2)
            tell_past(start - i * TREND_STEP_S, "rack-2", 3000);
    }
    end();
    model_settle(m, start);
    ck_assert_double_eq_tol(past_of(GW_DOMAIN, "feed-A", start - 60), 3700, 1);
    ck_assert_double_eq_tol(past_of(GW_DOMAIN, "feed-B", start - 30), 600, 1);
    ck_assert_double_nan(past_of(GW_DOMAIN, "feed-A", start - 30));
    ck_assert_double_nan(past_of(GW_SITE, "iad-3", start - 30));
    ck_assert_double_eq_tol(past_of(GW_SITE, "iad-3", start - 45), 4300, 1);
    struct trend n1 = model_capped_trend(m, row(GW_DOMAIN, "feed-B"));
    ck_assert_uint_ge(n1.count, 5);
    ck_assert_float_eq_tol(n1.values[n1.count - 4], 1300, 1);
}
END_TEST

/* Of rack-2 one node is known, and no number of its own. */
START_TEST(of_then_no_sum_lacks_a_part_and_nothing_happens)
{
    struct cap cap = { .unit = UNIT_W, .value = 1000 };

    declare_site();
    model_is_of_then(m);
    model_set_cap(m, row(GW_DOMAIN, "rack-1"), &cap);
    begin(BATCH_POLL, "history", start);
    say(GW_NODE, "n1", M_NODE_POWER, 600);
    say(GW_NODE, "n2", M_NODE_POWER, 600);
    say(GW_NODE, "n3", M_NODE_POWER, 300);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_POWER), 1200);
    ck_assert_double_nan(number(GW_DOMAIN, "rack-2", M_DOMAIN_POWER));
    ck_assert_double_nan(number(GW_SITE, "iad-3", M_SITE_POWER));
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 1);
    ck_assert_double_nan(model_number(m, M_ALERT_SINCE, 0));
    ck_assert_uint_eq(model_event_count(m), 0);
}
END_TEST

START_TEST(an_unknown_value_is_nan_and_never_seen)
{
    declare_site();
    model_settle(m, start);
    ck_assert_double_nan(number(GW_NODE, "n1", M_NODE_POWER));
    ck_assert_double_nan(number(GW_DOMAIN, "feed-A", M_DOMAIN_POWER));
    ck_assert_double_nan(model_number(m, M_SITE_POWER, 0));
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_NEVER);
    ck_assert_double_nan(model_age(m, M_NODE_POWER, 0));
    ck_assert_ptr_null(model_text(m, M_NODE_STATE, 0));
    ck_assert_ptr_null(model_origin(m, M_NODE_POWER, 0));
    ck_assert_ptr_null(model_column(m, M_GPU_POWER));
    ck_assert_str_eq(model_site(m), "iad-3");
}
END_TEST

START_TEST(the_roster_stays_visible_before_it_answers)
{
    declare_site();
    model_settle(m, start);
    ck_assert_uint_eq(model_rows(m, GW_NODE), 4);
    ck_assert_uint_eq(model_depth(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1")), 1);
    ck_assert_uint_eq(model_depth(m, GW_NODE, row(GW_NODE, "n1")), 0);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n1")), GW_NEVER);
    ck_assert_uint_eq(model_coverage(m).expected, 4);
    ck_assert_uint_eq(model_coverage(m).never, 4);
    tell(start, GW_NODE, "n1", M_NODE_METER, 1);
    model_settle(m, start);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n1")), GW_OK);
    ck_assert_str_eq(model_origin(m, M_NODE_METER, row(GW_NODE, "n1")), "n1");
}
END_TEST

START_TEST(parts_stand_after_their_whole_in_natural_order)
{
    static const char *const expected[] = { "feed-A", "rack-1", "rack-2", "feed-B" };
    static const char *const nodes[] = { "n1", "n2", "n3", "n10" };
    struct row whole, part;

    declare_site();
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(model_name(m, GW_DOMAIN, model_order(m, GW_DOMAIN)[i]),
                         expected[i]);
        ck_assert_str_eq(model_name(m, GW_NODE, model_order(m, GW_NODE)[i]), nodes[i]);
    }
    whole = (struct row){ GW_DOMAIN, row(GW_DOMAIN, "feed-B") };
    part = model_first_part(m, whole);
    ck_assert_str_eq(model_name(m, part.kind, part.id), "rack-1");
    ck_assert_uint_eq(model_next_part(m, whole, part).id, GW_NONE);
    ck_assert_uint_eq(model_second_parent(m, GW_DOMAIN, part.id).id, whole.id);
    whole = (struct row){ GW_DOMAIN, row(GW_DOMAIN, "rack-2") };
    part = model_next_part(m, whole, model_first_part(m, whole));
    ck_assert_str_eq(model_name(m, part.kind, part.id), "n10");
    ck_assert_uint_eq(model_next_part(m, whole, part).id, GW_NONE);
}
END_TEST

/* GPUs of nodes that come in no order, each with an instance of MIG before it; and one
 * that is in no node. */
static void tell_of_gpus(unsigned nodes)
{
    char name[32];

    declare_site();
    begin(BATCH_POLL, "x", start);
    add(GW_GPU, "spare", GW_NONE);
    for (unsigned i = 0; i < nodes; i++) {
        uint32_t node, gpu;

        snprintf(name, sizeof(name), "m%u", i * 7 % nodes);
        node = add(GW_NODE, name, add(GW_DOMAIN, i % 3 ? "rack-1" : "rack-2", GW_NONE));
        for (int index = 10; index > 6; index--) {
            uint32_t part;

            snprintf(name, sizeof(name), "m%u/%d/0", i * 7 % nodes, index);
            part = add(GW_GPU, name, GW_NONE);
            snprintf(name, sizeof(name), "m%u/%d", i * 7 % nodes, index);
            gpu = add(GW_GPU, name, node);
            ck_assert_uint_eq(add(GW_GPU, b->entities[part].name, gpu), part);
        }
    }
    end();
}

START_TEST(a_few_rows_stand_as_they_do_among_all)
{
    enum { EACH = 37 };
    uint32_t few[64], again[64];
    const uint32_t *all;
    size_t count = 0, seen = 0;

    tell_of_gpus(120);
    for (uint32_t gpu = 0; gpu < model_rows(m, GW_GPU); gpu += EACH)
        few[count++] = gpu;
    memcpy(again, few, sizeof(again));
    model_arrange(m, GW_GPU, few, count);
    all = model_order(m, GW_GPU);
    for (size_t i = 0; i < model_rows(m, GW_GPU); i++)
        if (all[i] % EACH == 0)
            ck_assert_uint_eq(few[seen++], all[i]);
    ck_assert_uint_eq(seen, count);
    model_arrange(m, GW_GPU, again, count);
    ck_assert_mem_eq(again, few, count * sizeof(*few));
}
END_TEST

START_TEST(new_rows_take_their_place_and_ids_stay)
{
    uint32_t n3;

    declare_site();
    n3 = row(GW_NODE, "n3");
    ck_assert_uint_eq(model_order(m, GW_NODE)[2], n3);
    begin(BATCH_POLL, "x", start);
    add(GW_NODE, "n2b", add(GW_DOMAIN, "rack-1", GW_NONE));
    end();
    ck_assert_uint_eq(row(GW_NODE, "n3"), n3);
    ck_assert_str_eq(model_name(m, GW_NODE, model_order(m, GW_NODE)[2]), "n2b");
}
END_TEST

START_TEST(a_circle_is_refused_with_an_event)
{
    declare_site();
    begin(BATCH_ROSTER, "", start);
    add(GW_DOMAIN, "feed-A", add(GW_DOMAIN, "rack-1", GW_NONE));
    end();
    ck_assert_uint_eq(model_parent(m, GW_DOMAIN, row(GW_DOMAIN, "feed-A")).id, GW_NONE);
    ck_assert_ptr_nonnull(strstr(newest_event(), "feed-A cannot be a part of rack-1"));
    model_settle(m, start);
}
END_TEST

START_TEST(a_source_does_not_move_what_the_roster_placed)
{
    declare_site();
    begin(BATCH_POLL, "x", start);
    add(GW_NODE, "n1", add(GW_DOMAIN, "elsewhere", GW_NONE));
    end();
    ck_assert_uint_eq(model_parent(m, GW_NODE, row(GW_NODE, "n1")).id,
                      row(GW_DOMAIN, "rack-1"));
}
END_TEST

START_TEST(a_changed_order_of_rows_is_noticed)
{
    begin(BATCH_POLL, "t", start);
    say(GW_GPU, "n1/0", M_GPU_POWER, 100);
    say(GW_GPU, "n1/1", M_GPU_POWER, 101);
    end();
    begin(BATCH_POLL, "t", start + 1);
    say(GW_GPU, "n1/1", M_GPU_POWER, 201);
    say(GW_GPU, "n1/2", M_GPU_POWER, 202);
    say(GW_GPU, "n1/0", M_GPU_POWER, 200);
    end();
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER), 200);
    ck_assert_double_eq(number(GW_GPU, "n1/1", M_GPU_POWER), 201);
    ck_assert_double_eq(number(GW_GPU, "n1/2", M_GPU_POWER), 202);
    ck_assert_uint_eq(model_rows(m, GW_GPU), 3);
}
END_TEST

/* A thousand GPUs from the `first` on, one after another or `stride` apart. */
static void tell_of_many(double time, unsigned first, unsigned stride)
{
    begin(BATCH_POLL, "t", time);
    for (unsigned n = 0; n < 1000; n++) {
        unsigned gpu = first + n * stride % 1000;
        char name[32], node[16];

        snprintf(name, sizeof(name), "n%u/%u", gpu / 8, gpu % 8);
        snprintf(node, sizeof(node), "n%u", gpu / 8);
        batch_number(b, add(GW_GPU, name, add(GW_NODE, node, GW_NONE)), M_GPU_POWER,
                     gpu + stride, GW_OK);
    }
    end();
}

static void expect_many(unsigned first, unsigned count, unsigned stride)
{
    for (unsigned gpu = first; gpu < first + count; gpu++) {
        char name[32];

        snprintf(name, sizeof(name), "n%u/%u", gpu / 8, gpu % 8);
        ck_assert_double_eq(number(GW_GPU, name, M_GPU_POWER), gpu + stride);
    }
}

START_TEST(many_rows_out_of_order_are_those_that_were_there)
{
    tell_of_many(start, 0, 1);
    tell_of_many(start + 1, 0, 37);
    ck_assert_uint_eq(model_rows(m, GW_GPU), 1000);
    ck_assert_uint_eq(model_rows(m, GW_NODE), 125);
    expect_many(0, 1000, 37);
    tell_of_many(start + 2, 400, 81);   /* 400 are new among them */
    ck_assert_uint_eq(model_rows(m, GW_GPU), 1400);
    expect_many(0, 400, 37);
    expect_many(400, 1000, 81);
}
END_TEST

/* Of so many GPUs by their hashes, one after another or `stride` apart. */
static void tell_by_hash(double time, unsigned first, unsigned count, unsigned stride)
{
    uint64_t hashes[1000];
    double watts[1000];

    begin(BATCH_POLL, "t", time);
    for (unsigned n = 0; n < count; n++) {
        unsigned gpu = first + n * stride % count;
        char name[32];
        int len = snprintf(name, sizeof(name), "n%u/%u", gpu / 8, gpu % 8);

        hashes[n] = batch_hash(GW_GPU, name, (size_t)len);
        watts[n] = gpu + stride;
    }
    batch_numbers(b, M_GPU_POWER, hashes, watts, count);
    end();
}

START_TEST(who_was_named_before_is_known_by_a_hash_in_any_order)
{
    tell_by_hash(start, 0, 10, 1);
    ck_assert_uint_eq(model_rows(m, GW_GPU), 0);        /* nobody was named */
    tell_of_many(start, 0, 1);
    tell_by_hash(start + 10, 0, 1000, 7);
    expect_many(0, 1000, 7);
    tell_by_hash(start + 20, 0, 1000, 999);
    expect_many(0, 1000, 999);
    tell_by_hash(start + 30, 900, 200, 1);      /* half of them were never named */
    expect_many(0, 900, 999);
    expect_many(900, 100, 1);
    ck_assert_uint_eq(model_rows(m, GW_GPU), 1000);
    tell_by_hash(start + 25, 0, 1000, 37);      /* of before */
    expect_many(0, 900, 37);
    expect_many(900, 100, 1);
}
END_TEST

START_TEST(a_node_lives_while_its_gpus_are_told_of_by_their_hashes)
{
    model_set_interval(m, "t", 5);
    tell_of_many(start, 0, 1);
    tell_by_hash(start + 60, 0, 8, 1);
    model_settle(m, start + 61);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n0")), GW_OK);
    ck_assert_int_eq(model_row_quality(m, GW_GPU, row(GW_GPU, "n0/7")), GW_OK);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n1")), GW_STALE);
    ck_assert_int_eq(quality(GW_GPU, "n0/7", M_GPU_POWER), GW_OK);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_STALE);
    ck_assert_double_eq(number(GW_NODE, "n0", M_NODE_POWER), 36);
}
END_TEST

START_TEST(an_impossible_number_by_a_hash_is_unknown_with_its_reason)
{
    uint64_t hash = batch_hash(GW_GPU, "n1/0", 4);

    tell(start, GW_GPU, "n1/0", M_GPU_POWER, 300);
    begin(BATCH_POLL, "n1/0", start + 5);
    batch_numbers(b, M_GPU_POWER, &hash, &(double){ -5 }, 1);
    end();
    model_settle(m, start + 5);
    ck_assert(isnan(number(GW_GPU, "n1/0", M_GPU_POWER)));
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_OUT_OF_RANGE);
}
END_TEST

START_TEST(a_gpu_is_known_by_the_hash_of_its_other_name_too)
{
    uint64_t hash = batch_hash(GW_GPU, "gpu-node-1/0", 12);

    begin(BATCH_POLL, "a", start);
    word(GW_GPU, "n1/0", M_GPU_UUID, "GPU-1");
    end();
    begin(BATCH_POLL, "b", start);
    word(GW_GPU, "gpu-node-1/0", M_GPU_UUID, "GPU-1");
    end();
    model_settle(m, start + 1);
    ck_assert_str_eq(model_name(m, GW_GPU, row(GW_GPU, "gpu-node-1/0")), "n1/0");
    begin(BATCH_POLL, "b", start + 5);
    batch_numbers(b, M_GPU_POWER, &hash, &(double){ 500 }, 1);
    end();
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER), 500);
}
END_TEST

/* ---- values ---- */

START_TEST(what_a_gpu_is_does_not_grow_stale)
{
    begin(BATCH_POLL, "n1", start);
    word(GW_GPU, "n1/0", M_GPU_MODEL, "NVIDIA GB300");
    say(GW_GPU, "n1/0", M_GPU_INDEX, 0);
    say(GW_GPU, "n1/0", M_GPU_POWER, 300);
    end();
    model_settle(m, start + 86400);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_MODEL), GW_OK);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_INDEX), GW_OK);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_STALE);
    ck_assert_int_eq(model_row_quality(m, GW_GPU, row(GW_GPU, "n1/0")), GW_STALE);
}
END_TEST

START_TEST(a_job_that_has_ended_does_not_grow_stale)
{
    static const char *const states[] = { "running", "ended" };

    for (int i = 0; i < 2; i++) {
        begin(BATCH_POLL, "slurm", start);
        word(GW_JOB, states[i], M_JOB_STATE, states[i]);
        word(GW_JOB, states[i], M_JOB_USER, "ada");
        end();
    }
    model_settle(m, start + 600);
    ck_assert_int_eq(quality(GW_JOB, "running", M_JOB_USER), GW_STALE);
    ck_assert_int_eq(model_row_quality(m, GW_JOB, row(GW_JOB, "running")), GW_STALE);
    ck_assert_int_eq(quality(GW_JOB, "ended", M_JOB_USER), GW_OK);
    ck_assert_int_eq(model_row_quality(m, GW_JOB, row(GW_JOB, "ended")), GW_OK);
    ck_assert(!model_is_fresh(m, M_JOB_USER, row(GW_JOB, "ended")));
}
END_TEST

START_TEST(a_value_grows_stale_after_three_intervals)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    model_set_interval(m, "n1", 20);
    model_settle(m, start + 60);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_OK);
    ck_assert_double_eq_tol(model_age(m, M_NODE_METER, 0), 60, 0.1);
    model_settle(m, start + 61.5);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_STALE);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_STALE);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 500);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, 0), GW_STALE);
    model_set_interval(m, "n1", 1);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_STALE);
}
END_TEST

static void tell_interval(const char *target, double interval_s)
{
    begin(BATCH_HOST, "", start);
    say(GW_SOURCE, target, M_SOURCE_INTERVAL, interval_s);
    end();
}

START_TEST(a_target_may_be_asked_more_slowly_and_never_stands_for_less)
{
    model_set_interval(m, "n1", 20);
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    tell_interval("n1", 1);
    model_settle(m, start + 59);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_OK);
    tell_interval("n1", 60);
    model_settle(m, start + 179);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_OK);
    tell_interval("n1", 2);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_STALE);
}
END_TEST

START_TEST(an_older_sample_replaces_nothing)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    tell(start - 5, GW_NODE, "n1", M_NODE_METER, 400);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 500);
}
END_TEST

/* Many sources speak of rows at different times, some of parts of them, some long ago and
 * never again: in some blocks of rows more than a byte can number. */
START_TEST(every_value_keeps_its_own_age_and_origin)
{
    enum { GPUS = 70, TARGETS = 7, BATCHES = 1600 };
    static const uint16_t metrics[] = { M_GPU_INDEX,         M_GPU_MEM_USED,
                                        M_GPU_MEM_TOTAL,     M_GPU_TEMP,
                                        M_GPU_MEM_TEMP,      M_GPU_POWER,
                                        M_GPU_POWER_INSTANT, M_GPU_POWER_MEAN,
                                        M_GPU_POWER_LIMIT,   M_GPU_XID };
    enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };
    static struct { int target; double told; } known[GPUS][METRICS];
    uint32_t random = 1;
    char name[16];

    for (int i = 0; i < BATCHES; i++) {
        int target = i % TARGETS;

        snprintf(name, sizeof(name), "t%d", target);
        begin(BATCH_POLL, name, start + i);
        for (int gpu = 0; gpu < GPUS; gpu++)
            for (size_t metric = 0; metric < METRICS; metric++) {
                random = random * 1664525 + 1013904223;
                if (random >> 16 & (i < 100 ? 3 : 1023 >> metric % 2))
                    continue;
                snprintf(name, sizeof(name), "n1/%d", gpu);
                say(GW_GPU, name, metrics[metric], i % 50);
                known[gpu][metric].target = target + 1;
                known[gpu][metric].told = start + i;
            }
        end();
    }
    model_settle(m, start + BATCHES);
    for (int gpu = 0; gpu < GPUS; gpu++)
        for (size_t metric = 0; metric < METRICS; metric++) {
            uint32_t id;

            if (!known[gpu][metric].target)
                continue;
            snprintf(name, sizeof(name), "n1/%d", gpu);
            id = row(GW_GPU, name);
            ck_assert_double_eq_tol(model_age(m, metrics[metric], id),
                                    start + BATCHES - known[gpu][metric].told, .1);
            snprintf(name, sizeof(name), "t%d", known[gpu][metric].target - 1);
            ck_assert_str_eq(model_origin(m, metrics[metric], id), name);
        }
}
END_TEST

START_TEST(an_impossible_value_is_unknown_with_its_reason)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, -500);
    model_settle(m, start);
    ck_assert_double_nan(number(GW_NODE, "n1", M_NODE_METER));
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_OUT_OF_RANGE);
    ck_assert_double_nan(number(GW_NODE, "n1", M_NODE_POWER));
}
END_TEST

START_TEST(a_clock_jumping_back_starts_ages_again)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    model_settle(m, start);
    tell(start - 7440, GW_NODE, "n1", M_NODE_METER, 400);
    model_settle(m, start - 7440);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 400);
    ck_assert_double_eq_tol(model_age(m, M_NODE_METER, 0), 0, 0.1);
    ck_assert_str_eq(newest_event(), "the clock jumped back by 2h04; ages start again");
    ck_assert_uint_eq(model_rows(m, GW_EVENT), 1);
}
END_TEST

START_TEST(a_long_conversation_is_no_jump_of_the_clock)
{
    tell(start + 80, GW_NODE, "n1", M_NODE_METER, 500);
    model_settle(m, start + 80);
    begin(BATCH_POLL, "bmc", start);
    say(GW_NODE, "n2", M_NODE_METER, 400);
    batch_arrives(b, start + 81);
    end();
    model_settle(m, start + 81);
    ck_assert_uint_eq(model_rows(m, GW_EVENT), 0);
    ck_assert_double_eq_tol(model_age(m, M_NODE_METER, row(GW_NODE, "n2")), 81, .1);
}
END_TEST

START_TEST(a_forecast_makes_what_it_is_about_no_younger)
{
    tell(start, GW_DOMAIN, "feed-A", M_DOMAIN_METER, 1000);
    begin(BATCH_FORECAST, "", start + 600);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_P, .1);
    say(GW_FORECAST, "feed-A 1h", M_FORECAST_P, .1);
    end();
    model_settle(m, start + 600);
    ck_assert_double_eq_tol(model_row_age(m, GW_DOMAIN, row(GW_DOMAIN, "feed-A")), 600,
                            .1);
    ck_assert_double_eq_tol(model_row_age(m, GW_FORECAST, row(GW_FORECAST, "feed-A 1h")),
                            0, .1);
}
END_TEST

START_TEST(a_row_is_as_old_as_its_samples_not_as_their_arrival)
{
    uint32_t node;

    tell(start - 3, GW_NODE, "n2", M_NODE_METER, 1);
    begin(BATCH_POLL, "n1", start);
    node = add(GW_NODE, "n1", GW_NONE);
    batch_time(b, start - 600);
    say(GW_GPU, "n1/0", M_GPU_POWER, 400);
    b->entities[1].parent = node;
    batch_number(b, add(GW_GPU, "n4/0", add(GW_NODE, "n4", GW_NONE)), M_GPU_POWER, 400,
                 GW_OK);
    batch_time(b, start - 5);
    say(GW_GPU, "n1/1", M_GPU_POWER, 400);
    say(GW_GPU, "n1/0", M_GPU_TEMP, 50);
    say(GW_NODE, "n2", M_NODE_METER, 1);
    end();
    model_settle(m, start);
    ck_assert_double_eq_tol(model_row_age(m, GW_GPU, row(GW_GPU, "n1/0")), 5, .1);
    ck_assert_double_eq_tol(model_row_age(m, GW_GPU, row(GW_GPU, "n1/1")), 5, .1);
    /* as its part */
    ck_assert_double_eq_tol(model_row_age(m, GW_NODE, row(GW_NODE, "n4")), 600, .1);
    /* Named only, as a whole; and told of later by another. */
    ck_assert_double_eq_tol(model_row_age(m, GW_NODE, row(GW_NODE, "n1")), 5, .1);
    ck_assert_double_eq_tol(model_row_age(m, GW_NODE, row(GW_NODE, "n2")), 3, .1);
    begin(BATCH_POLL, "n3", start + 1);
    batch_time(b, start - 600);
    say(GW_NODE, "n3", M_NODE_METER, 1);
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq_tol(model_row_age(m, GW_NODE, row(GW_NODE, "n3")), 601, .1);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n3")), GW_STALE);
}
END_TEST

START_TEST(mail_that_waited_is_no_jump_of_the_clock)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    model_settle(m, start);
    /* Nobody read the inbox for two minutes; then the clock is looked at first. */
    model_settle(m, start + 120);
    tell(start + 5, GW_NODE, "n1", M_NODE_METER, 600);
    tell(start + 10, GW_NODE, "n1", M_NODE_METER, 700);
    model_settle(m, start + 121);
    ck_assert_uint_eq(model_rows(m, GW_EVENT), 0);
    ck_assert_double_eq_tol(model_age(m, M_NODE_METER, 0), 111, 0.1);
}
END_TEST

START_TEST(a_trend_goes_on_after_the_clock_jumped_back)
{
    struct trend t;

    for (int i = 0; i < 8; i++) {
        tell(start + i * 15, GW_DOMAIN, "feed-A", M_DOMAIN_METER, 100 + i);
        model_settle(m, start + i * 15);
    }
    tell(start - 7200, GW_DOMAIN, "feed-A", M_DOMAIN_METER, 200);
    model_settle(m, start - 7200);
    tell(start - 7185, GW_DOMAIN, "feed-A", M_DOMAIN_METER, 201);
    model_settle(m, start - 7185);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "feed-A"));
    ck_assert_uint_eq(t.count, 2);
    ck_assert_float_eq(t.values[1], 201);
    ck_assert_double_eq_tol(t.end, start - 7185, 15);
}
END_TEST

START_TEST(times_keep_their_seconds)
{
    tell(start, GW_JOB, "81201", M_JOB_START, start + 1.25);
    ck_assert_double_eq(number(GW_JOB, "81201", M_JOB_START), start + 1.25);
    ck_assert_ptr_null(model_column(m, M_JOB_START));
}
END_TEST

START_TEST(the_cache_never_replaces_what_is_newer)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    begin(BATCH_CACHE, "", start);
    say(GW_NODE, "n1", M_NODE_METER, 1);
    say(GW_NODE, "n2", M_NODE_METER, 2);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 500);
    ck_assert_double_eq(number(GW_NODE, "n2", M_NODE_METER), 2);
    model_settle(m, start + 2);
    ck_assert_int_eq(quality(GW_NODE, "n2", M_NODE_METER), GW_STALE);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n2")), GW_STALE);
    ck_assert_double_eq_tol(model_row_age(m, GW_NODE, row(GW_NODE, "n2")), 2, 0.2);
    /* Even where the cache's clock was ahead, the first answer counts. */
    begin(BATCH_CACHE, "", start + 5000);
    say(GW_NODE, "n3", M_NODE_METER, 3);
    end();
    tell(start + 3, GW_NODE, "n3", M_NODE_METER, 33);
    ck_assert_double_eq(number(GW_NODE, "n3", M_NODE_METER), 33);
}
END_TEST

/* After a restart: the sum is of now, whatever an earlier run remembered of its
 * domain. */
START_TEST(a_domain_that_is_summed_up_again_is_not_stale)
{
    uint32_t rack;

    declare_site();
    rack = model_parent(m, GW_NODE, row(GW_NODE, "n1")).id;
    begin(BATCH_CACHE, "", start);
    say(GW_DOMAIN, model_name(m, GW_DOMAIN, rack), M_DOMAIN_POWER, 900);
    end();
    model_settle(m, start + 5);
    ck_assert_int_eq(model_row_quality(m, GW_DOMAIN, rack), GW_STALE);
    meter_nodes(start + 6);
    model_settle(m, start + 7);
    ck_assert_int_eq(model_row_quality(m, GW_DOMAIN, rack), GW_OK);
}
END_TEST

static void recall(double time, uint16_t metric, double value)
{
    begin(BATCH_CACHE, "", time);
    say(GW_NODE, "n1", metric, value);
    end();
    model_settle(m, time + 1);
}

START_TEST(a_follower_takes_what_is_newer_and_only_that)
{
    tell(start, GW_NODE, "n1", M_NODE_METER, 1000);
    recall(start + 5, M_NODE_METER, 1100);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 1000);
    model_trust_cache(m, 30);
    recall(start + 5, M_NODE_METER, 1100);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 1100);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 1100);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_OK);
    recall(start + 3, M_NODE_METER, 900);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 1100);
    /* That it is not known any more is news, too. */
    recall(start + 10, M_NODE_METER, NAN);
    ck_assert_double_nan(number(GW_NODE, "n1", M_NODE_METER));
    /* Polled here again, that counts. */
    tell(start + 11, GW_NODE, "n1", M_NODE_METER, 1200);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 1200);
    recall(start + 9, M_NODE_METER, 1100);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_METER), 1200);
}
END_TEST

static void recall_event(double time, double happened, const char *name, const char *text)
{
    uint32_t event;

    begin(BATCH_CACHE, "", time);
    event = add(GW_EVENT, name, GW_NONE);
    batch_number(b, event, M_EVENT_TIME, happened, GW_OK);
    batch_text(b, event, M_EVENT_TEXT, text, strlen(text));
    end();
}

START_TEST(what_the_cache_tells_twice_happened_once)
{
    recall_event(start, start - 60, "7", "n1: down");
    ck_assert_uint_eq(model_event_count(m), 1);
    recall_event(start + 5, start - 60, "7", "n1: down");
    ck_assert_uint_eq(model_event_count(m), 1);
    recall_event(start + 5, start + 2, "8", "n2: down");
    ck_assert_uint_eq(model_event_count(m), 2);
    /* What was seen here, too. */
    model_event(m, start + 10, "attention", "hall-1: above its cap");
    recall_event(start + 15, start + 11, "9", "hall-1: above its cap");
    ck_assert_uint_eq(model_event_count(m), 3);
}
END_TEST

START_TEST(a_cache_that_is_kept_up_to_date_counts_as_fresh)
{
    declare_site();
    begin(BATCH_CACHE, "", start);
    say(GW_NODE, "n1", M_NODE_METER, 500);
    batch_time(b, start - 60);
    say(GW_NODE, "n2", M_NODE_METER, 500);
    end();
    model_trust_cache(m, 30);
    model_settle(m, start + 5);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_OK);
    ck_assert_int_eq(quality(GW_NODE, "n2", M_NODE_METER), GW_STALE);
    ck_assert_uint_eq(model_coverage(m).ok, 1);
    model_trust_cache(m, 0);
    model_settle(m, start + 5);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_METER), GW_STALE);
    ck_assert_uint_eq(model_coverage(m).ok, 0);
}
END_TEST

START_TEST(a_snapshot_brings_everything_back)
{
    struct batch *snapshot;
    struct model *old = m;

    declare_site();
    meter_nodes(start);
    begin(BATCH_POLL, "n1", start);
    batch_time(b, start - 3600);
    word(GW_NODE, "n1", M_NODE_STATE, "drain");
    end();
    model_settle(m, start);
    m = model_new("iad-3");
    for (int kind = 0; kind < GW_KINDS; kind++) {
        snapshot = model_snapshot(old, (enum gw_kind)kind);
        if (!snapshot)
            continue;
        ck_assert_int_eq(snapshot->origin, BATCH_CACHE);
        model_apply(m, snapshot);
        batch_free(snapshot);
    }
    model_free(old);
    model_settle(m, start + 100);
    ck_assert_str_eq(model_text(m, M_NODE_STATE, row(GW_NODE, "n1")), "drain");
    ck_assert_double_eq(number(GW_NODE, "n10", M_NODE_METER), 4000);
    ck_assert_double_eq_tol(model_age(m, M_NODE_METER, row(GW_NODE, "n10")), 100, 0.2);
    ck_assert_double_ge(model_age(m, M_NODE_STATE, row(GW_NODE, "n1")), 3600);
    ck_assert_double_le(model_age(m, M_NODE_STATE, row(GW_NODE, "n1")), 3700 * 1.1);
    ck_assert_uint_eq(model_second_parent(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1")).id,
                      row(GW_DOMAIN, "feed-B"));
    ck_assert_int_eq(quality(GW_DOMAIN, "feed-A", M_DOMAIN_POWER), GW_STALE);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_POWER), 8500);
}
END_TEST

/* ---- power ---- */

START_TEST(a_dual_fed_part_gives_half_to_each_feed)
{
    declare_site();
    meter_nodes(start);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_POWER), 3000);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_SUM), 7000 + 1500);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_SUM), 1500);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_COVERAGE), 1);
    ck_assert_int_eq(quality(GW_DOMAIN, "feed-A", M_DOMAIN_POWER), GW_OK);
}
END_TEST

START_TEST(with_the_other_feed_lost_it_would_carry_all)
{
    declare_site();
    meter_nodes(start);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_POWER_N1), 10000);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER_N1), 3000);
    tell(start, GW_DOMAIN, "feed-B", M_DOMAIN_METER, 1600);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER_N1), 3100);
}
END_TEST

START_TEST(a_lost_feed_leaves_all_to_the_other)
{
    declare_site();
    meter_nodes(start);
    begin(BATCH_POLL, "bms", start);
    word(GW_DOMAIN, "feed-A", M_DOMAIN_STATE, "lost");
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER), 3000);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 10000);
}
END_TEST

START_TEST(a_fresh_meter_is_believed_before_the_sum)
{
    declare_site();
    meter_nodes(start);
    tell(start, GW_DOMAIN, "rack-2", M_DOMAIN_METER, 7100);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_POWER), 7100);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_SUM), 7000);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_POWER), 7100 + 1500);
    meter_nodes(start + 20);
    model_settle(m, start + 20);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_POWER), 7000);
}
END_TEST

START_TEST(a_missing_part_makes_the_sum_estimated_never_filled_in)
{
    declare_site();
    tell(start, GW_NODE, "n3", M_NODE_METER, 3000);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_POWER), 3000);
    ck_assert_int_eq(quality(GW_DOMAIN, "rack-2", M_DOMAIN_POWER), GW_ESTIMATED);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-2", M_DOMAIN_COVERAGE), 0.5);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-A", M_DOMAIN_COVERAGE), 0.25);
    ck_assert_double_nan(number(GW_DOMAIN, "rack-1", M_DOMAIN_POWER));
    ck_assert_double_nan(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER));
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_COVERAGE), 0);
}
END_TEST

START_TEST(a_site_does_not_count_a_dual_fed_part_twice)
{
    declare_site();
    meter_nodes(start);
    tell(start, GW_NODE, "n99", M_NODE_METER, 500); /* under no domain */
    model_settle(m, start);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 10500);
    tell(start, GW_SITE, "iad-3", M_SITE_POWER, 12000);
    model_settle(m, start);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 12000);
    ck_assert_str_eq(model_origin(m, M_SITE_POWER, 0), "iad-3");
}
END_TEST

static void poll_gpus(double time)
{
    uint32_t node, gpu;

    begin(BATCH_POLL, "n1", time);
    node = add(GW_NODE, "n1", GW_NONE);
    for (int i = 0; i < 4; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n1/%d", i);
        gpu = add(GW_GPU, name, node);
        batch_number(b, gpu, M_GPU_POWER, 100 * (i + 1), GW_OK);
        batch_number(b, gpu, M_GPU_TEMP, 50 + i, GW_OK);
        batch_number(b, gpu, M_GPU_UTIL, i < 2 ? 0.9 : 0, GW_OK);
    }
    /* A MIG instance is no GPU of its own. */
    gpu = add(GW_GPU, "n1/0/1", add(GW_GPU, "n1/0", node));
    batch_number(b, gpu, M_GPU_POWER, 70, GW_OK);
    end();
}

START_TEST(a_node_without_a_meter_is_estimated_from_its_gpus)
{
    poll_gpus(start);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 1000);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_ESTIMATED);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_TEMP), 53);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 1000);
    tell(start, GW_NODE, "n1", M_NODE_METER, 1700);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 1700);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_OK);
}
END_TEST

static void tell_of_job(double time, const char *target, const char *name,
                        const char *state)
{
    begin(BATCH_POLL, target, time);
    word(GW_JOB, name, M_JOB_STATE, state);
    end();
    model_settle(m, time);
}

START_TEST(a_job_nobody_speaks_of_for_a_day_makes_room)
{
    uint32_t first;
    uint64_t key;

    tell_of_job(start, "slurm", "1", "ended");
    first = row(GW_JOB, "1");
    key = model_key(m, GW_JOB, first);
    tell_of_job(start + 86000, "slurm", "2", "running");
    ck_assert_uint_eq(row(GW_JOB, "1"), first);
    tell_of_job(start + 87000, "slurm", "2", "running");
    ck_assert_uint_eq(model_find(m, GW_JOB, "1"), GW_NONE);
    ck_assert_ptr_null(model_name(m, GW_JOB, first));
    ck_assert_ptr_null(model_text(m, M_JOB_STATE, first));
    ck_assert_int_eq(model_quality(m, M_JOB_STATE, first), GW_NEVER);
    ck_assert_uint_eq(model_key(m, GW_JOB, first), 0);
    tell_of_job(start + 87001, "slurm", "3", "pending");
    ck_assert_uint_eq(row(GW_JOB, "3"), first);
    ck_assert_uint_ne(model_key(m, GW_JOB, first), key);
    ck_assert_str_eq(model_text(m, M_JOB_STATE, row(GW_JOB, "2")), "running");
    /* Said to be there again, it is a row like any other. */
    tell_of_job(start + 87002, "slurm", "1", "running");
    ck_assert_uint_ne(row(GW_JOB, "1"), first);
}
END_TEST

START_TEST(jobs_of_a_scheduler_that_does_not_answer_are_old_but_not_gone)
{
    tell_of_job(start, "slurm", "1", "running");
    tell_of_job(start + 3 * 86400, "other", "2", "running");
    tell_of_job(start + 4 * 86400, "other", "2", "running");
    ck_assert_str_eq(model_text(m, M_JOB_STATE, row(GW_JOB, "1")), "running");
    ck_assert_int_eq(quality(GW_JOB, "1", M_JOB_STATE), GW_STALE);
}
END_TEST

enum { DAY = 86400 };

/* A node with a GPU that works for a tenant, as a source tells of it. */
static void tell_of_node(double time, const char *node, const char *tenant)
{
    char gpu[64];

    snprintf(gpu, sizeof(gpu), "%s/0", node);
    begin(BATCH_POLL, "cluster", time);
    add(GW_GPU, gpu, add(GW_NODE, node, GW_NONE));
    say(GW_GPU, gpu, M_GPU_POWER, 400);
    say(GW_GPU, gpu, M_GPU_TEMP, 95);
    word(GW_GPU, gpu, M_GPU_TENANT, tenant);
    end();
    model_settle(m, time);
}

START_TEST(what_a_changing_site_has_not_told_of_for_a_week_makes_room)
{
    uint32_t node, gpu;

    tell_of_node(start, "pod-1", "acme");
    node = row(GW_NODE, "pod-1");
    gpu = row(GW_GPU, "pod-1/0");
    tell_of_node(start + 6 * DAY, "pod-2", "zeta");
    ck_assert_uint_eq(row(GW_NODE, "pod-1"), node);
    for (int i = 0; i < 3; i++)
        tell_of_node(start + 8 * DAY + 700 * i, "pod-2", "zeta");
    ck_assert_uint_eq(model_find(m, GW_GPU, "pod-1/0"), GW_NONE);
    ck_assert_uint_eq(model_find(m, GW_NODE, "pod-1"), GW_NONE);
    ck_assert_ptr_null(model_name(m, GW_NODE, node));
    ck_assert_double_nan(model_number(m, M_GPU_TEMP, gpu));
    ck_assert_str_eq(alert_state("pod-1/0 temperature"), "cleared");
    ck_assert_uint_eq(model_coverage(m).expected, 1);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_GPUS), 1);
    /* Their rows are others' now. */
    tell_of_node(start + 9 * DAY, "pod-3-with-a-longer-name", "zeta");
    ck_assert_uint_eq(row(GW_NODE, "pod-3-with-a-longer-name"), node);
    ck_assert_uint_eq(row(GW_GPU, "pod-3-with-a-longer-name/0"), gpu);
    ck_assert_str_eq(alert_state("pod-3-with-a-longer-name/0 temperature"), "raised");
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 400);
    /* It held a GPU as long as there was one. */
    ck_assert_uint_ne(model_find(m, GW_TENANT, "acme"), GW_NONE);
    tell_of_node(start + 17 * DAY, "pod-2", "zeta");
    tell_of_node(start + 17 * DAY + 700, "pod-2", "zeta");
    ck_assert_uint_eq(model_find(m, GW_TENANT, "acme"), GW_NONE);
    ck_assert_uint_ne(model_find(m, GW_TENANT, "zeta"), GW_NONE);
}
END_TEST

START_TEST(what_the_roster_declares_stays_seen_or_never_seen)
{
    declare_site();
    tell(start, GW_NODE, "n1", M_NODE_METER, 500);
    for (int i = 0; i < 5; i++) {
        tell(start + 10 * DAY + 700 * i, GW_NODE, "n3", M_NODE_METER, 500);
        model_settle(m, start + 10 * DAY + 700 * i);
    }
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n1")), GW_STALE);
    ck_assert_int_eq(model_row_quality(m, GW_NODE, row(GW_NODE, "n2")), GW_NEVER);
    ck_assert_uint_eq(model_coverage(m).expected, 4);
    ck_assert_uint_eq(model_coverage(m).never, 2);
}
END_TEST

/* The console follows another gigawatch, whose cache forgets later. */
START_TEST(what_was_given_up_is_not_taken_in_again)
{
    static const float watts[] = { 401, 408 };
    static const uint8_t qualities[] = { GW_OK, GW_OK }, ages[] = { 1, 2 };
    struct batch_column column = {
        .numbers = watts, .qualities = qualities, .ages = ages, .metric = M_GPU_POWER
    };

    tell_of_node(start, "pod-1", "acme");
    for (int i = 0; i < 4; i++)
        tell_of_node(start + 8 * DAY + 700 * i, "pod-2", "zeta");
    begin(BATCH_CACHE, "", start + 8 * DAY + 2200);
    add(GW_NODE, "pod-1", GW_NONE);
    batch_time(b, start);
    add(GW_GPU, "pod-1/0", 0);
    say(GW_GPU, "pod-1/0", M_GPU_POWER, 400);
    batch_time(b, start + 8 * DAY);
    say(GW_GPU, "pod-9/0", M_GPU_POWER, 400);
    end();
    ck_assert_uint_eq(model_find(m, GW_GPU, "pod-1/0"), GW_NONE);
    ck_assert_uint_eq(model_find(m, GW_NODE, "pod-1"), GW_NONE);
    ck_assert_double_eq(number(GW_GPU, "pod-9/0", M_GPU_POWER), 400);
    /* Of many rows, it tells in columns. */
    begin(BATCH_CACHE, "", start + 8 * DAY + 2300);
    add(GW_GPU, "pod-1/0", GW_NONE);
    add(GW_GPU, "pod-8/0", GW_NONE);
    batch_time(b, start);
    batch_time(b, start + 8 * DAY);
    b->columns = &column;
    b->column_count = 1;
    b->ordered = 2;
    end();
    ck_assert_uint_eq(model_find(m, GW_GPU, "pod-1/0"), GW_NONE);
    ck_assert_double_eq(number(GW_GPU, "pod-8/0", M_GPU_POWER), 408);
}
END_TEST

START_TEST(energy_over_a_long_gap_is_no_power_of_now)
{
    model_set_interval(m, "n1/0", 5);   /* fresh for 15 s */
    tell(start, GW_GPU, "n1/0", M_GPU_ENERGY, 1e9);
    tell(start + 3600, GW_GPU, "n1/0", M_GPU_ENERGY, 1e9 + 3600 * 500.);
    model_settle(m, start + 3600);
    ck_assert_double_nan(number(GW_GPU, "n1/0", M_GPU_POWER));
    ck_assert_double_nan(number(GW_GPU, "n1/0", M_GPU_POWER_MEAN));
    tell(start + 3605, GW_GPU, "n1/0", M_GPU_ENERGY, 1e9 + 3600 * 500. + 5 * 700.);
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER), 700, 0.1);
}
END_TEST

START_TEST(energy_gives_power_where_nobody_says_it)
{
    tell(start, GW_GPU, "n1/0", M_GPU_ENERGY, 1e9);
    tell(start + 10, GW_GPU, "n1/0", M_GPU_ENERGY, 1e9 + 7000);
    model_settle(m, start + 10);
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER_MEAN), 700, 0.01);
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER), 700, 0.01);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_ESTIMATED);
    /* A restarted counter tells nothing about the interval it was restarted in. */
    tell(start + 20, GW_GPU, "n1/0", M_GPU_ENERGY, 500);
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER), 700, 0.01);
    tell(start + 30, GW_GPU, "n1/0", M_GPU_ENERGY, 4500);
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER), 400, 0.01);
    tell(start + 30, GW_GPU, "n1/0", M_GPU_POWER, 390);
    model_settle(m, start + 30);
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER), 390);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_OK);
    tell(start + 40, GW_GPU, "n1/0", M_GPU_ENERGY, 9500);
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER), 390);
}
END_TEST

/* What was counted before the first reading is not of the time since. */
START_TEST(a_counter_of_energy_that_stands_still_is_no_power)
{
    for (int i = 0; i < 10; i++)
        tell(start + i, GW_GPU, "n1/0", M_GPU_ENERGY, 9000);
    model_settle(m, start + 9);
    ck_assert_double_nan(number(GW_GPU, "n1/0", M_GPU_POWER));
    tell(start + 10, GW_GPU, "n1/0", M_GPU_ENERGY, 9500);
    model_settle(m, start + 10);
    ck_assert_double_nan(number(GW_GPU, "n1/0", M_GPU_POWER));
    tell(start + 15, GW_GPU, "n1/0", M_GPU_ENERGY, 10000);
    model_settle(m, start + 15);
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER), 100);
}
END_TEST

/* Read every five seconds, it changes every thirty: 400 W, and from the second minute
 * on 700. */
START_TEST(a_counter_that_changes_seldom_gives_the_mean_between_its_changes)
{
    double joules = 1e9;

    model_set_interval(m, "n1/0", 5); /* fresh for 15 s */
    for (int i = 0; i <= 24; i++) {
        joules += i % 6 ? 0 : i <= 12 ? 30 * 400 : 30 * 700;
        tell(start + 5 * i, GW_GPU, "n1/0", M_GPU_ENERGY, joules);
        model_settle(m, start + 5 * i);
        if (i < 12)
            ck_assert_double_nan(number(GW_GPU, "n1/0", M_GPU_POWER));
        else
            ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER),
                                    i < 18 ? 400 : 700, .1);
        ck_assert(i < 12 || quality(GW_GPU, "n1/0", M_GPU_POWER) == GW_ESTIMATED);
    }
    /* then it hangs: the last mean is not of now for ever */
    for (int i = 1; i <= 20; i++)
        tell(start + 120 + 5 * i, GW_GPU, "n1/0", M_GPU_ENERGY, joules);
    model_settle(m, start + 220);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_STALE);
}
END_TEST

START_TEST(idleness_is_counted_from_the_last_work)
{
    poll_gpus(start);
    model_settle(m, start);
    ck_assert_double_nan(number(GW_GPU, "n1/3", M_GPU_IDLE));
    poll_gpus(start + 60);
    model_settle(m, start + 60);
    ck_assert_double_eq(number(GW_GPU, "n1/3", M_GPU_IDLE), 60);
    ck_assert_int_eq(quality(GW_GPU, "n1/3", M_GPU_IDLE), GW_ESTIMATED);
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_IDLE), 0);
}
END_TEST

START_TEST(tenants_and_jobs_are_summed_from_what_they_hold)
{
    poll_gpus(start);
    begin(BATCH_POLL, "slurm", start);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    word(GW_GPU, "n1/3", M_GPU_TENANT, "acme");
    word(GW_GPU, "n1/0", M_GPU_JOB, "81201");
    add(GW_JOB, "81201", GW_NONE);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 500);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 2);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_BUSY), 1);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_IDLE), 1);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 2);
    ck_assert_double_eq(number(GW_JOB, "81201", M_JOB_POWER), 100);
    begin(BATCH_POLL, "slurm", start + 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "zeta");
    word(GW_GPU, "n1/3", M_GPU_TENANT, "zeta");
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 0);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_GPUS), 2);
}
END_TEST

/* ---- coverage ---- */

START_TEST(coverage_tells_stale_from_down_from_never)
{
    struct coverage c;

    declare_site();
    tell(start - 60, GW_NODE, "n1", M_NODE_METER, 1);
    tell(start - 60, GW_NODE, "n2", M_NODE_METER, 1);
    tell(start, GW_NODE, "n3", M_NODE_METER, 1);
    tell(start, GW_NODE, "elsewhere", M_NODE_METER, 1); /* not in the roster */
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "n2", M_SOURCE_STATE, "refused");
    end();
    model_settle(m, start);
    c = model_coverage(m);
    ck_assert_uint_eq(c.expected, 4);
    ck_assert_uint_eq(c.ok, 1);
    ck_assert_uint_eq(c.stale, 1);
    ck_assert_uint_eq(c.down, 1);
    ck_assert_uint_eq(c.never, 1);
    c = model_coverage_below(m, GW_DOMAIN, row(GW_DOMAIN, "rack-2"));
    ck_assert_uint_eq(c.expected, 2);
    ck_assert_uint_eq(c.ok, 1);
    ck_assert_uint_eq(model_coverage_below(m, GW_SITE, 0).expected, 4);
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "n10", M_SOURCE_STATE, "down");
    end();
    model_settle(m, start);
    ck_assert_uint_eq(model_coverage(m).down, 2);
    ck_assert_str_eq(alert_state("iad-3 coverage"), "never");
    model_settle(m, start + 31);
    ck_assert_str_eq(alert_state("iad-3 coverage"), "raised");
}
END_TEST

START_TEST(a_node_whose_exporter_an_engine_misses_is_down_and_says_why)
{
    const char *const says = "its exporter n1:9400 does not answer the engine";
    uint32_t n1, down = GW_NONE;

    begin(BATCH_POLL, "prom", start);
    say(GW_NODE, "n1", M_NODE_METER, 900);
    word(GW_NODE, "n1", M_NODE_SILENCE, says);
    end();
    model_settle(m, start);
    n1 = model_find(m, GW_NODE, "n1");
    /* What it told last is as good as any for a while. */
    ck_assert_ptr_null(model_node_silent(m, n1));
    ck_assert_str_eq(model_node_state(m, n1), "up");

    begin(BATCH_POLL, "prom", start + 100);
    word(GW_NODE, "n1", M_NODE_SILENCE, says);
    end();
    model_settle(m, start + 100);
    ck_assert_str_eq(model_node_silent(m, n1), says);
    ck_assert_str_eq(model_node_state(m, n1), "down");
    ck_assert_uint_eq(model_coverage(m).down, 1);
    ck_assert_uint_eq(model_nodes_down(m, &down, 1), 1);
    ck_assert_uint_eq(down, n1);

    /* A scheduler's word of its state stands. */
    begin(BATCH_POLL, "slurm", start + 100);
    word(GW_NODE, "n1", M_NODE_STATE, "mixed");
    end();
    model_settle(m, start + 101);
    ck_assert_str_eq(model_node_silent(m, n1), says);
    ck_assert_str_eq(model_node_state(m, n1), "mixed");
    ck_assert_uint_eq(model_coverage(m).down, 0);
    ck_assert_uint_eq(model_coverage(m).stale, 1);
    ck_assert_uint_eq(model_nodes_down(m, &down, 1), 0);

    /* Nobody says so any more. */
    begin(BATCH_POLL, "slurm", start + 300);
    word(GW_NODE, "n1", M_NODE_STATE, "mixed");
    end();
    model_settle(m, start + 301);
    ck_assert_ptr_null(model_node_silent(m, n1));
}
END_TEST

START_TEST(a_node_that_is_said_to_be_down_does_not_answer)
{
    begin(BATCH_POLL, "scheduler", start);
    word(GW_NODE, "n1", M_NODE_STATE, "down");
    word(GW_NODE, "n2", M_NODE_STATE, "up");
    word(GW_NODE, "n3", M_NODE_STATE, "down"); /* for jobs; its meter still speaks */
    say(GW_NODE, "n3", M_NODE_METER, 1);
    end();
    model_settle(m, start);
    ck_assert_uint_eq(model_coverage(m).ok, 2);
    ck_assert_uint_eq(model_coverage(m).down, 1);
}
END_TEST

static const char *silent_target_of(const char *node)
{
    uint32_t silent = model_node_silence(m, row(GW_NODE, node));

    return silent == GW_NONE ? "" : model_name(m, GW_SOURCE, silent);
}

static void say_target(double time, const char *target, const char *node,
                       const char *state)
{
    begin(BATCH_HOST, "", time);
    word(GW_SOURCE, target, M_SOURCE_STATE, state);
    if (node)
        word(GW_SOURCE, target, M_SOURCE_NODE, node);
    end();
}

START_TEST(
    a_node_whose_own_target_does_not_answer_is_told_from_one_of_an_engine_that_does_not)
{
    declare_site();
    tell(start - 60, GW_NODE, "n1", M_NODE_METER, 1);
    begin(BATCH_POLL, "engine", start - 60);
    say(GW_NODE, "n3", M_NODE_METER, 1);
    say(GW_NODE, "n10", M_NODE_METER, 1);
    end();
    say_target(start, "n1", NULL, "down");
    say_target(start, "engine", "n3", "down");
    say_target(start, "10.0.0.2:9400", "n2", "refused");
    model_settle(m, start);
    ck_assert_str_eq(silent_target_of("n1"), "n1");
    ck_assert_str_eq(silent_target_of("n2"), "10.0.0.2:9400");
    ck_assert_str_eq(silent_target_of("n3"), "");
    ck_assert_uint_eq(model_coverage(m).never, 0);
    tell(start + 1, GW_NODE, "n1", M_NODE_METER, 1); /* others speak of it */
    say_target(start + 1, "10.0.0.2:9400", "n2", "ok");
    model_settle(m, start + 1);
    ck_assert_str_eq(silent_target_of("n1"), "");
    ck_assert_str_eq(silent_target_of("n2"), "");
}
END_TEST

START_TEST(without_a_roster_a_target_that_never_answered_is_missing)
{
    struct coverage c;

    tell(start, GW_NODE, "n1", M_NODE_METER, 1);
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "n9", M_SOURCE_STATE, "down");
    end();
    model_settle(m, start);
    c = model_coverage(m);
    ck_assert_uint_eq(c.expected, 2);
    ck_assert_uint_eq(c.ok, 1);
    ck_assert_uint_eq(c.down, 1);
}
END_TEST

static void say_state(const char *target, const char *state, double missing)
{
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, target, M_SOURCE_STATE, state);
    say(GW_SOURCE, target, M_SOURCE_MISSING, missing);
    end();
    model_settle(m, start);
}

static void tell_of_rack(bool whole)
{
    begin(BATCH_POLL, "engine", start);
    b->whole = whole;
    say(GW_DOMAIN, "r1", M_DOMAIN_POWER, 9000);
    say(GW_NODE, "n1", M_NODE_POWER, 1000);
    say(GW_GPU, "n1/0", M_GPU_POWER, 700);
    end();
    model_settle(m, start);
}

START_TEST(sums_of_who_answers_in_part_are_estimates_whose_coverage_is_not_known)
{
    tell_of_rack(false);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_POWER), GW_OK);
    ck_assert_double_eq(number(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), 1);
    say_state("engine", "partial", NAN);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_POWER), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_GPU, "n1/0", M_GPU_POWER), GW_OK);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), GW_STALE);
    tell_of_rack(false);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_POWER), GW_ESTIMATED);
    tell_of_rack(true);         /* its state is told afterwards */
    say_state("engine", "ok", 0);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_POWER), GW_OK);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_OK);
    ck_assert_int_eq(quality(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), GW_OK);
}
END_TEST

/* How many things a target lacks, how many more of the site are missing, with n1 told of
 * by it and others silent. */
static const struct { double lacks; size_t silent, more; } lacking[] = {
    { NAN, 0, 1 }, { 1, 0, 1 }, { 5, 0, 5 }, { 5, 2, 3 }, { 2, 3, 0 }
};

START_TEST(what_a_target_lacks_is_missing_once)
{
    struct coverage c;

    for (size_t i = 0; i < lacking[_i].silent; i++)
        tell(start - 600, GW_NODE, (const char *const[]){ "n7", "n8", "n9" }[i],
             M_NODE_METER, 1);
    tell_of_rack(false);
    say_state("engine", "partial", lacking[_i].lacks);
    c = model_coverage(m);
    ck_assert_uint_eq(c.ok, 1);
    ck_assert_uint_eq(c.stale, lacking[_i].silent);
    ck_assert_uint_eq(c.down, lacking[_i].more);
    ck_assert_uint_eq(c.expected, c.ok + c.stale + c.down + c.never);
}
END_TEST

static void tell_of_nodes(double time, int first, int count)
{
    char name[16];

    begin(BATCH_POLL, "engine", time);
    for (int i = first; i < first + count; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        say(GW_NODE, name, M_NODE_POWER, 1000);
    }
    end();
}

/* With a roster or without, and told of two that do not answer it before they are old. */
START_TEST(a_node_that_its_engine_lacks_is_not_counted_twice)
{
    struct coverage c;

    if (_i) {
        begin(BATCH_ROSTER, "", start - 60);
        for (int i = 1; i <= 8; i++)
            add(GW_NODE,
                (const char *const[]){ "n1", "n2", "n3", "n4", "n5", "n6", "n7",
                                       "n8" }[i - 1],
                GW_NONE);
        end();
    }
    tell_of_nodes(start - 15, 1, 8);
    tell_of_nodes(start, 1, 6);
    say_state("engine", "partial", 2);
    c = model_coverage(m);
    ck_assert_uint_eq(c.expected, 8);
    ck_assert_uint_eq(c.ok, 8);
    for (int i = 1; i <= 4; i++)
        tell_of_nodes(start + 15 * i, 1, 6);
    model_settle(m, start + 60);
    c = model_coverage(m);
    ck_assert_uint_eq(c.expected, 8);
    ck_assert_uint_eq(c.ok, 6);
    ck_assert_uint_eq(c.stale, 2);
}
END_TEST

/* n1 of r1 has four GPUs, of which `told` are told of; n2 has a meter, and GPUs that
 * nobody tells of. */
static void tell_of_rack_of_gpus(double time, int told)
{
    uint32_t node;

    begin(BATCH_POLL, "n1", time);
    node = add(GW_NODE, "n1", add(GW_DOMAIN, "r1", GW_NONE));
    for (int i = 0; i < told; i++) {
        const char *name = (const char *const[]){ "n1/0", "n1/1", "n1/2", "n1/3" }[i];

        batch_number(b, batch_entity(b, GW_GPU, name, strlen(name), node), M_GPU_POWER,
                     500, GW_OK);
    }
    node = add(GW_NODE, "n2", add(GW_DOMAIN, "r1", GW_NONE));
    batch_entity(b, GW_GPU, "n2/0", 4, node);
    say(GW_NODE, "n2", M_NODE_METER, 3000);
    end();
    model_settle(m, time);
}

START_TEST(a_sum_without_a_gpu_says_so)
{
    struct coverage c;

    tell_of_rack_of_gpus(start, 4);
    ck_assert_double_eq(number(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), 1);
    for (int i = 1; i <= 10; i++)
        tell_of_rack_of_gpus(start + 15 * i, 3);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_COVERAGE), .75);
    ck_assert_double_eq(number(GW_NODE, "n2", M_NODE_COVERAGE), 1);
    ck_assert_double_eq(number(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), .875);
    c = model_coverage(m);
    ck_assert_uint_eq(c.ok, 2);
    ck_assert_double_eq(model_coverage_share(&c), .875);
}
END_TEST

/* Who answers of domains alone reads no GPUs. */
START_TEST(that_a_sum_lacks_a_gpu_is_remembered)
{
    begin(BATCH_CACHE, "", start);
    say(GW_NODE, "n1", M_NODE_POWER, 1500);
    say(GW_NODE, "n1", M_NODE_COVERAGE, .75);
    batch_number(b, add(GW_NODE, "n1", add(GW_DOMAIN, "r1", GW_NONE)), M_NODE_POWER, 1500,
                 GW_OK);
    end();
    model_trust_cache(m, 60);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), .75);
}
END_TEST

START_TEST(whom_it_concerns_that_a_target_lacks_something)
{
    const char *by;

    tell_of_rack(false);
    begin(BATCH_POLL, "meter", start);
    say(GW_DOMAIN, "r2", M_DOMAIN_METER, 9000);
    end();
    model_settle(m, start);
    ck_assert_ptr_null(model_told_in_part(m, (struct row){ GW_SITE, 0 }));
    say_state("engine", "partial", NAN);
    by = model_told_in_part(m, (struct row){ GW_DOMAIN, row(GW_DOMAIN, "r1") });
    ck_assert_ptr_nonnull(by);
    ck_assert_str_eq(by, "engine");
    ck_assert_ptr_nonnull(model_told_in_part(m, (struct row){ GW_SITE, 0 }));
    ck_assert_ptr_null(
        model_told_in_part(m, (struct row){ GW_DOMAIN, row(GW_DOMAIN, "r2") }));
}
END_TEST

START_TEST(a_rack_says_itself_how_much_of_it_is_measured)
{
    begin(BATCH_POLL, "engine", start);
    add(GW_DOMAIN, "r1", add(GW_DOMAIN, "hall", GW_NONE));
    add(GW_DOMAIN, "r2", add(GW_DOMAIN, "hall", GW_NONE));
    say(GW_DOMAIN, "r1", M_DOMAIN_POWER, 9000);
    say(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE, .5);
    say(GW_DOMAIN, "r2", M_DOMAIN_POWER, 9000);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "r1", M_DOMAIN_COVERAGE), .5);
    ck_assert_double_eq(number(GW_DOMAIN, "hall", M_DOMAIN_COVERAGE), .75);
}
END_TEST

/* ---- caps and alerts ---- */

static void cap_feed_b(struct cap cap)
{
    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "feed-B"), &cap);
}

static void draw(double time, double watts)
{
    tell(time, GW_DOMAIN, "feed-B", M_DOMAIN_METER, watts);
    model_settle(m, time);
}

START_TEST(a_cap_is_breached_only_after_its_dwell)
{
    uint32_t alert;

    cap_feed_b(
        (struct cap){ .unit = UNIT_W, .value = 1000, .dwell_s = 10, .clear = 0.02 });
    draw(start, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "never");
    draw(start + 5, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "never");
    draw(start + 10, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    alert = row(GW_ALERT, "feed-B power");
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "critical");
    ck_assert_str_eq(model_text(m, M_ALERT_SUBJECT, alert), "feed-B");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert),
                     "1.10 kW of 1 kW, 110.0% of its cap");
    draw(start + 15, 990); /* within the clear margin */
    draw(start + 115, 990);
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "critical");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert),
                     "990 W of 1 kW, 99.0% of its cap");
    draw(start + 120, 970);
    /* for a while yet, and the text says so */
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "critical");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert),
                     "falling to attention; 970 W of 1 kW, 97.0% of its cap");
    draw(start + 180, 970);
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "attention");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert),
                     "970 W of 1 kW, 97.0% of its cap");
    draw(start + 185, 900);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, alert),
                     "clearing; 900 W of 1 kW, 90.0% of its cap");
    draw(start + 245, 900);
    ck_assert_str_eq(alert_state("feed-B power"), "cleared");
    ck_assert_str_eq(newest_event(), "feed-B: 900 W of 1 kW, 90.0% of its cap");
}
END_TEST

START_TEST(an_alert_falls_only_when_it_was_lower_for_the_hold)
{
    uint32_t alert;
    uint64_t events;

    cap_feed_b((struct cap){ .unit = UNIT_W, .value = 1000, .clear = 0.02 });
    draw(start, 1100);
    draw(start + 40, 1100); /* by now the coverage has been told, too */
    alert = row(GW_ALERT, "feed-B power");
    events = model_event_count(m);
    for (int i = 1; i < 20; i++) /* never a minute in peace */
        draw(start + 50 * i, i % 2 ? 500 : 1100);
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, alert), "critical");
    ck_assert_uint_eq(model_event_count(m), events);
    draw(start + 1009, 500); /* lower since 950 */
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    draw(start + 1010, 500);
    ck_assert_str_eq(alert_state("feed-B power"), "cleared");
    ck_assert_uint_eq(model_event_count(m), events + 1);
}
END_TEST

START_TEST(a_mean_cap_forgives_a_spike)
{
    cap_feed_b((struct cap){ .unit = UNIT_W, .value = 1000, .window_s = 60 });
    for (int i = 0; i < 4; i++)
        draw(start + 15 * i, 500);
    draw(start + 60, 1500);
    ck_assert_str_eq(alert_state("feed-B power"), "never");
    for (int i = 5; i < 8; i++)
        draw(start + 15 * i, 1500);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
}
END_TEST

/* When the device would act is a forecast's to say. */
START_TEST(power_above_a_devices_rating_is_told_at_once)
{
    cap_feed_b((struct cap){
        .unit = UNIT_W, .value = 1000,
        .protection = { .kind = PROTECTION_THERMAL, .seconds = 600 } });
    draw(start, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "feed-B power")),
                     "1.10 kW of 1 kW, 110.0% of its rating");
}
END_TEST

START_TEST(a_maximum_cap_remembers_a_spike)
{
    cap_feed_b((struct cap){
        .unit = UNIT_W, .value = 1000, .window_s = 60, .aggregate = CAP_MAX });
    draw(start, 1500);
    draw(start + 15, 500);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    for (int i = 2; i < 9; i++)
        draw(start + 15 * i, 500);
    ck_assert_str_eq(alert_state("feed-B power"), "cleared");
}
END_TEST

START_TEST(a_stale_value_neither_raises_nor_clears)
{
    cap_feed_b((struct cap){ .unit = UNIT_W, .value = 1000 });
    draw(start, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    model_settle(m, start + 300);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
}
END_TEST

/* n3 draws 3 kW; n10 NAN: it is silent. */
static void meter_rack_2(double from, double to, double n10, double p)
{
    for (double at = from; at <= to; at += 10) {
        tell(at, GW_NODE, "n3", M_NODE_METER, 3000);
        if (!isnan(n10))
            tell(at, GW_NODE, "n10", M_NODE_METER, n10);
        begin(BATCH_FORECAST, "forecast", at);
        say(GW_DOMAIN, "rack-2", M_DOMAIN_P, p);
        end();
        model_settle(m, at);
    }
}

START_TEST(what_goes_dark_clears_no_alert)
{
    static const char *const alerts[] = { "rack-2 power", "rack-2 forecast" };
    static const char unknown[] =
        "not known any more: it was so when it was last heard of";

    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "rack-2"),
                  &(struct cap){ .unit = UNIT_W, .value = 6500, .clear = .02 });
    /* 89%: likely, and no alert of power yet */
    meter_rack_2(start, start + 20, 2800, .9);
    meter_rack_2(start + 30, start + 40, 4000, .9);
    meter_rack_2(start + 50, start + 900, NAN, .01);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_str_eq(alert_state(alerts[i]), "raised");
        ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, row(GW_ALERT, alerts[i])),
                         "critical");
        ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, alerts[i])), unknown);
    }
    for (uint32_t event = 0; event < model_rows(m, GW_EVENT); event++)
        ck_assert_str_ne(model_text(m, M_EVENT_LEVEL, event), "cleared");
    meter_rack_2(start + 910, start + 1300, 2000, .01);
    ck_assert_str_eq(alert_state("rack-2 power"), "cleared");
    ck_assert_str_eq(alert_state("rack-2 forecast"), "cleared");
}
END_TEST

/* A node that has been dead for weeks is in no alert, and keeps none. */
START_TEST(what_was_dark_all_along_keeps_no_alert)
{
    struct cap cap = { .unit = UNIT_W, .value = 3000, .clear = .02 };

    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "rack-2"), &cap);
    tell(start, GW_NODE, "n3", M_NODE_METER, 3100);
    model_settle(m, start);
    ck_assert_str_eq(alert_state("rack-2 power"), "raised");
    for (double at = start + 10; at <= start + 100; at += 10) {
        tell(at, GW_NODE, "n3", M_NODE_METER, 1000);
        model_settle(m, at);
    }
    ck_assert_str_eq(alert_state("rack-2 power"), "cleared");
}
END_TEST

START_TEST(a_contingency_cap_looks_at_the_other_feed_lost)
{
    cap_feed_b((struct cap){ .unit = UNIT_W, .value = 2900, .n1 = true });
    meter_nodes(start);
    model_settle(m, start);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER), 1500);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
}
END_TEST

START_TEST(oversubscribed_caps_are_no_alert)
{
    struct cap cap = { .unit = UNIT_W, .value = 9000 };

    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "feed-A"), &cap);
    model_set_cap(m, row(GW_DOMAIN, "feed-B"), &cap);
    model_set_cap(m, row(GW_DOMAIN, "rack-1"), &cap);
    model_set_cap(m, row(GW_DOMAIN, "rack-2"), &cap);
    model_settle(m, start);
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 0);
    ck_assert_double_eq(model_number(m, M_SITE_CAP, 0), 18000);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_CAP), 9000);
    ck_assert_double_eq(model_cap(m, row(GW_DOMAIN, "rack-1"))->value, 9000);
    tell(start, GW_SITE, "iad-3", M_SITE_CAP, 15000);
    model_settle(m, start);
    ck_assert_double_eq(model_number(m, M_SITE_CAP, 0), 15000);
}
END_TEST

START_TEST(the_configured_cap_of_a_domain_stands_above_a_source)
{
    cap_feed_b((struct cap){ .unit = UNIT_W, .value = 1000 });
    tell(start, GW_DOMAIN, "feed-B", M_DOMAIN_CAP, 8600);
    draw(start, 1100);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_CAP), 1000);
    ck_assert_double_eq(model_cap(m, row(GW_DOMAIN, "feed-B"))->value, 1000);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    begin(BATCH_CACHE, "", start + 60);
    say(GW_DOMAIN, "feed-B", M_DOMAIN_CAP, 8600);
    end();
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_CAP), 1000);
}
END_TEST

START_TEST(the_configured_cap_of_the_site_stands_above_a_source)
{
    begin(BATCH_ROSTER, "", start);
    say(GW_SITE, "iad-3", M_SITE_CAP, 9000);
    end();
    tell(start + 1, GW_SITE, "iad-3", M_SITE_CAP, 15000);
    model_settle(m, start + 1);
    ck_assert_double_eq(model_number(m, M_SITE_CAP, 0), 9000);
}
END_TEST

START_TEST(a_stale_site_cap_is_not_replaced_by_a_sum)
{
    struct cap cap = { .unit = UNIT_W, .value = 9000 };

    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "feed-A"), &cap);
    model_set_cap(m, row(GW_DOMAIN, "feed-B"), &cap);
    tell(start, GW_SITE, "iad-3", M_SITE_CAP, 15000);
    model_settle(m, start);
    model_settle(m, start + 3600);
    ck_assert_double_eq(model_number(m, M_SITE_CAP, 0), 15000);
    ck_assert_int_eq(model_quality(m, M_SITE_CAP, 0), GW_STALE);
}
END_TEST

START_TEST(amperes_are_not_taken_for_watts)
{
    cap_feed_b((struct cap){ .unit = UNIT_A, .value = 10 });
    draw(start, 5000);
    ck_assert_double_nan(number(GW_DOMAIN, "feed-B", M_DOMAIN_CAP));
    ck_assert_str_eq(alert_state("feed-B power"), "never");
}
END_TEST

START_TEST(a_meter_that_disagrees_is_said)
{
    declare_site();
    meter_nodes(start);
    tell(start, GW_DOMAIN, "rack-2", M_DOMAIN_METER, 8000);
    model_settle(m, start);
    ck_assert_str_eq(alert_state("rack-2 meter"), "never");
    meter_nodes(start + 60);
    tell(start + 60, GW_DOMAIN, "rack-2", M_DOMAIN_METER, 8000);
    model_settle(m, start + 60);
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, row(GW_ALERT, "rack-2 meter")),
                     "information");
    ck_assert_str_eq(newest_event(),
                     "rack-2: its parts sum to 12% less than its meter reads");
}
END_TEST

START_TEST(a_cache_that_cannot_be_opened_is_an_alert_until_it_can)
{
    model_tell_cache(m, "c.db: disk full");
    model_settle(m, start);
    ck_assert_str_eq(alert_state("iad-3 cache"), "raised");
    ck_assert_ptr_nonnull(strstr(newest_event(), "c.db: disk full"));
    model_tell_cache(m, NULL);
    ck_assert_str_eq(alert_state("iad-3 cache"), "cleared");
}
END_TEST

static void tell_gpus(double time, int gpus, double xid)
{
    uint32_t node;

    begin(BATCH_POLL, "n1", time);
    node = add(GW_NODE, "n1", GW_NONE);
    for (int i = 0; i < gpus; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n1/%d", i);
        batch_number(b, add(GW_GPU, name, node), M_GPU_XID, i ? 0 : xid, GW_OK);
    }
    end();
    model_settle(m, time);
}

START_TEST(an_error_of_a_gpu_is_told_with_its_meaning_and_one_of_an_application_is_not)
{
    tell_gpus(start, 2, 31);
    ck_assert_str_eq(alert_state("n1/0 xid"), "never");
    tell_gpus(start + 5, 2, 79);
    ck_assert_str_eq(alert_state("n1/0 xid"), "raised");
    ck_assert_str_eq(alert_state("n1/1 xid"), "never");
    ck_assert_ptr_nonnull(strstr(newest_event(), "n1/0: XID 79: fallen off the bus"));
    for (int s = 10; s < 100; s += 5)
        tell_gpus(start + s, 2, 0);
    ck_assert_str_eq(alert_state("n1/0 xid"), "cleared");
}
END_TEST

START_TEST(a_gpu_that_its_teller_lacks_is_told_and_a_node_that_is_silent_is_not)
{
    tell_gpus(start, 3, 0);
    for (int s = 5; s < 40; s += 5)
        tell_gpus(start + s, 2, 0);
    ck_assert_str_eq(alert_state("n1 gpus"), "raised");
    ck_assert_ptr_nonnull(strstr(newest_event(), "GPU n1/2 is told of no more"));
    for (int s = 40; s < 130; s += 5)
        tell_gpus(start + s, 3, 0);
    ck_assert_str_eq(alert_state("n1 gpus"), "cleared");
    model_settle(m, start + 300); /* none of them is told of */
    ck_assert_str_eq(alert_state("n1 gpus"), "cleared");
}
END_TEST

START_TEST(a_gpu_that_is_measured_no_more_is_told_whoever_else_names_it)
{
    for (int s = 0; s < 40; s += 5) {
        for (int i = 0; i < (s ? 2 : 3); i++) {
            char name[16];

            snprintf(name, sizeof(name), "n1/%d", i);
            begin(BATCH_POLL, "exporter", start + s);
            batch_number(b, add(GW_GPU, name, add(GW_NODE, "n1", GW_NONE)), M_GPU_POWER,
                         300, GW_OK);
            end();
        }
        begin(BATCH_POLL, "scheduler", start + s);
        batch_text(b, add(GW_GPU, "n1/2", add(GW_NODE, "n1", GW_NONE)), M_GPU_TENANT,
                   "acme", 4);
        end();
        model_settle(m, start + s);
    }
    ck_assert_str_eq(alert_state("n1 gpus"), "raised");
    ck_assert_ptr_nonnull(strstr(newest_event(), "GPU n1/2 is told of no more"));
}
END_TEST

/* Three GPUs, of which so many tell of less than nothing. */
static void tell_watts(double time, int odd)
{
    begin(BATCH_POLL, "exporter", time);
    for (int i = 0; i < 3; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n1/%d", i);
        batch_number(b, add(GW_GPU, name, add(GW_NODE, "n1", GW_NONE)), M_GPU_POWER,
                     i < odd ? -5 : 300, GW_OK);
    }
    end();
    model_settle(m, time);
}

START_TEST(a_gpu_that_tells_an_impossible_power_is_an_alert_and_not_gone)
{
    tell_watts(start, 0);
    ck_assert_str_eq(alert_state("n1 readings"), "never");
    for (int s = 5; s < 40; s += 5)
        tell_watts(start + s, 1);
    ck_assert_str_eq(alert_state("n1 readings"), "raised");
    ck_assert_str_eq(alert_state("n1 gpus"), "never");
    ck_assert_ptr_nonnull(strstr(newest_event(), "GPU n1/0 tells a power that is impossible"));
    for (int s = 40; s < 80; s += 5)
        tell_watts(start + s, 3);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "n1 readings")),
                     "3 of its GPUs, n1/0 first, tell a power that is impossible: left out");
    for (int s = 80; s < 160; s += 5)
        tell_watts(start + s, 0);
    ck_assert_str_eq(alert_state("n1 readings"), "cleared");
}
END_TEST

START_TEST(a_hot_gpu_is_raised_and_cleared)
{
    tell(start, GW_GPU, "n1/0", M_GPU_TEMP, 90);
    model_settle(m, start);
    ck_assert_str_eq(alert_state("n1/0 temperature"), "raised");
    tell(start + 1, GW_GPU, "n1/0", M_GPU_TEMP, 84);
    model_settle(m, start + 1);
    ck_assert_str_eq(alert_state("n1/0 temperature"), "raised");
    for (int i = 2; i <= 62; i += 60) {
        tell(start + i, GW_GPU, "n1/0", M_GPU_TEMP, 70);
        model_settle(m, start + i);
    }
    ck_assert_str_eq(alert_state("n1/0 temperature"), "cleared");
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 1);
}
END_TEST

START_TEST(a_target_that_does_not_answer_is_an_alert_with_its_reason)
{
    static const char command[] =
        "host key not known: SHA256:abc; check it, then run: ssh-keyscan -p 22 n1 >> known_hosts";
    char said[160];

    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "n1", M_SOURCE_STATE, "refused");
    word(GW_SOURCE, "n1", M_SOURCE_REASON, command);
    end();
    model_settle(m, start);
    snprintf(said, sizeof(said), "refused: %s", command);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "n1 source")), said);
    snprintf(said, sizeof(said), "n1: refused: %s", command);
    ck_assert_str_eq(newest_event(), said);
    say_state("n1", "connecting", NAN);
    ck_assert_str_eq(alert_state("n1 source"), "raised");
    for (int i = 0; i <= 62; i += 62) {
        begin(BATCH_HOST, "", start + i);
        word(GW_SOURCE, "n1", M_SOURCE_STATE, "ok");
        end();
        model_settle(m, start + i);
    }
    ck_assert_str_eq(alert_state("n1 source"), "cleared");
}
END_TEST

/* ---- nodes that are down ---- */

static void tell_states(double time, const char *state, const char *reason, size_t count,
                        const char *const *nodes)
{
    begin(BATCH_POLL, "slurm", time);
    for (size_t i = 0; i < count; i++) {
        word(GW_NODE, nodes[i], M_NODE_STATE, state);
        word(GW_NODE, nodes[i], M_NODE_REASON, reason);
    }
    end();
    model_settle(m, time);
}

static const char *alert_text(const char *alert)
{
    ck_assert_str_eq(alert_state(alert), "raised");
    return model_text(m, M_ALERT_TEXT, row(GW_ALERT, alert));
}

START_TEST(a_node_that_is_down_is_an_alert_of_its_rack_with_the_reason)
{
    static const char *const n1[] = { "n1" }, *const both[] = { "n1", "n2" };
    uint64_t events;

    declare_site();
    tell_states(start, "up", "", 2, both);
    ck_assert_str_eq(alert_state("rack-1 nodes"), "never");
    tell_states(start + 100, "down", "power supply", 1, n1);
    ck_assert_str_eq(alert_text("rack-1 nodes"), "n1 down: power supply");
    ck_assert_str_eq(newest_event(), "rack-1: n1 down: power supply");
    ck_assert_double_eq(number(GW_ALERT, "rack-1 nodes", M_ALERT_SINCE), start + 100);
    ck_assert_int_eq(quality(GW_ALERT, "rack-1 nodes", M_ALERT_SINCE), GW_OK);
    events = model_event_count(m);
    tell_states(start + 110, "drain", "power supply", 1, n1);
    ck_assert_str_eq(alert_text("rack-1 nodes"), "clearing; no node down");
    tell_states(start + 170, "up", "", 1, n1);
    ck_assert_str_eq(alert_state("rack-1 nodes"), "cleared");
    ck_assert_uint_eq(model_event_count(m), events + 1);
}
END_TEST

START_TEST(nodes_of_dual_fed_racks_are_down_once)
{
    static const char *const all[] = { "n1", "n2", "n3", "n4" };
    uint32_t hall, bus_a, bus_b;

    begin(BATCH_ROSTER, "", start);
    hall = add(GW_DOMAIN, "hall-1", GW_NONE);
    bus_a = add(GW_DOMAIN, "bus-1A", hall);
    bus_b = add(GW_DOMAIN, "bus-1B", hall);
    for (size_t i = 0; i < 4; i += 2) {
        uint32_t rack = add(GW_DOMAIN, i ? "r2" : "r1", bus_a);

        batch_link(b, rack, bus_b);
        add(GW_NODE, all[i], rack);
        add(GW_NODE, all[i + 1], rack);
    }
    end();
    tell_states(start, "down", "", 4, all);
    ck_assert_str_eq(alert_text("bus-1A nodes"), "4 of 4 nodes down");
    ck_assert_str_eq(alert_state("hall-1 nodes"), "never");
    ck_assert_str_eq(alert_state("bus-1B nodes"), "never");
}
END_TEST

/* Which of its nodes do not answer nobody knows of an engine that fails. */
START_TEST(an_engine_that_fails_calls_no_node_down)
{
    begin(BATCH_POLL, "engine", start);
    say(GW_NODE, "n1", M_NODE_METER, 1000);
    say(GW_NODE, "n2", M_NODE_METER, 1000);
    end();
    begin(BATCH_HOST, "", start + 60);
    word(GW_SOURCE, "engine", M_SOURCE_STATE, "down");
    say(GW_SOURCE, "engine", M_SOURCE_POLLS, 1);
    end();
    model_settle(m, start + 60);
    ck_assert_uint_eq(model_coverage(m).down, 0);
    ck_assert_uint_eq(model_coverage(m).stale, 2);
}
END_TEST

START_TEST(a_rack_of_nodes_that_are_down_is_one_line_and_so_is_a_feed)
{
    static const char *const all[] = { "n1", "n2", "n3", "n10" };

    declare_site();
    tell_states(start, "down*", "", 2, all);
    ck_assert_str_eq(alert_text("rack-1 nodes"), "2 of 2 nodes down");
    ck_assert_str_eq(alert_state("rack-2 nodes"), "never");
    tell_states(start + 1, "down", "switch lost", 4, all);
    ck_assert_str_eq(alert_text("feed-A nodes"), "4 of 4 nodes down");
    ck_assert_str_eq(alert_text("rack-1 nodes"),
                     "clearing; 2 of 2 nodes down, told with others");
    ck_assert_str_eq(alert_state("rack-2 nodes"), "never");
    tell_states(start + 62, "down", "switch lost", 4, all);
    ck_assert_str_eq(alert_state("rack-1 nodes"), "cleared");
    tell_states(start + 63, "up", "", 1, all);
    ck_assert_str_eq(alert_text("rack-2 nodes"), "2 of 2 nodes down: switch lost");
    ck_assert_str_eq(alert_text("rack-1 nodes"), "n2 down: switch lost");
}
END_TEST

START_TEST(of_many_nodes_that_are_down_three_are_named_and_a_common_reason)
{
    uint32_t rack;
    char name[16];

    begin(BATCH_ROSTER, "", start);
    rack = add(GW_DOMAIN, "rack", GW_NONE);
    for (int i = 1; i <= 18; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        add(GW_NODE, name, rack);
    }
    end();
    begin(BATCH_POLL, "slurm", start);
    for (int i = 1; i <= 5; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        word(GW_NODE, name, M_NODE_STATE, "down");
        word(GW_NODE, name, M_NODE_REASON, "leak");
    }
    end();
    model_settle(m, start);
    ck_assert_str_eq(alert_text("rack nodes"),
                     "5 of 18 nodes down: n1, n2, n3 and 2 more (leak)");
    tell_states(start + 1, "down", "fan", 1, (const char *const[]){ "n2" });
    ck_assert_str_eq(alert_text("rack nodes"),
                     "5 of 18 nodes down: n1, n2, n3 and 2 more");
}
END_TEST

START_TEST(when_racks_everywhere_have_nodes_down_the_site_has_one_line)
{
    char name[16];

    begin(BATCH_ROSTER, "", start);
    for (int i = 0; i < 40; i++) {
        uint32_t rack;

        snprintf(name, sizeof(name), "r%d", i);
        rack = add(GW_DOMAIN, name, GW_NONE);
        snprintf(name, sizeof(name), "r%d-a", i);
        add(GW_NODE, name, rack);
        snprintf(name, sizeof(name), "r%d-b", i);
        add(GW_NODE, name, rack);
    }
    end();
    begin(BATCH_POLL, "slurm", start);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "r%d-a", i);
        word(GW_NODE, name, M_NODE_STATE, "down");
    }
    end();
    model_settle(m, start);
    ck_assert_str_eq(alert_text("iad-3 nodes"), "40 of 80 nodes down, in 40 places");
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 1);
}
END_TEST

START_TEST(a_node_that_no_domain_feeds_is_the_sites)
{
    tell_states(start, "down", "", 1, (const char *const[]){ "n1" });
    ck_assert_str_eq(alert_text("iad-3 nodes"), "n1 down");
    tell_states(start + 1, "up", "", 1, (const char *const[]){ "n1" });
    tell_states(start + 62, "up", "", 1, (const char *const[]){ "n1" });
    ck_assert_str_eq(alert_state("iad-3 nodes"), "cleared");
}
END_TEST

START_TEST(what_stood_when_one_began_to_look_began_when_its_past_says)
{
    static const float past[] = { 500, 500, 950, 980, 1100, 1100 };

    declare_site();
    model_set_cap(m, row(GW_DOMAIN, "feed-B"),
                  &(struct cap){ .unit = UNIT_W, .value = 1000, .clear = .02 });
    model_trend_fill(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"), start - TREND_STEP_S, past,
                     6);
    draw(start, 1100);
    ck_assert_str_eq(alert_state("feed-B power"), "raised");
    ck_assert_double_lt(number(GW_ALERT, "feed-B power", M_ALERT_SINCE),
                        start - 3 * TREND_STEP_S);
    ck_assert_double_gt(number(GW_ALERT, "feed-B power", M_ALERT_SINCE),
                        start - 6 * TREND_STEP_S);
    ck_assert_int_eq(quality(GW_ALERT, "feed-B power", M_ALERT_SINCE), GW_ESTIMATED);
    tell(start, GW_GPU, "n1/0", M_GPU_TEMP, 90); /* has no past that tells */
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_ALERT, "n1/0 temperature", M_ALERT_SINCE), start + 1);
    ck_assert_int_eq(quality(GW_ALERT, "n1/0 temperature", M_ALERT_SINCE), GW_ESTIMATED);
    tell(start + 100, GW_GPU, "n1/1", M_GPU_TEMP, 90);
    model_settle(m, start + 100);
    ck_assert_double_eq(number(GW_ALERT, "n1/1 temperature", M_ALERT_SINCE), start + 100);
    ck_assert_int_eq(quality(GW_ALERT, "n1/1 temperature", M_ALERT_SINCE), GW_OK);
}
END_TEST

START_TEST(no_more_targets_have_an_alert_each_than_one_can_look_into)
{
    char name[16];

    begin(BATCH_HOST, "", start);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        word(GW_SOURCE, name, M_SOURCE_STATE, "down");
    }
    end();
    model_settle(m, start);
    ck_assert_uint_gt(model_rows(m, GW_ALERT), 1);
    ck_assert_uint_lt(model_rows(m, GW_ALERT), 30);
    ck_assert_uint_eq(model_event_count(m), model_rows(m, GW_ALERT));
}
END_TEST

static void recall_source(const char *name, const char *state)
{
    begin(BATCH_CACHE, "", start - 600);
    word(GW_SOURCE, name, M_SOURCE_STATE, state);
    end();
    model_settle(m, start);
}

START_TEST(what_the_cache_remembers_of_a_target_is_no_alert_now)
{
    recall_source("n1", "down");
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 0);
    ck_assert_uint_eq(model_event_count(m), 0);
    say_state("n1", "connecting", NAN);
    ck_assert_uint_eq(model_rows(m, GW_ALERT), 0);
    say_state("n1", "down", NAN);
    ck_assert_str_eq(alert_state("n1 source"), "raised");
}
END_TEST

START_TEST(an_alert_that_the_cache_remembers_goes_when_its_target_is_asked_no_more)
{
    begin(BATCH_CACHE, "", start - 600);
    word(GW_ALERT, "n1 source", M_ALERT_STATE, "raised");
    word(GW_ALERT, "n1 source", M_ALERT_SUBJECT, "n1");
    word(GW_ALERT, "n1 source", M_ALERT_LEVEL, "attention");
    end();
    recall_source("n1", "down");
    model_settle(m, start + 3600);
    ck_assert_str_eq(alert_state("n1 source"), "raised"); /* nobody is told of yet */
    for (int i = 3600; i <= 3662; i += 62) {
        begin(BATCH_HOST, "", start + i);
        word(GW_SOURCE, "n2", M_SOURCE_STATE, "ok");
        end();
        model_settle(m, start + i);
    }
    ck_assert_str_eq(alert_state("n1 source"), "cleared");
    ck_assert_str_eq(newest_event(), "n1: nobody tells of it any more");
}
END_TEST

/* One that fails is asked every few minutes only, and who keeps the cache knows whether
 * it is. */
START_TEST(but_not_by_who_only_reads_what_another_keeps)
{
    begin(BATCH_CACHE, "", start - 600);
    word(GW_ALERT, "n1 source", M_ALERT_STATE, "raised");
    word(GW_ALERT, "n1 source", M_ALERT_SUBJECT, "n1");
    word(GW_ALERT, "n1 source", M_ALERT_LEVEL, "attention");
    word(GW_ALERT, "n1 source", M_ALERT_TEXT, "down: no route to host");
    end();
    recall_source("n1", "down");
    begin(BATCH_CACHE, "", start + 3600);
    word(GW_SOURCE, "n2", M_SOURCE_STATE, "ok");
    end();
    model_trust_cache(m, 60);
    model_settle(m, start + 3600);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "n1 source")),
                     "down: no route to host");
}
END_TEST

START_TEST(and_when_no_target_is_left_at_all)
{
    begin(BATCH_CACHE, "", start - 600);
    word(GW_ALERT, "n1 source", M_ALERT_STATE, "raised");
    word(GW_ALERT, "n1 source", M_ALERT_SUBJECT, "n1");
    word(GW_ALERT, "n1 source", M_ALERT_LEVEL, "attention");
    end();
    recall_source("n1", "down");
    model_asks_nobody(m);
    for (int i = 0; i <= 120; i += 60)
        model_settle(m, start + i);
    ck_assert_str_eq(alert_state("n1 source"), "cleared");
}
END_TEST

static void hall_of_racks(int racks, double time, double watts)
{
    uint32_t hall;

    begin(BATCH_ROSTER, "", time);
    hall = add(GW_DOMAIN, "hall-1", GW_NONE);
    batch_text(b, hall, M_DOMAIN_TYPE, "hall", 4);
    for (int i = 1; i <= racks; i++) {
        char name[16];
        uint32_t rack;

        snprintf(name, sizeof(name), "r%d", i);
        rack = add(GW_DOMAIN, name, hall);
        batch_text(b, rack, M_DOMAIN_TYPE, "rack", 4);
    }
    end();
    begin(BATCH_POLL, "meters", time);
    for (int i = 1; i <= racks; i++) {
        char name[16];

        snprintf(name, sizeof(name), "r%d", i);
        say(GW_DOMAIN, name, M_DOMAIN_CAP, 10e3);
        say(GW_DOMAIN, name, M_DOMAIN_METER, watts + 10 * i);
    }
    end();
    model_settle(m, time);
}

START_TEST(racks_of_a_hall_that_fill_together_are_one_event_and_an_alert_each)
{
    hall_of_racks(4, start, 9.5e3);
    ck_assert_uint_eq(model_event_count(m), 1);
    ck_assert_str_eq(newest_event(), "hall-1: 4 racks near their caps: r4 at 95.4%");
    ck_assert_str_eq(alert_state("r1 power"), "raised");
    ck_assert_str_eq(alert_state("r4 power"), "raised");
    hall_of_racks(4, start + 30, 5e3);
    hall_of_racks(4, start + 300, 5e3);
    ck_assert_uint_eq(model_event_count(m), 2);
    ck_assert_str_eq(newest_event(), "hall-1: 4 racks are no longer near their caps");
    ck_assert_str_eq(alert_state("r4 power"), "cleared");
}
END_TEST

START_TEST(few_racks_that_fill_together_are_an_event_each)
{
    hall_of_racks(3, start, 9.5e3);
    ck_assert_uint_eq(model_event_count(m), 3);
    ck_assert_str_eq(newest_event(), "r3: 9.53 kW of 10 kW, 95.3% of its cap");
}
END_TEST

START_TEST(a_likely_breach_is_an_alert)
{
    declare_site();
    begin(BATCH_FORECAST, "forecast", start);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_P, 0.34);
    end();
    model_settle(m, start);
    ck_assert_str_eq(model_text(m, M_ALERT_LEVEL, row(GW_ALERT, "feed-A forecast")),
                     "attention");
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "feed-A forecast")),
                     "p .34 of a breach within the hour");
}
END_TEST

START_TEST(a_likely_breach_is_told_in_the_words_of_its_forecast)
{
    declare_site();
    begin(BATCH_FORECAST, "forecast", start);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_P, .34);
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_WHY, "may pass 16 kW in 5m: 2 kW free");
    end();
    model_settle(m, start);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "feed-A forecast")),
                     "p .34: may pass 16 kW in 5m: 2 kW free");
    ck_assert_str_eq(newest_event(), "feed-A: p .34: may pass 16 kW in 5m: 2 kW free");
    begin(BATCH_FORECAST, "forecast", start + 10);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_P, .41);
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_WHY,
         "may pass 16 kW at 14:32 ±4m: 44625 starts, +3 kW");
    end();
    model_settle(m, start + 10);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "feed-A forecast")),
                     "p .41: may pass 16 kW at 14:32 ±4m: 44625 starts, +3 kW");
}
END_TEST

/* The alert and whoever shows the forecast read one number: that of now. */
START_TEST(what_an_alert_says_is_free_is_free_now)
{
    static const struct {
        double watts;
        const char *why;
    } draws[] = { { 13e3, "may pass 16 kW in 5m: 3 kW free, swings" },
                  { 15.5e3, "may pass 16 kW in 5m: 500 W free, swings" },
                  { 17e3, "may pass 16 kW in 5m: nothing free, swings" } };
    char why[300];

    declare_site();
    begin(BATCH_FORECAST, "forecast", start);
    say(GW_DOMAIN, "feed-A", M_DOMAIN_P, .34);
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_DOMAIN, "feed-A");
    say(GW_FORECAST, "feed-A@1h", M_FORECAST_CAP, 16e3);
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_WHY,
         "may pass 16 kW in 5m: 2 kW free, swings");
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_WHY_BEFORE, "may pass 16 kW in 5m: ");
    word(GW_FORECAST, "feed-A@1h", M_FORECAST_WHY_AFTER, " free, swings");
    end();
    for (size_t i = 0; i < sizeof(draws) / sizeof(draws[0]); i++) {
        const char *alert;

        tell(start + 1 + (double)i, GW_DOMAIN, "feed-A", M_DOMAIN_METER, draws[i].watts);
        model_settle(m, start + 1 + (double)i);
        model_forecast_why(m, row(GW_FORECAST, "feed-A@1h"), why, sizeof(why));
        ck_assert_str_eq(why, draws[i].why);
        alert = model_text(m, M_ALERT_TEXT, row(GW_ALERT, "feed-A forecast"));
        ck_assert_msg(strncmp(alert, "p .34: ", 7) == 0 && strcmp(alert + 7, why) == 0,
                      "%s", alert);
    }
}
END_TEST

START_TEST(a_thousand_events_are_kept_newest_first)
{
    for (int i = 0; i < 2500; i++)
        model_event(m, start + i, "information", "event %d", i);
    ck_assert_uint_eq(model_rows(m, GW_EVENT), 1000);
    ck_assert_str_eq(newest_event(), "event 2499");
    ck_assert_str_eq(model_text(m, M_EVENT_TEXT, model_order(m, GW_EVENT)[999]),
                     "event 1500");
    model_event(m, start, "critical", "with \033[2J");
    ck_assert_ptr_null(strchr(newest_event(), '\033'));
}
END_TEST

START_TEST(events_told_by_others_join_the_ring)
{
    model_event(m, start, "information", "ours");
    begin(BATCH_HOST, "", start + 1);
    word(GW_EVENT, "disk", M_EVENT_TEXT, "the disk is full");
    word(GW_EVENT, "disk", M_EVENT_LEVEL, "attention");
    end();
    ck_assert_uint_eq(model_rows(m, GW_EVENT), 2);
    ck_assert_str_eq(newest_event(), "the disk is full");
    ck_assert_double_eq(model_number(m, M_EVENT_TIME, 1), start + 1);
}
END_TEST

START_TEST(who_follows_raises_alerts_and_leaves_the_events_to_whom_it_follows)
{
    model_is_told_events(m, true);
    hall_of_racks(1, start, 9.5e3);
    ck_assert_str_eq(alert_state("r1 power"), "raised");
    ck_assert_uint_eq(model_event_count(m), 0);
    begin(BATCH_CACHE, "", start + 5);
    word(GW_EVENT, "1", M_EVENT_TEXT, "r1: 9.49 kW of 10 kW, 94.9% of its cap");
    end();
    ck_assert_uint_eq(model_event_count(m), 1);
    model_is_told_events(m, false);
    hall_of_racks(1, start + 30, 5e3);
    hall_of_racks(1, start + 300, 5e3);
    ck_assert_uint_eq(model_event_count(m), 2);
}
END_TEST

/* Who answers about alerts knows GPUs by their declaration alone. */
START_TEST(an_alert_of_gpus_stays_as_remembered_where_no_gpu_is_read)
{
    static const char text[] = "GPU n1/1 is told of no more; others of the node are";

    begin(BATCH_ROSTER, "", start);
    batch_entity(b, GW_GPU, "n1/0", 4, add(GW_NODE, "n1", GW_NONE));
    batch_entity(b, GW_GPU, "n1/1", 4, add(GW_NODE, "n1", GW_NONE));
    end();
    begin(BATCH_CACHE, "", start);
    word(GW_ALERT, "n1 gpus", M_ALERT_SUBJECT, "n1");
    word(GW_ALERT, "n1 gpus", M_ALERT_STATE, "raised");
    word(GW_ALERT, "n1 gpus", M_ALERT_LEVEL, "attention");
    word(GW_ALERT, "n1 gpus", M_ALERT_TEXT, text);
    end();
    model_settle(m, start + 1);
    ck_assert_str_eq(model_text(m, M_ALERT_TEXT, row(GW_ALERT, "n1 gpus")), text);
    ck_assert_int_eq(quality(GW_ALERT, "n1 gpus", M_ALERT_LEVEL), GW_STALE);
    begin(BATCH_POLL, "n1", start + 2); /* and is told anew by who reads them */
    batch_number(b, batch_entity(b, GW_GPU, "n1/0", 4, add(GW_NODE, "n1", GW_NONE)),
                 M_GPU_POWER, 500, GW_OK);
    end();
    model_settle(m, start + 2);
    ck_assert_int_eq(quality(GW_ALERT, "n1 gpus", M_ALERT_LEVEL), GW_OK);
    ck_assert_int_eq(quality(GW_ALERT, "n1 gpus", M_ALERT_SUBJECT), GW_OK);
}
END_TEST

static void announce(enum batch_origin origin, double at, const char *name,
                     const char *text)
{
    begin(origin, origin == BATCH_POLL ? "slurm" : "", at);
    word(GW_EVENT, name, M_EVENT_TEXT, text);
    word(GW_EVENT, name, M_EVENT_KEY, "slurm maint 1700004000 begins");
    end();
}

START_TEST(what_has_a_key_is_told_once_in_whatever_words)
{
    announce(BATCH_CACHE, start, "1", "maintenance begins in 69 min");
    announce(BATCH_POLL, start + 300, "slurm maint", "maintenance begins in 64 min");
    ck_assert_uint_eq(model_event_count(m), 1);
    begin(BATCH_POLL, "slurm", start + 400);
    word(GW_EVENT, "other", M_EVENT_TEXT, "maintenance begins in 64 min");
    word(GW_EVENT, "other", M_EVENT_KEY, "slurm other 1700004000 begins");
    end();
    ck_assert_uint_eq(model_event_count(m), 2);
    begin(BATCH_HOST, "", start + 500);
    word(GW_EVENT, "disk", M_EVENT_TEXT, "maintenance begins in 64 min");
    end();
    ck_assert_uint_eq(model_event_count(m), 3);
}
END_TEST

START_TEST(alerts_and_events_survive_a_restart)
{
    static const enum gw_kind kinds[] = { GW_GPU, GW_ALERT, GW_EVENT };
    struct model *old = m;

    tell(start, GW_GPU, "n1/0", M_GPU_TEMP, 90);
    model_settle(m, start);
    model_event(m, start + 1, "information", "last");
    m = model_new("iad-3");
    for (size_t i = 0; i < 3; i++) {
        struct batch *snapshot = model_snapshot(old, kinds[i]);

        model_apply(m, snapshot);
        batch_free(snapshot);
    }
    model_free(old);
    ck_assert_str_eq(newest_event(), "last");
    model_settle(m, start + 60);
    ck_assert_str_eq(alert_state("n1/0 temperature"), "raised");
    for (int i = 61; i <= 121; i += 60) {
        tell(start + i, GW_GPU, "n1/0", M_GPU_TEMP, 40);
        model_settle(m, start + i);
    }
    ck_assert_str_eq(alert_state("n1/0 temperature"), "cleared");
}
END_TEST

/* ---- trends ---- */

START_TEST(a_trend_holds_the_mean_of_each_step)
{
    struct trend t;

    declare_site();
    draw(start, 100);
    draw(start + 5, 200);
    draw(start + 15, 400);
    draw(start + 60, 500);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"));
    ck_assert_uint_eq(t.count, 5);
    ck_assert_double_eq(t.end, start + 60);
    ck_assert_float_eq(t.values[0], 150);
    ck_assert_float_eq(t.values[1], 400);
    ck_assert_float_nan(t.values[3]);
    ck_assert_float_eq(t.values[4], 500);
    ck_assert_uint_eq(model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1")).count, 0);
}
END_TEST

/* n1 and n2 of rack-1, every 15 s from step `from` to before `to`; silent: n2 says
 * nothing. */
static void meter_rack(int from, int to, bool silent)
{
    for (int i = from; i < to; i++) {
        tell(start + 15 * i, GW_NODE, "n1", M_NODE_METER, 1000);
        if (!silent)
            tell(start + 15 * i, GW_NODE, "n2", M_NODE_METER, 2000);
        model_settle(m, start + 15 * i);
    }
}

static float last_of_trend(void)
{
    struct trend t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1"));

    ck_assert_uint_gt(t.count, 0);
    return t.values[t.count - 1];
}

START_TEST(a_target_that_falls_silent_is_no_fall_of_power)
{
    struct trend t;

    declare_site();
    meter_rack(0, 10, false);
    ck_assert_float_eq(last_of_trend(), 3000);
    meter_rack(10, 20, true);
    ck_assert_double_eq(number(GW_DOMAIN, "rack-1", M_DOMAIN_POWER), 1000);
    ck_assert(model_sum_lacks(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1")));
    ck_assert_float_nan(last_of_trend());
    meter_rack(20, 25, false);
    ck_assert_float_eq(last_of_trend(), 3000);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1"));
    for (size_t i = 0; i < t.count; i++)
        ck_assert(isnan(t.values[i]) || (double)t.values[i] == 3000.);
}
END_TEST

START_TEST(what_is_silent_for_long_is_gone_and_the_rest_is_the_power)
{
    declare_site();
    meter_rack(0, 10, false);
    meter_rack(10, 10 + 16, true);
    ck_assert_float_nan(last_of_trend());
    meter_rack(26, 40, true);
    ck_assert_float_eq(last_of_trend(), 1000);
}
END_TEST

START_TEST(a_meter_of_its_own_lacks_nothing_when_a_node_falls_silent)
{
    declare_site();
    for (int i = 0; i < 20; i++) {
        tell(start + 15 * i, GW_DOMAIN, "rack-1", M_DOMAIN_METER, 3100);
        meter_rack(i, i + 1, i >= 10);
    }
    ck_assert_float_eq(last_of_trend(), 3100);
}
END_TEST

START_TEST(no_trend_begins_with_those_that_answer_fastest)
{
    begin(BATCH_HOST, "", start);
    word(GW_SOURCE, "n1", M_SOURCE_STATE, "ok");
    say(GW_SOURCE, "n1", M_SOURCE_POLLS, 1);
    word(GW_SOURCE, "n2", M_SOURCE_STATE, "late");
    end();
    declare_site();
    meter_rack(0, 1, true);
    ck_assert_uint_eq(model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "rack-1")).count, 0);
    ck_assert_uint_eq(model_trend(m, GW_SITE, 0).count, 0);
    begin(BATCH_HOST, "", start + 15);
    word(GW_SOURCE, "n2", M_SOURCE_STATE, "down");
    end();
    meter_rack(1, 2, true);
    ck_assert_float_eq(last_of_trend(), 1000);
}
END_TEST

/* As the cache has them: GPUs in the order of its rows. */
START_TEST(a_node_of_the_cache_is_as_young_as_its_gpus)
{
    uint32_t gpu;

    begin(BATCH_CACHE, "", start + 30);
    batch_time(b, start + 20);
    gpu = add(GW_GPU, "n1/0", GW_NONE);
    batch_entity(b, GW_GPU, "n1/0", 4, add(GW_NODE, "n1", GW_NONE));
    batch_number(b, gpu, M_GPU_POWER, 400, GW_OK);
    end();
    model_settle(m, start + 30);
    ck_assert_double_eq(model_row_age(m, GW_NODE, row(GW_NODE, "n1")), 10);
}
END_TEST

START_TEST(a_node_that_the_cache_calls_stale_is_not_summed_up_anew)
{
    uint32_t node;

    model_trust_cache(m, 60);
    begin(BATCH_CACHE, "", start);
    node = add(GW_NODE, "n1", GW_NONE);
    batch_number(b, node, M_NODE_POWER, 400, GW_STALE);
    batch_number(b, add(GW_GPU, "n1/0", node), M_GPU_POWER, 400, GW_OK);
    end();
    model_settle(m, start + 5);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_STALE);
    begin(BATCH_POLL, "n1", start + 10);
    batch_number(b, add(GW_GPU, "n1/0", add(GW_NODE, "n1", GW_NONE)), M_GPU_POWER, 500,
                 GW_OK);
    end();
    model_settle(m, start + 10);
    ck_assert_int_eq(quality(GW_NODE, "n1", M_NODE_POWER), GW_ESTIMATED);
    ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 500);
}
END_TEST

START_TEST(a_trend_is_bounded_and_in_one_piece)
{
    struct trend t;

    declare_site();
    for (int i = 0; i < 1500; i++)
        draw(start + 15 * i, i);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"));
    ck_assert_uint_eq(t.count, TREND_LENGTH);
    for (size_t i = 0; i < t.count; i++)
        ck_assert_float_eq(t.values[i], (float)(1500 - TREND_LENGTH + i));
}
END_TEST

START_TEST(history_warms_a_trend_without_touching_what_was_seen)
{
    float watts[40];
    struct trend t;

    declare_site();
    draw(start + 600, 900);
    for (int i = 0; i < 40; i++)
        watts[i] = (float)i;
    model_trend_fill(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"), start + 600, watts, 40);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"));
    ck_assert_uint_eq(t.count, 40);
    ck_assert_double_eq(t.end, start + 600);
    ck_assert_float_eq(t.values[0], 0);
    ck_assert_float_eq(t.values[38], 38);
    ck_assert_float_eq(t.values[39], 900);
    model_trend_fill(m, GW_SITE, 0, start + 600, watts, 40);
    t = model_trend(m, GW_SITE, 0);
    ck_assert_uint_ge(t.count, 40);
}
END_TEST

START_TEST(the_known_past_is_its_latest_stretch_without_a_gap)
{
    float watts[40];
    double since, until;

    model_known_past(m, &since, &until);
    ck_assert_double_eq(since, until);
    for (int i = 0; i < 40; i++)
        watts[i] = i == 9 || i > 37 ? NAN : 1000;
    model_trend_fill(m, GW_SITE, 0, start + 600, watts, 40);
    model_known_past(m, &since, &until);
    ck_assert_double_eq(since, start + 600 - 29 * TREND_STEP_S);
    ck_assert_double_eq(until, start + 600 - TREND_STEP_S);
}
END_TEST

/* The past of a domain's power as a source tells it `metric`. */
static void tell_past_as(uint16_t metric)
{
    struct batch *told = batch_new(BATCH_POLL, "engine", start + 600);
    uint32_t e = batch_entity(told, GW_DOMAIN, "feed-B", strlen("feed-B"), GW_NONE);

    for (int i = 0; i < 4; i++) {
        batch_time(told, start + 15 * i);
        batch_number(told, e, metric, 100 + i, GW_ESTIMATED);
    }
    model_apply(m, told);
    batch_free(told);
}

START_TEST(a_source_may_tell_of_the_past_after_the_present)
{
    const uint16_t metric = _i ? M_DOMAIN_METER : M_DOMAIN_POWER;
    struct trend t;

    declare_site();
    draw(start + 600, 900);
    tell_past_as(metric);
    draw(start + 601, 900);
    t = model_trend(m, GW_DOMAIN, row(GW_DOMAIN, "feed-B"));
    ck_assert_uint_eq(t.count, 41);
    ck_assert_double_eq(t.end, start + 600);
    ck_assert_float_eq(t.values[0], 100);
    ck_assert_float_eq(t.values[3], 103);
    ck_assert_float_nan(t.values[4]);
    ck_assert_float_eq(t.values[40], 900);
    ck_assert_double_eq(number(GW_DOMAIN, "feed-B", M_DOMAIN_POWER), 900);
}
END_TEST

/* ---- settling ---- */

START_TEST(settling_says_whether_anything_changed)
{
    uint64_t version;

    declare_site();
    ck_assert(model_settle(m, start));
    version = model_version(m);
    ck_assert(!model_settle(m, start + 0.1));
    ck_assert_uint_eq(model_version(m), version);
    tell(start + 0.1, GW_NODE, "n1", M_NODE_METER, 1);
    ck_assert(model_settle(m, start + 0.5));
    ck_assert_uint_gt(model_version(m), version);
}
END_TEST

/* More than half of an id tells apart, in a column of texts that many share and in one of
 * texts that each has for itself. */
START_TEST(texts_are_told_apart_however_many_there_are)
{
    enum { GPUS = 70000 };
    char name[32], text[32];

    begin(BATCH_POLL, "t", start);
    for (int i = 0; i < GPUS; i++) {
        snprintf(name, sizeof(name), "n%d/%d", i / 8, i % 8);
        snprintf(text, sizeof(text), "GPU-%d", i);
        word(GW_GPU, name, M_GPU_UUID, text);
        snprintf(text, sizeof(text), "job %d", i < GPUS - 1 ? i : 7);
        word(GW_GPU, name, M_GPU_JOB, text);
    }
    end();
    for (int i = 0; i < GPUS - 1; i += 9) {
        snprintf(name, sizeof(name), "n%d/%d", i / 8, i % 8);
        snprintf(text, sizeof(text), "GPU-%d", i);
        ck_assert_str_eq(model_text(m, M_GPU_UUID, row(GW_GPU, name)), text);
        snprintf(text, sizeof(text), "job %d", i);
        ck_assert_str_eq(model_text(m, M_GPU_JOB, row(GW_GPU, name)), text);
    }
    ck_assert_uint_eq(text_in(model_text_column(m, M_GPU_JOB), row(GW_GPU, "n8749/7")),
                      text_in(model_text_column(m, M_GPU_JOB), row(GW_GPU, "n0/7")));
}
END_TEST

START_TEST(texts_come_and_go_without_end)
{
    size_t bytes = 0;

    for (int i = 0; i < 100000; i++) {
        char text[64];

        begin(BATCH_HOST, "", start + i);
        snprintf(text, sizeof(text), "next try in %d s", i);
        word(GW_SOURCE, "n1", M_SOURCE_REASON, text);
        end();
        if (i % 100 == 0)
            model_settle(m, start + i);
        if (i == 30000)
            bytes = model_bytes(m);
    }
    ck_assert_uint_le(model_bytes(m), bytes * 2);
    ck_assert_str_eq(model_text(m, M_SOURCE_REASON, 0), "next try in 99999 s");
}
END_TEST

/* Texts whose places in a table are next to each other, some of which go. */
START_TEST(a_text_is_found_whichever_others_have_gone)
{
    enum { TEXTS = 6000 };
    struct text_column reasons;

    for (int turn = 0; turn < 2; turn++) {
        begin(BATCH_HOST, "", start + turn);
        for (int i = 0; i < TEXTS; i++) {
            char name[32], text[32];

            snprintf(name, sizeof(name), "n%d", i);
            snprintf(text, sizeof(text), "%s %d", turn && i % 3 ? "new" : "old", i);
            word(GW_SOURCE, name, M_SOURCE_REASON, text);
        }
        end();
        model_settle(m, start + turn);
    }
    begin(BATCH_HOST, "", start + 2);
    for (int i = 0; i < TEXTS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "m%d", i);
        word(GW_SOURCE, name, M_SOURCE_REASON, model_text(m, M_SOURCE_REASON, (uint32_t)i));
    }
    end();
    reasons = model_text_column(m, M_SOURCE_REASON);
    for (uint32_t i = 0; i < TEXTS; i++)
        ck_assert_uint_eq(text_in(reasons, i), text_in(reasons, TEXTS + i));
}
END_TEST

/* An answer may name a chain of any length; each link is put above the last. */
START_TEST(a_graph_as_deep_as_its_source_says_is_walked)
{
    enum { LINKS = 60000 };
    char name[32];
    uint32_t below = GW_NONE;

    begin(BATCH_POLL, "deep", start);
    for (int i = LINKS; i > 0; i--) {
        int len = snprintf(name, sizeof(name), "d%d", i);
        uint32_t above = batch_entity(b, GW_DOMAIN, name, (size_t)len, GW_NONE);

        if (below != GW_NONE)
            batch_link(b, below, above);
        below = above;
    }
    end();
    ck_assert_uint_eq(model_rows(m, GW_DOMAIN), LINKS);
    model_settle(m, start);
    ck_assert_str_eq(model_name(m, GW_DOMAIN, model_order(m, GW_DOMAIN)[0]), "d1");
}
END_TEST

/* ---- looking on ---- */

/* rows that a settling goes over from one look to the next */
enum { ONE_LOOK = 1 << 12 };

static void add_gpus(void)
{
    begin(BATCH_POLL, "lab", start);
    for (unsigned i = 0; i < 2 * ONE_LOOK; i++) {
        char name[32];

        snprintf(name, sizeof(name), "n%u/%u", i / 8, i % 8);
        say(GW_GPU, name, M_GPU_POWER, 100);
        word(GW_GPU, name, M_GPU_UUID, name);
    }
    end();
}

/* What a view may ask: much of it is found at the first question, and kept. */
static void read_all(void *looks)
{
    ++*(unsigned *)looks;
    for (int kind = 0; kind < GW_KINDS; kind++) {
        model_order(m, (enum gw_kind)kind);
        model_name_places(m, (enum gw_kind)kind);
        model_text_places(m, M_GPU_UUID);
        for (uint32_t row = 0; row < model_rows(m, (enum gw_kind)kind); row += 100) {
            model_find(m, (enum gw_kind)kind, model_name(m, (enum gw_kind)kind, row));
            model_coverage_below(m, (enum gw_kind)kind, row);
            model_first_part(m, (struct row){ (enum gw_kind)kind, row });
        }
    }
}

static void add_an_event(void *arg)
{
    (void)arg;
    model_event(m, start, "information", "somebody looked");
}

static void add_a_gpu(void *arg)
{
    (void)arg;
    tell(start, GW_GPU, "late/0", M_GPU_POWER, 100);
}

START_TEST(a_row_that_counts_for_several_lets_look_as_often)
{
    unsigned looks = 0, of_each[2];

    model_let_look(m, read_all, &looks);
    for (size_t worth = 1; worth <= 32; worth += 31) {
        looks = 0;
        for (size_t row = 0; row < 4 * (size_t)ONE_LOOK / worth; row++)
            model_pause(m, row * worth);
        of_each[worth > 1] = looks;
    }
    ck_assert_uint_eq(of_each[0], 3);
    ck_assert_uint_eq(of_each[1], of_each[0]);
}
END_TEST

START_TEST(who_looks_on_in_the_midst_of_a_settling_changes_nothing)
{
    unsigned looks = 0;

    add_gpus();
    model_let_look(m, read_all, &looks);
    ck_assert(model_settle(m, start));
    ck_assert_uint_ge(looks, 2);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 2 * ONE_LOOK * 100.);
    ck_assert_uint_eq(model_version(m), 1);
    looks = 0;
    model_let_look(m, NULL, NULL);
    model_settle(m, start + 2);
    ck_assert_uint_eq(looks, 0);
}
END_TEST

START_TEST(who_looks_on_is_let_look_while_the_past_of_many_is_added_up)
{
    enum { RACKS = ONE_LOOK / 16, BY_STEPS = TREND_LENGTH / 16 };
    unsigned looks = 0;

    declare_site();
    begin(BATCH_POLL, "replay", start);
    for (unsigned i = 0; i < RACKS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "r%u", i);
        tell_past(start - 2 * TREND_STEP_S, name, 1000);
    }
    end();
    model_let_look(m, read_all, &looks);
    model_settle(m, start);
    ck_assert_uint_ge(looks, BY_STEPS);
    looks = 0;
    model_settle(m, start + 2);
    ck_assert_uint_lt(looks, BY_STEPS);
}
END_TEST

/* Of nodes, each once, in whatever order. */
static void expect_each_node_once(void *looks)
{
    const uint32_t *order = model_order(m, GW_NODE);
    size_t rows = model_rows(m, GW_NODE);
    bool *seen = calloc(rows, sizeof(*seen));

    ++*(unsigned *)looks;
    for (size_t i = 0; i < rows; i++) {
        ck_assert_uint_lt(order[i], rows);
        ck_assert(!seen[order[i]]);
        seen[order[i]] = true;
    }
    free(seen);
}

static void expect_parts(const char *whole, const char *expected)
{
    struct row row_of_it = { GW_DOMAIN, row(GW_DOMAIN, whole) };
    char got[256] = "";

    for (struct row part = model_first_part(m, row_of_it); part.id != GW_NONE;
         part = model_next_part(m, row_of_it, part)) {
        const char *name = model_name(m, part.kind, part.id);

        snprintf(got + strlen(got), sizeof(got) - strlen(got), " %s", name);
    }
    ck_assert_str_eq(got, expected);
}

static void expect_node_at(size_t place, const char *name)
{
    ck_assert_str_eq(model_name(m, GW_NODE, model_order(m, GW_NODE)[place]), name);
}

START_TEST(while_somebody_looks_on_new_rows_take_their_place_when_it_is_settled)
{
    unsigned looks = 0;

    declare_site();
    model_let_look(m, expect_each_node_once, &looks);
    model_settle(m, start);
    begin(BATCH_ROSTER, "", start + 2);
    add(GW_NODE, "n2b", add(GW_DOMAIN, "rack-1", GW_NONE));
    add(GW_NODE, "n1", add(GW_DOMAIN, "rack-0", GW_NONE));
    end();
    expect_each_node_once(&looks);
    expect_node_at(2, "n3");
    expect_node_at(4, "n2b");
    expect_parts("rack-1", " n2");
    expect_parts("rack-2", " n3 n10");
    expect_parts("rack-0", "");
    model_settle(m, start + 2);
    expect_node_at(1, "n2b");
    expect_parts("rack-1", " n2 n2b");
    expect_parts("rack-0", " n1");
    expect_parts("feed-B", " rack-1");
}
END_TEST

START_TEST(who_looks_on_while_rows_are_put_in_order_finds_each_once)
{
    unsigned looks = 0, of_settled;

    model_settle(m, start);
    model_let_look(m, expect_each_node_once, &looks);
    for (unsigned i = 0; i < 8 * ONE_LOOK; i++) {
        char name[32];

        snprintf(name, sizeof(name), "n%u", 8 * ONE_LOOK - i);
        if (i % ONE_LOOK == 0)
            begin(BATCH_ROSTER, "", start);
        add(GW_NODE, name, GW_NONE);
        if (i % ONE_LOOK == ONE_LOOK - 1)
            end();
    }
    model_settle(m, start);
    expect_node_at(0, "n1");
    of_settled = looks;
    looks = 0;
    model_settle(m, start + 2);
    ck_assert_uint_gt(of_settled, looks + 3 * 7);
}
END_TEST

#ifndef NDEBUG
static void (*const meddling[])(void *arg) = { add_an_event, add_a_gpu };

START_TEST(who_changes_it_then_is_stopped)
{
    add_gpus();
    model_let_look(m, meddling[_i], NULL);
    model_settle(m, start);
}
END_TEST
#endif

#ifndef NDEBUG
static bool tests_fork(void)
{
    const char *fork = getenv("CK_FORK");

    return !fork || strcmp(fork, "no") != 0;
}
#endif

int main(void)
{
    const TTest *const tests[] = {
        what_was_recorded_of_domains_lacks_no_node,
        alerts_of_then_are_what_events_tell_and_the_power_of_then,
        the_past_of_what_feeds_recorded_racks_is_what_they_add_up_to,
        of_then_no_sum_lacks_a_part_and_nothing_happens,
        an_unknown_value_is_nan_and_never_seen,
        the_roster_stays_visible_before_it_answers,
        parts_stand_after_their_whole_in_natural_order,
        a_few_rows_stand_as_they_do_among_all,
        new_rows_take_their_place_and_ids_stay,
        a_circle_is_refused_with_an_event,
        a_source_does_not_move_what_the_roster_placed,
        a_changed_order_of_rows_is_noticed,
        many_rows_out_of_order_are_those_that_were_there,
        who_was_named_before_is_known_by_a_hash_in_any_order,
        a_node_lives_while_its_gpus_are_told_of_by_their_hashes,
        an_impossible_number_by_a_hash_is_unknown_with_its_reason,
        a_gpu_is_known_by_the_hash_of_its_other_name_too,
        what_a_gpu_is_does_not_grow_stale,
        a_job_that_has_ended_does_not_grow_stale,
        a_value_grows_stale_after_three_intervals,
        a_target_may_be_asked_more_slowly_and_never_stands_for_less,
        an_older_sample_replaces_nothing,
        every_value_keeps_its_own_age_and_origin,
        an_impossible_value_is_unknown_with_its_reason,
        a_clock_jumping_back_starts_ages_again,
        a_long_conversation_is_no_jump_of_the_clock,
        a_forecast_makes_what_it_is_about_no_younger,
        a_row_is_as_old_as_its_samples_not_as_their_arrival,
        mail_that_waited_is_no_jump_of_the_clock,
        a_trend_goes_on_after_the_clock_jumped_back,
        times_keep_their_seconds,
        the_cache_never_replaces_what_is_newer,
        a_domain_that_is_summed_up_again_is_not_stale,
        a_follower_takes_what_is_newer_and_only_that,
        what_the_cache_tells_twice_happened_once,
        a_cache_that_is_kept_up_to_date_counts_as_fresh,
        a_snapshot_brings_everything_back,
        a_dual_fed_part_gives_half_to_each_feed,
        with_the_other_feed_lost_it_would_carry_all,
        a_lost_feed_leaves_all_to_the_other,
        a_fresh_meter_is_believed_before_the_sum,
        a_missing_part_makes_the_sum_estimated_never_filled_in,
        a_site_does_not_count_a_dual_fed_part_twice,
        a_node_without_a_meter_is_estimated_from_its_gpus,
        a_job_nobody_speaks_of_for_a_day_makes_room,
        what_a_changing_site_has_not_told_of_for_a_week_makes_room,
        what_the_roster_declares_stays_seen_or_never_seen,
        what_was_given_up_is_not_taken_in_again,
        jobs_of_a_scheduler_that_does_not_answer_are_old_but_not_gone,
        energy_over_a_long_gap_is_no_power_of_now,
        energy_gives_power_where_nobody_says_it,
        a_counter_of_energy_that_stands_still_is_no_power,
        a_counter_that_changes_seldom_gives_the_mean_between_its_changes,
        idleness_is_counted_from_the_last_work,
        tenants_and_jobs_are_summed_from_what_they_hold,
        coverage_tells_stale_from_down_from_never,
        a_node_that_is_said_to_be_down_does_not_answer,
        a_node_whose_exporter_an_engine_misses_is_down_and_says_why,
        a_node_whose_own_target_does_not_answer_is_told_from_one_of_an_engine_that_does_not,
        without_a_roster_a_target_that_never_answered_is_missing,
        sums_of_who_answers_in_part_are_estimates_whose_coverage_is_not_known,
        whom_it_concerns_that_a_target_lacks_something,
        a_rack_says_itself_how_much_of_it_is_measured,
        a_cap_is_breached_only_after_its_dwell,
        an_alert_falls_only_when_it_was_lower_for_the_hold,
        a_mean_cap_forgives_a_spike,
        a_maximum_cap_remembers_a_spike,
        power_above_a_devices_rating_is_told_at_once,
        a_stale_value_neither_raises_nor_clears,
        a_sum_without_a_gpu_says_so,
        that_a_sum_lacks_a_gpu_is_remembered,
        what_goes_dark_clears_no_alert,
        what_was_dark_all_along_keeps_no_alert,
        a_stale_site_cap_is_not_replaced_by_a_sum,
        the_configured_cap_of_a_domain_stands_above_a_source,
        the_configured_cap_of_the_site_stands_above_a_source,
        a_contingency_cap_looks_at_the_other_feed_lost,
        oversubscribed_caps_are_no_alert,
        amperes_are_not_taken_for_watts,
        a_meter_that_disagrees_is_said,
        a_gpu_that_is_measured_no_more_is_told_whoever_else_names_it,
        a_gpu_that_tells_an_impossible_power_is_an_alert_and_not_gone,
        a_hot_gpu_is_raised_and_cleared,
        a_cache_that_cannot_be_opened_is_an_alert_until_it_can,
        an_error_of_a_gpu_is_told_with_its_meaning_and_one_of_an_application_is_not,
        a_gpu_that_its_teller_lacks_is_told_and_a_node_that_is_silent_is_not,
        a_target_that_does_not_answer_is_an_alert_with_its_reason,
        no_more_targets_have_an_alert_each_than_one_can_look_into,
        what_the_cache_remembers_of_a_target_is_no_alert_now,
        an_alert_that_the_cache_remembers_goes_when_its_target_is_asked_no_more,
        but_not_by_who_only_reads_what_another_keeps,
        and_when_no_target_is_left_at_all,
        racks_of_a_hall_that_fill_together_are_one_event_and_an_alert_each,
        few_racks_that_fill_together_are_an_event_each,
        a_likely_breach_is_an_alert,
        a_likely_breach_is_told_in_the_words_of_its_forecast,
        what_an_alert_says_is_free_is_free_now,
        a_thousand_events_are_kept_newest_first,
        events_told_by_others_join_the_ring,
        who_follows_raises_alerts_and_leaves_the_events_to_whom_it_follows,
        what_has_a_key_is_told_once_in_whatever_words,
        alerts_and_events_survive_a_restart,
        an_alert_of_gpus_stays_as_remembered_where_no_gpu_is_read,
        a_node_that_is_down_is_an_alert_of_its_rack_with_the_reason,
        nodes_of_dual_fed_racks_are_down_once,
        an_engine_that_fails_calls_no_node_down,
        a_rack_of_nodes_that_are_down_is_one_line_and_so_is_a_feed,
        of_many_nodes_that_are_down_three_are_named_and_a_common_reason,
        when_racks_everywhere_have_nodes_down_the_site_has_one_line,
        a_node_that_no_domain_feeds_is_the_sites,
        what_stood_when_one_began_to_look_began_when_its_past_says,
        a_trend_holds_the_mean_of_each_step,
        a_target_that_falls_silent_is_no_fall_of_power,
        what_is_silent_for_long_is_gone_and_the_rest_is_the_power,
        a_meter_of_its_own_lacks_nothing_when_a_node_falls_silent,
        no_trend_begins_with_those_that_answer_fastest,
        a_node_of_the_cache_is_as_young_as_its_gpus,
        a_node_that_the_cache_calls_stale_is_not_summed_up_anew,
        a_trend_is_bounded_and_in_one_piece,
        history_warms_a_trend_without_touching_what_was_seen,
        the_known_past_is_its_latest_stretch_without_a_gap,
        settling_says_whether_anything_changed,
        what_the_configuration_calls_a_domain_stands_above_a_source,
        a_target_that_only_the_cache_knows_is_not_expected_to_answer,
        texts_are_told_apart_however_many_there_are,
        texts_come_and_go_without_end,
        a_text_is_found_whichever_others_have_gone,
        a_graph_as_deep_as_its_source_says_is_walked,
        who_looks_on_in_the_midst_of_a_settling_changes_nothing,
        while_somebody_looks_on_new_rows_take_their_place_when_it_is_settled,
        who_looks_on_while_rows_are_put_in_order_finds_each_once,
        who_looks_on_is_let_look_while_the_past_of_many_is_added_up,
        a_row_that_counts_for_several_lets_look_as_often,
    };
    Suite *s = suite_create("model");
    TCase *c = tcase_create("model");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(c, tests[i]);
    tcase_add_loop_test(c, a_source_may_tell_of_the_past_after_the_present, 0, 2);
    tcase_add_loop_test(c, a_node_that_its_engine_lacks_is_not_counted_twice, 0, 2);
    tcase_add_loop_test(c, what_a_target_lacks_is_missing_once, 0,
                        (int)(sizeof(lacking) / sizeof(*lacking)));
#ifndef NDEBUG
    if (tests_fork()) /* or the signal ends them all */
        tcase_add_loop_test_raise_signal(c, who_changes_it_then_is_stopped, SIGABRT, 0,
                                         (int)(sizeof(meddling) / sizeof(*meddling)));
#endif
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
