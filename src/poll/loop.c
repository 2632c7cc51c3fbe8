/* epoll for descriptors, a binary heap for timers. What is ended from inside a call is
 * freed only after the round, so that events already fetched never meet freed memory. */
#include "poll/loop.h"
#include "base/arena.h"
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_A_ROUND = 64 };

struct watch {
    struct loop *loop;
    int fd;
    void (*ready)(void *arg, uint32_t events);  /* NULL: ended */
    void *arg;
    struct watch *next_ended;
};

struct timer {
    struct loop *loop;
    double at;
    size_t place;               /* in the heap; NOWHERE: was due */
    void (*due)(void *arg);
    void *arg;
    struct timer *next, **link; /* of those that were due and not yet ended */
};

struct kept {
    struct kept *next;
    const void *key;
    void *thing;
    void (*end)(void *kept);
};

struct loop {
    int epoll;
    bool stopped;
    struct timer **heap;
    size_t timers, room;
    struct timer *spent;        /* were due; their owner has not ended them */
    struct watch *ended;
    struct kept *kept;
};

#define NOWHERE SIZE_MAX

struct loop *loop_new(void)
{
    struct loop *l = xcalloc(1, sizeof(*l));

    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        free(l);
        return NULL;
    }
    return l;
}

static void free_ended(struct loop *l)
{
    while (l->ended) {
        struct watch *w = l->ended;

        l->ended = w->next_ended;
        free(w);
    }
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (l->kept) {
        struct kept *k = l->kept;

        l->kept = k->next;
        k->end(k->thing);
        free(k);
    }
    while (l->timers)
        timer_end(l->heap[l->timers - 1]);
    while (l->spent)
        timer_end(l->spent);
    free_ended(l);
    close(l->epoll);
    free(l->heap);
    free(l);
}

void *loop_keep(struct loop *l, const void *key, void *(*make)(struct loop *l),
                void (*end)(void *kept))
{
    struct kept *k = l->kept;

    while (k && k->key != key)
        k = k->next;
    if (!k) {
        k = xcalloc(1, sizeof(*k));
        *k = (struct kept){ .next = l->kept, .key = key, .thing = make(l), .end = end };
        l->kept = k;
    }
    return k->thing;
}

/* ---- descriptors ---- */

struct watch *loop_watch(struct loop *l, int fd, uint32_t events,
                         void (*ready)(void *arg, uint32_t events), void *arg)
{
    struct watch *w = xcalloc(1, sizeof(*w));
    struct epoll_event event = { .events = events, .data.ptr = w };

    *w = (struct watch){ .loop = l, .fd = fd, .ready = ready, .arg = arg };
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        /* Only a bug (a closed descriptor, or one watched twice) or a full kernel leads
         * here. */
        free(w);
        return NULL;
    }
    return w;
}

void watch_change(struct watch *w, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = w };

    /* A descriptor that its owner closed already is out of the set, which is as good. */
    if (w && epoll_ctl(w->loop->epoll, EPOLL_CTL_MOD, w->fd, &event) < 0)
        (void)0;
}

void watch_end(struct watch *w)
{
    if (!w)
        return;
    assert(w->ready);
    if (epoll_ctl(w->loop->epoll, EPOLL_CTL_DEL, w->fd, NULL) < 0)
        (void)0;                /* closed already: see watch_change() */
    w->ready = NULL;
    w->next_ended = w->loop->ended;
    w->loop->ended = w;
}

/* ---- timers ---- */

static void put(struct loop *l, size_t place, struct timer *t)
{
    l->heap[place] = t;
    t->place = place;
}

static void sift_up(struct loop *l, struct timer *t, size_t place)
{
    while (place && t->at < l->heap[(place - 1) / 2]->at) {
        put(l, place, l->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(l, place, t);
}

static void sift_down(struct loop *l, struct timer *t, size_t place)
{
    for (;;) {
        size_t child = place * 2 + 1;

        if (child + 1 < l->timers && l->heap[child + 1]->at < l->heap[child]->at)
            child++;
        if (child >= l->timers || l->heap[child]->at >= t->at)
            break;
        put(l, place, l->heap[child]);
        place = child;
    }
    put(l, place, t);
}

static void take_out(struct timer *t)
{
    struct loop *l = t->loop;
    size_t place = t->place;
    struct timer *last = l->heap[--l->timers];

    t->place = NOWHERE;
    if (last == t)
        return;
    if (place && last->at < l->heap[(place - 1) / 2]->at)
        sift_up(l, last, place);
    else
        sift_down(l, last, place);
}

struct timer *loop_timer(struct loop *l, double at, void (*due)(void *arg), void *arg)
{
    struct timer *t = xcalloc(1, sizeof(*t));

    *t = (struct timer){ .loop = l, .at = at, .due = due, .arg = arg };
    l->heap = xgrow(l->heap, &l->room, l->timers + 1, sizeof(*l->heap));
    sift_up(l, t, l->timers++);
    return t;
}

void timer_end(struct timer *t)
{
    if (!t)
        return;
    if (t->place != NOWHERE) {
        take_out(t);
    } else {
        *t->link = t->next;
        if (t->next)
            t->next->link = t->link;
    }
    free(t);
}

static void spend(struct timer *t)
{
    struct loop *l = t->loop;

    take_out(t);
    t->next = l->spent;
    t->link = &l->spent;
    if (t->next)
        t->next->link = &t->next;
    l->spent = t;
}

static void call_due(struct loop *l)
{
    double now = clock_steady();

    /* Bounded: a timer that sets itself anew for "now" must not starve the
     * descriptors. */
    for (size_t most = l->timers;
         most && l->timers && !l->stopped && l->heap[0]->at <= now; most--) {
        struct timer *t = l->heap[0];

        spend(t);
        t->due(t->arg);
    }
}

/* ---- running ---- */

static int wait_ms(const struct loop *l)
{
    double wait;

    if (!l->timers)
        return -1;
    wait = ceil((l->heap[0]->at - clock_steady()) * 1000);
    if (!(wait > 0))
        return 0;
    return wait > 60000 ? 60000 : (int)wait;
}

static void call_ready(struct loop *l)
{
    struct epoll_event events[EVENTS_A_ROUND];
    int n = epoll_wait(l->epoll, events, EVENTS_A_ROUND, wait_ms(l));

    for (int i = 0; i < n && !l->stopped; i++) {
        struct watch *w = events[i].data.ptr;

        if (w->ready)
            w->ready(w->arg, events[i].events);
    }
}

void loop_run(struct loop *l)
{
    l->stopped = false;
    while (!l->stopped) {
        call_ready(l);
        call_due(l);
        free_ended(l);
    }
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}
