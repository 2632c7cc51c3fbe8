/* Served models: tokens out. */
#include "views/tokens.h"

TOKEN_CELLS(model, M_MODEL_TOKENS, M_MODEL_POWER, M_MODEL_POWER)

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
    TOKEN_COLUMNS(model, M_MODEL_TOKENS, M_MODEL_POWER, M_MODEL_POWER, 1),
    { .name = "tokens_in", .sums = true, .heading = "tokens in", .priority = 4, .width = 8, .unit = UNIT_PER_S,
      COLUMN_METRIC(M_MODEL_TOKENS_IN) },
    { .name = "running", .sums = true, .priority = 2, .width = 7, COLUMN_METRIC(M_MODEL_RUNNING) },
    { .name = "waiting", .sums = true, .priority = 2, .width = 7, COLUMN_METRIC(M_MODEL_WAITING) },
    { .name = "ttft", .priority = 3, .width = 6, .unit = UNIT_S, COLUMN_METRIC(M_MODEL_TTFT) },
    { .name = "itl", .priority = 3, .width = 6, .unit = UNIT_S, COLUMN_METRIC(M_MODEL_ITL) },
    { .name = "gpus", .sums = true, .heading = "GPUs", .priority = 4, .width = 6, COLUMN_METRIC(M_MODEL_GPUS) },
    { .name = "power", .sums = true, .priority = 2, .unit = UNIT_W, COLUMN_METRIC(M_MODEL_POWER) },
    { .name = "engine", .priority = 5, .text = true, COLUMN_METRIC(M_MODEL_ENGINE), .level = faint_level },
    { .name = "boundary", .text = true, COLUMN_METRIC(M_MODEL_BOUNDARY) },
    { .name = "job", .text = true, COLUMN_METRIC(M_MODEL_JOB) },
    { .name = "node", .text = true, COLUMN_METRIC(M_MODEL_NODE) },
    { .name = "class", .text = true, COLUMN_METRIC(M_MODEL_CLASS) },
    { .name = "tag", .text = true, COLUMN_METRIC(M_MODEL_TAG) },
    { .name = "tokens_total", COLUMN_METRIC(M_MODEL_TOKENS_TOTAL) },
    { .name = "age", .priority = 3, .width = 4, .unit = UNIT_S, .cell = model_row_seen,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

const struct view models_view = {
    .name = "models",
    .title = "models",
    .help = "Served models, with the servers that answer for them: tokens out, from what power. Empty until an "
            "inference server is a source.",
    .key = 'm',
    .kind = "models",
    .filters = "power > 10kW · tokens = 0",
    .none = "none: no server of models is read (prom and promql would)",
    .rows = GW_MODEL,
    .columns = columns,
    .sort = "-tokens,name",
    .tree = true,
};
