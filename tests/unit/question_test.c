/* A passphrase that is asked for on a terminal: what is typed is not shown, and a
 * terminal that is left shows it again. */
#define _GNU_SOURCE
#include "app.h"
#include "base/thread.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/lib/check.h"

static int terminal, far_end;   /* what a person sees and types on; what the program
                                 * has */
static pid_t program;

static void *ask(void *questions)
{
    char answer[64];

    _exit(questions_ask(questions, "the phrase: ", answer, sizeof(answer))
              ? strcmp(answer, "open") != 0
              : 3);
}

/* The program: one thread asks, the first looks whether one does. */
static void run_program(void)
{
    struct questions *q = questions_new();
    pthread_t asker;

    signal(SIGINT, SIG_DFL);    /* who runs tests in the background ignores it */
    setsid();
    if (open(ptsname(terminal), O_RDWR) < 0 || !thread_start(&asker, ask, q))
        _exit(2);
    for (;;) {
        questions_answer(q);
        poll(NULL, 0, 5);
    }
}

static bool shows_what_is_typed(void)
{
    struct termios t;

    ck_assert_int_eq(tcgetattr(far_end, &t), 0);
    return t.c_lflag & ECHO;
}

static void set_up(void)
{
    terminal = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    far_end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    program = fork();
    if (program == 0)
        run_program();
    for (char shown[64] = "", *end = shown;
         !strstr(shown, "phrase: ") || shows_what_is_typed();) {
        struct pollfd fd = { .fd = terminal, .events = POLLIN };

        if (poll(&fd, 1, 20) > 0 && end < shown + 32)
            end += read(terminal, end, 31);
    }
}

static void tear_down(void)
{
    close(terminal);
    close(far_end);
}

/* Types, and returns how the program ended. */
static int status_after(const char *typed)
{
    int status;

    ck_assert_int_eq(write(terminal, typed, strlen(typed)), (ssize_t)strlen(typed));
    ck_assert_int_eq(waitpid(program, &status, 0), program);
    return status;
}

START_TEST(what_is_typed_is_the_answer)
{
    ck_assert_int_eq(status_after("open\n"), 0);
    ck_assert(shows_what_is_typed());
}
END_TEST

START_TEST(who_leaves_with_ctrl_c_sees_again_what_is_typed)
{
    int status = status_after("op\003");

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGINT);
    ck_assert(shows_what_is_typed());
}
END_TEST

START_TEST(the_end_of_the_input_is_no_answer)
{
    ck_assert_int_eq(WEXITSTATUS(status_after("\004")), 3);
    ck_assert(shows_what_is_typed());
}
END_TEST

int main(void)
{
    Suite *s = suite_create("question");
    TCase *t = tcase_create("terminal");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, what_is_typed_is_the_answer);
    tcase_add_test(t, who_leaves_with_ctrl_c_sees_again_what_is_typed);
    tcase_add_test(t, the_end_of_the_input_is_no_answer);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
