/* Backtest: reads a series once, forecasts at every origin from what was known, and fills
 * in what came as it comes. */
#include "backtest.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backtest_caps.h"
#include "backtest_jobs.h"
#include "backtest_rows.h"
#include "backtest_series.h"
#include "backtest_state.h"
#include "backtest_summary.h"
#include "base/arena.h"
#include "forecast/course.h"

/* One run over a series. */
struct run {
    const struct backtest_options *options;
    FILE *out;
    double step_s, begins, due;
    struct series series;
    struct backtest_caps caps;
    struct forecaster *forecaster;
    struct backtest_jobs *jobs; /* NULL: none are told of */
    struct open_rows rows;
    struct backtest_summary summary;
};

static void score_row(void *run, const struct open_row *row)
{
    struct run *r = run;

    backtest_summary_add(&r->summary, row);
}

static const double no_cap = NAN;

static const double *caps_of(const struct run *r)
{
    return r->options->cap_count ? r->caps.watts : &no_cap;
}

static void make_forecasts(struct run *r, double origin, double now_w)
{
    const struct backtest_options *o = r->options;
    size_t caps = o->cap_count ? o->cap_count : 1;
    struct forecast f[BACKTEST_HORIZONS * BACKTEST_CAPS];
    enum forecast_basis basis[BACKTEST_HORIZONS];

    forecaster_make(r->forecaster, origin, caps_of(r), caps, f);
    if (r->jobs)
        backtest_jobs_mix(r->jobs, caps_of(r), caps, f, basis);
    for (size_t c = 0; c < caps; c++)
        course_agree(f + c, o->horizon_count, caps, true);
    for (size_t i = 0; i < o->horizon_count * caps; i++)
        *open_rows_add(&r->rows) = (struct open_row){ .f = f[i],
                                                      .origin = origin,
                                                      .now_w = now_w,
                                                      .horizon = (unsigned)(i / caps),
                                                      .cap = (unsigned)(i % caps),
                                                      .step_s = r->step_s,
                                                      .basis = r->jobs ? forecast_basis_name(basis[i / caps]) : NULL,
                                                      .actual_w = NAN,
                                                      .most_w = NAN };
}

static int run_series(struct run *r, struct err *err)
{
    const struct backtest_options *o = r->options;
    double time, watts;
    int got;

    r->due = isnan(o->from) ? -INFINITY : o->from;
    while ((got = series_read(&r->series, &time, &watts, err)) > 0) {
        /* As if the meter had said nothing. */
        if (watts < 0 || watts > (double)forecast_most_w) {
            r->summary.impossible++;
            watts = NAN;
        }
        open_rows_tell(&r->rows, time, watts, score_row, r);
        open_rows_write(&r->rows, r->out, r->series.name);
        if (isnan(watts))
            continue;
        r->summary.least_w = fmin(r->summary.least_w, watts);
        backtest_caps_observe(&r->caps, time, watts);
        forecaster_watch(r->forecaster, r->caps.watts, o->cap_count);
        forecaster_observe(r->forecaster, time, watts);
        if (r->jobs && backtest_jobs_observe(r->jobs, time, watts, *caps_of(r), err) < 0)
            return -1;
        if (time < r->due)
            continue;
        make_forecasts(r, time, watts);
        r->due = isinf(r->due) ? time : r->due;
        r->due += o->step_s * (floor((time - r->due) / o->step_s) + 1);
    }
    if (got == 0) {
        open_rows_finish(&r->rows, r->series.time, score_row, r);
        open_rows_write(&r->rows, r->out, r->series.name);
    }
    return got;
}

/* What was learnt of later is no knowledge that a forecast of then had, and samples
 * before it would all be late. */
static int load_state(struct run *r, FILE *summary, struct err *err)
{
    const char *path = r->options->warm;
    int loaded = backtest_state_load(path, r->series.name, r->forecaster, err);
    double until;

    if (loaded < 0)
        return -1;
    if (loaded > 0) {
        if (path)
            fprintf(summary, "%s: no state of %s: it starts cold\n", path,
                    r->series.name);
        return 0;
    }
    until = forecaster_time(r->forecaster);
    return until >= r->begins
               ? err_set(
                     err,
                     "%s: the state of %s is of a time up to %.0f, and %s begins at %.0f: expected later samples",
                     path, r->series.name, until, r->series.path, r->begins)
               : 0;
}

static int start(struct run *r, const char *path, struct err *err)
{
    const struct backtest_options *o = r->options;
    struct forecaster_options options = { .horizon_count = o->horizon_count,
                                          .cap = { .watts = NAN } };

    if (series_step(path, &r->begins, &r->step_s, err) < 0)
        return -1;
    options.step_s = isnan(r->step_s) ? o->step_s : r->step_s;
    memcpy(options.horizons, o->horizons, sizeof(options.horizons));
    r->forecaster = forecaster_new(&options);
    forecaster_bound(r->forecaster, o->idle_w, o->nameplate_w);
    if (backtest_caps_start(&r->caps, o, path, options.step_s, err) < 0)
        return -1;
    if (o->jobs && !(r->jobs = backtest_jobs_open(o->jobs, options.step_s, o, err)))
        return -1;
    return series_open(&r->series, path, err);
}

static int backtest_file(const char *path, bool is_first,
                         const struct backtest_options *o, FILE *out, FILE *summary,
                         struct err *err)
{
    struct run *r = xcalloc(1, sizeof(*r));
    int result = -1;

    r->options = o;
    r->out = out;
    r->summary.least_w = NAN;
    if (start(r, path, err) == 0 && load_state(r, summary, err) == 0) {
        if (is_first)
            open_rows_write_header(out, o->jobs != NULL);
        result = run_series(r, err);
    }
    if (result == 0) {
        if (r->series.time < o->from)
            fprintf(summary, "%s: no samples from --from on: the last is at %.0f\n", path,
                    r->series.time);
        else
            backtest_summary_write(&r->summary, o, r->series.name, r->caps.watts,
                                   summary);
        result = backtest_state_save(o->save, is_first, r->series.name, r->forecaster,
                                     err);
    }
    series_close(&r->series);
    backtest_caps_stop(&r->caps);
    forecaster_free(r->forecaster);
    backtest_jobs_close(r->jobs);
    free(r->rows.rows);
    free(r);
    return result;
}

int backtest_run(const char *const *files, size_t count, const struct backtest_options *o,
                 FILE *out, FILE *summary, struct err *err)
{
    if (!(o->step_s > 0) || !o->horizon_count)
        return err_set_code(err, ERR_USAGE,
                            "a backtest needs a step and at least one horizon");
    if (backtest_state_try(o->save, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (backtest_file(files[i], i == 0, o, out, summary, err) < 0)
            return -1;
    return fflush(out) == 0 ? 0
                            : err_set(err, "writing the backtest: %s", strerror(errno));
}
