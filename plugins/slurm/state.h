/* What is kept from poll to poll, and within one; and how it is told. */
#ifndef PLUGINS_SLURM_STATE_H
#define PLUGINS_SLURM_STATE_H

#include "plugins/slurm/metrics.h"
#include "plugins/slurm/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MOST_NODES = 100000,
    MOST_NODE_GPUS = 64,
    MOST_PARTITIONS = 2000,
    MOST_ACCOUNTS = 20000,
    MOST_RESERVATIONS = 500,
    NAME_ROOM = 256,
    LONGEST_TEXT = 400,
    EVENTS_A_POLL = 20
};

/* Texts of one poll; 0 is none. */
struct words {
    char *all;
    size_t len, room;
};

struct holder {
    uint32_t job, tenant;       /* words */
};

struct node {
    uint32_t name;              /* word */
    uint32_t first_gpu, gpus;   /* in gpus[] */
    uint32_t jobs;              /* that run on it */
    struct holder only;         /* the job, and the tenant of all; 0 where they differ */
    double total, held;         /* GPUs; NAN: not told */
    uint32_t known_held;        /* of these, we know which */
    bool several_tenants;
    bool maintained;            /* as its state says */
    uint32_t reservation;       /* for maintenance, now; a word */
};

enum condition { COND_NONE, COND_UP, COND_DRAIN, COND_DOWN, COND_MAINT };

/* What a node was at the last poll that went well, and is at this one. */
struct seen_node {
    uint64_t hash;
    enum condition condition, now;
    bool listed;                /* at this poll */
};

/* A job that runs. */
struct live {
    uint32_t id;
    bool spoken;                /* of, at this poll */
};

struct queue {
    char name[128], state[24];
    double quota, pending, running, gpus_pending, gpus_running, wait;
    bool told, listed;          /* by the list of partitions; by the newest */
    bool cut;                   /* more wait: a list of tasks was cut */
};

struct tenant {
    char name[128];
    double quota, shares, fairshare;
    bool listed;                /* when asked last */
};

struct reservation {
    char name[128], nodes[1024];
    double start, end;
    bool maintenance, listed;
    enum { STAGE_NEW, STAGE_TOLD, STAGE_BEGUN } stage;
};

/* How something is asked; the next one is tried where a command does not know the one
 * before. */
enum way { WAY_JSON, WAY_OLD_JSON, WAY_TEXT };

struct slurm {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    double now;

    char version[16], slash[2];         /* of slurmrestd; the paths of newer ones end
                                         * with '/' */
    enum way node_way, job_way, partition_way, reservation_way, share_way, quota_way,
        history_way;
    unsigned job_silences;              /* in a row */
    bool has_no_shares, greeted;
    double spent;                       /* of the controller's time, at this poll */
    double seldom_at, last_poll, history_from;  /* when asked next; when it last went
                                                 * well; ended jobs since when: NAN:
                                                 * none */

    struct words words;
    struct node *nodes;
    struct holder *gpus;
    uint32_t *node_index;               /* hash table of nodes[] + 1 */
    size_t node_count, node_room, gpu_count, gpu_room, index_room;
    struct seen_node *seen;
    size_t seen_count, seen_room;
    unsigned events;                    /* of this poll */
    size_t names_left;

    struct live *live, *before;         /* jobs that run, now and at the last poll; the
                                         * latter are sorted */
    size_t live_count, live_room, before_count, before_room;

    struct queue *queues;
    struct tenant *tenants;
    struct reservation *reservations;
    size_t queue_count, queue_room, tenant_count, tenant_room, reservation_count,
        reservation_room;
};

/* Room for one more of `size` bytes; memory does not run out (the host's own rule). */
static void *grow(void *array, size_t *room, size_t count, size_t size)
{
    void *grown = array;

    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    grown = realloc(array, *room * size);
    if (!grown)
        abort();
    return grown;
}

static uint32_t keep_word(struct words *w, const char *text, size_t len)
{
    uint32_t at;

    if (!len)
        return 0;
    if (!w->len)
        w->len = 1;
    while (w->room < w->len + len + 1) {
        w->all = grow(w->all, &w->room, w->room, 1);
        w->all[0] = '\0';
    }
    at = (uint32_t)w->len;
    memcpy(w->all + at, text, len);
    w->all[at + len] = '\0';
    w->len += len + 1;
    return at;
}

static const char *word_of(const struct slurm *s, uint32_t word)
{
    return word ? s->words.all + word : "";
}

static bool same_word(const struct slurm *s, uint32_t a, uint32_t b)
{
    return a == b || strcmp(word_of(s, a), word_of(s, b)) == 0;
}

static uint64_t hash_of(const char *name, size_t len)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 1099511628211u;
    return h ^ h >> 29;
}

static void index_node(struct slurm *s, uint32_t n)
{
    const char *name = word_of(s, s->nodes[n].name);
    size_t at = hash_of(name, strlen(name));

    while (s->node_index[at % s->index_room])
        at++;
    s->node_index[at % s->index_room] = n + 1;
}

static struct node *find_node(const struct slurm *s, const char *name, size_t len)
{
    size_t at = hash_of(name, len);

    for (; s->index_room && s->node_index[at % s->index_room]; at++) {
        struct node *n = &s->nodes[s->node_index[at % s->index_room] - 1];
        const char *its = word_of(s, n->name);

        if (strlen(its) == len && memcmp(its, name, len) == 0)
            return n;
    }
    return NULL;
}

static void index_nodes(struct slurm *s)
{
    free(s->node_index);
    s->index_room = s->node_count * 2 + 1;
    s->node_index = calloc(s->index_room, sizeof(*s->node_index));
    if (!s->node_index)
        abort();
    for (size_t n = 0; n < s->node_count; n++)
        index_node(s, (uint32_t)n);
}

/* ---- samples ---- */

static void say_number(struct slurm *s, uint32_t row, enum metric metric, double n)
{
    s->api->number(s->out, row, metric, n);
}

/* Where there may be more, it is an estimate. */
static void say_at_least(struct slurm *s, uint32_t row, enum metric metric, double n,
                         bool more)
{
    if (more)
        s->api->estimate(s->out, row, metric, n);
    else
        say_number(s, row, metric, n);
}

static void say_string(struct slurm *s, uint32_t row, enum metric metric,
                       const char *text)
{
    s->api->text(s->out, row, metric, text, strlen(text));
}

static void say_text(struct slurm *s, uint32_t row, enum metric metric, struct text t)
{
    char copy[LONGEST_TEXT];

    s->api->text(s->out, row, metric, copy, plain(t, copy, sizeof(copy)));
}

static uint32_t row(struct slurm *s, enum gw_kind kind, const char *name, uint32_t parent)
{
    return s->api->entity(s->out, kind, name, strlen(name), parent);
}

/* The key is of an event that whoever begins to poll would tell again; NULL: none
 * would. */
static void say_event(struct slurm *s, const char *about, double time, const char *level,
                      const char *text, const char *key)
{
    char name[NAME_ROOM];
    uint32_t event;

    if (s->events++ >= EVENTS_A_POLL)
        return;
    snprintf(name, sizeof(name), "slurm %.200s %.0f", about, time);
    event = row(s, GW_EVENT, name, GW_NONE);
    say_string(s, event, EVENT_LEVEL, level);
    say_number(s, event, EVENT_TIME, time);
    say_string(s, event, EVENT_TEXT, text);
    if (key)
        say_string(s, event, EVENT_KEY, key);
}

#endif
