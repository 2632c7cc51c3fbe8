/* Polling: asks every target at its interval and gives the answers, as batches, to an
 * inbox.
 *
 * One thread fans out by events over SSH, HTTP and local commands; conversations get
 * worker threads. Nothing here blocks the caller; a dead target never slows the others.
 * The state of every target (connecting, ok, late, down with its reason and the time of
 * the next try, refused for a host key) arrives as rows of GW_SOURCE in batches of
 * BATCH_HOST through the same inbox. */
#ifndef POLL_POLL_H
#define POLL_POLL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/inbox.h"
#include "gigawatch/source.h"
#include "poll/secret.h"

enum transport {
    TRANSPORT_AUTO,
    TRANSPORT_LOCAL,
    TRANSPORT_SSH,
    TRANSPORT_OPENSSH,
    TRANSPORT_HTTP,
    TRANSPORT_NONE
};

struct target_option {
    const char *name, *value;
};

/* A certificate or a key as PEM text, and where it came from, for messages. */
struct pem {
    const char *text;           /* NULL: none */
    size_t len;
    const char *where;
};

/* One polled thing, as configured. Strings are borrowed for the life of the poller. */
struct target_config {
    const char *name;           /* unique */
    const char *url;            /* ssh://user@host:port, http(s)://…, local:, file.csv,
                                 * sim: */
    const char *source;         /* the plugin's name; NULL: by the scheme */
    enum transport transport;
    double interval_s;          /* 0: the source's own, or 5 s */
    const char *interval_origin;                /* who says so, for --doctor; NULL: not
                                                 * known */
    double timeout_s;           /* deadline of one poll; 0: 10 s */
    const struct target_option *options;        /* of the source; ends with { 0 } */
    const char *const *option_places;           /* where each stands in the
                                                 * configuration; NULL: in none */
    const char *site;           /* the site's name; NULL: not known */
    const char *node;           /* the roster's node this target is about; NULL: the
                                 * answer says */
    const char *node_suffix;    /* cut off the names of its nodes: ".dc1.example";
                                 * NULL: nothing */

    struct secret password, token;              /* HTTP basic (with user) and bearer */
    const char *user;
    const char *token_header, *token_query;     /* in which header, or member of the
                                                 * query, the token travels; NULL: as
                                                 * the source says */
    const char *ca, *cert, *key;                /* TLS files */
    const char *const *headers;                 /* "Name: value", HTTP; ends with NULL;
                                                 * NULL: none */
    const char *ssh_config;                     /* NULL: ~/.ssh/config */
    const char *identity;                       /* key file beside those of the ssh
                                                 * config */
    double max_bytes;                           /* an answer may have; 0: 64 MiB */
    const char *origin;                         /* "gigawatch.yaml:14" for messages */
    const char *kubeconfig;                     /* kube://: files as in $KUBECONFIG;
                                                 * NULL: that, or ~/.kube/config */
    /* What a kubeconfig brings beside these: */
    struct pem ca_pem, cert_pem, key_pem;       /* instead of the files */
    const char *server_name;                    /* that the certificate must have;
                                                 * NULL: the URL's host */
    bool unverified;                            /* whoever answers is taken for the
                                                 * server */
};

struct poller;

/* Resolves sources and options (strict). NULL with *err. */
struct poller *poller_new(const struct target_config *targets, size_t count,
                          struct inbox *out, struct err *err);
/* Power's past between these is known, so this target, by its index among those of
 * poller_new(), need not tell it. Before the start. */
void poller_knows_past(struct poller *p, size_t target, double since, double until);
/* What is asked once shows some of the past, so targets shall tell it. Before the
 * start. */
void poller_looks_back(struct poller *p);
void poller_start(struct poller *p);
/* Asks every target now, once, and no more: one-shots. poller_done() says when all
 * answered or failed. */
void poller_start_once(struct poller *p, double timeout_s);
bool poller_done(const struct poller *p);
/* NULL: all; from the main thread */
void poller_ask_now(struct poller *p, const char *target);
/* Somebody looks into this node or domain now; NULL: into none. Conversations are shown
 * it, and asked. From the main thread. */
void poller_opened(struct poller *p, enum gw_kind kind, const char *name);
/* Asks, waits (2 s at most) and frees. False: a source did not come back and was left
 * behind; what the targets borrowed and the inbox must then stay until the program ends,
 * which should be now. */
bool poller_stop(struct poller *p);

/* A passphrase that a person must type is asked for through this, on a thread that does
 * nothing else, so it may take its time; NULL: SSH_ASKPASS only, else the target is
 * refused with a hint. Returns false for "no". */
typedef bool poll_prompt(void *arg, const char *question, char *answer, size_t room);
void poll_set_prompt(struct poller *p, poll_prompt *prompt, void *arg);

/* ---- sources ---- */

/* Makes the built-in sources known (registry_sources: the registry is above this folder).
 * Once, before the first thread. */
int sources_set_builtin(const struct gw_source *const *list, struct err *err);
/* built in, then loaded; ends with NULL */
const struct gw_source *const *sources_all(void);
const struct gw_source *source_find(const char *name);
const struct gw_source *source_for_url(const char *url);
/* The one that is named, else that of its URL's scheme; NULL: neither is known. */
const struct gw_source *source_of_target(const struct target_config *t);
/* The node that the target is, as its answers will call it. NULL: it is none, or tells of
 * any. */
enum { NODE_NAME_ROOM = 256 };
const char *node_of_target(const struct target_config *t, char room[NODE_NAME_ROOM]);
/* Loads a plugin's .so; refusal in words. Only before the first thread. */
int source_load(const char *path, struct err *err);
/* The api for sources without a network: tests feed recorded answers through it. Parses
 * `text` as the target's answer into a new batch; NULL with *err on failure. What the
 * source warned of is the `reason` of a GW_SOURCE row of the target's name. */
struct batch *source_parse(const struct gw_source *source,
                           const struct target_config *target, const char *text,
                           size_t len, double now, struct err *err);
/* The same for a conversation: `answer` stands for the target, and returns the text for a
 * path or a command (borrowed until the next call) with its status, or NULL for no
 * answer. What is followed is heard line by line, once; then stopping() says yes. */
typedef const char *source_answer(void *arg, const struct gw_ask *ask, int *status);
struct batch *source_converse(const struct gw_source *source,
                              const struct target_config *target, source_answer *answer,
                              void *arg, double now, struct err *err);
/* Opens a conversation's target and closes it again, or has another's first question
 * made: whether it would begin, before anybody waits for it. 0, or -1. */
int source_try(const struct gw_source *source, const struct target_config *target,
               struct err *err);

#endif
