/* Secrets: where they may come from, and what is said when they may not. */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "poll/curl_loop.h"
#include "poll/secret.h"
#include "tests/lib/memory.h"

static char dir[64], path[96];

static void set_up(void)
{
    snprintf(dir, sizeof(dir), "/tmp/gw-secret-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/token", dir);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(dir);
}

static void put(const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    fchmod(fd, mode);
    close(fd);
}

/* Reads one while a loop runs, as the fan-out thread does. */
struct answer {
    struct loop *loop;
    char *to;
    size_t room;
    struct err err;
    int result; /* 1: none yet */
};

static void take(void *arg, const char *text, const struct err *why)
{
    struct answer *a = arg;

    a->err = *why;
    a->result = text ? 0 : -1;
    if (text)
        snprintf(a->to, a->room, "%s", text);
    loop_stop(a->loop);
}

static int read_secret(const struct secret *s, char *to, size_t room, struct err *err)
{
    struct answer a = { .loop = loop_new(), .to = to, .room = room, .result = 1 };
    struct secret_wait *wait;

    to[0] = '\0';
    wait = secret_read(a.loop, s, take, &a);
    if (a.result == 1)
        loop_run(a.loop);
    secret_wait_end(wait);
    loop_free(a.loop);
    *err = a.err;
    return a.result;
}

START_TEST(a_private_file_is_read_without_its_newline)
{
    struct secret s = { SECRET_FILE, path };
    struct err err;
    char text[32];

    put("hunter2\r\n", 0600);
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), 0);
    ck_assert_str_eq(text, "hunter2");
    secret_wipe(text, sizeof(text));
    ck_assert_int_eq(text[0], 0);
    ck_assert_int_eq(text[6], 0);
}
END_TEST

START_TEST(a_file_that_others_may_read_is_refused_with_the_command_to_run)
{
    static const mode_t modes[] = { 0640, 0604, 0644, 0620, 0 };
    struct secret s = { SECRET_FILE, path };
    char text[32], want[160];

    snprintf(want, sizeof(want), "chmod 600 %s", path);
    for (int i = 0; modes[i]; i++) {
        struct err err;

        put("hunter2\n", modes[i]);
        ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
        ck_assert_ptr_nonnull(strstr(err.text, want));
        ck_assert_ptr_null(strstr(err.text, "hunter2"));
        ck_assert_int_eq(err.code, ERR_AUTH);
    }
}
END_TEST

START_TEST(a_missing_empty_or_huge_secret_is_an_error)
{
    struct secret s = { SECRET_FILE, path };
    struct err err;
    char text[32], huge[5000];

    memset(huge, 'm', sizeof(huge));
    huge[sizeof(huge) - 1] = '\0';
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "No such file"));
    put("\n", 0600);
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "is empty"));
    put(huge, 0600);
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "a secret of more than"));
    ck_assert_ptr_null(strstr(err.text, "mmm"));
    ck_assert_int_eq(text[0], 0);
    s.where = dir;
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
}
END_TEST

START_TEST(a_variable_is_read_or_named)
{
    struct secret s = { SECRET_ENVIRONMENT, "GW_TEST_SECRET" };
    struct err err;
    char text[32];

    setenv("GW_TEST_SECRET", "abc", 1);
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), 0);
    ck_assert_str_eq(text, "abc");
    unsetenv("GW_TEST_SECRET");
    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "GW_TEST_SECRET"));
}
END_TEST

START_TEST(a_command_prints_it)
{
    struct secret s = { SECRET_COMMAND, "printf 'a b\\n'" };
    struct err err;
    char text[32];

    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), 0);
    ck_assert_str_eq(text, "a b");
}
END_TEST

START_TEST(what_a_command_printed_is_wiped_wherever_it_went_through)
{
    struct secret s = { SECRET_COMMAND, "printf '%s-%s' hunter2-is-nowhere else-in-here" };
    static struct err err;
    static char text[64];

    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), 0);
    ck_assert(strcmp(text, "hunter2-is-nowhere-else-in-here") == 0);
    ck_assert(!is_in_memory("[stack]", text));
}
END_TEST

/* The line that a source's token header becomes, and a bearer's token. */
START_TEST(what_libcurl_copied_is_wiped_when_its_link_ends)
{
    static const char token[] = "hunter3-is-nowhere-else-in-here",
                      line[] = "X-Token: hunter4-is-nowhere-else-in-here-either";
    struct loop *l = loop_new();
    struct curl_transfer t = { 0 };
    struct curl_slist *headers;

    curl_transfer_open(&t, l);
    headers = curl_slist_append(NULL, line);
    curl_easy_setopt(t.easy, CURLOPT_XOAUTH2_BEARER, token);
    ck_assert(HEAP_IS_HIDDEN || is_in_the_heap(token));
    ck_assert(HEAP_IS_HIDDEN || is_in_the_heap(line));
    curl_slist_free_all(headers);
    curl_transfer_close(&t);
    loop_free(l);
    ck_assert(HEAP_IS_HIDDEN || !is_in_the_heap(token));
    ck_assert(HEAP_IS_HIDDEN || !is_in_the_heap(line));
}
END_TEST

START_TEST(a_command_that_fails_gives_its_status_and_not_its_output)
{
    struct secret s = { SECRET_COMMAND, "echo leak; exit 3" };
    struct err err;
    char text[32];

    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "status 3"));
    ck_assert_int_eq(text[0], 0);
}
END_TEST

START_TEST(a_command_that_prints_without_end_is_stopped)
{
    struct secret s = { SECRET_COMMAND, "yes" };
    double began = clock_steady();
    struct err err;
    char text[32];

    ck_assert_int_eq(read_secret(&s, text, sizeof(text), &err), -1);
    ck_assert(clock_steady() - began < 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("secret");
    TCase *c = tcase_create("secret");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, a_private_file_is_read_without_its_newline);
    tcase_add_test(c, a_file_that_others_may_read_is_refused_with_the_command_to_run);
    tcase_add_test(c, a_missing_empty_or_huge_secret_is_an_error);
    tcase_add_test(c, a_variable_is_read_or_named);
    tcase_add_test(c, a_command_prints_it);
    tcase_add_test(c, what_a_command_printed_is_wiped_wherever_it_went_through);
    tcase_add_test(c, what_libcurl_copied_is_wiped_when_its_link_ends);
    tcase_add_test(c, a_command_that_fails_gives_its_status_and_not_its_output);
    tcase_add_test(c, a_command_that_prints_without_end_is_stopped);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
