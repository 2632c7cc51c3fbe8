/* What is watched: caps with window and dwell, temperatures, forecasts, coverage, targets
 * that do not answer, meters that disagree with their sums, and with outage.c nodes that
 * are down. A change of level is an alert and an event; a cap of the parts that sums to
 * more than the whole's is neither, for that is done on purpose. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 1000, LONGEST_TEXT = 640, MOST_SILENT = 16, FIRST_LOOK_S = 60 };

static const char *const words[] = { "cleared", "information", "attention", "critical" };

static const struct watched {
    const char *word;  /* the end of the alert's name */
    enum gw_kind kind; /* of its subject */
    double patience;   /* it falls when it has been lower for so many times the hold */
} watched[WATCHES] = {
    [WATCH_POWER] = { "power", GW_DOMAIN, 1 },
    [WATCH_METER] = { "meter", GW_DOMAIN, 1 },
    [WATCH_P] = { "forecast", GW_DOMAIN, 5 }, /* a guess made anew every few seconds */
    [WATCH_TEMP] = { "temperature", GW_GPU, 1 },
    [WATCH_XID] = { "xid", GW_GPU, 1 },
    [WATCH_GPUS] = { "gpus", GW_NODE, 1 },
    [WATCH_READINGS] = { "readings", GW_NODE, 1 },
    [WATCH_COVERAGE] = { "coverage", GW_SITE, 1 },
    [WATCH_SOURCE] = { "source", GW_SOURCE, 1 },
    [WATCH_NODES] = { "nodes", GW_DOMAIN, 1 },
    [WATCH_SITE_NODES] = { "nodes", GW_SITE, 1 },
    [WATCH_CACHE] = { "cache", GW_SITE, 0 },
};

/* ---- events ---- */

static uint32_t __attribute__((format(printf, 4, 0)))
add_event(struct model *m, double time, const char *level, const char *format,
          va_list args)
{
    struct stamp stamp = { .origin = FROM_HOST, .quality = GW_OK };
    char raw[LONGEST_TEXT + 260], text[LONGEST_TEXT + 280], name[16];
    uint32_t row;

    assert_unseen(m);
    vsnprintf(raw, sizeof(raw), format, args);
    text_clean(text, sizeof(text), raw, strlen(raw));
    snprintf(name, sizeof(name), "%u", (unsigned)(m->events % EVENTS_MAX) + 1);
    row = rows_named(m, GW_EVENT, name);
    stamp.time = tick_of(m, time);
    put_number(m, M_EVENT_TIME, row, time, stamp);
    put_text(m, M_EVENT_LEVEL, row, level, stamp);
    put_text(m, M_EVENT_TEXT, row, text, stamp);
    /* The row may have been another event's. */
    put_text(m, M_EVENT_KIND, row, NULL, stamp);
    put_text(m, M_EVENT_SUBJECT, row, NULL, stamp);
    put_text(m, M_EVENT_KEY, row, NULL, stamp);
    put_text(m, M_EVENT_ALERT, row, NULL, stamp);
    entity_of(m, GW_EVENT, row)->newest = stamp.time;
    m->events++;
    return row;
}

void model_event(struct model *m, double time, const char *level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_event(m, time, level, format, args);
    va_end(args);
}

void model_event_of(struct model *m, double time, const char *level, const char *subject,
                    const char *format, ...)
{
    struct stamp stamp = { .time = tick_of(m, time),
                           .origin = FROM_HOST,
                           .quality = GW_OK };
    va_list args;
    uint32_t row;

    va_start(args, format);
    row = add_event(m, time, level, format, args);
    va_end(args);
    put_text(m, M_EVENT_SUBJECT, row, subject, stamp);
}

void model_event_about(struct model *m, double time, const char *kind,
                       const char *subject, const char *format, ...)
{
    struct stamp stamp = { .time = tick_of(m, time),
                           .origin = FROM_HOST,
                           .quality = GW_OK };
    va_list args;
    uint32_t row;

    va_start(args, format);
    row = add_event(m, time, "information", format, args);
    va_end(args);
    put_text(m, M_EVENT_KIND, row, kind, stamp);
    put_text(m, M_EVENT_SUBJECT, row, subject, stamp);
}

static void put_of_newest(struct model *m, uint16_t metric, const char *text)
{
    uint32_t row = (uint32_t)((m->events - 1) % EVENTS_MAX);
    struct stamp stamp = { .time = entity_of(m, GW_EVENT, row)->newest,
                           .origin = FROM_HOST,
                           .quality = GW_OK };

    put_text(m, metric, row, text, stamp);
}

void model_event_key(struct model *m, const char *key)
{
    put_of_newest(m, M_EVENT_KEY, key);
}

void model_event_alert(struct model *m, const char *alert)
{
    put_of_newest(m, M_EVENT_ALERT, alert);
}

uint64_t model_event_count(const struct model *m)
{
    return m->events;
}

/* ---- raising and clearing ---- */

static unsigned char *alarm_of(struct model *m, enum watch watch, uint32_t row)
{
    size_t old = m->alarm_room[watch];

    if (row >= old) {
        m->alarms[watch] = xgrow(m->alarms[watch], &m->alarm_room[watch], row + 1, 1);
        memset(m->alarms[watch] + old, 0, m->alarm_room[watch] - old);
    }
    return &m->alarms[watch][row];
}

/* An alert rises at once, and falls when the level has been lower for the hold: what
 * hovers about a threshold is one alert, not one a minute. */
static bool lingers(struct model *m, enum watch watch, uint32_t row, enum alarm old,
                    enum alarm level)
{
    size_t room = m->lower_room[watch];
    uint32_t *since;

    if (level >= old) {
        if (row < room)
            m->lower_since[watch][row] = 0;
        return false;
    }
    if (row >= room) {
        since =
            xgrow(m->lower_since[watch], &m->lower_room[watch], row + 1, sizeof(*since));
        memset(since + room, 0, (m->lower_room[watch] - room) * sizeof(*since));
        m->lower_since[watch] = since;
    }
    since = &m->lower_since[watch][row];
    if (*since == 0 || *since > m->tick)
        *since = m->tick;
    return m->tick - *since <
           watched[watch].patience * m->thresholds.hold_s * TICKS_PER_S;
}

/* Of what stood when one began to look, its past tells since when, as far as that is
 * known. Nothing began at the moment that somebody looks back to. */
static double stood_since(const struct model *m, enum watch watch, uint32_t subject)
{
    struct trend t = model_capped_trend(m, subject);
    double threshold;
    size_t first = t.count;

    if (watch != WATCH_POWER || t.count == 0)
        return m->is_then ? NAN : m->now;
    threshold = m->thresholds.power_attention * m->limits[subject].cap.value;
    while (first > 0 && t.values[first - 1] >= threshold)
        first--;
    if (first == 0 && m->is_then)
        return NAN;
    return fmin(m->now, t.end + ((double)first - (double)t.count + 1) * t.step_s);
}

static void put_since(struct model *m, enum watch watch, uint32_t subject, uint32_t alert)
{
    struct stamp stamp = { .time = tick_of(m, m->now), .origin = FROM_HOST };
    bool stood = m->now - m->watched_from < FIRST_LOOK_S;

    stamp.quality = stood ? GW_ESTIMATED : GW_OK;
    put_number(m, M_ALERT_SINCE, alert, stood ? stood_since(m, watch, subject) : m->now,
               stamp);
}

void tell_alarm(struct model *m, const char *name, enum alarm level, const char *text,
                const char *alert)
{
    size_t length = strlen(name);
    /* "r4-n2 down" of r4 needs no "r4: " before it. */
    bool is_named = strncmp(text, name, length) == 0 &&
                    (text[length] == '-' || text[length] == '/');

    if (m->is_then || m->events_are_told)
        return;
    model_event_of(m, m->now, words[level], name, "%s%s%s", is_named ? "" : name,
                   is_named ? "" : ": ", text);
    if (alert)
        model_event_alert(m, alert);
}

/* The alert's row is its subject and what is watched of it: raised again, it is the same
 * row. */
static void change_alarm(struct model *m, enum watch watch, uint32_t subject,
                         enum alarm level, const char *text)
{
    struct stamp stamp = { .time = tick_of(m, m->now), .origin = FROM_HOST };
    unsigned char *old = alarm_of(m, watch, subject);
    const char *name = entity_of(m, watched[watch].kind, subject)->name;
    char alert[300];
    uint32_t row;

    if (level < *old && subject < m->lower_room[watch])
        m->lower_since[watch][subject] = 0;
    snprintf(alert, sizeof(alert), "%.250s %s", name, watched[watch].word);
    row = rows_named(m, GW_ALERT, alert);
    entity_of(m, GW_ALERT, row)->newest = stamp.time;
    put_text(m, M_ALERT_SUBJECT, row, name, stamp);
    put_text(m, M_ALERT_STATE, row, level ? "raised" : "cleared", stamp);
    if (level) {
        put_text(m, M_ALERT_LEVEL, row, words[level], stamp);
        put_text(m, M_ALERT_TEXT, row, text, stamp);
    }
    if (!level)
        put_number(m, M_ALERT_SINCE, row, m->now, stamp);
    else if (!*old)
        put_since(m, watch, subject, row);
    *old = (unsigned char)level;
    if (watch != WATCH_POWER || !crowd_takes(m, subject, level, text))
        tell_alarm(m, name, level, text, alert);
}

/* What the cache remembers of an alert is said anew by who watches it. */
static void make_own(struct model *m, uint32_t alert, struct stamp stamp)
{
    static const uint16_t texts[] = { M_ALERT_SUBJECT, M_ALERT_STATE, M_ALERT_LEVEL,
                                      M_ALERT_TEXT };
    const struct column *since = column_with(m, M_ALERT_SINCE, alert);

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct column *c = column_with(m, texts[i], alert);

        if (c && stamp_at(m, c, alert)->origin == FROM_CACHE)
            put_text(m, texts[i], alert, model_text(m, texts[i], alert), stamp);
    }
    if (!since || stamp_at(m, since, alert)->origin != FROM_CACHE)
        return;
    if (stamp_at(m, since, alert)->quality == GW_ESTIMATED)
        stamp.quality = GW_ESTIMATED;
    put_number(m, M_ALERT_SINCE, alert, model_number(m, M_ALERT_SINCE, alert), stamp);
}

/* What stands there is what is now, not what it was when it rose: that is among the
 * events. Where the level is one of a while ago, the text says so first, for the end
 * is cut off where there is little room: "clearing; p .08: stays under 225 kW for 1h". */
static void keep_alarm(struct model *m, enum watch watch, uint32_t subject,
                       enum alarm level, const char *now)
{
    struct stamp stamp = { .time = tick_of(m, m->now), .origin = FROM_HOST };
    const char *name = entity_of(m, watched[watch].kind, subject)->name, *said;
    char alert[300], text[LONGEST_TEXT + 40];
    uint32_t row;

    if (level == *alarm_of(m, watch, subject))
        snprintf(text, sizeof(text), "%s", now);
    else
        snprintf(text, sizeof(text), "%s%s; %s", level ? "falling to " : "clearing",
                 level ? words[level] : "", now);
    snprintf(alert, sizeof(alert), "%.250s %s", name, watched[watch].word);
    row = rows_named(m, GW_ALERT, alert);
    make_own(m, row, stamp);
    said = model_text(m, M_ALERT_TEXT, row);
    if (!said || strcmp(said, text) != 0)
        put_text(m, M_ALERT_TEXT, row, text, stamp);
}

enum alarm alarm_now(struct model *m, enum watch watch, uint32_t row)
{
    return *alarm_of(m, watch, row);
}

void set_alarm(struct model *m, enum watch watch, uint32_t subject, enum alarm level,
               const char *format, ...)
{
    enum alarm old = *alarm_of(m, watch, subject);
    bool stays = lingers(m, watch, subject, old, level) || old == level;
    char text[LONGEST_TEXT];
    va_list args;

    if (stays && !old)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (stays)
        keep_alarm(m, watch, subject, level, text);
    else
        change_alarm(m, watch, subject, level, text);
}

void keep_unknown(struct model *m, enum watch watch, uint32_t subject)
{
    enum alarm old = *alarm_of(m, watch, subject);

    if (old)
        keep_alarm(m, watch, subject, old,
                   "not known any more: it was so when it was last heard of");
}

void forget_alarms(struct model *m, enum gw_kind kind, uint32_t row)
{
    for (int watch = 0; watch < WATCHES; watch++)
        if (watched[watch].kind == kind && row < m->alarm_room[watch] &&
            m->alarms[watch][row])
            change_alarm(m, (enum watch)watch, row, ALARM_NONE,
                         "nobody tells of it any more");
}

/* An alert that the cache remembers as raised goes on, and is cleared like any other. One
 * whose subject is gone stays as it is: old. */
static void adopt_alerts(struct model *m)
{
    for (uint32_t row = 0; row < m->rows[GW_ALERT].count; row++) {
        const char *state = model_text(m, M_ALERT_STATE, row);
        const char *subject = model_text(m, M_ALERT_SUBJECT, row);
        const char *level = model_text(m, M_ALERT_LEVEL, row);
        const char *word = strrchr(entity_of(m, GW_ALERT, row)->name, ' ');

        if (!state || strcmp(state, "raised") != 0 || !subject || !level || !word)
            continue;
        for (int watch = 0; watch < WATCHES; watch++) {
            uint32_t about = model_find(m, watched[watch].kind, subject);

            if (strcmp(watched[watch].word, word + 1) != 0 || about == GW_NONE)
                continue;
            for (unsigned char i = ALARM_INFORMATION; i <= ALARM_CRITICAL; i++)
                if (strcmp(words[i], level) == 0)
                    *alarm_of(m, (enum watch)watch, about) = i;
        }
    }
    m->adopt = false;
}

/* The level of a value that is bad when high. Once raised, it takes `margin` below the
 * threshold to fall, so that a value on the edge does not flicker. */
static enum alarm level_of(double value, double attention, double critical, double margin,
                           enum alarm old)
{
    if (value >= critical - (old == ALARM_CRITICAL ? margin : 0))
        return ALARM_CRITICAL;
    if (value >= attention - (old >= ALARM_ATTENTION ? margin : 0))
        return ALARM_ATTENTION;
    return ALARM_NONE;
}

/* ---- power against caps ---- */

static size_t steps_of_window(const struct cap *cap, double now)
{
    double into =
        cap->aligned ? now - floor(now / cap->window_s) * cap->window_s : cap->window_s;

    return (size_t)fmax(
        1, ceil(fmin(into, (double)TREND_STEP_S * TREND_LENGTH) / TREND_STEP_S));
}

/* The cap's own quantity: mean or maximum of power over its window. A protective device
 * has none: power above its rating is told at once, before the device would act; when it
 * would is a forecast's to say. */
static double capped_power(struct model *m, uint32_t domain, const struct cap *cap,
                           double now)
{
    double power =
        fresh_number(m, model_capped_power(m, domain), domain, tick_of(m, now));

    /* A window shorter than a step is the sample. */
    if (isnan(power) || cap->window_s <= TREND_STEP_S)
        return power;
    if (cap->aggregate == CAP_MAX)
        return trend_max(m, domain, steps_of_window(cap, now));
    return trend_mean(m, domain, steps_of_window(cap, now));
}

/* Above the threshold for the dwell? */
static bool dwells(double *since, bool above, double dwell_s, double now)
{
    if (!above) {
        *since = 0;
        return false;
    }
    if (*since == 0 || *since > now)
        *since = now;
    return now - *since >= dwell_s;
}

/* Most of a site, most of the time: what would be said of it is not worked out. */
static bool is_quiet(enum alarm old, enum alarm level)
{
    return old == ALARM_NONE && level == ALARM_NONE;
}

/* Less of it is measured than when it was as high as its alert says: a fall may be only
 * what nobody tells any more. What was lacking all along is no reason to doubt one. A
 * meter of its own needs no parts. */
static bool is_seen_less(const struct model *m, uint32_t domain, float seen, uint32_t now)
{
    double share = fresh_number(m, M_DOMAIN_COVERAGE, domain, now);

    return isnan(fresh_number(m, M_DOMAIN_METER, domain, now)) &&
           share < m->thresholds.coverage_attention &&
           (seen == 0 || share < (double)seen);
}

/* True: the alert stays as it is, for whether it would fall is not known. */
static bool falls_unseen(struct model *m, enum watch watch, uint32_t domain,
                         enum alarm level, float *seen)
{
    uint32_t now = tick_of(m, m->now);
    double share = fresh_number(m, M_DOMAIN_COVERAGE, domain, now);

    if (level < *alarm_of(m, watch, domain) && is_seen_less(m, domain, *seen, now)) {
        keep_unknown(m, watch, domain);
        return true;
    }
    if (level >= *alarm_of(m, watch, domain))
        *seen = level && !isnan(share) ? (float)share : 0;
    return false;
}

static void watch_cap(struct model *m, uint32_t domain, double now)
{
    struct limit *limit = &m->limits[domain];
    const struct cap *cap = &limit->cap;
    enum alarm old = *alarm_of(m, WATCH_POWER, domain), level;
    double power, share;
    char watts[40], most[40];

    if (!limit->set || cap->unit != UNIT_W || !(cap->value > 0))
        return;
    power = capped_power(m, domain, cap, now);
    if (isnan(power)) {
        keep_unknown(m, WATCH_POWER, domain);
        return;
    }
    share = power / cap->value;
    level = level_of(share, m->thresholds.power_attention, m->thresholds.power_critical,
                     cap->clear, old);
    if (!dwells(&limit->critical_since, level == ALARM_CRITICAL, cap->dwell_s, now) &&
        level == ALARM_CRITICAL && old != ALARM_CRITICAL)
        level = ALARM_ATTENTION;
    if (!dwells(&limit->attention_since, level != ALARM_NONE, cap->dwell_s, now) &&
        old == ALARM_NONE)
        level = ALARM_NONE;
    if (is_quiet(old, level) ||
        falls_unseen(m, WATCH_POWER, domain, level, &limit->power_seen))
        return;
    text_watts(watts, sizeof(watts), power);
    text_watts(most, sizeof(most), cap->value);
    set_alarm(m, WATCH_POWER, domain, level, "%s of %s%s, %.1f%% of its %s", watts, most,
              cap->n1 ? " with the other feed lost" : "", share * 100,
              cap->protection.kind ? "rating" : "cap");
}

/* ---- the others ---- */

/* "p .32: may pass 225 kW in 5m: 15.1 kW free": the sentence of the hour's forecast,
 * which every view has. */
static void say_breach(struct model *m, uint32_t domain, double p, char *to, size_t room)
{
    char key[300], likely[16], why[LONGEST_TEXT - 20];

    snprintf(key, sizeof(key), "%.250s@1h", entity_of(m, GW_DOMAIN, domain)->name);
    model_forecast_why(m, model_find(m, GW_FORECAST, key), why, sizeof(why));
    text_probability(likely, sizeof(likely), p);
    if (!why[0])
        snprintf(to, room, "p %s of a breach within the hour", likely);
    else
        snprintf(to, room, "p %s: %s", likely, why);
}

static void watch_forecast(struct model *m, uint32_t domain, uint32_t now)
{
    enum alarm old = *alarm_of(m, WATCH_P, domain);
    double p = fresh_number(m, M_DOMAIN_P, domain, now);
    enum alarm level = level_of(p, m->thresholds.p_attention, m->thresholds.p_critical,
                                0.5 * m->thresholds.p_attention, old);
    char text[LONGEST_TEXT];

    if (isnan(p)) {
        keep_unknown(m, WATCH_P, domain);
        return;
    }
    /* What is over its cap is told as that. */
    if (is_quiet(old, level) ||
        (!old && *alarm_of(m, WATCH_POWER, domain) == ALARM_CRITICAL) ||
        falls_unseen(m, WATCH_P, domain, level, &m->limits[domain].p_seen))
        return;
    say_breach(m, domain, p, text, sizeof(text));
    set_alarm(m, WATCH_P, domain, level, "%s", text);
}

static void watch_meter(struct model *m, uint32_t domain, uint32_t now)
{
    struct limit *limit = &m->limits[domain];
    enum alarm old = *alarm_of(m, WATCH_METER, domain);
    double meter = fresh_number(m, M_DOMAIN_METER, domain, now);
    double sum = fresh_number(m, M_DOMAIN_SUM, domain, now);
    double covered = fresh_number(m, M_DOMAIN_COVERAGE, domain, now), apart;

    /* A sum with gaps, or one of GPUs alone, is below its meter for a good reason. */
    if (isnan(meter) || isnan(sum) || !(meter > 0) || !(covered >= 1) ||
        stamp_at(m, &m->columns[M_DOMAIN_SUM], domain)->quality == GW_ESTIMATED)
        return;
    apart = fabs(sum - meter) / meter;
    /* They are read at different moments: a step of the load is no disagreement. */
    set_alarm(
        m, WATCH_METER, domain,
        dwells(&limit->apart_since, apart > (old ? 0.08 : 0.10), old ? 0 : 60, m->now)
            ? ALARM_INFORMATION
            : ALARM_NONE,
        "its parts sum to %.0f%% %s than its meter reads", apart * 100,
        sum > meter ? "more" : "less");
}

static void watch_temperatures(struct model *m, uint32_t now)
{
    const float *temps = model_column(m, M_GPU_TEMP);
    size_t gpus = m->rows[GW_GPU].count;

    if (!temps || !gpus)
        return;
    alarm_of(m, WATCH_TEMP, (uint32_t)gpus - 1);
    for (uint32_t gpu = 0; gpu < gpus; gpu++) {
        enum alarm old = m->alarms[WATCH_TEMP][gpu];
        double temp;

        /* Nearly all are cool and were: no more than this is done for them. */
        if (!old && !(temps[gpu] >= m->thresholds.gpu_temp_attention))
            continue;
        temp = fresh_number(m, M_GPU_TEMP, gpu, now);
        if (isnan(temp))
            keep_unknown(m, WATCH_TEMP, gpu);
        else
            set_alarm(m, WATCH_TEMP, gpu,
                      level_of(temp, m->thresholds.gpu_temp_attention,
                               m->thresholds.gpu_temp_critical, 2, old),
                      "%.0f C", temp);
    }
}

/* The last error stands until the driver is loaded anew, which tells 0 or nothing of
 * it. */
static void watch_xids(struct model *m, uint32_t now)
{
    const float *xids = model_column(m, M_GPU_XID);
    size_t gpus = m->rows[GW_GPU].count;

    if (!xids || !gpus)
        return;
    alarm_of(m, WATCH_XID, (uint32_t)gpus - 1);
    for (uint32_t gpu = 0; gpu < gpus; gpu++) {
        enum alarm old = m->alarms[WATCH_XID][gpu];
        const struct stamp *told;
        const char *says;

        if (!old && !(xids[gpu] > 0))
            continue;
        told = stamp_at(m, &m->columns[M_GPU_XID], gpu);
        says = model_xid_says((double)xids[gpu]);
        if (!is_fresh(m, told, now))
            keep_unknown(m, WATCH_XID, gpu);
        else if (says)
            set_alarm(m, WATCH_XID, gpu, ALARM_ATTENTION, "XID %.0f: %s",
                      (double)xids[gpu], says);
        else
            set_alarm(m, WATCH_XID, gpu, ALARM_NONE, "no XID that is the GPU's fault");
    }
}

/* GPUs that nobody tells of, and who tells others of their node: where all of a node's
 * went, it is the node that is silent, or nobody looks at its GPUs any more. */
struct roll {
    uint32_t *tellers; /* by node: an origin; 0: none */
    uint32_t *gone, *first; /* by node */
    uint32_t *odd, *first_odd; /* by node: those whose power is impossible */
    uint32_t *old;
    size_t old_count, old_room;
    bool any; /* was ever heard of: who answers about alerts reads no GPUs but those
               * that are declared */
};

static bool tells_impossible(const struct model *m, uint32_t gpu, uint32_t now)
{
    const struct column *c = column_with(m, M_GPU_POWER, gpu);
    struct stamp s = c ? *stamp_at(m, c, gpu) : (struct stamp){ .time = 0 };

    if (s.quality != GW_OUT_OF_RANGE)
        return false;
    s.quality = GW_OK;
    return is_fresh(m, &s, now);
}

static void call_gpu(const struct model *m, uint32_t gpu, uint32_t now, struct roll *r)
{
    const struct entity *e = entity_of(m, GW_GPU, gpu);
    struct stamp heard = gpu_heard_of(m, gpu);

    r->any |= !row_is_vacant(e) && e->newest;
    if (row_is_vacant(e) || !e->newest || e->parent.kind != GW_NODE ||
        e->parent.id == GW_NONE)
        return;
    if (tells_impossible(m, gpu, now) && !r->odd[e->parent.id]++)
        r->first_odd[e->parent.id] = gpu;
    if (!is_fresh(m, &heard, now)) {
        r->old = xgrow(r->old, &r->old_room, r->old_count + 1, sizeof(*r->old));
        r->old[r->old_count++] = gpu;
    } else if (heard.origin >= FIRST_TARGET || heard.origin == FROM_CACHE) {
        r->tellers[e->parent.id] = heard.origin;
    }
}

static void count_gone(const struct model *m, struct roll *r)
{
    for (size_t i = 0; i < r->old_count; i++) {
        const struct entity *e = entity_of(m, GW_GPU, r->old[i]);
        uint32_t node = e->parent.id, teller = r->tellers[node];
        uint32_t told_by = gpu_heard_of(m, r->old[i]).origin;

        if (teller && (told_by == FROM_CACHE || told_by == teller) &&
            !r->gone[node]++)
            r->first[node] = r->old[i];
    }
}

/* What may be odd about some GPUs of a node. */
struct oddity {
    enum watch watch;
    const char *of_one, *of_more, *none;
};

static const struct oddity is_gone = { WATCH_GPUS,
                                       "is told of no more; others of the node are",
                                       "are told of no more; others are",
                                       "all its GPUs are told of" };
static const struct oddity is_impossible = {
    WATCH_READINGS, "tells a power that is impossible: left out",
    "tell a power that is impossible: left out", "its GPUs tell what can be"
};

/* `count` of them, `first` first; `heard`: some are heard. */
static void watch_oddity(struct model *m, const struct oddity *o, uint32_t node,
                         uint32_t count, uint32_t first, bool heard)
{
    if (count > 1)
        set_alarm(m, o->watch, node, ALARM_ATTENTION, "%u of its GPUs, %s first, %s",
                  (unsigned)count, entity_of(m, GW_GPU, first)->name, o->of_more);
    else if (count)
        set_alarm(m, o->watch, node, ALARM_ATTENTION, "GPU %s %s",
                  entity_of(m, GW_GPU, first)->name, o->of_one);
    else if (m->alarms[o->watch][node] && heard)
        set_alarm(m, o->watch, node, ALARM_NONE, "%s", o->none);
    else if (m->alarms[o->watch][node])
        keep_unknown(m, o->watch, node);
}

static void watch_gpus(struct model *m, uint32_t now)
{
    size_t nodes = m->rows[GW_NODE].count;
    struct roll r = { 0 };

    if (!nodes || !m->rows[GW_GPU].count)
        return;
    r.tellers = xcalloc(nodes, sizeof(*r.tellers));
    r.gone = xcalloc(nodes, sizeof(*r.gone));
    r.first = xcalloc(nodes, sizeof(*r.first));
    r.odd = xcalloc(nodes, sizeof(*r.odd));
    r.first_odd = xcalloc(nodes, sizeof(*r.first_odd));
    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        call_gpu(m, gpu, now, &r);
        let_look(m, gpu);
    }
    count_gone(m, &r);
    alarm_of(m, WATCH_GPUS, (uint32_t)nodes - 1);
    alarm_of(m, WATCH_READINGS, (uint32_t)nodes - 1);
    for (uint32_t node = 0; r.any && node < nodes; node++) {
        watch_oddity(m, &is_gone, node, r.gone[node], r.first[node], r.tellers[node]);
        watch_oddity(m, &is_impossible, node, r.odd[node], r.first_odd[node],
                     r.tellers[node]);
    }
    free(r.tellers);
    free(r.gone);
    free(r.first);
    free(r.odd);
    free(r.first_odd);
    free(r.old);
}

static bool is_any_connecting(const struct model *m)
{
    for (uint32_t row = 0; row < m->rows[GW_SOURCE].count; row++) {
        const char *state = model_text(m, M_SOURCE_STATE, row);

        if (state && strcmp(state, "connecting") == 0)
            return true;
    }
    return false;
}

/* In the first moments everything is still on its way. */
static double coverage_dwell_s(const struct model *m, enum alarm old)
{
    return old || (m->all_answered && !is_any_connecting(m)) ? 0 : 30;
}

static void watch_coverage(struct model *m)
{
    enum alarm old = *alarm_of(m, WATCH_COVERAGE, 0);
    const struct coverage *c = &m->coverage;
    double share = c->expected ? (double)c->ok / (double)c->expected : NAN;
    bool low;

    if (isnan(share))
        return;
    low = share < m->thresholds.coverage_attention + (old ? 0.005 : 0);
    low = dwells(&m->uncovered_since, low, coverage_dwell_s(m, old), m->now);
    set_alarm(m, WATCH_COVERAGE, 0, low ? ALARM_ATTENTION : ALARM_NONE,
              "%zu of %zu answer: %zu stale, %zu down, %zu never seen", c->ok,
              c->expected, c->stale, c->down, c->never);
}

/* What a target did when the cache heard of it is not what it does now: it is asked soon,
 * and if others are told of and it is not, it is configured no more. While somebody keeps
 * the cache, that is theirs to find: one that fails is asked seldom. */
static void watch_remembered(struct model *m, uint32_t row, bool others_are_told)
{
    const struct stamp *said = stamp_at(m, &m->columns[M_SOURCE_STATE], row);

    if (said->origin == FROM_CACHE && others_are_told && m->stale_after[FROM_CACHE] == 0)
        set_alarm(m, WATCH_SOURCE, row, ALARM_NONE, "nobody tells of it any more");
}

/* A line each, with what to do, for as many as one can look into; when more are silent,
 * coverage tells how many. */
static void watch_sources(struct model *m)
{
    size_t raised = 0, count = m->rows[GW_SOURCE].count;
    bool is_told = m->asks_nobody;

    for (uint32_t row = 0; row < count; row++) {
        raised += *alarm_of(m, WATCH_SOURCE, row) != ALARM_NONE;
        is_told |= model_is_fresh(m, M_SOURCE_STATE, row);
    }
    for (uint32_t row = 0; row < count; row++) {
        enum alarm old = *alarm_of(m, WATCH_SOURCE, row);
        const char *state = model_text(m, M_SOURCE_STATE, row),
                   *reason = model_text(m, M_SOURCE_REASON, row);
        bool is_silent = model_source_is_silent(m, row);

        if (state && !model_is_fresh(m, M_SOURCE_STATE, row)) {
            watch_remembered(m, row, is_told);
            continue;
        }
        /* On its way: neither. */
        if (!state || strcmp(state, "connecting") == 0 ||
            (is_silent && !old && raised >= MOST_SILENT))
            continue;
        raised += is_silent && !old;
        if (is_silent)
            set_alarm(m, WATCH_SOURCE, row, ALARM_ATTENTION, "%s%s%s", state,
                      reason ? ": " : "", reason ? reason : "");
        else
            set_alarm(m, WATCH_SOURCE, row, ALARM_NONE, "answers");
    }
}

void model_tell_cache(struct model *m, const char *trouble)
{
    set_alarm(m, WATCH_CACHE, 0, trouble ? ALARM_ATTENTION : ALARM_NONE, "%s",
              trouble ? trouble : "the cache is written");
    unsettle(m);
}

static void make_limits(struct model *m, size_t domains)
{
    size_t old = m->limit_room;

    m->limits = xgrow(m->limits, &m->limit_room, domains, sizeof(*m->limits));
    memset(m->limits + old, 0, (m->limit_room - old) * sizeof(*m->limits));
}

void watch_all(struct model *m, double now, bool summed)
{
    uint32_t tick = tick_of(m, now);

    if (!m->watched_from)
        m->watched_from = now;
    if (m->adopt)
        adopt_alerts(m);
    if (m->rows[GW_DOMAIN].count)
        make_limits(m, m->rows[GW_DOMAIN].count);
    crowd_open(m);
    for (uint32_t row = 0; row < m->rows[GW_DOMAIN].count; row++) {
        watch_cap(m, row, now);
        watch_forecast(m, row, tick);
        watch_meter(m, row, tick);
        let_look(m, row);
    }
    crowd_tell(m);
    watch_temperatures(m, tick);
    watch_xids(m, tick);
    if (summed)
        watch_gpus(m, tick);
    watch_coverage(m);
    watch_sources(m);
    watch_nodes(m);
}

/* ---- caps ---- */

void model_set_cap(struct model *m, uint32_t domain, const struct cap *cap)
{
    struct stamp stamp = { .time = tick_of(m, m->now), .origin = FROM_ROSTER };

    if (domain >= m->rows[GW_DOMAIN].count)
        return;
    make_limits(m, domain + 1);
    m->limits[domain] =
        (struct limit){ .cap = *cap, .set = true, .said = m->limits[domain].said };
    /* Amperes and volt-amperes are no watts without a voltage and a power factor. */
    if (cap->unit == UNIT_W)
        put_number(m, M_DOMAIN_CAP, domain, cap->value, stamp);
    unsettle(m);
}

const double usual_clear = .02;

/* A source tells a domain's cap as a number: each sample counts. The configuration's own
 * cap wins. */
void note_cap(struct model *m, uint32_t domain, double watts, const char *origin)
{
    size_t len = strnlen(origin, sizeof(m->limits->cap.origin) - 1);
    struct limit *l;

    make_limits(m, domain + 1);
    l = &m->limits[domain];
    if (l->set && !l->told)
        return;
    l->set = l->told = true;
    l->cap.unit = UNIT_W;
    l->cap.value = watts;
    l->cap.clear = usual_clear;
    memcpy(l->cap.origin, origin, len);
    l->cap.origin[len] = '\0';
}

const struct cap *model_cap(const struct model *m, uint32_t domain)
{
    return domain < m->limit_room && m->limits[domain].set ? &m->limits[domain].cap
                                                           : NULL;
}

bool model_cap_is_n1(const struct model *m, uint32_t domain)
{
    const struct cap *cap = model_cap(m, domain);

    return cap && cap->n1;
}

uint16_t model_capped_power(const struct model *m, uint32_t domain)
{
    return model_cap_is_n1(m, domain) ? M_DOMAIN_POWER_N1 : M_DOMAIN_POWER;
}
