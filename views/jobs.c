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

static const char *each_queue(const struct model *m, uint32_t row, size_t i)
{
    return model_job_queue(m, row, i);
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    (void)m;
    (void)row;
    return text_is(cell->text, "running") ? LEVEL_PLAIN : LEVEL_FAINT;
}

static double site_cap(const struct model *m)
{
    return model_site_number(m, M_SITE_CAP);
}

/* Where the queue, started in order, crosses the cap: with this job, or before it. */
static struct cell job_fits(const struct model *m, uint32_t row)
{
    double after = model_number(m, M_JOB_AFTER, row), over = after - site_cap(m);

    if (isnan(over))
        return cell_string(NULL);
    if (over <= 0)
        return cell_string("yes");
    return cell_string(over - model_job_adds(m, row) <= 0 ? "crosses" : "over");
}

static enum level fits_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m;
    (void)row;
    return text_is(cell->text, "crosses") ? LEVEL_ATTENTION : LEVEL_FAINT;
}

static bool is_in_other_state(const struct model *m, uint32_t row, const char *state)
{
    const char *is = model_text(m, M_JOB_STATE, row);

    return is && !text_is(is, state);
}

static bool draws_nothing(const struct model *m, uint32_t row)
{
    return is_in_other_state(m, row, "running");
}

static bool adds_nothing(const struct model *m, uint32_t row)
{
    return is_in_other_state(m, row, "pending");
}

static bool used_nothing(const struct model *m, uint32_t row)
{
    return text_is(model_text(m, M_JOB_STATE, row), "pending");
}

/* It holds its GPUs, or asks for them. */
static bool has_not_ended(const struct model *m, uint32_t row)
{
    return !model_is_over(m, GW_JOB, row);
}

/* A running job adds nothing any more: what it was priced at would stand beside what it
 * draws. */
static struct cell added(const struct model *m, uint16_t metric, uint32_t row)
{
    bool waits = text_is(model_text(m, M_JOB_STATE, row), "pending");

    return cell_number(waits ? model_number(m, metric, row) : NAN, UNIT_W);
}

static struct cell job_adds(const struct model *m, uint32_t row)
{
    return added(m, M_JOB_PREDICTED, row);
}

static struct cell job_adds_from(const struct model *m, uint32_t row)
{
    return added(m, M_JOB_POWER_LOW, row);
}

static struct cell job_adds_to(const struct model *m, uint32_t row)
{
    return added(m, M_JOB_POWER_HIGH, row);
}

static enum level adds_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)m, (void)row, (void)cell;
    return LEVEL_INFORMATION;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "id", .heading = "job", .priority = 1, .text = true, .unique = true, .cell = job_id,
      .help = "what the scheduler calls it" },
    { .name = "name", .heading = "name", .priority = 7, .text = true, COLUMN_METRIC(M_JOB_NAME),
      .level = faint_level },
    { .name = "tenant", .priority = 2, .text = true, COLUMN_METRIC(M_JOB_TENANT) },
    { .name = "user", .priority = 8, .text = true, COLUMN_METRIC(M_JOB_USER) },
    { .name = "queue", .priority = 6, .text = true, COLUMN_METRIC(M_JOB_QUEUE), .each = each_queue,
      COLUMN_READS(M_QUEUE_PARENT),
      .help = "queue or partition; = finds it by each of several, and by the queues that these are parts of" },
    { .name = "class", .priority = 7, .text = true, COLUMN_METRIC(M_JOB_CLASS) },
    { .name = "state", .priority = 1, .width = 7, .text = true, COLUMN_METRIC(M_JOB_STATE),
      .level = state_level },
    { .name = "reason", .priority = 5, .text = true, COLUMN_METRIC(M_JOB_REASON) },
    { .name = "gpus", .sums = true, .counts = has_not_ended, .heading = "GPUs", .priority = 2, .width = 6, COLUMN_METRIC(M_JOB_GPUS) },
    { .name = "nodes", .priority = 9, .width = 5, COLUMN_METRIC(M_JOB_NODES) },
    { .name = "power", .sums = true, .priority = 3, .unit = UNIT_W, COLUMN_METRIC(M_JOB_POWER),
      .has_none = draws_nothing, COLUMN_READS(M_JOB_STATE) },
    { .name = "power_predicted", .sums = true, .has_none = adds_nothing, .heading = "adds", .priority = 4, .unit = UNIT_W,
      COLUMN_METRIC(M_JOB_PREDICTED), .cell = job_adds, .level = adds_level,
      COLUMN_READS(M_JOB_PREDICTED, M_JOB_STATE) },
    { .name = "power_low", .heading = "adds from", .priority = 10, .unit = UNIT_W, COLUMN_METRIC(M_JOB_POWER_LOW),
      .cell = job_adds_from, .level = faint_level, COLUMN_READS(M_JOB_POWER_LOW, M_JOB_STATE) },
    { .name = "power_high", .heading = "to", .priority = 10, .unit = UNIT_W, COLUMN_METRIC(M_JOB_POWER_HIGH),
      .cell = job_adds_to, .level = faint_level, COLUMN_READS(M_JOB_POWER_HIGH, M_JOB_STATE) },
    { .name = "fits", .heading = "cap", .priority = 4, .width = 7, .text = true, COLUMN_METRIC(M_JOB_AFTER),
      .cell = job_fits, .level = fits_level,
      .help = "if nothing ended first: would the queue, started in order, stay below the site's cap? yes; crosses: it goes over with this job; over: it went over with one before" },
    { .name = "power_after", .unit = UNIT_W, COLUMN_METRIC(M_JOB_AFTER) },
    { .name = "order", .width = 5, COLUMN_METRIC(M_JOB_ORDER) },
    { .name = "submit", .priority = 9, .width = 5, .unit = UNIT_TIME,
      COLUMN_METRIC(M_JOB_SUBMIT) },
    { .name = "start", .priority = 4, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_JOB_START) },
    { .name = "end", .priority = 8, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_JOB_END) },
    { .name = "limit", .priority = 8, .width = 5, .unit = UNIT_S, COLUMN_METRIC(M_JOB_LIMIT) },
    { .name = "energy", .sums = true, .unit = UNIT_J, COLUMN_METRIC(M_JOB_ENERGY),
      .has_none = used_nothing, COLUMN_READS(M_JOB_STATE) },
    { .name = "energy_since", .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_JOB_COUNTED) },
    { .name = "outcome", .text = true, COLUMN_METRIC(M_JOB_OUTCOME) },
    { .name = "qos", .text = true, COLUMN_METRIC(M_JOB_QOS) },
    { .name = "priority", .width = 8, COLUMN_METRIC(M_JOB_PRIORITY) },
    { .name = "tasks", .width = 5, COLUMN_METRIC(M_JOB_TASKS) },
    { .name = "array", .text = true, COLUMN_METRIC(M_JOB_ARRAY) },
    { .name = "het", .text = true, COLUMN_METRIC(M_JOB_HET) },
    { .name = "nodelist", .text = true, COLUMN_METRIC(M_JOB_NODELIST) },
    { .name = "pods", .text = true, COLUMN_METRIC(M_JOB_PODS) },
    { .name = "image", .text = true, COLUMN_METRIC(M_JOB_IMAGE) },
    { .name = "tag", .text = true, COLUMN_METRIC(M_JOB_TAG) },
    { .name = "place", .text = true, COLUMN_METRIC(M_JOB_PLACE) },
    { .name = "age", .width = 4, .unit = UNIT_S, .cell = job_age, .level = faint_level,
      .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

/* Who waits or has ended holds no nodes that could be shown. */
static void enter_job(const struct model *m, uint32_t row, struct wish *wish)
{
    const char *state = model_text(m, M_JOB_STATE, row), *name = model_name(m, GW_JOB, row);

    if (text_is(state, "pending"))
        snprintf(wish->say, sizeof(wish->say), "%s waits and has no nodes yet; i explains it",
                 name);
    else if (text_is(state, "ended"))
        snprintf(wish->say, sizeof(wish->say),
                 "%s has ended and has no nodes any more; i explains it", name);
}

const struct view jobs_view = {
    .name = "jobs",
    .title = "jobs",
    .help = "Jobs that run, wait or ended lately; those that wait in the order in which they start, priced in "
            "watts. Enter shows the nodes a job runs on, and there their GPUs.",
    .key = '7',
    .kind = "jobs",
    .filters = "state = pending · gpus > 64 · fits = crosses",
    .none = "none: nothing runs or waits, or nobody tells (slurm and kube would)",
    .rows = GW_JOB,
    .columns = columns,
    .sort = "-state,order,-power,id",
    .enter_row = enter_job,
    .enter = "nodes where jobs = \"%s\"",
};
