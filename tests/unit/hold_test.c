/* Who holds what: jobs joined to GPUs and watts, classes of work, served models and their
 * tokens, the line of those that wait, and what all of it used today. */
#include "model/model.h"
#include "show/view.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct model *m;
static struct batch *b;
static const double start = 1790000010;

static void set_up(void)
{
    setenv("TZ", "UTC", 1);
    m = model_new("iad-3");
    b = NULL;
}

static void tear_down(void)
{
    model_free(m);
}

/* ---- what is told, in a line ---- */

static void begin(const char *target, double time)
{
    model_set_interval(m, target, 15);
    b = batch_new(BATCH_POLL, target, time);
}

static void end(void)
{
    model_apply(m, b);
    batch_free(b);
}

static void end_and_settle(void)
{
    end();
    model_settle(m, start + 1);
}

static uint32_t add(enum gw_kind kind, const char *name, uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

static void say(enum gw_kind kind, const char *name, uint16_t metric, double value)
{
    batch_number(b, add(kind, name, GW_NONE), metric, value, GW_OK);
}

static void word(enum gw_kind kind, const char *name, uint16_t metric, const char *text)
{
    batch_text(b, add(kind, name, GW_NONE), metric, text, strlen(text));
}

/* A node of so many GPUs, each of which draws 100 W and works. */
static void node(const char *name, int gpus)
{
    uint32_t parent = add(GW_NODE, name, GW_NONE);
    char gpu[64];

    for (int i = 0; i < gpus; i++) {
        snprintf(gpu, sizeof(gpu), "%s/%d", name, i);
        batch_number(b, add(GW_GPU, gpu, parent), M_GPU_POWER, 100, GW_OK);
        say(GW_GPU, gpu, M_GPU_UTIL, .9);
    }
}

static void job(const char *name, const char *tenant, const char *state, double gpus)
{
    word(GW_JOB, name, M_JOB_TENANT, tenant);
    word(GW_JOB, name, M_JOB_STATE, state);
    say(GW_JOB, name, M_JOB_GPUS, gpus);
}

static void site(double watts)
{
    say(GW_SITE, "iad-3", M_SITE_POWER, watts);
}

static double number(enum gw_kind kind, const char *name, uint16_t metric)
{
    uint32_t row = model_find(m, kind, name);

    ck_assert_msg(row != GW_NONE, "no row %s", name);
    return model_number(m, metric, row);
}

static const char *text(enum gw_kind kind, const char *name, uint16_t metric)
{
    const char *found = model_text(m, metric, model_find(m, kind, name));

    return found ? found : "";
}

static enum gw_quality quality(enum gw_kind kind, const char *name, uint16_t metric)
{
    return model_quality(m, metric, model_find(m, kind, name));
}

/* ---- jobs and GPUs ---- */

START_TEST(a_job_named_by_a_gpu_lends_it_its_tenant)
{
    begin("n1", start);
    node("n1", 4);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    end();
    begin("slurm", start);
    job("7", "acme", "running", 1);
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 100);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 100);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 3);
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_TENANT), "acme");
}
END_TEST

START_TEST(a_pod_is_found_by_its_namespace)
{
    begin("n1", start);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "prod");
    word(GW_GPU, "n1/0", M_GPU_JOB, "vllm-0");
    end();
    begin("kube", start);
    job("prod/vllm-0", "prod", "running", 1);
    end_and_settle();
    ck_assert_double_eq(number(GW_JOB, "prod/vllm-0", M_JOB_POWER), 100);
}
END_TEST

START_TEST(a_job_that_has_all_of_its_nodes_holds_all_their_gpus)
{
    begin("n1", start);
    node("n1", 4);
    node("n2", 4);
    node("n3", 4);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 8);
    word(GW_JOB, "7", M_JOB_NODELIST, "n[1-2]");
    end_and_settle();
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 800);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_OK);
    ck_assert_str_eq(text(GW_GPU, "n2/3", M_GPU_JOB), "7");
    ck_assert_str_eq(text(GW_GPU, "n2/3", M_GPU_TENANT), "acme");
    ck_assert_str_eq(text(GW_GPU, "n3/0", M_GPU_JOB), "");
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 4);
}
END_TEST

START_TEST(a_node_that_jobs_share_names_them)
{
    begin("n1", start);
    node("n1", 4);
    node("n2", 4);
    end();
    begin("slurm", start);
    for (int i = 7; i < 9; i++) {
        char name[2] = { (char)('0' + i), '\0' };

        job(name, "acme", "running", 2);
        word(GW_JOB, name, M_JOB_NODELIST, "n1");
    }
    end();
    /* nothing was settled yet */
    ck_assert_uint_eq(model_job_on(m, model_find(m, GW_NODE, "n1"), 0), GW_NONE);
    model_settle(m, start + 1);
    ck_assert_uint_eq(model_job_on(m, model_find(m, GW_NODE, "n1"), 0),
                      model_find(m, GW_JOB, "7"));
    ck_assert_uint_eq(model_job_on(m, model_find(m, GW_NODE, "n1"), 1),
                      model_find(m, GW_JOB, "8"));
    ck_assert_uint_eq(model_job_on(m, model_find(m, GW_NODE, "n1"), 2), GW_NONE);
    ck_assert_uint_eq(model_job_on(m, model_find(m, GW_NODE, "n2"), 0), GW_NONE);
}
END_TEST

START_TEST(what_followed_from_a_job_ends_with_it)
{
    begin("n1", start);
    node("n1", 2);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 2);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    end_and_settle();
    ck_assert_str_eq(text(GW_GPU, "n1/1", M_GPU_JOB), "7");
    begin("slurm", start + 15);
    word(GW_JOB, "7", M_JOB_STATE, "ended");
    end();
    model_settle(m, start + 16);
    ck_assert_str_eq(text(GW_GPU, "n1/1", M_GPU_JOB), "");
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 0);
}
END_TEST

/* Two jobs hold three of four GPUs; `named`: and Slurm knows which. */
static void tell_of_gpus(bool named)
{
    begin("n1", start);
    node("n1", 4);
    site(500);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 2);
    job("8", "zeta", "running", 1);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    word(GW_JOB, "8", M_JOB_NODELIST, "n1");
    word(GW_GPU, "n1/0", M_GPU_JOB, named ? "7" : "");
    word(GW_GPU, "n1/1", M_GPU_JOB, named ? "7" : "");
    word(GW_GPU, "n1/2", M_GPU_JOB, named ? "8" : "");
    word(GW_GPU, "n1/3", M_GPU_JOB, "");
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER) +
                            number(GW_TENANT, "zeta", M_TENANT_POWER) +
                            number(GW_TENANT, "unallocated", M_TENANT_POWER) +
                            number(GW_TENANT, "unexplained", M_TENANT_POWER),
                        500);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 2);
    ck_assert_double_eq(number(GW_JOB, "8", M_JOB_POWER), 100);
    ck_assert_int_eq(quality(GW_JOB, "8", M_JOB_POWER), named ? GW_OK : GW_ESTIMATED);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 1);
}

START_TEST(a_gpu_that_is_told_to_be_free_is_none_of_its_nodes_jobs)
{
    tell_of_gpus(true);
}
END_TEST

START_TEST(who_names_no_gpus_of_a_node_does_not_say_that_they_are_free)
{
    tell_of_gpus(false);
}
END_TEST

START_TEST(jobs_that_share_a_node_have_estimated_shares_of_it)
{
    begin("n1", start);
    node("n1", 4);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 1);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    job("8", "zeta", "running", 2);
    word(GW_JOB, "8", M_JOB_NODELIST, "n1");
    end_and_settle();
    ck_assert_double_eq_tol(number(GW_JOB, "7", M_JOB_POWER), 100, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "8", M_JOB_POWER), 200, .01);
    ck_assert_double_eq_tol(number(GW_TENANT, "unallocated", M_TENANT_POWER), 100, .01);
    ck_assert_int_eq(quality(GW_JOB, "8", M_JOB_POWER), GW_ESTIMATED);
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_JOB), "");
}
END_TEST

/* Two pods of one name in two namespaces: each is its own tenant's. */
START_TEST(those_who_share_a_gpu_are_named_one_by_one)
{
    begin("n1", start);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme, zeta");
    word(GW_GPU, "n1/0", M_GPU_JOB, "chat, chat");
    end();
    begin("kube", start);
    job("acme/chat", "acme", "running", 1);
    job("zeta/chat", "zeta", "running", 1);
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq_tol(number(GW_JOB, "acme/chat", M_JOB_POWER), 50, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "zeta/chat", M_JOB_POWER), 50, .01);
}
END_TEST

/* dcgm-exporter names no pod of n1/0: that says nothing of the jobs that Slurm has
 * there. */
START_TEST(what_one_source_says_is_free_is_not_free_because_another_names_its_neighbour)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "");
    end();
    begin("other", start);
    word(GW_GPU, "n1/1", M_GPU_JOB, "7");
    end();
    begin("slurm", start);
    job("7", "acme", "running", 1);
    job("9", "zeta", "running", 2);
    word(GW_JOB, "9", M_JOB_NODELIST, "n1");
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_JOB, "9", M_JOB_POWER), 100);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 100);
}
END_TEST

/* Whoever is told to have all of a node has it, whatever else is listed there, until
 * another is told. */
START_TEST(who_is_told_to_have_all_of_a_node_has_it)
{
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    word(GW_NODE, "n1", M_NODE_JOB, "7");
    word(GW_NODE, "n1", M_NODE_TENANT, "acme");
    batch_number(b, add(GW_NODE, "n2", GW_NONE), M_NODE_POWER, 400, GW_ESTIMATED);
    word(GW_NODE, "n2", M_NODE_TENANT, "zeta");
    end();
    begin("slurm", start);
    word(GW_JOB, "7", M_JOB_STATE, "running"); /* whose it is only the node says */
    job("8", "zeta", "running", 4);
    word(GW_JOB, "8", M_JOB_NODELIST, "n1");
    say(GW_TENANT, "acme", M_TENANT_QUOTA, 8);
    say(GW_TENANT, "zeta", M_TENANT_QUOTA, 8);
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 800);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 800);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_POWER), 400);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 8);
    begin("engine", start + 5);
    word(GW_NODE, "n2", M_NODE_TENANT, "acme");
    end();
    model_settle(m, start + 6);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 1200);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_POWER), 0);
}
END_TEST

START_TEST(a_name_with_a_comma_is_one_tenant)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    word(GW_GPU, "n1/1", M_GPU_TENANT, ", zeta");
    end();
    begin("slurm", start);
    job("7", "Smith, Jones", "running", 1);
    word(GW_JOB, "7", M_JOB_CLASS, "training, of a kind");
    end_and_settle();
    model_settle(m, start + 3);
    ck_assert_double_eq(number(GW_TENANT, "Smith, Jones", M_TENANT_POWER), 100);
    ck_assert_double_eq(number(GW_CLASS, "training, of a kind", M_CLASS_POWER), 100);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_POWER), 100);
}
END_TEST

START_TEST(a_job_of_processors_hides_no_job_of_gpus)
{
    begin("n1", start);
    node("n1", 4);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 0);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    job("8", "zeta", "running", 2);
    word(GW_JOB, "8", M_JOB_NODELIST, "n1");
    end_and_settle();
    ck_assert_double_eq_tol(number(GW_JOB, "8", M_JOB_POWER), 200, .01);
    ck_assert_double_eq_tol(number(GW_TENANT, "unallocated", M_TENANT_POWER), 200, .01);
}
END_TEST

START_TEST(those_who_share_a_gpu_have_estimated_parts_of_it)
{
    begin("n1", start);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme, zeta");
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 50);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_GPUS), .5);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_POWER), GW_ESTIMATED);
    ck_assert_uint_eq(model_find(m, GW_TENANT, "acme, zeta"), GW_NONE);
}
END_TEST

START_TEST(a_gpu_whose_pod_a_job_owns_is_of_that_job)
{
    static const char *const pods[] = { "train-x2b9c",      "train-k8s2d", "worker-0",
                                        "serve-7f9c-zzzzz", "other-1",     "worker-0" };
    char gpu[16];

    begin("kube", start);
    job("acme/train", "acme", "running", 3);
    word(GW_JOB, "acme/train", M_JOB_PODS, "acme/train-[x2b9c,k8s2d],acme/worker-0");
    job("acme/deployment/serve", "acme", "running", 200);
    word(GW_JOB, "acme/deployment/serve", M_JOB_PODS, "acme/serve-7f9c-*");
    end();
    begin("n1", start);
    node("n1", 6);
    for (int i = 0; i < 6; i++) {
        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_JOB, pods[i]);
        word(GW_GPU, gpu, M_GPU_TENANT, i == 5 ? "zeta" : "acme");
    }
    word(GW_MODEL, "m@1", M_MODEL_JOB, "serve-7f9c-zzzzz");
    word(GW_MODEL, "m@1", M_MODEL_TENANT, "acme");
    end_and_settle();
    ck_assert_double_eq(number(GW_JOB, "acme/train", M_JOB_POWER), 300);
    ck_assert_double_eq(number(GW_JOB, "acme/deployment/serve", M_JOB_POWER), 100);
    ck_assert_double_eq(number(GW_MODEL, "m@1", M_MODEL_POWER), 100);
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/1")),
                      model_find(m, GW_JOB, "acme/train"));
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/4")), GW_NONE);
    /* another's of the same name */
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/5")), GW_NONE);
    begin("kube", start + 5);
    word(GW_JOB, "acme/train", M_JOB_PODS, "acme/train-x2b9c");
    end();
    model_settle(m, start + 6);
    ck_assert_double_eq(number(GW_JOB, "acme/train", M_JOB_POWER), 100);
}
END_TEST

/* Two clusters may have the same namespace, and in it a pod of the same name: whose the
 * GPU is nobody knows. */
START_TEST(a_pod_that_two_jobs_call_theirs_is_of_neither)
{
    begin("kube", start);
    job("east/acme/train", "acme", "running", 1);
    word(GW_JOB, "east/acme/train", M_JOB_PODS, "acme/worker-[0,1],acme/serve-*,…");
    job("west/acme/train", "acme", "running", 1);
    word(GW_JOB, "west/acme/train", M_JOB_PODS, "acme/worker-[0,2],acme/serve-*,…");
    end();
    begin("n1", start);
    node("n1", 4);
    word(GW_GPU, "n1/0", M_GPU_JOB, "worker-0");
    word(GW_GPU, "n1/1", M_GPU_JOB, "worker-1");
    word(GW_GPU, "n1/2", M_GPU_JOB, "worker-2");
    word(GW_GPU, "n1/3", M_GPU_JOB, "serve-x");
    for (int i = 0; i < 4; i++)
        word(GW_GPU, (const char *[]){ "n1/0", "n1/1", "n1/2", "n1/3" }[i], M_GPU_TENANT,
             "acme");
    end_and_settle();
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/0")), GW_NONE);
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/1")),
                      model_find(m, GW_JOB, "east/acme/train"));
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/2")),
                      model_find(m, GW_JOB, "west/acme/train"));
    ck_assert_uint_eq(model_gpu_job(m, model_find(m, GW_GPU, "n1/3")), GW_NONE);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 400);
}
END_TEST

START_TEST(a_job_of_unknown_size_has_what_those_of_known_size_leave)
{
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    node("n2", 4);
    end();
    begin("slurm", start);
    job("6", "acme", "running", NAN);
    job("7", "zeta", "running", 6);
    job("8", "zeta", "running", 3);
    job("9", "acme", "running", NAN);
    word(GW_JOB, "6", M_JOB_NODELIST, "n1");
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    word(GW_JOB, "8", M_JOB_NODELIST, "n2");
    word(GW_JOB, "9", M_JOB_NODELIST, "n2");
    end_and_settle();
    ck_assert_double_eq_tol(number(GW_JOB, "6", M_JOB_POWER), 200, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "7", M_JOB_POWER), 600, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "8", M_JOB_POWER), 300, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "9", M_JOB_POWER), 100, .01);
}
END_TEST

/* An engine tells what GPUs draw that nobody holds; a node without any is none of these,
 * whoever's job it runs. */
START_TEST(
    what_nodes_of_processors_draw_is_not_taken_off_what_an_engine_says_of_free_gpus)
{
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    say(GW_TENANT, "acme", M_TENANT_POWER, 500);
    say(GW_TENANT, "unallocated", M_TENANT_POWER, 300);
    say(GW_NODE, "c1", M_NODE_METER, 250);
    say(GW_NODE, "c2", M_NODE_METER, 200);
    end();
    begin("slurm", start);
    job("7", "zeta", "running", 0);
    word(GW_JOB, "7", M_JOB_NODELIST, "c1");
    end();
    for (int second = 1; second < 4; second++) {
        model_settle(m, start + second);
        ck_assert_double_eq_tol(number(GW_TENANT, "zeta", M_TENANT_POWER), 250, .01);
        ck_assert_double_eq_tol(number(GW_TENANT, "unallocated", M_TENANT_POWER),
                                300 + 200, .01);
        ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 500);
    }
}
END_TEST

/* Who tells what a tenant draws need not tell how many GPUs that is. */
START_TEST(gpus_that_nobody_counts_are_unknown)
{
    static const struct class_rule rules[] = { { .match = { [RULE_TENANT] = "acme" },
                                                 .class = "training" } };

    model_set_rules(m, rules, 1);
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_TENANT, "acme", M_TENANT_POWER, 500);
    say(GW_TENANT, "zeta", M_TENANT_POWER, 300);
    say(GW_TENANT, "zeta", M_TENANT_GPUS, 4);
    end();
    begin("slurm", start);
    job("7", "zeta", "running", 4);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    end();
    for (int second = 1; second < 4; second++) {
        model_settle(m, start + second);
        ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_POWER), 500);
        ck_assert_double_nan(number(GW_CLASS, "training", M_CLASS_GPUS));
        ck_assert_double_eq(number(GW_CLASS, "other", M_CLASS_GPUS), 4);
        ck_assert_double_nan(number(GW_TENANT, "acme", M_TENANT_GPUS));
        ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_GPUS), 4);
    }
}
END_TEST

START_TEST(a_model_on_a_node_whose_gpus_an_engine_sums_is_measured_at_the_gpus)
{
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    say(GW_NODE, "n2", M_NODE_METER, 900);
    end();
    begin("vllm", start);
    word(GW_MODEL, "m@1", M_MODEL_NODE, "n1");
    word(GW_MODEL, "k@2", M_MODEL_NODE, "n2");
    end_and_settle();
    ck_assert_double_eq(number(GW_MODEL, "m@1", M_MODEL_POWER), 800);
    ck_assert_double_eq(number(GW_MODEL, "m@1", M_MODEL_GPUS), 8);
    ck_assert_str_eq(model_text(m, M_MODEL_BOUNDARY, model_find(m, GW_MODEL, "m@1")),
                     "GPUs, by power");
    ck_assert_double_eq(number(GW_MODEL, "k@2", M_MODEL_POWER), 900);
    ck_assert_str_eq(model_text(m, M_MODEL_BOUNDARY, model_find(m, GW_MODEL, "k@2")),
                     "nodes, by power");
}
END_TEST

START_TEST(a_gpu_that_idles_and_is_held_by_a_node_is_found)
{
    begin("n1", start);
    node("n1", 1);
    say(GW_GPU, "n1/0", M_GPU_UTIL, 0);
    word(GW_NODE, "n1", M_NODE_TENANT, "acme");
    say(GW_TENANT, "acme", M_TENANT_QUOTA, 8);
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_IDLE), 1);
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_TENANT), "acme");
}
END_TEST

/* ---- one GPU, two names ---- */

/* As its node tells of it, and as an exporter does that knows no index. */
static void tell_twice(double time, double joules)
{
    begin("n1", time);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_UUID, "GPU-a");
    word(GW_GPU, "n1/1", M_GPU_UUID, "GPU-b");
    say(GW_GPU, "n1/0", M_GPU_ENERGY, joules);
    end();
    begin("dcgm", time + 1);
    batch_number(b, add(GW_GPU, "host-1/GPU-a", add(GW_NODE, "host-1", GW_NONE)),
                 M_GPU_POWER, 110, GW_OK);
    word(GW_GPU, "host-1/GPU-a", M_GPU_UUID, "GPU-a");
    word(GW_GPU, "host-1/GPU-a", M_GPU_TENANT, "acme");
    say(GW_GPU, "host-1/GPU-a", M_GPU_ENERGY, joules / 2);
    end();
    model_settle(m, time + 2);
}

START_TEST(one_gpu_that_two_sources_call_differently_counts_once)
{
    tell_twice(start, 1e6);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 210);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 1);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 1);
    ck_assert_uint_eq(model_find(m, GW_GPU, "host-1/GPU-a"),
                      model_find(m, GW_GPU, "n1/0"));
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_TENANT), "acme");
    tell_twice(start + 10, 1e6 + 1000);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 210);
    ck_assert_double_eq(number(GW_GPU, "n1/0", M_GPU_POWER_MEAN), 100);
    ck_assert_uint_eq(model_rows(m, GW_GPU), 3);
    ck_assert_ptr_null(model_name(m, GW_GPU, 2));
}
END_TEST

/* One GPU by each of its names, in racks of their own. */
static void tell_by(enum batch_origin origin, const char *target, const char *host,
                    const char *gpu, double watts, double time)
{
    uint32_t row;

    if (origin == BATCH_POLL)
        model_set_interval(m, target, 15);
    b = batch_new(origin, origin == BATCH_POLL ? target : "", time);
    row = add(GW_GPU, gpu, add(GW_NODE, host, GW_NONE));
    batch_number(b, row, M_GPU_POWER, watts, GW_OK);
    word(GW_GPU, gpu, M_GPU_UUID, "GPU-a");
    end();
}

static void tell_by_both(enum batch_origin origin, double time)
{
    tell_by(origin, "n1", "n1", "n1/0", 100, time);
    tell_by(origin, "dcgm", "h1", "h1/GPU-a", 110, time + 1);
    model_settle(m, time + 2);
}

START_TEST(one_gpu_is_one_after_a_restart_after_silence_and_after_a_move)
{
    tell_by_both(BATCH_CACHE, start - 600);
    for (int i = 0; i < 3; i++)
        tell_by_both(BATCH_POLL, start + 15 * i);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 110);
    model_free(m);
    m = model_new("iad-3");
    tell_by(BATCH_POLL, "n1", "n1", "n1/0", 100, start);
    model_settle(m, start + 1);
    tell_by(BATCH_POLL, "dcgm", "h1", "h1/GPU-a", 110, start + 300);
    model_settle(m, start + 301);
    tell_by_both(BATCH_POLL, start + 315);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 110);
    model_free(m);
    m = model_new("iad-3");
    tell_by(BATCH_POLL, "n0", "n0", "n0/0", 100, start);
    model_settle(m, start + 1);
    tell_by_both(BATCH_POLL, start + 300);
    tell_by_both(BATCH_POLL, start + 315);
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 110);
}
END_TEST

START_TEST(one_gpu_stays_in_its_node_whoever_tells_of_it)
{
    tell_by_both(BATCH_POLL, start);
    for (int i = 1; i < 4; i++) {
        tell_by(BATCH_POLL, "dcgm", "h1", "h1/GPU-a", 110, start + 15 * i);
        model_settle(m, start + 15 * i + 1);
        ck_assert_double_eq(number(GW_NODE, "n1", M_NODE_POWER), 110);
        ck_assert(!(number(GW_NODE, "h1", M_NODE_POWER) > 0));
    }
}
END_TEST

START_TEST(whoever_takes_a_batch_after_the_model_knows_a_gpu_by_one_name)
{
    tell_by_both(BATCH_POLL, start);
    b = batch_new(BATCH_POLL, "dcgm", start + 15);
    batch_number(b, add(GW_GPU, "h1/GPU-a", add(GW_NODE, "h1", GW_NONE)), M_GPU_POWER,
                 120, GW_OK);
    model_apply(m, b);
    model_call_gpus(m, b);
    ck_assert_str_eq(b->entities[1].name, "n1/0");
    ck_assert_uint_eq(b->entities[1].hash, batch_hash(GW_GPU, "n1/0", 4));
    batch_free(b);
}
END_TEST

/* Two that count from moments of their own, one of them seldom. */
START_TEST(no_watts_are_made_of_two_counters)
{
    for (int i = 0; i < 24; i++) {
        if (i < 10)
            tell_by(BATCH_POLL, "n1", "n1", "n1/0", NAN, start + 15 * i);
        b = batch_new(BATCH_POLL, "n1", start + 15 * i);
        if (i < 10)
            say(GW_GPU, "n1/0", M_GPU_ENERGY, 1e6 + 300.0 * 15 * i);
        end();
        if (i % 4 == 0) {
            model_set_interval(m, "dcgm", 60);
            b = batch_new(BATCH_POLL, "dcgm", start + 15 * i + 1);
            word(GW_GPU, "n1/GPU-a", M_GPU_UUID, "GPU-a");
            say(GW_GPU, "n1/GPU-a", M_GPU_ENERGY, 1.2e6 + 300.0 * 15 * i);
            end();
        }
        model_settle(m, start + 15 * i + 2);
        ck_assert_msg(!(number(GW_GPU, "n1/0", M_GPU_POWER_MEAN) > 301), "%g W",
                      number(GW_GPU, "n1/0", M_GPU_POWER_MEAN));
    }
    ck_assert_double_eq_tol(number(GW_GPU, "n1/0", M_GPU_POWER_MEAN), 300, 1);
}
END_TEST

START_TEST(a_gpu_put_in_for_another_is_one_of_its_own)
{
    tell_twice(start, 1e6);
    begin("n1", start + 10);
    word(GW_GPU, "n1/0", M_GPU_UUID, "GPU-c");
    end();
    begin("dcgm", start + 11);
    say(GW_GPU, "host-1/GPU-a", M_GPU_POWER, 50);
    word(GW_GPU, "host-1/GPU-a", M_GPU_UUID, "GPU-a");
    end();
    model_settle(m, start + 12);
    ck_assert_uint_ne(model_find(m, GW_GPU, "host-1/GPU-a"),
                      model_find(m, GW_GPU, "n1/0"));
    ck_assert_double_eq(number(GW_GPU, "host-1/GPU-a", M_GPU_POWER), 50);
}
END_TEST

START_TEST(a_gpu_that_is_declared_by_its_other_name_is_not_forgotten)
{
    tell_by(BATCH_POLL, "n1", "n1", "n1/0", 100, start);
    tell_by(BATCH_ROSTER, "", "h1", "h1/GPU-a", NAN, start);
    tell_by_both(BATCH_POLL, start + 5);
    ck_assert_uint_eq(model_find(m, GW_GPU, "h1/GPU-a"), model_find(m, GW_GPU, "n1/0"));
    for (int day = 8; day < 10; day++) {
        for (int i = 0; i < 2; i++) {
            begin(i ? "dcgm" : "n1", start + 86400 * day);
            say(GW_GPU, i ? "n3/0" : "n2/0", M_GPU_POWER, 100);
            end();
        }
        model_settle(m, start + 86400 * day);
    }
    ck_assert_uint_ne(model_find(m, GW_GPU, "n1/0"), GW_NONE);
}
END_TEST

START_TEST(a_gpu_has_no_more_names_than_a_few)
{
    char host[32], gpu[40];

    for (int i = 0; i < 100; i++) {
        snprintf(host, sizeof(host), "pod%d", i);
        snprintf(gpu, sizeof(gpu), "pod%d/GPU-a", i);
        tell_by(BATCH_POLL, "n1", "n1", "n1/0", 100, start + 5 * i);
        tell_by(BATCH_POLL, "dcgm", host, gpu, 110, start + 5 * i + 1);
        model_settle(m, start + 5 * i + 2);
    }
    ck_assert_uint_eq(model_find(m, GW_GPU, gpu), model_find(m, GW_GPU, "n1/0"));
    ck_assert_uint_eq(model_find(m, GW_GPU, "pod0/GPU-a"), GW_NONE);
}
END_TEST

START_TEST(two_gpus_of_one_source_are_two_whatever_uuid_it_gives_them)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_UUID, "GPU-0");
    word(GW_GPU, "n1/1", M_GPU_UUID, "GPU-0");
    end_and_settle();
    ck_assert_double_eq(model_number(m, M_SITE_POWER, 0), 200);
}
END_TEST

/* ---- the parts add up ---- */

static uint32_t dice_state;

static uint32_t dice(uint32_t sides)
{
    dice_state = dice_state * 1664525u + 1013904223u;
    return (dice_state >> 8) % sides;
}

/* Nodes with meters or without, GPUs told, joined, shared or silent, jobs that come and
 * go. */
static void tell_anything(double time)
{
    static const char *const lists[] = { "n[0-3]", "n4",      "n[5-7],n9",
                                         "n8",     "nowhere", "n[1-" };
    static const char *const tenants[] = { "a", "b", "a, b", "c", "" };
    char name[64];

    begin("site", time);
    site(20000 + dice(20000));
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        node(name, 1 + (i * 5) % 8);
        if (dice(3) == 0)
            say(GW_NODE, name, M_NODE_METER, 500 + dice(2000));
        if (dice(9) == 0)
            word(GW_NODE, name, M_NODE_JOB, "5");
        snprintf(name, sizeof(name), "n%d/0", i);
        word(GW_GPU, name, M_GPU_TENANT, tenants[dice(5)]);
        say(GW_GPU, name, M_GPU_POWER, dice(4) ? dice(1000) : (double)NAN);
        if (dice(4) == 0)
            word(GW_GPU, name, M_GPU_JOB, "3");
    }
    for (uint32_t i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "%u", i);
        job(name, tenants[dice(4) == 2 ? 0 : dice(2)], dice(3) ? "running" : "ended",
            1 + dice(8));
        word(GW_JOB, name, M_JOB_NODELIST, lists[dice(6)]);
        word(GW_JOB, name, M_JOB_CLASS, dice(2) ? "training" : "inference");
    }
    end();
}

static double sum_of(enum gw_kind kind, uint16_t metric)
{
    double sum = 0;

    for (uint32_t row = 0; row < model_rows(m, kind); row++) {
        double watts = model_number(m, metric, row);

        ck_assert(!(watts < 0) || strcmp(model_name(m, kind, row), "unexplained") == 0);
        sum += isnan(watts) || model_quality(m, metric, row) == GW_STALE ? 0 : watts;
    }
    return sum;
}

START_TEST(tenants_and_classes_add_up_to_the_meter_whatever_is_told)
{
    dice_state = (uint32_t)_i * 7919 + 1;
    for (int round = 0; round < 20; round++) {
        double now = start + 15 * round;

        tell_anything(now);
        model_settle(m, now + 1);
        ck_assert_double_eq_tol(sum_of(GW_TENANT, M_TENANT_POWER),
                                model_number(m, M_SITE_POWER, 0), .1);
        ck_assert_double_eq_tol(sum_of(GW_CLASS, M_CLASS_POWER),
                                model_number(m, M_SITE_POWER, 0), .1);
    }
}
END_TEST

/* Nodes whose power an engine sums, of whose GPUs nobody tells; tenants that it sums,
 * too, and a scheduler beside it. */
static bool free_is_told;

static void tell_sums(double time)
{
    static const char *const lists[] = { "n[0-3]", "n4",     "n[5-7],n9",
                                         "n[0-9]", "c[1-2]", "n[1-" };
    static const char *const tenants[] = { "a", "b", "c", "d" };
    double left = 8000;
    char name[64];

    begin("engine", time);
    say(GW_NODE, "c1", M_NODE_METER, 200);
    say(GW_NODE, "c2", M_NODE_METER, 100);
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        batch_number(b, add(GW_NODE, name, GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
        if (dice(2))
            say(GW_NODE, name, M_NODE_GPUS_TOTAL, 8);
    }
    for (int i = 0; i < 2; i++) {
        double watts = dice(3000);

        say(GW_TENANT, tenants[i], M_TENANT_POWER, watts);
        say(GW_TENANT, tenants[i], M_TENANT_GPUS, 4);
        left -= watts;
    }
    if (free_is_told)
        say(GW_TENANT, "unallocated", M_TENANT_POWER, left);
    end();
    begin("slurm", time);
    for (uint32_t i = 0; i < 6; i++) {
        snprintf(name, sizeof(name), "%u", i);
        job(name, tenants[free_is_told ? dice(4) : dice(2)],
            dice(3) ? "running" : "ended", 1 + dice(8));
        word(GW_JOB, name, M_JOB_NODELIST, lists[dice(6)]);
        word(GW_JOB, name, M_JOB_CLASS, dice(2) ? "training" : "inference");
    }
    end();
}

START_TEST(
    what_an_engine_sums_and_a_scheduler_shares_out_adds_up_and_nothing_is_below_nothing)
{
    dice_state = (uint32_t)_i * 7919 + 1;
    free_is_told = _i % 2;
    for (int round = 0; round < 20; round++) {
        double now = start + 15 * round;

        tell_sums(now);
        for (int second = 1; second < 4; second++) {
            model_settle(m, now + second);
            ck_assert_double_eq_tol(sum_of(GW_TENANT, M_TENANT_POWER), 8300, .1);
            ck_assert_double_eq_tol(sum_of(GW_CLASS, M_CLASS_POWER), 8300, .1);
        }
    }
}
END_TEST

START_TEST(a_job_has_its_part_of_what_an_engine_says_of_its_node)
{
    begin("engine", start);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    end();
    begin("slurm", start + 5);
    job("7", "acme", "running", 4);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    end();
    model_settle(m, start + 6);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 400);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_ESTIMATED);
    ck_assert_double_eq_tol(model_age(m, M_JOB_POWER, model_find(m, GW_JOB, "7")), 6, .2);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 400);
    ck_assert_str_eq(model_text(m, M_TENANT_BOUNDARY, model_find(m, GW_TENANT, "acme")),
                     "GPUs, by power");
}
END_TEST

START_TEST(what_no_node_draws_is_unexplained)
{
    begin("n1", start);
    site(1000);
    node("n1", 4);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "unexplained", M_TENANT_POWER), 600);
    ck_assert_double_nan(number(GW_TENANT, "unexplained", M_TENANT_GPUS));
}
END_TEST

/* What 32 bits leave of a sum is nobody's power. */
START_TEST(where_nodes_explain_all_nothing_is_unexplained)
{
    static const char *const names[] = { "acme", "zeta", "omega" };

    for (int k = 0; k < 10; k++) {
        begin("n1", start + 15 * k);
        node("n1", 3);
        for (int i = 0; i < 3; i++) {
            char gpu[16];

            snprintf(gpu, sizeof(gpu), "n1/%d", i);
            say(GW_GPU, gpu, M_GPU_POWER, 1000.0 / 3 + (i + 1) * (k + 1) * 777.77);
            word(GW_GPU, gpu, M_GPU_TENANT, names[i]);
        }
        end();
        model_settle(m, start + 15 * k + 1);
        ck_assert_double_eq(number(GW_TENANT, "unexplained", M_TENANT_POWER), 0);
    }
}
END_TEST

START_TEST(of_no_gpus_none_are_busy_and_none_idle)
{
    begin("n1", start);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    end();
    begin("slurm", start);
    job("7", "acme", "running", 1);
    end();
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_BUSY), 1);
    begin("n1", start + 15);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_JOB, "");
    end();
    begin("slurm", start + 15);
    job("7", "acme", "ended", 1);
    end();
    model_settle(m, start + 16);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 0);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_BUSY), 0);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_IDLE), 0);
}
END_TEST

/* ---- what nodes draw beside their GPUs ---- */

/* Four GPUs of 100 W each in a node of 1000 W, which all of a job of that many GPUs runs
 * on. */
static void metered_node(const char *name, double gpus)
{
    begin(name, start);
    node(name, 4);
    say(GW_NODE, name, M_NODE_METER, 1000);
    end();
    begin("slurm", start);
    job("7", "acme", "running", gpus);
    word(GW_JOB, "7", M_JOB_NODELIST, name);
    word(GW_JOB, "7", M_JOB_CLASS, "training");
    end();
}

START_TEST(who_has_all_of_a_node_has_all_its_power)
{
    metered_node("n1", 4);
    model_settle(m, start + 1);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 1000);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 1000);
    ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_POWER), 1000);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 0);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_POWER), GW_OK);
    ck_assert_double_eq(model_job_gpu_power(m, model_find(m, GW_JOB, "7")), 400);
}
END_TEST

/* A console that follows gets all of it from the cache, the sum that the collector worked
 * out, too. */
START_TEST(what_is_nobody_s_is_not_added_to_what_the_cache_has_of_it)
{
    model_trust_cache(m, 3600);
    b = batch_new(BATCH_CACHE, "cache", start);
    node("n1", 4);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    for (int i = 1; i < 4; i++) {
        char gpu[16];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_TENANT, "");
    }
    say(GW_TENANT, "acme", M_TENANT_POWER, 100);
    say(GW_TENANT, "unallocated", M_TENANT_POWER, 300);
    end();
    for (int second = 1; second < 4; second++)
        model_settle(m, start + 2 * second);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 300);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 100);
}
END_TEST

/* What an engine sums stands beside rows of GPUs of the node that somebody looks into:
 * 1200 W in all, of which n1 draws 800. */
static const struct class_rule of_tenants[] = {
    { .match = { [RULE_TENANT] = "acme" }, .class = "training" },
    { .match = { [RULE_TENANT] = "zeta" }, .class = "inference" }
};

static void tell_sums_of_two_nodes(double time)
{
    static const struct {
        const char *name;
        double watts, gpus;
    } tenants[] = { { "acme", 500, 5 }, { "zeta", 300, 3 }, { "unallocated", 400, 4 } };

    begin("engine", time);
    batch_number(b, add(GW_NODE, "n1", GW_NONE), M_NODE_POWER, 800, GW_ESTIMATED);
    batch_number(b, add(GW_NODE, "n2", GW_NONE), M_NODE_POWER, 400, GW_ESTIMATED);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 8);
    say(GW_NODE, "n2", M_NODE_GPUS_TOTAL, 4);
    for (size_t i = 0; i < 3; i++) {
        say(GW_TENANT, tenants[i].name, M_TENANT_POWER, tenants[i].watts);
        say(GW_TENANT, tenants[i].name, M_TENANT_GPUS, tenants[i].gpus);
        say(GW_TENANT, tenants[i].name, M_TENANT_BUSY, tenants[i].gpus - 1);
        say(GW_TENANT, tenants[i].name, M_TENANT_IDLE, 1);
    }
    end();
}

/* Of its eight GPUs three are acme's, three zeta's, and two nobody's. */
static void tell_gpus_of_one(double time)
{
    begin("engine", time);
    node("n1", 8);
    for (int i = 0; i < 8; i++) {
        char gpu[16];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_TENANT, i < 3 ? "acme" : i < 6 ? "zeta" : "");
    }
    end();
}

static void expect_sums(double time)
{
    static const struct {
        enum gw_kind kind;
        const char *name;
        double watts, gpus;
    } sums[] = {
        { GW_TENANT, "acme", 500, 5 },        { GW_TENANT, "zeta", 300, 3 },
        { GW_TENANT, "unallocated", 400, 4 }, { GW_CLASS, "training", 500, 5 },
        { GW_CLASS, "inference", 300, 3 },    { GW_CLASS, "unallocated", 400, 4 }
    };

    for (int second = 1; second < 4; second++) {
        model_settle(m, time + second);
        ck_assert_double_eq_tol(model_number(m, M_SITE_POWER, 0), 1200, .01);
        for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
            bool of_tenant = sums[i].kind == GW_TENANT;
            double watts = number(sums[i].kind, sums[i].name,
                                  of_tenant ? M_TENANT_POWER : M_CLASS_POWER);
            double gpus = number(sums[i].kind, sums[i].name,
                                 of_tenant ? M_TENANT_GPUS : M_CLASS_GPUS);

            ck_assert_msg(fabs(watts - sums[i].watts) < .01, "%s %s draws %g W, not %g",
                          of_tenant ? "tenant" : "class", sums[i].name, watts,
                          sums[i].watts);
            ck_assert_msg(fabs(gpus - sums[i].gpus) < .01, "%s %s holds %g GPUs, not %g",
                          of_tenant ? "tenant" : "class", sums[i].name, gpus,
                          sums[i].gpus);
        }
        ck_assert_double_eq_tol(number(GW_TENANT, "unexplained", M_TENANT_POWER), 0, .01);
        ck_assert_double_eq_tol(number(GW_CLASS, "unexplained", M_CLASS_POWER), 0, .01);
    }
}

/* 1: the rows come with the sums; 2: after them; 4: before them. */
START_TEST(gpus_that_an_engine_tells_one_by_one_are_in_what_it_sums)
{
    double time = start;

    model_set_rules(m, of_tenants, 2);
    if (_i & 4)
        tell_gpus_of_one(time);
    if (_i == 4)
        model_settle(m, time + 1);
    tell_sums_of_two_nodes(time + 2);
    if (_i & 1)
        tell_gpus_of_one(time + 2);
    if (_i & 5)
        expect_sums(time + 2);
    for (time += 15; _i & 2 && time < start + 60; time += 15) {
        tell_gpus_of_one(time);
        tell_sums_of_two_nodes(time);
        expect_sums(time);
    }
    /* Nobody looks into it any more: the rows go stale. */
    for (; time < start + 300; time += 15) {
        tell_sums_of_two_nodes(time);
        expect_sums(time);
    }
    tell_gpus_of_one(time);
    expect_sums(time);
}
END_TEST

/* Of a node with a meter whose GPUs are not all read, the engine's sums know the rest. */
START_TEST(gpus_that_are_not_read_are_in_what_an_engine_sums)
{
    model_set_rules(m, of_tenants, 2);
    begin("engine", start);
    node("n1", 4);
    say(GW_GPU, "n1/2", M_GPU_POWER, NAN);
    say(GW_GPU, "n1/3", M_GPU_POWER, NAN);
    say(GW_NODE, "n1", M_NODE_METER, 1000);
    say(GW_NODE, "n1", M_NODE_GPUS_TOTAL, 4);
    for (int i = 0; i < 4; i++) {
        char gpu[16];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_TENANT, i < 3 ? "acme" : "");
    }
    say(GW_TENANT, "acme", M_TENANT_POWER, 300);
    say(GW_TENANT, "acme", M_TENANT_GPUS, 3);
    say(GW_TENANT, "unallocated", M_TENANT_POWER, 90);
    say(GW_TENANT, "unallocated", M_TENANT_GPUS, 1);
    end();
    for (int second = 1; second < 4; second++) {
        model_settle(m, start + second);
        ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_GPUS), 3);
        ck_assert_double_eq(number(GW_CLASS, "unallocated", M_CLASS_GPUS), 1);
        ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_POWER), 300, .01);
        ck_assert_double_eq_tol(sum_of(GW_TENANT, M_TENANT_POWER), 1000, .1);
        ck_assert_double_eq_tol(sum_of(GW_CLASS, M_CLASS_POWER), 1000, .1);
    }
}
END_TEST

/* A site of 8 nodes of 4 GPUs, whose sums an engine tells, by tenants as it happens; now
 * one node is looked into, now another. */
enum { NODES = 8, GPUS = 4, HOLDERS = 3 };
static const char *const holders[HOLDERS] = { "acme", "zeta", "unallocated" };
static unsigned holder_of[NODES][GPUS];
static double watts_of[NODES][GPUS];

static void deal(double sums[HOLDERS], double counts[HOLDERS])
{
    for (unsigned i = 0; i < HOLDERS; i++)
        sums[i] = counts[i] = 0;
    for (int i = 0; i < NODES; i++)
        for (int k = 0; k < GPUS; k++) {
            if (dice(4) == 0)
                holder_of[i][k] = dice(HOLDERS);
            watts_of[i][k] = 60 + dice(600);
            sums[holder_of[i][k]] += watts_of[i][k];
            counts[holder_of[i][k]]++;
        }
}

static void tell_gpus(int of)
{
    char name[16], gpu[24];

    snprintf(name, sizeof(name), "n%d", of);
    for (int k = 0; k < GPUS; k++) {
        unsigned holder = holder_of[of][k];

        snprintf(gpu, sizeof(gpu), "n%d/%d", of, k);
        batch_number(b, add(GW_GPU, gpu, add(GW_NODE, name, GW_NONE)), M_GPU_POWER,
                     watts_of[of][k], GW_OK);
        say(GW_GPU, gpu, M_GPU_UTIL, .9);
        word(GW_GPU, gpu, M_GPU_TENANT, holder == 2 ? "" : holders[holder]);
    }
}

static void tell_site(double time, const double sums[HOLDERS],
                      const double counts[HOLDERS], bool free_too)
{
    char name[16];

    begin("engine", time);
    for (int i = 0; i < NODES; i++) {
        double watts = 0;

        for (int k = 0; k < GPUS; k++)
            watts += watts_of[i][k];
        snprintf(name, sizeof(name), "n%d", i);
        batch_number(b, add(GW_NODE, name, GW_NONE), M_NODE_POWER, watts, GW_ESTIMATED);
        say(GW_NODE, name, M_NODE_GPUS_TOTAL, GPUS);
    }
    for (unsigned i = 0; i < (free_too ? HOLDERS : 2u); i++) {
        say(GW_TENANT, holders[i], M_TENANT_POWER, sums[i]);
        say(GW_TENANT, holders[i], M_TENANT_GPUS, counts[i]);
    }
    end();
}

static void expect_dealt(double time, const double sums[HOLDERS],
                         const double counts[HOLDERS])
{
    static const char *const classes[HOLDERS] = { "training", "inference",
                                                  "unallocated" };

    model_settle(m, time);
    for (unsigned i = 0; i < HOLDERS; i++) {
        ck_assert_double_eq_tol(number(GW_TENANT, holders[i], M_TENANT_POWER), sums[i],
                                .1);
        ck_assert_double_eq_tol(number(GW_CLASS, classes[i], M_CLASS_POWER), sums[i], .1);
        ck_assert_double_eq_tol(number(GW_TENANT, holders[i], M_TENANT_GPUS), counts[i],
                                .01);
        ck_assert_double_eq_tol(number(GW_CLASS, classes[i], M_CLASS_GPUS), counts[i],
                                .01);
    }
    ck_assert_double_eq_tol(number(GW_TENANT, "unexplained", M_TENANT_POWER), 0, .1);
    ck_assert_double_eq_tol(number(GW_CLASS, "unexplained", M_CLASS_POWER), 0, .1);
}

START_TEST(each_has_what_an_engine_sums_whatever_node_is_looked_into)
{
    double sums[HOLDERS], counts[HOLDERS];

    dice_state = (uint32_t)_i * 7919 + 1;
    model_set_rules(m, of_tenants, 2);
    memset(holder_of, 0, sizeof(holder_of));
    for (int round = 0; round < 40; round++) {
        double time = start + 15 * round;

        /* Nobody looks into it any more: what its GPUs are known to draw is as old as
         * that, until it grows stale. */
        if (round % 8 < 5 || round % 8 == 7)
            deal(sums, counts);
        tell_site(time, sums, counts, _i % 2);
        if (round % 8 < 5) {
            begin("engine", time);
            tell_gpus((int)(round / 8 + _i) % NODES);
            end();
        }
        if (round)              /* until GPUs have rows, nobody says who holds any */
            expect_dealt(time + 1, sums, counts);
        else
            model_settle(m, time + 1);
    }
}
END_TEST

/* What was drawn before, as an engine tells it for charts, of the same GPUs that have
 * rows. */
START_TEST(what_was_drawn_before_is_not_added_to_what_is_drawn_now)
{
    struct trend t;

    begin("engine", start);
    node("n1", 4);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    for (int i = 1; i < 4; i++) {
        char gpu[16];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_TENANT, "");
    }
    end();
    begin("engine", start + 1);
    for (int i = 8; i > 0; i--) {
        batch_past(b, start - 15 * i);
        say(GW_TENANT, "acme", M_TENANT_POWER, 70);
        say(GW_TENANT, "unallocated", M_TENANT_POWER, 330);
        say(GW_SITE, ".", M_SITE_POWER, 400);
    }
    end();
    for (int second = 1; second < 4; second++) {
        model_settle(m, start + second);
        ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 300);
        ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 100);
        ck_assert_double_eq(number(GW_TENANT, "unexplained", M_TENANT_POWER), 0);
    }
    t = model_trend(m, GW_TENANT, model_find(m, GW_TENANT, "unallocated"));
    ck_assert_uint_eq(t.count, 9);
    ck_assert_float_eq(t.values[0], 330);
}
END_TEST

START_TEST(who_share_a_node_share_its_power_by_gpus_and_that_is_an_estimate)
{
    begin("n1", start);
    node("n1", 4);
    say(GW_NODE, "n1", M_NODE_METER, 1000);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    word(GW_GPU, "n1/1", M_GPU_TENANT, "zeta");
    word(GW_GPU, "n1/2", M_GPU_TENANT, "zeta");
    word(GW_GPU, "n1/3", M_GPU_TENANT, "unallocated");
    end();
    begin("n2", start);
    node("n2", 1);
    say(GW_NODE, "n2", M_NODE_METER, 300);
    word(GW_GPU, "n2/0", M_GPU_TENANT, "alone");
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 250);
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_POWER), 500);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 250);
    ck_assert_double_eq(number(GW_TENANT, "alone", M_TENANT_POWER), 300);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_POWER), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_TENANT, "zeta", M_TENANT_POWER), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_TENANT, "unallocated", M_TENANT_POWER), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_TENANT, "alone", M_TENANT_POWER), GW_OK);
}
END_TEST

START_TEST(a_node_without_gpus_is_of_those_whose_jobs_it_runs)
{
    begin("c1", start);
    say(GW_NODE, "c1", M_NODE_METER, 300);
    say(GW_NODE, "c2", M_NODE_METER, 200);
    end();
    begin("slurm", start);
    job("7", "acme", "running", 0);
    word(GW_JOB, "7", M_JOB_NODELIST, "c1");
    job("8", "zeta", "running", 0);
    word(GW_JOB, "8", M_JOB_NODELIST, "c1");
    end_and_settle();
    ck_assert_double_eq_tol(number(GW_TENANT, "zeta", M_TENANT_POWER), 150, .01);
    ck_assert_double_eq_tol(number(GW_JOB, "7", M_JOB_POWER), 150, .01);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_ESTIMATED);
    ck_assert_double_eq_tol(number(GW_TENANT, "unallocated", M_TENANT_POWER), 200, .01);
}
END_TEST

START_TEST(what_an_unread_gpu_draws_is_in_its_node_and_makes_it_an_estimate)
{
    metered_node("n1", 4);
    begin("n1", start);
    say(GW_GPU, "n1/2", M_GPU_POWER, NAN);
    end_and_settle();
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 1000);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_ESTIMATED);
}
END_TEST

START_TEST(a_meter_below_its_gpus_takes_nothing_from_them)
{
    metered_node("n1", 4);
    begin("n1", start + 1);
    say(GW_NODE, "n1", M_NODE_METER, 350);
    end();
    model_settle(m, start + 2);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 400);
}
END_TEST

START_TEST(a_job_that_ended_draws_nothing_more)
{
    metered_node("n1", 4);
    model_settle(m, start + 1);
    begin("slurm", start + 5);
    word(GW_JOB, "7", M_JOB_STATE, "ended");
    end();
    model_settle(m, start + 6);
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 0);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_POWER), 1000);
}
END_TEST

/* What a view has in a column. */
static const char *shown(const char *view, enum gw_kind kind, const char *name,
                         const char *column)
{
    const struct column *c = column_find(view_find(view), column);
    struct cell cell = c->cell(m, model_find(m, kind, name));

    return cell.text ? cell.text : "";
}

static double cell_of(const char *view, enum gw_kind kind, const char *name,
                      const char *column)
{
    return column_find(view_find(view), column)
        ->cell(m, model_find(m, kind, name))
        .number;
}

/* ---- classes ---- */

START_TEST(rules_say_what_a_job_is_for_and_the_first_counts)
{
    static const struct class_rule rules[] = {
        { .match = { [RULE_TITLE] = "*vllm*|*sglang*" }, .class = "inference" },
        { .match = { [RULE_TENANT] = "a*" }, .class = "training", .tag = "sovereign" },
    };

    model_set_rules(m, rules, 2);
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    word(GW_GPU, "n1/1", M_GPU_TENANT, "Acme");
    job("7", "acme", "running", 1);
    word(GW_JOB, "7", M_JOB_NAME, "Serve-VLLM-70b");
    job("8", "zeta", "running", 1);
    end_and_settle();
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_CLASS), "inference");
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_TAG), "sovereign");
    ck_assert_str_eq(text(GW_JOB, "8", M_JOB_CLASS), "other");
    ck_assert_str_eq(text(GW_GPU, "n1/1", M_GPU_CLASS), "training");
    ck_assert_double_eq(number(GW_CLASS, "inference", M_CLASS_POWER), 100);
    ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_GPUS), 1);
}
END_TEST

/* What a rule looks at, by its word in the configuration. */
static const struct {
    const char *name;
    uint16_t metric;
} looked_at[] = { { "title", M_JOB_NAME },  { "user", M_JOB_USER },
                  { "queue", M_JOB_QUEUE }, { "qos", M_JOB_QOS },
                  { "image", M_JOB_IMAGE }, { "tenant", M_JOB_TENANT },
                  { "place", M_JOB_PLACE } };
enum { LOOKED_AT = sizeof(looked_at) / sizeof(*looked_at) };

static int rule_field(const char *name)
{
    int i = 0;

    while (class_rule_fields[i] && strcmp(class_rule_fields[i], name) != 0)
        i++;
    ck_assert_msg(class_rule_fields[i] != NULL, "no rule looks at %s", name);
    return i;
}

START_TEST(a_rule_looks_at_what_it_names_and_at_nothing_else)
{
    struct class_rule rule = { .class = "agents" };

    ck_assert_int_eq(LOOKED_AT, RULE_FIELDS);
    rule.match[rule_field(looked_at[_i].name)] = "deep*";
    model_set_rules(m, &rule, 1);
    begin("slurm", start);
    job("7", "a", "running", 1);
    job("8", "a", "running", 1);
    for (int i = 0; i < LOOKED_AT; i++) {
        word(GW_JOB, "7", looked_at[i].metric, i == _i ? "deeper" : "shallow");
        word(GW_JOB, "8", looked_at[i].metric, i == _i ? "shallow" : "deeper");
    }
    end_and_settle();
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_CLASS), "agents");
    ck_assert_str_eq(text(GW_JOB, "8", M_JOB_CLASS), "other");
}
END_TEST

START_TEST(a_rule_fits_any_of_several_images_and_partitions_and_no_part_of_a_title)
{
    static const struct class_rule rules[] = {
        { .match = { [RULE_IMAGE] = "vllm/*", [RULE_QUEUE] = "serve" }, .class = "inference" },
        { .match = { [RULE_TITLE] = "b" }, .class = "training" },
    };

    model_set_rules(m, rules, 2);
    begin("kube", start);
    job("7", "acme", "running", 1);
    word(GW_JOB, "7", M_JOB_IMAGE, "envoy:1, vllm/vllm-openai:v0.9");
    word(GW_JOB, "7", M_JOB_QUEUE, "batch,serve");
    job("8", "acme", "running", 1);
    word(GW_JOB, "8", M_JOB_IMAGE, "envoy:1, of/vllm/x");
    word(GW_JOB, "8", M_JOB_QUEUE, "serve");
    word(GW_JOB, "8", M_JOB_NAME, "a, b");
    end_and_settle();
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_CLASS), "inference");
    ck_assert_str_eq(text(GW_JOB, "8", M_JOB_CLASS), "other");
}
END_TEST

START_TEST(work_that_nobody_classifies_is_other)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    word(GW_GPU, "n1/1", M_GPU_JOB, "8");
    job("7", "acme", "running", 1);
    job("8", "acme", "running", 1);
    word(GW_JOB, "8", M_JOB_CLASS, "training");
    end_and_settle();
    ck_assert_double_eq(number(GW_CLASS, "other", M_CLASS_POWER), 100);
    ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_POWER), 100);
}
END_TEST

START_TEST(without_a_word_of_classes_there_are_none)
{
    begin("n1", start);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    end_and_settle();
    ck_assert_uint_eq(model_rows(m, GW_CLASS), 0);
}
END_TEST

/* What an engine tells of four steps of the past, of one tenant. */
static void past_of(const char *tenant, double time, double watts)
{
    begin("engine", time);
    for (int i = 0; i < 4; i++) {
        batch_time(b, start - 600 + 15 * i);
        say(GW_TENANT, tenant, M_TENANT_POWER, watts + i);
    }
    end();
    model_settle(m, time);
}

static float past_of_class(const char *name, size_t step)
{
    struct trend t = model_trend(m, GW_CLASS, model_find(m, GW_CLASS, name));

    return step < t.count ? t.values[step] : NAN;
}

/* A kernel for a hundredth of the time is work. */
START_TEST(a_gpu_that_does_little_is_busy_and_one_that_does_less_is_idle)
{
    begin("n1", start);
    node("n1", 3);
    say(GW_GPU, "n1/0", M_GPU_UTIL, .05);
    say(GW_GPU, "n1/1", M_GPU_UTIL, .01);
    say(GW_GPU, "n1/2", M_GPU_UTIL, .009);
    for (int i = 0; i < 3; i++)
        word(GW_GPU, i == 0 ? "n1/0" : i == 1 ? "n1/1" : "n1/2", M_GPU_TENANT, "acme");
    end_and_settle();
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_BUSY), 2);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_IDLE), 1);
}
END_TEST

START_TEST(the_past_of_a_class_is_that_of_its_tenants_where_no_job_is_known)
{
    static const struct class_rule rule = { .match = { [RULE_TENANT] = "a*" },
                                            .class = "training" };

    model_set_rules(m, &rule, 1);
    begin("engine", start);
    say(GW_TENANT, "acme", M_TENANT_POWER, 500);
    say(GW_TENANT, "apex", M_TENANT_POWER, 300);
    say(GW_TENANT, "zeta", M_TENANT_POWER, 50);
    say(GW_TENANT, "unallocated", M_TENANT_POWER, 10);
    end();
    model_settle(m, start);
    if (_i) {
        begin("slurm", start);
        job("7", "acme", "running", 1);
        end();
    }
    past_of("acme", start + 1, 100);
    past_of("zeta", start + 2, 7);
    past_of("unallocated", start + 3, 3);
    past_of("apex", start + 4, 40);
    if (_i) {                   /* which jobs ran then nobody says */
        ck_assert_uint_eq(
            model_trend(m, GW_CLASS, model_find(m, GW_CLASS, "training")).count, 1);
        return;
    }
    ck_assert_float_eq(past_of_class("training", 0), 140);
    ck_assert_float_eq(past_of_class("training", 3), 146);
    ck_assert_float_nan(past_of_class("training", 4));
    ck_assert_float_eq(past_of_class("training", 40), 800);
    ck_assert_float_eq(past_of_class("other", 3), 10);
    ck_assert_float_eq(past_of_class("unallocated", 0), 3);
    ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_POWER), 800);
    begin("engine", start + 60);
    batch_time(b, start);
    say(GW_TENANT, "axis", M_TENANT_POWER, 9);
    end();
    model_settle(m, start + 60);
    ck_assert_float_eq(past_of_class("training", 40), 800); /* as it was seen */
    ck_assert_float_eq(past_of_class("training", 0), 140);
}
END_TEST

/* ---- served models ---- */

static void server(const char *model, const char *target, const char *engine,
                   const char *served_by, double tokens)
{
    char name[128];
    uint32_t part;

    snprintf(name, sizeof(name), "%s@%s", model, target);
    part = add(GW_MODEL, name, add(GW_MODEL, model, GW_NONE));
    batch_text(b, part, M_MODEL_ENGINE, engine, strlen(engine));
    batch_text(b, part, M_MODEL_JOB, served_by, strlen(served_by));
    batch_number(b, part, M_MODEL_TOKENS_TOTAL, tokens, GW_OK);
}

/* Two jobs of one GPU each; both serve. `frontend`: and one more counts what they say. */
static void serve(double time, double tokens, bool frontend)
{
    begin("n1", time);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    word(GW_GPU, "n1/1", M_GPU_JOB, "8");
    job("7", "acme", "running", 1);
    job("8", "acme", "running", 1);
    word(GW_JOB, "7", M_JOB_CLASS, "inference");
    word(GW_JOB, "8", M_JOB_CLASS, "inference");
    server("Qwen/Qwen3", "a", "vllm", "7", tokens);
    server("qwen/qwen3", "b", "vllm", "8", 2 * tokens);
    if (frontend)
        server("qwen/Qwen3", "f", "dynamo", "frontend-0", 3 * tokens + 15);
    end();
}

START_TEST(tokens_of_a_models_servers_add_up_whatever_the_case_of_its_name)
{
    serve(start, 1000, false);
    serve(start + 15, 1000 + 15 * 40, false);
    model_settle(m, start + 16);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_TOKENS), 120, .01);
    ck_assert_double_eq(number(GW_MODEL, "qwen/qwen3", M_MODEL_POWER), 200);
    ck_assert_double_eq(number(GW_MODEL, "qwen/qwen3", M_MODEL_GPUS), 2);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_TOKENS), 120, .01);
    ck_assert_double_eq_tol(number(GW_CLASS, "inference", M_CLASS_TOKENS), 120, .01);
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_BOUNDARY), "GPUs, by power");
}
END_TEST

START_TEST(what_a_frontend_counts_its_engines_do_not_count_again)
{
    serve(start, 1000, true);
    serve(start + 15, 1000 + 15 * 40, true);
    model_settle(m, start + 16);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_TOKENS), 120, .01);
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_ENGINE), "dynamo");
    ck_assert_double_eq(number(GW_MODEL, "qwen/qwen3", M_MODEL_POWER), 200);
}
END_TEST

/* A query engine's sum of all servers of a tenant. */
static void sum_of_servers(double time, const char *tenant, double tokens, double watts)
{
    char name[128];
    uint32_t part;

    begin("engine", time);
    snprintf(name, sizeof(name), "Qwen/qwen3@%s", tenant);
    part = add(GW_MODEL, name, add(GW_MODEL, "Qwen/qwen3", GW_NONE));
    batch_text(b, part, M_MODEL_TENANT, tenant, strlen(tenant));
    batch_text(b, part, M_MODEL_BOUNDARY, "GPUs, by energy", strlen("GPUs, by energy"));
    batch_number(b, part, M_MODEL_TOKENS, tokens, GW_OK);
    batch_number(b, part, M_MODEL_POWER, watts, GW_OK);
    end();
}

START_TEST(
    a_model_that_is_told_by_its_servers_and_by_a_query_engine_is_one_and_counted_once)
{
    for (int i = 0; i < 2; i++) {
        serve(start + 15 * i, 1000 + 600 * i, true);
        sum_of_servers(start + 15 * i, "acme", 125, 190);
        sum_of_servers(start + 15 * i, "other", 10, 50);
    }
    model_settle(m, start + 16);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_TOKENS), 135, .01);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_POWER), 240, .01);
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_BOUNDARY), "GPUs, by energy");
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_TOKENS), 125, .01);
    ck_assert_double_eq_tol(number(GW_TENANT, "other", M_TENANT_TOKENS), 10, .01);
}
END_TEST

START_TEST(a_frontend_speaks_for_the_servers_of_its_tenant_alone)
{
    for (int i = 0; i < 2; i++) {
        serve(start + 15 * i, 1000 + 600 * i, true);
        begin("n2", start + 15 * i);
        node("n2", 1);
        server("qwen/qwen3", "c", "vllm", "", 500 + 15 * 7 * i);
        word(GW_MODEL, "qwen/qwen3@c", M_MODEL_NODE, "n2");
        word(GW_MODEL, "qwen/qwen3@c", M_MODEL_TENANT, "other");
        word(GW_MODEL, "qwen/qwen3@f", M_MODEL_TENANT, "acme");
        end();
    }
    model_settle(m, start + 16);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_TOKENS), 127, .01);
    ck_assert_double_eq_tol(number(GW_TENANT, "other", M_TENANT_TOKENS), 7, .01);
}
END_TEST

START_TEST(a_counter_that_started_again_tells_no_rate)
{
    serve(start, 1000, false);
    serve(start + 15, 10, false);
    model_settle(m, start + 16);
    ck_assert_double_nan(number(GW_MODEL, "qwen/qwen3", M_MODEL_TOKENS));
}
END_TEST

START_TEST(tokens_of_who_serves_nothing_are_unknown_and_not_0)
{
    serve(start, 1000, false);
    begin("n2", start);
    node("n2", 1);
    word(GW_GPU, "n2/0", M_GPU_TENANT, "trainers");
    end();
    serve(start + 15, 1600, false);
    model_settle(m, start + 16);
    ck_assert_double_nan(number(GW_TENANT, "trainers", M_TENANT_TOKENS));
}
END_TEST

START_TEST(energy_counters_speak_for_a_model_where_its_gpus_have_them)
{
    for (int i = 0; i < 2; i++) {
        serve(start + 15 * i, 1000 + 600 * i, false);
        begin("n1", start + 15 * i);
        say(GW_GPU, "n1/0", M_GPU_ENERGY, 1e6 + 90 * 15 * i);
        say(GW_GPU, "n1/1", M_GPU_ENERGY, 1e6 + 80 * 15 * i);
        end();
    }
    model_settle(m, start + 16);
    ck_assert_double_eq_tol(number(GW_MODEL, "qwen/qwen3", M_MODEL_POWER), 170, .01);
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_BOUNDARY), "GPUs, by energy");
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_MEAN), 170, .01);
    ck_assert_double_eq_tol(number(GW_CLASS, "inference", M_CLASS_MEAN), 170, .01);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_POWER), 200, .01);
    ck_assert_double_eq_tol(cell_of("tenants", GW_TENANT, "acme", "j_per_token"),
                            170. / 120, .01);
    ck_assert_double_eq_tol(cell_of("classes", GW_CLASS, "inference", "tokens_per_mw"),
                            120 / 170e-6, 99);
}
END_TEST

START_TEST(servers_of_one_job_draw_its_power_once)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    word(GW_GPU, "n1/1", M_GPU_JOB, "8");
    job("7", "acme", "running", 1);
    job("8", "zeta", "running", 1);
    server("a", "x", "vllm", "7", 1000);
    server("a", "y", "vllm", "8", 1000);
    server("a", "z", "vllm", "7", 1000);
    server("b", "x", "vllm", "8", 1000);
    end_and_settle();
    ck_assert_double_eq(number(GW_MODEL, "a", M_MODEL_POWER), 150);
    ck_assert_double_eq(number(GW_MODEL, "b", M_MODEL_POWER), 50);
    ck_assert_int_eq(quality(GW_MODEL, "a@x", M_MODEL_POWER), GW_OK);
    /* of a job that serves two */
    ck_assert_int_eq(quality(GW_MODEL, "b@x", M_MODEL_POWER), GW_ESTIMATED);
}
END_TEST

START_TEST(models_that_share_a_node_share_its_power)
{
    begin("n1", start);
    node("n1", 2);
    server("a", "x", "vllm", "", 1000);
    server("b", "x", "vllm", "", 1000);
    word(GW_MODEL, "a@x", M_MODEL_NODE, "n1");
    word(GW_MODEL, "b@x", M_MODEL_NODE, "n1");
    end_and_settle();
    ck_assert_double_eq(
        number(GW_MODEL, "a", M_MODEL_POWER) + number(GW_MODEL, "b", M_MODEL_POWER), 200);
    ck_assert_double_eq(number(GW_MODEL, "a@x", M_MODEL_GPUS), 1);
    ck_assert_int_eq(quality(GW_MODEL, "a", M_MODEL_POWER), GW_ESTIMATED);
}
END_TEST

START_TEST(a_tag_is_a_field_of_whoever_works_under_it)
{
    static const struct class_rule rules[] = {
        { .match = { [RULE_TENANT] = "acme" }, .class = "inference", .tag = "sovereign" },
        { .match = { [RULE_TITLE] = "*public*" }, .tag = "public" },
    };

    model_set_rules(m, rules, 2);
    serve(start, 1000, false);
    begin("n2", start);
    node("n2", 2);
    word(GW_GPU, "n2/0", M_GPU_JOB, "21");
    word(GW_GPU, "n2/1", M_GPU_TENANT, "acme");
    job("21", "zeta", "running", 1);
    job("22", "zeta", "pending", 1);
    word(GW_JOB, "21", M_JOB_NAME, "public-chat");
    word(GW_JOB, "22", M_JOB_NAME, "eval");
    end_and_settle();
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_TAG), "sovereign");
    ck_assert_str_eq(text(GW_TENANT, "zeta", M_TENANT_TAG), "public");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_TAG), "sovereign");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3@a", M_MODEL_TAG), "sovereign");
    ck_assert_str_eq(text(GW_GPU, "n2/0", M_GPU_TAG), "public");
    ck_assert_str_eq(shown("nodes", GW_NODE, "n1", "tag"), "sovereign");
    ck_assert_str_eq(shown("nodes", GW_NODE, "n2", "tag"), "several");
}
END_TEST

START_TEST(a_tag_goes_with_the_rule_that_gave_it)
{
    static const struct class_rule rules[] = {
        { .match = { [RULE_TENANT] = "acme" }, .class = "inference", .tag = "sovereign" },
    };

    model_set_rules(m, rules, 1);
    serve(start, 1000, false);
    model_settle(m, start + 1);
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_TAG), "sovereign");
    model_set_rules(m, NULL, 0);
    serve(start + 15, 1600, false);
    model_settle(m, start + 16);
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_TAG), "");
    ck_assert_str_eq(text(GW_JOB, "7", M_JOB_CLASS), "inference");
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_TAG), "");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_TAG), "");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3@a", M_MODEL_TAG), "");
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_TAG), "");
}
END_TEST

START_TEST(a_tag_of_a_rule_that_went_does_not_come_back_with_the_cache)
{
    static const struct class_rule rules[] = { { .match = { [RULE_TENANT] = "zeta" },
                                                 .tag = "trial" } };

    for (int i = 0; i < 2; i++) {
        model_free(m);
        m = model_new("iad-3");
        model_set_rules(m, rules, (size_t)i);
        b = batch_new(BATCH_CACHE, "", start);
        job("7", "acme", "running", 1);
        word(GW_JOB, "7", M_JOB_TAG, "sovereign");
        job("6", "acme", "ended", 1);
        word(GW_JOB, "6", M_JOB_TAG, "sovereign");
        end();
        begin("slurm", start + 5);
        job("7", "acme", "running", 1);
        end();
        model_settle(m, start + 6);
        ck_assert_str_eq(text(GW_JOB, "7", M_JOB_TAG), "");
        /* so it was called */
        ck_assert_str_eq(text(GW_JOB, "6", M_JOB_TAG), "sovereign");
    }
}
END_TEST

START_TEST(a_served_model_loses_the_tag_of_a_job_that_ended)
{
    serve(start, 1000, false);
    begin("slurm", start);
    word(GW_JOB, "7", M_JOB_TAG, "sovereign");
    end_and_settle();
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3@a", M_MODEL_TAG), "sovereign");
    begin("slurm", start + 1);
    word(GW_JOB, "7", M_JOB_STATE, "ended");
    end();
    model_settle(m, start + 2);
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3@a", M_MODEL_TAG), "");
}
END_TEST

static void chat(const char *name, const char *title, const char *state)
{
    job(name, "zeta", state, 1);
    word(GW_JOB, name, M_JOB_NAME, title);
    if (strcmp(state, "ended") == 0)
        say(GW_JOB, name, M_JOB_END, start - 3000);
}

START_TEST(a_tenants_tag_is_that_of_what_runs_or_waits)
{
    static const struct class_rule rules[] = {
        { .match = { [RULE_TITLE] = "public*" }, .tag = "public" },
        { .match = { [RULE_TITLE] = "secret*" }, .tag = "secret" },
    };

    model_set_rules(m, rules, 2);
    begin("slurm", start);
    node("n2", 1);
    word(GW_GPU, "n2/0", M_GPU_JOB, "21");
    chat("21", "public-chat", "running");
    chat("22", "secret-chat", "ended");
    end_and_settle();
    ck_assert_str_eq(text(GW_TENANT, "zeta", M_TENANT_TAG), "public");
    begin("slurm", start + 15);
    chat("22", "secret-chat", "pending");
    end();
    model_settle(m, start + 16);
    ck_assert_str_eq(text(GW_TENANT, "zeta", M_TENANT_TAG), "several");
    begin("slurm", start + 30);
    chat("21", "public-chat", "ended");
    chat("22", "secret-chat", "ended");
    chat("23", "plain", "running");
    end();
    model_settle(m, start + 31);
    ck_assert_str_eq(text(GW_TENANT, "zeta", M_TENANT_TAG), "");
}
END_TEST

START_TEST(servers_that_differ_have_several_words)
{
    begin("n1", start);
    server("a", "x", "vllm", "7", 1000);
    end_and_settle();
    ck_assert_str_eq(text(GW_MODEL, "a", M_MODEL_ENGINE), "vllm");
    begin("n1", start + 15);
    server("a", "x", "vllm", "7", 1600);
    server("a", "y", "sglang", "8", 1000);
    end();
    model_settle(m, start + 16);
    ck_assert_str_eq(text(GW_MODEL, "a", M_MODEL_ENGINE), "several");
}
END_TEST

START_TEST(where_power_is_measured_goes_with_it)
{
    serve(start, 1000, false);
    model_settle(m, start + 1);
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_BOUNDARY), "GPUs, by power");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_BOUNDARY), "GPUs, by power");
    model_settle(m, start + 600);
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_BOUNDARY), "");
    ck_assert_str_eq(text(GW_MODEL, "qwen/qwen3", M_MODEL_BOUNDARY), "");
}
END_TEST

START_TEST(what_tenants_and_classes_draw_says_where_it_is_measured)
{
    serve(start, 1000, false);
    model_settle(m, start + 1);
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_BOUNDARY), "GPUs, by power");
    ck_assert_str_eq(text(GW_CLASS, "inference", M_CLASS_BOUNDARY), "GPUs, by power");
    begin("bmc", start + 2);
    say(GW_NODE, "n1", M_NODE_METER, 500);
    end();
    model_settle(m, start + 3);
    ck_assert_str_eq(text(GW_TENANT, "acme", M_TENANT_BOUNDARY), "nodes, by power");
    ck_assert_str_eq(text(GW_CLASS, "inference", M_CLASS_BOUNDARY), "nodes, by power");
}
END_TEST

/* ---- the line ---- */

static void waits(const char *name, double order, double watts)
{
    job(name, "acme", "pending", 8);
    word(GW_JOB, name, M_JOB_QUEUE, "train");
    say(GW_JOB, name, M_JOB_START, start + 60 * order);
    say(GW_JOB, name, M_JOB_SUBMIT, start - 600 * order);
    say(GW_JOB, name, M_JOB_PREDICTED, watts);
}

START_TEST(those_who_wait_stand_in_the_order_of_their_starts)
{
    begin("slurm", start);
    site(1000);
    waits("third", 3, 30);
    waits("first", 1, 10);
    waits("second", 2, 20);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_JOB, "second", M_JOB_ORDER), 2);
    ck_assert_double_eq(number(GW_JOB, "third", M_JOB_AFTER), 1060);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_PENDING), 3);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_GPUS_PENDING), 24);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_WAIT), 1800);
    begin("slurm", start + 15);
    word(GW_JOB, "first", M_JOB_STATE, "running");
    end();
    model_settle(m, start + 16);
    ck_assert_double_nan(number(GW_JOB, "first", M_JOB_ORDER));
    ck_assert_double_eq(number(GW_JOB, "second", M_JOB_ORDER), 1);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_RUNNING), 1);
    begin("slurm", start + 30);
    word(GW_JOB, "second", M_JOB_STATE, "running");
    word(GW_JOB, "third", M_JOB_STATE, "running");
    end();
    model_settle(m, start + 31);
    ck_assert(isnan(number(GW_QUEUE, "train", M_QUEUE_WAIT)));          /* nobody waits */
}
END_TEST

START_TEST(an_array_that_waits_is_as_many_jobs_as_it_has_tasks)
{
    begin("slurm", start);
    site(1000);
    waits("array", 1, 10);
    say(GW_JOB, "array", M_JOB_TASKS, 20);
    waits("single", 2, 5);
    end();
    model_settle(m, start);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_PENDING), 21);
    ck_assert_double_eq(number(GW_QUEUE, "train", M_QUEUE_GPUS_PENDING), 21 * 8);
    ck_assert_double_eq(number(GW_JOB, "single", M_JOB_AFTER), 1000 + 20 * 10 + 5);
}
END_TEST

/* As the view has it. */
START_TEST(the_queue_crosses_the_cap_with_one_job_be_it_an_array)
{
    begin("slurm", start);
    site(1000);
    say(GW_SITE, "iad-3", M_SITE_CAP, 1150);
    waits("small", 1, 10);
    waits("array", 2, 10);
    say(GW_JOB, "array", M_JOB_TASKS, 20);
    waits("late", 3, 10);
    waits("unpriced", 4, NAN);
    end();
    model_settle(m, start);
    ck_assert_str_eq(shown("jobs", GW_JOB, "small", "fits"), "yes");
    ck_assert_str_eq(shown("jobs", GW_JOB, "array", "fits"), "crosses");
    ck_assert_str_eq(shown("jobs", GW_JOB, "late", "fits"), "over");
    ck_assert_str_eq(shown("jobs", GW_JOB, "unpriced", "fits"), "");
}
END_TEST

START_TEST(who_serves_a_model_is_metered_before_its_rate_is_known)
{
    begin("n1", start);
    node("n1", 2);
    server("chat", "x", "vllm", "", 1000);
    word(GW_MODEL, "chat@x", M_MODEL_NODE, "n1");
    word(GW_MODEL, "chat", M_MODEL_TENANT, "public-api");
    say(GW_TENANT, "public-api", M_TENANT_POWER, 100);
    say(GW_TENANT, "research", M_TENANT_POWER, 100);
    end_and_settle();
    ck_assert_double_gt(number(GW_MODEL, "chat", M_MODEL_POWER), 0);
    ck_assert_str_eq(shown("models", GW_MODEL, "chat", "tokens"), "");
    ck_assert_str_eq(shown("tenants", GW_TENANT, "public-api", "tokens"), "");
    ck_assert_str_eq(shown("tenants", GW_TENANT, "research", "tokens"), "not metered");
}
END_TEST

/* ---- today ---- */

static void draw(double time, double price)
{
    begin("n1", time);
    node("n1", 1);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    say(GW_SITE, "iad-3", M_SITE_PRICE, price);
    end();
    model_settle(m, time);
}

START_TEST(energy_and_cost_add_up_and_start_again_at_midnight)
{
    double midnight = 86400 * floor(start / 86400) + 86400;

    for (double t = midnight - 600; t <= midnight - 5; t += 5)
        draw(t, 200);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), 100 * 595, 1);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_COST),
                            100 * 595 / 3.6e6 * 200, .01);
    /* most of the day was not seen */
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_ENERGY), GW_ESTIMATED);
    for (double t = midnight; t <= midnight + 600; t += 5)
        draw(t, 100);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), 100 * 600, 1);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_ENERGY), GW_OK);
}
END_TEST

START_TEST(todays_energy_goes_on_over_a_restart)
{
    struct batch *kept;
    double before;

    for (double t = start; t <= start + 300; t += 5)
        draw(t, 200);
    before = number(GW_TENANT, "acme", M_TENANT_ENERGY);
    kept = model_snapshot(m, GW_TENANT);
    kept->origin = BATCH_CACHE;
    model_free(m);
    m = model_new("iad-3");
    model_apply(m, kept);
    batch_free(kept);
    for (double t = start + 310; t <= start + 400; t += 5)
        draw(t, 200);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), before + 100 * 90,
                            1);
}
END_TEST

/* Who reads the cache reads no GPUs to know what a job draws. */
START_TEST(what_a_job_drew_is_in_the_cache_when_its_source_fell_silent)
{
    begin("n1", start);
    node("n1", 2);
    word(GW_GPU, "n1/0", M_GPU_JOB, "7");
    job("7", "acme", "running", 1);
    end_and_settle();
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 100);
    model_settle(m, start + 120);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_STALE);
    b = batch_new(BATCH_CACHE, "", start + 120);
    model_tell_rest(m, b);
    model_free(m);
    m = model_new("iad-3");
    end();
    ck_assert_double_eq(number(GW_JOB, "7", M_JOB_POWER), 100);
    ck_assert_int_eq(quality(GW_JOB, "7", M_JOB_POWER), GW_STALE);
}
END_TEST

START_TEST(energy_says_since_when_it_is_counted)
{
    double midnight = 86400 * floor(start / 86400) + 86400;
    struct batch *kept;

    for (double t = midnight - 600; t <= midnight - 5; t += 5)
        draw(t, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight - 600);
    kept = model_snapshot(m, GW_TENANT);
    kept->origin = BATCH_CACHE;
    model_free(m);
    m = model_new("iad-3");
    model_apply(m, kept);
    batch_free(kept);
    draw(midnight - 4, 200);
    draw(midnight - 1, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight - 600);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_ENERGY), GW_ESTIMATED);
    for (double t = midnight; t <= midnight + 60; t += 5)
        draw(t, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight);
}
END_TEST

/* What a source says of a day is of all of it; what is only counted here began later,
 * beside it. */
START_TEST(what_a_source_says_of_today_began_at_midnight)
{
    double midnight = 86400 * floor(start / 86400) + 86400;

    begin("dps", midnight + 3600);
    say(GW_TENANT, "acme", M_TENANT_ENERGY, 5e6);
    end();
    draw(midnight + 3600, 200);
    draw(midnight + 3605, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_COUNTED),
                        midnight + 3600);
    begin("dps", midnight + 3610);
    say(GW_TENANT, "acme", M_TENANT_COUNTED, midnight + 1800);
    end();
    draw(midnight + 3610, 200);
    draw(midnight + 3615, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight + 1800);
}
END_TEST

/* As a query engine does, some polls after the console began to count. */
START_TEST(what_a_source_says_was_used_before_the_console_looked_counts_and_is_paid_for)
{
    double midnight = 86400 * floor(start / 86400) + 86400, t = midnight + 7200;

    for (; t <= midnight + 7230; t += 5)
        draw(t, 200);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), 100 * 30, 1);
    begin("engine", t);
    say(GW_TENANT, "acme", M_TENANT_COUNTED, midnight);
    batch_number(b, add(GW_TENANT, "acme", GW_NONE), M_TENANT_ENERGY, 3.6e6,
                 GW_ESTIMATED);
    end();
    for (double end_t = t + 50; t <= end_t; t += 5)
        draw(t, 200);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_COUNTED), midnight);
    /* what it told once has grown stale: counted on from there */
    for (double end_t = t + 100; t <= end_t; t += 5)
        draw(t, 200);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), 3.6e6 + 100 * 160,
                            600);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_ENERGY), GW_ESTIMATED);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_COST),
                            200 + 200 * 100 * 160 / 3.6e6, .05);
    /* Of less of the day than was counted here, it is not believed. */
    begin("engine", t);
    say(GW_TENANT, "acme", M_TENANT_COUNTED, midnight + 7000);
    batch_number(b, add(GW_TENANT, "acme", GW_NONE), M_TENANT_ENERGY, 5, GW_ESTIMATED);
    end();
    for (double end_t = t + 100; t <= end_t; t += 5)
        draw(t, 200);
    ck_assert_double_ge(number(GW_TENANT, "acme", M_TENANT_ENERGY), 3.6e6);
}
END_TEST

/* Two GPUs of two tenants of one class; one of another. */
static void draw_of_classes(double time)
{
    begin("n1", time);
    node("n1", 3);
    word(GW_GPU, "n1/0", M_GPU_TENANT, "acme");
    word(GW_GPU, "n1/1", M_GPU_TENANT, "apex");
    word(GW_GPU, "n1/2", M_GPU_TENANT, "zeta");
    say(GW_SITE, "iad-3", M_SITE_PRICE, 200);
    end();
    model_settle(m, time);
}

static void used_by(const char *tenant, double since, double joules)
{
    say(GW_TENANT, tenant, M_TENANT_COUNTED, since);
    batch_number(b, add(GW_TENANT, tenant, GW_NONE), M_TENANT_ENERGY, joules,
                 GW_ESTIMATED);
}

/* _i 0: one who asks once; 1: one who looked before; 2: where jobs are known, and not
 * which ran then; 3: where a source tells it of a class itself. */
START_TEST(what_a_class_used_today_is_what_its_tenants_did_where_no_job_is_known)
{
    static const struct class_rule rule = { .match = { [RULE_TENANT] = "a*" },
                                            .class = "training" };
    double midnight = 86400 * floor(start / 86400) + 86400, t = midnight + 7200, told = t,
           seen;

    model_set_rules(m, &rule, 1);
    for (; _i && t <= midnight + 7230; t += 5)
        draw_of_classes(t);
    if (_i == 2) {
        begin("slurm", t);
        job("7", "acme", "running", 1);
        end();
    }
    told = t;
    begin("engine", t);
    used_by("acme", midnight + 60, 3.6e6);
    used_by("apex", midnight, 1.8e6);
    if (_i == 3) {
        say(GW_CLASS, "training", M_CLASS_COUNTED, midnight);
        say(GW_CLASS, "training", M_CLASS_ENERGY, 9e6);
    }
    end();
    draw_of_classes(t);
    if (_i == 2) {
        ck_assert_double_lt(number(GW_CLASS, "training", M_CLASS_ENERGY), 1e5);
        return;
    }
    if (_i == 3) {
        ck_assert_double_ge(number(GW_CLASS, "training", M_CLASS_ENERGY), 9e6);
        return;
    }
    ck_assert_double_eq_tol(number(GW_CLASS, "training", M_CLASS_ENERGY), 5.4e6, 1500);
    ck_assert_double_eq(number(GW_CLASS, "training", M_CLASS_COUNTED), midnight + 60);
    ck_assert_double_eq_tol(number(GW_CLASS, "training", M_CLASS_COST), 200 * 1.5, .1);
    ck_assert_int_eq(quality(GW_CLASS, "training", M_CLASS_ENERGY), GW_ESTIMATED);
    /* counted on from there, as its tenants */
    for (t += 5; t <= told + 200; t += 5)
        draw_of_classes(t);
    seen = number(GW_TENANT, "acme", M_TENANT_ENERGY) +
           number(GW_TENANT, "apex", M_TENANT_ENERGY);
    ck_assert_double_eq_tol(number(GW_CLASS, "training", M_CLASS_ENERGY), seen, 1);
    ck_assert_double_ge(seen, 5.4e6 + 2 * 100 * 190);
    ck_assert_double_eq_tol(number(GW_CLASS, "other", M_CLASS_ENERGY),
                            number(GW_TENANT, "zeta", M_TENANT_ENERGY), 1);
    ck_assert_double_eq(number(GW_CLASS, "other", M_CLASS_COUNTED),
                        number(GW_TENANT, "zeta", M_TENANT_COUNTED));
}
END_TEST

START_TEST(of_a_gap_nobody_knows_what_was_used)
{
    draw(start, 200);
    draw(start + 5, 200);
    draw(start + 3600, 200);
    ck_assert_double_eq_tol(number(GW_TENANT, "acme", M_TENANT_ENERGY), 500, 1);
}
END_TEST

/* A node of four GPUs that two jobs share, one has a GPU and one two: who has which, and
 * which is free. */
static void shared_node(void)
{
    static const char *const jobs_of_gpus[] = { "7", "8", "8", "" };

    node("n1", 4);
    for (int i = 0; i < 4; i++) {
        char gpu[16];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        word(GW_GPU, gpu, M_GPU_JOB, jobs_of_gpus[i]);
    }
    job("7", "acme", "running", 1);
    job("8", "zeta", "running", 2);
    word(GW_JOB, "7", M_JOB_NODELIST, "n1");
    word(GW_JOB, "8", M_JOB_NODELIST, "n1");
}

/* Of a node that jobs share the cache knows who has which GPU, and its follower hears of
 * nobody else. */
START_TEST(who_follows_the_cache_knows_who_has_which_gpu_of_a_shared_node)
{
    model_trust_cache(m, 3600);
    b = batch_new(BATCH_CACHE, "cache", start);
    shared_node();
    end();
    for (int second = 1; second < 4; second++)
        model_settle(m, start + 2 * second);
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_JOB), "7");
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_TENANT), "acme");
    ck_assert_str_eq(text(GW_GPU, "n1/2", M_GPU_TENANT), "zeta");
    ck_assert_str_eq(text(GW_GPU, "n1/3", M_GPU_TENANT), "");
    ck_assert_double_eq(number(GW_TENANT, "zeta", M_TENANT_GPUS), 2);
    ck_assert_double_eq(number(GW_TENANT, "unallocated", M_TENANT_GPUS), 1);
}
END_TEST

START_TEST(what_the_cache_has_of_a_gpu_yields_to_what_its_nodes_jobs_tell)
{
    b = batch_new(BATCH_CACHE, "cache", start);
    shared_node();
    end();
    begin("slurm", start + 5);
    job("9", "omega", "running", 4);
    word(GW_JOB, "9", M_JOB_NODELIST, "n1");
    job("7", "acme", "ended", 1);
    job("8", "zeta", "ended", 2);
    end();
    model_settle(m, start + 6);
    ck_assert_str_eq(text(GW_GPU, "n1/0", M_GPU_JOB), "9");
    ck_assert_str_eq(text(GW_GPU, "n1/3", M_GPU_TENANT), "omega");
}
END_TEST

/* ---- parts of which nothing is heard any more ---- */

static struct cell share(const char *view, enum gw_kind kind, const char *name)
{
    return column_find(view_find(view), "share")->cell(m, model_find(m, kind, name));
}

static double fresh_sum(enum gw_kind kind, uint16_t metric)
{
    double sum = 0;

    for (uint32_t row = 0; row < model_rows(m, kind); row++)
        if (model_quality(m, metric, row) != GW_STALE)
            sum += model_number(m, metric, row);
    return sum;
}

/* acme has n1 and n2, initech n3. */
static void nodes_told(int count, double time)
{
    static const char *const names[] = { "n1", "n2", "n3" };

    for (int i = 0; i < count; i++) {
        begin(names[i], time);
        node(names[i], 4);
        end();
    }
    begin("slurm", time);
    job("7", "acme", "running", 8);
    word(GW_JOB, "7", M_JOB_NODELIST, "n[1-2]");
    word(GW_JOB, "7", M_JOB_CLASS, "training");
    job("8", "initech", "running", 4);
    word(GW_JOB, "8", M_JOB_NODELIST, "n3");
    word(GW_JOB, "8", M_JOB_CLASS, "agents");
    word(GW_GPU, "n3/0", M_GPU_JOB, "8");
    end();
    model_settle(m, time + 1);
}

START_TEST(a_stale_part_keeps_its_number_and_is_in_no_sum_nor_share)
{
    nodes_told(3, start);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 800);
    ck_assert_double_eq_tol(share("tenants", GW_TENANT, "initech").number, 1. / 3, 1e-6);

    nodes_told(1, start + 120);
    ck_assert_double_eq(number(GW_SITE, "iad-3", M_SITE_POWER), 400);
    ck_assert_double_eq(fresh_sum(GW_TENANT, M_TENANT_POWER), 400);
    ck_assert_double_eq(fresh_sum(GW_CLASS, M_CLASS_POWER), 400);
    /* Half of it is heard of: that half. */
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_POWER), 400);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_POWER), GW_ESTIMATED);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_GPUS), 8);
    ck_assert_double_eq(number(GW_TENANT, "acme", M_TENANT_BUSY), 4);
    ck_assert_int_eq(quality(GW_TENANT, "acme", M_TENANT_BUSY), GW_ESTIMATED);
    ck_assert_int_eq(quality(GW_CLASS, "training", M_CLASS_IDLE), GW_ESTIMATED);
    ck_assert_double_eq(share("tenants", GW_TENANT, "acme").number, 1);
    /* Nothing of it: what was heard last, a part of nothing that is told now. */
    ck_assert_double_eq(number(GW_TENANT, "initech", M_TENANT_POWER), 400);
    ck_assert_int_eq(quality(GW_TENANT, "initech", M_TENANT_POWER), GW_STALE);
    ck_assert_int_eq(quality(GW_TENANT, "initech", M_TENANT_BUSY), GW_STALE);
    ck_assert_int_eq(share("tenants", GW_TENANT, "initech").type, CELL_NONE);
    ck_assert_int_eq(share("classes", GW_CLASS, "agents").type, CELL_NONE);
    ck_assert_double_eq(number(GW_NODE, "n3", M_NODE_POWER), 400);
    ck_assert_int_eq(quality(GW_NODE, "n3", M_NODE_POWER), GW_STALE);
    ck_assert(!model_answers(m, GW_GPU, model_find(m, GW_GPU, "n3/0")));
    ck_assert(model_answers(m, GW_GPU, model_find(m, GW_GPU, "n1/0")));
    ck_assert_int_eq(quality(GW_JOB, "8", M_JOB_POWER), GW_STALE);
    ck_assert_double_eq(number(GW_JOB, "8", M_JOB_POWER), 400);

    /* Of a site that is stale itself, those are a part that were in what it has left. */
    nodes_told(0, start + 240);
    ck_assert_int_eq(quality(GW_SITE, "iad-3", M_SITE_POWER), GW_STALE);
    ck_assert_double_eq(share("tenants", GW_TENANT, "acme").number, 1);
    ck_assert_int_eq(share("tenants", GW_TENANT, "initech").type, CELL_NONE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_job_named_by_a_gpu_lends_it_its_tenant,
        a_pod_is_found_by_its_namespace,
        a_job_that_has_all_of_its_nodes_holds_all_their_gpus,
        a_node_that_jobs_share_names_them,
        who_follows_the_cache_knows_who_has_which_gpu_of_a_shared_node,
        what_the_cache_has_of_a_gpu_yields_to_what_its_nodes_jobs_tell,
        what_followed_from_a_job_ends_with_it,
        a_gpu_that_is_told_to_be_free_is_none_of_its_nodes_jobs,
        who_names_no_gpus_of_a_node_does_not_say_that_they_are_free,
        jobs_that_share_a_node_have_estimated_shares_of_it,
        a_name_with_a_comma_is_one_tenant, a_job_of_processors_hides_no_job_of_gpus,
        those_who_share_a_gpu_are_named_one_by_one,
        what_one_source_says_is_free_is_not_free_because_another_names_its_neighbour,
        who_is_told_to_have_all_of_a_node_has_it,
        gpus_that_are_not_read_are_in_what_an_engine_sums,
        those_who_share_a_gpu_have_estimated_parts_of_it,
        a_gpu_whose_pod_a_job_owns_is_of_that_job,
        a_pod_that_two_jobs_call_theirs_is_of_neither,
        a_job_of_unknown_size_has_what_those_of_known_size_leave,
        what_nodes_of_processors_draw_is_not_taken_off_what_an_engine_says_of_free_gpus,
        gpus_that_nobody_counts_are_unknown,
        a_model_on_a_node_whose_gpus_an_engine_sums_is_measured_at_the_gpus,
        a_tag_of_a_rule_that_went_does_not_come_back_with_the_cache,
        a_served_model_loses_the_tag_of_a_job_that_ended,
        a_gpu_that_idles_and_is_held_by_a_node_is_found,
        one_gpu_that_two_sources_call_differently_counts_once,
        a_gpu_put_in_for_another_is_one_of_its_own,
        a_gpu_that_is_declared_by_its_other_name_is_not_forgotten,
        a_gpu_has_no_more_names_than_a_few,
        two_gpus_of_one_source_are_two_whatever_uuid_it_gives_them,
        one_gpu_is_one_after_a_restart_after_silence_and_after_a_move,
        one_gpu_stays_in_its_node_whoever_tells_of_it,
        whoever_takes_a_batch_after_the_model_knows_a_gpu_by_one_name,
        no_watts_are_made_of_two_counters,
        what_no_node_draws_is_unexplained,
        where_nodes_explain_all_nothing_is_unexplained,
        of_no_gpus_none_are_busy_and_none_idle,
        who_has_all_of_a_node_has_all_its_power,
        what_is_nobody_s_is_not_added_to_what_the_cache_has_of_it,
        what_was_drawn_before_is_not_added_to_what_is_drawn_now,
        who_share_a_node_share_its_power_by_gpus_and_that_is_an_estimate,
        a_node_without_gpus_is_of_those_whose_jobs_it_runs,
        what_an_unread_gpu_draws_is_in_its_node_and_makes_it_an_estimate,
        a_meter_below_its_gpus_takes_nothing_from_them,
        a_job_that_ended_draws_nothing_more,
        rules_say_what_a_job_is_for_and_the_first_counts,
        a_rule_fits_any_of_several_images_and_partitions_and_no_part_of_a_title,
        work_that_nobody_classifies_is_other,
        a_gpu_that_does_little_is_busy_and_one_that_does_less_is_idle,
        without_a_word_of_classes_there_are_none,
        tokens_of_a_models_servers_add_up_whatever_the_case_of_its_name,
        what_a_frontend_counts_its_engines_do_not_count_again,
        a_model_that_is_told_by_its_servers_and_by_a_query_engine_is_one_and_counted_once,
        a_frontend_speaks_for_the_servers_of_its_tenant_alone,
        a_tag_is_a_field_of_whoever_works_under_it,
        a_tag_goes_with_the_rule_that_gave_it,
        a_tenants_tag_is_that_of_what_runs_or_waits,
        servers_that_differ_have_several_words,
        where_power_is_measured_goes_with_it,
        what_tenants_and_classes_draw_says_where_it_is_measured,
        a_counter_that_started_again_tells_no_rate,
        tokens_of_who_serves_nothing_are_unknown_and_not_0,
        energy_counters_speak_for_a_model_where_its_gpus_have_them,
        servers_of_one_job_draw_its_power_once,
        models_that_share_a_node_share_its_power,
        those_who_wait_stand_in_the_order_of_their_starts,
        the_queue_crosses_the_cap_with_one_job_be_it_an_array,
        who_serves_a_model_is_metered_before_its_rate_is_known,
        an_array_that_waits_is_as_many_jobs_as_it_has_tasks,
        energy_and_cost_add_up_and_start_again_at_midnight,
        todays_energy_goes_on_over_a_restart,
        what_a_job_drew_is_in_the_cache_when_its_source_fell_silent,
        energy_says_since_when_it_is_counted,
        what_a_source_says_of_today_began_at_midnight,
        what_a_source_says_was_used_before_the_console_looked_counts_and_is_paid_for,
        of_a_gap_nobody_knows_what_was_used,
        a_stale_part_keeps_its_number_and_is_in_no_sum_nor_share,
    };
    Suite *s = suite_create("hold");
    TCase *c = tcase_create("hold");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
        tcase_add_test(c, tests[i]);
    tcase_add_loop_test(
        c, the_past_of_a_class_is_that_of_its_tenants_where_no_job_is_known, 0, 2);
    tcase_add_loop_test(
        c, what_a_class_used_today_is_what_its_tenants_did_where_no_job_is_known, 0, 4);
    tcase_add_loop_test(c, a_rule_looks_at_what_it_names_and_at_nothing_else, 0,
                        LOOKED_AT);
    tcase_add_loop_test(c, tenants_and_classes_add_up_to_the_meter_whatever_is_told, 0,
                        8);
    tcase_add_loop_test(
        c,
        what_an_engine_sums_and_a_scheduler_shares_out_adds_up_and_nothing_is_below_nothing,
        0, 40);
    tcase_add_loop_test(c, gpus_that_an_engine_tells_one_by_one_are_in_what_it_sums, 1,
                        8);
    tcase_add_loop_test(c, each_has_what_an_engine_sums_whatever_node_is_looked_into, 0,
                        10);
    tcase_add_test(c, a_job_has_its_part_of_what_an_engine_says_of_its_node);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
