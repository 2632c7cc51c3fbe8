/* What tokens take: numbers that tenants, classes and models share. All at the boundary
 * where their power is measured: the nodes, or the GPUs of nodes without a meter. Unknown
 * where nothing meters tokens, as in training: "not metered", never 0. Only for the files
 * of views/. */
#ifndef VIEWS_TOKENS_H
#define VIEWS_TOKENS_H

#include "views/columns.h"

#define J_PER_KWH 3.6e6

/* The metrics of one kind. */
struct token_metrics {
    uint16_t tokens, power, mean; /* mean: by energy counters, of the same boundary */
};

/* What nobody holds serves nothing that could be metered. */
static inline bool is_nobody(const char *name)
{
    return text_is(name, "unallocated") || text_is(name, "unexplained");
}

/* A model that is served is metered, and so is who serves one, though its rate may not be
 * known now: of a count it takes two answers. */
static inline bool serves(const struct model *m, enum gw_kind kind, uint32_t row)
{
    const char *name = model_name(m, kind, row);

    for (uint32_t model = 0; kind == GW_TENANT && model < model_rows(m, GW_MODEL);
         model++)
        if (text_is(model_text(m, M_MODEL_TENANT, model), name))
            return true;
    return kind == GW_MODEL;
}

/* Output tokens a second, or in words that there are none to count; of tokens of then
 * nothing is kept. */
static inline struct cell tokens_cell(const struct model *m, struct token_metrics k,
                                      uint32_t row)
{
    double tokens = model_number(m, k.tokens, row);
    enum gw_kind kind = metric_at(k.power)->kind;

    if (isnan(tokens) && is_nobody(model_name(m, kind, row)))
        return (struct cell){ .type = CELL_NONE, .text = "—" };
    if (isnan(tokens) && !model_is_then(m) && model_number(m, k.power, row) > 0 &&
        !serves(m, kind, row))
        return (struct cell){ .type = CELL_NONE, .text = "not metered" };
    return cell_number(tokens, UNIT_PER_S);
}

/* Energy over energy where it is counted: tokens are, too. What is told by power alone,
 * or is remembered, is not. */
static inline double watts_for_tokens(const struct model *m, struct token_metrics k,
                                      uint32_t row)
{
    double mean = model_is_fresh(m, k.mean, row) ? model_number(m, k.mean, row) : NAN;

    return isnan(mean) ? model_number(m, k.power, row) : mean;
}

static inline struct cell tokens_per_mw_cell(const struct model *m,
                                             struct token_metrics k, uint32_t row)
{
    double watts = watts_for_tokens(m, k, row);

    return cell_number(watts > 0 ? model_number(m, k.tokens, row) / (watts / 1e6) : NAN,
                       UNIT_NONE);
}

/* Power over rate is energy over count: where the GPUs count energy, the power is that of
 * their counters. */
static inline double joules_per_token(const struct model *m, struct token_metrics k,
                                      uint32_t row)
{
    double tokens = model_number(m, k.tokens, row);

    return tokens > 0 ? watts_for_tokens(m, k, row) / tokens : NAN;
}

/* Of a million tokens, what a kWh has so much of: money, or grams. */
static inline struct cell per_million_cell(const struct model *m, struct token_metrics k,
                                           uint32_t row, uint16_t per_kwh)
{
    double rate = model_site_number(m, per_kwh);

    return cell_number(joules_per_token(m, k, row) * 1e6 / J_PER_KWH * rate, UNIT_NONE);
}

/* The columns of one kind: NAME_tokens(), NAME_tokens_per_mw(), … */
#define TOKEN_CELLS(NAME, TOKENS, POWER, MEAN)                                           \
    static const struct token_metrics NAME##_metrics = { TOKENS, POWER, MEAN };          \
    static struct cell NAME##_tokens(const struct model *m, uint32_t row)                \
    {                                                                                    \
        return tokens_cell(m, NAME##_metrics, row);                                      \
    }                                                                                    \
    static struct cell NAME##_tokens_per_mw(const struct model *m, uint32_t row)         \
    {                                                                                    \
        return tokens_per_mw_cell(m, NAME##_metrics, row);                               \
    }                                                                                    \
    static struct cell NAME##_j_per_token(const struct model *m, uint32_t row)           \
    {                                                                                    \
        return cell_number(joules_per_token(m, NAME##_metrics, row), UNIT_NONE);         \
    }                                                                                    \
    static struct cell NAME##_cost_per_mtok(const struct model *m, uint32_t row)         \
    {                                                                                    \
        return per_million_cell(m, NAME##_metrics, row, M_SITE_PRICE);                   \
    }                                                                                    \
    static struct cell NAME##_gco2_per_mtok(const struct model *m, uint32_t row)         \
    {                                                                                    \
        return per_million_cell(m, NAME##_metrics, row, M_SITE_CARBON);                  \
    }

/* clang-format off */
#define TOKEN_COLUMNS(NAME, TOKENS, POWER, MEAN, FIRST)                                  \
    { .name = "tokens", .sums = true, .priority = FIRST, .width = 11,                    \
      .unit = UNIT_PER_S, COLUMN_METRIC(TOKENS), COLUMN_READS(POWER, MEAN),              \
      .cell = NAME##_tokens,                                                             \
      .help = "output tokens a second; not metered: nothing counts any, as in "          \
              "training" },                                                              \
    { .name = "tokens_per_mw", .heading = "tok/s/MW", .priority = FIRST, .width = 8,     \
      COLUMN_METRIC(TOKENS), COLUMN_READS(POWER, MEAN),                                  \
      .cell = NAME##_tokens_per_mw, .level = learned_level,                              \
      .help = "output tokens a second for each megawatt it draws" },                     \
    { .name = "j_per_token", .heading = "J/token", .priority = 9, .width = 8,            \
      COLUMN_METRIC(TOKENS), COLUMN_READS(POWER, MEAN), .cell = NAME##_j_per_token,   \
      .help = "energy it draws for an output token, in joules" },                        \
    { .name = "cost_per_mtok", .heading = "cost/Mtok", .money = true, .priority = 9, .width = 9, \
      COLUMN_METRIC(TOKENS), COLUMN_READS(POWER, MEAN, M_SITE_PRICE),                    \
      .cell = NAME##_cost_per_mtok,                                                      \
      .help = "cost of the energy it draws for a million output tokens, in the "         \
              "site's currency" },                                                       \
    { .name = "gco2_per_mtok", .heading = "gCO2/Mtok", .priority = 9, .width = 9,        \
      COLUMN_METRIC(TOKENS), COLUMN_READS(POWER, MEAN, M_SITE_CARBON),                   \
      .cell = NAME##_gco2_per_mtok,                                                      \
      .help = "grams of CO2 of the energy it draws for a million output tokens" }
/* clang-format on */

/* Numbers that follow from others. */
static inline enum level learned_level(const struct model *m, uint32_t row,
                                       const struct cell *cell)
{
    (void)m;
    (void)row;
    (void)cell;
    return LEVEL_INFORMATION;
}

#endif
