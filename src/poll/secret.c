/* Reading secrets: from a file that others may not read, from the environment, from a
 * command. Messages say where a secret was looked for, never what was found. */
#include "poll/secret.h"
#include "base/arena.h"
#include "base/clock.h"
#include "poll/child.h"

#include <fcntl.h>
#include <stdbool.h>
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

/* ---- from a command, beside the loop ---- */

struct secret_wait {
    const char *line;
    struct child *child;
    struct timer *late;
    secret_done *done;          /* NULL: was called */
    void *arg;
    size_t len;                 /* may become all of text: too long */
    char text[4096];
};

static void tell(struct secret_wait *w, const char *text, const struct err *why)
{
    secret_done *done = w->done;

    w->done = NULL;
    timer_end(w->late);
    w->late = NULL;
    if (done)
        done(w->arg, text, why);
}

static void tell_output(struct secret_wait *w)
{
    struct err err = { 0 };
    bool good = finish(w->text, sizeof(w->text), w->len, w->line, &err) == 0;

    tell(w, good ? w->text : NULL, &err);
}

static void take_output(void *arg, const char *text, size_t len)
{
    struct secret_wait *w = arg;
    size_t left = sizeof(w->text) - w->len;

    if (!w->done)
        return;
    memcpy(w->text + w->len, text, len < left ? len : left);
    w->len += len < left ? len : left;
    if (w->len == sizeof(w->text))
        tell_output(w);
}

static void take_end(void *arg, int status)
{
    struct secret_wait *w = arg;
    struct err err;

    if (!w->done)
        return;
    if (status == 0) {
        tell_output(w);
        return;
    }
    err_set_code(&err, ERR_AUTH, "\"%s\" failed (status %d)", w->line, status);
    tell(w, NULL, &err);
}

static void give_up(void *arg)
{
    struct secret_wait *w = arg;
    struct err err;

    err_set_code(&err, ERR_AUTH, "\"%s\" printed no secret within %d s", w->line,
                 COMMAND_WAIT_S);
    tell(w, NULL, &err);
}

void secret_wait_end(struct secret_wait *w)
{
    if (!w)
        return;
    timer_end(w->late);
    child_end(w->child);
    secret_wipe(w->text, sizeof(w->text));
    free(w);
}

static struct secret_wait *start_command(struct loop *l, const char *line,
                                         secret_done *done, void *arg)
{
    static const struct child_events events = { .output = take_output,
                                                .ended = take_end };
    const char *const argv[] = { "/bin/sh", "-c", line, NULL };
    struct secret_wait *w = xcalloc(1, sizeof(*w));
    struct err err;

    *w = (struct secret_wait){ .line = line, .done = done, .arg = arg };
    w->child = child_start(l, argv, -1, &events, w, &err);
    if (!w->child) {
        free(w);
        done(arg, NULL, &err);
        return NULL;
    }
    w->late = loop_timer(l, clock_steady() + COMMAND_WAIT_S, give_up, w);
    return w;
}

/* What needs no waiting for. */
static int read_now(const struct secret *s, char *to, size_t room, struct err *err)
{
    to[0] = '\0';
    if (s->from == SECRET_FILE)
        return read_file(s->where, to, room, err);
    if (s->from == SECRET_ENVIRONMENT)
        return read_environment(s->where, to, room, err);
    return err_set_code(err, ERR_AUTH, "no secret is configured");
}

struct secret_wait *secret_read(struct loop *l, const struct secret *s, secret_done *done,
                                     void *arg)
{
    char text[4096];
    struct err err = { 0 };
    bool good;

    if (s->from == SECRET_COMMAND)
        return start_command(l, s->where, done, arg);
    if (s->from == SECRET_GIVEN) {
        done(arg, s->where, NULL);
        return NULL;
    }
    good = read_now(s, text, sizeof(text), &err) == 0;
    done(arg, good ? text : NULL, &err);
    secret_wipe(text, sizeof(text));
    return NULL;
}
