/* The history of power: one value a series every 15 seconds. A series is a site, domain,
 * tenant or node. Private to store/; belongs to one thread at a time.
 *
 * A step is appended as rows of floats (the journal); after 120 steps the journal's
 * window is packed into tiles and its rows are dropped. Tiles of 15 s are kept for 96
 * windows of half an hour (48 h); each twenty of them leave a tile of 5 min means, kept
 * for 96 windows of ten hours (40 d). Both bounds count windows that were recorded, not
 * time: a clock that runs away for a minute forgets nothing. At 0.8 bytes a value each
 * tier takes at most 9.2 kB a series: 2 MB for a site of 100 domains, 185 MB for one of
 * 10,000. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/batch.h"

enum {
    HISTORY_STEP_S = 15,
    HISTORY_COARSE_STEPS = 20, /* steps in a mean: 5 min */
    HISTORY_WINDOWS = 96,      /* of each tier */
    HISTORY_MOST_SERIES = 1 << 17,
    HISTORY_UNSEEN_STEPS = 240, /* an hour: whose number may be given to a new series */
    HISTORY_ESTIMATED = 64,     /* added to a kind: the series of which of its watts
                                 * were estimated */
    HISTORY_N1 = 128,           /* ... or of what it would draw with the other feed
                                 * lost */
    HISTORY_OTHERS = HISTORY_ESTIMATED | HISTORY_N1,
    HISTORY_MOST_WAITING = 16 << 20, /* bytes of steps that wait for a full disk */
    HISTORY_MOST_TOLD = 8 << 20 /* ... of the past that a source tells; what is more is
                                 * not taken */
};

struct history;

/* When there are too many series: a new one takes the number of the one that is longest
 * unseen, or where all are in use, is not recorded. */
enum history_room { HISTORY_HAS_ROOM, HISTORY_MAKES_ROOM, HISTORY_IS_FULL };

struct history *history_new(void);
void history_free(struct history *h);
/* Reads the names of the series. */
int history_load(struct history *h, sqlite3 *db, struct err *err);

/* Takes the power of sites, domains, tenants and nodes, and that of domains with the
 * other feed lost, out of a batch of BATCH_HOST, for the step of the batch's time; stale
 * values are left out: an old number repeated is no history. Of a BATCH_POLL it takes
 * what it says that power was before, for steps of which nothing else is known; it adds
 * no window that would be forgotten. Returns the number of steps that had to be dropped
 * because too many wait. */
int history_take(struct history *h, const struct batch *b);
/* So much of the past waits that it should be saved soon. */
bool history_presses(const struct history *h);
enum history_room history_room(const struct history *h);
/* Appends what waits, and packs and forgets a bounded amount. Inside the caller's
 * transaction; history_settle() says how that ended. */
int history_save(struct history *h, sqlite3 *db, struct err *err);
void history_settle(struct history *h, bool committed);

#endif
