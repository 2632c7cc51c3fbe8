/* Following: a reader that takes in what the writer of a cache has written, each time it
 * has. Nothing is polled for it, however many follow. */
#include "base/arena.h"
#include "base/thread.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/store.h"
#include "store/stream.h"

#include <stdlib.h>

enum { LOOKS_EVERY_MS = 1000, MOST_UNREAD = 16, WAITS_MS = 2 };

struct follower {
    sqlite3 *db;
    struct stream *stream;
    unsigned kinds;
    struct inbox *out, *stop;
    pthread_t thread;
    bool stopping; /* the thread's own */
};

/* What the reader has not taken yet is memory: no more than a few blocks of it. */
static void give(void *arg, struct batch *b)
{
    struct follower *f = arg;

    while (!f->stopping && inbox_count(f->out) > MOST_UNREAD)
        f->stopping = inbox_wait(f->stop, WAITS_MS) != NULL;
    if (f->stopping)
        batch_free(b);
    else
        inbox_put(f->out, b);
}

/* All kinds of one moment. A piece that cannot be read now may be the next time; that it
 * is damaged was said when the cache was opened. */
static void read_all(struct follower *f)
{
    struct err err;

    if (db_run(f->db, "BEGIN", &err) < 0)
        return;
    for (int i = 0; i < GW_KINDS && !f->stopping; i++)
        if (f->kinds & 1u << state_order[i])
            (void)stream_changes(f->stream, f->db, state_order[i], give, f, &err);
    (void)db_run(f->db, "COMMIT", NULL);
}

static void *run(void *arg)
{
    struct follower *f = arg;
    int64_t seen = -1;
    struct err err;

    while (!f->stopping) {
        int64_t version = seen;

        /* Another number whenever another connection has committed. */
        if (db_number(f->db, "PRAGMA data_version", &version, &err) == 0 &&
            version != seen)
            read_all(f);
        seen = version;
        f->stopping = f->stopping || inbox_wait(f->stop, LOOKS_EVERY_MS) != NULL;
    }
    return NULL;
}

struct follower *store_follow(const char *path, unsigned kinds, struct inbox *out,
                              struct err *err)
{
    sqlite3 *db = schema_read(path, err);
    struct follower *f;

    if (!db)
        return NULL;
    f = xcalloc(1, sizeof(*f));
    f->db = db;
    f->stream = stream_new();
    f->kinds = kinds;
    f->out = out;
    f->stop = inbox_new(NULL);
    if (thread_start(&f->thread, run, f))
        return f;
    err_set(err, "%s: no thread to follow it with", path);
    inbox_free(f->stop);
    stream_free(f->stream);
    sqlite3_close(db);
    free(f);
    return NULL;
}

void store_follow_end(struct follower *f)
{
    if (!f)
        return;
    inbox_put(f->stop, f);
    pthread_join(f->thread, NULL);
    inbox_free(f->stop);
    stream_free(f->stream);
    sqlite3_close(f->db);
    free(f);
}
