/* Keys of the history's tables: time first, so that what is new is appended. Private to
 * store/. */
#ifndef STORE_HISTORY_KEY_H
#define STORE_HISTORY_KEY_H

#include <stdint.h>

enum { TIER_FINE, TIER_COARSE, TIERS };
enum { BLOCK_KEY_BITS = 24, TIER_KEY_SHIFT = 56 };

static inline int64_t journal_key(int64_t step, uint32_t block)
{
    return step << BLOCK_KEY_BITS | block;
}

/* A window is 120 steps of its tier. */
static inline int64_t tile_key(int tier, int64_t window, uint32_t block)
{
    return (int64_t)tier << TIER_KEY_SHIFT | window << BLOCK_KEY_BITS | block;
}

/* The step of a journal's key, the window of a tile's. */
static inline int64_t key_time(int64_t key)
{
    return (key & ((INT64_C(1) << TIER_KEY_SHIFT) - 1)) >> BLOCK_KEY_BITS;
}

static inline uint32_t key_block(int64_t key)
{
    return (uint32_t)(key & ((1 << BLOCK_KEY_BITS) - 1));
}

#endif
