/* The site as one row: for queries, mostly. */
#include "views/columns.h"
#include "views/parts.h"

static struct cell site_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_SITE, row);
}

static struct cell site_load(const struct model *m, uint32_t row)
{
    return ratio_cell(m, M_SITE_POWER, M_SITE_CAP, row);
}

static struct cell site_headroom(const struct model *m, uint32_t row)
{
    return cell_number(
        model_number(m, M_SITE_CAP, row) - model_number(m, M_SITE_POWER, row), UNIT_W);
}

static struct cell site_coverage(const struct model *m, uint32_t row)
{
    struct coverage c = model_coverage_below(m, GW_SITE, row);

    return cell_number(model_coverage_share(&c), UNIT_RATIO);
}

static struct cell site_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_SITE, row);
}

static double site_reach(const struct model *m, uint32_t row)
{
    return risk_reach(m, (struct row){ GW_SITE, row });
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "site", .priority = 1, .text = true, .cell = site_name,
      .help = "what the configuration calls it" },
    { .name = "power", .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_SITE_POWER) },
    { .name = "cap", .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_SITE_CAP) },
    { .name = "load", .priority = 2, .width = 19, .unit = UNIT_RATIO, .bar = true,
      COLUMN_METRIC(M_SITE_POWER), .cell = site_load, .level = load_level, .second = site_reach,
      .help = "power as a share of the cap; dotted: the height that it passes once in ten times within the hour" },
    { .name = "headroom", .heading = "free", .priority = 2, .unit = UNIT_W,
      COLUMN_METRIC(M_SITE_POWER), .cell = site_headroom, .help = "cap less power" },
    { .name = "coverage", .heading = "cover", .priority = 2, .width = 7, .unit = UNIT_RATIO, .share = true, .cell = site_coverage,
      .level = coverage_level, .help = "share of the roster that answers" },
    { .name = "price", .width = 7, COLUMN_METRIC(M_SITE_PRICE) },
    { .name = "carbon", .width = 7, COLUMN_METRIC(M_SITE_CARBON) },
    { .name = "carbon_marginal", .width = 7, COLUMN_METRIC(M_SITE_MARGINAL) },
    { .name = "currency", .text = true, COLUMN_METRIC(M_SITE_CURRENCY) },
    { .name = "forecasts_scored", COLUMN_METRIC(M_SITE_SCORED) },
    { .name = "forecasts_coverage80", .unit = UNIT_RATIO, COLUMN_METRIC(M_SITE_COVERAGE80) },
    { .name = "forecasts_pinball", COLUMN_METRIC(M_SITE_PINBALL) },
    { .name = "forecasts_pinball_line", COLUMN_METRIC(M_SITE_PINBALL_LINE) },
    { .name = "forecasts_skill", COLUMN_METRIC(M_SITE_SKILL) },
    { .name = "forecasts_hits", COLUMN_METRIC(M_SITE_HITS) },
    { .name = "forecasts_misses", COLUMN_METRIC(M_SITE_MISSES) },
    { .name = "forecasts_false_alarms", COLUMN_METRIC(M_SITE_FALSE_ALARMS) },
    { .name = "forecasts_rejected", COLUMN_METRIC(M_SITE_REJECTED) },
    { .name = "age", .priority = 2, .width = 4, .unit = UNIT_S, .cell = site_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_SITE, row });
}

const struct view sites_view = {
    .name = "sites",
    .title = "sites",
    .help = "The site, its power and its cap. Enter shows its power tree.",
    .kind = "sites",
    .filters = "load > .9",
    .rows = GW_SITE,
    .columns = columns,
    .detail = detail,
    .enter = "domains",
};
