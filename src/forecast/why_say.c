/* Reasons as a sentence (why.h). */
#include "forecast/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ---- words ---- */

static const char *watts(char to[32], double value, bool sign)
{
    char size[24];

    text_watts(size, sizeof(size), fabs(value));
    snprintf(to, 32, "%s%s", !sign ? "" : value < 0 ? "-" : "+", size);
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

static const char *free_watts(char to[32], const struct forecast_reason *r)
{
    return watts(to, r->cap_w - r->now_w, false);
}

/* Below this chance the time is an accident of the few futures that pass, and none is
 * named. */
static const double worth_a_time = .1;

/* A window leans: "±" is for one that is about as wide on both sides of its time, to the
 * minute that is shown. */
static bool is_even(const struct forecast_reason *r)
{
    return fabs((r->late_s - r->at_s) - (r->at_s - r->early_s)) < 60;
}

static int say_when(char *to, size_t room, const struct forecast_reason *r,
                    double clock_s)
{
    char at[16], from[16], until[16];
    double half = .5 * (r->late_s - r->early_s);

    if (r->p < worth_a_time)
        return snprintf(to, room, "%s", "");
    if (isnan(half))
        return snprintf(to, room, " at %s",
                        time_of_day(at, r->origin + clock_s + r->at_s));
    if (half <= 600 && is_even(r))
        return snprintf(to, room, " at %s ±%.0fm",
                        time_of_day(at, r->origin + clock_s + r->at_s),
                        fmax(ceil(half / 60), 1));
    return snprintf(to, room, " between %s and %s",
                    time_of_day(from, r->origin + clock_s + r->early_s),
                    time_of_day(until, r->origin + clock_s + r->late_s));
}

/* "44625 starts" */
static int say_who(char *to, size_t room, const struct why_part *part, why_name *name,
                   void *context)
{
    static const char *const verbs[] = {
        [WHY_STARTS] = "starts",      [WHY_ENDS] = "ends",
        [WHY_COMES_UP] = "comes up",  [WHY_ARRIVALS] = "jobs not yet submitted",
        [WHY_SEASON] = "time of day", [WHY_TREND] = "trend"
    };
    const char *who = part->job && name ? name(context, part->job) : NULL;

    if (part->job)
        return snprintf(to, room, "%.32s %s", who && *who ? who : "a job",
                        verbs[part->term]);
    return snprintf(to, room, "%s", verbs[part->term]);
}

static int say_part(char *to, size_t room, const struct why_part *part, why_name *name,
                    void *context)
{
    char size[32];
    int n = say_who(to, room, part, name, context);

    watts(size, why_said_w(part), true);
    return n + snprintf(to + n, room - (size_t)n, "%s%s", part->job ? ", " : " ", size);
}

/* ", it rose 41 kW 25m ago": the largest swing of what was seen, whether it would reach
 * the cap or not, for that anybody can see beside what is free. */
static int say_swings(char *to, size_t room, const struct forecast_reason *r)
{
    char most[32], ago[24];
    int n;

    if (!(r->swing_w > 0))
        return snprintf(to, room, "%s", "");
    n = snprintf(to, room, ", it rose %s", watts(most, r->swing_w, false));
    if (isnan(r->swing_ago_s))
        return n;
    if (r->swing_ago_s < 60)
        return n + snprintf(to + n, room - (size_t)n, " just now");
    text_duration(ago, sizeof(ago), 60 * floor(r->swing_ago_s / 60));
    return n + snprintf(to + n, room - (size_t)n, " %s ago", ago);
}

/* ", and others, +149 kW in all", where its start is not the only one. */
static int say_others(char *to, size_t room, const struct forecast_reason *r)
{
    double said = why_said_w(&r->parts[0]);
    char all[32];

    if (r->parts[0].term != WHY_STARTS || !(r->starts_w > 1.05 * said))
        return 0;
    return snprintf(to, room, ", and others, %s in all", watts(all, r->starts_w, true));
}

/* No single job takes it there: do all that start, some of which nobody has announced?
 * Others end, too, and which comes first is what the chance is about. */
static int say_turnover(char *to, size_t room, const struct forecast_reason *r)
{
    char starts[32], ends[32], span[16];

    if (!(r->terms.starts_w > .5 * (r->cap_w - r->now_w)))
        return snprintf(to, room, ", no planned job takes it there");
    text_duration(span, sizeof(span), r->horizon_s);
    watts(starts, r->terms.starts_w, true);
    if (!(r->terms.ends_w < 0))
        return snprintf(to, room, ", jobs that start %s in %s", starts, span);
    return snprintf(to, room,
                    ", jobs that start %s in %s and those that end %s, in no sure order",
                    starts, span, watts(ends, r->terms.ends_w, true));
}

/* A chance, said as one: that it may, and when, come first, for the end may be cut. How
 * likely stands beside it wherever it is shown. */
static int say_breach(char *to, size_t room, const struct forecast_reason *r,
                      why_name *name, void *context, double clock_s)
{
    char cap[32], when[64], gap[32], p[16];
    bool is_cause = !isnan(r->p_without);
    int n;

    watts(cap, r->cap_w, false);
    say_when(when, sizeof(when), r, clock_s);
    n = snprintf(to, room, "may pass %s%s: ", cap, when);
    if (!is_cause && !(r->part_count && r->parts[0].watts > .5 * (r->cap_w - r->now_w))) {
        n += snprintf(to + n, room - (size_t)n, "%s free", free_watts(gap, r));
        n += say_turnover(to + n, room - (size_t)n, r);
        return n + say_swings(to + n, room - (size_t)n, r);
    }
    n += say_part(to + n, room - (size_t)n, &r->parts[0], name, context);
    n += say_others(to + n, room - (size_t)n, r);
    if (is_cause)
        n += snprintf(to + n, room - (size_t)n, "; p %s without it",
                      probability(p, r->p_without));
    return n;
}

static int say_calm(char *to, size_t room, const struct forecast_reason *r,
                    why_name *name, void *context)
{
    char cap[32], gap[32], span[16], part[96];
    int n;

    text_duration(span, sizeof(span), r->horizon_s);
    n = snprintf(to, room, "stays under %s for %s: %s free", watts(cap, r->cap_w, false),
                 span, free_watts(gap, r));
    if (r->part_count && r->parts[0].job) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        n += snprintf(to + n, room - (size_t)n, "; %s", part);
    }
    return n;
}

static void say_with_jobs(char *to, size_t room, const struct forecast_reason *r,
                          why_name *name, void *context, double clock_s)
{
    int n = isnan(r->early_s) ? say_calm(to, room, r, name, context)
                              : say_breach(to, room, r, name, context, clock_s);
    char span[16];

    if (r->jobs_silent_s > 0) {
        text_duration(span, sizeof(span), r->jobs_silent_s);
        n += snprintf(to + n, room - (size_t)n, "; a scheduler has been silent for %s",
                      span);
    }
    if (r->jobs_left_out)
        snprintf(to + n, room - (size_t)n, "; %zu smaller or later jobs not looked at",
                 r->jobs_left_out);
}

/* ---- of the power alone ---- */

/* What its trend and the time of day lead to by the horizon. */
static double leads_to(const struct forecast_reason *r)
{
    return (isnan(r->terms.trend_w) ? 0 : r->terms.trend_w) +
           (isnan(r->terms.season_w) ? 0 : r->terms.season_w);
}

/* As the tables write it: one number, one rounding. */
static const char *in_time(char to[40], const struct forecast_reason *r)
{
    char span[24];

    text_duration(span, sizeof(span), r->at_s);
    snprintf(to, 40,
             r->p < worth_a_time ? "%.0s"
             : r->at_s < 1       ? " at any moment"
                                 : " in %s",
             span);
    return to;
}

static const char *way(char to[64], const struct forecast_reason *r)
{
    char rate[32];
    double an_hour = 3600 * (r->climb_w_per_s > 0 ? r->climb_w_per_s
                                                  : leads_to(r) / r->horizon_s);

    watts(rate, fabs(an_hour), false);
    snprintf(to, 64, "%s%s %s an hour", r->climb_w_per_s > 0 ? "steadily " : "",
             an_hour > 0 ? "rising" : "falling", rate);
    return to;
}

static int say_of_power(char *to, size_t room, const struct forecast_reason *r)
{
    char cap[32], gap[32], rate[64], when[40], span[24];
    double head = r->cap_w - r->now_w;
    int n;

    watts(cap, r->cap_w, false);
    free_watts(gap, r);
    text_duration(span, sizeof(span), r->horizon_s);
    in_time(when, r);
    if (isnan(r->early_s))
        n = snprintf(to, room, "%s under %s for %s: %s free",
                     r->p >= .1 ? "likely stays" : "stays", cap, span, gap);
    /* What falls is no reason to pass a cap. */
    else if (leads_to(r) < .1 * head && !(r->climb_w_per_s > 0)) {
        n = snprintf(to, room, "may pass %s%s: %s free", cap, when, gap);
        n += say_swings(to + n, room - (size_t)n, r);
    } else
        n = snprintf(to, room, "may pass %s%s: %s free, %s", cap, when, gap,
                     way(rate, r));
    if (!r->has_jobs && r->samples > 0)
        n += snprintf(to + n, room - (size_t)n, "; no job data: from %zu similar windows",
                      r->samples);
    return n;
}

static int say_uncapped(char *to, size_t room, const struct forecast_reason *r,
                        why_name *name, void *context)
{
    char change[32], span[16], part[96], rate[64];
    int n;

    if (r->basis != BASIS_JOBS)
        return snprintf(to, room, "no cap; %s", way(rate, r));

    text_duration(span, sizeof(span), r->at_s);
    n = snprintf(to, room, "no cap; %s in %s", watts(change, r->then_w - r->now_w, true),
                 span);
    if (r->part_count && r->parts[0].job) {
        say_part(part, sizeof(part), &r->parts[0], name, context);
        n += snprintf(to + n, room - (size_t)n, ": %s", part);
    }
    return n;
}

static const char why_over[] = " now, by ";

/* Of a mean, or a device that trips, power above the cap is no breach yet. */
static int say_over(char *to, size_t room, const struct forecast_reason *r)
{
    char cap[32], by[32], span[24];
    int n = snprintf(to, room, "over %s%s%s", watts(cap, r->cap_w, false), why_over,
                     watts(by, r->now_w - r->cap_w, false));

    if (isnan(r->p) || !(r->p < 1 || r->at_s > 0))
        return n;
    if (isnan(r->early_s))
        return n + snprintf(to + n, room - (size_t)n, "; no breach in sight");
    text_duration(span, sizeof(span), r->at_s);
    return n + snprintf(to + n, room - (size_t)n, "; a breach in %s", span);
}

size_t why_say(char *to, size_t room, const struct forecast_reason *r, why_name *name,
               void *context, double clock_s)
{
    enum { MOST = 400 };
    char text[MOST];
    size_t length;

    if (room == 0)
        return 0;
    if (isnan(r->then_w))
        snprintf(text, sizeof(text), "too few samples to say: %zu", r->samples);
    else if (isnan(r->cap_w))
        say_uncapped(text, sizeof(text), r, name, context);
    else if (r->now_w > r->cap_w)
        say_over(text, sizeof(text), r);
    else if (r->basis == BASIS_JOBS)
        say_with_jobs(text, sizeof(text), r, name, context, clock_s);
    else
        say_of_power(text, sizeof(text), r);
    /* A name may hold letters of several bytes: cut between two of them. */
    length = text_fit(text, 200);
    if (length > room - 1)
        for (length = room - 1;
             length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    memcpy(to, text, length);
    to[length] = 0;
    return length;
}

bool why_says_free(const struct forecast_reason *r, const char *sentence, size_t *at,
                   size_t *length)
{
    bool is_over = r->now_w > r->cap_w;
    const char *lead = is_over ? why_over : ": ", *found;
    char gap[32], clause[64];

    if (is_over)
        watts(gap, r->now_w - r->cap_w, false);
    else
        free_watts(gap, r);
    snprintf(clause, sizeof(clause), "%s%s%s", lead, gap, is_over ? "" : " free");
    found = r->cap_w > r->now_w || is_over ? strstr(sentence, clause) : NULL;
    if (!found)
        return false;
    *at = (size_t)(found - sentence) + strlen(lead);
    *length = strlen(gap);
    return true;
}

void why_say_cause(char *to, size_t room, const struct forecast_reason *r, why_name *name,
                   void *context)
{
    if (isnan(r->p_without))
        snprintf(to, room, "%s", "");
    else
        say_who(to, room, &r->parts[0], name, context);
}
