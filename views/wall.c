/* The wall display: readable from five metres, without a key, and never silent about how
 * old its data are. */
#include "views/parts.h"

#include <ctype.h>
#include <string.h>

enum { MARGIN = 4, OLD_S = 60, DIGITS_H = 5, TTB_W = 46 /* "1h00", large */ };

/* ---- how fresh ---- */

static double data_age(const struct model *m)
{
    return model_rows(m, GW_SITE) > 0 ? model_age(m, M_SITE_POWER, 0) : NAN;
}

/* Old, or never there: then the numbers are not the present. */
static bool is_old(const struct model *m)
{
    return !(data_age(m) <= OLD_S);
}

/* Moves every second as long as the program draws; a screen on which it stands still is a
 * picture. */
static void draw_alive(const struct screen *s, struct grid *g, int x, int y)
{
    static const uint32_t turning[] = { 0x25d0, 0x25d3, 0x25d1, 0x25d2 }; /* ◐ ◓ ◑ ◒ */
    size_t step = (size_t)(s->tick < 0 ? 0 : s->tick) % 4;

    grid_put(g, x, y, STYLE_TEXT, s->ascii ? (uint32_t) "|/-\\"[step] : turning[step]);
}

static void draw_top(const struct screen *s, struct grid *g, struct rect area)
{
    const struct model *m = s->model;
    bool demo = !text_is(s->mode, "RO");
    struct coverage c = model_coverage(m);
    char time[40], age[24], right[96], share[32] = "";
    int x = area.x, y = area.y;

    grid_paper(g, (struct rect){ area.x, y, area.w, 1 }, STYLE_BAND);
    x += grid_printf(g, x, y, 24, STYLE_CHIP, "  %s  ", model_site(m));
    grid_paper(g, (struct rect){ area.x, y, x - area.x, 1 }, STYLE_CHIP);
    x += 3 + grid_text(g, x + 3, y, -1, STYLE_SECONDARY,
                       area.w < 100 ? "WALL" : "WALL  read-only");
    if (demo)
        grid_bold(g, x + 3, y, -1, STYLE_ATTENTION, s->mode);
    text_time(time, sizeof(time), model_now(m));
    text_duration(age, sizeof(age), floor(data_age(m)));
    if (isnan(data_age(m)))
        snprintf(right, sizeof(right), "%.8s UTC   no data", time + 11);
    else
        snprintf(right, sizeof(right), "%.8s UTC   data %s old", time + 11, age);
    if (!isnan(coverage_percent(&c)))
        snprintf(share, sizeof(share), "coverage %.1f%%", coverage_percent(&c));
    grid_right(g, area.x, y, area.w - 8 - text_width(right),
               model_coverage_share(&c) < 1 ? STYLE_ATTENTION : STYLE_SECONDARY, share);
    grid_right(g, area.x, y, area.w - 5, is_old(m) ? STYLE_CRITICAL : STYLE_TEXT, right);
    draw_alive(s, g, area.x + area.w - 2, y);
}

/* Over the big numbers when they are not the present: a hatch that cannot be taken for a
 * number, and words. */
static void draw_hatch(const struct screen *s, struct grid *g, struct rect area)
{
    char age[24], words[128];
    int w;

    for (int y = area.y; y < area.y + area.h; y++)
        for (int x = area.x; x < area.x + area.w; x++)
            if ((x + y) % 3 == 0)
                grid_put(g, x, y, STYLE_CRITICAL, s->ascii ? '/' : 0x2571); /* ╱ */
    text_duration(age, sizeof(age), data_age(s->model));
    if (isnan(data_age(s->model)))
        snprintf(words, sizeof(words), "  NO DATA: nothing has answered yet  ");
    else
        snprintf(words, sizeof(words), "  DATA %s OLD: this is not the present  ", age);
    w = text_width(words);
    grid_bold(g, area.x + (area.w - w) / 2, area.y + area.h / 2, -1, STYLE_CRITICAL,
              words);
}

/* ---- the two big numbers ---- */

static enum style power_ink(const struct model *m)
{
    double load = model_site_number(m, M_SITE_POWER) / model_site_number(m, M_SITE_CAP);

    return load >= model_thresholds(m)->power_critical ? STYLE_CRITICAL : STYLE_STRONG;
}

static int draw_power(const struct model *m, struct grid *g, int x, int y, int scale)
{
    double prefix;
    const char *unit = site_unit(m, &prefix);
    char text[24], cap[24];
    int used;

    grid_printf(g, x, y, -1, STYLE_SECONDARY, "POWER %s", unit);
    say_scaled(text, sizeof(text), model_site_number(m, M_SITE_POWER), prefix);
    if (isnan(model_site_number(m, M_SITE_POWER)))
        snprintf(text, sizeof(text), "--");
    used = chart_digits(g, x, y + 2, scale, power_ink(m), text);
    if (!isnan(model_site_number(m, M_SITE_CAP))) {
        text_number(cap, sizeof(cap), model_site_number(m, M_SITE_CAP) / prefix);
        used += 3 + grid_printf(g, x + used + 3, y + 1 + DIGITS_H * scale, -1,
                                STYLE_SECONDARY, "of %s %s", cap, unit);
    }
    return used;
}

/* The risk, where it is one. */
static bool is_near(const struct model *m, struct risk *risk)
{
    *risk = risk_of(m);
    return risk->row.id != GW_NONE && risk->p >= model_thresholds(m)->p_attention;
}

static enum style risk_ink(const struct model *m, const struct risk *risk)
{
    return risk->p >= model_thresholds(m)->p_critical ? STYLE_CRITICAL : STYLE_ATTENTION;
}

/* `below`: how far below the digits what it is of stands. */
static void draw_ttb(const struct model *m, struct grid *g, int x, int y, int scale,
                     int cells, int below)
{
    struct risk next;
    char text[24], p[16], why[LONGEST_WHY];

    grid_text(g, x, y, cells, STYLE_SECONDARY, "TIME TO BREACH");
    if (!is_near(m, &next)) {
        bool any = next.row.id != GW_NONE;

        grid_bold(g, x, y + 2, cells, any ? STYLE_OK : STYLE_FAINT,
                  any ? "✓ none in sight within the hour" : "· no forecast yet");
        return;
    }
    text_duration(text, sizeof(text), next.ttb_s);
    if (isnan(next.ttb_s))
        grid_bold(g, x, y + 2, cells, risk_ink(m, &next), "some time within the hour");
    else
        chart_digits(g, x, y + 2, scale, risk_ink(m, &next), text);
    text_probability(p, sizeof(p), next.p);
    y += 2 + DIGITS_H * scale + below;
    grid_bold(g, x, y, cells, risk_ink(m, &next), next.name);
    grid_printf(g, x + text_width(next.name) + 3, y, cells - text_width(next.name) - 3,
                risk_ink(m, &next), "p %s", p);
    model_forecast_why(m, next.forecast, why, sizeof(why));
    grid_sentence(g, x, y + 1, cells, STYLE_TEXT, why);
}

/* The same in a line and a sentence, where there is no room beside the power. */
static void draw_ttb_line(const struct model *m, struct grid *g, int x, int y, int cells)
{
    struct risk next;
    char ttb[24], p[16], why[LONGEST_WHY];

    if (!is_near(m, &next)) {
        bool any = next.row.id != GW_NONE;

        grid_text(g, x, y, cells, any ? STYLE_OK : STYLE_FAINT,
                  any ? "✓ no breach in sight within the hour"
                                  : "· no forecast yet");
        return;
    }
    text_duration(ttb, sizeof(ttb), next.ttb_s);
    text_probability(p, sizeof(p), next.p);
    grid_put(g, x, y, risk_ink(m, &next), mark_of_level(LEVEL_CRITICAL));
    grid_printf(g, x + 2, y, cells - 2, risk_ink(m, &next), "TIME TO BREACH %s: %s, p %s",
                isnan(next.ttb_s) ? "within 1 h" : ttb, next.name, p);
    model_forecast_why(m, next.forecast, why, sizeof(why));
    grid_sentence(g, x + 2, y + 1, cells - 2, STYLE_TEXT, why);
}

static void draw_bar(const struct model *m, struct grid *g, struct rect area)
{
    double cap = model_site_number(m, M_SITE_CAP),
           load = model_site_number(m, M_SITE_POWER) / cap, scale;
    const struct thresholds *t = model_thresholds(m);
    enum style ink = load >= t->power_critical    ? STYLE_CRITICAL
                     : load >= t->power_attention ? STYLE_ATTENTION
                                                  : STYLE_OK;
    const char *unit = site_unit(m, &scale);
    char number[24], text[48];

    if (isnan(load))
        return;
    chart_bar(g, (struct rect){ area.x, area.y, area.w, area.h - 1 }, load, ink);
    text_number(number, sizeof(number), cap / scale);
    snprintf(text, sizeof(text), "cap %s %s", number, unit);
    grid_text(g, area.x, area.y + area.h - 1, 1, STYLE_SECONDARY, "0");
    grid_right(g, area.x, area.y + area.h - 1, area.w, STYLE_CRITICAL, text);
    snprintf(text, sizeof(text), "%.1f%%", load * 100);
    grid_printf(g, area.x + 3, area.y + area.h - 1, -1, ink, "%s", text);
}

/* ---- panels ---- */

static void draw_panel_line(struct grid *g, struct rect area, const char *title,
                            enum style ink, const char *number, const char *words)
{
    enum { TITLE = 18, NUMBER = 12 };

    grid_text(g, area.x, area.y, TITLE - 1, STYLE_SECONDARY, title);
    grid_bold(g, area.x + TITLE, area.y, NUMBER - 1, ink, number);
    grid_text(g, area.x + TITLE + NUMBER, area.y, area.w - TITLE - NUMBER,
              STYLE_SECONDARY, words);
}

/* A number, large where there is room for it and its unit, and what it is of. */
static void draw_panel(struct grid *g, struct rect area, const char *title,
                       enum style ink, const char *number, const char *words)
{
    struct rect in;
    bool below;
    size_t digits = strcspn(number, " ");
    char text[48];

    if (area.h == 1) {
        draw_panel_line(g, area, title, ink, number, words);
        return;
    }
    in = grid_box(g, area, title, NULL);
    below = in.h > 1;
    snprintf(text, sizeof(text), "%.*s", (int)digits, number);
    if (in.h > DIGITS_H &&
        (isdigit((unsigned char)number[0]) || text_is(number, "YES") ||
         text_is(number, "NO")) &&
        chart_digits_width(1, text) + text_width(number + digits) <= in.w) {
        int x = in.x;

        x += chart_digits(g, x, in.y, 1, ink, text);
        grid_text(g, x, in.y + DIGITS_H - 1, in.x + in.w - x, STYLE_SECONDARY,
                  number + digits);
        grid_text(g, in.x, in.y + DIGITS_H, in.w, STYLE_SECONDARY, words);
        return;
    }
    grid_bold(g, in.x, in.y, 13, ink, number);
    grid_text(g, in.x + (below ? 0 : 14), in.y + below, in.w - (below ? 0 : 14),
              STYLE_SECONDARY, words);
}

static void panel_tokens(const struct model *m, struct grid *g, struct rect area)
{
    double tokens = 0, watts = 0;
    char number[48] = "—";

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++) {
        double rate = model_number(m, M_TENANT_TOKENS, row),
               power = model_number(m, M_TENANT_POWER, row);

        if (isnan(rate) || isnan(power))
            continue;
        tokens += rate;
        watts += power;
    }
    if (watts > 0)
        say_amount(number, sizeof(number), tokens / (watts / 1e6));
    draw_panel(g, area, "tokens/s per MW", watts > 0 ? STYLE_INFORMATION : STYLE_FAINT,
               number, watts > 0 ? "where they are metered" : "nobody meters tokens");
}

struct work {
    double busy, known, wasted; /* wasted: held by somebody, and idle */
    bool is_held;               /* somebody tells who holds them */
};

static struct work work_of_tenants(const struct model *m)
{
    struct work w = { 0 };

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++) {
        double works = model_number(m, M_TENANT_BUSY, row),
               idles = model_number(m, M_TENANT_IDLE, row);

        if (isnan(works) || isnan(idles))
            continue;
        w.busy += works;
        w.known += works + idles;
        if (!text_is(model_name(m, GW_TENANT, row), "unallocated"))
            w.wasted += idles;
    }
    w.is_held = w.known > 0;
    return w;
}

/* Where nobody tells of tenants: the GPUs as they are. */
static struct work work_of_gpus(const struct model *m)
{
    struct work w = { 0 };

    for (uint32_t row = 0; row < model_rows(m, GW_GPU); row++) {
        const char *state = gpu_state(m, row);
        bool is_busy = text_is(state, "busy");

        if (model_row_quality(m, GW_GPU, row) != GW_OK ||
            (!is_busy && !text_is(state, "idle")))
            continue;
        w.busy += is_busy;
        w.known++;
    }
    return w;
}

static void panel_gpus(const struct model *m, struct grid *g, struct rect area)
{
    struct work w = work_of_tenants(m);
    char number[32], words[64], count[32];

    if (!w.is_held)
        w = work_of_gpus(m);
    if (!(w.known > 0)) {
        draw_panel(g, area, "gpus busy", STYLE_FAINT, "—", "no source tells");
        return;
    }
    snprintf(number, sizeof(number), "%.1f%%", 100 * w.busy / w.known);
    say_count(count, sizeof(count), w.is_held ? w.wasted : w.known);
    snprintf(words, sizeof(words), w.is_held ? "%s held and idle" : "of %s GPUs", count);
    draw_panel(g, area, "gpus busy",
               w.busy < .8 * w.known ? STYLE_ATTENTION : STYLE_STRONG, number, words);
}

static void panel_queue(const struct model *m, struct grid *g, struct rect area)
{
    double pending = 0, running = 0;
    char number[32], words[64], count[32];

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        pending += text_is(model_text(m, M_JOB_STATE, row), "pending")
                       ? model_job_tasks(m, row)
                       : 0;
        running += text_is(model_text(m, M_JOB_STATE, row), "running");
    }
    if (model_rows(m, GW_JOB) == 0) {
        draw_panel(g, area, "queue", STYLE_FAINT, "—", "no source tells of jobs");
        return;
    }
    say_count(number, sizeof(number), pending);
    say_count(count, sizeof(count), running);
    snprintf(words, sizeof(words), "wait, %s run", count);
    draw_panel(g, area, "queue", STYLE_STRONG, number, words);
}

static void panel_n1(const struct model *m, struct grid *g, struct rect area)
{
    struct survival s = survival_of(m);
    char words[320];

    if (!s.is_dual || s.worst == GW_NONE) {
        draw_panel(g, area, "n-1", STYLE_FAINT, "—",
                   s.is_dual ? "power or caps are not known" : "no dual feed is known");
        return;
    }
    if (s.highest <= 1 && s.unknown > 0) {
        snprintf(words, sizeof(words), "%zu of %zu domains are not known", s.unknown,
                 s.known + s.unknown);
        draw_panel(g, area, "n-1", STYLE_ATTENTION, "?", words);
        return;
    }
    snprintf(words, sizeof(words), "%s at %.0f%% of its cap",
             model_name(m, GW_DOMAIN, s.worst), s.highest * 100);
    draw_panel(g, area, "n-1", s.highest > 1 ? STYLE_ATTENTION : STYLE_OK,
               s.highest > 1 ? "NO" : "YES", words);
}

static void (*const built_in[])(const struct model *, struct grid *,
                                struct rect) = { panel_gpus, panel_queue, panel_n1,
                                                 panel_tokens };

enum { PANELS = sizeof(built_in) / sizeof(built_in[0]) };

/* Panels under each other, all of one height. */
struct stack {
    int count, each, apart;
    int h;                      /* of all of them */
};

/* In so many lines, or a few less, so that they are alike. */
static struct stack stack_of(int count, int room)
{
    enum { LEAST = 3, GOOD = 4 };

    if (room < LEAST * count)
        count = room / LEAST;
    for (int h = room; h > room - count && h >= GOOD * count; h--)
        for (int apart = 1; apart >= 0; apart--)
            if ((h - apart * (count - 1)) % count == 0 &&
                h - apart * (count - 1) >= GOOD * count)
                return (struct stack){ count, (h - apart * (count - 1)) / count, apart,
                                       h };
    return (struct stack){ count, count > 0 ? room / count : 0, 0, room };
}

static struct rect panel_at(const struct stack *k, struct rect area, int i)
{
    return (struct rect){ area.x, area.y + i * (k->each + k->apart), area.w, k->each };
}

/* What the operator asked for, in the order they were asked. */
static void draw_own_panels(const struct screen *s, struct grid *g, struct rect area,
                            const struct stack *k)
{
    for (int i = 0; i < k->count; i++) {
        const struct panel *p = &s->panels[i];

        draw_panel(g, panel_at(k, area, i), p->title,
                   p->level == LEVEL_PLAIN ? STYLE_STRONG : style_of_level(p->level),
                   p->number, p->words);
    }
}

static void draw_panels(const struct screen *s, struct grid *g, struct rect area,
                        const struct stack *k)
{
    if (s->panels)
        draw_own_panels(s, g, area, k);
    else
        for (int i = 0; i < k->count; i++)
            built_in[i](s->model, g, panel_at(k, area, i));
}

static int panel_count(const struct screen *s)
{
    return s->panels ? (int)s->panel_count : PANELS;
}

/* A line each, between the time to a breach and the alarms. Returns how many. */
static int draw_panels_in_lines(const struct screen *s, struct grid *g, struct rect area)
{
    enum { ALARMS = 6 };
    int count = panel_count(s) < area.h - ALARMS ? panel_count(s) : area.h - ALARMS;
    struct stack lines = { .count = count, .each = 1 };

    if (count <= 0)
        return 0;
    draw_panels(s, g, area, &lines);
    if (s->panels && count < panel_count(s))
        grid_printf(g, area.x + area.w - 10, area.y + count - 1, 10, STYLE_FAINT,
                    "+%d more", panel_count(s) - count);
    return count;
}

/* ---- alarms ---- */

/* Of a forecast, how likely and why; else the alert's words. */
static void say_alarm(const struct model *m, uint32_t alert, char *to, size_t room)
{
    const char *text = model_text(m, M_ALERT_TEXT, alert),
               *subject = model_text(m, M_ALERT_SUBJECT, alert);
    double p = number_or_nan(m, M_DOMAIN_P, domain_of_alert(m, alert));
    uint32_t forecast = subject ? risk_forecast(m, subject) : GW_NONE;
    bool falls = level_of_alert(m, alert) == LEVEL_CRITICAL &&
                 p < model_thresholds(m)->p_critical;
    char chance[16], why[LONGEST_WHY];

    snprintf(to, room, "%s", text ? text : "");
    model_forecast_why(m, forecast, why, sizeof(why));
    if (!why[0] || !is_about_forecast(model_name(m, GW_ALERT, alert)) ||
        !(p >= model_thresholds(m)->p_attention))
        return;
    text_probability(chance, sizeof(chance), p);
    snprintf(to, room, "p %s%s: %s", chance, falls ? ", falling" : "", why);
}

/* "for 6m"; what has just begun has no time yet. */
static void say_for(char to[32], double seconds)
{
    char text[24];

    text_duration(text, sizeof(text), floor(seconds));
    snprintf(to, 32, seconds < 1 ? "just now" : "for %s", text);
}

/* In the lower edge, for who stands before the wall and must have it back: nobody else
 * reads it. */
static void draw_leave(const struct screen *s, struct grid *g, struct rect box)
{
    grid_printf(g, box.x + 2, box.y + box.h - 1, box.w / 2, STYLE_FAINT, " %s leaves ",
                s->leave);
}

static void draw_alarms(const struct screen *s, struct grid *g, struct rect area)
{
    const struct model *m = s->model;
    struct rect in = grid_box(g, area, "alarms", NULL);
    int names = in.w > 90 ? 19 : 12, step;
    size_t raised;
    struct alikes alikes;
    struct first f = raised_alerts(m, in.h, &raised, &alikes);

    step = in.h >= 6 && 2 * raised <= (size_t)in.h + 1 ? 2 : 1;
    draw_leave(s, g, area);
    draw_more(g, area, raised, f.count, STYLE_ATTENTION);
    if (f.count == 0)
        grid_text(g, in.x, in.y, in.w, STYLE_OK, "✓ none");
    for (size_t i = 0; i < f.count; i++) {
        enum level level = level_of_alert(m, f.rows[i]);
        const struct alike *alike = alike_of(&alikes, m, f.rows[i]);
        const char *subject = alike ? model_name(m, GW_DOMAIN, alike->whole)
                                    : model_text(m, M_ALERT_SUBJECT, f.rows[i]);
        double since = model_number(m, M_ALERT_SINCE, f.rows[i]);
        int y = in.y + (int)i * step;
        char clock[16], ago[32], text[LONGEST_WHY + 40];

        if (alike)
            say_alike(m, alike, text, sizeof(text));
        else
            say_alarm(m, f.rows[i], text, sizeof(text));
        say_moment(clock, sizeof(clock), m, since);
        say_for(ago, model_now(m) - since);
        grid_text(g, in.x + 1, y, 5, STYLE_SECONDARY, clock);
        grid_put(g, in.x + 9, y, style_of_level(level), mark_of_level(level));
        grid_bold(g, in.x + 12, y, names - 1, STYLE_STRONG, subject ? subject : "");
        grid_sentence(g, in.x + 12 + names, y, in.w - 26 - names, STYLE_TEXT,
                      text);
        grid_right(g, in.x + in.w - 12, y, 11, style_of_level(level), ago);
    }
}

/* ---- an alarm that takes over ---- */

/* The worst alert, if it is critical; GW_NONE: nothing is that bad. Of forecasts that of
 * the breach named above: the soonest. */
static uint32_t worst_alert(const struct model *m)
{
    size_t raised;
    struct alikes alikes;
    struct first f = raised_alerts(m, 1, &raised, &alikes);
    struct risk risk;
    uint32_t named;

    if (f.count == 0 || level_of_alert(m, f.rows[0]) != LEVEL_CRITICAL)
        return GW_NONE;
    if (!is_about_forecast(model_name(m, GW_ALERT, f.rows[0])) || !is_near(m, &risk) ||
        risk.row.kind != GW_DOMAIN)
        return f.rows[0];
    named = alert_of(m, risk.name, "forecast");
    return is_raised(m, named) && level_of_alert(m, named) == LEVEL_CRITICAL ? named
                                                                             : f.rows[0];
}

/* What is wrong, whose it is and since when, above the past and the future of just that
 * domain. The numbers above keep their places. */
static void draw_alarm(const struct model *m, struct grid *g, struct rect area,
                       uint32_t alert)
{
    struct rect in = grid_box(g, area, "ALARM", NULL);
    const char *subject = model_text(m, M_ALERT_SUBJECT, alert);
    struct row row = { GW_DOMAIN, subject ? model_find(m, GW_DOMAIN, subject) : GW_NONE };
    double since = model_number(m, M_ALERT_SINCE, alert);
    char ago[32], clock[24], text[LONGEST_WHY + 40];
    int x = in.x;

    say_alarm(m, alert, text, sizeof(text));
    for (int y = area.y; y < area.y + 3 && y < area.y + area.h; y++)
        for (int i = area.x; i < area.x + area.w; i++)
            if (grid_at(g, i, y) && grid_at(g, i, y)->ink == STYLE_LINE)
                grid_at(g, i, y)->ink = STYLE_CRITICAL;
    grid_put(g, x, in.y, STYLE_CRITICAL, mark_of_level(LEVEL_CRITICAL));
    x += 3 + grid_bold(g, x + 2, in.y, in.w - 4, STYLE_CRITICAL,
                       subject ? subject : model_site(m));
    grid_sentence(g, x, in.y, in.x + in.w - x, STYLE_STRONG, text);
    say_for(ago, model_now(m) - since);
    text_when(clock, sizeof(clock), since, model_now(m));
    grid_printf(g, in.x + 2, in.y + 1, in.w - 2, STYLE_SECONDARY, "since %s UTC, %s",
                clock, ago);
    if (row.id != GW_NONE && in.h > 8)
        draw_future(m, g, (struct rect){ in.x, in.y + 3, in.w, in.h - 3 }, row, 3600,
                    risk_forecast(m, model_name(m, row.kind, row.id)));
}

/* ---- the whole ---- */

static void draw(const struct screen *s, struct grid *g, struct rect area)
{
    const struct model *m = s->model;
    int margin = area.w >= 120 ? MARGIN : 1, x = area.x + margin, w = area.w - 2 * margin;
    bool roomy = area.h >= 36;
    int scale = area.w >= 220 && area.h >= 56 ? 2 : 1, y = area.y + (roomy ? 3 : 2);
    int big_h = 2 + DIGITS_H * scale, bar_h = roomy ? 3 : 2, left_w = w * 13 / 20,
        most = w - TTB_W * scale - 3, alarms_h;
    bool beside = w >= 112; /* room for two big numbers */
    uint32_t alarm = worst_alert(m);
    struct rect panels, chart;
    struct stack stack;
    int panels_x;

    left_w = left_w < most ? left_w : most;
    panels_x = beside ? x + left_w + 3 : x;

    draw_top(s, g, area);
    draw_power(m, g, x, y, scale);
    if (beside)
        draw_ttb(m, g, panels_x, y, scale, area.x + area.w - panels_x - 1, roomy ? 2 : 1);
    draw_bar(m, g, (struct rect){ x, y + big_h + roomy, beside ? left_w : w, bar_h });
    if (is_old(m))
        draw_hatch(s, g, (struct rect){ x, y, w, big_h + roomy + bar_h });
    y += big_h + bar_h + 1 + 2 * roomy;
    if (!beside) {
        draw_ttb_line(m, g, x, y, w);
        y += 3;
        y += draw_panels_in_lines(s, g, (struct rect){ x, y, w, area.y + area.h - y });
        draw_alarms(s, g, (struct rect){ x, y, w, area.y + area.h - y });
        return;
    }
    alarms_h = area.y + area.h - y >= 26 ? 10 : 5;
    stack = stack_of(panel_count(s), area.y + area.h - y - alarms_h);
    alarms_h = area.y + area.h - y - stack.h;
    panels = (struct rect){ panels_x, y, x + w - panels_x, stack.h };
    draw_panels(s, g, panels, &stack);
    chart = (struct rect){ x, y, left_w, stack.h };
    if (alarm != GW_NONE)
        draw_alarm(m, g, chart, alarm);
    else
        draw_next_hour(m, g, chart, NULL);
    draw_alarms(s, g, (struct rect){ x, area.y + area.h - alarms_h, w, alarms_h });
}

const struct view wall_view = {
    .name = "wall",
    .title = "wall",
    .help = "The wall display of --wall: read-only, no keys, and never silent about how "
            "old its data are.",
    .off_screen = true,
    .draw = draw,
};
