/* Series that were read before, known again by a hash of what names them: of a large answer all but the values is what it
 * was the last time, in whatever order. Of a series are kept the hash and which of its letters name its entity; texts that
 * differ in a few letters share that, so that a series takes some ten bytes. */
#ifndef PLUGINS_PROMQL_KNOWN_H
#define PLUGINS_PROMQL_KNOWN_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WAY_BITS = 12, MOST_WAYS = 1 << WAY_BITS,
    SHELVES = 256, FIRST_ROOM = 16,     /* of a shelf */
    FETCHED_AHEAD = 2048        /* bytes */
};

/* Some letters of a text; len 0: none. */
struct spot {
    uint16_t at, len;
};

/* How a series names its entity. */
struct way {
    uint16_t len;               /* of the text */
    struct spot node, part, rack;       /* rack: of the node */
};

/* A table in parts, each of which grows by itself: never is there another of its size. */
struct shelf {
    uint64_t *slots;            /* a hash, and in its lower bits the number of its way; 0: empty */
    uint32_t count, room;
};

struct known {
    struct shelf shelves[SHELVES];
    struct way *ways;           /* by their own hash; len 0: empty; the first is that of no series */
    size_t way_count;
    size_t count, told, told_before;    /* series; in this poll, and in the one before */
    uint64_t key;               /* so that nobody can choose labels whose hashes are the same */
};

static inline void known_clear(struct known *k)
{
    for (size_t i = 0; i < SHELVES; i++)
        free(k->shelves[i].slots);
    free(k->ways);
    *k = (struct known){ .key = k->key, .told = k->told, .told_before = k->told_before };
}

/* ---- hashes ---- */

static inline uint64_t folded_product(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static inline uint64_t mixed(const char *at, uint64_t by, uint64_t hash)
{
    return folded_product(word_at(at) ^ by, word_at(at + 8) ^ hash);
}

enum { HASHED_LEAST = 16 };     /* bytes */

/* After the fashion of wyhash: three chains of multiplications, for one would wait for itself. At least HASHED_LEAST bytes. Whoever hashes
 * goes through a long text: what follows is on its way from memory meanwhile. */
static inline uint64_t hash_series(const char *at, size_t len, uint64_t key)
{
    static const uint64_t odd[] = { 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u, 0x4b33a62ed433d4a3u };
    const char *last = at + len - HASHED_LEAST;
    uint64_t a = key, b = key, c = key;

    for (; last - at >= 48; at += 48) {
        __builtin_prefetch(at + FETCHED_AHEAD);
        a = mixed(at, odd[0], a);
        b = mixed(at + 16, odd[1], b);
        c = mixed(at + 32, odd[2], c);
    }
    a ^= b ^ c;
    for (; at < last; at += 16)
        a = mixed(at, odd[0], a);
    return folded_product(mixed(last, odd[1], a) ^ len, odd[2]);
}

/* ---- the table ---- */

static inline struct shelf *shelf_of(struct known *k, uint64_t hash)
{
    return &k->shelves[hash >> 56];
}

/* Where the search for it begins; of the bits that the table keeps. */
static inline size_t first_slot(const struct shelf *s, uint64_t hash)
{
    return (size_t)((uint64_t)(uint32_t)(hash >> 24) * s->room >> 32);
}

/* What the search begins with, for memory to come before: not in here, for gcc leaves out a call that has no other effect. */
static inline const uint64_t *known_slot(struct known *k, uint64_t hash)
{
    const struct shelf *s = shelf_of(k, hash);

    return s->room ? &s->slots[first_slot(s, hash)] : NULL;
}

/* NULL: it is not known, or its text is not as long as one of this hash would be. */
static inline const struct way *known_way(struct known *k, uint64_t hash, size_t len)
{
    const struct shelf *s = shelf_of(k, hash);

    if (!s->room)
        return NULL;
    for (size_t at = first_slot(s, hash); s->slots[at]; at = at + 1 < s->room ? at + 1 : 0)
        if ((s->slots[at] ^ hash) >> WAY_BITS == 0) {
            const struct way *way = &k->ways[s->slots[at] & (MOST_WAYS - 1)];

            return way->len == len ? way : NULL;
        }
    return NULL;
}

static inline void put_slot(struct shelf *s, uint64_t slot)
{
    size_t at = first_slot(s, slot);

    while (s->slots[at])
        at = at + 1 < s->room ? at + 1 : 0;
    s->slots[at] = slot;
    s->count++;
}

static inline void grow_shelf(struct shelf *s)
{
    struct shelf old = *s;

    s->room = old.room ? old.room + old.room / 2 : FIRST_ROOM;
    s->slots = calloc(s->room, sizeof(*s->slots));
    if (!s->slots)
        abort();
    s->count = 0;
    for (size_t i = 0; i < old.room; i++)
        if (old.slots[i])
            put_slot(s, old.slots[i]);
    free(old.slots);
}

/* The number of a way; 0: there are too many. */
static inline size_t number_of_way(struct known *k, const struct way *way)
{
    size_t at = (way->len + 31u * way->node.at + 131u * way->node.len + 523u * way->part.at + 2053u * way->part.len +
                 8209u * way->rack.at) % MOST_WAYS;

    if (!k->ways)
        k->ways = calloc(MOST_WAYS, sizeof(*k->ways));
    if (!k->ways)
        abort();
    for (; k->ways[at].len || at == 0; at = (at + 1) % MOST_WAYS)
        if (memcmp(&k->ways[at], way, sizeof(*way)) == 0)
            return at;
    if (k->way_count >= MOST_WAYS / 2)
        return 0;
    k->way_count++;
    k->ways[at] = *way;
    return at;
}

/* Where series come and go, those that went are forgotten with the rest once they are as many. */
static inline void known_add(struct known *k, uint64_t hash, const struct way *way)
{
    struct shelf *s;
    size_t told = k->told > k->told_before ? k->told : k->told_before, number;

    if (k->count > 2 * told + 1024)
        known_clear(k);
    number = number_of_way(k, way);
    s = shelf_of(k, hash);
    if (!number || hash >> WAY_BITS == 0)
        return;
    if (s->count * 3 >= s->room * 2)
        grow_shelf(s);
    put_slot(s, (hash & ~(uint64_t)(MOST_WAYS - 1)) | number);
    k->count++;
}

static inline void known_begin(struct known *k)
{
    struct timespec now;

    if (!k->key && clock_gettime(CLOCK_MONOTONIC, &now) == 0)
        k->key = folded_product((uint64_t)(uintptr_t)k ^ (uint64_t)now.tv_nsec, 0x9e3779b97f4a7c15u ^ (uint64_t)now.tv_sec) | 1;
    k->told_before = k->told;
    k->told = 0;
}

#endif
