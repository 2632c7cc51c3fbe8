/* What the benchmarks share: clocks, how far to trust them, and lines that hold a figure
 * against its limit. A missed limit is printed, and is no failure: ratios are for
 * reading. */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double clock_s(clockid_t clock)
{
    struct timespec t = { 0 };

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double now(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

static inline double cpu_ms(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) * 1e3;
}

/* Some milliseconds of wall time for always the same work. */
static inline double fixed_work(void)
{
    double start = now();
    unsigned long long x = 88172645463325252ULL;

    for (int i = 0; i < 5000000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    return x ? now() - start : 0;
}

static double best_work = 1e9, slowest_work;

static inline void calibrate(void)
{
    for (int i = 0; i < 3; i++) {
        double took = fixed_work();

        best_work = took < best_work ? took : best_work;
        slowest_work = took > slowest_work ? took : slowest_work;
    }
}

static inline void part(const char *name)
{
    slowest_work = 0;
    calibrate();
    printf("-- %s\n", name);
}

static inline void end_part(void)
{
    calibrate();
    if (slowest_work > 1.25 * best_work)
        printf("   NOISY: the same work took %.2f times as long as at its best\n",
               slowest_work / best_work);
    fflush(stdout);
}

static inline void against(const char *name, double value, double limit, const char *unit)
{
    printf("%-44s %9.2f of %7.2f %-5s ratio %5.2f  %s\n", name, value, limit, unit,
           value / limit, value <= limit ? "met" : "MISSED");
}

static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts them, too. */
static inline double quantile(double *values, size_t count, double q)
{
    qsort(values, count, sizeof(*values), by_size);
    return values[(size_t)((double)(count - 1) * q + 0.5)];
}

#endif
