/* One forecast, drawn: what was, what may come, against which cap, when that is passed,
 * why, and how such forecasts have done so far. Opened on a row of the forecasts; by
 * itself it shows the risk. */
#include "views/parts.h"

#include <string.h>

enum {
    RECORD_W = 56,
    SIDE_BY_SIDE = 104,
    LABELS = 26,
    COLUMN = 12,
    WHY_LABELS = 19,
    WHY_COLUMN = 11,
    TERMS_W = 26,
    LEAST_BAR = 7,
    LONGEST_BAR = 41
};

/* What is shown; forecast GW_NONE: nothing is. */
struct shown {
    struct row row;
    uint32_t forecast;
    const char *name;           /* the domain's */
    double horizon_s;
};

static struct row row_of_name(const struct model *m, const char *name)
{
    uint32_t id = name ? model_find(m, GW_DOMAIN, name) : GW_NONE;

    if (id != GW_NONE || !name)
        return (struct row){ GW_DOMAIN, id };
    return (struct row){ GW_SITE, model_find(m, GW_SITE, name) };
}

static struct shown shown_of(const struct screen *s)
{
    const struct model *m = s->model;
    uint32_t forecast = model_find(m, GW_FORECAST, s->subject);
    struct risk risk = risk_of(m);
    struct shown it = { .forecast = forecast };

    if (!s->subject[0])
        it.forecast =
            risk.row.id == GW_NONE ? risk_forecast(m, model_site(m)) : risk.forecast;
    else if (it.forecast == GW_NONE)
        it.forecast = risk_forecast(m, s->subject);     /* a domain's name: of the hour */
    if (it.forecast == GW_NONE)
        return it;
    it.name = model_text(m, M_FORECAST_DOMAIN, it.forecast);
    it.row = row_of_name(m, it.name);
    it.horizon_s = model_number(m, M_FORECAST_HORIZON, it.forecast);
    if (it.row.id == GW_NONE || isnan(it.horizon_s))
        it.forecast = GW_NONE;
    return it;
}

static struct row row_shown(const struct screen *s)
{
    return (struct row){ GW_FORECAST, shown_of(s).forecast };
}

static double of(const struct model *m, const struct shown *it, uint16_t metric)
{
    return model_number(m, metric, it->forecast);
}

/* What it drew when the forecast was made: all of the page is of that moment, so that its
 * numbers add up. */
static double power_then(const struct model *m, const struct shown *it)
{
    double then = of(m, it, M_FORECAST_POWER);

    return isnan(then) ? capped_power(m, it->row) : then;
}

/* "1 h", "15 min": as one says it. */
static void say_horizon(char *to, size_t room, double seconds)
{
    snprintf(to, room, seconds < 3600 ? "%.0f min" : "%.0f h",
             seconds / (seconds < 3600 ? 60 : 3600));
}

/* ---- whose it is, and against which cap ---- */

static void say_cap(char *to, size_t room, const struct cap *cap)
{
    char window[24], dwell[24];
    size_t used = 0;

    to[0] = '\0';
    text_duration(window, sizeof(window), cap->window_s);
    text_duration(dwell, sizeof(dwell), cap->dwell_s);
    if (cap->window_s > 0)
        used = (size_t)snprintf(to, room, "%s over %s%s",
                                cap->aggregate == CAP_MEAN ? "mean" : "highest", window,
                                cap->aligned ? " of the clock" : "");
    if (cap->dwell_s > 0 && used < room)
        snprintf(to + used, room - used, "%sfor %s", used ? ", " : "", dwell);
}

/* "feed-A / hall-2 / bus-2B". */
static int draw_path(const struct model *m, struct grid *g, int x, int y, struct row row,
                     int cells)
{
    struct row up = model_parent(m, row.kind, row.id);
    int used = 0;

    if (up.id != GW_NONE && up.kind == GW_DOMAIN && cells > 40) {
        used = draw_path(m, g, x, y, up, cells - 20);
        used += grid_text(g, x + used, y, cells - used, STYLE_FAINT, " / ");
    }
    return used + grid_bold(g, x + used, y, cells - used, STYLE_STRONG,
                            model_name(m, row.kind, row.id));
}

/* Returns where it ends. */
static int draw_subject(const struct model *m, struct grid *g, struct rect area,
                        const struct shown *it)
{
    const struct cap *cap = it->row.kind == GW_SITE ? NULL : model_cap(m, it->row.id);
    char power[40], most[40], words[128] = "";
    int x = area.x + 2, right = area.x + area.w;

    x += draw_path(m, g, x, area.y, it->row, area.w / 2) + 3;
    text_watts(power, sizeof(power), power_then(m, it));
    text_watts(most, sizeof(most), of(m, it, M_FORECAST_CAP));
    x += grid_text(g, x, area.y, right - x, STYLE_TEXT, power);
    if (is_n1(m, it->row))
        x += grid_text(g, x, area.y, right - x, STYLE_SECONDARY,
                       " with the other feed lost");
    if (isnan(of(m, it, M_FORECAST_CAP)))
        x += grid_text(g, x, area.y, right - x, STYLE_SECONDARY, ", no cap");
    else
        x += grid_printf(g, x, area.y, right - x, STYLE_SECONDARY, " of %s", most);
    if (!cap)
        return x;
    say_cap(words, sizeof(words), cap);
    if (words[0] && x + 3 < right)
        x += 3 + grid_text(g, x + 3, area.y, right - x - 3, STYLE_SECONDARY, words);
    if (cap->origin[0] && x + 3 < right)
        x += 3 + grid_printf(g, x + 3, area.y, right - x - 3, STYLE_FAINT, "cap from %s",
                             cap->origin);
    return x;
}

/* ---- the sentence ---- */

static int draw_p_at(const struct model *m, struct grid *g, int x, int y, int cells,
                     const char *domain, const char *horizon, bool first)
{
    char key[300], p[16];
    uint32_t row;

    snprintf(key, sizeof(key), "%s@%s", domain, horizon);
    row = model_find(m, GW_FORECAST, key);
    if (row == GW_NONE || isnan(model_number(m, M_FORECAST_P, row)) || cells < 10)
        return 0;
    text_probability(p, sizeof(p), model_number(m, M_FORECAST_P, row));
    return grid_printf(g, x, y, cells, STYLE_SECONDARY, "%s%s in %s", first ? "p " : "  ",
                       p, horizon);
}

/* "breach 14:08–14:14   p .38 in 5m  .77 in 15m  .81 in 1h": when, and how sure at every
 * horizon. */
static void draw_verdict(const struct model *m, struct grid *g, int x, int y, int cells,
                         const struct shown *it)
{
    static const char *const horizons[] = { "1m", "5m", "15m", "1h", "6h", "24h" };
    double p = of(m, it, M_FORECAST_P), made = of(m, it, M_FORECAST_ORIGIN);
    const struct thresholds *t = model_thresholds(m);
    char early[16], late[16];
    int used;

    text_clock(early, sizeof(early), made + of(m, it, M_FORECAST_TTB_P10));
    text_clock(late, sizeof(late), made + of(m, it, M_FORECAST_TTB_P90));
    if (isnan(p))
        used = grid_text(g, x, y, cells, STYLE_FAINT,
                         isnan(of(m, it, M_FORECAST_CAP)) ? "no cap to breach"
                                                          : "still learning");
    else if (p < t->p_attention)
        used = isnan(of(m, it, M_FORECAST_TTB_P50))
                   ? grid_text(g, x, y, cells, STYLE_OK, "✓ no breach in sight")
                   : grid_text(g, x, y, cells, STYLE_SECONDARY,
                               "· a breach is possible, but unlikely");
    else
        used = grid_printf(
            g, x, y, cells, p >= t->p_critical ? STYLE_CRITICAL : STYLE_ATTENTION,
            text_is(early, late) ? "▲ breach %s" : "▲ breach %s–%s", early, late);
    used += 3;
    for (size_t i = 0, from = (size_t)used; i < sizeof(horizons) / sizeof(horizons[0]);
         i++)
        used += draw_p_at(m, g, x + used, y, cells - used, it->name, horizons[i],
                          (size_t)used == from);
}

static void draw_sentence(const struct model *m, struct grid *g, struct rect in,
                          const struct shown *it)
{
    const char *why = model_text(m, M_FORECAST_WHY, it->forecast);

    draw_verdict(m, g, in.x + 1, in.y, in.w - 2, it);
    if (in.h > 1)
        grid_sentence(g, in.x + 1, in.y + 1, in.w - 2, STYLE_TEXT, why ? why : "");
}

/* ---- the chart ---- */

/* The horizons at the upper edge: the one shown stands out, the others can be chosen. */
static void draw_horizons(const struct screen *s, struct grid *g, struct rect area,
                          const struct shown *it)
{
    static const char *const horizons[] = { "1m", "5m", "15m", "1h", "6h", "24h" };
    int x = area.x + area.w - 28;

    for (size_t i = 0; i < sizeof(horizons) / sizeof(horizons[0]) && x > area.x + 16;
         i++) {
        char key[300];
        uint32_t row;
        int w = text_width(horizons[i]);

        snprintf(key, sizeof(key), "%s@%s", it->name, horizons[i]);
        row = model_find(s->model, GW_FORECAST, key);
        if (row == GW_NONE)
            continue;
        if (row == it->forecast)
            grid_bold(g, x + 1, area.y, w, STYLE_ACCENT, horizons[i]);
        else
            grid_text(g, x + 1, area.y, w, STYLE_SECONDARY, horizons[i]);
        grid_put(g, x, area.y, STYLE_LINE, ' ');
        grid_put(g, x + w + 1, area.y, STYLE_LINE, ' ');
        screen_spot(s, (struct rect){ x, area.y, w + 2, 1 },
                    model_name(s->model, GW_FORECAST, row), "forecast");
        x += w + 2;
    }
}

static void draw_chart(const struct screen *s, struct grid *g, struct rect area,
                       const struct shown *it)
{
    struct rect in = grid_box(g, area, "forecast", NULL);
    int sentence = in.h > 8 ? 2 : 1;

    draw_horizons(s, g, area, it);
    draw_future(s->model, g, (struct rect){ in.x, in.y, in.w, in.h - sentence }, it->row,
                it->horizon_s, it->forecast);
    draw_sentence(s->model, g,
                  (struct rect){ in.x, in.y + in.h - sentence, in.w, sentence }, it);
}

/* ---- why ---- */

static void draw_line(struct grid *g, struct rect in, int *y, const char *label,
                      const char *value, enum style ink)
{
    if (*y >= in.y + in.h)
        return;
    grid_text(g, in.x, *y, in.w - WHY_COLUMN, STYLE_SECONDARY, label);
    grid_right(g, in.x + WHY_LABELS, (*y)++, WHY_COLUMN, ink, value);
}

static void draw_watts(const struct model *m, struct grid *g, struct rect in, int *y,
                       const char *label, const struct shown *it, uint16_t metric,
                       enum style ink)
{
    char text[40];

    text_watts(text, sizeof(text), of(m, it, metric));
    draw_line(g, in, y, label, text, ink);
}

/* "made from power, as one of a fleet". */
static void draw_basis(const struct model *m, struct grid *g, struct rect in, int y,
                       const struct shown *it)
{
    const char *basis = model_text(m, M_FORECAST_BASIS, it->forecast);
    const char *method = model_text(m, M_FORECAST_METHOD, it->forecast);

    grid_printf(g, in.x, y, in.w, STYLE_FAINT, "made from %s%s%s",
                basis ? basis : "the power alone",
                model_text(m, M_FORECAST_CONTINGENCY, it->forecast)
                    ? " with the other feed lost"
                    : "",
                text_is(method, "fleet")  ? ", as one of a fleet"
                : text_is(method, "line") ? ", by a line"
                                          : "");
}

/* How the median comes from the power now, beside the rest where there is room. */
static void draw_terms(const struct model *m, struct grid *g, struct rect in,
                       const struct shown *it)
{
    static const struct {
        const char *label;
        uint16_t metric;
        const char *nothing;
    } terms[] = {
        { "jobs that start", M_FORECAST_STARTS, "none" }, { "jobs that end", M_FORECAST_ENDS, "none" },
        { "time of day", M_FORECAST_SEASON, "none" },     { "trend", M_FORECAST_TREND, "steady" },
        { "unexplained", M_FORECAST_UNEXPLAINED, "none" },
    };
    int x = in.x + WHY_LABELS + WHY_COLUMN + 3, room = in.x + in.w - x, y = in.y;
    int bar = room - TERMS_W - 2 > LONGEST_BAR ? LONGEST_BAR : room - TERMS_W - 2;
    double largest = 0;

    if (room < TERMS_W)
        return;
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
        largest = fmax(largest, fabs(of(m, it, terms[i].metric)));
    grid_text(g, x, y++, room, STYLE_SECONDARY, "from then to expected");
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]) && y < in.y + in.h; i++) {
        double watts = of(m, it, terms[i].metric);
        char text[40], signed_text[48];

        if (isnan(watts))
            continue;
        text_watts(text, sizeof(text), fabs(watts));
        if (fabs(watts) < .5)
            snprintf(signed_text, sizeof(signed_text), "%s", terms[i].nothing);
        else
            snprintf(signed_text, sizeof(signed_text), "%s%s", watts < 0 ? "-" : "+",
                     text);
        grid_text(g, x, y, room, STYLE_SECONDARY, terms[i].label);
        grid_right(g, x + TERMS_W - WHY_COLUMN, y, WHY_COLUMN, STYLE_TEXT, signed_text);
        if (bar >= LEAST_BAR && largest > 0)
            chart_rail_signed(g, x + TERMS_W + 2, y, bar, watts / largest, STYLE_OK,
                              STYLE_ATTENTION);
        y++;
    }
}

static void draw_why(const struct screen *s, struct grid *g, struct rect area,
                     const struct shown *it)
{
    struct rect in = grid_box(g, area, "why", NULL);
    const struct model *m = s->model;
    char text[64], label[64], horizon[16], made[40];
    int y = in.y;

    say_horizon(horizon, sizeof(horizon), it->horizon_s);
    text_time(made, sizeof(made), of(m, it, M_FORECAST_ORIGIN));
    snprintf(label, sizeof(label), is_n1(m, it->row) ? "%.8s, feed lost" : "at %.8s",
             strlen(made) > 18 ? made + 11 : "—");
    text_watts(text, sizeof(text), power_then(m, it));
    draw_line(g, in, &y, label, text, STYLE_STRONG);
    snprintf(label, sizeof(label), "expected in %s", horizon);
    draw_watts(m, g, in, &y, label, it, M_FORECAST_Q50, STYLE_INFORMATION);
    draw_watts(m, g, in, &y, "one in ten below", it, M_FORECAST_Q10, STYLE_TEXT);
    draw_watts(m, g, in, &y, "one in ten above", it, M_FORECAST_Q90, STYLE_TEXT);
    draw_watts(m, g, in, &y, "highest on the way", it, M_FORECAST_MAX_Q50,
               STYLE_INFORMATION);
    draw_watts(m, g, in, &y, "one in ten higher", it, M_FORECAST_MAX_Q90, STYLE_TEXT);
    text_watts(text, sizeof(text), of(m, it, M_FORECAST_CAP));
    draw_line(g, in, &y, "the cap", text, STYLE_CRITICAL);
    draw_terms(m, g, in, it);
    if (y < in.y + in.h)
        draw_basis(m, g, in, y, it);
}

/* ---- the record ---- */

static void say_share(char *to, size_t room, double share)
{
    snprintf(to, room, isnan(share) ? "—" : "%.1f%%", share * 100);
}

static void say_ratio(char *to, size_t room, double value)
{
    snprintf(to, room, isnan(value) ? "—" : "%.2f", value);
}

static void say_plain(char *to, size_t room, double value)
{
    snprintf(to, room, isnan(value) ? "—" : value < 10 ? "%.1f" : "%.0f", value);
}

static void draw_record_line(struct grid *g, struct rect in, int *y, const char *label,
                             const char *own, const char *all, enum style ink)
{
    if (*y >= in.y + in.h)
        return;
    grid_text(g, in.x, *y, in.w, STYLE_SECONDARY, label);
    grid_right(g, in.x + LABELS, *y, COLUMN, text_is(own, "—") ? STYLE_FAINT : ink, own);
    grid_right(g, in.x + LABELS + COLUMN, (*y)++, COLUMN,
               text_is(all, "—") ? STYLE_FAINT : STYLE_SECONDARY, all);
}

static double site_of(const struct model *m, const struct shown *it, uint16_t metric)
{
    /* The sum is of the hour. */
    return it->horizon_s == 3600 && model_rows(m, GW_SITE) > 0
               ? model_number(m, metric, 0)
               : NAN;
}

static void say_hits(char *to, size_t room, double hits, double misses)
{
    if (isnan(hits) || isnan(misses))
        snprintf(to, room, "—");
    else
        snprintf(to, room, "%.0f of %.0f", hits, hits + misses);
}

static void draw_scores(const struct model *m, struct grid *g, struct rect in,
                        const struct shown *it)
{
    static const struct {
        const char *label;
        uint16_t own, all;
        void (*say)(char *to, size_t room, double value);
    } lines[] = {
        { "10 to 90% band held", M_FORECAST_COVERAGE80, M_SITE_COVERAGE80, say_share },
        { "loss of the last value’s", M_FORECAST_PINBALL, M_SITE_PINBALL, say_ratio },
        { "… of predict_linear’s", M_FORECAST_PINBALL_LINE, M_SITE_PINBALL_LINE,
          say_ratio },
        { "Brier skill of p", M_FORECAST_SKILL, M_SITE_SKILL, say_ratio },
    };
    char own[32], all[32];
    int y = in.y;

    draw_record_line(g, in, &y, "last one to two weeks", "this one", "all",
                     STYLE_SECONDARY);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        lines[i].say(own, sizeof(own), of(m, it, lines[i].own));
        lines[i].say(all, sizeof(all), site_of(m, it, lines[i].all));
        draw_record_line(g, in, &y, lines[i].label, own, all, STYLE_STRONG);
    }
    say_hits(own, sizeof(own), of(m, it, M_FORECAST_HITS), of(m, it, M_FORECAST_MISSES));
    say_hits(all, sizeof(all), site_of(m, it, M_SITE_HITS),
             site_of(m, it, M_SITE_MISSES));
    draw_record_line(g, in, &y, "breaches announced", own, all, STYLE_STRONG);
    say_plain(own, sizeof(own), of(m, it, M_FORECAST_FALSE_ALARMS));
    say_plain(all, sizeof(all), site_of(m, it, M_SITE_FALSE_ALARMS));
    draw_record_line(g, in, &y, "false alarms a day", own, all, STYLE_STRONG);
    text_duration(own, sizeof(own), of(m, it, M_FORECAST_LEAD));
    draw_record_line(g, in, &y, "announced before, median", own, "", STYLE_STRONG);
    if (y < in.y + in.h && of(m, it, M_FORECAST_SCORED) > 0)
        grid_printf(g, in.x, y, in.w, STYLE_FAINT, "%.0f forecasts scored",
                    of(m, it, M_FORECAST_SCORED));
}

static void draw_record(const struct screen *s, struct grid *g, struct rect area,
                        const struct shown *it)
{
    struct rect in = grid_box(g, area, "record", NULL);
    const char *trusted = model_text(s->model, M_FORECAST_TRUSTED, it->forecast);
    bool bad = text_is(trusted, "no");
    const char *word = text_is(trusted, "yes") ? "trusted"
                       : bad                   ? "not trusted"
                       : trusted               ? trusted
                                               : "";
    int w = text_width(word);

    if (w > 0 && area.w > w + 14)
        grid_printf(g, area.x + area.w - w - 4, area.y, w + 2,
                    bad ? STYLE_ATTENTION : STYLE_SECONDARY, " %s ", word);
    if (isnan(of(s->model, it, M_FORECAST_COVERAGE80)) &&
        isnan(site_of(s->model, it, M_SITE_COVERAGE80)))
        grid_prose(g, in, STYLE_FAINT,
                   "Nothing of it has been scored yet. When the time that a forecast is for has come, what it said is compared "
                   "with what happened; here stands how often it was right, beside a straight line and the last value.");
    else
        draw_scores(s->model, g, in, it);
}

/* The same in a line, where there is no room for the box. */
static void draw_record_in_a_line(const struct model *m, struct grid *g, int x, int y,
                                  int cells, const struct shown *it)
{
    const char *trusted = model_text(m, M_FORECAST_TRUSTED, it->forecast);
    char share[32], hits[32];

    say_share(share, sizeof(share), of(m, it, M_FORECAST_COVERAGE80));
    say_hits(hits, sizeof(hits), of(m, it, M_FORECAST_HITS),
             of(m, it, M_FORECAST_MISSES));
    if (isnan(of(m, it, M_FORECAST_COVERAGE80)))
        grid_printf(g, x, y, cells, STYLE_SECONDARY,
                    "%s%snothing of it has been scored yet", trusted ? trusted : "",
                    trusted ? "; " : "");
    else
        grid_printf(g, x, y, cells, STYLE_SECONDARY,
                    "trusted: %s   10 to 90%% band held %s   %s announced",
                    trusted ? trusted : "—", share, hits);
}

/* ---- the whole ---- */

static void draw(const struct screen *s, struct grid *g, struct rect area)
{
    struct shown it = shown_of(s);
    int below = area.h >= 26 ? 11 : 1;
    struct rect chart = { area.x, area.y + 1, area.w, area.h - 1 - below };
    int y = chart.y + chart.h, half = area.w >= SIDE_BY_SIDE ? area.w - RECORD_W - 1 : 0;

    if (it.forecast == GW_NONE) {
        grid_printf(g, area.x + 2, area.y + 1, area.w - 4, STYLE_FAINT,
                    model_is_then(s->model) ? "of forecasts of then nothing is kept"
                    : s->subject[0] ? "nothing is forecast of %s: 8 shows of what"
                                    : "nothing is forecast yet",
                    s->subject);
        return;
    }
    draw_bands(g, draw_subject(s->model, g, area, &it) + 3, area.y,
               area.x + area.w - 2);
    draw_chart(s, g, chart, &it);
    if (below == 1) {
        draw_record_in_a_line(s->model, g, area.x + 2, y, area.w - 4, &it);
        return;
    }
    if (half)
        draw_why(s, g, (struct rect){ area.x, y, half, below }, &it);
    draw_record(s, g,
                (struct rect){ area.x + (half ? half + 1 : 0), y,
                               half ? RECORD_W : area.w, below },
                &it);
}

const struct view forecast_view = {
    .name = "forecast",
    .title = "forecast",
    .help = "One forecast, drawn: the past as a line, the future as bands in which the "
            "power will be half of the time, eight times of ten and nine of ten; the cap "
            "dashed, and on the axis when it may be passed. The record says how such "
            "forecasts have done. Arrows choose another horizon, Enter opens it.",
    .linear = "the hour's forecasts: forecasts where horizon = 1h sort -p limit 20\n",
    .linear_of = "forecasts",
    .of_one = true,
    .list = "forecasts",
    .row = row_shown,
    .draw = draw,
};
