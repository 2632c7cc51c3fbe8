/* The overview: who draws what, when it will not do, why, and what happened. Which boxes
 * there are depends on the size of the screen; at 80x24 the tree and the sentence at risk
 * remain. */
#include "views/parts.h"

/* ---- power: the tree, as deep as fits ---- */

enum {
    TREE_ROOM = 128,
    P_W = 7,
    TTB_W = 6,
    FREE_W = 7,
    POWER_W = 8,
    CAP_W = 7,
    LONGEST_RAIL = 32,
    LONGEST_SPARK = 24
};

struct branch {
    uint32_t row;
    unsigned depth;
    bool opened;
};
struct branches {
    struct branch items[TREE_ROOM];
    size_t count;
};

enum { DEEPEST = 16 };

static unsigned depth_of(const struct model *m, uint32_t row)
{
    unsigned depth = model_depth(m, GW_DOMAIN, row);

    return depth < DEEPEST ? depth : DEEPEST;
}

static double load_of(const struct model *m, uint32_t row)
{
    return model_number(m, M_DOMAIN_POWER, row) / model_number(m, M_DOMAIN_CAP, row);
}

static bool is_at_risk(const struct model *m, uint32_t row)
{
    const struct thresholds *t = model_thresholds(m);

    return model_number(m, M_DOMAIN_P, row) >= t->p_attention ||
           load_of(m, row) >= t->power_attention;
}

/* How many whole levels of the tree fit: always the first. */
static unsigned levels_that_fit(const struct model *m, size_t lines)
{
    size_t at_depth[DEEPEST + 1] = { 0 }, sum;
    unsigned levels = 1;

    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++)
        at_depth[depth_of(m, row)]++;
    for (sum = at_depth[0]; levels < DEEPEST && at_depth[levels] > 0; levels++) {
        sum += at_depth[levels];
        if (sum > lines)
            break;
    }
    return levels;
}

/* Whole levels first; what room is left goes to the parts of what is at risk. */
static struct branches choose_branches(const struct model *m, int lines)
{
    const uint32_t *order = model_order(m, GW_DOMAIN);
    size_t rows = model_rows(m, GW_DOMAIN),
           room = lines > TREE_ROOM ? TREE_ROOM : (size_t)lines;
    unsigned levels = levels_that_fit(m, room);
    size_t left = room;
    struct branches b = { .count = 0 };

    for (size_t i = 0; i < rows; i++)
        left -= left > 0 && depth_of(m, order[i]) < levels;
    for (size_t i = 0; i < rows && b.count < room; i++) {
        unsigned depth = depth_of(m, order[i]);
        bool extra = depth >= levels && left > 0 && is_at_risk(m, order[i]) &&
                     b.count > 0 && b.items[b.count - 1].depth + 1 >= depth;

        if (depth >= levels && !extra)
            continue;
        left -= extra;
        if (b.count > 0 && depth > b.items[b.count - 1].depth)
            b.items[b.count - 1].opened = true;
        b.items[b.count++] = (struct branch){ order[i], depth, false };
    }
    return b;
}

static bool has_parts(const struct model *m, uint32_t row)
{
    struct row part = model_first_part(m, (struct row){ GW_DOMAIN, row });

    return part.id != GW_NONE && part.kind == GW_DOMAIN;
}

/* Where the columns of the tree start, from the right end. */
struct tree_columns {
    int power, cap, rail, rail_w, free, p, ttb;
};

static struct tree_columns tree_columns_of(struct rect in)
{
    struct tree_columns c;
    int names = in.w > 64 ? 18 : 15, right = in.x + in.w;

    c.ttb = right - TTB_W;
    c.p = c.ttb - P_W;
    c.free = c.p - FREE_W;
    c.rail_w = c.free - 1 - in.x - names - POWER_W - CAP_W - 2;
    if (c.rail_w > LONGEST_RAIL)
        c.rail_w = LONGEST_RAIL;
    if (c.rail_w < 4)
        c.rail_w = 0;
    c.rail = c.free - c.rail_w;
    c.cap = c.rail - CAP_W - (c.rail_w ? 2 : 0);
    c.power = c.cap - POWER_W;
    return c;
}

static enum style ink_of_p(const struct model *m, double p)
{
    const struct thresholds *t = model_thresholds(m);

    return p >= t->p_critical    ? STYLE_CRITICAL
           : p >= t->p_attention ? STYLE_ATTENTION
                                 : STYLE_SECONDARY;
}

static void draw_branch_load(const struct model *m, struct grid *g,
                             const struct tree_columns *c, int y, uint32_t row)
{
    double load = load_of(m, row);
    struct cell cell = { .number = load };
    enum level level = load_level(m, row, &cell);
    enum style ink = level == LEVEL_PLAIN ? STYLE_OK : style_of_level(level);
    char text[32];

    if (isnan(load)) {
        grid_right(g, c->free, y, FREE_W - 1, STYLE_FAINT, "—");
        return;
    }
    chart_rail(g, c->rail, y, c->rail_w, load, ink);
    snprintf(text, sizeof(text), "%.1f%%", (1 - load) * 100);
    grid_right(g, c->free, y, FREE_W, ink, text);
}

static void draw_branch(const struct screen *s, struct grid *g, struct rect in,
                        const struct tree_columns *c, int y, const struct branch *b,
                        double scale)
{
    const struct model *m = s->model;
    double p = model_number(m, M_DOMAIN_P, b->row);
    bool stale = model_quality(m, M_DOMAIN_POWER, b->row) == GW_STALE;
    const char *name = model_name(m, GW_DOMAIN, b->row);
    int x = in.x + 2 * (int)b->depth;
    char text[64];

    if (has_parts(m, b->row))
        grid_put(g, x + 1, y, STYLE_FAINT, b->opened ? 0x25be : 0x25b8);
    if (b->depth == 0)
        grid_bold(g, x + 3, y, c->power - x - 3, STYLE_STRONG, name);
    else
        grid_text(g, x + 3, y, c->power - x - 3, STYLE_TEXT, name);
    say_scaled(text, sizeof(text), model_number(m, M_DOMAIN_POWER, b->row), scale);
    grid_right(g, c->power, y, POWER_W, stale ? STYLE_FAINT : STYLE_TEXT, text);
    if (stale)
        grid_put(g, c->power + POWER_W, y, STYLE_ATTENTION, 0x25d0);
    text_number(text, sizeof(text), model_number(m, M_DOMAIN_CAP, b->row) / scale);
    grid_right(g, c->cap, y, CAP_W, STYLE_SECONDARY, text);
    draw_branch_load(m, g, c, y, b->row);
    text_probability(text, sizeof(text), p);
    grid_right(g, c->p, y, P_W, ink_of_p(m, p), text);
    text_duration(text, sizeof(text), model_number(m, M_DOMAIN_TTB, b->row));
    grid_right(g, c->ttb, y, TTB_W, ink_of_p(m, p), text);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name, "power");
}

/* What no single row says: how much of it is known, what is missing, and whether a loss
 * would be survived. */
static void draw_power_foot(const struct model *m, struct grid *g, struct rect in)
{
    struct coverage c = model_coverage(m);
    struct survival s = survival_of(m);
    int x = in.x + 1, y = in.y + in.h - 1;

    if (!isnan(coverage_percent(&c)))
        x += grid_printf(g, x, y, in.x + in.w - x, STYLE_SECONDARY, "coverage %.1f %%   ",
                         coverage_percent(&c));
    if (!s.is_dual || s.worst == GW_NONE)
        return;
    x +=
        grid_text(g, x, y, in.x + in.w - x, STYLE_SECONDARY, "survives loss of a feed: ");
    if (s.highest > 1)
        grid_bold(g, x, y, in.x + in.w - x, STYLE_ATTENTION, "no");
    else if (s.unknown > 0)
        grid_printf(g, x, y, in.x + in.w - x, STYLE_ATTENTION, "unknown for %zu of %zu",
                    s.unknown, s.known + s.unknown);
    else
        grid_bold(g, x, y, in.x + in.w - x, STYLE_OK, "yes");
}

static void draw_power(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "power", "2");
    struct tree_columns c = tree_columns_of(in);
    struct branches b = choose_branches(s->model, in.h - 2);
    double scale;
    const char *unit = site_unit(s->model, &scale);

    if (b.count == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT,
                  "no domains yet; 0 shows what the sources say");
        return;
    }
    grid_text(g, in.x + 1, in.y, -1, STYLE_SECONDARY, "domain");
    grid_right(g, c.power, in.y, POWER_W, STYLE_SECONDARY, unit);
    grid_right(g, c.cap, in.y, CAP_W, STYLE_SECONDARY, "cap");
    grid_right(g, c.free, in.y, FREE_W, STYLE_SECONDARY, "free");
    grid_right(g, c.p, in.y, P_W, STYLE_SECONDARY, "p(1h)");
    grid_right(g, c.ttb, in.y, TTB_W, STYLE_SECONDARY, "ttb");
    for (size_t i = 0; i < b.count; i++)
        draw_branch(s, g, in, &c, in.y + 1 + (int)i, &b.items[i], scale);
    draw_power_foot(s->model, g, in);
}

/* ---- at risk ---- */

static void draw_risk_line(const struct screen *s, struct grid *g, struct rect in, int y,
                           uint32_t row, double p)
{
    const char *name = model_name(s->model, GW_DOMAIN, row), *why;
    uint32_t forecast = risk_forecast(s->model, name);
    enum style ink = ink_of_p(s->model, p);
    int names = in.w > 90 ? 18 : 13;
    char text[16];

    why = forecast == GW_NONE ? NULL : model_text(s->model, M_FORECAST_WHY, forecast);
    text_probability(text, sizeof(text), p);
    grid_put(g, in.x, y, ink,
             ink == STYLE_SECONDARY ? 0xb7 : mark_of_level(LEVEL_CRITICAL));
    if (ink == STYLE_SECONDARY)
        grid_text(g, in.x + 2, y, names - 3, STYLE_SECONDARY, name);
    else
        grid_bold(g, in.x + 2, y, names - 3, STYLE_STRONG, name);
    grid_right(g, in.x + names, y, 4, ink, text);
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6,
              ink == STYLE_SECONDARY ? STYLE_FAINT : STYLE_TEXT, why ? why : "");
    if (forecast != GW_NONE)
        screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 },
                    model_name(s->model, GW_FORECAST, forecast), "forecast");
}

static void draw_alert_line(const struct screen *s, struct grid *g, struct rect in, int y,
                            uint32_t row)
{
    const char *text = model_text(s->model, M_ALERT_TEXT, row);
    const char *subject = model_text(s->model, M_ALERT_SUBJECT, row);
    enum level level = level_of_word(model_text(s->model, M_ALERT_LEVEL, row));
    int names = in.w > 90 ? 18 : 13;

    grid_put(g, in.x, y, style_of_level(level), mark_of_level(level));
    grid_bold(g, in.x + 2, y, names + 3, STYLE_STRONG, subject ? subject : "");
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6, STYLE_TEXT, text ? text : "");
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 },
                model_name(s->model, GW_ALERT, row), "alerts");
}

/* The site's own forecast: the line that is there even where no domain has a cap. */
static void draw_site_risk(const struct model *m, struct grid *g, struct rect in, int y,
                           uint32_t forecast)
{
    double p = model_number(m, M_FORECAST_P, forecast);
    const char *why = model_text(m, M_FORECAST_WHY, forecast);
    enum style ink = ink_of_p(m, p);
    bool calm = ink == STYLE_SECONDARY;
    int names = in.w > 90 ? 18 : 13;
    char text[16];

    text_probability(text, sizeof(text), p);
    grid_put(g, in.x, y, ink, calm ? 0xb7 : mark_of_level(LEVEL_CRITICAL));
    grid_text(g, in.x + 2, y, names - 3, calm ? STYLE_SECONDARY : STYLE_STRONG,
              "the site");
    grid_right(g, in.x + names, y, 4, ink, text);
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6, calm ? STYLE_FAINT : STYLE_TEXT,
              why ? why : "");
}

/* How many of the riskiest are likely enough to come before the alerts; half the box is
 * the alerts'. */
static size_t count_likely(const struct model *m, const struct first *risks,
                           size_t alerts, int h)
{
    size_t likely = 0;

    while (likely < risks->count &&
           risks->keys[likely] >= model_thresholds(m)->p_attention)
        likely++;
    return likely > (size_t)h / 2 && alerts > 0 ? (size_t)(h + 1) / 2 : likely;
}

/* What is forecast has its own line here already. */
static void drop_forecasts(const struct model *m, struct first *alerts)
{
    size_t kept = 0;

    for (size_t i = 0; i < alerts->count; i++)
        if (!is_about_forecast(model_name(m, GW_ALERT, alerts->rows[i])))
            alerts->rows[kept++] = alerts->rows[i];
    alerts->count = kept;
}

/* The domains from `next` on, and the site among them by its probability. */
static void draw_the_rest(const struct screen *s, struct grid *g, struct rect in,
                          const struct first *risks, size_t next)
{
    uint32_t site = risk_forecast(s->model, model_site(s->model));
    double p = number_or_nan(s->model, M_FORECAST_P, site);
    bool site_is_due = !isnan(p);

    for (int y = in.y; y < in.y + in.h; y++) {
        bool more = next < risks->count;

        if (site_is_due && (!more || p >= risks->keys[next])) {
            draw_site_risk(s->model, g, in, y, site);
            site_is_due = false;
        } else if (more) {
            draw_risk_line(s, g, in, y, risks->rows[next], risks->keys[next]);
            next++;
        }
    }
}

/* Forecast breaches first, then what is wrong already; when all is well, who is closest
 * to a breach. */
static void draw_at_risk(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "at risk", "a");
    const struct model *m = s->model;
    struct first risks = riskiest(m, in.h), alerts = raised_alerts(m, in.h);
    size_t likely;
    int y = in.y, end = in.y + in.h;

    drop_forecasts(m, &alerts);
    likely = count_likely(m, &risks, alerts.count, in.h);
    for (size_t i = 0; i < likely && y < end; i++)
        draw_risk_line(s, g, in, y++, risks.rows[i], risks.keys[i]);
    for (size_t i = 0; i < alerts.count && y < end; i++)
        draw_alert_line(s, g, in, y++, alerts.rows[i]);
    if (risks.count == 0 && risk_forecast(m, model_site(m)) == GW_NONE && y < end)
        grid_text(g, in.x, y++, in.w, STYLE_FAINT, "· no forecast yet");
    draw_the_rest(s, g, (struct rect){ in.x, y, in.w, end - y }, &risks, likely);
}

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
    if (spark > 4 && trend.count > 0)
        chart_spark(g, x + 38, y, spark, trend.values, trend.count, STYLE_INFORMATION);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name, "tenants");
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
    text_clock(text, sizeof(text), start);
    grid_right(g, in.x + 39, y, 8, ink, isnan(start) ? "—" : text);
    grid_text(g, in.x + 49, y, in.w - 49, STYLE_SECONDARY, reason ? reason : "");
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name,
                "jobs where state = pending");
}

static void draw_crossing(struct grid *g, struct rect in, int y)
{
    static const char words[] = " from here on, the queue crosses the site’s cap ";
    int x;

    for (int i = 0; i < in.w; i++)
        grid_put(g, in.x + i, y, STYLE_CRITICAL, 0x254c); /* ╌ */
    x = in.x + 2;
    grid_text(g, x, y, in.w - 4, STYLE_CRITICAL, words);
}

static void draw_queue_foot(const struct model *m, struct grid *g, struct rect in)
{
    size_t running = 0, pending = 0;
    char runs[32], waits[32];

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        const char *state = model_text(m, M_JOB_STATE, row);

        running += text_is(state, "running");
        pending += text_is(state, "pending");
    }
    say_count(runs, sizeof(runs), (double)running);
    say_count(waits, sizeof(waits), (double)pending);
    grid_printf(g, in.x, in.y + in.h - 1, in.w, STYLE_FAINT, "%s running · %s pending",
                runs, waits);
}

static void draw_queue(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "queue", "7");
    const struct model *m = s->model;
    struct first f = next_jobs(m, in.h - 3);
    double headroom = site_number(m, M_SITE_CAP) - site_number(m, M_SITE_POWER), sum = 0,
           scale;
    const char *unit = site_unit(m, &scale);
    bool crossed = false;
    int y = in.y;

    if (model_rows(m, GW_JOB) == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "no source tells of jobs");
        return;
    }
    grid_text(g, in.x, y, -1, STYLE_SECONDARY, "job       tenant");
    grid_right(g, in.x + 24, y, 7, STYLE_SECONDARY, "GPUs");
    grid_printf(g, in.x + 38 - text_width(unit), y, -1, STYLE_SECONDARY, "+%s", unit);
    grid_right(g, in.x + 39, y, 8, STYLE_SECONDARY, "start");
    grid_text(g, in.x + 49, y++, in.w - 49, STYLE_SECONDARY, "reason");
    for (size_t i = 0; i < f.count && y < in.y + in.h - 1; i++) {
        double adds = model_number(m, M_JOB_PREDICTED, f.rows[i]);

        sum += isnan(adds) ? 0 : adds;
        if (!crossed && sum > headroom) {
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
    char clock[16];

    text_clock(clock, sizeof(clock), model_number(s->model, M_EVENT_TIME, row));
    grid_text(g, in.x, y, 5, STYLE_FAINT, clock);
    grid_put(g, in.x + 6, y, style_of_level(level),
             level == LEVEL_OK ? 0x2713 : mark_of_level(level));
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

/* Tokens of those who meter them, and how much of the power they stand for. */
static void draw_tokens(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "tokens", "m");
    const struct model *m = s->model;
    double tokens = 0, metered = 0, unmetered = 0, scale;
    char rate[48], per_mw[48], watts[24];
    const char *unit;
    int x = in.x;

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++) {
        double t = model_number(m, M_TENANT_TOKENS, row),
               power = model_number(m, M_TENANT_POWER, row);

        if (isnan(power))
            continue;
        *(isnan(t) ? &unmetered : &metered) += power;
        tokens += isnan(t) ? 0 : t;
    }
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
    unit = unit_scale(UNIT_W, unmetered, &scale);
    text_number(watts, sizeof(watts), unmetered / scale);
    grid_printf(g, in.x, in.y + 1, in.w, STYLE_FAINT,
                "%s %s of power is not metered in tokens", watts, unit);
}

/* ---- the whole ---- */

enum { SENTENCE_BESIDE = 136, TWO_COLUMNS = 112, SMALLEST_LIST = 5 };

static struct rect slice(struct rect *from, int h)
{
    struct rect top = { from->x, from->y, from->w, h < from->h ? h : from->h };

    from->y += top.h;
    from->h -= top.h;
    return top;
}

static void draw_narrow(const struct screen *s, struct grid *g, struct rect area)
{
    bool chart = area.h >= 34, events = area.h >= 44;

    draw_power(s, g, slice(&area, area.h - 6 - (chart ? 12 : 0) - (events ? 8 : 0)));
    draw_at_risk(s, g, slice(&area, 6));
    if (chart)
        draw_chart(s, g, slice(&area, 12));
    if (events)
        draw_events(s, g, area);
}

static int tenants_known(const struct model *m)
{
    int count = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_TENANT); row++)
        count += model_name(m, GW_TENANT, row) != NULL;
    return count;
}

static void draw_wide(const struct screen *s, struct grid *g, struct rect area)
{
    int left_w = (area.w - 1) * 53 / 100;
    struct rect left = { area.x, area.y, left_w, area.h };
    struct rect right = { area.x + left_w + 1, area.y, area.w - left_w - 1, area.h };
    int upper = area.h >= 30 ? area.h * 2 / 5 : area.h - 7;
    int tenants = tenants_known(s->model) + 3;

    draw_power(s, g, slice(&left, upper));
    if (area.w < SENTENCE_BESIDE) {
        /* The sentence is worth more than its place: it gets the whole width. */
        struct rect band = { area.x, left.y, area.w, area.h >= 30 ? 5 : left.h };

        draw_chart(s, g, slice(&right, upper));
        draw_at_risk(s, g, band);
        slice(&left, band.h);
        slice(&right, band.h);
    } else {
        draw_at_risk(s, g, slice(&left, area.h >= 30 ? area.h / 4 : left.h));
        draw_chart(s, g, slice(&right, area.h >= 30 ? upper : area.h / 2));
    }
    if (left.h >= 6)
        draw_queue(s, g, left);
    if (right.h >= 4)
        draw_tenants(s, g, slice(&right, tenants < right.h / 2 ? tenants : right.h / 2));
    if (right.h >= 4 + SMALLEST_LIST && has_tokens(s->model))
        draw_tokens(s, g, slice(&right, 4));
    if (right.h >= 4)
        draw_events(s, g, right);
}

static void draw(const struct screen *s, struct grid *g, struct rect area)
{
    if (area.w >= TWO_COLUMNS)
        draw_wide(s, g, area);
    else
        draw_narrow(s, g, area);
}

const struct view overview_view = {
    .name = "overview",
    .title = "overview",
    .help = "How much power is drawn, by whom, against which cap; when a cap will be "
            "breached, and why. "
            "Arrows choose, Enter opens.",
    .key = '1',
    .linear = "domains: domains where kind != rack show name,power,cap,load,p,ttb limit 12\n"
              "at risk: forecasts where horizon = 1h and p >= .1 show domain,p,ttb,why sort -p limit 5\n"
              "who draws it: tenants show name,power,share,gpus,idle,tokens_per_mw sort -power limit 8\n"
              "what waits: jobs where state = pending show id,tenant,gpus,power_predicted,start,reason sort start limit 8\n"
              "what is wrong: alerts where state = raised limit 8\n",
    .draw = draw,
};
