/* A batch: what one source said at one time, on its way to the model. The only way
 * anything becomes known: polls, forecasts, the cache's memory, replays and the
 * configuration's roster alike.
 *
 * Ownership: whoever makes a batch owns it until it is put into an inbox; the model
 * borrows it; the store, last in the line, frees it. Everything in it lives in its arena,
 * or in the text it was given. */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "gigawatch/source.h"

enum batch_origin {
    BATCH_POLL,                 /* a source's answer */
    BATCH_ROSTER,               /* the configuration: what should be there */
    BATCH_CACHE,                /* what the store remembered; older than anything
                                 * polled */
    BATCH_FORECAST,             /* forecast rows */
    BATCH_HOST,                 /* the host itself: state of targets, events */
    BATCH_JOURNAL               /* the model's own alerts and events, all of them, on
                                 * their way to the cache */
};

struct batch_entity {
    uint64_t hash;              /* of kind and name */
    const char *name;           /* clean UTF-8 */
    uint32_t parent;            /* index in this batch, or GW_NONE */
    uint32_t kind;              /* enum gw_kind */
};

/* One value. Which member of the union counts is the metric's type. */
struct batch_sample {
    union {
        double number;
        const char *text;       /* clean UTF-8; NULL: asked, and not known */
    };
    uint32_t entity;            /* index in this batch */
    uint16_t metric;
    uint8_t quality;            /* enum gw_quality */
    uint8_t age;                /* index in times[] */
};

/* The values of one metric of the first `ordered` entities, in their order: so the cache
 * tells of thousands of rows. */
struct batch_column {
    union {                     /* by the metric's type */
        const float *numbers;
        const double *wide;     /* times, counters and energies */
        const char *const *texts;
    };
    const uint8_t *qualities;   /* enum gw_quality; GW_NEVER: not a word about this one */
    const uint8_t *ages;        /* indices in times[] */
    uint16_t metric;
};

/* Numbers of one metric of GPUs that the target named in an earlier batch, by their
 * hashes alone: so a source tells of a hundred thousand, answer after answer. */
struct batch_known {
    const uint64_t *hashes;
    const double *numbers;
    const uint8_t *qualities;
    size_t count;
    uint16_t metric;
    uint8_t age;                /* index in times[] */
};

struct batch_link {
    uint32_t child, parent;     /* indices in this batch */
};

struct batch {
    struct arena *arena;
    char *text;                 /* malloc'ed: where the cache's names and texts lie;
                                 * NULL: in the arena */
    enum batch_origin origin;
    const char *target;         /* name of the polled thing; "" where there is none */
    double time;                /* when it arrived, wall clock */
    double times[256];          /* times[0]: when it was begun; more where the system
                                 * says its own */
    bool past[256];             /* of times[]: what was told with it was so then, and
                                 * is no word of now */
    unsigned time_count;
    unsigned now;               /* index in times[] of the samples that follow */
    bool whole;                 /* of a poll that ended and lacked nothing, whatever
                                 * the ones before did */
    bool tells_past;            /* some of past[] */
    bool of_now;                /* worked out of all that is known now: its last word,
                                 * and no value of the past, for the history */
    struct batch_entity *entities;
    struct batch_sample *samples;
    struct batch_link *links;
    struct batch_known *known;          /* their arrays are in the arena */
    size_t entity_count, sample_count, link_count, known_count;
    size_t entity_room, sample_room, link_room, known_room;
    size_t known_numbers;       /* of all known[] */
    /* The cache tells of rows in an order of their own: */
    struct batch_column *columns;       /* in the arena */
    size_t column_count;
    size_t ordered;             /* so many of the first entities are rows of one kind,
                                 * in that order, */
    size_t before;              /* with so many before them */
    size_t rows_to_come;        /* in all, where each is told, once, from the first on;
                                 * 0: not so, or they are few */
    uint32_t *index;            /* hash table of entities plus one while the batch is
                                 * being filled; at most half full */
    size_t index_room;
};

struct batch *batch_new(enum batch_origin origin, const char *target, double time);
void batch_free(struct batch *b);

/* Makes room for so many: whoever tells of many things in several batches knows how many
 * from the one before. */
void batch_reserve(struct batch *b, size_t entities, size_t samples);

/* What an entity's hash is made of; the name must be clean. */
uint64_t batch_hash(enum gw_kind kind, const char *name, size_t len);
/* The same of a name that is cleaned first, as that of an entity is. */
uint64_t batch_hash_cleaned(enum gw_kind kind, const char *name, size_t len);

/* The index of the entity, added if new. The name is copied and cleaned (text_clean), and
 * cut at 255 bytes. An empty name is no entity: GW_NONE, which the functions below
 * ignore. A parent told later is learnt. */
uint32_t batch_entity(struct batch *b, enum gw_kind kind, const char *name, size_t len,
                      uint32_t parent);
void batch_link(struct batch *b, uint32_t child, uint32_t parent);
/* Of the samples that follow. A time in the future, or none, is the time of its
 * beginning; after 256 different ones the nearest counts. */
void batch_time(struct batch *b, double seconds);
/* The same of what was: power of now is none of them, however young. A time that is not
 * over is none of the past. */
void batch_past(struct batch *b, double seconds);
/* It took a while: its time is this, and its samples are as old as its beginning, where
 * they have no time of their own. */
void batch_arrives(struct batch *b, double time);
/* `value` in base units. Outside the metric's possible range: stored as NAN,
 * GW_OUT_OF_RANGE. */
void batch_number(struct batch *b, uint32_t entity, uint16_t metric, double value,
                  enum gw_quality quality);
/* The same of GPUs by their hashes, of names that the same target told of before; whom
 * the model does not know it passes over. Of the past nothing is told so. Both arrays lie
 * in the arena, or outlive the batch. */
void batch_numbers(struct batch *b, uint16_t metric, const uint64_t *hashes,
                   double *numbers, size_t count);
void batch_text(struct batch *b, uint32_t entity, uint16_t metric, const char *text,
                size_t len);
/* Of how many things it tells: entities, and GPUs that are known by their hashes, once
 * each. */
size_t batch_things(const struct batch *b);
/* Turns columns into samples, for who wants to go through them one by one. */
void batch_spread(struct batch *b);

#endif
