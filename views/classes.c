/* Classes of work: training, inference, agents, other; who draws the power for what. */
#include "views/parts.h"
#include "views/tokens.h"

TOKEN_CELLS(class, M_CLASS_TOKENS, M_CLASS_POWER, M_CLASS_MEAN)

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
    return share_of_site_cell(m, M_CLASS_POWER, row);
}

static struct cell class_trend(const struct model *m, uint32_t row)
{
    return trend_cell(m, GW_CLASS, row);
}

/* Nobody's power recedes. */
static enum level name_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m;
    (void)row;
    return is_nobody(cell->text) ? LEVEL_FAINT : LEVEL_PLAIN;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "class", .priority = 1, .text = true, .cell = class_name, .level = name_level,
      .help = "training, inference, agents or other" },
    { .name = "power", .sums = true, .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_CLASS_POWER) },
    { .name = "power_mean", .sums = true, .unit = UNIT_W, COLUMN_METRIC(M_CLASS_MEAN) },
    { .name = "share", .priority = 3, .width = 7, .unit = UNIT_RATIO,
      COLUMN_METRIC(M_CLASS_POWER), .cell = class_share, .help = "of the site's power" },
    { .name = "gpus", .sums = true, .heading = "GPUs", .priority = 1, .width = 7, COLUMN_METRIC(M_CLASS_GPUS) },
    { .name = "busy", .sums = true, .priority = 4, .width = 6, COLUMN_METRIC(M_CLASS_BUSY) },
    { .name = "idle", .sums = true, .priority = 2, .width = 6, COLUMN_METRIC(M_CLASS_IDLE) },
    TOKEN_COLUMNS(class, M_CLASS_TOKENS, M_CLASS_POWER, M_CLASS_MEAN, 3),
    { .name = "tokens_in", .sums = true, .width = 10, .unit = UNIT_PER_S, COLUMN_METRIC(M_CLASS_TOKENS_IN) },
    { .name = "energy", .sums = true, .heading = "today", .priority = 5, .unit = UNIT_J, COLUMN_METRIC(M_CLASS_ENERGY) },
    { .name = "energy_since", .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_CLASS_COUNTED) },
    { .name = "cost", .money = true, .sums = true, .priority = 5, .width = 7, COLUMN_METRIC(M_CLASS_COST) },
    { .name = "trend", .priority = 6, .width = 12, .unit = UNIT_W, .trend = true, .cell = class_trend,
      .help = "its power over the last two hours" },
    { .name = "boundary", .text = true, COLUMN_METRIC(M_CLASS_BOUNDARY) },
    { .name = "age", .priority = 7, .width = 4, .unit = UNIT_S, .cell = class_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_CLASS, row });
}

const struct view classes_view = {
    .name = "classes",
    .title = "classes",
    .help = "What the power works for: training, inference, agents, other. Enter shows "
            "the jobs of a class.",
    .key = 'C',
    .kind = "classes",
    .filters = "idle > 100 · power > 1MW",
    .none = "none: nobody says what work is for; rules under classes in gigawatch.yaml would, or labels of pods and metrics",
    .rows = GW_CLASS,
    .columns = columns,
    .sort = "-power,name",
    .detail = detail,
    .enter = "jobs where class = \"%s\"",
};
