/* prom: the two text formats, what dcgm-exporter and others mean, the map, and pages that
 * are none. */
#include <check.h>

#include "tests/lib/heard.h"

extern const struct gw_source prom_source;

static struct gw_out *out;
static struct gw_ask ask;

static void set_up(void)
{
    out = heard_new(&prom_source, "n14", NULL);
}

static void tear_down(void)
{
    heard_free(out);
}

static double number(const char *gpu, const char *metric)
{
    return heard_number(out, GW_GPU, gpu, metric);
}

static const char *text(const char *gpu, const char *metric)
{
    return heard_text(out, GW_GPU, gpu, metric);
}

static double served(const char *model, const char *metric)
{
    return heard_number(out, GW_MODEL, model, metric);
}

static double meter(const char *node)
{
    return heard_number(out, GW_NODE, node, "meter");
}

/* Reads a page below a folder that a variable names; false: it is not there. */
static bool read_page(const char *variable, const char *path)
{
    size_t len;
    char *page = heard_file(variable, path, &len);

    if (!page)
        return false;
    ck_assert_int_eq(heard_parse_bytes(out, page, len), GW_DONE);
    free(page);
    return true;
}

/* ---- the formats ---- */

/* One meter, written in every way that the formats allow. */
static const struct {
    const char *line;
    double value;
} numbers[] = {
    { "412.5", 412.5 }, { "4.125e+02", 412.5 }, { "4125E-1", 412.5 }, { "+412.5", 412.5 },
    { "0", 0 }, { "-0", 0 }, { "412.", 412 }, { ".5", 0.5 }, { "1e-3", 1e-3 }, { "-7", -7 },
    { "0.6126917290000005", 0.6126917290000005 }, { "123456789012345678", 123456789012345678.0 },
    { "6.634254336e+09", 6634254336 }, { "00000000000000000000001", 1 }, { "1e22", 1e22 },
    { "2.2250738585072014e-308", 2.2250738585072014e-308 },
};

START_TEST(numbers_are_read_to_the_last_bit)
{
    char page[128];

    snprintf(page, sizeof(page), "ipmi_dcmi_power_consumption_watts %s\n",
             numbers[_i].line);
    ck_assert_int_eq(heard_parse(out, page), GW_DONE);
    ck_assert_double_eq(meter("n14"), numbers[_i].value);
}
END_TEST

START_TEST(nan_and_infinity_are_numbers_of_the_format)
{
    ck_assert_int_eq(heard_parse(out, "a 1\nipmi_dcmi_power_consumption_watts NaN\n"),
                     GW_DONE);
    ck_assert_double_nan(meter("n14"));
    ck_assert_int_eq(heard_parse(out, "a -Inf\nipmi_dcmi_power_consumption_watts +Inf\n"),
                     GW_DONE);
    ck_assert_double_infinite(meter("n14"));
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

static const char *const bad_lines[] = {
    "ipmi_dcmi_power_consumption_watts 412,5", "ipmi_dcmi_power_consumption_watts",
    "ipmi_dcmi_power_consumption_watts 0x1p3", "ipmi_dcmi_power_consumption_watts 1e",
    "ipmi_dcmi_power_consumption_watts .", "ipmi_dcmi_power_consumption_watts 1 2 3",
    "ipmi_dcmi_power_consumption_watts 1 soon", "ipmi_dcmi_power_consumption_watts{ 1",
    "ipmi_dcmi_power_consumption_watts{a} 1", "ipmi_dcmi_power_consumption_watts{a=b} 1",
    "ipmi_dcmi_power_consumption_watts{a=\"b} 1", "ipmi_dcmi_power_consumption_watts{a=\"b\" c=\"d\"} 1",
    "ipmi_dcmi_power_consumption_watts{a=\"b\\\"} 1", "7up 1", "\"quoted\" 1",
};

START_TEST(a_malformed_line_is_counted_quoted_and_not_used)
{
    char page[512];

    snprintf(page, sizeof(page), "a 1\nb 2\n%s\nc 3\n", bad_lines[_i]);
    ck_assert_int_eq(heard_parse(out, page), GW_DONE);
    ck_assert_uint_eq(out->value_count, 0);
    ck_assert_ptr_nonnull(
        strstr(out->warning, "1 line not understood, first line 3: \""));
}
END_TEST

START_TEST(labels_may_be_escaped_spaced_and_in_any_order)
{
    ck_assert_int_eq(heard_parse(out, "ipmi_dcmi_power_consumption_watts{ b = \"}\\\"{,\" , "
                                      "hostname = \"n\\\\9\\n\" , } \t 7  \r\n\n  \n"), GW_DONE);
    ck_assert_double_eq(meter("n\\9\n"), 7);
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(time_is_milliseconds_before_openmetrics_and_seconds_in_it)
{
    ck_assert_int_eq(
        heard_parse(out, "ipmi_dcmi_power_consumption_watts 7 1700000000500\n"), GW_DONE);
    ck_assert_double_eq(heard_value(out, GW_NODE, "n14", "meter")->time, 1700000000.5);
    ck_assert_int_eq(
        heard_parse(out,
                    "# TYPE a gauge\nipmi_dcmi_power_consumption_watts 7 1700000000.5\n"
                    "# EOF\n"),
        GW_DONE);
    ck_assert_double_eq(heard_value(out, GW_NODE, "n14", "meter")->time, 1700000000.5);
}
END_TEST

START_TEST(a_line_without_a_time_is_of_its_arrival)
{
    ck_assert_int_eq(heard_parse(out, "ipmi_dcmi_power_consumption_watts{instance=\"a\"} 7 1700000000500\n"
                                      "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"GPU-1\"} 300\n"), GW_DONE);
    ck_assert(isnan(heard_value(out, GW_GPU, "n14/0", "power")->time));
}
END_TEST

START_TEST(exemplars_are_stepped_over)
{
    ck_assert_int_eq(heard_parse(out, "a_bucket{le=\"1\"} 3 # {trace_id=\"x\"} 0.5 1700000000\n"
                                      "a_count 3 1700000000 # {t=\"} 9\"} 1\n"
                                      "ipmi_dcmi_power_consumption_watts 7 # {a=\"b\"} 1\n# EOF\n"), GW_DONE);
    ck_assert_double_eq(meter("n14"), 7);
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(half_a_number_at_the_end_is_not_a_number)
{
    ck_assert_int_eq(heard_parse(out, "a 1\nipmi_dcmi_power_consumption_watts 41"),
                     GW_DONE);
    ck_assert_double_eq(meter("n14"), -1e99);
    ck_assert_str_eq(out->gap, "the page is cut off in line 2");
}
END_TEST

static const struct {
    const char *page, *failure;
} no_pages[] = {
    { "", "an empty answer instead of metrics" },
    { "\n \n", "an empty answer instead of metrics" },
    { "<!DOCTYPE html><html>", "a web page instead of metrics; is the path right? often it is /metrics" },
    { " {\"status\":\"success\"}", "JSON instead of metrics; is the path right? often it is /metrics" },
    { "# HELP a b\n", "the page has no samples" },
    { "Not Found, I am\nafraid\nx 1\n",
      "not a page of metrics: 2 of 3 lines are not understood, first line 1: \"Not Found, I am\"" },
    { "\033[31mred\n", "not a page of metrics: 1 of 1 lines are not understood, first line 1: \"?[31mred\"" },
};

START_TEST(what_is_no_page_is_said_in_words)
{
    ck_assert_int_eq(heard_parse(out, no_pages[_i].page), GW_FAILED);
    ck_assert_str_eq(out->failure, no_pages[_i].failure);
}
END_TEST

START_TEST(a_gigantic_line_is_survived)
{
    size_t len = 4 << 20;
    char *page = malloc(len + 1);

    memset(page, 'a', len);
    page[len] = '\0';
    memcpy(page + len - 3, " 1\n", 3);
    ck_assert_int_eq(heard_parse(out, page), GW_DONE);
    memset(page, '\\', len - 1);
    memcpy(page, "ipmi_dcmi_power_consumption_watts{a=\"", 37);
    ck_assert_int_eq(heard_parse(out, page), GW_FAILED);
    memcpy(page + len - 6, "\"} 1\n", 5);
    heard_parse(out, page);
    free(page);
}
END_TEST

START_TEST(a_page_that_means_nothing_here_says_so)
{
    ck_assert_int_eq(heard_parse(out, "go_goroutines 7\ngo_threads 9\n"), GW_DONE);
    ck_assert_str_eq(out->gap,
                     "none of 2 samples means anything here; see the option map");
}
END_TEST

/* ---- dcgm-exporter ---- */

START_TEST(old_and_new_names_of_dcgm_mean_the_same)
{
    static const char *const pages[] = { "tests/sources/prom/dcgm-old.prom",
                                         "tests/sources/prom/dcgm-new.prom" };

    for (size_t i = 0; i < 2; i++) {
        ck_assert(read_page("SRCDIR", pages[i]));
        ck_assert_uint_eq(heard_count(out, GW_GPU), 2);
        ck_assert_double_eq(number("n21/0", "power"), 412.5);
        ck_assert_double_eq(number("n21/0", "power_instant"), 430.25);
        ck_assert_double_eq(number("n21/0", "power_limit"), 700);
        ck_assert_double_eq(number("n21/0", "temp"), 61);
        ck_assert_double_eq(number("n21/0", "util"), 98);
        /* J, sent in mJ */
        ck_assert_double_eq_tol(number("n21/0", "energy"), 987654321.012, 1e-3);
        ck_assert_double_eq(number("n21/0", "mem_used"), 60000);
        ck_assert_double_eq(number("n21/0", "mem_total"), 81559);
        ck_assert_double_eq(number("n21/0", "index"), 0);
        ck_assert_str_eq(text("n21/0", "uuid"),
                         "GPU-00000000-aaaa-bbbb-cccc-000000000000");
        ck_assert_str_eq(text("n21/0", "model"), "NVIDIA H100 80GB HBM3");
        ck_assert_str_eq(text("n21/0", "throttle"), "power");
        ck_assert_str_eq(text("n21/1", "throttle"), "none");
        ck_assert_double_eq(number("n21/1", "power"), 71.5);
        ck_assert_uint_eq(out->warnings, 0);
    }
}
END_TEST

START_TEST(blanks_of_dcgm_are_unknown_and_a_line_that_is_absent_is_silent)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 9223372036854775794\n"
                                      "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\"} 2147483632\n"
                                      "DCGM_FI_DEV_MEMORY_TEMP{gpu=\"0\"} 4294967295.0\n"
                                      "DCGM_FI_DEV_POWER_USAGE_INSTANT{gpu=\"0\"} 140737488355328\n"
                                      "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\"} 2147483640\n"), GW_DONE);
    ck_assert_double_nan(number("n14/0", "power"));
    ck_assert_double_nan(number("n14/0", "temp"));
    ck_assert_double_nan(number("n14/0", "mem_temp"));
    ck_assert_double_nan(number("n14/0", "power_instant"));
    ck_assert_double_eq(number("n14/0", "energy"), 2147483.640);
    ck_assert_double_eq(number("n14/0", "xid"), -1e99);
}
END_TEST

START_TEST(several_jobs_on_one_gpu_are_one_gpu)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",hpc_job=\"81\"} 300\n"
                                      "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",hpc_job=\"82\"} 300\n"
                                      "DCGM_FI_DEV_POWER_USAGE{gpu=\"1\"} 70\n"
                                      "DCGM_FI_DEV_GPU_TEMP{gpu=\"0\",hpc_job=\"81\"} 60\n"), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 2);
    ck_assert_double_eq(number("n14/0", "power"), 300);
    ck_assert_str_eq(text("n14/0", "job"), "81, 82");
    ck_assert_str_eq(text("n14/1", "job"), "");
    ck_assert_str_eq(text("n14/1", "tenant"), "(never)");
}
END_TEST

START_TEST(a_gpu_cut_by_mig_is_counted_once)
{
    ck_assert(read_page("SRCDIR", "tests/sources/prom/dcgm-mig.prom"));
    ck_assert_uint_eq(heard_count(out, GW_GPU), 1);
    ck_assert_double_eq(number("n22/0", "power"), 350);
    ck_assert_str_eq(text("n22/0", "mig"), "3g.40gb, 1g.10gb ×2");
    ck_assert_str_eq(text("n22/0", "tenant"), "blue, green");
    /* the memory of an instance is not the GPU's */
    ck_assert_double_eq(number("n22/0", "mem_used"), -1e99);
}
END_TEST

START_TEST(the_exporters_own_namespace_is_no_tenant)
{
    ck_assert_int_eq(heard_parse(out,
        "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\",namespace=\"train\",pod=\"llm-0\"} 600\n"
        "DCGM_FI_DEV_POWER_USAGE{gpu=\"1\",namespace=\"gpu-operator\",pod=\"nvidia-dcgm-exporter-x\"} 70\n"
        "DCGM_FI_DEV_POWER_USAGE{gpu=\"2\",namespace=\"mon\",pod=\"dcgm-exporter-y\",exported_namespace=\"serve\","
        "exported_pod=\"vllm-7\"} 70\n"
        "DCGM_FI_DEV_POWER_USAGE{gpu=\"3\",namespace=\"mon\",pod=\"dcgm-exporter-y\"} 70\n"
        "DCGM_FI_DEV_POWER_USAGE{gpu=\"4\",namespace=\"\",pod=\"\"} 70\n"), GW_DONE);
    ck_assert_str_eq(text("n14/0", "tenant"), "train");
    ck_assert_str_eq(text("n14/0", "job"), "llm-0");
    ck_assert_str_eq(text("n14/1", "tenant"), "");
    ck_assert_str_eq(text("n14/2", "tenant"), "serve");
    ck_assert_str_eq(text("n14/2", "job"), "vllm-7");
    ck_assert_str_eq(text("n14/3", "tenant"), "");
    ck_assert_str_eq(text("n14/4", "tenant"), "");
    /* and when the last pod has gone, the GPU is known to be free */
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 70\n"), GW_DONE);
    ck_assert_str_eq(text("n14/0", "tenant"), "");
}
END_TEST

START_TEST(an_exporter_that_knows_no_pods_says_nothing_of_tenants)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 70\n"), GW_DONE);
    ck_assert_str_eq(text("n14/0", "tenant"), "(never)");
    ck_assert_str_eq(text("n14/0", "job"), "(never)");
}
END_TEST

START_TEST(cpus_and_switches_are_not_gpus)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{cpu=\"0\",gpu=\"0\"} 70\n"
                                      "DCGM_FI_DEV_GPU_TEMP{nvswitch=\"1\"} 70\n"), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 0);
}
END_TEST

START_TEST(an_enforced_limit_outranks_the_one_asked_for)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_MGMT_LIMIT{gpu=\"0\"} 700\n"
                                      "DCGM_FI_DEV_ENFORCED_POWER_LIMIT{gpu=\"0\"} 550\n"
                                      "DCGM_FI_DEV_POWER_MGMT_LIMIT{gpu=\"1\"} 600\n"), GW_DONE);
    ck_assert_double_eq(number("n14/0", "power_limit"), 550);
    ck_assert_double_eq(number("n14/1", "power_limit"), 600);
}
END_TEST

START_TEST(memory_without_the_reserved_part_is_an_estimate)
{
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_FB_FREE{gpu=\"0\"} 1000\n"
                                      "DCGM_FI_DEV_FB_USED{gpu=\"0\"} 500\n"), GW_DONE);
    ck_assert_double_eq(number("n14/0", "mem_total"), 1500);
    ck_assert(heard_value(out, GW_GPU, "n14/0", "mem_total")->estimated);
}
END_TEST

/* ---- other exporters ---- */

START_TEST(node_exporter_names_the_node_and_cpus_are_not_its_meter)
{
    ck_assert_int_eq(heard_parse(out, "node_boot_time_seconds 1.7e+09\n"
                                      "node_rapl_package_joules_total{index=\"0\",path=\"a\"} 1000.5\n"
                                      "node_rapl_package_joules_total{index=\"1\",path=\"b\"} 2000\n"
                                      "node_uname_info{machine=\"x86_64\",nodename=\"gpu07\"} 1\n"), GW_DONE);
    ck_assert_double_eq(heard_number(out, GW_NODE, "gpu07", "cpu_energy"), 3000.5);
    ck_assert_double_eq(heard_number(out, GW_NODE, "gpu07", "boot"), 1.7e9);
    ck_assert_double_eq(meter("gpu07"), -1e99);
}
END_TEST

START_TEST(triton_and_all_smi_are_known)
{
    ck_assert_int_eq(heard_parse(out,
        "nv_gpu_power_usage{gpu_uuid=\"GPU-a\"} 285.4\nnv_gpu_utilization{gpu_uuid=\"GPU-a\"} 0.85\n"
        "nv_energy_consumption{gpu_uuid=\"GPU-a\"} 1500\nnv_gpu_memory_used_bytes{gpu_uuid=\"GPU-a\"} 1048576\n"
        "all_smi_gpu_power_consumption_watts{gpu=\"NVIDIA H200\",instance=\"n58\",uuid=\"GPU-b\",index=\"3\"} 400.5\n"
        "all_smi_chassis_power_watts{hostname=\"n58\",instance=\"n58\"} 3600\n"), GW_DONE);
    ck_assert_double_eq(number("n14/GPU-a", "power"), 285.4);
    ck_assert_double_eq(number("n14/GPU-a", "util"), 85);
    ck_assert_double_eq(number("n14/GPU-a", "energy"), 1500);
    ck_assert_double_eq(number("n14/GPU-a", "mem_used"), 1);
    ck_assert_double_eq(number("n58/3", "power"), 400.5);
    ck_assert_double_eq(meter("n58"), 3600);
    ck_assert(heard_value(out, GW_NODE, "n58", "meter")->estimated);
}
END_TEST

/* ---- the map ---- */

START_TEST(a_map_teaches_families)
{
    static const struct heard_option map[] = {
        { "map", "# racks\n"
                 "pdu_power_kw{feed=\"A\"} -> domain.meter by rack in kW\n"
                 "acme:gpu_mw -> gpu.power by host/slot in mW; acme_node -> node.meter\r\n"
                 "acme_gpu -> gpu.util in ratio\n" },
        { 0 }
    };

    out->options = map;
    ck_assert_int_eq(heard_parse(out, "pdu_power_kw{rack=\"r07\",feed=\"A\"} 61.5\n"
                                      "pdu_power_kw{rack=\"r07\",feed=\"B\"} 99\n"
                                      "pdu_power_kw{feed=\"A\"} 99\n"
                                      "acme:gpu_mw{host=\"n1\",slot=\"4\"} 412500\n"
                                      "acme_node{hostname=\"n2\"} 5000\n"
                                      "acme_gpu{gpu=\"5\"} 0.5\n"), GW_DONE);
    ck_assert_double_eq(heard_number(out, GW_DOMAIN, "r07", "meter"), 61500);
    ck_assert_double_eq(number("n1/4", "power"), 412.5);
    ck_assert_double_eq(meter("n2"), 5000);
    ck_assert_double_eq(number("n14/5", "util"), 50);
    ck_assert_uint_eq(heard_count(out, GW_DOMAIN), 1);
}
END_TEST

START_TEST(a_map_outranks_what_is_built_in)
{
    static const struct heard_option map[] = {
        { "map", "DCGM_FI_DEV_POWER_USAGE -> gpu.power_instant" }, { 0 }
    };

    out->options = map;
    ck_assert_int_eq(heard_parse(out, "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 70\n"), GW_DONE);
    ck_assert_double_eq(number("n14/0", "power_instant"), 70);
    ck_assert_double_eq(number("n14/0", "power"), -1e99);
}
END_TEST

static const struct {
    const char *map, *failure;
} bad_maps[] = {
    { "7 -> node.meter", "map, rule 1: expected the name of a family, got \"7 -> node.meter\"" },
    { "a = node.meter", "map, rule 1: expected -> after the family, got \"=\"" },
    { "a", "map, rule 1: expected -> after the family, got \"\"" },
    { "a -> node.meter\nb -> node.watts", "map, rule 2: no metric \"node.watts\"; see --list fields" },
    { "a -> gpu.tenant", "map, rule 1: tenant is text, and only numbers can be mapped" },
    { "a -> node.meter in furlongs", "map, rule 1: unknown unit \"furlongs\"" },
    { "a -> node.meter in MiB", "map, rule 1: meter cannot be in MiB" },
    { "a -> gpu.xid in W", "map, rule 1: xid cannot be in W" },
    { "a -> domain.meter", "map, rule 1: say by which label it is named: by LABEL" },
    { "a -> domain.meter by", "map, rule 1: expected by LABEL or by LABEL/LABEL" },
    { "a -> gpu.power by a/", "map, rule 1: expected by LABEL or by LABEL/LABEL" },
    { "a -> node.meter if x", "map, rule 1: expected by or in, got \"if\"" },
    { "a{b=\"c\" -> node.meter", "map, rule 1: expected , or } after a label" },
    { "a{b=\"c", "map, rule 1: a quote is not closed" },
    { "a{b=\"c\"", "map, rule 1: a brace is not closed" },
    { "a{b=c} -> node.meter", "map, rule 1: expected {LABEL=\"VALUE\"}" },
};

START_TEST(a_bad_rule_is_refused_before_anything_is_asked)
{
    struct heard_option map[] = { { "map", bad_maps[_i].map }, { 0 } };

    out->options = map;
    ck_assert_int_eq(heard_ask(out, &ask), GW_FAILED);
    ck_assert_str_eq(out->failure, bad_maps[_i].failure);
    ck_assert_int_eq(heard_parse(out, "a 1\n"), GW_FAILED);
}
END_TEST

/* ---- asking ---- */

START_TEST(it_asks_for_either_format_at_the_usual_path)
{
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_GET);
    ck_assert_str_eq(ask.path, "/metrics");
    ck_assert_ptr_nonnull(strstr(ask.accept, "version=0.0.4"));
    ck_assert_ptr_nonnull(strstr(ask.accept, "openmetrics"));
    out->target.path = "/federate?match[]=x";
    heard_ask(out, &ask);
    ck_assert_ptr_null(ask.path);
}
END_TEST

START_TEST(a_file_is_read_whatever_its_name)
{
    static const struct heard_option command[] = {
        { "command", "curl -s localhost:9400/metrics" }, { 0 }
    };

    out->target.url = "file:it's.prom";
    out->target.path = "it's.prom";
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_RUN);
    ck_assert_str_eq(ask.command, "cat -- 'it'\\''s.prom'");
    out->options = command;
    heard_ask(out, &ask);
    ck_assert_str_eq(ask.command, "curl -s localhost:9400/metrics");
}
END_TEST

/* ---- real pages, where they are at hand ---- */

/* ---- inference servers ---- */

/* Of each engine: the same model, which runs three requests. */
static const struct {
    const char *engine, *page;
    double out, in;             /* tokens; NAN: not told */
} engines[] = {
    { "vllm",
      "vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 2\n"
      "vllm:num_requests_running{engine=\"1\",model_name=\"m\"} 1\n"
      "vllm:generation_tokens_total{engine=\"0\",model_name=\"m\"} 4e+03\n"
      "vllm:generation_tokens_total{engine=\"1\",model_name=\"m\"} 500\n"
      "vllm:iteration_tokens_total_sum{model_name=\"m\"} 77\n"
      "vllm:prompt_tokens_total{model_name=\"m\"} 9000\n",
      4500, 9000 },
    { "sglang",
      "sglang:num_running_reqs{model_name=\"m\"} 3\n"
      "sglang:realtime_tokens_total{mode=\"decode\",model_name=\"m\"} 4500\n"
      "sglang:realtime_tokens_total{mode=\"prefill_compute\",model_name=\"m\"} 8000\n"
      "sglang:realtime_tokens_total{mode=\"prefill_cache\",model_name=\"m\"} 1000\n",
      4500, 9000 },
    { "sglang",
      "sglang:num_running_reqs{model_name=\"m\"} 3\n"
      "sglang:realtime_tokens_total{mode=\"decode\",model_name=\"m\"} 1\n"
      "sglang:generation_tokens_total{model_name=\"m\"} 4500\n"
      "sglang:prompt_tokens_total{model_name=\"m\"} 9000\n",
      4500, 9000 },
    { "dynamo",
      "dynamo_frontend_inflight_requests{model=\"m\"} 3\n"
      "dynamo_frontend_output_tokens_total{model=\"M\"} 4500\n"
      "dynamo_frontend_output_sequence_tokens_sum{model=\"m\"} 4000\n"
      "dynamo_frontend_input_sequence_tokens_sum{model=\"m\"} 9000\n",
      4500, 9000 },
    { "nim",
      "num_requests_running{model_name=\"m\"} 3\n"
      "generation_tokens_total{model_name=\"m\"} 4500\nprompt_tokens_total{model_name=\"m\"} 9000\n",
      4500, 9000 },
    { "trtllm",
      "trtllm_num_requests_running{engine_type=\"trtllm\",model_name=\"m\"} 3\n"
      "trtllm_generation_tokens_total{engine_type=\"trtllm\",model_name=\"m\"} 4500\n"
      "trtllm_prompt_tokens_total{engine_type=\"trtllm\",model_name=\"m\"} 9000\n",
      4500, 9000 },
    { "trtllm", "trtllm_request_success_total{engine_type=\"trtllm\",finished_reason=\"stop\",model_name=\"m\"} 12\n", NAN, NAN },
    { "triton", "nv_inference_request_success{model=\"m\",version=\"1\"} 12\n", NAN, NAN },
};

START_TEST(tokens_and_requests_of_every_engine_are_known)
{
    ck_assert_int_eq(heard_parse(out, engines[_i].page), GW_DONE);
    ck_assert_str_eq(heard_text(out, GW_MODEL, "m@n14", "engine"), engines[_i].engine);
    /* the model, and this server of it */
    ck_assert_uint_eq(heard_count(out, GW_MODEL), 2);
    if (isnan(engines[_i].out)) {
        ck_assert_double_lt(served("m@n14", "tokens_total"), 0); /* never said */
        return;
    }
    ck_assert_double_eq(served("m@n14", "running"), 3);
    ck_assert_double_eq(served("m@n14", "tokens_total"), engines[_i].out);
    ck_assert_double_eq(served("m@n14", "tokens_in_total"), engines[_i].in);
}
END_TEST

/* So many first tokens came within a quarter, half and a whole second. */
static void first_tokens(int quarter, int half, int second)
{
    char page[1024];

    snprintf(page, sizeof(page),
             "vllm:time_to_first_token_seconds_bucket{le=\"0.25\",model_name=\"m\"} %d\n"
             "vllm:time_to_first_token_seconds_bucket{le=\"0.5\",model_name=\"m\"} %d\n"
             "vllm:time_to_first_token_seconds_bucket{le=\"1.0\",model_name=\"m\"} %d\n"
             "vllm:time_to_first_token_seconds_bucket{le=\"+Inf\",model_name=\"m\"} %d\n",
             quarter, half, second, second);
    ck_assert_int_eq(heard_parse(out, page), GW_DONE);
}

START_TEST(a_median_is_of_what_came_since_the_last_answer)
{
    first_tokens(0, 10, 10);
    ck_assert_double_eq_tol(served("m@n14", "ttft"), .375, 1e-9);
    first_tokens(0, 10, 20);
    ck_assert_double_eq_tol(served("m@n14", "ttft"), .75, 1e-9);
    first_tokens(0, 10, 20); /* nobody asked anything */
    ck_assert_double_nan(served("m@n14", "ttft"));
    first_tokens(2, 2, 2); /* started again */
    ck_assert_double_eq_tol(served("m@n14", "ttft"), .125, 1e-9);
}
END_TEST

START_TEST(a_server_says_by_whom_it_is_held)
{
    static const struct heard_option options[] = { { "tenant", "acme" },
                                                   { "job", "81201" },
                                                   { 0 } };

    heard_free(out);
    out = heard_new(&prom_source, "n14:8000", options);
    ck_assert_int_eq(heard_parse(out, "vllm:num_requests_running{model_name=\"m\"} 2\n"
                                      "vllm:num_requests_running{model_name=\"k\",exported_namespace=\"prod\","
                                      "exported_pod=\"k-0\"} 2\n"),
                     GW_DONE);
    ck_assert_str_eq(heard_text(out, GW_MODEL, "m@n14:8000", "tenant"), "acme");
    ck_assert_str_eq(heard_text(out, GW_MODEL, "m@n14:8000", "job"), "81201");
    ck_assert_str_eq(heard_text(out, GW_MODEL, "m@n14:8000", "node"), "n14");
    ck_assert_str_eq(heard_text(out, GW_MODEL, "k@k-0", "tenant"), "prod");
    ck_assert_str_eq(heard_text(out, GW_MODEL, "k@k-0", "job"), "k-0");
}
END_TEST

/* As slurmctld writes them on its pages of jobs, accounts, partitions and nodes. */
START_TEST(a_page_of_slurm_tells_of_queues_tenants_and_nodes)
{
    heard_free(out);
    out = heard_new(&prom_source, "ctl1", NULL);
    ck_assert_int_eq(
        heard_parse(
            out,
            "# TYPE slurm_jobs gauge\nslurm_jobs 42\nslurm_jobs_pending 27\nslurm_jobs_running 15\n"
            "slurm_jobs_gpus_alloc 96\nslurm_jobs_nodes_alloc 12\n"
            "slurm_partition_jobs_pending{partition=\"train\"} 20\n"
            "slurm_partition_jobs_running{partition=\"train\"} 9\n"
            "slurm_partition_jobs_gpus_alloc{partition=\"train\"} 72\n"
            "slurm_partition_gpus{partition=\"train\"} 128\n"
            "slurm_account_jobs_gpus_alloc{account=\"blue\"} 64\n"
            "slurm_account_jobs_pending{account=\"blue\"} 11\nslurm_account_jobs_running{account=\"blue\"} 3\n"
            "slurm_node_gpus{node=\"n1\"} 8\nslurm_node_gpus_alloc{node=\"n1\"} 4\n"),
        GW_DONE);
    ck_assert_uint_eq(out->warnings, 0);
    ck_assert_uint_eq(heard_count(out, GW_QUEUE), 2);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "ctl1", "pending"), 27);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "ctl1", "running"), 15);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "ctl1", "gpus_running"), 96);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "train", "pending"), 20);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "train", "running"), 9);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "train", "gpus_running"), 72);
    ck_assert_double_eq(heard_number(out, GW_QUEUE, "train", "quota"), 128);
    ck_assert_double_eq(heard_number(out, GW_TENANT, "blue", "gpus"), 64);
    ck_assert_double_eq(heard_number(out, GW_TENANT, "blue", "pending"), 11);
    ck_assert_double_eq(heard_number(out, GW_TENANT, "blue", "jobs"), 3);
    ck_assert_uint_eq(heard_count(out, GW_NODE), 1);
    ck_assert_double_eq(heard_number(out, GW_NODE, "n1", "gpus_total"), 8);
    ck_assert_double_eq(heard_number(out, GW_NODE, "n1", "gpus_held"), 4);
}
END_TEST

START_TEST(real_pages_are_read)
{
    if (read_page("GW_SERVERS", "samples/slurm/slurmctld_openmetrics_excerpt.prom")) {
        ck_assert_double_eq(heard_number(out, GW_QUEUE, out->target.name, "pending"), 27);
        ck_assert_uint_eq(out->warnings, 0);
    }
    if (read_page("GW_SERVERS", "samples/dcgm/scrape_8xH100_no_help_excerpt.prom")) {
        ck_assert_uint_eq(heard_count(out, GW_GPU), 8);
        ck_assert_double_eq(number("gpu-node-1/0", "power"), 113.611);
        ck_assert_str_eq(text("gpu-node-1/0", "tenant"), "dynamo-workload");
        ck_assert_str_eq(text("gpu-node-1/1", "tenant"), "");
        ck_assert_uint_eq(out->warnings, 0);
    }
    if (read_page("GW_SERVERS", "samples/prometheus/dcgm_exporter_fake.prom")) {
        ck_assert_uint_eq(heard_count(out, GW_GPU), 8);
        ck_assert_uint_eq(out->warnings, 0);
    }
    if (read_page("GW_SERVERS", "samples/inference/vllm_metrics_excerpt.prom"))
        ck_assert_double_eq(served("facebook/opt-125m@n14", "tokens_total"), 7);
    if (read_page("GW_SERVERS",
                  "samples/inference/dynamo_frontend_metrics_excerpt.prom")) {
        ck_assert_double_eq(served("qwen/qwen3-0.6b@n14", "tokens_total"), 300);
        ck_assert_double_eq(served("qwen/qwen3-0.6b@n14", "tokens_in_total"), 33);
        ck_assert_double_eq_tol(served("qwen/qwen3-0.6b@n14", "itl"), .0027, .0001);
    }
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

#define LOOP(name, rows) tcase_add_loop_test(c, name, 0, sizeof(rows) / sizeof(*rows))

int main(void)
{
    Suite *s = suite_create("prom");
    TCase *c = tcase_create("prom");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    LOOP(numbers_are_read_to_the_last_bit, numbers);
    tcase_add_test(c, nan_and_infinity_are_numbers_of_the_format);
    LOOP(a_malformed_line_is_counted_quoted_and_not_used, bad_lines);
    tcase_add_test(c, labels_may_be_escaped_spaced_and_in_any_order);
    tcase_add_test(c, time_is_milliseconds_before_openmetrics_and_seconds_in_it);
    tcase_add_test(c, a_line_without_a_time_is_of_its_arrival);
    tcase_add_test(c, exemplars_are_stepped_over);
    tcase_add_test(c, half_a_number_at_the_end_is_not_a_number);
    LOOP(what_is_no_page_is_said_in_words, no_pages);
    tcase_add_test(c, a_gigantic_line_is_survived);
    tcase_add_test(c, a_page_that_means_nothing_here_says_so);
    tcase_add_test(c, old_and_new_names_of_dcgm_mean_the_same);
    tcase_add_test(c, blanks_of_dcgm_are_unknown_and_a_line_that_is_absent_is_silent);
    tcase_add_test(c, several_jobs_on_one_gpu_are_one_gpu);
    tcase_add_test(c, a_gpu_cut_by_mig_is_counted_once);
    tcase_add_test(c, the_exporters_own_namespace_is_no_tenant);
    tcase_add_test(c, an_exporter_that_knows_no_pods_says_nothing_of_tenants);
    tcase_add_test(c, cpus_and_switches_are_not_gpus);
    tcase_add_test(c, an_enforced_limit_outranks_the_one_asked_for);
    tcase_add_test(c, memory_without_the_reserved_part_is_an_estimate);
    tcase_add_test(c, node_exporter_names_the_node_and_cpus_are_not_its_meter);
    tcase_add_test(c, triton_and_all_smi_are_known);
    tcase_add_test(c, a_map_teaches_families);
    tcase_add_test(c, a_map_outranks_what_is_built_in);
    LOOP(a_bad_rule_is_refused_before_anything_is_asked, bad_maps);
    tcase_add_test(c, it_asks_for_either_format_at_the_usual_path);
    tcase_add_test(c, a_file_is_read_whatever_its_name);
    LOOP(tokens_and_requests_of_every_engine_are_known, engines);
    tcase_add_test(c, a_median_is_of_what_came_since_the_last_answer);
    tcase_add_test(c, a_server_says_by_whom_it_is_held);
    tcase_add_test(c, a_page_of_slurm_tells_of_queues_tenants_and_nodes);
    tcase_add_test(c, real_pages_are_read);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
