/* Sources: every polled thing, whether it answers, and what to do if not. */
#include "views/columns.h"

static struct cell source_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_SOURCE, row);
}

static struct cell source_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_SOURCE, row);
}

/* Seconds until it is asked again; unknown once that is past. */
static struct cell source_next(const struct model *m, uint32_t row)
{
    double wait = model_number(m, M_SOURCE_NEXT, row) - model_now(m);

    return cell_number(wait >= 0 ? wait : NAN, UNIT_S);
}

static enum level state_level(const struct model *m, uint32_t row,
                              const struct cell *cell)
{
    (void)m;
    (void)row;
    if (text_is(cell->text, "ok"))
        return LEVEL_OK;
    if (text_is(cell->text, "down") || text_is(cell->text, "refused"))
        return LEVEL_CRITICAL;
    return text_is(cell->text, "late") || text_is(cell->text, "partial") ? LEVEL_ATTENTION
                                                                         : LEVEL_FAINT;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "name", .heading = "target", .priority = 1, .text = true, .cell = source_name,
      .help = "the polled thing" },
    { .name = "source", .priority = 3, .width = 6, .text = true, COLUMN_METRIC(M_SOURCE_PLUGIN) },
    { .name = "url", .priority = 7, .text = true, COLUMN_METRIC(M_SOURCE_URL),
      .level = faint_level },
    { .name = "node", .text = true, COLUMN_METRIC(M_SOURCE_NODE) },
    { .name = "state", .priority = 1, .width = 10, .text = true, COLUMN_METRIC(M_SOURCE_STATE),
      .level = state_level },
    { .name = "latency", .priority = 4, .width = 7, .unit = UNIT_S,
      COLUMN_METRIC(M_SOURCE_LATENCY) },
    { .name = "next", .priority = 4, .width = 5, .unit = UNIT_S, .cell = source_next,
      .help = "until it is asked again" },
    { .name = "entities", .heading = "rows", .priority = 6, .width = 6,
      COLUMN_METRIC(M_SOURCE_ENTITIES) },
    { .name = "missing", .priority = 6, .width = 7, COLUMN_METRIC(M_SOURCE_MISSING) },
    { .name = "polls", .heading = "answers", .priority = 6, .width = 6, COLUMN_METRIC(M_SOURCE_POLLS) },
    { .name = "failures", .heading = "failed", .priority = 5, .width = 6,
      COLUMN_METRIC(M_SOURCE_FAILURES) },
    { .name = "interval", .heading = "every", .priority = 7, .width = 5, .unit = UNIT_S,
      COLUMN_METRIC(M_SOURCE_INTERVAL) },
    { .name = "age", .priority = 2, .width = 4, .unit = UNIT_S, .cell = source_age,
      .level = faint_level, .help = "since its last word" },
    { .name = "notes", .text = true, COLUMN_METRIC(M_SOURCE_NOTES) },
    { .name = "reason", .priority = 2, .width = 24, .text = true,
      COLUMN_METRIC(M_SOURCE_REASON) },
    { 0 }
};
/* clang-format on */

const struct view sources_view = {
    .name = "sources",
    .title = "sources",
    .help = "Everything that is polled: whether it answers, how fast, and what is wrong "
            "if not.",
    .key = '0',
    .kind = "sources",
    .filters = "state != ok · latency > 1s",
    .rows = GW_SOURCE,
    .columns = columns,
    .sort = "-failures,name",
};
