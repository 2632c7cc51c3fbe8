/* What the drawn views share: the site's numbers, who is at risk, the chart of the next
 * hour, events. */
#ifndef VIEWS_PARTS_H
#define VIEWS_PARTS_H

#include <stdio.h>

#include "views/alike.h"

/* Rows that are in use. */
static inline size_t count_named(const struct model *m, enum gw_kind kind)
{
    size_t count = 0;

    for (uint32_t row = 0; row < model_rows(m, kind); row++)
        count += model_name(m, kind, row) != NULL;
    return count;
}

/* "412.6": as many digits behind the point as make a column of about three significant
 * ones line up. */
static inline void say_scaled(char *to, size_t room, double value, double scale)
{
    double scaled = value / scale, size = fabs(scaled);

    if (isnan(scaled))
        snprintf(to, room, "—");
    else
        snprintf(to, room, "%.*f",
                 size < .9995    ? 3
                 : size < 9.995  ? 2
                 : size < 999.95 ? 1
                                 : 0,
                 scaled);
}

/* "2.31 M": what is counted but not to the last one. */
static inline void say_amount(char *to, size_t room, double amount)
{
    double scale;
    const char *unit = unit_scale(UNIT_PER_S, amount, &scale);
    char number[32];

    text_number(number, sizeof(number), amount / scale);
    snprintf(to, room, "%s%s%.*s", number, unit[0] == '/' ? "" : " ",
             (int)strcspn(unit, "/"), unit);
}

static inline void say_count(char *to, size_t room, double count)
{
    struct cell cell = cell_number(count, UNIT_NONE);

    cell_format(to, room, &cell, 0);
}

/* "14:05", or the day where it is another one: for columns of five. */
static inline void say_moment(char *to, size_t room, const struct model *m, double time)
{
    text_when(to, room, time, model_now(m));
    to[strcspn(to, " ")] = '\0';
}

/* The unit in which the site's power reads well; while that is not known, its cap. */
static inline const char *site_unit(const struct model *m, double *scale)
{
    double power = model_site_number(m, M_SITE_POWER);

    return unit_scale(UNIT_W, isnan(power) ? model_site_number(m, M_SITE_CAP) : power,
                      scale);
}

/* NAN: nobody has answered yet. */
static inline double coverage_percent(const struct coverage *c)
{
    if (c->ok + c->stale + c->down == 0)
        return NAN;
    return text_share_percent(model_coverage_share(c));
}

/* ---- the few first of many ---- */

enum { FIRST_ROOM = 128 };

/* The rows with the highest keys, in falling order of key; equal keys keep the order they
 * came in. */
struct first {
    uint32_t rows[FIRST_ROOM];
    double keys[FIRST_ROOM];
    size_t count, room;
};

static inline void first_add(struct first *f, uint32_t row, double key)
{
    size_t at = f->count;

    if (isnan(key) || f->room == 0 || (at == f->room && !(key > f->keys[at - 1])))
        return;
    if (at == f->room)
        at--;
    for (; at > 0 && f->keys[at - 1] < key; at--) {
        f->keys[at] = f->keys[at - 1];
        f->rows[at] = f->rows[at - 1];
    }
    f->keys[at] = key;
    f->rows[at] = row;
    f->count += f->count < f->room;
}

static inline struct first first_of(int lines)
{
    return (struct first){ .room = lines < 0            ? 0
                                   : lines > FIRST_ROOM ? FIRST_ROOM
                                                        : (size_t)lines };
}

/* "+3 more" in the lower edge of a box that has no room for all of `count`. */
static inline void draw_more(struct grid *g, struct rect box, size_t count, size_t shown,
                             enum style ink)
{
    char text[40], number[24];

    if (count <= shown)
        return;
    say_count(number, sizeof(number), (double)(count - shown));
    snprintf(text, sizeof(text), " +%s more ", number);
    grid_right(g, box.x + 2, box.y + box.h - 1, box.w - 4, ink, text);
}

/* ---- risk ---- */

enum { LONGEST_WHY = 640 };

static inline double number_or_nan(const struct model *m, uint16_t metric, uint32_t row)
{
    return row == GW_NONE ? NAN : model_number(m, metric, row);
}

/* Domains by falling probability of a breach within the hour. */
static inline struct first riskiest(const struct model *m, int lines)
{
    struct first f = first_of(lines);
    const float *p = model_column(m, M_DOMAIN_P);
    size_t rows = p ? model_rows(m, GW_DOMAIN) : 0;

    for (uint32_t row = 0; row < rows; row++)
        if (!risk_is_told_by_whole(m, row))
            first_add(&f, row, (double)p[row]);
    return f;
}

/* ---- if the other feed of dual-fed parts were lost ---- */

/* Of the domains with a cap: how many are known, and which would be loaded most. What is
 * stale is not known. */
struct survival {
    bool is_dual;               /* anything has two feeds at all */
    size_t known, unknown;
    uint32_t worst;             /* GW_NONE: nothing known */
    double highest;             /* its share of its cap */
};

static inline bool has_dual_feed(const struct model *m)
{
    return model_has_second_parents(m, GW_DOMAIN) || model_has_second_parents(m, GW_NODE);
}

static inline struct survival survival_of(const struct model *m)
{
    struct survival s = { .is_dual = has_dual_feed(m), .worst = GW_NONE };
    size_t rows = model_rows(m, GW_DOMAIN);

    for (uint32_t row = 0; row < rows; row++) {
        double cap = model_number(m, M_DOMAIN_CAP, row), load;

        if (isnan(cap))
            continue;
        load = model_number(m, M_DOMAIN_POWER_N1, row) / cap;
        if (isnan(load) || model_quality(m, M_DOMAIN_POWER_N1, row) == GW_STALE) {
            s.unknown++;
            continue;
        }
        s.known++;
        if (s.worst == GW_NONE || load > s.highest) {
            s.highest = load;
            s.worst = row;
        }
    }
    return s;
}

/* Events by falling time. */
static inline struct first newest_events(const struct model *m, int lines)
{
    struct first f = first_of(lines);

    for (uint32_t row = 0; row < model_rows(m, GW_EVENT); row++)
        first_add(&f, row, model_number(m, M_EVENT_TIME, row));
    return f;
}

static inline bool is_about_forecast(const char *alert)
{
    return text_ends(alert, " forecast");
}

static inline bool is_raised(const struct model *m, uint32_t alert)
{
    return alert != GW_NONE && text_is(model_text(m, M_ALERT_STATE, alert), "raised");
}

static inline uint32_t alert_of(const struct model *m, const char *subject,
                                const char *watched)
{
    char key[300];

    snprintf(key, sizeof(key), "%.250s %s", subject, watched);
    return model_find(m, GW_ALERT, key);
}

static inline enum level level_of_alert(const struct model *m, uint32_t alert)
{
    return level_of_word(model_text(m, M_ALERT_LEVEL, alert));
}

/* GW_NONE: it is about no domain. */
static inline uint32_t domain_of_alert(const struct model *m, uint32_t alert)
{
    const char *subject = model_text(m, M_ALERT_SUBJECT, alert);

    return subject ? model_find(m, GW_DOMAIN, subject) : GW_NONE;
}

/* The alert is held for a while after what it tells has passed. */
static inline bool is_falling(const struct model *m, uint32_t alert)
{
    const char *text = model_text(m, M_ALERT_TEXT, alert);

    return text && (text_begins(text, "clearing; ") || text_begins(text, "falling to "));
}

/* Its power and its forecast are two alerts of a domain and one line for people: what is
 * critical already, and not falling, is told as that, else the forecast is, where it
 * still stands. A rack that its busway speaks for is told by that. */
static inline bool is_told_elsewhere(const struct model *m, uint32_t alert)
{
    const char *name = model_name(m, GW_ALERT, alert),
               *subject = model_text(m, M_ALERT_SUBJECT, alert);
    uint32_t domain = domain_of_alert(m, alert), other;
    bool foretold = is_about_forecast(name);

    if (domain == GW_NONE || (!foretold && !text_ends(name, " power")))
        return false;
    if (foretold && risk_is_told_by_whole(m, domain))
        return true;
    other = alert_of(m, subject, foretold ? "power" : "forecast");
    if (!is_raised(m, other))
        return false;
    if (foretold)
        return (level_of_alert(m, other) == LEVEL_CRITICAL && !is_falling(m, other)) ||
               !(model_number(m, M_DOMAIN_P, domain) >= model_thresholds(m)->p_attention);
    return !is_told_elsewhere(m, other);
}

/* What is foretold: what is likely by when it comes, before the rest by its probability,
 * as the first line has it. */
static inline double badness_of_forecast(const struct model *m, uint32_t domain)
{
    double p = number_or_nan(m, M_DOMAIN_P, domain),
           ttb_s = number_or_nan(m, M_DOMAIN_TTB, domain);

    if (p >= model_thresholds(m)->p_critical && !isnan(ttb_s))
        return 1 + 1 / (1 + ttb_s / 3600);
    return isnan(p) ? 0 : p;
}

/* The higher, the worse: critical, where it does not fall, before attention; then what is
 * over its cap before what is foretold or close to it; then targets that do not answer
 * and nodes that are down; then the newest, by the minute: what came at once stays in the
 * order of its names. */
static inline double badness(const struct model *m, uint32_t alert)
{
    const char *name = model_name(m, GW_ALERT, alert);
    enum level level = level_of_alert(m, alert);
    bool is_grave = level == LEVEL_CRITICAL && !is_falling(m, alert);
    double own = number_or_nan(m, M_DOMAIN_P, domain_of_alert(m, alert)), p = 2;
    double by_level = is_grave                                              ? 8e12
                      : level == LEVEL_CRITICAL || level == LEVEL_ATTENTION ? 4e12
                                                                            : 0;

    if (is_about_forecast(name))
        p = badness_of_forecast(m, domain_of_alert(m, alert));
    else if (text_ends(name, " power") && !is_grave)
        p = isnan(own) ? p : own;
    else if (text_ends(name, " source") || text_ends(name, " nodes"))
        p = 0;
    return by_level + 1e12 * p + floor(model_number(m, M_ALERT_SINCE, alert) / 60);
}

/* Alerts that are raised now, one of a domain or of several racks that are alike, the
 * worst first; `count`: how many there are, shown or not. */
static inline struct first raised_alerts(const struct model *m, int lines, size_t *count,
                                         struct alikes *alikes)
{
    const uint32_t *order = model_order(m, GW_ALERT);
    struct first f = first_of(lines);

    *count = 0;
    alikes->count = 0;
    for (size_t i = 0; i < model_rows(m, GW_ALERT); i++)
        if (is_raised(m, order[i]) && !is_told_elsewhere(m, order[i]))
            alikes_add(alikes, m, order[i]);
    for (size_t i = 0; i < model_rows(m, GW_ALERT); i++) {
        const struct alike *alike;

        if (!is_raised(m, order[i]))
            continue;
        alike = alike_of(alikes, m, order[i]);
        /* Of many that are alike nothing else is asked. */
        if ((alike && alike->alert != order[i]) || is_told_elsewhere(m, order[i]))
            continue;
        first_add(&f, order[i], badness(m, order[i]));
        ++*count;
    }
    return f;
}

/* ---- the chart of what is to come ---- */

enum { FAN_POINTS = 8 };

static inline size_t fan_of(const struct model *m, const char *name, double power,
                            double ahead_s, struct fan fan[FAN_POINTS])
{
    static const char *const horizons[] = { "1m", "5m", "15m", "1h", "6h", "24h" };
    size_t count = 0;

    fan[count++] = (struct fan){ 0, power, power, power, power, power, power, power };
    for (size_t i = 0; i < sizeof(horizons) / sizeof(horizons[0]); i++) {
        char key[300];
        uint32_t row;

        snprintf(key, sizeof(key), "%s@%s", name, horizons[i]);
        row = model_find(m, GW_FORECAST, key);
        if (row == GW_NONE || isnan(model_number(m, M_FORECAST_Q50, row)) ||
            model_number(m, M_FORECAST_HORIZON, row) > ahead_s)
            continue;
        fan[count++] = (struct fan){ model_number(m, M_FORECAST_HORIZON, row),
                                     model_number(m, M_FORECAST_Q05, row),
                                     model_number(m, M_FORECAST_Q10, row),
                                     model_number(m, M_FORECAST_Q25, row),
                                     model_number(m, M_FORECAST_Q50, row),
                                     model_number(m, M_FORECAST_Q75, row),
                                     model_number(m, M_FORECAST_Q90, row),
                                     model_number(m, M_FORECAST_Q95, row) };
    }
    return count > 1 && !isnan(power) ? count : 0;
}

/* The job that will add the most within the horizon, as a note where it starts. */
static inline bool biggest_start(const struct model *m, double ahead_s,
                                 struct chart_note *note, char *text, size_t room)
{
    double most = 0, now = model_now(m);
    uint32_t job = GW_NONE;
    char watts[40];

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        double adds = model_number(m, M_JOB_PREDICTED, row);
        double wait = model_number(m, M_JOB_START, row) - now;

        if (adds > most && wait > 0 && wait < .92 * ahead_s &&
            text_is(model_text(m, M_JOB_STATE, row), "pending")) {
            most = adds;
            job = row;
        }
    }
    /* What moves the site by less than a fiftieth of a per cent is no cause worth writing
     * down. */
    if (job == GW_NONE || most < .0002 * model_site_number(m, M_SITE_POWER))
        return false;
    text_watts(watts, sizeof(watts), most);
    snprintf(text, room, "%s starts +%s", model_name(m, GW_JOB, job), watts);
    *note =
        (struct chart_note){ model_number(m, M_JOB_START, job), text, STYLE_INFORMATION };
    return true;
}

/* "cap of hall-2 490 kW" is short for its own chart: "cap 490 kW". */
static inline void say_event(char *to, size_t room, const char *text, const char *name)
{
    char own[280];
    size_t len = (size_t)snprintf(own, sizeof(own), "cap of %s ", name);
    bool is_own = len < sizeof(own) && strncmp(text, own, len) == 0;

    snprintf(to, room, "%s%s", is_own ? "cap " : "", is_own ? text + len : text);
}

enum { NOTES = 6, NOTE_ROOM = 128 };

/* What a chart has written into it, with the words. */
struct notes {
    struct chart_note items[NOTES];
    char texts[NOTES][NOTE_ROOM];
    size_t count;
};

/* Caps that changed, prices and carbon that stepped, and what the grid announced: of the
 * row that is shown, or of all. */
static inline void add_events(const struct model *m, struct notes *notes,
                              const char *name, double from, double to)
{
    for (uint32_t row = model_rows(m, GW_EVENT); row-- > 0 && notes->count < NOTES;) {
        const char *subject = model_text(m, M_EVENT_SUBJECT, row),
                   *text = model_text(m, M_EVENT_TEXT, row);
        double time = model_number(m, M_EVENT_TIME, row);

        if (!model_text(m, M_EVENT_KIND, row) || !text || !(time > from && time < to))
            continue;
        if (subject && strcmp(subject, name) != 0 && !text_is(subject, model_site(m)))
            continue;
        say_event(notes->texts[notes->count], NOTE_ROOM, text, name);
        notes->items[notes->count] = (struct chart_note){ time,
                                                          notes->texts[notes->count],
                                                          STYLE_INFORMATION };
        notes->count++;
    }
}

/* Of the site or a domain, as its cap holds for it: with contingency n-1, with the other
 * feed lost. */
static inline double capped_power(const struct model *m, struct row row)
{
    return model_number(
        m, row.kind == GW_SITE ? M_SITE_POWER : model_capped_power(m, row.id), row.id);
}

static inline bool is_n1(const struct model *m, struct row row)
{
    return row.kind == GW_DOMAIN && model_cap_is_n1(m, row.id);
}

static inline struct trend power_trend(const struct model *m, struct row row)
{
    return row.kind == GW_DOMAIN ? model_capped_trend(m, row.id)
                                 : model_trend(m, row.kind, row.id);
}

/* The power of anything over the last two hours: nobody forecasts a tenant's. */
static inline void draw_course(const struct model *m, struct grid *g, struct rect area,
                               struct row row)
{
    struct trend trend = power_trend(m, row);
    struct chart chart = { .past = trend.values,
                           .past_count = trend.count,
                           .past_end = trend.end,
                           .step_s = trend.step_s,
                           .past_s = 7200,
                           .cap = NAN,
                           .unit = UNIT_W,
                           .is_then = model_is_then(m) };

    if (trend.count == 0)
        grid_text(g, area.x, area.y, area.w, STYLE_FAINT, "no history yet");
    else
        chart_draw(g, area, &chart);
}

/* Which band is which, up to `right`: in words where there is room for them from `from`
 * on, or in numbers, or not at all. In the edge of a box, too. */
static inline void draw_bands(struct grid *g, int from, int y, int right)
{
    static const struct {
        enum style ink;
        const char *words, *number;
    } bands[] = { { STYLE_FAN_INNER, "half the time", "5" },
                  { STYLE_FAN_MIDDLE, "8 of 10", "8" },
                  { STYLE_FAN_OUTER, "9 of 10", "9 of 10" } };
    enum { COUNT = sizeof(bands) / sizeof(bands[0]), SWATCH = 2, GAP = 2 };
    int in_words = right + GAP, in_numbers = right + GAP, x;

    for (size_t i = 0; i < COUNT; i++) {
        in_words -= SWATCH + 1 + text_width(bands[i].words) + GAP;
        in_numbers -= SWATCH + 1 + text_width(bands[i].number) + GAP;
    }
    if (in_numbers < from)
        return;
    x = in_words < from ? in_numbers : in_words;
    for (int i = x - 1; i <= right; i++)
        grid_put(g, i, y, STYLE_TEXT, ' ');
    for (size_t i = 0; i < COUNT; i++) {
        for (int j = 0; j < SWATCH; j++)
            grid_put(g, x + j, y, bands[i].ink, 0x2584); /* ▄: no more than a hint */
        x += SWATCH + 1;
        x += GAP + grid_text(g, x, y, right - x, STYLE_FAINT,
                             in_words < from ? bands[i].number : bands[i].words);
    }
}

/* In the upper edge of a box with that title and key. */
static inline void draw_bands_in_edge(struct grid *g, struct rect box, const char *title,
                                      const char *key)
{
    enum { ENDS = 6 };          /* corner, line, a blank at either end, and a line */
    int key_w = key ? text_width(key) + 3 : 0;

    draw_bands(g, box.x + ENDS + text_width(title), box.y, box.x + box.w - 3 - key_w);
}

/* Past and future of the site or a domain; `forecast` is of the horizon that is shown,
 * GW_NONE: none. Returns whether there are bands. */
static inline bool draw_future(const struct model *m, struct grid *g, struct rect area,
                               struct row row, double ahead_s, uint32_t forecast)
{
    bool is_site = row.kind == GW_SITE;
    double power = capped_power(m, row);
    struct trend trend = power_trend(m, row);
    struct fan fan[FAN_POINTS];
    struct notes notes = { .count = 0 };
    struct chart chart = { .past = trend.values,
                           .past_count = trend.count,
                           .past_end = trend.end,
                           .step_s = trend.step_s,
                           .fan = fan,
                           .past_s = ahead_s < 900 ? 900 : ahead_s > 7200 ? 7200 : ahead_s,
                           .ahead_s = ahead_s,
                           .cap = model_number(m, is_site ? M_SITE_CAP : M_DOMAIN_CAP, row.id),
                           .unit = UNIT_W,
                           .is_then = model_is_then(m),
                           .notes = notes.items };

    if (trend.count == 0) {
        grid_text(g, area.x, area.y, area.w, STYLE_FAINT, "no history yet");
        return false;
    }
    chart.fan_count = fan_of(m, model_name(m, row.kind, row.id), power, ahead_s, fan);
    if (is_site)
        notes.count = biggest_start(m, ahead_s, notes.items, notes.texts[0], NOTE_ROOM);
    add_events(m, &notes, model_name(m, row.kind, row.id), trend.end - chart.past_s,
               trend.end + ahead_s);
    chart.note_count = notes.count;
    if (forecast != GW_NONE &&
        model_number(m, M_FORECAST_P, forecast) >= model_thresholds(m)->p_attention) {
        chart.window_from = trend.end + model_number(m, M_FORECAST_TTB_P10, forecast);
        chart.window_to = trend.end + model_number(m, M_FORECAST_TTB_P90, forecast);
    }
    chart_draw(g, area, &chart);
    return chart.fan_count > 0;
}

/* Of a node or a GPU, what feeds it; of what has no course of its own, the site. */
static inline struct row with_course(const struct model *m, struct row row)
{
    while (row.id != GW_NONE && (row.kind == GW_GPU || row.kind == GW_NODE))
        row = model_parent(m, row.kind, row.id);
    return row.id != GW_NONE && (row.kind == GW_DOMAIN || row.kind == GW_TENANT ||
                                 row.kind == GW_CLASS)
               ? row
               : (struct row){ GW_SITE, 0 };
}

/* The same below a table, of the row under the cursor. */
static inline void draw_detail_of(const struct screen *s, struct grid *g,
                                  struct rect area, struct row about)
{
    struct row row = with_course(s->model, about);
    bool is_forecast = row.kind == GW_SITE || row.kind == GW_DOMAIN;
    const char *name = row.kind == GW_SITE ? model_site(s->model)
                                           : model_name(s->model, row.kind, row.id);
    char title[300];
    struct rect in;

    if (row.kind == GW_SITE && model_rows(s->model, GW_SITE) == 0)
        return;
    snprintf(title, sizeof(title), "%s, %s", name ? name : "",
             is_forecast ? "next hour" : "power");
    in = grid_box(g, area, title, NULL);
    if (!is_forecast)
        draw_course(s->model, g, in, row);
    else if (draw_future(s->model, g, in, row, 3600,
                         risk_forecast(s->model, name ? name : "")))
        draw_bands_in_edge(g, area, title, NULL);
}

/* The site's past and next hour, in a box. */
static inline void draw_next_hour(const struct model *m, struct grid *g, struct rect area,
                                  const char *key)
{
    static const char title[] = "next hour";
    struct rect in = grid_box(g, area, title, key);
    struct row site = { GW_SITE, 0 };

    if (model_rows(m, GW_SITE) == 0)
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "no history yet");
    else if (draw_future(m, g, in, site, 3600, GW_NONE))
        draw_bands_in_edge(g, area, title, key);
}

#endif
