/* The last state of everything straight from the file: a block is gone before the next is
 * read, so that all the memory it takes is that of one. Private to store/. */
#ifndef STORE_STREAM_H
#define STORE_STREAM_H

#include <sqlite3.h>

#include "base/err.h"
#include "store/store.h"

struct stream;

struct stream *stream_new(void);
void stream_free(struct stream *s);

/* Gives what is known of a kind (of that, what is wished for) as batches to take(), which
 * owns them then; returns how many, or -1 after giving what could be read.
 *
 * A batch has 256 times. Ages against its newest value are told apart by the second below
 * two minutes, then eight to each doubling; all values of such a span take the time of
 * its oldest, so that nothing looks younger than it is, and nothing more than an eighth
 * of its age older. */
int stream_kind(struct stream *s, sqlite3 *db, enum gw_kind kind,
                const struct store_wish *wish,
                void (*take)(void *arg, struct batch *b), void *arg, struct err *err);

/* The same of all blocks that are another than when this was last asked. */
int stream_changes(struct stream *s, sqlite3 *db, enum gw_kind kind,
                   void (*take)(void *arg, struct batch *b), void *arg, struct err *err);

#endif
