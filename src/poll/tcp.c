/* Names by getaddrinfo_a(3), which has threads of its own and is looked after by a timer,
 * because its signals and callbacks belong to no loop; then connect(2), one address after
 * the other. */
#include "config.h"

#include "poll/tcp.h"
#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address that keeps silent must not cost the others their chance: a dead IPv6 route,
 * mostly. */
enum { PATIENCE_S = 3 };

/* What the resolver's threads write to: it may outlive its connection, until they are
 * done with it. */
struct question {
    struct question *next;
    struct gaicb ask;
    struct addrinfo hints;
    char *host, port[8];
};

struct tcp {
    struct loop *loop;
    struct question *question;
    struct addrinfo *at;
    struct timer *timer;
    struct watch *watch;
    int fd;
    double wait_s;
    struct err last; /* why the latest address did not work */
    void (*done)(void *arg, int fd, const struct err *why);
    void *arg;
};

/* ---- names ---- */

static void question_free(struct question *q)
{
    if (q->ask.ar_result)
        freeaddrinfo(q->ask.ar_result);
    free(q->host);
    free(q);
}

struct orphans {
    struct question *first;
};

static const char orphans_key;

static void *orphans_new(struct loop *l)
{
    (void)l;
    return xcalloc(1, sizeof(struct orphans));
}

static void sweep(struct orphans *o)
{
    for (struct question **at = &o->first, *q; (q = *at);) {
        if (gai_error(&q->ask) == EAI_INPROGRESS) {
            at = &q->next;
            continue;
        }
        *at = q->next;
        question_free(q);
    }
}

/* What a resolver's thread still works on is left to it: the program is ending. */
static void orphans_free(void *kept)
{
    sweep(kept);
    free(kept);
}

static void question_leave(struct loop *l, struct question *q)
{
    struct orphans *o = loop_keep(l, &orphans_key, orphans_new, orphans_free);

    sweep(o);
    gai_cancel(&q->ask);
    q->next = o->first;
    o->first = q;
    sweep(o);
}

static int question_ask(struct question *q, const char *host, unsigned port)
{
    struct gaicb *list[] = { &q->ask };
    int rc;

    q->host = xstrdup(host);
    snprintf(q->port, sizeof(q->port), "%u", port);
    q->hints =
        (struct addrinfo){ .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
    q->ask = (struct gaicb){ .ar_name = q->host,
                             .ar_service = q->port,
                             .ar_request = &q->hints };
    /* An address needs no thread. */
    rc = getaddrinfo(q->host, q->port, &q->hints, &q->ask.ar_result);
    if (rc == 0)
        return 0;
    q->hints.ai_flags = AI_ADDRCONFIG;
    q->ask.ar_result = NULL;
    return getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
}

/* ---- connecting ---- */

static void try_next(struct tcp *t);

static void drop(struct tcp *t)
{
    watch_end(t->watch);
    t->watch = NULL;
    timer_end(t->timer);
    t->timer = NULL;
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
}

static const char *reason(int number)
{
    switch (number) {
    case ECONNREFUSED:
        return "connection refused";
    case EHOSTUNREACH:
        return "no route to host";
    case ENETUNREACH:
        return "network unreachable";
    case ETIMEDOUT:
        return "does not answer";
    default:
        return strerror(number);
    }
}

static void on_connected(void *arg, uint32_t events)
{
    struct tcp *t = arg;
    int number = 0, fd = t->fd, at_once = 1;
    socklen_t len = sizeof(number);

    (void)events;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
        number = errno;
    if (number) {
        err_set(&t->last, "%s", reason(number));
        try_next(t);
        return;
    }
    /* Questions are small, and one waits for the other's answer. That it cannot be set is
     * no reason to fail. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    watch_end(t->watch);
    t->watch = NULL;
    t->fd = -1;
    drop(t);
    t->done(t->arg, fd, NULL);
}

static void on_patience(void *arg)
{
    struct tcp *t = arg;

    err_set(&t->last, "does not answer");
    if (t->at)
        try_next(t);
}

static void try_next(struct tcp *t)
{
    struct addrinfo *to;

    drop(t);
    while ((to = t->at)) {
        t->at = to->ai_next;
        t->fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                       to->ai_protocol);
        if (t->fd >= 0 &&
            (connect(t->fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS)) {
            t->watch = loop_watch(t->loop, t->fd, EPOLLOUT, on_connected, t);
            t->timer = loop_timer(t->loop, clock_steady() + PATIENCE_S, on_patience, t);
            return;
        }
        err_set(&t->last, "%s", reason(errno));
        drop(t);
    }
    t->done(t->arg, -1, &t->last);
}

static void on_look(void *arg)
{
    struct tcp *t = arg;
    int rc = t->question->ask.ar_result ? 0 : gai_error(&t->question->ask);

    timer_end(t->timer);
    t->timer = NULL;
    if (rc == EAI_INPROGRESS) {
        t->wait_s = t->wait_s < .05 ? t->wait_s * 2 : .05;
        t->timer = loop_timer(t->loop, clock_steady() + t->wait_s, on_look, t);
        return;
    }
    t->at = rc == 0 ? t->question->ask.ar_result : NULL;
    if (rc != 0)
        err_set(&t->last, "no address for %s: %s", t->question->host, gai_strerror(rc));
    try_next(t);
}

struct tcp *tcp_start(struct loop *l, const char *host, unsigned port,
                      void (*done)(void *arg, int fd, const struct err *why), void *arg)
{
    struct tcp *t = xcalloc(1, sizeof(*t));

    *t = (struct tcp){ .loop = l, .fd = -1, .wait_s = .001, .done = done, .arg = arg };
    t->question = xcalloc(1, sizeof(*t->question));
    if (question_ask(t->question, host, port) != 0)
        err_set(&t->last, "no address for %s", host);
    t->timer = loop_timer(l, 0, on_look, t);
    return t;
}

void tcp_end(struct tcp *t)
{
    if (!t)
        return;
    drop(t);
    question_leave(t->loop, t->question);
    free(t);
}
