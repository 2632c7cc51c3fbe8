/* The only way threads talk, and the only place that locks. Putting is giving: after
 * inbox_put() the item belongs to the reader. Many writers, one reader, first in first
 * out. */
#ifndef BASE_INBOX_H
#define BASE_INBOX_H

#include <stdbool.h>
#include <stddef.h>

struct inbox;

/* `discard` frees what is still inside when the inbox dies; NULL: nothing to free. */
struct inbox *inbox_new(void (*discard)(void *item));
void inbox_free(struct inbox *in);

void inbox_put(struct inbox *in, void *item);
void *inbox_take(struct inbox *in);                 /* NULL: empty */
/* NULL: still empty after wait_ms (-1: for ever) */
void *inbox_wait(struct inbox *in, int wait_ms);
size_t inbox_count(struct inbox *in);
/* Readable while the inbox is not empty: for poll() and epoll. */
int inbox_fd(const struct inbox *in);

#endif
