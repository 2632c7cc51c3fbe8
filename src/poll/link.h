/* A link is the kept way to one target: an SSH session, an HTTP connection, a local
 * shell. One kind is one file (link_http.c, link_ssh.c, link_local.c, link_openssh.c)
 * that ends in its `struct link_kind`. Links live in the fan-out thread's loop and never
 * block. The scheduler owns deadlines, back-off and the target's state; a link only says
 * what happened. */
#ifndef POLL_LINK_H
#define POLL_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "poll/loop.h"
#include "poll/poll.h"

/* What happened, told to the scheduler. Exactly one of answer and failed follows each ask
 * of GW_RUN and GW_GET; a GW_STREAM ask of a command is followed by any number of bytes
 * and at last one failed; one of a path by the bytes of an answer that is no failure, and
 * at last by answer (with the text of a failure, else without text) or failed. After
 * failed the link is closed by the scheduler, and opened anew at the next try. */
struct link_events {
    /* A whole answer. status: HTTP status or exit status. A command's standard error
     * follows in `complaint` (bounded). */
    void (*answer)(void *arg, int status, const char *text, size_t len,
                   const char *complaint);
    void (*bytes)(void *arg, const char *text, size_t len);         /* more of a stream */
    /* A part of an answer of which pieces were asked for, before answer, which then has
     * no text. False: not now, but again after more(). */
    bool (*piece)(void *arg, const char *text, size_t len);
    /* `code` ERR_AUTH: key, password or host key: back-off is long, the state is
     * "refused". */
    void (*failed)(void *arg, const struct err *why);
};

struct link {
    const struct link_kind *kind;
    const struct target_config *target;
    struct loop *loop;
    const struct link_events *events;
    void *arg;                  /* the scheduler's, passed to events */
    const char *token_header, *user_header;     /* of the source; NULL: bearer */
    poll_prompt *prompt;        /* may be NULL */
    void *prompt_arg;
    double retry_after_s;       /* the server is busy, and wants to be asked no sooner;
                                 * 0: does not say */
    const char *notice;         /* what an operator must know while it works; the
                                 * kind's own; NULL: nothing */
};

/* What a link that was asked, and has not answered, is about. */
enum link_stage {
    LINK_CONNECTS,
    LINK_ASKS_PERSON,           /* for a passphrase: deadlines stand still */
    LINK_RUNS                   /* the command was begun: that nothing comes is its own
                                 * doing */
};

struct link_kind {
    const char *name;           /* "ssh" */
    size_t size;                /* of the kind's own struct, which begins with struct
                                 * link */
    /* Starts connecting where that makes sense; all trouble is told by failed. Returns at
     * once. */
    void (*open)(struct link *l);
    /* One at a time. A stream goes on until close(). */
    void (*ask)(struct link *l, const struct gw_ask *ask);
    /* ends everything, frees what open() and ask() made, not `l` */
    void (*close)(struct link *l);
    /* The same for an answer whose pieces are told as they come, and what goes on after
     * one that was not taken. NULL: it knows whole answers only. */
    void (*ask_pieces)(struct link *l, const struct gw_ask *ask);
    void (*more)(struct link *l);
    /* NULL: nobody can tell; LINK_CONNECTS */
    enum link_stage (*stage)(const struct link *l);
    /* A person wants it tried again: what a person refused may be asked for once more.
     * NULL: no person is ever asked. */
    void (*ask_person_again)(struct loop *l);
};

/* What carries a target: *kind is NULL where nothing needs to (sim:, a file, a source
 * with a library of its own). -1 with *err: its transport and its URL do not fit. */
int link_kind_for(const struct target_config *target, const struct link_kind **kind,
                  struct err *err);

/* Is this status a failure? HTTP: everything but 2xx, with what to do about it; a
 * command: a status other than 0 without any output, for many a tool reports well and
 * ends badly. 0, or -1 with *err. */
int link_judge(const struct target_config *target, enum gw_how how, int status,
               size_t len, const char *complaint, struct err *err);

/* What is to be said of an answer that is none: of a command that printed something and
 * then failed. Empty: nothing. */
void link_remark(char *to, size_t room, enum gw_how how, int status,
                 const char *complaint);

extern const struct link_kind link_local, link_ssh, link_openssh, link_http, link_kube;

/* The largest answer of a target, in bytes: a larger one fails ("answer larger than 64
 * MiB"). */
size_t link_limit(const struct link *l);
size_t link_most_bytes(const struct target_config *target);     /* the same */
/* -1, with that sentence */
int link_too_large(const struct link *l, struct err *err);

#endif
