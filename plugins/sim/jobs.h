/* Telling of jobs, queues and the models that are served. */
#ifndef PLUGINS_SIM_JOBS_H
#define PLUGINS_SIM_JOBS_H

#include "plugins/sim/tell.h"

static const char *title_of(const struct slot *at, const struct job *j)
{
    const struct tenant *t = &tenants[at->tenant];

    /* A notebook is what is parked; see parked_share(). */
    if (at->work == RESEARCH)
        return t->titles[small_share(j->dice, 2) < .3f ? 0 : 1 + (j->dice >> 8) % 3];
    return t->titles[(j->dice >> 8) % 4];
}

/* The next in line waits for its GPUs, those behind for their turn; a few wait for
 * something else. */
static const char *reason_of(const struct sim *s, const struct job *j)
{
    if (small_share(j->dice, 0) < .07f)
        return "QOSGrpGRES";
    if (small_share(j->dice, 0) < .13f)
        return "BeginTime";
    return j->start - s->now < 1500 ? "Resources" : "Priority";
}

/* What a job adds when it has come up. */
static double predicted_power(const struct sim *s, const struct slot *at,
                              const struct job *j)
{
    const struct machine *m = s->halls[at->hall].machine;
    const struct work *w = &works[at->work];

    return (double)(m->limit_w - m->idle_w) * (1 + m->share) * rack_loss * w->load *
           (1 - .3 * w->day) * j->gpus;
}

static uint32_t tell_job(const struct say *y, size_t slot, const struct job *j,
                         const char *state)
{
    const struct sim *s = y->sim;
    const struct slot *at = &s->slots[slot];
    uint32_t node = s->halls[at->hall].machine->node_gpus, job;
    char name[32];

    snprintf(name, sizeof(name), "%lu", job_number(s, slot, j->turn));
    job = named(y, GW_JOB, GW_NONE, name);
    text(y, job, JOB_TENANT, tenants[at->tenant].name);
    text(y, job, JOB_USER, tenants[at->tenant].users[(j->dice >> 24) % 3]);
    text(y, job, JOB_TITLE, title_of(at, j));
    text(y, job, JOB_QUEUE, works[at->work].queue);
    text(y, job, JOB_STATE, state);
    number(y, job, JOB_GPUS, j->gpus);
    number(y, job, JOB_NODES, (j->gpus + node - 1) / node);
    number(y, job, JOB_SUBMIT, wall_time(s, j->submit));
    snprintf(name, sizeof(name), "hall-%u", at->hall + 1u);
    text(y, job, JOB_PLACE, name);
    number(y, job, JOB_PREDICTED, predicted_power(s, at, j));
    number(y, job, JOB_LOW, .9 * predicted_power(s, at, j));
    number(y, job, JOB_HIGH, 1.08 * predicted_power(s, at, j));
    text(y, job, JOB_CLASS, tenants[at->tenant].class);
    if (tenants[at->tenant].tag)
        text(y, job, JOB_TAG, tenants[at->tenant].tag);
    text(y, job, JOB_QOS,
         at->work == CAMPAIGN   ? "high"
         : at->work == RESEARCH ? "low"
                                : "normal");
    if (at->work != AGENTS && at->work != SERVING)
        number(y, job, JOB_LIMIT,
               1800 * ceil((j->end - j->start) * (1.1 + small_share(j->dice, 1)) / 1800));
    return job;
}

static void tell_running(const struct say *y, size_t slot, const struct shift *now)
{
    uint32_t job = tell_job(y, slot, &now->job, "running");

    number(y, job, JOB_START, wall_time(y->sim, now->job.start));
    text(y, job, JOB_REASON, "");
}

static void tell_ended(const struct say *y, size_t slot, const struct job *j)
{
    uint32_t job = tell_job(y, slot, j, "ended");

    number(y, job, JOB_START, wall_time(y->sim, j->start));
    number(y, job, JOB_END, wall_time(y->sim, j->end));
    number(y, job, JOB_POWER, 0);
}

static void tell_pending(const struct say *y, size_t slot, const struct job *j)
{
    uint32_t job = tell_job(y, slot, j, "pending");
    const char *reason = reason_of(y->sim, j);

    text(y, job, JOB_REASON, reason);
    /* A job held by a limit has no planned start. */
    number(y, job, JOB_START,
           strcmp(reason, "QOSGrpGRES") == 0 ? NAN : wall_time(y->sim, j->start));
}

struct line {
    const char *name;
    unsigned pending, running;
};

static struct line *line_of(struct line lines[4], const char *name)
{
    struct line *q = lines;

    while (q->name && strcmp(q->name, name) != 0)
        q++;
    q->name = name;
    return q;
}

static void tell_slot_jobs(const struct say *y, size_t slot, struct line lines[4])
{
    const struct sim *s = y->sim;
    const struct shift *now = &s->shifts[slot];
    struct line *q = line_of(lines, works[s->slots[slot].work].queue);
    struct job last = job_of(s, slot, now->job.turn - 1);

    if (s->now < last.end + 600)
        tell_ended(y, slot, &last);
    if (now->runs) {
        tell_running(y, slot, now);
        q->running++;
    }
    for (int64_t turn = now->job.turn; turn < now->job.turn + 4; turn++) {
        struct job j = job_of(s, slot, turn);

        if (s->now >= j.submit && s->now < j.start) {
            tell_pending(y, slot, &j);
            q->pending++;
        }
    }
}

static void tell_jobs(const struct say *y)
{
    struct line lines[4] = { { 0 } };

    for (size_t i = 0; i < y->sim->slot_count; i++)
        if (y->sim->slots[i].tenant != UNALLOCATED) {
            tell_slot_jobs(y, i, lines);
            if (i % PIECE_SLOTS == PIECE_SLOTS - 1)
                y->api->send(y->out);
        }
    for (unsigned i = 0; i < 4 && lines[i].name; i++) {
        uint32_t queue = named(y, GW_QUEUE, GW_NONE, lines[i].name);

        number(y, queue, QUEUE_PENDING, lines[i].pending);
        number(y, queue, QUEUE_RUNNING, lines[i].running);
    }
}

/* One served model: the jobs of a tenant that have its title. */
struct serving {
    double tokens, power;
    uint32_t gpus;
};

/* Requests come as the tokens do: so many are under way as a token takes time (Little's
 * law). */
static void tell_model(const struct say *y, unsigned tenant, unsigned k,
                       const struct serving *v)
{
    static const double itl[4] = { .031, .012, .024, .008 },
                        ttft[4] = { .71, .19, .46, .11 };
    const struct tenant *t = &tenants[tenant];
    uint32_t model = named(y, GW_MODEL, GW_NONE, t->titles[k]);
    double busy = time_of_day(y->sim->now), running = v->tokens * itl[k];

    text(y, model, MODEL_TENANT, t->name);
    text(y, model, MODEL_CLASS, t->class);
    text(y, model, MODEL_ENGINE, k % 2 ? "vllm" : "dynamo");
    number(y, model, MODEL_TOKENS, v->tokens);
    number(y, model, MODEL_TOKENS_IN, v->tokens * (double)t->tokens_in);
    number(y, model, MODEL_GPUS, v->gpus);
    number(y, model, MODEL_POWER, v->power);
    text(y, model, MODEL_BOUNDARY, "nodes, by power");
    number(y, model, MODEL_RUNNING, floor(running));
    number(y, model, MODEL_WAITING, floor(.02 * running * busy));
    if (v->tokens > 0) {
        number(y, model, MODEL_TTFT, ttft[k] * (1 + .3 * busy));
        number(y, model, MODEL_ITL, itl[k] * (1 + .1 * busy));
    }
}

/* The served models are the jobs of the tenants whose tokens are metered. */
static void tell_models(const struct say *y)
{
    const struct sim *s = y->sim;
    struct serving all[TENANTS][4] = { { { 0 } } };

    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        const struct shift *now = &s->shifts[i];
        struct serving *v = &all[at->tenant][(now->job.dice >> 8) % 4];
        double above =
            now->power - s->halls[at->hall].machine->idle_w * (double)now->job.gpus;

        if (!now->runs || above <= 0)
            continue;
        v->tokens += above * (double)tenants[at->tenant].tokens_per_joule;
        v->power += now->drawn;
        v->gpus += now->job.gpus;
    }
    for (unsigned i = 0; i < TENANTS; i++)
        for (unsigned k = 0; tenants[i].tokens_per_joule > 0 && k < 4; k++)
            tell_model(y, i, k, &all[i][k]);
}

#endif
