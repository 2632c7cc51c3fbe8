/* Reading secrets: from a file that others may not read, from the environment, from a command. Messages say where a
 * secret was looked for, never what was found. */
#include "poll/secret.h"
#include "base/clock.h"
#include "poll/child.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_WAIT_S = 10 };

void secret_wipe(char *text, size_t room)
{
    explicit_bzero(text, room);
}

/* Ends `to` after `len` bytes, without the newline that editors and echo add. */
static int finish(char *to, size_t room, size_t len, const char *where, struct err *err)
{
    if (len >= room) {
        secret_wipe(to, room);
        return err_set_code(err, ERR_AUTH, "%s: a secret of more than %zu bytes", where,
                            room - 1);
    }
    while (len && (to[len - 1] == '\n' || to[len - 1] == '\r'))
        len--;
    to[len] = '\0';
    if (!len || memchr(to, '\0', len)) {
        secret_wipe(to, room);
        return err_set_code(err, ERR_AUTH, "%s: %s", where,
                            len ? "a secret has no zero bytes" : "is empty");
    }
    return 0;
}

static int check_mode(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_set_code(err, ERR_AUTH, "%s: %m", path);
    if (!S_ISREG(st.st_mode))
        return err_set_code(err, ERR_AUTH, "%s: is not a file", path);
    if (st.st_mode & 077)
        return err_set_code(err, ERR_AUTH, "%s: others may read it (mode %03o); run: "
                            "chmod 600 %s", path, (unsigned)st.st_mode & 0777, path);
    return 0;
}

static int read_file(const char *path, char *to, size_t room, struct err *err)
{
    /* Not blocking: the path may be a pipe, and is refused only after it is open. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t len = 0;
    ssize_t n = 0;

    if (fd < 0)
        return err_set_code(err, ERR_AUTH, "%s: %m", path);
    if (check_mode(fd, path, err) < 0) {
        close(fd);
        return -1;
    }
    while (len < room && (n = read(fd, to + len, room - len)) > 0)
        len += (size_t)n;
    close(fd);
    if (n < 0) {
        secret_wipe(to, room);
        return err_set_code(err, ERR_AUTH, "%s: %m", path);
    }
    return finish(to, room, len, path, err);
}

static int read_environment(const char *name, char *to, size_t room, struct err *err)
{
    const char *value = getenv(name);
    size_t len;

    if (!value)
        return err_set_code(err, ERR_AUTH, "the environment has no %s", name);
    len = strlen(value);
    memcpy(to, value, len < room ? len : room);
    return finish(to, room, len, name, err);
}

/* ---- from a command, in a loop of its own ---- */

struct command {
    struct loop *loop;
    char *to;
    size_t room, len;           /* len may become room: too long */
    int status;                 /* -1: has not ended */
};

static void take_output(void *arg, const char *text, size_t len)
{
    struct command *c = arg;
    size_t left = c->room - c->len;

    memcpy(c->to + c->len, text, len < left ? len : left);
    c->len += len < left ? len : left;
    if (c->len == c->room)
        loop_stop(c->loop);
}

static void take_end(void *arg, int status)
{
    struct command *c = arg;

    c->status = status;
    loop_stop(c->loop);
}

static void give_up(void *arg)
{
    loop_stop(((struct command *)arg)->loop);
}

static int run_command(struct command *c, const char *line, struct err *err)
{
    static const struct child_events events = { .output = take_output, .ended = take_end };
    const char *const argv[] = { "/bin/sh", "-c", line, NULL };
    struct child *child = child_start(c->loop, argv, -1, &events, c, err);
    struct timer *late;

    if (!child)
        return -1;
    late = loop_timer(c->loop, clock_steady() + COMMAND_WAIT_S, give_up, c);
    loop_run(c->loop);
    timer_end(late);
    child_end(child);
    return 0;
}

static int read_command(const char *line, char *to, size_t room, struct err *err)
{
    struct command c = { .loop = loop_new(), .to = to, .room = room, .status = -1 };
    int failed = run_command(&c, line, err);

    loop_free(c.loop);
    if (failed < 0)
        return -1;
    if (c.status == 0 || c.len == room)
        return finish(to, room, c.len, line, err);
    secret_wipe(to, room);
    if (c.status < 0)
        return err_set_code(err, ERR_AUTH, "\"%s\" printed no secret within %d s", line,
                            COMMAND_WAIT_S);
    return err_set_code(err, ERR_AUTH, "\"%s\" failed (status %d)", line, c.status);
}

int secret_read(const struct secret *s, char *to, size_t room, struct err *err)
{
    to[0] = '\0';
    switch (s->from) {
    case SECRET_FILE:
        return read_file(s->where, to, room, err);
    case SECRET_ENVIRONMENT:
        return read_environment(s->where, to, room, err);
    case SECRET_COMMAND:
        return read_command(s->where, to, room, err);
    case SECRET_NONE:
        break;
    }
    return err_set_code(err, ERR_AUTH, "no secret is configured");
}
