/* Nodes: state, power and who is on them. */
#include "views/columns.h"
#include "views/parts.h"

static struct cell node_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_NODE, row);
}

static struct cell node_rack(const struct model *m, uint32_t row)
{
    return parent_cell(m, GW_NODE, row);
}

/* That it is silent is told of it, and no value. */
static double node_seconds(const struct model *m, uint32_t row)
{
    return model_node_silent(m, row) ? model_age(m, M_NODE_POWER, row)
                                     : row_age(m, GW_NODE, row);
}

static struct cell node_age(const struct model *m, uint32_t row)
{
    struct cell cell = age_cell(m, GW_NODE, row);

    if (model_node_silent(m, row)) {
        cell = cell_number(node_seconds(m, row), UNIT_S);
        cell.quality = GW_STALE;
    }
    return cell;
}

static struct cell node_gpus(const struct model *m, uint32_t row)
{
    struct row node = { GW_NODE, row };
    size_t count = 0;

    for (struct row part = model_first_part(m, node); part.id != GW_NONE;
         part = model_next_part(m, node, part))
        count += part.kind == GW_GPU;
    return cell_number(count > 0 ? (double)count : NAN, UNIT_NONE);
}

/* The text that all of a node's GPUs share, "several" where they differ, unknown where
 * none says. */
static struct cell of_its_gpus(const struct model *m, uint32_t row, uint16_t metric)
{
    struct row node = { GW_NODE, row };
    const char *only = NULL;

    for (struct row part = model_first_part(m, node); part.id != GW_NONE;
         part = model_next_part(m, node, part)) {
        const char *text = part.kind == GW_GPU ? model_text(m, metric, part.id) : NULL;

        if (!text || !text[0])
            continue;
        if (only && strcmp(only, text) != 0)
            return cell_string("several");
        only = text;
    }
    return cell_string(only);
}

/* The i-th text that any of its GPUs has; NULL with *left, how many more it would
 * take. */
static const char *nth_of_its_gpus(const struct model *m, uint32_t row, uint16_t metric,
                                   size_t i, size_t *left)
{
    struct row node = { GW_NODE, row };

    for (struct row part = model_first_part(m, node); part.id != GW_NONE;
         part = model_next_part(m, node, part)) {
        const char *text = part.kind == GW_GPU ? model_text(m, metric, part.id) : NULL;

        if (text && text[0] && i-- == 0)
            return text;
    }
    *left = i;
    return NULL;
}

static const char *each_tenant(const struct model *m, uint32_t row, size_t i)
{
    return nth_of_its_gpus(m, row, M_GPU_TENANT, i, &i);
}

static const char *each_tag(const struct model *m, uint32_t row, size_t i)
{
    return nth_of_its_gpus(m, row, M_GPU_TAG, i, &i);
}

/* Those of its GPUs, and those of which a scheduler tells no more than the nodes. */
static const char *each_job(const struct model *m, uint32_t row, size_t i)
{
    size_t left = 0;
    const char *job = nth_of_its_gpus(m, row, M_GPU_JOB, i, &left);
    uint32_t placed = job ? GW_NONE : model_job_on(m, row, left);

    return placed == GW_NONE ? job : model_name(m, GW_JOB, placed);
}

static struct cell node_tenants(const struct model *m, uint32_t row)
{
    return of_its_gpus(m, row, M_GPU_TENANT);
}

static struct cell node_tags(const struct model *m, uint32_t row)
{
    return of_its_gpus(m, row, M_GPU_TAG);
}

static struct cell node_jobs(const struct model *m, uint32_t row)
{
    struct cell cell = of_its_gpus(m, row, M_GPU_JOB);
    uint32_t job;

    for (size_t i = 0; (job = model_job_on(m, row, i)) != GW_NONE; i++) {
        const char *name = model_name(m, GW_JOB, job);

        if (cell.text && strcmp(cell.text, name) != 0)
            return cell_string("several");
        cell = cell_string(name);
    }
    return cell;
}

/* Whoever tells of jobs, and whose they are, tells of all that run. */
static bool has_no_job(const struct model *m, uint32_t row)
{
    (void)row;
    return model_rows(m, GW_JOB) > 0;
}

static bool has_no_tenant(const struct model *m, uint32_t row)
{
    (void)row;
    return model_rows(m, GW_TENANT) > 0;
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    (void)m;
    (void)row;
    if (text_is(cell->text, "down") || text_is(cell->text, "fail"))
        return LEVEL_CRITICAL;
    return strncmp(cell->text, "drain", 5) == 0 ? LEVEL_ATTENTION : LEVEL_PLAIN;
}

/* A busy node runs close to its limit, and that is what it is for; above it, something is
 * wrong. */
static enum level power_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    return cell->number > model_number(m, M_NODE_CAP, row) ? LEVEL_ATTENTION
                                                           : LEVEL_PLAIN;
}

static struct cell node_state(const struct model *m, uint32_t row)
{
    return cell_string(model_node_state(m, row));
}

static struct cell node_reason(const struct model *m, uint32_t row)
{
    uint32_t silent = model_node_silence(m, row);
    const char *told = model_text(m, M_NODE_REASON, row);

    if (silent != GW_NONE)
        return cell_string(model_text(m, M_SOURCE_REASON, silent));
    return cell_string(told && told[0] ? told : model_node_silent(m, row));
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "node", .priority = 1, .text = true, .is_name = true, .cell = node_name,
      COLUMN_READS_NOTHING, .help = "what the site calls it" },
    { .name = "rack", .priority = 5, .text = true, .is_whole_name = true, .cell = node_rack,
      COLUMN_READS_NOTHING, .level = faint_level, .help = "the rack, or whatever domain feeds it" },
    { .name = "state", .priority = 2, .width = 8, .text = true, .cell = node_state,
      COLUMN_READS(M_NODE_STATE, M_NODE_SILENCE, M_NODE_POWER, M_SOURCE_STATE),
      .help = "up, down, drain, …: as the source says; a node that answers is up, one whose target does not is down",
      .level = state_level },
    { .name = "reason", .priority = 7, .text = true, .cell = node_reason, COLUMN_READS(M_NODE_REASON, M_NODE_SILENCE, M_NODE_POWER, M_SOURCE_REASON),
      .help = "why it is down or drained, as the source says; of one whose target does not answer, why that does not; or that an engine misses its exporter",
      .level = faint_level },
    { .name = "maintenance", .text = true, COLUMN_METRIC(M_NODE_MAINTENANCE) },
    { .name = "gpus_total", .sums = true, COLUMN_METRIC(M_NODE_GPUS_TOTAL) },
    { .name = "gpus_held", .sums = true, COLUMN_METRIC(M_NODE_GPUS_HELD) },
    { .name = "gpus", .sums = true, .heading = "GPUs", .priority = 6, .width = 4, .cell = node_gpus,
      COLUMN_READS(M_GPU_POWER), .help = "GPUs known on it" },
    { .name = "power", .sums = true, .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_NODE_POWER),
      COLUMN_READS(M_NODE_CAP), .level = power_level },
    { .name = "cap", .sums = true, .priority = 4, .unit = UNIT_W, COLUMN_METRIC(M_NODE_CAP) },
    { .name = "power_predicted", .heading = "expected", .unit = UNIT_W, COLUMN_METRIC(M_NODE_PREDICTED) },
    { .name = "near_limit", .heading = "near limit", .width = 3, .text = true, COLUMN_METRIC(M_NODE_NEAR_LIMIT) },
    { .name = "temp", .priority = 2, .width = 4, .unit = UNIT_C, COLUMN_METRIC(M_NODE_TEMP),
      .level = temp_level },
    { .name = "tenants", .heading = "tenant", .priority = 3, .text = true, .cell = node_tenants, .each = each_tenant, .has_none = has_no_tenant,
      COLUMN_READS(M_GPU_TENANT), .help = "who holds its GPUs; \"several\" where they differ, and = finds each of them" },
    { .name = "jobs", .heading = "job", .priority = 3, .text = true, .cell = node_jobs, .each = each_job, .has_none = has_no_job,
      COLUMN_READS(M_GPU_JOB, M_JOB_NODELIST), .help = "the job on it; \"several\" where they differ, and = finds each of them" },
    { .name = "tag", .text = true, .cell = node_tags, .each = each_tag, COLUMN_READS(M_GPU_TAG),
      .help = "what rules of the configuration call who holds its GPUs, such as a partition; \"several\" where they differ" },
    { .name = "meter", .unit = UNIT_W, COLUMN_METRIC(M_NODE_METER) },
    { .name = "age", .priority = 4, .width = 4, .unit = UNIT_S, .cell = node_age, .number = node_seconds,
      COLUMN_READS_NOTHING, .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_NODE, row });
}

const struct view nodes_view = {
    .name = "nodes",
    .title = "nodes",
    .help = "Every node of the roster, also those that never answered. Enter shows a "
            "node's GPUs.",
    .key = '4',
    .kind = "nodes",
    .filters = "state != up · temp > 80C · maintenance",
    .rows = GW_NODE,
    .columns = columns,
    .detail = detail,
    .enter = "gpus where node = \"%s\"",
};
