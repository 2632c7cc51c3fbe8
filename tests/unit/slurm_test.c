/* Slurm in every form it speaks: one site, told by slurmrestd of two generations, by
 * commands with --json of two, and by commands that know none, must come out the same. */
#include <check.h>
#include <time.h>

#include "tests/lib/heard.h"

extern const struct gw_source slurm_source;

static const double T = 1800000000;

enum { QUESTIONS = 16 };

/* What is answered to what: the first whose word the question contains. A text that
 * begins with '!' is a complaint, with the status before it; one with '=' an answer as it
 * stands; else it names a file. */
struct answer {
    const char *word, *text;
    int status;
};

static struct site {
    struct answer answers[QUESTIONS];
    char *kept[64];
    size_t kept_count;
    unsigned asked[QUESTIONS];
    double takes;               /* seconds that an answer takes */
    struct gw_out *out;
} site;

static int answer(void *arg, const struct gw_ask *ask, struct gw_reply *reply)
{
    const char *question = ask->how == GW_GET ? ask->path : ask->command;
    char path[200];
    size_t i = 0;

    (void)arg;
    while (site.answers[i].word && !strstr(question, site.answers[i].word))
        i++;
    site.out->clock += site.takes;
    if (!site.answers[i].word || !site.answers[i].text)
        return GW_FAILED;
    site.asked[i]++;
    reply->status = site.answers[i].status ? site.answers[i].status
                    : ask->how == GW_GET   ? 200
                                           : 0;
    if (site.answers[i].text[0] == '!') {
        reply->complaint = site.answers[i].text + 1;
    } else if (site.answers[i].text[0] == '=') {
        reply->text = site.answers[i].text + 1;
        reply->len = strlen(reply->text);
    } else {
        snprintf(path, sizeof(path), "tests/sources/slurm/%s", site.answers[i].text);
        ck_assert_uint_lt(site.kept_count, 64);
        site.kept[site.kept_count] = heard_file("SRCDIR", path, &reply->len);
        ck_assert_msg(site.kept[site.kept_count], "%s is not there", path);
        reply->text = site.kept[site.kept_count++];
    }
    return GW_DONE;
}

#define NO_JSON "!x: unrecognized option '--json'\nTry \"x --help\" for more information"

static const struct way {
    const char *url;
    struct answer answers[QUESTIONS];
} ways[] = {
    { "slurm+unix:///run/rest.sock",
      { { "/openapi/v3", "={\"paths\":{\"\\/slurm\\/v0.0.36\\/jobs\":1,\"\\/slurm\\/v0.0.38\\/jobs\":1,\"\\/slurmdb\\/v0.0.39\\/jobs\":1}}" },
        { "/slurm/v0.0.38/nodes", "old-nodes.json" }, { "/slurm/v0.0.38/jobs", "old-jobs.json" },
        { "/slurm/v0.0.38/partitions", "old-partitions.json" }, { "/slurm/v0.0.38/reservations", "old-reservations.json" },
        { "/slurmdb/v0.0.38/associations", "old-quotas.json" }, { "/slurmdb/v0.0.38/jobs?start_time=uts", "old-history.json" } } },
    { "slurm+http://ctl:6820",
      { { "/openapi/v3", "={\"paths\":{\"/slurm/v0.0.42/jobs/\":1,\"/slurm/v0.0.40/jobs/\":1}}" },
        { "/slurm/v0.0.42/nodes/", "new-nodes.json" }, { "/slurm/v0.0.42/jobs/", "new-jobs.json" },
        { "/slurm/v0.0.42/partitions/", "new-partitions.json" }, { "/slurm/v0.0.42/reservations/", "new-reservations.json" },
        { "/slurm/v0.0.42/shares", "new-shares.json" }, { "/slurmdb/v0.0.42/associations/", "new-quotas.json" },
        { "/slurmdb/v0.0.42/jobs/?start_time", "new-history.json" } } },
    { "slurm+ssh://login",
      { { "scontrol -V", "=slurm 24.11" }, { "scontrol show nodes --json", "new-nodes.json" }, { "squeue --json", "new-jobs.json" },
        { "show partitions --json", "new-partitions.json" }, { "show reservations --json", "new-reservations.json" },
        { "sshare -a -l --json", "new-shares.json" }, { "sacctmgr show associations --json", "new-quotas.json" },
        { "DL --json", "new-history.json" } } },
    { "slurm+local:",
      { { "scontrol -V", "=slurm 22.05" }, { "scontrol show nodes --json", NO_JSON, 1 }, { "sinfo --json", "old-nodes.json" },
        { "squeue --json", "old-jobs.json" }, { "scontrol -a show partitions --json", NO_JSON, 1 }, { "show partitions", "partitions.txt" },
        { "scontrol -a show reservations --json", NO_JSON, 1 }, { "show reservations", "reservations.txt" },
        { "sshare -a -l --json", NO_JSON, 1 }, { "sshare", "shares.txt" }, { "sacctmgr show associations --json", "old-quotas.json" },
        { "DL --json", "old-history.json" } } },
    { "slurm+ssh://old",
      { { "scontrol -V", "=slurm 20.11" }, { "--json", NO_JSON, 1 }, { "scontrol -o -a show nodes", "nodes.txt" },
        { "scontrol -o -d -a show jobs", "jobs.txt" }, { "show partitions", "partitions.txt" },
        { "show reservations", "reservations.txt" }, { "sshare", "shares.txt" }, { "sacctmgr", "quotas.txt" },
        { "sacct ", "history.txt" } } },
};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static struct gw_out *out;

static void begin_with(const struct way *way, const struct heard_option *options)
{
    out = heard_new(&slurm_source, "slurm", options);
    out->target.url = way->url;
    out->answer = answer;
    out->clock = T + 1000;
    memset(&site, 0, sizeof(site));
    memcpy(site.answers, way->answers, sizeof(site.answers));
    site.out = out;
}

static void begin(const struct way *way)
{
    begin_with(way, NULL);
}

static void end(void)
{
    heard_free(out);
    for (size_t i = 0; i < site.kept_count; i++)
        free(site.kept[i]);
    site.kept_count = 0;
}

static void poll_well(void)
{
    int result = heard_poll(out);

    ck_assert_msg(result == GW_DONE, "%s", out->failure);
    ck_assert_msg(!out->warnings, "%s", out->warning);
}

/* The last one heard of; entities are named once. */
#define is_number(kind, name, metric, want) ck_assert_double_eq(heard_number(out, kind, name, metric), want)
#define is_unknown(kind, name, metric) ck_assert_double_nan(heard_number(out, kind, name, metric))
#define is_text(kind, name, metric, want) ck_assert_str_eq(heard_text(out, kind, name, metric), want)

START_TEST(a_job_says_the_same_in_every_form)
{
    begin(&ways[_i]);
    poll_well();
    is_text(GW_JOB, "101", "title", "pretrain \"7b\"");
    is_text(GW_JOB, "101", "tenant", "blue");
    is_text(GW_JOB, "101", "user", "ana");
    is_text(GW_JOB, "101", "queue", "train");
    is_text(GW_JOB, "101", "qos", "high");
    is_text(GW_JOB, "101", "state", "running");
    is_text(GW_JOB, "101", "reason", "");
    is_text(GW_JOB, "101", "nodelist", "n[1-2]");
    is_number(GW_JOB, "101", "gpus", 8);
    is_number(GW_JOB, "101", "nodes", 2);
    is_number(GW_JOB, "101", "priority", 900);
    is_number(GW_JOB, "101", "submit", T);
    is_number(GW_JOB, "101", "start", T + 60);
    is_number(GW_JOB, "101", "limit", 86400);
    is_number(GW_JOB, "101", "end", -1e99);     /* when it will be killed is no end */
    is_number(GW_JOB, "102", "gpus", 1);        /* only its type is counted */
    is_text(GW_JOB, "103", "array", "100");
    end();
}
END_TEST

START_TEST(what_waits_says_why_and_when)
{
    begin(&ways[_i]);
    poll_well();
    is_text(GW_JOB, "104", "state", "pending");
    is_text(GW_JOB, "104", "reason", "Resources");
    is_text(GW_JOB, "104", "queue", "train,serve");
    is_number(GW_JOB, "104", "gpus", 8);
    is_number(GW_JOB, "104", "start", T + 86460);
    is_text(GW_JOB, "105", "reason", "JobHeldUser");
    is_unknown(GW_JOB, "105", "start");
    is_unknown(GW_JOB, "105", "limit");         /* unlimited */
    is_text(GW_JOB, "100", "reason", "JobArrayTaskLimit");
    is_number(GW_JOB, "100", "tasks", 8);
    is_number(GW_JOB, "100", "gpus", 2);        /* of one */
    is_unknown(GW_JOB, "104", "tasks");
    end();
}
END_TEST

START_TEST(what_ended_says_how_and_when)
{
    begin(&ways[_i]);
    poll_well();
    is_text(GW_JOB, "106", "state", "ended");
    is_text(GW_JOB, "106", "outcome", "failed");
    is_text(GW_JOB, "106", "reason", "NonZeroExitCode");
    is_text(GW_JOB, "106", "het", "106");
    is_number(GW_JOB, "106", "end", T + 500);
    is_number(GW_JOB, "106", "gpus", 0);
    is_text(GW_JOB, "107", "outcome", "completed");
    is_number(GW_JOB, "107", "gpus", 4);
    /* Before we looked: by the accounting. */
    is_text(GW_JOB, "90", "state", "ended");
    is_text(GW_JOB, "90", "outcome", "timeout");
    is_number(GW_JOB, "90", "end", T - 200);
    is_number(GW_JOB, "90", "gpus", 4);
    is_number(GW_JOB, "90", "limit", 1800);
    is_text(GW_JOB, "101", "state", "running");
    end();
}
END_TEST

START_TEST(nodes_say_their_state_and_reason)
{
    begin(&ways[_i]);
    poll_well();
    is_text(GW_NODE, "n1", "state", "allocated");
    is_text(GW_NODE, "n3", "state", "draining");
    is_text(GW_NODE, "n3", "reason", "Xid 79, [RMA 12]");
    is_text(GW_NODE, "n4", "state", "drained");
    is_text(GW_NODE, "n5", "state", "down");
    is_text(GW_NODE, "n5", "reason", "not responding");
    is_text(GW_NODE, "n6", "state", "maint");
    is_number(GW_NODE, "n3", "gpus_total", 4);
    is_number(GW_NODE, "n3", "gpus_held", 3);
    is_number(GW_NODE, "login1", "gpus_total", 0);
    is_number(GW_NODE, "n1", "meter", -1e99);   /* nobody said that it reads a BMC */
    end();
}
END_TEST

START_TEST(the_oldest_version_has_no_flags_of_nodes_and_tells_their_reason_all_the_same)
{
    static const struct way oldest = { "slurm+unix:///run/rest.sock", {
        { "/openapi/v3", "={\"paths\":{\"/slurm/v0.0.36/jobs\":1}}" },
        { "/slurm/v0.0.36/nodes", "={\"nodes\":[{\"name\":\"n1\",\"state\":\"allocated\",\"reason\":\"\",\"gres\":\"gpu:h100:8(S:0-1)\","
                                  "\"gres_used\":\"gpu:h100:8(IDX:0-7)\"},{\"name\":\"n2\",\"state\":\"idle\",\"reason\":\"Xid 79\","
                                  "\"gres\":\"gpu:h100:8\",\"gres_used\":\"gpu:h100:0(IDX:N\\/A)\"}]}" },
        { "/slurm/v0.0.36/jobs", "old-jobs.json" }, { "/slurm/v0.0.36/partitions", "old-partitions.json" },
        { "/slurm/v0.0.36/reservations", "old-reservations.json" }, { "/slurmdb/v0.0.36/associations", "old-quotas.json" },
        { "/slurmdb/v0.0.36/jobs?start_time=uts", "old-history.json" } } };

    begin(&oldest);
    poll_well();
    is_text(GW_NODE, "n1", "state", "allocated");
    is_number(GW_NODE, "n1", "gpus_held", 8);
    is_text(GW_NODE, "n2", "state", "idle");
    is_text(GW_NODE, "n2", "reason", "Xid 79");
    is_number(GW_NODE, "n2", "gpus_total", 8);
    end();
}
END_TEST

START_TEST(every_gpu_says_which_job_is_on_it)
{
    begin(&ways[_i]);
    poll_well();
    is_text(GW_GPU, "n1/0", "job", "101");
    is_text(GW_GPU, "n2/3", "job", "101");
    is_text(GW_GPU, "n2/3", "tenant", "blue");
    is_text(GW_GPU, "n3/0", "job", "103");
    is_text(GW_GPU, "n3/1", "job", "");
    is_text(GW_GPU, "n3/2", "job", "102");
    is_text(GW_GPU, "n3/2", "tenant", "red");
    is_text(GW_GPU, "n3/3", "job", "103");
    is_text(GW_GPU, "n4/0", "tenant", "");
    is_number(GW_GPU, "n3/2", "index", 2);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 24);
    is_text(GW_NODE, "n1", "job", "101");
    is_text(GW_NODE, "n1", "tenant", "blue");
    is_text(GW_NODE, "n3", "job", "");
    is_text(GW_NODE, "n3", "tenant", "");
    end();
}
END_TEST

START_TEST(queues_have_depth_wait_and_quota)
{
    begin(&ways[_i]);
    poll_well();
    is_number(GW_QUEUE, "train", "running", 2);
    /* eight tasks, one that waits for its turn, one held */
    is_number(GW_QUEUE, "train", "pending", 10);
    is_number(GW_QUEUE, "train", "gpus_running", 10);
    is_number(GW_QUEUE, "train", "gpus_pending", 25);
    /* since it was eligible; the held one does not count */
    is_number(GW_QUEUE, "train", "wait", 600);
    is_text(GW_QUEUE, "train", "state", "up");
    is_number(GW_QUEUE, "train", "quota", 20);
    is_number(GW_QUEUE, "serve", "running", 1);
    /* nobody waits there */
    ck_assert(isnan(heard_number(out, GW_QUEUE, "serve", "wait")));
    is_text(GW_QUEUE, "serve", "state", "drain");
    is_number(GW_QUEUE, "serve", "quota", 12);
    ck_assert_uint_eq(heard_count(out, GW_QUEUE), 2);
    end();
}
END_TEST

START_TEST(accounts_have_quota_and_shares)
{
    /* slurmrestd of 22.05 tells none */
    bool has_shares = !strstr(ways[_i].url, "unix");

    begin(&ways[_i]);
    poll_well();
    is_number(GW_TENANT, "blue", "quota", 16);
    is_unknown(GW_TENANT, "red", "quota");
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 2);
    if (has_shares) {
        is_number(GW_TENANT, "blue", "shares", 40);
        ck_assert_double_eq_tol(heard_number(out, GW_TENANT, "blue", "fairshare"),
                                sqrt(.5), 1e-9);
        is_number(GW_TENANT, "red", "fairshare", 1);
    } else {
        is_unknown(GW_TENANT, "blue", "shares");
    }
    end();
}
END_TEST

/* A limit of a partition is none of the account, and what has not ended is the
 * controller's to tell. */
START_TEST(what_is_of_a_part_is_not_told_of_the_whole)
{
    struct way way = ways[2];
    size_t quotas = 0, history = 0;

    while (!strstr(way.answers[quotas].word, "sacctmgr"))
        quotas++;
    while (!strstr(way.answers[history].word, "DL --json"))
        history++;
    way.answers[quotas].text = "={\"associations\": [{\"account\": \"blue\", \"user\": \"\", \"partition\": null, \"max\": {\"tres\": {\"total\": "
        "[{\"type\": \"gres\", \"name\": \"gpu\", \"count\": 16}]}}}, {\"account\": \"blue\", \"user\": \"\", \"partition\": \"train\", "
        "\"max\": {\"tres\": {\"total\": [{\"type\": \"gres\", \"name\": \"gpu\", \"count\": 3}]}}}]}";
    way.answers[history].text = "={\"jobs\": [{\"job_id\": 77, \"account\": \"blue\", \"state\": {\"current\": [\"COMPLETED\"]}, \"time\": {\"start\": "
        "1799998000, \"end\": 0}}, {\"job_id\": 78, \"account\": \"blue\", \"state\": {\"current\": [\"COMPLETED\"]}, \"time\": {\"start\": 1799998000, "
        "\"end\": 1799999000}}]}";
    begin(&way);
    poll_well();
    is_number(GW_TENANT, "blue", "quota", 16);
    is_text(GW_JOB, "78", "state", "ended");
    ck_assert_ptr_null(heard_value(out, GW_JOB, "77", "state"));
    end();
}
END_TEST

static const char *event_about(const char *part)
{
    for (size_t i = 0; i < out->value_count; i++)
        if (out->values[i].text &&
            out->entities[out->values[i].entity].kind == GW_EVENT &&
            strstr(out->values[i].text, part))
            return out->values[i].text;
    return "(none)";
}

static const char *key_of_event(void)
{
    for (size_t i = 0; i < out->value_count; i++)
        if (out->entities[out->values[i].entity].kind == GW_EVENT &&
            out->values[i].text &&
            strcmp(out->source->metrics[out->values[i].metric].name, "key") == 0)
            return out->values[i].text;
    return "(none)";
}

/* Whoever begins to ask announces it in other words, but under the same key. */
START_TEST(an_announcement_has_the_same_key_whenever_it_is_told)
{
    char before[64];

    begin(&ways[_i]);
    poll_well();
    snprintf(before, sizeof(before), "%s", key_of_event());
    ck_assert_str_eq(before, "slurm maint 1800008200 begins");
    end();
    begin(&ways[_i]);
    out->clock += 600;
    poll_well();
    ck_assert_str_eq(event_about("maint"),
                     "maintenance maint of n6 begins in 2 h, at 10:16Z, for 2 h");
    ck_assert_str_eq(key_of_event(), before);
    end();
}
END_TEST

START_TEST(maintenance_is_announced_once_begins_and_is_over)
{
    begin(&ways[_i]);
    poll_well();
    ck_assert_str_eq(event_about("maint"),
                     "maintenance maint of n6 begins in 2 h, at 10:16Z, for 2 h");
    is_text(GW_NODE, "n6", "maintenance", "yes");   /* as its state says */
    is_text(GW_NODE, "n1", "maintenance", "no");
    out->clock += 15;
    poll_well();
    ck_assert_str_eq(event_about("maint"), "(none)");
    out->clock = T + 8300;
    poll_well();
    ck_assert_str_eq(event_about("maint"), "maintenance maint of n6 has begun, for 2 h");
    is_text(GW_NODE, "n6", "maintenance", "maint");
    is_text(GW_NODE, "n1", "maintenance", "no");
    out->clock = T + 15500;
    poll_well();
    ck_assert_str_eq(event_about("maint"), "maintenance maint is over");
    end();
}
END_TEST

START_TEST(a_reservation_without_an_end_is_for_no_time)
{
    begin(&ways[4]);
    site.answers[5].text =
        "=ReservationName=r StartTime=1800004600 EndTime=Unknown Nodes=n1 Flags=SPEC_NODES\n";
    ck_assert_str_eq(site.answers[5].word, "show reservations");
    poll_well();
    ck_assert_str_eq(event_about("reservation"),
                     "reservation r of n1 begins in 60 min, at 09:16Z");
    out->clock = T + 4700;
    poll_well();
    ck_assert_str_eq(event_about("reservation"), "reservation r of n1 has begun");
    end();
}
END_TEST

/* ---- what changes ---- */

static void answer_with(const char *word, const char *text, int status)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        if (site.answers[i].word && strcmp(site.answers[i].word, word) == 0) {
            site.answers[i].text = text;
            site.answers[i].status = status;
            return;
        }
    ck_abort_msg("nobody asks %s", word);
}

START_TEST(a_node_that_drains_and_comes_back_is_an_event)
{
    begin(&ways[1]);
    poll_well();
    /* what was so when we came is no news */
    ck_assert_str_eq(event_about("node"), "(none)");
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"IDLE\",\"DRAIN\"],\"reason\":\"fan\\n1\"},"
                "{\"name\":\"n4\",\"state\":[\"IDLE\"]}]}", 200);
    poll_well();
    ck_assert_str_eq(event_about("n1"), "node n1 is drained: fan\n1");
    ck_assert_str_eq(event_about("n4"), "node n4 is back: idle");
    poll_well();
    ck_assert_str_eq(event_about("node"), "(none)");
    end();
}
END_TEST

START_TEST(what_a_poll_that_failed_had_to_tell_is_told_by_the_next)
{
    begin(&ways[1]);
    poll_well();
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"DOWN\"],\"reason\":\"fan\"}]}", 200);
    answer_with("/slurm/v0.0.42/jobs/", NULL, 0);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    answer_with("/slurm/v0.0.42/jobs/", "new-jobs.json", 200);
    poll_well();
    ck_assert_str_eq(event_about("n1"), "node n1 is down: fan");
    poll_well();
    ck_assert_str_eq(event_about("node"), "(none)");
    end();
}
END_TEST

START_TEST(what_is_no_longer_listed_is_forgotten)
{
    begin(&ways[1]);
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_QUEUE), 2);
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 2);
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"IDLE\"]}]}", 200);
    answer_with("/slurm/v0.0.42/jobs/", "={\"jobs\":[{\"job_id\":7,\"job_state\":[\"RUNNING\"],\"partition\":\"serve\"}]}", 200);
    answer_with("/slurm/v0.0.42/partitions/", "={\"partitions\":[{\"name\":\"new\"}]}", 200);
    answer_with("/slurm/v0.0.42/shares", "={\"shares\":{\"shares\":[{\"name\":\"red\"}]}}", 200);
    answer_with("/slurmdb/v0.0.42/associations/", NULL, 0);
    out->clock += 400;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    /* half an answer forgets nobody */
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 2);
    /* no longer listed, but a job is in it */
    is_number(GW_QUEUE, "serve", "running", 1);
    ck_assert_ptr_null(heard_value(out, GW_QUEUE, "serve", "state"));
    ck_assert_uint_eq(heard_count(out, GW_QUEUE), 2);
    answer_with("/slurmdb/v0.0.42/associations/", "={\"associations\":[{\"account\":\"red\"}]}", 200);
    answer_with("/slurm/v0.0.42/jobs/", "={\"jobs\":[]}", 200);
    out->clock += 400;
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 1);
    ck_assert_uint_eq(heard_count(out, GW_QUEUE), 1);
    /* A node that comes back after it was no longer there is new. */
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n5\",\"state\":[\"IDLE\"]}]}", 200);
    poll_well();
    ck_assert_str_eq(event_about("n5"), "(none)");
    end();
}
END_TEST

START_TEST(a_running_job_that_the_controller_forgot_has_ended_and_the_accounting_says_how)
{
    begin(&ways[1]);
    poll_well();
    answer_with("/slurm/v0.0.42/jobs/", "={\"jobs\":[]}", 200);
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"IDLE\"],\"gres\":\"gpu:b200:4\"}]}", 200);
    out->clock += 30;
    poll_well();
    is_text(GW_JOB, "101", "state", "ended");
    is_number(GW_JOB, "101", "end", T + 1030);
    ck_assert(heard_value(out, GW_JOB, "101", "end")->estimated);
    ck_assert_ptr_null(heard_value(out, GW_JOB, "101", "outcome"));
    is_text(GW_GPU, "n1/0", "job", "");
    answer_with("/slurmdb/v0.0.42/jobs/?start_time", "={\"jobs\":[{\"job_id\":101,\"state\":{\"current\":[\"NODE_FAIL\"],"
                "\"reason\":\"None\"},\"time\":{\"end\":1800001020,\"start\":1800000060}}]}", 200);
    out->clock += 300;
    poll_well();
    is_text(GW_JOB, "101", "outcome", "node fail");
    is_number(GW_JOB, "101", "end", T + 1020);
    end();
}
END_TEST

START_TEST(seldom_things_are_asked_for_seldom_and_told_always)
{
    begin(&ways[1]);
    for (int i = 0; i < 10; i++) {
        poll_well();
        is_number(GW_TENANT, "blue", "quota", 16);
        is_text(GW_QUEUE, "train", "state", "up");
        out->clock += 15;
    }
    ck_assert_uint_eq(site.asked[0], 1);        /* its versions */
    ck_assert_uint_eq(site.asked[2], 10);       /* jobs */
    ck_assert_uint_eq(site.asked[3], 1);        /* partitions */
    end();
}
END_TEST

START_TEST(the_controller_is_asked_for_a_twentieth_of_its_time)
{
    begin(&ways[1]);
    site.takes = 2;
    poll_well();
    ck_assert_double_eq(out->pace, 100);        /* nodes and jobs took 4 s: 4 % */
    ck_assert_uint_eq(site.asked[3], 1);
    out->clock += 800;
    poll_well();
    ck_assert_uint_eq(site.asked[3], 1);        /* five questions took 10 s: 1 % */
    out->clock += 200;
    poll_well();
    ck_assert_uint_eq(site.asked[3], 2);
    answer_with("/slurm/v0.0.42/jobs/", NULL, 0);
    out->pace = 0;
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    ck_assert_double_eq(out->pace, 100);        /* also when it fails */
    end();
}
END_TEST

/* As slurmrestd reads them (auth/jwt); that they travel, poller_test shows. */
START_TEST(token_and_user_go_by_the_names_that_slurmrestd_reads)
{
    ck_assert_str_eq(slurm_source.token_header, "X-SLURM-USER-TOKEN");
    ck_assert_str_eq(slurm_source.user_header, "X-SLURM-USER-NAME");
}
END_TEST

START_TEST(a_cluster_puts_its_name_before_its_jobs)
{
    static const struct heard_option options[] = {
        { "cluster", "east" }, { "gpus", "no" }, { "energy", "yes" }, { 0 }
    };

    begin_with(&ways[1], options);
    poll_well();
    is_text(GW_JOB, "east:101", "state", "running");
    is_text(GW_NODE, "n1", "job", "east:101");
    ck_assert_uint_eq(heard_count(out, GW_GPU), 0);
    is_number(GW_NODE, "n1", "meter", 2100);
    ck_assert_double_eq(heard_value(out, GW_NODE, "n1", "meter")->time, T + 990);
    is_number(GW_NODE, "n2", "meter", -1e99);   /* never collected */
    end();
}
END_TEST

START_TEST(a_slice_of_a_gpu_is_not_the_gpu_of_that_number)
{
    begin(&ways[1]);
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"MIXED\"],\"gres\":\"gpu:b200_1g.23gb:7\","
                "\"gres_used\":\"gpu:b200_1g.23gb:2(IDX:0-1)\"}]}", 200);
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_GPU), 0);
    is_number(GW_NODE, "n1", "gpus_total", 7);
    is_number(GW_NODE, "n1", "gpus_held", 2);
    end();
}
END_TEST

START_TEST(gpus_of_which_nobody_says_which_are_held_are_not_called_free)
{
    begin(&ways[1]);
    answer_with("/slurm/v0.0.42/nodes/", "={\"nodes\":[{\"name\":\"n1\",\"state\":[\"MIXED\"],\"gres\":\"gpu:4\",\"gres_used\":\"gpu:2\"}]}", 200);
    answer_with("/slurm/v0.0.42/jobs/", "={\"jobs\":[{\"job_id\":7,\"job_state\":[\"RUNNING\"],\"nodes\":\"n1\",\"account\":\"red\","
                "\"tres_alloc_str\":\"node=1,gres/gpu=2\",\"gres_detail\":[\"gpu:2\"]}]}", 200);
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_GPU), 0);
    is_number(GW_NODE, "n1", "gpus_held", 2);
    is_text(GW_JOB, "7", "nodelist", "n1");
    end();
}
END_TEST

/* ---- lines, into which users write ---- */

#define LINE_NODES "=NodeName=n1 State=MIXED Gres=gpu:b200:4 GresUsed=gpu:b200:2\nNodeName=n4 State=IDLE Gres=gpu:b200:4\n"
#define JOB(title) "=JobId=7 ArrayJobId=6 ArrayTaskId=1 JobName=" title " UserId=ana(1) Account=red JobState=RUNNING Reason=None " \
                   "StartTime=1800000060 Partition=train NodeList=n1 NumNodes=1-1 TRES=cpu=1,gres/gpu=2   Nodes=n1 CPU_IDs=0 Mem=1 " \
                   "GRES=gpu:b200:2(IDX:0-1) MinCPUsNode=1 Features=(null) Comment=x UserId=eve(2) JobState=FAILED\n"

static const struct {
    const char *title, *line;
} titles[] = {
    { "x Features=y", JOB("x Features=y") },
    { "x JobId=8 ArrayJobId=9 HetJobId=9", JOB("x JobId=8 ArrayJobId=9 HetJobId=9") },
    { "x UserId=eve(2) Features=y", JOB("x UserId=eve(2) Features=y") },
    { "x Nodes=n4 GRES=gpu:b200:4(IDX:0-3)", JOB("x Nodes=n4 GRES=gpu:b200:4(IDX:0-3)") },
    { "x JOB_GRES=gpu:9 JobName=z SchedNodeList=n4", JOB("x JOB_GRES=gpu:9 JobName=z SchedNodeList=n4") },
};

static void begin_with_lines(const char *jobs)
{
    begin(&ways[4]);
    answer_with("scontrol -o -a show nodes", LINE_NODES, 0);
    answer_with("scontrol -o -d -a show jobs", jobs, 0);
    answer_with("sacct ", "=JobIDRaw|State\n", 0);
    poll_well();
}

START_TEST(a_job_may_be_called_anything)
{
    begin_with_lines(titles[_i].line);
    is_text(GW_JOB, "7", "title", titles[_i].title);
    is_text(GW_JOB, "7", "state", "running");
    is_text(GW_JOB, "7", "user", "ana");
    is_text(GW_JOB, "7", "tenant", "red");
    is_text(GW_JOB, "7", "array", "6");
    is_number(GW_JOB, "7", "gpus", 2);
    is_number(GW_JOB, "7", "nodes", 1);
    ck_assert_ptr_null(heard_value(out, GW_JOB, "7", "het"));
    is_text(GW_GPU, "n1/1", "job", "7");
    is_text(GW_GPU, "n4/0", "job", "");
    ck_assert_uint_eq(heard_count(out, GW_JOB), 1);
    end();
}
END_TEST

/* Where a site does not account for GPUs, its TRES have none. */
static const struct {
    const char *said;
    double gpus;
} gres[] = {
    { "NumNodes=2 TRES=cpu=4,node=2 JOB_GRES=gpu:h100:16 Features=(null)", 16 },
    { "NumNodes=2-2 ReqTRES=cpu=4,node=2 JOB_GRES=(null) Features=(null) WorkDir=/x TresPerNode=gres:gpu:8", 16 },
    { "NumNodes=2-2 ReqTRES=cpu=4,node=2 Features=(null) WorkDir=/x TresPerJob=gres/gpu:h100:6", 6 },
    { "ReqTRES=cpu=4,node=2 Features=(null) WorkDir=/x TresPerNode=gres:gpu:8", NAN },
    { "NumNodes=2-2 ReqTRES=cpu=4,node=2 Features=(null) WorkDir=/x TresPerTask=gres/gpu:1", NAN },
    { "NumNodes=2-2 ReqTRES=cpu=4,node=2 Features=(null)", 0 },
    { "NumNodes=2-2 Features=(null)", NAN },
};

START_TEST(gpus_are_read_from_gres_and_unknown_where_nobody_says)
{
    char line[400];

    snprintf(line, sizeof(line),
             "=JobId=7 JobName=x UserId=ana(1) JobState=PENDING Partition=train %s\n",
             gres[_i].said);
    begin_with_lines(line);
    if (isnan(gres[_i].gpus)) {
        is_unknown(GW_JOB, "7", "gpus");
        is_unknown(GW_QUEUE, "train", "gpus_pending");
    } else {
        is_number(GW_JOB, "7", "gpus", gres[_i].gpus);
        is_number(GW_QUEUE, "train", "gpus_pending", gres[_i].gpus);
    }
    is_number(GW_QUEUE, "train", "pending", 1);
    end();
}
END_TEST

static const struct {
    const char *said;
    double tasks;
    bool more;
} arrays[] = {
    { "12-19%4", 8 }, { "0-20:5", 5 }, { "1,3,7-9", 5 }, { "5", NAN }, { "1,3,5,...", 3, true }, { "0-1023,2000-2999%50", 2024 },
};

START_TEST(
    tasks_of_an_array_are_counted_in_jobs_and_queues_and_where_the_list_is_cut_they_are_an_estimate)
{
    double tasks = isnan(arrays[_i].tasks) ? 1 : arrays[_i].tasks;
    char line[300];

    snprintf(
        line, sizeof(line),
        "=JobId=7 ArrayJobId=7 ArrayTaskId=%s JobName=x UserId=ana(1) JobState=PENDING Partition=train "
        "ReqTRES=gres/gpu=2\n",
        arrays[_i].said);
    begin_with_lines(line);
    if (isnan(arrays[_i].tasks))
        is_unknown(GW_JOB, "7", "tasks");
    else
        is_number(GW_JOB, "7", "tasks", tasks);
    is_number(GW_JOB, "7", "gpus", 2);
    is_number(GW_QUEUE, "train", "pending", tasks);
    is_number(GW_QUEUE, "train", "gpus_pending", 2 * tasks);
    ck_assert_int_eq(heard_value(out, GW_JOB, "7", "tasks")->estimated, arrays[_i].more);
    ck_assert_int_eq(heard_value(out, GW_QUEUE, "train", "pending")->estimated,
                     arrays[_i].more);
    ck_assert_int_eq(heard_value(out, GW_QUEUE, "train", "gpus_pending")->estimated,
                     arrays[_i].more);
    end();
}
END_TEST

/* ---- what goes wrong ---- */

static const struct {
    int way;
    struct answer answer;
    bool refused;
    const char *why;
    double takes;               /* seconds */
} faults[] = {
    { 1,
      { "/openapi/v3", "=Authentication failure", 401 },
      true,
      "slurmrestd refuses us (401: Authentication failure); it wants token:" },
    { 1,
      { "/slurm/v0.0.42/nodes/", "=Authentication failure", 500 },
      true,
      "slurmrestd refuses us (500: Authentication failure)" },
    { 1,
      { "/slurm/v0.0.42/nodes/",
        "={\"errors\":[{\"error_number\":-1,\"error\":\"Unspecified error\"}]}", 500 },
      true,
      "where the token is not taken" },
    { 1,
      { "/slurm/v0.0.42/nodes/",
        "={\"errors\":[{\"error_number\":-1,\"error\":\"Unspecified error\"}]}", 500 },
      false,
      "with an unspecified error after 9 s: the controller (slurmctld) does not answer",
      9 },
    { 0,
      { "/slurm/v0.0.38/nodes",
        "={\"errors\":[{\"error_number\":-1,\"error\":\"Unspecified error\"}]}", 500 },
      false,
      "the controller (slurmctld) does not answer" },
    { 1,
      { "/openapi/v3", "=<html>hello</html>", 200 },
      false,
      "what answers is no slurmrestd" },
    { 1,
      { "/openapi/v3", "=<html>hello</html>", 404 },
      false,
      "what answers is no slurmrestd: it has no /openapi/v3 (404 not found)" },
    { 1,
      { "/openapi/v3", "=<html>hello</html>", 502 },
      false,
      "slurmrestd answers a question for its versions with status 502" },
    { 1,
      { "/slurm/v0.0.42/jobs/", "={\"jobs\":[{\"job_id\":7,\"job_st", 200 },
      false,
      "the answer to /slurm/v0.0.42/jobs/ is no JSON, or breaks off (28 bytes came)" },
    { 1,
      { "/slurm/v0.0.42/jobs/", "={\"\":[{}],\"errors\":[{\"error\":\"odd\"}]}", 500 },
      false,
      "with status 500: odd" },
    { 1, { "/slurm/v0.0.42/jobs/", "=<html>", 200 }, false, "is no JSON" },
    { 1, { "/slurm/v0.0.42/jobs/", "=", 200 }, false, "is no JSON" },
    { 1, { "/slurm/v0.0.42/jobs/", "={}", 200 }, false, "has no jobs" },
    { 1,
      { "/slurm/v0.0.42/jobs/",
        "={\"jobs\":[],\"errors\":[{\"error\":\"Unable to contact slurm controller (connect failure)\",\"error_number\":1}]}",
        500 },
      false,
      "slurmrestd answers /slurm/v0.0.42/jobs/ with status 500: Unable to contact slurm controller (connect failure)" },
    { 3,
      { "sinfo --json",
        "={\"errors\":[{\"error_number\":-1,\"error\":\"Unspecified error\"}],\"nodes\":[]}" },
      false,
      "Slurm answers sinfo --json -a with an unspecified error, as it does up to 22.05 where the controller (slurmctld) does not answer" },
    { 1,
      { "/slurm/v0.0.42/nodes/",
        "={\"nodes\":[],\"errors\":[{\"description\":\"no\\u0020\",\"error\":\"x\"}]}",
        200 },
      false,
      "Slurm answers /slurm/v0.0.42/nodes/ with an error" },
    { 2,
      { "scontrol -V", "!sh: 1: scontrol: not found", 127 },
      false,
      "scontrol is not in the PATH of this account; say where Slurm's commands are, in options: {bin: DIR}" },
    { 2,
      { "squeue --json",
        "!slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
        1 },
      false,
      "the controller (slurmctld) does not answer: slurm_load_jobs error: Unable to contact" },
    { 2,
      { "squeue --json",
        "!squeue: error: If munged is up, restart with --num-threads=10\nsqueue: error: Munge encode failed: Failed to access \"/run/munge/munge.socket.2\"",
        1 },
      false,
      "munge does not vouch for us there, so Slurm does not answer: squeue: error: Munge encode failed" },
    { 2,
      { "squeue --json", "!squeue: error: odd", 9 },
      false,
      "squeue failed (status 9): squeue: error: odd" },
    { 2,
      { "scontrol show nodes --json", "=", 0 },
      false,
      "the answer to scontrol show nodes --json is no JSON" },
};

START_TEST(every_fault_has_its_sentence_and_passes)
{
    begin(&ways[faults[_i].way]);
    answer_with(faults[_i].answer.word, faults[_i].answer.text, faults[_i].answer.status);
    site.takes = faults[_i].takes;
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    site.takes = 0;
    ck_assert_msg(strstr(out->failure, faults[_i].why), "\"%s\" lacks \"%s\"", out->failure, faults[_i].why);
    ck_assert_int_eq(out->refused, faults[_i].refused);
    memcpy(site.answers, ways[faults[_i].way].answers, sizeof(site.answers));
    poll_well();
    is_text(GW_JOB, "101", "state", "running");
    end();
}
END_TEST

START_TEST(jobs_are_asked_for_as_lines_only_where_json_cannot_come_through)
{
    begin(&ways[2]);
    answer_with("squeue --json", NULL, 0);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    answer_with("squeue --json", "new-jobs.json", 0);
    poll_well();
    answer_with("squeue --json", NULL, 0);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    answer_with("squeue --json", "new-jobs.json", 0);
    for (size_t i = 0; i < QUESTIONS; i++)
        if (!site.answers[i].word) {
            site.answers[i] = (struct answer){ "show jobs", "jobs.txt", 0 };
            break;
        }
    poll_well();
    is_text(GW_JOB, "101", "state", "running");
    ck_assert_uint_eq(site.asked[2], 1);        /* squeue --json */
    end();
}
END_TEST

static void also_answer(const char *word, const char *text)
{
    size_t i = 0;

    while (site.answers[i].word)
        i++;
    ck_assert_uint_lt(i + 1, QUESTIONS);
    site.answers[i] = (struct answer){ word, text, 0 };
}

/* Of these two, one writes what it always wrote, and one knows no such option; what is
 * too much is asked for as JSON again. */
START_TEST(what_is_asked_seldom_is_asked_in_text_only_where_json_does_not_come)
{
    begin(&ways[2]);
    answer_with("show partitions --json", "partitions.txt", 0);
    answer_with("show reservations --json", NO_JSON, 1);
    answer_with("sshare -a -l --json", NO_JSON, 1);
    answer_with("sacctmgr show associations --json", NO_JSON, 1);
    answer_with("DL --json", NULL, 0);
    also_answer("sshare -a -l -P", "shares.txt");
    also_answer("sacctmgr -P show associations format=", "quotas.txt");
    also_answer("-o -a show partitions", "partitions.txt");
    also_answer("-o -a show reservations", "reservations.txt");
    also_answer("DL -P -o JobIDRaw,", "history.txt");
    poll_well();
    is_number(GW_QUEUE, "train", "quota", 20);
    ck_assert_str_eq(event_about("maint"),
                     "maintenance maint of n6 begins in 2 h, at 10:16Z, for 2 h");
    is_text(GW_JOB, "90", "outcome", "timeout");
    is_number(GW_TENANT, "blue", "shares", 40);
    is_number(GW_TENANT, "blue", "quota", 16);
    answer_with("show partitions --json", "new-partitions.json", 0);
    answer_with("show reservations --json", "new-reservations.json", 0);
    answer_with("DL --json", "new-history.json", 0);
    out->clock += 400;
    poll_well();
    is_text(GW_JOB, "90", "outcome", "timeout");
    ck_assert_uint_eq(site.asked[3], 1);
    ck_assert_uint_eq(site.asked[4], 1);
    ck_assert_uint_eq(site.asked[5], 1);
    ck_assert_uint_eq(site.asked[6], 1);
    ck_assert_uint_eq(site.asked[7], 1);        /* sacct */
    ck_assert_str_eq(site.answers[12].word, "DL -P -o JobIDRaw,");
    ck_assert_uint_eq(site.asked[12], 1);
    end();
}
END_TEST

START_TEST(without_an_accounting_jobs_and_nodes_are_told_all_the_same)
{
    begin(&ways[2]);
    answer_with("sshare -a -l --json",
                "!sshare: error: Slurm accounting storage is disabled", 1);
    answer_with("sacctmgr show associations --json",
                "!sacctmgr: error: Slurm accounting storage is disabled", 1);
    answer_with("DL --json", "!Slurm accounting storage is disabled", 1);
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_uint_eq(out->warnings, 3);
    is_text(GW_JOB, "101", "state", "running");
    is_text(GW_QUEUE, "train", "state", "up");
    end();
}
END_TEST

/* Numbers that say "none", lists of nodes without end, names that are long: nothing of it
 * is believed or takes long. */
START_TEST(nonsense_is_survived)
{
    begin(&ways[1]);
    answer_with("/slurm/v0.0.42/jobs/",
                "={\"jobs\":[1,null,[],{\"job_id\":-5},{\"job_id\":1e300},{\"job_id\":9,\"job_state\":[\"WONDERFUL\"]},"
                "{\"job_id\":8,\"job_state\":[\"RUNNING\"],\"nodes\":\"n[0-999999999][0-999999999],[,n[\",\"gres_detail\":\"x\","
                "\"time_limit\":{\"set\":true,\"infinite\":true,\"number\":0},\"priority\":{\"set\":false,\"number\":4},"
                "\"start_time\":{},\"submit_time\":\"soon\",\"name\":\"\\ud83d\\ude00\\u00e9\\q\\\\\",\"node_count\":4294967294}]}", 200);
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_JOB), 2);     /* and the accounting's */
    is_unknown(GW_JOB, "8", "limit");
    is_unknown(GW_JOB, "8", "priority");
    is_unknown(GW_JOB, "8", "start");
    is_unknown(GW_JOB, "8", "submit");
    is_unknown(GW_JOB, "8", "nodes");
    is_text(GW_JOB, "8", "title", "\xf0\x9f\x98\x80\xc3\xa9q\\");
    end();
}
END_TEST

/* ---- recorded answers, where they are ---- */

static size_t count_words(const char *text, const char *word)
{
    size_t n = 0;

    while ((text = strstr(text, word))) {
        n++;
        text += strlen(word);
    }
    return n;
}

static const struct {
    const char *folder, *nodes, *jobs;
} recorded[] = {
    { "samples/slurm/real-22.05/", "restd_v0.0.36_nodes.json", "restd_v0.0.36_jobs.json" },
    { "samples/slurm/real-22.05/", "restd_v0.0.37_nodes.json", "restd_v0.0.37_jobs.json" },
    { "samples/slurm/real-22.05/", "restd_v0.0.38_nodes.json", "restd_v0.0.38_jobs.json" },
    { "samples/slurm/real-22.05/", "sinfo.json", "squeue.json" },
    { "samples/slurm/real-24.11/", "restd_v0.0.42_nodes.json", "restd_v0.0.42_jobs.json" },
    { "samples/slurm/real-24.11/", "restd_v0.0.41_nodes.json", "restd_v0.0.41_jobs.json" },
    { "samples/slurm/real-24.11/", "restd_v0.0.40_nodes.json", "restd_v0.0.40_jobs.json" },
    { "samples/slurm/real-24.11/", "scontrol_show_nodes.json", "squeue.json" },
};

static char *recording(int i, const char *name)
{
    char path[200];
    size_t len;

    snprintf(path, sizeof(path), "%s%s", recorded[i].folder, name);
    return heard_file("GW_SERVERS", path, &len);
}

static char texts[2][1 << 20];

START_TEST(recordings_of_real_clusters_are_read_whole)
{
    char *nodes = recording(_i, recorded[_i].nodes),
         *jobs = recording(_i, recorded[_i].jobs);
    size_t held = 0, jobs_there;

    if (!nodes || !jobs) {      /* they are beside the project, not in it */
        free(nodes);
        free(jobs);
        return;
    }
    begin(&ways[1]);
    snprintf(texts[0], sizeof(texts[0]), "=%s", nodes);
    snprintf(texts[1], sizeof(texts[1]), "=%s", jobs);
    answer_with("/slurm/v0.0.42/nodes/", texts[0], 200);
    answer_with("/slurm/v0.0.42/jobs/", texts[1], 200);
    answer_with("/slurmdb/v0.0.42/jobs/?start_time", "={\"jobs\":[]}", 200);
    poll_well();
    ck_assert_uint_eq(heard_count(out, GW_NODE), 16);
    jobs_there = count_words(jobs, "\"job_state\"");
    ck_assert_uint_eq(heard_count(out, GW_JOB), jobs_there);
    /* A GPU that a node counts as held is some job's. */
    for (size_t i = 0; i < out->value_count; i++)
        held += out->values[i].text && out->values[i].text[0] &&
                out->entities[out->values[i].entity].kind == GW_GPU &&
                strcmp(slurm_source.metrics[out->values[i].metric].name, "job") == 0;
    for (size_t i = 0; i < out->value_count; i++)
        if (out->entities[out->values[i].entity].kind == GW_NODE &&
            strcmp(slurm_source.metrics[out->values[i].metric].name, "gpus_held") == 0)
            held -= (size_t)out->values[i].number;
    ck_assert_uint_eq(held, 0);
    free(nodes);
    free(jobs);
    end();
}
END_TEST

/* What is asked seldom, as one cluster of four accounts answered it: by slurmrestd of two
 * generations, and by commands as text. */
static const struct replay {
    int way;
    double recorded_at;
    struct replayed {
        const char *question, *file;
    } seldom[6];
    const char *history_question, *history;
    struct ended {
        const char *job, *outcome, *tenant;
        double end, gpus;
    } ended[5];
    bool has_partitions, has_shares, has_maintenance;
} replays[] = {
    { .way = 0, .recorded_at = 1795358204, .has_partitions = true,
      .seldom = { { "/slurm/v0.0.38/partitions", "real-22.05/restd_v0.0.38_partitions.json" },
                  { "/slurm/v0.0.38/reservations", "real-22.05/restd_v0.0.38_reservations.json" },
                  { "/slurmdb/v0.0.38/associations", "real-22.05/restd_dbv0.0.38_associations.json" },
                  { "/slurm/v0.0.38/jobs", "real-22.05/restd_v0.0.38_jobs.json" } },
      .history_question = "/slurmdb/v0.0.38/jobs?start_time=uts", .history = "real-22.05/restd_dbv0.0.38_jobs.json",
      .ended = { { "13", "failed", "initech", 1795358104, 1 }, { "14", "timeout", "initech", 1795358189, 1 },
                 { "22", "preempted", "umbrella", 1795358147, 4 }, { "18", "completed", "acme", 1795358147, 1 } } },
    { .way = 1, .recorded_at = 1795361400, .has_partitions = true, .has_shares = true, .has_maintenance = true,
      .seldom = { { "/slurm/v0.0.42/partitions/", "real-24.11/scontrol_show_partitions.json" },
                  { "/slurm/v0.0.42/reservations/", "real-24.11/scontrol_show_reservations.json" },
                  { "/slurm/v0.0.42/shares", "real-24.11/sshare.json" },
                  { "/slurmdb/v0.0.42/associations/", "real-24.11/sacctmgr_show_assoc.json" },
                  { "/slurm/v0.0.42/jobs/", "real-24.11/restd_v0.0.42_jobs.json" } },
      .history_question = "/slurmdb/v0.0.42/jobs/?start_time", .history = "real-24.11/sacct.json",
      .ended = { { "12", "failed", "initech", 1795361349, 1 } } },
    { .way = 2, .recorded_at = 1795361400, .has_partitions = true, .has_shares = true, .has_maintenance = true,
      .seldom = { { "show partitions --json", "real-24.11/scontrol_show_partitions.json" },
                  { "show reservations --json", "real-24.11/scontrol_show_reservations.json" },
                  { "sshare -a -l --json", "real-24.11/sshare.json" },
                  { "sacctmgr show associations --json", "real-24.11/sacctmgr_show_assoc.json" },
                  { "squeue --json", "real-24.11/squeue.json" } },
      .history_question = "DL --json", .history = "real-24.11/sacct.json",
      .ended = { { "12", "failed", "initech", 1795361349, 1 } } },
    { .way = 3, .recorded_at = 1795358204, .has_shares = true,
      .seldom = { { "show reservations", "real-22.05/scontrol_show_reservation.txt" }, { "sshare", "real-22.05/sshare_a_l_P.txt" },
                  { "sacctmgr show associations --json", "real-22.05/restd_dbv0.0.38_associations.json" },
                  { "squeue --json", "real-22.05/squeue.json" } },
      .history_question = "DL --json", .history = "real-22.05/sacct.json",
      .ended = { { "13", "failed", "initech", 1795358104, 1 }, { "14", "timeout", "initech", 1795358189, 1 } } },
    { .way = WAYS - 1, .recorded_at = 1795358204, .has_shares = true,
      .seldom = { { "show reservations", "real-22.05/scontrol_show_reservation.txt" }, { "sshare", "real-22.05/sshare_a_l_P.txt" },
                  { "sacctmgr", "real-22.05/sacctmgr_P_show_assoc_tree.txt" } },
      .history_question = "sacct ", .history = "real-22.05/sacct_a_P_o_ALL.txt",
      .ended = { { "13", "failed", "initech", 1795358104, 1 }, { "14", "timeout", "initech", 1795358189, 1 } } },
};

static const char *const jobs_of[WAYS] = { "/slurm/v0.0.38/jobs", "/slurm/v0.0.42/jobs/",
                                           "squeue --json", "squeue --json",
                                           "scontrol -o -d -a show jobs" };

static char *replayed_texts[6];

/* Where the n-th of a line's cells begins; at its end: it has no more. */
static const char *cell_at(const char *line, size_t n)
{
    for (; n && *line && *line != '\n'; line++)
        n -= *line == '|';
    return line;
}

static size_t cell_of(const char *heading, const char *name)
{
    size_t n = 0, len = strlen(name);
    const char *at;

    while (*(at = cell_at(heading, n)) && *at != '\n') {
        if (strncmp(at, name, len) == 0 && strchr("|\n", at[len]))
            return n;
        n++;
    }
    ck_abort_msg("the recording has no %s", name);
    return 0;
}

/* Times were recorded as a person reads them; we ask for seconds (SLURM_TIME_FORMAT). */
static void print_cell(FILE *f, const char *cell)
{
    struct tm t = { .tm_sec = 0 };
    int len = (int)strcspn(cell, "|\n");

    if (sscanf(cell, "%4d-%2d-%2dT%2d:%2d:%2d", &t.tm_year, &t.tm_mon, &t.tm_mday,
               &t.tm_hour, &t.tm_min, &t.tm_sec) == 6) {
        t.tm_year -= 1900;
        t.tm_mon--;
        fprintf(f, "%lld", (long long)timegm(&t));
    } else {
        fprintf(f, "%.*s", len, cell);
    }
}

/* Of a table of all columns what sacct would print of those asked for, without the steps
 * that -X leaves out. The caller frees. */
static char *as_asked(const char *table)
{
    static const char *const asked[] = {
        "JobIDRaw",   "JobName",  "User",      "Account", "Partition", "QOS",
        "State",      "Reason",   "Submit",    "Start",   "End",       "TimelimitRaw",
        "AllocNodes", "NodeList", "AllocTRES", "ReqTRES", NULL
    };
    size_t len;
    char *text = NULL;
    FILE *f = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(f);
    for (const char *line = table; *line;
         line += strcspn(line, "\n"), line += *line == '\n') {
        const char *id = cell_at(line, cell_of(table, "JobIDRaw"));

        if (memchr(id, '.', strcspn(id, "|\n")))
            continue;
        for (size_t i = 0; asked[i]; i++) {
            fputs(i ? "|" : "", f);
            print_cell(f, cell_at(line, cell_of(table, asked[i])));
        }
        fputc('\n', f);
    }
    fclose(f);
    return text;
}

static bool answers_as_recorded(const struct replayed *r, char **text)
{
    char path[200];
    size_t len;
    char *read;

    snprintf(path, sizeof(path), "samples/slurm/%s", r->file);
    read = heard_file("GW_SERVERS", path, &len);
    if (!read)
        return false;
    if (strncmp(r->question, "sacct ", strlen("sacct ")) == 0) {
        char *all = read;

        read = as_asked(all);
        free(all);
        len = strlen(read);
    }
    *text = malloc(len + 2);
    ck_assert_ptr_nonnull(*text);
    snprintf(*text, len + 2, "=%s", read);
    free(read);
    answer_with(r->question, *text, 0);
    return true;
}

static void check_accounts(const struct replay *r)
{
    static const struct {
        const char *name;
        double shares, quota;
    } accounts[] = { { "acme", 40, 32 },
                     { "globex", 30, NAN },
                     { "initech", 20, 8 },
                     { "umbrella", 10, NAN } };

    ck_assert_uint_eq(heard_count(out, GW_TENANT), 4);
    for (size_t i = 0; i < 4; i++) {
        if (r->has_shares)
            is_number(GW_TENANT, accounts[i].name, "shares", accounts[i].shares);
        if (isnan(accounts[i].quota))
            is_unknown(GW_TENANT, accounts[i].name, "quota");
        else
            is_number(GW_TENANT, accounts[i].name, "quota", accounts[i].quota);
    }
}

static void check_partitions(void)
{
    is_number(GW_QUEUE, "batch", "quota", 128);
    is_number(GW_QUEUE, "interactive", "quota", 32);
    is_number(GW_QUEUE, "debug", "quota", 8);
    is_text(GW_QUEUE, "debug", "state", "up");
}

START_TEST(what_changes_seldom_and_what_ended_are_read_of_recordings)
{
    const struct replay *r = &replays[_i];
    bool is_there = true;
    size_t i;

    begin(&ways[r->way]);
    out->clock = r->recorded_at;
    for (i = 0; is_there && r->seldom[i].file; i++)
        is_there = answers_as_recorded(&r->seldom[i], &replayed_texts[i]);
    is_there = is_there &&
               answers_as_recorded(&(struct replayed){ r->history_question, r->history },
                                   &replayed_texts[i]);
    if (is_there) {             /* they are beside the project, not in it */
        poll_well();
        check_accounts(r);
        if (r->has_partitions)
            check_partitions();
        ck_assert_str_eq(
            event_about("maint"),
            r->has_maintenance
                ? "maintenance maint of gpu-007 begins in 2 h, at 17:29Z, for 2 h"
                : "(none)");
        /* The controller forgets all its jobs, so that the accounting is asked. */
        answer_with(jobs_of[r->way], r->way == WAYS - 1 ? "=No jobs in the system" : "={\"jobs\":[]}", 0);
        out->clock += 400;
        poll_well();
        for (const struct ended *e = r->ended; e->job; e++) {
            is_text(GW_JOB, e->job, "state", "ended");
            is_text(GW_JOB, e->job, "outcome", e->outcome);
            is_text(GW_JOB, e->job, "tenant", e->tenant);
            is_number(GW_JOB, e->job, "end", e->end);
            is_number(GW_JOB, e->job, "gpus", e->gpus);
        }
    }
    for (i = 0; i < 6; i++)
        free(replayed_texts[i]), replayed_texts[i] = NULL;
    end();
}
END_TEST

/* As scontrol -o prints it: what goes on in the next line goes on in the same. */
static void to_one_line(char *text)
{
    for (char *at = text; (at = strstr(at, "\n "));)
        *at = ' ';
}

START_TEST(a_real_scontrol_s_text_is_read)
{
    size_t len;
    char *job = heard_file("GW_SERVERS",
                           "samples/slurm/real-22.05/scontrol_d_show_job_1.txt", &len);
    char *node = heard_file(
        "GW_SERVERS", "samples/slurm/real-22.05/scontrol_d_show_node_gpu001.txt", &len);

    if (!job || !node) {
        free(job);
        free(node);
        return;
    }
    to_one_line(job);
    to_one_line(node);
    begin(&ways[WAYS - 1]);
    snprintf(texts[0], sizeof(texts[0]), "=%s", job);
    snprintf(texts[1], sizeof(texts[1]), "=%s", node);
    answer_with("scontrol -o -d -a show jobs", texts[0], 0);
    answer_with("scontrol -o -a show nodes", texts[1], 0);
    poll_well();
    is_text(GW_JOB, "1", "title", "llm-pretrain");
    is_text(GW_JOB, "1", "tenant", "acme");
    is_text(GW_JOB, "1", "state", "running");
    is_text(GW_JOB, "1", "nodelist", "gpu-[002-003]");
    is_number(GW_JOB, "1", "gpus", 16);
    is_number(GW_JOB, "1", "limit", 86400);
    is_number(GW_NODE, "gpu-001", "gpus_total", 8);
    is_number(GW_NODE, "gpu-001", "gpus_held", 8);
    free(job);
    free(node);
    end();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("slurm");
    TCase *c = tcase_create("slurm");
    SRunner *r;
    int failed;

    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, a_job_says_the_same_in_every_form, 0, WAYS);
    tcase_add_loop_test(c, what_waits_says_why_and_when, 0, WAYS);
    tcase_add_loop_test(c, what_ended_says_how_and_when, 0, WAYS);
    tcase_add_loop_test(c, nodes_say_their_state_and_reason, 0, WAYS);
    tcase_add_test(
        c, the_oldest_version_has_no_flags_of_nodes_and_tells_their_reason_all_the_same);
    tcase_add_loop_test(c, every_gpu_says_which_job_is_on_it, 0, WAYS);
    tcase_add_loop_test(c, queues_have_depth_wait_and_quota, 0, WAYS);
    tcase_add_loop_test(c, accounts_have_quota_and_shares, 0, WAYS);
    tcase_add_test(c, what_is_of_a_part_is_not_told_of_the_whole);
    tcase_add_loop_test(c, an_announcement_has_the_same_key_whenever_it_is_told, 0, WAYS);
    tcase_add_loop_test(c, maintenance_is_announced_once_begins_and_is_over, 0, WAYS);
    tcase_add_test(c, a_node_that_drains_and_comes_back_is_an_event);
    tcase_add_test(c, a_reservation_without_an_end_is_for_no_time);
    tcase_add_test(c, what_a_poll_that_failed_had_to_tell_is_told_by_the_next);
    tcase_add_test(c, what_is_no_longer_listed_is_forgotten);
    tcase_add_test(
        c,
        a_running_job_that_the_controller_forgot_has_ended_and_the_accounting_says_how);
    tcase_add_test(c, seldom_things_are_asked_for_seldom_and_told_always);
    tcase_add_test(c, the_controller_is_asked_for_a_twentieth_of_its_time);
    tcase_add_test(c, token_and_user_go_by_the_names_that_slurmrestd_reads);
    tcase_add_test(c, a_cluster_puts_its_name_before_its_jobs);
    tcase_add_test(c, a_slice_of_a_gpu_is_not_the_gpu_of_that_number);
    tcase_add_test(c, gpus_of_which_nobody_says_which_are_held_are_not_called_free);
    tcase_add_loop_test(c, a_job_may_be_called_anything, 0,
                        sizeof(titles) / sizeof(titles[0]));
    tcase_add_loop_test(c, gpus_are_read_from_gres_and_unknown_where_nobody_says, 0,
                        sizeof(gres) / sizeof(gres[0]));
    tcase_add_loop_test(
        c,
        tasks_of_an_array_are_counted_in_jobs_and_queues_and_where_the_list_is_cut_they_are_an_estimate,
        0, sizeof(arrays) / sizeof(arrays[0]));
    tcase_add_loop_test(c, every_fault_has_its_sentence_and_passes, 0,
                        sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(c, jobs_are_asked_for_as_lines_only_where_json_cannot_come_through);
    tcase_add_test(c,
                   what_is_asked_seldom_is_asked_in_text_only_where_json_does_not_come);
    tcase_add_test(c, without_an_accounting_jobs_and_nodes_are_told_all_the_same);
    tcase_add_test(c, nonsense_is_survived);
    tcase_add_test(c, a_real_scontrol_s_text_is_read);
    tcase_add_loop_test(c, what_changes_seldom_and_what_ended_are_read_of_recordings, 0,
                        sizeof(replays) / sizeof(replays[0]));
    tcase_add_loop_test(c, recordings_of_real_clusters_are_read_whole, 0,
                        sizeof(recorded) / sizeof(recorded[0]));
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
