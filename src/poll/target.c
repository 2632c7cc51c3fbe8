/* One target's life: planned, asked, answered or failed, planned again.
 *
 *     plan -> due -> ask ---> answer -> parse -> batch -> plan (its interval)
 *                     |-----> failed, late ------------> plan (back-off)
 *
 * A link is never closed from inside its own call: it is buried by a timer, right
 * afterwards. */
#include "poll/target.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "poll/url.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AUTH_WAIT_S = 60,
    LONGEST_AUTH_WAIT_S = 600,
    LONGEST_WAIT_S = 60,
    LONGEST_RETRY_S = 86400,
    SILENT_INTERVALS = 3,
    SHORTEST_SILENCE_S = 2,
    LEAST_BETWEEN_S = 5,
    LONG_STREAM = 20 /* answers: such a stream can be trusted to flow */
};

static void due(void *arg);
static void is_late(void *arg);

static void set_timer(struct target *t, struct timer **timer, double at,
                      void (*call)(void *arg))
{
    timer_end(*timer);
    *timer = loop_timer(t->poller->loop, at, call, t);
}

static void end_timer(struct timer **timer)
{
    timer_end(*timer);
    *timer = NULL;
}

/* ---- its link ---- */

static void close_link(struct target *t)
{
    end_timer(&t->burial);
    if (!t->link)
        return;
    t->link->kind->close(t->link);
    free(t->link);
    t->link = NULL;
}

static void bury(void *arg)
{
    close_link(arg);
}

static void bury_link(struct target *t)
{
    if (t->link && !t->burial)
        set_timer(t, &t->burial, 0, bury);
}

static void on_answer(void *arg, int status, const char *text, size_t len,
                      const char *complaint);
static void on_bytes(void *arg, const char *text, size_t len);
static bool on_piece(void *arg, const char *text, size_t len);
static void on_failed(void *arg, const struct err *why);

static void open_link(struct target *t)
{
    static const struct link_events events = {
        .answer = on_answer, .bytes = on_bytes, .piece = on_piece, .failed = on_failed
    };

    if (t->burial)
        close_link(t);
    if (t->link)
        return;
    t->link = xcalloc(1, t->kind->size);
    *t->link = (struct link){
        .kind = t->kind, .target = t->host.config, .loop = t->poller->loop, .events = &events,
        .arg = t, .prompt = t->poller->prompt, .prompt_arg = t->poller->prompt_arg,
        .token_header = t->host.source->source->token_header, .user_header = t->host.source->source->user_header,
    };
    t->kind->open(t->link);
}

/* ---- when ---- */

/* 0.8 to 1.2: thousands of targets that failed together must not come back together. */
static double jitter(struct poller *p)
{
    p->dice ^= p->dice << 13;
    p->dice ^= p->dice >> 7;
    p->dice ^= p->dice << 17;
    return 0.8 + 0.4 * (double)(p->dice >> 11) / 9007199254740992.0;
}

double target_back_off(struct target *t, enum err_code code)
{
    /* Who was let in until now is asked once more, soon: its token may have run out, and
     * is read anew. */
    bool was_let_in = t->polls && t->failed_in_a_row == 1;
    double first = code == ERR_AUTH && !was_let_in ? AUTH_WAIT_S : 1;
    double most = code == ERR_AUTH ? LONGEST_AUTH_WAIT_S : LONGEST_WAIT_S;
    unsigned doublings = t->failed_in_a_row > 10 ? 10 : t->failed_in_a_row - 1;

    return fmin(most, ldexp(first, (int)doublings)) * jitter(t->poller);
}

void target_plan(struct target *t, double at)
{
    t->next_at = at;
    set_timer(t, &t->due, at, due);
}

/* What its source and the server itself want to be spared; 0: nothing. */
static double pace_of(const struct target *t)
{
    return fmax(t->pace_s, t->retry_after_s);
}

double target_interval(const struct target *t)
{
    return fmax(t->host.seen.interval_s, pace_of(t));
}

/* On the grid it began with, so that targets once spread stay spread; a beat that was
 * missed is not made up for. Who wants to be asked more slowly leaves the grid: its
 * answers' time is what counts. */
static void plan_next(struct target *t)
{
    double interval = t->host.seen.interval_s, now = clock_steady();
    double next = t->meant_at + interval;

    if (pace_of(t) > interval)
        next = now + pace_of(t);

    if (next < now)
        next = t->meant_at + interval * ceil((now - t->meant_at) / interval);
    t->meant_at = next;
    target_plan(t, next);
}

static void settle(struct target *t)
{
    struct poller *p = t->poller;

    if (t->settled)
        return;
    t->settled = true;
    if (--p->unsettled == 0 && p->once) {
        report_now(p);
        inbox_put(p->done, p);
    }
}

/* Asked once: closes what it needed and says so. */
static bool is_over(struct target *t)
{
    if (!t->poller->once)
        return false;
    end_timer(&t->due);
    t->next_at = 0;
    bury_link(t);
    settle(t);
    return true;
}

/* ---- what became of it ---- */

static void set_state(struct target *t, enum target_state state, const char *reason)
{
    bool changed = t->state != state || strcmp(t->reason, reason) != 0;

    t->state = state;
    snprintf(t->reason, sizeof(t->reason), "%.*s", (int)sizeof(t->reason) - 1, reason);
    report_change(t, changed);
}

static bool answers(const struct target *t)
{
    return t->state == TARGET_OK || t->state == TARGET_PARTIAL;
}

/* What came, all of it or a part. `missing` as in struct order. */
static void note_answer(struct target *t, size_t entities, double missing,
                        const char *remark)
{
    const char *notice = t->link && !t->burial && t->link->notice ? t->link->notice : "";
    char both[sizeof(t->reason)];

    snprintf(both, sizeof(both), "%s%s%s", notice, *notice && *remark ? "; " : "",
             remark);
    t->polls++;
    t->again = t->failed_in_a_row = 0;
    t->entities = (double)entities;
    t->missing = missing;
    set_state(t, missing == 0 ? TARGET_OK : TARGET_PARTIAL, both);
}

/* How long a poll may take: who asks once waits no longer for one target than for all. */
static double limit_of(const struct target *t)
{
    bool bounded = t->poller->once && t->poller->once_timeout_s > 0;

    return bounded ? fmin(t->timeout_s, t->poller->once_timeout_s) : t->timeout_s;
}

/* How long who sends on its own may be silent. A conversation may have to ask again
 * first. */
static double patience(const struct target *t)
{
    double silence = SILENT_INTERVALS * t->host.seen.interval_s;

    return t->worker ? fmax(silence, t->timeout_s) : fmax(silence, SHORTEST_SILENCE_S);
}

static void put_off_deadline(struct target *t)
{
    set_timer(t, &t->deadline, clock_steady() + patience(t), is_late);
}

static void is_alive(struct target *t, size_t entities, double missing,
                     const char *remark)
{
    if (t->settled)
        return;
    put_off_deadline(t);
    note_answer(t, entities, missing, remark);
}

/* The answer taught the source how to ask: at once, and a stream is opened anew. */
static bool asks_again(struct target *t, int result)
{
    if (result != GW_AGAIN || t->again >= MOST_AGAIN)
        return false;
    t->again++;
    end_timer(&t->deadline);
    if (t->streams)
        bury_link(t);
    t->asking = t->streams = false;
    target_plan(t, clock_steady());
    return true;
}

static void is_answered(struct target *t, int result, size_t entities, double missing,
                        const char *remark)
{
    end_timer(&t->deadline);
    t->asking = false;
    t->latency_s = clock_steady() - t->asked_at;
    if (asks_again(t, result))
        return;
    note_answer(t, entities, missing, remark);
    if (!is_over(t))
        plan_next(t);
}

static void plan_again(struct target *t, enum err_code code)
{
    if (is_over(t))
        return;
    t->meant_at = clock_steady() + fmax(target_back_off(t, code), pace_of(t));
    target_plan(t, t->meant_at);
}

/* With the server's own word on when to come back, which no source needs to read. */
static void set_failed(struct target *t, enum target_state state, const char *why)
{
    char after[32];
    struct err err;

    if (!(t->retry_after_s > 0)) {
        set_state(t, state, why);
        return;
    }
    text_duration(after, sizeof(after), t->retry_after_s);
    err_set(&err, "%s; it wants to be left alone for %s", why, after);
    set_state(t, state, err.text);
}

static void note_failure(struct target *t, enum target_state state, const struct err *why,
                         bool keep_link)
{
    end_timer(&t->deadline);
    if (!t->streams)
        /* who comes back may stream again */
        t->host.seen.no_stream = t->poller->once;
    t->asking = t->streams = false;
    t->stream_len = 0;
    t->again = 0;
    t->failures++;
    t->failed_in_a_row++;
    if (!keep_link)
        bury_link(t);
    set_failed(t, state, why->text);
    plan_again(t, why->code);
}

static void is_down(struct target *t, const struct err *why)
{
    note_failure(t, why->code == ERR_AUTH ? TARGET_REFUSED : TARGET_DOWN, why, false);
}

void target_returned(struct target *t, const struct order *o)
{
    bool was_late = !t->deadline;

    t->worker = NULL;
    t->pace_s = o->pace_s;
    if (o->result != GW_FAILED) {
        is_answered(t, o->result, o->entities, o->missing, o->said.text);
    } else if (was_late) {
        t->asking = false;      /* counted and told when it was */
        plan_again(t, o->said.code);
    } else {
        is_down(t, &o->said);
    }
}

void target_sent(struct target *t, const struct order *o)
{
    /* Whether something is lacking again is known when all was asked. */
    bool stays = o->missing == 0 && t->state == TARGET_PARTIAL;
    char reason[sizeof(t->reason)];

    if (!o->entities && !*o->said.text) {
        if (!t->settled)
            put_off_deadline(t);        /* it is at work, and has said nothing yet */
        return;
    }
    if (!t->polls || !answers(t))
        t->latency_s = clock_steady() - t->asked_at;
    snprintf(reason, sizeof(reason), "%s", stays ? t->reason : o->said.text);
    is_alive(t, o->entities, stays ? t->missing : o->missing, reason);
}

/* It talks, but what it says is of no use: the link stays. */
static void is_useless(struct target *t, const char *why)
{
    struct err err;

    err_set(&err, "%s", why);
    note_failure(t, TARGET_DOWN, &err, !t->streams);
}

static enum link_stage stage_of(const struct target *t)
{
    return t->link && !t->burial && t->kind->stage ? t->kind->stage(t->link)
                                                   : LINK_CONNECTS;
}

/* The command runs, and nothing comes of it, or comes late again and again: a program
 * that writes into a pipe may keep its output until there is much of it. Then it is run
 * for every poll. */
static bool gives_up_stream(struct target *t)
{
    bool flowed = t->stream_answers >= LONG_STREAM;

    if (!t->streams || t->host.seen.no_stream || stage_of(t) != LINK_RUNS)
        return false;
    t->short_streams = flowed ? 0 : t->short_streams + 1;
    if (flowed || (t->stream_answers > 0 && t->short_streams < 2))
        return false;
    t->host.seen.no_stream = true;
    t->asking = t->streams = false;
    t->short_streams = 0;
    end_timer(&t->deadline);
    bury_link(t);
    set_state(t, TARGET_LATE, "its stream says nothing; now it is asked for every poll");
    target_plan(t, clock_steady());
    return true;
}

/* The deadline. Late is who answered until now; who misses it again is down. */
static void is_late(void *arg)
{
    struct target *t = arg;
    struct err err;
    bool was_ok = answers(t);

    if (stage_of(t) == LINK_ASKS_PERSON) {
        set_state(t, t->state, "waits for somebody to type a passphrase");
        set_timer(t, &t->deadline, clock_steady() + SHORTEST_SILENCE_S, is_late);
        return;
    }
    if (gives_up_stream(t))
        return;
    if (t->streams && t->polls && was_ok)
        err_set(&err, "silent for %.3g s; its stream is opened anew",
                patience(t));
    else
        err_set(&err, "no answer within %.3g s", limit_of(t));
    if (t->worker) {
        /* Its worker is not free before poll() returns; the call it waits for is answered
         * now. */
        end_timer(&t->deadline);
        if (t->poller->once && was_ok) {
            /* asked once, it gave what it had; that it would go on is no failure */
            settle(t);
            return;
        }
        t->failures++;
        t->failed_in_a_row++;
        call_failed(t, &err);
        bury_link(t);
        set_state(t, was_ok ? TARGET_LATE : TARGET_DOWN, err.text);
        if (t->poller->once)
            settle(t);
        return;
    }
    worker_forget(t);
    note_failure(t, was_ok ? TARGET_LATE : TARGET_DOWN, &err, false);
}

/* ---- answers ---- */

/* What an operator should know of a target that is well, where its source has nothing to
 * say. */
static void add_remark(struct target *t, const struct batch *b, char *remark, size_t room)
{
    const char *gpu = "";

    if (b->entity_count != t->noted) {
        t->noted = b->entity_count;
        t->also = tellers_note(t->poller->tellers, t, b, &gpu);
        snprintf(t->shared, sizeof(t->shared), "%.79s", gpu);
    }
    if (remark[0])
        return;
    if (t->also && answers(t->also))
        snprintf(remark, room,
                 "%s tells of %s, too: both are one row, with the latest value of either",
                 t->also->host.config->name, t->shared);
    else if (t->host.seen.no_stream && !t->streams && !t->poller->once)
        snprintf(remark, room, "its stream said nothing, so it is asked for every poll");
}

/* Parses one answer and sends what it says. */
static int parse(struct target *t, const char *text, size_t len, size_t *entities,
                 double *missing, char *remark, size_t room)
{
    struct batch *b = batch_new(BATCH_POLL, t->host.config->name, clock_wall());
    struct gw_out out;
    int result;

    host_out_start(&out, &t->host, b);
    result = host_parse(&t->host, text, len, &out);
    *entities = b->entity_count;
    *missing = host_out_missing(&out);
    if (result == GW_FAILED)
        snprintf(remark, room, "%s", out.failure);
    else
        host_out_remark(&out, remark, room);
    b->whole = !out.gaps;
    if (result == GW_FAILED) {
        batch_free(b);
        out.batch = b = batch_new(BATCH_HOST, "", clock_wall());
    }
    host_out_notes(&out);
    if (result != GW_FAILED)
        add_remark(t, b, remark, room);
    if (b->entity_count)
        inbox_put(t->poller->out, b);
    else
        batch_free(b);
    return result;
}

static void on_answer(void *arg, int status, const char *text, size_t len,
                      const char *complaint)
{
    struct target *t = arg;
    char remark[600], ended[400];
    size_t entities;
    double missing;
    struct err err;
    int result;

    t->retry_after_s = fmin(fmax(t->retry_after_s, t->link->retry_after_s),
                            LONGEST_RETRY_S);
    if (t->worker) {
        call_answered(t, status, text, len, complaint);
        return;
    }
    if (!t->asking || t->settled)
        return;
    if (link_judge(t->host.config, t->ask.how, status, len, complaint, &err) < 0) {
        /* A link reads its secrets when it opens: a token that was changed is read
         * anew. */
        note_failure(t, err.code == ERR_AUTH ? TARGET_REFUSED : TARGET_DOWN, &err,
                     err.code != ERR_AUTH);
        return;
    }
    result = parse(t, text, len, &entities, &missing, remark, sizeof(remark));
    link_remark(ended, sizeof(ended), t->ask.how, status, complaint);
    if (result == GW_FAILED)
        is_useless(t, remark);
    else
        is_answered(t, result, entities, missing, ended[0] ? ended : remark);
}

static bool can_hear(struct target *t)
{
    if (inbox_count(t->poller->out) <= MOST_UNREAD)
        return true;
    if (answers(t))
        set_state(t, TARGET_LATE, "the console lags; polls are left out");
    return false;
}

/* Cuts one answer off the stream. False: there is none, or it was the last. */
static bool take_frame(struct target *t, size_t *used)
{
    const struct gw_source *s = t->host.source->source;
    size_t left = t->stream_len - *used, entities;
    size_t len = left ? s->frame(&t->host.seen, t->stream + *used, left) : 0;
    char remark[600];
    double missing;
    int result;

    if (!len || len > left)
        return false;
    if (!can_hear(t)) {
        *used += len;
        return true;
    }
    result = parse(t, t->stream + *used, len, &entities, &missing, remark,
                   sizeof(remark));
    if (result == GW_FAILED)
        is_useless(t, remark);
    if (result == GW_FAILED || asks_again(t, result))
        return false;
    *used += len;
    if (!t->polls || !answers(t))
        t->latency_s = clock_steady() - t->asked_at;
    t->stream_answers++;
    is_alive(t, entities, missing, remark);
    return !is_over(t);
}

static void on_bytes(void *arg, const char *text, size_t len)
{
    struct target *t = arg;
    size_t used = 0;

    if (!t->streams || t->settled)
        return;
    if (len > link_limit(t->link) - t->stream_len) {
        is_useless(t, "an answer in its stream is too large");
        return;
    }
    t->stream = xgrow(t->stream, &t->stream_room, t->stream_len + len + 1, 1);
    memcpy(t->stream + t->stream_len, text, len);
    t->stream_len += len;
    t->stream[t->stream_len] = '\0';
    while (t->streams && take_frame(t, &used))
        continue;
    if (!t->streams || !used)
        return;
    t->stream_len -= used;
    memmove(t->stream, t->stream + used, t->stream_len + 1);
}

static bool on_piece(void *arg, const char *text, size_t len)
{
    return call_piece(arg, text, len);
}

static void on_failed(void *arg, const struct err *why)
{
    struct target *t = arg;

    if (t->worker) {
        bury_link(t);
        call_failed(t, why);
        return;
    }
    if (!t->settled && (t->asking || t->streams))
        is_down(t, why);
    else
        bury_link(t);           /* an idle connection that ended is no failure */
}

/* ---- asking ---- */

/* The call's own limit: its link is of no more use, the poll goes on. */
static void call_is_late(void *arg)
{
    struct target *t = arg;
    struct err err;

    err_set(&err, "no answer within %.3g s", t->call->limit_s);
    bury_link(t);
    call_failed(t, &err);
}

void target_carry(struct target *t, struct call *call)
{
    struct err err;

    t->call = call;
    if (call->limit_s > 0)
        set_timer(t, &t->call_deadline, clock_steady() + call->limit_s, call_is_late);
    if (!t->deadline) {
        err_set(&err, "no answer within %.3g s", limit_of(t));
        call_failed(t, &err);
        return;
    }
    if (!t->kind) {
        err_set(&err, "%s is no URL that can be asked over the network",
                t->host.seen.url);
        call_failed(t, &err);
        return;
    }
    open_link(t);
    /* Opening may have failed at once, and the call with it. */
    if (t->link && !t->burial && t->call)
        (call->in_pieces && t->kind->ask_pieces ? t->kind->ask_pieces
                                                : t->kind->ask)(t->link, call->ask);
}

void target_more(struct target *t)
{
    if (t->link && !t->burial && t->kind->more)
        t->kind->more(t->link);
}

void target_hang_up(struct target *t)
{
    struct err err = { 0 };

    if (!t->call)
        return;
    bury_link(t);
    call_failed(t, &err);
}

static void ask_over_link(struct target *t)
{
    struct gw_out out;
    struct batch *none = batch_new(BATCH_POLL, t->host.config->name, clock_wall());
    int result;

    host_out_start(&out, &t->host, none);
    result = host_ask(&t->host, &t->ask, &out);
    batch_free(none);
    if (result == GW_FAILED) {
        is_useless(t, out.failure);
        return;
    }
    t->streams = t->ask.how == GW_STREAM;
    t->stream_len = t->stream_answers = 0;
    open_link(t);
    if (t->asking && t->link && !t->burial)
        t->kind->ask(t->link, &t->ask);
}

static void due(void *arg)
{
    struct target *t = arg;
    double now = clock_steady();

    end_timer(&t->due);
    t->next_at = 0;
    if (t->asking)
        return;
    if (!can_hear(t)) {
        t->meant_at = now + (t->poller->once ? 0.1 : t->host.seen.interval_s);
        target_plan(t, t->meant_at);
        return;
    }
    t->asking = true;
    t->asked_at = now;
    t->retry_after_s = 0;
    set_timer(t, &t->deadline, now + limit_of(t), is_late);
    if (t->host.source->source->poll)
        worker_talk(t);
    else
        ask_over_link(t);
}

/* Who wants to be left alone is, be it a server that says so or a source that goes by its
 * answers' time: a key asks it no sooner than it would be asked anyhow, unless it failed
 * and does not say until when. By its name a person asks any, but not with a key that is
 * held down, and one that answers at its pace. */
static bool is_spared(const struct target *t, bool by_name)
{
    double now = clock_steady(), since = now - t->asked_at;

    if (pace_of(t) <= 0 || now >= t->meant_at)
        return false;
    if (!by_name && (!t->failed_in_a_row || t->retry_after_s > 0))
        return true;
    return since < LEAST_BETWEEN_S || (!t->failed_in_a_row && since < t->pace_s);
}

void target_ask_now(struct target *t, bool by_name)
{
    if (t->asking || t->poller->once || is_spared(t, by_name))
        return;
    if (t->failed_in_a_row && t->kind && t->kind->ask_person_again)
        t->kind->ask_person_again(t->poller->loop);
    t->failed_in_a_row = 0;
    t->meant_at = clock_steady();
    target_plan(t, t->meant_at);
}

bool target_asks_closely(const struct target *t)
{
    return t->host.source->source->asks_closely && !t->failed_in_a_row &&
           (pace_of(t) <= 0 || clock_steady() >= t->meant_at);
}

/* ---- life ---- */

static int refuse_source(const struct target_config *config, struct err *err)
{
    char known[400] = "", meant[420], shown[81];
    struct url parts;

    url_public(shown, sizeof(shown), config->url ? config->url : "");
    if (!config->source && config->url && url_read(&parts, config->url, err) < 0) {
        err->code = ERR_USAGE;
        return err_wrap(err, "%s", shown);
    }
    for (const struct gw_source *const *s = sources_all(); !config->source && *s; s++)
        if ((*s)->schemes)
            text_add(known, sizeof(known), "%s%s", known[0] ? " " : "", (*s)->schemes);
    if (!config->source) {
        text_meant(meant, sizeof(meant), config->url ? parts.scheme : "", known);
        return err_set_code(err, ERR_USAGE, "no source reads \"%s\"; %s%s or give source:", shown, meant,
                            meant[strlen(meant) - 1] == '?' ? "" : ";");
    }
    for (const struct gw_source *const *s = sources_all(); *s; s++)
        text_add(known, sizeof(known), "%s%s", known[0] ? ", " : "", (*s)->name);
    text_meant(meant, sizeof(meant), config->source, known);
    return err_set_code(err, ERR_USAGE, "unknown source \"%.40s\"; %s", config->source, meant);
}

int target_start(struct target *t, struct poller *p, const struct target_config *config,
                 struct err *err)
{
    const struct gw_source *source = source_of_target(config);
    const struct host_source *host;

    if (!source)
        return refuse_source(config, err);
    if (source->missing)
        return err_set(err, "source %s: this build lacks %s", source->name,
                       source->missing);
    host = host_source(source, err);
    if (!host || link_kind_for(config, &t->kind, err) < 0)
        return -1;
    if (!t->kind && !source->poll)
        return err_set_code(err, ERR_USAGE,
                            "source %s needs a URL that can be asked, such as "
                            "http://, ssh:// or local:",
                            source->name);
    if (host_target_start(&t->host, host, config, err) < 0)
        return -1;
    t->poller = p;
    t->timeout_s = config->timeout_s > 0 ? config->timeout_s : 10;
    t->latency_s = t->entities = t->missing = NAN;
    return 0;
}

void target_halt(struct target *t)
{
    end_timer(&t->due);
    end_timer(&t->deadline);
    end_timer(&t->call_deadline);
    close_link(t);
}

void target_end(struct target *t)
{
    host_target_end(&t->host);
    free(t->stream);
}
