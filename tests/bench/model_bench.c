/* What the model costs, as ratios to a plain copy of the same samples in the same run.
 *
 *     cc -O2 -std=gnu11 -Isrc -Iinclude -o model_bench tests/bench/model_bench.c \
 *         BUILD/libgigawatch.a -lutf8proc -lm && ./model_bench [GPUS]
 *
 * A site of racks of nine nodes of eight GPUs, one target a node, 14 metrics a GPU. Times
 * are CPU time, the median of interleaved runs: copy, apply, settle, copy, apply, settle,
 * … */
#include "model/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, GPUS_A_NODE = 8, NODES_A_RACK = 9 };

static const uint16_t numbers[] = {
    M_GPU_POWER,    M_GPU_UTIL,          M_GPU_TEMP,        M_GPU_MEM_TEMP,
    M_GPU_MEM_USED, M_GPU_MEM_TOTAL,     M_GPU_POWER_LIMIT, M_GPU_INDEX,
    M_GPU_XID,      M_GPU_POWER_INSTANT, M_GPU_ENERGY,
};

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t entity(struct batch *b, enum gw_kind kind, uint32_t parent,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

static uint32_t entity(struct batch *b, enum gw_kind kind, uint32_t parent,
                       const char *format, ...)
{
    char name[64];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(name, sizeof(name), format, args);
    va_end(args);
    return batch_entity(b, kind, name, (size_t)len, parent);
}

static void add_gpu(struct batch *b, unsigned node, unsigned index, uint32_t parent,
                    double round)
{
    uint32_t gpu = entity(b, GW_GPU, parent, "n%u/%u", node, index);
    char uuid[48];
    int len = snprintf(uuid, sizeof(uuid), "GPU-%08x-0000-4000-8000-%012x", node, index);

    batch_text(b, gpu, M_GPU_UUID, uuid, (size_t)len);
    batch_text(b, gpu, M_GPU_MODEL, "NVIDIA H200", 11);
    batch_text(b, gpu, M_GPU_TENANT, node % 3 ? "acme" : "zeta", 4);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        batch_number(b, gpu, numbers[i],
                     numbers[i] == M_GPU_ENERGY ? 1e6 + round * 7000
                     : numbers[i] == M_GPU_UTIL ? 0.9
                                                : 50 + round + index,
                     GW_OK);
}

static struct batch *poll_of(unsigned node, double time, double round)
{
    struct batch *b;
    char target[32];
    uint32_t parent;

    snprintf(target, sizeof(target), "n%u", node);
    b = batch_new(BATCH_POLL, target, time);
    parent = entity(b, GW_NODE, GW_NONE, "n%u", node);
    for (unsigned i = 0; i < GPUS_A_NODE; i++)
        add_gpu(b, node, i, parent, round);
    return b;
}

static void declare(struct model *m, unsigned nodes, double time)
{
    struct batch *b = batch_new(BATCH_ROSTER, "", time);
    uint32_t feeds[2], rack = GW_NONE;

    feeds[0] = entity(b, GW_DOMAIN, GW_NONE, "feed-A");
    feeds[1] = entity(b, GW_DOMAIN, GW_NONE, "feed-B");
    for (unsigned i = 0; i < nodes; i++) {
        if (i % NODES_A_RACK == 0) {
            rack = entity(b, GW_DOMAIN, feeds[0], "rack-%u", i / NODES_A_RACK);
            batch_link(b, rack, feeds[1]);
        }
        entity(b, GW_NODE, rack, "n%u", i);
    }
    model_apply(m, b);
    batch_free(b);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_size);
    return values[count / 2];
}

/* Every sample and entity, copied once. */
static size_t copy_all(struct batch **batches, unsigned count, char *to)
{
    size_t samples = 0;

    for (unsigned i = 0; i < count; i++) {
        const struct batch *b = batches[i];

        memcpy(to, b->entities, b->entity_count * sizeof(*b->entities));
        memcpy(to + 65536, b->samples, b->sample_count * sizeof(*b->samples));
        samples += b->sample_count;
    }
    return samples;
}

int main(int argc, char **argv)
{
    unsigned gpus = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
    unsigned nodes = (gpus + GPUS_A_NODE - 1) / GPUS_A_NODE;
    struct batch **batches = calloc(nodes, sizeof(struct batch *));
    double start = 1790000000, copy[ROUNDS], apply[ROUNDS], settle[ROUNDS], first, t,
           order;
    struct model *m = model_new("bench");
    static char scratch[1 << 20];
    size_t samples = 0;

    if (!batches)
        return 1;
    declare(m, nodes, start);
    for (int round = -1; round < ROUNDS; round++) {
        double now = start + 5 * (round + 2);

        for (unsigned i = 0; i < nodes; i++)
            batches[i] = poll_of(i, now, round + 1);
        t = cpu_s();
        samples = copy_all(batches, nodes, scratch);
        if (round >= 0)
            copy[round] = cpu_s() - t;
        t = cpu_s();
        for (unsigned i = 0; i < nodes; i++)
            model_apply(m, batches[i]);
        first = cpu_s() - t;
        if (round >= 0)
            apply[round] = first;
        t = cpu_s();
        if (round < 0) {
            model_order(m, GW_GPU);
            order = cpu_s() - t;
            printf("first contact   %8.1f ns a sample\n", first / (double)samples * 1e9);
            printf("order           %8.1f ms once\n", order * 1e3);
            t = cpu_s();
        }
        model_settle(m, now);
        if (round >= 0)
            settle[round] = cpu_s() - t;
        for (unsigned i = 0; i < nodes; i++)
            batch_free(batches[i]);
    }
    t = median(copy, ROUNDS);
    printf("samples         %8zu a round\n", samples);
    printf("apply           %8.1f ns a sample, %.1f times a copy\n",
           median(apply, ROUNDS) / (double)samples * 1e9, apply[ROUNDS / 2] / t);
    printf("settle          %8.2f ms, %.2f times a copy of the samples\n",
           median(settle, ROUNDS) * 1e3, settle[ROUNDS / 2] / t);
    printf("memory          %8.0f bytes a GPU, %.2f times its samples\n",
           (double)model_bytes(m) / gpus,
           (double)model_bytes(m) / ((double)samples * sizeof(struct batch_sample)));
    if (fabs(model_number(m, M_SITE_POWER, 0)) < 1) {
        fprintf(stderr, "model_bench: the site draws nothing: the sums are wrong\n");
        return 1;
    }
    free(batches);
    model_free(m);
    return 0;
}
