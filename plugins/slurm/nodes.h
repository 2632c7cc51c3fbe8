/* Nodes: their state, why, and how many GPUs they have; and, when all jobs are known, who
 * holds them. */
#ifndef PLUGINS_SLURM_NODES_H
#define PLUGINS_SLURM_NODES_H

#include "plugins/slurm/gres.h"
#include "plugins/slurm/nodelist.h"
#include "plugins/slurm/state.h"

enum node_field {
    N_NAME,
    N_STATE,
    N_FLAGS,
    N_REASON,
    N_REASON_AT,
    N_GRES,
    N_GRES_USED,
    N_TRES,
    N_TRES_USED,
    N_WATTS,
    N_WATTS_AT,
    NODE_FIELDS
};
static const struct field node_field[] = {
    [N_NAME] = { "name", "NodeName" },
    [N_STATE] = { "state", "State" },
    [N_FLAGS] = { "state_flags", NULL },
    [N_REASON] = { "reason", "Reason" },
    [N_REASON_AT] = { "reason_changed_at", NULL },
    [N_GRES] = { "gres", "Gres" },
    [N_GRES_USED] = { "gres_used", "GresUsed" },
    [N_TRES] = { "tres", "CfgTRES" },
    [N_TRES_USED] = { "tres_used", "AllocTRES" },
    [N_WATTS] = { "energy.current_watts", NULL },
    [N_WATTS_AT] = { "energy.last_collected", NULL },
};
static const struct fields node_fields = { node_field, NODE_FIELDS, "nodes", NULL };

static bool node_has(const struct record *r, const char *flag)
{
    return has_word(r->slots[N_STATE], flag) || has_word(r->slots[N_FLAGS], flag);
}

/* The words of sinfo(1), without the mark behind them. Of several that hold, the one an
 * operator acts on. */
static const char *node_state(const struct record *r, char state[32])
{
    static const struct {
        const char *flag, *word;
    } words[] = {
        { "MAINTENANCE", "maint" }, { "MAINT", "maint" }, { "FAIL", "fail" }, { "DOWN", "down" }, { "ERROR", "error" },
        { "POWERED_DOWN", "powered down" }, { "POWERING_DOWN", "powering down" }, { "POWERING_UP", "powering up" },
        { "REBOOT_ISSUED", "reboot" }, { "MIXED", "mixed" }, { "ALLOCATED", "allocated" }, { "RESERVED", "reserved" },
        { "PLANNED", "planned" }, { "IDLE", "idle" }, { "FUTURE", "future" }, { NULL, NULL }
    };
    bool works = node_has(r, "ALLOCATED") || node_has(r, "MIXED") ||
                 node_has(r, "COMPLETING");
    struct text rest = r->slots[N_STATE], word;
    size_t i;

    if (node_has(r, "DRAIN") && !node_has(r, "DOWN"))
        return works ? "draining" : "drained";
    for (i = 0; words[i].flag; i++)
        if (node_has(r, words[i].flag))
            return words[i].word;
    if (!rest.at || !next_word(&rest, &word))
        return "";
    for (i = 0; i < word.len && i < 31; i++)
        state[i] = (char)tolower((unsigned char)word.at[i]);
    state[i] = '\0';
    return state;
}

static enum condition condition_of(const char *state)
{
    if (strcmp(state, "down") == 0 || strcmp(state, "fail") == 0 ||
        strcmp(state, "error") == 0)
        return COND_DOWN;
    if (strncmp(state, "drain", 5) == 0)
        return COND_DRAIN;
    return strcmp(state, "maint") == 0 ? COND_MAINT : COND_UP;
}

/* What the node was at the last poll: mostly in the same place as then. */
static struct seen_node *seen_at(struct slurm *s, uint64_t hash, size_t place)
{
    for (size_t i = 0; i < s->seen_count; i++) {
        struct seen_node *seen = &s->seen[(place + i) % s->seen_count];

        if (seen->hash == hash)
            return seen;
    }
    s->seen = grow(s->seen, &s->seen_room, s->seen_count, sizeof(*s->seen));
    s->seen[s->seen_count] = (struct seen_node){ hash, COND_NONE, COND_NONE, false };
    return &s->seen[s->seen_count++];
}

static void note_condition(struct slurm *s, const char *name, const char *state,
                           const struct record *r)
{
    struct seen_node *seen = seen_at(s, hash_of(name, strlen(name)), s->node_count);
    enum condition now = condition_of(state), then = seen->condition;
    double changed = when(r->slots[N_REASON_AT]);
    char reason[200], text[500];

    seen->now = now;
    seen->listed = true;
    if (then == COND_NONE || then == now)
        return;
    plain(r->slots[N_REASON], reason, sizeof(reason));
    snprintf(text, sizeof(text), "node %.200s is %s%s%s", name,
             now == COND_UP ? "back: " : state,
             now == COND_UP ? state
             : reason[0]    ? ": "
                            : "",
             now == COND_UP ? "" : reason);
    say_event(s, name,
              now != COND_UP && changed > s->now - 3600 && changed <= s->now ? changed
                                                                             : s->now,
              now == COND_UP      ? "cleared"
              : now == COND_MAINT ? "information"
                                  : "attention",
              text, NULL);
}

/* Once what was said is sure to be heard. Nodes that are gone are forgotten. */
static void keep_conditions(struct slurm *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->seen_count; i++) {
        struct seen_node seen = s->seen[i];

        if (seen.listed)
            s->seen[kept++] = (struct seen_node){ seen.hash, seen.now, seen.now, false };
    }
    s->seen_count = kept;
}

static void say_reason(struct slurm *s, uint32_t node, const char *state,
                       const struct record *r)
{
    char reason[LONGEST_TEXT];
    size_t len = plain(r->slots[N_REASON], reason, sizeof(reason));
    char *who = len && reason[len - 1] == ']' ? strrchr(reason, '[') : NULL;

    if (who && r->line.at && who > reason)      /* "... [root@1795951804]" */
        *(who[-1] == ' ' ? who - 1 : who) = '\0';
    if (!reason[0] && (node_has(r, "NOT_RESPONDING") ||
                       (r->slots[N_STATE].at &&
                        memchr(r->slots[N_STATE].at, '*', r->slots[N_STATE].len))))
        snprintf(reason, sizeof(reason), "not responding");
    if (!reason[0] && strcmp(state, "unknown") == 0)
        snprintf(reason, sizeof(reason), "never seen by the controller");
    say_string(s, node, NODE_REASON, reason);
}

static void say_watts(struct slurm *s, uint32_t node, const struct record *r)
{
    double watts = number(r->slots[N_WATTS]), at = when(r->slots[N_WATTS_AT]);

    if (!(watts > 0) || isnan(at))
        return;
    s->api->time(s->out, at);
    say_number(s, node, NODE_METER, watts);
    s->api->time(s->out, s->now);
}

static void count_gpus(struct node *n, const struct record *r)
{
    char gres[1000], used[1000];
    struct text has = { gres, plain(r->slots[N_GRES], gres, sizeof(gres)) };
    struct text held = { used, plain(r->slots[N_GRES_USED], used, sizeof(used)) };
    double total = gres_gpus(has);

    n->total = isnan(total) ? tres_gpus(r->slots[N_TRES]) : total;
    n->held = gres_gpus(held);
    if (isnan(n->held))
        n->held = tres_gpus(r->slots[N_TRES_USED]);
    /* Asked, and no word of GPUs: none are there, or none are held. */
    if (isnan(n->total))
        n->total = 0;
    if (isnan(n->held))
        n->held = 0;
    if (n->total >= 1 && n->total <= MOST_NODE_GPUS && !is_cut(has))
        n->gpus = (uint32_t)n->total;
}

static void take_node(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct node n = { .first_gpu = (uint32_t)s->gpu_count };
    char name[NAME_ROOM], word[32];
    const char *state;
    uint32_t entity;
    size_t len = plain(r->slots[N_NAME], name, sizeof(name));

    if (!len || s->node_count >= MOST_NODES)
        return;
    state = node_state(r, word);
    note_condition(s, name, state, r);
    count_gpus(&n, r);
    n.name = keep_word(&s->words, name, len);
    n.maintained = node_has(r, "MAINTENANCE") || node_has(r, "MAINT");
    for (uint32_t i = 0; i < n.gpus; i++) {
        s->gpus = grow(s->gpus, &s->gpu_room, s->gpu_count, sizeof(*s->gpus));
        s->gpus[s->gpu_count++] = (struct holder){ 0, 0 };
    }
    s->nodes = grow(s->nodes, &s->node_room, s->node_count, sizeof(*s->nodes));
    s->nodes[s->node_count++] = n;
    entity = row(s, GW_NODE, name, GW_NONE);
    say_string(s, entity, NODE_STATE, state);
    say_reason(s, entity, state, r);
    say_number(s, entity, NODE_GPUS, n.total);
    say_number(s, entity, NODE_HELD, n.held);
    if (strcmp(s->api->option(s->target, "energy"), "yes") == 0)
        say_watts(s, entity, r);
}

/* When all jobs are known: who is where. A node's free GPUs are free for sure only where
 * all that are held are known. */
static void say_gpus(struct slurm *s, const struct node *n, uint32_t node)
{
    const char *name = word_of(s, n->name);
    bool all_known = n->known_held >= n->held;
    char gpu[NAME_ROOM + 8];

    for (uint32_t i = 0; i < n->gpus; i++) {
        const struct holder *h = &s->gpus[n->first_gpu + i];
        uint32_t entity;

        if (!h->job && !all_known)
            continue;
        snprintf(gpu, sizeof(gpu), "%.240s/%u", name, (unsigned)i);
        entity = row(s, GW_GPU, gpu, node);
        say_number(s, entity, GPU_INDEX, i);
        say_string(s, entity, GPU_JOB, word_of(s, h->job));
        say_string(s, entity, GPU_TENANT, word_of(s, h->tenant));
    }
}

struct reserving {
    struct slurm *s;
    uint32_t name;              /* word */
};

static void reserve(void *arg, const char *name, size_t len, size_t place)
{
    const struct reserving *r = arg;
    struct node *node = find_node(r->s, name, len);

    (void)place;
    if (node)
        node->reservation = r->name;
}

/* Which nodes are in a maintenance that has begun. Of a list that was cut nobody knows
 * where it ends. */
static void mark_maintenance(struct slurm *s)
{
    for (size_t i = 0; i < s->reservation_count; i++) {
        const struct reservation *r = &s->reservations[i];
        struct text nodes = { r->nodes, strlen(r->nodes) };

        if (r->maintenance && s->now >= r->start && !(s->now >= r->end) &&
            nodes.len < sizeof(r->nodes) - 1)
            each_name(
                s, nodes, reserve,
                &(struct reserving){ s, keep_word(&s->words, r->name, strlen(r->name)) });
    }
}

static void say_maintenance(struct slurm *s, const struct node *n, uint32_t node)
{
    say_string(s, node, NODE_MAINTENANCE,
               n->reservation  ? word_of(s, n->reservation)
               : n->maintained ? "yes"
                               : "no");
}

static void say_holders(struct slurm *s)
{
    bool rows = strcmp(s->api->option(s->target, "gpus"), "no") != 0;

    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        uint32_t node = row(s, GW_NODE, word_of(s, n->name), GW_NONE);
        bool whole = n->held >= n->total;

        say_maintenance(s, n, node);
        say_string(s, node, NODE_JOB,
                   n->jobs == 1 && whole ? word_of(s, n->only.job) : "");
        say_string(s, node, NODE_TENANT,
                   n->jobs && whole && !n->several_tenants ? word_of(s, n->only.tenant)
                                                           : "");
        if (rows)
            say_gpus(s, n, node);
    }
}

#endif
