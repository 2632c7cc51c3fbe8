/* Arenas and inboxes: what lives together dies together, and putting is giving. */
#include "base/arena.h"
#include "base/base64.h"
#include "base/err.h"
#include "base/inbox.h"
#include "tests/lib/check.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_arena_gives_zeroed_aligned_memory)
{
    struct arena *a = arena_new();

    for (size_t size = 0; size < 9000; size += 97) {
        unsigned char *p = arena_alloc(a, size);

        ck_assert_uint_eq((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(p[i], 0);
        memset(p, 0xff, size);
    }
    ck_assert_uint_ge(arena_bytes(a), 9000);
    arena_free(a);
}
END_TEST

START_TEST(a_reset_arena_starts_again_small)
{
    struct arena *a = arena_new();
    size_t first = arena_bytes(a);

    arena_alloc(a, 1 << 21);
    ck_assert_uint_gt(arena_bytes(a), 1 << 21);
    arena_reset(a);
    ck_assert_uint_eq(arena_bytes(a), first);
    ck_assert_str_eq(arena_printf(a, "%s-%d", "rack", 7), "rack-7");
    ck_assert_str_eq(arena_strndup(a, "abcdef", 3), "abc");
    arena_free(a);
    arena_free(NULL);
}
END_TEST

START_TEST(errors_gain_context_and_stay_bounded)
{
    struct err err;
    char longer[600];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    ck_assert_int_eq(err_set_code(&err, ERR_AUTH, "no key for %s", "n1"), -1);
    err_wrap(&err, "n1");
    ck_assert_str_eq(err.text, "n1: no key for n1");
    ck_assert_int_eq(err.code, ERR_AUTH);
    err_wrap(&err, "%s", longer);
    ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
    ck_assert_int_eq(err_set(NULL, "nobody asks"), -1);
    err_set(&err, "no \"%s\"", "\033]0;owned\a");
    err_wrap(&err, "%s", "\033[31m");
    ck_assert_ptr_null(strpbrk(err.text, "\033\a"));
    ck_assert_ptr_nonnull(strstr(err.text, "]0;owned"));
}
END_TEST

static bool is_readable(const struct inbox *in)
{
    struct pollfd fd = { .fd = inbox_fd(in), .events = POLLIN };

    return poll(&fd, 1, 0) == 1;
}

START_TEST(letters_arrive_in_order_and_wake_the_reader)
{
    struct inbox *in = inbox_new(NULL);
    int a, b;

    ck_assert(!is_readable(in));
    inbox_put(in, &a);
    inbox_put(in, &b);
    ck_assert(is_readable(in));
    ck_assert_uint_eq(inbox_count(in), 2);
    ck_assert_ptr_eq(inbox_take(in), &a);
    ck_assert(is_readable(in));
    ck_assert_ptr_eq(inbox_wait(in, -1), &b);
    ck_assert(!is_readable(in));
    ck_assert_ptr_null(inbox_take(in));
    ck_assert_ptr_null(inbox_wait(in, 1));
    inbox_free(in);
}
END_TEST

START_TEST(what_is_left_is_discarded)
{
    struct inbox *in = inbox_new(free);

    inbox_put(in, xstrdup("left"));
    inbox_put(in, xstrdup("over"));
    inbox_free(in);
    inbox_free(NULL);
}
END_TEST

enum { LETTERS = 2000 };

static void *write_letters(void *arg)
{
    static char letter;

    for (int i = 0; i < LETTERS; i++)
        inbox_put(arg, &letter);
    return NULL;
}

START_TEST(many_writers_lose_nothing)
{
    struct inbox *in = inbox_new(NULL);
    pthread_t writers[3];
    int got = 0;

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&writers[i], NULL, write_letters, in), 0);
    while (got < 3 * LETTERS && inbox_wait(in, 5000))
        got++;
    for (int i = 0; i < 3; i++)
        pthread_join(writers[i], NULL);
    ck_assert_int_eq(got, 3 * LETTERS);
    ck_assert(!is_readable(in));
    inbox_free(in);
}
END_TEST

/* The examples of RFC 4648, section 10, and what keys bring beside: line ends, no
 * padding. */
START_TEST(base64_is_written_read_or_refused)
{
    static const struct {
        const char *text, *bytes;
        bool as_written;
    } good[] = { { "", "", true },
                 { "Zg==", "f", true },
                 { "Zm8=", "fo", true },
                 { "Zm9v", "foo", true },
                 { "Zm9vYg==", "foob", true },
                 { "Zm9vYmE=", "fooba", true },
                 { "Zm9vYmFy", "foobar", true },
                 { "Zm9v\nYg==\n", "foob", false },
                 { "Zm9vYmE", "fooba", false } };
    static const char *const wrong[] = { "Z", "Zm9v!", "Zg==x", "Zm9vY" };
    char bytes[32], text[32];
    size_t len;

    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        ck_assert(base64_read(bytes, &len, good[i].text, strlen(good[i].text)));
        ck_assert_str_eq(bytes, good[i].bytes);
        ck_assert_uint_eq(len, strlen(good[i].bytes));
        if (good[i].as_written)
            ck_assert_str_eq(base64_write(text, bytes, len), good[i].text);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert(!base64_read(bytes, &len, wrong[i], strlen(wrong[i])));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base");
    TCase *c = tcase_create("base");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(c, an_arena_gives_zeroed_aligned_memory);
    tcase_add_test(c, a_reset_arena_starts_again_small);
    tcase_add_test(c, base64_is_written_read_or_refused);
    tcase_add_test(c, errors_gain_context_and_stay_bounded);
    tcase_add_test(c, letters_arrive_in_order_and_wake_the_reader);
    tcase_add_test(c, what_is_left_is_discarded);
    tcase_add_test(c, many_writers_lose_nothing);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
