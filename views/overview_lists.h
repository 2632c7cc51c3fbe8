/* The lists of the overview: tenants, the queue, events, tokens. */
#ifndef VIEWS_OVERVIEW_LISTS_H
#define VIEWS_OVERVIEW_LISTS_H

#include "views/parts.h"

/* ---- tenants ---- */

enum {
    TENANT_W = 14,
    WATTS_W = 7,
    GPUS_W = 9,
    IDLE_W = 7,
    TOKENS_W = 10,
    TENANT_NUMBERS_W = WATTS_W + GPUS_W + IDLE_W + TOKENS_W,
    LONGEST_SPARK = 24
};

/* Where the columns start; spark_w: 0 where there is no room for the past. */
struct tenant_columns {
    int watts, gpus, idle, tokens, spark, spark_w;
};

/* Names take what the numbers leave, up to a limit. */
static struct tenant_columns tenant_columns_of(struct rect in)
{
    int left = in.w - TENANT_NUMBERS_W, names = left < TENANT_W - 2   ? TENANT_W - 2
                                                : left > TENANT_W + 1 ? TENANT_W + 1
                                                                      : left;
    struct tenant_columns c = { .watts = in.x + names, .spark_w = left - names - 2 };

    c.gpus = c.watts + WATTS_W;
    c.idle = c.gpus + GPUS_W;
    c.tokens = c.idle + IDLE_W;
    c.spark = c.tokens + TOKENS_W + 2;
    c.spark_w = c.spark_w > LONGEST_SPARK ? LONGEST_SPARK : c.spark_w > 4 ? c.spark_w : 0;
    return c;
}

static void draw_tenant(const struct screen *s, struct grid *g, struct rect in, int y,
                        uint32_t row, double scale)
{
    const struct model *m = s->model;
    const char *name = model_name(m, GW_TENANT, row);
    double power = model_number(m, M_TENANT_POWER, row),
           gpus = model_number(m, M_TENANT_GPUS, row);
    /* What nobody holds is idle by nature. */
    double idle = gpus > 0 && !text_is(name, "unallocated")
                      ? model_number(m, M_TENANT_IDLE, row) / gpus
                      : NAN;
    double tokens = power > 0 ? model_number(m, M_TENANT_TOKENS, row) / (power / 1e6)
                              : NAN;
    struct tenant_columns c = tenant_columns_of(in);
    struct trend trend = model_trend(m, GW_TENANT, row);
    enum gw_quality quality = isnan(power) ? GW_OK
                                           : model_quality(m, M_TENANT_POWER, row);
    bool is_stale = quality == GW_STALE;
    char text[64];

    grid_text(g, in.x, y, c.watts - in.x - 1, STYLE_TEXT, name);
    say_scaled(text, sizeof(text), power, scale);
    grid_right(g, c.watts, y, WATTS_W, is_stale ? STYLE_FAINT : STYLE_TEXT, text);
    if (is_stale)
        grid_put(g, c.watts + WATTS_W, y, STYLE_ATTENTION, 0x25d0);
    else if (quality == GW_ESTIMATED)
        grid_put(g, c.watts + WATTS_W, y, STYLE_SECONDARY, '~');
    if (isnan(gpus))
        snprintf(text, sizeof(text), "—");
    else
        say_count(text, sizeof(text), gpus);
    grid_right(g, c.gpus, y, GPUS_W, STYLE_TEXT, text);
    snprintf(text, sizeof(text), isnan(idle) ? "—" : "%.*f%%", idle < .0995 ? 1 : 0,
             idle * 100);
    grid_right(g, c.idle, y, IDLE_W, idle >= .1 ? STYLE_ATTENTION : STYLE_SECONDARY,
               text);
    if (isnan(tokens))
        snprintf(text, sizeof(text), "—");
    else
        say_amount(text, sizeof(text), tokens);
    grid_right(g, c.tokens, y, TOKENS_W, isnan(tokens) ? STYLE_FAINT : STYLE_INFORMATION,
               text);
    if (c.spark_w && chart_is_a_course(trend.values, trend.count))
        chart_spark(g, c.spark, y, c.spark_w, trend.values, trend.count, STYLE_SECONDARY);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name, "tenants");
}

static void draw_tenants(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "tenants", "6");
    struct first f = first_of(in.h - 1);
    struct tenant_columns c = tenant_columns_of(in);
    double scale;
    const char *unit = site_unit(s->model, &scale);

    for (uint32_t row = 0; row < model_rows(s->model, GW_TENANT); row++)
        first_add(&f, row, model_number(s->model, M_TENANT_POWER, row));
    if (f.count == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "no source tells of tenants");
        return;
    }
    grid_text(g, in.x, in.y, -1, STYLE_SECONDARY, "tenant");
    grid_right(g, c.watts, in.y, WATTS_W, STYLE_SECONDARY, unit);
    grid_right(g, c.gpus, in.y, GPUS_W, STYLE_SECONDARY, "GPUs");
    grid_right(g, c.idle, in.y, IDLE_W, STYLE_SECONDARY, "idle");
    grid_right(g, c.tokens, in.y, TOKENS_W, STYLE_SECONDARY, "tok/s/MW");
    if (c.spark_w)
        grid_text(g, c.spark, in.y, c.spark_w, STYLE_SECONDARY, "2 h");
    for (size_t i = 0; i < f.count; i++)
        draw_tenant(s, g, in, in.y + 1 + (int)i, f.rows[i], scale);
    draw_more(g, area, count_named(s->model, GW_TENANT), f.count, STYLE_SECONDARY);
}

/* ---- the queue, and where it crosses the cap ---- */

/* In the order in which they are added up. */
static struct first next_jobs(const struct model *m, int lines)
{
    struct first f = first_of(lines);

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        double order = model_number(m, M_JOB_ORDER, row);

        if (text_is(model_text(m, M_JOB_STATE, row), "pending"))
            first_add(&f, row, isnan(order) ? -1e13 : -order);
    }
    return f;
}

/* Where the columns start; 0: there is no room for it. `after`: what the site would draw
 * then, and its rail. */
struct queue_columns {
    int gpus, adds, start, reason, reason_w, waits, after, rail, rail_w;
};

enum {
    ADDS_W = 8,
    START_W = 8,
    REASON_W = 16,
    WAITS_W = 8,
    AFTER_W = 8,
    SHORTEST_AFTER = 8,
    LONGEST_AFTER = 48
};

static struct queue_columns queue_columns_of(struct rect in)
{
    struct queue_columns c = { .gpus = in.x + 24 };
    int end = in.x + in.w;

    c.adds = c.gpus + 7;
    c.start = c.adds + ADDS_W;
    c.reason = c.start + START_W + 2;
    c.reason_w = end - c.reason;
    if (c.reason + REASON_W + WAITS_W > end)
        return c;
    c.reason_w = REASON_W;
    c.waits = c.reason + REASON_W;
    if (c.waits + WAITS_W + AFTER_W + 2 + SHORTEST_AFTER > end)
        return c;
    c.after = c.waits + WAITS_W;
    c.rail = c.after + AFTER_W + 2;
    c.rail_w = end - c.rail > LONGEST_AFTER ? LONGEST_AFTER : end - c.rail;
    return c;
}

/* What the site draws, and dotted how far it would climb. */
static void draw_after(const struct model *m, struct grid *g,
                       const struct queue_columns *c, int y, double after, double scale,
                       bool fits)
{
    double cap = model_site_number(m, M_SITE_CAP);
    char text[32];

    say_scaled(text, sizeof(text), after, scale);
    grid_right(g, c->after, y, AFTER_W, fits ? STYLE_INFORMATION : STYLE_ATTENTION, text);
    if (!isnan(after / cap))
        chart_rail_reaching(g, c->rail, y, c->rail_w,
                            model_site_number(m, M_SITE_POWER) / cap, after / cap,
                            fits ? STYLE_FAINT : STYLE_ATTENTION);
}

static void draw_job(const struct screen *s, struct grid *g, struct rect in,
                     const struct queue_columns *c, int y, uint32_t row, double scale,
                     bool fits)
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
    grid_right(g, c->gpus, y, 7, ink, text);
    say_scaled(text, sizeof(text), adds, 1);
    grid_right(g, c->adds, y, ADDS_W, fits ? STYLE_INFORMATION : STYLE_SECONDARY, text);
    say_moment(text, sizeof(text), m, start);
    grid_right(g, c->start, y, START_W, ink, isnan(start) ? "—" : text);
    grid_text(g, c->reason, y, c->reason_w - (c->waits ? 1 : 0), STYLE_SECONDARY,
              reason ? reason : "");
    if (c->waits) {
        text_duration(text, sizeof(text),
                      model_now(m) - model_number(m, M_JOB_SUBMIT, row));
        grid_right(g, c->waits, y, WAITS_W, ink, text);
    }
    if (c->after)
        draw_after(m, g, c, y, model_number(m, M_JOB_AFTER, row), scale, fits);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name,
                "jobs where state = pending");
}

static void draw_queue_headings(struct grid *g, struct rect in,
                                const struct queue_columns *c, const char *unit)
{
    grid_text(g, in.x, in.y, -1, STYLE_SECONDARY, "job       tenant");
    grid_right(g, c->gpus, in.y, 7, STYLE_SECONDARY, "GPUs");
    grid_printf(g, c->start - 1 - text_width(unit), in.y, -1, STYLE_SECONDARY, "+%s",
                unit);
    grid_right(g, c->start, in.y, START_W, STYLE_SECONDARY, "start");
    grid_text(g, c->reason, in.y, c->reason_w, STYLE_SECONDARY, "reason");
    if (c->waits)
        grid_right(g, c->waits, in.y, WAITS_W, STYLE_SECONDARY, "waits");
    if (!c->after)
        return;
    grid_right(g, c->after, in.y, AFTER_W, STYLE_SECONDARY, "after");
    grid_text(g, c->rail, in.y, c->rail_w, STYLE_SECONDARY, "of the cap");
}

/* A worst case: of what runs, something ends before. Whether a breach is likely the
 * forecast says. */
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
    double cap = model_site_number(m, M_SITE_CAP), scale;
    const char *unit = site_unit(m, &scale);
    struct queue_columns c = queue_columns_of(in);
    bool crossed = false;
    int y = in.y + 1;

    if (model_rows(m, GW_JOB) == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT,
                  model_is_then(m) ? "of jobs of then nothing is kept"
                                   : "no source tells of jobs");
        return;
    }
    draw_queue_headings(g, in, &c, unit);
    for (size_t i = 0; i < f.count && y < in.y + in.h - 1; i++) {
        if (!crossed && model_number(m, M_JOB_AFTER, f.rows[i]) > cap) {
            crossed = true;
            draw_crossing(g, in, y++);
        }
        draw_job(s, g, in, &c, y++, f.rows[i], scale, !crossed);
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
    draw_next_hour(s->model, g, area, "8");
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
    grid_printf(g, box.x + 2, box.y + box.h - 1, box.w - 18, STYLE_INFORMATION,
                " %s tok/s/MW where metered ", per_mw);
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
    grid_printf(g, in.x, in.y + 1, in.w, STYLE_FAINT,
                "%s of power is not metered in tokens", watts);
}

#endif
