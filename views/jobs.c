/* Jobs: what runs, what waits and why, and what it will add. */
#include "views/columns.h"

static struct cell job_id(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_JOB, row);
}

static struct cell job_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_JOB, row);
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    (void)m;
    (void)row;
    return text_is(cell->text, "running") ? LEVEL_PLAIN : LEVEL_FAINT;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "id", .heading = "job", .priority = 1, .text = true, .cell = job_id,
      .help = "what the scheduler calls it" },
    { .name = "name", .heading = "name", .priority = 7, .text = true, COLUMN_METRIC(M_JOB_NAME),
      .level = faint_level },
    { .name = "tenant", .priority = 2, .text = true, COLUMN_METRIC(M_JOB_TENANT) },
    { .name = "user", .priority = 8, .text = true, COLUMN_METRIC(M_JOB_USER) },
    { .name = "queue", .priority = 6, .text = true, COLUMN_METRIC(M_JOB_QUEUE) },
    { .name = "class", .text = true, COLUMN_METRIC(M_JOB_CLASS) },
    { .name = "state", .priority = 1, .width = 7, .text = true, COLUMN_METRIC(M_JOB_STATE),
      .level = state_level },
    { .name = "reason", .priority = 5, .text = true, COLUMN_METRIC(M_JOB_REASON) },
    { .name = "gpus", .heading = "GPUs", .priority = 2, .width = 6, COLUMN_METRIC(M_JOB_GPUS) },
    { .name = "nodes", .priority = 9, .width = 5, COLUMN_METRIC(M_JOB_NODES) },
    { .name = "power", .priority = 3, .unit = UNIT_W, COLUMN_METRIC(M_JOB_POWER) },
    { .name = "power_predicted", .heading = "adds", .priority = 4, .unit = UNIT_W,
      COLUMN_METRIC(M_JOB_PREDICTED) },
    { .name = "submit", .priority = 9, .width = 5, .unit = UNIT_TIME,
      COLUMN_METRIC(M_JOB_SUBMIT) },
    { .name = "start", .priority = 4, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_JOB_START) },
    { .name = "end", .priority = 8, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_JOB_END) },
    { .name = "limit", .priority = 8, .width = 5, .unit = UNIT_S, COLUMN_METRIC(M_JOB_LIMIT) },
    { .name = "age", .width = 4, .unit = UNIT_S, .cell = job_age, .level = faint_level,
      .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view jobs_view = {
    .name = "jobs",
    .title = "jobs",
    .help = "Jobs that run, wait or ended lately. Enter shows the GPUs a job runs on.",
    .key = '7',
    .kind = "jobs",
    .rows = GW_JOB,
    .columns = columns,
    .sort = "-state,-power_predicted,id",
    .enter = "gpus where job = \"%s\"",
};
