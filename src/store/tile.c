/* Tiles: see tile.h for the format. */
#include "store/tile.h"
#include "store/bytes.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { PACKED_STEPS = 1, WITH_GAPS = 2 };

enum {
    HEAD = 4,
    GAP_BYTES = TILE_TICKS / 8,
    FINEST = -3, /* exponent of 1/8 W */
    DIGITS = 14, /* bits kept below the leading one */
    WIDEST = 18  /* bits of a packed value: steps between numbers of 16 and a sign */
};

/* One series as whole numbers. */
struct packing {
    int32_t whole[TILE_TICKS]; /* of the known ticks, in order */
    uint8_t known[GAP_BYTES];
    int count;
    int exponent;
};

static int bits_for(uint32_t span)
{
    return span ? 32 - __builtin_clz(span) : 0;
}

static void quantise(struct packing *p, const float *values)
{
    float largest = 0;
    double scale;

    memset(p->known, 0, sizeof(p->known));
    p->count = 0;
    p->exponent = FINEST;
    for (int i = 0; i < TILE_TICKS; i++)
        if (isfinite(values[i]) && fabsf(values[i]) > largest)
            largest = fabsf(values[i]);
    if (largest > 0 && ilogbf(largest) - DIGITS > FINEST)
        p->exponent = ilogbf(largest) - DIGITS;
    scale = ldexp(1, -p->exponent);
    for (int i = 0; i < TILE_TICKS; i++) {
        if (!isfinite(values[i]))
            continue;
        p->known[i / 8] |= (uint8_t)(1u << i % 8);
        p->whole[p->count++] = (int32_t)lrint((double)values[i] * scale);
    }
}

/* Appends `count` numbers of `width` bits; returns the bytes. */
static size_t pack_bits(uint8_t *to, const uint32_t *numbers, int count, int width)
{
    uint64_t waiting = 0;
    int held = 0;
    size_t used = 0;

    for (int i = 0; i < count; i++) {
        waiting |= (uint64_t)numbers[i] << held;
        for (held += width; held >= 8; held -= 8, waiting >>= 8)
            to[used++] = (uint8_t)waiting;
    }
    if (held > 0)
        to[used++] = (uint8_t)waiting;
    return used;
}

struct range {
    int32_t low, high;
};

static struct range range_of(const int32_t *numbers, int count)
{
    struct range r = { numbers[0], numbers[0] };

    for (int i = 1; i < count; i++) {
        if (numbers[i] < r.low)
            r.low = numbers[i];
        if (numbers[i] > r.high)
            r.high = numbers[i];
    }
    return r;
}

static size_t encode_series(uint8_t *to, const float *values)
{
    int32_t steps[TILE_TICKS];
    uint32_t rest[TILE_TICKS];
    struct range level, step = { 0, 0 };
    struct packing p;
    int flags = 0, width, step_width, packed = 0;
    size_t used = 7;

    quantise(&p, values);
    if (p.count == 0)
        return 0;
    level = range_of(p.whole, p.count);
    for (int i = 1; i < p.count; i++)
        steps[i - 1] = p.whole[i] - p.whole[i - 1];
    if (p.count > 1)
        step = range_of(steps, p.count - 1);
    width = bits_for((uint32_t)(level.high - level.low));
    step_width = bits_for((uint32_t)(step.high - step.low));
    if (p.count < TILE_TICKS)
        flags |= WITH_GAPS;
    if (step_width * (p.count - 1) + 32 < width * p.count) {
        flags |= PACKED_STEPS;
        width = step_width;
        for (int i = 0; i < p.count - 1; i++)
            rest[packed++] = (uint32_t)(steps[i] - step.low);
    } else {
        for (int i = 0; i < p.count; i++)
            rest[packed++] = (uint32_t)(p.whole[i] - level.low);
    }
    to[0] = (uint8_t)flags;
    to[1] = (uint8_t)width;
    to[2] = (uint8_t)(int8_t)p.exponent;
    put_u32(to + 3, (uint32_t)(flags & PACKED_STEPS ? p.whole[0] : level.low));
    if (flags & PACKED_STEPS) {
        put_u32(to + used, (uint32_t)step.low);
        used += 4;
    }
    if (flags & WITH_GAPS) {
        memcpy(to + used, p.known, GAP_BYTES);
        used += GAP_BYTES;
    }
    return used + pack_bits(to + used, rest, packed, width);
}

size_t tile_encode(uint8_t to[TILE_ROOM], const float *values, size_t series)
{
    size_t used = HEAD + 2 * series;

    to[0] = 'T';
    to[1] = '1';
    put_u16(to + 2, (uint16_t)series);
    for (size_t i = 0; i < series; i++) {
        size_t len = encode_series(to + used, values + i * TILE_TICKS);

        put_u16(to + HEAD + 2 * i, (uint16_t)len);
        used += len;
    }
    return used;
}

/* ---- back ---- */

static void all_unknown(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
}

static int count_known(const uint8_t known[GAP_BYTES])
{
    int count = 0;

    for (int i = 0; i < GAP_BYTES; i++)
        count += __builtin_popcount(known[i]);
    return count;
}

/* Sums wrap round in unsigned arithmetic: a damaged tile gives wrong numbers, not
 * undefined ones. */
static void unpack(float *values, int count, const uint8_t *bits, int width,
                   uint32_t base, uint32_t low, bool steps, float scale)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    uint32_t whole = base;

    for (int i = 0; i < count; i++) {
        size_t at = (size_t)(i - steps) * (size_t)width;
        uint32_t rest = 0;

        if (!steps || i > 0)
            rest = (uint32_t)(get_u64(bits + at / 8) >> at % 8 & mask);
        if (steps)
            whole += i > 0 ? low + rest : 0;
        else
            whole = base + rest;
        values[i] = (float)(int32_t)whole * scale;
    }
}

static int decode_series(const uint8_t *from, size_t len, float *values)
{
    /* The numbers are read eight bytes at a time, so they get room behind them. */
    uint8_t bits[TILE_TICKS * WIDEST / 8 + 8] = { 0 };
    float known[TILE_TICKS];
    const uint8_t *gaps = NULL;
    int flags, width, count = TILE_TICKS, packed;
    uint32_t low = 0;
    size_t used = 7;
    bool steps;

    all_unknown(values, TILE_TICKS);
    if (len == 0)
        return 0;
    if (len < used)
        return -1;
    flags = from[0];
    width = from[1];
    steps = flags & PACKED_STEPS;
    if (width > WIDEST || flags > (PACKED_STEPS | WITH_GAPS) ||
        len < used + (steps ? 4 : 0) + (flags & WITH_GAPS ? GAP_BYTES : 0))
        return -1;
    if (steps) {
        low = get_u32(from + used);
        used += 4;
    }
    if (flags & WITH_GAPS) {
        gaps = from + used;
        count = count_known(gaps);
        used += GAP_BYTES;
    }
    packed = steps && count > 0 ? count - 1 : count;
    if (len - used != ((size_t)packed * (size_t)width + 7) / 8)
        return -1;
    memcpy(bits, from + used, len - used);
    unpack(known, count, bits, width, get_u32(from + 3), low, steps,
           ldexpf(1, (int8_t)from[2]));
    if (!gaps)
        memcpy(values, known, sizeof(known));
    else
        for (int i = 0, next = 0; i < TILE_TICKS; i++)
            if (gaps[i / 8] >> i % 8 & 1)
                values[i] = known[next++];
    return 0;
}

/* Series in the tile, or -1. */
static int series_in(const uint8_t *from, size_t len)
{
    size_t series;

    if (len < HEAD || from[0] != 'T' || from[1] != '1')
        return -1;
    series = get_u16(from + 2);
    if (series > TILE_SERIES || len < HEAD + 2 * series)
        return -1;
    return (int)series;
}

int tile_decode(const uint8_t *from, size_t len, float *values)
{
    int series = series_in(from, len);
    size_t at = HEAD + 2 * (size_t)(series > 0 ? series : 0);

    if (series < 0)
        return -1;
    for (int i = 0; i < series; i++) {
        size_t bytes = get_u16(from + HEAD + 2 * i);

        if (bytes > len - at ||
            decode_series(from + at, bytes, values + i * TILE_TICKS) < 0)
            return -1;
        at += bytes;
    }
    all_unknown(values + series * TILE_TICKS,
                (size_t)(TILE_SERIES - series) * TILE_TICKS);
    return at == len ? 0 : -1;
}

int tile_decode_series(const uint8_t *from, size_t len, size_t series, float *values)
{
    int count = series_in(from, len);
    size_t at = HEAD + 2 * (size_t)(count > 0 ? count : 0), bytes;

    if (count < 0)
        return -1;
    all_unknown(values, TILE_TICKS);
    if (series >= (size_t)count)
        return 0;
    for (size_t i = 0; i < series; i++)
        at += get_u16(from + HEAD + 2 * i);
    bytes = get_u16(from + HEAD + 2 * series);
    if (at > len || bytes > len - at)
        return -1;
    return decode_series(from + at, bytes, values);
}
