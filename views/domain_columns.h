/* The columns of a domain, of whatever type: power.c shows them as a tree, racks.c as a
 * list. KIND_PRIORITY is for them to say: of racks the kind says nothing. */
#ifndef VIEWS_DOMAIN_COLUMNS_H
#define VIEWS_DOMAIN_COLUMNS_H

#include "views/columns.h"

static struct cell domain_name(const struct model *m, uint32_t row)
{
    return name_cell(m, GW_DOMAIN, row);
}

static struct cell domain_parent(const struct model *m, uint32_t row)
{
    return parent_cell(m, GW_DOMAIN, row);
}

static struct cell domain_second_parent(const struct model *m, uint32_t row)
{
    struct row up = model_second_parent(m, GW_DOMAIN, row);

    return cell_string(up.id == GW_NONE ? NULL : model_name(m, up.kind, up.id));
}

static struct cell domain_load(const struct model *m, uint32_t row)
{
    return ratio_cell(m, M_DOMAIN_POWER, M_DOMAIN_CAP, row);
}

static struct cell domain_headroom(const struct model *m, uint32_t row)
{
    return cell_number(model_number(m, M_DOMAIN_CAP, row) -
                           model_number(m, M_DOMAIN_POWER, row),
                       UNIT_W);
}

static double domain_reach(const struct model *m, uint32_t row)
{
    return risk_reach(m, (struct row){ GW_DOMAIN, row });
}

/* What the meter reads and no part accounts for: losses, and what is not on
 * the roster. */
static struct cell domain_unexplained(const struct model *m, uint32_t row)
{
    return cell_number(model_number(m, M_DOMAIN_METER, row) -
                           model_number(m, M_DOMAIN_SUM, row),
                       UNIT_W);
}

static struct cell domain_trend(const struct model *m, uint32_t row)
{
    return trend_cell(m, GW_DOMAIN, row);
}

static struct cell domain_age(const struct model *m, uint32_t row)
{
    return age_cell(m, GW_DOMAIN, row);
}

static enum level domain_n1_level(const struct model *m, uint32_t row,
                                  const struct cell *cell)
{
    const struct cap *cap = model_cap(m, row);

    /* Only a cap that is to hold with a feed lost is in danger. */
    return cap && cap->n1 && cell->number > cap->value ? LEVEL_ATTENTION : LEVEL_FAINT;
}

static enum level domain_ttb_level(const struct model *m, uint32_t row,
                                   const struct cell *cell)
{
    (void)cell;
    return level_of_ttb(m, M_DOMAIN_P, row);
}

static enum level domain_state_level(const struct model *m, uint32_t row,
                                     const struct cell *cell)
{
    (void)m;
    (void)row;
    return text_is(cell->text, "lost") ? LEVEL_CRITICAL : LEVEL_PLAIN;
}

/* clang-format off */
static const struct column domain_columns[] = {
    { .name = "name", .priority = 1, .text = true, .cell = domain_name,
      .help = "what the site calls it" },
    { .name = "kind", .priority = KIND_PRIORITY, .width = 6, .text = true, COLUMN_METRIC(M_DOMAIN_TYPE),
      .level = faint_level },
    { .name = "state", .text = true, COLUMN_METRIC(M_DOMAIN_STATE), .level = domain_state_level },
    { .name = "parent", .text = true, .cell = domain_parent, .help = "the domain that feeds it" },
    { .name = "second_parent", .heading = "2nd parent", .text = true, .cell = domain_second_parent,
      .help = "its other feed, where it is dual-fed" },
    { .name = "power", .priority = 1, .unit = UNIT_W, COLUMN_METRIC(M_DOMAIN_POWER) },
    { .name = "cap", .priority = 2, .unit = UNIT_W, COLUMN_METRIC(M_DOMAIN_CAP) },
    { .name = "load", .priority = 3, .width = 19, .unit = UNIT_RATIO, .bar = true,
      COLUMN_METRIC(M_DOMAIN_POWER), .cell = domain_load, .level = load_level,
      .second = domain_reach,
      .help = "power as a share of the cap; dotted: the height that it passes once in ten times within the hour" },
    { .name = "headroom", .heading = "free", .priority = 5, .unit = UNIT_W,
      COLUMN_METRIC(M_DOMAIN_POWER), .cell = domain_headroom, .help = "cap less power" },
    { .name = "p", .heading = "p(1h)", .priority = 2, .width = 5, .unit = UNIT_RATIO,
      .probability = true, COLUMN_METRIC(M_DOMAIN_P), .level = p_level },
    { .name = "ttb", .foretold = true, .priority = 2, .width = 5, .unit = UNIT_S, COLUMN_METRIC(M_DOMAIN_TTB),
      .level = domain_ttb_level },
    { .name = "n1", .heading = "if lost", .priority = 9, .unit = UNIT_W,
      COLUMN_METRIC(M_DOMAIN_POWER_N1), .level = domain_n1_level },
    { .name = "coverage", .heading = "cover", .priority = 7, .width = 7, .unit = UNIT_RATIO,
      .share = true, COLUMN_METRIC(M_DOMAIN_COVERAGE), .level = coverage_level },
    { .name = "trend", .priority = 6, .width = 16, .unit = UNIT_W, .trend = true, .cell = domain_trend,
      .help = "its power over the last two hours" },
    { .name = "meter", .unit = UNIT_W, COLUMN_METRIC(M_DOMAIN_METER) },
    { .name = "sum", .unit = UNIT_W, COLUMN_METRIC(M_DOMAIN_SUM) },
    { .name = "unexplained", .unit = UNIT_W, COLUMN_METRIC(M_DOMAIN_METER),
      .cell = domain_unexplained, .help = "what the meter reads and no part accounts for" },
    { .name = "age", .priority = 4, .width = 4, .unit = UNIT_S, .cell = domain_age,
      .level = faint_level, .help = "since the newest of its values" },
    { 0 }
};
/* clang-format on */

#endif
