/* Events: what happened, the newest first. */
#include "views/columns.h"

static struct cell event_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_EVENT, row);
}

/* What was announced stands above what happened, and tells itself apart. */
static enum level time_level(const struct model *m, uint32_t row, const struct cell *cell)
{
    (void)row;
    return cell->number > model_now(m) ? LEVEL_INFORMATION : LEVEL_FAINT;
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "time", .priority = 1, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_EVENT_TIME),
      .level = time_level },
    { .name = "level", .priority = 2, .width = 11, .text = true, COLUMN_METRIC(M_EVENT_LEVEL),
      .level = word_level },
    { .name = "text", .priority = 1, .width = 40, .text = true, .sentence = true, COLUMN_METRIC(M_EVENT_TEXT) },
    { .name = "kind", .text = true, COLUMN_METRIC(M_EVENT_KIND) },
    { .name = "subject", .text = true, COLUMN_METRIC(M_EVENT_SUBJECT) },
    { .name = "name", .text = true, .cell = event_name, .help = "its number" },
    { 0 }
};
/* clang-format on */

static bool has_happened(const struct model *m, uint32_t row)
{
    return !isnan(model_number(m, M_EVENT_TIME, row));
}

static void open_event(const struct model *m, uint32_t row, struct wish *wish)
{
    wish_subject(m, (struct row){ GW_EVENT, row }, wish);
}

const struct view events_view = {
    .name = "events",
    .title = "events",
    .help = "The last thousand things that happened, the newest first, above them in blue what was announced and is to come. Enter opens what one is about.",
    .key = '9',
    .kind = "events",
    .filters = "level = attention · time > -1h",
    .none = "nothing has happened yet",
    .rows = GW_EVENT,
    .is_row = has_happened,
    .columns = columns,
    .sort = "-time",
    .enter_row = open_event,
};
