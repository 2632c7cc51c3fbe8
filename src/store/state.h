/* The last state of everything: in memory as blocks of rows, in the file as one blob a
 * block. Private to store/; belongs to one thread at a time. */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/batch.h"

struct state;

struct state *state_new(void);
void state_free(struct state *s);
size_t state_bytes(const struct state *s);

/* All kinds, in the order in which they are wanted back: what a first frame shows comes
 * first. */
extern const enum gw_kind state_order[GW_KINDS];

/* A kind is lent from now on (store/lent.h): what batches tell of it is passed over. */
void state_leave(struct state *s, enum gw_kind kind);
/* Reads a kind from the file, once. -1: it cannot be read, and counts as empty from now
 * on. */
int state_load(struct state *s, sqlite3 *db, enum gw_kind kind, struct err *err);
/* Keeps the newest values of a batch. Its kinds have been loaded. */
void state_merge(struct state *s, const struct batch *b);

/* Writes changed blocks, first kinds first, about `most` bytes of them; the rest is for
 * the next time. Inside the caller's transaction: state_settle() says how that ended.
 * Returns the bytes, or -1. */
long state_save(struct state *s, sqlite3 *db, size_t most, struct err *err);
void state_settle(struct state *s, bool committed);

#endif
