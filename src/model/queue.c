/* The line of jobs that wait: who starts next, what the site would draw then, what waits
 * in which queue, and whose it is. */
#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUEUE_ROOM = 256,
    MOST_ABOVE = 16             /* queues above a queue: they may be told to be in a circle */
};

struct waiting {
    uint32_t job;
    double start, priority, submit; /* NAN: not known */
};

/* NAN comes last. */
static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return a < b ? -1 : a > b;
}

/* When the scheduler means to start them; what it has not planned, by priority, then by
 * who came first. */
static int by_turn(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    int order = compare(x->start, y->start);

    order = order ? order : compare(-x->priority, -y->priority);
    order = order ? order : compare(x->submit, y->submit);
    return order ? order : compare(x->job, y->job);
}

static bool is_in_state(const struct model *m, uint32_t job, const char *word)
{
    const char *state = model_text(m, M_JOB_STATE, job);

    return state && strcmp(state, word) == 0 &&
           model_quality(m, M_JOB_STATE, job) != GW_STALE;
}

double model_job_tasks(const struct model *m, uint32_t job)
{
    double tasks = is_in_state(m, job, "pending") ? model_number(m, M_JOB_TASKS, job)
                                                  : NAN;

    return tasks >= 1 ? tasks : 1;
}

double model_job_adds(const struct model *m, uint32_t job)
{
    return model_number(m, M_JOB_PREDICTED, job) * model_job_tasks(m, job);
}

/* Started in order, each adds what it is predicted to. What no one can price leaves the
 * rest unknown, too. */
static void add_up(struct model *m, const struct waiting *line, size_t count,
                   uint32_t now)
{
    double watts = fresh_number(m, M_SITE_POWER, 0, now);

    for (size_t i = 0; i < count; i++) {
        watts += model_job_adds(m, line[i].job);
        derive(m, M_JOB_ORDER, line[i].job, (double)(i + 1), GW_OK, now);
        derive(m, M_JOB_AFTER, line[i].job, watts, GW_ESTIMATED, now);
    }
}

/* A job that started is not in the line any more. */
static void leave_line(struct model *m, uint32_t job)
{
    static const uint16_t metrics[] = { M_JOB_ORDER, M_JOB_AFTER };

    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
        struct column *c = metrics[i] < m->column_count ? &m->columns[metrics[i]] : NULL;

        if (c && c->stamps && !isnan(c->numbers[job])) {
            c->numbers[job] = NAN;
            set_stamp(m, c, job, (struct stamp){ 0 });
        }
    }
}

struct line {
    /* oldest: submitted first; NAN */
    double pending, running, gpus_pending, gpus_running, oldest;
};

static void count(struct model *m, struct line *q, uint32_t job, bool waits)
{
    double gpus = model_number(m, M_JOB_GPUS, job),
           submit = model_number(m, M_JOB_SUBMIT, job), tasks = model_job_tasks(m, job);

    gpus = isnan(gpus) ? 0 : gpus;
    if (!waits) {
        q->running++;
        q->gpus_running += gpus;
        return;
    }
    q->pending += tasks;
    q->gpus_pending += gpus * tasks;
    if (!(submit >= q->oldest))
        q->oldest = isnan(submit) ? q->oldest : submit;
}

static void settle_queues(struct model *m, const struct line *lines, uint32_t now)
{
    for (uint32_t row = 0; row < m->rows[GW_QUEUE].count; row++) {
        const struct line *q = &lines[row];

        if (q->pending + q->running <= 0 && !entity_of(m, GW_QUEUE, row)->newest)
            continue;
        derive(m, M_QUEUE_PENDING, row, q->pending, GW_OK, now);
        derive(m, M_QUEUE_RUNNING, row, q->running, GW_OK, now);
        derive(m, M_QUEUE_GPUS_PENDING, row, q->gpus_pending, GW_OK, now);
        derive(m, M_QUEUE_GPUS_RUNNING, row, q->gpus_running, GW_OK, now);
        if (q->pending > 0)
            derive(m, M_QUEUE_WAIT, row, m->now - q->oldest, GW_OK, now);
        else
            derive_none(m, M_QUEUE_WAIT, row, now);
    }
}

/* Takes the first of "train,serve" off *list, as Slurm writes the partitions of a job
 * that may start in any. "" is none. */
static void next_queue(const char **list, char name[QUEUE_ROOM])
{
    const char *item;
    size_t len = text_item(list, &item);

    snprintf(name, QUEUE_ROOM, "%.*s", (int)(len < QUEUE_ROOM ? len : QUEUE_ROOM - 1),
             item);
}

/* The first of its queues, so that no job counts twice. A queue that only its jobs tell
 * of is a row, too. */
static uint32_t queue_of(struct model *m, uint32_t job)
{
    const char *list = model_text(m, M_JOB_QUEUE, job);
    uint32_t first = GW_NONE;
    char name[QUEUE_ROOM];

    if (!list)
        return GW_NONE;
    for (next_queue(&list, name); name[0]; next_queue(&list, name)) {
        uint32_t row = rows_named(m, GW_QUEUE, name);

        first = first == GW_NONE ? row : first;
    }
    return first;
}

static uint32_t whole_of(const struct model *m, uint32_t queue)
{
    const char *parent = model_text(m, M_QUEUE_PARENT, queue);

    return parent ? model_find(m, GW_QUEUE, parent) : GW_NONE;
}

const char *model_job_queue(const struct model *m, uint32_t job, size_t i)
{
    const char *list = model_text(m, M_JOB_QUEUE, job);
    char name[QUEUE_ROOM];

    if (!list)
        return NULL;
    for (next_queue(&list, name); name[0]; next_queue(&list, name)) {
        uint32_t queue = model_find(m, GW_QUEUE, name);

        for (int above = 0; above < MOST_ABOVE && queue != GW_NONE;
             above++, queue = whole_of(m, queue))
            if (i-- == 0)
                return model_name(m, GW_QUEUE, queue);
    }
    return NULL;
}

void sum_queues(struct model *m, uint32_t now)
{
    size_t jobs = m->rows[GW_JOB].count, waits = 0, room = 0;
    struct waiting *all;
    struct line *lines = NULL;

    if (!model_text_column(m, M_JOB_STATE).lower)
        return;
    all = xcalloc(jobs, sizeof(*all));
    for (uint32_t job = 0; job < jobs; job++) {
        bool pending = is_in_state(m, job, "pending");
        uint32_t queue = pending || is_in_state(m, job, "running") ? queue_of(m, job)
                                                                   : GW_NONE;

        if (queue != GW_NONE && queue >= room) {
            size_t old = room;

            lines = xgrow(lines, &room, queue + 1, sizeof(*lines));
            for (size_t i = old; i < room; i++)
                lines[i] = (struct line){ .oldest = NAN };
        }
        if (queue != GW_NONE)
            count(m, &lines[queue], job, pending);
        if (pending)
            all[waits++] = (struct waiting){ job, model_number(m, M_JOB_START, job),
                                             model_number(m, M_JOB_PRIORITY, job),
                                             model_number(m, M_JOB_SUBMIT, job) };
        else
            leave_line(m, job);
    }
    if (waits)
        qsort(all, waits, sizeof(*all), by_turn);
    add_up(m, all, waits, now);
    if (room < m->rows[GW_QUEUE].count || !lines) {
        size_t old = room;

        lines = xgrow(lines, &room, m->rows[GW_QUEUE].count + 1, sizeof(*lines));
        for (size_t i = old; i < room; i++)
            lines[i] = (struct line){ .oldest = NAN };
    }
    settle_queues(m, lines, now);
    free(all);
    free(lines);
}

/* ---- tenants ---- */

static void count_job(const struct model *m, struct tenant_jobs *t, uint32_t job)
{
    const char *state = model_text(m, M_JOB_STATE, job);
    double tasks = model_job_tasks(m, job);

    t->rows++;
    if (state && strcmp(state, "running") == 0)
        t->running += tasks;
    if (state && strcmp(state, "pending") == 0) {
        t->pending += tasks;
        t->gpus_pending += model_number(m, M_JOB_GPUS, job) * tasks;
    }
}

/* Jobs of one tenant mostly stand together. */
void count_tenant_jobs(struct model *m)
{
    size_t tenants = m->rows[GW_TENANT].count;
    struct text_column texts = model_text_column(m, M_JOB_TENANT);
    uint32_t text = 0, tenant = GW_NONE;

    if (!tenants)
        return;
    m->tenant_jobs = xgrow(m->tenant_jobs, &m->tenant_job_room, tenants,
                           sizeof(*m->tenant_jobs));
    memset(m->tenant_jobs, 0, m->tenant_job_room * sizeof(*m->tenant_jobs));
    for (uint32_t job = 0; texts.lower && job < m->rows[GW_JOB].count; job++) {
        if (text_in(texts, job) != text)
            tenant = text_in(texts, job)
                         ? model_find(m, GW_TENANT, model_text_of(m, text_in(texts, job)))
                         : GW_NONE;
        text = text_in(texts, job);
        if (tenant != GW_NONE)
            count_job(m, &m->tenant_jobs[tenant], job);
    }
}

struct tenant_jobs model_tenant_jobs(const struct model *m, uint32_t tenant)
{
    return tenant < m->tenant_job_room ? m->tenant_jobs[tenant]
                                       : (struct tenant_jobs){ 0 };
}
