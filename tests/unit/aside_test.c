/* Calls that block, beside the loop; and names, which are such calls. */
#include "base/arena.h"
#include "poll/aside.h"
#include "poll/names.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- jobs that wait to be let go ---- */

static int begun[2], gate[2];       /* pipes: a job writes, then reads, one byte */
static struct loop *loop;
static size_t wanted, done;

struct waiting {
    struct aside_job job;
    char mark;
};

static void wait_at_gate(struct aside_job *job)
{
    char any;

    if (write(begun[1], &((struct waiting *)job)->mark, 1) != 1 ||
        read(gate[0], &any, 1) != 1)
        abort();
}

static void count(struct aside_job *job)
{
    (void)job;
    if (++done == wanted)
        loop_stop(loop);
}

static void begin(struct aside *a, struct waiting *w, char mark, bool doubtful)
{
    *w = (struct waiting){ .job = { wait_at_gate, count, doubtful, NULL }, .mark = mark };
    aside_do(a, &w->job);
}

static char next_begun(void)
{
    char mark;

    ck_assert_int_eq(read(begun[0], &mark, 1), 1);
    return mark;
}

static bool nothing_more_begins(void)
{
    struct pollfd fd = { .fd = begun[0], .events = POLLIN };

    return poll(&fd, 1, 50) == 0;
}

static void let_go(size_t jobs)
{
    wanted = done + jobs;
    while (jobs-- > 0)
        ck_assert_int_eq(write(gate[1], "x", 1), 1);
    loop_run(loop);
}

static void set_up(void)
{
    loop = loop_new();
    done = 0;
    ck_assert_int_eq(pipe(begun), 0);
    ck_assert_int_eq(pipe(gate), 0);
}

static void tear_down(void)
{
    loop_free(loop);
    for (int i = 0; i < 2; i++) {
        close(begun[i]);
        close(gate[i]);
    }
}

START_TEST(so_many_run_at_once_and_no_more)
{
    struct aside *a = aside_new(loop, 3);
    struct waiting jobs[10];

    for (int i = 0; i < 10; i++)
        begin(a, &jobs[i], 'a', false);
    for (int i = 0; i < 3; i++)
        next_begun();
    ck_assert(nothing_more_begins());
    let_go(10);
    ck_assert_uint_eq(done, 10);
    aside_end(a, 0);
}
END_TEST

START_TEST(what_has_not_begun_can_be_withdrawn)
{
    struct aside *a = aside_new(loop, 1);
    struct waiting jobs[3];

    for (int i = 0; i < 3; i++)
        begin(a, &jobs[i], (char)('a' + i), false);
    ck_assert_int_eq(next_begun(), 'a');
    ck_assert(!aside_withdraw(a, &jobs[0].job));
    ck_assert(aside_withdraw(a, &jobs[2].job));
    ck_assert(!aside_withdraw(a, &jobs[2].job));
    let_go(2);
    ck_assert_int_eq(next_begun(), 'b');
    begin(a, &jobs[2], 'c', false);     /* behind the last that was withdrawn */
    let_go(1);
    ck_assert_int_eq(next_begun(), 'c');
    aside_end(a, 0);
}
END_TEST

START_TEST(the_doubtful_leave_room_to_the_others)
{
    struct aside *a = aside_new(loop, 4);
    struct waiting jobs[7];

    for (int i = 0; i < 5; i++)
        begin(a, &jobs[i], 'd', true);
    ck_assert_int_eq(next_begun(), 'd');
    ck_assert(nothing_more_begins());
    for (int i = 5; i < 7; i++) {
        begin(a, &jobs[i], 'g', false);
        ck_assert_int_eq(next_begun(), 'g');
    }
    let_go(7);
    ck_assert_uint_eq(done, 7);
    aside_end(a, 0);
}
END_TEST

START_TEST(what_comes_back_in_time_is_done_at_the_end)
{
    struct aside *a = aside_new(loop, 2);
    struct waiting job;

    begin(a, &job, 'a', false);
    next_begun();
    ck_assert_int_eq(write(gate[1], "x", 1), 1);
    aside_end(a, 30);
    ck_assert_uint_eq(done, 1);
}
END_TEST

/* ---- names ---- */

static struct name_question *question;
static char answer[600];

static void note_answer(void *arg, const struct addrinfo *list, const struct err *why)
{
    struct sockaddr_in *in = list ? (struct sockaddr_in *)(void *)list->ai_addr : NULL;

    (void)arg;
    if (in && list->ai_family == AF_INET)
        snprintf(answer, sizeof(answer), "%s %u", inet_ntoa(in->sin_addr),
                 ntohs(in->sin_port));
    else
        snprintf(answer, sizeof(answer), "%.100s", list ? "six" : why->text);
    name_end(question);
    question = NULL;
    loop_stop(loop);
}

static const char *ask(const char *host)
{
    answer[0] = '\0';
    question = name_ask(loop, host, 9400, note_answer, NULL);
    ck_assert_msg(!answer[0], "done() was called from inside name_ask()");
    loop_run(loop);
    return answer;
}

START_TEST(an_address_needs_no_name_server)
{
    ck_assert(name_is_address("127.0.0.1"));
    ck_assert(name_is_address("::1"));
    ck_assert(!name_is_address("gpu-001"));
    ck_assert_str_eq(ask("127.0.0.7"), "127.0.0.7 9400");
    ck_assert_str_eq(ask("::1"), "six");
}
END_TEST

START_TEST(a_name_that_is_none_is_said_and_who_leaves_hears_nothing)
{
    struct name_question *left = name_ask(loop, "nowhere.invalid", 1, note_answer, NULL);

    name_end(left);
    ask("no-such-host.invalid");
    ck_assert_msg(strstr(answer, "no-such-host.invalid") && strstr(answer, "(DNS)"), "%s",
                  answer);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("aside");
    TCase *c = tcase_create("aside");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 30);
    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, so_many_run_at_once_and_no_more);
    tcase_add_test(c, what_has_not_begun_can_be_withdrawn);
    tcase_add_test(c, the_doubtful_leave_room_to_the_others);
    tcase_add_test(c, what_comes_back_in_time_is_done_at_the_end);
    tcase_add_test(c, an_address_needs_no_name_server);
    tcase_add_test(c, a_name_that_is_none_is_said_and_who_leaves_hears_nothing);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
