/* The pump. What comes from the channel is written to the pair at once, or kept until it
 * takes more; the reader is our own next session, in the same loop, so little is ever
 * kept, unless that waits for somebody to type: the rest stays in the channel, whose
 * window holds up who sends. What comes from the pair goes into the channel as far as its
 * window reaches. */
#include "config.h"

#include "poll/ssh_jump.h"
#include "base/arena.h"

#include <libssh/callbacks.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_KEPT = 256 << 10 };

struct ssh_jump {
    struct loop *loop;
    struct ssh_host *via;
    struct ssh_user user;
    struct arena *arena;
    const char *host;
    unsigned port;
    ssh_channel channel;
    struct ssh_channel_callbacks_struct callbacks;
    int fd; /* our end; -1 before and after */
    struct watch *watch;
    char *kept; /* for the pair, when it was full */
    size_t len, room;
    size_t left; /* bytes that the channel still has */
    bool ended; /* the far host hung up */
    struct err trouble;
    void (*done)(void *arg, int fd, const struct err *why);
    void *arg;
};

static void hang_up(struct ssh_jump *j)
{
    watch_end(j->watch);
    j->watch = NULL;
    if (j->fd >= 0)
        close(j->fd);
    j->fd = -1;
    if (j->channel) {
        ssh_remove_channel_callbacks(j->channel, &j->callbacks);
        ssh_channel_free(j->channel);
    }
    j->channel = NULL;
}

/* ---- from the channel ---- */

static void rewatch(struct ssh_jump *j)
{
    uint32_t events = j->len ? EPOLLOUT : 0;

    if (ssh_channel_window_size(j->channel) > 0)
        events |= EPOLLIN;
    watch_change(j->watch, events);
}

static void write_kept(struct ssh_jump *j)
{
    ssize_t n = j->len ? send(j->fd, j->kept, j->len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

    if (n <= 0)
        return;
    memmove(j->kept, j->kept + n, j->len - (size_t)n);
    j->len -= (size_t)n;
}

static size_t keep(struct ssh_jump *j, const void *bytes, size_t len)
{
    size_t taken = len < MOST_KEPT - j->len ? len : MOST_KEPT - j->len;

    j->kept = xgrow(j->kept, &j->room, j->len + taken + 1, 1);
    memcpy(j->kept + j->len, bytes, taken);
    j->len += taken;
    return taken;
}

static int on_data(ssh_session session, ssh_channel channel, void *data, uint32_t len,
                   int is_stderr, void *arg)
{
    struct ssh_jump *j = arg;
    size_t taken = keep(j, data, len);

    (void)session, (void)channel, (void)is_stderr;
    j->left = len - taken;
    j->user.marked = true;
    return (int)taken;
}

/* What there was no room for comes when there is. No more is asked for than the channel
 * has, so that nothing is read from the network in here. */
static void take_left(struct ssh_jump *j)
{
    char buf[16384];

    while (j->left && j->len < MOST_KEPT) {
        size_t room = MOST_KEPT - j->len, want = j->left < room ? j->left : room;
        int n = ssh_channel_read_nonblocking(
            j->channel, buf, (uint32_t)(want < sizeof(buf) ? want : sizeof(buf)), 0);

        if (n <= 0) {
            j->left = 0;
            return;
        }
        j->left -= (size_t)n;
        keep(j, buf, (size_t)n);
    }
}

static void on_end(ssh_session session, ssh_channel channel, void *arg)
{
    struct ssh_jump *j = arg;

    (void)session, (void)channel;
    j->ended = j->user.marked = true;
}

static int on_window(ssh_session session, ssh_channel channel, uint32_t bytes, void *arg)
{
    (void)session, (void)channel, (void)bytes;
    ((struct ssh_jump *)arg)->user.marked = true;
    return 0;
}

/* ---- from the pair ---- */

static void on_pair(void *arg, uint32_t events)
{
    struct ssh_jump *j = arg;
    char buf[16384];
    size_t room = ssh_channel_window_size(j->channel);
    bool gone = false;  /* who reads the pair */
    ssize_t n;

    if (events & EPOLLOUT) {
        write_kept(j);
        take_left(j);
    }
    if ((events & (EPOLLIN | EPOLLHUP)) && room > 0) {
        n = recv(j->fd, buf, room < sizeof(buf) ? room : sizeof(buf), MSG_DONTWAIT);
        if (n > 0)
            ssh_channel_write(j->channel, buf, (uint32_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            gone = true;
    }
    if (gone || (j->ended && j->len == 0 && !j->left))
        hang_up(j);
    else
        rewatch(j);
    ssh_host_touched(j->via);
}

/* ---- opening ---- */

static void fail(struct ssh_jump *j, const struct err *why)
{
    hang_up(j);
    j->trouble = *why;
    if (j->done) {
        void (*done)(void *, int, const struct err *) = j->done;

        j->done = NULL;
        done(j->arg, -1, &j->trouble);
    }
}

static void hand_over(struct ssh_jump *j)
{
    void (*done)(void *, int, const struct err *) = j->done;
    struct err err;
    int pair[2];

    j->user.eager = false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        err_set(&err, "no socket pair: %s", strerror(errno));
        fail(j, &err);
        return;
    }
    j->fd = pair[0];
    j->watch = loop_watch(j->loop, j->fd, EPOLLIN, on_pair, j);
    j->user.marked = true; /* the far host may have spoken already */
    j->done = NULL;
    done(j->arg, pair[1], NULL);
}

static void try_open(struct ssh_jump *j)
{
    struct err err;
    int rc = ssh_channel_open_forward(j->channel, j->host, (int)j->port, "127.0.0.1", 0);

    if (rc == SSH_AGAIN)
        return;
    if (rc == SSH_OK) {
        hand_over(j);
        return;
    }
    err_set(&err, "jump host %s cannot reach %s:%u: %s", ssh_host_name(j->via), j->host,
            j->port, ssh_get_error(ssh_host_session(j->via)));
    fail(j, &err);
}

static void on_ready(void *arg)
{
    struct ssh_jump *j = arg;

    j->channel = ssh_channel_new(ssh_host_session(j->via));
    j->callbacks = (struct ssh_channel_callbacks_struct){
        .userdata = j,
        .channel_data_function = on_data,
        .channel_eof_function = on_end,
        .channel_close_function = on_end,
        .channel_write_wontblock_function = on_window,
    };
    ssh_callbacks_init(&j->callbacks);
    ssh_set_channel_callbacks(j->channel, &j->callbacks);
    j->user.eager = true;
    try_open(j);
}

static void on_turn(void *arg)
{
    struct ssh_jump *j = arg;

    if (j->user.eager) {
        try_open(j);
        return;
    }
    if (j->fd < 0)
        return;
    write_kept(j);
    take_left(j);
    if (j->ended && j->len == 0 && !j->left)
        hang_up(j);
    else
        rewatch(j);
}

static void on_lost(void *arg, const struct err *why)
{
    struct ssh_jump *j = arg;
    struct err err = *why;

    err_wrap(&err, "jump host %s", ssh_host_name(j->via));
    hang_up(j);
    ssh_host_leave(j->via, &j->user);
    j->via = NULL;
    fail(j, &err);
}

struct ssh_jump *ssh_jump_start(struct loop *l, const struct ssh_host_how *via,
                                const char *host, unsigned port,
                                void (*done)(void *arg, int fd, const struct err *why),
                                void *arg)
{
    struct ssh_jump *j = xcalloc(1, sizeof(*j));

    *j = (struct ssh_jump){
        .loop = l, .arena = arena_new(), .port = port, .fd = -1, .done = done, .arg = arg
    };
    j->host = arena_strdup(j->arena, host);
    j->user = (struct ssh_user){
        .ready = on_ready, .turn = on_turn, .lost = on_lost, .arg = j
    };
    j->via = ssh_host_share(l, via, &j->user);
    return j;
}

void ssh_jump_end(struct ssh_jump *j)
{
    if (!j)
        return;
    hang_up(j);
    if (j->via)
        ssh_host_leave(j->via, &j->user);
    free(j->kept);
    arena_free(j->arena);
    free(j);
}

const struct err *ssh_jump_trouble(const struct ssh_jump *j)
{
    return j && j->trouble.text[0] ? &j->trouble : NULL;
}

bool ssh_jump_waits_for_person(const struct ssh_jump *j)
{
    return j && j->via && ssh_host_waits_for_person(j->via);
}

const struct ssh_host *ssh_jump_via(const struct ssh_jump *j)
{
    return j ? j->via : NULL;
}
