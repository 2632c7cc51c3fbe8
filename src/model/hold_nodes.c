/* Jobs joined to nodes (hold_nodes.h). Lists of nodes are long, so they are read again
 * only when one has changed. */
#include "model/hold_nodes.h"
#include "base/arena.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A job on a node. */
struct pair {
    uint32_t node, job, tenant;
    float gpus; /* how many of the node's; NAN: all */
    bool whole; /* a source says that it has all of the node */
};

struct node_seats {
    struct pair *pairs; /* by node */
    size_t count, room;
    uint32_t *first; /* by node: its first pair, one more than nodes */
    size_t first_room, nodes;
    float *gpus; /* by node: how many it has */
    size_t gpus_room;
    uint64_t seen; /* what it was made from */
};

/* ---- has anything changed? ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9E3779B97F4A7C15u;
    return a ^ a >> 29;
}

static bool runs(const struct model *m, uint32_t job)
{
    const char *state = model_text(m, M_JOB_STATE, job);

    return state && strcmp(state, "running") == 0;
}

static uint64_t look(const struct model *m)
{
    struct text_column lists = model_text_column(m, M_JOB_NODELIST),
                       jobs = model_text_column(m, M_NODE_JOB),
                       tenants = model_text_column(m, M_NODE_TENANT);
    uint64_t seen = mix(mix(m->rows[GW_NODE].count, m->rows[GW_GPU].count),
                        m->rows[GW_JOB].count);

    for (uint32_t job = 0; lists.lower && job < m->rows[GW_JOB].count; job++)
        if (text_in(lists, job))
            seen = mix(seen, (uint64_t)job << 32 ^ (uint64_t)text_in(lists, job) << 1 ^
                                 runs(m, job));
    for (uint32_t node = 0;
         (jobs.lower || tenants.lower) && node < m->rows[GW_NODE].count; node++)
        seen = mix(seen, (uint64_t)text_in(jobs, node) << 32 ^ text_in(tenants, node));
    return seen;
}

/* ---- who is where ---- */

struct placing {
    struct node_seats *n;
    const struct model *m;
    uint32_t job;
    float gpus;
    size_t found;
};

static void add_pair(struct node_seats *n, struct pair pair)
{
    n->pairs = xgrow(n->pairs, &n->room, n->count + 1, sizeof(*n->pairs));
    n->pairs[n->count++] = pair;
}

static void place(void *arg, const char *name)
{
    struct placing *p = arg;
    uint32_t node = model_find(p->m, GW_NODE, name);

    if (node == GW_NONE)
        return;
    p->found++;
    add_pair(p->n, (struct pair){ node, p->job, GW_NONE, p->gpus, false });
}

/* "n[01-04,7],m3": text_expand() takes one pattern, so the commas outside of brackets
 * part them. */
static void place_list(struct placing *p, const char *list)
{
    char pattern[1024], why[128];

    for (const char *at = list; *at;) {
        size_t len = 0;
        int depth = 0;

        for (; at[len] && (depth > 0 || at[len] != ','); len++)
            depth += at[len] == '[' ? 1 : at[len] == ']' ? -1 : 0;
        if (len > 0 && len < sizeof(pattern)) {
            memcpy(pattern, at, len);
            pattern[len] = 0;
            /* What cannot be read, such as a list that was cut, joins nothing. */
            (void)text_expand(pattern, place, p, why);
        }
        at += len + (at[len] == ',');
    }
}

static void place_jobs(struct node_seats *n, const struct model *m)
{
    for (uint32_t job = 0; job < m->rows[GW_JOB].count; job++) {
        const char *list = model_text(m, M_JOB_NODELIST, job);
        struct placing p = { n, m, job, NAN, 0 };
        size_t first = n->count;

        if (!list || !runs(m, job))
            continue;
        place_list(&p, list);
        for (size_t i = first; i < n->count; i++)
            n->pairs[i].gpus = (float)(model_number(m, M_JOB_GPUS, job) /
                                       (double)p.found);
    }
}

/* A node whose whole holder is told has no other. */
static void place_wholes(struct node_seats *n, const struct model *m)
{
    for (uint32_t node = 0; node < m->rows[GW_NODE].count; node++) {
        const char *job = model_text(m, M_NODE_JOB, node),
                   *tenant = model_text(m, M_NODE_TENANT, node);
        struct pair pair = { node, job ? model_find(m, GW_JOB, job) : GW_NONE,
                             tenant ? model_find(m, GW_TENANT, tenant) : GW_NONE, NAN,
                             true };

        if (pair.job != GW_NONE || pair.tenant != GW_NONE)
            add_pair(n, pair);
    }
}

/* The words about the whole first; last, of whom nobody says how many GPUs they have:
 * what the others leave. */
static int by_node(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->whole != y->whole)
        return x->whole ? -1 : 1;
    if (isnan(x->gpus) != isnan(y->gpus))
        return isnan(x->gpus) ? 1 : -1;
    return x->job < y->job ? -1 : x->job > y->job;
}

static void count_gpus(struct node_seats *n, const struct model *m)
{
    memset(n->gpus, 0, n->nodes * sizeof(*n->gpus));
    for (uint32_t gpu = 0; gpu < m->rows[GW_GPU].count; gpu++) {
        struct row node = entity_of(m, GW_GPU, gpu)->parent;

        if (node.id != GW_NONE && node.kind == GW_NODE)
            n->gpus[node.id]++;
    }
}

static void sort_pairs(struct node_seats *n)
{
    size_t at = 0;

    if (n->count)
        qsort(n->pairs, n->count, sizeof(*n->pairs), by_node);
    for (uint32_t node = 0; node <= n->nodes; node++) {
        while (at < n->count && n->pairs[at].node < node)
            at++;
        n->first[node] = (uint32_t)at;
    }
}

static bool is_told(const struct model *m)
{
    return model_text_column(m, M_JOB_NODELIST).lower ||
           model_text_column(m, M_NODE_JOB).lower ||
           model_text_column(m, M_NODE_TENANT).lower;
}

struct node_seats *node_seats_update(struct node_seats *n, const struct model *m)
{
    uint64_t seen;

    if (!is_told(m))
        return n;
    seen = look(m);
    if (n && n->seen == seen)
        return n;
    if (!n)
        n = xcalloc(1, sizeof(*n));
    n->seen = seen;
    n->count = 0;
    n->nodes = m->rows[GW_NODE].count;
    n->first = xgrow(n->first, &n->first_room, n->nodes + 1, sizeof(*n->first));
    n->gpus = xgrow(n->gpus, &n->gpus_room, n->nodes + 1, sizeof(*n->gpus));
    place_jobs(n, m);
    place_wholes(n, m);
    count_gpus(n, m);
    sort_pairs(n);
    return n;
}

void node_seats_forget(struct node_seats *n)
{
    if (n)
        n->seen = 0;
}

void node_seats_free(struct node_seats *n)
{
    if (!n)
        return;
    free(n->pairs);
    free(n->first);
    free(n->gpus);
    free(n);
}

/* A job that asked for as many GPUs as the node has, or of which nobody says how many,
 * holds all of it, or all that is left. Of others nobody knows which GPUs are theirs:
 * each has a part of every one. */
size_t node_seats_of(const struct node_seats *n, uint32_t node,
                     struct seat seats[MOST_SEATS])
{
    size_t count = 0;
    float taken = 0;

    if (node >= n->nodes)
        return 0;
    for (size_t i = n->first[node]; i < n->first[node + 1] && count < MOST_SEATS; i++) {
        const struct pair *p = &n->pairs[i];
        bool whole = isnan(p->gpus) || p->gpus >= n->gpus[node];
        float share = whole ? 1 : p->gpus / n->gpus[node];

        if (share <= 0)
            continue; /* works without GPUs */
        if (share > 1 - taken)
            share = 1 - taken; /* two that say they have it all: the first has */
        if (share <= 0)
            break;
        taken += share;
        seats[count++] = (struct seat){ p->job, p->tenant, GW_NONE, share };
    }
    return count;
}

/* One that is told to have all of it comes first, and has it. */
size_t node_seats_count(const struct node_seats *n, uint32_t node)
{
    size_t first, count;

    if (node >= n->nodes)
        return 0;
    first = n->first[node];
    count = n->first[node + 1] - first;
    return count && n->pairs[first].whole ? 1 : count;
}

/* Those of whom it is known have so many of its GPUs; who is left shares what is left,
 * each alike. */
struct seat node_seat_at(const struct node_seats *n, uint32_t node, size_t i, double gpus)
{
    const struct pair *p = &n->pairs[n->first[node]];
    size_t count = node_seats_count(n, node), unknown = 0;
    float share, left = 1;

    for (size_t k = 0; k < count && gpus > 0 && !p->whole; k++) {
        unknown += isnan(p[k].gpus);
        left -= isnan(p[k].gpus) ? 0
                                 : (float)fmin((double)p[k].gpus / gpus, (double)left);
    }
    p += i;
    share = unknown ? left / (float)unknown : 1 / (float)count;
    if (!p->whole && gpus > 0 && !isnan(p->gpus))
        share = (float)fmin((double)p->gpus / gpus, 1);
    return (struct seat){ p->job, p->tenant, GW_NONE, share };
}
