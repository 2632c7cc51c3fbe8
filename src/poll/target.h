/* Inside the poller: a target with its state, and what the files of the poller share.
 * Everything here belongs to the fan-out thread, unless it says otherwise. */
#ifndef POLL_TARGET_H
#define POLL_TARGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/inbox.h"
#include "poll/host.h"
#include "poll/link.h"
#include "poll/loop.h"
#include "poll/tellers.h"

enum target_state {
    TARGET_CONNECTING,
    TARGET_OK,
    TARGET_PARTIAL,
    TARGET_LATE,
    TARGET_DOWN,
    TARGET_REFUSED
};

enum {
    MOST_WORKERS = 64,          /* conversations that go on at the same time */
    MOST_AGAIN = 4,             /* GW_AGAIN in a row */
    MOST_UNREAD = 256           /* batches the console may leave unread before polls
                                 * are skipped */
};

struct worker;
struct order;
struct stream;                  /* follow.c's */

struct target {
    struct host_target host;    /* first: calls of conversations get back from it. A
                                 * worker's while it talks */
    struct poller *poller;
    const struct link_kind *kind;       /* NULL: needs none */
    struct link *link;
    struct timer *due, *deadline, *burial, *call_deadline;
    /* steady clock; next_at 0: not planned */
    double timeout_s, asked_at, meant_at, next_at;
    double pace_s;              /* its source wants to be asked no sooner; 0: does not
                                 * say */
    double retry_after_s;       /* the server itself wants to be asked no sooner after
                                 * this answer; 0: does not say */
    bool asking, streams, settled;
    unsigned again, failed_in_a_row;
    struct gw_ask ask;
    char *stream;               /* what came and is no whole answer yet */
    size_t stream_len, stream_room;
    unsigned stream_answers, short_streams;
    struct target *also;        /* told of one of its GPUs before it */
    char shared[80];            /* which one */
    size_t noted;               /* entities of the answer that was looked at for that */

    enum target_state state;
    char reason[512];
    double latency_s, entities; /* of the last answer; NAN: none yet */
    double missing;             /* things that it lacks; NAN: not known how many; 0:
                                 * none */
    unsigned long polls, failures;
    bool changed;               /* in the list of rows to report */
    struct target *next_changed;

    struct worker *worker;      /* talks with it now */
    bool waits;                 /* for a worker */
    struct target *next_waiting;
    struct call *call;          /* what its worker waits for */
    struct stream *streams_followed;    /* by its worker */
    bool opened;                /* the worker's: open() was fine */
    char looked_into[256];      /* as its source is shown it; a worker's while it talks */
};

struct poller {
    struct target *targets;
    size_t count;
    struct inbox *out;          /* batches, to the main thread; not ours */
    struct inbox *orders;       /* to the fan-out thread */
    struct inbox *stopping;     /* not empty: everybody leaves. Only ever looked at */
    struct inbox *done;         /* not empty: all that was asked once has settled */
    struct inbox *left;         /* the fan-out thread says goodbye */
    pthread_t thread;
    bool started, once;         /* set before the thread starts */
    double once_timeout_s;
    poll_prompt *prompt;
    void *prompt_arg;

    enum gw_kind opened_kind;   /* what somebody looks into, as conversations are shown
                                 * it */
    char opened[256];

    struct loop *loop;
    struct tellers *tellers;
    struct watch *mail;
    size_t unsettled;
    uint64_t dice;              /* for jitter */

    struct target *changed;     /* whose rows are to be reported */
    struct timer *report;
    bool report_soon;

    struct worker *workers[MOST_WORKERS];
    size_t worker_count, workers_gone;
    struct target *waiting, **waiting_end;
    bool leaving;
    struct timer *patience;
};

/* ---- target.c ---- */
int target_start(struct target *t, struct poller *p, const struct target_config *config,
                 struct err *err);
void target_end(struct target *t);              /* zeroed: fine */
void target_plan(struct target *t, double at);  /* asks at `at`, steady seconds */
/* By name: it was chosen among all, and asked even if its server wants to be left alone
 * for longer. */
void target_ask_now(struct target *t, bool by_name);
/* Opening something in the console is worth a poll at once: its source asks closely, and
 * it neither wanted more time (pace) nor failed and is tried again later. */
bool target_asks_closely(const struct target *t);
/* How long until it is tried again, in seconds: twice as long with each failure in a row,
 * to a bound, and a fifth more or less as the poller's dice fall. */
double target_back_off(struct target *t, enum err_code code);
/* how often it is asked: configured, or slower as its source wants */
double target_interval(const struct target *t);
void target_halt(struct target *t);             /* no more events; closes its link */
/* Its worker came back from poll() with ORDER_FINISHED, or sent one of many answers on
 * the way. */
void target_returned(struct target *t, const struct order *o);
void target_sent(struct target *t, const struct order *o);
/* Asks over the target's link, for its worker; its worker has read the pieces there were;
 * it wants no more of them. */
void target_carry(struct target *t, struct call *call);
void target_more(struct target *t);
void target_hang_up(struct target *t);

/* ---- report.c ---- */
void report_change(struct target *t, bool soon);
void report_now(struct poller *p);

/* ---- worker.c ---- */
/* the worker's until it is put into orders, and again when it comes back */
struct call {
    struct worker *worker;
    const struct gw_ask *ask;
    bool in_pieces;             /* come to the worker before the call does */
    double limit_s;             /* 0: until the poll's deadline */
    struct gw_reply reply;
    char *text, complaint[1024];
    bool failed;
    struct err err;
};

/* lets a worker poll() it, now or when one is free */
void worker_talk(struct target *t);
void worker_forget(struct target *t);           /* it waits no more */
void workers_leave(struct poller *p);
void workers_free(struct poller *p);            /* joins them; all have left */
void workers_abandon(struct poller *p);
/* false: too many are unread */
bool call_piece(struct target *t, const char *text, size_t len);
void call_answered(struct target *t, int status, const char *text, size_t len,
                   const char *complaint);
void call_failed(struct target *t, const struct err *why);

/* What reaches the fan-out thread. */
enum order_what {
    ORDER_ASK,
    ORDER_STOP,
    ORDER_CALL,
    ORDER_MORE,
    ORDER_HANG_UP,
    ORDER_FOLLOW,
    ORDER_OPENED,
    ORDER_SENT,
    ORDER_FINISHED,
    ORDER_GONE
};

struct order {
    enum order_what what;
    struct target *target;      /* ORDER_ASK: NULL is all */
    struct worker *worker;
    struct call *call;
    struct stream *stream;
    int result;                 /* of poll() */
    size_t entities;
    double pace_s;              /* the next one no sooner; 0: as configured */
    double missing;             /* what it lacks; NAN: not known how much; 0: it is
                                 * whole */
    struct err said;            /* failure, or a remark */
    enum gw_kind opened_kind;   /* ORDER_OPENED */
    char opened[256];           /* "": nothing is any more */
};

void order_put(struct poller *p, struct order order);
void worker_finished(const struct order *o);

#endif
