/* One domain of the forecasting thread: its newest past, its cap's quantity, and its
 * forecasts, which go on record. */
#include "app_forecast.h"
#include "forecast/course.h"
#include "forecast/device.h"
#include "forecast/forecaster.h"
#include "forecast/heights.h"
#include "forecast/odds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

struct record *series_record(size_t open, double alarm_p)
{
    struct record_options options = { .step_s = TREND_STEP_S,
                                      .horizon_count = FORECAST_HORIZONS,
                                      .open = open,
                                      .alarm_p = alarm_p };

    memcpy(options.horizons, forecast_horizons, sizeof(options.horizons));
    return record_new(&options);
}

/* What trips by how hot it has become: the theory is the fleet's, forecasters and lines
 * know of the power alone. */
static bool is_device(const struct forecast_cap *cap)
{
    return cap->protection.kind != PROTECTION_NONE;
}

struct forecaster *series_forecaster(const struct series *s)
{
    struct forecaster_options options = { .step_s = TREND_STEP_S,
                                          .horizon_count = FORECAST_HORIZONS, .cap = s->cap };

    struct forecaster *f;

    /* told with each question: another cap of the same kind is no other forecaster */
    options.cap.watts = NAN;
    if (is_device(&s->cap))
        options.cap = (struct forecast_cap){ .watts = NAN };
    memcpy(options.horizons, forecast_horizons, sizeof(forecast_horizons));
    f = forecaster_new(&options);
    series_tell(s, f);
    return f;
}

void series_tell(const struct series *s, struct forecaster *f)
{
    forecaster_watch(f, &s->cap.watts, 1);
    forecaster_bound(f, s->idle_w, s->nameplate_w);
}

/* Is the cap on more than each sample? Then its quantity has a past of its own: some 7
 * kB. */
static bool has_quantity(const struct forecast_cap *cap)
{
    return cap->window_s > TREND_STEP_S || cap->dwell_s > 0 || cap->protection.kind;
}

static void make_quantity(struct series *s)
{
    if (!s->quantity && has_quantity(&s->cap))
        s->quantity = xcalloc(1, sizeof(*s->quantity));
    if (s->quantity)
        quantity_init(s->quantity, &s->cap, TREND_STEP_S);
}

struct series *series_new(const struct question *q, double alarm_p)
{
    struct series *s = xcalloc(1, sizeof(*s));

    s->name = q->name;
    s->kind = q->kind;
    s->cap = q->cap;
    s->n1 = q->n1;
    s->anew = true;
    s->record = series_record(RECORD_OPEN_OTHERS, alarm_p);
    make_quantity(s);
    return s;
}

void series_free(struct series *s)
{
    if (!s)
        return;
    free(s->past);
    free(s->quantity);
    forecaster_free(s->forecaster);
    free(s->jobs);
    record_free(s->record);
    series_end_warming(s);
    free(s);
}

/* ---- samples ---- */

/* Watts in two bytes, within .025 %: of the float, from 4 W to 17 GW, the octave and 11
 * bits of the place in it, and one more. */
enum { PAST_UNKNOWN = UINT16_MAX, LEAST = 129 << 23, LEFT_OUT = 12 };

static uint16_t pack(float watts)
{
    uint32_t bits;

    if (!(watts < 0x1.ffep33f))
        return PAST_UNKNOWN;
    watts = watts < 2 ? 0 : fmaxf(watts, 4);
    memcpy(&bits, &watts, sizeof(bits));
    return watts < 2
               ? 0
               : (uint16_t)(((bits - LEAST + (1u << (LEFT_OUT - 1))) >> LEFT_OUT) + 1);
}

static float past_at(const struct series *s, size_t i)
{
    uint32_t bits = ((s->past[i] - 1u) << LEFT_OUT) + LEAST;
    float watts;

    memcpy(&watts, &bits, sizeof(watts));
    return s->past[i] == PAST_UNKNOWN ? NAN : s->past[i] ? watts : 0;
}

const float *series_past(const struct series *s, float to[TREND_LENGTH + SERIES_SLACK])
{
    for (size_t i = 0; i < s->count; i++)
        to[i] = past_at(s, i);
    return to;
}

/* Doubled three times it is all. */
enum { FIRST_ROOM = (TREND_LENGTH + SERIES_SLACK) / 8 };

static void append(struct series *s, float watts)
{
    if (s->count == TREND_LENGTH + SERIES_SLACK) {
        s->count = TREND_LENGTH;
        memmove(s->past, s->past + SERIES_SLACK, s->count * sizeof(*s->past));
    }
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : FIRST_ROOM;
        s->past = xrealloc(s->past, s->room, sizeof(*s->past));
    }
    s->past[s->count++] = pack(watts);
}

/* Unknown power changes nothing: a breach lasts until it is seen to be over. */
static void watch_cap(struct series *s, double time, double watts)
{
    double quantity = s->quantity ? quantity_observe(s->quantity, time, watts) : watts;

    if (!isnan(quantity) && !isnan(watts) && !isnan(s->cap.watts))
        s->breached = quantity > s->cap.watts;
}

/* From the beginning, for an older past has come to light, or the clock was set back;
 * what was learnt stays. */
static void begin_anew(struct series *s, double begin)
{
    s->count = 0;
    s->anew = true;
    s->first = s->end = s->known = 0;
    s->breached = false;
    make_quantity(s);
    record_begin_again(s->record, begin);
    if (s->jobs)
        with_jobs_begin_again(s->jobs);
    if (s->forecaster)
        forecaster_begin_again(s->forecaster);
    series_end_warming(s);
}

/* Beside what has a limit, other things draw power, and may draw twice as much as was
 * ever seen of them; where they are more than the limits hold, nothing is known. */
static void take_bound(struct series *s, const struct bound *b)
{
    s->else_w = isnan(b->else_w) ? s->else_w : fmax(s->else_w, b->else_w);
    s->idle_w = b->least_w;
    s->nameplate_w = s->else_w > b->limits_w ? NAN : b->limits_w + 2 * s->else_w;
}

/* Somebody did something about it: what was said of it before cannot be judged by what
 * comes. */
static void forgive(struct series *s)
{
    if (s->forecaster)
        forecaster_acted(s->forecaster);
    if (s->jobs)
        with_jobs_acted(s->jobs);
    record_acted(s->record);
}

/* Scores begin with what is seen live: the past that comes with the first question is
 * none of the record's. */
void series_take(struct series *s, const struct question *q, const float *watts)
{
    bool live = s->count > 0 && !q->anew;

    s->cap = q->cap;
    take_bound(s, &q->bound);
    if (q->anew)
        begin_anew(s, q->end - (double)q->length * TREND_STEP_S);
    s->acted = q->acted;
    if (s->acted)
        forgive(s);
    if (s->quantity)
        quantity_set_watts(s->quantity, s->cap.watts);
    if (s->forecaster)
        series_tell(s, s->forecaster);
    for (size_t i = 0; i < q->length; i++) {
        s->end = q->end - (double)(q->length - 1 - i) * TREND_STEP_S;
        s->first = s->first > 0 ? s->first : s->end;
        s->known = isnan(watts[i]) ? s->known : s->end;
        s->watts = isnan(watts[i]) ? s->watts : (double)watts[i];
        append(s, watts[i]);
        if (s->forecaster)
            forecaster_observe(s->forecaster, s->end, (double)watts[i]);
        watch_cap(s, s->end, (double)watts[i]);
        if (live)
            record_observe(s->record, s->end, (double)watts[i], s->breached);
    }
}

float series_at(const struct series *s, double time)
{
    double back = floor((s->end - time) / TREND_STEP_S + .5);

    return back >= 0 && back < (double)s->count ? past_at(s, s->count - 1 - (size_t)back)
                                                : NAN;
}

struct swing series_swing(const struct series *s, double seconds)
{
    size_t window = (size_t)fmin(seconds / TREND_STEP_S, TREND_LENGTH + SERIES_SLACK),
           first = 0, last = 0;
    /* rising, in the window; each the lowest of those after it */
    uint16_t lows[TREND_LENGTH + SERIES_SLACK];
    struct swing most = { NAN, NAN };

    for (size_t i = 0; i < s->count; i++) {
        double rise;

        if (s->past[i] == PAST_UNKNOWN)
            continue;
        while (first < last && lows[first] + window < i)
            first++;
        rise = first < last ? (double)(past_at(s, i) - past_at(s, lows[first])) : NAN;
        /* of equal ones the latest */
        if (rise >= most.watts || (isnan(most.watts) && !isnan(rise)))
            most = (struct swing){ rise, (double)(s->count - 1 - i) * TREND_STEP_S };
        while (first < last && s->past[lows[last - 1]] >= s->past[i])
            last--;
        lows[last++] = (uint16_t)i;
    }
    return most;
}

double series_nearness(const struct series *s)
{
    double share = s->known > 0 ? s->watts / s->cap.watts : NAN;

    if (s->kind == GW_SITE)
        return INFINITY;
    return isnan(share) ? -1 : share;
}

/* ---- forecasts ---- */

enum { LEARNT = 200 };          /* windows: then a forecaster's p stands alone */

/* A few minutes say nothing of an hour: until the past is so long, nothing is claimed
 * about a breach. */
static void claim_nothing(const struct series *s, struct forecast *f)
{
    if (s->end - s->first >= f->horizon_s / SERIES_CLAIM_PART || s->breached)
        return;                 /* above its cap now is no forecast */
    f->p_breach = NAN;
    f->ttb_p10_s = f->ttb_p50_s = f->ttb_p90_s = NAN;
    f->trust = FORECAST_LEARNING;
}

struct two_hours {
    double times[TREND_LENGTH + SERIES_SLACK], watts[TREND_LENGTH + SERIES_SLACK];
};

static struct forecast_past past_of(const struct series *s, struct two_hours *to)
{
    struct forecast_past past = { to->times, to->watts, 0 };

    for (size_t i = 0; i < s->count; i++) {
        if (s->past[i] == PAST_UNKNOWN)
            continue;
        to->times[past.count] = s->end - (double)(s->count - 1 - i) * TREND_STEP_S;
        to->watts[past.count++] = (double)past_at(s, i);
    }
    return past;
}

/* A robust line through the past two hours, and how wrong it was: a third of a
 * millisecond for each horizon. */
static void make_line(const struct series *s, double now, struct forecast *out)
{
    struct two_hours room;
    struct forecast_past past = past_of(s, &room);

    forecast_make(&past, now, &s->cap, s->idle_w, s->nameplate_w, forecast_horizons,
                  FORECAST_HORIZONS, out);
}

/* The same line's chances of a breach alone, for the horizons from `first` on; NAN where
 * `out` says for all that it cannot be. */
static void ask_line(const struct series *s, double now, size_t first,
                     const struct forecast *out, double chances[FORECAST_HORIZONS])
{
    struct two_hours room;
    struct forecast_past past;
    bool can_be = false;

    for (size_t h = 0; h < FORECAST_HORIZONS; h++) {
        chances[h] = NAN;
        can_be |= h >= first && out[h].p_breach > 0;
    }
    if (!can_be)
        return;
    past = past_of(s, &room);
    forecast_chances(&past, now, &s->cap, s->nameplate_w, forecast_horizons + first,
                     FORECAST_HORIZONS - first, chances + first);
}

/* When a breach comes within its horizon, as a forecast's own times say. */
struct own_times {
    double times[4];
    struct course course;
};

static const struct course *look_at_times(const struct forecast *f, struct own_times *own)
{
    static const double reached[] = { .1, .5, .9, 1 };

    *own = (struct own_times){ { f->ttb_p10_s, f->ttb_p50_s, f->ttb_p90_s, f->horizon_s },
                               { own->times, reached, 4 } };
    return isnan(f->ttb_p50_s) ? NULL : &own->course;
}

/* Another p of each horizon, none less than that of a shorter one; within a horizon a
 * breach comes as it did before. */
static void take_chances(struct forecast *out, const double p[FORECAST_HORIZONS])
{
    const struct course *between[FORECAST_HORIZONS];
    struct own_times own[FORECAST_HORIZONS];
    double before = 0;

    for (size_t h = 0; h < FORECAST_HORIZONS; h++) {
        between[h] = look_at_times(&out[h], &own[h]);
        out[h].p_breach = before = isnan(p[h]) ? p[h] : fmax(p[h], before);
    }
    course_fill_times(out, FORECAST_HORIZONS, 1, between);
}

/* The fleet knows a level and how far power swings from it; how high it went at all, the
 * past tells. */
static void allow_for_heights(const struct series *s, struct forecast *out)
{
    struct heights h = { .count = 0 };
    double watts[TREND_LENGTH + SERIES_SLACK], p[FORECAST_HORIZONS], span;
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->past[i] != PAST_UNKNOWN)
            watts[count++] = (double)past_at(s, i);
    span = (double)count * TREND_STEP_S;
    if (count == 0)
        return;
    heights_look(&h, watts, count, span, span, 1e-3 * s->watts);
    for (size_t i = 0; i < FORECAST_HORIZONS; i++) {
        double rise = fmax(out[i].trend_w, 0),
               lead = rise > 0 ? rise / (rise + out[i].q90 - out[i].q10) : 0;

        h.windows = fmax(span / out[i].horizon_s, 1);
        p[i] = heights_allow(&h, s->cap.watts, out[i].p_breach, lead, out[i].horizon_s);
    }
    take_chances(out, p);
}

/* How many of the horizons, the shortest, have learnt from enough windows, of which ten
 * are open at once. */
static size_t count_learnt(const struct forecast *out)
{
    size_t count = 0;

    while (count < FORECAST_HORIZONS && out[count].samples >= LEARNT)
        count++;
    return count;
}

/* Of a forecaster that has learnt from few windows, p leans on the line's: it begins with
 * no more than how power swings. A minute after the start of the simulated site it alone
 * has a Brier score of .012 at an hour, both together have .007. */
static void lean_on_line(const struct series *s, double origin, struct forecast *out)
{
    double line[FORECAST_HORIZONS];
    size_t learnt = count_learnt(out);
    double p[FORECAST_HORIZONS];

    if (learnt == FORECAST_HORIZONS || s->breached)
        return;
    ask_line(s, origin, learnt, out, line);
    for (size_t h = 0; h < FORECAST_HORIZONS; h++) {
        double share = fmin((double)out[h].samples / LEARNT, 1);

        p[h] = out[h].p_breach;
        if (p[h] > 0 && !isnan(line[h]))    /* 0: cannot be */
            p[h] = odds_chance(share * odds_of(p[h]) + (1 - share) * odds_of(line[h]));
    }
    take_chances(out, p);
}

static bool is_fresh(const struct series *s, double now)
{
    return s->known > 0 && s->end - s->known < 1 && now - s->end < 2 * TREND_STEP_S;
}

bool series_wants_fleet(const struct series *s)
{
    return is_device(&s->cap) || !(s->forecaster || s->is_near);
}

/* The fleet's p comes in, and stays where a device trips: what others say of a breach is
 * of power above the rating. */
static void forecast_by_power(struct series *s, double origin, struct forecast *out)
{
    double p[FORECAST_HORIZONS];

    for (size_t h = 0; h < FORECAST_HORIZONS && is_device(&s->cap); h++)
        p[h] = out[h].p_breach;
    if (s->forecaster)
        forecaster_make(s->forecaster, origin, &s->cap.watts, 1, out);
    else
        make_line(s, origin, out);
    if (s->forecaster && !is_device(&s->cap))
        lean_on_line(s, origin, out);
    for (size_t h = 0; h < FORECAST_HORIZONS && is_device(&s->cap); h++) {
        out[h].p_breach = p[h];
        out[h].climb_w_per_s = 0;
    }
}

void series_forecast(struct series *s, double now, struct forecast *out)
{
    double origin = is_fresh(s, now) ? s->end : now;

    if (s->forecaster || s->is_near)
        forecast_by_power(s, origin, out);
    else if (!s->breached && !has_quantity(&s->cap) &&
             out[FORECAST_HORIZONS - 1].p_breach > 0)
        allow_for_heights(s, out);
    if (is_device(&s->cap) && s->known > 0)
        device_trips(s->quantity, s->watts, FORECAST_HORIZONS, out);
}

bool series_is_over(const struct series *s, const struct question *q)
{
    return !q->stale && !has_quantity(&s->cap) && q->watts > s->cap.watts;
}

double series_silence(const struct series *s, const struct question *q, double now)
{
    double since = fmax(now - s->known, 0);

    return s->known > 0 && (q->stale || (isnan(q->watts) && since > 3 * TREND_STEP_S))
               ? since
               : 0;
}

void series_say_nothing(const struct series *s, double now, struct forecast *out)
{
    const struct forecast_past nothing = { NULL, NULL, 0 };

    forecast_make(&nothing, now, &s->cap, NAN, NAN, forecast_horizons, FORECAST_HORIZONS,
                  out);
}

void series_issue(struct series *s, double now, struct forecast *out)
{
    float past[TREND_LENGTH + SERIES_SLACK];

    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        claim_nothing(s, &out[h]);
    course_agree(out, FORECAST_HORIZONS, 1, !has_quantity(&s->cap));
    forecast_bound(out, FORECAST_HORIZONS, s->breached, s->idle_w, s->nameplate_w);
    if (is_fresh(s, now))
        record_issue(s->record, out, series_past(s, past), s->count);
}
