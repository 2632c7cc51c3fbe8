/* Forecasts as rows of a batch, with the record that says how far to trust them. */
#include "app_forecast.h"
#include "app_jobs.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HOUR = 3 };              /* in forecast_horizons[] */

static void put_text(struct batch *b, uint32_t row, uint16_t metric, const char *text)
{
    batch_text(b, row, metric, text, strlen(text));
}

/* ---- trust ---- */

/* "40 minutes": few different texts, for each is kept. */
static void say_span(char *to, size_t room, double seconds)
{
    static const struct {
        double unit_s;
        const char *one, *many;
    } units[] = { { 86400, "day", "days" },
                  { 3600, "hour", "hours" },
                  { 60, "minute", "minutes" } };
    size_t i = seconds >= 2 * 86400 ? 0 : seconds >= 2 * 3600 ? 1 : 2;
    double count = floor(seconds / units[i].unit_s);

    if (i == 2 && count > 10)
        count = floor(count / 10) * 10;
    snprintf(to, room, "%.0f %s", count, count == 1 ? units[i].one : units[i].many);
}

static enum forecast_trust trust_of(const struct told *t, const struct forecast *f,
                                    const struct record_tally *tally)
{
    if (f->trust == FORECAST_LEARNING || !t->record)
        return FORECAST_LEARNING;
    return record_trust(tally, f->horizon_s);
}

/* In whole ones, so that who waited for so long has enough. */
static void say_whole(char *to, size_t room, double seconds)
{
    bool is_hours = seconds >= 2 * 3600;
    double count = ceil(seconds / (is_hours ? 3600 : 60));

    snprintf(to, room, "%.0f %s%s", count, is_hours ? "hour" : "minute",
             count == 1 ? "" : "s");
}

/* Where p waits for more of it, for how much. */
static void say_learning(char *to, size_t room, const struct told *t,
                         const struct forecast *f)
{
    double p_needs_s = fmax(f->horizon_s / SERIES_CLAIM_PART, 3 * TREND_STEP_S);
    char span[32], whole[32];

    say_span(span, sizeof(span), t->data_s);
    if (isnan(f->p_breach) && !isnan(f->cap_w) && t->data_s < p_needs_s) {
        say_whole(whole, sizeof(whole), p_needs_s);
        snprintf(to, room, "learning, %s of data; p needs %s", span, whole);
    } else {
        snprintf(to, room, "learning, %s of data", span);
    }
}

static void say_trust(char *to, size_t room, const struct told *t,
                      const struct forecast *f, enum forecast_trust trust)
{
    char span[32];

    say_span(span, sizeof(span), t->silent_s);
    if (t->silent_s > 0)
        snprintf(to, room, "silent, %s", span);
    else if (trust == FORECAST_LEARNING)
        say_learning(to, room, t, f);
    else
        snprintf(to, room, "%s", trust == FORECAST_TRUSTED ? "yes" : "no");
}

/* The names of jobs are the copy's. */
static void *names_of(const struct told *t)
{
    return (void *)(uintptr_t)t->jobs;
}

static void say_why(char *to, size_t room, const struct told *t, size_t h,
                    const struct forecast *f)
{
    char span[32];

    if (t->silent_s > 0) {
        say_span(span, sizeof(span), t->silent_s);
        snprintf(to, room, "no forecast: its power was last known %s ago", span);
    } else if (isnan(f->p_breach) && f->trust == FORECAST_LEARNING && !isnan(f->cap_w)) {
        say_learning(to, room, t, f);
    } else {
        why_say(to, room, &t->why[h], t->jobs ? jobs_copy_name : NULL, names_of(t), 0);
    }
}

/* What is free when somebody looks is said by who shows it, and only of the hour. */
static void add_why(struct batch *b, uint32_t row, const struct told *t, size_t h,
                    const char *why)
{
    size_t at, length;
    bool says = why_says_free(&t->why[h], why, &at, &length);

    put_text(b, row, M_FORECAST_WHY, why);
    if (h != HOUR)
        return;
    batch_text(b, row, M_FORECAST_WHY_BEFORE, why, says ? at : 0);
    put_text(b, row, M_FORECAST_WHY_AFTER, says ? why + at + length : "");
}

/* ---- rows ---- */

/* What the forecast was asked for is no estimate. */
static bool is_given(uint16_t metric)
{
    return metric == M_FORECAST_HORIZON || metric == M_FORECAST_ORIGIN ||
           metric == M_FORECAST_CAP || metric == M_FORECAST_POWER;
}

static void add_numbers(struct batch *b, uint32_t row, const struct told *t,
                        const struct forecast *f)
{
    const struct {
        uint16_t metric;
        double value;
    } numbers[] = {
        { M_FORECAST_HORIZON, f->horizon_s }, { M_FORECAST_ORIGIN, t->origin },
        { M_FORECAST_CAP, f->cap_w },         { M_FORECAST_P, f->p_breach },
        { M_FORECAST_Q05, f->q05 },           { M_FORECAST_Q10, f->q10 },
        { M_FORECAST_Q25, f->q25 },           { M_FORECAST_Q50, f->q50 },
        { M_FORECAST_Q75, f->q75 },           { M_FORECAST_Q90, f->q90 },
        { M_FORECAST_Q95, f->q95 },           { M_FORECAST_Q99, f->q99 },
        { M_FORECAST_MAX_Q10, f->max_q10 },   { M_FORECAST_MAX_Q50, f->max_q50 },
        { M_FORECAST_MAX_Q90, f->max_q90 },   { M_FORECAST_MAX_Q99, f->max_q99 },
        { M_FORECAST_TTB_P10, f->ttb_p10_s }, { M_FORECAST_TTB_P50, f->ttb_p50_s },
        { M_FORECAST_TTB_P90, f->ttb_p90_s },
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        batch_number(b, row, numbers[i].metric, numbers[i].value,
                     is_given(numbers[i].metric) ? GW_OK : GW_ESTIMATED);
}

/* How the median comes from the power now, and on what a breach hangs. What is no part of
 * it is not said. */
static void add_reason(struct batch *b, uint32_t row, const struct told *t, size_t h)
{
    const struct forecast_reason *r = &t->why[h];
    const struct {
        uint16_t metric;
        double value;
    } terms[] = {
        { M_FORECAST_POWER, r->now_w },
        { M_FORECAST_STARTS, r->terms.starts_w },
        { M_FORECAST_ENDS, r->terms.ends_w },
        { M_FORECAST_SEASON, r->terms.season_w },
        { M_FORECAST_TREND, r->terms.trend_w },
        { M_FORECAST_UNEXPLAINED, r->terms.unexplained_w },
        { M_FORECAST_P_WITHOUT, r->p_without },
    };
    char cause[64];

    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
        batch_number(b, row, terms[i].metric, terms[i].value,
                     is_given(terms[i].metric) ? GW_OK : GW_ESTIMATED);
    why_say_cause(cause, sizeof(cause), r, t->jobs ? jobs_copy_name : NULL, names_of(t));
    put_text(b, row, M_FORECAST_CAUSE, cause);
}

/* What is not known yet is not said: thousands of rows without a record need no
 * columns. */
static void add_known(struct batch *b, uint32_t row, uint16_t metric, double value)
{
    if (!isnan(value))
        batch_number(b, row, metric, value, GW_OK);
}

/* Announcements and breaches are met at once; none of them means something only where p
 * was judged. */
static bool knows_breaches(const struct record_tally *t)
{
    return t->judged > 0 || t->hits + t->misses + t->false_alarms > 0;
}

/* Where each score goes; those of breaches come last. */
enum {
    SCORED,
    COVERAGE80,
    ABOVE99,
    PINBALL,
    PINBALL_LINE,
    SKILL,
    HITS,
    MISSES,
    FALSE_ALARMS,
    SCORES
};
static const uint16_t of_forecast[SCORES] = {
    M_FORECAST_SCORED,  M_FORECAST_COVERAGE80,   M_FORECAST_ABOVE99,
    M_FORECAST_PINBALL, M_FORECAST_PINBALL_LINE, M_FORECAST_SKILL,
    M_FORECAST_HITS,    M_FORECAST_MISSES,       M_FORECAST_FALSE_ALARMS,
};
static const uint16_t of_site[SCORES] = {
    M_SITE_SCORED, M_SITE_COVERAGE80, METRIC_NONE, M_SITE_PINBALL, M_SITE_PINBALL_LINE,
    M_SITE_SKILL, M_SITE_HITS, M_SITE_MISSES, M_SITE_FALSE_ALARMS,
};

static void add_scores(struct batch *b, uint32_t row, const uint16_t metrics[SCORES],
                       const struct record_tally *t)
{
    struct record_score s = record_score_of(t);
    const double values[SCORES] = {
        t->scored, s.coverage80, s.above99, s.pinball_last,      s.pinball_line,
        s.skill,   t->hits,      t->misses, s.false_alarms_a_day
    };

    for (int i = 0; i < (knows_breaches(t) ? SCORES : HITS); i++)
        if (metrics[i] != METRIC_NONE)
            add_known(b, row, metrics[i], values[i]);
}

static void add_record(struct batch *b, uint32_t row, const struct record_tally *t,
                       double lead_s)
{
    if (t->scored == 0 && t->judged == 0)
        return;
    add_scores(b, row, of_forecast, t);
    if (knows_breaches(t))
        add_known(b, row, M_FORECAST_LEAD, lead_s);
}

static void add_row(struct batch *b, const struct told *t, size_t h,
                    const struct forecast *f)
{
    char name[300], horizon[16], words[256];
    struct record_tally tally = { 0 };
    uint32_t row;

    forecast_horizon_name(horizon, f->horizon_s);
    snprintf(name, sizeof(name), "%s@%s", t->name, horizon);
    row = batch_entity(b, GW_FORECAST, name, strlen(name), GW_NONE);
    if (t->record)
        record_add(t->record, h, &tally);
    put_text(b, row, M_FORECAST_DOMAIN, t->name);
    add_numbers(b, row, t, f);
    say_trust(words, sizeof(words), t, f, trust_of(t, f, &tally));
    put_text(b, row, M_FORECAST_TRUSTED, words);
    say_why(words, sizeof(words), t, h, f);
    add_why(b, row, t, h, words);
    put_text(b, row, M_FORECAST_BASIS, forecast_basis_name(t->why[h].basis));
    put_text(b, row, M_FORECAST_METHOD, t->method);
    put_text(b, row, M_FORECAST_CONTINGENCY, t->n1 ? "n-1" : "");
    add_reason(b, row, t, h);
    add_record(b, row, &tally, t->record ? record_lead(t->record, h) : NAN);
}

/* What the power view shows of it: the hour's probability, and the time to breach. */
static void add_summary(struct batch *b, const struct told *t, const struct forecast *f)
{
    uint32_t row;

    if (t->kind != GW_DOMAIN)
        return;
    row = batch_entity(b, GW_DOMAIN, t->name, strlen(t->name), GW_NONE);
    batch_number(b, row, M_DOMAIN_P, f->p_breach, GW_ESTIMATED);
    batch_number(b, row, M_DOMAIN_TTB, f->p_breach >= .05 ? f->ttb_p50_s : NAN,
                 GW_ESTIMATED);
}

void told_add(struct batch *b, const struct told *t, const struct forecast *out)
{
    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        add_row(b, t, h, &out[h]);
    add_summary(b, t, &out[HOUR]);
}

void told_add_sum(struct batch *b, const char *site, const struct record_tally *sum,
                  size_t rejected)
{
    uint32_t row;

    if (sum->scored <= 0 && rejected == 0)
        return;
    row = batch_entity(b, GW_SITE, site, strlen(site), GW_NONE);
    if (sum->scored > 0)
        add_scores(b, row, of_site, sum);
    batch_number(b, row, M_SITE_REJECTED, (double)rejected, GW_OK);
}

void told_add_event(struct batch *b, const char *domain, const char *key,
                    const char *text)
{
    uint32_t row = batch_entity(b, GW_EVENT, key, strlen(key), GW_NONE);

    put_text(b, row, M_EVENT_LEVEL, "attention");
    put_text(b, row, M_EVENT_SUBJECT, domain);
    put_text(b, row, M_EVENT_KEY, key);
    put_text(b, row, M_EVENT_TEXT, text);
}
