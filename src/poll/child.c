/* A program beside us: posix_spawn, two pipes and a pidfd, all in the loop. */
#include "config.h"

#include "poll/child.h"
#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipe_end {
    struct child *child;
    int fd;
    struct watch *watch;
    void (*take)(void *arg, const char *text, size_t len);
};

struct child {
    struct pipe_end out, err;
    pid_t pid;
    int pidfd;
    struct watch *exited;
    const struct child_events *events;
    void *arg;
    int busy; /* inside a call to events: child_end() only marks */
    bool gone;
};

static void pipe_close(struct pipe_end *p)
{
    watch_end(p->watch);
    p->watch = NULL;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static void child_free(struct child *c)
{
    struct pollfd dead = { .fd = c->pidfd, .events = POLLIN };

    pipe_close(&c->out);
    pipe_close(&c->err);
    watch_end(c->exited);
    if (c->pid > 0) {
        kill(-c->pid, SIGKILL);
        kill(c->pid, SIGKILL);
        /* A killed process is gone at once, unless the kernel holds it on a dead disk:
         * that one must not hold us, too, and stays a zombie. */
        poll(&dead, 1, 50);
        waitpid(c->pid, NULL, WNOHANG);
    }
    if (c->pidfd >= 0)
        close(c->pidfd);
    free(c);
}

static bool leave(struct child *c)
{
    if (--c->busy > 0 || !c->gone)
        return !c->gone;
    child_free(c);
    return false;
}

/* Reads what is there now, at most one pipe's worth, so that a talkative child cannot
 * keep the loop. False: the child is gone. */
static bool pipe_drain(struct pipe_end *p)
{
    struct child *c = p->child;
    char buf[16384];
    ssize_t n = 0;

    c->busy++;
    for (int i = 0; i < 4 && p->fd >= 0 && !c->gone; i++) {
        n = read(p->fd, buf, sizeof(buf));
        if (n <= 0)
            break;
        if (p->take)
            p->take(c->arg, buf, (size_t)n);
        explicit_bzero(buf, (size_t)n); /* it may have been a secret */
    }
    if (!c->gone && (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)))
        pipe_close(p);
    return leave(c);
}

static void on_pipe(void *arg, uint32_t events)
{
    (void)events;
    pipe_drain(arg);
}

static int shell_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void on_exit_of(void *arg, uint32_t events)
{
    struct child *c = arg;
    int status = 0;

    (void)events;
    /* Before it is reaped, for afterwards the group's number may be another's. */
    kill(-c->pid, SIGHUP);
    if (waitpid(c->pid, &status, WNOHANG) != c->pid)
        return;
    c->pid = 0;
    watch_end(c->exited);
    c->exited = NULL;
    c->busy++;
    if (pipe_drain(&c->out) && pipe_drain(&c->err) && c->events->ended)
        c->events->ended(c->arg, shell_status(status));
    leave(c);
}

static int pipe_open(struct child *c, struct pipe_end *p, struct loop *l, int *far_end,
                     void (*take)(void *arg, const char *text, size_t len))
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *p = (struct pipe_end){ .child = c, .fd = ends[0], .take = take };
    p->watch = loop_watch(l, p->fd, EPOLLIN, on_pipe, p);
    *far_end = ends[1];
    return 0;
}

/* The signals that we ignore or block are the child's again. */
static void own_signals(posix_spawnattr_t *how)
{
    sigset_t all, none;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(how);
    posix_spawnattr_setsigmask(how, &none);
    posix_spawnattr_setsigdefault(how, &all);
    posix_spawnattr_setflags(how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF);
}

/* ---- the environment ---- */

/* Names of variables that are kept from children; borrowed. Of one loop. */
struct hidden {
    const char **names;
    size_t count, room;
};

static const char hidden_key;

static void *hidden_new(struct loop *l)
{
    (void)l;
    return xcalloc(1, sizeof(struct hidden));
}

static void hidden_free(void *kept)
{
    struct hidden *h = kept;

    free(h->names);
    free(h);
}

static struct hidden *hidden_of(struct loop *l)
{
    return loop_keep(l, &hidden_key, hidden_new, hidden_free);
}

void child_hide(struct loop *l, const char *variable)
{
    struct hidden *h = hidden_of(l);

    h->names = xgrow(h->names, &h->room, h->count + 1, sizeof(*h->names));
    h->names[h->count++] = variable;
}

static bool is_hidden(const struct hidden *h, const char *entry)
{
    size_t len = strcspn(entry, "=");

    for (size_t i = 0; i < h->count; i++)
        if (strlen(h->names[i]) == len && memcmp(h->names[i], entry, len) == 0)
            return true;
    return false;
}

static bool is_named_by(const char *const variables[], const char *entry)
{
    size_t len = strcspn(entry, "=") + 1;

    for (; *variables; variables++)
        if (strncmp(*variables, entry, len) == 0)
            return true;
    return false;
}

/* The caller frees the list, not what it names. */
static char **child_environment(const struct hidden *h, const char *const variables[])
{
    size_t count = 0, more = 0, kept = 0;
    char **list;

    while (environ[count])
        count++;
    while (variables[more])
        more++;
    list = xcalloc(count + more + 1, sizeof(*list));
    for (; kept < more; kept++)
        /* posix_spawn does not write there */
        list[kept] = (char *)(uintptr_t)variables[kept];
    for (size_t i = 0; i < count; i++)
        if (!is_hidden(h, environ[i]) && !is_named_by(variables, environ[i]))
            list[kept++] = environ[i];
    return list;
}

/* ---- starting ---- */

static int spawn(struct child *c, const char *const argv[], char *const variables[],
                 int in, int out, int errors)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    char *const *args =
        (char *const *)(uintptr_t)argv; /* posix_spawn does not write there */
    int trouble;

    own_signals(&how);
    posix_spawn_file_actions_init(&files);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    trouble = posix_spawnp(&c->pid, argv[0], &files, &how, args, variables);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    if (trouble)
        c->pid = 0;
    return trouble;
}

struct child *child_start(struct loop *l, const char *const argv[], int socket,
                          const struct child_events *events, void *arg, struct err *err)
{
    static const char *const none[] = { NULL };

    return child_start_with(l, argv, none, socket, events, arg, err);
}

struct child *child_start_with(struct loop *l, const char *const argv[],
                               const char *const variables[], int socket,
                               const struct child_events *events, void *arg,
                               struct err *err)
{
    struct child *c = xcalloc(1, sizeof(*c));
    char **all = child_environment(hidden_of(l), variables);
    int out = -1, errors = -1, trouble = 0;

    c->events = events;
    c->arg = arg;
    c->out.fd = c->err.fd = c->pidfd = -1;
    if ((socket < 0 && pipe_open(c, &c->out, l, &out, events->output) != 0) ||
        pipe_open(c, &c->err, l, &errors, events->complaint) != 0)
        trouble = errno;
    if (!trouble)
        trouble = spawn(c, argv, all, socket, socket < 0 ? out : socket, errors);
    free(all);
    if (!trouble && (c->pidfd = pidfd_open(c->pid, 0)) < 0)
        trouble = errno;
    if (out >= 0)
        close(out);
    if (errors >= 0)
        close(errors);
    if (trouble) {
        err_set(err, "cannot run %s: %s", argv[0], strerror(trouble));
        child_free(c);
        return NULL;
    }
    fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
    c->out.child = c->err.child = c;
    c->exited = loop_watch(l, c->pidfd, EPOLLIN, on_exit_of, c);
    return c;
}

void child_hear(struct child *c)
{
    pipe_drain(&c->err);
}

void child_end(struct child *c)
{
    if (!c)
        return;
    c->gone = true;
    if (c->busy == 0)
        child_free(c);
}
