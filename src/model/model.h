/* Everything the console knows, columnar per kind. Only the main thread touches it.
 *
 * A row is an entity. Its id never changes: what vanished is stale, what was only
 * announced (the roster) is never-seen. What its source no longer speaks of, while it
 * goes on speaking of others, is given up in the end, unless the roster declares it: jobs
 * after a day, forecasts after two, nodes, GPUs, tenants and cleared alerts after a week.
 * Then the row is vacant (no name, no values) and may become another's of its kind;
 * model_key() tells the two apart. The order on a screen is another matter: parts stand
 * after their whole, n2 before n10.
 *
 * A value is a float (or an interned text), its time, its quality and the target it came
 * from. Unknown is NAN. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/protection.h"
#include "model/batch.h"
#include "model/metric.h"

struct model;

struct model *model_new(const char *site);
void model_free(struct model *m);

/* Takes in a batch (borrowed). Older samples than the ones known are ignored, except that
 * a clock found to have jumped back (batch.time before the newest batch's by more than a
 * minute) restarts ages with an event. Events in it join the ring of model_event(). */
void model_apply(struct model *m, const struct batch *b);
/* Of a batch that was applied: GPUs that it calls otherwise than the model does (same.c)
 * get the model's names, so that whoever takes it next, such as the cache, knows each by
 * one. */
void model_call_gpus(const struct model *m, struct batch *b);
/* Of the batch that was applied last: its known numbers become samples, with the model's
 * names, for who keeps GPUs without a model. */
void model_name_known(const struct model *m, struct batch *b);

/* Sums power up the graph, ages values against `now`, finds alerts. Cheap when nothing
 * was applied and less than a second has passed; returns whether anything visible
 * changed. */
bool model_settle(struct model *m, double now);
/* In the midst of that, every few milliseconds, look(arg) may read the model: some of
 * what follows from what was told is of now then, the rest as it was settled last. It may
 * change nothing. Rows that are new or moved take their place in the order, and among
 * parts, at a settle then, and stand at the end until it. look NULL: nobody looks. */
void model_let_look(struct model *m, void (*look)(void *arg), void *arg);
/* For others that go over all rows while the screen waits, called for each: lets look,
 * too, from time to time. */
void model_pause(const struct model *m, size_t row);

/* Ages are told against `now`, and coverage is counted, without the rest: for who chooses
 * rows by what was told of them. */
void model_set_now(struct model *m, double now);
/* And how long GPUs have been idle. */
void model_settle_idleness(struct model *m, double now);

const char *model_site(const struct model *m);
double model_now(const struct model *m);                /* of the last model_settle() */
/* rises when anything visible changes */
uint64_t model_version(const struct model *m);

/* ---- rows ---- */

/* vacant ones, too */
size_t model_rows(const struct model *m, enum gw_kind kind);
/* how many of them are */
size_t model_vacant_rows(const struct model *m, enum gw_kind kind);
bool model_is_full(const struct model *m, enum gw_kind kind);           /* none is */
/* GW_NONE */
uint32_t model_find(const struct model *m, enum gw_kind kind, const char *name);
/* NULL: no such row, or vacant */
const char *model_name(const struct model *m, enum gw_kind kind, uint32_t row);
/* Of what is in the row now: another than before, if the row is another's now; 0:
 * vacant. */
uint64_t model_key(const struct model *m, enum gw_kind kind, uint32_t row);
/* Row ids in the order of a screen; model_rows() of them; valid until the next apply or
 * settle. */
const uint32_t *model_order(const struct model *m, enum gw_kind kind);
/* Puts some rows in that order; of few of many, without finding the order of all. */
void model_arrange(const struct model *m, enum gw_kind kind, uint32_t *rows,
                   size_t count);

/* Where texts of rows stand among all of them, n2 before n10; valid until the next apply
 * or settle. */
struct places {
    const uint32_t *by_row;     /* model_rows() of them; UINT32_MAX: it has none. NULL:
                                 * nobody keeps it */
    uint32_t count;             /* of different texts: all places are below */
    bool all_differ;            /* else equal ones share a place */
};
struct places model_name_places(const struct model *m, enum gw_kind kind);
/* Of a column whose texts are one row's alone; else none. */
struct places model_text_places(const struct model *m, uint16_t metric);

/* A row of any kind. */
struct row {
    enum gw_kind kind;
    uint32_t id;                /* GW_NONE: no row */
};
/* No row is the same as no row. */
static inline bool row_is(struct row a, struct row b)
{
    return a.id == b.id && (a.id == GW_NONE || a.kind == b.kind);
}
struct row model_parent(const struct model *m, enum gw_kind kind, uint32_t row);
/* From so many on, racks of one hall that are near their caps are told together. */
enum { SEVERAL_RACKS = 4 };
/* The hall that a domain is in, or else what feeds it; GW_NONE: nothing is above it. */
uint32_t model_hall(const struct model *m, uint32_t domain);
/* The second feed of a dual-fed domain or node. */
struct row model_second_parent(const struct model *m, enum gw_kind kind, uint32_t row);
/* has any row of the kind one? */
bool model_has_second_parents(const struct model *m, enum gw_kind kind);
/* Parts, in screen order: rows whose first or second parent this is. */
struct row model_first_part(const struct model *m, struct row whole);
struct row model_next_part(const struct model *m, struct row whole, struct row part);
/* How many wholes of its own kind stand above it; 64 at most, for a graph that is not
 * what it should be. */
unsigned model_depth(const struct model *m, enum gw_kind kind, uint32_t row);
/* When the newest row of a kind was last spoken of; NAN: none ever was. */
double model_newest(const struct model *m, enum gw_kind kind);

/* Looked for on the wall: how much of the roster answers. Of nodes where there are any,
 * else of targets. */
struct coverage {
    size_t expected, ok, stale, down, never;
    double lacking; /* of those that answer, in nodes: GPUs whose power their sums lack */
};
double model_coverage_share(const struct coverage *c); /* NAN: nothing is expected */
struct coverage model_coverage(const struct model *m);
struct coverage model_coverage_below(const struct model *m, enum gw_kind kind,
                                     uint32_t row);
/* Does who measures it answer: a node, or a GPU, that others speak of, as a scheduler
 * does, does not by that. */
bool model_answers(const struct model *m, enum gw_kind kind, uint32_t row);
/* A target that tells power of the domain or of a part of it (of the site: of anything),
 * and says that it lacks something. NULL: none does. */
const char *model_told_in_part(const struct model *m, struct row whole);
/* As a scheduler or exporter says; where none does, a node that answers is "up", and one
 * whose target does not is "down", whatever was said. NULL: nobody knows. */
const char *model_node_state(const struct model *m, uint32_t node);
/* By that state: to be heard of is not to answer. */
bool model_node_is_down(const struct model *m, uint32_t node);
/* How many are; the first in the order of the screen go to first[]. */
size_t model_nodes_down(const struct model *m, uint32_t *first, size_t most);

/* The target (a row of sources) that alone would tell of the node and does not answer, so
 * that nobody speaks of it; as of the last settle. GW_NONE: none. */
uint32_t model_node_silence(const struct model *m, uint32_t node);
/* Of a node that is not measured now, who says that its exporter does not answer: an
 * engine that others tell it by. NULL: nobody. */
const char *model_node_silent(const struct model *m, uint32_t node);

/* What an XID means and what to do, where it is the GPU's or its links' fault; NULL:
 * none, or an application's. */
const char *model_xid_says(double xid);

/* What is wrong with the cache, an alert; NULL: nothing. */
void model_tell_cache(struct model *m, const char *trouble);

/* A target that does not answer: down, or refused. */
bool model_source_is_silent(const struct model *m, uint32_t source);

/* ---- values ---- */

/* NAN: unknown */
double model_number(const struct model *m, uint16_t metric, uint32_t row);
double model_site_number(const struct model *m, uint16_t metric); /* of the one site */
/* NULL: unknown; good until the next apply or settle. */
const char *model_text(const struct model *m, uint16_t metric, uint32_t row);
enum gw_quality model_quality(const struct model *m, uint16_t metric, uint32_t row);
/* younger than its source allows */
bool model_is_fresh(const struct model *m, uint16_t metric, uint32_t row);
/* Did it happen, so that it does not change any more: an event, an alert, a job that has
 * ended. */
bool model_is_over(const struct model *m, enum gw_kind kind, uint32_t row);
/* seconds; NAN: never */
double model_age(const struct model *m, uint16_t metric, uint32_t row);
/* target's name, or NULL */
const char *model_origin(const struct model *m, uint16_t metric, uint32_t row);
/* by the configuration: its age says nothing */
bool model_is_declared(const struct model *m, uint16_t metric, uint32_t row);
/* Of a row: age of its newest value, and the worst of alive, stale, never. */
double model_row_age(const struct model *m, enum gw_kind kind, uint32_t row);
enum gw_quality model_row_quality(const struct model *m, enum gw_kind kind, uint32_t row);
/* The whole column at once, for sorting and filtering: model_rows() floats, or NULL when
 * nobody ever said a word. NULL for times, counters and energies, too: a float is too
 * short for them, model_number() is not. */
const float *model_column(const struct model *m, uint16_t metric);
/* Text columns hold ids: equal texts have equal ones; 0 is unknown. An id holds until the
 * next apply or settle. Most columns have few texts, so an id is in two halves. */
struct text_column {
    const uint16_t *lower;      /* NULL: nobody ever said a word, and all are 0 */
    const uint16_t *upper;      /* NULL: all are 0 */
};
static inline uint32_t text_in(struct text_column c, uint32_t row)
{
    if (!c.lower)
        return 0;
    return c.upper ? (uint32_t)c.upper[row] << 16 | c.lower[row] : c.lower[row];
}
struct text_column model_text_column(const struct model *m, uint16_t metric);
const char *model_text_of(const struct model *m, uint32_t text);

/* Names and texts that have a part, without case: searched when they are asked for. What
 * was found holds until the next apply or settle. Borrows the part. */
struct text_search *text_search_new(const struct model *m, const char *part);
void text_search_free(struct text_search *s);
/* By the id of a text of the column, not 0: has it the part? */
const unsigned char *text_search_texts(struct text_search *s, struct text_column column);
/* False: no text of the column has it. */
bool text_search_may_find(const struct text_search *s, struct text_column column);
/* By a row whose name it is; NULL: none has. */
const unsigned char *text_search_rows(struct text_search *s, enum gw_kind kind);

/* How old a value may be before it is stale: three intervals of its target, at least ten
 * seconds. */
void model_set_interval(struct model *m, const char *target, double interval_s);

/* A target is this node: it has a row before anybody told of it. It is not in the roster
 * by that. */
void model_expect_node(struct model *m, const char *name);

/* How old what the cache remembers may be to count as fresh: where another gigawatch
 * keeps it up to date and nobody is asked. At first 0: all of it is stale. */
void model_trust_cache(struct model *m, double seconds);

/* Whoever keeps the cache up to date tells what alerts did: raised here as well, they make
 * no event of their own, which would say it twice. */
void model_is_told_events(struct model *m, bool told);

/* No target is configured, and nobody else asks any: what the cache remembers of targets
 * is past. */
void model_asks_nobody(struct model *m);
/* It is of a time that is over: what nobody told of then is not known, and no more will
 * be told. */
void model_is_of_then(struct model *m);
/* Its alerts, as the events that it has been told of say, and after settling. */
void model_raise_as_told(struct model *m);
/* Whoever is asked has answered or failed, or is not asked at all: what is lacking now is
 * not on its way, and is said at once. */
void model_all_answered(struct model *m);
bool model_is_then(const struct model *m);
/* All that is told is a recording's: who is declared and is not in it is not asked, and
 * lacks nothing. Where nodes or GPUs were recorded, it says which of them are missing. */
void model_is_recorded(struct model *m);

/* ---- caps ---- */

enum cap_aggregate { CAP_MEAN, CAP_MAX };

/* A limit on a domain, in full (gigawatch.yaml(5), "cap"). */
struct cap {
    enum unit unit;             /* UNIT_W, UNIT_VA or UNIT_A */
    double value;
    enum cap_aggregate aggregate;
    double window_s;            /* 0: each sample */
    bool aligned;               /* blocks aligned to the clock, not sliding */
    double dwell_s;             /* how long above before it counts */
    double clear;               /* margin below, as a share, before it is over */
    bool n1;                    /* must hold with the other feed lost */
    struct protection protection;       /* of a kind: `value` is its rating, and there
                                         * is no window */
    char origin[64];            /* where it came from: "gigawatch.yaml:31",
                                 * "nameplate", … */
};

/* `clear` where nobody says it: without a margin noise would raise and clear an alert by
 * the second. */
extern const double usual_clear;

void model_set_cap(struct model *m, uint32_t domain, const struct cap *cap);
const struct cap *model_cap(const struct model *m, uint32_t domain);    /* NULL: none */
/* Has it a cap of contingency n-1? That one holds for M_DOMAIN_POWER_N1 instead of
 * M_DOMAIN_POWER. */
bool model_cap_is_n1(const struct model *m, uint32_t domain);
/* Which of the two a domain's cap holds for; where there is no cap, its power. */
uint16_t model_capped_power(const struct model *m, uint32_t domain);

/* ---- trends ---- */

/* The recent past of a domain's, tenant's or site's power: one float a step, oldest
 * first, NAN where unknown. */
struct trend {
    const float *values;
    size_t count;
    double end;                 /* when the last step began; it may still be under way */
    double step_s;
};
enum { TREND_STEP_S = 15, TREND_LENGTH = 480 };

struct trend model_trend(const struct model *m, enum gw_kind kind, uint32_t row);
/* Is its power, as it was settled last, a sum that lacks what it had until lately? Then
 * it is no value of the past. */
bool model_sum_lacks(const struct model *m, enum gw_kind kind, uint32_t row);
/* Of what a domain's cap holds for: model_capped_power(). */
struct trend model_capped_trend(const struct model *m, uint32_t domain);
/* When the latest stretch of the site's power that is known without a gap begins and
 * ends; equal: nothing is known. */
void model_known_past(const struct model *m, double *since, double *until);
/* Warms a trend with history: a value a step, oldest first, NAN where unknown, the last
 * one of the step that the time `last` is in; what the model saw itself is kept. GW_SITE
 * has row 0. */
void model_trend_fill(struct model *m, enum gw_kind kind, uint32_t row, double last,
                      const float *values, size_t count);
/* The same for a domain's power with the other feed lost; nothing where its cap does not
 * ask for that. */
void model_trend_fill_n1(struct model *m, uint32_t domain, double last,
                         const float *values, size_t count);

/* ---- classes of work ---- */

/* What a rule of the configuration looks at. */
enum {
    RULE_TITLE,
    RULE_USER,
    RULE_QUEUE,
    RULE_QOS,
    RULE_IMAGE,
    RULE_TENANT,
    RULE_PLACE,
    RULE_FIELDS
};
/* their names; ends with NULL */
extern const char *const class_rule_fields[RULE_FIELDS + 1];

/* Jobs that fit all of `match` are of this class and carry this tag; of several rules the
 * first that says it counts. A pattern has * and ?, ignores case, and "a|b" is either;
 * NULL fits everything, also what is not known. */
struct class_rule {
    const char *match[RULE_FIELDS];
    const char *class, *tag;    /* NULL: the rule says nothing of it */
};
/* Borrows the rules for the model's life. */
void model_set_rules(struct model *m, const struct class_rule *rules, size_t count);

/* The job that has all of a GPU, by the texts of both; GW_NONE: none, several, or not
 * known. */
uint32_t model_gpu_job(const struct model *m, uint32_t gpu);
/* The i-th job that a scheduler has on a node, told by nodes and not by GPUs; as of the
 * last settle. GW_NONE: no more. */
uint32_t model_job_on(const struct model *m, uint32_t node, size_t i);
/* The i-th queue a job is in: each that it was submitted to ("train,serve"), and those
 * that this one is a part of. NULL: no more. */
const char *model_job_queue(const struct model *m, uint32_t job, size_t i);
/* As how many jobs a row counts: an array that waits is one row of many. */
double model_job_tasks(const struct model *m, uint32_t job);
/* What a tenant has of jobs that have rows, as of the last settle. */
struct tenant_jobs {
    size_t rows;                            /* in any state */
    double running, pending, gpus_pending;  /* an array that waits counts as its tasks */
};
struct tenant_jobs model_tenant_jobs(const struct model *m, uint32_t tenant);
/* Watts that a job which waits is predicted to add, all tasks of an array together; NAN:
 * nobody has priced it. */
double model_job_adds(const struct model *m, uint32_t job);
/* What the GPUs of a running job draw, without the rest of their nodes, which does not
 * end with it; what a source says it draws, where nobody tells its GPUs. NAN: not known,
 * or known only as a share of what several draw. */
double model_job_gpu_power(const struct model *m, uint32_t job);

/* The tenants, and classes, that are nobody: what is held by none, and what nothing
 * explains of the site's power. */
extern const char unallocated[], unexplained[];

/* Why, of a forecast, with what is free now where the hour's sentence says what was free
 * when it was made. "": nothing is told. */
void model_forecast_why(const struct model *m, uint32_t forecast, char *to, size_t room);

/* ---- thresholds and what they raise ---- */

struct thresholds {
    double power_attention, power_critical;     /* shares of the cap: 0.95, 1.0 */
    double gpu_temp_attention, gpu_temp_critical;
    double coverage_attention;                  /* share of the roster: 0.95 */
    double p_attention, p_critical;             /* breach probability within the hour:
                                                 * .10 .50 */
    double hold_s;                              /* an alert falls when lower for so
                                                 * long, a forecast's five times: 60 */
};
extern const struct thresholds default_thresholds;
void model_set_thresholds(struct model *m, const struct thresholds *t);
const struct thresholds *model_thresholds(const struct model *m);

/* Adds an event row (the oldest of a thousand makes room). `level`: "information",
 * "cleared", "attention", "critical". */
void model_event(struct model *m, double time, const char *level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same about something; NULL: nothing of its own. */
void model_event_of(struct model *m, double time, const char *level, const char *subject,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same for information of a kind that charts show ("cap", "price", "carbon", "grid"),
 * about the site or a domain; NULL: all. */
void model_event_about(struct model *m, double time, const char *kind,
                       const char *subject, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Of the newest event: what tells it from others, where it may be told again. Of each key
 * there is one. */
void model_event_key(struct model *m, const char *key);
/* And by which alert the newest came. */
void model_event_alert(struct model *m, const char *alert);

/* since it was made; every alert that changes is one */
uint64_t model_event_count(const struct model *m);

/* ---- for the cache ---- */

/* A batch that says everything known of one kind (newest values with their times), to be
 * stored; NULL: nothing. */
struct batch *model_snapshot(const struct model *m, enum gw_kind kind);
/* Of the batch that was taken in last: where one of its entities is, or behind these whom
 * one of its known numbers is of; GW_NONE: nowhere, as what was forgotten. */
uint32_t model_taken_row(const struct model *m, const struct batch *b, uint32_t entity);
/* For how long a GPU had done nothing at a time; `*quality` is estimated where it is that
 * long at least, for it was idle when it was first seen. NAN: not known. */
double model_idle_at(const struct model *m, uint32_t gpu, double time,
                     enum gw_quality *quality);
/* What a source said last, and when. False: nobody but the configuration said a word, or
 * it is a number that is worked out here. Of such a text the value is that nobody says
 * it, and the time NAN. */
bool model_told(const struct model *m, uint16_t metric, uint32_t row,
                struct batch_sample *value, double *time);
/* Adds the rows of which the model works something out (power of the site, domains,
 * tenants, classes and nodes; GPUs), with what is fresh of that, but for sums that lack a
 * part; not `of_nodes`: what is above them. The batch is filled by nothing else
 * before. */
void model_tell_sums(const struct model *m, struct batch *b, bool of_nodes);
/* The same of sums that lack a part, and of what went stale lately: true of now, and no
 * value of the past. */
void model_tell_rest(const struct model *m, struct batch *b);
size_t model_bytes(const struct model *m);

#endif
