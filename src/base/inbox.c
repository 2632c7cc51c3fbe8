/* A queue between threads: a mutex, a list, and an eventfd that wakes whoever polls. */
#include "base/inbox.h"
#include "base/arena.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct letter {
    struct letter *next;
    void *item;
};

struct inbox {
    pthread_mutex_t lock;
    struct letter *first, *last;
    size_t count;
    int wake;
    void (*discard)(void *item);
};

struct inbox *inbox_new(void (*discard)(void *item))
{
    struct inbox *in = xcalloc(1, sizeof(*in));

    pthread_mutex_init(&in->lock, NULL);
    in->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    in->discard = discard;
    return in;
}

void inbox_free(struct inbox *in)
{
    void *item;

    if (!in)
        return;
    while ((item = inbox_take(in)))
        if (in->discard)
            in->discard(item);
    close(in->wake);
    pthread_mutex_destroy(&in->lock);
    free(in);
}

void inbox_put(struct inbox *in, void *item)
{
    struct letter *letter = xcalloc(1, sizeof(*letter));
    uint64_t one = 1;

    letter->item = item;
    pthread_mutex_lock(&in->lock);
    if (in->last)
        in->last->next = letter;
    else
        in->first = letter;
    in->last = letter;
    in->count++;
    /* Written under the lock, so that "readable" and "not empty" agree; a full
     * counter already wakes the reader, so a failed write is no loss. */
    if (in->count == 1 && write(in->wake, &one, sizeof(one)) < 0)
        (void)0;
    pthread_mutex_unlock(&in->lock);
}

void *inbox_take(struct inbox *in)
{
    struct letter *letter;
    void *item = NULL;
    uint64_t seen;

    pthread_mutex_lock(&in->lock);
    letter = in->first;
    if (letter) {
        in->first = letter->next;
        if (!in->first)
            in->last = NULL;
        in->count--;
        /* Nothing to read is no failure: the counter was taken before. */
        if (in->count == 0 && read(in->wake, &seen, sizeof(seen)) < 0)
            (void)0;
    }
    pthread_mutex_unlock(&in->lock);
    if (letter)
        item = letter->item;
    free(letter);
    return item;
}

void *inbox_wait(struct inbox *in, int wait_ms)
{
    struct pollfd fd = { .fd = in->wake, .events = POLLIN };
    void *item = inbox_take(in);

    if (item || wait_ms == 0)
        return item;
    poll(&fd, 1, wait_ms);
    return inbox_take(in);
}

size_t inbox_count(struct inbox *in)
{
    size_t count;

    pthread_mutex_lock(&in->lock);
    count = in->count;
    pthread_mutex_unlock(&in->lock);
    return count;
}

int inbox_fd(const struct inbox *in)
{
    return in->wake;
}
