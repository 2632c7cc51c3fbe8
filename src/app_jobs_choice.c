/* Which jobs a forecast looks at (app_jobs_choice.h). */
#include "app_jobs_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/metric.h"

/* ---- whose jobs are known ---- */

/* A scheduler that tells of jobs. */
struct teller {
    const char *name;
    double age;                 /* of its latest word, s */
    bool is_fresh;
};
enum { MOST_TELLERS = 32 };

static struct teller *teller_of(struct teller *tellers, const char *name)
{
    for (size_t i = 0; i < MOST_TELLERS; i++) {
        if (!tellers[i].name)
            tellers[i] = (struct teller){ .name = name, .age = INFINITY };
        if (strcmp(tellers[i].name, name) == 0)
            return &tellers[i];
    }
    return NULL;
}

static void find_tellers(const struct model *m, struct teller *tellers)
{
    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        const char *origin = model_origin(m, M_JOB_STATE, row);
        struct teller *t = origin ? teller_of(tellers, origin) : NULL;

        if (!t)
            continue;
        t->age = fmin(t->age, model_age(m, M_JOB_STATE, row));
        t->is_fresh |= model_is_fresh(m, M_JOB_STATE, row);
    }
}

/* What is fresh; of a scheduler that has fallen silent, what it said last: its jobs have
 * not ended with it. */
static bool is_told(const struct model *m, uint32_t row, struct teller *tellers)
{
    const char *origin = model_origin(m, M_JOB_STATE, row);
    struct teller *t = origin ? teller_of(tellers, origin) : NULL;

    if (model_is_fresh(m, M_JOB_STATE, row))
        return true;
    return t && !t->is_fresh && model_age(m, M_JOB_STATE, row) < t->age + 1;
}

static bool is_any_fresh(const struct teller *tellers)
{
    for (size_t i = 0; i < MOST_TELLERS; i++)
        if (tellers[i].is_fresh)
            return true;
    return false;
}

/* ---- who is taken ---- */

struct candidate {
    uint32_t row;
    float gpus;
    double rank;                /* the lowest are taken */
};

/* Of one state. */
struct candidates {
    struct candidate *jobs;
    size_t count, room;
};

enum { RUNNING, WAITING, ENDED, STATES };

double jobs_gpus(const struct model *m, uint32_t row)
{
    double gpus = model_number(m, M_JOB_GPUS, row);

    return isnan(gpus) ? model_number(m, M_JOB_NODES, row) : gpus;
}

double jobs_order(const struct model *m, uint32_t row, double submit)
{
    double priority = model_number(m, M_JOB_PRIORITY, row);

    /* and of those that are equal, who came first */
    return priority > 0 ? submit - 1e10 * priority : submit;
}

static void add_candidate(const struct model *m, uint32_t row,
                          struct candidates of[STATES])
{
    const char *state = model_text(m, M_JOB_STATE, row);
    double gpus = jobs_gpus(m, row), end = model_number(m, M_JOB_END, row),
           submit = model_number(m, M_JOB_SUBMIT, row), rank;
    int is = !state || strcmp(state, "pending") == 0       ? WAITING
             : strcmp(state, "running") == 0 || isnan(end) ? RUNNING
                                                           : ENDED;
    struct candidates *to = &of[is];

    if (!(gpus > 0))
        return;
    rank = is == RUNNING ? -gpus
           : is == ENDED ? -end
                         : jobs_order(m, row, isnan(submit) ? model_now(m) : submit);
    to->jobs = xgrow(to->jobs, &to->room, to->count + 1, sizeof(*to->jobs));
    to->jobs[to->count++] = (struct candidate){ row, (float)gpus, rank };
}

/* Of equals those who were told of first: who is taken stays so. */
static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void take_first(struct jobs_choice *c, struct candidates *of, size_t most,
                       int state)
{
    if (of->count > most)
        qsort(of->jobs, of->count, sizeof(*of->jobs), by_rank);
    for (size_t i = 0; i < of->count && i < most; i++)
        c->of_row[of->jobs[i].row] = JOB_TAKEN;
    for (size_t i = most; i < of->count && state != ENDED; i++) {
        c->of_row[of->jobs[i].row] = JOB_LEFT_OUT;
        c->left_out++;
        c->least_gpus = state == RUNNING ? fmax(c->least_gpus, (double)of->jobs[i].gpus)
                                         : c->least_gpus;
    }
    free(of->jobs);
}

/* How long ago the one was heard who has been silent for longest, of those whose jobs
 * have not ended. */
static double longest_silence(const struct model *m, const struct candidates *of)
{
    double longest = 0;

    for (size_t i = 0; i < of->count; i++)
        if (!model_is_fresh(m, M_JOB_STATE, of->jobs[i].row))
            longest = fmax(longest, model_age(m, M_JOB_STATE, of->jobs[i].row));
    return longest;
}

bool jobs_choose(const struct model *m, struct jobs_choice *to)
{
    struct teller tellers[MOST_TELLERS] = { { .name = NULL } };
    struct candidates of[STATES] = { { .jobs = NULL } };

    find_tellers(m, tellers);
    if (!is_any_fresh(tellers))
        return false;
    *to = (struct jobs_choice){ .of_row = xcalloc(model_rows(m, GW_JOB) + 1, 1) };
    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++)
        /* Of others nobody speaks any more: they are over. */
        if (model_name(m, GW_JOB, row) && is_told(m, row, tellers))
            add_candidate(m, row, of);
    to->silent_s = fmax(longest_silence(m, &of[RUNNING]),
                        longest_silence(m, &of[WAITING]));
    take_first(to, &of[RUNNING], MOST_JOBS_RUNNING, RUNNING);
    take_first(to, &of[WAITING], MOST_JOBS_WAITING, WAITING);
    take_first(to, &of[ENDED], MOST_JOBS_ENDED, ENDED);
    return true;
}

void jobs_choice_free(struct jobs_choice *c)
{
    free(c->of_row);
}
