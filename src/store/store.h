/* The cache: SQLite in one thread. It remembers the last state of everything and the
 * power history of every domain, so that a restart shows at once what was known, marked
 * with its age. The console works the same without it.
 *
 * One writer a file: the process that holds the lock; others read. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/inbox.h"
#include "model/batch.h"
#include "model/model.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE, STORE_COLLECT };

/* Opens or makes the cache file (mode 0600). NULL with *err in words: corrupt, another
 * program's, a newer gigawatch's, read-only, locked. STORE_WRITE falls back to reading
 * when another process writes (store_writes()). STORE_COLLECT does not: a console that
 * writes makes way for it within seconds (store_collector()), else it is refused. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);
bool store_writes(const struct store *s);
/* The process that writes the file, the one that is or waits to become its collector; 0:
 * there is none, -1: there is, but not who. */
long store_writer(const char *path);
long store_collector(const char *path);
/* Reads all of a cache file, which may take seconds: is it whole? -1 with *err: what is
 * wrong, and what to do. */
int store_check(const char *path, struct err *err);

/* What was last known, as batches of BATCH_CACHE, domains and sites first so that a first
 * frame can be drawn after a few milliseconds. Each is given to take(), which owns it
 * then, as soon as it is read: to take them in at once is twice as fast as to pile them
 * up. Called before the thread is started. kinds: bit set of 1u << enum gw_kind. Returns
 * the number of batches, or -1 with *err, after giving what could be read. Times come
 * back in whole seconds, rounded down; old ones coarser (store/state.h). Rows are
 * remembered for 40 days after their last value, jobs, alerts and forecasts for two,
 * sources and events for seven; GPUs that are lent, as long as the model has them. */
int store_recall(struct store *s, unsigned kinds,
                 void (*take)(void *arg, struct batch *b), void *arg, struct err *err);

/* What of the cache is enough: for answers in a hurry. */
struct store_wish {
    const bool *metrics;    /* by id, metric_count() of them; NULL: all */
    /* Only these rows, which were recalled before, or the parts of these wholes:
     * batch_hash() of them, rising. */
    const uint64_t *hashes; /* NULL: all rows */
    size_t hash_count;
    bool of_wholes;
};
/* The same, at least what is wished for; the newest value of a row always comes along, so
 * that its age is right. */
int store_recall_some(struct store *s, unsigned kinds, const struct store_wish *wish,
                      void (*take)(void *arg, struct batch *b), void *arg,
                      struct err *err);

/* Reads what another process writes, whenever it has, and gives it to `out` as batches of
 * BATCH_CACHE, a few at a time: a thread of its own. kinds: as above. NULL with *err. */
struct follower;
struct follower *store_follow(const char *path, unsigned kinds, struct inbox *out,
                              struct err *err);
void store_follow_end(struct follower *f);

/* How often what is new is written: every 5 s unless told before the start. A console
 * that is killed loses what is younger; of the last state, four megabytes are written
 * each time, so that at 100,000 GPUs some of it is four times as old. */
void store_pace(struct store *s, double seconds);
/* The last state of GPUs and forecasts is written from the model, which outlives the
 * store, and not kept a second time, if all that the file knows of them was recalled into
 * it. Called before that. */
void store_lends(struct store *s, const struct model *m);
/* Once it was started: is it so? Else what is put is all that it hears of a GPU. */
bool store_lends_gpus(const struct store *s);
/* The same where the model knows by following what is in the file. */
void store_lends_anew(struct store *s, const struct model *m);
/* What the model has just taken in. */
void store_told(struct store *s, const struct batch *b);
/* Hands over some of what is to be written, which takes a few milliseconds. False: there
 * is no more. */
bool store_lend(struct store *s);
/* Starts the writer's thread. Trouble later (disk full) is said once, as a batch of
 * BATCH_HOST with an event, into `notices`; it goes on trying. */
void store_start(struct store *s, struct inbox *notices);
/* Takes the batch: remembers it, and frees it. Never blocks. BATCH_ROSTER and BATCH_CACHE
 * are not remembered. A batch of BATCH_HOST with the power of sites, domains, tenants and
 * nodes becomes history: to be put every 15 s. */
void store_put(struct store *s, struct batch *b);
/* From any thread: takes `bytes` (malloc), which replace what was kept under this name.
 * For what was learnt, such as a forecaster's state; forgotten eight days after the last
 * time, or when the newest take 32 MB; lost if it cannot be written. */
void store_keep(struct store *s, const char *name, void *bytes, size_t size);
/* What was kept, for any thread: opens its own connection. NULL: nothing, or the file
 * cannot be read; the caller frees it. */
void *store_kept(const char *path, const char *name, size_t *size);
/* Several names by one connection, of one thread. Never NULL: nothing is found in what
 * cannot be read. */
struct store_reader *store_reader_new(const char *path);
void store_reader_free(struct store_reader *r);
/* r NULL: finds nothing */
void *store_read_kept(struct store_reader *r, const char *name, size_t *size);
/* Writes out what is in memory, stops the thread, closes. */
void store_close(struct store *s);

/* ---- history ---- */

/* One series' past: a value every 15 s, oldest first, NAN where unknown. */
struct store_past {
    enum gw_kind kind;
    const char *name;
    double last;                /* time of the last value */
    const float *values;
    size_t count;
    bool means;                 /* some are means of 5 min: the finer is forgotten
                                 * after 48 h */
};
typedef void store_each(void *arg, const struct store_past *past);
/* Is the past of this one wanted? */
typedef bool store_wants(void *arg, enum gw_kind kind, const char *name);

/* What is asked of the past: watts; of the series of which any were, which watts were
 * estimated: 1, else NAN; or of domains with a cap of contingency n-1, watts with the
 * other feed lost. */
enum store_what { STORE_POWER, STORE_ESTIMATED, STORE_POWER_N1 };

/* Every series of some kinds (bit set of 1u << enum gw_kind: sites, domains, tenants,
 * nodes), or of these the one with a name, or those that are wanted (NULL: all are), in
 * the last `count` steps up to `end`. -1 with *err. */
int store_trends(const char *path, unsigned kinds, const char *name, enum store_what what,
                 double end, size_t count, store_wants *wants, store_each *each,
                 void *arg, struct err *err);
/* Since when power is recorded; NAN: none is. */
double store_begins(const char *path);

#endif
