/* The host side of the plugin ABI: sources as the host holds them, and the api they call.
 *
 * Whatever a source does with the api, it must not harm the host: a wrong metric, a wrong
 * entity or a wrong type is counted and told, and otherwise without effect. */
#ifndef POLL_HOST_H
#define POLL_HOST_H

#include "base/arena.h"
#include "base/err.h"
#include "model/batch.h"
#include "poll/poll.h"

/* A source bound to the model: each of its metrics with the model's id and the factor to
 * base units. */
struct host_source {
    const struct gw_source *source;     /* complete, whatever size the plugin's own was */
    uint16_t *ids;
    double *scales;
    size_t metric_count;
};

struct host_target;

/* Who takes an answer as it arrives. */
struct host_pieces {
    gw_piece *take;
    void *arg;
};

/* How the blocking calls of a conversation reach the target; members may be NULL.
 * `pieces` NULL: the answer is wanted whole. -1 without a sentence: a piece was refused,
 * and who refused it said why. */
struct host_calls {
    bool (*stopping)(struct host_target *t);
    void (*send)(struct host_target *t, struct gw_out *out);
    int (*call)(struct host_target *t, const struct gw_ask *ask,
                const struct host_pieces *pieces, struct gw_reply *reply,
                struct err *err);
    int (*follow)(struct host_target *t, const struct gw_ask *ask, struct err *err);
    void (*hear)(struct host_target *t, double wait_s, struct gw_line *line);
    void (*limit)(struct host_target *t, double seconds);
};

/* A target as a source sees it, and what stands behind it. */
struct host_target {
    struct gw_target seen;              /* first: the api gets back from here to the
                                         * whole */
    const struct host_source *source;
    const struct target_config *config;
    struct arena *arena;                /* lives with the target */
    struct arena *prints;               /* api->print(), until the next ask() */
    const struct host_calls *calls;     /* NULL: asks and parses only */
    double now;                         /* what api->now() says; 0: the wall clock */
    const char *node;                   /* that it would tell of, by its declaration;
                                         * "": not known */
};

/* Where one answer's samples go. */
struct gw_out {
    struct batch *batch;                /* the caller's */
    const struct host_source *source;
    struct host_target *target;
    size_t warnings, refusals;
    char warning[256], refusal[256];    /* the first of each */
    size_t gaps;                        /* calls of partial() */
    char gap[256];                      /* the first */
    double missing;                     /* things that it lacks, in all; NAN: not known
                                         * how many */
    char notes[1500];                   /* of note(), with " | " between two */
    char failure[400];                  /* from fail() or refuse() */
    bool refused;                       /* from refuse() */
    double pace_s;                      /* from pace(); 0: none */
};

extern const struct gw_api host_api;

/* Binds a source's metrics (once; later calls find it again). NULL with *err: sizes,
 * version, missing members, metrics in conflict. Only before the first thread. */
const struct host_source *host_source(const struct gw_source *source, struct err *err);

/* Checks the configured options strictly; borrows `config`. 0, or -1 with *err and
 * nothing to end. */
int host_target_start(struct host_target *t, const struct host_source *source,
                      const struct target_config *config, struct err *err);
void host_target_end(struct host_target *t);    /* zeroed: fine */

void host_out_start(struct gw_out *out, struct host_target *t, struct batch *batch);
/* Goes on with an empty batch; that an answer is partial stays known. */
void host_out_go_on(struct gw_out *out, struct batch *batch);
/* What is worth an operator's eye: what is missing, the first warning and the refusals.
 * "" where there is nothing. */
void host_out_remark(const struct gw_out *out, char *to, size_t room);
/* Puts the notes into the batch, as a word of the target's own row. After its entities
 * were counted. */
void host_out_notes(const struct gw_out *out);
/* How many things it lacks; NAN: not known how many; 0: it is whole. */
static inline double host_out_missing(const struct gw_out *out)
{
    return out->gaps ? out->missing : 0;
}

/* Runs ask() or parse() on a cleared state of `out`. What they return; a GW_FAILED always
 * has a sentence in out->failure. */
int host_ask(struct host_target *t, struct gw_ask *ask, struct gw_out *out);
int host_parse(struct host_target *t, const char *text, size_t len, struct gw_out *out);
int host_poll(struct host_target *t, struct gw_out *out);

#endif
