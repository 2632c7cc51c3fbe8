/* Slurm: jobs, nodes, partitions, accounts and reservations, from slurmrestd (HTTP or its
 * unix socket) or, where there is none, from squeue, scontrol, sinfo, sacct and sshare on
 * a machine that has them (SSH, or this one).
 *
 * A conversation: what is asked depends on the version. Each poll asks for nodes and
 * jobs, every few minutes for what changes seldom, and no oftener than 5 % of the time is
 * spent with the controller's answers.
 *
 * Answers come in three forms, and each record of any becomes the same slots (struct
 * record), so that what it means is written once: JSON, which is scanned in one pass and
 * never built into a tree, for squeue --json of 24.11 writes 20 KB a job; KEY=VALUE lines
 * (scontrol -o) and tables (sacct -P, sshare -P), where a command knows no --json.
 * Numbers are plain up to 22.05 (data_parser v0.0.38), and {"set","infinite","number"}
 * later; states are a word or a list of words. The parts are headers in slurm/, from what
 * they need least to most: text, scan, record; metrics, state; gres, nodelist, nodes,
 * place, jobs, seldom; ask. Here is when what is asked.
 *
 * Formats: slurm.schedmd.com/rest_api.html, squeue(1), scontrol(1), sacct(1),
 * sshare(1). */
#include "plugins/slurm/ask.h"
#include "plugins/slurm/jobs.h"
#include "plugins/slurm/nodes.h"
#include "plugins/slurm/seldom.h"

enum {
    MOST_NAMES = 2000000,       /* of all lists of nodes of a poll */
    FORGOTTEN_AFTER_S = 240,    /* a controller that is usual keeps what ended for 300
                                 * s (MinJobAge) */
    /* 5 % of the controller's time is ours, at most: 4 % for jobs and nodes, 1 % for what
     * changes seldom. */
    PACE = 25, SELDOM_PACE = 100
};
static const double LONGEST_PACE_S = 600;

/* clang-format off */
static const struct gw_option options[] = {
    { "bin", NULL, "where Slurm's commands are, if not in the PATH of the account, such as /opt/slurm/bin" },
    { "version", NULL, "of slurmrestd's interface, such as v0.0.40; without it, the newest it has" },
    { "cluster", NULL, "put before job ids, as NAME:34, where a site has several clusters" },
    { "seldom", "300", "how often partitions, reservations, shares and quotas are asked for" },
    { "history", "3600", "how far back ended jobs are asked of the accounting at the start; 0: never asks it" },
    { "gpus", "yes", "no: GPUs are no rows of their own; where another source calls nodes differently" },
    { "energy", "no", "yes: node meters from Slurm's energy gathering, where that reads a BMC (ipmi, xcc), not RAPL" },
    { 0 }
};
/* clang-format on */

/* ---- questions ---- */

static int ask_nodes(struct slurm *s)
{
    int result;

    if (is_rest(s->target))
        return get(s, rest_path(s, "slurm", "nodes", ""), &node_fields, take_node);
    if (s->node_way == WAY_JSON) {
        result = ask(s, "scontrol show nodes --json", &node_fields, read_json, take_node);
        if (result != NO_JSON)
            return result;
        s->node_way = WAY_OLD_JSON;
    }
    if (s->node_way == WAY_OLD_JSON) {
        result = ask(s, "sinfo --json -a", &node_fields, read_json, take_node);
        if (result != NO_JSON)
            return result;
        s->node_way = WAY_TEXT;
    }
    return ask(s, "scontrol -o -a show nodes", &node_fields, read_lines, take_node);
}

static int ask_jobs(struct slurm *s)
{
    int result;

    if (is_rest(s->target))
        return get(s, rest_path(s, "slurm", "jobs", ""), &job_fields, take_job);
    if (s->job_way == WAY_JSON) {
        result = ask(s, "squeue --json -a", &job_fields, read_json, take_job);
        /* Twice nothing, while nodes came well: it is more than comes through. A line is
         * a twentieth. */
        s->job_silences = result == NO_ANSWER ? s->job_silences + 1 : 0;
        if (result == NO_JSON || s->job_silences >= 2)
            s->job_way = WAY_TEXT;
        if (result != NO_JSON)
            return result;
    }
    return ask(s, "scontrol -o -d -a show jobs", &job_fields, read_lines, take_job);
}

/* Nothing that follows is needed for jobs and nodes to be right, so its failure is only
 * told. */
static void ask_partitions(struct slurm *s)
{
    size_t kept = 0;
    int result;

    for (size_t i = 0; i < s->queue_count; i++)
        s->queues[i].listed = false;
    result = is_rest(s->target)
                 ? get(s, rest_path(s, "slurm", "partitions", ""), &partition_fields,
                       take_partition)
                 : ask_either(s, &s->partition_way, "scontrol -a show partitions --json",
                              "scontrol -o -a show partitions", &partition_fields,
                              read_lines, take_partition);
    if (result != GW_DONE) {
        s->api->warn(s->out, "partitions cannot be read");
        return;
    }
    for (size_t i = 0; i < s->queue_count; i++) {
        struct queue q = s->queues[i];

        q.told = q.listed;
        if (q.listed || q.pending > 0 || q.running > 0)
            s->queues[kept++] = q;
    }
    s->queue_count = kept;
}

static void ask_reservations(struct slurm *s)
{
    int result;

    for (size_t i = 0; i < s->reservation_count; i++)
        s->reservations[i].listed = false;
    result = is_rest(s->target)
                 ? get(s, rest_path(s, "slurm", "reservations", ""), &reservation_fields,
                       take_reservation)
                 : ask_either(s, &s->reservation_way,
                              "scontrol -a show reservations --json",
                              "scontrol -o -a show reservations", &reservation_fields,
                              read_lines, take_reservation);
    if (result == GW_DONE)
        return;
    for (size_t i = 0; i < s->reservation_count; i++)
        s->reservations[i].listed = true;
    s->api->warn(s->out, "reservations cannot be read");
}

static void drop_tenants(struct slurm *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->tenant_count; i++)
        if (s->tenants[i].listed)
            s->tenants[kept++] = s->tenants[i];
    s->tenant_count = kept;
}

static void ask_shares(struct slurm *s)
{
    bool rest = is_rest(s->target), whole;
    int result = GW_DONE;

    for (size_t i = 0; i < s->tenant_count; i++)
        s->tenants[i].listed = false;
    if (!rest)
        result = ask_either(s, &s->share_way, "sshare -a -l --json", "sshare -a -l -P",
                            &share_fields, read_table, take_share);
    else if (!s->has_no_shares)
        result = get(s, s->api->print(s->target, "/slurm/%s/shares", s->version),
                     &share_fields, take_share);
    if (result != GW_DONE)
        s->api->warn(s->out, "shares cannot be read; is there an accounting (slurmdbd)?");
    whole = result == GW_DONE;
    result =
        rest ? get(s, rest_path(s, "slurmdb", "associations", ""), &quota_fields,
                   take_quota)
             : ask_either(
                   s, &s->quota_way, "sacctmgr show associations --json",
                   "sacctmgr -P show associations format=Account,User,Partition,GrpTRES",
                   &quota_fields, read_table, take_quota);
    if (result != GW_DONE)
        s->api->warn(s->out, "quotas cannot be read; is there an accounting (slurmdbd)?");
    else if (whole)
        drop_tenants(s);
}

static void ask_history(struct slurm *s)
{
    const char *history = s->api->option(s->target, "history");
    double most = gw_seconds(history), since = fmax(s->history_from, s->now - 86400);
    const char *when, *which;
    int result;

    if (isnan(s->history_from) || !(most > 0))
        return;
    s->history_from = NAN;
    when = s->api->print(s->target, "uts%.0f", floor(since) - 1);
    if (is_rest(s->target)) {
        which = s->api->print(s->target, "?start_time=%s&skip_steps=1", when);
        result = get(s, rest_path(s, "slurmdb", "jobs", which), &ended_fields,
                     take_ended);
    } else {
        which = s->api->print(
            s->target, "sacct -a -X -S %s -E now -s CA,CD,F,NF,TO,PR,OOM,BF,DL", when);
        result = ask_either(
            s, &s->history_way, s->api->print(s->target, "%s --json", which),
            s->api->print(
                s->target,
                "%s -P -o JobIDRaw,JobName,User,Account,Partition,QOS,State,Reason,Submit,"
                "Start,End,TimelimitRaw,AllocNodes,NodeList,AllocTRES,ReqTRES",
                which),
            &ended_fields, read_table, take_ended);
    }
    if (result != GW_DONE)
        s->api->warn(s->out,
                     "ended jobs cannot be read; is there an accounting (slurmdbd)?");
}

/* ---- a poll ---- */

static void begin(struct slurm *s)
{
    s->words.len = 0;
    s->node_count = s->gpu_count = s->live_count = 0;
    s->events = 0;
    s->names_left = MOST_NAMES;
    for (size_t i = 0; i < s->before_count; i++)
        s->before[i].spoken = false;
    for (size_t i = 0; i < s->seen_count; i++)
        s->seen[i].listed = false;
    for (size_t i = 0; i < s->queue_count; i++) {
        struct queue *q = &s->queues[i];

        q->pending = q->running = q->gpus_pending = q->gpus_running = q->wait = 0;
        q->cut = false;
    }
}

/* Partitions, reservations, shares, quotas, and the past. */
static void ask_seldom(struct slurm *s)
{
    double begun = s->api->now(s->target), spent;

    ask_partitions(s);
    ask_reservations(s);
    ask_shares(s);
    ask_history(s);
    say_seldom(s);
    spent = s->api->now(s->target) - begun;
    s->seldom_at = s->now +
                   fmax(fmax(10, gw_seconds(s->api->option(s->target, "seldom"))),
                        spent * SELDOM_PACE);
}

/* Which of the ways it is read by, for --doctor. */
static void note_way(struct slurm *s)
{
    static const char *const ways[] = {
        [WAY_JSON] = "JSON",
        [WAY_OLD_JSON] = "JSON of sinfo, for its scontrol has none",
        [WAY_TEXT] = "text, for its commands have no JSON"
    };

    if (is_rest(s->target)) {
        s->api->note(s->out, "slurmrestd %s: %s", s->version,
                     s->has_no_shares ? "plain numbers, no shares"
                                      : "numbers as set/infinite/number");
        return;
    }
    s->api->note(s->out, "commands; nodes as %s", ways[s->node_way]);
    s->api->note(s->out, "jobs as %s",
                 s->job_way == WAY_TEXT ? "text, for squeue's JSON does not come"
                                        : "JSON");
}

static int converse(struct slurm *s)
{
    double begun = s->api->now(s->target);
    int result;

    begin(s);
    result = ask_nodes(s);
    index_nodes(s);
    mark_maintenance(s);
    if (result == GW_DONE)
        result = ask_jobs(s);
    s->spent = s->api->now(s->target) - begun;
    if (result != GW_DONE)
        return GW_FAILED;
    note_way(s);
    keep_conditions(s);
    say_holders(s);
    say_vanished(s);
    s->last_poll = s->now;
    if (s->now < s->seldom_at && s->seldom_at - s->now < 86400) {
        say_seldom(s);
        return GW_DONE;
    }
    /* What is known already need not wait for the rest. */
    s->api->send(s->out);
    ask_seldom(s);
    return GW_DONE;
}

/* Opens the way there, and learns who answers, so that only the controller's own time is
 * measured afterwards. */
static int greet(struct slurm *s)
{
    struct gw_reply reply;

    if (is_rest(s->target))
        return discover(s);
    return s->greeted || run(s, "scontrol -V", &reply) == GW_DONE ? GW_DONE : GW_FAILED;
}

/* A number of seconds, or yes or no, as its fallback shows. */
static int try_option(struct slurm *s, const struct gw_option *o)
{
    const char *text = s->api->option(s->target, o->name);

    if (!o->fallback || !text)
        return GW_DONE;
    if (!isdigit((unsigned char)o->fallback[0]))
        return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0
                   ? GW_DONE
                   : s->api->fail(s->out, "%s: expected yes or no, got \"%.20s\"", o->name, text);
    if (gw_seconds(text) >= 0)
        return GW_DONE;
    return s->api->fail(s->out, "%s: expected a time such as 5m, or seconds, got \"%.20s\"", o->name, text);
}

/* Whatever is wrong with options is said before anything is asked. */
static int begin_talk(const struct gw_api *api, const struct gw_target *target,
                      struct gw_out *out)
{
    struct slurm *s = target->state;
    const char *version = api->option(target, "version");
    unsigned n;

    s->api = api;
    s->target = target;
    s->out = out;
    for (const struct gw_option *o = options; o->name; o++)
        if (try_option(s, o) == GW_FAILED)
            return GW_FAILED;
    if (version && sscanf(version, "v0.0.%4u", &n) != 1)
        return api->fail(out, "version: expected one such as v0.0.40, got \"%.20s\"", version);
    return GW_DONE;
}

static int poll(const struct gw_api *api, const struct gw_target *target,
                struct gw_out *out)
{
    struct slurm *s = target->state;
    int result;

    s->api = api;
    s->target = target;
    s->out = out;
    s->now = api->now(target);
    s->spent = 0;
    if (s->last_poll == 0 || s->now - s->last_poll > FORGOTTEN_AFTER_S)
        s->history_from = s->last_poll
                              ? s->last_poll
                              : s->now - gw_seconds(api->option(target, "history"));
    result = greet(s);
    if (result == GW_DONE)
        result = converse(s);
    s->greeted = result == GW_DONE;
    if (s->spent > 0)
        api->pace(out, fmin(s->spent * PACE, LONGEST_PACE_S));
    return result;
}

static void end(const struct gw_api *api, const struct gw_target *target)
{
    struct slurm *s = target->state;

    (void)api;
    free(s->words.all);
    free(s->nodes);
    free(s->gpus);
    free(s->node_index);
    free(s->seen);
    free(s->live);
    free(s->before);
    free(s->queues);
    free(s->tenants);
    free(s->reservations);
    memset(s, 0, sizeof(*s));
}

const struct gw_source slurm_source = {
    GW_SOURCE_HEAD, .name = "slurm", .schemes = "slurm+http slurm+https slurm+ssh",
    .summary = "Slurm's jobs, nodes, partitions, accounts and reservations: slurmrestd, or its commands over SSH",
    .metrics = metrics, .options = options, .state_size = sizeof(struct slurm), .interval_s = 15,
    .open = begin_talk, .poll = poll, .close = end,
    .token_header = "X-SLURM-USER-TOKEN", .user_header = "X-SLURM-USER-NAME",
};
