/* The cache: what it remembers, what it refuses, and what it survives. */
#include "base/arena.h"
#include "model/metric.h"
#include "store/history.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/store.h"
#include "tests/lib/cache.h"
#include "tests/lib/check.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const double start = 1790000010; /* a multiple of 15 */

/* ---- helpers ---- */

static struct store *open_writer(void)
{
    struct store *s = store_open(path, STORE_WRITE, &err);

    ck_assert_msg(s != NULL, "%s", err.text);
    ck_assert(store_writes(s));
    return s;
}

static void assert_refused(enum store_mode mode, const char *why)
{
    struct store *s = store_open(path, mode, &err);

    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(err.text, why) != NULL, "expected \"%s\" in \"%s\"", why,
                  err.text);
    ck_assert_msg(strstr(err.text, path) != NULL, "no path in \"%s\"", err.text);
}

static uint32_t entity(struct batch *b, enum gw_kind kind, const char *name,
                       uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

static void say(struct batch *b, uint32_t e, uint16_t metric, const char *text)
{
    batch_text(b, e, metric, text, strlen(text));
}

static struct batch *one_gpu(double time, double watts)
{
    struct batch *b = batch_new(BATCH_POLL, "n1", time);

    batch_number(b, entity(b, GW_GPU, "n1/0", GW_NONE), M_GPU_POWER, watts, GW_OK);
    return b;
}

/* Remembers the batch in a file that is opened for it alone. */
static void remember(struct batch *b)
{
    struct store *s = open_writer();

    store_start(s, mail);
    store_put(s, b);
    store_close(s);
}

static void deliver(void *to, struct batch *b)
{
    inbox_put(to, b);
}

static int recall(unsigned kinds)
{
    struct store *s = store_open(path, STORE_READ, &err);
    int count;

    ck_assert_msg(s != NULL, "%s", err.text);
    count = store_recall(s, kinds, deliver, mail, &err);
    store_close(s);
    return count;
}

struct found {
    struct batch *batch;
    const struct batch_sample *value;
    const struct batch_entity *entity;
    double time;
};

/* The value in the mail; the last one wins. The batches stay in `kept`. */
static struct batch *kept[64];
static size_t kept_count;

static void keep(struct batch *b)
{
    batch_spread(b);
    kept[kept_count++] = b;
}

static void open_mail(void)
{
    struct batch *b;

    kept_count = 0;
    while (kept_count < 64 && (b = inbox_take(mail)))
        keep(b);
}

static void close_mail(void)
{
    while (kept_count > 0)
        batch_free(kept[--kept_count]);
}

static size_t entities_kept(void)
{
    size_t count = 0;

    for (size_t i = 0; i < kept_count; i++)
        count += kept[i]->entity_count;
    return count;
}

static struct found find(enum gw_kind kind, const char *name, uint16_t metric)
{
    struct found f = { 0 };

    for (size_t i = 0; i < kept_count; i++)
        for (size_t s = 0; s < kept[i]->sample_count; s++) {
            const struct batch_sample *v = &kept[i]->samples[s];
            const struct batch_entity *e = &kept[i]->entities[v->entity];

            if (e->kind == kind && v->metric == metric && strcmp(e->name, name) == 0)
                f = (struct found){ kept[i], v, e, kept[i]->times[v->age] };
        }
    return f;
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Opened for writing: killed before the file is in WAL mode, its journal is rolled back
 * by the next writer. */
static void assert_sound(void)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

/* ---- the file ---- */

START_TEST(a_new_file_is_private)
{
    struct stat st;
    char deep[600];

    snprintf(deep, sizeof(deep), "%s/a", folder);
    snprintf(path, sizeof(path), "%s/a/cache.db", folder);
    store_close(open_writer());
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(deep, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    snprintf(deep, sizeof(deep), "%s-writer", path);
    unlink(deep);
    unlink(path);
    snprintf(deep, sizeof(deep), "%s/a", folder);
    ck_assert_int_eq(rmdir(deep), 0);
}
END_TEST

/* The file's own header says it (SQLite's file format, 1.3.3): 2 is WAL, 1 a journal. */
START_TEST(readers_wait_for_no_writer)
{
    unsigned char head[20] = { 0 };
    FILE *in;

    store_close(open_writer());
    in = fopen(path, "rb");
    ck_assert_ptr_nonnull(in);
    ck_assert_uint_eq(fread(head, 1, sizeof(head), in), sizeof(head));
    fclose(in);
    ck_assert_uint_eq(head[18], 2);
    ck_assert_uint_eq(head[19], 2);
}
END_TEST

START_TEST(what_is_no_database_is_refused)
{
    FILE *out = fopen(path, "w");

    for (int i = 0; i < 1000; i++)
        fputs("these are not the bytes of a database\n", out);
    fclose(out);
    assert_refused(STORE_WRITE,
                   "damaged (file is not a database); move it away and gigawatch "
                   "makes a new one");
    assert_refused(STORE_READ, "damaged");
}
END_TEST

START_TEST(a_cut_file_is_refused)
{
    struct store *s;

    remember(one_gpu(start, 400));
    ck_assert_int_eq(truncate(path, 20000), 0);
    s = store_open(path, STORE_WRITE, &err);
    ck_assert_ptr_null(s);
    ck_assert_msg(strstr(err.text, "damaged (") != NULL, "%s", err.text);
}
END_TEST

START_TEST(a_damaged_row_is_said_and_replaced)
{
    struct store *s;

    remember(one_gpu(start, 400));
    run_sql("UPDATE state SET packed = substr(packed, 1, 40)");
    ck_assert_int_eq(recall(1u << GW_GPU), -1);
    ck_assert_msg(strstr(err.text, "damaged (the last state of gpus") != NULL, "%s",
                  err.text);
    s = open_writer();
    store_start(s, mail);
    store_put(s, one_gpu(start, 500));
    store_close(s);
    open_mail();
    ck_assert_msg(kept_count == 1, "the damage is said once");
    close_mail();
    ck_assert_int_eq(recall(1u << GW_GPU), 1);
}
END_TEST

START_TEST(a_file_of_another_program_is_refused)
{
    run_sql("PRAGMA application_id = 252006674; CREATE TABLE tips(id)");
    assert_refused(STORE_WRITE, "belongs to another program");
    assert_refused(STORE_READ, "belongs to another program");
}
END_TEST

START_TEST(tables_of_somebody_else_are_refused)
{
    run_sql("CREATE TABLE bookmarks(url)");
    assert_refused(STORE_WRITE, "belongs to another program");
}
END_TEST

START_TEST(a_newer_file_is_refused_with_both_versions)
{
    store_close(open_writer());
    run_sql("PRAGMA user_version = 97");
    assert_refused(STORE_WRITE, "newer gigawatch (version 97, this one knows up to 6)");
    assert_refused(STORE_READ, "version 97");
}
END_TEST

START_TEST(a_read_only_file_is_refused_for_writing_and_read)
{
    remember(one_gpu(start, 400));
    ck_assert_int_eq(chmod(path, 0400), 0);
    assert_refused(STORE_WRITE, "read-only");
    ck_assert_int_eq(recall(1u << GW_GPU), 1);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_said)
{
    snprintf(path, sizeof(path), "/proc/gigawatch/cache.db");
    assert_refused(STORE_WRITE, "cannot be made: No such file");
}
END_TEST

START_TEST(a_missing_or_empty_file_has_no_data)
{
    FILE *out;

    assert_refused(STORE_READ, "No such file");
    ck_assert_int_eq(err.code, ERR_NO_DATA);
    out = fopen(path, "w");
    fclose(out);
    assert_refused(STORE_READ, "empty");
    ck_assert_int_eq(err.code, ERR_NO_DATA);
    store_close(open_writer());
}
END_TEST

static size_t count_values(const char *gpu, uint16_t metric)
{
    struct batch *b;
    size_t count = 0;

    while (kept_count < 64 && (b = inbox_take(mail)))
        keep(b);
    for (size_t i = 0; i < kept_count; i++)
        for (size_t j = 0; j < kept[i]->sample_count; j++) {
            const struct batch_sample *v = &kept[i]->samples[j];

            count += v->metric == metric &&
                     strcmp(kept[i]->entities[v->entity].name, gpu) == 0;
        }
    return count;
}

START_TEST(a_wish_is_granted_with_the_newest_value_of_a_row)
{
    bool *metrics = xcalloc(metric_count(), sizeof(*metrics));
    uint64_t hash = batch_hash(GW_GPU, "n1/1", 4);
    struct store_wish wish = { .metrics = metrics };
    struct batch *b = batch_new(BATCH_POLL, "n1", start);
    struct store *s;

    for (int i = 0; i < 2; i++) {
        uint32_t gpu = entity(b, GW_GPU, i ? "n1/1" : "n1/0", GW_NONE);

        batch_time(b, start - 60);
        batch_number(b, gpu, M_GPU_TEMP, 50, GW_OK);
        say(b, gpu, M_GPU_UUID, "GPU-1");
        batch_time(b, start);
        batch_number(b, gpu, M_GPU_POWER, 400, GW_OK);
        batch_number(b, gpu, M_GPU_UTIL, NAN, GW_OK);
    }
    remember(b);
    s = store_open(path, STORE_READ, &err);
    ck_assert_msg(s != NULL, "%s", err.text);
    metrics[M_GPU_TEMP] = true;
    ck_assert_int_eq(
        store_recall_some(s, 1u << GW_GPU, &wish, deliver, mail, &err), 1);
    ck_assert_uint_eq(count_values("n1/0", M_GPU_TEMP), 1);
    ck_assert_uint_eq(count_values("n1/1", M_GPU_POWER), 1);
    ck_assert_uint_eq(count_values("n1/1", M_GPU_UUID), 0);
    metrics[M_GPU_UUID] = true;
    wish.hashes = &hash;
    wish.hash_count = 1;
    ck_assert_int_eq(
        store_recall_some(s, 1u << GW_GPU, &wish, deliver, mail, &err), 1);
    ck_assert_uint_eq(count_values("n1/0", M_GPU_UUID), 0);
    ck_assert_uint_eq(count_values("n1/1", M_GPU_UUID), 1);
    close_mail();
    store_close(s);
    free(metrics);
}
END_TEST

START_TEST(the_second_writer_reads)
{
    struct store *first = open_writer(), *second;

    store_start(first, mail);
    store_put(first, one_gpu(start, 400));
    store_close(first);
    first = open_writer();
    second = store_open(path, STORE_WRITE, &err);
    ck_assert_msg(second != NULL, "%s", err.text);
    ck_assert(!store_writes(second));
    ck_assert_int_eq(store_recall(second, 1u << GW_GPU, deliver, mail, &err), 1);
    store_start(second, mail);
    store_put(second, one_gpu(start, 500));
    store_close(second);
    store_close(first);
    store_close(open_writer());
}
END_TEST

START_TEST(a_file_somebody_locked_is_said)
{
    sqlite3 *db;

    store_close(open_writer());
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_refused(STORE_WRITE, "locked by another program");
    sqlite3_close(db);
}
END_TEST

/* ---- history: what of one series comes back ---- */

struct point {
    double time;
    float watts;
};

static struct wanted {
    enum gw_kind kind;
    const char *name;
    struct point *points;
    size_t room;
    long count;
    bool means;
} wanted;

static void keep_points(void *arg, const struct store_past *past)
{
    struct wanted *w = arg;

    ck_assert_int_eq(past->kind, w->kind);
    ck_assert_str_eq(past->name, w->name);
    w->means = past->means;
    for (size_t i = 0; i < past->count; i++)
        if (!isnan(past->values[i]) && (size_t)w->count < w->room)
            w->points[w->count++] = (struct point){
                past->last - (double)(past->count - 1 - i) * 15, past->values[i]
            };
}

/* Known values in `steps` steps from `from` on; -1. */
static long past_of(enum store_what what, enum gw_kind kind, const char *name,
                    double from, size_t steps, struct point *points)
{
    wanted = (struct wanted){
        .kind = kind, .name = name, .points = points, .room = steps
    };
    if (store_trends(path, 1u << kind, name, what, from + (double)(steps - 1) * 15, steps,
                     NULL, keep_points, &wanted, &err) < 0)
        return -1;
    return wanted.count;
}

static long power_of(enum gw_kind kind, const char *name, double from, size_t steps,
                     struct point *points)
{
    return past_of(STORE_POWER, kind, name, from, steps, points);
}

START_TEST(a_version_1_file_is_brought_up_to_date)
{
    struct point p;

    remember(one_gpu(start, 400));
    /* Version 1 knew the last state only. */
    run_sql("DROP TABLE series; DROP TABLE journal; DROP TABLE tile; DROP TABLE learnt;"
            "PRAGMA user_version = 1");
    assert_refused(STORE_READ, "older gigawatch");
    store_close(open_writer());
    ck_assert_int_eq(recall(1u << GW_GPU), 1);
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", start, 1, &p), 0);
}
END_TEST

START_TEST(a_version_2_file_keeps_its_state_and_learns)
{
    struct store *s;
    size_t size = 0;
    void *bytes;

    remember(one_gpu(start, 400));
    /* Version 2 knew nothing of what forecasters learn. */
    run_sql(
        "DROP TABLE learnt; ALTER TABLE series DROP COLUMN since; PRAGMA user_version = 2");
    assert_refused(STORE_READ, "older gigawatch");
    s = open_writer();
    store_start(s, mail);
    store_keep(s, "bus-2B", strdup("learnt"), 7);
    store_close(s);
    ck_assert_int_eq(recall(1u << GW_GPU), 1);
    bytes = store_kept(path, "bus-2B", &size);
    ck_assert_uint_eq(size, 7);
    ck_assert_str_eq(bytes, "learnt");
    free(bytes);
}
END_TEST

/* ---- what was learnt ---- */

START_TEST(what_was_learnt_is_replaced_as_a_whole)
{
    struct store *s = open_writer();
    struct store_reader *reader;
    size_t size = 0;
    char *bytes;

    store_start(s, mail);
    store_keep(s, "hall-1", strdup("the first, and longer"), 22);
    store_keep(s, "hall-2", strdup("another"), 8);
    store_keep(s, "hall-1", strdup("newer"), 6);
    store_close(s);
    reader = store_reader_new(path);
    bytes = store_read_kept(reader, "hall-1", &size);
    ck_assert_uint_eq(size, 6);
    ck_assert_str_eq(bytes, "newer");
    free(bytes);
    bytes = store_read_kept(reader, "hall-2", &size);
    ck_assert_str_eq(bytes, "another");
    free(bytes);
    ck_assert_ptr_null(store_read_kept(reader, "hall-3", &size));
    store_reader_free(reader);
    ck_assert_ptr_null(store_kept(path, "hall-3", &size));
    ck_assert_ptr_null(store_kept("/nonexistent/cache.db", "hall-1", &size));
}
END_TEST

START_TEST(what_was_learnt_last_has_a_bounded_room)
{
    enum { PIECES = 12, EACH = 4 << 20, ROOM = 32 << 20 };
    struct store *s = open_writer();
    size_t found = 0, size;
    char name[32];
    void *bytes;

    store_start(s, mail);
    for (int i = 0; i < PIECES; i++) {
        snprintf(name, sizeof(name), "hall-%d", i);
        store_keep(s, name, xcalloc(EACH, 1), EACH);
    }
    store_close(s);
    for (int i = 0; i < PIECES; i++) {
        snprintf(name, sizeof(name), "hall-%d", i);
        bytes = store_kept(path, name, &size);
        found += bytes != NULL;
        ck_assert(!bytes || found == (size_t)(i - (PIECES - ROOM / EACH) + 1));
        free(bytes);
    }
    ck_assert_uint_eq(found, ROOM / EACH);
}
END_TEST

START_TEST(who_only_reads_keeps_nothing)
{
    struct store *s;
    size_t size = 0;

    remember(one_gpu(start, 400));
    s = store_open(path, STORE_READ, &err);
    store_start(s, mail);
    store_keep(s, "hall-1", strdup("lost"), 5);
    store_close(s);
    ck_assert_ptr_null(store_kept(path, "hall-1", &size));
}
END_TEST

/* ---- last state ---- */

START_TEST(everything_known_comes_back)
{
    struct batch *b = batch_new(BATCH_POLL, "n1", start + 0.75);
    uint32_t site = entity(b, GW_SITE, "iad-3", GW_NONE);
    uint32_t feed_a = entity(b, GW_DOMAIN, "feed-A", site);
    uint32_t feed_b = entity(b, GW_DOMAIN, "feed-B", site);
    uint32_t rack = entity(b, GW_DOMAIN, "rack-1", feed_a);
    uint32_t node = entity(b, GW_NODE, "n1", rack), gpu = entity(b, GW_GPU, "n1/0", node);
    uint32_t job = entity(b, GW_JOB, "81201", GW_NONE);
    struct found f;

    batch_link(b, rack, feed_b);
    batch_number(b, rack, M_DOMAIN_POWER, 91234.5, GW_ESTIMATED);
    batch_number(b, gpu, M_GPU_POWER, 412.5, GW_OK);
    batch_number(b, gpu, M_GPU_TEMP, 9999, GW_OK);
    say(b, gpu, M_GPU_TENANT, "größe-7");
    batch_text(b, gpu, M_GPU_JOB, NULL, 0);
    batch_number(b, job, M_JOB_START, 1790000123, GW_OK);
    batch_time(b, start - 90);
    batch_number(b, gpu, M_GPU_UTIL, 0.5, GW_STALE);
    remember(b);

    ck_assert_int_ge(recall(~0u), 5);
    open_mail();
    f = find(GW_GPU, "n1/0", M_GPU_POWER);
    ck_assert_double_eq(f.value->number, 412.5);
    ck_assert_double_eq(f.time, start); /* whole seconds, rounded down */
    ck_assert_int_eq(f.batch->origin, BATCH_CACHE);
    ck_assert_str_eq(f.batch->entities[f.entity->parent].name, "n1");
    ck_assert_uint_eq(f.entity->hash, batch_hash(GW_GPU, "n1/0", 4));
    f = find(GW_GPU, "n1/0", M_GPU_TEMP);
    ck_assert(isnan(f.value->number));
    ck_assert_int_eq(f.value->quality, GW_OUT_OF_RANGE);
    ck_assert_str_eq(find(GW_GPU, "n1/0", M_GPU_TENANT).value->text, "größe-7");
    ck_assert_ptr_null(find(GW_GPU, "n1/0", M_GPU_JOB).value->text);
    f = find(GW_GPU, "n1/0", M_GPU_UTIL);
    ck_assert_int_eq(f.value->quality, GW_STALE);
    ck_assert_double_eq(f.time, start - 90);
    ck_assert_double_eq(find(GW_JOB, "81201", M_JOB_START).value->number, 1790000123);
    f = find(GW_DOMAIN, "rack-1", M_DOMAIN_POWER);
    ck_assert_double_eq(f.value->number, 91234.5);
    ck_assert_int_eq(f.value->quality, GW_ESTIMATED);
    ck_assert_str_eq(f.batch->entities[f.entity->parent].name, "feed-A");
    ck_assert_uint_eq(f.batch->link_count, 1);
    ck_assert_str_eq(f.batch->entities[f.batch->links[0].child].name, "rack-1");
    ck_assert_str_eq(f.batch->entities[f.batch->links[0].parent].name, "feed-B");
    close_mail();
}
END_TEST

START_TEST(sites_and_domains_come_first_and_only_what_is_asked)
{
    struct batch *b = one_gpu(start, 400);

    batch_number(b, entity(b, GW_DOMAIN, "hall-1", GW_NONE), M_DOMAIN_POWER, 1, GW_OK);
    batch_number(b, entity(b, GW_SITE, "iad-3", GW_NONE), M_SITE_POWER, 1, GW_OK);
    remember(b);
    ck_assert_int_eq(recall(1u << GW_GPU | 1u << GW_DOMAIN), 2);
    open_mail();
    ck_assert_uint_eq(kept[0]->entities[0].kind, GW_DOMAIN);
    ck_assert_uint_eq(kept[1]->entities[0].kind, GW_GPU);
    close_mail();
}
END_TEST

START_TEST(kinds_with_many_and_few_metrics_do_not_mix)
{
    struct batch *b = batch_new(BATCH_POLL, "x", start);
    uint32_t gpu = entity(b, GW_GPU, "n1/0", GW_NONE);

    for (int i = 0; i < 2; i++)
        for (uint16_t m = M_GPU_INDEX; m <= M_GPU_POWER_LIMIT; m++)
            batch_number(b, gpu, m, 1, GW_OK);
    for (int i = 0; i < 3; i++)
        batch_number(b, entity(b, GW_DOMAIN, i % 2 ? "a" : "b", GW_NONE), M_DOMAIN_POWER,
                     1, GW_OK);
    remember(b);
    recall(1u << GW_DOMAIN);
    open_mail();
    ck_assert_uint_eq(kept[0]->sample_count, 2);
    close_mail();
}
END_TEST

START_TEST(the_newest_value_wins_unless_the_clock_ran_away)
{
    remember(one_gpu(start, 400));
    remember(one_gpu(start - 10, 300));
    recall(1u << GW_GPU);
    open_mail();
    ck_assert_double_eq(find(GW_GPU, "n1/0", M_GPU_POWER).value->number, 400);
    close_mail();
    remember(one_gpu(start - 86400, 200));
    recall(1u << GW_GPU);
    open_mail();
    ck_assert_double_eq(find(GW_GPU, "n1/0", M_GPU_POWER).value->number, 200);
    close_mail();
}
END_TEST

START_TEST(the_roster_and_the_cache_itself_are_not_remembered)
{
    struct batch *b = one_gpu(start, 400);

    b->origin = BATCH_ROSTER;
    remember(b);
    b = one_gpu(start, 400);
    b->origin = BATCH_CACHE;
    remember(b);
    ck_assert_int_eq(recall(~0u), 0);
}
END_TEST

static void name_gpu(char name[32], int i)
{
    snprintf(name, 32, "n%d/%d", i / 8, i % 8);
}

START_TEST(no_value_looks_younger_than_it_is)
{
    struct store *s = open_writer();
    char name[32];

    store_start(s, mail);
    for (int i = 0; i < 3000; i++) {
        struct batch *b = batch_new(BATCH_POLL, "x", start - (double)i * i);

        name_gpu(name, i);
        batch_number(b, entity(b, GW_GPU, name, GW_NONE), M_GPU_POWER, i, GW_OK);
        store_put(s, b);
    }
    store_close(s);
    ck_assert_int_eq(recall(1u << GW_GPU), 3);
    open_mail();
    ck_assert_uint_eq(entities_kept(), 3000);
    for (int i = 0; i < 3000; i++) {
        const struct batch *b = kept[i / 1024];
        double age = (double)i * i;
        double told = start - b->times[b->samples[i % 1024].age];

        ck_assert_double_eq(b->samples[i % 1024].number, i);
        ck_assert_double_ge(told, age);
        if (age < 128)
            ck_assert_double_eq(told, age);
        else if (age < 90 * 86400)
            ck_assert_double_le(told, age * 1.125);
    }
    close_mail();
}
END_TEST

START_TEST(rows_beyond_a_block_are_kept_in_order)
{
    char name[32], text[32];

    for (int round = 0; round < 3; round++) {
        struct batch *b = batch_new(BATCH_POLL, "x", start + round);

        for (int i = 0; i < 1500 * (round + 1); i++) {
            uint32_t e;

            name_gpu(name, i);
            snprintf(text, sizeof(text), "tenant-%d", (i + round) / 100);
            e = entity(b, GW_GPU, name, GW_NONE);
            batch_number(b, e, M_GPU_POWER, i + round, GW_OK);
            say(b, e, M_GPU_TENANT, text);
        }
        remember(b);
    }
    ck_assert_int_eq(recall(1u << GW_GPU), 5);
    open_mail();
    ck_assert_uint_eq(entities_kept(), 4500);
    for (int i = 0; i < 4500; i++) {
        name_gpu(name, i);
        ck_assert_str_eq(kept[i / 1024]->entities[i % 1024].name, name);
    }
    ck_assert_double_eq(find(GW_GPU, "n100/0", M_GPU_POWER).value->number, 802);
    ck_assert_str_eq(find(GW_GPU, "n100/0", M_GPU_TENANT).value->text, "tenant-8");
    close_mail();
}
END_TEST

static struct batch *many_gpus(int count, double time)
{
    struct batch *b = batch_new(BATCH_POLL, "x", time);
    char name[32];

    for (int i = 0; i < count; i++) {
        name_gpu(name, i);
        batch_number(b, entity(b, GW_GPU, name, GW_NONE), M_GPU_POWER, i, GW_OK);
    }
    return b;
}

/* The file without the thread. */
static sqlite3 *open_file(void)
{
    int lock = schema_lock(path, "writer", &err);
    sqlite3 *db = schema_write(path, &err);

    ck_assert_int_ge(lock, 0);
    close(lock);
    ck_assert_msg(db != NULL, "%s", err.text);
    return db;
}

/* As the thread does it when there is more than it writes at once. */
static void save_some(struct state *state, sqlite3 *db, size_t most)
{
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_ge(state_save(state, db, most, &err), 0);
    ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    state_settle(state, true);
}

START_TEST(a_crash_between_two_portions_loses_no_block)
{
    sqlite3 *db = open_file();
    struct state *state = state_new();
    struct batch *b = many_gpus(1500, start);

    ck_assert_int_eq(state_load(state, db, GW_GPU, &err), 0);
    state_merge(state, b);
    batch_free(b);
    save_some(state, db, SIZE_MAX);
    /* The second block fills up and a third begins; a portion is one block, so the third
     * may be in the file while the second still is short there. */
    b = many_gpus(2500, start + 1);
    state_merge(state, b);
    batch_free(b);
    save_some(state, db, 1);
    save_some(state, db, 1);
    state_free(state);
    /* Worse: the first is missing. */
    ck_assert_int_eq(
        sqlite3_exec(db, "DELETE FROM state WHERE id = 3 << 32", NULL, NULL, NULL),
        SQLITE_OK);
    state = state_new();
    ck_assert_msg(state_load(state, db, GW_GPU, &err) == 0, "%s", err.text);
    b = many_gpus(2500, start + 2);
    state_merge(state, b);
    batch_free(b);
    save_some(state, db, 1);
    state_free(state);
    sqlite3_close(db);
    open_mail();
    close_mail();
    ck_assert_int_eq(recall(1u << GW_GPU), 3);
    open_mail();
    ck_assert_uint_eq(entities_kept(), 2500);
    close_mail();
}
END_TEST

START_TEST(jobs_long_past_are_forgotten)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    char name[32];

    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "%d", i);
        say(b, entity(b, GW_JOB, name, GW_NONE), M_JOB_STATE, "ended");
    }
    remember(b);
    b = batch_new(BATCH_POLL, "slurm", start + 3 * 86400);
    say(b, entity(b, GW_JOB, "new", GW_NONE), M_JOB_STATE, "running");
    remember(b);
    b = batch_new(BATCH_POLL, "slurm", start + 3 * 86400 + 5);
    say(b, entity(b, GW_JOB, "new", GW_NONE), M_JOB_STATE, "running");
    remember(b);
    recall(1u << GW_JOB);
    open_mail();
    ck_assert_uint_eq(kept[0]->entity_count, 1);
    ck_assert_str_eq(kept[0]->entities[0].name, "new");
    close_mail();
}
END_TEST

/* ---- history ---- */

static struct batch *powers(double time, double site, double hall)
{
    struct batch *b = batch_new(BATCH_HOST, "", time);

    batch_number(b, entity(b, GW_SITE, "iad-3", GW_NONE), M_SITE_POWER, site, GW_OK);
    batch_number(b, entity(b, GW_DOMAIN, "hall-1", GW_NONE), M_DOMAIN_POWER, hall, GW_OK);
    return b;
}

static void save_history(struct history *h, sqlite3 *db)
{
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_msg(history_save(h, db, &err) == 0, "%s", err.text);
    ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    history_settle(h, true);
}

/* Steps straight into the file, a save every `every` steps. */
static void record(long steps, long every, double (*watts)(long step))
{
    struct history *h = history_new();
    sqlite3 *db = open_file();

    ck_assert_msg(history_load(h, db, &err) == 0, "%s", err.text);
    for (long i = 0; i < steps; i++) {
        struct batch *b = powers(start + (double)i * 15, watts(i), 1000);

        ck_assert_int_eq(history_take(h, b), 0);
        batch_free(b);
        if (i % every != every - 1 && i != steps - 1)
            continue;
        save_history(h, db);
    }
    history_free(h);
    sqlite3_close(db);
}

/* What a source says at `time` of the site's power and a hall's meter in steps before,
 * straight into the file. */
static void tell_past(double time, long from, long to, double watts,
                      enum gw_quality quality)
{
    struct history *h = history_new();
    sqlite3 *db = open_file();
    struct batch *b = batch_new(BATCH_POLL, "engine", time);

    ck_assert_msg(history_load(h, db, &err) == 0, "%s", err.text);
    for (int series = 0; series < 3; series++)
        for (long i = from; i < to; i++) {
            if ((i - from) % 200 == 0) { /* a batch has room for so many times */
                history_take(h, b);
                batch_free(b);
                b = batch_new(BATCH_POLL, "engine", time);
            }
            batch_past(b, start + (double)i * 15);
            if (series == 0)
                batch_number(b, entity(b, GW_SITE, "iad-3", GW_NONE), M_SITE_POWER, watts,
                             quality);
            else if (series == 1)
                batch_number(b, entity(b, GW_DOMAIN, "hall-3", GW_NONE), M_DOMAIN_METER,
                             watts / 2, GW_OK);
            else
                batch_number(b, entity(b, GW_SITE, ".", GW_NONE), M_SITE_POWER, 1, GW_OK);
        }
    history_take(h, b);
    batch_free(b);
    b = powers(time, 412.5e6, 1000);
    history_take(h, b);
    batch_free(b);
    save_history(h, db);
    history_free(h);
    sqlite3_close(db);
}

static double gappy(long step)
{
    return step / 50 % 3 == 1 ? NAN : 4e8 + 1e6 * sin((double)step / 40);
}

static double flat(long step)
{
    (void)step;
    return 412.5e6;
}

static int64_t count_of(const char *sql)
{
    sqlite3_stmt *stmt;
    int64_t count;
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    count = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return count;
}

START_TEST(history_comes_back_with_its_gaps)
{
    static struct point points[2000];
    long count, at = 0;

    record(600, 7, gappy);
    ck_assert_int_gt(count_of("SELECT count(*) FROM tile"), 4);
    ck_assert_int_lt(count_of("SELECT count(*) FROM journal"), 240);
    count = power_of(GW_SITE, "iad-3", start, 600, points);
    ck_assert_msg(count == 400, "%ld points; %s", count, err.text);
    for (long i = 0; i < 600; i++) {
        if (isnan(gappy(i)))
            continue;
        ck_assert_double_eq(points[at].time, start + (double)i * 15);
        ck_assert_double_le(fabs((double)points[at].watts - gappy(i)),
                            4.1e8 / 32768 + 32);
        at++;
    }
    /* A part of it, and another series. */
    count = power_of(GW_DOMAIN, "hall-1", start + 1500, 10, points);
    ck_assert_int_eq(count, 10);
    ck_assert_float_eq(points[0].watts, 1000);
    ck_assert_int_eq(power_of(GW_DOMAIN, "hall-2", start, 600, points), 0);
}
END_TEST

static bool close_to(const struct point *p, double watts)
{
    return fabs((double)p->watts - watts) <= watts / 16384;
}

/* What was measured live stands, in the journal and in tiles; what nobody measured is
 * what the source says of it. */
START_TEST(a_past_that_a_source_tells_fills_what_is_not_known)
{
    static struct point points[3000];
    long count, filled = 0;

    record(600, 7, gappy);
    tell_past(start + 600 * 15, -100, 650, 9e7, GW_ESTIMATED);
    for (int again = 0; again < 2; again++) { /* and in tiles, when all of it is packed */
        count = power_of(GW_SITE, "iad-3", start - 100 * 15, 701, points);
        ck_assert_msg(count == 701, "%ld points; %s", count, err.text);
        filled = 0;
        for (long i = 0; i < count; i++) {
            long step = i - 100;
            double live = step < 0 || step > 600 ? NAN
                          : step == 600          ? 412.5e6
                                                 : gappy(step);

            ck_assert_double_eq(points[i].time, start + (double)step * 15);
            ck_assert_msg(close_to(&points[i], isnan(live) ? 9e7 : live),
                          "step %ld: %g W", step, (double)points[i].watts);
            filled += isnan(live);
        }
        /* What is of the source is as sure as it says, and what is not, as before. */
        ck_assert_int_eq(
            past_of(STORE_ESTIMATED, GW_SITE, "iad-3", start - 100 * 15, 701, points),
            filled);
        ck_assert_int_eq(power_of(GW_DOMAIN, "hall-3", start - 100 * 15, 701, points),
                         700);
        ck_assert(close_to(&points[699], 4.5e7));
        ck_assert_int_eq(power_of(GW_SITE, ".", start - 100 * 15, 701, points), 0);
        tell_past(start + 900 * 15, 100, 150, 7e7, GW_OK);
    }
    ck_assert_int_eq(filled, 300);
    assert_sound();
}
END_TEST

START_TEST(a_past_that_a_source_tells_is_bounded)
{
    static struct point points[20];
    double now = start + 100 * 86400;

    record(10, 7, flat);
    /* Before what is kept in steps, and of now: neither is taken. */
    tell_past(now, 100 * 86400 / 15 - 96 * 120 - 5, 100 * 86400 / 15 - 96 * 120 + 5, 9e7,
              GW_OK);
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", now - (96 * 120 + 5) * 15, 11, points),
                     4);
    ck_assert_double_eq(points[0].time, now - (96 * 120 - 1) * 15);
    for (int day = 0; day < 5; day++) {
        long today = (100 + day) * 86400 / 15;

        tell_past(start + (double)today * 15, today - 5000, today, 9e7, GW_OK);
        for (int i = 1; i < 30; i++) /* a bounded amount is packed at a time */
            tell_past(start + (double)(today + i) * 15, today - 1, today, 9e7, GW_OK);
        ck_assert_int_le(count_of("SELECT count(*) FROM tile WHERE id < 1 << 56"),
                         HISTORY_WINDOWS + 1);
    }
    assert_sound();
}
END_TEST

/* The values of then are no word of now. */
START_TEST(a_past_that_a_source_tells_is_no_newest_value)
{
    struct batch *b = batch_new(BATCH_POLL, "engine", start);

    batch_number(b, entity(b, GW_DOMAIN, "hall-1", GW_NONE), M_DOMAIN_METER, 7, GW_OK);
    batch_past(b, start - 30);
    batch_number(b, entity(b, GW_DOMAIN, "hall-1", GW_NONE), M_DOMAIN_POWER, 1000, GW_OK);
    remember(b);
    ck_assert_int_ge(recall(~0u), 1);
    open_mail();
    ck_assert_double_eq(find(GW_DOMAIN, "hall-1", M_DOMAIN_METER).value->number, 7);
    ck_assert_ptr_null(find(GW_DOMAIN, "hall-1", M_DOMAIN_POWER).value);
    close_mail();
}
END_TEST

START_TEST(a_version_3_file_keeps_its_history)
{
    struct point points[10];

    record(10, 5, flat);
    /* Version 3 never gave a number twice. */
    run_sql("ALTER TABLE series DROP COLUMN since; PRAGMA user_version = 3");
    assert_refused(STORE_READ, "older gigawatch");
    store_close(open_writer());
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", start, 10, points), 10);
}
END_TEST

/* Of two GPUs, power and temperature by turns, as two sources with paces of their own
 * tell of them. */
static struct batch *two_gpus(double time, uint16_t metric, double value)
{
    struct batch *b = batch_new(BATCH_POLL, "t", time);

    batch_number(b, entity(b, GW_GPU, "g0", GW_NONE), metric, value, GW_OK);
    batch_number(b, entity(b, GW_GPU, "g1", GW_NONE), metric, value, GW_OK);
    return b;
}

static void assert_known(const char *gpu, uint16_t metric, double value, double time)
{
    struct found f = find(GW_GPU, gpu, metric);

    ck_assert_ptr_nonnull(f.value);
    ck_assert_double_eq(f.value->number, value);
    ck_assert_double_eq(f.time, time);
}

START_TEST(each_value_keeps_the_time_at_which_it_was_told)
{
    struct batch *only = batch_new(BATCH_POLL, "t", start + 30);

    remember(two_gpus(start, M_GPU_POWER, 100));
    remember(two_gpus(start + 10, M_GPU_TEMP, 50));
    remember(two_gpus(start + 20, M_GPU_POWER, 200));
    batch_number(only, entity(only, GW_GPU, "g1", GW_NONE), M_GPU_TEMP, 60, GW_OK);
    remember(only);
    remember(two_gpus(start + 5, M_GPU_TEMP, 10)); /* late */
    recall(1u << GW_GPU);
    open_mail();
    assert_known("g0", M_GPU_POWER, 200, start + 20);
    assert_known("g0", M_GPU_TEMP, 50, start + 10);
    assert_known("g1", M_GPU_POWER, 200, start + 20);
    assert_known("g1", M_GPU_TEMP, 60, start + 30);
    close_mail();
}
END_TEST

/* A block as version 5 wrote it: one GPU, its power with a time of its own. */
static size_t old_block(uint8_t *to)
{
    static const uint32_t head[] = { 0x314b4c42, 1, 1, 4 }, name = 1;
    const uint32_t time = (uint32_t)start;
    const float watts = 400;
    uint8_t *at = to;

    memcpy(at, head, sizeof(head));
    memset(at + 16, 0, 4); /* neither parents nor second feeds */
    memcpy(at + 20, "\0g0", 4);
    memcpy(at + 24, &name, 4);
    memcpy(at + 28, "\5power\0\0", 8); /* a gauge, without qualities */
    memcpy(at + 36, &time, 4);
    memcpy(at + 40, &watts, 4);
    return 44;
}

START_TEST(a_version_5_file_keeps_its_state)
{
    uint8_t block[64];
    size_t size = old_block(block);
    sqlite3_stmt *stmt;
    sqlite3 *db;

    remember(one_gpu(start, 1));
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_prepare_v2(db, "UPDATE state SET packed = ?1 WHERE id >> 32 = ?2", -1, &stmt,
                       NULL);
    sqlite3_bind_blob(stmt, 1, block, (int)size, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 2, GW_GPU);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    run_sql("PRAGMA user_version = 5");
    assert_refused(STORE_READ, "older gigawatch");
    remember(two_gpus(start + 10, M_GPU_TEMP, 50));
    recall(1u << GW_GPU);
    open_mail();
    assert_known("g0", M_GPU_POWER, 400, start);
    assert_known("g0", M_GPU_TEMP, 50, start + 10);
    close_mail();
}
END_TEST

START_TEST(a_version_4_file_keeps_its_history)
{
    struct point points[10];

    record(10, 5, flat);
    run_sql("PRAGMA user_version = 4");
    assert_refused(STORE_READ, "older gigawatch");
    store_close(open_writer());
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", start, 10, points), 10);
}
END_TEST

START_TEST(old_history_becomes_means_and_is_bounded)
{
    static struct point points[20000];
    long count;

    record(60 * 240, 200, flat); /* 60 hours */
    ck_assert_int_le(count_of("SELECT count(*) FROM tile WHERE id < 1 << 56"),
                     HISTORY_WINDOWS + 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM tile WHERE id >= 1 << 56"), 7);
    /* Of the first hours only means are left, which is said; every step has one. */
    count = power_of(GW_SITE, "iad-3", start, 60 * 240, points);
    ck_assert_msg(count == 60 * 240, "%ld points; %s", count, err.text);
    ck_assert(wanted.means);
    for (long i = 0; i < count; i++)
        ck_assert_double_le(fabs((double)points[i].watts - 412.5e6), 412.5e6 / 16384);
    count = power_of(GW_SITE, "iad-3", start + 59 * 3600, 240, points);
    ck_assert_int_eq(count, 240);
    ck_assert(!wanted.means);
    assert_sound();
}
END_TEST

/* Its holders may have changed after the last fresh sum was kept, and those that came have
 * been told of before. */
START_TEST(what_went_stale_is_what_was_worked_out_last)
{
    struct batch *b = powers(start, NAN, 1000);
    struct found f;

    remember(b);
    b = batch_new(BATCH_HOST, "", start + 60);
    b->of_now = true;
    batch_time(b, start - 5);
    batch_number(b, entity(b, GW_DOMAIN, "hall-1", GW_NONE), M_DOMAIN_POWER, 900,
                 GW_STALE);
    remember(b);
    ck_assert_int_ge(recall(~0u), 1);
    open_mail();
    f = find(GW_DOMAIN, "hall-1", M_DOMAIN_POWER);
    ck_assert_double_eq(f.value->number, 900);
    ck_assert_int_eq(f.value->quality, GW_STALE);
    ck_assert_double_eq(f.time, start - 5);
    close_mail();
}
END_TEST

START_TEST(what_is_of_now_is_no_history)
{
    struct point points[10];
    struct batch *b = powers(start, NAN, 1000);

    b->of_now = true;
    remember(b);
    ck_assert_int_eq(power_of(GW_DOMAIN, "hall-1", start, 10, points), 0);
    ck_assert_int_ge(recall(~0u), 1);
    open_mail();
    ck_assert_double_eq(find(GW_DOMAIN, "hall-1", M_DOMAIN_POWER).value->number, 1000);
    close_mail();
}
END_TEST

START_TEST(stale_power_is_no_history)
{
    struct point points[10];
    struct batch *b = powers(start, NAN, 1000);

    batch_number(b, entity(b, GW_TENANT, "ml", GW_NONE), M_TENANT_POWER, 5, GW_STALE);
    remember(b);
    ck_assert_int_eq(power_of(GW_TENANT, "ml", start, 10, points), 0);
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", start, 10, points), 0);
    ck_assert_int_eq(power_of(GW_DOMAIN, "hall-1", start, 10, points), 1);
}
END_TEST

START_TEST(a_clock_that_ran_away_forgets_nothing)
{
    struct point points[300];

    record(240, 10, flat);
    remember(powers(start + 50 * 365 * 86400.0, 1, 1));
    remember(powers(start + 240 * 15, 1000, 1000));
    remember(powers(start + 241 * 15, 1000, 1000));
    ck_assert_int_eq(
        power_of(GW_SITE, "iad-3", start, 242, points),
        242);
}
END_TEST

START_TEST(an_event_is_kept_once_as_the_model_keeps_it)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", start);
    uint32_t event = batch_entity(b, GW_EVENT, "slurm n1", 8, GW_NONE);

    batch_text(b, event, M_EVENT_TEXT, "node n1 is down", 15);
    remember(b);
    b = batch_new(BATCH_JOURNAL, "", start);
    event = batch_entity(b, GW_EVENT, "1", 1, GW_NONE);
    batch_text(b, event, M_EVENT_TEXT, "node n1 is down", 15);
    remember(b);
    ck_assert_int_eq(recall(1u << GW_EVENT), 1);
    b = inbox_take(mail);
    ck_assert_uint_eq(b->entity_count, 1);
    ck_assert_str_eq(b->entities[0].name, "1");
    batch_free(b);
}
END_TEST

/* ---- trouble ---- */

static const char *wait_for_notice(void)
{
    static char text[600];
    struct batch *b = inbox_wait(mail, 5000);

    text[0] = '\0';
    for (size_t i = 0; b && i < b->sample_count; i++)
        if (b->samples[i].metric == M_EVENT_TEXT)
            snprintf(text, sizeof(text), "%s", b->samples[i].text);
    batch_free(b);
    return text;
}

START_TEST(a_disk_that_refuses_is_said_once_and_tried_again)
{
    struct rlimit old, small;
    struct point points[10];
    struct store *s = open_writer();

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 4096;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    store_pace(s, 0.02);
    store_start(s, mail);
    store_put(s, powers(start, 4e8, 1000));
    ck_assert_ptr_nonnull(strstr(wait_for_notice(), "keeps what is new in memory"));
    store_put(s, powers(start + 15, 4e8, 1000));
    usleep(100000);
    ck_assert_uint_eq(inbox_count(mail), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    ck_assert_str_eq(wait_for_notice(), "cache: is written again");
    store_close(s);
    ck_assert_int_eq(power_of(GW_SITE, "iad-3", start, 10, points), 2);
    assert_sound();
}
END_TEST

START_TEST(what_was_estimated_is_remembered_as_such)
{
    static struct point points[300];
    struct batch *b;

    for (int i = 0; i < 3; i++) {
        b = powers(start + i * 15, 4e8, 1000);
        batch_number(b, entity(b, GW_NODE, "n1", GW_NONE), M_NODE_POWER, 500,
                     i == 1 ? GW_ESTIMATED : GW_OK);
        remember(b);
    }
    ck_assert_int_eq(power_of(GW_NODE, "n1", start, 10, points), 3);
    ck_assert_int_eq(past_of(STORE_ESTIMATED, GW_NODE, "n1", start, 10, points), 1);
    ck_assert_double_eq(points[0].time, start + 15);
    ck_assert_int_eq(past_of(STORE_ESTIMATED, GW_SITE, "iad-3", start, 10, points), 0);
}
END_TEST

START_TEST(power_with_the_other_feed_lost_has_a_past_of_its_own)
{
    static struct point points[300];

    for (int i = 0; i < 3; i++) {
        struct batch *b = batch_new(BATCH_HOST, "", start + i * 15);
        uint32_t feed = entity(b, GW_DOMAIN, "feed-A", GW_NONE);

        batch_number(b, feed, M_DOMAIN_POWER, 500, GW_ESTIMATED);
        batch_number(b, feed, M_DOMAIN_POWER_N1, 900, GW_ESTIMATED);
        remember(b);
    }
    ck_assert_int_eq(power_of(GW_DOMAIN, "feed-A", start, 10, points), 3);
    ck_assert_double_eq(points[2].watts, 500);
    ck_assert_int_eq(past_of(STORE_POWER_N1, GW_DOMAIN, "feed-A", start, 10, points), 3);
    ck_assert_double_eq(points[2].watts, 900);
    ck_assert_int_eq(past_of(STORE_ESTIMATED, GW_DOMAIN, "feed-A", start, 10, points), 3);
    ck_assert_double_eq(points[2].watts, 1);
}
END_TEST

static void take_and_save(struct history *h, sqlite3 *db, double time, int from,
                          int count)
{
    struct batch *b = batch_new(BATCH_HOST, "", time);
    char name[32];

    for (int n = from; n < from + count; n++) {
        snprintf(name, sizeof(name), "n%d", n);
        batch_number(b, entity(b, GW_NODE, name, GW_NONE), M_NODE_POWER, n, GW_OK);
    }
    history_take(h, b);
    batch_free(b);
    save_history(h, db);
}

START_TEST(of_too_many_series_the_longest_unseen_make_room)
{
    enum { MOST = HISTORY_MOST_SERIES, NEW = 1000 };
    static struct point points[2000];
    struct history *h = history_new();
    sqlite3 *db = open_file();
    double hours = start + 2 * 3600;

    ck_assert_int_eq(history_load(h, db, &err), 0);
    take_and_save(h, db, start, 0, MOST);
    ck_assert_int_eq(history_room(h), HISTORY_HAS_ROOM);
    /* All are in use: a new one is not recorded, and none is lost. */
    take_and_save(h, db, start + 15, MOST, 1);
    ck_assert_int_eq(history_room(h), HISTORY_IS_FULL);
    take_and_save(h, db, hours, NEW, MOST - NEW);
    take_and_save(h, db, hours + 15, MOST, NEW);
    ck_assert_int_eq(history_room(h), HISTORY_MAKES_ROOM);
    history_free(h);
    /* The new ones are there, without the past of those whose numbers they have; the rest
     * is as it was. */
    ck_assert_int_eq(power_of(GW_NODE, "n131072", start, 500, points), 1);
    ck_assert_double_eq(points[0].time, hours + 15);
    ck_assert_float_eq(points[0].watts, MOST);
    ck_assert_int_eq(power_of(GW_NODE, "n0", start, 500, points), 0);
    ck_assert_int_eq(power_of(GW_NODE, "n131071", start, 500, points), 2);
    ck_assert_int_eq(count_of("SELECT count(*) FROM series"), MOST);
    /* One of the old ones comes back, after a restart, in the place of another. */
    h = history_new();
    ck_assert_msg(history_load(h, db, &err) == 0, "%s", err.text);
    take_and_save(h, db, hours + 30, MOST, 1);
    take_and_save(h, db, hours + 2 * 3600, 7, 1);
    ck_assert_int_eq(power_of(GW_NODE, "n7", start, 2000, points), 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM series"), MOST);
    history_free(h);
    sqlite3_close(db);
    assert_sound();
}
END_TEST

START_TEST(history_that_waits_too_long_is_dropped_oldest_first)
{
    struct history *h = history_new();
    struct batch *b = batch_new(BATCH_HOST, "", start);
    char name[32];
    int dropped = 0;

    for (int n = 0; n < 20000; n++) {
        snprintf(name, sizeof(name), "n%d", n);
        batch_number(b, entity(b, GW_NODE, name, GW_NONE), M_NODE_POWER, n, GW_OK);
    }
    for (int i = 0; i < 300; i++) {
        b->time = b->times[0] = start + i * 15;
        dropped += history_take(h, b);
    }
    batch_free(b);
    /* 80 kB a step. */
    ck_assert_int_ge(dropped, 300 - HISTORY_MOST_WAITING / 80000 - 1);
    ck_assert_int_lt(dropped, 300 - HISTORY_MOST_WAITING / 80000 + 2);
    history_free(h);
}
END_TEST

static void write_until_killed(void)
{
    struct store *s = store_open(path, STORE_WRITE, &err);

    if (!s || !store_writes(s))
        _exit(1);
    store_pace(s, 0.005);
    store_start(s, mail);
    for (int i = 0;; i++) {
        struct batch *b = powers(start + i * 15, 4e8 + i, 1000);
        char name[32];

        for (int n = 0; n < 500; n++) {
            name_gpu(name, n);
            batch_number(b, entity(b, GW_GPU, name, GW_NONE), M_GPU_POWER, i % 5000,
                         GW_OK);
        }
        store_put(s, b);
        usleep(1000);
    }
}

/* Has the writer saved GPUs and a few steps of history? Asked while it makes the file. */
static bool has_saved(void)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;
    bool saved = false;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT (SELECT count(*) FROM journal) > 9 AND"
                               " (SELECT count(*) FROM state) > 0", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        saved = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return saved;
}

START_TEST(kill_9_at_any_moment_leaves_a_sound_file)
{
    static struct point points[4000];

    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        struct store *s;

        if (child == 0)
            write_until_killed();
        /* The first lives until there is something to lose; the others die anywhere. */
        for (int n = 0; i == 0 && n < 30000 && !has_saved(); n++)
            usleep(2000);
        usleep((useconds_t)(i * 7919 % 60000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_sound();
        s = open_writer();
        ck_assert_int_gt(store_recall(s, 1u << GW_GPU, deliver, mail, &err), 0);
        store_close(s);
        open_mail();
        /* All of a batch or nothing of it. */
        for (size_t v = 1; kept_count && v < kept[0]->sample_count; v++)
            ck_assert_double_eq(kept[0]->samples[v].number, kept[0]->samples[0].number);
        close_mail();
    }
    ck_assert_int_gt(power_of(GW_SITE, "iad-3", start, 4000, points),
                     3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *store = tcase_create("store");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(store, set_up, tear_down);
    tcase_set_timeout(store, 120);
    tcase_add_test(store, a_new_file_is_private);
    tcase_add_test(store, readers_wait_for_no_writer);
    tcase_add_test(store, what_is_no_database_is_refused);
    tcase_add_test(store, a_cut_file_is_refused);
    tcase_add_test(store, a_damaged_row_is_said_and_replaced);
    tcase_add_test(store, a_file_of_another_program_is_refused);
    tcase_add_test(store, tables_of_somebody_else_are_refused);
    tcase_add_test(store, a_newer_file_is_refused_with_both_versions);
    tcase_add_test(store, a_read_only_file_is_refused_for_writing_and_read);
    tcase_add_test(store, a_folder_that_cannot_be_made_is_said);
    tcase_add_test(store, a_missing_or_empty_file_has_no_data);
    tcase_add_test(store, the_second_writer_reads);
    tcase_add_test(store, a_file_somebody_locked_is_said);
    tcase_add_test(store, a_version_1_file_is_brought_up_to_date);
    tcase_add_test(store, a_version_2_file_keeps_its_state_and_learns);
    tcase_add_test(store, what_was_learnt_is_replaced_as_a_whole);
    tcase_add_test(store, what_was_learnt_last_has_a_bounded_room);
    tcase_add_test(store, who_only_reads_keeps_nothing);
    tcase_add_test(store, everything_known_comes_back);
    tcase_add_test(store, sites_and_domains_come_first_and_only_what_is_asked);
    tcase_add_test(store, kinds_with_many_and_few_metrics_do_not_mix);
    tcase_add_test(store, the_newest_value_wins_unless_the_clock_ran_away);
    tcase_add_test(store, the_roster_and_the_cache_itself_are_not_remembered);
    tcase_add_test(store, no_value_looks_younger_than_it_is);
    tcase_add_test(store, rows_beyond_a_block_are_kept_in_order);
    tcase_add_test(store, a_crash_between_two_portions_loses_no_block);
    tcase_add_test(store, jobs_long_past_are_forgotten);
    tcase_add_test(store, history_comes_back_with_its_gaps);
    tcase_add_test(store, a_past_that_a_source_tells_fills_what_is_not_known);
    tcase_add_test(store, a_past_that_a_source_tells_is_bounded);
    tcase_add_test(store, a_past_that_a_source_tells_is_no_newest_value);
    tcase_add_test(store, a_version_3_file_keeps_its_history);
    tcase_add_test(store, a_version_4_file_keeps_its_history);
    tcase_add_test(store, a_version_5_file_keeps_its_state);
    tcase_add_test(store, each_value_keeps_the_time_at_which_it_was_told);
    tcase_add_test(store, old_history_becomes_means_and_is_bounded);
    tcase_add_test(store, what_went_stale_is_what_was_worked_out_last);
    tcase_add_test(store, what_is_of_now_is_no_history);
    tcase_add_test(store, stale_power_is_no_history);
    tcase_add_test(store, a_clock_that_ran_away_forgets_nothing);
    tcase_add_test(store, a_disk_that_refuses_is_said_once_and_tried_again);
    tcase_add_test(store, a_wish_is_granted_with_the_newest_value_of_a_row);
    tcase_add_test(store, what_was_estimated_is_remembered_as_such);
    tcase_add_test(store, power_with_the_other_feed_lost_has_a_past_of_its_own);
    tcase_add_test(store, of_too_many_series_the_longest_unseen_make_room);
    tcase_add_test(store, history_that_waits_too_long_is_dropped_oldest_first);
    tcase_add_test(store, an_event_is_kept_once_as_the_model_keeps_it);
    tcase_add_test(store, kill_9_at_any_moment_leaves_a_sound_file);
    suite_add_tcase(suite, store);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
