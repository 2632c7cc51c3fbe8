/* GPUs: what each does, draws and for whom. */
#include "views/columns.h"
#include "views/parts.h"

static const char *gpu_name(const struct model *m, uint32_t row)
{
    return model_name(m, GW_GPU, row);
}

static const char *gpu_node(const struct model *m, uint32_t row)
{
    return parent_name(m, GW_GPU, row);
}

static double gpu_seconds(const struct model *m, uint32_t row)
{
    return row_age(m, GW_GPU, row);
}

static struct cell gpu_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_GPU, row);
}

/* "held" says that somebody has it, busy or not: an idle GPU that is held is paid for and
 * wasted. The words are such that the query "idle > 15m and held" reads as it means. */
static const char *gpu_held(const struct model *m, uint32_t row)
{
    const char *job = model_text(m, M_GPU_JOB, row),
               *tenant = model_text(m, M_GPU_TENANT, row);

    if ((job && job[0]) || (tenant && tenant[0] && !text_is(tenant, "unallocated")))
        return "held";
    return job || tenant || text_is(model_text(m, M_GPU_STATE, row), "idle") ? "free"
                                                                             : NULL;
}

/* Where nobody tells of jobs, those of no GPU are known. */
static bool has_no_job(const struct model *m, uint32_t row)
{
    return model_rows(m, GW_JOB) > 0 && text_is(gpu_held(m, row), "free");
}

static const char *const held_words[] = { "held", "free", NULL };

static enum level held_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    if (!text_is(cell->text, "held"))
        return LEVEL_FAINT;
    return text_is(model_text(m, M_GPU_STATE, row), "idle") ? LEVEL_ATTENTION
                                                            : LEVEL_PLAIN;
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    if (text_is(cell->text, "lost"))
        return LEVEL_CRITICAL;
    if (model_xid_says(model_number(m, M_GPU_XID, row)))
        return LEVEL_ATTENTION;
    return text_is(cell->text, "idle") ? LEVEL_FAINT : LEVEL_PLAIN;
}

/* Half a minute between two steps of a job is not idleness. */
static enum level idle_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m;
    (void)row;
    return cell->number < 60 ? LEVEL_FAINT : LEVEL_PLAIN;
}

static enum level xid_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m;
    (void)row;
    return model_xid_says(cell->number) ? LEVEL_ATTENTION : LEVEL_PLAIN;
}

static enum level throttle_level(const struct model *m, uint32_t row,
                                 const struct cell *cell)
{
    (void)m;
    (void)row;
    return cell->text[0] && !text_is(cell->text, "none") ? LEVEL_ATTENTION : LEVEL_FAINT;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "gpu", .priority = 1, .text = true, .is_name = true, .says = gpu_name,
      COLUMN_READS_NOTHING, .help = "node/index" },
    { .name = "node", .text = true, .is_whole_name = true, .says = gpu_node,
      COLUMN_READS_NOTHING, .help = "the node it is in" },
    { .name = "index", COLUMN_METRIC(M_GPU_INDEX) },
    { .name = "uuid", .text = true, .unique = true, COLUMN_METRIC(M_GPU_UUID) },
    { .name = "model", .priority = 9, .text = true, COLUMN_METRIC(M_GPU_MODEL),
      .level = faint_level },
    { .name = "state", .priority = 3, .width = 5, .text = true, .says = gpu_state,
      COLUMN_READS(M_GPU_STATE, M_GPU_UTIL, M_GPU_XID), .help = "busy, idle, lost, …: as the source says, else by its utilisation",
      .level = state_level },
    { .name = "util", .priority = 2, .width = 14, .unit = UNIT_RATIO, .bar = true,
      COLUMN_METRIC(M_GPU_UTIL) },
    { .name = "mem_used", .sums = true, .heading = "mem", .priority = 4, .unit = UNIT_BYTES,
      COLUMN_METRIC(M_GPU_MEM_USED) },
    { .name = "mem_total", .sums = true, .heading = "of", .priority = 10, .unit = UNIT_BYTES,
      COLUMN_METRIC(M_GPU_MEM_TOTAL), .level = faint_level },
    { .name = "temp", .priority = 2, .width = 4, .unit = UNIT_C, COLUMN_METRIC(M_GPU_TEMP),
      .level = temp_level },
    { .name = "mem_temp", .heading = "mem", .priority = 11, .width = 4, .unit = UNIT_C,
      COLUMN_METRIC(M_GPU_MEM_TEMP) },
    { .name = "power", .sums = true, .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_GPU_POWER) },
    { .name = "power_limit", .sums = true, .heading = "limit", .priority = 7, .unit = UNIT_W,
      COLUMN_METRIC(M_GPU_POWER_LIMIT), .level = faint_level },
    { .name = "energy", .sums = true, .unit = UNIT_J, COLUMN_METRIC(M_GPU_ENERGY) },
    { .name = "throttle", .priority = 6, .text = true, COLUMN_METRIC(M_GPU_THROTTLE),
      .level = throttle_level },
    { .name = "xid", .heading = "XID", .priority = 5, .width = 3, COLUMN_METRIC(M_GPU_XID),
      .level = xid_level },
    { .name = "idle", .priority = 6, .width = 5, .unit = UNIT_S, COLUMN_METRIC(M_GPU_IDLE),
      .level = idle_level },
    { .name = "held", .priority = 7, .width = 4, .text = true, .says = gpu_held, .words = held_words,
      COLUMN_READS(M_GPU_JOB, M_GPU_TENANT, M_GPU_STATE), .level = held_level,
      .help = "held: somebody has it, busy or not; free: nobody does" },
    { .name = "tenant", .priority = 3, .text = true, COLUMN_METRIC(M_GPU_TENANT) },
    { .name = "job", .priority = 4, .text = true, COLUMN_METRIC(M_GPU_JOB),
      COLUMN_READS(M_GPU_TENANT, M_GPU_STATE), .has_none = has_no_job },
    { .name = "class", .text = true, COLUMN_METRIC(M_GPU_CLASS) },
    { .name = "tag", .text = true, COLUMN_METRIC(M_GPU_TAG) },
    { .name = "mig", .heading = "MIG", .text = true, COLUMN_METRIC(M_GPU_MIG) },
    { .name = "power_instant", .unit = UNIT_W, COLUMN_METRIC(M_GPU_POWER_INSTANT) },
    { .name = "power_mean", .unit = UNIT_W, COLUMN_METRIC(M_GPU_POWER_MEAN) },
    { .name = "age", .priority = 5, .width = 4, .unit = UNIT_S, .cell = gpu_age, .number = gpu_seconds,
      COLUMN_READS_NOTHING, .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_GPU, row });
}

const struct view gpus_view = {
    .name = "gpus",
    .title = "gpus",
    .help = "Every GPU. \"idle > 15m and held\" finds those that are paid for and do "
            "nothing.",
    .key = '5',
    .kind = "gpus",
    .filters = "power > 0.9power_limit · idle > 15m and held",
    .rows = GW_GPU,
    .columns = columns,
    .detail = detail,
};
