/* Six GPUs on three nodes, and a view of them: what tests of queries, tables and formats
 * look at. */
#ifndef TESTS_LIB_GPUS_H
#define TESTS_LIB_GPUS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "show/query_inside.h"
#include "show/table.h"

enum { NOON = 1700481600 }; /* 2023-11-20T12:00:00Z */

static struct cell gpu_name(const struct model *m, uint32_t row)
{
    return cell_string(model_name(m, GW_GPU, row));
}

static struct cell gpu_node(const struct model *m, uint32_t row)
{
    struct row up = model_parent(m, GW_GPU, row);

    return cell_string(up.id == GW_NONE ? NULL : model_name(m, up.kind, up.id));
}

static struct cell gpu_held(const struct model *m, uint32_t row)
{
    return cell_string(model_text(m, M_GPU_TENANT, row) ? "held" : "free");
}

static struct cell gpu_load(const struct model *m, uint32_t row)
{
    return cell_number(model_number(m, M_GPU_POWER, row) /
                           model_number(m, M_GPU_POWER_LIMIT, row),
                       UNIT_RATIO);
}

static struct cell gpu_since(const struct model *m, uint32_t row)
{
    double idle = model_number(m, M_GPU_IDLE, row);

    return cell_number(NOON - idle, UNIT_TIME);
}

static const float gpu_past[] = { 1.5f, NAN, 412.6f };

static struct cell gpu_trend(const struct model *m, uint32_t row)
{
    (void)m;
    return (struct cell){ .type = row ? CELL_NONE : CELL_TREND,
                          .values = gpu_past,
                          .count = 3 };
}

/* clang-format off */
static const struct column test_columns[] = {
    { .name = "name", .priority = 1, .text = true, .is_name = true, .cell = gpu_name },
    { .name = "node", .priority = 2, .text = true, .cell = gpu_node },
    { .name = "state", .priority = 2, .text = true, COLUMN_METRIC(M_GPU_STATE) },
    { .name = "util", .priority = 2, .unit = UNIT_RATIO, COLUMN_METRIC(M_GPU_UTIL) },
    { .name = "temp", .unit = UNIT_C, COLUMN_METRIC(M_GPU_TEMP) },
    { .name = "mem_used", .unit = UNIT_BYTES, COLUMN_METRIC(M_GPU_MEM_USED) },
    { .name = "power", .sums = true, .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_GPU_POWER) },
    { .name = "power_limit", .unit = UNIT_W, COLUMN_METRIC(M_GPU_POWER_LIMIT) },
    { .name = "load", .unit = UNIT_RATIO, .cell = gpu_load },
    { .name = "xid", COLUMN_METRIC(M_GPU_XID) },
    { .name = "idle", .priority = 3, .unit = UNIT_S, COLUMN_METRIC(M_GPU_IDLE) },
    { .name = "since", .unit = UNIT_TIME, .cell = gpu_since },
    { .name = "held", .text = true, .cell = gpu_held },
    { .name = "tenant", .priority = 3, .text = true, COLUMN_METRIC(M_GPU_TENANT) },
    { .name = "trend", .cell = gpu_trend },
    { 0 }
};
/* clang-format on */

static const struct view test_view = {
    .name = "gpus",
    .title = "gpus",
    .kind = "gpus",
    .rows = GW_GPU,
    .columns = test_columns,
};
static const struct view *const test_views[] = { &test_view, NULL };

struct test_gpu {
    const char *node, *name, *state, *tenant;
    double util, temp, power, idle;
    enum gw_quality quality;
};

static inline void add_gpu(struct batch *b, const struct test_gpu *g)
{
    uint32_t node = batch_entity(b, GW_NODE, g->node, strlen(g->node), GW_NONE);
    uint32_t gpu = batch_entity(b, GW_GPU, g->name, strlen(g->name), node);

    if (g->state)
        batch_text(b, gpu, M_GPU_STATE, g->state, strlen(g->state));
    if (g->tenant)
        batch_text(b, gpu, M_GPU_TENANT, g->tenant, strlen(g->tenant));
    batch_number(b, gpu, M_GPU_UTIL, g->util, GW_OK);
    batch_number(b, gpu, M_GPU_TEMP, g->temp, GW_OK);
    batch_number(b, gpu, M_GPU_POWER, g->power, g->quality);
    batch_number(b, gpu, M_GPU_IDLE, g->idle, GW_OK);
    batch_number(b, gpu, M_GPU_POWER_LIMIT, 700, GW_OK);
}

/* clang-format off */
static const struct test_gpu test_gpus[] = {
    { "n1",  "n1/0",  "busy", "acme",              .98, 61, 412.6, NAN,  GW_OK },
    { "n1",  "n1/1",  "busy", "acme",              .99, 83, 690,   NAN,  GW_OK },
    { "n2",  "n2/0",  "idle", "acme",              0,   35, 90,    1200, GW_OK },
    { "n2",  "n2/1",  "lost", NULL,                NAN, NAN, NAN,  NAN,  GW_OK },
    { "n10", "n10/0", "busy", "zeta, \"inc\"",     .5,  55, 350.5, NAN,  GW_ESTIMATED },
    { "n10", "n10/1", "idle", NULL,                0,   33, 80,    60,   GW_OK },
};
/* clang-format on */

static inline struct model *test_model(void)
{
    struct model *m = model_new("iad-3");
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);

    for (size_t i = 0; i < sizeof(test_gpus) / sizeof(*test_gpus); i++)
        add_gpu(b, &test_gpus[i]);
    model_apply(m, b);
    model_settle(m, NOON);
    batch_free(b);
    return m;
}

#endif
