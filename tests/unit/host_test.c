/* The host side of the plugin interface: what a source does wrong is counted and told,
 * and a plugin that does not fit is refused in words. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/batch.h"
#include "model/metric.h"
#include "poll/host.h"
#include "poll/link.h"
#include "poll/poll.h"
#include "poll/url.h"

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

enum { POWER, MODEL, NODE_POWER, NODELIST };

static const struct gw_metric metrics[] = {
    [POWER] = { "power", GW_GPU, GW_GAUGE, "mW", 0, 2e6, "power" },
    [MODEL] = { "model", GW_GPU, GW_TEXT, "", 0, 0, "product" },
    [NODE_POWER] = { "meter", GW_NODE, GW_GAUGE, "W", 0, 0, "meter" },
    [NODELIST] = { "nodelist", GW_JOB, GW_TEXT, "", 0, 0, "where it runs" },
    { 0 }
};

static const struct gw_option options[] = { { "depth", "3", "how deep" }, { 0 } };

static int good_ask(const struct gw_api *api, const struct gw_target *t,
                    struct gw_ask *ask, struct gw_out *out)
{
    (void)out;
    ask->how = GW_RUN;
    ask->command = api->print(t, "cat %s", api->option(t, "depth"));
    return GW_DONE;
}

/* Does what the text says, a letter each: right and wrong things alike. */
static int good_parse(const struct gw_api *api, const struct gw_target *t,
                      const char *text, size_t len, struct gw_out *out)
{
    uint32_t node = api->entity(out, GW_NODE, t->name, strlen(t->name), GW_NONE);
    uint32_t gpu = api->entity(out, GW_GPU, "n1/0", 4, node);

    for (size_t i = 0; i < len; i++)
        switch (text[i]) {
        case 'p': api->number(out, gpu, POWER, 700000); break;
        case 'e': api->estimate(out, gpu, POWER, 650000); break;
        case 'n': api->number(out, gpu, POWER, NAN); break;
        case 't': api->text(out, gpu, MODEL, "H\x1b[31m", 6); break;
        case 'T': api->text(out, gpu, POWER, "700", 3); break;
        case 'N': api->number(out, gpu, MODEL, 1); break;
        case 'm': api->number(out, gpu, 4711, 1); break;
        case 'x': api->number(out, 4711, POWER, 1); break;
        case 'k': api->number(out, node, POWER, 1); break;
        case 'K': api->entity(out, (enum gw_kind)99, "x", 1, GW_NONE); break;
        case 'D': node = api->entity(out, GW_NODE, "n7.dc1", 6, GW_NONE);
                  api->entity(out, GW_GPU, "n7.DC1/3", 8, node);
                  api->entity(out, GW_GPU, "n7.dc1/3/0", 10, node);
                  api->entity(out, GW_NODE, ".dc1", 4, GW_NONE);
                  api->text(out, api->entity(out, GW_JOB, "9.dc1", 5, GW_NONE), NODELIST,
                            "n7.dc1,n[8-9].dc1,n.dc10", 24);
                  break;
        case 'h': api->numbers(out, POWER, (struct gw_number[]){
                      { "n1/0", 4, 700000 }, { "n1\033/1", 5, -5 }, { "n1/2", 4, INFINITY } }, 3);
                  break;
        case 'd': api->numbers(out, POWER, &(struct gw_number){ "n7.DC1/3", 8, 1 }, 1); break;
        case 'H': api->numbers(out, NODE_POWER, &(struct gw_number){ "n1", 2, 1 }, 1); break;
        case 'q': api->numbers(out, MODEL, &(struct gw_number){ "n1/0", 4, 1 }, 1); break;
        case 'Q': api->numbers(out, 4711, NULL, 0); break;
        case 'B': api->past(out, 1700000000 - 60); break;
        case 'b': api->past(out, 0); break;
        case '0': api->time(out, 0); break;
        case 'l': api->link(out, gpu, 77); break;
        case 'w': api->warn(out, "line %d not understood", 3); break;
        case '+': api->partial(out, 2, "%d rooms do not answer", 2); break;
        case '?': api->partial(out, 0, "a store is gone"); break;
        case 'g': { struct gw_reply r = { .size = sizeof(r) };
                    return api->get(t, "/", NULL, &r, out); }
        case 'f': return api->fail(out, "a web page where metrics were expected");
        case 'F': return GW_FAILED;
        }
    return GW_DONE;
}

static const struct gw_source good_source = {
    GW_SOURCE_HEAD,         .name = "good",      .summary = "does as it is told",
    .schemes = "good http", .metrics = metrics,  .options = options,
    .ask = good_ask,        .parse = good_parse,
};

static struct batch *parse(const char *text, struct err *err)
{
    struct target_config t = { .name = "n1",
                               .url = "http://u@n1:9400/metrics?token=abc&a=b" };

    return source_parse(&good_source, &t, text, strlen(text), 1700000000, err);
}

static const struct batch_sample *find(const struct batch *b, enum gw_kind kind,
                                       const char *metric)
{
    uint16_t id = metric_find(kind, metric);

    for (size_t i = 0; i < b->sample_count; i++)
        if (b->samples[i].metric == id)
            return &b->samples[i];
    return NULL;
}

/* ---- values ---- */

START_TEST(values_arrive_in_base_units)
{
    struct err err;
    struct batch *b = parse("p", &err);
    const struct batch_sample *s = find(b, GW_GPU, "power");

    ck_assert_str_eq(b->target, "n1");
    ck_assert_double_eq_tol(s->number, 700, 1e-9);
    ck_assert_uint_eq(s->metric, M_GPU_POWER);
    ck_assert_int_eq(s->quality, GW_OK);
    batch_free(b);
    b = parse("e", &err);
    ck_assert_int_eq(find(b, GW_GPU, "power")->quality, GW_ESTIMATED);
    batch_free(b);
    b = parse("n", &err);
    ck_assert(isnan(find(b, GW_GPU, "power")->number));
    batch_free(b);
}
END_TEST

START_TEST(numbers_by_names_alone_are_in_base_units_and_possible)
{
    struct err err;
    struct batch *b = parse("h", &err);
    const struct batch_known *known = b->known;
    uint32_t other;

    ck_assert_uint_eq(b->known_count, 1);
    ck_assert_uint_eq(known->count, 3);
    ck_assert_uint_eq(batch_things(b), b->entity_count + 3);
    ck_assert_uint_eq(known->metric, M_GPU_POWER);
    ck_assert_uint_eq(known->hashes[0], batch_hash(GW_GPU, "n1/0", 4));
    other = batch_entity(b, GW_GPU, "n1\033/1", 5, GW_NONE);
    ck_assert_uint_eq(known->hashes[1], b->entities[other].hash);
    ck_assert_double_eq_tol(known->numbers[0], 700, 1e-9);
    ck_assert(isnan(known->numbers[1]) && isnan(known->numbers[2]));
    ck_assert_int_eq(known->qualities[0], GW_OK);
    ck_assert_int_eq(known->qualities[1], GW_OUT_OF_RANGE);
    ck_assert_int_eq(known->qualities[2], GW_OK);
    batch_free(b);
    b = parse("Bh", &err);      /* no GPU has a past */
    ck_assert_uint_eq(b->known_count, 0);
    batch_free(b);
}
END_TEST

START_TEST(what_was_is_marked_until_what_is)
{
    struct err err;
    struct batch *b = parse("Bpb0p", &err);
    const struct batch_sample *was = find(b, GW_GPU, "power"), *is = was + 1;

    ck_assert(b->past[was->age] && !b->past[is->age] && b->tells_past);
    ck_assert_double_eq(b->times[was->age], 1700000000 - 60);
    ck_assert_double_eq(b->times[is->age], 1700000000);
    batch_free(b);
}
END_TEST

START_TEST(what_only_one_target_puts_behind_a_nodes_name_is_cut)
{
    static const char *const names[] = { "n1",     "n1/0", "n7",   "n7/3",
                                         "n7/3/0", ".dc1", "9.dc1" };
    struct target_config t = { .name = "n1",
                               .url = "http://n1:9400/metrics",
                               .node_suffix = ".dc1" };
    struct err err;
    struct batch *b = source_parse(&good_source, &t, "Dd", 2, 1700000000, &err);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_str_eq(b->entities[i].name, names[i]);
    ck_assert_str_eq(find(b, GW_JOB, "nodelist")->text, "n7,n[8-9],n.dc10");
    ck_assert_uint_eq(b->known[0].hashes[0], batch_hash(GW_GPU, "n7/3", 4));
    batch_free(b);
}
END_TEST

START_TEST(text_is_cleaned)
{
    struct err err;
    struct batch *b = parse("t", &err);

    ck_assert_ptr_null(strchr(find(b, GW_GPU, "model")->text, 0x1b));
    batch_free(b);
}
END_TEST

START_TEST(what_is_missing_is_added_up_unless_nobody_knows_how_much)
{
    static const struct {
        const char *text;
        double missing;
    } told[] = { { "+", 2 }, { "++", 4 }, { "+?", NAN } };

    for (int i = 0; i < 3; i++) {
        struct err err;
        struct batch *b = parse(told[i].text, &err);
        double missing = find(b, GW_SOURCE, "missing")->number;

        ck_assert_msg(isnan(told[i].missing) ? isnan(missing)
                                             : fabs(missing - told[i].missing) < .1,
                      "%s: %g", told[i].text, missing);
        batch_free(b);
    }
}
END_TEST

START_TEST(what_a_source_does_wrong_is_counted_and_told)
{
    static const struct { const char *text, *part; } wrong[] = {
        { "m", "1 value of good refused: metric 4711 of 4 does not exist" },
        { "mmm", "3 values of good refused" },
        { "T", "metric power is a number" },
        { "N", "metric model is text" },
        { "x", "entity 4711 is not of this answer" },
        { "k", "metric power is not one of nodes" },
        { "K", "an entity without a known kind" },
        { "H", "metric meter is not one of gpus" },
        { "q", "metric model is text" },
        { "Q", "metric 4711 of 4 does not exist" },
        { "b", "a past that is none" },
        { "l", "entity 77" },
        { "wm", "line 3 not understood; 1 value" },
        { "ww", "line 3 not understood (and 1 more)" },
        { "w+", "2 rooms do not answer; line 3 not understood" },
        { "+?", "2 rooms do not answer (and 1 more)" },
        { NULL, NULL }
    };

    for (int i = 0; wrong[i].text; i++) {
        struct err err;
        struct batch *b = parse(wrong[i].text, &err);
        const struct batch_sample *s;

        ck_assert_ptr_nonnull(b);
        s = find(b, GW_SOURCE, "reason");
        ck_assert_msg(s && strstr(s->text, wrong[i].part), "%s: %s", wrong[i].text,
                      s ? s->text : "nothing told");
        ck_assert_ptr_null(find(b, GW_GPU, "power"));
        batch_free(b);
    }
}
END_TEST

START_TEST(a_failure_has_a_sentence_even_if_the_source_has_none)
{
    struct err err;

    ck_assert_ptr_null(parse("f", &err));
    ck_assert_str_eq(err.text, "a web page where metrics were expected");
    ck_assert_ptr_null(parse("F", &err));
    ck_assert_str_eq(err.text,
                     "good does not understand the answer, and does not say why");
    ck_assert_ptr_null(parse("g", &err));
    ck_assert_str_eq(err.text, "good: may not ask from here");
}
END_TEST

START_TEST(a_target_shows_no_secret_and_is_called_after_its_node)
{
    struct target_config c = { .name = "exporter-7", .node = "n7",
                               .url = "http://u@n7:9400/metrics?token=abc&a=b" };
    struct host_target t;
    struct gw_out out;
    struct gw_ask ask;
    struct err err;

    ck_assert_int_eq(host_target_start(&t, host_source(&good_source, &err), &c, &err), 0);
    ck_assert_str_eq(t.seen.name, "n7");
    ck_assert_str_eq(t.seen.url, "http://u@n7:9400/metrics?token=…&a=b");
    ck_assert_str_eq(t.seen.path, "/metrics?token=abc&a=b");
    host_out_start(&out, &t, NULL);
    ck_assert_int_eq(host_ask(&t, &ask, &out), GW_DONE);
    ck_assert_str_eq(ask.command, "cat 3");
    host_target_end(&t);
}
END_TEST

/* ---- conversations ---- */

static int ask_two(const struct gw_api *api, const struct gw_target *t,
                   struct gw_out *out)
{
    struct gw_reply a = { .size = sizeof(a) };
    uint32_t node;

    if (api->get(t, "/a", NULL, &a, out) == GW_FAILED)
        return GW_FAILED;
    node = api->entity(out, GW_NODE, a.text, a.len, GW_NONE);
    if (api->run(t, "b", &a, out) == GW_FAILED)
        return GW_FAILED;
    api->number(out, node, NODE_POWER, strtod(a.text, NULL) + a.status);
    return GW_DONE;
}

static const struct gw_source two_source = {
    GW_SOURCE_HEAD,     .name = "two",   .summary = "asks twice",
    .metrics = metrics, .poll = ask_two,
};

static const char *recorded(void *arg, const struct gw_ask *ask, int *status)
{
    *status = 5;
    if (ask->how == GW_GET)
        return strcmp(ask->path, "/a") == 0 ? "n9" : NULL;
    return arg;
}

static int ask_its_own(const struct gw_api *api, const struct gw_target *t,
                       struct gw_out *out)
{
    struct gw_reply a = { .size = sizeof(a) };

    if (api->get(t, NULL, NULL, &a, out) == GW_FAILED)
        return GW_FAILED;
    api->entity(out, GW_NODE, a.text, a.len, GW_NONE);
    return GW_DONE;
}

START_TEST(a_conversation_that_names_no_path_means_the_targets_own)
{
    static const struct gw_source own = { GW_SOURCE_HEAD, .name = "own",
                                          .summary = "asks for what is configured",
                                          .metrics = metrics, .poll = ask_its_own };
    struct target_config t = { .name = "n1", .url = "http://n1/a" };
    struct err err;
    struct batch *b = source_converse(&own, &t, recorded, NULL, 1700000000, &err);

    ck_assert_ptr_nonnull(b);
    ck_assert_str_eq(b->entities[0].name, "n9");
    batch_free(b);
}
END_TEST

START_TEST(a_conversation_is_tested_without_a_network)
{
    char power[] = "1200";
    struct err err;
    struct batch *b = source_converse(&two_source, NULL, recorded, power, 1700000000,
                                      &err);

    ck_assert_ptr_nonnull(b);
    ck_assert_str_eq(b->entities[0].name, "n9");
    ck_assert_double_eq(find(b, GW_NODE, "meter")->number, 1205);
    batch_free(b);
    ck_assert_ptr_null(
        source_converse(&two_source, NULL, recorded, NULL, 1700000000, &err));
    ck_assert_str_eq(err.text, "no answer");
}
END_TEST

/* ---- plugins that do not fit ---- */

static void expect_refusal(struct gw_source bad, const char *part)
{
    struct err err = { 0 };

    ck_assert_ptr_null(host_source(&bad, &err));
    ck_assert_msg(strstr(err.text, part), "\"%s\" lacks \"%s\"", err.text, part);
}

START_TEST(what_does_not_fit_is_refused_in_words)
{
    static const struct gw_metric volts[] = {
        { "power", GW_GPU, GW_GAUGE, "V", 0, 0, "" }, { 0 }
    };
    struct gw_source s = good_source;

    s.abi = 7;
    expect_refusal(
        s, "was built for version 7 of the plugin interface, and this is version 1");
    s = good_source;
    s.size = 16;
    expect_refusal(s, "struct gw_source has 16 bytes");
    s.size = 1 << 30;
    expect_refusal(s, "struct gw_source has 1073741824 bytes");
    s = good_source;
    s.metric_size = 3;
    expect_refusal(s, "struct gw_metric has 3 bytes");
    s = good_source;
    s.option_size = 0;
    expect_refusal(s, "struct gw_option has 0 bytes");
    s = good_source;
    s.name = NULL;
    expect_refusal(s, "has no name");
    s = good_source;
    s.parse = NULL;
    expect_refusal(s, "neither ask and parse nor poll");
    s = good_source;
    s.poll = ask_two;
    expect_refusal(s, "one of the two");
    s = good_source;
    s.metrics = NULL;
    expect_refusal(s, "has no metrics");
    s = good_source;
    s.metrics = volts;
    expect_refusal(s, "metric power");
}
END_TEST

/* A plugin of an older, smaller struct, whose metrics have another stride than ours. */
START_TEST(smaller_and_larger_structs_are_read_by_their_own_size)
{
    struct { struct gw_metric m; char more[24]; } wide[] = {
        { { "host_a", GW_NODE, GW_GAUGE, "W", 0, 0, "a" }, "x" },
        { { "host_b", GW_NODE, GW_GAUGE, "kW", 0, 0, "b" }, "y" },
        { { 0 }, "" }
    };
    struct gw_source old = good_source;
    const struct host_source *h;
    struct err err;

    old.size = offsetof(struct gw_source, open);
    old.poll = ask_two;         /* beyond its size: not ours to see */
    old.metrics = &wide[0].m;
    old.metric_size = sizeof(wide[0]);
    h = host_source(&old, &err);
    ck_assert_msg(h, "%s", err.text);
    ck_assert(!h->source->poll);
    ck_assert_uint_eq(h->metric_count, 2);
    ck_assert_str_eq(h->source->metrics[1].name, "host_b");
    ck_assert_double_eq(h->scales[1], 1000);
}
END_TEST

/* ---- .so files ---- */

static char dir[64];

static void build(const char *file, const char *code)
{
    const char *source_dir = getenv("SRCDIR"), *cc = getenv("CC");
    char path[128], command[600];
    FILE *f, *done;

    snprintf(path, sizeof(path), "%s/plugin.c", dir);
    f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "#include \"gigawatch/source.h\"\n%s\n", code);
    fclose(f);
    snprintf(command, sizeof(command), "%s -shared -fPIC -I%s/include -o %s/%s %s",
             cc ? cc : "cc", source_dir ? source_dir : ".", dir, file, path);
    done = popen(command, "r");
    ck_assert_int_eq(pclose(done), 0);
}

static void load(const char *file, const char *want)
{
    struct err err = { 0 };
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, file);
    if (!want) {
        ck_assert_msg(source_load(path, &err) == 0, "%s", err.text);
        return;
    }
    ck_assert_int_eq(source_load(path, &err), -1);
    ck_assert_msg(strstr(err.text, want) && strstr(err.text, dir), "\"%s\" lacks \"%s\"", err.text, want);
}

#define PLUGIN "static const struct gw_metric m[] = { { \"load_watts\", GW_NODE, GW_GAUGE, \"W\" }, { 0 } };" \
    "static int ask(const struct gw_api *a, const struct gw_target *t, struct gw_ask *k, struct gw_out *o)" \
    "{ (void)a; (void)t; (void)o; k->command = \"x\"; return GW_DONE; }" \
    "static int parse(const struct gw_api *a, const struct gw_target *t, const char *x, size_t n, struct gw_out *o)" \
    "{ (void)x; (void)n; a->number(o, a->entity(o, GW_NODE, t->name, 2, GW_NONE), 0, 3); return GW_DONE; }"

START_TEST(plugins_are_loaded_or_refused_with_their_path)
{
    static const struct gw_source *const none[] = { &good_source, NULL };
    struct target_config t = { .name = "n1" };
    struct batch *b;
    struct err err;
    char command[96];

    snprintf(dir, sizeof(dir), "/tmp/gw-host-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(sources_set_builtin(none, &err), 0);
    build("mine.so", PLUGIN "const struct gw_source mine_source = { GW_SOURCE_HEAD, .name = \"mine\","
          ".summary = \"s\", .schemes = \"mine\", .metrics = m, .ask = ask, .parse = parse };");
    load("mine.so", NULL);
    load("mine.so", "there is a source \"mine\" already");
    ck_assert_ptr_nonnull(source_find("mine"));
    ck_assert_ptr_eq(source_for_url("mine://x"), source_find("mine"));
    ck_assert_ptr_eq(source_for_url("mine+http://x"), source_find("mine"));
    b = source_parse(source_find("mine"), &t, "", 0, 1, &err);
    ck_assert_double_eq(find(b, GW_NODE, "load_watts")->number, 3);
    batch_free(b);

    build("other.so", "int x;");
    load("other.so", "is not a plugin: it has no other_source");
    build("next.so", PLUGIN "const struct gw_source next_source = { .abi = 2, .name = \"next\" };");
    load("next.so", "was built for version 2");
    build("named.so", PLUGIN "const struct gw_source named_source = { GW_SOURCE_HEAD, .name = \"x\","
          ".summary = \"s\", .metrics = m, .ask = ask, .parse = parse };");
    load("named.so", "calls itself \"x\"");
    load("missing.so", "No such file");
    load("Bad-Name.so", "is called NAME.so");
    load("plugin.c", "is called NAME.so");
    build("needy.so", "extern int not_there(void); int y(void) { return not_there(); }");
    load("needy.so", "cannot be loaded");
    snprintf(command, sizeof(command), "rm -r %s", dir);
    ck_assert_int_eq(pclose(popen(command, "r")), 0);
}
END_TEST

/* ---- URLs ---- */

START_TEST(urls_are_taken_apart)
{
    struct err err;
    struct url u;

    ck_assert_int_eq(url_read(&u, "slurm+ssh://jo@[fe80::1]:2222/x?y", &err), 0);
    ck_assert_str_eq(u.scheme, "slurm+ssh");
    ck_assert_str_eq(u.carrier, "ssh");
    ck_assert_str_eq(u.user, "jo");
    ck_assert_str_eq(u.host, "fe80::1");
    ck_assert_uint_eq(u.port, 2222);
    ck_assert_str_eq(u.path, "/x?y");
    ck_assert_int_eq(url_read(&u, "local:", &err), 0);
    ck_assert_str_eq(u.carrier, "local");
    ck_assert_int_eq(url_read(&u, "old/power.csv", &err), 0);
    ck_assert_str_eq(u.scheme, "csv");
    ck_assert_str_eq(u.path, "old/power.csv");
}
END_TEST

START_TEST(urls_that_cannot_be_are_refused)
{
    static const char *const bad[] = {
        "http://a:b@c/", "http://a:99999/", "http://a:x/", "http://[::1/", "ssh://[::1]22", "http://", "n14",
        "", "http://a\x1b/", NULL
    };
    struct err err;
    struct url u;

    for (int i = 0; bad[i]; i++)
        ck_assert_msg(url_read(&u, bad[i], &err) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(what_a_server_refuses_is_named)
{
    const struct target_config certificate = { .url = "https://a/", .cert = "a.pem" },
                               password = { .url = "https://a/",
                                            .cert = "a.pem",
                                            .password = { .from = SECRET_FILE } };
    struct err err;

    ck_assert_int_eq(link_judge(&certificate, GW_GET, 401, 0, "", &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "our client certificate"));
    ck_assert_int_eq(link_judge(&password, GW_GET, 401, 0, "", &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "our user and password"));
}
END_TEST

START_TEST(a_shown_url_keeps_its_secrets)
{
    char shown[64];

    url_public(shown, sizeof(shown), "http://a:b@c:1/d?x=1&api_key=2&y");
    ck_assert_str_eq(shown, "http://a@c:1/d?x=1&api_key=…&y");
    url_public(shown, 8, "http://abcdef");
    ck_assert_str_eq(shown, "http://");
}
END_TEST

START_TEST(a_source_whose_library_is_missing_reads_nothing)
{
    static const struct gw_source lacking = { GW_SOURCE_HEAD,       .name = "pond",
                                              .summary = "fish",    .metrics = metrics,
                                              .ask = good_ask,      .parse = good_parse,
                                              .missing = "libtrout" };
    struct err err = { 0 };

    ck_assert_ptr_null(source_parse(&lacking, NULL, "p", 1, 1700000000, &err));
    ck_assert_str_eq(err.text, "pond: this build lacks libtrout");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host");
    TCase *c = tcase_create("host");
    SRunner *runner;
    int failed;

    tcase_set_timeout(c, 60);
    tcase_add_test(c, values_arrive_in_base_units);
    tcase_add_test(c, text_is_cleaned);
    tcase_add_test(c, numbers_by_names_alone_are_in_base_units_and_possible);
    tcase_add_test(c, what_was_is_marked_until_what_is);
    tcase_add_test(c, what_only_one_target_puts_behind_a_nodes_name_is_cut);
    tcase_add_test(c, what_a_source_does_wrong_is_counted_and_told);
    tcase_add_test(c, what_is_missing_is_added_up_unless_nobody_knows_how_much);
    tcase_add_test(c, a_failure_has_a_sentence_even_if_the_source_has_none);
    tcase_add_test(c, a_target_shows_no_secret_and_is_called_after_its_node);
    tcase_add_test(c, a_conversation_is_tested_without_a_network);
    tcase_add_test(c, a_conversation_that_names_no_path_means_the_targets_own);
    tcase_add_test(c, what_does_not_fit_is_refused_in_words);
    tcase_add_test(c, smaller_and_larger_structs_are_read_by_their_own_size);
    tcase_add_test(c, plugins_are_loaded_or_refused_with_their_path);
    tcase_add_test(c, a_source_whose_library_is_missing_reads_nothing);
    tcase_add_test(c, urls_are_taken_apart);
    tcase_add_test(c, urls_that_cannot_be_are_refused);
    tcase_add_test(c, what_a_server_refuses_is_named);
    tcase_add_test(c, a_shown_url_keeps_its_secrets);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
