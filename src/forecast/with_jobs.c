/* Jobs and telemetry, mixed and calibrated (with_jobs.h). */
#include "forecast/with_jobs.h"

#include <math.h>
#include <string.h>

#include "forecast/odds.h"
#include "forecast/score.h"

enum { LEVELS = 8, MAX_LEVELS = 4, ALL_LEVELS = LEVELS + MAX_LEVELS };
static const double levels[ALL_LEVELS] = { .05, .1,  .25, .5, .75, .9,
                                           .95, .99, .1,  .5, .9,  .99 };

static const double memory = 400;       /* matured forecasts, about, that count */
static const double start_lead = 1;     /* log odds at which jobs are believed before
                                         * anything has matured, without doubt */
static const double most_lead = 6;      /* never so sure that news could not turn it (a
                                         * fixed share: Herbster, Warmuth 1998) */

const char *forecast_basis_name(enum forecast_basis basis)
{
    static const char *const names[] = { [BASIS_POWER] = "power", [BASIS_JOBS] = "jobs" };

    return names[basis];
}

void with_jobs_start(struct with_jobs *w, const struct with_jobs_options *options)
{
    memset(w, 0, sizeof(*w));
    w->options = *options;
    w->time = NAN;
    place_start(&w->place);
    quantity_init(&w->quantity, &options->cap, options->step_s);
    for (size_t h = 0; h < FORECASTER_HORIZONS; h++) {
        w->horizons[h].made = -INFINITY;
        w->horizons[h].p_lead = w->horizons[h].q_lead = start_lead - options->doubt;
    }
}

/* ---- numbers ---- */

static void take_quantiles(const struct forecast *f, float to[ALL_LEVELS])
{
    const double from[ALL_LEVELS] = { f->q05,     f->q10,     f->q25,     f->q50,
                                      f->q75,     f->q90,     f->q95,     f->q99,
                                      f->max_q10, f->max_q50, f->max_q90, f->max_q99 };

    for (int i = 0; i < ALL_LEVELS; i++)
        to[i] = (float)from[i];
}

static void put_quantiles(struct forecast *f, const float from[ALL_LEVELS])
{
    double *to[ALL_LEVELS] = { &f->q05,     &f->q10,     &f->q25,     &f->q50,
                               &f->q75,     &f->q90,     &f->q95,     &f->q99,
                               &f->max_q10, &f->max_q50, &f->max_q90, &f->max_q99 };

    for (int i = 0; i < ALL_LEVELS; i++)
        *to[i] = (double)from[i];
}

/* ---- learning ---- */

static void learn_lead(const struct with_jobs *w, double *lead, double gain,
                       double weight)
{
    *lead += weight * gain - (*lead - start_lead + w->options.doubt) * weight / memory;
    *lead = fmin(fmax(*lead, -most_lead), most_lead);
}

static void learn_quantiles(const struct with_jobs *w, struct with_jobs_horizon *at,
                            const struct open_forecast *o, double weight)
{
    double jobs = 0, telemetry = 0;

    if (isnan(o->jobs[0]) || isnan(o->telemetry[0]))
        return;
    for (int i = 0; i < ALL_LEVELS; i++) {
        double came = (double)(i < LEVELS ? o->last : o->most);

        jobs += score_pinball((double)o->jobs[i], levels[i], came) / ALL_LEVELS;
        telemetry += score_pinball((double)o->telemetry[i], levels[i], came) / ALL_LEVELS;
    }
    at->pinball += (telemetry - at->pinball) * fmax(1 / (at->matured + 1), 1 / memory);
    if (at->pinball > 0)
        learn_lead(w, &at->q_lead, fmin(fmax((telemetry - jobs) / at->pinball, -3), 3),
                   weight);
}

static void mature(struct with_jobs *w, size_t h, const struct open_forecast *o)
{
    struct with_jobs_horizon *at = &w->horizons[h];
    double expected = floor(w->options.horizons[h] / w->options.step_s);
    double weight = (double)o->weight;

    if ((double)o->came < .8 * expected || o->acted)
        return;
    at->matured++;
    learn_quantiles(w, at, o, weight);
    if (o->was_above || isnan(o->cap_w))
        return;
    if (!isnan(o->p_jobs) && !isnan(o->p_telemetry))
        learn_lead(w, &at->p_lead,
                   score_log_loss((double)o->p_telemetry, o->breached) -
                       score_log_loss((double)o->p_jobs, o->breached),
                   weight);
    if (!isnan(o->p_mixed))
        calibration_learn(&at->calibration, (double)o->p_mixed, o->breached, weight);
}

static void tell_open(struct with_jobs *w, size_t h, double time, double watts,
                      double quantity)
{
    struct with_jobs_horizon *at = &w->horizons[h];

    while (at->count &&
           time > at->open[at->first].origin + w->options.horizons[h] + .01) {
        mature(w, h, &at->open[at->first]);
        at->first = (at->first + 1) % WITH_JOBS_OPEN;
        at->count--;
    }
    for (uint32_t i = 0; i < at->count; i++) {
        struct open_forecast *o = &at->open[(at->first + i) % WITH_JOBS_OPEN];

        o->last = (float)watts;
        o->most = fmaxf(o->most, (float)watts);
        o->breached |= quantity > o->cap_w;
        o->came++;
    }
}

void with_jobs_observe(struct with_jobs *w, uint32_t place,
                       const struct jobs_known *known, double time, double watts,
                       double beside)
{
    double quantity;

    if (isnan(watts) || time <= w->time)
        return;
    w->time = time;
    quantity = quantity_observe(&w->quantity, time, watts);
    for (size_t h = 0; h < w->options.horizon_count; h++)
        tell_open(w, h, time, watts, quantity);
    place_observe(&w->place, place, known, time, isnan(beside) ? watts : beside);
}

void with_jobs_recall(struct with_jobs *w, uint32_t place, const struct jobs_known *known,
                      double end, const float *watts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        quantity_observe(&w->quantity, end - (double)(count - 1 - i) * w->options.step_s,
                         (double)watts[i]);
    place_recall(&w->place, place, known, end, watts, count);
}

void with_jobs_acted(struct with_jobs *w)
{
    for (size_t h = 0; h < w->options.horizon_count; h++)
        for (uint32_t i = 0; i < WITH_JOBS_OPEN; i++)
            w->horizons[h].open[i].acted = true;
}

void with_jobs_begin_again(struct with_jobs *w)
{
    w->time = NAN;
    w->place.time = w->place.then_time = NAN;
    quantity_init(&w->quantity, &w->options.cap, w->options.step_s);
    for (size_t h = 0; h < w->options.horizon_count; h++) {
        w->horizons[h].first = w->horizons[h].count = 0;
        w->horizons[h].made = -INFINITY;
    }
}

/* Overlapping horizons say the same thing again and again. */
static void keep_open(struct with_jobs *w, size_t h, const struct open_forecast *o)
{
    struct with_jobs_horizon *at = &w->horizons[h];
    double since = (o->origin - at->made) / w->options.horizons[h];
    struct open_forecast *to = &at->open[(at->first + at->count) % WITH_JOBS_OPEN];

    if (since < 1. / (WITH_JOBS_OPEN - 1) || at->count == WITH_JOBS_OPEN)
        return;
    *to = *o;
    to->weight = (float)fmin(since, 1);
    at->made = o->origin;
    at->count++;
}

/* ---- mixing ---- */

/* How far jobs are believed that lead by so much: of a few samples one odd one moves the
 * place's level, and with it all that jobs say, and chance decides which they are. */
static double belief(const struct with_jobs *w, double lead)
{
    return odds_chance(lead) * fmin(place_own_samples(&w->place) / PLACE_ENOUGH, 1);
}

/* The share of a distribution, known by quantiles, that lies below x: a straight line
 * between them, and beyond them at the slope of the last piece. */
static double share_below(const float *said, const double *at, int count, double x)
{
    int i = 0;

    while (i < count - 2 && x > (double)said[i + 1])
        i++;
    if ((double)said[i + 1] <= (double)said[i])
        return x < (double)said[i] ? 0 : x > (double)said[i + 1] ? 1 : at[i + 1];
    return fmin(fmax(at[i] + (at[i + 1] - at[i]) * (x - (double)said[i]) /
                                 (double)(said[i + 1] - said[i]),
                     0),
                1);
}

/* Quantiles of the mixture of two distributions: where the mixture's share below reaches
 * the level. */
static void mix_levels(const float *jobs, const float *telemetry, const double *at,
                       int count, double weight, float *to)
{
    for (int i = 0; i < count; i++) {
        double low = fmin((double)jobs[i], (double)telemetry[i]),
               high = fmax((double)jobs[i], (double)telemetry[i]);

        for (int k = 0; k < 24; k++) {
            double x = .5 * (low + high);
            double below = weight * share_below(jobs, at, count, x) +
                           (1 - weight) * share_below(telemetry, at, count, x);

            if (below < at[i])
                low = x;
            else
                high = x;
        }
        to[i] = (float)(.5 * (low + high));
    }
}

static void mix_quantiles(double weight, const struct open_forecast *o,
                          struct forecast *f)
{
    float mixed[ALL_LEVELS];

    if (isnan(o->jobs[0]))
        return;
    if (isnan(o->telemetry[0])) {
        put_quantiles(f, o->jobs);
        return;
    }
    mix_levels(o->jobs, o->telemetry, levels, LEVELS, weight, mixed);
    mix_levels(o->jobs + LEVELS, o->telemetry + LEVELS, levels + LEVELS, MAX_LEVELS,
               weight, mixed + LEVELS);
    put_quantiles(f, mixed);
}

static double mix_chances(double weight, double jobs, double telemetry)
{
    if (isnan(jobs) || isnan(telemetry))
        return isnan(jobs) ? telemetry : jobs;
    return weight * jobs + (1 - weight) * telemetry;
}

static double calibrated(const struct with_jobs *w, const struct with_jobs_horizon *at,
                         double p)
{
    return w->options.uncalibrated ? p : calibration_apply(&at->calibration, p);
}

static void mix_one(struct with_jobs_horizon *at, const struct with_jobs *w,
                    const struct forecast *jobs, struct forecast *f,
                    struct open_forecast *o)
{
    *o = (struct open_forecast){ .cap_w = f->cap_w, .p_jobs = (float)jobs->p_breach,
                                 .p_telemetry = (float)f->p_breach, .most = -INFINITY };
    take_quantiles(jobs, o->jobs);
    take_quantiles(f, o->telemetry);
    o->p_mixed = (float)mix_chances(belief(w, at->p_lead), jobs->p_breach,
                                     f->p_breach);
    f->p_breach = calibrated(w, at, (double)o->p_mixed);
    mix_quantiles(belief(w, at->q_lead), o, f);
}

/* Jobs can be asked where what is known of them is fresh and their sum has been compared
 * with the meter. */
static bool can_ask(const struct with_jobs *w, const struct jobs_known *known)
{
    enum { LEAST = 3 };
    const double stale_s = 300;

    return !isnan(known->time) && !isnan(w->place.level) && w->place.samples >= LEAST &&
           known->time - w->place.time <= stale_s;
}

/* Longer horizons than jobs are asked for are the telemetry's, but not less likely.
 * Between two horizons, a breach comes as those say who are believed. */
static void fill_times(const struct with_jobs *w, const struct place_room *room,
                       const double *caps, size_t cap_count, size_t horizon_count,
                       struct forecast *out)
{
    for (size_t c = 0; c < cap_count; c++) {
        const struct course jobs = place_course(room, c);
        const struct course *between[FORECASTER_HORIZONS] = { NULL };

        for (size_t h = 0; h < horizon_count; h++) {
            struct forecast *f = &out[h * cap_count + c];

            if (h > 0)
                f->p_breach = fmax(f->p_breach, out[(h - 1) * cap_count + c].p_breach);
            if (h < w->options.horizon_count && belief(w, w->horizons[h].p_lead) > .5)
                between[h] = &jobs;
        }
        course_fill_times(out + c, horizon_count, cap_count, between);
        for (size_t h = 0; h < horizon_count && w->quantity.value > caps[c]; h++)
            course_is_above(&out[h * cap_count + c]);
    }
}

void forecast_with_jobs(struct with_jobs *w, uint32_t place,
                        const struct jobs_known *known, const struct futures *futures,
                        const double *caps, size_t cap_count,
                        const struct place_options *options, struct place_room *room,
                        struct forecast *out, size_t horizon_count,
                        enum forecast_basis *basis)
{
    const struct with_jobs_options *o = &w->options;
    bool above = cap_count && w->quantity.value > caps[0];

    for (size_t h = 0; h < horizon_count; h++)
        basis[h] = BASIS_POWER;
    if (!can_ask(w, known))
        return;
    place_forecast(&w->place, place, known, futures, options, &w->quantity, o->horizons,
                   o->horizon_count, caps, cap_count, room);
    for (size_t h = 0; h < o->horizon_count; h++) {
        struct with_jobs_horizon *at = &w->horizons[h];

        for (size_t c = 0; c < cap_count; c++) {
            struct forecast *f = &out[h * cap_count + c];
            struct open_forecast one;

            mix_one(at, w, &room->out[h * cap_count + c], f, &one);
            one.origin = known->time;
            one.was_above = above;
            if (c == 0)
                keep_open(w, h, &one);
        }
        if (belief(w, at->p_lead) > .5 || isnan(room->out[h * cap_count].p_breach))
            basis[h] = BASIS_JOBS;
    }
    fill_times(w, room, caps, cap_count, horizon_count, out);
}
