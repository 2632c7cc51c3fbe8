/* The name first, then connect(2), one address after the other. */
#include "config.h"

#include "poll/tcp.h"
#include "base/arena.h"
#include "base/clock.h"
#include "poll/names.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address that keeps silent must not cost the others their chance: a dead IPv6 route,
 * mostly. */
enum { PATIENCE_S = 3 };

struct tcp {
    struct loop *loop;
    struct name_question *name;
    const struct addrinfo *at;
    struct timer *timer;
    struct watch *watch;
    int fd;
    struct err last; /* why the latest address did not work */
    void (*done)(void *arg, int fd, const struct err *why);
    void *arg;
};

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
        return "connection refused; does sshd run there, at this port?";
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
    const struct addrinfo *to;

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

static void on_name(void *arg, const struct addrinfo *list, const struct err *why)
{
    struct tcp *t = arg;

    t->at = list;
    t->last = *why;
    try_next(t);
}

struct tcp *tcp_start(struct loop *l, const char *host, unsigned port,
                      void (*done)(void *arg, int fd, const struct err *why), void *arg)
{
    struct tcp *t = xcalloc(1, sizeof(*t));

    *t = (struct tcp){ .loop = l, .fd = -1, .done = done, .arg = arg };
    t->name = name_ask(l, host, port, on_name, t);
    return t;
}

void tcp_end(struct tcp *t)
{
    if (!t)
        return;
    drop(t);
    name_end(t->name);
    free(t);
}
