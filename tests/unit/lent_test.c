/* GPUs and forecasts in the cache, written from the model: what comes back, whatever the file had. */
#include "model/model.h"
#include "store/lent.h"
#include "store/store.h"
#include "tests/lib/cache.h"
#include "tests/lib/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GPUS = 3000, A_WEEK_S = 7 * 86400 };

static const double start = 1790000010;

/* ---- a console, without its screen ---- */

struct console {
    struct model *model;
    struct store *store;
};

static void take(void *arg, struct batch *b)
{
    struct console *c = arg;

    model_apply(c->model, b);
    store_told(c->store, b);
    store_put(c->store, b);
}

static void open_cache(struct console *c, enum store_mode mode)
{
    c->store = store_open(path, mode, &err);
    ck_assert_msg(c->store != NULL, "%s", err.text);
    store_lends(c->store, c->model);
}

static struct console begin(void)
{
    struct console c = { .model = model_new("test") };

    open_cache(&c, STORE_WRITE);
    ck_assert_int_ge(store_recall(c.store, ~0u, take, &c, &err), 0);
    store_pace(c.store, .01);
    store_start(c.store, mail);
    return c;
}

static void end(struct console *c)
{
    store_close(c->store);
    model_free(c->model);
}

/* What somebody sees who reads the cache. Free with model_free(). */
static struct model *as_read(size_t *rows)
{
    struct console c = { .model = model_new("test") };

    open_cache(&c, STORE_READ);
    ck_assert_int_ge(store_recall(c.store, ~0u, take, &c, &err), 0);
    store_close(c.store);
    model_settle(c.model, start + 60);
    *rows = model_rows(c.model, GW_GPU);
    return c.model;
}

static const char *name_of(int i)
{
    static char name[32];

    snprintf(name, sizeof(name), "n%d/%d", i / 8, i % 8);
    return name;
}

static uint32_t gpu(struct batch *b, int i)
{
    char node[32];

    snprintf(node, sizeof(node), "n%d", i / 8);
    return batch_entity(b, GW_GPU, name_of(i), strlen(name_of(i)),
                        batch_entity(b, GW_NODE, node, strlen(node), GW_NONE));
}

static void tell(struct console *c, int first, int end, double time, double watts)
{
    struct batch *b = batch_new(BATCH_POLL, "exporter", time);

    for (int i = first; i < end; i++) {
        uint32_t e = gpu(b, i);
        char text[32];

        batch_number(b, e, M_GPU_POWER, watts + i, i % 7 ? GW_OK : GW_ESTIMATED);
        batch_number(b, e, M_GPU_ENERGY, 1e12 + i, GW_OK);
        batch_text(b, e, M_GPU_UUID, text,
                   (size_t)snprintf(text, sizeof(text), "GPU-%d", i));
    }
    take(c, b);
}

static void expect(const struct model *m, int i, double watts, double age)
{
    uint32_t row = model_find(m, GW_GPU, name_of(i));
    char text[32];

    ck_assert_uint_ne(row, GW_NONE);
    snprintf(text, sizeof(text), "GPU-%d", i);
    ck_assert_double_eq(model_number(m, M_GPU_POWER, row), (double)(float)(watts + i));
    ck_assert_double_eq(model_number(m, M_GPU_ENERGY, row), 1e12 + i);
    ck_assert_str_eq(model_text(m, M_GPU_UUID, row), text);
    ck_assert_double_eq_tol(model_age(m, M_GPU_POWER, row), age, 1);
    ck_assert_int_eq(model_parent(m, GW_GPU, row).kind, GW_NODE);
    snprintf(text, sizeof(text), "n%d", i / 8);
    ck_assert_str_eq(model_name(m, GW_NODE, model_parent(m, GW_GPU, row).id), text);
}

static void expect_all(int first, int end, double watts, double age)
{
    size_t rows;
    struct model *m = as_read(&rows);

    for (int i = first; i < end; i++)
        expect(m, i, watts, age);
    model_free(m);
}

/* Rows that are in the file, each as often as it is there. */
static void count(void *arg, struct batch *b)
{
    *(size_t *)arg += b->ordered;
    batch_free(b);
}

static size_t rows_in_file(void)
{
    struct store *s = store_open(path, STORE_READ, &err);
    size_t rows = 0;

    ck_assert_int_ge(store_recall(s, 1u << GW_GPU, count, &rows, &err), 0);
    store_close(s);
    return rows;
}

static void write_once(int first, int last, double time, double watts)
{
    struct console c = begin();

    tell(&c, first, last, time, watts);
    end(&c);
}

/* ---- what is told ---- */

START_TEST(what_the_model_was_told_comes_back)
{
    size_t rows;
    struct model *m;

    write_once(0, GPUS, start, 100);
    m = as_read(&rows);
    ck_assert_uint_eq(rows, GPUS);
    for (int i = 0; i < GPUS; i++) {
        expect(m, i, 100, 60);
        ck_assert_uint_eq(model_find(m, GW_GPU, name_of(i)), (uint32_t)i);
    }
    model_free(m);
}
END_TEST

/* As a forecaster tells it, of several kinds in one batch. */
static void tell_forecasts(struct console *c, double time, double watts)
{
    struct batch *b = batch_new(BATCH_FORECAST, "forecast", time);
    uint32_t rack = batch_entity(b, GW_DOMAIN, "rack", 4, GW_NONE);

    for (int i = 0; i < GPUS; i++) {
        char name[40];
        uint32_t e = batch_entity(b, GW_FORECAST, name,
                                  (size_t)snprintf(name, sizeof(name), "d%d@1h", i),
                                  GW_NONE);

        batch_number(b, e, M_FORECAST_Q50, watts + i, GW_OK);
        batch_text(b, e, M_FORECAST_METHOD, "fleet", 5);
        batch_number(b, e, M_FORECAST_ORIGIN, time, GW_OK);
    }
    batch_number(b, rack, M_DOMAIN_METER, watts, GW_OK);
    take(c, b);
}

START_TEST(forecasts_come_back_and_so_does_what_is_told_beside_them)
{
    struct console c = begin();
    struct model *m;
    size_t rows;

    tell(&c, 0, 8, start, 100);
    tell_forecasts(&c, start, 500);
    end(&c);
    c = begin();
    tell_forecasts(&c, start + 30, 700);
    end(&c);
    m = as_read(&rows);
    ck_assert_uint_eq(rows, 8);
    ck_assert_uint_eq(model_rows(m, GW_FORECAST), GPUS);
    for (uint32_t row = 0; row < GPUS; row++) {
        ck_assert_double_eq(model_number(m, M_FORECAST_Q50, row), 700 + (double)row);
        ck_assert_double_eq(model_number(m, M_FORECAST_ORIGIN, row), start + 30);
        ck_assert_str_eq(model_text(m, M_FORECAST_METHOD, row), "fleet");
    }
    ck_assert_double_eq(model_number(m, M_DOMAIN_METER, 0), 700);
    model_free(m);
}
END_TEST

static void count_looks(void *looks)
{
    ++*(unsigned *)looks;
}

START_TEST(a_key_is_answered_while_blocks_are_made)
{
    enum { MOST_TO_A_LOOK = 64 };
    struct console c = begin();
    unsigned looks = 0;

    tell(&c, 0, GPUS, start, 100);
    model_let_look(c.model, count_looks, &looks);
    while (store_lend(c.store))
        ;
    ck_assert_uint_ge(looks, GPUS / MOST_TO_A_LOOK);
    model_let_look(c.model, NULL, NULL);
    end(&c);
    expect_all(0, GPUS, 100, 60);
}
END_TEST

START_TEST(what_nobody_told_again_stays_as_it_was)
{
    write_once(0, GPUS, start, 100);
    write_once(1500, 1501, start + 30, 200);
    expect_all(0, 1500, 100, 60);
    expect_all(1500, 1501, 200, 30);
    expect_all(1501, GPUS, 100, 60);
    ck_assert_uint_eq(rows_in_file(), GPUS);
}
END_TEST

START_TEST(what_is_told_by_its_hash_comes_back_too)
{
    struct console c = begin();
    struct batch *b = batch_new(BATCH_POLL, "exporter", start + 30);
    uint64_t hashes[GPUS];
    double watts[GPUS];

    tell(&c, 0, GPUS, start, 100);
    end(&c);
    c = begin();
    for (int i = 0; i < GPUS; i++) {
        hashes[i] = batch_hash(GW_GPU, name_of(i), strlen(name_of(i)));
        watts[i] = 200 + i;
    }
    batch_numbers(b, M_GPU_POWER, hashes, watts, GPUS);
    take(&c, b);
    end(&c);
    expect_all(0, GPUS, 200, 30);
}
END_TEST

START_TEST(what_waits_to_be_written_has_nothing_that_is_lent)
{
    static const bool is_lent[GW_KINDS] = { [GW_GPU] = true };
    struct batch *b = batch_new(BATCH_POLL, "exporter", start);
    uint64_t hash = batch_hash(GW_GPU, "n0/0", 4);

    batch_number(b, batch_entity(b, GW_NODE, "n0", 2, GW_NONE), M_NODE_METER, 700, GW_OK);
    batch_numbers(b, M_GPU_POWER, &hash, &(double){ 200 }, 1);
    b = lent_left_out(b, is_lent);
    ck_assert_uint_eq(b->known_count, 0);
    ck_assert_uint_eq(b->sample_count, 1);
    (void)gpu(b, 0);
    b = lent_left_out(b, is_lent);
    ck_assert_uint_eq(b->entity_count, 1);
    ck_assert_double_eq(b->samples[0].number, 700);
    batch_free(b);
}
END_TEST

/* As after a part of the file could not be read. */
START_TEST(where_nothing_is_lent_it_comes_back_by_its_name)
{
    struct console c = { .model = model_new("test") };
    struct batch *b = batch_new(BATCH_POLL, "exporter", start + 30);
    uint64_t hashes[2 * 8];
    double watts[2 * 8];

    write_once(0, 8, start, 100);
    open_cache(&c, STORE_WRITE);
    store_start(c.store, mail);
    ck_assert(!store_lends_gpus(c.store));
    tell(&c, 0, 8, start + 20, 150);
    for (int i = 0; i < 2 * 8; i++) {           /* half of them were never named */
        hashes[i] = batch_hash(GW_GPU, name_of(i), strlen(name_of(i)));
        watts[i] = 200 + i;
    }
    batch_numbers(b, M_GPU_POWER, hashes, watts, 2 * 8);
    model_apply(c.model, b);
    model_name_known(c.model, b);
    store_put(c.store, b);
    end(&c);
    expect_all(0, 8, 200, 30);
    ck_assert_uint_eq(rows_in_file(), 8);
}
END_TEST

START_TEST(a_text_that_is_told_no_more_is_gone)
{
    struct console c = begin();
    struct batch *b = batch_new(BATCH_POLL, "exporter", start + 5);
    size_t rows;
    struct model *m;

    tell(&c, 0, 3, start, 100);
    batch_text(b, gpu(b, 1), M_GPU_UUID, NULL, 0);
    take(&c, b);
    end(&c);
    m = as_read(&rows);
    ck_assert_ptr_null(model_text(m, M_GPU_UUID, 1));
    ck_assert_str_eq(model_text(m, M_GPU_UUID, 2), "GPU-2");
    model_free(m);
}
END_TEST

START_TEST(what_the_model_works_out_is_not_taken_for_told)
{
    struct console c = begin();
    struct batch *b = batch_new(BATCH_POLL, "exporter", start);
    size_t rows;
    struct model *m;

    batch_number(b, gpu(b, 0), M_GPU_UTIL, 0, GW_OK);
    take(&c, b);
    model_settle(c.model, start + 1);
    model_settle(c.model, start + 2000);
    ck_assert(!isnan(model_number(c.model, M_GPU_IDLE, 0)));
    end(&c);
    m = as_read(&rows);
    ck_assert_double_eq_tol(model_row_age(m, GW_GPU, 0), 60, 1);
    model_free(m);
}
END_TEST

START_TEST(how_long_a_gpu_is_idle_is_as_old_as_what_was_told_of_its_work)
{
    static const double utils[] = { .7, 0 };
    struct console c = begin();
    struct batch *b;
    size_t rows;
    struct model *m;

    for (int i = 0; i < 2; i++) {
        b = batch_new(BATCH_POLL, "exporter", start + 10 * i);
        batch_number(b, gpu(b, 0), M_GPU_UTIL, utils[i], GW_OK);
        take(&c, b);
    }
    b = batch_new(BATCH_POLL, "scheduler", start + 40);
    batch_text(b, gpu(b, 0), M_GPU_TENANT, "acme", 4);
    take(&c, b);
    end(&c);
    m = as_read(&rows);
    ck_assert_double_eq(model_number(m, M_GPU_IDLE, 0), 10);
    ck_assert_double_eq_tol(model_age(m, M_GPU_IDLE, 0), 50, 1);
    model_free(m);
}
END_TEST

/* ---- while it runs ---- */

START_TEST(who_reads_meanwhile_sees_what_was_lent)
{
    struct console c = begin();

    tell(&c, 0, GPUS, start, 100);
    for (int i = 0; i < 1000 && (store_lend(c.store) || rows_in_file() < GPUS); i++)
        usleep(10000);
    expect_all(0, GPUS, 100, 60);
    tell(&c, 2000, 2001, start + 30, 300);
    ck_assert(!store_lend(c.store)); /* one block */
    end(&c);
    expect_all(2000, 2001, 300, 30);
}
END_TEST

/* ---- whatever the file had ---- */

START_TEST(rows_that_stand_elsewhere_now_are_there_once)
{
    struct console c = { .model = model_new("test") };
    struct batch *roster = batch_new(BATCH_ROSTER, "", start);

    write_once(0, GPUS, start, 100);
    for (int i = GPUS - 1; i >= GPUS - 10; i--)
        gpu(roster, i);
    model_apply(c.model, roster);
    batch_free(roster);
    open_cache(&c, STORE_WRITE);
    ck_assert_int_ge(store_recall(c.store, ~0u, take, &c, &err), 0);
    store_start(c.store, mail);
    end(&c);
    ck_assert_uint_eq(rows_in_file(), GPUS);
    expect_all(0, GPUS, 100, 60);
}
END_TEST

START_TEST(what_was_forgotten_leaves_nothing_behind)
{
    struct console c;

    write_once(0, 2500, start - 2 * A_WEEK_S, 100);
    c = begin();
    for (int hour = 0; hour < 3; hour++) {
        tell(&c, 2500, GPUS, start + 3600 * (hour - 2), 100);
        model_settle(c.model, start + 3600 * (hour - 2));
    }
    ck_assert_uint_eq(model_vacant_rows(c.model, GW_GPU), 2500);
    end(&c);
    ck_assert_uint_eq(rows_in_file(), GPUS - 2500);
    expect_all(2500, GPUS, 100, 60);
    write_once(2600, 2601, start + 30, 200); /* which stand elsewhere now */
    ck_assert_uint_eq(rows_in_file(), GPUS - 2500);
    expect_all(2500, 2600, 100, 60);
    expect_all(2600, 2601, 200, 30);
}
END_TEST

START_TEST(who_did_not_read_the_file_loses_nothing_of_it)
{
    struct console c = { .model = model_new("test") };

    write_once(0, GPUS, start, 100);
    open_cache(&c, STORE_WRITE);
    store_start(c.store, mail);
    tell(&c, 7, 8, start + 30, 200);
    end(&c);
    ck_assert_uint_eq(rows_in_file(), GPUS);
    expect_all(7, 8, 200, 30);
    expect_all(8, GPUS, 100, 60);
}
END_TEST

START_TEST(who_followed_writes_all_anew)
{
    struct console c = { .model = model_new("test") };

    write_once(0, GPUS, start, 100);
    open_cache(&c, STORE_READ);
    tell(&c, GPUS, GPUS + 10, start, 100);
    ck_assert_int_ge(store_recall(c.store, ~0u, take, &c, &err), 0);
    store_close(c.store);
    c.store = store_open(path, STORE_WRITE, &err);
    ck_assert_ptr_nonnull(c.store);
    store_lends_anew(c.store, c.model);
    store_start(c.store, mail);
    end(&c);
    ck_assert_uint_eq(rows_in_file(), GPUS + 10);
    expect_all(0, GPUS + 10, 100, 60);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_the_model_was_told_comes_back,
        a_key_is_answered_while_blocks_are_made,
        what_nobody_told_again_stays_as_it_was,
        what_is_told_by_its_hash_comes_back_too,
        what_waits_to_be_written_has_nothing_that_is_lent,
        where_nothing_is_lent_it_comes_back_by_its_name,
        a_text_that_is_told_no_more_is_gone,
        what_the_model_works_out_is_not_taken_for_told,
        forecasts_come_back_and_so_does_what_is_told_beside_them,
        how_long_a_gpu_is_idle_is_as_old_as_what_was_told_of_its_work,
        who_reads_meanwhile_sees_what_was_lent,
        rows_that_stand_elsewhere_now_are_there_once,
        what_was_forgotten_leaves_nothing_behind,
        who_did_not_read_the_file_loses_nothing_of_it,
        who_followed_writes_all_anew,
    };
    Suite *s = suite_create("lent");
    TCase *t = tcase_create("lent");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(t, tests[i]);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
