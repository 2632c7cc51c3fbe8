/* Tenants: who draws the power, and what they make of it. */
#include "views/parts.h"
#include "views/tokens.h"

TOKEN_CELLS(tenant, M_TENANT_TOKENS, M_TENANT_POWER, M_TENANT_MEAN)

static struct cell tenant_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_TENANT, row);
}

static struct cell tenant_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_TENANT, row);
}

static struct cell tenant_share(const struct model *m, uint32_t row)
{
    return share_of_site_cell(m, M_TENANT_POWER, row);
}

/* By its jobs' rows; of whom there are none, as a source counts. Unknown where nobody
 * tells of jobs at all. */
static struct cell jobs_cell(const struct model *m, uint32_t row, double by_rows,
                             uint16_t told)
{
    struct cell cell = cell_number(model_number(m, told, row), UNIT_NONE);

    if (is_nobody(model_name(m, GW_TENANT, row)))
        return cell_number(NAN, UNIT_NONE);
    if (model_tenant_jobs(m, row).rows > 0 || cell.type == CELL_NONE)
        return cell_number(model_rows(m, GW_JOB) ? by_rows : NAN, UNIT_NONE);
    cell.quality = model_quality(m, told, row);
    return cell;
}

static struct cell tenant_jobs(const struct model *m, uint32_t row)
{
    return jobs_cell(m, row, model_tenant_jobs(m, row).running, M_TENANT_JOBS);
}

static struct cell tenant_pending(const struct model *m, uint32_t row)
{
    return jobs_cell(m, row, model_tenant_jobs(m, row).pending, M_TENANT_PENDING);
}

static struct cell tenant_gpus_pending(const struct model *m, uint32_t row)
{
    return jobs_cell(m, row, model_tenant_jobs(m, row).gpus_pending,
                     M_TENANT_GPUS_PENDING);
}

static struct cell tenant_trend(const struct model *m, uint32_t row)
{
    return trend_cell(m, GW_TENANT, row);
}

/* A tenth of what a tenant holds doing nothing is worth a look; a quarter, a telephone
 * call. */
static enum level idle_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    double gpus = model_number(m, M_TENANT_GPUS, row);

    if (text_is(model_name(m, GW_TENANT, row), "unallocated"))
        return LEVEL_FAINT;
    return cell->number >= .1 * gpus && gpus > 0 ? LEVEL_ATTENTION : LEVEL_PLAIN;
}

/* Both ends of what it holds; what is neither busy nor idle is not known, or down. What
 * nobody holds is no use. */
static double held_share(const struct model *m, uint32_t row, uint16_t metric)
{
    double gpus = model_number(m, M_TENANT_GPUS, row);

    return is_nobody(model_name(m, GW_TENANT, row)) || !(gpus > 0)
               ? NAN
               : model_number(m, metric, row) / gpus;
}

static struct cell tenant_use(const struct model *m, uint32_t row)
{
    return cell_number(held_share(m, row, M_TENANT_BUSY), UNIT_RATIO);
}

static double tenant_waste(const struct model *m, uint32_t row)
{
    return held_share(m, row, M_TENANT_IDLE);
}

static bool holds_nothing(const struct model *m, uint32_t row)
{
    return is_nobody(model_name(m, GW_TENANT, row));
}

/* Nobody's power recedes. */
static enum level name_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m;
    (void)row;
    return is_nobody(cell->text) ? LEVEL_FAINT : LEVEL_PLAIN;
}

static enum level quota_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    return model_number(m, M_TENANT_GPUS, row) > cell->number ? LEVEL_ATTENTION
                                                              : LEVEL_PLAIN;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "tenant", .priority = 1, .text = true, .cell = tenant_name, .level = name_level,
      .help = "Slurm account, Kubernetes namespace or queue, Run:ai project" },
    { .name = "power", .sums = true, .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_TENANT_POWER) },
    { .name = "power_mean", .sums = true, .unit = UNIT_W, COLUMN_METRIC(M_TENANT_MEAN) },
    { .name = "share", .priority = 3, .width = 7, .unit = UNIT_RATIO,
      COLUMN_METRIC(M_TENANT_POWER), .cell = tenant_share, .help = "of the site's power" },
    { .name = "gpus", .sums = true, .heading = "GPUs", .priority = 1, .width = 7, COLUMN_METRIC(M_TENANT_GPUS),
      .has_none = holds_nothing },
    { .name = "busy", .sums = true, .priority = 4, .width = 6, COLUMN_METRIC(M_TENANT_BUSY),
      .has_none = holds_nothing },
    { .name = "idle", .sums = true, .priority = 2, .width = 6, COLUMN_METRIC(M_TENANT_IDLE),
      .level = idle_level, .has_none = holds_nothing },
    { .name = "use", .heading = "busy to idle", .priority = 8, .width = 17, .unit = UNIT_RATIO, .bar = true, .ends = true,
      .cell = tenant_use, .second = tenant_waste,
      .help = "busy as a share of the GPUs it holds; the bar: busy from the left, idle from the right" },
    { .name = "jobs", .sums = true, .priority = 5, .width = 5, .cell = tenant_jobs, .has_none = holds_nothing, .help = "jobs that run" },
    { .name = "pending", .sums = true, .priority = 7, .width = 7, .cell = tenant_pending, .has_none = holds_nothing,
      .help = "jobs that wait" },
    { .name = "gpus_pending", .sums = true, .heading = "GPUs wait", .width = 9, .cell = tenant_gpus_pending, .has_none = holds_nothing,
      .help = "GPUs that these wait for" },
    TOKEN_COLUMNS(tenant, M_TENANT_TOKENS, M_TENANT_POWER, M_TENANT_MEAN, 4),
    { .name = "tokens_in", .sums = true, .width = 10, .unit = UNIT_PER_S, COLUMN_METRIC(M_TENANT_TOKENS_IN),
      .has_none = holds_nothing },
    { .name = "quota", .sums = true, .priority = 8, .width = 6, COLUMN_METRIC(M_TENANT_QUOTA), .has_none = holds_nothing, .level = quota_level },
    { .name = "fairshare", .width = 9, .unit = UNIT_RATIO, COLUMN_METRIC(M_TENANT_FAIRSHARE) },
    { .name = "shares", .width = 7, COLUMN_METRIC(M_TENANT_SHARES) },
    { .name = "energy", .sums = true, .heading = "today", .priority = 5, .unit = UNIT_J, COLUMN_METRIC(M_TENANT_ENERGY) },
    { .name = "energy_since", .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_TENANT_COUNTED) },
    { .name = "cost", .money = true, .sums = true, .priority = 5, .width = 7, COLUMN_METRIC(M_TENANT_COST) },
    { .name = "currency", .text = true, .cell = site_currency, COLUMN_READS(M_SITE_CURRENCY),
      .help = "what costs are in" },
    { .name = "trend", .priority = 6, .width = 12, .unit = UNIT_W, .trend = true, .cell = tenant_trend,
      .help = "its power over the last two hours" },
    { .name = "tag", .text = true, COLUMN_METRIC(M_TENANT_TAG) },
    { .name = "boundary", .text = true, COLUMN_METRIC(M_TENANT_BOUNDARY) },
    { .name = "age", .priority = 8, .width = 4, .unit = UNIT_S, .cell = tenant_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

/* Two rows are nobody's, and so have no jobs. */
static void open_nobody(const struct model *m, uint32_t row, struct wish *wish)
{
    const char *name = model_name(m, GW_TENANT, row);

    if (text_is(name, "unallocated"))
        snprintf(wish->open, sizeof(wish->open), "gpus where not held");
    if (text_is(name, "unexplained"))
        snprintf(wish->say, sizeof(wish->say),
                 "unexplained: site power beyond its nodes: losses, cooling, what nobody measures");
    snprintf(wish->name, sizeof(wish->name), "%s", name ? name : "");
    wish->kind = GW_TENANT;
}

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_TENANT, row });
}

const struct view tenants_view = {
    .name = "tenants",
    .title = "tenants",
    .help = "Who draws how much, holds how many GPUs and lets how many idle. Nodes count whole, shared by GPUs held; what "
            "nobody holds is unallocated, losses above the nodes are unexplained. Enter shows a tenant's jobs.",
    .key = '6',
    .kind = "tenants",
    .filters = "idle > 10 · power > 1MW",
    .none = "none: nobody holds a GPU, or nobody tells who (slurm, kube and promql would)",
    .rows = GW_TENANT,
    .columns = columns,
    .sort = "-power,name",
    .detail = detail,
    .enter = "jobs where tenant = \"%s\"",
    .enter_row = open_nobody,
};
