/* What the columns of several views share: names, ages, levels. Only for the files of
 * views/. */
#ifndef VIEWS_COLUMNS_H
#define VIEWS_COLUMNS_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "show/view.h"

/* A field that the query knows and that no source fills yet. */
static inline struct cell column_unknown(const struct model *m, uint32_t row)
{
    (void)m;
    (void)row;
    return (struct cell){ .type = CELL_NONE };
}

/* Opens what an alert or an event is about, among its kind. */
static inline void wish_subject(const struct model *m, struct row row, struct wish *wish)
{
    struct row about = view_subject(m, row);
    const char *name = about.id == GW_NONE ? NULL : model_name(m, about.kind, about.id);
    char quoted[300];

    if (!name) {
        snprintf(wish->say, sizeof(wish->say),
                 "it is about nothing that has a row of its own; i explains it");
        return;
    }
    text_escaped(quoted, sizeof(quoted), name);
    snprintf(wish->open, sizeof(wish->open), "%s where name = \"%s\"", kind_plural(about.kind), quoted);
    snprintf(wish->name, sizeof(wish->name), "%s", name);
    wish->kind = about.kind;
}

static inline bool text_is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

static inline struct cell name_cell(const struct model *m, enum gw_kind kind,
                                    uint32_t row)
{
    return cell_string(model_name(m, kind, row));
}

/* Of a GPU, as the source says; where it says nothing, as the utilisation shows. */
static inline const char *gpu_state(const struct model *m, uint32_t row)
{
    const char *state = model_text(m, M_GPU_STATE, row);
    double util = state ? NAN : model_number(m, M_GPU_UTIL, row);

    if (state || isnan(util))
        return state;
    return util >= .01 ? "busy" : "idle";
}

static inline double row_age(const struct model *m, enum gw_kind kind, uint32_t row)
{
    return floor(model_row_age(m, kind, row));
}

static inline struct cell age_cell(const struct model *m, enum gw_kind kind, uint32_t row)
{
    double age = row_age(m, kind, row);
    enum gw_quality quality = model_row_quality(m, kind, row);

    /* Written at once: a cell that is made and then changed is copied, for a million
     * rows. */
    return (struct cell){ .type = isnan(age) ? CELL_NONE : CELL_NUMBER,
                          .number = isnan(age) ? 0 : age,
                          .unit = UNIT_S,
                          .quality = quality };
}

/* The name of the whole it is a part of. */
static inline const char *parent_name(const struct model *m, enum gw_kind kind,
                                      uint32_t row)
{
    struct row up = model_parent(m, kind, row);

    return up.id == GW_NONE ? NULL : model_name(m, up.kind, up.id);
}

static inline struct cell parent_cell(const struct model *m, enum gw_kind kind,
                                      uint32_t row)
{
    return cell_string(parent_name(m, kind, row));
}

/* One metric over another; unknown if either is, or nothing to divide by. */
static inline struct cell ratio_cell(const struct model *m, uint16_t part, uint16_t whole,
                                     uint32_t row)
{
    double w = model_number(m, whole, row);

    return cell_number(w > 0 ? model_number(m, part, row) / w : NAN, UNIT_RATIO);
}

/* Is it in the site's power that is shown? A number that was stale before that is in no
 * sum. */
static inline bool is_in_sites(const struct model *m, uint16_t power, uint32_t row)
{
    enum { SLACK_S = 1 };

    if (model_quality(m, power, row) != GW_STALE)
        return true;
    return model_quality(m, M_SITE_POWER, 0) == GW_STALE &&
           model_age(m, power, row) <= model_age(m, M_SITE_POWER, 0) + SLACK_S;
}

/* How much of what the site draws. */
static inline struct cell share_of_site_cell(const struct model *m, uint16_t power,
                                             uint32_t row)
{
    double site = model_site_number(m, M_SITE_POWER);
    bool has_share = site > 0 && is_in_sites(m, power, row);

    return cell_number(has_share ? model_number(m, power, row) / site : NAN, UNIT_RATIO);
}

/* The course of its power. */
static inline struct cell trend_cell(const struct model *m, enum gw_kind kind,
                                     uint32_t row)
{
    struct trend t = model_trend(m, kind, row);

    return (struct cell){ .type = t.count > 0 ? CELL_TREND : CELL_NONE,
                          .unit = UNIT_W,
                          .values = t.values,
                          .count = t.count };
}

static inline enum level level_above(double value, double attention, double critical)
{
    if (value >= critical)
        return LEVEL_CRITICAL;
    return value >= attention ? LEVEL_ATTENTION : LEVEL_PLAIN;
}

/* A share of a cap. */
static inline enum level load_level(const struct model *m, uint32_t row,
                                    const struct cell *cell)
{
    const struct thresholds *t = model_thresholds(m);

    (void)row;
    return level_above(cell->number, t->power_attention, t->power_critical);
}

/* A probability of a breach: of no interest below the first threshold. */
static inline enum level p_level(const struct model *m, uint32_t row,
                                 const struct cell *cell)
{
    const struct thresholds *t = model_thresholds(m);
    enum level level = level_above(cell->number, t->p_attention, t->p_critical);

    (void)row;
    return level == LEVEL_PLAIN ? LEVEL_FAINT : level;
}

/* The time of a breach that hardly comes is no alarm; `p`: how likely it is. */
static inline enum level level_of_ttb(const struct model *m, uint16_t p, uint32_t row)
{
    return model_number(m, p, row) >= model_thresholds(m)->p_attention ? LEVEL_PLAIN
                                                                       : LEVEL_FAINT;
}

static inline enum level temp_level(const struct model *m, uint32_t row,
                                    const struct cell *cell)
{
    const struct thresholds *t = model_thresholds(m);

    (void)row;
    return level_above(cell->number, t->gpu_temp_attention, t->gpu_temp_critical);
}

static inline enum level coverage_level(const struct model *m, uint32_t row,
                                        const struct cell *cell)
{
    (void)row;
    return cell->number < model_thresholds(m)->coverage_attention ? LEVEL_ATTENTION
                                                                  : LEVEL_PLAIN;
}

/* Of the site: the same in every row. */
static inline struct cell site_currency(const struct model *m, uint32_t row)
{
    (void)row;
    return cell_string(model_rows(m, GW_SITE) > 0 ? model_text(m, M_SITE_CURRENCY, 0)
                                                  : NULL);
}

/* Words that events and alerts use for how much one should care. */
static inline enum level level_of_word(const char *word)
{
    if (text_is(word, "critical"))
        return LEVEL_CRITICAL;
    if (text_is(word, "attention"))
        return LEVEL_ATTENTION;
    if (text_is(word, "cleared"))
        return LEVEL_OK;
    return text_is(word, "information") ? LEVEL_INFORMATION : LEVEL_PLAIN;
}

static inline enum level word_level(const struct model *m, uint32_t row,
                                    const struct cell *cell)
{
    (void)m;
    (void)row;
    return level_of_word(cell->text);
}

/* What recedes: identifiers, ages. */
static inline enum level faint_level(const struct model *m, uint32_t row,
                                     const struct cell *cell)
{
    (void)m;
    (void)row;
    (void)cell;
    return LEVEL_FAINT;
}

#endif
