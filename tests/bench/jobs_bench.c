/* What a thousand job changes a second cost, from slurmrestd's JSON to the model: every
 * second an answer with all jobs, of which a third of a thousand are new, as many have
 * started and as many have ended.
 *
 *     jobs_bench [SECONDS]
 *
 * Printed as ratios: CPU time of a second's answer, read by the source, applied and
 * settled, to a second, and what of it is the model's; the same answer without a change;
 * the reading against cJSON's of the same text; and bytes a job that has ended costs
 * until it is forgotten. */
#include "base/arena.h"
#include "model/model.h"
#include "poll/host.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANGES = 1000, NEW = CHANGES / 3, WAIT_S = 10, RUN_S = 15, TENANTS = 40 };

extern const struct gw_source slurm_source;

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "jobs_bench: %s\n", what);
    exit(1);
}

/* ---- what slurmrestd answers ---- */

static char *answer;            /* to a question for jobs */
static size_t answer_len;

#define NUMBER "{\"set\":true,\"infinite\":false,\"number\":%.0f}"
#define TRES "cpu=8,mem=64G,node=1,billing=8,gres/gpu="

/* Of the form of v0.0.42, with the members that a console reads and some that it does
 * not. */
static void print_job(FILE *f, unsigned number, unsigned age, double now)
{
    bool waits = age < WAIT_S, runs = !waits && age < WAIT_S + RUN_S;
    double submit = now - age, start = waits ? 0 : submit + WAIT_S;
    unsigned user = number % TENANTS, gpus = 1 + number % 8;

    fprintf(f, "{\"account\":\"tenant-%u\",\"accrue_time\":" NUMBER ",\"admin_comment\":\"\",\"array_job_id\":" NUMBER ",", user, submit, 0.0);
    fprintf(f, "\"array_task_string\":\"\",\"batch_flag\":true,\"cluster\":\"bench\",\"command\":\"/home/user-%u/run.sh\",\"comment\":\"\",", user);
    fprintf(f, "\"end_time\":" NUMBER ",\"exit_code\":{\"status\":[\"SUCCESS\"],\"return_code\":" NUMBER "},\"group_id\":1000,",
            waits ? 0 : start + (runs ? 3600 : RUN_S), 0.0);
    fprintf(
        f,
        "\"job_id\":%u,\"job_state\":[\"%s\"],\"name\":\"sweep-%u\",\"node_count\":" NUMBER
        ",\"nodes\":\"%s\",",
        number,
        waits  ? "PENDING"
        : runs ? "RUNNING"
               : "COMPLETED",
        number % 5000, 1.0, waits ? "" : "n1");
    fprintf(f, "\"partition\":\"batch\",\"priority\":" NUMBER ",\"qos\":\"normal\",\"restart_cnt\":0,\"start_time\":" NUMBER ",", (double)number, start);
    fprintf(f, "\"state_reason\":\"%s\",\"submit_time\":" NUMBER ",\"time_limit\":" NUMBER ",", waits ? "Priority" : "None", submit, 60.0);
    fprintf(f, "\"tres_req_str\":\"" TRES "%u\",\"tres_alloc_str\":\"", gpus);
    if (!waits)
        fprintf(f, TRES "%u", gpus);
    fprintf(f, "\",\"user_id\":1000,\"user_name\":\"user-%u\",\"standard_output\":\"/home/user-%u/out\"}", user, user);
}

/* All that waits, runs, or has just ended. */
static void print_answer(unsigned second, double now)
{
    unsigned first = second > WAIT_S + RUN_S ? second - WAIT_S - RUN_S : 0;
    FILE *f;

    free(answer);
    f = open_memstream(&answer, &answer_len);
    if (!f)
        die("no memory");
    fputs("{\"jobs\":[", f);
    for (unsigned born = first; born <= second; born++)
        for (unsigned i = 0; i < NEW; i++) {
            fputs(born > first || i ? "," : "", f);
            print_job(f, born * NEW + i + 1, second - born, now);
        }
    fputs("]}", f);
    fclose(f);
}

static int call_slurm(struct host_target *t, const struct gw_ask *ask,
                      const struct host_pieces *pieces, struct gw_reply *reply,
                      struct err *err)
{
    static const char versions[] = "{\"paths\":{\"/slurm/v0.0.42/jobs/\":1}}";
    static const char nothing[] = "{\"nodes\":[],\"partitions\":[],\"reservations\":[],\"shares\":{\"shares\":[]},\"associations\":[],\"jobs\":[]}";
    bool is_for_jobs = strcmp(ask->path, "/slurm/v0.0.42/jobs/") == 0;

    (void)t;
    (void)pieces;
    err->text[0] = '\0';
    reply->status = 200;
    reply->text = is_for_jobs                    ? answer
                  : strstr(ask->path, "openapi") ? versions
                                                 : nothing;
    reply->len = strlen(reply->text);
    return 0;
}

/* ---- to the model ---- */

struct reader {
    struct host_target target;  /* first: the calls get back from it */
    struct model *model;
    struct gw_out out;
    double now, spent;          /* CPU in the model */
};

static void to_model(struct host_target *t, struct gw_out *out)
{
    struct reader *r = (struct reader *)t;
    double begun = cpu_s();

    model_apply(r->model, out->batch);
    batch_free(out->batch);
    r->spent += cpu_s() - begun;
    out->batch = batch_new(BATCH_POLL, "slurm", r->now);
}

/* CPU time of one answer, in the model as a whole; `spent` of it in the model. */
static double spend(struct reader *r, unsigned second, double now)
{
    double begun, settling;

    print_answer(second, now);
    begun = cpu_s();
    r->spent = 0;
    r->now = r->target.now = now;
    host_out_start(&r->out, &r->target, batch_new(BATCH_POLL, "slurm", now));
    if (host_poll(&r->target, &r->out) == GW_FAILED)
        die(r->out.failure);
    to_model(&r->target, &r->out);
    batch_free(r->out.batch);
    settling = cpu_s();
    model_settle(r->model, now);
    r->spent += cpu_s() - settling;
    return cpu_s() - begun;
}

/* A wrong answer fails before speed is looked at. */
static void check(const struct model *m)
{
    size_t waiting = 0, running = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_JOB); row++) {
        const char *state = model_text(m, M_JOB_STATE, row);

        waiting += state && strcmp(state, "pending") == 0;
        running += state && strcmp(state, "running") == 0;
    }
    if (waiting == WAIT_S * NEW && running == RUN_S * NEW)
        return;
    fprintf(stderr, "jobs_bench: %zu wait and %zu run, and %d and %d are right\n",
            waiting, running, WAIT_S * NEW, RUN_S * NEW);
    exit(1);
}

static double tree_s(void)
{
    double begun = cpu_s();

    cJSON_Delete(cJSON_Parse(answer));
    return cpu_s() - begun;
}

int main(int argc, char **argv)
{
    static const struct target_option options[] = { { "seldom", "100000" }, { 0 } };
    static const struct host_calls calls = { .call = call_slurm, .send = to_model };
    struct target_config config = { .name = "slurm",
                                    .url = "slurm+http://localhost:1",
                                    .options = options };
    unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 600;
    struct reader r = { .now = 1800000000 };
    double start = r.now, spent = 0, in_model = 0, worst = 0, idle = 0, tree = INFINITY;
    size_t before = 0, rows = 0;
    struct err err;
    const struct host_source *source = host_source(&slurm_source, &err);

    if (!source || host_target_start(&r.target, source, &config, &err) < 0)
        die(err.text);
    seconds = seconds > WAIT_S + RUN_S + 2 ? seconds : WAIT_S + RUN_S + 2;
    r.target.calls = &calls;
    r.model = model_new("bench");
    for (unsigned s = 0; s < seconds; s++) {
        double it = spend(&r, s, start + s);

        if (s == seconds / 2) {
            before = model_bytes(r.model);
            rows = model_rows(r.model, GW_JOB);
        }
        spent += it;
        in_model += r.spent;
        worst = fmax(worst, it);
    }
    check(r.model);
    for (unsigned s = 0; s < 20; s++) {
        idle += spend(&r, seconds - 1, start + seconds + s) / 20;
        tree = fmin(tree, tree_s());
    }
    printf(
        "a second of %d changes, %.1f MB of JSON: %.2f ms of CPU, %.2f of it in the model, at worst %.1f ms; without a change %.2f ms\n",
        CHANGES, (double)answer_len / 1e6, spent / seconds * 1e3,
        in_model / seconds * 1e3, worst * 1e3, idle * 1e3);
    printf("jobs, a second of 1000 changes   %5.1f %% of 10 %% of a second   %.2f\n",
           spent / seconds * 100, spent / seconds / .1);
    printf("jobs, the worst of them          %5.1f ms of 100 ms   %.2f\n", worst * 1e3,
           worst / .1);
    printf("jobs, cJSON's reading / ours to the model   %.1f\n", tree / idle);
    printf("jobs, one that ended             %5.0f bytes (%zu rows)\n",
           (double)(model_bytes(r.model) - before) /
               (double)(model_rows(r.model, GW_JOB) - rows),
           model_rows(r.model, GW_JOB));
    slurm_source.close(&host_api, &r.target.seen);
    host_target_end(&r.target);
    model_free(r.model);
    free(answer);
    return 0;
}
