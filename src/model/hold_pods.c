/* Pods joined to jobs (hold_pods.h). A job tells its pods as
 * "acme/train-[x2b9c,k8s2d],acme/eval-*": what several begin with stands before the
 * brackets, and a star for names that there was no room for. */
#include "model/hold_pods.h"
#include "base/arena.h"
#include "base/finder.h"
#include "model/batch.h"

#include <stdlib.h>
#include <string.h>

struct hold_pods {
    struct finder finder; /* of the pod's name, or of what it begins with and a star: a
                           * number, */
    uint32_t *jobs;       /* and by that its job; GW_NONE: several say that it is
                           * theirs */
    size_t room;
    uint64_t seen; /* what it was made from */
};

/* Those that ended have let their pods go. */
static uint64_t look(const struct model *m, struct text_column lists)
{
    uint64_t seen = m->rows[GW_JOB].count + 1;

    for (uint32_t job = 0; job < m->rows[GW_JOB].count; job++)
        if (text_in(lists, job) && !model_is_over(m, GW_JOB, job)) {
            seen = (seen ^ ((uint64_t)job << 32 | text_in(lists, job))) *
                   0x9E3779B97F4A7C15u;
            seen ^= seen >> 29;
        }
    return seen ? seen : 1;
}

/* Two jobs that say the same of a pod, as those of two clusters may: whose it is nobody
 * knows. */
static void put(struct hold_pods *p, uint64_t pod, uint32_t job)
{
    uint32_t number = finder_find(&p->finder, pod, NULL, NULL);

    if (number == UINT32_MAX) {
        number = finder_add(&p->finder, pod);
        p->jobs = xgrow(p->jobs, &p->room, number + 1, sizeof(*p->jobs));
        p->jobs[number] = job;
    } else if (p->jobs[number] != job) {
        p->jobs[number] = GW_NONE;
    }
}

/* Behind the last name of a list for which there was no room. */
static const char cut[] = "…";

static void own(struct hold_pods *p, uint32_t job, const char *stem, size_t stem_len,
                const char *end, size_t len)
{
    char name[512];

    if (stem_len + len == 0 || stem_len + len > sizeof(name) ||
        (stem_len == strlen(cut) && memcmp(stem, cut, stem_len) == 0))
        return;
    memcpy(name, stem, stem_len);
    memcpy(name + stem_len, end, len);
    put(p, batch_hash(GW_JOB, name, stem_len + len), job);
}

static void read_list(struct hold_pods *p, uint32_t job, const char *at)
{
    while (*at) {
        size_t stem = strcspn(at, "[,");
        const char *end = at + stem;

        if (*end != '[') {
            own(p, job, at, stem, "", 0);
            at = end + (*end == ',');
            continue;
        }
        while (*end == '[' || *end == ',') {
            size_t len = strcspn(++end, ",]");

            own(p, job, at, stem, end, len);
            end += len;
        }
        at = end + (*end == ']');
        at += *at == ',';
    }
}

struct hold_pods *hold_pods_update(struct hold_pods *p, const struct model *m)
{
    struct text_column lists = model_text_column(m, M_JOB_PODS);
    uint64_t seen;

    if (!lists.lower)
        return p;
    seen = look(m, lists);
    if (p && p->seen == seen)
        return p;
    hold_pods_free(p);
    p = xcalloc(1, sizeof(*p));
    p->seen = seen;
    for (uint32_t job = 0; job < m->rows[GW_JOB].count; job++)
        if (text_in(lists, job) && !model_is_over(m, GW_JOB, job))
            read_list(p, job, texts_of(&m->texts, text_in(lists, job)));
    return p;
}

void hold_pods_forget(struct hold_pods *p)
{
    if (p)
        p->seen = 0;
}

void hold_pods_free(struct hold_pods *p)
{
    if (!p)
        return;
    finder_clear(&p->finder);
    free(p->jobs);
    free(p);
}

uint32_t hold_pods_job(struct hold_pods *p, const char *pod)
{
    const char *dash = strrchr(pod, '-');
    uint32_t number;
    char stem[512];

    if (!p)
        return GW_NONE;
    number = finder_find(&p->finder, batch_hash(GW_JOB, pod, strlen(pod)), NULL, NULL);
    if (number == UINT32_MAX && dash && (size_t)(dash - pod) + 2 <= sizeof(stem)) {
        memcpy(stem, pod, (size_t)(dash - pod) + 1);
        stem[dash - pod + 1] = '*';
        number = finder_find(
            &p->finder, batch_hash(GW_JOB, stem, (size_t)(dash - pod) + 2), NULL, NULL);
    }
    return number == UINT32_MAX ? GW_NONE : p->jobs[number];
}
