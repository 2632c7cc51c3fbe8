/* Commands on this machine: a line for /bin/sh at a time, or one that goes on for
 * ever. */
#include "poll/child.h"
#include "poll/link.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct local {
    struct link link;           /* first */
    struct child *child;
    bool streams;
    char *text;
    size_t len, room;
    char complaint[2048];
    size_t complaint_len;
};

static void stop_child(struct local *l)
{
    child_end(l->child);
    l->child = NULL;
}

static void fail_large(struct local *l)
{
    struct err err;

    stop_child(l);
    link_too_large(&l->link, &err);
    l->link.events->failed(l->link.arg, &err);
}

static void take_output(void *arg, const char *text, size_t len)
{
    struct local *l = arg;

    if (l->streams) {
        l->link.events->bytes(l->link.arg, text, len);
        return;
    }
    if (len > link_limit(&l->link) - l->len) {
        fail_large(l);
        return;
    }
    l->text = xgrow(l->text, &l->room, l->len + len + 1, 1);
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

/* What comes first is kept: it names the trouble, what follows are its echoes. */
static void take_complaint(void *arg, const char *text, size_t len)
{
    struct local *l = arg;
    size_t left = sizeof(l->complaint) - 1 - l->complaint_len;

    if (len > left)
        len = left;
    memcpy(l->complaint + l->complaint_len, text, len);
    l->complaint_len += len;
    l->complaint[l->complaint_len] = '\0';
}

static void take_end(void *arg, int status)
{
    struct local *l = arg;
    struct err err;

    stop_child(l);
    if (!l->streams) {
        l->text = xgrow(l->text, &l->room, l->len + 1, 1);
        l->text[l->len] = '\0';
        l->link.events->answer(l->link.arg, status, l->text, l->len, l->complaint);
        return;
    }
    if (link_judge(l->link.target, GW_STREAM, status, 0, l->complaint, &err) == 0)
        err_set(&err, "the command ended, and should have gone on");
    l->link.events->failed(l->link.arg, &err);
}

static void local_open(struct link *l)
{
    (void)l;                    /* a shell is started with each ask */
}

static void local_ask(struct link *link, const struct gw_ask *ask)
{
    static const struct child_events events = {
        .output = take_output, .complaint = take_complaint, .ended = take_end
    };
    struct local *l = (struct local *)link;
    /* In the language that our parsers know. */
    const char *const argv[] = { "env", "LC_ALL=C", "/bin/sh", "-c", ask->command, NULL };
    struct err err;

    if (ask->how == GW_GET) {
        err_set(&err, "this machine runs commands; to fetch %.60s give an http:// URL",
                ask->path);
        link->events->failed(link->arg, &err);
        return;
    }
    stop_child(l);
    l->streams = ask->how == GW_STREAM;
    l->len = l->complaint_len = 0;
    l->complaint[0] = '\0';
    l->child = child_start(link->loop, argv, -1, &events, l, &err);
    if (!l->child)
        link->events->failed(link->arg, &err);
}

static void local_close(struct link *link)
{
    struct local *l = (struct local *)link;

    stop_child(l);
    free(l->text);
    l->text = NULL;
    l->len = l->room = 0;
}

static enum link_stage local_stage(const struct link *link)
{
    return ((const struct local *)link)->child ? LINK_RUNS : LINK_CONNECTS;
}

const struct link_kind link_local = {
    .name = "local",
    .size = sizeof(struct local),
    .open = local_open,
    .ask = local_ask,
    .close = local_close,
    .stage = local_stage,
};
