/* Forecasts: for each domain and horizon, how much, how likely a breach, when,
 * and why. */
#include "views/columns.h"

static struct cell forecast_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_FORECAST, row);
}

static enum level trusted_level(const struct model *m, uint32_t row,
                                const struct cell *cell)
{
    (void)m;
    (void)row;
    if (text_is(cell->text, "no"))
        return LEVEL_ATTENTION;
    return text_is(cell->text, "yes") ? LEVEL_PLAIN : LEVEL_FAINT;
}

static enum level ttb_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)cell;
    return level_of_ttb(m, M_FORECAST_P, row);
}

/* As the overview's box has it. */
static struct cell apart(const struct model *m, uint32_t row)
{
    const char *name = model_text(m, M_FORECAST_DOMAIN, row);
    uint32_t domain = name ? model_find(m, GW_DOMAIN, name) : GW_NONE;
    bool by_whole = domain != GW_NONE && risk_is_told_by_whole(m, domain);

    return (struct cell){ .type = CELL_TEXT,
                          .text = by_whole ? "no" : "yes",
                          .quality = GW_OK };
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "domain", .priority = 1, .text = true, COLUMN_METRIC(M_FORECAST_DOMAIN) },
    { .name = "horizon", .priority = 3, .width = 7, .unit = UNIT_S,
      COLUMN_METRIC(M_FORECAST_HORIZON) },
    { .name = "cap", .priority = 3, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_CAP) },
    { .name = "p", .priority = 1, .width = 4, .unit = UNIT_RATIO, .probability = true,
      COLUMN_METRIC(M_FORECAST_P), .level = p_level },
    { .name = "q05", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_Q05) },
    { .name = "q10", .foretold = true, .heading = "10%", .priority = 5, .unit = UNIT_W,
      COLUMN_METRIC(M_FORECAST_Q10) },
    { .name = "q25", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_Q25) },
    { .name = "q50", .foretold = true, .heading = "then", .priority = 2, .unit = UNIT_W,
      COLUMN_METRIC(M_FORECAST_Q50) },
    { .name = "q75", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_Q75) },
    { .name = "q90", .foretold = true, .heading = "90%", .priority = 4, .unit = UNIT_W,
      COLUMN_METRIC(M_FORECAST_Q90) },
    { .name = "q95", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_Q95) },
    { .name = "q99", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_Q99) },
    { .name = "max_q10", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_MAX_Q10) },
    { .name = "max_q50", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_MAX_Q50) },
    { .name = "max_q90", .foretold = true, .heading = "peak", .priority = 5, .unit = UNIT_W,
      COLUMN_METRIC(M_FORECAST_MAX_Q90) },
    { .name = "max_q99", .foretold = true, .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_MAX_Q99) },
    { .name = "ttb_p10", .foretold = true, .unit = UNIT_S, COLUMN_METRIC(M_FORECAST_TTB_P10) },
    { .name = "ttb", .foretold = true, .priority = 2, .width = 5, .unit = UNIT_S,
      COLUMN_METRIC(M_FORECAST_TTB_P50), .level = ttb_level },
    { .name = "ttb_p90", .foretold = true, .unit = UNIT_S, COLUMN_METRIC(M_FORECAST_TTB_P90) },
    { .name = "trusted", .priority = 3, .width = 8, .text = true, .sentence = true,
      COLUMN_METRIC(M_FORECAST_TRUSTED), .level = trusted_level },
    { .name = "basis", .text = true, COLUMN_METRIC(M_FORECAST_BASIS) },
    { .name = "method", .text = true, COLUMN_METRIC(M_FORECAST_METHOD) },
    { .name = "contingency", .text = true, COLUMN_METRIC(M_FORECAST_CONTINGENCY) },
    { .name = "p_without", .unit = UNIT_RATIO, .probability = true,
      COLUMN_METRIC(M_FORECAST_P_WITHOUT) },
    { .name = "cause", .text = true, COLUMN_METRIC(M_FORECAST_CAUSE) },
    { .name = "power", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_POWER) },
    { .name = "starts", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_STARTS) },
    { .name = "ends", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_ENDS) },
    { .name = "season", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_SEASON) },
    { .name = "trend", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_TREND) },
    { .name = "unexplained", .unit = UNIT_W, COLUMN_METRIC(M_FORECAST_UNEXPLAINED) },
    { .name = "scored", COLUMN_METRIC(M_FORECAST_SCORED) },
    { .name = "coverage80", .unit = UNIT_RATIO, COLUMN_METRIC(M_FORECAST_COVERAGE80) },
    { .name = "above99", .unit = UNIT_RATIO, COLUMN_METRIC(M_FORECAST_ABOVE99) },
    { .name = "pinball", COLUMN_METRIC(M_FORECAST_PINBALL) },
    { .name = "pinball_line", COLUMN_METRIC(M_FORECAST_PINBALL_LINE) },
    { .name = "skill", COLUMN_METRIC(M_FORECAST_SKILL) },
    { .name = "hits", COLUMN_METRIC(M_FORECAST_HITS) },
    { .name = "misses", COLUMN_METRIC(M_FORECAST_MISSES) },
    { .name = "false_alarms", COLUMN_METRIC(M_FORECAST_FALSE_ALARMS) },
    { .name = "lead", .unit = UNIT_S, COLUMN_METRIC(M_FORECAST_LEAD) },
    { .name = "why", .priority = 2, .width = 40, .text = true, .sentence = true, COLUMN_METRIC(M_FORECAST_WHY) },
    { .name = "apart", .text = true, .cell = apart,
      .help = "no: a rack that its busway or hall, as likely to breach within the hour, speaks for" },
    { .name = "origin", .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_FORECAST_ORIGIN) },
    { .name = "name", .text = true, .cell = forecast_name, .help = "domain and horizon" },
    { 0 }
};
/* clang-format on */

const struct view forecasts_view = {
    .name = "forecasts",
    .title = "forecasts",
    .help = "What each domain will draw within the hour, as it was when the forecast was made (origin): the probability of a "
            "breach until the horizon, power then (the median, and what it passes once in ten), its peak until then, the time to a breach, and "
            "why. A domain whose record is bad says so under \"trusted\". Enter draws it, with all its horizons; a "
            "table of them all is \":forecasts where horizon > 0\".",
    .key = '8',
    .kind = "forecasts",
    .opening = "forecasts where horizon = 1h",
    .filters = "p > .1 · q95 > cap",
    .none = "none yet: the first takes some minutes of power",
    .rows = GW_FORECAST,
    .columns = columns,
    .sort = "-p,domain,horizon",
    .enter = "forecast",
};
