/* nvsmi: three generations of XML, the rungs of the CSV query, streams, and what goes
 * wrong. */
#include <check.h>

#include "tests/lib/heard.h"

extern const struct gw_source nvsmi_source;

static struct gw_out *out;
static struct gw_ask ask;

static void set_up(void)
{
    out = heard_new(&nvsmi_source, "n14", NULL);
}

static void tear_down(void)
{
    heard_free(out);
}

/* Parses a file of tests/sources/nvsmi, or its first `len` bytes. */
static int parse_file(const char *name, size_t len)
{
    char path[128];
    size_t size;
    char *log;
    int result;

    snprintf(path, sizeof(path), "tests/sources/nvsmi/%s", name);
    log = heard_file("SRCDIR", path, &size);
    ck_assert_ptr_nonnull(log);
    result = heard_parse_bytes(out, log, len && len < size ? len : size);
    free(log);
    return result;
}

static double number(const char *gpu, const char *metric)
{
    return heard_number(out, GW_GPU, gpu, metric);
}

static const char *text(const char *gpu, const char *metric)
{
    return heard_text(out, GW_GPU, gpu, metric);
}

START_TEST(a_v11_log_is_read)
{
    ck_assert_int_eq(parse_file("v11.xml", 0), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 2);
    ck_assert_uint_eq(heard_count(out, GW_NODE), 1);
    ck_assert_double_eq(number("n14/0", "power"), 42.61);
    ck_assert_double_eq(number("n14/0", "power_limit"), 250);
    ck_assert_double_eq(number("n14/0", "util"), 3);
    ck_assert_double_eq(number("n14/0", "mem_used"), 11);
    ck_assert_double_eq(number("n14/0", "mem_total"), 32510);
    ck_assert_double_eq(number("n14/0", "temp"), 34);
    ck_assert_double_eq(number("n14/0", "mem_temp"), 33);
    ck_assert_double_eq(number("n14/0", "sm_clock"), 1755);
    ck_assert_str_eq(text("n14/0", "model"), "Tesla V100-SXM2-32GB");
    ck_assert_str_eq(text("n14/0", "throttle"), "none");
    ck_assert_str_eq(text("n14/1", "throttle"), "power");
    ck_assert_double_nan(number("n14/1", "power"));
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(a_gpu_cut_by_mig_is_one_gpu)
{
    ck_assert_int_eq(parse_file("v12-mig.xml", 0), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 3);
    ck_assert_str_eq(text("n14/0", "mig"), "3g.40gb ×2");
    ck_assert_str_eq(text("n14/1", "mig"), "3g.40gb, 1g.10gb ×2, 1g.20gb");
    ck_assert_str_eq(text("n14/2", "mig"), "(never)");
    ck_assert_double_eq(number("n14/0", "mem_total"), 81920);
    ck_assert_double_eq(number("n14/0", "mem_used"), 88);
    ck_assert_double_nan(number("n14/0", "util"));
    ck_assert_double_eq(number("n14/2", "util"), 97);
    ck_assert_double_eq(number("n14/0", "power"), 70.12);
    ck_assert_double_eq(number("n14/1", "power_limit"), 400);
}
END_TEST

START_TEST(a_brake_outranks_heat_and_heat_outranks_a_power_cap)
{
    ck_assert_int_eq(parse_file("v12-mig.xml", 0), GW_DONE);
    ck_assert_str_eq(text("n14/0", "throttle"), "none");
    ck_assert_str_eq(text("n14/1", "throttle"), "brake");
    ck_assert_str_eq(text("n14/2", "throttle"), "thermal");
}
END_TEST

START_TEST(power_is_the_average_and_the_instant_stands_beside_it)
{
    ck_assert_int_eq(parse_file("v13.xml", 0), GW_DONE);
    ck_assert_double_eq(number("n14/0", "power"), 1012.33);
    ck_assert_double_eq(number("n14/0", "power_instant"), 1190.07);
    ck_assert_double_eq(number("n14/0", "module_power"), 2480.10);
    ck_assert_double_eq(number("n14/0", "power_limit"), 1200);
    /* no average: what there is */
    ck_assert_double_eq(number("n14/1", "power"), 998);
    ck_assert_double_nan(number("n14/1", "module_power"));
}
END_TEST

START_TEST(a_sick_gpu_has_a_state_and_no_power)
{
    ck_assert_int_eq(parse_file("v13.xml", 0), GW_DONE);
    ck_assert_double_nan(number("n14/2", "power"));
    ck_assert_str_eq(text("n14/2", "state"), "needs reset");
    ck_assert_double_nan(number("n14/3", "power"));
    ck_assert_str_eq(text("n14/3", "state"), "lost");
    ck_assert_str_eq(text("n14/0", "state"), "(never)");
}
END_TEST

START_TEST(the_index_is_the_place_in_the_list_not_the_minor_number)
{
    ck_assert_int_eq(parse_file("v13.xml", 0), GW_DONE);
    ck_assert_double_eq(number("n14/1", "index"), 1);
    ck_assert_str_eq(text("n14/1", "uuid"), "GPU-0a1b2c01-1111-2222-3333-444455550001");
}
END_TEST

START_TEST(a_log_cut_anywhere_fails_and_says_where)
{
    for (size_t len = 40; len < 9000; len += 211) {
        ck_assert_int_eq(parse_file("v12-mig.xml", len), GW_FAILED);
        ck_assert_ptr_nonnull(strstr(out->failure, "cut off in line "));
    }
    ck_assert_int_eq(parse_file("v12-mig.xml", 6000), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "whole GPU"));
}
END_TEST

START_TEST(xml_of_another_kind_is_refused)
{
    ck_assert_int_eq(heard_parse(out, "<html><body>login</body></html>"), GW_FAILED);
    ck_assert_str_eq(out->failure, "expected the XML of nvidia-smi, got <html>");
    ck_assert_int_eq(heard_parse(out, "<?xml version=\"1.0\"?><!DOCTYPE nvidia_smi_log [<!ENTITY a \"b\">]>"
                                      "<nvidia_smi_log>&a;</nvidia_smi_log>"), GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "nothing that nvidia-smi prints"));
    ck_assert_int_eq(heard_parse(out, "<nvidia_smi_log></nvidia_smi_log>"), GW_FAILED);
    ck_assert_str_eq(out->failure, "the NVIDIA driver finds no GPU");
}
END_TEST

START_TEST(a_warning_around_the_xml_does_no_harm)
{
    ck_assert_int_eq(heard_parse(out, "bash: warning: setlocale\n<?xml version=\"1.0\"?><nvidia_smi_log><gpu>"
                                      "<gpu_power_readings><power_draw>5.00 W</power_draw></gpu_power_readings>"
                                      "</gpu></nvidia_smi_log>\nWARNING: infoROM is corrupted\n"), GW_DONE);
    ck_assert_double_eq(number("n14/0", "power"), 5);
}
END_TEST

START_TEST(a_decimal_comma_is_refused_not_misread)
{
    ck_assert_int_eq(
        heard_parse(
            out,
            "<nvidia_smi_log><gpu><gpu_power_readings><power_draw>412,60 W</power_draw>"
            "</gpu_power_readings></gpu></nvidia_smi_log>"),
        GW_DONE);
    ck_assert_double_nan(number("n14/0", "power"));
    ck_assert_ptr_nonnull(strstr(out->warning, "\"412,60 W\""));

    ck_assert_int_eq(
        heard_parse(
            out, "0, 1, GPU-1, NVIDIA H100, 40, 0, 0, 81559, 1755, 700,00, 44, Disabled, "
                 "100,50, 104,25, 0x1, N/A\n"),
        GW_FAILED);
    ck_assert_ptr_nonnull(strstr(out->failure, "not understood"));
}
END_TEST

START_TEST(a_figure_in_another_unit_is_refused)
{
    ck_assert_int_eq(
        heard_parse(
            out,
            "<nvidia_smi_log><gpu><gpu_power_readings><power_draw>412600 mW</power_draw>"
            "</gpu_power_readings></gpu></nvidia_smi_log>"),
        GW_DONE);
    ck_assert_double_nan(number("n14/0", "power"));
    ck_assert_uint_eq(out->warnings, 1);
}
END_TEST

START_TEST(the_csv_of_a_new_driver_is_read)
{
    static const char *const throttle[] = { "none",    "power", "brake",   "none",
                                            "thermal", "none",  "thermal", "power" };

    ck_assert_int_eq(parse_file("h100-550.csv", 0), GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 8);
    for (unsigned i = 0; i < 8; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n14/%u", i);
        ck_assert_double_eq(number(name, "power"), 100.5 + 50 * i);
        ck_assert_double_eq(number(name, "power_instant"), 104.25 + 50 * i);
        ck_assert_double_eq(number(name, "power_limit"), 700);
        ck_assert_double_eq(number(name, "temp"), 40 + i);
        ck_assert_str_eq(text(name, "throttle"), throttle[i]);
        ck_assert_double_nan(number(name, "module_power"));
    }
    ck_assert_double_nan(number("n14/1", "mem_temp"));
    ck_assert_str_eq(text("n14/1", "model"), "NVIDIA H100 80GB HBM3");
    ck_assert_uint_eq(out->warnings, 0);
}
END_TEST

START_TEST(an_older_driver_is_asked_for_less_and_at_last_for_xml)
{
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_STREAM);
    ck_assert_ptr_nonnull(strstr(ask.command, "module.power.draw.average"));
    ck_assert_ptr_nonnull(strstr(ask.command, " -l 5 2>&1"));

    /* one step suffices from the newest to a driver that knows neither averages nor what
     * came after */
    ck_assert_int_eq(heard_parse(out, "Field \"power.draw.average\" is not a valid field to query.\n\n"), GW_AGAIN);
    heard_ask(out, &ask);
    ck_assert_ptr_null(strstr(ask.command, "power.draw.average"));
    ck_assert_ptr_null(strstr(ask.command, "clocks_event_reasons"));
    ck_assert_ptr_nonnull(
        strstr(ask.command, ",power.draw,clocks_throttle_reasons.active,"));
    ck_assert_int_eq(
        heard_parse(out, "0, 1, GPU-1, Tesla T4, 40, 7, 5, 15360, 585, 70.00, 27.31, "
                         "0x0000000000000001, N/A, N/A\n"),
        GW_DONE);
    ck_assert_double_eq(number("n14/0", "power"), 27.31);
    ck_assert_double_eq(number("n14/0", "power_limit"), 70);
    ck_assert_str_eq(text("n14/0", "throttle"), "none");

    ck_assert_int_eq(heard_parse(out, "Field \"mig.mode.current\" is not a valid field to query.\n"), GW_AGAIN);
    ck_assert_int_eq(heard_parse(out, "Field \"something.else\" is not a valid field to query.\n"), GW_AGAIN);
    heard_ask(out, &ask);
    ck_assert_str_eq(ask.command, "LC_ALL=C nvidia-smi -q -x -l 5 2>&1");
}
END_TEST

START_TEST(mig_seen_in_csv_asks_for_the_xml)
{
    ck_assert_int_eq(
        heard_parse(
            out,
            "0, 1, GPU-1, NVIDIA A100, 40, [N/A], 5, 81920, 585, 400.00, 44, Enabled, "
            "N/A, 61.00, 0x0, [N/A]\n"),
        GW_AGAIN);
    heard_ask(out, &ask);
    ck_assert_ptr_nonnull(strstr(ask.command, " -q -x "));
}
END_TEST

START_TEST(mig_with_mode_csv_is_told_without_profiles)
{
    static const struct heard_option csv[] = { { "mode", "csv" },
                                               { "stream", "no" },
                                               { 0 } };

    out->options = csv;
    ck_assert_int_eq(
        heard_parse(
            out,
            "0, 1, GPU-1, NVIDIA A100, 40, [N/A], 5, 81920, 585, 400.00, 44, Enabled, "
            "N/A, 61.00, 0x0, [N/A]\n"),
        GW_DONE);
    ck_assert_str_eq(text("n14/0", "mig"), "enabled");
    ck_assert_double_nan(number("n14/0", "util"));
    ck_assert_double_eq(number("n14/0", "power"), 61);
    heard_ask(out, &ask);
    ck_assert_int_eq(ask.how, GW_RUN);
    ck_assert_ptr_null(strstr(ask.command, " -l "));
}
END_TEST

START_TEST(options_are_checked)
{
    static const struct heard_option mode[] = { { "mode", "json" }, { 0 } };
    static const struct heard_option stream[] = { { "stream", "true" }, { 0 } };
    static const struct heard_option xml[] = { { "mode", "xml" },
                                               { "command", "sudo /opt/nvidia-smi" },
                                               { 0 } };

    out->options = mode;
    ck_assert_int_eq(heard_ask(out, &ask), GW_FAILED);
    ck_assert_str_eq(out->failure, "mode: expected auto, csv or xml, got \"json\"");
    out->options = stream;
    ck_assert_int_eq(heard_ask(out, &ask), GW_FAILED);
    ck_assert_str_eq(out->failure, "stream: expected yes or no, got \"true\"");
    out->options = xml;
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_str_eq(ask.command, "LC_ALL=C sudo /opt/nvidia-smi -q -x -l 5 2>&1");
}
END_TEST

static const struct {
    const char *said, *failure;
} troubles[] = {
    { "No devices were found\n", "the NVIDIA driver finds no GPU" },
    { "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest\n",
      "nvidia-smi cannot talk to the NVIDIA driver; is its kernel module loaded?" },
    { "Failed to initialize NVML: Driver/library version mismatch\n",
      "the NVIDIA driver was updated but its old kernel module still runs; reload it or reboot" },
    { "sh: 1: nvidia-smi: not found\n",
      "there is no nvidia-smi on the PATH there; where it is elsewhere, its source's option command says so" },
    { "bash: line 1: nvidia-smi: command not found\n",
      "there is no nvidia-smi on the PATH there; where it is elsewhere, its source's option command says so" },
    { "sh: line 1: /opt/bin/nvidia-smi: No such file or directory\n",
      "there is no nvidia-smi on the PATH there; where it is elsewhere, its source's option command says so" },
    { "nvidia-smi: error while loading shared libraries: libx.so: cannot open shared object file: No such file or directory\n",
      "nvidia-smi says \"nvidia-smi: error while loading shared libraries: libx.so: cannot open shared object file: No such "
      "file or directory\" instead of numbers" },
    { "cannot read /dev/nvidiactl: No such file or directory\n",
      "nvidia-smi says \"cannot read /dev/nvidiactl: No such file or directory\" instead of numbers" },
    { "Unable to determine the device handle for GPU 0000:65:00.0: GPU is lost.  Reboot the system\n",
      "a GPU is lost and nvidia-smi tells nothing about the others; the node must be rebooted" },
    { "", "nvidia-smi printed nothing" },
    { " \n\n", "nvidia-smi printed nothing" },
    { "\033]0;pwned\007 hello\n", "nvidia-smi says \"?]0;pwned? hello\" instead of numbers" },
    { "Unable to determine the device handle for GPU0000:18:00.0: Unknown Error\nmore\n",
      "nvidia-smi says \"Unable to determine the device handle for GPU0000:18:00.0: Unknown Error\" "
      "instead of numbers" },
};

START_TEST(every_trouble_is_said_in_words)
{
    ck_assert_int_eq(heard_parse(out, troubles[_i].said), GW_FAILED);
    ck_assert_str_eq(out->failure, troubles[_i].failure);
}
END_TEST

START_TEST(a_lost_gpu_takes_the_index_that_no_row_has)
{
    ck_assert_int_eq(
        heard_parse(
            out,
            "Unable to determine the device handle for GPU 0000:2A:00.0: GPU is lost.\n"
            "0, 3, GPU-0, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 60, 61, 0x0, N/A\n"
            "2, 3, GPU-2, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 70, 71, 0x0, N/A\n"),
        GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 3);
    ck_assert_str_eq(text("n14/1", "state"), "lost");
    ck_assert_double_nan(number("n14/1", "power"));
    ck_assert_double_eq(number("n14/2", "power"), 70);
}
END_TEST

START_TEST(a_bad_row_does_not_spoil_the_others)
{
    ck_assert_int_eq(
        heard_parse(
            out, "0, 2, GPU-0, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 60, 61, 0x0, N/A\n"
                 "1, 2, GPU-1, X, 40\n"),
        GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 1);
    ck_assert_str_eq(out->warning, "1 value of nvidia-smi not understood; first: row \"1, 2, GPU-1, X, 40\"");
}
END_TEST

START_TEST(a_row_that_does_not_say_of_which_gpu_it_is_says_which_field_it_lacks)
{
    ck_assert_int_eq(
        heard_parse(
            out,
            "0, 2, GPU-0, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 60, 61, 0x0, N/A\n"
            "1, [N/A], GPU-1, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 60, 61, 0x0, N/A\n"),
        GW_DONE);
    ck_assert_uint_eq(heard_count(out, GW_GPU), 1);
    ck_assert_str_eq(out->warning, "1 value of nvidia-smi not understood; first: count \"[N/A]\"");
    ck_assert_int_eq(
        heard_parse(
            out,
            "[N/A], 1, GPU-1, X, 40, 0, 5, 81920, 585, 400, 44, N/A, 60, 61, 0x0, N/A\n"),
        GW_FAILED);
    ck_assert_str_eq(out->failure, "the CSV of nvidia-smi is not understood: index \"[N/A]\"");
}
END_TEST

/* ---- streams ---- */

START_TEST(a_round_is_whole_with_its_last_gpu)
{
    static const char round[] = "0, 2, a\n1, 2, b\n";
    char twice[64];
    size_t len = strlen(round);

    for (size_t n = 0; n < len; n++)
        ck_assert_uint_eq(nvsmi_source.frame(&out->target, round, n), 0);
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, round, len), len);
    snprintf(twice, sizeof(twice), "%s%s", round, round);
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, twice, strlen(twice)), len);
}
END_TEST

START_TEST(a_round_with_a_gpu_missing_ends_where_the_index_starts_again)
{
    static const char rounds[] = "0, 3, a\n2, 3, c\n0, 3, a\n";

    ck_assert_uint_eq(nvsmi_source.frame(&out->target, rounds, strlen(rounds)), 16);
}
END_TEST

START_TEST(a_complaint_in_a_stream_is_an_answer_of_its_own)
{
    static const char field[] = "Field \"power.draw.average\" is not a valid field to query.\n\n";

    ck_assert_uint_eq(nvsmi_source.frame(&out->target, field, strlen(field)),
                      strlen(field));
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, field, 20), 0);
    ck_assert_int_eq(
        heard_parse(out, "WARNING: infoROM is corrupted at gpu 0000:2A:00.0\n"), GW_DONE);
    ck_assert_uint_eq(out->warnings, 1);
}
END_TEST

START_TEST(a_stream_of_logs_is_cut_behind_each)
{
    static const char logs[] =
        "<?xml?>\n<nvidia_smi_log>\n</nvidia_smi_log>\n<?xml?>\n<nvid";

    ck_assert_uint_eq(nvsmi_source.frame(&out->target, logs, 30), 0);
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, logs, strlen(logs)), 42);
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, logs + 42, strlen(logs) - 42), 0);
}
END_TEST

/* Grows `text` by a few bytes a call. What frame() has seen is then overwritten with the
 * end of a round: who looks there again takes it for one. */
static void frame_in_pieces(const char *whole, const char *trap, size_t seam)
{
    size_t len = strlen(whole), n = strlen(trap);
    char *text = strdup(whole);

    for (size_t at = 100; at < len; at += 7) {
        ck_assert_msg(nvsmi_source.frame(&out->target, text, at) == 0,
                      "an end at %zu of %zu", at, len);
        for (size_t k = seam; k + n < at - seam; k += n)
            memcpy(text + k, trap, n);
    }
    ck_assert_uint_eq(nvsmi_source.frame(&out->target, text, len), len);
    free(text);
}

START_TEST(no_byte_of_a_stream_is_looked_at_for_every_byte_that_follows)
{
    enum { LEN = 20000 };
    static char log[LEN + 100], line[LEN + 100], round[LEN + 100];

    memset(log, 'x', LEN);
    memcpy(log, "<?xml?><nvidia_smi_log>", 23);
    strcpy(log + LEN, "</nvidia_smi_log>");
    frame_in_pieces(log, "</nvidia_smi_log>", 40);
    memset(line, '9', LEN);
    strcpy(line + LEN, "\n");
    frame_in_pieces(line, "\n", 40);
    for (size_t i = 0, at = 0; at < LEN; i++)
        at += (size_t)sprintf(round + at, "%zu, 9999, GPU\n", i);
    strcat(round, "9999, 1, GPU\n");
    frame_in_pieces(round, "0, 1, G\n", 40);
}
END_TEST

START_TEST(a_host_that_has_no_use_for_streams_is_given_none)
{
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_STREAM);
    ck_assert_ptr_nonnull(strstr(ask.command, " -l 5"));
    out->target.no_stream = true;
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_RUN);
    ck_assert_ptr_null(strstr(ask.command, " -l"));
    /* A host that was built before the member was there. */
    out->target.size = offsetof(struct gw_target, no_stream);
    ck_assert_int_eq(heard_ask(out, &ask), GW_DONE);
    ck_assert_int_eq(ask.how, GW_STREAM);
}
END_TEST

START_TEST(a_gigantic_line_is_survived)
{
    size_t len = 4 << 20;
    char *line = malloc(len + 1);

    memset(line, '9', len);
    line[len] = '\0';
    ck_assert_int_eq(heard_parse(out, line), GW_FAILED);
    memcpy(line, "0, 1, ", 6);
    ck_assert_int_eq(heard_parse(out, line), GW_FAILED);
    free(line);
}
END_TEST

/* ---- real output, where it is at hand ---- */

static bool parse_sample(const char *path)
{
    size_t len;
    char *log = heard_file("GW_SERVERS", path, &len);

    if (!log)
        return false;
    ck_assert_int_eq(heard_parse_bytes(out, log, len), GW_DONE);
    ck_assert_uint_eq(out->warnings, 0);
    free(log);
    return true;
}

START_TEST(real_logs_are_read)
{
    if (parse_sample("samples/nvidia-smi/a100-sxm4-v12.xml")) {
        ck_assert_double_eq(number("n14/0", "power"), 67.03);
        ck_assert_str_eq(text("n14/0", "mig"), "1g.20gb ×4");
        ck_assert_double_nan(number("n14/0", "util"));
    }
    if (parse_sample("samples/nvidia-smi/rtx-4000-sff-ada-v13.xml")) {
        ck_assert_double_eq(number("n14/0", "power"), 8.81);
        ck_assert_double_eq(number("n14/0", "power_instant"), 8.44);
        ck_assert_double_eq(number("n14/0", "power_limit"), 70);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("nvsmi");
    TCase *c = tcase_create("nvsmi");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_v11_log_is_read);
    tcase_add_test(c, a_gpu_cut_by_mig_is_one_gpu);
    tcase_add_test(c, a_brake_outranks_heat_and_heat_outranks_a_power_cap);
    tcase_add_test(c, power_is_the_average_and_the_instant_stands_beside_it);
    tcase_add_test(c, a_sick_gpu_has_a_state_and_no_power);
    tcase_add_test(c, the_index_is_the_place_in_the_list_not_the_minor_number);
    tcase_add_test(c, a_log_cut_anywhere_fails_and_says_where);
    tcase_add_test(c, xml_of_another_kind_is_refused);
    tcase_add_test(c, a_warning_around_the_xml_does_no_harm);
    tcase_add_test(c, a_decimal_comma_is_refused_not_misread);
    tcase_add_test(c, a_figure_in_another_unit_is_refused);
    tcase_add_test(c, the_csv_of_a_new_driver_is_read);
    tcase_add_test(c, an_older_driver_is_asked_for_less_and_at_last_for_xml);
    tcase_add_test(c, mig_seen_in_csv_asks_for_the_xml);
    tcase_add_test(c, mig_with_mode_csv_is_told_without_profiles);
    tcase_add_test(c, options_are_checked);
    tcase_add_loop_test(c, every_trouble_is_said_in_words, 0,
                        sizeof(troubles) / sizeof(*troubles));
    tcase_add_test(c, a_lost_gpu_takes_the_index_that_no_row_has);
    tcase_add_test(c, a_bad_row_does_not_spoil_the_others);
    tcase_add_test(c,
                   a_row_that_does_not_say_of_which_gpu_it_is_says_which_field_it_lacks);
    tcase_add_test(c, a_round_is_whole_with_its_last_gpu);
    tcase_add_test(c, a_round_with_a_gpu_missing_ends_where_the_index_starts_again);
    tcase_add_test(c, a_complaint_in_a_stream_is_an_answer_of_its_own);
    tcase_add_test(c, a_stream_of_logs_is_cut_behind_each);
    tcase_add_test(c, no_byte_of_a_stream_is_looked_at_for_every_byte_that_follows);
    tcase_add_test(c, a_host_that_has_no_use_for_streams_is_given_none);
    tcase_add_test(c, a_gigantic_line_is_survived);
    tcase_add_test(c, real_logs_are_read);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
