/* The promql source against an engine of the test's own: what is asked, and what the
 * answers are taken for. */
#include <check.h>
#include <regex.h>

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

#include "tests/lib/heard.h"

extern const struct gw_source promql_source;

/* ---- an engine ---- */

struct canned {
    const char *part;           /* of the path, as it was before it was encoded */
    const char *answer;
    int status;                 /* 0: 200 */
};

#define VECTOR(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" series "]}}"
#define NAMES(list) "{\"status\":\"success\",\"data\":[" list "]}"

static const struct canned *engine;
static char asked[64][8192];    /* decoded paths */
static size_t asked_count;
static double answer_s;         /* how long each answer takes */
static struct gw_out *out;

static void decode(char *to, size_t room, const char *from)
{
    char *end = to + room - 1;

    for (; *from && to < end; to++) {
        unsigned code;

        if (*from == '%' && sscanf(from + 1, "%2x", &code) == 1) {
            *to = (char)code;
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

static bool answer(struct gw_out *o, const char *path, struct gw_reply *reply)
{
    char *text = asked[asked_count++ % 64];
    const struct canned *c = engine;

    o->clock += answer_s;
    decode(text, sizeof(asked[0]), path);
    while (c->part && !strstr(text, c->part))
        c++;
    reply->status = c->status ? c->status : 200;
    reply->text = c->answer ? c->answer : VECTOR("");
    reply->len = strlen(reply->text);
    return true;
}

static const char *asked_with(const char *part)
{
    for (size_t i = 0; i < asked_count && i < 64; i++)
        if (strstr(asked[i], part))
            return asked[i];
    return NULL;
}

static void begin(const struct canned *canned, const struct heard_option *given)
{
    out = heard_new(&promql_source, "engine", given);
    out->web = answer;
    out->clock = 1795358944;
    out->target.no_stream = true;       /* one-shots hear nothing of the past */
    engine = canned;
    asked_count = 0;
    answer_s = 0;
}

static void ask(const struct canned *canned, const struct heard_option *given)
{
    begin(canned, given);
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
}

static void tear_down(void)
{
    if (out)
        heard_free(out);
    out = NULL;
}

static void expect_number(enum gw_kind kind, const char *name, const char *metric,
                          double wanted)
{
    double number = heard_number(out, kind, name, metric);

    ck_assert_msg(fabs(number - wanted) < 1e-9 * fabs(wanted) + 1e-12,
                  "%s %s is %g, not %g", name, metric, number, wanted);
}

static void expect_text(enum gw_kind kind, const char *name, const char *metric,
                        const char *wanted)
{
    ck_assert_str_eq(heard_text(out, kind, name, metric), wanted);
}

/* ---- GPUs ---- */

#define POWER_OF(labels, watts) "{\"metric\":{" labels "},\"value\":[1795358944.5,\"" watts "\"]}"
#define GPU(n) "\"Hostname\":\"n1\",\"UUID\":\"GPU-" n "\",\"gpu\":\"" n "\""

START_TEST(both_spellings_of_dcgm_are_one_metric)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_BOARD_POWER_WATTS\",\"up\"") },
        { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5") "," POWER_OF(GPU("1"), "NaN")) },
        { 0 }
    };

    ask(canned, NULL);
    ck_assert_ptr_nonnull(
        asked_with("(DCGM_FI_DEV_BOARD_POWER_WATTS or DCGM_FI_DEV_POWER_USAGE)"));
    expect_number(GW_GPU, "n1/0", "power", 412.5);
    ck_assert(isnan(heard_number(out, GW_GPU, "n1/1", "power")));
    ck_assert_uint_eq(heard_count(out, GW_NODE), 1);
}
END_TEST

static const struct canned holders[] = {
    { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
    { "hpc_job", VECTOR(
        POWER_OF(GPU("0") ",\"namespace\":\"gpu-operator\",\"pod\":\"nvidia-dcgm-exporter-x\"", "60") ","
        POWER_OF(GPU("1") ",\"namespace\":\"blue\",\"pod\":\"train-0\",\"modelName\":\"NVIDIA H100\"", "600") ","
        POWER_OF(GPU("2") ",\"namespace\":\"monitoring\",\"pod\":\"dcgm-exporter-y\",\"exported_namespace\":\"red\","
                 "\"exported_pod\":\"serve-1\"", "500") ","
        POWER_OF(GPU("3") ",\"namespace\":\"blue\",\"pod\":\"a\",\"GPU_I_ID\":\"1\"", "300") ","
        POWER_OF(GPU("4") ",\"hpc_job\":\"81201\"", "300") ","
        POWER_OF(GPU("3") ",\"namespace\":\"red\",\"pod\":\"b\",\"GPU_I_ID\":\"2\"", "300")) },
    { 0 }
};

START_TEST(an_idle_gpu_that_carries_the_exporters_labels_is_free)
{
    ask(holders, NULL);
    /* that holders are told at all is known by now */
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    expect_text(GW_GPU, "n1/0", "tenant", "");
    expect_text(GW_GPU, "n1/0", "job", "");
    expect_text(GW_GPU, "n1/1", "tenant", "blue");
    expect_text(GW_GPU, "n1/1", "job", "train-0");
    expect_text(GW_GPU, "n1/1", "model", "NVIDIA H100");
}
END_TEST

START_TEST(exported_labels_outrank_those_of_the_scrape)
{
    ask(holders, NULL);
    expect_text(GW_GPU, "n1/2", "tenant", "red");
    expect_text(GW_GPU, "n1/2", "job", "serve-1");
}
END_TEST

START_TEST(a_gpu_that_two_share_has_both)
{
    ask(holders, NULL);
    expect_text(GW_GPU, "n1/3", "tenant", "blue, red");
    expect_text(GW_GPU, "n1/3", "job", "a, b");
    expect_text(GW_GPU, "n1/4", "job", "81201");
}
END_TEST

START_TEST(what_dcgm_calls_blank_is_unknown)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\",\"DCGM_FI_DEV_CLOCKS_EVENT_REASONS\"") },
        { "REASONS", VECTOR(POWER_OF(GPU("0"), "68")) },
        { "GPU_TEMP)", VECTOR(POWER_OF(GPU("0"), "9223372036854775794") "," POWER_OF(GPU("1"), "61")) },
        { 0 }
    };

    ask(canned, NULL);
    ck_assert(isnan(heard_number(out, GW_GPU, "n1/0", "temp")));
    expect_number(GW_GPU, "n1/1", "temp", 61);
    expect_text(GW_GPU, "n1/0", "throttle", "thermal");
}
END_TEST

START_TEST(memory_is_summed_by_the_engine_and_estimated_without_the_reserved_part)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_FB_FREE\",\"DCGM_FI_DEV_FB_USED\"") },
        { "FB_USED{GPU_I_ID=\"\",})+max", VECTOR(POWER_OF(GPU("0"), "81079")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_GPU, "n1/0", "mem_total", 81079);
    ck_assert(heard_value(out, GW_GPU, "n1/0", "mem_total")->estimated);
    ck_assert_ptr_nonnull(asked_with("max by (") );
    ck_assert_ptr_nonnull(asked_with("DCGM_FI_DEV_FB_USED{GPU_I_ID=\"\"})"));
}
END_TEST

/* ---- how far down ---- */

static const struct canned large[] = {
    { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_GPU_UTIL\"") },
    { "count(max by (hostname,Hostname,exported_hostname,kubernetes_node,node,exported_node,gpu", VECTOR(POWER_OF("", "500000")) },
    { "count(max by (", VECTOR(POWER_OF("", "9000")) },
    { "sum by (hostname", VECTOR(POWER_OF("\"Hostname\":\"n1\",\"rack\":\"r7\"", "5000")) },
    { "sum by (rack)", VECTOR(POWER_OF("\"rack\":\"r7\"", "90000")) },
    { ">= bool 1) or 0 * count(", VECTOR(POWER_OF("", "0")) },
    { "< bool 1) or 0 * count(", VECTOR(POWER_OF("", "12")) },
    { "query=count((max by", VECTOR(POWER_OF("", "12")) },
    { "query=sum((max by", VECTOR(POWER_OF("", "940")) },
    { ">= bool 1)", VECTOR(POWER_OF("\"namespace\":\"blue\"", "7")) },
    { "< bool 1)", VECTOR(POWER_OF("\"namespace\":\"blue\"", "1")) },
    { "> bool -1)", VECTOR(POWER_OF("\"namespace\":\"blue\"", "8")) },
    { "and on (namespace", VECTOR("") },
    { "sum by (namespace", VECTOR(POWER_OF("\"namespace\":\"blue\"", "4000") "," POWER_OF("\"namespace\":\"gpu-operator\"", "60")) },
    { 0 }
};

START_TEST(a_large_site_is_asked_for_nodes_and_tenants)
{
    ask(large, NULL);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 0);
    expect_number(GW_NODE, "n1", "power", 5000);
    ck_assert(heard_value(out, GW_NODE, "n1", "power")->estimated);
    expect_number(GW_TENANT, "blue", "power", 4000);
    expect_number(GW_TENANT, "blue", "gpus", 8);
    expect_number(GW_TENANT, "blue", "busy", 7);
    expect_number(GW_TENANT, "blue", "idle", 1);
    expect_number(GW_TENANT, "unallocated", "power", 940);
    expect_number(GW_TENANT, "unallocated", "gpus", 12);
    expect_number(GW_TENANT, "unallocated", "idle", 12);
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 2);  /* who exports holds nothing */
    ck_assert_uint_eq(heard_count(out, GW_DOMAIN), 1);
}
END_TEST

/* The expression after `label` in what is asked, as an engine matches it: whole. */
static bool engine_takes(const char *query, const char *label, const char *value)
{
    const char *at = strstr(query, label);
    char pattern[200];
    regex_t r;
    bool matches;

    ck_assert_ptr_nonnull(at);
    at += strlen(label);
    snprintf(pattern, sizeof(pattern), "^(%.*s)$", (int)strcspn(at, "\""), at);
    ck_assert_int_eq(regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB), 0);
    matches = regexec(&r, value, 0, NULL, 0) == 0;
    regfree(&r);
    return matches;
}

/* Where an engine sums, its words leave out who exports; where single GPUs are told, a
 * table here does: one says what the other does. */
static const struct {
    const char *namespace, *pod;
    bool holds, by_namespace;   /* the namespace alone says that it holds nothing */
} who[] = { { "gpu-operator", "metrics-x", false, true },
            { "nvidia-gpu-operator", "metrics-x", false, true },
            { "gpu-operator-resources", "metrics-x", false, true },
            { "monitoring", "nvidia-dcgm-exporter-x", false, false },
            { "monitoring", "dcgm-exporter", false, false },
            { "monitoring", "my-dcgm-exporter-7", false, false },
            { "blue", "train-0", true, false },
            { "my-gpu-operator-team", "train-0", true, false },
            { "monitoring", "grafana-0", true, false } };

START_TEST(who_exports_holds_nothing_whether_an_engine_sums_or_not)
{
    char series[400];
    const struct canned one[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") }, { "hpc_job", series }, { 0 } };
    const char *query;
    bool holds;

    snprintf(series, sizeof(series), VECTOR(POWER_OF(GPU("0") ",\"namespace\":\"%s\",\"pod\":\"%s\"", "60")), who[_i].namespace,
             who[_i].pod);
    ask(one, NULL);
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_str_eq(heard_text(out, GW_GPU, "n1/0", "tenant"),
                     who[_i].holds ? who[_i].namespace : "");
    tear_down();
    ask(large, NULL);
    query = asked_with("> bool -1)");
    ck_assert_ptr_nonnull(query);
    ck_assert_int_eq(engine_takes(query, "exported_namespace!~\"", who[_i].namespace),
                     who[_i].by_namespace);
    holds = !engine_takes(query, ",namespace!~\"", who[_i].namespace) && !engine_takes(query, ",pod!~\"", who[_i].pod);
    ck_assert_int_eq(holds, who[_i].holds);
}
END_TEST

START_TEST(sharers_of_a_gpu_have_estimated_parts_and_of_who_let_go_nothing_is_known)
{
    struct canned shared[sizeof(large) / sizeof(*large)];
    size_t n = sizeof(large) / sizeof(*large);

    memcpy(shared, large, sizeof(large));
    shared[n - 3].answer = VECTOR(POWER_OF("\"namespace\":\"blue\"", "4000"));
    ask(shared, NULL);
    ck_assert(heard_value(out, GW_TENANT, "blue", "power")->estimated);
    shared[n - 2].answer = shared[n - 3].answer = VECTOR("");
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_double_nan(heard_number(out, GW_TENANT, "blue", "power"));
    expect_number(GW_TENANT, "blue", "gpus", 8); /* a later answer's word */
}
END_TEST

START_TEST(the_power_of_nodes_with_meters_is_that_of_the_meters_and_no_sum_of_gpus)
{
    static const struct canned metered[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"ipmi_dcmi_power_consumption_watts\"") },
        { "ipmi", VECTOR(POWER_OF("\"node\":\"n1\",\"instance\":\"bmc\",\"rack\":\"r7\"", "1500")) },
        { "sum by (hostname", VECTOR(POWER_OF("\"Hostname\":\"n1\",\"rack\":\"r7\"", "400")) },
        { "count by (hostname", VECTOR(POWER_OF("\"Hostname\":\"n1\",\"rack\":\"r7\"", "2")) },
        { 0 }
    };
    static const struct heard_option nodes[] = { { "detail", "nodes" }, { 0 } };

    ask(metered, nodes);
    expect_number(GW_NODE, "n1", "meter", 1500);
    expect_number(GW_NODE, "n1", "gpus_total", 2);
    ck_assert_ptr_null(heard_value(out, GW_NODE, "n1", "power"));
    expect_text(GW_DOMAIN, "r7", "type", "rack");       /* which is known all the same */
}
END_TEST

START_TEST(a_larger_one_is_asked_for_racks)
{
    static const struct heard_option few[] = { { "node_limit", "100" }, { 0 } };

    ask(large, few);
    expect_number(GW_DOMAIN, "r7", "power", 90000);
    expect_text(GW_DOMAIN, "r7", "type", "rack");
    ck_assert_uint_eq(heard_count(out, GW_NODE), 0);
}
END_TEST

START_TEST(what_is_free_is_asked_for_only_where_somebody_says_what_is_held)
{
    static const struct canned silent[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "sum by (hostname", VECTOR(POWER_OF("\"Hostname\":\"n1\"", "5000")) },
        { 0 }
    };
    static const struct heard_option nodes[] = { { "detail", "nodes" }, { 0 } };

    ask(silent, nodes);
    ck_assert_ptr_null(asked_with(" unless on ("));
    tear_down();
    ask(large, nodes);
    ck_assert_ptr_nonnull(asked_with(" unless on ("));
}
END_TEST

/* The past of single GPUs is raised node by node, whatever label names a node. */
START_TEST(what_nodes_draw_beside_their_gpus_is_joined_by_the_name_of_the_node)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"ipmi_dcmi_power_consumption_watts\"") }, { 0 } };
    static const struct heard_option label[] = { { "node_label", "host" },
                                                 { "history", "30m" },
                                                 { 0 } };
    const char *past;

    begin(canned, label);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    past = asked_with("query_range?query=sum by (namespace");
    ck_assert_ptr_nonnull(past);
    ck_assert_ptr_nonnull(strstr(past, ",\"gw_node\",\"$1\",\"exported_node\",\"(.+)\"),\"gw_node\",\"$1\",\"host\",\"(.+)\")"));
    ck_assert_ptr_null(strstr(past, "$["));
    ck_assert_ptr_null(strstr(past, "$]"));
}
END_TEST

START_TEST(who_wants_single_gpus_gets_them)
{
    static const struct heard_option gpus[] = { { "detail", "gpus" }, { 0 } };

    ask(large, gpus);
    ck_assert_ptr_null(asked_with("count(max by"));
    ck_assert_ptr_nonnull(asked_with("query=max by (hostname"));
}
END_TEST

START_TEST(what_somebody_looks_into_is_asked_more_closely)
{
    begin(large, NULL);
    out->target.opened = "n\"1";
    out->target.opened_kind = GW_NODE;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_ptr_nonnull(asked_with("DCGM_FI_DEV_POWER_USAGE{hostname=\"n\\\"1\"} or DCGM_FI_DEV_POWER_USAGE{Hostname="));
    ck_assert_ptr_nonnull(asked_with("DCGM_FI_DEV_GPU_UTIL{GPU_I_ID=\"\",hostname=\"n\\\"1\"}"));
    out->target.opened = NULL;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("hostname="));
}
END_TEST

START_TEST(rates_are_taken_over_the_window_that_is_configured)
{
    static const struct heard_option window[] = { { "window", "30s" }, { 0 } };
    static const struct canned canned[] = { { "__name__", NAMES("\"vllm:generation_tokens_total\"") }, { 0 } };

    ask(canned, window);
    ck_assert_ptr_nonnull(asked_with("rate(vllm:generation_tokens_total[30s])"));
}
END_TEST

START_TEST(what_is_asked_for_anyhow_is_not_asked_more_closely)
{
    static const struct heard_option gpus[] = { { "detail", "gpus" }, { 0 } };

    begin(large, gpus);
    out->target.opened = "n1";
    out->target.opened_kind = GW_NODE;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_ptr_null(asked_with("hostname=\"n1\""));
}
END_TEST

START_TEST(a_rack_that_is_looked_into_shows_its_nodes)
{
    static const struct heard_option few[] = { { "node_limit", "100" }, { 0 } };

    begin(large, few);
    out->target.opened = "r7";
    out->target.opened_kind = GW_DOMAIN;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_nonnull(asked_with("DCGM_FI_DEV_POWER_USAGE{rack=\"r7\"}"));
    expect_number(GW_NODE, "n1", "power", 5000);
}
END_TEST

/* ---- models, queues, nodes ---- */

#define TOKENS_OF(key, model, tenant, rate) POWER_OF("\"" key "\":\"" model "\",\"namespace\":\"" tenant "\"", rate)

START_TEST(
    tokens_of_an_engine_behind_a_frontend_of_its_model_and_tenant_are_not_counted_again)
{
    static const struct canned canned[] = {
        { "group_left () (sum by (namespace,pod)",
          VECTOR(TOKENS_OF("model_name", "Qwen/Q", "blue", "1350")) },
        { "__name__",
          NAMES(
              "\"vllm:generation_tokens_total\",\"vllm:num_requests_running\",\"dynamo_frontend_output_tokens_total\"") },
        { "rate(dynamo_frontend_output_tokens_total",
          VECTOR(TOKENS_OF("model", "qwen/q", "blue", "100")) },
        { "rate(vllm:generation_tokens_total",
          VECTOR(TOKENS_OF("model_name", "Qwen/Q", "blue", "107") "," TOKENS_OF(
              "model_name", "other", "blue", "20") "," TOKENS_OF("model_name", "Qwen/Q",
                                                                 "red", "30")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_MODEL, "qwen/q@blue", "tokens", 100);
    expect_number(GW_MODEL, "other@blue", "tokens", 20);
    expect_number(GW_MODEL, "Qwen/Q@red", "tokens", 30);
    /* never said */
    ck_assert_double_lt(heard_number(out, GW_MODEL, "Qwen/Q@blue", "tokens"), 0);
    /* it is the engines that draw it */
    expect_number(GW_MODEL, "Qwen/Q@blue", "power", 1350);
}
END_TEST

START_TEST(a_model_has_its_tenant_its_engine_and_its_tokens)
{
    static const struct canned canned[] = {
        { "group_left () (sum by (namespace,pod)", VECTOR(POWER_OF("\"model_name\":\"m/7b\",\"namespace\":\"blue\"", "1350")) },
        { "group_left () (count by (namespace,pod)", VECTOR(POWER_OF("\"model_name\":\"m/7b\",\"namespace\":\"blue\"", "2")) },
        { "__name__", NAMES("\"vllm:generation_tokens_total\",\"vllm:num_requests_running\","
                            "\"vllm:time_to_first_token_seconds_bucket\"") },
        { "quantile", VECTOR(POWER_OF("\"model_name\":\"m/7b\",\"namespace\":\"blue\"", "0.31")) },
        { "rate", VECTOR(POWER_OF("\"model_name\":\"m/7b\",\"namespace\":\"blue\"", "1234.5")) },
        { "running", VECTOR(POWER_OF("\"model_name\":\"m/7b\",\"namespace\":\"blue\"", "3")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_MODEL, "m/7b@blue", "tokens", 1234.5);
    expect_number(GW_MODEL, "m/7b@blue", "running", 3);
    expect_number(GW_MODEL, "m/7b@blue", "ttft", 0.31);
    expect_number(GW_MODEL, "m/7b@blue", "power", 1350);
    expect_number(GW_MODEL, "m/7b@blue", "gpus", 2);
    expect_text(GW_MODEL, "m/7b@blue", "boundary", "GPUs, by power");
    expect_text(GW_MODEL, "m/7b@blue", "engine", "vllm");
    expect_text(GW_MODEL, "m/7b@blue", "tenant", "blue");
}
END_TEST

START_TEST(sglang_that_counts_by_mode_is_read_by_what_it_decodes_and_prefills)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"sglang:generation_tokens_total\",\"sglang:realtime_tokens_total\"") },
        { "mode=~\"prefill.*\"", VECTOR(POWER_OF("\"model_name\":\"m\",\"namespace\":\"blue\"", "9000")) },
        { "mode=\"decode\"", VECTOR(POWER_OF("\"model_name\":\"m\",\"namespace\":\"blue\"", "4500")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_MODEL, "m@blue", "tokens", 4500);
    expect_number(GW_MODEL, "m@blue", "tokens_in", 9000);
    /* Of a model that counts in both ways only one: what has no mode goes before. */
    ck_assert_ptr_nonnull(asked_with("(rate(sglang:generation_tokens_total{mode=\"\"}[120s]) or rate(sglang:realtime_tokens_total{mode=\"\"}[120s]))) or sum by ("));
}
END_TEST

/* An engine by the family that tells that it lives, the word for it, and whether it
 * counts tokens. */
static const struct {
    const char *family, *tokens, *engine;
} alive[] = { { "vllm:num_requests_running", "vllm:generation_tokens_total", "vllm" },
              { "sglang:num_running_reqs", "sglang:generation_tokens_total", "sglang" },
              { "trtllm_request_success_total", "trtllm_generation_tokens_total", "trtllm" },
              { "num_requests_running", "generation_tokens_total", "nim" },
              { "nv_inference_request_success", NULL, "triton" } };

START_TEST(every_engine_has_the_power_of_its_pods_by_energy_where_that_is_counted)
{
    char names[400];
    const struct canned canned[] = {
        { "group_left () (sum by (namespace,pod)", VECTOR(TOKENS_OF("model", "m", "blue", "1350")) },
        { "__name__", names },
        { "rate(", VECTOR(TOKENS_OF("model", "m", "blue", "40")) },
        { "model_name", VECTOR(TOKENS_OF("model", "m", "blue", "3")) },
        { 0 }
    };

    snprintf(names, sizeof(names), NAMES("\"%s\",\"%s\",\"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION\""), alive[_i].family,
             alive[_i].tokens ? alive[_i].tokens : "up");
    ask(canned, NULL);
    expect_number(GW_MODEL, "m@blue", "power", 1350);
    expect_text(GW_MODEL, "m@blue", "boundary", "GPUs, by energy");
    expect_text(GW_MODEL, "m@blue", "engine", alive[_i].engine);
    ck_assert((heard_number(out, GW_MODEL, "m@blue", "tokens") < 0) == !alive[_i].tokens);
    ck_assert_ptr_nonnull(asked_with("rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{GPU_I_ID=\"\",exported_pod!=\"\",}[120s])/1000"));
    ck_assert_ptr_nonnull(strstr(asked_with("group_left () (sum by"), alive[_i].family));
    ck_assert(engine_takes(asked_with("group_left () (sum by"), ",pod!~\"",
                           "nvidia-dcgm-exporter-x"));
}
END_TEST

START_TEST(a_queue_without_a_limit_has_no_quota)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"queue_deserved_gpus\",\"queue_allocated_gpus\"") },
        { "deserved", VECTOR(POWER_OF("\"queue_name\":\"a\"", "-1") "," POWER_OF("\"queue_name\":\"b\"", "16")) },
        { "allocated", VECTOR(POWER_OF("\"queue_name\":\"a\"", "4")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_QUEUE, "a", "gpus_running", 4);
    ck_assert_ptr_null(heard_value(out, GW_QUEUE, "a", "quota"));
    expect_number(GW_QUEUE, "b", "quota", 16);
}
END_TEST

START_TEST(what_is_kept_out_of_use_says_why_and_what_is_not_says_no)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"kube_node_spec_unschedulable\",\"kube_node_spec_taint\"") },
        { "== 0", VECTOR(POWER_OF("\"node\":\"n1\"", "0") "," POWER_OF("\"node\":\"n3\"", "0")) },
        { "== 1", VECTOR(POWER_OF("\"node\":\"n2\"", "1")) },
        { "kube_node_spec_taint{key=~\"(?i:.*maintenance.*)|", VECTOR(POWER_OF("\"node\":\"n3\"", "1")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_text(GW_NODE, "n1", "maintenance", "no");
    expect_text(GW_NODE, "n2", "maintenance", "cordoned");
    expect_text(GW_NODE, "n2", "state", "drain");
    expect_text(GW_NODE, "n3", "maintenance", "taint");
}
END_TEST

static const char *parent_of(enum gw_kind kind, const char *name)
{
    for (size_t i = 0; i < out->entity_count; i++)
        if (out->entities[i].kind == kind && strcmp(out->entities[i].name, name) == 0 &&
            out->entities[i].parent != GW_NONE)
            return out->entities[out->entities[i].parent].name;
    return "";
}

START_TEST(labels_name_what_a_rack_is_a_part_of)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "sum by (hostname", VECTOR(POWER_OF("\"Hostname\":\"n1\",\"rack\":\"r7\",\"dc_hall\":\"h1\",\"feed\":\"A\"", "5000") ","
                                     POWER_OF("\"Hostname\":\"n2\",\"dc_hall\":\"h2\"", "4000")) },
        { "sum by (rack,dc_hall,feed) (max by (", VECTOR(POWER_OF("\"rack\":\"r7\",\"dc_hall\":\"h1\"", "90000")) },
        { 0 }
    };
    static const struct heard_option labels[] = { { "hall_label", "dc_hall" },
                                                  { "feed_label", "feed" },
                                                  { "detail", "nodes" },
                                                  { 0 } };
    static const struct heard_option racks[] = { { "hall_label", "dc_hall" },
                                                 { "feed_label", "feed" },
                                                 { "detail", "racks" },
                                                 { 0 } };

    ask(canned, labels);
    ck_assert_str_eq(parent_of(GW_NODE, "n1"), "r7");
    ck_assert_str_eq(parent_of(GW_DOMAIN, "r7"), "h1");
    ck_assert_str_eq(parent_of(GW_DOMAIN, "h1"), "A");
    ck_assert_str_eq(parent_of(GW_NODE, "n2"), "h2");
    expect_text(GW_DOMAIN, "r7", "type", "rack");
    expect_text(GW_DOMAIN, "h2", "type", "hall");
    expect_text(GW_DOMAIN, "A", "type", "feed");
    tear_down();
    ask(canned, racks);
    expect_number(GW_DOMAIN, "r7", "power", 90000);
    ck_assert_str_eq(parent_of(GW_DOMAIN, "r7"), "h1");
}
END_TEST

START_TEST(what_waits_is_known_by_account_and_by_namespace)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"slurm_account_jobs_pending\",\"slurm_account_jobs_running\",\"slurm_partition_jobs_pending\",\"kube_pod_owner\","
                            "\"kube_pod_container_resource_requests\",\"kube_pod_status_phase\"") },
        { "account) ((slurm_account_jobs_pending", VECTOR(POWER_OF("\"account\":\"blue\"", "7")) },
        { "account) ((slurm_account_jobs_running", VECTOR(POWER_OF("\"account\":\"blue\"", "2")) },
        { "slurm_partition_jobs_pending", VECTOR(POWER_OF("\"partition\":\"train\"", "9")) },
        { "kube_pod_owner{owner_name!~\"<none>|\"}) or label_replace((kube_pod_owner{owner_name=~\"<none>|\"}),\"owner_name\",\"$1\",\"pod\",\"(.+)\"))"
          " * on (namespace,pod) group_left () max by (namespace,pod) (kube_pod_status_phase{phase=\"Pending\",})", VECTOR(POWER_OF("\"namespace\":\"red\"", "3")) },
        { "kube_pod_owner", VECTOR(POWER_OF("\"namespace\":\"red\"", "5")) },
        { "sum by (namespace) (max by (namespace,pod,container,resource)", VECTOR(POWER_OF("\"namespace\":\"red\"", "48")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_TENANT, "blue", "pending", 7);
    expect_number(GW_TENANT, "blue", "jobs", 2);
    expect_number(GW_QUEUE, "train", "pending", 9);
    expect_number(GW_TENANT, "red", "pending", 3);
    expect_number(GW_TENANT, "red", "jobs", 5);
    expect_number(GW_TENANT, "red", "gpus_pending", 48);
}
END_TEST

START_TEST(a_quarantined_node_is_drained_and_says_why)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"kube_node_status_condition\",\"fault_quarantine_current_quarantined_nodes\"") },
        { "== 1", VECTOR(POWER_OF("\"node\":\"n1\"", "1") "," POWER_OF("\"node\":\"n2\"", "1")) },
        { "quarantined", VECTOR(POWER_OF("\"node\":\"n2\"", "1")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_text(GW_NODE, "n1", "state", "up");
    expect_text(GW_NODE, "n2", "state", "drain");
    expect_text(GW_NODE, "n2", "reason", "quarantined by NVSentinel");
}
END_TEST

/* ---- what the configuration adds ---- */

START_TEST(queries_of_ones_own_are_asked_as_they_stand)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("") },
        { "query=sum by (feed) (pdu_kw{site=\"a\"} > 0)", VECTOR(POWER_OF("\"feed\":\"A\"", "1.5")) },
        { 0 }
    };
    static const struct heard_option rules[] = {
        { "queries", "# ours\nsum by (feed) (pdu_kw{site=\"a\"} > 0) -> domain.meter by feed in kW\n" }, { 0 }
    };

    ask(canned, rules);
    expect_number(GW_DOMAIN, "A", "meter", 1500);
}
END_TEST

static const struct {
    const char *rule, *words;
} bad_rules[] = {
    { "up", "queries: line 1: expected QUERY -> KIND.METRIC" },
    { "\nup -> domain.colour by a", "queries: line 2: no metric \"domain.colour\"" },
    { "up -> domain.meter", "say by which label it is named: by LABEL" },
    { "up -> domain.meter by rack in C", "meter cannot be in C" },
};

START_TEST(a_bad_query_is_refused_with_its_line)
{
    static const struct canned canned[] = { { "__name__", NAMES("") }, { 0 } };
    struct heard_option rules[] = { { "queries", bad_rules[_i].rule }, { 0 } };

    begin(canned, rules);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    ck_assert_msg(strstr(out->failure, bad_rules[_i].words) != NULL, "%s", out->failure);
}
END_TEST

START_TEST(dps_tells_limits_and_what_it_expects_of_nodes)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"prs_power_draw\",\"prs_power_prediction\",\"prs_power_limit\",\"prs_power_under_allocation\"") },
        { "label_replace((prs_power_draw{parameter=~\"gpu[0-9]+\"", VECTOR(POWER_OF("\"hostname\":\"n1\",\"gpu\":\"0\"", "640")) },
        { "label_replace((prs_power_limit{parameter=~\"gpu[0-9]+\"", VECTOR(POWER_OF("\"hostname\":\"n1\",\"gpu\":\"0\"", "700")) },
        { "prs_power_draw{parameter=\"total\"}", VECTOR(POWER_OF("\"hostname\":\"n1\"", "5400")) },
        { "prs_power_limit{parameter=\"total\"}", VECTOR(POWER_OF("\"hostname\":\"n1\"", "6000")) },
        { "prs_power_prediction{parameter=\"total\"}", VECTOR(POWER_OF("\"hostname\":\"n1\"", "5750")) },
        { " == 0", VECTOR(POWER_OF("\"hostname\":\"n2\"", "0")) },
        { " > 0", VECTOR(POWER_OF("\"hostname\":\"n1\"", "1")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_NODE, "n1", "power", 5400);
    /* of what it steers, not of the node */
    ck_assert(heard_value(out, GW_NODE, "n1", "power")->estimated);
    expect_number(GW_NODE, "n1", "cap", 6000);
    expect_number(GW_NODE, "n1", "power_predicted", 5750);
    expect_text(GW_NODE, "n1", "near_limit", "yes");
    expect_text(GW_NODE, "n2", "near_limit", "no");
    expect_number(GW_GPU, "n1/0", "power", 640);
    expect_number(GW_GPU, "n1/0", "power_limit", 700);
    ck_assert_ptr_null(strstr(out->notes, "families of DPS"));
    ck_assert_msg(strstr(out->notes, "dps (7)"), "%s", out->notes);
}
END_TEST

START_TEST(where_gpus_have_an_exporter_the_sum_of_dps_is_not_asked_for)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"prs_power_draw\",\"prs_power_limit\",\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_ENFORCED_POWER_LIMIT\"") },
        { "prs_power_limit{unit=\"total\"}", VECTOR(POWER_OF("\"hostname\":\"n1\"", "6000")) },
        { 0 }
    };
    static const struct heard_option unit[] = { { "dps_label", "unit" }, { 0 } };

    ask(canned, unit);
    expect_number(GW_NODE, "n1", "cap", 6000);
    ck_assert_ptr_null(asked_with("prs_power_draw"));
    ck_assert_ptr_null(asked_with("label_replace((prs_power_limit"));
}
END_TEST

/* What is there and would be left out in silence. */
START_TEST(families_of_dps_are_noted)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"dps_a\",\"dps_b\",\"dpsx\",\"DCGM_FI_DEV_GPU_TEMP\"") }, { 0 } };

    ask(canned, NULL);
    ck_assert_msg(strstr(out->notes, "2 families of DPS"), "%s", out->notes);
}
END_TEST

START_TEST(labels_to_match_and_the_urls_own_path_are_in_every_question)
{
    static const struct heard_option match[] = { { "match", "cluster=\"a\"" }, { 0 } };

    begin(holders, match);
    out->target.path = "/select/0/prometheus/?dedup=true";
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    for (size_t i = 0; i < asked_count; i++) {
        ck_assert_msg(strncmp(asked[i], "/select/0/prometheus/api/v1/", 28) == 0, "%s",
                      asked[i]);
        ck_assert_ptr_nonnull(strstr(asked[i], "&dedup=true"));
        if (strstr(asked[i], "query="))
            ck_assert_msg(strstr(asked[i], "DCGM_FI_DEV_POWER_USAGE{cluster=\"a\"}") != NULL, "%s", asked[i]);
    }
}
END_TEST

START_TEST(an_engine_that_does_not_tell_its_families_is_asked_for_all)
{
    static const struct canned canned[] = {
        { "__name__", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"not here\"}", 422 },
        { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_GPU, "n1/0", "power", 412.5);
    ck_assert_uint_gt(asked_count, 60);
}
END_TEST

/* ---- the past ---- */

#define MATRIX(series) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" series "]}}"

START_TEST(the_past_is_told_in_order_and_after_the_present_is_handed_over)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "query_range?query=sum by (rack)", MATRIX("{\"metric\":{\"rack\":\"r1\"},\"values\":[[1795350000,\"10\"],[1795350015,\"20\"]]}") },
        { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
        { 0 }
    };
    size_t present = 0;

    begin(canned, NULL);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    while (isnan(out->values[present].time))
        present++;
    ck_assert_uint_gt(present, 0);
    for (size_t i = present; i < out->value_count; i++)
        ck_assert(!isnan(out->values[i].time) && out->values[i].past);
    ck_assert_double_eq(out->values[present].time, 1795350000);
    ck_assert_double_eq(out->values[present].number, 10);
    ck_assert_double_eq(out->values[present + 1].time, 1795350015);
    ck_assert_uint_ge(out->sent, 2);
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range"));      /* once is enough */
}
END_TEST

/* Each answer takes four seconds: of the past's, two fit into half an interval. */
START_TEST(
    a_slow_past_leaves_half_of_each_interval_to_the_present_and_goes_on_in_the_next_poll)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") }, { 0 } };
    size_t ranges, all = 0;

    begin(canned, (const struct heard_option[]){
                      { "history", "2h" }, { "window", "1.5m" }, { 0 } });
    out->target.no_stream = false;
    out->target.interval_s = 15;
    answer_s = 4;
    do {
        asked_count = ranges = 0;
        ck_assert_int_eq(heard_poll(out), GW_DONE);
        ck_assert_str_eq(out->warning, "");
        /* what follows has the time of the poll */
        ck_assert_double_eq(out->limit, 0);
        for (size_t i = 0; i < asked_count; i++)
            ranges += strstr(asked[i], "query_range") != NULL;
        ck_assert_uint_le(ranges, 2);
        all += ranges;
        /* two hours of three sums, and the minutes between */
        ck_assert_uint_le(all, 6);
        out->clock += 15;
    } while (ranges);
    ck_assert_uint_eq(all, 6);
}
END_TEST

/* What has no room in a chart would be asked for and thrown away. */
START_TEST(a_history_longer_than_a_chart_is_refused)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") }, { 0 } };

    begin(canned, (const struct heard_option[]){ { "history", "48h" }, { 0 } });
    ck_assert_int_eq(promql_source.open(&heard_api, &out->target, out), GW_FAILED);
    ck_assert_msg(strstr(out->failure, "history: expected a time up to 2h, which is what a chart holds, or 0, got \"48h\""), "%s", out->failure);
}
END_TEST

/* Who is asked once tells of the past only where that is shown. */
START_TEST(a_one_shot_that_shows_a_trend_is_told_the_past)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "query_range?query=sum by (rack)", MATRIX("{\"metric\":{\"rack\":\"r1\"},\"values\":[[1795350000,\"10\"],[1795350015,\"20\"]]}") },
        { 0 }
    };

    begin(canned, NULL);
    out->target.looks_back = true;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_double_eq(heard_value(out, GW_DOMAIN, "r1", "power")->time, 1795350015);
    tear_down();
    begin(canned, NULL);
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range"));
}
END_TEST

/* ---- today ---- */

/* 2 pm and 49 minutes; a point stands for the five minutes before it, and what is left of
 * the day for itself. */
static const struct canned of_today[] = {
    { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
    { "query_range?query=sum((max by", MATRIX("{\"metric\":{},\"values\":[[1795354000,\"50\"]]}") },
    { "step=244.000", MATRIX("{\"metric\":{\"namespace\":\"blue\"},\"values\":[[1795358944,\"1000\"]]}") },
    { "&start=1795305900.000&end=1795309200", MATRIX("{\"metric\":{\"namespace\":\"blue\"},\"values\":[[1795305900,\"100\"],[1795306200,\"300\"]]},"
                                               "{\"metric\":{\"namespace\":\"gone\"},\"values\":[[1795305900,\"10\"]]},"
                                               "{\"metric\":{\"namespace\":\"gpu-operator\"},\"values\":[[1795305900,\"10\"]]}") },
    { "query_range", MATRIX("") },
    { "> bool -1)", VECTOR(POWER_OF("\"namespace\":\"blue\"", "8")) },
    { "query=sum by (namespace", VECTOR(POWER_OF("\"namespace\":\"blue\"", "4000")) },
    { 0 }
};
static const struct heard_option by_nodes[] = { { "detail", "nodes" },
                                                { "history", "0" },
                                                { 0 } };

START_TEST(what_tenants_used_today_is_added_up_where_the_engine_sums)
{
    double midnight = 1795358944 - 53344;

    begin(of_today, by_nodes);
    out->target.no_stream = false;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_str_eq(out->warning, "");
    expect_number(GW_TENANT, "blue", "energy", 300 * (100 + 300) + 244 * 1000);
    ck_assert(heard_value(out, GW_TENANT, "blue", "energy")->estimated);
    expect_number(GW_TENANT, "blue", "energy_since", midnight);
    expect_text(GW_TENANT, "blue", "boundary", "GPUs, by power");
    expect_number(GW_TENANT, "gone", "energy", 300 * 10);    /* it holds nothing now */
    expect_number(GW_TENANT, "unallocated", "energy",
                  14 * 300 * 50 + 300 * 50 + 244 * 50);
    ck_assert_uint_eq(heard_count(out, GW_TENANT), 3);
    asked_count = 0;
    out->clock += 15;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    /* from here on the model counts */
    ck_assert_ptr_null(asked_with("query_range"));
    out->clock += 600;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_nonnull(asked_with("query_range"));       /* which missed this */
}
END_TEST

/* Where nodes have meters, with what these read above their GPUs: as the model counts
 * from then on. */
START_TEST(what_tenants_used_today_is_known_where_there_are_rows_of_gpus_too)
{
    static const struct heard_option by_gpus[] = { { "detail", "gpus" },
                                                   { "history", "0" },
                                                   { 0 } };
    struct canned canned[sizeof(of_today) / sizeof(*of_today)];

    memcpy(canned, of_today, sizeof(canned));
    canned[5] = (struct canned){ "hpc_job", VECTOR(POWER_OF(GPU("0") ",\"namespace\":\"blue\",\"pod\":\"train-0\"", "600")) };
    begin(canned, by_gpus);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    expect_number(GW_TENANT, "blue", "energy", 300 * (100 + 300) + 244 * 1000);
    expect_number(GW_TENANT, "unallocated", "energy",
                  14 * 300 * 50 + 300 * 50 + 244 * 50);
    ck_assert_ptr_null(asked_with("ipmi_dcmi"));
    tear_down();
    canned[0].answer = NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"ipmi_dcmi_power_consumption_watts\"");
    begin(canned, by_gpus);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    expect_number(GW_TENANT, "blue", "energy", 300 * (100 + 300) + 244 * 1000);
    ck_assert_ptr_nonnull(
        strstr(asked_with("query_range?query=sum by (namespace"), "ipmi_dcmi"));
    tear_down();
    canned[5].answer = NULL;            /* nobody tells whose they are */
    begin(canned, by_gpus);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range"));
}
END_TEST

START_TEST(a_slow_engine_tells_of_today_in_several_polls)
{
    begin(of_today, by_nodes);
    out->target.no_stream = false;
    out->target.interval_s = 15;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    tear_down();
    begin(of_today, by_nodes);
    out->target.no_stream = false;
    out->target.interval_s = 15;
    answer_s = 1;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(heard_value(out, GW_TENANT, "blue", "energy"));
    for (int i = 0; i < 8 && !heard_value(out, GW_TENANT, "blue", "energy"); i++)
        ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_double_ge(heard_number(out, GW_TENANT, "blue", "energy"),
                        300 * (100 + 300));
    ck_assert_double_eq(heard_number(out, GW_TENANT, "gone", "energy"), 300 * 10);
}
END_TEST

START_TEST(an_engine_that_cannot_tell_of_today_is_not_believed_to_have_used_nothing)
{
    struct canned canned[sizeof(of_today) / sizeof(*of_today)];

    memcpy(canned, of_today, sizeof(canned));
    canned[4] = (struct canned){ "query_range", "{\"status\":\"error\",\"error\":\"too many samples\"}", 422 };
    begin(canned, by_nodes);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(heard_value(out, GW_TENANT, "blue", "energy"));
    ck_assert_msg(
        strstr(out->warning, "since midnight is not told: dcgm: too many samples"), "%s",
        out->warning);
}
END_TEST

/* What the cache has of two hours that end now, in minutes from now, and the ranges that
 * are asked for. */
static const struct {
    double since, until;
    const char *from[2];        /* minutes from now: of the first range, and of what
                                 * comes behind what is known */
} known[] = {
    { 0, 0, { "start=1795351740", NULL } },                     /* nothing: all */
    { -200, 0, { NULL, NULL } },                                /* all: nothing */
    { -30, 0, { "start=1795351740", NULL } },                   /* up to then */
    { -200, -30, { NULL, "start=1795357140" } },                /* since then */
    { -60, -30, { "start=1795351740", "start=1795357140" } },   /* both */
    { -400, -300, { "start=1795351740", NULL } },               /* older than what is wanted */
};

START_TEST(what_the_cache_has_of_the_past_is_not_asked_for)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") }, { 0 } };
    const char *last = known[_i].since < known[_i].until && known[_i].until == 0
                           ? "end=17953571"
                           : "end=1795358";
    size_t ranges = 0;

    begin(canned, (const struct heard_option[]){ { "history", "2h" }, { 0 } });
    out->clock = 1795358940;
    out->target.no_stream = false;
    if (known[_i].since < known[_i].until) {
        out->target.known_since = out->clock + 60 * known[_i].since;
        out->target.known_until = out->clock + 60 * known[_i].until;
    }
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    for (size_t i = 0; i < 2; i++) {
        if (known[_i].from[i])
            ck_assert_ptr_nonnull(asked_with(known[_i].from[i]));
        ranges += known[_i].from[i] != NULL;
    }
    ck_assert((asked_with("query_range") != NULL) == (ranges > 0));
    if (ranges)
        ck_assert_ptr_nonnull(asked_with(last));
    ck_assert((asked_with("start=1795357140") != NULL) == (known[_i].from[1] != NULL));
}
END_TEST

/* What the engine says of the past, and whether it is asked for all there is of it. */
static const struct {
    int status;
    const char *says;
} no_past[] = { { 429, "told yet, and asked for again in 30 s" },
                { 503, "told yet, and asked for again in 30 s: dcgm: too busy" } };

START_TEST(
    an_engine_that_does_not_tell_the_past_is_asked_again_ever_more_seldom_and_the_present_does_not_wait)
{
    struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
                               { "query_range", "{\"status\":\"error\",\"error\":\"too busy\"}", no_past[_i].status },
                               { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
                               { 0 } };

    begin(canned, NULL);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    expect_number(GW_GPU, "n1/0", "power", 412.5);
    ck_assert(isnan(out->values[out->value_count - 1].time));
    ck_assert_msg(strstr(out->warning, no_past[_i].says) != NULL, "%s", out->warning);
    for (unsigned wait_s = 30; wait_s <= 960; wait_s *= 2) {
        out->clock += wait_s - 1;
        asked_count = 0;
        ck_assert_int_eq(heard_poll(out), GW_DONE);
        ck_assert_ptr_null(asked_with("query_range"));
        out->clock += 1;
        asked_count = 0;
        ck_assert_int_eq(heard_poll(out), GW_DONE);
        ck_assert_ptr_nonnull(asked_with("query_range"));
    }
    canned[1] = (struct canned){ "query_range?query=sum by (rack)", MATRIX("{\"metric\":{\"rack\":\"r1\"},\"values\":[[1795350000,\"10\"]]}") };
    out->clock += 1920;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_nonnull(asked_with("query_range"));
    ck_assert_double_eq(out->values[out->value_count - 1].time, 1795350000);
    ck_assert_str_eq(out->warning, "");
    out->clock += 3600;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range"));
}
END_TEST

/* What comes of two of the three questions about the past, and whether the third is the
 * only one asked again. */
START_TEST(a_retry_of_the_past_asks_only_for_what_was_not_told_and_can_be)
{
    struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
                               { "query_range?query=sum by (rack)", MATRIX("{\"metric\":{\"rack\":\"r1\"},\"values\":[[1795350000,\"10\"]]}") },
                               { "query_range?query=sum by (namespace", "{\"status\":\"error\",\"error\":\"too many samples\"}", 422 },
                               { "query_range", "{\"status\":\"error\",\"error\":\"too busy\"}", 503 },
                               { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
                               { 0 } };

    begin(canned, NULL);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_nonnull(strstr(out->warning, "told yet, and asked for again in 30 s"));
    canned[3] = (struct canned){ "start=1795351740&", MATRIX("{\"metric\":{},\"values\":[[1795351740,\"10\"]]}") };
    canned[4] = (struct canned){ "query_range", "{\"status\":\"error\",\"error\":\"too busy\"}", 503 };
    out->clock = 1795358940 + 60;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range?query=sum by (rack)"));
    ck_assert_ptr_null(asked_with("query_range?query=sum by (namespace"));
    ck_assert_ptr_nonnull(asked_with("query_range?query=sum(max by"));
    out->clock += 60;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_nonnull(asked_with("query_range?query=sum(max by"));
}
END_TEST

START_TEST(an_engine_that_cannot_work_out_the_past_is_not_asked_for_it_again)
{
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
                                            { "query_range", "{\"status\":\"error\",\"error\":\"too many samples\"}", 422 },
                                            { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
                                            { 0 } };

    begin(canned, NULL);
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_str_eq(
        out->warning,
        "the engine does not tell all of the past of power: dcgm: too many samples");
    out->clock += 3000;
    asked_count = 0;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_ptr_null(asked_with("query_range"));
}
END_TEST

START_TEST(meters_have_a_past_of_their_own_that_is_no_sum_of_gpus)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"ipmi_dcmi_power_consumption_watts\"") },
        { "query_range?query=sum by (feed)", MATRIX("{\"metric\":{\"feed\":\"A\"},\"values\":[[1795350000,\"10\"]]}") },
        { 0 }
    };
    const struct heard_value *first = NULL;

    begin(canned,
          (const struct heard_option[]){
              { "queries", "sum by (feed) (pdu_kw) -> domain.meter by feed in kW\n"
                           "max(pue) -> node.temp" },
              { 0 } });
    out->target.no_stream = false;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    for (size_t i = 0; i < out->value_count && !first; i++)
        first = isnan(out->values[i].time) ? NULL : &out->values[i];
    ck_assert_ptr_nonnull(first);
    ck_assert_str_eq(out->entities[first->entity].name, "A");
    ck_assert_double_eq(first->time, 1795350000);
    ck_assert_double_eq(first->number, 10000);
    /* of which there is no chart */
    ck_assert_ptr_null(asked_with("query_range?query=max(pue)"));
    /* of the site: the feeds' meters say it */
    ck_assert_ptr_null(asked_with("query_range?query=sum(max by"));
    ck_assert_ptr_nonnull(asked_with("query_range?query=sum by (rack) (max by ("));
    ck_assert_ptr_nonnull(strstr(asked_with("query_range?query=sum by (rack) (max by ("),
                                 "ipmi_dcmi_power_consumption_watts"));
}
END_TEST

/* ---- answers ---- */

static const struct canned whole[] = {
    { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\" , \"a\"") },
    { "query=max by", " {\"data\" : { \"result\" : [ {\"value\": [ 1795358944.5 , \"41\" ], \"metric\":\n"
      "{ \"Hostname\":\"n\\u00fc\\ud83d\\ude80\\\"1\" , \"gpu\" :\"0\",\"x\":\"\\u003c\\/\\ud800\" } , \"more\":[{}, [1,\"]\"]] } ,\n"
      "{\"metric\":{\"Hostname\":\"n2\",\"gpu\":\"7\"},\"value\":[1795358944.5,\"+Inf\"]}] ,\"resultType\":\"vector\"},\r\n"
      "\"infos\":[\"i\"],\"warnings\":[\"w \\\"1\\\"\",\"w2\"],\"status\":\"success\" , \"isPartial\":true}\n" },
    { 0 }
};

START_TEST(an_answer_is_the_same_wherever_it_is_cut)
{
    begin(whole, NULL);
    out->piece = (size_t)_i;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    expect_number(GW_GPU, "nü🚀\"1/0", "temp", 41);
    ck_assert(isnan(heard_number(out, GW_GPU, "n2/7", "temp")));
    ck_assert_str_eq(out->gap, "a partial answer: w \"1\"");
}
END_TEST

/* Of what is in it, where nothing is looked for, nothing is told, wherever the pieces
 * end. */
START_TEST(a_series_without_end_is_refused)
{
    enum { LONG = 3 << 20, PIECE = 1 << 21, REST = 100000, EVERY = 1000 };
    static char text[LONG + PIECE + 1000];
    static const struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\"") }, { "query=max by", text }, { 0 } };
    static const char other[] = "{\"metric\":{\"Hostname\":\"n2\",\"gpu\":\"7\"},\"value\":[1,\"5\"]},";
    static const int blanks[] = { 0, PIECE - REST, PIECE - 1000 };
    int len = snprintf(text, sizeof(text), "{\"data\":{\"x\":\"%*s\",\"result\":[{\"x\":[", blanks[_i], "");

    memset(text + len, ' ', LONG);
    for (int at = 0; at < LONG; at += EVERY)
        memcpy(text + len + at, other, sizeof(other) - 1);
    snprintf(text + len + LONG, 10, "0]}]}}");
    begin(canned, NULL);
    out->piece = PIECE;
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    ck_assert_str_eq(out->failure, "a series of more than 1 MiB");
    ck_assert_uint_eq(out->value_count, 0);
}
END_TEST

/* An info is about the query ("might not be a counter"), not about what is missing. */
START_TEST(an_info_is_no_gap)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\"") },
        { "query=max by", "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]},\"infos\":[\"i\"]}" },
        { 0 }
    };

    ask(canned, NULL);
    ck_assert(!out->partial);
}
END_TEST

START_TEST(racks_that_are_summed_say_how_much_of_them_is_measured)
{
    static const struct heard_option racks[] = { { "detail", "racks" }, { NULL, NULL } };
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "avg by (rack) (up", VECTOR(POWER_OF("\"rack\":\"r1\"", "0.75")) }, { 0 }
    };

    ask(canned, racks);
    expect_number(GW_DOMAIN, "r1", "coverage", 75);
}
END_TEST

/* Series that are mostly like the one before, each in another way not: longer and shorter
 * values, none, escapes, labels more and less, others in their place, blanks, members the
 * other way round, two points, a value that is no text. */
static const char *const forms[] = {
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"\\u006e%d\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"instance\":\"n%d\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\",\"rack\":\"r\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\",\"rack\":\"\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\",\"rack\":\"r\"}, \"value\":[1795358944,\"%d.25\"]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\"},\"values\":[[1,\"3\"],[1795358944.5,\"%d.25\"]]}",
    "{\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\"},\"value\":[1795358944.5,%d.25]}",
    "{\"metric\":{\"__name__\":\"x\",\"__name__\":\"y\",\"gpu\":\"%d\",\"node\":\"n%d\"},\"value\":[1795358944.5,\"%d.25\"]}",
    "{\"more\":[\"]\"],\"metric\":{\"gpu\":\"%d\",\"node\":\"n%d\"},\"value\":[ 1795358944.5 , \"%d.25\" ]}",
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]), SERIES = 400 };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static size_t print_series(char *to, size_t room, int i)
{
    /* Each form follows each other, and itself. */
    return (size_t)snprintf(to, room, forms[i / 3 % 2 ? i % FORMS : i * 7 / 5 % FORMS],
                            i % 8, i / 8 * i, i * i % 1009);
}
#pragma GCC diagnostic pop

START_TEST(what_is_like_the_series_before_is_read_as_if_it_were_not)
{
    static char text[SERIES * 160];
    struct canned canned[] = { { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\""), 0 }, { "query=up", text, 0 }, { 0 } };
    static const struct heard_option own[] = { { "sets", "none" },
                                               { "queries", "up -> gpu.power" },
                                               { 0 } };
    size_t len = (size_t)sprintf(text, "{\"data\":{\"result\":[");
    char name[40];

    for (int i = 0; i < SERIES; i++) {
        len += print_series(text + len, sizeof(text) - len, i);
        text[len++] = ',';
    }
    snprintf(text + len - 1, 20, "]}}");
    begin(canned, own);
    out->piece = (size_t)_i * 61;       /* 0: in one */
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    for (int i = 8; i < SERIES; i++) {
        snprintf(name, sizeof(name), "n%d/%d", i / 8 * i, i % 8);
        expect_number(GW_GPU, name, "power", i * i % 1009 + .25);
    }
}
END_TEST

static const struct {
    const char *answer;
    int status;
    const char *words;
} bad_answers[] = {
    { "", 200, "an empty answer" },
    { "<html><body>Sign in</body></html>", 200, "a web page instead of an answer" },
    { "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"2\"]}", 200,
      "cut off after 1 series" },
    { "{\"status\":\"success\",\"data\":{\"result\":[{]}}}", 200, "no answer of a Prometheus API: \"{]}}}\"" },
    { "{\"status\":\"success\"}{\"status\"", 200, "no answer of a Prometheus API" },
    { "{\"hello\":[1,2,3]}", 200, "no answer of a Prometheus API: it has no data" },
    { "nope", 200, "no answer of a Prometheus API: \"nope\"" },
    { "Client sent an HTTP request to an HTTPS server.\n", 400, "is it prom+https:// ?" },
    { "no org id\n", 401, "which tenant asks (401 no org id); see headers: with X-Scope-OrgID" },
    { "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"the query exceeded the maximum number of chunks (limit: 2000000 chunks) "
      "(err-mimir-max-chunks-per-query)\"}", 422, "dcgm: the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query)" },
    { "", 401, "401 unauthorized" }, { "<html>", 403, "403 forbidden" }, { "x", 404, "the URL ends before /api/v1" },
    { "", 429, "asks too often" }, { "oops", 500, "dcgm: the engine answers with status 500" },
    { "{\"status\":\"error\",\"error\":\"query timed out\\u001b[2J\"}", 503, "dcgm: query timed out" },
    { "{\"status\":\"error\",\"error\":\"too many samples\"}", 200, "dcgm: too many samples" },
};

/* Thanos, of whose stores one does not answer; what it adds of its own is skipped. */
START_TEST(what_thanos_lacks_is_told)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") },
        { "query=max by",
          "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[" POWER_OF(GPU("0") ",\"replica\":\"a\"", "412.5") "],"
          "\"analysis\":{\"name\":\"[deduplicate]\",\"executionTime\":\"1ms\",\"children\":[{\"name\":\"x\",\"children\":null}]}},"
          "\"warnings\":[\"receive series from Addr: 10.0.0.7:10901 LabelSets: {replica=\\\"b\\\"} MinTime: 1795350000000 MaxTime: 1795358944000: "
          "rpc error: code = Unavailable desc = connection refused\"]}" },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_GPU, "n1/0", "power", 412.5);
    ck_assert(out->partial);
    ck_assert_msg(strstr(out->gap, "a partial answer: receive series from Addr: 10.0.0.7:10901 LabelSets: {replica=\"b\"}"), "%s", out->gap);
}
END_TEST

/* Mimir refuses what is too large for a tenant, and answers the rest. */
START_TEST(a_limit_of_mimir_spoils_only_what_is_beyond_it)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_SM_CLOCK\"") },
        { "SM_CLOCK", "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"the query exceeded the maximum number of series (limit: 100000 series) "
                      "(err-mimir-max-series-per-query)\"}", 422 },
        { "query=max by", VECTOR(POWER_OF(GPU("0"), "412.5")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_GPU, "n1/0", "power", 412.5);
    ck_assert_msg(
        strstr(out->warning,
               "queries failed; dcgm: the query exceeded the maximum number of series") !=
            NULL,
        "%s", out->warning);
}
END_TEST

START_TEST(every_bad_answer_has_its_sentence)
{
    struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\",\"DCGM_FI_DEV_SM_CLOCK\",\"DCGM_FI_DEV_MEMORY_TEMP\","
                            "\"DCGM_FI_DEV_XID_ERRORS\"") },
        { "query", bad_answers[_i].answer, bad_answers[_i].status },
        { 0 }
    };

    begin(canned, NULL);
    ck_assert_int_eq(heard_poll(out), GW_FAILED);
    ck_assert_msg(strstr(out->failure, bad_answers[_i].words) != NULL, "%s",
                  out->failure);
    ck_assert_ptr_null(strchr(out->failure, '\033'));
}
END_TEST

START_TEST(one_query_that_fails_does_not_spoil_the_others)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_GPU_TEMP\",\"DCGM_FI_DEV_SM_CLOCK\"") },
        { "SM_CLOCK)", "{\"status\":\"error\",\"error\":\"no shard\"}", 422 },
        { "GPU_TEMP)", VECTOR(POWER_OF(GPU("0"), "61")) },
        { 0 }
    };

    ask(canned, NULL);
    expect_number(GW_GPU, "n1/0", "temp", 61);
    ck_assert_msg(strstr(out->warning, "queries failed; dcgm: no shard") != NULL, "%s",
                  out->warning);
}
END_TEST

START_TEST(a_slow_engine_is_not_silent)
{
    static const struct canned canned[] = { { "__name__", NULL, 501 }, { 0 } };

    ask(canned, NULL);
    ck_assert_uint_eq(out->sent, 0);
    tear_down();
    begin(canned, NULL);
    answer_s = 0.4;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    /* Three answers take more than a second. */
    ck_assert_uint_ge(out->sent, asked_count / 3 - 1);
}
END_TEST

#define EXPORTER(n) POWER_OF("\"job\":\"dcgm\",\"instance\":\"n" n ":9400\"", "0")

START_TEST(exporters_that_the_engine_misses_are_told)
{
    static const struct canned canned[] = {
        { "__name__", NAMES("\"DCGM_FI_DEV_POWER_USAGE\"") }, { "count(up == 0", VECTOR(POWER_OF("", "5")) },
        { "up == 0 and", VECTOR(EXPORTER("3") "," EXPORTER("5") "," EXPORTER("6") "," EXPORTER("7") "," EXPORTER("8")) },
        /* the first is of another, whom the expression fits, too */
        { "n3.9400|n5.9400|n6", VECTOR(POWER_OF("\"Hostname\":\"gpu-9\",\"instance\":\"n3-9400\"", "1") ","
                                       POWER_OF("\"Hostname\":\"gpu-3\",\"instance\":\"n3:9400\"", "1") "," POWER_OF("\"instance\":\"n5:9400\"", "1")) }, { 0 }
    };

    ask(canned, NULL);
    ck_assert_str_eq(
        out->gap,
        "5 exporters of GPUs do not answer the engine (up == 0): n3:9400, n5:9400, n6:9400 and 2 more");
    ck_assert_double_eq(out->missing, 5);
    /* By what the engine remembers of each, and of whom it does not nobody says so. */
    expect_text(GW_NODE, "gpu-3", "silence",
                "its exporter n3:9400 does not answer the engine");
    expect_text(GW_NODE, "n5", "silence",
                "its exporter n5:9400 does not answer the engine");
    expect_text(GW_NODE, "n6", "silence", "(never)");
}
END_TEST

/* ---- real answers ---- */

static char *recorded;
static size_t recorded_len;

static bool replay(struct gw_out *o, const char *path, struct gw_reply *reply)
{
    (void)o;
    reply->status = 200;
    reply->text = strstr(path, "__name__")  ? NAMES("\"DCGM_FI_DEV_POWER_USAGE\"")
                  : strstr(path, "hpc_job") ? recorded
                                            : VECTOR("");
    reply->len = reply->text == recorded ? recorded_len : strlen(reply->text);
    return true;
}

START_TEST(of_16_real_gpus_one_has_a_tenant)
{
    size_t held = 0;

    recorded = heard_file(
        "GW_SERVERS", "samples/prometheus-api/query_DCGM_FI_DEV_POWER_USAGE_16xH100.json",
        &recorded_len);
    if (!recorded)
        return;                 /* a real answer is not to be had here */
    begin(holders, NULL);
    out->web = replay;
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_int_eq(heard_poll(out), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 16);
    for (size_t i = 0; i < out->value_count; i++)
        held += strcmp(promql_source.metrics[out->values[i].metric].name, "tenant") ==
                    0 &&
                out->values[i].text[0];
    ck_assert_uint_eq(held, 1);
    free(recorded);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("promql");
    Suite *suite = suite_create("promql");
    SRunner *runner;
    int failed;

    setenv("TZ", "UTC", 1);
    tcase_add_checked_fixture(c, NULL, tear_down);
    tcase_add_test(c, both_spellings_of_dcgm_are_one_metric);
    tcase_add_test(c, an_idle_gpu_that_carries_the_exporters_labels_is_free);
    tcase_add_test(c, exported_labels_outrank_those_of_the_scrape);
    tcase_add_test(c, a_gpu_that_two_share_has_both);
    tcase_add_test(c, what_dcgm_calls_blank_is_unknown);
    tcase_add_test(
        c, memory_is_summed_by_the_engine_and_estimated_without_the_reserved_part);
    tcase_add_test(c, a_large_site_is_asked_for_nodes_and_tenants);
    tcase_add_loop_test(c, who_exports_holds_nothing_whether_an_engine_sums_or_not, 0,
                        (int)(sizeof(who) / sizeof(who[0])));
    tcase_add_test(
        c, sharers_of_a_gpu_have_estimated_parts_and_of_who_let_go_nothing_is_known);
    tcase_add_test(
        c, the_power_of_nodes_with_meters_is_that_of_the_meters_and_no_sum_of_gpus);
    tcase_add_test(c, a_larger_one_is_asked_for_racks);
    tcase_add_test(c, what_is_free_is_asked_for_only_where_somebody_says_what_is_held);
    tcase_add_test(c,
                   what_nodes_draw_beside_their_gpus_is_joined_by_the_name_of_the_node);
    tcase_add_test(c, who_wants_single_gpus_gets_them);
    tcase_add_test(c, what_somebody_looks_into_is_asked_more_closely);
    tcase_add_test(c, rates_are_taken_over_the_window_that_is_configured);
    tcase_add_test(c, what_is_asked_for_anyhow_is_not_asked_more_closely);
    tcase_add_test(c, a_rack_that_is_looked_into_shows_its_nodes);
    tcase_add_test(
        c,
        tokens_of_an_engine_behind_a_frontend_of_its_model_and_tenant_are_not_counted_again);
    tcase_add_test(c, a_model_has_its_tenant_its_engine_and_its_tokens);
    tcase_add_test(c, sglang_that_counts_by_mode_is_read_by_what_it_decodes_and_prefills);
    tcase_add_loop_test(
        c, every_engine_has_the_power_of_its_pods_by_energy_where_that_is_counted, 0,
        (int)(sizeof(alive) / sizeof(*alive)));
    tcase_add_test(c, a_queue_without_a_limit_has_no_quota);
    tcase_add_test(c, what_is_kept_out_of_use_says_why_and_what_is_not_says_no);
    tcase_add_test(c, labels_name_what_a_rack_is_a_part_of);
    tcase_add_test(c, what_waits_is_known_by_account_and_by_namespace);
    tcase_add_test(c, a_quarantined_node_is_drained_and_says_why);
    tcase_add_test(c, queries_of_ones_own_are_asked_as_they_stand);
    tcase_add_loop_test(c, a_bad_query_is_refused_with_its_line, 0,
                        (int)(sizeof(bad_rules) / sizeof(bad_rules[0])));
    tcase_add_test(c, dps_tells_limits_and_what_it_expects_of_nodes);
    tcase_add_test(c, where_gpus_have_an_exporter_the_sum_of_dps_is_not_asked_for);
    tcase_add_test(c, families_of_dps_are_noted);
    tcase_add_test(c, a_history_longer_than_a_chart_is_refused);
    tcase_add_test(c, a_one_shot_that_shows_a_trend_is_told_the_past);
    tcase_add_test(c, what_tenants_used_today_is_added_up_where_the_engine_sums);
    tcase_add_test(c, what_tenants_used_today_is_known_where_there_are_rows_of_gpus_too);
    tcase_add_test(c, a_slow_engine_tells_of_today_in_several_polls);
    tcase_add_test(
        c, an_engine_that_cannot_tell_of_today_is_not_believed_to_have_used_nothing);
    tcase_add_test(c, labels_to_match_and_the_urls_own_path_are_in_every_question);
    tcase_add_test(c, an_engine_that_does_not_tell_its_families_is_asked_for_all);
    tcase_add_test(c, the_past_is_told_in_order_and_after_the_present_is_handed_over);
    tcase_add_test(
        c,
        a_slow_past_leaves_half_of_each_interval_to_the_present_and_goes_on_in_the_next_poll);
    tcase_add_loop_test(c, what_the_cache_has_of_the_past_is_not_asked_for, 0,
                        sizeof(known) / sizeof(known[0]));
    tcase_add_loop_test(
        c,
        an_engine_that_does_not_tell_the_past_is_asked_again_ever_more_seldom_and_the_present_does_not_wait,
        0, 2);
    tcase_add_test(c, a_retry_of_the_past_asks_only_for_what_was_not_told_and_can_be);
    tcase_add_test(c, an_engine_that_cannot_work_out_the_past_is_not_asked_for_it_again);
    tcase_add_test(c, meters_have_a_past_of_their_own_that_is_no_sum_of_gpus);
    tcase_add_loop_test(c, an_answer_is_the_same_wherever_it_is_cut, 0, 40);
    tcase_add_loop_test(c, a_series_without_end_is_refused, 0, 3);
    tcase_add_test(c, an_info_is_no_gap);
    tcase_add_test(c, racks_that_are_summed_say_how_much_of_them_is_measured);
    tcase_add_loop_test(c, what_is_like_the_series_before_is_read_as_if_it_were_not, 0,
                        20);
    tcase_add_test(c, what_thanos_lacks_is_told);
    tcase_add_test(c, a_limit_of_mimir_spoils_only_what_is_beyond_it);
    tcase_add_loop_test(c, every_bad_answer_has_its_sentence, 0,
                        (int)(sizeof(bad_answers) / sizeof(bad_answers[0])));
    tcase_add_test(c, one_query_that_fails_does_not_spoil_the_others);
    tcase_add_test(c, a_slow_engine_is_not_silent);
    tcase_add_test(c, exporters_that_the_engine_misses_are_told);
    tcase_add_test(c, of_16_real_gpus_one_has_a_tenant);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
