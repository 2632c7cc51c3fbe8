/* A link over SSH: one session per target, a channel per command. How the session comes
 * about is ssh_host.c's business. */
#include "config.h"

#include "poll/link.h"
#include "base/arena.h"
#include "base/clock.h"
#include "poll/complaint.h"
#include "poll/ssh_host.h"
#include "poll/ssh_keys.h"
#include "poll/url.h"

#include <libssh/callbacks.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum stage { IDLE, OPENING, STARTING, RUNNING };

struct ssh_link {
    struct link link;
    struct ssh_host *host;
    struct ssh_user user;
    struct url url;
    struct err why; /* told by the timer: never from inside open() or ask() */
    struct timer *soon;

    enum gw_how how;
    char *command; /* asked for, and not yet answered; NULL */
    enum stage stage;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    char *text;
    size_t len, room;
    bool too_large, closed;
    int status;      /* -1: not told */
    char signal[16]; /* that ended the command, or "" */
    struct complaint complaint;
};

static void drop_channel(struct ssh_link *s)
{
    if (s->channel) {
        ssh_remove_channel_callbacks(s->channel, &s->callbacks);
        ssh_channel_free(s->channel);
    }
    s->channel = NULL;
    s->stage = IDLE;
    s->user.eager = false;
    free(s->command);
    s->command = NULL;
}

/* The last thing a function does: the scheduler closes the link in there. */
static void fail(struct ssh_link *s, const struct err *why)
{
    struct err err = *why;

    drop_channel(s);
    s->link.events->failed(s->link.arg, &err);
}

static void on_soon(void *arg)
{
    struct ssh_link *s = arg;

    timer_end(s->soon);
    s->soon = NULL;
    fail(s, &s->why);
}

static void fail_soon(struct ssh_link *s)
{
    if (!s->soon)
        s->soon = loop_timer(s->link.loop, 0, on_soon, s);
}

/* ---- what libssh calls: only notes ---- */

static int on_data(ssh_session session, ssh_channel channel, void *data, uint32_t len,
                   int is_stderr, void *arg)
{
    struct ssh_link *s = arg;

    (void)session, (void)channel;
    s->user.marked = true;
    if (is_stderr) {
        complaint_add(&s->complaint, data, len);
    } else if (s->len + len > link_limit(&s->link)) {
        s->too_large = true;
    } else {
        s->text = xgrow(s->text, &s->room, s->len + len + 1, 1);
        memcpy(s->text + s->len, data, len);
        s->len += len;
    }
    return (int)len;
}

static void on_status(ssh_session session, ssh_channel channel, int status, void *arg)
{
    struct ssh_link *s = arg;

    (void)session, (void)channel;
    s->status = status;
}

static void on_signal(ssh_session session, ssh_channel channel, const char *signal,
                      int core, const char *message, const char *language, void *arg)
{
    struct ssh_link *s = arg;

    (void)session, (void)channel, (void)core, (void)message, (void)language;
    snprintf(s->signal, sizeof(s->signal), "%s", signal ? signal : "?");
}

static void on_closed(ssh_session session, ssh_channel channel, void *arg)
{
    struct ssh_link *s = arg;

    (void)session, (void)channel;
    s->closed = s->user.marked = true;
}

/* ---- a command ---- */

static void start_channel(struct ssh_link *s)
{
    s->channel = ssh_channel_new(ssh_host_session(s->host));
    s->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = s,
        .channel_data_function = on_data,
        .channel_exit_status_function = on_status,
        .channel_exit_signal_function = on_signal,
        .channel_close_function = on_closed,
    };
    ssh_callbacks_init(&s->callbacks);
    ssh_set_channel_callbacks(s->channel, &s->callbacks);
    s->stage = OPENING;
    s->user.eager = true;
    s->len = 0;
    s->too_large = s->closed = false;
    s->status = -1;
    s->signal[0] = '\0';
    s->complaint = (struct complaint){ 0 };
}

/* 0: go on; 1: wait for the host; -1: it refused. */
static int outcome(struct ssh_link *s, int rc, const char *what)
{
    if (rc == SSH_OK)
        return 0;
    if (rc == SSH_AGAIN)
        return 1;
    return err_set(&s->why, "%s: %s", what, ssh_get_error(ssh_host_session(s->host)));
}

static void advance(struct ssh_link *s)
{
    int rc = 0;

    if (s->stage == OPENING) {
        rc = outcome(s, ssh_channel_open_session(s->channel), "no channel");
        if (rc == 0)
            s->stage = STARTING;
    }
    if (s->stage == STARTING) {
        rc = outcome(s, ssh_channel_request_exec(s->channel, s->command),
                     "cannot run a command");
        if (rc == 0) {
            s->stage = RUNNING;
            s->user.eager = false;
            s->user.marked = true;            /* the whole answer may have come along */
            ssh_channel_send_eof(s->channel); /* its input is empty */
        }
    }
    if (rc < 0)
        fail(s, &s->why);
}

static void finish_stream(struct ssh_link *s)
{
    char line[256];
    struct err err;

    complaint_last(&s->complaint, line);
    if (*line)
        err_set(&err, "%s", line);
    else if (*s->signal)
        err_set(&err, "the stream ended by signal %s", s->signal);
    else if (s->status >= 0)
        err_set(&err, "the stream ended with exit status %d", s->status);
    else
        err_set(&err, "the stream ended");
    fail(s, &err);
}

static void finish_run(struct ssh_link *s)
{
    struct complaint complaint = s->complaint;
    struct err err;
    char *text = s->text;
    size_t len = s->len;
    int status = s->status;

    if (status < 0 && !*s->signal) {
        err_set(&err, "the host closed the channel without an exit status");
        fail(s, &err);
        return;
    }
    if (status < 0) {
        char line[64];

        snprintf(line, sizeof(line), "killed by signal %s\n", s->signal);
        complaint_add(&complaint, line, strlen(line));
        status = 255;
    }
    drop_channel(s);
    /* The next ask, or close(), may come from inside the call: the text is nobody else's
     * meanwhile. */
    s->text = NULL;
    s->len = s->room = 0;
    if (text)
        text[len] = '\0';
    s->link.events->answer(s->link.arg, status, text ? text : "", len, complaint.text);
    free(text);
}

static void on_turn(void *arg)
{
    struct ssh_link *s = arg;
    struct err err;
    char *text;
    size_t len;

    if (s->stage == IDLE)
        return;
    if (s->stage != RUNNING) {
        advance(s);
        return;
    }
    if (s->too_large) {
        link_too_large(&s->link, &err);
        fail(s, &err);
    } else if (s->how == GW_STREAM && s->len > 0) {
        text = s->text;
        len = s->len;
        s->text = NULL;
        s->len = s->room = 0;
        s->user.marked = s->closed; /* its end is told in a turn of its own */
        s->link.events->bytes(s->link.arg, text, len);
        free(text);
    } else if (s->closed && s->how == GW_STREAM) {
        finish_stream(s);
    } else if (s->closed) {
        finish_run(s);
    }
}

static void on_ready(void *arg)
{
    struct ssh_link *s = arg;

    if (s->command && s->stage == IDLE) {
        start_channel(s);
        advance(s);
    }
}

static void on_lost(void *arg, const struct err *why)
{
    struct ssh_link *s = arg;

    drop_channel(s);
    ssh_host_leave(s->host, &s->user);
    s->host = NULL;
    fail(s, why);
}

/* ---- the link ---- */

static void link_ssh_open(struct link *l)
{
    struct ssh_link *s = (struct ssh_link *)l;
    const struct target_config *t = l->target;
    struct ssh_host_how how = {
        .question.file = t->ssh_config,
        .identity = t->identity,
        .password = &t->password,
        .prompt = l->prompt,
        .prompt_arg = l->prompt_arg,
    };

    s->user = (struct ssh_user){
        .ready = on_ready, .turn = on_turn, .lost = on_lost, .arg = s
    };
    if (url_read(&s->url, t->url, &s->why) != 0 ||
        ssh_name_check("host", s->url.host, &s->why) != 0 ||
        (*s->url.user && ssh_name_check("user", s->url.user, &s->why) != 0)) {
        fail_soon(s);
        return;
    }
    how.question.host = s->url.host;
    how.question.user = *s->url.user ? s->url.user : t->user;
    how.question.port = s->url.port;
    s->host = ssh_host_join(l->loop, &how, &s->user);
}

static void link_ssh_ask(struct link *l, const struct gw_ask *ask)
{
    struct ssh_link *s = (struct ssh_link *)l;

    assert(!s->command);
    if (ask->how == GW_GET) {
        err_set(&s->why, "a source that fetches pages cannot be asked over SSH");
        fail_soon(s);
        return;
    }
    s->how = ask->how;
    s->command = xstrdup(ask->command);
    if (s->host && ssh_host_is_ready(s->host)) {
        start_channel(s);
        s->user.marked = true;
        ssh_host_touched(s->host);
    }
}

static void link_ssh_close(struct link *l)
{
    struct ssh_link *s = (struct ssh_link *)l;

    timer_end(s->soon);
    s->soon = NULL;
    drop_channel(s);
    if (s->host)
        ssh_host_leave(s->host, &s->user);
    s->host = NULL;
    free(s->text);
    s->text = NULL;
    s->len = s->room = 0;
}

static enum link_stage link_ssh_stage(const struct link *l)
{
    const struct ssh_link *s = (const struct ssh_link *)l;

    if (s->stage == RUNNING)
        return LINK_RUNS;
    return s->host && ssh_host_waits_for_person(s->host) ? LINK_ASKS_PERSON
                                                         : LINK_CONNECTS;
}

const struct link_kind link_ssh = {
    .name = "ssh",
    .size = sizeof(struct ssh_link),
    .open = link_ssh_open,
    .ask = link_ssh_ask,
    .close = link_ssh_close,
    .stage = link_ssh_stage,
    .ask_person_again = ssh_keys_ask_again,
};
