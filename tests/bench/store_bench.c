/* The cache against the plain way: history against a row per sample with an index, the
 * last state against reading the same bytes with read(). CPU time, each pair interleaved,
 * the median of the pairs' ratios. Every path is checked against what was put in before a
 * time is looked at. */
#include "base/arena.h"
#include "model/metric.h"
#include "store/history.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/store.h"

#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5, SERIES = 10240, STEPS = 240, ROW_STEPS = 12, GPUS = 100000 };

static char folder[] = "/tmp/gigawatch-bench-XXXXXX";
static char path[64], rows_path[64];

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "store_bench: %s: %s\n", what, why);
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(db));
}

static double bytes_of(const char *name)
{
    struct stat st;

    return stat(name, &st) == 0 ? (double)st.st_size : 0;
}

static void forget(const char *name)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-writer" };
    char file[96];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(file, sizeof(file), "%s%s", name, ends[i]);
        unlink(file);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), by_size);
    return values[ROUNDS / 2];
}

/* A quarter constant, a quarter slow, a quarter noisy whole numbers, a quarter with
 * decimals. */
static double watts(int series, int step)
{
    unsigned noise = (unsigned)(series * 7919 + step) * 2654435761u;

    switch (series % 4) {
    case 0:
        return 5000 + series;
    case 1:
        return 5000 + floor(step / 10.0);
    case 2:
        return 5000 + (noise >> 20) % 512;
    default:
        return 5000 + (noise >> 12) % 500000 / 1000.0;
    }
}

/* ---- history ---- */

static struct batch *step_batch(int step)
{
    struct batch *b = batch_new(BATCH_HOST, "", 1790000100 + step * 15.0);
    char name[16];

    for (int i = 0; i < SERIES; i++) {
        int len = snprintf(name, sizeof(name), "n%d", i);

        batch_number(b, batch_entity(b, GW_NODE, name, (size_t)len, GW_NONE),
                     M_NODE_POWER, watts(i, step), GW_OK);
    }
    return b;
}

static double write_tiles(struct batch **batches)
{
    struct history *h = history_new();
    struct err err = { 0 };
    int lock = schema_lock(path, "writer", &err);
    sqlite3 *db = schema_write(path, &err);
    double began;

    if (!db || history_load(h, db, &err) < 0)
        die(path, err.text);
    began = cpu();
    for (int step = 0; step <= STEPS; step++) {
        history_take(h, batches[step]);
        run(db, "BEGIN");
        if (history_save(h, db, &err) < 0)
            die(path, err.text);
        run(db, "COMMIT");
        history_settle(h, true);
    }
    began = cpu() - began;
    history_free(h);
    sqlite3_close(db);
    close(lock);
    return began / ((double)SERIES * STEPS);
}

static double write_rows(void)
{
    sqlite3_stmt *put;
    sqlite3 *db;
    double began;

    if (sqlite3_open(rows_path, &db) != SQLITE_OK)
        die(rows_path, sqlite3_errmsg(db));
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE sample(id INTEGER, time INTEGER, watts REAL);"
            "CREATE INDEX sample_by_id ON sample(id, time)");
    sqlite3_prepare_v2(db, "INSERT INTO sample VALUES(?1, ?2, ?3)", -1, &put, NULL);
    began = cpu();
    for (int step = 0; step < ROW_STEPS; step++) {
        run(db, "BEGIN");
        for (int i = 0; i < SERIES; i++) {
            sqlite3_bind_int(put, 1, i);
            sqlite3_bind_int64(put, 2, 1790000100 + step * 15);
            sqlite3_bind_double(put, 3, watts(i, step));
            sqlite3_step(put);
            sqlite3_reset(put);
        }
        run(db, "COMMIT");
    }
    began = cpu() - began;
    sqlite3_finalize(put);
    sqlite3_close(db);
    return began / ((double)SERIES * ROW_STEPS);
}

static void check_series(void *arg, const struct store_past *past)
{
    long series = strtol(past->name + 1, NULL, 10);

    *(int *)arg += 1;
    if (past->count != STEPS + 1)
        die("history", "not as many points as were put in");
    for (int i = 0; i <= STEPS; i++)
        if (!(fabs((double)past->values[i] - watts((int)series, i)) <= 0.26))
            die("history", "another value than was put in");
}

static void check_history(void)
{
    struct err err;
    int seen = 0;

    if (store_trends(path, 1u << GW_NODE, NULL, STORE_POWER, 1790000100 + STEPS * 15.0,
                     STEPS + 1, NULL, check_series, &seen, &err) < 0)
        die("history", err.text);
    if (seen != SERIES)
        die("history", "not as many series as were put in");
}

static double tile_bytes(void)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;
    double bytes;

    sqlite3_open(path, &db);
    sqlite3_prepare_v2(db, "SELECT sum(length(packed)) FROM tile WHERE id < 1 << 56", -1,
                       &stmt, NULL);
    sqlite3_step(stmt);
    bytes = sqlite3_column_double(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return bytes;
}

static void bench_history(void)
{
    static struct batch *batches[STEPS + 1];
    double ratios[ROUNDS], ours = 0, theirs = 0, bytes, row_bytes = 0;
    double recorded = (double)SERIES * STEPS;

    for (int i = 0; i <= STEPS; i++)
        batches[i] = step_batch(i);
    for (int round = 0; round < ROUNDS; round++) {
        forget(path);
        forget(rows_path);
        ours = write_tiles(batches);
        theirs = write_rows();
        row_bytes = bytes_of(rows_path) / ((double)SERIES * ROW_STEPS);
        ratios[round] = theirs / ours;
    }
    check_history();
    bytes = tile_bytes() / recorded;
    printf("history, CPU: a row per sample with index / ours     %6.0f   (%.1f M "
           "samples/s)\n",
           median(ratios), 1e-6 / ours);
    printf("history, bytes: a row per sample with index / tiles  %6.0f   (%.2f B a "
           "sample)\n",
           row_bytes / bytes, bytes);
    for (int i = 0; i <= STEPS; i++)
        batch_free(batches[i]);
}

/* ---- last state ---- */

static void discard(void *item)
{
    batch_free(item);
}

static struct batch *gpu_batch(double time)
{
    static const uint16_t numbers[] = {
        M_GPU_INDEX,    M_GPU_UTIL,  M_GPU_MEM_USED,    M_GPU_MEM_TOTAL, M_GPU_TEMP,
        M_GPU_MEM_TEMP, M_GPU_POWER, M_GPU_POWER_LIMIT, M_GPU_ENERGY
    };
    struct batch *b = batch_new(BATCH_POLL, "prom", time);
    uint32_t node = GW_NONE, gpu;
    char name[64];
    int len;

    for (int i = 0; i < GPUS; i++) {
        if (i % 8 == 0) {
            len = snprintf(name, sizeof(name), "rack%03d-n%02d", i / 72, i / 8 % 9);
            node = batch_entity(b, GW_NODE, name, (size_t)len, GW_NONE);
        }
        len = snprintf(name, sizeof(name), "rack%03d-n%02d/%d", i / 72, i / 8 % 9, i);
        gpu = batch_entity(b, GW_GPU, name, (size_t)len, node);
        for (size_t m = 0; m < sizeof(numbers) / sizeof(numbers[0]); m++)
            batch_number(b, gpu, numbers[m], i % 2, GW_OK);
        len = snprintf(name, sizeof(name), "GPU-%08x-1d2c-4f6a-9b3e-%012x", i * 7919, i);
        batch_text(b, gpu, M_GPU_UUID, name, (size_t)len);
        batch_text(b, gpu, M_GPU_MODEL, "NVIDIA H200", 11);
        batch_text(b, gpu, M_GPU_STATE, i % 5 ? "busy" : "idle", 4);
        len = snprintf(name, sizeof(name), "tenant-%d", i / 640);
        batch_text(b, gpu, M_GPU_TENANT, name, (size_t)len);
        len = snprintf(name, sizeof(name), "%d", 80000 + i / 64);
        batch_text(b, gpu, M_GPU_JOB, name, (size_t)len);
    }
    for (int i = 0; i < 200; i++) {
        len = snprintf(name, sizeof(name), "hall-%d", i);
        batch_number(b, batch_entity(b, GW_DOMAIN, name, (size_t)len, GW_NONE),
                     M_DOMAIN_POWER, 1e6, GW_OK);
    }
    return b;
}

static double read_file(void)
{
    static char buffer[1 << 20];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    double began = cpu();

    while (read(fd, buffer, sizeof(buffer)) > 0)
        ;
    began = cpu() - began;
    close(fd);
    return began;
}

static void count_samples(void *count, struct batch *b)
{
    batch_spread(b);
    *(size_t *)count += b->sample_count;
    batch_free(b);
}

/* What a one-shot does: opens, recalls, closes. */
static double recall(unsigned kinds, size_t *samples)
{
    double began = cpu();
    struct err err = { 0 };
    struct store *s = store_open(path, STORE_READ, &err);

    *samples = 0;
    if (!s || store_recall(s, kinds, count_samples, samples, &err) < 0)
        die(path, err.text);
    store_close(s);
    return cpu() - began;
}

static double write_state(void)
{
    struct inbox *notices = inbox_new(discard);
    struct state *state = state_new();
    struct err err = { 0 };
    int lock = schema_lock(path, "writer", &err);
    sqlite3 *db = schema_write(path, &err);
    double merged = 0;

    if (!db)
        die(path, err.text);
    for (int round = 0; round < 2; round++) {
        struct batch *b = gpu_batch(1790000000 + round * 15);

        merged = cpu();
        state_merge(state, b);
        merged = cpu() - merged;
        batch_free(b);
    }
    run(db, "BEGIN");
    if (state_save(state, db, SIZE_MAX, &err) < 0)
        die(path, err.text);
    run(db, "COMMIT");
    state_settle(state, true);
    printf("last state of 100,000 GPUs with 14 values each: %.1f MB in memory\n",
           (double)state_bytes(state) / 1e6);
    state_free(state);
    sqlite3_close(db);
    close(lock);
    inbox_free(notices);
    return merged;
}

static void bench_state(void)
{
    double ratios[ROUNDS], shorts[ROUNDS], all[ROUNDS], domains[ROUNDS], merged;
    size_t samples;

    forget(path);
    merged = write_state();
    for (int round = 0; round < ROUNDS; round++) {
        double plain = read_file();

        all[round] = recall(~0u, &samples);
        if (samples != GPUS * 14 + 200)
            die("recall", "not as many values as were put in");
        domains[round] = recall(1u << GW_DOMAIN, &samples);
        if (samples != 200)
            die("recall", "not as many domains as were put in");
        ratios[round] = all[round] / plain;
        shorts[round] = domains[round] / plain;
    }
    printf("recall of all into batches / read() of the file      %6.1f   (%.1f ms CPU)\n",
           median(ratios), 1e3 * median(all));
    printf("recall of 200 domains / read() of the file           %6.2f   (%.2f ms CPU)\n",
           median(shorts), 1e3 * median(domains));
    printf("merging one answer of all of them / recall of all    %6.2f   (%.1f ms CPU)\n",
           merged / median(all), 1e3 * merged);
}

int main(void)
{
    if (!mkdtemp(folder))
        die(folder, "cannot be made");
    snprintf(path, sizeof(path), "%s/cache.db", folder);
    snprintf(rows_path, sizeof(rows_path), "%s/rows.db", folder);
    bench_history();
    bench_state();
    forget(path);
    forget(rows_path);
    rmdir(folder);
    return 0;
}
