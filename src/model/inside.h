/* What the files of the model share, and nobody else sees. */
#ifndef MODEL_INSIDE_H
#define MODEL_INSIDE_H

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/finder.h"
#include "model/model.h"

/* ---- texts: every different text once ---- */

/* In blocks, so that four bytes say where a text is: the block, and the place in it, plus
 * one. A longer text has a block of its own. */
enum { TEXT_BLOCK_BITS = 16, TEXT_BLOCK = 1 << TEXT_BLOCK_BITS };

/* Ids below it are of texts that several rows may have: half of an id tells them apart. */
enum { IDS_OF_MANY = 1 << 16 };

struct texts {
    struct text_pool {
        struct text_block {
            char *bytes; /* 2^TEXT_BLOCK_BITS */
            size_t used;
        } *blocks;
        size_t count, room;
    } pool;
    uint32_t *places; /* by id, in the pool; 0: free */
    uint32_t *slots;  /* hash table of ids; 0: empty */
    struct text_ids { /* to be given out: */
        uint32_t next;
        uint32_t *unused; /* ... again */
        size_t unused_count, unused_room;
    } of_many, of_one;
    size_t count, room, slot_room;
    size_t live, live_after_sweep, bytes;
    size_t swept;    /* bytes that are in the pool still */
    size_t replaced; /* in columns, since the last sweep: so many at most are held by
                      * none */
};

/* 0 for NULL. */
uint32_t texts_id(struct texts *t, const char *text);
/* of a text that is one row's alone */
uint32_t texts_id_of_one(struct texts *t, const char *text);
uint32_t texts_find(const struct texts *t, const char *text); /* 0: there is none */
static inline const char *text_kept(const struct text_pool *p, uint32_t place)
{
    return p->blocks[(place - 1) >> TEXT_BLOCK_BITS].bytes +
           ((place - 1) & (TEXT_BLOCK - 1));
}
/* NULL for 0. */
static inline const char *texts_of(const struct texts *t, uint32_t id)
{
    return id && id < t->count && t->places[id] ? text_kept(&t->pool, t->places[id])
                                                : NULL;
}
bool texts_want_sweep(const struct texts *t);
/* Frees every text whose id is not marked; marks[] has t->count bytes. */
void texts_sweep(struct texts *t, const unsigned char *marks);
void texts_each_block(const struct texts *t,
                      void (*each)(void *arg, const char *bytes, size_t size), void *arg);
size_t texts_bytes(const struct texts *t);
void texts_free(struct texts *t);

/* ---- values ---- */

/* Times inside are tenths of a second since the model's epoch; 0: never. */
enum { TICKS_PER_S = 10 };

/* When a GPU did something last. Where that is not known it was idle when it was first
 * seen, and may have been so for long. */
struct last_busy {
    uint32_t tick : 31; /* 0: never seen */
    uint32_t is_first : 1;
};

/* Where a value comes from. */
enum {
    FROM_HOST, /* derived, or the host's own word: never stale by age */
    FROM_ROSTER,
    FROM_CACHE, /* stale, unless model_trust_cache() says otherwise */
    FIRST_TARGET
};

struct stamp {
    uint32_t time;
    uint32_t origin : 23;
    uint32_t derived : 1; /* made by the model: gives way to any source */
    uint32_t quality : 8;
};

/* Most values of a row, and of its neighbours, were told at once: so a value keeps a
 * byte, the number of its stamp among those of its block of rows. A column with a block
 * that has more of them keeps a second byte of each value, and a block is so small that
 * its values never have more than two bytes can number (stamps.c). */
enum { STAMP_ROWS = 32 };

struct stamp_block {
    struct stamp *stamps; /* by number; 0: never */
    uint16_t count, room;
    uint16_t last; /* the number given out last: mostly the next one, too */
};

/* places.c's: by row, where a text stands among all others; UINT32_MAX: there is none. */
struct text_places {
    uint32_t *by_row;
    uint32_t count; /* of different ones */
    bool known, all_differ;
    bool changed; /* one of them, since places_ripen() looked */
};

/* All values of one metric; has as much room as its kind has rows. Exactly one of the
 * three arrays is there. */
struct column {
    enum gw_kind kind;
    bool watched; /* its numbers are good for more: note_number() */
    bool of_one;  /* its texts are one row's alone */
    float *numbers;
    double *wide; /* times, counters and energies */
    uint16_t *texts; /* lower halves of ids */
    uint16_t *upper_texts; /* NULL: 0 */
    uint8_t *stamps; /* numbers: stamp_at(); NULL: nobody said a word */
    uint8_t *upper;  /* their second byte; NULL: it is 0 */
    struct text_places places; /* of texts that are one row's alone */
};

/* ---- rows ---- */

enum told { TOLD_NEVER, TOLD_BY_CACHE, TOLD_BY_SOURCE, TOLD_BY_ROSTER };

struct entity {
    const char *name; /* "": the row is vacant. In model.names, but for jobs: their own */
    uint64_t hash;    /* as a batch makes it; 0: vacant */
    struct row parent;
    uint32_t newest; /* when a source last spoke of it */
    uint32_t origin : 23; /* which one */
    uint32_t told : 2;    /* who said the parent: enum told */
    uint32_t in_roster : 1;
    uint32_t has_parts : 1; /* was ever a whole */
};

/* A hash table of the first `count` rows: the rest are put in when one is looked for. */
struct row_index {
    uint32_t *slots; /* rows plus one */
    size_t room, count;
};

struct rows {
    struct entity *entities;
    struct row *seconds; /* the second feed of each; NULL: nothing of the kind is
                          * dual-fed */
    struct row_index *index;
    uint32_t *vacant; /* rows of what is gone for good, to be given out again */
    size_t count, room, vacant_count, vacant_room;
    struct stamp_block *stamps; /* of the values of STAMP_ROWS rows each */
};

struct target {
    char *name;
    uint32_t *rows; /* those of its last batch, in order: the next is alike */
    size_t row_count, row_room;
    uint32_t after[GW_KINDS]; /* the row after the last: a long answer comes in several
                               * batches */
    uint32_t stands;    /* ticks: what the configured interval lets a value stand */
    bool partial;       /* its answers are not all there is */
    bool tells_node, tells_nodes; /* of one, of several: silent.c's */
    uint32_t node;
};

/* ---- trends, caps, alerts ---- */

/* Rings by kind; what a cap with contingency n-1 holds for has its own, of domains with
 * such a cap. */
enum { TRACE_N1 = GW_KINDS, TRACES };

struct ring {
    float *values; /* NULL: nothing yet */
    size_t count, room;
    int64_t step; /* of the last value */
    double sum;   /* of the step under way */
    unsigned samples;
    float covered;          /* how much of what it sums up was known at best */
    uint32_t lacking_since; /* tick; 0: it is known as well as ever */
    bool lacks;             /* and is no value now */
    bool is_told;           /* a source told what it was before */
};

/* What is watched, each with a level for every row. */
enum watch {
    WATCH_POWER,
    WATCH_METER,
    WATCH_P,
    WATCH_TEMP,
    WATCH_XID,
    WATCH_GPUS,
    WATCH_READINGS,
    WATCH_COVERAGE,
    WATCH_SOURCE,
    WATCH_NODES,
    WATCH_SITE_NODES,
    WATCH_CACHE,
    WATCHES
};
enum alarm { ALARM_NONE, ALARM_INFORMATION, ALARM_ATTENTION, ALARM_CRITICAL };

/* What was said of a cap last; 0: nothing. Where the configuration has it, a source's is
 * heard only. */
struct said_cap {
    double watts, time;
    double heard, heard_said, heard_time;
    uint32_t heard_from; /* a target */
};

struct limit {
    struct cap cap;
    struct said_cap said;
    bool set, told;             /* told: by a source, not by the configuration */
    double attention_since, critical_since; /* above the threshold since; 0: below */
    double apart_since;                     /* meter and sum disagree since */
    float power_seen, p_seen; /* coverage when it was last as high as its alert says;
                               * 0: it was not yet */
};

/* What a job draws. */
struct job_load {
    double gpus, watts; /* watts: of its GPUs; NAN: not known */
    double rest;        /* W, its part of what their nodes draw beside them */
    double metered;     /* GPUs whose nodes have a meter */
    bool estimated, rest_estimated, by_energy;
};

/* Writes where a power is measured, in words, if it was worked out here and not told. l
 * NULL: nothing is measured. served.c */
void settle_boundary(struct model *m, uint16_t power, uint16_t boundary, uint32_t row,
                     const struct job_load *l, uint32_t now);

/* What a node draws beside its GPUs (processors, fans, losses), by its meter: an equal
 * part for each GPU, so that it is held by whoever holds these. */
struct node_rest {
    float watts; /* for each GPU, or of a node without GPUs all; NAN: the meter does
                  * not tell */
    bool bare, estimated; /* bare: without GPUs, or it is told of as a whole and no GPU
                           * is read */
    bool metered;         /* else it is what a source says that the node draws, an
                           * estimate by its GPUs */
    uint32_t tick;
    uint32_t tenant, job, class; /* whose the first GPU was that was asked for: rest of
                                  * several is an estimate */
};
#define NOT_ASKED (GW_NONE - 1)

/* model_let_look() */
struct onlooker {
    void (*look)(void *arg);
    void *arg;
    bool looks; /* now */
};

struct model {
    struct arena *names;
    double epoch;       /* wall time of tick 0; 0: not known yet */
    double now, newest; /* of the last settle; of the last batch */
    double settled;
    uint32_t tick; /* of now */
    double began;  /* of the first settle */
    double site_coverage; /* of the sum that is the site's power; NAN: nobody can say */
    bool dirty;     /* something was told since the last settle, */
    bool unsummed;  /* which is not only forecasts */
    double summed;  /* when sums were last worked out */
    uint32_t sums_old;  /* from this tick on something in them is not fresh any more;
                         * 0: ask */
    uint64_t version;

    struct rows rows[GW_KINDS];
    struct column *columns;
    uint16_t column_count;
    struct texts texts;
    struct target *targets; /* index: origin */
    size_t partial_count; /* of these: so many are partial */
    uint32_t *stale_after;  /* ticks, by origin */
    struct finder target_names;
    size_t target_count, target_room, stale_room;
    const struct batch *taken; /* the last that was taken in; only to be compared, and */
    const uint32_t *taken_rows; /* its rows, by entity */
    uint32_t *scratch;
    size_t scratch_room;

    struct tree *tree;
    struct text_places *name_places; /* by kind */

    uint32_t *silent; /* by node: the row of its target that does not answer, plus one;
                       * 0: none */
    size_t silent_room, silent_count;
    struct tenant_jobs *tenant_jobs; /* queue.c's, by tenant */
    size_t tenant_job_room;
    struct last_busy *last_busy; /* by GPU */
    size_t last_busy_room;
    struct standing *standing; /* by GPU; counter.c's */
    size_t standing_room;
    struct names_of_rows { /* which row of a kind a text names: by text id, hold.c's */
        uint32_t **pages; /* NULL: none of so many texts was looked for, as of all that
                           * GPUs are called */
        size_t room;
    } tenant_rows, job_rows, class_rows;
    struct hold *hold; /* who holds what: hold.c's */
    struct job_load *job_loads; /* by job */
    size_t job_load_room;
    struct node_rest *node_rests; /* by node: sum.c finds them, tenants.c gives them
                                   * out */
    size_t node_rest_room;
    float free_told; /* W of GPUs that nobody holds, as an engine told it last:
                      * tenants.c works with it */
    struct stamp free_stamp;
    const struct class_rule *rules; /* the configuration's */
    size_t rule_count;
    struct fit *fits; /* by job: what the rules said */
    size_t fit_room;
    struct energy *energy; /* what was used today: energy.c's */
    struct aliases *aliases; /* other names of GPUs: same.c's */

    struct ring *rings[TRACES];
    size_t ring_room[TRACES];
    struct class_past *class_pasts; /* trend_classes.c's */
    size_t class_past_room;
    bool has_past_of_tenants; /* that it has not looked at */
    bool has_past_of_domains; /* that trend_sums.c has not */
    struct limit *limits; /* by domain */
    size_t limit_room;
    unsigned char *alarms[WATCHES];
    size_t alarm_room[WATCHES];
    struct {
        bool is_open;           /* what changes is told together, when all has been
                                 * looked at */
        struct crowd_member *members;
        size_t count, room;
    } crowd;
    uint32_t *lower_since[WATCHES]; /* ticks, by row; 0: as high as the alert says */
    size_t lower_room[WATCHES];
    struct thresholds thresholds;
    struct coverage coverage;
    double uncovered_since;
    double watched_from; /* the first time that anything was watched; 0: not yet */
    uint32_t forgot; /* tick when rows were last looked through, and the newest word
                      * then */
    uint32_t last_words[GW_KINDS];
    bool adopt; /* alerts came from the cache: find what they are about */
    bool asks_nobody;
    bool is_then;
    bool is_recorded;           /* all that is told is a recording's */
    bool events_are_told;       /* those of alerts, by who keeps the cache */
    bool all_answered; /* nothing is on its way: model_all_answered() */
    struct onlooker *onlooker; /* NULL: nobody looks on */
    struct said_cap said_cap; /* of the site; signals.c's, as the next */
    double said_price, said_carbon; /* NAN: nothing yet */
    uint64_t events;
    double recalled; /* time of the newest event that the cache told of */
};

/* Who looks on sees what is half settled, and may change nothing: called by all that
 * changes the model from outside. */
static inline void assert_unseen(const struct model *m)
{
    assert(!m->onlooker || !m->onlooker->looks);
}

static inline void unsettle(struct model *m)
{
    assert_unseen(m);
    m->dirty = m->unsummed = true;
}

static inline void look_now(const struct model *m)
{
    struct onlooker *o = m->onlooker;

    if (!o)
        return;
    o->looks = true;
    o->look(o->arg);
    o->looks = false;
}

/* Called for each row by the loops that take long where there are a million. */
static inline void let_look(const struct model *m, size_t row)
{
    enum { EVERY = 1 << 12 };

    if (row && row % EVERY == 0) /* also of a row that counts for several */
        look_now(m);
}

/* rows.c */
/* Makes room for so many rows at once. */
void rows_reserve(struct model *m, enum gw_kind kind, size_t count);
uint32_t rows_add(struct model *m, enum gw_kind kind, uint64_t hash, const char *name);
uint32_t rows_find(const struct model *m, enum gw_kind kind, uint64_t hash,
                   const char *name);
/* Of so many that a target tells of; one that is GW_NONE may still be there under another
 * name, or of a hash that another has. */
void rows_find_all(const struct model *m, uint32_t origin, const struct batch_entity *of,
                   size_t count, uint32_t *found);
/* By hashes of names, which may be other ones than theirs; GW_NONE: there is none. */
void rows_find_gpus(const struct model *m, const uint64_t *hashes, size_t count,
                    uint32_t *found);
uint32_t rows_named(struct model *m, enum gw_kind kind,
                    const char *name); /* added if new */
/* After rows were vacated: what is in them is found again. */
void rows_index_anew(struct rows *r);
static inline bool row_is_vacant(const struct entity *e)
{
    return e->name[0] == '\0';
}
void rows_init(struct rows *r);
void rows_free(struct rows *r, enum gw_kind kind);
void rows_place(struct model *m, struct row part, struct row whole, enum told told);
void rows_feed(struct model *m, struct row part, struct row second);
/* Is it `whole`, or fed by it? Also where the graph is too tangled to tell. */
bool row_is_below(const struct model *m, struct row row, struct row whole);
uint32_t origin_of(struct model *m, const char *target); /* added if new */
/* Something of it was worked out from what is fresh: what an earlier run knew of it is
 * then no reason to doubt it. */
static inline void note_worked_out(struct entity *e, uint32_t tick)
{
    if (tick <= e->newest)
        return;
    e->newest = tick;
    if (e->origin == FROM_CACHE)
        e->origin = FROM_HOST;
}
/* Does this number come from a target that lacks something? Then a sum lacks it, too. A
 * GPU's own is right all the same. */
static inline bool is_partial(const struct model *m, enum gw_kind kind, uint32_t origin)
{
    return kind != GW_GPU && origin >= FIRST_TARGET && m->targets[origin].partial;
}
static inline struct entity *entity_of(const struct model *m, enum gw_kind kind,
                                       uint32_t row)
{
    return &m->rows[kind].entities[row];
}

static inline struct row second_of(const struct model *m, enum gw_kind kind, uint32_t row)
{
    const struct row *seconds = m->rows[kind].seconds;

    return seconds ? seconds[row] : (struct row){ .id = GW_NONE };
}
void rows_set_second(struct rows *r, uint32_t row, struct row second);

/* silent.c */
void note_nodes_told(struct target *t, const struct batch *b, const uint32_t *rows);
void settle_silence(struct model *m);
bool says_down(const char *state); /* does a source, of a node */

/* forget.c */
/* Takes away the rows that nobody speaks of any more, once in a while. */
void forget_rows(struct model *m);
/* Would a row of this kind whose newest value is of that tick have been taken away? */
bool was_forgotten(const struct model *m, enum gw_kind kind, uint32_t newest);

/* Gives the row up; the index of its kind is not right any more, nor the tree. */
void row_vacate(struct model *m, enum gw_kind kind, uint32_t row);

/* same.c */
/* GW_NONE: no other name of any. Without a name, the first that has the hash. */
uint32_t gpu_called(const struct model *m, uint64_t hash, const char *name);
/* a source tells it; is_new: none was known before */
void note_uuid(struct model *m, uint32_t gpu, bool is_new);
void join_gpus(struct model *m, uint32_t now);
void free_aliases(struct model *m);

/* stamps.c */
/* For so many rows; those behind the old ones were never told of. */
void stamps_follow(struct rows *r, size_t old_room);
/* Sets `last` of the block to the stamp's number. */
void stamp_number(struct model *m, enum gw_kind kind, size_t block, struct stamp stamp);
void set_upper(struct model *m, struct column *c, uint32_t row, uint8_t upper);
void stamps_not_after(struct rows *r, uint32_t tick); /* what is later is of that tick */
/* The first tick at which a value that is fresh at `tick` is so no more; `first` if that
 * is sooner. */
uint32_t stamps_grow_old(const struct model *m, enum gw_kind kind, uint32_t tick,
                         uint32_t first);
size_t stamps_bytes(const struct rows *r);
void stamps_free(struct rows *r);

/* values.c */
uint32_t tick_of(struct model *m, double time);
double time_of(const struct model *m, uint32_t tick);
struct column *column_at(struct model *m, uint16_t metric); /* made on first use */
void columns_follow(struct model *m, enum gw_kind kind, size_t old_room);
void forget_values(struct model *m, enum gw_kind kind, uint32_t row);
/* The column if it has this row, else NULL. */
static inline const struct column *column_with(const struct model *m, uint16_t metric,
                                               uint32_t row)
{
    const struct column *c;

    if (metric >= m->column_count)
        return NULL;
    c = &m->columns[metric];
    return c->stamps && row < m->rows[c->kind].count ? c : NULL;
}
static inline uint16_t number_at(const struct column *c, uint32_t row)
{
    return (uint16_t)(c->upper ? c->upper[row] << 8 | c->stamps[row] : c->stamps[row]);
}
static inline void set_number(struct model *m, struct column *c, uint32_t row,
                              uint16_t number)
{
    if (c->upper || number > UINT8_MAX)
        set_upper(m, c, row, (uint8_t)(number >> 8));
    c->stamps[row] = (uint8_t)number;
}
/* Good until the next set_stamp(). */
static inline const struct stamp *stamp_at(const struct model *m, const struct column *c,
                                           uint32_t row)
{
    return &m->rows[c->kind].stamps[row / STAMP_ROWS].stamps[number_at(c, row)];
}
static inline bool are_same_stamps(const struct stamp *a, const struct stamp *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}
static inline void set_stamp(struct model *m, struct column *c, uint32_t row,
                             struct stamp stamp)
{
    struct stamp_block *b = &m->rows[c->kind].stamps[row / STAMP_ROWS];

    if (!are_same_stamps(&b->stamps[b->last], &stamp))
        stamp_number(m, c->kind, row / STAMP_ROWS, stamp);
    set_number(m, c, row, b->last);
}
/* Known, in range, and younger than its source allows. */
static inline bool is_fresh(const struct model *m, const struct stamp *s, uint32_t now)
{
    if (s->time == 0 || s->quality == GW_STALE || s->quality == GW_OUT_OF_RANGE)
        return false;
    return now <= s->time || now - s->time <= m->stale_after[s->origin];
}
/* The number if it is fresh, else NAN. */
static inline double fresh_number(const struct model *m, uint16_t metric, uint32_t row,
                                  uint32_t now)
{
    const struct column *c = column_with(m, metric, row);

    if (!c || !is_fresh(m, stamp_at(m, c, row), now))
        return NAN;
    return c->wide ? c->wide[row] : (double)c->numbers[row];
}
void put_number(struct model *m, uint16_t metric, uint32_t row, double value,
                struct stamp stamp);
void set_upper_text(struct model *m, struct column *c, uint32_t row, uint16_t upper);
static inline uint32_t text_at(const struct column *c, uint32_t row)
{
    return text_in((struct text_column){ c->texts, c->upper_texts }, row);
}
/* places.c */
void places_forget(struct text_places *p);
void places_free(struct text_places *p);
/* What did not change lately is found before anybody asks. */
void places_ripen(struct model *m);

/* The only way a text comes into a column, or goes (0). */
static inline void set_text(struct model *m, struct column *c, uint32_t row, uint32_t id)
{
    uint32_t old = text_at(c, row);

    m->texts.replaced += old != 0 && old != id;
    if (c->of_one && old != id)
        places_forget(&c->places);
    c->texts[row] = (uint16_t)id;
    if (c->upper_texts || id > UINT16_MAX)
        set_upper_text(m, c, row, (uint16_t)(id >> 16));
}
void put_text(struct model *m, uint16_t metric, uint32_t row, const char *text,
              struct stamp stamp);
/* What this target told until now is estimated, where is_partial() says so. */
void doubt_numbers(struct model *m, uint32_t origin);
/* Writes what the model works out itself, unless a source says it; NAN: what is there
 * gets old. */
void derive(struct model *m, uint16_t metric, uint32_t row, double value,
            enum gw_quality quality, uint32_t tick);
/* Nothing that the number would be of is there any more, and the last one goes, as of a
 * wait when nobody waits. What a source tells itself stays. */
void derive_none(struct model *m, uint16_t metric, uint32_t row, uint32_t tick);
/* A word that follows from others, or NULL: none does any more, and the last one goes.
 * What a source tells itself stays then. */
void derive_text(struct model *m, uint16_t metric, uint32_t row, const char *text,
                 uint32_t tick);
void sweep_texts(struct model *m);

/* tree.c */
struct tree *tree_new(void);
void tree_free(struct tree *t);
void tree_cut(struct model *m,
              enum gw_kind kind); /* its rows or parents changed: sort when asked */
/* Domains, parts before wholes. Only a settle asks. */
const uint32_t *tree_upward(struct model *m);
/* What draws power is put in order: while somebody looks on, nothing else does it. */
void tree_settle(struct model *m);
/* Where no rows came since the last call, their order is found before anybody asks: of
 * 100,000 it takes longer than a key waits. */
void tree_ripen(struct model *m, enum gw_kind kind);
/* no row has parts: their order is that of their names */
bool tree_is_list(const struct model *m, enum gw_kind kind);
size_t tree_bytes(const struct model *m);

/* classify.c */
void classify_jobs(struct model *m, uint32_t now);
void classify_tenant(const struct model *m, const char *tenant, const char **class,
                     const char **tag);
void forget_fits(struct model *m); /* the ids of texts mean others now */
/* "a|b": either; * and ? as in file names; without case. */
bool text_fits(const char *patterns, const char *text);

/* sum.c, tenants.c, trend.c, alert.c, …: the steps of a settle */
void sum_power(struct model *m, uint32_t now);
struct coverage count_coverage(const struct model *m);
/* When it was measured last, and by whom; of one that never was, when it was named: who
 * tells of jobs names the GPUs of a node, be they there or not. */
struct stamp gpu_heard_of(const struct model *m, uint32_t gpu);
/* The same metrics of tenants and of classes. */
enum { HELD_SUMS = 2 };
extern const struct held_sums {
    enum gw_kind kind;
    uint16_t power, mean, gpus, busy, idle, boundary;
} held_sums[HELD_SUMS];
void sum_tenants(struct model *m, uint32_t now); /* jobs and classes, too, and idleness */
void settle_idleness(struct model *m, uint32_t now); /* of GPUs, alone */
void sum_models(struct model *m, uint32_t now);  /* after tenants: served.c */
void take_tokens(struct model *m, uint16_t rate, uint32_t row, const struct column *c,
                 double tokens, struct stamp stamp);
void sum_queues(struct model *m, uint32_t now);
void count_tenant_jobs(struct model *m);
void sum_energy(struct model *m, double now);
/* What the cache counted of today, or a source says of it, about, goes on, where we count
 * nothing yet. */
void remember_energy(struct model *m, uint16_t metric, uint32_t row, double value,
                     double time, bool counted);
/* another has the row now */
void forget_energy(struct model *m, enum gw_kind kind, uint32_t row);
void free_energy(struct model *m);
void free_hold(struct model *m);
void forget_names(struct model *m); /* texts or rows mean others now */
void note_busy(struct model *m, uint32_t gpu, double util, uint32_t tick);
void recall_busy(struct model *m, uint32_t gpu, uint32_t tick, bool is_first);
void advance_trends(struct model *m, double now);
void rewind_trends(struct model *m, double now); /* forgets what lies after */
void forget_trend(struct model *m, enum gw_kind kind, uint32_t row);
void free_trends(struct model *m);
size_t trend_bytes(const struct model *m);
/* Over the last steps, of what a domain's cap holds for. NAN: nothing is known of
 * them. */
double trend_mean(const struct model *m, uint32_t domain, size_t steps);
double trend_max(const struct model *m, uint32_t domain, size_t steps);
/* summed: anew, so that GPUs may have gone */
void watch_all(struct model *m, double now, bool summed);
enum alarm alarm_now(struct model *m, enum watch watch, uint32_t row);
/* Raises, keeps or clears; the text is of now. */
void set_alarm(struct model *m, enum watch watch, uint32_t subject, enum alarm level,
               const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Neither raised nor cleared: and what was raised does not go on telling a number of long
 * ago. */
void keep_unknown(struct model *m, enum watch watch, uint32_t subject);
/* The event of an alert that rose, fell or was cleared; `alert` NULL: of several. */
void tell_alarm(struct model *m, const char *name, enum alarm level, const char *text,
                const char *alert);
/* Between the two, racks that come near their caps, or are so no more, are kept; then
 * those of a hall are one event where they are several. crowd_takes() is false of all
 * else, which is told at once. */
void crowd_open(struct model *m);
bool crowd_takes(struct model *m, uint32_t domain, enum alarm level, const char *text);
void crowd_tell(struct model *m);
void crowd_free(struct model *m);
/* The row is given up: what is raised of it is over. */
void forget_alarms(struct model *m, enum gw_kind kind, uint32_t row);
void note_cap(struct model *m, uint32_t domain, double watts, const char *origin);
/* The same of a domain, or of the site, whose cap the configuration has: it holds.
 * signals.c's. */
void hear_cap(struct model *m, enum gw_kind kind, uint32_t row, double watts,
              uint32_t origin);
/* A sample of the past, told with its own time: rising times within a row. */
void note_past(struct model *m, enum gw_kind kind, uint32_t row, double time,
               double watts);
/* The same of what no source told, but the model worked out. */
void note_trace(struct model *m, int trace, uint32_t row, double time, double watts);

/* Has somebody begun to look just now, and not heard of all whom he asks? */
bool trends_begin(const struct model *m, double now);

/* counter.c */
void take_energy(struct model *m, uint32_t gpu, const struct column *c, double joules,
                 struct stamp stamp);
void forget_counter(struct model *m, uint32_t gpu);

/* trend_sums.c */
void tell_past_of_sums(struct model *m, double now);

/* trend_classes.c */
/* By the rules of tenants alone; GW_NONE: nothing is of its class. */
uint32_t class_of_tenant(struct model *m, uint32_t tenant);
void tell_past_of_classes(struct model *m, double now);

/* outage.c */
void watch_nodes(struct model *m);

/* signals.c */
void watch_signals(struct model *m);
/* sum.c: the site's, by configuration or a source */
bool cap_was_told(const struct model *m);

#endif
