/* Jobs, of the controller and of the accounting. */
#ifndef PLUGINS_SLURM_JOBS_H
#define PLUGINS_SLURM_JOBS_H

#include "plugins/slurm/gres.h"
#include "plugins/slurm/place.h"

enum job_field {
    J_ID,
    J_ARRAY,
    J_TASKS,
    J_HET,
    J_TITLE,
    J_USER,
    J_ACCOUNT,
    J_QUEUE,
    J_QOS,
    J_STATE,
    J_REASON,
    J_PRIORITY,
    J_SUBMIT,
    J_ELIGIBLE,
    J_START,
    J_END,
    J_LIMIT,
    J_NODES,
    J_NODELIST,
    J_PLANNED,
    J_ALLOCATED,
    J_REQUESTED,
    J_OLD_TRES,
    J_PER_NODE,
    J_PER_JOB,
    J_PER_TASK,
    J_PER_SOCKET,
    J_GRES,
    J_DETAIL,
    J_IMAGE,
    JOB_FIELDS
};
/* Of the controller: squeue --json, /slurm/…/jobs, scontrol -o -d show jobs. */
static const struct field job_field[] = {
    [J_ID] = { "job_id", "JobId" },
    [J_ARRAY] = { "array_job_id", "ArrayJobId" },
    [J_TASKS] = { "array_task_string", "ArrayTaskId" },
    [J_HET] = { "het_job_id", "HetJobId" },
    [J_TITLE] = { "name", "JobName" },
    [J_USER] = { "user_name", "UserId" },
    [J_ACCOUNT] = { "account", "Account" },
    [J_QUEUE] = { "partition", "Partition" },
    [J_QOS] = { "qos", "QOS" },
    [J_STATE] = { "job_state", "JobState" },
    [J_REASON] = { "state_reason", "Reason" },
    [J_PRIORITY] = { "priority", "Priority" },
    [J_SUBMIT] = { "submit_time", "SubmitTime" },
    [J_ELIGIBLE] = { "eligible_time", "EligibleTime" },
    [J_START] = { "start_time", "StartTime" },
    [J_END] = { "end_time", "EndTime" },
    [J_LIMIT] = { "time_limit", "TimeLimit" },
    [J_NODES] = { "node_count", "NumNodes" },
    [J_NODELIST] = { "nodes", "NodeList" },
    [J_PLANNED] = { "scheduled_nodes", "SchedNodeList" },
    [J_ALLOCATED] = { "tres_alloc_str", "AllocTRES" },
    [J_REQUESTED] = { "tres_req_str", "ReqTRES" },
    [J_OLD_TRES] = { NULL, "TRES" },
    [J_PER_NODE] = { "tres_per_node", "TresPerNode" },
    [J_PER_JOB] = { "tres_per_job", "TresPerJob" },
    [J_PER_TASK] = { "tres_per_task", "TresPerTask" },
    [J_PER_SOCKET] = { "tres_per_socket", "TresPerSocket" },
    [J_GRES] = { NULL, "JOB_GRES" },
    [J_DETAIL] = { "gres_detail", NULL },
    [J_IMAGE] = { "container", NULL },
};
static const struct choice job_choice = { "JobName", "UserId", "JobState", "Features",
                                          "TresPer" };
static const struct fields job_fields = { job_field, JOB_FIELDS, "jobs", &job_choice };

/* Of the accounting: /slurmdb/…/jobs, sacct --json, sacct -P. */
static const struct field ended_field[] = {
    [J_ID] = { "job_id", "JobIDRaw" },
    [J_ARRAY] = { "array.job_id", NULL },
    [J_HET] = { "het.job_id", NULL },
    [J_TITLE] = { "name", "JobName" },
    [J_USER] = { "user", "User" },
    [J_ACCOUNT] = { "account", "Account" },
    [J_QUEUE] = { "partition", "Partition" },
    [J_QOS] = { "qos", "QOS" },
    [J_STATE] = { "state.current", "State" },
    [J_REASON] = { "state.reason", "Reason" },
    [J_SUBMIT] = { "time.submission", "Submit" },
    [J_START] = { "time.start", "Start" },
    [J_END] = { "time.end", "End" },
    [J_LIMIT] = { "time.limit", "TimelimitRaw" },
    [J_NODES] = { "allocation_nodes", "AllocNodes" },
    [J_NODELIST] = { "nodes", "NodeList" },
    [J_ALLOCATED] = { "tres.allocated", "AllocTRES" },
    [J_REQUESTED] = { "tres.requested", "ReqTRES" },
    [J_IMAGE] = { "container", NULL },
};
static const struct fields ended_fields = { ended_field,
                                            sizeof(ended_field) / sizeof(ended_field[0]),
                                            "jobs", NULL };

enum job_state { PENDING, RUNNING, ENDED, OTHER };

/* What a state means; flags may stand beside it, or, before 23.02, in its place. The
 * first that is there counts. */
static const struct state_word {
    const char *word;
    enum job_state state;
    const char *outcome;        /* of what ended */
    const char *reason;         /* of what has none of its own */
} state_words[] = {
    { "REQUEUED", PENDING, "", "Requeued" }, { "REQUEUE_HOLD", PENDING, "", "RequeueHold" },
    { "SPECIAL_EXIT", PENDING, "", "SpecialExit" }, { "REVOKED", OTHER, "", "" },
    { "PENDING", PENDING, "", "" },
    { "CONFIGURING", RUNNING, "", "Configuring" }, { "SUSPENDED", RUNNING, "", "Suspended" },
    { "STOPPED", RUNNING, "", "Stopped" }, { "COMPLETED", ENDED, "completed", "" }, { "CANCELLED", ENDED, "cancelled", "" },
    { "FAILED", ENDED, "failed", "" }, { "TIMEOUT", ENDED, "timeout", "" }, { "NODE_FAIL", ENDED, "node fail", "" },
    { "PREEMPTED", ENDED, "preempted", "" }, { "BOOT_FAIL", ENDED, "boot fail", "" }, { "DEADLINE", ENDED, "deadline", "" },
    { "OUT_OF_MEMORY", ENDED, "out of memory", "" }, { "LAUNCH_FAILED", ENDED, "launch failed", "" },
    { "COMPLETING", ENDED, "", "Completing" }, { "RUNNING", RUNNING, "", "" }, { "RESIZING", RUNNING, "", "Resizing" },
    { "SIGNALING", RUNNING, "", "" }, { "STAGE_OUT", ENDED, "", "StageOut" },
    { NULL, OTHER, "", "" }
};

static const struct state_word *state_of(const struct record *r)
{
    const struct state_word *w = state_words;

    while (w->word && !has_word(r->slots[J_STATE], w->word))
        w++;
    return w;
}

/* Tasks that one row stands for. */
struct tasks {
    double count;               /* NAN: it is no array, or one task of it */
    bool cut;                   /* there are more */
};

/* "12-19%4" are 8, "0-20:5" five. A list that Slurm cut ("1,3,...") has more. */
static struct tasks count_tasks(struct text t)
{
    struct text rest = until(inner(t), "%"), piece;
    bool cut = false;
    double tasks = 0;

    if (is_none(t))
        rest.len = 0;
    while (next_piece(&rest, ',', &piece)) {
        unsigned long first, last, step = 1;
        char range[64];
        int n;

        snprintf(range, sizeof(range), "%.*s", (int)(piece.len < 60 ? piece.len : 60),
                 piece.at);
        cut |= strstr(range, "...") != NULL;
        n = sscanf(range, "%9lu-%9lu:%9lu", &first, &last, &step);
        if (n >= 2 && last >= first && step > 0)
            tasks += (double)((last - first) / step + 1);
        else
            tasks += n == 1;
    }
    return (struct tasks){ tasks > 1 || cut ? tasks : NAN, cut };
}

/* "4-4" in a line: from, to. */
static double node_count(const struct record *r)
{
    char text[24];
    size_t len;

    if (!r->line.at)
        return number(r->slots[J_NODES]);
    plain(r->slots[J_NODES], text, sizeof(text));
    len = strcspn(text, "-");
    return plain_number((struct text){ text, len });
}

static double slot_gpus(const struct record *r, enum job_field field)
{
    char text[LONGEST_TEXT];

    return gres_gpus((struct text){ text, plain(r->slots[field], text, sizeof(text)) });
}

/* What a site tells that does not account for GPUs: what was given, or asked for a job or
 * a node. NAN: it cannot be told. */
static double gres_of_job(const struct record *r)
{
    double gpus = slot_gpus(r, J_GRES), per_node = slot_gpus(r, J_PER_NODE);
    const struct text *slot = r->slots;

    if (isnan(gpus))
        gpus = slot_gpus(r, J_PER_JOB);
    if (!isnan(gpus))
        return gpus;
    if (!isnan(per_node))
        return per_node * node_count(r);
    if (!isnan(slot_gpus(r, J_PER_TASK)) || !isnan(slot_gpus(r, J_PER_SOCKET)))
        return NAN;
    /* Its resources are known, and GPUs are none of them. */
    return is_none(slot[J_ALLOCATED]) && is_none(slot[J_REQUESTED]) &&
                   is_none(slot[J_OLD_TRES])
               ? NAN
               : 0;
}

/* GPUs of a job (of one task): as allocated, as asked for, or from what was asked for a
 * node. */
static double job_gpus(const struct record *r, bool waits)
{
    const struct text *slot = r->slots;
    double gpus = NAN;

    if (!waits)
        gpus = tres_gpus(slot[J_ALLOCATED]);
    if (isnan(gpus) && !waits)
        gpus = tres_list_gpus(slot[J_ALLOCATED]);
    if (isnan(gpus))
        gpus = tres_gpus(is_none(slot[J_REQUESTED]) ? slot[J_OLD_TRES]
                                                    : slot[J_REQUESTED]);
    if (isnan(gpus))
        gpus = tres_list_gpus(slot[J_REQUESTED]);
    return isnan(gpus) ? gres_of_job(r) : gpus;
}

/* What stands before "(5001)" in "alice(5001)". */
static struct text user_of(const struct record *r)
{
    struct text t = r->slots[J_USER];

    return r->line.at ? until(t, "(") : t;
}

/* Reasons of jobs whose turn it cannot be, so that their wait says nothing of the queue
 * (squeue(1)). */
static bool waits_for_turn(struct text reason)
{
    static const char *const own[] = { "JobHeld",           "Dependency", "BeginTime",
                                       "JobArrayTaskLimit", "Requeue",    "Special" };
    struct text t = inner(reason);

    for (size_t i = 0; t.at && i < sizeof(own) / sizeof(own[0]); i++)
        if (begins(t, own[i]))
            return false;
    return true;
}

static struct queue *find_queue(struct slurm *s, struct text name)
{
    char copy[128];

    plain(name, copy, sizeof(copy));
    /* of several partitions, the first: no job counts twice */
    copy[strcspn(copy, ",")] = '\0';
    for (size_t i = 0; i < s->queue_count; i++)
        if (strcmp(s->queues[i].name, copy) == 0)
            return &s->queues[i];
    if (!copy[0] || s->queue_count >= MOST_PARTITIONS)
        return NULL;
    s->queues = grow(s->queues, &s->queue_room, s->queue_count, sizeof(*s->queues));
    s->queues[s->queue_count] = (struct queue){ .quota = NAN };
    snprintf(s->queues[s->queue_count].name, sizeof(copy), "%s", copy);
    return &s->queues[s->queue_count++];
}

static void count_in_queue(struct slurm *s, const struct record *r, enum job_state state,
                           double gpus, struct tasks tasks)
{
    struct queue *q = state == ENDED ? NULL : find_queue(s, r->slots[J_QUEUE]);
    double since = when(r->slots[J_ELIGIBLE]);

    if (!q)
        return;
    if (state == RUNNING) {
        q->running++;
        q->gpus_running += gpus;
        return;
    }
    q->pending += isnan(tasks.count) ? 1 : tasks.count;
    q->gpus_pending += gpus * (isnan(tasks.count) ? 1 : tasks.count);
    q->cut |= tasks.cut;
    if (isnan(since))
        since = when(r->slots[J_SUBMIT]);
    if (waits_for_turn(r->slots[J_REASON]) && s->now - since > q->wait)
        q->wait = s->now - since;
}

static void say_times(struct slurm *s, uint32_t job, const struct record *r,
                      enum job_state state)
{
    say_number(s, job, JOB_SUBMIT, when(r->slots[J_SUBMIT]));
    say_number(s, job, JOB_START, when(r->slots[J_START]));
    say_number(s, job, JOB_LIMIT, limit_s(r->slots[J_LIMIT]));
    if (state == ENDED)
        say_number(s, job, JOB_END, when(r->slots[J_END]));
}

static void say_who(struct slurm *s, uint32_t job, const struct record *r)
{
    say_text(s, job, JOB_TITLE, r->slots[J_TITLE]);
    say_text(s, job, JOB_TENANT, r->slots[J_ACCOUNT]);
    say_text(s, job, JOB_USER, user_of(r));
    say_text(s, job, JOB_QUEUE, r->slots[J_QUEUE]);
    say_text(s, job, JOB_QOS, r->slots[J_QOS]);
    if (!is_none(r->slots[J_IMAGE]))
        say_text(s, job, JOB_IMAGE, r->slots[J_IMAGE]);
}

static void say_id(struct slurm *s, uint32_t job, enum metric metric, struct text t)
{
    double id = number(t);
    char text[24];

    if (!(id > 0))
        return;
    snprintf(text, sizeof(text), "%.0f", id);
    say_string(s, job, metric, text);
}

static void say_state(struct slurm *s, uint32_t job, const struct record *r,
                      const struct state_word *w)
{
    static const char *const words[] = { "pending", "running", "ended" };
    struct text reason = r->slots[J_REASON];

    say_string(s, job, JOB_STATE, words[w->state]);
    if (w->state == ENDED && w->outcome[0])
        say_string(s, job, JOB_OUTCOME, w->outcome);
    if (is_none(reason) || is_text(inner(reason), "None") || w->state == RUNNING ||
        strcmp(w->outcome, "completed") == 0)
        say_string(s, job, JOB_REASON, w->reason);
    else
        say_text(s, job, JOB_REASON, reason);
}

static void job_name(const struct slurm *s, double id, char name[NAME_ROOM])
{
    const char *cluster = s->api->option(s->target, "cluster");

    snprintf(name, NAME_ROOM, "%.100s%s%.0f", cluster ? cluster : "", cluster ? ":" : "",
             id);
}

static int by_id(const void *a, const void *b)
{
    const struct live *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static void note_spoken(struct slurm *s, double id, bool runs)
{
    struct live it = { .id = (uint32_t)id };
    struct live *then = s->before_count
                            ? bsearch(&it, s->before, s->before_count, sizeof(it), by_id)
                            : NULL;

    if (then)
        then->spoken = true;
    if (!runs)
        return;
    s->live = grow(s->live, &s->live_room, s->live_count, sizeof(*s->live));
    s->live[s->live_count++] = it;
}

static uint32_t say_job(struct slurm *s, const struct record *r, const char *name,
                        const struct state_word *w, double gpus)
{
    uint32_t job = row(s, GW_JOB, name, GW_NONE);
    struct text where = is_none(r->slots[J_NODELIST]) ? r->slots[J_PLANNED]
                                                      : r->slots[J_NODELIST];

    say_who(s, job, r);
    say_state(s, job, r, w);
    say_times(s, job, r, w->state);
    say_number(s, job, JOB_GPUS, gpus);
    say_number(s, job, JOB_NODES, node_count(r));
    say_text(s, job, JOB_NODELIST, where);
    say_id(s, job, JOB_ARRAY, r->slots[J_ARRAY]);
    say_id(s, job, JOB_HET, r->slots[J_HET]);
    return job;
}

/* One of the controller's jobs. */
static void take_job(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    const struct state_word *w = state_of(r);
    struct tasks tasks = { NAN, false };
    double id = number(r->slots[J_ID]), gpus;
    char name[NAME_ROOM];
    uint32_t job;

    if (!(id > 0 && id < 4294967294.0) || w->state == OTHER)
        return;
    job_name(s, id, name);
    gpus = job_gpus(r, w->state == PENDING);
    job = say_job(s, r, name, w, gpus);
    say_number(s, job, JOB_PRIORITY, number(r->slots[J_PRIORITY]));
    if (w->state == PENDING)
        tasks = count_tasks(r->slots[J_TASKS]);
    say_at_least(s, job, JOB_TASKS, tasks.count, tasks.cut);
    count_in_queue(s, r, w->state, gpus, tasks);
    note_spoken(s, id, w->state == RUNNING);
    if (w->state != RUNNING)
        return;
    place_job(s, r, name, r->slots[J_ACCOUNT], inner(r->slots[J_NODELIST]),
              r->slots[J_DETAIL]);
}

/* One that ended, out of the accounting; what has not, the controller tells better. */
static void take_ended(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    const struct state_word *w = state_of(r);
    double id = number(r->slots[J_ID]);
    char name[NAME_ROOM];

    if (!(id > 0 && id < 4294967294.0) || w->state != ENDED ||
        isnan(when(r->slots[J_END])))
        return;
    job_name(s, id, name);
    say_job(s, r, name, w, job_gpus(r, false));
}

/* The controller forgets what ended (MinJobAge), so a job that ran may just be gone. It
 * has ended, about now; how, the accounting is asked. */
static void say_vanished(struct slurm *s)
{
    struct live *then = s->before;
    size_t room = s->before_room;
    char name[NAME_ROOM];

    for (size_t i = 0; i < s->before_count; i++) {
        uint32_t job;

        if (then[i].spoken)
            continue;
        job_name(s, then[i].id, name);
        job = row(s, GW_JOB, name, GW_NONE);
        say_string(s, job, JOB_STATE, "ended");
        s->api->estimate(s->out, job, JOB_END, s->now);
        if (isnan(s->history_from))
            s->history_from = s->last_poll;
    }
    if (s->live_count)
        qsort(s->live, s->live_count, sizeof(*s->live), by_id);
    s->before = s->live;
    s->before_room = s->live_room;
    s->before_count = s->live_count;
    s->live = then;
    s->live_room = room;
    s->live_count = 0;
}

#endif
