/* One thread's events: descriptors and timers over epoll. Everything that fans out (HTTP,
 * SSH, local commands) hangs in the fan-out thread's one loop; nothing in it may
 * block. */
#ifndef POLL_LOOP_H
#define POLL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;                   /* a descriptor looked after */
struct timer;

struct loop *loop_new(void);
void loop_free(struct loop *l);

/* `ready` is called with EPOLLIN, EPOLLOUT, EPOLLHUP bits. Several watches of one
 * descriptor are not allowed. */
struct watch *loop_watch(struct loop *l, int fd, uint32_t events,
                         void (*ready)(void *arg, uint32_t events), void *arg);
void watch_change(struct watch *w, uint32_t events);
/* also from inside its own call; NULL is fine */
void watch_end(struct watch *w);

/* Calls `due` once, at `at` (steady seconds). */
struct timer *loop_timer(struct loop *l, double at, void (*due)(void *arg), void *arg);
void timer_end(struct timer *t);                /* also after it was due; NULL is fine */

/* Something that lives as long as the loop: what `make` returned when `key` was first
 * asked for; `end` frees it in loop_free(), while watches and timers can still be
 * ended. */
void *loop_keep(struct loop *l, const void *key, void *(*make)(struct loop *l),
                void (*end)(void *kept));

void loop_run(struct loop *l);                  /* until loop_stop() */
void loop_stop(struct loop *l);                 /* from inside the loop */

#endif
