/* Conversations: sources that block have a worker thread each, up to MOST_WORKERS, so
 * that one never holds up another. What they ask of the network goes through the fan-out
 * thread, over the same links as everything else. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/thread.h"
#include "poll/follow.h"
#include "poll/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_PIECES = 32,           /* of an answer, unread; libcurl's have 16 KiB at most */
    MOST_BATCHES = 8,           /* unread by the console: then a conversation waits
                                 * with its next */
    WAITS_US = 2000
};

/* A part of an answer on its way to the worker, which frees it. */
struct piece {
    size_t len;
    char text[];
};

struct worker {
    struct poller *poller;
    pthread_t thread;
    struct inbox *jobs;         /* targets; the worker itself: leave */
    struct inbox *answers;      /* pieces, and at last its call, come back */
    struct target *target;      /* the fan-out thread's: NULL is idle */
    struct gw_out *out;         /* the worker's own: of this poll */
    double until;               /* the worker's own: the deadline of this poll, steady */
    double limit_s;             /* the worker's own: of each call; 0: none of its own */
    struct call call;
    struct follower *follower;
    size_t most;                /* things that one batch of this poll told of */
    bool refused;               /* by key or password: the failure is of that kind */
};

/* ---- on the worker's thread ---- */

static bool is_stopping(struct host_target *h)
{
    struct target *t = (struct target *)h;

    return inbox_count(t->poller->stopping) > 0 || clock_steady() > t->worker->until;
}

/* Who tells of a million things must not fill the memory with batches. */
static void wait_for_reader(struct target *t)
{
    while (inbox_count(t->poller->out) > MOST_BATCHES && !is_stopping(&t->host))
        usleep(WAITS_US);
}

/* A conversation may take minutes: its batch is of the time when it ends, not of a clock
 * that jumped back. */
static void hand_over(struct target *t, struct batch *b)
{
    batch_arrives(b, clock_wall());
    wait_for_reader(t);
    /* After the console began to leave, nobody may be there to take it. */
    if (batch_things(b) && !inbox_count(t->poller->stopping))
        inbox_put(t->poller->out, b);
    else
        batch_free(b);
}

static void send_batch(struct host_target *h, struct gw_out *out)
{
    struct target *t = (struct target *)h;
    struct order o = { ORDER_SENT, .target = t, .entities = batch_things(out->batch),
                       .missing = host_out_missing(out) };

    t->worker->most = o.entities > t->worker->most ? o.entities : t->worker->most;
    host_out_remark(out, o.said.text, sizeof(o.said.text));
    hand_over(t, out->batch);
    host_out_go_on(out, batch_new(BATCH_POLL, h->config->name, clock_wall()));
    t->worker->until = clock_steady() + fmax(t->timeout_s, 3 * h->seen.interval_s);
    order_put(t->poller, o);
}

/* Passes pieces on until the call itself comes back. False: one was refused; the rest is
 * let go. */
static bool take_pieces(struct target *t, const struct host_pieces *pieces)
{
    struct worker *w = t->worker;
    bool taken = true;
    void *item;

    while ((item = inbox_wait(w->answers, -1)) != &w->call) {
        struct piece *piece = item;

        if (piece && taken &&
            pieces->take(pieces->arg, piece->text, piece->len) == GW_FAILED) {
            taken = false;
            order_put(t->poller, (struct order){ ORDER_HANG_UP, .target = t });
        }
        free(piece);
        if (piece && !inbox_count(w->answers))
            order_put(t->poller, (struct order){ ORDER_MORE, .target = t });
    }
    return taken;
}

/* Every call that is put comes back: with its deadline at the latest, and at once when
 * the console leaves. */
static int call_target(struct host_target *h, const struct gw_ask *ask,
                       const struct host_pieces *pieces, struct gw_reply *reply,
                       struct err *err)
{
    struct target *t = (struct target *)h;
    struct worker *w = t->worker;

    free(w->call.text);
    w->call = (struct call){
        .worker = w, .ask = ask, .in_pieces = pieces != NULL, .limit_s = w->limit_s
    };
    order_put(t->poller, (struct order){ ORDER_CALL, .target = t, .call = &w->call });
    if (!take_pieces(t, pieces)) {
        err->text[0] = '\0';
        return -1;
    }
    if (w->call.failed) {
        *err = w->call.err;
        w->refused = err->code == ERR_AUTH;
        return -1;
    }
    *reply = w->call.reply;
    batch_arrives(w->out->batch, clock_wall());
    return 0;
}

static int follow(struct host_target *h, const struct gw_ask *ask, struct err *err)
{
    struct target *t = (struct target *)h;

    return follower_add(t->worker->follower, t, ask, err);
}

static void hear(struct host_target *h, double wait_s, struct gw_line *line)
{
    struct target *t = (struct target *)h;

    follower_hear(t->worker->follower, link_most_bytes(h->config), wait_s, line);
}

static void limit_calls(struct host_target *h, double seconds)
{
    ((struct target *)h)->worker->limit_s = seconds;
}

static const struct host_calls calls = {
    .stopping = is_stopping, .send = send_batch, .call = call_target, .follow = follow, .hear = hear, .limit = limit_calls
};

static int open_and_poll(struct target *t, struct gw_out *out)
{
    const struct gw_source *s = t->host.source->source;

    if (!t->opened && s->open && s->open(&host_api, &t->host.seen, out) == GW_FAILED) {
        if (!out->failure[0])
            snprintf(out->failure, sizeof(out->failure), "%s cannot begin", s->name);
        return GW_FAILED;
    }
    t->opened = true;
    return host_poll(&t->host, out);
}

static void talk(struct worker *w, struct target *t)
{
    struct order o = { .what = ORDER_FINISHED, .target = t, .worker = w };
    struct gw_out out;

    arena_reset(t->host.prints);
    t->host.calls = &calls;
    w->until = clock_steady() + t->timeout_s;
    w->limit_s = 0;
    w->most = 0;
    w->refused = false;
    w->out = &out;
    follower_reset(w->follower);
    host_out_start(&out, &t->host,
                   batch_new(BATCH_POLL, t->host.config->name, clock_wall()));
    o.result = open_and_poll(t, &out);
    o.entities = batch_things(out.batch);
    o.entities = w->most > o.entities ? w->most : o.entities;
    o.pace_s = out.pace_s;
    o.missing = host_out_missing(&out);
    if (o.result == GW_FAILED) {
        err_set_code(&o.said, w->refused || out.refused ? ERR_AUTH : ERR_FAILED, "%s",
                     out.failure);
        /* What it told is of no use; what it found out on the way is. */
        batch_free(out.batch);
        out.batch = batch_new(BATCH_HOST, "", clock_wall());
    } else {
        host_out_remark(&out, o.said.text, sizeof(o.said.text));
        out.batch->whole = !out.gaps;
    }
    host_out_notes(&out);
    hand_over(t, out.batch);
    order_put(t->poller, o);
}

static void *work(void *arg)
{
    struct worker *w = arg;

    for (;;) {
        void *job = inbox_wait(w->jobs, -1);

        if (job == w)
            break;
        if (job)
            talk(w, job);
    }
    order_put(w->poller, (struct order){ ORDER_GONE, .worker = w });
    return NULL;
}

/* ---- on the fan-out thread ---- */

static struct worker *worker_new(struct poller *p)
{
    struct worker *w;

    if (p->worker_count == MOST_WORKERS)
        return NULL;
    w = xcalloc(1, sizeof(*w));
    w->poller = p;
    w->jobs = inbox_new(NULL);
    w->answers = inbox_new(NULL);
    w->follower = follower_new();
    if (!thread_start(&w->thread, work, w)) {
        inbox_free(w->jobs);
        inbox_free(w->answers);
        follower_free(w->follower);
        free(w);
        return NULL;
    }
    p->workers[p->worker_count++] = w;
    return w;
}

static struct worker *find_idle(struct poller *p)
{
    for (size_t i = 0; i < p->worker_count; i++)
        if (!p->workers[i]->target)
            return p->workers[i];
    return worker_new(p);
}

static void give(struct worker *w, struct target *t)
{
    w->target = t;
    t->worker = w;
    memcpy(t->looked_into, t->poller->opened, sizeof(t->looked_into));
    t->host.seen.opened = t->looked_into[0] ? t->looked_into : NULL;
    t->host.seen.opened_kind = t->poller->opened_kind;
    inbox_put(w->jobs, t);
}

void worker_talk(struct target *t)
{
    struct poller *p = t->poller;
    struct worker *w = p->waiting ? NULL : find_idle(p);

    if (w) {
        give(w, t);
        return;
    }
    t->waits = true;
    t->next_waiting = NULL;
    *p->waiting_end = t;
    p->waiting_end = &t->next_waiting;
}

void worker_forget(struct target *t)
{
    struct target **at = &t->poller->waiting;

    if (!t->waits)
        return;
    while (*at != t)
        at = &(*at)->next_waiting;
    *at = t->next_waiting;
    if (t->poller->waiting_end == &t->next_waiting)
        t->poller->waiting_end = at;
    t->waits = false;
}

void worker_finished(const struct order *o)
{
    struct poller *p = o->worker->poller;
    struct target *next = p->waiting;

    o->worker->target = NULL;
    follow_end(o->target, false);
    if (p->leaving) {
        o->target->worker = NULL;
        return;
    }
    target_returned(o->target, o);
    if (next) {
        worker_forget(next);
        give(o->worker, next);
    }
}

static void give_back(struct target *t)
{
    struct call *c = t->call;

    t->call = NULL;
    timer_end(t->call_deadline);
    t->call_deadline = NULL;
    inbox_put(c->worker->answers, c);
}

bool call_piece(struct target *t, const char *text, size_t len)
{
    struct call *c = t->call;
    struct piece *piece;

    if (!c || !c->in_pieces)
        return true;            /* nobody wants it any more */
    if (inbox_count(c->worker->answers) >= MOST_PIECES)
        return false;
    piece = xrealloc(NULL, 1, sizeof(*piece) + len);
    piece->len = len;
    memcpy(piece->text, text, len);
    inbox_put(c->worker->answers, piece);
    return true;
}

void call_answered(struct target *t, int status, const char *text, size_t len,
                   const char *complaint)
{
    struct call *c = t->call;

    if (!c)
        return;
    c->text = xcalloc(len + 1, 1);
    memcpy(c->text, text, len);
    snprintf(c->complaint, sizeof(c->complaint), "%s", complaint);
    c->reply = (struct gw_reply){
        .size = sizeof(c->reply), .status = status, .text = c->text, .len = len, .complaint = c->complaint
    };
    give_back(t);
}

void call_failed(struct target *t, const struct err *why)
{
    if (!t->call)
        return;
    t->call->failed = true;
    t->call->err = *why;
    give_back(t);
}

void workers_leave(struct poller *p)
{
    for (size_t i = 0; i < p->worker_count; i++)
        inbox_put(p->workers[i]->jobs, p->workers[i]);
}

void workers_free(struct poller *p)
{
    for (size_t i = 0; i < p->worker_count; i++) {
        struct worker *w = p->workers[i];

        pthread_join(w->thread, NULL);
        inbox_free(w->jobs);
        inbox_free(w->answers);
        follower_free(w->follower);
        free(w->call.text);
        free(w);
    }
    p->worker_count = 0;
}

void workers_abandon(struct poller *p)
{
    for (size_t i = 0; i < p->worker_count; i++)
        pthread_detach(p->workers[i]->thread);
}
