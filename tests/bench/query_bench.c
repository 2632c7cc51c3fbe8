/* What a table of 100,000 rows costs: filter, sort and a window of cells, beside qsort()
 * of an index by one column, which is what a simpler console would do for the sort alone.
 * Printed as ratios of medians of alternating runs, for milliseconds say more about the
 * machine than about the program. */
#include <stdio.h>
#include <time.h>

#include "tests/lib/gpus.h"

enum { ROWS = 100000, RUNS = 9, WINDOW = 60 };

static const float *powers;

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct model *large_model(void)
{
    struct model *m = model_new("iad-3");
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);
    uint32_t seed = 1;

    for (int i = 0; i < ROWS; i++) {
        char name[32];
        int len = snprintf(name, sizeof(name), "n%05d/%d", i / 8, i % 8);
        uint32_t gpu = batch_entity(b, GW_GPU, name, (size_t)len, GW_NONE);

        seed = seed * 1664525 + 1013904223;
        batch_number(b, gpu, M_GPU_POWER, (seed >> 8) / 16777216.0 * 700, GW_OK);
        batch_number(b, gpu, M_GPU_POWER_LIMIT, 700, GW_OK);
        batch_text(b, gpu, M_GPU_TENANT, seed >> 31 ? "acme" : "zeta", 4);
    }
    model_apply(m, b);
    model_settle(m, NOON);
    batch_free(b);
    return m;
}

static int by_power(const void *a, const void *b)
{
    float x = powers[*(const uint32_t *)a], y = powers[*(const uint32_t *)b];

    return (x < y) - (x > y);
}

static double time_qsort(const struct model *m, uint32_t *rows)
{
    double start;

    powers = model_column(m, M_GPU_POWER);
    memcpy(rows, model_order(m, GW_GPU), ROWS * sizeof(*rows));
    start = now_ms();
    qsort(rows, ROWS, sizeof(*rows), by_power);
    return now_ms() - start;
}

/* All that a frame asks of a table. */
static double time_table(const struct model *m, const char *filter, const char *sort)
{
    struct err err;
    size_t column;
    struct query *q = query_parse_filter(&test_view, filter, &err, &column);
    double start = now_ms();
    struct table *t = table_of_view(m, &test_view, q, sort);

    for (size_t row = 0; row < WINDOW && row < t->row_count; row++)
        for (size_t i = 0; i < t->column_count; i++)
            table_cell(t, row, i);
    start = now_ms() - start;
    table_free(t);
    query_free(q);
    return start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *times)
{
    qsort(times, RUNS, sizeof(*times), by_size);
    return times[RUNS / 2];
}

/* The window must be the one that the slow way finds. */
static bool agrees(const struct model *m, const uint32_t *sorted)
{
    struct table *t = table_of_view(m, &test_view, NULL, "-power");
    bool same = true;

    for (size_t i = 0; i < ROWS && same; i++)
        same = powers[t->rows[i]] == powers[sorted[i]];
    table_free(t);
    return same;
}

int main(void)
{
    static const struct {
        const char *name, *filter, *sort;
    } cases[] = {
        { "sort by power", "", "-power" },
        { "filter by power", "power > 350W", "" },
        { "filter by a share of the limit", "power > 0.9power_limit", "" },
        { "filter by tenant", "tenant = acme", "" },
        { "filter by a bare word", "acme", "" },
        { "filter, sort and window", "power > 100W and tenant = acme", "-power" },
        { "sort by name", "", "name" },
    };
    struct model *m = large_model();
    uint32_t *rows = xcalloc(ROWS, sizeof(*rows));
    double slow[RUNS], fast[RUNS];

    time_qsort(m, rows);
    if (!agrees(m, rows)) {
        fputs("the table is not in order\n", stderr);
        return 1;
    }
    printf("%-32s %10s %10s %8s\n", "100,000 rows", "table ms", "qsort ms", "ratio");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (int run = 0; run < RUNS; run++) {
            slow[run] = time_qsort(m, rows);
            fast[run] = time_table(m, cases[i].filter, cases[i].sort);
        }
        printf("%-32s %10.2f %10.2f %8.2f\n", cases[i].name, median(fast), median(slow),
               median(fast) / median(slow));
    }
    free(rows);
    model_free(m);
    return 0;
}
