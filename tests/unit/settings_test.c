/* The configuration: what it understands, and how it complains. */
#include "settings.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings *s;
static struct err err;

static void set_up(void)
{
    s = settings_new();
    memset(&err, 0, sizeof(err));
}

static void tear_down(void)
{
    settings_free(s);
}

static int read_yaml(const char *text)
{
    return settings_read_text(s, text, strlen(text), "site.yaml", &err);
}

/* The complaint starts with the place and holds the words. */
static void check_complaint(const char *yaml, const char *place, const char *words)
{
    ck_assert_msg(read_yaml(yaml) != 0, "accepted: %s", yaml);
    ck_assert_msg(strncmp(err.text, place, strlen(place)) == 0,
                  "expected place %s, got: %s", place, err.text);
    ck_assert_msg(strstr(err.text, words) != NULL, "expected \"%s\" in: %s", words, err.text);
    ck_assert_int_eq(err.code, ERR_USAGE);
}

static uint32_t entity(enum gw_kind kind, const char *name)
{
    for (uint32_t i = 0; i < s->roster->entity_count; i++)
        if (s->roster->entities[i].kind == (uint32_t)kind &&
            strcmp(s->roster->entities[i].name, name) == 0)
            return i;
    return GW_NONE;
}

static const char *parent_of(enum gw_kind kind, const char *name)
{
    uint32_t parent = s->roster->entities[entity(kind, name)].parent;

    return parent == GW_NONE ? NULL : s->roster->entities[parent].name;
}

START_TEST(an_empty_file_says_nothing)
{
    ck_assert_int_eq(read_yaml(""), 0);
    ck_assert_str_eq(s->site, "site");
    ck_assert_double_eq(s->refresh_s, 1);
    ck_assert_ptr_null(s->roster);
}
END_TEST

START_TEST(scalars_have_units_and_groups)
{
    ck_assert_int_eq(read_yaml("site: iad-3\nrefresh: 500ms\nssh: {config: /tmp/c}\n"
                               "thresholds:\n  power: {attention: 90%}\n  gpu_temp:\n"
                               "    critical: 95C\ncap: 440MW\n"), 0);
    ck_assert_str_eq(s->site, "iad-3");
    ck_assert_double_eq_tol(s->refresh_s, .5, 1e-9);
    ck_assert_str_eq(s->ssh_config, "/tmp/c");
    ck_assert_double_eq_tol(s->thresholds.power_attention, .9, 1e-9);
    ck_assert_double_eq_tol(s->thresholds.gpu_temp_critical, 95, 1e-9);
    ck_assert_double_eq_tol(s->cap_w, 440e6, 1);
}
END_TEST

START_TEST(ranges_become_a_roster_wholes_first)
{
    ck_assert_int_eq(
        read_yaml("racks:\n  r[01-02]: {fed_by: [bus-A, bus-B], cap: 132kW}\n"
                  "nodes:\n  n[1-4]: {rack: 'r[01-02]', gpus: 8, cap: 10.2kW}\n"
                  "domains:\n  bus-[A,B]: {type: busway, fed_by: feed-A}\n"
                  "  feed-A: {type: feed, cap: 1MW}\n"),
        0);
    ck_assert_str_eq(parent_of(GW_NODE, "n2"), "r01");
    ck_assert_str_eq(parent_of(GW_NODE, "n3"), "r02");
    ck_assert_str_eq(parent_of(GW_DOMAIN, "r02"), "bus-A");
    ck_assert_str_eq(parent_of(GW_DOMAIN, "bus-B"), "feed-A");
    ck_assert_str_eq(parent_of(GW_GPU, "n4/7"), "n4");
    ck_assert_uint_eq(s->roster->link_count, 2);
    for (uint32_t i = 0; i < s->roster->entity_count; i++)
        ck_assert(s->roster->entities[i].parent == GW_NONE ||
                  s->roster->entities[i].parent < i);
    ck_assert_uint_eq(s->cap_count, 3);
}
END_TEST

/* "ä" as one letter, and as "a" with a mark. */
START_TEST(a_name_is_one_however_its_letters_are_written)
{
    ck_assert_int_eq(read_yaml("domains:\n  hall-a\xcc\x88: {type: hall, cap: 1MW}\n"
                               "racks:\n  r1: {fed_by: hall-\xc3\xa4}\n"), 0);
    ck_assert_str_eq(parent_of(GW_DOMAIN, "r1"), "hall-\xc3\xa4");
    ck_assert_uint_eq(s->cap_count, 1);
    ck_assert_str_eq(s->caps[0].domain, "hall-\xc3\xa4");
    ck_assert_int_eq(read_yaml("targets:\n  - {url: \"http://h:9400\", name: a\xcc\x88}\n"), 0);
    ck_assert_str_eq(s->targets[0].name, "\xc3\xa4");
}
END_TEST

START_TEST(a_cap_in_amps_becomes_watts_of_three_phases)
{
    ck_assert_int_eq(
        read_yaml("domains:\n  bus:\n    type: busway\n    cap: {value: 1000A, "
                  "volts: 415V, power_factor: 0.95, mean_over: 15m, aligned: yes, "
                  "dwell: 2m, clear: 2%, contingency: n-1}\n"),
        0);
    ck_assert_double_eq_tol(s->caps[0].cap.value, 1.7320508 * 415 * 1000 * .95, 100);
    ck_assert_int_eq(s->caps[0].cap.unit, UNIT_W);
    ck_assert(s->caps[0].cap.aligned && s->caps[0].cap.n1);
    ck_assert_double_eq(s->caps[0].cap.window_s, 900);
    ck_assert_str_eq(s->caps[0].cap.origin, "site.yaml:4:10");
}
END_TEST

static const struct protection *device_of(const char *cap)
{
    char yaml[300];

    snprintf(yaml, sizeof(yaml), "domains: {ups: {type: ups, cap: {value: 1MW, %s}}}\n",
             cap);
    ck_assert_int_eq(read_yaml(yaml), 0);
    return &s->caps[0].cap.protection;
}

START_TEST(a_cap_may_be_the_rating_of_a_device)
{
    const struct protection *p = device_of("trip: {tau: 10m}, dwell: 5s");

    ck_assert_int_eq(p->kind, PROTECTION_THERMAL);
    ck_assert_double_eq(p->seconds, 600);
    settings_free(s);
    s = settings_new();
    p = device_of("i2t: {at: 6, seconds: 12}");
    ck_assert_int_eq(p->kind, PROTECTION_I2T);
    ck_assert(p->at == 6 && p->seconds == 12 && p->forget_s == 1200);
    settings_free(s);
    s = settings_new();
    p = device_of("overload: {110%: 10m, 125%: 30s}, forget: 5m");
    ck_assert_int_eq(p->kind, PROTECTION_TABLE);
    ck_assert_uint_eq(p->rows, 2);
    ck_assert_double_eq_tol((double)p->table[1].share, 1.25, 1e-12);
    ck_assert_double_eq((double)p->table[1].seconds, 30);
    ck_assert_double_eq(p->forget_s, 300);
    settings_free(s);
    s = settings_new();
    p = device_of("curve: {inverse: iec-very, multiplier: 0.5}");
    ck_assert_int_eq(p->kind, PROTECTION_CURVE);
    ck_assert_double_eq_tol(p->a, 6.75, 1e-12);
}
END_TEST

START_TEST(targets_unroll_beside_their_nodes)
{
    ck_assert_int_eq(
        read_yaml("targets:\n- {url: 'ssh://op@n[01-03]:2222', source: nvsmi, "
                  "node: 'n[01-03]', options: {mode: xml}}\n"
                  "- url: https://m:9443/metrics\n  user: op\n"
                  "  password: {environment: PW}\n"
                  "  headers: {X-Scope-OrgID: blue}\n"),
        0);
    ck_assert_uint_eq(s->target_count, 4);
    ck_assert_str_eq(s->targets[1].url, "ssh://op@n02:2222");
    ck_assert_str_eq(s->targets[1].name, "n02:2222");
    ck_assert_str_eq(s->targets[1].node, "n02");
    ck_assert_str_eq(s->targets[1].options[0].value, "xml");
    ck_assert_str_eq(s->targets[3].password.where, "PW");
    ck_assert_str_eq(s->targets[3].headers[0], "X-Scope-OrgID: blue");
    ck_assert_ptr_null(s->targets[3].headers[1]);
    ck_assert_ptr_null(s->targets[0].headers);
}
END_TEST

static const struct {
    const char *yaml, *place, *words;
} bad[] = {
    { "site: a\ncolour: yes\n", "site.yaml:2:1", "unknown key \"colour\"; did you mean color?" },
    { "site: a\nweather: fine\n", "site.yaml:2:1", "unknown key \"weather\"; known: domains" },
    { "nodse: {n1: {}}\n", "site.yaml:1:1", "unknown key \"nodse\"; did you mean nodes?" },
    { "nodes: {n1: {rak: r1}}\n", "site.yaml:1:14", "unknown key \"rak\" in a node; did you mean rack?" },
    { "thresholds: {pwoer: {attention: 90%}}\n", "site.yaml:1:14", "unknown key \"thresholds.pwoer\"; did you mean power?" },
    { "domains: {a: {type: bussway}}\n", "site.yaml:1:21", "unknown type \"bussway\"; did you mean busway?" },
    { "classes: [{class: trainig, tenant: a}]\n", "site.yaml:1:19", "unknown class \"trainig\"; did you mean training?" },
    { "site: a\nsite: b\n", "site.yaml:2:1", "stands twice; first at line 1" },
    { "refresh: 5kW\n", "site.yaml:1:10", "wrong unit" },
    { "refresh: soon\n", "site.yaml:1:10", "expected a number with its unit" },
    { "refresh: 0s\n", "site.yaml:1:10", "out of range" },
    { "cap: 20 kVA\n", "site.yaml:1:6", "has the wrong unit" },
    { "cap: 440\n", "site.yaml:1:6", "440 of what? write the unit" },
    { "color: maybe\n", "site.yaml:1:8", "expected yes or no" },
    { "thresholds: {power: {attention: 90C}}\n", "site.yaml:1:33", "wrong unit" },
    { "thresholds: {heat: 5}\n", "site.yaml:1:14", "unknown key \"thresholds.heat\"; known: power, gpu_temp, coverage, breach, hold" },
    { "site: a\n---\nsite: b\n", "site.yaml:2:1", "a second document" },
    { "nodes: {n1: {gpus: x}}\n", "site.yaml:1:20", "expected a plain number, got \"x\"" },
    { "nodes: {n1: {gpus: 8W}}\n", "site.yaml:1:20", "wrong unit in \"8W\": expected a plain number" },
    { "nodes: {n1: {gpus: 9999}}\n", "site.yaml:1:20", "9999 is out of range: 0 to 1024" },
    { "targets: [{url: 'https://op:hunter2@h/m'}]\n", "site.yaml:1:17", "a password does not belong into a URL" },
    { "site: [a\n", "site.yaml:2:1", "not YAML" },
    { "targets: [{url: 'http://m/', headers: {Authorization: Bearer x}}]\n", "site.yaml:1:",
      "Authorization is not for headers:; a password or token goes into password: or token:" },
    { "targets: [{url: 'http://m/', headers: {\"X A\": b}}]\n", "site.yaml:1:",
      "\"X A\" cannot be the name of a header" },
    { "targets: [{url: 'http://m/', headers: {X-A: \"b\\nc\"}}]\n", "site.yaml:1:",
      "one line without control characters" },
    { "- a\n- b\n", "site.yaml:1:1", "expected the configuration as a mapping" },
    { "domains: {a: {type: feed, fed_by: b}, b: {type: hall, fed_by: a}}\n", "site.yaml:1:",
      "must not form a circle" },
    { "domains: {a: {type: feed, fed_by: a}}\n", "site.yaml:1:11", "feeds itself" },
    { "domains: {a: {type: feed, fed_by: z}}\n", "site.yaml:1:35", "\"a\" is fed by \"z\", which is not declared" },
    { "nodes: {n1: {rack: r9}}\n", "site.yaml:1:20", "\"n1\" stands in \"r9\", which is not declared" },
    { "domains: {a: {type: pond}}\n", "site.yaml:1:21", "unknown type \"pond\"; known: feed, switchboard," },
    { "domains: {a: {type: feed hall}}\n", "site.yaml:1:21", "unknown type" },
    { "refresh: 5\n", "site.yaml:1:10", "5 of what? write the unit: 5s or 5m" },
    { "thresholds: {gpu_temp: {attention: 80}}\n", "site.yaml:1:36", "80 of what? write the unit: C" },
    { "domains: {a: {cap: {value: 5MW, mean_over: 15}}}\n", "site.yaml:1:44", "15 of what? write the unit: 15s or 15m" },
    { "targets: [{url: 'http://m/', max_bytes: 5000}]\n", "site.yaml:1:41", "5000 of what?" },
    { "targets: [{url: 'ssh://n[1-'}]\n", "site.yaml:1:17", "the text ends; a range is written as n[1-64]" },
    { "domains: {a: {cap: 110 k VA}}\n", "site.yaml:1:20", "such as 110MW" },
    { "domains: {a: {cap: 20 kVA}}\n", "site.yaml:1:20", "needs power_factor" },
    { "domains: {a: {cap: 110}}\n", "site.yaml:1:20", "such as 110MW" },
    { "domains: {a: {cap: 11C}}\n", "site.yaml:1:20", "such as 110MW" },
    { "domains: {a: {cap: -5MW}}\n", "site.yaml:1:20", "above 0" },
    { "domains: {a: {cap: {value: 630A}}}\n", "site.yaml:1:20", "needs power_factor" },
    { "domains: {a: {cap: {mean_over: 15m}}}\n", "site.yaml:1:20", "needs value" },
    { "domains: {a: {cap: {value: 1MW, mean_over: 3h}}}\n", "site.yaml:1:44", "out of range: 0 to 7200 s" },
    { "domains: {a: {cap: {value: 1MW, trip: {}}}}\n", "site.yaml:1:39", "needs tau" },
    { "domains: {a: {cap: {value: 1MW, i2t: {at: 6}}}}\n", "site.yaml:1:38", "at: and seconds" },
    { "domains: {a: {cap: {value: 1MW, i2t: {at: 6, seconds: 12kW}}}}\n", "site.yaml:1:55", "wrong unit" },
    { "domains: {a: {cap: {value: 1MW, overload: {125%: 30s, 110%: 10m}}}}\n", "site.yaml:1:55",
      "rows of an overload rise" },
    { "domains: {a: {cap: {value: 1MW, overload: {}}}}\n", "site.yaml:1:43", "needs rows" },
    { "domains: {a: {cap: {value: 1MW, trip: {tau: 9s}, overload: {110%: 5m}}}}\n",
      "site.yaml:1:60", "trip: or overload:, not both" },
    { "domains: {a: {cap: {value: 1MW, trip: {tau: 9s}, mean_over: 5m}}}\n", "site.yaml:1:20",
      "it has no mean_over" },
    { "domains: {a: {cap: {value: 1MW, curve: {inverse: steep}}}}\n", "site.yaml:1:50",
      "unknown curve \"steep\"; known: iec-standard" },
    { "domains: {a: {cap: {value: 1MW, curve: {inverse: iec-very}}}}\n", "site.yaml:1:40",
      "needs inverse: and multiplier" },
    { "domains: {a: {cap: {value: 1MW, forget: 5m}}}\n", "site.yaml:1:20", "forget: is about" },
    { "domains: {a: {cap: {value: 1MW, max_over: 5m, aligned: yes}}}\n", "site.yaml:1:20",
      "aligned: is about mean_over" },
    { "domains: {a: {fed_by: [b, c, d]}}\n", "site.yaml:1:23", "at most two feeds" },
    { "domains: {a: {type: feed}}\nracks: {a: {cap: 1kW}}\n", "site.yaml:", "declared twice" },
    { "racks: {'r[1-2]': {}}\nnodes: {'n[1-3]': {rack: 'r[1-2]'}}\n", "site.yaml:2:26",
      "cannot be spread evenly" },
    { "nodes: {'n[9-1]': {}}\n", "site.yaml:1:9", "" },
    { "nodes: {'a b': {}}\n", "site.yaml:1:9", "a name must not" },
    { "nodes: {'-oProxyCommand=x': {}}\n", "site.yaml:1:9", "a name must not" },
    { "targets: {url: a}\n", "site.yaml:1:10", "as a list" },
    { "targets: [{name: a}]\n", "site.yaml:1:11", "a target needs url" },
    { "targets: [{url: 'ssh://a'}, {url: 'ssh://a'}]\n", "site.yaml:1:29", "already" },
    { "targets: [{url: 'ssh://a', transport: pigeon}]\n", "site.yaml:1:39", "unknown transport" },
    { "targets: [{url: 'ssh://n[1-3]', node: 'n[1-2]'}]\n", "site.yaml:1:39",
      "2 names for 3 targets" },
    { "targets: [{url: 'https://a', password: hunter2}]\n", "site.yaml:1:40",
      "must not stand in the configuration" },
    { "targets: [{url: 'https://a', token: {file: a, command: b}}]\n", "site.yaml:1:56",
      "one place only" },
    { "a: &x [1]\nb: *x\n", "site.yaml:2:4", "aliases" },
    { "a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "site.yaml:1:", "nested too deep" },
};

START_TEST(bad_input_is_refused_with_its_place)
{
    check_complaint(bad[_i].yaml, bad[_i].place, bad[_i].words);
}
END_TEST

START_TEST(a_secret_is_never_repeated_in_a_complaint)
{
    read_yaml("targets: [{url: 'https://a', password: hunter2}]\n");
    ck_assert_ptr_null(strstr(err.text, "hunter2"));
    read_yaml("targets: [{url: 'slurm+https://op:hunter2@a'}]\n");
    ck_assert_ptr_null(strstr(err.text, "hunter2"));
}
END_TEST

START_TEST(escape_sequences_do_not_reach_the_message)
{
    ck_assert_int_ne(read_yaml("\"\\e[31mred\": 1\n"), 0);
    ck_assert_ptr_null(strchr(err.text, '\x1b'));
}
END_TEST

START_TEST(the_later_wins_and_is_remembered)
{
    char *text;

    setenv("GIGAWATCH_REFRESH", "3s", 1);
    ck_assert_int_eq(read_yaml("refresh: 2s\ntimeout: 4s\n"), 0);
    ck_assert_int_eq(settings_read_environment(s, &err), 0);
    unsetenv("GIGAWATCH_REFRESH");
    ck_assert_double_eq(s->refresh_s, 3);
    ck_assert_int_eq(settings_set(s, "refresh=4s", "--set", &err), 0);
    ck_assert_double_eq(s->refresh_s, 4);
    text = settings_describe(s);
    ck_assert_ptr_nonnull(strstr(text, "refresh\t4 s\t--set"));
    ck_assert_ptr_nonnull(strstr(text, "timeout\t4 s\tsite.yaml:2:1"));
    free(text);
}
END_TEST

START_TEST(a_setting_nobody_reads_is_an_error)
{
    ck_assert_int_ne(settings_set(s, "refesh=4s", "--set", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "unknown setting \"refesh\"; did you mean refresh?"));
    ck_assert_int_ne(settings_set(s, "refresh", "--set", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "KEY=VALUE"));
}
END_TEST

START_TEST(targets_of_the_command_line_are_urls_or_recordings)
{
    ck_assert_int_eq(settings_add_target(s, "ssh://n[1-2]", &err), 0);
    ck_assert_int_eq(settings_add_target(s, "http://[::1]:9400/metrics", &err), 0);
    ck_assert_uint_eq(s->target_count, 3);
    ck_assert_str_eq(s->targets[2].url, "http://[::1]:9400/metrics");
    ck_assert_int_ne(settings_add_target(s, "n14", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "\"n14\" is no target; did you mean ssh://n14? expected ssh://host"));
    ck_assert_ptr_nonnull(strstr(err.text, "slurm+ssh://host, kube://context"));
    ck_assert_int_ne(settings_add_target(s, "n14:9400", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "did you mean http://n14:9400/metrics?"));
    ck_assert_int_ne(settings_add_target(s, "nowhere.csv", &err), 0);
    ck_assert_ptr_nonnull(strstr(err.text, "cannot be read"));
    ck_assert_int_ne(settings_add_target(s, "https://op:secret@h/metrics", &err), 0);
    ck_assert_ptr_null(strstr(err.text, "secret@"));
}
END_TEST

START_TEST(the_example_is_a_configuration)
{
    const char *source = getenv("SRCDIR");
    char path[4096];

    snprintf(path, sizeof(path), "%s/examples/site.yaml", source ? source : ".");
    ck_assert_msg(settings_read_file(s, path, &err) == 0, "%s", err.text);
    ck_assert_uint_eq(s->target_count, 1152);
    ck_assert_uint_ne(entity(GW_GPU, "n1152/7"), GW_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("settings");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_empty_file_says_nothing);
    tcase_add_test(tests, scalars_have_units_and_groups);
    tcase_add_test(tests, ranges_become_a_roster_wholes_first);
    tcase_add_test(tests, a_name_is_one_however_its_letters_are_written);
    tcase_add_test(tests, a_cap_in_amps_becomes_watts_of_three_phases);
    tcase_add_test(tests, a_cap_may_be_the_rating_of_a_device);
    tcase_add_test(tests, targets_unroll_beside_their_nodes);
    tcase_add_loop_test(tests, bad_input_is_refused_with_its_place, 0,
                        sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(tests, a_secret_is_never_repeated_in_a_complaint);
    tcase_add_test(tests, escape_sequences_do_not_reach_the_message);
    tcase_add_test(tests, the_later_wins_and_is_remembered);
    tcase_add_test(tests, a_setting_nobody_reads_is_an_error);
    tcase_add_test(tests, targets_of_the_command_line_are_urls_or_recordings);
    tcase_add_test(tests, the_example_is_a_configuration);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
