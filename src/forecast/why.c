/* Reasons (why.h): the terms, and the sentence. */
#include "forecast/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"

/* ---- the terms ---- */

/* The largest are kept, in order; what is pushed out goes to the rest. */
static void add_part(struct forecast_reason *to, struct why_part part)
{
    if (part.watts == 0)
        return;
    for (size_t i = 0; i < WHY_TERMS; i++) {
        struct why_part other = to->parts[i];

        if (i == to->part_count) {
            to->parts[to->part_count++] = part;
            return;
        }
        if (fabs(part.watts) > fabs(other.watts)) {
            to->parts[i] = part;
            part = other;
        }
    }
    to->rest_w += part.watts;
}

static void begin(struct forecast_reason *to, const struct forecast *f, double origin, double now_w,
                  enum forecast_basis basis)
{
    *to = (struct forecast_reason){
        .basis = basis, .origin = origin, .horizon_s = f->horizon_s, .cap_w = f->cap_w, .now_w = now_w,
        .p = f->p_breach, .p_without = NAN, .at_s = isnan(f->ttb_p50_s) ? f->horizon_s : f->ttb_p50_s,
        .early_s = f->ttb_p10_s, .late_s = f->ttb_p90_s, .then_w = f->q50, .most_w = f->max_q99, .samples = f->samples,
    };
}

void why_without_jobs(const struct forecast *f, double origin, double now_w, struct forecast_reason *to)
{
    double trend;

    begin(to, f, origin, now_w, BASIS_POWER);
    if (isnan(f->q50))
        return;
    to->at_s = f->horizon_s;    /* of which q50 speaks */
    trend = isnan(f->slope_w_per_s) ? 0 : f->slope_w_per_s * to->at_s;
    add_part(to, (struct why_part){ .term = WHY_TREND, .watts = trend, .chance = 1 });
    to->rest_w += to->then_w - now_w - trend;
}

/* The sign of what a term does has to be that of what it is called. */
static enum why_term term_of(const struct place_cause *c)
{
    return c->job.state == JOB_PENDING ? WHY_STARTS : c->chance > .5 || c->watts < 0 ? WHY_ENDS : WHY_COMES_UP;
}

/* What has to do with the breach: the largest upward step among those announced. */
static void find_counterfactual(const struct with_jobs *w, uint32_t place, const struct jobs_known *known,
                                const struct futures *futures, const struct forecast *f, struct place_room *room,
                                const uint32_t *who, struct forecast_reason *to)
{
    enum { MOST_TRIED = 2 };    /* each is a forecast of its own */
    const struct place_options whole = { .without = NO_JOB };
    double best = .01, with = NAN;

    for (size_t i = 0, tried = 0; i < to->part_count && tried < MOST_TRIED; i++) {
        const struct place_options without = { .without = who[i] };
        double p;

        if (to->parts[i].term != WHY_STARTS || !(to->parts[i].watts > 0))
            continue;
        if (tried++ == 0) {
            place_forecast(&w->place, place, known, futures, &whole, &w->quantity, &f->horizon_s, 1, &f->cap_w, 1, room);
            with = room->out[0].p_breach;
        }
        place_forecast(&w->place, place, known, futures, &without, &w->quantity, &f->horizon_s, 1, &f->cap_w, 1,
                       room);
        p = room->out[0].p_breach;
        if (with - p > best) {
            struct why_part largest = to->parts[i];

            best = with - p;
            to->p_without = fmax(f->p_breach - best, 0);        /* of the mixture, too, it is this much */
            memmove(to->parts + 1, to->parts, i * sizeof(*to->parts));
            to->parts[0] = largest; /* by what hangs on it, not by its watts */
        }
    }
}

struct collecting {
    struct forecast_reason *to;
    const struct jobs_known *known;
};

static void take_cause(void *context, const struct place_cause *cause)
{
    struct collecting *c = context;

    add_part(c->to, (struct why_part){ .term = cause->known ? term_of(cause) : WHY_ARRIVALS,
                                       .job = cause->known ? cause->job.id : 0, .watts = cause->watts,
                                       .whole_w = cause->whole_w, .chance = cause->chance });
}

static uint32_t number_of(const struct jobs_known *known, uint64_t id)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->jobs[i].job.id == id)
            return (uint32_t)i;
    return NO_JOB;
}

void why_with_jobs(const struct with_jobs *w, uint32_t place, const struct jobs_known *known,
                   const struct futures *futures, const struct forecast *f, struct place_room *room,
                   struct forecast_reason *to)
{
    struct collecting collecting = { to, known };
    uint32_t who[WHY_TERMS];
    double expected;

    begin(to, f, known->time, w->place.watts, BASIS_JOBS);
    /* The look at which it is above: what starts then has started. */
    to->at_s = ceil(to->at_s / known->step_s) * known->step_s;
    expected = place_causes(&w->place, place, known, futures, to->at_s, take_cause, &collecting);
    to->then_w = expected;
    to->rest_w = to->then_w - to->now_w;
    for (size_t i = 0; i < to->part_count; i++) {
        to->rest_w -= to->parts[i].watts;
        who[i] = number_of(known, to->parts[i].job);
    }
    if (f->p_breach >= .02 && to->now_w <= to->cap_w)
        find_counterfactual(w, place, known, futures, f, room, who, to);
}

/* ---- the sentence ---- */

static const char *watts(char to[32], double value, bool sign)
{
    double scale;
    char number[24];
    const char *unit = unit_scale(UNIT_W, fabs(value), &scale);

    text_number(number, sizeof(number), fabs(value) / scale);
    snprintf(to, 32, "%s%s %s", !sign ? "" : value < 0 ? "-" : "+", number, unit);
    return to;
}

static const char *time_of_day(char to[16], double time)
{
    text_clock(to, 16, time);
    return to;
}

static const char *probability(char to[16], double p)
{
    text_probability(to, 16, p);
    return to;
}

static int say_when(char *to, size_t room, const struct forecast_reason *r, double clock_s)
{
    char at[16], from[16], until[16];
    double half = .5 * (r->late_s - r->early_s);

    if (isnan(half))
        return snprintf(to, room, "at %s", time_of_day(at, r->origin + clock_s + r->at_s));
    if (half <= 600)
        return snprintf(to, room, "at %s ±%.0fm", time_of_day(at, r->origin + clock_s + r->at_s),
                        fmax(ceil(half / 60), 1));
    return snprintf(to, room, "%s to %s", time_of_day(from, r->origin + clock_s + r->early_s),
                    time_of_day(until, r->origin + clock_s + r->late_s));
}

static int say_part(char *to, size_t room, const struct why_part *part, why_name *name, void *context)
{
    static const char *const verbs[] = { [WHY_STARTS] = "starts", [WHY_ENDS] = "ends", [WHY_COMES_UP] = "comes up",
                                         [WHY_ARRIVALS] = "jobs not yet submitted", [WHY_SEASON] = "time of day",
                                         [WHY_TREND] = "trend", [WHY_UNEXPLAINED] = "unexplained" };
    char size[32];
    const char *who = part->job && name ? name(context, part->job) : NULL;

    watts(size, part->term == WHY_STARTS && part->chance > .5 ? part->whole_w : part->watts, true);
    if (part->job)
        return snprintf(to, room, "%.32s %s, %s", who && *who ? who : "a job", verbs[part->term], size);
    return snprintf(to, room, "%s %s", verbs[part->term], size);
}

static int say_breach(char *to, size_t room, const struct forecast_reason *r, why_name *name, void *context,
                      double clock_s)
{
    char cap[32], when[64], part[96], p[16], other[16];

    watts(cap, r->cap_w, false);
    say_when(when, sizeof(when), r, clock_s);
    probability(p, r->p);
    if (!isnan(r->p_without)) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        return snprintf(to, room, "over %s %s: %s; %s, %s without it", cap, when, part, p,
                        probability(other, r->p_without));
    }
    if (r->basis != BASIS_JOBS)
        return snprintf(to, room, "over %s %s with %s; no job data: from %zu similar windows", cap, when, p, r->samples);
    if (r->part_count && r->parts[0].watts > .5 * (r->cap_w - r->now_w)) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        return snprintf(to, room, "over %s %s: %s; %s", cap, when, part, p);
    }
    return snprintf(to, room, "over %s %s with %s: no planned job takes it there, %s are free and swings as large were seen",
                    cap, when, p, watts(part, r->cap_w - r->now_w, false));
}

static int say_calm(char *to, size_t room, const struct forecast_reason *r, why_name *name, void *context)
{
    char cap[32], most[32], span[16], part[96];
    int n;

    text_duration(span, sizeof(span), r->horizon_s);
    n = snprintf(to, room, "stays under %s for %s: %s at most", watts(cap, r->cap_w, false), span,
                 watts(most, r->most_w, false));
    if (r->basis != BASIS_JOBS)
        n += snprintf(to + n, room - (size_t)n, "; no job data: from %zu similar windows", r->samples);
    else if (r->part_count && r->parts[0].job) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        n += snprintf(to + n, room - (size_t)n, "; %s", part);
    }
    return n;
}

static int say_uncapped(char *to, size_t room, const struct forecast_reason *r, why_name *name, void *context)
{
    char change[32], span[16], part[96];
    int n;

    text_duration(span, sizeof(span), r->at_s);
    n = snprintf(to, room, "no cap; %s in %s", watts(change, r->then_w - r->now_w, true), span);
    if (r->part_count && r->parts[0].job) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        n += snprintf(to + n, room - (size_t)n, ": %s", part);
    }
    return n;
}

size_t why_say(char *to, size_t room, const struct forecast_reason *r, why_name *name, void *context, double clock_s)
{
    enum { MOST = 400 };
    char text[MOST], cap[32], by[32];
    size_t length;

    if (room == 0)
        return 0;
    if (isnan(r->then_w))
        snprintf(text, sizeof(text), "too few samples to say: %zu", r->samples);
    else if (isnan(r->cap_w))
        say_uncapped(text, sizeof(text), r, name, context);
    else if (r->now_w > r->cap_w)
        snprintf(text, sizeof(text), "over %s now, by %s", watts(cap, r->cap_w, false),
                 watts(by, r->now_w - r->cap_w, false));
    else if (isnan(r->p) || r->p < .02)
        say_calm(text, sizeof(text), r, name, context);
    else
        say_breach(text, sizeof(text), r, name, context, clock_s);
    /* A name may hold letters of several bytes: cut between two of them. */
    length = text_fit(text, 200);
    if (length > room - 1)
        for (length = room - 1; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    memcpy(to, text, length);
    to[length] = 0;
    return length;
}
