/* What ssh -G prints, jump hosts, and known_hosts lines, as text: no ssh, no files. */
#include "poll/known_hosts.h"
#include "poll/ssh_config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err err;

static struct ssh_config *parse(const char *text)
{
    struct ssh_question q = { .host = "n14" };

    err = (struct err){ 0 };
    return ssh_config_parse(&q, text, strlen(text), &err);
}

START_TEST(a_host_is_found_with_its_port_user_and_files)
{
    struct ssh_config *c =
        parse("host n14\nuser op\nhostname 10.0.0.14\nport 2222\n"
              "identitiesonly yes\nidentityfile /keys/a\n"
              "identityfile /keys/b c\nconnecttimeout 4\n"
              "userknownhostsfile /home/op/kh /with space/kh\n"
              "globalknownhostsfile /etc/ssh/ssh_known_hosts\n"
              "stricthostkeychecking accept-new\nhashknownhosts yes\n");

    ck_assert_msg(c != NULL, "%s", err.text);
    ck_assert_str_eq(c->hostname, "10.0.0.14");
    ck_assert_str_eq(c->user, "op");
    ck_assert_uint_eq(c->port, 2222);
    ck_assert(c->identities_only && c->hash_known_hosts && !c->default_identities);
    ck_assert_uint_eq(c->identities.count, 2);
    ck_assert_str_eq(c->identities.items[1], "/keys/b c");
    ck_assert_uint_eq(c->known_hosts.count, 3);
    ck_assert_uint_eq(c->user_known_hosts, 2);
    ck_assert_str_eq(c->known_hosts.items[1], "/with space/kh");
    ck_assert_int_eq(c->unknown_host, SSH_UNKNOWN_ADD);
    ck_assert_double_eq(c->connect_timeout_s, 4);
    ck_assert_ptr_null(c->proxy_jump);
    ssh_config_free(c);
}
END_TEST

START_TEST(tokens_tilde_and_variables_are_put_into_place)
{
    struct ssh_config *c;

    setenv("HOME", "/home/op", 1);
    setenv("KEYS", "/vault", 1);
    c = parse("user op\nhostname n14.example\nport 23\nidentityfile ~/.ssh/%h_%r_%p\n"
              "identityfile ${KEYS}/100%%\nidentityfile /no/%Z\n"
              "proxycommand nc %h %p ${KEYS}\nidentityagent $AGENT\n");
    ck_assert_msg(c != NULL, "%s", err.text);
    ck_assert_uint_eq(c->identities.count, 2);
    ck_assert_str_eq(c->identities.items[0], "/home/op/.ssh/n14.example_op_23");
    ck_assert_str_eq(c->identities.items[1], "/vault/100%");
    ck_assert_str_eq(c->proxy_command, "nc n14.example 23 ${KEYS}");
    ck_assert_ptr_null(c->identity_agent);
    ssh_config_free(c);
}
END_TEST

START_TEST(none_means_none)
{
    struct ssh_config *c =
        parse("user op\nhostname h\nproxyjump none\nproxycommand none\n"
              "identityfile none\nuserknownhostsfile none\nidentityagent none\n");

    ck_assert_msg(c != NULL, "%s", err.text);
    ck_assert(!c->proxy_jump && !c->proxy_command && !c->identity_agent);
    ck_assert_uint_eq(c->identities.count + c->known_hosts.count, 0);
    ck_assert(c->agent_refused);
    ssh_config_free(c);
}
END_TEST

START_TEST(a_name_that_a_command_line_would_misread_is_refused)
{
    static const char *const bad[] = {
        "", "-oProxyCommand=id", "a b", "a\nb", "$(id)", "a;b", "a\x1b[2J", "a`b`", NULL
    };

    for (int i = 0; bad[i]; i++)
        ck_assert_msg(ssh_name_check("host", bad[i], &err) == -1, "\"%s\" passed",
                      bad[i]);
    ck_assert_int_eq(ssh_name_check("host", "n14.rack-2.example", &err), 0);
    ck_assert_int_eq(ssh_name_check("host", "fe80::1%eth0", &err), 0);
    ck_assert_ptr_null(parse("user op\nhostname -oProxyCommand=id\n"));
    ck_assert_msg(strstr(err.text, "cannot begin with \"-\""), "%s", err.text);
}
END_TEST

START_TEST(text_that_is_cut_off_is_not_believed)
{
    ck_assert_ptr_null(parse("user op\nhostname 10.0.0.1"));
    ck_assert_msg(strstr(err.text, "no host name"), "%s", err.text);
}
END_TEST

START_TEST(a_jump_host_has_user_host_and_port)
{
    static const struct {
        const char *text, *user, *host;
        unsigned port;
    } hops[] = {
        { "bastion", NULL, "bastion", 0 },
        { "op@bastion:2222", "op", "bastion", 2222 },
        { "ssh://op@bastion:2222/", "op", "bastion", 2222 },
        { "op@corp@bastion", "op@corp", "bastion", 0 },
        { "[2001:db8::1]:22", NULL, "2001:db8::1", 22 },
        { 0 },
    };
    struct arena *a = arena_new();
    struct ssh_question q;

    for (int i = 0; hops[i].text; i++) {
        ck_assert_msg(ssh_hop_parse(a, hops[i].text, strlen(hops[i].text), &q, &err) == 0,
                      "%s: %s", hops[i].text, err.text);
        ck_assert_str_eq(q.host, hops[i].host);
        ck_assert_pstr_eq(q.user, hops[i].user);
        ck_assert_uint_eq(q.port, hops[i].port);
    }
    ck_assert_int_eq(ssh_hop_parse(a, "b:99999", 7, &q, &err), -1);
    ck_assert_int_eq(ssh_hop_parse(a, "someone@b:no,c", 12, &q, &err), -1);
    ck_assert_msg(strstr(err.text, "\"someone@b:no\"") != NULL, "%s", err.text);
    ck_assert_int_eq(ssh_hop_parse(a, "-Fx", 3, &q, &err), -1);
    arena_free(a);
}
END_TEST

/* ---- known_hosts ---- */

/* The numbers of the lines that name the host, as a text: "1 3@ 4!" (@ authority, !
 * revoked). */
static const char *lines_of(const char *text, const char *host, unsigned port)
{
    static char found[64];
    const char *at = text, *end = text + strlen(text);
    struct known_line line;
    unsigned number = 0;
    char name[300];
    size_t used = 0;

    known_host_name(name, sizeof(name), host, port);
    found[0] = '\0';
    while (known_hosts_next(&at, end, &number, name, &line))
        used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%u%s",
                                 used ? " " : "", line.number,
                                 line.marker == KNOWN_AUTHORITY ? "@"
                                 : line.marker == KNOWN_REVOKED ? "!"
                                                                : "");
    return found;
}

START_TEST(plain_names_patterns_and_ports_are_found)
{
    static const char text[] = "# comment\n"
                               "n14,10.0.0.14 ssh-ed25519 AAAA\n"
                               "[n14]:2222 ssh-ed25519 BBBB\n"
                               "\n"
                               "*.rack1,!n9.rack1 ssh-rsa CCCC\r\n"
                               "n1? ssh-rsa DDDD a comment\n"
                               "n14\n"
                               "n14 ssh-rsa";

    ck_assert_str_eq(lines_of(text, "n14", 22), "2 6");
    ck_assert_str_eq(lines_of(text, "N14", 22), "2 6");
    ck_assert_str_eq(lines_of(text, "n14", 2222), "3");
    ck_assert_str_eq(lines_of(text, "10.0.0.14", 22), "2");
    ck_assert_str_eq(lines_of(text, "n8.rack1", 22), "5");
    ck_assert_str_eq(lines_of(text, "n9.rack1", 22), "");
}
END_TEST

START_TEST(marked_lines_are_told_apart)
{
    static const char text[] =
        "@revoked * ssh-rsa AAAA\n@cert-authority *.a ssh-rsa BBBB\n"
        "@something * ssh-rsa CCCC\n";

    ck_assert_str_eq(lines_of(text, "n1.a", 22), "1! 2@");
    ck_assert_str_eq(lines_of(text, "n1", 22), "1!");
}
END_TEST

START_TEST(hashed_names_are_those_of_openssh)
{
    /* Made by ssh-keygen -H of "node-14.example". */
    static const char text[] =
        "|1|t5SFVm67+gXyF3jN0O2XW6aSgKc=|sJlJYi91dqyEoijmtZUmQXntVTw= ssh-ed25519 AAAA\n";
    uint8_t salt[20] = { 0 };
    char hashed[80], line[128];

    ck_assert_str_eq(lines_of(text, "node-14.example", 22), "1");
    ck_assert_str_eq(lines_of(text, "node-15.example", 22), "");
    salt[19] = 7;
    known_host_hash(hashed, "[n14]:2222", salt);
    snprintf(line, sizeof(line), "%s ssh-rsa AAAA\n", hashed);
    ck_assert_str_eq(lines_of(line, "n14", 2222), "1");
    ck_assert_str_eq(lines_of(line, "n14", 22), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ssh configuration");
    TCase *c = tcase_create("text");
    SRunner *runner;
    int failed;

    tcase_add_test(c, a_host_is_found_with_its_port_user_and_files);
    tcase_add_test(c, tokens_tilde_and_variables_are_put_into_place);
    tcase_add_test(c, none_means_none);
    tcase_add_test(c, a_name_that_a_command_line_would_misread_is_refused);
    tcase_add_test(c, text_that_is_cut_off_is_not_believed);
    tcase_add_test(c, a_jump_host_has_user_host_and_port);
    tcase_add_test(c, plain_names_patterns_and_ports_are_found);
    tcase_add_test(c, marked_lines_are_told_apart);
    tcase_add_test(c, hashed_names_are_those_of_openssh);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
