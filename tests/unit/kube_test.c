/* kube: what is told of what an API server answers. Answers are made here, in the shapes
 * of the API. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/batch.h"
#include "model/metric.h"
#include "poll/poll.h"
#include "tests/lib/heard.h"

extern const struct gw_source kube_source;

enum { NOW = 1795990400 };      /* 2026-11-29T22:13:20Z */

static const struct answer {
    const char *path, *items;   /* of the list; "!": that status; ">": pages without
                                 * end */
} *answers;
static const char *watched;     /* lines that the watch of pods brings; the one after
                                 * it brings none */
static struct batch *told;
static struct err err;
static char asked[8192];

#define META(name) "\"metadata\": {\"name\": \"" name "\"}"
#define IN(space, name, more) "\"metadata\": {\"namespace\": \"" space "\", \"name\": \"" name "\", " \
        "\"creationTimestamp\": \"2026-11-29T20:00:00Z\"" more "}"
#define LIMITS(resource, n) "\"containers\": [{\"image\": \"train:1\", \"resources\": {\"limits\": {\"" resource "\": \"" n "\"}}}]"
#define GPUS(n) LIMITS("nvidia.com/gpu", n)
#define NODE(name, capacity, allocatable, more) "{" META(name) ", \"status\": {\"capacity\": {\"nvidia.com/gpu\": \"" capacity \
        "\"}, \"allocatable\": {\"nvidia.com/gpu\": \"" allocatable "\"}, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}" more "]}}"
#define RUNS(node) "\"nodeName\": \"" node "\"}, \"status\": {\"phase\": \"Running\", \"startTime\": \"2026-11-29T21:00:00Z\"}"

static const char *answer(void *arg, const struct gw_ask *ask, int *status)
{
    static char text[16384];
    size_t len = strcspn(ask->path, "?"), used = strlen(asked);
    const char *lines = watched;

    (void)arg;
    snprintf(asked + used, sizeof(asked) - used, "%s\n", ask->path);
    *status = 200;
    if (ask->how == GW_STREAM) {
        if (!watched || strncmp(ask->path, "/api/v1/pods?", 13) != 0)
            return "";
        watched = NULL;
        return lines;
    }
    if (strcmp(ask->path, "/apis") == 0)
        return "{\"kind\": \"APIGroupList\", \"groups\": ["
               "{\"name\": \"batch\", \"versions\": [{\"version\": \"v1\"}]},"
               "{\"name\": \"kueue.x-k8s.io\", \"versions\": [{\"version\": \"v1beta1\"}, {\"version\": \"v1beta2\"}]},"
               "{\"name\": \"scheduling.run.ai\", \"versions\": [{\"version\": \"v2\"}, {\"version\": \"v2alpha2\"}]},"
               "{\"name\": \"scheduling.volcano.sh\", \"versions\": [{\"version\": \"v1beta1\"}]},"
               "{\"name\": \"resource.k8s.io\", \"versions\": [{\"version\": \"v1beta1\"}]}]}";
    for (const struct answer *a = answers; a->path; a++)
        if (strlen(a->path) == len && strncmp(a->path, ask->path, len) == 0) {
            if (a->items[0] == '!') {
                *status = (int)strtol(a->items + 1, NULL, 10);
                return "{\"kind\": \"Status\", \"message\": \"no such luck\"}";
            }
            if (a->items[0] == '>')
                return "{\"metadata\": {\"resourceVersion\": \"7\", \"continue\": \"more\"}, \"items\": []}";
            snprintf(text, sizeof(text), "{\"metadata\": {\"resourceVersion\": \"7\"}, \"items\": [%s]}", a->items);
            return text;
        }
    return "{\"metadata\": {\"resourceVersion\": \"7\"}, \"items\": []}";
}

static void tear_down(void)
{
    batch_free(told);
    told = NULL;
    watched = NULL;
    asked[0] = '\0';
}

static bool hears(const struct answer *given, const struct target_option *options)
{
    struct target_config config = { .name = "lab",
                                    .url = "kube://lab",
                                    .options = options };

    batch_free(told);
    answers = given;
    told = source_converse(&kube_source, &config, answer, NULL, NOW, &err);
    return told != NULL;
}

static const struct target_option none[] = { { "watch", "no" }, { 0 } };

/* The last that was said. */
static const struct batch_sample *said(enum gw_kind kind, const char *name,
                                       const char *metric)
{
    const struct batch_sample *found = NULL;

    for (size_t i = 0; i < told->sample_count; i++) {
        const struct batch_sample *s = &told->samples[i];
        const struct batch_entity *e = &told->entities[s->entity];

        if (e->kind == (uint32_t)kind && strcmp(e->name, name) == 0 &&
            strcmp(metric_at(s->metric)->name, metric) == 0)
            found = s;
    }
    return found;
}

static double number(enum gw_kind kind, const char *name, const char *metric)
{
    const struct batch_sample *s = said(kind, name, metric);

    return s ? s->number : -1;
}

static const char *text(enum gw_kind kind, const char *name, const char *metric)
{
    const struct batch_sample *s = said(kind, name, metric);

    return !s ? "(not said)" : s->text ? s->text : "";
}

static const char *parent_of(enum gw_kind kind, const char *name)
{
    for (size_t i = 0; i < told->entity_count; i++)
        if (told->entities[i].kind == (uint32_t)kind &&
            strcmp(told->entities[i].name, name) == 0 &&
            told->entities[i].parent != GW_NONE)
            return told->entities[told->entities[i].parent].name;
    return "";
}

/* Twenty-two names of two hundred letters, of which no two begin alike: more than there
 * is room for. */
START_TEST(a_list_of_pods_that_was_cut_says_so)
{
    static char pods[16000], name[201];
    static struct answer given[] = { { "/api/v1/nodes", NODE("n1", "64", "64", "") },
                                     { "/api/v1/pods", pods },
                                     { 0 } };
    const char *list;
    size_t used = 0;

    memset(name, 'x', sizeof(name) - 1);
    for (int i = 0; i < 22; i++) {
        name[0] = (char)('a' + i);
        used += (size_t)snprintf(pods + used, sizeof(pods) - used, "%s{" IN("acme", "%s", ", \"labels\": {\"job-name\": \"many\"}") ", \"spec\": {"
                                 GPUS("1") ", " RUNS("n1") "}", i ? "," : "", name);
    }
    ck_assert_uint_lt(used, sizeof(pods));
    ck_assert_msg(hears(given, none), "%s", err.text);
    list = text(GW_JOB, "acme/many", "pods");
    ck_assert_msg(strlen(list) > 3800 && strlen(list) < 4000, "%zu", strlen(list));
    ck_assert_str_eq(list + strlen(list) - 5, "x,…");
}
END_TEST

START_TEST(labels_say_where_a_node_stands_and_what_a_job_is_called)
{
    static const struct answer given[] = {
        { "/api/v1/nodes",
          "{\"metadata\": {\"name\": \"n1\", \"labels\": {\"topology.kubernetes.io/rack\": \"r07\", \"site/hall\": \"h1\"}}, \"spec\": {\"taints\": "
          "[{\"key\": \"example.com/Maintenance\", \"effect\": \"NoSchedule\"}]}, \"status\": {\"capacity\": {\"nvidia.com/gpu\": \"8\"}, "
          "\"allocatable\": {\"nvidia.com/gpu\": \"8\"}, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}, "
          "{\"type\": \"MaintenanceScheduled\", \"status\": \"True\"}, {\"type\": \"RackMaintenance\", \"status\": \"False\"}]}}" },
        { "/api/v1/namespaces", "{\"metadata\": {\"name\": \"acme\", \"labels\": {\"zone\": \"sovereign\"}}}" },
        { "/api/v1/pods",
          "{" IN("acme", "a", "") ", \"spec\": {" GPUS("1") ", " RUNS("n1") "},"
          "{" IN("acme", "b", ", \"labels\": {\"zone\": \"open\"}") ", \"spec\": {" GPUS("1") ", " RUNS("n1") "},"
          "{" IN("other", "c", "") ", \"spec\": {" GPUS("1") ", " RUNS("n1") "}" },
        { 0 }
    };
    static const struct target_option labels[] = { { "watch", "no" },
                                                   { "tag_label", "zone" },
                                                   { "rack_label",
                                                     "topology.kubernetes.io/rack" },
                                                   { "hall_label", "site/hall" },
                                                   { 0 } };

    ck_assert_msg(hears(given, labels), "%s", err.text);
    ck_assert_str_eq(parent_of(GW_NODE, "n1"), "r07");
    ck_assert_str_eq(parent_of(GW_DOMAIN, "r07"), "h1");
    ck_assert_str_eq(text(GW_DOMAIN, "r07", "type"), "rack");
    ck_assert_str_eq(text(GW_DOMAIN, "h1", "type"), "hall");
    ck_assert_str_eq(text(GW_NODE, "n1", "maintenance"),
                     "example.com/Maintenance; MaintenanceScheduled");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/a", "tag"), "sovereign");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/b", "tag"), "open");
    ck_assert_str_eq(text(GW_JOB, "other/pod/c", "tag"), "");
    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_JOB, "acme/pod/b", "tag"), "(not said)");
    ck_assert_str_eq(parent_of(GW_NODE, "n1"), "");
}
END_TEST

/* Several clusters may have a namespace, a queue and a job of one name; a node, whose
 * GPUs others tell of, keeps its own. */
START_TEST(a_cluster_puts_its_name_before_what_others_may_call_alike)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", NODE("n1", "8", "8", "") },
        { "/api/v1/pods", "{" IN("acme", "a", ", \"labels\": {\"kai.scheduler/queue\": \"q\"}") ", \"spec\": {" GPUS("1") ", " RUNS("n1") "}" },
        { 0 }
    };
    static const struct target_option west[] = { { "watch", "no" },
                                                 { "cluster", "west" },
                                                 { 0 } };

    ck_assert_msg(hears(given, west), "%s", err.text);
    ck_assert_double_eq(number(GW_JOB, "west/acme/pod/a", "gpus"), 1);
    ck_assert_str_eq(text(GW_JOB, "west/acme/pod/a", "tenant"), "west/acme");
    ck_assert_str_eq(text(GW_JOB, "west/acme/pod/a", "queue"), "west/q");
    ck_assert_double_eq(number(GW_TENANT, "west/acme", "gpus"), 1);
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_held"), 1);
}
END_TEST

/* KAI's priority classes say it where no label does. */
START_TEST(a_label_says_what_a_job_is_for)
{
    static const struct answer given[] = {
        { "/api/v1/pods",
          "{" IN("acme", "a", ", \"labels\": {\"work\": \"agents\"}") ", \"spec\": {\"priorityClassName\": \"train\", " GPUS("1") ", " RUNS("n1") "},"
          "{" IN("acme", "b", ", \"labels\": {\"play\": \"agents\"}") ", \"spec\": {\"priorityClassName\": \"inference\", " GPUS("1") ", " RUNS("n1") "},"
          "{" IN("acme", "c", "") ", \"spec\": {\"priorityClassName\": \"build\", " GPUS("1") ", " RUNS("n1") "},"
          "{" IN("acme", "d", "") ", \"spec\": {\"priorityClassName\": \"urgent\", " GPUS("1") ", " RUNS("n1") "}" },
        { 0 }
    };
    static const struct target_option label[] = { { "watch", "no" },
                                                  { "class_label", "work" },
                                                  { 0 } };

    ck_assert_msg(hears(given, label), "%s", err.text);
    ck_assert_str_eq(text(GW_JOB, "acme/pod/a", "class"), "agents");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/a", "qos"), "train");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/b", "class"), "inference");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/c", "class"), "other");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/d", "class"), "");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/d", "qos"), "urgent");
    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_JOB, "acme/pod/a", "class"), "training");
}
END_TEST

START_TEST(a_node_tells_its_gpus_and_what_is_wrong_with_it)
{
    static const struct answer given[] = {
        { "/api/v1/nodes",
          NODE("n1", "8", "6", ", {\"type\": \"GpuMemWatch\", \"status\": \"True\", \"message\": \"[63] row remap\"}, "
                               "{\"type\": \"EtcdIsVoter\", \"status\": \"True\"}, {\"type\": \"DiskPressure\", \"status\": \"False\"}") ","
          "{" META("n2") ", \"spec\": {\"unschedulable\": true, \"taints\": [{\"key\": \"nvidia.com/gpu\", \"effect\": \"NoSchedule\"}, "
          "{\"key\": \"team\", \"value\": \"blue\", \"effect\": \"NoExecute\"}]}, \"status\": {\"capacity\": {\"nvidia.com/gpu\": 4}, "
          "\"allocatable\": {\"nvidia.com/gpu\": \"4\"}, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}},"
          "{" META("n3") ", \"status\": {\"capacity\": {\"nvidia.com/gpu\": \"8\"}, \"allocatable\": {\"nvidia.com/gpu\": \"8\"}, \"conditions\": "
          "[{\"type\": \"Ready\", \"status\": \"Unknown\", \"reason\": \"NodeStatusUnknown\", \"message\": \"Kubelet stopped posting node status.\"}]}},"
          "{\"metadata\": {\"name\": \"n4\", \"labels\": {\"nvidia.com/gpu.count\": \"8\"}}, \"status\": {\"capacity\": {\"cpu\": \"8\"}, "
          "\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}},"
          "{" META("control") ", \"status\": {\"capacity\": {\"cpu\": \"8\"}, \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_NODE, "n1", "state"), "up");
    ck_assert_str_eq(text(GW_NODE, "n1", "reason"),
                     "GpuMemWatch: [63] row remap; 6 of 8 GPUs can be used");
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_total"), 8);
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_allocatable"), 6);
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_held"), 0);
    ck_assert_str_eq(text(GW_NODE, "n2", "state"), "drain");
    ck_assert_str_eq(text(GW_NODE, "n2", "reason"), "cordoned; taint team=blue");
    ck_assert_str_eq(text(GW_NODE, "n1", "maintenance"), "no");
    ck_assert_str_eq(text(GW_NODE, "n2", "maintenance"), "cordoned");
    /* found, and no device plugin offers them */
    ck_assert_str_eq(text(GW_NODE, "n4", "reason"), "0 of 8 GPUs can be used");
    ck_assert_str_eq(text(GW_NODE, "n3", "state"), "down");
    ck_assert_str_eq(text(GW_NODE, "n3", "reason"),
                     "NodeStatusUnknown: Kubelet stopped posting node status.");
    ck_assert_str_eq(text(GW_NODE, "control", "state"), "(not said)");
}
END_TEST

#define OWNED(kind, name) ", \"ownerReferences\": [{\"kind\": \"" kind "\", \"name\": \"" name "\", \"controller\": true}]"

START_TEST(pods_are_grouped_into_jobs)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", NODE("n1", "8", "8", "") "," NODE("n2", "8", "8", "") "," NODE("n10", "8", "8", "") },
        { "/api/v1/pods",
          "{" IN("acme", "train-0", ", \"labels\": {\"job-name\": \"train\"}" OWNED("Job", "train")) ", \"spec\": {" GPUS("8") "," RUNS("n1") "},"
          "{" IN("acme", "train-1", ", \"labels\": {\"job-name\": \"train\"}" OWNED("Job", "train")) ", \"spec\": {" GPUS("8") "," RUNS("n2") "},"
          "{" IN("acme", "chat-5d4f-x", ", \"labels\": {\"pod-template-hash\": \"5d4f\"}" OWNED("ReplicaSet", "chat-5d4f"))
          ", \"spec\": {" GPUS("2") "," RUNS("n10") "},"
          "{" IN("blue", "note", "") ", \"spec\": {" LIMITS("nvidia.com/mig-2g.20gb", "1") "," RUNS("n10") "},"
          "{" IN("green", "proxied", "") ", \"spec\": {\"containers\": [{\"image\": \"proxy:2\"}, {\"image\": \"train:1\", \"resources\": "
          "{\"limits\": {\"nvidia.com/gpu\": 1}}}, {\"image\": \"proxy:2\"}, {\"image\": \"logs:3\"}]," RUNS("n11") "},"
          "{" IN("blue", "web", "") ", \"spec\": {\"containers\": [{}]," RUNS("n10") "},"
          "{" IN("acme", "done", "") ", \"spec\": {" GPUS("8") ", \"nodeName\": \"n1\"}, \"status\": {\"phase\": \"Succeeded\"}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_double_eq(number(GW_JOB, "acme/train", "gpus"), 16);
    ck_assert_double_eq(number(GW_JOB, "acme/train", "nodes"), 2);
    ck_assert_str_eq(text(GW_JOB, "acme/train", "nodelist"), "n[1-2]");
    ck_assert_str_eq(text(GW_JOB, "acme/train", "pods"), "acme/train-[0,1]");
    ck_assert_str_eq(text(GW_JOB, "acme/deployment/chat", "pods"), "acme/chat-5d4f-x");
    ck_assert_str_eq(text(GW_JOB, "blue/pod/note", "pods"), "blue/note");
    ck_assert_str_eq(text(GW_JOB, "acme/train", "state"), "running");
    ck_assert_str_eq(text(GW_JOB, "acme/train", "title"), "train");
    ck_assert_str_eq(text(GW_JOB, "acme/train", "image"), "train:1");
    ck_assert_str_eq(text(GW_JOB, "green/pod/proxied", "image"),
                     "train:1, proxy:2, logs:3");
    /* 21:00:00 */
    ck_assert_double_eq(number(GW_JOB, "acme/train", "start"), NOW - 4400);
    ck_assert_double_eq(number(GW_JOB, "acme/deployment/chat", "gpus"), 2);
    ck_assert_double_eq_tol(number(GW_JOB, "blue/pod/note", "gpus"), 2.0 / 7, 1e-9);
    ck_assert_int_eq(said(GW_JOB, "blue/pod/note", "gpus")->quality, GW_ESTIMATED);
    ck_assert_str_eq(text(GW_JOB, "blue/pod/web", "state"), "(not said)");
    ck_assert_str_eq(text(GW_JOB, "acme/pod/done", "state"), "(not said)");
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_held"), 8);
    ck_assert_str_eq(text(GW_NODE, "n1", "tenant"), "acme");
    ck_assert_str_eq(text(GW_NODE, "n1", "job"), "acme/train");
    ck_assert_str_eq(text(GW_NODE, "n10", "tenant"), "");
    ck_assert_double_eq(number(GW_TENANT, "acme", "gpus"), 18);
}
END_TEST

START_TEST(claims_give_gpus_and_name_them)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", "{" META("n1") ", \"status\": {\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}" },
        { "/api/v1/pods",
          "{" IN("acme", "a", "") ", \"spec\": {\"resourceClaims\": [{\"name\": \"g\", \"resourceClaimName\": \"two\"}]," RUNS("n1") "},"
          "{" IN("acme", "b", "") ", \"spec\": {\"resourceClaims\": [{\"name\": \"g\", \"resourceClaimName\": \"nic\"}]," RUNS("n1") "}" },
        { "/apis/resource.k8s.io/v1beta1/resourceclaims",
          "{" IN("acme", "two", "") ", \"spec\": {\"devices\": {\"requests\": [{\"name\": \"r\", \"deviceClassName\": \"gpu.nvidia.com\", \"count\": 2}]}}, "
          "\"status\": {\"allocation\": {\"devices\": {\"results\": ["
          "{\"driver\": \"gpu.nvidia.com\", \"pool\": \"n1\", \"device\": \"gpu-0\"}, {\"driver\": \"gpu.nvidia.com\", \"pool\": \"n1\", \"device\": \"gpu-1\"}]}}}},"
          "{" IN("acme", "nic", "") ", \"spec\": {\"devices\": {\"requests\": [{\"name\": \"r\", \"exactly\": {\"deviceClassName\": \"rdma.example\"}}]}}}" },
        { "/apis/resource.k8s.io/v1beta1/resourceslices",
          "{" META("s") ", \"spec\": {\"driver\": \"gpu.nvidia.com\", \"nodeName\": \"n1\", \"pool\": {\"name\": \"n1\"}, \"devices\": ["
          "{\"name\": \"gpu-0\", \"basic\": {\"attributes\": {\"uuid\": {\"string\": \"GPU-aa\"}, \"productName\": {\"string\": \"H100\"}}}},"
          "{\"name\": \"gpu-1\", \"attributes\": {\"uuid\": {\"string\": \"GPU-bb\"}, \"index\": {\"int\": 1}}},"
          "{\"name\": \"gpu-2\", \"basic\": {\"attributes\": {\"uuid\": {\"string\": \"GPU-cc\"}}}}]}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_double_eq(number(GW_JOB, "acme/pod/a", "gpus"), 2);
    ck_assert_str_eq(text(GW_JOB, "acme/pod/b", "state"), "(not said)");
    ck_assert_str_eq(text(GW_GPU, "n1/0", "uuid"), "GPU-aa");
    ck_assert_str_eq(text(GW_GPU, "n1/0", "model"), "H100");
    ck_assert_str_eq(text(GW_GPU, "n1/1", "uuid"), "GPU-bb");
    ck_assert_str_eq(text(GW_GPU, "n1/1", "job"), "acme/pod/a");
    ck_assert_str_eq(text(GW_GPU, "n1/1", "tenant"), "acme");
    ck_assert_str_eq(text(GW_GPU, "n1/2", "tenant"), "");
    ck_assert_double_eq(number(GW_NODE, "n1", "gpus_held"), 2);
}
END_TEST

#define CLAIMED(name) "{" IN("acme", name, "") ", \"spec\": {\"resourceClaims\": [{\"name\": \"g\", \"resourceClaimName\": \"" name "\"}]}, " \
        "\"status\": {\"phase\": \"Pending\"}}"
#define CLAIM(name, request, more) "{" IN("acme", name, "") ", \"spec\": {\"devices\": {\"requests\": [{\"name\": \"r\", " request "}]}}" more "}"

/* Of what was not given yet, what is asked for; without a count it is one device. */
START_TEST(claims_that_wait_say_what_they_ask_for_and_mig_is_an_estimate)
{
    static const struct answer given[] = {
        { "/api/v1/pods", CLAIMED("one") "," CLAIMED("first") "," CLAIMED("all") "," CLAIMED("slice") },
        { "/apis/resource.k8s.io/v1beta1/resourceclaims",
          CLAIM("one", "\"exactly\": {\"deviceClassName\": \"gpu.nvidia.com\"}", "") ","
          CLAIM("first", "\"firstAvailable\": [{\"deviceClassName\": \"mig.nvidia.com\", \"count\": 2}, {\"deviceClassName\": \"gpu.nvidia.com\"}]", "") ","
          CLAIM("all", "\"exactly\": {\"deviceClassName\": \"gpu.nvidia.com\", \"allocationMode\": \"All\"}", "") ","
          CLAIM("slice", "\"deviceClassName\": \"mig.nvidia.com\"", ", \"status\": {\"allocation\": {\"devices\": {\"results\": ["
                "{\"driver\": \"gpu.nvidia.com\", \"pool\": \"n1\", \"device\": \"gpu-0-mig-3g.40gb-0\"}]}}}") },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_double_eq(number(GW_JOB, "acme/pod/one", "gpus"), 1);
    ck_assert_int_eq(said(GW_JOB, "acme/pod/one", "gpus")->quality, GW_OK);
    ck_assert_double_eq_tol(number(GW_JOB, "acme/pod/first", "gpus"), 2.0 / 7, 1e-9);
    ck_assert_int_eq(said(GW_JOB, "acme/pod/first", "gpus")->quality, GW_ESTIMATED);
    ck_assert_double_nan(number(GW_JOB, "acme/pod/all", "gpus"));
    ck_assert_double_eq_tol(number(GW_JOB, "acme/pod/slice", "gpus"), 3.0 / 7, 1e-9);
    ck_assert_int_eq(said(GW_JOB, "acme/pod/slice", "gpus")->quality, GW_ESTIMATED);
}
END_TEST

#define JOB(space, name, more, n, pods, status) "{" IN(space, name, more) ", \"spec\": {\"parallelism\": " pods \
        ", \"activeDeadlineSeconds\": 3600, \"template\": {\"spec\": {\"priorityClassName\": \"train\", " GPUS(n) "}}}, \"status\": {" status "}}"

START_TEST(what_waits_says_why)
{
    static const struct answer given[] = {
        { "/apis/batch/v1/jobs",
          JOB("acme", "big", ", \"labels\": {\"kueue.x-k8s.io/queue-name\": \"main\"}", "8", "4", "") ","
          JOB("blue", "over", "", "8", "2", "") ","
          JOB("acme", "done", "", "8", "1", "\"completionTime\": \"2026-11-29T22:00:00Z\", \"conditions\": [{\"type\": \"Complete\", \"status\": \"True\"}]") ","
          JOB("acme", "dead", "", "8", "1", "\"conditions\": [{\"type\": \"Failed\", \"status\": \"True\", \"reason\": \"DeadlineExceeded\", "
              "\"lastTransitionTime\": \"2026-11-29T22:10:00Z\"}]") ","
          JOB("acme", "ancient", "", "8", "1", "\"completionTime\": \"2026-11-28T22:00:00Z\", \"conditions\": [{\"type\": \"Complete\", \"status\": \"True\"}]") },
        { "/apis/kueue.x-k8s.io/v1beta2/workloads",
          "{" IN("acme", "job-big-1", OWNED("Job", "big")) ", \"spec\": {\"queueName\": \"main\", \"priority\": 7, \"podSets\": [{\"count\": 4, "
          "\"template\": {\"spec\": {" GPUS("8") "}}}]}, \"status\": {\"conditions\": [{\"type\": \"QuotaReserved\", \"status\": \"False\", "
          "\"reason\": \"Pending\", \"message\": \"insufficient unused quota for nvidia.com/gpu in flavor h100, 8 more needed\"}]}}" },
        { "/apis/kueue.x-k8s.io/v1beta2/clusterqueues",
          "{" META("acme") ", \"spec\": {\"cohort\": \"all\", \"resourceGroups\": [{\"flavors\": [{\"resources\": [{\"name\": \"nvidia.com/gpu\", "
          "\"nominalQuota\": \"24\"}]}]}]}, \"status\": {\"pendingWorkloads\": 3, \"admittedWorkloads\": 2}}" },
        { "/apis/kueue.x-k8s.io/v1beta2/localqueues", "{" IN("acme", "main", "") ", \"spec\": {\"clusterQueue\": \"acme\"}},"
          "{" IN("acme", "other", "") ", \"spec\": {\"clusterQueue\": \"acme\"}, \"status\": {\"pendingWorkloads\": 3}}" },
        { "/api/v1/resourcequotas",
          "{" IN("blue", "q", "") ", \"spec\": {\"hard\": {\"requests.nvidia.com/gpu\": \"16\"}}, \"status\": {\"used\": {\"requests.nvidia.com/gpu\": \"16\"}}}" },
        { "/apis/scheduling.run.ai/v2/queues",
          "{" META("team") ", \"spec\": {\"parentQueue\": \"dept\", \"resources\": {\"gpu\": {\"quota\": -1}}}},"
          "{" META("dept") ", \"spec\": {\"resources\": {\"gpu\": {\"quota\": 8.5}}}}" },
        { "/apis/scheduling.run.ai/v2alpha2/podgroups",
          "{" IN("red", "pg-solve-1", OWNED("PyTorchJob", "solve")) ", \"spec\": {\"queue\": \"team\"}, \"status\": {\"schedulingConditions\": "
          "[{\"type\": \"UnschedulableOnNodePool\", \"reason\": \"OverLimit\", \"message\": \"team is over its limit\"}]}}" },
        { "/api/v1/pods",
          "{" IN("red", "solve-0", ", \"annotations\": {\"pod-group-name\": \"pg-solve-1\", \"gpu-fraction\": \"0.5\"}") ", \"spec\": {}, "
          "\"status\": {\"phase\": \"Pending\", \"conditions\": [{\"type\": \"PodScheduled\", \"status\": \"False\", \"reason\": \"Unschedulable\"}]}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_JOB, "acme/big", "state"), "pending");
    ck_assert_str_eq(
        text(GW_JOB, "acme/big", "reason"),
        "Pending: insufficient unused quota for nvidia.com/gpu in flavor h100, 8 more needed");
    ck_assert_double_eq(number(GW_JOB, "acme/big", "gpus"), 32);
    ck_assert_double_eq(number(GW_JOB, "acme/big", "priority"), 7);
    ck_assert_double_eq(number(GW_JOB, "acme/big", "limit"), 3600);
    ck_assert_str_eq(text(GW_JOB, "acme/big", "queue"), "acme/main");
    ck_assert_str_eq(text(GW_JOB, "acme/big", "class"), "training");
    ck_assert_str_eq(text(GW_JOB, "blue/over", "reason"),
                     "quota: 16 of 16 GPUs of ResourceQuota q are used");
    ck_assert_str_eq(text(GW_JOB, "acme/done", "state"), "ended");
    ck_assert_str_eq(text(GW_JOB, "acme/done", "outcome"), "completed");
    ck_assert_str_eq(text(GW_JOB, "acme/dead", "outcome"), "failed");
    ck_assert_str_eq(text(GW_JOB, "acme/dead", "reason"), "DeadlineExceeded");
    ck_assert_str_eq(text(GW_JOB, "acme/ancient", "state"), "(not said)");
    ck_assert_double_eq(number(GW_QUEUE, "acme", "pending"), 3);
    ck_assert_double_eq(number(GW_QUEUE, "acme", "quota"), 24);
    ck_assert_double_eq(number(GW_QUEUE, "acme", "gpus_pending"), 32);
    ck_assert_double_eq(number(GW_QUEUE, "acme/main", "pending"), 1);
    /* 20:00:00 to NOW */
    ck_assert_double_eq(number(GW_QUEUE, "acme/main", "wait"), 8000);
    /* Of work without GPUs it is known that it waits, and not how long. */
    ck_assert_double_eq(number(GW_QUEUE, "acme/other", "pending"), 3);
    ck_assert_double_nan(number(GW_QUEUE, "acme/other", "wait"));
    ck_assert_str_eq(text(GW_QUEUE, "acme/main", "parent"), "acme");
    ck_assert_str_eq(text(GW_QUEUE, "acme/main", "tenant"), "acme");
    ck_assert_double_eq(number(GW_TENANT, "blue", "quota"), 16);
    ck_assert_str_eq(text(GW_JOB, "red/solve", "reason"),
                     "OverLimit: team is over its limit");
    ck_assert_str_eq(text(GW_JOB, "red/solve", "queue"), "team");
    ck_assert_double_eq(number(GW_JOB, "red/solve", "gpus"), 0.5);
    ck_assert_double_nan(number(GW_QUEUE, "team", "quota"));
    ck_assert_double_eq(number(GW_QUEUE, "dept", "quota"), 8.5);
    ck_assert_double_eq(number(GW_QUEUE, "dept", "gpus_pending"), 0.5);
}
END_TEST

START_TEST(volcano_s_queues_and_groups_are_read)
{
    static const struct answer given[] = {
        { "/apis/scheduling.volcano.sh/v1beta1/queues",
          "{" META("gold") ", \"spec\": {\"capability\": {\"nvidia.com/gpu\": 16}}, \"status\": {\"state\": \"Closed\"}}" },
        { "/apis/scheduling.volcano.sh/v1beta1/podgroups",
          "{" IN("acme", "pg", OWNED("Job", "mpi")) ", \"spec\": {\"queue\": \"gold\"}, \"status\": {\"conditions\": [{\"type\": \"Unschedulable\", "
          "\"status\": \"True\", \"reason\": \"NotEnoughResources\", \"message\": \"2/4 tasks in gang unschedulable\"}]}}" },
        { "/api/v1/pods",
          "{" IN("acme", "mpi-0", ", \"annotations\": {\"scheduling.k8s.io/group-name\": \"pg\"}") ", \"spec\": {" GPUS("4") "}, \"status\": {\"phase\": \"Pending\"}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_QUEUE, "gold", "state"), "closed");
    ck_assert_double_eq(number(GW_QUEUE, "gold", "quota"), 16);
    ck_assert_double_eq(number(GW_QUEUE, "gold", "pending"), 1);
    ck_assert_str_eq(text(GW_JOB, "acme/mpi", "reason"),
                     "NotEnoughResources: 2/4 tasks in gang unschedulable");
    ck_assert_str_eq(text(GW_JOB, "acme/mpi", "queue"), "gold");
}
END_TEST

#define EVENT(type, pod) "{\"type\": \"" type "\", \"object\": " pod "}\n"
#define POD(name, version, rest) "{\"metadata\": {\"namespace\": \"acme\", \"name\": \"" name "\", \"resourceVersion\": \"" version "\"}, " rest "}"

START_TEST(a_watch_goes_on_where_the_list_ended)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", NODE("n1", "8", "8", "") },
        { "/api/v1/pods", "{" IN("acme", "one", "") ", \"spec\": {" GPUS("1") "," RUNS("n1") "}" },
        { 0 }
    };
    static const struct target_option watch[] = { { "page", "9" }, { 0 } };

    watched = EVENT("ADDED", POD("two", "8", "\"spec\": {" GPUS("2") "}, \"status\": {\"phase\": \"Pending\"}"))
              EVENT("BOOKMARK", "{\"metadata\": {\"resourceVersion\": \"9\"}}")
              EVENT("MODIFIED", POD("two", "10", "\"spec\": {" GPUS("2") "," RUNS("n1")))
              EVENT("DELETED", POD("one", "11", "\"spec\": {" GPUS("1") "," RUNS("n1")));
    ck_assert_msg(hears(given, watch), "%s", err.text);
    ck_assert_ptr_nonnull(strstr(
        asked,
        "/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=250&resourceVersion=7&"));
    ck_assert_ptr_nonnull(strstr(asked, "/api/v1/nodes?limit=9\n"));
    ck_assert_ptr_nonnull(
        strstr(asked, "/apis/kueue.x-k8s.io/v1beta2/workloads?limit=9\n"));
}
END_TEST

/* The version of the list is 7, of the list anew, too. */
START_TEST(what_is_too_old_to_be_watched_is_listed_anew)
{
    static const struct answer given[] = { { "/api/v1/nodes", NODE("n1", "8", "8", "") },
                                           { 0 } };
    static const struct target_option watch[] = { { "page", "9" }, { 0 } };
    const char *second;

    watched = EVENT("BOOKMARK", "{\"metadata\": {\"resourceVersion\": \"9\"}}")
              EVENT("ERROR", "{\"kind\": \"Status\", \"code\": 410, \"message\": \"too old resource version: 9\"}");
    ck_assert_msg(hears(given, watch), "%s", err.text);
    second = strstr(asked, "/api/v1/pods?limit=9");
    ck_assert_ptr_nonnull(second);
    second = strstr(second + 1, "/api/v1/pods?limit=9");
    ck_assert_msg(second, "asked:\n%s", asked);
    ck_assert_ptr_nonnull(strstr(
        second,
        "/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=250&resourceVersion=7&"));
    ck_assert_ptr_null(
        strstr(strstr(asked, "/api/v1/nodes?limit=9") + 1, "/api/v1/nodes?limit=9"));
    tear_down();
    watched = EVENT("ERROR", "{\"kind\": \"Status\", \"code\": 500, \"message\": \"no such luck\"}");
    ck_assert(!hears(given, watch));
    ck_assert_ptr_nonnull(strstr(err.text, "/api/v1/pods: its watch says: no such luck"));
}
END_TEST

static const struct {
    struct answer given[3];
    const char *why;
} failures[] = {
    { { { "/api/v1/nodes", "!401" } }, "/api/v1/nodes: the API server does not know who we are (401 unauthorized)" },
    { { { "/api/v1/nodes", "!403" }, { "/api/v1/pods", "!403" } }, "may read neither nodes nor pods: no such luck" },
    { { { "/api/v1/pods", "!500" } }, "/api/v1/pods: answered with status 500: no such luck" },
    { { { "/api/v1/pods", "!429" } }, "asked too often (429 too many requests)" },
    { { { "/api/v1/pods", "!410" } }, "it changes faster than it is listed (410 gone)" },
    { { { "/api/v1/pods", "!404" } }, "/api/v1/pods: answered with status 404: no such luck" },
    { { { "/api/v1/pods", "}{" } }, "/api/v1/pods: its answer is no JSON at byte" },
};

START_TEST(a_failure_is_told_in_words)
{
    ck_assert(!hears(failures[_i].given, none));
    ck_assert_msg(strstr(err.text, failures[_i].why), "said: %s", err.text);
}
END_TEST

START_TEST(what_may_not_be_listed_is_named_and_the_rest_told)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", NODE("n1", "8", "8", "") },
        { "/api/v1/resourcequotas", "!403" },
        { "/apis/batch/v1/jobs", "!403" },
        { "/apis/kueue.x-k8s.io/v1beta2/workloads", "!404" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_SOURCE, "lab", "reason"),
                     "may not list resourcequotas, jobs: no such luck");
    ck_assert_str_eq(text(GW_NODE, "n1", "state"), "up");
}
END_TEST

START_TEST(pages_without_end_are_refused)
{
    static const struct answer given[] = { { "/api/v1/pods", ">" }, { 0 } };
    static const struct target_option large[] = { { "watch", "no" },
                                                  { "page", "10000" },
                                                  { 0 } };

    ck_assert(!hears(given, large));
    ck_assert_msg(strstr(err.text, "/api/v1/pods: more than"), "said: %s", err.text);
}
END_TEST

START_TEST(a_cluster_without_gpus_is_told_as_that)
{
    static const struct answer given[] = {
        { "/api/v1/nodes", "{" META("control") ", \"status\": {\"capacity\": {\"cpu\": \"8\"}}}" },
        { 0 }
    };

    ck_assert_msg(hears(given, none), "%s", err.text);
    ck_assert_str_eq(text(GW_SOURCE, "lab", "reason"), "no node has GPUs");
}
END_TEST

/* ---- what a real API server answered ---- */

static const struct {
    const char *path, *file;
} samples[] = {
    { "/api/v1/nodes", "nodes" },
    { "/api/v1/pods", "pods" },
    { "/api/v1/namespaces", "namespaces" },
    { "/api/v1/resourcequotas", "resourcequotas" },
    { "/apis/batch/v1/jobs", "jobs" },
    { "/apis/kueue.x-k8s.io/v1beta1/workloads", "workloads" },
};
static char *sample;            /* the last that was read */

static const char *recorded(void *arg, const struct gw_ask *ask, int *status)
{
    size_t path_len = strcspn(ask->path, "?"), len;
    char file[64];

    (void)arg;
    *status = 200;
    if (strcmp(ask->path, "/apis") == 0)
        return "{\"kind\": \"APIGroupList\", \"groups\": [{\"name\": \"batch\", \"versions\": [{\"version\": \"v1\"}]}, "
               "{\"name\": \"kueue.x-k8s.io\", \"versions\": [{\"version\": \"v1beta1\"}]}]}";
    for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
        if (strlen(samples[i].path) != path_len ||
            strncmp(samples[i].path, ask->path, path_len) != 0)
            continue;
        snprintf(file, sizeof(file), "samples/kubernetes/%s.json", samples[i].file);
        free(sample);
        sample = heard_file("GW_SERVERS", file, &len);
        if (sample)
            return sample;
    }
    *status = 404;
    return "{\"kind\": \"Status\", \"message\": \"not recorded\"}";
}

/* Eight nodes of eight GPUs, on which five pods of eight and four of one run; a job waits
 * for its quota, one for room. */
START_TEST(what_a_real_cluster_answered_is_read)
{
    static const struct {
        const char *job, *state;
        double gpus;
    } expected[] = {
        { "acme/llm-pretrain", "running", 24 }, { "acme/sweep", "running", 4 }, { "globex/finetune", "running", 16 },
        { "globex/flaky", "pending", 1 }, { "initech/too-big", "pending", 12 }, { "initech/over-quota", "pending", 32 },
    };
    struct target_config config = { .name = "lab", .url = "kube://lab", .options = none };

    if (!getenv("GW_SERVERS") || !*getenv("GW_SERVERS"))
        return;
    told = source_converse(&kube_source, &config, recorded, NULL, NOW, &err);
    free(sample);
    sample = NULL;
    ck_assert_msg(told != NULL, "%s", err.text);
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        ck_assert_str_eq(text(GW_JOB, expected[i].job, "state"), expected[i].state);
        ck_assert_double_eq(number(GW_JOB, expected[i].job, "gpus"), expected[i].gpus);
    }
    ck_assert_str_eq(text(GW_JOB, "acme/llm-pretrain", "nodelist"),
                     "gpu-001,gpu-[007-008]");
    ck_assert_str_eq(text(GW_JOB, "initech/too-big", "reason"),
                     "Unschedulable: 0/8 nodes are available: 8 Insufficient nvidia.com/gpu.");
    ck_assert_double_eq(number(GW_NODE, "gpu-006", "gpus_held"), 2);
    ck_assert_str_eq(text(GW_NODE, "gpu-008", "tenant"), "acme");
    ck_assert_double_eq(number(GW_TENANT, "acme", "gpus"), 28);
    ck_assert_double_eq(number(GW_TENANT, "acme", "quota"), 32);
    ck_assert_double_eq(number(GW_TENANT, "globex", "gpus"), 16);
    ck_assert_double_eq(number(GW_TENANT, "initech", "gpus"), 0);
}
END_TEST

static const struct {
    struct target_option options[2];
    const char *why;
} misread[] = {
    { { { "watch", "maybe" } }, "watch: expected yes or no, got \"maybe\"" },
    { { { "page", "0" } }, "page: expected a number from 1 to 10000, got \"0\"" },
    { { { "page", "ten" } }, "page: expected a number from 1 to 10000, got \"ten\"" },
    { { { "pages", "10" } }, "unknown option \"pages\" of kube; did you mean page?" },
};

START_TEST(options_are_checked)
{
    ck_assert(!hears(failures[0].given, misread[_i].options));
    ck_assert_msg(strstr(err.text, misread[_i].why), "said: %s", err.text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kube");
    TCase *c = tcase_create("kube");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, NULL, tear_down);
    tcase_add_test(c, a_list_of_pods_that_was_cut_says_so);
    tcase_add_test(c, labels_say_where_a_node_stands_and_what_a_job_is_called);
    tcase_add_test(c, a_cluster_puts_its_name_before_what_others_may_call_alike);
    tcase_add_test(c, a_label_says_what_a_job_is_for);
    tcase_add_test(c, a_node_tells_its_gpus_and_what_is_wrong_with_it);
    tcase_add_test(c, pods_are_grouped_into_jobs);
    tcase_add_test(c, claims_give_gpus_and_name_them);
    tcase_add_test(c, claims_that_wait_say_what_they_ask_for_and_mig_is_an_estimate);
    tcase_add_test(c, what_waits_says_why);
    tcase_add_test(c, volcano_s_queues_and_groups_are_read);
    tcase_add_test(c, a_watch_goes_on_where_the_list_ended);
    tcase_add_test(c, what_is_too_old_to_be_watched_is_listed_anew);
    tcase_add_loop_test(c, a_failure_is_told_in_words, 0,
                        sizeof(failures) / sizeof(*failures));
    tcase_add_test(c, pages_without_end_are_refused);
    tcase_add_test(c, a_cluster_without_gpus_is_told_as_that);
    tcase_add_test(c, what_may_not_be_listed_is_named_and_the_rest_told);
    tcase_add_test(c, what_a_real_cluster_answered_is_read);
    tcase_add_loop_test(c, options_are_checked, 0, sizeof(misread) / sizeof(*misread));
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
