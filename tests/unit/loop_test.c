/* The event loop. */
#include <check.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "poll/loop.h"

struct seen {
    struct loop *loop;
    struct watch *watch, *other;
    struct timer *timer;
    char order[16];
    int count, fds[2], more[2];
};

static void stop(void *arg)
{
    loop_stop(((struct seen *)arg)->loop);
}

static void note_a(void *arg)
{
    struct seen *s = arg;

    s->order[s->count++] = 'a';
}

static void note_b(void *arg)
{
    struct seen *s = arg;

    s->order[s->count++] = 'b';
}

START_TEST(timers_come_in_the_order_of_their_times)
{
    struct seen s = { .loop = loop_new() };
    double now = clock_steady();

    loop_timer(s.loop, now + 0.03, stop, &s);
    loop_timer(s.loop, now + 0.02, note_b, &s);
    loop_timer(s.loop, now + 0.01, note_a, &s);
    loop_timer(s.loop, now - 1, note_b, &s);
    loop_run(s.loop);
    ck_assert_str_eq(s.order, "bab");
    loop_free(s.loop);
}
END_TEST

START_TEST(a_timer_that_was_ended_is_not_called)
{
    struct seen s = { .loop = loop_new() };
    double now = clock_steady();
    struct timer *t[100];

    for (int i = 0; i < 100; i++)
        t[i] = loop_timer(s.loop, now + (i * 37 % 100) / 5000., note_a, &s);
    for (int i = 0; i < 100; i++)
        if (i != 50)
            timer_end(t[i]);
    timer_end(NULL);
    loop_timer(s.loop, now + 0.03, stop, &s);
    loop_run(s.loop);
    ck_assert_int_eq(s.count, 1);
    timer_end(t[50]);           /* was due: ending it still is the owner's right */
    loop_free(s.loop);
}
END_TEST

static void expect_later(void *arg)
{
    double *last = arg;

    ck_assert(*last <= clock_steady());
}

START_TEST(ten_thousand_timers_stay_a_heap)
{
    struct seen s = { .loop = loop_new() };
    double now = clock_steady(), last = now;

    srand(1);
    for (int i = 0; i < 10000; i++) {
        struct timer *t = loop_timer(s.loop, now + rand() % 1000 / 1e5, expect_later,
                                     &last);

        if (i % 3 == 0)
            timer_end(t);
    }
    loop_timer(s.loop, now + 0.02, stop, &s);
    loop_run(s.loop);
    loop_free(s.loop);
}
END_TEST

static void take(void *arg, uint32_t events)
{
    struct seen *s = arg;
    char c;

    ck_assert(events & EPOLLIN);
    ck_assert_int_eq(read(s->fds[0], &c, 1), 1);
    s->order[s->count++] = c;
    if (c == 'z') {
        watch_end(s->watch);
        s->watch = NULL;
        loop_stop(s->loop);
    }
}

START_TEST(a_watch_may_end_itself)
{
    struct seen s = { .loop = loop_new() };

    ck_assert_int_eq(pipe(s.fds), 0);
    s.watch = loop_watch(s.loop, s.fds[0], EPOLLIN, take, &s);
    ck_assert_int_eq(write(s.fds[1], "xyz", 3), 3);
    loop_run(s.loop);
    ck_assert_str_eq(s.order, "xyz");
    ck_assert_ptr_null(s.watch);
    loop_free(s.loop);
    close(s.fds[0]);
    close(s.fds[1]);
}
END_TEST

/* Both descriptors are ready in one round; the first call ends both watches. */
static void end_both(void *arg, uint32_t events)
{
    struct seen *s = arg;

    (void)events;
    s->count++;
    watch_end(s->watch);
    watch_end(s->other);
    loop_stop(s->loop);
}

START_TEST(a_watch_ended_by_another_is_not_called)
{
    struct seen s = { .loop = loop_new() };

    ck_assert_int_eq(pipe(s.fds), 0);
    ck_assert_int_eq(pipe(s.more), 0);
    s.watch = loop_watch(s.loop, s.fds[0], EPOLLIN, end_both, &s);
    s.other = loop_watch(s.loop, s.more[0], EPOLLIN, end_both, &s);
    ck_assert_int_eq(write(s.fds[1], "x", 1), 1);
    ck_assert_int_eq(write(s.more[1], "x", 1), 1);
    loop_run(s.loop);
    ck_assert_int_eq(s.count, 1);
    loop_free(s.loop);
}
END_TEST

static void *make(struct loop *l)
{
    (void)l;
    return malloc(1);
}

START_TEST(what_is_kept_is_made_once_and_ended_with_the_loop)
{
    static const char key;
    struct loop *l = loop_new();
    void *kept = loop_keep(l, &key, make, free);

    ck_assert_ptr_eq(loop_keep(l, &key, make, free), kept);
    loop_free(l);
    loop_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loop");
    TCase *c = tcase_create("loop");
    SRunner *runner;
    int failed;

    tcase_add_test(c, timers_come_in_the_order_of_their_times);
    tcase_add_test(c, a_timer_that_was_ended_is_not_called);
    tcase_add_test(c, ten_thousand_timers_stay_a_heap);
    tcase_add_test(c, a_watch_may_end_itself);
    tcase_add_test(c, a_watch_ended_by_another_is_not_called);
    tcase_add_test(c, what_is_kept_is_made_once_and_ended_with_the_loop);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
