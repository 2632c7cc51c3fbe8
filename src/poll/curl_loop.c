/* The handles are spread over several multis, called shards: the work libcurl does for
 * each event grows with the handles of a multi. */
#include "config.h"

#include "poll/curl_loop.h"
#include "base/arena.h"
#include "base/clock.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { LINKS_A_SHARD = 250 };

struct shard {
    struct shard *next;
    struct loop *loop;
    CURLM *multi;
    struct timer *timer;
    size_t links;
};

struct pool {
    struct loop *loop;
    struct shard *first;
};

static void take_finished(struct shard *s)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(s->multi, &left))) {
        CURLcode code = message->data.result;
        struct curl_transfer *t;
        char *own = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &own);
        t = (struct curl_transfer *)(void *)own;
        curl_multi_remove_handle(s->multi, t->easy);
        t->busy = false;
        t->finished(t->arg, code);
    }
}

struct socket {
    struct shard *shard;
    struct watch *watch;
    curl_socket_t fd;
};

static void on_socket(void *arg, uint32_t events)
{
    struct socket *socket = arg;
    struct shard *s = socket->shard;
    int bits = 0, running;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
        bits |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        bits |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        bits |= CURL_CSELECT_ERR;
    curl_multi_socket_action(s->multi, socket->fd, bits, &running);
    take_finished(s);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct shard *s = arg;
    struct socket *socket = known;
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) |
                      (what & CURL_POLL_OUT ? EPOLLOUT : 0);

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            watch_end(socket->watch);
        free(socket);
        return 0;
    }
    if (socket) {
        watch_change(socket->watch, events);
        return 0;
    }
    socket = xcalloc(1, sizeof(*socket));
    *socket = (struct socket){ .shard = s, .fd = fd };
    socket->watch = loop_watch(s->loop, fd, events, on_socket, socket);
    curl_multi_assign(s->multi, fd, socket);
    return 0;
}

static void on_timer(void *arg)
{
    struct shard *s = arg;
    int running;

    curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(s);
}

static int set_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct shard *s = arg;

    (void)multi;
    timer_end(s->timer);
    s->timer = wait_ms < 0 ? NULL
                           : loop_timer(s->loop, clock_steady() + (double)wait_ms / 1000,
                                        on_timer, s);
    return 0;
}

/* ---- libcurl's memory ---- */

/* It copies passwords, tokens and lines with them, and frees them as they are: wiped
 * here, wherever it had them. */
static void free_wiped(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static void *move_wiped(void *memory, size_t size)
{
    size_t old = memory ? malloc_usable_size(memory) : 0;
    void *moved = malloc(size);

    if (!moved)
        return NULL;
    if (memory)
        memcpy(moved, memory, old < size ? old : size);
    free_wiped(memory);
    return moved;
}

static void *pool_new(struct loop *l)
{
    struct pool *p = xcalloc(1, sizeof(*p));

    curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, free_wiped, move_wiped, strdup,
                         calloc);
    p->loop = l;
    return p;
}

static void pool_free(void *kept)
{
    struct pool *p = kept;

    while (p->first) {
        struct shard *s = p->first;

        p->first = s->next;
        curl_multi_cleanup(s->multi);
        timer_end(s->timer);
        free(s);
    }
    free(p);
}

static struct shard *shard_new(struct pool *p)
{
    struct shard *s = xcalloc(1, sizeof(*s));

    s->loop = p->loop;
    s->next = p->first;
    p->first = s;
    s->multi = curl_multi_init();
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
    curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)LINKS_A_SHARD * 2);
    return s;
}

static struct shard *find_shard(struct loop *l)
{
    static const char key;
    struct pool *p = loop_keep(l, &key, pool_new, pool_free);
    struct shard *s = p->first;

    while (s && s->links >= LINKS_A_SHARD)
        s = s->next;
    return s ? s : shard_new(p);
}

/* ---- transfers ---- */

void curl_transfer_open(struct curl_transfer *t, struct loop *l)
{
    t->shard = find_shard(l);
    t->shard->links++;
    t->easy = curl_easy_init();
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, (void *)t);
}

void curl_transfer_begin(struct curl_transfer *t)
{
    t->busy = true;
    curl_multi_add_handle(t->shard->multi, t->easy);
}

void curl_transfer_close(struct curl_transfer *t)
{
    if (!t->shard)
        return;
    if (t->busy)
        curl_multi_remove_handle(t->shard->multi, t->easy);
    t->busy = false;
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    t->shard->links--;
    t->shard = NULL;
}
