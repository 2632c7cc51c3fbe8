/* Kubeconfigs: which cluster and user a context means, what is refused, and in which
 * words; certificates' ends; what a credential's command may print. */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "poll/kube_credential.h"
#include "poll/kubeconfig.h"
#include "tests/lib/memory.h"

static struct kube_access a;
static struct err err;

static int reads(const char *text, const char *context)
{
    return kubeconfig_read_text(&a, text, strlen(text), "/home/op/.kube/config", context,
                                &err);
}

#define CLUSTER "clusters: [{name: c, cluster: {server: \"https://10.0.0.1:6443/k8s/clusters/x/\"}}]\n"
#define CONTEXT "contexts: [{name: lab, context: {cluster: c, user: u}}, {name: nobody, context: {cluster: c}}]\n"

START_TEST(a_context_names_a_cluster_and_a_user)
{
    ck_assert_int_eq(reads("current-context: lab\n" CLUSTER CONTEXT
                           "users: [{name: u, user: {token: t0ken}}]\n",
                           ""),
                     0);
    ck_assert_str_eq(a.server, "https://10.0.0.1:6443");
    ck_assert_str_eq(a.path, "/k8s/clusters/x");
    ck_assert_str_eq(a.token, "t0ken");
    ck_assert_str_eq(a.where, "context lab of /home/op/.kube/config");
    ck_assert(!a.unverified);
    kubeconfig_end(&a);
    ck_assert_int_eq(reads("current-context: lab\n" CLUSTER CONTEXT, "nobody"), 0);
    ck_assert_ptr_null(a.token);
    kubeconfig_end(&a);
}
END_TEST

/* Longer than what libyaml begins a text with. */
START_TEST(a_token_is_nowhere_when_its_kubeconfig_has_ended)
{
    static const char token[] =
        "hunter5.is.nowhere.else.in.this.test.hunter5.is.nowhere.else.in.this.test";
    static char text[1000];

    snprintf(text, sizeof(text), "current-context: lab\n" CLUSTER CONTEXT
             "users: [{name: u, user: {token: %s}}]\n", token);
    ck_assert_int_eq(reads(text, ""), 0);
    ck_assert_str_eq(a.token, token);
    kubeconfig_end(&a);
    ck_assert(HEAP_IS_HIDDEN || !is_in_the_heap(token));
    ck_assert(!is_in_memory("[stack]", token));
}
END_TEST

START_TEST(json_is_a_kubeconfig_too)
{
    ck_assert_int_eq(reads("{\"contexts\":[{\"name\":\"lab\",\"context\":{\"cluster\":\"c\",\"user\":\"u\"}}],\"clusters\":[{\"name\":\"c\","
                           "\"cluster\":{\"server\":\"https://h\",\"extensions\":[{\"name\":\"x\"}]}}],\"users\":[{\"name\":\"u\",\"user\":{}}]}",
                           "lab"), 0);
    ck_assert_str_eq(a.server, "https://h");
    kubeconfig_end(&a);
}
END_TEST

START_TEST(paths_are_relative_to_the_file_and_data_is_decoded)
{
    ck_assert_int_eq(
        reads(
            "clusters: [{name: c, cluster: {server: \"https://h\", certificate-authority: pki/ca.crt, tls-server-name: n}}]\n" CONTEXT
            "users: [{name: u, user: {client-certificate: /etc/op.crt, client-key: ../op.key, tokenFile: tok,\n"
            "  client-key-data: LS0tLS1CRUdJTiBLRVktLS0tLQo=}}]\n",
            "lab"),
        0);
    ck_assert_str_eq(a.ca, "/home/op/.kube/pki/ca.crt");
    ck_assert_str_eq(a.cert, "/etc/op.crt");
    ck_assert_str_eq(a.key, "/home/op/.kube/../op.key");
    ck_assert_str_eq(a.token_file, "/home/op/.kube/tok");
    ck_assert_str_eq(a.server_name, "n");
    ck_assert_str_eq(a.key_pem.text, "-----BEGIN KEY-----\n");
    kubeconfig_end(&a);
}
END_TEST

START_TEST(a_command_is_kept_whole)
{
    ck_assert_int_eq(
        reads(
            CLUSTER CONTEXT
            "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1,\n"
            "  command: bin/token, args: [get, --cluster, lab], env: [{name: A, value: b}], provideClusterInfo: true}}}]\n",
            "lab"),
        0);
    ck_assert_str_eq(a.exec.command, "/home/op/.kube/bin/token");
    ck_assert_str_eq(a.exec.args[2], "lab");
    ck_assert_ptr_null(a.exec.args[3]);
    ck_assert_str_eq(a.exec.variables[0], "A=b");
    ck_assert(a.exec.tells_cluster);
    kubeconfig_end(&a);
}
END_TEST

#define LONG "a-name-of-ninety-letters-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-."
#define USER(words) CLUSTER CONTEXT "users: [{name: u, user: {" words "}}]\n"

static const struct {
    const char *text, *context, *why;
} bad[] = {
    { CLUSTER CONTEXT, "nix", "/home/op/.kube/config has no context \"nix\"; known: lab, nobody" },
    { CLUSTER CONTEXT, "lab", "/home/op/.kube/config has no user \"u\"; known: none" },
    { CONTEXT, "lab", "has no cluster \"c\"; known: none" },
    { CLUSTER CONTEXT, "", "has no current-context; say which: kube://CONTEXT" },
    { "a: [", "", "not YAML" },
    { "a: &x [1]\nb: *x\n", "", "config:2:4: aliases" },
    { "contexts: [{name: lab, context: {user: u}}]\n", "lab", "config:1: the context names no cluster" },
    { USER("username: op, password: s3cret"), "lab", "a user with a password is not supported" },
    { USER("auth-provider: {name: gcp}"), "lab", "auth-provider is not supported" },
    { USER("as: root"), "lab", "impersonation" },
    { USER("token: [a]"), "lab", "config:3: expected a text for token" },
    { USER("client-certificate: a.crt"), "lab", "a client certificate without its key" },
    { USER("client-certificate-data: \"%%\""), "lab", "expected base64 of a PEM text for client-certificate-data" },
    { USER("client-key-data: aGVsbG8="), "lab", "expected base64 of a PEM text for client-key-data" },
    { USER("exec: {command: x}"), "lab", "expected apiVersion client.authentication.k8s.io/v1 or v1beta1" },
    { USER("exec: {apiVersion: client.authentication.k8s.io/v1}"), "lab", "exec names no command" },
    { USER("exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}"), "lab", "at a terminal" },
    { "clusters: [{name: c, cluster: {server: \"http://h\"}}]\n" CONTEXT "users: [{name: u, user: {token: t}}]\n", "lab",
      "a token is not sent to http://h, which has no TLS" },
    { "clusters: [{name: c, cluster: {server: \"HTTP://h\"}}]\n" CONTEXT "users: [{name: u, user: {token: t}}]\n", "lab",
      "a token is not sent to http://h, which has no TLS" },
    { "clusters: [{name: c, cluster: {server: \"slurm+http://h\"}}]\n" CONTEXT "users: [{name: u, user: {token: t}}]\n", "lab",
      "expected https://HOST" },
    { "clusters: [{name: c, cluster: {server: \"ftp://h\"}}]\n" CONTEXT "users: [{name: u, user: {}}]\n", "lab", "expected https://HOST" },
    { "clusters: [{name: c, cluster: {server: \"https://h\", insecure-skip-tls-verify: maybe}}]\n" CONTEXT, "lab",
      "expected true or false for insecure-skip-tls-verify" },
    { "clusters: [{name: c, cluster: {server: \"https://h\", tls-server-name: " LONG LONG LONG "}}]\n" CONTEXT, "lab",
      "config:1: tls-server-name is too long for a host's name" },
    { "clusters: [{name: c, cluster: {server: \"https://h\", proxy-url: \"http://p\"}}]\n" CONTEXT, "lab", "proxy-url is not supported" },
};

START_TEST(what_cannot_be_done_is_refused_in_words)
{
    ck_assert_int_eq(reads(bad[_i].text, bad[_i].context), -1);
    ck_assert_msg(strstr(err.text, bad[_i].why), "said: %s", err.text);
    ck_assert_ptr_null(strstr(err.text, "s3cret"));
    ck_assert_int_eq(err.code, ERR_AUTH);
    ck_assert_ptr_null(a.arena);
}
END_TEST

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *out = fopen(path, "w");

    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
    chmod(path, mode);
}

START_TEST(of_several_files_the_first_that_says_something_counts)
{
    char folder[] = "/tmp/gw-kubeconfig.XXXXXX", files[300], one[100], two[100];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(one, sizeof(one), "%s/one", folder);
    snprintf(two, sizeof(two), "%s/two", folder);
    snprintf(files, sizeof(files), "%s/none:%s:%s", folder, one, two);
    write_file(
        one, "current-context: lab\nusers: [{name: u, user: {tokenFile: tok}}]\n" CLUSTER,
        0600);
    write_file(
        two,
        "current-context: other\nusers: [{name: u, user: {token: second}}]\n" CONTEXT,
        0644);
    ck_assert_int_eq(kubeconfig_read(&a, files, "", &err), 0);
    ck_assert_str_eq(a.context, "lab");
    ck_assert_ptr_null(a.token);
    kubeconfig_end(&a);
    write_file(one, "current-context: lab\n" CLUSTER, 0600);
    ck_assert_int_eq(kubeconfig_read(&a, files, "", &err), -1);
    ck_assert_msg(strstr(err.text, "others may read it (mode 644); run: chmod 600"),
                  "said: %s", err.text);
    unlink(one);
    unlink(two);
    ck_assert_int_eq(kubeconfig_read(&a, files, "", &err), -1);
    ck_assert_msg(strstr(err.text, "there is no kubeconfig"), "said: %s", err.text);
    ck_assert_int_eq(kubeconfig_read(&a, files, "in-cluster", &err), -1);
    ck_assert_msg(strstr(err.text, "in-cluster is for a pod"), "said: %s", err.text);
    rmdir(folder);
}
END_TEST

/* A certificate reduced to what is looked at: version, serial, two empty sequences, and
 * its validity. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MC4wLKADAgECAgEBMAAwADAeFw0yNjAxMDIwMzA0MDVaFw0yNzAyMDMwNDA1MDZa\n"
    "-----END CERTIFICATE-----\n";

START_TEST(the_end_of_a_certificate_is_found)
{
    /* date -ud "2027-02-03 04:05:06" +%s */
    ck_assert_double_eq(certificate_end(certificate, strlen(certificate)), 1801627506);
    /* Cut before the end of its validity. */
    for (size_t cut = 0;
         cut < strlen(certificate) - strlen("-----END CERTIFICATE-----\n") - 2; cut++)
        ck_assert_double_nan(certificate_end(certificate, cut));
}
END_TEST

static int credential(struct arena *arena, const char *text, struct kube_credential *c)
{
    char command[] = "tok";
    struct kube_exec exec = { .command = command,
                              .api_version = "client.authentication.k8s.io/v1" };
    int result = kube_credential_read(c, arena, text, strlen(text), &exec, &err);

    command[0] = '\0';          /* the credential outlives it */
    return result;
}

#define PRINTED(status) \
    "{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": {" status "}}"

START_TEST(a_command_prints_a_credential)
{
    struct arena *arena = arena_new();
    struct kube_credential c;

    ck_assert_int_eq(credential(arena, PRINTED("\"token\": \"t\\u0031\", \"expirationTimestamp\": \"2027-02-03T04:05:06Z\""), &c), 0);
    ck_assert_str_eq(c.token, "t1");
    ck_assert_double_eq(c.until, 1801627506);
    ck_assert_int_eq(credential(arena, PRINTED("\"clientCertificateData\": \"C\", \"clientKeyData\": \"K\""), &c), 0);
    ck_assert_str_eq(c.key_pem.text, "K");
    ck_assert_str_eq(c.key_pem.where, "tok");
    ck_assert(isinf(c.until));
    arena_free(arena);
}
END_TEST

struct asking {
    struct loop *loop;
    char tokens[8];
    int left;
};

static void note_token(void *arg, const struct kube_credential *c, const struct err *why)
{
    struct asking *asking = arg;

    ck_assert_msg(c, "%s", why ? why->text : "");
    strncat(asking->tokens, c->token, 1);
    if (--asking->left == 0)
        loop_stop(asking->loop);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

START_TEST(users_of_one_context_have_credentials_of_their_own)
{
    static const char *users[] = { "a", "b", "a" };
    const char *args[3][4], *variables[] = { NULL };
    struct kube_access access[3];
    struct asking asking = { .loop = loop_new(), .left = 3 };
    struct timer *patience = loop_timer(asking.loop, clock_steady() + 20, stop,
                                        asking.loop);
    char longest[800] = "";

    memset(longest, 'x', sizeof(longest) - 1);
    for (int i = 0; i < 3; i++) {
        memcpy(args[i], ((const char *[]){ "-c", "printf '" PRINTED("\"token\": \"%s\"") "' \"$0\"", users[i], NULL }),
               sizeof(args[i]));
        access[i] = (struct kube_access){
            .where = longest,
            .server = "https://c",
            .path = "",
            .exec = { .command = "/bin/sh",
                      .args = args[i],
                      .variables = variables,
                      .api_version = "client.authentication.k8s.io/v1" }
        };
        kube_credential_ask(asking.loop, &access[i], note_token, &asking);
    }
    loop_run(asking.loop);
    timer_end(patience);
    loop_free(asking.loop);
    ck_assert_int_eq(asking.left, 0);
    ck_assert_ptr_nonnull(strchr(asking.tokens, 'a'));
    ck_assert_ptr_nonnull(strchr(asking.tokens, 'b'));
}
END_TEST

static const struct {
    const char *text, *why;
} misprints[] = {
    { "", "printed no ExecCredential" },
    { "s3cret", "printed no ExecCredential" },
    { "{\"kind\": \"Pod\"}", "printed no ExecCredential" },
    { "{\"kind\": \"ExecCredential\", \"apiVersion\": \"v9\"}", "of another version than client.authentication.k8s.io/v1" },
    { PRINTED(""), "printed neither a token nor a certificate" },
    { PRINTED("\"token\": \"s3cret\", \"expirationTimestamp\": \"soon\""), "its expirationTimestamp is no time" },
    { PRINTED("\"clientCertificateData\": \"C\""), "a certificate without its key" },
};

START_TEST(what_is_no_credential_is_refused_without_being_shown)
{
    struct arena *arena = arena_new();
    struct kube_credential c;

    ck_assert_int_eq(credential(arena, misprints[_i].text, &c), -1);
    ck_assert_msg(strstr(err.text, misprints[_i].why), "said: %s", err.text);
    ck_assert_ptr_null(strstr(err.text, "s3cret"));
    arena_free(arena);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kubeconfig");
    TCase *c = tcase_create("kubeconfig");
    SRunner *r;
    int failed;

    unsetenv("KUBERNETES_SERVICE_HOST");
    tcase_add_test(c, a_context_names_a_cluster_and_a_user);
    tcase_add_test(c, a_token_is_nowhere_when_its_kubeconfig_has_ended);
    tcase_add_test(c, json_is_a_kubeconfig_too);
    tcase_add_test(c, paths_are_relative_to_the_file_and_data_is_decoded);
    tcase_add_test(c, a_command_is_kept_whole);
    tcase_add_loop_test(c, what_cannot_be_done_is_refused_in_words, 0,
                        sizeof(bad) / sizeof(*bad));
    tcase_add_test(c, of_several_files_the_first_that_says_something_counts);
    tcase_add_test(c, the_end_of_a_certificate_is_found);
    tcase_add_test(c, a_command_prints_a_credential);
    tcase_add_test(c, users_of_one_context_have_credentials_of_their_own);
    tcase_add_loop_test(c, what_is_no_credential_is_refused_without_being_shown, 0,
                        sizeof(misprints) / sizeof(*misprints));
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
