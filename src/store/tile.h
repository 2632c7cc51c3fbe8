/* A tile: 120 steps of 256 power series, bit-packed. Pure functions: no file, no clock.
 *
 * Every series is packed on its own, so that one can be read without the others. Its
 * values are whole multiples of a power of two, so that a value comes back within
 *     max(1/16 W, 2^-15 of the largest value of that series in the tile),
 * that is 0.003 %: finer than any meter. What was unknown comes back unknown.
 *
 *     tile    'T' '1', u16 series, u16 length of each, then each
 *     series  nothing (nothing known), or
 *             u8 flags, u8 width, i8 exponent, i32 base, [i32 smallest step],
 *             [15 bytes: which are known],
 *             `width` bits for each known value, the lowest bit first
 *
 * A value is (base + bits) * 2^exponent or, with PACKED_STEPS, each adds to the one
 * before: delta or frame-of-reference packing, the smaller of the two. All
 * little-endian. */
#ifndef STORE_TILE_H
#define STORE_TILE_H

#include <stddef.h>
#include <stdint.h>

enum {
    TILE_SERIES = 256,
    TILE_TICKS = 120,
    /* No tile is larger. */
    TILE_ROOM = 4 + TILE_SERIES * (2 + 11 + 15 + TILE_TICKS * 18 / 8)
};

/* values[series * TILE_TICKS + tick], NAN where unknown. Returns the bytes written. */
size_t tile_encode(uint8_t to[TILE_ROOM], const float *values, size_t series);

/* All series, TILE_SERIES * TILE_TICKS floats; those the tile lacks are NAN. -1: not a
 * whole tile. */
int tile_decode(const uint8_t *from, size_t len, float *values);
/* One series, TILE_TICKS floats. */
int tile_decode_series(const uint8_t *from, size_t len, size_t series, float *values);

#endif
