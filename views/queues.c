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

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "queue", .priority = 1, .text = true, .cell = queue_name,
      .help = "queue or partition" },
    { .name = "pending", .priority = 1, .width = 8, COLUMN_METRIC(M_QUEUE_PENDING) },
    { .name = "running", .priority = 1, .width = 8, COLUMN_METRIC(M_QUEUE_RUNNING) },
    { .name = "age", .priority = 2, .width = 4, .unit = UNIT_S, .cell = queue_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view queues_view = {
    .name = "queues",
    .title = "queues",
    .help = "Queues or partitions of the scheduler. Enter shows a queue's jobs.",
    .key = 'Q',
    .kind = "queues",
    .rows = GW_QUEUE,
    .columns = columns,
    .sort = "-pending,name",
    .enter = "jobs where queue = \"%s\"",
};
