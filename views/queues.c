/* Queues: how much waits where. */
#include "views/columns.h"

static struct cell queue_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_QUEUE, row);
}

static struct cell queue_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_QUEUE, row);
}

static bool nobody_waits(const struct model *m, uint32_t row)
{
    return model_number(m, M_QUEUE_PENDING, row) <= 0;
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    (void)m;
    (void)row;
    return text_is(cell->text, "up") || text_is(cell->text, "active") ? LEVEL_FAINT
                                                                      : LEVEL_ATTENTION;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "queue", .priority = 1, .text = true, .cell = queue_name,
      .help = "queue or partition" },
    { .name = "pending", .sums = true, .priority = 1, .width = 8, COLUMN_METRIC(M_QUEUE_PENDING) },
    { .name = "running", .sums = true, .priority = 1, .width = 8, COLUMN_METRIC(M_QUEUE_RUNNING) },
    { .name = "gpus_pending", .sums = true, .heading = "GPUs wait", .priority = 2, .width = 9, COLUMN_METRIC(M_QUEUE_GPUS_PENDING) },
    { .name = "gpus_running", .sums = true, .heading = "GPUs run", .priority = 2, .width = 9, COLUMN_METRIC(M_QUEUE_GPUS_RUNNING) },
    { .name = "quota", .priority = 4, .width = 6, COLUMN_METRIC(M_QUEUE_QUOTA) },
    { .name = "wait", .heading = "longest wait", .priority = 2, .width = 12, .unit = UNIT_S, COLUMN_METRIC(M_QUEUE_WAIT),
      .has_none = nobody_waits },
    { .name = "state", .priority = 3, .text = true, COLUMN_METRIC(M_QUEUE_STATE), .level = state_level },
    { .name = "parent", .priority = 5, .text = true, COLUMN_METRIC(M_QUEUE_PARENT), .level = faint_level },
    { .name = "tenant", .priority = 4, .text = true, COLUMN_METRIC(M_QUEUE_TENANT) },
    { .name = "age", .priority = 2, .width = 4, .unit = UNIT_S, .cell = queue_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view queues_view = {
    .name = "queues",
    .title = "queues",
    .help = "Queues or partitions of the scheduler. Enter shows a queue's jobs, with those of the queues that are parts "
            "of it; a job that was submitted to several counts in the first.",
    .key = 'Q',
    .kind = "queues",
    .filters = "pending > 0 · wait > 1h",
    .none = "none: nobody tells of queues (slurm, kube and promql would)",
    .rows = GW_QUEUE,
    .columns = columns,
    .sort = "-pending,name",
    .enter = "jobs where queue = \"%s\"",
};
