/* The poller: its fan-out thread, the orders it takes, and how it starts and leaves. */
#include "poll/poll.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "poll/child.h"
#include "poll/follow.h"
#include "poll/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static const double PATIENCE_S = 1.5;   /* with workers that do not come back */

/* ---- orders ---- */

void order_put(struct poller *p, struct order order)
{
    struct order *o = xcalloc(1, sizeof(*o));

    *o = order;
    inbox_put(p->orders, o);
}

static void leave(void *arg)
{
    loop_stop(((struct poller *)arg)->loop);
}

static void begin_to_leave(struct poller *p)
{
    struct err err;

    p->leaving = true;
    err_set(&err, "the console leaves");
    timer_end(p->report);
    p->report = NULL;
    for (size_t i = 0; i < p->count; i++) {
        call_failed(&p->targets[i], &err);
        follow_end(&p->targets[i], true);
        target_halt(&p->targets[i]);
    }
    workers_leave(p);
    if (p->worker_count)
        p->patience = loop_timer(p->loop, clock_steady() + PATIENCE_S, leave, p);
    else
        leave(p);
}

static void carry(struct target *t, struct call *call)
{
    struct err err;

    if (!t->poller->leaving) {
        target_carry(t, call);
        return;
    }
    t->call = call;
    err_set(&err, "the console leaves");
    call_failed(t, &err);
}

/* Who can tell more of it is asked at once. */
static void note_opened(struct poller *p, const struct order *o)
{
    p->opened_kind = o->opened_kind;
    memcpy(p->opened, o->opened, sizeof(p->opened));
    for (size_t i = 0; i < p->count && !p->leaving && p->opened[0]; i++)
        if (target_asks_closely(&p->targets[i]))
            target_ask_now(&p->targets[i], false);
}

static void obey(struct poller *p, const struct order *o)
{
    switch (o->what) {
    case ORDER_ASK:
        for (size_t i = 0; i < p->count && !p->leaving; i++)
            if (!o->target || o->target == &p->targets[i])
                target_ask_now(&p->targets[i], o->target != NULL);
        break;
    case ORDER_STOP:
        begin_to_leave(p);
        break;
    case ORDER_CALL:
        carry(o->target, o->call);
        break;
    case ORDER_MORE:
        target_more(o->target);
        break;
    case ORDER_OPENED:
        note_opened(p, o);
        break;
    case ORDER_HANG_UP:
        target_hang_up(o->target);
        break;
    case ORDER_FOLLOW:
        follow_begin(o->stream);
        break;
    case ORDER_SENT:
        if (!p->leaving)
            target_sent(o->target, o);
        break;
    case ORDER_FINISHED:
        worker_finished(o);
        break;
    case ORDER_GONE:
        if (++p->workers_gone == p->worker_count && p->leaving)
            leave(p);
        break;
    }
}

static void take_orders(void *arg, uint32_t events)
{
    struct poller *p = arg;
    struct order *o;

    (void)events;
    while ((o = inbox_take(p->orders))) {
        obey(p, o);
        free(o);
    }
}

/* ---- the fan-out thread ---- */

/* The first polls are spread, so that thousands of targets do not connect in one moment;
 * a few are asked at once. */
static void plan_all(struct poller *p)
{
    double now = clock_steady();

    for (size_t i = 0; i < p->count; i++) {
        struct target *t = &p->targets[i];
        double spread = fmin(t->host.seen.interval_s, (double)p->count / 1000);

        if (p->once && p->once_timeout_s > 0)
            spread = fmin(spread, p->once_timeout_s / 4);
        t->meant_at = now + spread * (double)i / (double)p->count;
        target_plan(t, t->meant_at);
        report_change(t, true);
    }
    report_now(p); /* who is waited for is known before the first answers */
    if (p->once && !p->count)
        inbox_put(p->done, p);
}

static void *fan_out(void *arg)
{
    struct poller *p = arg;

    p->mail = loop_watch(p->loop, inbox_fd(p->orders), EPOLLIN, take_orders, p);
    plan_all(p);
    loop_run(p->loop);
    timer_end(p->patience);
    watch_end(p->mail);
    inbox_put(p->left, p);
    return NULL;
}

/* Every target needs a descriptor or a few. */
static void raise_limit(size_t targets)
{
    struct rlimit limit;
    rlim_t want = targets * 4 + 256;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
        return;
    limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        log_line("poll: %zu targets may be more than the open files allowed here: %m",
                 targets);
}

/* ---- what others call ---- */

static void poller_free(struct poller *p)
{
    for (size_t i = 0; i < p->count; i++)
        target_end(&p->targets[i]);
    loop_free(p->loop);
    tellers_free(p->tellers);
    inbox_free(p->orders);
    inbox_free(p->stopping);
    inbox_free(p->done);
    inbox_free(p->left);
    free(p->targets);
    free(p);
}

static void hide_secrets(struct poller *p, const struct target_config *config)
{
    const struct secret *secrets[] = { &config->password, &config->token };

    for (int i = 0; i < 2; i++)
        if (secrets[i]->from == SECRET_ENVIRONMENT)
            child_hide(p->loop, secrets[i]->where);
}

struct poller *poller_new(const struct target_config *targets, size_t count,
                          struct inbox *out, struct err *err)
{
    struct poller *p = xcalloc(1, sizeof(*p));

    p->out = out;
    p->targets = xcalloc(count, sizeof(*p->targets));
    p->orders = inbox_new(free);
    p->stopping = inbox_new(NULL);
    p->done = inbox_new(NULL);
    p->left = inbox_new(NULL);
    p->tellers = tellers_new();
    p->loop = loop_new();
    if (!p->loop) {
        err_set(err, "polling needs a descriptor, and there is none left: %m");
        poller_free(p);
        return NULL;
    }
    p->waiting_end = &p->waiting;
    p->dice = (uint64_t)(clock_steady() * 1e9) | 1;
    while (p->count < count) {
        const struct target_config *config = &targets[p->count];

        if (target_start(&p->targets[p->count], p, config, err) < 0) {
            err_wrap(err, "%s%s%s", config->origin ? config->origin : "",
                     config->origin ? ": " : "", config->name);
            poller_free(p);
            return NULL;
        }
        hide_secrets(p, config);
        p->count++;
    }
    p->unsettled = count;
    return p;
}

void poller_knows_past(struct poller *p, size_t target, double since, double until)
{
    p->targets[target].host.seen.known_since = since;
    p->targets[target].host.seen.known_until = until;
}

void poller_looks_back(struct poller *p)
{
    for (size_t i = 0; i < p->count; i++)
        p->targets[i].host.seen.looks_back = true;
}

void poller_start(struct poller *p)
{
    raise_limit(p->count);
    p->started = thread_start(&p->thread, fan_out, p);
    if (!p->started)
        log_line("poll: no thread could be started; nothing is polled");
}

void poller_start_once(struct poller *p, double timeout_s)
{
    p->once = true;
    p->once_timeout_s = timeout_s;
    for (size_t i = 0; i < p->count; i++)
        p->targets[i].host.seen.no_stream = true;
    poller_start(p);
}

bool poller_done(const struct poller *p)
{
    return !p->started || inbox_count(p->done) > 0;
}

void poller_ask_now(struct poller *p, const char *target)
{
    for (size_t i = 0; target && i < p->count; i++)
        if (strcmp(p->targets[i].host.config->name, target) == 0) {
            order_put(p, (struct order){ ORDER_ASK, .target = &p->targets[i] });
            return;
        }
    if (!target)
        order_put(p, (struct order){ ORDER_ASK });
}

void poller_opened(struct poller *p, enum gw_kind kind, const char *name)
{
    struct order o = { .what = ORDER_OPENED, .opened_kind = kind };

    snprintf(o.opened, sizeof(o.opened), "%s", name ? name : "");
    order_put(p, o);
}

void poll_set_prompt(struct poller *p, poll_prompt *prompt, void *arg)
{
    p->prompt = prompt;
    p->prompt_arg = arg;
}

/* What conversations opened. Their threads are gone, so this is the only one that talks
 * to them. */
static void close_conversations(struct poller *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct host_target *h = &p->targets[i].host;

        h->calls = NULL;
        if (p->targets[i].opened && h->source->source->close)
            h->source->source->close(&host_api, &h->seen);
    }
}

bool poller_stop(struct poller *p)
{
    if (!p)
        return true;
    if (p->started) {
        inbox_put(p->stopping, p);
        order_put(p, (struct order){ ORDER_STOP });
        if (!inbox_wait(p->left, 2000)) {
            log_line("poll: the polling thread does not come back; leaving without it");
            return false;
        }
        pthread_join(p->thread, NULL);
        if (p->workers_gone < p->worker_count) {
            /* What they may still touch is left to the end of the program. */
            workers_abandon(p);
            log_line("poll: %zu sources do not come back; leaving without them",
                     p->worker_count - p->workers_gone);
            return false;
        }
        workers_free(p);
        close_conversations(p);
    }
    poller_free(p);
    return true;
}
