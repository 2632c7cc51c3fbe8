/* Alerts: what is wrong now, the worst first. */
#include "views/columns.h"
#include "views/parts.h"

static struct cell alert_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_ALERT, row);
}

static bool is_above_its_cap(const struct model *m, uint32_t domain)
{
    const struct cap *cap = domain == GW_NONE ? NULL : model_cap(m, domain);

    return cap && model_number(m, model_capped_power(m, domain), domain) > cap->value;
}

/* Of the breach it warns of. */
static struct cell alert_p(const struct model *m, uint32_t row)
{
    const char *name = model_name(m, GW_ALERT, row);
    uint32_t domain = domain_of_alert(m, row);
    bool is_passed = text_ends(name, " power") && is_above_its_cap(m, domain);
    double p = number_or_nan(m, M_DOMAIN_P, is_about_forecast(name) ? domain : GW_NONE);

    return cell_number(is_passed ? 1 : p, UNIT_RATIO);
}

/* clang-format off */
static const struct column columns[] = {
    { .name = "since", .priority = 2, .width = 5, .unit = UNIT_TIME, COLUMN_METRIC(M_ALERT_SINCE),
      .level = faint_level },
    { .name = "level", .priority = 1, .width = 9, .text = true, COLUMN_METRIC(M_ALERT_LEVEL),
      .level = word_level },
    { .name = "subject", .priority = 1, .text = true, COLUMN_METRIC(M_ALERT_SUBJECT) },
    { .name = "state", .text = true, COLUMN_METRIC(M_ALERT_STATE) },
    { .name = "p", .unit = UNIT_RATIO, .probability = true, .cell = alert_p,
      .help = "of the breach within the hour that it warns of; 1 where the cap is passed now" },
    { .name = "text", .priority = 1, .width = 40, .text = true, .sentence = true, COLUMN_METRIC(M_ALERT_TEXT) },
    { .name = "name", .heading = "about", .text = true, .cell = alert_name,
      .help = "the rule and the thing it is about" },
    { 0 }
};
/* clang-format on */

static bool feeds_nodes(const struct model *m, uint32_t domain)
{
    struct row whole = { GW_DOMAIN, domain }, part = { GW_NODE, GW_NONE };

    if (domain != GW_NONE)
        part = model_first_part(m, whole);
    return part.id != GW_NONE && part.kind == GW_NODE;
}

/* The nodes that are down: those of the rack, where it is about one. */
static void open_nodes(const struct model *m, const char *subject, struct wish *wish)
{
    char quoted[300];
    size_t used = (size_t)snprintf(wish->open, sizeof(wish->open), "nodes where state =~ \"^down\"");

    text_escaped(quoted, sizeof(quoted), subject);
    if (feeds_nodes(m, model_find(m, GW_DOMAIN, subject)))
        snprintf(wish->open + used, sizeof(wish->open) - used, " and rack = \"%s\"", quoted);
}

/* Its forecast, where it is about one; else what it is about. */
static void open_alert(const struct model *m, uint32_t row, struct wish *wish)
{
    const char *subject = model_text(m, M_ALERT_SUBJECT, row),
               *name = model_name(m, GW_ALERT, row);

    wish_subject(m, (struct row){ GW_ALERT, row }, wish);
    if (subject && name && text_ends(name, " nodes"))
        open_nodes(m, subject, wish);
    if (!subject || !name || !text_ends(name, " forecast"))
        return;
    snprintf(wish->open, sizeof(wish->open), "forecast");
    snprintf(wish->name, sizeof(wish->name), "%.250s@1h", subject);
    wish->kind = GW_FORECAST;
}

/* What it threatens. */
static void detail(const struct screen *s, struct grid *g, struct rect area,
                   uint32_t alert)
{
    draw_detail_of(s, g, area, view_subject(s->model, (struct row){ GW_ALERT, alert }));
}

const struct view alerts_view = {
    .name = "alerts",
    .title = "alerts",
    .help =
        "What is wrong now: caps, temperatures, nodes that are down, a line a rack, coverage, forecasts. The gravest "
        "first, of these the likeliest, then the newest. Enter opens the forecast, or what it is about.",
    .key = 'a',
    .kind = "alerts",
    .filters = "state = raised · level = critical",
    .none = "nothing is wrong",
    .rows = GW_ALERT,
    .is_row = is_raised, /* an alert is a row for ever; the cleared ones are among the events */
    .columns = columns,
    .sort = "-level,-p,-since",
    .detail = detail,
    .enter_row = open_alert,
};
