/* Questions to a person: the passphrase of a key. A thread of the poller asks, and waits;
 * the question is handed to the main thread, which owns the terminal and puts the screen
 * aside. */
#include "app.h"
#include "base/arena.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct question {
    const char *text;
    char *answer;
    size_t room;
};

struct questions {
    struct inbox *asked, *answered, *over;
    struct question *open;      /* the one a person is looking at; its asker waits, so
                                 * it stands */
};

static char yes, no;            /* their addresses are the answers */

/* False: none does, for a signal came first. */
static bool line_comes(int tty, int signals)
{
    struct pollfd fds[] = { { .fd = tty, .events = POLLIN },
                            { .fd = signals, .events = POLLIN } };

    while (poll(fds, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return !fds[1].revents;
}

/* A line that is not shown. A signal waits until what is typed is shown again, and ends
 * the program then. */
static bool read_silently(FILE *tty, char *answer, size_t room)
{
    struct termios old, silent;
    sigset_t before;
    int signals;
    bool got;

    if (tcgetattr(fileno(tty), &old) != 0)
        return false;
    silent = old;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ICANON | ISIG;
    silent.c_iflag |= ICRNL;
    silent.c_cc[VQUIT] = silent.c_cc[VSUSP] = _POSIX_VDISABLE;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    signals = thread_open_signals();
    tcsetattr(fileno(tty), TCSAFLUSH, &silent);
    got = line_comes(fileno(tty), signals) && fgets(answer, (int)room, tty) != NULL;
    tcsetattr(fileno(tty), TCSAFLUSH, &old);
    fputc('\n', tty);
    close(signals);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return got;
}

static bool ask_on_terminal(const char *question, char *answer, size_t room)
{
    FILE *tty = fopen("/dev/tty", "r+");
    bool got;

    if (!tty)
        return false;
    setvbuf(tty, NULL, _IONBF, 0);      /* a buffer would keep what was typed */
    fputs(question, tty);       /* ends in ": ", as OpenSSH's do */
    fflush(tty);
    got = read_silently(tty, answer, room);
    fclose(tty);
    if (got)
        answer[strcspn(answer, "\n")] = '\0';
    return got && answer[0];
}

struct questions *questions_new(void)
{
    struct questions *q = xcalloc(1, sizeof(*q));

    q->asked = inbox_new(NULL);
    q->answered = inbox_new(NULL);
    q->over = inbox_new(NULL);
    return q;
}

void questions_free(struct questions *q)
{
    if (!q)
        return;
    inbox_free(q->asked);
    inbox_free(q->answered);
    inbox_free(q->over);
    free(q);
}

bool questions_ask(void *arg, const char *text, char *answer, size_t room)
{
    struct questions *q = arg;
    struct question question = { text, answer, room };
    void *said = NULL;

    if (inbox_count(q->over))
        return false;
    inbox_put(q->asked, &question);
    /* The main thread may have left between the look and the question. */
    while (!said) {
        said = inbox_wait(q->answered, 200);
        if (!said && inbox_count(q->over))
            return false;
    }
    return said == &yes;
}

int questions_fd(const struct questions *q)
{
    return inbox_fd(q->asked);
}

const char *questions_next(struct questions *q)
{
    if (!q->open)
        q->open = inbox_take(q->asked);
    return q->open ? q->open->text : NULL;
}

void questions_reply(struct questions *q, const char *answer)
{
    if (!q->open)
        return;
    if (answer)
        snprintf(q->open->answer, q->open->room, "%s", answer);
    q->open = NULL;
    inbox_put(q->answered, answer ? &yes : &no);
}

bool questions_answer(struct questions *q)
{
    struct question *question = inbox_take(q->asked);

    if (!question)
        return false;
    inbox_put(q->answered,
              ask_on_terminal(question->text, question->answer, question->room) ? &yes
                                                                                : &no);
    return true;
}

bool questions_is_open(const struct questions *q)
{
    return q->open != NULL;
}

void questions_end(struct questions *q)
{
    inbox_put(q->over, &no);
}

void questions_renew(struct questions *q)
{
    struct inbox *const all[] = { q->asked, q->answered, q->over };

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        while (inbox_take(all[i]))
            ;
    q->open = NULL;
}
