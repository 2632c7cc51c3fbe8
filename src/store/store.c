/* The cache: its thread, and what others call. The state and the history belong to the
 * caller of store_open() until store_start(), and to the thread from then on. */
#include "store/store.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/thread.h"
#include "model/metric.h"
#include "store/db.h"
#include "store/history.h"
#include "store/kept.h"
#include "store/lent.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SAVE_BYTES =
        4 << 20, /* of the state in one go: at 100,000 GPUs each has its turn in 15 s */
    MOST_QUEUED = 4096, /* batches, while a disk makes the thread wait */
    MOST_LENT = 24,     /* blocks, 5 MB of them at most */
    MAKES_WAY_S = 10    /* a console that writes, for a collector */
};

/* What the model lends, where a site has most rows, and how many blocks at once: those of
 * a million GPUs have their turn in 160 s. */
static const struct lent_kind {
    enum gw_kind kind;
    int at_once;
} lent_kinds[] = { { GW_GPU, 3 }, { GW_FORECAST, 1 } };
enum { LENT_KINDS = sizeof(lent_kinds) / sizeof(lent_kinds[0]) };

struct store {
    sqlite3 *db;
    int lock;      /* of the one writer; -1: only reads */
    int collector; /* the same of the one collector; -1: it is none */
    struct state *state;
    struct stream *stream; /* what is recalled */
    struct history *history;
    struct kept *kept;
    struct inbox *queue, *notices;
    struct lends { /* the caller's, by lent_kinds[] */
        struct lender *lender; /* NULL: nothing is lent */
        bool knows_all;        /* the model does, of what the file has of the kind, */
        bool stands;           /* and its rows stand as they do there */
    } lends[LENT_KINDS];
    bool is_lent[GW_KINDS];
    struct inbox *lent;
    struct lent *held[MOST_LENT]; /* the thread's: what is not written yet */
    size_t held_count;
    double pace_s;
    pthread_t thread;
    bool started;
    bool overrun;  /* the caller's: said that the queue is full */
    bool failing;  /* the thread's: said that writing fails, */
    bool dropping; /* and that history is lost, */
    enum history_room room; /* and that there are too many series */
    bool changed;  /* something was merged since the last save */
};

/* ---- notices ---- */

static void notice(struct store *s, const char *level, const char *text)
{
    double now = clock_wall();
    char name[64];
    struct batch *b;
    uint32_t event;

    if (!s->notices)
        return;
    snprintf(name, sizeof(name), "cache-%.3f", now);
    b = batch_new(BATCH_HOST, "", now);
    event = batch_entity(b, GW_EVENT, name, strlen(name), GW_NONE);
    batch_text(b, event, M_EVENT_LEVEL, level, strlen(level));
    batch_number(b, event, M_EVENT_TIME, now, GW_OK);
    batch_text(b, event, M_EVENT_TEXT, text, strlen(text));
    inbox_put(s->notices, b);
}

/* ---- opening ---- */

static void discard_batch(void *item)
{
    batch_free(item);
}

static void discard_lent(void *item)
{
    lent_free(item);
}

static void close_lock(int lock)
{
    if (lock >= 0)
        close(lock);
}

/* What stands in the way, and what to do. */
static int refuse(const char *path, const char *role, const char *what, struct err *err)
{
    long pid = schema_holder(path, role);
    char process[40] = "";

    if (pid > 0)
        snprintf(process, sizeof(process), " (process %ld)", pid);
    return err_set(err, "%s: another %s%s; end it, or name another file with --cache",
                   path, what, process);
}

/* A console that writes looks once a second whether a collector waits, and makes way. */
static int lock_for_collector(struct store *s, const char *path, struct err *err)
{
    double until = clock_steady() + MAKES_WAY_S;

    s->collector = schema_lock(path, "collector", err);
    if (s->collector == -1)
        return refuse(path, "collector", "collector writes it", err);
    if (s->collector < 0)
        return -1;
    while ((s->lock = schema_lock(path, "writer", err)) == -1 && clock_steady() < until)
        usleep(50000);
    if (s->lock == -1)
        return refuse(path, "writer", "gigawatch writes it and does not make way", err);
    return s->lock < 0 ? -1 : 0;
}

static sqlite3 *open_for(struct store *s, const char *path, enum store_mode mode,
                         struct err *err)
{
    if (mode == STORE_COLLECT && lock_for_collector(s, path, err) < 0)
        return NULL;
    if (mode == STORE_WRITE && (s->lock = schema_lock(path, "writer", err)) == -2)
        return NULL;
    return s->lock >= 0 ? schema_write(path, err) : schema_read(path, err);
}

struct store *store_open(const char *path, enum store_mode mode, struct err *err)
{
    struct store *s = xcalloc(1, sizeof(*s));

    s->lock = s->collector = -1;
    s->db = open_for(s, path, mode, err);
    if (!s->db) {
        close_lock(s->lock);
        close_lock(s->collector);
        free(s);
        return NULL;
    }
    s->state = state_new();
    s->stream = stream_new();
    s->history = history_new();
    s->kept = kept_new();
    s->queue = inbox_new(discard_batch);
    s->lent = inbox_new(discard_lent);
    s->pace_s = 5;
    return s;
}

static void note_recalled(struct store *s, enum gw_kind kind, bool all)
{
    for (int i = 0; i < LENT_KINDS; i++)
        if (lent_kinds[i].kind == kind)
            s->lends[i].knows_all = all;
}

long store_writer(const char *path)
{
    return schema_holder(path, "writer");
}

long store_collector(const char *path)
{
    return schema_holder(path, "collector");
}

void store_pace(struct store *s, double seconds)
{
    s->pace_s = seconds;
}

bool store_writes(const struct store *s)
{
    return s->lock >= 0;
}

int store_recall(struct store *s, unsigned kinds,
                 void (*take)(void *arg, struct batch *b), void *arg, struct err *err)
{
    return store_recall_some(s, kinds, NULL, take, arg, err);
}

int store_recall_some(struct store *s, unsigned kinds, const struct store_wish *wish,
                      void (*take)(void *arg, struct batch *b), void *arg,
                      struct err *err)
{
    bool more_may_come = !store_writes(s) && wish && wish->metrics && !wish->hashes;
    int batches = 0, failed = 0;

    /* What is asked in two goes is of one moment. */
    if (sqlite3_get_autocommit(s->db))
        failed = db_run(s->db, "BEGIN", err);

    for (int i = 0; i < GW_KINDS; i++) {
        enum gw_kind kind = state_order[i];
        struct err *first = failed ? NULL : err;
        int given;

        if (!(kinds & 1u << kind))
            continue;
        /* One kind that is damaged does not take the others with it; the first failure is
         * said. Who writes reads them once more, of the kinds of which something new is
         * said: a console that polls nothing holds no second copy of what it shows. */
        given = stream_kind(s->stream, s->db, kind, wish, take, arg, first);
        failed |= given < 0;
        note_recalled(s, kind, given >= 0 && !wish);
        batches += given < 0 ? 0 : given;
    }
    /* It only ends a reading transaction: nothing can be lost. */
    if (!more_may_come)
        (void)db_run(s->db, "COMMIT", NULL);
    return failed ? -1 : batches;
}

/* ---- what the model lends ---- */

static void lend_all(struct store *s, const struct model *m, bool anew)
{
    if (!store_writes(s))
        return;
    for (int i = 0; i < LENT_KINDS; i++)
        s->lends[i] = (struct lends){ .lender = lender_new(m, lent_kinds[i].kind),
                                      .knows_all = anew,
                                      .stands = !anew };
}

void store_lends(struct store *s, const struct model *m)
{
    lend_all(s, m, false);
}

void store_lends_anew(struct store *s, const struct model *m)
{
    lend_all(s, m, true);
}

bool store_lends_gpus(const struct store *s)
{
    return s->is_lent[GW_GPU];
}

void store_told(struct store *s, const struct batch *b)
{
    for (int i = 0; i < LENT_KINDS; i++)
        if (s->lends[i].lender)
            s->lends[i].stands &= lender_note(s->lends[i].lender, b);
}

/* Before the thread is there: what the model may not know of stays the state's. */
static void begin_to_lend(struct store *s)
{
    for (int i = 0; i < LENT_KINDS; i++) {
        struct lends *l = &s->lends[i];

        if (l->lender && l->knows_all) {
            state_leave(s->state, lent_kinds[i].kind);
            s->is_lent[lent_kinds[i].kind] = true;
            if (!l->stands)
                lender_move(l->lender);
            continue;
        }
        lender_free(l->lender);
        l->lender = NULL;
    }
}

/* False: there is no more of the kind. */
static bool lend_some(struct store *s, int kind)
{
    for (int i = 0; i < lent_kinds[kind].at_once; i++) {
        struct lent *lent;

        if (inbox_count(s->lent) >= MOST_LENT)
            return true;
        lent = s->lends[kind].lender ? lender_next(s->lends[kind].lender) : NULL;
        if (!lent)
            return false;
        inbox_put(s->lent, lent);
        inbox_put(s->queue, s->lent);
    }
    return true;
}

bool store_lend(struct store *s)
{
    bool more = false;

    for (int kind = 0; kind < LENT_KINDS && s->started; kind++)
        more |= lend_some(s, kind);
    return more;
}

static void forget_held(struct store *s)
{
    for (size_t i = 0; i < s->held_count; i++)
        lent_free(s->held[i]);
    s->held_count = 0;
}

/* What could not be written the last time is written first. */
static int save_lent(struct store *s, struct err *err)
{
    int failed = 0;

    for (struct lent *next; s->held_count < MOST_LENT && (next = inbox_take(s->lent));)
        s->held[s->held_count++] = next;
    for (size_t i = 0; !failed && i < s->held_count; i++)
        failed = lent_save(s->held[i], s->db, err) < 0 ? -1 : 0;
    return failed;
}

/* ---- the thread ---- */

/* Kinds are read when something is said about them. */
static void load_kinds(struct store *s, const struct batch *b)
{
    unsigned kinds = 0;
    struct err err;

    for (size_t i = 0; i < b->entity_count; i++)
        kinds |= 1u << b->entities[i].kind;
    for (int kind = 0; kind < GW_KINDS; kind++)
        if (kinds & 1u << kind && state_load(s->state, s->db, kind, &err) < 0)
            notice(s, "attention", err.text);
}

/* Said once of each kind. */
static void notice_room(struct store *s)
{
    enum history_room room = history_room(s->history);
    char text[160];

    if (room <= s->room)
        return;
    s->room = room;
    snprintf(
        text, sizeof(text), "cache: the history holds %d series; %s", HISTORY_MOST_SERIES,
        room == HISTORY_MAKES_ROOM ? "those longest unseen make room for new ones"
                                   : "all are in use, and new ones are not recorded");
    notice(s, "attention", text);
}

static void take(struct store *s, struct batch *b)
{
    /* The roster is the configuration's to know, and the cache knows what it said itself.
     */
    if (b->origin != BATCH_CACHE && b->origin != BATCH_ROSTER) {
        load_kinds(s, b);
        state_merge(s->state, b);
        if (!b->of_now && history_take(s->history, b) > 0 && !s->dropping) {
            s->dropping = true;
            notice(s, "critical",
                   "cache: cannot be written for so long that the oldest "
                   "unwritten history is dropped");
        }
        notice_room(s);
        s->changed = true;
    }
    batch_free(b);
}

static int write_all(struct store *s, size_t most, struct err *err)
{
    bool committed;
    long bytes;

    if (db_run(s->db, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    bytes = state_save(s->state, s->db, most, err);
    committed = bytes >= 0 && save_lent(s, err) == 0 &&
                history_save(s->history, s->db, err) == 0 &&
                kept_save(s->kept, s->db, clock_wall(), err) == 0 &&
                db_run(s->db, "COMMIT", err) == 0;
    state_settle(s->state, committed);
    history_settle(s->history, committed);
    if (!committed) {
        /* A full disk may have rolled back by itself already. */
        (void)db_run(s->db, "ROLLBACK", NULL);
        return -1;
    }
    forget_held(s);
    /* Blocks that did not fit have their turn next time. */
    s->changed = (size_t)bytes >= most || inbox_count(s->lent) > 0;
    return 0;
}

static void save(struct store *s, size_t most)
{
    struct err err;
    char text[sizeof(err.text) + 64];

    if (!s->changed && !kept_waits(s->kept))
        return;
    if (write_all(s, most, &err) < 0) {
        if (!s->failing) {
            snprintf(text, sizeof(text),
                     "%s; keeps what is new in memory and tries again", err.text);
            notice(s, "attention", text);
        }
        s->failing = true;
        return;
    }
    if (s->failing)
        notice(s, "cleared", "cache: is written again");
    s->failing = s->dropping = false;
}

/* The store itself, in its own queue, means: stop. */
static void *run(void *arg)
{
    struct store *s = arg;
    double due = clock_steady() + s->pace_s;
    struct err err;
    void *item;

    if (history_load(s->history, s->db, &err) < 0)
        notice(s, "attention", err.text);
    for (;;) {
        double wait_s = due - clock_steady();

        item = wait_s > 0
                   ? inbox_wait(s->queue, s->changed ? (int)(wait_s * 1e3) + 1 : -1)
                   : inbox_take(s->queue);
        if (item == s)
            break;
        if (item == s->lent)
            s->changed = true;
        else if (item)
            take(s, item);
        if (clock_steady() >= due || (history_presses(s->history) && !s->failing)) {
            save(s, SAVE_BYTES);
            due = clock_steady() + s->pace_s;
        }
    }
    save(s, SIZE_MAX);
    return NULL;
}

void store_start(struct store *s, struct inbox *notices)
{
    s->notices = notices;
    if (!store_writes(s) || s->started)
        return;
    begin_to_lend(s);
    s->started = thread_start(&s->thread, run, s);
    if (!s->started)
        notice(s, "attention", "cache: no thread to write it with; goes on without");
}

void store_put(struct store *s, struct batch *b)
{
    if (!s->started) {
        batch_free(b);
        return;
    }
    b = lent_left_out(b, s->is_lent);
    if (inbox_count(s->queue) < MOST_QUEUED) {
        inbox_put(s->queue, b);
        s->overrun = false;
        return;
    }
    batch_free(b);
    if (!s->overrun)
        notice(s, "attention",
               "cache: the disk is too slow; some of what is new is not kept");
    s->overrun = true;
}

void store_keep(struct store *s, const char *name, void *bytes, size_t size)
{
    if (s->started)
        kept_put(s->kept, name, bytes, size);
    else
        free(bytes);
}

static struct lent *next_of_any(struct store *s)
{
    struct lent *lent = inbox_take(s->lent);

    for (int i = 0; i < LENT_KINDS && !lent; i++)
        lent = s->lends[i].lender ? lender_next(s->lends[i].lender) : NULL;
    return lent;
}

/* All that was told and not written yet; the thread has ended. */
static void save_rest(struct store *s)
{
    struct lent *lent;
    struct err err;
    int failed = db_run(s->db, "BEGIN IMMEDIATE", &err);

    while (!failed && (lent = next_of_any(s))) {
        failed = lent_save(lent, s->db, &err) < 0;
        lent_free(lent);
    }
    if (failed || db_run(s->db, "COMMIT", &err) < 0)
        (void)db_run(s->db, "ROLLBACK", NULL);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->started) {
        inbox_put(s->queue, s);
        pthread_join(s->thread, NULL);
        save_rest(s);
    }
    forget_held(s);
    for (int i = 0; i < LENT_KINDS; i++)
        lender_free(s->lends[i].lender);
    inbox_free(s->lent);
    inbox_free(s->queue);
    state_free(s->state);
    stream_free(s->stream);
    history_free(s->history);
    kept_free(s->kept);
    sqlite3_close(s->db);
    close_lock(s->lock);
    close_lock(s->collector);
    free(s);
}
