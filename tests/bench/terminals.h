/* Programs as they are met through a terminal: started on one, heard, and what they take
 * meanwhile. */
#ifndef TESTS_BENCH_TERMINALS_H
#define TESTS_BENCH_TERMINALS_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/figures.h"

enum { COLS = 200, ROWS = 60, MOST_ARGS = 12 };

static inline void die(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

struct child {
    pid_t pid;
    int fd; /* its terminal, or its standard output */
    double started;
    size_t bytes; /* it has written */
};

/* Fills `args` up to NULL: the program, then the words of one line. */
static inline void split(char *line, char *args[MOST_ARGS])
{
    size_t count = 0;

    for (char *word = line; word && count + 1 < MOST_ARGS;) {
        char *end = strchr(word, '|');

        if (end)
            *end++ = '\0';
        args[count++] = word;
        word = end;
    }
    args[count] = NULL;
}

static inline void become(const char *command)
{
    char line[512], *args[MOST_ARGS];

    snprintf(line, sizeof(line), "%s", command);
    split(line, args);
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("XDG_CONFIG_HOME", "/proc/none", 1);
    setenv("XDG_CACHE_HOME", "/proc/none", 1);
    execvp(args[0], args);
    _exit(127);
}

/* `command`: the words of a command line, with | between them. */
static inline struct child start_on_terminal(const char *command)
{
    struct winsize size = { .ws_row = ROWS, .ws_col = COLS };
    struct child c = { .started = now() };

    c.pid = forkpty(&c.fd, NULL, NULL, &size);
    if (c.pid < 0)
        die("forkpty");
    if (c.pid == 0)
        become(command);
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    return c;
}

static inline void stop(struct child *c)
{
    kill(c->pid, SIGTERM);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(c->fd);
}

/* What it wrote, if anything came within wait_ms; 0: nothing. */
static inline size_t hear(struct child *c, char *to, size_t room, int wait_ms)
{
    struct pollfd fd = { .fd = c->fd, .events = POLLIN };
    ssize_t got;

    if (poll(&fd, 1, wait_ms) <= 0)
        return 0;
    got = read(c->fd, to, room);
    c->bytes += got > 0 ? (size_t)got : 0;
    return got > 0 ? (size_t)got : 0;
}

/* Until it has been silent for quiet_ms: when its last byte came, 0 if none did within
 * wait_ms. */
static inline double hear_out(struct child *c, int wait_ms, int quiet_ms)
{
    static char bytes[1 << 16];
    double last = 0;

    while (hear(c, bytes, sizeof(bytes), last > 0 ? quiet_ms : wait_ms))
        last = now();
    return last;
}

static inline void listen_for(struct child *c, double s)
{
    static char bytes[1 << 16];
    double until = now() + s, left;

    while ((left = until - now()) > 0)
        hear(c, bytes, sizeof(bytes), (int)(left * 1e3) + 1);
}

static inline double cpu_of(pid_t pid)
{
    clockid_t clock;

    return clock_getcpuclockid(pid, &clock) == 0 ? clock_s(clock) : 0;
}

/* From exec to the first pause behind the first thousand bytes, for those whose last
 * words nobody knows. In ms. */
static inline double first_paint(const char *command)
{
    static char bytes[1 << 16];
    struct child c = start_on_terminal(command);
    double last = 0;

    while (hear(&c, bytes, sizeof(bytes), c.bytes < 1000 ? 2000 : 20))
        last = (now() - c.started) * 1e3;
    stop(&c);
    return last;
}

static inline bool is_installed(const char *name)
{
    char path[PATH_MAX];
    const char *folders = getenv("PATH");

    while (folders && *folders) {
        size_t len = strcspn(folders, ":");

        snprintf(path, sizeof(path), "%.*s/%s", (int)len, folders, name);
        if (access(path, X_OK) == 0)
            return true;
        folders += len + (folders[len] == ':');
    }
    return false;
}

/* A line of /proc/PID/FILE that starts with `name`, in megabytes. */
static inline double megabytes(pid_t pid, const char *file, const char *name)
{
    char path[64], line[256];
    double kilobytes = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtod(line + strlen(name), NULL);
    if (f)
        fclose(f);
    return kilobytes / 1024;
}

#endif
