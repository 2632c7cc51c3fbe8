/* Locks of a cache: who has one, who only looks, and what lies in a lock's place. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/schema.h"

static char folder[32], path[48], lock_path[64];
static struct err err;

static void set_up(void)
{
    snprintf(folder, sizeof(folder), "/tmp/gw-schema-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/site.db", folder);
    snprintf(lock_path, sizeof(lock_path), "%s-writer", path);
    err = (struct err){ 0 };
}

static void tear_down(void)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(one_process_has_a_lock)
{
    int lock = schema_lock(path, "writer", &err);

    ck_assert_msg(lock >= 0, "%s", err.text);
    ck_assert_int_eq(schema_holder(path, "writer"), getpid());
    ck_assert_int_eq(schema_lock(path, "writer", &err), -1);
    close(lock);
    ck_assert_int_eq(schema_holder(path, "writer"), 0);
}
END_TEST

/* Looks for a twentieth of a second: a long look, so that the lock is surely wanted
 * meanwhile. */
static void *look(void *arg)
{
    int fd = *(int *)arg;

    usleep(50000);
    close(fd);
    return NULL;
}

START_TEST(who_only_looks_is_not_in_the_way)
{
    int looking, lock;
    pthread_t thread;

    close(schema_lock(path, "writer", &err));
    looking = open(lock_path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(flock(looking, LOCK_SH), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, look, &looking), 0);
    lock = schema_lock(path, "writer", &err);
    pthread_join(thread, NULL);
    ck_assert_int_ge(lock, 0);
    close(lock);
}
END_TEST

START_TEST(two_names_of_a_cache_are_one_lock)
{
    int lock = schema_lock(path, "writer", &err);
    char other[64];

    snprintf(other, sizeof(other), "%s/other.db", folder);
    ck_assert_int_eq(symlink(path, other), 0);
    ck_assert_int_eq(schema_lock(other, "writer", &err), -1);
    ck_assert_int_eq(schema_holder(other, "writer"), getpid());
    close(lock);
}
END_TEST

START_TEST(what_a_link_in_the_locks_place_leads_to_stays_as_it_is)
{
    char precious[64], text[16] = "";
    int fd;

    snprintf(precious, sizeof(precious), "%s/precious", folder);
    fd = open(precious, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "precious", 8), 8);
    ck_assert_int_eq(symlink(precious, lock_path), 0);
    ck_assert_int_eq(schema_lock(path, "writer", &err), -2);
    ck_assert_ptr_nonnull(strstr(err.text, "site.db-writer: is a link"));
    ck_assert_int_eq(pread(fd, text, sizeof(text), 0), 8);
    ck_assert_str_eq(text, "precious");
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *c = tcase_create("locks");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, one_process_has_a_lock);
    tcase_add_test(c, who_only_looks_is_not_in_the_way);
    tcase_add_test(c, two_names_of_a_cache_are_one_lock);
    tcase_add_test(c, what_a_link_in_the_locks_place_leads_to_stays_as_it_is);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
