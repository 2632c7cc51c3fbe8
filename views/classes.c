/* Classes of work: training, inference, agents, other; who draws the power for what. */
#include "views/columns.h"

static struct cell class_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_CLASS, row);
}

static struct cell class_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_CLASS, row);
}

static struct cell class_share(const struct model *m, uint32_t row)
{
    double site = model_rows(m, GW_SITE) > 0 ? model_number(m, M_SITE_POWER, 0) : NAN;

    return cell_number(site > 0 ? model_number(m, M_CLASS_POWER, row) / site : NAN,
                       UNIT_RATIO);
}

static struct cell tokens_per_mw(const struct model *m, uint32_t row)
{
    double watts = model_number(m, M_CLASS_POWER, row);

    return cell_number(watts > 0 ? model_number(m, M_CLASS_TOKENS, row) / (watts / 1e6)
                                 : NAN,
                       UNIT_NONE);
}

static struct cell class_trend(const struct model *m, uint32_t row)
{
    struct trend t = model_trend(m, GW_CLASS, row);

    return (struct cell){ .type = t.count > 0 ? CELL_TREND : CELL_NONE,
                          .unit = UNIT_W,
                          .values = t.values,
                          .count = t.count };
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "class", .priority = 1, .text = true, .cell = class_name,
      .help = "training, inference, agents or other" },
    { .name = "power", .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_CLASS_POWER) },
    { .name = "share", .priority = 3, .width = 7, .unit = UNIT_RATIO,
      COLUMN_METRIC(M_CLASS_POWER), .cell = class_share, .help = "of the site's power" },
    { .name = "gpus", .heading = "GPUs", .priority = 1, .width = 7, COLUMN_METRIC(M_CLASS_GPUS) },
    { .name = "busy", .priority = 4, .width = 6, COLUMN_METRIC(M_CLASS_BUSY) },
    { .name = "idle", .priority = 2, .width = 6, COLUMN_METRIC(M_CLASS_IDLE) },
    { .name = "tokens", .priority = 2, .width = 10, .unit = UNIT_PER_S,
      COLUMN_METRIC(M_CLASS_TOKENS) },
    { .name = "tokens_in", .priority = 6, .width = 10, .unit = UNIT_PER_S,
      COLUMN_METRIC(M_CLASS_TOKENS_IN) },
    { .name = "tokens_per_mw", .heading = "tok/s/MW", .priority = 3, .width = 8,
      COLUMN_METRIC(M_CLASS_TOKENS), .cell = tokens_per_mw,
      .help = "output tokens a second for each megawatt" },
    { .name = "energy", .priority = 5, .unit = UNIT_J, COLUMN_METRIC(M_CLASS_ENERGY) },
    { .name = "cost", .priority = 5, .width = 7, COLUMN_METRIC(M_CLASS_COST) },
    { .name = "trend", .priority = 4, .width = 16, .trend = true, .cell = class_trend,
      .help = "its power over the last two hours" },
    { .name = "age", .priority = 7, .width = 4, .unit = UNIT_S, .cell = class_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view classes_view = {
    .name = "classes",
    .title = "classes",
    .help = "What the power works for: training, inference, agents, other. Enter shows "
            "the jobs of a class.",
    .key = 'C',
    .kind = "classes",
    .rows = GW_CLASS,
    .columns = columns,
    .sort = "-power,name",
    .enter = "jobs where class = \"%s\"",
};
