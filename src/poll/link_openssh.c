/* A link through the user's own ssh, for everything exotic: smart cards, Kerberos,
 * certificates of hosts, ControlMaster. One process per command (share the connection
 * with ControlMaster in ssh_config), which can ask nobody anything. */
#include "config.h"

#include "poll/link.h"
#include "base/arena.h"
#include "poll/child.h"
#include "poll/complaint.h"
#include "poll/ssh_config.h"
#include "poll/url.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct openssh_link {
    struct link link;
    struct url url;
    struct err why; /* told by the timer: never from inside open() or ask() */
    struct timer *soon;
    struct child *child;
    enum gw_how how;
    char *text;
    size_t len, room;
    struct complaint complaint;
};

static void clear(struct openssh_link *s)
{
    child_end(s->child);
    s->child = NULL;
    free(s->text);
    s->text = NULL;
    s->len = s->room = 0;
}

static void on_soon(void *arg)
{
    struct openssh_link *s = arg;
    struct err err = s->why;

    timer_end(s->soon);
    s->soon = NULL;
    s->link.events->failed(s->link.arg, &err);
}

static void fail_soon(struct openssh_link *s)
{
    if (!s->soon)
        s->soon = loop_timer(s->link.loop, 0, on_soon, s);
}

static void on_output(void *arg, const char *text, size_t len)
{
    struct openssh_link *s = arg;

    if (s->how == GW_STREAM) {
        s->link.events->bytes(s->link.arg, text, len);
        return;
    }
    if (s->len + len > link_limit(&s->link)) {
        if (!s->soon)
            link_too_large(&s->link, &s->why);
        fail_soon(s);
        return;
    }
    s->text = xgrow(s->text, &s->room, s->len + len + 1, 1);
    memcpy(s->text + s->len, text, len);
    s->len += len;
}

static void on_complaint(void *arg, const char *text, size_t len)
{
    complaint_add(&((struct openssh_link *)arg)->complaint, text, len);
}

/* ssh says all its own troubles with status 255; which of them waiting will not cure,
 * only its words tell. */
static bool is_refusal(const char *text)
{
    static const char *const words[] = { "Host key verification failed",
                                         "Permission denied",
                                         "HOST IDENTIFICATION HAS CHANGED",
                                         "Too many authentication failures", NULL };

    for (int i = 0; words[i]; i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}

static void tell_failed(struct openssh_link *s, int status)
{
    char line[256];
    struct err err;

    complaint_last(&s->complaint, line);
    if (*line)
        err_set_code(&err, is_refusal(s->complaint.text) ? ERR_AUTH : ERR_FAILED, "%s",
                     line);
    else if (s->how == GW_STREAM)
        err_set(&err, "the stream ended with exit status %d", status);
    else
        err_set(&err, "ssh ended with exit status %d", status);
    clear(s);
    s->link.events->failed(s->link.arg, &err);
}

static void on_ended(void *arg, int status)
{
    struct openssh_link *s = arg;
    struct complaint complaint = s->complaint;
    char *text = s->text;
    size_t len = s->len;

    if (s->soon)
        return; /* it failed already, and will be told so */
    if (s->how == GW_STREAM || status >= 128) {
        tell_failed(s, status);
        return;
    }
    s->text = NULL;
    clear(s);
    if (text)
        text[len] = '\0';
    s->link.events->answer(s->link.arg, status, text ? text : "", len, complaint.text);
    free(text);
}

static const struct child_events child_events = {
    .output = on_output,
    .complaint = on_complaint,
    .ended = on_ended,
};

static void openssh_open(struct link *l)
{
    struct openssh_link *s = (struct openssh_link *)l;

    if (url_read(&s->url, l->target->url, &s->why) == 0 &&
        ssh_name_check("host", s->url.host, &s->why) == 0 &&
        (!*s->url.user || ssh_name_check("user", s->url.user, &s->why) == 0))
        return;
    fail_soon(s);
}

static void start(struct openssh_link *s, const char *command)
{
    const struct target_config *t = s->link.target;
    const char *user = *s->url.user ? s->url.user : t->user;
    char port[8];
    const char *argv[24] = { "ssh", "-T",
                             "-o",  "BatchMode=yes",
                             "-o",  "ConnectTimeout=10",
                             "-o",  "ServerAliveInterval=15" };
    size_t n = 8;

    snprintf(port, sizeof(port), "%u", s->url.port);
    const char *const options[][2] = {
        { "-F", t->ssh_config },
        { "-i", t->identity },
        { "-l", user },
        { "-p", s->url.port ? port : NULL },
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (options[i][1]) {
            argv[n++] = options[i][0];
            argv[n++] = options[i][1];
        }
    argv[n++] = "--";
    argv[n++] = s->url.host;
    argv[n++] = command;
    s->complaint = (struct complaint){ 0 };
    s->child = child_start(s->link.loop, argv, -1, &child_events, s, &s->why);
    if (!s->child)
        fail_soon(s);
}

static void openssh_ask(struct link *l, const struct gw_ask *ask)
{
    struct openssh_link *s = (struct openssh_link *)l;

    assert(!s->child);
    if (s->soon)
        return; /* open() found the trouble */
    s->how = ask->how;
    if (ask->how == GW_GET) {
        err_set(&s->why, "a source that fetches pages cannot be asked over SSH");
        fail_soon(s);
        return;
    }
    start(s, ask->command);
}

static void openssh_close(struct link *l)
{
    struct openssh_link *s = (struct openssh_link *)l;

    timer_end(s->soon);
    s->soon = NULL;
    clear(s);
}

const struct link_kind link_openssh = {
    .name = "openssh",
    .size = sizeof(struct openssh_link),
    .open = openssh_open,
    .ask = openssh_ask,
    .close = openssh_close,
};
