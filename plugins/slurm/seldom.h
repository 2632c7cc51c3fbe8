/* What changes seldom: partitions, reservations, accounts with their shares and
 * quotas. */
#ifndef PLUGINS_SLURM_SELDOM_H
#define PLUGINS_SLURM_SELDOM_H

#include "plugins/slurm/gres.h"
#include "plugins/slurm/jobs.h"

enum { P_NAME, P_STATE, P_NEW_STATE, P_TRES, P_NEW_TRES, PARTITION_FIELDS };
static const struct field partition_field[] = {
    [P_NAME] = { "name", "PartitionName" },
    [P_STATE] = { "state", "State" },
    [P_NEW_STATE] = { "partition.state", NULL },
    [P_TRES] = { "tres", "TRES" },
    [P_NEW_TRES] = { "tres.configured", NULL },
};
static const struct fields partition_fields = { partition_field, PARTITION_FIELDS,
                                                "partitions", NULL };

static void take_partition(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct queue *q = find_queue(s, r->slots[P_NAME]);
    struct text state = is_none(r->slots[P_STATE]) ? r->slots[P_NEW_STATE]
                                                   : r->slots[P_STATE],
                word;

    if (!q)
        return;
    q->told = q->listed = true;
    q->quota = tres_gpus(is_none(r->slots[P_NEW_TRES]) ? r->slots[P_TRES]
                                                       : r->slots[P_NEW_TRES]);
    q->state[0] = '\0';
    if (state.at && next_word(&state, &word))
        for (size_t i = 0; i < word.len && i + 1 < sizeof(q->state); i++)
            q->state[i] = (char)tolower((unsigned char)word.at[i]),
            q->state[i + 1] = '\0';
}

enum { R_NAME, R_START, R_END, R_NODES, R_FLAGS, RESERVATION_FIELDS };
static const struct field reservation_field[] = {
    [R_NAME] = { "name", "ReservationName" },
    [R_START] = { "start_time", "StartTime" },
    [R_END] = { "end_time", "EndTime" },
    [R_NODES] = { "node_list", "Nodes" },
    [R_FLAGS] = { "flags", "Flags" },
};
static const struct fields reservation_fields = { reservation_field, RESERVATION_FIELDS,
                                                  "reservations", NULL };

static void take_reservation(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct reservation new = { .start = when(r->slots[R_START]),
                               .end = when(r->slots[R_END]),
                               .listed = true,
                               .maintenance = has_word(r->slots[R_FLAGS], "MAINT") };

    plain(r->slots[R_NAME], new.name, sizeof(new.name));
    plain(r->slots[R_NODES], new.nodes, sizeof(new.nodes));
    if (!new.name[0])
        return;
    for (size_t i = 0; i < s->reservation_count; i++)
        if (strcmp(s->reservations[i].name, new.name) == 0 &&
            s->reservations[i].start == new.start) {
            new.stage = s->reservations[i].stage;
            s->reservations[i] = new;
            return;
        }
    if (s->reservation_count >= MOST_RESERVATIONS)
        return;
    s->reservations = grow(s->reservations, &s->reservation_room, s->reservation_count,
                           sizeof(new));
    s->reservations[s->reservation_count++] = new;
}

static struct tenant *find_tenant(struct slurm *s, struct text name)
{
    char copy[128];

    plain(name, copy, sizeof(copy));
    /* all accounts hang on it; none of its jobs are a tenant's */
    if (!copy[0] || strcmp(copy, "root") == 0)
        return NULL;
    for (size_t i = 0; i < s->tenant_count; i++)
        if (strcmp(s->tenants[i].name, copy) == 0)
            return &s->tenants[i];
    if (s->tenant_count >= MOST_ACCOUNTS)
        return NULL;
    s->tenants = grow(s->tenants, &s->tenant_room, s->tenant_count, sizeof(*s->tenants));
    s->tenants[s->tenant_count] = (struct tenant){ .quota = NAN,
                                                   .shares = NAN,
                                                   .fairshare = NAN };
    snprintf(s->tenants[s->tenant_count].name, sizeof(copy), "%s", copy);
    return &s->tenants[s->tenant_count++];
}

enum { S_NAME, S_TYPE, S_USER, S_SHARES, S_LEVEL, SHARE_FIELDS };
/* Of JSON the type tells an account ("ASSOCIATION") from a user; of a table, that there
 * is no user. */
static const struct field share_field[] = {
    [S_NAME] = { "name", "Account" },
    [S_TYPE] = { "type", NULL },
    [S_USER] = { NULL, "User" },
    [S_SHARES] = { "shares", "RawShares" },
    [S_LEVEL] = { "fairshare.level", "LevelFS" },
};
static const struct fields share_fields = { share_field, SHARE_FIELDS, "shares", NULL };

static void take_share(void *arg, const struct record *r)
{
    struct tenant *t = NULL;
    double level;

    if (!has_word(r->slots[S_TYPE], "USER") && is_none(r->slots[S_USER]))
        t = find_tenant(arg, r->slots[S_NAME]);
    if (!t)
        return;
    t->listed = true;
    t->shares = number(r->slots[S_SHARES]);
    /* Accounts have a level of fair share only, S/U; the factor of old is 2^(-U/S)
     * (slurm.schedmd.com/priority_multifactor.html). */
    level = number(r->slots[S_LEVEL]);
    t->fairshare = is_infinite(r->slots[S_LEVEL]) ? 1
                   : level > 0                    ? exp2(-1 / level)
                                                  : NAN;
}

enum { Q_ACCOUNT, Q_USER, Q_PARTITION, Q_TRES, QUOTA_FIELDS };
static const struct field quota_field[] = {
    [Q_ACCOUNT] = { "account", "Account" },
    [Q_USER] = { "user", "User" },
    [Q_PARTITION] = { "partition", "Partition" },
    [Q_TRES] = { "max.tres.total", "GrpTRES" },
};
static const struct fields quota_fields = { quota_field, QUOTA_FIELDS, "associations",
                                            NULL };

static void take_quota(void *arg, const struct record *r)
{
    struct tenant *t = NULL;
    double gpus;

    if (is_none(r->slots[Q_USER]) && is_none(r->slots[Q_PARTITION]))
        t = find_tenant(arg, r->slots[Q_ACCOUNT]);
    if (!t)
        return;
    t->listed = true;
    gpus = tres_list_gpus(r->slots[Q_TRES]);
    t->quota = isnan(gpus) ? tres_gpus(r->slots[Q_TRES]) : gpus;
}

static void clock_text(double t, char text[24])
{
    long days = (long)floor(t / 86400), seconds = (long)(t - (double)days * 86400);

    snprintf(text, 24, "%02ld:%02ldZ", seconds / 3600, seconds / 60 % 60);
}

static void say_span(char *text, size_t room, double s)
{
    if (s < 5400)
        snprintf(text, room, "%.0f min", s / 60);
    else
        snprintf(text, room, s < 172800 ? "%.0f h" : "%.0f d",
                 s < 172800 ? s / 3600 : s / 86400);
}

static void say_reservation(struct slurm *s, struct reservation *r)
{
    const char *kind = r->maintenance ? "maintenance" : "reservation";
    char text[500], key[180], at[24], in[24], span[32] = "";

    if (isnan(r->start))
        return;
    if (!isnan(r->end)) {
        snprintf(span, sizeof(span), ", for ");
        say_span(span + strlen(span), sizeof(span) - strlen(span), r->end - r->start);
    }
    if (r->stage < STAGE_BEGUN && s->now >= r->start && !(s->now >= r->end)) {
        r->stage = STAGE_BEGUN;
        snprintf(text, sizeof(text), "%s %s of %.160s has begun%s", kind, r->name,
                 r->nodes[0] ? r->nodes : "no nodes", span);
        snprintf(key, sizeof(key), "slurm %s %.0f begun", r->name, r->start);
        say_event(s, r->name, fmax(r->start, s->now - 86400), "information", text, key);
    } else if (r->stage == STAGE_NEW && s->now < r->start) {
        r->stage = STAGE_TOLD;
        clock_text(r->start, at);
        say_span(in, sizeof(in), r->start - s->now);
        snprintf(text, sizeof(text), "%s %s of %.160s begins in %s, at %s%s", kind,
                 r->name, r->nodes[0] ? r->nodes : "no nodes", in, at, span);
        snprintf(key, sizeof(key), "slurm %s %.0f begins", r->name, r->start);
        say_event(s, r->name, s->now, "information", text, key);
    }
}

/* Those that are over, or were taken away. */
static void drop_reservations(struct slurm *s)
{
    size_t kept = 0;
    char text[300];

    for (size_t i = 0; i < s->reservation_count; i++) {
        struct reservation *r = &s->reservations[i];

        if (r->listed && !(s->now >= r->end)) {
            s->reservations[kept++] = *r;
            continue;
        }
        if (r->stage == STAGE_NEW)
            continue;
        snprintf(text, sizeof(text), "%s %s %s",
                 r->maintenance ? "maintenance" : "reservation", r->name,
                 s->now >= r->end ? "is over" : "was taken away");
        say_event(s, r->name, s->now, "cleared", text, NULL);
    }
    s->reservation_count = kept;
}

static void say_queues(struct slurm *s)
{
    for (size_t i = 0; i < s->queue_count; i++) {
        const struct queue *q = &s->queues[i];
        uint32_t queue = row(s, GW_QUEUE, q->name, GW_NONE);

        say_at_least(s, queue, QUEUE_PENDING, q->pending, q->cut);
        say_number(s, queue, QUEUE_RUNNING, q->running);
        say_at_least(s, queue, QUEUE_GPUS_PENDING, q->gpus_pending, q->cut);
        say_number(s, queue, QUEUE_GPUS_RUNNING, q->gpus_running);
        say_number(s, queue, QUEUE_WAIT, q->wait > 0 ? q->wait : NAN);
        if (!q->told)
            continue;
        say_string(s, queue, QUEUE_STATE, q->state);
        say_number(s, queue, QUEUE_QUOTA, q->quota);
    }
}

/* From memory, so that what is asked for seldom does not grow stale. */
static void say_seldom(struct slurm *s)
{
    say_queues(s);
    for (size_t i = 0; i < s->tenant_count; i++) {
        const struct tenant *t = &s->tenants[i];
        uint32_t tenant = row(s, GW_TENANT, t->name, GW_NONE);

        say_number(s, tenant, TENANT_QUOTA, t->quota);
        say_number(s, tenant, TENANT_SHARES, t->shares);
        say_number(s, tenant, TENANT_FAIRSHARE, t->fairshare);
    }
    for (size_t i = 0; i < s->reservation_count; i++)
        say_reservation(s, &s->reservations[i]);
    drop_reservations(s);
}

#endif
