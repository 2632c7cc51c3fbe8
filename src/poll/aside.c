/* Every thread has an inbox of its own and takes one job at a time; all of them answer to
 * one inbox, which the loop watches. */
#include "config.h"

#include "poll/aside.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/inbox.h"
#include "base/thread.h"

#include <stdlib.h>
#include <sys/epoll.h>

struct hand {
    struct inbox *orders, *back;
    struct aside_job *job; /* NULL: leave; the thread's while it is busy */
    pthread_t thread;
    bool busy, doubtful;
};

struct aside {
    struct loop *loop;
    struct inbox *back; /* hands that have done their job */
    struct watch *watch;
    struct aside_job *waiting, **end;
    size_t most, count;
    struct hand *hands[];
};

static void *work(void *arg)
{
    struct hand *h = arg;

    for (;;) {
        if (!inbox_wait(h->orders, -1))
            continue;
        if (!h->job)
            return NULL;
        h->job->work(h->job);
        inbox_put(h->back, h);
    }
}

static struct hand *hire(struct aside *a)
{
    struct hand *h;

    if (a->count == a->most)
        return NULL;
    h = xcalloc(1, sizeof(*h));
    *h = (struct hand){ .orders = inbox_new(NULL), .back = a->back };
    if (!thread_start(&h->thread, work, h)) {
        inbox_free(h->orders);
        free(h);
        return NULL;
    }
    a->hands[a->count++] = h;
    return h;
}

static struct hand *idle_hand(struct aside *a)
{
    for (size_t i = 0; i < a->count; i++)
        if (!a->hands[i]->busy)
            return a->hands[i];
    return hire(a);
}

/* A quarter of the threads at most may be held by what may block for long. */
static bool must_wait(const struct aside *a, const struct aside_job *job)
{
    size_t held = 0;

    for (size_t i = 0; job->doubtful && i < a->count; i++)
        held += a->hands[i]->busy && a->hands[i]->doubtful;
    return held > 0 && held >= a->most / 4;
}

static void unlink_job(struct aside *a, struct aside_job **at)
{
    struct aside_job *job = *at;

    *at = job->next;
    if (a->end == &job->next)
        a->end = at;
    job->next = NULL;
}

static void give_out(struct aside *a)
{
    struct aside_job **at = &a->waiting, *job;
    struct hand *h;

    while ((job = *at)) {
        if (must_wait(a, job)) {
            at = &job->next;
            continue;
        }
        h = idle_hand(a);
        if (!h)
            return;
        unlink_job(a, at);
        h->busy = true;
        h->doubtful = job->doubtful;
        h->job = job;
        inbox_put(h->orders, h);
    }
}

static void take_back(struct aside *a)
{
    struct hand *h;

    while ((h = inbox_take(a->back))) {
        h->busy = false;
        h->job->done(h->job);
    }
}

static void on_back(void *arg, uint32_t events)
{
    (void)events;
    take_back(arg);
    give_out(arg);
}

struct aside *aside_new(struct loop *l, size_t most_threads)
{
    struct aside *a = xcalloc(1, sizeof(*a) + most_threads * sizeof(*a->hands));

    *a = (struct aside){ .loop = l, .back = inbox_new(NULL), .most = most_threads };
    a->end = &a->waiting;
    a->watch = loop_watch(l, inbox_fd(a->back), EPOLLIN, on_back, a);
    return a;
}

void aside_do(struct aside *a, struct aside_job *job)
{
    job->next = NULL;
    *a->end = job;
    a->end = &job->next;
    give_out(a);
}

bool aside_withdraw(struct aside *a, struct aside_job *job)
{
    for (struct aside_job **at = &a->waiting; *at; at = &(*at)->next)
        if (*at == job) {
            unlink_job(a, at);
            return true;
        }
    return false;
}

static size_t busy(const struct aside *a)
{
    size_t count = 0;

    for (size_t i = 0; i < a->count; i++)
        count += a->hands[i]->busy;
    return count;
}

static void dismiss(struct hand *h)
{
    h->job = NULL;
    inbox_put(h->orders, h);
    pthread_join(h->thread, NULL);
    inbox_free(h->orders);
    free(h);
}

void aside_end(struct aside *a, double patience_s)
{
    double until = clock_steady() + patience_s;
    bool all_back;

    if (!a)
        return;
    watch_end(a->watch);
    take_back(a);
    while (busy(a) && clock_steady() < until) {
        struct hand *h = inbox_wait(a->back, 20);

        if (h) {
            h->busy = false;
            h->job->done(h->job);
        }
    }
    all_back = busy(a) == 0;
    for (size_t i = 0; i < a->count; i++)
        if (a->hands[i]->busy)
            pthread_detach(a->hands[i]->thread);
        else
            dismiss(a->hands[i]);
    if (all_back)
        inbox_free(a->back);
    free(a);
}
