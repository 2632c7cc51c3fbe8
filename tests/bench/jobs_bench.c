/* What a thousand job changes a second cost the model: every second an answer of a scheduler with all its jobs, of which a
 * third of a thousand are new, as many have started and as many have ended.
 *
 *     jobs_bench [SECONDS]
 *
 * Printed as ratios: CPU time of a second's answer, applied and settled, to a second; the same answer without a change;
 * and bytes a job that has ended costs until it is forgotten. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHANGES = 1000, NEW = CHANGES / 3, WAIT_S = 10, RUN_S = 15, TENANTS = 40 };

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_job(struct batch *b, unsigned number, unsigned born, unsigned second, double now)
{
    char name[24], text[40];
    unsigned age = second - born;
    int len = snprintf(name, sizeof(name), "%u", number);
    uint32_t job = batch_entity(b, GW_JOB, name, (size_t)len, GW_NONE);
    const char *state = age < WAIT_S ? "pending" : age < WAIT_S + RUN_S ? "running" : "ended";

    len = snprintf(text, sizeof(text), "tenant-%u", number % TENANTS);
    batch_text(b, job, M_JOB_TENANT, text, (size_t)len);
    batch_text(b, job, M_JOB_USER, text, (size_t)len);
    len = snprintf(text, sizeof(text), "sweep-%u", number % 5000);
    batch_text(b, job, M_JOB_NAME, text, (size_t)len);
    batch_text(b, job, M_JOB_QUEUE, "batch", 5);
    batch_text(b, job, M_JOB_STATE, state, strlen(state));
    batch_text(b, job, M_JOB_REASON, age < WAIT_S ? "Priority" : "", age < WAIT_S ? 8 : 0);
    batch_number(b, job, M_JOB_GPUS, 1 + number % 8, GW_OK);
    batch_number(b, job, M_JOB_NODES, 1, GW_OK);
    batch_number(b, job, M_JOB_PRIORITY, number, GW_OK);
    batch_number(b, job, M_JOB_LIMIT, 3600, GW_OK);
    batch_number(b, job, M_JOB_SUBMIT, now - age, GW_OK);
    batch_number(b, job, M_JOB_START, age < WAIT_S ? NAN : now - age + WAIT_S, GW_OK);
    if (age >= WAIT_S + RUN_S)
        batch_number(b, job, M_JOB_END, now, GW_OK);
}

/* All that waits, runs, or has just ended. */
static struct batch *answer(unsigned second, double now)
{
    struct batch *b = batch_new(BATCH_POLL, "slurm", now);
    unsigned first = second > WAIT_S + RUN_S ? second - WAIT_S - RUN_S : 0;

    for (unsigned born = first; born <= second; born++)
        for (unsigned i = 0; i < NEW; i++)
            add_job(b, born * NEW + i + 1, born, second, now);
    return b;
}

static double spend(struct model *m, unsigned second, double now)
{
    struct batch *b = answer(second, now);
    double begun = cpu_s(), spent;

    model_apply(m, b);
    model_settle(m, now);
    spent = cpu_s() - begun;
    batch_free(b);
    return spent;
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 600;
    struct model *m = model_new("bench");
    double start = 1800000000, spent = 0, worst = 0, idle = 0;
    size_t before = 0, rows = 0;

    for (unsigned s = 0; s < seconds; s++) {
        double it = spend(m, s, start + s);

        if (s == seconds / 2) {
            before = model_bytes(m);
            rows = model_rows(m, GW_JOB);
        }
        spent += it;
        worst = fmax(worst, it);
    }
    for (unsigned s = 0; s < 20; s++)
        idle += spend(m, seconds - 1, start + seconds + s) / 20;
    printf("a second of %d changes: %.2f ms of CPU, at worst %.1f ms; without a change %.2f ms\n", CHANGES,
           spent / seconds * 1e3, worst * 1e3, idle * 1e3);
    printf("jobs, a second of 1000 changes   %5.1f %% of 10 %% of a second   %.2f\n", spent / seconds * 100, spent / seconds / .1);
    printf("jobs, the worst of them          %5.1f ms of 100 ms   %.2f\n", worst * 1e3, worst / .1);
    printf("jobs, one that ended             %5.0f bytes (%zu rows)\n",
           (double)(model_bytes(m) - before) / (double)(model_rows(m, GW_JOB) - rows), model_rows(m, GW_JOB));
    model_free(m);
    return 0;
}
