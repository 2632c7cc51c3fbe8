/* The lists of the overview: tenants, the queue, events, tokens. */
#ifndef VIEWS_OVERVIEW_LISTS_H
#define VIEWS_OVERVIEW_LISTS_H

#include "views/parts.h"

enum { LONGEST_SPARK = 24 };

/* ---- tenants ---- */

/* Names take what the numbers leave, up to a limit. */
static int tenant_names(struct rect in)
{
    return in.w < 48 ? 12 : in.w > 51 ? 15 : in.w - 36;
}

static void draw_tenant(const struct screen *s, struct grid *g, struct rect in, int y,
                        uint32_t row, double scale)
{
    const struct model *m = s->model;
    const char *name = model_name(m, GW_TENANT, row);
    double power = model_number(m, M_TENANT_POWER, row),
           gpus = model_number(m, M_TENANT_GPUS, row);
    /* What nobody holds is idle by nature. */
    double idle =
        text_is(name, "unallocated") ? NAN : model_number(m, M_TENANT_IDLE, row) / gpus;
    double tokens = model_number(m, M_TENANT_TOKENS, row) / (power / 1e6);
    int names = tenant_names(in), x = in.x + names, spark = in.w - names - 38;
    struct trend trend = model_trend(m, GW_TENANT, row);
    char text[64];

    grid_text(g, in.x, y, names - 1, STYLE_TEXT, name);
    say_scaled(text, sizeof(text), power, scale);
    grid_right(g, x, y, 7, STYLE_TEXT, text);
    if (isnan(gpus))
        snprintf(text, sizeof(text), "—");
    else
        say_count(text, sizeof(text), gpus);
    grid_right(g, x + 7, y, 10, STYLE_TEXT, text);
    snprintf(text, sizeof(text), isnan(idle) ? "—" : "%.*f%%", idle < .0995 ? 1 : 0,
             idle * 100);
    grid_right(g, x + 17, y, 9, idle >= .1 ? STYLE_ATTENTION : STYLE_SECONDARY, text);
    if (isnan(tokens))
        snprintf(text, sizeof(text), "—");
    else
        say_amount(text, sizeof(text), tokens);
    grid_right(g, x + 26, y, 10, isnan(tokens) ? STYLE_FAINT : STYLE_INFORMATION, text);
    if (spark > LONGEST_SPARK)
        spark = LONGEST_SPARK;
    if (spark > 4 && is_a_course(&trend))
        chart_spark(g, x + 38, y, spark, trend.values, trend.count, STYLE_SECONDARY);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name, "tenants");
}

static size_t tenants_known(const struct model *m)
{
    size_t count = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++)
        count += model_name(m, GW_TENANT, row) != NULL;
    return count;
}

static void draw_tenants(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "tenants", "6");
    struct first f = first_of(in.h - 1);
    int x = in.x + tenant_names(in);
    double scale;
    const char *unit = site_unit(s->model, &scale);

    for (uint32_t row = 0; row < model_rows(s->model, GW_TENANT); row++)
        first_add(&f, row, model_number(s->model, M_TENANT_POWER, row));
    if (f.count == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "no source tells of tenants");
        return;
    }
    grid_text(g, in.x, in.y, -1, STYLE_SECONDARY, "tenant");
    grid_right(g, x, in.y, 7, STYLE_SECONDARY, unit);
    grid_right(g, x + 7, in.y, 10, STYLE_SECONDARY, "GPUs");
    grid_right(g, x + 17, in.y, 9, STYLE_SECONDARY, "idle");
    grid_right(g, x + 26, in.y, 10, STYLE_SECONDARY, "tok/s/MW");
    if (in.x + in.w - x - 38 > 4)
        grid_text(g, x + 38, in.y, in.x + in.w - x - 38, STYLE_SECONDARY, "2 h");
    for (size_t i = 0; i < f.count; i++)
        draw_tenant(s, g, in, in.y + 1 + (int)i, f.rows[i], scale);
    draw_more(g, area, tenants_known(s->model), f.count, STYLE_SECONDARY);
}

/* ---- the queue, and where it crosses the cap ---- */

static struct first next_jobs(const struct model *m, int lines)
{
    struct first f = first_of(lines);

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        double start = model_number(m, M_JOB_START, row);

        if (text_is(model_text(m, M_JOB_STATE, row), "pending"))
            first_add(&f, row, isnan(start) ? -1e13 : -start);
    }
    return f;
}

static void draw_job(const struct screen *s, struct grid *g, struct rect in, int y,
                     uint32_t row, double scale, bool fits)
{
    const struct model *m = s->model;
    const char *name = model_name(m, GW_JOB, row),
               *tenant = model_text(m, M_JOB_TENANT, row);
    const char *reason = model_text(m, M_JOB_REASON, row);
    double start = model_number(m, M_JOB_START, row),
           gpus = model_number(m, M_JOB_GPUS, row);
    double adds = model_number(m, M_JOB_PREDICTED, row) / scale;
    enum style ink = fits ? STYLE_TEXT : STYLE_SECONDARY;
    char text[32];

    grid_text(g, in.x, y, 9, ink, name);
    grid_text(g, in.x + 10, y, 14, ink, tenant ? tenant : "—");
    if (isnan(gpus))
        snprintf(text, sizeof(text), "—");
    else
        say_count(text, sizeof(text), gpus);
    grid_right(g, in.x + 24, y, 7, ink, text);
    say_scaled(text, sizeof(text), adds, 1);
    grid_right(g, in.x + 31, y, 8, fits ? STYLE_INFORMATION : STYLE_SECONDARY, text);
    say_moment(text, sizeof(text), m, start);
    grid_right(g, in.x + 39, y, 8, ink, isnan(start) ? "—" : text);
    grid_text(g, in.x + 49, y, in.w - 49, STYLE_SECONDARY, reason ? reason : "");
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name,
                "jobs where state = pending");
}

/* A worst case: of what runs, something ends before. Whether a breach is likely the forecast says. */
static void draw_crossing(struct grid *g, struct rect in, int y)
{
    static const char words[] = " if nothing ends first, the queue crosses the cap here ";
    int x;

    for (int i = 0; i < in.w; i++)
        grid_put(g, in.x + i, y, STYLE_ATTENTION, 0x254c); /* ╌ */
    x = in.x + 2;
    grid_text(g, x, y, in.w - 4, STYLE_ATTENTION, words);
}

static void draw_queue_foot(const struct model *m, struct grid *g, struct rect in)
{
    double running = 0, pending = 0;
    char runs[32], waits[32];

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        const char *state = model_text(m, M_JOB_STATE, row);

        running += text_is(state, "running");
        pending += text_is(state, "pending") ? model_job_tasks(m, row) : 0;
    }
    say_count(runs, sizeof(runs), running);
    say_count(waits, sizeof(waits), pending);
    grid_printf(g, in.x, in.y + in.h - 1, in.w, STYLE_FAINT, "%s running · %s pending",
                runs, waits);
}

static void draw_queue(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "queue", "7");
    const struct model *m = s->model;
    struct first f = next_jobs(m, in.h - 3);
    double cap = site_number(m, M_SITE_CAP), scale;
    const char *unit = site_unit(m, &scale);
    bool crossed = false;
    int y = in.y;

    if (model_rows(m, GW_JOB) == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT,
                  model_is_then(m) ? "of jobs of then nothing is kept" : "no source tells of jobs");
        return;
    }
    grid_text(g, in.x, y, -1, STYLE_SECONDARY, "job       tenant");
    grid_right(g, in.x + 24, y, 7, STYLE_SECONDARY, "GPUs");
    grid_printf(g, in.x + 38 - text_width(unit), y, -1, STYLE_SECONDARY, "+%s", unit);
    grid_right(g, in.x + 39, y, 8, STYLE_SECONDARY, "start");
    grid_text(g, in.x + 49, y++, in.w - 49, STYLE_SECONDARY, "reason");
    for (size_t i = 0; i < f.count && y < in.y + in.h - 1; i++) {
        if (!crossed && model_number(m, M_JOB_AFTER, f.rows[i]) > cap) {
            crossed = true;
            draw_crossing(g, in, y++);
        }
        draw_job(s, g, in, y++, f.rows[i], scale, !crossed);
    }
    draw_queue_foot(m, g, in);
}

/* ---- events ---- */

static void draw_event(const struct screen *s, struct grid *g, struct rect in, int y,
                       uint32_t row)
{
    const char *text = model_text(s->model, M_EVENT_TEXT, row);
    enum level level = level_of_word(model_text(s->model, M_EVENT_LEVEL, row));
    double time = model_number(s->model, M_EVENT_TIME, row);
    bool is_to_come = time > model_now(s->model);
    char clock[16];

    say_moment(clock, sizeof(clock), s->model, time);
    grid_text(g, in.x, y, 5, is_to_come ? STYLE_INFORMATION : STYLE_FAINT, clock);
    grid_put(g, in.x + 6, y, style_of_level(level),
             is_to_come ? 0x25b8 : level == LEVEL_OK ? 0x2713 : mark_of_level(level)); /* ▸ */
    grid_sentence(g, in.x + 8, y, in.w - 8,
              level == LEVEL_CRITICAL || level == LEVEL_ATTENTION ? STYLE_TEXT
                                                                  : STYLE_SECONDARY,
              text ? text : "");
}

static void draw_events(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "events", "9");
    struct first f = newest_events(s->model, in.h);

    if (f.count == 0)
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "nothing has happened yet");
    for (size_t i = 0; i < f.count; i++)
        draw_event(s, g, in, in.y + (int)i, f.rows[i]);
    screen_spot(s, (struct rect){ in.x - 1, in.y, in.w + 2, 1 }, "", "events");
}

static void draw_chart(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "next hour", "8");

    draw_next_hour(s->model, g, in);
    screen_spot(s, (struct rect){ area.x + 1, area.y, 13, 1 }, "", "forecasts");
}

/* ---- tokens ---- */

static bool has_tokens(const struct model *m)
{
    const float *tokens = model_column(m, M_TENANT_TOKENS);

    for (uint32_t row = 0; tokens && row < model_rows(m, GW_TENANT); row++)
        if (!isnan(tokens[row]))
            return true;
    return false;
}

/* Tokens a second of those who meter them, and the watts of these and of the others. */
struct token_sum {
    double tokens, metered, unmetered;
};

static struct token_sum sum_tokens(const struct model *m)
{
    struct token_sum sum = { 0, 0, 0 };

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++) {
        double t = model_number(m, M_TENANT_TOKENS, row),
               power = model_number(m, M_TENANT_POWER, row);

        if (isnan(power))
            continue;
        *(isnan(t) ? &sum.unmetered : &sum.metered) += power;
        sum.tokens += isnan(t) ? 0 : t;
    }
    return sum;
}

/* In the lower edge of the tenants' box, where tokens have none of their own. */
static void draw_tokens_in_edge(const struct model *m, struct grid *g, struct rect box)
{
    struct token_sum sum = sum_tokens(m);
    char per_mw[48];

    if (!(sum.metered > 0))
        return;
    say_amount(per_mw, sizeof(per_mw), sum.tokens / (sum.metered / 1e6));
    grid_printf(g, box.x + 2, box.y + box.h - 1, box.w - 18, STYLE_INFORMATION, " %s tok/s/MW where metered ", per_mw);
}

/* How much of the power they stand for. */
static void draw_tokens(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "tokens", "m");
    const struct model *m = s->model;
    struct token_sum sum = sum_tokens(m);
    double tokens = sum.tokens, metered = sum.metered, unmetered = sum.unmetered;
    char rate[48], per_mw[48], watts[40];
    int x = in.x;

    say_amount(rate, sizeof(rate), tokens);
    say_amount(per_mw, sizeof(per_mw), tokens / (metered / 1e6));
    x += grid_bold(g, x, in.y, in.x + in.w - x, STYLE_STRONG, rate);
    x += grid_text(g, x, in.y, in.x + in.w - x, STYLE_SECONDARY, " tok/s") + 3;
    x += grid_printf(g, x, in.y, in.x + in.w - x, STYLE_INFORMATION, "%s tok/s/MW",
                     per_mw) +
         3;
    if (tokens > 0)
        grid_printf(g, x, in.y, in.x + in.w - x, STYLE_TEXT, "%.2f J/tok",
                    metered / tokens);
    text_watts(watts, sizeof(watts), unmetered);
    grid_printf(g, in.x, in.y + 1, in.w, STYLE_FAINT, "%s of power is not metered in tokens", watts);
}

#endif
