/* Served models: tokens out. */
#include "views/columns.h"

static struct cell model_row_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_MODEL, row);
}

static struct cell model_row_seen(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_MODEL, row);
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "model", .priority = 1, .text = true, .cell = model_row_name,
      .help = "the name it is served under" },
    { .name = "tenant", .priority = 2, .text = true, COLUMN_METRIC(M_MODEL_TENANT) },
    { .name = "tokens", .priority = 1, .width = 8, .unit = UNIT_PER_S,
      COLUMN_METRIC(M_MODEL_TOKENS) },
    { .name = "age", .priority = 3, .width = 4, .unit = UNIT_S, .cell = model_row_seen,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view models_view = {
    .name = "models",
    .title = "models",
    .help = "Served models and the tokens they put out. Empty until an inference server "
            "is a source.",
    .key = 'm',
    .kind = "models",
    .rows = GW_MODEL,
    .columns = columns,
    .sort = "-tokens,name",
};
