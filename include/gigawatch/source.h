/* The plugin ABI: all that a source includes, and the words everybody shares.
 *
 * A source reads one kind of system. It is one file, plugins/NAME.c, that ends in
 *
 *     const struct gw_source NAME_source = { GW_SOURCE_HEAD, .name = "NAME", ... };
 *
 * The same file is built in, or compiled alone with -shared -fPIC into NAME.so: it has
 * no undefined symbol of the host's, for every call goes through the api pointer.
 *
 * There are two kinds, and a source is one of them:
 *   ask and parse  ask() says what to run or fetch on a target, parse() turns one answer
 *                  into samples. Both are pure: no I/O, no clock, no threads. The host
 *                  fans out to thousands of targets by events.
 *   conversation   poll() blocks, to a deadline, on a worker thread of its own.
 *
 * Rules of the ABI: GW_SOURCE_ABI changes only when an old plugin would misbehave;
 * members and enumerators are only ever appended, at the end; a reader looks at `size`
 * (or the stride of an array) before it touches a member that version 1 did not have. A
 * plugin of another version is refused in words, never guessed at. gigawatch-source(7)
 * teaches this. */
#ifndef GIGAWATCH_SOURCE_H
#define GIGAWATCH_SOURCE_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GW_SOURCE_ABI = 1 };

/* What a row is. A domain is a node of the power graph above the node: feed, switchboard,
 * ups, busway, pdu, hall, row, rack; its `type` text says which. */
enum gw_kind {
    GW_SITE, GW_DOMAIN, GW_NODE, GW_GPU, GW_TENANT, GW_JOB, GW_QUEUE, GW_ALERT,
    GW_FORECAST, GW_MODEL, GW_SOURCE, GW_EVENT,
    GW_CLASS,                   /* of work: training, inference, agents, other */
    GW_KINDS
};

/* How the values of a metric behave. A counter only rises, and starts again at a restart;
 * an energy counter does so in joules, and the host derives `power_mean` from it. */
enum gw_type { GW_GAUGE, GW_COUNTER, GW_ENERGY, GW_TEXT, GW_TIME };

/* What is known about a value. GW_STALE is the host's to say, from age. */
enum gw_quality { GW_OK, GW_STALE, GW_ESTIMATED, GW_OUT_OF_RANGE, GW_NEVER };

/* One metric. `unit` is the one the system sends ("mJ", "MiB", "%", "W"); the host
 * converts to base units (J, bytes, ratio, W). `min` and `max` are in that unit and bound
 * what is possible: a value outside becomes unknown with GW_OUT_OF_RANGE, never clamped.
 * min == max == 0: unbounded. Sources that share a name on a kind share the metric, so
 * they must agree on the dimension. */
struct gw_metric {
    const char *name;           /* lower case, [a-z0-9_], the name of the field in
                                 * queries */
    enum gw_kind kind;
    enum gw_type type;
    const char *unit;           /* "" for a plain number or text */
    double min, max;
    const char *help;           /* one line, for --list fields */
};

/* One key a target may have in gigawatch.yaml, besides the host's own. */
struct gw_option {
    const char *name;
    const char *fallback;       /* value where the configuration is silent; NULL: unset */
    const char *help;
};

/* One polled thing, as the host shows it to the source. Strings live as long as the
 * target. */
struct gw_target {
    size_t size;
    const char *name;           /* unique; "n14" */
    const char *url;            /* as configured: "ssh://n14",
                                 * "http://n14:9400/metrics"; secrets cut out */
    const char *path;           /* what follows the authority: "/metrics"; for file:
                                 * the path */
    double interval_s;          /* how often the host means to ask */
    void *state;                /* state_size zeroed bytes of the source's own */
    bool no_stream;             /* GW_STREAM will not do: it is asked once, or its
                                 * stream said nothing */
    const char *site;           /* the name of the GW_SITE row; NULL: not known */
    /* What somebody looks into now, a node or a domain: worth asking more closely. It
     * changes between polls only. NULL: nothing. */
    const char *opened;
    enum gw_kind opened_kind;
    /* Power's past between these, seconds since 1970, is known without a gap, from the
     * cache: it need not be told. Equal: none is. */
    double known_since, known_until;
    /* Who is asked once has no use for the past, unless this says that it shows some: a
     * trend, a forecast, what was used today. */
    bool looks_back;
};

enum gw_how {
    GW_RUN,                     /* run `command` on the target, its standard output is
                                 * the answer */
    GW_STREAM,                  /* run `command` once; frame() cuts its endless output
                                 * into answers */
    GW_GET                      /* HTTP GET of `path` */
};

/* What ask() fills. Strings must outlive the answer: literals, or made with
 * api->print(). */
struct gw_ask {
    size_t size;
    enum gw_how how;
    const char *command;        /* GW_RUN, GW_STREAM: a line for the target's /bin/sh */
    const char *path;           /* GW_GET: path and query; NULL: the target's own */
    const char *accept;         /* GW_GET: the Accept header; NULL: any */
};

struct gw_out;                  /* where samples go: the host's */

/* What one blocking call of a conversation brought. `text` is valid until the next
 * call. */
struct gw_reply {
    size_t size;
    int status;                 /* HTTP status, or the exit status of a command */
    const char *text;
    size_t len;
    const char *complaint;      /* what a command said on standard error, its
                                 * beginning; "" for HTTP */
};

/* A part of an answer; `text` is valid until it returns. */
typedef int gw_piece(void *arg, const char *text, size_t len);

/* What came of the long answers that a conversation follows. `text` is valid until the
 * next call. */
struct gw_line {
    size_t size;
    int stream;                 /* whose: as follow() numbered it; -1: nothing came */
    bool over;                  /* that answer has ended, and nothing more comes of it */
    int status;                 /* over: the HTTP status; 0: the connection broke, or
                                 * could not be made */
    const char *text;           /* a line, without its end; over: a failure's text, or
                                 * why the connection broke */
    size_t len;
};

/* A number of what is called so; it will have no more members. */
struct gw_number {
    const char *name;
    size_t len;
    double value;
};

/* What the host does for a source. */
struct gw_api {
    size_t size;

    /* The row of an entity in this answer, made known if it is new. `name` is unique
     * within its kind over the whole site ("n14", "n14/3" for a GPU); len bytes, cleaned
     * by the host. `parent` is an entity of this answer or GW_NONE. */
    uint32_t (*entity)(struct gw_out *out, enum gw_kind kind, const char *name,
                       size_t len, uint32_t parent);
    /* `child` is fed by `parent`, too (dual feed). */
    void (*link)(struct gw_out *out, uint32_t child, uint32_t parent);

    /* A value; `metric` is the index in the source's own table. NAN says "asked, and not
     * known". Numbers of GW_TEXT metrics, and texts of others, are refused as a bug of
     * the source. */
    void (*number)(struct gw_out *out, uint32_t entity, size_t metric, double value);
    void (*estimate)(struct gw_out *out, uint32_t entity, size_t metric, double value);
    void (*text)(struct gw_out *out, uint32_t entity, size_t metric, const char *text,
                 size_t len);

    /* The time of the samples that follow (seconds since 1970), where the system says it;
     * without it, or with 0, the time of arrival. */
    void (*time)(struct gw_out *out, double seconds);

    /* Something worth an operator's eye that is not a failure ("17 lines not
     * understood"). */
    void (*warn)(struct gw_out *out, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
    /* Why this answer is useless, in one sentence; returns GW_FAILED. */
    int (*fail)(struct gw_out *out, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

    const char *(*option)(const struct gw_target *target, const char *name);
    /* A string that lives until the next ask() of this target. */
    const char *(*print)(const struct gw_target *target, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

    /* For conversations only, on a worker thread: */
    /* wall clock, seconds since 1970 */
    double (*now)(const struct gw_target *target);
    /* the console leaves: return soon */
    bool (*stopping)(const struct gw_target *target);
    /* Hand over what is there and go on with an empty answer: entities are to be named
     * anew. */
    void (*send)(struct gw_out *out);
    /* 0, or GW_FAILED with the reason said */
    int (*get)(const struct gw_target *target, const char *path, const char *accept,
               struct gw_reply *reply, struct gw_out *out);
    int (*run)(const struct gw_target *target, const char *command,
               struct gw_reply *reply, struct gw_out *out);
    /* As get(), for answers that may be large: `piece` is called on this thread with one
     * part after the other as they arrive, and nothing is kept. What is not read yet
     * holds the sender up. `piece` returns GW_DONE, or GW_FAILED to hear no more of it,
     * having said why. An answer whose status is not 2xx is none: it comes in
     * reply->text. */
    int (*get_pieces)(const struct gw_target *target, const char *path,
                      const char *accept, gw_piece *piece, void *arg,
                      struct gw_reply *reply, struct gw_out *out);
    /* fail(), where it is a key, a password or a token that is not taken: the target is
     * "refused", and asked again seldom. */
    int (*refuse)(struct gw_out *out, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
    /* The next poll begins no sooner than so many seconds after this one, whatever became
     * of it; values stay fresh accordingly. Without it, or where it is shorter, the
     * target's interval counts. */
    void (*pace)(struct gw_out *out, double seconds);

    /* Answers that go on (a watch), line by line, several at the same time, beside get()
     * and run(). They end when poll() returns. follow() numbers them from 0, up to 31, or
     * returns GW_FAILED with the reason said. */
    int (*follow)(const struct gw_target *target, const char *path, const char *accept,
                  struct gw_out *out);
    /* The next line of any of them, waited for at most `wait_s` seconds; `size` in *line
     * is set by the caller. */
    void (*hear)(const struct gw_target *target, double wait_s, struct gw_line *line);

    /* warn(), where what is told is not all there is: `missing` things (nodes, exporters)
     * that it should be told of do not answer whom we ask; NAN: how many is not known.
     * The target is "partial" then, coverage counts them, and its numbers are estimates,
     * but those of GPUs: a sum may lack some. Holds to the end of this poll. */
    void (*partial)(struct gw_out *out, double missing, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
    /* What was found there, for --doctor: a version, which of several ways is gone, what
     * is asked for. A line each; what one poll notes replaces what the one before did. */
    void (*note)(struct gw_out *out, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
    /* Each get(), get_pieces() and run() of this poll that follows fails after so many
     * seconds without its whole answer, and the poll goes on: for what may be asked
     * another time. 0: again until the poll's own deadline, which always holds. */
    void (*limit)(const struct gw_target *target, double seconds);

    /* As time(), of what was: the numbers that follow, until the next time() or past(),
     * are power as it was then, of sites, domains, nodes, tenants or classes, for charts,
     * forecasts and the cache's history. They are no word of now, however young, and
     * never stand for what was measured live. */
    void (*past)(struct gw_out *out, double seconds);

    /* A number each of so many GPUs that this target named in earlier answers, in the
     * same metric: who tells of a hundred thousand, answer after answer, does so in a
     * fraction of the time. It is no way to name one: whom the host does not know, or has
     * given up, it passes over in silence. So all are to be named by entity() every few
     * minutes, and after a poll that failed. */
    void (*numbers)(struct gw_out *out, size_t metric, const struct gw_number *numbers,
                    size_t count);
};

#define GW_NONE UINT32_MAX      /* no entity */

enum {
    GW_DONE = 0,
    GW_FAILED = -1,
    GW_AGAIN = 1                /* ask() once more, now: it has learnt something */
};

struct gw_source {
    uint32_t abi;               /* GW_SOURCE_ABI, by GW_SOURCE_HEAD */
    size_t size, metric_size, option_size;

    const char *name;           /* the file's */
    const char *summary;        /* one line: what it reads */
    const char *schemes;        /* URL schemes that choose it without being named:
                                 * "http https"; or NULL */
    const struct gw_metric *metrics;    /* ends with { 0 } */
    const struct gw_option *options;    /* ends with { 0 }; NULL: none */
    size_t state_size;
    double interval_s;          /* a sensible default; 0: the host's */
    const char *missing;        /* the library this build lacks; NULL: works */

    /* Ask and parse. */
    int (*ask)(const struct gw_api *api, const struct gw_target *target,
               struct gw_ask *ask, struct gw_out *out);
    /* Length of the first whole answer in a stream, 0 when more is needed: then it is
     * called again with the same text, grown. How far it has looked it may keep in the
     * state; a new stream begins with ask(). NULL: no streams. */
    size_t (*frame)(const struct gw_target *target, const char *text, size_t len);
    int (*parse)(const struct gw_api *api, const struct gw_target *target,
                 const char *text, size_t len, struct gw_out *out);

    /* Conversation. open() and close() may be NULL. */
    int (*open)(const struct gw_api *api, const struct gw_target *target,
                struct gw_out *out);
    int (*poll)(const struct gw_api *api, const struct gw_target *target,
                struct gw_out *out);
    void (*close)(const struct gw_api *api, const struct gw_target *target);

    /* GW_GET: the headers in which the target's token and user travel; NULL: the token as
     * "Authorization: Bearer". */
    const char *token_header, *user_header;

    /* Conversation: what somebody looks into (gw_target.opened) is asked more closely, so
     * opening it is worth a poll at once. */
    bool asks_closely;

    size_t api_size;            /* of struct gw_api as the source knows it, by
                                 * GW_SOURCE_HEAD: a host with less refuses it */

    /* Each of its targets is a node, called as the target is: it has a row before it ever
     * answered. */
    bool is_node;
};

/* What somebody sent, for a complaint: at most 20 characters, "?" for what is not plain
 * ASCII, "…" where there was more. */
static inline const char *gw_quote(char to[32], const char *text, size_t len)
{
    static const char more[] = "…";
    size_t kept = len < 20 ? len : 20;

    for (size_t i = 0; i < kept; i++)
        to[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    to[kept] = '\0';
    for (size_t i = 0; len > kept && i < sizeof(more); i++)
        to[kept + i] = more[i];
    return to;
}

/* Units of time as the configuration writes them, and how many seconds they are. */
#define GW_DURATIONS(X) X("s", 1) X("ms", 1e-3) X("m", 60) X("min", 60) X("h", 3600) X("d", 86400) X("w", 604800)

/* An option that is a duration, as the configuration writes its own: "90s", "1.5h", "2m";
 * a plain number is seconds. NAN: it is none. */
static inline double gw_seconds(const char *text)
{
    static const struct {
        const char *name;
        double seconds;
#define GW_DURATION(name, seconds) { name, seconds },
    } units[] = { { "", 1 }, GW_DURATIONS(GW_DURATION) };
#undef GW_DURATION
    char *unit;
    double number = strtod(text, &unit);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (unit > text && number >= 0 && isfinite(number) &&
            strcmp(unit, units[i].name) == 0)
            return number * units[i].seconds;
    return NAN;
}

#ifndef __STRICT_ANSI__         /* standard C alone has no such clock */
/* When the day of `now` began where the program runs, as the host counts what tenants use
 * since midnight. */
static inline double gw_midnight(double now)
{
    time_t seconds = (time_t)now;
    struct tm day;

    if (!localtime_r(&seconds, &day))
        return now - fmod(now, 86400);
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    day.tm_isdst = -1;
    return (double)mktime(&day);
}
#endif

#define GW_SOURCE_HEAD                                                                   \
    .abi = GW_SOURCE_ABI, .size = sizeof(struct gw_source),                              \
    .metric_size = sizeof(struct gw_metric), .option_size = sizeof(struct gw_option),     \
    .api_size = sizeof(struct gw_api)

#endif
