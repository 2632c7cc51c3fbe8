/* A log of jobs beside a series of power (backtest_jobs.h). A line is read when its job
 * was submitted and forgotten when it ended, so memory is for those that wait or run. */
#include "backtest_jobs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "forecast/chance.h"

enum column {
    JOB_ID,
    TENANT,
    SUBMIT,
    START,
    END,
    GPUS,
    STATE,
    NEEDED,
    LIMIT = NEEDED,
    PLANNED,
    NODES,
    COLUMNS
};
static const char *const columns[COLUMNS] = {
    [JOB_ID] = "job_id", [TENANT] = "tenant", [SUBMIT] = "submit",   [START] = "start",           [END] = "end",
    [GPUS] = "gpus",     [STATE] = "state",   [LIMIT] = "limit_s",   [PLANNED] = "planned_start", [NODES] = "nodes",
};

/* Where each column is; MOST_CELLS: nowhere. */
enum { MOST_CELLS = 64, LINE = 2048 };

struct backtest_jobs {
    FILE *in;
    const char *path;
    unsigned long line;
    size_t place[COLUMNS], cells;
    double submitted;           /* of the line before */
    struct forecast_job next;   /* read, but not submitted yet */
    bool has_next;
    struct forecast_job *jobs;  /* that wait or run, or have just ended */
    size_t count, room;
    double in_use, most_in_use; /* GPUs */
    double waits;               /* jobs that did not start at once */
    struct jobs_known *known;
    struct futures futures;
    struct place_room place_room;
    struct with_jobs mixture;
};

/* ---- reading ---- */

static size_t split(char *text, char *cells[MOST_CELLS])
{
    size_t n = 0;

    text[strcspn(text, "\r\n")] = 0;
    for (char *at = text; at && n < MOST_CELLS; n++) {
        cells[n] = at;
        at = strchr(at, ',');
        if (at)
            *at++ = 0;
    }
    return n;
}

static int bad_line(const struct backtest_jobs *j, const char *expected, const char *got,
                    struct err *err)
{
    return err_set(err, "%s:%lu: expected %s, got \"%.24s\"", j->path, j->line, expected, got);
}

/* 1: a line; 0: the end; -1. */
static int read_line(struct backtest_jobs *j, char text[LINE], struct err *err)
{
    if (!fgets(text, LINE, j->in))
        return ferror(j->in) ? err_set(err, "%s: %s", j->path, strerror(errno)) : 0;
    j->line++;
    if (!strchr(text, '\n') && !feof(j->in))
        return bad_line(j, "a line of at most 2000 characters", text, err);
    return 1;
}

static int read_header(struct backtest_jobs *j, struct err *err)
{
    char text[LINE] = "", *cells[MOST_CELLS];

    if (read_line(j, text, err) < 0)
        return -1;
    j->line = 1;
    j->cells = split(text, cells);
    for (int c = 0; c < COLUMNS; c++) {
        j->place[c] = MOST_CELLS;
        for (size_t i = 0; i < j->cells; i++)
            if (strcmp(cells[i], columns[c]) == 0)
                j->place[c] = i;
        if (c < NEEDED && j->place[c] == MOST_CELLS)
            return err_set(err,
                           "%s:1: no column %s: expected the header line job_id,tenant,submit,start,end,gpus,state"
                           "[,limit_s]",
                           j->path, columns[c]);
    }
    return 0;
}

/* Empty, and less than nothing: not known. */
static int read_number(const struct backtest_jobs *j, char *const *cells, enum column c,
                       double *to, struct err *err)
{
    const char *text = j->place[c] == MOST_CELLS ? "" : cells[j->place[c]];
    char expected[64], *end;

    *to = strtod(text, &end);
    if (*text && (end == text || *end || !isfinite(*to))) {
        snprintf(expected, sizeof(expected), "a number as %s", columns[c]);
        return bad_line(j, expected, text, err);
    }
    if (!*text || *to < 0)
        *to = NAN;
    return 0;
}

static uint64_t size_of(double gpus)
{
    return (uint64_t)(64 + floor(log2(gpus)));
}

static void take_texts(const struct backtest_jobs *j, char *const *cells,
                       struct forecast_job *job)
{
    uint64_t tenant = chance_of_text(cells[j->place[TENANT]], 1);

    job->id = chance_of_text(cells[j->place[JOB_ID]], j->line) | 1;
    job->classes[0] = chance_mix(tenant, size_of(job->gpus)) | 1;
    job->classes[1] = tenant | 1;
    job->classes[2] = 1;
}

static int check_job(struct backtest_jobs *j, char *const *cells,
                     const struct forecast_job *job, struct err *err)
{
    if (isnan(job->submit))
        return bad_line(j, "when it was submitted, seconds since 1970",
                        cells[j->place[SUBMIT]], err);
    if (job->submit < j->submitted)
        return bad_line(j, "jobs in order of submission", cells[j->place[SUBMIT]], err);
    if (job->start < job->submit)
        return bad_line(j, "a start not before the submission", cells[j->place[START]],
                        err);
    if (job->end < job->start || job->end < job->submit)
        return bad_line(j, "an end not before the start", cells[j->place[END]], err);
    return 0;
}

static int read_job(struct backtest_jobs *j, struct forecast_job *job, struct err *err)
{
    char text[LINE], *cells[MOST_CELLS];
    double nodes;
    int got = read_line(j, text, err);

    if (got <= 0)
        return got;
    if (split(text, cells) != j->cells)
        return bad_line(j, "as many cells as in the header", text, err);
    *job = (struct forecast_job){ .watts = NAN, .placement_count = 1 };
    if (read_number(j, cells, SUBMIT, &job->submit, err) < 0 ||
        read_number(j, cells, START, &job->start, err) < 0 ||
        read_number(j, cells, END, &job->end, err) < 0 ||
        read_number(j, cells, GPUS, &job->gpus, err) < 0 ||
        read_number(j, cells, LIMIT, &job->limit_s, err) < 0 ||
        read_number(j, cells, PLANNED, &job->planned_start, err) < 0 ||
        read_number(j, cells, NODES, &nodes, err) < 0 ||
        check_job(j, cells, job, err) < 0)
        return -1;
    if (!(job->gpus > 0))
        job->gpus = nodes > 0 ? nodes : 1;
    job->plan = isnan(job->planned_start) ? PLAN_NONE : PLAN_EXPECTED;
    job->order = j->submitted = job->submit;
    take_texts(j, cells, job);
    return 1;
}

/* ---- what is known when ---- */

static int read_submitted(struct backtest_jobs *j, double time, struct err *err)
{
    for (;;) {
        if (!j->has_next) {
            int got = read_job(j, &j->next, err);

            if (got <= 0)
                return got;
            j->has_next = true;
        }
        if (j->next.submit > time)
            return 0;
        j->jobs = xgrow(j->jobs, &j->room, j->count + 1, sizeof(*j->jobs));
        j->jobs[j->count++] = j->next;
        j->has_next = false;
    }
}

/* What ended before the last look was told of then. */
static void forget_ended(struct backtest_jobs *j, double last)
{
    size_t kept = 0;

    for (size_t i = 0; i < j->count; i++)
        if (!(j->jobs[i].end <= last))
            j->jobs[kept++] = j->jobs[i];
    j->count = kept;
}

static void count_use(struct backtest_jobs *j, double time, double last)
{
    const double at_once_s = 60;

    j->in_use = 0;
    for (size_t i = 0; i < j->count; i++) {
        const struct forecast_job *job = &j->jobs[i];

        if (!(job->start <= time))
            continue;
        j->in_use += job->end <= time ? 0 : job->gpus;
        j->waits += !(job->start <= last) && job->start > job->submit + at_once_s;
    }
    j->most_in_use = fmax(j->most_in_use, j->in_use);
}

int backtest_jobs_observe(struct backtest_jobs *j, double time, double watts,
                          double cap_w, struct err *err)
{
    enum { FEW_WAITS = 10 };
    static const struct job_placement here = { 0, 1 };
    static const struct job_place only = { .parents = { NO_PLACE, NO_PLACE } };
    double last = isnan(j->known->time) ? -INFINITY : j->known->time;
    struct job_pool pool = { .gpus = NAN, .placement_count = 1 };
    struct job_view view = { .placements = &here,
                             .placement_count = 1,
                             .places = &only,
                             .place_count = 1,
                             .pools = &pool,
                             .pool_count = 1 };

    forget_ended(j, last);
    if (read_submitted(j, time, err) < 0)
        return -1;
    count_use(j, time, last);
    /* Where jobs wait for their turn, and nobody tells when that is, as many GPUs as ever
     * were in use are all there are. */
    pool.gpus = j->waits >= FEW_WAITS && j->place[PLANNED] == MOST_CELLS ? j->most_in_use
                                                                         : NAN;
    view.jobs = j->jobs;
    view.count = j->count;
    jobs_known_observe(j->known, time, &view);
    jobs_known_meter(j->known, watts);
    j->mixture.options.cap.watts = cap_w;
    quantity_set_watts(&j->mixture.quantity, cap_w);
    with_jobs_observe(&j->mixture, 0, j->known, time, watts, NAN);
    return 0;
}

void backtest_jobs_mix(struct backtest_jobs *j, const double *caps, size_t cap_count,
                       struct forecast *out,
                       enum forecast_basis basis[FORECASTER_HORIZONS])
{
    const struct with_jobs_options *o = &j->mixture.options;
    const struct futures_options options = { .count = 64,
                                             .until_s = o->horizons[o->horizon_count - 1],
                                             .pass_s = 60 };
    const struct place_options nothing = { .without = NO_JOB };

    futures_imagine(&j->futures, j->known, &options);
    forecast_with_jobs(&j->mixture, 0, j->known, &j->futures, caps, cap_count, &nothing,
                       &j->place_room, out, o->horizon_count, basis);
}

/* ---- open, close ---- */

struct backtest_jobs *backtest_jobs_open(const char *path, double step_s,
                                         const struct backtest_options *o,
                                         struct err *err)
{
    /* A log says nothing of watts: what a GPU draws is learnt from the meter alone,
     * beginning with next to nothing. */
    const double unknown_w = 1;
    struct backtest_jobs *j = xcalloc(1, sizeof(*j));
    const double doubt = 2;
    struct with_jobs_options options = { .step_s = step_s,
                                         .horizon_count = o->horizon_count,
                                         .cap = { .watts = NAN },
                                         .doubt = doubt };

    memcpy(options.horizons, o->horizons, sizeof(options.horizons));
    j->path = path;
    j->submitted = -INFINITY;
    with_jobs_start(&j->mixture, &options);
    j->known = jobs_known_new(step_s, unknown_w);
    j->in = file_open(path);
    if (j->in && read_header(j, err) == 0)
        return j;
    if (!j->in)
        err_set(err, "%s: %s", path, strerror(errno));
    backtest_jobs_close(j);
    return NULL;
}

void backtest_jobs_close(struct backtest_jobs *j)
{
    if (!j)
        return;
    if (j->in)
        fclose(j->in);
    jobs_known_free(j->known);
    futures_free(&j->futures);
    place_room_free(&j->place_room);
    free(j->jobs);
    free(j);
}
