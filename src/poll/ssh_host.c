/* The stages of a connection, one after the other: looked up, reached, greeted (key
 * exchange and host key), logged in, ready. libssh is driven by readiness: its calls
 * return SSH_AGAIN, and are repeated when the descriptor has news. */
#include "config.h"

#include "poll/ssh_host.h"
#include "base/arena.h"
#include "base/clock.h"
#include "poll/child.h"
#include "poll/complaint.h"
#include "poll/ssh_auth.h"
#include "poll/ssh_hostkey.h"
#include "poll/ssh_jump.h"
#include "poll/ssh_lookup.h"
#include "poll/ssh_options.h"
#include "poll/tcp.h"

#include <libssh/callbacks.h>
#include <libssh/server.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* As a user of OpenSSH expects, but shorter than TCP's own patience. */
enum { CONNECT_S = 10, ALIVE_S = 15, UNANSWERED = 3, MAX_DEPTH = 8 };

enum stage { LOOKING_UP, REACHING, GREETING, LOGGING_IN, READY, LOST };

struct ssh_host {
    struct loop *loop;
    struct ssh_host_how how;
    char *key;             /* of a shared one; NULL */
    struct ssh_host *next; /* among the shared ones */
    struct arena *arena;
    enum stage stage;
    struct ssh_user *users, *cursor; /* cursor: next one to be called */
    int busy;                        /* inside step(): freed only at its end */

    struct ssh_lookup *lookup;
    struct ssh_config *config;
    struct tcp *tcp;
    struct ssh_jump *jump;
    struct child *proxy;
    struct complaint complaint; /* the proxy's */

    int fd; /* reached, and not yet libssh's */
    ssh_session session;
    ssh_event event;
    struct ssh_counter_struct counter;
    uint64_t counted; /* bytes that had come in at the last keepalive */
    uint64_t seen;    /* bytes that had come in when users last got their turns */
    int unanswered;
    struct ssh_auth *auth;
    struct watch *watch;
    struct timer *soon, *timer; /* a step that is due; deadline, then keepalive */
    struct err why;
};

static void step(struct ssh_host *h);

/* ---- the end ---- */

static void let_go(struct ssh_host *h)
{
    watch_end(h->watch);
    h->watch = NULL;
    timer_end(h->soon);
    timer_end(h->timer);
    h->soon = h->timer = NULL;
    ssh_auth_free(h->auth);
    h->auth = NULL;
    if (h->event) {
        ssh_event_remove_session(h->event, h->session);
        ssh_event_free(h->event);
    }
    h->event = NULL;
    if (h->session) {
        if (h->stage == READY)
            ssh_disconnect(h->session);
        else
            ssh_silent_disconnect(h->session);
        ssh_free(h->session);
    }
    h->session = NULL;
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
    ssh_lookup_end(h->lookup);
    tcp_end(h->tcp);
    child_end(h->proxy);
    ssh_jump_end(h->jump);
    h->lookup = NULL;
    h->tcp = NULL;
    h->proxy = NULL;
    h->jump = NULL;
}

static const char shared_key;

static void *shared_new(struct loop *l)
{
    (void)l;
    return xcalloc(1, sizeof(struct ssh_host *));
}

static struct ssh_host **shared_of(struct loop *l)
{
    return loop_keep(l, &shared_key, shared_new, free);
}

static void unshare(struct ssh_host *h)
{
    struct ssh_host **at;

    if (!h->key)
        return;
    for (at = shared_of(h->loop); *at != h; at = &(*at)->next)
        ;
    *at = h->next;
    h->key = NULL;
}

static void host_free(struct ssh_host *h)
{
    unshare(h);
    let_go(h);
    ssh_config_free(h->config);
    arena_free(h->arena);
    free(h);
}

/* Every step() begins and ends so; the last user may have left in between. */
static void leave_busy(struct ssh_host *h)
{
    if (--h->busy == 0 && !h->users)
        host_free(h);
}

/* Calls each user once; whoever leaves or comes meanwhile moves the cursor. */
static void each_user(struct ssh_host *h,
                      void (*call)(struct ssh_host *h, struct ssh_user *u))
{
    struct ssh_user *u;

    h->cursor = h->users;
    while ((u = h->cursor)) {
        h->cursor = u->next;
        call(h, u);
    }
}

static void tell_lost(struct ssh_host *h, struct ssh_user *u)
{
    u->lost(u->arg, &h->why);
}

/* Everybody is told, with the session still there so that channels can be freed. */
static void lose(struct ssh_host *h, const struct err *why)
{
    if (h->stage == LOST)
        return;
    h->why = *why;
    h->stage = LOST;
    unshare(h); /* the next who wants it opens it anew */
    h->busy++;
    each_user(h, tell_lost);
    let_go(h);
    leave_busy(h);
}

/* What broke further down the way says more than "closed". */
static void lose_connection(struct ssh_host *h, const char *what)
{
    const struct err *jump = ssh_jump_trouble(h->jump);
    const char *text = h->session ? ssh_get_error(h->session) : "";
    char line[256];
    struct err err;

    if (jump) {
        lose(h, jump);
        return;
    }
    if (h->proxy)
        child_hear(h->proxy);
    complaint_last(&h->complaint, line);
    if (strstr(text, "Success"))
        /* errno of nothing */
        text = h->stage == READY ? "" : "closed by the other side";
    if (*line)
        err_set(&err, "ProxyCommand: %s", line);
    else
        err_set(&err, "%s%s%s", what, *text ? ": " : "", text);
    lose(h, &err);
}

/* ---- deadlines ---- */

bool ssh_host_waits_for_person(const struct ssh_host *h)
{
    return ssh_auth_waits_for_person(h->auth) || ssh_jump_waits_for_person(h->jump);
}

static double connect_s(const struct ssh_host *h)
{
    return h->config && h->config->connect_timeout_s > 0 ? h->config->connect_timeout_s
                                                         : CONNECT_S;
}

static void on_deadline(void *arg)
{
    static const char *const late[] = {
        [LOOKING_UP] = "ssh -G does not answer",
        [REACHING] = "does not answer",
        [GREETING] = "accepts the connection, but does not speak SSH",
        [LOGGING_IN] = "does not answer the login",
    };
    struct ssh_host *h = arg;
    struct err err;

    timer_end(h->timer);
    h->timer = NULL;
    if (ssh_host_waits_for_person(h)) {
        h->timer = loop_timer(h->loop, clock_steady() + connect_s(h), on_deadline, h);
        return;
    }
    err_set(&err, "%s within %g s", late[h->stage], connect_s(h));
    lose(h, &err);
}

static double alive_s(const struct ssh_host *h)
{
    return h->config->alive_interval_s > 0 ? h->config->alive_interval_s : ALIVE_S;
}

/* Any byte that comes is life. */
static void on_alive(void *arg)
{
    struct ssh_host *h = arg;
    struct err err;

    timer_end(h->timer);
    h->timer = NULL;
    h->unanswered = h->counter.in_bytes == h->counted ? h->unanswered + 1 : 0;
    h->counted = h->counter.in_bytes;
    if (h->unanswered > UNANSWERED) {
        err_set(&err, "no answer to %d keepalives in %g s", UNANSWERED,
                UNANSWERED * alive_s(h));
        lose(h, &err);
        return;
    }
    h->timer = loop_timer(h->loop, clock_steady() + alive_s(h), on_alive, h);
    ssh_send_keepalive(h->session);
    step(h);
}

/* ---- watching ---- */

static void on_soon(void *arg)
{
    struct ssh_host *h = arg;

    timer_end(h->soon);
    h->soon = NULL;
    step(h);
}

static void step_soon(struct ssh_host *h)
{
    if (!h->soon)
        h->soon = loop_timer(h->loop, 0, on_soon, h);
}

static void on_session(void *arg, uint32_t events)
{
    (void)events;
    step(arg);
}

static void rewatch(struct ssh_host *h)
{
    uint32_t events = EPOLLIN;

    /* While an agent or a person is asked, libssh is not called, and news would be told
     * again and again. */
    if (!h->session || (h->auth && ssh_auth_is_aside(h->auth))) {
        watch_end(h->watch);
        h->watch = NULL;
        return;
    }
    if (ssh_get_poll_flags(h->session) & SSH_WRITE_PENDING)
        events |= EPOLLOUT;
    if (h->watch)
        watch_change(h->watch, events);
    else
        h->watch = loop_watch(h->loop, ssh_get_fd(h->session), events, on_session, h);
}

/* What one user's call took in may be the answer that another one waits for. */
static bool anyone_waits(const struct ssh_host *h)
{
    bool news = h->counter.in_bytes != h->seen;

    for (const struct ssh_user *u = h->users; u; u = u->next)
        if (u->marked || !u->told || (u->eager && news))
            return true;
    return false;
}

void ssh_host_touched(struct ssh_host *h)
{
    if (h->stage != READY || h->busy)
        return; /* step() looks when it ends */
    if (anyone_waits(h))
        step_soon(h);
    rewatch(h);
}

/* ---- greeting ---- */

static void greet(struct ssh_host *h)
{
    struct err err;

    h->session = ssh_new();
    if (ssh_set_options(h->session, h->config, h->fd, &err) != 0) {
        lose(h, &err);
        return;
    }
    h->fd = -1; /* libssh's from here on */
    ssh_set_blocking(h->session, 0);
    ssh_set_counters(h->session, &h->counter, NULL);
    h->stage = GREETING;
    step(h);
}

static void on_auth(void *arg)
{
    step_soon(arg);
}

static void greeted(struct ssh_host *h)
{
    struct ssh_auth_how how = { .config = h->config,
                                .password = h->how.password,
                                .prompt = h->how.prompt,
                                .prompt_arg = h->how.prompt_arg,
                                .wake = on_auth,
                                .arg = h };
    struct err err;

    if (ssh_hostkey_check(h->config, h->session, h->how.question.file, &err) != 0) {
        lose(h, &err);
        return;
    }
    h->auth = ssh_auth_new(h->loop, h->session, &how);
    h->stage = LOGGING_IN;
}

static void keep_greeting(struct ssh_host *h)
{
    int rc = ssh_connect(h->session);

    if (rc == SSH_ERROR)
        lose_connection(h, "no SSH server answers at this port");
    else if (rc == SSH_OK)
        greeted(h);
}

static void keep_logging_in(struct ssh_host *h)
{
    struct err err;

    switch (ssh_auth_step(h->auth, &err)) {
    case SSH_AUTH_GOES_ON:
        return;
    case SSH_AUTH_REFUSED:
        if (err.code == ERR_AUTH)
            lose(h, &err);
        else
            lose_connection(h, err.text);
        return;
    case SSH_AUTH_ACCEPTED:
        break;
    }
    ssh_auth_free(h->auth);
    h->auth = NULL;
    h->event = ssh_event_new();
    ssh_event_add_session(h->event, h->session);
    h->stage = READY;
    timer_end(h->timer);
    h->timer = loop_timer(h->loop, clock_steady() + alive_s(h), on_alive, h);
}

/* ---- ready ---- */

/* libssh reads one buffer at a time, and what it has read is told by nobody: until
 * nothing more comes. */
static void take_in(struct ssh_host *h)
{
    uint64_t before;
    int rounds = 32; /* then the others' turn; the descriptor is still ready */

    do {
        before = h->counter.in_bytes;
        if (ssh_event_dopoll(h->event, 0) == SSH_ERROR || !ssh_is_connected(h->session)) {
            lose_connection(h, "connection closed");
            return;
        }
    } while (h->counter.in_bytes != before && --rounds > 0);
}

static void give_turn(struct ssh_host *h, struct ssh_user *u)
{
    if (h->stage != READY)
        return;
    if (!u->told) {
        u->told = true;
        u->ready(u->arg);
    } else if (u->marked || u->eager) {
        u->marked = false;
        u->turn(u->arg);
    }
}

static void keep_ready(struct ssh_host *h)
{
    take_in(h);
    h->seen = h->counter.in_bytes;
    if (h->stage == READY)
        each_user(h, give_turn);
    if (h->stage == READY && anyone_waits(h))
        step_soon(h);
}

static void step(struct ssh_host *h)
{
    h->busy++;
    if (h->stage == GREETING)
        keep_greeting(h);
    if (h->stage == LOGGING_IN)
        keep_logging_in(h);
    if (h->stage == READY)
        keep_ready(h);
    if (h->stage != LOST)
        rewatch(h);
    leave_busy(h);
}

/* ---- reaching ---- */

static void on_reached(void *arg, int fd, const struct err *why)
{
    struct ssh_host *h = arg;

    if (fd < 0) {
        lose(h, why);
        return;
    }
    h->fd = fd;
    greet(h);
}

static void on_proxy_complaint(void *arg, const char *text, size_t len)
{
    complaint_add(&((struct ssh_host *)arg)->complaint, text, len);
}

static const struct child_events proxy_events = { .complaint = on_proxy_complaint };

static int start_proxy(struct ssh_host *h, struct err *err)
{
    const char *line = arena_printf(h->arena, "exec %s", h->config->proxy_command);
    const char *argv[] = { "/bin/sh", "-c", line, NULL };
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return err_set(err, "no socket pair: %s", strerror(errno));
    h->proxy = child_start(h->loop, argv, pair[1], &proxy_events, h, err);
    close(pair[1]);
    h->fd = pair[0];
    return h->proxy ? 0 : -1;
}

static const char *shared_name(struct arena *a, const struct ssh_host_how *how)
{
    const struct ssh_question *q = &how->question;

    return arena_printf(a, "%s\n%s\n%s\n%u\n%s", q->file ? q->file : "", q->host,
                        q->user ? q->user : "", q->port, how->jump ? how->jump : "");
}

static struct ssh_host *find_shared(struct loop *l, const char *key)
{
    struct ssh_host *h = *shared_of(l);

    while (h && strcmp(h->key, key) != 0)
        h = h->next;
    return h;
}

/* Would the way through `via` lead back to h? It would wait for itself. */
static bool goes_round(const struct ssh_host *h, const struct ssh_host *via)
{
    while (via && via != h)
        via = ssh_jump_via(via->jump);
    return via != NULL;
}

/* The last hop is the one that opens the way to us; those before it lead to that one. */
static int start_jump(struct ssh_host *h, const char *hops, struct err *err)
{
    const char *comma = strrchr(hops, ','), *last = comma ? comma + 1 : hops;
    struct ssh_host_how via = {
        .question.file = h->how.question.file,
        .prompt = h->how.prompt,
        .prompt_arg = h->how.prompt_arg,
        .depth = h->how.depth + 1,
    };

    if (comma)
        via.jump = arena_strndup(h->arena, hops, (size_t)(comma - hops));
    if (ssh_hop_parse(h->arena, last, strlen(last), &via.question, err) != 0)
        return -1;
    if (via.depth > MAX_DEPTH ||
        goes_round(h, find_shared(h->loop, shared_name(h->arena, &via))))
        return err_set(err, "ProxyJump goes round in circles, at %s", via.question.host);
    h->jump = ssh_jump_start(h->loop, &via, h->config->hostname, h->config->port,
                             on_reached, h);
    return 0;
}

static int reach(struct ssh_host *h, struct err *err)
{
    const char *hops = h->how.jump ? h->how.jump : h->config->proxy_jump;

    if (h->config->unsupported)
        return err_set(err, "%s is not supported here; use transport: openssh",
                       h->config->unsupported);
    h->stage = REACHING;
    if (hops)
        return start_jump(h, hops, err);
    if (h->config->proxy_command)
        return start_proxy(h, err);
    h->tcp = tcp_start(h->loop, h->config->hostname, h->config->port, on_reached, h);
    return 0;
}

static void on_looked_up(void *arg, struct ssh_config *c, const struct err *why)
{
    struct ssh_host *h = arg;
    struct err err;

    ssh_lookup_end(h->lookup);
    h->lookup = NULL;
    if (!c) {
        lose(h, why);
        return;
    }
    h->config = c;
    if (h->how.identity)
        ssh_config_add_identity(c, h->how.identity);
    timer_end(h->timer);
    h->timer = loop_timer(h->loop, clock_steady() + connect_s(h), on_deadline, h);
    if (reach(h, &err) != 0)
        lose(h, &err);
    else if (h->fd >= 0)
        greet(h); /* a ProxyCommand is there at once */
}

/* ---- users ---- */

static void copy_how(struct ssh_host *h, const struct ssh_host_how *how)
{
    struct arena *a = h->arena;
    const char **strings[] = { &h->how.question.file, &h->how.question.host,
                               &h->how.question.user, &h->how.jump, &h->how.identity };

    h->how = *how;
    for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
        if (*strings[i])
            *strings[i] = arena_strdup(a, *strings[i]);
}

static void add_user(struct ssh_host *h, struct ssh_user *user)
{
    user->told = user->marked = user->eager = false;
    user->next = h->users;
    h->users = user;
}

struct ssh_host *ssh_host_join(struct loop *l, const struct ssh_host_how *how,
                               struct ssh_user *user)
{
    struct ssh_host *h = xcalloc(1, sizeof(*h));

    *h = (struct ssh_host){ .loop = l, .arena = arena_new(), .fd = -1 };
    copy_how(h, how);
    add_user(h, user);
    h->timer = loop_timer(l, clock_steady() + CONNECT_S, on_deadline, h);
    h->lookup = ssh_lookup_start(l, &h->how.question, on_looked_up, h);
    return h;
}

struct ssh_host *ssh_host_share(struct loop *l, const struct ssh_host_how *how,
                                struct ssh_user *user)
{
    struct arena *a = arena_new();
    const char *key = shared_name(a, how);
    struct ssh_host *h = find_shared(l, key), **first = shared_of(l);

    if (h) {
        add_user(h, user);
        if (h->stage == READY)
            step_soon(h);
    } else {
        h = ssh_host_join(l, how, user);
        h->key = arena_strdup(h->arena, key);
        h->next = *first;
        *first = h;
    }
    arena_free(a);
    return h;
}

void ssh_host_leave(struct ssh_host *h, struct ssh_user *user)
{
    struct ssh_user **at;

    for (at = &h->users; *at != user; at = &(*at)->next)
        ;
    *at = user->next;
    if (h->cursor == user)
        h->cursor = user->next;
    if (!h->users && !h->busy)
        host_free(h);
    else
        ssh_host_touched(h);
}

bool ssh_host_is_ready(const struct ssh_host *h)
{
    return h->stage == READY;
}

ssh_session ssh_host_session(const struct ssh_host *h)
{
    return h->session;
}

const char *ssh_host_name(const struct ssh_host *h)
{
    return h->how.question.host;
}
