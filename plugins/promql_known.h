/* Series that were read before, known again by a hash of what names them: of a large
 * answer all but the values is what it was the last time, mostly in the same order, so
 * that the next series is expected; one that comes out of order is looked for. Of a
 * series are kept the hash and which of its letters name its entity; texts that differ in
 * a few letters share that, so that a series takes some fifteen bytes. */
#ifndef PLUGINS_PROMQL_KNOWN_H
#define PLUGINS_PROMQL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WAY_BITS = 12, MOST_WAYS = 1 << WAY_BITS,
    PAGE_BITS = 14, PAGE = 1 << PAGE_BITS,
    NUMBER_BITS = 24, MOST_SERIES = (1 << NUMBER_BITS) - 1,
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

/* A hash table in parts, each of which grows by itself: never is there another of its
 * size. */
struct shelf {
    uint32_t *slots;            /* numbers of series, plus one, and above NUMBER_BITS
                                 * some of their hashes; 0: empty */
    uint32_t count, room;
};

struct known {
    uint64_t **pages;           /* of series, PAGE each, in the order in which they
                                 * were told first: a hash, and in its lower bits the
                                 * number of its way */
    size_t page_count;
    uint32_t count;             /* series */
    uint32_t next;              /* the number of the one that is expected now */
    bool scattered;             /* the last one was another */
    struct shelf shelves[SHELVES];
    struct way *ways;           /* by their own hash; len 0: empty; the first is that
                                 * of no series */
    size_t way_count;
    size_t told, told_before;   /* series in this poll, and in the one before */
    uint64_t key;               /* so that nobody can choose labels whose hashes are
                                 * the same */
};

static inline void known_clear(struct known *k)
{
    for (size_t i = 0; i < k->page_count; i++)
        free(k->pages[i]);
    free(k->pages);
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

/* After the fashion of wyhash: three chains of multiplications, for one would wait for
 * itself. At least HASHED_LEAST bytes. Whoever hashes goes through a long text: what
 * follows is on its way from memory meanwhile. */
static inline uint64_t hash_series(const char *at, size_t len, uint64_t key)
{
    static const uint64_t odd[] = { 0x2d358dccaa6c78a5u, 0x8bb84b93962eacc9u,
                                    0x4b33a62ed433d4a3u };
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

/* ---- series ---- */

static inline uint64_t *series_at(const struct known *k, uint32_t number)
{
    return &k->pages[number >> PAGE_BITS][number % PAGE];
}

static inline bool is_series(const struct known *k, uint32_t number, uint64_t hash)
{
    return (*series_at(k, number) ^ hash) >> WAY_BITS == 0;
}

static inline bool is_expected(const struct known *k, uint64_t hash)
{
    return k->next < k->count && is_series(k, k->next, hash);
}

static inline struct shelf *shelf_of(struct known *k, uint64_t hash)
{
    return &k->shelves[hash >> 56];
}

/* Where the search for it begins; of the bits that are kept of a hash. */
static inline size_t first_slot(const struct shelf *s, uint64_t hash)
{
    return (size_t)((uint64_t)(uint32_t)(hash >> 24) * s->room >> 32);
}

static inline uint32_t slot_of(uint64_t hash, uint32_t number)
{
    return (uint32_t)(hash >> WAY_BITS) << NUMBER_BITS | (number + 1);
}

static inline uint32_t number_in(uint32_t slot)
{
    return (slot & MOST_SERIES) - 1;
}

/* From a slot on the first of those that may be of the series; it may be empty. */
static inline size_t likely_slot(const struct shelf *s, size_t at, uint64_t hash)
{
    while (s->slots[at] && (s->slots[at] ^ slot_of(hash, 0)) >> NUMBER_BITS)
        at = at + 1 < s->room ? at + 1 : 0;
    return at;
}

/* What a search begins with, and what it mostly comes to next, for memory to come before:
 * not in here, for gcc leaves out a call that has no other effect. */
static inline const uint32_t *slot_to_fetch(struct known *k, uint64_t hash)
{
    const struct shelf *s = shelf_of(k, hash);

    return s->room ? &s->slots[first_slot(s, hash)] : NULL;
}

static inline const uint64_t *series_to_fetch(struct known *k, uint64_t hash)
{
    const struct shelf *s = shelf_of(k, hash);
    uint32_t slot = s->room ? s->slots[likely_slot(s, first_slot(s, hash), hash)] : 0;

    return slot ? series_at(k, number_in(slot)) : NULL;
}

/* The number of a series; k->count: it is not known. */
static inline uint32_t find_series(struct known *k, uint64_t hash)
{
    const struct shelf *s = shelf_of(k, hash);
    size_t at;

    if (!s->room)
        return k->count;
    for (at = first_slot(s, hash); s->slots[at = likely_slot(s, at, hash)];
         at = at + 1 < s->room ? at + 1 : 0) {
        uint32_t number = number_in(s->slots[at]);

        if (is_series(k, number, hash))
            return number;
    }
    return k->count;
}

/* NULL: it is not known, or its text is not as long as one of this hash would be. */
static inline const struct way *known_way(struct known *k, uint64_t hash, size_t len)
{
    uint32_t number = is_expected(k, hash) ? k->next : find_series(k, hash);
    const struct way *way;

    k->scattered = number != k->next;
    if (number == k->count)
        return NULL;
    k->next = number + 1;
    way = &k->ways[*series_at(k, number) & (MOST_WAYS - 1)];
    return way->len == len ? way : NULL;
}

static inline void put_into_slot(const struct known *k, struct shelf *s, uint32_t number)
{
    uint64_t hash = *series_at(k, number);
    size_t at = first_slot(s, hash);

    while (s->slots[at])
        at = at + 1 < s->room ? at + 1 : 0;
    s->slots[at] = slot_of(hash, number);
}

static inline void grow_shelf(const struct known *k, struct shelf *s)
{
    struct shelf old = *s;

    s->room = old.room ? old.room + old.room / 2 : FIRST_ROOM;
    s->slots = calloc(s->room, sizeof(*s->slots));
    if (!s->slots)
        abort();
    for (size_t i = 0; i < old.room; i++)
        if (old.slots[i])
            put_into_slot(k, s, number_in(old.slots[i]));
    free(old.slots);
}

static inline void add_page(struct known *k)
{
    k->pages = realloc(k->pages, (k->page_count + 1) * sizeof(*k->pages));
    if (!k->pages)
        abort();
    k->pages[k->page_count] = malloc(PAGE * sizeof(**k->pages));
    if (!k->pages[k->page_count++])
        abort();
}

/* The number of a way; 0: there are too many. */
static inline size_t number_of_way(struct known *k, const struct way *way)
{
    size_t at = (way->len + 31u * way->node.at + 131u * way->node.len +
                 523u * way->part.at + 2053u * way->part.len + 8209u * way->rack.at) %
                MOST_WAYS;

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

/* Where series come and go, those that went are forgotten with the rest once they are as
 * many. */
static inline void known_add(struct known *k, uint64_t hash, const struct way *way)
{
    struct shelf *s;
    size_t told = k->told > k->told_before ? k->told : k->told_before, number;

    if (k->count > 2 * told + 1024)
        known_clear(k);
    number = number_of_way(k, way);
    if (!number || k->count == MOST_SERIES)
        return;
    if (k->count == k->page_count * PAGE)
        add_page(k);
    *series_at(k, k->count) = (hash & ~(uint64_t)(MOST_WAYS - 1)) | number;
    s = shelf_of(k, hash);
    if (s->count * 3 >= s->room * 2)
        grow_shelf(k, s);
    put_into_slot(k, s, k->count++);
    s->count++;
}

static inline void known_begin(struct known *k)
{
    struct timespec now;

    if (!k->key && clock_gettime(CLOCK_MONOTONIC, &now) == 0)
        k->key = folded_product((uint64_t)(uintptr_t)k ^ (uint64_t)now.tv_nsec,
                                0x9e3779b97f4a7c15u ^ (uint64_t)now.tv_sec) |
                 1;
    k->told_before = k->told;
    k->told = 0;
    k->next = 0;
}

#endif
