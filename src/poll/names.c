/* A look-up runs in a thread of its own and may outlive who asked: glibc cannot be called
 * back from a name server that keeps silent. */
#include "config.h"

#include "poll/names.h"
#include "base/arena.h"
#include "base/clock.h"
#include "poll/aside.h"

#include <resolv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    MOST_THREADS = 32,
    PATIENCE_S = 5, /* with all that there is to do before a name is known */
    MARKS = 1 << 16
};

/* How long a server may think, in place of glibc's 5 seconds, twice. Servers answer in
 * milliseconds or, mostly, not at all: a name is first tried quickly, so that many dead
 * ones are soon known as such, and then once more thoroughly. */
static const struct {
    int seconds, times;
} tries[] = { [false] = { 1, 1 }, [true] = { 2, 2 } };

/* Of one loop. Names whose last look-up failed are marked: they are doubtful, and a
 * thousand of them leave threads to the others. Two names that share a mark are no
 * harm. */
struct desk {
    struct aside *threads;
    bool failed[MARKS];
};

struct look_up {
    struct aside_job job; /* first */
    struct desk *desk;
    char *host, port[8];
    struct addrinfo *found;
    int trouble;
    struct name_question *asker; /* NULL: gone; the loop's alone */
};

struct name_question {
    struct look_up *look_up;
    struct timer *timer;
    void (*done)(void *arg, const struct addrinfo *list, const struct err *why);
    void *arg;
};

static const char desk_key;

static void *desk_new(struct loop *l)
{
    struct desk *d = xcalloc(1, sizeof(*d));

    d->threads = aside_new(l, MOST_THREADS);
    return d;
}

static void desk_free(void *kept)
{
    struct desk *d = kept;

    aside_end(d->threads, 0);
    free(d);
}

/* FNV-1a (Fowler, Noll, Vo). */
static bool *mark_of(struct desk *d, const char *host)
{
    uint32_t hash = 2166136261u;

    for (; *host; host++)
        hash = (hash ^ (unsigned char)*host) * 16777619u;
    return &d->failed[hash % MARKS];
}

static void look_up_free(struct look_up *u)
{
    if (u->found)
        freeaddrinfo(u->found);
    free(u->host);
    free(u);
}

static int at_most(int number, int most)
{
    return number < most ? number : most;
}

/* In a thread. The resolver's state is the thread's own; it is begun anew each time, for
 * resolv.conf may have changed. What was set before would be kept. */
static void look_up(struct aside_job *job)
{
    struct look_up *u = (struct look_up *)job;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };

    _res.retrans = _res.retry = 0;
    if (res_init() == 0) {
        _res.retrans = at_most(_res.retrans, tries[job->doubtful].seconds);
        _res.retry = at_most(_res.retry, tries[job->doubtful].times);
    }
    u->trouble = getaddrinfo(u->host, u->port, &hints, &u->found);
}

static void say_why(const struct look_up *u, struct err *err)
{
    if (u->trouble == EAI_AGAIN)
        err_set(err, "no name server answers for %s (DNS)", u->host);
    else if (u->trouble == EAI_NONAME || u->trouble == EAI_NODATA)
        err_set(err, "the name %s is not known (DNS)", u->host);
    else
        err_set(err, "no address for %s: %s", u->host, gai_strerror(u->trouble));
}

static void tell(struct name_question *q)
{
    const struct look_up *u = q->look_up;
    struct err err = { 0 };

    timer_end(q->timer);
    q->timer = NULL;
    if (u->trouble)
        say_why(u, &err);
    q->done(q->arg, u->trouble ? NULL : u->found, &err);
}

static void on_known(void *arg)
{
    tell(arg);
}

static void on_looked_up(struct aside_job *job)
{
    struct look_up *u = (struct look_up *)job;

    *mark_of(u->desk, u->host) = u->trouble != 0;
    if (!u->asker) {
        look_up_free(u);
        return;
    }
    if (u->trouble == EAI_AGAIN && !job->doubtful) {
        job->doubtful = true;
        aside_do(u->desk->threads, job);
        return;
    }
    u->job.work = NULL; /* nothing to wait for any more */
    tell(u->asker);
}

/* True: no thread has it. What a thread has goes on to its end, which says whether the
 * name is doubtful. */
static bool give_up(struct name_question *q)
{
    struct look_up *u = q->look_up;

    q->look_up = NULL;
    u->asker = NULL;
    if (u->job.work && !aside_withdraw(u->desk->threads, &u->job))
        return false;
    look_up_free(u);
    return true;
}

static void on_patience(void *arg)
{
    struct name_question *q = arg;
    char host[256];
    struct err err;

    timer_end(q->timer);
    q->timer = NULL;
    snprintf(host, sizeof(host), "%s", q->look_up->host);
    if (give_up(q))
        err_set(&err,
                "%s is not looked up yet: too many names wait for a name server (DNS)",
                host);
    else
        err_set(&err, "no name server answers for %s (DNS) within %d s", host,
                PATIENCE_S);
    q->done(q->arg, NULL, &err);
}

static int read_address(const char *host, const char *port, struct addrinfo **found)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };

    return getaddrinfo(host, port, &hints, found);
}

bool name_is_address(const char *host)
{
    struct addrinfo *found = NULL;

    if (read_address(host, NULL, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

struct name_question *name_ask(struct loop *l, const char *host, unsigned port,
                               void (*done)(void *arg, const struct addrinfo *list,
                                            const struct err *why),
                               void *arg)
{
    struct desk *d = loop_keep(l, &desk_key, desk_new, desk_free);
    struct name_question *q = xcalloc(1, sizeof(*q));
    struct look_up *u = xcalloc(1, sizeof(*u));

    *q = (struct name_question){ .look_up = u, .done = done, .arg = arg };
    *u = (struct look_up){ .desk = d, .host = xstrdup(host), .asker = q };
    snprintf(u->port, sizeof(u->port), "%u", port);
    if (read_address(u->host, u->port, &u->found) == 0) {
        q->timer = loop_timer(l, 0, on_known, q);
        return q;
    }
    u->job = (struct aside_job){
        .work = look_up, .done = on_looked_up, .doubtful = *mark_of(d, host)
    };
    q->timer = loop_timer(l, clock_steady() + PATIENCE_S, on_patience, q);
    aside_do(d->threads, &u->job);
    return q;
}

void name_end(struct name_question *q)
{
    if (!q)
        return;
    timer_end(q->timer);
    if (q->look_up)
        give_up(q);
    free(q);
}
